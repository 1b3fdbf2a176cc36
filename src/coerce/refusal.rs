//! The reason why a value is refused.

use crate::error::ScimType;
use crate::syntax::Span;

/// The reason why a value, a name or a change is refused, with the path at fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub scim_type: ScimType,
    pub path: String,
    pub message: String,
    /// The correction, if the mistake is a common one.
    pub hint: Option<String>,
    /// The span at fault in the text of the path, and the path's text with a caret below the span.
    pub shown: Option<(Span, String)>,
    /// Whether the mistake is the host's, not the client's.
    pub is_of_host: bool,
}

impl Refusal {
    pub(crate) fn new(scim_type: ScimType, path: impl ToString, message: impl Into<String>) -> Self {
        Self { scim_type, path: path.to_string(), message: message.into(), hint: None, shown: None, is_of_host: false }
    }

    /// The refusal of a name that is not known, with the message and the hint of the look-up.
    pub(crate) fn unknown(scim_type: ScimType, path: impl ToString, (message, hint): (String, Option<String>)) -> Self {
        Self { hint, ..Self::new(scim_type, path, message) }
    }

    /// The refusal of what only the provider sets.
    pub(crate) fn read_only(path: impl ToString) -> Self {
        Self::new(ScimType::Mutability, path, "is readOnly: only the provider sets it")
    }

    /// A refusal because of an invalid setting of the host, which no change of the request can avoid.
    pub(crate) fn host(path: impl ToString, message: impl Into<String>) -> Self {
        Self { is_of_host: true, ..Self::new(ScimType::InvalidSyntax, path, message) }
    }
}
