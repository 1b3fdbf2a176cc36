//! OneLogin's template: the cases of `tests/conformance/onelogin/`, and what holds of every template.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

#[path = "../common/mod.rs"]
mod common;
mod lint;
mod properties;
mod render;

use common::{cases, chance};
