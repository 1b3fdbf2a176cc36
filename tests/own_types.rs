//! Requests on resource types of the host's own, with characteristics that neither the RFC's schemas nor those of the
//! conformance cases combine.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use scim_engine::schema::Schema;
use scim_engine::{Patch, ResourceType, ScimType};
use serde_json::{Value, json};

const URN: &str = "urn:example:Ship";

fn ship(attributes: Value) -> ResourceType {
    let schema = Schema::from_value(&json!({"id": URN, "name": "Ship", "attributes": attributes})).unwrap();
    ResourceType::from_schemas("Ship", schema, Vec::new()).unwrap()
}

fn patch(operations: Value) -> Patch {
    Patch::parse(&json!({"schemas": [Patch::SCHEMA], "Operations": operations})).unwrap()
}

/// The elements that a request names do not say whether the list becomes empty, so the host must load all (P18).
#[test]
fn elements_of_a_required_list() {
    let of = |required: bool| {
        ship(json!([{"name": "crew", "type": "complex", "multiValued": true, "required": required, "subAttributes": [
            {"name": "value"},
            {"name": "$ref", "type": "reference"},
        ]}]))
    };
    let removal = patch(json!([{"op": "remove", "path": "crew[value eq \"u1\"]"}]));
    assert_eq!(removal.elements("crew", &of(true)), Ok(None));
    assert_eq!(removal.elements("crew", &of(false)), Ok(Some(vec!["u1".to_owned()])));
}

/// An element that is named by several values is not one that a host can load by its `value`.
#[test]
fn elements_with_a_list_of_values() {
    let ship = ship(json!([{"name": "crew", "type": "complex", "multiValued": true, "subAttributes": [
        {"name": "value", "multiValued": true},
        {"name": "$ref", "type": "reference"},
    ]}]));
    let added = patch(json!([{"op": "add", "path": "crew", "value": [{"value": ["u1", "u2"]}]}]));
    assert_eq!(added.elements("crew", &ship), Ok(None));
}

/// No filter can choose an element of a secret list, so the whole list is replaced (P12a, P18).
#[test]
fn a_difference_within_an_element_of_a_secret_list() {
    let ship =
        ship(json!([{"name": "keys", "type": "complex", "multiValued": true, "returned": "never", "subAttributes": [
            {"name": "value"},
            {"name": "note"},
        ]}]));
    let of = |note: &str| json!({"schemas": [URN], "keys": [{"value": "a", "note": note}, {"value": "b"}]});
    let patch = Patch::between(&of("m"), &of("n"), &ship).unwrap().unwrap();
    let expected = json!([{"op": "replace", "path": "keys", "value": [{"value": "a", "note": "n"}, {"value": "b"}]}]);
    assert_eq!(serde_json::to_value(patch.operations()).unwrap(), expected);
    let mut changed = of("m");
    patch.apply(&mut changed, &ship).unwrap();
    assert_eq!(changed, of("n"));
}

/// Member operations of SCIM 1.1 need a list `members` (P17).
#[test]
fn member_operations_where_members_is_not_a_list() {
    let ship = ship(json!([{"name": "members"}]));
    let patch = Patch::parse(&json!({"schemas": ["urn:scim:schemas:core:1.0"], "members": [{"value": "u1"}]})).unwrap();
    let error = patch.apply(&mut json!({"schemas": [URN]}), &ship).unwrap_err();
    assert_eq!((error.scim_type(), error.path()), (Some(ScimType::InvalidSyntax), Some("members")));
    assert_eq!(error.message(), "`Ship` has no list of members: expected `Operations`");
}

/// The provider sets a readOnly attribute, so no client must (P12).
#[test]
fn a_required_attribute_that_is_read_only() {
    let attributes = |mutability: &str| json!([{"name": "hull", "required": true, "mutability": mutability}]);
    let body = json!({"schemas": [URN]});
    assert_eq!(ship(attributes("readOnly")).create(&body).unwrap().resource, body);
    let error = ship(attributes("readWrite")).create(&body).unwrap_err();
    assert_eq!((error.scim_type(), error.path()), (Some(ScimType::InvalidValue), Some("hull")));
}

/// A secret attribute has one entry in the changes, also if its parts are secret, too (P12a).
#[test]
fn secrets_in_a_secret() {
    let ship = ship(json!([{"name": "safe", "type": "complex", "returned": "never", "subAttributes": [
        {"name": "word", "returned": "never"},
        {"name": "note"},
    ]}]));
    for (path, value) in [("safe", json!({"word": "w", "note": "n"})), ("safe.word", json!("w"))] {
        let mut stored = json!({"schemas": [URN], "safe": {"note": "n", "word": "w"}});
        let outcome =
            patch(json!([{"op": "replace", "path": path, "value": value}])).apply(&mut stored, &ship).unwrap();
        assert_eq!(stored, json!({"schemas": [URN], "safe": {"note": "n", "word": "w"}}));
        let [change] = outcome.changes.as_slice() else { panic!("{:?}", outcome.changes) };
        assert_eq!((change.path.as_str(), change.is_secret), ("safe", true));
        assert_eq!(change.added, [json!({"note": "n", "word": "w"})]);
        assert!(change.removed.is_empty() && change.replaced.is_empty());
    }
}

/// In a value, `null` counts as absent for what may be set once (P9); by path it does not.
#[test]
fn nothing_for_the_immutable_value_of_each_element() {
    let ship = ship(json!([{"name": "decks", "type": "complex", "multiValued": true, "subAttributes": [
        {"name": "value", "mutability": "immutable"},
        {"name": "note"},
    ]}]));
    let stored = json!({"schemas": [URN], "decks": [{"value": "a", "note": "n"}, {"value": "b"}]});
    let mut changed = stored.clone();
    let outcome = patch(json!([{"op": "replace", "value": {"decks.value": null}}])).apply(&mut changed, &ship).unwrap();
    assert_eq!((changed, outcome.changed), (stored.clone(), false));
    let mut changed = stored.clone();
    let by_path = patch(json!([{"op": "replace", "path": "decks.value", "value": null}]));
    let error = by_path.apply(&mut changed, &ship).unwrap_err();
    assert_eq!((error.scim_type(), error.path()), (Some(ScimType::Mutability), Some("decks.value")));
    assert_eq!(changed, stored);
}

/// A required value that loses a part which may not be unset: the PATCH says it as it is, and is refused (P18).
#[test]
fn a_difference_that_the_schema_forbids() {
    let ship = ship(json!([{"name": "hull", "type": "complex", "required": true, "subAttributes": [
        {"name": "number", "mutability": "immutable"},
        {"name": "colour"},
    ]}]));
    let old = json!({"schemas": [URN], "hull": {"number": "7"}});
    let new = json!({"schemas": [URN], "hull": {"colour": "red"}});
    let patch = Patch::between(&old, &new, &ship).unwrap().unwrap();
    let operations = serde_json::to_value(patch.operations()).unwrap();
    let expected = json!([
        {"op": "remove", "path": "hull.number"},
        {"op": "add", "path": "hull.colour", "value": "red"},
    ]);
    assert_eq!(operations, expected);
    let mut changed = old.clone();
    let error = patch.apply(&mut changed, &ship).unwrap_err();
    assert_eq!((error.scim_type(), error.operation()), (Some(ScimType::Mutability), Some(0)));
    assert_eq!(changed, old);
}

/// An attribute `schemas` of an extension is not the list of URNs (P15, P16).
#[test]
fn an_extension_with_an_attribute_schemas() {
    let extension = "urn:example:Fleet";
    let own = json!({"id": extension, "name": "Fleet", "attributes": [{"name": "schemas", "multiValued": true}]});
    let core = json!({"id": URN, "name": "Ship", "attributes": [{"name": "label"}]});
    let schema = |json: &Value| Schema::from_value(json).unwrap();
    let ship = ResourceType::from_schemas("Ship", schema(&core), vec![schema(&own)]).unwrap();
    let mut stored = json!({"schemas": [URN, extension], extension: {"schemas": ["a", URN]}});
    let path = format!("{extension}:schemas");
    patch(json!([{"op": "replace", "path": path, "value": ["b", "c"]}])).apply(&mut stored, &ship).unwrap();
    assert_eq!(stored, json!({"schemas": [URN, extension], extension: {"schemas": ["b", "c"]}}));
    patch(json!([{"op": "add", "path": path, "value": [extension]}])).apply(&mut stored, &ship).unwrap();
    patch(json!([{"op": "remove", "path": path, "value": [extension]}])).apply(&mut stored, &ship).unwrap();
    assert_eq!(stored, json!({"schemas": [URN, extension], extension: {"schemas": ["b", "c"]}}));
}

/// An element says nothing new if it is stored, or adds only what its absence means: `primary: false` (F15, P12).
#[test]
fn what_an_element_of_a_read_only_list_says() {
    let ship = ship(json!([{"name": "codes", "type": "complex", "multiValued": true, "mutability": "readOnly",
        "subAttributes": [{"name": "value"}, {"name": "note"}, {"name": "primary", "type": "boolean"}]}]));
    let add = |element: Value| {
        let patch = patch(json!([{"op": "add", "path": "codes", "value": [element]}]));
        let outcome = patch.apply(&mut json!({"codes": [{"value": "a"}]}), &ship);
        outcome.map(|outcome| outcome.changed).map_err(|error| error.scim_type())
    };
    assert_eq!(add(json!({"value": "a"})), Ok(false));
    assert_eq!(add(json!({"value": "a", "primary": false})), Ok(false));
    for new in [json!({"value": "a", "note": "n"}), json!({"value": "a", "primary": true})] {
        assert_eq!(add(new), Err(Some(ScimType::Mutability)));
    }
}
