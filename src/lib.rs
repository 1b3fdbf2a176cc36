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
//! What serde can write and read passes through the engine: [`Written::typed`] makes a struct of a POST or PUT,
//! [`Patch::apply_typed`] patches it, [`Matcher::matches_typed`] matches it, and [`to_resource`] writes it.
//!
//! ```
//! use scim_engine::{Error, Filter, Options, Patch, ResourceType};
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Serialize, Deserialize)]
//! #[serde(rename_all = "camelCase")]
//! struct User {
//!     schemas: Vec<String>,
//!     user_name: String,
//!     active: Option<bool>,
//! }
//!
//! // The attributes of the struct: others that a client sends are dropped with a report.
//! let user = ResourceType::user().only(["userName", "active"])?;
//! let options = Options::default().utc(true);
//! let body = br#"{"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "ann", "active": "True"}"#;
//! let mut ann: User = user.create_from_slice_with(body, &options)?.typed()?.resource;
//!
//! let matcher = Filter::parse("active eq true")?.compile(&user)?;
//! assert!(matcher.matches_typed(&ann)?);
//!
//! let body = br#"{"Operations": [{"op": "replace", "path": "active", "value": false}]}"#;
//! let outcome = Patch::from_slice_with(body, &options)?.apply_typed(&mut ann, &user)?;
//! assert!(outcome.changed && ann.active == Some(false));
//! # Ok::<(), Error>(())
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
//! Each layer has its own error: [`ParseError`], [`CompileError`], [`PatchError`], [`ResourceError`], [`SchemaError`], and
//! [`UnknownName`] for a name of the host that does not exist. All of them have the accessors `message` and `scim_type` and,
//! where they have a meaning, `hint`, `span`, `path` and `render`. Each converts into [`Error`], for functions that use
//! several layers, and into a [`ScimError`], the answer to the client with status, `scimType` and body.
//!
//! # Features
//!
//! | feature | what it adds | on by default |
//! |---|---|---|
//! | `scan` | filters and PATCH over JSON text that is not parsed (module `scan`) | yes |
//! | `protocol` | the rest of an endpoint: list requests, answers, discovery, ETags, media types and bulk requests | no |
//! | `cursors` | `protocol`, and pages by cursor (RFC 9865), whose positions a cipher seals | no |
//! | `endpoint` | `cursors`, and a whole endpoint over a storage of the host's, without HTTP | no |
//! | `sql` | filters as conditions over columns, and rows as resources; with `endpoint`, a storage over tables | no |
//! | `sea-query` | `sql`, and conditions as expressions of `sea-query` | no |
//! | `client` | `protocol`, and OneLogin's template and provisioning clients for testing an endpoint | no |
//! | `compress` | `scan`, and `scan::Unpacked`, which undoes gzip and zstd | no |
//! | `cli` | the command `scim-engine` | no |
//! | `python` | the Python module `scim_engine._engine`, built by maturin; semver does not cover its Rust interface | no |
//!
//! Without features, the dependencies are serde, serde_json, nom, tables of Unicode case folding and normalisation, and small
//! crates for fast search in bytes and for the place of serde's errors.
//!
//! The default features, `protocol`, `cursors` and `client` also compile for `wasm32-unknown-unknown`. The module [`scan`]
//! describes the vector instructions there, and the module `protocol` how to pass the time.
//!
//! A `serde_json::Value` holds numbers beyond 64 bits as floats, unless the feature `arbitrary_precision` of serde_json
//! is on. The features `cli` and `python` turn it on. In filters numbers are always exact.

// docs.rs builds with nightly and shows which feature an item needs.
#![cfg_attr(docsrs, feature(doc_cfg))]
// Parts of other rooms have no user but `scan` and `splice`.
#![cfg_attr(not(feature = "scan"), allow(dead_code, unused_imports))]

// Benchmarks and unit tests share code, which names the crate `scim_engine`, as users do.
#[cfg(test)]
extern crate self as scim_engine;

mod any_error;
#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod cli;
#[cfg(feature = "client")]
pub mod client;
mod coerce;
pub mod condition;
pub mod document;
#[cfg(feature = "endpoint")]
pub mod endpoint;
mod error;
mod filter;
mod json;
mod limits;
#[cfg(feature = "client")]
pub mod onelogin;
mod options;
mod patch;
mod profile;
#[cfg(feature = "protocol")]
pub mod protocol;
#[cfg(feature = "python")]
mod python;
mod resource;
#[cfg(feature = "scan")]
pub mod scan;
pub mod schema;
mod shown;
#[cfg(feature = "scan")]
mod splice;
#[cfg(feature = "sql")]
pub mod sql;
mod suggest;
pub mod syntax;
#[cfg(all(feature = "endpoint", feature = "sql"))]
pub mod tables;
mod tolerance;
mod typed;
mod words;

pub use any_error::Error;
pub use coerce::{Change, Outcome, Repair, Replaced, primary};
pub use error::{ScimError, ScimType, UnknownName};
pub use filter::{CompileError, Equality, Explanation, FilterOperator, FilterRules, Matcher, fold_case, username_key};
pub use limits::Limits;
pub use options::{Absent, Options, UnknownMembers, UnknownPaths};
pub use patch::{Op, Operation, Patch, PatchError};
pub use profile::Profile;
pub use resource::{ResourceError, Written};
#[cfg(feature = "scan")]
pub use scan::ScanError;
pub use schema::{Registry, ResourceType, SchemaError};
pub use syntax::{AttrBuilder, CompareOp, Expr, Filter, FilterBuilder, ParseError, PatchPath, attr};
pub use tolerance::Tolerance;
pub use typed::to_resource;

/// Runs the examples of the README as tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}

/// Runs the examples of the guide as tests.
#[cfg(all(doctest, feature = "scan", feature = "protocol", feature = "sql"))]
#[doc = include_str!("../docs/rust.md")]
mod rust_guide {}
