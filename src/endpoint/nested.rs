//! Groups in groups: whether a client may nest them, and that none contains itself.

use std::collections::HashSet;

use serde_json::Value;

use super::asked::{Asked, Refusal, refused};
use super::call::{Get, Needs};
use super::settings::NestedGroups;
use crate::coerce::Outcome;
use crate::error::{ScimError, ScimType};
use crate::protocol::Projection;
use crate::schema::ResourceType;

/// How many groups are read at most.
const MOST: usize = 10_000;

/// Checks the groups that become members. `id` is that of the group; one that is being created has none, and so is in no group.
pub(super) async fn check(
    asked: &Asked<'_>,
    of: &ResourceType,
    id: Option<&str>,
    outcome: &Outcome,
) -> Result<(), Refusal> {
    let policy = asked.settings.nested_groups;
    if policy == NestedGroups::Unchecked || !has_members(of) {
        return Ok(());
    }
    let changes = outcome.changes.iter().filter(|change| change.path == MEMBERS);
    let added = changes.flat_map(|change| change.added.iter().chain(change.replaced.iter().map(|pair| &pair.new)));
    let added: Vec<String> = added.filter_map(|member| group_in(member, of)).collect();
    let Some(member) = added.first() else { return Ok(()) };
    if policy == NestedGroups::Refused {
        return Err(invalid(format!("`members`: `{member}` is a group, and groups cannot be members of groups")));
    }
    match id {
        Some(id) => check_circles(asked, of, id, &added).await,
        None => Ok(()),
    }
}

const MEMBERS: &str = "members";

/// Whether resources of this type have members that are resources.
fn has_members(of: &ResourceType) -> bool {
    of.attribute(MEMBERS).is_some_and(|members| members.multi_valued && members.sub_attribute("value").is_some())
}

/// The id of a member that is a group.
fn group_in(member: &Value, of: &ResourceType) -> Option<String> {
    let text = |name: &str| member.get(name).and_then(Value::as_str);
    let in_reference = text("$ref").and_then(|reference| referred(reference, of.endpoint()));
    let is_named = text("type").is_some_and(|name| name.eq_ignore_ascii_case(of.name()));
    if !is_named && in_reference.is_none() {
        return None;
    }
    text("value").map(str::to_owned).or(in_reference)
}

/// The id in a reference such as `https://app.example/scim/v2/Groups/17` or `../Groups/17`.
fn referred(reference: &str, endpoint: &str) -> Option<String> {
    let (before, id) = reference.trim_end_matches('/').rsplit_once('/')?;
    let endpoint = endpoint.trim_start_matches('/');
    let last = before.rsplit('/').next().unwrap_or_default();
    (last.eq_ignore_ascii_case(endpoint) && !id.is_empty())
        .then(|| percent_encoding::percent_decode_str(id).decode_utf8_lossy().into_owned())
}

/// Walks from each added group to the groups in it, until one is that which is changed.
async fn check_circles(asked: &Asked<'_>, of: &ResourceType, id: &str, added: &[String]) -> Result<(), Refusal> {
    let needs = Needs::answer(&Projection::from_query("attributes=members", of)?);
    let mut seen: HashSet<String> = HashSet::new();
    for start in added {
        let mut open = vec![start.clone()];
        while let Some(group) = open.pop() {
            if group == id {
                let message = if start == id {
                    format!("`members`: the group `{id}` cannot be a member of itself")
                } else {
                    format!("`members`: the group `{start}` contains the group `{id}`, and so cannot be a member of it")
                };
                return Err(invalid(message));
            }
            if !seen.insert(group.clone()) {
                continue;
            }
            if seen.len() > MOST {
                let message = format!("`members`: more than {MOST} groups would be in the group");
                return Err(ScimError::new(ScimType::TooMany, message).into());
            }
            let get = Get { resource_type: of.clone(), id: group, needs: needs.clone(), locks: false };
            let stored = asked.asks.get(get).await.map_err(|error| refused(error, of, id))?;
            let members = stored.as_ref().and_then(|stored| stored.resource.get(MEMBERS)).and_then(Value::as_array);
            open.extend(members.into_iter().flatten().filter_map(|member| group_in(member, of)));
        }
    }
    Ok(())
}

fn invalid(message: String) -> Refusal {
    ScimError::new(ScimType::InvalidValue, message).into()
}
