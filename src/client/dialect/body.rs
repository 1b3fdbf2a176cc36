//! The parts that the bodies of all clients but OneLogin share.

use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use crate::coerce::members::{member, set_member};
use crate::filter::case_fold;
use crate::schema::{ResourceType, Schema};

/// The body that OneLogin's template renders, in the form of RFC 7643 to which the engine corrects it. If the engine
/// refuses the body, it stays unchanged.
fn canonical(person: &Value) -> Map<String, Value> {
    let written = ResourceType::user().create(person).map(|written| written.resource);
    match written.unwrap_or_else(|_| person.clone()) {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

/// The id of a person or group in the client's own directory. It is a hash of the name, so that it is the same in every
/// push.
pub(super) fn external_id(prefix: &str, user_name: &str) -> String {
    use std::fmt::Write as _;
    let digest = Sha256::digest(case_fold::fold(user_name).as_bytes());
    digest.iter().take(9).fold(prefix.to_owned(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Sets a member if it is missing.
pub(super) fn default(body: &mut Map<String, Value>, name: &str, value: impl FnOnce() -> Value) {
    if member(body, name).is_none() {
        set_member(body, name, value());
    }
}

pub(super) fn user_name(body: &Map<String, Value>) -> String {
    member(body, "userName").and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// The name to show for a person: `name.formatted`, or else the given name and the family name.
fn display_name(body: &Map<String, Value>) -> String {
    let name = member(body, "name").and_then(Value::as_object);
    let part = |part: &str| name.and_then(|name| member(name, part)).and_then(Value::as_str);
    let parts: Vec<_> = [part("givenName"), part("familyName")].into_iter().flatten().collect();
    part("formatted").map_or_else(|| parts.join(" "), str::to_owned)
}

/// The body as every client but OneLogin completes it: with `externalId`, `displayName` and `active`.
pub(super) fn dressed(person: &Value, prefix: &str) -> Map<String, Value> {
    let mut body = canonical(person);
    let name = user_name(&body);
    default(&mut body, "externalId", || external_id(prefix, &name).into());
    default(&mut body, "active", || true.into());
    let shown = display_name(&body);
    if !shown.is_empty() {
        default(&mut body, "displayName", || shown.into());
    }
    body
}

pub(super) fn both_schemas() -> Value {
    json!([Schema::USER, Schema::ENTERPRISE_USER])
}
