//! The contract of `Document`, and every case of meaning, on a second representation that is as naive as can be.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use scim_engine::document::{check_contract, contract_samples};
use scim_engine::{Filter, Options, ResourceType};
use serde_json::Value;

mod common;

use common::cases::{load, meaning, resource_type, tolerance};
use common::naive::Reader;

/// The samples, and the documents of the conformance cases.
fn texts() -> Vec<String> {
    let cases = load("filter/meaning");
    let documents = cases.iter().filter_map(|case| case.get("docs")).flat_map(|docs| docs.as_array().unwrap());
    contract_samples().into_iter().chain(documents.map(|doc| doc["doc"].to_string())).collect()
}

#[test]
fn values_keep_the_contract() {
    for text in texts() {
        let value: Value = serde_json::from_str(&text).unwrap();
        check_contract(&text, &&value).unwrap();
    }
}

#[test]
fn naive_lists_keep_the_contract() {
    for text in texts() {
        check_contract(&text, &&Reader::read(&text)).unwrap();
    }
}

/// A check that lets everything pass checks nothing: broken representations are found.
#[test]
fn broken_representations_break_the_contract() {
    fn breaks(text: &str, other: &str) {
        let message = check_contract(text, &&Reader::read(other)).unwrap_err();
        assert!(!message.is_empty());
    }
    for (text, other) in [
        ("null", "[]"),
        ("true", "false"),
        ("1", "2"),
        ("1", "\"1\""),
        ("1.5", "1"),
        ("[1,2]", "[2,1]"),
        ("[1]", "[1,1]"),
        ("[1]", "[]"),
        ("{\"a\":1}", "{\"b\":1}"),
        ("{\"a\":1}", "{}"),
        ("{\"a\":{\"b\":1}}", "{\"a\":{\"b\":2}}"),
        ("\"a\"", "\"A\""),
        ("9007199254740993", "9007199254740992"),
        ("[[1]]", "[[[1]]]"),
    ] {
        check_contract(text, &&Reader::read(text)).unwrap();
        breaks(text, other);
    }
}

/// Meaning is written once: every case gives on the naive representation what it gives on `Value`.
#[test]
fn every_case_of_meaning_holds_of_naive_lists() {
    let mut cases = load("filter/meaning");
    cases.extend(meaning(&["match"]));
    let mut failures = Vec::new();
    let (mut asked, mut refused) = (0, 0);
    for case in cases.iter().filter(|case| case["kind"] == "match") {
        let name = &case["name"];
        assert!(case.get("limits").is_none() && case.get("text_of").is_none(), "{name}");
        let options = Options::default().tolerance(tolerance(case));
        let filter = Filter::parse_with(case["filter"].as_str().unwrap(), &options);
        let matcher = filter
            .map_err(|error| error.to_string())
            .and_then(|filter| filter.compile_with(&resource_type(case), &options).map_err(|error| error.to_string()));
        let (Some(docs), Ok(matcher)) = (case.get("docs").and_then(Value::as_array), &matcher) else {
            assert!(case.get("error").is_some() && matcher.is_err(), "{name}: {:?}", matcher.err());
            refused += 1;
            continue;
        };
        for doc in docs.iter().filter(|doc| doc["match"] != "error") {
            asked += 1;
            let naive = Reader::read(&doc["doc"].to_string());
            let found = matcher.matches(&naive).unwrap();
            if Some(found) != doc["match"].as_bool() || matcher.explain(&naive).unwrap().holds() != found {
                failures.push(format!("{name}: {} gave {found}", doc["doc"]));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(asked > 500 && refused > 20, "{asked} {refused}");
}

/// F14, which text alone can show: one name twice, and names that differ in case, in the order of the text.
#[test]
fn doubled_names_of_naive_lists() {
    let matches = |filter: &str, text: &str| {
        let matcher = filter.parse::<Filter>().unwrap().compile(&ResourceType::any()).unwrap();
        matcher.matches(&Reader::read(text)).unwrap()
    };
    assert!(matches("userName eq \"b\"", r#"{"userName": "a", "userName": "b"}"#));
    assert!(matches("userName eq \"b\"", r#"{"USERNAME": "a", "userName": "b", "username": "c"}"#));
    assert!(matches("USERname eq \"b\"", r#"{"USERNAME": "a", "userName": "b", "username": "c"}"#));
    assert!(matches("userName eq \"c\"", r#"{"username": "c", "USERNAME": "a"}"#));
    assert!(matches("emails[VALUE eq \"c\"]", r#"{"emails": [{"Value": "a", "value": "c"}]}"#));
    assert!(matches("unknown eq \"a\"", r#"{"Unknown": "a", "UNKNOWN": "b"}"#));
}
