//! POST of a whole resource (R1).

use std::fmt;

use serde_json::{Map, Value};

use super::body::{Body, check_required, derive_schemas, without_nulls};
use super::error::ResourceError;
use crate::coerce::coercer::Coercer;
use crate::coerce::refusal::Refusal;
use crate::coerce::{Change, Outcome, container, diff};
use crate::error::ScimType;
use crate::json;
use crate::options::Options;
use crate::schema::{AttrRef, ResourceType, Schema};

/// A resource to store, with the outcome of the request. `Debug` shows no values.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct Written<T = Value> {
    /// The resource: a `Value`, or the type of the host after [`Written::typed`].
    pub resource: T,
    /// The changes and repairs.
    pub outcome: Outcome,
}

impl<T> fmt::Debug for Written<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Written").field("outcome", &self.outcome).finish_non_exhaustive()
    }
}

impl ResourceType {
    /// Makes a new resource from the body of a POST (RFC 7644 §3.3), with the default options. It drops attributes that the
    /// client must not set, repairs malformed values, and checks that required attributes are assigned. The host adds `id`
    /// and `meta`.
    ///
    /// ```
    /// use scim_engine::ResourceType;
    /// use serde_json::json;
    /// let written = ResourceType::user().create(&json!({
    ///     "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
    ///     "id": null,
    ///     "userName": "bjensen",
    ///     "emails": {"value": "b@example.com", "type": "work"},
    /// }))?;
    /// assert_eq!(written.resource["emails"], json!([{"value": "b@example.com", "type": "work"}]));
    /// # Ok::<(), scim_engine::ResourceError>(())
    /// ```
    ///
    /// # Errors
    /// [`ResourceError`]: `invalidSyntax` if the body is not a resource, `invalidValue` for values that the schema does not
    /// allow.
    pub fn create(&self, body: &Value) -> Result<Written, ResourceError> {
        self.create_with(body, &Options::default())
    }

    /// As [`ResourceType::create`], with options.
    ///
    /// # Errors
    /// As [`ResourceType::create`].
    pub fn create_with(&self, body: &Value, options: &Options) -> Result<Written, ResourceError> {
        let Body { coercer, mut schemas, values, unknown, .. } = Body::read(body, None, self, options)?;
        let mut changes = Vec::new();
        let mut resource = Map::new();
        // Reserves the first place in the object for `schemas`, whose value is known only at the end.
        let of_schemas = self.attribute("schemas");
        if let Some(attribute) = of_schemas {
            resource.insert(attribute.name.clone(), Value::Null);
        }
        for (attr, value) in values {
            let Some(value) = without_nulls(value) else { continue };
            for element in diff::elements(Some(&value)) {
                Coercer::check_required_subs(attr, element, None)?;
            }
            diff::attribute(attr, None, Some(&value), &mut changes);
            container::put(&mut resource, attr.extension, &attr.attribute.name, Some(value));
        }
        for (extension, name, value) in unknown {
            changes.extend(Change::single(unknown_path(extension, &name), None, Some(&value)));
            container::put(&mut resource, extension, &name, Some(value));
        }
        if let Some(attribute) = of_schemas {
            derive_schemas(self, options, &mut schemas, &resource);
            let schemas = Value::Array(schemas);
            let mut added = Vec::new();
            diff::attribute(AttrRef::new(None, attribute), None, Some(&schemas), &mut added);
            changes.splice(0..0, added);
            resource.insert(attribute.name.clone(), schemas);
        }
        check_required(self, &resource)?;
        let outcome = Outcome { changed: true, changes, repairs: coercer.repairs };
        Ok(Written { resource: Value::Object(resource), outcome })
    }

    /// As [`ResourceType::create`], from JSON text.
    ///
    /// # Errors
    /// As [`ResourceType::create`]; also `invalidSyntax` if the text is not JSON or names a member twice.
    pub fn create_from_slice(&self, body: &[u8]) -> Result<Written, ResourceError> {
        self.create_from_slice_with(body, &Options::default())
    }

    /// As [`ResourceType::create_from_slice`], with options.
    ///
    /// # Errors
    /// As [`ResourceType::create_from_slice`].
    pub fn create_from_slice_with(&self, body: &[u8], options: &Options) -> Result<Written, ResourceError> {
        self.create_with(&parse(body)?, options)
    }
}

/// Parses JSON text.
pub(super) fn parse(body: &[u8]) -> Result<Value, Refusal> {
    json::from_slice(body).map_err(|error| Refusal::new(ScimType::InvalidSyntax, "", format!("invalid JSON: {error}")))
}

pub(super) fn unknown_path(extension: Option<&Schema>, name: &str) -> String {
    extension.map_or_else(|| name.to_owned(), |schema| format!("{}:{name}", schema.id))
}
