//! Positions in a text.

/// A range of bytes of the text that was parsed: `start..end`, zero-based, without the byte at `end`.
///
/// ```
/// let filter: scim_engine::Filter = "title pr".parse()?;
/// assert_eq!(filter.expr().span().slice(filter.as_str()), "title pr");
/// # Ok::<(), scim_engine::ParseError>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// The byte after the last one.
    pub end: usize,
}

impl Span {
    /// The span from `start` to `end`.
    pub const fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }

    /// The text that this span covers. Empty if the span does not fit into `text`.
    pub fn slice(self, text: &str) -> &str {
        text.get(self.start..self.end).unwrap_or("")
    }

    /// From the start of this span to the end of `other`.
    #[must_use]
    pub const fn to(self, other: Self) -> Self {
        Self::new(self.start, other.end)
    }

    /// The span of `part`, which must be a slice of `whole`. Other slices give a wrong span, but never one outside of
    /// `whole`.
    pub(crate) fn of(whole: &str, part: &str) -> Self {
        let start = (part.as_ptr() as usize).saturating_sub(whole.as_ptr() as usize).min(whole.len());
        Self::new(start, (start + part.len()).min(whole.len()))
    }
}
