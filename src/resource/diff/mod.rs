//! Finds the PATCH that turns one resource into another.

mod address;
mod list;

use std::collections::HashSet;

use serde_json::{Map, Value, json};

use list::is_same;

use super::error::ResourceError;
use crate::coerce::edit::{merge_repeated, set_once};
use crate::coerce::identity::Finder;
use crate::coerce::members::{is_unassigned, member, set_member};
use crate::coerce::refusal::Refusal;
use crate::coerce::request::EditMode;
use crate::error::ScimType;
use crate::json::is_within_depth;
use crate::limits::Limits;
use crate::options::Options;
use crate::patch::{Patch, PatchError};
use crate::schema::{AttrRef, Attribute, Mutability, ResourceType, Schema};

impl Patch {
    /// A short PATCH that turns `old` into `new`; `None` if there is nothing to change.
    ///
    /// - The values of single-valued attributes are set together. Of a complex attribute (`name`), only the differing
    ///   sub-attributes are set. Attributes that are unassigned in `new` are removed. Details of a reference that `new` does
    ///   not mention, such as `$ref`, stay with its `value`.
    /// - Lists are changed element by element. Elements have the same identity as in PATCH: `value`, or `value` and `type`.
    ///   Each element that is not in `new` is removed by an operation with a filter, which any provider understands; all these
    ///   operations together cost one pass over the list. New elements are added together. If an element stays, its differing
    ///   sub-attributes are set. The whole list is replaced if that is shorter, if no filter can tell the elements apart (as in
    ///   a list of secrets), or if there would be more operations than [`Limits::default`] allows. The order of a list has no
    ///   meaning.
    /// - If an extension gains its first attribute or loses its last, its URN in `schemas` follows by itself. The PATCH names
    ///   only the other URNs that change.
    /// - Attributes that are readOnly or that no schema of the resource type knows are left out, because no PATCH sets them.
    ///
    /// If the PATCH is applied to `old`, even with [`Options::strict`](crate::Options::strict), the result is `new`, except for
    /// the attributes that are left out and for the order of lists. The PATCH also contains changes that the schema forbids,
    /// such as another value of an immutable attribute or the removal of a required attribute. Such a PATCH is refused when it
    /// is applied. If a list of `new` has several elements with the same identity, they become one, as in any PATCH. They are
    /// also compared as one, so that there is no difference between the result and `new`.
    ///
    /// ```
    /// use scim_engine::{Patch, ResourceType};
    /// use serde_json::json;
    /// let members = |ids: std::ops::Range<u32>| ids.map(|id| json!({"value": format!("u{id}")})).collect::<Vec<_>>();
    /// let old = json!({"displayName": "Crew", "members": members(1..20)});
    /// let new = json!({"displayName": "Crew", "members": members(2..21)});
    /// let patch = Patch::between(&old, &new, &ResourceType::group())?.unwrap();
    /// assert_eq!(serde_json::to_value(patch.operations())?, json!([
    ///     {"op": "remove", "path": "members[value eq \"u1\"]"},
    ///     {"op": "add", "path": "members", "value": [{"value": "u20"}]},
    /// ]));
    /// let mut resource = old.clone();
    /// patch.apply(&mut resource, &ResourceType::group())?;
    /// assert_eq!(resource, new);
    /// assert_eq!(Patch::between(&resource, &new, &ResourceType::group())?, None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`ResourceError`], `invalidSyntax`, if `old` or `new` is not an object or is nested too deep.
    pub fn between(old: &Value, new: &Value, resource_type: &ResourceType) -> Result<Option<Self>, ResourceError> {
        let old = members_of("old", old)?;
        let new = members_of("new", new)?;
        let mut operations = DiffOperations::new(old, new, resource_type, false).operations();
        if !is_within_limits(&operations) {
            operations = DiffOperations::new(old, new, resource_type, true).operations();
        }
        if operations.is_empty() {
            return Ok(None);
        }
        let patch = Self::from_values(operations, &Options::strict().limits(unlimited()));
        patch.map(Some).map_err(|error| refused(&error))
    }
}

/// No limits: they are against hostile requests, and this one is the host's own.
fn unlimited() -> Limits {
    let mut limits = Limits::default();
    for name in Limits::NAMES {
        // `set` cannot fail, because the names are those of `Limits`.
        let _ = limits.set(name, usize::MAX);
    }
    limits
}

/// The refusal of a value that no request may have.
fn refused(error: &PatchError) -> ResourceError {
    let scim_type = error.scim_type().unwrap_or(ScimType::InvalidValue);
    Refusal::new(scim_type, error.path().unwrap_or_default(), error.message()).into()
}

fn members_of<'v>(which: &str, resource: &'v Value) -> Result<&'v Map<String, Value>, Refusal> {
    let refuse = |message: &str| Refusal::new(ScimType::InvalidSyntax, "", format!("the {which} resource {message}"));
    match resource {
        Value::Object(_) if !is_within_depth(resource, Limits::default().capped_depth()) => {
            Err(refuse("is nested too deep"))
        }
        Value::Object(members) => Ok(members),
        _ => Err(refuse("must be an object")),
    }
}

fn is_within_limits(operations: &[Value]) -> bool {
    let limits = Limits::default();
    let path_bytes = operations.iter().map(|operation| operation["path"].as_str().map_or(0, str::len));
    operations.len() <= limits.operations && path_bytes.sum::<usize>() <= limits.path_bytes
}

/// The operations of the PATCH, by kind.
struct DiffOperations<'a> {
    /// Operations that remove or change elements.
    edits: Vec<Value>,
    removed: Vec<String>,
    /// New values of attributes that are assigned in `old`.
    replaced: Vec<(AttrRef<'a>, Value)>,
    /// Values of attributes that are unassigned in `old`, and elements to add to lists.
    added: Vec<(AttrRef<'a>, Value)>,
}

impl<'a> DiffOperations<'a> {
    fn new(
        old: &Map<String, Value>,
        new: &Map<String, Value>,
        resource_type: &'a ResourceType,
        whole_lists: bool,
    ) -> Self {
        let mut plan = Self { edits: Vec::new(), removed: Vec::new(), replaced: Vec::new(), added: Vec::new() };
        for attribute in resource_type.attributes().iter().filter(|attribute| attribute.name != "schemas") {
            plan.attribute(AttrRef::new(None, attribute), old, new, whole_lists);
        }
        let mut urns = SchemaUrns::of(old);
        for extension in resource_type.extensions() {
            let (was, is) = (of_extension(old, extension), of_extension(new, extension));
            let before = plan.len();
            let places = extension.attributes.iter().map(|attribute| AttrRef::new(Some(extension), attribute));
            let assigned = |container| places.clone().any(|attr| shaped(attr, container).is_some());
            if assigned(was) && !assigned(is) {
                plan.removed.push(extension.id.clone());
            } else {
                places.clone().for_each(|attr| plan.attribute(attr, was, is, whole_lists));
            }
            let others = was.iter().any(|(name, value)| {
                let attribute = extension.attribute(name);
                attribute.is_none_or(|attribute| attribute.mutability == Mutability::ReadOnly) && !is_unassigned(value)
            });
            urns.follow(resource_type, extension, plan.len() > before, assigned(is) || others);
        }
        plan.schemas(&urns, old, new, resource_type);
        plan
    }

    fn len(&self) -> usize {
        self.edits.len() + self.removed.len() + self.replaced.len() + self.added.len()
    }

    /// Adds the differences in one attribute of two objects.
    fn attribute(&mut self, attr: AttrRef<'a>, old: &Map<String, Value>, new: &Map<String, Value>, whole_lists: bool) {
        let attribute = attr.attribute;
        let held = member(old, &attribute.name);
        match (shaped(attr, old), shaped(attr, new)) {
            (old, new) if is_same(attribute, old.as_ref(), new.as_ref()) => {}
            // A PATCH of a stored value that is not an object is refused (P6).
            (Some(old), _) if attribute.is_complex() && !attribute.multi_valued && !old.is_object() => {}
            (_, None) => self.removed.push(attr.to_string()),
            (None, Some(new)) => self.added.push((attr, collapsed(attr, new))),
            (Some(Value::Array(old)), Some(Value::Array(new))) if attribute.multi_valued => {
                self.list(attr, &old, new, whole_lists);
            }
            (Some(Value::Object(old)), Some(Value::Object(new))) if attribute.is_complex() => {
                self.sub_attributes(attr, held, &old, &new);
            }
            (old, new) => self.single(attr, old.as_ref(), new.as_ref()),
        }
    }

    /// Adds the differences in a single-valued complex attribute. `held` is the old value with all its members; `old` has
    /// only those that a PATCH can set.
    fn sub_attributes(
        &mut self,
        attr: AttrRef<'a>,
        held: Option<&Value>,
        old: &Map<String, Value>,
        new: &Map<String, Value>,
    ) {
        let attribute = attr.attribute;
        let value = attribute.sub_attribute("value").filter(|value| old.contains_key(&value.name));
        let moves = value.map(|value| !is_same(value, old.get(&value.name), new.get(&value.name)));
        let differing: Vec<(AttrRef<'a>, Option<&Value>, Option<&Value>)> = attribute
            .sub_attributes
            .iter()
            .map(|sub| (attr.sub(sub), old.get(&sub.name), new.get(&sub.name)))
            .filter(|(sub, old, new)| match moves.filter(|_| attribute.is_reference_detail(sub.leaf())) {
                // The old details go with the old `value`. So those that are given are all sent, even if they are the same.
                // A strict server keeps the readWrite ones (P5c).
                Some(true) => new.is_some() || (old.is_some() && sub.leaf().mutability == Mutability::ReadWrite),
                // Details that are not mentioned stay with the `value`.
                Some(false) if new.is_none() => false,
                _ => !is_same(sub.leaf(), *old, *new),
            })
            .collect();
        let removed = || differing.iter().filter(|(_, _, new)| new.is_none());
        let sets = differing.iter().any(|(_, _, new)| new.is_some());
        // Removing the whole attribute and adding it again takes two operations. This is done only if the PATCH can set
        // and remove every member of the old value, so that no member is lost.
        let is_all = held.and_then(Value::as_object).is_some_and(|held| held.len() == old.len());
        let may_go = is_all && !attribute.required && set_once(attribute, old).is_none();
        if may_go && removed().count() + usize::from(sets) > 2 {
            self.removed.push(attr.to_string());
            self.added.push((attr, new.clone().into()));
            return;
        }
        // A required attribute may not lose all its members before it gets others, so all of them change in one operation,
        // in which `null` unassigns (P9). If one of them is immutable, the PATCH is refused.
        let goes = |sub: &Attribute| {
            (moves == Some(true) && attribute.is_reference_detail(sub))
                || differing.iter().any(|(other, ..)| other.leaf().name == sub.name)
        };
        let stays = attribute.sub_attributes.iter().any(|sub| old.contains_key(&sub.name) && !goes(sub));
        let is_free = removed().all(|(sub, ..)| sub.leaf().mutability != Mutability::Immutable);
        if attribute.required && sets && is_free && removed().count() > 0 && !stays {
            let all = differing.iter().map(|(sub, _, new)| (sub.leaf().name.clone(), new.cloned().unwrap_or_default()));
            self.replaced.push((attr, Value::Object(all.collect())));
            return;
        }
        // If a sub-attribute is replaced, new ones are set in the same `replace`, so that no `add` is needed.
        let replaces = differing.iter().any(|(_, old, new)| old.is_some() && new.is_some());
        for (attr, old, new) in &differing {
            self.single(*attr, old.or(new.filter(|_| replaces)), *new);
        }
    }

    fn single(&mut self, attr: AttrRef<'a>, old: Option<&Value>, new: Option<&Value>) {
        match (old, new) {
            (_, None) => self.removed.push(attr.to_string()),
            (None, Some(new)) => self.added.push((attr, new.clone())),
            (Some(_), Some(new)) => self.replaced.push((attr, new.clone())),
        }
    }

    fn list(&mut self, attr: AttrRef<'a>, old: &[Value], new: Vec<Value>, whole_lists: bool) {
        let mut new = merge_repeated(attr, new, EditMode::Replace, usize::MAX).0;
        let attribute = attr.attribute;
        let keeps = |sub: &Attribute| {
            sub.mutability == Mutability::Immutable || sub.is_never_returned() || attribute.is_reference_detail(sub)
        };
        let stored = attribute.sub_attributes.iter().any(keeps).then(|| Finder::new(attribute, old));
        if let Some(stored) = &stored {
            complete(attribute, stored, &mut new);
        }
        let mut change = crate::coerce::diff::differences(attr, old, &new, |_| false);
        if change.is_empty() {
            return;
        }
        let parts = list::part_immutable(attr, &mut change);
        let edits = if whole_lists { None } else { list::edits(attr, old, change) };
        // A `replace` keeps members of elements with the same identity. To change these, the list is removed and added
        // again.
        let is_anew = parts || stored.is_some_and(|stored| list::keeps_more(attr, &stored, &new));
        let must_stay = is_anew && attribute.required;
        match edits.filter(|edits| must_stay || edits.is_shorter_than(attr, &new, is_anew)) {
            Some(edits) => {
                self.edits.extend(edits.operations);
                if !edits.added.is_empty() {
                    self.added.push((attr, edits.added.into()));
                }
            }
            None if is_anew && !must_stay => {
                self.removed.push(attr.to_string());
                self.added.push((attr, new.into()));
            }
            None => self.replaced.push((attr, new.into())),
        }
    }

    /// Adds the differences in `schemas` that do not follow from changes of the extensions.
    fn schemas(
        &mut self,
        urns: &SchemaUrns,
        old: &Map<String, Value>,
        new: &Map<String, Value>,
        resource_type: &'a ResourceType,
    ) {
        let wanted = SchemaUrns::of(new);
        let Some(attribute) = resource_type.attribute("schemas").filter(|_| !wanted.listed.is_empty()) else { return };
        let lower = |urns: &[String]| urns.iter().map(|urn| urn.to_ascii_lowercase()).collect::<HashSet<_>>();
        let (there, wanted_urns) = (lower(&urns.listed), lower(&wanted.listed));
        let known: Vec<&str> = std::iter::once(&resource_type.schema().id)
            .chain(resource_type.extensions().map(|schema| &schema.id))
            .map(String::as_str)
            .filter(|urn| wanted_urns.contains(&urn.to_ascii_lowercase()))
            .collect();
        let added: Vec<&str> = known.into_iter().filter(|urn| !there.contains(&urn.to_ascii_lowercase())).collect();
        let goes = |urn: &str| {
            let is_wanted = wanted_urns.contains(&urn.to_ascii_lowercase());
            !is_wanted && !has(&urns.assigned, urn) && !resource_type.is_core_urn(urn)
        };
        let listed = SchemaUrns::of(old).listed;
        // `schemas` is required, so it may not lose all its URNs before it gets others.
        if !added.is_empty() && !listed.is_empty() && listed.iter().all(|urn| goes(urn)) {
            self.edits.push(json!({"op": "replace", "path": "schemas", "value": added}));
            return;
        }
        if !added.is_empty() {
            self.added.push((AttrRef::new(None, attribute), json!(added)));
        }
        let mut removed = HashSet::new();
        for urn in urns.listed.iter().filter(|urn| goes(urn)) {
            if removed.insert(urn) {
                self.edits.push(json!({"op": "remove", "path": format!("schemas[value eq {}]", json!(urn))}));
            }
        }
    }

    fn operations(self) -> Vec<Value> {
        let mut operations = self.edits;
        operations.extend(self.removed.into_iter().map(|path| json!({"op": "remove", "path": path})));
        operations.extend(set("replace", self.replaced));
        operations.extend(set("add", self.added));
        operations
    }
}

/// One operation that sets all these values. It has a path if there is only one value.
fn set(op: &str, mut values: Vec<(AttrRef<'_>, Value)>) -> Option<Value> {
    if values.len() < 2 {
        let (attr, value) = values.pop()?;
        return Some(json!({"op": op, "path": attr.to_string(), "value": value}));
    }
    let mut all = Map::new();
    for (attr, value) in values {
        let mut object = &mut all;
        for name in attr.extension.map(|schema| &schema.id).into_iter().chain(attr.sub.map(|_| &attr.attribute.name)) {
            let inner = object.entry(name.clone()).or_insert_with(|| Value::Object(Map::new()));
            let Value::Object(inner) = inner else { return None };
            object = inner;
        }
        object.insert(attr.leaf().name.clone(), value);
    }
    Some(json!({"op": op, "value": all}))
}

/// Completes new elements by what PATCH keeps of the old elements with the same identity: immutable sub-attributes that are
/// equal (P12), and the details of a reference that are not mentioned (P5c).
fn complete(attribute: &Attribute, stored: &Finder<'_>, new: &mut [Value]) {
    let stays = |sub: &&Attribute| sub.mutability == Mutability::Immutable || attribute.is_reference_detail(sub);
    for element in new {
        let Some(Value::Object(held)) = stored.find(element) else { continue };
        let Value::Object(members) = element else { continue };
        for sub in attribute.sub_attributes.iter().filter(stays) {
            let Some(old) = member(held, &sub.name) else { continue };
            let is_kept = match member(members, &sub.name) {
                Some(new) => is_same(sub, Some(old), Some(new)),
                None => attribute.is_reference_detail(sub),
            };
            if is_kept {
                set_member(members, &sub.name, old.clone());
            }
        }
    }
}

fn of_extension<'m>(resource: &'m Map<String, Value>, extension: &Schema) -> &'m Map<String, Value> {
    static NOTHING: std::sync::LazyLock<Map<String, Value>> = std::sync::LazyLock::new(Map::new);
    member(resource, &extension.id).and_then(Value::as_object).unwrap_or(&NOTHING)
}

/// The part of an attribute that a client may set, with names in the schema's spelling; `None` if it is unassigned.
fn shaped(attr: AttrRef<'_>, container: &Map<String, Value>) -> Option<Value> {
    let attribute = attr.attribute;
    if attribute.mutability == Mutability::ReadOnly {
        return None;
    }
    let value = member(container, &attribute.name).filter(|value| !is_unassigned(value))?;
    let shaped = if attribute.multi_valued {
        let elements = crate::coerce::diff::elements(Some(value)).iter().map(|element| writable(attr, element));
        Value::Array(elements.filter(|element| !is_unassigned(element)).collect())
    } else {
        writable(attr, value)
    };
    Some(shaped).filter(|value| !is_unassigned(value))
}

/// Unites elements with the same identity, as PATCH does.
fn collapsed(attr: AttrRef<'_>, value: Value) -> Value {
    match value {
        Value::Array(elements) if attr.attribute.multi_valued => {
            merge_repeated(attr, elements, EditMode::Replace, usize::MAX).0.into()
        }
        other => other,
    }
}

fn writable(attr: AttrRef<'_>, value: &Value) -> Value {
    let Value::Object(members) = value else { return value.clone() };
    if !attr.attribute.is_complex() {
        return value.clone();
    }
    let mut shaped = Map::new();
    let subs = attr.attribute.sub_attributes.iter().filter(|sub| sub.mutability != Mutability::ReadOnly);
    for sub in subs {
        if let Some(value) = member(members, &sub.name).filter(|value| !is_unassigned(value)) {
            set_member(&mut shaped, &sub.name, value.clone());
        }
    }
    Value::Object(shaped)
}

fn has(urns: &[String], urn: &str) -> bool {
    urns.iter().any(|other| other.eq_ignore_ascii_case(urn))
}

/// The URNs that `schemas` has after the operations on the extensions.
struct SchemaUrns {
    listed: Vec<String>,
    /// The URNs of extensions that have attributes.
    assigned: Vec<String>,
}

impl SchemaUrns {
    fn of(resource: &Map<String, Value>) -> Self {
        let urns = crate::coerce::diff::elements(member(resource, "schemas")).iter().filter_map(Value::as_str);
        Self { listed: urns.map(str::to_owned).collect(), assigned: Vec::new() }
    }

    fn has(&self, urn: &str) -> bool {
        has(&self.listed, urn)
    }

    /// Updates the URN of an extension as PATCH does.
    fn follow(&mut self, resource_type: &ResourceType, extension: &Schema, is_touched: bool, is_assigned: bool) {
        if is_assigned {
            self.assigned.push(extension.id.clone());
        }
        if is_touched && is_assigned && !self.has(&extension.id) {
            if self.listed.is_empty() {
                self.listed.push(resource_type.schema().id.clone());
            }
            self.listed.push(extension.id.clone());
        }
        if is_touched && !is_assigned {
            self.listed.retain(|urn| !urn.eq_ignore_ascii_case(&extension.id));
        }
    }
}
