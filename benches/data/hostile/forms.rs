//! Other forms of requests, and whole bodies.

use scim_engine::{Options, UnknownMembers};
use serde_json::{Value, json};

use super::{BODY, EXTRA, Family, PATCH, PUT, case, family, kept, long, object, op, times, whole};

pub fn families() -> Vec<Family> {
    vec![
        // Other forms of requests.
        family("forms: dotted keys", 2_497, PATCH, |n| {
            case(
                json!({}),
                times(
                    n,
                    |i| json!({"op": "add", "value": {"c.x": format!("x{i}"), "c.y": "y", format!("{EXTRA}:d"): "d", "title": "t"}}),
                ),
            )
        }),
        family("forms: the same objects without a path", 250, PATCH, |n| {
            case(
                json!({}),
                times(60, |_| json!({"op": "add", "value": object(n, |i| format!("unknown{i}"), &json!("v"))})),
            )
        }),
        family("forms: objects in elements of objects", 250, PATCH, |n| {
            kept(json!({}), times(40, |at| op("add", "boxes", json!([object(n, |i| format!("m{i}"), &json!(at))]))))
        }),
        family("forms: JSON in strings in lists", 2_497, PATCH, |n| {
            case(
                json!({}),
                vec![op(
                    "add",
                    "things",
                    json!(times(4 * n, |i| json!({"value": format!("v{i}"), "type": "t"}).to_string())),
                )],
            )
        }),
        family("forms: numbers of many digits", 55, PATCH, |n| {
            let number =
                |i: usize| -> Value { format!("{}{i}", "7".repeat(4_200)).parse().map_or(json!(1), Value::Number) };
            kept(json!({"zz": [1]}), times(n, |i| json!({"op": "add", "value": {"zz": number(i)}})))
        }),
        family("forms: refused at the end", 2_497, PATCH, |n| {
            let mut operations = times(n, |i| op("add", "things", json!([{"value": format!("w{i}")}])));
            operations.push(op("replace", "note", json!("x")));
            case(json!({"things": times(n, |i| json!({"value": format!("v{i}")})), "note": "n"}), operations)
        }),
        family("forms: dropped and reported", 2_497, PATCH, |n| {
            case(
                json!({}),
                times(n, |i| json!({"op": "add", "value": {format!("unknown{i}"): i, "c": {format!("x{i}"): i}}})),
            )
        }),
        family("forms: operations on one single attribute", 2_497, PATCH, |n| {
            case(json!({"title": long(1_000_000)}), times(n, |i| op("replace", "title", json!(format!("t{}", i % 2)))))
        }),
        family("forms: a single value of 1 MB and its brackets", 2_497, PATCH, |n| {
            case(
                json!({"c": {"x": long(1_000_000), "y": "y"}}),
                times(n, |i| op("replace", "c[x co \"é\"].y", json!(format!("y{i}")))),
            )
        }),
        family("forms: a single value of 1 MB that brackets search", 2_497, PATCH, |n| {
            case(
                json!({"c": {"x": long(1_000_000), "y": "y"}}),
                times(n, |i| op("replace", "c[x co \"x\" or y sw \"y\"].y", json!(format!("y{i}")))),
            )
        }),
        // Whole bodies.
        family("body: elements alike but for one thing", 3_700, PUT, |n| {
            let boxes = |size: &str| json!(times(n, |i| json!({"label": "a", "color": format!("c{i}"), "size": size})));
            whole(json!({"boxes": boxes("x")}), json!({"boxes": boxes("y")}))
        }),
        family("body: one value of many types", 5_000, BODY, |n| {
            let things =
                |display: &str| json!(times(n, |i| json!({"value": "a", "type": format!("t{i}"), "display": display})));
            whole(json!({"things": things("x")}), json!({"things": things("y")}))
        }),
        family("body: elements of one identity", 7_500, BODY, |n| {
            let things = |from: usize| json!(times(n, |i| json!({"value": "a", "tags": [format!("t{}", i + from)]})));
            whole(json!({"things": things(0)}), json!({"things": things(n)}))
        }),
        family("body: elements that say what is never returned", 7_500, BODY, |n| {
            let things = |from: usize| json!(times(n, |i| json!({"value": "a", "code": format!("c{}", i + from)})));
            whole(json!({"things": things(0)}), json!({"things": things(n)}))
        }),
        family("body: readOnly lists", 7_500, BODY, |n| {
            let shown = json!(times(n, |i| json!({"value": format!("g{i}"), "display": "d"})));
            whole(json!({"shown": shown}), json!({"shown": shown}))
        }),
        family("body: one readOnly element, many times", 7_500, BODY, |n| {
            let shown = json!(times(n, |_| json!({"value": "g", "display": "d"})));
            whole(json!({"shown": [{"value": "g", "display": long(1_000_000)}]}), json!({"shown": shown}))
        }),
        family("body: URNs", 15_000, BODY, |n| {
            let mut case = whole(json!({}), json!({"schemas": times(n, |i| format!("urn:x:{i}"))}));
            case.options = Options::default().unknown(UnknownMembers::Keep);
            case
        }),
        family("body: kept members", 250, BODY, |n| {
            let many = |at: usize| object(n, |i| format!("m{i}"), &json!(at));
            let boxes = |from: usize| json!(times(20, |at| many(at + from)));
            let mut case = whole(json!({"boxes": boxes(0), "c": many(0)}), json!({"boxes": boxes(20), "c": many(1)}));
            case.options = Options::default().unknown(UnknownMembers::Keep);
            case
        }),
        family("body: lists within", 15_000, BODY, |n| {
            let tags = |from: usize| json!(times(n, |i| format!("t{}", i + from)));
            whole(json!({"c": {"tags": tags(0)}}), json!({"c": {"tags": tags(n / 2)}}))
        }),
    ]
}
