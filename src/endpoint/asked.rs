//! A request while it is answered, and why one is refused.

use std::time::SystemTime;

use serde_json::Value;

use super::call::StorageError;
use super::event::Log;
use super::exchange::Asks;
use super::http::Response;
use super::settings::Settings;
use crate::error::ScimError;
use crate::protocol::{Preconditions, Projection};
use crate::schema::ResourceType;

/// Why a request has no answer but an error.
pub(super) enum Refusal {
    Scim(ScimError),
    /// A method that is not allowed here, and those that are.
    Method(String, &'static str),
    /// What failed, which the client does not learn.
    Failed(String),
}

impl Refusal {
    pub(super) fn not_found(what: impl std::fmt::Display) -> Self {
        Self::Scim(ScimError::with_status(404, format!("there is no {what}")))
    }

    pub(super) fn into_error(self) -> ScimError {
        match self {
            Self::Scim(error) => error,
            Self::Method(method, allowed) => {
                ScimError::with_status(405, format!("`{method}` is not allowed here: expected one of {allowed}"))
            }
            Self::Failed(_) => ScimError::with_status(500, "the service failed to answer"),
        }
    }

    pub(super) fn into_response(self, media_type: &str) -> Response {
        let (allowed, failure) = match &self {
            Self::Method(_, allowed) => (Some(*allowed), None),
            Self::Failed(why) => (None, Some(why.clone())),
            Self::Scim(_) => (None, None),
        };
        let response = Response::refusal(media_type, &self.into_error()).failed(failure);
        match allowed {
            Some(allowed) => response.with("Allow", allowed),
            None => response,
        }
    }
}

impl<E: Into<ScimError>> From<E> for Refusal {
    fn from(error: E) -> Self {
        Self::Scim(error.into())
    }
}

/// What a storage could not do, on behalf of a resource.
pub(super) fn refused(error: StorageError, resource_type: &ResourceType, id: &str) -> Refusal {
    match error {
        StorageError::Refused(error) => Refusal::Scim(error),
        // Only what is read or written by its id can be missing or stale.
        StorageError::Missing | StorageError::Stale if id.is_empty() => Refusal::Failed(error.to_string()),
        StorageError::Missing => Refusal::not_found(format_args!("{} `{id}`", resource_type.name())),
        StorageError::Stale => {
            Refusal::Scim(ScimError::with_status(409, "the resource was changed meanwhile: try again"))
        }
        StorageError::Busy => Refusal::Scim(ScimError::with_status(503, "the service is busy: try again")),
        StorageError::Failed(why) => Refusal::Failed(why),
    }
}

/// A request, and what answers it.
pub(super) struct Asked<'a> {
    pub settings: &'a Settings,
    pub asks: &'a Asks,
    /// What was done so far.
    pub log: &'a Log,
    pub base: &'a str,
    /// The context in which cursors are valid.
    pub context: &'a str,
    pub query: &'a str,
    pub body: &'a [u8],
    pub conditions: Preconditions,
    pub media_type: &'static str,
    pub now: SystemTime,
}

impl Asked<'_> {
    pub(super) fn projection(&self, resource_type: &ResourceType) -> Result<Projection, Refusal> {
        Ok(Projection::from_query(self.query, resource_type)?)
    }

    pub(super) fn json(&self, status: u16, body: &Value) -> Response {
        Response::new(status).json(self.media_type, body)
    }
}
