//! A SCIM endpoint without HTTP and without a database: it reads requests, asks a storage, and makes answers.
//!
//! An [`Endpoint`] knows the resource types and what the service promises. It answers each [`Request`] with a [`Response`]:
//! resources, lists, `.search`, bulk, discovery, ETags and errors (RFC 7644 §3 and §4). What it needs of the database it asks a
//! [`Storage`]: five methods over rows, documents or anything else. The storage is that of the caller: the host authenticates
//! a request first, and then hands the endpoint the storage of this tenant.
//!
//! ```
//! use scim_engine::Registry;
//! use scim_engine::endpoint::{Endpoint, MemoryStorage, Request};
//! use serde_json::{Value, json};
//!
//! let endpoint = Endpoint::new(Registry::default());
//! let mut storage = MemoryStorage::default();
//! let user = json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "bjensen"});
//! let request = Request::new("POST", "/Users", "https://app.example/scim/v2").json(&user);
//! let created = endpoint.handle(request, &mut storage);
//! assert_eq!(created.status, 201);
//! assert_eq!(created.header("Location"), Some("https://app.example/scim/v2/Users/1"));
//!
//! let request = Request::new("GET", "/Users", "https://app.example/scim/v2").query("filter=userName+eq+%22BJENSEN%22");
//! let list: Value = serde_json::from_slice(&endpoint.handle(request, &mut storage).body)?;
//! assert_eq!(list["totalResults"], 1);
//! # Ok::<(), serde_json::Error>(())
//! ```
//!
//! # Without threads and without a runtime
//!
//! [`Endpoint::handle`] calls a storage that blocks. A host with an asynchronous driver begins an [`Exchange`] instead, and
//! answers its [`Call`]s one after another; so can a host in another language.

mod asked;
mod call;
mod change;
mod event;
mod exchange;
mod http;
mod lists;
mod memory;
mod nested;
mod openapi;
mod openapi_schemas;
mod resources;
mod routes;
mod service;
mod settings;

pub use call::{
    Call, Delete, Elements, Find, Found, Get, Insert, Needs, Reply, Storage, StorageError, Stored, Update, Window,
};
pub use event::{Action, Event};
pub use exchange::{Exchange, Step};
pub use http::{Request, Response};
pub use memory::MemoryStorage;
pub use service::Endpoint;
pub use settings::NestedGroups;
