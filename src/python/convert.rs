//! Converts Python objects to JSON values, and back.

use std::str::FromStr;

use pyo3::IntoPyObjectExt as _;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyInt, PyList, PyString};
use serde_json::{Map, Number, Value};

use super::error;
use super::object::{INT_DIGITS, Object, decimal, integer_text};
use super::text::lone_surrogate;
use crate::error::ScimType;

/// The most levels of nesting that are read, even if the host allows more. JSON text has the same limit.
const MAX_LEVELS: usize = 128;

/// Reads Python objects as JSON.
#[derive(Clone, Copy)]
pub(super) struct ObjectReader {
    /// The name of the value for messages, such as `the body`.
    pub what: &'static str,
    /// The `scimType` of the error that is raised for a mistake of a client.
    pub kind: ScimType,
    /// The most levels of nested objects and arrays.
    pub max_depth: usize,
    /// Whether the value is the host's own data, in which `NaN` and similar values are read as null. In other data they are
    /// an error.
    pub is_stored: bool,
}

/// The reason why an object cannot be read.
enum Misfit {
    /// An exception of Python, which goes to the caller unchanged.
    Raised(PyErr),
    /// A mistake of a client, which is reported with its place.
    Told(String),
}

impl From<PyErr> for Misfit {
    fn from(error: PyErr) -> Self {
        Self::Raised(error)
    }
}

/// An object or array that is being read. The open objects are kept in a `Vec` instead of by recursion, because the stack of
/// a thread may be small.
struct OpenObject<'py> {
    made: Made,
    rest: std::vec::IntoIter<(String, Bound<'py, PyAny>)>,
}

enum Made {
    /// The members that have been read, and the name of the member that is being read.
    Members(Map<String, Value>, String),
    Elements(Vec<Value>),
}

impl<'py> OpenObject<'py> {
    fn next(&mut self) -> Option<Bound<'py, PyAny>> {
        let (next, object) = self.rest.next()?;
        if let Made::Members(_, name) = &mut self.made {
            *name = next;
        }
        Some(object)
    }

    fn add(&mut self, value: Value) {
        match &mut self.made {
            Made::Members(members, name) => {
                members.insert(std::mem::take(name), value);
            }
            Made::Elements(elements) => elements.push(value),
        }
    }

    fn finish(self) -> Value {
        match self.made {
            Made::Members(members, _) => Value::Object(members),
            Made::Elements(elements) => Value::Array(elements),
        }
    }

    fn step(&self) -> String {
        match &self.made {
            Made::Members(_, name) => format!(".{name}"),
            Made::Elements(elements) => format!("[{}]", elements.len()),
        }
    }
}

impl ObjectReader {
    /// A reader for the body of a request.
    pub(super) fn body(max_depth: usize) -> Self {
        Self { what: "the body", kind: ScimType::InvalidSyntax, max_depth, is_stored: false }
    }

    /// A reader for a stored resource. The engine decides how deep it may be nested.
    pub(super) fn stored() -> Self {
        Self { what: "the stored resource", kind: ScimType::InvalidValue, max_depth: MAX_LEVELS, is_stored: true }
    }

    /// Reads a value.
    pub(super) fn read(self, object: Bound<'_, PyAny>) -> PyResult<Value> {
        self.read_at("", object)
    }

    /// Reads the value of an attribute. The message of an error says at which path it is. The path begins with `name`, as in
    /// `emails[0].value`.
    pub(super) fn read_at(self, name: &str, object: Bound<'_, PyAny>) -> PyResult<Value> {
        let py = object.py();
        let mut open = Vec::new();
        self.walk(object, &mut open).map_err(|misfit| match misfit {
            Misfit::Raised(error) => error,
            Misfit::Told(detail) => {
                let path = open.iter().map(OpenObject::step).fold(name.to_owned(), |path, step| path + &step);
                let path = path.strip_prefix('.').unwrap_or(&path);
                let place = if path.is_empty() { String::new() } else { format!("`{path}`: ") };
                error::of_kind(py, self.kind, format!("{place}{detail}"))
            }
        })
    }

    fn walk<'py>(self, object: Bound<'py, PyAny>, open: &mut Vec<OpenObject<'py>>) -> Result<Value, Misfit> {
        let mut read = self.start(object, open)?;
        loop {
            let Some(top) = open.last_mut() else { return Ok(read.unwrap_or_default()) };
            if let Some(value) = read.take() {
                top.add(value);
            }
            read = match top.next() {
                Some(object) => self.start(object, open)?,
                None => open.pop().map(OpenObject::finish),
            };
        }
    }

    /// Reads a simple value, or opens a container.
    fn start<'py>(self, object: Bound<'py, PyAny>, open: &mut Vec<OpenObject<'py>>) -> Result<Option<Value>, Misfit> {
        let max = self.max_depth.min(MAX_LEVELS);
        if open.len() > max {
            let what = self.what;
            // Without `open`, the message has no path: at this depth it would be long and of no use.
            open.clear();
            return Err(Misfit::Told(format!("{what} is nested too deep: at most {max} levels are allowed")));
        }
        let (made, rest) = match Object::of(object)? {
            Object::Null => return Ok(Some(Value::Null)),
            missing if self.is_stored && missing.is_missing() => return Ok(Some(Value::Null)),
            Object::Bool(value) => return Ok(Some(Value::Bool(value))),
            Object::Integer(integer) => {
                return match integer.extract::<i64>() {
                    Ok(value) => Ok(Some(value.into())),
                    Err(_) => number(&integer_text(&integer)?).map(Some),
                };
            }
            Object::Float(float) => {
                return match Number::from_f64(float) {
                    Some(number) => Ok(Some(Value::Number(number))),
                    None => Err(no_number(&float.to_string())),
                };
            }
            Object::Number(text) => return number(text.to_str()?).map(Some),
            Object::Text(text) => return string(&text).map(|text| Some(Value::String(text))),
            Object::Dict(dict) => {
                let entries = dict.items().iter().map(|entry| named(&entry)).collect::<Result<Vec<_>, _>>()?;
                (Made::Members(Map::with_capacity(entries.len()), String::new()), entries)
            }
            Object::Mapping(mapping) => {
                let mut entries = Vec::new();
                for key in mapping.try_iter()? {
                    let key = key?;
                    entries.push((name_of(&key)?, mapping.get_item(&key)?));
                }
                (Made::Members(Map::new(), String::new()), entries)
            }
            Object::List(list) => (Made::Elements(Vec::new()), list.iter().map(unnamed).collect()),
            Object::Tuple(tuple) => (Made::Elements(Vec::new()), tuple.iter().map(unnamed).collect()),
            Object::Sequence(sequence) => {
                let elements = sequence.try_iter()?.map(|element| element.map(unnamed));
                (Made::Elements(Vec::new()), elements.collect::<PyResult<Vec<_>>>()?)
            }
        };
        open.push(OpenObject { made, rest: rest.into_iter() });
        Ok(None)
    }
}

fn unnamed(element: Bound<'_, PyAny>) -> (String, Bound<'_, PyAny>) {
    (String::new(), element)
}

fn named<'py>(entry: &Bound<'py, PyAny>) -> Result<(String, Bound<'py, PyAny>), Misfit> {
    let (key, value): (Bound<'py, PyAny>, Bound<'py, PyAny>) = entry.extract()?;
    Ok((name_of(&key)?, value))
}

fn name_of(key: &Bound<'_, PyAny>) -> Result<String, Misfit> {
    match Object::of(key.clone()) {
        Ok(Object::Text(name)) => string(&name),
        _ => Err(PyTypeError::new_err(format!("names of members must be `str`, not {}", key.repr()?)).into()),
    }
}

fn string(text: &Bound<'_, PyString>) -> Result<String, Misfit> {
    text.to_str().map(str::to_owned).map_err(|raised| match lone_surrogate(text.py(), &raised) {
        Some((detail, _)) => Misfit::Told(detail),
        None => raised.into(),
    })
}

fn number(text: &str) -> Result<Value, Misfit> {
    Number::from_str(text).map(Value::Number).map_err(|_| no_number(text))
}

fn no_number(text: &str) -> Misfit {
    Misfit::Told(format!("`{text}` is not a number in JSON: expected a finite one"))
}

/// Converts a value to Python objects.
pub(super) fn to_python<'py>(py: Python<'py>, value: &Value) -> PyResult<Bound<'py, PyAny>> {
    ObjectWriter { py, names: Vec::new() }.value(value)
}

/// Converts many values to a list of Python objects.
pub(super) fn all_to_python<'py>(py: Python<'py>, values: &[Value]) -> PyResult<Bound<'py, PyList>> {
    let mut writer = ObjectWriter { py, names: Vec::new() };
    let list = PyList::empty(py);
    for value in values {
        list.append(writer.value(value)?)?;
    }
    Ok(list)
}

/// Makes Python objects. Equal names share one `str`, which saves memory and time for the elements of a long list.
struct ObjectWriter<'v, 'py> {
    py: Python<'py>,
    names: Vec<(&'v str, Bound<'py, PyString>)>,
}

impl<'v, 'py> ObjectWriter<'v, 'py> {
    fn name(&mut self, name: &'v str) -> Bound<'py, PyString> {
        // At most this many names are shared. The search among them is linear, and with more names it would cost more than
        // making new strings.
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

/// Makes an `int` or a `float`. Makes a `Decimal` for a number that no float can hold, and for an integer with so many digits
/// that an `int` would take too long to make.
fn to_number<'py>(py: Python<'py>, number: &Number) -> PyResult<Bound<'py, PyAny>> {
    if let Some(value) = number.as_i64() {
        return value.into_bound_py_any(py);
    }
    let text = number.to_string();
    if !text.contains(['.', 'e', 'E']) {
        if text.trim_start_matches('-').len() > INT_DIGITS {
            return decimal(py, &text);
        }
        let int = py.get_type::<PyInt>();
        return match int.call1((&text,)) {
            // `int` refuses the text, because the host has lowered `sys.set_int_max_str_digits`. A `Decimal` has no such
            // limit, so the `int` is made from a `Decimal`.
            Err(error) if error.is_instance_of::<PyValueError>(py) => int.call1((decimal(py, &text)?,)),
            made => made,
        };
    }
    match text.parse::<f64>() {
        Ok(float) if float.is_finite() => float.into_bound_py_any(py),
        _ => decimal(py, &text),
    }
}
