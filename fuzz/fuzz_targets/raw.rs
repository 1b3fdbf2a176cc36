//! A filter and a JSON text, separated by a line break: the text and its value give the same answer, and text that
//! `serde_json` refuses is refused. The same text is also scanned as a sequence of documents.
#![no_main]

use std::ops::ControlFlow;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use scim_engine::scan::{Item, RawDocument, ScanOptions};
use scim_engine::{Filter, Matcher};
use scim_engine_fuzz::spelling::has_twins_within;
use scim_engine_fuzz::types::{ANY, fixed, one_for};
use serde_json::Value;

const FILTERS: &[&str] = &[
    "title pr",
    "userName eq \"a\" and not (active eq false)",
    "emails[type eq \"work\" and value co \"x\"] or name.givenName ne \"b\"",
    "meta.lastModified ge \"2024-06-01T00:00:00Z\"",
    "schemas[value eq \"a\"] and n gt 0.5",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager ne \"a\"",
];

static GIVEN: LazyLock<Vec<Filter>> =
    LazyLock::new(|| FILTERS.iter().map(|text| text.parse().expect("these are filters")).collect());
static ON_ANY: LazyLock<Vec<Matcher>> =
    LazyLock::new(|| GIVEN.iter().filter_map(|filter| filter.compile(&ANY).ok()).collect());

fuzz_target!(|data: &[u8]| {
    let at = data.iter().position(|byte| *byte == b'\n').unwrap_or(data.len());
    let (first, text) = data.split_at(at);
    let own = std::str::from_utf8(first).ok().and_then(|text| text.parse::<Filter>().ok());
    let value = serde_json::from_slice::<Value>(text);
    // `serde_json` reads an object with such a name as a number.
    if text.windows(7).any(|word| word == b"private") {
        return;
    }
    assert_eq!(RawDocument::new(text).is_ok(), value.is_ok(), "{value:?}");
    // Trusted text has no name twice. The value does not show a repeated name, but the number of colons does.
    let is_trusted = value.as_ref().is_ok_and(|value| !has_twins_within(value)) && {
        let written: Value = value.as_ref().cloned().unwrap_or_default();
        let colons = |text: &[u8]| text.iter().filter(|byte| **byte == b':').count();
        colons(written.to_string().as_bytes()) == colons(text)
    };
    // The text as a sequence of documents, valid or not: each of them is counted once.
    let matcher = one_for(data, &ON_ANY.iter().collect::<Vec<_>>());
    for trusted in [false, true] {
        let mut seen = 0;
        let mut end = 0;
        let tally = matcher.scan_each(text, &ScanOptions::default().trusted(trusted), |item| {
            if let Item::Document(document) = item {
                assert!(document.offset >= end && text[document.offset..].starts_with(document.text));
                end = document.offset + document.text.len();
                if !trusted {
                    assert_eq!(matcher.matches_slice(document.text).ok(), Some(document.is_match));
                }
            }
            seen += 1;
            ControlFlow::Continue(())
        });
        assert_eq!(tally.documents, seen);
        assert!(tally.matches + tally.faults <= seen);
    }
    let kind = one_for(text, &fixed());
    for filter in own.iter().chain([one_for(text, &GIVEN.iter().collect::<Vec<_>>())]) {
        let Ok(matcher) = filter.compile(kind) else { continue };
        let checked = matcher.matches_slice(text);
        let trusted = matcher.matches_trusted(text);
        match &value {
            Err(_) => assert!(checked.is_err_and(|error| error.is_syntax())),
            Ok(value) => {
                let expected = matcher.matches(value).ok();
                assert_eq!(checked.ok(), expected, "{filter}");
                assert_eq!(matcher.matches(RawDocument::new(text).expect("JSON")).ok(), expected, "{filter}");
                if is_trusted {
                    assert_eq!(trusted.ok(), expected, "{filter}, trusted");
                }
            }
        }
    }
});
