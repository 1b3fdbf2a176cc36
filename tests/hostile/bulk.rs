//! Bulk requests made to cost more than their size.

use scim_engine::Registry;
use scim_engine::protocol::{Bulk, BulkOptions, BulkResult};
use serde_json::{Value, json};

use super::{SMALL, finishes_on};

fn many() -> BulkOptions {
    BulkOptions::default().max_operations(usize::MAX)
}

/// How many calls it takes, and how many operations succeed.
fn run(operations: Vec<Value>) -> (usize, usize) {
    let mut body = json!({"schemas": [Bulk::REQUEST]});
    body["Operations"] = operations.into();
    let mut calls = 0;
    let response = Bulk::parse_with(&body, &Registry::default(), &many()).unwrap().run(|operation| {
        calls += 1;
        Ok(BulkResult::new().id(format!("id-{}", operation.index)))
    });
    let entries = response["Operations"].as_array().unwrap();
    (calls, entries.iter().filter(|entry| entry["status"].as_str().unwrap().starts_with('2')).count())
}

fn group(n: usize, members: impl Iterator<Item = usize>) -> Value {
    let members: Vec<Value> = members.map(|n| json!({"value": format!("bulkId:{n}")})).collect();
    json!({"method": "POST", "path": "/Groups", "bulkId": n.to_string(), "data": {"displayName": "x", "members": members}})
}

const MANY: usize = 50_000;

#[test]
fn long_chains_and_circles() {
    finishes_on(SMALL, || {
        assert_eq!(
            run((0..MANY).map(|n| group(n, std::iter::once(n + 1).filter(|n| *n < MANY))).collect()),
            (MANY, MANY)
        );
        assert_eq!(run((0..MANY).map(|n| group(n, std::iter::once((n + 1) % MANY))).collect()), (2 * MANY - 1, MANY));
        // Every pair is a circle, and all of them are one.
        let (calls, done) =
            run((0..MANY).map(|n| group(n, [n.saturating_sub(1), (n + 1) % MANY].into_iter())).collect());
        assert_eq!(done, MANY);
        assert!(calls > MANY && calls <= 2 * MANY);
        assert_eq!(run((0..MANY).map(|n| group(n, std::iter::once(n + 1))).collect()), (0, 0));
    });
}

#[test]
fn many_references() {
    finishes_on(SMALL, || {
        let all = (0..300).map(|n| group(n, 0..300)).collect();
        assert_eq!(run(all), (600, 300));
        let one =
            std::iter::once(group(0, std::iter::repeat_n(1, MANY))).chain([group(1, std::iter::empty())]).collect();
        assert_eq!(run(one), (2, 2));
        let same = (0..MANY).map(|_| json!({"method": "DELETE", "path": "/Users/1"})).collect();
        assert_eq!(run(same), (MANY, MANY));
    });
}

#[test]
fn deep_and_crowded() {
    let mut deep = json!("x");
    for _ in 0..200 {
        deep = json!([deep]);
    }
    let body = json!({"schemas": [Bulk::REQUEST], "Operations": [{"method": "POST", "path": "/Users", "bulkId": "a", "data": {"x": deep}}]});
    assert!(Bulk::parse(&body, &Registry::default()).unwrap_err().detail().contains("too deep"));
    let text = format!("{{\"schemas\": [\"{}\"], \"Operations\": {}", Bulk::REQUEST, "[".repeat(100_000));
    assert_eq!(Bulk::from_slice(text.as_bytes(), &Registry::default()).unwrap_err().status(), 400);
}
