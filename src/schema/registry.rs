//! The resource types of a platform, given by the host or read from `/Schemas` and `/ResourceTypes`.

use std::cell::Cell;
use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::attribute::Attribute;
use super::error::SchemaError;
use super::loading::Loader;
use super::resource_type::{ResourceType, Schema};

/// The resource types of a platform, by name and by endpoint.
///
/// With the feature `protocol`, a registry also answers requests to the discovery endpoints.
///
/// ```
/// use scim_engine::schema::Registry;
/// use serde_json::json;
/// let registry = Registry::from_discovery(
///     &json!([{"id": "urn:example:Badge", "attributes": [{"name": "colour"}]}]),
///     &json!([{"name": "Badge", "endpoint": "/Badges", "schema": "urn:example:Badge"}]),
/// )?;
/// assert!(registry.get("badge").is_some());
/// # Ok::<(), scim_engine::SchemaError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Registry {
    resource_types: Vec<ResourceType>,
    notes: Vec<SchemaError>,
}

impl PartialEq for Registry {
    fn eq(&self, other: &Self) -> bool {
        self.resource_types == other.resource_types
    }
}

impl Default for Registry {
    /// The types User and Group of RFC 7643.
    fn default() -> Self {
        Self { resource_types: vec![ResourceType::user(), ResourceType::group()], notes: Vec::new() }
    }
}

/// The schemas that describe the answers of the discovery endpoints themselves (RFC 7643 §8.7.2). They describe no
/// resource type that clients manage.
const OF_DISCOVERY: [&str; 3] = [
    "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig",
    "urn:ietf:params:scim:schemas:core:2.0:ResourceType",
    "urn:ietf:params:scim:schemas:core:2.0:Schema",
];

fn is_of_discovery(definition: &Value, name: &str) -> bool {
    let urn = member(definition, name).and_then(Value::as_str);
    urn.is_some_and(|urn| OF_DISCOVERY.iter().any(|known| known.eq_ignore_ascii_case(urn)))
}

impl Registry {
    /// The most attributes that the resource types read by [`Registry::from_discovery`] may have together.
    /// Sub-attributes and schemas count, too, and each counts once for every type that has it.
    pub const MAX_ATTRIBUTES: usize = 200_000;

    /// A registry of these resource types.
    ///
    /// ```
    /// use scim_engine::{Registry, ResourceType};
    /// let registry = Registry::new([ResourceType::user(), ResourceType::group()])?;
    /// assert_eq!(registry.by_endpoint("/Groups").unwrap().name(), "Group");
    /// assert!(Registry::new([ResourceType::user(), ResourceType::user()]).is_err());
    /// # Ok::<(), scim_engine::SchemaError>(())
    /// ```
    ///
    /// # Errors
    /// [`SchemaError`] if two types have the same name or endpoint, or if two different schemas have the same URN.
    pub fn new(resource_types: impl IntoIterator<Item = ResourceType>) -> Result<Self, SchemaError> {
        let resource_types: Vec<_> = resource_types.into_iter().collect();
        let (mut names, mut endpoints, mut schemas) = (HashSet::new(), HashSet::new(), HashMap::new());
        for kind in &resource_types {
            if !names.insert(kind.name().to_ascii_lowercase()) {
                return Err(SchemaError::new(kind.name(), "is the name of two resource types"));
            }
            if !endpoints.insert(kind.endpoint().trim_matches('/').to_ascii_lowercase()) {
                let message = format!("has the endpoint `{}` of another one", kind.endpoint());
                return Err(SchemaError::new(kind.name(), message));
            }
            for schema in std::iter::once(kind.schema()).chain(kind.extensions()) {
                if *schemas.entry(schema.id.to_ascii_lowercase()).or_insert(schema) != schema {
                    return Err(SchemaError::new(&schema.id, "is the URN of two different schemas"));
                }
            }
        }
        Ok(Self { resource_types, notes: Vec::new() })
    }

    /// Reads the answers of `/Schemas` and `/ResourceTypes`, each a `ListResponse`, an array or one object. Schemas of
    /// RFC 7643 may be missing from the answers; then the built-in ones are used. Schemas that describe the discovery
    /// endpoints themselves (RFC 7643 §8.7.2) are skipped. [`Registry::notes`] lists likely typing errors.
    ///
    /// # Errors
    /// [`SchemaError`] with the schema, attribute or resource type that cannot be read, and those of [`Registry::new`].
    pub fn from_discovery(schemas: &Value, resource_types: &Value) -> Result<Self, SchemaError> {
        let schemas = items(schemas).into_iter().filter(|schema| !is_of_discovery(schema, "id"));
        let mut loader = Loader::default();
        let given = schemas.map(|schema| loader.schema(schema)).collect::<Result<Vec<_>, _>>()?;
        let built_in = [ResourceType::user(), ResourceType::group()];
        let built_in = built_in.iter().flat_map(|kind| std::iter::once(kind.schema()).chain(kind.extensions()));
        let mut known = HashMap::new();
        for schema in given.iter().chain(built_in) {
            known.entry(schema.id.to_ascii_lowercase()).or_insert(schema);
        }
        // Each type has its own copy of its schemas. Without a limit, a short answer that names one schema in many types
        // would take much memory.
        let left = Cell::new(Self::MAX_ATTRIBUTES);
        let find = |id: &str| {
            let schema = *known.get(&id.to_ascii_lowercase())?;
            let subs = |attribute: &Attribute| attribute.sub_attributes.len();
            let weight = 1 + schema.attributes.len() + schema.attributes.iter().map(subs).sum::<usize>();
            left.set(left.get().saturating_sub(weight));
            (left.get() > 0).then_some(schema)
        };
        let resource_types = items(resource_types)
            .into_iter()
            .filter(|value| !is_of_discovery(value, "schema"))
            .map(|value| ResourceType::from_outline(loader.resource_type(value)?, find))
            .collect::<Result<Vec<_>, _>>();
        if left.get() == 0 {
            let message = format!("have more than {} attributes together", Self::MAX_ATTRIBUTES);
            return Err(SchemaError::new("resource types", message));
        }
        let resource_types = resource_types?;
        Ok(Self { notes: loader.notes, ..Self::new(resource_types)? })
    }

    /// Likely typing errors in the answers that [`Registry::from_discovery`] read: unknown members whose names resemble
    /// known ones.
    pub fn notes(&self) -> &[SchemaError] {
        &self.notes
    }

    /// The resource type of this name, in any case.
    pub fn get(&self, name: &str) -> Option<&ResourceType> {
        self.resource_types.iter().find(|resource_type| resource_type.name().eq_ignore_ascii_case(name))
    }

    /// The resource type at this endpoint, such as `/Users` or `Users`, in any case.
    pub fn by_endpoint(&self, endpoint: &str) -> Option<&ResourceType> {
        let wanted = endpoint.trim_matches('/');
        let is_it = |kind: &&ResourceType| kind.endpoint().trim_matches('/').eq_ignore_ascii_case(wanted);
        self.resource_types.iter().find(is_it)
    }

    /// Every core schema and extension, each once.
    pub fn schemas(&self) -> Vec<&Schema> {
        let mut found: Vec<&Schema> = Vec::new();
        for kind in &self.resource_types {
            for schema in std::iter::once(kind.schema()).chain(kind.extensions()) {
                if !found.iter().any(|other| other.id.eq_ignore_ascii_case(&schema.id)) {
                    found.push(schema);
                }
            }
        }
        found
    }

    /// The core schema or extension with this URN, in any case.
    pub fn schema(&self, urn: &str) -> Option<&Schema> {
        let all = self.resource_types.iter().flat_map(|kind| std::iter::once(kind.schema()).chain(kind.extensions()));
        all.into_iter().find(|schema| schema.id.eq_ignore_ascii_case(urn))
    }

    /// All resource types.
    pub fn resource_types(&self) -> &[ResourceType] {
        &self.resource_types
    }

    /// The resource type of a resource, by its `meta.resourceType`, or else by a core URN in its `schemas`.
    pub fn of(&self, resource: &Value) -> Option<&ResourceType> {
        let by_meta = member(resource, "meta").and_then(|meta| member(meta, "resourceType")?.as_str());
        by_meta.and_then(|name| self.get(name)).or_else(|| {
            let urns = member(resource, "schemas")?.as_array()?;
            let is_core = |kind: &&ResourceType| urns.iter().filter_map(Value::as_str).any(|urn| kind.is_core_urn(urn));
            self.resource_types.iter().find(is_core)
        })
    }
}

fn member<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    let object = value.as_object()?;
    object.get(name).or_else(|| object.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value))
}

fn items(answer: &Value) -> Vec<&Value> {
    match (answer, member(answer, "Resources")) {
        (Value::Array(items), _) | (_, Some(Value::Array(items))) => items.iter().collect(),
        (one, _) => vec![one],
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::Registry;
    use serde_json::{Value, json};

    fn types(count: usize, extensions: &[Value]) -> Value {
        let one = |index: usize| json!({"name": format!("A{index}"), "endpoint": format!("/A{index}"), "schema": "urn:e", "schemaExtensions": extensions});
        (0..count).map(one).collect()
    }

    #[test]
    fn schemas_are_found_in_any_case() {
        let registry = Registry::default();
        let found = |urn: &str| registry.schema(urn).map(|schema| schema.id.as_str());
        let group = "urn:ietf:params:scim:schemas:core:2.0:Group";
        assert_eq!(found(&group.to_uppercase()), Some(group));
        let enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
        assert_eq!(found(enterprise), Some(enterprise));
        assert_eq!(found("urn:example:Group"), None);
    }

    #[test]
    fn little_does_not_become_much() {
        let attributes: Vec<_> = (0..1000).map(|index| json!({"name": format!("x{index}")})).collect();
        let schemas = json!([{"id": "urn:e", "attributes": attributes}]);
        assert_eq!(Registry::from_discovery(&schemas, &types(190, &[])).unwrap().resource_types().len(), 190);
        let error = Registry::from_discovery(&schemas, &types(210, &[])).unwrap_err().to_string();
        assert_eq!(error, "`resource types`: have more than 200000 attributes together");
        let all: Vec<_> = (0..1000).map(|index| json!({"id": format!("urn:x{index}"), "attributes": []})).collect();
        let extensions: Vec<_> = all.iter().map(|schema| json!({"schema": schema["id"], "required": false})).collect();
        let schemas = [all.as_slice(), &[json!({"id": "urn:e", "attributes": [{"name": "a"}]})]].concat();
        assert!(Registry::from_discovery(&schemas.clone().into(), &types(150, &extensions)).is_ok());
        assert!(Registry::from_discovery(&schemas.into(), &types(250, &extensions)).is_err());
    }
}
