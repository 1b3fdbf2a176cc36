//! When two values are the same, and when two elements of a multi-valued attribute are (P5).

use std::hash::{DefaultHasher, Hash, Hasher};

use serde_json::{Map, Value};

use super::members::{is_unassigned, member};
use crate::filter::decimal::{Decimal, same_number};
use crate::filter::fold;
use crate::schema::{AttrType, Attribute};

/// Whether two values say the same: numbers by value, members by name in any case, unassigned members not counted.
pub(crate) fn same_value(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => same_number(a, b),
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same_value(a, b)),
        (Value::Object(a), Value::Object(b)) => holds_all_of(a, b) && holds_all_of(b, a),
        _ => a == b,
    }
}

fn holds_all_of(a: &Map<String, Value>, b: &Map<String, Value>) -> bool {
    b.iter().all(|(name, value)| match member(a, name) {
        Some(other) => same_value(other, value) || (is_unassigned(other) && is_unassigned(value)),
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

/// Whether a readOnly attribute holds already what a client sent: each sub-attribute that it names, each element.
pub(crate) fn holds_already(stored: Option<&Value>, value: &Value) -> bool {
    match (stored, value) {
        (Some(Value::Object(stored)), Value::Object(given)) => {
            given.iter().all(|(name, value)| is_unassigned(value) || same_option(member(stored, name), Some(value)))
        }
        (Some(Value::Array(stored)), Value::Array(given)) => {
            !given.is_empty() && given.iter().all(|value| stored.iter().any(|other| holds_already(Some(other), value)))
                || (given.is_empty() && stored.is_empty())
        }
        (stored, value) => same_option(stored, Some(value)),
    }
}

/// A hash that is equal for values that [`same_value`] calls equal.
pub(crate) fn value_hash(value: &Value) -> u64 {
    let mut hasher = DefaultHasher::new();
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
        (Value::String(a), Value::String(b)) if !attribute.is_case_exact() => a == b || fold::eq(a, &fold::fold(b)),
        _ => same_value(a, b),
    }
}

/// A hash that is equal for values that [`equal_as`] calls equal.
pub(crate) fn equal_hash(attribute: &Attribute, value: &Value) -> u64 {
    match value {
        Value::String(text) if !attribute.is_case_exact() => {
            let mut hasher = DefaultHasher::new();
            fold::fold(text).hash(&mut hasher);
            hasher.finish()
        }
        other => value_hash(other),
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
        let value = attribute.sub_attribute("value");
        let kind = if attribute.is_reference_like() { None } else { attribute.sub_attribute("type") };
        Self { attribute, value, kind: kind.filter(|_| value.is_some()) }
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

    fn same_type(&self, a: &Value, b: &Value, any_type: bool) -> bool {
        let Some(kind) = self.kind else { return true };
        let type_of = |element: &'_ Value| {
            let found = element.as_object().and_then(|members| member(members, &kind.name)).cloned();
            found.filter(|value| !is_unassigned(value))
        };
        match (type_of(a), type_of(b)) {
            (Some(a), Some(b)) => equal_as(kind, &a, &b),
            (None, None) => true,
            (_, None) => any_type,
            (None, Some(_)) => false,
        }
    }
}

/// Whether an index over a sub-attribute's values finds what `eq` finds: not for dateTimes, which are equal as instants.
pub(crate) fn is_indexable(attribute: &Attribute) -> bool {
    !matches!(attribute.attr_type, AttrType::DateTime | AttrType::Complex)
}

/// Finds the element of a list that is the same one (P5) as another, by an index.
pub(crate) struct Finder<'v> {
    identity: Identity<'v>,
    leaf: &'v Attribute,
    by_key: std::collections::HashMap<u64, Vec<&'v Value>>,
}

impl<'v> Finder<'v> {
    pub(crate) fn new(attribute: &'v Attribute, elements: &'v [Value]) -> Self {
        let identity = Identity::of(attribute);
        let leaf = identity.value.unwrap_or(attribute);
        let mut by_key: std::collections::HashMap<u64, Vec<&Value>> = std::collections::HashMap::new();
        for element in elements {
            if let Some(key) = identity.key(element) {
                by_key.entry(equal_hash(leaf, key)).or_default().push(element);
            }
        }
        Self { identity, leaf, by_key }
    }

    pub(crate) fn find(&self, element: &Value) -> Option<&'v Value> {
        let key = self.identity.key(element)?;
        let candidates = self.by_key.get(&equal_hash(self.leaf, key))?;
        candidates.iter().find(|candidate| self.identity.is_same(candidate, element, false)).copied()
    }
}
