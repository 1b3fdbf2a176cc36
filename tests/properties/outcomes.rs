//! The contract of PATCH, on users.

use proptest::prelude::*;
use scim_engine::{Change, Options, Outcome, Patch, PatchError, ResourceType, ScimType, UnknownMembers};
use serde_json::{Value, json};

use super::config;
use super::documents::{unordered, user};
use super::patches::{operation, pathless, refused, request, write};

fn apply(operations: &[Value], resource: &mut Value) -> Result<Outcome, PatchError> {
    Patch::parse(&request(operations))?.apply(resource, &ResourceType::user())
}

/// Applies the changes as a host does, from their JSON form.
fn replay(outcome: &Outcome, before: &Value) -> Value {
    let changes: Vec<Change> = serde_json::from_value(serde_json::to_value(&outcome.changes).unwrap()).unwrap();
    let mut replayed = before.clone();
    changes.iter().for_each(|change| change.apply(&mut replayed, &ResourceType::user()).unwrap());
    replayed
}

/// The text of a JSON value with its members in reverse order and blanks in between.
fn respelled(value: &Value) -> String {
    match value {
        Value::Array(elements) => {
            format!("[ {}\t]", elements.iter().map(respelled).collect::<Vec<_>>().join("\n,  "))
        }
        Value::Object(members) => {
            let members = members
                .iter()
                .rev()
                .map(|(name, value)| format!("{} :\r\n{}", Value::from(name.as_str()), respelled(value)));
            format!(" {{ {} }} ", members.collect::<Vec<_>>().join(" , "))
        }
        other => other.to_string(),
    }
}

proptest! {
    #![proptest_config(config(600))]

    /// All or nothing (P2): a refused operation undoes those before it, byte for byte.
    #[test]
    fn a_failing_patch_changes_nothing(
        mut operations in prop::collection::vec(operation(), 0..6),
        bad in refused(),
        mut document in user(),
    ) {
        operations.push(bad);
        let before = serde_json::to_string(&document).unwrap();
        let error = apply(&operations, &mut document).unwrap_err();
        prop_assert_eq!(serde_json::to_string(&document).unwrap(), before);
        prop_assert!(error.operation().is_some_and(|index| index < operations.len()));
    }

    /// `changed`, `changes` and the resource say the same (P18).
    #[test]
    fn the_changes_are_what_happened(operations in prop::collection::vec(operation(), 1..6), before in user()) {
        let mut after = before.clone();
        let Ok(outcome) = apply(&operations, &mut after) else {
            prop_assert_eq!(&after, &before);
            return Ok(());
        };
        prop_assert_eq!(outcome.changed, !outcome.changes.is_empty());
        prop_assert_eq!(outcome.changed, unordered(&before) != unordered(&after), "{:?}", outcome.changes);
        if !outcome.changed {
            prop_assert_eq!(&after, &before);
        }
        prop_assert_eq!(unordered(&replay(&outcome, &before)), unordered(&after), "{:?}", outcome.changes);
    }

    /// The same where unknown members are kept.
    #[test]
    fn the_changes_of_unknown_members_are_what_happened(
        value in prop::collection::vec((prop::sample::select(vec![
            "shoeSize", "name", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
        ]), prop::sample::select(vec![json!({"hat": 1}), json!({"hat": {"x": [1]}}), json!({"hat": 2, "department": "sea"})])), 1..3),
        before in user(),
    ) {
        let value: serde_json::Map<String, Value> = value.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let body = request(&[json!({"op": "add", "value": value})]);
        let options = Options::default().unknown(UnknownMembers::Keep);
        let mut after = before.clone();
        let patch = Patch::parse_with(&body, &options).unwrap();
        if let Ok(outcome) = patch.apply(&mut after, &ResourceType::user()) {
            prop_assert_eq!(unordered(&replay(&outcome, &before)), unordered(&after), "{:?}", outcome.changes);
        }
    }

    /// An `add` or `replace` applied twice changes nothing the second time, or has lost the target that it moved.
    #[test]
    fn a_write_twice_is_a_write_once(operation in prop_oneof![3 => write(), 1 => pathless()], mut document in user()) {
        if apply(std::slice::from_ref(&operation), &mut document).is_err() {
            return Ok(());
        }
        let once = document.clone();
        match apply(std::slice::from_ref(&operation), &mut document) {
            Ok(outcome) => {
                // A value that the first one found there kept its spelling (P5); brackets that select it now
                // set it as written.
                let folded = |document: &Value| document.to_string().to_lowercase();
                prop_assert_eq!(folded(&document), folded(&once));
                // Setting a secret always counts as a change (P12a).
                let is_same = document == once;
                prop_assert!(!is_same || outcome.changes.iter().all(|change| change.is_secret), "{:?}", outcome.changes);
            }
            Err(error) => prop_assert_eq!(error.scim_type(), Some(ScimType::NoTarget)),
        }
    }

    /// Order of members and blanks in the text of a request say nothing.
    #[test]
    fn spelling_of_the_json_does_not_matter(operations in prop::collection::vec(operation(), 1..4), mut document in user()) {
        let body = request(&operations);
        let respelled = Patch::from_slice(respelled(&body).as_bytes());
        let parsed = Patch::parse(&body);
        prop_assert_eq!(&respelled, &parsed);
        let mut other = document.clone();
        if let (Ok(parsed), Ok(respelled)) = (parsed, respelled) {
            let (a, b) = (parsed.apply(&mut document, &ResourceType::user()), respelled.apply(&mut other, &ResourceType::user()));
            // Changes and repairs come in the order of members if that is kept.
            let sorted = |result: Result<Outcome, PatchError>| {
                result.map(|mut outcome| {
                    outcome.changes.sort_by(|a, b| a.path.cmp(&b.path));
                    outcome.repairs.sort_by(|a, b| (a.path(), a.kind()).cmp(&(b.path(), b.kind())));
                    outcome
                })
            };
            prop_assert_eq!(sorted(a), sorted(b));
            prop_assert_eq!(document, other);
        }
    }

    /// One request of many operations is many requests of one.
    #[test]
    fn operations_are_sequential(operations in prop::collection::vec(operation(), 2..7), document in user()) {
        let mut together = document.clone();
        if apply(&operations, &mut together).is_err() {
            return Ok(());
        }
        let mut one_by_one = document.clone();
        for operation in &operations {
            if let Err(error) = apply(std::slice::from_ref(operation), &mut one_by_one) {
                prop_assert!(false, "alone: {}", error);
            }
        }
        prop_assert_eq!(unordered(&together), unordered(&one_by_one));
    }
}
