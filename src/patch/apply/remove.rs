//! `remove`, and what unassigns (P7, P14).

use serde_json::Value;

use super::super::program::Sent;
use super::super::slot::{check_change, set_sub};
use super::super::store::{Fault, Store};
use super::super::target::ElementFilter;
use super::{Applier, Step, refuse};
use crate::error::ScimType;
use crate::shape::place::Place;

impl<'a, S: Store> Applier<'a, '_, S> {
    /// Unassigns a whole attribute.
    pub(super) fn unassign(&mut self, place: Place<'a>, slot: usize) -> Step<(), S> {
        if self.is_unassigned(slot)? {
            return Ok(());
        }
        // Any value stands for what is there.
        check_change(place.whole(), Some(&Value::Bool(true)), None)?;
        match self.list(slot) {
            Some(list) => list.clear().map_err(Fault::Store)?,
            None => self.set_now(slot, None),
        }
        Ok(())
    }

    pub(super) fn remove(
        &mut self,
        place: Place<'a>,
        filter: Option<ElementFilter<'a>>,
        slot: usize,
        value: Sent<'a>,
    ) -> Step<(), S> {
        if place.attribute.multi_valued && place.sub.is_none() && filter.is_none() && !value.given.is_null {
            return self.remove_listed(place, slot, value);
        }
        let was_lacking = self.is_lacking(place, slot)?;
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
            None => list.all().map_err(Fault::Store)?,
            Some(filter) => list.chosen(filter).map_err(Fault::Store)?,
        };
        for at in chosen {
            match place.sub {
                None => list.remove(at),
                Some(sub) => {
                    list.edit(at, |element| set_sub(place, sub, element, None))?;
                }
            }
        }
        // What was not there is not lost (P7).
        if was_lacking { Ok(()) } else { self.keep_required(place, slot) }
    }

    /// Whether it is required and not there. Of others nothing is looked at.
    fn is_lacking(&self, place: Place<'a>, slot: usize) -> Step<bool, S> {
        Ok(place.attribute.required && self.is_unassigned(slot)?)
    }

    /// A required attribute may not lose its last element.
    pub(super) fn keep_required(&mut self, place: Place<'a>, slot: usize) -> Step<(), S> {
        if self.is_lacking(place, slot)? {
            return refuse(ScimType::Mutability, place.whole(), "is required and may not become unassigned");
        }
        Ok(())
    }

    /// `remove` with a `value`: the listed elements (P14).
    pub(super) fn remove_listed(&mut self, place: Place<'a>, slot: usize, value: Sent<'a>) -> Step<(), S> {
        let (elements, _) = value.elements(&mut self.shaper, place)?;
        let many = elements.len() > 1;
        if self.is_lacking(place, slot)? {
            return Ok(());
        }
        let Some(list) = self.list(slot) else { return Ok(()) };
        for element in elements.iter() {
            for at in list.meant(element, many).map_err(Fault::Store)? {
                list.remove(at);
            }
        }
        self.keep_required(place, slot)
    }
}
