//! Converts Python values to the literals of filters, and back.

use pyo3::prelude::*;
use serde_json::Value;

use super::convert::{ObjectReader, to_python};
use super::error;
use crate::error::ScimType;
use crate::syntax::Literal;

/// Reads the value with which a filter compares an attribute.
pub(super) fn from_python(value: Bound<'_, PyAny>) -> PyResult<Literal<'static>> {
    let py = value.py();
    let reader = ObjectReader { what: "the value", kind: ScimType::InvalidFilter, ..ObjectReader::body(1) };
    match reader.read(value)? {
        Value::Null => Ok(Literal::Null),
        Value::Bool(value) => Ok(Literal::Bool(value)),
        Value::Number(number) => Ok(Literal::from(number)),
        Value::String(text) => Ok(Literal::from(text)),
        Value::Array(_) | Value::Object(_) => {
            let detail = "a filter compares with a string, a number, a boolean or `None`";
            Err(error::of_kind(py, ScimType::InvalidFilter, detail))
        }
    }
}

/// The Python value of a literal.
pub(super) fn to_object<'py>(py: Python<'py>, literal: &Literal<'_>) -> PyResult<Bound<'py, PyAny>> {
    let value =
        serde_json::to_value(literal).map_err(|error| pyo3::exceptions::PyValueError::new_err(error.to_string()))?;
    to_python(py, &value)
}
