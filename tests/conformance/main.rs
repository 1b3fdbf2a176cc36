//! Runs the cases of this folder whose kind is in `KINDS`, on `serde_json::Value` and on text. The same data runs from Python.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]
#![allow(
    clippy::similar_names,
    clippy::collapsible_if,
    clippy::collapsible_else_if,
    reason = "each check stands alone"
)]

use std::collections::BTreeSet;

mod case;
#[path = "../common/mod.rs"]
mod common;
mod failure;
mod outcome;
mod texts;
mod writes;

use case::Case;
use common::cases;
use texts::{match_case, parse_case, path_case};
use writes::{create_case, patch_case, replace_case};

/// The kinds of cases that run here.
const KINDS: &[&str] = &["parse", "path", "match", "patch", "create", "replace"];

fn run_file(file: &str) {
    let cases = cases::load(file);
    assert!(!cases.is_empty(), "{file}");
    run(file, cases);
}

fn run(file: &str, cases: Vec<cases::Case>) {
    if let Some(message) = failed(file, cases) {
        panic!("{message}");
    }
}

/// The report on the cases that fail; none if all succeed.
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

/// The files in `doors/`, each of which tests a rule at every door.
#[test]
fn doors() {
    let files: Vec<String> = cases::files().into_iter().filter(|file| file.starts_with("doors/")).collect();
    assert!(files.len() > 10, "{files:?}");
    let results: Vec<String> = files.iter().filter_map(|file| failed(file, cases::load(file))).collect();
    assert!(results.is_empty(), "{}", results.join("\n"));
}

/// Files with another runner, which fails if the file is missing.
const OTHER_FILES: &[&str] = &[
    "meaning",
    "onelogin/lint",
    "onelogin/render",
    "patch/diff",
    "patch/elements",
    "protocol/bulk",
    "protocol/discovery",
    "protocol/headers",
    "protocol/meta",
    "protocol/secrets",
    "protocol/version",
    "query/answers",
    "query/filters",
    "query/names",
    "query/projection",
    "query/requests",
];

/// A test for each file, and their names. The separator stands between the topic and the rest of the name of the file.
macro_rules! files {
    ($($topic:ident { $($name:ident)* })*) => {
        $(mod $topic {
            $(#[test]
            fn $name() {
                super::run_file(concat!(stringify!($topic), "/", stringify!($name)));
            })*
        })*

        const FILES: &[&str] =
            &[$($(concat!(stringify!($topic), "/", stringify!($name))),*),*];
    };
}

files! {
    filter { blanks meaning names primary text user_names }
    patch { clients errors members outcome path_text paths rfc stored values }
    resource { clients create limits replace stored }
}

#[test]
fn every_file_is_run() {
    let mut found = cases::files();
    found.retain(|file| !file.starts_with("doors/"));
    let mut expected = [FILES, OTHER_FILES].concat();
    expected.sort_unstable();
    assert_eq!(found, expected);
}
