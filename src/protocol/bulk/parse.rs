//! Reads a bulk request: its operations, and how they refer to each other.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use serde_json::{Map, Value};

use super::operation::{BulkMethod, BulkOperation, BulkResult};
use super::references::{bulk_id, visit};
use super::session::BulkSession;
use super::{order, references};
use crate::coerce::members::{doubled_name, member};
use crate::error::{ScimError, ScimType};
use crate::json;
use crate::schema::{Registry, ResourceType};
use crate::syntax::Limits;

/// Limits on a bulk request (RFC 7644 §3.7.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct BulkLimits {
    /// The most operations; 1,000.
    pub max_operations: usize,
    /// The most bytes of the body; 1 MiB.
    pub max_payload: usize,
}

impl Default for BulkLimits {
    fn default() -> Self {
        Self { max_operations: 1_000, max_payload: 1024 * 1024 }
    }
}

/// A bulk request (RFC 7644 §3.7), parsed. Immutable and cheap to clone.
///
/// The host performs the operations one by one, as it does single requests. This type decides their order and replaces
/// `bulkId:` references by ids. Operations keep their order, but one that refers to a later `POST` waits for it, and
/// operations on one resource always keep their order. If new resources refer to each other in a circle (§3.7.1), the first
/// is created without that reference, and a `PATCH` that [follows up](BulkOperation::is_follow_up) adds it as soon as
/// possible. An operation fails with 409 and `invalidValue` if it refers to a `bulkId` that the request does not have, or
/// to a resource that could not be created.
///
/// References are resolved in the `path` and in the data. There they are the `value` or `$ref` of an attribute that refers
/// to resources, or the value of an attribute of type `reference`; literals in the filter of a PATCH path that are compared
/// with these count, too. Elsewhere `bulkId:x` is a text like any other. A `$ref` or other URI becomes the location, if the
/// host gives one; in a longer URI, such as `/Users/bulkId:x`, only the last segment is replaced, by the id.
///
/// ```
/// use scim_engine::Registry;
/// use scim_engine::protocol::{Bulk, BulkResult};
/// use serde_json::json;
/// let bulk = Bulk::parse(&json!({
///     "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
///     "Operations": [
///         {"method": "POST", "path": "/Groups", "bulkId": "crew", "data": {
///             "displayName": "Crew", "members": [{"value": "bulkId:alice"}],
///         }},
///         {"method": "POST", "path": "/Users", "bulkId": "alice", "data": {"userName": "alice"}},
///     ],
/// }), &Registry::default())?;
/// let response = bulk.run(|operation| {
///     if operation.resource_type.name() == "Group" {
///         assert_eq!(operation.data["members"][0]["value"], "7001");
///     }
///     Ok(BulkResult::new().id(if operation.index == 0 { "7002" } else { "7001" }))
/// });
/// assert_eq!(response["Operations"][0]["bulkId"], "crew");
/// assert_eq!(response["Operations"][1]["status"], "201");
/// # Ok::<(), scim_engine::ScimError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Bulk(pub(super) Arc<Plan>);

#[derive(Debug)]
pub(super) struct Plan {
    pub operations: Vec<BulkOperation>,
    pub steps: Vec<Step>,
    pub fail_on_errors: Option<usize>,
    /// The index of the `POST` with each bulkId.
    pub by_bulk_id: HashMap<String, usize>,
}

/// An operation, with the operations that must precede it.
#[derive(Debug, Default)]
pub(super) struct Step {
    /// The error, if it cannot be performed.
    pub refused: Option<ScimError>,
    /// Its method, for the response, as far as it could be read; the same for its bulkId.
    pub method: String,
    pub bulk_id: Option<String>,
    /// The `POST`s that it refers to and waits for.
    pub needs: Vec<usize>,
    /// The `POST`s that it refers to in a circle, and so does not wait for.
    pub late: Vec<usize>,
    /// The previous operation on the same resource.
    pub after: Option<usize>,
    /// Its index in `Plan::operations`, if it could be read.
    pub operation: Option<usize>,
}

fn syntax(detail: impl Into<String>) -> ScimError {
    ScimError::new(ScimType::InvalidSyntax, detail)
}

impl Bulk {
    /// The URN of a bulk request.
    pub const REQUEST: &'static str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
    /// The URN of the response.
    pub const RESPONSE: &'static str = "urn:ietf:params:scim:api:messages:2.0:BulkResponse";

    /// Parses a body with the default limits.
    ///
    /// # Errors
    /// As [`Bulk::parse_with`].
    pub fn parse(body: &Value, registry: &Registry) -> Result<Self, ScimError> {
        Self::parse_with(body, registry, &BulkLimits::default())
    }

    /// Parses a body. A value does not have a length in bytes, so only [`Bulk::from_slice`] checks that limit.
    ///
    /// # Errors
    /// [`ScimError`]: `invalidSyntax` if the body is not a bulk request; 413 with the limit if it has too many operations.
    /// A fault in a single operation is not an error here; it becomes the result of the operation.
    pub fn parse_with(body: &Value, registry: &Registry, limits: &BulkLimits) -> Result<Self, ScimError> {
        let of_bodies = Limits::default();
        json::check_body(body, of_bodies.depth(), of_bodies.members).map_err(syntax)?;
        json::check_numbers(body, of_bodies.number_digits).map_err(syntax)?;
        Self::read(body, registry, limits)
    }

    /// Parses JSON text.
    ///
    /// # Errors
    /// Those of [`Bulk::parse_with`], and also 413 if the text is too long, and `invalidSyntax` if it is not JSON or has a
    /// name twice in an object.
    pub fn from_slice(body: &[u8], registry: &Registry, limits: &BulkLimits) -> Result<Self, ScimError> {
        if body.len() > limits.max_payload {
            let detail = format!("the size of the bulk operation exceeds the maxPayloadSize ({})", limits.max_payload);
            return Err(ScimError::with_status(413, detail));
        }
        let body = json::from_slice(body).map_err(|error| syntax(format!("not readable as JSON: {error}")))?;
        Self::parse_with(&body, registry, limits)
    }

    fn read(body: &Value, registry: &Registry, limits: &BulkLimits) -> Result<Self, ScimError> {
        let Value::Object(envelope) = body else {
            return Err(syntax("expected a bulk request: an object with `schemas` and `Operations`"));
        };
        if let Some(name) = doubled_name(envelope) {
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
        if given.len() > limits.max_operations {
            let detail = format!(
                "the number of operations, {}, exceeds the maxOperations ({})",
                given.len(),
                limits.max_operations
            );
            return Err(ScimError::with_status(413, detail));
        }
        let mut plan = Plan { operations: Vec::new(), steps: Vec::new(), fail_on_errors, by_bulk_id: HashMap::new() };
        for (index, given) in given.iter().enumerate() {
            let Value::Object(given) = given else {
                return Err(syntax(format!("operation {index}: expected an object with `method` and `path`")));
            };
            plan.add(index, given, registry);
        }
        plan.settle_order();
        Ok(Self(Arc::new(plan)))
    }

    /// The operations that could be read, in the order of the request. Their references are not yet resolved.
    pub fn operations(&self) -> &[BulkOperation] {
        &self.0.operations
    }

    /// The number of errors after which to stop.
    pub fn fail_on_errors(&self) -> Option<usize> {
        self.0.fail_on_errors
    }

    /// Begins to perform the operations one by one. Use it if the host waits for I/O between them.
    ///
    /// ```
    /// use scim_engine::Registry;
    /// use scim_engine::protocol::{Bulk, BulkResult};
    /// use serde_json::json;
    /// let bulk = Bulk::parse(&json!({
    ///     "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
    ///     "Operations": [{"method": "DELETE", "path": "/Users/7001"}],
    /// }), &Registry::default())?;
    /// let mut session = bulk.start("https://example.com/v2");
    /// while let Some(operation) = session.next_operation() {
    ///     assert_eq!(operation.id.as_deref(), Some("7001"));
    ///     session.answer(Ok(BulkResult::new()));
    /// }
    /// assert_eq!(session.response()["Operations"], json!([
    ///     {"method": "DELETE", "location": "https://example.com/v2/Users/7001", "status": "204"},
    /// ]));
    /// # Ok::<(), scim_engine::ScimError>(())
    /// ```
    ///
    /// `base` is the URL under which the endpoints are. It completes locations that the host does not give; empty if it is
    /// not known.
    pub fn start(&self, base: &str) -> BulkSession {
        BulkSession::new(self.clone(), base)
    }

    /// Performs all operations with a function that performs one, and returns the response. It has only the locations that
    /// the function returns.
    pub fn run(&self, mut handle: impl FnMut(&BulkOperation) -> Result<BulkResult, ScimError>) -> Value {
        let mut session = self.start("");
        while let Some(operation) = session.next_operation() {
            let result = handle(&operation);
            session.answer(result);
        }
        session.response()
    }
}

impl Plan {
    /// Reads one operation. A fault in it becomes its result.
    fn add(&mut self, index: usize, given: &Map<String, Value>, registry: &Registry) {
        let text = |name: &str| member(given, name).and_then(Value::as_str);
        let shown = |text: &str| text.chars().take(100).collect::<String>();
        let mut step = Step {
            method: text("method").map_or_else(String::new, |method| shown(&method.to_ascii_uppercase())),
            bulk_id: text("bulkId").map(str::to_owned),
            ..Step::default()
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

    /// Resolves which operations refer to which, and which references form circles.
    fn settle_order(&mut self) {
        let mut on_resource: HashMap<(String, String), usize> = HashMap::new();
        for (at, step) in self.steps.iter_mut().enumerate() {
            let Some(operation) = step.operation.and_then(|place| self.operations.get_mut(place)) else { continue };
            if step.refused.is_some() {
                continue;
            }
            let mut names = BTreeSet::new();
            let of_path = operation.id.as_deref().and_then(bulk_id);
            names.extend(of_path.map(str::to_owned));
            let is_patch = operation.method == BulkMethod::Patch;
            visit(&operation.resource_type, is_patch, &mut operation.data, &mut |name, _| {
                names.insert(name.to_owned());
                None
            });
            for name in names {
                match self.by_bulk_id.get(&name) {
                    Some(post) => step.needs.push(*post),
                    None => step.refused = Some(unresolved(&name, "is not a `bulkId` of a POST in this request")),
                }
            }
            step.needs.sort_unstable();
            if let Some(id) = &operation.id {
                let resource = (operation.resource_type.name().to_owned(), id.clone());
                step.after = on_resource.insert(resource, at);
            }
        }
        let edges: Vec<Vec<usize>> = self.steps.iter().map(|step| step.needs.clone()).collect();
        let components = order::components(&edges);
        for (at, step) in self.steps.iter_mut().enumerate() {
            let is_late = |target: &usize| *target >= at && components.get(*target) == components.get(at);
            (step.late, step.needs) = std::mem::take(&mut step.needs).into_iter().partition(is_late);
        }
    }
}

pub(super) fn unresolved(name: &str, why: &str) -> ScimError {
    let shown: String = name.chars().take(100).collect();
    // A conflict by RFC 7644 §3.7.1, so 409; and `invalidValue`, because a value causes it.
    ScimError::new(ScimType::InvalidValue, format!("`{}{shown}` {why}", references::PREFIX)).at_status(409)
}

fn read_operation(index: usize, given: &Map<String, Value>, registry: &Registry) -> Result<BulkOperation, ScimError> {
    if let Some(name) = doubled_name(given) {
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

/// Replaces all references in the path and data of an operation by what `resolve` returns.
pub(super) fn resolved(operation: &mut BulkOperation, resolve: &dyn Fn(&str, bool) -> Option<String>) {
    if let Some(id) = operation.id.as_deref().and_then(bulk_id).and_then(|name| resolve(name, false)) {
        operation.id = Some(id);
    }
    let is_patch = operation.method == BulkMethod::Patch;
    visit(&operation.resource_type, is_patch, &mut operation.data, &mut |name, is_uri| resolve(name, is_uri));
}
