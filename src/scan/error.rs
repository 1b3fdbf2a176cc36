//! The errors of scanning JSON text.

use std::fmt;

use crate::document::DocumentError;
use crate::error::{ScimError, ScimType};
use crate::json::words;

/// The kind of a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    End,
    Value,
    Word,
    Number,
    FirstName,
    Name,
    Colon,
    CommaOrBrace,
    CommaOrBracket,
    Rest,
    Control,
    Escape,
    Surrogate,
    Utf8,
    /// More brackets than are read.
    Depth,
    /// More levels below an attribute than are followed.
    TooDeep,
    /// JSON, but not an object.
    NoObject,
}

impl What {
    fn message(self) -> &'static str {
        match self {
            Self::End => words::END,
            Self::Value => words::VALUE,
            Self::Word => words::WORD,
            Self::Number => words::NUMBER,
            Self::FirstName => "expected a name in quotes or `}`",
            Self::Name => "expected a name in quotes after `,`",
            Self::Colon => words::COLON,
            Self::CommaOrBrace => words::COMMA_OR_BRACE,
            Self::CommaOrBracket => words::COMMA_OR_BRACKET,
            Self::Rest => words::REST,
            Self::Control => words::CONTROL,
            Self::Escape => words::ESCAPE,
            Self::Surrogate => words::SURROGATE,
            Self::Utf8 => words::UTF8,
            Self::Depth => words::DEPTH,
            Self::TooDeep => DocumentError::TooDeep.message(),
            Self::NoObject => DocumentError::NoObject.message(),
        }
    }
}

/// A text that is not a JSON document, or that is nested too deep to be matched; with the position of the fault.
///
/// ```
/// use scim_engine::{Filter, ResourceType};
/// let matcher = "title pr".parse::<Filter>()?.compile(&ResourceType::user())?;
/// let error = matcher.matches_slice(b"{\"title\": \"x\",\n \"active\": True}").unwrap_err();
/// assert_eq!((error.offset(), error.line(), error.column()), (26, 2, 12));
/// assert_eq!(error.to_string(), "invalid JSON: expected a value at line 2 column 12");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScanError {
    what: What,
    offset: usize,
    line: usize,
    column: usize,
}

impl ScanError {
    /// Scans the text again for the line: errors are rare.
    #[cold]
    pub(super) fn new(text: &[u8], offset: usize, what: What) -> Self {
        let before = text.get(..offset).unwrap_or(text);
        let line = memchr::memchr_iter(b'\n', before).count() + 1;
        let start = memchr::memrchr(b'\n', before).map_or(0, |at| at + 1);
        Self { what, offset, line, column: before.len() - start + 1 }
    }

    /// The offset of the fault, in bytes.
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// The line, from 1.
    pub fn line(&self) -> usize {
        self.line
    }

    /// The byte in the line, from 1.
    pub fn column(&self) -> usize {
        self.column
    }

    /// Whether the text is not JSON. Otherwise it is JSON that is nested too deep to be matched, or not an object.
    pub fn is_syntax(&self) -> bool {
        !matches!(self.what, What::TooDeep | What::NoObject)
    }

    /// Whether the text is JSON, but not an object.
    #[cfg(feature = "python")]
    pub(crate) fn is_no_object(&self) -> bool {
        self.what == What::NoObject
    }

    /// The message, without the position.
    pub fn message(&self) -> &'static str {
        self.what.message()
    }

    /// The kind of error: the text cannot be read as a SCIM document.
    pub fn scim_type(&self) -> Option<ScimType> {
        Some(ScimType::InvalidSyntax)
    }
}

impl fmt::Display for ScanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.what {
            What::TooDeep | What::NoObject => f.write_str(self.message()),
            what => {
                write!(f, "invalid JSON: {} at line {} column {}", what.message(), self.line, self.column)
            }
        }
    }
}

impl std::error::Error for ScanError {}

impl From<ScanError> for ScimError {
    fn from(error: ScanError) -> Self {
        let kind = if error.is_syntax() { ScimType::InvalidSyntax } else { ScimType::InvalidValue };
        Self::new(kind, error.to_string())
    }
}

/// A fault while a text is matched, from which [`ScanError`] is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fault {
    pub at: usize,
    pub what: What,
}

impl From<DocumentError> for Fault {
    fn from(error: DocumentError) -> Self {
        let what = match error {
            DocumentError::TooDeep => What::TooDeep,
            DocumentError::NoObject => What::NoObject,
        };
        Self { at: 0, what }
    }
}
