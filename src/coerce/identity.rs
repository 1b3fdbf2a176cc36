//! When two elements of a multi-valued attribute are one (P5).

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

use serde_json::{Map, Value};

use super::equality::{equal, equal_hash, same_value};
use super::members::{is_unassigned, member};
use crate::schema::{Attribute, Mutability};

/// What tells the elements of a multi-valued attribute apart (P5): `value` for references, `value` and `type` for others,
/// and for elements without a `value` all that a client can set and see, but for `primary`.
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

    /// The part of an element by which it can be found in an index: its `value`, or a simple element itself (F17).
    pub(crate) fn key<'v>(&self, element: &'v Value) -> Option<&'v Value> {
        match (self.value, element) {
            (Some(value), Value::Object(members)) => member(members, &value.name).filter(|value| !is_unassigned(value)),
            (Some(_), Value::Null | Value::Array(_)) => None,
            (Some(_), simple) => Some(simple),
            (None, simple) if !self.attribute.is_complex() => Some(simple),
            _ => None,
        }
    }

    /// Whether two elements are one. With `any_type`, an object `b` without a type stands for every type (P14).
    pub(crate) fn is_same(&self, a: &Value, b: &Value, any_type: bool) -> bool {
        match (self.key(a), self.key(b)) {
            (Some(a_key), Some(b_key)) => {
                equal(self.value.unwrap_or(self.attribute), a_key, b_key) && self.same_type(a, b, any_type)
            }
            (None, None) => {
                let (own_a, own_b) = (self.shown(a), self.shown(b));
                equal(self.attribute, own_a.as_ref().unwrap_or(a), own_b.as_ref().unwrap_or(b))
            }
            _ => false,
        }
    }

    /// A hash that is equal for elements that are one.
    pub(crate) fn hash(&self, element: &Value, seed: &RandomState) -> u64 {
        let Some(key) = self.key(element) else {
            let rest = self.shown(element);
            return seed.hash_one(equal_hash(self.attribute, rest.as_ref().unwrap_or(element), seed));
        };
        let kind = self.kind.and_then(|kind| Some(equal_hash(kind, type_of(kind, element)?, seed)));
        seed.hash_one((equal_hash(self.value.unwrap_or(self.attribute), key, seed), kind))
    }

    /// An element with nothing but what tells it apart.
    pub(crate) fn essence(&self, element: &Value) -> Value {
        let (Some(value), Some(key), true) = (self.value, self.key(element), element.is_object()) else {
            return element.clone();
        };
        let kind = self.kind.and_then(|kind| Some((kind.name.clone(), type_of(kind, element)?.clone())));
        Value::Object(kind.into_iter().chain([(value.name.clone(), key.clone())]).collect())
    }

    /// Whether an element has a `value` and no `type` where elements have one: in a removal it stands for every type.
    pub(crate) fn is_untyped(&self, element: &Value) -> bool {
        self.key(element).is_some() && self.kind.is_some_and(|kind| type_of(kind, element).is_none())
    }

    /// Whether it is a part of an element alone that tells it apart.
    pub(crate) fn is_partial(&self, element: &Value) -> bool {
        self.key(element).is_some() || self.attribute.sub_attributes.iter().any(|sub| self.is_left_out(sub))
    }

    /// Whether a sub-attribute does not tell elements without a `value` apart: a client cannot say it, or cannot see it
    /// (P12a), so what a GET showed would be another element in the PUT that follows.
    fn is_left_out(&self, sub: &Attribute) -> bool {
        let is_set_by_provider =
            self.attribute.mutability != Mutability::ReadOnly && sub.mutability == Mutability::ReadOnly;
        is_set_by_provider || sub.is_never_returned()
    }

    /// An element without what does not tell it apart; none if it says nothing of that.
    fn shown(&self, element: &Value) -> Option<Value> {
        let members = element.as_object()?;
        let is_left_out = |name: &str| {
            name.eq_ignore_ascii_case("primary")
                || self.attribute.sub_attribute(name).is_some_and(|sub| self.is_left_out(sub))
        };
        if !members.keys().any(|name| is_left_out(name)) {
            return None;
        }
        let rest = members.iter().filter(|(name, _)| !is_left_out(name));
        Some(Value::Object(rest.map(|(name, value)| (name.clone(), value.clone())).collect::<Map<_, _>>()))
    }

    fn same_type(&self, a: &Value, b: &Value, any_type: bool) -> bool {
        let Some(kind) = self.kind else { return true };
        match (type_of(kind, a), type_of(kind, b)) {
            (Some(a), Some(b)) => equal(kind, a, b),
            (None, None) => true,
            (_, None) => any_type,
            (None, Some(_)) => false,
        }
    }
}

fn type_of<'v>(kind: &Attribute, element: &'v Value) -> Option<&'v Value> {
    element.as_object().and_then(|members| member(members, &kind.name)).filter(|value| !is_unassigned(value))
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
