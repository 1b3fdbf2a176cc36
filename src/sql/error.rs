//! What is wrong with a mapping, and what a mapping cannot say.

use std::fmt;

use crate::error::{ScimError, ScimType};

/// A mapping that does not suit the resource type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MappingError {
    path: String,
    message: String,
}

impl MappingError {
    pub(super) fn new(path: &str, message: impl Into<String>) -> Self {
        Self { path: path.to_owned(), message: message.into() }
    }

    /// The attribute, as the schema spells it if it is known.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What is wrong, without the attribute.
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for MappingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`: {}", self.path, self.message)
    }
}

impl std::error::Error for MappingError {}

/// A filter that the mapping cannot say exactly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BindError {
    path: String,
    test: String,
    message: String,
}

impl BindError {
    /// The test of an order.
    pub(super) const SORT: &str = "sortBy";

    pub(super) fn new(path: &str, test: impl fmt::Display, message: impl Into<String>) -> Self {
        Self { path: path.to_owned(), test: test.to_string(), message: message.into() }
    }

    /// The attribute for which something is missing in the mapping.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The test that cannot be said, as [`Condition`](crate::condition::Condition) prints it.
    pub fn test(&self) -> &str {
        &self.test
    }

    /// What is missing.
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for BindError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` cannot be said by the mapping: `{}` {}", self.test, self.path, self.message)
    }
}

impl std::error::Error for BindError {}

impl From<BindError> for ScimError {
    /// What a client sees: RFC 7644 Table 9 has `invalidFilter` for a combination of attribute and comparison that is not
    /// supported. An order is `invalidValue`.
    fn from(error: BindError) -> Self {
        if error.test == BindError::SORT {
            return Self::new(ScimType::InvalidValue, format!("sorting by `{}` is not supported", error.path));
        }
        Self::new(ScimType::InvalidFilter, format!("filters such as this on `{}` are not supported", error.path))
    }
}

/// A condition that a database has no types for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WriteError(String);

impl WriteError {
    pub(super) fn new(what: &str, dialect: impl fmt::Display) -> Self {
        Self(format!("{dialect} has no {what}"))
    }
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for WriteError {}
