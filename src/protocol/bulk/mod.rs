//! Bulk requests (RFC 7644 §3.7): many operations in one body, which may refer to resources that others of them create.

mod circles;
mod operation;
mod parse;
mod plan;
mod references;
mod session;

pub use operation::{BulkMethod, BulkOperation, BulkResult};
pub use parse::BulkLimits;
pub use plan::Bulk;
pub use session::BulkSession;
