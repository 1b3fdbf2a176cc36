//! Plays provisioning clients, to test an endpoint: makes the requests of OneLogin, Entra, Okta or JumpCloud in their order,
//! and checks that the answers have what the client needs. There is no I/O: a session gives requests and takes responses,
//! and the caller, called the carrier, sends and receives them.
//!
//! A [`Plan`] says who is pushed and how. A [`Session`] plays the plan: [`Session::next`] gives the next [`Request`], and
//! [`Session::answer`] takes the response. A carrier may have several requests under way at once. At the end,
//! [`Session::report`] says how many people and groups were created, updated and left unchanged, and has a [`Finding`] with
//! a cure for each kind of answer that would fail in the client.
//!
//! ```
//! use scim_engine::client::{Account, Client, Next, Plan, Response, Session};
//! use serde_json::json;
//!
//! let people = vec![Account::new(json!({
//!     "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
//!     "userName": "mara.quill@lumen.example",
//!     "name": {"givenName": "Mara", "familyName": "Quill"},
//!     "active": "true",
//! }))];
//! let mut session = Session::new(Plan::new(Client::OneLogin).people(people))?;
//! // The first request is OneLogin's connection test. This endpoint ignores the filter and gives everybody.
//! let Next::Send(request) = session.next() else { panic!("expected a request") };
//! assert_eq!(request.step, "connection test");
//! assert!(request.path.starts_with("/Users?filter=userName"));
//! let everybody = json!({
//!     "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
//!     "totalResults": 1,
//!     "Resources": [{"id": "u1", "userName": "kai.rook@lumen.example"}],
//! });
//! session.answer(request.ticket, Ok(Response::json(200, &everybody)));
//! assert_eq!(session.report().findings[0].code, "filter_ignored");
//! # Ok::<(), scim_engine::client::PlanError>(())
//! ```

mod check;
mod compare;
mod context;
mod dialect;
mod finding;
mod job;
mod jobs;
mod journal;
mod kind;
mod plan;
mod report;
mod request;
mod resource;
mod roster;
mod session;
mod step;
mod suite;
mod token;

pub use crate::onelogin::Severity;
pub use finding::Finding;
pub use journal::Entry;
pub use kind::Client;
pub use plan::{Account, Group, Membership, Plan, PlanError, Removal, Update};
pub use report::{Counted, Counts, Report, StepCount, Summary};
pub use request::{Request, Response, Unanswered};
pub use roster::GroupsError;
pub use session::{Next, Progress, Session};
pub use token::Token;
