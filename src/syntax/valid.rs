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
            let found = number.as_str();
            Err(ParseError::new(found, Span::new(0, found.len()), Expected::Number, false))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use crate::syntax::{AttrExp, AttrPath, CompareOp, Test, ValuePath};
    use crate::{Expr, Filter, FilterBuilder, PatchPath, attr};

    fn a() -> Expr<'static> {
        AttrExp::new("a".parse().unwrap(), Test::present()).into()
    }

    fn path(text: &str) -> AttrPath<'_> {
        AttrPath::parse(text).unwrap()
    }

    /// Refused in each way in which a tree becomes a filter.
    fn refused(expr: Expr<'static>, message: &str) {
        let errors = [
            Filter::from_expr(expr.clone()).unwrap_err(),
            Filter::try_from(expr.clone()).unwrap_err(),
            FilterBuilder::from(expr.clone()).build().unwrap_err(),
            attr("b").pr().and(expr).build().unwrap_err(),
        ];
        for error in errors {
            assert!(error.to_string().contains(message), "{error}");
        }
    }

    #[test]
    fn a_name_cannot_bring_a_filter() {
        for name in ["x pr or y", "x eq 1 or y", "", "x.y", "x]", "x[y pr]", "x\"", "é", "1", "x ", "urn:x:y", "x\0"] {
            let one = || ValuePath::new(path("a"), a());
            let expected = "expected the name of a sub-attribute";
            refused(one().then(name, Test::present()).into(), expected);
            refused(one().then(name, Test::compare(CompareOp::Eq, 1)).into(), expected);
            assert!(attr("a").select(attr("b").pr()).sub_attribute(name).pr().build().is_err());
            assert!(PatchPath::from_parts(path("a"), None, Some(name)).is_err());
            assert!(PatchPath::from_parts(path("a"), Some(a()), Some(name)).is_err());
            if name != "urn:x:y" && name != "x.y" {
                assert!(AttrPath::parse(name).is_err() && AttrPath::try_from(name.to_owned()).is_err(), "{name}");
            }
        }
    }

    #[test]
    fn a_string_cannot_bring_a_filter() {
        for text in ["\" or b pr or c eq \"", "\\", "\\\"", "\n\0\u{7f}", "\u{2028}"] {
            let expr = Expr::from(AttrExp::new(path("a"), Test::compare(CompareOp::Eq, text)));
            assert_eq!(Filter::from_expr(expr.clone()).unwrap().into_expr(), expr);
        }
    }

    #[cfg(any(feature = "cli", feature = "python"))]
    #[test]
    fn a_number_cannot_bring_a_filter() {
        for text in ["1 or b pr", "NaN", "", "1)"] {
            let number = serde_json::Number::from_string_unchecked(text.to_owned());
            let test = Test::compare(CompareOp::Eq, number.clone());
            refused(AttrExp::new(path("a"), test.clone()).into(), "expected a JSON number");
            refused(ValuePath::new(path("a"), a()).then("b", test).into(), "expected a JSON number");
            assert!(attr("a").eq(number).build().is_err());
        }
    }

    #[test]
    fn nothing_to_join() {
        let expected = "expected at least one filter";
        for empty in [Expr::And(Vec::new()), Expr::Or(Vec::new())] {
            refused(empty.clone(), expected);
            refused(empty.clone().negate(), expected);
            refused(Expr::And(vec![a(), empty.clone()]), expected);
            refused(ValuePath::new(path("a"), empty.clone()).into(), expected);
            refused(Expr::Or(vec![Expr::And(vec![empty])]), expected);
        }
    }

    #[test]
    fn what_brackets_do_not_hold() {
        let inner = || ValuePath::new(path("b"), a());
        refused(ValuePath::new(path("a"), inner().into()).into(), "expected no brackets within brackets");
        let urn = AttrExp::new(path("urn:x:y:b"), Test::present());
        refused(ValuePath::new(path("a"), urn.clone().into()).into(), "expected a sub-attribute without a URN");
        assert!(PatchPath::from_parts(path("a"), Some(inner().into()), None).is_err());
        assert!(PatchPath::from_parts(path("a"), Some(urn.into()), None).is_err());
        let twice = attr("a").select(attr("b").pr()).sub_attribute("c");
        assert!(
            twice.clone().any(attr("d").pr()).build().is_err()
                && twice.select(attr("d").pr()).sub_attribute("e").pr().build().is_err()
        );
    }

    #[test]
    fn lists_are_laid_flat() {
        let nested = Expr::And(vec![Expr::And(vec![a(), Expr::And(vec![a()])]), Expr::Or(vec![Expr::And(vec![a()])])]);
        for filter in [Filter::from_expr(nested.clone()).unwrap(), FilterBuilder::from(nested).build().unwrap()] {
            assert_eq!(filter.as_str(), "a pr and a pr and a pr");
            assert_eq!(*filter.expr(), Expr::And(vec![a(), a(), a()]));
            assert_eq!(filter.expr().span().slice(filter.as_str()), filter.as_str());
        }
    }

    #[test]
    fn sub_attributes_of_paths() {
        let of = |attr, sub| PatchPath::from_parts(path(attr), None, Some(sub));
        assert_eq!(of("name", "givenName"), PatchPath::parse("name.givenName"));
        assert_eq!(of("urn:x:y:name", "givenName"), PatchPath::parse("urn:x:y:name.givenName"));
        for attr in ["name.givenName", "urn:x:y:1.0", "urn:x:y:name.givenName"] {
            assert!(of(attr, "x").unwrap_err().to_string().starts_with("expected the end of the path, found `x`"));
        }
        let whole = PatchPath::from(path("name.givenName"));
        assert_eq!((whole.as_str(), whole.sub_attribute()), ("name.givenName", Some("givenName")));
        assert_eq!(PatchPath::try_from("name.givenName"), Ok(whole));
    }
}
