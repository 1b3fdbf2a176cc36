//! The changes of an outcome, carried out on the resource that a host has stored elsewhere.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use scim_engine::document::DocumentError;
use scim_engine::schema::{AttrType, Attribute, ResourceType, Returned, Schema};
use scim_engine::{Change, Options, Patch, UnknownMembers};
use serde_json::{Value, json};

fn badge() -> ResourceType {
    let schema = Schema::new(
        "urn:example:Badge",
        "Badge",
        [
            Attribute::new("tags", AttrType::String).multi_valued(true),
            Attribute::new("codes", AttrType::String).multi_valued(true).returned(Returned::Never),
        ],
    )
    .unwrap();
    ResourceType::from_schemas("Badge", schema, Vec::new()).unwrap()
}

/// The only change of an operation on a stored resource.
fn change(stored: &Value, operation: Value) -> Change {
    let patch = Patch::parse(&json!({"schemas": [Patch::SCHEMA], "Operations": [operation]})).unwrap();
    let mut changes = patch.apply(&mut stored.clone(), &badge()).unwrap().changes;
    assert_eq!(changes.len(), 1, "{changes:?}");
    changes.remove(0)
}

#[test]
fn only_an_object_is_changed() {
    let change =
        change(&json!({"schemas": ["urn:example:Badge"]}), json!({"op": "add", "path": "tags", "value": ["a"]}));
    for mut stored in [json!(null), json!([]), json!("x"), json!([{}])] {
        let before = stored.clone();
        assert_eq!(change.apply(&mut stored, &badge()), Err(DocumentError::NoObject));
        assert_eq!(stored, before);
    }
    let mut deep = json!({"x": (0..1000).fold(json!(1), |inner, _| json!([inner]))});
    let before = deep.clone();
    assert_eq!(change.apply(&mut deep, &badge()), Err(DocumentError::TooDeep));
    assert_eq!(deep, before);
    let mut stored = json!({});
    assert_eq!(change.apply(&mut stored, &badge()), Ok(()));
    assert_eq!(stored, json!({"tags": ["a"]}));
}

/// A change of a secret list has the whole of what is stored (P12a), so nothing is left if that is nothing.
#[test]
fn a_secret_list_as_a_whole() {
    let stored = json!({"schemas": ["urn:example:Badge"], "codes": ["1", "2"]});
    let added = change(&stored, json!({"op": "add", "path": "codes", "value": ["3"]}));
    assert_eq!((&added.added, added.removed.len()), (&vec![json!("1"), json!("2"), json!("3")], 0));
    let mut other = json!({"Codes": ["9"], "tags": ["a"]});
    added.apply(&mut other, &badge()).unwrap();
    assert_eq!(other, json!({"Codes": ["1", "2", "3"], "tags": ["a"]}));
    let removed = change(&stored, json!({"op": "remove", "path": "codes"}));
    assert_eq!((removed.added.len(), removed.removed.len()), (0, 0));
    removed.apply(&mut other, &badge()).unwrap();
    assert_eq!(other, json!({"tags": ["a"]}));
    removed.apply(&mut other, &badge()).unwrap();
    assert_eq!(other, json!({"tags": ["a"]}));
}

/// A change names each element that goes, so one that is stored twice goes once.
#[test]
fn an_element_that_is_stored_twice() {
    let stored = json!({"schemas": ["urn:example:Badge"], "tags": ["a", "b"]});
    let operation = json!({"op": "remove", "path": "tags[value eq \"a\"]"});
    let change = change(&stored, operation);
    assert_eq!(change.removed, [json!("a")]);
    let mut other = json!({"tags": ["a", "c", "a"]});
    change.apply(&mut other, &badge()).unwrap();
    assert_eq!(other["tags"].as_array().unwrap().len(), 2);
    assert!(other["tags"].as_array().unwrap().contains(&json!("a")));
}

#[test]
fn texts_that_are_equal_after_folding_are_found_in_a_long_list() {
    // KELVIN SIGN and LONG S fold to `k` and `s`.
    let odd = ["\u{212A}elvin", "gra\u{17F}s"].map(str::to_owned);
    let tags: Vec<String> = (0..500).map(|number| format!("tag{number}")).chain(odd).collect();
    let wanted: Vec<String> =
        (0..40).map(|number| format!("TAG{number}")).chain(["kelvin", "grass"].map(str::to_owned)).collect();
    let operation = json!({"op": "add", "path": "tags", "value": wanted});
    let patch = Patch::parse(&json!({"schemas": [Patch::SCHEMA], "Operations": [operation]})).unwrap();
    let mut stored = json!({"schemas": ["urn:example:Badge"], "tags": tags});
    assert!(!patch.apply(&mut stored, &badge()).unwrap().changed);
}

#[test]
fn the_details_of_a_reference_go_with_its_value_and_that_is_a_change() {
    let manager = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager";
    let (urn, _) = manager.rsplit_once(':').unwrap();
    let kind = ResourceType::user();
    let mut user = json!({"userName": "ann", urn: {"manager": {"value": "1", "displayName": "Bo"}}});
    let patch = json!({"Operations": [{"op": "replace", "path": format!("{manager}.value"), "value": "2"}]});
    let outcome = Patch::parse(&patch).unwrap().apply(&mut user, &kind).unwrap();
    assert!(outcome.changed);
    assert_eq!(user[urn]["manager"], json!({"value": "2"}));
    assert!(outcome.changes.iter().any(|change| change.path.ends_with("manager.value")));
}

#[test]
fn a_secret_in_a_value_that_is_replaced_as_a_whole_is_a_change() {
    let schema = json!({"id": "urn:test:Lock", "attributes": [{
        "name": "lock",
        "type": "complex",
        "subAttributes": [
            {"name": "place", "type": "string"},
            {"name": "code", "type": "string", "returned": "never", "mutability": "writeOnly"},
        ],
    }]});
    let kind = ResourceType::from_schemas("Lock", serde_json::from_value(schema).unwrap(), Vec::new()).unwrap();
    let stored = json!({"schemas": ["urn:test:Lock"], "lock": {"place": "door", "code": "old"}});
    let patch = json!({"Operations": [{"op": "replace", "path": "lock", "value": {"place": "door", "code": "old"}}]});
    let mut lock = stored.clone();
    let outcome = Patch::parse(&patch).unwrap().apply(&mut lock, &kind).unwrap();
    // Whether a secret is the same is not told.
    assert!(outcome.changed);
    assert_eq!(lock, stored);
    assert!(outcome.changes.iter().any(|change| change.is_secret));
}

/// An element of a readOnly list that says more than is stored is refused. That it is not primary says nothing more (F15).
#[test]
fn a_read_only_element_says_what_is_stored() {
    let kind = ResourceType::user().read_only(["emails"]).unwrap();
    let stored = json!({"userName": "a", "emails": [{"value": "a@x.example"}]});
    let add = |element: Value| {
        let operation = json!({"op": "add", "path": "emails", "value": [element]});
        let patch = Patch::parse(&json!({"schemas": [Patch::SCHEMA], "Operations": [operation]})).unwrap();
        patch.apply(&mut stored.clone(), &kind).map(|outcome| outcome.changed)
    };
    assert_eq!(add(json!({"value": "a@x.example", "primary": false})).ok(), Some(false));
    assert!(add(json!({"value": "a@x.example", "primary": true})).is_err());
    assert!(add(json!({"value": "a@x.example", "type": "work"})).is_err());
}

#[test]
fn a_member_without_a_name_is_where_it_was() {
    const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    let body = json!({"userName": "ann", ENTERPRISE: {"": [1]}, "": [2]});
    let options = Options::default().unknown(UnknownMembers::Keep);
    let written = ResourceType::user().create_with(&body, &options).unwrap();
    let mut replayed = json!({});
    written.outcome.changes.iter().for_each(|change| change.apply(&mut replayed, &ResourceType::user()).unwrap());
    assert_eq!(replayed, written.resource);
    assert_eq!(replayed[ENTERPRISE], json!({"": [1]}));
    // The same name, spelled as one of the resource, means the same.
    let body = json!({"userName": "ann", format!("{ENTERPRISE}:"): [1]});
    let again = ResourceType::user().create_with(&body, &options).unwrap();
    assert_eq!(again.resource[ENTERPRISE], json!({"": [1]}));
}
