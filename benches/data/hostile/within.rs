//! Lists within values, single elements, primaries.

use serde_json::{Value, json};

use super::{Family, PATCH, case, family, long, op, remove, times};

pub fn families() -> Vec<Family> {
    vec![
        // Lists within values.
        family("lists within: one operation of n on n", 10_000, PATCH, |n| {
            case(
                json!({"c": {"x": "x", "tags": times(n, |i| format!("t{i}"))}}),
                vec![op("add", "c.tags", json!(times(n, |i| format!("u{i}"))))],
            )
        }),
        family("lists within: n operations of one", 2_497, PATCH, |n| {
            case(
                json!({"c": {"x": "x", "tags": times(4 * n, |i| format!("t{i}"))}}),
                times(n, |i| op("add", "c.tags", json!([format!("u{i}")]))),
            )
        }),
        family("lists within: n operations of what is there", 2_497, PATCH, |n| {
            case(
                json!({"c": {"x": "x", "tags": times(4 * n, |i| format!("t{i}"))}}),
                times(n, |i| op("add", "c", json!({"tags": [format!("t{i}")]}))),
            )
        }),
        family("lists within: removals by value", 2_497, PATCH, |n| {
            case(
                json!({"c": {"tags": times(n, |i| format!("t{i}"))}}),
                times(n, |i| op("remove", "c.tags", json!([format!("t{i}")]))),
            )
        }),
        family("lists within: added and removed in turn", 2_497, PATCH, |n| {
            case(
                json!({"c": {"tags": times(4 * n, |i| format!("t{i}"))}}),
                times(n, |i| op(["add", "remove"][i % 2], "c.tags", json!([format!("u{}", i / 2)]))),
            )
        }),
        family("lists within: the same of an element", 2_497, PATCH, |n| {
            case(
                json!({"things": [{"value": "a", "tags": times(4 * n, |i| format!("t{i}"))}]}),
                times(n, |i| {
                    op(["add", "remove"][i % 2], "things[value eq \"a\"].tags", json!([format!("u{}", i / 2)]))
                }),
            )
        }),
        family("lists within: the same of an element, by identity", 2_497, PATCH, |n| {
            case(
                json!({"things": [{"value": "a", "tags": times(4 * n, |i| format!("t{i}"))}]}),
                times(n, |i| op("add", "things", json!([{"value": "a", "tags": [format!("u{i}")]}]))),
            )
        }),
        family("lists within: the same of an element without a value", 2_497, PATCH, |n| {
            case(
                json!({"boxes": [{"label": "a", "tags": times(4 * n, |i| format!("t{i}"))}, {"label": "b"}]}),
                times(n, |i| op("add", "boxes[label eq \"a\"].tags", json!([format!("u{i}")]))),
            )
        }),
        family("lists within: elements of one identity, one operation", 7_500, PATCH, |n| {
            case(
                json!({}),
                vec![op("add", "things", json!(times(n, |i| json!({"value": "a", "tags": [format!("u{i}")]}))))],
            )
        }),
        family("lists within: chosen by what the list has", 2_497, PATCH, |n| {
            case(
                json!({"c": {"tags": times(n, |i| format!("t{i}"))}}),
                times(n, |i| op("replace", &format!("c[tags eq \"t{i}\"].x"), json!("y"))),
            )
        }),
        family("lists within: elements chosen by what the list has", 2_497, PATCH, |n| {
            case(
                json!({"things": times(10, |at| json!({"value": format!("v{at}"), "tags": times(n / 10, |i| format!("t{}", i * 10 + at))}))}),
                times(n, |i| op("replace", &format!("things[tags eq \"t{i}\"].tags"), json!([format!("t{i}")]))),
            )
        }),
        family("lists within: of all elements", 2_497, PATCH, |n| {
            case(
                json!({"things": times(n, |i| json!({"value": format!("v{i}")}))}),
                times(n, |i| op("add", "things.tags", json!([format!("t{}", i % 3)]))),
            )
        }),
        family("lists within: ten values of 100 KB", 2_497, PATCH, |n| {
            case(
                json!({"c": {"x": "x", "tags": times(10, |i| format!("{i}{}", long(100_000)))}}),
                times(n, |i| op(["add", "remove"][i % 2], "c.tags", json!([format!("u{}", i / 2)]))),
            )
        }),
        family("lists within: ten values of 100 KB of an element", 2_497, PATCH, |n| {
            case(
                json!({"things": [{"value": "a", "tags": times(10, |i| format!("{i}{}", long(100_000)))}]}),
                times(n, |i| {
                    op(["add", "remove"][i % 2], "things[value eq \"a\"].tags", json!([format!("u{}", i / 2)]))
                }),
            )
        }),
        family("lists within: of what is never returned, and kept", 2_497, PATCH, |n| {
            case(
                json!({"things": [{"value": "a", "marks": times(4 * n, |i| format!("t{i}"))}]}),
                times(n, |i| match i % 3 {
                    0 => op("add", "things[value eq \"a\"].marks", json!([format!("u{i}")])),
                    1 => op("remove", "things[value eq \"a\"].marks", json!([format!("t{i}")])),
                    _ => op("replace", "things[value eq \"a\"]", json!({"value": "a", "display": format!("d{i}")})),
                }),
            )
        }),
        // Single elements, simple lists, primaries.
        family("elements: added and removed in turn", 2_497, PATCH, |n| {
            case(
                json!({"things": times(4 * n, |i| json!({"value": format!("v{i}")}))}),
                times(n, |i| match i % 2 {
                    0 => op("add", "things", json!([{"value": "a"}])),
                    _ => remove("things[value eq \"a\"]"),
                }),
            )
        }),
        family("elements: cleared and filled in turn", 2_497, PATCH, |n| {
            case(
                json!({"things": times(4 * n, |i| json!({"value": format!("v{i}")}))}),
                times(n, |i| match i % 2 {
                    0 => remove("things"),
                    _ => op("add", "things", json!([{"value": format!("v{i}")}])),
                }),
            )
        }),
        family("elements: of one identity, the first removed each time", 2_497, PATCH, |n| {
            case(
                json!({"things": times(4 * n, |i| json!({"value": "a", "display": format!("d{i}")}))}),
                times(n, |i| match i % 2 {
                    0 => remove(&format!("things[display eq \"d{}\"]", i / 2)),
                    _ => op("add", "things", json!([{"value": "a"}])),
                }),
            )
        }),
        family("elements: simple values", 2_497, PATCH, |n| {
            case(
                json!({"codes": times(n, |i| format!("c{i}"))}),
                times(n, |i| op(["add", "remove"][i % 2], "codes", json!([format!("c{i}")]))),
            )
        }),
        family("elements: primary each in turn", 2_497, PATCH, |n| {
            case(
                json!({"things": times(n, |i| json!({"value": format!("v{i}"), "primary": true}))}),
                times(n, |i| op("replace", &format!("things[value eq \"v{i}\"].primary"), json!(true))),
            )
        }),
        family("elements: all of one identity become one another", 2_497, PATCH, |n| {
            case(
                json!({"things": times(n, |i| json!({"value": format!("v{i}")}))}),
                times(n, |i| op("replace", &format!("things[value eq \"v{i}\"].value"), json!("a"))),
            )
        }),
        family("elements: that say what is never returned", 7_500, PATCH, |n| {
            case(
                json!({}),
                vec![op("add", "things", json!(times(n, |i| json!({"value": "a", "code": format!("c{i}")}))))],
            )
        }),
        family("elements: stored as nothing", 2_497, PATCH, |n| {
            let mut all = times(20 * n, |_| Value::Null);
            all.push(json!({"value": "a"}));
            case(
                json!({"things": all, "c": {"tags": times(20 * n, |_| Value::Null), "x": "x"}}),
                times(n, |i| match i % 3 {
                    0 => op("replace", "things[value eq \"a\"].type", json!(format!("t{i}"))),
                    1 => op("replace", "c.y", json!(format!("y{i}"))),
                    _ => op("add", "things", json!([{"value": "a"}])),
                }),
            )
        }),
    ]
}
