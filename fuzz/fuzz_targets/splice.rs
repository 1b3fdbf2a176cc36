//! Two JSON texts, a request and a resource, separated by a line break: a PATCH of the text and a PATCH of its value have the
//! same result.
#![no_main]

use libfuzzer_sys::fuzz_target;
use scim_engine::{Options, Patch, ResourceType, UnknownMembers};
use serde_json::{Value, json};

const USER: &[u8] = br#"{ "userName": "a", "emails": [ {"value": "\u0078", "type": "work"}, {"value": "y" , "primary": true} ] }"#;

fuzz_target!(|data: &[u8]| {
    let at = data.iter().position(|byte| *byte == b'\n').unwrap_or(data.len());
    let (body, document) = data.split_at(at);
    let text = if document.len() > 1 { document } else { USER };
    let value = serde_json::from_slice::<Value>(text);
    // A list of operations may come without its envelope.
    let body = match serde_json::from_slice::<Value>(body) {
        Ok(operations @ Value::Array(_)) => {
            json!({"schemas": [Patch::SCHEMA], "Operations": operations}).to_string().into_bytes()
        }
        _ => body.to_vec(),
    };
    for options in [Options::default(), Options::default().unknown(UnknownMembers::Keep)] {
        let Ok(patch) = Patch::from_slice_with(&body, &options) else { continue };
        for resource_type in [ResourceType::user(), ResourceType::group(), ResourceType::any()] {
            let by_text = patch.apply_slice(text, &resource_type);
            let Ok(mut resource) = value.as_ref().cloned() else {
                assert!(by_text.is_err());
                continue;
            };
            match (by_text, patch.apply(&mut resource, &resource_type)) {
                (Ok((new, outcome)), expected) => {
                    assert_eq!(Ok(&outcome), expected.as_ref());
                    assert!(outcome.changed || new == text);
                    assert_eq!(serde_json::from_slice::<Value>(&new).unwrap(), resource);
                }
                (Err(error), Err(expected)) if error == expected => {}
                (Err(error), _) => assert!(error.to_string().contains("twice"), "{error}"),
            }
        }
    }
});
