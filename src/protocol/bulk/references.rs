//! Where the data of an operation refers to resources of the same request (RFC 7644 §3.7.2): as the `value` or `$ref` of an
//! attribute of references, or as the value of an attribute of type `reference`. Elsewhere such a text is only a text.

use serde_json::{Map, Value};

use crate::schema::{AttrType, Attribute, ResourceType, Schema};
use crate::shape::members::{member, member_mut};
use crate::syntax::PatchPath;

/// What stands before a bulkId in a reference.
pub(super) const PREFIX: &str = "bulkId:";

/// The bulkId that a text refers to.
pub(super) fn bulk_id(text: &str) -> Option<&str> {
    text.strip_prefix(PREFIX)
}

/// A visitor of references: the text, and whether a URI is due there rather than an id.
type Visit<'f> = dyn FnMut(&mut String, bool) + 'f;

/// Visits the references in the data of an operation.
pub(super) fn visit(kind: &ResourceType, is_patch: bool, data: &mut Value, f: &mut Visit<'_>) {
    let Value::Object(data) = data else { return };
    match member_mut(data, "Operations") {
        Some(Value::Array(operations)) if is_patch => {
            for operation in operations.iter_mut().filter_map(Value::as_object_mut) {
                let path = member(operation, "path").and_then(Value::as_str).map(str::to_owned);
                if let Some(value) = member_mut(operation, "value") {
                    match path {
                        None => in_resource(kind, None, value, f),
                        Some(path) => at(kind, None, &path, value, f),
                    }
                }
            }
        }
        _ => data.iter_mut().for_each(|(name, value)| at(kind, None, name, value, f)),
    }
}

fn in_resource(kind: &ResourceType, within: Option<&Schema>, value: &mut Value, f: &mut Visit<'_>) {
    for (name, value) in value.as_object_mut().into_iter().flatten() {
        at(kind, within, name, value, f);
    }
}

/// A value under a name or path.
fn at(kind: &ResourceType, within: Option<&Schema>, name: &str, value: &mut Value, f: &mut Visit<'_>) {
    if within.is_none() {
        let urn = kind.modern_urn(name).unwrap_or(name);
        if let Some(extension) = kind.extension(urn) {
            return in_resource(kind, Some(extension), value, f);
        }
        if kind.is_core_urn(urn) && value.is_object() {
            // Below it are the attributes themselves: no URN again.
            for (name, value) in value.as_object_mut().into_iter().flatten() {
                if let Some((_, attribute, sub)) = named(kind, None, name) {
                    in_attribute(attribute, sub.as_deref(), value, f);
                }
            }
            return;
        }
    }
    if let Some((_, attribute, sub)) = named(kind, within, name) {
        in_attribute(attribute, sub.as_deref(), value, f);
    }
}

type Found<'k> = (Option<&'k Schema>, &'k Attribute, Option<String>);

/// The attribute that a name or path means, and its sub-attribute as written.
fn named<'k>(kind: &'k ResourceType, within: Option<&'k Schema>, name: &str) -> Option<Found<'k>> {
    let path: PatchPath = name.parse().ok()?;
    let attr = path.attr();
    let (extension, attribute) = match (within, attr.uri()) {
        (Some(schema), None) => (Some(schema), schema.attribute(attr.name())?),
        (_, Some(uri)) => {
            let urn = kind.modern_urn(uri).unwrap_or(uri);
            match kind.extension(urn) {
                Some(schema) => (Some(schema), schema.attribute(attr.name())?),
                None => (None, kind.attribute(attr.name()).filter(|_| kind.is_core_urn(urn))?),
            }
        }
        (None, None) => match kind.attribute(attr.name()) {
            Some(attribute) => (None, attribute),
            None => kind.only_extension_with(attr.name()).map(|(schema, attribute)| (Some(schema), attribute))?,
        },
    };
    Some((extension, attribute, path.sub_attribute().map(str::to_owned)))
}

fn in_attribute(attribute: &Attribute, sub: Option<&str>, value: &mut Value, f: &mut Visit<'_>) {
    if let Some(sub) = sub {
        return in_sub(attribute, sub, value, f);
    }
    match value {
        Value::Array(elements) => elements.iter_mut().for_each(|element| in_element(attribute, element, f)),
        one => in_element(attribute, one, f),
    }
}

fn in_element(attribute: &Attribute, element: &mut Value, f: &mut Visit<'_>) {
    match element {
        Value::Object(members) => members.iter_mut().for_each(|(name, value)| in_sub(attribute, name, value, f)),
        Value::String(text) if attribute.attr_type == AttrType::Reference => call(text, true, f),
        Value::String(text) if attribute.is_reference_like() => call(text, false, f),
        _ => {}
    }
}

fn in_sub(attribute: &Attribute, name: &str, value: &mut Value, f: &mut Visit<'_>) {
    let is_uri = attribute.sub_attribute(name).is_some_and(|sub| sub.attr_type == AttrType::Reference);
    let is_id = || name.eq_ignore_ascii_case("value") || name.eq_ignore_ascii_case(&format!("{}Id", attribute.name));
    let is_reference = is_uri || (attribute.is_reference_like() && is_id());
    if !is_reference {
        return;
    }
    match value {
        Value::String(text) => call(text, is_uri, f),
        Value::Array(values) => {
            for value in values {
                if let Value::String(text) = value {
                    call(text, is_uri, f);
                }
            }
        }
        _ => {}
    }
}

fn call(text: &mut String, is_uri: bool, f: &mut Visit<'_>) {
    if bulk_id(text).is_some() {
        f(text, is_uri);
    }
}

/// Takes out of the data of a POST what refers to resources that cannot be there yet: the elements of lists and single
/// values, by their canonical paths, in the form that PATCH adds them.
pub(super) fn take_out(kind: &ResourceType, data: &mut Value, is_late: &dyn Fn(&str) -> bool) -> Vec<(String, Value)> {
    let Value::Object(data) = data else { return Vec::new() };
    let mut taken = Vec::new();
    take_out_of(kind, None, data, is_late, &mut taken);
    taken
}

fn take_out_of(
    kind: &ResourceType,
    within: Option<&Schema>,
    members: &mut Map<String, Value>,
    is_late: &dyn Fn(&str) -> bool,
    taken: &mut Vec<(String, Value)>,
) {
    let mut emptied = Vec::new();
    for (name, value) in members.iter_mut() {
        let urn = kind.modern_urn(name).unwrap_or(name);
        let extension = kind.extension(urn);
        if within.is_none() && (extension.is_some() || kind.is_core_urn(urn)) {
            if let Value::Object(inner) = value {
                take_out_of(kind, extension, inner, is_late, taken);
            }
            continue;
        }
        let Some((extension, attribute, sub)) = named(kind, within, name) else { continue };
        let holds_late = |value: &mut Value| {
            let mut found = false;
            in_attribute(attribute, sub.as_deref(), value, &mut |text, _| found |= bulk_id(text).is_some_and(is_late));
            found
        };
        let mut path = extension.map_or_else(String::new, |schema| format!("{}:", schema.id));
        path.push_str(&attribute.name);
        if let Some(sub) = &sub {
            path = format!("{path}.{sub}");
        }
        match value {
            Value::Array(elements) => {
                let (late, rest): (Vec<Value>, Vec<Value>) = std::mem::take(elements)
                    .into_iter()
                    .map(|mut element| (holds_late(&mut element), element))
                    .fold((Vec::new(), Vec::new()), |(mut late, mut rest), (is_late, element)| {
                        if is_late {
                            late.push(element);
                        } else {
                            rest.push(element);
                        }
                        (late, rest)
                    });
                *elements = rest;
                if !late.is_empty() {
                    taken.push((path, late.into()));
                    if elements.is_empty() {
                        emptied.push(name.clone());
                    }
                }
            }
            one => {
                if holds_late(one) {
                    taken.push((path, one.take()));
                    emptied.push(name.clone());
                }
            }
        }
    }
    if !emptied.is_empty() {
        members.retain(|name, _| !emptied.contains(name));
    }
}
