//! Reads a bulk request.

use std::collections::HashMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::operation::{BulkMethod, BulkOperation};
use super::plan::{Bulk, BulkPlan, BulkStep};
use crate::coerce::members::{case_duplicate, member};
use crate::error::{ScimError, ScimType};
use crate::json;
use crate::options::Options;
use crate::schema::{Registry, ResourceType};

/// The host's options for bulk requests.
///
/// ```
/// use scim_engine::Registry;
/// use scim_engine::protocol::{Bulk, BulkOptions};
/// let options = BulkOptions::default().max_operations(100).max_payload(64 * 1024);
/// let error = Bulk::from_slice_with(&[b' '; 70_000], &Registry::default(), &options).unwrap_err();
/// assert_eq!(error.status(), 413);
/// assert!(serde_json::from_str::<BulkOptions>(r#"{"maxOperations": 5}"#).is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct BulkOptions {
    /// The host's general options, of which bulk requests use the limits `depth`, `members` and `number_digits`.
    pub options: Options,
    /// The most operations (RFC 7644 §3.7.4); 1,000.
    pub max_operations: usize,
    /// The most bytes of the body (RFC 7644 §3.7.4); 1 MiB.
    pub max_payload: usize,
}

impl Default for BulkOptions {
    fn default() -> Self {
        Self { options: Options::default(), max_operations: 1_000, max_payload: 1024 * 1024 }
    }
}

impl BulkOptions {
    /// Sets the general options.
    #[must_use]
    pub fn options(self, options: Options) -> Self {
        Self { options, ..self }
    }

    /// Sets the most operations.
    #[must_use]
    pub fn max_operations(self, max_operations: usize) -> Self {
        Self { max_operations, ..self }
    }

    /// Sets the most bytes of the body.
    #[must_use]
    pub fn max_payload(self, max_payload: usize) -> Self {
        Self { max_payload, ..self }
    }
}

fn syntax(detail: impl Into<String>) -> ScimError {
    ScimError::new(ScimType::InvalidSyntax, detail)
}

impl Bulk {
    /// Parses a body with the default options.
    ///
    /// # Errors
    /// As [`Bulk::parse_with`].
    pub fn parse(body: &Value, registry: &Registry) -> Result<Self, ScimError> {
        Self::parse_with(body, registry, &BulkOptions::default())
    }

    /// Parses a body. Only [`Bulk::from_slice_with`] checks the limit on bytes, because a `Value` does not have a length in
    /// bytes.
    ///
    /// # Errors
    /// [`ScimError`]: `invalidSyntax` if the body is not a bulk request; status 413, with the limit in the
    /// message, if it has too many operations. A fault in a single operation is not an error here; it becomes the
    /// result of the operation.
    pub fn parse_with(body: &Value, registry: &Registry, options: &BulkOptions) -> Result<Self, ScimError> {
        let limits = &options.options.limits;
        json::check_body(body, limits.capped_depth(), limits.members).map_err(syntax)?;
        json::check_numbers(body, limits.number_digits).map_err(syntax)?;
        Self::read(body, registry, options.max_operations)
    }

    /// Parses JSON text with the default options.
    ///
    /// # Errors
    /// As [`Bulk::from_slice_with`].
    pub fn from_slice(body: &[u8], registry: &Registry) -> Result<Self, ScimError> {
        Self::from_slice_with(body, registry, &BulkOptions::default())
    }

    /// Parses JSON text.
    ///
    /// # Errors
    /// Those of [`Bulk::parse_with`]. Also status 413 if the text is too long, and `invalidSyntax` if it is
    /// not JSON or if an object in it has a name twice.
    pub fn from_slice_with(body: &[u8], registry: &Registry, options: &BulkOptions) -> Result<Self, ScimError> {
        let max = options.max_payload;
        if body.len() > max {
            let detail = format!("the size of the bulk operation exceeds the maxPayloadSize ({max})");
            return Err(ScimError::with_status(413, detail));
        }
        let body = json::from_slice(body).map_err(|error| syntax(format!("invalid JSON: {error}")))?;
        Self::parse_with(&body, registry, options)
    }

    fn read(body: &Value, registry: &Registry, max_operations: usize) -> Result<Self, ScimError> {
        let Value::Object(envelope) = body else {
            return Err(syntax("expected a bulk request: an object with `schemas` and `Operations`"));
        };
        if let Some(name) = case_duplicate(envelope) {
            return Err(syntax(format!("the name `{name}` is given twice, in different case")));
        }
        let is_bulk = |urn: &Value| urn.as_str().is_some_and(|urn| urn.eq_ignore_ascii_case(Self::REQUEST));
        let schemas = member(envelope, "schemas").and_then(Value::as_array);
        if !schemas.is_some_and(|urns| urns.iter().any(is_bulk)) {
            return Err(syntax(format!("expected `schemas` to hold `{}`", Self::REQUEST)));
        }
        let fail_on_errors = match member(envelope, "failOnErrors") {
            None | Some(Value::Null) => None,
            Some(value) => match value.as_u64().and_then(|count| usize::try_from(count).ok()) {
                Some(count) if count > 0 => Some(count),
                _ => return Err(ScimError::new(ScimType::InvalidValue, "expected `failOnErrors` to be 1 or more")),
            },
        };
        let Some(Value::Array(given)) = member(envelope, "Operations") else {
            return Err(syntax("expected `Operations`, a list of operations"));
        };
        let count = given.len();
        if count > max_operations {
            let detail = format!("the number of operations, {count}, exceeds the maxOperations ({max_operations})");
            return Err(ScimError::with_status(413, detail));
        }
        let mut plan =
            BulkPlan { operations: Vec::new(), steps: Vec::new(), fail_on_errors, by_bulk_id: HashMap::new() };
        for (index, given) in given.iter().enumerate() {
            let Value::Object(given) = given else {
                return Err(syntax(format!("operation {index}: expected an object with `method` and `path`")));
            };
            plan.add(index, given, registry);
        }
        plan.resolve_order();
        Ok(Self(Arc::new(plan)))
    }
}

impl BulkPlan {
    /// Reads one operation. A fault in the operation is not returned: it becomes the result of the operation.
    fn add(&mut self, index: usize, given: &Map<String, Value>, registry: &Registry) {
        let text = |name: &str| member(given, name).and_then(Value::as_str);
        let shown = |text: &str| text.chars().take(100).collect::<String>();
        let mut step = BulkStep {
            method: text("method").map_or_else(String::new, |method| shown(&method.to_ascii_uppercase())),
            bulk_id: text("bulkId").map(str::to_owned),
            ..BulkStep::default()
        };
        match read_operation(index, given, registry) {
            Err(error) => step.refused = Some(error),
            Ok(operation) => {
                if let (BulkMethod::Post, Some(name)) = (operation.method, &operation.bulk_id) {
                    if self.by_bulk_id.contains_key(name) {
                        let detail = format!("the `bulkId` `{}` is that of another operation", shown(name));
                        step.refused = Some(ScimError::new(ScimType::InvalidValue, detail));
                    } else {
                        self.by_bulk_id.insert(name.clone(), index);
                    }
                }
                step.operation = Some(self.operations.len());
                self.operations.push(operation);
            }
        }
        self.steps.push(step);
    }
}

fn read_operation(index: usize, given: &Map<String, Value>, registry: &Registry) -> Result<BulkOperation, ScimError> {
    if let Some(name) = case_duplicate(given) {
        return Err(syntax(format!("the name `{name}` is given twice, in different case")));
    }
    let text = |name: &str| match member(given, name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.as_str())),
        Some(_) => Err(syntax(format!("expected `{name}` to be a string"))),
    };
    let expected = || syntax("expected `method` to be `POST`, `PUT`, `PATCH` or `DELETE`");
    let method = text("method")?.and_then(BulkMethod::from_name).ok_or_else(expected)?;
    let bulk_id = text("bulkId")?.filter(|name| !name.is_empty()).map(str::to_owned);
    if method == BulkMethod::Post && bulk_id.is_none() {
        return Err(syntax("a `POST` needs a `bulkId`"));
    }
    let path = text("path")?.ok_or_else(|| syntax("expected `path`, such as `/Users`"))?;
    let (resource_type, id) = target(method, path, registry)?;
    let data = match member(given, "data") {
        _ if method == BulkMethod::Delete => Value::Null,
        Some(data @ Value::Object(_)) => data.clone(),
        _ => return Err(syntax(format!("a `{method}` needs `data`, an object"))),
    };
    let version = text("version")?.map(str::to_owned);
    Ok(BulkOperation { index, method, resource_type, id, bulk_id, version, data, is_follow_up: false })
}

/// The resource type and the id that a path names.
fn target(method: BulkMethod, path: &str, registry: &Registry) -> Result<(ResourceType, Option<String>), ScimError> {
    let shown: String = path.chars().take(200).collect();
    let inner = path.trim_matches('/');
    if path.contains(['?', '#']) {
        return Err(syntax(format!("`{shown}` has more than a path: expected one such as `/Users`")));
    }
    if method == BulkMethod::Post {
        let found = registry.by_endpoint(inner).filter(|_| !inner.is_empty());
        let missing = || ScimError::with_status(404, format!("`{shown}` is not an endpoint that takes a `POST`"));
        return Ok((found.ok_or_else(missing)?.clone(), None));
    }
    let found = inner.rsplit_once('/').and_then(|(endpoint, id)| Some((registry.by_endpoint(endpoint)?, id)));
    let Some((resource_type, id)) = found else {
        let detail = format!("`{shown}` is not a resource: expected a path such as `/Users/2819c223`");
        return Err(ScimError::with_status(404, detail));
    };
    let id = percent_encoding::percent_decode_str(id).decode_utf8();
    let id = id.map_err(|_| syntax(format!("`{shown}` is not UTF-8 in its percent encoding")))?;
    Ok((resource_type.clone(), Some(id.into_owned())))
}
