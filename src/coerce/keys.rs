//! Resolves the keys of a body, of the value of an operation without a path, or of the object of an extension (P11, P16,
//! R1, F14). All keys are read by the rules of this file, before any rule about the named attributes applies.

use std::borrow::Cow;
use std::collections::HashMap;

use serde_json::{Map, Value};

use super::coercer::{Coercer, Role, given_twice};
use super::equality::same_value;
use super::members::{case_duplicate, is_unassigned};
use super::refusal::Refusal;
use super::request::RequestKind;
use crate::error::ScimType;
use crate::options::UnknownMembers;
use crate::schema::{AttrRef, Attribute, Loose, Mutability, Resolution, Resolved, Schema, Unresolved};
use crate::syntax::{AttrPath, PatchPath, attr_path, shown_unread};

/// A member, and the target of its key.
#[derive(Debug)]
pub(crate) struct KeyEntry<'a, 'v> {
    pub target: KeyTarget<'a>,
    pub value: Cow<'v, Value>,
}

#[derive(Debug)]
pub(crate) enum KeyTarget<'a> {
    /// An attribute, or the sub-attribute that the key names.
    Attribute(AttrRef<'a>),
    /// A path with brackets, as sent, and the extension whose object contains the key.
    Brackets(String, Option<&'a Schema>),
    /// An extension as a whole, whose value is `null`.
    Extension(&'a Schema),
    /// A member that no schema knows and that is kept (P16).
    Kept(Option<&'a Schema>, String),
}

/// Reads the keys of an object, and the keys of the objects in it that a URN names, such as the object of an extension.
pub(crate) struct Keys<'c, 'a, 'v> {
    coercer: &'c mut Coercer<'a>,
    entries: Vec<KeyEntry<'a, 'v>>,
    /// Sub-attributes that no schema knows, and that are kept in the objects of their attributes.
    kept_subs: Vec<(AttrRef<'a>, String, Cow<'v, Value>)>,
    /// The first mistake in the value of a kept member: mistakes in keys come before those in values (R1).
    late: Option<Refusal>,
}

fn doubled(path: impl ToString, name: &str) -> Refusal {
    Refusal::new(ScimType::InvalidSyntax, path, format!("the name `{name}` is given twice, in different case"))
}

impl<'a> Coercer<'a> {
    /// The entries of an object, including the entries of the objects in it that a URN names. Attributes that are given as
    /// a whole come first; keys that are paths, such as `name.givenName`, come after them (F14).
    pub(crate) fn entries<'v>(
        &mut self,
        members: &'v Map<String, Value>,
        within: Option<&'a Schema>,
    ) -> Result<Vec<KeyEntry<'a, 'v>>, Refusal> {
        let mut keys = Keys { coercer: self, entries: Vec::new(), kept_subs: Vec::new(), late: None };
        keys.object(members, within)?;
        keys.distinct()
    }

    /// Resolves a path, and reports each deviation from its strict form.
    pub(crate) fn look_up(
        &mut self,
        path: &AttrPath<'_>,
        within: Option<&'a Schema>,
    ) -> Result<Resolved<'a>, Unresolved<'a>> {
        let found = self.resource_type.look_up_in(within, path, &self.options.tolerance)?;
        Ok(self.note_loose(found))
    }

    fn note_loose(&mut self, found: Resolution<'a>) -> Resolved<'a> {
        let Resolution { target, read_as } = found;
        for Loose { kind, detail } in read_as {
            if kind == "legacy_schemas" {
                self.report("schemas", kind, detail);
            } else {
                self.report(target, kind, detail);
            }
        }
        target
    }

    /// The error for a path that does not resolve.
    pub(crate) fn unresolved(&self, path: &AttrPath<'_>, unresolved: &Unresolved<'_>) -> Refusal {
        Refusal::unknown(ScimType::InvalidPath, path.as_str(), unresolved.explain(self.resource_type, path))
    }
}

impl KeyTarget<'_> {
    fn is_path(&self) -> bool {
        match self {
            Self::Attribute(attr) => attr.sub.is_some(),
            Self::Brackets(..) => true,
            Self::Extension(_) | Self::Kept(..) => false,
        }
    }
}

impl<'a, 'v> Keys<'_, 'a, 'v> {
    fn object(&mut self, members: &'v Map<String, Value>, within: Option<&'a Schema>) -> Result<(), Refusal> {
        if let Some(name) = case_duplicate(members) {
            return Err(doubled(within.map_or(name, |schema| &schema.id), name));
        }
        members.iter().try_for_each(|(key, value)| self.member(key, Cow::Borrowed(value), within))
    }

    fn owned(&mut self, members: Map<String, Value>, within: Option<&'a Schema>) -> Result<(), Refusal> {
        if let Some(name) = case_duplicate(&members) {
            return Err(doubled(within.map_or(name, |schema| &schema.id), name));
        }
        members.into_iter().try_for_each(|(key, value)| self.member(&key, Cow::Owned(value), within))
    }

    fn push(&mut self, target: KeyTarget<'a>, value: Cow<'v, Value>) {
        self.entries.push(KeyEntry { target, value });
    }

    fn member(&mut self, key: &str, value: Cow<'v, Value>, within: Option<&'a Schema>) -> Result<(), Refusal> {
        if key.contains('[') {
            return self.brackets(key, value, within);
        }
        let (resource_type, tolerance) = (self.coercer.resource_type, &self.coercer.options.tolerance);
        // Nearly all keys are just names of attributes, for which the general look-up is not needed.
        let plain = match within {
            None => resource_type.attribute(key),
            Some(schema) => schema.attribute(key),
        };
        if let Some(attribute) = plain {
            self.push(KeyTarget::Attribute(AttrRef::new(within, attribute)), value);
            return Ok(());
        }
        match resource_type.look_up_key(within, key, tolerance) {
            // The URN of the core schema is a valid key only if its value is an object.
            Ok(Resolution { target: Resolved::Core(_), .. }) if !is_container(&value) => {
                self.unknown(key, value, within)
            }
            // The object of an extension holds attributes, and not the objects of schemas.
            Ok(Resolution { target: Resolved::Core(_) | Resolved::Extension(_), .. }) if within.is_some() => {
                self.keep(within, key, &value)
            }
            Ok(found) => {
                let target = self.coercer.note_loose(found);
                self.resolved(key, target, value)
            }
            Err(Unresolved::Loose { kind, write }) => {
                let message = match kind {
                    "bare_extension_names" => format!("belongs to an extension: write `{write}`"),
                    _ => format!("expected `{write}`"),
                };
                Err(Refusal::new(self.coercer.request.name_error(), key, message))
            }
            Err(_) => self.unknown(key, value, within),
        }
    }

    fn resolved(&mut self, key: &str, target: Resolved<'a>, value: Cow<'v, Value>) -> Result<(), Refusal> {
        match target {
            Resolved::Core(urn) => self.container(urn, value, None),
            Resolved::Extension(schema) => self.container(&schema.id, value, Some(schema)),
            Resolved::Attribute { extension, attribute, sub_attribute } => {
                let attr = AttrRef { extension, attribute, sub: sub_attribute };
                if self.coercer.request == RequestKind::Resource && is_path(key) {
                    if !self.coercer.options.tolerance.path_keys {
                        let message = format!("expected a member of the object that holds it: `{attr}` is a path");
                        return Err(Refusal::new(self.coercer.request.name_error(), key, message));
                    }
                    self.coercer.report(attr, "path_keys", "the key is a path and was read as one");
                }
                self.push(KeyTarget::Attribute(attr), value);
                Ok(())
            }
        }
    }

    /// Reads the object of a schema, whose members are attributes of that schema.
    fn container(&mut self, urn: &str, value: Cow<'v, Value>, schema: Option<&'a Schema>) -> Result<(), Refusal> {
        let value = match (value, schema) {
            (value, Some(schema)) if value.is_null() => {
                self.push(KeyTarget::Extension(schema), value);
                return Ok(());
            }
            (value, _) => match self.coercer.json_string(urn, &value)? {
                Some(unpacked) => Cow::Owned(unpacked),
                None => value,
            },
        };
        let value = self.coercer.one_object(urn, value);
        match value {
            Cow::Borrowed(Value::Object(members)) => self.object(members, schema),
            Cow::Owned(Value::Object(members)) => self.owned(members, schema),
            _ => Err(Refusal::new(ScimType::InvalidValue, urn, "expected an object of the schema's attributes")),
        }
    }

    fn brackets(&mut self, key: &str, value: Cow<'v, Value>, within: Option<&'a Schema>) -> Result<(), Refusal> {
        if self.coercer.request != RequestKind::Resource {
            self.push(KeyTarget::Brackets(key.to_owned(), within), value);
            return Ok(());
        }
        let (options, resource_type) = (self.coercer.options, self.coercer.resource_type);
        let refusal = |message| Refusal::new(ScimType::InvalidSyntax, shown_unread(key), message);
        let path = PatchPath::parse_with(key, options).map_err(|error| refusal(error.to_string()))?;
        let found = resource_type.look_up_in(within, path.attr(), &options.tolerance).map_err(|unresolved| {
            Refusal { scim_type: ScimType::InvalidSyntax, ..self.coercer.unresolved(path.attr(), &unresolved) }
        })?;
        if let (Resolved::Attribute { attribute, .. }, Some(sub)) = (found.target, path.sub_after_brackets())
            && attribute.sub_attribute(sub).or_else(|| attribute.value_with_id(sub)).is_none()
        {
            return Err(refusal(format!("`{}` has no sub-attribute `{sub}`", attribute.name)));
        }
        if options.unknown_members() == UnknownMembers::Keep {
            return Err(refusal("brackets choose elements in a PATCH alone: the key cannot be kept".to_owned()));
        }
        self.unknown(key, value, within)
    }

    /// Handles a key that no schema knows: it is kept in the object to which it belongs, dropped, or refused (P16).
    fn unknown(&mut self, key: &str, value: Cow<'v, Value>, within: Option<&'a Schema>) -> Result<(), Refusal> {
        let resource_type = self.coercer.resource_type;
        if self.coercer.options.unknown_members() != UnknownMembers::Keep {
            return self.keep(within, key, &value);
        }
        if let Some(path) = attr_path(key) {
            let extension = path.uri().map_or(within, |uri| resource_type.extension(uri));
            let known = match extension {
                Some(schema) => schema.attribute(path.name()),
                None if path.uri().is_some_and(|uri| !resource_type.is_core_urn(uri)) => None,
                None => resource_type.attribute(path.name()),
            };
            // An unknown sub-attribute of a known complex attribute belongs in the object of that attribute.
            if let (Some(attribute), Some(sub)) = (known, path.sub_attribute())
                && attribute.is_complex()
                && !attribute.multi_valued
            {
                self.kept_subs.push((AttrRef::new(extension, attribute), sub.to_owned(), value));
                return Ok(());
            }
        }
        match resource_type.below_extension(key).filter(|_| within.is_none()) {
            Some((schema, name)) => self.keep(Some(schema), name, &value),
            None => self.keep(within, key, &value),
        }
    }

    fn keep(&mut self, within: Option<&'a Schema>, key: &str, value: &Value) -> Result<(), Refusal> {
        let path = within.map_or_else(|| key.to_owned(), |schema| format!("{}:{key}", schema.id));
        let kept = match self.coercer.unknown(&path, value) {
            Err(refusal) if self.coercer.options.unknown_members() == UnknownMembers::Keep => {
                self.late.get_or_insert(refusal);
                None
            }
            kept => kept?,
        };
        if self.coercer.options.unknown_members() == UnknownMembers::Keep {
            self.push(KeyTarget::Kept(within, key.to_owned()), Cow::Owned(kept.unwrap_or(Value::Null)));
        }
        Ok(())
    }

    /// The entries without repetitions: if an attribute is given twice, the values must be equal (F14). Keys that are paths
    /// come last.
    fn distinct(self) -> Result<Vec<KeyEntry<'a, 'v>>, Refusal> {
        let mut wholes = Vec::with_capacity(self.entries.len());
        let mut paths = Vec::new();
        // The attributes and sub-attributes in `wholes` and `paths`.
        let mut known: HashMap<*const Attribute, usize> = HashMap::new();
        // The same for brackets, which are read once more here if there are several.
        let mut bracketed: HashMap<(*const Attribute, String), usize> = HashMap::new();
        // And for members that are kept, by the object in which they are.
        let mut kept: HashMap<(Option<*const Schema>, String), usize> = HashMap::new();
        let is_brackets = |entry: &&KeyEntry<'_, '_>| matches!(entry.target, KeyTarget::Brackets(..));
        let has_several = self.entries.iter().filter(is_brackets).count() > 1;
        for KeyEntry { target, value } in self.entries {
            let entries = if target.is_path() { &mut paths } else { &mut wholes };
            if let KeyTarget::Attribute(attr) = target {
                match known.get(&std::ptr::from_ref(attr.leaf())) {
                    None => _ = known.insert(attr.leaf(), entries.len()),
                    Some(at) if entries.get(*at).is_some_and(|first: &KeyEntry| same_value(&first.value, &value)) => {
                        continue;
                    }
                    Some(_) => return Err(given_twice(attr)),
                }
            } else if let KeyTarget::Brackets(text, within) = &target
                && has_several
                && let Some((attr, elements)) = bracketed_place(self.coercer, text, *within)
            {
                match bracketed.get(&(std::ptr::from_ref(attr.attribute), elements.clone())) {
                    None => _ = bracketed.insert((attr.attribute, elements), entries.len()),
                    Some(at) if entries.get(*at).is_some_and(|first: &KeyEntry| same_value(&first.value, &value)) => {
                        continue;
                    }
                    Some(_) => return Err(given_twice(attr)),
                }
            } else if let KeyTarget::Kept(within, name) = &target {
                // The object of the core schema and the resource may have the same member, and so may an extension's.
                let place = (within.map(std::ptr::from_ref), name.to_ascii_lowercase());
                match kept.get(&place) {
                    None => _ = kept.insert(place, entries.len()),
                    Some(at) if entries.get(*at).is_some_and(|first: &KeyEntry| same_value(&first.value, &value)) => {
                        continue;
                    }
                    Some(_) => {
                        return Err(given_twice(within.map_or_else(|| name.clone(), |it| format!("{}:{name}", it.id))));
                    }
                }
            }
            entries.push(KeyEntry { target, value });
        }
        for (attr, name, value) in self.kept_subs {
            let at = *known.entry(attr.attribute).or_insert_with(|| {
                let (target, value) = (KeyTarget::Attribute(attr), Cow::Owned(Value::Object(Map::new())));
                wholes.push(KeyEntry { target, value });
                wholes.len() - 1
            });
            if let Some(whole) = wholes.get_mut(at).filter(|_| !attr.attribute.multi_valued) {
                unpack(self.coercer, attr, whole)?;
                if whole.value.is_null() {
                    whole.value = Cow::Owned(Value::Object(Map::new()));
                }
            }
            let Some(Value::Object(members)) = wholes.get_mut(at).map(|whole| whole.value.to_mut()) else {
                return Err(given_twice(attr));
            };
            if members.get(&name).is_some_and(|other| !same_value(other, &value)) {
                return Err(given_twice(attr));
            }
            members.insert(name, value.into_owned());
        }
        for KeyEntry { target, value } in &paths {
            let &KeyTarget::Attribute(attr) = target else { continue };
            let whole = known.get(&std::ptr::from_ref(attr.attribute)).and_then(|at| wholes.get_mut(*at));
            let Some(whole) = whole.filter(|_| !attr.attribute.multi_valued) else { continue };
            unpack(self.coercer, attr, whole)?;
            // What says nothing is not in conflict with what the path says.
            let reads_blanks = self.coercer.options.tolerance.blank_strings;
            let is_blank = |value: &Value| value.as_str().is_some_and(|text| reads_blanks && text.trim().is_empty());
            let is_other = |(name, other): (&String, &Value)| {
                let is_leaf = |sub: &Attribute| std::ptr::eq(sub, attr.leaf());
                (name.eq_ignore_ascii_case(&attr.leaf().name)
                    || attr.attribute.value_with_id(name).is_some_and(is_leaf))
                    && !is_unassigned(other)
                    && !is_blank(other)
                    && !same_value(other, value)
            };
            if whole.value.as_object().into_iter().flatten().any(is_other) {
                return Err(given_twice(attr));
            }
        }
        wholes.extend(paths);
        self.late.map_or(Ok(wholes), Err)
    }
}

/// Makes the value of a single complex attribute an object, or `null`, whatever form it is given in.
fn unpack<'a>(coercer: &mut Coercer<'a>, attr: AttrRef<'a>, whole: &mut KeyEntry<'a, '_>) -> Result<(), Refusal> {
    // Nobody reads the value of a readOnly attribute, so its shape does not matter.
    if attr.attribute.mutability == Mutability::ReadOnly {
        return Ok(());
    }
    let object = match coercer.as_object(attr.whole(), &whole.value, Role::Single)? {
        Some(Cow::Borrowed(_)) if whole.value.is_object() => return Ok(()),
        Some(members) => Value::Object(members.into_owned()),
        None => Value::Null,
    };
    whole.value = Cow::Owned(object);
    Ok(())
}

/// What a key with brackets names: the attribute, and what is behind it in canonical form, where case does not count as in
/// any key. `None` if the key is refused later.
fn bracketed_place<'a>(coercer: &Coercer<'a>, key: &str, within: Option<&'a Schema>) -> Option<(AttrRef<'a>, String)> {
    let path = PatchPath::parse_with(key, coercer.options).ok()?;
    let found = coercer.resource_type.look_up_in(within, path.attr(), &coercer.options.tolerance).ok()?;
    let Resolved::Attribute { extension, attribute, sub_attribute: sub } = found.target else { return None };
    let mut elements = format!("{}]{}", path.value_filter()?, path.sub_after_brackets().unwrap_or_default());
    elements.make_ascii_lowercase();
    Some((AttrRef { extension, attribute, sub }, elements))
}

/// Whether a key is a path and not only a name.
pub(crate) fn is_path(key: &str) -> bool {
    key.contains(['.', ':'])
}

/// Whether a value may be the object of the core schema.
fn is_container(value: &Value) -> bool {
    value.is_object() || value.as_str().is_some_and(|text| text.trim_start().starts_with('{'))
}
