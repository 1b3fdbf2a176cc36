//! Families of expensive requests, each for any size (P19).

#[path = "hostile/chosen.rs"]
mod chosen;
#[path = "hostile/forms.rs"]
mod forms;
#[path = "hostile/schemas.rs"]
mod schemas;
#[path = "hostile/within.rs"]
mod within;

use scim_engine::schema::Schema;
use scim_engine::{Options, ResourceType, UnknownMembers};
use serde_json::{Map, Value, json};

/// A request, and the stored resource.
pub struct Case {
    pub resource_type: ResourceType,
    pub stored: Value,
    pub body: Value,
    pub options: Options,
}

/// How a request is applied.
#[derive(Clone, Copy, PartialEq)]
pub enum Kind {
    /// PATCH of a `Value`.
    Value,
    /// PATCH of JSON text.
    Text,
    Put,
    Post,
}

impl Kind {
    pub fn name(self) -> &'static str {
        match self {
            Self::Value => "value",
            Self::Text => "text",
            Self::Put => "PUT",
            Self::Post => "POST",
        }
    }
}

pub struct Family {
    pub name: &'static str,
    /// The smallest size. Four times this size is near a limit.
    pub n: usize,
    pub kinds: &'static [Kind],
    pub make: fn(usize) -> Case,
}

const PATCH: &[Kind] = &[Kind::Value, Kind::Text];
const BODY: &[Kind] = &[Kind::Put, Kind::Post];
const PUT: &[Kind] = &[Kind::Put];

const CORE: &str = "urn:example:cost:Thing";
const EXTRA: &str = "urn:example:cost:Extra";

fn attribute(name: &str, more: Value) -> Value {
    let mut attribute = json!({"name": name, "type": "string", "caseExact": false});
    attribute.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    attribute
}

fn complex(name: &str, is_list: bool, subs: Vec<Value>) -> Value {
    attribute(name, json!({"type": "complex", "multiValued": is_list, "subAttributes": subs}))
}

fn plain(name: &str) -> Value {
    attribute(name, json!({}))
}

fn list(name: &str) -> Value {
    attribute(name, json!({"multiValued": true}))
}

fn things() -> Vec<Value> {
    vec![
        plain("value"),
        plain("type"),
        plain("display"),
        attribute("primary", json!({"type": "boolean"})),
        attribute("code", json!({"returned": "never"})),
        attribute("once", json!({"mutability": "immutable"})),
        list("tags"),
        attribute("marks", json!({"multiValued": true, "returned": "never"})),
    ]
}

/// A resource type with an attribute of each sort.
pub fn resource_type() -> ResourceType {
    let mut shown = complex("shown", true, vec![plain("value"), plain("display"), plain("kind")]);
    shown["mutability"] = json!("readOnly");
    let mut set = complex("set", false, vec![plain("x"), list("tags")]);
    set["mutability"] = json!("readOnly");
    let core = json!({"id": CORE, "name": "Thing", "attributes": [
        plain("title"),
        complex("c", false, vec![plain("x"), plain("y"), list("tags")]),
        complex("things", true, things()),
        complex("boxes", true, vec![plain("label"), plain("color"), plain("size"), plain("shape"), list("tags")]),
        list("codes"),
        shown,
        set,
        attribute("note", json!({"mutability": "readOnly"})),
        attribute("pin", json!({"mutability": "immutable"})),
    ]});
    let extra = json!({"id": EXTRA, "name": "Extra", "attributes": [
        plain("d"),
        plain("e"),
        complex("items", true, vec![plain("value"), plain("display")]),
        complex("c", false, vec![plain("x"), list("tags")]),
    ]});
    let schema = |value: &Value| Schema::from_value(value).unwrap();
    ResourceType::from_schemas("Thing", schema(&core), vec![schema(&extra)]).unwrap()
}

fn stored(more: Value) -> Value {
    let mut stored = json!({"schemas": [CORE], "id": "1", "title": "t"});
    stored.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    stored
}

fn case(more: Value, operations: Vec<Value>) -> Case {
    let mut body = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"]});
    body["Operations"] = Value::Array(operations);
    Case { resource_type: resource_type(), stored: stored(more), body, options: Options::default() }
}

fn kept(more: Value, operations: Vec<Value>) -> Case {
    Case { options: Options::default().unknown(UnknownMembers::Keep), ..case(more, operations) }
}

fn whole(more: Value, body: Value) -> Case {
    Case { body: stored(body), ..case(more, Vec::new()) }
}

fn times<T>(n: usize, make: impl Fn(usize) -> T) -> Vec<T> {
    (0..n).map(make).collect()
}

fn op(op: &str, path: &str, value: Value) -> Value {
    let mut operation = json!({"op": op, "path": path});
    if !value.is_null() {
        operation["value"] = value;
    }
    operation
}

fn remove(path: &str) -> Value {
    op("remove", path, Value::Null)
}

fn long(bytes: usize) -> String {
    "é".repeat(bytes / 2)
}

/// An object with `n` members.
fn object(n: usize, name: impl Fn(usize) -> String, value: &Value) -> Value {
    Value::Object((0..n).map(|at| (name(at), value.clone())).collect::<Map<_, _>>())
}

/// The `n`th permutation of eight numbers: lists that differ only in order.
fn permutation(mut n: usize) -> Value {
    let mut left: Vec<u8> = (1..=8).collect();
    let picked = (1..=8).rev().map(|count| {
        let at = n % count;
        n /= count;
        left.remove(at)
    });
    json!(picked.collect::<Vec<u8>>())
}

fn family(name: &'static str, n: usize, kinds: &'static [Kind], make: fn(usize) -> Case) -> Family {
    Family { name, n, kinds, make }
}

pub fn families() -> Vec<Family> {
    [chosen::families(), schemas::families(), within::families(), forms::families()].into_iter().flatten().collect()
}
