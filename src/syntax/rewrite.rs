//! Replaces loosely written paths and literals in a tree, so that the tree prints in its correct form (D26).

use super::ast::{AttrExp, AttrPath, Expr, Literal, Negation, SubTest, Test, ValuePath};
use super::span::Span;

/// The replacement for a path or literal.
#[derive(Debug, Clone)]
pub(crate) enum Rewrite {
    /// A path. The span in this path is ignored, because the tree keeps the span of the replaced path.
    Path(AttrPath<'static>),
    Literal(Literal<'static>),
}

impl Expr<'static> {
    /// The tree with the parts at these spans replaced. The spans in the tree do not change, so that they still refer
    /// to the original text.
    pub(crate) fn rewritten(&self, at: &[(Span, Rewrite)]) -> Self {
        let all = |terms: &[Self]| terms.iter().map(|term| term.rewritten(at)).collect();
        match self {
            Self::And(terms) => Self::And(all(terms)),
            Self::Or(terms) => Self::Or(all(terms)),
            Self::Not(not) => Self::Not(Negation { expr: Box::new(not.expr.rewritten(at)), span: not.span }),
            Self::Attr(AttrExp { path, test: asked }) => {
                Self::Attr(AttrExp { path: name(path, at), test: test(asked, at) })
            }
            Self::ValuePath(ValuePath { path, filter, then, span }) => Self::ValuePath(ValuePath {
                path: name(path, at),
                filter: Box::new(filter.rewritten(at)),
                then: then.as_ref().map(|then| Box::new(SubTest { test: test(&then.test, at), ..(**then).clone() })),
                span: *span,
            }),
        }
    }
}

fn name(path: &AttrPath<'static>, at: &[(Span, Rewrite)]) -> AttrPath<'static> {
    let found = at.iter().find_map(|(span, rewrite)| match rewrite {
        Rewrite::Path(other) if *span == path.span => Some(other),
        _ => None,
    });
    AttrPath { span: path.span, ..found.unwrap_or(path).clone() }
}

fn test(asked: &Test<'static>, at: &[(Span, Rewrite)]) -> Test<'static> {
    let mut test = asked.clone();
    if let Test::Compare { value, value_span, .. } = &mut test
        && let Some(other) = at.iter().find_map(|(span, rewrite)| match rewrite {
            Rewrite::Literal(other) if span == value_span => Some(other),
            _ => None,
        })
    {
        *value = other.clone();
    }
    test
}
