//! Values made to fit a schema: shared by PATCH and by POST and PUT. Knows the schema and single values, no requests.

pub(crate) mod coercer;
pub(crate) mod diff;
pub(crate) mod members;
mod options;
mod outcome;
pub(crate) mod refusal;
mod repair;
pub(crate) mod same;

pub use options::{Absent, Options, UnknownMembers};
pub use outcome::{Change, Outcome, Replaced};
pub use repair::Repair;
