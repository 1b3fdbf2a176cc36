//! A storage in memory, for tests and demonstrations.

use std::collections::BTreeMap;
use std::time::SystemTime;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::call::{Delete, Find, Found, Get, Insert, Storage, StorageError, Stored, Update, Window};
use crate::error::ScimError;
use crate::protocol::{ListQuery, Meta, MetaVersion};
use crate::schema::{AttrType, Attribute, ResourceType, Uniqueness};
use crate::{fold_case, username_key};

/// Resources in memory, with ids from 1. It keeps what it is given, and none of the secrets.
#[derive(Debug, Clone, Default)]
pub struct MemoryStorage {
    last: u64,
    /// The resources and their versions, by type and number.
    kept: BTreeMap<(String, u64), (Value, u64)>,
}

impl MemoryStorage {
    fn place(of: &ResourceType, id: &str) -> Option<(String, u64)> {
        let number = id.parse().ok().filter(|number: &u64| number.to_string() == id)?;
        Some((of.name().to_owned(), number))
    }

    /// Another resource must not have the same value of a unique attribute.
    fn check_unique(&self, of: &ResourceType, own: Option<u64>, resource: &Value) -> Result<(), StorageError> {
        let unique = of.attributes().iter().filter(|attribute| attribute.uniqueness != Uniqueness::None);
        for attribute in unique.filter(|attribute| attribute.attr_type == AttrType::String) {
            let key = |resource: &Value| Some(key(attribute, resource.get(&attribute.name)?.as_str()?));
            let is_taken = |((name, number), (other, _)): (&(String, u64), &(Value, u64))| {
                name == of.name() && Some(*number) != own && key(other) == key(resource)
            };
            if key(resource).is_some() && self.kept.iter().any(is_taken) {
                return Err(StorageError::uniqueness(&attribute.name));
            }
        }
        Ok(())
    }
}

fn key(attribute: &Attribute, text: &str) -> String {
    match (attribute.name.as_str(), attribute.case_exact) {
        ("userName", _) => username_key(text, attribute.case_exact),
        (_, true) => text.to_owned(),
        _ => fold_case(text),
    }
}

fn stored(resource: &Value, version: u64) -> Stored {
    Stored { resource: resource.clone(), version: format!("W/\"{version}\"") }
}

fn stamp(resource: &mut Value, of: &ResourceType, id: Option<&str>, now: SystemTime) {
    let meta = Meta::new("", now).version(MetaVersion::Stored);
    match id {
        Some(id) => meta.create(resource, of, id),
        None => meta.update(resource, of, true),
    }
}

impl Storage for MemoryStorage {
    fn get(&mut self, get: &Get) -> Result<Option<Stored>, StorageError> {
        let place = Self::place(&get.resource_type, &get.id);
        Ok(place.and_then(|place| self.kept.get(&place)).map(|(resource, version)| stored(resource, *version)))
    }

    fn find(&mut self, find: &Find) -> Result<Found, StorageError> {
        let after = match &find.window {
            Window::After(place) => place.as_u64().unwrap_or_default(),
            Window::Skip(_) => 0,
        };
        let mut all = Vec::new();
        for ((name, number), (resource, version)) in &self.kept {
            let matches = match &find.filter {
                Some(filter) => filter.matches(resource).map_err(ScimError::from)?,
                None => true,
            };
            if name == find.resource_type.name() && matches {
                all.push((*number, resource, *version));
            }
        }
        let total = all.len() as u64;
        if let Some((path, is_descending)) = &find.order {
            all = sorted(all, &find.resource_type, path, *is_descending)?;
        }
        let start = match &find.window {
            Window::Skip(skip) => usize::try_from(*skip).unwrap_or(usize::MAX),
            Window::After(_) if find.order.is_some() => {
                all.iter().position(|(number, ..)| *number == after).map_or(0, |at| at + 1)
            }
            Window::After(_) => all.iter().take_while(|(number, ..)| *number <= after).count(),
        };
        let end = start.saturating_add(find.limit);
        let page: Vec<_> = all.iter().skip(start).take(find.limit).collect();
        let next = page.last().filter(|_| end < all.len()).map(|(number, ..)| json!(number));
        let page = page.into_iter().map(|(_, resource, version)| stored(resource, *version)).collect();
        Ok(Found { page, total: find.counts.then_some(total), next })
    }

    fn insert(&mut self, insert: &Insert) -> Result<Stored, StorageError> {
        let of = &insert.resource_type;
        self.check_unique(of, None, &insert.resource)?;
        self.last += 1;
        let mut resource = insert.resource.clone();
        stamp(&mut resource, of, Some(&self.last.to_string()), insert.now);
        let made = stored(&resource, 1);
        self.kept.insert((of.name().to_owned(), self.last), (resource, 1));
        Ok(made)
    }

    fn update(&mut self, update: &Update) -> Result<Option<Stored>, StorageError> {
        let of = &update.resource_type;
        let place = Self::place(of, &update.id).ok_or(StorageError::Missing)?;
        self.check_unique(of, Some(place.1), &update.resource)?;
        let (kept, version) = self.kept.get_mut(&place).ok_or(StorageError::Missing)?;
        if stored(kept, *version).version != update.version {
            return Err(StorageError::Stale);
        }
        // Of a request that sets secrets alone, nothing is kept.
        if update.outcome.changed {
            *version += 1;
            kept.clone_from(&update.resource);
            stamp(kept, of, None, update.now);
        }
        Ok(Some(stored(kept, *version)))
    }

    fn delete(&mut self, delete: &Delete) -> Result<(), StorageError> {
        let place = Self::place(&delete.resource_type, &delete.id).ok_or(StorageError::Missing)?;
        let (kept, version) = self.kept.get(&place).ok_or(StorageError::Missing)?;
        if delete.version.as_ref().is_some_and(|demanded| stored(kept, *version).version != *demanded) {
            return Err(StorageError::Stale);
        }
        self.kept.remove(&place);
        for (resource, version) in self.kept.values_mut() {
            if forget(resource, &delete.id) {
                *version += 1;
            }
        }
        Ok(())
    }
}

/// Removes what refers to a resource: members and managers. Gives whether there was something.
fn forget(resource: &mut Value, id: &str) -> bool {
    let refers = |one: &Value| one.get("value").and_then(Value::as_str) == Some(id);
    let Value::Object(members) = resource else { return false };
    let mut had = false;
    if let Some(Value::Array(listed)) = members.get_mut("members") {
        let before = listed.len();
        listed.retain(|member| !refers(member));
        had = listed.len() < before;
        if listed.is_empty() {
            members.remove("members");
        }
    }
    let manages = |(urn, extension): (&String, &Value)| {
        (urn.contains(':') && extension.get("manager").is_some_and(refers)).then(|| urn.clone())
    };
    for urn in members.iter().filter_map(manages).collect::<Vec<_>>() {
        had = true;
        let Some(Value::Object(own)) = members.get_mut(&urn) else { continue };
        own.remove("manager");
        if own.is_empty() {
            members.remove(&urn);
            if let Some(Value::Array(urns)) = members.get_mut("schemas") {
                urns.retain(|one| *one != *urn);
            }
        }
    }
    had
}

type Row<'r> = (u64, &'r Value, u64);

fn sorted<'r>(
    all: Vec<Row<'r>>,
    of: &ResourceType,
    path: &str,
    is_descending: bool,
) -> Result<Vec<Row<'r>>, StorageError> {
    let direction = if is_descending { "descending" } else { "ascending" };
    let query = format!("sortBy={}&sortOrder={direction}", utf8_percent_encode(path, NON_ALPHANUMERIC));
    let query = ListQuery::parse(query, of).map_err(ScimError::from)?;
    let resources: Vec<&Value> = all.iter().map(|(_, resource, _)| *resource).collect();
    let order = query.sort(resources)?;
    let rows = order.into_iter().filter_map(|one| all.iter().find(|(_, resource, _)| std::ptr::eq(*resource, one)));
    Ok(rows.copied().collect())
}
