//! A request while it is applied: the attributes that it names, and what it has read and changed.

use std::collections::HashMap;
use std::rc::Rc;

use serde_json::{Map, Value};

use super::extensions::Extensions;
use crate::coerce::coercer::Coercer;
use crate::coerce::edit::{self, immutable, required};
use crate::coerce::members::is_unassigned;
use crate::coerce::refusal::Refusal;
use crate::coerce::{Change, Outcome, work};
use crate::error::ScimType;
use crate::json::is_within_depth;
use crate::options::Options;
use crate::patch::attribute::items::{Budget, SEARCH};
use crate::patch::attribute::list::List;
use crate::patch::attribute::lookup_texts::LookupTexts;
use crate::patch::attribute::single::Single;
use crate::patch::attribute::{HeldAt, HeldAttributes, ListAt, SingleAt};
use crate::patch::resolve::ElementFilter;
use crate::patch::store::{StepFailure, Store, weight};
use crate::schema::{AttrRef, Attribute, Mutability, Schema};

pub(super) type Applied<T, S> = Result<T, StepFailure<<S as Store>::Error>>;

/// A request while it is applied. The attributes that it names are held outside the resource and put back at the end, so
/// that an error can undo everything.
pub(super) struct Transaction<'a, 's, S: Store> {
    pub store: &'s mut S,
    pub coercer: Coercer<'a>,
    pub held: HeldAttributes<'a, S::List>,
    pub kept: Kept<'a>,
    pub extensions: Extensions<'a>,
    pub lookup_texts: Rc<LookupTexts<'a>>,
    /// The number of bytes examined so far, for all attributes together.
    pub budget: Budget,
    /// The index of the operation that is being applied, for errors.
    pub index: usize,
}

/// Members that no schema knows and that the host's policy keeps (P16).
#[derive(Default)]
pub(super) struct Kept<'a> {
    pub all: Vec<KeptMember<'a>>,
    pub by_name: HashMap<(Option<*const Schema>, String), usize>,
}

pub(super) struct KeptMember<'a> {
    pub extension: Option<&'a Schema>,
    pub name: String,
    pub old: Option<Value>,
    pub now: Option<Value>,
    /// Whether an operation changed the member, even if a later operation restored it.
    pub is_touched: bool,
}

pub(super) fn refuse<T, E>(
    scim_type: ScimType,
    path: impl ToString,
    message: impl Into<String>,
) -> Result<T, StepFailure<E>> {
    Err(StepFailure::Refused(Refusal::new(scim_type, path, message)))
}

pub(super) fn too_deep(max: usize) -> String {
    format!("the stored value is nested too deep: at most {max} levels are allowed")
}

impl<'a, S: Store> Transaction<'a, '_, S> {
    pub fn options(&self) -> &'a Options {
        self.coercer.options
    }

    /// Returns the place of an attribute in `held`. The attribute is taken out of the resource when an operation first names
    /// it.
    pub fn hold(&mut self, attr: AttrRef<'a>) -> Applied<HeldAt, S> {
        if let Some(at) = self.held.find(attr, self.index) {
            return Ok(at);
        }
        let attr = attr.whole();
        let max_depth = self.options().limits.capped_depth();
        if attr.attribute.multi_valued {
            let taken = self.store.take_list(attr)?;
            let list = List::new(attr, taken, max_depth, Rc::clone(&self.lookup_texts), Rc::clone(&self.budget));
            return Ok(self.held.hold_list(attr, list, self.index));
        }
        let stored = self.store.take(attr)?;
        if !stored.as_ref().is_none_or(|stored| is_within_depth(stored, max_depth)) {
            self.store.undo(attr, stored);
            return refuse(ScimType::InvalidValue, attr, too_deep(max_depth));
        }
        // What only the provider sets stays whatever it is.
        if attr.attribute.is_complex()
            && attr.attribute.mutability != Mutability::ReadOnly
            && !stored.as_ref().is_none_or(|stored| stored.is_object() || is_unassigned(stored))
        {
            self.store.undo(attr, stored);
            return refuse(ScimType::InvalidValue, attr, "the stored value is not an object");
        }
        Ok(self.held.hold_single(attr, Single::new(attr, stored), self.index))
    }

    /// Charges the budget for bytes that were read or copied in addition to those of the request.
    pub fn charge(&self, bytes: usize) {
        work::charged(bytes);
        self.budget.set(self.budget.get().saturating_add(bytes));
    }

    /// Refuses what costs too much for an attribute.
    pub fn check_budget(&self, attr: AttrRef<'a>) -> Applied<(), S> {
        if self.budget.get() <= self.options().limits.visited_bytes {
            return Ok(());
        }
        let message = "the operations look at too many elements, or copy too much into them; choose fewer by `eq`";
        refuse(ScimType::TooMany, attr.whole(), message)
    }

    /// As [`Self::check_budget`], for a list, which may also have met an element that is nested too deep.
    pub fn check_list(&self, attr: AttrRef<'a>, held: ListAt) -> Applied<(), S> {
        if self.held.list(held).is_too_deep {
            return refuse(ScimType::InvalidValue, attr.whole(), too_deep(self.options().limits.capped_depth()));
        }
        self.check_budget(attr)
    }

    /// The positions of the elements that brackets choose; without brackets, the positions of all elements.
    pub fn chosen(
        &mut self,
        attr: AttrRef<'a>,
        held: ListAt,
        filter: Option<&ElementFilter<'a>>,
    ) -> Applied<Vec<usize>, S> {
        let list = self.held.list_mut(held);
        let Some(filter) = filter else { return list.all().map_err(StepFailure::Store) };
        let chosen = list.chosen(filter).map_err(StepFailure::Store)?;
        self.check_list(attr, held)?;
        if chosen.len() > 1 && self.options().profile.single_match {
            let message = "the filter in the path fits several elements: expected it to fit one";
            return refuse(ScimType::InvalidFilter, attr, message);
        }
        Ok(chosen)
    }

    /// Whether brackets match a single-valued attribute. If the brackets read the whole value, its bytes are charged, as
    /// for an element of a list.
    pub fn single_matches(
        &mut self,
        attr: AttrRef<'a>,
        held: SingleAt,
        filter: &ElementFilter<'a>,
    ) -> Applied<bool, S> {
        let Some(now) = self.held.single(held).now() else { return Ok(false) };
        let bytes = if filter.reads_all() { SEARCH.saturating_mul(weight(now)) } else { 0 };
        work::done(bytes);
        let is_chosen = filter.matches(now);
        self.charge(bytes);
        self.check_budget(attr)?;
        Ok(is_chosen)
    }

    pub fn is_unassigned(&self, held: impl Into<HeldAt>) -> Applied<bool, S> {
        self.held.is_unassigned(held.into()).map_err(StepFailure::Store)
    }

    /// Checks that each complex value that an operation set has its required sub-attributes.
    pub fn check_required_subs(&mut self) -> Applied<(), S> {
        let is_required = |sub: &Attribute| sub.required && sub.mutability != Mutability::ReadOnly;
        for held in self.held.iter().filter(|held| held.attr.attribute.sub_attributes.iter().any(is_required)) {
            let check = |value: &Value, stored: Option<&Value>| Coercer::check_required_subs(held.attr, value, stored);
            let checked = match held.at {
                HeldAt::Single(at) => {
                    let single = self.held.single(at);
                    let now = single.now().filter(|now| single.is_changed() && !is_unassigned(now));
                    now.map_or(Ok(()), |now| check(now, None)).map_err(StepFailure::Refused)
                }
                HeldAt::List(at) => self.held.list(at).check_touched(check),
            };
            if let Err(failure) = checked {
                self.index = held.last;
                return Err(failure);
            }
        }
        Ok(())
    }

    pub fn undo(self) {
        self.held.undo(self.store);
        for kept in self.kept.all {
            // The member was taken from this place, so it can be put back.
            let _ = self.store.put_unknown(kept.extension, &kept.name, kept.old);
        }
    }

    pub fn commit(self) -> Result<Outcome, S::Error> {
        let Self { store, coercer, held, kept, .. } = self;
        let mut changes: Vec<Change> = Vec::with_capacity(held.len() + kept.all.len());
        let gone = held.finish(store, &mut changes)?;
        let mut emptied: Vec<&Schema> = gone.into_iter().filter_map(|attr| attr.extension).collect();
        for kept in kept.all {
            let path =
                kept.extension.map_or_else(|| kept.name.clone(), |schema| format!("{}:{}", schema.id, kept.name));
            changes.extend(Change::single(path, kept.old.as_ref(), kept.now.as_ref()));
            emptied.extend(kept.extension.filter(|_| kept.old.is_some() && kept.now.is_none()));
            store.put_unknown(kept.extension, &kept.name, kept.now)?;
        }
        emptied.dedup_by(|a, b| std::ptr::eq(*a, *b));
        for extension in emptied {
            if !store.has_assigned(extension, |_| true)? {
                store.drop_extension(extension)?;
            }
        }
        Ok(Outcome { changed: !changes.is_empty(), changes, repairs: coercer.repairs })
    }

    /// Unassigns a whole attribute.
    pub fn unassign(&mut self, attr: AttrRef<'a>, held: impl Into<HeldAt>) -> Applied<(), S> {
        let (attr, held) = (attr.whole(), held.into());
        if self.is_unassigned(held)? {
            return Ok(());
        }
        self.drop_value(attr, held)?;
        self.keep_required(attr, held)
    }

    /// Drops the whole value of an attribute, unless it or a part of it is immutable and assigned. What only the provider
    /// sets stays of a single complex value (P7).
    pub fn drop_value(&mut self, attr: AttrRef<'a>, held: HeldAt) -> Applied<(), S> {
        if attr.attribute.mutability == Mutability::Immutable {
            return Err(immutable(attr).into());
        }
        let single = match held {
            HeldAt::List(at) => return self.held.list_mut(at).clear(),
            HeldAt::Single(at) => self.held.single_mut(at),
        };
        let mut left = Map::new();
        if let Some(Value::Object(now)) = single.now() {
            if let Some(sub) = edit::set_once(attr.attribute, now) {
                return Err(immutable(attr.sub(sub)).into());
            }
            left = edit::left_of(attr.attribute, now, |sub| sub.mutability == Mutability::ReadOnly);
        }
        single.set_whole((!left.is_empty()).then_some(Value::Object(left)));
        Ok(())
    }

    /// Whether the attribute is required and unassigned. Optional attributes are not inspected, which saves a scan.
    pub fn is_lacking(&self, attr: AttrRef<'a>, held: impl Into<HeldAt>) -> Applied<bool, S> {
        Ok(attr.attribute.required && self.is_unassigned(held)?)
    }

    /// Refuses to leave a required attribute without a value.
    pub fn keep_required(&mut self, attr: AttrRef<'a>, held: impl Into<HeldAt>) -> Applied<(), S> {
        if self.is_lacking(attr, held)? { Err(required(attr.whole()).into()) } else { Ok(()) }
    }
}
