//! Bulk requests (RFC 7644 §3.7): many operations in one body, which may refer to resources that others of them create.

mod operation;
mod order;
mod parse;
mod references;
mod session;

pub use operation::{BulkMethod, BulkOperation, BulkResult};
pub use parse::{Bulk, BulkLimits};
pub use session::BulkSession;
