//! A parsed filter: its text and its tree.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;
use std::sync::Arc;

use super::ast::Expr;
use super::error::ParseError;
use super::expected::Expected;
use super::parser;
use super::valid::valid;
use crate::options::Options;

/// A filter (RFC 7644 §3.4.2.2): its text and its tree. A filter is immutable and cheap to clone. Filters are equal,
/// and hash alike, if their canonical texts are equal. Names are compared in the case in which they are written, although
/// the case of a name has no meaning: without a schema, a filter does not know which texts are names of the same attribute.
///
/// A filter knows no schema yet: [`Filter::compile`] resolves names and types.
///
/// ```
/// let filter: scim_engine::Filter = r#"EMAILS[type EQ "work"] AND (title pr)"#.parse()?;
/// assert_eq!(filter.to_string(), r#"EMAILS[type eq "work"] and title pr"#);
/// # Ok::<(), scim_engine::ParseError>(())
/// ```
///
/// To rewrite a filter, take its tree ([`Filter::into_expr`]), change the tree ([`VisitMut`](super::VisitMut)), and make a
/// filter of it again ([`Filter::from_expr`]).
#[derive(Clone)]
pub struct Filter(Arc<Inner>);

struct Inner {
    text: Box<str>,
    expr: Expr<'static>,
}

impl Filter {
    /// Parses a filter with the default [`Options`].
    ///
    /// ```
    /// let filter = scim_engine::Filter::parse("title pr")?;
    /// assert_eq!(filter.as_str(), "title pr");
    /// # Ok::<(), scim_engine::ParseError>(())
    /// ```
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

    /// Makes a filter of a tree, within the default limits. The text of the filter is the canonical text of the tree,
    /// and the spans of its tree refer to that text. Nested `and`s and `or`s are laid flat.
    ///
    /// ```
    /// use scim_engine::{Expr, Filter};
    /// let expr = Expr::parse("title PR")?.and(Expr::parse("active eq true")?.negate());
    /// let filter = Filter::from_expr(expr)?;
    /// assert_eq!(filter.as_str(), "title pr and not (active eq true)");
    /// assert_eq!(filter, filter.as_str().parse()?);
    /// assert!(Filter::from_expr(Expr::And(Vec::new())).is_err());
    /// # Ok::<(), scim_engine::ParseError>(())
    /// ```
    ///
    /// # Errors
    /// [`ParseError`] if no filter has this tree: an `And` or `Or` without terms, a sub-attribute that is not a name, a
    /// URN or further brackets within brackets, or a tree that exceeds a limit. The place of the fault refers to the
    /// canonical text, or to the name or number that is not valid.
    pub fn from_expr(expr: Expr<'_>) -> Result<Self, ParseError> {
        Self::from_expr_with(expr, &Options::default())
    }

    /// Makes a filter of a tree with options, of which only the limits matter. A tree has at most [`Limits::MAX_DEPTH`](crate::Limits::MAX_DEPTH) levels, whatever
    /// [`Limits::nesting`](crate::Limits::nesting) says.
    ///
    /// # Errors
    /// As [`Filter::from_expr`], with these limits.
    pub fn from_expr_with(expr: Expr<'_>, options: &Options) -> Result<Self, ParseError> {
        let expr = valid(expr)?;
        let filter = Self::parse_with(&expr.to_string(), &Options::default().limits(options.limits))?;
        // `valid` rules out every tree whose text means another one. If it missed one, that tree is refused here.
        debug_assert!(filter.0.expr == expr, "the canonical text of {expr:?} has another meaning");
        if filter.0.expr != expr {
            return Err(ParseError::new(filter.as_str(), filter.0.expr.span(), Expected::Filter, false));
        }
        Ok(filter)
    }

    /// Replaces the tree, and keeps the text.
    pub(crate) fn with_expr(&self, expr: Expr<'static>) -> Self {
        Self(Arc::new(Inner { text: self.0.text.clone(), expr }))
    }

    /// The tree of the filter.
    pub fn expr(&self) -> &Expr<'static> {
        &self.0.expr
    }

    /// The tree of the filter, to change it. It is not copied if no clone of the filter exists.
    ///
    /// ```
    /// use scim_engine::{Expr, Filter};
    /// let expr = Filter::parse("title pr")?.into_expr().or(Expr::parse("active eq true")?);
    /// assert_eq!(Filter::from_expr(expr)?.to_string(), "title pr or active eq true");
    /// # Ok::<(), scim_engine::ParseError>(())
    /// ```
    pub fn into_expr(self) -> Expr<'static> {
        Arc::try_unwrap(self.0).map_or_else(|shared| shared.expr.clone(), |inner| inner.expr)
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
        Self::parse_with(text, &Options::default())
    }

    /// Parses a filter as [`Expr::parse`] does, with options.
    ///
    /// # Errors
    /// As [`Filter::parse`].
    pub fn parse_with(text: &'a str, options: &Options) -> Result<Self, ParseError> {
        parser::filter(text, options)
    }
}

impl FromStr for Filter {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        Self::parse(text)
    }
}

/// As [`Filter::from_expr`].
impl TryFrom<Expr<'_>> for Filter {
    type Error = ParseError;

    fn try_from(expr: Expr<'_>) -> Result<Self, ParseError> {
        Self::from_expr(expr)
    }
}

/// As [`Filter::into_expr`].
impl From<Filter> for Expr<'static> {
    fn from(filter: Filter) -> Self {
        filter.into_expr()
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
        self.0.expr.hash(state);
    }
}
