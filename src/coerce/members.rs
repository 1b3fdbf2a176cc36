//! Looks up members of JSON objects by name, without regard to case (F14), and decides whether values are unassigned.

use serde_json::{Map, Value};

use super::work;
use crate::document::MAX_DEPTH;

/// The key of a member: the exact name if the object has it, otherwise the first name that differs only in case.
pub(crate) fn key_of<'m>(members: &'m Map<String, Value>, name: &str) -> Option<&'m str> {
    if let Some((key, _)) = members.get_key_value(name) {
        return Some(key);
    }
    work::done(members.len());
    members.keys().find(|key| key.eq_ignore_ascii_case(name)).map(String::as_str)
}

/// Objects with up to this many members are scanned instead of looked up, because the scan also finds names that differ only in
/// case. Measured by a PATCH of a resource: up to 60 members the difference is within the noise. Without the look-up, an
/// object with thousands of members would cost quadratic time.
const FEW: usize = 32;

/// The member of an object by name. The exact name is preferred to one that differs only in case.
pub(crate) fn member<'m>(members: &'m Map<String, Value>, name: &str) -> Option<&'m Value> {
    if members.len() > FEW
        && let Some(value) = members.get(name)
    {
        return Some(value);
    }
    let mut similar = None;
    work::done(members.len());
    for (key, value) in members {
        if key == name {
            return Some(value);
        }
        if similar.is_none() && key.eq_ignore_ascii_case(name) {
            similar = Some(value);
        }
    }
    similar
}

/// As [`member`], mutable.
pub(crate) fn member_mut<'m>(members: &'m mut Map<String, Value>, name: &str) -> Option<&'m mut Value> {
    if members.len() > FEW && members.contains_key(name) {
        return members.get_mut(name);
    }
    let mut similar = None;
    work::done(members.len());
    for (key, value) in members {
        if key == name {
            return Some(value);
        }
        if similar.is_none() && key.eq_ignore_ascii_case(name) {
            similar = Some(value);
        }
    }
    similar
}

/// Sets a member. An existing key keeps its spelling, a new one is spelled as `name` (P4).
pub(crate) fn set_member(members: &mut Map<String, Value>, name: &str, value: Value) {
    replace_member(members, name, value);
}

/// As [`set_member`]; returns the old value.
pub(crate) fn replace_member(members: &mut Map<String, Value>, name: &str, value: Value) -> Option<Value> {
    match member_mut(members, name) {
        Some(attr) => Some(std::mem::replace(attr, value)),
        None => members.insert(name.to_owned(), value),
    }
}

/// Removes a member; the others keep their order.
pub(crate) fn remove_member(members: &mut Map<String, Value>, name: &str) -> Option<Value> {
    let key = key_of(members, name)?.to_owned();
    work::done(members.len());
    let value = members.get_mut(&key).map(Value::take);
    members.retain(|other, _| *other != key);
    value
}

/// The first name of an object that differs only in case from an earlier name; `None` if there is no such name.
pub(crate) fn case_duplicate(members: &Map<String, Value>) -> Option<&str> {
    // For few members, comparing all pairs is faster than a hash set. For many, it would take quadratic time.
    if members.len() > 64 {
        let mut seen = std::collections::HashSet::new();
        return members.keys().find(|key| !seen.insert(key.to_ascii_lowercase())).map(String::as_str);
    }
    let earlier = |index: usize, key: &str| members.keys().take(index).any(|other| other.eq_ignore_ascii_case(key));
    members.keys().enumerate().find(|(index, key)| earlier(*index, key)).map(|(_, key)| key.as_str())
}

/// Whether a value is unassigned (RFC 7643 §2.5). Values nested deeper than any SCIM value count as assigned.
pub(crate) fn is_unassigned(value: &Value) -> bool {
    is_unassigned_within(value, MAX_DEPTH)
}

fn is_unassigned_within(value: &Value, depth: usize) -> bool {
    work::done(1);
    let below = |value: &Value| depth > 0 && is_unassigned_within(value, depth - 1);
    match value {
        Value::Null => true,
        Value::Array(elements) => elements.iter().all(below),
        Value::Object(members) => members.values().all(below),
        _ => false,
    }
}
