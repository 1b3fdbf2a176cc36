//! Visits the parts of a tree in order to change them.

use super::ast::{AttrExp, AttrPath, Expr, Negation, SubTest, Test, ValuePath};
use super::literal::Literal;

/// A visitor that changes the parts of a filter in place; the counterpart of [`Visit`](super::Visit). By default each
/// method visits the parts of its argument. Override the methods of interest. An overriding method visits the parts only
/// if it calls `walk_expr_mut`, `walk_value_path_mut` or the visitor's other methods.
///
/// [`Filter::from_expr`](super::Filter::from_expr) makes a filter of the result, and refuses a tree that no text
/// describes. The visitor recurses over the tree. Trees of the parser have at most
/// [`Limits::MAX_DEPTH`](crate::Limits::MAX_DEPTH) levels.
///
/// ```
/// use scim_engine::Filter;
/// use scim_engine::syntax::{AttrPath, VisitMut};
/// /// Renames `userName` to `login`.
/// struct Renamed(AttrPath<'static>);
/// impl VisitMut for Renamed {
///     fn visit_attr_path_mut(&mut self, path: &mut AttrPath<'_>) {
///         if path.uri().is_none() && path.name().eq_ignore_ascii_case("userName") {
///             *path = self.0.clone();
///         }
///     }
/// }
/// let mut expr = Filter::parse(r#"username sw "b" and not (userName eq "bjensen")"#)?.into_expr();
/// Renamed("login".parse()?).visit_expr_mut(&mut expr);
/// let filter = Filter::from_expr(expr)?;
/// assert_eq!(filter.to_string(), r#"login sw "b" and not (login eq "bjensen")"#);
/// # Ok::<(), scim_engine::ParseError>(())
/// ```
///
/// To replace a whole expression, take it out first:
///
/// ```
/// use scim_engine::Expr;
/// use scim_engine::syntax::{CompareOp, Test, VisitMut, walk_expr_mut};
/// /// Writes `a ne x` as `not (a eq x)`.
/// struct WithoutNe;
/// impl VisitMut for WithoutNe {
///     fn visit_expr_mut(&mut self, expr: &mut Expr<'_>) {
///         walk_expr_mut(self, expr);
///         if let Expr::Attr(exp) = expr
///             && let Test::Compare { op: op @ CompareOp::Ne, .. } = &mut exp.test
///         {
///             *op = CompareOp::Eq;
///             *expr = std::mem::replace(expr, Expr::Or(Vec::new())).negate();
///         }
///     }
/// }
/// let mut expr = Expr::parse("title pr and userType ne \"Intern\"")?;
/// WithoutNe.visit_expr_mut(&mut expr);
/// assert_eq!(expr.to_string(), "title pr and not (userType eq \"Intern\")");
/// # Ok::<(), scim_engine::ParseError>(())
/// ```
pub trait VisitMut {
    /// Visits any expression.
    fn visit_expr_mut(&mut self, expr: &mut Expr<'_>) {
        walk_expr_mut(self, expr);
    }
    /// Visits `not (…)`.
    fn visit_not_mut(&mut self, not: &mut Negation<'_>) {
        self.visit_expr_mut(&mut not.expr);
    }
    /// Visits the test of an attribute.
    fn visit_attr_exp_mut(&mut self, exp: &mut AttrExp<'_>) {
        self.visit_attr_path_mut(&mut exp.path);
        self.visit_test_mut(&mut exp.test);
    }
    /// Visits a value path.
    fn visit_value_path_mut(&mut self, path: &mut ValuePath<'_>) {
        walk_value_path_mut(self, path);
    }
    /// Visits the test after the brackets of a value path.
    fn visit_sub_test_mut(&mut self, then: &mut SubTest<'_>) {
        self.visit_test_mut(&mut then.test);
    }
    /// Visits a presence test or a comparison.
    fn visit_test_mut(&mut self, test: &mut Test<'_>) {
        if let Test::Compare { value, .. } = test {
            self.visit_literal_mut(value);
        }
    }
    /// Visits the path of an attribute.
    fn visit_attr_path_mut(&mut self, _path: &mut AttrPath<'_>) {}
    /// Visits the literal of a comparison.
    fn visit_literal_mut(&mut self, _literal: &mut Literal<'_>) {}
}

/// Visits the parts of an expression.
pub fn walk_expr_mut<V: VisitMut + ?Sized>(visitor: &mut V, expr: &mut Expr<'_>) {
    match expr {
        Expr::And(terms) | Expr::Or(terms) => terms.iter_mut().for_each(|term| visitor.visit_expr_mut(term)),
        Expr::Not(not) => visitor.visit_not_mut(not),
        Expr::Attr(exp) => visitor.visit_attr_exp_mut(exp),
        Expr::ValuePath(path) => visitor.visit_value_path_mut(path),
    }
}

/// Visits the parts of a value path.
pub fn walk_value_path_mut<V: VisitMut + ?Sized>(visitor: &mut V, path: &mut ValuePath<'_>) {
    visitor.visit_attr_path_mut(&mut path.path);
    visitor.visit_expr_mut(&mut path.filter);
    if let Some(then) = &mut path.then {
        visitor.visit_sub_test_mut(then);
    }
}
