//! Rows of the host's tables as resources, and resources as rows: `Reading`, and what `Mapping` says to write.

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDateTime, PyDict, PyFloat, PyInt, PyList, PyTzInfo};
use serde_json::Value;

use super::calls::PyNeeds;
use super::convert::to_python;
use super::error;
use super::where_tree::{rows_of, source_of, stored_of, to_python as bound};
use crate::endpoint::Elements;
use crate::sql::{Assignment, ListReading, Mapping, Reading, SqlValue, Stored, Writing};

/// What to read for resources: columns of the table, and of the tables of multi-valued attributes.
///
/// The host selects `columns` of the rows that it wants, and for each of `lists` the rows that belong to them.
/// `resource` makes the resource of a row.
///
/// >>> import scim_engine as scim
/// >>> from scim_engine.sql import Column, Mapping
/// >>> users = Mapping(scim.USER, "users", {"id": Column.digits("id"), "active": Column.boolean("is_active")})
/// >>> reading = users.reading()
/// >>> reading.columns
/// [('id', 'digits'), ('is_active', 'boolean')]
/// >>> reading.resource([7, 1], [])
/// {'schemas': ['urn:ietf:params:scim:schemas:core:2.0:User'], 'id': '7', 'active': True}
#[pyclass(frozen, module = "scim_engine.sql", name = "Reading")]
pub(super) struct PyReading(Reading);

impl PyReading {
    pub(super) fn new(mapping: &Mapping, needs: Option<&PyNeeds>) -> PyResult<Self> {
        let is_needed = |path: &str| needs.is_none_or(|needs| needs.0.attribute(path));
        let mut reading = mapping.reading(is_needed).map_err(|error| PyValueError::new_err(error.to_string()))?;
        if let Some(needs) = needs {
            let paths: Vec<String> = reading.lists.iter().map(|list| list.path.clone()).collect();
            for path in paths {
                match needs.0.elements(&path) {
                    Elements::All => {}
                    Elements::None => reading.among(&path, &[]),
                    Elements::Of(values) => reading.among(&path, values),
                }
            }
        }
        Ok(Self(reading))
    }
}

#[pymethods]
impl PyReading {
    /// What to select of the table, in this order: pairs of a source, as in `Where.tree`, and the form in which the
    /// value is stored.
    #[getter]
    fn columns<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        columns(py, &self.0.columns)
    }

    /// The lists, each a dict: its `path`; `rows`, as in `Where.tree`; `columns`, what to select of them; `position`,
    /// what they are in order by, or `None`; `written`, whether clients can change the list; `among`, a dict with a
    /// `source`, its form `stored` and `values`, of which one is there in the rows that are needed, or `None` if all
    /// are.
    #[getter]
    fn lists<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyDict>>> {
        self.0.lists.iter().map(|list| list_reading(py, list)).collect()
    }

    /// The resource of a row: the values of `columns`, and for each of `lists` the values of its rows.
    ///
    /// Raises `ValueError` for a column that does not hold what the mapping says.
    #[pyo3(signature = (row, lists, /))]
    fn resource<'py>(
        &self,
        py: Python<'py>,
        row: Vec<Bound<'py, PyAny>>,
        lists: Vec<Vec<Vec<Bound<'py, PyAny>>>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let row = given(row)?;
        let lists = lists.into_iter().map(|rows| rows.into_iter().map(given).collect::<PyResult<_>>());
        let found = self.0.resource(row, lists.collect::<PyResult<_>>()?);
        to_python(py, &found.map_err(|error| PyValueError::new_err(error.to_string()))?)
    }

    /// The version of a row, as an ETag; `None` if the mapping has none.
    #[pyo3(signature = (row, /))]
    fn version(&self, row: Vec<Bound<'_, PyAny>>) -> PyResult<Option<String>> {
        Ok(self.0.version(&given(row)?))
    }

    #[expect(clippy::unused_self, reason = "a method of Python's protocol")]
    fn __reduce__(&self) -> PyResult<()> {
        Err(super::travel::refused("a `Reading` is not pickled"))
    }
}

fn columns<'py>(py: Python<'py>, columns: &[(crate::sql::Source, Stored)]) -> PyResult<Bound<'py, PyList>> {
    let list = PyList::empty(py);
    for (source, stored) in columns {
        list.append((source_of(py, source)?, stored_of(*stored)))?;
    }
    Ok(list)
}

fn list_reading<'py>(py: Python<'py>, list: &ListReading) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    dict.set_item("path", &list.path)?;
    dict.set_item("rows", rows_of(py, &list.rows)?)?;
    dict.set_item("columns", columns(py, &list.columns)?)?;
    dict.set_item("position", list.position.as_ref().map(|source| source_of(py, source)).transpose()?)?;
    dict.set_item("written", list.is_written)?;
    let among = list.among.as_ref().map(|among| {
        let dict = PyDict::new(py);
        dict.set_item("source", source_of(py, &among.source)?)?;
        dict.set_item("stored", stored_of(among.stored))?;
        let values = among.values.iter().map(|value| held(py, among.stored, Some(value)));
        dict.set_item("values", values.collect::<PyResult<Vec<_>>>()?)?;
        Ok::<_, PyErr>(dict)
    });
    dict.set_item("among", among.transpose()?)?;
    Ok(dict)
}

fn given(row: Vec<Bound<'_, PyAny>>) -> PyResult<Vec<Option<SqlValue>>> {
    row.iter().map(value_of).collect()
}

/// What a driver gives for a column.
pub(super) fn value_of(value: &Bound<'_, PyAny>) -> PyResult<Option<SqlValue>> {
    if value.is_none() {
        return Ok(None);
    }
    if let Ok(value) = value.cast::<PyBool>() {
        return Ok(Some(SqlValue::Bool(value.is_true())));
    }
    if value.is_instance_of::<PyInt>() {
        return Ok(Some(SqlValue::Integer(value.extract()?)));
    }
    if let Ok(text) = value.extract::<String>() {
        return Ok(Some(SqlValue::Text(text)));
    }
    if let Ok(number) = value.cast::<PyFloat>() {
        return Ok(Some(SqlValue::Float(number.value())));
    }
    if value.is_instance_of::<PyDict>() {
        return Ok(Some(SqlValue::Text(super::convert::ObjectReader::stored().read(value.clone())?.to_string())));
    }
    let py = value.py();
    let is = |module: &str, class: &str| value.is_instance(&py.import(module)?.getattr(class)?);
    if is("decimal", "Decimal")? || is("uuid", "UUID")? {
        return Ok(Some(SqlValue::Text(value.str()?.extract()?)));
    }
    if is("datetime", "datetime")? {
        let (class, zone) = (py.import("datetime")?.getattr("datetime")?, value.getattr("tzinfo")?);
        // A datetime without a zone is in UTC.
        let epoch = class.call_method1("fromtimestamp", (0, py.import("datetime")?.getattr("UTC")?))?;
        let epoch = if zone.is_none() { epoch.call_method("replace", (), Some(&no_zone(py)?))? } else { epoch };
        let one = py.import("datetime")?.getattr("timedelta")?.call1((0, 0, 1))?;
        return Ok(Some(SqlValue::Integer(value.sub(epoch)?.floor_div(one)?.extract()?)));
    }
    Err(PyTypeError::new_err(format!(
        "a value of a row has the type `{}`, which no column has",
        value.get_type().name()?
    )))
}

fn no_zone(py: Python<'_>) -> PyResult<Bound<'_, PyDict>> {
    let dict = PyDict::new(py);
    dict.set_item("tzinfo", py.None())?;
    Ok(dict)
}

fn epoch(py: Python<'_>) -> PyResult<Bound<'_, PyDateTime>> {
    PyDateTime::new(py, 1970, 1, 1, 0, 0, 0, 0, Some(&*PyTzInfo::utc(py)?))
}

/// A value as a driver takes it for what is stored in this form.
fn held<'py>(py: Python<'py>, stored: Stored, value: Option<&SqlValue>) -> PyResult<Bound<'py, PyAny>> {
    match (stored, value) {
        (_, None) => Ok(py.None().into_bound(py)),
        (Stored::Timestamp | Stored::UtcTimestamp, Some(SqlValue::Integer(micros))) => {
            let more = PyDict::new(py);
            more.set_item("microseconds", micros)?;
            let time = epoch(py)?.add(py.import("datetime")?.getattr("timedelta")?.call((), Some(&more))?)?;
            if stored == Stored::Timestamp {
                return Ok(time);
            }
            time.call_method("replace", (), Some(&no_zone(py)?))
        }
        (Stored::Uuid, Some(SqlValue::Text(text))) => py.import("uuid")?.getattr("UUID")?.call1((text,)),
        (Stored::Decimal, Some(SqlValue::Text(text))) => py.import("decimal")?.getattr("Decimal")?.call1((text,)),
        (Stored::Json, Some(SqlValue::Text(text))) => {
            let value: Value = serde_json::from_str(text).map_err(|error| PyValueError::new_err(error.to_string()))?;
            to_python(py, &value)
        }
        (_, Some(value)) => bound(py, value),
    }
}

/// A column and its value.
pub(super) fn pair<'py>(py: Python<'py>, one: &Assignment) -> PyResult<(String, Bound<'py, PyAny>)> {
    Ok((one.column.as_ref().to_owned(), held(py, one.stored, one.value.as_ref())?))
}

pub(super) fn row<'py>(py: Python<'py>, assignments: &[Assignment]) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    for one in assignments {
        let (column, value) = pair(py, one)?;
        dict.set_item(column, value)?;
    }
    Ok(dict)
}

/// What to write, as `Mapping.insertion` describes it.
pub(super) fn writing<'py>(py: Python<'py>, writing: &Writing) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    dict.set_item("columns", row(py, &writing.columns)?)?;
    dict.set_item("expected", writing.expected.as_ref().map(|expected| pair(py, expected)).transpose()?)?;
    let lists = PyList::empty(py);
    for list in &writing.lists {
        let source =
            crate::sql::RowSource::Table { name: list.table.clone(), on: list.on.clone(), only: list.only.clone() };
        let said = rows_of(py, &source)?.cast_into::<PyDict>()?;
        said.set_item("path", &list.path)?;
        let all = |rows: &[Vec<Assignment>]| rows.iter().map(|one| row(py, one)).collect::<PyResult<Vec<_>>>();
        said.set_item("deleted", all(&list.deleted)?)?;
        let pairs = list.updated.iter().map(|(known, new)| Ok::<_, PyErr>((row(py, known)?, row(py, new)?)));
        said.set_item("updated", pairs.collect::<PyResult<Vec<_>>>()?)?;
        said.set_item("inserted", all(&list.inserted)?)?;
        lists.append(said)?;
    }
    dict.set_item("lists", lists)?;
    let references = PyList::empty(py);
    for reference in &writing.references {
        let said = PyDict::new(py);
        said.set_item("types", reference.resource_types.iter().map(AsRef::as_ref).collect::<Vec<&str>>())?;
        said.set_item("id", &reference.id)?;
        said.set_item("path", &reference.path)?;
        said.set_item("missing", error::scim(py, &reference.missing()).into_value(py))?;
        said.set_item("value", held(py, reference.value.stored, reference.value.value.as_ref())?)?;
        references.append(said)?;
    }
    dict.set_item("references", references)?;
    dict.set_item("unchanged", writing.is_unchanged)?;
    Ok(dict)
}

/// Where the ids of resources of a type are stored.
pub(super) fn references<'py>(
    py: Python<'py>,
    mapping: &Mapping,
    resource_type: &str,
) -> PyResult<Vec<(Bound<'py, PyAny>, String)>> {
    let mut found = Vec::new();
    for (rows, column) in mapping.references(resource_type) {
        let rows = match rows {
            Some(rows) => rows_of(py, rows)?,
            None => py.None().into_bound(py),
        };
        found.push((rows, column.to_owned()));
    }
    Ok(found)
}

/// The column of the `id`, and what it has if a resource has this one.
pub(super) fn identified<'py>(
    py: Python<'py>,
    mapping: &Mapping,
    id: &str,
) -> PyResult<Option<(String, Bound<'py, PyAny>)>> {
    let found = mapping.identified(id).map_err(|error| PyValueError::new_err(error.to_string()))?;
    found.as_ref().map(|one| pair(py, one)).transpose()
}
