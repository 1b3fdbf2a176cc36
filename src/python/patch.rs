//! `Patch`: a PATCH request, parsed and applied to resources.

use std::sync::OnceLock;

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyTuple};
use serde_json::{Map, Value};

use super::convert::{ObjectReader, to_python};
use super::document::find;
use super::error;
use super::object::{NewArgs, Object};
use super::operation::PyOperation;
use super::outcome::PyOutcome;
use super::resource_type::{PyResourceType, given, stored};
use super::settings::{PyLimits, Settings, chosen_or_default, hash_of, with_wishes};
use super::store::PyStore;
use super::switches::{PyProfile, PyTolerance};
use super::text::JsonText;
use crate::coerce::Outcome;
use crate::options::{UnknownMembers, UnknownPaths};
use crate::patch::{Patch, PatchError, PatchFailure};
use crate::profile::Profile;
use crate::schema::{Registry, ResourceType};
use crate::splice;

/// A PATCH request in any dialect, parsed: immutable, equal by its body and settings, picklable, thread-safe.
///
/// `unknown` says what to do with members that no schema knows: drop and report them, keep them, or refuse the request.
/// `unknown_paths` says what to do with an operation whose `path` names something that the resource type does not have:
/// refuse the request, or drop and report the operation. With `utc`, dateTimes are stored in UTC with `Z`. With
/// `canonical_values`, a value that is not among those of its attribute is refused. With `derived_schemas`, `schemas`
/// does not list an extension whose object is absent. `profile` has rules in addition to those of the RFCs.
///
/// `body` is a mapping or JSON text. Raises `InvalidSyntax`, `InvalidPath`, `InvalidFilter`, `InvalidValue` or
/// `NoTarget`.
#[pyclass(frozen, module = "scim_engine", name = "Patch")]
pub(super) struct PyPatch {
    patch: Patch,
    body: GivenBody,
    /// The body as JSON text with sorted names, made when it is first needed for a comparison or a hash.
    canonical: OnceLock<String>,
    resource_type: Option<ResourceType>,
    settings: Settings,
}

/// The body as the host gave it: as objects or as JSON text.
enum GivenBody {
    Value(Value),
    Text(Vec<u8>),
}

#[pymethods]
impl PyPatch {
    #[new]
    #[pyo3(signature = (
        body, resource_type=None, *, tolerance=None, limits=None, unknown=None, unknown_paths=None, utc=false,
        canonical_values=false, derived_schemas=false, profile=None,
    ))]
    #[allow(clippy::too_many_arguments, clippy::fn_params_excessive_bools, reason = "options by name")]
    fn new(
        py: Python<'_>,
        body: Bound<'_, PyAny>,
        resource_type: Option<&Bound<'_, PyResourceType>>,
        tolerance: Option<&Bound<'_, PyTolerance>>,
        limits: Option<&Bound<'_, PyLimits>>,
        unknown: Option<&str>,
        unknown_paths: Option<&str>,
        utc: bool,
        canonical_values: bool,
        derived_schemas: bool,
        profile: Option<&Bound<'_, PyProfile>>,
    ) -> PyResult<Self> {
        let settings = Settings::new(tolerance, limits);
        let options = settings
            .options()
            .unknown(chosen_or_default("unknown", unknown)?)
            .unknown_paths(chosen_or_default("unknown_paths", unknown_paths)?);
        let options = with_wishes(options, utc, canonical_values, derived_schemas, profile);
        let (patch, body) = match JsonText::of(&body)? {
            Some(text) => {
                let patch = text.read(py, |bytes| Patch::from_slice_with(bytes, &options));
                (patch, GivenBody::Text(text.as_bytes().to_vec()))
            }
            None => {
                let body = ObjectReader::body(options.limits.capped_depth()).read(body)?;
                (Patch::parse_with(&body, &options), GivenBody::Value(body))
            }
        };
        let patch = patch.map_err(|raised| error::patch(py, raised))?;
        let resource_type = given(resource_type);
        Ok(Self { patch, body, canonical: OnceLock::new(), resource_type, settings })
    }

    /// Applies the operations in their order to a resource: all of them, or none. `resource` is not modified.
    ///
    /// The resource type is the one given here, or that of the patch, or the one that the resource names: User, Group,
    /// or else any. Values that no operation names are the same objects in the outcome as in `resource`. If a list is
    /// changed, so are the elements that do not change; a list that is replaced as a whole is new.
    ///
    /// If `resource` is JSON text, the outcome has the new text as `json`, with all unchanged parts copied byte for
    /// byte, and the dict in `resource` is made on demand. If a name occurs twice, the last one counts, as for
    /// `json.loads`, and the whole text is written anew.
    ///
    /// A `datetime` or a `UUID` that no operation names stays such an object: `Projection.apply` and `Outcome.to_dict`
    /// convert it to its JSON form.
    #[pyo3(signature = (resource, resource_type=None))]
    fn apply(
        &self,
        py: Python<'_>,
        resource: Bound<'_, PyAny>,
        resource_type: Option<&Bound<'_, PyResourceType>>,
    ) -> PyResult<PyOutcome> {
        let resource_type = given(resource_type).or_else(|| self.resource_type.clone());
        if let Some(text) = JsonText::of(&resource)? {
            return match self.spliced(py, &text, resource_type.clone()) {
                Ok((json, outcome)) => Ok(PyOutcome::of_text(PyBytes::new(py, &json).unbind(), outcome)),
                Err(refused) if refused.operation().is_some() => Err(error::patch(py, refused)),
                // Either the text is not JSON, or an object in it has the same name twice; then the last one counts (F14).
                // `apply_to_text` is slower, but it reads such a text, or reports the error.
                Err(_) => self.apply_to_text(py, resource, resource_type),
            };
        }
        let mut store = PyStore::new(resource)?;
        let resource_type = match resource_type {
            Some(resource_type) => resource_type,
            None => type_of(store.root())?,
        };
        let outcome = self.patch.apply_to(&mut store, &resource_type).map_err(|failure| match failure {
            PatchFailure::Refused(refused) => error::patch(py, refused),
            PatchFailure::Store(raised) => raised,
        })?;
        Ok(PyOutcome::new(store.into_resource().unbind(), outcome))
    }

    /// Applies the operations to a resource in JSON text and returns the new text: `apply(...).json`,
    /// except that a name that occurs twice is an error.
    ///
    /// Only the parts that change are written anew. Everything else is copied byte for byte, with its whitespace, the
    /// order of its members, and numbers and escapes as they were spelled; in a list, this is true for each element.
    /// The whole text is checked. Raises `InvalidSyntax` for a text that is not JSON, and if a name occurs twice in the
    /// resource itself, in an extension that is changed, or in a value that has to be read.
    ///
    /// >>> patch = Patch({
    /// ...     "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
    /// ...     "Operations": [{"op": "replace", "path": "active", "value": False}],
    /// ... })
    /// >>> patch.apply_json(rb'{ "userName": "j\u00fcrgen", "active": true }', ResourceType.user())
    /// b'{ "userName": "j\\u00fcrgen", "active": false }'
    #[pyo3(signature = (resource, resource_type=None))]
    fn apply_json<'py>(
        &self,
        py: Python<'py>,
        resource: Bound<'py, PyAny>,
        resource_type: Option<&Bound<'py, PyResourceType>>,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let Some(text) = JsonText::of(&resource)? else {
            return Err(PyTypeError::new_err("`apply_json` takes JSON text: `bytes`, `bytearray` or `str`"));
        };
        let (json, _) = self.spliced(py, &text, given(resource_type)).map_err(|raised| error::patch(py, raised))?;
        Ok(PyBytes::new(py, &json))
    }

    /// The `value`s of the elements of a list of references (`members`) that the operations name.
    ///
    /// A host that loads only those elements patches a group of 100,000 by reading a few rows: on a resource whose list
    /// has all elements with one of these values and no others, `apply` succeeds or fails as on the whole resource, and
    /// the outcome reports the same changes of the attribute. Empty if the operations do not touch it; None if the
    /// whole list is needed (`replace members`, `remove members`, a filter on anything but `value`, ...), and for an
    /// attribute of another kind. A name that the resource type does not have is a `ValueError`.
    ///
    /// >>> patch = Patch({
    /// ...     "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
    /// ...     "Operations": [{"op": "remove", "path": 'members[value eq "7002"]'}],
    /// ... })
    /// >>> patch.elements("members")
    /// ['7002']
    #[pyo3(signature = (attribute, resource_type=None))]
    fn elements(
        &self,
        attribute: &str,
        resource_type: Option<&Bound<'_, PyResourceType>>,
    ) -> PyResult<Option<Vec<String>>> {
        let resource_type = given(resource_type).or_else(|| self.resource_type.clone());
        let resource_type = resource_type.unwrap_or_else(ResourceType::any);
        self.patch.elements(attribute, &resource_type).map_err(error::unknown)
    }

    /// The operations in their order, resolved with the resource type of the patch.
    #[getter]
    fn operations<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let resource_type = self.resource_type.clone().unwrap_or_else(ResourceType::any);
        let operations = self.patch.operations().iter();
        PyTuple::new(
            py,
            operations.map(|operation| PyOperation::new(operation, &resource_type, self.settings)).collect::<Vec<_>>(),
        )
    }

    /// The resource type, if one was given.
    #[getter]
    fn resource_type(&self) -> Option<PyResourceType> {
        self.resource_type.clone().map(PyResourceType)
    }

    fn __repr__(&self) -> String {
        let count = self.patch.operations().len();
        let plural = if count == 1 { "" } else { "s" };
        format!("<Patch of {count} operation{plural}>")
    }

    fn __hash__(&self) -> u64 {
        hash_of(self.canonical())
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other.cast::<Self>().is_ok_and(|other| {
            let other = other.get();
            self.patch.options() == other.patch.options()
                && self.resource_type == other.resource_type
                && self.canonical() == other.canonical()
        })
    }

    fn __getnewargs_ex__<'py>(&self, py: Python<'py>) -> PyResult<NewArgs<'py>> {
        let body = match &self.body {
            GivenBody::Value(value) => to_python(py, value)?,
            GivenBody::Text(text) => PyBytes::new(py, text).into_any(),
        };
        let arguments = (body, self.resource_type.clone().map(PyResourceType)).into_pyobject(py)?;
        let more = self.settings.arguments(py)?;
        let options = self.patch.options();
        if options.unknown != UnknownMembers::default() {
            more.set_item("unknown", options.unknown.as_str())?;
        }
        if options.unknown_paths != UnknownPaths::default() {
            more.set_item("unknown_paths", options.unknown_paths.as_str())?;
        }
        if options.utc {
            more.set_item("utc", true)?;
        }
        if options.canonical_values {
            more.set_item("canonical_values", true)?;
        }
        if options.derived_schemas {
            more.set_item("derived_schemas", true)?;
        }
        if options.profile != Profile::default() {
            more.set_item("profile", PyProfile(options.profile))?;
        }
        Ok((arguments.cast_into::<PyTuple>()?, more))
    }

    fn __copy__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __deepcopy__(slf: Py<Self>, _memo: Bound<'_, PyAny>) -> Py<Self> {
        slf
    }
}

impl PyPatch {
    fn canonical(&self) -> &str {
        self.canonical.get_or_init(|| match &self.body {
            GivenBody::Value(value) => sorted(value).to_string(),
            // The text was parsed when the patch was made, so it is valid.
            GivenBody::Text(text) => sorted(&serde_json::from_slice(text).unwrap_or_default()).to_string(),
        })
    }

    fn spliced(
        &self,
        py: Python<'_>,
        text: &JsonText<'_>,
        resource_type: Option<ResourceType>,
    ) -> Result<(Vec<u8>, Outcome), PatchError> {
        let resource_type = resource_type.or_else(|| self.resource_type.clone());
        let type_of = |head: &Value| {
            resource_type.or_else(|| Registry::default().of(head).cloned()).unwrap_or_else(ResourceType::any)
        };
        text.read(py, |bytes| splice::apply(&self.patch, bytes, type_of))
    }

    fn apply_to_text(
        &self,
        py: Python<'_>,
        resource: Bound<'_, PyAny>,
        resource_type: Option<ResourceType>,
    ) -> PyResult<PyOutcome> {
        let mut value = stored(py, resource)?;
        let resource_type =
            resource_type.or_else(|| Registry::default().of(&value).cloned()).unwrap_or_else(ResourceType::any);
        let applied: Result<Outcome, _> = py.detach(|| self.patch.apply(&mut value, &resource_type));
        let outcome = applied.map_err(|raised| error::patch(py, raised))?;
        let json = PyBytes::new(py, value.to_string().as_bytes());
        Ok(PyOutcome::of_text(json.unbind(), outcome))
    }
}

/// A copy of the value in which the members of all objects are sorted by name.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Array(elements) => Value::Array(elements.iter().map(sorted).collect()),
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().map(|(name, value)| (name.clone(), sorted(value))).collect();
            members.sort_by(|(a, _), (b, _)| a.cmp(b));
            Value::Object(members.into_iter().collect())
        }
        other => other.clone(),
    }
}

/// The resource type that a resource names in `meta.resourceType` or `schemas`: User or Group, or else `any`.
fn type_of(resource: &Bound<'_, PyDict>) -> PyResult<ResourceType> {
    let mut known = Map::new();
    let reader = ObjectReader::stored();
    if let Some(meta) = member(resource, "meta")?
        && let Some(meta) = Object::of(meta)?.into_dict()?
        && let Some(name) = member(&meta, "resourceType")?
    {
        known.insert("meta".to_owned(), serde_json::json!({"resourceType": reader.read(name)?}));
    }
    if let Some(urns) = member(resource, "schemas")? {
        known.insert("schemas".to_owned(), reader.read(urns)?);
    }
    Ok(Registry::default().of(&Value::Object(known)).cloned().unwrap_or_else(ResourceType::any))
}

fn member<'py>(dict: &Bound<'py, PyDict>, name: &str) -> PyResult<Option<Bound<'py, PyAny>>> {
    match dict.get_item(name)? {
        None => Ok(find(dict, name)?.map(|(_, value)| value)),
        found => Ok(found),
    }
}
