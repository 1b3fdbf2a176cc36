//! `schemas`, and members that no schema knows.

use serde_json::{Value, json};

use super::{CORE, EXTRA, Family, Kind, PATCH, case, family, kept, long, object, op, permutation, remove, times};

pub fn families() -> Vec<Family> {
    vec![
        // `schemas`.
        family("schemas: after a change of an extension of 1 MB", 2_497, PATCH, |n| {
            let mut operations = vec![remove(&format!("{EXTRA}:d"))];
            operations.extend(times(n, |_| op("add", "schemas", json!(EXTRA))));
            case(json!({"schemas": [CORE, EXTRA], EXTRA: {"d": "d", "e": long(1_000_000)}}), operations)
        }),
        family("schemas: after a list was replaced", 2_497, PATCH, |n| {
            let items = |from: usize| json!(times(n, |i| json!({"value": format!("v{}", i + from)})));
            let mut operations = vec![op("replace", &format!("{EXTRA}:items"), items(1))];
            operations.extend(times(n, |_| op("add", "schemas", json!([EXTRA]))));
            case(json!({"schemas": [CORE, EXTRA], EXTRA: {"items": items(0)}}), operations)
        }),
        family("schemas: 200,000 unknown URNs", 2_497, PATCH, |n| {
            let mut operations = vec![op("add", "schemas", json!(times(80 * n / 4, |i| format!("urn:x:{i}"))))];
            operations.extend(times(n, |_| op("add", "schemas", json!(["urn:x:y"]))));
            case(json!({}), operations)
        }),
        family("schemas: in turn with an extension", 2_497, PATCH, |n| {
            case(
                json!({"schemas": [CORE, EXTRA], EXTRA: {"d": "d", "items": times(n, |i| json!({"value": format!("v{i}")}))}}),
                times(n, |i| match i % 2 {
                    0 => op("replace", &format!("{EXTRA}:e"), json!(format!("e{i}"))),
                    _ => op("add", "schemas", json!([EXTRA])),
                }),
            )
        }),
        family("schemas: in turn with an extension, undone each time", 2_497, PATCH, |n| {
            let tags = || json!(times(n, |i| format!("t{i}")));
            let mut operations =
                vec![remove(&format!("{EXTRA}:c")), op("add", &format!("{EXTRA}:c"), json!({"tags": tags()}))];
            operations.extend(times(n, |i| match i % 2 {
                0 => op("replace", &format!("{EXTRA}:d"), json!("d")),
                _ => op("add", "schemas", json!([EXTRA])),
            }));
            case(json!({"schemas": [CORE, EXTRA], EXTRA: {"d": "d", "c": {"tags": tags()}}}), operations)
        }),
        family("schemas: the extension taken out and put back", 2_497, PATCH, |n| {
            case(
                json!({"schemas": [CORE, EXTRA], EXTRA: {"d": "d"}}),
                times(n, |i| match i % 2 {
                    0 => remove(&format!("schemas[value eq \"{EXTRA}\"]")),
                    _ => op("add", &format!("{EXTRA}:d"), json!("d")),
                }),
            )
        }),
        family("schemas: kept URNs, one operation each", 2_497, PATCH, |n| {
            kept(json!({}), times(n, |i| op("add", "schemas", json!([format!("urn:x:{i}")]))))
        }),
        family("schemas: kept URNs, then operations", 2_497, PATCH, |n| {
            let mut operations = vec![op("add", "schemas", json!(times(4 * n, |i| format!("urn:x:{i}"))))];
            operations.extend(times(n, |i| op("add", "schemas", json!([format!("urn:x:{i}")]))));
            kept(json!({}), operations)
        }),
        family("schemas: in turn with a kept member of 1 MB", 2_497, PATCH, |n| {
            let big = || json!(times(100_000, |i| i));
            let mut operations = vec![json!({"op": "add", "value": {EXTRA: {"zz": big()}}})];
            operations.extend(times(n, |i| match i % 2 {
                0 => op("replace", &format!("{EXTRA}:d"), json!("d")),
                _ => op("add", "schemas", json!([EXTRA])),
            }));
            kept(json!({"schemas": [CORE, EXTRA], EXTRA: {"d": "d", "zz": big()}}), operations)
        }),
        family("schemas: in turn with a kept object of 100,000 members", 2_497, PATCH, |n| {
            let zz = object(100_000, |i| format!("m{i}"), &json!(1));
            kept(
                json!({"schemas": [CORE, EXTRA], EXTRA: {"zz": zz}}),
                times(n, |i| match i % 2 {
                    0 => json!({"op": "add", "value": {EXTRA: {"zz": {"m": i}}}}),
                    _ => op("add", "schemas", json!([EXTRA])),
                }),
            )
        }),
        // Members that no schema knows.
        family("kept: members at the top", 250, PATCH, |n| {
            kept(
                json!({}),
                times(80, |at| json!({"op": "add", "value": object(n, |i| format!("m{}", i * 7 + at), &json!(at))})),
            )
        }),
        family("kept: members of one complex value", 250, PATCH, |n| {
            kept(json!({}), times(80, |at| op("add", "c", object(n, |i| format!("m{i}"), &json!(at)))))
        }),
        family("kept: members of one complex value, taken away", 250, PATCH, |n| {
            kept(
                json!({"c": object(1_000, |i| format!("a{i}"), &json!(1))}),
                times(80, |_| op("add", "c", object(n, |i| format!("b{i}"), &Value::Null))),
            )
        }),
        family("kept: members of one complex value, removed", 250, PATCH, |n| {
            kept(
                json!({"c": object(1_000, |i| format!("a{i}"), &json!(1))}),
                times(80, |_| op("replace", "c", object(n, |i| format!("a{i}"), &Value::Null))),
            )
        }),
        family("kept: members of one element, one operation", 15_000, PATCH, |n| {
            kept(
                json!({"things": [{"value": "a"}]}),
                vec![op(
                    "add",
                    "things",
                    json!(times(n / 100, |at| {
                        let mut element = object(100, |i| format!("m{at}x{i}"), &json!(1));
                        element["value"] = json!("a");
                        element
                    })),
                )],
            )
        }),
        family("kept: members of one element, many operations", 2_497, PATCH, |n| {
            kept(
                json!({"things": [{"value": "a"}]}),
                times(n, |at| {
                    let mut element = object(5, |i| format!("m{at}x{i}"), &json!(1));
                    element["value"] = json!("a");
                    op("add", "things", json!([element]))
                }),
            )
        }),
        family("kept: lists that differ in order alone", 2_497, PATCH, |n| {
            kept(
                json!({"boxes": times(n, |i| json!({"zz": permutation(i)}))}),
                vec![op("add", "boxes", json!(times(n, |i| json!({"zz": permutation(i + n)}))))],
            )
        }),
        family("kept: lists that differ in order alone, replaced", 2_497, &[Kind::Value, Kind::Text, Kind::Put], |n| {
            let things = |from: usize| {
                json!(times(n, |i| json!({"value": "a", "type": format!("t{i}"), "zz": permutation(i + from)})))
            };
            let mut case = kept(json!({"things": things(0)}), vec![op("replace", "things", things(n))]);
            if let Some(body) = case.body.as_object_mut() {
                body.insert("things".to_owned(), things(n));
            }
            case
        }),
        family("kept: an object of 100,000 members, and others in its place", 2_497, PATCH, |n| {
            kept(
                json!({"zz": object(100_000, |i| format!("m{i}"), &json!(1)), "c": {"zz": object(100_000, |i| format!("m{i}"), &json!(1))}}),
                times(n, |i| match i % 2 {
                    0 => json!({"op": "add", "value": {"zz": {"m": i}}}),
                    _ => op("add", "c", json!({"zz": {"m": i}})),
                }),
            )
        }),
    ]
}
