//! `Filter`: parses and compiles a filter, and evaluates it on documents.

use std::fmt::Write as _;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyString, PyTuple};

use super::convert::to_python;
use super::document::{InternedNames, PyDocument, each, no_truth};
use super::error;
use super::explain::{PyEquality, PyExplanation};
use super::object::NewArgs;
use super::plan::plan;
use super::resource_type::{PyResourceType, given};
use super::scan::{self, PyScan};
use super::settings::{PyLimits, Settings, filter_rules, hash_of};
use super::switches::PyTolerance;
use super::text::{JsonText, text};
use crate::error::ScimType;
use crate::filter::{Explanation, Matcher};
use crate::options::Options;
use crate::scan::{RawDocument, ScanOptions};
use crate::schema::ResourceType;
use crate::syntax::Filter;

/// A filter, parsed and compiled: immutable, equal and hashed by its canonical text, picklable, thread-safe.
///
/// Without a resource type, the attributes of User, Group and the enterprise extension are known, and any other
/// attribute is compared by the type of the value in the filter. `&`, `|` and `~` combine filters. `and`, `or`, `not`
/// and `if` raise `TypeError`, because they would silently drop a filter; test with `is None` whether there is one.
///
/// Raises `InvalidFilter`, with the place (`span`) and a rendering with a caret (`render()`).
#[pyclass(frozen, module = "scim_engine", name = "Filter")]
pub(super) struct PyFilter {
    matcher: Matcher,
    /// The names of the members that the filter reads, as interned Python strings.
    names: InternedNames,
    canonical: String,
    /// The resource type, if one was given.
    resource_type: Option<ResourceType>,
    settings: Settings,
}

impl PyFilter {
    /// Parses and compiles a filter.
    pub(super) fn build(
        py: Python<'_>,
        text: &str,
        resource_type: Option<ResourceType>,
        settings: Settings,
    ) -> PyResult<Self> {
        let filter = Filter::parse_with(text, &settings.options()).map_err(|raised| error::parse(py, raised, text))?;
        Self::compile(py, &filter, resource_type, settings)
    }

    pub(super) fn compile(
        py: Python<'_>,
        filter: &Filter,
        resource_type: Option<ResourceType>,
        settings: Settings,
    ) -> PyResult<Self> {
        let any = ResourceType::any();
        let matcher = filter
            .compile_with(resource_type.as_ref().unwrap_or(&any), &settings.options())
            .map_err(|raised| error::compile(py, raised, filter.as_str()))?;
        let names = InternedNames::of(py, matcher.key_names());
        let canonical = matcher.filter().to_string();
        Ok(Self { matcher, names, canonical, resource_type, settings })
    }

    pub(super) fn matcher(&self) -> &Matcher {
        &self.matcher
    }

    pub(super) fn canonical(&self) -> &str {
        &self.canonical
    }

    pub(super) fn settings(&self) -> Settings {
        self.settings
    }

    /// Builds a filter whose text is composed of the canonical texts of other filters. It is parsed like any filter, so that
    /// all limits apply to it.
    fn compose(py: Python<'_>, text: &str, resource_type: Option<ResourceType>, settings: Settings) -> PyResult<Self> {
        // `text` may have parentheses that its canonical text does not need. The limits of the host apply to the canonical
        // text, which `build` parses below. So the limits for this first parse are wider.
        let limits = settings.limits;
        let limits =
            limits.filter_bytes(limits.filter_bytes.saturating_add(32)).nesting(limits.nesting.saturating_add(2));
        let parsed = Filter::parse_with(text, &Options::strict().limits(limits))
            .map_err(|raised| error::parse(py, raised, text))?;
        Self::build(py, &parsed.to_string(), resource_type, settings)
    }

    fn join(&self, py: Python<'_>, other: &Self, word: &str) -> PyResult<Self> {
        let resource_type = match (&self.resource_type, &other.resource_type) {
            (Some(a), Some(b)) if a != b => {
                let message =
                    format!("the filters are for different resource types, `{}` and `{}`", a.name(), b.name());
                return Err(PyValueError::new_err(message));
            }
            (a, b) => a.as_ref().or(b.as_ref()).cloned(),
        };
        let text = format!("({}) {word} ({})", self.canonical, other.canonical);
        Self::compose(py, &text, resource_type, self.settings.joined(other.settings))
    }

    fn holds(&self, document: &Bound<'_, PyAny>) -> PyResult<bool> {
        let py = document.py();
        if document.is_exact_instance_of::<PyDict>() {
            return Ok(self.matcher.matches(PyDocument::new(document.clone(), &self.names)?)?);
        }
        if let Some(text) = JsonText::of(document)? {
            let matched = text.read(py, |bytes| self.matcher.matches_slice(bytes));
            return matched.map_err(|raised| error::scan(py, raised));
        }
        let document = PyDocument::new(document.clone(), &self.names)?;
        Ok(self.matcher.matches(document)?)
    }

    fn explanation(&self, document: &Bound<'_, PyAny>) -> PyResult<Explanation> {
        let py = document.py();
        if let Some(text) = JsonText::of(document)? {
            let value = RawDocument::new(text.as_bytes()).map_err(|raised| error::scan(py, raised))?;
            return self.matcher.explain(value).map_err(|raised| error::ReadError::from(raised).into());
        }
        Ok(self.matcher.explain(PyDocument::new(document.clone(), &self.names)?)?)
    }
}

#[pymethods]
impl PyFilter {
    #[new]
    #[pyo3(signature = (text, resource_type=None, *, tolerance=None, limits=None))]
    fn new(
        py: Python<'_>,
        text: &Bound<'_, PyString>,
        resource_type: Option<&Bound<'_, PyResourceType>>,
        tolerance: Option<&Bound<'_, PyTolerance>>,
        limits: Option<&Bound<'_, PyLimits>>,
    ) -> PyResult<Self> {
        let settings = Settings::new(tolerance, limits);
        let text = self::text(text, ScimType::InvalidFilter)?;
        Self::build(py, &text, given(resource_type), settings)
    }

    /// Raises `InvalidFilter` if the filter uses an attribute that is not among `attributes`, or an operator that is
    /// not among `operators`; None allows all. `emails` also allows `emails.value` and its other sub-attributes, and
    /// the URN of an extension allows all attributes of the extension.
    #[pyo3(signature = (*, attributes=None, operators=None))]
    fn check(
        &self,
        py: Python<'_>,
        attributes: Option<&Bound<'_, PyAny>>,
        operators: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<()> {
        let rules = filter_rules(("attributes", attributes), ("operators", operators))?;
        rules.check_names(self.matcher.resource_type()).map_err(error::unknown)?;
        let checked = self.matcher.check(&rules);
        checked.map_err(|raised| error::compile(py, raised, self.matcher.filter().as_str()))
    }

    /// Whether a document satisfies the filter.
    ///
    /// A document is a mapping, a dataclass, a pydantic model, or JSON text (`str`, `bytes`). Mappings are read in
    /// place, and exceptions that they raise go to the caller. A value that is not a document (`None`, a number, a
    /// list, a tuple) is a `TypeError`, not "no match", because a negated filter would match it.
    ///
    /// Python values are read in their JSON form: a `datetime` as a dateTime, in UTC if it has no zone; a `UUID` as its
    /// text; an `Enum` as its value; a scalar of numpy as the corresponding Python value. `NaN`, `NaT` and `pd.NA`
    /// are null. A `date` is its text, which is not a dateTime.
    fn matches(&self, document: &Bound<'_, PyAny>) -> PyResult<bool> {
        self.holds(document)
    }

    /// Returns the documents that satisfy the filter. `filter(f.matches, documents)` yields them one by one.
    ///
    /// A single document, the text of many (use `scan`) and a data frame (pass `df.to_dict("records")`) are a
    /// `TypeError`.
    fn select<'py>(&self, documents: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyList>> {
        let found = PyList::empty(documents.py());
        for document in each(documents)? {
            let document = document?;
            if self.holds(&document)? {
                found.append(document)?;
            }
        }
        Ok(found)
    }

    /// The documents of a JSON text that satisfy the filter.
    ///
    /// The text is `bytes`, `bytearray`, `str`, a `memoryview` or an `mmap` (both are copied), or the path of a file,
    /// which may be compressed with gzip or zstd. Of a file only the matches are kept in memory. If it cannot be read
    /// or unpacked to its end, the last fault says so (`count` and `mask` raise `OSError`). The content decides how it
    /// is read: one document a line, documents one after the other, arrays of documents, or ListResponses.
    ///
    /// Anything that is not a document is among the `faults`, and the scan continues, unless `stop_at_fault`; it ends
    /// after `max_matches` matches. A text of one line that does not begin with `{` or `[` is a `ValueError`, because
    /// it is most likely the name of a file, which must be given as `pathlib.Path`. `threads=0` uses as many threads as
    /// the machine has; other Python threads run meanwhile. `trusted` says that the text is known to be JSON with one
    /// document a line and no name twice in an object: it is read no further than needed.
    #[pyo3(signature = (data, *, threads=1, trusted=false, stop_at_fault=false, max_matches=None))]
    fn scan(
        &self,
        data: &Bound<'_, PyAny>,
        threads: usize,
        trusted: bool,
        stop_at_fault: bool,
        max_matches: Option<usize>,
    ) -> PyResult<PyScan> {
        let mut options = ScanOptions::default().threads(threads).trusted(trusted).stop_at_fault(stop_at_fault);
        options.max_matches = max_matches;
        PyScan::new(&self.matcher, data, options)
    }

    /// The number of documents of a JSON text that satisfy the filter, as `scan` finds them.
    #[pyo3(signature = (data, *, threads=1, trusted=false))]
    fn count(&self, data: &Bound<'_, PyAny>, threads: usize, trusted: bool) -> PyResult<usize> {
        scan::count(&self.matcher, data, ScanOptions::default().threads(threads).trusted(trusted))
    }

    /// For each document of a JSON text, whether it satisfies the filter; `None` if it is not a document.
    #[pyo3(signature = (data, *, threads=1, trusted=false))]
    fn mask(&self, data: &Bound<'_, PyAny>, threads: usize, trusted: bool) -> PyResult<Vec<Option<bool>>> {
        scan::mask(&self.matcher, data, ScanOptions::default().threads(threads).trusted(trusted))
    }

    /// Every clause of the filter, whether it holds for a document, and the values that it was evaluated on.
    ///
    /// `print` shows the tree:
    ///
    /// >>> explained = Filter('title pr and emails[type eq "work"]', USER).explain({
    /// ...     "title": "Guide",
    /// ...     "emails": [{"type": "home"}],
    /// ... })
    /// >>> print(explained)
    /// no  and
    /// yes   title pr
    /// no    emails[type eq "work"]
    /// no      element 0
    /// no        type eq "work"
    /// >>> home = explained.children[1].children[0]
    /// >>> home.children[0].attribute, home.children[0].values
    /// ('emails.type', ('home',))
    fn explain(&self, document: &Bound<'_, PyAny>) -> PyResult<PyExplanation> {
        Ok(PyExplanation::new(self.explanation(document)?, self.text()))
    }

    /// The equalities that must hold for every match, to look up in an index; empty if there are none.
    fn equalities<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        PyList::new(py, self.matcher.equalities().into_iter().map(PyEquality))
    }

    /// Whether the filter reads an attribute (`members`, `name.givenName`). If not, the host need not load it.
    ///
    /// A name that the resource type does not have is a `ValueError`.
    fn needs(&self, path: &Bound<'_, PyString>) -> PyResult<bool> {
        self.matcher.needs(&text(path, ScimType::InvalidPath)?).map_err(error::unknown)
    }

    /// The meaning of the filter as data, for a compiler of your own: into SQL, into the query of a search engine.
    /// Nothing of SCIM is left to know. `scim_engine.sql` has such compilers.
    ///
    /// A condition is a dict with one key. `all` and `any` have a list of conditions, `constant` has a bool. `test`
    /// and `exists` are about an attribute: `path` in the schema's spelling, `type`, `multi_valued`, and
    /// `text_form`, the form in which texts are compared: `exact`, `folded` (by `fold_case`), `username` or
    /// `username_exact` (by `username_key`).
    ///
    /// `test` has an `op`: `assigned` (there is a value), `present` (there is one other than `""`), `eq`, `gt`,
    /// `ge`, `lt`, `le`, `co`, `sw`, `ew`, or `in`. `value` is in the type of the attribute: a text in its
    /// `text_form`, a list of such texts for `in`, a bool, a `Decimal`, or an instant: seconds since 1970 in UTC
    /// and the digits of the fraction. `co`, `sw` and `ew` of a dateTime compare its text as the document has it,
    /// folded. A test of what is unassigned does not hold, and if it is `negated`, it does.
    ///
    /// `exists` holds if some element satisfies the condition `within`, and if it is `negated`, if none does. The
    /// tests within are about the element: `path` is that of a sub-attribute, or of the list itself if its elements
    /// are simple.
    ///
    /// Raises `ValueError` for an attribute that no schema defines: compile the filter for a resource type.
    ///
    /// >>> test = Filter('not (title co "Guide")', USER).plan()["test"]
    /// >>> test["path"], test["op"], test["value"], test["negated"]
    /// ('title', 'co', 'guide', True)
    fn plan<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        plan(py, &self.matcher.condition().map_err(error::unknown)?)
    }

    /// The tree of the filter: `{"op": "eq", "attribute": "userName", "value": "x"}`.
    ///
    /// `op` is `and` or `or` with `terms`, `not` with a `term`, `valuePath` with `attribute`, `filter` and sometimes
    /// `then`, or an operator with `attribute` and, except for `pr`, `value`.
    fn tree<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let tree = serde_json::to_value(self.matcher.filter().expr());
        to_python(py, &tree.map_err(|error| PyValueError::new_err(error.to_string()))?)
    }

    /// The text as it was given; `str()` returns the canonical text.
    #[getter]
    fn text(&self) -> &str {
        self.matcher.filter().as_str()
    }

    /// The resource type that the filter was compiled for.
    #[getter]
    fn resource_type(&self) -> PyResourceType {
        PyResourceType(self.matcher.resource_type().clone())
    }

    fn __and__(&self, py: Python<'_>, other: &Bound<'_, Self>) -> PyResult<Self> {
        self.join(py, other.get(), "and")
    }

    fn __or__(&self, py: Python<'_>, other: &Bound<'_, Self>) -> PyResult<Self> {
        self.join(py, other.get(), "or")
    }

    fn __invert__(&self, py: Python<'_>) -> PyResult<Self> {
        Self::compose(py, &format!("not ({})", self.canonical), self.resource_type.clone(), self.settings)
    }

    /// Always raises an error, because Python's `and`, `or` and `not` would silently drop a filter.
    #[expect(clippy::unused_self, reason = "a method of Python's protocol")]
    fn __bool__(&self) -> PyResult<bool> {
        Err(no_truth("a `Filter`"))
    }

    fn __str__(&self) -> &str {
        &self.canonical
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let mut text =
            format!("Filter({}", PyString::new(py, self.matcher.filter().as_str()).repr()?.to_string_lossy());
        if let Some(resource_type) = &self.resource_type {
            // Writing to a String cannot fail.
            let _ = write!(text, ", <ResourceType {}>", resource_type.name());
        }
        text.push(')');
        Ok(text)
    }

    fn __hash__(&self) -> u64 {
        hash_of(&self.canonical)
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other.cast::<Self>().is_ok_and(|other| {
            let other = other.get();
            self.canonical == other.canonical && self.matcher.resource_type() == other.matcher.resource_type()
        })
    }

    fn __getnewargs_ex__<'py>(&self, py: Python<'py>) -> PyResult<NewArgs<'py>> {
        let resource_type = self.resource_type.clone().map(PyResourceType);
        let arguments = (self.matcher.filter().as_str(), resource_type).into_pyobject(py)?;
        Ok((arguments.cast_into::<PyTuple>()?, self.settings.arguments(py)?))
    }

    fn __copy__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __deepcopy__(slf: Py<Self>, _memo: Bound<'_, PyAny>) -> Py<Self> {
        slf
    }
}
