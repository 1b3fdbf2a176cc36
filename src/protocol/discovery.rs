//! Answers `/ResourceTypes` and `/Schemas` (RFC 7644 §4, RFC 7643 §6 to §8.7) from a registry.

use std::sync::LazyLock;

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};

use super::list_response::ListResponse;
use super::media::shortened;
use super::meta::location;
use crate::error::ScimError;
use crate::schema::{AttrType, Attribute, Registry, ResourceType, Schema};

const RESOURCE_TYPE: &str = "urn:ietf:params:scim:schemas:core:2.0:ResourceType";
const SCHEMA: &str = "urn:ietf:params:scim:schemas:core:2.0:Schema";

/// The schemas that describe the answers of the discovery endpoints themselves (RFC 7643 §8.7.2, RFC 9865 §4).
/// `/Schemas` serves them, because it has a schema for every URN that a resource may have (RFC 7643 §7), and these
/// answers have URNs, too.
static OF_DISCOVERY: LazyLock<Vec<Schema>> = LazyLock::new(|| {
    let all: Result<Vec<Value>, _> = serde_json::from_str(include_str!("data/discovery_schemas.json"));
    #[expect(clippy::expect_used, reason = "the text is part of this crate and read by its tests")]
    all.ok().and_then(|all| Schema::of_discovery(&all).ok()).expect("built-in schema data is valid")
});

/// Refuses a query on a discovery endpoint if the query has a `filter`, since the endpoint would ignore the filter (RFC
/// 7644 §4). All other parameters are ignored.
///
/// ```
/// use scim_engine::protocol::check_discovery_query;
/// assert!(check_discovery_query("count=5&attributes=name").is_ok());
/// assert_eq!(check_discovery_query("?filter=name%20eq%20%22User%22").unwrap_err().status(), 403);
/// ```
///
/// # Errors
/// A [`ScimError`] of status 403.
pub fn check_discovery_query(query: &str) -> Result<(), ScimError> {
    let names =
        query.trim_start_matches('?').split('&').map(|part| part.split_once('=').map_or(part, |(name, _)| name));
    for name in names {
        if percent_decode_str(name).decode_utf8_lossy().eq_ignore_ascii_case("filter") {
            return Err(ScimError::with_status(
                403,
                "`filter` is not possible here: the answer is always all there is",
            ));
        }
    }
    Ok(())
}

/// The answers of the discovery endpoints. `base` is the URL under which the endpoints are.
impl Registry {
    /// The answer of `/ResourceTypes`: a `ListResponse` with all resource types.
    ///
    /// ```
    /// use scim_engine::Registry;
    /// let registry = Registry::default();
    /// let base = "https://example.com/scim/v2";
    /// let types = registry.resource_types_response(base);
    /// assert_eq!(types["totalResults"], 2);
    /// assert_eq!(types["Resources"][0]["meta"]["location"], "https://example.com/scim/v2/ResourceTypes/User");
    /// let again = Registry::from_discovery(&registry.schemas_response(base), &types)?;
    /// assert_eq!(again, registry);
    /// # Ok::<(), scim_engine::SchemaError>(())
    /// ```
    pub fn resource_types_response(&self, base: &str) -> Value {
        list(self.resource_types().iter().map(|kind| resource_type(kind, base)).collect())
    }

    /// The answer of `/ResourceTypes/{name}`.
    ///
    /// # Errors
    /// A [`ScimError`] of status 404.
    pub fn resource_type_response(&self, name: &str, base: &str) -> Result<Value, ScimError> {
        let found = self.get(name).map(|kind| resource_type(kind, base));
        found.ok_or_else(|| ScimError::with_status(404, format!("there is no resource type `{}`", shortened(name))))
    }

    /// The answer of `/Schemas`: a `ListResponse` with every core schema and extension once, and with the schemas of
    /// the discovery endpoints. The schemas do not list the common attributes `id`, `externalId`, `meta` and `schemas`
    /// (RFC 7643 §3.1).
    pub fn schemas_response(&self, base: &str) -> Value {
        list(self.all_schemas().map(|definition| schema(definition, base)).collect())
    }

    /// The answer of `/Schemas/{urn}`, with the URN in any case.
    ///
    /// ```
    /// use scim_engine::Registry;
    /// let urn = "urn:ietf:params:scim:schemas:core:2.0:group";
    /// let group = Registry::default().schema_response(urn, "https://example.com/scim/v2")?;
    /// assert_eq!(group["attributes"][0]["name"], "displayName");
    /// assert_eq!(group["meta"]["resourceType"], "Schema");
    /// # Ok::<(), scim_engine::ScimError>(())
    /// ```
    ///
    /// # Errors
    /// A [`ScimError`] of status 404.
    pub fn schema_response(&self, urn: &str, base: &str) -> Result<Value, ScimError> {
        let found = self.all_schemas().find(|definition| definition.id.eq_ignore_ascii_case(urn));
        found
            .map(|definition| schema(definition, base))
            .ok_or_else(|| ScimError::with_status(404, format!("there is no schema `{}`", shortened(urn))))
    }

    fn all_schemas(&self) -> impl Iterator<Item = &Schema> {
        self.schemas().into_iter().chain(OF_DISCOVERY.iter())
    }
}

fn list(resources: Vec<Value>) -> Value {
    let total = u64::try_from(resources.len()).unwrap_or(u64::MAX);
    ListResponse::new(resources).total(total).start_index(1).into_body()
}

fn resource_type(kind: &ResourceType, base: &str) -> Value {
    let mut members = Map::new();
    let mut set = |name: &str, value: Value| members.insert(name.to_owned(), value);
    set("schemas", json!([RESOURCE_TYPE]));
    set("id", kind.name().into());
    set("name", kind.name().into());
    if !kind.description().is_empty() {
        set("description", kind.description().into());
    }
    set("endpoint", kind.endpoint().into());
    set("schema", kind.schema().id.as_str().into());
    let extensions = kind.extensions().map(|schema| json!({"schema": schema.id, "required": kind.is_required(schema)}));
    let extensions: Vec<Value> = extensions.collect();
    if !extensions.is_empty() {
        set("schemaExtensions", extensions.into());
    }
    let location = location(base, "ResourceTypes", kind.name());
    set("meta", json!({"resourceType": "ResourceType", "location": location}));
    Value::Object(members)
}

fn schema(definition: &Schema, base: &str) -> Value {
    let mut members = Map::new();
    let mut set = |name: &str, value: Value| members.insert(name.to_owned(), value);
    set("schemas", json!([SCHEMA]));
    set("id", definition.id.as_str().into());
    for (name, text) in [("name", &definition.name), ("description", &definition.description)] {
        if !text.is_empty() {
            set(name, text.as_str().into());
        }
    }
    set("attributes", definition.attributes.iter().map(attribute).collect());
    let location = location(base, "Schemas", &definition.id);
    set("meta", json!({"resourceType": "Schema", "location": location}));
    Value::Object(members)
}

/// An attribute as JSON, with the characteristics that its type has (RFC 7643 §2.3, §7).
fn attribute(attribute: &Attribute) -> Value {
    let mut members = Map::new();
    let mut set = |name: &str, value: Value| members.insert(name.to_owned(), value);
    let kind = attribute.attr_type;
    set("name", attribute.name.as_str().into());
    set("type", kind.as_str().into());
    if attribute.is_complex() {
        set("subAttributes", attribute.sub_attributes.iter().map(self::attribute).collect());
    }
    set("multiValued", attribute.multi_valued.into());
    set("description", attribute.description.as_str().into());
    set("required", attribute.required.into());
    if !attribute.canonical_values.is_empty() {
        set("canonicalValues", attribute.canonical_values.clone().into());
    }
    if matches!(kind, AttrType::String | AttrType::Reference | AttrType::Binary) {
        set("caseExact", attribute.is_case_exact().into());
    }
    set("mutability", json!(attribute.mutability));
    set("returned", json!(attribute.returned));
    if matches!(kind, AttrType::String | AttrType::Reference | AttrType::Decimal | AttrType::Integer) {
        set("uniqueness", json!(attribute.uniqueness));
    }
    if !attribute.reference_types.is_empty() {
        set("referenceTypes", attribute.reference_types.clone().into());
    }
    Value::Object(members)
}
