//! What the cases of conformance say of types and tolerances.

use std::fs;
use std::path::Path;

use scim_engine::schema::Registry;
use scim_engine::{ResourceType, Tolerance};
use serde_json::Value;

pub fn folder() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/conformance"))
}

pub fn read(path: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

pub fn resource_type(case: &Value) -> ResourceType {
    match case.get("type").and_then(Value::as_str) {
        None => ResourceType::any(),
        Some("User") => ResourceType::user(),
        Some("Group") => ResourceType::group(),
        Some("Device") => {
            let json = read(&folder().join("schemas/device.json"));
            let registry = Registry::from_discovery(&json["schemas"], &json["resource_types"]).unwrap();
            registry.get("Device").unwrap().clone()
        }
        Some(other) => panic!("unknown type {other}"),
    }
}

pub fn tolerance(case: &Value) -> Tolerance {
    let mut tolerance = match case["tolerance"].as_str() {
        Some("strict") => Tolerance::strict(),
        _ => Tolerance::default(),
    };
    for (name, on) in case["tolerance"].as_object().into_iter().flatten() {
        assert!(tolerance.set(name, on.as_bool().unwrap()), "{name}");
    }
    tolerance
}
