//! The error of a refused POST or PUT.

use std::fmt;

use crate::coerce::refusal::Refusal;
use crate::error::{ScimError, ScimType};
use crate::syntax::Span;

/// The error of a resource that cannot be created or replaced as the client asks. It names the attribute at fault.
///
/// ```
/// use scim_engine::{ResourceType, ScimType};
/// let body = serde_json::json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "active": 7});
/// let error = ResourceType::user().create(&body).unwrap_err();
/// assert_eq!((error.scim_type(), error.path()), (Some(ScimType::InvalidValue), Some("active")));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResourceError(Box<Refusal>);

impl ResourceError {
    /// The attribute at fault; `None` if the body as a whole is at fault.
    pub fn path(&self) -> Option<&str> {
        Some(self.0.path.as_str()).filter(|path| !path.is_empty())
    }

    /// The kind of error; `None` if the host's options are at fault, which no client can correct.
    pub fn scim_type(&self) -> Option<ScimType> {
        (!self.0.is_of_host).then_some(self.0.scim_type)
    }

    /// The message, without the path and the hint.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The correction, if the mistake is a common one.
    pub fn hint(&self) -> Option<&str> {
        self.0.hint.as_deref()
    }

    /// The bytes at fault in the text of the path; `None` if no part of the text is at fault.
    pub fn span(&self) -> Option<Span> {
        self.0.shown.as_ref().map(|(span, _)| *span)
    }

    /// The text of the error. If a part of a path is at fault, the text shows the path with a caret below that part.
    pub fn render(&self) -> String {
        self.0.shown.as_ref().map_or_else(|| self.to_string(), |(_, rendered)| rendered.clone())
    }
}

impl fmt::Display for ResourceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(path) = self.path() {
            write!(f, "`{path}`: ")?;
        }
        f.write_str(&self.0.message)?;
        self.hint().map_or(Ok(()), |hint| write!(f, "; {hint}"))
    }
}

impl std::error::Error for ResourceError {}

impl From<Refusal> for ResourceError {
    fn from(refusal: Refusal) -> Self {
        Self(Box::new(refusal))
    }
}

impl From<ResourceError> for ScimError {
    fn from(error: ResourceError) -> Self {
        match error.scim_type() {
            Some(scim_type) => Self::new(scim_type, error.to_string()),
            None => Self::with_status(500, error.to_string()),
        }
    }
}
