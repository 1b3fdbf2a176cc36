//! Errors of list requests.

use std::fmt;

use crate::error::{ScimError, ScimType, UnknownName};
use crate::filter::CompileError;
use crate::syntax::{ParseError, Span};

/// A list request that is malformed or cannot be answered. This error converts into a [`ScimError`].
///
/// ```
/// use scim_engine::protocol::ListQuery;
/// use scim_engine::{ResourceType, ScimError};
/// let error = ListQuery::parse("filter=userName+eq", &ResourceType::user()).unwrap_err();
/// assert!(error.render().contains('^'));
/// assert!(error.message().starts_with("expected a JSON value"));
/// let error = ListQuery::parse("filter=titel+pr", &ResourceType::user()).unwrap_err();
/// assert_eq!(error.hint().as_deref(), Some("did you mean `title`?"));
/// assert_eq!(error.span().map(|span| span.slice("titel pr")), Some("titel"));
/// assert_eq!(ScimError::from(error).to_body()["scimType"], "invalidFilter");
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct QueryError(QueryErrorKind);

#[derive(Debug, Clone, PartialEq)]
enum QueryErrorKind {
    Parse(ParseError),
    Compile(CompileError),
    Other(ScimType, String),
    Host(UnknownName),
}

impl QueryError {
    pub(super) fn of(scim_type: ScimType, detail: impl Into<String>) -> Self {
        Self(QueryErrorKind::Other(scim_type, detail.into()))
    }

    /// The error for options that do not fit the resource type, which no change of the request can avoid.
    pub(super) fn of_host(unknown: UnknownName) -> Self {
        Self(QueryErrorKind::Host(unknown))
    }

    /// The kind of error; `None` if the host is at fault, because its options do not fit the resource type.
    pub fn scim_type(&self) -> Option<ScimType> {
        match &self.0 {
            QueryErrorKind::Parse(_) | QueryErrorKind::Compile(_) => Some(ScimType::InvalidFilter),
            QueryErrorKind::Other(scim_type, _) => Some(*scim_type),
            QueryErrorKind::Host(_) => None,
        }
    }

    /// The message, without the text of the filter.
    pub fn message(&self) -> &str {
        match &self.0 {
            QueryErrorKind::Parse(error) => error.message(),
            QueryErrorKind::Compile(error) => error.message(),
            QueryErrorKind::Other(_, message) => message,
            QueryErrorKind::Host(unknown) => unknown.message(),
        }
    }

    /// The correction, if the mistake is a common one.
    pub fn hint(&self) -> Option<&str> {
        match &self.0 {
            QueryErrorKind::Parse(error) => error.hint(),
            QueryErrorKind::Compile(error) => error.hint(),
            QueryErrorKind::Other(..) => None,
            QueryErrorKind::Host(unknown) => unknown.hint(),
        }
    }

    /// The bytes at fault in the text of the filter; `None` if the filter is not at fault.
    pub fn span(&self) -> Option<Span> {
        match &self.0 {
            QueryErrorKind::Parse(error) => Some(error.span()),
            QueryErrorKind::Compile(error) => Some(error.span()),
            QueryErrorKind::Other(..) | QueryErrorKind::Host(_) => None,
        }
    }

    /// The text of the error. If the filter is at fault, the text shows the filter with carets below the fault. Otherwise it
    /// is a single line.
    pub fn render(&self) -> String {
        match &self.0 {
            QueryErrorKind::Parse(error) => error.render(),
            QueryErrorKind::Compile(error) => error.render(),
            QueryErrorKind::Other(..) | QueryErrorKind::Host(_) => self.to_string(),
        }
    }

    /// Whether the filter is at fault, so that there is a text to point at.
    #[cfg(feature = "python")]
    pub(crate) fn is_of_filter(&self) -> bool {
        matches!(&self.0, QueryErrorKind::Parse(_) | QueryErrorKind::Compile(_))
    }
}

impl fmt::Display for QueryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            QueryErrorKind::Parse(error) => error.fmt(f),
            QueryErrorKind::Compile(error) => error.fmt(f),
            QueryErrorKind::Other(_, detail) => f.write_str(detail),
            QueryErrorKind::Host(unknown) => write!(f, "the rules for filters: {unknown}"),
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
        let message = error.to_string();
        match error.0 {
            QueryErrorKind::Parse(error) => error.into(),
            QueryErrorKind::Compile(error) => error.into(),
            QueryErrorKind::Other(scim_type, _) => Self::new(scim_type, message),
            QueryErrorKind::Host(_) => Self::with_status(500, message),
        }
    }
}
