use std::collections::BTreeSet;

use scim_engine::onelogin::{Lint, LintOptions, Person, Severity, Template, lint_with};
use scim_engine::{Options, ResourceType};
use serde_json::{Map, Value, json};

use super::cases::{load, meaning};

fn cases() -> Vec<Map<String, Value>> {
    let mut cases = load("onelogin/lint");
    cases.extend(meaning(&["onelogin_lint"]));
    let names: BTreeSet<_> = cases.iter().map(|case| case["name"].as_str().unwrap()).collect();
    assert_eq!(names.len(), cases.len(), "a name stands twice");
    let known = [
        "name",
        "rows",
        "kind",
        "type",
        "tolerance",
        "bare_booleans",
        "template",
        "problems",
        "corrected",
        "corrected_text",
        "no_corrected",
    ];
    for case in &cases {
        assert_eq!(case["kind"], "onelogin_lint");
        assert!(case.keys().all(|key| known.contains(&key.as_str())), "{}", case["name"]);
    }
    cases
}

fn setting(case: &Map<String, Value>) -> (ResourceType, LintOptions) {
    let resource_type = match case.get("type").and_then(Value::as_str) {
        None => ResourceType::user(),
        Some("Group") => ResourceType::group(),
        other => panic!("unknown type {other:?}"),
    };
    let server = match case.get("tolerance").map(Value::as_str) {
        None => Options::default(),
        Some(Some("strict")) => Options::strict(),
        other => panic!("unknown tolerance {other:?}"),
    };
    let is_bare = case.get("bare_booleans") == Some(&json!(true));
    (resource_type, LintOptions::default().server(server).bare_booleans(is_bare))
}

/// The problems as the cases write them; the span only where the case has one.
fn shown(found: &Lint, text: &str, expected: &[Value]) -> Vec<Value> {
    let problems = found.problems().iter().enumerate();
    problems
        .map(|(index, problem)| {
            let mut shown = json!({
                "code": problem.code(),
                "severity": problem.severity(),
                "path": problem.path(),
                "place": problem.position().to_string(),
                "cured": problem.is_cured(),
            });
            if expected.get(index).is_some_and(|expected| expected.get("span").is_some()) {
                shown["span"] = problem.span().slice(text).into();
            }
            assert!(!problem.message().is_empty() && !problem.cure().is_empty());
            assert!(problem.to_string().contains(problem.code()));
            shown
        })
        .collect()
}

#[test]
fn cases_of_problems() {
    let mut failures = Vec::new();
    for case in cases() {
        let (resource_type, options) = setting(&case);
        let text = case["template"].as_str().unwrap();
        let found = lint_with(text, &resource_type, &options);
        let expected = case["problems"].as_array().unwrap();
        let shown = shown(&found, text, expected);
        if shown != *expected {
            let lines =
                |list: &[Value]| list.iter().fold(String::new(), |all, line| all + "\n    " + &line.to_string());
            failures.push(format!("{}: expected{}\n  found{}", case["name"], lines(expected), lines(&shown)));
            continue;
        }
        let corrected = found.corrected();
        if case.contains_key("no_corrected") {
            assert_eq!(corrected, None, "{}", case["name"]);
            continue;
        }
        let corrected = corrected.unwrap();
        if let Some(part) = case.get("corrected_text") {
            assert!(corrected.contains(part.as_str().unwrap()), "{}: {corrected}", case["name"]);
        } else if let Some(expected) = case.get("corrected") {
            let value: Value = serde_json::from_str(corrected).unwrap();
            assert_eq!(value, *expected, "{}", case["name"]);
        } else if !found.problems().iter().any(scim_engine::onelogin::Problem::is_cured) {
            // The text as it is, the layout too.
            assert_eq!(corrected, text, "{}", case["name"]);
        }
    }
    assert!(failures.is_empty(), "{} failed\n{}", failures.len(), failures.join("\n"));
}

/// Somebody who has a value for every macro of a template.
fn person_with_all_values(template: &Template) -> Person {
    let mut person = Person::new();
    let names =
        ["firstname", "lastname", "email", "username", "phone", "city", "state", "country", "department", "company"];
    for name in names.into_iter().chain(["id", "manager_firstname", "manager_lastname"]) {
        person.set(name, &format!("{name}@lumen.example")).unwrap();
    }
    for found in template.macros().filter(|found| found.is_known()) {
        if person.get(found.name()).is_none() {
            person
                .set(
                    found.name(),
                    if found.name().ends_with("certificate") { "QUJD" } else { "https://lumen.example/1" },
                )
                .unwrap();
        }
    }
    person
}

#[test]
fn a_corrected_template_has_nothing_to_cure() {
    for case in cases() {
        let (resource_type, options) = setting(&case);
        let name = &case["name"];
        let first = lint_with(case["template"].as_str().unwrap(), &resource_type, &options);
        let Some(corrected) = first.corrected() else { continue };
        let again = lint_with(corrected, &resource_type, &options);
        assert!(again.problems().iter().all(|problem| !problem.is_cured()), "{name}: {:#?}", again.problems());
        assert_eq!(again.corrected(), Some(corrected), "{name}");
        // Problems that are not cured remain.
        let left = |found: &Lint| -> Vec<(String, &str)> {
            let left = found.problems().iter().filter(|problem| !problem.is_cured());
            let mut left: Vec<_> = left.map(|problem| (problem.path().to_owned(), problem.code())).collect();
            left.sort();
            left
        };
        assert_eq!(left(&again), left(&first), "{name}");
        // And the engine has nothing to repair.
        if again
            .problems()
            .iter()
            .any(|problem| problem.severity() == Severity::Error || problem.code() == "json_strings")
        {
            continue;
        }
        let template = Template::parse(corrected).unwrap();
        let rendered = template.render(&person_with_all_values(&template)).unwrap();
        let written = resource_type.create(&rendered.value).unwrap_or_else(|error| panic!("{name}: {error}"));
        let noted = |path: &str| {
            again.problems().iter().any(|problem| problem.path() == path && problem.code() == "quoted_boolean")
        };
        let repairs: Vec<_> = written.outcome.repairs.iter().filter(|repair| !noted(repair.path())).collect();
        assert!(repairs.is_empty(), "{name}: {repairs:?}");
    }
}

#[test]
fn with_bare_booleans_nothing_at_all_is_repaired() {
    let options = LintOptions::default().bare_booleans(true);
    for text in [include_str!("seed.json"), include_str!("enterprise_1_1.json"), include_str!("clean.json")] {
        let found = lint_with(text, &ResourceType::user(), &options);
        let again = lint_with(found.corrected().unwrap(), &ResourceType::user(), &options);
        assert!(again.problems().is_empty(), "{:?}", again.problems());
        let template = Template::parse(found.corrected().unwrap()).unwrap();
        let rendered = template.render(&person_with_all_values(&template)).unwrap();
        let written = ResourceType::user().create_with(&rendered.value, &Options::strict()).unwrap();
        assert!(written.outcome.repairs.is_empty(), "{:?}", written.outcome.repairs);
    }
}

/// The problems that a repair of the engine is told as.
fn codes_of(kind: &str) -> &'static [&'static str] {
    match kind {
        "boolean_strings" => &["quoted_boolean"],
        "number_strings" => &["quoted_number"],
        "single_for_list" => &["single_for_list"],
        "list_for_single" => &["list_for_single"],
        "string_for_complex" => &["string_for_complex"],
        "manager_id" => &["manager_id"],
        "blank_strings" => &["blank_value", "blank_if_unset", "unknown_macro"],
        "legacy_schemas" => &["legacy_urn"],
        "missing_schemas" => &["missing_schemas", "unknown_schema"],
        "undeclared_extensions" => &["undeclared_extension"],
        "bare_extension_names" => &["bare_extension_name"],
        "path_keys" | "dotted_urns" => &["path_key"],
        "json_strings" => &["json_strings"],
        "read_only" => &["read_only"],
        "unknown_member" => &["unknown_attribute", "unknown_schema", "macro_in_name"],
        other => panic!("unknown repair {other}"),
    }
}

/// Whatever the engine repairs or refuses of a template as it is, is named.
#[test]
fn the_engine_finds_nothing_that_is_not_named() {
    for case in cases() {
        let (resource_type, options) = setting(&case);
        let text = case["template"].as_str().unwrap();
        let Ok(template) = Template::parse(text) else { continue };
        let Ok(rendered) = template.render(&person_with_all_values(&template)) else {
            continue;
        };
        let found = lint_with(text, &resource_type, &options);
        match resource_type.create(&rendered.value) {
            Ok(written) => {
                for repair in &written.outcome.repairs {
                    let codes = codes_of(repair.kind());
                    let is_named = found.problems().iter().any(|problem| codes.contains(&problem.code()));
                    assert!(is_named, "{}: {repair:?}", case["name"]);
                }
            }
            Err(error) => {
                let has_error = found.problems().iter().any(|problem| problem.severity() == Severity::Error);
                assert!(has_error, "{}: {error}", case["name"]);
            }
        }
    }
}
