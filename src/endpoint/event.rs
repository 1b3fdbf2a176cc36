//! What a request has done, as data for an audit log and for counters.

use std::fmt;
use std::sync::{Mutex, PoisonError};

use serde_json::{Map, Value};

use crate::coerce::Outcome;
use crate::schema::ResourceType;

/// One resource that a request created, replaced, patched or deleted.
///
/// ```
/// use scim_engine::Registry;
/// use scim_engine::endpoint::{Action, Endpoint, MemoryStorage, Request};
/// use serde_json::json;
///
/// let (endpoint, mut storage) = (Endpoint::new(Registry::default()), MemoryStorage::default());
/// let schemas = ["urn:ietf:params:scim:schemas:core:2.0:User"];
/// let user = json!({"schemas": schemas, "userName": "ann", "active": "True", "password": "t0p"});
/// let request = Request::new("POST", "/Users", "https://app.example/scim/v2").json(&user);
/// let response = endpoint.handle(request, &mut storage);
/// let event = &response.events[0];
/// assert_eq!((event.action, event.resource_type.as_str(), event.id.as_str()), (Action::Created, "User", "1"));
/// assert_eq!(event.outcome.repairs[0].path(), "active");
/// assert_eq!(event.secrets, ["password"]);
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Event {
    /// What was done.
    pub action: Action,
    /// The name of the resource type: `User`.
    pub resource_type: String,
    /// The `id` of the resource.
    pub id: String,
    /// The changes, and the repairs of the request. A PUT or PATCH that changes nothing has an event, too: `changed` is then
    /// false. No secret is in it.
    pub outcome: Outcome,
    /// The paths of the secrets that the request set or unassigned, such as `password`.
    pub secrets: Vec<String>,
}

/// What was done to a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// A POST created it.
    Created,
    /// A PUT replaced it.
    Replaced,
    /// A PATCH changed it.
    Patched,
    /// A DELETE removed it.
    Deleted,
}

impl Action {
    /// The word for logs and counters: `created`, `replaced`, `patched` or `deleted`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Replaced => "replaced",
            Self::Patched => "patched",
            Self::Deleted => "deleted",
        }
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Event {
    /// An event with the names of the secrets that a storage is given, and of those that only the outcome marks: secrets of
    /// extensions and secret sub-attributes.
    pub(super) fn new(
        action: Action,
        of: &ResourceType,
        id: &str,
        mut outcome: Outcome,
        given: &Map<String, Value>,
    ) -> Self {
        let mut secrets: Vec<String> = given.keys().cloned().collect();
        outcome.changes.retain(|change| {
            if change.is_secret {
                secrets.push(change.path.clone());
            }
            !change.is_secret
        });
        outcome.changed = !outcome.changes.is_empty() || !secrets.is_empty();
        Self { action, resource_type: of.name().to_owned(), id: id.to_owned(), outcome, secrets }
    }

    pub(super) fn deleted(of: &ResourceType, id: &str) -> Self {
        let outcome = Outcome { changed: true, ..Outcome::default() };
        let (action, secrets) = (Action::Deleted, Vec::new());
        Self { action, resource_type: of.name().to_owned(), id: id.to_owned(), outcome, secrets }
    }
}

/// The events of a request. What is written stays written, whatever becomes of the answer, so its events stay, too.
#[derive(Default)]
pub(super) struct Log(Mutex<Vec<Event>>);

impl Log {
    pub(super) fn push(&self, event: Event) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(event);
    }

    pub(super) fn take(&self) -> Vec<Event> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
