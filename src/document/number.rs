//! A number of a document.

use std::borrow::Cow;

use serde_json::Number;

/// A number, in a form that loses nothing.
#[derive(Debug, Clone, PartialEq)]
pub enum NumberView<'a> {
    /// A whole number.
    Integer(i128),
    /// Any number as JSON text.
    Text(Cow<'a, str>),
}

impl From<&Number> for NumberView<'_> {
    fn from(number: &Number) -> Self {
        if let Some(value) = number.as_i64() {
            return Self::Integer(value.into());
        }
        if let Some(value) = number.as_u64() {
            return Self::Integer(value.into());
        }
        Self::Text(Cow::Owned(number.to_string()))
    }
}
