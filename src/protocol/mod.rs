//! The protocol around the engine, as pure functions: list requests, answers, discovery, ETags, media types and bulk
//! requests (RFC 7644 §3, RFC 9865). The module uses no framework, no I/O and no clock: the host passes texts,
//! resources and the time.
//!
//! # Lists
//!
//! A [`ListQuery`] is a query string or a search request, parsed and resolved: filter, order, page and [`Projection`].
//! If the resources are in memory, [`ListQuery::answer`] answers the whole request. A host with a database finds the
//! resources itself, for example by the [equalities](crate::Matcher::equalities) of the filter, and passes those of the
//! page to [`ListQuery::response`]. `Cursors` (feature `cursors`) seals positions for pages by cursor.
//!
//! # One resource
//!
//! [`Meta::create`] turns the result of [`create`](crate::ResourceType::create) into a complete resource.
//! [`Meta::update`] updates the `meta` of a resource after PUT and PATCH. [`version()`] computes its ETag, and
//! [`Preconditions`] checks the conditions that a request places on the ETag. The module [`media`] has the media types.
//!
//! ```
//! use scim_engine::protocol::{Meta, Preconditions, media};
//! use scim_engine::{ResourceType, ScimError};
//! use serde_json::json;
//! use std::time::SystemTime;
//!
//! let (accept, content_type, if_match) = (None, Some("application/json"), Some("W/\"1\""));
//! media::check_content_type(content_type)?;
//! let mut user = json!({"userName": "bjensen"});
//! Meta::new("https://example.com/scim/v2", SystemTime::now()).create(&mut user, &ResourceType::user(), "7");
//! assert_eq!(user["meta"]["location"], "https://example.com/scim/v2/Users/7");
//!
//! let error = Preconditions::new(if_match, None)?.check(user["meta"]["version"].as_str()).unwrap_err();
//! let answer = (error.status(), media::negotiate(accept, content_type), error.to_body());
//! assert_eq!((answer.0, answer.1), (412, "application/json"));
//! # Ok::<(), ScimError>(())
//! ```
//!
//! # Discovery
//!
//! A [`Registry`](crate::Registry) answers `/ResourceTypes` and `/Schemas`; [`ServiceProviderConfig`] answers its own
//! endpoint.
//!
//! # Bulk requests
//!
//! [`Bulk`] reads a bulk request and returns its operations one by one. Each operation comes after those that it refers
//! to, with ids in place of `bulkId:` references. The host performs each operation and passes its result back.
//!
//! # Time and random numbers
//!
//! Functions that need the time take it as a `SystemTime`. Only the key of `Cursors` needs random numbers, and the host
//! provides it. So the module compiles for `wasm32-unknown-unknown`. `SystemTime::now()` panics there; a host passes
//! `SystemTime::UNIX_EPOCH + Duration::from_millis(…)` with the value of `Date.now()`.

mod answer;
mod attr_name;
mod bulk;
mod discovery;
mod list_query;
mod list_response;
pub mod media;
mod meta;
mod parameters;
mod precondition;
mod projection;
mod provider;
mod query_error;
mod query_options;
#[cfg(feature = "cursors")]
mod sealed_cursor;
mod sort;
mod version;

#[cfg(feature = "python")]
pub(crate) use answer::id_of;
pub use bulk::{Bulk, BulkMethod, BulkOperation, BulkOptions, BulkResult, BulkSession};
pub use discovery::check_discovery_query;
pub use list_query::ListQuery;
pub use list_response::ListResponse;
pub use meta::{Meta, MetaVersion};
pub use precondition::Preconditions;
pub use projection::Projection;
pub use provider::{AuthenticationScheme, BulkConfig, PaginationConfig, PaginationMethod, ServiceProviderConfig};
pub use query_error::QueryError;
pub use query_options::QueryOptions;
#[cfg(feature = "cursors")]
pub use sealed_cursor::{CursorContext, Cursors, ShortKey};
pub use sort::Order;
pub use version::version;
