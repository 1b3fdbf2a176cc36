//! Resource types: the built-in ones, one with every kind of attribute, and generated ones.

use std::sync::LazyLock;

use scim_engine::schema::{Attribute, Schema};
use scim_engine::{Options, ResourceType, UnknownMembers};
use serde_json::{Value, json};

use crate::chooser::Chooser;
use crate::locker::locker;

pub static LOCKER: LazyLock<ResourceType> = LazyLock::new(locker);
pub static USER: LazyLock<ResourceType> = LazyLock::new(ResourceType::user);
pub static GROUP: LazyLock<ResourceType> = LazyLock::new(ResourceType::group);
pub static ANY: LazyLock<ResourceType> = LazyLock::new(ResourceType::any);

/// The types that texts are tried with.
pub fn fixed() -> [&'static ResourceType; 4] {
    [&USER, &GROUP, &LOCKER, &ANY]
}

/// One of several things for a text, which makes no choices: whatever it is, other texts get another one.
pub fn one_for<T: Copy>(text: &[u8], things: &[T]) -> T {
    let sum = text.iter().fold(text.len(), |sum, byte| sum.wrapping_mul(31).wrapping_add(usize::from(*byte)));
    things[(sum >> 3) % things.len()]
}

/// The options that texts are tried with.
pub fn fixed_options() -> [&'static Options; 3] {
    static OPTIONS: LazyLock<[Options; 3]> =
        LazyLock::new(|| [Options::default(), Options::strict(), Options::default().unknown(UnknownMembers::Keep)]);
    OPTIONS.each_ref()
}

/// A resource type with attributes.
pub fn choose(c: &mut Chooser) -> ResourceType {
    match c.below(8) {
        0 | 1 => USER.clone(),
        2 => GROUP.clone(),
        3 => generated(c).unwrap_or_else(|| LOCKER.clone()),
        _ => LOCKER.clone(),
    }
}

/// Each schema of a type with the URN of its object in a resource; none for the core.
pub fn containers(kind: &ResourceType) -> Vec<(Option<&str>, Vec<&Attribute>)> {
    let core = (None, kind.attributes().iter().filter(|attribute| attribute.name != "schemas").collect());
    let extensions = kind.extensions().map(|schema| (Some(schema.id.as_str()), schema.attributes.iter().collect()));
    std::iter::once(core).chain(extensions).collect()
}

const NAMES: &[&str] = &[
    "userName", "label", "active", "tags", "name", "emails", "members", "manager", "roles", "opened", "weight", "size",
    "page", "photo", "pin", "value", "type", "primary", "display", "$ref", "and", "not", "pr", "password", "x-1_y",
];
const SUBS: &[&str] =
    &["value", "type", "primary", "display", "$ref", "label", "tags", "opened", "size", "pin", "key", "displayName"];

fn characteristics(c: &mut Chooser, name: &str, attribute: &mut Value) {
    let kind = match name {
        "primary" | "active" => "boolean",
        "$ref" => "reference",
        _ => {
            c.pick(&["string", "string", "string", "dateTime", "integer", "boolean", "decimal", "binary", "reference"])
        }
    };
    attribute["type"] = kind.into();
    if c.one_in(4) && name != "primary" && name != "$ref" {
        attribute["multiValued"] = true.into();
    }
    if c.one_in(4) {
        attribute["mutability"] = Value::from(c.pick(&["immutable", "readOnly", "writeOnly"]));
    }
    if c.one_in(8) {
        attribute["returned"] = Value::from(c.pick(&["never", "request", "always"]));
    }
    if c.one_in(8) && attribute.get("mutability") != Some(&json!("readOnly")) {
        attribute["required"] = true.into();
    }
    if kind == "string" && c.one_in(3) {
        attribute["caseExact"] = true.into();
    }
    if kind == "string" && c.one_in(16) {
        attribute["canonicalValues"] = json!(["a", "b", "work"]);
    }
}

fn attributes(c: &mut Chooser, most: usize) -> Value {
    let count = 1 + c.below(most);
    let mut given: Vec<Value> = Vec::new();
    for _ in 0..count {
        let name = c.pick(NAMES);
        if given.iter().any(|other| other["name"] == name) {
            continue;
        }
        let mut attribute = json!({"name": name});
        characteristics(c, name, &mut attribute);
        if c.one_in(2) {
            attribute["type"] = "complex".into();
            let members = attribute.as_object_mut().expect("an object");
            members.remove("caseExact");
            members.remove("canonicalValues");
            let mut subs: Vec<Value> = Vec::new();
            for _ in 0..=c.below(6) {
                let name = c.pick(SUBS);
                if subs.iter().any(|other| other["name"] == name) {
                    continue;
                }
                let mut sub = json!({"name": name});
                characteristics(c, name, &mut sub);
                subs.push(sub);
            }
            members.insert("subAttributes".to_owned(), subs.into());
        }
        given.push(attribute);
    }
    given.into()
}

/// The definitions of schemas and of a resource type, as `/Schemas` and `/ResourceTypes` would have them.
pub fn definitions(c: &mut Chooser) -> (Vec<Value>, Value) {
    let core =
        c.pick(&["urn:example:Thing", "urn:ietf:params:scim:schemas:core:2.0:User", "urn:example:thing:2.0:Thing"]);
    let mut schemas = vec![json!({"id": core, "name": "Thing", "attributes": attributes(c, 8)})];
    let mut extensions = Vec::new();
    for urn in ["urn:example:more:1.0", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"] {
        if c.one_in(3) {
            schemas.push(json!({"id": urn, "attributes": attributes(c, 4)}));
            extensions.push(json!({"schema": urn, "required": c.one_in(4)}));
        }
    }
    let kind = json!({"name": "Thing", "endpoint": "/Things", "schema": core, "schemaExtensions": extensions});
    (schemas, kind)
}

/// A type of the input's own.
pub fn generated(c: &mut Chooser) -> Option<ResourceType> {
    let (schemas, kind) = definitions(c);
    let schemas: Vec<Schema> = schemas.iter().map(Schema::from_value).collect::<Result<_, _>>().ok()?;
    ResourceType::from_value(&kind, &schemas).ok()
}
