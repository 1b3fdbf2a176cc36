//! A problem of a template: what is wrong, where, and how to cure it.

use std::fmt;

use crate::onelogin::position::Position;
use crate::onelogin::severity::Severity;
use crate::syntax::Span;

/// A problem of a template.
///
/// ```
/// use scim_engine::ResourceType;
/// use scim_engine::onelogin::lint;
/// let template = "{\n  \"userName\": \"{$user.emial}\"}";
/// let found = lint(template, &ResourceType::user());
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

    /// The severity.
    pub fn severity(&self) -> Severity {
        self.severity
    }

    /// The attribute, as a SCIM path with indexes: `emails[0].value`; empty for the whole template.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The place of the problem in the template, in bytes.
    pub fn span(&self) -> Span {
        self.span
    }

    /// The line and column at which the problem begins.
    pub fn position(&self) -> Position {
        self.position
    }

    /// The text that says what is wrong.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The text that says how to correct the problem.
    pub fn cure(&self) -> &str {
        &self.cure
    }

    /// Whether the corrected template no longer has the problem.
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
