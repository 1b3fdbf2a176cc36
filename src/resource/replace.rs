//! PUT of a whole resource (R2).

use serde_json::{Map, Value};

use super::body::{Body, check_required};
use super::create::{Written, in_container, parse, unknown_path};
use super::error::ResourceError;
use crate::coerce::coercer::Coercer;
use crate::coerce::members::{is_unassigned, member, remove_member, set_member};
use crate::coerce::refusal::Refusal;
use crate::coerce::same::{Finder, same_option};
use crate::coerce::{Absent, Change, Options, Outcome, diff};
use crate::error::ScimType;
use crate::schema::AttrRef;
use crate::schema::{Attribute, Mutability, ResourceType, Schema};

impl ResourceType {
    /// What a stored resource becomes by the body of a PUT (RFC 7644 §3.5.1), with the default options. `stored` is not
    /// modified.
    ///
    /// ```
    /// use scim_engine::ResourceType;
    /// use serde_json::json;
    /// let stored = json!({
    ///     "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
    ///     "id": "u1", "userName": "bjensen", "title": "Guide",
    /// });
    /// let written = ResourceType::user().replace(&stored, &json!({
    ///     "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
    ///     "userName": "bjensen", "title": "Head guide", "active": "true",
    /// }))?;
    /// assert_eq!(written.resource["id"], "u1");
    /// assert!(written.outcome.changed);
    /// # Ok::<(), scim_engine::ResourceError>(())
    /// ```
    ///
    /// # Errors
    /// As [`ResourceType::create`]; `mutability` too for an immutable attribute that would change.
    pub fn replace(&self, stored: &Value, body: &Value) -> Result<Written, ResourceError> {
        self.replace_with(stored, body, &Options::default())
    }

    /// As [`ResourceType::replace`], with options.
    ///
    /// # Errors
    /// As [`ResourceType::replace`].
    pub fn replace_with(&self, stored: &Value, body: &Value, options: &Options) -> Result<Written, ResourceError> {
        let not_stored = |message: &str| Refusal::new(ScimType::InvalidSyntax, "", message);
        let Value::Object(old) = stored else {
            return Err(not_stored("expected the stored resource to be an object").into());
        };
        if !crate::json::is_within_depth(stored, options.limits.depth()) {
            return Err(not_stored("the stored resource is nested too deep").into());
        }
        let body = Body::read(body, Some(old), self, options)?;
        let replacement = Replacement { resource_type: self, options, old, body: &body };
        let (resource, changes) = replacement.run()?;
        let outcome = Outcome { changed: !changes.is_empty(), changes, repairs: body.coercer.repairs };
        Ok(Written { resource: Value::Object(resource), outcome })
    }

    /// As [`ResourceType::replace_with`], the body from JSON text.
    ///
    /// # Errors
    /// As [`ResourceType::replace`]; `invalidSyntax` too for what is no JSON or names a member twice.
    pub fn replace_from_slice(&self, stored: &Value, body: &[u8], options: &Options) -> Result<Written, ResourceError> {
        self.replace_with(stored, &parse(body)?, options)
    }
}

struct Replacement<'a, 'b> {
    resource_type: &'a ResourceType,
    options: &'a Options,
    old: &'b Map<String, Value>,
    body: &'b Body<'a>,
}

impl<'a> Replacement<'a, '_> {
    fn run(&self) -> Result<(Map<String, Value>, Vec<Change>), Refusal> {
        let mut new = self.old.clone();
        let mut changes = Vec::new();
        let core = self.resource_type.attributes().iter().map(|attribute| AttrRef::new(None, attribute));
        let places =
            core.chain(self.resource_type.extensions().flat_map(|schema| {
                schema.attributes.iter().map(move |attribute| AttrRef::new(Some(schema), attribute))
            }));
        for attr in places.filter(|attr| attr.extension.is_some() || attr.attribute.name != "schemas") {
            let held = stored(self.old, attr);
            let value = self.value(attr, held)?;
            let before = changes.len();
            diff::attribute(attr, held, value.as_ref(), &mut changes);
            // What is the same, be it in another order, stays as it was stored.
            if changes.len() > before {
                put(&mut new, attr.extension, &attr.attribute.name, value);
            }
        }
        for (extension, name, value) in &self.body.unknown {
            let held = member(container_of(self.old, *extension).unwrap_or(&Map::new()), name).cloned();
            changes.extend(Change::single(unknown_path(*extension, name), held.as_ref(), Some(value)));
            put(&mut new, *extension, name, Some(value.clone()));
        }
        let is_present = |extension: &Schema| {
            container_of(&new, Some(extension))
                .is_some_and(|members| members.values().any(|value| !is_unassigned(value)))
        };
        check_required(
            self.resource_type,
            |extension, attribute| {
                stored(&new, AttrRef::new(extension, attribute)).is_some_and(|value| !is_unassigned(value))
            },
            is_present,
        )?;
        self.write_schemas(&mut new, &mut changes);
        Ok((new, changes))
    }

    /// What an attribute becomes.
    fn value(&self, attr: AttrRef<'a>, held: Option<&Value>) -> Result<Option<Value>, Refusal> {
        let attribute = attr.attribute;
        let held = held.filter(|value| !is_unassigned(value));
        let keep = || Ok(held.cloned());
        if attribute.mutability == Mutability::ReadOnly {
            return keep();
        }
        let given = self.body.values.iter().find(|(other, _)| other.is_same_attribute(attr)).map(|(_, value)| value);
        let Some(given) = given else {
            let is_mentioned = self.body.mentioned.iter().any(|other| other.is_same_attribute(attr));
            let policy = self.options.absent_of(&attr.to_string());
            return match attribute.mutability {
                Mutability::WriteOnly | Mutability::Immutable if !is_mentioned => keep(),
                _ if policy == Absent::Keep && !is_mentioned => keep(),
                Mutability::Immutable if held.is_some() => Err(immutable(attr)),
                _ => Ok(None),
            };
        };
        let new = self.carried(attr, held, given)?;
        if attribute.mutability == Mutability::Immutable && held.is_some() {
            let mut changes = Vec::new();
            diff::attribute(attr, held, Some(&new), &mut changes);
            if !changes.is_empty() {
                return Err(immutable(attr));
            }
        }
        for element in diff::elements(Some(&new)) {
            Coercer::check_required_subs(attr, element)?;
        }
        Ok(Some(new))
    }

    /// A given complex value with what only the provider sets, taken from the stored one; elements of lists by identity.
    fn carried(&self, attr: AttrRef<'a>, held: Option<&Value>, given: &Value) -> Result<Value, Refusal> {
        let Some(held) = held.filter(|_| attr.attribute.is_complex()) else { return Ok(given.clone()) };
        match given {
            Value::Object(members) => match held {
                Value::Object(held) => self.carried_object(attr, held, members, true).map(Value::Object),
                _ => Ok(given.clone()),
            },
            Value::Array(elements) => {
                let finder = Finder::new(attr.attribute, diff::elements(Some(held)));
                let carry = |element: &Value| match (finder.find(element), element) {
                    (Some(Value::Object(held)), Value::Object(members)) => {
                        self.carried_object(attr, held, members, false).map(Value::Object)
                    }
                    _ => Ok(element.clone()),
                };
                Ok(Value::Array(elements.iter().map(carry).collect::<Result<_, _>>()?))
            }
            _ => Ok(given.clone()),
        }
    }

    fn carried_object(
        &self,
        attr: AttrRef<'a>,
        held: &Map<String, Value>,
        given: &Map<String, Value>,
        is_single: bool,
    ) -> Result<Map<String, Value>, Refusal> {
        let mut new = given.clone();
        for sub in &attr.attribute.sub_attributes {
            let Some(old) = member(held, &sub.name).filter(|value| !is_unassigned(value)) else { continue };
            let now = member(given, &sub.name);
            let keeps_absent = is_single && self.options.absent_of(&attr.to_string()) == Absent::Keep;
            match sub.mutability {
                Mutability::ReadOnly => set_member(&mut new, &sub.name, old.clone()),
                Mutability::Immutable | Mutability::WriteOnly if now.is_none() => {
                    set_member(&mut new, &sub.name, old.clone());
                }
                Mutability::Immutable if !same_option(Some(old), now) => return Err(immutable(attr.sub(sub))),
                _ if now.is_none() && keeps_absent => set_member(&mut new, &sub.name, old.clone()),
                _ => {}
            }
        }
        Ok(new)
    }

    /// The URNs that the client listed, and those of extensions that are present.
    fn write_schemas(&self, new: &mut Map<String, Value>, changes: &mut Vec<Change>) {
        let Some(attribute) = self.resource_type.attribute("schemas") else { return };
        let mut urns = self.body.schemas.clone();
        for extension in self.resource_type.extensions() {
            let is_listed =
                urns.iter().any(|urn| urn.as_str().is_some_and(|urn| urn.eq_ignore_ascii_case(&extension.id)));
            let is_present = container_of(new, Some(extension))
                .is_some_and(|members| members.values().any(|value| !is_unassigned(value)));
            if is_present && !is_listed {
                urns.push(extension.id.clone().into());
            }
        }
        let attr = AttrRef::new(None, attribute);
        let urns = Value::Array(urns);
        let before = changes.len();
        diff::attribute(attr, stored(self.old, attr), Some(&urns), changes);
        if changes.len() > before {
            set_member(new, &attribute.name, urns);
        }
    }
}

fn immutable(attr: AttrRef<'_>) -> Refusal {
    Refusal::new(ScimType::Mutability, attr, "is immutable: it may be set once and not be changed")
}

fn container_of<'m>(resource: &'m Map<String, Value>, extension: Option<&Schema>) -> Option<&'m Map<String, Value>> {
    match extension {
        None => Some(resource),
        Some(schema) => member(resource, &schema.id)?.as_object(),
    }
}

fn stored<'m>(resource: &'m Map<String, Value>, attr: AttrRef<'_>) -> Option<&'m Value> {
    let Attribute { name, .. } = attr.attribute;
    member(container_of(resource, attr.extension)?, name)
}

/// Sets or unassigns an attribute; an extension that holds nothing more goes.
fn put(resource: &mut Map<String, Value>, extension: Option<&Schema>, name: &str, value: Option<Value>) {
    in_container(resource, extension, |inner| match value {
        Some(value) => set_member(inner, name, value),
        None => {
            remove_member(inner, name);
        }
    });
    if let Some(schema) = extension
        && container_of(resource, extension).is_some_and(|inner| inner.values().all(is_unassigned))
    {
        remove_member(resource, &schema.id);
    }
}
