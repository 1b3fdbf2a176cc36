//! Coerces values from a client to the schema (P13, R1): checks them, makes the repairs that the tolerance allows, and
//! reports each repair.

use std::borrow::Cow;
use std::collections::HashSet;

use serde_json::{Map, Value};

use super::container::is_provided;
use super::equality::same_value;
use super::members::{case_duplicate, is_unassigned, member, set_member};
use super::refusal::Refusal;
use super::repair::Repair;
use super::request::{EditMode, NamedIn, RequestKind};
use crate::error::ScimType;
use crate::options::{Options, UnknownMembers};
use crate::schema::{AttrRef, AttrType, Attribute, Mutability, ResourceType};

/// The place of a complex value, which decides the meaning of a `null` in the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// The value of a single-valued attribute. A `null` in it unassigns the sub-attribute when the value is merged (P9).
    Single,
    /// An element of a list. A `null` in it counts as absent.
    Element,
}

/// Coerces values and collects the repairs.
#[derive(Debug)]
pub(crate) struct Coercer<'a> {
    pub resource_type: &'a ResourceType,
    pub options: &'a Options,
    pub request: RequestKind,
    pub repairs: Vec<Repair>,
    /// The paths and kinds of `repairs`, because each pair is reported only once (D25).
    reported: HashSet<(String, &'static str)>,
    /// Whether the current value was unpacked from a string. Strings in such a value are not unpacked again (P13).
    is_unpacked: bool,
    /// Whether the list that was coerced last became empty because no schema knows the members of its elements (P6).
    pub is_all_unknown: bool,
}

pub(super) type Checked<T> = Result<T, Refusal>;

pub(super) fn invalid(attr: AttrRef<'_>, message: impl Into<String>) -> Refusal {
    Refusal::new(ScimType::InvalidValue, attr, message)
}

/// The refusal of the name of an attribute inside its own value, where it does not stand for the value.
fn once_more(attr: AttrRef<'_>, name: &str) -> Refusal {
    invalid(attr, format!("`{name}` is named once more inside its value"))
}

/// The refusal of two values for one attribute (F14).
pub(crate) fn given_twice(path: impl ToString) -> Refusal {
    Refusal::new(ScimType::InvalidSyntax, path, "this attribute is given twice, with different values")
}

/// The kind of a JSON value, for messages. A message must not show the value itself, which may be secret.
pub(super) fn kind_of(value: &Value) -> &'static str {
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

pub(super) fn mismatch(attr: AttrRef<'_>, value: &Value) -> Refusal {
    let expected = attr.leaf().attr_type.expected();
    invalid(attr, format!("expected {expected}, found {}", kind_of(value)))
}

impl<'a> Coercer<'a> {
    pub(crate) fn new(resource_type: &'a ResourceType, options: &'a Options, request: RequestKind) -> Self {
        Self {
            resource_type,
            options,
            request,
            repairs: Vec::new(),
            reported: HashSet::new(),
            is_unpacked: false,
            is_all_unknown: false,
        }
    }

    pub(crate) fn report(&mut self, path: impl std::fmt::Display, kind: &'static str, detail: impl Into<String>) {
        let path = path.to_string();
        if self.reported.insert((path.clone(), kind)) {
            self.repairs.push(Repair::new(path, kind, detail));
        }
    }

    /// Reports a repair that was made earlier, when the value was coerced in advance.
    pub(crate) fn repeat(&mut self, repair: &Repair) {
        if self.reported.insert((repair.path().to_owned(), repair.kind())) {
            self.repairs.push(repair.clone());
        }
    }

    /// Takes the repairs made so far. Afterwards the same repairs can be reported again.
    pub(crate) fn take_repairs(&mut self) -> Vec<Repair> {
        if self.repairs.is_empty() {
            return Vec::new();
        }
        self.reported.clear();
        std::mem::take(&mut self.repairs)
    }

    /// Coerces the whole value of an attribute or sub-attribute. The result is a list if the attribute is multi-valued, and
    /// `None` if the value is unassigned. The value of a single-valued complex attribute keeps its `null`s, and is an empty
    /// object if it sets nothing.
    pub(crate) fn whole(&mut self, attr: AttrRef<'a>, value: &Value) -> Checked<Option<Value>> {
        if attr.leaf().multi_valued {
            let elements = self.elements(attr, value)?;
            let elements = self.merge_repeated(attr, elements, EditMode::Replace)?;
            return Ok(if elements.is_empty() { None } else { Some(Value::Array(elements)) });
        }
        self.single(attr, value)
    }

    /// Coerces the value of a multi-valued attribute to a list of elements.
    pub(crate) fn elements(&mut self, attr: AttrRef<'a>, value: &Value) -> Checked<Vec<Value>> {
        self.is_all_unknown = false;
        let mut out = Vec::new();
        match value {
            Value::Null => {}
            Value::Array(elements) => {
                out.reserve(elements.len());
                let mut is_unknown = false;
                for (index, element) in elements.iter().enumerate() {
                    if element.is_null() && !self.options.tolerance.null_elements {
                        return Err(invalid(attr, format!("expected a value at index {index}, found null")));
                    }
                    let (fits, only_unknown) = self.item(attr, element, Some(index))?;
                    is_unknown |= only_unknown;
                    out.extend(fits);
                }
                self.is_all_unknown = is_unknown && out.is_empty();
            }
            one => {
                if let Some(inner) = self.doubled(attr, one)? {
                    return self.elements(attr, &inner);
                }
                if let Some(inner) = self.json_text(attr, one)? {
                    return self.unpacked(|coercer| coercer.elements(attr, &inner));
                }
                // In the value of a `remove`, an empty object names no element (P14).
                if self.request == RequestKind::Removal
                    && one.as_object().is_some_and(Map::is_empty)
                    && !names_somebody(attr)
                {
                    return Ok(out);
                }
                if !names_somebody(attr) && self.is_blank(attr, one)? {
                    return Ok(out);
                }
                let (fits, only_unknown) = self.item(attr, one, None)?;
                if !self.options.tolerance.single_for_list {
                    return Err(invalid(attr, format!("expected a list, found {}", kind_of(one))));
                }
                self.report(attr, "single_for_list", "one value was given where a list is due");
                self.is_all_unknown = only_unknown && fits.is_none();
                out.extend(fits);
            }
        }
        Ok(out)
    }

    /// Coerces an element of a list. The flag in the result says whether the element became empty because no schema knows
    /// its members.
    fn item(&mut self, attr: AttrRef<'a>, value: &Value, index: Option<usize>) -> Checked<(Option<Value>, bool)> {
        let item = self.item_of(attr, value)?;
        if self.names_nobody(attr, item.0.as_ref()) {
            let which = index.map_or_else(String::new, |index| format!(" at index {index}"));
            let message = format!("expected a `value` in the element{which}: without it, it names nobody");
            return Err(invalid(attr, message));
        }
        Ok(item)
    }

    /// As [`Self::item`], without the check that an element of a list of references has a `value`.
    fn item_of(&mut self, attr: AttrRef<'a>, value: &Value) -> Checked<(Option<Value>, bool)> {
        let element = self.element(attr, value)?;
        let says = |value: &Value| !is_unassigned(value) && value.as_str().is_none_or(|text| !text.trim().is_empty());
        let is_unknown = element.is_none()
            && value.as_object().is_some_and(|members| {
                let mut unknown = members.iter().filter(|(name, _)| attr.leaf().sub_attribute(name).is_none());
                unknown.any(|(_, value)| says(value))
            });
        Ok((element, is_unknown))
    }

    /// Runs `f` on a value that was unpacked from a string, so that strings in the value are not unpacked again.
    fn unpacked<T>(&mut self, f: impl FnOnce(&mut Self) -> Checked<T>) -> Checked<T> {
        let before = std::mem::replace(&mut self.is_unpacked, true);
        let result = f(self);
        self.is_unpacked = before;
        result
    }

    /// Unwraps a value that repeats the name of its attribute, such as `{"active": false}` with the path `active`, or
    /// `{"members": […]}` with the path `members`.
    fn doubled(&mut self, attr: AttrRef<'a>, value: &Value) -> Checked<Option<Value>> {
        let leaf = attr.leaf();
        let only = value.as_object().filter(|members| members.len() == 1).and_then(|members| members.iter().next());
        let doubled =
            only.filter(|(name, _)| name.eq_ignore_ascii_case(&leaf.name) && leaf.sub_attribute(name).is_none());
        let Some((name, inner)) = doubled else { return Ok(None) };
        if !self.options.tolerance.doubled_paths {
            return Err(once_more(attr, name));
        }
        self.report(attr, "doubled_paths", "the attribute was named once more inside its value");
        Ok(Some(inner.clone()))
    }

    /// Unpacks JSON text in a string, if the attribute expects an object, a list of objects or a list of URNs.
    fn json_text(&mut self, attr: AttrRef<'a>, value: &Value) -> Checked<Option<Value>> {
        let is_due = attr.leaf().is_complex() || attr.is_schemas();
        if !is_due {
            return Ok(None);
        }
        self.json_string(attr, value)
    }

    /// Unpacks a string that begins like the JSON text of an object or a list. Such a string is
    /// never a value itself if an object or list is expected.
    pub(crate) fn json_string(&mut self, path: impl ToString, value: &Value) -> Checked<Option<Value>> {
        let Value::String(text) = value else { return Ok(None) };
        if !text.trim_start().starts_with(['{', '[']) {
            return Ok(None);
        }
        let refuse = |message: String| Err(Refusal::new(ScimType::InvalidValue, path.to_string(), message));
        let (limits, tolerance) = (&self.options.limits, &self.options.tolerance);
        if !tolerance.json_strings {
            return refuse("expected an object or a list, found a string that begins like one".to_owned());
        }
        if self.is_unpacked {
            return refuse("expected an object or a list, found JSON text within JSON text".to_owned());
        }
        let parsed = match crate::json::from_slice(text.as_bytes()) {
            Ok(parsed) => parsed,
            // A repeated name is an error in such a text, as in any body (F14).
            Err(error) if error.is_name_twice() => {
                return Err(Refusal::new(ScimType::InvalidSyntax, path, format!("in the JSON of the string: {error}")));
            }
            Err(error) => return refuse(format!("the string begins as JSON and cannot be read as JSON: {error}")),
        };
        if let Err(message) = crate::json::check_body(&parsed, limits.capped_depth(), limits.members) {
            return refuse(message);
        }
        self.report(path.to_string(), "json_strings", "a string was given that holds JSON");
        Ok(Some(parsed))
    }

    /// Coerces one element of a multi-valued attribute.
    pub(crate) fn element(&mut self, attr: AttrRef<'a>, value: &Value) -> Checked<Option<Value>> {
        match value {
            Value::Null => Ok(None),
            _ if attr.leaf().is_complex() => self.complex(attr, value, Role::Element),
            Value::Object(members) if members.is_empty() => Ok(None),
            // In a list of simple values, the element `{"value": "x"}` is read as `"x"`.
            Value::Object(members) if self.options.tolerance.list_for_single => {
                let only = member(members, "value").filter(|_| members.len() == 1);
                let Some(only) = only else { return Err(mismatch(attr, value)) };
                self.report(attr, "list_for_single", "an object was given where a simple value is due");
                self.simple(attr, only)
            }
            _ => self.simple(attr, value),
        }
    }

    /// Coerces a value to one element, which is to be set on the elements that brackets choose. `None` removes the chosen
    /// elements (P6).
    pub(crate) fn one_element(&mut self, attr: AttrRef<'a>, value: &Value) -> Checked<Option<Value>> {
        let attr = attr.whole();
        if let Some(inner) = self.json_text(attr, value)? {
            return self.unpacked(|coercer| coercer.one_element(attr, &inner));
        }
        if !attr.attribute.is_complex()
            && let Some(inner) = self.doubled(attr, value)?
        {
            return self.one_element(attr, &inner);
        }
        let element = match value {
            Value::Array(elements) => match elements.as_slice() {
                [] | [_] if !self.options.tolerance.list_for_single => {
                    return Err(invalid(attr, "expected one element, found a list"));
                }
                [] => return Ok(None),
                [only] => {
                    self.report(attr, "list_for_single", "a list of one was given where a single value is due");
                    only
                }
                _ => return Err(invalid(attr, format!("expected one element, found a list of {}", elements.len()))),
            },
            one => one,
        };
        let (mut element, is_unknown) = self.item_of(attr, element)?;
        self.is_all_unknown = is_unknown;
        if let Some(Value::Object(members)) = &mut element
            && self.drops_sent()
            && members
                .keys()
                .all(|name| attr.attribute.sub_attribute(name).is_some_and(|sub| self.is_provided(attr, sub)))
        {
            self.drop_sent(attr, members);
            return Ok(None);
        }
        Ok(element)
    }

    /// Coerces the value of a single-valued attribute or sub-attribute.
    fn single(&mut self, attr: AttrRef<'a>, value: &Value) -> Checked<Option<Value>> {
        match value {
            _ if attr.leaf().is_complex() => self.complex(attr, value, Role::Single),
            Value::Array(elements) => match self.only(attr, elements)? {
                None => Ok(None),
                Some(Value::Object(members)) if member(members, "value").is_some() => {
                    self.simple(attr, member(members, "value").unwrap_or(&Value::Null))
                }
                Some(only) => self.single(attr, only),
            },
            Value::Object(_) => match self.doubled(attr, value)? {
                Some(inner) => self.single(attr, &inner),
                None => Err(mismatch(attr, value)),
            },
            _ => self.simple(attr, value),
        }
    }

    /// The element of a list that is given for a single value; `None` if the list is empty.
    fn only<'v>(&mut self, attr: AttrRef<'a>, elements: &'v [Value]) -> Checked<Option<&'v Value>> {
        match elements {
            [] | [_] if !self.options.tolerance.list_for_single => {
                Err(invalid(attr, "expected one value, found a list"))
            }
            [] => Ok(None),
            [only @ Value::Array(_)] => Err(mismatch(attr, only)),
            [only] => {
                self.report(attr, "list_for_single", "a list of one was given where a single value is due");
                Ok(Some(only))
            }
            _ => Err(invalid(attr, format!("expected one value, found a list of {}", elements.len()))),
        }
    }

    /// Coerces one complex value. For an element of a list, the result is `None` if nothing in it is assigned.
    fn complex(&mut self, attr: AttrRef<'a>, value: &Value, role: Role) -> Checked<Option<Value>> {
        match self.as_object(attr, value, role)? {
            Some(members) => self.object(attr, &members, role),
            None => Ok(None),
        }
    }

    /// The object that a value of a complex attribute stands for, with a report of each repair that makes it one. `None` if
    /// the value unassigns the attribute.
    pub(super) fn as_object<'v>(
        &mut self,
        attr: AttrRef<'a>,
        value: &'v Value,
        role: Role,
    ) -> Checked<Option<Cow<'v, Map<String, Value>>>> {
        let owned =
            |members: Option<Cow<'_, Map<String, Value>>>| members.map(|members| Cow::Owned(members.into_owned()));
        match value {
            Value::Null => Ok(None),
            Value::Array(elements) if role == Role::Single => match self.only(attr, elements)? {
                Some(only) => self.as_object(attr, only, role),
                None => Ok(None),
            },
            Value::Object(members) => match self.doubled(attr, value)? {
                Some(inner) => self.as_object(attr, &inner, role).map(owned),
                None => Ok(Some(Cow::Borrowed(members))),
            },
            Value::String(_) | Value::Number(_) => {
                if let Some(inner) = self.json_text(attr, value)? {
                    return self.unpacked(|coercer| coercer.as_object(attr, &inner, role).map(owned));
                }
                if self.is_blank(attr, value)? || self.is_empty_reference(attr, value) {
                    return Ok(None);
                }
                let is_blank = value.as_str().is_some_and(|text| text.trim().is_empty());
                let sub = attr.leaf().sub_attribute("value");
                // A number stands for a text only (P13).
                let stands = |sub: &&Attribute| !is_blank && (value.is_string() || sub.attr_type == AttrType::String);
                let Some(sub) = sub.filter(|sub| self.options.tolerance.string_for_complex && stands(sub)) else {
                    return Err(mismatch(attr, value));
                };
                self.report(attr, "string_for_complex", "a string was given where an object with a `value` is due");
                // The string is judged as the `value` of an object is: it may be secret, readOnly or a list.
                Ok(Some(Cow::Owned(Map::from_iter([(sub.name.clone(), value.clone())]))))
            }
            other => Err(mismatch(attr, other)),
        }
    }

    fn object(&mut self, attr: AttrRef<'a>, members: &Map<String, Value>, role: Role) -> Checked<Option<Value>> {
        if let Some(name) = case_duplicate(members) {
            let message = format!("the name `{name}` is given twice, in different case");
            return Err(Refusal::new(ScimType::InvalidSyntax, attr, message));
        }
        let attribute = attr.leaf();
        let unpacked = self.json_value(attr, members);
        let members = unpacked.as_ref().unwrap_or(members);
        let mut out = Map::new();
        let mut has_blank_value = false;
        let mut is_dropped = false;
        for (name, value) in members {
            let mut sub = attribute.sub_attribute(name);
            if sub.is_none()
                && let Some(alias) = attribute.value_with_id(name)
            {
                if !self.options.tolerance.manager_id {
                    let message = format!("has no sub-attribute `{name}`; it is called `{}`", alias.name);
                    return Err(Refusal::new(self.request.name_error(), attr, message));
                }
                self.report(attr.sub(alias), "manager_id", format!("`{name}` was read as `{}`", alias.name));
                match member(members, &alias.name) {
                    Some(other) if same_value(other, value) => continue,
                    Some(_) => return Err(given_twice(attr.sub(alias))),
                    None => sub = Some(alias),
                }
            }
            let Some(sub) = sub else {
                match self.unknown(&format!("{attr}.{name}"), value)? {
                    // Alone, it would be the whole value when it is read again.
                    Some(_) if name.eq_ignore_ascii_case(&attribute.name) => return Err(once_more(attr, name)),
                    Some(value) => _ = out.insert(name.clone(), value),
                    None => is_dropped = true,
                }
                continue;
            };
            let is_blank = value.as_str().is_some_and(|text| text.trim().is_empty());
            let is_value = sub.name.eq_ignore_ascii_case("value");
            has_blank_value |= is_blank && is_value;
            is_dropped |= is_blank || (is_value && value.is_null());
            self.sub_value(attr.sub(sub), value, role, &mut out)?;
        }
        if self.request == RequestKind::Removal && is_dropped && !has_value_of(&out) {
            let message = "expected an element to remove, found one whose values are blank";
            return Err(invalid(attr, message));
        }
        // An element with a blank `value` and otherwise only `type`, `primary` and `display` is an unfilled template (R1). One
        // that has only what the provider sets may be that of a stored element, which the caller finds out (P5).
        if role == Role::Element {
            let is_provided = |name: &str| attribute.sub_attribute(name).is_some_and(|sub| self.is_provided(attr, sub));
            let may_go = |name: &str| ["type", "primary", "display"].iter().any(|own| own.eq_ignore_ascii_case(name));
            let is_husk = has_blank_value && out.keys().all(|name| may_go(name) || is_provided(name));
            let drops_all = self.drops_sent() || !out.keys().any(|name| is_provided(name));
            if out.values().all(is_unassigned) || (is_husk && drops_all) {
                self.drop_sent(attr, &mut out);
                return Ok(None);
            }
        }
        Ok(Some(Value::Object(out)))
    }

    fn sub_value(&mut self, attr: AttrRef<'a>, value: &Value, role: Role, out: &mut Map<String, Value>) -> Checked<()> {
        let sub = attr.leaf();
        if self.is_provided(attr, sub) {
            let is_blank = value.as_str().is_some_and(|text| text.trim().is_empty());
            if is_unassigned(value) || is_blank {
                return Ok(());
            }
            if !attr.is_secret() {
                // The value is kept here. The code that sets the attribute compares it with the stored value, and drops or
                // refuses a different one (P12, D21).
                out.insert(sub.name.clone(), value.clone());
                return Ok(());
            }
            if !self.drops_sent() {
                return Err(Refusal::read_only(attr));
            }
            self.report_read_only(attr, NamedIn::Value);
            return Ok(());
        }
        if self.request == RequestKind::Removal && attr.is_secret() {
            return Err(Refusal::new(ScimType::InvalidPath, attr, "is never returned: nothing can be chosen by it"));
        }
        let coerced = self.whole(attr, value)?;
        match coerced {
            Some(value) => set_member(out, &sub.name, value),
            // In POST and PUT a secret that says nothing counts as absent (R2).
            None if self.request == RequestKind::Removal => {}
            None if self.request == RequestKind::Resource && attr.is_secret() => {}
            None if role == Role::Single => set_member(out, &sub.name, Value::Null),
            None => {}
        }
        Ok(())
    }

    /// Whether an element refers to nothing, although its list is one of references: it has no `value` that the client may
    /// set (P5b).
    pub(crate) fn names_nobody(&self, attr: AttrRef<'_>, element: Option<&Value>) -> bool {
        let is_provided = || attr.attribute.sub_attribute("value").is_some_and(|sub| self.is_provided(attr, sub));
        names_somebody(attr) && (!has_value(element) || is_provided())
    }

    /// Applies the policy for unknown members to a member that no schema knows (P16). Returns the value to keep, if there
    /// is one.
    pub(crate) fn unknown(&mut self, path: &str, value: &Value) -> Checked<Option<Value>> {
        match self.options.unknown_members() {
            UnknownMembers::Ignore => {
                self.report(path, Repair::UNKNOWN_MEMBER, "is not defined by any schema and was dropped");
                Ok(None)
            }
            UnknownMembers::Keep => {
                self.check_kept(path, value)?;
                Ok(Some(value.clone()).filter(|value| !is_unassigned(value)))
            }
            UnknownMembers::Reject => {
                let name = self.resource_type.name();
                let message = format!("is not defined by any schema of `{name}`");
                Err(Refusal::new(self.options.unknown_error(self.request), path, message))
            }
        }
    }

    /// Checks that a complex value has all required sub-attributes, but for those that `stored`, the same element before the
    /// request, lacks already (P12).
    pub(crate) fn check_required_subs(attr: AttrRef<'_>, value: &Value, stored: Option<&Value>) -> Checked<()> {
        let Value::Object(members) = value else { return Ok(()) };
        if is_provided(attr.attribute, value) {
            return Ok(());
        }
        for sub in &attr.attribute.sub_attributes {
            let lacks = |members: &Map<String, Value>| member(members, &sub.name).is_none_or(is_unassigned);
            let is_due = sub.required && sub.mutability != Mutability::ReadOnly;
            // A simple stored value is a `value` (F17).
            let lacked = |stored: &Value| stored.as_object().map_or(sub.name != "value", lacks);
            if is_due && lacks(members) && !stored.is_some_and(lacked) {
                return Err(invalid(attr.sub(sub), "is required"));
            }
        }
        Ok(())
    }

    /// Ensures that at most one of the elements of a request is primary (P10), and returns whether one of them is primary.
    pub(crate) fn one_primary(&mut self, attr: AttrRef<'a>, elements: &mut [Value]) -> Checked<bool> {
        let is_settable = |sub: &&Attribute| sub.attr_type == AttrType::Boolean && !self.is_provided(attr, sub);
        let Some(primary) = attr.attribute.sub_attribute("primary").filter(is_settable) else { return Ok(false) };
        let mut seen = false;
        for element in elements {
            if !is_primary(element) {
                continue;
            }
            if !seen {
                seen = true;
            } else if self.options.tolerance.first_primary {
                if let Value::Object(members) = element {
                    set_member(members, &primary.name, Value::Bool(false));
                }
                self.report(attr.sub(primary), "first_primary", "several were primary; the first one stayed so");
            } else {
                return Err(invalid(attr.sub(primary), "is true on more than one element"));
            }
        }
        Ok(seen)
    }

    /// Unwraps a list of one element where a single object is expected (P13). Any other value is returned unchanged.
    pub(crate) fn one_object<'v>(&mut self, path: impl ToString, value: Cow<'v, Value>) -> Cow<'v, Value> {
        let is_one = |value: &Value| value.as_array().is_some_and(|list| list.len() == 1);
        if !is_one(&value) || !self.options.tolerance.list_for_single {
            return value;
        }
        self.report(path.to_string(), "list_for_single", "a list of one was given where a single value is due");
        let only = match value {
            Cow::Borrowed(value) => value.as_array().and_then(|list| list.first()).map(Cow::Borrowed),
            Cow::Owned(Value::Array(mut list)) => list.pop().map(Cow::Owned),
            Cow::Owned(_) => None,
        };
        only.unwrap_or_default()
    }
}

/// Whether an element has `primary: true`.
pub(crate) fn is_primary(element: &Value) -> bool {
    let members = element.as_object();
    members.and_then(|members| member(members, "primary")) == Some(&Value::Bool(true))
}

/// Whether each element of a list must have a `value`, because the elements are references (P5b).
pub(crate) fn names_somebody(attr: AttrRef<'_>) -> bool {
    attr.sub.is_none() && attr.attribute.multi_valued && attr.attribute.is_reference()
}

/// The refusal of an element that refers to nothing, because it has no `value` (P5b).
pub(crate) fn lacks_value(attr: AttrRef<'_>) -> Refusal {
    invalid(attr, "expected a `value` in the element: without one it names nobody")
}

/// Whether an element has a non-blank `value`.
fn has_value(element: Option<&Value>) -> bool {
    element.and_then(Value::as_object).is_some_and(has_value_of)
}

fn has_value_of(members: &Map<String, Value>) -> bool {
    let is_blank = |value: &Value| value.as_str().is_some_and(|text| text.trim().is_empty());
    member(members, "value").is_some_and(|value| !is_unassigned(value) && !is_blank(value))
}
