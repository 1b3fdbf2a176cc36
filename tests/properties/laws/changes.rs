//! `changes` say all that happened.

use proptest::prelude::*;

use super::super::config;
use super::super::documents::unordered;
use super::requests::{Ops, rough_case};
use super::values::tidy;

proptest! {
    #![proptest_config(config(1000))]

    /// A host that applies the changes gets the result of the engine (P18).
    #[test]
    fn lead_to_the_result(case in rough_case(Ops::All)) {
        let Some((new, outcome)) = case.applied() else { return Ok(()) };
        let changes = serde_json::to_value(&outcome.changes).unwrap();
        let read: Vec<scim_engine::Change> = serde_json::from_value(changes.clone()).unwrap();
        let mut replayed = case.stored.clone();
        read.iter().for_each(|change| change.apply(&mut replayed, case.kind()).unwrap());
        prop_assert_eq!(unordered(&tidy(&replayed)), unordered(&tidy(&new)), "{}", changes);
        prop_assert_eq!(outcome.changed, !outcome.changes.is_empty());
        if !outcome.changed {
            prop_assert_eq!(&new, &case.stored);
        }
        let mut paths: Vec<&str> = outcome.changes.iter().map(|change| change.path.as_str()).collect();
        paths.sort_unstable();
        paths.dedup();
        prop_assert_eq!(paths.len(), outcome.changes.len(), "one entry for each attribute: {}", changes);
    }
}
