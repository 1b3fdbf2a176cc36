//! Two JSON texts, a request and a resource, separated by a line break: the request is applied, or it is refused and the
//! resource stays unchanged.
#![no_main]

use libfuzzer_sys::fuzz_target;
use scim_engine::{Options, Patch, ResourceType, UnknownMembers};
use serde_json::{Value, json};

fuzz_target!(|data: &[u8]| {
    let at = data.iter().position(|byte| *byte == b'\n').unwrap_or(data.len());
    let (body, document) = data.split_at(at);
    let stored: Value = serde_json::from_slice(document).unwrap_or_else(
        |_| json!({"userName": "a", "emails": [{"value": "x", "type": "work"}, {"value": "y", "primary": true}]}),
    );
    // A list of operations may come without its envelope.
    let body = match serde_json::from_slice::<Value>(body) {
        Ok(operations @ Value::Array(_)) => {
            json!({"schemas": [Patch::SCHEMA], "Operations": operations}).to_string().into_bytes()
        }
        _ => body.to_vec(),
    };
    let before = stored.to_string();
    for options in [Options::default(), Options::strict(), Options::default().unknown(UnknownMembers::Keep)] {
        let Ok(patch) = Patch::from_slice_with(&body, &options) else { continue };
        for resource_type in [ResourceType::user(), ResourceType::group(), ResourceType::any()] {
            let mut resource = stored.clone();
            match patch.apply(&mut resource, &resource_type) {
                Ok(outcome) => {
                    assert_eq!(outcome.changed, !outcome.changes.is_empty());
                    assert!(outcome.changed || resource.to_string() == before);
                }
                Err(error) => {
                    assert_eq!(resource.to_string(), before);
                    let _ = error.render();
                }
            }
        }
    }
});
