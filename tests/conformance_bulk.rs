//! The cases of `patch/elements`, `patch/diff` and `protocol/bulk`: the elements that a PATCH names, the PATCH from one resource
//! to another, and bulk requests. The same data runs from Python.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use std::collections::BTreeSet;

use scim_engine::{Options, Patch};
use serde_json::{Map, Value, json};

mod common;

use common::cases;

/// Runs all cases of a kind: those of the file, and the examples of meaning. A case has only these members.
fn run(file: &str, kind: &str, members: &[&str], check: impl Fn(&Map<String, Value>) -> Result<(), String>) {
    let mut cases = cases::load(file);
    assert!(!cases.is_empty());
    cases.extend(cases::meaning(&[kind]));
    let mut names = BTreeSet::new();
    let mut failures = Vec::new();
    for case in &cases {
        let name = case["name"].as_str().unwrap();
        assert!(names.insert(name), "{name:?} stands twice");
        assert_eq!(case["kind"], kind, "{name}");
        let of_all = ["name", "rows", "kind"];
        let result = match case.keys().find(|key| !of_all.contains(&key.as_str()) && !members.contains(&key.as_str())) {
            Some(unknown) => Err(format!("unknown member `{unknown}`")),
            None => check(case),
        };
        if let Err(message) = result {
            failures.push(format!("- {name} {}\n    {message}", case["rows"]));
        }
    }
    assert!(failures.is_empty(), "{} of {} failed\n{}", failures.len(), cases.len(), failures.join("\n"));
}

fn options(case: &Map<String, Value>) -> Options {
    match case.get("tolerance").map(Value::as_str) {
        None => Options::default(),
        Some(Some("strict")) => Options::strict(),
        other => panic!("unknown tolerance {other:?}"),
    }
}

#[test]
fn elements() {
    run("patch/elements", "elements", &["type", "tolerance", "body", "attribute", "elements"], |case| {
        let patch = Patch::parse_with(&case["body"], &options(case)).map_err(|error| error.to_string())?;
        let attribute = case.get("attribute").map_or("members", |attribute| attribute.as_str().unwrap());
        let found = serde_json::to_value(patch.elements(attribute, &cases::resource_type(case)).unwrap()).unwrap();
        if found == case["elements"] { Ok(()) } else { Err(format!("expected {}, found {found}", case["elements"])) }
    });
}

/// Arrays in one order.
fn unordered(value: &Value) -> Value {
    match value {
        Value::Array(elements) => {
            let mut elements: Vec<Value> = elements.iter().map(unordered).collect();
            elements.sort_by_key(Value::to_string);
            elements.into()
        }
        Value::Object(members) => {
            let sorted: std::collections::BTreeMap<_, _> =
                members.iter().map(|(name, value)| (name.clone(), unordered(value))).collect();
            Value::Object(sorted.into_iter().collect())
        }
        other => other.clone(),
    }
}

#[test]
fn differences() {
    run("patch/diff", "diff", &["type", "old", "new", "operations", "expect", "refused"], |case| {
        let kind = cases::resource_type(case);
        let (old, new) = (&case["old"], &case["new"]);
        let patch = Patch::between(old, new, &kind).map_err(|error| error.to_string())?;
        let body = patch.map(|patch| json!(patch));
        let operations = body.as_ref().map_or_else(|| json!([]), |body| body["Operations"].clone());
        if operations != case["operations"] {
            return Err(format!("found {operations}"));
        }
        let Some(body) = body else { return Ok(()) };
        let mut resource = old.clone();
        let applied = Patch::parse_with(&body, &Options::strict()).unwrap().apply(&mut resource, &kind);
        match (applied, case.get("refused")) {
            (Err(error), Some(refused)) if refused == error.scim_type().unwrap().as_str() => Ok(()),
            (Err(error), _) => Err(error.to_string()),
            (Ok(_), Some(_)) => Err("was applied".to_owned()),
            (Ok(_), None) => {
                let expected = unordered(case.get("expect").unwrap_or(new));
                if unordered(&resource) == expected { Ok(()) } else { Err(format!("gives {resource}")) }
            }
        }
    });
}

/// A host that does what the case says: a new resource gets the id `id-` and its bulkId, a call is refused where `fail` has
/// it, versions say how often a resource was written.
#[cfg(feature = "protocol")]
#[test]
fn bulk() {
    use scim_engine::protocol::{Bulk, BulkOptions, BulkResult};
    use scim_engine::{Registry, ScimError, ScimType};

    let members = ["body", "body_text", "limits", "fail", "calls", "response", "error"];
    run("protocol/bulk", "bulk", &members, |case| {
        let mut options = BulkOptions::default();
        for (name, value) in case.get("limits").and_then(Value::as_object).into_iter().flatten() {
            let value = usize::try_from(value.as_u64().unwrap()).unwrap();
            match name.as_str() {
                "max_operations" => options.max_operations = value,
                "max_payload" => options.max_payload = value,
                other => panic!("unknown limit {other}"),
            }
        }
        let text = match case.get("body_text") {
            Some(text) => text.as_str().unwrap().to_owned(),
            None => case["body"].to_string(),
        };
        let bulk = match (Bulk::from_slice_with(text.as_bytes(), &Registry::default(), &options), case.get("error")) {
            (Ok(bulk), None) => bulk,
            (Ok(_), Some(_)) => return Err("was accepted".to_owned()),
            (Err(error), None) => return Err(error.to_string()),
            (Err(error), Some(expected)) => {
                let body = error.to_body();
                let is_same = error.status() == expected["status"]
                    && body["scimType"] == expected["scimType"]
                    && expected["contains"]
                        .as_array()
                        .unwrap()
                        .iter()
                        .all(|word| error.detail().contains(word.as_str().unwrap()));
                return if is_same { Ok(()) } else { Err(body.to_string()) };
            }
        };
        let mut calls = Vec::new();
        let mut session = bulk.start("https://example.com/v2/");
        while let Some(operation) = session.next_operation() {
            let mut call = json!({"method": operation.method.as_str(), "path": operation.path()});
            for (name, value) in [
                ("data", Some(operation.data.clone()).filter(|data| !data.is_null())),
                ("version", operation.version.clone().map(Value::from)),
                ("follow_up", operation.is_follow_up.then_some(true.into())),
            ] {
                if let Some(value) = value {
                    call[name] = value;
                }
            }
            calls.push(call);
            let refused =
                case.get("fail").and_then(|fail| fail.get(format!("{} {}", operation.method, operation.path())));
            session.answer(match refused {
                Some(error) => {
                    let status = u16::try_from(error["status"].as_u64().unwrap()).unwrap();
                    Err(match error["scimType"].as_str() {
                        None => ScimError::with_status(status, "refused"),
                        Some("uniqueness") => ScimError::new(ScimType::Uniqueness, "refused"),
                        Some("mutability") => ScimError::new(ScimType::Mutability, "refused").at_status(status),
                        other => panic!("unknown scimType {other:?}"),
                    })
                }
                None => {
                    let result = BulkResult::new();
                    let result = match operation.method.as_str() {
                        "DELETE" => result,
                        _ => result.version(if operation.is_follow_up { "W/\"2\"" } else { "W/\"1\"" }),
                    };
                    Ok(match operation.bulk_id.filter(|_| operation.id.is_none()) {
                        Some(name) => result.id(format!("id-{name}")),
                        None => result,
                    })
                }
            });
        }
        if let Some(expected) = case.get("calls")
            && *expected != Value::from(calls.clone())
        {
            return Err(format!("calls: {}", Value::from(calls)));
        }
        let mut response = session.response();
        assert_eq!(response["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:BulkResponse"]));
        for entry in response["Operations"].as_array_mut().unwrap() {
            if let Some(body) = entry.get_mut("response").and_then(Value::as_object_mut) {
                assert!(body.remove("detail").is_some() && body.remove("schemas").is_some());
            }
        }
        if response["Operations"] == case["response"] { Ok(()) } else { Err(response["Operations"].to_string()) }
    });
}
