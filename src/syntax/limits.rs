//! How much of a filter, path or request is read at most (T11).

/// Limits on hostile input. Exceeding any of them has a message of its own.
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
    /// The most bytes of one filter or path; 8 KiB.
    pub filter_bytes: usize,
    /// The most brackets and parentheses within each other; 64. However high it is set, a tree has at most
    /// [`Limits::MAX_DEPTH`] levels; redundant parentheses add none.
    pub nesting: usize,
    /// The most comparisons and presence tests in one filter; 256.
    pub comparisons: usize,
    /// The most operations in one PATCH request, including member operations of SCIM 1.1; 10,000.
    pub operations: usize,
    /// The most bytes of all paths and filters of one PATCH request; 1 MiB.
    pub path_bytes: usize,
    /// The most levels of objects and arrays within each other in a document or request; 64. A value above
    /// [`Limits::MAX_DEPTH`] means that constant.
    pub depth: usize,
    /// The most members of one object in a request; 1,000, more than any resource type has attributes.
    pub members: usize,
    /// The most bytes of elements of multi-valued attributes that one PATCH request may read again, after the first passes
    /// over a list; 160 MiB. A byte in which brackets search for a text counts twice, and a byte that is copied into
    /// further elements ten times, so that a short request cannot make a long resource. Look-ups by equality use an index
    /// and hardly count: the limit stops thousands of `co` filters on a very large group.
    pub visited_bytes: usize,
    /// The most bytes of one string in a request; 1 MiB.
    pub string_bytes: usize,
    /// The most digits of one number in a request, with its exponent written out; 4,300.
    pub number_digits: usize,
}

impl Limits {
    /// The most levels of a tree. Evaluation, display and drop recurse, so this bounds their use of the call stack.
    pub const MAX_DEPTH: usize = 128;

    /// The levels of a document that are read: [`Limits::depth`], but never more than [`Limits::MAX_DEPTH`].
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
