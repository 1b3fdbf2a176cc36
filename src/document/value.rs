//! Implements [`Document`] for `serde_json::Value`.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::{Document, DocumentError, Key, NumberView, ValueKind, View};

impl Document for &Value {
    type Error = DocumentError;

    #[inline]
    fn view(&self) -> Result<View<'_>, DocumentError> {
        Ok(match self {
            Value::Null => View::Null,
            Value::Bool(value) => View::Bool(*value),
            Value::Number(number) => View::Number(NumberView::from(number)),
            Value::String(text) => View::String(text.as_str().into()),
            Value::Array(_) => View::Array,
            Value::Object(_) => View::Object,
        })
    }

    #[inline]
    fn kind(&self) -> Result<ValueKind, DocumentError> {
        Ok(match self {
            Value::Null => ValueKind::Null,
            Value::Array(_) => ValueKind::Array,
            Value::Object(_) => ValueKind::Object,
            Value::Bool(_) | Value::Number(_) | Value::String(_) => ValueKind::Simple,
        })
    }

    #[inline]
    fn text(&self) -> Result<Option<Cow<'_, str>>, DocumentError> {
        Ok(if let Value::String(text) = self { Some(Cow::Borrowed(text)) } else { None })
    }

    #[inline]
    fn member(&self, key: &Key) -> Result<Option<Self>, DocumentError> {
        let Value::Object(members) = self else { return Ok(None) };
        Ok(member(members, key))
    }

    #[inline]
    fn any_element(&self, f: &mut dyn FnMut(&Self) -> Result<bool, DocumentError>) -> Result<bool, DocumentError> {
        let Value::Array(elements) = self else { return Ok(false) };
        for element in elements {
            if f(&element)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    #[inline]
    fn any_member(&self, f: &mut dyn FnMut(&str, &Self) -> Result<bool, DocumentError>) -> Result<bool, DocumentError> {
        let Value::Object(members) = self else { return Ok(false) };
        for (name, value) in members {
            if f(name, &value)? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

fn member<'v>(members: &'v Map<String, Value>, key: &Key) -> Option<&'v Value> {
    let exact = if key.is_canonical() { members.get(key.name()) } else { None };
    exact.or_else(|| in_any_case(members, key.name()))
}

/// The first member of this name in any case. The lengths are compared first, because most names differ in length.
#[inline(never)]
fn in_any_case<'v>(members: &'v Map<String, Value>, wanted: &str) -> Option<&'v Value> {
    for (name, value) in members {
        if name.len() == wanted.len() && name.eq_ignore_ascii_case(wanted) {
            return Some(value);
        }
    }
    None
}
