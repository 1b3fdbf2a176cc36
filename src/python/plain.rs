//! Prepares values for answers. A value that a host's serialiser would not write in the form of SCIM is converted; all
//! others stay unchanged.

use std::str::FromStr as _;

use pyo3::IntoPyObjectExt as _;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyString, PyTuple};
use serde_json::{Number, Value};

use super::convert::to_python;
use super::object::{Object, not_finite};
use crate::limits::Limits;

/// The value for an answer: the same object, unless something in it has a type that the `json` module does not write.
#[inline]
pub(super) fn plain(value: Bound<'_, PyAny>) -> PyResult<Bound<'_, PyAny>> {
    if is_plain(&value) {
        return Ok(value);
    }
    Ok(converted(&value, &mut Vec::new())?.unwrap_or(value))
}

/// Converts the values of a dict and puts them into the same dict, which must belong to the caller.
pub(super) fn make_plain(dict: &Bound<'_, PyDict>) -> PyResult<()> {
    for (key, value) in to_look_at(dict) {
        if let Some(converted) = converted(&value, &mut Vec::new())? {
            dict.set_item(key, converted)?;
        }
    }
    Ok(())
}

/// Whether every serialiser writes the value correctly. No Python code runs here.
#[inline]
fn is_plain(value: &Bound<'_, PyAny>) -> bool {
    value.is_exact_instance_of::<PyString>()
        || value.is_exact_instance_of::<PyBool>()
        || value.is_none()
        || value.is_exact_instance_of::<PyInt>()
}

/// The entries of a dict that may need a conversion. They are collected first, because a conversion may run Python code that
/// changes the dict. `fold` locks the dict where there is no GIL.
fn to_look_at<'py>(dict: &Bound<'py, PyDict>) -> Vec<(Bound<'py, PyAny>, Bound<'py, PyAny>)> {
    dict.iter().fold(Vec::new(), |mut entries, (key, value)| {
        if !is_plain(&value) {
            entries.push((key, value));
        }
        entries
    })
}

/// The converted value; none if it stays unchanged. `outer` has the addresses of the objects that contain the value. A value
/// that contains itself, or that is nested deeper than `Limits::MAX_DEPTH`, stays unchanged.
fn converted<'py>(value: &Bound<'py, PyAny>, outer: &mut Vec<usize>) -> PyResult<Option<Bound<'py, PyAny>>> {
    if is_plain(value) {
        return Ok(None);
    }
    // Most objects have only simple values and need no conversion, so this case is checked first.
    if value.is_exact_instance_of::<PyDict>()
        && let Ok(dict) = value.cast::<PyDict>()
        && dict.iter().all(|(_, value)| is_plain(&value))
    {
        return Ok(None);
    }
    let py = value.py();
    if value.is_instance_of::<PyFloat>() {
        let float = value.extract::<f64>()?;
        return of_float(py, float).map(|null| null.filter(|_| !float.is_finite()));
    }
    let own = value.as_ptr() as usize;
    if outer.len() > Limits::MAX_DEPTH || outer.contains(&own) {
        return Ok(None);
    }
    outer.push(own);
    let made = if value.is_instance_of::<PyDict>()
        && let Ok(dict) = value.cast::<PyDict>()
    {
        of_dict(dict, outer)
    } else if value.is_instance_of::<PyList>()
        && let Ok(list) = value.cast::<PyList>()
    {
        of_list(list, outer)
    } else {
        of_other(value, outer)
    };
    outer.pop();
    made
}

/// NaN stands for "no value" and becomes None. Infinity has no form in JSON, and is an error.
fn of_float(py: Python<'_>, float: f64) -> PyResult<Option<Bound<'_, PyAny>>> {
    if float.is_nan() {
        return Ok(Some(py.None().into_bound(py)));
    }
    if float.is_infinite() {
        return Err(not_finite(py, &float.to_string()));
    }
    float.into_bound_py_any(py).map(Some)
}

fn of_dict<'py>(dict: &Bound<'py, PyDict>, outer: &mut Vec<usize>) -> PyResult<Option<Bound<'py, PyAny>>> {
    let mut made = None;
    for (key, value) in to_look_at(dict) {
        if let Some(converted) = converted(&value, outer)? {
            let copy = match made.take() {
                Some(copy) => copy,
                None => dict.copy()?,
            };
            copy.set_item(key, converted)?;
            made = Some(copy);
        }
    }
    Ok(made.map(Bound::into_any))
}

fn of_list<'py>(list: &Bound<'py, PyList>, outer: &mut Vec<usize>) -> PyResult<Option<Bound<'py, PyAny>>> {
    let mut made = None;
    for (at, value) in list.iter().enumerate() {
        if let Some(converted) = converted(&value, outer)? {
            let copy = made.take().unwrap_or_else(|| list.get_slice(0, list.len()));
            copy.set_item(at, converted)?;
            made = Some(copy);
        }
    }
    Ok(made.map(Bound::into_any))
}

fn of_other<'py>(value: &Bound<'py, PyAny>, outer: &mut Vec<usize>) -> PyResult<Option<Bound<'py, PyAny>>> {
    let py = value.py();
    // `made` is the `dict` or `list` that the value stands for. Its contents are converted, too.
    let within = |made: Bound<'py, PyAny>, outer: &mut Vec<usize>| -> PyResult<Option<Bound<'py, PyAny>>> {
        Ok(Some(converted(&made, outer)?.unwrap_or(made)))
    };
    match Object::of(value.clone())? {
        Object::Null => Ok(Some(py.None().into_bound(py))),
        Object::Bool(value) => value.into_bound_py_any(py).map(Some),
        Object::Integer(integer) => Ok((!integer.is(value)).then(|| integer.into_any())),
        Object::Text(text) => Ok((!text.is(value)).then(|| text.into_any())),
        Object::Float(float) => of_float(py, float),
        Object::Number(text) => {
            let number = Number::from_str(text.to_str()?).map_err(|_| not_finite(py, &text.to_string_lossy()))?;
            to_python(py, &Value::Number(number)).map(Some)
        }
        object @ (Object::Dict(_) | Object::Mapping(_)) => match object.into_dict()? {
            Some(dict) => within(dict.into_any(), outer),
            None => Ok(None),
        },
        Object::List(list) => within(list.into_any(), outer),
        Object::Tuple(tuple) => Ok(of_list(&tuple.to_list(), outer)?),
        Object::Sequence(sequence) => {
            let list = PyList::empty(py);
            for element in sequence.try_iter()? {
                list.append(element?)?;
            }
            let made = of_list(&list, outer)?;
            // A subclass of `tuple` needs no conversion, because serialisers write it as a list.
            let is_tuple = value.is_instance_of::<PyTuple>();
            Ok(made.or_else(|| (!is_tuple).then(|| list.into_any())))
        }
    }
}
