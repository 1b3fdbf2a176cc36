//! One operation of a PATCH request.

use std::fmt;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::coerce::request::EditMode;
use crate::json::Hidden;
use crate::syntax::PatchPath;

/// The URN of a PATCH request.
pub(super) const SCHEMA: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/// The `op` of an operation (RFC 7644 §3.5.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Op {
    /// `add`.
    Add,
    /// `remove`.
    Remove,
    /// `replace`.
    Replace,
}

impl Op {
    /// The name in lower case.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Remove => "remove",
            Self::Replace => "replace",
        }
    }

    pub(super) fn from_name(name: &str) -> Option<Self> {
        [Self::Add, Self::Remove, Self::Replace].into_iter().find(|op| op.as_str().eq_ignore_ascii_case(name))
    }
}

impl From<Op> for EditMode {
    fn from(op: Op) -> Self {
        match op {
            Op::Add => Self::Add,
            Op::Remove => Self::Remove,
            Op::Replace => Self::Replace,
        }
    }
}

impl fmt::Display for Op {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An operation with its parsed path. `Debug` shows no values, not even those in the brackets of the path.
#[derive(Clone, PartialEq)]
pub struct Operation {
    pub(super) op: Op,
    pub(super) path: Option<PatchPath>,
    pub(super) value: Option<Value>,
    /// The index of the operation in the request. An operation that was read from the `members` of a SCIM 1.1 request has
    /// the index of its first member.
    pub(super) index: usize,
    /// Whether the operation was read from a SCIM 1.1 request, which has `members` in place of `Operations`. A `remove` of
    /// such a request always has a `value`, so the `value` is not reported as a deviation (P14).
    pub(super) from_member: bool,
}

impl fmt::Debug for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.as_ref().map(|path| {
            let brackets = if path.value_filter().is_some() { "[…]" } else { "" };
            let sub = path.sub_attribute().map_or_else(String::new, |sub| format!(".{sub}"));
            if brackets.is_empty() { path.as_str().to_owned() } else { format!("{}{brackets}{sub}", path.attr()) }
        });
        f.debug_struct("Operation")
            .field("op", &self.op)
            .field("path", &path)
            .field("value", &self.value.as_ref().map(Hidden))
            .finish_non_exhaustive()
    }
}

/// Writes the operation as a member of `Operations`.
impl Serialize for Operation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut members = serializer.serialize_map(None)?;
        members.serialize_entry("op", self.op.as_str())?;
        if let Some(path) = &self.path {
            members.serialize_entry("path", &format_args!("{path}"))?;
        }
        if let Some(value) = &self.value {
            members.serialize_entry("value", value)?;
        }
        members.end()
    }
}

impl Operation {
    /// Restores an operation that was serialized by `pickle`; `index` and `from_member` are not kept.
    #[cfg(feature = "python")]
    pub(crate) fn again(op: &str, path: Option<PatchPath>, value: Option<Value>) -> Option<Self> {
        Some(Self::new(Op::from_name(op)?, path, value))
    }

    fn new(op: Op, path: Option<PatchPath>, value: Option<Value>) -> Self {
        Self { op, path, value, index: 0, from_member: false }
    }

    /// `add` of a value at a path.
    pub fn add(path: PatchPath, value: impl Into<Value>) -> Self {
        Self::new(Op::Add, Some(path), Some(value.into()))
    }

    /// `replace` of the value at a path.
    pub fn replace(path: PatchPath, value: impl Into<Value>) -> Self {
        Self::new(Op::Replace, Some(path), Some(value.into()))
    }

    /// `add` or `replace` without a path: the members of the value name the attributes. (`remove` needs a path.)
    pub fn without_path(op: Op, value: impl Into<Value>) -> Self {
        Self::new(op, None, Some(value.into()))
    }

    /// `remove` of the values at a path.
    pub fn remove(path: PatchPath) -> Self {
        Self::new(Op::Remove, Some(path), None)
    }

    /// The kind of operation.
    pub fn op(&self) -> Op {
        self.op
    }

    /// The path. If it is `None`, the members of the value name the attributes.
    pub fn path(&self) -> Option<&PatchPath> {
        self.path.as_ref()
    }

    /// The value as sent.
    pub fn value(&self) -> Option<&Value> {
        self.value.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::options::Options;
    use crate::patch::Patch;
    use crate::tolerance::Tolerance;

    #[test]
    fn paths_that_were_read_loosely_are_written_strictly() {
        let loose = Options::default().tolerance(Tolerance { bare_words: true, ..Tolerance::default() });
        let operation = json!({"op": "remove", "path": "emails  [type EQ work and primary eq TRUE]"});
        let body = json!({"schemas": [Patch::SCHEMA], "Operations": [operation]});
        let patch = Patch::parse_with(&body, &loose).unwrap();
        let written = serde_json::to_value(&patch).unwrap();
        assert_eq!(written["Operations"][0]["path"], "emails[type eq \"work\" and primary eq true]");
        let strict = Options::default().tolerance(Tolerance::strict());
        assert_eq!(Patch::parse_with(&written, &strict).unwrap().operations(), patch.operations());
        assert_eq!(Patch::new_with(patch.operations().to_vec(), &strict).unwrap().operations(), patch.operations());
    }
}
