//! `Explanation` and `Equality`: the truth of each clause for a document, and the equalities of all matches.

use pyo3::prelude::*;
use pyo3::types::PyTuple;
use serde_json::Value;

use super::literal;
use super::travel::{self, Reduced};
use crate::filter::{Equality, Explanation};
use crate::syntax::Literal;

/// One clause of a filter, and whether it holds for a document.
#[pyclass(frozen, eq, module = "scim_engine", name = "Explanation")]
#[derive(Clone, PartialEq)]
pub(super) struct PyExplanation(pub Explanation);

#[pymethods]
impl PyExplanation {
    #[getter]
    fn clause(&self) -> &str {
        self.0.clause()
    }

    #[getter]
    fn holds(&self) -> bool {
        self.0.holds()
    }

    #[getter]
    fn children<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.0.children().iter().cloned().map(Self))
    }

    fn __bool__(&self) -> bool {
        self.0.holds()
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<Reduced<'py>> {
        let children = self.children(py)?;
        let span = self.0.span();
        travel::reduced::<Self>(py, (self.clause(), (span.start, span.end), self.holds(), children))
    }

    /// Makes it again, for pickle.
    #[staticmethod]
    fn _load(clause: String, span: (usize, usize), holds: bool, children: Vec<Bound<'_, Self>>) -> Self {
        let children = children.iter().map(|child| child.get().0.clone()).collect();
        Self(Explanation::again(clause, span.0..span.1, holds, children))
    }

    fn __str__(&self) -> String {
        self.0.to_string()
    }

    fn __repr__(&self) -> String {
        let holds = if self.0.holds() { "holds" } else { "does not hold" };
        format!("<Explanation {}: {holds}>", self.0.clause())
    }
}

/// An equality that must hold for every match.
#[pyclass(frozen, eq, module = "scim_engine", name = "Equality")]
#[derive(Clone, PartialEq)]
pub(super) struct PyEquality(pub Equality);

#[pymethods]
impl PyEquality {
    #[getter]
    fn path(&self) -> &str {
        &self.0.path
    }

    #[getter]
    fn value<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        literal::to_object(py, &self.0.value)
    }

    #[getter]
    fn case_exact(&self) -> bool {
        self.0.case_exact
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<Reduced<'py>> {
        travel::reduced::<Self>(py, (self.path(), travel::state(py, &self.0.value)?, self.0.case_exact))
    }

    /// Makes it again, for pickle.
    #[staticmethod]
    fn _load(path: String, value: &[u8], case_exact: bool) -> PyResult<Self> {
        let value = match travel::value(value)? {
            Value::Bool(value) => Literal::Bool(value),
            Value::Number(number) => Literal::from(number),
            Value::String(text) => Literal::from(text),
            Value::Null | Value::Array(_) | Value::Object(_) => Literal::Null,
        };
        Ok(Self(Equality { path, value, case_exact }))
    }

    fn __repr__(&self) -> String {
        let case = if self.0.case_exact { "" } else { ", ignoring case" };
        format!("<Equality {} eq {}{case}>", self.0.path, self.0.value)
    }
}
