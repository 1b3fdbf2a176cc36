//! Operations applied to a resource, in order, all or nothing (P2).

mod remove;
mod schemas;
mod write;

use std::borrow::Cow;
use std::rc::Rc;

use serde_json::Value;

use super::error::PatchError;
use super::list::List;
use super::operation::{Op, Operation};
use super::program::{Action, OnAttribute, Planned, Sent};
use super::request::Patch;
use super::requested::Requested;
use super::single::Single;
use super::slot::{Slot, State};
use super::store::{Elements, Fault, Store, ValueStore};
use super::target::ElementFilter;
use crate::error::ScimType;
use crate::json::is_within_depth;
use crate::schema::{Attribute, Mutability, ResourceType, Schema};
use crate::shape::error::Refusal;
use crate::shape::members::{is_unassigned, member};
use crate::shape::place::Place;
use crate::shape::same::{holds_all, holds_already, same_option};
use crate::shape::shaper::{Shaper, Source};
use crate::shape::{Change, Options, Outcome, UnknownMembers, diff};

/// A patch that failed: refused, or by an error of the representation.
pub(crate) enum Failure<E> {
    Refused(PatchError),
    Store(E),
}

type Step<T, S> = Result<T, Fault<<S as Store>::Error>>;

impl Patch {
    /// Applies the operations in their order to a resource, in place: all of them, or none.
    ///
    /// # Errors
    /// [`PatchError`], naming the operation and the path; then the resource is byte for byte as it was.
    pub fn apply(&self, resource: &mut Value, resource_type: &ResourceType) -> Result<Outcome, PatchError> {
        let Value::Object(root) = resource else {
            return Err(PatchError::envelope("expected the resource to be an object"));
        };
        let mut store = ValueStore::new(root);
        match self.apply_to(&mut store, resource_type) {
            Ok(outcome) => Ok(outcome),
            Err(Failure::Refused(error)) => Err(error),
            Err(Failure::Store(never)) => match never {},
        }
    }

    /// Applies the operations to a resource in any representation.
    pub(crate) fn apply_to<S: Store>(
        &self,
        store: &mut S,
        resource_type: &ResourceType,
    ) -> Result<Outcome, Failure<S::Error>> {
        let program = self.program(resource_type);
        let program = program.get();
        let mut applier = Applier {
            store,
            shaper: Shaper::new(resource_type, &self.options, Source::Patch),
            slots: Vec::new(),
            unknown: Vec::new(),
            settled: Vec::new(),
            requested: Rc::new(Requested::new(&self.operations)),
            index: 0,
        };
        applier.shaper.repairs.clone_from(&self.repairs);
        let mut result = Ok(());
        for step in &program.steps {
            let Some(operation) = self.operations.get(step.operation) else { continue };
            applier.index = operation.index;
            result = applier.step(operation, step);
            if result.is_err() {
                break;
            }
        }
        program.repairs.iter().for_each(|repair| applier.shaper.repeat(repair));
        let result = result.and_then(|()| applier.adjust_schemas()).and_then(|()| applier.check_required_subs());
        match result {
            Ok(()) => applier.commit().map_err(Failure::Store),
            Err(fault) => {
                let index = applier.index;
                applier.undo();
                Err(match fault {
                    Fault::Refused(refusal) => Failure::Refused(PatchError::at(index, refusal)),
                    Fault::Store(error) => Failure::Store(error),
                })
            }
        }
    }
}

struct Applier<'a, 's, S: Store> {
    store: &'s mut S,
    shaper: Shaper<'a>,
    slots: Vec<Slot<'a, S::List>>,
    unknown: Vec<UnknownSlot<'a>>,
    /// Extensions whose URN was listed, or taken out, for what operations did to them.
    settled: Vec<&'a Schema>,
    requested: Rc<Requested<'a>>,
    /// The operation being applied.
    index: usize,
}

/// A member that no schema knows and that the host wants kept (P16).
struct UnknownSlot<'a> {
    extension: Option<&'a Schema>,
    name: String,
    old: Option<Value>,
    now: Option<Value>,
}

fn refuse<T, E>(scim_type: ScimType, path: impl ToString, message: impl Into<String>) -> Result<T, Fault<E>> {
    Err(Fault::Refused(Refusal::new(scim_type, path, message)))
}

fn too_deep(max: usize) -> String {
    format!("what is stored is nested too deep: at most {max} levels are allowed")
}

impl<'a, S: Store> Applier<'a, '_, S> {
    fn options(&self) -> &'a Options {
        self.shaper.options
    }

    /// The slot of an attribute; it is taken out of the resource when it is first named.
    fn slot(&mut self, place: Place<'a>) -> Step<usize, S> {
        if let Some(at) = self.slots.iter().position(|slot| slot.place.is_same_attribute(place)) {
            if let Some(slot) = self.slots.get_mut(at) {
                slot.last = self.index;
            }
            return Ok(at);
        }
        let place = place.whole();
        let max_depth = self.options().limits.depth();
        if place.attribute.multi_valued {
            let taken = self.store.take_list(place)?;
            let list = List::new(place, taken, max_depth, Rc::clone(&self.requested));
            self.slots.push(Slot { place, state: State::List(Box::new(list)), last: self.index });
            return Ok(self.slots.len() - 1);
        }
        let stored = self.store.take(place)?;
        if !stored.as_ref().is_none_or(|stored| is_within_depth(stored, max_depth)) {
            self.store.undo(place, stored);
            return refuse(ScimType::InvalidValue, place, too_deep(max_depth));
        }
        if place.attribute.is_complex()
            && !stored.as_ref().is_none_or(|stored| stored.is_object() || is_unassigned(stored))
        {
            self.store.undo(place, stored);
            return refuse(ScimType::InvalidValue, place, "what is stored is no object");
        }
        let state = State::Single(Single::new(stored));
        self.slots.push(Slot { place, state, last: self.index });
        Ok(self.slots.len() - 1)
    }

    fn check_budget(&self, slot: usize) -> Step<(), S> {
        let max = self.options().limits.visited_elements;
        match self.slots.get(slot) {
            Some(Slot { place, state: State::List(list), .. }) if list.is_too_deep => {
                refuse(ScimType::InvalidValue, place, too_deep(self.options().limits.depth()))
            }
            Some(Slot { place, state: State::List(list), .. }) if list.visited > max => {
                let message = "the operations look at too many elements; choose them by `eq`";
                refuse(ScimType::TooMany, place, message)
            }
            _ => Ok(()),
        }
    }

    fn list(&mut self, slot: usize) -> Option<&mut List<'a, S::List>> {
        match self.slots.get_mut(slot)? {
            Slot { state: State::List(list), .. } => Some(list),
            Slot { state: State::Single(_), .. } => None,
        }
    }

    fn now(&self, slot: usize) -> Option<&Value> {
        match self.slots.get(slot)? {
            Slot { state: State::Single(single), .. } => single.now(),
            Slot { state: State::List(_), .. } => None,
        }
    }

    fn single(&mut self, slot: usize) -> Option<&mut Single<'a>> {
        match self.slots.get_mut(slot)? {
            Slot { state: State::Single(single), .. } => Some(single),
            Slot { state: State::List(_), .. } => None,
        }
    }

    fn set_now(&mut self, slot: usize, value: Option<Value>) {
        if let Some(single) = self.single(slot) {
            single.set(value);
        }
    }

    fn is_unassigned(&self, slot: usize) -> Step<bool, S> {
        self.slots.get(slot).map_or(Ok(true), Slot::is_unassigned).map_err(Fault::Store)
    }

    /// An operation on a readOnly attribute: accepted if it says what is stored (P12).
    fn read_only(
        &mut self,
        op: Op,
        place: Place<'a>,
        filter: Option<&ElementFilter<'a>>,
        slot: usize,
        value: &Value,
    ) -> Step<(), S> {
        // Only the elements that the path chooses count.
        let chosen: Vec<usize> = match (self.list(slot), filter) {
            (Some(list), Some(filter)) => list.chosen(filter).map_err(Fault::Store)?,
            (Some(list), None) => list.all().map_err(Fault::Store)?,
            (None, _) => Vec::new(),
        };
        self.check_budget(slot)?;
        let stored: Vec<Cow<'_, Value>> = match self.slots.get(slot).map(|slot| &slot.state) {
            Some(State::List(list)) => {
                let chosen: Result<_, _> = chosen.iter().filter_map(|at| list.get(*at).transpose()).collect();
                chosen.map_err(Fault::Store)?
            }
            Some(State::Single(single)) => {
                let now = single.now().into_iter().filter(|now| filter.is_none_or(|filter| filter.matches(now)));
                now.map(Cow::Borrowed).collect()
            }
            None => Vec::new(),
        };
        let stored: Vec<&Value> = stored.iter().map(Cow::as_ref).collect();
        let is_same = match (place.sub, op) {
            (Some(sub), op) => {
                let held =
                    |holder: &'_ Value| holder.as_object().and_then(|members| member(members, &sub.name)).cloned();
                let mut holders = stored.iter().peekable();
                match op {
                    Op::Remove => holders.all(|holder| held(holder).is_none_or(|value| is_unassigned(&value))),
                    _ if holders.peek().is_none() => is_unassigned(value),
                    _ => holders.all(|holder| same_option(held(holder).as_ref(), Some(value))),
                }
            }
            (None, Op::Remove) => stored.iter().all(|value| is_unassigned(value)),
            (None, _) if filter.is_some() => false,
            (None, _) if place.attribute.multi_valued => {
                let given = diff::elements(Some(value));
                given.is_empty() == stored.is_empty() && holds_all(place.attribute, stored, given)
            }
            (None, _) => holds_already(stored.first().copied(), value),
        };
        if is_same {
            return Ok(());
        }
        refuse(ScimType::Mutability, place, "is readOnly: only the provider sets it")
    }

    /// Complex values that were set must have their required sub-attributes.
    fn check_required_subs(&mut self) -> Step<(), S> {
        let is_required = |sub: &Attribute| sub.required && sub.mutability != Mutability::ReadOnly;
        for slot in self.slots.iter().filter(|slot| slot.place.attribute.sub_attributes.iter().any(is_required)) {
            let check = |value: &Value| Shaper::check_required_subs(slot.place, value);
            let checked = match &slot.state {
                State::Single(single) if single.is_changed() => {
                    single.now().filter(|now| !is_unassigned(now)).map_or(Ok(()), check)
                }
                State::Single(_) => Ok(()),
                State::List(list) => list.touched().into_iter().try_for_each(check),
            };
            if let Err(refusal) = checked {
                self.index = slot.last;
                return Err(refusal.into());
            }
        }
        Ok(())
    }

    fn undo(self) {
        for slot in self.slots {
            slot.undo(self.store);
        }
        for unknown in self.unknown {
            // It was taken from where it was.
            let _ = self.store.put_unknown(unknown.extension, &unknown.name, unknown.old);
        }
    }

    fn commit(self) -> Result<Outcome, S::Error> {
        let Self { store, shaper, slots, unknown, .. } = self;
        let mut changes: Vec<Change> = Vec::with_capacity(slots.len() + unknown.len());
        let mut emptied = Vec::new();
        for slot in slots {
            let extension = slot.place.extension;
            let is_gone = slot.finish(store, &mut changes)?;
            emptied.extend(extension.filter(|_| is_gone));
        }
        for slot in unknown {
            let path =
                slot.extension.map_or_else(|| slot.name.clone(), |schema| format!("{}:{}", schema.id, slot.name));
            changes.extend(Change::single(path, slot.old.as_ref(), slot.now.as_ref()));
            store.put_unknown(slot.extension, &slot.name, slot.now)?;
        }
        for extension in emptied {
            if !store.has_others(extension, &[])? {
                store.drop_extension(extension)?;
            }
        }
        Ok(Outcome { changed: !changes.is_empty(), changes, repairs: shaper.repairs })
    }
}

impl<'a, S: Store> Applier<'a, '_, S> {
    fn step(&mut self, operation: &'a Operation, step: &'a Planned) -> Step<(), S> {
        step.repairs.iter().for_each(|repair| self.shaper.repeat(repair));
        let resource_type = self.shaper.resource_type;
        let extension = |at: Option<usize>| at.and_then(|at| resource_type.extensions().nth(at));
        match &step.action {
            Action::Attribute(on) => {
                let OnAttribute { place, brackets, given } = &**on;
                let Some(place) = place.find(resource_type) else { return Ok(()) };
                let filter = brackets.as_ref().map(|brackets| ElementFilter::new(brackets, place.attribute));
                self.attribute(Sent { operation, given }, place, filter)
            }
            Action::ClearExtension(at) => extension(Some(*at)).map_or(Ok(()), |schema| self.clear_extension(schema)),
            Action::UnknownMember { key, value, extension: at } => self.unknown_member(key, value, extension(*at)),
            Action::Refuse(refusal) => Err(Refusal::clone(refusal).into()),
        }
    }

    fn unknown_member(&mut self, key: &str, value: &Value, within: Option<&'a Schema>) -> Step<(), S> {
        let path = within.map_or_else(|| key.to_owned(), |schema| format!("{}:{key}", schema.id));
        if self.options().unknown == UnknownMembers::Reject {
            let name = self.shaper.resource_type.name();
            return refuse(ScimType::InvalidPath, path, format!("is not defined by any schema of `{name}`"));
        }
        let value = self.shaper.unknown(&path, value)?;
        if self.options().unknown != UnknownMembers::Keep {
            return Ok(());
        }
        let same = |slot: &&mut UnknownSlot<'_>| {
            slot.name.eq_ignore_ascii_case(key) && slot.extension.map(|e| &e.id) == within.map(|e| &e.id)
        };
        if let Some(slot) = self.unknown.iter_mut().find(same) {
            slot.now = value;
            return Ok(());
        }
        let old = self.store.take_unknown(within, key)?;
        let max_depth = self.options().limits.depth();
        if !old.as_ref().is_none_or(|old| is_within_depth(old, max_depth)) {
            let _ = self.store.put_unknown(within, key, old);
            return refuse(ScimType::InvalidValue, path, too_deep(max_depth));
        }
        self.unknown.push(UnknownSlot { extension: within, name: key.to_owned(), old, now: value });
        Ok(())
    }

    fn attribute(&mut self, value: Sent<'a>, place: Place<'a>, filter: Option<ElementFilter<'a>>) -> Step<(), S> {
        let slot = self.slot(place)?;
        if place.attribute.mutability == Mutability::ReadOnly || place.leaf().mutability == Mutability::ReadOnly {
            return self.read_only(value.operation.op, place, filter.as_ref(), slot, value.raw());
        }
        let is_schemas = place.extension.is_none() && place.attribute.name == "schemas";
        if is_schemas {
            self.adjust_schemas()?;
        }
        let before = if is_schemas { self.urns(slot)? } else { Vec::new() };
        match value.operation.op {
            Op::Remove => self.remove(place, filter, slot, value)?,
            op => self.write(op, place, filter, slot, value)?,
        }
        self.check_budget(slot)?;
        if is_schemas { self.follow_schemas(slot, &before) } else { Ok(()) }
    }

    fn clear_extension(&mut self, schema: &'a Schema) -> Step<(), S> {
        for attribute in &schema.attributes {
            let place = Place::new(Some(schema), attribute);
            let slot = self.slot(place)?;
            if attribute.mutability == Mutability::ReadOnly || self.is_unassigned(slot)? {
                continue;
            }
            self.unassign(place, slot)?;
        }
        Ok(())
    }
}

impl<L: Elements> Slot<'_, L> {
    /// Whether it differs from what was stored.
    fn is_changed(&mut self) -> Result<bool, L::Error> {
        match &mut self.state {
            State::Single(single) => Ok(single.is_changed()),
            State::List(list) => list.is_changed(),
        }
    }
}
