//! The rules by which a complex value, or a list in it, changes. PATCH, POST and PUT all use these rules to decide whether
//! a sub-attribute may change, and how (P5, P5a, P5c, P12, P12a).

use std::collections::HashMap;
use std::hash::RandomState;

use serde_json::{Map, Value};

use super::coercer::{Coercer, lacks_value, names_somebody};
use super::complex_value::{ComplexValue, Listed};
use super::equality::{equal, equal_option, holds, same_option, same_written};
use super::identity::Identity;
use super::members::{is_unassigned, key_of, member, remove_member, set_member};
use super::refusal::Refusal;
use super::request::{EditMode, NamedIn, RequestKind};
use super::sublist::{SublistChange, Sublists};
use crate::error::ScimType;
use crate::schema::{AttrRef, Attribute, Mutability};

pub(crate) fn immutable(attr: AttrRef<'_>) -> Refusal {
    Refusal::new(ScimType::Mutability, attr, "is immutable: it may be set once and not be changed")
}

pub(crate) fn required(attr: AttrRef<'_>) -> Refusal {
    Refusal::new(ScimType::Mutability, attr, "is required and may not become unassigned")
}

fn assigned(value: Option<&Value>) -> Option<&Value> {
    value.filter(|value| !is_unassigned(value))
}

/// Whether an attribute or sub-attribute may change from `old` to `new`. The result is `true` if the new value is to be
/// set, `false` if the old value stays, and an error if the change is refused.
pub(crate) fn may_change(
    coercer: &mut Coercer<'_>,
    attr: AttrRef<'_>,
    named: NamedIn,
    old: Option<&Value>,
    new: Option<&Value>,
) -> Result<bool, Refusal> {
    let (old, new) = (assigned(old), assigned(new));
    let is_equal = || equals_stored(attr.leaf(), old, new);
    may_become(coercer, attr, named, (old.is_some(), new.is_some()), is_equal)
}

/// Whether a coerced value equals the stored one, which may be a single value where a list is due, or a list of one where a
/// single value is due (D5).
pub(crate) fn equals_stored(attribute: &Attribute, old: Option<&Value>, new: Option<&Value>) -> bool {
    match (old, new) {
        (Some(old), Some(Value::Array(new))) if attribute.multi_valued && !old.is_array() => {
            matches!(new.as_slice(), [only] if equal(attribute, old, only))
        }
        (Some(Value::Array(old)), Some(new)) if !attribute.multi_valued && !new.is_array() => {
            matches!(old.as_slice(), [only] if equal(attribute, only, new))
        }
        (old, new) => equal_option(attribute, old, new),
    }
}

/// As [`may_change`], without the values: the caller says whether the attribute was assigned, whether it is to be assigned,
/// and whether the value stays equal.
fn may_become(
    coercer: &mut Coercer<'_>,
    attr: AttrRef<'_>,
    named: NamedIn,
    (was_assigned, is_assigned): (bool, bool),
    is_equal: impl Fn() -> bool,
) -> Result<bool, Refusal> {
    let leaf = attr.leaf();
    match leaf.mutability {
        Mutability::ReadOnly if !attr.is_secret() && is_equal() => return Ok(false),
        Mutability::ReadOnly => return Err(Refusal::read_only(attr)),
        Mutability::Immutable if was_assigned => {
            if attr.is_secret() {
                // The answer must not depend on whether the client sent the stored value (P12a).
                if coercer.request == RequestKind::Resource {
                    coercer.report_secret(attr);
                    return Ok(false);
                }
                return Err(immutable(attr));
            }
            if is_equal() || (!is_assigned && named == NamedIn::Value) {
                return Ok(false);
            }
            let is_detail = attr.attribute.mutability != Mutability::Immutable
                && attr.sub.is_some_and(|sub| attr.attribute.is_reference_detail(sub));
            if named == NamedIn::Value && is_detail && coercer.options.tolerance.reference_details {
                coercer.report(attr, "reference_details", "follows from `value`; what the client sent was ignored");
                return Ok(false);
            }
            return Err(immutable(attr));
        }
        _ => {}
    }
    if was_assigned && !is_assigned {
        if leaf.required {
            return Err(match coercer.request {
                RequestKind::Resource => Refusal::new(ScimType::InvalidValue, attr, "is required"),
                _ => required(attr),
            });
        }
        if attr.is_value() && names_somebody(attr.whole()) {
            return Err(lacks_value(attr.whole()));
        }
    }
    Ok(true)
}

/// Sets, adds to or unassigns one sub-attribute; returns whether anything changed. With `is_kept`, a stored value that is
/// equal by the rules of the attribute keeps its spelling (P5).
pub(crate) fn set_sub<'a>(
    coercer: &mut Coercer<'a>,
    attr: AttrRef<'a>,
    object: &mut impl ComplexValue,
    (mode, named, is_kept): (EditMode, NamedIn, bool),
    value: Option<&Value>,
) -> Result<bool, Refusal> {
    let sub = attr.leaf();
    // A secret list is stored as given: its values are not compared with the stored ones (P12a).
    if !attr.is_secret()
        && let Some(plan) = plan(object, attr, mode, value)
    {
        let assigned = (plan.was_assigned, plan.is_assigned);
        if plan.is_empty() || !may_become(coercer, attr, named, assigned, || false)? {
            return Ok(false);
        }
        carry_out(object, sub, plan);
        return Ok(true);
    }
    let old = object.get(&sub.name);
    let listed;
    let new = if sub.multi_valued && (mode != EditMode::Replace) {
        listed = list_after(attr, old, mode, value);
        listed.as_ref()
    } else {
        value
    };
    let is_secret = attr.is_secret() && new.is_some();
    let is_same = match (old, new) {
        (Some(old), Some(new)) if is_kept => equal(sub, old, new),
        (Some(old), Some(new)) => same_written(sub, old, new),
        (old, new) => same_option(old, new),
    };
    if is_same && !is_secret {
        return Ok(false);
    }
    if !may_change(coercer, attr, named, old, new)? {
        return Ok(false);
    }
    match new.cloned() {
        Some(new) => object.set(&sub.name, new),
        None => object.remove(&sub.name),
    }
    Ok(true)
}

/// Sets the given sub-attributes of a complex value; the others stay (P5, P6). A `null` unassigns a sub-attribute that the
/// client may change, unless `is_kept` (P9). Returns whether anything changed.
pub(crate) fn merge<'a>(
    coercer: &mut Coercer<'a>,
    attr: AttrRef<'a>,
    object: &mut impl ComplexValue,
    (mode, is_kept): (EditMode, bool),
    given: &Map<String, Value>,
) -> Result<bool, Refusal> {
    // Of an element with a `value`, only the identity stays as it is stored (P5). What may not change stays anyway.
    let is_element = is_kept && attr.attribute.multi_valued && attr.attribute.mutability != Mutability::Immutable;
    let identity = is_element
        .then(|| Identity::of(attr.attribute))
        .filter(|identity| identity.value.is_some_and(|value| assigned(object.get(&value.name)).is_some()));
    let mut is_different = false;
    for (name, value) in given {
        let value = Some(value).filter(|value| !value.is_null());
        let Some(sub) = attr.attribute.sub_attribute(name) else {
            if !same_option(object.get(name), value) {
                match value {
                    Some(value) => object.set(name, value.clone()),
                    None => object.remove(name),
                }
                is_different = true;
            }
            continue;
        };
        if value.is_none() && (is_kept || matches!(sub.mutability, Mutability::ReadOnly | Mutability::Immutable)) {
            continue;
        }
        let keeps = is_kept && identity.as_ref().is_none_or(|identity| identity.has(sub));
        is_different |= set_sub(coercer, attr.whole().sub(sub), object, (mode, NamedIn::Value, keeps), value)?;
    }
    Ok(is_different)
}

/// Whether a reference that has a `value` refers to something else if its `value` becomes `new` (P5c).
pub(crate) fn refers_anew(attr: AttrRef<'_>, object: &impl ComplexValue, new: Option<&Value>) -> bool {
    let Some(value) = attr.attribute.sub_attribute("value").filter(|_| attr.attribute.is_reference()) else {
        return false;
    };
    let was = assigned(object.get(&value.name));
    was.is_some() && !equal_option(value, was, new)
}

/// Drops the details of a single reference, such as `display`, before its `value` becomes `new`, because the details belong
/// to the old `value` (P5c). `is_given` says which sub-attributes the request sets. No report is made when their old values
/// are dropped.
pub(crate) fn leave_value(
    coercer: &mut Coercer<'_>,
    attr: AttrRef<'_>,
    object: &mut impl ComplexValue,
    new: Option<&Value>,
    is_given: impl Fn(&Attribute) -> bool,
) -> bool {
    refers_anew(attr, object, new) && drop_details_but(coercer, attr, object, is_given)
}

/// Drops the details of a single reference, such as `display`, after its `value` was removed.
pub(crate) fn drop_details(coercer: &mut Coercer<'_>, attr: AttrRef<'_>, object: &mut impl ComplexValue) {
    if attr.attribute.is_reference() {
        drop_details_but(coercer, attr, object, |_| false);
    }
}

fn drop_details_but(
    coercer: &mut Coercer<'_>,
    attr: AttrRef<'_>,
    object: &mut impl ComplexValue,
    is_given: impl Fn(&Attribute) -> bool,
) -> bool {
    let is_strict = coercer.request == RequestKind::Patch && !coercer.options.tolerance.reference_details;
    let mut is_different = false;
    for sub in attr.attribute.sub_attributes.iter().filter(|sub| attr.attribute.is_reference_detail(sub)) {
        let is_kept = is_strict && sub.mutability == Mutability::ReadWrite;
        if is_kept || assigned(object.get(&sub.name)).is_none() {
            continue;
        }
        object.remove(&sub.name);
        is_different = true;
        if !is_given(sub) {
            let path = AttrRef { sub: Some(sub), ..attr };
            coercer.report(path, "reference_details", "was of the `value` before and went with it");
        }
    }
    is_different
}

/// The first immutable sub-attribute that is assigned in a single complex value. If there is one, the value cannot be
/// removed as a whole (P12). The details of a reference do not count, because they are dropped with its `value`.
pub(crate) fn set_once<'a>(attribute: &'a Attribute, now: &Map<String, Value>) -> Option<&'a Attribute> {
    let is_set_once = |sub: &&Attribute| {
        sub.mutability == Mutability::Immutable
            && !attribute.is_reference_detail(sub)
            && assigned(member(now, &sub.name)).is_some()
    };
    attribute.sub_attributes.iter().filter(|_| !attribute.multi_valued).find(is_set_once)
}

/// The sub-attributes of a single complex value that stay if the value is removed as a whole (P7, R2): those that `stays`
/// names. The details of a reference stay with its `value`, or go with it (P5c), unless they are secret.
pub(crate) fn left_of(
    attribute: &Attribute,
    now: &Map<String, Value>,
    stays: impl Fn(&Attribute) -> bool,
) -> Map<String, Value> {
    let value = attribute.sub_attribute("value").filter(|value| stays(value));
    let refers = value.is_some_and(|value| assigned(member(now, &value.name)).is_some());
    let follows = |sub: &Attribute| attribute.is_reference_detail(sub) && !sub.is_never_returned();
    let stays = |sub: &&Attribute| (refers && attribute.is_reference_detail(sub)) || (!follows(sub) && stays(sub));
    let subs = attribute.sub_attributes.iter().filter(stays);
    let left = subs.filter_map(|sub| {
        let (name, value) = now.get_key_value(key_of(now, &sub.name)?)?;
        Some((name.clone(), assigned(Some(value))?.clone()))
    });
    left.collect()
}

/// Copies into a whole new value the sub-attributes that it keeps of the old value with the same identity (P5): those that
/// are readOnly, immutable or secret.
pub(crate) fn carry<'a>(
    coercer: &mut Coercer<'a>,
    attr: AttrRef<'a>,
    held: &Map<String, Value>,
    new: &mut Map<String, Value>,
) -> Result<(), Refusal> {
    for sub in &attr.attribute.sub_attributes {
        let Some(old) = assigned(member(held, &sub.name)) else {
            if sub.mutability == Mutability::ReadOnly && member(new, &sub.name).is_some() {
                return Err(Refusal::read_only(attr.whole().sub(sub)));
            }
            continue;
        };
        let given = assigned(member(new, &sub.name));
        let keeps = match sub.mutability {
            Mutability::ReadOnly | Mutability::Immutable => {
                given.is_none() || !may_change(coercer, attr.whole().sub(sub), NamedIn::Value, Some(old), given)?
            }
            _ => given.is_none() && sub.is_never_returned() && member(new, &sub.name).is_none(),
        };
        if keeps {
            // The key keeps its spelling (P4).
            set_member(new, key_of(held, &sub.name).unwrap_or(&sub.name), old.clone());
        }
    }
    Ok(())
}

/// The result of replacing a single complex value as a whole: the given value, completed by the old sub-attributes that the
/// client may not change (P5c, P12). `keep` adds further sub-attributes that stay.
pub(crate) fn replaced_whole<'a>(
    coercer: &mut Coercer<'a>,
    attr: AttrRef<'a>,
    held: &Map<String, Value>,
    given: &Map<String, Value>,
    keep: impl FnOnce(&Map<String, Value>, &mut Map<String, Value>),
) -> Result<Map<String, Value>, Refusal> {
    let mut new = given.clone();
    new.retain(|_, value| !value.is_null());
    keep(held, &mut new);
    carry(coercer, attr, held, &mut new)?;
    keep_details(attr, held, given, &mut new);
    Ok(new)
}

/// Keeps the details of a single reference whose `value` stays, unless the client mentions them (P5c).
fn keep_details(
    attr: AttrRef<'_>,
    held: &Map<String, Value>,
    given: &Map<String, Value>,
    new: &mut Map<String, Value>,
) {
    let Some(value) = attr.attribute.sub_attribute("value").filter(|_| attr.attribute.is_reference()) else { return };
    let was = assigned(member(held, &value.name));
    if was.is_none() || !equal_option(value, was, member(new, &value.name)) {
        return;
    }
    for sub in attr.attribute.sub_attributes.iter().filter(|sub| attr.attribute.is_reference_detail(sub)) {
        if let Some(old) = member(held, &sub.name)
            && member(given, &sub.name).is_none()
        {
            set_member(new, &sub.name, old.clone());
        }
    }
}

/// The plan to change a list in place; `None` if the list is set as a whole.
fn plan<'v>(
    object: &mut impl ComplexValue,
    attr: AttrRef<'_>,
    mode: EditMode,
    given: Option<&'v Value>,
) -> Option<SublistChange<'v>> {
    let sub = attr.leaf();
    let given = super::diff::elements(given);
    if !sub.multi_valued || mode == EditMode::Replace || given.is_empty() {
        return None;
    }
    let (list, known) = object.list(sub)?;
    match mode {
        // A secret is always appended, because the result must not show whether it was in the list before (P12a).
        EditMode::Add => Some(known.add(sub, list, given, attr.is_secret())),
        _ => Some(known.remove(sub, list, given)),
    }
}

fn carry_out(object: &mut impl ComplexValue, sub: &Attribute, plan: SublistChange<'_>) {
    let is_assigned = plan.is_assigned;
    object.before_list(sub);
    if let Some((list, known)) = object.list(sub) {
        known.carry_out(sub, list, plan);
    }
    if !is_assigned {
        object.remove(&sub.name);
    }
}

/// The list of a sub-attribute after values were added or removed; `None` if no value is left. A secret is always appended,
/// because the result must not show whether it was in the list before (P12a).
fn list_after(attr: AttrRef<'_>, held: Option<&Value>, mode: EditMode, given: Option<&Value>) -> Option<Value> {
    let (sub, is_secret) = (attr.leaf(), attr.is_secret());
    let held = super::diff::elements(held);
    let given = super::diff::elements(given);
    let (identity, seed) = (Identity::of(sub), RandomState::new());
    let mut by_identity: HashMap<u64, Vec<&Value>> = HashMap::new();
    let known = if mode == EditMode::Add { held } else { given };
    for value in known {
        by_identity.entry(identity.hash(value, &seed)).or_default().push(value);
    }
    let is_known = |by_identity: &HashMap<u64, Vec<&Value>>, value: &Value| {
        let candidates = by_identity.get(&identity.hash(value, &seed));
        candidates.is_some_and(|all| all.iter().any(|other| identity.is_same(value, other, true)))
    };
    let all: Vec<Value> = if mode == EditMode::Add {
        let mut all = held.to_vec();
        for value in given {
            if is_secret || !is_known(&by_identity, value) {
                by_identity.entry(identity.hash(value, &seed)).or_default().push(value);
                all.push(value.clone());
            }
        }
        all
    } else if given.is_empty() {
        Vec::new()
    } else {
        held.iter().filter(|value| !is_known(&by_identity, value)).cloned().collect()
    };
    if all.iter().all(is_unassigned) { None } else { Some(Value::Array(all)) }
}

/// Whether a `remove` with a value names this stored value (P14).
pub(crate) fn is_named(attribute: &Attribute, held: Option<&Value>, given: &Value) -> bool {
    assigned(held).is_some_and(|held| holds(attribute, Some(held), given))
}

/// Sets the members of a later element on an earlier element with the same identity (P5). Returns the names of the members
/// whose earlier value is lost.
fn overlay(
    attr: AttrRef<'_>,
    earlier: &mut impl ComplexValue,
    later: Map<String, Value>,
    mode: EditMode,
) -> Vec<String> {
    let mut lost = Vec::new();
    for (name, value) in later {
        let sub = attr.attribute.sub_attribute(&name);
        let is_lost = match sub {
            Some(sub) if sub.multi_valued && mode == EditMode::Add => {
                let path = AttrRef { sub: Some(sub), ..attr };
                match plan(earlier, path, mode, Some(&value)) {
                    Some(plan) if plan.is_empty() => {}
                    Some(plan) => carry_out(earlier, sub, plan),
                    None => {
                        let all = list_after(path, earlier.get(&name), mode, Some(&value));
                        earlier.set(&name, all.unwrap_or(Value::Null));
                    }
                }
                continue;
            }
            // What only the provider sets is compared with what is stored, not with another element.
            Some(sub) if sub.mutability == Mutability::ReadOnly => false,
            Some(sub) => assigned(earlier.get(&name)).is_some_and(|held| !equal(sub, held, &value)),
            None => assigned(earlier.get(&name)).is_some_and(|held| !same_option(Some(held), Some(&value))),
        };
        earlier.set(&name, value);
        if is_lost {
            lost.push(name);
        }
    }
    lost
}

/// Unites a changed element with `held`, another element whose identity it now has (P5). The sub-attributes of `held` that
/// the client may not change are treated as if the client had sent the changed element: they stay, or the request is
/// refused (P5c, P12).
pub(crate) fn unite(
    coercer: &mut Coercer<'_>,
    attr: AttrRef<'_>,
    held: &mut impl ComplexValue,
    mut changed: Map<String, Value>,
) -> Result<(), Refusal> {
    let mut lost = Vec::new();
    changed.retain(|_, value| !is_unassigned(value));
    for sub in &attr.attribute.sub_attributes {
        let (Some(old), Some(new)) = (assigned(held.get(&sub.name)), assigned(member(&changed, &sub.name))) else {
            continue;
        };
        let stays = match sub.mutability {
            Mutability::ReadOnly => {
                if !attr.sub(sub).is_secret() && !equal(sub, old, new) {
                    lost.push(sub.name.clone());
                }
                true
            }
            Mutability::Immutable => !may_change(coercer, attr.sub(sub), NamedIn::Value, Some(old), Some(new))?,
            _ if attr.sub(sub).is_secret() => {
                // Whether the secrets are the same is not said (P12a).
                lost.push(sub.name.clone());
                let new = new.clone();
                held.set(&sub.name, new);
                true
            }
            _ => false,
        };
        if stays {
            remove_member(&mut changed, &sub.name);
        }
    }
    lost.extend(overlay(attr, held, changed, EditMode::Replace));
    coercer.report_lost(attr, lost);
    Ok(())
}

impl Coercer<'_> {
    /// Drops the secrets that a client gives for an immutable attribute that is assigned, and reports them (P12a).
    pub(crate) fn drop_secrets(&mut self, attr: AttrRef<'_>, given: &mut Value) {
        let elements = match given {
            Value::Array(elements) => elements.as_mut_slice(),
            one => std::slice::from_mut(one),
        };
        for members in elements.iter_mut().filter_map(Value::as_object_mut) {
            for sub in attr.attribute.sub_attributes.iter().filter(|sub| sub.is_never_returned()) {
                if remove_member(members, &sub.name).is_some_and(|value| !is_unassigned(&value)) {
                    self.report_secret(AttrRef { sub: Some(sub), ..attr });
                }
            }
        }
    }

    /// Unites elements of one value that have the same identity (P5), and reports the values that are lost.
    pub(crate) fn merge_repeated(
        &mut self,
        attr: AttrRef<'_>,
        elements: Vec<Value>,
        mode: EditMode,
    ) -> Result<Vec<Value>, Refusal> {
        let count = elements.len();
        let (merged, lost) = merge_repeated(attr, elements, mode, self.options.limits.members);
        self.report_lost(attr, lost);
        if merged.len() < count {
            self.check_sizes(attr, &merged)?;
        }
        Ok(merged)
    }

    fn check_sizes(&self, attr: AttrRef<'_>, elements: &[Value]) -> Result<(), Refusal> {
        elements.iter().try_for_each(|element| self.check_size(attr, element))
    }

    /// Refuses a stored or merged object with too many members. The check of the body is not enough, because operations can
    /// add members one by one.
    pub(crate) fn check_size(&self, attr: AttrRef<'_>, value: &Value) -> Result<(), Refusal> {
        let (count, max) = (value.as_object().map_or(0, Map::len), self.options.limits.members);
        if count > max {
            return Err(Refusal::new(ScimType::TooMany, attr.whole(), crate::json::too_many_members(count, max)));
        }
        Ok(())
    }

    /// Reports lost values in the order of the schema, whatever the order of members in the element.
    pub(crate) fn report_lost(&mut self, attr: AttrRef<'_>, mut lost: Vec<String>) {
        let place = |name: &String| {
            let of_schema = attr.leaf().sub_attributes.iter().position(|sub| sub.name.eq_ignore_ascii_case(name));
            of_schema.unwrap_or(usize::MAX)
        };
        lost.sort_by_key(place);
        for name in lost {
            let detail = "of two elements that are the same one, what the later says counts";
            self.report(format!("{attr}.{name}"), "same_elements", detail);
        }
    }
}

/// Unites elements with the same identity, and returns the names of the members whose earlier value is lost. An element
/// with more than `max` members gets no further members, because the caller refuses it.
#[expect(clippy::indexing_slicing, reason = "a position was noted when its element was pushed, and none is removed")]
pub(crate) fn merge_repeated(
    attr: AttrRef<'_>,
    elements: Vec<Value>,
    mode: EditMode,
    max: usize,
) -> (Vec<Value>, Vec<String>) {
    let mut lost = Vec::new();
    if elements.len() < 2 {
        return (elements, lost);
    }
    let leaf = attr.leaf();
    let (identity, seed) = (Identity::of(leaf), RandomState::new());
    let mut by_identity: HashMap<u64, Vec<usize>> = HashMap::with_capacity(elements.len());
    let mut lists: HashMap<usize, Sublists> = HashMap::new();
    let mut merged: Vec<Value> = Vec::with_capacity(elements.len());
    for element in elements {
        // An element with a secret is never united with another (P12a).
        if attr.is_secret() || says_secret(leaf, &element) {
            merged.push(element);
            continue;
        }
        let candidates = by_identity.entry(identity.hash(&element, &seed)).or_default();
        let is_same = |at: &&usize| identity.is_same(&merged[**at], &element, false);
        let Some(at) = candidates.iter().find(is_same).copied() else {
            candidates.push(merged.len());
            merged.push(element);
            continue;
        };
        if let (Value::Object(members), Value::Object(given)) = (&mut merged[at], element)
            && members.len() <= max
        {
            let lists = lists.entry(at).or_default();
            lost.extend(overlay(attr, &mut Listed { members, lists }, given, mode));
        }
    }
    for (at, mut lists) in lists {
        if let Value::Object(members) = &mut merged[at] {
            lists.settle(members);
        }
    }
    (merged, lost)
}

/// Whether an element says a secret (P12a).
pub(crate) fn says_secret(attribute: &Attribute, element: &Value) -> bool {
    attribute.is_never_returned() || says(attribute, element, Attribute::is_never_returned)
}

/// Whether an element of a PUT sets a secret that may be set again. An immutable secret that is assigned is dropped
/// instead; where it is not assigned, setting it is a change like any other (P12a).
pub(crate) fn sets_secret(attribute: &Attribute, element: &Value) -> bool {
    says(attribute, element, |sub| sub.is_never_returned() && sub.mutability != Mutability::Immutable)
}

fn says(attribute: &Attribute, element: &Value, counts: impl Fn(&Attribute) -> bool) -> bool {
    let Value::Object(members) = element else { return false };
    let mut subs = attribute.sub_attributes.iter().filter(|sub| counts(sub));
    subs.any(|sub| assigned(member(members, &sub.name)).is_some())
}
