//! Errors of list requests.

use std::fmt;

use crate::error::{ScimError, ScimType};
use crate::filter::CompileError;
use crate::syntax::ParseError;

/// A list request that is malformed or cannot be answered. Converts into a [`ScimError`].
///
/// ```
/// use scim_engine::ScimError;
/// use scim_engine::protocol::{ListQuery, QueryOptions};
/// let error = ListQuery::parse("filter=userName+eq", &QueryOptions::default()).unwrap_err();
/// assert!(error.render().is_some_and(|text| text.contains('^')));
/// assert_eq!(ScimError::from(error).to_body()["scimType"], "invalidFilter");
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct QueryError(Kind);

#[derive(Debug, Clone, PartialEq)]
enum Kind {
    Parse(ParseError),
    Compile(CompileError),
    Other(ScimType, String),
}

impl QueryError {
    pub(super) fn of(scim_type: ScimType, detail: impl Into<String>) -> Self {
        Self(Kind::Other(scim_type, detail.into()))
    }

    /// The kind of error.
    pub fn scim_type(&self) -> ScimType {
        match &self.0 {
            Kind::Parse(_) | Kind::Compile(_) => ScimType::InvalidFilter,
            Kind::Other(scim_type, _) => *scim_type,
        }
    }

    /// The filter with carets under the fault; `None` if the filter is not at fault.
    pub fn render(&self) -> Option<String> {
        match &self.0 {
            Kind::Parse(error) => Some(error.render()),
            Kind::Compile(error) => Some(error.render()),
            Kind::Other(..) => None,
        }
    }
}

impl fmt::Display for QueryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Parse(error) => error.fmt(f),
            Kind::Compile(error) => error.fmt(f),
            Kind::Other(_, detail) => f.write_str(detail),
        }
    }
}

impl std::error::Error for QueryError {}

impl From<ParseError> for QueryError {
    fn from(error: ParseError) -> Self {
        Self(Kind::Parse(error))
    }
}

impl From<CompileError> for QueryError {
    fn from(error: CompileError) -> Self {
        Self(Kind::Compile(error))
    }
}

impl From<QueryError> for ScimError {
    fn from(error: QueryError) -> Self {
        if let Kind::Compile(error) = error.0 {
            return error.into();
        }
        Self::new(error.scim_type(), error.to_string())
    }
}
