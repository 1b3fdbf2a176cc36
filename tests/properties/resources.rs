//! The contract of POST and PUT.

use proptest::prelude::*;
use scim_engine::{Absent, Options, ResourceType, UnknownMembers};
use serde_json::{Value, json};

use super::config;
use super::documents::{any_object, types, unordered, user};

/// A body: a user, with other things mixed in.
fn body() -> impl Strategy<Value = Value> {
    (user(), any_object(), any::<bool>()).prop_map(|(mut user, noise, mixed)| {
        if let (true, Some(members), Some(noise)) = (mixed, user.as_object_mut(), noise.as_object()) {
            for (name, value) in noise {
                if !members.keys().any(|key| key.eq_ignore_ascii_case(name)) {
                    members.insert(name.clone(), value.clone());
                }
            }
        }
        user
    })
}

proptest! {
    #![proptest_config(config(500))]

    /// Coerced values need no further coercion.
    #[test]
    fn create_is_idempotent(body in prop_oneof![body(), any_object()]) {
        for unknown in [UnknownMembers::Ignore, UnknownMembers::Keep] {
            let options = Options::default().unknown(unknown);
            for resource_type in types() {
                let Ok(once) = resource_type.create_with(&body, &options) else { continue };
                let twice = resource_type.create_with(&once.resource, &options);
                let twice = twice.map_err(|error| TestCaseError::fail(format!("{error}: {}", once.resource)))?;
                prop_assert_eq!(&twice.resource, &once.resource);
                prop_assert_eq!(&twice.outcome.repairs, &vec![]);
            }
        }
    }

    /// From text as from a value.
    #[test]
    fn text_and_value_are_the_same(body in body()) {
        let options = Options::default();
        for resource_type in types() {
            let from_text = resource_type.create_from_slice_with(body.to_string().as_bytes(), &options);
            prop_assert_eq!(from_text, resource_type.create_with(&body, &options));
        }
    }

    /// A PUT of what is stored, with or without what only the provider sets, changes nothing.
    #[test]
    fn replacing_by_the_same_changes_nothing(stored in user(), shuffle in any::<bool>()) {
        // Elements with the same identity become one (R1).
        let once = ResourceType::user().create(&stored).unwrap();
        let lists = stored.as_object().unwrap().iter().filter_map(|(name, value)| Some((name, value.as_array()?.len())));
        let is_less = |(name, len): (&String, usize)| once.resource.get(name).is_some_and(|list| list.as_array().unwrap().len() < len);
        if lists.into_iter().any(is_less) {
            return Ok(());
        }
        let mut body = stored.clone();
        let members = body.as_object_mut().unwrap();
        ["id", "meta", "groups"].iter().for_each(|name| { members.remove(*name); });
        if let (true, Some(Value::Array(elements))) = (shuffle, members.get_mut("emails")) {
            elements.reverse();
        }
        for (body, absent) in [(&body, Absent::Clear), (&stored, Absent::Clear), (&body, Absent::Keep), (&json!({"userName": "bjensen"}), Absent::Keep)] {
            let options = Options::default().absent(absent);
            let written = ResourceType::user().replace_with(&stored, body, &options).unwrap();
            if body.get("schemas").is_none() && stored["schemas"].as_array().unwrap().len() > 1 {
                continue;
            }
            prop_assert!(!written.outcome.changed, "{:?}", written.outcome.changes);
            prop_assert_eq!(&written.resource, &stored);
        }
    }

    /// A PUT applied twice changes nothing the second time; its changes replayed give what it gave.
    #[test]
    fn replace_is_idempotent(stored in user(), body in body()) {
        let resource_type = ResourceType::user();
        let Ok(once) = resource_type.replace(&stored, &body) else { return Ok(()) };
        let mut replayed = stored.clone();
        once.outcome.changes.iter().for_each(|change| change.apply(&mut replayed, &resource_type).unwrap());
        prop_assert_eq!(unordered(&replayed), unordered(&once.resource), "{:?}", once.outcome.changes);
        let twice = resource_type.replace(&once.resource, &body).unwrap();
        // Setting a secret always counts as a change (P12a).
        prop_assert!(twice.outcome.changes.iter().all(|change| change.is_secret), "{:?}", twice.outcome.changes);
        prop_assert_eq!(twice.resource, once.resource);
    }
}
