//! The names of the steps, as reports show them.

pub(super) const TEST: &str = "connection test";
pub(super) const LOOK_UP: &str = "look-up";
pub(super) const CREATE: &str = "create user";
pub(super) const GET: &str = "get user";
pub(super) const UPDATE: &str = "update user";
pub(super) const SUSPEND: &str = "suspend user";
pub(super) const DELETE: &str = "delete user";
pub(super) const IMPORT_GROUPS: &str = "import groups";
pub(super) const LOOK_UP_GROUP: &str = "look-up group";
pub(super) const CREATE_GROUP: &str = "create group";
pub(super) const GET_GROUP: &str = "get group";
pub(super) const RENAME_GROUP: &str = "rename group";
pub(super) const ADD_MEMBERS: &str = "add members";
pub(super) const REMOVE_MEMBERS: &str = "remove members";
pub(super) const PROBE: &str = "probe";

/// The check of Okta's suite that sends an invalid token.
pub(super) const NO_TOKEN: &str = "Check status 401";
/// The prefix of the name of a check that an endpoint may fail.
pub(super) const OPTIONAL: &str = "optional: ";
