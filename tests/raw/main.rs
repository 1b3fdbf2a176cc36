//! Filters over the bytes of JSON texts: the cases of meaning in many spellings, the contract of documents, names given twice,
//! and the grammar beside `serde_json`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use scim_engine::document::{check_contract, contract_samples};
use scim_engine::scan::RawDocument;
use scim_engine::{Filter, Matcher, Options, ResourceType, ScanError, ScimError, ScimType};
use serde_json::Value;

#[path = "../common/mod.rs"]
mod common;
mod grammar;

use common::cases::{Case, files, load, resource_type, tolerance};
use common::spelling::{self, Dice, spell};

/// Every case of `match`, with its matcher.
fn all_cases() -> Vec<(Case, Matcher)> {
    let mut found = Vec::new();
    for file in files() {
        for case in load(&file).iter().filter(|case| case["kind"] == "match") {
            if case.get("docs").is_none() {
                continue;
            }
            let (resource_type, options) = (resource_type(case), Options::default().tolerance(tolerance(case)));
            let filter = Filter::parse_with(case["filter"].as_str().unwrap(), &options).unwrap();
            found.push((case.clone(), filter.compile_with(&resource_type, &options).unwrap()));
        }
    }
    found
}

#[test]
fn every_case_of_meaning_holds_of_text_in_both_modes() {
    let mut failures = Vec::new();
    let mut asked = 0;
    for (case, matcher) in all_cases() {
        for doc in case["docs"].as_array().unwrap() {
            let expected = doc["match"].as_bool();
            for seed in 0..20 {
                let text = match seed {
                    0 => doc["doc"].to_string(),
                    1 => serde_json::to_string_pretty(&doc["doc"]).unwrap(),
                    2 => format!("\u{feff}{}", doc["doc"]),
                    seed => spell(&doc["doc"], &mut Dice::new(seed)),
                };
                if expected.is_none() {
                    // Not a document.
                    asked += 1;
                    if let Ok(found) = matcher.matches_slice(text.as_bytes()) {
                        failures.push(format!("{}: {text} gave {found}", case["name"]));
                    }
                    continue;
                }
                let mut answers = vec![
                    ("checked", matcher.matches_slice(text.as_bytes()).ok()),
                    ("explained", Some(matcher.explain(RawDocument::new(text.as_bytes()).unwrap()).unwrap().holds())),
                ];
                if !spelling::has_twins_within(&doc["doc"]) {
                    answers.push(("trusted", matcher.matches_trusted(text.as_bytes()).ok()));
                }
                for (mode, found) in answers {
                    asked += 1;
                    if found != expected {
                        failures.push(format!("{} {mode}: {text} gave {found:?}", case["name"]));
                    }
                }
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(asked > 20_000, "{asked}");
}

#[test]
fn text_keeps_the_contract_of_documents() {
    let documents = all_cases().into_iter().flat_map(|(case, _)| case["docs"].as_array().unwrap().clone());
    for text in contract_samples().into_iter().chain(documents.map(|doc| doc["doc"].to_string())) {
        check_contract(&text, &RawDocument::new(text.as_bytes()).unwrap()).unwrap();
        let value: Value = serde_json::from_str(&text).unwrap();
        if spelling::has_twins_within(&value) {
            continue;
        }
        for seed in 0..5 {
            let spelled = spell(&value, &mut Dice::new(seed));
            check_contract(&text, &RawDocument::new(spelled.as_bytes()).unwrap()).unwrap();
        }
    }
}

fn compile(filter: &str, resource_type: &ResourceType) -> Matcher {
    filter.parse::<Filter>().unwrap().compile(resource_type).unwrap()
}

fn matches(filter: &str, text: &str) -> bool {
    let matcher = compile(filter, &ResourceType::any());
    let found = matcher.matches_slice(text.as_bytes()).unwrap();
    assert_eq!(matcher.explain(RawDocument::new(text.as_bytes()).unwrap()).unwrap().holds(), found, "{filter} {text}");
    found
}

/// F14: of the same name the last; of names that differ in case the schema's spelling, else the first of the text.
#[test]
fn names_given_twice() {
    for (filter, text) in [
        ("userName eq \"b\"", r#"{"userName": "a", "userName": "b"}"#),
        ("userName eq \"b\"", r#"{"userName": "a", "user\u004eame": "b"}"#),
        ("userName eq \"b\"", r#"{"user\u004eame": "a", "userName": "b"}"#),
        ("userName eq \"b\"", r#"{"USERNAME": "a", "userName": "b", "username": "c"}"#),
        ("USERname eq \"b\"", r#"{"USERNAME": "a", "userName": "b", "username": "c"}"#),
        ("userName eq \"c\"", r#"{"username": "c", "USERNAME": "a"}"#),
        ("userName eq \"d\"", r#"{"username": "c", "USERNAME": "a", "username": "d"}"#),
        ("emails[VALUE eq \"c\"]", r#"{"emails": [{"Value": "a", "value": "c"}]}"#),
        ("unknown eq \"a\"", r#"{"Unknown": "a", "UNKNOWN": "b"}"#),
        ("not (title pr)", r#"{"title": "a", "title": null}"#),
        ("not (name pr)", r#"{"name": {"givenName": "a", "givenName": ""}}"#),
        ("name eq null", r#"{"name": {"givenName": "a", "givenName": null, "familyName": null}}"#),
        ("name.givenName eq null", r#"{"name": {"givenName": "a"}, "name": {"familyName": "b"}}"#),
        ("emails.value eq null", r#"{"emails": [{"value": "a"}], "emails": []}"#),
        ("not (emails[type ne \"work\"])", r#"{"emails": [{"value": "a", "value": null}]}"#),
        ("emails[type eq \"work\"]", r#"{"emails": {"type": "home", "t\u0079pe": "work"}}"#),
    ] {
        assert!(matches(filter, text), "{filter} {text}");
    }
}

/// A term that would decide the whole decides nothing if the member that it read comes again.
#[test]
fn names_given_twice_after_the_answer() {
    let both = "userName eq \"b\" and title pr and emails[type eq \"work\"]";
    let emails = r#""emails": [{"type": "work"}]"#;
    for (filter, text, expected) in [
        (both, format!(r#"{{"userName": "a", "title": "x", {emails}, "userName": "b"}}"#), true),
        (both, format!(r#"{{"userName": "a", {emails}, "title": "x", "user\u004eame": "b"}}"#), true),
        (both, format!(r#"{{"USERNAME": "a", {emails}, "title": "x", "userName": "b"}}"#), true),
        (both, format!(r#"{{"userName": "a", {emails}, "title": "x", "USERNAME": "b"}}"#), false),
        (both, format!(r#"{{"userName": "b", "title": "x", {emails}, "emails": []}}"#), false),
        (
            both,
            format!(r#"{{"userName": "b", "title": "", {emails}, "title": "x", "emails": {{"type": "work"}}}}"#),
            true,
        ),
        ("userName eq \"a\" or title pr", r#"{"userName": "a", "userName": "b"}"#.to_owned(), false),
        ("userName eq \"a\" or title pr", r#"{"userName": "a", "userName": "b", "title": "x"}"#.to_owned(), true),
        ("not (userName eq \"a\")", r#"{"userName": "b", "userName": "a"}"#.to_owned(), false),
    ] {
        assert_eq!(matches(filter, &text), expected, "{filter} {text}");
        let value: Value = serde_json::from_str(&text).unwrap();
        if !spelling::has_twins_within(&value) {
            assert_eq!(compile(filter, &ResourceType::any()).matches(&value), Ok(expected));
        }
    }
}

/// Which of two terms is asked first decides whether there is an error: not which member comes first.
#[test]
fn depth_and_the_order_of_terms() {
    let deep = format!("{}{}", "[".repeat(100), "]".repeat(100));
    for text in [
        format!("{{\"userName\":\"a\",\"title\":{deep}}}"),
        format!("{{\"title\":{deep},\"userName\":\"a\"}}"),
        format!("{{\"title\":{deep},\"userName\":\"a\",\"name\":{{\"x\":{deep}}}}}"),
    ] {
        let value: Value = serde_json::from_str(&text).unwrap();
        for filter in [
            "title pr and userName eq \"b\"",
            "userName eq \"b\" and title pr",
            "title pr or userName eq \"a\"",
            "userName eq \"a\" or title pr",
            "userName eq \"a\" and name pr and title pr",
        ] {
            let matcher = compile(filter, &ResourceType::user());
            let found = matcher.matches_slice(text.as_bytes());
            assert_eq!(found.ok(), matcher.matches(&value).ok(), "{filter} {text}");
        }
    }
}

/// F14, with more names than are compared one by one.
#[test]
fn many_names_given_twice() {
    let members = |value: &str| (0..100).map(|at| format!("\"a{at}\": {value}")).collect::<Vec<_>>().join(",");
    assert!(matches("name eq null", &format!("{{\"name\": {{{}, {}}}}}", members("\"x\""), members("null"))));
    assert!(matches("name pr", &format!("{{\"name\": {{{}, {}}}}}", members("null"), members("\"x\""))));
}

/// One name, more than 64 conditions, some of them of elements.
#[test]
fn many_conditions() {
    let terms: Vec<_> = (0..200).map(|at| format!("a{at} eq \"{at}\"")).collect();
    let members: Vec<_> = (0..200).map(|at| format!("\"A{at}\": \"{at}\"")).collect();
    let text = format!("{{{}}}", members.join(","));
    assert!(matches(&terms.join(" and "), &text));
    assert!(!matches(&format!("{} and b pr", terms.join(" and ")), &text));
    assert!(matches(&format!("b pr or {}", terms.join(" or ")), &text));
    let terms: Vec<_> = (0..200).map(|at| format!("value eq \"{at}\"")).collect();
    assert!(matches(&format!("emails[{}]", terms.join(" or ")), r#"{"emails": [{"value": "x"}, {"value": "199"}]}"#));
}

/// In trusted mode what comes after the last value that is needed is not read.
#[test]
fn trusted_text_is_read_no_further_than_needed() {
    let user = ResourceType::user();
    for (filter, text, expected) in [
        ("userName eq \"a\"", "{\"userName\":\"a\",", true),
        ("userName eq \"a\"", "{\"userName\":\"b\" not JSON", false),
        ("userName eq \"a\" and title pr", "{\"userName\":\"b\",", false),
        ("userName eq \"a\" or title pr", "{\"userName\":\"a\",", true),
        ("not (userName eq \"a\" and title pr)", "{\"title\":\"b\",\"userName\":\"b\",", true),
        ("userName eq \"a\" and (title pr or active eq true)", "{\"active\":true,\"userName\":\"b\",", false),
        ("emails[type eq \"work\"]", "{\"emails\":[{\"type\":\"work\"}],", true),
        ("title pr", "{\"userName\":\"b\"} and more", false),
    ] {
        assert_eq!(compile(filter, &user).matches_trusted(text.as_bytes()), Ok(expected), "{filter} {text}");
        assert!(compile(filter, &user).matches_slice(text.as_bytes()).is_err(), "{filter} {text}");
    }
    let error = compile("title pr", &user).matches_trusted(b"{\"userName\":\"b\",").unwrap_err();
    assert_eq!(error.to_string(), "invalid JSON: the text ends in the middle of a value at line 1 column 17");
}

#[test]
fn errors_say_what_and_where() {
    let matcher = compile("title pr", &ResourceType::user());
    let error = |text: &[u8]| matcher.matches_slice(text).unwrap_err();
    for (text, offset, line, column, words) in [
        (&b""[..], 0, 1, 1, "ends in the middle"),
        (b"{\n\"a\": 1,\n}", 10, 3, 1, "name in quotes after `,`"),
        (b"{\"a\" 1}", 5, 1, 6, "`:`"),
        (b"{\"a\":1 \"b\":2}", 7, 1, 8, "`,` or `}`"),
        (b"[1 2]", 3, 1, 4, "`,` or `]`"),
        (b"{\"a\":01}", 6, 1, 7, "number"),
        (b"{\"title\":nul}", 12, 1, 13, "`null`"),
        (b"{a:1}", 1, 1, 2, "`}`"),
        (b"{}{}", 2, 1, 3, "nothing after"),
        (b"{\"a\":\"x\ny\"}", 7, 1, 8, "control character"),
        (b"{\"a\":\"\\x\"}", 7, 1, 8, "escape"),
        (b"{\"a\":\"\\ud800\"}", 6, 1, 7, "surrogate"),
        (b"{\"a\":\n\"\xc3\xa9\xff\"}", 9, 2, 4, "UTF-8"),
    ] {
        let error = error(text);
        assert_eq!((error.offset(), error.line(), error.column()), (offset, line, column), "{error}");
        assert!(error.message().contains(words) && error.to_string().contains(words), "{error}");
        assert!(error.is_syntax());
        assert_eq!(ScimError::from(error).scim_type(), Some(ScimType::InvalidSyntax));
    }
}

/// More levels than are followed below an attribute are not a syntax error.
#[test]
fn depth_below_an_attribute() {
    let matcher = compile("title pr", &ResourceType::user());
    let nested = |levels: usize| format!("{{\"title\":{}{}}}", "[".repeat(levels), "]".repeat(levels));
    for levels in [1, 64, 65, 66, 67, 100, 126] {
        let text = nested(levels);
        let value: Value = serde_json::from_str(&text).unwrap();
        let expected = matcher.matches(&value);
        let found = matcher.matches_slice(text.as_bytes());
        assert_eq!(found.as_ref().ok(), expected.as_ref().ok(), "{levels}");
        assert_eq!(matcher.matches_trusted(text.as_bytes()).ok(), expected.ok(), "{levels}");
        assert_eq!(found.is_err_and(|error: ScanError| !error.is_syntax()), levels > 65, "{levels}");
    }
    let error = matcher.matches_slice(nested(127).as_bytes()).unwrap_err();
    assert!(error.is_syntax() && error.to_string().contains("nested too deep"), "{error}");
}

/// Deep or long hostile text is answered in time linear in the text.
#[test]
fn hostile_text() {
    let matcher = compile("title pr and emails[type eq \"work\" and not (value eq \"a\")]", &ResourceType::user());
    let many = |item: &str| item.repeat(200_000);
    for text in [
        many("["),
        many("{\"title\":"),
        many("{\"emails\":["),
        format!("{{{}\"a\":1}}", many("\"title\":null,")),
        format!("{{{}\"a\":1}}", many("\"TITLE\":null,\"title\":0,")),
        format!("{{\"title\":1,\"emails\":[{}]}}", many("{\"type\":\"work\"},") + "0"),
        format!("{{\"title\":1,\"emails\":{{{}\"a\":1}}}}", many("\"x\":null,")),
        format!(
            "{{\"title\":{{{}\"a\":null}}}}",
            (0..200_000).map(|at| format!("\"{at}\":null,")).collect::<Vec<_>>().concat()
        ),
        format!("{{\"title\":\"{}\"}}", many("\\u0041")),
        format!("{{\"title\":\"{}", many("\\")),
    ] {
        let _ = (matcher.matches_slice(text.as_bytes()), matcher.matches_trusted(text.as_bytes()));
    }
}
