//! Errors in schemas.

use std::fmt;

use crate::error::ScimError;

/// A schema or resource type that is not valid: a mistake of the host, not of a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaError {
    path: String,
    message: String,
}

impl SchemaError {
    pub(super) fn new(path: &str, message: impl Into<String>) -> Self {
        Self { path: path.to_owned(), message: message.into() }
    }

    /// The schema, resource type or attribute that is at fault. An attribute follows the URN of its schema.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The message, without the path.
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for SchemaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`: {}", self.path, self.message)
    }
}

impl std::error::Error for SchemaError {}

impl From<SchemaError> for ScimError {
    fn from(error: SchemaError) -> Self {
        Self::with_status(500, error.to_string())
    }
}
