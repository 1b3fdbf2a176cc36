//! The attributes of a resource type, as a mapping sees them.

use serde_json::Value;

use crate::schema::{AttrRef, AttrType, Mutability, ResourceType};

/// The attributes of a resource type that have a place of their own: complex ones by their sub-attributes.
pub(super) fn leaves(resource_type: &ResourceType) -> Vec<AttrRef<'_>> {
    let core = resource_type.attributes().iter().map(|attribute| AttrRef::new(None, attribute));
    let extensions = resource_type.extensions();
    let extended = extensions
        .flat_map(|schema| schema.attributes.iter().map(move |attribute| AttrRef::new(Some(schema), attribute)));
    let mut all = Vec::new();
    for attr in core.chain(extended) {
        if attr.attribute.is_complex() && !attr.attribute.multi_valued {
            all.extend(attr.attribute.sub_attributes.iter().map(|sub| attr.sub(sub)));
        } else {
            all.push(attr);
        }
    }
    all
}

/// A value that is the same everywhere.
pub(super) fn fixed(attr: AttrRef<'_>, texts: &[String]) -> Value {
    let one = |text: &String| {
        if attr.leaf().attr_type == AttrType::Boolean { (text == "true").into() } else { text.as_str().into() }
    };
    if attr.leaf().multi_valued { texts.iter().map(one).collect() } else { texts.first().map_or(Value::Null, one) }
}

pub(super) fn is_read_only(attr: AttrRef<'_>) -> bool {
    attr.attribute.mutability == Mutability::ReadOnly || attr.leaf().mutability == Mutability::ReadOnly
}
