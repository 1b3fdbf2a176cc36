//! `Bulk`: a bulk request. The host gives a function that carries out one operation, or asks for them one by one.

use std::sync::{Mutex, MutexGuard, PoisonError};

use pyo3::exceptions::{PyRuntimeError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use serde_json::Value;

use super::convert::{ObjectReader, to_python};
use super::error;
use super::object::NewArgs;
use super::registry::PyRegistry;
use super::resource_type::PyResourceType;
use super::text::JsonText;
use super::travel::{self, Reduced};
use crate::limits::Limits;
use crate::protocol::{Bulk, BulkMethod, BulkOperation, BulkOptions, BulkResult, BulkSession};
use crate::schema::Registry;

/// A bulk request (RFC 7644, section 3.7), parsed: immutable, thread-safe. Pickle its body instead of it.
///
/// Operations are carried out in their order, but one that refers to a later `POST` by `bulkId:` waits for it. If new
/// resources refer to each other in a circle, the first is created without that reference, and a further `PATCH` adds
/// it.
///
/// `body` is JSON text or a mapping, whose bytes are not counted.
///
/// Raises `InvalidSyntax` if it is not a bulk request, and `PayloadTooLarge` if it is over a limit. An error in one
/// operation only becomes the result of that operation.
#[pyclass(frozen, module = "scim_engine.protocol", name = "Bulk")]
pub(super) struct PyBulk(Bulk);

/// One operation of a bulk request.
#[pyclass(frozen, eq, module = "scim_engine.protocol", name = "BulkOperation")]
#[derive(PartialEq)]
pub(super) struct PyBulkOperation(BulkOperation);

/// The result of an operation that succeeded.
///
/// The default of `status` is 201 for a `POST`, 204 for a `DELETE`, and 200 otherwise.
///
/// The `id` of a new resource, to which others may refer, is taken from `body` or `location` if it is not given.
#[pyclass(frozen, eq, module = "scim_engine.protocol", name = "BulkResult")]
#[derive(PartialEq)]
pub(super) struct PyBulkResult(BulkResult);

/// A bulk request whose operations the host carries out one by one: an iterator of the operations.
///
/// Each operation is answered before the next one is asked for. `scim_engine.protocol.run_bulk` does it for a coroutine
/// function.
///
/// >>> session = Bulk({
/// ...     "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
/// ...     "Operations": [{"method": "DELETE", "path": "/Users/7001"}],
/// ... }).start(base="/v2")
/// >>> for operation in session:
/// ...     session.answer(ScimError(f"{operation.id} is the last administrator", status=403))
/// >>> session.response()["Operations"][0]["status"]
/// '403'
#[pyclass(frozen, module = "scim_engine.protocol", name = "BulkSession")]
pub(super) struct PyBulkSession(Mutex<SessionState>);

enum SessionState {
    /// `waits` says whether an operation has no answer yet.
    Running { session: Box<BulkSession>, waits: bool },
    /// The response, with which the session has ended.
    Ended(Value),
}

impl PyBulkSession {
    fn state(&self) -> MutexGuard<'_, SessionState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[pymethods]
impl PyBulk {
    #[new]
    #[pyo3(signature = (body, registry=None, *, max_operations=1000, max_payload=1_048_576))]
    fn new(
        py: Python<'_>,
        body: Bound<'_, PyAny>,
        registry: Option<&Bound<'_, PyRegistry>>,
        max_operations: usize,
        max_payload: usize,
    ) -> PyResult<Self> {
        let registry = registry.map_or_else(Registry::default, |registry| registry.get().0.clone());
        let options = BulkOptions::default().max_operations(max_operations).max_payload(max_payload);
        let bulk = match JsonText::of(&body)? {
            Some(text) => text.read(py, |bytes| Bulk::from_slice_with(bytes, &registry, &options)),
            None => {
                let body = ObjectReader::body(Limits::default().capped_depth()).read(body)?;
                Bulk::parse_with(&body, &registry, &options)
            }
        };
        bulk.map(Self).map_err(|raised| error::scim(py, &raised))
    }

    /// The operations that can be carried out, with references not yet resolved.
    #[getter]
    fn operations<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.0.operations().iter().cloned().map(PyBulkOperation).collect::<Vec<_>>())
    }

    /// The number of errors after which to stop.
    #[getter]
    fn fail_on_errors(&self) -> Option<usize> {
        self.0.fail_on_errors()
    }

    /// Carries out all operations by a function that does one, and returns the `BulkResponse`.
    ///
    /// A `ScimError` that `handle` raises becomes the result of that operation; any other exception ends the request.
    /// `base` is the URL above the endpoints, for locations that `handle` does not return.
    #[pyo3(signature = (handle, *, base=""))]
    fn run<'py>(&self, py: Python<'py>, handle: Bound<'py, PyAny>, base: &str) -> PyResult<Bound<'py, PyAny>> {
        let mut session = self.0.start(base);
        while let Some(operation) = session.next_operation() {
            let result = match handle.call1((PyBulkOperation(operation),)) {
                Ok(result) => Ok(result_of(&result)?),
                Err(raised) if raised.value(py).is_instance(&error::base(py)?)? => Err(error::given(raised.value(py))?),
                Err(raised) => return Err(raised),
            };
            session.answer(result);
        }
        to_python(py, &session.response())
    }

    /// Begins to carry out the operations one by one, for a host that waits between them.
    #[pyo3(signature = (*, base=""))]
    fn start(&self, base: &str) -> PyBulkSession {
        PyBulkSession(Mutex::new(SessionState::Running { session: Box::new(self.0.start(base)), waits: false }))
    }

    #[expect(clippy::unused_self, reason = "a method of Python's protocol")]
    fn __reduce__(&self) -> PyResult<()> {
        Err(travel::refused("a `Bulk` is not pickled: send the body of the request, and make it of that"))
    }

    fn __copy__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __deepcopy__(slf: Py<Self>, _memo: Bound<'_, PyAny>) -> Py<Self> {
        slf
    }

    fn __repr__(&self) -> String {
        format!("<Bulk of {} operations>", self.0.operations().len())
    }
}

#[pymethods]
impl PyBulkSession {
    fn __iter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __next__(&self) -> PyResult<Option<PyBulkOperation>> {
        match &mut *self.state() {
            SessionState::Running { waits: true, .. } => {
                Err(PyRuntimeError::new_err("the last operation has no answer yet: call `answer` with its result"))
            }
            SessionState::Running { session, waits } => {
                let operation = session.next_operation();
                *waits = operation.is_some();
                Ok(operation.map(PyBulkOperation))
            }
            SessionState::Ended(_) => Ok(None),
        }
    }

    /// Takes the result of the last operation: a `BulkResult`, a dict with the names of its arguments, `None`, or the
    /// `ScimError` of an operation that failed.
    #[pyo3(signature = (result=None, /))]
    fn answer(&self, py: Python<'_>, result: Option<&Bound<'_, PyAny>>) -> PyResult<()> {
        let result = match result {
            None => Ok(BulkResult::new()),
            Some(raised) if raised.is_instance(&error::base(py)?)? => Err(error::given(raised)?),
            Some(result) => Ok(result_of(result)?),
        };
        match &mut *self.state() {
            SessionState::Running { session, waits } if *waits => {
                session.answer(result);
                *waits = false;
                Ok(())
            }
            _ => Err(PyRuntimeError::new_err("no operation waits for an answer")),
        }
    }

    /// The `BulkResponse`, which ends the session. It has the operations that were carried out; one without an answer
    /// has failed.
    fn response<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        // The lock is released before Python objects are made, during which Python may run another thread.
        let response = {
            let mut state = self.state();
            let response = match std::mem::replace(&mut *state, SessionState::Ended(Value::Null)) {
                SessionState::Running { session, .. } => session.response(),
                SessionState::Ended(response) => response,
            };
            *state = SessionState::Ended(response.clone());
            response
        };
        to_python(py, &response)
    }

    #[expect(clippy::unused_self, reason = "a method of Python's protocol")]
    fn __reduce__(&self) -> PyResult<()> {
        Err(travel::refused("a `BulkSession` is not pickled: send the body of the request, and begin again"))
    }
}

/// Reads what the handler has returned: a `BulkResult`, a dict with the names of its arguments, or None.
fn result_of(result: &Bound<'_, PyAny>) -> PyResult<BulkResult> {
    if result.is_none() {
        return Ok(BulkResult::new());
    }
    if let Ok(result) = result.cast::<PyBulkResult>() {
        return Ok(result.get().0.clone());
    }
    let Ok(dict) = result.cast::<PyDict>() else {
        return Err(PyTypeError::new_err("the handler must return a BulkResult, a dict with the same names, or None"));
    };
    let made = result.py().get_type::<PyBulkResult>().call((), Some(dict))?;
    Ok(made.cast::<PyBulkResult>()?.get().0.clone())
}

#[pymethods]
impl PyBulkOperation {
    /// The index in the request.
    #[getter]
    fn index(&self) -> usize {
        self.0.index
    }

    /// The method.
    #[getter]
    fn method(&self) -> &'static str {
        self.0.method.as_str()
    }

    /// `/Users`, or `/Users/2819c223`.
    #[getter]
    fn path(&self) -> String {
        self.0.path()
    }

    /// The resource type that the path names.
    #[getter]
    fn resource_type(&self) -> PyResourceType {
        PyResourceType(self.0.resource_type.clone())
    }

    /// The id of the resource; None for a `POST`.
    #[getter]
    fn id(&self) -> Option<&str> {
        self.0.id.as_deref()
    }

    /// The client's name for a new resource.
    #[getter]
    fn bulk_id(&self) -> Option<&str> {
        self.0.bulk_id.as_deref()
    }

    /// The version that the resource must have, as in `If-Match`.
    #[getter]
    fn version(&self) -> Option<&str> {
        self.0.version.as_deref()
    }

    /// The body, with references resolved; None for a `DELETE`.
    #[getter]
    fn data<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        to_python(py, &self.0.data)
    }

    /// Whether it adds the references that a `POST` left out because resources refer to each other in a circle.
    #[getter]
    fn is_follow_up(&self) -> bool {
        self.0.is_follow_up
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<Reduced<'py>> {
        let BulkOperation { index, id, bulk_id, version, is_follow_up, .. } = &self.0;
        let method = (*index, self.method(), self.resource_type());
        let data = travel::state(py, &self.0.data)?;
        travel::reduced::<Self>(
            py,
            (method, id.as_deref(), bulk_id.as_deref(), version.as_deref(), data, *is_follow_up),
        )
    }

    /// Rebuilds the object from its pickled state.
    #[staticmethod]
    fn _load(
        method: (usize, String, Bound<'_, PyResourceType>),
        id: Option<String>,
        bulk_id: Option<String>,
        version: Option<String>,
        data: &[u8],
        is_follow_up: bool,
    ) -> PyResult<Self> {
        let (index, method, resource_type) = method;
        let method = BulkMethod::from_name(&method);
        let method = method.ok_or_else(|| PyValueError::new_err("the pickle has no method"))?;
        let (resource_type, data) = (resource_type.get().0.clone(), travel::value(data)?);
        Ok(Self(BulkOperation { index, method, resource_type, id, bulk_id, version, data, is_follow_up }))
    }

    fn __repr__(&self) -> String {
        format!("<BulkOperation {} {}>", self.0.method, self.0.path())
    }
}

#[pymethods]
impl PyBulkResult {
    #[new]
    #[pyo3(signature = (status=None, location=None, version=None, body=None, *, id=None))]
    fn new(
        status: Option<u16>,
        location: Option<String>,
        version: Option<String>,
        body: Option<Bound<'_, PyAny>>,
        id: Option<String>,
    ) -> PyResult<Self> {
        let body: Option<Value> = body.map(|body| ObjectReader::stored().read(body)).transpose()?;
        let mut result = BulkResult::new();
        (result.status, result.location, result.version) = (status, location, version);
        (result.body, result.id) = (body, id);
        Ok(Self(result))
    }

    fn __getnewargs_ex__<'py>(&self, py: Python<'py>) -> PyResult<NewArgs<'py>> {
        let more = PyDict::new(py);
        more.set_item("id", self.id())?;
        let arguments = (self.status(), self.location(), self.version(), self.body(py)?);
        Ok((arguments.into_pyobject(py)?, more))
    }

    fn __repr__(&self) -> String {
        let status = self.0.status.map_or_else(|| "by the method".to_owned(), |status| status.to_string());
        format!("<BulkResult: status {status}>")
    }

    /// The HTTP status.
    #[getter]
    fn status(&self) -> Option<u16> {
        self.0.status
    }

    /// The URL of the resource.
    #[getter]
    fn location(&self) -> Option<&str> {
        self.0.location.as_deref()
    }

    /// The new version of the resource.
    #[getter]
    fn version(&self) -> Option<&str> {
        self.0.version.as_deref()
    }

    /// The body of the answer, which becomes `response`.
    #[getter]
    fn body<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.0.body.as_ref().map(|body| to_python(py, body)).transpose()
    }

    /// The id of the resource.
    #[getter]
    fn id(&self) -> Option<&str> {
        self.0.id.as_deref()
    }
}
