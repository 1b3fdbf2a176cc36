//! Coerces simple values from a client (strings, numbers, booleans) to the type of their attribute.

use std::str::FromStr;

use serde_json::{Map, Number, Value};

use super::coercer::{Checked, Coercer, invalid, mismatch};
use super::equality::equal;
use super::members::{is_unassigned, member, set_member};
use super::refusal::Refusal;
use super::repair::Repair;
use super::request::RequestKind;
use super::uri::is_uri_reference;
use crate::error::ScimType;
use crate::filter::compile::parse_bool;
use crate::filter::datetime::{Instant, in_utc};
use crate::filter::decimal::Decimal;
use crate::options::UnknownMembers;
use crate::schema::{AttrRef, AttrType};

impl<'a> Coercer<'a> {
    /// Whether a value is a blank string, which unassigns the attribute (R1). A blank string for a required attribute is
    /// refused, even in strict mode.
    pub(super) fn is_blank(&mut self, attr: AttrRef<'a>, value: &Value) -> Checked<bool> {
        let Value::String(text) = value else { return Ok(false) };
        if !text.trim().is_empty() {
            return Ok(false);
        }
        let leaf = attr.leaf();
        if leaf.required && self.request != RequestKind::Removal {
            return Err(invalid(attr, "is required and may not be blank"));
        }
        if !self.options.tolerance.blank_strings {
            return Ok(false);
        }
        if attr.is_secret() && self.request == RequestKind::Patch {
            return Err(invalid(attr, "expected a value or null, found a blank string"));
        }
        self.report(attr, "blank_strings", "a blank string was read as unassigned");
        Ok(true)
    }

    /// Whether a value is `""` and is given for a single reference, or for the `value` of a reference. Such a value
    /// unassigns the attribute (tolerance `empty_references`).
    pub(super) fn is_empty_reference(&mut self, attr: AttrRef<'a>, value: &Value) -> bool {
        let leaf = attr.leaf();
        let is_reference = leaf.attr_type == AttrType::Reference
            || leaf.is_reference_like()
            || (attr.sub.is_some() && leaf.name.eq_ignore_ascii_case("value") && attr.attribute.is_reference_like());
        let is_single = is_reference && !leaf.multi_valued;
        if value.as_str() != Some("") || !is_single || !self.options.tolerance.empty_references {
            return false;
        }
        self.report(attr, "empty_references", "an empty string was read as unassigned");
        true
    }

    /// Coerces a simple value to the type of the attribute.
    pub(crate) fn simple(&mut self, attr: AttrRef<'a>, value: &Value) -> Checked<Option<Value>> {
        if value.is_null() || self.is_blank(attr, value)? || self.is_empty_reference(attr, value) {
            return Ok(None);
        }
        if let Some(role) = self.json_role(attr, value) {
            return self.simple(attr, &role);
        }
        let fits = self.of_type(attr, value)?;
        self.check_canonical(attr, fits.as_ref())?;
        self.check_length(attr, fits.as_ref())?;
        Ok(fits)
    }

    /// Checks that a value is among the canonical values of its attribute, if the host asks for that (R5). The value of a
    /// `remove` is not checked.
    fn check_canonical(&self, attr: AttrRef<'a>, value: Option<&Value>) -> Checked<()> {
        let leaf = attr.leaf();
        let all = &leaf.canonical_values;
        let is_asked = (self.options.canonical_values || leaf.canonical_only) && self.request != RequestKind::Removal;
        let Some(value) = value.filter(|_| is_asked) else { return Ok(()) };
        if all.is_empty() || all.iter().any(|one| equal(leaf, one, value)) {
            return Ok(());
        }
        let known: Vec<String> = all
            .iter()
            .map(|one| format!("`{}`", one.as_str().map_or_else(|| one.to_string(), str::to_owned)))
            .collect();
        Err(invalid(attr, format!("expected one of its canonical values, {}, found another value", known.join(", "))))
    }

    /// Checks the maximum length that the schema sets for an attribute (R4). The value of a `remove` is not checked.
    fn check_length(&self, attr: AttrRef<'a>, value: Option<&Value>) -> Checked<()> {
        let Some(max) = attr.leaf().max_length.filter(|_| self.request != RequestKind::Removal) else { return Ok(()) };
        // A character has at least one byte, so the characters are counted only if there are more bytes than `max`.
        let is_longer = |text: &str| text.len() > max && text.chars().nth(max).is_some();
        if value.and_then(Value::as_str).is_some_and(is_longer) {
            return Err(invalid(attr, format!("expected at most {max} characters, found more")));
        }
        Ok(())
    }

    fn of_type(&mut self, attr: AttrRef<'a>, value: &Value) -> Checked<Option<Value>> {
        match (attr.leaf().attr_type, value) {
            (_, Value::String(text)) => {
                self.check_text(attr, text)?;
                self.of_string(attr, text, value)
            }
            (AttrType::Boolean, Value::Bool(_)) => Ok(Some(value.clone())),
            (attr_type, Value::Number(number)) => {
                self.check_number(attr, number)?;
                match attr_type {
                    AttrType::Decimal => Ok(Some(value.clone())),
                    AttrType::Integer => self.integer(attr, number).map(Some),
                    AttrType::String => self.digits(attr, number).map(Some),
                    _ => Err(mismatch(attr, value)),
                }
            }
            _ => Err(mismatch(attr, value)),
        }
    }

    fn of_string(&mut self, attr: AttrRef<'a>, text: &str, value: &Value) -> Checked<Option<Value>> {
        let keep = || Ok(Some(value.clone()));
        let tolerance = &self.options.tolerance;
        match attr.leaf().attr_type {
            AttrType::String => keep(),
            AttrType::Reference if text.is_empty() => Err(mismatch(attr, value)),
            AttrType::Reference => match self.schema_urn(attr, text)? {
                Some(urn) => Ok(Some(urn.into())),
                None if tolerance.loose_references || is_uri_reference(text) => keep(),
                None => Err(invalid(attr, "expected a URI reference (RFC 3986), found another text")),
            },
            AttrType::DateTime if Instant::parse(text).is_some() => {
                if !self.options.utc || self.request == RequestKind::Removal {
                    return keep();
                }
                let utc =
                    in_utc(text).ok_or_else(|| invalid(attr, "expected a dateTime in the years 0000 to 9999 in UTC"));
                Ok(Some(utc?.into()))
            }
            AttrType::Binary if tolerance.loose_base64 && is_loose_base64(text) => keep(),
            AttrType::Binary if is_base64(text) => keep(),
            AttrType::Boolean if tolerance.boolean_strings => {
                let Some(parsed) = parse_bool(text.trim()) else { return Err(mismatch(attr, value)) };
                self.report(attr, "boolean_strings", "a string was read as a boolean");
                Ok(Some(parsed.into()))
            }
            attr_type @ (AttrType::Integer | AttrType::Decimal) if tolerance.number_strings => {
                let number = Number::from_str(text.trim()).ok().filter(|_| is_plain_number(text.trim()));
                let whole = |number: &Number| Decimal::parse(&number.to_string()).is_whole();
                let number = number.filter(|number| attr_type == AttrType::Decimal || whole(number));
                let Some(number) = number else { return Err(mismatch(attr, value)) };
                self.check_number(attr, &number)?;
                self.report(attr, "number_strings", "a string was read as a number");
                match attr_type {
                    AttrType::Integer => self.integer(attr, &number).map(Some),
                    _ => Ok(Some(number.into())),
                }
            }
            _ => Err(mismatch(attr, value)),
        }
    }

    /// Coerces a number to a whole number without fraction and exponent (R5).
    fn integer(&mut self, attr: AttrRef<'a>, number: &Number) -> Checked<Value> {
        let text = number.to_string();
        if is_digits(&text) {
            return Ok(Value::Number(number.clone()));
        }
        let decimal = Decimal::parse(&text);
        let whole = decimal.whole_digits().filter(|_| decimal.is_whole());
        let Some(whole) = whole.and_then(|digits| digits.parse::<Number>().ok()) else {
            return Err(mismatch(attr, &Value::Number(number.clone())));
        };
        if !self.options.tolerance.whole_numbers {
            return Err(invalid(attr, "expected a whole number without fraction and exponent"));
        }
        self.report(attr, "whole_numbers", "a whole number with a fraction or an exponent was read as an integer");
        Ok(whole.into())
    }

    /// Coerces a whole number for a string attribute to a string of its digits.
    fn digits(&mut self, attr: AttrRef<'a>, number: &Number) -> Checked<Value> {
        let text = number.to_string();
        if !is_digits(&text) || !self.options.tolerance.numbers_for_strings {
            return Err(mismatch(attr, &Value::Number(number.clone())));
        }
        self.report(attr, "numbers_for_strings", "a number was given where a string is due");
        Ok(text.into())
    }

    /// Unpacks an app role of Entra: the JSON text of a role in the `value` of an element of `roles` (P13).
    pub(super) fn json_value(&mut self, attr: AttrRef<'a>, members: &Map<String, Value>) -> Option<Map<String, Value>> {
        let sub = attr.attribute.sub_attribute("value").filter(|_| attr.sub.is_none())?;
        let (value, display) = self.role(attr.sub(sub), member(members, "value")?)?;
        let mut unpacked = members.clone();
        set_member(&mut unpacked, "value", value);
        if let Some(display) = display.filter(|_| member(members, "display").is_none_or(is_unassigned)) {
            set_member(&mut unpacked, "display", display);
        }
        Some(unpacked)
    }

    /// As [`Self::json_value`], for a path that names the sub-attribute `value`.
    fn json_role(&mut self, attr: AttrRef<'a>, value: &Value) -> Option<Value> {
        attr.sub.filter(|sub| sub.name == "value")?;
        self.role(attr, value).map(|(value, _)| value)
    }

    /// Unpacks the JSON text of a role; returns its `value` and its display name.
    fn role(&mut self, attr: AttrRef<'a>, value: &Value) -> Option<(Value, Option<Value>)> {
        let is_roles = attr.extension.is_none() && attr.attribute.name == "roles";
        if !is_roles || !self.options.tolerance.json_values {
            return None;
        }
        let text = value.as_str().filter(|text| text.trim_start().starts_with('{'))?;
        let Ok(Value::Object(role)) = crate::json::from_slice(text.as_bytes()) else { return None };
        let part = |names: &[&str]| {
            let text = names.iter().find_map(|name| member(&role, name).and_then(Value::as_str));
            text.filter(|text| !text.trim().is_empty()).map(Value::from)
        };
        let value = part(&["value"])?;
        self.report(attr, "json_values", "the JSON text of a role was read as the role");
        Some((value, part(&["display", "displayName"])))
    }

    /// A URN of `schemas` in the spelling of the resource type. An old URN, such as one of SCIM 1.1, is replaced by that of
    /// the RFC.
    fn schema_urn(&mut self, attr: AttrRef<'a>, text: &str) -> Checked<Option<String>> {
        if !attr.is_schemas() {
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

    /// Whether a URN that is not a schema of the resource type stays in `schemas` (P16).
    pub(crate) fn keeps_urn(&mut self, urn: &str) -> Checked<bool> {
        let name = self.resource_type.name();
        match self.options.unknown_members() {
            UnknownMembers::Ignore => {
                let detail = format!("`{urn}` is not a schema of `{name}` and was dropped");
                self.report("schemas", Repair::UNKNOWN_MEMBER, detail);
                Ok(false)
            }
            UnknownMembers::Keep => self.check_text("schemas", urn).map(|()| true),
            UnknownMembers::Reject => {
                let scim_type = self.options.unknown_error(self.request);
                Err(Refusal::new(scim_type, "schemas", format!("`{urn}` is not a schema of `{name}`")))
            }
        }
    }

    /// Refuses strings with U+0000, which many databases do not accept, and strings that are longer than the host allows
    /// (R4).
    fn check_text(&self, path: impl ToString, text: &str) -> Checked<()> {
        let max = self.options.limits.string_bytes;
        let message = if text.len() > max {
            format!("the string is too long: at most {max} bytes are allowed")
        } else if memchr::memchr(0, text.as_bytes()).is_some() {
            "the string has the character U+0000, which cannot be stored".to_owned()
        } else {
            return Ok(());
        };
        Err(Refusal::new(ScimType::InvalidValue, path, message))
    }

    fn check_number(&self, path: impl ToString, number: &Number) -> Checked<()> {
        let checked = crate::json::check_numbers(&Value::Number(number.clone()), self.options.limits.number_digits);
        checked.map_err(|message| Refusal::new(ScimType::InvalidValue, path, message))
    }

    /// Checks the strings, names and numbers in a value that no schema describes (R4).
    pub(super) fn check_kept(&self, path: &str, value: &Value) -> Checked<()> {
        self.check_text(path, path)?;
        match value {
            Value::String(text) => self.check_text(path, text),
            Value::Number(number) => self.check_number(path, number),
            Value::Array(elements) => elements.iter().try_for_each(|element| self.check_kept(path, element)),
            Value::Object(members) => members.iter().try_for_each(|(name, value)| {
                self.check_text(path, name)?;
                self.check_kept(path, value)
            }),
            Value::Null | Value::Bool(_) => Ok(()),
        }
    }
}

/// Whether a number in a string is written with only digits, a sign and a point. An exponent is not accepted, because to
/// read it as a number would be a guess.
fn is_plain_number(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'.'))
}

fn is_digits(text: &str) -> bool {
    text.strip_prefix('-').unwrap_or(text).bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a text is base64 of RFC 4648 §4. The padding may be missing.
fn is_base64(text: &str) -> bool {
    let body = text.trim_end_matches('=');
    let padding = text.len() - body.len();
    body.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'))
        && body.len() % 4 != 1
        && (padding == 0 || (body.len() + padding).is_multiple_of(4) && padding <= 2)
}

/// Whether a text has only characters of base64 or base64url, then at most two `=`. Padding may be missing, and there may
/// be blanks and line breaks, as in PEM.
fn is_loose_base64(text: &str) -> bool {
    let is_blank = |byte: u8| matches!(byte, b'\n' | b'\r' | b' ');
    let (body, padding) = text.split_at(memchr::memchr(b'=', text.as_bytes()).unwrap_or(text.len()));
    body.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_') || is_blank(byte))
        && padding.bytes().all(|byte| byte == b'=' || is_blank(byte))
        && padding.bytes().filter(|byte| *byte == b'=').count() <= 2
}
