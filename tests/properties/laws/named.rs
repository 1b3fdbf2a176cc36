//! The places that a request names, and their contents in an old and a new resource.

use serde_json::Value;

use super::requests::{Case, Named};
use super::values::member;
use super::world::containers;
use scim_engine::schema::Attribute;

/// One attribute of a resource before and after.
pub struct Place<'a> {
    pub container: Option<String>,
    pub attribute: Attribute,
    pub old: Option<&'a Value>,
    pub new: Option<&'a Value>,
    /// The operations that name it.
    pub names: Vec<&'a Named>,
}

/// The contents of a container of a resource.
pub fn container<'v>(resource: &'v Value, urn: Option<&str>) -> Option<&'v Value> {
    match urn {
        Some(urn) => member(resource, urn),
        None => Some(resource),
    }
}

/// Every attribute of the resource type but `schemas`.
pub fn places<'a>(case: &'a Case, new: &'a Value) -> Vec<Place<'a>> {
    let mut places = Vec::new();
    for (urn, attributes) in containers(case.kind()) {
        let (old, new) = (container(&case.stored, urn.as_deref()), container(new, urn.as_deref()));
        for attribute in attributes {
            let names = case.names.iter().filter(|named| {
                let is_here = named.target.container == urn;
                is_here && named.target.attribute.as_ref().is_none_or(|name| *name == attribute.name)
            });
            places.push(Place {
                container: urn.clone(),
                names: names.collect(),
                old: old.and_then(|old| member(old, &attribute.name)),
                new: new.and_then(|new| member(new, &attribute.name)),
                attribute,
            });
        }
    }
    places
}
