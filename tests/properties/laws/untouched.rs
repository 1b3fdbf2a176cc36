//! Attributes that a PATCH does not name stay unchanged.

use std::collections::HashSet;

use proptest::prelude::*;
use scim_engine::Filter;
use scim_engine::schema::Attribute;
use serde_json::{Value, json};

use super::super::config;
use super::named::{Place, places};
use super::requests::{Case, Named, Ops, rough_case};
use super::values::{is_nothing, member};
use super::world::containers;

/// Sub-attributes that may follow when others are set.
const DETAILS: [&str; 4] = ["$ref", "type", "display", "displayName"];

/// The names of the sub-attributes of a single value that an operation names, if it does not name all.
fn named_subs(attribute: &Attribute, named: &Named) -> Option<Vec<String>> {
    let subs = match (&named.target.sub, &named.value) {
        (Some(sub), _) => vec![sub.clone()],
        (None, Some(Value::Object(members))) if named.op != "remove" && named.target.filter.is_none() => {
            members.keys().map(|name| name.to_lowercase()).collect()
        }
        _ => return None,
    };
    let is_wrapped = subs.iter().any(|sub| *sub == attribute.name.to_lowercase());
    if is_wrapped { None } else { Some(subs) }
}

/// Whether an object names something twice, in another case.
fn is_doubled(value: &Value) -> bool {
    match value {
        Value::Array(elements) => elements.iter().any(is_doubled),
        Value::Object(members) => {
            let mut seen = HashSet::new();
            members.keys().any(|name| !seen.insert(name.to_lowercase())) || members.values().any(is_doubled)
        }
        _ => false,
    }
}

fn without(value: &Value, subs: &[String]) -> Value {
    let mut value = value.clone();
    if let Value::Object(members) = &mut value {
        members.retain(|name, value| !subs.iter().any(|sub| sub.eq_ignore_ascii_case(name)) && !is_nothing(value));
    }
    value
}

/// A single complex value: what is not named of it stays.
fn check_single(place: &Place) -> Result<(), TestCaseError> {
    let attribute = &place.attribute;
    let mut subs = Vec::new();
    for named in &place.names {
        match named_subs(attribute, named) {
            Some(named) => subs.extend(named),
            None => return Ok(()),
        }
    }
    if attribute.is_reference_like() && subs.iter().any(|sub| sub.eq_ignore_ascii_case("value") || *sub == "managerid")
    {
        subs.extend(DETAILS.map(str::to_owned));
    }
    let (old, new) = (place.old.unwrap_or(&Value::Null), place.new.unwrap_or(&Value::Null));
    if !(old.is_object() || old.is_null()) {
        return Ok(());
    }
    let assigned = |value: &Value| Some(without(value, &subs)).filter(|value| !is_nothing(value));
    prop_assert_eq!(assigned(old), assigned(new), "of {} all but {:?} should stay", attribute.name, subs);
    Ok(())
}

/// Elements that brackets do not choose, and sub-attributes that are not named, stay.
fn check_list(case: &Case, place: &Place) -> Result<(), TestCaseError> {
    let attribute = &place.attribute;
    let [named] = place.names.as_slice() else { return Ok(()) };
    // A value says more closely what is removed.
    if named.op == "remove" && named.value.as_ref().is_some_and(|value| !value.is_null()) {
        return Ok(());
    }
    let (filter, sub) = (&named.target.filter, &named.target.sub);
    if (filter.is_none() && sub.is_none()) || !attribute.multi_valued {
        return Ok(());
    }
    // Elements that become equal become one.
    let is_identity = |sub: &str| sub == "value" || sub == "type" || attribute.sub_attribute("value").is_none();
    if sub.as_deref().is_some_and(is_identity) || (sub.is_none() && named.op != "remove") {
        return Ok(());
    }
    let list = |value: Option<&Value>| match value {
        Some(Value::Array(elements)) => elements.clone(),
        Some(Value::Null) | None => Vec::new(),
        Some(one) => vec![one.clone()],
    };
    // A simple value stands for its `value` (F17).
    let whole = |value: Value| match value {
        Value::Object(_) | Value::Null => value,
        simple if attribute.sub_attribute("value").is_some() => json!({"value": simple}),
        other => other,
    };
    let list =
        |value| list(value).into_iter().filter(|element| !is_nothing(element)).map(whole).collect::<Vec<Value>>();
    let (old, new) = (list(place.old), list(place.new));
    let chosen = |element: &Value| {
        let Some(filter) = filter else { return true };
        let path =
            place.container.as_ref().map_or_else(|| attribute.name.clone(), |urn| format!("{urn}:{}", attribute.name));
        let filter: Filter = format!("{path}[{filter}]").parse().unwrap();
        let inner = json!({attribute.name.clone(): [element]});
        let document = match &place.container {
            Some(urn) => json!({urn.clone(): inner}),
            None => inner,
        };
        filter.compile(case.kind()).is_ok_and(|matcher| matcher.matches(&document).unwrap())
    };
    // An element that is created may be one that is there.
    if named.op == "add" && !old.iter().any(chosen) {
        return Ok(());
    }
    // The elements with what may not change of each.
    let sub = sub.clone();
    let primary = sub.as_deref() == Some("primary");
    let rest = |element: &Value| {
        let named: Vec<String> = sub.iter().cloned().collect();
        let value = if chosen(element) { without(element, &named) } else { without(element, &[]) };
        if primary { without(&value, &["primary".to_owned()]) } else { value }
    };
    let mut left: Vec<Value> = new.iter().map(|element| without(element, &[])).collect();
    for element in &old {
        if named.op == "remove" && sub.is_none() && chosen(element) {
            continue;
        }
        let want = rest(element);
        if is_nothing(&want) {
            continue;
        }
        let is_same = |other: &Value| {
            let named: Vec<String> = if chosen(element) { sub.iter().cloned().collect() } else { Vec::new() };
            let other = without(other, &named);
            let other = if primary { without(&other, &["primary".to_owned()]) } else { other };
            other == want
        };
        let Some(at) = left.iter().position(is_same) else {
            return Err(TestCaseError::fail(format!(
                "{element} of {} should stay but for {sub:?}, and there is {:?}",
                attribute.name, place.new
            )));
        };
        left.swap_remove(at);
    }
    if named.op == "remove" {
        prop_assert!(left.is_empty(), "{} of {} came by a removal", Value::from(left), attribute.name);
    }
    Ok(())
}

/// `schemas` follows the extensions that come and go.
fn check_schemas(case: &Case, new: &Value) -> Result<(), TestCaseError> {
    let urns = |resource: &Value| -> Vec<String> {
        let urns = member(resource, "schemas").and_then(Value::as_array).cloned().unwrap_or_default();
        urns.iter().filter_map(|urn| urn.as_str().map(str::to_owned)).collect()
    };
    let is_named = case.names.iter().any(|named| named.target.attribute.as_deref() == Some("schemas"));
    if is_named || case.body["Operations"].to_string().contains("\"schemas\":") {
        return Ok(());
    }
    let (before, after) = (urns(&case.stored), urns(new));
    for (urn, _) in containers(case.kind()) {
        let Some(urn) = urn else { continue };
        let (was, is) = (before.contains(&urn), after.contains(&urn));
        prop_assert_eq!(
            is,
            member(new, &urn).is_some_and(|inner| !is_nothing(inner)),
            "{} in {:?} (was {})",
            urn,
            after,
            was
        );
    }
    let extensions = |urn: &&String| case.kind().extension(urn).is_some();
    let kept: Vec<&String> = before.iter().filter(|urn| !extensions(urn)).collect();
    prop_assert_eq!(kept, after.iter().filter(|urn| !extensions(urn)).collect::<Vec<_>>());
    Ok(())
}

proptest! {
    #![proptest_config(config(1500))]

    #[test]
    fn stays(case in rough_case(Ops::All)) {
        // Only one of two names that differ in case counts; the other has no meaning (F14).
        if is_doubled(&case.stored) {
            return Ok(());
        }
        let Some((new, _)) = case.applied() else { return Ok(()) };
        for place in places(&case, &new) {
            if place.names.is_empty() {
                prop_assert_eq!(place.old, place.new, "{:?} {} is not named", place.container, place.attribute.name);
            } else if place.attribute.is_complex() && !place.attribute.multi_valued {
                if place.names.iter().all(|named| named.target.attribute.is_some()) {
                    check_single(&place)?;
                }
            } else {
                check_list(&case, &place)?;
            }
        }
        check_schemas(&case, &new)?;
    }
}
