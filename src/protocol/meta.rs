//! The `meta` of a resource (RFC 7643 §3.1): its type, location, times and version.

use std::fmt::Write as _;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value};

use super::version::version;
use crate::coerce::members::{member, set_member};
use crate::filter::datetime::Instant;
use crate::schema::ResourceType;

/// The characters that are escaped in a path segment: all but `pchar` of RFC 3986 §3.3. So a URN stays readable.
pub(super) const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'!')
    .remove(b'$')
    .remove(b'&')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b'+')
    .remove(b',')
    .remove(b';')
    .remove(b'=')
    .remove(b':')
    .remove(b'@');

/// The URL of a resource of an endpoint.
pub(super) fn location(base: &str, endpoint: &str, id: &str) -> String {
    let (base, endpoint) = (base.trim_end_matches('/'), endpoint.trim_matches('/'));
    format!("{base}/{endpoint}/{}", utf8_percent_encode(id, SEGMENT))
}

/// The `version` that [`Meta`] sets. A text converts into [`MetaVersion::Given`].
///
/// ```
/// use scim_engine::protocol::MetaVersion;
/// assert_eq!(MetaVersion::default(), MetaVersion::Computed);
/// assert_eq!(MetaVersion::from("W/\"2\""), MetaVersion::Given("W/\"2\"".to_owned()));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MetaVersion {
    /// The hash that [`version()`] computes of the resource, whether or not the resource has changed. The resource must
    /// have all of its attributes: without its `members`, for example, a group has another hash.
    #[default]
    Computed,
    /// This version, whether or not the resource has changed.
    Given(String),
    /// The version that the resource has. A resource without a version gets none.
    Stored,
}

impl From<&str> for MetaVersion {
    fn from(version: &str) -> Self {
        Self::Given(version.to_owned())
    }
}

impl From<String> for MetaVersion {
    fn from(version: String) -> Self {
        Self::Given(version)
    }
}

/// Sets the `meta` of a resource (RFC 7643 §3.1): its `resourceType`, `location`, times and `version`. Other members of
/// `meta` stay.
///
/// [`Meta::create`] completes a new resource. [`Meta::update`] updates a stored resource after PUT or PATCH, or before an
/// answer. Use `meta.location` and `meta.version` as the headers `Location` and `ETag` of the answer.
///
/// The version is computed by default. A host with a version of its own, such as a column of the row, passes it to
/// [`Meta::version`] in every request: then the answer to a list and the answer to a GET have the same version.
///
/// ```
/// use scim_engine::{ResourceType, protocol::Meta};
/// use serde_json::json;
/// use std::time::{Duration, SystemTime};
/// let now = SystemTime::UNIX_EPOCH + Duration::from_millis(1_792_497_600_123);
/// let meta = Meta::new("https://example.com/scim/v2", now);
/// let mut user = json!({"userName": "bjensen"});
/// meta.clone().version("W/\"1\"").create(&mut user, &ResourceType::user(), "28 19");
/// assert_eq!(user["id"], "28 19");
/// assert_eq!(user["meta"], json!({
///     "resourceType": "User",
///     "created": "2026-10-20T12:00:00.123Z",
///     "lastModified": "2026-10-20T12:00:00.123Z",
///     "location": "https://example.com/scim/v2/Users/28%2019",
///     "version": "W/\"1\"",
/// }));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meta {
    base: String,
    now: SystemTime,
    created: Option<SystemTime>,
    last_modified: Option<SystemTime>,
    version: MetaVersion,
}

impl Meta {
    /// The settings of one request. `base` is the URL under which the endpoints are, such as
    /// `https://example.com/scim/v2`. `now` is the time of the host's clock; it is written in UTC with milliseconds.
    pub fn new(base: impl Into<String>, now: SystemTime) -> Self {
        Self { base: base.into(), now, created: None, last_modified: None, version: MetaVersion::default() }
    }

    /// Sets the version: a text, or another choice of [`MetaVersion`].
    #[must_use]
    pub fn version(self, version: impl Into<MetaVersion>) -> Self {
        Self { version: version.into(), ..self }
    }

    /// Sets `created`, for a host that has this time itself, such as in a column of the row.
    ///
    /// ```
    /// use scim_engine::{ResourceType, protocol::Meta};
    /// use serde_json::json;
    /// use std::time::{Duration, SystemTime};
    /// let at = |seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
    /// let meta = Meta::new("/v2", at(1_800_000_000)).created(at(0)).last_modified(at(60)).version("W/\"3\"");
    /// let mut user = json!({"id": "7", "userName": "bjensen"});
    /// meta.update(&mut user, &ResourceType::user(), false);
    /// assert_eq!(user["meta"], json!({
    ///     "resourceType": "User",
    ///     "created": "1970-01-01T00:00:00.000Z",
    ///     "lastModified": "1970-01-01T00:01:00.000Z",
    ///     "location": "/v2/Users/7",
    ///     "version": "W/\"3\"",
    /// }));
    /// ```
    #[must_use]
    pub fn created(self, created: SystemTime) -> Self {
        Self { created: Some(created), ..self }
    }

    /// Sets `lastModified`, for a host that has this time itself. It is set whether or not the resource has changed.
    #[must_use]
    pub fn last_modified(self, last_modified: SystemTime) -> Self {
        Self { last_modified: Some(last_modified), ..self }
    }

    /// Turns the result of [`create`](ResourceType::create) into a complete resource: sets `id` and all members of `meta`
    /// that RFC 7643 §3.1 defines. Without [`Meta::created`], `created` is the current time; without
    /// [`Meta::last_modified`], `lastModified` is `created`. A value that is not an object is left unchanged.
    pub fn create(&self, resource: &mut Value, resource_type: &ResourceType, id: &str) {
        let Value::Object(members) = resource else { return };
        set_member(members, "id", id.into());
        let created = self.created.unwrap_or(self.now);
        with_meta(members, |meta| {
            set_member(meta, "resourceType", resource_type.name().into());
            set_member(meta, "created", date_time(created).into());
            set_member(meta, "lastModified", date_time(self.last_modified.unwrap_or(created)).into());
            set_member(meta, "location", location(&self.base, resource_type.endpoint(), id).into());
        });
        self.set_version(resource, resource_type);
    }

    /// Updates the `meta` of a stored resource after PUT or PATCH, or before an answer: sets `resourceType`, `location` and
    /// the version. If the resource has `changed`, `lastModified` becomes the current time. A value that is not an object
    /// is left unchanged.
    ///
    /// `lastModified` is never set to an earlier time: if the host's clock is behind the stored `lastModified` or
    /// `created`, that time is used instead. A time that the host passes to [`Meta::last_modified`] is set in any case.
    ///
    /// ```
    /// use scim_engine::{ResourceType, protocol::{Meta, MetaVersion}};
    /// use serde_json::json;
    /// use std::time::{Duration, SystemTime};
    /// let mut user = json!({"id": "7", "meta": {"lastModified": "2026-10-20T12:00:00Z", "version": "W/\"1\""}});
    /// let meta = Meta::new("https://example.com/scim/v2", SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000));
    /// meta.clone().version(MetaVersion::Stored).update(&mut user, &ResourceType::user(), false);
    /// assert_eq!(user["meta"]["lastModified"], "2026-10-20T12:00:00Z");
    /// assert_eq!(user["meta"]["version"], "W/\"1\"");
    /// meta.version("W/\"2\"").update(&mut user, &ResourceType::user(), true);
    /// assert_eq!(user["meta"]["lastModified"], "2027-01-15T08:00:00.000Z");
    /// assert_eq!(user["meta"]["version"], "W/\"2\"");
    /// ```
    pub fn update(&self, resource: &mut Value, resource_type: &ResourceType, changed: bool) {
        let Value::Object(members) = resource else { return };
        let id = member(members, "id").and_then(Value::as_str);
        let at = id.map(|id| location(&self.base, resource_type.endpoint(), id));
        with_meta(members, |meta| {
            set_member(meta, "resourceType", resource_type.name().into());
            if let Some(at) = at {
                set_member(meta, "location", at.into());
            }
            if let Some(created) = self.created {
                set_member(meta, "created", date_time(created).into());
            }
            if let Some(last_modified) = self.last_modified {
                set_member(meta, "lastModified", date_time(last_modified).into());
            } else if changed {
                let now = date_time(self.now);
                let later = ["lastModified", "created"].into_iter().find_map(|name| later(member(meta, name), &now));
                set_member(meta, "lastModified", later.unwrap_or(now).into());
            }
        });
        self.set_version(resource, resource_type);
    }

    fn set_version(&self, resource: &mut Value, resource_type: &ResourceType) {
        let version = match &self.version {
            MetaVersion::Computed => version(resource, resource_type),
            MetaVersion::Given(version) => version.clone(),
            MetaVersion::Stored => return,
        };
        if let Value::Object(members) = resource {
            with_meta(members, |meta| set_member(meta, "version", version.into()));
        }
    }
}

fn with_meta(resource: &mut Map<String, Value>, change: impl FnOnce(&mut Map<String, Value>)) {
    let mut meta = match member(resource, "meta") {
        Some(Value::Object(meta)) => meta.clone(),
        _ => Map::new(),
    };
    change(&mut meta);
    set_member(resource, "meta", Value::Object(meta));
}

/// The text of a stored time, if that time is later than `now`.
fn later(stored: Option<&Value>, now: &str) -> Option<String> {
    let text = stored?.as_str()?;
    (Instant::parse(text)? > Instant::parse(now)?).then(|| text.to_owned())
}

/// A time in the format of RFC 3339, in UTC with milliseconds. A time before 1970 or after 9999 becomes the first or
/// last time of that range.
fn date_time(time: SystemTime) -> String {
    const LAST: Duration = Duration::from_millis(253_402_300_799_999);
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default().min(LAST);
    let mut text = String::new();
    // Formatting fails only for times after the year 9999, which `LAST` excludes.
    let _ = write!(text, "{}", humantime::format_rfc3339_millis(UNIX_EPOCH + since));
    text
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn at(seconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(seconds)
    }

    #[test]
    fn any_clock_has_a_text() {
        assert_eq!(date_time(at(0)), "1970-01-01T00:00:00.000Z");
        assert_eq!(date_time(UNIX_EPOCH - Duration::from_secs(5)), "1970-01-01T00:00:00.000Z");
        assert_eq!(date_time(at(300_000_000_000)), "9999-12-31T23:59:59.999Z");
        assert_eq!(date_time(UNIX_EPOCH + Duration::from_nanos(1_999_999)), "1970-01-01T00:00:00.001Z");
    }

    #[test]
    fn locations() {
        assert_eq!(
            location("https://example.com/v2/", "/Users", "a/b?c#d%é"),
            "https://example.com/v2/Users/a%2Fb%3Fc%23d%25%C3%A9"
        );
        assert_eq!(location("", "Schemas", "urn:x:2.0:A"), "/Schemas/urn:x:2.0:A");
    }

    fn meta(seconds: u64) -> Meta {
        Meta::new("", at(seconds))
    }

    #[test]
    fn what_else_is_in_meta_stays() {
        let mut user = json!({"Id": "1", "META": {"source": "hr", "Created": "2026-01-01T00:00:00Z"}});
        meta(1_800_000_000).version("W/\"2\"").update(&mut user, &ResourceType::user(), true);
        assert_eq!(
            user,
            json!({"Id": "1", "META": {
                "source": "hr",
                "Created": "2026-01-01T00:00:00Z",
                "resourceType": "User",
                "location": "/Users/1",
                "lastModified": "2027-01-15T08:00:00.000Z",
                "version": "W/\"2\"",
            }})
        );
        let mut list = json!([]);
        meta(0).update(&mut list, &ResourceType::user(), true);
        meta(0).create(&mut list, &ResourceType::user(), "1");
        assert_eq!(list, json!([]));
    }

    #[test]
    fn time_does_not_go_back() {
        let stored = "2027-01-15T10:00:00.000000001+02:00";
        let mut user = json!({"id": "1", "meta": {"lastModified": stored}});
        meta(1_800_000_000).update(&mut user, &ResourceType::user(), true);
        assert_eq!(user["meta"]["lastModified"], stored);
        assert_eq!(user["meta"]["version"], version(&user, &ResourceType::user()));
        meta(1_800_000_001).update(&mut user, &ResourceType::user(), true);
        assert_eq!(user["meta"]["lastModified"], "2027-01-15T08:00:01.000Z");
        let mut user = json!({"meta": {"lastModified": "yesterday", "created": "2027-01-15T08:00:02Z"}});
        meta(1_800_000_001).update(&mut user, &ResourceType::user(), true);
        assert_eq!(user["meta"]["lastModified"], "2027-01-15T08:00:02Z");
        assert_eq!(user["meta"].get("location"), None);
    }

    #[test]
    fn the_version_is_the_chosen_one_whether_or_not_the_resource_changed() {
        let kind = ResourceType::user();
        for changed in [false, true] {
            for stored in [json!({}), json!({"version": "W/\"1\""})] {
                let after = |meta: Meta| {
                    let mut user = json!({"id": "1", "userName": "ann", "meta": stored});
                    meta.update(&mut user, &kind, changed);
                    user
                };
                let computed = after(meta(0));
                assert_eq!(computed["meta"]["version"], version(&computed, &kind));
                assert_eq!(after(meta(0).version("W/\"2\""))["meta"]["version"], "W/\"2\"");
                assert_eq!(after(meta(0).version(MetaVersion::Stored))["meta"].get("version"), stored.get("version"));
            }
        }
        let mut user = json!({});
        meta(0).version(MetaVersion::Stored).create(&mut user, &kind, "1");
        assert_eq!(user["meta"].get("version"), None);
    }

    #[test]
    fn times_of_the_host() {
        let mut user = json!({});
        meta(100).created(at(50)).create(&mut user, &ResourceType::user(), "1");
        let times = |user: &Value| (user["meta"]["created"].clone(), user["meta"]["lastModified"].clone());
        assert_eq!(times(&user), (json!("1970-01-01T00:00:50.000Z"), json!("1970-01-01T00:00:50.000Z")));
        meta(100).created(at(40)).last_modified(at(45)).update(&mut user, &ResourceType::user(), true);
        assert_eq!(times(&user), (json!("1970-01-01T00:00:40.000Z"), json!("1970-01-01T00:00:45.000Z")));
    }
}
