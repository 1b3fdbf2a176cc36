//! `scim_engine.sql`: filters as conditions over the columns of a database.

use pyo3::IntoPyObjectExt as _;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyString};

use super::calls::{PyInsert, PyNeeds, PyUpdate};
use super::columns::{PyColumn, PyRows, fixed};
use super::error;
use super::filter::PyFilter;
use super::records::{PyReading, identified, pair, references, row, value_of, writing};
use super::resource_type::{PyResourceType, stored};
use super::settings::Settings;
use super::where_tree::{order_key, to_python, tree};
use crate::endpoint::{Insert, Update};
use crate::sql::{Dialect, Mapping, MappingBuilder, OrderBy, Placeholders, Selects, SqlText, Where, Widest};

/// Where a platform stores the attributes of a resource type: a table, its columns, and the tables of multi-valued
/// attributes. It is checked once, here.
///
/// `columns` has an entry for each attribute, by its path (`userName`, `name.familyName`,
/// `urn:...:User:department`): a `Column`; for a multi-valued attribute `Rows`; a `str`, or a list of them, if it
/// is the same in every resource; `None` if it is never assigned. With `schemas`, the attribute `schemas` has the
/// URN of the core schema, and that of each extension of which something is assigned. With `complete`, nothing else
/// is stored: a filter on another attribute finds it unassigned, and is not refused. With `tailored`, the resource type
/// of the mapping is cut down to what is named, and what an expression gives is `readOnly`. `key` is the column that
/// tells rows from each other: orders end with it. `version` is a column whose number grows with each change; without
/// it, the version of a resource is `meta.lastModified`. `rest` is the column of a JSON object with all that is not in
/// `columns`, and `rest_folded` that of its folded copy, which filters on it need.
///
/// Raises `ValueError` with the attribute, if the mapping does not suit the resource type.
///
/// >>> import scim_engine as scim
/// >>> from scim_engine.sql import Column, Mapping, Rows
/// >>> users = Mapping(scim.USER, "users", {
/// ...     "userName": Column.text("user_name", folded="user_name_key"),
/// ...     "active": Column.boolean("active"),
/// ...     "emails": Rows("emails", {"value": Column.folded("address_key")}, on={"user_id": "id"}),
/// ... })
/// >>> users.bind('userName eq "Ann" and active eq true').sql("postgresql", "dollar")
/// ('("users"."user_name_key" = CAST($1 AS text) AND "users"."active" IS TRUE)', ['ann'])
#[pyclass(frozen, module = "scim_engine.sql", name = "Mapping")]
pub(super) struct PyMapping(Mapping);

#[pymethods]
impl PyMapping {
    #[new]
    #[pyo3(signature = (resource_type, table, columns, *, key=None, version=None, rest=None, rest_folded=None, schemas=false, complete=false, tailored=false))]
    #[expect(clippy::too_many_arguments, reason = "they have names in Python")]
    fn new(
        resource_type: &Bound<'_, PyResourceType>,
        table: &str,
        columns: &Bound<'_, PyDict>,
        key: Option<&Bound<'_, PyColumn>>,
        version: Option<&Bound<'_, PyColumn>>,
        rest: Option<&str>,
        rest_folded: Option<&str>,
        schemas: bool,
        complete: bool,
        tailored: bool,
    ) -> PyResult<Self> {
        let mut builder = Mapping::builder(&resource_type.get().0, table);
        for (path, field) in columns {
            let path = path.extract::<String>()?;
            builder = if field.is_none() {
                builder.unassigned(&path)
            } else if let Ok(column) = field.cast::<PyColumn>() {
                builder.column(&path, column.get().0.clone())
            } else if let Ok(rows) = field.cast::<PyRows>() {
                builder.rows(&path, rows.get().0.clone())
            } else if let Some(value) = fixed(&field) {
                builder.fixed(&path, [value.as_str()])
            } else if let Ok(texts) = field.extract::<Vec<String>>() {
                builder.fixed(&path, texts.iter().map(String::as_str))
            } else {
                let found = field.get_type().name()?.to_string();
                let message =
                    format!("`{path}` is stored in a Column or in Rows, is a text, a bool or None, not `{found}`");
                return Err(PyTypeError::new_err(message));
            };
        }
        if let Some(key) = key {
            builder = builder.key(key.get().0.clone());
        }
        if let Some(version) = version {
            builder = builder.version(version.get().0.clone());
        }
        builder = rest.into_iter().fold(builder, MappingBuilder::rest);
        builder = rest_folded.into_iter().fold(builder, MappingBuilder::rest_folded);
        if tailored {
            builder = builder.tailored();
        }
        if schemas {
            builder = builder.schemas();
        }
        if complete {
            builder = builder.complete();
        }
        builder.build().map(Self).map_err(|error| PyValueError::new_err(error.to_string()))
    }

    /// The mapping of a JSON column that holds the folded copies of documents, which `fold` makes.
    #[staticmethod]
    #[pyo3(signature = (resource_type, table, column, *, key=None))]
    fn of_folded(
        resource_type: &Bound<'_, PyResourceType>,
        table: &str,
        column: &str,
        key: Option<&Bound<'_, PyColumn>>,
    ) -> PyResult<Self> {
        let builder = Mapping::of_folded(&resource_type.get().0, table, column);
        let builder = key.into_iter().fold(builder, |builder, key| builder.key(key.get().0.clone()));
        builder.build().map(Self).map_err(|error| PyValueError::new_err(error.to_string()))
    }

    /// The resource type.
    #[getter]
    fn resource_type(&self) -> PyResourceType {
        PyResourceType(self.0.resource_type().clone())
    }

    /// The name of the table.
    #[getter]
    fn table(&self) -> &str {
        self.0.table()
    }

    /// The filter as a condition over columns that selects the rows that match, and no others. A text is compiled
    /// for the resource type of the mapping.
    ///
    /// Raises `BindError` if the mapping cannot say the filter exactly: no column is named for an attribute, or it
    /// does not hold the value as the filter compares it.
    #[pyo3(signature = (filter, /))]
    fn bind(&self, py: Python<'_>, filter: &Bound<'_, PyAny>) -> PyResult<PyWhere> {
        let filter = self.filter(filter)?;
        let bound = self.0.bind(filter.get().matcher()).map_err(|raised| error::of_bind(py, &raised))?;
        Ok(PyWhere { condition: bound, table: self.0.table().to_owned() })
    }

    /// The filter as a condition over columns that selects every row that matches, and maybe others. What the
    /// mapping cannot say is taken to hold.
    #[pyo3(signature = (filter, /))]
    fn bind_widest(&self, py: Python<'_>, filter: &Bound<'_, PyAny>) -> PyResult<PyWidest> {
        let filter = self.filter(filter)?;
        let widest = self.0.bind_widest(filter.get().matcher()).map_err(|raised| error::of_bind(py, &raised))?;
        Ok(PyWidest { widest, filter: filter.unbind(), table: self.0.table().to_owned() })
    }

    /// The order of rows by an attribute, if one is given, and by the key of the table.
    ///
    /// Raises `BindError` if no column holds the attribute as it is compared, or the mapping has no `key`.
    #[pyo3(signature = (attribute=None, *, descending=false))]
    fn order_by(&self, py: Python<'_>, attribute: Option<&str>, descending: bool) -> PyResult<PyOrderBy> {
        let order = self.0.order_by(attribute, descending).map_err(|raised| error::of_bind(py, &raised))?;
        Ok(PyOrderBy { order, table: self.0.table().to_owned() })
    }

    /// What to read for resources: of the attributes that are needed, or of all.
    ///
    /// Raises `ValueError` for an attribute that a filter can ask for, but that cannot be shown: of a text only the
    /// folded form is stored, or it is in a JSON column.
    #[pyo3(signature = (needs=None, /))]
    fn reading(&self, needs: Option<&Bound<'_, PyNeeds>>) -> PyResult<PyReading> {
        PyReading::new(&self.0, needs.map(Bound::get))
    }

    /// What to write for a new resource, as a dict:
    ///
    /// - `columns`: the values of the columns of the table, by their names;
    /// - `expected`: the column of the version and what it must still have, or `None` for a new resource;
    /// - `lists`: for each list that changes a dict with its `path` and `table`; `on`, pairs of a column of that table
    ///   and one of the table of the resource, which are equal; `only`, what other columns have; `deleted`, what rows
    ///   to delete have in their columns; `updated`, pairs of what a row has and what it gets; `inserted`, new rows;
    /// - `references`: the resources that must exist, each a dict with the `types` that it may have, its `id`, `path`,
    ///   and the `value` of the column and `missing`, the exception if there is none;
    /// - `unchanged`: whether a change leaves all rows as they are, but for the version and the time.
    ///
    /// Raises `InvalidValue` for what the columns cannot hold.
    #[pyo3(signature = (insert, /))]
    fn insertion<'py>(&self, py: Python<'py>, insert: &Bound<'py, PyInsert>) -> PyResult<Bound<'py, PyDict>> {
        let Insert { resource, now, .. } = &insert.get().0;
        writing(py, &self.0.insertion(resource, *now).map_err(|raised| error::scim(py, &raised))?)
    }

    /// What to write for a changed resource: of the columns those of its changes. See `insertion` for its form.
    #[pyo3(signature = (update, /))]
    fn alteration<'py>(&self, py: Python<'py>, update: &Bound<'py, PyUpdate>) -> PyResult<Bound<'py, PyDict>> {
        let Update { resource, outcome, version, now, .. } = &update.get().0;
        let written = self.0.alteration(resource, &outcome.changes, version, *now);
        writing(py, &written.map_err(|raised| error::scim(py, &raised))?)
    }

    /// The column of the version, and what it has if a resource has this version; `None` if no resource can.
    #[pyo3(signature = (version, /))]
    fn expected<'py>(&self, py: Python<'py>, version: &str) -> PyResult<Option<(String, Bound<'py, PyAny>)>> {
        self.0.expected(version).map(|expected| pair(py, &expected)).transpose()
    }

    /// The name of the column of the `id`.
    ///
    /// Raises `ValueError` if no column has the `id`.
    #[getter]
    fn id_column(&self) -> PyResult<&str> {
        self.0.id_column().map_err(|error| PyValueError::new_err(error.to_string()))
    }

    /// What the columns of a row get that changes without a change of its resource's own columns: the name of one that
    /// grows by 1, or `None`, and the values of others.
    #[pyo3(signature = (now, /))]
    fn touch<'py>(&self, py: Python<'py>, now: &Bound<'py, PyAny>) -> PyResult<(Option<&str>, Bound<'py, PyDict>)> {
        let (grows, columns) = self.0.touch(super::clock::now(Some(now))?);
        Ok((grows, row(py, &columns)?))
    }

    /// Where the ids of resources of a type are stored: pairs of rows (`None` for the table itself) and a column.
    #[pyo3(signature = (resource_type, /))]
    fn references<'py>(&self, py: Python<'py>, resource_type: &str) -> PyResult<Vec<(Bound<'py, PyAny>, String)>> {
        references(py, &self.0, resource_type)
    }

    /// The column of the `id`, and what it has if a resource has this one; `None` if no resource can.
    ///
    /// Raises `ValueError` if no column has the `id`.
    #[pyo3(signature = (id, /))]
    fn identified<'py>(&self, py: Python<'py>, id: &str) -> PyResult<Option<(String, Bound<'py, PyAny>)>> {
        identified(py, &self.0, id)
    }

    /// Statements that make what the filters and orders of provisioning clients need: unique indexes for attributes
    /// that are unique (`userName`), indexes for `id`, `externalId` and `meta.lastModified`, and for the rows of
    /// multi-valued attributes. In PostgreSQL, texts get the collation `C`, so that one index serves equality, order
    /// and `sw`. They are a proposal: a table that several tenants share needs its tenant in the unique indexes.
    fn recommended_ddl(&self, dialect: &str) -> PyResult<Vec<String>> {
        Ok(self.0.recommended_ddl(Style::new(dialect, None, 1, "scim")?.dialect))
    }
}

impl PyMapping {
    fn filter<'py>(&self, given: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyFilter>> {
        if let Ok(filter) = given.cast::<PyFilter>() {
            return Ok(filter.clone());
        }
        let text = given.cast::<PyString>().map_err(|_| PyTypeError::new_err("a filter is a Filter or a str"))?;
        let resource_type = Some(self.0.resource_type().clone());
        let text = super::text::text(text, crate::error::ScimType::InvalidFilter)?;
        Bound::new(given.py(), PyFilter::build(given.py(), &text, resource_type, Settings::default())?)
    }
}

/// A copy of a document in which each value is as filters compare it, to be stored in a JSON column beside the
/// document.
///
/// It has the known attributes in the schema's spelling: texts folded, dateTimes as microseconds (and, with a `~`
/// behind the name, their folded text), lists as lists of objects, and for a secret only that it is set. What a
/// column could not hold is left out: values of another type than the schema's, whole numbers beyond 64 bits, and
/// dateTimes that microseconds since 1970 do not reach in 64 bits; a fraction is cut after microseconds. If its
/// member `~version` is not `FOLD_VERSION`, a copy must be made anew.
///
/// >>> import scim_engine as scim
/// >>> from scim_engine.sql import Mapping, fold
/// >>> fold({"UserName": "Ann", "roles": ["Clerk"], "shoeSize": 43}, scim.USER)
/// {'userName': 'ann', 'roles': [{'value': 'clerk'}], '~version': 1}
/// >>> print(Mapping.of_folded(scim.USER, "users", "folded").bind('userName eq "ANN"').sql("sqlite")[0])
/// json_extract("users"."folded", '$."userName"') COLLATE BINARY = ?
#[pyfunction]
#[pyo3(signature = (document, resource_type, /))]
pub(super) fn fold<'py>(
    document: Bound<'py, PyAny>,
    resource_type: &Bound<'py, PyResourceType>,
) -> PyResult<Bound<'py, PyAny>> {
    let py = document.py();
    let document = stored(py, document)?;
    if !document.is_object() {
        return Err(PyTypeError::new_err("a document must be a mapping or JSON text of an object"));
    }
    super::convert::to_python(py, &crate::sql::fold(&document, &resource_type.get().0))
}

/// A condition over the columns of a mapping, in negation normal form: only tests and quantifiers are negated. A
/// test of NULL does not hold, and a negated one does.
#[pyclass(frozen, module = "scim_engine.sql", name = "Where")]
pub(super) struct PyWhere {
    condition: Where,
    table: String,
}

#[pymethods]
impl PyWhere {
    /// Which rows the condition selects, as far as it is known without a database: `"none"`, `"all"` or `"some"`.
    #[getter]
    fn selects(&self) -> &'static str {
        match self.condition.selects() {
            Selects::None => "none",
            Selects::All => "all",
            Selects::Some => "some",
        }
    }

    /// The text of the condition, to stand behind `WHERE`, and the values of its placeholders: a list, or a dict if
    /// the placeholders have names.
    ///
    /// `dialect` is `"postgresql"`, `"sqlite"` or `"duckdb"`. `style` is that of the driver: `"qmark"` (`?`),
    /// `"numeric"` (`:1`), `"dollar"` (`$1`), `"format"` (`%s`), `"named"` (`:scim_1`) or `"pyformat"`
    /// (`%(scim_1)s`); the default is that of the usual driver. `first` is the first number, `name` what names
    /// begin with.
    ///
    /// Raises `ValueError` if the database has no type for a column of the mapping.
    #[pyo3(signature = (dialect, style=None, *, first=1, name="scim"))]
    fn sql<'py>(
        &self,
        py: Python<'py>,
        dialect: &str,
        style: Option<&str>,
        first: usize,
        name: &str,
    ) -> PyResult<(String, Bound<'py, PyAny>)> {
        let style = Style::new(dialect, style, first, name)?;
        let text = self.condition.to_sql(&self.table, style.dialect, style.placeholders.clone());
        style.given(py, text.map_err(|error| PyValueError::new_err(error.to_string()))?)
    }

    /// The condition as one path of PostgreSQL's `jsonb`, if it is over the folded copies of documents: bind it, as in
    /// `folded @? %s::jsonpath`. An index `using gin (folded jsonb_path_ops)` finds what is compared for equality.
    ///
    /// Raises `ValueError` if a value is elsewhere than in a JSON column.
    ///
    /// >>> import scim_engine as scim
    /// >>> from scim_engine.sql import Mapping
    /// >>> Mapping.of_folded(scim.USER, "users", "folded").bind('emails.type eq "Work"').jsonpath()
    /// '$ ? (exists(@."emails"[*] ? (@."type" == "work")))'
    fn jsonpath(&self) -> PyResult<String> {
        self.condition.to_jsonpath().map_err(|error| PyValueError::new_err(error.to_string()))
    }

    /// The condition as data, for adapters: a `dict` with one key, `all` or `any` (a list of conditions),
    /// `constant` (a `bool`), `exists` or `test`.
    ///
    /// `exists` has `rows`, `within` (a condition over the columns of one row) and `negated`. `test` has `source`,
    /// `stored` (`"text"`, `"folded"`, `"boolean"`, ...), `op` (`"not_null"`, `"is"`, `"="`, `">"`, `">="`, `"<"`,
    /// `"<="`, `"in"`, `"contains"`, `"starts_with"`, `"ends_with"`), `value` and `negated`. An instant is an `int`
    /// of microseconds since 1970.
    fn tree<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        tree(py, &self.condition)
    }

    fn __repr__(&self) -> String {
        format!("<Where: {} of `{}`>", self.selects(), self.table)
    }
}

/// A condition that selects every row that matches a filter, and maybe others.
#[pyclass(frozen, module = "scim_engine.sql", name = "Widest")]
pub(super) struct PyWidest {
    widest: Widest,
    filter: Py<PyFilter>,
    table: String,
}

#[pymethods]
impl PyWidest {
    /// The condition. Unless `is_exact`, each row that it selects must be matched by `residual`, so the database
    /// can neither count the rows nor choose a page of them.
    #[getter]
    fn candidates(&self) -> PyWhere {
        PyWhere { condition: self.widest.candidates().clone(), table: self.table.clone() }
    }

    /// Whether the condition selects the rows that match, and no others.
    #[getter]
    fn is_exact(&self) -> bool {
        self.widest.is_exact()
    }

    /// The filter that each row must match that the condition selects; `None` if the condition is exact.
    #[getter]
    fn residual(&self, py: Python<'_>) -> Option<Py<PyFilter>> {
        self.widest.residual().map(|_| self.filter.clone_ref(py))
    }
}

/// The order of rows: by the attribute of `sortBy`, if any, and then by the key of the table.
#[pyclass(frozen, module = "scim_engine.sql", name = "OrderBy")]
pub(super) struct PyOrderBy {
    order: OrderBy,
    table: String,
}

#[pymethods]
impl PyOrderBy {
    /// The text of the order, to stand behind `ORDER BY`, and the values of its placeholders, as for `Where.sql`.
    #[pyo3(signature = (dialect, style=None, *, first=1, name="scim"))]
    fn sql<'py>(
        &self,
        py: Python<'py>,
        dialect: &str,
        style: Option<&str>,
        first: usize,
        name: &str,
    ) -> PyResult<(String, Bound<'py, PyAny>)> {
        let style = Style::new(dialect, style, first, name)?;
        let text = self.order.to_sql(&self.table, style.dialect, style.placeholders.clone());
        style.given(py, text.map_err(|error| PyValueError::new_err(error.to_string()))?)
    }

    /// The condition for the rows after one that has these values of the `keys`, in their order. So a page begins
    /// where the last one ended, however many pages precede it.
    ///
    /// The values are those that a driver gives; an instant may also be an `int` of microseconds since 1970. Raises
    /// `ValueError` if the rows are sorted by an attribute with several values, if there are not as many values, or if
    /// one is not of the type that is stored.
    #[pyo3(signature = (values, /))]
    fn after(&self, values: Vec<Bound<'_, PyAny>>) -> PyResult<PyWhere> {
        let values = values.iter().map(value_of).collect::<PyResult<Vec<_>>>()?;
        match self.order.after(&values) {
            Some(condition) => Ok(PyWhere { condition, table: self.table.clone() }),
            None => Err(PyValueError::new_err(
                "the order has no such place: it needs one value for each of its `keys`, of the type that is stored, and no attribute with several values",
            )),
        }
    }

    /// The parts of the order: `source`, `stored`, `descending`, `not_null`, and `first_of`, which has the `rows`,
    /// `primary` and `position` of a multi-valued attribute, or is `None`.
    #[getter]
    fn keys<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        PyList::new(py, self.order.keys().iter().map(|key| order_key(py, key)).collect::<PyResult<Vec<_>>>()?)
    }
}

/// How a text is written.
struct Style {
    dialect: Dialect,
    placeholders: Placeholders,
    /// What the names of values begin with, if they have names.
    name: Option<String>,
}

impl Style {
    fn new(dialect: &str, style: Option<&str>, first: usize, name: &str) -> PyResult<Self> {
        let (dialect, usual) = match dialect {
            "postgresql" => (Dialect::PostgreSql, "format"),
            "sqlite" => (Dialect::Sqlite, "qmark"),
            "duckdb" => (Dialect::DuckDb, "qmark"),
            other => {
                let message = format!("`{other}` is not a dialect: it is `postgresql`, `sqlite` or `duckdb`");
                return Err(PyValueError::new_err(message));
            }
        };
        let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic())
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        if !is_name {
            return Err(PyValueError::new_err(format!("`{name}` is not a name of letters, digits and `_`")));
        }
        let placeholders = match style.unwrap_or(usual) {
            "qmark" => Placeholders::Question,
            "numeric" => Placeholders::ColonNumbered(first),
            "dollar" => Placeholders::Dollar(first),
            "format" => Placeholders::Percent,
            "named" => Placeholders::Colon(name.to_owned()),
            "pyformat" => Placeholders::PercentNamed(name.to_owned()),
            other => {
                let message = format!(
                    "`{other}` is not a style: it is `qmark`, `numeric`, `dollar`, `format`, `named` or `pyformat`"
                );
                return Err(PyValueError::new_err(message));
            }
        };
        let has_names = matches!(placeholders, Placeholders::Colon(_) | Placeholders::PercentNamed(_));
        Ok(Self { dialect, placeholders, name: has_names.then(|| name.to_owned()) })
    }

    fn given<'py>(&self, py: Python<'py>, sql: SqlText) -> PyResult<(String, Bound<'py, PyAny>)> {
        let values = match &self.name {
            None => sql
                .values
                .iter()
                .map(|value| to_python(py, value))
                .collect::<PyResult<Vec<_>>>()?
                .into_bound_py_any(py)?,
            Some(name) => {
                let dict = PyDict::new(py);
                for (at, value) in sql.values.iter().enumerate() {
                    dict.set_item(format!("{name}_{}", at + 1), to_python(py, value)?)?;
                }
                dict.into_any()
            }
        };
        Ok((sql.text, values))
    }
}
