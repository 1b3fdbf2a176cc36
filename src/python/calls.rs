//! What an `Exchange` asks and is answered: `Get`, `Find`, `Insert`, `Update`, `Delete`, `Needs`, `Stored`, `Found`.

use pyo3::IntoPyObjectExt as _;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use serde_json::Value;

use super::convert::{ObjectReader, to_python as value_to_python};
use super::error;
use super::filter::PyFilter;
use super::outcome::PyOutcome;
use super::resource_type::PyResourceType;
use super::settings::Settings;
use super::travel;
use crate::endpoint::{
    Call, Delete, Elements, Event, Find, Found, Get, Insert, Needs, StorageError, Stored, Update, Window,
};

/// A call as one of the classes below.
pub(super) fn to_python(py: Python<'_>, call: Call) -> PyResult<Bound<'_, PyAny>> {
    match call {
        Call::Get(get) => PyGet(get).into_bound_py_any(py),
        Call::Find(find) => PyFind(*find).into_bound_py_any(py),
        Call::Insert(insert) => PyInsert(*insert).into_bound_py_any(py),
        Call::Update(update) => PyUpdate(*update).into_bound_py_any(py),
        Call::Delete(delete) => PyDelete(delete).into_bound_py_any(py),
    }
}

/// A call of one of the classes below.
pub(super) fn of(call: &Bound<'_, PyAny>) -> PyResult<Call> {
    if let Ok(get) = call.cast::<PyGet>() {
        Ok(Call::Get(get.get().0.clone()))
    } else if let Ok(find) = call.cast::<PyFind>() {
        Ok(Call::Find(Box::new(find.get().0.clone())))
    } else if let Ok(insert) = call.cast::<PyInsert>() {
        Ok(Call::Insert(Box::new(insert.get().0.clone())))
    } else if let Ok(update) = call.cast::<PyUpdate>() {
        Ok(Call::Update(Box::new(update.get().0.clone())))
    } else if let Ok(delete) = call.cast::<PyDelete>() {
        Ok(Call::Delete(delete.get().0.clone()))
    } else {
        Err(PyTypeError::new_err(format!("what an Exchange asks is needed, not `{}`", call.get_type().name()?)))
    }
}

/// What a storage raises for a failure.
pub(super) fn raised(py: Python<'_>, failed: &StorageError) -> PyErr {
    let name = match failed {
        StorageError::Refused(refused) => return error::scim(py, refused),
        StorageError::Stale => "Stale",
        StorageError::Missing => "Missing",
        StorageError::Busy => "Busy",
        _ => return pyo3::exceptions::PyRuntimeError::new_err(failed.to_string()),
    };
    let made = class(py, name).and_then(|class| class.call1((failed.to_string(),)));
    made.map_or_else(|raised| raised, PyErr::from_value)
}

/// A `Stored` as it was given.
pub(super) fn stored(given: &Bound<'_, PyAny>) -> PyResult<Stored> {
    let (Ok(resource), Ok(version)) = (given.getattr("resource"), given.getattr("version")) else {
        return Err(PyTypeError::new_err(format!("the storage answers a Stored, not `{}`", given.get_type().name()?)));
    };
    Ok(Stored { resource: ObjectReader::stored().read(resource)?, version: version.extract()? })
}

/// A `Found` as it was given.
pub(super) fn found(given: &Bound<'_, PyAny>) -> PyResult<Found> {
    let (Ok(page), Ok(total), Ok(next)) = (given.getattr("page"), given.getattr("total"), given.getattr("next")) else {
        return Err(PyTypeError::new_err(format!("the storage answers a Found, not `{}`", given.get_type().name()?)));
    };
    let page = page.try_iter()?.map(|one| stored(&one?)).collect::<PyResult<Vec<_>>>()?;
    let next = if next.is_none() { None } else { Some(ObjectReader::stored().read(next)?) };
    Ok(Found { page, total: total.extract()?, next })
}

/// A class of `scim_engine.endpoint`.
fn class<'py>(py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyAny>> {
    py.import("scim_engine.endpoint")?.getattr(name)
}

/// A `Stored`.
pub(super) fn stored_to_python<'py>(py: Python<'py>, stored: &Stored) -> PyResult<Bound<'py, PyAny>> {
    class(py, "Stored")?.call1((value_to_python(py, &stored.resource)?, &stored.version))
}

/// A `Found`.
pub(super) fn found_to_python<'py>(py: Python<'py>, found: &Found) -> PyResult<Bound<'py, PyAny>> {
    let page = found.page.iter().map(|one| stored_to_python(py, one)).collect::<PyResult<Vec<_>>>()?;
    let next = found.next.as_ref().map(|next| value_to_python(py, next)).transpose()?;
    class(py, "Found")?.call1((page, found.total, next))
}

/// An `Event`.
pub(super) fn event_to_python<'py>(py: Python<'py>, event: &Event) -> PyResult<Bound<'py, PyAny>> {
    let secrets = PyTuple::new(py, &event.secrets)?;
    let outcome = PyOutcome::new(PyDict::new(py).unbind(), event.outcome.clone());
    let (op, resource_type, id) = (event.action.as_str(), &event.resource_type, &event.id);
    class(py, "Event")?.call1((op, resource_type, id, outcome, secrets))
}

/// What of a resource is needed. A storage may always give more.
#[pyclass(frozen, module = "scim_engine.endpoint", name = "Needs")]
pub(super) struct PyNeeds(pub Needs);

#[pymethods]
impl PyNeeds {
    /// Whether an attribute is needed, by its path: `title`, `name.givenName`.
    #[pyo3(signature = (path, /))]
    fn attribute(&self, path: &str) -> bool {
        self.0.attribute(path)
    }

    /// Which elements of a list are needed: all (`True`), none (`False`), or those with these values.
    #[pyo3(signature = (list, /))]
    fn elements<'py>(&self, py: Python<'py>, list: &str) -> PyResult<Bound<'py, PyAny>> {
        match self.0.elements(list) {
            Elements::All => true.into_bound_py_any(py),
            Elements::None => false.into_bound_py_any(py),
            Elements::Of(values) => PyTuple::new(py, values)?.into_bound_py_any(py),
        }
    }

    /// How many elements of a list are needed at most: one that has more is not shown, so one more is enough.
    #[getter]
    fn most_elements(&self) -> Option<usize> {
        self.0.most_elements()
    }

    #[expect(clippy::unused_self, reason = "a method of Python's protocol")]
    fn __reduce__(&self) -> PyResult<()> {
        Err(travel::refused("`Needs` are not pickled"))
    }
}

macro_rules! call_class {
    ($(#[$doc:meta])* $class:ident, $held:ident, $name:literal, { $($methods:tt)* }) => {
        $(#[$doc])*
        #[pyclass(frozen, module = "scim_engine.endpoint", name = $name)]
        pub(super) struct $class(pub $held);

        #[pymethods]
        impl $class {
            /// The type of the resource.
            #[getter]
            fn resource_type(&self) -> PyResourceType {
                PyResourceType(self.0.resource_type.clone())
            }

            fn __reduce__(&self) -> PyResult<()> {
                Err(travel::refused("what an `Exchange` asks is not pickled"))
            }

            $($methods)*
        }
    };
}

call_class!(
    /// Asks for one resource: a `Stored`, or `None` if there is none.
    PyGet, Get, "Get", {
    /// Its id.
    #[getter]
    fn id(&self) -> &str {
        &self.0.id
    }

    /// What of it is needed.
    #[getter]
    fn needs(&self) -> PyNeeds {
        PyNeeds(self.0.needs.clone())
    }

    /// Whether an `Update` follows, and others have come first several times: if the storage can, it holds the resource
    /// until then.
    #[getter]
    fn locks(&self) -> bool {
        self.0.locks
    }
});

call_class!(
    /// Asks for the resources that a filter selects: a `Found`.
    PyFind, Find, "Find", {
    /// The filter; `None` selects all. `Mapping.bind` takes it, whatever type it is for.
    #[getter]
    fn filter(&self, py: Python<'_>) -> PyResult<Option<PyFilter>> {
        let Some(matcher) = &self.0.filter else { return Ok(None) };
        let own = matcher.resource_type();
        let of = (!own.is_open()).then(|| own.clone());
        PyFilter::compile(py, matcher.filter(), of, Settings::default()).map(Some)
    }

    /// The attribute that the resources are sorted by, as the schema spells it; `None` for the order of the keys.
    #[getter]
    fn sort_by(&self) -> Option<&str> {
        self.0.order.as_ref().map(|(path, _)| path.as_str())
    }

    /// Whether the order descends. What is unassigned comes last, or first if it does.
    #[getter]
    fn descending(&self) -> bool {
        self.0.order.as_ref().is_some_and(|(_, is_descending)| *is_descending)
    }

    /// How many resources precede the page.
    #[getter]
    fn skip(&self) -> u64 {
        if let Window::Skip(skip) = self.0.window { skip } else { 0 }
    }

    /// A `next` of before, behind which the page begins, however many resources came or went meanwhile.
    #[getter]
    fn after<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        match &self.0.window {
            Window::After(place) => value_to_python(py, place).map(Some),
            Window::Skip(_) => Ok(None),
        }
    }

    /// The most resources.
    #[getter]
    fn limit(&self) -> usize {
        self.0.limit
    }

    /// Whether the number of all selected resources is asked for.
    #[getter]
    fn counts(&self) -> bool {
        self.0.counts
    }

    /// What of the resources is needed.
    #[getter]
    fn needs(&self) -> PyNeeds {
        PyNeeds(self.0.needs.clone())
    }
});

call_class!(
    /// Asks to store a new resource under an id of the storage's: the `Stored`.
    PyInsert, Insert, "Insert", {
    /// The resource, without `id` and `meta`.
    #[getter]
    fn resource<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        value_to_python(py, &self.0.resource)
    }

    /// The attributes and sub-attributes that are never returned, by their paths, such as `password`. The resource has
    /// none of them, but for what is in the elements of a list.
    #[getter]
    fn secrets<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        value_to_python(py, &Value::Object(self.0.secrets.clone()))
    }

    /// The changes, for the audit log, and the repairs of the request. No secret is in it.
    #[getter]
    fn outcome(&self, py: Python<'_>) -> PyResult<PyOutcome> {
        outcome(py, &self.0.resource, &self.0.outcome)
    }

    /// The time.
    #[getter]
    fn now<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.0.now.into_bound_py_any(py)
    }
});

call_class!(
    /// Asks to write a resource if it still has the version that was read: the `Stored` if it is at hand with all its
    /// lists, or `None`.
    PyUpdate, Update, "Update", {
    /// Its id.
    #[getter]
    fn id(&self) -> &str {
        &self.0.id
    }

    /// The version that was read.
    #[getter]
    fn version(&self) -> &str {
        &self.0.version
    }

    /// The whole resource, as far as it was loaded.
    #[getter]
    fn resource<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        value_to_python(py, &self.0.resource)
    }

    /// The attributes and sub-attributes that are never returned, by their paths, as the request sets them; `None`
    /// unassigns one.
    #[getter]
    fn secrets<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        value_to_python(py, &Value::Object(self.0.secrets.clone()))
    }

    /// What changes, by path, and the repairs of the request. No secret is in it.
    #[getter]
    fn outcome(&self, py: Python<'_>) -> PyResult<PyOutcome> {
        outcome(py, &self.0.resource, &self.0.outcome)
    }

    /// The time, which becomes `meta.lastModified`.
    #[getter]
    fn now<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.0.now.into_bound_py_any(py)
    }
});

call_class!(
    /// Asks to delete a resource and its references in others.
    PyDelete, Delete, "Delete", {
    /// Its id.
    #[getter]
    fn id(&self) -> &str {
        &self.0.id
    }

    /// The version that the client demands, if any.
    #[getter]
    fn version(&self) -> Option<&str> {
        self.0.version.as_deref()
    }

    /// The time.
    #[getter]
    fn now<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.0.now.into_bound_py_any(py)
    }
});

fn outcome(py: Python<'_>, resource: &Value, outcome: &crate::coerce::Outcome) -> PyResult<PyOutcome> {
    let resource = value_to_python(py, resource)?.cast_into::<PyDict>()?.unbind();
    Ok(PyOutcome::new(resource, outcome.clone()))
}
