//! The parts of an operation. Each form of a request is read into these parts, so that all forms are checked in the same
//! way.

use std::borrow::Cow;

use serde_json::Value;

use super::error::PatchError;
use super::operation::{Op, Operation};
use crate::coerce::members::{case_duplicate, member, member_mut};
use crate::error::ScimType;
use crate::options::Options;
use crate::syntax::{PatchPath, shown_unread};

pub(super) fn parse_path(index: usize, text: &str, options: &Options) -> Result<PatchPath, PatchError> {
    PatchPath::parse_with(text, options).map_err(|error| {
        let shown = Some(shown_unread(text)).filter(|shown| !shown.is_empty());
        PatchError::new(Some(index), shown, error.kind(), error.to_string()).shown(error.span(), error.render())
    })
}

/// The members of an operation before its path is parsed.
pub(super) struct Parts<'b> {
    pub op: Op,
    pub path: Option<Cow<'b, str>>,
    pub value: Option<Value>,
}

impl From<Operation> for Parts<'_> {
    fn from(operation: Operation) -> Self {
        let Operation { op, path, value, .. } = operation;
        // The canonical text, which any options accept.
        Self { op, path: path.map(|path| path.to_string().into()), value }
    }
}

impl<'b> Parts<'b> {
    /// Takes the parts out of a JSON value.
    pub fn read(index: usize, operation: &'b mut Value) -> Result<Self, PatchError> {
        let fail = |scim_type, message: String| Err(PatchError::new(Some(index), None, scim_type, message));
        let Value::Object(members) = operation else {
            return fail(ScimType::InvalidSyntax, "expected an object with `op`, `path` and `value`".to_owned());
        };
        if let Some(name) = case_duplicate(members) {
            return fail(ScimType::InvalidSyntax, format!("the name `{name}` is given twice, in different case"));
        }
        let value = member_mut(members, "value").map(Value::take);
        let op = match member(members, "op") {
            Some(Value::String(name)) => match Op::from_name(name) {
                Some(op) => op,
                None => {
                    let shown: String = name.chars().take(40).collect();
                    return fail(
                        ScimType::InvalidSyntax,
                        format!("`{shown}` is not a valid `op`: expected `add`, `remove` or `replace`"),
                    );
                }
            },
            _ => return fail(ScimType::InvalidSyntax, "expected `op` to be `add`, `remove` or `replace`".to_owned()),
        };
        let path = match member(members, "path") {
            None | Some(Value::Null) => None,
            Some(Value::String(text)) => Some(Cow::Borrowed(text.as_str())),
            Some(_) => return fail(ScimType::InvalidPath, "expected `path` to be a string".to_owned()),
        };
        Ok(Self { op, path, value })
    }

    pub fn operation(self, index: usize, options: &Options) -> Result<Operation, PatchError> {
        let Self { op, path, value } = self;
        let fail = |scim_type, message: String| Err(PatchError::new(Some(index), None, scim_type, message));
        let path = match path {
            None => None,
            Some(text) => Some(parse_path(index, &text, options)?),
        };
        match (op, &path, &value) {
            (_, None, _) if options.profile.path_required => {
                fail(ScimType::InvalidSyntax, format!("`{op}` needs a `path`"))
            }
            (Op::Remove, None, _) => fail(ScimType::NoTarget, "`remove` needs a `path`".to_owned()),
            (Op::Add | Op::Replace, _, None) => fail(ScimType::InvalidValue, format!("`{op}` needs a `value`")),
            _ => Ok(Operation { op, path, value, index, from_member: false }),
        }
    }
}
