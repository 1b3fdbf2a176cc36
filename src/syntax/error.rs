//! The errors of parsing: what is wrong with a filter or path, where, and what was expected.

use std::fmt::{self, Write as _};

use super::expected::Expected;
use super::hint::hint;
use super::span::Span;
use crate::error::{ScimError, ScimType};
use crate::shown::is_plain;

/// A filter or path that could not be parsed. `docs/MEANING.md` says which texts are accepted, under "Filter text".
///
/// `Display` is one line; [`ParseError::render`] shows the text with carets under the fault:
///
/// ```
/// let error = "userName eq bjensen".parse::<scim_engine::Filter>().unwrap_err();
/// assert_eq!(error.span().slice("userName eq bjensen"), "bjensen");
/// println!("{}", error.render());
/// // userName eq bjensen
/// //             ^^^^^^^ expected a JSON value: a quoted string, a number, `true`, `false` or `null`
/// // help: strings stand in double quotes: "bjensen"
/// ```
#[derive(Clone, PartialEq)]
pub struct ParseError(Box<Inner>);

#[derive(Clone, PartialEq)]
struct Inner {
    expected: Expected,
    message: String,
    span: Span,
    /// The start of the span in characters, from zero: messages count characters, not bytes.
    character: usize,
    found: String,
    hint: Option<String>,
    text: String,
    is_path: bool,
    in_brackets: bool,
}

impl ParseError {
    pub(crate) fn new(text: &str, at: Span, expected: Expected, is_path: bool) -> Self {
        let is_limit = matches!(expected, Expected::MaxBytes(..));
        let character = text.get(..at.start).map_or(at.start, |before| before.chars().count());
        let message = expected.to_string();
        if names_secret(text) {
            let (found, text) = (String::new(), String::new());
            let hint = None;
            return Self(Box::new(Inner {
                expected,
                message,
                span: at,
                character,
                found,
                hint,
                text,
                is_path,
                in_brackets: false,
            }));
        }
        let found = at.slice(text);
        let hint = if is_limit { None } else { hint(&expected, text, at, is_path) };
        Self(Box::new(Inner {
            expected,
            message,
            span: at,
            character,
            found: found.chars().take(64).collect(),
            hint,
            // A text over the limit may have any size, so it is not kept.
            text: if is_limit { String::new() } else { text.to_owned() },
            is_path,
            in_brackets: false,
        }))
    }

    /// The same error as one of the filter in the brackets of a path.
    pub(super) fn in_brackets(mut self) -> Self {
        self.0.in_brackets = true;
        self
    }

    /// The bytes of the text that are at fault. If something is missing at the end of the text, the span is empty and
    /// at the end.
    pub fn span(&self) -> Span {
        self.0.span
    }

    /// The message: what was expected at the span, or which limit the text exceeds.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The text found at the span, cut after 64 characters.
    pub fn found(&self) -> &str {
        &self.0.found
    }

    /// The correction, if the mistake is a common one.
    pub fn hint(&self) -> Option<&str> {
        self.0.hint.as_deref()
    }

    /// The kind of error: `invalidPath` for a PATCH path, otherwise `invalidFilter`, also for the filter in the brackets of a
    /// path.
    pub fn scim_type(&self) -> Option<ScimType> {
        Some(self.kind())
    }

    pub(crate) fn kind(&self) -> ScimType {
        if self.0.is_path && !self.0.in_brackets { ScimType::InvalidPath } else { ScimType::InvalidFilter }
    }

    /// Whether the text was a PATCH path. If not, it was a filter.
    pub fn is_path(&self) -> bool {
        self.0.is_path
    }

    /// Whether a limit on hostile input was exceeded.
    pub fn is_limit(&self) -> bool {
        matches!(self.0.expected, Expected::MaxBytes(..) | Expected::MaxComparisons(_) | Expected::MaxNesting(_))
    }

    /// The text, carets under the fault, what was expected, and the hint.
    pub fn render(&self) -> String {
        render(&self.0.text, self.0.span, self.message(), self.hint())
    }
}

/// Text to show between back-ticks: characters that a terminal would obey are escaped, the others are unchanged.
struct Shown<'a>(&'a str);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|c| if is_plain(c) { f.write_char(c) } else { write!(f, "{}", c.escape_default()) })
    }
}

/// Whether a text names `password`. If so, messages and logs repeat nothing of the text, because the password probably
/// follows the name. A parser has no schema, so it checks only this name.
pub(crate) fn names_secret(text: &str) -> bool {
    text.as_bytes().windows(SECRET.len()).any(|window| window.eq_ignore_ascii_case(SECRET.as_bytes()))
}

/// The only attribute of RFC 7643 that is never returned. A member of this name that no schema defines is treated in
/// the same way (S1).
pub(crate) const SECRET: &str = "password";

/// The part of an unparsable path that may be shown: all of it or, if the path names a secret, only the attribute.
pub(crate) fn shown_unread(path: &str) -> String {
    let is_of_name = |c: char| c.is_ascii_alphanumeric() || "-_$.:".contains(c);
    let name = path.split(|c| !is_of_name(c)).next().unwrap_or_default();
    let is_attribute = || names_secret(name) || path.get(name.len()..).is_some_and(|rest| rest.starts_with('['));
    let shown = match names_secret(path) {
        false => path,
        true if is_attribute() => name,
        true => "",
    };
    shown.chars().take(200).collect()
}

/// The text with carets under `span` and a message. Text far from the span is cut, so that a long filter stays readable.
pub(crate) fn render(text: &str, span: Span, message: &str, hint: Option<&str>) -> String {
    // The most characters shown on each side of the span. The number affects only the layout.
    const CONTEXT: usize = 60;
    let mut out = String::new();
    if !text.is_empty() {
        let before: Vec<char> = text.get(..span.start).unwrap_or("").chars().collect();
        let inside: Vec<char> = span.slice(text).chars().collect();
        let after: Vec<char> = text.get(span.end..).unwrap_or("").chars().collect();
        let printable = |c: &char| if is_plain(*c) { *c } else { '\u{fffd}' };
        let skipped = before.len().saturating_sub(CONTEXT);
        let shown = inside.len().min(2 * CONTEXT);
        let dots = |cut: bool| if cut { "…" } else { "" };
        out.push_str(dots(skipped > 0));
        out.extend(before.iter().skip(skipped).map(printable));
        out.extend(inside.iter().take(shown).map(printable));
        if shown < inside.len() {
            out.push('…');
        } else {
            out.extend(after.iter().take(CONTEXT).map(printable));
            out.push_str(dots(after.len() > CONTEXT));
        }
        out.push('\n');
        let indent = before.len() - skipped + usize::from(skipped > 0);
        out.extend(std::iter::repeat_n(' ', indent));
        out.extend(std::iter::repeat_n('^', shown.max(1)));
        out.push(' ');
    }
    out.push_str(message);
    if let Some(hint) = hint {
        // Writing to a String cannot fail.
        let _ = write!(out, "\nhelp: {hint}");
    }
    out
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { expected, character: at, found, hint, text, .. } = &*self.0;
        write!(f, "{expected}")?;
        if matches!(expected, Expected::MaxBytes(..)) {
            return Ok(());
        }
        if text.is_empty() {
            write!(f, " at character {at}")?;
        } else if found.is_empty() {
            write!(f, ", found nothing at character {at}")?;
        } else {
            write!(f, ", found `{}` at character {at}", Shown(found))?;
        }
        hint.as_ref().map_or(Ok(()), |hint| write!(f, "; {hint}"))
    }
}

impl fmt::Debug for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ParseError({self})")
    }
}

impl std::error::Error for ParseError {}

impl From<ParseError> for ScimError {
    fn from(error: ParseError) -> Self {
        Self::new(error.kind(), error.to_string())
    }
}
