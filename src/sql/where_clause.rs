//! A condition over columns, for whoever writes it down.

use super::column::Stored;
use super::rows::RowSource;
use super::source::Source;

/// A condition over the columns of a mapping, in negation normal form: only tests and quantifiers are negated. A test of
/// NULL does not hold, and a negated one does, so who writes it down needs no third truth value.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Where {
    /// Holds for every row, or for none.
    Constant(bool),
    /// All of these hold.
    All(Vec<Where>),
    /// One of these holds at least.
    Any(Vec<Where>),
    /// Some row of a multi-valued attribute satisfies a condition; if negated, none does. Within it, columns are those
    /// of this row.
    Exists {
        /// The rows.
        rows: RowSource,
        /// The condition.
        within: Box<Where>,
        /// Whether the quantifier is negated.
        is_negated: bool,
    },
    /// A column satisfies a test; if negated, it does not, or it is NULL.
    Test {
        /// Where the value is.
        source: Source,
        /// The form in which it is stored.
        stored: Stored,
        /// The test.
        test: ColumnTest,
        /// Whether the test is negated.
        is_negated: bool,
    },
}

/// A test of one column.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum ColumnTest {
    /// The column is not NULL.
    NotNull,
    /// The column is true, or false.
    Is(bool),
    /// A comparison with a value. Texts compare by code point.
    Compare(Comparison, SqlValue),
    /// The text is one of these.
    OneOf(Vec<String>),
    /// The text contains this one, which is not empty.
    Contains(String),
    /// The text starts with this one, which is not empty.
    StartsWith(String),
    /// The text ends with this one, which is not empty.
    EndsWith(String),
}

/// How a column is compared with a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Comparison {
    /// `=`
    Eq,
    /// `>`
    Gt,
    /// `>=`
    Ge,
    /// `<`
    Lt,
    /// `<=`
    Le,
}

impl Comparison {
    /// The sign in SQL.
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Eq => "=",
            Self::Gt => ">",
            Self::Ge => ">=",
            Self::Lt => "<",
            Self::Le => "<=",
        }
    }
}

/// A value that is bound to a query.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum SqlValue {
    /// A text.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// A floating-point number.
    Float(f64),
    /// A list of texts, which PostgreSQL compares as one value.
    Texts(Vec<String>),
    /// A boolean.
    Bool(bool),
}

impl From<&str> for SqlValue {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

/// Which rows a condition selects, as far as it is known without a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Selects {
    /// No row: the database need not be asked.
    None,
    /// Every row.
    All,
    /// What the database says.
    Some,
}

impl Where {
    /// A condition that holds if all of these do. Constants are left out.
    pub fn all(conditions: impl IntoIterator<Item = Self>) -> Self {
        Self::joined(conditions, true)
    }

    /// A condition that holds if one of these does. Constants are left out.
    pub fn any(conditions: impl IntoIterator<Item = Self>) -> Self {
        Self::joined(conditions, false)
    }

    pub(super) fn joined(conditions: impl IntoIterator<Item = Self>, is_all: bool) -> Self {
        let mut kept = Vec::new();
        for condition in conditions {
            match condition {
                Self::Constant(holds) if holds == is_all => {}
                Self::Constant(holds) => return Self::Constant(holds),
                Self::All(inner) if is_all => kept.extend(inner),
                Self::Any(inner) if !is_all => kept.extend(inner),
                other => kept.push(other),
            }
        }
        match kept.len() {
            0 => Self::Constant(is_all),
            1 => kept.swap_remove(0),
            _ if is_all => Self::All(kept),
            _ => Self::Any(kept),
        }
    }

    /// The opposite.
    #[must_use]
    pub fn negated(self) -> Self {
        match self {
            Self::Constant(holds) => Self::Constant(!holds),
            Self::All(all) => Self::any(all.into_iter().map(Self::negated)),
            Self::Any(any) => Self::all(any.into_iter().map(Self::negated)),
            Self::Exists { rows, within, is_negated } => Self::Exists { rows, within, is_negated: !is_negated },
            Self::Test { source, stored, test, is_negated } => {
                Self::Test { source, stored, test, is_negated: !is_negated }
            }
        }
    }

    /// Which rows the condition selects, as far as it is known without a database.
    pub fn selects(&self) -> Selects {
        match self {
            Self::Constant(true) => Selects::All,
            Self::Constant(false) => Selects::None,
            _ => Selects::Some,
        }
    }
}
