//! POST and PUT of whole resources (RFC 7644 §3.3, §3.5.1), and the PATCH that turns one resource into another.

mod body;
mod create;
mod diff;
mod error;
mod replace;

pub use create::Written;
pub use error::ResourceError;
