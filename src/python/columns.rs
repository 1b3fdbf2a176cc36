//! `Source`, `Column` and `Rows` of `scim_engine.sql`: where values are stored.

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyString};

use crate::sql::{Column, Only, Rows, Source};

/// Where a value is stored, if that is not a column alone. The name of a column is a `str`.
///
/// Names and expressions are part of the text of a query, so they must never come from a request.
#[pyclass(frozen, eq, hash, module = "scim_engine.sql", name = "Source")]
#[derive(PartialEq, Eq, Hash)]
pub(super) struct PySource(Source);

#[pymethods]
impl PySource {
    /// An expression over the columns of the table, for which an index should exist. `{table}` stands for the
    /// quoted name of the table.
    ///
    /// >>> from scim_engine.sql import Column, Source
    /// >>> title = Column.folded(Source.expression('casefold({table}.title COLLATE "pg_c_utf8")'))
    #[staticmethod]
    #[pyo3(signature = (text, /))]
    fn expression(text: &str) -> Self {
        Self(Source::expression(text))
    }

    /// A member of the JSON document in a column: `jsonb` in PostgreSQL, `JSON` in DuckDB, text in SQLite. Within
    /// `Rows` of a JSON list, the column `value` is the element.
    #[staticmethod]
    #[pyo3(signature = (column, /, *path))]
    fn json(column: &str, path: Vec<String>) -> Self {
        Self(Source::json(column, path.iter().map(String::as_str)))
    }
}

/// A `str` or a `Source`.
fn source(given: &Bound<'_, PyAny>) -> PyResult<Source> {
    if let Ok(source) = given.cast::<PySource>() {
        return Ok(source.get().0.clone());
    }
    match given.cast::<PyString>() {
        Ok(name) => Ok(Source::from(name.to_str()?)),
        Err(_) => {
            Err(PyTypeError::new_err(format!("a column is a str or a Source, not `{}`", given.get_type().name()?)))
        }
    }
}

/// The name of a resource type, or several.
#[derive(FromPyObject)]
enum RefersTo {
    One(String),
    Several(Vec<String>),
}

fn referring(column: Column, refers_to: Option<RefersTo>) -> Column {
    let types = match refers_to {
        None => Vec::new(),
        Some(RefersTo::One(name)) => vec![name],
        Some(RefersTo::Several(names)) => names,
    };
    types.iter().fold(column, |column, name| column.refers_to(name))
}

/// How the single value of an attribute is stored. NULL means that the attribute is unassigned.
///
/// A column is compared as it is: nothing wraps it in a function. So a text that is compared regardless of case
/// needs a column of its own that holds the folded text (`fold_case`, for `userName` `username_key`).
#[pyclass(frozen, module = "scim_engine.sql", name = "Column")]
pub(super) struct PyColumn(pub Column);

impl PyColumn {
    fn of(column: Column, is_not_null: bool) -> Self {
        Self(if is_not_null { column.not_null() } else { column })
    }
}

#[pymethods]
impl PyColumn {
    /// Holds the text as the document has it. That suffices for attributes that are `caseExact`, for `pr` and for
    /// `eq null`; other comparisons need `folded`, what holds the folded text. `unassigned` is a text that stands
    /// for an unassigned attribute, as NULL does. Texts have at most `max_length` characters. With `refers_to`, they
    /// are the ids of resources of this type, or of one of several.
    #[staticmethod]
    #[pyo3(signature = (source, /, *, folded=None, unassigned=None, not_null=false, max_length=None, refers_to=None))]
    fn text(
        source: &Bound<'_, PyAny>,
        folded: Option<&Bound<'_, PyAny>>,
        unassigned: Option<&str>,
        not_null: bool,
        max_length: Option<usize>,
        refers_to: Option<RefersTo>,
    ) -> PyResult<Self> {
        let mut column = Column::text(self::source(source)?);
        if let Some(folded) = folded {
            column = column.with_folded(self::source(folded)?);
        }
        if let Some(text) = unassigned {
            column = column.unassigned_if(text);
        }
        if let Some(length) = max_length {
            column = column.max_length(length);
        }
        Ok(Self::of(referring(column, refers_to), not_null))
    }

    /// Holds the text as it is compared: `fold_case` of it, or for `userName` `username_key`. For an attribute that
    /// is `caseExact` that is the text itself.
    #[staticmethod]
    #[pyo3(signature = (source, /, *, unassigned=None, not_null=false))]
    fn folded(source: &Bound<'_, PyAny>, unassigned: Option<&str>, not_null: bool) -> PyResult<Self> {
        let column = Column::folded(self::source(source)?);
        Ok(Self::of(unassigned.into_iter().fold(column, Column::unassigned_if), not_null))
    }

    /// Holds a boolean. If the attribute is unassigned, the column gets `default`.
    #[staticmethod]
    #[pyo3(signature = (source, /, *, not_null=false, default=None))]
    fn boolean(source: &Bound<'_, PyAny>, not_null: bool, default: Option<bool>) -> PyResult<Self> {
        let column = Column::boolean(self::source(source)?);
        Ok(Self::of(default.into_iter().fold(column, Column::default_to), not_null))
    }

    /// Holds a whole number of at most 64 bits.
    #[staticmethod]
    #[pyo3(signature = (source, /, *, not_null=false))]
    fn integer(source: &Bound<'_, PyAny>, not_null: bool) -> PyResult<Self> {
        Ok(Self::of(Column::integer(self::source(source)?), not_null))
    }

    /// Holds a floating-point number of 64 bits, of which the document has the shortest decimal form.
    #[staticmethod]
    #[pyo3(signature = (source, /, *, not_null=false))]
    fn float(source: &Bound<'_, PyAny>, not_null: bool) -> PyResult<Self> {
        Ok(Self::of(Column::float(self::source(source)?), not_null))
    }

    /// Holds an exact decimal number (`numeric`).
    #[staticmethod]
    #[pyo3(signature = (source, /, *, not_null=false))]
    fn decimal(source: &Bound<'_, PyAny>, not_null: bool) -> PyResult<Self> {
        Ok(Self::of(Column::decimal(self::source(source)?), not_null))
    }

    /// Holds an instant as microseconds since 1970 in UTC. `text` is what holds the dateTime as the document has
    /// it, folded by `fold_case`, for `co`, `sw` and `ew`.
    #[staticmethod]
    #[pyo3(signature = (source, /, *, text=None, not_null=false))]
    fn micros(source: &Bound<'_, PyAny>, text: Option<&Bound<'_, PyAny>>, not_null: bool) -> PyResult<Self> {
        Self::instant(Column::micros(self::source(source)?), text, not_null)
    }

    /// Holds an instant of the years 1 to 9999 as a timestamp with time zone. `text` as for `micros`.
    #[staticmethod]
    #[pyo3(signature = (source, /, *, text=None, not_null=false))]
    fn timestamp(source: &Bound<'_, PyAny>, text: Option<&Bound<'_, PyAny>>, not_null: bool) -> PyResult<Self> {
        Self::instant(Column::timestamp(self::source(source)?), text, not_null)
    }

    /// Holds an instant of the years 1 to 9999 as a timestamp without time zone, in UTC. `text` as for `micros`.
    #[staticmethod]
    #[pyo3(signature = (source, /, *, text=None, not_null=false))]
    fn utc_timestamp(source: &Bound<'_, PyAny>, text: Option<&Bound<'_, PyAny>>, not_null: bool) -> PyResult<Self> {
        Self::instant(Column::utc_timestamp(self::source(source)?), text, not_null)
    }

    /// Holds a whole number of at most 64 bits, which the document has as a text, such as the `id` of a row. It can
    /// be compared for equality. `refers_to` as for `text`.
    #[staticmethod]
    #[pyo3(signature = (source, /, *, not_null=false, refers_to=None))]
    fn digits(source: &Bound<'_, PyAny>, not_null: bool, refers_to: Option<RefersTo>) -> PyResult<Self> {
        let column = Column::digits(self::source(source)?);
        Ok(Self::of(referring(column, refers_to), not_null))
    }

    /// Holds a UUID, which the document has as a text with hyphens and small letters. It can be compared for
    /// equality. `refers_to` as for `digits`.
    #[staticmethod]
    #[pyo3(signature = (source, /, *, not_null=false, refers_to=None))]
    fn uuid(source: &Bound<'_, PyAny>, not_null: bool, refers_to: Option<RefersTo>) -> PyResult<Self> {
        let column = Column::uuid(self::source(source)?);
        Ok(Self::of(referring(column, refers_to), not_null))
    }
}

impl PyColumn {
    fn instant(column: Column, text: Option<&Bound<'_, PyAny>>, is_not_null: bool) -> PyResult<Self> {
        let column = match text {
            Some(text) => column.with_text(source(text)?),
            None => column,
        };
        Ok(Self::of(column, is_not_null))
    }
}

/// Where the elements of a multi-valued attribute are stored: in rows of another table, or, with `json`, in a list
/// of a JSON column.
///
/// `columns` names the `Column` of each sub-attribute, or of `value` if the elements are simple; a multi-valued
/// sub-attribute has `Rows` of its own. A text or a bool is the same in every element, and `None` is never
/// assigned. A row belongs to a resource if the columns of `on` are equal: the names are
/// those of this table, the values those of the table around it. Only rows count in which the columns of `only`
/// have their values. `position` is what the elements are in order by, for `sortBy`. With `complete`, elements have
/// no other sub-attributes: a filter on one of them finds it unassigned.
#[pyclass(frozen, module = "scim_engine.sql", name = "Rows")]
pub(super) struct PyRows(pub Rows);

#[pymethods]
impl PyRows {
    #[new]
    #[pyo3(signature = (table, columns, *, on, only=None, position=None, complete=false))]
    fn new(
        table: &str,
        columns: &Bound<'_, PyDict>,
        on: &Bound<'_, PyDict>,
        only: Option<&Bound<'_, PyDict>>,
        position: Option<&Bound<'_, PyAny>>,
        complete: bool,
    ) -> PyResult<Self> {
        let mut rows = Rows::table(table);
        for (own, outer) in on {
            rows = rows.on(&own.extract::<String>()?, &outer.extract::<String>()?);
        }
        for (column, value) in only.into_iter().flatten() {
            rows = rows.only(&column.extract::<String>()?, self::only(&value)?);
        }
        filled(rows, columns, position, complete)
    }

    /// A list in a JSON column, at this path. Within it, `Source.json("value", ...)` is a member of an element.
    #[staticmethod]
    #[pyo3(signature = (column, path, columns, *, position=None, complete=false))]
    fn json(
        column: &str,
        path: Vec<String>,
        columns: &Bound<'_, PyDict>,
        position: Option<&Bound<'_, PyAny>>,
        complete: bool,
    ) -> PyResult<Self> {
        filled(Rows::json(column, path.iter().map(String::as_str)), columns, position, complete)
    }
}

fn filled(
    mut rows: Rows,
    columns: &Bound<'_, PyDict>,
    position: Option<&Bound<'_, PyAny>>,
    is_complete: bool,
) -> PyResult<PyRows> {
    for (name, field) in columns {
        let name = name.extract::<String>()?;
        rows = if let Ok(column) = field.cast::<PyColumn>() {
            rows.column(&name, column.get().0.clone())
        } else if let Ok(inner) = field.cast::<PyRows>() {
            rows.rows(&name, inner.get().0.clone())
        } else if field.is_none() {
            rows.unassigned(&name)
        } else if let Some(value) = fixed(&field) {
            rows.fixed(&name, &value)
        } else {
            let found = field.get_type().name()?.to_string();
            let message =
                format!("`{name}` is stored in a Column or in Rows, is a text, a bool or None, not `{found}`");
            return Err(PyTypeError::new_err(message));
        };
    }
    if let Some(position) = position {
        rows = rows.position(source(position)?);
    }
    Ok(PyRows(if is_complete { rows.complete() } else { rows }))
}

/// A text, or `true` or `false`, that is the same everywhere.
pub(super) fn fixed(value: &Bound<'_, PyAny>) -> Option<String> {
    match value.cast::<PyBool>() {
        Ok(value) => Some(value.is_true().to_string()),
        Err(_) => value.extract().ok(),
    }
}

fn only(value: &Bound<'_, PyAny>) -> PyResult<Only> {
    if value.is_none() {
        return Ok(Only::Null);
    }
    if let Ok(value) = value.cast::<PyBool>() {
        return Ok(Only::Bool(value.is_true()));
    }
    if let Ok(value) = value.extract::<i64>() {
        return Ok(Only::Integer(value));
    }
    if value.is_instance(&value.py().import("uuid")?.getattr("UUID")?)? {
        return Ok(Only::Uuid(value.str()?.extract()?));
    }
    match value.cast::<PyString>() {
        Ok(text) => Ok(Only::Text(text.to_str()?.to_owned())),
        Err(_) => Err(PyTypeError::new_err("`only` has values of the types str, int, bool, UUID and None")),
    }
}
