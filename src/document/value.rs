//! `serde_json::Value` as a document.

use serde_json::Value;

use super::{Document, Key, NumberView, Shape, TooDeep, View};

impl Document for &Value {
    type Error = TooDeep;

    fn view(&self) -> Result<View<'_>, TooDeep> {
        Ok(match self {
            Value::Null => View::Null,
            Value::Bool(value) => View::Bool(*value),
            Value::Number(number) => View::Number(NumberView::from(number)),
            Value::String(text) => View::String(text.as_str().into()),
            Value::Array(_) => View::Array,
            Value::Object(_) => View::Object,
        })
    }

    fn shape(&self) -> Result<Shape, TooDeep> {
        Ok(match self {
            Value::Null => Shape::Null,
            Value::Array(_) => Shape::Array,
            Value::Object(_) => Shape::Object,
            Value::Bool(_) | Value::Number(_) | Value::String(_) => Shape::Simple,
        })
    }

    fn member(&self, key: &Key) -> Result<Option<Self>, TooDeep> {
        let Value::Object(members) = self else { return Ok(None) };
        if key.is_canonical()
            && let Some(value) = members.get(key.name())
        {
            return Ok(Some(value));
        }
        Ok(members.iter().find(|(name, _)| key.is(name)).map(|(_, value)| value))
    }

    fn any_element(&self, f: &mut dyn FnMut(&Self) -> Result<bool, TooDeep>) -> Result<bool, TooDeep> {
        let Value::Array(elements) = self else { return Ok(false) };
        for element in elements {
            if f(&element)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn any_member(&self, f: &mut dyn FnMut(&Self) -> Result<bool, TooDeep>) -> Result<bool, TooDeep> {
        let Value::Object(members) = self else { return Ok(false) };
        for value in members.values() {
            if f(&value)? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
