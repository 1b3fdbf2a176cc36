//! One request is read in one way, whatever it comes with.

use proptest::prelude::*;
use scim_engine::{Options, Outcome, Patch};
use serde_json::Value;

use super::super::config;
use super::super::documents::unordered;
use super::super::patches::request;
use super::requests::{Ops, case, rough_case};
use super::values::is_nothing;

/// The members that are something, at any level.
fn assigned(value: &Value) -> Value {
    let Some(members) = value.as_object() else { return value.clone() };
    members
        .iter()
        .filter(|(_, value)| !is_nothing(value))
        .map(|(name, value)| (name.clone(), assigned(value)))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

proptest! {
    #![proptest_config(config(1000))]

    /// One request of many operations is many requests of one (P2).
    #[test]
    fn operations_are_sequential(case in rough_case(Ops::All)) {
        let operations = case.body["Operations"].as_array().unwrap();
        let Some((together, _)) = case.applied().filter(|_| operations.len() > 1) else { return Ok(()) };
        let mut one_by_one = case.stored.clone();
        for operation in operations {
            let patch = Patch::parse_with(&request(std::slice::from_ref(operation)), &case.options()).unwrap();
            match patch.apply(&mut one_by_one, case.kind()) {
                Ok(_) => {}
                // Required attributes must be assigned in the end.
                Err(error) if error.to_string().contains("required") => return Ok(()),
                Err(error) => return Err(TestCaseError::fail(format!("alone: {error}: {operation}"))),
            }
        }
        // An attribute stored as nothing may be removed or stay: it is unassigned.
        prop_assert_eq!(unordered(&assigned(&together)), unordered(&assigned(&one_by_one)));
    }

    /// A request that strict mode accepts is not a deviation: tolerance gives the same and repairs nothing (D17).
    #[test]
    fn tolerance_does_not_change_valid_requests(case in case(Ops::All)) {
        let body = case.body["Operations"].to_string();
        // Blank texts are stored, and details of a reference stay, in strict mode (D17, P5c); so does the text of a role.
        let is_other = |named: &&super::requests::Named| matches!(named.target.attribute.as_deref(), Some("keeper" | "manager" | "roles"));
        if ["\"\"", "\" \"", "\\\"\\\""].iter().any(|blank| body.contains(blank)) || case.names.iter().any(|named| is_other(&named)) {
            return Ok(());
        }
        let apply = |options: &Options| {
            let mut resource = case.stored.clone();
            let options = options.clone().unknown(case.unknown).unknown_paths(case.unknown_paths);
            let outcome = Patch::parse_with(&case.body, &options)?.apply(&mut resource, case.kind())?;
            Ok::<(Value, _), scim_engine::PatchError>((resource, outcome))
        };
        let Ok((strict, outcome)) = apply(&Options::strict()) else { return Ok(()) };
        let (tolerant, other) = apply(&Options::default()).map_err(|error| TestCaseError::fail(error.to_string()))?;
        prop_assert_eq!(strict, tolerant, "{:?}", other.repairs);
        // Dropped members are reported even if they equal the stored ones.
        let repairs = |outcome: Outcome| outcome.repairs.into_iter().filter(|repair| repair.kind() != "read_only_members").collect::<Vec<_>>();
        prop_assert_eq!(&outcome.changes, &other.changes);
        prop_assert_eq!(repairs(outcome), repairs(other));
    }
}
