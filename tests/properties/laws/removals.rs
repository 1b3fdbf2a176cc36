//! A removal removes what it names, and nothing else.

use proptest::prelude::*;
use serde_json::Value;

use super::super::config;
use super::named::places;
use super::requests::{Ops, case};
use super::values::{identity, is_nothing, key, member};
use scim_engine::schema::Attribute;

fn list(value: Option<&Value>) -> Vec<Value> {
    match value {
        Some(Value::Array(elements)) => elements.iter().filter(|element| !is_nothing(element)).cloned().collect(),
        Some(Value::Null) | None => Vec::new(),
        Some(one) => vec![one.clone()],
    }
}

/// The elements that a value lists, with JSON in a text unpacked and a doubled name left out.
fn listed(attribute: &Attribute, value: &Value) -> Vec<Value> {
    let value = match value {
        Value::String(text) if text.starts_with(['{', '[']) => {
            serde_json::from_str(text).unwrap_or_else(|_| value.clone())
        }
        _ => value.clone(),
    };
    match &value {
        Value::Array(elements) => elements
            .iter()
            .flat_map(|element| match element {
                Value::String(_) => listed(attribute, element),
                _ => vec![element.clone()],
            })
            .collect(),
        Value::Object(members) if members.len() == 1 && member(&value, &attribute.name).is_some() => {
            listed(attribute, member(&value, &attribute.name).unwrap())
        }
        _ => vec![value],
    }
}

/// Whether an item of a removal names a stored element (P14).
fn names(attribute: &Attribute, item: &Value, element: &Value) -> bool {
    if !attribute.is_complex() {
        let item = member(item, "value").unwrap_or(item);
        return key(attribute, item) == key(attribute, element)
            || key(attribute, item) == key(attribute, &Value::from(vec![element.clone()]));
    }
    let assigned = |value: &&Value| !is_nothing(value);
    let value = if item.is_object() { member(item, "value").filter(assigned) } else { Some(item) };
    // The name may stand there twice.
    let value = value.map(|value| member(value, "value").unwrap_or(value));
    let Some(value) = value else {
        // All it says.
        return item.as_object().is_some_and(|members| {
            members.iter().filter(|(_, value)| !is_nothing(value)).all(|(name, value)| {
                let Some(sub) = attribute.sub_attribute(name) else { return false };
                let held = member(element, name).filter(assigned).cloned();
                let held = held.or_else(|| (sub.name == "primary").then(|| false.into()));
                held.is_some_and(|held| loosely(sub, &held) == loosely(sub, value))
            })
        });
    };
    let Some(sub) = attribute.sub_attribute("value") else { return false };
    let same_value = member(element, "value").is_some_and(|held| loosely(sub, held) == loosely(sub, value));
    let kind = member(item, "type").filter(assigned).filter(|kind| !is_blank(kind));
    let same_type = attribute.is_reference_like()
        || kind.is_none_or(|kind| {
            attribute
                .sub_attribute("type")
                .is_none_or(|sub| member(element, "type").is_some_and(|held| loosely(sub, held) == loosely(sub, kind)))
        });
    same_value && same_type
}

fn is_blank(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.trim().is_empty())
}

/// The key of a value, with the repairs of P13 undone.
fn loosely(attribute: &Attribute, value: &Value) -> String {
    match value {
        Value::Array(elements) if elements.len() == 1 && !attribute.multi_valued => loosely(attribute, &elements[0]),
        Value::Array(elements) => {
            let mut parts: Vec<String> = elements.iter().map(|element| loosely(attribute, element)).collect();
            parts.sort();
            parts.join(",")
        }
        Value::String(text) if attribute.attr_type.as_str() == "boolean" => text.to_lowercase(),
        Value::String(text) if attribute.attr_type.as_str() == "integer" => text.clone(),
        other => key(attribute, other),
    }
}

proptest! {
    #![proptest_config(config(1000))]

    /// With a `value`, it removes only elements that the value names (P14); without, all that the path says and no more.
    #[test]
    fn remove_what_they_list(case in case(Ops::Remove)) {
        let Some((new, outcome)) = case.applied() else { return Ok(()) };
        for place in places(&case, &new) {
            let attribute = &place.attribute;
            if !attribute.multi_valued || place.names.is_empty() {
                continue;
            }
            let (old, new) = (list(place.old), list(place.new));
            let by_sub = place.names.iter().any(|named| named.target.sub.is_some() || named.target.filter.is_some() || named.target.attribute.is_none());
            let is_whole = place.names.iter().any(|named| named.value.as_ref().is_none_or(Value::is_null));
            // All elements that a removal leaves were there before.
            if !by_sub {
                for element in &new {
                    prop_assert!(old.contains(element), "{} came to {} by a removal", element, attribute.name);
                }
            }
            if by_sub || is_whole {
                continue;
            }
            let items: Vec<Value> = place.names.iter().flat_map(|named| listed(attribute, named.value.as_ref().unwrap())).collect();
            for element in &old {
                let is_there = new.iter().any(|other| identity(attribute, other) == identity(attribute, element));
                let is_listed = items.iter().any(|item| names(attribute, item, element));
                prop_assert!(is_there || is_listed, "{} of {} was removed and not listed ({:?})", element, attribute.name, outcome.repairs);
            }
        }
    }
}
