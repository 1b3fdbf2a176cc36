//! `ListQuery` and `Projection`: list requests over Python objects.

use std::fmt::Write as _;
use std::time::{Duration, SystemTime};

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyList, PyString, PyTuple};
use serde_json::Value;

use super::convert::{Reader, to_python};
use super::document::PyDocument;
use super::error::{self, Fault};
use super::filter::PyFilter;
use super::object::Object;
use super::resource_type::{PyResourceType, given};
use super::settings::{NewArgs, PyLimits, PyTolerance, Settings, hash_of};
use super::text::{JsonText, document, text};
use crate::protocol::{
    CursorContext, Cursors, ListQuery, ListResponse, Projection, QueryError, QueryOptions, Shape, Verdict, id_of,
};
use crate::{Limits, ResourceType, ScimError, ScimType};

/// Levels of Python objects that a projection follows. SCIM has three.
const MAX_LEVELS: usize = 8;

/// A list request.
#[pyclass(frozen, module = "scim_engine", name = "ListQuery")]
pub(super) struct PyListQuery {
    query: ListQuery,
    /// The resource type, if one was given.
    resource_type: Option<ResourceType>,
    settings: Settings,
    counts: Counts,
}

/// What the host decides beside the settings.
#[derive(Clone, Copy, PartialEq)]
struct Counts {
    default_count: u64,
    max_count: u64,
    cursors: bool,
}

/// A resource, as it was given or read from text.
enum Item<'py> {
    Object(Bound<'py, PyAny>),
    Text(Value),
}

impl<'py> Item<'py> {
    fn of(resource: Bound<'py, PyAny>) -> PyResult<Self> {
        let py = resource.py();
        let Some(text) = JsonText::of(&resource)? else { return Ok(Self::Object(resource)) };
        let read = text.read(py, document).map_err(|message| error::of_kind(py, ScimType::InvalidSyntax, message))?;
        if read.is_object() { Ok(Self::Text(read)) } else { Err(no_resource()) }
    }

    fn all(resources: &Bound<'py, PyAny>) -> PyResult<Vec<Self>> {
        resources.try_iter()?.map(|resource| Self::of(resource?)).collect()
    }

    fn is_admitted(&self, query: &ListQuery) -> Result<bool, Fault> {
        match self {
            Self::Object(object) => query.admits(PyDocument::new(object.clone(), &[])?),
            Self::Text(value) => Ok(query.admits(value)?),
        }
    }

    fn id(&self) -> Result<Option<String>, Fault> {
        match self {
            Self::Object(object) => id_of(&PyDocument::new(object.clone(), &[])?),
            Self::Text(value) => Ok(id_of(&value)?),
        }
    }

    fn projected(&self, py: Python<'py>, projection: &Projection) -> PyResult<Bound<'py, PyAny>> {
        match self {
            Self::Object(object) => project(py, projection, object).map(Bound::into_any),
            Self::Text(value) => to_python(py, &projection.apply(value)),
        }
    }
}

/// Sorts, by the keys of what `item` gives for each.
fn sorted<'py, T>(query: &ListQuery, items: Vec<T>, item: impl Fn(&T) -> &Item<'py>) -> Result<Vec<T>, Fault> {
    query.sort_with(items, |one| {
        let Some(order) = query.order() else { return Ok(None) };
        match item(one) {
            Item::Object(object) => order.key(&PyDocument::new(object.clone(), &[])?).map(Some),
            Item::Text(value) => Ok(order.key(&value).map(Some)?),
        }
    })
}

#[pymethods]
impl PyListQuery {
    #[new]
    #[pyo3(signature = (query=None, resource_type=None, *, tolerance=None, limits=None, default_count=100, max_count=1000, cursors=false))]
    #[allow(clippy::too_many_arguments, reason = "options by name")]
    fn new(
        py: Python<'_>,
        query: Option<&Bound<'_, PyAny>>,
        resource_type: Option<&Bound<'_, PyResourceType>>,
        tolerance: Option<&Bound<'_, PyTolerance>>,
        limits: Option<&Bound<'_, PyLimits>>,
        default_count: u64,
        max_count: u64,
        cursors: bool,
    ) -> PyResult<Self> {
        let counts = Counts { default_count, max_count, cursors };
        let query = query.map_or_else(|| Ok(Vec::new()), query_text)?;
        Self::build(py, given(resource_type), Settings::new(tolerance, limits), counts, |options| {
            ListQuery::parse(query, options)
        })
    }

    /// The body of a search request.
    #[staticmethod]
    #[pyo3(signature = (body, resource_type=None, *, tolerance=None, limits=None, default_count=100, max_count=1000, cursors=false))]
    #[allow(clippy::too_many_arguments, reason = "options by name")]
    fn from_body(
        py: Python<'_>,
        body: Bound<'_, PyAny>,
        resource_type: Option<&Bound<'_, PyResourceType>>,
        tolerance: Option<&Bound<'_, PyTolerance>>,
        limits: Option<&Bound<'_, PyLimits>>,
        default_count: u64,
        max_count: u64,
        cursors: bool,
    ) -> PyResult<Self> {
        let counts = Counts { default_count, max_count, cursors };
        let settings = Settings::new(tolerance, limits);
        let resource_type = given(resource_type);
        match JsonText::of(&body)? {
            Some(text) => Self::build(py, resource_type, settings, counts, |options| {
                ListQuery::from_slice(text.as_bytes(), options)
            }),
            None => {
                let body = Reader::body(settings.limits.depth()).read(body)?;
                Self::build(py, resource_type, settings, counts, |options| ListQuery::from_body(&body, options))
            }
        }
    }

    #[getter]
    fn filter(&self, py: Python<'_>) -> PyResult<Option<PyFilter>> {
        let filter = self.query.filter().map(crate::Matcher::filter);
        filter.map(|filter| PyFilter::compile(py, filter, self.resource_type.clone(), self.settings)).transpose()
    }

    #[getter]
    fn sort_by(&self) -> Option<&str> {
        self.query.sort_by()
    }

    #[getter]
    fn sort_order(&self) -> &'static str {
        if self.query.is_descending() { "descending" } else { "ascending" }
    }

    #[getter]
    fn start_index(&self) -> u64 {
        self.query.start_index()
    }

    #[getter]
    fn count(&self) -> u64 {
        self.query.count()
    }

    #[getter]
    fn cursor(&self) -> Option<&str> {
        self.query.cursor()
    }

    #[getter]
    fn is_by_cursor(&self) -> bool {
        self.query.is_by_cursor()
    }

    #[getter]
    fn projection(&self) -> PyProjection {
        PyProjection { projection: self.query.projection().clone(), resource_type: self.resource_type.clone() }
    }

    #[getter]
    fn resource_type(&self) -> PyResourceType {
        PyResourceType(self.query.resource_type().clone())
    }

    #[getter]
    fn ignored<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.query.ignored())
    }

    /// Whether filter, order or answer need an attribute.
    fn needs(&self, path: &Bound<'_, PyString>) -> PyResult<bool> {
        Ok(self.query.needs(&text(path, ScimType::InvalidPath)?))
    }

    /// Filter, order, page and projection, all in memory.
    #[pyo3(signature = (resources, *, cursors=None, context="", now=None))]
    fn answer<'py>(
        &self,
        py: Python<'py>,
        resources: &Bound<'py, PyAny>,
        cursors: Option<&Bound<'py, PyCursors>>,
        context: &str,
        now: Option<SystemTime>,
    ) -> PyResult<Bound<'py, PyDict>> {
        let query = &self.query;
        if query.is_by_cursor() && cursors.is_none() {
            return Err(PyValueError::new_err("pages by cursor need `cursors`"));
        }
        let now = now.unwrap_or_else(SystemTime::now);
        let cursors = cursors.map(|cursors| CursorContext { cursors: &cursors.get().0, context, now });
        let position = query.position(cursors).map_err(|raised| error::scim(py, &raised))?;
        let mut found = Vec::new();
        for resource in resources.try_iter()? {
            let item = Item::of(resource?)?;
            if item.is_admitted(query)? {
                found.push(item);
            }
        }
        let sorted = sorted(query, found, |item| item)?;
        let page = query.page(sorted, position.as_ref(), Item::id)?;
        let list = PyList::empty(py);
        for item in &page.items {
            list.append(item.projected(py, query.projection())?)?;
        }
        body(py, &query.around(&page, cursors), list)
    }

    /// The resources in the order that the request asks for.
    fn sort<'py>(&self, resources: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyList>> {
        let py = resources.py();
        let given = resources.try_iter()?.collect::<PyResult<Vec<_>>>()?;
        let items = given
            .into_iter()
            .map(|resource| Ok((Item::of(resource.clone())?, resource)))
            .collect::<PyResult<Vec<_>>>()?;
        let sorted = sorted(&self.query, items, |(item, _)| item)?;
        PyList::new(py, sorted.into_iter().map(|(_, resource)| resource))
    }

    /// Projects and wraps the resources of a page.
    #[pyo3(signature = (resources, total, *, start_index=None, next_cursor=None, previous_cursor=None))]
    fn response<'py>(
        &self,
        resources: &Bound<'py, PyAny>,
        total: Option<u64>,
        start_index: Option<u64>,
        next_cursor: Option<String>,
        previous_cursor: Option<String>,
    ) -> PyResult<Bound<'py, PyDict>> {
        let py = resources.py();
        let is_by_cursor = self.query.is_by_cursor();
        if total.is_none() && !is_by_cursor {
            return Err(PyValueError::new_err("`total` is required where pages go by index"));
        }
        let list = PyList::empty(py);
        for item in Item::all(resources)? {
            list.append(item.projected(py, self.query.projection())?)?;
        }
        let mut response = ListResponse::new(Vec::new()).next_cursor(next_cursor).previous_cursor(previous_cursor);
        response.total = total;
        response.start_index = start_index.or((!is_by_cursor).then(|| self.query.start_index()));
        body(py, &response, list)
    }

    fn __str__(&self) -> String {
        self.query.to_string()
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let query = PyString::new(py, &self.query.to_string());
        let resource_type = self.resource_type.as_ref();
        let resource_type = resource_type.map(|kind| format!(", <ResourceType {}>", kind.name())).unwrap_or_default();
        Ok(format!("ListQuery({}{resource_type})", query.repr()?.to_string_lossy()))
    }

    fn __hash__(&self) -> u64 {
        hash_of(&self.query)
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other.cast::<Self>().is_ok_and(|other| self.query == other.get().query)
    }

    fn __getnewargs_ex__<'py>(&self, py: Python<'py>) -> PyResult<NewArgs<'py>> {
        let resource_type = self.resource_type.clone().map(PyResourceType);
        let arguments = (self.query.to_string(), resource_type).into_pyobject(py)?;
        let more = self.settings.arguments(py)?;
        more.set_item("default_count", self.counts.default_count)?;
        more.set_item("max_count", self.counts.max_count)?;
        more.set_item("cursors", self.counts.cursors)?;
        Ok((arguments.cast_into::<PyTuple>()?, more))
    }

    fn __copy__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __deepcopy__(slf: Py<Self>, _memo: Bound<'_, PyAny>) -> Py<Self> {
        slf
    }
}

impl PyListQuery {
    fn build(
        py: Python<'_>,
        resource_type: Option<ResourceType>,
        settings: Settings,
        counts: Counts,
        parse: impl FnOnce(&QueryOptions) -> Result<ListQuery, QueryError>,
    ) -> PyResult<Self> {
        let any = ResourceType::any();
        let options = QueryOptions::new(resource_type.as_ref().unwrap_or(&any))
            .tolerance(settings.tolerance)
            .limits(settings.limits)
            .default_count(counts.default_count)
            .max_count(counts.max_count)
            .cursors(counts.cursors);
        let query = parse(&options).map_err(|raised| error::query(py, raised))?;
        Ok(Self { query, resource_type, settings, counts })
    }
}

/// A query string: text or bytes.
fn query_text(query: &Bound<'_, PyAny>) -> PyResult<Vec<u8>> {
    if let Ok(query) = query.cast::<PyString>() {
        return text(query, ScimType::InvalidSyntax).map(String::into_bytes);
    }
    match query.cast::<PyBytes>() {
        Ok(query) => Ok(query.as_bytes().to_vec()),
        Err(_) => Err(PyTypeError::new_err("the query must be `str` or `bytes`")),
    }
}

fn body<'py>(py: Python<'py>, response: &ListResponse, resources: Bound<'py, PyList>) -> PyResult<Bound<'py, PyDict>> {
    let body = to_python(py, &Value::Object(response.head(resources.len())))?.cast_into::<PyDict>()?;
    body.set_item("Resources", resources)?;
    Ok(body)
}

/// Which attributes of a resource go into an answer.
#[pyclass(frozen, module = "scim_engine", name = "Projection")]
pub(super) struct PyProjection {
    projection: Projection,
    resource_type: Option<ResourceType>,
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
            Projection::new(kind, &[&attributes], &[&excluded], &limits_of(limits))
        })
    }

    /// Of the query string of a request on one resource.
    #[staticmethod]
    #[pyo3(signature = (query, resource_type=None, *, limits=None))]
    fn from_query(
        py: Python<'_>,
        query: &Bound<'_, PyAny>,
        resource_type: Option<&Bound<'_, PyResourceType>>,
        limits: Option<&Bound<'_, PyLimits>>,
    ) -> PyResult<Self> {
        let query = query_text(query)?;
        Self::build(py, given(resource_type), |kind| Projection::from_query(query, kind, &limits_of(limits)))
    }

    /// The resource as it is answered with.
    fn apply<'py>(&self, py: Python<'py>, resource: Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        Item::of(resource)?.projected(py, &self.projection)
    }

    /// Whether an attribute would be in the answer.
    fn needs(&self, path: &Bound<'_, PyString>) -> PyResult<bool> {
        Ok(self.projection.needs(&text(path, ScimType::InvalidPath)?))
    }

    #[getter]
    fn attributes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.projection.attributes())
    }

    #[getter]
    fn excluded_attributes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.projection.excluded_attributes())
    }

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
                // Writing to a string cannot fail.
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
        let made = make(resource_type.as_ref().unwrap_or(&any));
        let projection = made.map_err(|raised| error::query(py, raised))?;
        Ok(Self { projection, resource_type })
    }
}

fn limits_of(limits: Option<&Bound<'_, PyLimits>>) -> Limits {
    limits.map_or_else(Limits::default, |limits| limits.get().0)
}

/// Names of attributes, given as one text with commas or as several, with commas between them.
fn names(argument: &str, names: Option<&Bound<'_, PyAny>>) -> PyResult<String> {
    let Some(names) = names else { return Ok(String::new()) };
    if let Ok(one) = names.cast::<PyString>() {
        return text(one, ScimType::InvalidValue);
    }
    let name = |name: PyResult<Bound<'_, PyAny>>| match name?.cast::<PyString>() {
        Ok(name) => text(name, ScimType::InvalidValue),
        Err(_) => Err(PyTypeError::new_err(format!("`{argument}` must be a `str` or several of them"))),
    };
    names.try_iter()?.map(name).collect::<PyResult<Vec<_>>>().map(|names| names.join(","))
}

/// The members of a resource that go into an answer, in a new dict. Values that are kept whole are the very same objects.
fn project<'py>(
    py: Python<'py>,
    projection: &Projection,
    resource: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyDict>> {
    let Some(members) = Object::of(resource.clone())?.into_dict()? else {
        return Err(no_resource());
    };
    let kept = PyDict::new(py);
    for (key, value) in members.iter() {
        if let Some(value) = by_verdict(projection.verdict(&name(&key)?), value, 0)? {
            kept.set_item(key, value)?;
        }
    }
    Ok(kept)
}

fn no_resource() -> PyErr {
    PyTypeError::new_err("a resource must be a mapping or JSON text of an object")
}

fn name(key: &Bound<'_, PyAny>) -> PyResult<String> {
    match Object::of(key.clone()) {
        Ok(Object::Text(name)) => text(&name, ScimType::InvalidValue),
        _ => Err(PyTypeError::new_err(format!("names of members must be `str`, not {}", key.repr()?))),
    }
}

fn by_verdict<'py>(verdict: &Verdict, value: Bound<'py, PyAny>, level: usize) -> PyResult<Option<Bound<'py, PyAny>>> {
    match verdict {
        Verdict::Drop => Ok(None),
        Verdict::Keep => Ok(Some(value)),
        // Nothing is looked for so deep; what is there is not answered with.
        Verdict::Inside(_) if level > MAX_LEVELS => Ok(None),
        Verdict::Inside(shape) => by_shape(shape, value, level + 1),
    }
}

fn by_shape<'py>(shape: &Shape, value: Bound<'py, PyAny>, level: usize) -> PyResult<Option<Bound<'py, PyAny>>> {
    let py = value.py();
    let elements = match Object::of(value.clone())? {
        object @ (Object::Dict(_) | Object::Mapping(_)) => {
            let kept = PyDict::new(py);
            let members = object.into_dict()?.unwrap_or_else(|| PyDict::new(py));
            for (key, value) in members.iter() {
                if let Some(value) = by_verdict(shape.verdict(&name(&key)?), value, level)? {
                    kept.set_item(key, value)?;
                }
            }
            return Ok((!kept.is_empty() || members.is_empty()).then(|| kept.into_any()));
        }
        Object::List(list) => list.iter().collect(),
        Object::Tuple(tuple) => tuple.iter().collect(),
        Object::Sequence(sequence) => sequence.try_iter()?.collect::<PyResult<Vec<_>>>()?,
        _ => return Ok(shape.keeps_simple.then_some(value)),
    };
    let kept = PyList::empty(py);
    let is_empty = elements.is_empty();
    for element in elements {
        let is_list = matches!(Object::of(element.clone())?, Object::List(_) | Object::Tuple(_) | Object::Sequence(_));
        if !is_list && let Some(element) = by_shape(shape, element, level)? {
            kept.append(element)?;
        }
    }
    Ok((!kept.is_empty() || is_empty).then(|| kept.into_any()))
}

/// Keys for cursors.
#[pyclass(frozen, module = "scim_engine", name = "Cursors")]
pub(super) struct PyCursors(Cursors);

#[pymethods]
impl PyCursors {
    #[new]
    #[pyo3(signature = (key, *older_keys, lifetime=3600))]
    fn new(key: &[u8], older_keys: Vec<Vec<u8>>, lifetime: u64) -> PyResult<Self> {
        let older: Vec<&[u8]> = older_keys.iter().map(Vec::as_slice).collect();
        let made = Cursors::new(key, &older, Duration::from_secs(lifetime));
        made.map(Self).map_err(|raised| PyValueError::new_err(raised.to_string()))
    }

    /// A cursor for a position in the answer to a query.
    #[pyo3(signature = (position, query, *, context="", now=None))]
    fn seal(
        &self,
        position: Bound<'_, PyAny>,
        query: &Bound<'_, PyListQuery>,
        context: &str,
        now: Option<SystemTime>,
    ) -> PyResult<String> {
        let reader = Reader { what: "the position", kind: ScimType::InvalidValue, max_depth: Limits::default().depth };
        let position = reader.read(position)?;
        Ok(self.0.seal(&position, &query.get().query, context, now.unwrap_or_else(SystemTime::now)))
    }

    /// The position in the cursor of a query; `None` for the first page.
    #[pyo3(signature = (query, *, context="", now=None))]
    fn open<'py>(
        &self,
        py: Python<'py>,
        query: &Bound<'py, PyListQuery>,
        context: &str,
        now: Option<SystemTime>,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        let opened: Result<_, ScimError> =
            self.0.open(&query.get().query, context, now.unwrap_or_else(SystemTime::now));
        let position = opened.map_err(|raised| error::scim(py, &raised))?;
        position.map(|position| to_python(py, &position)).transpose()
    }

    #[getter]
    fn lifetime(&self) -> u64 {
        self.0.lifetime().as_secs()
    }

    fn __repr__(&self) -> String {
        format!("<Cursors, good for {} s>", self.0.lifetime().as_secs())
    }
}
