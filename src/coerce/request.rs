//! The purpose of a value: the kind of its request, how the value is combined with stored values, and where its attribute
//! is named.

use crate::error::ScimType;

/// The kind of request that a value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RequestKind {
    /// POST or PUT.
    Resource,
    /// An operation of a PATCH, except for the value of a `remove`.
    Patch,
    /// The value of a `remove`, which is compared and never stored.
    Removal,
}

impl RequestKind {
    /// The kind of error for a name that is refused in a body or a value. `invalidPath` is for the `path` of an operation
    /// (RFC 7644 Table 9).
    pub(crate) fn name_error(self) -> ScimType {
        match self {
            Self::Resource => ScimType::InvalidSyntax,
            Self::Patch | Self::Removal => ScimType::InvalidValue,
        }
    }
}

/// How given values are combined with stored ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EditMode {
    /// Values are added to a list.
    Add,
    /// A list is replaced as a whole.
    Replace,
    /// The given values are removed from those that are stored. If no value is given, all are removed.
    Remove,
}

/// The place in which a request names an attribute or sub-attribute. It decides whether a value that may not change is
/// refused or dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NamedIn {
    /// In a path.
    Path,
    /// As a member of a value.
    Value,
}
