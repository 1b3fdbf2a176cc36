//! Any text as a query string, a search request, a bulk request, a header and a list of people: the text is read or refused. A
//! query stays the same when it is displayed and read again, and so does a resource when a projection is applied again.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use scim_engine::client::Group;
use scim_engine::onelogin::{PeopleFormat, Person};
use scim_engine::protocol::{
    Bulk, BulkResult, ListQuery, Preconditions, Projection, QueryOptions, check_discovery_query, media, version,
};
use scim_engine::{Registry, ScimError};
use scim_engine_fuzz::types::USER;
use serde_json::{Value, json};

static OPTIONS: LazyLock<QueryOptions> = LazyLock::new(|| QueryOptions::default().cursors(true));
static REGISTRY: LazyLock<Registry> = LazyLock::new(Registry::default);
static STORED: LazyLock<Value> = LazyLock::new(|| {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "id": "1", "userName": "ines", "password": "never-shown",
        "emails": [{"type": "work", "value": "i@harbour.example"}, {"primary": true, "value": "j@harbour.example"}],
    })
});

fuzz_target!(|text: &[u8]| {
    let (kind, options, user) = (&*USER, &*OPTIONS, &*STORED);
    let parsed = ListQuery::parse_with(text, kind, options);
    for query in [parsed, ListQuery::from_slice_with(text, kind, options)].into_iter().flatten() {
        let again =
            ListQuery::parse_with(query.to_string(), kind, options).expect("a query is read again as it is shown");
        assert_eq!(again.to_string(), query.to_string());
        let answer = query.response([user], Some(1)).expect("a small answer can be made").into_body();
        assert!(!answer.to_string().contains("never-shown"));
    }
    if let Ok(projection) = Projection::from_query(text, kind) {
        let once = projection.apply(user);
        assert_eq!(projection.apply(&once), once);
    }
    if let Ok(header) = std::str::from_utf8(text) {
        for preconditions in [Preconditions::new(Some(header), None), Preconditions::new(None, Some(header))] {
            match preconditions {
                Ok(preconditions) => {
                    let _ = (preconditions.check(Some("W/\"1\"")).is_ok(), preconditions.check(None).is_ok());
                    let _ = preconditions.is_not_modified("W/\"1\"");
                }
                Err(error) => assert_eq!(error.status(), 400),
            }
        }
        let answered = media::negotiate(Some(header), Some(header));
        assert!(answered == media::JSON || answered == media::SCIM_JSON);
        if let Err(error) = media::check_content_type(Some(header)) {
            assert_eq!(error.status(), 415);
        }
        let _ = check_discovery_query(header).is_ok();
    }
    if let Ok(groups) = Group::read_all(text) {
        assert!(groups.iter().all(|group| !group.display_name.is_empty()));
    }
    let _ = Person::read_all(text, PeopleFormat::guess(text)).map(|people| people.len());
    if let Ok(value) = serde_json::from_slice::<Value>(text) {
        assert_eq!(version(&value, kind), version(&value, kind));
        if let Ok(bulk) = Bulk::parse(&value, &REGISTRY) {
            let mut ids = 0;
            let body = bulk.run(|_| {
                ids += 1;
                if ids % 5 == 0 {
                    return Err(ScimError::with_status(404, "there is no such resource"));
                }
                Ok(BulkResult::new().id(format!("id-{ids}")))
            });
            assert!(body["Operations"].is_array());
        }
    }
});
