//! Every case of `tests/conformance/*.json`, on `serde_json::Value`. The same data runs from Python.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]
#![allow(
    clippy::similar_names,
    clippy::collapsible_if,
    clippy::collapsible_else_if,
    reason = "each check stands alone"
)]

use std::collections::BTreeSet;

use scim_engine::{
    Absent, Change, Filter, Limits, Options, Outcome, Patch, PatchPath, Profile, ResourceType, ScimError, Tolerance,
    UnknownMembers, UnknownPaths,
};
use serde_json::{Value, json};

mod common;

use common::cases;

/// One case with the parts that every kind has.
struct Case {
    json: Value,
    resource_type: ResourceType,
    options: Options,
}

const KNOWN: &[&str] = &[
    "name",
    "rows",
    "row",
    "kind",
    "type",
    "tolerance",
    "limits",
    "text_of",
    "filter",
    "path",
    "canonical",
    "error",
    "docs",
    "doc",
    "body",
    "body_text",
    "expect",
    "changed",
    "changes",
    "repairs",
    "current",
    "options",
    "doors",
    "why",
    "note",
];

impl Case {
    fn new(json: Value) -> Result<Self, String> {
        for member in json.as_object().unwrap().keys() {
            if !KNOWN.contains(&member.as_str()) {
                return Err(format!("unknown member `{member}`"));
            }
        }
        let is_text = matches!(json["kind"].as_str(), Some("parse" | "path" | "match"));
        let resource_type = match json.get("type") {
            None if !is_text => ResourceType::user(),
            _ => cases::resource_type(json.as_object().unwrap()),
        };
        let options = options(&json)?;
        Ok(Self { json, resource_type, options })
    }

    fn text(&self, member: &str) -> String {
        if let Some(of) = self.json.get("text_of") {
            let part = |name: &str| of.get(name).and_then(Value::as_str).unwrap_or("");
            let times = usize::try_from(of["times"].as_u64().unwrap()).unwrap();
            return format!(
                "{}{}{}{}{}",
                part("prefix"),
                part("repeat").repeat(times),
                part("middle"),
                part("suffix_repeat").repeat(times),
                part("suffix")
            );
        }
        self.json[member].as_str().unwrap().to_owned()
    }
}

fn options(json: &Value) -> Result<Options, String> {
    let tolerance = cases::tolerance(json.as_object().unwrap());
    let mut limits = Limits::default();
    if let Some(given) = json.get("limits").and_then(Value::as_object) {
        for (name, value) in given {
            let value = usize::try_from(value.as_u64().unwrap()).unwrap();
            match name.as_str() {
                "filter_bytes" => limits.filter_bytes = value,
                "nesting" => limits.nesting = value,
                "comparisons" => limits.comparisons = value,
                "operations" => limits.operations = value,
                "path_bytes" => limits.path_bytes = value,
                "depth" => limits.depth = value,
                "members" => limits.members = value,
                "string_bytes" => limits.string_bytes = value,
                "number_digits" => limits.number_digits = value,
                other => return Err(format!("unknown limit `{other}`")),
            }
        }
    }
    let absent = |value: &Value| if value == "keep" { Absent::Keep } else { Absent::Clear };
    let mut options = Options::default().tolerance(tolerance).limits(limits);
    for (name, value) in json.get("options").and_then(Value::as_object).into_iter().flatten() {
        options = match (name.as_str(), value) {
            ("unknown", Value::String(policy)) => options.unknown(match policy.as_str() {
                "ignore" => UnknownMembers::Ignore,
                "keep" => UnknownMembers::Keep,
                "reject" => UnknownMembers::Reject,
                other => return Err(format!("unknown policy `{other}`")),
            }),
            ("unknown_paths", Value::String(policy)) => options.unknown_paths(match policy.as_str() {
                "ignore" => UnknownPaths::Ignore,
                "reject" => UnknownPaths::Reject,
                other => return Err(format!("unknown policy `{other}`")),
            }),
            ("absent", value) => options.absent(absent(value)),
            ("utc", Value::Bool(utc)) => options.utc(*utc),
            ("canonical_values", Value::Bool(canonical_values)) => options.canonical_values(*canonical_values),
            ("derived_schemas", Value::Bool(derived_schemas)) => options.derived_schemas(*derived_schemas),
            ("profile", value) => options.profile(profile(value)?),
            ("absent_overrides", Value::Object(overrides)) => {
                overrides.iter().fold(options, |options, (name, value)| options.absent_override(name, absent(value)))
            }
            (other, _) => return Err(format!("unknown option `{other}`")),
        };
    }
    Ok(options)
}

/// `"interop"`, or an object of switches.
fn profile(value: &Value) -> Result<Profile, String> {
    if value == "interop" {
        return Ok(Profile::interop());
    }
    let mut profile = Profile::default();
    for (name, on) in value.as_object().ok_or("unknown profile")? {
        if profile.set(name, on.as_bool().unwrap()).is_err() {
            return Err(format!("unknown switch `{name}`"));
        }
    }
    Ok(profile)
}

/// What went wrong, in the terms of the data.
struct Failure {
    error: ScimError,
    rendered: String,
    span: Option<(usize, String)>,
    index: Option<usize>,
}

fn check_error(expected: &Value, failure: &Failure) -> Result<(), String> {
    let found = failure.error.scim_type().map_or("", scim_engine::ScimType::as_str);
    let say = |what: String| Err(format!("{what}\n    error: {}\n{}", failure.error, failure.rendered));
    if expected["scimType"].as_str() != Some(found) {
        return say(format!("expected {}, found {found}", expected["scimType"]));
    }
    if expected.get("status").is_some_and(|status| status != failure.error.status()) {
        return say(format!("expected status {}", expected["status"]));
    }
    if failure.error.to_body()["status"].as_str() != Some(failure.error.status().to_string().as_str()) {
        return say("the status of the body must be a string".to_owned());
    }
    if let Some((at, text)) = &failure.span {
        if expected.get("span").is_some_and(|span| span != text.as_str()) {
            return say(format!("expected the span {}, found {text:?} at {at}", expected["span"]));
        }
        if expected.get("at").is_some_and(|expected| expected.as_u64() != u64::try_from(*at).ok()) {
            return say(format!("expected the span at {}, found {at}", expected["at"]));
        }
    } else if let Some(index) = expected.get("index") {
        if index.as_u64().and_then(|index| usize::try_from(index).ok()) != failure.index {
            return say(format!("expected operation {index}, found {:?}", failure.index));
        }
    }
    for word in expected["contains"].as_array().into_iter().flatten() {
        let word = word.as_str().unwrap();
        if !format!("{} {}", failure.error, failure.rendered).to_lowercase().contains(&word.to_lowercase()) {
            return say(format!("expected the message to hold {word:?}"));
        }
    }
    for word in expected["absent"].as_array().into_iter().flatten() {
        if format!("{:?} {}", failure.error, failure.rendered).contains(word.as_str().unwrap()) {
            return say(format!("expected no message to hold {word}"));
        }
    }
    Ok(())
}

/// The text of a filter compiled without a resource type, which must read as itself in strict mode (D26); none if it cannot
/// be compiled.
fn compiled_text(filter: &Filter, options: &Options) -> Result<Option<String>, String> {
    let any = ResourceType::any();
    let Ok(matcher) = filter.compile_with(&any, &options.tolerance) else { return Ok(None) };
    let printed = matcher.filter().to_string();
    // A URN that is put right may be longer than it was.
    let mut limits = options.limits;
    limits.filter_bytes = limits.filter_bytes.max(printed.len());
    let again = Filter::parse_with(&printed, &limits, &Tolerance::strict());
    let again = again.map(|again| again.compile_with(&any, &Tolerance::strict()));
    match again {
        Ok(Ok(again)) if again.filter().to_string() == printed => Ok(Some(printed)),
        again => Err(format!("{printed:?} does not read as itself: {again:?}")),
    }
}

fn parse_case(case: &Case) -> Result<(), String> {
    let text = case.text("filter");
    let parsed = Filter::parse_with(&text, &case.options.limits, &case.options.tolerance);
    match (parsed, case.json.get("error")) {
        (Ok(filter), None) => {
            let canonical = filter.to_string();
            let printed = compiled_text(&filter, &case.options)?.unwrap_or_else(|| canonical.clone());
            if let Some(expected) = case.json.get("canonical")
                && *expected != printed
            {
                return Err(format!("expected {expected}, found {printed:?}"));
            }
            let again = Filter::parse_with(&canonical, &case.options.limits, &Tolerance::strict());
            if again.as_ref() != Ok(&filter) {
                return Err(format!("{canonical:?} does not parse to the same tree: {again:?}"));
            }
            let json = serde_json::to_value(&filter).unwrap();
            let from_json: Filter = serde_json::from_value(json.clone()).map_err(|e| format!("{json}: {e}"))?;
            if from_json != filter {
                return Err(format!("{json} does not give the same tree"));
            }
            Ok(())
        }
        (Ok(filter), Some(_)) => Err(format!("was parsed as `{filter}`")),
        (Err(error), expected) => {
            let span = Some((error.span().start, error.span().slice(&text).to_owned()));
            let rendered = error.render();
            let failure = Failure { error: error.into(), rendered, span, index: None };
            expected
                .map_or_else(|| Err(format!("{}\n{}", failure.error, failure.rendered)), |e| check_error(e, &failure))
        }
    }
}

fn path_case(case: &Case) -> Result<(), String> {
    let text = case.text("path");
    let parsed = PatchPath::parse_with(&text, &case.options.limits, &case.options.tolerance);
    match (parsed, case.json.get("error")) {
        (Ok(path), None) => {
            let canonical = path.to_string();
            if let Some(expected) = case.json.get("canonical")
                && *expected != canonical
            {
                return Err(format!("expected {expected}, found {canonical:?}"));
            }
            if canonical.parse::<PatchPath>().as_ref() != Ok(&path) {
                return Err(format!("{canonical:?} does not parse to the same path"));
            }
            Ok(())
        }
        (Ok(path), Some(_)) => Err(format!("was parsed as `{path}`")),
        (Err(error), expected) => {
            let span = Some((error.span().start, error.span().slice(&text).to_owned()));
            let rendered = error.render();
            let failure = Failure { error: error.into(), rendered, span, index: None };
            expected
                .map_or_else(|| Err(format!("{}\n{}", failure.error, failure.rendered)), |e| check_error(e, &failure))
        }
    }
}

fn match_case(case: &Case) -> Result<(), String> {
    let text = case.text("filter");
    let failure = match Filter::parse_with(&text, &case.options.limits, &case.options.tolerance) {
        Err(error) => {
            let span = Some((error.span().start, error.span().slice(&text).to_owned()));
            Failure { rendered: error.render(), error: error.into(), span, index: None }
        }
        Ok(filter) => match filter.compile_with(&case.resource_type, &case.options.tolerance) {
            Err(error) => {
                let span = Some((error.span().start, error.span().slice(&text).to_owned()));
                Failure { rendered: error.render(), error: error.into(), span, index: None }
            }
            Ok(matcher) => {
                let Some(docs) = case.json["docs"].as_array() else {
                    return Err("was compiled".to_owned());
                };
                for doc in docs {
                    if doc["match"] == "error" {
                        if matcher.matches(&doc["doc"]).is_ok() {
                            return Err(format!("{} was taken for a document", doc["doc"]));
                        }
                        continue;
                    }
                    let found = matcher.matches(&doc["doc"]).map_err(|error| error.to_string())?;
                    let explained = matcher.explain(&doc["doc"]).map_err(|error| error.to_string())?;
                    if Some(found) != doc["match"].as_bool() || explained.holds() != found {
                        return Err(format!("{} gave {found}\n{explained}", doc["doc"]));
                    }
                }
                return Ok(());
            }
        },
    };
    match case.json.get("error") {
        Some(expected) => check_error(expected, &failure),
        None => Err(format!("{}\n{}", failure.error, failure.rendered)),
    }
}

/// A list of changes with its lists in one order.
fn sorted_changes(changes: &Value) -> Value {
    let sort = |value: &Value| {
        let mut elements = value.as_array().cloned().unwrap_or_default();
        elements.sort_by_key(Value::to_string);
        Value::Array(elements)
    };
    let mut all: Vec<Value> = changes
        .as_array()
        .into_iter()
        .flatten()
        .map(|change| {
            json!({
                "path": change["path"],
                "added": sort(&change["added"]),
                "removed": sort(&change["removed"]),
                "replaced": sort(&change["replaced"]),
            })
        })
        .collect();
    all.sort_by_key(|change| change["path"].to_string());
    Value::Array(all)
}

fn sorted_repairs(repairs: &Value) -> Vec<String> {
    let mut all: Vec<String> = repairs
        .as_array()
        .into_iter()
        .flatten()
        .map(|repair| format!("{} {}", repair["path"], repair["kind"]))
        .collect();
    all.sort();
    all
}

fn check_outcome(case: &Case, before: Option<&Value>, resource: &Value, outcome: &Outcome) -> Result<(), String> {
    let json = &case.json;
    if let Some(expected) = json.get("error") {
        return Err(format!("expected {expected}, found {resource}"));
    }
    if let Some(expected) = json.get("expect")
        && expected != resource
    {
        return Err(format!("expected {}\n       found {}", short(expected), short(resource)));
    }
    let changed = json.get("changed").is_none_or(|changed| changed == true);
    if outcome.changed != changed {
        return Err(format!("expected changed {changed}, found {:?}", outcome.changes));
    }
    let changes = serde_json::to_value(&outcome.changes).unwrap();
    if let Some(expected) = json.get("changes") {
        let (expected, found) = (sorted_changes(expected), sorted_changes(&changes));
        if expected != found {
            return Err(format!("expected changes {}\n       found {}", short(&expected), short(&found)));
        }
        for change in json["changes"].as_array().unwrap() {
            let secret = |of: &Value| of["path"] == change["path"] && of["secret"] == change["secret"];
            if change.get("secret").is_some() && !changes.as_array().unwrap().iter().any(secret) {
                return Err(format!("expected {change}, found {changes}"));
            }
        }
    }
    if let Some(expected) = json.get("repairs") {
        let (expected, found) =
            (sorted_repairs(expected), sorted_repairs(&serde_json::to_value(&outcome.repairs).unwrap()));
        if expected != found {
            return Err(format!("expected repairs {expected:?}\n       found {found:?}"));
        }
    }
    if outcome.changed == outcome.changes.is_empty() && before.is_some() {
        return Err("`changed` and `changes` disagree".to_owned());
    }
    if let Some(before) = before {
        if !outcome.changed && before != resource {
            return Err("is said to be unchanged and is not".to_owned());
        }
        let mut replayed = before.clone();
        let all: Vec<Change> = serde_json::from_value(changes).unwrap();
        all.iter().for_each(|change| change.apply(&mut replayed, &case.resource_type));
        if unordered(&replayed) != unordered(resource) {
            return Err(format!("the changes give {}\n       not {}", short(&replayed), short(resource)));
        }
    }
    Ok(())
}

/// Lists in one order: the order of multi-valued attributes carries no meaning (D10).
fn unordered(value: &Value) -> Value {
    match value {
        Value::Array(elements) => {
            let mut elements: Vec<Value> = elements.iter().map(unordered).collect();
            elements.sort_by_key(Value::to_string);
            Value::Array(elements)
        }
        Value::Object(members) => members
            .iter()
            .filter(|(_, value)| !value.is_null() && **value != json!([]) && **value != json!({}))
            .map(|(name, value)| (name.to_lowercase(), unordered(value)))
            .collect(),
        other => other.clone(),
    }
}

fn short(value: &Value) -> String {
    let text = value.to_string();
    text.chars().take(1500).collect()
}

fn body(case: &Case) -> Result<Vec<u8>, String> {
    match (case.json.get("body_text"), case.json.get("body")) {
        (Some(text), None) => Ok(text.as_str().unwrap().as_bytes().to_vec()),
        (None, Some(body)) => Ok(body.to_string().into_bytes()),
        _ => Err("needs `body` or `body_text`".to_owned()),
    }
}

fn expect_failure(case: &Case, failure: &Failure) -> Result<(), String> {
    match case.json.get("error") {
        Some(expected) => check_error(expected, failure),
        None => Err(format!("{}", failure.error)),
    }
}

/// The same on the text of the document, compact, and indented behind a byte order mark (D28).
fn by_text(case: &Case, patch: &Patch, compact: &str) -> Result<(), String> {
    for text in [compact.to_owned(), format!("\u{feff}{:#}", case.json["doc"])] {
        let mut resource = case.json["doc"].clone();
        let by_value = patch.apply(&mut resource, &case.resource_type);
        let by_text = patch.apply_slice(text.as_bytes(), &case.resource_type);
        let by_text = by_text.map(|(new, outcome)| (serde_json::from_slice::<Value>(&new).unwrap(), outcome));
        let expected = by_value.map(|outcome| (resource, outcome));
        if by_text != expected {
            return Err(format!("on text {by_text:?}\n       expected {expected:?}"));
        }
    }
    Ok(())
}

fn patch_case(case: &Case) -> Result<(), String> {
    let before = case.json["doc"].clone();
    let mut resource = before.clone();
    let text = serde_json::to_string(&resource).unwrap();
    let parsed = Patch::from_slice_with(&body(case)?, &case.options);
    if let Some(value) = case.json.get("body") {
        let by_value = Patch::parse_with(value, &case.options);
        if by_value != parsed {
            return Err(format!("from text {parsed:?}, from a value {by_value:?}"));
        }
    }
    if let Ok(patch) = &parsed {
        by_text(case, patch, &text)?;
    }
    match parsed.and_then(|patch| patch.apply(&mut resource, &case.resource_type)) {
        Ok(outcome) => check_outcome(case, Some(&before), &resource, &outcome),
        Err(error) => {
            if serde_json::to_string(&resource).unwrap() != text {
                return Err("the document was changed by a failing patch".to_owned());
            }
            let (rendered, index) = (error.render(), error.operation());
            expect_failure(case, &Failure { error: error.into(), rendered, span: None, index })
        }
    }
}

fn create_case(case: &Case) -> Result<(), String> {
    match case.resource_type.create_from_slice(&body(case)?, &case.options) {
        Ok(written) => check_outcome(case, None, &written.resource, &written.outcome),
        Err(error) => {
            let failure = Failure { rendered: String::new(), error: error.into(), span: None, index: None };
            expect_failure(case, &failure)
        }
    }
}

fn replace_case(case: &Case) -> Result<(), String> {
    let current = &case.json["current"];
    match case.resource_type.replace_from_slice(current, &body(case)?, &case.options) {
        Ok(written) => check_outcome(case, Some(current), &written.resource, &written.outcome),
        Err(error) => {
            let failure = Failure { rendered: String::new(), error: error.into(), span: None, index: None };
            expect_failure(case, &failure)
        }
    }
}

/// The kinds of cases that run here.
const KINDS: &[&str] = &["parse", "path", "match", "patch", "create", "replace"];

/// Runs cases; `file` says where they are from.
fn run(file: &str, cases: Vec<cases::Case>) {
    if let Some(message) = failed(file, cases) {
        panic!("{message}");
    }
}

/// What is to be said of the cases that fail.
fn failed(file: &str, cases: Vec<cases::Case>) -> Option<String> {
    let mut names = BTreeSet::new();
    let mut failures = Vec::new();
    let count = cases.len();
    for json in cases {
        let (name, rows) = (json["name"].as_str().unwrap().to_owned(), json["rows"].clone());
        assert!(names.insert(name.clone()), "{file}: {name:?} stands twice");
        let result = Case::new(json.into()).and_then(|case| match case.json["kind"].as_str() {
            Some("parse") => parse_case(&case),
            Some("path") => path_case(&case),
            Some("match") => match_case(&case),
            Some("patch") => patch_case(&case),
            Some("create") => create_case(&case),
            Some("replace") => replace_case(&case),
            other => Err(format!("unknown kind {other:?}")),
        });
        if let Err(message) = result {
            failures.push(format!("- {name} {rows}\n    {message}"));
        }
    }
    (!failures.is_empty()).then(|| format!("{file}: {} of {count} failed\n{}", failures.len(), failures.join("\n")))
}

#[test]
fn meaning() {
    run("meaning", cases::meaning(KINDS));
}

/// Every rule at every door: all files that begin with `doors_`.
#[test]
fn doors() {
    let files: Vec<String> = names_of_files().into_iter().filter(|name| name.starts_with("doors_")).collect();
    assert!(files.len() > 10, "{files:?}");
    let results: Vec<String> = files.iter().filter_map(|file| failed(file, cases::load(file))).collect();
    assert!(results.is_empty(), "{}", results.join("\n"));
}

fn names_of_files() -> Vec<String> {
    cases::files().iter().map(|path| path.file_name().unwrap().to_str().unwrap().to_owned()).collect()
}

/// Files that have their own runner, which fails if one is missing; so have those that begin with `answer_`. Those that
/// begin with `doors_` are run above.
const OF_OTHERS: &[&str] = &[
    "bulk.json",
    "diff.json",
    "elements.json",
    "meaning.json",
    "onelogin_lint.json",
    "onelogin_render.json",
    "query_answers.json",
    "query_filters.json",
    "query_names.json",
    "query_projection.json",
    "query_requests.json",
];

macro_rules! files {
    ($($name:ident)*) => {
        $(#[test]
        fn $name() {
            let cases = cases::load(concat!(stringify!($name), ".json"));
            assert!(!cases.is_empty());
            run(stringify!($name), cases);
        })*

        /// No file of cases is forgotten.
        #[test]
        fn every_file_is_run() {
            let mut expected = vec![$(concat!(stringify!($name), ".json").to_owned()),*];
            let mut found = names_of_files();
            found.retain(|name| !name.starts_with("answer_") && !name.starts_with("doors_"));
            found.retain(|name| !OF_OTHERS.contains(&name.as_str()));
            expected.sort();
            found.sort();
            assert_eq!(found, expected);
        }
    };
}

files! {
    filter_text filter_meaning filter_blanks filter_names filter_primary usernames paths
    patch_rfc patch_paths patch_members patch_values patch_errors patch_outcome patch_clients
    create replace resource_clients limits
}
