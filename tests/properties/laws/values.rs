//! Values of attributes: as they are stored, and as clients send them. The world is small, so that values meet each other.

use proptest::prelude::*;
use proptest::strategy::Union;
use scim_engine::schema::{AttrType, Attribute, Mutability, Returned};
use serde_json::{Map, Value, json};

use super::super::spelling::Dice;

/// The prefix of every stored secret, and of nothing else.
pub const SECRET: &str = "hush-";

fn words(words: &[&str]) -> Vec<Value> {
    words.iter().map(|&word| Value::from(word)).collect()
}

/// The values of a simple attribute, or of one element of it.
pub fn pool(attribute: &Attribute) -> Vec<Value> {
    match attribute.attr_type {
        AttrType::Boolean => vec![false.into(), true.into()],
        AttrType::Integer => vec![1.into(), 2.into()],
        AttrType::Decimal => vec![1.into(), json!(1.5), json!(2.0)],
        AttrType::DateTime => words(&["2026-01-01T10:00:00Z", "2026-01-01T12:00:00+02:00", "2027-01-01T00:00:00Z"]),
        AttrType::Binary => words(&["QUJD", "QUI="]),
        AttrType::Reference => {
            words(&["https://x.example/v2/Users/u1", "https://x.example/Users/u1", "https://x.example/Users/u2"])
        }
        _ if attribute.name == "type" => words(&["work", "Work", "home"]),
        _ if attribute.is_never_returned() => words(&["hush-a", "hush-b"]),
        _ => words(&["a", "A", "b", "c"]),
    }
}

/// A key that values of the pool share if they are equal by the attribute's own rules.
pub fn key(attribute: &Attribute, value: &Value) -> String {
    match value {
        Value::String(text) if attribute.attr_type == AttrType::DateTime => {
            if text.starts_with("2026") {
                "2026".to_owned()
            } else {
                text.clone()
            }
        }
        Value::String(text) if attribute.name == "$ref" => text.replace("/v2/", "/"),
        Value::String(text) if !attribute.is_case_exact() => text.to_lowercase(),
        Value::Number(number) => number.as_f64().map_or_else(|| number.to_string(), |number| number.to_string()),
        Value::Object(members) => {
            let mut parts: Vec<String> = members
                .iter()
                .filter(|(_, value)| !is_nothing(value))
                .map(|(name, value)| {
                    let name = name.to_lowercase();
                    let value = attribute.sub_attribute(&name).map_or_else(|| value.to_string(), |sub| key(sub, value));
                    format!("{name}={value}")
                })
                .collect();
            parts.sort();
            parts.join("&")
        }
        Value::Array(elements) => {
            let mut parts: Vec<String> = elements.iter().map(|element| key(attribute, element)).collect();
            parts.sort();
            format!("[{}]", parts.join(","))
        }
        other => other.to_string(),
    }
}

/// The member of an object by its name in any case.
pub fn member<'v>(value: &'v Value, name: &str) -> Option<&'v Value> {
    value.as_object()?.iter().find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

/// Unassigned (RFC 7643 §2.5).
pub fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(elements) => elements.iter().all(is_nothing),
        Value::Object(members) => members.values().all(is_nothing),
        _ => false,
    }
}

/// Without elements that are nothing.
pub fn tidy(value: &Value) -> Value {
    match value {
        Value::Array(elements) => elements.iter().filter(|element| !is_nothing(element)).map(tidy).collect(),
        Value::Object(members) => members.iter().map(|(name, value)| (name.clone(), tidy(value))).collect(),
        other => other.clone(),
    }
}

/// The identity of an element (P5).
pub fn identity(attribute: &Attribute, element: &Value) -> String {
    let part = |name: &str| {
        let sub = attribute.sub_attribute(name)?;
        member(element, name).filter(|value| !is_nothing(value)).map(|value| key(sub, value))
    };
    match part("value") {
        Some(value) if attribute.is_reference_like() => value,
        Some(value) => format!("{value} {}", part("type").unwrap_or_default()),
        None => {
            let mut rest = element.clone();
            if let Value::Object(members) = &mut rest {
                members.retain(|name, _| !name.eq_ignore_ascii_case("primary"));
            }
            format!("whole {}", key(attribute, &rest))
        }
    }
}

fn distinct(attribute: &Attribute, elements: Vec<Value>) -> Vec<Value> {
    let (mut seen, mut has_primary) = (Vec::new(), false);
    let mut kept = Vec::new();
    for mut element in elements {
        let identity = identity(attribute, &element);
        // An element that only the provider speaks of is none for a client.
        let is_written =
            |sub: &Attribute| sub.mutability != Mutability::ReadOnly && member(&element, &sub.name).is_some();
        let is_read_only = attribute.is_complex()
            && attribute.mutability != Mutability::ReadOnly
            && !attribute.sub_attributes.iter().any(is_written);
        if seen.contains(&identity) || is_nothing(&element) || is_read_only {
            continue;
        }
        seen.push(identity);
        if member(&element, "primary") == Some(&Value::Bool(true)) {
            if has_primary {
                element["primary"] = false.into();
            }
            has_primary = true;
        }
        kept.push(element);
    }
    kept
}

/// The sub-attributes of an attribute; those of a secret are secret.
pub fn subs(attribute: &Attribute) -> Vec<Attribute> {
    let mut subs = attribute.sub_attributes.clone();
    if attribute.is_never_returned() {
        subs.iter_mut().for_each(|sub| sub.returned = Returned::Never);
    }
    subs
}

/// A value that is there with this probability.
pub fn sometimes(often: f64, value: BoxedStrategy<Value>) -> BoxedStrategy<Option<Value>> {
    if often < 1.0 { prop::option::weighted(often, value).boxed() } else { value.prop_map(Some).boxed() }
}

/// An object of sub-attributes, each there with what weight.
fn object(attribute: &Attribute, often: f64, inner: fn(&Attribute) -> BoxedStrategy<Value>) -> BoxedStrategy<Value> {
    subs(attribute)
        .iter()
        .fold(Just(Map::new()).boxed(), |members, sub| {
            let often = match sub.name.as_str() {
                _ if sub.required => 1.0,
                "value" => 0.9,
                _ => often,
            };
            let name = sub.name.clone();
            (members, sometimes(often, inner(sub)))
                .prop_map(move |(mut members, value)| {
                    members.extend(value.map(|value| (name.clone(), value)));
                    members
                })
                .boxed()
        })
        .prop_map(Value::Object)
        .boxed()
}

/// One value or one element as it is stored.
pub fn one(attribute: &Attribute) -> BoxedStrategy<Value> {
    if attribute.is_complex() {
        return object(attribute, 0.35, stored);
    }
    prop::sample::select(pool(attribute)).boxed()
}

/// The least that an attribute or an element of it holds.
fn least(attribute: &Attribute) -> Value {
    if !attribute.is_complex() {
        return pool(attribute).swap_remove(0);
    }
    let is_set =
        |sub: &&Attribute| sub.mutability != Mutability::ReadOnly || attribute.mutability == Mutability::ReadOnly;
    let subs = subs(attribute);
    let sub = subs.iter().find(|sub| is_set(sub) && !sub.multi_valued).unwrap();
    json!({sub.name.clone(): least(sub)})
}

/// A stored value of an attribute.
pub fn stored(attribute: &Attribute) -> BoxedStrategy<Value> {
    let this = attribute.clone();
    if !attribute.multi_valued {
        return one(attribute).prop_map(move |value| if is_nothing(&value) { least(&this) } else { value }).boxed();
    }
    prop::collection::vec(one(attribute), 1..4)
        .prop_map(move |elements| {
            let elements = distinct(&this, elements);
            if elements.is_empty() { vec![least(&this)] } else { elements }
        })
        .prop_map(Value::from)
        .boxed()
}

/// How clients get one value wrong.
fn noise(attribute: &Attribute) -> BoxedStrategy<Value> {
    let name = attribute.name.clone();
    let any = prop::sample::select(vec![
        Value::Null,
        json!(""),
        json!(" "),
        json!([]),
        json!({}),
        json!([null]),
        json!([{}]),
        json!([""]),
        json!([[]]),
        json!(5),
        json!(1.0),
        json!(-7),
        json!(1.5),
        json!(true),
        json!("True"),
        json!("false"),
        json!("5"),
        json!("x"),
        json!(["x"]),
        json!({"value": "a"}),
        json!({"value": "u1"}),
        json!([{"value": "u1"}]),
        json!({"value": null}),
        json!({"type": "work"}),
        json!("{\"value\": \"a\"}"),
        json!("[{\"value\": \"u1\"}]"),
        json!("{\"label\": \"b\", \"tags\": [\"c\"]}"),
        json!("[\"a\"]"),
        json!("{"),
        json!({"label": null}),
        json!({"tags": null, "label": "c"}),
        json!({"shoe": 44}),
        json!([{"shoe": 44}]),
        json!("[]"),
        json!("{}"),
    ]);
    let one = if attribute.is_complex() { object(attribute, 0.3, stored) } else { one(attribute) };
    prop_oneof![
        4 => any,
        1 => one.clone().prop_map(|value| json!([value])),
        1 => one.clone(),
        1 => one.clone().prop_map(|value| value.to_string().into()),
        1 => one.clone().prop_map(|value| json!([value]).to_string().into()),
        1 => one.prop_map(move |value| json!({name.clone(): value})),
    ]
    .boxed()
}

/// A sub-attribute as a client sends it.
fn sent_sub(attribute: &Attribute) -> BoxedStrategy<Value> {
    Union::new_weighted(vec![(12, stored(attribute)), (1, noise(attribute))]).boxed()
}

/// One element, or the one value, as a client sends it.
pub fn sent_one(attribute: &Attribute) -> BoxedStrategy<Value> {
    if !attribute.is_complex() {
        return one(attribute);
    }
    (object(attribute, 0.25, sent_sub), any::<u64>(), prop::bool::weighted(0.2), prop::bool::weighted(0.05))
        .prop_map(|(mut value, seed, is_recased, has_unknown)| {
            if has_unknown {
                value["shoe"] = json!(44);
            }
            if is_recased { recased(&value, seed) } else { value }
        })
        .boxed()
}

/// A value that a client sends for an attribute.
pub fn sent(attribute: &Attribute) -> BoxedStrategy<Value> {
    let right = if attribute.multi_valued {
        prop::collection::vec(sent_one(attribute), 1..4).prop_map(Value::from).boxed()
    } else {
        sent_one(attribute)
    };
    Union::new_weighted(vec![(6, right), (2, sent_one(attribute)), (2, noise(attribute))]).boxed()
}

/// The same with some names in other cases.
pub fn recased(value: &Value, seed: u64) -> Value {
    fn inner(value: &Value, dice: &mut Dice) -> Value {
        match value {
            Value::Array(elements) => elements.iter().map(|element| inner(element, dice)).collect(),
            Value::Object(members) => members
                .iter()
                .map(|(name, value)| {
                    let is_plain = !name.contains(':');
                    let name = if is_plain && dice.roll(4) == 0 { name.to_uppercase() } else { name.clone() };
                    (name, inner(value, dice))
                })
                .collect::<Map<_, _>>()
                .into(),
            other => other.clone(),
        }
    }
    inner(value, &mut Dice::new(seed))
}
