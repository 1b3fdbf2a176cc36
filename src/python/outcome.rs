//! `Outcome`, `Change`, `Replaced`, `Repair`: the effect of a request.

use std::sync::OnceLock;

use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBytes, PyDict, PyList, PyTuple};
use serde::Serialize;
use serde_json::Value;

use super::convert::{all_to_python, to_python};
use super::error;
use super::plain::make_plain;
use super::text::document;
use super::travel::{self, Reduced};
use crate::coerce::{Change, Outcome, Repair, Replaced};
use crate::error::ScimType;

/// The effect of a PATCH, POST or PUT. It is picklable, and so are all its parts.
#[pyclass(frozen, module = "scim_engine", name = "Outcome")]
pub(super) struct PyOutcome {
    /// The new resource. If the request was applied to JSON text, the dict is made when the host first asks for it.
    resource: OnceLock<Py<PyDict>>,
    /// The new resource as JSON text, if the request was applied to JSON text.
    json: Option<Py<PyBytes>>,
    done: PickledOutcome,
    changes: PyOnceLock<Py<PyTuple>>,
    repairs: PyOnceLock<Py<PyTuple>>,
}

/// The effect in the form that is pickled.
#[derive(PartialEq)]
struct PickledOutcome {
    changed: bool,
    changes: Vec<Change>,
    repairs: Vec<PyRepair>,
}

impl From<Outcome> for PickledOutcome {
    fn from(outcome: Outcome) -> Self {
        let Outcome { changed, changes, repairs } = outcome;
        Self { changed, changes, repairs: repairs.iter().map(PyRepair::new).collect() }
    }
}

impl PyOutcome {
    pub(super) fn new(resource: Py<PyDict>, outcome: Outcome) -> Self {
        Self::made(resource.into(), None, outcome.into())
    }

    /// The outcome for a resource in JSON text.
    pub(super) fn of_text(json: Py<PyBytes>, outcome: Outcome) -> Self {
        Self::made(OnceLock::new(), Some(json), outcome.into())
    }

    fn made(resource: OnceLock<Py<PyDict>>, json: Option<Py<PyBytes>>, done: PickledOutcome) -> Self {
        Self { resource, json, done, changes: PyOnceLock::new(), repairs: PyOnceLock::new() }
    }
}

#[pymethods]
impl PyOutcome {
    /// The resource to be stored.
    #[getter]
    fn resource(&self, py: Python<'_>) -> PyResult<Py<PyDict>> {
        if let Some(resource) = self.resource.get() {
            return Ok(resource.clone_ref(py));
        }
        let text = self.json.as_ref().map_or(&b"{}"[..], |json| json.as_bytes(py));
        let value = document(text).map_err(|message| error::of_kind(py, ScimType::InvalidSyntax, message))?;
        let made = to_python(py, &value)?.cast_into::<PyDict>()?.unbind();
        // If another thread has made a dict in the meantime, `get_or_init` returns that dict, so that all threads see the
        // same object.
        Ok(self.resource.get_or_init(|| made).clone_ref(py))
    }

    /// The resource as JSON text, if a PATCH was applied to JSON text; otherwise None.
    #[getter]
    fn json(&self, py: Python<'_>) -> Option<Py<PyBytes>> {
        self.json.as_ref().map(|json| json.clone_ref(py))
    }

    /// Whether the resource differs from what it was. If not, nothing needs to be written.
    #[getter]
    fn changed(&self) -> bool {
        self.done.changed
    }

    /// The differences, one entry for each attribute, so that a host need write only those.
    #[getter]
    fn changes(&self, py: Python<'_>) -> PyResult<Py<PyTuple>> {
        let make = || PyTuple::new(py, self.done.changes.iter().cloned().map(PyChange)).map(Bound::unbind);
        self.changes.get_or_try_init(py, make).map(|changes| changes.clone_ref(py))
    }

    /// The values that were repaired or dropped.
    #[getter]
    fn repairs(&self, py: Python<'_>) -> PyResult<Py<PyTuple>> {
        let make = || PyTuple::new(py, self.done.repairs.iter().cloned()).map(Bound::unbind);
        self.repairs.get_or_try_init(py, make).map(|repairs| repairs.clone_ref(py))
    }

    fn __repr__(&self) -> String {
        let PickledOutcome { changed, changes, repairs } = &self.done;
        let paths: Vec<&str> = changes.iter().map(|change| change.path.as_str()).take(8).collect();
        let more = if changes.len() > paths.len() { ", …" } else { "" };
        let paths = paths.join(", ");
        let changed = if *changed { "changed" } else { "unchanged" };
        format!("<Outcome {changed}: [{paths}{more}], {} repairs>", repairs.len())
    }

    /// `changed`, `changes`, `repairs` and `resource` as JSON values, for a queue or a journal.
    ///
    /// It has everything that is to be stored, including passwords.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let dict = PyDict::new(py);
        dict.set_item("changed", self.done.changed)?;
        let changes = self.done.changes.iter().map(|change| PyChange(change.clone()).to_dict(py));
        dict.set_item("changes", changes.collect::<PyResult<Vec<_>>>()?)?;
        let repairs = self.done.repairs.iter().map(|repair| repair.to_dict(py));
        dict.set_item("repairs", repairs.collect::<PyResult<Vec<_>>>()?)?;
        let resource = self.resource(py)?.into_bound(py).copy()?;
        make_plain(&resource)?;
        dict.set_item("resource", resource)?;
        Ok(dict)
    }

    fn __eq__(&self, py: Python<'_>, other: &Bound<'_, PyAny>) -> PyResult<bool> {
        let Ok(other) = other.cast::<Self>() else { return Ok(false) };
        let other = other.get();
        let json = |outcome: &Self| outcome.json.as_ref().map(|json| json.as_bytes(py).to_vec());
        Ok(self.done == other.done
            && json(self) == json(other)
            && self.resource(py)?.bind(py).eq(other.resource(py)?.bind(py))?)
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<Reduced<'py>> {
        let PickledOutcome { changed, changes, repairs } = &self.done;
        let done = travel::state(py, &(changed, changes, repairs))?;
        // The pickle has the JSON text, so a dict that has not been made yet is not made for the pickle.
        let resource = self.resource.get().map(|resource| resource.clone_ref(py));
        travel::reduced::<Self>(py, (resource, self.json(py), done))
    }

    /// Rebuilds an outcome from its pickled state.
    #[staticmethod]
    fn _load(resource: Option<Py<PyDict>>, json: Option<Py<PyBytes>>, done: &[u8]) -> PyResult<Self> {
        let mut parts = match travel::value(done)? {
            Value::Array(parts) => parts.into_iter(),
            _ => Vec::new().into_iter(),
        };
        let is_changed = parts.next() == Some(Value::Bool(true));
        let mut rest = parts.map(|part| match part {
            Value::Array(elements) => elements,
            _ => Vec::new(),
        });
        let changes = rest.next().unwrap_or_default().into_iter().map(change_of).collect::<PyResult<_>>()?;
        let repairs = rest.next().unwrap_or_default().into_iter().map(PyRepair::of).collect::<PyResult<_>>()?;
        let resource = resource.map_or_else(OnceLock::new, OnceLock::from);
        Ok(Self::made(resource, json, PickledOutcome { changed: is_changed, changes, repairs }))
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        self.resource.get().map_or(Ok(()), |resource| visit.call(resource))
    }
}

/// The difference of one attribute. The value of a single-valued attribute is a list of one here.
#[pyclass(frozen, eq, module = "scim_engine", name = "Change")]
#[derive(Clone, PartialEq)]
pub(super) struct PyChange(Change);

#[pymethods]
impl PyChange {
    /// The attribute: `title`, `name.familyName`, `emails`, `urn:...:User:department`.
    #[getter]
    fn path(&self) -> &str {
        &self.0.path
    }

    /// Whether the attribute is never returned, so that the change must not be logged.
    ///
    /// Such a change has the values to be stored, but never the old ones. `added` has the whole of a hidden attribute,
    /// and is empty if the attribute is to become unassigned. Elements that are removed or replaced are listed without
    /// their hidden sub-attributes.
    #[getter]
    fn secret(&self) -> bool {
        self.0.is_secret
    }

    /// The new value of a single-valued attribute; `None` if it is now unassigned.
    ///
    /// For a multi-valued attribute this is only one of the values that are new.
    #[getter]
    fn value<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.0.value().map(|value| to_python(py, value)).transpose()
    }

    /// The values that are new.
    #[getter]
    fn added<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        all_to_python(py, &self.0.added)
    }

    /// The values that are no longer there.
    #[getter]
    fn removed<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        all_to_python(py, &self.0.removed)
    }

    /// The values that have replaced others.
    #[getter]
    fn replaced<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        PyList::new(py, self.0.replaced.iter().cloned().map(PyReplaced))
    }

    /// `path`, each of `added`, `removed` and `replaced` that is not empty, and `secret` if it is true.
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

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<Reduced<'py>> {
        travel::reduced::<Self>(py, (travel::state(py, &self.0)?,))
    }

    /// Rebuilds a change from its pickled state.
    #[staticmethod]
    fn _load(state: &[u8]) -> PyResult<Self> {
        change_of(travel::value(state)?).map(Self)
    }

    fn __repr__(&self) -> String {
        let Change { path, added, removed, replaced, .. } = &self.0;
        format!("<Change {path}: +{} -{} ~{}>", added.len(), removed.len(), replaced.len())
    }
}

/// Reads a change from its JSON.
fn change_of(mut state: Value) -> PyResult<Change> {
    Ok(Change {
        path: travel::text(&mut state, "path")?,
        added: travel::list(&mut state, "added"),
        removed: travel::list(&mut state, "removed"),
        replaced: travel::list(&mut state, "replaced").into_iter().map(replaced_of).collect(),
        is_secret: state.get("secret") == Some(&Value::Bool(true)),
    })
}

fn replaced_of(mut state: Value) -> Replaced {
    let mut part = |name: &str| state.get_mut(name).map(Value::take).unwrap_or_default();
    Replaced { old: part("old"), new: part("new") }
}

/// A value and the value that replaced it.
#[pyclass(frozen, eq, module = "scim_engine", name = "Replaced")]
#[derive(Clone, PartialEq)]
pub(super) struct PyReplaced(Replaced);

#[pymethods]
impl PyReplaced {
    /// The old value.
    #[getter]
    fn old<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        to_python(py, &self.0.old)
    }

    /// The new value.
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

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<Reduced<'py>> {
        travel::reduced::<Self>(py, (travel::state(py, &self.0)?,))
    }

    /// Rebuilds the object from its pickled state.
    #[staticmethod]
    fn _load(state: &[u8]) -> PyResult<Self> {
        travel::value(state).map(replaced_of).map(Self)
    }

    fn __repr__(&self) -> String {
        let short = |value: &Value| value.to_string().chars().take(60).collect::<String>();
        format!("<Replaced {} by {}>", short(&self.0.old), short(&self.0.new))
    }
}

/// A deviation of the client that was read as it was meant, or a value of the client that was dropped.
#[pyclass(frozen, eq, module = "scim_engine", name = "Repair")]
#[derive(Clone, PartialEq, Serialize)]
pub(super) struct PyRepair {
    path: String,
    kind: String,
    detail: String,
    text: String,
}

impl PyRepair {
    fn new(repair: &Repair) -> Self {
        let (path, kind, detail) = (repair.path().into(), repair.kind().into(), repair.detail().into());
        Self { path, kind, detail, text: repair.to_string() }
    }

    fn of(mut state: Value) -> PyResult<Self> {
        let mut part = |name: &str| travel::text(&mut state, name);
        Ok(Self { path: part("path")?, kind: part("kind")?, detail: part("detail")?, text: part("text")? })
    }
}

#[pymethods]
impl PyRepair {
    /// The attribute.
    #[getter]
    fn path(&self) -> &str {
        &self.path
    }

    /// The switch of `Tolerance` that applied, or `read_only`, or `unknown_member`.
    #[getter]
    fn kind(&self) -> &str {
        &self.kind
    }

    /// A description for people.
    #[getter]
    fn detail(&self) -> &str {
        &self.detail
    }

    /// `path`, `kind` and `detail`.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let dict = PyDict::new(py);
        dict.set_item("path", &self.path)?;
        dict.set_item("kind", &self.kind)?;
        dict.set_item("detail", &self.detail)?;
        Ok(dict)
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<Reduced<'py>> {
        travel::reduced::<Self>(py, (travel::state(py, self)?,))
    }

    /// Rebuilds the object from its pickled state.
    #[staticmethod]
    fn _load(state: &[u8]) -> PyResult<Self> {
        Self::of(travel::value(state)?)
    }

    fn __str__(&self) -> &str {
        &self.text
    }

    fn __repr__(&self) -> String {
        format!("<Repair {}>", self.text)
    }
}
