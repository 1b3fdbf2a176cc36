//! Provisioning clients against an endpoint in memory: what they send, what they find, what they leave behind.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

#[path = "client/faults.rs"]
mod faults;
#[path = "client/play.rs"]
mod play;
#[path = "client/resume.rs"]
mod resume;
#[path = "client/server.rs"]
mod server;
#[path = "client/shapes.rs"]
mod shapes;
#[path = "client/suites.rs"]
mod suites;
