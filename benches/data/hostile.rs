//! Families of requests made to cost much, each for any size (P19).

use scim_engine::schema::Schema;
use scim_engine::{Options, ResourceType, UnknownMembers};
use serde_json::{Map, Value, json};

/// A request, and what is stored.
pub struct Case {
    pub resource_type: ResourceType,
    pub stored: Value,
    pub body: Value,
    pub options: Options,
}

/// How a request is applied.
#[derive(Clone, Copy, PartialEq)]
pub enum Kind {
    /// PATCH of a `Value`.
    Value,
    /// PATCH of JSON text.
    Text,
    Put,
    Post,
}

impl Kind {
    pub fn name(self) -> &'static str {
        match self {
            Self::Value => "value",
            Self::Text => "text",
            Self::Put => "PUT",
            Self::Post => "POST",
        }
    }
}

pub struct Family {
    pub name: &'static str,
    /// The smallest size; four times as much is near a limit.
    pub n: usize,
    pub kinds: &'static [Kind],
    pub make: fn(usize) -> Case,
}

const PATCH: &[Kind] = &[Kind::Value, Kind::Text];
const BODY: &[Kind] = &[Kind::Put, Kind::Post];
const PUT: &[Kind] = &[Kind::Put];

const CORE: &str = "urn:example:cost:Thing";
const EXTRA: &str = "urn:example:cost:Extra";

fn attribute(name: &str, more: Value) -> Value {
    let mut attribute = json!({"name": name, "type": "string", "caseExact": false});
    attribute.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    attribute
}

fn complex(name: &str, is_list: bool, subs: Vec<Value>) -> Value {
    attribute(name, json!({"type": "complex", "multiValued": is_list, "subAttributes": subs}))
}

fn plain(name: &str) -> Value {
    attribute(name, json!({}))
}

fn list(name: &str) -> Value {
    attribute(name, json!({"multiValued": true}))
}

fn things() -> Vec<Value> {
    vec![
        plain("value"),
        plain("type"),
        plain("display"),
        attribute("primary", json!({"type": "boolean"})),
        attribute("code", json!({"returned": "never"})),
        attribute("once", json!({"mutability": "immutable"})),
        list("tags"),
    ]
}

/// A resource type with an attribute of each sort.
pub fn resource_type() -> ResourceType {
    let mut shown = complex("shown", true, vec![plain("value"), plain("display"), plain("kind")]);
    shown["mutability"] = json!("readOnly");
    let core = json!({"id": CORE, "name": "Thing", "attributes": [
        plain("title"),
        complex("c", false, vec![plain("x"), plain("y"), list("tags")]),
        complex("things", true, things()),
        complex("boxes", true, vec![plain("label"), plain("color"), plain("size"), plain("shape"), list("tags")]),
        list("codes"),
        shown,
        attribute("note", json!({"mutability": "readOnly"})),
        attribute("pin", json!({"mutability": "immutable"})),
    ]});
    let extra = json!({"id": EXTRA, "name": "Extra", "attributes": [
        plain("d"),
        plain("e"),
        complex("items", true, vec![plain("value"), plain("display")]),
        complex("c", false, vec![plain("x"), list("tags")]),
    ]});
    let schema = |value: &Value| Schema::from_value(value).unwrap();
    ResourceType::from_schemas("Thing", schema(&core), vec![schema(&extra)])
}

fn stored(more: Value) -> Value {
    let mut stored = json!({"schemas": [CORE], "id": "1", "title": "t"});
    stored.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    stored
}

fn case(more: Value, operations: Vec<Value>) -> Case {
    let mut body = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"]});
    body["Operations"] = Value::Array(operations);
    Case { resource_type: resource_type(), stored: stored(more), body, options: Options::default() }
}

fn kept(more: Value, operations: Vec<Value>) -> Case {
    Case { options: Options::default().unknown(UnknownMembers::Keep), ..case(more, operations) }
}

fn whole(more: Value, body: Value) -> Case {
    Case { body: stored(body), ..case(more, Vec::new()) }
}

fn times<T>(n: usize, make: impl Fn(usize) -> T) -> Vec<T> {
    (0..n).map(make).collect()
}

fn op(op: &str, path: &str, value: Value) -> Value {
    let mut operation = json!({"op": op, "path": path});
    if !value.is_null() {
        operation["value"] = value;
    }
    operation
}

fn remove(path: &str) -> Value {
    op("remove", path, Value::Null)
}

fn long(bytes: usize) -> String {
    "é".repeat(bytes / 2)
}

/// An object with so many members.
fn object(n: usize, name: impl Fn(usize) -> String, value: &Value) -> Value {
    Value::Object((0..n).map(|at| (name(at), value.clone())).collect::<Map<_, _>>())
}

/// The permutations of eight numbers: lists whose elements are the same ones.
fn permutation(mut n: usize) -> Value {
    let mut left: Vec<u8> = (1..=8).collect();
    let picked = (1..=8).rev().map(|count| {
        let at = n % count;
        n /= count;
        left.remove(at)
    });
    json!(picked.collect::<Vec<u8>>())
}

#[allow(clippy::too_many_lines)]
pub fn families() -> Vec<Family> {
    let family = |name, n, kinds, make| Family { name, n, kinds, make };
    vec![
        // By which equality brackets choose.
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
        // What elements weigh.
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
        // What only the provider sets.
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
