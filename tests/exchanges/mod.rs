//! The exchanges of `tests/endpoint/*.json`, for any storage.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::HashMap;
use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use scim_engine::Registry;
use scim_engine::endpoint::{Endpoint, NestedGroups, Request, Response, Storage};
use scim_engine::protocol::Cursors;
use serde_json::{Map, Value, json};

pub const BASE: &str = "https://app.example/scim/v2";

pub fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_225_600)
}

pub fn endpoint(registry: &Registry) -> Endpoint {
    let cursors = Cursors::new(b"sixteen bytes or more of secret", &[], Duration::from_secs(3600)).unwrap();
    Endpoint::new(registry.clone()).cursors(cursors).max_body(20_000).pages(10, 20).max_operations(5)
}

pub fn request(method: &str, path: &str) -> Request {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    Request::new(method, path, BASE).query(query).now(now())
}

pub fn body(response: &Response) -> Value {
    serde_json::from_slice(&response.body).unwrap()
}

/// A request of a file, with the texts that earlier answers gave in place of `{name}`.
fn asked(step: &Value, known: &HashMap<String, String>) -> Request {
    let fill = |text: &str| {
        known.iter().fold(text.to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
    };
    let mut words = step["request"].as_str().unwrap().splitn(2, ' ');
    let mut request = request(words.next().unwrap(), &fill(words.next().unwrap()));
    for (name, value) in step.get("headers").and_then(Value::as_object).into_iter().flatten() {
        request = request.header(name, &fill(value.as_str().unwrap()));
    }
    if let Some(path) = step.get("me") {
        request = request.me(&fill(path.as_str().unwrap()));
    }
    match step.get("body") {
        None => request,
        Some(Value::String(text)) => request.body(fill(text)),
        Some(body) if step.pointer("/headers/Content-Type").is_some() => request.body(fill(&body.to_string())),
        Some(body) => request.json(&serde_json::from_str(&fill(&body.to_string())).unwrap()),
    }
}

fn answered(response: &Response) -> Value {
    let headers: Map<_, _> = response.headers.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
    let mut answer = json!({"status": response.status, "headers": headers});
    if !response.body.is_empty() {
        answer["body"] = body(response);
    }
    answer
}

/// Sends all exchanges below a folder to storages that are empty at first, and compares the answers. Returns how many there
/// were.
pub fn replay<S: Storage>(
    folder: &Path,
    registry: &Registry,
    mut storage: impl FnMut() -> S,
    mut compare: impl FnMut(&Value, Value, &Value),
) -> usize {
    let mut steps = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let mut scenes: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        for scene in scenes.as_array_mut().unwrap() {
            let (mut storage, mut known) = (storage(), HashMap::new());
            let endpoint = endpoint(registry).nested_groups(match scene.get("nestedGroups").and_then(Value::as_str) {
                Some("refused") => NestedGroups::Refused,
                Some("allowed") => NestedGroups::Allowed,
                _ => NestedGroups::Unchecked,
            });
            let name = scene["scene"].clone();
            for step in scene["steps"].as_array_mut().unwrap() {
                steps += 1;
                let response = endpoint.handle(asked(step, &known), &mut storage);
                assert_eq!(response.failure, None, "{name}: {}", step["request"]);
                let mut answer = answered(&response);
                for (name, pointer) in step.get("keep").and_then(Value::as_object).into_iter().flatten() {
                    let value = answer.pointer(pointer.as_str().unwrap()).and_then(Value::as_str).unwrap();
                    known.insert(name.clone(), value.to_owned());
                }
                if let Some(cursor) = answer.pointer_mut("/body/nextCursor") {
                    *cursor = json!("(a cursor)");
                }
                if std::env::var_os("SCIM_ENGINE_RECORD").is_some() {
                    step["answer"] = answer;
                } else {
                    compare(&name, answer, step);
                }
            }
        }
        if std::env::var_os("SCIM_ENGINE_RECORD").is_some() {
            fs::write(&path, format!("{scenes:#}\n")).unwrap();
        }
    }
    steps
}
