//! Operations on readOnly attributes (P12, P12a): such an operation never changes anything. An operation that would change
//! a value is refused, or dropped and reported.

use std::borrow::Cow;

use serde_json::Value;

use super::transaction::{Applied, Transaction};
use crate::coerce::diff;
use crate::coerce::equality::{equal, equal_option, holds};
use crate::coerce::identity::Finder;
use crate::coerce::members::{is_unassigned, member};
use crate::coerce::provided::as_shown;
use crate::coerce::refusal::Refusal;
use crate::coerce::request::NamedIn;
use crate::patch::attribute::{HeldAt, SingleAt};
use crate::patch::operation::Op;
use crate::patch::program::OperandOf;
use crate::patch::resolve::ElementFilter;
use crate::patch::store::{StepFailure, Store, weight};
use crate::schema::{AttrRef, Attribute};

impl<'a, S: Store> Transaction<'a, '_, S> {
    /// Accepts an operation that sets what is stored already. Any other operation is refused, or dropped with a report where
    /// the options say so; by default, members of a value are dropped. A different `id` is always refused.
    pub(super) fn read_only(
        &mut self,
        attr: AttrRef<'a>,
        filter: Option<&ElementFilter<'a>>,
        held: HeldAt,
        value: OperandOf<'a>,
    ) -> Applied<(), S> {
        let (op, named) = (value.on.op, value.on.named);
        let is_core = |name: &str| attr.extension.is_none() && attr.attribute.name == name;
        // Clients that send a whole resource back include its `meta`; it is ignored (RFC 7643 §3.1).
        if named == NamedIn::Value && is_core("meta") {
            return Ok(());
        }
        // A blank text from an unfilled template stands for `null` (R1), which counts as absent in a value (P9).
        let raw = value.raw();
        let is_blank = raw.as_str().is_some_and(|text| text.trim().is_empty());
        let given = if is_blank { &Value::Null } else { raw };
        if named == NamedIn::Value && op != Op::Remove && is_unassigned(given) {
            return Ok(());
        }
        if !attr.is_secret() && self.says_what_is_stored((op, named), attr, filter, held, given)? {
            return Ok(());
        }
        match held {
            HeldAt::Single(_) => self.check_budget(attr)?,
            HeldAt::List(at) => self.check_list(attr, at)?,
        }
        if self.coercer.drops_read_only(named) && !is_core("id") {
            self.coercer.report_read_only(attr, named);
            return Ok(());
        }
        Err(Refusal::read_only(attr).into())
    }

    /// [`Self::says_what_is_stored`] of a single-valued attribute.
    fn says_single(
        &mut self,
        op: Op,
        attr: AttrRef<'a>,
        filter: Option<&ElementFilter<'a>>,
        held: SingleAt,
        value: &Value,
    ) -> Applied<bool, S> {
        let now = match filter {
            Some(filter) if !self.single_matches(attr, held, filter)? => None,
            _ => self.held.single(held).now(),
        };
        Ok(match (attr.sub, op) {
            (Some(sub), Op::Remove) => now.and_then(|now| of(now, sub)).is_none_or(is_unassigned),
            (Some(_), _) if now.is_none() => is_unassigned(value),
            (Some(sub), _) => equal_option(sub, now.and_then(|now| of(now, sub)), Some(value)),
            (None, Op::Remove) => now.is_none_or(is_unassigned),
            (None, _) if filter.is_some() => now.is_none() && is_unassigned(value),
            (None, _) => holds(attr.attribute, now, value),
        })
    }

    /// Whether the operation would change nothing: it sets what is stored, or removes what is absent.
    fn says_what_is_stored(
        &mut self,
        (op, named): (Op, NamedIn),
        attr: AttrRef<'a>,
        filter: Option<&ElementFilter<'a>>,
        held: HeldAt,
        value: &Value,
    ) -> Applied<bool, S> {
        // An `add` of nothing to a list adds nothing (P5).
        if op == Op::Add && attr.leaf().multi_valued && is_unassigned(value) {
            return Ok(true);
        }
        let list = match held {
            HeldAt::Single(at) => return self.says_single(op, attr, filter, at, value),
            HeldAt::List(at) => self.held.list_mut(at),
        };
        match (attr.sub, filter, op) {
            // `uniform` scans the list once and keeps the answer for later operations, because a readOnly list does not
            // change.
            (Some(sub), None, Op::Add | Op::Replace) if !list.is_empty().map_err(StepFailure::Store)? => {
                let said = list.uniform(sub).map_err(StepFailure::Store)?;
                Ok(said.is_some_and(|said| equal_option(sub, Some(&said), Some(value))))
            }
            (Some(sub), None, Op::Remove) => {
                let said = list.uniform(sub).map_err(StepFailure::Store)?;
                Ok(list.is_empty().map_err(StepFailure::Store)? || said.is_some_and(|said| is_unassigned(&said)))
            }
            (Some(_), None, _) => Ok(is_unassigned(value)),
            (Some(sub), Some(filter), op) => {
                let chosen = list.chosen(filter).map_err(StepFailure::Store)?;
                if chosen.is_empty() && op != Op::Remove {
                    return Ok(is_unassigned(value));
                }
                for at in chosen {
                    let holder = list.get(at).map_err(StepFailure::Store)?;
                    let said = holder.as_deref().and_then(|holder| of(holder, sub));
                    let is_same = match op {
                        Op::Remove => said.is_none_or(is_unassigned),
                        _ => equal_option(sub, said, Some(value)),
                    };
                    if !is_same {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            (None, Some(filter), Op::Remove) => Ok(list.chosen(filter).map_err(StepFailure::Store)?.is_empty()),
            (None, Some(filter), _) => {
                let chosen = list.chosen(filter).map_err(StepFailure::Store)?;
                for at in &chosen {
                    let stored = list.get(*at).map_err(StepFailure::Store)?;
                    if !holds(attr.attribute, stored.as_deref(), value) {
                        return Ok(false);
                    }
                }
                Ok(!chosen.is_empty() || is_unassigned(value))
            }
            (None, None, Op::Remove) => list.is_empty().map_err(StepFailure::Store),
            (None, None, _) => {
                let given = diff::elements(Some(value));
                if given.iter().all(is_unassigned) {
                    return list.is_empty().map_err(StepFailure::Store);
                }
                if op == Op::Replace && named == NamedIn::Path && !attr.attribute.is_complex() {
                    let items = list.items().map_err(StepFailure::Store)?;
                    let items: Vec<Value> = items.into_iter().map(|(_, item)| item.into_owned()).collect();
                    list.charge(items.iter().map(weight).sum());
                    return Ok(equal(attr.attribute, &Value::Array(items), value));
                }
                if attr.attribute.sub_attributes.iter().any(Attribute::is_never_returned) {
                    // A GET did not show secrets, so that they do not tell elements apart (P12a).
                    let items = list.items().map_err(StepFailure::Store)?;
                    let shown: Vec<Value> = items.iter().map(|(_, item)| as_shown(attr.attribute, item)).collect();
                    list.charge(shown.iter().map(weight).sum());
                    let finder = Finder::new(attr.attribute, &shown);
                    let is_held = |element| finder.all(element).any(|held| holds(attr.attribute, Some(held), element));
                    return Ok(given.iter().all(is_held));
                }
                for element in given {
                    let mut is_held = false;
                    for at in list.all_identical(element, given.len() > 1).map_err(StepFailure::Store)? {
                        let stored = list.get(at).map_err(StepFailure::Store)?;
                        is_held |= holds(attr.attribute, stored.as_ref().map(Cow::as_ref), element);
                    }
                    if !is_held {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
        }
    }
}

fn of<'v>(holder: &'v Value, sub: &Attribute) -> Option<&'v Value> {
    holder.as_object().and_then(|members| member(members, &sub.name))
}
