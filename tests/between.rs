//! The PATCH between two resources is short, and says no more than it must.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use scim_engine::schema::Schema;
use scim_engine::{Patch, ResourceType};
use serde_json::{Value, json};

/// The operations from one resource to another, which a server applies to get there.
fn operations(kind: &ResourceType, old: Value, new: Value) -> Value {
    let patch = Patch::between(&old, &new, kind).unwrap().unwrap();
    let body = serde_json::to_value(&patch).unwrap();
    let mut applied = old;
    Patch::parse(&body).unwrap().apply(&mut applied, kind).unwrap();
    assert_eq!(applied, new);
    body["Operations"].clone()
}

fn user(old: Value, new: Value) -> Value {
    operations(&ResourceType::user(), old, new)
}

#[test]
fn a_complex_attribute_goes_as_a_whole_if_that_is_shorter() {
    let three = json!({"name": {"givenName": "a", "familyName": "b", "middleName": "c"}});
    // Two operations in place of three.
    assert_eq!(
        user(three.clone(), json!({"name": {"givenName": "x"}})),
        json!([{"op": "remove", "path": "name"}, {"op": "add", "path": "name", "value": {"givenName": "x"}}])
    );
    // Two operations either way: the members that stay are not sent.
    assert_eq!(
        user(three.clone(), json!({"name": {"givenName": "x", "familyName": "b"}})),
        json!([{"op": "remove", "path": "name.middleName"}, {"op": "replace", "path": "name.givenName", "value": "x"}])
    );
    assert_eq!(
        user(three, json!({"name": {"givenName": "a"}})),
        json!([{"op": "remove", "path": "name.familyName"}, {"op": "remove", "path": "name.middleName"}])
    );
}

#[test]
fn a_member_that_no_patch_can_set_is_not_removed_with_the_others() {
    let old = json!({"name": {"givenName": "a", "familyName": "b", "middleName": "c", "nick": "n"}});
    let new = json!({"name": {"givenName": "x", "nick": "n"}});
    assert_eq!(
        user(old, new),
        json!([
            {"op": "remove", "path": "name.familyName"},
            {"op": "remove", "path": "name.middleName"},
            {"op": "replace", "path": "name.givenName", "value": "x"},
        ])
    );
}

#[test]
fn a_stored_value_that_is_not_an_object_stays() {
    let patch = Patch::between(&json!({"name": "text"}), &json!({"name": {"givenName": "a"}}), &ResourceType::user());
    assert!(patch.unwrap().is_none());
}

#[test]
fn each_element_that_differs_in_one_sub_attribute_is_changed_in_place() {
    let address =
        |kind: &str, street: &str, town: &str| json!({"type": kind, "streetAddress": street, "locality": town});
    let list = |streets: [&str; 3]| {
        let changed =
            ["work", "home", "other"].into_iter().zip(streets).map(|(kind, street)| address(kind, street, kind));
        let same = (0..20).map(|number| address(&format!("t{number}"), "s", "T"));
        json!({"addresses": changed.chain(same).collect::<Vec<_>>()})
    };
    let (old, new) = (list(["a", "b", "c"]), list(["x", "y", "z"]));
    let operations = user(old, new);
    let paths: Vec<&str> = operations.as_array().unwrap().iter().map(|one| one["path"].as_str().unwrap()).collect();
    assert_eq!(paths.len(), 3, "{operations}");
    assert!(paths.iter().all(|path| path.ends_with("].streetAddress")), "{operations}");
}

#[test]
fn an_element_with_a_new_sub_attribute_is_not_another_one_in_place() {
    // What is unassigned in the old element cannot be replaced in it.
    let old = json!({"addresses": [{"type": "work", "streetAddress": null, "locality": "A"}]});
    let new = json!({"addresses": [{"type": "work", "streetAddress": "x", "locality": "A"}]});
    user(old, new);
}

#[test]
fn an_immutable_sub_attribute_makes_another_element() {
    let sub = |name: &str, mutability: &str| json!({"name": name, "type": "string", "mutability": mutability});
    let schema: Schema = serde_json::from_value(json!({
        "id": "urn:test:Badge",
        "attributes": [{
            "name": "keys",
            "type": "complex",
            "multiValued": true,
            "subAttributes": [sub("serial", "immutable"), sub("door", "readWrite")],
        }],
    }))
    .unwrap();
    let badge = ResourceType::from_schemas("Badge", schema, Vec::new()).unwrap();
    let schemas = json!(["urn:test:Badge"]);
    let keys = |serial: &str| {
        let mut keys: Vec<Value> = (10..30).map(|number| json!({"serial": number.to_string(), "door": "z"})).collect();
        keys.push(json!({"serial": serial, "door": "a"}));
        json!({"schemas": schemas, "keys": keys})
    };
    let (old, new) = (keys("1"), keys("2"));
    assert_eq!(
        operations(&badge, old, new),
        json!([
            {"op": "remove", "path": "keys[serial eq \"1\"]"},
            {"op": "add", "path": "keys", "value": [{"serial": "2", "door": "a"}]},
        ])
    );
}

#[test]
fn an_element_is_also_known_by_what_it_lacks() {
    let schema = json!({
        "id": "urn:example:Badge", "name": "Badge",
        "attributes": [{
            "name": "keys", "type": "complex", "multiValued": true,
            "subAttributes": [
                {"name": "value", "type": "string"}, {"name": "note", "type": "string"}, {"name": "lent", "type": "boolean"},
            ],
        }],
    });
    let kind = ResourceType::from_schemas("Badge", Schema::from_value(&schema).unwrap(), Vec::new()).unwrap();
    let badge = |first: &[Value]| {
        let others = (0..20).map(|n| json!({"value": format!("v{n}"), "note": "what is too long to be sent again"}));
        json!({"schemas": ["urn:example:Badge"], "keys": first.iter().cloned().chain(others).collect::<Vec<_>>()})
    };
    let (here, lent) = (json!({"value": "a", "note": "x"}), json!({"value": "a", "note": "x", "lent": true}));
    // That nothing says whether it is lent is not that it is not.
    assert_eq!(
        operations(&kind, badge(&[here, lent.clone()]), badge(&[lent])),
        json!([{"op": "remove", "path": "keys[value eq \"a\" and note eq \"x\" and lent eq null]"}])
    );
}
