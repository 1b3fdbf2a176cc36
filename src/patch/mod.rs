//! PATCH (RFC 7644 §3.5.2): reads a request in its dialects, resolves its operations and applies them to a resource.

mod apply;
mod attribute;
#[cfg(test)]
mod cost;
mod error;
mod named_elements;
mod operation;
mod parts;
mod program;
mod quick;
mod request;
mod resolve;

pub(crate) mod store;
mod value_store;

pub(crate) use apply::PatchFailure;
pub use error::PatchError;
pub use operation::{Op, Operation};
pub(crate) use program::ALL_UNKNOWN;
pub use request::Patch;
