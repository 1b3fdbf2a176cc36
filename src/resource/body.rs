//! A whole resource from a client, made to fit the schema (R1): the common part of POST and PUT.

use std::collections::HashSet;

use serde_json::{Map, Value};

use crate::coerce::coercer::{Coercer, Source};
use crate::coerce::members::{doubled_name, is_unassigned, member};
use crate::coerce::refusal::Refusal;
use crate::coerce::same::{Finder, holds_all, holds_already, same_option};
use crate::coerce::{Options, Repair, diff};
use crate::error::ScimType;
use crate::json::{crowd, crowded, is_within_depth};
use crate::schema::AttrRef;
use crate::schema::{Attribute, Mutability, ResourceType, Schema};

/// A body, read.
pub(super) struct Body<'a> {
    pub coercer: Coercer<'a>,
    /// The URNs of `schemas` in the resource type's spelling, those of extensions that are present added.
    pub schemas: Vec<Value>,
    /// What the client gave, in its order; without `schemas` and what it must not set.
    pub values: Vec<(AttrRef<'a>, Value)>,
    /// Members that no schema knows and that are kept: their extension, name and value.
    pub unknown: Vec<(Option<&'a Schema>, String, Value)>,
    /// Attributes that the client mentioned at all, be it as `null`.
    pub mentioned: Vec<AttrRef<'a>>,
    /// The URNs in `schemas`, in lower case.
    listed: HashSet<String>,
}

fn syntax(path: &str, message: impl Into<String>) -> Refusal {
    Refusal::new(ScimType::InvalidSyntax, path, message)
}

impl<'a> Body<'a> {
    /// Reads a body; `stored` is what a PUT replaces.
    pub(super) fn read(
        body: &Value,
        stored: Option<&Map<String, Value>>,
        resource_type: &'a ResourceType,
        options: &'a Options,
    ) -> Result<Self, Refusal> {
        let max = options.limits.depth();
        if !is_within_depth(body, max) {
            return Err(syntax("", format!("the body is nested too deep: at most {max} levels are allowed")));
        }
        let Value::Object(members) = body else {
            return Err(syntax("", "expected a resource: an object with `schemas` and attributes"));
        };
        if let Some(count) = crowded(body, options.limits.members) {
            return Err(syntax("", crowd(count, options.limits.members)));
        }
        let mut body = Self {
            coercer: Coercer::new(resource_type, options, Source::Resource),
            schemas: Vec::new(),
            values: Vec::new(),
            unknown: Vec::new(),
            mentioned: Vec::new(),
            listed: HashSet::new(),
        };
        body.read_schemas(members)?;
        body.members(members, stored)?;
        body.declare_extensions()?;
        Ok(body)
    }

    fn read_schemas(&mut self, members: &Map<String, Value>) -> Result<(), Refusal> {
        let resource_type = self.coercer.resource_type;
        let Some(attribute) = resource_type.attribute("schemas") else { return Ok(()) };
        let given = member(members, "schemas").unwrap_or(&Value::Null);
        for urn in self.coercer.elements(AttrRef::new(None, attribute), given)? {
            let text = urn.as_str().unwrap_or_default();
            let is_known = resource_type.is_core_urn(text) || resource_type.extension(text).is_some();
            if self.lists(text) || (!is_known && self.coercer.unknown("schemas", &urn)?.is_none()) {
                continue;
            }
            self.list(text);
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

    /// The members of the body, or of an object under a core URN.
    fn members(&mut self, members: &Map<String, Value>, stored: Option<&Map<String, Value>>) -> Result<(), Refusal> {
        if let Some(name) = doubled_name(members) {
            return Err(syntax(name, "this name is given twice, in different case"));
        }
        let resource_type = self.coercer.resource_type;
        for (name, value) in members {
            if name.eq_ignore_ascii_case("schemas") {
                continue;
            }
            if let Some(attribute) = resource_type.attribute(name) {
                self.attribute(AttrRef::new(None, attribute), value, stored)?;
            } else if let Some(extension) = self.coercer.extension_key(name)? {
                let stored = stored.and_then(|stored| member(stored, &extension.id)).and_then(Value::as_object);
                self.extension(extension, value, stored)?;
            } else if let Some(inner) = value.as_object()
                && self.coercer.is_core_key(name)?
            {
                self.members(inner, stored)?;
            } else if let Some(attr) = self.coercer.bare_name(name)? {
                let stored = attr.extension.zip(stored).and_then(|(schema, stored)| member(stored, &schema.id));
                self.attribute(attr, value, stored.and_then(Value::as_object))?;
            } else if let Some(value) = self.coercer.unknown(name, value)? {
                self.unknown.push((None, name.clone(), value));
            }
        }
        Ok(())
    }

    fn extension(
        &mut self,
        extension: &'a Schema,
        value: &Value,
        stored: Option<&Map<String, Value>>,
    ) -> Result<(), Refusal> {
        let members = match value {
            Value::Null => return Ok(()),
            Value::Object(members) => members,
            _ => {
                let message = "expected an object of the extension's attributes";
                return Err(Refusal::new(ScimType::InvalidValue, &extension.id, message));
            }
        };
        if let Some(name) = doubled_name(members) {
            return Err(syntax(&extension.id, format!("the name `{name}` is given twice, in different case")));
        }
        for (name, value) in members {
            if let Some(attribute) = extension.attribute(name) {
                self.attribute(AttrRef::new(Some(extension), attribute), value, stored)?;
            } else {
                let path = format!("{}:{name}", extension.id);
                if let Some(value) = self.coercer.unknown(&path, value)? {
                    self.unknown.push((Some(extension), name.clone(), value));
                }
            }
        }
        Ok(())
    }

    fn attribute(
        &mut self,
        attr: AttrRef<'a>,
        value: &Value,
        stored: Option<&Map<String, Value>>,
    ) -> Result<(), Refusal> {
        if self.mentioned.iter().any(|other| other.is_same_attribute(attr)) {
            return Err(syntax(&attr.to_string(), "this attribute is given twice"));
        }
        self.mentioned.push(attr);
        if attr.attribute.mutability == Mutability::ReadOnly {
            let held = stored.and_then(|stored| member(stored, &attr.attribute.name));
            let is_blank = value.as_str().is_some_and(|text| text.trim().is_empty());
            let is_held = held.is_some_and(|held| match value {
                Value::Array(given) => holds_all(attr.attribute, diff::elements(Some(held)), given),
                value => holds_already(Some(held), value),
            });
            if !(is_unassigned(value) || is_blank || is_held) {
                self.coercer.report(
                    attr,
                    Repair::READ_ONLY,
                    "is set by the provider; what the client sent was dropped",
                );
            }
            return Ok(());
        }
        let shaped = self.coercer.whole(attr, value)?;
        if let Some(held) = stored.and_then(|stored| member(stored, &attr.attribute.name)) {
            self.forget_same(attr, held, value);
        }
        let Some(mut shaped) = shaped else { return Ok(()) };
        if let Value::Array(elements) = &mut shaped {
            self.coercer.one_primary(attr, elements)?;
        }
        self.values.push((attr, shaped));
        Ok(())
    }

    /// Takes back the report of readOnly sub-attributes that the client sent as they are stored (D21).
    fn forget_same(&mut self, attr: AttrRef<'a>, held: &Value, given: &Value) {
        let finder = Finder::new(attr.attribute, diff::elements(Some(held)));
        for sub in attr.attribute.sub_attributes.iter().filter(|sub| sub.mutability == Mutability::ReadOnly) {
            let path = attr.sub(sub).to_string();
            let is_report = |repair: &Repair| repair.kind() == Repair::READ_ONLY && repair.path() == path;
            if !self.coercer.repairs.iter().any(is_report) {
                continue;
            }
            let of = |value: &Value| value.as_object().and_then(|members| member(members, &sub.name)).cloned();
            let is_same = diff::elements(Some(given)).iter().all(|element| {
                let stored = if attr.attribute.multi_valued { finder.find(element) } else { Some(held) };
                let sent = of(element);
                sent.as_ref().is_none_or(is_unassigned) || same_option(stored.and_then(of).as_ref(), sent.as_ref())
            });
            if is_same {
                self.coercer.repairs.retain(|repair| !is_report(repair));
            }
        }
    }

    fn declare_extensions(&mut self) -> Result<(), Refusal> {
        for extension in self.coercer.resource_type.extensions() {
            let is_extension = |other: Option<&Schema>| other.is_some_and(|other| std::ptr::eq(other, extension));
            let is_present = self.values.iter().any(|(attr, _)| is_extension(attr.extension))
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

/// Checks that what must be assigned is: attributes of the core, and of extensions that are present or required.
pub(super) fn check_required(
    resource_type: &ResourceType,
    find: impl Fn(Option<&Schema>, &Attribute) -> bool,
    has_extension: impl Fn(&Schema) -> bool,
) -> Result<(), Refusal> {
    let check = |extension: Option<&Schema>, attributes: &[Attribute]| {
        let must = |attribute: &&Attribute| {
            attribute.required && attribute.mutability != Mutability::ReadOnly && attribute.name != "schemas"
        };
        attributes.iter().filter(must).find(|attribute| !find(extension, attribute)).map_or(Ok(()), |attribute| {
            Err(Refusal::new(ScimType::InvalidValue, AttrRef::new(extension, attribute), "is required"))
        })
    };
    check(None, resource_type.attributes())?;
    for extension in resource_type.extensions() {
        let is_present = has_extension(extension);
        if is_present {
            check(Some(extension), &extension.attributes)?;
        } else if resource_type.is_required(extension) {
            return Err(Refusal::new(ScimType::InvalidValue, &extension.id, "this extension is required"));
        }
    }
    Ok(())
}
