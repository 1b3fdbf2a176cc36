//! Reads members of a resource that an endpoint returned.

use std::collections::HashSet;

use serde_json::Value;

use crate::coerce::members::member;

/// The `id` of a resource, for use in a path. A numeric `id` is accepted here; `check::resource` reports it.
pub(super) fn id_of(resource: &Value) -> Option<String> {
    match member(resource.as_object()?, "id")? {
        // These ids would address another resource: `/Users/..` is `/`.
        Value::String(id) if !["", ".", ".."].contains(&id.as_str()) => Some(id.clone()),
        Value::Number(id) => Some(id.to_string()),
        _ => None,
    }
}

pub(super) fn last_modified(resource: &Value) -> Option<&str> {
    let meta = member(resource.as_object()?, "meta")?.as_object()?;
    member(meta, "lastModified")?.as_str()
}

pub(super) fn display_name(group: &Value) -> Option<&str> {
    member(group.as_object()?, "displayName")?.as_str()
}

/// The ids of the members of a group; none if the group has no list `members`.
pub(super) fn members_of(group: &Value) -> Option<HashSet<String>> {
    let members = member(group.as_object()?, "members")?.as_array()?;
    Some(
        members
            .iter()
            .filter_map(|element| member(element.as_object()?, "value")?.as_str().map(str::to_owned))
            .collect(),
    )
}
