//! `remove`, and what unassigns (P7, P14).

use serde_json::Value;

use super::{Applied, Transaction, refuse};
use crate::error::ScimType;
use crate::patch::attribute::{check_change, set_sub};
use crate::patch::program::OperandOf;
use crate::patch::resolve::ElementFilter;
use crate::patch::store::{Fault, Store};
use crate::schema::AttrRef;

impl<'a, S: Store> Transaction<'a, '_, S> {
    /// Unassigns a whole attribute.
    pub(super) fn unassign(&mut self, attr: AttrRef<'a>, slot: usize) -> Applied<(), S> {
        if self.is_unassigned(slot)? {
            return Ok(());
        }
        // Any value stands for what is there.
        check_change(attr.whole(), Some(&Value::Bool(true)), None)?;
        match self.list(slot) {
            Some(list) => list.clear().map_err(Fault::Store)?,
            None => self.set_now(slot, None),
        }
        Ok(())
    }

    pub(super) fn remove(
        &mut self,
        attr: AttrRef<'a>,
        filter: Option<ElementFilter<'a>>,
        slot: usize,
        value: OperandOf<'a>,
    ) -> Applied<(), S> {
        if attr.attribute.multi_valued && attr.sub.is_none() && filter.is_none() && !value.given.is_null {
            return self.remove_listed(attr, slot, value);
        }
        let was_lacking = self.is_lacking(attr, slot)?;
        let Some(list) = self.list(slot) else {
            let chosen = filter.is_none_or(|filter| self.now(slot).is_some_and(|now| filter.matches(now)));
            return match attr.sub {
                _ if !chosen => Ok(()),
                None => self.unassign(attr, slot),
                Some(_) => self.set_single_sub(attr, slot, None),
            };
        };
        let chosen = match &filter {
            None if attr.sub.is_none() => return self.unassign(attr, slot),
            None => list.all().map_err(Fault::Store)?,
            Some(filter) => list.chosen(filter).map_err(Fault::Store)?,
        };
        for at in chosen {
            match attr.sub {
                None => list.remove(at),
                Some(sub) => {
                    list.edit(at, |element| set_sub(attr, sub, element, None))?;
                }
            }
        }
        // What was not there is not lost (P7).
        if was_lacking { Ok(()) } else { self.keep_required(attr, slot) }
    }

    /// Whether it is required and not there. Of others nothing is looked at.
    fn is_lacking(&self, attr: AttrRef<'a>, slot: usize) -> Applied<bool, S> {
        Ok(attr.attribute.required && self.is_unassigned(slot)?)
    }

    /// A required attribute may not lose its last element.
    pub(super) fn keep_required(&mut self, attr: AttrRef<'a>, slot: usize) -> Applied<(), S> {
        if self.is_lacking(attr, slot)? {
            return refuse(ScimType::Mutability, attr.whole(), "is required and may not become unassigned");
        }
        Ok(())
    }

    /// `remove` with a `value`: the listed elements (P14).
    pub(super) fn remove_listed(&mut self, attr: AttrRef<'a>, slot: usize, value: OperandOf<'a>) -> Applied<(), S> {
        let (elements, _) = value.elements(&mut self.coercer, attr)?;
        let many = elements.len() > 1;
        if self.is_lacking(attr, slot)? {
            return Ok(());
        }
        let Some(list) = self.list(slot) else { return Ok(()) };
        for element in elements.iter() {
            for at in list.meant(element, many).map_err(Fault::Store)? {
                list.remove(at);
            }
        }
        self.keep_required(attr, slot)
    }
}
