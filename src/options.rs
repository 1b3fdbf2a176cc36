//! The options of the host, for all rooms.

use std::collections::BTreeMap;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use crate::limits::Limits;
use crate::profile::Profile;
use crate::tolerance::Tolerance;
use crate::words::words;

/// The policy for members that no schema knows, in POST, in PUT, and in the values of PATCH operations without a path (see
/// docs/MEANING.md).
///
/// ```
/// use scim_engine::UnknownMembers;
/// assert_eq!("keep".parse(), Ok(UnknownMembers::Keep));
/// let error = "store".parse::<UnknownMembers>().unwrap_err();
/// assert_eq!(error.to_string(), "expected `ignore`, `keep` or `reject`, found `store`");
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum UnknownMembers {
    /// Drop each such member and report it.
    #[default]
    Ignore,
    /// Store such members unchanged.
    Keep,
    /// Refuse the request: `invalidValue` for a PATCH, `invalidSyntax` for a POST or PUT.
    Reject,
}

words! {
    UnknownMembers {
        "ignore" => Ignore,
        "keep" => Keep,
        "reject" => Reject,
    }
}

/// The policy for an operation of a PATCH whose `path` names something that the resource type does not have (see
/// docs/MEANING.md).
///
/// ```
/// use scim_engine::UnknownPaths;
/// assert_eq!("ignore".parse(), Ok(UnknownPaths::Ignore));
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum UnknownPaths {
    /// Refuse the request: `invalidPath`.
    #[default]
    Reject,
    /// Drop the operation with a report, and apply the others. Unknown names inside brackets and malformed paths are still
    /// refused.
    Ignore,
}

words! {
    UnknownPaths {
        "reject" => Reject,
        "ignore" => Ignore,
    }
}

/// The meaning of a PUT for an attribute that it does not mention (see docs/MEANING.md).
///
/// ```
/// use scim_engine::Absent;
/// assert_eq!("keep".parse(), Ok(Absent::Keep));
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Absent {
    /// The attribute becomes unassigned.
    #[default]
    Clear,
    /// The attribute stays unchanged. This suits clients whose template mentions only some attributes and means nothing
    /// about the others.
    Keep,
}

words! {
    Absent {
        "clear" => Clear,
        "keep" => Keep,
    }
}

/// The choices of the host about how requests are read. docs/MEANING.md describes the rules that depend on them.
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
///
/// The settings of a tenant are configuration, so options, and each of their parts, can be read by serde. What is not
/// mentioned has its default, and an unknown word is an error:
///
/// ```
/// use scim_engine::{Absent, Options};
/// let options: Options = serde_json::from_str(r#"{
///     "tolerance": {"replace_creates": true},
///     "limits": {"operations": 100},
///     "absent": "keep",
///     "absent_overrides": {"title": "clear"}
/// }"#)?;
/// assert!(options.tolerance.replace_creates && options.tolerance.boolean_strings);
/// assert_eq!((options.limits.operations, options.absent), (100, Absent::Keep));
/// let error = serde_json::from_str::<Options>(r#"{"absent": "store"}"#).unwrap_err();
/// assert!(error.to_string().starts_with("expected `clear` or `keep`, found `store`"));
/// assert!(serde_json::from_str::<Options>(r#"{"tolerance": {"bare_word": true}}"#).is_err());
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[allow(clippy::struct_excessive_bools, reason = "each is independent of the others")]
#[non_exhaustive]
pub struct Options {
    /// The deviations of clients that are repaired.
    pub tolerance: Tolerance,
    /// Limits on hostile input.
    pub limits: Limits,
    /// The policy for unknown members.
    pub unknown: UnknownMembers,
    /// The policy for operations on attributes that the resource type does not have.
    pub unknown_paths: UnknownPaths,
    /// The policy for attributes that a PUT does not mention.
    pub absent: Absent,
    /// Whether dateTimes are stored in UTC, with a final `Z`; see [`Options::utc()`].
    pub utc: bool,
    /// Whether a value must be among the `canonicalValues` of its attribute, if it has any.
    pub canonical_values: bool,
    /// Whether `schemas` follows from the objects of extensions that are present; see [`Options::derived_schemas()`].
    pub derived_schemas: bool,
    /// The rules of a profile, in addition to those of the RFCs.
    pub profile: Profile,
    /// Policies of single attributes, for a PUT that does not mention them. The keys are names in lower case, such as
    /// `active`; the key of an extension's attribute is the URN, a colon and the name.
    #[serde(deserialize_with = "lower_names")]
    pub(crate) absent_overrides: BTreeMap<String, Absent>,
}

impl Options {
    /// The default options with no tolerance.
    pub fn strict() -> Self {
        Self { tolerance: Tolerance::strict(), ..Self::default() }
    }

    /// Sets the tolerance.
    #[must_use]
    pub fn tolerance(mut self, tolerance: Tolerance) -> Self {
        self.tolerance = tolerance;
        self
    }

    /// Sets the limits.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Sets the policy for unknown members.
    #[must_use]
    pub fn unknown(mut self, unknown: UnknownMembers) -> Self {
        self.unknown = unknown;
        self
    }

    /// Sets the policy for operations on attributes that the resource type does not have.
    #[must_use]
    pub fn unknown_paths(mut self, unknown_paths: UnknownPaths) -> Self {
        self.unknown_paths = unknown_paths;
        self
    }

    /// Sets the policy for attributes that a PUT does not mention.
    #[must_use]
    pub fn absent(mut self, absent: Absent) -> Self {
        self.absent = absent;
        self
    }

    /// Sets the policy for a single attribute that a PUT does not mention; it takes precedence over [`Options::absent()`].
    /// An attribute of an extension is named by the URN, a colon and its name. If the resource type does not have the
    /// attribute, every PUT fails with status 500, whatever its body, because the mistake is the host's.
    #[must_use]
    pub fn absent_override(mut self, attribute: &str, absent: Absent) -> Self {
        self.absent_overrides.insert(attribute.to_ascii_lowercase(), absent);
        self
    }

    /// Sets whether dateTimes are stored in UTC with a final `Z`, or as sent. The conversion is not reported, because it is
    /// the host's choice and not a client's deviation. `jiff`, `chrono` and `time` can read the stored form: `24:00:00`
    /// becomes the next day, a fraction is cut after nine digits, and a year that needs a sign or a fifth digit is refused.
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

    /// Sets whether a value is refused if its attribute has `canonicalValues` and the value is not among them. The values
    /// are compared as the attribute's `caseExact` demands.
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

    /// Sets whether `schemas` follows from the objects of extensions. Then the URN of an extension without an object is
    /// dropped without a report. A host that derives `schemas` from the columns of a row needs this option: otherwise such
    /// a URN would be a change that the host cannot store.
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

    /// Sets the rules of a profile.
    #[must_use]
    pub fn profile(mut self, profile: Profile) -> Self {
        self.profile = profile;
        self
    }
}

/// Reads policies of single attributes, as [`Options::absent_override`] sets them.
fn lower_names<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, Absent>, D::Error> {
    let mut policies = BTreeMap::new();
    for (name, policy) in BTreeMap::<String, Absent>::deserialize(deserializer)? {
        if policies.insert(name.to_ascii_lowercase(), policy).is_some() {
            return Err(D::Error::custom(format!("`absent_overrides` has two policies for `{name}`")));
        }
    }
    Ok(policies)
}
