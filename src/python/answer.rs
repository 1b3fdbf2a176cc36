//! `etag`, `primary`, `stamp`, `touch`, `fold_case` and `username_key`: helpers for the resources that a host stores and
//! answers with.

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyInt, PyString};
use serde_json::{Map, Value};

use super::clock;
use super::convert::{ObjectReader, to_python};
use super::object::{Object, is_uuid};
use super::plain::make_plain;
use super::resource_type::{PyResourceType, given, stored};
use super::text::{JsonText, text};
use crate::coerce;
use crate::error::ScimType;
use crate::filter;
use crate::protocol::{self, Meta, MetaVersion};
use crate::schema::ResourceType;
use crate::syntax::attr_path;

/// The version of a resource as a weak ETag: a hash of its meaning, the same in every release.
///
/// Attributes that are never returned do not count, nor does a `password` that no schema defines: the hash is public,
/// and their values could be guessed from it.
///
/// The order of members and of the elements of multi-valued attributes does not count, nor does the spelling of a
/// number, an unassigned attribute, or `meta.version`, `meta.lastModified` and `meta.location`.
#[pyfunction]
#[pyo3(signature = (resource, resource_type=None))]
pub(super) fn etag(
    py: Python<'_>,
    resource: Bound<'_, PyAny>,
    resource_type: Option<&Bound<'_, PyResourceType>>,
) -> PyResult<String> {
    let resource_type = given(resource_type).unwrap_or_else(ResourceType::any);
    stored(py, resource).map(|resource| protocol::version(&resource, &resource_type))
}

/// The element of a multi-valued attribute that a product with one column for it stores: the one whose `primary` is
/// true, or else the first; `None` if there is none.
///
/// A single value is returned itself. An attribute of an extension is named after its URN and a colon.
#[pyfunction]
pub(super) fn primary<'py>(
    resource: Bound<'py, PyAny>,
    attribute: &Bound<'py, PyString>,
) -> PyResult<Option<Bound<'py, PyAny>>> {
    let py = resource.py();
    let name = text(attribute, ScimType::InvalidPath)?;
    if attr_path(&name).is_none() {
        return Err(PyValueError::new_err(format!("`{name}` is not the name of an attribute")));
    }
    let resource = stored(py, resource)?;
    coerce::primary(&resource, &name).map(|element| to_python(py, element)).transpose()
}

/// A text under Unicode simple case folding, with which the engine compares strings that are not `caseExact`.
#[pyfunction]
#[pyo3(signature = (text, /))]
pub(super) fn fold_case(text: &Bound<'_, PyString>) -> PyResult<String> {
    self::text(text, ScimType::InvalidValue).map(|text| filter::fold_case(&text))
}

/// The key by which `userName` is compared, sorted and unique, for the column of an index.
///
/// RFC 7644, section 5, requires its preparation (RFC 8265): wide and narrow characters become the usual ones, then
/// NFD, simple case folding (unless `case_exact`), and NFC, by the tables of Unicode 18 (folding: 16). Nothing is
/// refused: the host decides which characters a name may have.
#[pyfunction]
#[pyo3(signature = (text, /, *, case_exact=false))]
pub(super) fn username_key(text: &Bound<'_, PyString>, case_exact: bool) -> PyResult<String> {
    self::text(text, ScimType::InvalidValue).map(|text| filter::username_key(&text, case_exact))
}

/// A new resource with its `id` and `meta`, from the resource of `create`; `resource` is not modified.
///
/// Values of types that are not JSON's own are converted as by `Projection.apply`. `base` is the URL above the
/// endpoints, and `id` that of the row. Without `created`, both times are `now`, and without `now` the current time;
/// without `last_modified`, it is `created`. Times of a row without a zone are in UTC. The default of `version` is the
/// `etag` of the resource. If a row has no times, use `touch` for every answer but that to the `POST`, because
/// `created` would be another one each time.
#[pyfunction]
#[pyo3(signature = (resource, resource_type, *, id, base, now=None, created=None, last_modified=None, version=None))]
#[expect(clippy::too_many_arguments, reason = "options by name")]
pub(super) fn stamp<'py>(
    py: Python<'py>,
    resource: Bound<'py, PyAny>,
    resource_type: &Bound<'py, PyResourceType>,
    id: &Bound<'py, PyAny>,
    base: &str,
    now: Option<Bound<'py, PyAny>>,
    created: Option<Bound<'py, PyAny>>,
    last_modified: Option<Bound<'py, PyAny>>,
    version: Option<&str>,
) -> PyResult<Bound<'py, PyDict>> {
    let id = id_of(id)?;
    let meta = meta_of(base, now.as_ref(), created.as_ref(), last_modified.as_ref())?;
    let meta = meta.version(version.map_or(MetaVersion::Computed, MetaVersion::from));
    let resource_type: &ResourceType = &resource_type.get().0;
    let marked = StampedDict::of(py, resource)?;
    marked.change(version.is_none(), |resource| meta.create(resource, resource_type, &id))
}

/// A stored resource with `meta` brought up to date; `resource` is not modified.
///
/// `meta.lastModified` and `meta.version` change only if `changed` is true, and the time never goes back. A host that
/// has times and version itself, in columns of the row, gives them: `created`, `last_modified` and `version` are set in
/// any case. Times of a row without a zone are in UTC. Values of types that are not JSON's own are converted as by
/// `Projection.apply`.
#[pyfunction]
#[pyo3(signature = (resource, resource_type, *, base, changed, now=None, created=None, last_modified=None, version=None))]
#[expect(clippy::too_many_arguments, reason = "options by name")]
pub(super) fn touch<'py>(
    py: Python<'py>,
    resource: Bound<'py, PyAny>,
    resource_type: &Bound<'py, PyResourceType>,
    base: &str,
    changed: bool,
    now: Option<Bound<'py, PyAny>>,
    created: Option<Bound<'py, PyAny>>,
    last_modified: Option<Bound<'py, PyAny>>,
    version: Option<&str>,
) -> PyResult<Bound<'py, PyDict>> {
    let meta = meta_of(base, now.as_ref(), created.as_ref(), last_modified.as_ref())?;
    let resource_type: &ResourceType = &resource_type.get().0;
    let marked = StampedDict::of(py, resource)?;
    // Without a version of the host, that of an unchanged resource stays (A2).
    let version = match version {
        Some(version) => version.into(),
        None if changed || !marked.has_version() => MetaVersion::Computed,
        None => MetaVersion::Stored,
    };
    // The version is computed from all values of the resource. If it is not computed, `id` and `meta` suffice.
    let needs_all = version == MetaVersion::Computed;
    let meta = meta.version(version);
    marked.change(needs_all, |resource| meta.update(resource, resource_type, changed))
}

/// The `id` of a row: a text, or a number or a `UUID`, whose text it is.
fn id_of(id: &Bound<'_, PyAny>) -> PyResult<String> {
    if let Ok(id) = id.cast::<PyString>() {
        return text(id, ScimType::InvalidValue);
    }
    let is_number = id.is_instance_of::<PyInt>() && !id.is_instance_of::<PyBool>();
    if is_number || is_uuid(id)? {
        return Ok(id.str()?.to_str()?.to_owned());
    }
    let class = id.get_type().name()?;
    Err(PyTypeError::new_err(format!("`id` must be a str, an int or a UUID, not a `{class}`")))
}

/// The `meta` of one request, with the times that the host has itself.
fn meta_of(
    base: &str,
    now: Option<&Bound<'_, PyAny>>,
    created: Option<&Bound<'_, PyAny>>,
    last_modified: Option<&Bound<'_, PyAny>>,
) -> PyResult<Meta> {
    let mut meta = Meta::new(base, clock::now(now)?);
    if let Some(created) = clock::of_row("created", created)? {
        meta = meta.created(created);
    }
    if let Some(last_modified) = clock::of_row("last_modified", last_modified)? {
        meta = meta.last_modified(last_modified);
    }
    Ok(meta)
}

/// A resource of which only `id` and `meta` change.
struct StampedDict<'py> {
    /// A shallow copy of the resource, which becomes the result. The values other than `id` and `meta` are the same objects
    /// as in the resource, unless they have types that the `json` module does not write. They are read only if the version
    /// must be computed.
    dict: Bound<'py, PyDict>,
    /// The `id` and `meta` before the change.
    marks: Map<String, Value>,
}

impl<'py> StampedDict<'py> {
    fn of(py: Python<'py>, resource: Bound<'py, PyAny>) -> PyResult<Self> {
        let dict = if JsonText::of(&resource)?.is_some() {
            to_python(py, &stored(py, resource)?)?.cast_into::<PyDict>()?
        } else {
            let dict = Object::of(resource)?.into_dict()?;
            dict.ok_or_else(|| PyTypeError::new_err("a resource must be a mapping or JSON text of an object"))?
                .copy()?
        };
        let mut marks = Map::new();
        for (name, value) in &dict {
            if let Ok(name) = name.extract::<String>()
                && is_mark(&name)
            {
                let value = ObjectReader::stored().read_at(&name, value)?;
                marks.insert(name, value);
            }
        }
        Ok(Self { dict, marks })
    }

    fn has_version(&self) -> bool {
        let meta = self.marks.iter().find(|(name, _)| name.eq_ignore_ascii_case("meta"));
        let members = meta.and_then(|(_, meta)| meta.as_object()).into_iter().flatten();
        members.into_iter().any(|(name, value)| name.eq_ignore_ascii_case("version") && !value.is_null())
    }

    fn change(self, needs_all: bool, change: impl FnOnce(&mut Value)) -> PyResult<Bound<'py, PyDict>> {
        let mut resource = if needs_all {
            ObjectReader::stored().read(self.dict.clone().into_any())?
        } else {
            Value::Object(self.marks)
        };
        change(&mut resource);
        make_plain(&self.dict)?;
        for (name, value) in resource.as_object().into_iter().flatten().filter(|(name, _)| is_mark(name)) {
            self.dict.set_item(name, to_python(self.dict.py(), value)?)?;
        }
        Ok(self.dict)
    }
}

fn is_mark(name: &str) -> bool {
    name.eq_ignore_ascii_case("id") || name.eq_ignore_ascii_case("meta")
}
