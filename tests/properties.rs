//! What holds of every input, tried on generated ones. Nothing is kept between runs; `PROPTEST_CASES` raises the counts.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use proptest::test_runner::Config;

#[cfg(feature = "protocol")]
#[path = "properties/answers.rs"]
mod answers;
#[path = "properties/diffs.rs"]
mod diffs;
#[path = "properties/documents.rs"]
mod documents;
#[path = "properties/elements.rs"]
mod elements;
#[path = "properties/filters.rs"]
mod filters;
#[path = "properties/groups.rs"]
mod groups;
#[path = "properties/laws/mod.rs"]
mod laws;
#[path = "properties/matching.rs"]
mod matching;
#[path = "properties/outcomes.rs"]
mod outcomes;
#[path = "properties/panics.rs"]
mod panics;
#[path = "properties/patches.rs"]
mod patches;
#[path = "properties/raw.rs"]
mod raw;
#[path = "properties/resources.rs"]
mod resources;
#[path = "raw/spelling.rs"]
mod spelling;
#[path = "properties/splice.rs"]
mod splice;
#[path = "properties/text.rs"]
mod text;
#[path = "properties/within.rs"]
mod within;

/// `cases` cases, or as many as the environment says; no files of failures.
pub fn config(cases: u32) -> Config {
    let default = Config::default();
    let cases = if std::env::var_os("PROPTEST_CASES").is_some() { default.cases } else { cases };
    Config { cases, failure_persistence: None, ..default }
}
