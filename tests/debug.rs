//! `Debug` of requests and outcomes shows their subject and no value, because many people read logs.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use scim_engine::{Patch, ResourceType};
use serde_json::json;

#[test]
fn no_value_of_a_request_or_an_outcome() {
    let stored = json!({"userName": "s3cret-name", "title": "s3cret-old", "emails": [{"value": "s3cret@example.com", "type": "work"}]});
    let patch = Patch::parse(&json!({"schemas": [Patch::SCHEMA], "Operations": [
        {"op": "replace", "path": "title", "value": "s3cret-new"},
        {"op": "replace", "path": "emails[value eq \"s3cret@example.com\"].type", "value": "home"},
        {"op": "add", "value": {"password": "s3cret-pass", "nickName": "s3cret-nick"}},
    ]}))
    .unwrap();
    let mut user = stored.clone();
    let outcome = patch.apply(&mut user, &ResourceType::user()).unwrap();
    let written = ResourceType::user().create(&stored).unwrap();
    let put = ResourceType::user().replace(&stored, &json!({"userName": "s3cret-name", "password": "s3cret"})).unwrap();
    let shown = [
        format!("{patch:?}"),
        format!("{:?}", patch.operations()),
        format!("{outcome:?}"),
        format!("{:?}", outcome.changes),
        format!("{:?}", outcome.changes[0].replaced),
        format!("{written:?}"),
        format!("{put:?}"),
    ];
    for text in &shown {
        assert!(!text.contains("s3cret"), "{text}");
    }
    // The subject is shown.
    assert!(shown[0].contains("emails[…].type") && shown[0].contains("title"), "{}", shown[0]);
    assert!(shown[2].contains("password") && shown[2].contains("is_secret: true"), "{}", shown[2]);
}

#[cfg(feature = "protocol")]
#[test]
fn no_value_of_a_bulk_request() {
    use scim_engine::Registry;
    use scim_engine::protocol::{Bulk, BulkResult};

    let bulk = Bulk::parse(
        &json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": [
            {"method": "POST", "path": "/Users", "bulkId": "a", "data": {"userName": "s3cret", "password": "s3cret"}},
        ]}),
        &Registry::default(),
    )
    .unwrap();
    let result = BulkResult::new().id("1").body(json!({"userName": "s3cret"}));
    let session = bulk.start("https://example.com");
    for text in [format!("{bulk:?}"), format!("{session:?}"), format!("{result:?}")] {
        assert!(!text.contains("s3cret"), "{text}");
    }
}
