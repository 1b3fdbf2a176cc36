//! The object that contains an attribute: the resource itself, or the object of an extension.

use serde_json::{Map, Value};

use super::members::{is_unassigned, member, member_mut, remove_member, set_member};
use super::refusal::Refusal;
use crate::error::ScimType;
use crate::schema::{AttrRef, Attribute, Mutability, Schema};

/// The object with the attributes of an extension or of the core schema; `None` if it does not exist.
pub(crate) fn of<'m>(resource: &'m Map<String, Value>, extension: Option<&Schema>) -> Option<&'m Map<String, Value>> {
    match extension {
        None => Some(resource),
        Some(schema) => member(resource, &schema.id)?.as_object(),
    }
}

/// As [`of`], mutable.
pub(crate) fn of_mut<'m>(
    resource: &'m mut Map<String, Value>,
    extension: Option<&Schema>,
) -> Option<&'m mut Map<String, Value>> {
    match extension {
        None => Some(resource),
        Some(schema) => member_mut(resource, &schema.id)?.as_object_mut(),
    }
}

/// The stored value of an attribute.
pub(crate) fn stored<'m>(resource: &'m Map<String, Value>, attr: AttrRef<'_>) -> Option<&'m Value> {
    member(of(resource, attr.extension)?, &attr.attribute.name)
}

/// Sets or unassigns a member. If there is a value to set and the extension has no object yet, the object is created.
pub(crate) fn put(resource: &mut Map<String, Value>, extension: Option<&Schema>, name: &str, value: Option<Value>) {
    if let (Some(schema), Some(_)) = (extension, &value)
        && of(resource, extension).is_none()
    {
        set_member(resource, &schema.id, Value::Object(Map::new()));
    }
    let Some(container) = of_mut(resource, extension) else { return };
    match value {
        Some(value) => set_member(container, name, value),
        None => {
            remove_member(container, name);
        }
    }
}

/// Whether an extension has an assigned attribute.
pub(crate) fn is_present(resource: &Map<String, Value>, extension: &Schema) -> bool {
    of(resource, Some(extension)).is_some_and(|members| members.values().any(|value| !is_unassigned(value)))
}

/// Whether an extension has an assigned member that is more than what only the provider sets.
pub(crate) fn is_asserted(resource: &Map<String, Value>, extension: &Schema) -> bool {
    let is_more = |(name, value): (&String, &Value)| match extension.attribute(name) {
        Some(attribute) => !is_unassigned(value) && !is_provided(attribute, value),
        None => !is_unassigned(value),
    };
    of(resource, Some(extension)).is_some_and(|members| members.iter().any(is_more))
}

/// Whether a value has nothing but what only the provider sets. That requires nothing beside it (P7).
pub(crate) fn is_provided(attribute: &Attribute, value: &Value) -> bool {
    let is_read_only =
        |name: &str| attribute.sub_attribute(name).is_some_and(|sub| sub.mutability == Mutability::ReadOnly);
    attribute.mutability == Mutability::ReadOnly
        || value.as_object().is_some_and(|members| {
            let mut said = members.iter().filter(|(_, value)| !is_unassigned(value)).peekable();
            said.peek().is_some() && said.all(|(name, _)| is_read_only(name))
        })
}

/// Refuses a resource in which the stored value of an extension is not an object.
pub(crate) fn check(resource: &Map<String, Value>, extension: &Schema) -> Result<(), Refusal> {
    match member(resource, &extension.id) {
        None | Some(Value::Null | Value::Object(_)) => Ok(()),
        Some(_) => Err(no_object(extension)),
    }
}

/// The error for an extension whose stored value is not an object.
pub(crate) fn no_object(extension: &Schema) -> Refusal {
    Refusal::new(ScimType::InvalidValue, &extension.id, "the stored value is not an object")
}
