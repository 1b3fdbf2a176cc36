//! How much of a filter is read at the most (T11).

/// Limits on hostile input. Each has its own message when it is passed.
///
/// ```
/// use scim_engine::{Filter, Limits, Tolerance};
/// let mut limits = Limits::default();
/// limits.nesting = 2;
/// let error = Filter::parse_with("(((a pr)))", &limits, &Tolerance::default()).unwrap_err();
/// assert!(error.to_string().contains("nested"));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Limits {
    /// Bytes of one filter or path; 8 KiB.
    pub filter_bytes: usize,
    /// Brackets and parentheses within each other; 64. However high it is set, the tree gets no more than
    /// [`Limits::MAX_DEPTH`] levels: parentheses that say nothing make none.
    pub nesting: usize,
    /// Comparisons (and presence tests) in one filter; 256.
    pub comparisons: usize,
    /// Operations in one PATCH request, member operations of the old form counted; 10,000.
    pub operations: usize,
    /// Bytes of all paths and filters of one PATCH request; 1 MiB.
    pub path_bytes: usize,
    /// Levels of objects and arrays within each other in a document or request; 64. More than [`Limits::MAX_DEPTH`] is
    /// read as that.
    pub depth: usize,
    /// Members of one object in a request; 1,000. No resource type has as many attributes.
    pub members: usize,
    /// Bytes of elements of multi-valued attributes that one PATCH request may look at again, after the first passes over
    /// a list; 160 MiB. A byte in which brackets search for a text counts twice, and one that is copied into further elements
    /// ten times: a short request does not make a long resource. Look-ups by equality go through an index
    /// and hardly count: this stops thousands of `co` filters over a very large group.
    pub visited_bytes: usize,
    /// Bytes of one string in a request; 1 MiB.
    pub string_bytes: usize,
    /// Digits of one number in a request, those of its exponent written out; 4,300.
    pub number_digits: usize,
}

impl Limits {
    /// The levels of a tree at the most: evaluation, display and drop follow them on the stack.
    pub const MAX_DEPTH: usize = 128;

    /// The levels of a document that are followed: [`Limits::depth`], and never more than [`Limits::MAX_DEPTH`].
    pub(crate) fn depth(&self) -> usize {
        self.depth.min(Self::MAX_DEPTH)
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            filter_bytes: 8 * 1024,
            nesting: 64,
            comparisons: 256,
            operations: 10_000,
            path_bytes: 1024 * 1024,
            depth: 64,
            members: 1_000,
            visited_bytes: 160 * 1024 * 1024,
            string_bytes: 1024 * 1024,
            number_digits: 4_300,
        }
    }
}
