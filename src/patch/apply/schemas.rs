//! Keeps `schemas` in step with the extensions (P15, D16). The cost depends on the changes, not on the number of
//! extensions: only the extensions that operations touch are examined, and the journal of the list records what an
//! operation added to `schemas` and removed from it.

use std::borrow::Cow;
use std::collections::HashSet;

use serde_json::Value;

use super::extensions::has;
use super::transaction::{Applied, Transaction, refuse};
use crate::coerce::container::is_provided;
use crate::coerce::equality::same_option;
use crate::coerce::members::is_unassigned;
use crate::error::ScimType;
use crate::patch::attribute::{HeldAt, ListAt};
use crate::patch::store::{StepFailure, Store};
use crate::schema::{AttrRef, Attribute, Mutability, Schema};

impl<'a, S: Store> Transaction<'a, '_, S> {
    /// Makes the extensions follow what the current operation changed in `schemas` (P15, D16): an extension whose URN was
    /// removed loses its attributes, and a new URN that may not stay is removed again.
    pub(super) fn follow_schemas(&mut self, attr: AttrRef<'a>, held: ListAt) -> Applied<(), S> {
        let journal = self.held.list_mut(held).take_journal();
        let resource_type = self.coercer.resource_type;
        for urn in &journal.removed {
            let Some(urn) = urn.as_str() else { continue };
            if resource_type.is_core_urn(urn) && !self.is_listed(attr, held, urn)? {
                return refuse(ScimType::Mutability, "schemas", "the URN of the resource type cannot be removed");
            }
            let Some(extension) = resource_type.extension(urn) else { continue };
            if self.is_listed(attr, held, urn)? {
                continue;
            }
            self.clear_extension(extension)?;
            // If attributes that the client may not change are left, the URN stays (P15).
            if self.is_extension_assigned(extension)? {
                self.set_urn(extension, true)?;
            }
        }
        let was_there: HashSet<&str> = journal.removed.iter().filter_map(Value::as_str).collect();
        for at in journal.added {
            let Some(urn) = self.held.list(held).get(at).map_err(StepFailure::Store)?.map(Cow::into_owned) else {
                continue;
            };
            let text = urn.as_str().unwrap_or_default();
            // The URN of the core schema may always stay. A URN that was removed and added again, as by a `replace` of the
            // whole list, is not new.
            if resource_type.is_core_urn(text) || was_there.contains(text) {
                continue;
            }
            let is_kept = match resource_type.extension(text) {
                // With `derived_schemas`, the URN of an extension without attributes does not stay. If a later operation
                // adds the object of the extension, the URN is added then (R7).
                Some(extension) => !self.coercer.options.derived_schemas || self.is_extension_assigned(extension)?,
                None => self.coercer.keeps_urn(text)?,
            };
            if !is_kept {
                self.held.list_mut(held).remove(at)?;
            }
        }
        // Nothing is left if all that was given is unknown, and what was there is gone.
        if was_there.is_empty() { Ok(()) } else { self.keep_required(attr, held) }
    }

    /// The URNs of a replaced list without those that the resource type does not have, if they do not stay (P16).
    pub(super) fn kept_urns(&mut self, mut urns: Vec<Value>) -> Applied<Vec<Value>, S> {
        let resource_type = self.coercer.resource_type;
        let is_known = |urn: &str| resource_type.is_core_urn(urn) || resource_type.extension(urn).is_some();
        for urn in std::mem::take(&mut urns) {
            let text = urn.as_str().unwrap_or_default();
            if is_known(text) || self.coercer.keeps_urn(text)? {
                urns.push(urn);
            }
        }
        Ok(urns)
    }

    fn is_listed(&mut self, attr: AttrRef<'a>, held: ListAt, urn: &str) -> Applied<bool, S> {
        Ok(!self.positions_of(attr, held, urn)?.is_empty())
    }

    /// The positions of a URN in `schemas`, without regard to upper and lower case.
    fn positions_of(&mut self, attr: AttrRef<'a>, held: ListAt, urn: &str) -> Applied<Vec<usize>, S> {
        let found = self.held.list_mut(held).meant(&Value::String(urn.to_owned()), true).map_err(StepFailure::Store)?;
        self.check_list(attr, held)?;
        Ok(found)
    }

    /// Adds the URNs of extensions that now have attributes, and removes the URNs of extensions that lost their last
    /// attribute (P15). This runs at the end, and before each operation on `schemas`, so that the operation sees the effect
    /// of the earlier operations.
    pub(super) fn adjust_schemas(&mut self, is_end: bool) -> Applied<(), S> {
        for extension in std::mem::take(&mut self.extensions.touched) {
            let is_assigned = self.is_extension_assigned(extension)?;
            if !has(&self.extensions.settled, extension) {
                if !self.is_extension_changed(extension, is_end)? {
                    continue;
                }
                self.extensions.settled.push(extension);
            }
            self.set_urn(extension, is_assigned)?;
        }
        Ok(())
    }

    /// Updates `schemas` at the end. Then checks that required extensions are still there and that new extensions have
    /// their required attributes (P12).
    pub(super) fn settle_schemas(&mut self) -> Applied<(), S> {
        self.adjust_schemas(true)?;
        for extension in self.extensions.named.clone() {
            self.check_extension(extension)?;
        }
        Ok(())
    }

    fn check_extension(&mut self, extension: &'a Schema) -> Applied<(), S> {
        if !self.is_extension_changed(extension, true)? {
            return Ok(());
        }
        let is_assigned = self.is_extension_assigned(extension)?;
        let was_assigned = self.was_extension_assigned(extension)?;
        if !is_assigned && was_assigned && self.coercer.resource_type.is_required(extension) {
            let message = "this extension is required and may not be removed";
            return refuse(ScimType::Mutability, &extension.id, message);
        }
        if !is_assigned {
            return Ok(());
        }
        let must = |attribute: &&Attribute| attribute.required && attribute.mutability != Mutability::ReadOnly;
        let mut existed = None;
        for attribute in extension.attributes.iter().filter(must) {
            let existed = match existed {
                Some(existed) => existed,
                None => *existed.insert(self.existed(extension)?),
            };
            let attr = AttrRef::new(Some(extension), attribute);
            // A stored extension may lack a required attribute, as long as no operation names the attribute.
            let is_named = self.held.iter().any(|held| held.attr.is_same_attribute(attr));
            if existed && !is_named {
                continue;
            }
            let held = self.hold(attr)?;
            let had = self.held.was_assigned(held).map_err(StepFailure::Store)?;
            let is_lacking = self.is_unassigned(held)? && (had || !existed);
            if is_lacking && self.is_asserted(extension)? {
                return refuse(ScimType::InvalidValue, attr, "is required");
            }
        }
        Ok(())
    }

    /// Whether an extension has more than what only the provider sets.
    fn is_asserted(&mut self, extension: &'a Schema) -> Applied<bool, S> {
        for attribute in &extension.attributes {
            let held = self.hold(AttrRef::new(Some(extension), attribute))?;
            let now = match held {
                HeldAt::Single(at) => self.held.single(at).now(),
                HeldAt::List(_) => None,
            };
            let is_left = match now {
                Some(now) => is_provided(attribute, now),
                None => attribute.mutability == Mutability::ReadOnly,
            };
            if !is_left && !self.is_unassigned(held)? {
                return Ok(true);
            }
        }
        self.has_unknown(extension)
    }

    /// Whether any attribute of an extension is assigned.
    pub(super) fn is_extension_assigned(&mut self, extension: &'a Schema) -> Applied<bool, S> {
        for held in self.held.of(extension) {
            if !self.is_unassigned(held.at)? {
                return Ok(true);
            }
        }
        self.has_unknown(extension)
    }

    /// Whether an extension has assigned members besides the attributes that are held.
    fn has_unknown(&mut self, extension: &'a Schema) -> Applied<bool, S> {
        let is_of = |other: Option<&Schema>| other.is_some_and(|other| std::ptr::eq(other, extension));
        if self.kept.all.iter().any(|kept| is_of(kept.extension) && kept.now.is_some()) {
            return Ok(true);
        }
        Ok(!has(&self.extensions.cleared, extension) && self.has_others(extension)?)
    }

    /// Whether an extension was there at the start: it had an attribute, and its URN was in `schemas` (P12).
    fn existed(&mut self, extension: &'a Schema) -> Applied<bool, S> {
        let Some((_, schemas)) = self.hold_schemas()? else { return Ok(false) };
        let urn = Value::String(extension.id.clone());
        if !self.held.list(schemas).had(&urn).map_err(StepFailure::Store)? {
            return Ok(false);
        }
        let mut taken = Vec::new();
        for held in self.held.of(extension) {
            if self.held.was_assigned(held.at).map_err(StepFailure::Store)? {
                return Ok(true);
            }
            taken.push(held.attr.attribute);
        }
        let counts = |name: &str| {
            extension.attribute(name).is_some_and(|it| !taken.iter().any(|taken| std::ptr::eq(*taken, it)))
        };
        self.store.has_assigned(extension, counts).map_err(StepFailure::Store)
    }

    fn was_extension_assigned(&mut self, extension: &'a Schema) -> Applied<bool, S> {
        let is_of = |other: Option<&Schema>| other.is_some_and(|other| std::ptr::eq(other, extension));
        for held in self.held.of(extension) {
            if self.held.was_assigned(held.at).map_err(StepFailure::Store)? {
                return Ok(true);
            }
        }
        let mut kept = self.kept.all.iter().filter(|kept| is_of(kept.extension));
        if kept.any(|kept| kept.old.as_ref().is_some_and(|old| !is_unassigned(old))) {
            return Ok(true);
        }
        self.has_others(extension)
    }

    /// Whether an extension has assigned members that no operation has named.
    fn has_others(&mut self, extension: &'a Schema) -> Applied<bool, S> {
        let is_it = |other: &Schema| std::ptr::eq(other, extension);
        let taken: Vec<&Attribute> = self.held.of(extension).map(|held| held.attr.attribute).collect();
        // The store says it. The answer `false` stays valid, because no operation makes a member unnamed again. The answer
        // `true` is valid only until an operation names another member.
        let count = taken.len() + self.kept.all.len();
        let known = self.extensions.others.iter_mut().find(|(other, ..)| is_it(other));
        if let Some((_, at, has_others)) = known
            && (*at == count || !*has_others)
        {
            return Ok(*has_others);
        }
        let is_taken = |name: &str| taken.iter().any(|attribute| attribute.name.eq_ignore_ascii_case(name));
        let has_others = self.store.has_assigned(extension, |name| !is_taken(name)).map_err(StepFailure::Store)?;
        self.extensions.others.retain(|(other, ..)| !is_it(other));
        self.extensions.others.push((extension, count, has_others));
        Ok(has_others)
    }

    /// Whether an extension differs from the stored one. Before the end, every extension that was touched counts as
    /// different: the exact comparison may put elements back in their old places, after which no operation can look up
    /// elements.
    fn is_extension_changed(&mut self, extension: &'a Schema, is_end: bool) -> Applied<bool, S> {
        let is_of = |other: Option<&Schema>| other.is_some_and(|other| std::ptr::eq(other, extension));
        let mut kept = self.kept.all.iter().filter(|kept| is_of(kept.extension));
        if kept.any(|kept| kept.is_touched && (!is_end || !same_option(kept.old.as_ref(), kept.now.as_ref()))) {
            return Ok(true);
        }
        let held: Vec<HeldAt> = self.held.of(extension).map(|held| held.at).collect();
        for at in held {
            let is_changed =
                if is_end { self.held.is_changed(at).map_err(StepFailure::Store)? } else { self.held.is_touched(at) };
            if is_changed {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The attribute `schemas`, which every resource type has.
    fn hold_schemas(&mut self) -> Applied<Option<(AttrRef<'a>, ListAt)>, S> {
        let Some(schemas) = self.coercer.resource_type.attribute("schemas") else { return Ok(None) };
        let attr = AttrRef::new(None, schemas);
        Ok(match self.hold(attr)? {
            HeldAt::List(held) => Some((attr, held)),
            HeldAt::Single(_) => None,
        })
    }

    fn set_urn(&mut self, extension: &'a Schema, is_assigned: bool) -> Applied<(), S> {
        let resource_type = self.coercer.resource_type;
        let Some((attr, held)) = self.hold_schemas()? else { return Ok(()) };
        let listed = self.positions_of(attr, held, &extension.id)?;
        let list = self.held.list_mut(held);
        if !is_assigned {
            for at in listed {
                list.remove(at)?;
            }
        } else if listed.is_empty() {
            // If the stored resource has no `schemas`, the URN of its core schema is added, too.
            if list.is_empty().map_err(StepFailure::Store)? {
                list.push(resource_type.schema().id.clone().into())?;
            }
            list.push(extension.id.clone().into())?;
        }
        Ok(())
    }
}
