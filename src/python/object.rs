//! The JSON value that a Python object stands for.

use pyo3::exceptions::PyTypeError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{
    PyBool, PyByteArray, PyBytes, PyDict, PyFloat, PyInt, PyList, PyMapping, PyMemoryView, PyNone, PySequence,
    PyString, PyTuple, PyType,
};

use super::error;
use crate::error::ScimType;

/// A Python object, classified as JSON. The contents of containers are not inspected.
#[derive(Clone)]
pub(super) enum Object<'py> {
    Null,
    Bool(bool),
    Integer(Bound<'py, PyInt>),
    Float(f64),
    /// Any other number, as JSON text.
    Number(Bound<'py, PyString>),
    Text(Bound<'py, PyString>),
    Dict(Bound<'py, PyDict>),
    Mapping(Bound<'py, PyMapping>),
    List(Bound<'py, PyList>),
    Tuple(Bound<'py, PyTuple>),
    Sequence(Bound<'py, PyAny>),
}

impl<'py> Object<'py> {
    /// Classifies an object. Python code runs only for types that the `json` module does not write.
    #[inline]
    pub(super) fn of(object: Bound<'py, PyAny>) -> PyResult<Self> {
        Self::exact(object).or_else(|object| Self::other(&object))
    }

    /// Classifies an object whose type is exactly one that the `json` module writes, such as `dict`. Returns any other
    /// object unchanged as the error.
    #[inline]
    pub(super) fn exact(object: Bound<'py, PyAny>) -> Result<Self, Bound<'py, PyAny>> {
        // Each type is checked before the cast, because a failing cast first makes an error, which costs more than a check.
        if object.is_exact_instance_of::<PyString>() {
            return cast(object).map(Self::Text);
        }
        if object.is_exact_instance_of::<PyDict>() {
            return cast(object).map(Self::Dict);
        }
        if object.is_exact_instance_of::<PyList>() {
            return cast(object).map(Self::List);
        }
        if object.is_exact_instance_of::<PyBool>() {
            return object.cast::<PyBool>().map(|value| Self::Bool(value.is_true())).map_err(|_| object.clone());
        }
        if object.is_none() {
            return Ok(Self::Null);
        }
        if object.is_exact_instance_of::<PyInt>() {
            return cast(object).map(Self::Integer);
        }
        if object.is_exact_instance_of::<PyFloat>() {
            return object.cast::<PyFloat>().map(|value| Self::Float(value.value())).map_err(|_| object.clone());
        }
        if object.is_exact_instance_of::<PyTuple>() {
            return cast(object).map(Self::Tuple);
        }
        Err(object)
    }

    /// Classifies subclasses, and types that stand for a JSON value by convention.
    fn other(object: &Bound<'py, PyAny>) -> PyResult<Self> {
        let types = Types::get(object.py())?;
        // `Enum` comes first, because `class Kind(str, Enum)` is a `str` too, but stands for its value.
        if object.is_instance(types.enumeration.bind(object.py()))? {
            let value = object.getattr("value")?;
            if value.is_instance(types.enumeration.bind(object.py()))? {
                return Err(no_json(object));
            }
            return Self::of(value);
        }
        if let Ok(text) = object.cast::<PyString>() {
            return Ok(Self::Text(text.clone()));
        }
        if let Ok(integer) = object.cast::<PyInt>() {
            return Ok(Self::Integer(integer.clone()));
        }
        if let Ok(float) = object.cast::<PyFloat>() {
            return Ok(Self::Float(float.value()));
        }
        Self::of_library(object, types)
    }

    fn of_library(object: &Bound<'py, PyAny>, types: &Types) -> PyResult<Self> {
        let py = object.py();
        if object.is_instance(types.decimal.bind(py))? {
            if !object.call_method0("is_finite")?.is_truthy()? {
                // An infinite `Decimal` becomes the infinity of `f64`, any other the NaN of `f64`. The method `is_infinite`
                // is called, because `float` raises an error for a signalling NaN.
                let is_infinite = object.call_method0("is_infinite")?.is_truthy()?;
                return Ok(Self::Float(if is_infinite { f64::INFINITY } else { f64::NAN }));
            }
            return Ok(Self::Number(object.str()?));
        }
        if object.is_instance(types.date.bind(py))? {
            return Self::of_moment(object, &object.call_method0("isoformat")?.cast_into::<PyString>()?);
        }
        if object.is_instance(types.uuid.bind(py))? {
            return Ok(Self::Text(object.str()?));
        }
        let class = object.get_type();
        if let Some(scalar) = Self::of_frame(object, &class)? {
            return Ok(scalar);
        }
        if !object.is_instance_of::<PyType>() && class.hasattr("model_dump")? {
            let how = PyDict::new(py);
            how.set_item("mode", "json")?;
            how.set_item("by_alias", true)?;
            let dumped = object.call_method("model_dump", (), Some(&how))?;
            if dumped.hasattr("model_dump")? {
                return Err(no_json(object));
            }
            return Self::of(dumped);
        }
        if !object.is_instance_of::<PyType>() && class.hasattr("__dataclass_fields__")? {
            return fields(object, &class).map(Self::Dict);
        }
        if let Ok(mapping) = object.cast::<PyMapping>() {
            return Ok(Self::Mapping(mapping.clone()));
        }
        let is_bytes = object.is_instance_of::<PyBytes>()
            || object.is_instance_of::<PyByteArray>()
            || object.is_instance_of::<PyMemoryView>();
        if !is_bytes && object.cast::<PySequence>().is_ok() {
            return Ok(Self::Sequence(object.clone()));
        }
        Err(no_json(object))
    }

    /// Classifies the scalars of numpy, whose base is `numpy.generic`, and pandas' value for missing data. They are
    /// recognised by name, so that neither library needs to be installed.
    fn of_frame(object: &Bound<'py, PyAny>, class: &Bound<'py, PyType>) -> PyResult<Option<Self>> {
        let py = object.py();
        let is = |class: &Bound<'py, PyAny>, package: &str, name: &str| -> PyResult<bool> {
            if !class.getattr(intern!(py, "__name__"))?.eq(name)? {
                return Ok(false);
            }
            // pandas has moved its classes between modules, so only the package is compared.
            let module = class.getattr(intern!(py, "__module__"))?;
            Ok(module.str()?.to_str()?.split('.').next() == Some(package))
        };
        if !class.hasattr(intern!(py, "item"))? {
            return Ok(is(class.as_any(), "pandas", "NAType")?.then_some(Self::Float(f64::NAN)));
        }
        let mut is_scalar = false;
        for base in class.mro().iter() {
            if is(&base, "numpy", "timedelta64")? {
                return Err(no_json(object));
            }
            if is(&base, "numpy", "datetime64")? {
                // `item` returns a number for a time with nanoseconds, which a `datetime` cannot hold, so the text is used.
                return Self::of_moment(object, &object.str()?).map(Some);
            }
            is_scalar = is_scalar || is(&base, "numpy", "generic")?;
        }
        if !is_scalar {
            return Ok(None);
        }
        let value = object.call_method0("item")?;
        if !value.get_type().is(class) {
            return Self::exact(value).map(Some).map_err(|_| no_json(object));
        }
        // `item` has returned a scalar of numpy again: the number, such as a `longdouble`, is wider than the numbers of
        // Python. So the text of the number is used.
        let text = object.str()?;
        let float = text.to_str()?.parse::<f64>().map_err(|_| no_json(object))?;
        Ok(Some(if float.is_finite() { Self::Number(text) } else { Self::Float(float) }))
    }

    /// Converts Python's ISO text of a point in time to a dateTime of SCIM. Filters and answers use the same dateTime. A time
    /// without a zone is taken as UTC (D4).
    fn of_moment(object: &Bound<'py, PyAny>, text: &Bound<'py, PyString>) -> PyResult<Self> {
        let py = object.py();
        let written = text.to_str()?;
        if written == "NaT" {
            return Ok(Self::Float(f64::NAN));
        }
        // The text of a `date` has no time, and stays unchanged.
        let Some((day, time)) = written.split_once('T') else { return Ok(Self::Text(text.clone())) };
        let (time, zone) = time.split_at(time.find(['+', '-']).unwrap_or(time.len()));
        match zone {
            "" | "+00:00" => Ok(Self::Text(PyString::new(py, &format!("{day}T{time}Z")))),
            // Python allows seconds in a zone, and zones beyond 14 hours. A dateTime allows neither, so the time is
            // converted to UTC.
            zone if zone.len() > "+00:00".len() || zone.get(1..).is_some_and(|zone| zone > "14:00") => {
                let utc = object.call_method1("astimezone", (Types::get(py)?.utc.bind(py),))?;
                Self::of_moment(&utc, &utc.call_method0("isoformat")?.cast_into::<PyString>()?)
            }
            _ => Ok(Self::Text(text.clone())),
        }
    }

    /// Whether the object is a value that data frames use for missing data: `NaN`, `NaT` or `pd.NA`. JSON has none of them.
    /// In a host's stored resource they are read as null.
    pub(super) fn is_missing(&self) -> bool {
        matches!(self, Self::Float(float) if float.is_nan())
    }

    /// The members of a JSON object as a `dict`: the `dict` itself, or a copy of another mapping. `None` if this is not an
    /// object.
    pub(super) fn into_dict(self) -> PyResult<Option<Bound<'py, PyDict>>> {
        match self {
            Self::Dict(dict) => Ok(Some(dict)),
            Self::Mapping(mapping) => {
                let dict = PyDict::new(mapping.py());
                for key in mapping.try_iter()? {
                    let key = key?;
                    let value = mapping.get_item(&key)?;
                    dict.set_item(key, value)?;
                }
                Ok(Some(dict))
            }
            _ => Ok(None),
        }
    }
}

/// The entries of a dict. They are collected first, because reading them may run Python code that changes the dict, and an
/// iterator of pyo3 panics if its dict changes. `fold` locks the dict where there is no GIL.
pub(super) fn entries<'py>(dict: &Bound<'py, PyDict>) -> Vec<(Bound<'py, PyAny>, Bound<'py, PyAny>)> {
    dict.iter().fold(Vec::with_capacity(dict.len()), |mut entries, entry| {
        entries.push(entry);
        entries
    })
}

/// Casts an object whose type has been checked.
#[inline]
fn cast<T: pyo3::PyTypeCheck>(object: Bound<'_, PyAny>) -> Result<Bound<'_, T>, Bound<'_, PyAny>> {
    object.cast_into::<T>().map_err(pyo3::CastIntoError::into_inner)
}

/// The fields of a dataclass instance, without those that are not set.
fn fields<'py>(object: &Bound<'py, PyAny>, class: &Bound<'py, PyType>) -> PyResult<Bound<'py, PyDict>> {
    let members = PyDict::new(object.py());
    let types = Types::get(object.py())?;
    for field in types.fields.bind(object.py()).call1((class,))?.try_iter()? {
        let name = field?.getattr("name")?;
        if let Some(value) = object.getattr_opt(name.cast::<PyString>()?)? {
            members.set_item(name, value)?;
        }
    }
    Ok(members)
}

fn no_json(object: &Bound<'_, PyAny>) -> PyErr {
    let name =
        object.get_type().name().map_or_else(|_| "object".to_owned(), |name| name.to_string_lossy().into_owned());
    PyTypeError::new_err(format!("a value of type `{name}` has no form in JSON"))
}

/// The arguments that `__getnewargs_ex__` returns, with which pickle and copy make a new object.
pub(super) type NewArgs<'py> = (Bound<'py, PyTuple>, Bound<'py, PyDict>);

/// The error for an infinity or NaN, which JSON does not have. The exception is also a `ValueError`.
pub(super) fn not_finite(py: Python<'_>, text: &str) -> PyErr {
    error::of_kind(py, ScimType::InvalidValue, format!("`{text}` is not a number in JSON: expected a finite one"))
}

/// The most digits of an `int` that is read or made. Python converts between an `int` and its digits in quadratic time, and
/// for that reason has the same default limit (`sys.set_int_max_str_digits`). A `Decimal` is converted in linear time.
pub(super) const INT_DIGITS: usize = 4_300;

/// The decimal text of an integer.
pub(super) fn integer_text(integer: &Bound<'_, PyInt>) -> PyResult<String> {
    // A decimal digit needs a little more than 3.32 bits, so an integer of more than `MOST_BITS` bits has more than
    // `INT_DIGITS` digits.
    const MOST_BITS: usize = INT_DIGITS * 333 / 100;
    let py = integer.py();
    let bits: usize = integer.call_method0("bit_length")?.extract()?;
    if bits <= MOST_BITS {
        // `str` is not called, because the host may allow it fewer digits than `INT_DIGITS` (`sys.set_int_max_str_digits`).
        let decimal = Types::get(py)?.decimal.bind(py).call1((integer,))?;
        let text = decimal.call_method1("__format__", ("f",))?.cast::<PyString>()?.to_string_lossy().into_owned();
        if text.trim_start_matches('-').len() <= INT_DIGITS {
            return Ok(text);
        }
    }
    let message = format!("an `int` of more than {INT_DIGITS} digits is not read: give a `Decimal`");
    Err(error::of_kind(py, ScimType::InvalidValue, message))
}

/// Makes a `Decimal` from the text of a number.
pub(super) fn decimal<'py>(py: Python<'py>, text: &str) -> PyResult<Bound<'py, PyAny>> {
    Types::get(py)?.decimal.bind(py).call1((text,))
}

/// Types and functions of Python's standard library, looked up once.
struct Types {
    enumeration: Py<PyAny>,
    decimal: Py<PyAny>,
    date: Py<PyAny>,
    uuid: Py<PyAny>,
    utc: Py<PyAny>,
    fields: Py<PyAny>,
}

static TYPES: PyOnceLock<Types> = PyOnceLock::new();

impl Types {
    fn get(py: Python<'_>) -> PyResult<&Self> {
        TYPES.get_or_try_init(py, || {
            let import = |module: &str, name: &str| Ok::<_, PyErr>(py.import(module)?.getattr(name)?.unbind());
            Ok(Self {
                enumeration: import("enum", "Enum")?,
                decimal: import("decimal", "Decimal")?,
                // Every `datetime` is also a `date`.
                date: import("datetime", "date")?,
                uuid: import("uuid", "UUID")?,
                utc: py.import("datetime")?.getattr("timezone")?.getattr("utc")?.unbind(),
                fields: import("dataclasses", "fields")?,
            })
        })
    }
}

/// Whether an argument is a `UUID`.
pub(super) fn is_uuid(object: &Bound<'_, PyAny>) -> PyResult<bool> {
    object.is_instance(Types::get(object.py())?.uuid.bind(object.py()))
}

/// Whether an argument is `None`.
pub(super) fn is_none(object: &Bound<'_, PyAny>) -> bool {
    object.is_instance_of::<PyNone>()
}
