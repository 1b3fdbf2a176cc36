//! When two values are the same, and when two elements of a multi-valued attribute are (P5).

use std::collections::HashMap;
use std::hash::{BuildHasher, DefaultHasher, Hash, Hasher, RandomState};

use serde_json::{Map, Value};

use super::members::{is_unassigned, member, set_member};
use crate::document::MAX_DEPTH;
use crate::filter::decimal::{Decimal, same_number};
use crate::filter::fold;
use crate::schema::{AttrType, Attribute};

/// Whether two values say the same: numbers by value, members by name in any case, unassigned members not counted.
pub(crate) fn same_value(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => same_number(a, b),
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same_value(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            same_in_order(a, b).unwrap_or_else(|| holds_all_of(a, b) && holds_all_of(b, a))
        }
        _ => a == b,
    }
}

/// Of two objects with the same names in the same order, as most have them, whether they say the same.
fn same_in_order(a: &Map<String, Value>, b: &Map<String, Value>) -> Option<bool> {
    let is_alike = a.len() == b.len() && a.keys().zip(b.keys()).all(|(a, b)| a == b);
    is_alike.then(|| a.values().zip(b.values()).all(|(a, b)| says_same(a, b)))
}

fn says_same(a: &Value, b: &Value) -> bool {
    same_value(a, b) || (is_unassigned(a) && is_unassigned(b))
}

fn holds_all_of(a: &Map<String, Value>, b: &Map<String, Value>) -> bool {
    b.iter().all(|(name, value)| match member(a, name) {
        Some(other) => says_same(other, value),
        None => is_unassigned(value),
    })
}

/// As [`same_value`] where either may be absent.
pub(crate) fn same_option(a: Option<&Value>, b: Option<&Value>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => same_value(a, b),
        (Some(one), None) | (None, Some(one)) => is_unassigned(one),
        (None, None) => true,
    }
}

/// Whether a readOnly value is already what a client sent: each sub-attribute that it names.
pub(crate) fn holds_already(stored: Option<&Value>, value: &Value) -> bool {
    match (stored, value) {
        (Some(Value::Object(stored)), Value::Object(given)) => {
            given.iter().all(|(name, value)| is_unassigned(value) || same_option(member(stored, name), Some(value)))
        }
        (stored, value) => same_option(stored, Some(value)),
    }
}

/// A hash that is equal for values that [`same_value`] calls equal.
pub(crate) fn value_hash(value: &Value) -> u64 {
    value_hash_within(value, MAX_DEPTH)
}

/// What is nested deeper does not count: equal values still have equal hashes.
fn value_hash_within(value: &Value, depth: usize) -> u64 {
    let mut hasher = DefaultHasher::new();
    let Some(below) = depth.checked_sub(1) else { return 0 };
    let value_hash = |value: &Value| value_hash_within(value, below);
    match value {
        Value::Null => 0_u8.hash(&mut hasher),
        Value::Bool(value) => value.hash(&mut hasher),
        Value::Number(number) => Decimal::parse(&number.to_string()).hash_value(&mut hasher),
        Value::String(text) => text.hash(&mut hasher),
        Value::Array(elements) => elements.iter().for_each(|element| value_hash(element).hash(&mut hasher)),
        Value::Object(members) => {
            let all = members.iter().filter(|(_, value)| !is_unassigned(value)).map(|(name, value)| {
                let mut hasher = DefaultHasher::new();
                name.to_ascii_lowercase().hash(&mut hasher);
                value_hash(value).hash(&mut hasher);
                hasher.finish()
            });
            all.fold(0_u64, u64::wrapping_add).hash(&mut hasher);
        }
    }
    hasher.finish()
}

/// Whether two values of an attribute are equal as `eq` would have it: strings by its `caseExact`.
pub(crate) fn equal_as(attribute: &Attribute, a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::String(a), Value::String(b)) if !attribute.is_case_exact() => {
            a.eq_ignore_ascii_case(b) || (!(a.is_ascii() && b.is_ascii()) && fold::eq(a, &fold::fold(b)))
        }
        _ => same_value(a, b),
    }
}

/// A hash that is equal for values that [`equal_as`] calls equal; seeded, so that nobody can prepare values that collide.
pub(crate) fn equal_hash(attribute: &Attribute, value: &Value, seed: &RandomState) -> u64 {
    match value {
        Value::String(text) if attribute.is_case_exact() => seed.hash_one(text),
        Value::String(text) => seed.hash_one(fold::fold(text)),
        other => seed.hash_one(value_hash(other)),
    }
}

/// What tells the elements of a multi-valued attribute apart (P5).
#[derive(Debug, Clone, Copy)]
pub(crate) struct Identity<'a> {
    attribute: &'a Attribute,
    /// The `value` sub-attribute.
    pub value: Option<&'a Attribute>,
    /// The `type` sub-attribute, where it counts: not for references to resources.
    kind: Option<&'a Attribute>,
}

impl<'a> Identity<'a> {
    pub(crate) fn of(attribute: &'a Attribute) -> Self {
        let (mut value, mut kind, mut is_reference) = (None, None, false);
        for sub in &attribute.sub_attributes {
            match sub.name.len() {
                5 if sub.name.eq_ignore_ascii_case("value") => value = value.or(Some(sub)),
                4 if sub.name.eq_ignore_ascii_case("type") => kind = kind.or(Some(sub)),
                4 if sub.name.eq_ignore_ascii_case("$ref") => is_reference = true,
                _ => {}
            }
        }
        Self { attribute, value, kind: kind.filter(|_| value.is_some() && !is_reference) }
    }

    /// The part of an element by which it can be found in an index: its `value`, or a simple element itself.
    pub(crate) fn key<'v>(&self, element: &'v Value) -> Option<&'v Value> {
        match (self.value, element) {
            (Some(value), Value::Object(members)) => member(members, &value.name).filter(|value| !is_unassigned(value)),
            (None, simple) if !self.attribute.is_complex() => Some(simple),
            _ => None,
        }
    }

    /// Whether two elements are one. With `any_type`, an object `b` without a type stands for every type (P14).
    pub(crate) fn is_same(&self, a: &Value, b: &Value, any_type: bool) -> bool {
        let (Some(a_key), Some(b_key)) = (self.key(a), self.key(b)) else {
            return same_value(a, b);
        };
        equal_as(self.value.unwrap_or(self.attribute), a_key, b_key) && self.same_type(a, b, any_type)
    }

    /// A hash that is equal for elements that are one.
    pub(crate) fn hash(&self, element: &Value, seed: &RandomState) -> u64 {
        let Some(key) = self.key(element) else { return seed.hash_one(value_hash(element)) };
        let kind = self.kind.zip(element.as_object()).and_then(|(kind, members)| {
            let value = member(members, &kind.name).filter(|value| !is_unassigned(value))?;
            Some(equal_hash(kind, value, seed))
        });
        seed.hash_one((equal_hash(self.value.unwrap_or(self.attribute), key, seed), kind))
    }

    /// Whether an element has a `value` and no `type` where elements have one: in a removal it stands for every type.
    pub(crate) fn is_untyped(&self, element: &Value) -> bool {
        let has_type = |kind: &Attribute| {
            element
                .as_object()
                .and_then(|members| member(members, &kind.name))
                .is_some_and(|value| !is_unassigned(value))
        };
        self.key(element).is_some() && self.kind.is_some_and(|kind| !has_type(kind))
    }

    fn same_type(&self, a: &Value, b: &Value, any_type: bool) -> bool {
        let Some(kind) = self.kind else { return true };
        match (type_of(kind, a), type_of(kind, b)) {
            (Some(a), Some(b)) => equal_as(kind, a, b),
            (None, None) => true,
            (_, None) => any_type,
            (None, Some(_)) => false,
        }
    }
}

fn type_of<'v>(kind: &Attribute, element: &'v Value) -> Option<&'v Value> {
    element.as_object().and_then(|members| member(members, &kind.name)).filter(|value| !is_unassigned(value))
}

/// Whether an index over a sub-attribute's values finds what `eq` finds: not for dateTimes, which are equal as instants.
pub(crate) fn is_indexable(attribute: &Attribute) -> bool {
    !matches!(attribute.attr_type, AttrType::DateTime | AttrType::Complex)
}

/// Finds the element of a list that is the same one (P5) as another, by an index.
pub(crate) struct Finder<'v> {
    identity: Identity<'v>,
    seed: RandomState,
    by_identity: HashMap<u64, Vec<&'v Value>>,
}

impl<'v> Finder<'v> {
    pub(crate) fn new(attribute: &'v Attribute, elements: impl IntoIterator<Item = &'v Value>) -> Self {
        let identity = Identity::of(attribute);
        let seed = RandomState::new();
        let mut by_identity: HashMap<u64, Vec<&Value>> = HashMap::new();
        for element in elements {
            let same = by_identity.entry(identity.hash(element, &seed)).or_default();
            // Of elements that are all alike one is enough.
            if !same.last().is_some_and(|last| same_value(last, element)) {
                same.push(element);
            }
        }
        Self { identity, seed, by_identity }
    }

    pub(crate) fn find(&self, element: &Value) -> Option<&'v Value> {
        let candidates = self.by_identity.get(&self.identity.hash(element, &self.seed))?;
        candidates.iter().find(|candidate| self.identity.is_same(candidate, element, false)).copied()
    }
}

/// Elements of one request that are the same one, as one: what each says, the last word last (P5).
pub(crate) fn merge_repeated(attribute: &Attribute, elements: Vec<Value>) -> Vec<Value> {
    let (identity, seed) = (Identity::of(attribute), RandomState::new());
    let mut by_identity: HashMap<u64, Vec<usize>> = HashMap::with_capacity(elements.len());
    let mut merged: Vec<Value> = Vec::with_capacity(elements.len());
    for element in elements {
        let candidates = by_identity.entry(identity.hash(&element, &seed)).or_default();
        let is_same = |at: &&usize| merged.get(**at).is_some_and(|held| identity.is_same(held, &element, false));
        let Some(at) = candidates.iter().find(is_same).copied() else {
            candidates.push(merged.len());
            merged.push(element);
            continue;
        };
        if let (Some(Value::Object(held)), Value::Object(given)) = (merged.get_mut(at), element) {
            for (name, value) in given {
                set_member(held, &name, value);
            }
        }
    }
    merged
}

/// Whether a list of a readOnly attribute holds each element already that a client sent, as far as it says.
pub(crate) fn holds_all<'v>(
    attribute: &'v Attribute,
    stored: impl IntoIterator<Item = &'v Value>,
    given: &[Value],
) -> bool {
    let finder = Finder::new(attribute, stored);
    given.iter().all(|element| finder.find(element).is_some_and(|held| holds_already(Some(held), element)))
}
