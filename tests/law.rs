//! `docs/MEANING.md` is the law: what cites a rule cites one that is there, and each rule has an example that is run.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use scim_engine::Tolerance;
use serde_json::Value;

mod common;

use common::cases;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn page() -> String {
    fs::read_to_string(root().join("docs/MEANING.md")).unwrap()
}

/// Whether a word is an id: a letter of the page, a number, and perhaps a letter.
fn is_id(word: &str) -> bool {
    let Some(number) = word.strip_prefix(|c| "TFPRLVSDQAOEX".contains(c)) else { return false };
    let number = number.strip_suffix(|c: char| c.is_ascii_lowercase()).unwrap_or(number);
    (1..=2).contains(&number.len()) && !number.starts_with('0') && number.chars().all(|c| c.is_ascii_digit())
}

/// The ids with an anchor. Each stands once, beside an anchor of its own name.
fn defined() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for row in page().lines().filter_map(|line| line.strip_prefix("| <a id=\"")) {
        let (anchor, rest) = row.split_once("\"></a>").unwrap();
        let (id, _) = rest.split_once(' ').unwrap();
        assert!(is_id(id) && id.to_lowercase() == anchor, "`{id}` has the anchor `{anchor}`");
        assert!(found.insert(id.to_owned()), "`{id}` is defined twice");
    }
    assert!(found.len() > 100, "{found:?}");
    found
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let all = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let of_path = |path: PathBuf| if path.is_dir() { sources(&path) } else { vec![path] };
    let mut found: Vec<PathBuf> = all.flat_map(of_path).collect();
    found.retain(|path| path.extension().is_some_and(|end| end == "rs"));
    found
}

/// The comments of a file; those on lines that follow one another are one.
fn comments(text: &str) -> Vec<String> {
    let mut found = vec![String::new()];
    for line in text.lines() {
        let Some((code, comment)) = line.split_once("//") else {
            found.push(String::new());
            continue;
        };
        if !code.trim().is_empty() {
            found.push(String::new());
        }
        let last = found.last_mut().unwrap();
        last.push(' ');
        last.push_str(comment.trim_start_matches(['/', '!']));
    }
    found.retain(|comment| !comment.is_empty());
    found
}

/// The ids that a comment cites: those in parentheses, and one with a colon at the beginning.
fn cited(comment: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut depth = 0_usize;
    for part in comment.split_inclusive(|c: char| !c.is_ascii_alphanumeric()) {
        let word = part.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
        let is_first = comment.trim_start().strip_prefix(word).is_some_and(|rest| rest.starts_with(':'));
        if is_id(word) && (depth > 0 || is_first) {
            found.push(word.to_owned());
        }
        match part.chars().last() {
            Some('(') => depth += 1,
            Some(')') => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    found
}

#[test]
fn ids_are_found_in_comments() {
    let found = |text: &str| comments(text).iter().flat_map(|comment| cited(comment)).collect::<Vec<_>>();
    assert_eq!(
        found("/// Kept (P5a,\n/// D10), see RFC 7644 (T8).\nlet t1 = f(F1); // F14: the last."),
        ["P5a", "D10", "T8", "F14"]
    );
    assert!(found("// at 2026-01-12T08 (T00:00, V100, P) F1").is_empty());
}

#[test]
fn each_id_in_the_source_is_defined() {
    let defined = defined();
    let mut unknown = Vec::new();
    let mut count = 0;
    for path in sources(&root().join("src")) {
        for comment in comments(&fs::read_to_string(&path).unwrap()) {
            for id in cited(&comment) {
                count += 1;
                if !defined.contains(&id) {
                    unknown.push(format!("{id} in {}", path.display()));
                }
            }
        }
    }
    assert!(unknown.is_empty(), "docs/MEANING.md does not define\n{}", unknown.join("\n"));
    assert!(count > 50, "only {count} ids were found");
}

#[test]
fn each_id_in_a_case_is_defined() {
    let defined = defined();
    let all: Vec<cases::Case> = cases::files().iter().flat_map(|file| cases::load(file)).collect();
    let mut unknown = Vec::new();
    for case in &all {
        for row in case["rows"].as_array().unwrap() {
            let row = row.as_str().unwrap();
            if is_id(row) && !defined.contains(row) {
                unknown.push(format!("{row} in {}", case["name"]));
            }
        }
    }
    assert!(unknown.is_empty(), "docs/MEANING.md does not define\n{}", unknown.join("\n"));
}

#[test]
fn each_rule_has_one_example() {
    let run = cases::load("meaning");
    let name = |case: &cases::Case| case["name"].as_str().unwrap().to_owned();
    let mut examples: BTreeMap<String, usize> = BTreeMap::new();
    for case in &run {
        assert!(case["rows"].as_array().unwrap().contains(&case["name"]), "{} is not among its rows", case["name"]);
        *examples.entry(name(case)).or_default() += 1;
    }
    assert!(examples.values().all(|count| *count == 1), "two examples: {examples:?}");
    let examples: BTreeSet<String> = examples.into_keys().collect();
    let defined = defined();
    assert_eq!(defined.difference(&examples).collect::<Vec<_>>(), Vec::<&String>::new(), "rules without an example");
    assert_eq!(examples.difference(&defined).collect::<Vec<_>>(), Vec::<&String>::new(), "examples without a rule");
}

/// Each example is of a kind that a runner takes from `meaning.json`.
#[test]
fn each_example_is_run() {
    let of_both = ["tests/conformance/main.rs", "tests/conformance_answers.rs", "tests/conformance_bulk.rs"];
    let of_features = ["tests/query/conformance.rs", "tests/onelogin/lint.rs", "tests/onelogin/render.rs"];
    let read = |path: &&str| fs::read_to_string(root().join(path)).unwrap();
    let runners: String = of_both.iter().chain(&of_features).map(read).collect();
    for case in cases::load("meaning") {
        assert!(runners.contains(&case["kind"].to_string()), "no runner has the kind {}", case["kind"]);
    }
}

#[test]
fn the_page_lists_every_switch() {
    let page = page();
    let default = Tolerance::default();
    for name in Tolerance::NAMES {
        let is_on = if default.get(name) == Some(true) { "on" } else { "off" };
        assert!(page.contains(&format!("| `{name}` | {is_on} | ")), "`{name}` ({is_on})");
    }
}

/// The stock resources are what a server would have stored.
#[test]
fn stock_resources_are_of_their_types() {
    for (name, kind) in [("$user", scim_engine::ResourceType::user()), ("$group", scim_engine::ResourceType::group())] {
        let case = serde_json::json!({"name": name, "doc": name});
        let doc = &cases::expand(case.as_object().unwrap())["doc"];
        let id = &doc["id"];
        let written =
            kind.create_from_slice_with(doc.to_string().as_bytes(), &scim_engine::Options::default()).unwrap();
        assert!(id.is_string() && written.resource["id"] == Value::Null, "{name}");
        assert_eq!(written.outcome.repairs.len(), 1, "{name}: {:?}", written.outcome.repairs);
    }
}

/// Verdicts on tests of other projects name existing rules, and each case once.
#[test]
fn verdicts_on_peers_name_rules() {
    let text = fs::read_to_string(root().join("tests/peers/verdicts.json")).unwrap();
    let verdicts: Vec<Value> = serde_json::from_str(&text).unwrap();
    let (defined, mut seen) = (defined(), BTreeSet::new());
    for verdict in &verdicts {
        let class = verdict["class"].as_str().unwrap();
        assert!(["ours-right", "both-allowed", "extension"].contains(&class), "{class}");
        for rule in verdict["rules"].as_array().unwrap() {
            assert!(defined.contains(rule.as_str().unwrap()), "{rule}");
        }
        for id in verdict["ids"].as_array().unwrap() {
            assert!(seen.insert(id.as_str().unwrap()), "{id} has two verdicts");
        }
    }
    assert!(!seen.is_empty());
}
