//! Stored resources, and bodies of POST and PUT.

use scim_engine::ResourceType;
use serde_json::{Map, Value, json};

use crate::chooser::Chooser;
use crate::types::containers;
use crate::values::{any_json, any_object, is_writable, recased, sent, stored};

/// How often an attribute is there.
fn is_there(c: &mut Chooser, kind: &ResourceType, required: bool) -> bool {
    // Types with many attributes: few of them, so that an input of some hundred bytes reaches the last.
    required || c.one_in(if kind.attributes().len() > 20 { 5 } else { 2 })
}

/// A stored resource, with what only the provider sets, now and then with what no schema knows.
pub fn resource(c: &mut Chooser, kind: &ResourceType) -> Value {
    let mut resource = Map::new();
    let mut urns = vec![Value::from(kind.schema().id.as_str())];
    resource.insert("schemas".to_owned(), Value::Null);
    resource.insert("id".to_owned(), "u1".into());
    for (urn, attributes) in containers(kind) {
        let mut members = Map::new();
        for attribute in attributes {
            if attribute.name == "id" || attribute.name == "meta" {
                continue;
            }
            if is_there(c, kind, attribute.required) {
                members.insert(attribute.name.clone(), stored(c, attribute));
            }
        }
        match urn {
            None => resource.extend(members),
            Some(urn) if !members.is_empty() => {
                urns.push(urn.into());
                resource.insert(urn.to_owned(), members.into());
            }
            Some(_) => {}
        }
    }
    resource.insert("schemas".to_owned(), urns.into());
    if c.one_in(4) {
        resource.insert(
            "meta".to_owned(),
            json!({"resourceType": kind.name(), "version": "W/\"1\"", "created": "2026-01-01T00:00:00Z"}),
        );
    }
    if c.one_in(10) {
        resource.insert("shoe".to_owned(), any_json(c, 2));
    }
    let resource = Value::Object(resource);
    if c.one_in(10) { recased(&resource, c.seed()) } else { resource }
}

/// The same with what hosts store that does not look valid.
pub fn rough(c: &mut Chooser, kind: &ResourceType, resource: &mut Value) {
    for (urn, attributes) in containers(kind) {
        let inner = match urn {
            Some(urn) => resource.get_mut(urn),
            None => Some(&mut *resource),
        };
        let Some(Value::Object(members)) = inner else { continue };
        for attribute in attributes.iter().filter(|attribute| !["id", "meta"].contains(&attribute.name.as_str())) {
            let nothing = [json!(null), json!([]), json!({}), json!([null])];
            match members.get_mut(&attribute.name) {
                None if c.one_in(20) => _ = members.insert(attribute.name.clone(), c.one_of(&nothing).clone()),
                Some(Value::Array(elements)) => match c.below(12) {
                    8 if elements.len() == 1 => {
                        let one = elements.remove(0);
                        members.insert(attribute.name.clone(), one);
                    }
                    9 => elements.extend(elements.first().cloned()),
                    10 => elements.insert(0, Value::Null),
                    11 if attribute.sub_attribute("value").is_some() => {
                        let simple = elements.iter().find_map(|element| element.get("value").cloned());
                        elements.extend(simple);
                    }
                    _ => {}
                },
                Some(value) if c.one_in(30) => *value = any_json(c, 2),
                _ => {}
            }
        }
    }
}

/// A body as a client sends it, of what is stored or of nothing.
pub fn body(c: &mut Chooser, kind: &ResourceType, stored: Option<&Value>) -> Value {
    if c.one_in(30) {
        return any_object(c, 3);
    }
    let mut body = match stored {
        Some(stored) if !c.one_in(3) => stored.clone(),
        _ => json!({"schemas": [kind.schema().id]}),
    };
    for (urn, attributes) in containers(kind) {
        for attribute in attributes {
            let times = match (stored.is_some(), is_writable(attribute)) {
                (_, false) => 20,
                (true, true) => 12,
                (false, true) => 5,
            };
            let is_required = stored.is_none() && attribute.required && !c.one_in(20);
            if !is_required && !c.one_in(times) {
                continue;
            }
            let value = sent(c, attribute);
            let object = body.as_object_mut().expect("an object");
            // Keys that are paths, and bare names of an extension.
            let inner = match urn {
                Some(urn) if c.one_in(8) => {
                    let key = if c.one_in(2) { attribute.name.clone() } else { format!("{urn}:{}", attribute.name) };
                    object.insert(key, value);
                    continue;
                }
                Some(urn) => match object.entry(urn).or_insert_with(|| json!({})).as_object_mut() {
                    Some(inner) => inner,
                    None => continue,
                },
                None => object,
            };
            if let (true, Some(sub)) = (c.one_in(16), attribute.sub_attributes.first()) {
                inner.insert(format!("{}.{}", attribute.name, sub.name), value);
            } else {
                if !c.one_in(10) {
                    inner.retain(|other, _| !other.eq_ignore_ascii_case(&attribute.name));
                }
                inner.insert(attribute.name.clone(), value);
            }
        }
    }
    let object = body.as_object_mut().expect("an object");
    while c.one_in(4) {
        let keys: Vec<String> = object.keys().cloned().collect();
        if !keys.is_empty() {
            let key = &keys[c.below(keys.len())];
            object.remove(key);
        }
    }
    if c.one_in(12) {
        let noise = any_object(c, 2);
        object.extend(noise.as_object().into_iter().flatten().map(|(name, value)| (name.clone(), value.clone())));
    }
    if c.one_in(12) {
        let schemas = [
            json!(null),
            json!([]),
            json!("x"),
            json!(["urn:scim:schemas:core:1.0"]),
            json!([kind.schema().id, "urn:x:y"]),
        ];
        object.insert("schemas".to_owned(), c.one_of(&schemas).clone());
    }
    if c.one_in(8) { recased(&body, c.seed()) } else { body }
}
