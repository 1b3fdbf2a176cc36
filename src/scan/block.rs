//! Sixty-four bytes looked at in one step: where in them something is, a bit for each byte, the first byte lowest. What is found
//! here is found with the vectors that every processor of the target has (SSE2, NEON); [`vector`](super::vector) has wider ones.

use fearless_simd::dispatch;

use super::level;
use super::vector::Block;

/// How many bytes are looked at in one step.
pub(super) const WIDTH: usize = 64;

/// The first bytes of a text; what comes after its end is `filled`, for which there has to be room.
#[inline]
pub(super) fn bytes<'b>(rest: &'b [u8], room: &'b mut [u8; WIDTH], filled: u8) -> &'b [u8; WIDTH] {
    if let Some(bytes) = rest.first_chunk() {
        return bytes;
    }
    *room = [filled; WIDTH];
    if let Some(room) = room.get_mut(..rest.len()) {
        room.copy_from_slice(rest);
    }
    room
}

/// What `look` says of the bytes of a text from one place on; after its end there are zeros.
#[inline]
pub(super) fn at<T>(text: &[u8], at: usize, look: impl Fn(&[u8; WIDTH]) -> T) -> T {
    look(bytes(text.get(at..).unwrap_or_default(), &mut [0; WIDTH], 0))
}

/// Quotes, backslashes and control characters: what ends the plain part of a string.
#[inline]
pub(super) fn stops(block: &[u8; WIDTH]) -> u64 {
    dispatch!(level::common(), simd => Block::new(simd, block).stops())
}

/// Where the brackets and quotes of a block are.
pub(super) struct Brackets {
    pub quotes: u64,
    pub backslashes: u64,
    pub opening: u64,
    pub closing: u64,
}

#[inline]
pub(super) fn brackets(block: &[u8; WIDTH]) -> Brackets {
    dispatch!(level::common(), simd => {
        let block = Block::new(simd, block);
        let (opening, closing) = block.brackets();
        Brackets { quotes: block.is(b'"'), backslashes: block.is(b'\\'), opening, closing }
    })
}

/// The characters that a backslash before them escapes. `is_escaped` says so of the first, and then of the one after the
/// block.
pub(super) fn escaped(backslashes: u64, is_escaped: &mut bool) -> u64 {
    let mut escaped = u64::from(*is_escaped);
    let mut rest = backslashes & !escaped;
    *is_escaped = false;
    while rest != 0 {
        let at = rest.trailing_zeros();
        *is_escaped = at == 63;
        escaped |= (1 << at) << 1;
        rest &= !(0b11 << at);
    }
    escaped
}

/// From each opening quote to before its closing one, where the block begins outside of a string.
#[inline]
pub(super) fn strings(quotes: u64) -> u64 {
    (0..6).fold(quotes, |bits, step| bits ^ bits << (1 << step))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::level::tests::at_every_level;

    #[test]
    fn escapes_and_strings() {
        let mut carry = false;
        // `\\\"` and a backslash at the end.
        assert_eq!(escaped(0b111 | 1 << 63, &mut carry), 0b1010);
        assert!(carry);
        assert_eq!(escaped(0b11, &mut carry), 0b101);
        assert!(!carry);
        assert_eq!(escaped(0b11 << 62, &mut carry), 1 << 63);
        assert!(!carry);
        assert_eq!(strings(0b1_0010), 0b1110);
        assert_eq!(strings(0b1001_0010), 0b1110 | u64::MAX << 7);
    }

    #[test]
    fn every_byte_at_every_place() {
        at_every_level(|level| {
            for (byte, place) in (0..=255).flat_map(|byte| (0..WIDTH).map(move |place| (byte, place))) {
                let mut block = [b'a'; WIDTH];
                block[place] = byte;
                let bit = |is| u64::from(is) << place;
                let which = format!("{byte} at {place}, {level:?}");
                assert_eq!(stops(&block), bit(matches!(byte, b'"' | b'\\' | 0..0x20)), "{which}");
                let Brackets { quotes, backslashes, opening, closing } = brackets(&block);
                assert_eq!(quotes, bit(byte == b'"'), "{which}");
                assert_eq!(backslashes, bit(byte == b'\\'), "{which}");
                assert_eq!(opening, bit(matches!(byte, b'{' | b'[')), "{which}");
                assert_eq!(closing, bit(matches!(byte, b'}' | b']')), "{which}");
            }
        });
    }

    #[test]
    fn the_end_of_a_text() {
        let text = [b'x'; 100];
        assert_eq!(at(&text, 36, |block| *block), [b'x'; WIDTH]);
        for (start, rest) in [(37, 63), (99, 1), (100, 0), (1000, 0)] {
            let block = at(&text, start, |block| *block);
            assert!(block[..rest].iter().all(|byte| *byte == b'x') && block[rest..].iter().all(|byte| *byte == 0));
        }
    }
}
