//! Odd characters, names and numbers.

use scim_engine::{Filter, Options, Patch, ResourceType, UnknownMembers};
use serde_json::{Value, json};

fn body(value: &str) -> String {
    format!("{{\"schemas\":[\"{}\"],\"Operations\":[{{\"op\":\"add\",\"value\":{value}}}]}}", Patch::SCHEMA)
}

fn matches(filter: &str, document: &Value) -> bool {
    let filter: Filter = filter.parse().unwrap_or_else(|error: scim_engine::ParseError| panic!("{}", error.render()));
    filter.compile(&ResourceType::any()).unwrap().matches(document).unwrap()
}

#[test]
fn text_that_is_not_json() {
    for text in [
        "",
        " ",
        "\u{feff}{}",
        "{",
        "nul",
        "{\"a\":1,}",
        "[1",
        "\"\\ud800\"",
        "{\"a\":\"\\ud83d\"}",
        "{\"a\":\"\\udc00\\ud800\"}",
        "{\"a\":\"\u{1}\"}",
        "{\"a\":01}",
        "{\"a\":NaN}",
        "{\"a\":1}{}",
        "{'a':1}",
        "{\"a\":1,\"a\":2}",
        "{\"a\":1,\"\\u0061\":2}",
    ] {
        assert!(Patch::from_slice(text.as_bytes()).is_err(), "{text}");
        assert!(ResourceType::user().create_from_slice_with(text.as_bytes(), &Options::default()).is_err(), "{text}");
        let text = body(text);
        assert!(Patch::from_slice(text.as_bytes()).is_err(), "{text}");
    }
    for bytes in [&b"\xff\xfe{\0}\0"[..], b"{\"userName\":\"\xff\"}", b"{\"userName\":\"\xed\xa0\x80\"}", b"\0"] {
        assert!(Patch::from_slice(bytes).is_err());
        assert!(ResourceType::user().create_from_slice_with(bytes, &Options::default()).is_err());
    }
}

/// Control characters, noncharacters and characters of four bytes are characters like others; names like `__proto__` are only unknown.
#[test]
fn odd_characters_and_names() {
    let text = "{\"userName\":\"a\\u0001b\\uffff\\ud83d\\ude00\",\"__proto__\":{\"admin\":true},\"constructor\":1,\"\":2,\"\\u0001\":3}";
    let options = Options::default();
    let written = ResourceType::user().create_from_slice_with(text.as_bytes(), &options).unwrap();
    assert_eq!(written.resource["userName"], "a\u{1}b\u{ffff}\u{1F600}");
    assert_eq!(written.resource.as_object().unwrap().len(), 2);
    assert_eq!(written.outcome.repairs.iter().filter(|repair| repair.kind() == "unknown_member").count(), 4);
    let kept =
        ResourceType::user().create_from_slice_with(text.as_bytes(), &options.unknown(UnknownMembers::Keep)).unwrap();
    assert_eq!(kept.resource["__proto__"], json!({"admin": true}));
    assert!(matches("userName eq \"A\\u0001B\\uFFFF\\uD83D\\uDE00\"", &kept.resource));
    assert!(matches("userName co \"\u{1F600}\"", &kept.resource));
    assert!(matches("constructor eq 1", &kept.resource));
    assert!(!matches("admin eq true", &kept.resource));
    let patch = Patch::from_slice(body(text).as_bytes()).unwrap();
    let mut user = json!({"userName": "x"});
    assert!(patch.apply(&mut user, &ResourceType::user()).unwrap().changed);
    assert_eq!(user.as_object().unwrap().len(), 1);
}

/// F8: by value and exactly, whatever their form; a number that no type holds does not panic.
#[test]
fn odd_numbers() {
    let document =
        json!({"big": u64::MAX, "small": i64::MIN, "zero": -0.0, "half": 0.5, "exact": 9_007_199_254_740_993_u64});
    for filter in [
        "big eq 18446744073709551615",
        "big lt 18446744073709551616",
        "big lt 12345678901234567890123",
        "big gt 18446744073709551614.9",
        "big lt 1e400",
        "small gt -1e400",
        "small eq -9223372036854775808",
        "small eq -9.223372036854775808E18",
        "zero eq 0",
        "zero eq -0",
        "zero eq 0e99999999999999999999",
        "zero ge -0.0",
        "half eq 5e-1",
        "half gt 1e-400",
        "half gt 1e-99999999999999999999",
        "exact ne 9007199254740992",
        "exact eq 9007199254740993",
        "exact gt 9007199254740992.99999999999999999999999",
    ] {
        assert!(matches(filter, &document), "{filter}");
    }
    for text in [
        "1e400",
        "-1e400",
        "12345678901234567890123",
        "-0",
        "1e-400",
        "0.1e1",
        "99999999999999999999999999999999999999999999",
    ] {
        // JSON text with such a number is read or refused, by serde_json's features; it is never a panic.
        for name in ["userName", "active", "unknown", "emails"] {
            let body_text = format!("{{\"userName\":\"x\",\"{name}\":{text}}}");
            let _ = ResourceType::user()
                .create_from_slice_with(body_text.as_bytes(), &Options::default().unknown(UnknownMembers::Keep));
            if let Ok(patch) = Patch::from_slice(body(&format!("{{\"{name}\":{text}}}")).as_bytes()) {
                let _ = patch.apply(&mut json!({"userName": "x"}), &ResourceType::user());
            }
        }
    }
}

/// Dates at the ends of what can be written.
#[test]
fn odd_dates() {
    let document = json!({"meta": {"created": "2011-05-13T04:42:34.000000000000000000000000000001Z", "lastModified": "999999999-12-31T23:59:59+14:00"}});
    for filter in [
        "meta.created gt \"2011-05-13T04:42:34Z\"",
        "meta.created lt \"2011-05-13T04:42:34.1Z\"",
        "meta.lastModified gt \"-999999999-01-01T00:00:00-14:00\"",
        "meta.created lt \"9999-12-31T24:00:00Z\"",
        "meta.created gt \"-0001-01-01T00:00:00\"",
        "meta.created eq \"2011-05-13T06:42:34.0000000000000000000000000000010+02:00\"",
    ] {
        assert!(matches(filter, &document), "{filter}");
    }
    for text in [
        "",
        "-",
        "T",
        "2011-05-13T04:42:34\u{1F600}",
        "\u{1F600}",
        "9999999999-01-01T00:00:00Z",
        "2011-05-13T04:42:34.",
        "2011-05-13T04:42:34+\u{e9}1:00",
        "20\u{e9}1-05-13T04:42:34Z",
        "2011-0\u{e9}-13T04:42:34Z",
        "+2011-05-13T04:42:34Z",
        "2011-05-13T04:42:34+0a:00",
    ] {
        let filter: Filter = format!("meta.created gt \"{text}\"").parse().unwrap();
        assert!(filter.compile(&ResourceType::user()).is_err(), "{text}");
        assert!(!matches("meta.created gt \"2011-05-13T04:42:34Z\"", &json!({"meta": {"created": text}})));
    }
}
