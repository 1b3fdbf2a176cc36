//! Member operations on groups against a model that is as simple as can be: a list, searched from its beginning.

use proptest::prelude::*;
use scim_engine::{Patch, ResourceType};
use serde_json::{Value, json};

use super::config;
use super::documents::unordered;
use super::patches::request;

#[derive(Debug, Clone, PartialEq)]
struct Member {
    value: String,
    kind: Option<String>,
}

#[derive(Debug, Clone)]
enum Step {
    Add(Vec<Member>),
    Replace(Vec<Member>),
    RemoveAll,
    RemoveListed(Vec<String>),
    RemoveValue(String),
    RemoveEither(String, String),
    RemoveKind(String),
    RemoveValueOfKind(String, String),
    /// The record of a member becomes another.
    ReplaceRecord(String, Member),
}

fn value() -> impl Strategy<Value = String> {
    (0_u32..12).prop_map(|n| format!("u{n}"))
}

fn kind() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["User", "Group"]).prop_map(str::to_owned)
}

fn member() -> impl Strategy<Value = Member> {
    // The type of a member is immutable and follows from its value, so that no operation is refused for it.
    value().prop_map(|value| Member { kind: type_of(&value), value })
}

fn type_of(value: &str) -> Option<String> {
    match value.len() + usize::from(value.ends_with(['0', '3', '6', '9'])) {
        2 => Some("User".to_owned()),
        3 => Some("Group".to_owned()),
        _ => None,
    }
}

fn members() -> impl Strategy<Value = Vec<Member>> {
    prop::collection::vec(member(), 1..5)
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => members().prop_map(Step::Add),
        1 => members().prop_map(Step::Replace),
        1 => Just(Step::RemoveAll),
        3 => prop::collection::vec(value(), 1..4).prop_map(Step::RemoveListed),
        6 => value().prop_map(Step::RemoveValue),
        2 => (value(), value()).prop_map(|(a, b)| Step::RemoveEither(a, b)),
        1 => kind().prop_map(Step::RemoveKind),
        2 => (value(), kind()).prop_map(|(value, kind)| Step::RemoveValueOfKind(value, kind)),
        2 => (value(), member()).prop_map(|(value, member)| Step::ReplaceRecord(value, member)),
    ]
}

impl Member {
    fn json(&self) -> Value {
        match &self.kind {
            Some(kind) => json!({"value": self.value, "type": kind}),
            None => json!({"value": self.value}),
        }
    }
}

fn list(members: &[Member]) -> Value {
    members.iter().map(Member::json).collect()
}

impl Step {
    fn operation(&self) -> Value {
        match self {
            Step::Add(members) => json!({"op": "add", "path": "members", "value": list(members)}),
            Step::Replace(members) => json!({"op": "replace", "path": "members", "value": list(members)}),
            Step::RemoveAll => json!({"op": "remove", "path": "members"}),
            Step::RemoveListed(values) => {
                let listed: Vec<Value> = values.iter().map(|value| json!({"value": value})).collect();
                json!({"op": "remove", "path": "members", "value": listed})
            }
            Step::RemoveValue(value) => json!({"op": "remove", "path": format!("members[value eq \"{value}\"]")}),
            Step::RemoveEither(a, b) => {
                json!({"op": "remove", "path": format!("members[value eq \"{a}\" or value eq \"{b}\"]")})
            }
            Step::RemoveKind(kind) => json!({"op": "remove", "path": format!("members[type eq \"{kind}\"]")}),
            Step::RemoveValueOfKind(value, kind) => {
                json!({"op": "remove", "path": format!("members[type eq \"{kind}\" and value eq \"{value}\"]")})
            }
            Step::ReplaceRecord(value, member) => {
                json!({"op": "replace", "path": format!("members[value eq \"{value}\"]"), "value": member.json()})
            }
        }
    }

    /// Does it to a plain list; false if there is no target.
    fn run(&self, all: &mut Vec<Member>) -> bool {
        match self {
            Step::Add(members) => {
                for member in members {
                    if !all.iter().any(|other| other.value == member.value) {
                        all.push(member.clone());
                    }
                }
            }
            Step::Replace(members) => {
                all.clear();
                Step::Add(members.clone()).run(all);
            }
            Step::RemoveAll => all.clear(),
            Step::RemoveListed(values) => all.retain(|member| !values.contains(&member.value)),
            Step::RemoveValue(value) => all.retain(|member| member.value != *value),
            Step::RemoveEither(a, b) => all.retain(|member| member.value != *a && member.value != *b),
            Step::RemoveKind(kind) => all.retain(|member| member.kind.as_ref() != Some(kind)),
            Step::RemoveValueOfKind(value, kind) => {
                all.retain(|member| member.value != *value || member.kind.as_ref() != Some(kind));
            }
            Step::ReplaceRecord(value, member) => {
                let mut found = false;
                for other in all.iter_mut().filter(|other| other.value == *value) {
                    *other = member.clone();
                    found = true;
                }
                // Two elements with the same identity become one (P5).
                let mut seen = std::collections::HashSet::new();
                all.retain(|other| seen.insert(other.value.clone()));
                return found;
            }
        }
        true
    }
}

fn group(members: &[Member]) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
        "displayName": "Crew",
        "members": list(members),
    })
}

proptest! {
    #![proptest_config(config(400))]

    #[test]
    fn member_operations_do_what_a_plain_list_does(start in members(), steps in prop::collection::vec(step(), 1..40)) {
        let mut model = Vec::new();
        Step::Add(start).run(&mut model);
        let mut resource = group(&model);
        // Steps without a target are left out: they would refuse the request.
        let steps: Vec<Step> = steps.into_iter().filter(|step| step.run(&mut model)).collect();
        let operations: Vec<Value> = steps.iter().map(Step::operation).collect();
        let before = resource.clone();
        let patch = Patch::parse(&request(&operations)).unwrap();
        let outcome = patch.apply(&mut resource, &ResourceType::group());
        let outcome = outcome.map_err(|error| TestCaseError::fail(format!("{error}: {operations:?}")))?;
        prop_assert_eq!(unordered(&resource), unordered(&group(&model)));
        let mut replayed = before.clone();
        outcome.changes.iter().for_each(|change| change.apply(&mut replayed, &ResourceType::group()).unwrap());
        prop_assert_eq!(unordered(&replayed), unordered(&resource));
        prop_assert_eq!(outcome.changed, unordered(&before) != unordered(&resource));
    }
}

proptest! {
    #![proptest_config(config(6))]

    /// The same on a group that is large, with operations that are many.
    #[test]
    fn large_groups_do_too(seeds in prop::collection::vec(any::<u32>(), 300), size in 2000_u32..4000) {
        let make = |n: u32| Member { value: format!("u{n}"), kind: type_of(&format!("u{n}")) };
        let mut model: Vec<Member> = (0..size).map(make).collect();
        let mut resource = group(&model);
        let mut operations = Vec::new();
        for seed in seeds {
            let n = seed / 8 % (size + size / 8);
            let member = make(n);
            let step = match seed % 8 {
                0..=2 => Step::Add(vec![member, make(n / 2)]),
                3 | 4 => Step::RemoveValue(member.value),
                5 => Step::RemoveListed(vec![member.value, format!("u{}", n / 3)]),
                6 => Step::RemoveValueOfKind(member.value, "User".to_owned()),
                _ => Step::ReplaceRecord(member.value, make(size * 2 + n)),
            };
            if step.run(&mut model) {
                operations.push(step.operation());
            }
        }
        let patch = Patch::parse(&request(&operations)).unwrap();
        patch.apply(&mut resource, &ResourceType::group()).unwrap();
        prop_assert_eq!(unordered(&resource), unordered(&group(&model)));
    }
}
