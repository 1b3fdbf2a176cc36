//! `attr("userName").eq("x")`: builds filters in code.

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};

use super::document::no_truth;
use super::error;
use super::filter::PyFilter;
use super::literal;
use super::resource_type::{PyResourceType, given};
use super::settings::{PyLimits, Settings};
use super::text::{several, text};
use super::travel::Reduced;
use crate::error::ScimType;
use crate::schema::ResourceType;
use crate::syntax::{self, CompareOp, FilterBuilder, ParseError};

/// An attribute for which a test is still to be chosen; made by `attr`.
#[pyclass(frozen, module = "scim_engine._engine", name = "Attr")]
pub(super) struct PyAttr {
    path: String,
    resource_type: Option<ResourceType>,
    settings: Settings,
}

/// Begins a filter: `attr("userName").eq("x") & ~attr("active").eq(False)`.
#[pyfunction]
#[pyo3(signature = (path, resource_type=None, *, limits=None))]
pub(super) fn attr(
    py: Python<'_>,
    path: &Bound<'_, PyString>,
    resource_type: Option<&Bound<'_, PyResourceType>>,
    limits: Option<&Bound<'_, PyLimits>>,
) -> PyResult<PyAttr> {
    let path = text(path, ScimType::InvalidFilter)?;
    match syntax::attr(&path).pr().build() {
        Ok(_) => Ok(PyAttr { path, resource_type: given(resource_type), settings: Settings::new(None, limits) }),
        Err(raised) => Err(error::parse(py, raised, &path)),
    }
}

impl PyAttr {
    fn build(&self, py: Python<'_>, builder: FilterBuilder) -> PyResult<PyFilter> {
        let built = builder.build_with(&self.settings.options());
        let built = built.map_err(|raised: ParseError| error::parse(py, raised, &self.path))?;
        PyFilter::build(py, &built.to_string(), self.resource_type.clone(), self.settings)
    }

    fn compare(&self, op: CompareOp, value: Bound<'_, PyAny>) -> PyResult<PyFilter> {
        let py = value.py();
        self.build(py, syntax::attr(&self.path).compare(op, literal::from_python(value)?))
    }
}

#[pymethods]
impl PyAttr {
    /// Equal. A value is a `str`, a number, a `bool`, `None`, a `datetime`, a `UUID` or an `Enum` of these.
    fn eq(&self, value: Bound<'_, PyAny>) -> PyResult<PyFilter> {
        self.compare(CompareOp::Eq, value)
    }

    /// Equal to one of several values: `a eq 1 or a eq 2 or ...`. With many values, a document's value is looked up.
    ///
    /// A long list of the host's own may need wider limits, because the default ones are for hostile input:
    ///
    /// >>> limits = Limits(comparisons=10_000, filter_bytes=1_000_000)
    /// >>> attr("id", USER, limits=limits).one_of(f"u{id}" for id in range(10_000)).matches({"id": "u9999"})
    /// True
    fn one_of(&self, values: Bound<'_, PyAny>) -> PyResult<PyFilter> {
        let py = values.py();
        if values.is_instance_of::<PyString>() || values.is_instance_of::<PyBytes>() {
            return Err(PyTypeError::new_err(
                "expected `values` to be a list of values: put the one value into a list",
            ));
        }
        let values = several("values", "several values", &values)?
            .map(|value| literal::from_python(value?))
            .collect::<PyResult<Vec<_>>>()?;
        self.build(py, syntax::attr(&self.path).one_of(values))
    }

    /// Not equal.
    fn ne(&self, value: Bound<'_, PyAny>) -> PyResult<PyFilter> {
        self.compare(CompareOp::Ne, value)
    }

    /// Contains.
    fn co(&self, value: Bound<'_, PyAny>) -> PyResult<PyFilter> {
        self.compare(CompareOp::Co, value)
    }

    /// Starts with.
    fn sw(&self, value: Bound<'_, PyAny>) -> PyResult<PyFilter> {
        self.compare(CompareOp::Sw, value)
    }

    /// Ends with.
    fn ew(&self, value: Bound<'_, PyAny>) -> PyResult<PyFilter> {
        self.compare(CompareOp::Ew, value)
    }

    /// Greater.
    fn gt(&self, value: Bound<'_, PyAny>) -> PyResult<PyFilter> {
        self.compare(CompareOp::Gt, value)
    }

    /// Greater or equal.
    fn ge(&self, value: Bound<'_, PyAny>) -> PyResult<PyFilter> {
        self.compare(CompareOp::Ge, value)
    }

    /// Less.
    fn lt(&self, value: Bound<'_, PyAny>) -> PyResult<PyFilter> {
        self.compare(CompareOp::Lt, value)
    }

    /// Less or equal.
    fn le(&self, value: Bound<'_, PyAny>) -> PyResult<PyFilter> {
        self.compare(CompareOp::Le, value)
    }

    /// Present.
    fn pr(&self, py: Python<'_>) -> PyResult<PyFilter> {
        self.build(py, syntax::attr(&self.path).pr())
    }

    /// `attr[inner]`: at least one element satisfies `inner`.
    fn any(&self, py: Python<'_>, inner: &Bound<'_, PyAny>) -> PyResult<PyFilter> {
        let (inner, settings) = if let Ok(filter) = inner.cast::<PyFilter>() {
            (filter.get().canonical().to_owned(), filter.get().settings().joined(self.settings))
        } else {
            (text(inner.cast::<PyString>()?, ScimType::InvalidFilter)?, self.settings)
        };
        PyFilter::build(py, &format!("{}[{inner}]", self.path), self.resource_type.clone(), settings)
    }

    /// Always raises an error, because Python's `and`, `or` and `not` would silently drop the filter.
    #[expect(clippy::unused_self, reason = "a method of Python's protocol")]
    fn __bool__(&self) -> PyResult<bool> {
        Err(no_truth("an `Attr`"))
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<Reduced<'py>> {
        let make = py.import("scim_engine")?.getattr("attr")?;
        Ok((make, (self.path.as_str(), self.resource_type.clone().map(PyResourceType)).into_pyobject(py)?))
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        Ok(format!("attr({})", PyString::new(py, &self.path).repr()?.to_string_lossy()))
    }
}
