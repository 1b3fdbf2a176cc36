//! The exit codes, which are those of grep.

/// The meaning of an exit code: yes, no, or an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Exit {
    /// A match, a clause that holds, a resource that is accepted.
    Yes = 0,
    /// No match, a clause that does not hold, a resource that is refused.
    No = 1,
    /// An error, reported on standard error.
    Error = 2,
}
