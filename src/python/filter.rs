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

/// A filter, compiled for a resource type.
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

    /// Raises `InvalidFilter` if the filter uses an attribute that is not in `attributes`, or an operator that is not in
    /// `operators`.
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
    fn matches(&self, document: &Bound<'_, PyAny>) -> PyResult<bool> {
        self.holds(document)
    }

    /// Returns a list of the documents that satisfy the filter.
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

    /// Finds the documents in a text that satisfy the filter.
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

    /// Counts the documents in a text that satisfy the filter.
    #[pyo3(signature = (data, *, threads=1, trusted=false))]
    fn count(&self, data: &Bound<'_, PyAny>, threads: usize, trusted: bool) -> PyResult<usize> {
        scan::count(&self.matcher, data, ScanOptions::default().threads(threads).trusted(trusted))
    }

    /// Returns for each document in a text whether it satisfies the filter, or None if it cannot be read.
    #[pyo3(signature = (data, *, threads=1, trusted=false))]
    fn mask(&self, data: &Bound<'_, PyAny>, threads: usize, trusted: bool) -> PyResult<Vec<Option<bool>>> {
        scan::mask(&self.matcher, data, ScanOptions::default().threads(threads).trusted(trusted))
    }

    /// Explains the result for a document: each clause of the filter, whether it holds, and the values that it was evaluated
    /// on.
    fn explain(&self, document: &Bound<'_, PyAny>) -> PyResult<PyExplanation> {
        Ok(PyExplanation::new(self.explanation(document)?, self.text()))
    }

    /// The equalities that every match must satisfy.
    fn equalities<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        PyList::new(py, self.matcher.equalities().into_iter().map(PyEquality))
    }

    /// Whether the filter reads an attribute.
    fn needs(&self, path: &Bound<'_, PyString>) -> PyResult<bool> {
        self.matcher.needs(&text(path, ScimType::InvalidPath)?).map_err(error::unknown)
    }

    /// The tree of the filter as dicts and lists.
    fn tree<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let tree = serde_json::to_value(self.matcher.filter().expr());
        to_python(py, &tree.map_err(|error| PyValueError::new_err(error.to_string()))?)
    }

    #[getter]
    fn text(&self) -> &str {
        self.matcher.filter().as_str()
    }

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
