//! Builds filters in code: `attr("userName").eq("x").and(attr("active").eq(true)).build()`.

use std::collections::VecDeque;
use std::ops::{BitAnd, BitOr, Not};

use super::ast::{AttrExp, AttrPath, CompareOp, Expr, Test, ValuePath};
use super::error::ParseError;
use super::expected::Expected;
use super::filter::Filter;
use super::literal::Literal;
use super::span::Span;
use super::valid::{check_sub_attribute, levels, valid};
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
    AttrBuilder { target: path.parse().map(Target::Attr), depth: 0 }
}

/// An attribute without a test, which [`attr`] returns. Its methods add the test.
#[derive(Debug, Clone)]
#[must_use]
pub struct AttrBuilder {
    target: Result<Target, ParseError>,
    /// The levels that the target adds to the tree.
    depth: usize,
}

/// What is tested.
#[derive(Debug, Clone)]
enum Target {
    Attr(AttrPath<'static>),
    /// `path[filter].sub`.
    Sub(ValuePath<'static>, String),
}

/// The elements of an attribute that [`AttrBuilder::select`] has selected. [`ElementBuilder::sub_attribute`] names the sub-attribute
/// to test.
#[derive(Debug, Clone)]
#[must_use]
pub struct ElementBuilder {
    path: Result<ValuePath<'static>, ParseError>,
    depth: usize,
}

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
        self.test(Test::compare(op, value.into().into_owned()))
    }

    /// Tests for presence with `pr`.
    pub fn pr(self) -> FilterBuilder {
        self.test(Test::present())
    }

    fn test(self, test: Test<'static>) -> FilterBuilder {
        let expr = self.target.map(|target| match target {
            Target::Attr(path) => Expr::Attr(AttrExp::new(path, test)),
            Target::Sub(path, sub) => Expr::ValuePath(path.then(sub, test)),
        });
        FilterBuilder { built: expr.map(Built::One), depth: self.depth }.checked()
    }

    /// Compares with `eq`: some value equals one of these values (`attr eq a or attr eq b or …`). A matcher looks up a
    /// value of the document in a table of these values, instead of comparing it with each of them. For more values
    /// than the default limits allow use [`FilterBuilder::build_with`].
    ///
    /// ```
    /// use scim_engine::{Limits, Options, ResourceType, attr};
    /// use serde_json::json;
    /// let ids: Vec<String> = (0..10_000).map(|id| format!("u{id}")).collect();
    /// let options = Options::default().limits(Limits::default().comparisons(ids.len()).filter_bytes(usize::MAX));
    /// let matcher = attr("id").one_of(&ids).build_with(&options)?.compile(&ResourceType::user())?;
    /// assert!(matcher.matches(&json!({"id": "u9999"}))?);
    /// assert!(!matcher.matches(&json!({"id": "u10000"}))?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn one_of<'a, T: Into<Literal<'a>>>(self, values: impl IntoIterator<Item = T>) -> FilterBuilder {
        FilterBuilder::any_of(values.into_iter().map(|value| self.clone().eq(value)))
    }

    /// Tests elements with `attr[inner]`: some element satisfies `inner`.
    ///
    /// ```
    /// use scim_engine::attr;
    /// let filter = attr("emails").any(attr("type").eq("work") & attr("value").ew("@example.com")).build()?;
    /// assert_eq!(filter.to_string(), r#"emails[type eq "work" and value ew "@example.com"]"#);
    /// # Ok::<(), scim_engine::ParseError>(())
    /// ```
    pub fn any(self, inner: impl Into<FilterBuilder>) -> FilterBuilder {
        let ElementBuilder { path, depth } = self.select(inner);
        FilterBuilder { built: path.map(|path| Built::One(Expr::ValuePath(path))), depth }.checked()
    }

    /// Selects the elements that satisfy `inner`, in order to test one of their sub-attributes: `attr[inner].sub eq "x"`.
    /// Clients send this form, although the grammar of the RFC does not have it (`docs/MEANING.md`, under "Filter text").
    /// [`AttrBuilder::any`] stays within the grammar.
    ///
    /// ```
    /// use scim_engine::attr;
    /// let filter = attr("emails").select(attr("type").eq("work")).sub_attribute("value").eq("b@example.com").build()?;
    /// assert_eq!(filter.to_string(), r#"emails[type eq "work"].value eq "b@example.com""#);
    /// # Ok::<(), scim_engine::ParseError>(())
    /// ```
    pub fn select(self, inner: impl Into<FilterBuilder>) -> ElementBuilder {
        let inner = inner.into();
        let path = self.target.and_then(|target| match target {
            Target::Attr(path) => Ok(ValuePath::new(path, inner.built?.expr())),
            Target::Sub(_, sub) => {
                Err(ParseError::new(&sub, Span::new(0, sub.len()), Expected::NoNestedBrackets, false))
            }
        });
        ElementBuilder { path, depth: inner.depth + 1 }
    }
}

impl ElementBuilder {
    /// Names the sub-attribute to test. A name that is not valid is an error of [`FilterBuilder::build`].
    pub fn sub_attribute(self, name: &str) -> AttrBuilder {
        let target = self.path.and_then(|path| {
            check_sub_attribute(name)?;
            Ok(Target::Sub(path, name.to_owned()))
        });
        AttrBuilder { target, depth: self.depth }
    }
}

impl FilterBuilder {
    /// Replaces a tree that is too deep by an error. The tree is dropped here, while it is still shallow enough to be
    /// dropped by recursion.
    fn checked(self) -> Self {
        let max = Limits::default().nesting;
        if self.depth <= max {
            return self;
        }
        Self::refused(ParseError::new("", Span::default(), Expected::MaxNesting(max), false))
    }

    fn refused(error: ParseError) -> Self {
        Self { built: Err(error), depth: 0 }
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
        Self { built: self.built.map(|built| Built::One(built.expr().negate())), depth: self.depth + 1 }.checked()
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
        joined.unwrap_or_else(|| Self::refused(ParseError::new("", Span::default(), Expected::Term, false)))
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
        Filter::from_expr_with(self.built?.expr(), options)
    }
}

impl From<Filter> for FilterBuilder {
    fn from(filter: Filter) -> Self {
        filter.into_expr().into()
    }
}

/// A tree that no filter has ([`Filter::from_expr`]) is an error of [`FilterBuilder::build`].
///
/// ```
/// use scim_engine::{Expr, FilterBuilder, attr};
/// let own = FilterBuilder::from(Expr::parse("title pr or userType pr")?);
/// let filter = own.and(attr("active").eq(true)).build()?;
/// assert_eq!(filter.to_string(), "(title pr or userType pr) and active eq true");
/// # Ok::<(), scim_engine::ParseError>(())
/// ```
impl From<Expr<'_>> for FilterBuilder {
    fn from(expr: Expr<'_>) -> Self {
        match valid(expr) {
            Ok(expr) => Self { depth: levels(&expr), built: Ok(expr.into_owned().into()) },
            Err(error) => Self::refused(error),
        }
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
