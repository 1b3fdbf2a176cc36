//! An error beside the error that a case expects.

use scim_engine::ScimError;
use serde_json::Value;

/// An error in the terms of the data.
pub struct Failure {
    pub error: ScimError,
    pub rendered: String,
    pub span: Option<(usize, String)>,
    pub index: Option<usize>,
}

pub fn check_error(expected: &Value, failure: &Failure) -> Result<(), String> {
    let found = failure.error.scim_type().map_or("", scim_engine::ScimType::as_str);
    let say = |what: String| Err(format!("{what}\n    error: {}\n{}", failure.error, failure.rendered));
    if expected["scimType"].as_str() != Some(found) {
        return say(format!("expected {}, found {found}", expected["scimType"]));
    }
    if expected.get("status").is_some_and(|status| status != failure.error.status()) {
        return say(format!("expected status {}", expected["status"]));
    }
    if failure.error.to_body()["status"].as_str() != Some(failure.error.status().to_string().as_str()) {
        return say("the status of the body must be a string".to_owned());
    }
    if let Some((at, text)) = &failure.span {
        if expected.get("span").is_some_and(|span| span != text.as_str()) {
            return say(format!("expected the span {}, found {text:?} at {at}", expected["span"]));
        }
        if expected.get("at").is_some_and(|expected| expected.as_u64() != u64::try_from(*at).ok()) {
            return say(format!("expected the span at {}, found {at}", expected["at"]));
        }
    } else if let Some(index) = expected.get("index") {
        if index.as_u64().and_then(|index| usize::try_from(index).ok()) != failure.index {
            return say(format!("expected operation {index}, found {:?}", failure.index));
        }
    }
    for word in expected["contains"].as_array().into_iter().flatten() {
        let word = word.as_str().unwrap();
        if !format!("{} {}", failure.error, failure.rendered).to_lowercase().contains(&word.to_lowercase()) {
            return say(format!("expected the message to hold {word:?}"));
        }
    }
    for word in expected["absent"].as_array().into_iter().flatten() {
        if format!("{:?} {}", failure.error, failure.rendered).contains(word.as_str().unwrap()) {
            return say(format!("expected no message to hold {word}"));
        }
    }
    Ok(())
}
