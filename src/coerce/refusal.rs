//! Why a value does not fit.

use crate::error::ScimType;
use crate::syntax::Span;

/// A value, name or change that the schema does not allow, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub scim_type: ScimType,
    pub path: String,
    pub message: String,
    /// Where in the text of the path, and the text with a caret there.
    pub shown: Option<(Span, String)>,
    /// Whether the host is to blame, not the client.
    pub is_of_host: bool,
}

impl Refusal {
    pub(crate) fn new(scim_type: ScimType, path: impl ToString, message: impl Into<String>) -> Self {
        Self { scim_type, path: path.to_string(), message: message.into(), shown: None, is_of_host: false }
    }

    /// A setting of the host that makes no sense: no request can cure it.
    pub(crate) fn host(path: impl ToString, message: impl Into<String>) -> Self {
        Self { is_of_host: true, ..Self::new(ScimType::InvalidSyntax, path, message) }
    }
}
