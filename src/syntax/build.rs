//! Builds filters in code: `attr("userName").eq("x").and(attr("active").eq(true)).build()`.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::ops::{BitAnd, BitOr, Not};

use super::ast::{AttrExp, AttrPath, CompareOp, Expr, Literal, Negation, Number, Test, ValuePath};
use super::error::ParseError;
use super::expected::Expected;
use super::filter::Filter;
use super::lexer;
use super::span::Span;
use crate::limits::Limits;
use crate::options::Options;

/// Begins a filter on an attribute. A name that is not valid is an error of [`FilterBuilder::build`].
///
/// ```
/// use scim_engine::attr;
/// let filter = (attr("userName").eq("bjensen") | attr("emails").any(attr("type").eq("work")))
///     .and(!attr("active").eq(false))
///     .build()?;
/// assert_eq!(
///     filter.to_string(),
///     r#"(userName eq "bjensen" or emails[type eq "work"]) and not (active eq false)"#
/// );
/// # Ok::<(), scim_engine::ParseError>(())
/// ```
pub fn attr(path: &str) -> AttrBuilder {
    let parsed = match lexer::attr_path(path, path) {
        Ok(("", attr)) => Ok(attr.into_owned()),
        Ok((rest, _)) => Err(ParseError::new(path, Span::of(path, lexer::word(rest)), Expected::AttrName, false)),
        Err(_) => Err(ParseError::new(path, Span::new(0, path.len()), Expected::AttrName, false)),
    };
    AttrBuilder(parsed)
}

/// An attribute without a test, which [`attr`] returns. Its methods add the test.
#[derive(Debug, Clone)]
#[must_use]
pub struct AttrBuilder(Result<AttrPath<'static>, ParseError>);

/// A filter under construction.
#[derive(Debug, Clone)]
#[must_use]
pub struct FilterBuilder {
    built: Result<Built, ParseError>,
    /// The levels of the tree. [`FilterBuilder::checked`] limits them, so that functions that recurse over the tree
    /// cannot overflow the stack.
    depth: usize,
}

/// A tree whose topmost `and` or `or` can grow. The terms of one operator share a list, so `a.and(b).and(c)` is one
/// `And` of three terms and not a deeper tree. A deque takes new terms at either end without copying the others.
#[derive(Debug, Clone)]
enum Built {
    One(Expr<'static>),
    Chain { is_and: bool, terms: VecDeque<Expr<'static>> },
}

impl Built {
    fn is_chain_of(&self, wanted: bool) -> bool {
        matches!(self, Self::Chain { is_and, .. } if *is_and == wanted)
    }

    fn terms(self, is_and: bool) -> VecDeque<Expr<'static>> {
        match self {
            Self::Chain { is_and: of, terms } if of == is_and => terms,
            other => VecDeque::from([other.expr()]),
        }
    }

    fn expr(self) -> Expr<'static> {
        match self {
            Self::One(expr) => expr,
            Self::Chain { is_and: true, terms } => Expr::And(terms.into()),
            Self::Chain { is_and: false, terms } => Expr::Or(terms.into()),
        }
    }
}

impl From<Expr<'static>> for Built {
    fn from(expr: Expr<'static>) -> Self {
        match expr {
            Expr::And(terms) => Self::Chain { is_and: true, terms: terms.into() },
            Expr::Or(terms) => Self::Chain { is_and: false, terms: terms.into() },
            one => Self::One(one),
        }
    }
}

macro_rules! comparisons {
    ($($(#[$doc:meta])* $name:ident => $op:ident;)*) => {
        impl AttrBuilder {
            $($(#[$doc])*
            pub fn $name<'a>(self, value: impl Into<Literal<'a>>) -> FilterBuilder {
                self.compare(CompareOp::$op, value)
            })*
        }
    };
}

comparisons! {
    /// Compares with `eq`: some value equals this one.
    eq => Eq;
    /// Compares with `ne`: some value differs from this one, or there is no value.
    ne => Ne;
    /// Compares with `co`: some value contains this text.
    co => Co;
    /// Compares with `sw`: some value starts with this text.
    sw => Sw;
    /// Compares with `ew`: some value ends with this text.
    ew => Ew;
    /// Compares with `gt`: some value is greater than this one.
    gt => Gt;
    /// Compares with `ge`: some value is greater than this one or equal to it.
    ge => Ge;
    /// Compares with `lt`: some value is less than this one.
    lt => Lt;
    /// Compares with `le`: some value is less than this one or equal to it.
    le => Le;
}

impl AttrBuilder {
    /// Compares with an operator that is known only at run time.
    pub fn compare<'a>(self, op: CompareOp, value: impl Into<Literal<'a>>) -> FilterBuilder {
        let value = value.into().into_owned();
        let span = Span::default();
        FilterBuilder::leaf(self.0.and_then(|path| {
            check_number(&value)?;
            Ok(Expr::Attr(AttrExp { path, test: Test::Compare { op, op_span: span, value, value_span: span } }))
        }))
    }

    /// Tests for presence with `pr`.
    pub fn pr(self) -> FilterBuilder {
        let test = Test::Present { span: Span::default() };
        FilterBuilder::leaf(self.0.map(|path| Expr::Attr(AttrExp { path, test })))
    }

    /// Compares with `eq`: some value equals one of these values (`attr eq a or attr eq b or …`). A matcher looks up a
    /// value of the document in a table of these values, instead of comparing it with each of them. For more values
    /// than the default limits allow use [`FilterBuilder::build_with`].
    ///
    /// ```
    /// use scim_engine::{Limits, ResourceType, attr};
    /// use serde_json::json;
    /// let ids: Vec<String> = (0..10_000).map(|id| format!("u{id}")).collect();
    /// let mut limits = Limits::default();
    /// (limits.comparisons, limits.filter_bytes) = (ids.len(), usize::MAX);
    /// let matcher = attr("id").one_of(&ids).build_with(&limits)?.compile(&ResourceType::user())?;
    /// assert!(matcher.matches(&json!({"id": "u9999"}))?);
    /// assert!(!matcher.matches(&json!({"id": "u10000"}))?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn one_of<'a, T: Into<Literal<'a>>>(self, values: impl IntoIterator<Item = T>) -> FilterBuilder {
        FilterBuilder::any_of(values.into_iter().map(|value| self.clone().eq(value)))
    }

    /// Tests elements with `attr[inner]`: some element satisfies `inner`.
    pub fn any(self, inner: impl Into<FilterBuilder>) -> FilterBuilder {
        let inner = inner.into();
        let depth = inner.depth + 1;
        FilterBuilder {
            depth,
            built: self.0.and_then(|path| {
                let filter = Box::new(inner.built?.expr());
                Ok(Built::One(Expr::ValuePath(ValuePath { path, filter, then: None, span: Span::default() })))
            }),
        }
        .checked()
    }
}

/// Rejects a float that is not a JSON number, such as infinity.
fn check_number(value: &Literal<'_>) -> Result<(), ParseError> {
    match value {
        Literal::Number(number) if !lexer::is_number(number.as_str()) => {
            let text = number.as_str();
            Err(ParseError::new(text, Span::new(0, text.len()), Expected::Finite, false))
        }
        _ => Ok(()),
    }
}

impl From<f64> for Literal<'_> {
    fn from(value: f64) -> Self {
        let text = serde_json::Number::from_f64(value).map_or_else(|| value.to_string(), |n| n.to_string());
        Self::Number(Number(Cow::Owned(text)))
    }
}

impl FilterBuilder {
    fn leaf(expr: Result<Expr<'static>, ParseError>) -> Self {
        Self { built: expr.map(Built::One), depth: 0 }
    }

    /// Replaces a tree that is too deep by an error. The tree is dropped here, while it is still shallow enough to be
    /// dropped by recursion.
    fn checked(self) -> Self {
        let max = Limits::default().nesting;
        if self.depth <= max {
            return self;
        }
        Self { built: Err(ParseError::new("", Span::default(), Expected::MaxNesting(max), false)), depth: 0 }
    }

    /// Joins two filters by `and`: both must hold.
    pub fn and(self, other: impl Into<FilterBuilder>) -> Self {
        self.join(other.into(), true)
    }

    /// Joins two filters by `or`: at least one of them must hold.
    pub fn or(self, other: impl Into<FilterBuilder>) -> Self {
        self.join(other.into(), false)
    }

    /// Negates the filter: `not (…)`.
    pub fn negate(self) -> Self {
        let not = |built: Built| Expr::Not(Negation { expr: Box::new(built.expr()), span: Span::default() });
        Self { built: self.built.map(|built| Built::One(not(built))), depth: self.depth + 1 }.checked()
    }

    /// Joins filters by `and`: all of them must hold. An empty list is an error of [`FilterBuilder::build`].
    ///
    /// ```
    /// use scim_engine::{FilterBuilder, attr};
    /// let filter = FilterBuilder::all_of([attr("title").pr(), attr("active").eq(true)]).build()?;
    /// assert_eq!(filter.to_string(), "title pr and active eq true");
    /// assert!(FilterBuilder::all_of::<FilterBuilder>([]).build().is_err());
    /// # Ok::<(), scim_engine::ParseError>(())
    /// ```
    pub fn all_of<T: Into<FilterBuilder>>(terms: impl IntoIterator<Item = T>) -> Self {
        Self::joined(terms, true)
    }

    /// Joins filters by `or`: at least one of them must hold. An empty list is an error of [`FilterBuilder::build`].
    ///
    /// ```
    /// use scim_engine::{FilterBuilder, attr};
    /// let names = ["ann", "bert"].map(|name| attr("userName").sw(name));
    /// let filter = FilterBuilder::any_of(names).build()?;
    /// assert_eq!(filter.to_string(), r#"userName sw "ann" or userName sw "bert""#);
    /// # Ok::<(), scim_engine::ParseError>(())
    /// ```
    pub fn any_of<T: Into<FilterBuilder>>(terms: impl IntoIterator<Item = T>) -> Self {
        Self::joined(terms, false)
    }

    fn joined<T: Into<FilterBuilder>>(terms: impl IntoIterator<Item = T>, is_and: bool) -> Self {
        let joined = terms.into_iter().map(Into::into).reduce(|left: Self, right| left.join(right, is_and));
        joined.unwrap_or_else(|| Self::leaf(Err(ParseError::new("", Span::default(), Expected::Term, false))))
    }

    fn join(self, other: Self, is_and: bool) -> Self {
        let is_chain = |side: &Self| side.built.as_ref().is_ok_and(|built| built.is_chain_of(is_and));
        let below = |side: &Self| side.depth - usize::from(is_chain(side));
        let depth = 1 + below(&self).max(below(&other));
        let built = self.built.and_then(|left| {
            let (mut left, mut right) = (left.terms(is_and), other.built?.terms(is_and));
            // The terms of the shorter chain are moved, so that adding terms to a long chain one by one stays fast.
            let terms = if left.len() >= right.len() {
                left.append(&mut right);
                left
            } else {
                left.into_iter().rev().for_each(|term| right.push_front(term));
                right
            };
            Ok(Built::Chain { is_and, terms })
        });
        Self { built, depth }.checked()
    }

    /// Builds the filter.
    ///
    /// # Errors
    /// [`ParseError`] for a name that is not valid, a number that is not finite, an empty list, or a filter
    /// that exceeds the default limits.
    pub fn build(self) -> Result<Filter, ParseError> {
        self.build_with(&Options::default())
    }

    /// Builds the filter with options, of which only the limits matter. The limits on bytes and comparisons protect against hostile input, so a
    /// host may raise them for filters that it builds itself. A tree has at most 64 levels, whatever
    /// [`Limits::nesting`](crate::Limits::nesting) says.
    ///
    /// ```
    /// use scim_engine::{Limits, Options, attr};
    /// let many = attr("id").one_of((0..300).map(|id| format!("u{id}")));
    /// assert!(many.clone().build().is_err());
    /// let options = Options::default().limits(Limits::default().comparisons(300));
    /// assert!(many.build_with(&options).is_ok());
    /// ```
    ///
    /// # Errors
    /// As [`FilterBuilder::build`], with these limits.
    pub fn build_with(self, options: &Options) -> Result<Filter, ParseError> {
        Filter::parse_with(&self.built?.expr().to_string(), options)
    }
}

impl From<Filter> for FilterBuilder {
    fn from(filter: Filter) -> Self {
        Self { depth: depth(filter.expr()), built: Ok(filter.expr().clone().into()) }
    }
}

/// The levels of an expression. This function may recurse, because the parser limits the depth of every tree.
fn depth(expr: &Expr<'_>) -> usize {
    match expr {
        Expr::And(terms) | Expr::Or(terms) => 1 + terms.iter().map(depth).max().unwrap_or(0),
        Expr::Not(not) => 1 + depth(&not.expr),
        Expr::ValuePath(path) => 1 + depth(&path.filter),
        Expr::Attr(_) => 0,
    }
}

impl BitAnd for FilterBuilder {
    type Output = Self;
    fn bitand(self, other: Self) -> Self {
        self.and(other)
    }
}

impl BitOr for FilterBuilder {
    type Output = Self;
    fn bitor(self, other: Self) -> Self {
        self.or(other)
    }
}

impl Not for FilterBuilder {
    type Output = Self;
    fn not(self) -> Self {
        self.negate()
    }
}
