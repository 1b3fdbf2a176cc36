//! The error of a refused PATCH.

use std::fmt;

use crate::coerce::refusal::Refusal;
use crate::error::{ScimError, ScimType};
use crate::syntax::Span;

/// The error of a refused PATCH. It names the operation and the path at fault; the resource is unchanged (see
/// docs/MEANING.md).
///
/// ```
/// use scim_engine::{Patch, ResourceType, ScimType};
/// use serde_json::json;
/// let patch = Patch::parse(&json!({
///     "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
///     "Operations": [
///         {"op": "replace", "path": "title", "value": "Boss"},
///         {"op": "replace", "path": "emails[type eq \"other\"].value", "value": "x"},
///     ],
/// }))?;
/// let mut user = json!({"userName": "bjensen"});
/// let error = patch.apply(&mut user, &ResourceType::user()).unwrap_err();
/// assert_eq!(error.scim_type(), Some(ScimType::NoTarget));
/// assert_eq!(error.operation(), Some(1));
/// assert!(user.get("title").is_none());
/// # Ok::<(), scim_engine::PatchError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatchError(Box<Inner>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Inner {
    operation: Option<usize>,
    path: Option<String>,
    scim_type: ScimType,
    message: String,
    hint: Option<String>,
    shown: Option<(Span, String)>,
}

impl PatchError {
    pub(crate) fn envelope(message: impl Into<String>) -> Self {
        Self::new(None, None, ScimType::InvalidSyntax, message)
    }

    pub(crate) fn new(
        operation: Option<usize>,
        path: Option<String>,
        scim_type: ScimType,
        message: impl Into<String>,
    ) -> Self {
        Self(Box::new(Inner { operation, path, scim_type, message: message.into(), hint: None, shown: None }))
    }

    pub(crate) fn at(operation: usize, refusal: Refusal) -> Self {
        let path = Some(refusal.path).filter(|path| !path.is_empty());
        let mut error = Self::new(Some(operation), path, refusal.scim_type, refusal.message);
        error.0.hint = refusal.hint;
        error.0.shown = refusal.shown;
        error
    }

    pub(crate) fn shown(mut self, span: Span, rendered: String) -> Self {
        self.0.shown = Some((span, rendered));
        self
    }

    /// Adds `by` to the index of the operation. An operation that was applied alone has the index 0, and `by` is its index
    /// in the whole request.
    #[cfg(feature = "cli")]
    pub(crate) fn moved(mut self, by: usize) -> Self {
        self.0.operation = self.0.operation.map(|index| index + by);
        self
    }

    /// The index of the operation at fault; `None` if the request as a whole is at fault.
    pub fn operation(&self) -> Option<usize> {
        self.0.operation
    }

    /// The path at fault; `None` if the error is not about a path.
    pub fn path(&self) -> Option<&str> {
        self.0.path.as_deref()
    }

    /// The bytes at fault in the text of the path; `None` if no part of the text is at fault.
    pub fn span(&self) -> Option<Span> {
        self.0.shown.as_ref().map(|(span, _)| *span)
    }

    /// The kind of error. It is never `None`: only a client can make a PATCH fail.
    pub fn scim_type(&self) -> Option<ScimType> {
        Some(self.0.scim_type)
    }

    /// The message, without the operation, the path and the hint.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The correction, if the mistake is a common one.
    pub fn hint(&self) -> Option<&str> {
        self.0.hint.as_deref()
    }

    /// The text of the error. If a part of the path is at fault, the text shows the path with a caret below that part.
    pub fn render(&self) -> String {
        match &self.0.shown {
            Some((_, rendered)) => match self.0.operation {
                Some(index) => format!("operation {index}:\n{rendered}"),
                None => rendered.clone(),
            },
            None => self.to_string(),
        }
    }
}

impl fmt::Display for PatchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(operation) = self.0.operation {
            write!(f, "operation {operation}: ")?;
        }
        if let Some(path) = &self.0.path {
            write!(f, "`{path}`: ")?;
        }
        f.write_str(&self.0.message)?;
        self.hint().map_or(Ok(()), |hint| write!(f, "; {hint}"))
    }
}

impl std::error::Error for PatchError {}

impl From<PatchError> for ScimError {
    fn from(error: PatchError) -> Self {
        Self::new(error.0.scim_type, error.to_string())
    }
}
