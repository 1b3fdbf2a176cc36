//! JSON schemas of resources and messages, for the OpenAPI document.

use serde_json::{Map, Value, json};

use super::settings::Settings;
use crate::error::ScimError;
use crate::protocol::BulkMethod;
use crate::schema::{AttrType, Attribute, Mutability, ResourceType, Returned};

/// The names of the schemas of messages.
const MESSAGES: [&str; 8] = [
    "BulkRequest",
    "BulkResponse",
    "Discovery",
    "Error",
    "ListResponse",
    "PatchOp",
    "SearchRequest",
    "ServiceProviderConfig",
];

/// All schemas, by name.
pub(super) fn schemas(settings: &Settings) -> Value {
    let mut all = messages(settings);
    for of in settings.registry.resource_types() {
        let name = name(of);
        all.insert(format!("{name}List"), list(&name));
        all.insert(name, resource(settings, of));
    }
    all.into()
}

/// The name of the schema of a resource type: letters, digits, `.`, `-` and `_` (OpenAPI 3.1 §4.8.7).
pub(super) fn name(of: &ResourceType) -> String {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    let name = of.name().replace(|c| !is_allowed(c), "_");
    if MESSAGES.contains(&name.as_str()) { format!("{name}Resource") } else { name }
}

/// A reference to a schema.
pub(super) fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

/// Sets a member of an object.
pub(super) fn set(object: &mut Value, name: &str, value: Value) {
    if let Some(members) = object.as_object_mut() {
        members.insert(name.to_owned(), value);
    }
}

fn resource(settings: &Settings, of: &ResourceType) -> Value {
    let mut schema = object(settings, of.attributes());
    let mut required: Vec<Value> = vec!["schemas".into()];
    for (name, member) in &mut schema {
        match (name.as_str(), member) {
            ("required", Value::Array(names)) => {
                required.extend(names.drain(..).filter(|name| name != "schemas"));
            }
            ("properties", Value::Object(properties)) => {
                let urns = std::iter::once(of.schema()).chain(of.extensions()).map(|schema| schema.id.as_str());
                let examples: Vec<&str> = urns.collect();
                if let Some(Value::Object(schemas)) = properties.get_mut("schemas") {
                    schemas.insert("examples".to_owned(), json!([examples]));
                }
                for extension in of.extensions() {
                    let mut inner = object(settings, &extension.attributes);
                    describe(&mut inner, &extension.description);
                    properties.insert(extension.id.clone(), inner.into());
                }
            }
            _ => {}
        }
    }
    required.extend(of.extensions().filter(|schema| of.is_required(schema)).map(|schema| schema.id.clone().into()));
    schema.insert("required".to_owned(), required.into());
    describe(&mut schema, of.description());
    schema.into()
}

fn describe(schema: &mut Map<String, Value>, description: &str) {
    if !description.is_empty() {
        schema.insert("description".to_owned(), description.into());
    }
}

/// The schema of an object with these attributes. Members that no schema has are allowed: what becomes of them is an option.
fn object(settings: &Settings, attributes: &[Attribute]) -> Map<String, Value> {
    let properties: Map<String, Value> =
        attributes.iter().map(|one| (one.name.clone(), attribute(settings, one))).collect();
    let required: Vec<&str> = attributes.iter().filter(|one| one.required).map(|one| one.name.as_str()).collect();
    let mut schema = Map::new();
    schema.insert("type".to_owned(), "object".into());
    schema.insert("properties".to_owned(), properties.into());
    schema.insert("required".to_owned(), required.into());
    schema
}

fn attribute(settings: &Settings, attribute: &Attribute) -> Value {
    let mut schema = match attribute.attr_type {
        AttrType::Complex => object(settings, &attribute.sub_attributes),
        simple => simple_type(simple),
    };
    if let Some(most) = attribute.max_length {
        schema.insert("maxLength".to_owned(), most.into());
    }
    let canonical = &attribute.canonical_values;
    if !canonical.is_empty() {
        // The case of a value counts only if the attribute is `caseExact`, so that a closed set may still have more spellings.
        let is_closed = attribute.canonical_only || settings.options.canonical_values;
        let word = if is_closed && attribute.is_case_exact() { "enum" } else { "examples" };
        schema.insert(word.to_owned(), canonical.clone().into());
    }
    if attribute.multi_valued {
        let items = Value::Object(std::mem::take(&mut schema));
        schema.insert("type".to_owned(), "array".into());
        schema.insert("items".to_owned(), items);
    }
    describe(&mut schema, &attribute.description);
    if attribute.mutability == Mutability::ReadOnly {
        schema.insert("readOnly".to_owned(), true.into());
    } else if attribute.mutability == Mutability::WriteOnly || attribute.returned == Returned::Never {
        schema.insert("writeOnly".to_owned(), true.into());
    }
    schema.into()
}

fn simple_type(attr_type: AttrType) -> Map<String, Value> {
    let (name, more) = match attr_type {
        AttrType::Boolean => ("boolean", None),
        AttrType::Decimal => ("number", None),
        AttrType::Integer => ("integer", None),
        AttrType::DateTime => ("string", Some(("format", "date-time"))),
        AttrType::Binary => ("string", Some(("contentEncoding", "base64"))),
        AttrType::Reference => ("string", Some(("format", "uri-reference"))),
        AttrType::String | AttrType::Complex => ("string", None),
    };
    let mut schema = Map::new();
    schema.insert("type".to_owned(), name.into());
    if let Some((name, value)) = more {
        schema.insert(name.to_owned(), value.into());
    }
    schema
}

fn list(name: &str) -> Value {
    json!({
        "allOf": [
            reference("ListResponse"),
            {"type": "object", "properties": {"Resources": {"type": "array", "items": reference(name)}}},
        ],
    })
}

/// `schemas` with the URN of a message.
fn urns(urn: &str) -> Value {
    json!({"type": "array", "items": {"type": "string"}, "contains": {"const": urn}})
}

fn messages(settings: &Settings) -> Map<String, Value> {
    let text = || json!({"type": "string"});
    let texts = || json!({"type": "array", "items": {"type": "string"}});
    let whole = || json!({"type": "integer"});
    let methods = [BulkMethod::Post, BulkMethod::Put, BulkMethod::Patch, BulkMethod::Delete].map(BulkMethod::as_str);
    let message = |urn: &str, required: &[&str], properties: Value| {
        let mut properties = properties;
        set(&mut properties, "schemas", urns(urn));
        let required: Vec<&str> = std::iter::once("schemas").chain(required.iter().copied()).collect();
        json!({"type": "object", "properties": properties, "required": required})
    };
    let operation = json!({
        "type": "object",
        "properties": {
            "op": {"type": "string", "enum": ["add", "remove", "replace"]},
            "path": {"type": "string", "examples": ["title", "emails[type eq \"work\"].value"]},
            "value": {"description": "Any JSON value: of an attribute, or without a `path`, an object of attributes."},
        },
        "required": ["op"],
    });
    let bulk = json!({
        "type": "object",
        "properties": {
            "method": {"type": "string", "enum": methods},
            "path": {"type": "string", "examples": ["/Users", "/Users/17"]},
            "bulkId": text(),
            "version": text(),
            "data": {"type": "object"},
        },
        "required": ["method", "path"],
    });
    let bulk_result = json!({
        "type": "object",
        "properties": {
            "method": {"type": "string"},
            "bulkId": text(),
            "location": {"type": "string", "format": "uri-reference"},
            "version": text(),
            "status": {"type": "string", "examples": ["201"]},
            "response": reference("Error"),
        },
        "required": ["status"],
    });
    let mut list = json!({
        "totalResults": whole(), "startIndex": whole(), "itemsPerPage": whole(),
        "Resources": {"type": "array", "items": {"type": "object"}},
    });
    let mut search = json!({
        "attributes": texts(), "excludedAttributes": texts(), "filter": text(), "sortBy": text(),
        "sortOrder": {"type": "string", "enum": ["ascending", "descending"]}, "startIndex": whole(), "count": whole(),
    });
    if settings.cursors.is_some() {
        set(&mut list, "nextCursor", text());
        set(&mut search, "cursor", text());
    }
    let error = json!({"status": {"type": "string", "examples": ["400"]}, "scimType": text(), "detail": text()});
    let flag =
        || json!({"type": "object", "properties": {"supported": {"type": "boolean"}}, "required": ["supported"]});
    let schemes = json!({"type": "array", "items": {"type": "object"}});
    let names = ["patch", "bulk", "filter", "changePassword", "sort", "etag"];
    let mut provider: Value = names.iter().map(|name| ((*name).to_owned(), flag())).collect::<Map<_, _>>().into();
    set(&mut provider, "authenticationSchemes", schemes);
    let api = |name: &str| format!("urn:ietf:params:scim:api:messages:2.0:{name}");
    let core = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig";
    let operations = |items: Value| json!({"type": "array", "items": items});
    let bulk_request = json!({
        "failOnErrors": {"type": "integer", "minimum": 1},
        "Operations": {"type": "array", "items": bulk, "maxItems": settings.max_operations},
    });
    let list = message(&api("ListResponse"), &["totalResults"], list);
    let provider = message(core, &[names.as_slice(), &["authenticationSchemes"]].concat(), provider);
    let all = [
        ("BulkRequest", message(&api("BulkRequest"), &["Operations"], bulk_request)),
        (
            "BulkResponse",
            message(&api("BulkResponse"), &["Operations"], json!({"Operations": operations(bulk_result)})),
        ),
        ("Discovery", json!({"type": "object", "properties": {"schemas": texts()}, "required": ["schemas"]})),
        ("Error", message(ScimError::SCHEMA, &["status"], error)),
        ("ListResponse", list),
        ("PatchOp", message(&api("PatchOp"), &["Operations"], json!({"Operations": operations(operation)}))),
        ("SearchRequest", message(&api("SearchRequest"), &[], search)),
        ("ServiceProviderConfig", provider),
    ];
    all.into_iter().map(|(name, schema)| (name.to_owned(), schema)).collect()
}
