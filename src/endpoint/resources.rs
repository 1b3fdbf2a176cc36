//! Reading, creating and deleting a resource.

use serde_json::{Map, Value};

use super::asked::{Asked, Refusal, refused};
use super::call::{Delete, Get, Insert, Needs, Stored};
use super::event::{Action, Event};
use super::http::Response;
use super::nested;
use crate::coerce::Outcome;
use crate::protocol::{Meta, Projection};
use crate::schema::{AttrType, Attribute, ResourceType, Returned};

pub(super) async fn get(asked: &Asked<'_>, of: &ResourceType, id: &str) -> Result<Response, Refusal> {
    let projection = asked.projection(of)?;
    let stored = read(asked, of, id, Needs::answer(&projection), false).await?;
    if asked.conditions.is_not_modified(&stored.version) {
        return Ok(located(Response::new(304), stored));
    }
    asked.conditions.check(Some(&stored.version))?;
    Ok(answer(asked, 200, stored, &projection))
}

pub(super) async fn create(asked: &Asked<'_>, of: &ResourceType) -> Result<Response, Refusal> {
    let projection = asked.projection(of)?;
    let written = of.create_from_slice_with(asked.body, &asked.settings.options)?;
    let (mut resource, mut outcome) = (written.resource, written.outcome);
    let secrets = take_secrets(of, &mut resource, &mut outcome);
    nested::check(asked, of, None, &outcome).await?;
    let now = asked.now;
    let done = (outcome.clone(), secrets.clone());
    let insert = Insert { resource_type: of.clone(), resource, secrets, outcome, now };
    let stored = asked.asks.insert(insert).await.map_err(|error| refused(error, of, ""))?;
    let id = stored.resource.get("id").and_then(Value::as_str).unwrap_or_default();
    asked.log.push(Event::new(Action::Created, of, id, done.0, &done.1));
    Ok(answer(asked, 201, completed(asked, of, stored)?, &projection))
}

pub(super) async fn delete(asked: &Asked<'_>, of: &ResourceType, id: &str) -> Result<Response, Refusal> {
    let mut version = None;
    if !asked.conditions.is_empty() {
        let stored = read(asked, of, id, Needs::nothing(), false).await?;
        asked.conditions.check(Some(&stored.version))?;
        version = Some(stored.version);
    }
    let now = asked.now;
    let delete = Delete { resource_type: of.clone(), id: id.to_owned(), version, now };
    asked.asks.delete(delete).await.map_err(|error| refused(error, of, id))?;
    asked.log.push(Event::deleted(of, id));
    Ok(Response::new(204))
}

/// Reads a resource and completes its `meta`.
pub(super) async fn read(
    asked: &Asked<'_>,
    of: &ResourceType,
    id: &str,
    needs: Needs,
    locks: bool,
) -> Result<Stored, Refusal> {
    let get = Get { resource_type: of.clone(), id: id.to_owned(), needs, locks };
    let stored = asked.asks.get(get).await.map_err(|error| refused(error, of, id))?;
    completed(asked, of, stored.ok_or_else(|| Refusal::not_found(format_args!("{} `{id}`", of.name())))?)
}

/// What a storage has given, with what of `meta` no storage has: the type, the URL and the version.
pub(super) fn completed(asked: &Asked<'_>, of: &ResourceType, mut stored: Stored) -> Result<Stored, Refusal> {
    check(&stored)?;
    Meta::new(asked.base, asked.now).version(stored.version.as_str()).update(&mut stored.resource, of, false);
    Ok(stored)
}

/// Checks that a storage gives a resource with an `id` and a version that is an ETag (RFC 9110 §8.8.3).
fn check(stored: &Stored) -> Result<(), Refusal> {
    if stored.resource.get("id").and_then(Value::as_str).is_none_or(str::is_empty) {
        return Err(Refusal::Failed("the storage gave a resource without an `id` that is a text".to_owned()));
    }
    let tag = stored.version.strip_prefix("W/").unwrap_or(&stored.version);
    let inner = tag.strip_prefix('"').and_then(|tag| tag.strip_suffix('"'));
    if !inner.is_some_and(|inner| inner.chars().all(|c| c == '!' || ('#'..='~').contains(&c))) {
        let message =
            format!("the storage gave the version `{}`, which is not an ETag such as `W/\"3\"`", stored.version);
        return Err(Refusal::Failed(message));
    }
    Ok(())
}

/// The answer that has a resource.
pub(super) fn answer(asked: &Asked<'_>, status: u16, stored: Stored, projection: &Projection) -> Response {
    let body = projection.apply(&stored.resource);
    located(asked.json(status, &body), stored)
}

/// Adds the headers of a resource.
pub(super) fn located(response: Response, stored: Stored) -> Response {
    let location = stored.resource.pointer("/meta/location").and_then(Value::as_str).unwrap_or_default().to_owned();
    let name = if response.status == 201 { "Location" } else { "Content-Location" };
    response.with(name, location).with("ETag", stored.version)
}

/// The attributes that no storage gives.
fn secrets_of(of: &ResourceType) -> impl Iterator<Item = &Attribute> {
    of.attributes().iter().filter(|attribute| attribute.returned == Returned::Never)
}

/// What stands for a secret that the storage has or has not: no client can send this character.
const UNKNOWN: &str = "\0";

/// Puts something in place of the secrets, so that a request can take them away.
pub(super) fn stand_in_for_secrets(of: &ResourceType, resource: &mut Value) {
    let Some(members) = resource.as_object_mut() else { return };
    for secret in secrets_of(of).filter(|secret| secret.attr_type == AttrType::String && !secret.multi_valued) {
        members.insert(secret.name.clone(), UNKNOWN.into());
    }
}

/// Takes what is never returned out of a resource and of what the audit log learns. `null` is a secret that goes.
pub(super) fn take_secrets(of: &ResourceType, resource: &mut Value, outcome: &mut Outcome) -> Map<String, Value> {
    let mut secrets = Map::new();
    for secret in secrets_of(of) {
        match resource.as_object_mut().and_then(|members| members.remove(&secret.name)) {
            Some(value) if value == UNKNOWN => {}
            Some(value) => {
                secrets.insert(secret.name.clone(), value);
            }
            None if outcome.changes.iter().any(|change| change.path == secret.name) => {
                secrets.insert(secret.name.clone(), Value::Null);
            }
            None => {}
        }
        outcome.changes.retain(|change| change.path != secret.name);
    }
    outcome.changed = !outcome.changes.is_empty();
    secrets
}
