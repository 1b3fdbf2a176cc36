//! The tree of a filter, named by the productions of RFC 7644 Figure 1. The same types serve filters, the brackets of a
//! value path, and PATCH paths.

use std::borrow::Cow;

use super::literal::Literal;
use super::span::Span;

/// A filter expression (`FILTER` of RFC 7644 §3.4.2.2). `and` and `or` hold all their terms in one list, so that a long
/// chain is no deeper than a short one.
///
/// ```
/// use scim_engine::{Expr, Filter};
/// let filter: Filter = "title pr and (active eq true and userType pr)".parse()?;
/// assert!(matches!(filter.expr(), Expr::And(terms) if terms.len() == 3));
/// # Ok::<(), scim_engine::ParseError>(())
/// ```
///
/// Trees are equal, and hash alike, if their operators, names and literals are the same as written. Spans are not
/// compared. The grammar of the RFC is closed, and so are the enums of the tree: a `match` needs no wildcard.
///
/// A tree can be made of its parts, and becomes a [`Filter`](super::Filter) by
/// [`Filter::from_expr`](super::Filter::from_expr):
///
/// ```
/// use scim_engine::syntax::{AttrExp, AttrPath, CompareOp, Test, ValuePath};
/// use scim_engine::{Expr, Filter};
/// let work = AttrExp::new(AttrPath::parse("type")?, Test::compare(CompareOp::Eq, "work"));
/// let emails = ValuePath::new(AttrPath::parse("emails")?, work.into());
/// let active = AttrExp::new(AttrPath::parse("active")?, Test::compare(CompareOp::Eq, false));
/// let filter = Filter::from_expr(Expr::from(emails).and(Expr::from(active).negate()))?;
/// assert_eq!(filter.to_string(), r#"emails[type eq "work"] and not (active eq false)"#);
/// # Ok::<(), scim_engine::ParseError>(())
/// ```
///
/// The parser limits the depth of a tree. Nothing limits that of a tree that is made in code, until it becomes a `Filter`:
/// printing, comparing, cloning and dropping recurse, so do not let input choose its depth.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Expr<'a> {
    /// All of two or more terms hold; none of them is itself an `And`.
    And(Vec<Expr<'a>>),
    /// At least one of two or more terms holds; none of them is itself an `Or`.
    Or(Vec<Expr<'a>>),
    /// `not (…)`.
    Not(Negation<'a>),
    /// `attrExp`: a test of one attribute.
    Attr(AttrExp<'a>),
    /// `valuePath`: some element of an attribute satisfies the filter in the brackets.
    ValuePath(ValuePath<'a>),
}

/// `not (expr)`.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Negation<'a> {
    /// The expression in the parentheses, which must not hold.
    pub expr: Box<Expr<'a>>,
    /// From the `n` of `not` to the closing parenthesis.
    pub span: Span,
}

/// `attrExp`: an attribute and its test.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct AttrExp<'a> {
    /// The attribute.
    pub path: AttrPath<'a>,
    /// The test of its values.
    pub test: Test<'a>,
}

/// The test of an attribute.
#[derive(Debug, Clone)]
pub enum Test<'a> {
    /// `pr`.
    Present {
        /// The span of `pr`.
        span: Span,
    },
    /// `compareOp compValue`.
    Compare {
        /// The operator.
        op: CompareOp,
        /// The span of the operator.
        op_span: Span,
        /// The value that the attribute is compared with.
        value: Literal<'a>,
        /// The span of the value.
        value_span: Span,
    },
}

/// `valuePath`: `attrPath "[" valFilter "]"`. It also stands for the form `emails[…].value eq "x"`, which clients send
/// although the grammar of the RFC does not allow it (`docs/MEANING.md`, under "Filter text").
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ValuePath<'a> {
    /// The attribute before the brackets.
    pub path: AttrPath<'a>,
    /// The filter in the brackets; its names are sub-attributes.
    pub filter: Box<Expr<'a>>,
    /// `.sub` and its test after the brackets, if present.
    pub then: Option<Box<SubTest<'a>>>,
    /// From the attribute to the end of the brackets or of the test after them.
    pub span: Span,
}

/// `.value eq "x"` after the brackets of a value path.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct SubTest<'a> {
    /// The sub-attribute as written.
    pub sub_attribute: Cow<'a, str>,
    /// The span of the name of the sub-attribute.
    pub span: Span,
    /// The test of its values.
    pub test: Test<'a>,
}

/// `attrPath`: `[URI ":"] ATTRNAME *1subAttr`, as written. [`AttrPath::parse`] makes one. Paths are equal if their texts
/// are, so `userName` and `username` differ here, although they name the same attribute.
#[derive(Debug, Clone)]
pub struct AttrPath<'a> {
    pub(crate) text: Cow<'a, str>,
    /// The offset in `text` where the name of the attribute begins. If the path has a URN, the colon after the URN
    /// precedes the name.
    pub(crate) name_start: u32,
    /// The offset in `text` where the name of the attribute ends. If the path has a sub-attribute, the dot before the
    /// sub-attribute is at this offset.
    pub(crate) name_end: u32,
    pub(crate) span: Span,
}

/// `compareOp`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CompareOp {
    /// `eq`: equal.
    Eq,
    /// `ne`: not equal.
    Ne,
    /// `co`: contains.
    Co,
    /// `sw`: starts with.
    Sw,
    /// `ew`: ends with.
    Ew,
    /// `gt`: greater than.
    Gt,
    /// `ge`: greater than or equal to.
    Ge,
    /// `lt`: less than.
    Lt,
    /// `le`: less than or equal to.
    Le,
}

impl CompareOp {
    /// Every operator, in the order of the table in the RFC.
    pub const ALL: [Self; 9] =
        [Self::Eq, Self::Ne, Self::Co, Self::Sw, Self::Ew, Self::Gt, Self::Ge, Self::Lt, Self::Le];

    /// The operator in lower case.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Eq => "eq",
            Self::Ne => "ne",
            Self::Co => "co",
            Self::Sw => "sw",
            Self::Ew => "ew",
            Self::Gt => "gt",
            Self::Ge => "ge",
            Self::Lt => "lt",
            Self::Le => "le",
        }
    }

    /// The operator of this name, in any case.
    pub fn from_name(name: &str) -> Option<Self> {
        let &[a, b] = name.as_bytes() else { return None };
        // Setting bit 0x20 turns a capital into a small letter, and no other ASCII character into a letter.
        Some(match [a | 0x20, b | 0x20] {
            [b'e', b'q'] => Self::Eq,
            [b'n', b'e'] => Self::Ne,
            [b'c', b'o'] => Self::Co,
            [b's', b'w'] => Self::Sw,
            [b'e', b'w'] => Self::Ew,
            [b'g', b't'] => Self::Gt,
            [b'g', b'e'] => Self::Ge,
            [b'l', b't'] => Self::Lt,
            [b'l', b'e'] => Self::Le,
            _ => return None,
        })
    }

    /// Whether this is `gt`, `ge`, `lt` or `le`.
    pub const fn is_ordering(self) -> bool {
        matches!(self, Self::Gt | Self::Ge | Self::Lt | Self::Le)
    }

    /// Whether this is `co`, `sw` or `ew`.
    pub const fn is_substring(self) -> bool {
        matches!(self, Self::Co | Self::Sw | Self::Ew)
    }
}

impl AttrPath<'_> {
    /// The path as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The URN before the name, without the colon that separates them.
    pub fn uri(&self) -> Option<&str> {
        match self.name_start as usize {
            0 => None,
            start if self.name().is_empty() => self.text.get(..start),
            start => self.text.get(..start - 1),
        }
    }

    /// Whether what precedes the name, if anything does, is a URI: a scheme, a colon and more (RFC 3986 §3). The parser
    /// does not refuse other prefixes, because a host may give its schemas any id.
    pub(crate) fn has_uri(&self) -> bool {
        let is_scheme_byte = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'+');
        self.uri().is_none_or(|uri| {
            uri.split_once(':').is_some_and(|(scheme, rest)| {
                let is_scheme =
                    scheme.starts_with(|c: char| c.is_ascii_alphabetic()) && scheme.bytes().all(is_scheme_byte);
                is_scheme && !rest.is_empty()
            })
        })
    }

    /// The attribute name. Empty if the path is a bare URN whose last part cannot be a name (`urn:example:lease:1.0`).
    pub fn name(&self) -> &str {
        self.text.get(self.name_start as usize..self.name_end as usize).unwrap_or("")
    }

    /// The sub-attribute, the name after the dot.
    pub fn sub_attribute(&self) -> Option<&str> {
        self.text.get(self.name_end as usize + 1..).filter(|sub| !sub.is_empty())
    }

    /// The span of the path in the text that it was parsed from.
    pub fn span(&self) -> Span {
        self.span
    }

    /// Copies the text that the path borrows, so that it owns the text.
    pub fn into_owned(self) -> AttrPath<'static> {
        AttrPath {
            text: Cow::Owned(self.text.into_owned()),
            name_start: self.name_start,
            name_end: self.name_end,
            span: self.span,
        }
    }
}

impl<'a> Expr<'a> {
    /// The span of the expression in the text that it was parsed from.
    pub fn span(&self) -> Span {
        match self {
            Self::And(terms) | Self::Or(terms) => match (terms.first(), terms.last()) {
                (Some(first), Some(last)) => first.span().to(last.span()),
                _ => Span::default(),
            },
            Self::Not(negation) => negation.span,
            Self::Attr(exp) => exp.path.span.to(exp.test.span()),
            Self::ValuePath(path) => path.span,
        }
    }

    /// Copies all texts that the tree borrows, so that it owns them.
    pub fn into_owned(self) -> Expr<'static> {
        let all = |terms: Vec<Expr<'a>>| terms.into_iter().map(Expr::into_owned).collect();
        match self {
            Self::And(terms) => Expr::And(all(terms)),
            Self::Or(terms) => Expr::Or(all(terms)),
            Self::Not(not) => Expr::Not(Negation { expr: Box::new(not.expr.into_owned()), span: not.span }),
            Self::Attr(exp) => Expr::Attr(AttrExp { path: exp.path.into_owned(), test: exp.test.into_owned() }),
            Self::ValuePath(path) => Expr::ValuePath(ValuePath {
                path: path.path.into_owned(),
                filter: Box::new(path.filter.into_owned()),
                then: path.then.map(|then| {
                    let SubTest { sub_attribute, span, test } = *then;
                    let sub_attribute = Cow::Owned(sub_attribute.into_owned());
                    Box::new(SubTest { sub_attribute, span, test: test.into_owned() })
                }),
                span: path.span,
            }),
        }
    }
}

impl Test<'_> {
    /// The span of `pr`, or from the operator to the end of the literal.
    pub fn span(&self) -> Span {
        match self {
            Self::Present { span } => *span,
            Self::Compare { op_span, value_span, .. } => op_span.to(*value_span),
        }
    }

    fn into_owned(self) -> Test<'static> {
        match self {
            Self::Present { span } => Test::Present { span },
            Self::Compare { op, op_span, value, value_span } => {
                Test::Compare { op, op_span, value: value.into_owned(), value_span }
            }
        }
    }
}
