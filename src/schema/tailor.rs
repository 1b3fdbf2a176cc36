//! Reduces a resource type to the attributes that a product has: most products have a dozen, not all of the RFC.
//! Requests are checked against the result and `/Schemas` serves it, so clients are never offered attributes that the
//! product does not store.

use serde_json::Value;

use super::attribute::{AttrType, Attribute, Mutability, find};
use super::error::SchemaError;
use super::lookup::{Own, Resolved};
use super::resource_type::{Extension, Inner, ResourceType, Schema};

/// The common attributes of every resource (RFC 7643 §3.1). `externalId` may be left out, because only clients set it.
const ALWAYS: [&str; 3] = ["schemas", "id", "meta"];

type Tailored = Result<ResourceType, SchemaError>;

/// The target of a name that the host gave. The fields are names and not references to definitions, because the
/// resource type with these definitions is about to change.
#[derive(Debug, Clone, PartialEq)]
struct TargetName {
    /// The URN of the extension; `None` for the core schema and the common attributes.
    extension: Option<String>,
    /// `None` if the target is a whole schema.
    attribute: Option<String>,
    sub: Option<String>,
}

impl From<Resolved<'_>> for TargetName {
    fn from(resolved: Resolved<'_>) -> Self {
        match resolved {
            Resolved::Core(_) => Self { extension: None, attribute: None, sub: None },
            Resolved::Extension(schema) => Self { extension: Some(schema.id.clone()), attribute: None, sub: None },
            Resolved::Attribute { extension, attribute, sub_attribute } => Self {
                extension: extension.map(|schema| schema.id.clone()),
                attribute: Some(attribute.name.clone()),
                sub: sub_attribute.map(|sub| sub.name.clone()),
            },
        }
    }
}

/// Methods that reduce or extend a resource type to what a product has.
///
/// Each method takes names of attributes (`userName`), of sub-attributes (`name.givenName`), and of attributes of an
/// extension (after its URN and a colon). The URN of a schema stands for all of its attributes. An unknown name is an
/// error.
impl ResourceType {
    /// Keeps only these attributes and the common ones (`schemas`, `id`, `externalId`, `meta`). An extension is removed
    /// if none of its attributes is named. Requests may still contain the removed attributes:
    /// [`UnknownMembers`](crate::UnknownMembers) and [`UnknownPaths`](crate::UnknownPaths) decide whether they are
    /// dropped and reported, or refused.
    ///
    /// ```
    /// use scim_engine::{Options, Patch, ResourceType, UnknownPaths};
    /// use serde_json::json;
    /// let people = ResourceType::user().only(["userName", "name.givenName", "name.familyName", "active", "emails"])?;
    /// assert!(people.attribute("nickName").is_none());
    /// let patch = json!({"schemas": [Patch::SCHEMA], "Operations": [
    ///     {"op": "Replace", "path": "nickName", "value": "Bo"},
    ///     {"op": "Replace", "path": "active", "value": "False"},
    /// ]});
    /// let mut user = json!({"userName": "bo", "active": true});
    /// let outcome = Patch::parse_with(&patch, &Options::default().unknown_paths(UnknownPaths::Ignore))?
    ///     .apply(&mut user, &people)?;
    /// assert_eq!(user["active"], false);
    /// assert_eq!(outcome.repairs.iter().filter(|repair| repair.kind() == "unknown_member").count(), 1);
    /// assert!(ResourceType::user().only(["userNme"]).unwrap_err().to_string().contains("did you mean `userName`?"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`SchemaError`] for an unknown name, and if a required attribute is not among the names.
    pub fn only<N: AsRef<str>>(&self, names: impl IntoIterator<Item = N>) -> Tailored {
        let kept = self.targets(names)?;
        self.tailored(|inner| {
            inner.schema.attributes = keep(&inner.schema.attributes, None, &kept)?;
            for Extension { schema, .. } in &mut inner.extensions {
                let urn = schema.id.clone();
                let is_named = kept.iter().any(|target| target.extension.as_ref() == Some(&urn));
                schema.attributes = if is_named { keep(&schema.attributes, Some(&urn), &kept)? } else { Vec::new() };
            }
            drop_empty(inner)
        })
    }

    /// Removes these attributes, sub-attributes or extensions.
    ///
    /// ```
    /// use scim_engine::ResourceType;
    /// use scim_engine::schema::Schema;
    /// let people = ResourceType::user().without(["x509Certificates", "name.formatted", Schema::ENTERPRISE_USER])?;
    /// assert!(people.attribute("name").unwrap().sub_attribute("formatted").is_none());
    /// assert_eq!(people.extensions().count(), 0);
    /// # Ok::<(), scim_engine::SchemaError>(())
    /// ```
    ///
    /// # Errors
    /// [`SchemaError`] for an unknown name, for a required attribute, and for an attribute that every resource
    /// has (`schemas`, `id`, `meta`).
    pub fn without<N: AsRef<str>>(&self, names: impl IntoIterator<Item = N>) -> Tailored {
        let gone = self.targets(names)?;
        self.tailored(|inner| {
            for target in &gone {
                remove(inner, target)?;
            }
            drop_empty(inner)
        })
    }

    /// Makes these attributes `readOnly`, because the product derives them itself. Values that clients send for them are
    /// dropped and reported in POST and PUT; PATCH refuses them unless they equal the stored ones (`docs/MEANING.md`, under
    /// "PATCH").
    ///
    /// ```
    /// use scim_engine::ResourceType;
    /// use serde_json::json;
    /// let people = ResourceType::user().read_only(["displayName", "name.formatted"])?;
    /// let written = people.create(&json!({"userName": "bo", "displayName": "Bo"}))?;
    /// assert!(written.resource.get("displayName").is_none());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`SchemaError`] for an unknown name.
    pub fn read_only<N: AsRef<str>>(&self, names: impl IntoIterator<Item = N>) -> Tailored {
        let derived = self.targets(names)?;
        self.tailored(|inner| {
            for target in &derived {
                each(inner, target, &mut make_read_only);
            }
            Ok(())
        })
    }

    /// Makes attributes required, such as those whose database column may not be null. A request that leaves one of them
    /// unassigned is refused. A required sub-attribute is needed wherever its attribute has a value.
    ///
    /// ```
    /// use scim_engine::ResourceType;
    /// use serde_json::json;
    /// let people = ResourceType::user().required(["title"])?;
    /// let error = people.create(&json!({"userName": "bo"})).unwrap_err();
    /// assert_eq!(error.to_string(), "`title`: is required");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`SchemaError`] for an unknown name, and for an attribute that is readOnly, because no request can set it.
    pub fn required<N: AsRef<str>>(&self, names: impl IntoIterator<Item = N>) -> Tailored {
        let needed = self.targets(names)?;
        self.tailored(|inner| {
            for target in &needed {
                let mut derived = None;
                each(inner, target, &mut |attribute| {
                    if attribute.mutability == Mutability::ReadOnly {
                        derived = Some(attribute.name.clone());
                    }
                    attribute.required = true;
                });
                if let Some(name) = derived {
                    return Err(SchemaError::new(&name, "is readOnly, so that no request can set it"));
                }
            }
            Ok(())
        })
    }

    /// Adds an extension. To replace an extension, first remove the old one by [`ResourceType::without`].
    ///
    /// ```
    /// use scim_engine::ResourceType;
    /// use scim_engine::schema::Schema;
    /// use serde_json::json;
    /// let badge = Schema::from_value(&json!({"id": "urn:example:2.0:Badge", "attributes": [{"name": "colour"}]}))?;
    /// let people = ResourceType::user().with_extension(badge, false)?;
    /// assert!(people.extension("urn:example:2.0:badge").is_some());
    /// # Ok::<(), scim_engine::SchemaError>(())
    /// ```
    ///
    /// # Errors
    /// [`SchemaError`] if the URN is empty or already in use.
    pub fn with_extension(&self, schema: Schema, required: bool) -> Tailored {
        self.tailored(|inner| {
            inner.extensions.push(Extension { schema, required });
            let urns = inner.extensions.iter().map(|extension| extension.schema.id.as_str());
            ResourceType::check_parts(&inner.name, &inner.schema.id, urns)
        })
    }

    /// Moves the type to another endpoint, such as `/People`.
    ///
    /// ```
    /// use scim_engine::ResourceType;
    /// assert_eq!(ResourceType::user().with_endpoint("/People")?.endpoint(), "/People");
    /// assert!(ResourceType::user().with_endpoint("People").is_err());
    /// # Ok::<(), scim_engine::SchemaError>(())
    /// ```
    ///
    /// # Errors
    /// [`SchemaError`] if the endpoint is not a slash followed by one path segment.
    pub fn with_endpoint(&self, endpoint: &str) -> Tailored {
        let is_segment = |text: &str| {
            !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
        };
        if !endpoint.strip_prefix('/').is_some_and(is_segment) {
            let message = format!("`{endpoint}` is not an endpoint: expected a slash and a name, such as `/Users`");
            return Err(SchemaError::new(self.name(), message));
        }
        self.tailored(|inner| {
            endpoint.clone_into(&mut inner.endpoint);
            Ok(())
        })
    }

    /// Limits the strings of an attribute to `characters` Unicode scalar values, for example because a database column
    /// holds no more. Longer strings are refused. The error is `invalidValue`.
    ///
    /// ```
    /// use scim_engine::ResourceType;
    /// use serde_json::json;
    /// let people = ResourceType::user().max_length("title", 5)?;
    /// assert!(people.create(&json!({"userName": "bo", "title": "Guide"})).is_ok());
    /// let error = people.create(&json!({"userName": "bo", "title": "Guides"})).unwrap_err();
    /// assert_eq!(error.to_string(), "`title`: expected at most 5 characters, found more");
    /// # Ok::<(), scim_engine::SchemaError>(())
    /// ```
    ///
    /// # Errors
    /// [`SchemaError`] for an unknown name, and for an attribute that does not hold strings.
    pub fn max_length(&self, name: &str, characters: usize) -> Tailored {
        self.with_strings(name, |attribute| attribute.max_length = Some(characters))
    }

    /// Allows only these strings for an attribute; they become its `canonicalValues`. Other strings are `invalidValue`.
    /// [`Options::canonical_values`](crate::Options::canonical_values) enforces the canonical values of all attributes
    /// at once.
    ///
    /// ```
    /// use scim_engine::ResourceType;
    /// use serde_json::json;
    /// let people = ResourceType::user().canonical_values("emails.type", ["work", "home"])?;
    /// let user = |kind: &str| json!({"userName": "bo", "emails": [{"value": "bo@example.com", "type": kind}]});
    /// assert!(people.create(&user("Work")).is_ok());
    /// assert!(people.create(&user("other")).is_err());
    /// # Ok::<(), scim_engine::SchemaError>(())
    /// ```
    ///
    /// # Errors
    /// [`SchemaError`] for an unknown name, for an attribute that does not hold strings, and if there are no values.
    pub fn canonical_values<V: Into<String>>(&self, name: &str, values: impl IntoIterator<Item = V>) -> Tailored {
        let values: Vec<Value> = values.into_iter().map(|value| Value::String(value.into())).collect();
        if values.is_empty() {
            return Err(SchemaError::new(name, "needs at least one canonical value: nothing else could be stored"));
        }
        self.with_strings(name, |attribute| {
            attribute.canonical_values.clone_from(&values);
            attribute.canonical_only = true;
        })
    }

    fn with_strings(&self, name: &str, mut change: impl FnMut(&mut Attribute)) -> Tailored {
        let resolved = self.resolved(name)?;
        let Resolved::Attribute { attribute, sub_attribute, .. } = resolved else {
            return Err(SchemaError::new(name, "is a schema: name one of its attributes"));
        };
        let leaf = sub_attribute.unwrap_or(attribute);
        if leaf.is_complex() {
            return Err(SchemaError::new(
                name,
                format!("is complex: name a sub-attribute, such as `{}`", first_of(leaf)),
            ));
        }
        if !matches!(leaf.attr_type, AttrType::String | AttrType::Reference | AttrType::Binary) {
            return Err(SchemaError::new(
                name,
                format!("holds no strings: it is of type `{}`", leaf.attr_type.as_str()),
            ));
        }
        let target = TargetName::from(resolved);
        self.tailored(|inner| {
            each(inner, &target, &mut change);
            Ok(())
        })
    }

    fn tailored(&self, change: impl FnOnce(&mut Inner) -> Result<(), SchemaError>) -> Tailored {
        if self.is_open() {
            return Err(self.is_any());
        }
        let mut inner = self.inner();
        change(&mut inner)?;
        Ok(inner.finish())
    }

    fn resolved(&self, name: &str) -> Result<Resolved<'_>, SchemaError> {
        match self.look_up_own(name) {
            Ok(Own::Known(resolved)) => Ok(resolved),
            Ok(Own::Untyped(_)) => Err(self.is_any()),
            Err(unknown) => Err(SchemaError::new(name, unknown.to_string())),
        }
    }

    fn is_any(&self) -> SchemaError {
        SchemaError::new(self.name(), "is not a resource type in particular: begin with one that is")
    }

    fn targets<N: AsRef<str>>(&self, names: impl IntoIterator<Item = N>) -> Result<Vec<TargetName>, SchemaError> {
        names.into_iter().map(|name| self.resolved(name.as_ref()).map(TargetName::from)).collect()
    }
}

/// The attributes of a schema that are kept, whole or in part.
fn keep(attributes: &[Attribute], urn: Option<&str>, kept: &[TargetName]) -> Result<Vec<Attribute>, SchemaError> {
    let here: Vec<&TargetName> = kept.iter().filter(|target| target.extension.as_deref() == urn).collect();
    if here.iter().any(|target| target.attribute.is_none()) {
        return Ok(attributes.to_vec());
    }
    let mut left = Vec::new();
    for attribute in attributes {
        let named: Vec<_> = here.iter().filter(|target| target.attribute.as_ref() == Some(&attribute.name)).collect();
        if named.is_empty() {
            is_free(attribute, &attribute.name)?;
            continue;
        }
        let mut attribute = attribute.clone();
        if named.iter().all(|target| target.sub.is_some()) {
            let is_named = |sub: &Attribute| named.iter().any(|target| target.sub.as_ref() == Some(&sub.name));
            for sub in attribute.sub_attributes.iter().filter(|sub| !is_named(sub)) {
                is_free(sub, &format!("{}.{}", attribute.name, sub.name))?;
            }
            attribute.sub_attributes.retain(is_named);
        }
        left.push(attribute);
    }
    Ok(left)
}

/// Refuses to leave out a required attribute.
fn is_free(attribute: &Attribute, path: &str) -> Result<(), SchemaError> {
    if attribute.required {
        return Err(SchemaError::new(path, "is required by its schema and cannot be left out"));
    }
    Ok(())
}

fn remove(inner: &mut Inner, target: &TargetName) -> Result<(), SchemaError> {
    let Some(name) = &target.attribute else {
        let Some(urn) = &target.extension else {
            return Err(SchemaError::new(&inner.schema.id, "is the core schema and cannot be left out"));
        };
        inner.extensions.retain(|extension| extension.schema.id != *urn);
        return Ok(());
    };
    if target.extension.is_none() && ALWAYS.contains(&name.as_str()) {
        return Err(SchemaError::new(name, "is part of every resource and cannot be left out"));
    }
    for attributes in inner.lists(target.extension.as_deref()) {
        let Some(at) = attributes.iter().position(|attribute| attribute.name == *name) else { continue };
        let Some(attribute) = attributes.get_mut(at) else { continue };
        if let Some(sub) = &target.sub {
            if let Some(found) = attribute.sub_attribute(sub) {
                is_free(found, &format!("{name}.{sub}"))?;
            }
            attribute.sub_attributes.retain(|other| other.name != *sub);
            if !attribute.sub_attributes.is_empty() {
                continue;
            }
        }
        is_free(attribute, name)?;
        attributes.remove(at);
    }
    Ok(())
}

/// Removes extensions without attributes, because a schema has at least one attribute (RFC 7643 §7). It is an error if
/// the core schema or a required extension has no attribute left.
fn drop_empty(inner: &mut Inner) -> Result<(), SchemaError> {
    if inner.schema.attributes.is_empty() {
        return Err(SchemaError::new(&inner.schema.id, "would have no attribute: name at least one"));
    }
    let is_lost = |extension: &&Extension| extension.required && extension.schema.attributes.is_empty();
    if let Some(extension) = inner.extensions.iter().find(is_lost) {
        return Err(SchemaError::new(&extension.schema.id, "is a required extension: name an attribute of it"));
    }
    inner.extensions.retain(|extension| !extension.schema.attributes.is_empty());
    Ok(())
}

/// Applies a change to the target: to one attribute or sub-attribute, or to all attributes of a schema.
fn each(inner: &mut Inner, target: &TargetName, change: &mut dyn FnMut(&mut Attribute)) {
    let is_whole_core = target.extension.is_none() && target.attribute.is_none();
    for (at, attributes) in inner.lists(target.extension.as_deref()).into_iter().enumerate() {
        // The first list has the common attributes, which belong to no schema.
        if is_whole_core && at == 0 {
            continue;
        }
        for attribute in attributes {
            match (&target.attribute, &target.sub) {
                (None, _) => change(attribute),
                (Some(name), None) if attribute.name == *name => change(attribute),
                (Some(name), Some(sub)) if attribute.name == *name => {
                    attribute.sub_attributes.iter_mut().filter(|other| other.name == *sub).for_each(&mut *change);
                }
                _ => {}
            }
        }
    }
}

/// A readOnly attribute cannot be required, because clients cannot set it.
fn make_read_only(attribute: &mut Attribute) {
    attribute.mutability = Mutability::ReadOnly;
    attribute.required = false;
    attribute.sub_attributes.iter_mut().for_each(make_read_only);
}

fn first_of(attribute: &Attribute) -> String {
    let value = find(&attribute.sub_attributes, "value").or(attribute.sub_attributes.first());
    value.map_or_else(|| attribute.name.clone(), |sub| format!("{}.{}", attribute.name, sub.name))
}
