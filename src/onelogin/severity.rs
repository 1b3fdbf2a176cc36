//! The severities of problems and findings.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The severity of a problem of a template, or of a finding of a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Severity {
    /// For a template: it provisions nobody, or provisions people with wrong values. For a client: the client would fail.
    Error,
    /// For a template: this engine reads the value as intended, but other servers may refuse or drop it. For a client: the
    /// client works, but the answer deviates from the RFC or costs more than it should.
    Warning,
    /// Everything works, but the fact is worth knowing.
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
