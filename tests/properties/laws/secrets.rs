//! No answer depends on the value of a secret (P12a).

use proptest::prelude::*;
use scim_engine::{Change, Outcome, Patch, ResourceType};
use serde_json::{Value, json};

use super::super::config;
use super::puts::put;
use super::requests::{Ops, rough_case};
use super::values::SECRET;

/// The text by which other secrets are told from those that requests know.
const OTHER: &str = "hush-other";

/// The resource with every secret replaced by another, and lists of secrets longer.
fn disguised(value: &Value) -> Value {
    let is_secret = |value: &Value| value.as_str().is_some_and(|text| text.starts_with(SECRET));
    match value {
        Value::String(text) if is_secret(value) => format!("{OTHER}{}", &text[SECRET.len()..]).into(),
        Value::Array(elements) if elements.first().is_some_and(is_secret) => {
            elements.iter().map(disguised).chain([format!("{OTHER}-more").into()]).collect()
        }
        Value::Array(elements) => elements.iter().map(disguised).collect(),
        Value::Object(members) => members.iter().map(|(name, value)| (name.clone(), disguised(value))).collect(),
        other => other.clone(),
    }
}

/// The public part of a value: no attribute in these resource types is secret in one place and not in another.
fn shown(value: &Value) -> Value {
    const HIDDEN: [&str; 7] = ["pin", "hints", "birthpin", "masterpin", "vault", "traps", "password"];
    match value {
        Value::Array(elements) => elements.iter().map(shown).collect(),
        Value::Object(members) => {
            let members = members.iter().filter(|(name, _)| !HIDDEN.contains(&name.to_lowercase().as_str()));
            members.map(|(name, value)| (name.clone(), shown(value))).collect()
        }
        other => other.clone(),
    }
}

fn repairs(outcome: &Outcome) -> Vec<String> {
    outcome.repairs.iter().map(ToString::to_string).collect()
}

/// The public part of an outcome: of a secret attribute, only that it is set.
fn answer(outcome: &Outcome) -> (bool, Vec<Value>, Vec<String>) {
    let shown = |change: &Change| {
        let mut seen = shown(&json!(change));
        if json!(change.added).to_string().contains(SECRET) && change.removed.is_empty() && change.replaced.is_empty() {
            seen["added"] = Value::Null;
        }
        seen
    };
    (outcome.changed, outcome.changes.iter().map(shown).collect(), repairs(outcome))
}

/// Nothing that a log gets has a secret in it.
fn check_logs(outcome: &Outcome, body: &Value) -> Result<(), TestCaseError> {
    for change in outcome.changes.iter().filter(|change| !change.is_secret) {
        prop_assert!(!json!(change).to_string().contains(OTHER), "{}", json!(change));
    }
    for change in &outcome.changes {
        let old: Vec<&Value> =
            change.removed.iter().chain(change.replaced.iter().map(|replaced| &replaced.old)).collect();
        prop_assert!(!json!(old).to_string().contains(OTHER), "{}", json!(change));
    }
    for repair in repairs(outcome) {
        prop_assert!(!repair.contains(OTHER) && (!repair.contains(SECRET) || body.is_null()), "{}", repair);
    }
    Ok(())
}

#[cfg(feature = "protocol")]
fn check_versions(one: &Value, other: &Value, kind: &ResourceType) -> Result<(), TestCaseError> {
    use scim_engine::protocol::version;
    prop_assert_eq!(version(one, kind), version(other, kind));
    Ok(())
}

#[cfg(not(feature = "protocol"))]
#[allow(clippy::unnecessary_wraps)]
fn check_versions(_: &Value, _: &Value, _: &ResourceType) -> Result<(), TestCaseError> {
    Ok(())
}

fn apply(patch: &Patch, stored: &Value, kind: &ResourceType) -> Result<(Value, Outcome), String> {
    let mut resource = stored.clone();
    let outcome = patch.apply(&mut resource, kind).map_err(|error| format!("{error} {:?}", error.scim_type()))?;
    Ok((resource, outcome))
}

proptest! {
    #![proptest_config(config(1500))]

    #[test]
    fn a_patch_does_not_reveal_secrets(case in rough_case(Ops::All)) {
        let Ok(patch) = case.patch() else { return Ok(()) };
        let hidden = disguised(&case.stored);
        match (apply(&patch, &case.stored, case.kind()), apply(&patch, &hidden, case.kind())) {
            (Ok((a, one)), Ok((b, other))) => {
                prop_assert_eq!(answer(&one), answer(&other));
                prop_assert_eq!(shown(&a), shown(&b));
                check_logs(&other, &case.body)?;
                check_versions(&a, &b, case.kind())?;
            }
            (one, other) => {
                let (one, other) = (one.err(), other.err());
                prop_assert!(!one.as_ref().is_some_and(|error| error.contains(SECRET)), "{:?}", one);
                prop_assert_eq!(one, other);
            }
        }
    }

    #[test]
    fn a_put_does_not_reveal_secrets(put in put()) {
        let hidden = disguised(&put.stored);
        let replace = |stored: &Value| put.kind().replace_with(stored, &put.body, &put.options()).map_err(|error| error.to_string());
        match (replace(&put.stored), replace(&hidden)) {
            (Ok(one), Ok(other)) => {
                prop_assert_eq!(answer(&one.outcome), answer(&other.outcome));
                prop_assert_eq!(shown(&one.resource), shown(&other.resource));
                check_logs(&other.outcome, &put.body)?;
                check_versions(&one.resource, &other.resource, put.kind())?;
            }
            (one, other) => {
                let (one, other) = (one.err(), other.err());
                prop_assert!(!one.as_ref().is_some_and(|error| error.contains(SECRET)), "{:?}", one);
                prop_assert_eq!(one, other);
            }
        }
    }
}
