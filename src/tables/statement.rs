//! One statement that is being written.

use std::sync::Arc;

use crate::sql::{
    Assignment, Dialect, Only, OrderBy, Placeholders, Source, SqlText, SqlValue, Stored, Where, WriteError, Writer,
    quoted,
};

/// A statement on a table. What is written goes to its end.
#[derive(Clone)]
pub(super) struct Statement {
    writer: Writer,
    table: String,
    /// Why it cannot be written: the database has no type for a column.
    error: Option<WriteError>,
}

impl Statement {
    pub fn new(dialect: Dialect, placeholders: Placeholders, table: &str) -> Self {
        Self { writer: Writer::new(dialect, placeholders, table), table: quoted(table), error: None }
    }

    pub fn finish(self) -> Result<SqlText, WriteError> {
        self.error.map_or(Ok(self.writer.out), Err)
    }

    fn checked(mut self, written: Result<(), WriteError>) -> Self {
        self.error = self.error.or(written.err());
        self
    }

    /// Words of SQL.
    pub fn raw(mut self, text: &str) -> Self {
        self.writer.raw(text);
        self
    }

    /// The name of a table or column.
    pub fn name(self, name: &str) -> Self {
        self.raw(&quoted(name))
    }

    /// Names with commas between.
    pub fn names<'n>(self, names: impl IntoIterator<Item = &'n str>) -> Self {
        let names: Vec<String> = names.into_iter().map(quoted).collect();
        self.raw(&names.join(", "))
    }

    /// What holds values, with commas between.
    pub fn sources<'s>(mut self, sources: impl IntoIterator<Item = (&'s Source, Stored)>) -> Self {
        for (at, (source, stored)) in sources.into_iter().enumerate() {
            self.writer.raw(if at == 0 { "" } else { ", " });
            self.writer.source(source, stored, &self.table);
        }
        self
    }

    /// A value, as it is stored.
    pub fn value(mut self, stored: Stored, value: Option<&SqlValue>) -> Self {
        let Some(value) = value else { return self.raw("NULL") };
        let written = self.writer.bind(stored, value);
        self.checked(written)
    }

    /// The values of columns, with commas between.
    pub fn values(self, columns: &[Assignment]) -> Self {
        columns.iter().enumerate().fold(self, |statement, (at, one)| {
            statement.raw(if at == 0 { "" } else { ", " }).value(one.stored, one.value.as_ref())
        })
    }

    /// What columns get, with commas between.
    pub fn set(self, columns: &[Assignment]) -> Self {
        columns.iter().enumerate().fold(self, |statement, (at, one)| {
            let statement = statement.raw(if at == 0 { "" } else { ", " }).name(&one.column);
            statement.raw(" = ").value(one.stored, one.value.as_ref())
        })
    }

    /// What columns have, NULL too, each behind `AND`.
    pub fn has(self, columns: &[Assignment]) -> Self {
        columns.iter().fold(self, |statement, one| {
            let statement = statement.raw(" AND ").name(&one.column);
            match &one.value {
                Some(value) => statement.raw(" = ").value(one.stored, Some(value)),
                None => statement.raw(" IS NULL"),
            }
        })
    }

    /// A condition on the table.
    pub fn condition(mut self, condition: &Where) -> Self {
        let written = self.writer.condition(condition, &self.table, 0);
        self.checked(written)
    }

    /// What is sorted by.
    pub fn order(mut self, order: &OrderBy) -> Self {
        order.write(&mut self.writer, &self.table);
        self
    }

    /// Values of which one is there, with commas between.
    pub fn each(self, stored: Stored, values: &[SqlValue]) -> Self {
        values.iter().enumerate().fold(self, |statement, (at, value)| {
            statement.raw(if at == 0 { "" } else { ", " }).value(stored, Some(value))
        })
    }

    /// Which rows of a list belong to some rows of a table: what other columns have, and `(own) IN (SELECT outer FROM table
    /// WHERE …)` with conditions on the table.
    pub fn belong(
        mut self,
        table: &str,
        on: &[(Arc<str>, Arc<str>)],
        only: &[(Arc<str>, Only)],
        conditions: impl FnOnce(Self) -> Self,
    ) -> Self {
        let list = std::mem::replace(&mut self.table, quoted(table));
        self.writer.only(only, &list, "");
        let statement = self.raw(if only.is_empty() { "(" } else { " AND (" });
        let statement = statement.names(on.iter().map(|(own, _)| &**own)).raw(") IN (SELECT ");
        let statement = statement.names(on.iter().map(|(_, outer)| &**outer)).raw(" FROM ").name(table);
        let statement = conditions(statement.raw(" WHERE TRUE")).raw(")");
        Self { table: list, ..statement }
    }

    /// What other columns of the rows of a list have, each behind a comma.
    pub fn held(self, only: &[(Arc<str>, Only)]) -> Self {
        only.iter().fold(self, |statement, (_, value)| {
            let (stored, value) = match value {
                Only::Null => (Stored::Text, None),
                Only::Bool(value) => (Stored::Boolean, Some(SqlValue::Bool(*value))),
                Only::Integer(value) => (Stored::Integer, Some(SqlValue::Integer(*value))),
                Only::Text(value) => (Stored::Text, Some(SqlValue::Text(value.clone()))),
                Only::Uuid(value) => (Stored::Uuid, Some(SqlValue::Text(value.clone()))),
            };
            statement.raw(", ").value(stored, value.as_ref())
        })
    }
}
