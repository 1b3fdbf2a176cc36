//! Finds the references to resources of the same request in the data of an operation (RFC 7644 §3.7.2). A reference may
//! be the `value` or `$ref` of an attribute that refers to resources, the value of an attribute of type `reference`, or
//! a literal that the filter of a PATCH path compares with such a value. A URI may end in a reference:
//! `/Users/bulkId:x`. Elsewhere `bulkId:x` is a text like any other.

use percent_encoding::{percent_decode_str, utf8_percent_encode};
use serde_json::{Map, Value};

use crate::coerce::members::{member, member_mut};
use crate::protocol::meta::SEGMENT;
use crate::schema::{AttrType, Attribute, Resolution, Resolved, ResourceType, Schema, Unresolved};
use crate::syntax::{AttrExp, CompareOp, Literal, PatchPath, Span, Test, Visit as _};
use crate::tolerance::Tolerance;

/// The prefix of a bulkId in a reference.
pub(super) const PREFIX: &str = "bulkId:";

/// The bulkId that a text refers to, if it is a reference.
pub(super) fn bulk_id(text: &str) -> Option<&str> {
    text.strip_prefix(PREFIX)
}

/// A visitor of references. The function receives the bulkId and whether a URI is expected instead of an id. It returns
/// the replacement for the reference, if the id of the resource is known.
type ReferenceVisitor<'f> = dyn FnMut(&str, bool) -> Option<String> + 'f;

/// The kind of text that is expected where a reference may be.
#[derive(Clone, Copy, PartialEq)]
enum Due {
    Id,
    Uri,
    /// A URI of something other than a resource. Only the whole text can be a reference: the last segment of
    /// `https://example.com/bulkId:x` is not one.
    ExternalUri,
}

impl Due {
    fn of_type(attribute: &Attribute) -> Option<Self> {
        let types = &attribute.reference_types;
        let is_external = |name: &String| ["external", "uri"].iter().any(|other| name.eq_ignore_ascii_case(other));
        match attribute.attr_type {
            AttrType::Reference if !types.is_empty() && types.iter().all(is_external) => Some(Self::ExternalUri),
            AttrType::Reference => Some(Self::Uri),
            _ => None,
        }
    }

    /// The kind of reference that a sub-attribute may hold.
    fn of_sub(attribute: &Attribute, name: &str) -> Option<Self> {
        let is_id =
            || name.eq_ignore_ascii_case("value") || name.eq_ignore_ascii_case(&format!("{}Id", attribute.name));
        let of_type = attribute.sub_attribute(name).and_then(Self::of_type);
        of_type.or_else(|| (attribute.is_reference_like() && is_id()).then_some(Self::Id))
    }
}

/// Visits the references in the data of an operation.
pub(super) fn visit(kind: &ResourceType, is_patch: bool, data: &mut Value, f: &mut ReferenceVisitor<'_>) {
    let Value::Object(data) = data else { return };
    match member_mut(data, "Operations") {
        Some(Value::Array(operations)) if is_patch => {
            for operation in operations.iter_mut().filter_map(Value::as_object_mut) {
                if let Some(Value::String(path)) = member_mut(operation, "path") {
                    in_path(kind, None, path, f);
                }
                let path = member(operation, "path").and_then(Value::as_str).map(str::to_owned);
                if let Some(value) = member_mut(operation, "value") {
                    match path {
                        None => {
                            in_keys(kind, value, f);
                            in_resource(kind, None, value, f);
                        }
                        Some(path) => at(kind, None, &path, value, f),
                    }
                }
            }
        }
        _ => data.iter_mut().for_each(|(name, value)| at(kind, None, name, value, f)),
    }
}

/// Visits the keys of the value of a PATCH operation without a path, because they may be paths with brackets. The keys
/// within the object of a schema are visited, too.
fn in_keys(kind: &ResourceType, value: &mut Value, f: &mut ReferenceVisitor<'_>) {
    let Value::Object(members) = value else { return };
    let urn = |name: &String| kind.modern_urn(name).unwrap_or(name).to_owned();
    for (name, inner) in members.iter_mut() {
        let urn = urn(name);
        let within = kind.extension(&urn);
        if let Value::Object(inner) = inner
            && (within.is_some() || kind.is_core_urn(&urn))
        {
            rename(kind, within, inner, f);
        }
    }
    rename(kind, None, members, f);
}

fn rename(
    kind: &ResourceType,
    within: Option<&Schema>,
    members: &mut Map<String, Value>,
    f: &mut ReferenceVisitor<'_>,
) {
    if !members.keys().any(|name| name.contains('[')) {
        return;
    }
    for (mut name, value) in std::mem::take(members) {
        in_path(kind, within, &mut name, f);
        members.insert(name, value);
    }
}

/// Visits the literals in the brackets of a path.
fn in_path(kind: &ResourceType, within: Option<&Schema>, text: &mut String, f: &mut ReferenceVisitor<'_>) {
    if !text.contains('[') {
        return;
    }
    let Ok(path) = text.parse::<PatchPath>() else { return };
    let (Some(filter), Some((_, attribute, _))) = (path.value_filter(), named(kind, within, text)) else { return };
    let mut literals = Literals { attribute, found: Vec::new() };
    literals.visit_expr(filter);
    // The last literal is replaced first, so that the spans of the earlier ones stay valid.
    for (span, mut value, due) in literals.found.into_iter().rev() {
        let old = value.clone();
        call(&mut value, due, f);
        if value != old && text.get(span.start..span.end).is_some() {
            text.replace_range(span.start..span.end, &Value::String(value).to_string());
        }
    }
}

/// Collects the literals of a filter that are compared with a reference.
struct Literals<'a> {
    attribute: &'a Attribute,
    found: Vec<(Span, String, Due)>,
}

impl crate::syntax::Visit for Literals<'_> {
    fn visit_attr_exp(&mut self, exp: &AttrExp<'_>) {
        let Test::Compare { op: CompareOp::Eq | CompareOp::Ne, value: Literal::String(text), value_span, .. } =
            &exp.test
        else {
            return;
        };
        let due = if self.attribute.is_complex() {
            Due::of_sub(self.attribute, exp.path.as_str())
        } else {
            Due::of_type(self.attribute).filter(|_| exp.path.as_str().eq_ignore_ascii_case("value"))
        };
        self.found.extend(due.map(|due| (*value_span, text.clone().into_owned(), due)));
    }
}

fn in_resource(kind: &ResourceType, within: Option<&Schema>, value: &mut Value, f: &mut ReferenceVisitor<'_>) {
    for (name, value) in value.as_object_mut().into_iter().flatten() {
        at(kind, within, name, value, f);
    }
}

/// Visits the value of a name or path.
fn at(kind: &ResourceType, within: Option<&Schema>, name: &str, value: &mut Value, f: &mut ReferenceVisitor<'_>) {
    if within.is_none() {
        let urn = kind.modern_urn(name).unwrap_or(name);
        if let Some(extension) = kind.extension(urn) {
            return in_resource(kind, Some(extension), value, f);
        }
        if kind.is_core_urn(urn) && value.is_object() {
            // The members of this object are attributes of the core schema. A URN among them names nothing, so `at` is
            // not called for them, and the recursion ends here.
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

type Reached<'k> = (Option<&'k Schema>, &'k Attribute, Option<String>);

/// The attribute that a name or path means, and its sub-attribute as written.
fn named<'k>(kind: &'k ResourceType, within: Option<&'k Schema>, name: &str) -> Option<Reached<'k>> {
    let path: PatchPath = name.parse().ok()?;
    let (Ok(Resolution { target: Resolved::Attribute { extension, attribute, .. }, .. })
    | Err(Unresolved::SubAttribute { extension, attribute })) =
        kind.look_up_in(within, path.attr(), &Tolerance::default())
    else {
        return None;
    };
    Some((extension, attribute, path.sub_attribute().map(str::to_owned)))
}

fn in_attribute(attribute: &Attribute, sub: Option<&str>, value: &mut Value, f: &mut ReferenceVisitor<'_>) {
    if let Some(sub) = sub {
        return in_sub(attribute, sub, value, f);
    }
    match value {
        Value::Array(elements) => elements.iter_mut().for_each(|element| in_element(attribute, element, f)),
        one => in_element(attribute, one, f),
    }
}

fn in_element(attribute: &Attribute, element: &mut Value, f: &mut ReferenceVisitor<'_>) {
    match element {
        Value::Object(members) => members.iter_mut().for_each(|(name, value)| in_sub(attribute, name, value, f)),
        Value::String(text) => {
            let id = || attribute.is_reference_like().then_some(Due::Id);
            if let Some(due) = Due::of_type(attribute).or_else(id) {
                call(text, due, f);
            }
        }
        _ => {}
    }
}

fn in_sub(attribute: &Attribute, name: &str, value: &mut Value, f: &mut ReferenceVisitor<'_>) {
    let Some(due) = Due::of_sub(attribute, name) else { return };
    match value {
        Value::String(text) => call(text, due, f),
        Value::Array(values) => {
            for value in values {
                if let Value::String(text) = value {
                    call(text, due, f);
                }
            }
        }
        _ => {}
    }
}

/// Visits a text that may be a reference, or a URI whose last segment is one.
fn call(text: &mut String, due: Due, f: &mut ReferenceVisitor<'_>) {
    if let Some(name) = bulk_id(text) {
        if let Some(known) = f(name, due != Due::Id) {
            *text = known;
        }
        return;
    }
    if due != Due::Uri {
        return;
    }
    let Some((before, last)) = text.rsplit_once('/') else { return };
    let Ok(last) = percent_decode_str(last).decode_utf8() else { return };
    if let Some(id) = bulk_id(&last).and_then(|name| f(name, false)) {
        *text = format!("{before}/{}", utf8_percent_encode(&id, SEGMENT));
    }
}

/// Removes the elements and single values that refer to resources that cannot exist yet from the data of a `POST`.
/// Returns them with their canonical paths, in the form in which a `PATCH` adds them later.
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
            in_attribute(attribute, sub.as_deref(), value, &mut |name, _| {
                found |= is_late(name);
                None
            });
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
