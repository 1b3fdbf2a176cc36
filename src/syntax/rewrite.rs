//! Replaces loosely written paths and literals in a tree, so that the tree prints in its correct form (D26).

use super::ast::{AttrPath, Expr, Test};
use super::literal::Literal;
use super::span::Span;
use super::visit_mut::VisitMut;

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
        let mut expr = self.clone();
        Rewrites(at).visit_expr_mut(&mut expr);
        expr
    }
}

struct Rewrites<'a>(&'a [(Span, Rewrite)]);

impl VisitMut for Rewrites<'_> {
    fn visit_attr_path_mut(&mut self, path: &mut AttrPath<'_>) {
        let found = self.0.iter().find_map(|(span, rewrite)| match rewrite {
            Rewrite::Path(other) if *span == path.span => Some(other),
            _ => None,
        });
        if let Some(other) = found {
            *path = AttrPath { span: path.span, ..other.clone() };
        }
    }

    fn visit_test_mut(&mut self, test: &mut Test<'_>) {
        if let Test::Compare { value, value_span, .. } = test
            && let Some(other) = self.0.iter().find_map(|(span, rewrite)| match rewrite {
                Rewrite::Literal(other) if span == value_span => Some(other),
                _ => None,
            })
        {
            *value = other.clone();
        }
    }
}
