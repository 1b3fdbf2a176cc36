//! PUT and PATCH: a resource is read, changed, and written if nobody came first.

use serde_json::Value;

use super::asked::{Asked, Refusal, refused};
use super::call::{Needs, StorageError, Stored, Update};
use super::event::{Action, Event};
use super::http::Response;
use super::nested;
use super::resources::{answer, completed, located, read, stand_in_for_secrets, take_secrets};
use crate::coerce::Outcome;
use crate::patch::Patch;
use crate::schema::ResourceType;

pub(super) async fn replace(asked: &Asked<'_>, of: &ResourceType, id: &str) -> Result<Response, Refusal> {
    let projection = asked.projection(of)?;
    let apply = |resource: &mut Value| {
        let written = of.replace_from_slice_with(resource, asked.body, &asked.settings.options)?;
        *resource = written.resource;
        Ok(written.outcome)
    };
    let changed = change(asked, Target { of, id, action: Action::Replaced }, &Needs::replace(of), apply).await?;
    let stored = match changed {
        Some(stored) => stored,
        None => read(asked, of, id, Needs::answer(&projection), false).await?,
    };
    Ok(answer(asked, 200, stored, &projection))
}

/// Reads of a list only what the request names, and answers it only as far as it is not long.
pub(super) async fn patch(asked: &Asked<'_>, of: &ResourceType, id: &str) -> Result<Response, Refusal> {
    let projection = asked.projection(of)?;
    let patch = Patch::from_slice_with(asked.body, &asked.settings.options)?;
    let needs = Needs::patch(&patch, of);
    let apply = |resource: &mut Value| Ok(patch.apply(resource, of)?);
    let changed = change(asked, Target { of, id, action: Action::Patched }, &needs, apply).await?;
    let is_whole = !needs.is_partial() || !projection.attributes().is_empty();
    let stored = match changed {
        Some(stored) => stored,
        None => {
            let most = if is_whole { None } else { Some(asked.settings.most_members) };
            read(asked, of, id, Needs::answer(&projection).at_most(most), false).await?
        }
    };
    if !is_whole && has_long_list(&stored, asked.settings.most_members) {
        return Ok(located(Response::new(204), stored));
    }
    Ok(answer(asked, 200, stored, &projection))
}

fn has_long_list(stored: &Stored, most: usize) -> bool {
    let is_long = |value: &Value| value.as_array().is_some_and(|list| list.len() > most);
    stored.resource.as_object().is_some_and(|members| members.values().any(is_long))
}

/// What is changed, and how.
#[derive(Clone, Copy)]
struct Target<'t> {
    of: &'t ResourceType,
    id: &'t str,
    action: Action,
}

/// Changes a resource, as often as others come first. Gives the resource as it is now, if it is at hand.
async fn change(
    asked: &Asked<'_>,
    Target { of, id, action }: Target<'_>,
    needs: &Needs,
    mut apply: impl FnMut(&mut Value) -> Result<Outcome, Refusal>,
) -> Result<Option<Stored>, Refusal> {
    let mut left = asked.settings.tries;
    loop {
        left -= 1;
        let Stored { mut resource, version } =
            read(asked, of, id, needs.clone(), left < asked.settings.tries / 2).await?;
        asked.conditions.check(Some(&version))?;
        stand_in_for_secrets(of, &mut resource);
        let mut outcome = apply(&mut resource)?;
        let secrets = take_secrets(of, &mut resource, &mut outcome);
        if !outcome.changed && secrets.is_empty() {
            let is_whole = !needs.is_partial();
            asked.log.push(Event::new(action, of, id, outcome, &secrets));
            return Ok(is_whole.then_some(Stored { resource, version }));
        }
        nested::check(asked, of, Some(id), &outcome).await?;
        let event = Event::new(action, of, id, outcome.clone(), &secrets);
        let (resource_type, now) = (of.clone(), asked.now);
        let update = Update { resource_type, id: id.to_owned(), version, resource, secrets, outcome, now };
        match asked.asks.update(update).await {
            Ok(stored) => {
                asked.log.push(event);
                return stored.map(|stored| completed(asked, of, stored)).transpose();
            }
            Err(StorageError::Stale) if left > 0 => {}
            Err(error) => return Err(refused(error, of, id)),
        }
    }
}
