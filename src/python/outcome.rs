//! `Outcome`, `Change`, `Replaced`, `Repair`: what a request did.

use std::sync::OnceLock;

use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBytes, PyDict, PyList, PyTuple};
use serde_json::Value;

use super::convert::{all_to_python, to_python};
use super::error;
use super::text::document;
use crate::ScimType;
use crate::{Change, Outcome, Repair, Replaced};

/// What a PATCH, POST or PUT did.
#[pyclass(frozen, module = "scim_engine", name = "Outcome")]
pub(super) struct PyOutcome {
    /// Of a resource in text it is made when it is first asked for.
    resource: OnceLock<Py<PyDict>>,
    json: Option<Py<PyBytes>>,
    outcome: Outcome,
    changes: PyOnceLock<Py<PyTuple>>,
    repairs: PyOnceLock<Py<PyTuple>>,
}

impl PyOutcome {
    pub(super) fn new(resource: Py<PyDict>, outcome: Outcome) -> Self {
        Self { resource: resource.into(), json: None, outcome, changes: PyOnceLock::new(), repairs: PyOnceLock::new() }
    }

    /// Of a resource in JSON text.
    pub(super) fn of_text(json: Py<PyBytes>, outcome: Outcome) -> Self {
        let (changes, repairs) = (PyOnceLock::new(), PyOnceLock::new());
        Self { resource: OnceLock::new(), json: Some(json), outcome, changes, repairs }
    }
}

#[pymethods]
impl PyOutcome {
    #[getter]
    fn resource(&self, py: Python<'_>) -> PyResult<Py<PyDict>> {
        if let Some(resource) = self.resource.get() {
            return Ok(resource.clone_ref(py));
        }
        let text = self.json.as_ref().map_or(&b"{}"[..], |json| json.as_bytes(py));
        let value = document(text).map_err(|message| error::of_kind(py, ScimType::InvalidSyntax, message))?;
        let made = to_python(py, &value)?.cast_into::<PyDict>()?.unbind();
        // Another thread may have been faster: then its object counts.
        Ok(self.resource.get_or_init(|| made).clone_ref(py))
    }

    #[getter]
    fn json(&self, py: Python<'_>) -> Option<Py<PyBytes>> {
        self.json.as_ref().map(|json| json.clone_ref(py))
    }

    #[getter]
    fn changed(&self) -> bool {
        self.outcome.changed
    }

    #[getter]
    fn changes(&self, py: Python<'_>) -> PyResult<Py<PyTuple>> {
        let make = || PyTuple::new(py, self.outcome.changes.iter().cloned().map(PyChange)).map(Bound::unbind);
        self.changes.get_or_try_init(py, make).map(|changes| changes.clone_ref(py))
    }

    #[getter]
    fn repairs(&self, py: Python<'_>) -> PyResult<Py<PyTuple>> {
        let make = || PyTuple::new(py, self.outcome.repairs.iter().cloned().map(PyRepair)).map(Bound::unbind);
        self.repairs.get_or_try_init(py, make).map(|repairs| repairs.clone_ref(py))
    }

    fn __repr__(&self) -> String {
        let Outcome { changed, changes, repairs, .. } = &self.outcome;
        let paths: Vec<&str> = changes.iter().map(|change| change.path.as_str()).take(8).collect();
        let more = if changes.len() > paths.len() { ", …" } else { "" };
        let paths = paths.join(", ");
        let changed = if *changed { "changed" } else { "unchanged" };
        format!("<Outcome {changed}: [{paths}{more}], {} repairs>", repairs.len())
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        self.resource.get().map_or(Ok(()), |resource| visit.call(resource))
    }
}

/// How one attribute differs from what it was.
#[pyclass(frozen, eq, module = "scim_engine", name = "Change")]
#[derive(Clone, PartialEq)]
pub(super) struct PyChange(Change);

#[pymethods]
impl PyChange {
    #[getter]
    fn path(&self) -> &str {
        &self.0.path
    }

    #[getter]
    fn secret(&self) -> bool {
        self.0.is_secret
    }

    #[getter]
    fn added<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        all_to_python(py, &self.0.added)
    }

    #[getter]
    fn removed<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        all_to_python(py, &self.0.removed)
    }

    #[getter]
    fn replaced<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        PyList::new(py, self.0.replaced.iter().cloned().map(PyReplaced))
    }

    /// `path`, and those of `added`, `removed` and `replaced` that are not empty.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let dict = PyDict::new(py);
        dict.set_item("path", &self.0.path)?;
        for (name, values) in [("added", &self.0.added), ("removed", &self.0.removed)] {
            if !values.is_empty() {
                dict.set_item(name, all_to_python(py, values)?)?;
            }
        }
        if self.0.is_secret {
            dict.set_item("secret", true)?;
        }
        if !self.0.replaced.is_empty() {
            let replaced = PyList::empty(py);
            for pair in &self.0.replaced {
                replaced.append(PyReplaced(pair.clone()).to_dict(py)?)?;
            }
            dict.set_item("replaced", replaced)?;
        }
        Ok(dict)
    }

    fn __repr__(&self) -> String {
        let Change { path, added, removed, replaced, .. } = &self.0;
        format!("<Change {path}: +{} -{} ~{}>", added.len(), removed.len(), replaced.len())
    }
}

/// A value that took the place of another.
#[pyclass(frozen, eq, module = "scim_engine", name = "Replaced")]
#[derive(Clone, PartialEq)]
pub(super) struct PyReplaced(Replaced);

#[pymethods]
impl PyReplaced {
    #[getter]
    fn old<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        to_python(py, &self.0.old)
    }

    #[getter(new)]
    fn new_value<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        to_python(py, &self.0.new)
    }

    /// `old` and `new`.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let dict = PyDict::new(py);
        dict.set_item("old", self.old(py)?)?;
        dict.set_item("new", self.new_value(py)?)?;
        Ok(dict)
    }

    fn __repr__(&self) -> String {
        let short = |value: &Value| value.to_string().chars().take(60).collect::<String>();
        format!("<Replaced {} by {}>", short(&self.0.old), short(&self.0.new))
    }
}

/// What was repaired or dropped.
#[pyclass(frozen, eq, module = "scim_engine", name = "Repair")]
#[derive(Clone, PartialEq)]
pub(super) struct PyRepair(Repair);

#[pymethods]
impl PyRepair {
    #[getter]
    fn path(&self) -> &str {
        self.0.path()
    }

    #[getter]
    fn kind(&self) -> &str {
        self.0.kind()
    }

    #[getter]
    fn detail(&self) -> &str {
        self.0.detail()
    }

    /// `path`, `kind` and `detail`.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let dict = PyDict::new(py);
        dict.set_item("path", self.0.path())?;
        dict.set_item("kind", self.0.kind())?;
        dict.set_item("detail", self.0.detail())?;
        Ok(dict)
    }

    fn __str__(&self) -> String {
        self.0.to_string()
    }

    fn __repr__(&self) -> String {
        format!("<Repair {}>", self.0)
    }
}
