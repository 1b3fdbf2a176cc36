//! OneLogin's template: the cases of `tests/conformance/onelogin_*.json`, and what holds of every template.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

#[path = "common/cases.rs"]
mod cases;
#[path = "common/chance.rs"]
mod chance;
#[path = "onelogin/lint.rs"]
mod lint;
#[path = "onelogin/properties.rs"]
mod properties;
#[path = "onelogin/render.rs"]
mod render;
