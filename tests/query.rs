//! List requests and their answers: cases as data, what holds of every input, input made to do harm.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

#[path = "common/cases.rs"]
mod cases;
#[path = "common/chance.rs"]
mod chance;
#[path = "query/conformance.rs"]
mod conformance;
#[path = "query/cursors.rs"]
mod cursors;
#[path = "query/hostile.rs"]
mod hostile;
#[path = "query/properties.rs"]
mod properties;
