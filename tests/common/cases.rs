//! The conformance cases with their shorthands written out, and what they say of types and tolerances. The same in
//! Python: `tests/python/cases.py`.

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use scim_engine::schema::{Registry, Schema};
use scim_engine::{ResourceType, Tolerance};
use serde_json::{Map, Value, json};

/// A case: a JSON object without shorthands.
pub type Case = Map<String, Value>;

pub fn folder() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/conformance"))
}

/// A file as it is: a schema.
pub fn read(path: &Path) -> Value {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The cases of a file, whose name is its path without the extension: `patch/values`.
pub fn load(file: &str) -> Vec<Case> {
    let cases = read(&folder().join(format!("{file}.json")));
    cases.as_array().unwrap().iter().map(|case| expand(case.as_object().unwrap())).collect()
}

/// The examples of `docs/MEANING.md` that are of these kinds.
pub fn meaning(kinds: &[&str]) -> Vec<Case> {
    let mut found = load("meaning");
    found.retain(|case| kinds.contains(&case["kind"].as_str().unwrap()));
    found
}

/// Files and folders that are not cases: resources, schemas, and the notes that `doors.py` reads.
const NOT_CASES: &[&str] = &["stock.json", "schemas", "doors/table"];

/// The names of all files of cases, sorted.
pub fn files() -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![folder().to_owned()];
    while let Some(inner) = folders.pop() {
        for entry in fs::read_dir(inner).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(folder()).unwrap().to_str().unwrap().replace('\\', "/");
            if NOT_CASES.contains(&name.as_str()) {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else if let Some(name) = name.strip_suffix(".json") {
                found.push(name.to_owned());
            }
        }
    }
    found.sort();
    found
}

/// Members for people. Nothing is written out in them.
const PROSE: &[&str] = &["name", "rows", "kind", "why", "note"];

static STOCK: LazyLock<Value> = LazyLock::new(|| read(&folder().join("stock.json")));

/// A case without shorthands.
pub fn expand(case: &Case) -> Case {
    let member = |(name, value): (&String, &Value)| match name.as_str() {
        "ops" => ("body".to_owned(), json!({"schemas": [STOCK["urns"]["PatchOp"]], "Operations": written_out(value)})),
        prose if PROSE.contains(&prose) => (name.clone(), value.clone()),
        _ => (name.clone(), written_out(value)),
    };
    case.iter().map(member).collect()
}

/// `<User>:userName` with the URN.
fn text(written: &str) -> String {
    let mut found = written.to_owned();
    for (short, urn) in STOCK["urns"].as_object().unwrap() {
        found = found.replace(&format!("<{short}>"), urn.as_str().unwrap());
    }
    found
}

/// A value without shorthands.
fn written_out(value: &Value) -> Value {
    match value {
        Value::String(written) => match written.strip_prefix('$').and_then(|name| STOCK["resources"].get(name)) {
            Some(resource) => written_out(resource),
            None => text(written).into(),
        },
        Value::Array(elements) => Value::Array(
            elements
                .iter()
                .flat_map(|element| match element.get("$repeat").and_then(Value::as_u64) {
                    Some(times) => {
                        let item = written_out(&element["item"]);
                        (0..times).map(|i| numbered(&item, i)).collect()
                    }
                    None => vec![written_out(element)],
                })
                .collect(),
        ),
        Value::Object(members) => {
            let others = members.iter().filter(|(name, _)| *name != "$with");
            let others: Value = others.map(|(name, value)| (text(name), written_out(value))).collect();
            match members.get("$with") {
                None => others,
                Some(stock) => changed(written_out(stock), others),
            }
        }
        other => other.clone(),
    }
}

fn numbered(value: &Value, i: u64) -> Value {
    match value {
        Value::String(text) => text.replace("{i}", &i.to_string()).into(),
        Value::Array(elements) => elements.iter().map(|element| numbered(element, i)).collect(),
        Value::Object(members) => members.iter().map(|(name, value)| (name.clone(), numbered(value, i))).collect(),
        other => other.clone(),
    }
}

/// A JSON Merge Patch: objects are merged, `null` removes, everything else is replaced.
fn changed(value: Value, change: Value) -> Value {
    let (Value::Object(mut members), Value::Object(changes)) = (value, change.clone()) else { return change };
    for (name, change) in changes {
        let old = members.remove(&name);
        if !change.is_null() {
            members.insert(name, changed(old.unwrap_or_default(), change));
        }
    }
    Value::Object(members)
}

pub fn device() -> ResourceType {
    of_schemas("device", "Device")
}

pub fn rig() -> ResourceType {
    of_schemas("rig", "Rig")
}

/// A type of the host's own schemas, because served schemas have no limits.
pub fn badge() -> ResourceType {
    let json = read(&folder().join("schemas/badge.json"));
    let mut schemas = json["schemas"].as_array().unwrap().iter().map(|schema| Schema::from_value(schema).unwrap());
    ResourceType::from_schemas("Badge", schemas.next().unwrap(), schemas.collect()).unwrap()
}

pub fn of_schemas(file: &str, name: &str) -> ResourceType {
    let json = read(&folder().join(format!("schemas/{file}.json")));
    let registry = Registry::from_discovery(&json["schemas"], &json["resource_types"]).unwrap();
    registry.get(name).unwrap().clone()
}

pub fn resource_type(case: &Case) -> ResourceType {
    match case.get("type").and_then(Value::as_str) {
        None => ResourceType::any(),
        Some("User") => ResourceType::user(),
        Some("Group") => ResourceType::group(),
        Some("Device") => device(),
        Some("Rig") => rig(),
        Some("Badge") => badge(),
        Some("Safe") => of_schemas("safe", "Safe"),
        Some("Vault") => of_schemas("vault", "Vault"),
        Some("Kit") => of_schemas("kit", "Kit"),
        Some(other) => panic!("unknown type {other}"),
    }
}

pub fn tolerance(case: &Case) -> Tolerance {
    match case.get("tolerance") {
        None => Tolerance::default(),
        Some(Value::String(name)) if name == "strict" => Tolerance::strict(),
        Some(switches) => {
            let mut tolerance = Tolerance::default();
            for (name, on) in switches.as_object().unwrap() {
                tolerance.set(name, on.as_bool().unwrap()).unwrap();
            }
            tolerance
        }
    }
}
