//! Conditions and orders as expressions of `sea-query`, which brings them to `sqlx` and SeaORM.

use sea_query::{ArrayType, Expr, NullOrdering, Order, OrderedStatement, Value};

use super::error::WriteError;
use super::order::OrderBy;
use super::text::{Dialect, Placeholders, SqlText, Writer, quoted};
use super::where_clause::{SqlValue, Where};

impl Where {
    /// The condition as an expression of `sea-query`, for any statement that has other conditions and joins. The text is
    /// that of [`Where::to_sql`]; the statement numbers the values. `table` is the name or alias in the statement, and
    /// `dialect` the database for which the statement is built.
    ///
    /// An [expression](super::Source::expression) of the mapping must not have the sign of a placeholder (`$` in PostgreSQL,
    /// `?` in SQLite) outside of quotes.
    ///
    /// ```
    /// use scim_engine::sql::{Column, Dialect, Mapping};
    /// use scim_engine::{Filter, ResourceType};
    /// use sea_query::{Query, SqliteQueryBuilder};
    /// let user = ResourceType::user();
    /// let mapping = Mapping::builder(&user, "users").column("userName", Column::folded("user_name_key")).build()?;
    /// let filter: Filter = r#"userName eq "Ann""#.parse()?;
    /// let condition = mapping.bind(&filter.compile(&user)?)?;
    /// let mut query = Query::select();
    /// query.column("id").from("users").and_where(condition.to_sea_query("users", Dialect::Sqlite)?);
    /// assert_eq!(
    ///     query.to_string(SqliteQueryBuilder),
    ///     r#"SELECT "id" FROM "users" WHERE "users"."user_name_key" COLLATE BINARY = 'ann'"#
    /// );
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`WriteError`] if the database has no type for a column of the mapping.
    pub fn to_sea_query(&self, table: &str, dialect: Dialect) -> Result<Expr, WriteError> {
        Ok(expr(self.to_sql(table, dialect, placeholders(dialect))?))
    }
}

impl OrderBy {
    /// Adds the order to a statement of `sea-query`, as [`OrderBy::to_sql`] writes it. See [`Where::to_sea_query`].
    pub fn add_to_sea_query(&self, statement: &mut impl OrderedStatement, table: &str, dialect: Dialect) {
        for key in self.keys() {
            let mut writer = Writer::new(dialect, placeholders(dialect), table);
            writer.order_value(key, &quoted(table));
            let value = expr(writer.out);
            match (key.is_descending, key.is_not_null) {
                (true, true) => statement.order_by_expr(value, Order::Desc),
                (false, true) => statement.order_by_expr(value, Order::Asc),
                (true, false) => statement.order_by_expr_with_nulls(value, Order::Desc, NullOrdering::First),
                (false, false) => statement.order_by_expr_with_nulls(value, Order::Asc, NullOrdering::Last),
            };
        }
    }
}

/// The placeholders that `sea-query` replaces in a text for this database.
fn placeholders(dialect: Dialect) -> Placeholders {
    match dialect {
        Dialect::PostgreSql => Placeholders::Dollar(1),
        Dialect::Sqlite | Dialect::DuckDb => Placeholders::Question,
    }
}

fn expr(sql: SqlText) -> Expr {
    Expr::cust_with_values(sql.text, sql.values.into_iter().map(value))
}

fn value(value: SqlValue) -> Value {
    match value {
        SqlValue::Text(text) => text.into(),
        SqlValue::Integer(number) => number.into(),
        SqlValue::Float(number) => number.into(),
        SqlValue::Bool(value) => value.into(),
        SqlValue::Texts(texts) => {
            Value::Array(ArrayType::String, Some(Box::new(texts.into_iter().map(Value::from).collect())))
        }
    }
}
