//! Sixty-four bytes looked at in one step: where in them something is, a bit for each byte, the first byte lowest. The vector
//! code is what every processor of the target has (SSE2, NEON), so that nothing has to be chosen at run time.

use wide::u8x16;

/// How many bytes are looked at in one step.
pub(super) const WIDTH: usize = 64;

/// What `look` says of the bytes of a text from one place on; after its end there are zeros.
#[inline]
pub(super) fn at<T>(text: &[u8], at: usize, look: impl Fn(&[u8; WIDTH]) -> T) -> T {
    let rest = text.get(at..).unwrap_or_default();
    match rest.first_chunk() {
        Some(block) => look(block),
        None => look(&last(rest)),
    }
}

#[cold]
fn last(rest: &[u8]) -> [u8; WIDTH] {
    let mut block = [0; WIDTH];
    block.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
    block
}

#[inline]
fn bits(block: &[u8; WIDTH], is: impl Fn(u8x16) -> u8x16) -> u64 {
    let (parts, _) = block.as_chunks::<16>();
    parts.iter().rev().fold(0, |bits, part| bits << 16 | u64::from(mask(is(u8x16::new(*part)))))
}

#[inline]
#[expect(clippy::cast_sign_loss, reason = "these are bits, not numbers")]
fn mask(bytes: u8x16) -> u32 {
    bytes.move_mask() as u32
}

/// Quotes, backslashes and control characters: what ends the plain part of a string.
#[inline]
pub(super) fn stops(block: &[u8; WIDTH]) -> u64 {
    bits(block, |bytes| {
        let is = |byte| bytes.cmp_eq(u8x16::splat(byte));
        is(b'"') | is(b'\\') | bytes.min(u8x16::splat(0x1f)).cmp_eq(bytes)
    })
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
    // A bit apart are `[` and `{`, `]` and `}`.
    let folded = |byte| move |bytes: u8x16| (bytes | u8x16::splat(0x20)).cmp_eq(u8x16::splat(byte));
    let is = |byte| move |bytes: u8x16| bytes.cmp_eq(u8x16::splat(byte));
    Brackets {
        quotes: bits(block, is(b'"')),
        backslashes: bits(block, is(b'\\')),
        opening: bits(block, folded(b'{')),
        closing: bits(block, folded(b'}')),
    }
}

/// Where there is a backslash, or a byte of one block and one of another are these, letters in either case.
#[inline]
pub(super) fn hits(block: &[u8; WIDTH], a: (&[u8; WIDTH], u8), b: (&[u8; WIDTH], u8)) -> u64 {
    let parts = |block: &[u8; WIDTH]| *block.as_chunks::<16>().0.first_chunk::<4>().unwrap_or(&[[0; 16]; 4]);
    let case = u8x16::splat(0x20);
    let is = |part: [u8; 16], byte: u8| (u8x16::new(part) | case).cmp_eq(u8x16::splat(byte | 0x20));
    let all = parts(block).into_iter().zip(parts(a.0).into_iter().zip(parts(b.0)));
    all.rev().fold(0, |bits, (part, (in_a, in_b))| {
        let hits = u8x16::new(part).cmp_eq(u8x16::splat(b'\\')) | is(in_a, a.1) & is(in_b, b.1);
        bits << 16 | u64::from(mask(hits))
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
        for byte in 0..=255 {
            for place in 0..WIDTH {
                let mut block = [b'a'; WIDTH];
                block[place] = byte;
                let bit = |is| u64::from(is) << place;
                assert_eq!(stops(&block), bit(matches!(byte, b'"' | b'\\' | 0..0x20)), "{byte} at {place}");
                let Brackets { quotes, backslashes, opening, closing } = brackets(&block);
                assert_eq!(quotes, bit(byte == b'"'));
                assert_eq!(backslashes, bit(byte == b'\\'));
                assert_eq!(opening, bit(matches!(byte, b'{' | b'[')));
                assert_eq!(closing, bit(matches!(byte, b'}' | b']')));
            }
        }
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
