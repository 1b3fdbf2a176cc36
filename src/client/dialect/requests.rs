//! The parts that the requests of all clients share.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use crate::client::compare::Difference;
use crate::client::plan::Plan;
use crate::client::request::Draft;
use crate::patch::Patch;

/// The most members that one request adds or removes.
pub(in crate::client) const MEMBERS_AT_ONCE: usize = 100;

/// A member of a group. Every client sends the id; Okta sends the `userName` too, as `display`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::client) struct GroupMember {
    pub id: String,
    pub user_name: String,
}

/// The requests that a client sends.
pub(in crate::client) trait Dialect: Send + Sync {
    /// The media type of request bodies, and of `Accept`.
    fn media_type(&self) -> &'static str {
        "application/scim+json"
    }

    /// The look-up of a person by `userName`.
    fn look_up(&self, step: &'static str, user_name: &str) -> Draft;

    /// The body of a new user, made from the body that OneLogin's template gives.
    fn body(&self, person: &Value) -> Value;

    /// Attributes that the client adds with a fixed value if the template does not have them. An endpoint that does not
    /// store them is not at fault.
    fn made_up(&self) -> &'static [(&'static str, &'static str)] {
        &[]
    }

    /// Replaces a user by a whole body.
    fn put(&self, step: &'static str, id: &str, body: &Value) -> Draft {
        Draft::with_body(step, "PUT", user_path(id), body.clone())
    }

    /// The PATCH that updates a user. Most clients send the `differences`; OneLogin sends `body`, the whole user.
    fn patch(&self, plan: &Plan, id: &str, body: &Value, differences: &[Difference]) -> Draft;

    /// The request that makes a user inactive. `body` is the whole user, for clients that do this by PUT.
    fn suspend(&self, plan: &Plan, id: &str, body: &Value) -> Draft;

    /// The look-up of a group; none if the client imports all groups instead.
    fn look_up_group(&self, display_name: &str) -> Option<Draft>;

    /// The body of a new group.
    fn group(&self, plan: &Plan, display_name: &str) -> Value;

    /// The request that the client sends before it changes the members of a group; none for most clients. Okta sets the
    /// name of the group again.
    fn rename(&self, _id: &str, _display_name: &str) -> Option<Draft> {
        None
    }

    fn add_members(&self, plan: &Plan, id: &str, members: &[GroupMember]) -> Draft;

    fn remove_members(&self, plan: &Plan, id: &str, members: &[GroupMember]) -> Draft;
}

/// The characters that are percent-encoded: all except the unreserved characters of RFC 3986.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Encodes a text for a path or query, with `%20` for a blank.
pub(in crate::client) fn percent(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

/// Encodes a text as a form does, with `+` for a blank.
pub(super) fn form(text: &str) -> String {
    percent(text).replace("%20", "+")
}

/// `attribute eq "value"`, with the value as a JSON string.
pub(in crate::client) fn eq(attribute: &str, value: &str) -> String {
    format!("{attribute} eq {}", Value::from(value))
}

pub(in crate::client) fn user_path(id: &str) -> String {
    format!("/Users/{}", percent(id))
}

pub(in crate::client) fn group_path(id: &str) -> String {
    format!("/Groups/{}", percent(id))
}

pub(in crate::client) fn patch_of(operations: Vec<Value>) -> Value {
    json!({"schemas": [Patch::SCHEMA], "Operations": operations})
}

pub(super) fn patch_group(step: &'static str, id: &str, operations: Vec<Value>) -> Draft {
    Draft::with_body(step, "PATCH", group_path(id), patch_of(operations))
}

pub(super) fn patch_user(step: &'static str, id: &str, operations: Vec<Value>) -> Draft {
    Draft::with_body(step, "PATCH", user_path(id), patch_of(operations))
}

/// A path whose filter selects one member: `members[value eq "u1"]`.
pub(in crate::client) fn member_path(id: &str) -> String {
    format!("members[{}]", eq("value", id))
}

/// One operation for each difference, in the form of RFC 7644.
pub(super) fn operations(differences: &[Difference]) -> Vec<Value> {
    let each = |difference: &Difference| {
        let op = if difference.held.is_none() { "add" } else { "replace" };
        let value = if difference.sent.is_object() { json!([difference.sent]) } else { difference.sent.clone() };
        json!({"op": op, "path": difference.path, "value": value})
    };
    differences.iter().map(each).collect()
}

pub(super) fn members_value(members: &[GroupMember], shape: impl Fn(&GroupMember) -> Value) -> Value {
    Value::Array(members.iter().map(shape).collect())
}
