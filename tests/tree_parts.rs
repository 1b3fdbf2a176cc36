//! The parts of the tree of a filter: conversions, equality, visitors, `Debug`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use std::borrow::Cow;

use scim_engine::syntax::{AttrPath, Literal, Negation, Number, PatchPath, Visit};
use scim_engine::{Expr, Filter};

#[test]
fn parts_of_texts() {
    let path = AttrPath::try_from("name.givenName").unwrap();
    assert_eq!((path.name(), path.sub_attribute()), ("name", Some("givenName")));
    let error = AttrPath::try_from("1x").unwrap_err();
    assert_eq!(error.found(), "1x");
    assert_eq!(Number::try_from("1e2").unwrap().as_f64(), Some(100.0));
    assert_eq!(Number::try_from("1e").unwrap_err().found(), "1e");
}

#[test]
fn literals_of_other_types() {
    assert_eq!(Literal::from(Cow::Borrowed("work")), Literal::from("work"));
    assert_eq!(Literal::from(Cow::<str>::Owned("work".to_owned())), Literal::from("work"));
    assert_eq!(Literal::from(()), Literal::Null);
    let booleans = [Literal::from(true), Literal::from(false), Literal::from("true"), Literal::Null];
    assert_eq!(booleans.map(|literal| literal.as_bool()), [Some(true), Some(false), None, None]);
}

#[test]
fn a_negation_is_an_expression() {
    let inner = Expr::parse("a pr or b pr").unwrap();
    let expr = Expr::from(Negation::new(inner.clone()));
    assert_eq!(expr.to_string(), "not (a pr or b pr)");
    assert_eq!(expr, inner.negate());
}

#[test]
fn tests_differ_by_kind_operator_and_literal() {
    let texts = ["a pr", "a eq 1", "a ne 1", "a eq 2", "a eq \"1\""];
    for (at, one) in texts.iter().enumerate() {
        for (other_at, other) in texts.iter().enumerate() {
            let is_same = Expr::parse(one).unwrap() == Expr::parse(other).unwrap();
            assert_eq!(is_same, at == other_at, "{one}, {other}");
        }
    }
}

/// A visitor that names nothing but literals is led to all of them.
#[test]
fn a_visitor_of_literals() {
    struct Literals(Vec<String>);
    impl Visit for Literals {
        fn visit_literal(&mut self, literal: &Literal<'_>) {
            self.0.push(literal.to_string());
        }
    }
    let text = "a eq 1 and b[c eq \"x\" or d pr] and e[f eq true].g eq null and not (h gt 2)";
    let mut literals = Literals(Vec::new());
    literals.visit_expr(text.parse::<Filter>().unwrap().expr());
    assert_eq!(literals.0, ["1", "\"x\"", "true", "null", "2"]);
}

#[test]
fn debug_of_an_error_is_its_message() {
    let error = "title".parse::<Filter>().unwrap_err();
    assert_eq!(format!("{error:?}"), format!("ParseError({error})"));
    let error = "title pr".parse::<PatchPath>().unwrap_err();
    assert_eq!(format!("{error:?}"), format!("ParseError({error})"));
}
