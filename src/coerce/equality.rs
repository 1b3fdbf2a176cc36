//! When two values are the same: as they are written, or by the attribute's own equality.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, Hasher, RandomState};

use serde_json::{Map, Value};

use super::members::{is_unassigned, member};
use crate::document::MAX_DEPTH;
use crate::filter::datetime::Instant;
use crate::filter::decimal::{Decimal, same_number};
use crate::filter::text_rule::comparison_key;
use crate::schema::{AttrType, Attribute};

/// Whether two values say the same as they are written: numbers by value, members by name in any case, unassigned members
/// not counted.
pub(crate) fn same_value(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => same_number(a, b),
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same_value(a, b)),
        (Value::Object(a), Value::Object(b)) => same_members(a, b, |_, a, b| same_value(a, b)),
        _ => a == b,
    }
}

/// As [`same_value`] where either may be absent.
pub(crate) fn same_option(a: Option<&Value>, b: Option<&Value>) -> bool {
    option(a, b, same_value)
}

/// As [`same_value`] for values of an attribute: the order of a multi-valued one carries no meaning (D10), one level down
/// neither.
pub(crate) fn same_written(attribute: &Attribute, a: &Value, b: &Value) -> bool {
    if let (true, Value::Array(a), Value::Array(b)) = (attribute.multi_valued, a, b) {
        return same_elements(a, b, same_value, value_hash);
    }
    if attribute.sub_attributes.iter().any(|sub| sub.multi_valued)
        && let (Value::Object(a), Value::Object(b)) = (a, b)
    {
        return same_members(a, b, |name, a, b| match (attribute.sub_attribute(name), a, b) {
            (Some(sub), Value::Array(a), Value::Array(b)) if sub.multi_valued => {
                same_elements(a, b, same_value, value_hash)
            }
            _ => same_value(a, b),
        });
    }
    same_value(a, b)
}

/// Whether two values of an attribute, or elements of it, are equal by its own rules (P5): texts by `caseExact`, dateTimes as
/// instants, members by those of their sub-attributes.
pub(crate) fn equal(attribute: &Attribute, a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::String(a), Value::String(b)) => equal_texts(attribute, a, b),
        (Value::Array(a), Value::Array(b)) => {
            same_elements(a, b, |a, b| equal(attribute, a, b), |value, seed| equal_hash(attribute, value, seed))
        }
        (Value::Object(a), Value::Object(b)) => same_members(a, b, |name, a, b| match attribute.sub_attribute(name) {
            Some(sub) => equal(sub, a, b),
            None => same_value(a, b),
        }),
        _ => same_value(a, b),
    }
}

/// As [`equal`] where either may be absent.
pub(crate) fn equal_option(attribute: &Attribute, a: Option<&Value>, b: Option<&Value>) -> bool {
    option(a, b, |a, b| equal(attribute, a, b))
}

/// Whether a stored value is what a client sent, as far as the client says: an absent `primary` is false (F15).
pub(crate) fn holds(attribute: &Attribute, stored: Option<&Value>, sent: &Value) -> bool {
    let (Some(Value::Object(stored)), Value::Object(sent)) = (stored, sent) else {
        return equal_option(attribute, stored, Some(sent));
    };
    sent.iter().filter(|(_, value)| !is_unassigned(value)).all(|(name, value)| {
        let held = member(stored, name);
        match attribute.sub_attribute(name) {
            Some(sub) if is_default(attribute, sub, value) && held.is_none_or(is_unassigned) => true,
            Some(sub) => equal_option(sub, held, Some(value)),
            None => same_option(held, Some(value)),
        }
    })
}

/// Whether a value is what an absent sub-attribute stands for (F15).
pub(crate) fn is_default(attribute: &Attribute, sub: &Attribute, value: &Value) -> bool {
    attribute.multi_valued
        && sub.attr_type == AttrType::Boolean
        && sub.name.eq_ignore_ascii_case("primary")
        && *value == Value::Bool(false)
}

fn option(a: Option<&Value>, b: Option<&Value>, same: impl Fn(&Value, &Value) -> bool) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => same(a, b) || (is_unassigned(a) && is_unassigned(b)),
        (Some(one), None) | (None, Some(one)) => is_unassigned(one),
        (None, None) => true,
    }
}

fn same_members(a: &Map<String, Value>, b: &Map<String, Value>, same: impl Fn(&str, &Value, &Value) -> bool) -> bool {
    let says_same = |name: &str, a: &Value, b: &Value| same(name, a, b) || (is_unassigned(a) && is_unassigned(b));
    // Most objects that are compared have the same names in the same order.
    if a.len() == b.len() && a.keys().zip(b.keys()).all(|(a, b)| a == b) {
        return a.iter().zip(b.values()).all(|((name, a), b)| says_same(name, a, b));
    }
    let covers = |a: &Map<String, Value>, b: &Map<String, Value>| {
        b.iter().all(|(name, value)| match member(a, name) {
            Some(other) => says_same(name, other, value),
            None => is_unassigned(value),
        })
    };
    covers(a, b) && covers(b, a)
}

/// Whether two lists have the same elements, in whatever order.
fn same_elements(
    a: &[Value],
    b: &[Value],
    same: impl Fn(&Value, &Value) -> bool,
    hash: impl Fn(&Value, &RandomState) -> u64,
) -> bool {
    if a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)) {
        return true;
    }
    let seed = RandomState::new();
    let assigned = |value: &&Value| !is_unassigned(value);
    let mut left: HashMap<u64, Vec<&Value>> = HashMap::with_capacity(a.len());
    let mut count = 0_usize;
    for value in a.iter().filter(assigned) {
        left.entry(hash(value, &seed)).or_default().push(value);
        count += 1;
    }
    for value in b.iter().filter(assigned) {
        let Some(candidates) = left.get_mut(&hash(value, &seed)) else { return false };
        let Some(at) = candidates.iter().position(|other| same(other, value)) else { return false };
        candidates.swap_remove(at);
        count -= 1;
    }
    count == 0
}

fn equal_texts(attribute: &Attribute, a: &str, b: &str) -> bool {
    if a == b {
        return true;
    }
    match attribute.attr_type {
        AttrType::DateTime => match (Instant::parse(a), Instant::parse(b)) {
            (Some(a), Some(b)) => a == b,
            _ => false,
        },
        AttrType::Reference if attribute.name == "$ref" => without_version(a).eq(without_version(b)),
        AttrType::Reference if attribute.name == "schemas" => a.eq_ignore_ascii_case(b),
        _ => comparison_key(attribute, a) == comparison_key(attribute, b),
    }
}

/// Whether texts of an attribute are equal by `caseExact` alone; others are not told apart by looking at their bytes.
pub(crate) fn is_compared_by_text(attribute: &Attribute) -> bool {
    attribute.attr_type != AttrType::DateTime && attribute.name != "$ref" && attribute.name != "schemas"
}

/// The segments of a URL without those that are the version of an API (`v2`): references that differ in it alone are
/// equal (P5c).
fn without_version(url: &str) -> impl Iterator<Item = &str> {
    let is_version = |segment: &str| {
        let number = segment.strip_prefix(['v', 'V']);
        number.is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
    };
    url.split('/').filter(move |segment| !is_version(segment))
}

/// A hash of a text that is equal for texts that [`equal`] calls equal.
pub(crate) fn text_hash(attribute: &Attribute, text: &str, seed: &RandomState) -> u64 {
    match attribute.attr_type {
        AttrType::DateTime => match Instant::parse(text) {
            Some(instant) => seed.hash_one(instant.parts()),
            None => seed.hash_one(text),
        },
        AttrType::Reference if attribute.name == "$ref" => {
            let mut hasher = seed.build_hasher();
            without_version(text).for_each(|segment| segment.hash(&mut hasher));
            hasher.finish()
        }
        AttrType::Reference if attribute.name == "schemas" => seed.hash_one(text.to_ascii_lowercase()),
        _ if attribute.is_case_exact() && text.is_ascii() => seed.hash_one(text),
        _ if text.is_ascii() => lowered(text, |lower| seed.hash_one(lower)),
        _ => seed.hash_one(&*comparison_key(attribute, text)),
    }
}

/// Runs `f` on a text of ASCII in lower case, of short ones without an allocation.
fn lowered<T>(text: &str, f: impl FnOnce(&str) -> T) -> T {
    const SHORT: usize = 64;
    let mut short = [0; SHORT];
    if let Some(lower) = short.get_mut(..text.len()) {
        lower.copy_from_slice(text.as_bytes());
        lower.make_ascii_lowercase();
        if let Ok(lower) = std::str::from_utf8(lower) {
            return f(lower);
        }
    }
    f(&text.to_ascii_lowercase())
}

/// A hash that is equal for values that [`equal`] calls equal. With a seed that is new for each table, nobody can prepare
/// values that collide.
pub(crate) fn equal_hash(attribute: &Attribute, value: &Value, seed: &RandomState) -> u64 {
    match value {
        Value::String(text) => text_hash(attribute, text, seed),
        Value::Array(elements) => sum(elements.iter().map(|element| equal_hash(attribute, element, seed)), seed),
        Value::Object(members) => object_hash(members, seed, |name, value| match attribute.sub_attribute(name) {
            Some(sub) => equal_hash(sub, value, seed),
            None => value_hash(value, seed),
        }),
        other => value_hash(other, seed),
    }
}

/// A hash that is equal for values that [`same_value`] or [`same_written`] calls the same; seeded as [`equal_hash`].
pub(crate) fn value_hash(value: &Value, seed: &RandomState) -> u64 {
    value_hash_within(value, MAX_DEPTH, seed)
}

/// What is nested deeper does not count: equal values still have equal hashes.
fn value_hash_within(value: &Value, depth: usize, seed: &RandomState) -> u64 {
    let Some(below) = depth.checked_sub(1) else { return 0 };
    let inner = |value: &Value| value_hash_within(value, below, seed);
    match value {
        Value::Null => seed.hash_one(()),
        Value::Bool(value) => seed.hash_one(value),
        Value::Number(number) => {
            let mut hasher = seed.build_hasher();
            Decimal::parse(&number.to_string()).hash_value(&mut hasher);
            hasher.finish()
        }
        Value::String(text) => seed.hash_one(text),
        Value::Array(elements) => sum(elements.iter().map(inner), seed),
        Value::Object(members) => object_hash(members, seed, |_, value| inner(value)),
    }
}

fn object_hash(members: &Map<String, Value>, seed: &RandomState, hash: impl Fn(&str, &Value) -> u64) -> u64 {
    let assigned = members.iter().filter(|(_, value)| !is_unassigned(value));
    let member = |name: &str, value: &Value| {
        let mut hasher = seed.build_hasher();
        lowered(name, |name| name.hash(&mut hasher));
        hasher.write_u64(hash(name, value));
        hasher.finish()
    };
    sum(assigned.map(|(name, value)| member(name, value)), seed)
}

/// Order does not count. What is added up is seeded: no sum can be aimed at.
fn sum(hashes: impl Iterator<Item = u64>, seed: &RandomState) -> u64 {
    seed.hash_one(hashes.fold(0_u64, u64::wrapping_add))
}
