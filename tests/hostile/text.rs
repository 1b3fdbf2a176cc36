//! Filters and paths.

use scim_engine::syntax::{AttrExp, Literal, Test, ValuePath};
use scim_engine::{Expr, Filter, FilterBuilder, Limits, Options, ParseError, Patch, PatchPath, ResourceType, attr};
use serde::Deserialize;
use serde_json::json;

use super::{SMALL, all_limits, finishes, finishes_on, unlimited};

const LARGE: usize = 10 * 1024 * 1024;

fn refused(text: &str, limits: &Limits) {
    let check = |error: ParseError| {
        let (message, rendered) = (error.to_string(), error.render());
        assert!(!rendered.is_empty() && message.len() < 1000 && rendered.len() < 2000, "{message}");
    };
    check(Filter::parse_with(text, &Options::default().limits(*limits)).unwrap_err());
    match PatchPath::parse_with(text, &Options::default().limits(*limits)) {
        Err(error) => check(error),
        // A name of any length is a name.
        Ok(path) => {
            assert!(limits.filter_bytes >= text.len() && path.as_str() == text && path.value_filter().is_none());
        }
    }
}

fn refused_with_all_limits(piece: &str, bytes: usize) {
    let text = piece.repeat(bytes / piece.len());
    refused(&text, &Limits::default());
    // Raised limits let the host pay for what it asked for: a tenth is enough to see that the cost is linear.
    refused(&piece.repeat(bytes / 10 / piece.len()), &unlimited());
}

#[test]
fn parentheses() {
    finishes(|| refused_with_all_limits("(", LARGE));
}

#[test]
fn negations() {
    finishes(|| refused_with_all_limits("not (", LARGE));
}

#[test]
fn chains_without_an_end() {
    finishes(|| refused_with_all_limits("a eq 1 and ", LARGE));
}

#[test]
fn brackets() {
    finishes(|| refused_with_all_limits("[", LARGE));
}

#[test]
fn attributes_with_brackets() {
    finishes(|| refused_with_all_limits("emails[", LARGE));
}

#[test]
fn anything_over_and_over() {
    finishes_on(SMALL, || {
        for piece in [
            "not(",
            "a pr or ",
            "(a pr) and ",
            "emails[a pr and ",
            ")",
            "]",
            "a",
            "a.",
            "a:",
            "urn:",
            " ",
            "not ",
            "\"",
            "\\",
            "\u{1F600}",
            "\u{0}",
            "'",
            "0",
            "1e",
            "a=",
            "a eq ",
            "a eq \"",
            "a eq '",
            "a eq \"\\u",
            "and ",
        ] {
            refused_with_all_limits(piece, 1024 * 1024);
        }
    });
}

/// A chain that is complete is only long: with the limits raised it is read, and dropped, without recursion.
#[test]
fn a_long_chain_is_flat() {
    finishes_on(SMALL, || {
        for word in [" and ", " or "] {
            let text = vec!["a eq 1"; 50_000].join(word);
            assert!(Filter::parse(&text).unwrap_err().is_limit());
            let filter = Filter::parse_with(&text, &Options::default().limits(unlimited())).unwrap();
            assert_eq!(filter.to_string(), text);
            let matcher = filter.compile(&ResourceType::any()).unwrap();
            assert!(matcher.matches(&json!({"a": 1})).unwrap());
            assert!(matcher.explain(&json!({"a": 1})).unwrap().holds());
        }
    });
}

#[test]
fn one_long_string() {
    finishes_on(SMALL, || {
        let long = "x".repeat(LARGE);
        let text = format!("userName eq \"{long}\"");
        assert!(Filter::parse(&text).unwrap_err().is_limit());
        let filter = Filter::parse_with(&text, &Options::default().limits(unlimited())).unwrap();
        let matcher = filter.compile(&ResourceType::user()).unwrap();
        assert!(matcher.matches(&json!({"userName": long.to_uppercase()})).unwrap());
        refused(&text[..text.len() - 1], &unlimited());
        let escaped = format!("a eq \"{}", "\\u00e9".repeat(100_000));
        refused(&escaped, &unlimited());
        refused(&format!("{escaped}\\ud800\""), &unlimited());
    });
}

#[test]
fn one_long_number() {
    finishes_on(SMALL, || {
        let text = format!("a eq {}", "9".repeat(LARGE));
        let filter = Filter::parse_with(&text, &Options::default().limits(unlimited())).unwrap();
        let matcher = filter.compile(&ResourceType::any()).unwrap();
        assert!(!matcher.matches(&json!({"a": 9})).unwrap());
        let text = format!("a lt 1e{} and a gt -1E{}", "9".repeat(1000), "9".repeat(1000));
        let filter = Filter::parse(&text).unwrap();
        assert!(filter.compile(&ResourceType::any()).unwrap().matches(&json!({"a": u64::MAX})).unwrap());
    });
}

/// The deepest filter of this form that the limits allow: one level more is refused as such.
fn deepest(open: &str, close: &str, limits: &Limits) -> Filter {
    let parse = |levels: usize| {
        let text = format!("{}c eq \"x\"{}", open.repeat(levels), close.repeat(levels));
        Filter::parse_with(&text, &Options::default().limits(*limits))
    };
    let levels = (1..1000).find(|levels| parse(*levels).is_err()).unwrap();
    assert!(levels > 20 && parse(levels).unwrap_err().is_limit());
    parse(levels - 1).unwrap()
}

const TOWERS: [(&str, &str); 4] =
    [("not (", ")"), ("a pr or (b pr and ", ")"), ("not (a pr or b pr and ", ")"), ("not (not (a pr and ", "))")];

/// The deepest filters that any limit allows, through everything that walks them.
#[test]
fn the_deepest_filter() {
    finishes(|| {
        for limits in [Limits::default(), unlimited()] {
            for (open, close) in TOWERS {
                let filter = deepest(open, close, &limits);
                let canonical = filter.to_string();
                assert_eq!(Filter::parse_with(&canonical, &Options::strict().limits(limits)).unwrap(), filter);
                let matcher = filter.compile(&ResourceType::any()).unwrap();
                let document = json!({"b": 1});
                assert_eq!(matcher.explain(&document).unwrap().holds(), matcher.matches(&document).unwrap());
                assert!(!matcher.explain(&document).unwrap().to_string().is_empty());
                assert!(matcher.equalities().len() < 2);
                assert!(!format!("{:?} {:?}", filter.expr().clone(), filter).is_empty());
                assert!(!serde_json::to_value(filter.expr()).unwrap().is_null());
            }
        }
    });
}

/// Filters within the default limits survive serde.
#[test]
fn the_deepest_filter_in_serde() {
    finishes(|| {
        for (open, close) in TOWERS {
            let filter = deepest(open, close, &Limits::default());
            let value = serde_json::to_value(&filter).unwrap();
            let again = Filter::deserialize(&value);
            assert_eq!(again.map_err(|error| format!("{open}: {error}")).unwrap(), filter);
        }
    });
}

#[test]
fn builder_chains() {
    finishes_on(SMALL, || {
        let leaf = || attr("a").eq(1);
        let (mut and, mut or, mut not) = (leaf(), leaf(), leaf());
        for _ in 0..100_000 {
            and = and.and(leaf());
            or = leaf().or(or);
            not = not.negate();
        }
        assert!(and.clone().build().unwrap_err().is_limit());
        let limits = unlimited();
        assert_eq!(
            and.clone().build_with(&Options::default().limits(limits)).unwrap().to_string().matches(" and ").count(),
            100_000
        );
        assert!(or.build().unwrap_err().is_limit());
        assert!(not.build().unwrap_err().is_limit());
        assert!(and.negate().build().unwrap_err().is_limit());
    });
}

/// Chains of many operators, in every order: deep trees must be refused before they overrun the stack.
#[test]
fn builder_towers() {
    type Step = fn(FilterBuilder) -> FilterBuilder;
    finishes_on(SMALL, || {
        let steps: [Step; 6] = [
            |tree| attr("a").pr().and(attr("b").pr()).and(tree),
            |tree| attr("a").pr().or(attr("b").pr()).or(tree),
            |tree| tree.and(attr("a").pr().and(attr("b").pr())),
            |tree| tree.or(attr("a").pr().or(attr("b").pr())),
            FilterBuilder::negate,
            |tree| attr("emails").any(tree),
        ];
        for first in steps {
            for second in steps {
                let mut tree = attr("c").pr();
                for _ in 0..2000 {
                    tree = second(first(tree));
                }
                assert!(tree.build().unwrap_err().is_limit());
            }
        }
    });
}

/// A tree that was made in code may have any depth. Neither printing nor dropping it may overrun the stack.
#[test]
fn towers_made_in_code() {
    type Step = fn(Expr<'static>) -> Expr<'static>;
    fn a() -> Expr<'static> {
        AttrExp::new("a".parse().unwrap(), Test::present()).into()
    }
    fn tree_of(levels: usize) -> Expr<'static> {
        (0..levels).fold(a(), |tree, _| tree.negate())
    }
    let steps: [Step; 6] = [
        |tree| Expr::And(vec![a(), tree]),
        |tree| Expr::Or(vec![tree, a()]),
        |tree| Expr::And(vec![tree]),
        |tree| Expr::Or(vec![tree, tree_of(3)]),
        Expr::negate,
        |tree| ValuePath::new("emails".parse().unwrap(), tree).then("value", Test::present()).into(),
    ];
    finishes_on(SMALL, move || {
        let refused = |rounds: usize, first: Step, second: Step| {
            let tall = || (0..rounds).fold(a(), |tree, _| second(first(tree)));
            assert!(Filter::from_expr(tall()).unwrap_err().is_limit());
            assert!(Filter::from_expr_with(tall(), &Options::default().limits(unlimited())).unwrap_err().is_limit());
            assert!(FilterBuilder::from(tall()).negate().build().unwrap_err().is_limit());
            assert!(PatchPath::from_parts("a".parse().unwrap(), Some(tall()), None).unwrap_err().is_limit());
        };
        for first in steps {
            refused(100_000, first, |tree| tree);
            steps.iter().for_each(|second| refused(5000, first, *second));
        }
        // The deepest tree that is allowed, and one level more.
        let and_or =
            |levels: usize| (0..levels).fold(a(), |tree, at| if at % 2 == 0 { a().or(tree) } else { a().and(tree) });
        for tree in [tree_of as fn(usize) -> Expr<'static>, and_or] {
            let filter =
                Filter::from_expr_with(tree(Limits::MAX_DEPTH), &Options::default().limits(unlimited())).unwrap();
            assert_eq!(filter.clone().into_expr(), tree(Limits::MAX_DEPTH));
            assert_eq!(Filter::parse_with(filter.as_str(), &Options::default().limits(unlimited())).unwrap(), filter);
            assert!(
                Filter::from_expr_with(tree(Limits::MAX_DEPTH + 1), &Options::default().limits(unlimited()))
                    .unwrap_err()
                    .is_limit()
            );
            let text = tree(Limits::MAX_DEPTH + 1).to_string();
            assert!(Filter::parse_with(&text, &Options::default().limits(unlimited())).unwrap_err().is_limit());
        }
    });
}

/// An `and` that is not the last term of its `or` is a level, too.
#[test]
fn every_level_counts() {
    let text = |levels: usize| (0..levels).fold("a pr".to_owned(), |text, _| format!("not ({text} and b pr or c pr)"));
    for (levels, is_allowed) in [(42, true), (43, false)] {
        let parsed = Filter::parse_with(&text(levels), &Options::default().limits(unlimited()));
        assert_eq!(parsed.is_ok(), is_allowed, "{}", levels * 3);
    }
}

#[test]
fn odd_literals() {
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        assert!(attr("a").eq(value).build().is_err());
    }
    assert_eq!(attr("a").eq(-0.0).build().unwrap().to_string(), "a eq -0.0");
    assert_eq!(attr("a").eq(Literal::Null).build().unwrap().to_string(), "a eq null");
    assert!(attr("a").eq(1e300).build().is_ok());
    for name in ["", " ", "a b", "a.b.c", "a[0]", "\u{e9}", "a\u{0}", "1", "__proto__"] {
        assert!(attr(name).pr().build().is_err(), "{name}");
    }
}

#[test]
fn paths_of_operations() {
    finishes_on(SMALL, || {
        for options in all_limits() {
            for piece in ["(", "emails[", "emails[not (", "a.", "emails[type eq 1 and ", "[", "urn:"] {
                let path = piece.repeat(LARGE / 10 / piece.len());
                let body =
                    json!({"schemas": [Patch::SCHEMA], "Operations": [{"op": "replace", "path": path, "value": 1}]});
                let error = Patch::parse_with(&body, &options).unwrap_err();
                assert!(
                    error.to_string().len() < 2000 && error.render().len() < 4000,
                    "{piece}: {}",
                    error.to_string().len()
                );
                let body = json!({"schemas": [Patch::SCHEMA], "Operations": [{"op": "replace", "value": {path: 1}}]});
                let mut user = json!({"userName": "x"});
                let applied =
                    Patch::parse_with(&body, &options).and_then(|patch| patch.apply(&mut user, &ResourceType::user()));
                match applied {
                    Ok(_) => assert_eq!(user, json!({"userName": "x"})),
                    // A message goes into a body and into logs: it does not repeat a key of any length.
                    Err(error) => assert!(error.to_string().len() < 2000, "{piece}: {}", error.to_string().len()),
                }
            }
        }
    });
}
