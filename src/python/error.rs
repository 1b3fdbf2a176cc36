//! Errors of the crate as Python exceptions. The exception classes are defined in Python (`scim_engine/_errors.py`), so that
//! hosts can raise, catch and pickle them like any others.

use std::fmt::Display;

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyModule};

use crate::document::DocumentError;
use crate::error::{ScimError, ScimType, UnknownName};
use crate::filter::CompileError;
use crate::patch::PatchError;
use crate::protocol::QueryError;
use crate::resource::ResourceError;
use crate::scan::ScanError;
use crate::sql::BindError;
use crate::syntax::{ParseError, Span};

static ERRORS: PyOnceLock<Py<PyModule>> = PyOnceLock::new();

/// The attributes of an exception in addition to its kind and detail.
#[derive(Default)]
struct ErrorContext<'a> {
    span: Option<(usize, usize)>,
    operation: Option<usize>,
    path: Option<&'a str>,
    rendered: Option<String>,
}

const fn class_of(scim_type: ScimType) -> &'static str {
    match scim_type {
        ScimType::InvalidFilter => "InvalidFilter",
        ScimType::TooMany => "TooMany",
        ScimType::Uniqueness => "Uniqueness",
        ScimType::Mutability => "Mutability",
        ScimType::InvalidSyntax => "InvalidSyntax",
        ScimType::InvalidPath => "InvalidPath",
        ScimType::NoTarget => "NoTarget",
        ScimType::InvalidValue => "InvalidValue",
        ScimType::Sensitive => "Sensitive",
        ScimType::InvalidVers => "ScimError",
        ScimType::InvalidCursor => "InvalidCursor",
        ScimType::ExpiredCursor => "ExpiredCursor",
        ScimType::InvalidCount => "InvalidCount",
    }
}

fn class<'py>(py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyAny>> {
    let module = ERRORS.get_or_try_init(py, || py.import("scim_engine._errors").map(Bound::unbind))?;
    module.bind(py).getattr(name)
}

fn raise(py: Python<'_>, error: &ScimError, place: ErrorContext<'_>) -> PyErr {
    let make = || {
        let more = PyDict::new(py);
        let name = match (error.scim_type(), error.status()) {
            (Some(scim_type), _) => class_of(scim_type),
            (None, 404) => "NotFound",
            (None, 412) => "PreconditionFailed",
            (None, 413) => "PayloadTooLarge",
            (None, 429) => "TooManyRequests",
            _ => "ScimError",
        };
        if name == "ScimError" {
            more.set_item("status", error.status())?;
            more.set_item("scim_type", error.scim_type().map(ScimType::as_str))?;
        }
        if let Some(seconds) = error.retry_after() {
            more.set_item("retry_after", seconds)?;
        }
        if place.span.is_some() {
            more.set_item("span", place.span)?;
        }
        if place.operation.is_some() {
            more.set_item("operation", place.operation)?;
        }
        if place.path.is_some() {
            more.set_item("path", place.path)?;
        }
        if place.rendered.is_some() {
            more.set_item("rendered", place.rendered)?;
        }
        class(py, name)?.call((error.detail(),), Some(&more))
    };
    make().map_or_else(|error| error, PyErr::from_value)
}

/// An error with a `scimType` and a detail.
pub(super) fn of_kind(py: Python<'_>, scim_type: ScimType, detail: impl Into<String>) -> PyErr {
    raise(py, &ScimError::new(scim_type, detail), ErrorContext::default())
}

/// An error with a `scimType`, a detail and the span of its place in a text, in characters.
pub(super) fn at_span(py: Python<'_>, scim_type: ScimType, detail: impl Into<String>, span: (usize, usize)) -> PyErr {
    raise(py, &ScimError::new(scim_type, detail), ErrorContext { span: Some(span), ..ErrorContext::default() })
}

/// Converts a span in bytes to a span in characters, because Python counts characters.
pub(super) fn in_characters(text: &str, span: Span) -> (usize, usize) {
    let count = |end: usize| text.get(..end).map_or(end, |before| before.chars().count());
    (count(span.start), count(span.end))
}

pub(super) fn parse(py: Python<'_>, error: ParseError, text: &str) -> PyErr {
    let place = ErrorContext {
        span: Some(in_characters(text, error.span())),
        rendered: Some(error.render()),
        ..ErrorContext::default()
    };
    raise(py, &error.into(), place)
}

pub(super) fn compile(py: Python<'_>, error: CompileError, text: &str) -> PyErr {
    let place = ErrorContext {
        span: Some(in_characters(text, error.span())),
        rendered: Some(error.render()),
        ..ErrorContext::default()
    };
    raise(py, &error.into(), place)
}

pub(super) fn patch(py: Python<'_>, error: PatchError) -> PyErr {
    let (path, rendered) = (error.path().map(str::to_owned), error.render());
    let place = ErrorContext {
        operation: error.operation(),
        path: path.as_deref(),
        rendered: Some(rendered),
        ..ErrorContext::default()
    };
    raise(py, &error.into(), place)
}

pub(super) fn resource(py: Python<'_>, error: ResourceError) -> PyErr {
    let path = error.path().map(str::to_owned);
    raise(py, &error.into(), ErrorContext { path: path.as_deref(), ..ErrorContext::default() })
}

/// The error for an unknown name that the host has given, such as an attribute that no schema has.
pub(super) fn unknown(error: UnknownName) -> PyErr {
    PyValueError::new_err(error.to_string())
}

pub(super) fn schema(py: Python<'_>, error: impl Display) -> PyErr {
    let make = || class(py, "SchemaError")?.call1((error.to_string(),));
    make().map_or_else(|error| error, PyErr::from_value)
}

/// The error of a filter that a mapping cannot say.
pub(super) fn of_bind(py: Python<'_>, error: &BindError) -> PyErr {
    let make = || {
        let more = PyDict::new(py);
        let shown = ScimError::from(error.clone());
        more.set_item("path", error.path())?;
        more.set_item("scim_type", shown.scim_type().map(ScimType::as_str))?;
        let raised = class(py, "BindError")?.call((shown.detail(),), Some(&more))?;
        raised.setattr("reason", error.to_string())?;
        Ok(raised)
    };
    make().map_or_else(|error| error, PyErr::from_value)
}

/// The class of all SCIM errors.
pub(super) fn base(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    class(py, "ScimError")
}

/// The error for a document in text. A document that is not a JSON object is a `TypeError`, as it is for a Python object.
/// A `ScimError` that a host has raised or made.
pub(super) fn given(value: &Bound<'_, PyAny>) -> PyResult<ScimError> {
    if !value.is_instance(&base(value.py())?)? {
        return Err(PyTypeError::new_err(format!("a ScimError is needed, not `{}`", value.get_type().name()?)));
    }
    let status: u16 = value.getattr("status")?.extract()?;
    if !(400..=599).contains(&status) {
        return Err(PyValueError::new_err(format!("`{status}` is not the status of an error")));
    }
    let detail: String = value.getattr("detail")?.extract()?;
    let name: Option<String> = value.getattr("scim_type")?.extract()?;
    let error = match name.as_deref().and_then(ScimType::from_name) {
        Some(scim_type) => ScimError::new(scim_type, detail).at_status(status),
        None => ScimError::with_status(status, detail),
    };
    let seconds: Option<u64> = value.getattr("retry_after")?.extract()?;
    Ok(seconds.into_iter().fold(error, ScimError::with_retry_after))
}

pub(super) fn scan(py: Python<'_>, error: ScanError) -> PyErr {
    if error.is_no_object() { no_document() } else { scim(py, &error.into()) }
}

fn no_document() -> PyErr {
    PyTypeError::new_err("a document must be a mapping or JSON text of an object")
}

/// An error that has no place in a text.
pub(super) fn scim(py: Python<'_>, error: &ScimError) -> PyErr {
    raise(py, error, ErrorContext::default())
}

pub(super) fn query(py: Python<'_>, error: QueryError) -> PyErr {
    let rendered = error.is_of_filter().then(|| error.render());
    raise(py, &error.into(), ErrorContext { rendered, ..ErrorContext::default() })
}

/// An error in a template or in the people of OneLogin, with line and column, and the span in characters.
pub(super) fn of_template(
    py: Python<'_>,
    message: &str,
    place: Option<(usize, usize)>,
    span: Option<(usize, usize)>,
) -> PyErr {
    let make = || {
        let more = PyDict::new(py);
        more.set_item("line", place.map(|(line, _)| line))?;
        more.set_item("column", place.map(|(_, column)| column))?;
        more.set_item("span", span)?;
        class(py, "TemplateError")?.call((message,), Some(&more))
    };
    make().map_or_else(|error| error, PyErr::from_value)
}

/// An error in reading a Python object, often one that the object itself has raised. It is boxed because it is large and
/// rare.
pub(super) struct ReadError(Box<PyErr>);

impl From<PyErr> for ReadError {
    #[cold]
    fn from(error: PyErr) -> Self {
        Self(Box::new(error))
    }
}

impl From<ReadError> for PyErr {
    fn from(fault: ReadError) -> Self {
        *fault.0
    }
}

impl From<DocumentError> for ReadError {
    fn from(error: DocumentError) -> Self {
        match error {
            DocumentError::NoObject => no_document().into(),
            _ => Python::attach(|py| of_kind(py, ScimType::InvalidValue, error.to_string())).into(),
        }
    }
}

impl From<ScimError> for ReadError {
    fn from(error: ScimError) -> Self {
        Python::attach(|py| scim(py, &error)).into()
    }
}
