//! The operations `add` and `replace` on multi-valued attributes (P5, P6, P8, P9, P10).

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::create::{check_new, made_from};
use super::sent::{named, report_sent, taken};
use super::transaction::{Applied, Transaction, refuse};
use super::twins::unite_twins;
use crate::coerce::coercer::{Coercer, is_primary, lacks_value, names_somebody};
use crate::coerce::complex_value::ComplexValue as _;
use crate::coerce::edit::{self, carry, merge, set_sub};
use crate::coerce::equality::same_written;
use crate::coerce::identity::Identity;
use crate::coerce::members::member;
use crate::coerce::refusal::Refusal;
use crate::coerce::request::{EditMode, NamedIn};
use crate::error::ScimType;
use crate::patch::attribute::ListAt;
use crate::patch::attribute::items::HeldElement;
use crate::patch::operation::Op;
use crate::patch::program::OperandOf;
use crate::patch::resolve::ElementFilter;
use crate::patch::store::{StepFailure, Store, weight};
use crate::schema::{AttrRef, Attribute, Mutability};

/// The charge of a copied byte, relative to a byte that is examined. Copies are stored, sent on and read again, so a short
/// request must not make a long resource: a limit of 160 MiB allows 16 MiB of copies.
const COPY: usize = 10;

impl<'a, S: Store> Transaction<'a, '_, S> {
    pub(super) fn write_list(
        &mut self,
        op: Op,
        attr: AttrRef<'a>,
        filter: Option<ElementFilter<'a>>,
        held: ListAt,
        value: OperandOf<'a>,
    ) -> Applied<(), S> {
        match (filter, attr.sub) {
            (None, None) => self.write_all(op, attr, held, value),
            (filter, Some(sub)) => self.write_sub_of_elements(op, attr, sub, filter, held, value),
            (Some(filter), None) => self.write_elements(op, attr, &filter, held, value),
        }
    }

    /// Applies `add` or `replace` to a multi-valued attribute as a whole.
    fn write_all(&mut self, op: Op, attr: AttrRef<'a>, held: ListAt, value: OperandOf<'a>) -> Applied<(), S> {
        let (elements, has_primary) = value.elements(&mut self.coercer, attr)?;
        match op {
            // An empty list adds nothing (P5).
            Op::Add if elements.is_empty() => return Ok(()),
            Op::Add => {}
            // `null` and `[]` unassign the attribute (P9).
            _ if elements.is_empty() => return self.write_nothing(attr, held, value),
            _ if attr.is_schemas() => {
                let elements = self.kept_urns(elements.into_owned())?;
                return self.replace_list(attr, held, elements, value);
            }
            _ => return self.replace_list(attr, held, elements.into_owned(), value),
        }
        let many = elements.len() > 1;
        let mut primary_at = None;
        let mut add = |element: Cow<'_, Value>| -> Applied<(), S> {
            let is_new_primary = has_primary && is_primary(&element);
            let at = self.add_element(attr, held, element, many)?;
            if is_new_primary {
                primary_at = at;
            }
            Ok(())
        };
        match elements {
            Cow::Borrowed(elements) => elements.iter().map(Cow::Borrowed).try_for_each(&mut add),
            Cow::Owned(elements) => elements.into_iter().map(Cow::Owned).try_for_each(&mut add),
        }?;
        self.only_primary(attr, held, primary_at)
    }

    /// Appends an element, or merges it into the stored element with the same identity (P5). Returns its position; `None` if
    /// it says nothing but what the provider sets, and no stored element has it.
    fn add_element(
        &mut self,
        attr: AttrRef<'a>,
        held: ListAt,
        mut element: Cow<'_, Value>,
        many: bool,
    ) -> Applied<Option<usize>, S> {
        let (list, coercer) = (self.held.list_mut(held), &mut self.coercer);
        let mut sent = taken(coercer, attr, &mut element);
        // An element with a secret is always new: the answer must not depend on stored secrets (P12a).
        let is_secret = edit::says_secret(attr.attribute, &element);
        let found = if is_secret { None } else { named(list, attr, &element, &sent, many)? };
        report_sent(list, coercer, attr, &mut sent, found.as_slice())?;
        let Some(at) = found else {
            if is_empty(&element) {
                return Ok(None);
            }
            check_new(attr, &element)?;
            let at = list.push(element.into_owned())?;
            if is_secret {
                list.note_secret(at)?;
            }
            return Ok(Some(at));
        };
        list.edit(at, |held| match (held.value(), &*element) {
            (Value::Object(_), Value::Object(given)) => {
                let is_different = merge(coercer, attr, held, (EditMode::Add, true), given)?;
                coercer.check_size(attr, held.value())?;
                Ok(is_different)
            }
            // A stored simple value `x` counts as `{"value": x}` (F17). If the given object has more members than that, it
            // replaces the stored value.
            (_, Value::Object(given)) if given.len() > 1 => {
                *held.whole() = element.clone().into_owned();
                Ok(true)
            }
            _ => Ok(false),
        })?;
        Ok(Some(at))
    }

    /// Replaces the whole list. Elements that are also in the new list keep the members that the client may not change
    /// (P5c, P12).
    fn replace_list(
        &mut self,
        attr: AttrRef<'a>,
        held: ListAt,
        mut elements: Vec<Value>,
        value: OperandOf<'a>,
    ) -> Applied<(), S> {
        let (list, coercer) = (self.held.list_mut(held), &mut self.coercer);
        // Secrets that an element only keeps are not set.
        let says_secret: Vec<bool> =
            elements.iter().map(|element| edit::says_secret(attr.attribute, element)).collect();
        if needs_carry(attr.attribute) {
            for element in &mut elements {
                let Value::Object(new) = element else { continue };
                let mut sent = coercer.take_read_only(attr, new);
                let wanted = Value::Object(new.clone());
                let at = named(list, attr, &wanted, &sent, true)?;
                report_sent(list, coercer, attr, &mut sent, at.as_slice())?;
                let stored = match at {
                    Some(at) => {
                        list.settle(at);
                        list.get(at).map_err(StepFailure::Store)?
                    }
                    None => None,
                };
                match stored.as_deref() {
                    Some(Value::Object(stored)) => carry(coercer, attr, stored, new)?,
                    _ => check_new(attr, &wanted)?,
                }
                list.charge(weight(element));
            }
        }
        // What says nothing but what the provider sets, and is not in the list, is not an element.
        let said = elements.into_iter().zip(says_secret).filter(|(element, _)| !is_empty(element));
        let (elements, says_secret): (Vec<Value>, Vec<bool>) = said.unzip();
        if elements.is_empty() {
            return self.write_nothing(attr, held, value);
        }
        let secret_at = says_secret.iter().enumerate().filter(|(_, says)| **says).map(|(at, _)| at);
        list.replace(elements, secret_at.collect())
    }

    /// Applies `add` or `replace` to `attr.sub` or `attr[filter].sub`.
    fn write_sub_of_elements(
        &mut self,
        op: Op,
        attr: AttrRef<'a>,
        sub: &'a Attribute,
        filter: Option<ElementFilter<'a>>,
        held: ListAt,
        value: OperandOf<'a>,
    ) -> Applied<(), S> {
        let coerced = value.one(&mut self.coercer, attr)?;
        if coerced.is_none() && value.on.named == NamedIn::Value && sub.mutability == Mutability::Immutable {
            // A `null` in a value counts as absent (P9), but not where a `value` is needed (P5b).
            if !(attr.is_value() && names_somebody(attr.whole())) {
                return Ok(());
            }
        }
        let chosen = self.chosen(attr, held, filter.as_ref())?;
        if chosen.is_empty() {
            return match filter {
                Some(filter) if self.creates(op) => {
                    let Some(coerced) = coerced else { return Ok(()) };
                    self.report_created(op, attr);
                    let value = Value::Object(Map::from_iter([(sub.name.clone(), coerced.into_owned())]));
                    let given = self.coercer.one_element(attr, &value)?;
                    self.create_element(attr, &filter, held, given)
                }
                Some(_) => refuse(ScimType::NoTarget, attr, "no element matches the filter in the path"),
                None => refuse(ScimType::NoTarget, attr, "there is no element to set this on"),
            };
        }
        let sets_primary = sub.name == "primary" && coerced.as_deref() == Some(&Value::Bool(true));
        let how = (op.into(), NamedIn::Path, false);
        self.charge_copies(attr, held, chosen.len(), coerced.as_deref())?;
        let mut set_at = None;
        for at in chosen {
            let at = self.edit_element(attr, held, at, |coercer, element| {
                if !element.value().is_object() {
                    if coerced.is_none() {
                        return Ok(false);
                    }
                    // A stored simple value `x` counts as `{"value": x}` (F17). It becomes that object here, so that the
                    // sub-attribute can be set.
                    let key = Identity::of(attr.attribute).value.map(|value| value.name.clone());
                    let element = element.whole();
                    let simple = std::mem::take(element);
                    *element = Value::Object(key.into_iter().map(|key| (key, simple.clone())).collect());
                }
                if attr.is_value() && coerced.is_some() {
                    leave_element(attr, element, coerced.as_deref());
                }
                set_sub(coercer, attr, element, how, coerced.as_deref())
            })?;
            // An `add` of nothing sets nothing.
            if attr.is_secret() && (op == Op::Replace || coerced.is_some()) {
                self.held.list_mut(held).note_secret(at)?;
            }
            // Elements that have become one are primary together (P5).
            if sets_primary && set_at.replace(at).is_some_and(|other| other != at) {
                return refuse(ScimType::InvalidValue, attr, "is true on more than one element");
            }
        }
        self.only_primary(attr, held, set_at)?;
        self.keep_required(attr, held)
    }

    /// Charges the copies of a value that is set in several elements. The first copy is free, because its size is in
    /// proportion to the request.
    fn charge_copies(
        &mut self,
        attr: AttrRef<'a>,
        held: ListAt,
        count: usize,
        value: Option<&Value>,
    ) -> Applied<(), S> {
        if let (Some(value), Some(more @ 1..)) = (value, count.checked_sub(1)) {
            self.charge(more.saturating_mul(weight(value)).saturating_mul(COPY));
        }
        self.check_list(attr, held)
    }

    /// Changes one element. If it then has the identity of another element, the two elements become one (P5). Returns the
    /// position at which the element is then.
    fn edit_element(
        &mut self,
        attr: AttrRef<'a>,
        held: ListAt,
        at: usize,
        f: impl FnOnce(&mut Coercer<'a>, &mut HeldElement<'_, 'a>) -> Result<bool, Refusal>,
    ) -> Applied<usize, S> {
        let (list, coercer) = (self.held.list_mut(held), &mut self.coercer);
        let is_different = list.edit(at, |element| {
            let is_different = f(coercer, element)?;
            coercer.check_size(attr, element.value())?;
            Ok(is_different)
        })?;
        if is_different { unite_twins(list, coercer, attr, at) } else { Ok(at) }
    }

    /// Applies `add` or `replace` to `attr[filter]`.
    fn write_elements(
        &mut self,
        op: Op,
        attr: AttrRef<'a>,
        filter: &ElementFilter<'a>,
        held: ListAt,
        value: OperandOf<'a>,
    ) -> Applied<(), S> {
        let chosen = self.chosen(attr, held, Some(filter))?;
        let coerced = value.one(&mut self.coercer, attr)?;
        if chosen.is_empty() {
            if self.creates(op) {
                // An empty value creates nothing (P8, R1).
                let Some(coerced) = coerced else { return Ok(()) };
                self.report_created(op, attr);
                return self.create_element(attr, filter, held, Some(coerced.into_owned()));
            }
            return refuse(ScimType::NoTarget, attr, "no element matches the filter in the path");
        }
        let Some(mut coerced) = coerced else {
            // `replace` with an empty value removes the chosen elements (P6); `add` leaves them unchanged.
            if op == Op::Replace {
                for at in chosen {
                    self.held.list_mut(held).remove(at)?;
                }
            }
            return self.keep_required(attr, held);
        };
        let identity = Identity::of(attr.attribute);
        let mut sent = taken(&self.coercer, attr, &mut coerced);
        let named = coerced.as_object().and_then(|given| identity.named_by(given, &sent));
        report_sent(self.held.list(held), &mut self.coercer, attr, &mut sent, &chosen)?;
        // Nothing can be added to a simple element, so the value becomes a further element of the list (P5).
        if op == Op::Add && !attr.attribute.is_complex() {
            return self.add_element(attr, held, coerced, false).map(|_| ());
        }
        let sets_primary = is_primary(&coerced);
        // A string or number sets only the `value` of a complex element and keeps the other members. In a list of
        // references, the string or number replaces the whole element (P6).
        let merges = op == Op::Add || (value.on.operand.is_text && !attr.attribute.is_reference());
        let says_secret = edit::says_secret(attr.attribute, &coerced);
        self.charge_copies(attr, held, chosen.len(), Some(&coerced))?;
        let keeps = needs_carry(attr.attribute);
        let mut set_at = None;
        for at in chosen {
            let mut kept_bytes = 0;
            let at = self.edit_element(attr, held, at, |coercer, held| {
                let mut new = Value::clone(&coerced);
                if keeps && !merges {
                    held.settle();
                }
                let is_same = [Some(&*coerced), named.as_ref()]
                    .into_iter()
                    .flatten()
                    .any(|given| identity.is_same(held.value(), given, false));
                match (held.value(), &mut new) {
                    (Value::Object(_), Value::Object(given)) if merges => {
                        if let Some(value) = member(given, "value") {
                            leave_element(attr, held, Some(value));
                        }
                        return merge(coercer, attr, held, (op.into(), op == Op::Add), given);
                    }
                    (Value::Object(held), Value::Object(given)) if is_same && keeps => {
                        carry(coercer, attr, held, given)?;
                        kept_bytes = weight(&new);
                    }
                    _ => check_new(attr, &coerced)?,
                }
                let is_different = !same_written(attr.attribute, held.value(), &new);
                if is_different {
                    *held.whole() = new;
                }
                Ok(is_different)
            })?;
            if says_secret {
                self.held.list_mut(held).note_secret(at)?;
            }
            // Elements that have become one are primary together (P5).
            if sets_primary && set_at.replace(at).is_some_and(|other| other != at) {
                return refuse(ScimType::InvalidValue, attr, "`primary` would be true on more than one element");
            }
            self.charge(kept_bytes);
            self.check_list(attr, held)?;
        }
        self.only_primary(attr, held, set_at)?;
        self.keep_required(attr, held)
    }

    /// Creates the element that a filter of equalities describes, such as `{"type": "work"}` for `emails[type eq "work"]`
    /// (P8).
    fn create_element(
        &mut self,
        attr: AttrRef<'a>,
        filter: &ElementFilter<'a>,
        held: ListAt,
        given: Option<Value>,
    ) -> Applied<(), S> {
        let element = made_from(&mut self.coercer, attr, filter, given)?;
        if self.coercer.names_nobody(attr.whole(), Some(&element)) {
            return Err(lacks_value(attr.whole()).into());
        }
        let becomes_primary = is_primary(&element);
        let at = self.add_element(attr, held, Cow::Owned(element), false)?;
        if becomes_primary {
            self.only_primary(attr, held, at)?;
        }
        Ok(())
    }

    /// Sets `primary: true` to `false` in every element except the one at the position `at` (P10).
    fn only_primary(&mut self, attr: AttrRef<'a>, held: ListAt, at: Option<usize>) -> Applied<(), S> {
        let (Some(at), Some(primary)) = (at, attr.attribute.sub_attribute("primary")) else { return Ok(()) };
        let list = self.held.list_mut(held);
        for other in list.primaries(primary).map_err(StepFailure::Store)? {
            if other == at {
                continue;
            }
            list.amend(other, |element| {
                let is_object = element.value().is_object();
                element.set(&primary.name, Value::Bool(false));
                is_object
            })?;
        }
        Ok(())
    }
}

fn is_empty(element: &Value) -> bool {
    element.as_object().is_some_and(Map::is_empty)
}

/// Prepares an element of a list of references for another `value`. That makes it another element, so nothing else of it
/// stays (P5c).
fn leave_element(attr: AttrRef<'_>, element: &mut HeldElement<'_, '_>, new: Option<&Value>) {
    if edit::refers_anew(attr, element, new)
        && let Value::Object(members) = element.whole()
    {
        members.retain(|name, _| name.eq_ignore_ascii_case("value"));
    }
}

/// Whether an element that stays in a replaced list may have members that must be kept, because the client may not change
/// or cannot read them.
fn needs_carry(attribute: &Attribute) -> bool {
    attribute.sub_attributes.iter().any(|sub| sub.mutability != Mutability::ReadWrite || sub.is_never_returned())
}
