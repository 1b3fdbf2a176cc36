//! Generated PATCH operations on users: valid ones, and ones that must fail.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::documents::{ENTERPRISE, address, any_json, email, emails, enterprise};

pub const PATCH_OP: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/// A request of these operations.
pub fn request(operations: &[Value]) -> Value {
    json!({"schemas": [PATCH_OP], "Operations": operations})
}

fn words(words: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop::sample::select(words.to_vec()).prop_map(str::to_owned)
}

/// Filters in brackets after `emails`.
fn chosen() -> impl Strategy<Value = String> {
    words(&[
        "type eq \"work\"",
        "type eq \"home\"",
        "value eq \"a\"",
        "value eq \"a\" and type eq \"work\"",
        "type eq \"other\"",
        "primary eq true",
        "not (type pr)",
        "display co \"x\" or value sw \"c\"",
        "type ne \"work\"",
    ])
}

fn single() -> impl Strategy<Value = (String, Value)> {
    prop_oneof![
        (
            words(&["title", "TITLE", "urn:ietf:params:scim:schemas:core:2.0:User:title", "nickName"]),
            words(&["t", "u"])
        )
            .prop_map(|(path, value)| (path, value.into())),
        any::<bool>().prop_map(|value| ("active".to_owned(), value.into())),
        Just(("active".to_owned(), "False".into())),
        (words(&["name.familyName", "name.givenName", "NAME.GIVENNAME"]), words(&["F", "g"]))
            .prop_map(|(path, value)| (path, value.into())),
        words(&["F", "H"]).prop_map(|value| ("name".to_owned(), json!({"familyName": value, "middleName": "M"}))),
        (
            words(&["urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department", "department"]),
            words(&["sea", "air"])
        )
            .prop_map(|(path, value)| (path, value.into())),
        words(&["m1", "m3"]).prop_map(|value| (format!("{ENTERPRISE}:manager.value"), value.into())),
        words(&["m1", "m3"]).prop_map(|value| (format!("{ENTERPRISE}:manager"), json!({"value": value}))),
        words(&["m1", "m3"]).prop_map(|value| (format!("{ENTERPRISE}:manager"), value.into())),
        enterprise().prop_map(|value| (ENTERPRISE.to_owned(), value)),
        Just(("password".to_owned(), "s3cret".into())),
    ]
}

fn multiple() -> impl Strategy<Value = (String, Value)> {
    prop_oneof![
        2 => emails().prop_map(|value| ("emails".to_owned(), value)),
        2 => email().prop_map(|value| ("emails".to_owned(), value)),
        1 => prop::collection::vec(address(), 1..3).prop_map(|value| ("addresses".to_owned(), value.into())),
        2 => (chosen(), words(&["a", "z"])).prop_map(|(filter, value)| (format!("emails[{filter}].value"), value.into())),
        1 => (chosen(), words(&["work", "home"])).prop_map(|(filter, value)| (format!("emails[{filter}].type"), value.into())),
        1 => chosen().prop_map(|filter| (format!("emails[{filter}].primary"), true.into())),
        2 => (chosen(), email()).prop_map(|(filter, value)| (format!("emails[{filter}]"), value)),
        1 => words(&["x", "y"]).prop_map(|value| ("emails.display".to_owned(), value.into())),
        1 => (words(&["Oslo", "Bari"])).prop_map(|value| ("addresses[type eq \"work\"].locality".to_owned(), value.into())),
    ]
}

fn null_now_and_then((path, value): (String, Value), null: bool) -> (String, Value) {
    if null { (path, Value::Null) } else { (path, value) }
}

fn target() -> impl Strategy<Value = (String, Value)> {
    (prop_oneof![single(), multiple()], prop::bool::weighted(0.1))
        .prop_map(|(target, null)| null_now_and_then(target, null))
}

/// An `add` or `replace` with a path.
pub fn write() -> impl Strategy<Value = Value> {
    (words(&["add", "replace", "Add", "REPLACE"]), target())
        .prop_map(|(op, (path, value))| json!({"op": op, "path": path, "value": value}))
}

/// An `add` or `replace` without a path, of different attributes.
pub fn pathless() -> impl Strategy<Value = Value> {
    let members = (
        prop::option::of(words(&["t", "u"])),
        prop::option::of(words(&["G", "H"])),
        prop::option::of(multiple()),
        prop::option::of(enterprise()),
    );
    (words(&["add", "replace"]), members).prop_map(|(op, (title, given, multiple, enterprise))| {
        let mut value = json!({"id": "u1"});
        if let Some(title) = title {
            value["title"] = title.into();
        }
        if let Some(given) = given {
            value["name.givenName"] = given.into();
        }
        if let Some((path, inner)) = multiple {
            value[path] = inner;
        }
        if let Some(enterprise) = enterprise {
            value[ENTERPRISE] = enterprise;
        }
        json!({"op": op, "value": value})
    })
}

/// A `remove`.
pub fn remove() -> impl Strategy<Value = Value> {
    prop_oneof![
        target().prop_map(|(path, _)| json!({"op": "remove", "path": path})),
        chosen().prop_map(|filter| json!({"op": "remove", "path": format!("emails[{filter}]")})),
        emails().prop_map(|value| json!({"op": "remove", "path": "emails", "value": value})),
        Just(json!({"op": "remove", "path": ENTERPRISE})),
        Just(json!({"op": "remove", "path": "emails"})),
    ]
}

/// Any operation that is well-formed; whether it applies depends on the document.
pub fn operation() -> impl Strategy<Value = Value> {
    prop_oneof![4 => write(), 2 => pathless(), 3 => remove()]
}

/// An operation that no user takes.
pub fn refused() -> impl Strategy<Value = Value> {
    prop::sample::select(vec![
        json!({"op": "replace", "path": "id", "value": "other"}),
        json!({"op": "remove", "path": "userName"}),
        json!({"op": "replace", "path": "active", "value": "maybe"}),
        json!({"op": "replace", "path": "nickname.x", "value": "y"}),
        json!({"op": "replace", "path": "emails[type eq \"none\"].value", "value": "y"}),
        json!({"op": "add", "path": "emails", "value": [{"value": "p", "primary": true}, {"value": "q", "primary": true}]}),
        json!({"op": "add", "path": "meta.version", "value": "2"}),
        json!({"op": "add", "value": {"emails": [{"value": "p"}], "name": 7}}),
        json!({"op": "add", "path": ENTERPRISE, "value": {"department": "x", "manager": [1, 2]}}),
        json!({"op": "remove", "path": "schemas", "value": ["urn:ietf:params:scim:schemas:core:2.0:User"]}),
    ])
}

/// An operation with anything at all as its value, on a real path.
pub fn with_any_value() -> impl Strategy<Value = Value> {
    let path = prop_oneof![
        target().prop_map(|(path, _)| path),
        words(&[
            "schemas",
            "members",
            "meta",
            "groups",
            "tags",
            "doors",
            "strap.notes",
            "doors[value eq \"a\"].key",
            "urn:example:lease:1.0",
            "doors.type"
        ]),
    ];
    (words(&["add", "replace", "remove"]), prop::option::weighted(0.8, path), any_json()).prop_map(
        |(op, path, value)| {
            path.map_or_else(
                || json!({"op": op, "value": value}),
                |path| json!({"op": op, "path": path, "value": value}),
            )
        },
    )
}
