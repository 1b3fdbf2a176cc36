//! Filters as a host uses them: its rules for them, indexes, and what is loaded and shown.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use scim_engine::document::DocumentError;
use scim_engine::schema::{AttrType, Attribute, Schema};
use scim_engine::{CompileError, Filter, FilterOperator, FilterRules, Matcher, ResourceType, ScimError, ScimType};
use serde_json::{Value, json};

const CORE: &str = Schema::USER;

fn compiled(text: &str) -> Matcher {
    text.parse::<Filter>().unwrap().compile(&ResourceType::user()).unwrap()
}

fn untyped(text: &str) -> Matcher {
    text.parse::<Filter>().unwrap().compile(&ResourceType::any()).unwrap()
}

/// A rule for an attribute that is not there cannot be corrected by a client (X2).
#[test]
fn rules_that_name_nothing() {
    let rules = FilterRules::default().attributes(["userName", "titel"]);
    let error = compiled("userName pr").check(&rules).unwrap_err();
    let words = "the rules for filters: `User` has no attribute `titel`; did you mean `title`?";
    assert_eq!((error.message(), error.hint(), error.scim_type()), (words, None, None));
    assert_eq!((error.to_string(), error.render()), (words.to_owned(), words.to_owned()));
    let answer = ScimError::from(error);
    assert_eq!((answer.status(), answer.scim_type(), answer.detail()), (500, None, words));
}

#[test]
fn the_error_of_a_filter_is_the_clients() {
    let error: CompileError = "active gt true".parse::<Filter>().unwrap().compile(&ResourceType::user()).unwrap_err();
    let words = "`gt` cannot be used for `active`, which is of type boolean";
    let answer = ScimError::from(error);
    assert_eq!((answer.status(), answer.scim_type()), (400, Some(ScimType::InvalidFilter)));
    assert_eq!(answer.detail(), words);
}

#[test]
fn every_operator_has_its_rule() {
    use FilterOperator::{And, Co, Eq, Ew, Ge, Gt, Le, Lt, Ne, Not, Or, Pr, Sw};
    for (operator, text) in [
        (Eq, "title eq \"a\""),
        (Ne, "title ne \"a\""),
        (Co, "title co \"a\""),
        (Sw, "title sw \"a\""),
        (Ew, "title ew \"a\""),
        (Gt, "title gt \"a\""),
        (Ge, "title ge \"a\""),
        (Lt, "title lt \"a\""),
        (Le, "title le \"a\""),
        (Pr, "title pr"),
    ] {
        let matcher = compiled(text);
        assert_eq!(matcher.check(&FilterRules::default().operators([operator])), Ok(()), "{text}");
        let error = matcher.check(&FilterRules::default().operators([And, Or, Not])).unwrap_err();
        let words = format!("`{operator}` may not be used: expected `and`, `or` or `not`");
        assert_eq!((error.message(), error.span().slice(text)), (&*words, operator.to_string().as_str()));
    }
    for (operator, text) in [(And, "title pr and id pr"), (Or, "title pr or id pr"), (Not, "not (title pr)")] {
        assert_eq!(compiled(text).check(&FilterRules::default().operators([operator, Pr])), Ok(()), "{text}");
        let error = compiled(text).check(&FilterRules::default().operators([Pr])).unwrap_err();
        assert_eq!(error.message(), format!("`{operator}` may not be used: expected `pr`"));
    }
    let error = compiled("title pr").check(&FilterRules::default().operators([])).unwrap_err();
    assert_eq!(error.message(), "`pr` may not be used: nothing may be");
}

/// A comparison of `emails` is one of `emails.value` (F10), except with `null`, which is about `emails` itself (F3).
#[test]
fn null_is_about_the_attribute_itself() {
    let rules = FilterRules::default().attributes(["emails.value"]);
    assert_eq!(compiled("emails eq \"a\"").check(&rules), Ok(()));
    for text in ["emails eq null", "emails pr"] {
        let error = compiled(text).check(&rules).unwrap_err();
        assert_eq!(error.message(), "`emails` may not be filtered on: expected `emails.value`");
    }
    assert_eq!(compiled("emails eq null").check(&FilterRules::default().attributes(["emails"])), Ok(()));
}

#[test]
fn rules_tell_what_they_allow() {
    let all = FilterRules::default();
    assert_eq!((all.allowed_attributes(), all.allowed_operators()), (None, None));
    let rules = all.attributes(["userName"]).operators([FilterOperator::Eq]);
    assert_eq!(rules.allowed_attributes(), Some(["userName".to_owned()].as_slice()));
    assert_eq!(rules.allowed_operators(), Some([FilterOperator::Eq].as_slice()));
    assert_eq!(serde_json::to_value(&rules).unwrap(), json!({"attributes": ["userName"], "operators": ["eq"]}));
}

#[test]
fn equalities_of_an_index() {
    let paths =
        |matcher: Matcher| -> Vec<String> { matcher.equalities().into_iter().map(|equality| equality.path).collect() };
    // Several texts are one instant, so an index of texts does not find it.
    assert!(paths(compiled("meta.created eq \"2026-01-01T10:00:00Z\"")).is_empty());
    assert_eq!(paths(compiled("schemas[value eq \"urn:example:A\"]")), ["schemas"]);
    // The `schemas` of a schema that nobody knows are not those of the resource.
    assert_eq!(paths(untyped("urn:example:A:schemas.value eq \"a\"")), ["urn:example:A:schemas.value"]);
    assert!(paths(compiled("title eq null")).is_empty());
}

#[test]
fn the_urn_of_the_core_schema_needs_everything() {
    assert_eq!(compiled("title pr").needs(CORE), Ok(true));
    assert_eq!(compiled("title pr").needs("urn:scim:schemas:core:1.0"), Ok(true));
    assert_eq!(compiled("title pr").needs(Schema::ENTERPRISE_USER), Ok(false));
}

#[test]
fn a_matcher_in_a_log() {
    assert_eq!(format!("{:?}", compiled("TITLE  PR and active eq True")), "Matcher(User, TITLE pr and active eq true)");
}

/// What follows `password` in a text may be one, so the rendering of an error has only the name at fault.
#[test]
fn a_text_that_names_a_password_is_not_shown() {
    let text = "active gt true and title eq \"my password is s3cret\"";
    let error = text.parse::<Filter>().unwrap().compile(&ResourceType::user()).unwrap_err();
    assert_eq!(error.span().slice(text), "gt");
    assert_eq!(error.message(), "`gt` cannot be used for `active`, which is of type boolean");
    let shown = error.render();
    assert!(shown.starts_with("gt\n^^") && !shown.contains("s3cret"), "{shown}");
    // Not even the name is shown if it is a literal.
    let text = "active eq \"password s3cret\"";
    let shown = text.parse::<Filter>().unwrap().compile(&ResourceType::user()).unwrap_err().render();
    assert!(!shown.contains("s3cret"), "{shown}");
}

/// A list within a list counts (D5), but only to a depth that no document in earnest has.
#[test]
fn lists_that_are_nested_too_deep() {
    let nested = |levels: usize| json!({"n": (0..levels).fold(json!(5), |inner, _| json!([inner]))});
    for text in ["n eq 5", "n ne 6", "n pr", "n[value eq 5]"] {
        assert_eq!(untyped(text).matches(&nested(3)), Ok(true), "{text}");
        assert_eq!(untyped(text).matches(&nested(200)), Err(DocumentError::TooDeep), "{text}");
        assert!(!untyped(text).is_match(&nested(200)));
    }
}

/// A simple element answers to the name `value` (F11), and has nothing below that.
#[test]
fn nothing_is_below_a_simple_element() {
    let document = json!({"tags": ["a"], "x": [{"value": {"kind": "b"}}]});
    assert_eq!(untyped("tags[value eq \"a\"]").matches(&document), Ok(true));
    assert_eq!(untyped("tags[value.kind pr]").matches(&document), Ok(false));
    assert_eq!(untyped("x[value.kind eq \"b\"]").matches(&document), Ok(true));
}

/// Many equalities of one attribute are looked up in a table, which must give what each of them would.
#[test]
fn many_user_names_whose_case_counts() {
    let name = Attribute::new("userName", AttrType::String).case_exact(true);
    let schema = Schema::new("urn:example:Login", "Login", [name]).unwrap();
    let kind = ResourceType::from_schemas("Login", schema, Vec::new()).unwrap();
    let terms: Vec<String> = (0..40).map(|number| format!("userName eq \"Ann{number:02}\"")).collect();
    let many = terms.join(" or ").parse::<Filter>().unwrap().compile(&kind).unwrap();
    let one = terms[7].parse::<Filter>().unwrap().compile(&kind).unwrap();
    // The width of letters does not count (F16), but their case does.
    for (name, is_one, is_of_many) in [
        ("Ann07", true, true),
        ("ann07", false, false),
        ("\u{ff21}nn07", true, true),
        ("\u{ff41}nn07", false, false),
        ("Ann39", false, true),
        ("Ann40", false, false),
        ("Ann", false, false),
        ("Ann077", false, false),
        ("", false, false),
    ] {
        let user = json!({"userName": name});
        assert_eq!(one.matches(&user), Ok(is_one), "{name}");
        assert_eq!(many.matches(&user), Ok(is_of_many), "{name}");
    }
    assert_eq!(many.matches(&json!({"userName": 7})), Ok(false));
    assert_eq!(many.matches(&json!({})), Ok(false));
}

#[test]
fn many_titles_whose_case_does_not_count() {
    let terms: Vec<String> = (0..40).map(|number| format!("title eq \"Guide {number:02}\"")).collect();
    let many = compiled(&terms.join(" or "));
    for (title, holds) in [("GUIDE 07", true), ("guide", false), ("Guide 40", false), ("Guide 07 ", false)] {
        assert_eq!(many.matches(&json!({"title": title})), Ok(holds), "{title}");
    }
    let lists = json!({"title": ["x", "guide 39"]});
    assert_eq!(many.matches(&lists), Ok(true));
}

/// An explanation does not repeat a number of any length.
#[cfg(feature = "scan")]
#[test]
fn a_long_number_in_an_explanation() {
    use scim_engine::scan::RawDocument;
    let (short, long) = ("12345678901234567890", "1".repeat(2000));
    let matcher = untyped("n gt 5");
    let values = |number: &str| -> Vec<Value> {
        let text = format!("{{\"n\": {number}}}");
        let document = RawDocument::new(text.as_bytes()).unwrap();
        let explanation = matcher.explain(document).unwrap();
        assert!(explanation.holds());
        explanation.values().to_vec()
    };
    assert_eq!(values(short), [serde_json::from_str::<Value>(short).unwrap()]);
    let [Value::String(cut)] = &*values(&long) else { panic!("a text with the start of the number") };
    assert!(cut.ends_with('…') && cut.len() < long.len() && long.starts_with(cut.trim_end_matches('…')), "{cut}");
}
