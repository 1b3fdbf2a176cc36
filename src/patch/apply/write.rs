//! `add` and `replace` (P5, P6, P8, P9, P10).

use serde_json::{Map, Value};

use super::super::list::List;
use super::super::operation::Op;
use super::super::slot::{check_change, merge, set_sub};
use super::super::store::Store;
use super::super::target::ElementFilter;
use super::{Applier, Step, refuse};
use crate::error::ScimType;
use crate::schema::{Attribute, Mutability};
use crate::shape::error::Refusal;
use crate::shape::members::{copy_members, is_unassigned, member, set_member};
use crate::shape::place::Place;
use crate::shape::same::{Identity, merge_repeated, same_option, same_value};
use crate::shape::shaper::is_primary;

impl<'a, S: Store> Applier<'a, '_, S> {
    pub(super) fn write(
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

    pub(super) fn write_single(&mut self, place: Place<'a>, slot: usize, value: &Value) -> Step<(), S> {
        let shaped = self.shaper.whole(place, value)?;
        let Some(new) = shaped else {
            // An object with nothing in it sets nothing; `null` and what stands for it unassigns (P9).
            return if value.is_object() { Ok(()) } else { self.unassign(place, slot) };
        };
        match (self.now(slot), new) {
            (Some(Value::Object(_)), Value::Object(given)) if place.attribute.is_complex() => {
                self.edit_now(place, slot, |now| match now {
                    Value::Object(now) => merge(place, now, &given),
                    _ => Ok(false),
                })
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
    pub(super) fn appended(&self, op: Op, place: Place<'a>, slot: usize, shaped: Option<Value>) -> Option<Value> {
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
    pub(super) fn set_single_sub(&mut self, place: Place<'a>, slot: usize, value: Option<Value>) -> Step<(), S> {
        self.edit_now(place, slot, |object| set_sub(place, place.leaf(), object, value.as_ref()))
    }

    /// Changes the value of a single-valued complex attribute in place; `f` says whether it did.
    fn edit_now(
        &mut self,
        place: Place<'a>,
        slot: usize,
        f: impl FnOnce(&mut Value) -> Result<bool, Refusal>,
    ) -> Step<(), S> {
        let was_unassigned = self.is_unassigned(slot);
        let Some(now) = self.now_mut(slot) else { return Ok(()) };
        let object = now.get_or_insert_with(|| Value::Object(Map::new()));
        if !f(object)? {
            return Ok(());
        }
        if place.attribute.mutability == Mutability::Immutable && !was_unassigned {
            return refuse(ScimType::Mutability, place.whole(), "is immutable: it may be set once and not be changed");
        }
        if is_unassigned(object) {
            *now = None;
        }
        self.keep_required(place, slot)
    }

    /// `add name[familyName eq "x"].givenName` and the like where the one value is another, or there is none.
    pub(super) fn write_unmatched_single(
        &mut self,
        op: Op,
        place: Place<'a>,
        filter: &ElementFilter<'a>,
        slot: usize,
        value: &Value,
    ) -> Step<(), S> {
        if op == Op::Add && self.is_unassigned(slot) {
            let element = self.made_from(place, filter, value)?;
            self.set_now(slot, Some(element));
            return Ok(());
        }
        refuse(ScimType::NoTarget, place, "no value matches the filter in the path")
    }

    /// `add` and `replace` of a whole multi-valued attribute.
    pub(super) fn write_list(&mut self, op: Op, place: Place<'a>, slot: usize, value: &Value) -> Step<(), S> {
        let mut elements = self.shaper.elements(place, value)?;
        if elements.is_empty() {
            // `null` and `[]` unassign (P9); an object or a list of objects with nothing in them sets nothing.
            return if op == Op::Add && says_nothing(value) { Ok(()) } else { self.unassign(place, slot) };
        }
        let has_primary = self.shaper.one_primary(place, &mut elements)?;
        if op == Op::Replace {
            let elements = merge_repeated(place.attribute, elements);
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
    pub(super) fn add_element(&mut self, place: Place<'a>, slot: usize, element: Value, many: bool) -> Step<usize, S> {
        let Some(list) = self.list(slot) else { return Ok(0) };
        let Some(at) = list.identical(&element, many) else {
            return Ok(list.push(element));
        };
        list.edit(at, |held| match (held, &element) {
            (Value::Object(held), Value::Object(given)) => merge(place, held, given),
            _ => Ok(false),
        })?;
        Ok(at)
    }

    /// Replaces the whole list; elements that are the same ones keep what only the provider sets (D12).
    pub(super) fn replace_list(&mut self, place: Place<'a>, slot: usize, mut elements: Vec<Value>) -> Step<(), S> {
        let subs = &place.attribute.sub_attributes;
        let read_only: Vec<&Attribute> = subs.iter().filter(|sub| sub.mutability == Mutability::ReadOnly).collect();
        let Some(list) = self.list(slot) else { return Ok(()) };
        if !read_only.is_empty() {
            for element in &mut elements {
                let held = list.identical(element, true).and_then(|at| list.get(at)).cloned();
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
    pub(super) fn write_sub_of_elements(
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
            None => list.all(),
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
            list.edit(*at, |element| set_sub(place, sub, element, shaped.as_ref()))?;
        }
        if sets_primary {
            self.only_primary(place, slot, chosen.first().copied());
        }
        self.keep_required(place, slot)
    }

    /// `add` and `replace` of `attr[filter]`.
    pub(super) fn write_elements(
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
                // What is not there is unassigned already (P9).
                if value.is_null() {
                    return Ok(());
                }
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
            list.edit(*at, |held| {
                let mut new = shaped.clone();
                let is_same = identity.is_same(held, &shaped, false);
                match (&mut *held, &mut new) {
                    (Value::Object(held), Value::Object(given)) if op == Op::Add => return merge(place, held, given),
                    (Value::Object(held), Value::Object(given)) if is_same => copy_members(held, given, &read_only),
                    _ => {}
                }
                let is_different = !same_value(held, &new);
                if is_different {
                    *held = new;
                }
                Ok(is_different)
            })?;
        }
        if sets_primary {
            self.only_primary(place, slot, chosen.first().copied());
        }
        Ok(())
    }

    /// The one element that a value for a chosen element stands for.
    pub(super) fn one_element(&mut self, place: Place<'a>, value: &Value) -> Step<Option<Value>, S> {
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
    pub(super) fn create_element(
        &mut self,
        place: Place<'a>,
        filter: &ElementFilter<'a>,
        slot: usize,
        value: &Value,
    ) -> Step<(), S> {
        let element = self.made_from(place, filter, value)?;
        let becomes_primary = is_primary(&element);
        let Some(list) = self.list(slot) else { return Ok(()) };
        let at = list.push(element);
        if becomes_primary {
            self.only_primary(place, slot, Some(at));
        }
        Ok(())
    }

    pub(super) fn made_from(&mut self, place: Place<'a>, filter: &ElementFilter<'a>, value: &Value) -> Step<Value, S> {
        let no_target = |message: &str| refuse(ScimType::NoTarget, place, message);
        if !filter.only_equalities {
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
            return no_target("no element matches the filter in the path, and the value contradicts it");
        }
        Ok(element)
    }

    /// Turns every other `primary: true` into `false` (P10).
    pub(super) fn only_primary(&mut self, place: Place<'a>, slot: usize, at: Option<usize>) {
        let (Some(at), Some(primary)) = (at, place.attribute.sub_attribute("primary")) else { return };
        let Some(list) = self.list(slot) else { return };
        for other in list.primaries(primary) {
            let Some(Value::Object(members)) = list.get(other).filter(|_| other != at) else { continue };
            let mut members = members.clone();
            set_member(&mut members, &primary.name, Value::Bool(false));
            list.set(other, Value::Object(members));
        }
    }
}

/// Whether a value that comes to no element is an object or list of objects with nothing in them.
pub(in crate::patch) fn says_nothing(value: &Value) -> bool {
    match value {
        Value::Object(_) => true,
        Value::Array(list) => list.iter().any(|element| !element.is_null()),
        _ => false,
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
