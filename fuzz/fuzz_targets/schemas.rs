//! Definitions of schemas and resource types, as a platform serves them: JSON text (an array of the schemas and one of the
//! types), or definitions that are generated and changed. They are read or refused; what is read is served and read again as
//! the same; and the types that are read can be used.
#![no_main]

use libfuzzer_sys::fuzz_target;
use scim_engine::{Filter, Options, Patch, Registry};
use scim_engine_fuzz::chooser::Chooser;
use scim_engine_fuzz::values::any_json;
use scim_engine_fuzz::{filters, requests, resources, types};
use serde_json::{Value, json};

/// Sets a member somewhere in a value.
fn change(c: &mut Chooser, value: &mut Value) {
    const NAMES: &[&str] = &[
        "name",
        "type",
        "multiValued",
        "subAttributes",
        "mutability",
        "returned",
        "uniqueness",
        "required",
        "caseExact",
        "canonicalValues",
        "referenceTypes",
        "id",
        "attributes",
        "schema",
        "schemaExtensions",
        "endpoint",
        "requierd",
        "Name",
        "maxLength",
        "canonicalOnly",
        "description",
        "meta",
        "schemas",
    ];
    const VALUES: &[&str] = &[
        "complex",
        "STRING",
        "readonly",
        "ReadWrite",
        "",
        "x",
        "$ref",
        "a b",
        "urn:x",
        "never",
        "server",
        "reference",
    ];
    match value {
        Value::Array(elements) if !elements.is_empty() => {
            let at = c.below(elements.len());
            change(c, &mut elements[at]);
        }
        Value::Object(members) => {
            let keys: Vec<String> = members.keys().cloned().collect();
            if !keys.is_empty() && c.one_in(2) {
                let key = c.one_of(&keys);
                return change(c, &mut members[key]);
            }
            let new = if c.one_in(3) { any_json(c, 2) } else { Value::from(c.pick(VALUES)) };
            members.insert((c.pick(NAMES)).to_owned(), new);
        }
        other => *other = any_json(c, 2),
    }
}

fuzz_target!(|data: &[u8]| {
    let c = &mut Chooser::new(data);
    let (schemas, kinds) = if matches!(data.first(), Some(b'[' | b'{')) {
        let mut texts = serde_json::Deserializer::from_slice(data).into_iter::<Value>();
        let (Some(Ok(schemas)), kinds) = (texts.next(), texts.next()) else { return };
        let kinds = kinds.and_then(Result::ok).unwrap_or_else(|| {
            json!([{"name": "Thing", "endpoint": "/Things", "schema": schemas[0]["id"], "schemaExtensions": [{"schema": schemas[1]["id"], "required": false}]}])
        });
        (schemas, kinds)
    } else {
        let (schemas, kind) = types::definitions(c);
        let (mut schemas, mut kinds) = (Value::from(schemas), json!([kind]));
        while c.one_in(2) {
            let target = if c.one_in(4) { &mut kinds } else { &mut schemas };
            change(c, target);
        }
        (schemas, kinds)
    };
    let registry = match Registry::from_discovery(&schemas, &kinds) {
        Ok(registry) => registry,
        Err(error) => {
            assert!(!error.to_string().is_empty());
            let _ = (error.path().len(), error.message().len());
            return;
        }
    };
    let _ = registry.notes().iter().map(ToString::to_string).count();
    // These laws take turns: the types are served, or used.
    if c.one_in(2) {
        is_served(&registry);
    } else {
        is_used(c, &registry);
    }
});

/// What was read is served and read again as the same, under names in any case.
fn is_served(registry: &Registry) {
    let (served, types) =
        (registry.schemas_response("https://x.example"), registry.resource_types_response("https://x.example"));
    let again = Registry::from_discovery(&served, &types).unwrap_or_else(|error| panic!("{error}: {served}"));
    assert_eq!(again.schemas_response("https://x.example"), served, "served and read again");
    assert_eq!(again.resource_types_response("https://x.example"), types, "served and read again");
    for schema in registry.schemas() {
        assert!(registry.schema_response(&schema.id.to_ascii_uppercase(), "").is_ok());
    }
    for kind in registry.resource_types() {
        assert_eq!(registry.get(&kind.name().to_ascii_uppercase()).map(|kind| kind.name()), Some(kind.name()));
    }
}

/// Filters and requests of the types that were read do no harm.
fn is_used(c: &mut Chooser, registry: &Registry) {
    for kind in registry.resource_types() {
        if kind.attributes().iter().all(|attribute| attribute.name == "schemas") {
            continue;
        }
        let text = filters::filter(c, kind);
        if let Ok(filter) = text.parse::<Filter>() {
            let matcher = filter.compile(kind);
            let resource = resources::resource(c, kind);
            let _ = matcher.map(|matcher| matcher.matches(&resource));
        }
        let body = resources::body(c, kind, None);
        let Ok(mut written) = kind.create(&body) else { continue };
        if let Ok(patch) = Patch::parse_with(&requests::request(c, kind), &Options::default()) {
            let before = written.resource.clone();
            if patch.apply(&mut written.resource, kind).is_err() {
                assert_eq!(written.resource, before);
            }
        }
    }
}
