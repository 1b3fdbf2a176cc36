//! Repairs and dropped values, for the host to see and log.

use std::fmt;

use serde::Serialize;

/// A report of a deviation in a request that was read as the client meant it, or of a value that was dropped.
///
/// ```
/// use scim_engine::ResourceType;
/// use serde_json::json;
/// let body = json!({
///     "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
///     "userName": "bjensen",
///     "active": "true",
/// });
/// let written = ResourceType::user().create(&body)?;
/// let repair = &written.outcome.repairs[0];
/// assert_eq!((repair.path(), repair.kind()), ("active", "boolean_strings"));
/// # Ok::<(), scim_engine::ResourceError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Repair {
    path: String,
    kind: &'static str,
    detail: String,
}

impl Repair {
    /// The kind of a report of a value that was dropped because the client may not set it: the attribute is readOnly, or it
    /// is immutable and already assigned.
    pub const READ_ONLY: &'static str = "read_only";
    /// The kind of a report of an unknown member that was dropped.
    pub const UNKNOWN_MEMBER: &'static str = "unknown_member";

    pub(crate) fn new(path: impl fmt::Display, kind: &'static str, detail: impl Into<String>) -> Self {
        Self { path: path.to_string(), kind, detail: detail.into() }
    }

    /// The path of the attribute.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The name of the switch of [`Tolerance`](crate::Tolerance) that allowed the repair; or `read_only`, `unknown_member`
    /// or `same_elements`, which have no switch.
    pub fn kind(&self) -> &'static str {
        self.kind
    }

    /// A description for people.
    pub fn detail(&self) -> &str {
        &self.detail
    }
}

impl fmt::Display for Repair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`: {} ({})", self.path, self.detail, self.kind)
    }
}
