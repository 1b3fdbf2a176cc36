//! An `add` never removes.

use proptest::prelude::*;
use serde_json::Value;

use super::super::config;
use super::named::places;
use super::requests::{Named, Ops, case};
use super::values::{is_nothing, key, member};
use scim_engine::schema::Attribute;

/// The names of sub-attributes that turn up in a value at any depth, JSON in texts included.
fn names_within(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Array(elements) => elements.iter().for_each(|element| names_within(element, found)),
        Value::Object(members) => members.iter().for_each(|(name, value)| {
            found.push(name.to_lowercase());
            names_within(value, found);
        }),
        Value::String(text) if text.starts_with(['{', '[']) => {
            if let Ok(value) = serde_json::from_str(text) {
                names_within(&value, found);
            }
        }
        Value::String(_) | Value::Number(_) => found.push("value".to_owned()),
        _ => {}
    }
}

/// The sub-attributes of elements that these operations set.
fn set(names: &[&Named]) -> Vec<String> {
    let mut found = vec!["primary".to_owned()];
    for named in names {
        // An element is created from what brackets say, and may be one that is there.
        let tests = named.target.filter.as_deref().unwrap_or_default().split(' ');
        found.extend(tests.map(|word| word.trim_matches(['(', ')']).to_lowercase()));
        match (&named.target.sub, &named.value) {
            (Some(sub), _) => found.push(sub.to_lowercase()),
            (None, Some(value)) => names_within(value, &mut found),
            _ => {}
        }
    }
    found
}

/// Whether a list has everything that another has.
fn check_values(attribute: &Attribute, old: &Value, new: Option<&Value>) -> Result<(), TestCaseError> {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
    let held: Vec<String> = new.map(list).unwrap_or_default().iter().map(|value| key(attribute, value)).collect();
    for value in list(old).iter().filter(|value| !is_nothing(value)) {
        prop_assert!(
            held.contains(&key(attribute, value)),
            "{} of {} is gone, and there is {:?}",
            value,
            attribute.name,
            new
        );
    }
    Ok(())
}

/// Whether an object has everything that another has, except sub-attributes that were set.
fn check_members(attribute: &Attribute, old: &Value, new: &Value, set: &[String]) -> Result<(), TestCaseError> {
    for sub in &attribute.sub_attributes {
        let Some(was) = member(old, &sub.name).filter(|value| !is_nothing(value)) else { continue };
        let is = member(new, &sub.name);
        if sub.multi_valued {
            check_values(sub, was, is)?;
        } else if !set.contains(&sub.name.to_lowercase()) {
            // One spelling stays if two elements become one.
            let is = is.map(|is| key(sub, is));
            prop_assert_eq!(Some(key(sub, was)), is, "{}.{} is another one", attribute.name, sub.name);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(config(1500))]

    /// Every element and every value of a list that was there is there still, with all that it said and nobody set (P5, P5a).
    #[test]
    fn remove_nothing(case in case(Ops::Add)) {
        let Some((new, outcome)) = case.applied() else { return Ok(()) };
        for urn in member(&case.stored, "schemas").and_then(Value::as_array).unwrap() {
            prop_assert!(member(&new, "schemas").unwrap().as_array().unwrap().contains(urn), "{} is gone", urn);
        }
        for place in places(&case, &new) {
            let attribute = &place.attribute;
            let Some(old) = place.old.filter(|value| !is_nothing(value)) else { continue };
            if !attribute.is_complex() {
                // Brackets choose values to be set.
                if attribute.multi_valued && place.names.iter().all(|named| named.target.filter.is_none()) {
                    check_values(attribute, old, place.new)?;
                }
                continue;
            }
            // Two that became one, and what was lost is reported.
            if outcome.repairs.iter().any(|repair| ["same_elements", "reference_details"].contains(&repair.kind())) {
                continue;
            }
            let mut set = set(&place.names);
            if attribute.is_reference_like() && set.iter().any(|name| name == "value" || name == "managerid") && !attribute.multi_valued {
                set.extend(["$ref", "type", "display", "displayname"].map(str::to_owned));
            }
            if !attribute.multi_valued {
                let says_nothing = |named: &&Named| named.target.sub.is_none() && named.value.as_ref().is_none_or(|value| !value.is_object());
                if !place.names.iter().any(says_nothing) {
                    check_members(attribute, old, place.new.unwrap_or(&Value::Null), &set)?;
                }
                continue;
            }
            // Another `value` makes another element of a list of references (P5c).
            let chosen = |named: &&Named| named.target.sub.is_some() || named.target.filter.is_some();
            if attribute.is_reference_like() && set.iter().any(|name| name == "value") && place.names.iter().any(chosen) {
                continue;
            }
            let list = |value: &Value| value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
            let elements = place.new.map(list).unwrap_or_default();
            // An element whose members are all set to nothing is removed.
            let stays = |element: &Value| attribute.sub_attributes.iter().any(|sub| {
                let is_set = set.contains(&sub.name.to_lowercase()) && !sub.multi_valued;
                !is_set && member(element, &sub.name).is_some_and(|value| !is_nothing(value))
            });
            for element in list(old).iter().filter(|element| stays(element)) {
                let failures: Vec<_> = elements.iter().map(|other| check_members(attribute, element, other, &set)).collect();
                if !failures.iter().any(Result::is_ok) {
                    prop_assert!(false, "{} of {} is gone, and there is {:?}", element, attribute.name, place.new);
                }
            }
            if !set.iter().any(|name| name == "value" || name == "type") && attribute.sub_attribute("value").is_some() {
                prop_assert!(elements.len() >= list(old).iter().filter(|element| stays(element)).count(), "{} has fewer elements: {:?}", attribute.name, place.new);
            }
        }
    }
}
