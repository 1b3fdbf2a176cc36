//! A resource type with every kind of attribute at every level. The fuzz targets use it, too.

use scim_engine::ResourceType;
use scim_engine::schema::Schema;
use serde_json::{Value, json};

/// The URN of the core schema.
pub const LOCKER: &str = "urn:example:Locker";
/// An extension that every locker has.
pub const PLATE: &str = "urn:example:plate:1.0";
/// An extension that some have.
pub const LEASE: &str = "urn:example:lease:2.0";

/// Sub-attributes of every kind; `also` comes before them.
fn subs(also: &[Value]) -> Value {
    let kinds = [
        json!({"name": "label"}),
        json!({"name": "model", "caseExact": true}),
        json!({"name": "tags", "multiValued": true}),
        json!({"name": "codes", "multiValued": true, "caseExact": true}),
        json!({"name": "opened", "type": "dateTime"}),
        json!({"name": "size", "type": "integer"}),
        json!({"name": "lit", "type": "boolean"}),
        json!({"name": "maker", "mutability": "immutable"}),
        json!({"name": "marks", "multiValued": true, "mutability": "immutable"}),
        json!({"name": "seen", "type": "dateTime", "mutability": "readOnly"}),
        json!({"name": "pin", "mutability": "writeOnly", "returned": "never"}),
        json!({"name": "hints", "multiValued": true, "returned": "never"}),
    ];
    also.iter().chain(&kinds).cloned().collect()
}

/// Sub-attributes of a reference.
fn reference(details: &str, label: &str) -> Value {
    json!([
        {"name": "value", "required": true, "caseExact": true},
        {"name": "$ref", "type": "reference", "mutability": details},
        {"name": "type", "mutability": details},
        {"name": label, "mutability": if details == "immutable" { "readOnly" } else { details }},
        {"name": "note"},
    ])
}

fn value_and_type() -> Value {
    json!([{"name": "value"}, {"name": "type"}, {"name": "primary", "type": "boolean"}])
}

/// The attributes of a schema; `also` comes before them.
fn attributes(also: &[Value]) -> Value {
    let kinds = [
        json!({"name": "label"}),
        json!({"name": "opened", "type": "dateTime"}),
        json!({"name": "lit", "type": "boolean"}),
        json!({"name": "weight", "type": "decimal"}),
        json!({"name": "tags", "multiValued": true}),
        json!({"name": "times", "type": "dateTime", "multiValued": true}),
        json!({"name": "lock", "type": "complex", "subAttributes": subs(&[])}),
        json!({"name": "shelves", "type": "complex", "multiValued": true, "subAttributes": subs(&[
            json!({"name": "value"}), json!({"name": "type"}), json!({"name": "primary", "type": "boolean"}),
        ])}),
        json!({"name": "owner", "type": "complex", "subAttributes": reference("immutable", "displayName")}),
        json!({"name": "users", "type": "complex", "multiValued": true, "subAttributes": reference("immutable", "display")}),
        json!({"name": "maker", "mutability": "immutable"}),
        json!({"name": "pin", "mutability": "writeOnly", "returned": "never"}),
    ];
    also.iter().chain(&kinds).cloned().collect()
}

/// The attributes of the core schema alone.
fn core() -> Vec<Value> {
    vec![
        json!({"name": "code", "required": true, "caseExact": true}),
        json!({"name": "codes", "multiValued": true, "caseExact": true}),
        json!({"name": "numbers", "type": "integer", "multiValued": true}),
        json!({"name": "photo", "type": "binary"}),
        json!({"name": "page", "type": "reference"}),
        json!({"name": "built", "type": "dateTime", "mutability": "immutable"}),
        json!({"name": "model", "type": "complex", "mutability": "immutable", "subAttributes": [
            {"name": "name"}, {"name": "series", "multiValued": true}, {"name": "since", "type": "dateTime"},
        ]}),
        json!({"name": "keys", "multiValued": true, "mutability": "immutable"}),
        json!({"name": "parts", "type": "complex", "multiValued": true, "mutability": "immutable", "subAttributes": value_and_type()}),
        json!({"name": "state", "mutability": "readOnly"}),
        json!({"name": "visits", "type": "complex", "multiValued": true, "mutability": "readOnly", "subAttributes": value_and_type()}),
        json!({"name": "keeper", "type": "complex", "subAttributes": reference("readWrite", "displayName")}),
        json!({"name": "places", "type": "complex", "multiValued": true, "subAttributes": [
            {"name": "city"}, {"name": "lanes", "multiValued": true}, {"name": "primary", "type": "boolean"},
        ]}),
        json!({"name": "boxes", "type": "complex", "multiValued": true, "required": true, "subAttributes": [
            {"name": "value", "required": true}, {"name": "size", "required": true, "type": "integer"}, {"name": "label"},
        ]}),
        json!({"name": "birthPin", "mutability": "immutable", "returned": "never"}),
        json!({"name": "masterPin", "mutability": "readOnly", "returned": "never"}),
        json!({"name": "hints", "multiValued": true, "returned": "never"}),
        json!({"name": "vault", "type": "complex", "returned": "never", "subAttributes": [
            {"name": "value"}, {"name": "turns", "multiValued": true}, {"name": "fixed", "mutability": "immutable"},
        ]}),
        json!({"name": "traps", "type": "complex", "multiValued": true, "mutability": "writeOnly", "subAttributes": value_and_type()}),
    ]
}

/// A resource type with every kind of attribute at every level.
pub fn locker() -> ResourceType {
    let schema = |id: &str, attributes: Value| json!({"id": id, "attributes": attributes});
    let schemas: Vec<Schema> = [
        schema(LOCKER, attributes(&core())),
        schema(
            PLATE,
            json!([
                {"name": "number", "required": true, "caseExact": true}, {"name": "colour"},
                {"name": "screws", "multiValued": true}, {"name": "carver", "mutability": "immutable"},
            ]),
        ),
        schema(
            LEASE,
            attributes(&[
                json!({"name": "until", "type": "dateTime", "required": true}),
                json!({"name": "rate", "type": "integer"}),
            ]),
        ),
    ]
    .iter()
    .map(|schema| Schema::from_value(schema).unwrap())
    .collect();
    let definition = json!({"name": "Locker", "endpoint": "/Lockers", "schema": LOCKER, "schemaExtensions": [
        {"schema": PLATE, "required": true}, {"schema": LEASE, "required": false},
    ]});
    ResourceType::from_value(&definition, &schemas).unwrap()
}
