//! Two JSON texts, a request and a resource, separated by a line break: a PATCH has one result for the text, its value and a
//! type of the host, or is refused and changes nothing.
#![no_main]

use libfuzzer_sys::fuzz_target;
use scim_engine::Patch;
use scim_engine_fuzz::check::check_typed;
use scim_engine_fuzz::types::{fixed, fixed_options, one_for};
use serde_json::{Value, json};

const USER: &[u8] =
    br#"{ "userName": "a", "emails": [ {"value": "\u0078", "type": "work"}, {"value": "y" , "primary": true} ] }"#;

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
    let (options, kind) = (one_for(data, &fixed_options()), one_for(text, &fixed()));
    let patch = match Patch::from_slice_with(&body, options) {
        Ok(patch) => patch,
        Err(error) => {
            assert!(!error.render().is_empty());
            return;
        }
    };
    let by_text = patch.apply_slice(text, kind);
    let Ok(stored) = &value else {
        assert!(by_text.is_err());
        return;
    };
    let mut resource = stored.clone();
    let by_value = patch.apply(&mut resource, kind);
    match &by_value {
        Ok(outcome) => {
            assert_eq!(outcome.changed, !outcome.changes.is_empty());
            assert!(outcome.changed || resource == *stored);
        }
        Err(error) => {
            assert_eq!(resource.to_string(), stored.to_string(), "a refused request changes nothing");
            assert!(!error.render().is_empty());
        }
    }
    if stored.is_object() {
        check_typed(&patch, stored, &resource, by_value.is_ok(), kind);
    }
    match (by_text, by_value) {
        (Ok((new, outcome)), expected) => {
            assert_eq!(Ok(&outcome), expected.as_ref());
            assert!(outcome.changed || new == text);
            assert_eq!(serde_json::from_slice::<Value>(&new).expect("JSON"), resource);
        }
        (Err(error), Err(expected)) if error == expected => {}
        // A value does not show a name that the text gives twice.
        (Err(error), _) => assert!(error.to_string().contains("twice"), "{error}"),
    }
});
