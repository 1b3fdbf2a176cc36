//! Coerces values to a schema, for PATCH, POST and PUT. This module knows the schema and single values, not requests.

pub(crate) mod coercer;
pub(crate) mod complex_value;
pub(crate) mod container;
pub(crate) mod diff;
pub(crate) mod edit;
pub(crate) mod equality;
pub(crate) mod identity;
pub(crate) mod keys;
pub(crate) mod members;
mod outcome;
mod policies;
mod primary;
pub(crate) mod provided;
pub(crate) mod refusal;
mod repair;
pub(crate) mod request;
mod simple;
pub(crate) mod sublist;
mod uri;
pub(crate) mod work;

pub use outcome::{Change, Outcome, Replaced};
pub use primary::primary;
pub use repair::Repair;
