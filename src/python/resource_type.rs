//! `ResourceType`: schemas, and the POST and PUT of resources with them.

use std::hash::Hash;

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyMapping, PyTuple};
use serde_json::{Value, json};

use super::convert::{ObjectReader, to_python};
use super::error;
use super::outcome::PyOutcome;
use super::settings::{PyLimits, Settings, chosen_or_default, with_absent, with_wishes};
use super::switches::{PyProfile, PyTolerance};
use super::text::{JsonText, document, several, strings};
use crate::error::ScimType;
use crate::limits::Limits;
use crate::resource::{ResourceError, Written};
use crate::schema::{Attribute, ResourceType, Schema, SchemaError};

/// The attributes that the resources of an endpoint may have. `USER` and `GROUP` are built in.
#[pyclass(frozen, eq, hash, module = "scim_engine", name = "ResourceType")]
#[derive(Clone, PartialEq)]
pub(super) struct PyResourceType(pub ResourceType);

impl Hash for PyResourceType {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.name().hash(state);
        self.0.schema().id.hash(state);
    }
}

/// The resource type of an optional argument.
pub(super) fn given(resource_type: Option<&Bound<'_, PyResourceType>>) -> Option<ResourceType> {
    resource_type.map(|resource_type| resource_type.get().0.clone())
}

/// Reads JSON that comes from the host, such as a schema.
pub(super) fn json_of(value: Bound<'_, PyAny>, what: &'static str) -> PyResult<Value> {
    let py = value.py();
    match JsonText::of(&value)? {
        Some(text) => document(text.as_bytes()).map_err(|message| error::schema(py, format!("{what}: {message}"))),
        None => ObjectReader { what, ..ObjectReader::body(Limits::default().depth) }.read(value).map_err(|raised| {
            let is_scim = error::base(py).is_ok_and(|base| raised.matches(py, base).unwrap_or(false));
            if is_scim { error::schema(py, raised.value(py)) } else { raised }
        }),
    }
}

fn schema_of(value: Bound<'_, PyAny>) -> PyResult<Schema> {
    let py = value.py();
    Schema::from_value(&json_of(value, "the schema")?).map_err(|raised| error::schema(py, raised))
}

fn outcome(py: Python<'_>, written: Result<Written, ResourceError>) -> PyResult<PyOutcome> {
    let Written { resource, outcome, .. } = written.map_err(|raised| error::resource(py, raised))?;
    let resource = to_python(py, &resource)?.cast_into::<PyDict>()?;
    Ok(PyOutcome::new(resource.unbind(), outcome))
}

#[pymethods]
impl PyResourceType {
    /// User with the enterprise extension.
    #[staticmethod]
    fn user() -> Self {
        Self(ResourceType::user())
    }

    /// Group.
    #[staticmethod]
    fn group() -> Self {
        Self(ResourceType::group())
    }

    /// The type for resources of any kind: the attributes of User and Group are known.
    ///
    /// Filters, `attributes` and `sortBy` accept other names too. POST, PUT, PATCH and `diff` need the schema of the
    /// resources that they write.
    #[staticmethod]
    fn any() -> Self {
        Self(ResourceType::any())
    }

    /// A resource type from a core schema and extensions, each as `/Schemas` returns it. Raises `SchemaError`,
    /// also for an unknown member, and if the name or a URN is empty or a URN occurs twice.
    ///
    /// Without `endpoint`, the endpoint is a slash, the name and an `s`. In addition to the characteristics of RFC 7643
    /// an attribute may have `maxLength` and `canonicalOnly`: see `max_length` and `canonical_values`.
    #[staticmethod]
    #[pyo3(signature = (name, schema, extensions=None, *, endpoint=None))]
    fn from_schemas(
        name: &str,
        schema: Bound<'_, PyAny>,
        extensions: Option<Bound<'_, PyAny>>,
        endpoint: Option<&str>,
    ) -> PyResult<Self> {
        let py = schema.py();
        let schema = schema_of(schema)?;
        let extensions: Vec<Schema> = match extensions {
            Some(one) if one.cast::<PyMapping>().is_ok() || JsonText::of(&one)?.is_some() => {
                let message = "expected `extensions` to be a list of schemas: put the one schema into a list";
                return Err(PyTypeError::new_err(message));
            }
            Some(extensions) => several("extensions", "several schemas", &extensions)?
                .map(|value| schema_of(value?))
                .collect::<PyResult<_>>()?,
            None => Vec::new(),
        };
        let made = ResourceType::from_schemas(name, schema, extensions);
        let made = made.and_then(|made| endpoint.map_or(Ok(made.clone()), |endpoint| made.with_endpoint(endpoint)));
        tailored(py, made)
    }

    /// A copy with these attributes and the common ones only, such as those for which a product has columns.
    ///
    /// Names are attributes (`userName`), sub-attributes (`name.givenName`), attributes of an extension after its URN
    /// and a colon, or the URN of a schema for all of its attributes. An extension of which nothing is named is
    /// removed. `create`, `replace` and a PATCH without a path drop and report everything else that clients send;
    /// `Patch(..., unknown_paths="ignore")` does the same for paths. Raises `SchemaError` for an unknown name, and if
    /// an attribute that the schema requires is not among the names.
    fn only(&self, names: &Bound<'_, PyAny>) -> PyResult<Self> {
        tailored(names.py(), self.0.only(strings("names", names)?))
    }

    /// A copy without these attributes, sub-attributes or extensions. Raises `SchemaError` for an unknown name, and
    /// for an attribute that is required or that every resource has (`schemas`, `id`, `meta`).
    fn without(&self, names: &Bound<'_, PyAny>) -> PyResult<Self> {
        tailored(names.py(), self.0.without(strings("names", names)?))
    }

    /// A copy in which these attributes are `readOnly`, for values that the product derives itself. Raises
    /// `SchemaError` for an unknown name.
    fn read_only(&self, names: &Bound<'_, PyAny>) -> PyResult<Self> {
        tailored(names.py(), self.0.read_only(strings("names", names)?))
    }

    /// A copy in which these attributes are required, such as those whose database column may not be null. A required
    /// sub-attribute is needed wherever its attribute has a value. Raises `SchemaError` for an unknown name, and for a
    /// `readOnly` attribute.
    fn required(&self, names: &Bound<'_, PyAny>) -> PyResult<Self> {
        tailored(names.py(), self.0.required(strings("names", names)?))
    }

    /// A copy with one more extension. Raises `SchemaError`, also if the type already has its URN.
    #[pyo3(signature = (schema, *, required=false))]
    fn with_extension(&self, schema: Bound<'_, PyAny>, required: bool) -> PyResult<Self> {
        let py = schema.py();
        tailored(py, self.0.with_extension(schema_of(schema)?, required))
    }

    /// A copy with another endpoint, such as `/People`. Raises `SchemaError` if it is not `/` and one segment.
    fn with_endpoint(&self, py: Python<'_>, endpoint: &str) -> PyResult<Self> {
        tailored(py, self.0.with_endpoint(endpoint))
    }

    /// A copy that refuses strings of an attribute with more characters: `InvalidValue` instead of an error of the
    /// database. Raises `SchemaError` for an unknown name, and for an attribute that does not have strings.
    fn max_length(&self, py: Python<'_>, name: &str, characters: usize) -> PyResult<Self> {
        tailored(py, self.0.max_length(name, characters))
    }

    /// A copy that refuses strings of an attribute other than these, which become its `canonicalValues`. Raises
    /// `SchemaError` for an unknown name, for an attribute that does not have strings, and if there are no values.
    fn canonical_values(&self, name: &str, values: &Bound<'_, PyAny>) -> PyResult<Self> {
        tailored(values.py(), self.0.canonical_values(name, strings("values", values)?))
    }

    /// The name, such as `User`.
    #[getter]
    fn name(&self) -> &str {
        self.0.name()
    }

    /// The endpoint, such as `/Users`.
    #[getter]
    fn endpoint(&self) -> &str {
        self.0.endpoint()
    }

    /// The description.
    #[getter]
    fn description(&self) -> &str {
        self.0.description()
    }

    /// The core schema as `/Schemas` returns it, with `maxLength` and `canonicalOnly` if the host has set them.
    #[getter]
    fn schema<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        schema_to_python(py, self.0.schema())
    }

    /// The schemas of the extensions.
    #[getter]
    fn extensions<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let list = PyList::empty(py);
        for schema in self.0.extensions() {
            list.append(schema_to_python(py, schema)?)?;
        }
        Ok(list)
    }

    /// A new resource from the body of a POST. The host adds `id` and `meta`.
    ///
    /// With `utc`, dateTimes are stored in UTC with `Z`. With `canonical_values`, a value that is not among those of
    /// its attribute is refused. With `derived_schemas`, `schemas` does not list an extension whose object is absent,
    /// which would be a change for a host that derives `schemas` from its columns. `profile` has rules in addition to
    /// those of the RFCs.
    #[pyo3(signature = (
        body, *, tolerance=None, limits=None, unknown=None, utc=false, canonical_values=false, derived_schemas=false,
        profile=None,
    ))]
    #[allow(clippy::too_many_arguments, clippy::fn_params_excessive_bools, reason = "options by name")]
    fn create(
        &self,
        py: Python<'_>,
        body: Bound<'_, PyAny>,
        tolerance: Option<&Bound<'_, PyTolerance>>,
        limits: Option<&Bound<'_, PyLimits>>,
        unknown: Option<&str>,
        utc: bool,
        canonical_values: bool,
        derived_schemas: bool,
        profile: Option<&Bound<'_, PyProfile>>,
    ) -> PyResult<PyOutcome> {
        let options = Settings::new(tolerance, limits).options().unknown(chosen_or_default("unknown", unknown)?);
        let options = with_wishes(options, utc, canonical_values, derived_schemas, profile);
        let written = match JsonText::of(&body)? {
            Some(text) => text.read(py, |bytes| self.0.create_from_slice_with(bytes, &options)),
            None => self.0.create_with(&ObjectReader::body(options.limits.capped_depth()).read(body)?, &options),
        };
        outcome(py, written)
    }

    /// The resource that a stored one becomes by the body of a PUT; `current` is not modified.
    ///
    /// `absent` says what is done with attributes that the body does not mention, and `absent_overrides` says it for
    /// single attributes; a name there that the type does not have is a `ValueError`. `utc`, `canonical_values`,
    /// `derived_schemas` and `profile` are as for `create`.
    #[pyo3(signature = (
        current, body, *, tolerance=None, limits=None, unknown=None, absent=None, absent_overrides=None, utc=false,
        canonical_values=false, derived_schemas=false, profile=None,
    ))]
    #[allow(clippy::too_many_arguments, clippy::fn_params_excessive_bools, reason = "options by name")]
    fn replace(
        &self,
        py: Python<'_>,
        current: Bound<'_, PyAny>,
        body: Bound<'_, PyAny>,
        tolerance: Option<&Bound<'_, PyTolerance>>,
        limits: Option<&Bound<'_, PyLimits>>,
        unknown: Option<&str>,
        absent: Option<&str>,
        absent_overrides: Option<Bound<'_, PyAny>>,
        utc: bool,
        canonical_values: bool,
        derived_schemas: bool,
        profile: Option<&Bound<'_, PyProfile>>,
    ) -> PyResult<PyOutcome> {
        let options = Settings::new(tolerance, limits).options().unknown(chosen_or_default("unknown", unknown)?);
        let options = with_wishes(options, utc, canonical_values, derived_schemas, profile);
        let options = with_absent(options, absent, absent_overrides)?;
        options.check_overrides(&self.0).map_err(|refusal| {
            PyValueError::new_err(format!("`absent_overrides`: `{}`: {}", refusal.path, refusal.message))
        })?;
        let current = stored(py, current)?;
        let written = match JsonText::of(&body)? {
            Some(text) => text.read(py, |bytes| self.0.replace_from_slice_with(&current, bytes, &options)),
            None => {
                self.0.replace_with(&current, &ObjectReader::body(options.limits.capped_depth()).read(body)?, &options)
            }
        };
        outcome(py, written)
    }

    fn __repr__(&self) -> String {
        format!("<ResourceType {}>", self.0.name())
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        let py = slf.py();
        let resource_type = &slf.get().0;
        let class = slf.get_type();
        for (name, built_in) in built_in() {
            if *resource_type == built_in {
                return Ok((class.getattr(name)?, PyTuple::empty(py)));
            }
        }
        let schemas: Vec<&Schema> = std::iter::once(resource_type.schema()).chain(resource_type.extensions()).collect();
        let extensions = resource_type
            .extensions()
            .map(|schema| json!({"schema": schema.id, "required": resource_type.is_required(schema)}));
        let definition = json!({
            "schemas": schemas,
            "common": resource_type.own_common(),
            "type": {
                "name": resource_type.name(),
                "endpoint": resource_type.endpoint(),
                "description": resource_type.description(),
                "schema": resource_type.schema().id,
                "schemaExtensions": extensions.collect::<Vec<_>>(),
            },
        });
        Ok((class.getattr("_load")?, PyTuple::new(py, [definition.to_string()])?))
    }

    /// Rebuilds a resource type from its pickled definition.
    #[staticmethod]
    fn _load(py: Python<'_>, definition: &Bound<'_, PyAny>) -> PyResult<Self> {
        let definition = json_of(definition.clone(), "the definition")?;
        let schemas = definition.get("schemas").and_then(Value::as_array).into_iter().flatten();
        let schemas = schemas.map(Schema::from_value).collect::<Result<Vec<_>, _>>();
        let loaded = schemas
            .and_then(|schemas| ResourceType::from_value(definition.get("type").unwrap_or(&Value::Null), &schemas));
        let common: Option<Vec<Attribute>> = definition
            .get("common")
            .map(|common| serde_json::from_value(common.clone()))
            .transpose()
            .map_err(|raised| error::schema(py, raised))?
            .flatten();
        let loaded = loaded.map(|loaded| common.map_or(loaded.clone(), |common| loaded.with_common(common)));
        tailored(py, loaded)
    }

    fn __copy__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __deepcopy__(slf: Py<Self>, _memo: Bound<'_, PyAny>) -> Py<Self> {
        slf
    }
}

/// A resource type that the host has defined, or the error in its definition.
fn tailored(py: Python<'_>, made: Result<ResourceType, SchemaError>) -> PyResult<PyResourceType> {
    made.map(PyResourceType).map_err(|raised| error::schema(py, raised))
}

/// The built-in resource types, which are pickled as the name of the method that returns them.
fn built_in() -> [(&'static str, ResourceType); 3] {
    [("user", ResourceType::user()), ("group", ResourceType::group()), ("any", ResourceType::any())]
}

fn schema_to_python<'py>(py: Python<'py>, schema: &Schema) -> PyResult<Bound<'py, PyAny>> {
    let value = serde_json::to_value(schema).map_err(|error| PyValueError::new_err(error.to_string()))?;
    to_python(py, &value)
}

/// Reads a stored resource.
pub(super) fn stored(py: Python<'_>, resource: Bound<'_, PyAny>) -> PyResult<Value> {
    let value = match JsonText::of(&resource)? {
        Some(text) => {
            text.read(py, document).map_err(|message| error::of_kind(py, ScimType::InvalidSyntax, message))?
        }
        None => ObjectReader::stored().read(resource)?,
    };
    if value.is_object() {
        Ok(value)
    } else {
        Err(PyTypeError::new_err("a resource must be a mapping or JSON text of an object"))
    }
}
