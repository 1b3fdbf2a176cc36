//! Cases of `patch`, `create` and `replace`.

use scim_engine::Patch;
use serde_json::Value;

use super::case::Case;
use super::failure::{Failure, check_error};
use super::outcome::check_outcome;

fn body(case: &Case) -> Result<Vec<u8>, String> {
    match (case.json.get("body_text"), case.json.get("body")) {
        (Some(text), None) => Ok(text.as_str().unwrap().as_bytes().to_vec()),
        (None, Some(body)) => Ok(body.to_string().into_bytes()),
        _ => Err("needs `body` or `body_text`".to_owned()),
    }
}

fn expect_failure(case: &Case, failure: &Failure) -> Result<(), String> {
    match case.json.get("error") {
        Some(expected) => check_error(expected, failure),
        None => Err(format!("{}", failure.error)),
    }
}

/// The same on the text of the document, compact, and indented behind a byte order mark (D28).
fn by_text(case: &Case, patch: &Patch, compact: &str) -> Result<(), String> {
    for text in [compact.to_owned(), format!("\u{feff}{:#}", case.json["doc"])] {
        let mut resource = case.json["doc"].clone();
        let by_value = patch.apply(&mut resource, &case.resource_type);
        let by_text = patch.apply_slice(text.as_bytes(), &case.resource_type);
        let by_text = by_text.map(|(new, outcome)| (serde_json::from_slice::<Value>(&new).unwrap(), outcome));
        let expected = by_value.map(|outcome| (resource, outcome));
        if by_text != expected {
            return Err(format!("on text {by_text:?}\n       expected {expected:?}"));
        }
    }
    Ok(())
}

pub fn patch_case(case: &Case) -> Result<(), String> {
    let before = case.json["doc"].clone();
    let mut resource = before.clone();
    let text = serde_json::to_string(&resource).unwrap();
    let parsed = Patch::from_slice_with(&body(case)?, &case.options);
    if let Some(value) = case.json.get("body") {
        let by_value = Patch::parse_with(value, &case.options);
        if by_value != parsed {
            return Err(format!("from text {parsed:?}, from a value {by_value:?}"));
        }
    }
    if let Ok(patch) = &parsed {
        by_text(case, patch, &text)?;
    }
    match parsed.and_then(|patch| patch.apply(&mut resource, &case.resource_type)) {
        Ok(outcome) => check_outcome(case, Some(&before), &resource, &outcome),
        Err(error) => {
            if serde_json::to_string(&resource).unwrap() != text {
                return Err("the document was changed by a failing patch".to_owned());
            }
            let (rendered, index) = (error.render(), error.operation());
            expect_failure(case, &Failure { error: error.into(), rendered, span: None, index })
        }
    }
}

pub fn create_case(case: &Case) -> Result<(), String> {
    match case.resource_type.create_from_slice_with(&body(case)?, &case.options) {
        Ok(written) => check_outcome(case, None, &written.resource, &written.outcome),
        Err(error) => {
            let failure = Failure { rendered: String::new(), error: error.into(), span: None, index: None };
            expect_failure(case, &failure)
        }
    }
}

pub fn replace_case(case: &Case) -> Result<(), String> {
    let current = &case.json["current"];
    match case.resource_type.replace_from_slice_with(current, &body(case)?, &case.options) {
        Ok(written) => check_outcome(case, Some(current), &written.resource, &written.outcome),
        Err(error) => {
            let failure = Failure { rendered: String::new(), error: error.into(), span: None, index: None };
            expect_failure(case, &failure)
        }
    }
}
