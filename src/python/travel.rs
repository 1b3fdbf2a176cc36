//! Pickle and copy: the state from which objects are rebuilt. Most classes have no constructor in Python, and have a `_load`
//! for pickle instead.

use pyo3::PyTypeInfo;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyTuple};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::text::document;

/// The result of `__reduce__`: the function to call, and its arguments.
pub(super) type Reduced<'py> = (Bound<'py, PyAny>, Bound<'py, PyTuple>);

/// The result of `__reduce__` with which pickle calls the `_load` of a class.
pub(super) fn reduced<'py, T: PyTypeInfo>(
    py: Python<'py>,
    arguments: impl IntoPyObject<'py, Target = PyTuple, Output = Bound<'py, PyTuple>, Error = PyErr>,
) -> PyResult<Reduced<'py>> {
    Ok((py.get_type::<T>().getattr("_load")?, arguments.into_pyobject(py)?))
}

/// Writes a state as JSON text, which keeps numbers exactly as they were written.
pub(super) fn state<'py>(py: Python<'py>, state: &impl Serialize) -> PyResult<Bound<'py, PyBytes>> {
    let text = serde_json::to_vec(state).map_err(|error| PyValueError::new_err(error.to_string()))?;
    Ok(PyBytes::new(py, &text))
}

/// Reads the JSON text that `state` has made.
pub(super) fn value(state: &[u8]) -> PyResult<Value> {
    document(state).map_err(PyValueError::new_err)
}

/// Reads a type from the JSON text that `state` has made. A state with values of resources is read by [`value`] instead.
pub(super) fn read<T: DeserializeOwned>(state: &[u8]) -> PyResult<T> {
    serde_json::from_slice(state).map_err(|error| PyValueError::new_err(error.to_string()))
}

/// A member of a state that is a list; empty if it is missing.
pub(super) fn list(state: &mut Value, name: &str) -> Vec<Value> {
    match state.get_mut(name).map(Value::take) {
        Some(Value::Array(elements)) => elements,
        _ => Vec::new(),
    }
}

/// A member of a state that is text.
pub(super) fn text(state: &mut Value, name: &str) -> PyResult<String> {
    match state.get_mut(name).map(Value::take) {
        Some(Value::String(text)) => Ok(text),
        _ => Err(PyValueError::new_err(format!("the pickle has no text `{name}`"))),
    }
}

/// The error of an object that cannot be pickled.
pub(super) fn refused(why: &'static str) -> PyErr {
    PyTypeError::new_err(why)
}
