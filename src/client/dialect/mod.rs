//! What each client sends. The shapes are those that its vendor documents, or that servers have logged.

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

/// Steps, as they stand in reports.
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

/// Members that one request names at most.
pub(super) const MEMBERS_AT_ONCE: usize = 100;

/// A member as requests name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Member {
    pub id: String,
    pub user_name: String,
}

/// The requests of a client.
pub(super) trait Dialect: Send + Sync {
    /// The media type of bodies, and of what is accepted.
    fn media_type(&self) -> &'static str {
        "application/scim+json"
    }

    /// The look-up of a person by `userName`.
    fn look_up(&self, step: &'static str, user_name: &str) -> Draft;

    /// The body of a new user, from what OneLogin's template gives.
    fn body(&self, person: &Value) -> Value;

    /// Attributes that the client adds with a value of its own where a template has none, and does not miss where an endpoint
    /// has no such attribute.
    fn made_up(&self) -> &'static [(&'static str, &'static str)] {
        &[]
    }

    /// Replaces a user by a whole body.
    fn put(&self, step: &'static str, id: &str, body: &Value) -> Draft {
        Draft::with_body(step, "PUT", user_path(id), body.clone())
    }

    /// Changes what is different; `body` is the whole.
    fn patch(&self, plan: &Plan, id: &str, body: &Value, differences: &[Difference]) -> Draft;

    /// Makes a user inactive; `body` is what a PUT would send.
    fn suspend(&self, plan: &Plan, id: &str, body: &Value) -> Draft;

    /// The look-up of a group; none if groups are imported instead.
    fn look_up_group(&self, display_name: &str) -> Option<Draft>;

    /// The body of a new group.
    fn group(&self, plan: &Plan, display_name: &str) -> Value;

    /// What goes before changes of members, if anything does.
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

/// What stays as it is in a query: RFC 3986's unreserved characters.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// For a path or query, with `%20` for a blank.
pub(super) fn percent(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

/// As a form has it, with `+` for a blank.
fn form(text: &str) -> String {
    percent(text).replace("%20", "+")
}

/// `attribute eq "value"`, the value as a JSON string.
pub(super) fn eq(attribute: &str, value: &str) -> String {
    format!("{attribute} eq {}", Value::from(value))
}

pub(super) fn user_path(id: &str) -> String {
    format!("/Users/{}", percent(id))
}

pub(super) fn group_path(id: &str) -> String {
    format!("/Groups/{}", percent(id))
}

fn patch_of(operations: Vec<Value>) -> Value {
    json!({"schemas": [Patch::SCHEMA], "Operations": operations})
}

fn patch_group(step: &'static str, id: &str, operations: Vec<Value>) -> Draft {
    Draft::with_body(step, "PATCH", group_path(id), patch_of(operations))
}

fn patch_user(step: &'static str, id: &str, operations: Vec<Value>) -> Draft {
    Draft::with_body(step, "PATCH", user_path(id), patch_of(operations))
}

/// A filter that names one member.
pub(super) fn member_path(id: &str) -> String {
    format!("members[{}]", eq("value", id))
}

/// What the template gives, as a resource of RFC 7643; as it is if it is none.
fn canonical(person: &Value) -> Map<String, Value> {
    let written = ResourceType::user().create(person).map(|written| written.resource);
    match written.unwrap_or_else(|_| person.clone()) {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

/// The name that the client has for the person in its own directory: always the same for a `userName`.
fn external_id(prefix: &str, user_name: &str) -> String {
    use std::fmt::Write as _;
    let digest = Sha256::digest(crate::filter::fold::fold(user_name).as_bytes());
    digest.iter().take(9).fold(prefix.to_owned(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Sets a member that is not there.
fn default(body: &mut Map<String, Value>, name: &str, value: impl FnOnce() -> Value) {
    if member(body, name).is_none() {
        set_member(body, name, value());
    }
}

fn user_name(body: &Map<String, Value>) -> String {
    member(body, "userName").and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// What people are called, from `displayName` or the parts of `name`.
fn display_name(body: &Map<String, Value>) -> String {
    let name = member(body, "name").and_then(Value::as_object);
    let part = |part: &str| name.and_then(|name| member(name, part)).and_then(Value::as_str);
    let parts: Vec<_> = [part("givenName"), part("familyName")].into_iter().flatten().collect();
    part("formatted").map_or_else(|| parts.join(" "), str::to_owned)
}

/// What every client but OneLogin has: `externalId`, `displayName` and `active`.
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
