//! List requests and their answers: cases as data, what holds of every input, input made to do harm.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

#[path = "../common/mod.rs"]
mod common;
mod conformance;
#[cfg(feature = "cursors")]
mod cursors;
mod hostile;
mod properties;

use common::{cases, chance};
