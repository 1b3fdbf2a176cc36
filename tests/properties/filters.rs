//! Generated filters: trees of our own, written as text in any legal spelling, built by the builder, and written
//! canonically by a writer that shares nothing with the crate's.

use proptest::prelude::*;
use scim_engine::syntax::{AttrExp, CompareOp, Literal, Negation, Number, Test, ValuePath};
use scim_engine::{AttrBuilder, Expr, FilterBuilder, attr};

/// A literal of a filter.
#[derive(Debug, Clone, PartialEq)]
pub enum Lit {
    Null,
    Bool(bool),
    /// As written.
    Number(String),
    Text(String),
}

/// A condition on an attribute.
#[derive(Debug, Clone, PartialEq)]
pub enum Ask {
    Present,
    Compare(CompareOp, Lit),
}

/// A filter.
#[derive(Debug, Clone, PartialEq)]
pub enum Tree {
    Test(String, Ask),
    Any(String, Box<Tree>, Option<(String, Ask)>),
    Not(Box<Tree>),
    And(Vec<Tree>),
    Or(Vec<Tree>),
}

/// Attribute names; some of them are words of the grammar.
pub fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => prop::sample::select(vec![
            "userName", "title", "active", "emails", "type", "value", "primary", "name", "givenName", "members", "meta",
            "not", "and", "or", "pr", "eq", "true", "null", "$ref", "$REF", "a", "Nota", "orb", "x-1_y",
        ])
        .prop_map(str::to_owned),
        1 => "[a-zA-Z][a-zA-Z0-9_-]{0,8}",
    ]
}

fn urn() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "urn:ietf:params:scim:schemas:core:2.0:User:",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:",
        "URN:example:lease:1.0:",
        "urn:x:y.z:",
        "https://example.com/schemas/a%20b+c~d#e?f&g;h,i!j*:",
    ])
    .prop_map(str::to_owned)
}

/// Paths: with and without URN and sub-attribute, and bare URNs.
pub fn path() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => name(),
        3 => (name(), name()).prop_map(|(a, b)| format!("{a}.{b}")),
        1 => (urn(), name()).prop_map(|(urn, a)| format!("{urn}{a}")),
        1 => (urn(), name(), name()).prop_map(|(urn, a, b)| format!("{urn}{a}.{b}")),
        1 => Just("urn:example:lease:1.0".to_owned()),
    ]
}

/// Strings with everything that needs an escape, and much that does not.
pub fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        2 => prop::sample::select(vec!["", "work", "b@example.com", "a\"b\\c/d", "\u{0}\u{1}\u{1f}\u{7f}\u{80}", "\u{8}\u{c}\n\r\t",
            "\u{1F600}\u{10FFFF}\u{FFFF}", "\u{feff}\u{2028}", "K\u{17F}\u{DF}\u{212A}", "and or not ( ) [ ]", "%_*"]).prop_map(str::to_owned),
        1 => any::<String>(),
        1 => "[a-c]{0,3}",
    ]
}

/// Numbers in any of JSON's forms; `plain` keeps to those that every JSON library gives back as they were.
fn number(plain: bool) -> BoxedStrategy<String> {
    let integers = any::<i64>().prop_map(|n| n.to_string());
    if plain {
        return integers.boxed();
    }
    prop_oneof![
        integers,
        prop::sample::select(vec![
            "-0",
            "0",
            "-0.0",
            "1E5",
            "1e-400",
            "1e400",
            "0.10",
            "12345678901234567890123",
            "5e+2"
        ])
        .prop_map(str::to_owned),
    ]
    .boxed()
}

fn literal(plain: bool) -> impl Strategy<Value = Lit> {
    prop_oneof![
        1 => Just(Lit::Null),
        1 => any::<bool>().prop_map(Lit::Bool),
        1 => number(plain).prop_map(Lit::Number),
        3 => text().prop_map(Lit::Text),
    ]
}

pub fn ask(plain: bool) -> impl Strategy<Value = Ask> {
    prop_oneof![
        1 => Just(Ask::Present),
        4 => (prop::sample::select(CompareOp::ALL.to_vec()), literal(plain)).prop_map(|(op, lit)| Ask::Compare(op, lit)),
    ]
}

/// Trees of all kinds of nodes. Value filters do not nest (T7).
pub fn tree(plain: bool) -> BoxedStrategy<Tree> {
    let inner = inside(plain);
    let then = prop::option::of((name(), ask(plain)));
    let leaf = prop_oneof![
        3 => (path(), ask(plain)).prop_map(|(path, ask)| Tree::Test(path, ask)),
        1 => (path(), inner, then).prop_map(|(path, inner, then)| Tree::Any(path, Box::new(inner), then)),
    ];
    nested(leaf.boxed())
}

/// A filter for brackets: names are sub-attributes, without URN.
pub fn inside(plain: bool) -> BoxedStrategy<Tree> {
    nested((name(), ask(plain)).prop_map(|(name, ask)| Tree::Test(name, ask)).boxed())
}

fn nested(leaf: BoxedStrategy<Tree>) -> BoxedStrategy<Tree> {
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            inner.clone().prop_map(|tree| Tree::Not(Box::new(tree))),
            prop::collection::vec(inner.clone(), 2..5).prop_map(Tree::And),
            prop::collection::vec(inner, 2..5).prop_map(Tree::Or),
        ]
    })
    .boxed()
}

impl Tree {
    /// Nested `and`s and `or`s laid flat (D7).
    pub fn flat(&self) -> Tree {
        match self {
            Tree::Test(..) => self.clone(),
            Tree::Any(path, inner, then) => Tree::Any(path.clone(), Box::new(inner.flat()), then.clone()),
            Tree::Not(inner) => Tree::Not(Box::new(inner.flat())),
            Tree::And(terms) => Tree::And(
                terms
                    .iter()
                    .map(Tree::flat)
                    .flat_map(|term| match term {
                        Tree::And(inner) => inner,
                        other => vec![other],
                    })
                    .collect(),
            ),
            Tree::Or(terms) => Tree::Or(
                terms
                    .iter()
                    .map(Tree::flat)
                    .flat_map(|term| match term {
                        Tree::Or(inner) => inner,
                        other => vec![other],
                    })
                    .collect(),
            ),
        }
    }

    /// The canonical text (T12) of a flat tree.
    pub fn canonical(&self) -> String {
        match self {
            Tree::Test(path, ask) => format!("{path} {}", ask.canonical()),
            Tree::Any(path, inner, None) => format!("{path}[{}]", inner.canonical()),
            Tree::Any(path, inner, Some((sub, ask))) => {
                format!("{path}[{}].{sub} {}", inner.canonical(), ask.canonical())
            }
            Tree::Not(inner) => format!("not ({})", inner.canonical()),
            Tree::And(terms) => {
                let terms: Vec<String> = terms
                    .iter()
                    .map(|term| match term {
                        Tree::Or(_) => format!("({})", term.canonical()),
                        other => other.canonical(),
                    })
                    .collect();
                terms.join(" and ")
            }
            Tree::Or(terms) => terms.iter().map(Tree::canonical).collect::<Vec<_>>().join(" or "),
        }
    }

    /// The text in some legal spelling that `dice` chooses.
    pub fn written(&self, dice: &mut Dice) -> String {
        let text = match self {
            Tree::Test(path, ask) => format!("{path}{}", ask.written(dice)),
            Tree::Any(path, inner, then) => {
                let inner = inner.written(dice);
                let then = then.as_ref().map_or(String::new(), |(sub, ask)| format!(".{sub}{}", ask.written(dice)));
                format!("{path}[{}{inner}{}]{then}", dice.maybe_blank(), dice.maybe_blank())
            }
            Tree::Not(inner) => {
                format!("{}{}({})", dice.case("not"), dice.maybe_blank(), inner.written(dice))
            }
            Tree::And(terms) => {
                let terms: Vec<String> = terms
                    .iter()
                    .map(|term| match term {
                        Tree::Or(_) => format!("({})", term.written(dice)),
                        other => other.written(dice),
                    })
                    .collect();
                dice.joined(&terms, "and")
            }
            Tree::Or(terms) => {
                let terms: Vec<String> = terms.iter().map(|term| term.written(dice)).collect();
                dice.joined(&terms, "or")
            }
        };
        if dice.one_in(6) { format!("({}{text}{})", dice.maybe_blank(), dice.maybe_blank()) } else { text }
    }

    /// The same through the builder.
    pub fn built(&self) -> FilterBuilder {
        match self {
            Tree::Test(path, ask) => ask.built(attr(path)),
            Tree::Any(path, inner, None) => attr(path).any(inner.built()),
            Tree::Any(path, inner, Some((sub, ask))) => ask.built(attr(path).select(inner.built()).sub_attribute(sub)),
            Tree::Not(inner) => inner.built().negate(),
            Tree::And(terms) => FilterBuilder::all_of(terms.iter().map(Tree::built)),
            Tree::Or(terms) => FilterBuilder::any_of(terms.iter().map(Tree::built)),
        }
    }

    /// The same as a tree of the crate, made by its constructors.
    pub fn made(&self) -> Expr<'static> {
        match self {
            Tree::Test(path, ask) => AttrExp::new(path.parse().unwrap(), ask.made()).into(),
            Tree::Any(path, inner, then) => {
                let path = ValuePath::new(path.parse().unwrap(), inner.made());
                match then {
                    Some((sub, ask)) => path.then(sub.clone(), ask.made()).into(),
                    None => path.into(),
                }
            }
            Tree::Not(inner) => inner.made().negate(),
            Tree::And(terms) => Expr::all_of(terms.iter().map(Tree::made)).unwrap(),
            Tree::Or(terms) => terms.iter().map(Tree::made).reduce(Expr::or).unwrap(),
        }
    }

    /// The same without constructors, so that nothing is laid flat.
    pub fn made_by_hand(&self) -> Expr<'static> {
        match self {
            Tree::Not(inner) => Expr::Not(Negation::new(inner.made_by_hand())),
            Tree::And(terms) => Expr::And(terms.iter().map(Tree::made_by_hand).collect()),
            Tree::Or(terms) => Expr::Or(terms.iter().map(Tree::made_by_hand).collect()),
            other => other.made(),
        }
    }
}

impl Ask {
    fn built(&self, attr: AttrBuilder) -> FilterBuilder {
        match self {
            Ask::Present => attr.pr(),
            Ask::Compare(op, lit) => attr.compare(*op, lit.made()),
        }
    }

    pub fn made(&self) -> Test<'static> {
        match self {
            Ask::Present => Test::present(),
            Ask::Compare(op, lit) => Test::compare(*op, lit.made()),
        }
    }

    fn canonical(&self) -> String {
        match self {
            Ask::Present => "pr".to_owned(),
            Ask::Compare(op, lit) => format!("{} {}", op.as_str(), lit.canonical()),
        }
    }

    fn written(&self, dice: &mut Dice) -> String {
        match self {
            Ask::Present => format!("{}{}", dice.blank(), dice.case("pr")),
            Ask::Compare(op, lit) => {
                let before = dice.blank();
                let op = dice.case(op.as_str());
                // A quote separates by itself (T3).
                let after = if matches!(lit, Lit::Text(_)) { dice.maybe_blank() } else { dice.blank() };
                format!("{before}{op}{after}{}", lit.written(dice))
            }
        }
    }
}

impl Lit {
    fn made(&self) -> Literal<'static> {
        match self {
            Lit::Null => Literal::Null,
            Lit::Bool(value) => (*value).into(),
            Lit::Number(number) => number.parse::<Number<'_>>().unwrap().into(),
            Lit::Text(text) => text.clone().into(),
        }
    }

    fn canonical(&self) -> String {
        match self {
            Lit::Null => "null".to_owned(),
            Lit::Bool(value) => value.to_string(),
            Lit::Number(number) => number.clone(),
            Lit::Text(text) => serde_json::Value::from(text.as_str()).to_string(),
        }
    }

    fn written(&self, dice: &mut Dice) -> String {
        let Lit::Text(text) = self else { return self.canonical() };
        let mut out = String::from("\"");
        for c in text.chars() {
            if dice.one_in(3) {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    let hex = format!("{unit:04x}");
                    out.push_str("\\u");
                    out.push_str(&dice.case(&hex));
                }
            } else if c == '/' && dice.one_in(2) {
                out.push_str("\\/");
            } else {
                let quoted = serde_json::Value::from(c.to_string()).to_string();
                out.push_str(&quoted[1..quoted.len() - 1]);
            }
        }
        out.push('"');
        out
    }
}

/// Choices from a seed.
pub struct Dice(pub u64);

impl Dice {
    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 >> 8
    }

    pub fn one_in(&mut self, n: u64) -> bool {
        self.next().is_multiple_of(n)
    }

    fn blank(&mut self) -> String {
        " ".repeat(1 + usize::from(self.one_in(4)))
    }

    fn maybe_blank(&mut self) -> String {
        " ".repeat(usize::from(self.one_in(3)))
    }

    fn case(&mut self, word: &str) -> String {
        word.chars().map(|c| if self.one_in(3) { c.to_ascii_uppercase() } else { c }).collect()
    }

    fn joined(&mut self, terms: &[String], word: &str) -> String {
        let mut out = terms[0].clone();
        for term in &terms[1..] {
            // A bracket or a quote separates by itself (T3).
            let separates = out.ends_with([')', ']', '"']);
            let before = if separates { self.maybe_blank() } else { self.blank() };
            let after = if term.starts_with('(') { self.maybe_blank() } else { self.blank() };
            out = format!("{out}{before}{}{after}{term}", self.case(word));
        }
        out
    }
}
