//! The line and column of a byte.

use std::fmt;

use crate::syntax::{Span, names_secret, render};

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

    /// The position, the line of `text` that begins the span, carets below the span, the message and the hint. A line that
    /// names a password is not shown, because it may have one.
    pub(super) fn rendered(self, text: &str, span: Span, message: &str, hint: Option<&str>) -> String {
        let start = span.start.min(text.len());
        let before = text.get(..start).unwrap_or(text);
        let first = before.rfind('\n').map_or(0, |at| at + 1);
        let line = text.get(first..).unwrap_or_default();
        let line = line.split(['\r', '\n']).next().unwrap_or_default();
        let line = if names_secret(line) { "" } else { line };
        let within = Span::new((start - first).min(line.len()), span.end.saturating_sub(first).min(line.len()));
        format!("{self}:\n{}", render(line, within, message, hint))
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}
