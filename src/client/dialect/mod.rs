//! The requests of each client, in the form that its vendor documents or that servers have logged.

mod body;
mod entra;
mod jumpcloud;
mod okta;
mod onelogin;
mod requests;

use super::kind::Client;
pub(super) use requests::{
    Dialect, GroupMember, MEMBERS_AT_ONCE, eq, group_path, member_path, patch_of, percent, user_path,
};

pub(super) fn of(client: Client) -> &'static dyn Dialect {
    match client {
        Client::OneLogin => &onelogin::OneLogin,
        Client::Entra | Client::MicrosoftValidator => &entra::Entra,
        Client::Okta | Client::OktaSpec => &okta::Okta,
        Client::JumpCloud => &jumpcloud::JumpCloud,
    }
}
