//! Trees made in code, and the filters and paths made of them.

use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};

use proptest::prelude::*;
use scim_engine::syntax::{AttrExp, AttrPath, Literal, Test, ValuePath, VisitMut};
use scim_engine::{Expr, Filter, FilterBuilder, PatchPath};
use serde_json::Value;

use super::config;
use super::filters::{Ask, Dice, Lit, Tree, ask, inside, name, path, tree};

fn hash(value: impl std::hash::Hash) -> u64 {
    BuildHasherDefault::<DefaultHasher>::default().hash_one(value)
}

/// Names of sub-attributes, and texts that are none.
fn any_name() -> impl Strategy<Value = String> {
    prop_oneof![
        2 => name(),
        1 => prop::sample::select(vec!["", "a b", "a pr or b", "a.b", "a]", "a[b pr]", "a eq 1 or b", ".a", "urn:x:y:a", "\"a", "a\0"])
            .prop_map(str::to_owned),
        1 => any::<String>(),
        1 => "[a-z. \\[\\]()]{0,4}",
    ]
}

/// `x` before each name, and `x` for each string.
struct Changes;

impl VisitMut for Changes {
    fn visit_attr_path_mut(&mut self, path: &mut AttrPath<'_>) {
        if path.uri().is_none() && !path.name().starts_with('$') {
            *path = AttrPath::try_from(format!("x{}", path.as_str())).unwrap();
        }
    }

    fn visit_literal_mut(&mut self, literal: &mut Literal<'_>) {
        if literal.as_str().is_some() {
            *literal = 'x'.into();
        }
    }
}

/// What `Changes` makes of a tree.
fn changed(tree: &Tree) -> Tree {
    let path = |path: &String| {
        if path.contains(':') || path.starts_with('$') { path.clone() } else { format!("x{path}") }
    };
    let ask = |ask: &Ask| match ask {
        Ask::Compare(op, Lit::Text(_)) => Ask::Compare(*op, Lit::Text("x".to_owned())),
        other => other.clone(),
    };
    match tree {
        Tree::Test(name, test) => Tree::Test(path(name), ask(test)),
        Tree::Any(name, inner, then) => {
            let then = then.as_ref().map(|(sub, test)| (sub.clone(), ask(test)));
            Tree::Any(path(name), Box::new(changed(inner)), then)
        }
        Tree::Not(inner) => Tree::Not(Box::new(changed(inner))),
        Tree::And(terms) => Tree::And(terms.iter().map(changed).collect()),
        Tree::Or(terms) => Tree::Or(terms.iter().map(changed).collect()),
    }
}

proptest! {
    #![proptest_config(config(400))]

    /// A tree made by constructors is that of its filter, and equals the one that the parser reads in any spelling.
    #[test]
    fn a_tree_becomes_its_filter(tree in tree(false), seed in 1_u64..) {
        let made = tree.made();
        let filter = Filter::from_expr(made.clone()).map_err(|error| TestCaseError::fail(error.render()))?;
        prop_assert_eq!(filter.expr(), &made);
        prop_assert_eq!(filter.as_str(), tree.flat().canonical());
        prop_assert_eq!(filter.expr().span(), Expr::parse(filter.as_str()).unwrap().span());
        let read = Filter::parse(&tree.written(&mut Dice(seed))).unwrap();
        prop_assert_eq!(&read, &filter);
        prop_assert_eq!(hash(&read), hash(&filter));
        prop_assert_eq!(hash(read.expr()), hash(&made));
        prop_assert_eq!(&Filter::from_expr(tree.made_by_hand()).unwrap(), &filter);
        prop_assert_eq!(&FilterBuilder::from(tree.made_by_hand()).build().unwrap(), &filter);
        prop_assert_eq!(Expr::from(read), made);
    }

    /// A tree with any text as a name is refused, or means what it says.
    #[test]
    fn a_name_brings_no_filter(names in prop::collection::vec((any_name(), ask(false)), 1..4), sub in any_name()) {
        let terms = names.iter().map(|(name, ask)| {
            ValuePath::new("a".parse().unwrap(), AttrExp::new("b".parse().unwrap(), ask.made()).into())
                .then(name.clone(), ask.made())
                .into()
        });
        let expr: Expr<'static> = Expr::any_of(terms).unwrap();
        let is_name = |name: &String| AttrPath::parse(name).is_ok_and(|path| path.name() == name);
        match Filter::from_expr(expr.clone()) {
            Ok(filter) => prop_assert_eq!(filter.expr(), &expr),
            Err(_) => prop_assert!(!names.iter().all(|(name, _)| is_name(name))),
        }
        let path = PatchPath::from_parts("a".parse().unwrap(), None, Some(&sub));
        prop_assert_eq!(path.is_ok(), is_name(&sub));
        let path = PatchPath::from_parts("a".parse().unwrap(), Some(expr), Some(&sub));
        prop_assert!(path.is_err(), "brackets within brackets");
    }

    /// The parts of a path make the path.
    #[test]
    fn parts_make_the_path(attr in path(), inner in inside(false), sub in prop::option::of(name())) {
        let made = PatchPath::from_parts(attr.parse().unwrap(), Some(inner.made()), sub.as_deref()).unwrap();
        let text = format!("{attr}[{}]{}", inner.flat().canonical(), sub.map_or(String::new(), |sub| format!(".{sub}")));
        prop_assert_eq!(made.as_str(), &text);
        let read = PatchPath::parse(&text).unwrap();
        prop_assert_eq!(&read, &made);
        prop_assert_eq!(hash(read), hash(&made));
        prop_assert_eq!(PatchPath::from(AttrPath::parse(&attr).unwrap()), PatchPath::parse(&attr).unwrap());
    }

    /// A changed tree is a filter again, with the changes and no others.
    #[test]
    fn a_changed_tree_is_a_filter(tree in tree(false)) {
        let mut expr = Filter::from_expr(tree.made()).unwrap().into_expr();
        Changes.visit_expr_mut(&mut expr);
        let filter = Filter::try_from(expr.clone()).map_err(|error| TestCaseError::fail(error.render()))?;
        prop_assert_eq!(filter.expr(), &expr);
        prop_assert_eq!(filter.as_str(), changed(&tree).flat().canonical());
    }

    /// A literal and its JSON value are the same, as far as `serde_json` holds the number.
    #[test]
    fn a_literal_is_its_value(ask in ask(true)) {
        if let Test::Compare { value, .. } = ask.made() {
            let json = Value::from(value.clone());
            prop_assert_eq!(Literal::try_from(&json).unwrap(), value);
        }
    }
}
