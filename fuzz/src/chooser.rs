//! Choices that the bytes of an input make.

/// Reads choices from bytes. After the last byte every choice is the first one, so the bytes bound what is generated: each
/// loop ends at the first choice.
pub struct Chooser<'b> {
    rest: &'b [u8],
}

impl<'b> Chooser<'b> {
    pub fn new(bytes: &'b [u8]) -> Self {
        Self { rest: bytes }
    }

    pub fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.rest.split_first() else { return 0 };
        self.rest = rest;
        *first
    }

    /// A number below `sides`, which is at most 256.
    pub fn below(&mut self, sides: usize) -> usize {
        if sides < 2 { 0 } else { usize::from(self.byte()) % sides }
    }

    /// True for one byte in `times`, and never after the last byte.
    pub fn one_in(&mut self, times: usize) -> bool {
        self.below(times) == times - 1
    }

    pub fn pick<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.below(items.len())]
    }

    pub fn one_of<'t, T>(&mut self, items: &'t [T]) -> &'t T {
        &items[self.below(items.len())]
    }

    /// One of the items, each as often as its weight says. The weights are at most 256 together.
    pub fn weighted<'t, T>(&mut self, items: &'t [(usize, T)]) -> &'t T {
        let mut at = self.below(items.iter().map(|(weight, _)| weight).sum());
        for (weight, item) in items {
            if at < *weight {
                return item;
            }
            at -= weight;
        }
        &items[0].1
    }

    /// A seed for what has its own sequence of choices.
    pub fn seed(&mut self) -> u64 {
        u64::from_le_bytes([self.byte(), self.byte(), 0, 0, 0, 0, 0, 0])
    }

    /// At most `len` of the bytes.
    pub fn take(&mut self, len: usize) -> &'b [u8] {
        let (taken, rest) = self.rest.split_at(len.min(self.rest.len()));
        self.rest = rest;
        taken
    }

    /// All bytes that are left.
    pub fn rest(self) -> &'b [u8] {
        self.rest
    }

    pub fn is_done(&self) -> bool {
        self.rest.is_empty()
    }
}
