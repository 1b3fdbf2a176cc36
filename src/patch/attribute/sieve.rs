//! A prefilter for the texts of a long list: a Bloom filter with one hash.

use crate::coerce::equality::is_compared_by_text;
use crate::schema::Attribute;

/// Sets one bit for each text that is looked for, chosen by the last eight bytes and the length of the text. If another
/// text has the same bit, it costs the full hash, as every text would without the filter. So an attacker gains nothing by
/// sending texts with equal bits.
pub(super) struct Sieve {
    bits: Vec<u64>,
    shift: u32,
    is_exact: bool,
}

#[expect(clippy::indexing_slicing, reason = "the shift leaves as many bits as number the words")]
impl Sieve {
    pub(super) fn new(leaf: &Attribute, texts: &[&str]) -> Option<Self> {
        // Texts of a dateTime may be equal although their last bytes differ: `2026-01-01T12:00:00Z` and
        // `2026-01-01T13:00:00+01:00`.
        if !is_compared_by_text(leaf) {
            return None;
        }
        let is_exact = leaf.is_case_exact();
        if !is_exact && !texts.iter().all(|text| text.is_ascii()) {
            return None;
        }
        // There are about 16 bits or more for each text, so at most about one other text in 16 passes. The shift keeps the
        // top bits of the hash: they are the index of the bit.
        let words = (texts.len() / 4).next_power_of_two().max(16);
        let mut sieve = Self { bits: vec![0; words], shift: 64 - 6 - words.trailing_zeros(), is_exact };
        for text in texts {
            let (word, bit) = sieve.attr(text.as_bytes());
            sieve.bits[word] |= bit;
        }
        Some(sieve)
    }

    fn attr(&self, text: &[u8]) -> (usize, u64) {
        let last = match text.last_chunk::<8>() {
            Some(last) => u64::from_le_bytes(*last),
            None => text.iter().fold(0, |last, byte| last << 8 | u64::from(*byte)),
        };
        // Bit 0x20 is set in each byte, so that a letter in either case gives the same hash.
        let mixed = ((last | 0x2020_2020_2020_2020) ^ text.len() as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let attr = mixed >> self.shift;
        (usize::try_from(attr >> 6).unwrap_or_default(), 1 << (attr & 63))
    }

    pub(super) fn may_be(&self, text: &[u8]) -> bool {
        // A text that is not ASCII may equal one of the texts after folding, although its bytes differ.
        let (word, bit) = self.attr(text);
        self.bits[word] & bit != 0 || !self.is_exact && !text.is_ascii()
    }
}
