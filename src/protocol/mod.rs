//! The protocol around the engine, as pure functions: what a list request asks for, what an answer holds, discovery, ETags,
//! media types and bulk requests (RFC 7644 §3, RFC 9865). No framework, no I/O, no clock: the host gives what it knows.
//!
//! # Lists
//!
//! A [`ListQuery`] is a query string or a search request, settled: filter, order, page, [`Projection`]. A host that keeps
//! its resources in memory has it [answered](ListQuery::answer) as a whole; one with a database asks it for the
//! [equalities](crate::Matcher::equalities) of its filter, and [wraps](ListQuery::response) what it found. [`Cursors`] seals
//! positions for pages by cursor.

mod answer;
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
pub(crate) use shape::{Shape, Verdict};
pub use version::version;
