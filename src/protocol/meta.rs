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

/// Turns the result of `create` into a complete resource: sets `id` and the members of `meta` that RFC 7643 §3.1
/// defines. Other members of `meta` stay.
///
/// `base` is the URL under which the endpoints are, such as `https://example.com/scim/v2`. `now` is the time of the
/// host's clock; it is written in UTC with milliseconds. If `version` is `None`, [`version()`] computes it. Use
/// `meta.location` and `meta.version` as the headers `Location` and `ETag` of the answer. A value that is not an object
/// is left unchanged.
///
/// ```
/// use scim_engine::{ResourceType, protocol::stamp};
/// use serde_json::json;
/// use std::time::{Duration, SystemTime};
/// let mut user = json!({"userName": "bjensen"});
/// let now = SystemTime::UNIX_EPOCH + Duration::from_millis(1_792_497_600_123);
/// stamp(&mut user, &ResourceType::user(), "28 19", "https://example.com/scim/v2", now, Some("W/\"1\""));
/// assert_eq!(user["id"], "28 19");
/// assert_eq!(user["meta"], json!({
///     "resourceType": "User",
///     "created": "2026-10-20T12:00:00.123Z",
///     "lastModified": "2026-10-20T12:00:00.123Z",
///     "location": "https://example.com/scim/v2/Users/28%2019",
///     "version": "W/\"1\"",
/// }));
/// ```
pub fn stamp(
    resource: &mut Value,
    resource_type: &ResourceType,
    id: &str,
    base: &str,
    now: SystemTime,
    version: Option<&str>,
) {
    let Value::Object(members) = resource else { return };
    set_member(members, "id", id.into());
    let now = date_time(now);
    with_meta(members, |meta| {
        set_member(meta, "resourceType", resource_type.name().into());
        set_member(meta, "created", now.as_str().into());
        set_member(meta, "lastModified", now.into());
        set_member(meta, "location", location(base, resource_type.endpoint(), id).into());
    });
    set_version(resource, resource_type, version);
}

/// Updates the `meta` of a stored resource after PUT or PATCH, or before an answer. `resourceType` and `location` are
/// always set; `lastModified` and `version` change only if the resource has `changed`. A missing version is set. Other
/// members of `meta` stay.
///
/// `lastModified` is never set to an earlier time: if the host's clock is behind the stored `lastModified` or
/// `created`, that time is used instead.
///
/// ```
/// use scim_engine::{ResourceType, protocol::touch};
/// use serde_json::json;
/// use std::time::{Duration, SystemTime};
/// let mut user = json!({"id": "7", "meta": {"lastModified": "2026-10-20T12:00:00Z", "version": "W/\"1\""}});
/// let later = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
/// let base = "https://example.com/scim/v2";
/// touch(&mut user, &ResourceType::user(), base, false, later, None);
/// assert_eq!(user["meta"]["lastModified"], "2026-10-20T12:00:00Z");
/// assert_eq!(user["meta"]["version"], "W/\"1\"");
/// touch(&mut user, &ResourceType::user(), base, true, later, Some("W/\"2\""));
/// assert_eq!(user["meta"]["lastModified"], "2027-01-15T08:00:00.000Z");
/// assert_eq!(user["meta"]["version"], "W/\"2\"");
/// ```
pub fn touch(
    resource: &mut Value,
    resource_type: &ResourceType,
    base: &str,
    changed: bool,
    now: SystemTime,
    version: Option<&str>,
) {
    let Value::Object(members) = resource else { return };
    let at = member(members, "id").and_then(Value::as_str).map(|id| location(base, resource_type.endpoint(), id));
    let now = date_time(now);
    let mut has_version = false;
    with_meta(members, |meta| {
        set_member(meta, "resourceType", resource_type.name().into());
        if let Some(at) = at {
            set_member(meta, "location", at.into());
        }
        if changed {
            let later = ["lastModified", "created"].into_iter().find_map(|name| later(member(meta, name), &now));
            set_member(meta, "lastModified", later.unwrap_or(now).into());
        }
        has_version = member(meta, "version").is_some_and(|version| !version.is_null());
    });
    if changed || !has_version {
        set_version(resource, resource_type, version);
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

fn set_version(resource: &mut Value, resource_type: &ResourceType, given: Option<&str>) {
    let version = given.map_or_else(|| version(resource, resource_type), str::to_owned);
    if let Value::Object(members) = resource {
        with_meta(members, |meta| set_member(meta, "version", version.into()));
    }
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

    #[test]
    fn what_else_is_in_meta_stays() {
        let mut user = json!({"Id": "1", "META": {"source": "hr", "Created": "2026-01-01T00:00:00Z"}});
        touch(&mut user, &ResourceType::user(), "", true, at(1_800_000_000), Some("W/\"2\""));
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
        touch(&mut list, &ResourceType::user(), "", true, at(0), None);
        stamp(&mut list, &ResourceType::user(), "1", "", at(0), None);
        assert_eq!(list, json!([]));
    }

    #[test]
    fn time_does_not_go_back() {
        let stored = "2027-01-15T10:00:00.000000001+02:00";
        let mut user = json!({"id": "1", "meta": {"lastModified": stored}});
        touch(&mut user, &ResourceType::user(), "", true, at(1_800_000_000), None);
        assert_eq!(user["meta"]["lastModified"], stored);
        assert_eq!(user["meta"]["version"], version(&user, &ResourceType::user()));
        touch(&mut user, &ResourceType::user(), "", true, at(1_800_000_001), None);
        assert_eq!(user["meta"]["lastModified"], "2027-01-15T08:00:01.000Z");
        let mut user = json!({"meta": {"lastModified": "yesterday", "created": "2027-01-15T08:00:02Z"}});
        touch(&mut user, &ResourceType::user(), "", true, at(1_800_000_001), None);
        assert_eq!(user["meta"]["lastModified"], "2027-01-15T08:00:02Z");
        assert_eq!(user["meta"].get("location"), None);
    }
}
