//! The command line, run as it is built: output, errors and exit codes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

#[path = "cli/check.rs"]
mod check;
#[path = "cli/explain.rs"]
mod explain;
#[path = "cli/filter.rs"]
mod filter;
#[path = "cli/manual.rs"]
mod manual;
#[path = "cli/onelogin_lint.rs"]
mod onelogin_lint;
#[path = "cli/onelogin_render.rs"]
mod onelogin_render;
#[path = "cli/packed.rs"]
mod packed;
#[path = "cli/patch.rs"]
mod patch;
#[path = "cli/push.rs"]
mod push;
#[path = "cli/runner.rs"]
mod runner;
#[allow(dead_code, reason = "other tests use all of it")]
#[path = "client/server.rs"]
mod server;
#[path = "cli/streams.rs"]
mod streams;
