//! The order of rows for `sortBy`, and the rows after one of them.

use super::column::{Column, Stored};
use super::error::{BindError, WriteError};
use super::mapping::Mapping;
use super::rows::{Field, RowSource, Rows};
use super::source::Source;
use super::text::{Dialect, Placeholders, SqlText, Writer, quoted};
use super::where_clause::{ColumnTest, Comparison, SqlValue, Where};
use crate::condition::{Target, TextForm};
use crate::error::UnknownName;

/// The order of rows: by the attribute of `sortBy`, if any, and then by the key of the table, so that equal resources keep
/// their order and a page has an end.
#[derive(Debug, Clone, PartialEq)]
pub struct OrderBy {
    keys: Vec<OrderKey>,
}

/// A part of an order.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct OrderKey {
    /// What the rows are sorted by.
    pub source: Source,
    /// The form in which it is stored.
    pub stored: Stored,
    /// Whether the greatest comes first. What is unassigned comes last, or first if this is set.
    pub is_descending: bool,
    /// Whether the column is never NULL.
    pub is_not_null: bool,
    /// The rows of a multi-valued attribute, of which one counts.
    pub of: Option<FirstOf>,
}

/// Which row of a multi-valued attribute counts for an order: the primary one, or else the first that has a value.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct FirstOf {
    /// The rows.
    pub rows: RowSource,
    /// Which row is primary.
    pub primary: Option<Source>,
    /// What the rows are in order by.
    pub position: Source,
}

impl Mapping {
    /// The order of rows by an attribute, in the spelling of the schema, and by the key of the table.
    ///
    /// # Errors
    /// [`BindError`] if no column holds the attribute as it is compared, or the mapping has no key
    /// ([`MappingBuilder::key`](super::MappingBuilder::key)).
    pub fn order_by(&self, attribute: Option<&str>, is_descending: bool) -> Result<OrderBy, BindError> {
        let mut keys = Vec::new();
        if let Some(name) = attribute {
            keys.extend(self.order_key(name, is_descending)?);
        }
        let Some(key) = self.key() else {
            return Err(BindError::new(
                attribute.unwrap_or("id"),
                BindError::SORT,
                "needs the key of the table: name it by `key`",
            ));
        };
        keys.push(OrderKey {
            source: key.source.clone(),
            stored: key.stored,
            is_descending: false,
            is_not_null: true,
            of: None,
        });
        Ok(OrderBy { keys })
    }

    /// `None` for an attribute that is the same in all resources.
    fn order_key(&self, name: &str, is_descending: bool) -> Result<Option<OrderKey>, BindError> {
        let refused = |path: &str, why: &str| BindError::new(path, BindError::SORT, why);
        let unknown = |error: UnknownName| refused(name, error.message());
        let attr = self.resource_type().look_up_own_attribute(name).map_err(unknown)?;
        if attr.is_secret() {
            return Err(refused(name, "is secret"));
        }
        // A complex attribute means its `value` (F10).
        let attr = match (attr.leaf().is_complex(), attr.leaf().sub_attribute("value")) {
            (true, Some(value)) => attr.sub(value),
            _ => attr,
        };
        if attr.leaf().is_complex() {
            return Err(refused(&attr.to_string(), "is complex: name a sub-attribute"));
        }
        if attr.attribute.is_false_if_absent(attr.leaf()) {
            return Err(refused(&attr.to_string(), "is false where it is absent, and a column is NULL"));
        }
        if attr.sub.is_some_and(|sub| sub.multi_valued) {
            return Ok(None); // a list within an element has no order (Q20)
        }
        let target = Target::new(attr);
        let key = |column: &Column, of: Option<FirstOf>| {
            let (source, stored) = ordered(column, &target).map_err(|why| refused(&target.path, why))?;
            let is_not_null = column.is_not_null && of.is_none();
            Ok(Some(OrderKey { source: source.clone(), stored, is_descending, is_not_null, of }))
        };
        let list = attr.whole();
        match self.compared(&if list.leaf().multi_valued { list.to_string() } else { target.path.clone() }) {
            Some(Field::Column(column)) => key(column, None),
            Some(Field::Rows(rows)) => {
                let field = rows.fields.iter().find(|(path, _)| *path == target.path).map(|(_, field)| field);
                match (field, first_of(rows, &list.to_string())) {
                    (Some(Field::Column(column)), Some(of)) => key(column, Some(of)),
                    (Some(Field::Column(_)), None) => {
                        Err(refused(&target.path, "has rows in no order: name their `position`"))
                    }
                    (None, _) if rows.is_complete => Ok(None),
                    _ => Err(refused(&target.path, "has no column")),
                }
            }
            Some(Field::Fixed(_) | Field::Unassigned) => Ok(None),
            None if self.is_complete() => Ok(None),
            _ => Err(refused(&target.path, "has no column")),
        }
    }
}

/// The column by which the values of an attribute are in order.
fn ordered<'c>(column: &'c Column, target: &Target) -> Result<(&'c Source, Stored), &'static str> {
    match (column.stored, &column.folded) {
        _ if column.unassigned.is_some() => Err("has a text that stands for no value, and no order with it"),
        (_, Some(folded)) => Ok((folded, Stored::Folded)),
        (Stored::Text, _) if target.text_form != TextForm::Exact => Err("has no column that holds the folded text"),
        // Numbers are not in the order of their texts.
        (Stored::Digits, _) => Err("is in the order of texts, and the column in that of numbers"),
        (stored, _) => Ok((&column.source, stored)),
    }
}

fn first_of(rows: &Rows, list: &str) -> Option<FirstOf> {
    let primary = format!("{list}.primary");
    let primary = rows.fields.iter().find_map(|(path, field)| match field {
        Field::Column(column) if *path == primary && column.stored == Stored::Boolean => Some(column.source.clone()),
        Field::Fixed(values) if *path == primary && values == &["true"] => Some(Source::expression("TRUE")),
        _ => None,
    });
    Some(FirstOf { rows: rows.source.clone(), primary, position: rows.position.clone()? })
}

impl OrderBy {
    /// The parts of the order. The last one is the key of the table.
    pub fn keys(&self) -> &[OrderKey] {
        &self.keys
    }

    /// Writes the order, to stand behind `ORDER BY`.
    ///
    /// # Errors
    /// [`WriteError`] if the database has no type for a column.
    pub fn to_sql(&self, table: &str, dialect: Dialect, placeholders: Placeholders) -> Result<SqlText, WriteError> {
        let mut writer = Writer::new(dialect, placeholders, table);
        self.write(&mut writer, &quoted(table));
        Ok(writer.out)
    }

    pub(crate) fn write(&self, writer: &mut Writer, table: &str) {
        for (at, key) in self.keys.iter().enumerate() {
            if at > 0 {
                writer.raw(", ");
            }
            writer.order_key(key, table);
        }
    }

    /// The condition for the rows after one that has these values of [`OrderBy::keys`], in their order; `None` is NULL. So a
    /// page begins where the last one ended, however many pages precede it. An instant is a number of microseconds since 1970,
    /// and a decimal number a text. `None` if the rows are sorted by an attribute with several values, if there are not as many
    /// values, or if one is not of the type that is stored.
    pub fn after(&self, values: &[Option<SqlValue>]) -> Option<Where> {
        if values.len() != self.keys.len() || self.keys.iter().any(|key| key.of.is_some()) {
            return None;
        }
        let mut rest = Where::Constant(false);
        for (key, value) in self.keys.iter().zip(values).rev() {
            let value = match value {
                Some(value) => Some(key.as_stored(value)?),
                None => None,
            };
            let test = |test: ColumnTest, is_negated: bool| Where::Test {
                source: key.source.clone(),
                stored: key.stored,
                test,
                is_negated,
            };
            let is_null = || test(ColumnTest::NotNull, true);
            let Some(value) = &value else {
                // NULL comes last, or first in descending order.
                let others = if key.is_descending { test(ColumnTest::NotNull, false) } else { Where::Constant(false) };
                rest = Where::any([others, Where::all([is_null(), rest])]);
                continue;
            };
            let compare = |op: Comparison| test(compared(op, value), false);
            let (beyond, from) =
                if key.is_descending { (Comparison::Lt, Comparison::Le) } else { (Comparison::Gt, Comparison::Ge) };
            let beyond = match key.stored {
                Stored::Boolean => key.bool_beyond(value),
                _ => compare(beyond),
            };
            if matches!(rest, Where::Constant(false)) {
                rest = beyond;
            } else if key.is_not_null && key.stored != Stored::Boolean {
                // The first part says nothing new, but an index finds its beginning by it.
                rest = Where::all([compare(from), Where::any([beyond, Where::all([compare(Comparison::Eq), rest])])]);
            } else {
                rest = Where::any([beyond, Where::all([compare(Comparison::Eq), rest])]);
            }
            if !key.is_descending && !key.is_not_null {
                rest = Where::any([rest, is_null()]);
            }
        }
        Some(rest)
    }
}

fn compared(op: Comparison, value: &SqlValue) -> ColumnTest {
    match value {
        SqlValue::Bool(value) => ColumnTest::Is(*value),
        other => ColumnTest::Compare(op, other.clone()),
    }
}

impl OrderKey {
    /// A value of a row in the type that is stored. Drivers give booleans of SQLite as 0 and 1.
    fn as_stored(&self, value: &SqlValue) -> Option<SqlValue> {
        match (self.stored, value) {
            (Stored::Boolean, SqlValue::Integer(0)) => Some(SqlValue::Bool(false)),
            (Stored::Boolean, SqlValue::Integer(1)) => Some(SqlValue::Bool(true)),
            (Stored::Boolean, SqlValue::Bool(_))
            | (Stored::Text | Stored::Folded | Stored::Uuid | Stored::Decimal, SqlValue::Text(_))
            | (Stored::Float, SqlValue::Float(_) | SqlValue::Integer(_))
            | (
                Stored::Integer | Stored::Digits | Stored::Micros | Stored::Timestamp | Stored::UtcTimestamp,
                SqlValue::Integer(_),
            ) => Some(value.clone()),
            (Stored::Decimal, SqlValue::Integer(number)) => Some(SqlValue::Text(number.to_string())),
            _ => None,
        }
    }

    /// The booleans after this one: `false` comes before `true`.
    fn bool_beyond(&self, value: &SqlValue) -> Where {
        let is_true = *value == SqlValue::Bool(true);
        if is_true == self.is_descending {
            return Where::Test {
                source: self.source.clone(),
                stored: self.stored,
                test: ColumnTest::Is(!is_true),
                is_negated: false,
            };
        }
        Where::Constant(false)
    }
}

impl Writer {
    fn order_key(&mut self, key: &OrderKey, table: &str) {
        self.order_value(key, table);
        self.raw(if key.is_descending { " DESC" } else { " ASC" });
        if !key.is_not_null {
            self.raw(if key.is_descending { " NULLS FIRST" } else { " NULLS LAST" });
        }
    }

    /// Writes what the rows are sorted by.
    pub(super) fn order_value(&mut self, key: &OrderKey, table: &str) {
        match &key.of {
            None => self.ordered(key, table),
            Some(of) => self.first_of(key, of, table),
        }
    }

    fn ordered(&mut self, key: &OrderKey, table: &str) {
        self.source(&key.source, key.stored, table);
        if matches!(key.stored, Stored::Text | Stored::Folded) {
            self.collation();
        }
    }

    fn first_of(&mut self, key: &OrderKey, of: &FirstOf, table: &str) {
        let alias = self.alias(1);
        self.raw("(SELECT ");
        self.ordered(key, &alias);
        self.raw(" FROM ");
        self.rows(&of.rows, &alias, table);
        self.raw(" ORDER BY ");
        self.raw("CASE WHEN ");
        if let Some(primary) = &of.primary {
            self.source(primary, Stored::Boolean, &alias);
            self.raw(" IS TRUE THEN 0 WHEN ");
        }
        self.source(&key.source, key.stored, &alias);
        self.raw(" IS NOT NULL THEN 1 ELSE 2 END, ");
        self.source(&of.position, Stored::Integer, &alias);
        self.raw(" LIMIT 1)");
    }
}
