//! What the host decides.

use std::collections::BTreeMap;

use crate::syntax::Limits;
use crate::tolerance::Tolerance;

/// What to do with members that no schema knows, in POST, PUT and path-less PATCH values (P16).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum UnknownMembers {
    /// Drop and report them.
    #[default]
    Ignore,
    /// Store them as they are.
    Keep,
    /// Refuse the request: `invalidPath` for a PATCH, `invalidSyntax` for a POST or PUT.
    Reject,
}

/// What a PUT that does not mention an attribute means for it (R2).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Absent {
    /// It becomes unassigned.
    #[default]
    Clear,
    /// It stays as it is: a template asserts nothing about attributes that it never mentions.
    Keep,
}

/// The decisions of the host on how requests are read.
///
/// ```
/// use scim_engine::{Absent, Options, ResourceType};
/// use serde_json::json;
/// let options = Options::default().absent_override("active", Absent::Keep);
/// let stored = json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "b", "active": false});
/// let body = json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "b"});
/// let written = ResourceType::user().replace_with(&stored, &body, &options)?;
/// assert_eq!(written.resource["active"], false);
/// # Ok::<(), scim_engine::ResourceError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct Options {
    /// Which deviations of clients are read as what they mean.
    pub tolerance: Tolerance,
    /// Limits on hostile input.
    pub limits: Limits,
    /// What to do with unknown members.
    pub unknown: UnknownMembers,
    /// What absent attributes of a PUT mean.
    pub absent: Absent,
    /// The same for single attributes, by lower-case name (`active`, or a URN, a colon and a name).
    pub(crate) absent_overrides: BTreeMap<String, Absent>,
}

impl Options {
    /// The default options with no tolerance.
    pub fn strict() -> Self {
        Self { tolerance: Tolerance::strict(), ..Self::default() }
    }

    /// With this tolerance.
    #[must_use]
    pub fn tolerance(mut self, tolerance: Tolerance) -> Self {
        self.tolerance = tolerance;
        self
    }

    /// With these limits.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// With this policy for unknown members.
    #[must_use]
    pub fn unknown(mut self, unknown: UnknownMembers) -> Self {
        self.unknown = unknown;
        self
    }

    /// With this policy for attributes that a PUT does not mention.
    #[must_use]
    pub fn absent(mut self, absent: Absent) -> Self {
        self.absent = absent;
        self
    }

    /// With another policy for one attribute: its name, or its extension's URN, a colon and its name.
    #[must_use]
    pub fn absent_override(mut self, attribute: &str, absent: Absent) -> Self {
        self.absent_overrides.insert(attribute.to_ascii_lowercase(), absent);
        self
    }

    pub(crate) fn absent_of(&self, path: &str) -> Absent {
        self.absent_overrides.get(&path.to_ascii_lowercase()).copied().unwrap_or(self.absent)
    }
}
