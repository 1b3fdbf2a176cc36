//! Constructors of trees. Spans of parts that are constructed are empty; [`Filter::from_expr`](super::Filter::from_expr)
//! gives them those of the filter's text.

use std::borrow::Cow;

use super::ast::{AttrExp, AttrPath, CompareOp, Expr, Negation, SubTest, Test, ValuePath};
use super::literal::Literal;
use super::span::Span;

impl Expr<'_> {
    /// Joins two expressions by `and`: both must hold. The terms of an `And` are joined as they are, not as one term.
    ///
    /// ```
    /// use scim_engine::Expr;
    /// let both = Expr::parse("title pr and active eq true")?.and(Expr::parse("userType pr")?);
    /// assert!(matches!(&both, Expr::And(terms) if terms.len() == 3));
    /// # Ok::<(), scim_engine::ParseError>(())
    /// ```
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let mut terms = match self {
            Self::And(terms) => terms,
            one => vec![one],
        };
        push_and(&mut terms, other);
        Self::And(terms)
    }

    /// Joins two expressions by `or`: at least one of them must hold. The terms of an `Or` are joined as they are, not
    /// as one term.
    ///
    /// ```
    /// use scim_engine::Expr;
    /// let either = Expr::parse("title pr")?.or(Expr::parse("active eq true and userType pr")?);
    /// assert_eq!(either.to_string(), "title pr or active eq true and userType pr");
    /// # Ok::<(), scim_engine::ParseError>(())
    /// ```
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        let mut terms = match self {
            Self::Or(terms) => terms,
            one => vec![one],
        };
        push_or(&mut terms, other);
        Self::Or(terms)
    }

    /// Joins expressions by `and`: all of them must hold. Terms that are themselves an `And` are laid flat. A single
    /// term is the result; `None` if there is no term, because no filter says that nothing is demanded.
    ///
    /// ```
    /// use scim_engine::Expr;
    /// let terms = ["title pr", "active eq true"].map(Expr::parse);
    /// let all = Expr::all_of(terms.into_iter().collect::<Result<Vec<_>, _>>()?);
    /// assert_eq!(all, Some(Expr::parse("title pr and active eq true")?));
    /// assert_eq!(Expr::all_of([]), None);
    /// # Ok::<(), scim_engine::ParseError>(())
    /// ```
    pub fn all_of(terms: impl IntoIterator<Item = Self>) -> Option<Self> {
        let mut flat = Vec::new();
        terms.into_iter().for_each(|term| push_and(&mut flat, term));
        if flat.len() > 1 { Some(Self::And(flat)) } else { flat.pop() }
    }

    /// Joins expressions by `or`: at least one of them must hold. Terms that are themselves an `Or` are laid flat. A
    /// single term is the result; `None` if there is no term, because no filter says that nothing matches.
    ///
    /// ```
    /// use scim_engine::Expr;
    /// let any = Expr::any_of([Expr::parse("title pr or userType pr")?, Expr::parse("active eq true")?]);
    /// assert!(matches!(any, Some(Expr::Or(terms)) if terms.len() == 3));
    /// # Ok::<(), scim_engine::ParseError>(())
    /// ```
    pub fn any_of(terms: impl IntoIterator<Item = Self>) -> Option<Self> {
        let mut flat = Vec::new();
        terms.into_iter().for_each(|term| push_or(&mut flat, term));
        if flat.len() > 1 { Some(Self::Or(flat)) } else { flat.pop() }
    }

    /// Negates the expression: `not (…)`.
    ///
    /// ```
    /// let expr = scim_engine::Expr::parse("title pr")?.negate();
    /// assert_eq!(expr.to_string(), "not (title pr)");
    /// # Ok::<(), scim_engine::ParseError>(())
    /// ```
    #[must_use]
    pub fn negate(self) -> Self {
        Self::Not(Negation::new(self))
    }
}

/// Adds a term, or the terms of one that is itself an `And`.
pub(super) fn push_and<'a>(terms: &mut Vec<Expr<'a>>, term: Expr<'a>) {
    match term {
        Expr::And(inner) => terms.extend(inner),
        other => terms.push(other),
    }
}

/// Adds a term, or the terms of one that is itself an `Or`.
pub(super) fn push_or<'a>(terms: &mut Vec<Expr<'a>>, term: Expr<'a>) {
    match term {
        Expr::Or(inner) => terms.extend(inner),
        other => terms.push(other),
    }
}

impl<'a> From<Negation<'a>> for Expr<'a> {
    fn from(negation: Negation<'a>) -> Self {
        Self::Not(negation)
    }
}

impl<'a> From<AttrExp<'a>> for Expr<'a> {
    fn from(exp: AttrExp<'a>) -> Self {
        Self::Attr(exp)
    }
}

impl<'a> From<ValuePath<'a>> for Expr<'a> {
    fn from(path: ValuePath<'a>) -> Self {
        Self::ValuePath(path)
    }
}

impl<'a> Negation<'a> {
    /// `not (expr)`.
    pub fn new(expr: Expr<'a>) -> Self {
        Self { expr: Box::new(expr), span: Span::default() }
    }
}

impl<'a> AttrExp<'a> {
    /// A test of an attribute.
    ///
    /// ```
    /// use scim_engine::syntax::{AttrExp, AttrPath, CompareOp, Test};
    /// let exp = AttrExp::new(AttrPath::parse("userName")?, Test::compare(CompareOp::Eq, "bjensen"));
    /// assert_eq!(exp.to_string(), r#"userName eq "bjensen""#);
    /// # Ok::<(), scim_engine::ParseError>(())
    /// ```
    pub fn new(path: AttrPath<'a>, test: Test<'a>) -> Self {
        Self { path, test }
    }
}

impl<'a> Test<'a> {
    /// `pr`.
    pub fn present() -> Self {
        Self::Present { span: Span::default() }
    }

    /// A comparison with a literal.
    pub fn compare(op: CompareOp, value: impl Into<Literal<'a>>) -> Self {
        Self::Compare { op, op_span: Span::default(), value: value.into(), value_span: Span::default() }
    }
}

impl<'a> ValuePath<'a> {
    /// `path[filter]`.
    ///
    /// ```
    /// use scim_engine::Expr;
    /// use scim_engine::syntax::{AttrPath, CompareOp, Test, ValuePath};
    /// let work = ValuePath::new(AttrPath::parse("emails")?, Expr::parse(r#"type eq "work""#)?);
    /// assert_eq!(work.to_string(), r#"emails[type eq "work"]"#);
    /// let value = work.then("value", Test::compare(CompareOp::Ew, "@example.com"));
    /// assert_eq!(value.to_string(), r#"emails[type eq "work"].value ew "@example.com""#);
    /// # Ok::<(), scim_engine::ParseError>(())
    /// ```
    pub fn new(path: AttrPath<'a>, filter: Expr<'a>) -> Self {
        Self { path, filter: Box::new(filter), then: None, span: Span::default() }
    }

    /// Adds `.sub_attribute test` after the brackets, in place of what was there. A name that is not valid is an error
    /// when the tree becomes a [`Filter`](super::Filter).
    #[must_use]
    pub fn then(self, sub_attribute: impl Into<Cow<'a, str>>, test: Test<'a>) -> Self {
        Self { then: Some(Box::new(SubTest::new(sub_attribute, test))), ..self }
    }
}

impl<'a> SubTest<'a> {
    /// A test of a sub-attribute after brackets. A name that is not valid is an error when the tree becomes a
    /// [`Filter`](super::Filter).
    pub fn new(sub_attribute: impl Into<Cow<'a, str>>, test: Test<'a>) -> Self {
        Self { sub_attribute: sub_attribute.into(), span: Span::default(), test }
    }
}
