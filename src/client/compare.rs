//! The differences between the values that were sent and the values that a server holds.

use serde_json::{Map, Value};

use crate::coerce::equality::equal;
use crate::coerce::members::{is_unassigned, member};
use crate::schema::{Attribute, Mutability, ResourceType, Returned, Schema};

/// A value that the server lacks or has changed.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Difference {
    /// The path for a PATCH, such as `title`, `name.givenName`, `emails[type eq "work"].value` or `urn:…:User:department`.
    pub path: String,
    /// The name of the attribute alone. In the paths above it is `title`, `name`, `emails` or `department`.
    pub attribute: String,
    /// The value that was sent.
    pub sent: Value,
    /// The value that the server holds instead, if any.
    pub held: Option<Value>,
}

/// The values of `sent` that `held` lacks or has with another value. `sent` must be a resource as `create` returns it.
/// Attributes that only the server sets, or that it does not return by default, are not compared.
pub(super) fn differences(sent: &Value, held: &Value, resource_type: &ResourceType) -> Vec<Difference> {
    let (Some(sent), Some(held)) = (sent.as_object(), held.as_object()) else { return Vec::new() };
    let mut found = Vec::new();
    within(None, resource_type.attributes(), sent, Some(held), &mut found);
    for extension in resource_type.extensions() {
        if let Some(Value::Object(inner)) = member(sent, &extension.id) {
            let held = member(held, &extension.id).and_then(Value::as_object);
            within(Some(extension), &extension.attributes, inner, held, &mut found);
        }
    }
    found
}

fn within(
    extension: Option<&Schema>,
    attributes: &[Attribute],
    sent: &Map<String, Value>,
    held: Option<&Map<String, Value>>,
    found: &mut Vec<Difference>,
) {
    for attribute in attributes {
        if extension.is_none() && ["schemas", "id", "meta"].contains(&attribute.name.as_str()) || !is_seen(attribute) {
            continue;
        }
        let Some(value) = member(sent, &attribute.name).filter(|value| !is_unassigned(value)) else { continue };
        let other = held.and_then(|held| member(held, &attribute.name));
        let path =
            extension.map_or_else(|| attribute.name.clone(), |schema| format!("{}:{}", schema.id, attribute.name));
        of_attribute(attribute, &path, value, other, found);
    }
}

fn of_attribute(attribute: &Attribute, path: &str, sent: &Value, held: Option<&Value>, found: &mut Vec<Difference>) {
    let mut add = |path: String, sent: &Value, held: Option<&Value>| {
        let attribute = attribute.name.clone();
        found.push(Difference { path, attribute, sent: sent.clone(), held: held.cloned() });
    };
    match sent {
        Value::Array(elements) => {
            let others: &[Value] = held.and_then(Value::as_array).map_or(&[], Vec::as_slice);
            for element in elements {
                // An element is not a difference if some element of the server, at any place, has all its values.
                if others.iter().any(|other| holds(attribute, element, other)) {
                    continue;
                }
                let kind = element.as_object().and_then(|members| member(members, "type")).and_then(Value::as_str);
                let (Some(kind), Value::Object(members)) = (kind, element) else {
                    add(path.to_owned(), element, None);
                    continue;
                };
                let of_kind = |other: &&Value| {
                    let other = other.as_object().and_then(|members| member(members, "type")).and_then(Value::as_str);
                    other.is_some_and(|other| other.eq_ignore_ascii_case(kind))
                };
                // Otherwise the element is compared with the server's first element of the same `type`, because the path of
                // the difference can only name the type: `emails[type eq "work"].value`.
                let same = others.iter().find(of_kind).and_then(Value::as_object);
                let place = format!("{path}[type eq {}]", Value::from(kind));
                for sub in subs(attribute, members).filter(|sub| sub.name != "type") {
                    let (value, other) = (member(members, &sub.name), same.and_then(|same| member(same, &sub.name)));
                    if let Some(value) = value.filter(|value| !is_same(sub, value, other)) {
                        add(format!("{place}.{}", sub.name), value, other);
                    }
                }
            }
        }
        Value::Object(members) => {
            let other = held.and_then(Value::as_object);
            for sub in subs(attribute, members) {
                let (value, other) = (member(members, &sub.name), other.and_then(|other| member(other, &sub.name)));
                if let Some(value) = value.filter(|value| !is_same(sub, value, other)) {
                    add(format!("{path}.{}", sub.name), value, other);
                }
            }
        }
        simple if !is_same(attribute, simple, held) => add(path.to_owned(), simple, held),
        _ => {}
    }
}

/// Whether a client can set the attribute, and gets it in answers by default.
fn is_seen(attribute: &Attribute) -> bool {
    attribute.mutability != Mutability::ReadOnly
        && !attribute.is_never_returned()
        && attribute.returned != Returned::Request
}

fn subs<'a>(attribute: &'a Attribute, members: &'a Map<String, Value>) -> impl Iterator<Item = &'a Attribute> {
    let is_given = |sub: &&Attribute| member(members, &sub.name).is_some_and(|value| !is_unassigned(value));
    attribute.sub_attributes.iter().filter(|sub| is_seen(sub)).filter(is_given)
}

/// Whether `held` has every value of `sent`; it may have more.
fn holds(attribute: &Attribute, sent: &Value, held: &Value) -> bool {
    let (Value::Object(sent), Value::Object(held)) = (sent, held) else { return equal(attribute, sent, held) };
    subs(attribute, sent)
        .all(|sub| member(sent, &sub.name).is_none_or(|value| is_same(sub, value, member(held, &sub.name))))
}

fn is_same(attribute: &Attribute, sent: &Value, held: Option<&Value>) -> bool {
    match (sent, held) {
        // `primary` false means the same as no `primary`.
        (Value::Bool(false), None | Some(Value::Null)) => attribute.name == "primary",
        (_, None) => is_unassigned(sent),
        (_, Some(held)) => equal(attribute, sent, held),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn paths(sent: &Value, held: &Value) -> Vec<String> {
        differences(sent, held, &ResourceType::user()).into_iter().map(|difference| difference.path).collect()
    }

    #[test]
    fn what_is_held_in_another_form_is_the_same() {
        let sent = json!({"userName": "Mara", "emails": [{"value": "a@example.com", "type": "work", "primary": false}],
            "password": "x9demo", "groups": [{"value": "g1"}]});
        let held = json!({"USERNAME": "mara", "emails": [{"value": "b@example.com"},
            {"type": "Work", "value": "A@example.com", "display": "a"}]});
        assert_eq!(paths(&sent, &held), [""; 0]);
    }

    #[test]
    fn each_difference_has_its_path() {
        let urn = Schema::ENTERPRISE_USER;
        let sent = json!({"userName": "mara", "active": false, "name": {"givenName": "Mara", "familyName": "Quill"},
            "emails": [{"type": "work", "value": "a@example.com"}], "roles": [{"value": "pilot"}],
            urn: {"department": "Maps", "manager": {"value": "u9", "displayName": "Lena"}}});
        let held = json!({"userName": "mara", "name": {"givenName": "Mara", "familyName": "Orr"},
            "emails": [{"type": "work", "value": "b@example.com"}]});
        let expected = ["name.familyName", "active", "emails[type eq \"work\"].value", "roles"];
        let found = paths(&sent, &held);
        for path in expected {
            assert!(found.iter().any(|found| found == path), "{path}: {found:?}");
        }
        assert!(found.contains(&format!("{urn}:department")));
        assert!(found.contains(&format!("{urn}:manager.value")));
        assert_eq!(found.len(), 6, "{found:?}");
    }
}
