//! Long lists within elements and within single values: however they are changed while a request lasts, what comes of it is
//! what comes of its operations one by one.

use proptest::prelude::*;
use scim_engine::schema::Schema;
use scim_engine::{Patch, ResourceType};
use serde_json::{Value, json};

use super::config;
use super::documents::unordered;
use super::patches::request;

fn resource_type() -> ResourceType {
    let tags = json!({"name": "tags", "multiValued": true});
    let marks = json!({"name": "marks", "multiValued": true, "returned": "never"});
    let schema = Schema::from_value(&json!({"id": "urn:example:Within", "attributes": [
        {"name": "c", "type": "complex", "subAttributes": [{"name": "x"}, tags]},
        {"name": "things", "type": "complex", "multiValued": true, "subAttributes": [
            {"name": "value"}, {"name": "note"}, {"name": "once", "mutability": "immutable"}, tags, marks,
        ]},
        {"name": "boxes", "type": "complex", "multiValued": true, "subAttributes": [{"name": "label"}, {"name": "size"}, tags]},
    ]}));
    ResourceType::from_schemas("Within", schema.unwrap(), Vec::new()).unwrap()
}

/// Long enough to be changed in place, and now and then nothing.
fn texts(len: usize) -> impl Strategy<Value = Value> {
    let text = prop_oneof![20 => (0..40).prop_map(|n| json!(format!("t{n}"))), 1 => Just(Value::Null)];
    prop::collection::vec(text, len..len + 20).prop_map(Value::from)
}

fn few() -> impl Strategy<Value = Value> {
    prop::collection::vec((0..40).prop_map(|n| json!(format!("T{n}"))), 1..4).prop_map(Value::from)
}

fn stored() -> impl Strategy<Value = Value> {
    let thing = |at: usize| {
        (texts(12), texts(12))
            .prop_map(move |(tags, marks)| json!({"value": format!("v{at}"), "tags": tags, "marks": marks}))
    };
    let boxed = |at: usize| texts(12).prop_map(move |tags| json!({"label": format!("l{at}"), "tags": tags}));
    let lists = ([thing(0), thing(1), thing(2)], [boxed(0), boxed(1)]);
    (texts(12), lists).prop_map(|(tags, (things, boxes))| {
        json!({"schemas": ["urn:example:Within"], "id": "1", "c": {"x": "x", "tags": tags}, "things": things, "boxes": boxes})
    })
}

fn operation() -> impl Strategy<Value = Value> {
    let op = || prop::sample::select(vec!["add", "add", "remove", "remove", "replace"]);
    let listed = |path: &'static [&'static str]| {
        (op(), prop::sample::select(path.to_vec()), few())
            .prop_map(|(op, path, value)| json!({"op": op, "path": path, "value": value}))
    };
    let note = (0..5).prop_map(|n| json!(format!("n{n}")));
    prop_oneof![
        4 => listed(&["c.tags"]),
        8 => listed(&["things[value eq \"v0\"].tags", "things[value eq \"v1\"].marks", "things.tags", "things.marks"]),
        6 => listed(&["boxes[label eq \"l0\"].tags", "boxes.tags", "boxes[tags eq \"t3\"].tags"]),
        2 => few().prop_map(|tags| json!({"op": "add", "path": "c", "value": {"tags": tags}})),
        2 => few().prop_map(|tags| json!({"op": "add", "path": "things", "value": [{"value": "v0", "tags": tags}]})),
        1 => few().prop_map(|tags| json!({"op": "add", "path": "boxes", "value": [{"label": "l0", "tags": tags}]})),
        2 => note.clone().prop_map(|note| json!({"op": "replace", "path": "things[value eq \"v1\"]", "value": {"value": "v1", "note": note}})),
        1 => note.clone().prop_map(|note| json!({"op": "replace", "path": "things", "value": [{"value": "v0"}, {"value": "v1", "note": note}]})),
        1 => note.clone().prop_map(|note| json!({"op": "replace", "path": "things[value eq \"v1\"].note", "value": note})),
        1 => note.prop_map(|note| json!({"op": "replace", "path": "boxes.size", "value": note})),
        1 => Just(json!({"op": "replace", "path": "things[value eq \"v0\"].value", "value": "v1"})),
        1 => Just(json!({"op": "replace", "path": "boxes[label eq \"l1\"].label", "value": "l0"})),
        1 => Just(json!({"op": "remove", "path": "things[tags eq \"t5\"].tags"})),
        1 => Just(json!({"op": "remove", "path": "c.tags"})),
    ]
}

fn is_without_gaps(before: &Value, after: &Value) -> bool {
    let nulls = |value: &Value| value.to_string().matches("null").count();
    nulls(after) <= nulls(before)
}

proptest! {
    #![proptest_config(config(300))]

    #[test]
    fn operations_are_sequential(operations in prop::collection::vec(operation(), 2..14), document in stored()) {
        let resource_type = resource_type();
        let apply = |operations: &[Value], document: &mut Value| {
            Patch::parse(&request(operations)).and_then(|patch| patch.apply(document, &resource_type))
        };
        // Up to the first that is refused.
        let mut one_by_one = document.clone();
        let mut done = 0;
        for operation in &operations {
            if apply(std::slice::from_ref(operation), &mut one_by_one).is_err() {
                break;
            }
            done += 1;
        }
        let operations = &operations[..done];
        if done < 2 {
            return Ok(());
        }
        let mut together = document.clone();
        let outcome = apply(operations, &mut together);
        prop_assert!(outcome.is_ok(), "{:?}", outcome);
        prop_assert_eq!(unordered(&together), unordered(&one_by_one));
        prop_assert!(is_without_gaps(&document, &together), "{}", together);
        // Text gives the same.
        let patch = Patch::parse(&request(operations)).unwrap();
        let (text, of_text) = patch.apply_slice(document.to_string().as_bytes(), &resource_type).unwrap();
        let text: Value = serde_json::from_slice(&text).unwrap();
        prop_assert_eq!(&text, &together);
        prop_assert_eq!(&of_text.changes, &outcome.unwrap().changes);
    }
}
