//! `Registry`: the resource types of a platform, and the answers of its discovery endpoints.

use std::hash::{Hash, Hasher};

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyIterator, PyTuple, PyType};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::convert::to_python;
use super::error;
use super::object::is_none;
use super::resource_type::{PyResourceType, json_of, stored};
use super::text::several;
use crate::error::ScimError;
use crate::protocol::{AuthenticationScheme, BulkConfig, PaginationConfig, ServiceProviderConfig};
use crate::schema::{Registry, ResourceType};

/// The resource types of a platform: immutable, picklable, thread-safe. It answers the discovery endpoints.
///
/// Without `resource_types`, they are `USER` and `GROUP`. Raises `SchemaError` if two share a name, endpoint or schema
/// URN.
#[pyclass(frozen, eq, hash, module = "scim_engine.protocol", name = "Registry")]
#[derive(Clone, PartialEq)]
pub(super) struct PyRegistry(pub Registry);

impl Hash for PyRegistry {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.resource_types().iter().for_each(|kind| PyResourceType(kind.clone()).hash(state));
    }
}

impl PyRegistry {
    fn types<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.0.resource_types().iter().cloned().map(PyResourceType))
    }
}

#[pymethods]
impl PyRegistry {
    #[new]
    #[pyo3(signature = (resource_types=None))]
    fn new(py: Python<'_>, resource_types: Option<Bound<'_, PyAny>>) -> PyResult<Self> {
        let Some(resource_types) = resource_types else { return Ok(Self(Registry::default())) };
        let given = several("resource_types", "several `ResourceType`s", &resource_types)?
            .map(|kind| Ok(kind?.cast::<PyResourceType>()?.get().0.clone()));
        let given = given.collect::<PyResult<Vec<ResourceType>>>()?;
        Registry::new(given).map(Self).map_err(|raised| error::schema(py, raised))
    }

    /// The resource types that `/Schemas` and `/ResourceTypes` describe. Raises `SchemaError`.
    #[staticmethod]
    fn from_discovery(py: Python<'_>, schemas: Bound<'_, PyAny>, resource_types: Bound<'_, PyAny>) -> PyResult<Self> {
        let schemas = json_of(schemas, "the schemas")?;
        let resource_types = json_of(resource_types, "the resource types")?;
        Registry::from_discovery(&schemas, &resource_types).map(Self).map_err(|raised| error::schema(py, raised))
    }

    /// Messages about likely mistakes in what `from_discovery` read: members with nearly the name of a known one.
    #[getter]
    fn notes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.0.notes().iter().map(ToString::to_string))
    }

    /// All resource types.
    #[getter]
    fn resource_types<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        self.types(py)
    }

    /// The resource type with this name, without regard to case.
    fn get(&self, name: &str) -> Option<PyResourceType> {
        self.0.get(name).cloned().map(PyResourceType)
    }

    /// The resource type with this endpoint, such as `/Users` or `Users`, without regard to case.
    fn by_endpoint(&self, endpoint: &str) -> Option<PyResourceType> {
        self.0.by_endpoint(endpoint).cloned().map(PyResourceType)
    }

    /// The resource type that a resource names in `meta.resourceType` or `schemas`.
    fn of(&self, py: Python<'_>, resource: Bound<'_, PyAny>) -> PyResult<Option<PyResourceType>> {
        Ok(self.0.of(&stored(py, resource)?).cloned().map(PyResourceType))
    }

    /// The answer of `/ServiceProviderConfig`. `base` is the URL above the endpoints.
    ///
    /// `bulk` has `maxOperations` and `maxPayloadSize`. `pagination` has the members of RFC 9865: `cursor`, `index`,
    /// and optionally `defaultPaginationMethod`, `defaultPageSize`, `maxPageSize`, `cursorTimeout`. The default of
    /// `authentication_schemes` is a bearer token. `interop_profile_conformant` says whether the service conforms to
    /// the SCIM interoperability profile.
    #[pyo3(signature = (
        *, base, patch=true, bulk=None, filter_max=1000, change_password=false, sort=true, etag=true,
        pagination=None, authentication_schemes=None, documentation_uri=None, interop_profile_conformant=None,
    ))]
    #[allow(
        clippy::too_many_arguments,
        clippy::fn_params_excessive_bools,
        clippy::unused_self,
        reason = "the RFC's switches, all by name, beside the other answers"
    )]
    fn service_provider_config<'py>(
        &self,
        py: Python<'py>,
        base: &str,
        patch: bool,
        bulk: Option<Bound<'py, PyAny>>,
        filter_max: u64,
        change_password: bool,
        sort: bool,
        etag: bool,
        pagination: Option<Bound<'py, PyAny>>,
        authentication_schemes: Option<Bound<'py, PyAny>>,
        documentation_uri: Option<String>,
        interop_profile_conformant: Option<bool>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let mut config = ServiceProviderConfig {
            documentation_uri,
            patch,
            bulk: part::<BulkConfig>(bulk, "`bulk`")?,
            filter_max_results: filter_max,
            change_password,
            sort,
            etag,
            pagination: part::<PaginationConfig>(pagination, "`pagination`")?,
            interop_profile_conformant,
            ..ServiceProviderConfig::default()
        };
        if let Some(schemes) = part::<Vec<AuthenticationScheme>>(authentication_schemes, "`authentication_schemes`")? {
            config.authentication_schemes = schemes;
        }
        to_python(py, &config.answer(base))
    }

    /// The answer of `/ResourceTypes`.
    #[pyo3(signature = (*, base))]
    fn resource_types_response<'py>(&self, py: Python<'py>, base: &str) -> PyResult<Bound<'py, PyAny>> {
        to_python(py, &self.0.resource_types_response(base))
    }

    /// The answer of `/ResourceTypes/{name}`. Raises `NotFound`.
    #[pyo3(signature = (name, *, base))]
    fn resource_type_response<'py>(&self, py: Python<'py>, name: &str, base: &str) -> PyResult<Bound<'py, PyAny>> {
        found(py, self.0.resource_type_response(name, base))
    }

    /// The answer of `/Schemas`: every schema once, including those of the discovery endpoints' own answers.
    #[pyo3(signature = (*, base))]
    fn schemas_response<'py>(&self, py: Python<'py>, base: &str) -> PyResult<Bound<'py, PyAny>> {
        to_python(py, &self.0.schemas_response(base))
    }

    /// The answer of `/Schemas/{urn}`. Raises `NotFound`.
    #[pyo3(signature = (urn, *, base))]
    fn schema_response<'py>(&self, py: Python<'py>, urn: &str, base: &str) -> PyResult<Bound<'py, PyAny>> {
        found(py, self.0.schema_response(urn, base))
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

fn found(py: Python<'_>, answer: Result<Value, ScimError>) -> PyResult<Bound<'_, PyAny>> {
    to_python(py, &answer.map_err(|raised| error::scim(py, &raised))?)
}

/// Reads a part of the configuration, which comes from the host.
fn part<T: DeserializeOwned>(given: Option<Bound<'_, PyAny>>, what: &'static str) -> PyResult<Option<T>> {
    let Some(given) = given.filter(|given| !is_none(given)) else { return Ok(None) };
    let part = serde_json::from_value(json_of(given, what)?);
    part.map(Some).map_err(|error| PyValueError::new_err(format!("{what}: {error}")))
}
