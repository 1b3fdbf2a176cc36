//! `schemas` kept in step with the extensions (P15, D16).

use std::collections::HashSet;

use serde_json::Value;

use super::{Applied, Transaction, refuse};
use crate::coerce::members::is_unassigned;
use crate::coerce::same::same_option;
use crate::error::ScimType;
use crate::patch::attribute::Held;
use crate::patch::store::{Fault, Store};
use crate::schema::AttrRef;
use crate::schema::{Attribute, Schema};

impl<'a, S: Store> Transaction<'a, '_, S> {
    /// The URNs in `schemas`.
    pub(super) fn urns(&mut self, slot: usize) -> Applied<Vec<String>, S> {
        let Some(list) = self.list(slot) else { return Ok(Vec::new()) };
        let urns = list.items().map_err(Fault::Store)?;
        Ok(urns.iter().filter_map(|(_, urn)| urn.as_str().map(str::to_owned)).collect())
    }

    /// What a change of `schemas` means (P15, D16).
    pub(super) fn follow_schemas(&mut self, slot: usize, before: &[String]) -> Applied<(), S> {
        let lower = |urns: &[String]| urns.iter().map(|urn| urn.to_ascii_lowercase()).collect::<HashSet<_>>();
        let was = lower(before);
        let is = lower(&self.urns(slot)?);
        let resource_type = self.coercer.resource_type;
        for urn in before.iter().filter(|urn| !is.contains(&urn.to_ascii_lowercase())) {
            if resource_type.is_core_urn(urn) {
                return refuse(ScimType::Mutability, "schemas", "the URN of the resource type cannot be removed");
            }
            if let Some(extension) = resource_type.extension(urn) {
                self.clear_extension(extension)?;
            }
        }
        let Some(list) = self.list(slot) else { return Ok(()) };
        let is_new = |urn: &Value| urn.as_str().is_some_and(|urn| !was.contains(&urn.to_ascii_lowercase()));
        let items = list.items().map_err(Fault::Store)?;
        let new: Vec<(usize, Value)> =
            items.into_iter().filter(|(_, urn)| is_new(urn)).map(|(at, urn)| (at, urn.into_owned())).collect();
        for (at, urn) in new {
            let text = urn.as_str().unwrap_or_default();
            let is_known = resource_type.is_core_urn(text) || resource_type.extension(text).is_some();
            if is_known || self.coercer.unknown("schemas", &urn)?.is_some() {
                continue;
            }
            if let Some(list) = self.list(slot) {
                list.remove(at);
            }
        }
        Ok(())
    }

    /// Adds the URNs of extensions that have attributes now, and takes away those of extensions that lost their last (P15):
    /// at the end, and before an operation on `schemas`, which is to find what those before it did.
    pub(super) fn adjust_schemas(&mut self) -> Applied<(), S> {
        for extension in self.coercer.resource_type.extensions() {
            let is_of =
                |slot: &Held<'a, S::List>| slot.attr.extension.is_some_and(|other| std::ptr::eq(other, extension));
            let mut slots: Vec<&mut Held<'a, S::List>> = self.slots.iter_mut().filter(|slot| is_of(slot)).collect();
            let kept: Vec<_> = self
                .unknown
                .iter()
                .filter(|unknown| unknown.extension.is_some_and(|other| std::ptr::eq(other, extension)))
                .collect();
            if slots.is_empty() && kept.is_empty() {
                continue;
            }
            let mut was_changed = false;
            for slot in &mut slots {
                was_changed = was_changed || slot.is_changed().map_err(Fault::Store)?;
            }
            let was_changed =
                was_changed || kept.iter().any(|unknown| !same_option(unknown.old.as_ref(), unknown.now.as_ref()));
            let was_settled = self.settled.iter().any(|other| std::ptr::eq(*other, extension));
            if !was_changed && !was_settled {
                continue;
            }
            let taken: Vec<&Attribute> = slots.iter().map(|slot| slot.attr.attribute).collect();
            let mut is_assigned = false;
            for slot in &slots {
                is_assigned |= !slot.is_unassigned().map_err(Fault::Store)?;
            }
            let is_assigned = is_assigned
                || kept.iter().any(|unknown| unknown.now.is_some())
                || self.store.has_others(extension, &taken).map_err(Fault::Store)?;
            if !was_settled {
                self.settled.push(extension);
            }
            self.set_urn(extension, is_assigned)?;
        }
        Ok(())
    }

    pub(super) fn set_urn(&mut self, extension: &'a Schema, is_assigned: bool) -> Applied<(), S> {
        let resource_type = self.coercer.resource_type;
        let Some(schemas) = resource_type.attribute("schemas") else { return Ok(()) };
        let slot = self.slot(AttrRef::new(None, schemas))?;
        let Some(list) = self.list(slot) else { return Ok(()) };
        let is_urn = |value: &Value| value.as_str().is_some_and(|urn| urn.eq_ignore_ascii_case(&extension.id));
        let items = list.items().map_err(Fault::Store)?;
        let is_empty = items.iter().all(|(_, urn)| is_unassigned(urn));
        let listed: Vec<usize> = items.iter().filter(|(_, urn)| is_urn(urn)).map(|(at, _)| *at).collect();
        drop(items);
        if !is_assigned {
            listed.into_iter().for_each(|at| list.remove(at));
        } else if listed.is_empty() {
            if is_empty {
                list.push(resource_type.schema().id.clone().into());
            }
            list.push(extension.id.clone().into());
        }
        Ok(())
    }
}
