//! What the host decides.

use std::collections::BTreeMap;

use super::refusal::Refusal;
use crate::schema::{AttrRef, Found, Resolved, ResourceType};
use crate::syntax::{Limits, attr_path};
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

/// What to do with an operation of a PATCH whose `path` names what the resource type does not have (P3).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum UnknownPaths {
    /// Refuse the request: `invalidPath`.
    #[default]
    Reject,
    /// Drop the operation and report it; the others apply. Names inside brackets and bad text are refused all the same.
    Ignore,
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
    /// What to do with operations on what the resource type does not have.
    pub unknown_paths: UnknownPaths,
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

    /// With this policy for operations on what the resource type does not have.
    #[must_use]
    pub fn unknown_paths(mut self, unknown_paths: UnknownPaths) -> Self {
        self.unknown_paths = unknown_paths;
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

    pub(crate) fn absent_of(&self, attr: AttrRef<'_>) -> Absent {
        if self.absent_overrides.is_empty() {
            return self.absent;
        }
        let of = |attr: AttrRef<'_>| self.absent_overrides.get(&attr.to_string().to_ascii_lowercase()).copied();
        of(attr).or_else(|| of(attr.whole())).unwrap_or(self.absent)
    }

    /// Refuses an override for a name that the resource type does not have: the host's mistake, not the client's (R2).
    pub(crate) fn check_overrides(&self, resource_type: &ResourceType) -> Result<(), Refusal> {
        for name in self.absent_overrides.keys() {
            let path = attr_path(name);
            let found = path.as_ref().and_then(|path| resource_type.look_up(path, &self.tolerance).ok());
            if !matches!(found, Some(Found { target: Resolved::Attribute { .. }, .. })) {
                let message =
                    format!("the options have a policy for it, and `{}` has no such attribute", resource_type.name());
                return Err(Refusal::host(name, message));
            }
        }
        Ok(())
    }
}
