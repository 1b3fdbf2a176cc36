//! The identity of elements of a multi-valued attribute (P5).

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

use serde_json::{Map, Value};

use super::equality::{
    equal, equal_hash, equal_members, equal_members_hash, has_doubled, member_hash, same_value, sub_hash,
};
use super::members::{is_unassigned, member};
use crate::schema::{Attribute, Mutability};

/// The identity of the elements of a multi-valued attribute (P5). It is `value` for references, and `value` and `type` for
/// other elements. For elements without a `value` it is everything that a client can set and see, except `primary`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Identity<'a> {
    attribute: &'a Attribute,
    /// The `value` sub-attribute.
    pub value: Option<&'a Attribute>,
    /// The `type` sub-attribute, if it is part of the identity. It is `None` for references.
    kind: Option<&'a Attribute>,
}

impl<'a> Identity<'a> {
    pub(crate) fn of(attribute: &'a Attribute) -> Self {
        let (mut value, mut kind, mut is_reference) = (None, None, false);
        for sub in &attribute.sub_attributes {
            // The length rules out most names before they are compared without regard to case.
            match sub.name.len() {
                5 if sub.name.eq_ignore_ascii_case("value") => value = value.or(Some(sub)),
                4 if sub.name.eq_ignore_ascii_case("type") => kind = kind.or(Some(sub)),
                4 if sub.name.eq_ignore_ascii_case("$ref") => is_reference = true,
                _ => {}
            }
        }
        Self { attribute, value, kind: kind.filter(|_| value.is_some() && !is_reference) }
    }

    /// The part of an element by which an index finds it: its `value`, or a simple element itself (F17).
    pub(crate) fn key<'v>(&self, element: &'v Value) -> Option<&'v Value> {
        match (self.value, element) {
            (Some(value), Value::Object(members)) => member(members, &value.name).filter(|value| !is_unassigned(value)),
            (Some(_), Value::Null | Value::Array(_)) => None,
            (Some(_), simple) => Some(simple),
            (None, simple) if !self.attribute.is_complex() => Some(simple),
            _ => None,
        }
    }

    /// Whether two elements have the same identity. With `any_type`, an object `b` without a type matches every type (P14).
    pub(crate) fn is_same(&self, a: &Value, b: &Value, any_type: bool) -> bool {
        match (self.key(a), self.key(b)) {
            (Some(a_key), Some(b_key)) => {
                equal(self.value.unwrap_or(self.attribute), a_key, b_key) && self.same_type(a, b, any_type)
            }
            (None, None) => match (a, b) {
                (Value::Object(a), Value::Object(b)) => equal_members(self.attribute, a, b, |name| self.counts(name)),
                _ => equal(self.attribute, a, b),
            },
            _ => false,
        }
    }

    /// A hash of the identity of an element. Elements with the same identity have the same hash.
    pub(crate) fn hash(&self, element: &Value, seed: &RandomState) -> u64 {
        let Some(key) = self.key(element) else {
            return seed.hash_one(match element {
                Value::Object(members) => equal_members_hash(self.attribute, members, seed, |name| self.counts(name)),
                other => equal_hash(self.attribute, other, seed),
            });
        };
        let kind = self.kind.and_then(|kind| Some(equal_hash(kind, type_of(kind, element)?, seed)));
        seed.hash_one((equal_hash(self.value.unwrap_or(self.attribute), key, seed), kind))
    }

    /// An element with a `value`, reduced to the members of its identity: `value` and perhaps `type`. Any other element is
    /// returned unchanged.
    pub(crate) fn essence(&self, element: &Value) -> Value {
        let (Some(value), Some(key), true) = (self.value, self.key(element), element.is_object()) else {
            return element.clone();
        };
        let kind = self.kind.and_then(|kind| Some((kind.name.clone(), type_of(kind, element)?.clone())));
        Value::Object(kind.into_iter().chain([(value.name.clone(), key.clone())]).collect())
    }

    /// Whether a secret is part of the identity of elements with a `value`.
    pub(crate) fn is_hidden(&self) -> bool {
        [self.value, self.kind].into_iter().flatten().any(Attribute::is_never_returned)
    }

    /// Whether a sub-attribute is part of the identity of elements with a `value`.
    pub(crate) fn has(&self, sub: &Attribute) -> bool {
        [self.value, self.kind].into_iter().flatten().any(|part| std::ptr::eq(part, sub))
    }

    /// An element whose readOnly members `sent` were taken out, with those of them that are part of its identity: by these
    /// it names a stored element (P5). `None` if there are none.
    pub(crate) fn named_by(&self, element: &Map<String, Value>, sent: &[(&Attribute, Value)]) -> Option<Value> {
        // A secret never names anything (P12a).
        let is_part =
            |sub: &Attribute| self.has(sub) && !self.attribute.is_never_returned() && !sub.is_never_returned();
        let named = sent.iter().filter(|(sub, _)| is_part(sub)).map(|(sub, value)| (sub.name.clone(), value.clone()));
        let named: Map<String, Value> = named.collect();
        (!named.is_empty()).then(|| Value::Object(element.clone().into_iter().chain(named).collect()))
    }

    /// Whether an element has a `value` but lacks the `type` that is part of the identity. As the value of a `remove`, such
    /// an element stands for all types.
    pub(crate) fn is_untyped(&self, element: &Value) -> bool {
        self.key(element).is_some() && self.kind.is_some_and(|kind| type_of(kind, element).is_none())
    }

    /// Whether a sub-attribute is left out of the identity of elements without a `value`, because a client cannot set or
    /// see it (P12a). Otherwise the element that a client reads by GET and sends back by PUT would have another identity
    /// than the stored one.
    fn is_left_out(&self, sub: &Attribute) -> bool {
        let is_set_by_provider =
            self.attribute.mutability != Mutability::ReadOnly && sub.mutability == Mutability::ReadOnly;
        is_set_by_provider || sub.is_never_returned()
    }

    /// Whether a member is part of the identity of an element without a `value`.
    fn counts(&self, name: &str) -> bool {
        !name.eq_ignore_ascii_case("primary")
            && !self.attribute.sub_attribute(name).is_some_and(|sub| self.is_left_out(sub))
    }

    /// Whether setting these sub-attributes may change the identity of an element.
    pub(crate) fn depends_on(&self, element: &Value, is_set: impl Fn(&Attribute) -> bool) -> bool {
        self.key(element).is_none() || self.value.is_some_and(&is_set) || self.kind.is_some_and(is_set)
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

/// The hash of an element without a `value`. It is updated as the members change, so that the cost depends on the change
/// and not on the size of the element.
#[derive(Debug, Clone)]
pub(crate) struct ElementHash<'a> {
    identity: Identity<'a>,
    seed: RandomState,
    sum: u64,
}

impl<'a> ElementHash<'a> {
    /// The hash of an element. It is `None` if the element has a `value`, or names that differ only in case, because the
    /// hash of such an element is not a sum over its members.
    pub(crate) fn of(attribute: &'a Attribute, element: &Value, seed: &RandomState) -> Option<Self> {
        let identity = Identity::of(attribute);
        let Value::Object(members) = element else { return None };
        if identity.key(element).is_some() || has_doubled(members) {
            return None;
        }
        let mut hash = Self { identity, seed: seed.clone(), sum: 0 };
        members.iter().for_each(|(name, value)| hash.add(name, value));
        Some(hash)
    }

    fn part(&self, name: &str, value: &Value) -> u64 {
        if !self.identity.counts(name) || is_unassigned(value) {
            return 0;
        }
        member_hash(name, sub_hash(self.identity.attribute, name, value, &self.seed), &self.seed)
    }

    pub(crate) fn add(&mut self, name: &str, value: &Value) {
        self.sum = self.sum.wrapping_add(self.part(name, value));
    }

    pub(crate) fn take(&mut self, name: &str, value: &Value) {
        self.sum = self.sum.wrapping_sub(self.part(name, value));
    }

    /// Adds a member whose value is a list with this hash; `None` stands for an unassigned list, which adds nothing.
    pub(crate) fn add_list(&mut self, name: &str, hash: Option<u64>) {
        if let Some(hash) = hash.filter(|_| self.identity.counts(name)) {
            self.sum = self.sum.wrapping_add(member_hash(name, hash, &self.seed));
        }
    }

    pub(crate) fn take_list(&mut self, name: &str, hash: Option<u64>) {
        if let Some(hash) = hash.filter(|_| self.identity.counts(name)) {
            self.sum = self.sum.wrapping_sub(member_hash(name, hash, &self.seed));
        }
    }

    /// The hash that [`Identity::hash`] gives for the element.
    pub(crate) fn hash(&self) -> u64 {
        // The inner hash is that of the object in `equality.rs`, the outer one that of the identity.
        self.seed.hash_one(self.seed.hash_one(self.sum))
    }
}

/// An index of a list that finds the element with the same identity (P5) as a given one.
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
            // Only the first of several equal elements in a row is kept, because many equal candidates would make `find`
            // slow.
            if !same.last().is_some_and(|last| same_value(last, element)) {
                same.push(element);
            }
        }
        Self { identity, seed, by_identity }
    }

    pub(crate) fn find(&self, element: &Value) -> Option<&'v Value> {
        self.all(element).next()
    }

    /// All elements with the identity of `element`: a readOnly list may have several.
    pub(crate) fn all(&self, element: &Value) -> impl Iterator<Item = &'v Value> {
        let candidates = self.by_identity.get(&self.identity.hash(element, &self.seed));
        let is_same = |candidate: &&Value| self.identity.is_same(candidate, element, false);
        candidates.into_iter().flatten().copied().filter(is_same)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;
    use crate::ResourceType;

    #[test]
    fn a_hash_that_follows_changes() {
        let user = ResourceType::user();
        let addresses = user.attribute("addresses").unwrap();
        let seed = RandomState::new();
        let is = |hash: &ElementHash<'_>, element: &Value| hash.hash() == Identity::of(addresses).hash(element, &seed);
        let first = json!({"type": "work", "locality": "Ayr", "primary": true, "zz": [1, 2]});
        let mut hash = ElementHash::of(addresses, &first, &seed).unwrap();
        assert!(is(&hash, &first));
        hash.take("locality", &json!("Ayr"));
        hash.add("LOCALITY", &json!("Oban"));
        hash.add("region", &json!(null));
        hash.take("primary", &json!(true));
        hash.take("zz", &json!([1, 2]));
        assert!(is(&hash, &json!({"locality": "OBAN", "type": "work"})));
        assert!(!is(&hash, &json!({"locality": "Oban", "type": "home"})));
        assert!(ElementHash::of(addresses, &json!({"a": 1, "A": 2}), &seed).is_none());
        let emails = user.attribute("emails").unwrap();
        assert!(ElementHash::of(emails, &json!({"value": "x"}), &seed).is_none());
    }
}
