//! One operation of a bulk request, and its result.

use std::fmt;

use serde_json::Value;

use crate::json::Hidden;
use crate::schema::ResourceType;

/// The `method` of a bulk operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BulkMethod {
    /// `POST`: creates a resource.
    Post,
    /// `PUT`: replaces a resource.
    Put,
    /// `PATCH`: changes a resource.
    Patch,
    /// `DELETE`: deletes a resource.
    Delete,
}

impl BulkMethod {
    const ALL: [Self; 4] = [Self::Post, Self::Put, Self::Patch, Self::Delete];

    /// The name, in upper case.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.as_str().eq_ignore_ascii_case(name))
    }

    /// The HTTP status if the operation succeeds.
    pub(super) const fn success(self) -> u16 {
        match self {
            Self::Post => 201,
            Self::Put | Self::Patch => 200,
            Self::Delete => 204,
        }
    }
}

impl fmt::Display for BulkMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An operation of a bulk request. `Debug` does not show `data`.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct BulkOperation {
    /// The index of the operation in the request.
    pub index: usize,
    /// The method.
    pub method: BulkMethod,
    /// The resource type that the path names.
    pub resource_type: ResourceType,
    /// The id of the resource; `None` for a `POST`. In [`Bulk::operations`](super::Bulk::operations) it may still be
    /// `bulkId:…`.
    pub id: Option<String>,
    /// The client's own name for a new resource.
    pub bulk_id: Option<String>,
    /// The version that the client expects, as in `If-Match`.
    pub version: Option<String>,
    /// The body; `null` for a `DELETE`.
    pub data: Value,
    /// Whether this is a follow-up: a `PATCH` that adds the references that were left out of a `POST`. They are left
    /// out if new resources refer to each other in a circle.
    pub is_follow_up: bool,
}

impl fmt::Debug for BulkOperation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BulkOperation")
            .field("index", &self.index)
            .field("method", &self.method)
            .field("resource_type", &self.resource_type)
            .field("id", &self.id)
            .field("bulk_id", &self.bulk_id)
            .field("version", &self.version)
            .field("data", &Hidden(&self.data))
            .field("is_follow_up", &self.is_follow_up)
            .finish()
    }
}

impl BulkOperation {
    /// The path: `/Users` or `/Users/2819c223`.
    pub fn path(&self) -> String {
        let endpoint = self.resource_type.endpoint();
        self.id.as_ref().map_or_else(|| endpoint.to_owned(), |id| format!("{endpoint}/{id}"))
    }
}

/// The result of an operation that did not fail.
///
/// ```
/// use scim_engine::protocol::BulkResult;
/// let result = BulkResult::new().id("2819c223").version("W/\"1\"");
/// assert_eq!(result.id.as_deref(), Some("2819c223"));
/// ```
///
/// `Debug` does not show the body.
#[derive(Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct BulkResult {
    /// The HTTP status. If `None`, the method decides: 201 for a `POST`, 204 for a `DELETE`, otherwise 200.
    pub status: Option<u16>,
    /// The id of the resource. If it is `None` for a `POST`, it is taken from `body` or `location`, since other operations
    /// may refer to it.
    pub id: Option<String>,
    /// The URL of the resource.
    pub location: Option<String>,
    /// The version of the resource after the operation.
    pub version: Option<String>,
    /// The body of the answer, which becomes `response`. Most hosts leave it out.
    pub body: Option<Value>,
}

impl fmt::Debug for BulkResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BulkResult")
            .field("status", &self.status)
            .field("id", &self.id)
            .field("location", &self.location)
            .field("version", &self.version)
            .field("body", &self.body.as_ref().map(Hidden))
            .finish()
    }
}

impl BulkResult {
    /// A success without further members.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the status.
    #[must_use]
    pub fn status(mut self, status: u16) -> Self {
        self.status = Some(status);
        self
    }

    /// Sets the id.
    #[must_use]
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// Sets the location.
    #[must_use]
    pub fn location(mut self, location: impl Into<String>) -> Self {
        self.location = Some(location.into());
        self
    }

    /// Sets the version.
    #[must_use]
    pub fn version(mut self, version: impl Into<String>) -> Self {
        self.version = Some(version.into());
        self
    }

    /// Sets the body.
    #[must_use]
    pub fn body(mut self, body: Value) -> Self {
        self.body = Some(body);
        self
    }

    /// The id of the resource: that of `id`, `body` or `location`, in this order.
    pub(super) fn known_id(&self) -> Option<String> {
        let of_body = || self.body.as_ref().and_then(|body| Some(body.get("id")?.as_str()?.to_owned()));
        let of_location = || {
            let last = self.location.as_ref()?.trim_end_matches('/').rsplit('/').next()?;
            let text = percent_encoding::percent_decode_str(last).decode_utf8().ok()?;
            Some(text.into_owned()).filter(|id| !id.is_empty())
        };
        self.id.clone().or_else(of_body).or_else(of_location)
    }
}
