//! Checks trees that were made in code, so that they can be printed: the parser makes only valid ones.

use super::ast::{Expr, Negation, SubTest, Test, ValuePath};
use super::error::ParseError;
use super::expected::Expected;
use super::lexer;
use super::literal::Literal;
use super::span::Span;
use crate::limits::Limits;

/// The tree in the form that the parser gives it, with `and` within `and` and `or` within `or` laid flat.
///
/// # Errors
/// A tree that is too deep, an `and` or `or` without terms, and names and numbers that are not valid. Without this check,
/// a sub-attribute such as `x pr or y` would print as the text of another tree.
pub(super) fn valid(expr: Expr<'_>) -> Result<Expr<'_>, ParseError> {
    if levels(&expr) > Limits::MAX_DEPTH {
        dismantle(expr);
        return Err(ParseError::new("", Span::default(), Expected::MaxNesting(Limits::MAX_DEPTH), false));
    }
    flat(expr)
}

/// The levels of an expression. Nothing recurses, because a tree that was made in code may have any depth.
pub(super) fn levels(expr: &Expr<'_>) -> usize {
    let mut deepest = 0;
    let mut open = vec![(expr, 0)];
    while let Some((expr, depth)) = open.pop() {
        deepest = deepest.max(depth);
        match expr {
            Expr::And(terms) | Expr::Or(terms) => open.extend(terms.iter().map(|term| (term, depth + 1))),
            Expr::Not(not) => open.push((&not.expr, depth + 1)),
            Expr::ValuePath(path) => open.push((&path.filter, depth + 1)),
            Expr::Attr(_) => {}
        }
    }
    deepest
}

/// Drops a tree of any depth without recursion.
fn dismantle(expr: Expr<'_>) {
    let mut open = vec![expr];
    while let Some(expr) = open.pop() {
        match expr {
            Expr::And(terms) | Expr::Or(terms) => open.extend(terms),
            Expr::Not(not) => open.push(*not.expr),
            Expr::ValuePath(path) => open.push(*path.filter),
            Expr::Attr(_) => {}
        }
    }
}

/// This function may recurse, because `valid` has limited the depth.
fn flat(expr: Expr<'_>) -> Result<Expr<'_>, ParseError> {
    let all = |terms: Vec<_>| terms.into_iter().map(flat).collect::<Result<Vec<_>, _>>();
    let no_term = || ParseError::new("", Span::default(), Expected::Term, false);
    match expr {
        Expr::And(terms) => Expr::all_of(all(terms)?).ok_or_else(no_term),
        Expr::Or(terms) => Expr::any_of(all(terms)?).ok_or_else(no_term),
        Expr::Not(Negation { expr, span }) => Ok(Expr::Not(Negation { expr: Box::new(flat(*expr)?), span })),
        Expr::Attr(exp) => check_test(&exp.test).map(|()| Expr::Attr(exp)),
        Expr::ValuePath(ValuePath { path, filter, then, span }) => {
            if let Some(SubTest { sub_attribute, test, .. }) = then.as_deref() {
                check_sub_attribute(sub_attribute)?;
                check_test(test)?;
            }
            Ok(Expr::ValuePath(ValuePath { path, filter: Box::new(flat(*filter)?), then, span }))
        }
    }
}

/// Refuses what is not the name of a sub-attribute.
pub(super) fn check_sub_attribute(name: &str) -> Result<(), ParseError> {
    if lexer::is_attr_name(name) {
        return Ok(());
    }
    Err(ParseError::new(name, Span::new(0, name.len()), Expected::SubAttrName, false))
}

/// Refuses a number that is not one of JSON. `serde_json::Number` can hold any text under its feature
/// `arbitrary_precision`.
fn check_test(test: &Test<'_>) -> Result<(), ParseError> {
    match test {
        Test::Compare { value: Literal::Number(number), .. } if !lexer::is_number(number.as_str()) => {
            let text = number.as_str();
            Err(ParseError::new(text, Span::new(0, text.len()), Expected::Number, false))
        }
        _ => Ok(()),
    }
}
