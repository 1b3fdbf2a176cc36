//! Stored resources of a type with every kind of attribute at every level, and of the built-in types.

use std::sync::LazyLock;

use proptest::prelude::*;
use scim_engine::ResourceType;
use scim_engine::schema::Attribute;
use serde_json::{Map, Value, json};

pub use super::super::common::locker::LEASE;
use super::super::common::locker::locker;
use super::super::spelling::Dice;
use super::values::{recased, sometimes, stored};

/// The resource types of all these tests.
pub static TYPES: LazyLock<Vec<ResourceType>> =
    LazyLock::new(|| vec![locker(), ResourceType::user(), ResourceType::group()]);

/// How often each of them comes up, in twelfths.
pub const WEIGHTS: [u32; 3] = [8, 2, 2];

/// Each schema of a type with the URN of its object in a resource; none for the core.
pub fn containers(kind: &ResourceType) -> Vec<(Option<String>, Vec<Attribute>)> {
    let core = (None, kind.attributes().iter().filter(|attribute| attribute.name != "schemas").cloned().collect());
    let extensions = kind.extensions().map(|schema| (Some(schema.id.clone()), schema.attributes.clone()));
    std::iter::once(core).chain(extensions).collect()
}

/// The attributes of one container, some of them assigned.
fn members(attributes: &[Attribute], often: f64) -> BoxedStrategy<Map<String, Value>> {
    attributes.iter().fold(Just(Map::new()).boxed(), |members, attribute| {
        let often = if attribute.required { 1.0 } else { often };
        let (name, value) = (attribute.name.clone(), sometimes(often, stored(attribute)));
        (members, value)
            .prop_map(move |(mut members, value)| {
                members.extend(value.map(|value| (name.clone(), value)));
                members
            })
            .boxed()
    })
}

/// The same with what hosts store that do not look: one element without its list, a value twice, nothing in three spellings.
pub fn rough(kind: &ResourceType, resource: &Value, seed: u64) -> Value {
    let mut resource = resource.clone();
    let dice = &mut Dice::new(seed);
    for (urn, attributes) in containers(kind) {
        let inner = match &urn {
            Some(urn) => resource.get_mut(urn),
            None => Some(&mut resource),
        };
        let Some(Value::Object(members)) = inner else { continue };
        for attribute in attributes.iter().filter(|attribute| !["id", "meta"].contains(&attribute.name.as_str())) {
            let nothing = [json!(null), json!([]), json!({}), json!([null])];
            match members.get_mut(&attribute.name) {
                None if dice.roll(20) == 0 => _ = members.insert(attribute.name.clone(), nothing[dice.roll(4)].clone()),
                Some(Value::Array(elements)) => match dice.roll(12) {
                    0 if elements.len() == 1 => {
                        let one = elements.remove(0);
                        members.insert(attribute.name.clone(), one);
                    }
                    1 => elements.extend(elements.first().cloned()),
                    2 => elements.insert(0, Value::Null),
                    3 if attribute.sub_attribute("value").is_some() => {
                        let simple = elements.iter().find_map(|element| element.get("value").cloned());
                        elements.extend(simple);
                    }
                    _ => {}
                },
                _ => {}
            }
        }
    }
    resource
}

/// A valid stored resource, with what only the provider sets, and now and then what no schema knows.
pub fn resource(kind: &ResourceType) -> BoxedStrategy<Value> {
    let id = kind.schema().id.clone();
    let start = members(kind.attributes(), 0.4).prop_map(move |mut members| {
        members.insert("schemas".to_owned(), json!([id]));
        members.insert("id".to_owned(), "u1".into());
        members.insert("meta".to_owned(), json!({"resourceType": "Locker", "version": "W/\"1\""}));
        members
    });
    let whole = kind.extensions().fold(start.boxed(), |resource, extension| {
        let often = if kind.is_required(extension) { 1.0 } else { 0.5 };
        let inner = members(&extension.attributes, 0.4).prop_map(Value::Object).boxed();
        let id = extension.id.clone();
        (resource, sometimes(often, inner))
            .prop_map(move |(mut resource, inner)| {
                if let Some(inner) = inner.filter(|inner| *inner != json!({})) {
                    resource.get_mut("schemas").unwrap().as_array_mut().unwrap().push(id.as_str().into());
                    resource.insert(id.clone(), inner);
                }
                resource
            })
            .boxed()
    });
    let unknown = prop::option::weighted(0.1, prop::sample::select(vec![json!(44), json!({"size": 44})]));
    (whole, unknown, any::<u64>(), prop::bool::weighted(0.2))
        .prop_map(|(mut resource, unknown, seed, is_recased)| {
            resource.extend(unknown.map(|value| ("shoe".to_owned(), value)));
            let resource = Value::Object(resource);
            if is_recased { recased(&resource, seed) } else { resource }
        })
        .boxed()
}
