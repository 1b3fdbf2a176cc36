//! Visits the parts of a tree.

use super::ast::{AttrExp, AttrPath, Expr, Negation, SubTest, Test, ValuePath};
use super::literal::Literal;

/// A visitor of the parts of a filter. By default each method visits the parts of its argument. Override the methods of
/// interest. An overriding method visits the parts only if it calls `walk_expr`, `walk_value_path` or the visitor's
/// other methods.
///
/// ```
/// use scim_engine::syntax::{AttrPath, Visit};
/// struct Names(Vec<String>);
/// impl Visit for Names {
///     fn visit_attr_path(&mut self, path: &AttrPath<'_>) {
///         self.0.push(path.name().to_owned());
///     }
/// }
/// let filter: scim_engine::Filter = "title pr and not (active eq false)".parse()?;
/// let mut names = Names(Vec::new());
/// names.visit_expr(filter.expr());
/// assert_eq!(names.0, ["title", "active"]);
/// # Ok::<(), scim_engine::ParseError>(())
/// ```
pub trait Visit {
    /// Visits any expression.
    fn visit_expr(&mut self, expr: &Expr<'_>) {
        walk_expr(self, expr);
    }
    /// Visits `not (…)`.
    fn visit_not(&mut self, not: &Negation<'_>) {
        self.visit_expr(&not.expr);
    }
    /// Visits the test of an attribute.
    fn visit_attr_exp(&mut self, exp: &AttrExp<'_>) {
        self.visit_attr_path(&exp.path);
        self.visit_test(&exp.test);
    }
    /// Visits a value path.
    fn visit_value_path(&mut self, path: &ValuePath<'_>) {
        walk_value_path(self, path);
    }
    /// Visits the test after the brackets of a value path.
    fn visit_sub_test(&mut self, then: &SubTest<'_>) {
        self.visit_test(&then.test);
    }
    /// Visits a presence test or a comparison.
    fn visit_test(&mut self, test: &Test<'_>) {
        if let Test::Compare { value, .. } = test {
            self.visit_literal(value);
        }
    }
    /// Visits the path of an attribute.
    fn visit_attr_path(&mut self, _path: &AttrPath<'_>) {}
    /// Visits the literal of a comparison.
    fn visit_literal(&mut self, _literal: &Literal<'_>) {}
}

/// Visits the parts of an expression.
pub fn walk_expr<V: Visit + ?Sized>(visitor: &mut V, expr: &Expr<'_>) {
    match expr {
        Expr::And(terms) | Expr::Or(terms) => terms.iter().for_each(|term| visitor.visit_expr(term)),
        Expr::Not(not) => visitor.visit_not(not),
        Expr::Attr(exp) => visitor.visit_attr_exp(exp),
        Expr::ValuePath(path) => visitor.visit_value_path(path),
    }
}

/// Visits the parts of a value path.
pub fn walk_value_path<V: Visit + ?Sized>(visitor: &mut V, path: &ValuePath<'_>) {
    visitor.visit_attr_path(&path.path);
    visitor.visit_expr(&path.filter);
    if let Some(then) = &path.then {
        visitor.visit_sub_test(then);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::syntax::Filter;

    #[derive(Default)]
    struct Parts(Vec<String>);

    impl Visit for Parts {
        fn visit_attr_path(&mut self, path: &AttrPath<'_>) {
            self.0.push(path.name().to_owned());
        }
        fn visit_literal(&mut self, literal: &Literal<'_>) {
            self.0.push(literal.to_string());
        }
    }

    #[test]
    fn every_part_is_visited_in_order() {
        let filter = Filter::parse("a eq 1 and not (b pr or c[d gt 2].e lt 3)").unwrap();
        let mut parts = Parts::default();
        parts.visit_expr(filter.expr());
        assert_eq!(parts.0, ["a", "1", "b", "c", "d", "2", "3"]);
    }
}
