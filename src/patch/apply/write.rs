//! `add` and `replace` (P5, P6, P8, P9, P10).

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::{Applied, Transaction, refuse};
use crate::coerce::coercer::{Coercer, is_primary};
use crate::coerce::members::{copy_members, member, set_member};
use crate::coerce::refusal::Refusal;
use crate::coerce::same::{Identity, same_option, same_value};
use crate::error::ScimType;
use crate::patch::attribute::list::List;
use crate::patch::attribute::single::Single;
use crate::patch::attribute::{check_change, merge, set_sub};
use crate::patch::operation::Op;
use crate::patch::program::OperandOf;
use crate::patch::resolve::ElementFilter;
use crate::patch::store::{Elements, Fault, Store};
use crate::schema::AttrRef;
use crate::schema::{Attribute, Mutability};

impl<'a, S: Store> Transaction<'a, '_, S> {
    pub(super) fn write(
        &mut self,
        op: Op,
        place: AttrRef<'a>,
        filter: Option<ElementFilter<'a>>,
        slot: usize,
        value: OperandOf<'a>,
    ) -> Applied<(), S> {
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
                let shaped = value.one(&mut self.coercer, place)?;
                let shaped = self.appended(op, place, slot, shaped);
                self.set_single_sub(place, slot, shaped.as_deref())
            }
            None => self.write_single(place, slot, value),
        }
    }

    pub(super) fn write_single(&mut self, place: AttrRef<'a>, slot: usize, value: OperandOf<'a>) -> Applied<(), S> {
        let Some(new) = value.one(&mut self.coercer, place)? else {
            // An object with nothing in it sets nothing; `null` and what stands for it unassigns (P9).
            return if value.given.is_object { Ok(()) } else { self.unassign(place, slot) };
        };
        match (self.now(slot), &*new) {
            (Some(Value::Object(_)), Value::Object(given)) if place.attribute.is_complex() => {
                self.edit_now(place, slot, |now| now.merge(place, given))
            }
            (now, is) => {
                if !same_option(now, Some(is)) {
                    check_change(place, now, Some(is))?;
                    self.set_now(slot, Some(new.into_owned()));
                }
                Ok(())
            }
        }
    }

    /// `add` to a multi-valued sub-attribute of a single-valued attribute appends.
    pub(super) fn appended<'v>(
        &self,
        op: Op,
        place: AttrRef<'a>,
        slot: usize,
        shaped: Option<Cow<'v, Value>>,
    ) -> Option<Cow<'v, Value>> {
        let (Op::Add, Some(sub), Some(Value::Array(new))) = (op, place.sub, shaped.as_deref()) else { return shaped };
        let held = self.now(slot).and_then(Value::as_object).and_then(|members| member(members, &sub.name));
        let Some(Value::Array(held)) = held else { return shaped };
        let mut all = held.clone();
        for element in new {
            if !all.iter().any(|other| same_value(other, element)) {
                all.push(element.clone());
            }
        }
        Some(Cow::Owned(Value::Array(all)))
    }

    /// Sets or unassigns a sub-attribute of a single-valued complex attribute.
    pub(super) fn set_single_sub(&mut self, place: AttrRef<'a>, slot: usize, value: Option<&Value>) -> Applied<(), S> {
        self.edit_now(place, slot, |now| now.set_sub(place, place.leaf(), value))
    }

    /// Changes the value of a single-valued complex attribute in place; `f` says whether it did.
    fn edit_now(
        &mut self,
        place: AttrRef<'a>,
        slot: usize,
        f: impl FnOnce(&mut Single<'a>) -> Result<bool, Refusal>,
    ) -> Applied<(), S> {
        let was_unassigned = self.is_unassigned(slot)?;
        let Some(now) = self.single(slot) else { return Ok(()) };
        if !f(now)? {
            return Ok(());
        }
        if place.attribute.mutability == Mutability::Immutable && !was_unassigned {
            return refuse(ScimType::Mutability, place.whole(), "is immutable: it may be set once and not be changed");
        }
        if let Some(now) = self.single(slot)
            && now.is_unassigned()
        {
            now.set(None);
        }
        self.keep_required(place, slot)
    }

    /// `add name[familyName eq "x"].givenName` and the like where the one value is another, or there is none.
    pub(super) fn write_unmatched_single(
        &mut self,
        op: Op,
        place: AttrRef<'a>,
        filter: &ElementFilter<'a>,
        slot: usize,
        value: OperandOf<'a>,
    ) -> Applied<(), S> {
        if op == Op::Add && self.is_unassigned(slot)? {
            let given = |coercer: &mut Coercer<'a>| coercer.one_element(place.whole(), value.raw());
            let element = self.made_from(place, filter, given)?;
            self.set_now(slot, Some(element));
            return Ok(());
        }
        refuse(ScimType::NoTarget, place, "no value matches the filter in the path")
    }

    /// `add` and `replace` of a whole multi-valued attribute.
    pub(super) fn write_list(
        &mut self,
        op: Op,
        place: AttrRef<'a>,
        slot: usize,
        value: OperandOf<'a>,
    ) -> Applied<(), S> {
        let (elements, has_primary) = value.elements(&mut self.coercer, place)?;
        if elements.is_empty() {
            // `null` and `[]` unassign (P9); an object or a list of objects with nothing in them sets nothing.
            return if op == Op::Add && value.given.says_nothing { Ok(()) } else { self.unassign(place, slot) };
        }
        if op == Op::Replace {
            return self.replace_list(place, slot, elements.into_owned());
        }
        let many = elements.len() > 1;
        let mut primary_at = None;
        let mut add = |element: Cow<'_, Value>| -> Applied<(), S> {
            let is_new_primary = has_primary && is_primary(&element);
            let at = self.add_element(place, slot, element, many)?;
            if is_new_primary {
                primary_at = Some(at);
            }
            Ok(())
        };
        match elements {
            Cow::Borrowed(elements) => elements.iter().map(Cow::Borrowed).try_for_each(&mut add),
            Cow::Owned(elements) => elements.into_iter().map(Cow::Owned).try_for_each(&mut add),
        }?;
        self.only_primary(place, slot, primary_at)
    }

    /// Appends an element, or sets what it says on the one that is there already (P5). Says where it is.
    pub(super) fn add_element(
        &mut self,
        place: AttrRef<'a>,
        slot: usize,
        element: Cow<'_, Value>,
        many: bool,
    ) -> Applied<usize, S> {
        let Some(list) = self.list(slot) else { return Ok(0) };
        let Some(at) = list.identical(&element, many).map_err(Fault::Store)? else {
            return Ok(list.push(element.into_owned()));
        };
        list.edit(at, |held| match (held, &*element) {
            (Value::Object(held), Value::Object(given)) => merge(place, held, given),
            _ => Ok(false),
        })?;
        Ok(at)
    }

    /// Replaces the whole list; elements that are the same ones keep what only the provider sets (D12).
    pub(super) fn replace_list(&mut self, place: AttrRef<'a>, slot: usize, mut elements: Vec<Value>) -> Applied<(), S> {
        let subs = &place.attribute.sub_attributes;
        let read_only: Vec<&Attribute> = subs.iter().filter(|sub| sub.mutability == Mutability::ReadOnly).collect();
        let Some(list) = self.list(slot) else { return Ok(()) };
        if !read_only.is_empty() {
            for element in &mut elements {
                let Some(at) = list.identical(element, true).map_err(Fault::Store)? else { continue };
                let held = list.get(at).map_err(Fault::Store)?;
                if let (Some(Value::Object(held)), Value::Object(element)) = (held.as_deref(), element) {
                    copy_members(held, element, &read_only);
                }
            }
        }
        check_immutable_list(place, list, &elements)?;
        list.replace(elements).map_err(Fault::Store)
    }

    /// `add` and `replace` of `attr.sub` and `attr[filter].sub`.
    pub(super) fn write_sub_of_elements(
        &mut self,
        op: Op,
        place: AttrRef<'a>,
        sub: &'a Attribute,
        filter: Option<ElementFilter<'a>>,
        slot: usize,
        value: OperandOf<'a>,
    ) -> Applied<(), S> {
        let shaped = value.one(&mut self.coercer, place)?;
        let Some(list) = self.list(slot) else { return Ok(()) };
        let chosen = match &filter {
            Some(filter) => list.chosen(filter),
            None => list.all(),
        };
        let chosen = chosen.map_err(Fault::Store)?;
        if chosen.is_empty() {
            return match filter {
                Some(filter) if op == Op::Add => {
                    let Some(shaped) = shaped else { return Ok(()) };
                    let value = Value::Object(Map::from_iter([(sub.name.clone(), shaped.into_owned())]));
                    self.create_element(place, &filter, slot, |coercer| coercer.one_element(place.whole(), &value))
                }
                Some(_) => refuse(ScimType::NoTarget, place, "no element matches the filter in the path"),
                None => refuse(ScimType::NoTarget, place, "there is no element to set this on"),
            };
        }
        let sets_primary = sub.name == "primary" && shaped.as_deref() == Some(&Value::Bool(true));
        if sets_primary && chosen.len() > 1 {
            return refuse(ScimType::InvalidValue, place, "is true on more than one element");
        }
        for at in &chosen {
            list.edit(*at, |element| set_sub(place, sub, element, shaped.as_deref()))?;
        }
        if sets_primary {
            self.only_primary(place, slot, chosen.first().copied())?;
        }
        self.keep_required(place, slot)
    }

    /// `add` and `replace` of `attr[filter]`.
    pub(super) fn write_elements(
        &mut self,
        op: Op,
        place: AttrRef<'a>,
        filter: &ElementFilter<'a>,
        slot: usize,
        value: OperandOf<'a>,
    ) -> Applied<(), S> {
        let Some(list) = self.list(slot) else { return Ok(()) };
        let chosen = list.chosen(filter).map_err(Fault::Store)?;
        if chosen.is_empty() {
            if op == Op::Add {
                // What is not there is unassigned already (P9).
                if value.given.is_null {
                    return Ok(());
                }
                let given = |coercer: &mut Coercer<'a>| Ok(value.one(coercer, place)?.map(Cow::into_owned));
                return self.create_element(place, filter, slot, given);
            }
            return refuse(ScimType::NoTarget, place, "no element matches the filter in the path");
        }
        let Some(shaped) = value.one(&mut self.coercer, place)? else {
            // `null` unassigns what was chosen.
            let Some(list) = self.list(slot) else { return Ok(()) };
            if op == Op::Replace || value.given.is_null {
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
                let mut new = Value::clone(&shaped);
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
            self.only_primary(place, slot, chosen.first().copied())?;
        }
        Ok(())
    }

    /// Makes the element that a filter of equalities describes (P8).
    pub(super) fn create_element(
        &mut self,
        place: AttrRef<'a>,
        filter: &ElementFilter<'a>,
        slot: usize,
        given: impl FnOnce(&mut Coercer<'a>) -> Result<Option<Value>, Refusal>,
    ) -> Applied<(), S> {
        let element = self.made_from(place, filter, given)?;
        let becomes_primary = is_primary(&element);
        let Some(list) = self.list(slot) else { return Ok(()) };
        let at = list.push(element);
        if becomes_primary {
            self.only_primary(place, slot, Some(at))?;
        }
        Ok(())
    }

    /// `given` makes what was sent fit, once it is asked for.
    pub(super) fn made_from(
        &mut self,
        place: AttrRef<'a>,
        filter: &ElementFilter<'a>,
        given: impl FnOnce(&mut Coercer<'a>) -> Result<Option<Value>, Refusal>,
    ) -> Applied<Value, S> {
        let no_target = |message: &str| refuse(ScimType::NoTarget, place, message);
        if !filter.only_equalities() {
            return no_target("no element matches the filter in the path, and none can be made from it");
        }
        let mut template = Map::new();
        for (sub, literal) in filter.equalities() {
            let Some(sub) = sub else { continue };
            let is_given_twice = member(&template, &sub.name).is_some_and(|other| !same_value(other, literal));
            if sub.mutability == Mutability::ReadOnly || is_given_twice {
                return no_target("no element matches the filter in the path, and none can be made from it");
            }
            template.insert(sub.name.clone(), literal.clone());
        }
        let element = match given(&mut self.coercer)? {
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
    pub(super) fn only_primary(&mut self, place: AttrRef<'a>, slot: usize, at: Option<usize>) -> Applied<(), S> {
        let (Some(at), Some(primary)) = (at, place.attribute.sub_attribute("primary")) else { return Ok(()) };
        let Some(list) = self.list(slot) else { return Ok(()) };
        for other in list.primaries(primary).map_err(Fault::Store)? {
            let item = list.get(other).map_err(Fault::Store)?.filter(|_| other != at);
            let Some(Value::Object(mut members)) = item.map(Cow::into_owned) else { continue };
            set_member(&mut members, &primary.name, Value::Bool(false));
            list.set(other, Value::Object(members));
        }
        Ok(())
    }
}

/// An immutable list may only be replaced by the same one.
fn check_immutable_list<L: Elements>(
    place: AttrRef<'_>,
    list: &List<'_, L>,
    new: &[Value],
) -> Result<(), Fault<L::Error>> {
    if place.attribute.mutability != Mutability::Immutable || list.is_empty().map_err(Fault::Store)? {
        return Ok(());
    }
    let old = list.items().map_err(Fault::Store)?;
    let old: Vec<Value> = old.into_iter().map(|(_, element)| element.into_owned()).collect();
    if crate::coerce::diff::list(place, &old, new).is_empty() {
        return Ok(());
    }
    refuse(ScimType::Mutability, place, "is immutable: it may be set once and not be changed")
}
