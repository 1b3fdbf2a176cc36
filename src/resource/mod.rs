//! POST and PUT of whole resources (RFC 7644 §3.3, §3.5.1).

mod body;
mod create;
mod error;
mod replace;

pub use create::Written;
pub use error::ResourceError;
