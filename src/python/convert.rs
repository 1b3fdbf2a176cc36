//! Python objects to values, and back.

use std::str::FromStr;

use pyo3::IntoPyObjectExt as _;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyInt, PyList, PyString};
use serde_json::{Map, Number, Value};

use super::error;
use super::object::{Object, decimal, integer_text};
use super::text::text;
use crate::ScimType;

/// Levels that are followed on the stack, whatever a host allows; JSON text has the same limit.
const MAX_LEVELS: usize = 128;

/// Reads Python objects as JSON.
#[derive(Clone, Copy)]
pub(super) struct Reader {
    /// What is read, for messages.
    pub what: &'static str,
    /// The kind of error that a client caused.
    pub kind: ScimType,
    /// Levels of objects and arrays within each other that are allowed.
    pub max_depth: usize,
}

/// What could not be read, and the way to it, last step first.
struct Misfit {
    error: PyErr,
    /// A mistake that Python's JSON reader lets pass: to be told with its place.
    detail: Option<String>,
    steps: Vec<String>,
}

impl From<PyErr> for Misfit {
    fn from(error: PyErr) -> Self {
        Self { error, detail: None, steps: Vec::new() }
    }
}

impl Reader {
    /// A body of a request.
    pub(super) fn body(max_depth: usize) -> Self {
        Self { what: "the body", kind: ScimType::InvalidSyntax, max_depth }
    }

    /// A stored resource. How deep it may be is for the engine to say.
    pub(super) fn stored() -> Self {
        Self { what: "what is stored", kind: ScimType::InvalidValue, max_depth: MAX_LEVELS }
    }

    /// Reads a value.
    pub(super) fn read(self, object: Bound<'_, PyAny>) -> PyResult<Value> {
        self.read_at("", object)
    }

    /// Reads the value of an attribute, which is named where it cannot be read.
    pub(super) fn read_at(self, name: &str, object: Bound<'_, PyAny>) -> PyResult<Value> {
        let py = object.py();
        self.value(object, 0).map_err(|misfit| {
            let Misfit { error, detail, mut steps } = misfit;
            let Some(detail) = detail else { return error };
            steps.push(name.to_owned());
            steps.reverse();
            let path = steps.concat();
            let path = path.strip_prefix('.').unwrap_or(&path);
            let place = if path.is_empty() { String::new() } else { format!("`{path}`: ") };
            error::of_kind(py, self.kind, format!("{place}{detail}"))
        })
    }

    fn told(self, py: Python<'_>, detail: impl Into<String>) -> Misfit {
        let detail = detail.into();
        Misfit { error: error::of_kind(py, self.kind, detail.clone()), detail: Some(detail), steps: Vec::new() }
    }

    fn text(self, value: &Bound<'_, PyString>) -> Result<String, Misfit> {
        text(value, self.kind).map_err(|error| {
            let detail = value.encode_utf8().err().and_then(|_| error.value(value.py()).str().ok());
            Misfit { detail: detail.map(|detail| detail.to_string_lossy().into_owned()), error, steps: Vec::new() }
        })
    }

    fn number(self, py: Python<'_>, text: &str) -> Result<Value, Misfit> {
        Number::from_str(text).map(Value::Number).map_err(|_| self.told(py, format!("`{text}` is no number in JSON")))
    }

    fn value(self, object: Bound<'_, PyAny>, depth: usize) -> Result<Value, Misfit> {
        let py = object.py();
        let max = self.max_depth.min(MAX_LEVELS);
        if depth > max {
            let what = self.what;
            let error =
                error::of_kind(py, self.kind, format!("{what} is nested too deep: at most {max} levels are allowed"));
            return Err(error.into());
        }
        match Object::of(object)? {
            Object::Null => Ok(Value::Null),
            Object::Bool(value) => Ok(Value::Bool(value)),
            Object::Integer(integer) => match integer.extract::<i64>() {
                Ok(value) => Ok(value.into()),
                Err(_) => self.number(py, &integer_text(&integer)?),
            },
            Object::Float(float) => match Number::from_f64(float) {
                Some(number) => Ok(Value::Number(number)),
                None => Err(self.told(py, format!("`{float}` is no number in JSON: expected a finite one"))),
            },
            Object::Number(text) => self.number(py, &text),
            Object::Text(text) => self.text(&text).map(Value::String),
            Object::Dict(dict) => self.members(dict.items().iter().map(|entry| entry.extract()), dict.len(), depth),
            Object::Mapping(mapping) => {
                let entries = mapping.try_iter()?.map(|key| {
                    let key = key?;
                    let value = mapping.get_item(&key)?;
                    Ok((key, value))
                });
                self.members(entries, 0, depth)
            }
            Object::List(list) => self.elements(list.to_tuple().iter().map(Ok), depth),
            Object::Tuple(tuple) => self.elements(tuple.iter().map(Ok), depth),
            Object::Sequence(sequence) => self.elements(sequence.try_iter()?, depth),
        }
    }

    fn members<'py>(
        self,
        entries: impl Iterator<Item = PyResult<(Bound<'py, PyAny>, Bound<'py, PyAny>)>>,
        count: usize,
        depth: usize,
    ) -> Result<Value, Misfit> {
        let mut members = Map::with_capacity(count);
        for entry in entries {
            let (key, value) = entry?;
            let name = match Object::of(key.clone()) {
                Ok(Object::Text(name)) => self.text(&name)?,
                _ => return Err(PyTypeError::new_err(format!("names of members must be `str`, not {key}")).into()),
            };
            match self.value(value, depth + 1) {
                Ok(value) => members.insert(name, value),
                Err(mut misfit) => {
                    misfit.steps.push(format!(".{name}"));
                    return Err(misfit);
                }
            };
        }
        Ok(Value::Object(members))
    }

    fn elements<'py>(
        self,
        elements: impl Iterator<Item = PyResult<Bound<'py, PyAny>>>,
        depth: usize,
    ) -> Result<Value, Misfit> {
        let read = elements.enumerate().map(|(index, element)| {
            self.value(element?, depth + 1).map_err(|mut misfit| {
                misfit.steps.push(format!("[{index}]"));
                misfit
            })
        });
        read.collect::<Result<_, _>>().map(Value::Array)
    }
}

/// A value as Python objects.
pub(super) fn to_python<'py>(py: Python<'py>, value: &Value) -> PyResult<Bound<'py, PyAny>> {
    Writer { py, names: Vec::new() }.value(value)
}

/// Many values as a list of Python objects.
pub(super) fn all_to_python<'py>(py: Python<'py>, values: &[Value]) -> PyResult<Bound<'py, PyList>> {
    let mut writer = Writer { py, names: Vec::new() };
    let list = PyList::empty(py);
    for value in values {
        list.append(writer.value(value)?)?;
    }
    Ok(list)
}

/// Makes Python objects. The same name becomes the same `str`: elements of a long list share theirs.
struct Writer<'v, 'py> {
    py: Python<'py>,
    names: Vec<(&'v str, Bound<'py, PyString>)>,
}

impl<'v, 'py> Writer<'v, 'py> {
    fn name(&mut self, name: &'v str) -> Bound<'py, PyString> {
        const FEW: usize = 32;
        if let Some((_, shared)) = self.names.iter().find(|(known, _)| *known == name) {
            return shared.clone();
        }
        let text = PyString::new(self.py, name);
        if self.names.len() < FEW {
            self.names.push((name, text.clone()));
        }
        text
    }

    fn value(&mut self, value: &'v Value) -> PyResult<Bound<'py, PyAny>> {
        match value {
            Value::Null => Ok(self.py.None().into_bound(self.py)),
            Value::Bool(value) => value.into_bound_py_any(self.py),
            Value::Number(number) => to_number(self.py, number),
            Value::String(text) => text.into_bound_py_any(self.py),
            Value::Array(elements) => {
                let list = PyList::empty(self.py);
                for element in elements {
                    list.append(self.value(element)?)?;
                }
                Ok(list.into_any())
            }
            Value::Object(members) => {
                let dict = PyDict::new(self.py);
                for (name, value) in members {
                    let name = self.name(name);
                    dict.set_item(name, self.value(value)?)?;
                }
                Ok(dict.into_any())
            }
        }
    }
}

/// An `int` of any size, a `float`, or a `Decimal` for what no float can hold.
fn to_number<'py>(py: Python<'py>, number: &Number) -> PyResult<Bound<'py, PyAny>> {
    if let Some(value) = number.as_i64() {
        return value.into_bound_py_any(py);
    }
    let text = number.to_string();
    if !text.contains(['.', 'e', 'E']) {
        let int = py.get_type::<PyInt>();
        return match int.call1((&text,)) {
            // Too long for `int` to read.
            Err(error) if error.is_instance_of::<PyValueError>(py) => int.call1((decimal(py, &text)?,)),
            made => made,
        };
    }
    match text.parse::<f64>() {
        Ok(float) if float.is_finite() => float.into_bound_py_any(py),
        _ => decimal(py, &text),
    }
}
