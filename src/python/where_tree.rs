//! Conditions and orders of `scim_engine.sql` as data, for adapters.

use pyo3::IntoPyObjectExt as _;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyTuple};

use crate::sql::{ColumnTest, FirstOf, Only, OrderKey, RowSource, Source, SqlValue, Stored, Where};

/// A condition as a dict: see the docstring of `Where.tree`.
pub(super) fn tree<'py>(py: Python<'py>, condition: &Where) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    let each = |all: &[Where]| all.iter().map(|one| tree(py, one)).collect::<PyResult<Vec<_>>>();
    match condition {
        Where::Constant(holds) => dict.set_item("constant", holds)?,
        Where::All(all) => dict.set_item("all", each(all)?)?,
        Where::Any(any) => dict.set_item("any", each(any)?)?,
        Where::Exists { rows, within, is_negated } => {
            let exists = PyDict::new(py);
            exists.set_item("rows", rows_of(py, rows)?)?;
            exists.set_item("within", tree(py, within)?)?;
            exists.set_item("negated", is_negated)?;
            dict.set_item("exists", exists)?;
        }
        Where::Test { source, stored, test, is_negated } => {
            let (op, value) = match test {
                ColumnTest::NotNull => ("not_null", None),
                ColumnTest::Is(value) => ("is", Some(SqlValue::Bool(*value))),
                ColumnTest::Compare(op, value) => (op.sign(), Some(value.clone())),
                ColumnTest::OneOf(texts) => ("in", Some(SqlValue::Texts(texts.clone()))),
                ColumnTest::Contains(text) => ("contains", Some(SqlValue::Text(text.clone()))),
                ColumnTest::StartsWith(text) => ("starts_with", Some(SqlValue::Text(text.clone()))),
                ColumnTest::EndsWith(text) => ("ends_with", Some(SqlValue::Text(text.clone()))),
            };
            let test = PyDict::new(py);
            test.set_item("source", source_of(py, source)?)?;
            test.set_item("stored", stored_of(*stored))?;
            test.set_item("op", op)?;
            test.set_item("value", value.map(|value| to_python(py, &value)).transpose()?)?;
            test.set_item("negated", is_negated)?;
            dict.set_item("test", test)?;
        }
    }
    Ok(dict)
}

/// A `str` for a column, a dict with `expression`, or one with `json` and `path`.
pub(super) fn source_of<'py>(py: Python<'py>, source: &Source) -> PyResult<Bound<'py, PyAny>> {
    let dict = PyDict::new(py);
    match source {
        Source::Column(name) => return name.as_ref().into_bound_py_any(py),
        Source::Expression(text) => dict.set_item("expression", text.as_ref())?,
        Source::Json { column, path } => {
            dict.set_item("json", column.as_ref())?;
            dict.set_item("path", PyTuple::new(py, path.iter().map(AsRef::as_ref))?)?;
        }
    }
    Ok(dict.into_any())
}

pub(super) fn rows_of<'py>(py: Python<'py>, rows: &RowSource) -> PyResult<Bound<'py, PyAny>> {
    match rows {
        RowSource::Json(source) => source_of(py, source),
        RowSource::Table { name, on, only } => {
            let dict = PyDict::new(py);
            dict.set_item("table", name.as_ref())?;
            let pairs = on.iter().map(|(own, outer)| (own.as_ref(), outer.as_ref()));
            dict.set_item("on", pairs.collect::<Vec<_>>())?;
            let wanted = PyList::empty(py);
            for (column, value) in only {
                let value = match value {
                    Only::Null => py.None().into_bound(py),
                    Only::Bool(value) => value.into_bound_py_any(py)?,
                    Only::Integer(value) => value.into_bound_py_any(py)?,
                    Only::Text(value) => value.into_bound_py_any(py)?,
                    Only::Uuid(value) => py.import("uuid")?.getattr("UUID")?.call1((value,))?,
                };
                wanted.append((column.as_ref(), value))?;
            }
            dict.set_item("only", wanted)?;
            Ok(dict.into_any())
        }
    }
}

pub(super) fn stored_of(stored: Stored) -> &'static str {
    match stored {
        Stored::Text => "text",
        Stored::Folded => "folded",
        Stored::Boolean => "boolean",
        Stored::Integer => "integer",
        Stored::Float => "float",
        Stored::Decimal => "decimal",
        Stored::Micros => "micros",
        Stored::Timestamp => "timestamp",
        Stored::UtcTimestamp => "utc_timestamp",
        Stored::Digits => "digits",
        Stored::Uuid => "uuid",
        Stored::Json => "json",
    }
}

/// A part of an order as a dict: see the docstring of `OrderBy.keys`.
pub(super) fn order_key<'py>(py: Python<'py>, key: &OrderKey) -> PyResult<Bound<'py, PyDict>> {
    let of = |of: &FirstOf| {
        let dict = PyDict::new(py);
        dict.set_item("rows", rows_of(py, &of.rows)?)?;
        dict.set_item("primary", of.primary.as_ref().map(|source| source_of(py, source)).transpose()?)?;
        dict.set_item("position", source_of(py, &of.position)?)?;
        Ok::<_, PyErr>(dict)
    };
    let dict = PyDict::new(py);
    dict.set_item("source", source_of(py, &key.source)?)?;
    dict.set_item("stored", stored_of(key.stored))?;
    dict.set_item("descending", key.is_descending)?;
    dict.set_item("not_null", key.is_not_null)?;
    dict.set_item("first_of", key.of.as_ref().map(of).transpose()?)?;
    Ok(dict)
}

/// A value that is bound.
pub(super) fn to_python<'py>(py: Python<'py>, value: &SqlValue) -> PyResult<Bound<'py, PyAny>> {
    match value {
        SqlValue::Text(text) => text.into_bound_py_any(py),
        SqlValue::Integer(number) => number.into_bound_py_any(py),
        SqlValue::Float(number) => number.into_bound_py_any(py),
        SqlValue::Bool(value) => value.into_bound_py_any(py),
        SqlValue::Texts(texts) => texts.into_bound_py_any(py),
    }
}
