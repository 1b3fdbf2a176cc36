//! Errors in schemas.

use std::fmt;

/// A schema or resource type that is not valid: a mistake of the host, not of a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaError {
    place: String,
    message: String,
}

impl SchemaError {
    pub(super) fn new(place: &str, message: impl Into<String>) -> Self {
        Self { place: place.to_owned(), message: message.into() }
    }

    /// The schema, resource type or attribute that is at fault.
    pub fn place(&self) -> &str {
        &self.place
    }
}

impl fmt::Display for SchemaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`: {}", self.place, self.message)
    }
}

impl std::error::Error for SchemaError {}
