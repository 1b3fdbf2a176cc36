//! `ListQuery` and `Cursors`: list requests, answered from Python objects, and the sealed positions of their pages.

use std::time::Duration;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::{PyDict, PyList, PyString, PyTuple};
use serde_json::Value;

use super::clock;
use super::convert::{ObjectReader, to_python};
use super::document::{InternedNames, PyDocument, each};
use super::error::{self, ReadError};
use super::filter::PyFilter;
use super::object::NewArgs;
use super::projection::{GivenResource, PyProjection, query_text};
use super::resource_type::{PyResourceType, given};
use super::settings::{PyLimits, Settings, filter_rules, hash_of};
use super::switches::PyTolerance;
use super::text::{JsonText, text};
use super::travel::{self, Reduced};
use crate::error::{ScimError, ScimType};
use crate::filter::{FilterRules, Matcher};
use crate::limits::Limits;
use crate::options::Options;
use crate::protocol::{CursorContext, Cursors, ListQuery, ListResponse, QueryError, QueryOptions};
use crate::schema::{AttrType, ResourceType};

/// A list request, parsed and completed with defaults: immutable, hashable, picklable, thread-safe.
///
/// Names of parameters ignore case; unknown ones are ignored and listed in `ignored`. An empty value means the same as
/// no parameter, except for `cursor`, where it asks for the first page. A `startIndex` below 1 is read as 1, a negative
/// `count` as 0, and a `count` over `max_count` as `max_count`. With `cursors=True`, a request with `cursor` is paged
/// by cursor (RFC 9865).
///
/// `query` is a raw query string, with or without the question mark before it.
///
/// A filter may use no attributes but `filter_attributes`, in which `emails` also allows `emails.value` and its other
/// sub-attributes, and no operators but `filter_operators`. Without these arguments it may use all.
///
/// Raises `InvalidFilter`, `InvalidValue`, `InvalidSyntax` or, in a request that is paged by cursor, `InvalidCount`.
#[pyclass(frozen, module = "scim_engine.protocol", name = "ListQuery")]
pub(super) struct PyListQuery {
    pub query: ListQuery,
    /// The resource type, if one was given.
    resource_type: Option<ResourceType>,
    settings: Settings,
    counts: PageCounts,
}

/// The order of a list request, resolved: what a host that sorts in its database needs.
#[pyclass(frozen, eq, hash, module = "scim_engine.protocol", name = "Order")]
#[derive(PartialEq, Eq, Hash)]
pub(super) struct PyOrder {
    path: String,
    attr_type: Option<AttrType>,
    multi_valued: bool,
    case_exact: bool,
    descending: bool,
}

#[pymethods]
impl PyOrder {
    /// The attribute in the schema's spelling: `name.familyName`, `emails.value`. An attribute that no schema defines
    /// has the client's spelling.
    #[getter]
    fn path(&self) -> &str {
        &self.path
    }

    /// The type of the values; `None` if no schema defines the attribute.
    #[getter]
    fn attr_type<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        to_python(py, &serde_json::json!(self.attr_type))
    }

    /// Whether the attribute is multi-valued. Then the value of the element with `primary: true` counts, or else that
    /// of the first element with a value.
    #[getter]
    fn multi_valued(&self) -> bool {
        self.multi_valued
    }

    /// Whether case counts. If not, sort by the texts under `fold_case`, and `userName` by `username_key`.
    #[getter]
    fn case_exact(&self) -> bool {
        self.case_exact
    }

    /// Whether the order is descending. Resources without a value come last in ascending order, and first in
    /// descending.
    #[getter]
    fn descending(&self) -> bool {
        self.descending
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<Reduced<'py>> {
        let Self { path, attr_type, multi_valued, case_exact, descending } = self;
        let attr_type = travel::state(py, attr_type)?;
        travel::reduced::<Self>(py, (path, attr_type, *multi_valued, *case_exact, *descending))
    }

    /// Rebuilds the object from its pickled state.
    #[staticmethod]
    fn _load(path: String, attr_type: &[u8], multi_valued: bool, case_exact: bool, descending: bool) -> PyResult<Self> {
        Ok(Self { path, attr_type: travel::read(attr_type)?, multi_valued, case_exact, descending })
    }

    fn __repr__(&self) -> String {
        let direction = if self.descending { "descending" } else { "ascending" };
        format!("<Order {} {direction}>", self.path)
    }
}

/// The host's choices for pages and filters.
#[derive(Clone, PartialEq)]
struct PageCounts {
    default_count: u64,
    max_count: u64,
    cursors: bool,
    rules: FilterRules,
}

/// Sorts items by the sort key of the resource that `item` returns for each.
fn sorted<'py, T>(
    query: &ListQuery,
    items: Vec<T>,
    item: impl Fn(&T) -> &GivenResource<'py>,
) -> Result<Vec<T>, ReadError> {
    query.sort_with(items, |one| {
        let Some(order) = query.sorting() else { return Ok(None) };
        match item(one) {
            GivenResource::Object(object) => {
                order.key(&PyDocument::new(object.clone(), &InternedNames::default())?).map(Some)
            }
            GivenResource::Text(value) => Ok(order.key(&value).map(Some)?),
        }
    })
}

#[pymethods]
impl PyListQuery {
    #[new]
    #[pyo3(signature = (query=None, resource_type=None, *, tolerance=None, limits=None, default_count=100, max_count=1000, cursors=false, filter_attributes=None, filter_operators=None))]
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
        filter_attributes: Option<&Bound<'_, PyAny>>,
        filter_operators: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let rules = filter_rules(("filter_attributes", filter_attributes), ("filter_operators", filter_operators))?;
        let counts = PageCounts { default_count, max_count, cursors, rules };
        let query = query.map_or_else(|| Ok(Vec::new()), query_text)?;
        Self::build(py, given(resource_type), Settings::new(tolerance, limits), counts, |kind, options| {
            ListQuery::parse_with(query, kind, options)
        })
    }

    /// Reads the body of a POST to `/.search`: a mapping or JSON text.
    #[staticmethod]
    #[pyo3(signature = (body, resource_type=None, *, tolerance=None, limits=None, default_count=100, max_count=1000, cursors=false, filter_attributes=None, filter_operators=None))]
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
        filter_attributes: Option<&Bound<'_, PyAny>>,
        filter_operators: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let rules = filter_rules(("filter_attributes", filter_attributes), ("filter_operators", filter_operators))?;
        let counts = PageCounts { default_count, max_count, cursors, rules };
        let settings = Settings::new(tolerance, limits);
        let resource_type = given(resource_type);
        match JsonText::of(&body)? {
            Some(text) => Self::build(py, resource_type, settings, counts, |kind, options| {
                ListQuery::from_slice_with(text.as_bytes(), kind, options)
            }),
            None => {
                let body = ObjectReader::body(settings.limits.capped_depth()).read(body)?;
                Self::build(py, resource_type, settings, counts, |kind, options| {
                    ListQuery::from_body_with(&body, kind, options)
                })
            }
        }
    }

    /// The filter, compiled.
    #[getter]
    fn filter(&self, py: Python<'_>) -> PyResult<Option<PyFilter>> {
        let filter = self.query.filter().map(Matcher::filter);
        filter.map(|filter| PyFilter::compile(py, filter, self.resource_type.clone(), self.settings)).transpose()
    }

    /// `sortBy`, as it was given.
    #[getter]
    fn sort_by(&self) -> Option<&str> {
        self.query.sort_by()
    }

    /// `sortOrder`.
    #[getter]
    fn sort_order(&self) -> &'static str {
        if self.query.is_descending() { "descending" } else { "ascending" }
    }

    /// The order, resolved, for a host that sorts in its database; `None` if there is no `sortBy`.
    #[getter]
    fn order(&self) -> Option<PyOrder> {
        self.query.order().map(|order| PyOrder {
            path: order.path.to_owned(),
            attr_type: order.attr_type,
            multi_valued: order.multi_valued,
            case_exact: order.case_exact,
            descending: order.descending,
        })
    }

    /// The index of the first resource of the page, counted from 1; at most 2**63 - 1.
    #[getter]
    fn start_index(&self) -> u64 {
        self.query.start_index()
    }

    /// The largest size of the page. Zero asks for `totalResults` only.
    #[getter]
    fn count(&self) -> u64 {
        self.query.count()
    }

    /// The cursor, in a request that is paged by cursor; empty for the first page.
    #[getter]
    fn cursor(&self) -> Option<&str> {
        self.query.cursor()
    }

    /// Whether the request is paged by cursor.
    #[getter]
    fn is_by_cursor(&self) -> bool {
        self.query.is_by_cursor()
    }

    /// The selection of the attributes that the answer has of each resource.
    #[getter]
    fn projection(&self) -> PyProjection {
        PyProjection { projection: self.query.projection().clone(), resource_type: self.resource_type.clone() }
    }

    /// The resource type that the request is for.
    #[getter]
    fn resource_type(&self) -> PyResourceType {
        PyResourceType(self.query.resource_type().clone())
    }

    /// The names of unknown parameters, for a log.
    #[getter]
    fn ignored<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.query.ignored())
    }

    /// Whether filter, order or answer need an attribute (`members`). If not, the host need not load it.
    ///
    /// A name that the resource type does not have is a `ValueError`.
    fn needs(&self, path: &Bound<'_, PyString>) -> PyResult<bool> {
        self.query.needs(&text(path, ScimType::InvalidPath)?).map_err(error::unknown)
    }

    /// The `ListResponse`: filters, sorts, pages and projects the resources in memory.
    ///
    /// A request that is paged by cursor needs `cursors`. Values are converted as by `Projection.apply`.
    #[pyo3(signature = (resources, *, cursors=None, context="", now=None))]
    fn answer<'py>(
        &self,
        py: Python<'py>,
        resources: &Bound<'py, PyAny>,
        cursors: Option<&Bound<'py, PyCursors>>,
        context: &str,
        now: Option<Bound<'_, PyAny>>,
    ) -> PyResult<Bound<'py, PyDict>> {
        let query = &self.query;
        if query.is_by_cursor() && cursors.is_none() {
            return Err(PyValueError::new_err("pages by cursor need `cursors`"));
        }
        let now = clock::now(now.as_ref())?;
        let cursors = cursors.map(|cursors| CursorContext::new(&cursors.get().0, context, now));
        let position = cursors.map(|cursors| cursors.open(query)).transpose();
        let position = position.map_err(|raised| error::scim(py, &raised))?.flatten();
        let mut found = Vec::new();
        for resource in each(resources)? {
            let item = GivenResource::of(resource?)?;
            if item.is_admitted(query)? {
                found.push(item);
            }
        }
        let sorted = sorted(query, found, |item| item)?;
        let page = query.page(sorted, position.as_ref(), GivenResource::id)?;
        let list = PyList::empty(py);
        for item in &page.items {
            list.append(item.projected(py, query.projection())?)?;
        }
        let seal = |position: &Value| cursors.map_or_else(String::new, |cursors| cursors.seal(position, query));
        body(py, &query.around(&page, seal), list)
    }

    /// The resources in the order of the request. Resources that compare equal keep their order.
    fn sort<'py>(&self, resources: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyList>> {
        let py = resources.py();
        let given = each(resources)?.collect::<PyResult<Vec<_>>>()?;
        let items = given
            .into_iter()
            .map(|resource| Ok((GivenResource::checked(resource.clone())?, resource)))
            .collect::<PyResult<Vec<_>>>()?;
        let sorted = sorted(&self.query, items, |(item, _)| item)?;
        PyList::new(py, sorted.into_iter().map(|(_, resource)| resource))
    }

    /// The `ListResponse` of a host that has filtered, sorted and paged by itself: projects and wraps the resources.
    ///
    /// `total` counts the resources of all pages; it may be `None` only in a request that is paged by cursor.
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
        for item in GivenResource::all(resources)? {
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
        let rules = &self.counts.rules;
        more.set_item("filter_attributes", rules.allowed_attributes())?;
        let operators = rules.allowed_operators();
        more.set_item("filter_operators", operators.map(|all| all.iter().map(|one| one.as_str()).collect::<Vec<_>>()))?;
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
        counts: PageCounts,
        parse: impl FnOnce(&ResourceType, &QueryOptions) -> Result<ListQuery, QueryError>,
    ) -> PyResult<Self> {
        let any = ResourceType::any();
        let kind = resource_type.as_ref().unwrap_or(&any);
        let options = QueryOptions::default()
            .options(Options::default().tolerance(settings.tolerance).limits(settings.limits))
            .default_count(counts.default_count)
            .max_count(counts.max_count)
            .cursors(counts.cursors)
            .filter_rules(counts.rules.clone());
        options.check(kind).map_err(error::unknown)?;
        let query = parse(kind, &options).map_err(|raised| error::query(py, raised))?;
        Ok(Self { query, resource_type, settings, counts })
    }
}

fn body<'py>(py: Python<'py>, response: &ListResponse, resources: Bound<'py, PyList>) -> PyResult<Bound<'py, PyDict>> {
    let body = to_python(py, &Value::Object(response.head(resources.len())))?.cast_into::<PyDict>()?;
    body.set_item("Resources", resources)?;
    Ok(body)
}

/// Keys for cursors (RFC 9865): positions in a list, sealed so that a client can neither read nor forge them.
///
/// A cursor is valid for the filter, order and resource type of its query, within `context` (such as the tenant), for
/// `lifetime` seconds. The first key seals, and all keys open. The keys are secret, so that it is not picklable.
///
/// Raises `ValueError` for a key of fewer than 16 bytes.
#[pyclass(frozen, module = "scim_engine.protocol", name = "Cursors")]
pub(super) struct PyCursors(pub Cursors);

#[pymethods]
impl PyCursors {
    #[new]
    #[pyo3(signature = (key, *older_keys, lifetime=3600))]
    fn new(key: &[u8], older_keys: &Bound<'_, PyTuple>, lifetime: u64) -> PyResult<Self> {
        let older = older_keys.iter().map(|key| Ok(key.extract::<PyBackedBytes>()?)).collect::<PyResult<Vec<_>>>()?;
        let older: Vec<&[u8]> = older.iter().map(|key| &**key).collect();
        let made = Cursors::new(key, &older, Duration::from_secs(lifetime));
        made.map(Self).map_err(|raised| PyValueError::new_err(raised.to_string()))
    }

    /// A cursor for a position, which is any JSON value with which the host finds the place again.
    #[pyo3(signature = (position, query, *, context="", now=None))]
    fn seal(
        &self,
        position: Bound<'_, PyAny>,
        query: &Bound<'_, PyListQuery>,
        context: &str,
        now: Option<Bound<'_, PyAny>>,
    ) -> PyResult<String> {
        let reader = ObjectReader {
            what: "the position",
            kind: ScimType::InvalidValue,
            ..ObjectReader::body(Limits::default().depth)
        };
        let position = reader.read(position)?;
        Ok(self.0.seal(&position, &query.get().query, context, clock::now(now.as_ref())?))
    }

    /// The position in the cursor of a query; `None` for the first page.
    ///
    /// Raises `InvalidCursor`, `ExpiredCursor`, or `InvalidCount` if the page size differs from that of the first
    /// request.
    #[pyo3(signature = (query, *, context="", now=None))]
    fn open<'py>(
        &self,
        py: Python<'py>,
        query: &Bound<'py, PyListQuery>,
        context: &str,
        now: Option<Bound<'_, PyAny>>,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        let opened: Result<_, ScimError> = self.0.open(&query.get().query, context, clock::now(now.as_ref())?);
        let position = opened.map_err(|raised| error::scim(py, &raised))?;
        position.map(|position| to_python(py, &position)).transpose()
    }

    /// The number of seconds for which a cursor is valid.
    #[getter]
    fn lifetime(&self) -> u64 {
        self.0.lifetime().as_secs()
    }

    #[expect(clippy::unused_self, reason = "a method of Python's protocol")]
    fn __reduce__(&self) -> PyResult<()> {
        Err(travel::refused(
            "`Cursors` hold secret keys and are not pickled: make them of the keys where they are needed",
        ))
    }

    fn __copy__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __deepcopy__(slf: Py<Self>, _memo: Bound<'_, PyAny>) -> Py<Self> {
        slf
    }

    fn __repr__(&self) -> String {
        format!("<Cursors, good for {} s>", self.0.lifetime().as_secs())
    }
}
