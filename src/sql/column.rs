//! What a column holds of an attribute.

use std::sync::Arc;

use super::source::Source;

/// How the single value of an attribute is stored. NULL means that the attribute is unassigned.
///
/// A column is compared as it is: nothing wraps it in a function. So a text that is compared regardless of case needs a
/// column of its own that holds the folded text, or an expression for which an index exists.
///
/// ```
/// use scim_engine::sql::{Column, Source};
/// let title = Column::text("title").with_folded("title_key");
/// let nick_name = Column::folded(Source::expression(r#"casefold({table}."nick" COLLATE "pg_c_utf8")"#));
/// let changed = Column::micros("changed_us").with_text("changed_text");
/// # let _ = (title, nick_name, changed);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    pub(crate) stored: Stored,
    pub(crate) source: Source,
    pub(super) folded: Option<Source>,
    pub(super) text: Option<Source>,
    pub(super) unassigned: Option<String>,
    pub(super) is_not_null: bool,
    pub(super) default: Option<bool>,
    pub(super) max_length: Option<usize>,
    pub(super) refers_to: Vec<Arc<str>>,
}

/// The form in which a column holds a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Stored {
    /// The text of the document.
    Text,
    /// The folded text: see [`Column::folded`].
    Folded,
    /// `true` or `false`; in SQLite 1 or 0.
    Boolean,
    /// A whole number of at most 64 bits.
    Integer,
    /// A binary floating-point number of 64 bits.
    Float,
    /// An exact decimal number.
    Decimal,
    /// An instant as microseconds since 1970 in UTC.
    Micros,
    /// An instant as a timestamp with time zone.
    Timestamp,
    /// An instant as a timestamp without time zone, in UTC.
    UtcTimestamp,
    /// A whole number, which the document has as a text: `17` is `"17"`.
    Digits,
    /// A UUID, which the document has as a text with hyphens and small letters.
    Uuid,
    /// A JSON object with attributes that have no column of their own: see
    /// [`MappingBuilder::rest`](super::MappingBuilder::rest).
    Json,
}

impl Stored {
    /// What is stored, for messages.
    pub(super) fn describe(self) -> &'static str {
        match self {
            Self::Text => "a text",
            Self::Folded => "a folded text",
            Self::Boolean => "a boolean",
            Self::Integer => "a whole number",
            Self::Float => "a floating-point number",
            Self::Decimal => "a decimal number",
            Self::Micros => "microseconds",
            Self::Timestamp | Self::UtcTimestamp => "a timestamp",
            Self::Digits => "a whole number that is shown as a text",
            Self::Uuid => "a UUID",
            Self::Json => "a JSON object",
        }
    }
}

impl Column {
    fn new(stored: Stored, source: impl Into<Source>) -> Self {
        Self {
            stored,
            source: source.into(),
            folded: None,
            text: None,
            unassigned: None,
            is_not_null: false,
            default: None,
            max_length: None,
            refers_to: Vec::new(),
        }
    }

    /// Holds the text as the document has it. That suffices for attributes that are `caseExact`, for `pr` and for
    /// `eq null`; other comparisons need [`Column::with_folded`], too.
    pub fn text(source: impl Into<Source>) -> Self {
        Self::new(Stored::Text, source)
    }

    /// Holds the text as it is compared: [`fold_case`](crate::fold_case) of it, or for `userName`
    /// [`username_key`](crate::username_key). For an attribute that is `caseExact` that is the text itself.
    pub fn folded(source: impl Into<Source>) -> Self {
        Self::new(Stored::Folded, source)
    }

    /// Holds a boolean.
    pub fn boolean(source: impl Into<Source>) -> Self {
        Self::new(Stored::Boolean, source)
    }

    /// Holds a whole number of at most 64 bits.
    pub fn integer(source: impl Into<Source>) -> Self {
        Self::new(Stored::Integer, source)
    }

    /// Holds a binary floating-point number of 64 bits, of which the document has the shortest decimal form.
    pub fn float(source: impl Into<Source>) -> Self {
        Self::new(Stored::Float, source)
    }

    /// Holds an exact decimal number (`numeric`).
    pub fn decimal(source: impl Into<Source>) -> Self {
        Self::new(Stored::Decimal, source)
    }

    /// Holds an instant as microseconds since 1970 in UTC.
    pub fn micros(source: impl Into<Source>) -> Self {
        Self::new(Stored::Micros, source)
    }

    /// Holds an instant of the years 1 to 9999 as a timestamp with time zone.
    pub fn timestamp(source: impl Into<Source>) -> Self {
        Self::new(Stored::Timestamp, source)
    }

    /// Holds an instant of the years 1 to 9999 as a timestamp without time zone, in UTC.
    pub fn utc_timestamp(source: impl Into<Source>) -> Self {
        Self::new(Stored::UtcTimestamp, source)
    }

    /// Holds a whole number of at most 64 bits, which the document has as a text, such as the `id` of a row. It can be
    /// compared for equality.
    pub fn digits(source: impl Into<Source>) -> Self {
        Self::new(Stored::Digits, source)
    }

    /// Holds a UUID, which the document has as a text with hyphens and small letters. It can be compared for equality.
    pub fn uuid(source: impl Into<Source>) -> Self {
        Self::new(Stored::Uuid, source)
    }

    /// Names what holds the folded text beside the text itself: see [`Column::folded`].
    #[must_use]
    pub fn with_folded(mut self, source: impl Into<Source>) -> Self {
        self.folded = Some(source.into());
        self
    }

    /// Names what holds the text of a dateTime as the document has it, folded by [`fold_case`](crate::fold_case), for
    /// `co`, `sw` and `ew`.
    #[must_use]
    pub fn with_text(mut self, source: impl Into<Source>) -> Self {
        self.text = Some(source.into());
        self
    }

    /// Says that this text stands for an unassigned attribute, as NULL does: `""` in a column that is NOT NULL.
    #[must_use]
    pub fn unassigned_if(mut self, text: &str) -> Self {
        self.unassigned = Some(text.to_owned());
        self
    }

    /// Says what a boolean column gets if the attribute is unassigned. It is never unassigned when it is read.
    #[must_use]
    pub fn default_to(mut self, value: bool) -> Self {
        self.default = Some(value);
        self
    }

    /// Says that the column holds at most so many characters. A longer text is refused before it is stored.
    #[must_use]
    pub fn max_length(mut self, characters: usize) -> Self {
        self.max_length = Some(characters);
        self
    }

    /// Says that the column holds the `id` of a resource of this type: `members.value` of a `User`. Several calls name the
    /// types of which it may be. A storage then refuses an id that no resource has, and removes the reference when the
    /// resource is deleted.
    #[must_use]
    pub fn refers_to(mut self, resource_type: &str) -> Self {
        self.refers_to.push(resource_type.into());
        self
    }

    /// Says that the column, and what is named beside it, is NOT NULL. Texts of queries become shorter, and pages of a list
    /// that is sorted by the attribute begin in an index.
    #[must_use]
    pub fn not_null(mut self) -> Self {
        self.is_not_null = true;
        self
    }

    /// The name of the column; an expression has none, and cannot be written.
    pub(crate) fn name(&self) -> Option<&str> {
        match &self.source {
            Source::Column(name) => Some(name),
            Source::Expression(_) | Source::Json { .. } => None,
        }
    }

    /// Whether the column can be written.
    pub(super) fn is_written(&self) -> bool {
        self.name().is_some()
    }
}
