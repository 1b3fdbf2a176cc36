//! `Filter.plan()`: the meaning of a filter as data.

use pyo3::IntoPyObjectExt as _;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::condition::{Condition, Target, TextForm, ValueTest};
use crate::syntax::CompareOp;

/// A condition as a dict: see the docstring of `Filter.plan`.
pub(super) fn plan<'py>(py: Python<'py>, condition: &Condition) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    let each = |all: &[Condition]| all.iter().map(|one| plan(py, one)).collect::<PyResult<Vec<_>>>();
    match condition {
        Condition::Constant(holds) => dict.set_item("constant", holds)?,
        Condition::All(all) => dict.set_item("all", each(all)?)?,
        Condition::Any(any) => dict.set_item("any", each(any)?)?,
        Condition::Exists { list, within, is_negated } => {
            let exists = target(py, list)?;
            exists.set_item("within", plan(py, within)?)?;
            exists.set_item("negated", is_negated)?;
            dict.set_item("exists", exists)?;
        }
        Condition::Test { target: of, test, is_negated } => {
            let (op, value) = test_of(py, test)?;
            let test = target(py, of)?;
            test.set_item("op", op)?;
            test.set_item("value", value)?;
            test.set_item("negated", is_negated)?;
            dict.set_item("test", test)?;
        }
    }
    Ok(dict)
}

fn target<'py>(py: Python<'py>, target: &Target) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    dict.set_item("path", &target.path)?;
    dict.set_item("type", target.attr_type.as_str())?;
    dict.set_item("multi_valued", target.multi_valued)?;
    dict.set_item(
        "text_form",
        match target.text_form {
            TextForm::Exact => "exact",
            TextForm::Folded => "folded",
            TextForm::Username { case_exact: false } => "username",
            TextForm::Username { case_exact: true } => "username_exact",
        },
    )?;
    Ok(dict)
}

fn test_of<'py>(py: Python<'py>, test: &ValueTest) -> PyResult<(&'static str, Bound<'py, PyAny>)> {
    let sign = |op: CompareOp| op.as_str();
    Ok(match test {
        ValueTest::Assigned => ("assigned", py.None().into_bound(py)),
        ValueTest::Present => ("present", py.None().into_bound(py)),
        ValueTest::Text(op, literal) | ValueTest::DateText(op, literal) => (sign(*op), literal.into_bound_py_any(py)?),
        ValueTest::OneOf(literals) => ("in", literals.into_bound_py_any(py)?),
        ValueTest::Bool(value) => ("eq", value.into_bound_py_any(py)?),
        ValueTest::Number(op, number) => {
            let decimal = py.import("decimal")?.getattr("Decimal")?;
            (sign(*op), decimal.call1((number,))?)
        }
        ValueTest::Instant { op, seconds, fraction } => {
            (sign(*op), (*seconds, fraction.as_str()).into_bound_py_any(py)?)
        }
    })
}
