//! Bulk (RFC 7644 §3.7). The engine reads the request and resolves its references; this file runs single operations. Each is
//! a transaction of its own, so operations before an error keep their effect, as the RFC specifies.

use scim_engine::protocol::{Bulk, BulkMethod, BulkOperation, BulkOptions, BulkResult, Preconditions};

use crate::failure::Failure;
use crate::service::{Answer, Session, Target};
use crate::store::Kind;

/// The largest number of operations in a request.
pub const OPERATIONS: usize = 1_000;

impl Session<'_> {
    pub fn bulk(&self, body: &[u8]) -> Result<Answer, Failure> {
        let options = BulkOptions::default().max_operations(OPERATIONS).max_payload(self.service.max_body);
        let mut session = Bulk::from_slice_with(body, &self.service.registry, &options)?.start(self.base);
        while let Some(operation) = session.next_operation() {
            session.answer(self.one(&operation).map_err(Failure::into_scim));
        }
        Ok(Answer::ok(session.response()))
    }

    fn one(&self, operation: &BulkOperation) -> Result<BulkResult, Failure> {
        let kind = Kind::of(&operation.resource_type)?;
        let conditions = Preconditions::new(operation.version.as_deref(), None)?;
        let target = Target { kind, id: operation.id.as_deref().unwrap_or_default(), query: "", conditions };
        let data = operation.data.to_string();
        let answer = match operation.method {
            BulkMethod::Post => self.create(kind, "", data.as_bytes()),
            BulkMethod::Put => self.replace(&target, data.as_bytes()),
            BulkMethod::Patch => self.patch(&target, data.as_bytes()),
            BulkMethod::Delete => self.delete(&target),
        }?;
        let mut result = BulkResult::new().status(answer.status);
        (result.location, result.version) = (answer.location, answer.version);
        Ok(result)
    }
}
