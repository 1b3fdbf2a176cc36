//! An embeddable SCIM 2.0 filter and PATCH engine: text becomes a tree, the tree and a schema become a plan, and the plan
//! runs over any document.
//!
//! # Filters
//!
//! A [`Filter`] is text and tree; [`Filter::compile`] settles names and types for a [`ResourceType`] and gives a
//! [`Matcher`], which is `Send`, `Sync` and cheap to clone.
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
//! A document in JSON text need not be parsed: [`Matcher::matches_slice`] asks its bytes, see [`scan`].
//!
//! # PATCH
//!
//! [`Patch::parse`] reads a request in every dialect that identity providers speak; [`Patch::apply`] changes a resource in
//! place, all or nothing, and says what changed and what was repaired.
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
//! [`ResourceType::create`] and [`ResourceType::replace`] make a whole body fit the schema.
//!
//! # Typed structs
//!
//! A struct with serde goes through the engine as JSON: it is matched as its text, patched as its value, and created from the
//! body that fits the schema.
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
//! An `integer` attribute is stored as a whole number (`1.0` and `1e3` as `1` and `1000`), and with [`Options::utc`] a dateTime in
//! the form that `jiff::Timestamp`, `chrono::DateTime<Utc>` and `time::OffsetDateTime` (`#[serde(with = "time::serde::rfc3339")]`;
//! its default is an array, of which no filter holds) read. A struct with fewer fields than the schema drops what it has no
//! field for; give the resource type no more attributes than the struct has.
//!
//! # Errors
//!
//! Each layer has its own error ([`ParseError`], [`CompileError`], [`PatchError`], [`ResourceError`], [`SchemaError`]); all
//! that a client can cause turn into a [`ScimError`] with status, `scimType` and body. A name that the host gets wrong is an
//! error wherever one is taken: [`UnknownName`].
//!
//! # Features
//!
//! - default: none. serde, serde_json, nom, tables of Unicode case folding and normalisation, and three small crates of vector code are all that
//!   comes with the crate.
//! - `protocol`: list requests, answers, discovery, ETags, media types and bulk requests: the rest of an endpoint.
//! - `client`: OneLogin's template, and provisioning clients to test an endpoint with.
//! - `cli`: the command line `scim`.
//! - `python`: the Python module `scim_engine._engine`, built by maturin; not covered by semver.
//!
//! The default features, `protocol` and `client` compile for `wasm32-unknown-unknown` also: see [`scan`], and the module `protocol`
//! about the clock.
//!
//! Numbers in a `serde_json::Value` beyond 64 bits are what your serde_json makes of them: floats, unless its feature
//! `arbitrary_precision` is on (as it is under `cli` and `python`). In filters they are always exact.

// What benchmarks and unit tests share names the crate as others do.
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

pub use coerce::{Absent, Change, Options, Outcome, Profile, Repair, Replaced, UnknownMembers, UnknownPaths, primary};
pub use error::{ScimError, ScimType, UnknownName};
pub use filter::{CompileError, Equality, Explanation, FilterOperator, FilterRules, Matcher, fold, username_key};
pub use patch::{Op, Operation, Patch, PatchError};
pub use resource::{ResourceError, Written, diff};
pub use scan::ScanError;
pub use schema::{Registry, ResourceType, SchemaError};
pub use syntax::{AttrBuilder, CompareOp, Expr, Filter, FilterBuilder, Limits, ParseError, PatchPath, attr};
pub use tolerance::Tolerance;

/// The README's examples are tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
