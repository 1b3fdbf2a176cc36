//! Many `eq` of one attribute joined by `or`, as clients send them to look up a page of people. A value is looked up in a
//! hash table of the literals instead of being compared with each.

use super::compare::{Comparison, Holds};
use super::fold;
use super::plan::{Check, Node, PathTest};
use super::text_rule::TextRule;
use crate::document::View;
use crate::syntax::CompareOp;

/// The least number of literals for a table. Fewer are compared one by one, where the lengths already rule out nearly all.
/// It affects only speed.
const WORTH_IT: usize = 4;

/// The terms of an `or`.
#[derive(Debug, Clone)]
pub(crate) struct Alternatives {
    terms: Box<[Node]>,
    one_of: Option<Box<OneOf>>,
}

/// The terms that compare one attribute with a text, as one test.
#[derive(Debug, Clone)]
pub(crate) struct OneOf {
    /// For each term of the `or`, whether this test covers it.
    stands_for: Box<[bool]>,
    first: usize,
    rule: TextRule,
    /// Literals as keys by `rule`.
    literals: Box<[Box<str>]>,
    /// An open-addressing table: at the place of its hash, or the next free one, the number of a literal plus one; 0 is
    /// free. Its length is a power of two, and at least half of it is free, so a search ends.
    table: Box<[usize]>,
    shortest: usize,
    longest: usize,
}

/// How a term of an `or` is evaluated.
pub(crate) enum Asked<'n> {
    /// By itself.
    Alone(&'n Node),
    /// With others, at the path of this test.
    Together(&'n PathTest, &'n OneOf),
}

impl Alternatives {
    pub(crate) fn new(terms: Box<[Node]>) -> Self {
        let one_of = OneOf::of(&terms).map(Box::new);
        Self { terms, one_of }
    }

    pub(crate) fn terms(&self) -> &[Node] {
        &self.terms
    }

    pub(crate) fn terms_mut(&mut self) -> &mut [Node] {
        &mut self.terms
    }

    /// Whether one test covers all terms.
    pub(crate) fn is_one_test(&self) -> bool {
        self.one_of.as_ref().is_some_and(|one_of| one_of.stands_for.iter().all(|is_covered| *is_covered))
    }

    /// The tests to evaluate, in the order of the terms. The test by table takes the place of the first term that it covers.
    #[inline]
    pub(crate) fn asked(&self) -> impl Iterator<Item = Asked<'_>> {
        self.terms.iter().enumerate().filter_map(|(at, term)| match (&self.one_of, term) {
            (Some(one_of), Node::Test(test)) if one_of.stands_for.get(at) == Some(&true) => {
                (at == one_of.first).then_some(Asked::Together(test, one_of))
            }
            _ => Some(Asked::Alone(term)),
        })
    }
}

/// The literal and rule of a term that is a text `eq`.
fn asked_for(term: &Node) -> Option<(&PathTest, &str, TextRule)> {
    let Node::Test(test) = term else { return None };
    match &test.check {
        Check::Some(Comparison::Text { op: CompareOp::Eq, literal, rule, .. }) => Some((test, literal, *rule)),
        _ => None,
    }
}

impl OneOf {
    /// For the attribute of the first such term, if enough terms compare it.
    fn of(terms: &[Node]) -> Option<Self> {
        if terms.len() < WORTH_IT {
            return None;
        }
        let (first, (asked, _, rule)) = terms.iter().enumerate().find_map(|(at, term)| Some((at, asked_for(term)?)))?;
        let mut literals: Vec<Box<str>> = Vec::with_capacity(terms.len());
        let (mut shortest, mut longest) = (usize::MAX, 0);
        let mut stands_for = vec![false; terms.len()];
        for (term, is_covered) in terms.iter().zip(&mut stands_for) {
            let Some((test, literal, other)) = asked_for(term) else { continue };
            if test.keys != asked.keys || other != rule {
                continue;
            }
            *is_covered = true;
            literals.push(literal.into());
            let (least, most) = rule.lengths(literal);
            (shortest, longest) = (shortest.min(least), longest.max(most));
        }
        if literals.len() < WORTH_IT {
            return None;
        }
        let mut table = vec![0; (literals.len() * 2).next_power_of_two()];
        for (number, literal) in literals.iter().enumerate() {
            let free = places(hash(literal.as_bytes(), false), table.len()).find(|at| table.get(*at) == Some(&0));
            if let Some(place) = free.and_then(|at| table.get_mut(at)) {
                *place = number + 1;
            }
        }
        let (literals, table) = (literals.into(), table.into());
        Some(Self { stands_for: stands_for.into(), first, rule, literals, table, shortest, longest })
    }

    fn holds_literal(&self, hash: u64, is_it: impl Fn(&str) -> bool) -> bool {
        for at in places(hash, self.table.len()) {
            let Some(number) = self.table.get(at).and_then(|number| number.checked_sub(1)) else { return false };
            if self.literals.get(number).is_some_and(|literal| is_it(literal)) {
                return true;
            }
        }
        false
    }
}

impl Holds for OneOf {
    #[inline]
    fn holds_of_text(&self, text: &str) -> bool {
        if text.len() < self.shortest || text.len() > self.longest {
            return false;
        }
        if self.rule == TextRule::Exact || (self.rule.is_exact() && text.is_ascii()) {
            return self.holds_literal(hash(text.as_bytes(), false), |literal| text == literal);
        }
        if text.is_ascii() {
            let is_it = |literal: &str| fold::ascii_eq(text.as_bytes(), literal.as_bytes());
            return self.holds_literal(hash(text.as_bytes(), true), is_it);
        }
        let key = self.rule.key(text);
        self.holds_literal(hash(key.as_bytes(), false), |literal| key == literal)
    }

    fn holds(&self, value: &View<'_>) -> bool {
        matches!(value, View::String(text) if self.holds_of_text(text))
    }
}

/// The places of a table in the order of probing, from that of the hash on. The upper half counts: multiplication mixes
/// every bit into it.
fn places(hash: u64, count: usize) -> impl Iterator<Item = usize> {
    let mask = count - 1;
    let start = usize::try_from(hash >> 32).unwrap_or_default();
    (0..count).map(move |step| start.wrapping_add(step) & mask)
}

/// Multiplies by 2^64 divided by the golden ratio, which is odd, so no bits are lost. The seed is fixed: a client that
/// makes literals collide only makes its own filter as slow as it would be without a table.
#[inline]
fn hash(bytes: &[u8], lower: bool) -> u64 {
    const ODD: u64 = 0x9E37_79B9_7F4A_7C15;
    let mixed = |hash: u64, bytes: [u8; 8]| {
        let word = if lower { fold::ascii_lower(bytes) } else { u64::from_ne_bytes(bytes) };
        (hash.rotate_left(23) ^ word).wrapping_mul(ODD)
    };
    let (words, rest) = bytes.as_chunks();
    let hash = words.iter().fold(0, |hash, word| mixed(hash, *word));
    // The rest is padded with zeros. Texts that hash alike because of it are still compared.
    let mut last = [0; 8];
    last.iter_mut().zip(rest).for_each(|(last, byte)| *last = *byte);
    mixed(hash, last)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::{Filter, ResourceType};

    /// Thirty names, with other terms between them, in several cases and scripts: the table must answer as the terms do one
    /// by one.
    #[test]
    fn as_one_by_one() {
        let names: Vec<String> =
            (0..30).map(|at| ["Ann", "\u{212A}im", "straße", "ΣΊΣΥΦΟΣ", "x"][at % 5].repeat(at / 5 + 1)).collect();
        let term = |name: &String| format!("userName eq {}", json!(name));
        let mut terms: Vec<String> = names.iter().map(term).collect();
        terms.insert(7, "title pr".to_owned());
        terms.insert(20, r#"externalId eq "ANN""#.to_owned());
        let matcher = |text: &str| text.parse::<Filter>().unwrap().compile(&ResourceType::user()).unwrap();
        let together = matcher(&terms.join(" or "));
        let alone: Vec<_> = terms.iter().map(|term| matcher(term)).collect();
        let asked = names.iter().flat_map(|name| {
            let other = format!("{name}x");
            [name.clone(), name.to_lowercase(), name.to_uppercase(), other, name.replace('\u{212A}', "K")]
        });
        let mut found = 0;
        for name in asked {
            for user in [
                json!({"userName": name}),
                json!({"userName": [name]}),
                json!({"USERNAME": name, "externalId": "ANN"}),
                json!({"externalId": name}),
            ] {
                let expected = alone.iter().any(|matcher| matcher.matches(&user).unwrap());
                assert_eq!(together.matches(&user).unwrap(), expected, "{user}");
                let text = user.to_string();
                assert_eq!(together.matches_slice(text.as_bytes()).unwrap(), expected, "{user}");
                assert_eq!(together.matches_trusted(text.as_bytes()).unwrap(), expected, "{user}");
                found += usize::from(expected);
            }
        }
        assert!(found > 200);
        assert!(!together.matches(&json!({"userName": 1})).unwrap());
    }
}
