//! Computes the version of a resource: a weak ETag that depends only on its meaning (RFC 7644 §3.14).

use std::ops::Range;
use std::vec::IntoIter;

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::projection::Projection;
use crate::filter::decimal::Decimal;
use crate::schema::{Decision, ResourceType};

/// The version of a resource as a weak ETag: a hash of its meaning, equal in every release and on every platform.
///
/// These do not change the hash: the order of members and the case of their names; the order of the elements of a
/// multi-valued attribute (RFC 7643 §2.4 gives it no meaning); the form of a number; unassigned values (`null`, `[]`,
/// and objects and lists of these); and the members `version`, `lastModified` and `location` of `meta`, which follow
/// from the rest. Attributes that are never returned are left out, and so is a `password` that no schema defines:
/// clients see the hash, and could guess such a value and compare.
///
/// The version is the first 128 bits, in hexadecimal, of the SHA-256 of a canonical text: JSON without blanks, names in
/// lower case (ASCII) and sorted, elements sorted by their text, strings with as few escapes as possible, numbers as
/// `0`, `0.15e1` or `-0.15e1`. Compute the version from the whole stored resource, also for an answer with fewer
/// attributes.
///
/// ```
/// use scim_engine::{ResourceType, protocol};
/// use serde_json::{Value, json};
/// let version = |user: &Value| protocol::version(user, &ResourceType::user());
/// let a = version(&json!({"userName": "bjensen", "level": 1.0, "roles": [{"value": "a"}, {"value": "b"}]}));
/// let b = version(&json!({"roles": [{"value": "b"}, {"value": "a"}], "level": 1, "username": "bjensen", "title": null}));
/// assert_eq!(a, b);
/// assert_eq!(a, version(&json!({
///     "userName": "bjensen", "password": "x", "level": 1, "roles": [{"value": "a"}, {"value": "b"}],
/// })));
/// assert_eq!(a, "W/\"686227985cffa3ca8b09981722491c98\"");
/// ```
pub fn version(resource: &Value, resource_type: &ResourceType) -> String {
    let hash = Sha256::digest(canonical(resource, &Projection::without_secrets(resource_type)).as_bytes());
    let number = hash.iter().take(16).fold(0_u128, |number, byte| (number << 8) | u128::from(*byte));
    format!("W/\"{number:032x}\"")
}

/// The members of `meta` that follow from the rest of the resource, in lower case.
const DERIVED: [&str; 3] = ["version", "lastmodified", "location"];

/// An object or array that is being written. Open objects and arrays are kept in a list and not on the call stack, so
/// that deeply nested values cannot overflow the stack.
struct OpenPart<'v> {
    /// The offset at which the text of the container begins.
    start: usize,
    /// The offset at which the text of the current member or element begins, with its comma and name, and the offset at
    /// which its value begins.
    part: (usize, usize),
    rest: RemainingParts<'v>,
}

enum RemainingParts<'v> {
    Members(IntoIter<(String, JudgedPart<'v>)>),
    /// The elements that remain, the ranges of the texts of those that are done, and the decision on each element.
    Elements(std::slice::Iter<'v, Value>, Vec<Range<usize>>, &'v Decision),
}

/// A value, and the decision on it.
type JudgedPart<'v> = (&'v Value, &'v Decision);

/// The canonical text; empty if the resource is unassigned.
fn canonical(resource: &Value, counts: &Projection) -> String {
    let mut text = String::new();
    let mut open = Vec::new();
    match resource {
        Value::Object(members) => {
            let members = sorted(members, false, |name| counts.decision(name));
            begin('{', RemainingParts::Members(members), &mut text, &mut open);
        }
        other => write((other, &Decision::Guard), None, &mut text, &mut open),
    }
    loop {
        let depth = open.len();
        let Some(top) = open.last_mut() else { return text };
        let is_assigned = text.len() > top.part.1;
        if !is_assigned {
            text.truncate(top.part.0);
        }
        let next = match &mut top.rest {
            RemainingParts::Members(rest) => rest.next().map(|(name, part)| {
                let begin = text.len();
                if begin > top.start + 1 {
                    text.push(',');
                }
                text.push_str(&Value::from(name.as_str()).to_string());
                text.push(':');
                top.part = (begin, text.len());
                (part, (depth == 1).then_some(name))
            }),
            RemainingParts::Elements(rest, done, counts) => {
                if is_assigned {
                    done.push(top.part.1..text.len());
                }
                top.part = (text.len(), text.len());
                rest.next().map(|value| ((value, *counts), None))
            }
        };
        match next {
            Some((part, name)) => write(part, name.as_deref(), &mut text, &mut open),
            None => {
                if let Some(done) = open.pop() {
                    end(done, &mut text);
                }
            }
        }
    }
}

/// Writes a simple value, or begins a container. `name` is set for a member of the resource itself.
fn write<'v>((value, counts): JudgedPart<'v>, name: Option<&str>, text: &mut String, open: &mut Vec<OpenPart<'v>>) {
    match value {
        Value::Null => {}
        Value::Bool(_) | Value::String(_) | Value::Number(_) if !counts.keeps_simple() => {}
        Value::Bool(_) | Value::String(_) => text.push_str(&value.to_string()),
        Value::Number(number) => text.push_str(&Decimal::parse(&number.to_string()).canonical()),
        Value::Array(elements) => begin('[', RemainingParts::Elements(elements.iter(), Vec::new(), counts), text, open),
        Value::Object(members) => {
            let members = sorted(members, name == Some("meta"), |name| counts.of_member(name));
            begin('{', RemainingParts::Members(members), text, open);
        }
    }
}

fn begin<'v>(bracket: char, rest: RemainingParts<'v>, text: &mut String, open: &mut Vec<OpenPart<'v>>) {
    let start = text.len();
    text.push(bracket);
    let inner = text.len();
    open.push(OpenPart { start, part: (inner, inner), rest });
}

/// The members that count, sorted by name in lower case. Names that differ only in case are in the order of their
/// spelling.
fn sorted<'v>(
    members: &'v Map<String, Value>,
    is_meta: bool,
    counts: impl Fn(&str) -> &'v Decision,
) -> IntoIter<(String, JudgedPart<'v>)> {
    let lower = |name: &str| name.to_ascii_lowercase();
    let part = |(name, value): (&'v String, &'v Value)| (lower(name), name, (value, counts(name)));
    let mut all: Vec<(String, &String, JudgedPart<'v>)> = members.iter().map(part).collect();
    all.retain(|(lower, _, (_, counts))| **counts != Decision::Drop && !(is_meta && DERIVED.contains(&lower.as_str())));
    all.sort_unstable_by(|a, b| (&a.0, a.1).cmp(&(&b.0, b.1)));
    all.into_iter().map(|(lower, _, part)| (lower, part)).collect::<Vec<_>>().into_iter()
}

/// Ends a container. If nothing in it is assigned, it leaves no text.
fn end(done: OpenPart<'_>, text: &mut String) {
    let inner = done.start + 1;
    if text.len() <= inner {
        text.truncate(done.start);
        return;
    }
    let RemainingParts::Elements(_, parts, _) = done.rest else { return text.push('}') };
    let mut parts: Vec<&str> = parts.into_iter().map(|part| &text[part]).collect();
    parts.sort_unstable();
    let joined = parts.join(",");
    text.truncate(inner);
    text.push_str(&joined);
    text.push(']');
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn everything() -> Projection {
        Projection::without_secrets(&ResourceType::any())
    }

    #[test]
    fn the_canonical_text() {
        let text = canonical(
            &json!({
                "b": [2, 1.50, null, {"x": null}, -0.0, 100, [], "\u{e9}\n\"/"],
                "A": {"z": true, "y": {"n": []}, "X": "1"},
                "meta": {"version": "1", "lastModified": "2", "Location": "3", "created": "4"},
                "name": {"meta": {"version": "kept"}},
            }),
            &everything(),
        );
        let expected = concat!(
            r#"{"a":{"x":"1","z":true},"b":["\u00e9\n\"/",0,0.15e1,0.1e3,0.2e1],"#,
            r#""meta":{"created":"4"},"name":{"meta":{"version":"kept"}}}"#
        );
        assert_eq!(text, expected.replace("\\u00e9", "\u{e9}"));
        assert_eq!(canonical(&json!({"a": [{}, [null]]}), &everything()), "");
    }

    #[test]
    fn any_depth() {
        let mut value = json!(1);
        for _ in 0..100 {
            value = json!([value]);
        }
        assert_eq!(canonical(&value, &everything()), format!("{}0.1e1{}", "[".repeat(100), "]".repeat(100)));
    }
}
