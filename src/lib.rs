//! An embeddable SCIM 2.0 filter and PATCH engine. It parses text to a tree, compiles the tree and a schema to a plan, and
//! runs the plan on any document.
//!
//! # Filters
//!
//! A [`Filter`] holds the text of a filter and its syntax tree. [`Filter::compile`] resolves its names and types for a
//! [`ResourceType`] and returns a [`Matcher`], which is `Send`, `Sync` and cheap to clone.
//!
//! ```
//! use scim_engine::{Filter, ResourceType};
//! use serde_json::json;
//!
//! let filter: Filter = r#"emails[type eq "work" and value co "@example.com"] and active eq true"#.parse()?;
//! let matcher = filter.compile(&ResourceType::user())?;
//! let user = json!({
//!     "userName": "bjensen",
//!     "active": true,
//!     "emails": [{"type": "work", "value": "bjensen@example.com"}],
//! });
//! assert!(matcher.matches(&user)?);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A document that is JSON text need not be parsed: [`Matcher::matches_slice`] reads its bytes. The module [`scan`]
//! describes how.
//!
//! # PATCH
//!
//! [`Patch::parse`] reads a request in every dialect that identity providers send. [`Patch::apply`] changes a resource in
//! place, completely or not at all, and reports the changes and the repairs.
//!
//! ```
//! use scim_engine::{Patch, ResourceType};
//! use serde_json::json;
//!
//! let mut user = json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "bjensen", "active": true});
//! let patch = Patch::parse(&json!({
//!     "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
//!     "Operations": [
//!         {"op": "Replace", "path": "active", "value": "False"},
//!         {"op": "add", "path": "emails[type eq \"work\"].value", "value": "b@example.com"},
//!     ],
//! }))?;
//! let outcome = patch.apply(&mut user, &ResourceType::user())?;
//! assert_eq!(user["active"], false);
//! assert_eq!(user["emails"], json!([{"type": "work", "value": "b@example.com"}]));
//! assert_eq!(outcome.changes.len(), 2);
//! assert_eq!(outcome.repairs[0].kind(), "boolean_strings");
//! # Ok::<(), scim_engine::PatchError>(())
//! ```
//!
//! # POST and PUT
//!
//! [`ResourceType::create`] and [`ResourceType::replace`] coerce a whole body to the schema.
//!
//! # Typed structs
//!
//! A struct that derives serde's traits passes through the engine as JSON. To match it, serialize it to text; to patch
//! it, convert it to a `Value` and back; to create it, deserialize the coerced body.
//!
//! ```
//! use scim_engine::{Filter, Options, Patch, ResourceType, ScimError, ScimType};
//! use serde::{Deserialize, Serialize};
//! use serde_json::{Value, json};
//!
//! #[derive(Serialize, Deserialize)]
//! #[serde(rename_all = "camelCase")]
//! struct User {
//!     schemas: Vec<String>,
//!     user_name: String,
//!     active: Option<bool>,
//! }
//!
//! /// What the schema allows and the struct does not is the client's value, not our fault.
//! fn typed(resource: Value) -> Result<User, ScimError> {
//!     serde_json::from_value(resource).map_err(|error| ScimError::new(ScimType::InvalidValue, error.to_string()))
//! }
//!
//! let user = ResourceType::user();
//! let options = Options::default().utc(true);
//! let body = json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "ann", "active": "True"});
//! let mut ann = typed(user.create_with(&body, &options)?.resource)?;
//!
//! let matcher = "active eq true".parse::<Filter>()?.compile(&user)?;
//! assert!(matcher.matches_slice(&serde_json::to_vec(&ann)?)?);
//!
//! let patch = Patch::parse_with(&json!({
//!     "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
//!     "Operations": [{"op": "replace", "path": "active", "value": false}],
//! }), &options)?;
//! let mut resource = serde_json::to_value(&ann)?;
//! patch.apply(&mut resource, &user)?;
//! ann = typed(resource)?;
//! assert_eq!(ann.active, Some(false));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! An `integer` attribute is stored as a whole number (`1.0` and `1e3` as `1` and `1000`). With [`Options::utc`] a
//! dateTime is stored in the form that `jiff::Timestamp`, `chrono::DateTime<Utc>` and `time::OffsetDateTime` read.
//! (`time` needs `#[serde(with = "time::serde::rfc3339")]`; by default it writes an array, which no filter matches.)
//! Values of attributes for which the struct has no field are lost, so give the resource type only the attributes that
//! the struct has ([`ResourceType::only`]).
//!
//! # Errors
//!
//! Each layer has its own error ([`ParseError`], [`CompileError`], [`PatchError`], [`ResourceError`], [`SchemaError`]).
//! Errors that a client can cause convert into a [`ScimError`] with status, `scimType` and body. If the host gives a
//! name that does not exist, the error is [`UnknownName`].
//!
//! # Features
//!
//! - default: none. The only dependencies are serde, serde_json, nom, tables of Unicode case folding and normalisation, and
//!   three small crates for vectorised code.
//! - `protocol`: the rest of an endpoint: list requests, answers, discovery, ETags, media types and bulk requests.
//! - `client`: OneLogin's template, and provisioning clients for testing an endpoint.
//! - `cli`: the command line `scim`.
//! - `python`: the Python module `scim_engine._engine`, built by maturin. Semver does not cover its Rust interface.
//!
//! The default features, `protocol` and `client` also compile for `wasm32-unknown-unknown`. The module [`scan`]
//! describes the vector instructions there, and the module `protocol` how to pass the time.
//!
//! A `serde_json::Value` holds numbers beyond 64 bits as floats, unless the feature `arbitrary_precision` of serde_json
//! is on. The features `cli` and `python` turn it on. In filters numbers are always exact.

// docs.rs builds with nightly and shows which feature an item needs.
#![cfg_attr(docsrs, feature(doc_cfg))]

// Benchmarks and unit tests share code, which names the crate `scim_engine`, as users do.
#[cfg(test)]
extern crate self as scim_engine;

#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod cli;
#[cfg(feature = "client")]
pub mod client;
mod coerce;
pub mod document;
mod error;
mod filter;
mod json;
mod limits;
#[cfg(feature = "client")]
pub mod onelogin;
mod patch;
#[cfg(feature = "protocol")]
pub mod protocol;
#[cfg(feature = "python")]
mod python;
mod resource;
pub mod scan;
pub mod schema;
mod shown;
mod splice;
mod suggest;
pub mod syntax;
mod tolerance;
mod words;

pub use coerce::{Absent, Change, Options, Outcome, Profile, Repair, Replaced, UnknownMembers, UnknownPaths, primary};
pub use error::{ScimError, ScimType, UnknownName};
pub use filter::{CompileError, Equality, Explanation, FilterOperator, FilterRules, Matcher, fold, username_key};
pub use limits::Limits;
pub use patch::{Op, Operation, Patch, PatchError};
pub use resource::{ResourceError, Written, diff};
pub use scan::ScanError;
pub use schema::{Registry, ResourceType, SchemaError};
pub use syntax::{AttrBuilder, CompareOp, Expr, Filter, FilterBuilder, ParseError, PatchPath, attr};
pub use tolerance::Tolerance;

/// Runs the examples of the README as tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
