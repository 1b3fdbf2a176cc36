//! The cases of `tests/conformance/query/`. The same data runs from Python.

use std::collections::BTreeSet;
#[cfg(feature = "cursors")]
use std::time::{Duration, SystemTime};

#[cfg(feature = "cursors")]
use scim_engine::protocol::{CursorContext, Cursors};
use scim_engine::protocol::{ListQuery, Projection, QueryError, QueryOptions};
use scim_engine::{FilterRules, Limits, Options, ScimError};
use serde_json::{Map, Value, json};

use super::cases::{self, Case};

fn run(file: &str, kind: &str, members: &[&str], check: impl Fn(&Case) -> Result<(), String>) {
    let mut cases = cases::load(file);
    assert!(!cases.is_empty(), "{file}");
    cases.extend(cases::meaning(&[kind]));
    let mut names = BTreeSet::new();
    let mut failures = Vec::new();
    for case in &cases {
        let name = case["name"].as_str().unwrap();
        assert!(names.insert(name), "{file}: {name:?} stands twice");
        assert_eq!(case["kind"], kind, "{name}");
        let known = |key: &str| ["name", "rows", "kind", "type"].contains(&key) || members.contains(&key);
        let result = match case.keys().find(|key| !known(key)) {
            Some(unknown) => Err(format!("unknown member `{unknown}`")),
            None => check(case),
        };
        if let Err(message) = result {
            failures.push(format!("- {name} {}\n    {message}", case["rows"]));
        }
    }
    assert!(failures.is_empty(), "{file}: {} of {} failed\n{}", failures.len(), cases.len(), failures.join("\n"));
}

fn options(case: &Case) -> QueryOptions {
    let mut limits = Limits::default();
    for (name, value) in case.get("limits").and_then(Value::as_object).into_iter().flatten() {
        let value = usize::try_from(value.as_u64().unwrap()).unwrap();
        match name.as_str() {
            "filter_bytes" => limits.filter_bytes = value,
            "members" => limits.members = value,
            other => panic!("unknown limit `{other}`"),
        }
    }
    let tolerance = cases::tolerance(case);
    let mut rules = FilterRules::default();
    let mut options = QueryOptions::default().options(Options::default().limits(limits).tolerance(tolerance));
    for (name, value) in case.get("settings").and_then(Value::as_object).into_iter().flatten() {
        options = match name.as_str() {
            "default_count" => options.default_count(value.as_u64().unwrap()),
            "max_count" => options.max_count(value.as_u64().unwrap()),
            "cursors" => options.cursors(value.as_bool().unwrap()),
            "filter_attributes" => {
                rules = rules.attributes(texts(value));
                options
            }
            "filter_operators" => {
                rules = rules.operators(texts(value).map(|name| name.to_ascii_lowercase().parse().unwrap()));
                options
            }
            other => panic!("unknown setting `{other}`"),
        };
    }
    options.filter_rules(rules)
}

fn texts(list: &Value) -> impl Iterator<Item = &str> {
    list.as_array().unwrap().iter().map(|text| text.as_str().unwrap())
}

fn same(what: &str, found: &Value, expected: &Value) -> Result<(), String> {
    if found == expected { Ok(()) } else { Err(format!("{what}: expected {expected}, found {found}")) }
}

fn parsed(case: &Case) -> Result<ListQuery, QueryError> {
    let (kind, options) = (cases::resource_type(case), options(case));
    options.check(&kind).unwrap();
    if let Some(text) = case.get("query") {
        return ListQuery::parse_with(text.as_str().unwrap(), &kind, &options);
    }
    let parsed = ListQuery::from_body_with(&case["body"], &kind, &options);
    assert_eq!(ListQuery::from_slice_with(case["body"].to_string().as_bytes(), &kind, &options), parsed);
    parsed
}

fn refused(case: &Case, error: QueryError) -> Result<(), String> {
    let Some(expected) = case.get("error") else { return Err(format!("refused: {error}")) };
    let error = ScimError::from(error);
    same("scimType", &error.to_body()["scimType"], &expected["scimType"])?;
    same("status", &error.status().into(), &expected["status"])?;
    for word in expected["contains"].as_array().unwrap() {
        if !error.detail().contains(word.as_str().unwrap()) {
            return Err(format!("expected {word} in {:?}", error.detail()));
        }
    }
    Ok(())
}

#[test]
fn requests() {
    let members = ["query", "body", "tolerance", "limits", "settings", "expect", "error"];
    for file in ["query/requests", "query/filters"] {
        run(file, "query", &members, |case| {
            let query = match parsed(case) {
                Err(error) => return refused(case, error),
                Ok(query) => query,
            };
            let Some(expect) = case.get("expect") else { return Err("accepted".to_owned()) };
            for (name, expected) in expect.as_object().unwrap() {
                let found = match name.as_str() {
                    "filter" => query.filter().map(|filter| filter.filter().to_string()).into(),
                    "sortBy" => query.sort_by().into(),
                    "sortOrder" => {
                        (if query.order().is_some_and(|order| order.descending) { "descending" } else { "ascending" })
                            .into()
                    }
                    "startIndex" => query.start_index().into(),
                    "count" => query.count().into(),
                    "cursor" => query.cursor().into(),
                    "attributes" => json!(query.projection().attributes()),
                    "excludedAttributes" => json!(query.projection().excluded_attributes()),
                    "ignored" => json!(query.ignored()),
                    "needs" => {
                        let paths = expected.as_object().unwrap().keys();
                        paths.map(|path| (path.clone(), query.needs(path).ok().into())).collect::<Map<_, _>>().into()
                    }
                    other => return Err(format!("unknown member `{other}`")),
                };
                same(name, &found, expected)?;
            }
            // It says what it is.
            let again = ListQuery::parse_with(query.to_string(), query.resource_type(), query.options());
            let again = again.map_err(|error| error.to_string())?;
            if again == query { Ok(()) } else { Err(format!("`{query}` is another request")) }
        });
    }
}

#[test]
fn projections() {
    for file in ["query/projection", "query/names"] {
        run(file, "projection", &["doc", "attributes", "excludedAttributes", "expect"], |case| {
            let names = |member: &str| case.get(member).map_or("", |names| names.as_str().unwrap());
            let kind = cases::resource_type(case);
            let (attributes, excluded) = (names("attributes"), names("excludedAttributes"));
            let projection = Projection::new(&kind, &[attributes], &[excluded]);
            let projection = projection.map_err(|error| error.to_string())?;
            let found = projection.apply(&case["doc"]);
            same("projected", &found, &case["expect"])?;
            same("projected again", &projection.apply(&found), &case["expect"])
        });
    }
}

#[cfg(feature = "cursors")]
fn ids(body: &Value) -> Value {
    body["Resources"].as_array().unwrap().iter().map(|resource| resource.get("id").cloned()).collect::<Vec<_>>().into()
}

#[cfg(feature = "cursors")]
#[test]
fn answers() {
    let members = ["query", "docs", "settings", "expect", "order", "pages"];
    let cursors = Cursors::new(b"0123456789abcdef", &[], Duration::from_secs(60)).unwrap();
    let context = CursorContext::new(&cursors, "tenant", SystemTime::now());
    run("query/answers", "answer", &members, |case| {
        let docs = case["docs"].as_array().unwrap();
        let text = case["query"].as_str().unwrap();
        let ask = |text: &str| -> Result<Value, String> {
            let query = ListQuery::parse_with(text, &cases::resource_type(case), &options(case))
                .map_err(|error| error.to_string())?;
            let response = query.answer_with(docs, context).map_err(|error| error.to_string())?;
            Ok(response.into_body())
        };
        let first = ask(text)?;
        if let Some(expected) = case.get("expect") {
            return same("answer", &first, expected);
        }
        if let Some(expected) = case.get("order") {
            return same("order", &ids(&first), expected);
        }
        let mut pages = vec![ids(&first)];
        let mut body = first;
        let all = docs.len();
        while pages.len() < 20 {
            let next = match body.get("nextCursor").and_then(Value::as_str) {
                Some(cursor) => text.replacen("cursor", &format!("cursor={cursor}"), 1),
                None if text.contains("startIndex=1") => {
                    let start = body["startIndex"].as_u64().unwrap() + body["itemsPerPage"].as_u64().unwrap();
                    if usize::try_from(start).unwrap() > all {
                        break;
                    }
                    text.replacen("startIndex=1", &format!("startIndex={start}"), 1)
                }
                None => break,
            };
            body = ask(&next)?;
            pages.push(ids(&body));
        }
        same("pages", &pages.into(), &case["pages"])
    });
}
