//! `Registry`: the resource types of a platform, and what its discovery endpoints answer.

use pyo3::prelude::*;
use pyo3::types::{PyIterator, PyTuple, PyType};

use super::error;
use super::resource_type::{PyResourceType, json_of, stored};
use crate::{Registry, ResourceType};

/// The resource types of a platform.
#[pyclass(frozen, eq, module = "scim_engine", name = "Registry")]
#[derive(Clone, PartialEq)]
pub(super) struct PyRegistry(pub Registry);

impl PyRegistry {
    fn types<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.0.resource_types().iter().cloned().map(PyResourceType))
    }
}

#[pymethods]
impl PyRegistry {
    /// User and Group of RFC 7643, or the given ones.
    #[new]
    #[pyo3(signature = (resource_types=None))]
    fn new(py: Python<'_>, resource_types: Option<Bound<'_, PyAny>>) -> PyResult<Self> {
        let Some(resource_types) = resource_types else { return Ok(Self(Registry::default())) };
        let given = resource_types.try_iter()?.map(|kind| Ok(kind?.cast::<PyResourceType>()?.get().0.clone()));
        let given = given.collect::<PyResult<Vec<ResourceType>>>()?;
        Registry::new(given).map(Self).map_err(|raised| error::schema(py, raised))
    }

    /// What `/Schemas` and `/ResourceTypes` describe.
    #[staticmethod]
    fn from_discovery(py: Python<'_>, schemas: Bound<'_, PyAny>, resource_types: Bound<'_, PyAny>) -> PyResult<Self> {
        let schemas = json_of(schemas, "the schemas")?;
        let resource_types = json_of(resource_types, "the resource types")?;
        Registry::from_discovery(&schemas, &resource_types).map(Self).map_err(|raised| error::schema(py, raised))
    }

    #[getter]
    fn resource_types<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        self.types(py)
    }

    /// The resource type of this name.
    fn get(&self, name: &str) -> Option<PyResourceType> {
        self.0.get(name).cloned().map(PyResourceType)
    }

    /// The resource type of this endpoint.
    fn by_endpoint(&self, endpoint: &str) -> Option<PyResourceType> {
        self.0.by_endpoint(endpoint).cloned().map(PyResourceType)
    }

    /// The resource type that a resource says it is of.
    fn of(&self, py: Python<'_>, resource: Bound<'_, PyAny>) -> PyResult<Option<PyResourceType>> {
        Ok(self.0.of(&stored(py, resource)?).cloned().map(PyResourceType))
    }

    fn __iter__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyIterator>> {
        self.types(py)?.try_iter()
    }

    fn __len__(&self) -> usize {
        self.0.resource_types().len()
    }

    fn __repr__(&self) -> String {
        let names: Vec<&str> = self.0.resource_types().iter().map(ResourceType::name).collect();
        format!("<Registry {}>", names.join(", "))
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyType>, (Bound<'py, PyTuple>,))> {
        Ok((slf.get_type(), (slf.get().types(slf.py())?,)))
    }

    fn __copy__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __deepcopy__(slf: Py<Self>, _memo: Bound<'_, PyAny>) -> Py<Self> {
        slf
    }
}
