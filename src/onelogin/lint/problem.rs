//! What is wrong with a template, where, and what would be right.

use std::fmt;

use serde::Serialize;

use crate::onelogin::Position;
use crate::syntax::Span;

/// How bad a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Nobody can be provisioned by it, or not with what was meant.
    Error,
    /// Read as what it means by this engine and reported; others may refuse or lose it.
    Warning,
    /// Works here, and a template cannot say it better; worth knowing.
    Note,
}

impl Severity {
    /// The name: `error`, `warning`, `note`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A problem of a template.
///
/// ```
/// use scim_engine::ResourceType;
/// use scim_engine::onelogin::{LintOptions, lint};
/// let template = "{\n  \"userName\": \"{$user.emial}\"}";
/// let found = lint(template, &ResourceType::user(), &LintOptions::default());
/// let problem = found.problems().iter().find(|problem| problem.code() == "unknown_macro").unwrap();
/// assert_eq!((problem.path(), problem.position().to_string().as_str()), ("userName", "2:16"));
/// assert_eq!(problem.cure(), "write `{$user.email}`");
/// assert!(problem.is_cured());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub(super) code: &'static str,
    pub(super) severity: Severity,
    pub(super) path: String,
    pub(super) span: Span,
    pub(super) position: Position,
    pub(super) message: String,
    pub(super) cure: String,
    pub(super) is_cured: bool,
}

impl Problem {
    /// A stable name of the kind of problem, such as `undeclared_extension`.
    pub fn code(&self) -> &'static str {
        self.code
    }

    /// How bad it is.
    pub fn severity(&self) -> Severity {
        self.severity
    }

    /// What is meant, as in a SCIM path with indexes: `emails[0].value`; empty for the whole.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Where it stands, in bytes.
    pub fn span(&self) -> Span {
        self.span
    }

    /// Where it stands, in lines and columns.
    pub fn position(&self) -> Position {
        self.position
    }

    /// What is wrong.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What would be right.
    pub fn cure(&self) -> &str {
        &self.cure
    }

    /// Whether the corrected template has none of it.
    pub fn is_cured(&self) -> bool {
        self.is_cured
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} [{}]: ", self.position, self.severity, self.code)?;
        if !self.path.is_empty() {
            write!(f, "`{}`: ", self.path)?;
        }
        write!(f, "{}; {}", self.message, self.cure)
    }
}
