//! Schemas and resource types as a host defines, reads and registers them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

use scim_engine::schema::{AttrType, Attribute, Mutability, Registry, ResourceType, Returned, Schema, Uniqueness};
use scim_engine::{Absent, Filter, Options, Patch};
use serde_json::{Value, json};

const CORE: &str = Schema::USER;
const ENTERPRISE: &str = Schema::ENTERPRISE_USER;

fn schema(id: &str, attributes: Value) -> Result<Schema, scim_engine::SchemaError> {
    Schema::from_value(&json!({"id": id, "attributes": attributes}))
}

/// The definition that the methods of `Attribute` make is the one that a schema in JSON would have.
#[test]
fn attributes_made_in_code() {
    let parts = [
        Attribute::new("value", AttrType::String).case_exact(true).required(true),
        Attribute::new("$ref", AttrType::Reference).reference_types(["User", "external"]),
    ];
    let keys = Attribute::complex("keys", parts)
        .multi_valued(true)
        .description("what opens a door")
        .mutability(Mutability::Immutable)
        .returned(Returned::Request);
    let number = Attribute::new("number", AttrType::Integer).uniqueness(Uniqueness::Global);
    let made = Schema::new("urn:example:Ring", "Ring", [keys, number]).unwrap().description("a ring of keys");
    let read = json!({
        "id": "urn:example:Ring", "name": "Ring", "description": "a ring of keys",
        "attributes": [
            {"name": "keys", "type": "complex", "multiValued": true, "description": "what opens a door",
             "mutability": "immutable", "returned": "request", "subAttributes": [
                {"name": "value", "type": "string", "caseExact": true, "required": true},
                {"name": "$ref", "type": "reference", "referenceTypes": ["User", "external"]},
            ]},
            {"name": "number", "type": "integer", "uniqueness": "global"},
        ],
    });
    assert_eq!(made, Schema::from_value(&read).unwrap());
    assert_eq!(made.description, "a ring of keys");
    let keys = made.attribute("keys").unwrap();
    assert_eq!((keys.mutability, keys.returned), (Mutability::Immutable, Returned::Request));
    assert_eq!(keys.sub_attribute("$ref").unwrap().reference_types, ["User", "external"]);
    assert_eq!(made.attribute("number").unwrap().uniqueness, Uniqueness::Global);
}

#[test]
fn members_of_the_wrong_type() {
    for (attribute, words) in [
        (json!({"name": "x", "description": true}), ":x`: `description`: expected a string, found a boolean"),
        (json!({"name": ["x"]}), ":attributes[0]`: `name`: expected a string, found a list"),
        (json!({"name": "x", "type": 5}), ":x`: `type`: expected a string, found a number"),
        (
            json!({"name": "x", "type": "complex", "subAttributes": {}}),
            ":x`: `subAttributes`: expected a list, found an object",
        ),
        (json!({"name": "x", "canonicalValues": "a"}), ":x`: `canonicalValues`: expected a list, found a string"),
        (
            json!({"name": "x", "referenceTypes": ["User", null]}),
            ":x`: `referenceTypes`: expected a list of strings, found `null`",
        ),
        (json!({"name": "x", "maxLength": -1}), ":x`: `maxLength`: expected a whole number, 0 or more, found a number"),
        (json!(null), ":attributes[0]`: expected an object, found `null`"),
        (json!([]), ":attributes[0]`: expected an object, found a list"),
        (json!({"name": "x", "type": "complex"}), ":x`: must have `subAttributes` exactly if its `type` is `complex`"),
        (
            json!({"name": "x", "subAttributes": [{"name": "y"}]}),
            ":x`: must have `subAttributes` exactly if its `type` is `complex`",
        ),
    ] {
        let error = schema("urn:example:A", json!([attribute])).unwrap_err();
        assert_eq!(error.to_string(), format!("`urn:example:A{words}"));
    }
    let error = Schema::from_value(&json!({"id": "urn:example:A", "attributes": {"name": "x"}})).unwrap_err();
    assert_eq!(error.to_string(), "`urn:example:A`: `attributes`: expected a list, found an object");
    let error = Schema::from_value(&json!("urn:example:A")).unwrap_err();
    assert_eq!(error.to_string(), "`schema`: expected an object, found a string");
}

/// A sub-attribute is simple (RFC 7643 §2.3.8), in a schema and in an attribute that is read alone.
#[test]
fn a_sub_attribute_is_not_complex() {
    let inner = json!({"name": "b", "type": "complex", "subAttributes": [{"name": "c"}]});
    let outer = json!({"name": "a", "type": "complex", "subAttributes": [inner]});
    let words = "is a sub-attribute and so cannot be complex";
    let error = schema("urn:example:A", json!([outer])).unwrap_err();
    assert_eq!((error.path(), error.message()), ("urn:example:A:a.b", words));
    let error = serde_json::from_value::<Attribute>(outer).unwrap_err();
    assert_eq!(error.to_string(), format!("`a.b`: {words}"));
}

#[test]
fn definitions_that_are_nested_too_deep() {
    let deep = |levels: usize| (0..levels).fold(json!("x"), |inner, _| json!([inner]));
    let attribute = |levels: usize| json!({"name": "a", "canonicalValues": [deep(levels)]});
    assert!(serde_json::from_value::<Attribute>(attribute(3)).is_ok());
    assert!(schema("urn:example:A", json!([attribute(3)])).is_ok());
    let error = serde_json::from_value::<Attribute>(attribute(1000)).unwrap_err();
    assert_eq!(error.to_string(), "`attribute`: is nested too deep");
    let error = schema("urn:example:A", json!([attribute(1000)])).unwrap_err();
    assert_eq!(error.to_string(), "`urn:example:A`: is nested too deep");
}

fn defined(name: &str, endpoint: &str, description: &str) -> ResourceType {
    let definition = json!({"name": name, "endpoint": endpoint, "description": description, "schema": CORE});
    ResourceType::from_value(&definition, &[ResourceType::user().schema().clone()]).unwrap()
}

#[test]
fn types_are_equal_if_all_of_their_definition_is() {
    let person = defined("Person", "/People", "People");
    assert_eq!(person, defined("Person", "/People", "People"));
    assert_ne!(person, defined("Member", "/People", "People"));
    assert_ne!(person, defined("Person", "/Persons", "People"));
    assert_ne!(person, defined("Person", "/People", "Persons"));
    assert_ne!(person, person.without(["title"]).unwrap());
    // `externalId` is a common attribute, which is not part of the schema.
    let common = person.without(["externalId"]).unwrap();
    assert_eq!(person.schema(), common.schema());
    assert_ne!(person, common);
    let lease = schema("urn:example:Lease", json!([{"name": "rent"}])).unwrap();
    assert_ne!(person, person.with_extension(lease.clone(), false).unwrap());
    assert_ne!(person.with_extension(lease.clone(), true).unwrap(), person.with_extension(lease, false).unwrap());
    // The name of the type of any resource does not make a type one that knows any name.
    let any = ResourceType::any();
    let named_any = defined("Any", any.endpoint(), any.description());
    assert_eq!((named_any.name(), named_any.is_open(), any.is_open()), ("Any", false, true));
    assert_ne!(named_any, any);
}

#[test]
fn a_type_is_a_key() {
    let mut names = HashMap::new();
    names.insert(ResourceType::user(), "user");
    names.insert(ResourceType::group(), "group");
    assert_eq!(names.get(&ResourceType::user()), Some(&"user"));
    assert_eq!(names.get(&ResourceType::any()), None);
    let (hasher, lease) = (RandomState::new(), schema("urn:example:Lease", json!([{"name": "rent"}])).unwrap());
    let hash = |kind: &ResourceType| hasher.hash_one(kind);
    let person = defined("Person", "/People", "People");
    assert_eq!(hash(&person), hash(&defined("Person", "/People", "People")));
    // What makes types different for a cache of matchers changes the hash: the name, the endpoint, the extensions.
    assert_ne!(hash(&person), hash(&defined("Member", "/People", "People")));
    assert_ne!(hash(&person), hash(&person.with_endpoint("/Persons").unwrap()));
    assert_ne!(hash(&person), hash(&person.with_extension(lease, false).unwrap()));
}

#[test]
fn what_makes_no_registry() {
    let refused = |types: [ResourceType; 2]| Registry::new(types).unwrap_err().to_string();
    let group = ResourceType::group();
    assert_eq!(refused([group.clone(), group.clone()]), "`Group`: is the name of two resource types");
    let moved = group.with_endpoint("/USERS").unwrap();
    assert_eq!(refused([ResourceType::user(), moved]), "`Group`: has the endpoint `/USERS` of another one");
    let fewer = ResourceType::user().without(["title"]).unwrap();
    let other = ResourceType::from_schemas("Person", fewer.schema().clone(), Vec::new()).unwrap();
    let words = format!("`{CORE}`: is the URN of two different schemas");
    assert_eq!(refused([ResourceType::user(), other]), words);
    let extension = schema(ENTERPRISE, json!([{"name": "department"}])).unwrap();
    let other = group.with_extension(extension, false).unwrap();
    let words = format!("`{ENTERPRISE}`: is the URN of two different schemas");
    assert_eq!(refused([ResourceType::user(), other]), words);
}

/// Two resource types may share a schema, which is then listed once.
#[test]
fn a_registry_lists_each_schema_once() {
    let user = ResourceType::user();
    let enterprise = user.extension(ENTERPRISE).unwrap().clone();
    let person = ResourceType::from_schemas("Person", user.schema().clone(), vec![enterprise]).unwrap();
    let registry = Registry::new([user, person, ResourceType::group()]).unwrap();
    let urns: Vec<_> = registry.schemas().into_iter().map(|schema| schema.id.as_str()).collect();
    assert_eq!(urns, [CORE, ENTERPRISE, Schema::GROUP]);
}

/// An attribute of the name `primary` outside of a list is a boolean like any other (F15).
#[test]
fn a_primary_that_is_no_mark_of_an_element() {
    let schema = schema("urn:example:Line", json!([{"name": "primary", "type": "boolean"}])).unwrap();
    let kind = ResourceType::from_schemas("Line", schema, Vec::new()).unwrap();
    let matcher = "primary eq false".parse::<Filter>().unwrap().compile(&kind).unwrap();
    assert_eq!(matcher.matches(&json!({})), Ok(false));
    assert_eq!(matcher.matches(&json!({"primary": false})), Ok(true));
    // So an index of its values has an entry for each `false`.
    let paths: Vec<_> = matcher.equalities().into_iter().map(|equality| equality.path).collect();
    assert_eq!(paths, ["primary"]);
}

/// A text of that name is not a mark either, so several elements may have it (P10).
#[test]
fn a_primary_that_is_a_text() {
    let parts = [Attribute::new("value", AttrType::String), Attribute::new("primary", AttrType::String)];
    let lines = Attribute::complex("lines", parts).multi_valued(true);
    let schema = Schema::new("urn:example:Board", "Board", [lines]).unwrap();
    let kind = ResourceType::from_schemas("Board", schema, Vec::new()).unwrap();
    let lines = json!([{"value": "a", "primary": "true"}, {"value": "b", "primary": "true"}]);
    let written = kind.create(&json!({"schemas": ["urn:example:Board"], "lines": lines})).unwrap();
    assert_eq!((&written.resource["lines"], written.outcome.repairs.len()), (&lines, 0));
}

/// Policies name attributes by their full names. A mistake there is the host's, so the status is 500 (R2).
#[test]
fn policies_for_names_that_are_no_attributes() {
    for (name, words) in [
        ("titel", "`User` has no attribute `titel`; did you mean `title`?".to_owned()),
        (ENTERPRISE, format!("`{}` is a schema; name an attribute", ENTERPRISE.to_lowercase())),
        (CORE, format!("`{}` is a schema; name an attribute", CORE.to_lowercase())),
        ("department", format!("it is not its full name; write `{ENTERPRISE}:department`")),
    ] {
        let options = Options::default().absent_override(name, Absent::Keep);
        let stored = json!({"schemas": [CORE], "userName": "ann"});
        let error = ResourceType::user().replace_with(&stored, &json!({"userName": "bo"}), &options).unwrap_err();
        assert_eq!(error.message(), format!("the options have a policy for it, and {words}"));
        assert_eq!((error.path(), error.scim_type()), (Some(&*name.to_lowercase()), None));
        assert_eq!(scim_engine::ScimError::from(error).status(), 500);
    }
}

/// The list whose elements a request names is a known attribute. Other names are the host's mistake.
#[test]
fn elements_of_what_is_no_attribute() {
    let operation = json!({"op": "add", "path": "groups", "value": [{"value": "g1"}]});
    let patch = Patch::parse(&json!({"schemas": [Patch::SCHEMA], "Operations": [operation]})).unwrap();
    for (kind, name, words) in [
        (ResourceType::user(), ENTERPRISE, format!("`{ENTERPRISE}` is a schema; name an attribute")),
        (ResourceType::user(), "doors", "`User` has no attribute `doors`".to_owned()),
        (ResourceType::any(), "shoeSize", "`Any` has no attribute `shoeSize`".to_owned()),
    ] {
        let error = patch.elements(name, &kind).unwrap_err();
        assert_eq!((error.name(), error.to_string()), (name, words));
    }
}
