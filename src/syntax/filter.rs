//! A parsed filter: its text and its tree.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;
use std::sync::Arc;

use super::ast::Expr;
use super::error::ParseError;
use super::parser;
use crate::options::Options;

/// A filter (RFC 7644 §3.4.2.2): its text and its tree. A filter is immutable and cheap to clone. Filters are equal,
/// and hash alike, if their canonical texts are equal.
///
/// A filter knows no schema yet: [`Filter::compile`] resolves names and types.
///
/// ```
/// let filter: scim_engine::Filter = r#"EMAILS[type EQ "work"] AND (title pr)"#.parse()?;
/// assert_eq!(filter.to_string(), r#"EMAILS[type eq "work"] and title pr"#);
/// # Ok::<(), scim_engine::ParseError>(())
/// ```
#[derive(Clone)]
pub struct Filter(Arc<Inner>);

struct Inner {
    text: Box<str>,
    expr: Expr<'static>,
}

impl Filter {
    /// Parses a filter with the default [`Options`].
    ///
    /// # Errors
    /// [`ParseError`], with the place of the fault and what was expected there.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        Self::parse_with(text, &Options::default())
    }

    /// Parses a filter with options, of which the limits and the switches `bare_words`, `literal_case` and `loose_blanks`
    /// matter here.
    ///
    /// # Errors
    /// As [`Filter::parse`].
    pub fn parse_with(text: &str, options: &Options) -> Result<Self, ParseError> {
        let expr = parser::filter(text, options)?.into_owned();
        Ok(Self(Arc::new(Inner { text: text.into(), expr })))
    }

    /// Replaces the tree, and keeps the text.
    pub(crate) fn with_expr(&self, expr: Expr<'static>) -> Self {
        Self(Arc::new(Inner { text: self.0.text.clone(), expr }))
    }

    /// The tree of the filter.
    pub fn expr(&self) -> &Expr<'static> {
        &self.0.expr
    }

    /// The text from which the filter was parsed; spans refer to it.
    pub fn as_str(&self) -> &str {
        &self.0.text
    }
}

impl<'a> Expr<'a> {
    /// Parses a filter into a tree that borrows from `text`: strings without escapes are not copied.
    ///
    /// ```
    /// let expr = scim_engine::Expr::parse("title pr or active eq true")?;
    /// assert_eq!(expr.to_string(), "title pr or active eq true");
    /// # Ok::<(), scim_engine::ParseError>(())
    /// ```
    ///
    /// # Errors
    /// As [`Filter::parse`].
    pub fn parse(text: &'a str) -> Result<Self, ParseError> {
        parser::filter(text, &Options::default())
    }
}

impl FromStr for Filter {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        Self::parse(text)
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expr.fmt(f)
    }
}

impl fmt::Debug for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Filter({self})")
    }
}

impl PartialEq for Filter {
    fn eq(&self, other: &Self) -> bool {
        self.0.expr == other.0.expr
    }
}

impl Eq for Filter {}

impl Hash for Filter {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.to_string().hash(state);
    }
}
