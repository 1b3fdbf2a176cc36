//! The command line, run as it is built: output, errors and exit codes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod check;
mod explain;
mod filter;
mod manual;
mod onelogin_lint;
mod onelogin_render;
mod packed;
mod patch;
mod push;
mod runner;
#[allow(dead_code, reason = "other tests use all of it")]
#[path = "../client/server.rs"]
mod server;
mod streams;
