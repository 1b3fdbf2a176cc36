//! Where a value is stored: a column, an expression over columns, or a place in a JSON column.

use std::sync::Arc;

/// Where a value is stored. A `&str` is the name of a column.
///
/// Names and expressions are part of the text of a query, so they must never come from a request.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Source {
    /// A column of this name.
    Column(Arc<str>),
    /// An expression, as it is written in a query. `{table}` stands for the quoted name of the table.
    Expression(Arc<str>),
    /// A member of the JSON document in a column: `jsonb` in PostgreSQL, `JSON` in DuckDB, text in SQLite.
    Json {
        /// The name of the column.
        column: Arc<str>,
        /// The names of the members that lead to the value. Without names the document itself is the value.
        path: Arc<[Arc<str>]>,
    },
}

impl Source {
    /// An expression over the columns of the table, for which an index should exist: `casefold({table}.title)`.
    pub fn expression(text: &str) -> Self {
        Self::Expression(text.into())
    }

    /// A member of the JSON document in a column.
    pub fn json<'n>(column: &str, path: impl IntoIterator<Item = &'n str>) -> Self {
        Self::Json { column: column.into(), path: path.into_iter().map(Arc::from).collect() }
    }
}

impl From<&str> for Source {
    fn from(name: &str) -> Self {
        Self::Column(name.into())
    }
}

impl From<String> for Source {
    fn from(name: String) -> Self {
        Self::Column(name.into())
    }
}
