//! Resource types: a core schema, extensions and the common attributes.

use std::collections::HashSet;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::{Arc, LazyLock};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::attribute::{Attribute, find};
use super::error::SchemaError;

/// A schema (RFC 7643 §7): a URN and its attributes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", try_from = "Value")]
#[non_exhaustive]
pub struct Schema {
    /// The URN.
    pub id: String,
    /// The name, for people.
    pub name: String,
    /// The description, for people.
    pub description: String,
    /// The attributes.
    pub attributes: Vec<Attribute>,
}

impl Schema {
    /// The URN of the User schema.
    pub const USER: &'static str = "urn:ietf:params:scim:schemas:core:2.0:User";
    /// The URN of the Group schema.
    pub const GROUP: &'static str = "urn:ietf:params:scim:schemas:core:2.0:Group";
    /// The URN of the enterprise extension.
    pub const ENTERPRISE_USER: &'static str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

    /// A schema of the host.
    ///
    /// ```
    /// use scim_engine::schema::{AttrType, Attribute, Schema};
    /// let badge = Schema::new("urn:example:Badge", "Badge", [
    ///     Attribute::new("number", AttrType::String).required(true).case_exact(true),
    ///     Attribute::new("level", AttrType::Integer),
    ///     Attribute::complex("doors", [Attribute::new("value", AttrType::String)]).multi_valued(true),
    /// ])?;
    /// assert!(badge.attribute("doors").is_some());
    /// assert!(Schema::new("urn:example:Badge", "Badge", [Attribute::new("a b", AttrType::String)]).is_err());
    /// # Ok::<(), scim_engine::SchemaError>(())
    /// ```
    ///
    /// # Errors
    /// As [`Schema::from_value`].
    pub fn new(id: &str, name: &str, attributes: impl IntoIterator<Item = Attribute>) -> Result<Self, SchemaError> {
        let attributes: Vec<Attribute> = attributes.into_iter().collect();
        Self::from_value(&json!({"id": id, "name": name, "attributes": attributes}))
    }

    /// Sets the description.
    #[must_use]
    pub fn description(mut self, description: &str) -> Self {
        description.clone_into(&mut self.description);
        self
    }

    /// The attribute of this name, in any case.
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        find(&self.attributes, name)
    }
}

/// A resource type: the definition of the resources of an endpoint. A resource type is cheap to clone.
///
/// ```
/// use scim_engine::ResourceType;
/// assert_eq!(ResourceType::user().name(), "User");
/// assert!(ResourceType::group().attribute("members").is_some());
/// ```
#[derive(Clone)]
pub struct ResourceType(Arc<Inner>);

#[derive(Clone)]
pub(super) struct Inner {
    pub name: String,
    pub endpoint: String,
    pub description: String,
    pub schema: Schema,
    /// The common attributes of RFC 7643 §3.1, as this resource type has them.
    pub common: Vec<Attribute>,
    /// The common attributes, then those of the core schema: the common ones take precedence (RFC 7643 §3.1).
    attributes: Vec<Attribute>,
    pub extensions: Vec<Extension>,
    /// Further URNs that count as that of the core schema.
    aliases: Vec<String>,
    /// Whether filters may name attributes that no schema defines.
    is_open: bool,
}

#[derive(Clone, PartialEq)]
pub(super) struct Extension {
    pub schema: Schema,
    pub required: bool,
}

impl Inner {
    /// The list of attributes of an extension. If `extension` is `None`, there are two lists: the common attributes,
    /// and those of the core schema.
    pub fn lists(&mut self, extension: Option<&str>) -> Vec<&mut Vec<Attribute>> {
        match extension {
            None => vec![&mut self.common, &mut self.schema.attributes],
            Some(urn) => {
                let of = self.extensions.iter_mut().filter(|extension| extension.schema.id == urn);
                of.map(|extension| &mut extension.schema.attributes).collect()
            }
        }
    }

    pub fn finish(mut self) -> ResourceType {
        self.attributes.clone_from(&self.common);
        // A schema may list `id` or `externalId`, too. Then the common attribute counts, and the attribute of the
        // schema is left out.
        let of_schema = self.schema.attributes.iter().filter(|one| find(&COMMON, &one.name).is_none());
        self.attributes.extend(of_schema.cloned());
        ResourceType(Arc::new(self))
    }
}

/// The common attributes of RFC 7643 §3.1.
#[derive(Deserialize)]
struct CommonSchema {
    attributes: Vec<Attribute>,
}

fn built_in<T: for<'de> Deserialize<'de>>(text: &str) -> T {
    #[expect(clippy::expect_used, reason = "the text is part of this crate and read by its tests")]
    serde_json::from_str(text).expect("built-in schema data is valid")
}

static COMMON: LazyLock<Vec<Attribute>> =
    LazyLock::new(|| built_in::<CommonSchema>(include_str!("data/common.json")).attributes);

static USER: LazyLock<ResourceType> = LazyLock::new(|| {
    let schema = built_in(include_str!("data/user.json"));
    let enterprise = built_in(include_str!("data/enterprise_user.json"));
    ResourceType::new("User", "/Users", "User Account", schema, vec![Extension { schema: enterprise, required: false }])
});

static GROUP: LazyLock<ResourceType> = LazyLock::new(|| {
    ResourceType::new("Group", "/Groups", "Group", built_in(include_str!("data/group.json")), Vec::new())
});

static ANY: LazyLock<ResourceType> = LazyLock::new(|| {
    let (user, group) = (&USER.0, &GROUP.0);
    let mut attributes = user.attributes.clone();
    let more = group.schema.attributes.iter().filter(|a| find(&user.attributes, &a.name).is_none());
    attributes.extend(more.cloned());
    ResourceType(Arc::new(Inner {
        name: "Any".to_owned(),
        endpoint: String::new(),
        description: "Any resource".to_owned(),
        schema: user.schema.clone(),
        common: user.common.clone(),
        attributes,
        extensions: user
            .extensions
            .iter()
            .map(|extension| Extension { schema: extension.schema.clone(), required: false })
            .collect(),
        aliases: vec![group.schema.id.clone()],
        is_open: true,
    }))
});

impl ResourceType {
    /// User with the enterprise extension, as RFC 7643 and its errata define them.
    pub fn user() -> Self {
        USER.clone()
    }

    /// Group, as RFC 7643 and its errata define it.
    pub fn group() -> Self {
        GROUP.clone()
    }

    /// No particular resource type: the attributes of User, Group and the enterprise extension are known; filters may name
    /// any other attribute, which then has no type (`docs/MEANING.md`, under "Filter meaning").
    pub fn any() -> Self {
        ANY.clone()
    }

    /// A resource type with a core schema and extensions. No extension is required. Its endpoint is the name followed
    /// by `s`.
    ///
    /// ```
    /// use scim_engine::schema::{ResourceType, Schema};
    /// use serde_json::json;
    /// let badge = Schema::from_value(&json!({
    ///     "id": "urn:example:Badge",
    ///     "attributes": [{"name": "colour"}, {"name": "floor", "type": "integer"}],
    /// }))?;
    /// let badges = ResourceType::from_schemas("Badge", badge, Vec::new())?;
    /// assert!(badges.attribute("Floor").is_some());
    /// # Ok::<(), scim_engine::SchemaError>(())
    /// ```
    ///
    /// # Errors
    /// [`SchemaError`] if the name or a URN is empty, or a URN occurs twice.
    pub fn from_schemas(name: &str, schema: Schema, extensions: Vec<Schema>) -> Result<Self, SchemaError> {
        Self::check_parts(name, &schema.id, extensions.iter().map(|schema| schema.id.as_str()))?;
        let extensions = extensions.into_iter().map(|schema| Extension { schema, required: false }).collect();
        Ok(Self::new(name, &format!("/{name}s"), "", schema, extensions))
    }

    /// Checks that a name and URNs can form a resource type: none is empty, and no URN occurs twice.
    pub(super) fn check_parts<'u>(
        name: &str,
        core: &str,
        extensions: impl IntoIterator<Item = &'u str>,
    ) -> Result<(), SchemaError> {
        if name.trim().is_empty() {
            return Err(SchemaError::new("resource type", "needs a `name` that is not empty, such as `User`"));
        }
        let mut seen = HashSet::from([core.to_ascii_lowercase()]);
        if core.trim().is_empty() {
            return Err(SchemaError::new(name, "needs a `schema` that is not empty: the URN of its core schema"));
        }
        for urn in extensions {
            if urn.trim().is_empty() {
                return Err(SchemaError::new(name, "has an extension whose URN is empty"));
            }
            if urn.eq_ignore_ascii_case(core) {
                let message = format!("`{urn}` is its core schema and cannot be its extension too");
                return Err(SchemaError::new(name, message));
            }
            if !seen.insert(urn.to_ascii_lowercase()) {
                return Err(SchemaError::new(name, format!("the extension `{urn}` is given twice")));
            }
        }
        Ok(())
    }

    pub(super) fn new(
        name: &str,
        endpoint: &str,
        description: &str,
        schema: Schema,
        extensions: Vec<Extension>,
    ) -> Self {
        let inner = Inner {
            name: name.to_owned(),
            endpoint: endpoint.to_owned(),
            description: description.to_owned(),
            schema,
            common: COMMON.clone(),
            attributes: Vec::new(),
            extensions,
            aliases: Vec::new(),
            is_open: false,
        };
        inner.finish()
    }

    pub(super) fn inner(&self) -> Inner {
        Inner::clone(&self.0)
    }

    /// The common attributes, if they differ from those of the RFC.
    #[cfg(feature = "python")]
    pub(crate) fn own_common(&self) -> Option<&[Attribute]> {
        (self.0.common != *COMMON).then_some(self.0.common.as_slice())
    }

    /// The same type with other common attributes.
    #[cfg(feature = "python")]
    pub(crate) fn with_common(&self, common: Vec<Attribute>) -> Self {
        Inner { common, ..self.inner() }.finish()
    }

    /// The name, such as `User`.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// The endpoint, such as `/Users`.
    pub fn endpoint(&self) -> &str {
        &self.0.endpoint
    }

    /// The description, for people.
    pub fn description(&self) -> &str {
        &self.0.description
    }

    /// The core schema.
    pub fn schema(&self) -> &Schema {
        &self.0.schema
    }

    /// Whether both share one allocation. Two equal resource types may have separate allocations.
    pub(crate) fn is_identical(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// The extensions.
    pub fn extensions(&self) -> impl Iterator<Item = &Schema> {
        self.0.extensions.iter().map(|extension| &extension.schema)
    }

    /// The extension at a position, which the caller must have from [`Self::extensions`].
    #[expect(clippy::indexing_slicing, reason = "the position of another extension would be a wrong answer")]
    pub(crate) fn extension_at(&self, at: usize) -> &Schema {
        &self.0.extensions[at].schema
    }

    /// Whether a resource must have the extension.
    pub fn is_required(&self, extension: &Schema) -> bool {
        self.0.extensions.iter().any(|other| other.required && other.schema.id == extension.id)
    }

    /// The common and core attributes.
    pub fn attributes(&self) -> &[Attribute] {
        &self.0.attributes
    }

    /// The common or core attribute of this name, in any case.
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        find(&self.0.attributes, name)
    }

    /// Whether filters may name attributes that no schema defines.
    pub fn is_open(&self) -> bool {
        self.0.is_open
    }

    /// The extension with this URN, in any case.
    pub fn extension(&self, urn: &str) -> Option<&Schema> {
        self.extensions().find(|schema| schema.id.eq_ignore_ascii_case(urn))
    }

    /// The extension with whose URN and a colon a text begins, and the rest of the text, whatever it is.
    pub(crate) fn below_extension<'t>(&self, text: &'t str) -> Option<(&Schema, &'t str)> {
        let below = |schema: &Schema| {
            let (urn, rest) = text.split_at_checked(schema.id.len())?;
            rest.strip_prefix(':').filter(|_| urn.eq_ignore_ascii_case(&schema.id))
        };
        self.extensions().filter_map(|schema| Some((schema, below(schema)?))).max_by_key(|(schema, _)| schema.id.len())
    }

    /// Whether `urn` is the URN of the core schema, in any case.
    pub fn is_core_urn(&self, urn: &str) -> bool {
        self.core_urn(urn).is_some()
    }

    /// The URN of the core schema, or an alias of it, that equals `urn` in any case. The result has the spelling of the
    /// resource type.
    pub(crate) fn core_urn(&self, urn: &str) -> Option<&str> {
        self.core_urns().find(|core| core.eq_ignore_ascii_case(urn))
    }

    pub(super) fn core_urns(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.0.schema.id).chain(&self.0.aliases).map(String::as_str)
    }
}

impl fmt::Debug for ResourceType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ResourceType({})", self.0.name)
    }
}

impl Eq for ResourceType {}

/// Hashes only what names a resource type, so that it is a cheap key, for example of a cache of matchers.
impl Hash for ResourceType {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.name(), self.endpoint(), &self.schema().id).hash(state);
        self.0.extensions.iter().for_each(|extension| extension.schema.id.hash(state));
    }
}

impl PartialEq for ResourceType {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
            || (self.0.name == other.0.name
                && self.0.endpoint == other.0.endpoint
                && self.0.description == other.0.description
                && self.0.is_open == other.0.is_open
                && self.0.schema == other.0.schema
                && self.0.common == other.0.common
                && self.0.extensions == other.0.extensions)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{ResourceType, Schema};
    use serde_json::json;

    #[test]
    fn types_that_are_not_equal() {
        let user = ResourceType::user();
        assert_eq!(user, ResourceType::user());
        assert_ne!(user, user.with_endpoint("/People").unwrap());
        assert_ne!(user, user.without([Schema::ENTERPRISE_USER]).unwrap());
        assert_ne!(user, user.required(["title"]).unwrap());
    }

    #[test]
    fn what_makes_no_resource_type() {
        let schema = |id: &str| Schema::from_value(&json!({"id": id, "attributes": [{"name": "a"}]}));
        assert!(schema(" ").unwrap_err().to_string().contains("needs an `id`"));
        let [a, b] = [schema("urn:example:A").unwrap(), schema("urn:example:B").unwrap()];
        let schemas = [a.clone(), b.clone()];
        for (name, core, extensions, words) in [
            ("", "urn:example:A", json!([]), "`name`"),
            ("A", " ", json!([]), "needs a `schema`"),
            ("A", "urn:example:A", json!([{"schema": ""}]), "URN is empty"),
            ("A", "urn:example:A", json!([{"schema": "URN:example:a"}]), "is its core schema"),
            ("A", "urn:example:A", json!([{"schema": "urn:example:B"}, {"schema": "urn:example:b"}]), "given twice"),
        ] {
            let definition = json!({"name": name, "schema": core, "schemaExtensions": extensions});
            let error = ResourceType::from_value(&definition, &schemas).unwrap_err().to_string();
            assert!(error.contains(words), "{error}");
        }
        for (name, core, extensions, words) in [
            (" ", &a, vec![], "`name`"),
            ("A", &a, vec![b.clone(), b.clone()], "given twice"),
            ("A", &a, vec![b.clone(), a.clone()], "is its core schema"),
        ] {
            let error = ResourceType::from_schemas(name, core.clone(), extensions).unwrap_err().to_string();
            assert!(error.contains(words), "{error}");
        }
    }
}
