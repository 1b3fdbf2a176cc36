//! The jobs of a session: what is done for each person, each group and each test.

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
