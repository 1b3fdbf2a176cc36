//! The errors of compiling: why a filter cannot be used for a resource type.

use std::fmt;

use super::secret;
use crate::document::DocumentError;
use crate::error::{ScimError, ScimType, UnknownName};
use crate::schema::ResourceType;
use crate::syntax::{Filter, Span, names_secret, render};

/// A filter that cannot be used for a resource type: an attribute is unknown or never returned, a literal has the wrong
/// type, or the attribute's type does not allow the operator. `docs/MEANING.md` has the rules, under "Filter meaning".
///
/// ```
/// use scim_engine::{Filter, ResourceType};
/// let filter: Filter = "active gt true".parse()?;
/// let error = filter.compile(&ResourceType::user()).unwrap_err();
/// assert_eq!(error.span().slice("active gt true"), "gt");
/// # Ok::<(), scim_engine::ParseError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct CompileError(Box<Inner>);

#[derive(Debug, Clone, PartialEq)]
struct Inner {
    span: Span,
    message: String,
    hint: Option<String>,
    text: String,
    is_of_host: bool,
}

/// A fault found by a function that does not have the text of the filter. [`CompileError::new`] adds the text.
pub(crate) struct CompileFault {
    pub span: Span,
    pub message: String,
    pub hint: Option<String>,
    /// Whether the literals of the filter are secret, so that no message may repeat them.
    pub is_secret: bool,
    /// Whether the span is that of a literal.
    pub is_literal: bool,
}

impl CompileFault {
    pub(crate) fn new(span: Span, message: impl Into<String>) -> Self {
        Self { span, message: message.into(), hint: None, is_secret: false, is_literal: false }
    }

    /// The fault for a name that no schema defines.
    pub(crate) fn unknown(span: Span, (message, hint): (String, Option<String>)) -> Self {
        Self { hint, ..Self::new(span, message) }
    }
}

impl CompileError {
    pub(crate) fn new(fault: CompileFault, text: &str) -> Self {
        // If the filter names a secret attribute, the error shows only the name at fault, and nothing if a literal is
        // at fault.
        let (text, span) = if fault.is_secret || names_secret(text) {
            let name = if fault.is_literal { "" } else { fault.span.slice(text) };
            (name, Span::new(0, name.len()))
        } else {
            (text, fault.span)
        };
        let CompileFault { message, hint, span: at, .. } = fault;
        let inner = Inner { span: at, message, hint, text: text.to_owned(), is_of_host: false };
        debug_assert!(span.end <= text.len());
        Self(Box::new(inner))
    }

    pub(crate) fn in_filter(fault: CompileFault, filter: &Filter, resource_type: &ResourceType) -> Self {
        let is_secret = fault.is_secret || secret::in_filter(resource_type, filter.expr());
        Self::new(CompileFault { is_secret, ..fault }, filter.as_str())
    }

    /// The error for rules of the host that name an unknown attribute. No client can correct them, so the status is
    /// 500.
    pub(super) fn of_host(unknown: UnknownName) -> Self {
        let message = format!("the rules for filters: {unknown}");
        Self(Box::new(Inner { span: Span::default(), message, hint: None, text: String::new(), is_of_host: true }))
    }

    /// The byte range of the filter's text that is at fault.
    pub fn span(&self) -> Span {
        self.0.span
    }

    /// The message, without the hint.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The correction, if the mistake is a common one.
    pub fn hint(&self) -> Option<&str> {
        self.0.hint.as_deref()
    }

    /// The kind of error; `None` if the rules of the host are at fault, which no client can correct.
    pub fn scim_type(&self) -> Option<ScimType> {
        (!self.0.is_of_host).then_some(ScimType::InvalidFilter)
    }

    /// The text of the filter, carets under the fault, the message, and a hint if there is one.
    pub fn render(&self) -> String {
        if self.0.is_of_host {
            return self.0.message.clone();
        }
        let span = if self.0.span.end <= self.0.text.len() { self.0.span } else { Span::new(0, self.0.text.len()) };
        render(&self.0.text, span, &self.0.message, self.0.hint.as_deref())
    }
}

impl fmt::Display for CompileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)?;
        self.0.hint.as_ref().map_or(Ok(()), |hint| write!(f, "; {hint}"))
    }
}

impl std::error::Error for CompileError {}

impl From<CompileError> for ScimError {
    fn from(error: CompileError) -> Self {
        match error.scim_type() {
            Some(scim_type) => Self::new(scim_type, error.to_string()),
            None => Self::with_status(500, error.to_string()),
        }
    }
}

impl From<DocumentError> for ScimError {
    /// A stored document that cannot be read is not the client's fault: status 500.
    fn from(error: DocumentError) -> Self {
        Self::with_status(500, error.to_string())
    }
}
