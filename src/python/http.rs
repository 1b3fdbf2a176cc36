//! `Preconditions`, `media_type`, `check_content_type`, `check_discovery_query`: the headers and queries of requests.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use super::error;
use super::object::NewArgs;
use super::settings::hash_of;
use crate::protocol::{self, Preconditions, media};

/// The media type for an answer, from the headers `Accept` and `Content-Type` of the request, or else the default.
///
/// It is `application/json` or `application/scim+json`: the one that `Accept` prefers, or else that of the request.
#[pyfunction]
#[pyo3(signature = (*, accept=None, content_type=None, default="application/scim+json"))]
pub(super) fn media_type(accept: Option<&str>, content_type: Option<&str>, default: &str) -> PyResult<&'static str> {
    let Some(default) = [media::SCIM_JSON, media::JSON].into_iter().find(|known| *known == default) else {
        return Err(PyValueError::new_err("`default` must be \"application/scim+json\" or \"application/json\""));
    };
    Ok(media::negotiate_with(accept, content_type, default))
}

/// Raises `ScimError` with status 415 if the `Content-Type` of a body is not JSON in UTF-8.
#[pyfunction]
#[pyo3(signature = (content_type=None, /))]
pub(super) fn check_content_type(py: Python<'_>, content_type: Option<&str>) -> PyResult<()> {
    media::check_content_type(content_type).map_err(|raised| error::scim(py, &raised))
}

/// Raises `ScimError` with status 403 if a query on a discovery endpoint has a `filter`.
#[pyfunction]
#[pyo3(signature = (query, /))]
pub(super) fn check_discovery_query(py: Python<'_>, query: &str) -> PyResult<()> {
    protocol::check_discovery_query(query).map_err(|raised| error::scim(py, &raised))
}

/// The conditions of `If-Match` and `If-None-Match` on the version of a resource. True if there are any.
///
/// Tags are compared weakly, also for `If-Match`, because the tags of SCIM are weak.
///
/// Raises `ScimError` with status 400 if a header is malformed.
#[pyclass(frozen, module = "scim_engine.protocol", name = "Preconditions")]
pub(super) struct PyPreconditions {
    asked: Preconditions,
    /// The headers as the request has them, for `repr` and pickle.
    if_match: Option<String>,
    if_none_match: Option<String>,
}

#[pymethods]
impl PyPreconditions {
    #[new]
    #[pyo3(signature = (*, if_match=None, if_none_match=None))]
    fn new(py: Python<'_>, if_match: Option<&str>, if_none_match: Option<&str>) -> PyResult<Self> {
        let asked = Preconditions::new(if_match, if_none_match).map_err(|raised| error::scim(py, &raised))?;
        Ok(Self { asked, if_match: if_match.map(str::to_owned), if_none_match: if_none_match.map(str::to_owned) })
    }

    /// For writes: raises `PreconditionFailed` for another version; `None` means that there is no such resource.
    #[pyo3(signature = (version, /))]
    fn check(&self, py: Python<'_>, version: Option<&str>) -> PyResult<()> {
        self.asked.check(version).map_err(|raised| error::scim(py, &raised))
    }

    /// For GET: whether the client already has this version, so that the answer is 304.
    #[pyo3(signature = (version, /))]
    fn is_not_modified(&self, version: &str) -> bool {
        self.asked.is_not_modified(version)
    }

    /// Whether the request has any condition.
    fn __bool__(&self) -> bool {
        !self.asked.is_empty()
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other.cast::<Self>().is_ok_and(|other| self.asked == other.get().asked)
    }

    fn __repr__(&self) -> String {
        let headers = [("if_match", &self.if_match), ("if_none_match", &self.if_none_match)];
        let given =
            headers.iter().filter_map(|(name, header)| header.as_ref().map(|header| format!("{name}={header:?}")));
        format!("Preconditions({})", given.collect::<Vec<_>>().join(", "))
    }

    fn __hash__(&self) -> u64 {
        hash_of(&self.asked)
    }

    fn __getnewargs_ex__<'py>(&self, py: Python<'py>) -> PyResult<NewArgs<'py>> {
        let more = PyDict::new(py);
        more.set_item("if_match", self.if_match.as_deref())?;
        more.set_item("if_none_match", self.if_none_match.as_deref())?;
        Ok((PyTuple::empty(py), more))
    }
}
