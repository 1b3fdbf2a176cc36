//! Operations applied to a resource, in order, all or nothing (P2).

use serde_json::{Map, Value};

use super::error::PatchError;
use super::list::List;
use super::operation::{Op, Operation};
use super::request::Patch;
use super::slot::{Slot, State, check_change, merge, with_sub};
use super::store::{Fault, Store, ValueStore};
use super::target::{ElementFilter, Missing, Target, resolve};
use crate::error::ScimType;
use crate::schema::{Attribute, Mutability, ResourceType, Schema};
use crate::shape::error::Refusal;
use crate::shape::members::{copy_members, doubled_name, is_unassigned, member, set_member};
use crate::shape::place::Place;
use crate::shape::same::{Identity, holds_already, same_option, same_value};
use crate::shape::shaper::{Shaper, Source, is_primary};
use crate::shape::{Change, Options, Outcome, UnknownMembers};
use crate::syntax::PatchPath;

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
        let mut store = ValueStore::new(root, self.options.limits.depth);
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
        let mut applier = Applier {
            store,
            shaper: Shaper::new(resource_type, &self.options, Source::Patch),
            slots: Vec::new(),
            unknown: Vec::new(),
            index: 0,
        };
        applier.shaper.repairs.clone_from(&self.repairs);
        let mut result = Ok(());
        for operation in &self.operations {
            applier.index = operation.index;
            result = applier.operation(operation);
            if result.is_err() {
                break;
            }
        }
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
    slots: Vec<Slot<'a>>,
    unknown: Vec<UnknownSlot<'a>>,
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

impl<'a, S: Store> Applier<'a, '_, S> {
    fn options(&self) -> &'a Options {
        self.shaper.options
    }

    fn operation(&mut self, operation: &Operation) -> Step<(), S> {
        let value = operation.value.as_ref();
        let Some(path) = &operation.path else {
            return match value {
                Some(Value::Object(members)) => self.members(operation, members, None),
                // The request was refused for it already.
                _ => refuse(ScimType::InvalidValue, "", "expected an object as the `value`"),
            };
        };
        match resolve(&mut self.shaper, path, None) {
            Ok(target) => self.run(operation, target, value.unwrap_or(&Value::Null)),
            Err(_) if operation.is_member_operation => {
                let name = self.shaper.resource_type.name();
                refuse(ScimType::InvalidSyntax, "members", format!("`{name}` has no members: expected `Operations`"))
            }
            Err(missing) => Err(Refusal::from(missing).into()),
        }
    }

    /// The members of a path-less value, or of the object of an extension: each one operation (P11).
    fn members(
        &mut self,
        operation: &Operation,
        members: &Map<String, Value>,
        within: Option<&'a Schema>,
    ) -> Step<(), S> {
        if let Some(name) = doubled_name(members) {
            let message = format!("the name `{name}` is given twice, in different case");
            return refuse(ScimType::InvalidSyntax, name, message);
        }
        for (key, value) in members {
            if within.is_none() {
                if let Some(extension) = self.shaper.extension_key(key)? {
                    self.run(operation, Target::Extension(extension), value)?;
                    continue;
                }
                if let Value::Object(inner) = value
                    && self.shaper.is_core_key(key)?
                {
                    self.members(operation, inner, None)?;
                    continue;
                }
            }
            let options = self.options();
            let path = match PatchPath::parse_with(key, &options.limits, &options.tolerance) {
                Ok(path) => path,
                Err(error) if key.contains('[') => return refuse(ScimType::InvalidPath, key, error.to_string()),
                Err(_) => {
                    self.unknown_member(key, value, within)?;
                    continue;
                }
            };
            match resolve(&mut self.shaper, &path, within) {
                Ok(target) => self.run(operation, target, value)?,
                Err(Missing::Refused(refusal)) => return Err(refusal.into()),
                Err(Missing::Unknown(refusal)) => {
                    if self.options().unknown == UnknownMembers::Reject {
                        return Err(refusal.into());
                    }
                    self.unknown_member(key, value, within)?;
                }
            }
        }
        Ok(())
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
        self.unknown.push(UnknownSlot { extension: within, name: key.to_owned(), old, now: value });
        Ok(())
    }

    fn run(&mut self, operation: &Operation, target: Target<'a>, value: &Value) -> Step<(), S> {
        let (place, filter) = match target {
            Target::Extension(schema) => return self.extension(operation, schema, value),
            Target::Attribute(place, filter) => (place, filter),
        };
        let slot = self.slot(place)?;
        if place.attribute.mutability == Mutability::ReadOnly || place.leaf().mutability == Mutability::ReadOnly {
            return self.read_only(operation, place, filter.as_ref(), slot, value);
        }
        let is_schemas = place.extension.is_none() && place.attribute.name == "schemas";
        let before = if is_schemas { self.urns(slot) } else { Vec::new() };
        match operation.op {
            Op::Remove => self.remove(operation, place, filter, slot, value)?,
            op => self.write(op, place, filter, slot, value)?,
        }
        self.check_budget(slot)?;
        if is_schemas { self.follow_schemas(slot, &before) } else { Ok(()) }
    }

    /// The slot of an attribute; it is taken out of the resource when it is first named.
    fn slot(&mut self, place: Place<'a>) -> Step<usize, S> {
        if let Some(at) = self.slots.iter().position(|slot| slot.place.is_same_attribute(place)) {
            if let Some(slot) = self.slots.get_mut(at) {
                slot.last = self.index;
            }
            return Ok(at);
        }
        let stored = self.store.take(place.whole())?;
        self.slots.push(Slot::new(place, stored, self.index));
        Ok(self.slots.len() - 1)
    }

    fn check_budget(&self, slot: usize) -> Step<(), S> {
        let max = self.options().limits.visited_elements;
        match self.slots.get(slot) {
            Some(Slot { place, state: State::List(list), .. }) if list.visited > max => {
                let message = "the operations look at too many elements; choose them by `eq`";
                refuse(ScimType::TooMany, place, message)
            }
            _ => Ok(()),
        }
    }

    fn list(&mut self, slot: usize) -> Option<&mut List<'a>> {
        match self.slots.get_mut(slot)? {
            Slot { state: State::List(list), .. } => Some(list),
            Slot { state: State::Single { .. }, .. } => None,
        }
    }

    fn now(&self, slot: usize) -> Option<&Value> {
        match self.slots.get(slot)? {
            Slot { state: State::Single { now, .. }, .. } => now.as_ref(),
            Slot { state: State::List(_), .. } => None,
        }
    }

    fn set_now(&mut self, slot: usize, value: Option<Value>) {
        if let Some(Slot { state: State::Single { now, .. }, .. }) = self.slots.get_mut(slot) {
            *now = value;
        }
    }

    fn is_unassigned(&self, slot: usize) -> bool {
        self.slots.get(slot).is_none_or(Slot::is_unassigned)
    }

    /// An operation on a readOnly attribute: accepted if it says what is stored (P12).
    fn read_only(
        &mut self,
        operation: &Operation,
        place: Place<'a>,
        filter: Option<&ElementFilter<'a>>,
        slot: usize,
        value: &Value,
    ) -> Step<(), S> {
        let stored = match self.slots.get(slot).map(|slot| &slot.state) {
            Some(State::List(list)) => Some(Value::Array(list.iter().map(|(_, element)| element.clone()).collect())),
            Some(State::Single { now, .. }) => now.clone(),
            None => None,
        };
        let is_same = if let Some(sub) = place.sub {
            let holders: Vec<&Value> = match &stored {
                Some(Value::Array(elements)) => {
                    elements.iter().filter(|element| filter.is_none_or(|filter| filter.matches(element))).collect()
                }
                other => other.iter().collect(),
            };
            let held = |holder: &&Value| holder.as_object().and_then(|members| member(members, &sub.name)).cloned();
            match operation.op {
                Op::Remove => holders.iter().all(|holder| held(holder).is_none_or(|value| is_unassigned(&value))),
                _ if is_unassigned(value) && holders.is_empty() => true,
                _ => !holders.is_empty() && holders.iter().all(|holder| same_option(held(holder).as_ref(), Some(value))),
            }
        } else if operation.op == Op::Remove {
            stored.as_ref().is_none_or(is_unassigned)
        } else {
            filter.is_none() && holds_already(stored.as_ref(), value)
        };
        if is_same {
            return Ok(());
        }
        refuse(ScimType::Mutability, place, "is readOnly: only the provider sets it")
    }

    fn extension(&mut self, operation: &Operation, schema: &'a Schema, value: &Value) -> Step<(), S> {
        match (operation.op, value) {
            (Op::Remove, _) | (_, Value::Null) => self.clear_extension(schema),
            (_, Value::Object(members)) => self.members(operation, members, Some(schema)),
            _ => refuse(ScimType::InvalidValue, &schema.id, "expected an object of the extension's attributes"),
        }
    }

    fn clear_extension(&mut self, schema: &'a Schema) -> Step<(), S> {
        for attribute in &schema.attributes {
            let place = Place::new(Some(schema), attribute);
            let slot = self.slot(place)?;
            if attribute.mutability == Mutability::ReadOnly || self.is_unassigned(slot) {
                continue;
            }
            self.unassign(place, slot)?;
        }
        Ok(())
    }

    /// Unassigns a whole attribute.
    fn unassign(&mut self, place: Place<'a>, slot: usize) -> Step<(), S> {
        if self.is_unassigned(slot) {
            return Ok(());
        }
        // Any value stands for what is there.
        check_change(place.whole(), Some(&Value::Bool(true)), None)?;
        match self.list(slot) {
            Some(list) => list.clear(),
            None => self.set_now(slot, None),
        }
        Ok(())
    }

    fn remove(
        &mut self,
        operation: &Operation,
        place: Place<'a>,
        filter: Option<ElementFilter<'a>>,
        slot: usize,
        value: &Value,
    ) -> Step<(), S> {
        if place.attribute.multi_valued && place.sub.is_none() && filter.is_none() && !value.is_null() {
            return self.remove_listed(operation, place, slot, value);
        }
        let Some(list) = self.list(slot) else {
            let chosen = filter.is_none_or(|filter| self.now(slot).is_some_and(|now| filter.matches(now)));
            return match place.sub {
                _ if !chosen => Ok(()),
                None => self.unassign(place, slot),
                Some(_) => self.set_single_sub(place, slot, None),
            };
        };
        let chosen = match &filter {
            None if place.sub.is_none() => return self.unassign(place, slot),
            None => list.iter().map(|(at, _)| at).collect(),
            Some(filter) => list.chosen(filter),
        };
        for at in chosen {
            match place.sub {
                None => list.remove(at),
                Some(sub) => {
                    let Some(element) = list.get(at) else { continue };
                    if let Some(new) = with_sub(place, sub, element, None)? {
                        if is_unassigned(&new) { list.remove(at) } else { list.set(at, new) }
                    }
                }
            }
        }
        self.keep_required(place, slot)
    }

    /// A required attribute may not lose its last element.
    fn keep_required(&mut self, place: Place<'a>, slot: usize) -> Step<(), S> {
        if place.attribute.required && self.is_unassigned(slot) {
            return refuse(ScimType::Mutability, place.whole(), "is required and may not become unassigned");
        }
        Ok(())
    }

    /// `remove` with a `value`: the listed elements (P14).
    fn remove_listed(&mut self, operation: &Operation, place: Place<'a>, slot: usize, value: &Value) -> Step<(), S> {
        if !operation.is_member_operation {
            if !self.options().tolerance.remove_by_value {
                let message = "`remove` takes no `value`; choose the elements by a filter in the path";
                return refuse(ScimType::InvalidSyntax, place, message);
            }
            self.shaper.report(place, "remove_by_value", "only the elements listed in `value` were removed");
        }
        self.shaper.source = Source::Removal;
        let elements = self.shaper.elements(place, value);
        self.shaper.source = Source::Patch;
        let elements = elements?;
        let many = elements.len() > 1;
        let Some(list) = self.list(slot) else { return Ok(()) };
        for element in &elements {
            for at in list.identical(element, true, many) {
                list.remove(at);
            }
        }
        self.keep_required(place, slot)
    }

    fn write(
        &mut self,
        op: Op,
        place: Place<'a>,
        filter: Option<ElementFilter<'a>>,
        slot: usize,
        value: &Value,
    ) -> Step<(), S> {
        if place.attribute.multi_valued {
            return match (filter, place.sub) {
                (None, None) => self.write_list(op, place, slot, value),
                (filter, Some(sub)) => self.write_sub_of_elements(op, place, sub, filter, slot, value),
                (Some(filter), None) => self.write_elements(op, place, &filter, slot, value),
            };
        }
        if let Some(filter) = filter
            && !self.now(slot).is_some_and(|now| filter.matches(now))
        {
            return self.write_unmatched_single(op, place, &filter, slot, value);
        }
        match place.sub {
            Some(_) => {
                let shaped = self.shaper.whole(place, value)?;
                let shaped = self.appended(op, place, slot, shaped);
                self.set_single_sub(place, slot, shaped)
            }
            None => self.write_single(place, slot, value),
        }
    }

    fn write_single(&mut self, place: Place<'a>, slot: usize, value: &Value) -> Step<(), S> {
        let shaped = self.shaper.whole(place, value)?;
        let Some(new) = shaped else {
            // An object with nothing in it sets nothing; `null` and what stands for it unassigns (P9).
            return if value.is_object() { Ok(()) } else { self.unassign(place, slot) };
        };
        match (self.now(slot), new) {
            (Some(Value::Object(now)), Value::Object(given)) if place.attribute.is_complex() => {
                let mut merged = now.clone();
                if merge(place, &mut merged, &given)? {
                    check_change(place, Some(&Value::Object(now.clone())), Some(&Value::Object(merged.clone())))?;
                    self.set_now(slot, Some(Value::Object(merged)));
                }
                Ok(())
            }
            (now, new) => {
                if !same_option(now, Some(&new)) {
                    check_change(place, now, Some(&new))?;
                    self.set_now(slot, Some(new));
                }
                Ok(())
            }
        }
    }

    /// `add` to a multi-valued sub-attribute of a single-valued attribute appends.
    fn appended(&self, op: Op, place: Place<'a>, slot: usize, shaped: Option<Value>) -> Option<Value> {
        let (Op::Add, Some(sub), Some(Value::Array(new))) = (op, place.sub, &shaped) else { return shaped };
        let held = self.now(slot).and_then(Value::as_object).and_then(|members| member(members, &sub.name));
        let Some(Value::Array(held)) = held else { return shaped };
        let mut all = held.clone();
        for element in new {
            if !all.iter().any(|other| same_value(other, element)) {
                all.push(element.clone());
            }
        }
        Some(Value::Array(all))
    }

    /// Sets or unassigns a sub-attribute of a single-valued complex attribute.
    fn set_single_sub(&mut self, place: Place<'a>, slot: usize, value: Option<Value>) -> Step<(), S> {
        let empty = Value::Object(Map::new());
        let object = self.now(slot).unwrap_or(&empty);
        let Some(new) = with_sub(place, place.leaf(), object, value.as_ref())? else { return Ok(()) };
        check_change(place.whole(), self.now(slot), Some(&new))?;
        self.set_now(slot, Some(new));
        Ok(())
    }

    /// `add name[familyName eq "x"].givenName` and the like where the one value is another, or there is none.
    fn write_unmatched_single(
        &mut self,
        op: Op,
        place: Place<'a>,
        filter: &ElementFilter<'a>,
        slot: usize,
        value: &Value,
    ) -> Step<(), S> {
        if op == Op::Add && self.is_unassigned(slot) {
            let element = self.from_template(place, filter, value)?;
            self.set_now(slot, Some(element));
            return Ok(());
        }
        refuse(ScimType::NoTarget, place, "no value matches the filter in the path")
    }

    /// `add` and `replace` of a whole multi-valued attribute.
    fn write_list(&mut self, op: Op, place: Place<'a>, slot: usize, value: &Value) -> Step<(), S> {
        let mut elements = self.shaper.elements(place, value)?;
        if elements.is_empty() {
            // `null` and `[]` unassign (P9); an object or a list of objects with nothing in them sets nothing.
            let says_nothing = match value {
                Value::Object(_) => true,
                Value::Array(list) => list.iter().any(|element| !element.is_null()),
                _ => false,
            };
            return if says_nothing && op == Op::Add { Ok(()) } else { self.unassign(place, slot) };
        }
        let has_primary = self.shaper.one_primary(place, &mut elements)?;
        if op == Op::Replace {
            let elements = self.merge_repeated(place, elements);
            return self.replace_list(place, slot, elements);
        }
        let many = elements.len() > 1;
        let mut primary_at = None;
        for element in elements {
            let is_new_primary = has_primary && is_primary(&element);
            let at = self.add_element(place, slot, element, many)?;
            if is_new_primary {
                primary_at = Some(at);
            }
        }
        self.only_primary(place, slot, primary_at);
        Ok(())
    }

    /// Appends an element, or sets what it says on the one that is there already (P5). Says where it is.
    fn add_element(&mut self, place: Place<'a>, slot: usize, element: Value, many: bool) -> Step<usize, S> {
        let Some(list) = self.list(slot) else { return Ok(0) };
        let Some(at) = list.identical(&element, false, many).first().copied() else {
            return Ok(list.push(element));
        };
        if let (Some(Value::Object(held)), Value::Object(given)) = (list.get(at), &element) {
            let mut merged = held.clone();
            if merge(place, &mut merged, given)? {
                list.set(at, Value::Object(merged));
            }
        }
        Ok(at)
    }

    /// Elements of one list that are the same one are one.
    fn merge_repeated(&mut self, place: Place<'a>, elements: Vec<Value>) -> Vec<Value> {
        let mut list = List::new(place, None);
        for element in elements {
            let found = list.identical(&element, false, true).first().copied();
            match found.and_then(|at| Some((at, list.get(at)?.clone()))) {
                Some((at, Value::Object(mut held))) => {
                    for (name, value) in element.as_object().into_iter().flatten() {
                        set_member(&mut held, name, value.clone());
                    }
                    list.set(at, Value::Object(held));
                }
                Some(_) => {}
                None => {
                    list.push(element);
                }
            }
        }
        list.iter().map(|(_, element)| element.clone()).collect()
    }

    /// Replaces the whole list; elements that are the same ones keep what only the provider sets (D12).
    fn replace_list(&mut self, place: Place<'a>, slot: usize, mut elements: Vec<Value>) -> Step<(), S> {
        let subs = &place.attribute.sub_attributes;
        let read_only: Vec<&Attribute> = subs.iter().filter(|sub| sub.mutability == Mutability::ReadOnly).collect();
        let Some(list) = self.list(slot) else { return Ok(()) };
        if !read_only.is_empty() {
            for element in &mut elements {
                let held = list.identical(element, false, true).first().and_then(|at| list.get(*at)).cloned();
                if let (Some(Value::Object(held)), Value::Object(element)) = (held, element) {
                    copy_members(&held, element, &read_only);
                }
            }
        }
        check_immutable_list(place, list, &elements)?;
        list.replace(elements);
        Ok(())
    }

    /// `add` and `replace` of `attr.sub` and `attr[filter].sub`.
    fn write_sub_of_elements(
        &mut self,
        op: Op,
        place: Place<'a>,
        sub: &'a Attribute,
        filter: Option<ElementFilter<'a>>,
        slot: usize,
        value: &Value,
    ) -> Step<(), S> {
        let shaped = self.shaper.whole(place, value)?;
        let Some(list) = self.list(slot) else { return Ok(()) };
        let chosen = match &filter {
            Some(filter) => list.chosen(filter),
            None => list.iter().map(|(at, _)| at).collect(),
        };
        if chosen.is_empty() {
            return match filter {
                Some(filter) if op == Op::Add => {
                    let Some(shaped) = shaped else { return Ok(()) };
                    let value = Value::Object(Map::from_iter([(sub.name.clone(), shaped)]));
                    self.create_element(place, &filter, slot, &value)
                }
                Some(_) => refuse(ScimType::NoTarget, place, "no element matches the filter in the path"),
                None => refuse(ScimType::NoTarget, place, "there is no element to set this on"),
            };
        }
        let sets_primary = sub.name == "primary" && shaped == Some(Value::Bool(true));
        if sets_primary && chosen.len() > 1 {
            return refuse(ScimType::InvalidValue, place, "is true on more than one element");
        }
        for at in &chosen {
            let Some(element) = list.get(*at) else { continue };
            if let Some(new) = with_sub(place, sub, element, shaped.as_ref())? {
                if is_unassigned(&new) { list.remove(*at) } else { list.set(*at, new) }
            }
        }
        if sets_primary {
            self.only_primary(place, slot, chosen.first().copied());
        }
        self.keep_required(place, slot)
    }

    /// `add` and `replace` of `attr[filter]`.
    fn write_elements(
        &mut self,
        op: Op,
        place: Place<'a>,
        filter: &ElementFilter<'a>,
        slot: usize,
        value: &Value,
    ) -> Step<(), S> {
        let Some(list) = self.list(slot) else { return Ok(()) };
        let chosen = list.chosen(filter);
        if chosen.is_empty() {
            if op == Op::Add {
                return self.create_element(place, filter, slot, value);
            }
            return refuse(ScimType::NoTarget, place, "no element matches the filter in the path");
        }
        let Some(shaped) = self.one_element(place, value)? else {
            // `null` unassigns what was chosen.
            let Some(list) = self.list(slot) else { return Ok(()) };
            if op == Op::Replace || value.is_null() {
                chosen.iter().for_each(|at| list.remove(*at));
            }
            return self.keep_required(place, slot);
        };
        let sets_primary = is_primary(&shaped);
        if sets_primary && chosen.len() > 1 {
            return refuse(ScimType::InvalidValue, place, "`primary` would be true on more than one element");
        }
        let subs = &place.attribute.sub_attributes;
        let read_only: Vec<&Attribute> = subs.iter().filter(|sub| sub.mutability == Mutability::ReadOnly).collect();
        let identity = Identity::of(place.attribute);
        let Some(list) = self.list(slot) else { return Ok(()) };
        for at in &chosen {
            let Some(held) = list.get(*at) else { continue };
            let mut new = shaped.clone();
            if let (Value::Object(held_members), Value::Object(given)) = (held, &mut new) {
                if op == Op::Add {
                    let mut merged = held_members.clone();
                    merge(place, &mut merged, given)?;
                    *given = merged;
                } else if identity.is_same(held, &shaped, false) {
                    copy_members(held_members, given, &read_only);
                }
            }
            if !same_value(held, &new) {
                list.set(*at, new);
            }
        }
        if sets_primary {
            self.only_primary(place, slot, chosen.first().copied());
        }
        Ok(())
    }

    /// The one element that a value for a chosen element stands for.
    fn one_element(&mut self, place: Place<'a>, value: &Value) -> Step<Option<Value>, S> {
        if let Value::Array(elements) = value {
            let &[only] = &elements.as_slice() else {
                let message = format!("expected one element, found a list of {}", elements.len());
                return refuse(ScimType::InvalidValue, place, message);
            };
            if !self.options().tolerance.list_for_single {
                return refuse(ScimType::InvalidValue, place, "expected one element, found a list");
            }
            self.shaper.report(place, "list_for_single", "a list of one was given where a single value is due");
            return Ok(self.shaper.element(place.whole(), only)?);
        }
        Ok(self.shaper.element(place.whole(), value)?)
    }

    /// Makes the element that a filter of equalities describes (P8).
    fn create_element(
        &mut self,
        place: Place<'a>,
        filter: &ElementFilter<'a>,
        slot: usize,
        value: &Value,
    ) -> Step<(), S> {
        let element = self.from_template(place, filter, value)?;
        let becomes_primary = is_primary(&element);
        let Some(list) = self.list(slot) else { return Ok(()) };
        let at = list.push(element);
        if becomes_primary {
            self.only_primary(place, slot, Some(at));
        }
        Ok(())
    }

    fn from_template(&mut self, place: Place<'a>, filter: &ElementFilter<'a>, value: &Value) -> Step<Value, S> {
        let no_target = |message: &str| refuse(ScimType::NoTarget, place, message);
        if !filter.is_template {
            return no_target("no element matches the filter in the path, and none can be made from it");
        }
        let place = place.whole();
        let mut template = Map::new();
        for (sub, literal) in &filter.equalities {
            let Some(sub) = sub else { continue };
            let is_given_twice = member(&template, &sub.name).is_some_and(|other| !same_value(other, literal));
            if sub.mutability == Mutability::ReadOnly || is_given_twice {
                return no_target("no element matches the filter in the path, and none can be made from it");
            }
            template.insert(sub.name.clone(), literal.clone());
        }
        let given = self.one_element(place, value)?;
        let element = match given {
            Some(Value::Object(given)) => {
                for (name, value) in given {
                    set_member(&mut template, &name, value);
                }
                Value::Object(template)
            }
            Some(simple) => simple,
            None if template.is_empty() => return no_target("there is nothing to make an element from"),
            None => Value::Object(template),
        };
        if !filter.matches(&element) {
            let message = "the value contradicts the filter in the path";
            return refuse(ScimType::InvalidValue, place, message);
        }
        Ok(element)
    }

    /// Turns every other `primary: true` into `false` (P10).
    fn only_primary(&mut self, place: Place<'a>, slot: usize, at: Option<usize>) {
        let (Some(at), Some(primary)) = (at, place.attribute.sub_attribute("primary")) else { return };
        let Some(list) = self.list(slot) else { return };
        for other in list.primaries(primary) {
            let Some(Value::Object(members)) = list.get(other).filter(|_| other != at) else { continue };
            let mut members = members.clone();
            set_member(&mut members, &primary.name, Value::Bool(false));
            list.set(other, Value::Object(members));
        }
    }

    /// The URNs in `schemas`.
    fn urns(&mut self, slot: usize) -> Vec<String> {
        let list = self.list(slot);
        let urns = list.into_iter().flat_map(|list| list.iter().filter_map(|(_, urn)| urn.as_str().map(str::to_owned)));
        urns.collect()
    }

    /// What a change of `schemas` means (P15, D16).
    fn follow_schemas(&mut self, slot: usize, before: &[String]) -> Step<(), S> {
        let after = self.urns(slot);
        let lacks = |urns: &[String], urn: &str| !urns.iter().any(|other| other.eq_ignore_ascii_case(urn));
        let resource_type = self.shaper.resource_type;
        for urn in before.iter().filter(|urn| lacks(&after, urn)) {
            if resource_type.is_core_urn(urn) {
                return refuse(ScimType::Mutability, "schemas", "the URN of the resource type cannot be removed");
            }
            if let Some(extension) = resource_type.extension(urn) {
                self.clear_extension(extension)?;
            }
        }
        for urn in after.iter().filter(|urn| lacks(before, urn)) {
            let is_known = resource_type.is_core_urn(urn) || resource_type.extension(urn).is_some();
            if is_known || self.shaper.unknown("schemas", &Value::String(urn.clone()))?.is_some() {
                continue;
            }
            let Some(list) = self.list(slot) else { continue };
            let found = list.iter().find(|(_, other)| other.as_str() == Some(urn)).map(|(at, _)| at);
            found.into_iter().for_each(|at| list.remove(at));
        }
        Ok(())
    }

    /// Adds the URNs of extensions that have attributes now, and takes away those of extensions that lost their last (P15).
    fn adjust_schemas(&mut self) -> Step<(), S> {
        for extension in self.shaper.resource_type.extensions() {
            let of_extension = |slot: &&Slot<'a>| slot.place.extension.is_some_and(|other| std::ptr::eq(other, extension));
            let slots: Vec<&Slot<'a>> = self.slots.iter().filter(of_extension).collect();
            let kept: Vec<_> = self
                .unknown
                .iter()
                .filter(|unknown| unknown.extension.is_some_and(|other| std::ptr::eq(other, extension)))
                .collect();
            if slots.is_empty() && kept.is_empty() {
                continue;
            }
            let was_touched = slots.iter().any(|slot| slot.is_changed())
                || kept.iter().any(|unknown| !same_option(unknown.old.as_ref(), unknown.now.as_ref()));
            if !was_touched {
                continue;
            }
            let taken: Vec<&Attribute> = slots.iter().map(|slot| slot.place.attribute).collect();
            let is_assigned = slots.iter().any(|slot| !slot.is_unassigned())
                || kept.iter().any(|unknown| unknown.now.is_some())
                || self.store.has_others(extension, &taken).map_err(Fault::Store)?;
            self.set_urn(extension, is_assigned)?;
        }
        Ok(())
    }

    fn set_urn(&mut self, extension: &'a Schema, is_assigned: bool) -> Step<(), S> {
        let resource_type = self.shaper.resource_type;
        let Some(schemas) = resource_type.attribute("schemas") else { return Ok(()) };
        let slot = self.slot(Place::new(None, schemas))?;
        let Some(list) = self.list(slot) else { return Ok(()) };
        let is_urn = |value: &Value| value.as_str().is_some_and(|urn| urn.eq_ignore_ascii_case(&extension.id));
        let listed: Vec<usize> = list.iter().filter(|(_, urn)| is_urn(urn)).map(|(at, _)| at).collect();
        if !is_assigned {
            listed.into_iter().for_each(|at| list.remove(at));
        } else if listed.is_empty() {
            if list.is_empty() {
                list.push(resource_type.schema().id.clone().into());
            }
            list.push(extension.id.clone().into());
        }
        Ok(())
    }

    /// Complex values that were set must have their required sub-attributes.
    fn check_required_subs(&mut self) -> Step<(), S> {
        for slot in &self.slots {
            let check = |value: &Value| self.shaper.check_required_subs(slot.place, value);
            let checked = match &slot.state {
                State::Single { old, now: Some(now) } if !same_option(old.as_ref(), Some(now)) && !is_unassigned(now) => {
                    check(now)
                }
                State::Single { .. } => Ok(()),
                State::List(list) => {
                    list.touched().into_iter().filter_map(|at| list.get(at)).try_for_each(check)
                }
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
            let (place, value) = slot.undo();
            self.store.undo(place, value);
        }
        for unknown in self.unknown {
            // It was taken from where it was.
            let _ = self.store.put_unknown(unknown.extension, &unknown.name, unknown.old);
        }
    }

    fn commit(self) -> Result<Outcome, S::Error> {
        let Self { store, shaper, slots, unknown, .. } = self;
        let mut changes: Vec<Change> = Vec::new();
        let mut emptied = Vec::new();
        for slot in slots {
            match slot.finish() {
                (place, Err(stored)) => store.undo(place, stored),
                (place, Ok((value, slot_changes))) => {
                    let extension = place.extension.filter(|_| value.is_none());
                    emptied.extend(extension);
                    store.put(place, value)?;
                    changes.extend(slot_changes);
                }
            }
        }
        for slot in unknown {
            let path = slot.extension.map_or_else(|| slot.name.clone(), |schema| format!("{}:{}", schema.id, slot.name));
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

/// An immutable list may only be replaced by the same one.
fn check_immutable_list(place: Place<'_>, list: &List<'_>, new: &[Value]) -> Result<(), Refusal> {
    if place.attribute.mutability != Mutability::Immutable || list.is_empty() {
        return Ok(());
    }
    let old: Vec<Value> = list.iter().map(|(_, element)| element.clone()).collect();
    if crate::shape::diff::list(place, &old, new).is_empty() {
        return Ok(());
    }
    Err(Refusal::new(ScimType::Mutability, place, "is immutable: it may be set once and not be changed"))
}

impl Slot<'_> {
    /// Whether it differs from what was stored; a list that was touched counts as different.
    fn is_changed(&self) -> bool {
        match &self.state {
            State::Single { old, now } => !same_option(old.as_ref(), now.as_ref()),
            State::List(list) => list.is_touched(),
        }
    }
}
