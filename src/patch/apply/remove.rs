//! The operation `remove` (P7, P14).

use serde_json::Value;

use super::transaction::{Applied, Transaction};
use super::twins::unite_twins;
use crate::coerce::coercer::Coercer;
use crate::coerce::complex_value::ComplexValue;
use crate::coerce::edit::{self};
use crate::coerce::members::is_unassigned;
use crate::coerce::refusal::Refusal;
use crate::coerce::request::{EditMode, NamedIn};
use crate::patch::attribute::{ListAt, SingleAt};
use crate::patch::program::OperandOf;
use crate::patch::resolve::ElementFilter;
use crate::patch::store::{StepFailure, Store};
use crate::schema::AttrRef;

impl<'a, S: Store> Transaction<'a, '_, S> {
    pub(super) fn remove_from_list(
        &mut self,
        attr: AttrRef<'a>,
        filter: Option<ElementFilter<'a>>,
        held: ListAt,
        value: OperandOf<'a>,
    ) -> Applied<(), S> {
        let is_listed = !value.on.operand.is_null;
        if attr.sub.is_none() && is_listed {
            return self.remove_listed(attr, filter, held, value);
        }
        let listed = if is_listed { value.one(&mut self.coercer, attr)? } else { None };
        if is_listed && listed.as_deref().is_none_or(is_unassigned) {
            return Ok(());
        }
        let was_lacking = self.is_lacking(attr, held)?;
        if filter.is_none() && attr.sub.is_none() {
            return self.unassign(attr, held);
        }
        let chosen = self.chosen(attr, held, filter.as_ref())?;
        let (list, coercer) = (self.held.list_mut(held), &mut self.coercer);
        for at in chosen {
            if attr.sub.is_none() {
                list.remove(at)?;
                continue;
            }
            let is_different = list.edit(at, |element| {
                if !element.value().is_object() {
                    return Ok(false);
                }
                remove_sub(coercer, attr, element, listed.as_deref())
            })?;
            if is_different {
                unite_twins(list, coercer, attr, at)?;
            }
        }
        // A `remove` is accepted if the required attribute was unassigned before it, because the `remove` then unassigns
        // nothing (P7).
        if was_lacking { Ok(()) } else { self.keep_required(attr, held) }
    }

    pub(super) fn remove_from_single(
        &mut self,
        attr: AttrRef<'a>,
        filter: Option<ElementFilter<'a>>,
        held: SingleAt,
        value: OperandOf<'a>,
    ) -> Applied<(), S> {
        let is_listed = !value.on.operand.is_null;
        let listed = if is_listed { value.one(&mut self.coercer, attr)? } else { None };
        let listed = listed.as_deref();
        if is_listed && listed.is_none_or(is_unassigned) {
            return Ok(());
        }
        if !filter.map_or(Ok(true), |filter| self.single_matches(attr, held, &filter))? {
            return Ok(());
        }
        let Some(now) = self.held.single(held).now() else { return Ok(()) };
        match (attr.sub, listed) {
            (Some(_), _) => self.edit_single(attr, held, |coercer, now| {
                let is_different = remove_sub(coercer, attr, now, listed)?;
                // A reference without a `value` refers to nothing, so its details, such as `display`, are dropped, too
                // (P5c).
                if is_different && attr.is_value() {
                    edit::drop_details(coercer, attr, now);
                }
                Ok(is_different)
            }),
            (None, Some(listed)) if !edit::is_named(attr.attribute, Some(now), listed) => Ok(()),
            (None, _) => self.unassign(attr, held),
        }
    }

    /// Removes the elements that the `value` of a `remove` lists. If the path has brackets, an element must also match the
    /// brackets (P14).
    fn remove_listed(
        &mut self,
        attr: AttrRef<'a>,
        filter: Option<ElementFilter<'a>>,
        held: ListAt,
        value: OperandOf<'a>,
    ) -> Applied<(), S> {
        let (elements, _) = value.elements(&mut self.coercer, attr)?;
        let many = elements.len() > 1;
        if self.is_lacking(attr, held)? {
            return Ok(());
        }
        // `chosen` is called here only because it refuses a filter that matches several elements (X1).
        if let Some(filter) = filter.as_ref().filter(|_| self.options().profile.single_match) {
            self.chosen(attr, held, Some(filter))?;
        }
        for element in elements.iter() {
            self.check_list(attr, held)?;
            let list = self.held.list_mut(held);
            for at in list.meant(element, many).map_err(StepFailure::Store)? {
                if filter.map_or(Ok(true), |filter| list.matches(at, &filter)).map_err(StepFailure::Store)? {
                    list.remove(at)?;
                }
            }
        }
        self.keep_required(attr, held)
    }
}

/// Removes a sub-attribute. If `listed` gives values, a multi-valued sub-attribute loses only these values, and a
/// single-valued sub-attribute is removed only if its value is one of them.
fn remove_sub<'a>(
    coercer: &mut Coercer<'a>,
    attr: AttrRef<'a>,
    object: &mut impl ComplexValue,
    listed: Option<&Value>,
) -> Result<bool, Refusal> {
    let sub = attr.leaf();
    if !sub.multi_valued
        && let Some(listed) = listed
        && !edit::is_named(sub, object.get(&sub.name), listed)
    {
        return Ok(false);
    }
    let listed = listed.filter(|_| sub.multi_valued);
    edit::set_sub(coercer, attr, object, (EditMode::Remove, NamedIn::Path, false), listed)
}
