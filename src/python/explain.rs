//! `Explanation` and `Equality`: the truth of each clause for a document, and the equalities of all matches.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyTuple;
use serde_json::Value;

use super::convert::to_python;
use super::literal;
use super::travel::{self, Reduced};
use crate::filter::{Equality, Explanation};
use crate::syntax::{Literal, Span};

/// One clause of a filter, whether it holds for a document, and the values that it was evaluated on; true if it
/// holds. `str()` shows the tree.
///
/// An explanation is small whatever the document's size, and has no secrets. It has at most 5 elements of an attribute
/// and 100 values of a clause, and cuts a text after 1,000 characters, where it puts `…`.
#[pyclass(frozen, eq, module = "scim_engine", name = "Explanation")]
#[derive(Clone, PartialEq)]
pub(super) struct PyExplanation(Explanation);

/// The clause of a pickled explanation: its text, its span, whether it holds, its attribute and, if it stands for an element,
/// the index of the element.
type PickledClause = (String, (usize, usize), bool, Option<String>, Option<usize>);

impl PyExplanation {
    /// Makes the explanation of a filter whose text is `text`. The spans in bytes become spans in characters, because Python
    /// counts characters.
    pub(super) fn new(mut explanation: Explanation, text: &str) -> Self {
        if !text.is_ascii() {
            // `before` has, for each byte offset and for the end of the text, the number of characters that start before it.
            // The characters are counted once for all clauses.
            let starts = (0..text.len()).map(|byte| usize::from(text.is_char_boundary(byte)));
            let before = starts.chain([0]).scan(0, |count, start| Some(std::mem::replace(count, *count + start)));
            count_characters(&mut explanation, &before.collect::<Vec<_>>());
        }
        Self(explanation)
    }
}

fn count_characters(explanation: &mut Explanation, before: &[usize]) {
    let Span { start, end } = explanation.span;
    if let (Some(start), Some(end)) = (before.get(start), before.get(end)) {
        explanation.span = Span::new(*start, *end);
    }
    explanation.children.iter_mut().for_each(|child| count_characters(child, before));
}

#[pymethods]
impl PyExplanation {
    /// The clause in canonical text: `and`, `or`, `not`, or a test or value path in full; `element 0` for an element
    /// of a list.
    #[getter]
    fn clause(&self) -> &str {
        self.0.clause()
    }

    /// The place in the filter's text: `filter.text[slice(*explanation.span)]`; for an element that of the value
    /// path.
    #[getter]
    fn span(&self) -> (usize, usize) {
        (self.0.span.start, self.0.span.end)
    }

    /// Whether the clause holds; for an element whether it is one that the value path selects.
    #[getter]
    fn holds(&self) -> bool {
        self.0.holds()
    }

    /// The attribute of a test or value path, in the schema's spelling: `userName`, `emails.type`.
    #[getter]
    fn attribute(&self) -> Option<&str> {
        self.0.attribute()
    }

    /// The values that a test was evaluated on, at most the first 100; empty if the attribute is unassigned.
    ///
    /// A complex value has the sub-attributes that its schema defines, without those that are never returned; if no
    /// schema defines it, it is an empty dict.
    #[getter]
    fn values<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let values = self.0.values().iter().map(|value| to_python(py, value));
        PyTuple::new(py, values.collect::<PyResult<Vec<_>>>()?)
    }

    /// For an element of a list, its position there, counted from 0.
    #[getter]
    fn element(&self) -> Option<usize> {
        self.0.element()
    }

    /// The parts of the clause.
    ///
    /// Those of a value path are the elements of its attribute, and the parts of an element are the tests in the
    /// brackets, evaluated on that element. Of more than 5 elements, these are the first 5 that match or, if none does,
    /// the first 5. An unassigned element never holds, whatever its parts are.
    #[getter]
    fn children<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.0.children().iter().cloned().map(Self))
    }

    /// The number of elements that are left out of `children`.
    #[getter]
    fn more(&self) -> usize {
        self.0.more()
    }

    fn __bool__(&self) -> bool {
        self.0.holds()
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<Reduced<'py>> {
        let clause = (self.clause(), self.span(), self.holds(), self.attribute(), self.element());
        let values = travel::state(py, &self.0.values)?;
        travel::reduced::<Self>(py, (clause, values, self.children(py)?, self.more()))
    }

    /// Rebuilds the object from its pickled state.
    #[staticmethod]
    fn _load(clause: PickledClause, values: &[u8], children: Vec<Bound<'_, Self>>, more: usize) -> PyResult<Self> {
        let (clause, (start, end), holds, attribute, element) = clause;
        let Value::Array(values) = travel::value(values)? else {
            return Err(PyValueError::new_err("the pickle has no list of values"));
        };
        let (span, children) = (Span::new(start, end), children.iter().map(|child| child.get().0.clone()).collect());
        Ok(Self(Explanation { clause, span, holds, attribute, values, element, children, more }))
    }

    fn __str__(&self) -> String {
        self.0.to_string()
    }

    fn __repr__(&self) -> String {
        let holds = if self.0.holds() { "holds" } else { "does not hold" };
        format!("<Explanation {}: {holds}>", self.0.clause())
    }
}

/// An equality that must hold for every match of a filter.
#[pyclass(frozen, eq, module = "scim_engine", name = "Equality")]
#[derive(Clone, PartialEq)]
pub(super) struct PyEquality(pub Equality);

#[pymethods]
impl PyEquality {
    /// The attribute in the schema's spelling: `userName`, `emails.value`.
    #[getter]
    fn path(&self) -> &str {
        &self.0.path
    }

    /// The value that the attribute must be equal to.
    #[getter]
    fn value<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        literal::to_object(py, &self.0.value)
    }

    /// Whether the comparison is case-sensitive. If not, look the value up without regard to case.
    #[getter]
    fn case_exact(&self) -> bool {
        self.0.case_exact
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<Reduced<'py>> {
        travel::reduced::<Self>(py, (self.path(), travel::state(py, &self.0.value)?, self.0.case_exact))
    }

    /// Rebuilds the object from its pickled state.
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
        let is_text = matches!(self.0.value, Literal::String(_));
        let case = if is_text && !self.0.case_exact { ", ignoring case" } else { "" };
        format!("<Equality {} eq {}{case}>", self.0.path, self.0.value)
    }
}
