//! Where the elements of a multi-valued attribute are stored.

use std::sync::Arc;

use super::column::Column;
use super::source::Source;

/// Where the elements of a multi-valued attribute are stored: in rows of another table, or in a list of a JSON column.
///
/// ```
/// use scim_engine::sql::{Column, Rows};
/// let emails = Rows::table("user_emails")
///     .on("user_id", "id")
///     .only("is_deleted", false)
///     .column("type", Column::folded("type_key"))
///     .column("value", Column::folded("value_key"));
/// // The elements of a list of texts have the name `value`.
/// let tags = Rows::table("user_tags").on("user_id", "id").column("value", Column::text("tag"));
/// # let _ = (emails, tags);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Rows {
    pub(super) source: RowSource,
    pub(super) fields: Vec<(String, Field)>,
    pub(super) position: Option<Source>,
    pub(super) is_complete: bool,
}

/// The rows or list that hold the elements of a multi-valued attribute.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum RowSource {
    /// Rows of another table.
    Table {
        /// The name of the table; a dot separates the name of its schema.
        name: Arc<str>,
        /// Pairs of columns that are equal: one of this table, one of the table to which the rows belong.
        on: Vec<(Arc<str>, Arc<str>)>,
        /// What other columns hold.
        only: Vec<(Arc<str>, Only)>,
    },
    /// A list in a JSON column.
    Json(Source),
}

/// What a column holds in the rows that count.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Only {
    /// NULL.
    Null,
    /// A boolean.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// A text.
    Text(String),
    /// A UUID, with hyphens and small letters.
    Uuid(String),
}

impl From<bool> for Only {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for Only {
    fn from(value: i64) -> Self {
        Self::Integer(value)
    }
}

impl From<&str> for Only {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

/// What is known of an attribute.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Field {
    Column(Column),
    Rows(Rows),
    /// The same text, list of texts, or boolean (`true`, `false`) wherever the attribute can be.
    Fixed(Vec<String>),
    /// `schemas`: the core schema, and each extension of which something is assigned.
    Schemas,
    /// Never assigned.
    Unassigned,
    /// In the JSON column of what has no column of its own, and where the folded copy of that column has it.
    Rest(Option<Box<Field>>),
}

impl Rows {
    fn new(source: RowSource) -> Self {
        Self { source, fields: Vec::new(), position: None, is_complete: false }
    }

    /// Rows of another table. [`Rows::on`] says which rows belong to a resource.
    pub fn table(name: &str) -> Self {
        Self::new(RowSource::Table { name: name.into(), on: Vec::new(), only: Vec::new() })
    }

    /// A list in a JSON column. Within it, [`Source::json`] with the column `value` is a member of an element.
    pub fn json<'n>(column: &str, path: impl IntoIterator<Item = &'n str>) -> Self {
        Self::new(RowSource::Json(Source::json(column, path)))
    }

    /// A row belongs to a resource, or to an element of the list around this one, if these columns are equal. Several
    /// calls name several pairs.
    #[must_use]
    pub fn on(mut self, column: &str, outer_column: &str) -> Self {
        if let RowSource::Table { on, .. } = &mut self.source {
            on.push((column.into(), outer_column.into()));
        }
        self
    }

    /// Only rows count in which a column has this value, or is NULL ([`Only::Null`]): what is not deleted, say.
    #[must_use]
    pub fn only(mut self, column: &str, value: impl Into<Only>) -> Self {
        if let RowSource::Table { only, .. } = &mut self.source {
            only.push((column.into(), value.into()));
        }
        self
    }

    /// Names the column of a sub-attribute, or of the elements themselves (`value`) if they are simple.
    #[must_use]
    pub fn column(mut self, sub_attribute: &str, column: Column) -> Self {
        self.fields.push((sub_attribute.to_owned(), Field::Column(column)));
        self
    }

    /// Names where a multi-valued sub-attribute is stored.
    #[must_use]
    pub fn rows(mut self, sub_attribute: &str, rows: Rows) -> Self {
        self.fields.push((sub_attribute.to_owned(), Field::Rows(rows)));
        self
    }

    /// Says that a sub-attribute has this text, or is `true` or `false`, in every element: a single e-mail address is always
    /// `work` and primary.
    #[must_use]
    pub fn fixed(mut self, sub_attribute: &str, value: &str) -> Self {
        self.fields.push((sub_attribute.to_owned(), Field::Fixed(vec![value.to_owned()])));
        self
    }

    /// Says that the platform does not store a sub-attribute: a filter finds it unassigned.
    #[must_use]
    pub fn unassigned(mut self, sub_attribute: &str) -> Self {
        self.fields.push((sub_attribute.to_owned(), Field::Unassigned));
        self
    }

    /// Names what the elements are in order by, which `sortBy` needs: the first value counts if no element is primary.
    #[must_use]
    pub fn position(mut self, source: impl Into<Source>) -> Self {
        self.position = Some(source.into());
        self
    }

    /// Says that elements have no other sub-attributes: a filter on one of them finds it unassigned.
    #[must_use]
    pub fn complete(mut self) -> Self {
        self.is_complete = true;
        self
    }
}
