//! The protocol around the engine, as pure functions: what a list request asks for, what an answer holds, discovery, ETags,
//! media types and bulk requests (RFC 7644 §3, RFC 9865). No framework, no I/O, no clock: the host gives what it knows.
//!
//! # Lists
//!
//! A [`ListQuery`] is a query string or a search request, settled: filter, order, page, [`Projection`]. A host that keeps
//! its resources in memory has it [answered](ListQuery::answer) as a whole; one with a database asks it for the
//! [equalities](crate::Matcher::equalities) of its filter, and [wraps](ListQuery::response) what it found. [`Cursors`] seals
//! positions for pages by cursor.
//!
//! # One resource
//!
//! [`stamp`] makes a resource of what [`create`](crate::ResourceType::create) gave, [`touch`] keeps its `meta` in step with
//! what PUT and PATCH did, [`version()`] is its ETag, and [`Preconditions`] what a client asks of that.
//!
//! ```
//! use scim_engine::protocol::{Preconditions, check_content_type, media_type, stamp};
//! use scim_engine::{ResourceType, ScimError};
//! use serde_json::json;
//! use std::time::SystemTime;
//!
//! let (accept, content_type, if_match) = (None, Some("application/json"), Some("W/\"1\""));
//! check_content_type(content_type)?;
//! let mut user = json!({"userName": "bjensen"});
//! stamp(&mut user, &ResourceType::user(), "7", "https://example.com/scim/v2", SystemTime::now(), None);
//! assert_eq!(user["meta"]["location"], "https://example.com/scim/v2/Users/7");
//!
//! let error = Preconditions::new(if_match, None)?.check(user["meta"]["version"].as_str()).unwrap_err();
//! let answer = (error.status(), media_type(accept, content_type), error.to_body());
//! assert_eq!((answer.0, answer.1), (412, "application/json"));
//! # Ok::<(), ScimError>(())
//! ```
//!
//! # Discovery
//!
//! A [`Registry`](crate::Registry) answers `/ResourceTypes` and `/Schemas`, [`ServiceProviderConfig`] its own endpoint.
//!
//! # Bulk requests
//!
//! [`Bulk`] reads a bulk request and gives its operations one by one, in an order in which what they refer to is there, ids in
//! the place of `bulkId:` references; the host does them and says what became of each.
//!
//! # Time and chance
//!
//! What needs the time takes it as a `SystemTime`, and nothing needs random numbers but the key of [`Cursors`], which the host
//! has. So all of this compiles for `wasm32-unknown-unknown`. `SystemTime::now()` panics there: a host gives
//! `SystemTime::UNIX_EPOCH + Duration::from_millis(…)` with what `Date.now()` says.

mod answer;
mod bulk;
mod cursor;
mod discovery;
mod list_query;
mod list_response;
mod media;
mod meta;
mod named;
mod parameters;
mod precondition;
mod projection;
mod provider;
mod query_error;
mod shape;
mod sort;
mod version;

pub use answer::CursorContext;
#[cfg(feature = "python")]
pub(crate) use answer::id_of;
pub use bulk::{Bulk, BulkLimits, BulkMethod, BulkOperation, BulkResult, BulkSession};
pub use cursor::{Cursors, ShortKey};
pub use discovery::check_discovery_query;
pub use list_query::{ListQuery, QueryOptions};
pub use list_response::ListResponse;
pub use media::{JSON, SCIM_JSON, check_content_type, media_type, media_type_or};
pub use meta::{stamp, touch};
pub use precondition::Preconditions;
pub use projection::Projection;
pub use provider::{AuthenticationScheme, BulkConfig, PaginationConfig, PaginationMethod, ServiceProviderConfig};
pub use query_error::QueryError;
#[cfg(feature = "python")]
pub(crate) use shape::{Shape, Verdict, is_secret};
pub use version::version;
