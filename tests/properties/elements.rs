//! The contract of `Patch::elements`: a list reduced to the named elements is patched as the whole one.

use proptest::prelude::*;
use scim_engine::schema::Schema;
use scim_engine::{Filter, Options, Outcome, Patch, PatchError, ResourceType, Tolerance};
use serde_json::{Value, json};

use super::config;
use super::patches::request;

/// A list of references whose values ignore case, with a primary one.
fn team() -> ResourceType {
    let schema = Schema::from_value(&json!({"id": "urn:example:Team", "attributes": [
        {"name": "members", "type": "complex", "multiValued": true, "subAttributes": [
            {"name": "value"}, {"name": "$ref", "type": "reference"}, {"name": "type"},
            {"name": "primary", "type": "boolean"}, {"name": "note"}, {"name": "fixed", "mutability": "immutable"},
        ]},
    ]}));
    ResourceType::from_schemas("Team", schema.unwrap(), Vec::new()).unwrap()
}

fn value() -> impl Strategy<Value = String> {
    prop_oneof![12 => (0_u32..9).prop_map(|n| format!("u{n}")), 1 => Just("U1".to_owned()), 1 => Just("\"".to_owned())]
}

fn kind() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["User", "Group"])
}

fn stored() -> impl Strategy<Value = Value> {
    let member = (value(), prop::option::of(kind()), prop::option::of(kind()), prop::bool::weighted(0.1)).prop_map(
        |(value, kind, note, primary)| {
            let mut member = json!({"value": value});
            if let Some(kind) = kind {
                member["type"] = kind.into();
            }
            if let Some(note) = note {
                member["note"] = note.into();
            }
            if primary {
                member["primary"] = true.into();
            }
            member
        },
    );
    prop_oneof![9 => prop::collection::vec(member, 0..12).prop_map(Value::from), 1 => Just(Value::Null)]
}

/// An element as a client gives it.
fn given() -> impl Strategy<Value = Value> {
    prop_oneof![
        8 => value().prop_map(|value| json!({"value": value})),
        4 => (value(), kind()).prop_map(|(value, kind)| json!({"Value": value, "type": kind})),
        2 => (value(), kind()).prop_map(|(value, note)| json!({"value": value, "note": note, "display": "x"})),
        1 => (value(), any::<bool>()).prop_map(|(value, primary)| json!({"value": value, "primary": primary})),
        1 => value().prop_map(Value::from),
        1 => value().prop_map(|value| json!({"value": value}).to_string().into()),
        1 => prop::sample::select(vec![json!({}), json!({"type": "User"}), json!(7), json!({"value": null}), json!(null)]),
    ]
}

fn list() -> impl Strategy<Value = Value> {
    prop_oneof![
        6 => prop::collection::vec(given(), 0..4).prop_map(Value::from),
        3 => given(),
        1 => prop::collection::vec(given(), 0..3).prop_map(|elements| json!({"members": elements})),
    ]
}

fn filter() -> impl Strategy<Value = String> {
    let quoted = || value().prop_map(|value| Value::from(value).to_string());
    prop_oneof![
        8 => quoted().prop_map(|value| format!("value eq {value}")),
        2 => (quoted(), quoted()).prop_map(|(a, b)| format!("value eq {a} or VALUE eq {b}")),
        2 => (quoted(), kind()).prop_map(|(a, kind)| format!("type eq \"{kind}\" and value eq {a}")),
        1 => (quoted(), quoted()).prop_map(|(a, b)| format!("(value eq {a} or value eq {b}) and not (type pr)")),
        1 => (quoted(), quoted()).prop_map(|(a, b)| format!("value eq {a} and value eq {b}")),
        1 => quoted().prop_map(|value| format!("value ne {value}")),
        1 => quoted().prop_map(|value| format!("value eq {value} or type eq \"User\"")),
        1 => Just("primary eq true and value eq \"u1\"".to_owned()),
    ]
}

fn operation() -> impl Strategy<Value = Value> {
    let op = || prop::sample::select(vec!["add", "replace", "remove"]);
    let write = || prop::sample::select(vec!["add", "replace"]);
    let sub = || prop::sample::select(vec!["type", "note", "display", "primary", "fixed", "value", "$ref"]);
    let single = || prop_oneof![kind().prop_map(Value::from), any::<bool>().prop_map(Value::from), Just(Value::Null)];
    prop_oneof![
        8 => list().prop_map(|value| json!({"op": "add", "path": "members", "value": value})),
        3 => list().prop_map(|value| json!({"op": "remove", "path": "members", "value": value})),
        1 => list().prop_map(|value| json!({"op": "replace", "path": "members", "value": value})),
        4 => list().prop_map(|value| json!({"op": "add", "value": {"members": value, "externalId": "e"}})),
        8 => filter().prop_map(|filter| json!({"op": "remove", "path": format!("members[{filter}]")})),
        4 => (write(), filter(), given())
            .prop_map(|(op, filter, value)| json!({"op": op, "path": format!("members[{filter}]"), "value": value})),
        4 => (op(), filter(), sub(), single())
            .prop_map(|(op, filter, sub, value)| json!({"op": op, "path": format!("members[{filter}].{sub}"), "value": value})),
        1 => (write(), filter(), single())
            .prop_map(|(op, filter, value)| json!({"op": op, "value": {format!("members[{filter}].type"): value}})),
        1 => (op(), sub()).prop_map(|(op, sub)| json!({"op": op, "path": format!("members.{sub}"), "value": "User"})),
        1 => op().prop_map(|op| json!({"op": op, "path": "externalId", "value": "x"})),
        1 => prop::sample::select(vec![
            json!({"op": "remove", "path": "members"}),
            json!({"op": "add", "path": "nonsense", "value": 1}),
            json!({"op": "replace", "path": "meta", "value": {"version": "x"}}),
            json!({"op": "add", "value": {"urn:ietf:params:scim:schemas:core:2.0:Group": {"members": [{"value": "u1"}]}}}),
        ]),
    ]
}

/// A request, or member operations of SCIM 1.1.
fn body() -> impl Strategy<Value = Value> {
    let member = (value(), prop::sample::select(vec!["add", "delete"]))
        .prop_map(|(value, operation)| json!({"value": value, "operation": operation}));
    prop_oneof![
        6 => prop::collection::vec(operation(), 1..5).prop_map(|operations| request(&operations)),
        1 => prop::collection::vec(member, 1..5).prop_map(|members| json!({"members": members, "externalId": "e"})),
    ]
}

/// The elements whose `value` is one of these, as an index of the host would find them.
fn reduced(members: &Value, values: &[String], resource_type: &ResourceType) -> Value {
    let Value::Array(elements) = members else { return members.clone() };
    let is_named = |element: &&Value| {
        values.iter().any(|value| {
            let filter: Filter = format!("members[value eq {}]", Value::from(value.as_str())).parse().unwrap();
            filter.compile(resource_type).unwrap().matches(&json!({"members": [element]})).unwrap()
        })
    };
    elements.iter().filter(is_named).cloned().collect()
}

fn of_members(applied: Result<Outcome, PatchError>) -> Result<(Vec<scim_engine::Change>, Vec<String>), PatchError> {
    let repairs = |outcome: &Outcome| outcome.repairs.iter().map(ToString::to_string).collect();
    applied.map(|outcome| {
        let repairs = repairs(&outcome);
        (outcome.changes, repairs)
    })
}

fn check(
    body: &Value,
    members: &Value,
    resource_type: &ResourceType,
    options: &Options,
) -> Result<bool, TestCaseError> {
    let Ok(patch) = Patch::parse_with(body, options) else { return Ok(false) };
    let Some(values) = patch.elements("members", resource_type).unwrap() else { return Ok(false) };
    let mut whole = json!({"displayName": "Crew", "members": members});
    let mut part = json!({"displayName": "Crew", "members": reduced(members, &values, resource_type)});
    let before = part.clone();
    let (of_whole, of_part) = (patch.apply(&mut whole, resource_type), patch.apply(&mut part, resource_type));
    prop_assert_eq!(of_members(of_whole), of_members(of_part), "{:?}", values);
    if values.is_empty() {
        prop_assert_eq!(&part["members"], &before["members"]);
    }
    Ok(true)
}

proptest! {
    #![proptest_config(config(1500))]

    #[test]
    fn the_named_elements_are_enough(body in body(), members in stored(), strict in prop::bool::weighted(0.2)) {
        let options = if strict { Options::strict() } else { Options::default() };
        for resource_type in [ResourceType::group(), team(), ResourceType::any()] {
            check(&body, &members, &resource_type, &options)?;
        }
    }

    /// The answer is not `None` if the request only names elements.
    #[test]
    fn elements_are_named_where_possible(
        values in prop::collection::vec(value(), 1..5),
        members in stored(),
    ) {
        let operations: Vec<Value> = values.iter().enumerate().map(|(at, value)| match at % 3 {
            0 => json!({"op": "add", "path": "members", "value": [{"value": value}]}),
            1 => json!({"op": "remove", "path": format!("members[value eq {}]", Value::from(value.as_str()))}),
            _ => json!({"op": "remove", "path": "members", "value": [{"value": value}]}),
        }).collect();
        let options = Options::default().tolerance(Tolerance::default());
        for resource_type in [ResourceType::group(), team()] {
            prop_assert!(check(&request(&operations), &members, &resource_type, &options)?);
        }
    }
}
