//! Python objects as documents for filters, read without converting them.

use std::borrow::Cow;

use pyo3::exceptions::{PyIndexError, PyTypeError};
use pyo3::prelude::*;
use pyo3::types::{PyByteArray, PyBytes, PyDict, PyIterator, PyMapping, PyString};

use super::error::ReadError;
use super::object::{Object, integer_text, not_finite};
use super::text::borrowed;
use crate::document::{Document, Key, NumberView, ValueKind, View};
use crate::error::ScimType;

/// The names of the members that a filter reads, as interned Python strings. [`Key::index`] is the index of a name.
#[derive(Default)]
pub(super) struct InternedNames(Vec<Py<PyString>>);

impl InternedNames {
    pub(super) fn of<'a>(py: Python<'_>, names: impl Iterator<Item = &'a str>) -> Self {
        Self(names.map(|name| PyString::intern(py, name).unbind()).collect())
    }

    #[inline]
    fn get(&self, key: &Key) -> Option<&Py<PyString>> {
        self.0.get(key.index())
    }
}

/// Iterates over documents. A mapping, a text or a data frame is an error, because its keys, characters or columns would be
/// taken for documents.
pub(super) fn each<'py>(documents: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyIterator>> {
    let class = documents.get_type();
    let is_text = documents.is_instance_of::<PyString>()
        || documents.is_instance_of::<PyBytes>()
        || documents.is_instance_of::<PyByteArray>();
    let message = if is_text {
        "expected several documents, not the text of them: put one text into a list, or ask `scan`"
    } else if documents.cast::<PyMapping>().is_ok() {
        "expected several documents, not one mapping: put it into a list, or give its `values()`"
    } else if class.hasattr("columns")? && (class.hasattr("to_dict")? || class.hasattr("to_pylist")?) {
        "a data frame gives its columns one by one, not documents: give `df.to_dict(\"records\")` (pandas), `df.to_dicts()` \
         (polars), or ask `mask` of the frame written as NDJSON"
    } else {
        return documents.try_iter();
    };
    Err(PyTypeError::new_err(message))
}

/// The error if Python asks for the truth of a filter object, as its `and`, `or`, `not` and `if` do.
pub(super) fn no_truth(what: &str) -> PyErr {
    PyTypeError::new_err(format!(
        "{what} is neither true nor false: join filters by `&`, `|` and `~`, not by `and`, `or` and `not`; ask \
         `matches` of a document, and `is None` whether there is one"
    ))
}

/// A Python object as a document.
pub(super) struct PyDocument<'n, 'py> {
    object: Object<'py>,
    names: &'n InternedNames,
}

impl<'n, 'py> PyDocument<'n, 'py> {
    #[inline]
    pub(super) fn new(object: Bound<'py, PyAny>, names: &'n InternedNames) -> Result<Self, ReadError> {
        match Object::exact(object) {
            Ok(object) => Ok(Self { object, names }),
            Err(object) => Self::other(object, names),
        }
    }

    #[inline(never)]
    fn other(object: Bound<'py, PyAny>, names: &'n InternedNames) -> Result<Self, ReadError> {
        Ok(Self { object: Object::of(object)?, names })
    }

    #[inline]
    fn child(&self, object: Bound<'py, PyAny>) -> Result<Self, ReadError> {
        Self::new(object, self.names)
    }

    fn first_true(
        &self,
        objects: impl Iterator<Item = PyResult<Bound<'py, PyAny>>>,
        f: &mut dyn FnMut(&Self) -> Result<bool, ReadError>,
    ) -> Result<bool, ReadError> {
        for object in objects {
            if f(&self.child(object?)?)? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

impl Document for PyDocument<'_, '_> {
    type Error = ReadError;

    fn view(&self) -> Result<View<'_>, ReadError> {
        Ok(match &self.object {
            Object::Null => View::Null,
            Object::Bool(value) => View::Bool(*value),
            Object::Integer(integer) => View::Number(match integer.extract::<i64>() {
                Ok(value) => NumberView::Integer(value.into()),
                Err(_) => NumberView::Text(integer_text(integer)?.into()),
            }),
            missing if missing.is_missing() => View::Null,
            Object::Float(float) => match serde_json::Number::from_f64(*float) {
                Some(number) => View::Number(NumberView::Text(number.to_string().into())),
                None => return Err(Python::attach(|py| not_finite(py, &float.to_string())).into()),
            },
            Object::Number(text) => View::Number(NumberView::Text(borrowed(text, ScimType::InvalidValue)?.into())),
            Object::Text(text) => View::String(borrowed(text, ScimType::InvalidValue)?.into()),
            Object::Dict(_) | Object::Mapping(_) => View::Object,
            Object::List(_) | Object::Tuple(_) | Object::Sequence(_) => View::Array,
        })
    }

    fn text(&self) -> Result<Option<Cow<'_, str>>, ReadError> {
        match &self.object {
            Object::Text(text) => Ok(Some(borrowed(text, ScimType::InvalidValue)?.into())),
            _ => Ok(None),
        }
    }

    fn kind(&self) -> Result<ValueKind, ReadError> {
        match &self.object {
            Object::Null => Ok(ValueKind::Null),
            Object::Bool(_) => Ok(ValueKind::Simple),
            Object::Dict(_) | Object::Mapping(_) => Ok(ValueKind::Object),
            Object::List(_) | Object::Tuple(_) | Object::Sequence(_) => Ok(ValueKind::Array),
            // `view` reads the value, because JSON cannot hold every text and number: a lone surrogate or an infinity is an
            // error.
            Object::Text(_) | Object::Integer(_) | Object::Float(_) | Object::Number(_) => {
                self.view().map(|view| view.kind())
            }
        }
    }

    fn member(&self, key: &Key) -> Result<Option<Self>, ReadError> {
        let value = match &self.object {
            Object::Dict(dict) => dict_member(dict, key, self.names)?,
            Object::Mapping(mapping) => mapping_member(mapping, key, self.names)?,
            _ => None,
        };
        match value {
            Some(value) => self.child(value).map(Some),
            None => Ok(None),
        }
    }

    fn any_element(&self, f: &mut dyn FnMut(&Self) -> Result<bool, ReadError>) -> Result<bool, ReadError> {
        match &self.object {
            Object::List(list) => {
                // `f` may run Python code that shortens the list, so an index past the end is not an error but ends the
                // iteration.
                let elements = (0..list.len()).map_while(|index| match list.get_item(index) {
                    Err(error) if error.is_instance_of::<PyIndexError>(list.py()) => None,
                    element => Some(element),
                });
                self.first_true(elements, f)
            }
            Object::Tuple(tuple) => self.first_true(tuple.iter().map(Ok), f),
            Object::Sequence(sequence) => self.first_true(sequence.try_iter()?, f),
            _ => Ok(false),
        }
    }

    fn any_member(&self, f: &mut dyn FnMut(&str, &Self) -> Result<bool, ReadError>) -> Result<bool, ReadError> {
        let mut holds = |key: &Bound<'_, PyAny>, value| f(&member_name(key), &self.child(value)?);
        match &self.object {
            Object::Dict(dict) => {
                // The members are collected first, because `f` may run Python code that changes the dict.
                for (key, value) in dict.iter().collect::<Vec<_>>() {
                    if holds(&key, value)? {
                        return Ok(true);
                    }
                }
            }
            Object::Mapping(mapping) => {
                for key in mapping.try_iter()? {
                    let key = key?;
                    if holds(&key, mapping.get_item(&key)?)? {
                        return Ok(true);
                    }
                }
            }
            _ => {}
        }
        Ok(false)
    }
}

#[inline]
fn dict_member<'py>(
    dict: &Bound<'py, PyDict>,
    key: &Key,
    names: &InternedNames,
) -> PyResult<Option<Bound<'py, PyAny>>> {
    if key.is_canonical() {
        let found = match names.get(key) {
            Some(name) => dict.get_item(name)?,
            None => dict.get_item(key.name())?,
        };
        if found.is_some() {
            return Ok(found);
        }
    }
    in_any_case(dict, key.name())
}

#[inline(never)]
fn in_any_case<'py>(dict: &Bound<'py, PyDict>, name: &str) -> PyResult<Option<Bound<'py, PyAny>>> {
    Ok(find(dict, name)?.map(|(_, value)| value))
}

/// The name that a key is; empty if the key is not a text.
fn member_name<'k>(key: &'k Bound<'_, PyAny>) -> Cow<'k, str> {
    key.cast::<PyString>().map_or(Cow::Borrowed(""), |name| name.to_string_lossy())
}

/// The first entry of a dict whose key is equal to the name without regard to case.
pub(super) fn find<'py>(
    dict: &Bound<'py, PyDict>,
    name: &str,
) -> PyResult<Option<(Bound<'py, PyAny>, Bound<'py, PyAny>)>> {
    let length = name.chars().count();
    // Only the keys are visited: taking references to the values would touch memory that is rarely in the cache.
    for key in dict.keys() {
        if is_name(&key, name, length)? {
            return Ok(dict.get_item(&key)?.map(|value| (key, value)));
        }
    }
    Ok(None)
}

/// Whether a key is equal to the name without regard to case. The lengths are compared first, because most keys differ in
/// length and their text need not be read.
#[inline]
fn is_name(key: &Bound<'_, PyAny>, name: &str, length: usize) -> PyResult<bool> {
    let Ok(key) = key.cast::<PyString>() else { return Ok(false) };
    if key.code_point_len()? != length {
        return Ok(false);
    }
    // A key with a lone surrogate has no UTF-8, so it is not equal to any name.
    Ok(key.to_str().is_ok_and(|key| key.eq_ignore_ascii_case(name)))
}

fn mapping_member<'py>(
    mapping: &Bound<'py, PyMapping>,
    key: &Key,
    names: &InternedNames,
) -> PyResult<Option<Bound<'py, PyAny>>> {
    if key.is_canonical() {
        let py = mapping.py();
        let name = names.get(key).map_or_else(|| PyString::new(py, key.name()), |name| name.bind(py).clone());
        if mapping.contains(&name)? {
            return mapping.get_item(name).map(Some);
        }
    }
    let length = key.name().chars().count();
    for name in mapping.try_iter()? {
        let name = name?;
        if is_name(&name, key.name(), length)? {
            return mapping.get_item(name).map(Some);
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::document::{check_contract, contract_samples};

    /// Checks the objects that `json.loads` makes, and the same objects with mappings and tuples instead of dicts and lists.
    #[test]
    fn the_contract_is_kept() {
        Python::initialize();
        Python::attach(|py| {
            let names = PyDict::new(py);
            py.run(
                c"
import json, types
def other(value):
    if isinstance(value, dict):
        return types.MappingProxyType({name: other(member) for name, member in value.items()})
    return tuple(map(other, value)) if isinstance(value, list) else value
",
                Some(&names),
                None,
            )
            .unwrap();
            for text in contract_samples() {
                let loaded = py.import("json").unwrap().call_method1("loads", (&text,)).unwrap();
                let other = names.get_item("other").unwrap().unwrap().call1((&loaded,)).unwrap();
                for object in [loaded, other] {
                    check_contract(
                        &text,
                        &PyDocument::new(object, &InternedNames::default()).map_err(PyErr::from).unwrap(),
                    )
                    .unwrap();
                }
            }
        });
    }
}
