//! Evaluates many `eq` of one attribute that are joined by `or`, as clients send them to look up a page of people: `id
//! eq "1" or id eq "2" or …`. A value is looked up in a hash table of the literals instead of being compared with each
//! literal.

#![expect(
    clippy::indexing_slicing,
    reason = "buckets are masked to the length of the table, and the table holds numbers of literals plus one"
)]

use super::case_fold;
use super::compare::Holds;
use super::text_rule::TextRule;
use crate::document::View;

/// A set of literals, all compared by one rule. A value satisfies the set if it equals any of them.
#[derive(Debug, Clone)]
pub(crate) struct LiteralSet {
    rule: TextRule,
    /// The literals, which are already keys by `rule`.
    literals: Box<[Box<str>]>,
    /// A hash table with open addressing. A bucket holds 0 if it is free, otherwise the index of a literal plus one. A
    /// literal is in the bucket of its hash, or in the next bucket that was free when the literal was added. The length
    /// of the table is a power of two, and at least half of the buckets are free, so every search ends.
    table: Box<[usize]>,
    /// The least bytes of a text that equals a literal.
    shortest: usize,
    /// The most bytes of a text that equals a literal.
    longest: usize,
}

impl LiteralSet {
    /// The least number of literals for which a table is made. Fewer literals are compared one by one, which is fast
    /// because most values already differ in length. Measured with literals and a value of one length: 2 literals take
    /// 40 ns with and without a table, 4 take 62 ns with a table and 92 ns without, 12 take 57 ns and 178 ns. The
    /// constant affects only speed.
    pub(crate) const WORTH_IT: usize = 4;

    pub(crate) fn new<'l>(rule: TextRule, literals: impl Iterator<Item = &'l str>) -> Self {
        let literals: Box<[Box<str>]> = literals.map(Into::into).collect();
        let lengths = || literals.iter().map(|literal| rule.lengths(literal));
        let shortest = lengths().map(|(least, _)| least).min().unwrap_or(usize::MAX);
        let longest = lengths().map(|(_, most)| most).max().unwrap_or(0);
        let mut table = vec![0; (literals.len() * 2).next_power_of_two()].into_boxed_slice();
        for (number, literal) in literals.iter().enumerate() {
            let mut buckets = buckets(hash(literal.as_bytes(), false), table.len());
            if let Some(free) = buckets.find(|bucket| table[*bucket] == 0) {
                table[free] = number + 1;
            }
        }
        Self { rule, literals, table, shortest, longest }
    }

    fn holds_literal(&self, hash: u64, is_it: impl Fn(&str) -> bool) -> bool {
        for bucket in buckets(hash, self.table.len()) {
            let Some(number) = self.table[bucket].checked_sub(1) else { return false };
            if is_it(&self.literals[number]) {
                return true;
            }
        }
        false
    }
}

impl Holds for LiteralSet {
    #[inline]
    fn holds_of_text(&self, text: &str) -> bool {
        if text.len() < self.shortest || text.len() > self.longest {
            return false;
        }
        if self.rule == TextRule::Exact || (self.rule.is_exact() && text.is_ascii()) {
            return self.holds_literal(hash(text.as_bytes(), false), |literal| text == literal);
        }
        if text.is_ascii() {
            let is_it = |literal: &str| case_fold::ascii_eq(text.as_bytes(), literal.as_bytes());
            return self.holds_literal(hash(text.as_bytes(), true), is_it);
        }
        let key = self.rule.key(text);
        self.holds_literal(hash(key.as_bytes(), false), |literal| key == literal)
    }

    fn holds(&self, value: &View<'_>) -> bool {
        matches!(value, View::String(text) if self.holds_of_text(text))
    }
}

/// The buckets of a table in the order in which they are searched, beginning with the bucket of the hash. The upper
/// half of the hash chooses the first bucket, because multiplication mixes every bit into that half.
fn buckets(hash: u64, count: usize) -> impl Iterator<Item = usize> {
    let mask = count - 1;
    let start = usize::try_from(hash >> 32).unwrap_or_default();
    (0..count).map(move |step| start.wrapping_add(step) & mask)
}

/// Hashes by multiplying with `ODD`, which is 2^64 divided by the golden ratio. Because `ODD` is odd, no bits are lost.
/// The hash has no random seed: a client that makes its literals collide only makes its own filter as slow as it would
/// be without a table.
#[inline]
fn hash(bytes: &[u8], lower: bool) -> u64 {
    const ODD: u64 = 0x9E37_79B9_7F4A_7C15;
    let mixed = |hash: u64, bytes: [u8; 8]| {
        let word = if lower { case_fold::ascii_lower(bytes) } else { u64::from_ne_bytes(bytes) };
        (hash.rotate_left(23) ^ word).wrapping_mul(ODD)
    };
    let (words, rest) = bytes.as_chunks();
    let hash = words.iter().fold(0, |hash, word| mixed(hash, *word));
    // The remaining bytes are padded with zeros. Texts that have the same hash because of the padding are still
    // compared.
    let mut last = [0; 8];
    last.iter_mut().zip(rest).for_each(|(last, byte)| *last = *byte);
    mixed(hash, last)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::{Filter, ResourceType};

    /// Uses thirty names in several cases and scripts, with other terms between them. The table must give the same
    /// answer as comparing the terms one by one.
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
