//! Operations applied to a resource, in order, all or nothing (P2).

mod remove;
mod schemas;
mod write;

use std::borrow::Cow;
use std::rc::Rc;

use serde_json::Value;

use super::error::PatchError;
use super::operation::{Op, Operation};
use super::program::{Action, OnAttribute, OperandOf, Step};
use super::request::Patch;
use super::store::{Elements, Fault, Store, ValueStore};
use crate::coerce::coercer::{Coercer, Source};
use crate::coerce::members::{is_unassigned, member};
use crate::coerce::refusal::Refusal;
use crate::coerce::same::{holds_all, holds_already, same_option};
use crate::coerce::{Change, Options, Outcome, UnknownMembers, diff};
use crate::error::ScimType;
use crate::json::is_within_depth;
use crate::patch::attribute::list::List;
use crate::patch::attribute::lookup_texts::LookupTexts;
use crate::patch::attribute::single::Single;
use crate::patch::attribute::{Held, HeldValue};
use crate::patch::resolve::ElementFilter;
use crate::schema::AttrRef;
use crate::schema::{Attribute, Mutability, ResourceType, Schema};

/// A patch that failed: refused, or by an error of the representation.
pub(crate) enum Failure<E> {
    Refused(PatchError),
    Store(E),
}

type Applied<T, S> = Result<T, Fault<<S as Store>::Error>>;

impl Patch {
    /// Applies the operations in their order to a resource, in attr: all of them, or none.
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
        let mut transaction = Transaction {
            store,
            coercer: Coercer::new(resource_type, &self.options, Source::Patch),
            slots: Vec::new(),
            unknown: Vec::new(),
            settled: Vec::new(),
            lookup_texts: Rc::new(LookupTexts::new(&self.operations)),
            index: 0,
        };
        transaction.coercer.repairs.clone_from(&self.repairs);
        let mut result = Ok(());
        for step in &program.steps {
            let Some(operation) = self.operations.get(step.operation) else { continue };
            transaction.index = operation.index;
            result = transaction.step(operation, step);
            if result.is_err() {
                break;
            }
        }
        program.repairs.iter().for_each(|repair| transaction.coercer.repeat(repair));
        let result =
            result.and_then(|()| transaction.adjust_schemas()).and_then(|()| transaction.check_required_subs());
        match result {
            Ok(()) => transaction.commit().map_err(Failure::Store),
            Err(fault) => {
                let index = transaction.index;
                transaction.undo();
                Err(match fault {
                    Fault::Refused(refusal) => Failure::Refused(PatchError::at(index, refusal)),
                    Fault::Store(error) => Failure::Store(error),
                })
            }
        }
    }
}

struct Transaction<'a, 's, S: Store> {
    store: &'s mut S,
    coercer: Coercer<'a>,
    slots: Vec<Held<'a, S::List>>,
    unknown: Vec<KeptMember<'a>>,
    /// Extensions whose URN was listed, or taken out, for what operations did to them.
    settled: Vec<&'a Schema>,
    lookup_texts: Rc<LookupTexts<'a>>,
    /// The operation being applied.
    index: usize,
}

/// A member that no schema knows and that the host wants kept (P16).
struct KeptMember<'a> {
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

impl<'a, S: Store> Transaction<'a, '_, S> {
    fn options(&self) -> &'a Options {
        self.coercer.options
    }

    /// The slot of an attribute; it is taken out of the resource when it is first named.
    fn slot(&mut self, attr: AttrRef<'a>) -> Applied<usize, S> {
        if let Some(at) = self.slots.iter().position(|slot| slot.attr.is_same_attribute(attr)) {
            if let Some(slot) = self.slots.get_mut(at) {
                slot.last = self.index;
            }
            return Ok(at);
        }
        let attr = attr.whole();
        let max_depth = self.options().limits.depth();
        if attr.attribute.multi_valued {
            let taken = self.store.take_list(attr)?;
            let list = List::new(attr, taken, max_depth, Rc::clone(&self.lookup_texts));
            self.slots.push(Held { attr, state: HeldValue::List(Box::new(list)), last: self.index });
            return Ok(self.slots.len() - 1);
        }
        let stored = self.store.take(attr)?;
        if !stored.as_ref().is_none_or(|stored| is_within_depth(stored, max_depth)) {
            self.store.undo(attr, stored);
            return refuse(ScimType::InvalidValue, attr, too_deep(max_depth));
        }
        if attr.attribute.is_complex()
            && !stored.as_ref().is_none_or(|stored| stored.is_object() || is_unassigned(stored))
        {
            self.store.undo(attr, stored);
            return refuse(ScimType::InvalidValue, attr, "what is stored is no object");
        }
        let state = HeldValue::Single(Single::new(stored));
        self.slots.push(Held { attr, state, last: self.index });
        Ok(self.slots.len() - 1)
    }

    fn check_budget(&self, slot: usize) -> Applied<(), S> {
        let max = self.options().limits.visited_elements;
        match self.slots.get(slot) {
            Some(Held { attr, state: HeldValue::List(list), .. }) if list.is_too_deep => {
                refuse(ScimType::InvalidValue, attr, too_deep(self.options().limits.depth()))
            }
            Some(Held { attr, state: HeldValue::List(list), .. }) if list.visited > max => {
                let message = "the operations look at too many elements; choose them by `eq`";
                refuse(ScimType::TooMany, attr, message)
            }
            _ => Ok(()),
        }
    }

    fn list(&mut self, slot: usize) -> Option<&mut List<'a, S::List>> {
        match self.slots.get_mut(slot)? {
            Held { state: HeldValue::List(list), .. } => Some(list),
            Held { state: HeldValue::Single(_), .. } => None,
        }
    }

    fn now(&self, slot: usize) -> Option<&Value> {
        match self.slots.get(slot)? {
            Held { state: HeldValue::Single(single), .. } => single.now(),
            Held { state: HeldValue::List(_), .. } => None,
        }
    }

    fn single(&mut self, slot: usize) -> Option<&mut Single<'a>> {
        match self.slots.get_mut(slot)? {
            Held { state: HeldValue::Single(single), .. } => Some(single),
            Held { state: HeldValue::List(_), .. } => None,
        }
    }

    fn set_now(&mut self, slot: usize, value: Option<Value>) {
        if let Some(single) = self.single(slot) {
            single.set(value);
        }
    }

    fn is_unassigned(&self, slot: usize) -> Applied<bool, S> {
        self.slots.get(slot).map_or(Ok(true), Held::is_unassigned).map_err(Fault::Store)
    }

    /// An operation on a readOnly attribute: accepted if it says what is stored (P12).
    fn read_only(
        &mut self,
        op: Op,
        attr: AttrRef<'a>,
        filter: Option<&ElementFilter<'a>>,
        slot: usize,
        value: &Value,
    ) -> Applied<(), S> {
        // Only the elements that the path chooses count.
        let chosen: Vec<usize> = match (self.list(slot), filter) {
            (Some(list), Some(filter)) => list.chosen(filter).map_err(Fault::Store)?,
            (Some(list), None) => list.all().map_err(Fault::Store)?,
            (None, _) => Vec::new(),
        };
        self.check_budget(slot)?;
        let stored: Vec<Cow<'_, Value>> = match self.slots.get(slot).map(|slot| &slot.state) {
            Some(HeldValue::List(list)) => {
                let chosen: Result<_, _> = chosen.iter().filter_map(|at| list.get(*at).transpose()).collect();
                chosen.map_err(Fault::Store)?
            }
            Some(HeldValue::Single(single)) => {
                let now = single.now().into_iter().filter(|now| filter.is_none_or(|filter| filter.matches(now)));
                now.map(Cow::Borrowed).collect()
            }
            None => Vec::new(),
        };
        let stored: Vec<&Value> = stored.iter().map(Cow::as_ref).collect();
        let is_same = match (attr.sub, op) {
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
            (None, _) if attr.attribute.multi_valued => {
                let given = diff::elements(Some(value));
                given.is_empty() == stored.is_empty() && holds_all(attr.attribute, stored, given)
            }
            (None, _) => holds_already(stored.first().copied(), value),
        };
        if is_same {
            return Ok(());
        }
        refuse(ScimType::Mutability, attr, "is readOnly: only the provider sets it")
    }

    /// Complex values that were set must have their required sub-attributes.
    fn check_required_subs(&mut self) -> Applied<(), S> {
        let is_required = |sub: &Attribute| sub.required && sub.mutability != Mutability::ReadOnly;
        for slot in self.slots.iter().filter(|slot| slot.attr.attribute.sub_attributes.iter().any(is_required)) {
            let check = |value: &Value| Coercer::check_required_subs(slot.attr, value);
            let checked = match &slot.state {
                HeldValue::Single(single) if single.is_changed() => {
                    single.now().filter(|now| !is_unassigned(now)).map_or(Ok(()), check)
                }
                HeldValue::Single(_) => Ok(()),
                HeldValue::List(list) => list.touched().into_iter().try_for_each(check),
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
        let Self { store, coercer, slots, unknown, .. } = self;
        let mut changes: Vec<Change> = Vec::with_capacity(slots.len() + unknown.len());
        let mut emptied = Vec::new();
        for slot in slots {
            let extension = slot.attr.extension;
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
        Ok(Outcome { changed: !changes.is_empty(), changes, repairs: coercer.repairs })
    }
}

impl<'a, S: Store> Transaction<'a, '_, S> {
    fn step(&mut self, operation: &'a Operation, step: &'a Step) -> Applied<(), S> {
        step.repairs.iter().for_each(|repair| self.coercer.repeat(repair));
        let resource_type = self.coercer.resource_type;
        let extension = |at: Option<usize>| at.and_then(|at| resource_type.extensions().nth(at));
        match &step.action {
            Action::Attribute(on) => {
                let OnAttribute { attr, brackets, given } = &**on;
                let Some(attr) = attr.find(resource_type) else { return Ok(()) };
                let filter = brackets.as_ref().map(|brackets| ElementFilter::new(brackets, attr.attribute));
                self.attribute(OperandOf { operation, given }, attr, filter)
            }
            Action::ClearExtension(at) => extension(Some(*at)).map_or(Ok(()), |schema| self.clear_extension(schema)),
            Action::UnknownMember { key, value, extension: at } => self.unknown_member(key, value, extension(*at)),
            Action::Refuse(refusal) => Err(Refusal::clone(refusal).into()),
        }
    }

    fn unknown_member(&mut self, key: &str, value: &Value, within: Option<&'a Schema>) -> Applied<(), S> {
        let path = within.map_or_else(|| key.to_owned(), |schema| format!("{}:{key}", schema.id));
        if self.options().unknown == UnknownMembers::Reject {
            let name = self.coercer.resource_type.name();
            return refuse(ScimType::InvalidPath, path, format!("is not defined by any schema of `{name}`"));
        }
        let value = self.coercer.unknown(&path, value)?;
        if self.options().unknown != UnknownMembers::Keep {
            return Ok(());
        }
        let same = |slot: &&mut KeptMember<'_>| {
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
        self.unknown.push(KeptMember { extension: within, name: key.to_owned(), old, now: value });
        Ok(())
    }

    fn attribute(
        &mut self,
        value: OperandOf<'a>,
        attr: AttrRef<'a>,
        filter: Option<ElementFilter<'a>>,
    ) -> Applied<(), S> {
        let slot = self.slot(attr)?;
        if attr.attribute.mutability == Mutability::ReadOnly || attr.leaf().mutability == Mutability::ReadOnly {
            return self.read_only(value.operation.op, attr, filter.as_ref(), slot, value.raw());
        }
        let is_schemas = attr.extension.is_none() && attr.attribute.name == "schemas";
        if is_schemas {
            self.adjust_schemas()?;
        }
        let before = if is_schemas { self.urns(slot)? } else { Vec::new() };
        match value.operation.op {
            Op::Remove => self.remove(attr, filter, slot, value)?,
            op => self.write(op, attr, filter, slot, value)?,
        }
        self.check_budget(slot)?;
        if is_schemas { self.follow_schemas(slot, &before) } else { Ok(()) }
    }

    fn clear_extension(&mut self, schema: &'a Schema) -> Applied<(), S> {
        for attribute in &schema.attributes {
            let attr = AttrRef::new(Some(schema), attribute);
            let slot = self.slot(attr)?;
            if attribute.mutability == Mutability::ReadOnly || self.is_unassigned(slot)? {
                continue;
            }
            self.unassign(attr, slot)?;
        }
        Ok(())
    }
}

impl<L: Elements> Held<'_, L> {
    /// Whether it differs from what was stored.
    fn is_changed(&mut self) -> Result<bool, L::Error> {
        match &mut self.state {
            HeldValue::Single(single) => Ok(single.is_changed()),
            HeldValue::List(list) => list.is_changed(),
        }
    }
}
