//! A text that must occur in every document that matches, searched for before a document is read. Only in trusted documents
//! may the rest go unread.
#![expect(clippy::inline_always, reason = "a function of its own would be compiled for the plain target")]

use fearless_simd::prelude::*;
use fearless_simd::{Simd, dispatch};

use super::block::{self, WIDTH};
use super::level;
use super::vector::{self, Block};
use crate::filter::compare::Comparison;
use crate::filter::node::{AnyElement, Check, Node, PathTest};
use crate::filter::plan::Plan;
use crate::filter::text_rule::TextRule;
use crate::syntax::CompareOp;

/// Letters and signs that are rare in documents come first.
const RARE: &[u8] = b"@%$#!*+~zqxjwvybkfhpguldmctrnoias e";

/// A part of a literal, and where its two rarest letters are.
#[derive(Debug, Clone)]
pub(super) struct Sought {
    /// In lower case.
    part: Box<[u8]>,
    first: (usize, u8),
    second: (usize, u8),
    /// Whether wide letters may stand for it: those of names of users (F16).
    may_be_wide: bool,
}

/// The first byte of a wide letter in UTF-8.
const WIDE: u8 = 0xEF;

impl Sought {
    /// The longest part of a literal that is in every document of which the plan holds.
    pub(super) fn of(plan: &Plan) -> Option<Self> {
        let mut longest = Needed::default();
        longest.add(&plan.root);
        let Needed { part: longest, may_be_wide } = longest;
        let part: Box<[u8]> = longest.to_ascii_lowercase().into_bytes().into();
        let mut by_rarity: Vec<(usize, u8)> = part.iter().copied().enumerate().collect();
        let rank = |byte: u8| RARE.iter().position(|rare| *rare == byte).unwrap_or(RARE.len() / 2);
        by_rarity.sort_by_key(|(_, byte)| rank(*byte));
        match by_rarity[..] {
            [first, second, _, ..] => Some(Self { part, first, second, may_be_wide }),
            _ => None,
        }
    }

    /// Where it occurs next, in any case, or where there is an escape that may hide it; else the end of the text.
    pub(super) fn next(&self, text: &[u8], from: usize) -> usize {
        dispatch!(level::widest(), simd => self.next_with(simd, text, from))
    }

    #[inline(always)]
    fn next_with<S: Simd>(&self, simd: S, text: &[u8], from: usize) -> usize {
        let (first, second) = (self.first.0, self.second.0);
        let blocks = |ahead: usize| text.get(from + ahead..).unwrap_or_default().as_chunks::<WIDTH>().0.iter();
        let all = blocks(0).zip(blocks(1)).zip(blocks(first).zip(blocks(second)));
        let mut start = from;
        for ((this, next), (at_first, at_second)) in all {
            let hits = self.hits(simd, this, next, at_first, at_second);
            if let Some(at) = self.first_of(hits, text, start) {
                return at;
            }
            start += WIDTH;
        }
        // The last blocks are not whole.
        while start < text.len() {
            let mut rooms = [[0; WIDTH]; 4];
            for (room, ahead) in rooms.iter_mut().zip([0, 1, first, second]) {
                let rest = text.get(start + ahead..).unwrap_or_default();
                *room = *block::bytes(rest, &mut [0; WIDTH], 0);
            }
            let [this, next, at_first, at_second] = &rooms;
            let hits = self.hits(simd, this, next, at_first, at_second);
            if let Some(at) = self.first_of(hits, text, start) {
                return at;
            }
            start += WIDTH;
        }
        text.len()
    }

    /// Where it may be, or an escape that may hide it: of a block, the same a byte further, and where its two letters would be.
    #[inline(always)]
    fn hits<S: Simd>(
        &self,
        simd: S,
        this: &[u8; WIDTH],
        next: &[u8; WIDTH],
        at_first: &[u8; WIDTH],
        at_second: &[u8; WIDTH],
    ) -> u64 {
        // Other escapes than `\u` stand for what is no part of it.
        let escapes = vector::both((Block::new(simd, this), b'\\'), (Block::new(simd, next), b'u'));
        let first = (Block::new(simd, at_first), self.first.1);
        let second = (Block::new(simd, at_second), self.second.1);
        let mut hits = escapes | vector::both_in_any_case(first, second);
        if self.may_be_wide {
            let this = (Block::new(simd, this), WIDE);
            hits |= vector::both(this, this);
        }
        if hits.any_true() { hits.to_bitmask() } else { 0 }
    }

    /// The first place of these at which it is indeed.
    #[inline]
    fn first_of(&self, mut hits: u64, text: &[u8], start: usize) -> Option<usize> {
        while hits != 0 {
            let at = start + hits.trailing_zeros() as usize;
            hits &= hits - 1;
            if self.is_at(text, at) {
                return Some(at);
            }
        }
        None
    }

    #[inline(never)]
    fn is_at(&self, text: &[u8], at: usize) -> bool {
        let rest = text.get(at..).unwrap_or_default();
        let is_part = || rest.get(..self.part.len()).is_some_and(|part| part.eq_ignore_ascii_case(&self.part));
        rest.starts_with(b"\\u") || (self.may_be_wide && rest.first() == Some(&WIDE)) || is_part()
    }
}

/// The longest part of the literals that must all occur.
#[derive(Default)]
struct Needed<'p> {
    part: &'p str,
    may_be_wide: bool,
}

impl<'p> Needed<'p> {
    fn add(&mut self, node: &'p Node) {
        match node {
            Node::And(terms) => terms.iter().for_each(|term| self.add(term)),
            Node::Any(AnyElement { node, .. }) => self.add(node),
            Node::Test(PathTest { check: Check::Some(comparison), .. }) => match comparison {
                Comparison::Text {
                    op: CompareOp::Eq | CompareOp::Co | CompareOp::Sw | CompareOp::Ew,
                    literal,
                    rule,
                    ..
                } => self.literal(literal, matches!(rule, TextRule::Username { .. })),
                Comparison::DateText { literal, .. } => self.literal(literal, false),
                _ => {}
            },
            Node::Test(_) | Node::Or(_) | Node::Not(_) => {}
        }
    }

    fn literal(&mut self, literal: &'p str, is_username: bool) {
        let is_plain = |c: char| is_plain(c) && !(is_username && is_other_in_usernames(c));
        for part in literal.split(|c| !is_plain(c)) {
            if part.len() > self.part.len() {
                *self = Self { part, may_be_wide: is_username };
            }
        }
    }
}

/// Whether a character of a literal is in a document as it is, but for case and escapes: `k` and `s` are what others fold to
/// also (U+212A, U+017F).
fn is_plain(c: char) -> bool {
    (c.is_ascii_graphic() || c == ' ') && !matches!(c, 'k' | 'K' | 's' | 'S' | '"' | '\\' | '/')
}

/// What further characters become in the name of a user, beside wide letters: U+0130, U+037E, U+1FEF, U+3000.
fn is_other_in_usernames(c: char) -> bool {
    matches!(c, 'i' | 'I' | ';' | '`' | ' ')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::level::tests::at_every_level;
    use crate::schema::ResourceType;
    use crate::syntax::Filter;

    fn sought(filter: &str) -> Option<Sought> {
        let matcher = filter.parse::<Filter>().unwrap().compile(&ResourceType::user()).unwrap();
        Sought::of(matcher.plan())
    }

    #[test]
    fn parts_that_must_occur() {
        let part = |filter: &str| sought(filter).map(|sought| String::from_utf8(sought.part.to_vec()).unwrap());
        assert_eq!(part("userName eq \"BJensen@example.com\"").as_deref(), Some("en@example.com"));
        assert_eq!(
            part("title pr and emails[type eq \"work\" and value co \"@X.example\"]").as_deref(),
            Some("@x.example")
        );
        assert_eq!(part("id eq \"Ab/cDe\"").as_deref(), Some("cde"));
        assert_eq!(part("userName eq \"abcixyzw q\"").as_deref(), Some("xyzw"));
        for filter in [
            "title pr",
            "title ne \"abcdef\"",
            "not (title eq \"abcdef\")",
            "title eq \"abcdef\" or title pr",
            "title eq \"sks\"",
            "title gt \"abcdef\"",
            "title co \"ab\"",
            "title eq \"\u{e9}\u{e9}\u{e9}\u{e9}\"",
        ] {
            assert_eq!(part(filter), None, "{filter}");
        }
    }

    #[test]
    fn wide_letters_of_names_of_users() {
        let sought = sought("userName eq \"Abcde\"").unwrap();
        for before in 0..150 {
            let whole = format!("{}\u{FF22}{}", "a".repeat(before), "b".repeat(70));
            assert_eq!(sought.next(whole.as_bytes(), 0), before);
        }
        let lines = "{\"userName\":\"x\"}\n".repeat(200) + "{\"userName\":\"Ａｂｃｄｅ\"}\n{\"userName\":\"ABCDE\"}\n";
        let matcher = "userName eq \"abcde\"".parse::<Filter>().unwrap().compile(&ResourceType::user()).unwrap();
        let options = crate::scan::ScanOptions::default().trusted(true);
        assert_eq!(matcher.count(lines.as_bytes(), &options).matches, 2);
    }

    #[test]
    fn every_place() {
        let sought = sought("title eq \"Abcde\"").unwrap();
        at_every_level(|level| {
            for before in 0..150 {
                for after in [0, 1, 100] {
                    for text in ["abcde", "ABCDE", "aBcDe", "\\u"] {
                        let whole = format!("{}{text}{}", "a".repeat(before), "b".repeat(after));
                        assert_eq!(sought.next(whole.as_bytes(), 0), before, "{whole} {level:?}");
                        assert_eq!(sought.next(whole.as_bytes(), before + 1), whole.len(), "{level:?}");
                    }
                }
            }
            assert_eq!(sought.next(b"abcd", 0), 4);
            assert_eq!(sought.next(b"", 7), 0);
        });
    }
}
