//! PATCH (RFC 7644 §3.5.2): the request in its dialects, operations, what they do to a resource.

mod apply;
mod elements;
mod error;
mod index;
mod list;
mod operation;
mod plain;
mod program;
mod request;
mod requested;
mod single;
mod slot;
mod steps;
pub(crate) mod store;
mod target;

pub(crate) use apply::Failure;
pub use error::PatchError;
pub use operation::{Op, Operation};
pub use request::Patch;
