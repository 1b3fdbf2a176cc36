//! PUT and PATCH come to the same.

use std::collections::HashSet;
use std::fmt;

use proptest::prelude::*;
use proptest::strategy::Union;
use scim_engine::schema::{Attribute, Mutability};
use scim_engine::{Options, Patch, ResourceType, UnknownMembers};
use serde_json::{Map, Value, json};

use super::super::config;
use super::super::documents::unordered;
use super::super::patches::request;
use super::named::container;
use super::requests::{Ops, case};
use super::values::{is_nothing, member, recased, sent, sometimes};
use super::world::{TYPES, WEIGHTS, containers, resource};

/// A stored resource and the body of a PUT.
#[derive(Clone)]
pub struct Put {
    pub kind: usize,
    pub stored: Value,
    pub body: Value,
    pub strict: bool,
}

impl fmt::Debug for Put {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { stored, body, strict, .. } = self;
        write!(f, "{} (strict: {strict})\n  stored {stored}\n  body {body}\n", self.kind().name())
    }
}

impl Put {
    pub fn kind(&self) -> &'static ResourceType {
        &TYPES[self.kind]
    }

    pub fn options(&self) -> Options {
        if self.strict { Options::strict() } else { Options::default() }
    }
}

/// Members of the body, by the key of the container that they are in.
fn members(kind: &ResourceType) -> BoxedStrategy<Vec<(Option<String>, String, Value)>> {
    let mut all = Just(Vec::new()).boxed();
    for (urn, attributes) in containers(kind) {
        for attribute in attributes {
            let often = if attribute.mutability == Mutability::ReadOnly { 0.02 } else { 0.06 };
            let (urn, name) = (urn.clone(), attribute.name.clone());
            all = (all, sometimes(often, sent(&attribute)))
                .prop_map(move |(mut all, value)| {
                    all.extend(value.map(|value| (urn.clone(), name.clone(), value)));
                    all
                })
                .boxed();
        }
    }
    all
}

/// A PUT of the stored resource with some attributes changed, removed and added.
pub fn put() -> BoxedStrategy<Put> {
    let of = |(at, kind): (usize, &'static ResourceType)| {
        let drops = prop::collection::vec(any::<prop::sample::Index>(), 0..4);
        let put = (
            resource(kind),
            resource(kind),
            any::<bool>(),
            members(kind),
            drops,
            any::<u64>(),
            prop::bool::weighted(0.3),
        )
            .prop_map(move |(stored, other, is_other, members, drops, seed, strict)| {
                let mut body = if is_other { stored.clone() } else { other };
                let object = body.as_object_mut().unwrap();
                for (urn, name, value) in members {
                    let inner = match urn {
                        Some(urn) => object.entry(urn).or_insert_with(|| json!({})).as_object_mut().unwrap(),
                        None => &mut *object,
                    };
                    inner.retain(|other, _| !other.eq_ignore_ascii_case(&name));
                    inner.insert(name, value);
                }
                for index in drops {
                    let key = index.get(&object.keys().cloned().collect::<Vec<_>>()).clone();
                    if !["schemas", "code", "boxes"].contains(&key.to_lowercase().as_str()) {
                        object.remove(&key);
                    }
                }
                let body = if seed % 8 == 0 { recased(&body, seed) } else { body };
                Put { kind: at, stored, body, strict }
            });
        (WEIGHTS[at], put.boxed())
    };
    Union::new_weighted(TYPES.iter().enumerate().map(of).collect()).boxed()
}

/// A single complex value with a `null` for all that it does not say.
fn with_nulls(attribute: &Attribute, value: &Value) -> Value {
    let mut value = value.clone();
    if let (false, Value::Object(members)) = (attribute.multi_valued, &mut value) {
        for sub in &attribute.sub_attributes {
            if !members.keys().any(|name| name.eq_ignore_ascii_case(&sub.name)) {
                members.insert(sub.name.clone(), Value::Null);
            }
        }
    }
    value
}

/// Whether a single complex value has a sub-attribute that may be set once.
fn sets_once(attribute: &Attribute, value: &Value) -> bool {
    let is_set = |sub: &Attribute| sub.mutability == Mutability::Immutable && member(value, &sub.name).is_some();
    attribute.sub_attributes.iter().any(is_set)
}

/// The attributes that the client may write, without those that it may not see.
fn writable(kind: &ResourceType, resource: &Value) -> Value {
    let mut shown = Map::new();
    for (urn, attributes) in containers(kind) {
        let Some(inner) = container(resource, urn.as_deref()) else { continue };
        let mut members = Map::new();
        for attribute in attributes.iter().filter(|attribute| attribute.mutability != Mutability::ReadOnly) {
            if let Some(value) = member(inner, &attribute.name) {
                members.insert(attribute.name.clone(), value.clone());
            }
        }
        match urn {
            Some(urn) => _ = shown.insert(urn, members.into()),
            None => shown.extend(members),
        }
    }
    shown.into()
}

proptest! {
    #![proptest_config(config(1000))]

    /// Every attribute replaced by what it becomes in a PUT (R2, P6).
    #[test]
    fn patch_replaces_as_put_does(put in put()) {
        let kind = put.kind();
        let Ok(written) = kind.replace_with(&put.stored, &put.body, &put.options()) else { return Ok(()) };
        let mut operations = Vec::new();
        for (urn, attributes) in containers(kind) {
            let (old, new) = (container(&put.stored, urn.as_deref()), container(&written.resource, urn.as_deref()));
            if let (Some(urn), Some(_), None) = (&urn, old, new) {
                operations.push(json!({"op": "remove", "path": urn}));
                continue;
            }
            for attribute in attributes.iter().filter(|attribute| attribute.mutability != Mutability::ReadOnly) {
                let of = |inner: Option<&Value>| inner.and_then(|inner| member(inner, &attribute.name)).filter(|value| !is_nothing(value)).cloned();
                let (was, is) = (of(old), of(new));
                let path = urn.as_ref().map_or_else(|| attribute.name.clone(), |urn| format!("{urn}:{}", attribute.name));
                let is_secret_once = attribute.is_never_returned() && attribute.mutability == Mutability::Immutable;
                match (was, is) {
                    (None, None) => {}
                    (Some(was), Some(is)) if was == is && is_secret_once => {}
                    (Some(was), Some(is)) if was == is && holds_secrets(attribute) => {}
                    // Right or wrong, a PATCH refuses it (P12a).
                    (Some(was), _) if attribute.is_never_returned() && sets_once(attribute, &was) => return Ok(()),
                    (_, None) => operations.push(json!({"op": "replace", "path": path, "value": null})),
                    (_, Some(is)) => operations.push(json!({"op": "replace", "path": path, "value": with_nulls(attribute, &is)})),
                }
            }
        }
        let mut patched = put.stored.clone();
        if operations.is_empty() {
            return Ok(());
        }
        let patch = Patch::parse_with(&request(&operations), &put.options()).unwrap();
        let outcome = patch.apply(&mut patched, kind);
        let outcome = outcome.map_err(|error| TestCaseError::fail(format!("{error}\n{}\n{}", json!(operations), written.resource)))?;
        prop_assert_eq!(unordered(&writable(kind, &patched)), unordered(&writable(kind, &written.resource)), "{} {:?}", json!(operations), outcome.repairs);
    }

    /// The result of a PATCH is a resource: a PUT accepts it unchanged (P12, P13).
    #[test]
    fn a_put_takes_what_a_patch_leaves(case in case(Ops::All)) {
        let Some((new, _)) = case.applied() else { return Ok(()) };
        // Elements with secrets are never identified with each other (P12a).
        if has_twins_with_secrets(case.kind(), &new) {
            return Ok(());
        }
        let written = case.kind().replace_with(&new, &new, &case.options().unknown(UnknownMembers::Keep));
        let written = written.map_err(|error| TestCaseError::fail(format!("{error}: {new}")))?;
        prop_assert_eq!(unordered(&writable(case.kind(), &written.resource)), unordered(&writable(case.kind(), &new)), "{:?}", written.outcome.repairs);
    }

    /// A host that applies the changes of a PUT gets the result of the engine (R3).
    #[test]
    fn changes_lead_to_the_result(put in put()) {
        let kind = put.kind();
        let Ok(written) = kind.replace_with(&put.stored, &put.body, &put.options()) else { return Ok(()) };
        let mut replayed = put.stored.clone();
        written.outcome.changes.iter().for_each(|change| change.apply(&mut replayed, kind).unwrap());
        prop_assert_eq!(unordered(&replayed), unordered(&written.resource), "{:?}", written.outcome.changes);
    }
}

/// Whether two elements of a list that can hold secrets have the same `value`, or none.
fn has_twins_with_secrets(kind: &ResourceType, resource: &Value) -> bool {
    containers(kind).iter().any(|(urn, attributes)| {
        let inner = container(resource, urn.as_deref());
        attributes.iter().filter(|attribute| holds_secrets(attribute)).any(|attribute| {
            let elements = inner.and_then(|inner| member(inner, &attribute.name)).and_then(Value::as_array);
            let mut seen = HashSet::new();
            let value = |element: &Value| member(element, "value").map(|value| value.to_string().to_lowercase());
            elements.into_iter().flatten().any(|element| !seen.insert(value(element)))
        })
    })
}

/// Whether an attribute or a part of it is never returned.
fn holds_secrets(attribute: &Attribute) -> bool {
    attribute.is_never_returned() || attribute.sub_attributes.iter().any(Attribute::is_never_returned)
}
