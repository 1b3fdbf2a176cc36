//! PATCH requests in every form that clients have.

use scim_engine::schema::Attribute;
use scim_engine::{Options, Patch, Profile, ResourceType, Tolerance, UnknownMembers, UnknownPaths};
use serde_json::{Map, Value, json};

use crate::chooser::Chooser;
use crate::filters::{self, inside};
use crate::values::{any_json, any_object, sent, sent_one};

/// A path or key and a value for it. `urn` is that of an object inside of which the path is.
fn part(c: &mut Chooser, kind: &ResourceType, within: Option<&str>) -> (String, Value) {
    let (urn, attribute): (Option<&str>, &Attribute) = match within.and_then(|urn| kind.extension(urn)) {
        Some(extension) => (None, c.one_of(&extension.attributes)),
        None => filters::attribute(c, kind),
    };
    let path = filters::path(c, kind, urn, attribute);
    let sub = |c: &mut Chooser, path: String| {
        let sub = c.one_of(&attribute.sub_attributes);
        (format!("{path}.{}", sub.name), sent(c, sub))
    };
    let has_subs = !attribute.sub_attributes.is_empty();
    match c.below(10) {
        4 | 5 if has_subs => sub(c, path),
        6 | 7 if attribute.multi_valued || has_subs => {
            let path = format!("{path}[{}]", inside(c, attribute));
            let value = if c.one_in(5) { sent(c, attribute) } else { sent_one(c, attribute) };
            (path, value)
        }
        8 | 9 if has_subs => {
            let path = format!("{path}[{}]", inside(c, attribute));
            sub(c, path)
        }
        _ => (path, sent(c, attribute)),
    }
}

fn members(c: &mut Chooser, kind: &ResourceType, within: Option<&str>) -> Value {
    let mut value = Map::new();
    for _ in 0..=c.below(3) {
        let (path, inner) = part(c, kind, within);
        value.insert(path, inner);
    }
    value.into()
}

fn operation(c: &mut Chooser, kind: &ResourceType) -> Value {
    let op = c.pick(&["add", "replace", "remove", "add", "replace", "Add", "REPLACE", "remove"]);
    let is_remove = op == "remove";
    match c.below(16) {
        10 | 11 if !is_remove => {
            let mut value = members(c, kind, None);
            match c.below(20) {
                15 => value = value.to_string().into(),
                16 => value["shoe"] = any_json(c, 2),
                17 => value["id"] = "u1".into(),
                18 => value["meta"] = json!({"version": "x"}),
                19 => value["schemas"] = json!(["urn:example:lease:2.0"]),
                _ => {}
            }
            json!({"op": op, "value": value})
        }
        12 | 13 => {
            let urns: Vec<&str> = kind.extensions().map(|extension| extension.id.as_str()).collect();
            let Some(urn) = (!urns.is_empty()).then(|| c.pick(&urns)) else { return json!({"op": op, "path": "shoe"}) };
            if is_remove {
                return json!({"op": op, "path": urn});
            }
            let inner = members(c, kind, Some(urn));
            match c.below(4) {
                0 => json!({"op": op, "value": {urn: inner}}),
                1 => json!({"op": op, "path": urn, "value": inner.to_string()}),
                _ => json!({"op": op, "path": urn, "value": inner}),
            }
        }
        14 => {
            let mut urns: Vec<&str> = kind.extensions().map(|extension| extension.id.as_str()).collect();
            urns.push(&kind.schema().id);
            let urn = c.pick(&urns);
            let path = if c.one_in(2) { format!("schemas[value eq \"{urn}\"]") } else { "schemas".to_owned() };
            let values = [json!([urn]), json!(urn), json!(urns), json!([]), Value::Null, json!(["urn:x"])];
            json!({"op": op, "path": path, "value": c.one_of(&values)})
        }
        15 => {
            let path = c.pick(&[
                "shoe",
                "shoe.size",
                "lock.shoe",
                "shelves[shoe eq 1]",
                "urn:x:y:shoe",
                "urn:x:y",
                "a b",
                "",
                "emails[0]",
                "id",
                "meta.version",
            ]);
            json!({"op": op, "path": path, "value": any_json(c, 2)})
        }
        _ => {
            let (path, value) = part(c, kind, None);
            if is_remove && c.one_in(2) {
                json!({"op": op, "path": path})
            } else {
                json!({"op": op, "path": path, "value": value})
            }
        }
    }
}

/// The body of a PATCH.
pub fn request(c: &mut Chooser, kind: &ResourceType) -> Value {
    if c.one_in(60) {
        return match c.below(3) {
            0 => json!({"members": [{"value": "u1", "operation": "delete"}, {"value": "u3"}], "displayName": "x"}),
            1 => any_object(c, 4),
            _ => json!({"schemas": any_json(c, 1), "Operations": any_json(c, 4)}),
        };
    }
    let count = *c.weighted(&[(5, 1), (4, 2), (2, 3), (1, 8)]);
    let operations: Vec<Value> = (0..count).map(|_| operation(c, kind)).collect();
    json!({"schemas": [Patch::SCHEMA], "Operations": operations})
}

/// The decisions of a host. Most hosts decide nothing.
pub fn options(c: &mut Chooser) -> Options {
    match c.below(4) {
        0 => return Options::default(),
        1 => return Options::strict(),
        _ => {}
    }
    let mut tolerance = if c.one_in(4) { Tolerance::strict() } else { Tolerance::default() };
    while c.one_in(3) {
        let name = c.pick(Tolerance::NAMES);
        let is_on = tolerance.get(name).unwrap_or_default();
        tolerance.set(name, !is_on).expect("the name of a switch");
    }
    let mut options = Options::default().tolerance(tolerance);
    if c.one_in(2) {
        options = options.unknown(c.pick(&[UnknownMembers::Keep, UnknownMembers::Reject]));
    }
    if c.one_in(4) {
        options = options.unknown_paths(UnknownPaths::Ignore);
    }
    if c.one_in(8) {
        options = options.utc(true).canonical_values(c.one_in(2)).derived_schemas(c.one_in(2));
    }
    if c.one_in(12) {
        let mut profile = Profile::interop();
        for name in Profile::NAMES {
            if c.one_in(4) {
                let is_on = profile.get(name).unwrap_or_default();
                profile.set(name, !is_on).expect("the name of a switch");
            }
        }
        options = options.profile(profile);
    }
    options
}
