//! The protocol around the engine, as pure functions: what a list request asks for, what an answer holds, discovery, ETags,
//! media types and bulk requests (RFC 7644 §3, RFC 9865). No framework, no I/O, no clock: the host gives what it knows.

mod meta;
mod version;

pub use meta::{stamp, touch};
pub use version::version;
