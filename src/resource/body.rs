//! Coerces a whole resource from a client to the schema (R1): the common part of POST and PUT.

use std::collections::HashSet;

use serde_json::{Map, Value};

use crate::coerce::coercer::Coercer;
use crate::coerce::equality::holds;
use crate::coerce::identity::{Finder, Identity};
use crate::coerce::keys::{KeyEntry, KeyTarget};
use crate::coerce::members::{is_unassigned, set_member};
use crate::coerce::provided::as_shown;
use crate::coerce::refusal::Refusal;
use crate::coerce::request::{EditMode, NamedIn, RequestKind};
use crate::coerce::{container, diff};
use crate::error::ScimType;
use crate::json;
use crate::options::Options;
use crate::schema::{AttrRef, Attribute, Mutability, ResourceType, Schema};

/// A body that was read and coerced.
pub(super) struct Body<'a> {
    pub coercer: Coercer<'a>,
    /// The URNs of `schemas` in the spelling of the resource type, including those of all extensions that the body has.
    pub schemas: Vec<Value>,
    /// The values that the client sent, in the client's order, without `schemas` and readOnly attributes. The values of
    /// single-valued complex attributes keep their `null`s.
    pub values: Vec<(AttrRef<'a>, Value)>,
    /// Members that no schema knows and that are kept: extension, name and value.
    pub unknown: Vec<(Option<&'a Schema>, String, Value)>,
    /// The attributes that the client mentioned, even those with `null`.
    pub mentioned: Vec<AttrRef<'a>>,
    /// The URNs in the field `schemas`, in lower case, for look-ups.
    listed: HashSet<String>,
}

fn syntax(path: &str, message: impl Into<String>) -> Refusal {
    Refusal::new(ScimType::InvalidSyntax, path, message)
}

impl<'a> Body<'a> {
    /// Reads a body; `stored` is the resource that a PUT replaces.
    pub(super) fn read(
        body: &Value,
        stored: Option<&Map<String, Value>>,
        resource_type: &'a ResourceType,
        options: &'a Options,
    ) -> Result<Self, Refusal> {
        let limits = &options.limits;
        json::check_body(body, limits.capped_depth(), limits.members).map_err(|message| syntax("", message))?;
        let Value::Object(members) = body else {
            return Err(syntax("", "expected a resource: an object with `schemas` and attributes"));
        };
        let mut body = Self {
            coercer: Coercer::new(resource_type, options, RequestKind::Resource),
            schemas: Vec::new(),
            values: Vec::new(),
            unknown: Vec::new(),
            mentioned: Vec::new(),
            listed: HashSet::new(),
        };
        let entries = body.coercer.entries(members, None)?;
        let values = assembled(&entries)?;
        body.read_schemas(&entries)?;
        for (attr, value) in values {
            body.attribute(attr, &value, stored)?;
        }
        for KeyEntry { target, value } in entries {
            match target {
                KeyTarget::Kept(extension, name) if !value.is_null() => {
                    body.unknown.push((extension, name, value.into_owned()));
                }
                // The value is `null`, which is mentioned for each attribute that the client may change.
                KeyTarget::Extension(extension) => {
                    let attrs = extension.attributes.iter().map(|attribute| AttrRef::new(Some(extension), attribute));
                    body.mentioned.extend(attrs.filter(|attr| attr.attribute.mutability != Mutability::Immutable));
                }
                _ => {}
            }
        }
        body.declare_extensions()?;
        Ok(body)
    }

    fn read_schemas(&mut self, entries: &[KeyEntry<'a, '_>]) -> Result<(), Refusal> {
        let resource_type = self.coercer.resource_type;
        let Some(attribute) = resource_type.attribute("schemas") else { return Ok(()) };
        let given = entries.iter().find_map(|entry| match entry.target {
            KeyTarget::Attribute(attr) if attr.is_schemas() => Some(&*entry.value),
            _ => None,
        });
        for urn in self.coercer.elements(AttrRef::new(None, attribute), given.unwrap_or(&Value::Null))? {
            let text = urn.as_str().unwrap_or_default();
            let is_known = resource_type.is_core_urn(text) || resource_type.extension(text).is_some();
            if !self.lists(text) && (is_known || self.coercer.keeps_urn(text)?) {
                self.list(text);
            }
        }
        let core = &resource_type.schema().id;
        if !self.schemas.iter().any(|urn| urn.as_str().is_some_and(|urn| resource_type.is_core_urn(urn))) {
            if !self.coercer.options.tolerance.missing_schemas {
                let message = format!("expected `schemas` to hold `{core}`");
                return Err(Refusal::new(ScimType::InvalidValue, "schemas", message));
            }
            self.coercer.report("schemas", "missing_schemas", format!("`{core}` was added"));
            self.list(core);
        }
        Ok(())
    }

    fn lists(&self, urn: &str) -> bool {
        self.listed.contains(&urn.to_ascii_lowercase())
    }

    fn list(&mut self, urn: &str) {
        self.listed.insert(urn.to_ascii_lowercase());
        self.schemas.push(urn.into());
    }

    fn attribute(
        &mut self,
        attr: AttrRef<'a>,
        value: &Value,
        stored: Option<&Map<String, Value>>,
    ) -> Result<(), Refusal> {
        let held = stored.and_then(|stored| container::stored(stored, attr));
        let is_blank = value.as_str().is_some_and(|text| text.trim().is_empty());
        if attr.attribute.mutability == Mutability::ReadOnly {
            if !is_unassigned(value) && !is_blank && !Self::is_held(attr, held, value) {
                self.coercer.report_read_only(attr, NamedIn::Value);
            }
            return Ok(());
        }
        let mut coerced = self.coercer.whole(attr, value)?;
        if let Some(given) = &mut coerced {
            self.drop_read_only(attr, held, given);
        }
        coerced = coerced.filter(|given| given.as_array().is_none_or(|elements| !elements.is_empty()));
        if stored.is_some() && self.coercer.is_all_unknown && attr.attribute.multi_valued {
            return Err(Refusal::new(ScimType::InvalidValue, attr, crate::patch::ALL_UNKNOWN));
        }
        // What says nothing counts as absent for an immutable attribute (P9), and for a secret, because nobody can read a
        // secret and set it again (R2).
        let stays = attr.attribute.mutability == Mutability::Immutable || attr.attribute.is_never_returned();
        if stays && coerced.as_ref().is_none_or(is_unassigned) {
            return Ok(());
        }
        self.mentioned.push(attr);
        let Some(mut coerced) = coerced else { return Ok(()) };
        if let Value::Array(elements) = coerced {
            let mut elements = self.coercer.merge_repeated(attr, elements, EditMode::Replace)?;
            self.coercer.one_primary(attr, &mut elements)?;
            coerced = Value::Array(elements);
        }
        self.values.push((attr, coerced));
        Ok(())
    }

    /// Whether the client sent the stored value of a readOnly attribute. The answer for a secret is always `false`, so that
    /// it does not disclose the secret (P12a).
    fn is_held(attr: AttrRef<'a>, held: Option<&Value>, value: &Value) -> bool {
        if attr.is_secret() {
            return false;
        }
        match value {
            Value::Array(given) => {
                // A GET did not show secrets, so that they do not tell elements apart (P12a).
                let shown: Vec<Value>;
                let mut elements = diff::elements(held);
                if attr.attribute.sub_attributes.iter().any(Attribute::is_never_returned) {
                    shown = elements.iter().map(|element| as_shown(attr.attribute, element)).collect();
                    elements = &shown;
                }
                let finder = Finder::new(attr.attribute, elements);
                let is_held =
                    |element: &Value| finder.all(element).any(|held| holds(attr.attribute, Some(held), element));
                given.iter().filter(|element| !is_unassigned(element)).all(is_held)
            }
            // A single value that is stored as a list of one is that value (D5).
            value if !attr.attribute.multi_valued => {
                let held = match held {
                    Some(Value::Array(held)) if held.len() == 1 => held.first(),
                    held => held,
                };
                holds(attr.attribute, held, value)
            }
            value => holds(attr.attribute, held, value),
        }
    }

    /// Drops the readOnly sub-attributes that the client sent, and reports those that differ from what is stored (D21).
    fn drop_read_only(&mut self, attr: AttrRef<'a>, held: Option<&Value>, given: &mut Value) {
        let mut finder = None;
        let identity = Identity::of(attr.attribute);
        // Returns whether anything is left: an element that says nothing else is that of a stored one, or none.
        let mut drop = |one: &mut Value| {
            let Value::Object(members) = one else { return true };
            let mut sent = self.coercer.take_read_only(attr, members);
            if sent.is_empty() {
                return true;
            }
            let mut stored = held;
            if attr.attribute.multi_valued {
                let finder = finder.get_or_insert_with(|| Finder::new(attr.attribute, diff::elements(held)));
                let named = identity.named_by(members, &sent);
                stored = named.as_ref().and_then(|named| finder.find(named));
                if let (Some(Value::Object(named)), true) = (named, stored.is_some()) {
                    *members = named;
                } else {
                    stored = finder.find(&Value::Object(members.clone()));
                }
            }
            self.coercer.report_sent(attr, &mut sent, stored);
            stored.is_some() || !members.is_empty()
        };
        match given {
            Value::Array(elements) => elements.retain_mut(drop),
            one => _ = drop(one),
        }
    }

    fn declare_extensions(&mut self) -> Result<(), Refusal> {
        for extension in self.coercer.resource_type.extensions() {
            let is_extension = |other: Option<&Schema>| other.is_some_and(|other| std::ptr::eq(other, extension));
            let is_present =
                self.values.iter().any(|(attr, value)| is_extension(attr.extension) && !is_unassigned(value))
                    || self.unknown.iter().any(|(other, ..)| is_extension(*other));
            if !is_present || self.lists(&extension.id) {
                continue;
            }
            if !self.coercer.options.tolerance.undeclared_extensions {
                let message = format!("expected `schemas` to hold `{}`", extension.id);
                return Err(Refusal::new(ScimType::InvalidValue, "schemas", message));
            }
            self.coercer.report("schemas", "undeclared_extensions", format!("`{}` was added", extension.id));
            self.list(&extension.id);
        }
        Ok(())
    }
}

/// The values of the attributes in a body. If a key is a path to a sub-attribute (`name.givenName`), the sub-attribute is
/// set in the object that the body has for the attribute, or else in a new object. Repeated attributes were merged or
/// refused before.
fn assembled<'a>(entries: &[KeyEntry<'a, '_>]) -> Result<Vec<(AttrRef<'a>, Value)>, Refusal> {
    let mut values: Vec<(AttrRef<'a>, Value)> = Vec::with_capacity(entries.len());
    for entry in entries {
        let KeyTarget::Attribute(attr) = entry.target else { continue };
        let Some(sub) = attr.sub else {
            if !attr.is_schemas() {
                values.push((attr, Value::clone(&entry.value)));
            }
            continue;
        };
        let at = values.iter().position(|(other, _)| other.is_same_attribute(attr));
        let at = at.unwrap_or_else(|| {
            values.push((attr.whole(), Value::Null));
            values.len() - 1
        });
        let Some((_, whole)) = values.get_mut(at) else { continue };
        if attr.attribute.multi_valued {
            let message = "expected the elements: a sub-attribute of a list cannot be set without them";
            return Err(Refusal::new(ScimType::InvalidSyntax, attr, message));
        }
        if whole.is_null() {
            *whole = Value::Object(Map::new());
        }
        // The value of a readOnly attribute may have any shape, since it is dropped.
        let Value::Object(object) = whole else { continue };
        set_member(object, &sub.name, Value::clone(&entry.value));
    }
    Ok(values)
}

/// With `derived_schemas`, removes the URNs of extensions that have no object from `schemas` (R7).
pub(super) fn derive_schemas(
    resource_type: &ResourceType,
    options: &Options,
    schemas: &mut Vec<Value>,
    resource: &Map<String, Value>,
) {
    let is_there = |urn: &Value| {
        let extension = urn.as_str().and_then(|urn| resource_type.extension(urn));
        extension.is_none_or(|extension| container::is_present(resource, extension))
    };
    schemas.retain(|urn| !options.derived_schemas || is_there(urn));
}

/// Checks that the required attributes of the core schema are assigned, and those of each extension that has more
/// than what only the provider sets, or is required.
pub(super) fn check_required(resource_type: &ResourceType, resource: &Map<String, Value>) -> Result<(), Refusal> {
    let check = |extension: Option<&Schema>, attributes: &[Attribute]| {
        let lacks = |attribute: &&Attribute| {
            let must =
                attribute.required && attribute.mutability != Mutability::ReadOnly && attribute.name != "schemas";
            must && container::stored(resource, AttrRef::new(extension, attribute)).is_none_or(is_unassigned)
        };
        attributes.iter().find(lacks).map_or(Ok(()), |attribute| {
            Err(Refusal::new(ScimType::InvalidValue, AttrRef::new(extension, attribute), "is required"))
        })
    };
    check(None, resource_type.attributes())?;
    for extension in resource_type.extensions() {
        if container::is_asserted(resource, extension) {
            check(Some(extension), &extension.attributes)?;
        } else if resource_type.is_required(extension) {
            return Err(Refusal::new(ScimType::InvalidValue, &extension.id, "this extension is required"));
        }
    }
    Ok(())
}

/// A value without the `null`s of its members, which have a meaning only for a merge; `None` if nothing is left.
pub(super) fn without_nulls(value: Value) -> Option<Value> {
    let value = match value {
        Value::Object(mut members) => {
            members.retain(|_, value| !value.is_null());
            Value::Object(members)
        }
        value => value,
    };
    Some(value).filter(|value| !is_unassigned(value))
}
