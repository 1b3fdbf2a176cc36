//! The choice of elements by operations, their weight, and attributes that only the provider sets.

use serde_json::{Value, json};

use super::{EXTRA, Family, PATCH, case, family, long, op, remove, times};

pub fn families() -> Vec<Family> {
    vec![
        // The equality by which value paths choose elements.
        family("brackets: two equalities, the rare one last", 2_497, PATCH, |n| {
            case(
                json!({"boxes": times(n, |i| json!({"label": "a", "color": format!("c{i}")}))}),
                times(n, |i| op("replace", &format!("boxes[label eq \"a\" and color eq \"c{i}\"].size"), json!("x"))),
            )
        }),
        family("brackets: `value` of all, the rare one last", 2_497, PATCH, |n| {
            case(
                json!({"things": times(n, |i| json!({"value": "a", "type": format!("t{i}")}))}),
                times(n, |i| remove(&format!("things[value eq \"a\" and type eq \"t{i}\"].display"))),
            )
        }),
        family("brackets: equalities that choose half each", 2_497, PATCH, |n| {
            case(
                json!({"boxes": times(n, |i| json!({"label": format!("l{}", i % 2), "color": format!("c{}", i / 2 % 2)}))}),
                times(n, |_| {
                    op("add", "boxes[label eq \"l0\" and color eq \"c1\" and size eq \"x\"].shape", json!("s"))
                }),
            )
        }),
        family("brackets: all elements, nothing to do", 2_497, PATCH, |n| {
            case(
                json!({"things": times(n, |i| json!({"value": format!("v{i}"), "type": "a"}))}),
                times(n, |_| op("replace", "things[type eq \"a\"].type", json!("a"))),
            )
        }),
        family("brackets: `co`", 2_497, PATCH, |n| {
            case(
                json!({"things": times(n, |i| json!({"value": format!("v{i}"), "display": "d"}))}),
                times(n, |i| remove(&format!("things[display co \"x{i}\"]"))),
            )
        }),
        family("brackets: `co` in long texts", 2_497, PATCH, |n| {
            case(
                json!({"things": times(100, |i| json!({"value": format!("v{i}"), "display": long(10_000)}))}),
                times(n, |i| remove(&format!("things[display co \"x{i}\"]"))),
            )
        }),
        family("brackets: `or` on 100,000", 100, PATCH, |n| {
            case(
                json!({"things": times(100_000, |i| json!({"value": format!("v{i}")}))}),
                times(n, |_| remove("things[value eq \"a\" or value eq \"b\"]")),
            )
        }),
        family("brackets: on lists of all attributes", 2_497, PATCH, |n| {
            let all = |name: &str| Value::Array(times(n, |i| json!({name: format!("v{i}")})));
            let paths = ["things[display co \"x\"]", "boxes[label co \"x\"]", "codes[value co \"x\"]"];
            let mut extra = json!({"c": {"x": "y"}});
            extra["items"] = all("value");
            case(
                json!({"things": all("value"), "boxes": all("label"), "codes": times(n, |i| format!("v{i}")), EXTRA: extra}),
                times(n, |i| match i % 4 {
                    3 => remove(&format!("{EXTRA}:items[display co \"x\"]")),
                    at => remove(paths[at]),
                }),
            )
        }),
        family("brackets: after all but one are gone", 2_497, PATCH, |n| {
            let gone = json!(times(4 * n, |i| json!({"value": format!("v{i}")})));
            let mut all = gone.as_array().unwrap().clone();
            all.push(json!({"value": "last"}));
            let mut operations = vec![remove("things[value sw \"v\"]")];
            operations.extend(times(n, |_| remove("things[display co \"x\"]")));
            case(json!({"things": all}), operations)
        }),
        // The weight of elements.
        family("weight: 100 elements of 10 KB and one value", 2_497, PATCH, |n| {
            case(
                json!({"things": times(100, |i| json!({"value": "a", "type": format!("t{i}"), "display": long(10_000)}))}),
                times(n, |i| {
                    op("replace", &format!("things[value eq \"a\" and type eq \"t{}\"].type", i % 100), json!("t"))
                }),
            )
        }),
        family("weight: an element of 1 MB, nothing to do", 2_497, PATCH, |n| {
            case(
                json!({"things": [{"value": "a", "type": "t", "display": long(1_000_000)}]}),
                times(n, |_| op("replace", "things[value eq \"a\"].type", json!("t"))),
            )
        }),
        family("weight: an element of 1 MB, changed", 2_497, PATCH, |n| {
            case(
                json!({"things": [{"value": "a", "type": "t", "display": long(1_000_000)}]}),
                times(n, |i| op("replace", "things[value eq \"a\"].type", json!(format!("t{i}")))),
            )
        }),
        family("weight: an element of 1 MB without a value", 2_497, PATCH, |n| {
            case(
                json!({"boxes": [{"label": "a", "size": long(1_000_000)}, {"label": "b"}]}),
                times(n, |i| op("replace", "boxes[label eq \"a\"].color", json!(format!("c{i}")))),
            )
        }),
        family("weight: elements of 10 KB without a value", 2_497, PATCH, |n| {
            case(
                json!({"boxes": times(100, |i| json!({"label": format!("l{i}"), "size": long(10_000)}))}),
                times(n, |i| op("replace", &format!("boxes[label eq \"l{}\"].color", i % 100), json!(format!("c{i}")))),
            )
        }),
        family("weight: a long text beside a short one", 2_497, PATCH, |n| {
            case(
                json!({"things": [{"value": "a", "once": long(1_000_000)}], "pin": long(1_000_000)}),
                times(n, |_| op("replace", "things[value eq \"a\"].type", json!("x")))
                    .into_iter()
                    .chain([op("add", "things", json!([{"value": "a", "once": "x"}]))])
                    .collect(),
            )
        }),
        family("weight: adding to an element with a long text", 2_497, PATCH, |n| {
            case(
                json!({"things": [{"value": "a", "display": long(1_000_000)}]}),
                times(n, |i| op("add", "things", json!([{"value": "a", "type": null, "once": format!("o{}", i / n)}]))),
            )
        }),
        family("weight: replaced, but for what stays", 2_497, PATCH, |n| {
            case(
                json!({"things": [{"value": "a", "once": long(1_000_000)}]}),
                times(n, |i| {
                    op("replace", "things[value eq \"a\"]", json!({"value": "a", "display": format!("d{i}")}))
                }),
            )
        }),
        family("weight: the list replaced, but for what stays", 2_497, PATCH, |n| {
            case(
                json!({"things": [{"value": "a", "once": long(1_000_000)}]}),
                times(n, |i| op("replace", "things", json!([{"value": "a", "display": format!("d{i}")}]))),
            )
        }),
        family("weight: removals of what brackets search", 2_497, PATCH, |n| {
            case(
                json!({"things": [{"value": "a", "display": long(1_000_000)}]}),
                times(n, |_| op("remove", "things[display co \"x\"]", json!([{"value": "a"}]))),
            )
        }),
        family("weight: 100,000 values within an element, nothing to do", 2_497, PATCH, |n| {
            case(
                json!({"things": [{"value": "a", "type": "t", "tags": times(100_000, |i| format!("t{i}"))}]}),
                times(n, |_| op("replace", "things[value eq \"a\"].type", json!("t"))),
            )
        }),
        family("weight: 100,000 values within an element, changed", 2_497, PATCH, |n| {
            case(
                json!({"things": [{"value": "a", "type": "t", "tags": times(100_000, |i| format!("t{i}"))}]}),
                times(n, |i| op("replace", "things[value eq \"a\"].type", json!(format!("t{i}")))),
            )
        }),
        family("weight: 100,000 values within an element without a value, changed", 2_497, PATCH, |n| {
            let tags = times(100_000, |i| format!("t{i}"));
            case(
                json!({"boxes": [{"label": "a", "tags": tags}, {"label": "b"}]}),
                times(n, |i| op("replace", "boxes[label eq \"a\"].size", json!(format!("s{i}")))),
            )
        }),
        family("weight: a long element made one with another in turn", 2_497, PATCH, |n| {
            case(
                json!({"things": [{"value": "v0", "display": long(1_000_000)}]}),
                times(n, |i| match i % 2 {
                    0 => op("add", "things", json!([{"value": format!("v{}", i / 2 + 1)}])),
                    _ => op(
                        "replace",
                        &format!("things[value eq \"v{}\"].value", i / 2),
                        json!(format!("v{}", i / 2 + 1)),
                    ),
                }),
            )
        }),
        // Attributes that only the provider sets.
        family("readOnly: add", 2_497, PATCH, |n| {
            case(
                json!({"shown": times(n, |i| json!({"value": format!("g{i}"), "display": "d"}))}),
                times(n, |i| op("add", "shown", json!([{"value": format!("g{i}")}]))),
            )
        }),
        family("readOnly: replace", 2_497, PATCH, |n| {
            case(
                json!({"shown": times(n, |i| json!({"value": format!("g{i}"), "display": "d"}))}),
                times(n, |i| op("replace", "shown", json!([{"value": format!("g{i}")}]))),
            )
        }),
        family("readOnly: remove by brackets", 2_497, PATCH, |n| {
            case(
                json!({"shown": times(n, |i| json!({"value": format!("g{i}"), "display": "d"}))}),
                times(n, |i| remove(&format!("shown[value eq \"x{i}\"]"))),
            )
        }),
        family("readOnly: a sub-attribute without brackets", 2_497, PATCH, |n| {
            case(
                json!({"shown": times(n, |i| json!({"value": format!("g{i}"), "display": "d"}))}),
                times(n, |_| op("replace", "shown.display", json!("d"))),
            )
        }),
        family("readOnly: as a member of values", 2_497, PATCH, |n| {
            case(
                json!({"shown": times(n, |i| json!({"value": format!("g{i}"), "display": long(400)})), "note": long(1_000_000)}),
                times(
                    n,
                    |i| json!({"op": "add", "value": {"note": "x", "shown": [{"value": format!("g{i}"), "display": "y"}]}}),
                ),
            )
        }),
        family("readOnly: of one identity", 2_497, PATCH, |n| {
            case(
                json!({"shown": times(n, |i| json!({"value": "g", "display": format!("d{i}")}))}),
                times(n, |_| op("add", "shown", json!([{"value": "g", "display": "d0"}]))),
            )
        }),
        family("readOnly: a text of 1 MB of a single value", 2_497, PATCH, |n| {
            case(
                json!({"set": {"x": long(1_000_000)}}),
                times(n, |i| json!({"op": "add", "value": {"set": {"x": format!("y{i}")}}})),
            )
        }),
        family("readOnly: 100,000 values within a single value", 2_497, PATCH, |n| {
            case(
                json!({"set": {"tags": times(100_000, |i| format!("t{i}"))}}),
                times(n, |i| json!({"op": "add", "value": {"set": {"tags": [format!("t{i}")]}}})),
            )
        }),
    ]
}
