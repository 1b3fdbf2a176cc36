//! Bulk requests (RFC 7644 §3.7): many operations in one body. An operation may refer to resources that other
//! operations of the body create.

mod circles;
mod operation;
mod parse;
mod plan;
mod references;
mod session;

pub use operation::{BulkMethod, BulkOperation, BulkResult};
pub use parse::BulkOptions;
pub use plan::Bulk;
pub use session::BulkSession;
