//! The line and column of a byte.

use std::fmt;

/// A place in a text. Lines and columns are counted from 1, columns in characters.
///
/// ```
/// use scim_engine::onelogin::Template;
/// let error = Template::parse("{\n  \"userName\": }").unwrap_err();
/// assert_eq!(error.position().to_string(), "2:15");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The column, in characters.
    pub column: usize,
}

impl Position {
    /// The position of the byte `at` of `text`, or of the end of `text` if it is shorter.
    pub(super) fn of(text: &str, at: usize) -> Self {
        let before = text.get(..at).unwrap_or(text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        Self { line, column }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}
