//! `Explanation` and `Equality`: what a filter says of a document, and of all that match.

use pyo3::prelude::*;
use pyo3::types::PyTuple;

use super::literal;
use crate::{Equality, Explanation};

/// One clause of a filter and whether it holds of a document.
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

    fn __str__(&self) -> String {
        self.0.to_string()
    }

    fn __repr__(&self) -> String {
        let holds = if self.0.holds() { "holds" } else { "does not hold" };
        format!("<Explanation {}: {holds}>", self.0.clause())
    }
}

/// An equality that must hold of every match.
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

    fn __repr__(&self) -> String {
        let case = if self.0.case_exact { "" } else { ", ignoring case" };
        format!("<Equality {} eq {}{case}>", self.0.path, self.0.value)
    }
}
