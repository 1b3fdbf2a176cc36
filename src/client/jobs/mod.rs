//! The jobs of a session: one for each person and group, and one for each test.

mod connection;
mod group;
mod import;
mod lookup;
mod person;
mod probe;
mod removal;

pub(super) use connection::Connection;
pub(super) use group::GroupJob;
pub(super) use import::Import;
pub(super) use person::PersonJob;
pub(super) use probe::Probe;
pub(super) use removal::RemovalJob;
