//! Generated documents: arbitrary JSON in which SCIM names turn up in wrong shapes, and valid resources.

use proptest::prelude::*;
use scim_engine::ResourceType;
use scim_engine::schema::Schema;
use serde_json::{Map, Value, json};

use super::filters::text;

pub const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// A resource type with an attribute of every type, immutable and secret ones, and an extension whose URN ends in a version.
pub fn badge() -> ResourceType {
    let schema = Schema::from_value(&json!({"id": "urn:example:Badge", "attributes": [
        {"name": "serial", "required": true, "caseExact": true},
        {"name": "colour"},
        {"name": "fixed", "mutability": "immutable"},
        {"name": "secret", "mutability": "writeOnly", "returned": "never"},
        {"name": "valid", "type": "boolean"},
        {"name": "floor", "type": "integer"},
        {"name": "weight", "type": "decimal"},
        {"name": "issued", "type": "dateTime"},
        {"name": "photo", "type": "binary"},
        {"name": "page", "type": "reference"},
        {"name": "tags", "multiValued": true},
        {"name": "numbers", "type": "integer", "multiValued": true},
        {"name": "strap", "type": "complex", "subAttributes": [
            {"name": "length", "type": "integer"}, {"name": "notes", "multiValued": true},
        ]},
        {"name": "doors", "type": "complex", "multiValued": true, "subAttributes": [
            {"name": "value", "required": true}, {"name": "type"}, {"name": "primary", "type": "boolean"},
            {"name": "key", "mutability": "immutable"}, {"name": "seen", "type": "dateTime", "mutability": "readOnly"},
        ]},
    ]}))
    .unwrap();
    let lease = Schema::from_value(&json!({"id": "urn:example:lease:1.0", "attributes": [
        {"name": "until", "type": "dateTime"},
        {"name": "payers", "type": "complex", "multiValued": true, "subAttributes": [{"name": "value"}, {"name": "type"}]},
    ]}))
    .unwrap();
    ResourceType::from_schemas("Badge", schema, vec![lease]).unwrap()
}

/// The resource types that everything runs with.
pub fn types() -> Vec<ResourceType> {
    vec![ResourceType::user(), ResourceType::group(), badge(), ResourceType::any()]
}

fn key() -> impl Strategy<Value = String> {
    prop_oneof![
        12 => prop::sample::select(vec![
            "schemas", "id", "meta", "externalId", "userName", "name", "familyName", "givenName", "active", "title",
            "emails", "value", "type", "primary", "display", "$ref", "groups", "members", "manager", "managerId",
            "password", "addresses", "USERNAME", "Emails", "Value", "department", "displayName", "operation", "op",
            "path", "Operations", "serial", "tags", "numbers", "strap", "notes", "doors", "floor", "issued", "lastModified",
            "emails[type eq \"work\"].value", "name.givenName", "emails[", "a b", "", "__proto__", "constructor",
            "urn:ietf:params:scim:schemas:core:2.0:User", "urn:example:lease:1.0", "urn:scim:schemas:core:1.0",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
        ])
        .prop_map(str::to_owned),
        3 => Just(ENTERPRISE.to_owned()),
        1 => text(),
    ]
}

fn leaf() -> impl Strategy<Value = Value> {
    prop_oneof![
        2 => Just(Value::Null),
        2 => any::<bool>().prop_map(Value::from),
        2 => any::<i64>().prop_map(Value::from),
        1 => any::<u64>().prop_map(Value::from),
        1 => any::<f64>().prop_map(Value::from),
        6 => prop::sample::select(vec![
            "", " ", "work", "home", "WORK", "a", "b@example.com", "True", "false", "5", "-0", "1e400", "{\"value\": \"x\"}",
            "{\"value\": {\"value\": []}}", "2011-05-13T04:42:34Z", "2011-05-13", "replace", "add", "remove", "delete",
            "emails[type eq \"work\"]", "members", ENTERPRISE, "urn:ietf:params:scim:schemas:core:2.0:User",
            "urn:ietf:params:scim:api:messages:2.0:PatchOp", "urn:scim:schemas:core:1.0", "QUJD", "\u{0}",
        ])
        .prop_map(Value::from),
        1 => text().prop_map(Value::from),
    ]
}

/// Any JSON, SCIM names and values turning up anywhere.
pub fn any_json() -> BoxedStrategy<Value> {
    leaf()
        .prop_recursive(5, 48, 6, |inner| {
            prop_oneof![
                2 => prop::collection::vec(inner.clone(), 0..5).prop_map(Value::Array),
                3 => prop::collection::vec((key(), inner), 0..7)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
        .boxed()
}

/// Any JSON object.
pub fn any_object() -> impl Strategy<Value = Value> {
    prop::collection::vec((key(), any_json()), 0..9).prop_map(|members| Value::Object(members.into_iter().collect()))
}

fn pick(words: &'static [&'static str]) -> impl Strategy<Value = Value> {
    prop::sample::select(words.to_vec()).prop_map(Value::from)
}

fn object(members: Vec<(&'static str, Option<Value>)>) -> Value {
    let members = members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    Value::Object(members.collect())
}

/// Elements like those of `emails`, of a small world, so that they meet each other.
pub fn email() -> impl Strategy<Value = Value> {
    let optional = |words| prop::option::weighted(0.6, pick(words));
    (pick(&["a", "b", "A", "c@example.com"]), optional(&["work", "home", "Work"]), optional(&["x", "y"]))
        .prop_map(|(value, kind, display)| object(vec![("value", Some(value)), ("type", kind), ("display", display)]))
}

/// Lists of such elements with one primary at most.
pub fn emails() -> impl Strategy<Value = Value> {
    (prop::collection::vec(email(), 1..4), any::<prop::sample::Index>(), any::<bool>()).prop_map(
        |(mut elements, at, primary)| {
            let at = at.index(elements.len());
            if primary {
                elements[at]["primary"] = true.into();
            }
            Value::Array(elements)
        },
    )
}

/// An address; it has no `value` to tell it by.
pub fn address() -> impl Strategy<Value = Value> {
    (pick(&["Oslo", "Rome"]), prop::option::of(pick(&["work", "home"]))).prop_map(|(locality, kind)| {
        object(vec![("locality", Some(locality)), ("type", kind), ("country", Some("NO".into()))])
    })
}

/// The object of the enterprise extension.
pub fn enterprise() -> impl Strategy<Value = Value> {
    let manager = (pick(&["m1", "m2"]), prop::option::of(pick(&["../Users/m1"])))
        .prop_map(|(value, reference)| object(vec![("value", Some(value)), ("$ref", reference)]));
    (prop::option::of(pick(&["sea", "land"])), prop::option::of(manager), pick(&["1", "2"])).prop_map(
        |(department, manager, cost_center)| {
            object(vec![("department", department), ("manager", manager), ("costCenter", Some(cost_center))])
        },
    )
}

/// A valid stored user, with what only the provider sets.
pub fn user() -> impl Strategy<Value = Value> {
    (
        prop::option::of(pick(&["t", "u"])),
        prop::option::of((pick(&["F", "G"]), prop::option::of(pick(&["f", "g"])))),
        prop::option::of(emails()),
        prop::option::of(prop::collection::vec(address(), 1..3)),
        prop::option::of(enterprise()),
        prop::option::of(any::<bool>()),
        any::<bool>(),
    )
        .prop_map(|(title, name, emails, addresses, enterprise, active, groups)| {
            let mut schemas = vec![Value::from("urn:ietf:params:scim:schemas:core:2.0:User")];
            if enterprise.is_some() {
                schemas.push(ENTERPRISE.into());
            }
            let name = name.map(|(family, given)| object(vec![("familyName", Some(family)), ("givenName", given)]));
            let mut user = object(vec![
                ("schemas", Some(schemas.into())),
                ("id", Some("u1".into())),
                ("userName", Some("bjensen".into())),
                ("title", title),
                ("name", name),
                ("emails", emails),
                ("addresses", addresses.map(Value::from)),
                ("active", active.map(Value::from)),
                ("groups", groups.then(|| json!([{"value": "g1", "display": "Crew"}]))),
                ("meta", Some(json!({"resourceType": "User", "version": "W/\"1\""}))),
            ]);
            if let Some(enterprise) = enterprise {
                user[ENTERPRISE] = enterprise;
            }
            user
        })
}

/// Lists in one order, unassigned members left out, names in lower case: the order of a multi-valued attribute carries
/// no meaning (D10).
pub fn unordered(value: &Value) -> Value {
    match value {
        Value::Array(elements) => {
            let mut elements: Vec<Value> = elements.iter().map(unordered).collect();
            elements.sort_by_key(Value::to_string);
            Value::Array(elements)
        }
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| (name.to_lowercase(), unordered(value)))
            .filter(|(_, value)| !value.is_null() && *value != json!([]) && *value != json!({}))
            .collect::<std::collections::BTreeMap<String, Value>>()
            .into_iter()
            .collect::<Map<String, Value>>()
            .into(),
        other => other.clone(),
    }
}
