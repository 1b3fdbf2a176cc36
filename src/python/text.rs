//! Python text as UTF-8.

use pyo3::exceptions::{PyTypeError, PyUnicodeEncodeError};
use pyo3::prelude::*;
use pyo3::types::{PyByteArray, PyBytes, PyIterator, PyString};

use super::error;
use crate::error::ScimType;

/// The text of a `str`. A lone surrogate, which JSON text can bring into a `str`, is an error with `kind` as its `scimType`.
pub(super) fn text(value: &Bound<'_, PyString>, kind: ScimType) -> PyResult<String> {
    borrowed(value, kind).map(str::to_owned)
}

/// The text of a `str`, borrowed from Python, with the errors of [`text`].
pub(super) fn borrowed<'s>(value: &'s Bound<'_, PyString>, kind: ScimType) -> PyResult<&'s str> {
    value.to_str().map_err(|raised| no_utf8(value.py(), raised, kind))
}

/// The UTF-8 of a `str`.
pub(super) fn utf8<'py>(value: &Bound<'py, PyString>, kind: ScimType) -> PyResult<Bound<'py, PyBytes>> {
    value.encode_utf8().map_err(|raised| no_utf8(value.py(), raised, kind))
}

#[cold]
fn no_utf8(py: Python<'_>, raised: PyErr, kind: ScimType) -> PyErr {
    match lone_surrogate(py, &raised) {
        Some((detail, span)) => error::at_span(py, kind, detail, span),
        None => raised,
    }
}

/// The message and the place of a lone surrogate, which UTF-8 cannot encode.
pub(super) fn lone_surrogate(py: Python<'_>, raised: &PyErr) -> Option<(String, (usize, usize))> {
    if !raised.is_instance_of::<PyUnicodeEncodeError>(py) {
        return None;
    }
    let number = |name: &str| raised.value(py).getattr(name).and_then(|at| at.extract::<usize>()).ok();
    let (start, end) = (number("start")?, number("end")?);
    Some((format!("half of a surrogate pair stands alone at character {start} of a text"), (start, end)))
}

/// JSON text in a `str`, `bytes` or `bytearray`.
pub(super) enum JsonText<'py> {
    Bytes(Bound<'py, PyBytes>),
    Copied(Vec<u8>),
}

impl<'py> JsonText<'py> {
    /// The JSON text of an argument; none if the argument is not text.
    pub(super) fn of(value: &Bound<'py, PyAny>) -> PyResult<Option<Self>> {
        if let Ok(bytes) = value.cast::<PyBytes>() {
            return Ok(Some(Self::Bytes(bytes.clone())));
        }
        if let Ok(text) = value.cast::<PyString>() {
            return utf8(text, ScimType::InvalidSyntax).map(|bytes| Some(Self::Bytes(bytes)));
        }
        // A `bytearray` may change while it is read, so it is copied.
        Ok(value.cast::<PyByteArray>().ok().map(|bytes| Self::Copied(bytes.to_vec())))
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Bytes(bytes) => bytes.as_bytes(),
            Self::Copied(bytes) => bytes,
        }
    }

    /// Runs `f` on the bytes. For a long text it releases the interpreter, so that other threads may run.
    pub(super) fn read<T: Send>(&self, py: Python<'py>, f: impl FnOnce(&[u8]) -> T + Send) -> T {
        // For fewer bytes, releasing the interpreter would cost more than it gains.
        const LONG: usize = 2048;
        let bytes = self.as_bytes();
        if bytes.len() < LONG { f(bytes) } else { py.detach(|| f(bytes)) }
    }
}

/// Iterates over an argument. `what` says in the error what it is to contain, such as "several `str`".
pub(super) fn several<'py>(argument: &str, what: &str, given: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyIterator>> {
    given.try_iter().map_err(|raised| {
        let py = given.py();
        if !raised.is_instance_of::<PyTypeError>(py) {
            return raised;
        }
        let misfit = PyTypeError::new_err(format!("expected `{argument}` to be {what}, such as a list of them"));
        misfit.set_cause(py, Some(raised));
        misfit
    })
}

/// Reads several texts. A single `str` is an error, because its characters would be taken for the texts. The object is only
/// iterated, because the length that it claims may be wrong.
pub(super) fn strings(argument: &str, several: &Bound<'_, PyAny>) -> PyResult<Vec<String>> {
    let misfit = || PyTypeError::new_err(format!("expected `{argument}` to be several `str`, such as a list of them"));
    if several.is_instance_of::<PyString>() {
        return Err(misfit());
    }
    let one = |one: PyResult<Bound<'_, PyAny>>| one?.extract::<String>().map_err(|_| misfit());
    self::several(argument, "several `str`", several)?.map(one).collect()
}

/// Parses a document from JSON text. If a name occurs twice, the last member counts (F14).
pub(super) fn document(bytes: &[u8]) -> Result<serde_json::Value, String> {
    crate::json::document(bytes).map_err(|error| format!("invalid JSON: {error}"))
}
