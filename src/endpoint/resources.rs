//! Reading, creating and deleting a resource.

use serde_json::{Map, Value};

use super::asked::{Asked, Refusal, refused};
use super::call::{Delete, Get, Insert, Needs, Stored};
use super::event::{Action, Event};
use super::http::Response;
use super::nested;
use crate::coerce::Outcome;
use crate::protocol::{Meta, Projection};
use crate::schema::{AttrRef, AttrType, Attribute, ResourceType};

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

/// The attributes that no storage gives, of the core schema and of extensions, and the sub-attributes of single values.
fn secrets_of(of: &ResourceType) -> impl Iterator<Item = AttrRef<'_>> {
    let core = of.attributes().iter().map(|attribute| AttrRef::new(None, attribute));
    let extended = of
        .extensions()
        .flat_map(|schema| schema.attributes.iter().map(move |attribute| AttrRef::new(Some(schema), attribute)));
    core.chain(extended).flat_map(|attr| {
        let is_single = !attr.attribute.multi_valued && !attr.is_secret();
        let subs = attr.attribute.sub_attributes.iter().filter(move |_| is_single).map(move |sub| attr.sub(sub));
        std::iter::once(attr).chain(subs).filter(|attr| attr.is_secret())
    })
}

/// What stands for a secret that the storage has or has not: no client can send this character.
const UNKNOWN: &str = "\0";

/// Puts something in place of the secrets of the core schema, so that a request can take them away.
pub(super) fn stand_in_for_secrets(of: &ResourceType, resource: &mut Value) {
    let Some(members) = resource.as_object_mut() else { return };
    for attr in secrets_of(of).filter(|attr| attr.extension.is_none() && attr.sub.is_none()) {
        if attr.attribute.attr_type == AttrType::String && !attr.attribute.multi_valued {
            members.insert(attr.attribute.name.clone(), UNKNOWN.into());
        }
    }
}

/// Takes what is never returned out of a resource and of what the audit log learns. `null` is a secret that goes. What the
/// elements of a list have of secrets stays in the resource.
pub(super) fn take_secrets(of: &ResourceType, resource: &mut Value, outcome: &mut Outcome) -> Map<String, Value> {
    let mut secrets = Map::new();
    for attr in secrets_of(of) {
        let path = attr.to_string();
        match take(attr, resource) {
            Some(value) if value == UNKNOWN => {}
            Some(value) => _ = secrets.insert(path.clone(), value),
            None if outcome.changes.iter().any(|change| change.path == path) => {
                secrets.insert(path.clone(), Value::Null);
            }
            None => {}
        }
        outcome.changes.retain(|change| change.path != path);
    }
    for change in outcome.changes.iter_mut().filter(|change| change.is_secret) {
        let Ok(attr) = of.look_up_own_attribute(&change.path) else { continue };
        let news = change.replaced.iter_mut().map(|replaced| &mut replaced.new);
        for element in change.added.iter_mut().chain(news).filter_map(Value::as_object_mut) {
            element.retain(|name, _| !attr.leaf().sub_attribute(name).is_some_and(Attribute::is_never_returned));
        }
    }
    outcome.changed = !outcome.changes.is_empty();
    secrets
}

/// Takes the value of an attribute out of a resource, and the object around it if nothing else is in it.
fn take(attr: AttrRef<'_>, resource: &mut Value) -> Option<Value> {
    let names = [attr.extension.map(|schema| &schema.id), Some(&attr.attribute.name), attr.sub.map(|sub| &sub.name)];
    let names: Vec<&String> = names.into_iter().flatten().collect();
    let (last, around) = names.split_last()?;
    let mut holder = resource.as_object_mut()?;
    for name in around {
        holder = holder.get_mut(*name)?.as_object_mut()?;
    }
    let taken = holder.remove(*last)?;
    if let ([name, ..], true) = (around, holder.is_empty()) {
        resource.as_object_mut()?.remove(*name);
    }
    Some(taken)
}
