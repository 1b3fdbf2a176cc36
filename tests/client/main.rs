//! Provisioning clients against an endpoint in memory: what they send, what they find, what they leave behind.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod faults;
mod play;
mod resume;
mod server;
mod shapes;
mod suites;
