//! The operations of a bulk request, and the references between them.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::operation::{BulkMethod, BulkOperation};
use super::references::{bulk_id, visit};
use super::{circles, references};
use crate::error::{ScimError, ScimType};

/// A bulk request (RFC 7644 §3.7), parsed. The type is immutable and cheap to clone.
///
/// The host performs the operations one by one, as it does single requests. This type decides their order and replaces
/// `bulkId:` references by ids. Operations keep their order, with one exception: an operation that refers to a later
/// `POST` waits for it. Operations on the same resource always keep their order. If new resources refer to each other
/// in a circle (§3.7.1), the first resource is created without its reference, and a `PATCH` that [follows
/// up](BulkOperation::is_follow_up) adds the reference as soon as possible. An operation fails with 409 and
/// `invalidValue` if it refers to a `bulkId` that the request does not have, or to a resource that could not be
/// created.
///
/// References are resolved in the `path` and in the data. In the data they are the `value` or `$ref` of an attribute
/// that refers to resources, and the value of an attribute of type `reference`. A literal that the filter of a PATCH
/// path compares with such a value may be a reference, too. Elsewhere `bulkId:x` is a text like any other. Where a URI
/// is expected, as in `$ref`, the reference becomes the location of the resource, if the host gives one. In a longer
/// URI, such as `/Users/bulkId:x`, the id replaces the last segment.
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
pub struct Bulk(pub(super) Arc<BulkPlan>);

#[derive(Debug)]
pub(super) struct BulkPlan {
    pub operations: Vec<BulkOperation>,
    pub steps: Vec<BulkStep>,
    pub fail_on_errors: Option<usize>,
    /// The index of the `POST` with each bulkId.
    pub by_bulk_id: HashMap<String, usize>,
}

/// One operation of the request, and the operations that must precede it.
#[derive(Debug, Default)]
pub(super) struct BulkStep {
    /// The error, if the operation cannot be performed.
    pub refused: Option<ScimError>,
    /// The method that the response repeats; empty if it could not be read.
    pub method: String,
    /// The bulkId that the response repeats.
    pub bulk_id: Option<String>,
    /// The `POST`s that the operation refers to and waits for.
    pub needs: Vec<usize>,
    /// The `POST`s that the operation refers to but does not wait for, because they and the operation refer to each
    /// other in a circle.
    pub late: Vec<usize>,
    /// The previous operation on the same resource.
    pub after: Option<usize>,
    /// The index in `BulkPlan::operations`, if the operation could be read.
    pub operation: Option<usize>,
}

impl Bulk {
    /// The URN of a bulk request.
    pub const REQUEST: &'static str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
    /// The URN of the response.
    pub const RESPONSE: &'static str = "urn:ietf:params:scim:api:messages:2.0:BulkResponse";

    /// The operations that could be read, in the order of the request. Their references are not yet resolved.
    pub fn operations(&self) -> &[BulkOperation] {
        &self.0.operations
    }

    /// The number of errors after which the request ends (`failOnErrors`).
    pub fn fail_on_errors(&self) -> Option<usize> {
        self.0.fail_on_errors
    }
}

#[expect(clippy::indexing_slicing, reason = "steps are named by their position")]
impl BulkPlan {
    /// The operation of a step, if it could be read.
    pub fn operation(&self, at: usize) -> Option<&BulkOperation> {
        self.operations.get(self.steps[at].operation?)
    }

    /// Resolves which operations refer to which, and which references form circles.
    pub fn resolve_order(&mut self) {
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
        let components = circles::components(&edges);
        for (at, step) in self.steps.iter_mut().enumerate() {
            let is_late = |target: &usize| *target >= at && components[*target] == components[at];
            (step.late, step.needs) = std::mem::take(&mut step.needs).into_iter().partition(is_late);
        }
    }
}

pub(super) fn unresolved(name: &str, why: &str) -> ScimError {
    let shown: String = name.chars().take(100).collect();
    // The status is 409, because RFC 7644 §3.7.1 calls it a conflict. The type is `invalidValue`, because a value is
    // the cause.
    ScimError::new(ScimType::InvalidValue, format!("`{}{shown}` {why}", references::PREFIX)).at_status(409)
}

/// Replaces all references in the path and data of an operation by what `resolve` returns.
pub(super) fn resolved(operation: &mut BulkOperation, resolve: &dyn Fn(&str, bool) -> Option<String>) {
    if let Some(id) = operation.id.as_deref().and_then(bulk_id).and_then(|name| resolve(name, false)) {
        operation.id = Some(id);
    }
    let is_patch = operation.method == BulkMethod::Patch;
    visit(&operation.resource_type, is_patch, &mut operation.data, &mut |name, is_uri| resolve(name, is_uri));
}
