//! What the host decides.

use std::collections::BTreeMap;

use super::coercer::Source;
use super::profile::Profile;
use super::refusal::Refusal;
use crate::error::ScimType;
use crate::schema::{AttrRef, ResourceType};
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
#[allow(clippy::struct_excessive_bools, reason = "each is independent of the others")]
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
    /// Whether dateTimes are stored in UTC, with `Z` at their end (R5).
    pub utc: bool,
    /// Whether values must be among the `canonicalValues` of their attribute, where it has some (R5).
    pub canonical_values: bool,
    /// Whether `schemas` follows from the objects of extensions that are there (R7).
    pub derived_schemas: bool,
    /// The rules of a profile that count beside those of the RFCs (X1).
    pub profile: Profile,
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

    /// With another policy for one attribute: its name, or its extension's URN, a colon and its name. A name that the resource
    /// type does not have is an error of the first PUT, whatever its body: the host's mistake, so status 500.
    #[must_use]
    pub fn absent_override(mut self, attribute: &str, absent: Absent) -> Self {
        self.absent_overrides.insert(attribute.to_ascii_lowercase(), absent);
        self
    }

    /// With dateTimes stored in UTC with `Z`, or as they were sent. What is changed by this is not reported: it is the host's
    /// wish, not a client's deviation. What is stored so is read by `jiff`, `chrono` and `time`: `24:00:00` is the next day, a
    /// fraction is cut after nine digits, and a year that needs a sign or a fifth digit is refused.
    ///
    /// ```
    /// use scim_engine::schema::Schema;
    /// use scim_engine::{Options, ResourceType};
    /// use serde_json::json;
    /// let badge = Schema::from_value(&json!({
    ///     "id": "urn:example:Badge", "name": "Badge", "attributes": [{"name": "issued", "type": "dateTime"}],
    /// }))?;
    /// let body = json!({"schemas": ["urn:example:Badge"], "issued": "2026-10-20T09:00:00+02:00"});
    /// let badge = ResourceType::from_schemas("Badge", badge, Vec::new())?;
    /// let written = badge.create_with(&body, &Options::default().utc(true))?;
    /// assert_eq!(written.resource["issued"], "2026-10-20T07:00:00Z");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn utc(mut self, utc: bool) -> Self {
        self.utc = utc;
        self
    }

    /// With values refused that are not among the `canonicalValues` of their attribute, compared by its `caseExact`.
    ///
    /// ```
    /// use scim_engine::{Options, ResourceType};
    /// use serde_json::json;
    /// let body = json!({"userName": "ann", "emails": [{"value": "ann@example.com", "type": "office"}]});
    /// let options = Options::default().canonical_values(true);
    /// assert!(ResourceType::user().create_with(&body, &options).is_err());
    /// ```
    #[must_use]
    pub fn canonical_values(mut self, canonical_values: bool) -> Self {
        self.canonical_values = canonical_values;
        self
    }

    /// With `schemas` following from the objects of extensions: the URN of one whose object is not there is not stored, and so
    /// is no change where a host derives `schemas` from the columns of a row. Nothing of this is reported.
    ///
    /// ```
    /// use scim_engine::schema::Schema;
    /// use scim_engine::{Options, ResourceType};
    /// use serde_json::json;
    /// let stored = json!({"schemas": [Schema::USER], "userName": "ann"});
    /// let body = json!({"schemas": [Schema::USER, Schema::ENTERPRISE_USER], "userName": "ann"});
    /// let options = Options::default().derived_schemas(true);
    /// assert!(!ResourceType::user().replace_with(&stored, &body, &options)?.outcome.changed);
    /// # Ok::<(), scim_engine::ResourceError>(())
    /// ```
    #[must_use]
    pub fn derived_schemas(mut self, derived_schemas: bool) -> Self {
        self.derived_schemas = derived_schemas;
        self
    }

    /// With the rules of a profile.
    #[must_use]
    pub fn profile(mut self, profile: Profile) -> Self {
        self.profile = profile;
        self
    }

    /// The policy for unknown members: a profile may refuse them (X1).
    pub(crate) fn unknown_members(&self) -> UnknownMembers {
        if self.profile.unknown_refused { UnknownMembers::Reject } else { self.unknown }
    }

    /// The error for what no schema knows. RFC 7644 Table 9 has `invalidPath` for PATCH alone (D24).
    pub(crate) fn unknown_error(&self, source: Source) -> ScimType {
        if source == Source::Resource || self.profile.unknown_refused {
            ScimType::InvalidSyntax
        } else {
            ScimType::InvalidPath
        }
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
            let refuse = |why: String| Err(Refusal::host(name, format!("the options have a policy for it, and {why}")));
            match resource_type.look_up_own_attribute(name) {
                Err(unknown) => return refuse(unknown.to_string()),
                // It is looked up by its full name.
                Ok(attr) if !attr.to_string().eq_ignore_ascii_case(name) => {
                    return refuse(format!("it is not its full name; write `{attr}`"));
                }
                Ok(_) => {}
            }
        }
        Ok(())
    }
}
