//! `Projection`: selects the attributes of Python objects that an answer has.

use std::borrow::Cow;
use std::fmt::Write as _;

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{IntoPyDict as _, PyBytes, PyDict, PyList, PyString, PyTuple};
use serde_json::Value;

use super::convert::to_python;
use super::document::{InternedNames, PyDocument, each};
use super::error::{self, ReadError};
use super::object::{NewArgs, Object, entries};
use super::plain::plain;
use super::resource_type::{PyResourceType, given};
use super::settings::{PyLimits, hash_of};
use super::text::{JsonText, borrowed, document, several, text};
use crate::error::ScimType;
use crate::limits::Limits;
use crate::options::Options;
use crate::protocol::{ListQuery, Projection, QueryError, id_of};
use crate::schema::{Decision, ResourceType};

/// The selection of the attributes of an answer (`attributes`, `excludedAttributes`, `returned`).
///
/// `password` and other attributes that are never returned are in no answer.
///
/// The names of `attributes` or `excluded_attributes` are one text with commas, or several texts. Raises `InvalidValue`
/// if both arguments are given.
#[pyclass(frozen, module = "scim_engine.protocol", name = "Projection")]
pub(super) struct PyProjection {
    pub projection: Projection,
    /// The resource type, if one was given.
    pub resource_type: Option<ResourceType>,
}

#[pymethods]
impl PyProjection {
    #[new]
    #[pyo3(signature = (resource_type=None, *, attributes=None, excluded_attributes=None, limits=None))]
    fn new(
        py: Python<'_>,
        resource_type: Option<&Bound<'_, PyResourceType>>,
        attributes: Option<&Bound<'_, PyAny>>,
        excluded_attributes: Option<&Bound<'_, PyAny>>,
        limits: Option<&Bound<'_, PyLimits>>,
    ) -> PyResult<Self> {
        let attributes = names("attributes", attributes)?;
        let excluded = names("excluded_attributes", excluded_attributes)?;
        Self::build(py, given(resource_type), |kind| {
            Projection::new_with(kind, &[&attributes], &[&excluded], &options_of(limits))
        })
    }

    /// The projection of the query string of a request for one resource; other parameters are ignored.
    #[staticmethod]
    #[pyo3(signature = (query, resource_type=None, *, limits=None))]
    fn from_query(
        py: Python<'_>,
        query: &Bound<'_, PyAny>,
        resource_type: Option<&Bound<'_, PyResourceType>>,
        limits: Option<&Bound<'_, PyLimits>>,
    ) -> PyResult<Self> {
        let query = query_text(query)?;
        Self::build(py, given(resource_type), |kind| Projection::from_query_with(query, kind, &options_of(limits)))
    }

    /// The resource as an answer shows it, in a new dict that any JSON serialiser writes in the form of SCIM.
    ///
    /// Values that are kept whole are the same objects, unless they contain types that are not JSON's own: a `datetime`
    /// becomes its dateTime (RFC 3339, in UTC if it has no zone), a `UUID` its text, an `Enum` its value, a `Decimal`
    /// or a scalar of numpy a number, `NaN`, `NaT` and `pd.NA` null, and models and other mappings a dict. A value that
    /// has no form in JSON, such as `bytes`, is a `TypeError`.
    fn apply<'py>(&self, py: Python<'py>, resource: Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        GivenResource::of(resource)?.projected(py, &self.projection)
    }

    /// Whether the answer would have an attribute. If not, the host need not load it.
    ///
    /// A name that the resource type does not have is a `ValueError`.
    fn needs(&self, path: &Bound<'_, PyString>) -> PyResult<bool> {
        self.projection.needs(&text(path, ScimType::InvalidPath)?).map_err(error::unknown)
    }

    /// The names in `attributes`.
    #[getter]
    fn attributes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.projection.attributes())
    }

    /// The names in `excludedAttributes`.
    #[getter]
    fn excluded_attributes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.projection.excluded_attributes())
    }

    /// The resource type that the projection is for.
    #[getter]
    fn resource_type(&self) -> PyResourceType {
        PyResourceType(self.projection.resource_type().clone())
    }

    fn __repr__(&self) -> String {
        let mut text = format!("<Projection of {}", self.projection.resource_type().name());
        for (name, names) in [
            ("attributes", self.projection.attributes()),
            ("excluded_attributes", self.projection.excluded_attributes()),
        ] {
            if !names.is_empty() {
                // Writing to a String cannot fail.
                let _ = write!(text, ", {name} {}", names.join(","));
            }
        }
        text + ">"
    }

    fn __hash__(&self) -> u64 {
        hash_of(&self.projection)
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other.cast::<Self>().is_ok_and(|other| self.projection == other.get().projection)
    }

    fn __getnewargs_ex__<'py>(&self, py: Python<'py>) -> PyResult<NewArgs<'py>> {
        let arguments = (self.resource_type.clone().map(PyResourceType),).into_pyobject(py)?;
        let more = PyDict::new(py);
        let (attributes, excluded) = (self.projection.attributes(), self.projection.excluded_attributes());
        more.set_item("attributes", PyTuple::new(py, attributes)?)?;
        more.set_item("excluded_attributes", PyTuple::new(py, excluded)?)?;
        let mut limits = Limits::default();
        limits.members = limits.members.max(attributes.len()).max(excluded.len());
        if limits != Limits::default() {
            more.set_item("limits", PyLimits(limits))?;
        }
        Ok((arguments, more))
    }

    fn __copy__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __deepcopy__(slf: Py<Self>, _memo: Bound<'_, PyAny>) -> Py<Self> {
        slf
    }
}

impl PyProjection {
    fn build(
        py: Python<'_>,
        resource_type: Option<ResourceType>,
        make: impl FnOnce(&ResourceType) -> Result<Projection, QueryError>,
    ) -> PyResult<Self> {
        let any = ResourceType::any();
        let projected = make(resource_type.as_ref().unwrap_or(&any));
        let projection = projected.map_err(|raised| error::query(py, raised))?;
        Ok(Self { projection, resource_type })
    }
}

fn options_of(limits: Option<&Bound<'_, PyLimits>>) -> Options {
    limits.map_or_else(Options::default, |limits| Options::default().limits(limits.get().0))
}

/// Names of attributes as one text, separated by commas. The argument is such a text, or several names.
fn names(argument: &str, names: Option<&Bound<'_, PyAny>>) -> PyResult<String> {
    let Some(names) = names else { return Ok(String::new()) };
    if let Ok(one) = names.cast::<PyString>() {
        return text(one, ScimType::InvalidValue);
    }
    let name = |name: PyResult<Bound<'_, PyAny>>| match name?.cast::<PyString>() {
        Ok(name) => text(name, ScimType::InvalidValue),
        Err(_) => Err(PyTypeError::new_err(format!("`{argument}` must be a `str` or several of them"))),
    };
    several(argument, "a `str` or several `str`", names)?
        .map(name)
        .collect::<PyResult<Vec<_>>>()
        .map(|names| names.join(","))
}

/// The members of a resource that an answer has, in a new dict. Values that are kept whole are the same objects, unless they
/// contain types that the `json` module does not write.
fn project<'py>(
    py: Python<'py>,
    projection: &Projection,
    resource: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyDict>> {
    let Some(members) = Object::of(resource.clone())?.into_dict()? else {
        return Err(no_resource());
    };
    let kept = PyDict::new(py);
    for (key, value) in entries(&members) {
        if let Some(value) = part(value, projection.decision(&name(&key)?), &mut Vec::new())? {
            kept.set_item(key, plain(value)?)?;
        }
    }
    Ok(kept)
}

fn no_resource() -> PyErr {
    PyTypeError::new_err("a resource must be a mapping or JSON text of an object")
}

fn name<'k>(key: &'k Bound<'_, PyAny>) -> PyResult<Cow<'k, str>> {
    if key.is_exact_instance_of::<PyString>()
        && let Ok(name) = key.cast::<PyString>()
    {
        return borrowed(name, ScimType::InvalidValue).map(Cow::from);
    }
    match Object::of(key.clone()) {
        Ok(Object::Text(name)) => text(&name, ScimType::InvalidValue).map(Cow::from),
        _ => Err(PyTypeError::new_err(format!("names of members must be `str`, not {}", key.repr()?))),
    }
}

/// The part of a value that is kept: the same object, unless something is left out. `outer` has the addresses of the
/// objects that contain the value. A value that contains itself, or that is nested deeper than `Limits::MAX_DEPTH`, is
/// left out.
fn part<'py>(
    value: Bound<'py, PyAny>,
    decision: &Decision,
    outer: &mut Vec<usize>,
) -> PyResult<Option<Bound<'py, PyAny>>> {
    let own = value.as_ptr() as usize;
    if *decision == Decision::Drop || outer.len() > Limits::MAX_DEPTH || outer.contains(&own) {
        return Ok(None);
    }
    outer.push(own);
    let kept = part_within(value, decision, outer);
    outer.pop();
    kept
}

fn part_within<'py>(
    value: Bound<'py, PyAny>,
    decision: &Decision,
    outer: &mut Vec<usize>,
) -> PyResult<Option<Bound<'py, PyAny>>> {
    let py = value.py();
    // The members and elements are collected first, because `part` may run Python code that changes the object.
    let elements: Vec<Bound<'py, PyAny>> = match Object::of(value.clone())? {
        object @ (Object::Dict(_) | Object::Mapping(_)) => {
            let members = object.into_dict()?.map(|dict| entries(&dict)).unwrap_or_default();
            let mut kept = Vec::with_capacity(members.len());
            let mut is_same = true;
            for (key, member) in members {
                let inner = part(member.clone(), decision.of_member(&name(&key)?), outer)?;
                is_same &= inner.as_ref().is_some_and(|inner| inner.is(&member));
                kept.extend(inner.map(|inner| (key, inner)));
            }
            return match (is_same, kept.is_empty()) {
                (true, _) => Ok(Some(value)),
                (false, true) => Ok(None),
                (false, false) => kept.into_py_dict(py).map(|kept| Some(kept.into_any())),
            };
        }
        Object::List(list) => list.iter().collect(),
        Object::Tuple(tuple) => tuple.iter().collect(),
        Object::Sequence(sequence) => sequence.try_iter()?.collect::<PyResult<_>>()?,
        _ => return Ok(decision.keeps_simple().then_some(value)),
    };
    let mut kept = Vec::with_capacity(elements.len());
    let mut is_same = true;
    for element in elements {
        let inner = part(element.clone(), decision, outer)?;
        is_same &= inner.as_ref().is_some_and(|inner| inner.is(&element));
        kept.extend(inner);
    }
    match (is_same, kept.is_empty()) {
        (true, _) => Ok(Some(value)),
        (false, true) => Ok(None),
        (false, false) => PyList::new(py, kept).map(|kept| Some(kept.into_any())),
    }
}

/// A resource that the host gave: a Python object, or the value of a JSON text.
pub(super) enum GivenResource<'py> {
    Object(Bound<'py, PyAny>),
    Text(Value),
}

impl<'py> GivenResource<'py> {
    pub(super) fn of(resource: Bound<'py, PyAny>) -> PyResult<Self> {
        let py = resource.py();
        let Some(text) = JsonText::of(&resource)? else { return Ok(Self::Object(resource)) };
        let read = text.read(py, document).map_err(|message| error::of_kind(py, ScimType::InvalidSyntax, message))?;
        if read.is_object() { Ok(Self::Text(read)) } else { Err(no_resource()) }
    }

    /// Reads a resource as [`GivenResource::of`] does. An object that is not a mapping is an error here already, not only
    /// when it is projected.
    pub(super) fn checked(resource: Bound<'py, PyAny>) -> PyResult<Self> {
        let item = Self::of(resource)?;
        match &item {
            Self::Object(object) if !matches!(Object::of(object.clone())?, Object::Dict(_) | Object::Mapping(_)) => {
                Err(no_resource())
            }
            _ => Ok(item),
        }
    }

    pub(super) fn all(resources: &Bound<'py, PyAny>) -> PyResult<Vec<Self>> {
        each(resources)?.map(|resource| Self::of(resource?)).collect()
    }

    pub(super) fn is_admitted(&self, query: &ListQuery) -> Result<bool, ReadError> {
        match self {
            Self::Object(object) => query.admits(PyDocument::new(object.clone(), &InternedNames::default())?),
            Self::Text(value) => Ok(query.admits(value)?),
        }
    }

    pub(super) fn id(&self) -> Result<Option<String>, ReadError> {
        match self {
            Self::Object(object) => id_of(&PyDocument::new(object.clone(), &InternedNames::default())?),
            Self::Text(value) => Ok(id_of(&value)?),
        }
    }

    pub(super) fn projected(&self, py: Python<'py>, projection: &Projection) -> PyResult<Bound<'py, PyAny>> {
        match self {
            Self::Object(object) => project(py, projection, object).map(Bound::into_any),
            Self::Text(value) => to_python(py, &projection.apply(value)),
        }
    }
}

/// A query string, given as text or bytes.
pub(super) fn query_text(query: &Bound<'_, PyAny>) -> PyResult<Vec<u8>> {
    if let Ok(query) = query.cast::<PyString>() {
        return text(query, ScimType::InvalidSyntax).map(String::into_bytes);
    }
    match query.cast::<PyBytes>() {
        Ok(query) => Ok(query.as_bytes().to_vec()),
        Err(_) => Err(PyTypeError::new_err("the query must be `str` or `bytes`")),
    }
}
