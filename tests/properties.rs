//! What holds of every input, tried on generated ones.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

#[cfg(feature = "protocol")]
#[path = "properties/answers.rs"]
mod answers;
#[path = "common/chance.rs"]
mod chance;
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

pub use chance::config;
