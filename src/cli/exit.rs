//! The exit codes, which are those of grep.

/// The exit code of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Exit {
    /// The answer is yes: a document matches, the filter holds, or the resource is accepted.
    Yes = 0,
    /// The answer is no: no document matches, the filter does not hold, or the resource is refused.
    No = 1,
    /// An error, reported on standard error.
    Error = 2,
}
