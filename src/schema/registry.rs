//! The resource types of a platform, read from what `/Schemas` and `/ResourceTypes` serve.

use serde_json::Value;

use super::error::SchemaError;
use super::resource_type::{ResourceType, Schema};

/// Resource types by name.
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
}

impl Default for Registry {
    /// User and Group of RFC 7643.
    fn default() -> Self {
        Self { resource_types: vec![ResourceType::user(), ResourceType::group()] }
    }
}

impl Registry {
    /// Reads the answers of `/Schemas` and `/ResourceTypes`: each a `ListResponse`, an array, or one object. The schemas
    /// of RFC 7643 need not be among them.
    ///
    /// # Errors
    /// [`SchemaError`], naming the schema or resource type that cannot be read.
    pub fn from_discovery(schemas: &Value, resource_types: &Value) -> Result<Self, SchemaError> {
        let mut known = items(schemas).into_iter().map(Schema::from_value).collect::<Result<Vec<_>, _>>()?;
        for built_in in [ResourceType::user(), ResourceType::group()] {
            known.push(built_in.schema().clone());
            known.extend(built_in.extensions().cloned());
        }
        let resource_types = items(resource_types)
            .into_iter()
            .map(|value| ResourceType::from_value(value, &known))
            .collect::<Result<_, _>>()?;
        Ok(Self { resource_types })
    }

    /// The resource type of this name in any case.
    pub fn get(&self, name: &str) -> Option<&ResourceType> {
        self.resource_types.iter().find(|resource_type| resource_type.name().eq_ignore_ascii_case(name))
    }

    /// All of them.
    pub fn resource_types(&self) -> &[ResourceType] {
        &self.resource_types
    }

    /// The resource type that a resource says it is of, by `meta.resourceType` or by a core URN in `schemas`.
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
