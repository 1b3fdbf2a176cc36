//! `Endpoint` and its exchanges: requests answered over a storage of the host's.

use std::sync::{Arc, Mutex, PoisonError};

use pyo3::IntoPyObjectExt as _;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList};

use super::calls::{self, event_to_python, found_to_python, stored_to_python};
use super::clock;
use super::convert::to_python as value_to_python;
use super::query::PyCursors;
use super::registry::PyRegistry;
use super::settings::{PyLimits, Settings, chosen_or_default, with_absent, with_wishes};
use super::switches::{PyProfile, PyTolerance};
use super::{error, travel};
use crate::endpoint::{
    Call, Endpoint, Exchange, MemoryStorage, NestedGroups, Reply, Request, Response, Step, StorageError,
};
use crate::schema::Registry;

/// A SCIM endpoint without HTTP and without a database: it reads requests, asks a storage, and makes answers. It is
/// immutable and thread-safe.
///
/// A list ends at about `max_answer` bytes of resources, with fewer of them than `count`. A PATCH of single elements
/// of a list that has more than `most_members` is answered by 204. While others change the same resource, a change is
/// tried `tries` times. Members that are groups are not checked, unless `nested_groups` is `"refused"`, or `"allowed"`,
/// which refuses that a group contains itself. The other arguments are those of `Patch`, `ResourceType.create`,
/// `ResourceType.replace` and `ListQuery`.
#[pyclass(frozen, subclass, module = "scim_engine.endpoint", name = "EndpointCore")]
pub(super) struct PyEndpoint(Endpoint);

#[pymethods]
impl PyEndpoint {
    #[new]
    #[pyo3(signature = (
        registry=None, *, tolerance=None, limits=None, unknown=None, unknown_paths=None, absent=None,
        absent_overrides=None, utc=false, canonical_values=false, derived_schemas=false, profile=None, default_count=100,
        max_count=1000, cursors=None, max_body=1_048_576, max_operations=1000, max_answer=16_777_216, most_members=1000,
        tries=20, nested_groups="unchecked", documentation=None,
    ))]
    #[allow(clippy::too_many_arguments, clippy::fn_params_excessive_bools, reason = "options by name")]
    fn new(
        registry: Option<&Bound<'_, PyRegistry>>,
        tolerance: Option<&Bound<'_, PyTolerance>>,
        limits: Option<&Bound<'_, PyLimits>>,
        unknown: Option<&str>,
        unknown_paths: Option<&str>,
        absent: Option<&str>,
        absent_overrides: Option<Bound<'_, PyAny>>,
        utc: bool,
        canonical_values: bool,
        derived_schemas: bool,
        profile: Option<&Bound<'_, PyProfile>>,
        default_count: u64,
        max_count: u64,
        cursors: Option<&Bound<'_, PyCursors>>,
        max_body: usize,
        max_operations: usize,
        max_answer: usize,
        most_members: usize,
        tries: usize,
        nested_groups: &str,
        documentation: Option<&str>,
    ) -> PyResult<Self> {
        let registry = registry.map_or_else(Registry::default, |registry| registry.get().0.clone());
        let options = Settings::new(tolerance, limits)
            .options()
            .unknown(chosen_or_default("unknown", unknown)?)
            .unknown_paths(chosen_or_default("unknown_paths", unknown_paths)?);
        let options = with_wishes(options, utc, canonical_values, derived_schemas, profile);
        let mut endpoint = Endpoint::new(registry)
            .options(with_absent(options, absent, absent_overrides)?)
            .pages(default_count, max_count)
            .max_body(max_body)
            .max_operations(max_operations)
            .max_answer(max_answer)
            .most_members(most_members)
            .tries(tries)
            .nested_groups(policy(nested_groups)?);
        if let Some(cursors) = cursors {
            endpoint = endpoint.cursors(cursors.get().0.clone());
        }
        if let Some(url) = documentation {
            endpoint = endpoint.documentation(url);
        }
        Ok(Self(endpoint))
    }

    /// The resource types.
    #[getter]
    fn registry(&self) -> PyRegistry {
        PyRegistry(self.0.registry().clone())
    }

    /// The most bytes of a body.
    #[getter]
    fn max_body(&self) -> usize {
        self.0.body_limit()
    }

    /// An OpenAPI 3.1 document of the endpoint: its paths, and the schemas of its resource types. `base` is the URL of
    /// the service.
    #[pyo3(signature = (base, /))]
    fn openapi<'py>(&self, py: Python<'py>, base: &str) -> PyResult<Bound<'py, PyAny>> {
        value_to_python(py, &self.0.openapi(base))
    }

    /// Begins to answer a request. `path` is what follows `base`, the URL of the service, as it was sent. `headers` are
    /// pairs of names and values, or a mapping. `me` says which resource `/Me` is, such as `/Users/17`. `context` is
    /// where cursors are valid, such as the tenant.
    #[pyo3(signature = (method, path, *, base, query="", headers=None, body=None, me=None, context="", now=None))]
    #[allow(clippy::too_many_arguments, reason = "the parts of a request, by name")]
    fn begin(
        &self,
        method: &str,
        path: &str,
        base: &str,
        query: &str,
        headers: Option<&Bound<'_, PyAny>>,
        body: Option<&[u8]>,
        me: Option<&str>,
        context: &str,
        now: Option<Bound<'_, PyAny>>,
    ) -> PyResult<PyExchange> {
        let mut request = Request::new(method, path, base).query(query).context(context).now(clock::now(now.as_ref())?);
        if let Some(headers) = headers {
            request = with_headers(request, headers)?;
        }
        if let Some(body) = body {
            request = request.body(body);
        }
        if let Some(me) = me {
            request = request.me(me);
        }
        let state = State { exchange: self.0.begin(request), asked: None };
        Ok(PyExchange(Mutex::new(state)))
    }

    /// The answer to a request that the host refuses: by 401 without a valid token, or by 429, with a `Retry-After` if
    /// the error has a `retry_after`. The `path` is for `Response.route`.
    #[pyo3(signature = (raised, /, *, headers=None, path=""))]
    fn refuse(
        &self,
        raised: &Bound<'_, PyAny>,
        headers: Option<&Bound<'_, PyAny>>,
        path: &str,
    ) -> PyResult<PyResponse> {
        let mut request = Request::new("", path, "");
        if let Some(headers) = headers {
            request = with_headers(request, headers)?;
        }
        Ok(PyResponse(self.0.refuse(&request, &error::given(raised)?)))
    }
}

fn policy(word: &str) -> PyResult<NestedGroups> {
    match word {
        "unchecked" => Ok(NestedGroups::Unchecked),
        "refused" => Ok(NestedGroups::Refused),
        "allowed" => Ok(NestedGroups::Allowed),
        _ => Err(PyValueError::new_err("`nested_groups` must be 'unchecked', 'refused' or 'allowed'")),
    }
}

fn with_headers(mut request: Request, headers: &Bound<'_, PyAny>) -> PyResult<Request> {
    let pairs = match headers.getattr("items") {
        Ok(items) => items.call0()?,
        Err(_) => headers.clone(),
    };
    for pair in pairs.try_iter()? {
        let (name, value): (Bound<'_, PyAny>, Bound<'_, PyAny>) = pair?.extract()?;
        let name = header_text(&name)?;
        if Request::reads_header(&name) {
            request = request.header(&name, &header_text(&value)?);
        }
    }
    Ok(request)
}

/// A `str`, or `bytes` in ISO 8859-1 as ASGI has them.
fn header_text(value: &Bound<'_, PyAny>) -> PyResult<String> {
    match value.cast::<PyBytes>() {
        Ok(bytes) => Ok(bytes.as_bytes().iter().copied().map(char::from).collect()),
        Err(_) => value.extract(),
    }
}

/// A request that is being answered: each step is a `Get`, `Find`, `Insert`, `Update` or `Delete`, or the `Response`.
#[pyclass(frozen, module = "scim_engine.endpoint", name = "Exchange")]
pub(super) struct PyExchange(Mutex<State>);

struct State {
    exchange: Exchange,
    asked: Option<Kind>,
}

/// What was asked, by which an answer is read.
#[derive(Clone, Copy)]
enum Kind {
    Get,
    Find,
    Insert,
    Update,
    Delete,
}

impl PyExchange {
    fn step<'py>(&self, py: Python<'py>, take: impl FnOnce(&mut State) -> Step) -> PyResult<Bound<'py, PyAny>> {
        let step = {
            let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let step = take(&mut state);
            state.asked = match &step {
                Step::Ask(Call::Get(_)) => Some(Kind::Get),
                Step::Ask(Call::Find(_)) => Some(Kind::Find),
                Step::Ask(Call::Insert(_)) => Some(Kind::Insert),
                Step::Ask(Call::Update(_)) => Some(Kind::Update),
                Step::Ask(Call::Delete(_)) => Some(Kind::Delete),
                Step::Respond(_) => None,
            };
            step
        };
        match step {
            Step::Ask(call) => calls::to_python(py, call),
            Step::Respond(response) => PyResponse(response).into_bound_py_any(py),
        }
    }
}

#[pymethods]
impl PyExchange {
    /// The first step.
    fn start<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.step(py, |state| state.exchange.start())
    }

    /// The step after an answer: a `Stored` or `None` to `Get` and `Update`, a `Found` to `Find`, a `Stored` to
    /// `Insert`, and `None` to `Delete`.
    #[pyo3(signature = (reply, /))]
    fn answer<'py>(&self, py: Python<'py>, reply: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let asked = self.0.lock().unwrap_or_else(PoisonError::into_inner).asked;
        let stored = || (!reply.is_none()).then(|| calls::stored(reply)).transpose();
        let reply = match asked {
            Some(Kind::Get) => Reply::Got(stored()?),
            Some(Kind::Find) => Reply::Found(calls::found(reply)?),
            Some(Kind::Insert) => Reply::Inserted(calls::stored(reply)?),
            Some(Kind::Update) => Reply::Updated(stored()?),
            Some(Kind::Delete) | None => Reply::Deleted,
        };
        self.step(py, |state| state.exchange.answer(Ok(reply)))
    }

    /// The step after a failure: `"stale"`, `"missing"`, `"busy"`, or anything else that the host's log explains; or a
    /// `ScimError`, with which the request is refused.
    #[pyo3(signature = (failure, /))]
    fn fail<'py>(&self, py: Python<'py>, failure: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let failure = match failure.extract::<String>() {
            Ok(word) => match word.as_str() {
                "stale" => StorageError::Stale,
                "missing" => StorageError::Missing,
                "busy" => StorageError::Busy,
                _ => StorageError::Failed(word),
            },
            Err(_) => StorageError::Refused(error::given(failure)?),
        };
        self.step(py, |state| state.exchange.answer(Err(failure)))
    }

    #[expect(clippy::unused_self, reason = "a method of Python's protocol")]
    fn __reduce__(&self) -> PyResult<()> {
        Err(travel::refused("an `Exchange` is not pickled: send the request, and begin again"))
    }
}

/// The answer to a request.
#[pyclass(frozen, module = "scim_engine.endpoint", name = "Response")]
pub(super) struct PyResponse(Response);

#[pymethods]
impl PyResponse {
    /// The status.
    #[getter]
    fn status(&self) -> u16 {
        self.0.status
    }

    /// The headers, as pairs.
    #[getter]
    fn headers<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        PyList::new(py, self.0.headers.iter().map(|(name, value)| (*name, value.as_str())))
    }

    /// The body; empty if there is none.
    #[getter]
    fn body<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.0.body)
    }

    /// What failed in the storage, for the host's log. The client does not learn it.
    #[getter]
    fn failure(&self) -> Option<&str> {
        self.0.failure.as_deref()
    }

    /// What the request did, for an audit log: an `Event` for each resource that was created, replaced, patched or
    /// deleted.
    #[getter]
    fn events<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyAny>>> {
        self.0.events.iter().map(|event| event_to_python(py, event)).collect()
    }

    /// The kind of endpoint, as the label of a metric: `Users`, `Users/{id}`, `Users/.search`, `.search`, `Bulk`, `Me`.
    /// No id is in it, and a path that is none of these is `other`.
    #[getter]
    fn route(&self) -> &str {
        &self.0.route
    }

    fn __repr__(&self) -> String {
        format!("<Response {}>", self.0.status)
    }

    #[expect(clippy::unused_self, reason = "a method of Python's protocol")]
    fn __reduce__(&self) -> PyResult<()> {
        Err(travel::refused("a `Response` is not pickled: send its status, headers and body"))
    }
}

/// Resources in memory, for tests and demonstrations: a storage with ids from 1. It keeps none of the secrets.
#[pyclass(frozen, module = "scim_engine.endpoint", name = "MemoryStorage")]
pub(super) struct PyMemoryStorage(Arc<Mutex<MemoryStorage>>);

impl PyMemoryStorage {
    fn ask(&self, py: Python<'_>, call: &Call) -> PyResult<Reply> {
        // The lock is released before Python objects are made, during which Python may run another thread.
        let answered = call.ask(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        answered.map_err(|failed| calls::raised(py, &failed))
    }

    /// What answers a call for one resource.
    fn stored<'py>(&self, py: Python<'py>, call: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyAny>>> {
        match self.ask(py, &calls::of(call)?)? {
            Reply::Got(Some(stored)) | Reply::Inserted(stored) | Reply::Updated(Some(stored)) => {
                stored_to_python(py, &stored).map(Some)
            }
            _ => Ok(None),
        }
    }
}

#[pymethods]
impl PyMemoryStorage {
    #[new]
    fn new() -> Self {
        Self(Arc::default())
    }

    /// Reads a resource.
    #[pyo3(signature = (get, /))]
    fn get<'py>(&self, py: Python<'py>, get: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.stored(py, get)
    }

    /// Finds resources.
    #[pyo3(signature = (find, /))]
    fn find<'py>(&self, py: Python<'py>, find: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let Reply::Found(found) = self.ask(py, &calls::of(find)?)? else { return Ok(None) };
        found_to_python(py, &found).map(Some)
    }

    /// Stores a new resource.
    #[pyo3(signature = (insert, /))]
    fn insert<'py>(&self, py: Python<'py>, insert: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.stored(py, insert)
    }

    /// Writes a resource.
    #[pyo3(signature = (update, /))]
    fn update<'py>(&self, py: Python<'py>, update: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.stored(py, update)
    }

    /// Deletes a resource.
    #[pyo3(signature = (delete, /))]
    fn delete(&self, py: Python<'_>, delete: &Bound<'_, PyAny>) -> PyResult<()> {
        self.ask(py, &calls::of(delete)?).map(|_| ())
    }

    #[expect(clippy::unused_self, reason = "a method of Python's protocol")]
    fn __reduce__(&self) -> PyResult<()> {
        Err(travel::refused("a `MemoryStorage` is not pickled"))
    }
}
