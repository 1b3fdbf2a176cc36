//! The quotes round the strings of a text, found 64 bytes at a time before anything else is looked at, so that who goes over it
//! knows where each string ends. How a text is made up shows from one document to the next, where it falls into blocks does
//! not: so the work on blocks has nothing in it that would have to be guessed.
#![expect(clippy::inline_always, reason = "a function of its own would be compiled for the plain target")]

use fearless_simd::{Simd, dispatch};

use super::block::{self, WIDTH};
use super::cursor::{Cursor, Stop};
use super::level;
use super::vector::{self, Block};

/// Quotes that are written for every block, whether there are so many or not: more are rare.
const MOST: usize = 12;

/// The most blocks that are gone over at once.
const MOST_BLOCKS: usize = 64;

/// The quotes of a part of a text.
#[derive(Debug, Default)]
pub(super) struct Index {
    /// Where they are, those that open strings and those that close them by turns; only so many count.
    quotes: Vec<usize>,
    count: usize,
    /// The next one, which opens a string.
    pub next: usize,
    /// Where the next block begins.
    at: usize,
    /// How many blocks are gone over next, and how many after them.
    blocks: usize,
    then: usize,
    /// Whether the next byte is escaped.
    is_escaped: bool,
    /// Where the last escape ends.
    escape_end: usize,
    /// Where the first and the last escapes begin.
    escapes: Option<(usize, usize)>,
    /// Where there is the first character in a string that may not be there.
    pub wrong: usize,
    /// Where the first block begins that is not all ASCII.
    pub wide: usize,
    /// Where there is the first control character, which may be the end of a line.
    pub control: usize,
}

impl Index {
    /// Begins anew, at this place outside of strings. So many bytes will be gone over first.
    pub(super) fn start(&mut self, at: usize, bytes: usize) {
        let Self { quotes, .. } = std::mem::take(self);
        let blocks = bytes.div_ceil(WIDTH).clamp(1, MOST_BLOCKS);
        let none = usize::MAX;
        *self = Self { quotes, at, blocks, then: 4, wrong: none, wide: none, control: none, ..Self::default() };
    }

    /// Memory that is held, in quotes.
    pub(super) fn capacity(&self) -> usize {
        self.quotes.capacity()
    }

    /// Goes over the next string; where its last quote is. None if it has none.
    #[inline(always)]
    pub(super) fn string_end(&mut self, text: &[u8]) -> Option<usize> {
        if self.next + 1 >= self.count && !self.more(text) {
            return None;
        }
        let end = self.quotes.get(self.next + 1).copied();
        self.next += 2;
        end
    }

    /// The quotes at hand from the next on.
    #[inline(always)]
    pub(super) fn at_hand(&self) -> &[usize] {
        self.quotes.get(self.next..self.count).unwrap_or_default()
    }

    /// Whether there are escapes between two places, so far as is known without looking.
    #[inline]
    pub(super) fn may_have_escapes(&self, start: usize, end: usize) -> bool {
        self.escapes.is_some_and(|(first, last)| first < end && start <= last)
    }

    /// Finds more quotes. False if there is not one more string.
    #[cold]
    #[inline(never)]
    fn more(&mut self, text: &[u8]) -> bool {
        // Those before have been gone over.
        let rest = self.next.min(self.count)..self.count;
        (self.count, self.next) = (rest.len(), 0);
        self.quotes.copy_within(rest, 0);
        while self.count < 2 && self.at < text.len() {
            let blocks = self.blocks;
            (self.blocks, self.then) = (self.then, (self.then * 2).min(MOST_BLOCKS));
            if self.quotes.len() < self.count + blocks * WIDTH {
                self.quotes.resize(self.count + blocks * WIDTH, 0);
            }
            dispatch!(level::widest(), simd => find(simd, text, blocks, self));
        }
        self.count >= 2
    }

    /// What is rare in a block: its quotes without those that are escaped are given back.
    #[cold]
    #[inline(never)]
    fn rare(&mut self, text: &[u8], count: usize, quotes: u64, rare: Rare) -> u64 {
        let Rare { controls, backslashes, is_ascii } = rare;
        if !is_ascii {
            self.wide = self.wide.min(self.at);
        }
        let mut quotes = quotes;
        if backslashes != 0 || self.is_escaped {
            let escaped = block::escaped(backslashes, &mut self.is_escaped);
            quotes &= !escaped;
            self.look_at_escapes(text, backslashes & !escaped);
        }
        if controls != 0 {
            self.control = self.control.min(self.at + controls.trailing_zeros() as usize);
            // An odd number of quotes: the block begins in a string.
            let is_inside = u64::try_from(count & 1).unwrap_or_default();
            let strings = block::strings(quotes) ^ 0_u64.wrapping_sub(is_inside);
            let wrong = controls & strings;
            if wrong != 0 {
                self.wrong = self.wrong.min(self.at + wrong.trailing_zeros() as usize);
            }
        }
        quotes
    }

    fn look_at_escapes(&mut self, text: &[u8], mut escapes: u64) {
        if escapes != 0 {
            let first = self.at + escapes.trailing_zeros() as usize;
            let last = self.at + 63 - escapes.leading_zeros() as usize;
            self.escapes = Some((self.escapes.map_or(first, |(first, _)| first), last));
        }
        while escapes != 0 {
            let start = self.at + escapes.trailing_zeros() as usize;
            escapes &= escapes - 1;
            // The second half of a pair belongs to the first.
            if start >= self.escape_end {
                match Cursor::<true>::new(text, start).escape(start) {
                    Ok(end) => self.escape_end = end,
                    Err(Stop) => self.wrong = self.wrong.min(start),
                }
            }
        }
    }
}

struct Rare {
    controls: u64,
    backslashes: u64,
    is_ascii: bool,
}

/// Goes over some blocks. No quote that was found before has been taken away but in pairs.
#[inline(always)]
fn find<S: Simd>(simd: S, text: &[u8], blocks: usize, index: &mut Index) {
    let mut room = [0; WIDTH];
    let (mut count, mut at) = (index.count, index.at);
    for _ in 0..blocks {
        let rest = text.get(at..).unwrap_or_default();
        if rest.is_empty() {
            break;
        }
        let block = Block::new(simd, block::bytes(rest, &mut room, b' '));
        let mut quotes = block.is(b'"');
        if block.has_rare() || index.is_escaped {
            let rare = Rare { controls: block.controls(), backslashes: block.is(b'\\'), is_ascii: block.is_ascii() };
            index.at = at;
            quotes = index.rare(text, count, quotes, rare);
        }
        let more = quotes.count_ones() as usize;
        if let Some(slots) = index.quotes.get_mut(count..) {
            if let Some(slots) = slots.first_chunk_mut::<MOST>() {
                vector::places(simd, quotes, at, slots);
            }
            if more > MOST {
                for _ in 0..MOST {
                    quotes &= quotes.wrapping_sub(1);
                }
                for slot in slots.iter_mut().take(more).skip(MOST) {
                    *slot = at + quotes.trailing_zeros() as usize;
                    quotes &= quotes.wrapping_sub(1);
                }
            }
        }
        count += more;
        at += WIDTH;
    }
    (index.count, index.at) = (count, at);
}

#[cfg(test)]
#[allow(clippy::indexing_slicing)]
mod tests {
    use super::*;
    use crate::scan::level::tests::at_every_level;

    /// Byte by byte: the quotes, whether there was a control character in a string, and whether all was ASCII.
    fn plainly(text: &[u8]) -> (Vec<usize>, bool, bool) {
        let (mut quotes, mut is_escaped, mut has_control) = (Vec::new(), false, false);
        for (at, byte) in text.iter().enumerate() {
            has_control |= *byte < b' ' && quotes.len() % 2 == 1;
            match byte {
                _ if is_escaped => is_escaped = false,
                b'\\' => is_escaped = true,
                b'"' => quotes.push(at),
                _ => {}
            }
        }
        (quotes, has_control, text.is_ascii())
    }

    #[test]
    fn quotes_at_every_level() {
        const PIECES: &[&str] = &[
            "\"",
            "\"\"",
            "\":\"",
            "\",\"",
            "\\\"",
            "\\\\",
            "{",
            "}",
            "abc",
            "\n",
            "\u{e9}",
            " ",
            "\"x\":\"yyyyyyyyyyyyyyyyy\",",
        ];
        let mut state = 5_u64;
        let mut roll = |sides: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(state >> 33).unwrap_or_default() % sides
        };
        for round in 0..4000 {
            // Some have many of one piece, so that blocks are full of quotes or have none.
            let kinds = 1 + roll(PIECES.len());
            let text: String = (0..roll(120)).map(|_| PIECES[(roll(kinds) + round) % PIECES.len()]).collect();
            let (expected, has_control, is_ascii) = plainly(text.as_bytes());
            let ends: Vec<_> = expected.chunks_exact(2).map(|pair| pair[1]).collect();
            let bytes = 1 + roll(300);
            at_every_level(|level| {
                let mut index = Index::default();
                index.start(0, 64);
                index.quotes.resize(text.len() + 2 * WIDTH, 0);
                dispatch!(level::widest(), simd => find(simd, text.as_bytes(), MOST_BLOCKS, &mut index));
                assert_eq!(index.at_hand(), expected, "{text:?} {level:?}");
                assert_eq!(index.wide == usize::MAX, is_ascii, "{text:?} {level:?}");
                if has_control {
                    assert!(index.wrong < text.len(), "{text:?} {level:?}");
                }
                // As they are asked for, part by part.
                let mut index = Index::default();
                index.start(0, bytes);
                let found: Vec<_> = std::iter::from_fn(|| index.string_end(text.as_bytes())).collect();
                assert_eq!(found, ends, "{text:?} {level:?}");
            });
        }
    }
}
