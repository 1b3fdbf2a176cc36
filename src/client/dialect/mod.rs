//! The requests of each client, in the form that its vendor documents or that servers have logged.

mod entra;
mod jumpcloud;
mod okta;
mod onelogin;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::compare::Difference;
use super::plan::{Client, Plan};
use super::request::Draft;
use crate::Patch;
use crate::coerce::members::{member, set_member};
use crate::schema::{ResourceType, Schema};

/// The names of the steps, as reports show them.
pub(super) mod step {
    pub(in crate::client) const TEST: &str = "connection test";
    pub(in crate::client) const LOOK_UP: &str = "look-up";
    pub(in crate::client) const CREATE: &str = "create user";
    pub(in crate::client) const GET: &str = "get user";
    pub(in crate::client) const UPDATE: &str = "update user";
    pub(in crate::client) const SUSPEND: &str = "suspend user";
    pub(in crate::client) const DELETE: &str = "delete user";
    pub(in crate::client) const IMPORT_GROUPS: &str = "import groups";
    pub(in crate::client) const LOOK_UP_GROUP: &str = "look-up group";
    pub(in crate::client) const CREATE_GROUP: &str = "create group";
    pub(in crate::client) const GET_GROUP: &str = "get group";
    pub(in crate::client) const RENAME_GROUP: &str = "rename group";
    pub(in crate::client) const ADD_MEMBERS: &str = "add members";
    pub(in crate::client) const REMOVE_MEMBERS: &str = "remove members";
    pub(in crate::client) const PROBE: &str = "probe";
}

/// The most members that one request names.
pub(super) const MEMBERS_AT_ONCE: usize = 100;

/// A member, with the two names that requests use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Member {
    pub id: String,
    pub user_name: String,
}

/// The requests that a client sends.
pub(super) trait Dialect: Send + Sync {
    /// The media type of request bodies, and of `Accept`.
    fn media_type(&self) -> &'static str {
        "application/scim+json"
    }

    /// The look-up of a person by `userName`.
    fn look_up(&self, step: &'static str, user_name: &str) -> Draft;

    /// The body of a new user, made from the body that OneLogin's template gives.
    fn body(&self, person: &Value) -> Value;

    /// Attributes that the client adds with a fixed value if a template has none. An endpoint that does not store them is not
    /// at fault.
    fn made_up(&self) -> &'static [(&'static str, &'static str)] {
        &[]
    }

    /// Replaces a user by a whole body.
    fn put(&self, step: &'static str, id: &str, body: &Value) -> Draft {
        Draft::with_body(step, "PUT", user_path(id), body.clone())
    }

    /// Sends the differences by PATCH; `body` is the whole user, for clients that send all of it.
    fn patch(&self, plan: &Plan, id: &str, body: &Value, differences: &[Difference]) -> Draft;

    /// Makes a user inactive; `body` is the body that a PUT would send.
    fn suspend(&self, plan: &Plan, id: &str, body: &Value) -> Draft;

    /// The look-up of a group; none if groups are imported instead.
    fn look_up_group(&self, display_name: &str) -> Option<Draft>;

    /// The body of a new group.
    fn group(&self, plan: &Plan, display_name: &str) -> Value;

    /// The request that the client sends before it changes members, if it sends one.
    fn rename(&self, _id: &str, _display_name: &str) -> Option<Draft> {
        None
    }

    fn add_members(&self, plan: &Plan, id: &str, members: &[Member]) -> Draft;

    fn remove_members(&self, plan: &Plan, id: &str, members: &[Member]) -> Draft;
}

pub(super) fn of(client: Client) -> &'static dyn Dialect {
    match client {
        Client::OneLogin => &onelogin::OneLogin,
        Client::Entra | Client::MicrosoftValidator => &entra::Entra,
        Client::Okta | Client::OktaSpec => &okta::Okta,
        Client::JumpCloud => &jumpcloud::JumpCloud,
    }
}

/// The characters that are percent-encoded: all but RFC 3986's unreserved ones.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Encodes a text for a path or query, with `%20` for a blank.
pub(super) fn percent(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

/// Encodes a text as a form does, with `+` for a blank.
fn form(text: &str) -> String {
    percent(text).replace("%20", "+")
}

/// `attribute eq "value"`, with the value as a JSON string.
pub(super) fn eq(attribute: &str, value: &str) -> String {
    format!("{attribute} eq {}", Value::from(value))
}

pub(super) fn user_path(id: &str) -> String {
    format!("/Users/{}", percent(id))
}

pub(super) fn group_path(id: &str) -> String {
    format!("/Groups/{}", percent(id))
}

pub(super) fn patch_of(operations: Vec<Value>) -> Value {
    json!({"schemas": [Patch::SCHEMA], "Operations": operations})
}

fn patch_group(step: &'static str, id: &str, operations: Vec<Value>) -> Draft {
    Draft::with_body(step, "PATCH", group_path(id), patch_of(operations))
}

fn patch_user(step: &'static str, id: &str, operations: Vec<Value>) -> Draft {
    Draft::with_body(step, "PATCH", user_path(id), patch_of(operations))
}

/// A path whose filter selects one member.
pub(super) fn member_path(id: &str) -> String {
    format!("members[{}]", eq("value", id))
}

/// The body of the template as a resource of RFC 7643; unchanged if the engine refuses it.
fn canonical(person: &Value) -> Map<String, Value> {
    let written = ResourceType::user().create(person).map(|written| written.resource);
    match written.unwrap_or_else(|_| person.clone()) {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

/// The name of a person in the client's own directory: a hash, so that it is the same for a `userName` in every push.
fn external_id(prefix: &str, user_name: &str) -> String {
    use std::fmt::Write as _;
    let digest = Sha256::digest(crate::filter::fold::fold(user_name).as_bytes());
    digest.iter().take(9).fold(prefix.to_owned(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Sets a member if it is missing.
fn default(body: &mut Map<String, Value>, name: &str, value: impl FnOnce() -> Value) {
    if member(body, name).is_none() {
        set_member(body, name, value());
    }
}

fn user_name(body: &Map<String, Value>) -> String {
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
fn dressed(person: &Value, prefix: &str) -> Map<String, Value> {
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

fn both_schemas() -> Value {
    json!([Schema::USER, Schema::ENTERPRISE_USER])
}

fn members_value(members: &[Member], shape: impl Fn(&Member) -> Value) -> Value {
    Value::Array(members.iter().map(shape).collect())
}
