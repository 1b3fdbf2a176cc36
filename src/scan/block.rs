//! Sixteen bytes looked at in one step.

use wide::u8x16;

/// How many bytes are looked at in one step.
pub(super) const WIDTH: usize = 16;

/// Where in a block something is: a bit for each byte, the first byte lowest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Marks {
    /// Quotes, backslashes and control characters: what ends the plain part of a string.
    pub stops: u32,
    /// Bytes of other than ASCII characters.
    pub high: u32,
}

/// The vector code is what every processor of the target has (SSE2, NEON), so that nothing has to be chosen at run time.
#[inline]
#[expect(clippy::cast_sign_loss, reason = "these are bits, not numbers")]
pub(super) fn marks(block: &[u8; WIDTH]) -> Marks {
    let bytes = u8x16::new(*block);
    let is = |byte| bytes.cmp_eq(u8x16::splat(byte));
    let controls = bytes.min(u8x16::splat(0x1f)).cmp_eq(bytes);
    let stops = is(b'"') | is(b'\\') | controls;
    Marks { stops: stops.move_mask() as u32, high: bytes.move_mask() as u32 }
}

/// Whether a byte ends the plain part of a string.
pub(super) fn is_stop(byte: u8) -> bool {
    matches!(byte, b'"' | b'\\' | 0..=0x1f)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marks_by_byte(block: &[u8; WIDTH]) -> Marks {
        let mut marks = Marks { stops: 0, high: 0 };
        for (at, byte) in block.iter().enumerate() {
            marks.stops |= u32::from(is_stop(*byte)) << at;
            marks.high |= u32::from(!byte.is_ascii()) << at;
        }
        marks
    }

    #[test]
    fn every_byte_at_every_place() {
        for byte in 0..=255 {
            for at in 0..WIDTH {
                for around in [b'a', b'"', 0x80] {
                    let mut block = [around; WIDTH];
                    block[at] = byte;
                    assert_eq!(marks(&block), marks_by_byte(&block), "{byte} at {at}");
                }
            }
        }
        assert_eq!(
            marks(b"a\"b\\c\x1f d\x7f\xc3\xa9e   \0"),
            Marks { stops: 0b1000_0000_0010_1010, high: 0b110_0000_0000 }
        );
    }
}
