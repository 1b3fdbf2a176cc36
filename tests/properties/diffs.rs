//! The contract of `diff`: applied to the old resource, in strict mode, it gives the new one, and it is no longer than it
//! needs to be.

use std::collections::HashSet;

use proptest::prelude::*;
use scim_engine::{Options, Patch, ResourceError, ResourceType};
use serde_json::{Map, Value, json};

use super::config;
use super::documents::{ENTERPRISE, badge, unordered, user};

/// The body of the PATCH from one resource to another.
fn diff(old: &Value, new: &Value, resource_type: &ResourceType) -> Result<Option<Value>, ResourceError> {
    Patch::between(old, new, resource_type).map(|patch| patch.map(|patch| json!(patch)))
}

const LEASE: &str = "urn:example:lease:1.0";

fn some(words: &'static [&'static str]) -> impl Strategy<Value = Option<Value>> {
    prop::option::of(prop::sample::select(words.to_vec()).prop_map(Value::from))
}

fn object(members: Vec<(&str, Option<Value>)>) -> Value {
    let members = members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    Value::Object(members.collect())
}

/// A list with one primary element at most; now and then one of its elements stands there once more.
fn list(element: impl Strategy<Value = Value>, primary: bool) -> impl Strategy<Value = Option<Value>> {
    let repeats = prop::option::weighted(0.3, any::<prop::sample::Index>());
    (prop::collection::vec(element, 0..6), repeats, any::<prop::sample::Index>(), any::<bool>()).prop_map(
        move |(mut elements, again, at, is_primary)| {
            if let Some(again) = again.filter(|_| !elements.is_empty()) {
                elements.push(elements[again.index(elements.len())].clone());
            }
            if primary && is_primary && !elements.is_empty() {
                let at = at.index(elements.len());
                elements[at]["primary"] = true.into();
            }
            (!elements.is_empty()).then(|| elements.into())
        },
    )
}

fn group() -> impl Strategy<Value = Value> {
    let member = (0_u32..9, some(&["User", "Group"]), some(&["../x", "../y"]), some(&["A", "B"])).prop_map(
        |(value, kind, reference, display)| {
            let value = json!(format!("u\"{value}"));
            object(vec![("value", Some(value)), ("type", kind), ("$ref", reference), ("display", display)])
        },
    );
    (list(member, false), some(&["e", "f"])).prop_map(|(members, external)| {
        object(vec![
            ("schemas", Some(json!(["urn:ietf:params:scim:schemas:core:2.0:Group"]))),
            ("displayName", Some("Crew".into())),
            ("externalId", external),
            ("members", members),
        ])
    })
}

fn a_badge() -> impl Strategy<Value = Value> {
    let door = (
        prop::sample::select(vec!["a", "A", "b", "\u{e9}\n", ""]),
        some(&["in", "out", "IN"]),
        some(&["k", "l"]),
        prop::option::of(any::<bool>().prop_map(|_| Value::from(false))),
        some(&["2011-05-13T04:42:34Z"]),
    )
        .prop_map(|(value, kind, key, primary, seen)| {
            let value = Some(value.into());
            object(vec![("value", value), ("type", kind), ("key", key), ("primary", primary), ("seen", seen)])
        });
    let payer =
        (some(&["p", "q"]), some(&["x"])).prop_map(|(value, kind)| object(vec![("value", value), ("type", kind)]));
    let payer = payer.prop_filter("not empty", |payer| *payer != json!({}));
    let strap = (
        prop::option::of((1_i64..3).prop_map(Value::from)),
        // A list within a complex value is one value, in its order.
        prop::option::of(prop::sample::select(vec![json!(["m"]), json!(["m", "n"]), json!(["n"])])),
    )
        .prop_map(|(length, notes)| object(vec![("length", length), ("notes", notes)]));
    let lease = prop::option::of(
        (some(&["2011-05-13T04:42:34Z", "2012-05-13T04:42:34Z"]), list(payer, false))
            .prop_map(|(until, payers)| object(vec![("until", until), ("payers", payers)])),
    );
    let lists = (
        list(door, true),
        list(prop::sample::select(vec!["x", "X", "y", "z"]).prop_map(Value::from), false),
        list((1_i64..5).prop_map(Value::from), false),
    );
    (
        some(&["red"]),
        some(&["s"]),
        prop::option::of(any::<bool>().prop_map(Value::from)),
        strap,
        lists,
        lease,
        some(&["QUJD"]),
    )
        .prop_map(|(colour, secret, valid, strap, (doors, tags, numbers), lease, photo)| {
            let lease = lease.filter(|lease| unordered(lease) != json!({}));
            let mut schemas = vec!["urn:example:Badge"];
            if lease.is_some() {
                schemas.push(LEASE);
            }
            object(vec![
                ("schemas", Some(json!(schemas))),
                ("serial", Some("7".into())),
                ("colour", colour),
                ("secret", secret),
                ("valid", valid),
                ("photo", photo),
                ("strap", Some(strap)),
                ("doors", doors),
                ("tags", tags),
                ("numbers", numbers),
                (LEASE, lease),
            ])
        })
}

fn lower(value: Option<&Value>) -> String {
    value.map_or_else(String::new, |value| value.to_string().to_lowercase())
}

/// Without what only the provider sets.
fn writable(value: &Value) -> Value {
    let mut value = value.clone();
    for name in ["id", "meta", "groups"] {
        value.as_object_mut().unwrap().remove(name);
    }
    for (list, name) in [("doors", "seen")] {
        for element in value.get_mut(list).and_then(Value::as_array_mut).into_iter().flatten() {
            element.as_object_mut().unwrap().remove(name);
        }
    }
    value
}

/// Merges elements with the same identity: no PATCH results in a list with several of them.
/// Unchanged lists stay unchanged.
fn merged(old: &Value, new: &Value) -> Value {
    fn merge(old: Option<&Value>, new: Option<&mut Value>, by_type: bool) {
        let Some(Value::Array(list)) = new else { return };
        if old.is_some_and(|old| unordered(old) == unordered(&Value::from(list.clone()))) {
            return;
        }
        let mut merged: Vec<(String, Value)> = Vec::new();
        for element in std::mem::take(list).into_iter().filter(|element| *element != json!({})) {
            let key = match element.get("value") {
                Some(value) => {
                    let kind = if by_type { lower(element.get("type")) } else { String::new() };
                    format!("{} {kind}", lower(Some(value)))
                }
                None => {
                    format!("whole {}", if element.is_string() { lower(Some(&element)) } else { element.to_string() })
                }
            };
            match merged.iter_mut().find(|(other, _)| *other == key) {
                Some((_, Value::Object(held))) => held.extend(element.as_object().unwrap().clone()),
                Some(_) => {}
                None => merged.push((key, element)),
            }
        }
        *list = merged.into_iter().map(|(_, element)| element).collect();
    }
    let (old, mut new) = (writable(old), writable(new));
    // Members are told apart by their value alone.
    merge(old.get("members"), new.get_mut("members"), false);
    for list in ["emails", "addresses", "doors", "tags", "numbers"] {
        merge(old.get(list), new.get_mut(list), true);
    }
    // A member that stays keeps the details that are not mentioned (P5c).
    let members = old.get("members").and_then(Value::as_array).into_iter().flatten();
    for element in new.get_mut("members").and_then(Value::as_array_mut).into_iter().flatten() {
        let mut same = members.clone().filter(|other| lower(other.get("value")) == lower(element.get("value")));
        let Some(Value::Object(held)) = same.next().cloned() else { continue };
        for name in ["type", "$ref", "display"] {
            if let (Some(held), None) = (held.get(name), element.get(name)) {
                element[name] = held.clone();
            }
        }
    }
    // So does a manager.
    let manager = |resource: &Value| resource.get(ENTERPRISE).and_then(|own| own.get("manager")).cloned();
    if let (Some(held), Some(given)) = (manager(&old), manager(&new))
        && held.get("value") == given.get("value")
        && let (Some(held), None, Some(_)) = (held.get("$ref"), given.get("$ref"), given.get("value"))
    {
        new[ENTERPRISE]["manager"]["$ref"] = held.clone();
    }
    let payers = old.get(LEASE).and_then(|lease| lease.get("payers"));
    merge(payers, new.get_mut(LEASE).and_then(|lease| lease.get_mut("payers")), true);
    new
}

/// Every attribute that differs, set or removed whole, each by its own operation: their number with that of elements and
/// sub-attributes that differ, and the bytes.
fn naive(old: &Value, new: &Value) -> (usize, usize) {
    let empty = Map::new();
    let mut count = 0;
    let mut operations = Vec::new();
    let mut containers = vec![(String::new(), old.as_object().unwrap(), new.as_object().unwrap())];
    for urn in [ENTERPRISE, LEASE] {
        containers.push((
            format!("{urn}:"),
            old.get(urn).and_then(Value::as_object).unwrap_or(&empty),
            new.get(urn).and_then(Value::as_object).unwrap_or(&empty),
        ));
    }
    for (prefix, old, new) in containers {
        let names: HashSet<&String> = old.keys().chain(new.keys()).collect();
        for name in names {
            if name.starts_with("urn:") || name == "schemas" {
                continue;
            }
            let path = format!("{prefix}{name}");
            let (was, is) = (old.get(name), new.get(name));
            if was.map(unordered) == is.map(unordered) {
                continue;
            }
            count += match (was, is) {
                (Some(Value::Array(was)), Some(Value::Array(is))) => 1 + was.len() + is.len(),
                (Some(Value::Object(was)), Some(Value::Object(is))) => {
                    was.keys().chain(is.keys()).collect::<HashSet<_>>().len()
                }
                _ => 1,
            };
            // A complex value is merged into the one that is there.
            if let (Some(Value::Object(was)), Some(Value::Object(is))) = (was, is) {
                let gone = was.keys().filter(|name| !is.contains_key(*name));
                operations.extend(gone.map(|name| json!({"op": "remove", "path": format!("{path}.{name}")})));
            }
            operations.push(match is {
                Some(value) => json!({"op": "replace", "path": path, "value": value}),
                None => json!({"op": "remove", "path": path}),
            });
        }
    }
    (
        count,
        json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations})
            .to_string()
            .len(),
    )
}

fn check(old: &Value, new: &Value, resource_type: &ResourceType) -> Result<(), TestCaseError> {
    let (plain_old, plain_new) = (writable(old), merged(old, new));
    let body = diff(old, new, resource_type).unwrap();
    let Some(body) = body else {
        prop_assert_eq!(unordered(&plain_old), unordered(&plain_new));
        return Ok(());
    };
    let mut resource = old.clone();
    let outcome = Patch::parse_with(&body, &Options::strict()).unwrap().apply(&mut resource, resource_type);
    // A required attribute may not be blank: no request makes such a resource.
    if outcome.as_ref().is_err_and(|error| error.message().contains("may not be blank")) {
        return Ok(());
    }
    // No request results in one value twice with a different `$ref` each.
    let members = old.get("members").and_then(Value::as_array).into_iter().flatten();
    let mut seen = HashSet::new();
    if outcome.is_err() && members.clone().any(|member| !seen.insert(member.get("value").map(Value::to_string))) {
        return Ok(());
    }
    let outcome = outcome.map_err(|error| TestCaseError::fail(format!("{error}\n{body}")))?;
    prop_assert!(outcome.changed, "{}", body);
    prop_assert!(outcome.repairs.is_empty(), "{}\n{:?}", body, outcome.repairs);
    prop_assert_eq!(unordered(&writable(&resource)), unordered(&plain_new), "{}", body);
    prop_assert_eq!(diff(&resource, new, resource_type).unwrap(), None);
    let (most, bytes) = naive(&plain_old, &plain_new);
    let operations = body["Operations"].as_array().unwrap();
    // An element whose immutable sub-attribute changes goes and comes anew: that takes two operations.
    let is_anew = ["members", "doors"]
        .iter()
        .any(|list| operations.iter().any(|operation| operation["op"] == "remove" && operation["path"] == *list));
    let (anew, remove) = (usize::from(is_anew), r#"{"op":"remove","path":"members"},"#.len());
    prop_assert!(operations.len() <= most + anew, "{}", body);
    prop_assert!(body.to_string().len() <= bytes + anew * remove, "{}", body);
    Ok(())
}

proptest! {
    #![proptest_config(config(800))]

    #[test]
    fn users(old in user(), new in user()) {
        check(&old, &new, &ResourceType::user())?;
    }

    #[test]
    fn groups(old in group(), new in group()) {
        check(&old, &new, &ResourceType::group())?;
    }

    #[test]
    fn attributes_of_every_type(old in a_badge(), new in a_badge()) {
        check(&old, &new, &badge())?;
    }

    /// Nothing that a host may give panics.
    #[test]
    fn arbitrary_objects_do_not_panic(old in super::documents::any_object(), new in super::documents::any_object()) {
        for resource_type in super::documents::types() {
            let body = diff(&old, &new, &resource_type).unwrap();
            if let Some(body) = body {
                // It is a PATCH, whatever becomes of it.
                Patch::parse(&body).unwrap();
            }
        }
    }
}
