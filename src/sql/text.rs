//! Writes conditions as the text of a query, with values apart.

use std::fmt::{self, Write as _};
use std::sync::Arc;

use super::column::Stored;
use super::error::WriteError;
use super::rows::{Only, RowSource};
use super::source::Source;
use super::where_clause::{ColumnTest, Comparison, SqlValue, Where};
use crate::filter::datetime::date_time;

/// The database for which a text is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Dialect {
    /// PostgreSQL 14 or later, with the encoding UTF-8.
    PostgreSql,
    /// SQLite 3.38 or later, with the encoding UTF-8.
    Sqlite,
    /// DuckDB 1.0 or later.
    DuckDb,
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::PostgreSql => "PostgreSQL",
            Self::Sqlite => "SQLite",
            Self::DuckDb => "DuckDB",
        })
    }
}

/// How a driver writes the places of values.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Placeholders {
    /// `?`
    Question,
    /// `?1`, `?2`, from this number.
    QuestionNumbered(usize),
    /// `:1`, `:2`, from this number.
    ColonNumbered(usize),
    /// `$1`, `$2`, from this number.
    Dollar(usize),
    /// `%s`; a `%` in the text is doubled.
    Percent,
    /// `%(name_1)s`, `%(name_2)s` with this name; a `%` in the text is doubled.
    PercentNamed(String),
    /// `:name_1`, `:name_2` with this name.
    Colon(String),
}

/// A text of SQL, and the values that its placeholders stand for, in order.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct SqlText {
    /// The text. It has no value of a request, and no name but those of the mapping.
    pub text: String,
    /// The values.
    pub values: Vec<SqlValue>,
}

impl Where {
    /// Writes the condition, to stand behind `WHERE`.
    ///
    /// # Errors
    /// [`WriteError`] if the database has no type for a column of the mapping.
    pub fn to_sql(&self, table: &str, dialect: Dialect, placeholders: Placeholders) -> Result<SqlText, WriteError> {
        let mut writer = Writer::new(dialect, placeholders, table);
        writer.condition(self, &quoted(table), 0)?;
        Ok(writer.out)
    }
}

impl Source {
    /// Writes what holds a value, to stand behind `SELECT`. `table` is the name of the table, or its alias.
    ///
    /// ```
    /// use scim_engine::sql::{Dialect, Source, Stored};
    /// let place = Source::json("doc", ["name", "familyName"]);
    /// assert_eq!(place.to_sql("users", Stored::Text, Dialect::PostgreSql), r#"("users"."doc" #>> '{"name","familyName"}')"#);
    /// ```
    pub fn to_sql(&self, table: &str, stored: Stored, dialect: Dialect) -> String {
        let mut writer = Writer::new(dialect, Placeholders::Question, table);
        writer.source(self, stored, &quoted(table));
        writer.out.text
    }
}

#[derive(Clone)]
pub(crate) struct Writer {
    dialect: Dialect,
    placeholders: Placeholders,
    /// What the names of rows begin with: none of them is that of the table.
    rows: &'static str,
    pub out: SqlText,
}

type Written = Result<(), WriteError>;

impl Writer {
    pub(crate) fn new(dialect: Dialect, placeholders: Placeholders, table: &str) -> Self {
        let is_taken = table.starts_with(['r', 'R']);
        Self { dialect, placeholders, rows: if is_taken { "s" } else { "r" }, out: SqlText::default() }
    }

    /// The name of the rows at a depth.
    pub(super) fn alias(&self, depth: usize) -> String {
        format!("\"{}{depth}\"", self.rows)
    }

    /// Writes a part of the text that is not a value.
    pub(crate) fn raw(&mut self, text: &str) {
        match self.placeholders {
            Placeholders::Percent | Placeholders::PercentNamed(_) if text.contains('%') => {
                self.out.text.push_str(&text.replace('%', "%%"));
            }
            _ => self.out.text.push_str(text),
        }
    }

    /// Writes the place of a value.
    pub(super) fn value(&mut self, value: SqlValue) {
        let at = self.out.values.len();
        let text = &mut self.out.text;
        // Writing to a string does not fail.
        let _ = match &self.placeholders {
            Placeholders::Question => write!(text, "?"),
            Placeholders::QuestionNumbered(first) => write!(text, "?{}", first + at),
            Placeholders::ColonNumbered(first) => write!(text, ":{}", first + at),
            Placeholders::Dollar(first) => write!(text, "${}", first + at),
            Placeholders::Percent => write!(text, "%s"),
            Placeholders::PercentNamed(name) => write!(text, "%({name}_{})s", at + 1),
            Placeholders::Colon(name) => write!(text, ":{name}_{}", at + 1),
        };
        self.out.values.push(value);
    }

    /// Writes the place of a value of this type. PostgreSQL is told the type, so that no driver has to guess it.
    pub(super) fn typed(&mut self, sql_type: &str, value: SqlValue) {
        if self.dialect != Dialect::PostgreSql {
            return self.value(value);
        }
        self.raw("CAST(");
        self.value(value);
        self.raw(" AS ");
        self.raw(sql_type);
        self.raw(")");
    }

    pub(crate) fn condition(&mut self, condition: &Where, table: &str, depth: usize) -> Written {
        match condition {
            Where::Constant(true) => self.raw("TRUE"),
            Where::Constant(false) => self.raw("FALSE"),
            Where::All(all) => return self.joined(all, " AND ", table, depth),
            Where::Any(any) => return self.joined(any, " OR ", table, depth),
            Where::Exists { rows, within, is_negated } => return self.exists(rows, within, *is_negated, table, depth),
            Where::Test { source, stored, test, is_negated } => {
                return self.test(source, *stored, test, *is_negated, table);
            }
        }
        Ok(())
    }

    fn joined(&mut self, conditions: &[Where], word: &str, table: &str, depth: usize) -> Written {
        self.raw("(");
        for (at, one) in conditions.iter().enumerate() {
            if at > 0 {
                self.raw(word);
            }
            self.condition(one, table, depth)?;
        }
        self.raw(")");
        Ok(())
    }

    fn exists(&mut self, rows: &RowSource, within: &Where, is_negated: bool, table: &str, depth: usize) -> Written {
        let depth = depth + 1;
        let alias = self.alias(depth);
        let has_condition = match rows {
            // SQLite begins with what is within `IN`, and so in an index of these rows, but never with what is within
            // `EXISTS`.
            RowSource::Table { name, on, only } if self.dialect == Dialect::Sqlite && !is_negated => {
                let list = |table: &str, column: fn(&(Arc<str>, Arc<str>)) -> &str| {
                    let columns = on.iter().map(|pair| format!("{table}.{}", quoted(column(pair))));
                    columns.collect::<Vec<_>>().join(", ")
                };
                let outer = list(table, |(_, outer)| outer);
                self.raw(&if on.len() > 1 { format!("({outer})") } else { outer });
                self.raw(&format!(" IN (SELECT {} FROM {} AS {alias}", list(&alias, |(own, _)| own), quoted(name)));
                self.only(only, &alias, " WHERE ");
                !only.is_empty()
            }
            rows => {
                self.raw(if is_negated { "NOT EXISTS (SELECT 1 FROM " } else { "EXISTS (SELECT 1 FROM " });
                self.rows(rows, &alias, table)
            }
        };
        if !matches!(within, Where::Constant(true)) {
            self.raw(if has_condition { " AND " } else { " WHERE " });
            self.condition(within, &alias, depth)?;
        }
        self.raw(")");
        Ok(())
    }

    /// Writes the rows of a multi-valued attribute, to stand behind `FROM`. Returns whether a condition is written, too.
    pub(super) fn rows(&mut self, rows: &RowSource, alias: &str, table: &str) -> bool {
        let RowSource::Table { name, on, only } = rows else {
            if let RowSource::Json(source) = rows {
                self.elements(source, alias, table);
            }
            return false;
        };
        self.raw(&format!("{} AS {alias} WHERE ", quoted(name)));
        for (at, (own, outer)) in on.iter().enumerate() {
            let and = if at > 0 { " AND " } else { "" };
            self.raw(&format!("{and}{alias}.{} = {table}.{}", quoted(own), quoted(outer)));
        }
        self.only(only, alias, " AND ");
        true
    }

    /// Writes which rows count, behind a first word.
    pub(crate) fn only(&mut self, only: &[(Arc<str>, Only)], alias: &str, first: &str) {
        for (at, (column, value)) in only.iter().enumerate() {
            self.raw(if at == 0 { first } else { " AND " });
            self.raw(&format!("{alias}.{}", quoted(column)));
            match value {
                Only::Null => self.raw(" IS NULL"),
                Only::Bool(true) => self.raw(" IS TRUE"),
                Only::Bool(false) => self.raw(" IS FALSE"),
                Only::Integer(value) => {
                    self.raw(" = ");
                    self.typed("bigint", SqlValue::Integer(*value));
                }
                Only::Text(value) => {
                    self.raw(" = ");
                    self.typed("text", SqlValue::Text(value.clone()));
                }
                Only::Uuid(value) => {
                    self.raw(" = ");
                    self.uuid(value);
                }
            }
        }
    }

    /// Writes the elements of a list in a JSON column as rows with a column `value`.
    fn elements(&mut self, source: &Source, alias: &str, table: &str) {
        let Source::Json { column, path } = source else { return };
        let column = format!("{table}.{}", quoted(column));
        match self.dialect {
            Dialect::PostgreSql => {
                let list = format!("{column} #> {}", literal(&array(path)));
                self.raw(&format!(
                    "jsonb_array_elements(CASE jsonb_typeof({list}) WHEN 'array' THEN {list} END) AS {alias}(\"value\")"
                ));
            }
            Dialect::Sqlite => self.raw(&format!("json_each({column}, {}) AS {alias}", literal(&json_path(path)))),
            Dialect::DuckDb => self.raw(&format!(
                "(SELECT unnest(json_extract({column}, {})) AS \"value\") AS {alias}",
                literal(&format!("{}[*]", json_path(path)))
            )),
        }
    }

    /// Writes what holds a value.
    pub(crate) fn source(&mut self, source: &Source, stored: Stored, table: &str) {
        match source {
            Source::Column(name) => self.raw(&format!("{table}.{}", quoted(name))),
            Source::Expression(text) => self.raw(&text.replace("{table}", table)),
            Source::Json { column, path } => {
                let column = format!("{table}.{}", quoted(column));
                let text = match self.dialect {
                    Dialect::PostgreSql => format!("({column} #>> {})", literal(&array(path))),
                    // The elements of `json_each` that are simple are not JSON, but values.
                    Dialect::Sqlite if path.is_empty() => column,
                    Dialect::Sqlite => format!("json_extract({column}, {})", literal(&json_path(path))),
                    Dialect::DuckDb => format!("json_extract_string({column}, {})", literal(&json_path(path))),
                };
                let cast = match (self.dialect, stored) {
                    (Dialect::Sqlite, _) | (_, Stored::Text | Stored::Folded | Stored::Json) => None,
                    (_, Stored::Boolean) => Some("boolean"),
                    (Dialect::PostgreSql, Stored::Integer | Stored::Micros | Stored::Digits | Stored::Decimal) => {
                        Some("numeric")
                    }
                    (_, Stored::Integer | Stored::Micros | Stored::Digits) => Some("bigint"),
                    (_, Stored::Float) => Some("double precision"),
                    (_, Stored::Decimal) => Some("decimal"),
                    (_, Stored::Timestamp) => Some("timestamptz"),
                    (_, Stored::UtcTimestamp) => Some("timestamp"),
                    (_, Stored::Uuid) => Some("uuid"),
                };
                match cast {
                    Some(cast) => self.raw(&format!("CAST({text} AS {cast})")),
                    None => self.raw(&text),
                }
            }
        }
    }

    fn test(&mut self, source: &Source, stored: Stored, test: &ColumnTest, is_negated: bool, table: &str) -> Written {
        match test {
            ColumnTest::NotNull => {
                self.source(source, Stored::Text, table);
                self.raw(if is_negated { " IS NULL" } else { " IS NOT NULL" });
                return Ok(());
            }
            ColumnTest::Is(value) => {
                self.source(source, stored, table);
                self.raw(match (is_negated, value) {
                    (false, true) => " IS TRUE",
                    (false, false) => " IS FALSE",
                    (true, true) => " IS NOT TRUE",
                    (true, false) => " IS NOT FALSE",
                });
                return Ok(());
            }
            _ => {}
        }
        if is_negated {
            self.raw("(");
        }
        self.value_test(source, stored, test, table)?;
        if is_negated {
            self.raw(") IS NOT TRUE");
        }
        Ok(())
    }

    fn value_test(&mut self, source: &Source, stored: Stored, test: &ColumnTest, table: &str) -> Written {
        match test {
            ColumnTest::Compare(op, value) => self.compare(source, stored, *op, value, table)?,
            ColumnTest::OneOf(texts) if self.dialect == Dialect::PostgreSql => {
                self.source(source, stored, table);
                self.raw(" = ANY(");
                self.typed("text[]", SqlValue::Texts(texts.clone()));
                self.raw(")");
            }
            ColumnTest::OneOf(texts) => {
                self.source(source, stored, table);
                self.collation();
                self.raw(" IN (");
                for (at, text) in texts.iter().enumerate() {
                    if at > 0 {
                        self.raw(", ");
                    }
                    self.value(SqlValue::Text(text.clone()));
                }
                self.raw(")");
            }
            ColumnTest::Contains(part) => {
                let (before, after) = match self.dialect {
                    Dialect::PostgreSql => ("strpos(", ") > 0"),
                    Dialect::Sqlite => ("instr(", ") > 0"),
                    Dialect::DuckDb => ("contains(", ")"),
                };
                self.raw(before);
                self.source(source, stored, table);
                self.raw(", ");
                self.typed("text", SqlValue::Text(part.clone()));
                self.raw(after);
            }
            // The texts that start with a part are those from the part to the least text after all of them.
            ColumnTest::StartsWith(part) => {
                self.raw("(");
                self.compare(source, stored, Comparison::Ge, &SqlValue::Text(part.clone()), table)?;
                if let Some(after) = after_all(part) {
                    self.raw(" AND ");
                    self.compare(source, stored, Comparison::Lt, &SqlValue::Text(after), table)?;
                }
                self.raw(")");
            }
            ColumnTest::EndsWith(part) => {
                let length = i64::try_from(part.chars().count()).unwrap_or(i64::MAX);
                let (name, length) = match self.dialect {
                    Dialect::Sqlite => ("substr(", -length),
                    Dialect::PostgreSql | Dialect::DuckDb => ("right(", length),
                };
                self.raw(name);
                self.source(source, stored, table);
                self.raw(", ");
                self.typed("integer", SqlValue::Integer(length));
                self.raw(") = ");
                self.typed("text", SqlValue::Text(part.clone()));
            }
            ColumnTest::NotNull | ColumnTest::Is(_) => {}
        }
        Ok(())
    }

    /// Writes a comparison of a column with a value.
    pub(super) fn compare(
        &mut self,
        source: &Source,
        stored: Stored,
        op: Comparison,
        value: &SqlValue,
        table: &str,
    ) -> Written {
        self.source(source, stored, table);
        let is_text = matches!(stored, Stored::Text | Stored::Folded);
        if is_text && (op != Comparison::Eq || self.dialect == Dialect::Sqlite) {
            self.collation();
        }
        self.raw(&format!(" {} ", op.sign()));
        self.bind(stored, value)
    }

    /// Texts are in the order of their code points. PostgreSQL's equality does not depend on the collation, but an index
    /// does, so it is named for the order alone.
    pub(super) fn collation(&mut self) {
        self.raw(match self.dialect {
            Dialect::PostgreSql => " COLLATE \"C\"",
            Dialect::Sqlite => " COLLATE BINARY",
            Dialect::DuckDb => "",
        });
    }

    /// Writes the place of a value that is compared with what is stored in this form.
    pub(crate) fn bind(&mut self, stored: Stored, value: &SqlValue) -> Written {
        let sql_type = match stored {
            Stored::Text | Stored::Folded | Stored::Json => "text",
            Stored::Integer | Stored::Micros | Stored::Digits => "bigint",
            Stored::Float => "double precision",
            Stored::Boolean => "boolean",
            Stored::Decimal | Stored::Timestamp | Stored::UtcTimestamp | Stored::Uuid => {
                return self.converted(stored, value);
            }
        };
        self.typed(sql_type, value.clone());
        Ok(())
    }

    /// Values for which drivers have several types are bound as texts, and the database converts them.
    fn converted(&mut self, stored: Stored, value: &SqlValue) -> Written {
        if let (Stored::Uuid, SqlValue::Text(text)) = (stored, value) {
            self.uuid(text);
            return Ok(());
        }
        let sql_type = match (self.dialect, stored) {
            (Dialect::PostgreSql, Stored::Decimal) => "numeric",
            (Dialect::DuckDb | Dialect::Sqlite, Stored::Decimal) => {
                return Err(WriteError::new("decimal numbers of any length", self.dialect));
            }
            (Dialect::Sqlite, _) => return Err(WriteError::new("timestamps: store microseconds", self.dialect)),
            (_, Stored::Timestamp) => "timestamptz",
            _ => "timestamp",
        };
        let value = match value {
            SqlValue::Integer(micros) => SqlValue::Text(timestamp(*micros, stored == Stored::Timestamp)),
            other => other.clone(),
        };
        self.cast(sql_type, value);
        Ok(())
    }

    /// Writes the place of a UUID. SQLite has no type for it.
    fn uuid(&mut self, text: &str) {
        let value = SqlValue::Text(text.to_owned());
        if self.dialect == Dialect::Sqlite { self.value(value) } else { self.cast("uuid", value) }
    }

    fn cast(&mut self, sql_type: &str, value: SqlValue) {
        self.raw("CAST(");
        self.typed("text", value);
        self.raw(&format!(" AS {sql_type})"));
    }
}

/// `2026-01-01T00:00:00.000000Z`, or without `Z`.
fn timestamp(micros: i64, has_zone: bool) -> String {
    let (seconds, micros) = (micros.div_euclid(1_000_000), micros.rem_euclid(1_000_000));
    let zone = if has_zone { "Z" } else { "" };
    format!("{}.{micros:06}{zone}", date_time(seconds))
}

/// The least text that is greater than all texts that start with this one; `None` if there is none.
fn after_all(part: &str) -> Option<String> {
    let mut chars: Vec<char> = part.chars().collect();
    while let Some(last) = chars.pop() {
        if let Some(next) = (u32::from(last) + 1..=u32::from(char::MAX)).find_map(char::from_u32) {
            chars.push(next);
            return Some(chars.into_iter().collect());
        }
    }
    None
}

/// A name in quotes. A dot separates the names of a schema and of what is in it.
pub(crate) fn quoted(name: &str) -> String {
    let mut text = String::with_capacity(name.len() + 2);
    for (at, part) in name.split('.').enumerate() {
        if at > 0 {
            text.push('.');
        }
        text.push('"');
        text.push_str(&part.replace('"', "\"\""));
        text.push('"');
    }
    text
}

/// A text in the text: a path of the mapping.
fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// A path in JSON as an array of PostgreSQL.
fn array(path: &[Arc<str>]) -> String {
    let names = path.iter().map(|name| format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\"")));
    format!("{{{}}}", names.collect::<Vec<_>>().join(","))
}

/// A path in JSON as SQLite and DuckDB write it.
fn json_path(path: &[Arc<str>]) -> String {
    path.iter().fold("$".to_owned(), |text, name| format!("{text}.\"{name}\""))
}

#[cfg(test)]
mod tests {
    use super::after_all;

    #[test]
    fn a_prefix_ends_before_the_next_text() {
        assert_eq!(after_all("ab").as_deref(), Some("ac"));
        assert_eq!(after_all("a\u{D7FF}").as_deref(), Some("a\u{E000}"));
        assert_eq!(after_all("a\u{10FFFF}\u{10FFFF}").as_deref(), Some("b"));
        assert_eq!(after_all("\u{10FFFF}"), None);
    }
}
