//! Sixty-four bytes looked at in one step, by the widest vectors that the processor at hand has: a bit for each byte, the first
//! byte lowest. What is here only makes sense where it is compiled for those vectors, so everything is inlined into there.
#![expect(clippy::inline_always, reason = "a function of its own would be compiled for the plain target")]

use fearless_simd::prelude::*;
use fearless_simd::{i8x64, mask8x64, u8x64};

use super::block::WIDTH;

/// The bytes.
#[derive(Clone, Copy)]
pub(super) struct Block<S: Simd>(u8x64<S>);

impl<S: Simd> Block<S> {
    #[inline(always)]
    pub(super) fn new(simd: S, bytes: &[u8; WIDTH]) -> Self {
        Self((*bytes).simd_into(simd))
    }

    /// Where this byte is.
    #[inline(always)]
    pub(super) fn is(self, byte: u8) -> u64 {
        self.0.simd_eq(byte).to_bitmask()
    }

    /// Where this letter or sign is, letters in either case.
    #[inline(always)]
    fn is_in_any_case(self, byte: u8) -> mask8x64<S> {
        (self.0 | 0x20).simd_eq(byte | 0x20)
    }

    /// Where brackets open and close.
    #[inline(always)]
    pub(super) fn brackets(self) -> (u64, u64) {
        // A bit apart are `[` and `{`, `]` and `}`.
        (self.is_in_any_case(b'{').to_bitmask(), self.is_in_any_case(b'}').to_bitmask())
    }

    /// Quotes, backslashes and control characters: what ends the plain part of a string.
    #[inline(always)]
    pub(super) fn stops(self) -> u64 {
        (self.0.simd_eq(b'"') | self.0.simd_eq(b'\\') | self.0.simd_lt(0x20)).to_bitmask()
    }

    /// Whether there are backslashes, control characters, or bytes beyond ASCII.
    #[inline(always)]
    pub(super) fn has_rare(self) -> bool {
        let signed: i8x64<S> = self.0.bitcast();
        // Beyond ASCII they are negative.
        (signed.simd_lt(0x20) | self.0.simd_eq(b'\\')).any_true()
    }

    /// Where there are control characters.
    #[inline(always)]
    pub(super) fn controls(self) -> u64 {
        self.0.simd_lt(0x20).to_bitmask()
    }

    /// Whether there are bytes beyond ASCII.
    #[inline(always)]
    pub(super) fn is_ascii(self) -> bool {
        let signed: i8x64<S> = self.0.bitcast();
        !signed.simd_lt(0).any_true()
    }
}

/// Where this byte is in one block and that in another.
#[inline(always)]
pub(super) fn both<S: Simd>(this: (Block<S>, u8), that: (Block<S>, u8)) -> mask8x64<S> {
    this.0.0.simd_eq(this.1) & that.0.0.simd_eq(that.1)
}

/// As [`both`], letters in either case.
#[inline(always)]
pub(super) fn both_in_any_case<S: Simd>(this: (Block<S>, u8), that: (Block<S>, u8)) -> mask8x64<S> {
    this.0.is_in_any_case(this.1) & that.0.is_in_any_case(that.1)
}

/// Where the first bits are, counted from `at` on; more than there are bits stand for nothing.
#[inline(always)]
pub(super) fn places<S: Simd, const N: usize>(simd: S, mut bits: u64, at: usize, places: &mut [usize; N]) {
    // Where one vector holds the whole block (AVX-512), an instruction puts them side by side; elsewhere that would take many.
    if <S::u8s as SimdBase<S>>::LEN == WIDTH {
        let all = u8x64::from_fn(simd, |place| u8::try_from(place).unwrap_or_default());
        let these: [u8; WIDTH] = *simd.compress_u8x64(all, mask8x64::from_bitmask(simd, bits));
        for (place, this) in places.iter_mut().zip(these) {
            *place = at + usize::from(this);
        }
        return;
    }
    for place in places {
        *place = at + bits.trailing_zeros() as usize;
        bits &= bits.wrapping_sub(1);
    }
}
