//! PUT of a whole resource (R2).

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::body::{Body, check_required, derive_schemas, without_nulls};
use super::create::{Written, parse, unknown_path};
use super::error::ResourceError;
use crate::coerce::coercer::Coercer;
use crate::coerce::edit::{self, carry, immutable, merge};
use crate::coerce::equality::same_option;
use crate::coerce::identity::{Finder, Identity};
use crate::coerce::members::{is_unassigned, member, remove_member, set_member};
use crate::coerce::provided::as_shown;
use crate::coerce::refusal::Refusal;
use crate::coerce::request::{EditMode, NamedIn};
use crate::coerce::{Change, Outcome, container, diff};
use crate::error::ScimType;
use crate::options::{Absent, Options};
use crate::schema::{AttrRef, Attribute, Mutability, ResourceType, Schema};

impl ResourceType {
    /// Applies the body of a PUT to a stored resource (RFC 7644 §3.5.1), with the default options, and returns the new
    /// resource. `stored` is not modified.
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
    /// As [`ResourceType::create`]; also `mutability` for an immutable attribute that would change.
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
        if !crate::json::is_within_depth(stored, options.limits.capped_depth()) {
            return Err(not_stored("the stored resource is nested too deep").into());
        }
        options.check_overrides(self)?;
        let body = Body::read(body, Some(old), self, options)?;
        let replacement = Replacement { resource_type: self, options, old, body };
        Ok(replacement.run()?)
    }

    /// As [`ResourceType::replace`], with the body as JSON text.
    ///
    /// # Errors
    /// As [`ResourceType::replace`]; also `invalidSyntax` if the text is not JSON or names a member twice.
    pub fn replace_from_slice(&self, stored: &Value, body: &[u8]) -> Result<Written, ResourceError> {
        self.replace_from_slice_with(stored, body, &Options::default())
    }

    /// As [`ResourceType::replace_from_slice`], with options.
    ///
    /// # Errors
    /// As [`ResourceType::replace_from_slice`].
    pub fn replace_from_slice_with(
        &self,
        stored: &Value,
        body: &[u8],
        options: &Options,
    ) -> Result<Written, ResourceError> {
        self.replace_with(stored, &parse(body)?, options)
    }
}

struct Replacement<'a, 'b> {
    resource_type: &'a ResourceType,
    options: &'a Options,
    old: &'b Map<String, Value>,
    body: Body<'a>,
}

impl<'a> Replacement<'a, '_> {
    fn run(mut self) -> Result<Written, Refusal> {
        let mut new = self.old.clone();
        let mut changes = Vec::new();
        let mut touched: Vec<&Schema> = Vec::new();
        let resource_type = self.resource_type;
        let core = resource_type.attributes().iter().map(|attribute| AttrRef::new(None, attribute));
        let attrs =
            core.chain(resource_type.extensions().flat_map(|schema| {
                schema.attributes.iter().map(move |attribute| AttrRef::new(Some(schema), attribute))
            }));
        for attr in attrs.filter(|attr| !attr.is_schemas()) {
            let held = container::stored(self.old, attr);
            let given = self.body.values.iter().position(|(other, _)| other.is_same_attribute(attr));
            let given = given.map(|at| self.body.values.swap_remove(at).1);
            let is_given = given.is_some();
            let says = given.clone();
            let value = self.value(attr, held, given)?;
            let before = changes.len();
            match (&value, &says) {
                (Some(Value::Array(new)), Some(given)) if attr.attribute.multi_valued => {
                    let given = diff::elements(Some(given));
                    let is_writable =
                        !attr.attribute.is_never_returned() && attr.attribute.mutability != Mutability::Immutable;
                    let is_set = |at: usize| {
                        is_writable && given.get(at).is_some_and(|element| edit::sets_secret(attr.attribute, element))
                    };
                    let change = diff::list(attr, diff::elements(held), new, is_set);
                    changes.extend(Some(change).filter(|change| !change.is_empty()));
                }
                _ => diff::attribute(attr, held, value.as_ref(), &mut changes),
            }
            if is_given {
                set_secrets(attr, held, says.as_ref(), value.as_ref(), before, &mut changes);
            }
            // If nothing changed except the order of a list, the attribute keeps its stored form.
            if changes.len() > before {
                container::put(&mut new, attr.extension, &attr.attribute.name, value);
                touched.extend(attr.extension);
            }
        }
        for (extension, name, value) in std::mem::take(&mut self.body.unknown) {
            let held = container::of(self.old, extension).and_then(|members| member(members, &name));
            // A member that stays the same keeps its stored form, as an attribute does.
            if let Some(change) = Change::single(unknown_path(extension, &name), held, Some(&value)) {
                changes.push(change);
                container::put(&mut new, extension, &name, Some(value));
            }
        }
        // An extension that has lost its attributes loses its object, but not before it may have got others.
        for extension in touched {
            if !container::is_present(&new, extension) {
                remove_member(&mut new, &extension.id);
            }
        }
        check_required(resource_type, &new)?;
        self.write_schemas(&mut new, &mut changes);
        let outcome = Outcome { changed: !changes.is_empty(), changes, repairs: self.body.coercer.repairs };
        Ok(Written { resource: Value::Object(new), outcome })
    }

    /// The new value of an attribute.
    fn value(
        &mut self,
        attr: AttrRef<'a>,
        held: Option<&Value>,
        given: Option<Value>,
    ) -> Result<Option<Value>, Refusal> {
        let attribute = attr.attribute;
        let held = held.filter(|value| !is_unassigned(value));
        let keep = || Ok(held.cloned());
        if attribute.mutability == Mutability::ReadOnly {
            return keep();
        }
        let policy = self.options.absent_of(attr);
        let is_mentioned = self.body.mentioned.iter().any(|other| other.is_same_attribute(attr));
        let is_kept = attribute.is_never_returned() || attribute.mutability == Mutability::Immutable;
        let must_be_given = attribute.required && policy == Absent::Clear && !self.options.tolerance.absent_required;
        // What is lacking beside a secret that a client sets must not depend on the stored one (P12a).
        let sets_secret: Vec<bool> =
            if attr.is_secret() || attribute.sub_attributes.iter().any(Attribute::is_never_returned) {
                let given = diff::elements(given.as_ref());
                given.iter().map(|element| attr.is_secret() || edit::sets_secret(attribute, element)).collect()
            } else {
                Vec::new()
            };
        let new = match (held, given) {
            // RFC 7644 §3.5.1: the client MUST specify what is required.
            (Some(_), None) if !is_mentioned && is_kept && must_be_given => {
                return Err(Refusal::new(ScimType::InvalidValue, attr, "is required"));
            }
            (_, None) if !is_mentioned && is_kept => return keep(),
            (_, None) if !is_mentioned && policy == Absent::Keep => return Ok(self.kept(attr, held)),
            (_, None) => self.kept_subs(attr, held, is_mentioned),
            (Some(held), Some(given)) if attribute.mutability == Mutability::Immutable => {
                return self.immutable(attr, held, given).map(Some);
            }
            (Some(held), Some(given)) => self.carried(attr, held, given, policy)?,
            (None, Some(given)) => without_nulls(given),
        };
        if sets_secret.contains(&true) || !same_option(held, new.as_ref()) {
            let held = if attribute.multi_valued { diff::elements(held) } else { &[] };
            let mut finder = None;
            for (at, element) in diff::elements(new.as_ref()).iter().enumerate() {
                if Coercer::check_required_subs(attr, element, None).is_err() {
                    let finder = finder.get_or_insert_with(|| Finder::new(attribute, held));
                    // Where a secret tells which element is meant, what the stored one lacks does not count.
                    let is_hidden = || attr.is_secret() || Identity::of(attribute).is_hidden();
                    let is_untold = sets_secret.get(at).is_some_and(|sets| *sets) && is_hidden();
                    let stored = finder.find(element).filter(|_| !is_untold);
                    Coercer::check_required_subs(attr, element, stored)?;
                }
            }
        }
        Ok(new)
    }

    /// Keeps the value of an immutable attribute that is assigned. A different value is refused, but what the client does
    /// not mention in a complex value stays (P9, R2). Secrets are dropped, whether they are right or wrong (P12a).
    fn immutable(&mut self, attr: AttrRef<'a>, held: &Value, mut given: Value) -> Result<Value, Refusal> {
        if attr.is_secret() {
            self.body.coercer.report_read_only(attr, NamedIn::Value);
            return Ok(held.clone());
        }
        self.body.coercer.drop_secrets(attr, &mut given);
        let mut shown = Vec::new();
        let new = match (held, given) {
            (Value::Object(held), Value::Object(given)) => {
                let mut new = held.clone();
                merge(&mut self.body.coercer, attr, &mut new, (EditMode::Replace, true), &given)?;
                Some(Value::Object(new))
            }
            (held, Value::Array(elements)) if attr.attribute.is_complex() => {
                shown = diff::elements(Some(held)).iter().map(|element| as_shown(attr.attribute, element)).collect();
                let finder = Finder::new(attr.attribute, &shown);
                let coercer = &mut self.body.coercer;
                let whole = |given: Value| match (finder.find(&given), &given) {
                    (Some(Value::Object(stored)), Value::Object(members)) => {
                        let mut new = stored.clone();
                        merge(coercer, attr, &mut new, (EditMode::Replace, true), members)?;
                        Ok(Value::Object(new))
                    }
                    _ => Ok(given),
                };
                Some(Value::Array(elements.into_iter().map(whole).collect::<Result<_, Refusal>>()?))
            }
            (_, given) => without_nulls(given),
        };
        let shown = if shown.is_empty() { Cow::Borrowed(held) } else { Cow::Owned(Value::Array(shown)) };
        if edit::equals_stored(attr.attribute, Some(&shown), new.as_ref()) {
            Ok(held.clone())
        } else {
            Err(immutable(attr))
        }
    }

    /// The given value of a complex attribute, completed by the stored sub-attributes that the client may not change. The
    /// elements of lists are matched with the stored ones by identity.
    fn carried(
        &mut self,
        attr: AttrRef<'a>,
        held: &Value,
        given: Value,
        policy: Absent,
    ) -> Result<Option<Value>, Refusal> {
        let coercer = &mut self.body.coercer;
        match (held, given) {
            (Value::Object(held), Value::Object(given)) if attr.attribute.is_complex() => {
                // If the reference changes to another `value`, the details of the old reference, such as `display`, are
                // dropped (P5c).
                let mut held = held.clone();
                // What is cleared by `null` was to go.
                let is_given = |sub: &Attribute| member(&given, &sub.name).is_some();
                let stays = attr.attribute.sub_attribute("value").is_some_and(stays_if_absent);
                let kept = member(&held, "value").filter(|_| stays || policy == Absent::Keep);
                let value = member(&given, "value").or(kept).cloned();
                edit::leave_value(coercer, attr, &mut held, value.as_ref(), is_given);
                let new = if policy == Absent::Keep {
                    let mut new = held.clone();
                    merge(coercer, attr, &mut new, (EditMode::Replace, false), &given)?;
                    self.clear_absent(attr, &given, &mut new);
                    new
                } else {
                    let options = self.options;
                    let keep = |held: &Map<String, Value>, new: &mut Map<String, Value>| {
                        keep_absent(options, attr, held, &given, new);
                    };
                    edit::replaced_whole(coercer, attr, &held, &given, keep)?
                };
                Ok(Some(Value::Object(new)).filter(|new| !is_unassigned(new)))
            }
            (held, Value::Array(elements)) if attr.attribute.is_complex() => {
                let finder = Finder::new(attr.attribute, diff::elements(Some(held)));
                let mut new = Vec::with_capacity(elements.len());
                for element in elements {
                    let stored = finder.find(&element).and_then(Value::as_object);
                    match (stored, element) {
                        (Some(stored), Value::Object(mut members)) => {
                            carry(coercer, attr, stored, &mut members)?;
                            new.push(Value::Object(members));
                        }
                        (_, element) => new.push(element),
                    }
                }
                Ok(Some(Value::Array(new)))
            }
            (_, given) => Ok(without_nulls(given)),
        }
    }

    /// The sub-attributes that a single-valued complex attribute keeps if the body gives it no value. They are the
    /// sub-attributes that the client may not change (P12) or cannot read (R2). If the body does not mention the attribute,
    /// it also keeps the sub-attributes with the policy `keep`.
    fn kept_subs(&self, attr: AttrRef<'a>, held: Option<&Value>, is_mentioned: bool) -> Option<Value> {
        let Some(Value::Object(held)) = held.filter(|_| !attr.attribute.multi_valued) else { return None };
        let is_kept = |sub: &Attribute| !is_mentioned && self.options.absent_of(attr.sub(sub)) == Absent::Keep;
        let mut new = edit::left_of(attr.attribute, held, |sub| stays_if_absent(sub) || is_kept(sub));
        if !is_mentioned {
            keep_absent(self.options, attr, held, &Map::new(), &mut new);
        }
        Some(Value::Object(new)).filter(|new| !is_unassigned(new))
    }

    /// The value of an attribute that a PUT does not mention and that is kept, but for sub-attributes that have the policy
    /// `clear`.
    fn kept(&mut self, attr: AttrRef<'a>, held: Option<&Value>) -> Option<Value> {
        let Some(Value::Object(held)) = held.filter(|_| !attr.attribute.multi_valued) else { return held.cloned() };
        let (mut new, given) = (held.clone(), Map::new());
        self.clear_absent(attr, &given, &mut new);
        let refers = |members: &Map<String, Value>| member(members, "value").is_some_and(|value| !is_unassigned(value));
        if refers(held) && !refers(&new) {
            edit::drop_details(&mut self.body.coercer, attr, &mut new);
        }
        Some(Value::Object(new)).filter(|new| !is_unassigned(new))
    }

    /// Removes absent sub-attributes that have the policy `clear` although their attribute has the policy `keep`.
    fn clear_absent(&self, attr: AttrRef<'a>, given: &Map<String, Value>, new: &mut Map<String, Value>) {
        let may_clear = |sub: &&Attribute| sub.mutability == Mutability::ReadWrite && !sub.is_never_returned();
        for sub in attr.attribute.sub_attributes.iter().filter(may_clear) {
            if member(given, &sub.name).is_none() && self.options.absent_of(attr.sub(sub)) == Absent::Clear {
                remove_member(new, &sub.name);
            }
        }
    }

    /// Sets `schemas` to the URNs that the client listed and those of all extensions that are present.
    fn write_schemas(&self, new: &mut Map<String, Value>, changes: &mut Vec<Change>) {
        let Some(attribute) = self.resource_type.attribute("schemas") else { return };
        let mut urns = self.body.schemas.clone();
        for extension in self.resource_type.extensions() {
            let is_listed =
                urns.iter().any(|urn| urn.as_str().is_some_and(|urn| urn.eq_ignore_ascii_case(&extension.id)));
            if !is_listed && container::is_present(new, extension) {
                urns.push(extension.id.clone().into());
            }
        }
        derive_schemas(self.resource_type, self.options, &mut urns, new);
        let attr = AttrRef::new(None, attribute);
        let urns = Value::Array(urns);
        let before = changes.len();
        diff::attribute(attr, container::stored(self.old, attr), Some(&urns), changes);
        if changes.len() > before {
            set_member(new, &attribute.name, urns);
        }
    }
}

/// Whether a sub-attribute stays if a PUT leaves it out: the client may not change it (P12), or cannot read it (R2).
fn stays_if_absent(sub: &Attribute) -> bool {
    matches!(sub.mutability, Mutability::Immutable | Mutability::ReadOnly) || sub.is_never_returned()
}

/// Adds to `new` the stored sub-attributes that are absent from the body and have the policy `keep`.
fn keep_absent(
    options: &Options,
    attr: AttrRef<'_>,
    held: &Map<String, Value>,
    given: &Map<String, Value>,
    new: &mut Map<String, Value>,
) {
    for sub in &attr.attribute.sub_attributes {
        if let Some(old) = member(held, &sub.name)
            && member(given, &sub.name).is_none()
            && options.absent_of(attr.sub(sub)) == Absent::Keep
        {
            set_member(new, &sub.name, old.clone());
        }
    }
}

/// Adds changes for the secrets that were set. Such a secret counts as changed, whatever its stored value is (P12a).
fn set_secrets(
    attr: AttrRef<'_>,
    held: Option<&Value>,
    given: Option<&Value>,
    value: Option<&Value>,
    before: usize,
    changes: &mut Vec<Change>,
) {
    if value.is_none() || attr.attribute.mutability == Mutability::Immutable {
        return;
    }
    if attr.attribute.is_never_returned() {
        if changes.len() > before || is_all_immutable(attr.attribute, held, given) {
            return;
        }
        changes.push(match value {
            Some(Value::Array(elements)) => Change { added: elements.clone(), is_secret: true, ..Change::at(attr) },
            value => Change::secret(attr, value.cloned()),
        });
        return;
    }
    // The changed elements of a list have the secrets already.
    if attr.attribute.multi_valued {
        return;
    }
    for sub in attr.attribute.sub_attributes.iter().filter(|sub| sub.is_never_returned()) {
        if sub.mutability == Mutability::Immutable || sub.mutability == Mutability::ReadOnly {
            continue;
        }
        let said = given.and_then(Value::as_object).and_then(|members| member(members, &sub.name));
        if said.is_none_or(Value::is_null) {
            continue;
        }
        // The change of the whole attribute has its secrets, too.
        let (path, whole) = (attr.sub(sub).to_string(), attr.to_string());
        if !changes.iter().skip(before).any(|change| change.path == path || change.path == whole) {
            let new = value.and_then(|value| member(value.as_object()?, &sub.name)).cloned();
            changes.push(Change::secret(path, new));
        }
    }
    if let Some(own) = changes.get_mut(before..) {
        diff::in_schema_order(attr, own);
    }
}

/// Whether all that is given of a complex value may be set once and is assigned, so that nothing of it was set (P12a).
fn is_all_immutable(attribute: &Attribute, held: Option<&Value>, given: Option<&Value>) -> bool {
    let (Some(Value::Object(held)), Some(Value::Object(given))) = (held, given) else { return false };
    let is_dropped = |name: &String| {
        attribute.sub_attribute(name).is_some_and(|sub| {
            sub.mutability == Mutability::Immutable && member(held, name).is_some_and(|value| !is_unassigned(value))
        })
    };
    given.keys().all(is_dropped)
}
