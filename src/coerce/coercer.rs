//! Values from a client made to fit the schema (P13, R1): checked, repaired where the tolerance allows, reported.

use std::collections::HashSet;
use std::str::FromStr;

use serde_json::{Map, Number, Value};

use super::members::{doubled_name, is_unassigned, member};
use super::options::{Options, UnknownMembers};
use super::refusal::Refusal;
use super::repair::Repair;
use crate::error::ScimType;
use crate::filter::compile::parse_bool;
use crate::filter::datetime::Instant;
use crate::filter::decimal::Decimal;
use crate::json::is_within_depth;
use crate::schema::AttrRef;
use crate::schema::{AttrType, Attribute, Mutability, ResourceType, Schema};

/// What kind of request a value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    /// POST or PUT: a template that cannot say `null` says `""`.
    Resource,
    /// An operation of PATCH.
    Patch,
    /// The value of a `remove`, which is only compared.
    Removal,
}

/// Makes values fit, and keeps the report.
#[derive(Debug)]
pub(crate) struct Coercer<'a> {
    pub resource_type: &'a ResourceType,
    pub options: &'a Options,
    pub source: Source,
    pub repairs: Vec<Repair>,
    /// The paths and kinds of `repairs`: each is reported once (D25).
    reported: HashSet<(String, &'static str)>,
}

type Checked<T> = Result<T, Refusal>;

fn invalid(attr: AttrRef<'_>, message: impl Into<String>) -> Refusal {
    Refusal::new(ScimType::InvalidValue, attr, message)
}

/// The kind of a JSON value, for messages; its content may be secret.
fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(text) if text.is_empty() => "an empty string",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

fn mismatch(attr: AttrRef<'_>, value: &Value) -> Refusal {
    let leaf = attr.leaf();
    let expected = leaf.attr_type.expected();
    invalid(attr, format!("expected {expected}, found {}", kind_of(value)))
}

impl<'a> Coercer<'a> {
    pub(crate) fn new(resource_type: &'a ResourceType, options: &'a Options, source: Source) -> Self {
        Self { resource_type, options, source, repairs: Vec::new(), reported: HashSet::new() }
    }

    pub(crate) fn report(&mut self, path: impl std::fmt::Display, kind: &'static str, detail: impl Into<String>) {
        if self.source == Source::Removal && kind == Repair::READ_ONLY {
            return;
        }
        let path = path.to_string();
        if self.reported.insert((path.clone(), kind)) {
            self.repairs.push(Repair::new(path, kind, detail));
        }
    }

    /// Reports once more what was reported before, elsewhere.
    pub(crate) fn repeat(&mut self, repair: &Repair) {
        if self.reported.insert((repair.path().to_owned(), repair.kind())) {
            self.repairs.push(repair.clone());
        }
    }

    /// What was reported so far; then it may be reported anew.
    pub(crate) fn take_repairs(&mut self) -> Vec<Repair> {
        if self.repairs.is_empty() {
            return Vec::new();
        }
        self.reported.clear();
        std::mem::take(&mut self.repairs)
    }

    /// The whole value of an attribute or sub-attribute; `None` if that is unassigned. A list where one is due.
    pub(crate) fn whole(&mut self, attr: AttrRef<'a>, value: &Value) -> Checked<Option<Value>> {
        if attr.leaf().multi_valued {
            let elements = self.elements(attr, value)?;
            return Ok(if elements.is_empty() { None } else { Some(Value::Array(elements)) });
        }
        self.single(attr, value)
    }

    /// The elements of a value for a multi-valued attribute.
    pub(crate) fn elements(&mut self, attr: AttrRef<'a>, value: &Value) -> Checked<Vec<Value>> {
        let mut out = Vec::new();
        match value {
            Value::Null => {}
            Value::Array(elements) => {
                out.reserve(elements.len());
                for element in elements {
                    out.extend(self.element(attr, element)?);
                }
            }
            one => {
                if let Some(inner) = self.doubled(attr, one)? {
                    return self.elements(attr, &inner);
                }
                if self.is_blank(attr, one)? {
                    return Ok(out);
                }
                let element = self.element(attr, one)?;
                if !self.options.tolerance.single_for_list {
                    return Err(invalid(attr, format!("expected a list, found {}", kind_of(one))));
                }
                self.report(attr, "single_for_list", "one value was given where a list is due");
                out.extend(element);
            }
        }
        Ok(out)
    }

    /// `path: members` with `{"members": […]}` as value.
    fn doubled(&mut self, attr: AttrRef<'a>, value: &Value) -> Checked<Option<Value>> {
        let leaf = attr.leaf();
        let only = value.as_object().filter(|members| members.len() == 1).and_then(|members| members.iter().next());
        let doubled =
            only.filter(|(name, _)| name.eq_ignore_ascii_case(&leaf.name) && leaf.sub_attribute(name).is_none());
        let Some((name, inner)) = doubled.filter(|_| self.source != Source::Resource) else { return Ok(None) };
        if !self.options.tolerance.doubled_paths {
            return Err(invalid(attr, format!("`{name}` is named once more inside its value")));
        }
        self.report(attr, "doubled_paths", "the attribute was named once more inside its value");
        Ok(Some(inner.clone()))
    }

    /// One element of a multi-valued attribute.
    pub(crate) fn element(&mut self, attr: AttrRef<'a>, value: &Value) -> Checked<Option<Value>> {
        match value {
            Value::Null => Ok(None),
            _ if attr.leaf().is_complex() => self.complex(attr, value),
            // `[{"value": "x"}]` for a list of simple values.
            Value::Object(members) if self.options.tolerance.list_for_single => {
                let only = member(members, "value").filter(|_| members.len() == 1);
                let Some(only) = only else { return Err(mismatch(attr, value)) };
                self.report(attr, "list_for_single", "an object was given where a simple value is due");
                self.simple(attr, only)
            }
            _ => self.simple(attr, value),
        }
    }

    /// The one element that a value for chosen elements stands for.
    pub(crate) fn one_element(&mut self, attr: AttrRef<'a>, value: &Value) -> Checked<Option<Value>> {
        let Value::Array(elements) = value else { return self.element(attr.whole(), value) };
        let &[only] = &elements.as_slice() else {
            return Err(invalid(attr, format!("expected one element, found a list of {}", elements.len())));
        };
        if !self.options.tolerance.list_for_single {
            return Err(invalid(attr, "expected one element, found a list"));
        }
        self.report(attr, "list_for_single", "a list of one was given where a single value is due");
        self.element(attr.whole(), only)
    }

    /// The value of a single-valued attribute or sub-attribute.
    fn single(&mut self, attr: AttrRef<'a>, value: &Value) -> Checked<Option<Value>> {
        let is_complex = attr.leaf().is_complex();
        match value {
            Value::Null => Ok(None),
            Value::Array(elements) if elements.is_empty() => Ok(None),
            Value::Array(elements) => {
                let &[only] = &elements.as_slice() else {
                    let message = format!("expected one value, found a list of {}", elements.len());
                    return Err(invalid(attr, message));
                };
                if !self.options.tolerance.list_for_single {
                    return Err(invalid(attr, "expected one value, found a list"));
                }
                self.report(attr, "list_for_single", "a list of one was given where a single value is due");
                match only {
                    Value::Object(members) if !is_complex && members.contains_key("value") => {
                        self.simple(attr, members.get("value").unwrap_or(&Value::Null))
                    }
                    Value::Array(_) => Err(mismatch(attr, only)),
                    other => self.single(attr, other),
                }
            }
            _ if is_complex => self.complex(attr, value),
            _ => self.simple(attr, value),
        }
    }

    /// One complex value; `None` if nothing of it is assigned.
    fn complex(&mut self, attr: AttrRef<'a>, value: &Value) -> Checked<Option<Value>> {
        match value {
            Value::Object(members) => {
                if let Some(inner) = self.doubled(attr, value)? {
                    return self.element(attr, &inner);
                }
                self.object(attr, members)
            }
            Value::String(text) => {
                if let Some(object) = self.json_string(attr, text)? {
                    return self.object(attr, &object);
                }
                if self.is_blank(attr, value)? || self.is_empty_reference(attr, text) {
                    return Ok(None);
                }
                let Some(sub) = attr.leaf().sub_attribute("value") else { return Err(mismatch(attr, value)) };
                if !self.options.tolerance.string_for_complex {
                    return Err(mismatch(attr, value));
                }
                let inner = self.simple(attr.sub(sub), value)?;
                self.report(attr, "string_for_complex", "a string was given where an object with a `value` is due");
                Ok(inner.map(|inner| Value::Object(Map::from_iter([(sub.name.clone(), inner)]))))
            }
            other => Err(mismatch(attr, other)),
        }
    }

    /// A string that holds a JSON object.
    fn json_string(&mut self, attr: AttrRef<'a>, text: &str) -> Checked<Option<Map<String, Value>>> {
        if !text.trim_start().starts_with('{') {
            return Ok(None);
        }
        let Ok(parsed) = crate::json::from_slice(text.as_bytes()) else { return Ok(None) };
        if !is_within_depth(&parsed, self.options.limits.depth()) {
            return Err(invalid(attr, "the JSON in this string is nested too deep"));
        }
        let Value::Object(object) = parsed else { return Ok(None) };
        if !self.options.tolerance.json_strings {
            return Err(invalid(attr, "expected an object, found a string that holds one"));
        }
        self.report(attr, "json_strings", "a string was given that holds a JSON object");
        Ok(Some(object))
    }

    fn object(&mut self, attr: AttrRef<'a>, members: &Map<String, Value>) -> Checked<Option<Value>> {
        if let Some(name) = doubled_name(members) {
            let message = format!("the name `{name}` is given twice, in different case");
            return Err(Refusal::new(ScimType::InvalidSyntax, attr, message));
        }
        let attribute = attr.leaf();
        let mut out = Map::new();
        for (name, value) in members {
            if let Some(sub) = attribute.sub_attribute(name) {
                self.sub_value(attr.sub(sub), value, &mut out)?;
                continue;
            }
            let alias =
                Self::manager_id(attribute, name).filter(|_| member(members, "value").is_none_or(is_unassigned));
            if let Some(sub) = alias {
                if !self.options.tolerance.manager_id {
                    return Err(invalid(attr, format!("has no sub-attribute `{name}`; it is called `{}`", sub.name)));
                }
                self.report(attr.sub(sub), "manager_id", format!("`{name}` was read as `{}`", sub.name));
                self.sub_value(attr.sub(sub), value, &mut out)?;
                continue;
            }
            if let Some(value) = self.unknown(&format!("{attr}.{name}"), value)? {
                out.insert(name.clone(), value);
            }
        }
        Ok(if out.values().all(is_unassigned) { None } else { Some(Value::Object(out)) })
    }

    /// The sub-attribute `value` where `name` is the attribute's name and `Id` (P13).
    pub(crate) fn manager_id(attribute: &'a Attribute, name: &str) -> Option<&'a Attribute> {
        let base = name.get(..name.len().checked_sub(2)?)?;
        let fits = name.get(base.len()..).is_some_and(|end| end.eq_ignore_ascii_case("id"))
            && base.eq_ignore_ascii_case(&attribute.name);
        attribute.sub_attribute("value").filter(|_| fits)
    }

    fn sub_value(&mut self, attr: AttrRef<'a>, value: &Value, out: &mut Map<String, Value>) -> Checked<()> {
        let sub = attr.leaf();
        if sub.mutability == Mutability::ReadOnly && attr.attribute.mutability != Mutability::ReadOnly {
            let is_blank = value.as_str().is_some_and(|text| text.trim().is_empty());
            if !is_unassigned(value) && !is_blank {
                self.report(attr, Repair::READ_ONLY, "is set by the provider; what the client sent was dropped");
            }
            return Ok(());
        }
        if let Some(value) = self.whole(attr, value)? {
            out.insert(sub.name.clone(), value);
        }
        Ok(())
    }

    /// What becomes of a member that no schema knows (P16): the value to keep, if any.
    pub(crate) fn unknown(&mut self, path: &str, value: &Value) -> Checked<Option<Value>> {
        match self.options.unknown {
            UnknownMembers::Ignore => {
                self.report(path, Repair::UNKNOWN_MEMBER, "is not defined by any schema and was dropped");
                Ok(None)
            }
            UnknownMembers::Keep => Ok(Some(value.clone()).filter(|value| !is_unassigned(value))),
            UnknownMembers::Reject => {
                let name = self.resource_type.name();
                let message = format!("is not defined by any schema of `{name}`");
                // RFC 7644 Table 9 has `invalidPath` for PATCH alone.
                let scim_type =
                    if self.source == Source::Resource { ScimType::InvalidSyntax } else { ScimType::InvalidPath };
                Err(Refusal::new(scim_type, path, message))
            }
        }
    }

    /// A blank string in POST or PUT, which unassigns (R1).
    fn is_blank(&mut self, attr: AttrRef<'a>, value: &Value) -> Checked<bool> {
        let Value::String(text) = value else { return Ok(false) };
        if self.source != Source::Resource || !text.trim().is_empty() {
            return Ok(false);
        }
        if attr.leaf().required {
            return Err(invalid(attr, "is required and may not be blank"));
        }
        if !self.options.tolerance.blank_strings {
            return Ok(false);
        }
        self.report(attr, "blank_strings", "a blank string was read as unassigned");
        Ok(true)
    }

    /// `""` for a reference, or for what stands for one.
    fn is_empty_reference(&mut self, attr: AttrRef<'a>, text: &str) -> bool {
        let leaf = attr.leaf();
        let is_reference = leaf.attr_type == AttrType::Reference
            || leaf.is_complex()
            || (attr.sub.is_some() && leaf.name.eq_ignore_ascii_case("value") && attr.attribute.is_reference_like());
        if !text.is_empty() || !is_reference || !self.options.tolerance.empty_references {
            return false;
        }
        self.report(attr, "empty_references", "an empty string was read as unassigned");
        true
    }

    /// A simple value of the type of the attribute.
    fn simple(&mut self, attr: AttrRef<'a>, value: &Value) -> Checked<Option<Value>> {
        if value.is_null() || self.is_blank(attr, value)? {
            return Ok(None);
        }
        let attr_type = attr.leaf().attr_type;
        if let Value::String(text) = value {
            if self.is_empty_reference(attr, text) {
                return Ok(None);
            }
            return self.of_string(attr, attr_type, text, value);
        }
        let fits = match (attr_type, value) {
            (AttrType::Boolean, Value::Bool(_)) | (AttrType::Decimal, Value::Number(_)) => true,
            (AttrType::Integer, Value::Number(number)) => Decimal::parse(&number.to_string()).is_whole(),
            _ => false,
        };
        if fits { Ok(Some(value.clone())) } else { Err(mismatch(attr, value)) }
    }

    fn of_string(
        &mut self,
        attr: AttrRef<'a>,
        attr_type: AttrType,
        text: &str,
        value: &Value,
    ) -> Checked<Option<Value>> {
        let keep = || Ok(Some(value.clone()));
        match attr_type {
            AttrType::String => keep(),
            AttrType::Reference if text.is_empty() => Err(mismatch(attr, value)),
            AttrType::Reference => match self.schema_urn(attr, text)? {
                Some(urn) => Ok(Some(urn.into())),
                None => keep(),
            },
            AttrType::DateTime if Instant::parse(text).is_some() => keep(),
            AttrType::Binary if is_base64(text) => keep(),
            AttrType::Boolean if self.options.tolerance.boolean_strings => {
                let Some(parsed) = parse_bool(text.trim()) else { return Err(mismatch(attr, value)) };
                self.report(attr, "boolean_strings", "a string was read as a boolean");
                Ok(Some(parsed.into()))
            }
            AttrType::Integer | AttrType::Decimal if self.options.tolerance.number_strings => {
                let number = Number::from_str(text.trim()).ok().filter(|_| is_plain_number(text.trim()));
                let whole = |number: &Number| Decimal::parse(&number.to_string()).is_whole();
                let number = number.filter(|number| attr_type == AttrType::Decimal || whole(number));
                let Some(number) = number else { return Err(mismatch(attr, value)) };
                self.report(attr, "number_strings", "a string was read as a number");
                Ok(Some(number.into()))
            }
            _ => Err(mismatch(attr, value)),
        }
    }

    /// The resource type's spelling of a URN in `schemas`, an old one's successor included.
    fn schema_urn(&mut self, attr: AttrRef<'a>, text: &str) -> Checked<Option<String>> {
        if attr.extension.is_some() || attr.sub.is_some() || attr.attribute.name != "schemas" {
            return Ok(None);
        }
        let resource_type = self.resource_type;
        if let Some(extension) = resource_type.extension(text) {
            return Ok(Some(extension.id.clone()));
        }
        if let Some(core) = resource_type.core_urn(text) {
            return Ok(Some(core.to_owned()));
        }
        let Some(urn) = resource_type.modern_urn(text) else { return Ok(None) };
        if !self.options.tolerance.legacy_schemas {
            return Err(invalid(attr, format!("`{text}` is an old URN: write `{urn}`")));
        }
        self.report("schemas", "legacy_schemas", format!("`{text}` was read as `{urn}`"));
        Ok(Some(urn.to_owned()))
    }

    /// Checks that every required sub-attribute of a complex value is there.
    pub(crate) fn check_required_subs(attr: AttrRef<'a>, value: &Value) -> Checked<()> {
        let Value::Object(members) = value else { return Ok(()) };
        for sub in &attr.whole().attribute.sub_attributes {
            let has = || member(members, &sub.name).is_some_and(|value| !is_unassigned(value));
            if sub.required && sub.mutability != Mutability::ReadOnly && !has() {
                return Err(invalid(attr.sub(sub), "is required"));
            }
        }
        Ok(())
    }

    /// Lets one element at most be primary (P10); says whether one is. `elements` are those that one request sets.
    pub(crate) fn one_primary(&mut self, attr: AttrRef<'a>, elements: &mut [Value]) -> Checked<bool> {
        let Some(primary) = attr.attribute.sub_attribute("primary").filter(|sub| sub.attr_type == AttrType::Boolean)
        else {
            return Ok(false);
        };
        let mut seen = false;
        for element in elements {
            if !is_primary(element) {
                continue;
            }
            if !seen {
                seen = true;
            } else if self.options.tolerance.first_primary {
                if let Value::Object(members) = element {
                    super::members::set_member(members, &primary.name, Value::Bool(false));
                }
                self.report(attr.sub(primary), "first_primary", "several were primary; the first one stayed so");
            } else {
                return Err(invalid(attr.sub(primary), "is true on more than one element"));
            }
        }
        Ok(seen)
    }

    /// The extension whose object an unknown key of a body stands for: by its URN, an old URN included.
    pub(crate) fn extension_key(&mut self, key: &str) -> Checked<Option<&'a Schema>> {
        let resource_type = self.resource_type;
        if let Some(extension) = resource_type.extension(key) {
            return Ok(Some(extension));
        }
        let Some(urn) = self.modern_urn(key)? else { return Ok(None) };
        let extension = resource_type.extension(urn);
        if extension.is_some() {
            self.report("schemas", "legacy_schemas", format!("`{key}` was read as `{urn}`"));
        }
        Ok(extension)
    }

    /// Whether a key is the URN of the core schema, an old URN included.
    pub(crate) fn is_core_key(&mut self, key: &str) -> Checked<bool> {
        let resource_type = self.resource_type;
        if resource_type.is_core_urn(key) {
            return Ok(true);
        }
        let Some(urn) = self.modern_urn(key)?.filter(|urn| resource_type.is_core_urn(urn)) else { return Ok(false) };
        self.report("schemas", "legacy_schemas", format!("`{key}` was read as `{urn}`"));
        Ok(true)
    }

    /// The URN that an old one stands for, where such are read.
    fn modern_urn(&self, key: &str) -> Checked<Option<&'a str>> {
        let resource_type = self.resource_type;
        match resource_type.modern_urn(key) {
            Some(urn) if !self.options.tolerance.legacy_schemas => {
                Err(Refusal::new(ScimType::InvalidPath, key, format!("is an old URN: write `{urn}`")))
            }
            urn => Ok(urn),
        }
    }

    /// The attribute of the only extension that has one of this name (tolerance `bare_extension_names`).
    pub(crate) fn bare_name(&mut self, name: &str) -> Checked<Option<AttrRef<'a>>> {
        let Some((extension, attribute)) = self.resource_type.only_extension_with(name) else { return Ok(None) };
        let attr = AttrRef::new(Some(extension), attribute);
        if !self.options.tolerance.bare_extension_names {
            return Err(Refusal::new(ScimType::InvalidPath, name, format!("belongs to an extension: write `{attr}`")));
        }
        self.report(attr, "bare_extension_names", format!("`{name}` was read as that"));
        Ok(Some(attr))
    }
}

/// Whether an element says `primary: true`.
pub(crate) fn is_primary(element: &Value) -> bool {
    let members = element.as_object();
    members.and_then(|members| member(members, "primary")) == Some(&Value::Bool(true))
}

/// Digits as people write them into a template: no exponent, which would be a guess.
fn is_plain_number(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'.'))
}

/// The alphabets of base64 and base64url, padded or not, with line breaks as PEM has them.
fn is_base64(text: &str) -> bool {
    let body = text.trim_end_matches('=');
    text.len() - body.len() <= 2
        && body.bytes().all(|byte| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_' | b'\n' | b'\r' | b' ')
        })
}
