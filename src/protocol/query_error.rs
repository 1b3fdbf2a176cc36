//! Errors of list requests.

use std::fmt;

use crate::error::{ScimError, ScimType};
use crate::filter::CompileError;
use crate::syntax::ParseError;

/// A list request that is malformed or cannot be answered. This error converts into a [`ScimError`].
///
/// ```
/// use scim_engine::ScimError;
/// use scim_engine::protocol::{ListQuery, QueryOptions};
/// let error = ListQuery::parse("filter=userName+eq", &QueryOptions::default()).unwrap_err();
/// assert!(error.render().is_some_and(|text| text.contains('^')));
/// assert_eq!(ScimError::from(error).to_body()["scimType"], "invalidFilter");
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct QueryError(QueryErrorKind);

#[derive(Debug, Clone, PartialEq)]
enum QueryErrorKind {
    Parse(ParseError),
    Compile(CompileError),
    Other(ScimType, String),
}

impl QueryError {
    pub(super) fn of(scim_type: ScimType, detail: impl Into<String>) -> Self {
        Self(QueryErrorKind::Other(scim_type, detail.into()))
    }

    /// The kind of error.
    pub fn scim_type(&self) -> ScimType {
        match &self.0 {
            QueryErrorKind::Parse(_) | QueryErrorKind::Compile(_) => ScimType::InvalidFilter,
            QueryErrorKind::Other(scim_type, _) => *scim_type,
        }
    }

    /// The filter with carets under the fault; `None` if the filter is not at fault.
    pub fn render(&self) -> Option<String> {
        match &self.0 {
            QueryErrorKind::Parse(error) => Some(error.render()),
            QueryErrorKind::Compile(error) => Some(error.render()),
            QueryErrorKind::Other(..) => None,
        }
    }
}

impl fmt::Display for QueryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            QueryErrorKind::Parse(error) => error.fmt(f),
            QueryErrorKind::Compile(error) => error.fmt(f),
            QueryErrorKind::Other(_, detail) => f.write_str(detail),
        }
    }
}

impl std::error::Error for QueryError {}

impl From<ParseError> for QueryError {
    fn from(error: ParseError) -> Self {
        Self(QueryErrorKind::Parse(error))
    }
}

impl From<CompileError> for QueryError {
    fn from(error: CompileError) -> Self {
        Self(QueryErrorKind::Compile(error))
    }
}

impl From<QueryError> for ScimError {
    fn from(error: QueryError) -> Self {
        if let QueryErrorKind::Compile(error) = error.0 {
            return error.into();
        }
        Self::new(error.scim_type(), error.to_string())
    }
}
