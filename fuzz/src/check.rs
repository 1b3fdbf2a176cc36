//! Checks that several targets make: representations agree, refused requests change nothing, outcomes say what happened.

use std::collections::HashSet;

use scim_engine::scan::RawDocument;
use scim_engine::schema::{Attribute, Mutability};
use scim_engine::syntax::Span;
use scim_engine::{Change, Matcher, Options, Outcome, Patch, PatchError, ResourceType, ScimType, to_resource};
use serde_json::{Map, Value, json};

use crate::naive::Reader;
use crate::spelling::{Dice, has_twins_within, spell};
use crate::types::containers;
use crate::values::{SECRET, is_nothing, is_writable, member, tidy, unordered};

/// The span of an error lies in the text, between characters.
pub fn lies_within(span: Span, text: &str) {
    assert!(text.get(span.start..span.end).is_some(), "{span:?} of {} bytes", text.len());
}

/// The answer of a filter for a document, which is the same for a value, an implementation of `Document` outside of the
/// crate, a struct of the host, JSON text and text that is read lazily.
pub fn one_answer(matcher: &Matcher, document: &Value, text: &str) -> Option<bool> {
    let expected = matcher.matches(document).ok();
    let bytes = text.as_bytes();
    assert_eq!(matcher.matches_slice(bytes).ok(), expected, "text");
    assert_eq!(matcher.matches(RawDocument::new(bytes).expect("JSON")).ok(), expected, "text that is read lazily");
    assert_eq!(matcher.matches(&Reader::read(text)).ok(), expected, "a document of one's own");
    if let Value::Object(members) = document {
        assert_eq!(matcher.matches_typed(members).ok(), expected, "a typed resource");
    }
    if !has_twins_within(document) {
        assert_eq!(matcher.matches_trusted(bytes).ok(), expected, "trusted text");
    }
    match matcher.explain(document) {
        Ok(explanation) => assert_eq!(Some(explanation.holds()), expected, "{explanation}"),
        Err(_) => assert_eq!(expected, None),
    }
    expected
}

/// A resource as a type of the host. serde_json makes other numbers of some, such as `-0`, on the way.
fn through_serde(resource: &Value) -> Option<Map<String, Value>> {
    serde_json::from_value(to_resource(resource).ok()?).ok()
}

/// A type of the host has the result of its value, unless numbers of the resource change on the way.
pub fn check_typed(patch: &Patch, stored: &Value, resource: &Value, is_applied: bool, kind: &ResourceType) {
    let Some(mut typed) =
        through_serde(stored).filter(|typed| Value::from(typed.clone()).to_string() == stored.to_string())
    else {
        return;
    };
    assert_eq!(patch.apply_typed(&mut typed, kind).is_ok(), is_applied, "a typed resource");
    assert_eq!(Some(typed), through_serde(resource), "a typed resource");
}

/// The result of a PATCH, which is the same for a value, JSON text as it is written and in another spelling, and a type of the
/// host. A refused request changes nothing.
pub fn one_result(
    patch: &Patch,
    stored: &Value,
    kind: &ResourceType,
    seed: u64,
) -> Result<(Value, Outcome), PatchError> {
    let before = stored.to_string();
    let mut resource = stored.clone();
    let result = patch.apply(&mut resource, kind);
    for text in [before.clone(), spell(stored, &mut Dice::new(seed))] {
        match (patch.apply_slice(text.as_bytes(), kind), &result) {
            (Ok((new, found)), Ok(outcome)) => {
                assert_eq!(&found, outcome, "the outcome on text {text}");
                assert!(outcome.changed || new == text.as_bytes(), "unchanged text is copied");
                assert_eq!(serde_json::from_slice::<Value>(&new).expect("JSON"), resource, "text {text}");
            }
            (found, expected) => {
                assert_eq!(
                    found.err().map(|error| error.to_string()),
                    expected.as_ref().err().map(PatchError::to_string),
                    "text {text}"
                );
            }
        }
    }
    // Not every time: serde copies the resource several times.
    if seed.is_multiple_of(4) {
        check_typed(patch, stored, &resource, result.is_ok(), kind);
    }
    match result {
        Ok(outcome) => {
            check_outcome(&outcome, stored, &resource, kind);
            Ok((resource, outcome))
        }
        Err(error) => {
            assert_eq!(resource.to_string(), before, "a refused request changes nothing");
            let _ = (error.render(), error.hint().map(str::len), error.path().map(str::len));
            Err(error)
        }
    }
}

/// `changed` and `changes` say all that happened, and nothing else (P18).
pub fn check_outcome(outcome: &Outcome, before: &Value, after: &Value, kind: &ResourceType) {
    assert_eq!(outcome.changed, !outcome.changes.is_empty());
    if !outcome.changed {
        assert_eq!(after, before);
    }
    let written = serde_json::to_string(&outcome.changes).expect("changes are written");
    let changes: Vec<Change> = serde_json::from_str(&written).expect("changes are read as they are written");
    assert_eq!(changes, outcome.changes);
    let mut replayed = before.clone();
    changes.iter().for_each(|change| change.apply(&mut replayed, kind).expect("a change can be applied"));
    // No change tells elements from each other that differ in their secrets alone (P12a).
    if !has_twins_with_secrets(before, kind) {
        assert_eq!(unordered(&tidy(&replayed)), unordered(&tidy(after)), "the changes lead to the result: {written}");
    }
    let mut paths: Vec<&str> = outcome.changes.iter().map(|change| change.path.as_str()).collect();
    paths.sort_unstable();
    paths.dedup();
    assert_eq!(paths.len(), outcome.changes.len(), "one entry for each attribute: {written}");
    let mut repairs: Vec<(&str, &str)> = outcome.repairs.iter().map(|repair| (repair.path(), repair.kind())).collect();
    repairs.sort_unstable();
    repairs.dedup();
    assert_eq!(repairs.len(), outcome.repairs.len(), "one report for each path and kind (D25): {:?}", outcome.repairs);
}

/// The prefix of secrets that no request knows.
const HIDDEN: &str = "hush-hidden-";

/// The resource with other secrets.
pub fn disguised(value: &Value) -> Value {
    match value {
        Value::String(text) if text.starts_with(SECRET) => format!("{HIDDEN}{}", &text[SECRET.len()..]).into(),
        Value::Array(elements) => elements.iter().map(disguised).collect(),
        Value::Object(members) => members.iter().map(|(name, value)| (name.clone(), disguised(value))).collect(),
        other => other.clone(),
    }
}

/// No answer depends on the value of a secret, and no message has it (P12a).
pub fn check_secrets(patch: &Patch, stored: &Value, kind: &ResourceType) {
    let mut one = stored.clone();
    let mut other = disguised(stored);
    match (patch.apply(&mut one, kind), patch.apply(&mut other, kind)) {
        (Ok(a), Ok(b)) => {
            assert_eq!(a.changed, b.changed);
            assert_eq!(a.repairs, b.repairs);
            let paths =
                |outcome: &Outcome| outcome.changes.iter().map(|change| change.path.clone()).collect::<Vec<_>>();
            assert_eq!(paths(&a), paths(&b));
            for change in b.changes.iter().filter(|change| !change.is_secret) {
                assert!(!json!(change).to_string().contains(HIDDEN), "{}", json!(change));
            }
            assert!(!format!("{:?}", b.repairs).contains(HIDDEN));
        }
        (Err(a), Err(b)) => {
            assert_eq!(a.to_string(), b.to_string());
            assert!(!b.render().contains(HIDDEN), "{}", b.render());
        }
        (a, b) => panic!("the answer depends on a secret: {a:?} or {b:?}"),
    }
}

/// Whether two elements that can hold secrets have the same `value`, or none.
pub fn has_twins_with_secrets(resource: &Value, kind: &ResourceType) -> bool {
    containers(kind).into_iter().any(|(urn, attributes)| {
        let inner = urn.map_or(Some(resource), |urn| member(resource, urn));
        let hides = |attribute: &&&Attribute| {
            attribute.is_never_returned() || attribute.sub_attributes.iter().any(Attribute::is_never_returned)
        };
        attributes.iter().filter(hides).any(|attribute| {
            let elements = inner.and_then(|inner| member(inner, &attribute.name)).and_then(Value::as_array);
            let mut seen = HashSet::new();
            let value = |element: &Value| member(element, "value").map(|value| value.to_string().to_lowercase());
            elements.into_iter().flatten().any(|element| !seen.insert(value(element)))
        })
    })
}

/// The PATCH from one resource to another gives the other one, in strict mode, without repairs, but for the details of a
/// reference that go with its old value (P18).
pub fn check_diff(old: &Value, new: &Value, kind: &ResourceType) {
    let patch = Patch::between(old, new, kind).expect("two resources have a difference");
    let mut resource = old.clone();
    if let Some(patch) = patch {
        let body = json!(patch);
        let strict =
            Patch::parse_with(&body, &Options::strict()).expect("a difference is a request that strict mode reads");
        match strict.apply(&mut resource, kind) {
            Ok(outcome) => {
                assert!(outcome.changed, "{body}");
                let is_expected = outcome.repairs.iter().all(|repair| repair.kind() == "reference_details");
                assert!(is_expected, "{body}: {:?}", outcome.repairs);
            }
            // What may not change, or may not go, cannot be changed by a request.
            Err(error) if error.scim_type() == Some(ScimType::Mutability) => return,
            Err(error) => panic!("{error}: {body}"),
        }
        let rest = Patch::between(&resource, new, kind).expect("two resources have a difference");
        assert!(rest.is_none(), "{} is left after {body}", json!(rest));
    }
    for (urn, attributes) in containers(kind) {
        let of = |resource| match urn {
            Some(urn) => member(resource, urn),
            None => Some(resource),
        };
        for attribute in attributes.into_iter().filter(|attribute| is_writable(attribute)) {
            if ["id", "meta", "schemas"].contains(&attribute.name.as_str()) {
                continue;
            }
            let value =
                |resource| of(resource).and_then(|inner| member(inner, &attribute.name)).unwrap_or(&Value::Null);
            let (was, is, wanted) = (value(old), value(&resource), value(new));
            assert!(
                is_reached(attribute, was, is, wanted),
                "{urn:?} {}: {was} became {is} and not {wanted}, {attribute:?}",
                attribute.name
            );
        }
    }
}

/// Whether a sub-attribute of an element that stays is kept where the new resource does not mention it: what may be set once,
/// and the details of a reference (P5c, P12).
fn is_kept(attribute: &Attribute, sub: &Attribute) -> bool {
    sub.mutability == Mutability::Immutable
        || attribute.is_reference_like() && ["$ref", "type", "display", "displayName"].contains(&sub.name.as_str())
}

fn is_reached(attribute: &Attribute, was: &Value, is: &Value, wanted: &Value) -> bool {
    if is_nothing(is) && is_nothing(wanted) {
        return true;
    }
    // An immutable value that is equal keeps its spelling, and another one would have been refused (P12).
    if attribute.mutability == Mutability::Immutable && !is_nothing(was) && is == was {
        return true;
    }
    match (is, wanted) {
        (Value::Array(is), Value::Array(wanted)) if attribute.is_complex() => {
            let empty = Vec::new();
            let was = was.as_array().unwrap_or(&empty);
            let mut left: Vec<&Value> = is.iter().collect();
            let all = wanted.iter().filter(|element| !is_nothing(element)).all(|element| {
                let is_kept = |other: &&Value| was.iter().any(|was| is_object_reached(attribute, was, other, element));
                let at = left.iter().position(|other| is_object_reached(attribute, &Value::Null, other, element));
                // Two elements may differ in the case of their `value` alone, so the one with the same comes first.
                let is_same = |other: &&Value| member(other, "value") == member(element, "value");
                let at = at.or_else(|| left.iter().position(|other| is_same(other) && is_kept(other)));
                let at = at.or_else(|| left.iter().position(is_kept));
                at.map(|at| left.swap_remove(at)).is_some()
            });
            all && left.is_empty()
        }
        (Value::Object(_), Value::Object(_)) => is_object_reached(attribute, was, is, wanted),
        _ => unordered(is) == unordered(wanted),
    }
}

fn is_object_reached(attribute: &Attribute, was: &Value, is: &Value, wanted: &Value) -> bool {
    attribute.sub_attributes.iter().filter(|sub| is_writable(sub)).all(|sub| {
        let of = |value| member(value, &sub.name).unwrap_or(&Value::Null);
        let (was, is, wanted) = (of(was), of(is), of(wanted));
        let same = unordered(is) == unordered(wanted) || is_nothing(is) && is_nothing(wanted);
        same
            || (is_nothing(wanted) || sub.mutability == Mutability::Immutable) && is_kept(attribute, sub) && is == was
            // An absent `primary` is false (F15).
            || sub.name == "primary" && is.as_bool().unwrap_or(false) == wanted.as_bool().unwrap_or(false)
    })
}
