//! The operations `add` and `replace` on single-valued attributes (P5, P6, P8, P9).

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::create::{check_new, made_from};
use super::sent::taken;
use super::transaction::{Applied, Transaction, refuse};
use crate::coerce::coercer::Coercer;
use crate::coerce::edit::{self, immutable, leave_value, may_change, merge, set_sub};
use crate::coerce::equality::{same_option, same_written};
use crate::coerce::members::{is_unassigned, member};
use crate::coerce::refusal::Refusal;
use crate::coerce::request::NamedIn;
use crate::error::ScimType;
use crate::patch::attribute::single::Single;
use crate::patch::attribute::{HeldAt, SingleAt};
use crate::patch::operation::Op;
use crate::patch::program::OperandOf;
use crate::patch::resolve::ElementFilter;
use crate::patch::store::Store;
use crate::schema::{AttrRef, Attribute, Mutability};

impl<'a, S: Store> Transaction<'a, '_, S> {
    pub(super) fn write_single(
        &mut self,
        op: Op,
        attr: AttrRef<'a>,
        filter: Option<ElementFilter<'a>>,
        held: SingleAt,
        value: OperandOf<'a>,
    ) -> Applied<(), S> {
        if let Some(filter) = filter
            && !self.single_matches(attr, held, &filter)?
        {
            return self.write_unmatched(op, attr, &filter, held, value);
        }
        match attr.sub {
            Some(_) => self.write_sub(op, attr, held, value),
            None => self.write_whole(op, attr, held, value),
        }
    }

    fn write_whole(&mut self, op: Op, attr: AttrRef<'a>, held: SingleAt, value: OperandOf<'a>) -> Applied<(), S> {
        let Some(mut new) = value.one(&mut self.coercer, attr)? else { return self.write_nothing(attr, held, value) };
        let mut sent = taken(&self.coercer, attr, &mut new);
        self.coercer.report_sent(attr, &mut sent, self.held.single(held).now());
        match (self.held.single(held).now(), &*new) {
            (Some(Value::Object(now)), Value::Object(given))
                if op == Op::Replace && self.options().profile.whole_replaced =>
            {
                let now = now.clone();
                self.replace_whole(attr, held, &now, given)
            }
            (_, Value::Object(given)) => {
                // An empty object sets nothing. An object of `null`s unassigns sub-attributes, so it changes nothing if no
                // sub-attribute is assigned (P9).
                if given.is_empty() || (is_unassigned(&new) && self.is_unassigned(held)?) {
                    return Ok(());
                }
                let is_kept = attr.attribute.mutability == Mutability::Immutable;
                self.edit_single(attr, held, |coercer, now| {
                    let mut is_different = false;
                    if let Some(value) = member(given, "value") {
                        let is_given = |sub: &Attribute| member(given, &sub.name).is_some_and(|value| !value.is_null());
                        is_different = leave_value(coercer, attr, now, Some(value), is_given);
                    }
                    Ok(is_different | merge(coercer, attr, now, (op.into(), is_kept), given)?)
                })
            }
            (now, new_value) => {
                let is_secret = attr.is_secret();
                let is_same = same_option(now, Some(new_value));
                if is_same && !is_secret {
                    return Ok(());
                }
                let now = now.cloned();
                if !may_change(&mut self.coercer, attr, NamedIn::Path, now.as_ref(), Some(new_value))? {
                    return Ok(());
                }
                let single = self.held.single_mut(held);
                single.set_whole(Some(new.into_owned()));
                if is_secret {
                    single.note_secret(None);
                }
                Ok(())
            }
        }
    }

    /// Unassigns an attribute that is given as `null`, or as nothing (P9).
    pub(super) fn write_nothing(
        &mut self,
        attr: AttrRef<'a>,
        held: impl Into<HeldAt>,
        value: OperandOf<'a>,
    ) -> Applied<(), S> {
        if counts_as_absent(attr, value) { Ok(()) } else { self.unassign(attr, held) }
    }

    /// Replaces a single-valued complex attribute as a whole, if the profile demands that (X1).
    fn replace_whole(
        &mut self,
        attr: AttrRef<'a>,
        held: SingleAt,
        old: &Map<String, Value>,
        given: &Map<String, Value>,
    ) -> Applied<(), S> {
        self.edit_single(attr, held, |coercer, now| {
            let mut kept = old.clone();
            let is_given = |sub: &Attribute| member(given, &sub.name).is_some_and(|value| !value.is_null());
            leave_value(coercer, attr, &mut kept, member(given, "value"), is_given);
            let new = Value::Object(edit::replaced_whole(coercer, attr, &kept, given, |_, _| {})?);
            let secrets = attr.attribute.sub_attributes.iter().filter(|sub| sub.is_never_returned() && is_given(sub));
            let is_secret = secrets.inspect(|sub| now.note_secret(Some(sub))).count() > 0;
            let is_different = !same_written(attr.attribute, &Value::Object(old.clone()), &new);
            if is_different {
                now.set_whole(Some(new));
            }
            Ok(is_different || is_secret)
        })
    }

    fn write_sub(&mut self, op: Op, attr: AttrRef<'a>, held: SingleAt, value: OperandOf<'a>) -> Applied<(), S> {
        let new = value.one(&mut self.coercer, attr)?;
        // An `add` of nothing to a list adds nothing (P5).
        let adds_nothing = op == Op::Add && attr.leaf().multi_valued;
        if new.is_none() && (adds_nothing || counts_as_absent(attr, value)) {
            return Ok(());
        }
        let named = value.on.named;
        self.edit_single(attr, held, |coercer, now| {
            let is_left = attr.is_value() && leave_value(coercer, attr, now, new.as_deref(), |_| false);
            Ok(is_left | set_sub(coercer, attr, now, (op.into(), named, false), new.as_deref())?)
        })
    }

    /// Changes the value of a single-valued complex attribute in place; `f` returns whether it changed anything.
    pub(super) fn edit_single(
        &mut self,
        attr: AttrRef<'a>,
        held: SingleAt,
        f: impl FnOnce(&mut Coercer<'a>, &mut Single<'a>) -> Result<bool, Refusal>,
    ) -> Applied<(), S> {
        let was_unassigned = self.is_unassigned(held)?;
        let (now, coercer) = (self.held.single_mut(held), &mut self.coercer);
        if !f(coercer, now)? {
            return Ok(());
        }
        if attr.attribute.mutability == Mutability::Immutable && !was_unassigned {
            return Err(immutable(attr.whole()).into());
        }
        if now.is_unassigned() {
            now.set_whole(None);
        } else if now.len() > coercer.options.limits.members {
            let message = crate::json::too_many_members(now.len(), coercer.options.limits.members);
            return refuse(ScimType::TooMany, attr.whole(), message);
        }
        if attr.attribute.is_never_returned() {
            now.note_secret(None);
        }
        self.keep_required(attr, held)
    }

    /// Applies an operation such as `add name[familyName eq "x"].givenName` if the filter does not match the value, or if
    /// there is no value.
    fn write_unmatched(
        &mut self,
        op: Op,
        attr: AttrRef<'a>,
        filter: &ElementFilter<'a>,
        held: SingleAt,
        value: OperandOf<'a>,
    ) -> Applied<(), S> {
        let given = match attr.sub {
            None => self.coercer.one_element(attr, value.raw())?,
            Some(sub) => {
                let new = value.one(&mut self.coercer, attr)?;
                new.map(|new| Value::Object(Map::from_iter([(sub.name.clone(), new.into_owned())])))
            }
        };
        // An empty value creates nothing (P8).
        if given.is_none() && self.creates(op) {
            return Ok(());
        }
        if self.creates(op) && self.is_unassigned(held)? {
            self.report_created(op, attr);
            let mut element = Cow::Owned(made_from(&mut self.coercer, attr, filter, given)?);
            let mut sent = taken(&self.coercer, attr, &mut element);
            self.coercer.report_sent(attr, &mut sent, None);
            check_new(attr, &element)?;
            self.held.single_mut(held).set_whole(Some(element.into_owned()));
            return Ok(());
        }
        refuse(ScimType::NoTarget, attr, "no value matches the filter in the path")
    }
}

/// Whether a `null` for an attribute counts as absent, because a value names the attribute and the client may not change
/// it (P9).
fn counts_as_absent(attr: AttrRef<'_>, value: OperandOf<'_>) -> bool {
    value.on.named == NamedIn::Value && attr.attribute.mutability == Mutability::Immutable
}
