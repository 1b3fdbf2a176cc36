//! Properties of every input, tested on generated input.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

#[cfg(feature = "protocol")]
mod answers;
#[path = "../common/mod.rs"]
mod common;
mod diffs;
mod documents;
mod elements;
mod filters;
mod groups;
mod laws;
mod matching;
mod outcomes;
mod panics;
mod patches;
mod raw;
mod resources;
mod splice;
mod text;
mod trees;
mod within;

use common::spelling;

pub use common::chance::config;
