//! The plan of a push: who is pushed, and how.

use std::collections::HashSet;
use std::fmt;

use serde_json::Value;

use super::journal::Entry;
use super::kind::Client;
use crate::filter::case_fold;
use crate::words::words;

/// How a person who already exists is updated.
///
/// ```
/// use scim_engine::client::Update;
/// assert_eq!("patch".parse(), Ok(Update::Patch));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Update {
    /// By a PUT of the whole body (RFC 7644 §3.5.1).
    Put,
    /// By a PATCH (RFC 7644 §3.5.2).
    Patch,
}

words! {
    Update {
        "put" => Put,
        "patch" => Patch,
    }
}

/// The form of the requests by which OneLogin changes the members of a group.
///
/// ```
/// use scim_engine::client::Membership;
/// assert_eq!("1.1".parse(), Ok(Membership::V1));
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Membership {
    /// PATCH operations `add` and `remove` on `members` with a list of values.
    #[default]
    V2,
    /// `{"members": [{"value": "u1"}, {"value": "u2", "operation": "delete"}]}`, the form of SCIM 1.1.
    V1,
}

words! {
    Membership {
        "2.0" => V2,
        "1.1" => V1,
    }
}

/// The treatment of people who are leaving: those who have lost access.
///
/// ```
/// use scim_engine::client::Removal;
/// assert_eq!("delete".parse(), Ok(Removal::Delete));
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Removal {
    /// They are deleted.
    Delete,
    /// They become inactive.
    #[default]
    Suspend,
    /// They stay unchanged.
    Nothing,
}

words! {
    Removal {
        "delete" => Delete,
        "suspend" => Suspend,
        "nothing" => Nothing,
    }
}

/// The account of a person, to be pushed.
///
/// ```
/// use scim_engine::client::Account;
/// use serde_json::json;
/// let account = Account::leaving(json!({"userName": "mara.quill@lumen.example"}));
/// assert_eq!((account.user_name(), account.leaving), (Some("mara.quill@lumen.example"), true));
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Account {
    /// The body that OneLogin renders from its template for this person. The other clients start from this body, and change
    /// it to the form that they send.
    pub body: Value,
    /// Whether the person has lost access, and is treated as [`Removal`] says.
    pub leaving: bool,
}

impl Account {
    /// The account of a person who has access.
    pub fn new(body: Value) -> Self {
        Self { body, leaving: false }
    }

    /// The account of a person who has lost access.
    pub fn leaving(body: Value) -> Self {
        Self { body, leaving: true }
    }

    /// The `userName` of the body; none if it is blank.
    pub fn user_name(&self) -> Option<&str> {
        let members = self.body.as_object()?;
        let name = crate::coerce::members::member(members, "userName")?.as_str()?;
        (!name.trim().is_empty()).then_some(name)
    }
}

/// A group to push, with the people of the plan who should be its members.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Group {
    /// The name, by which the group is looked up.
    pub display_name: String,
    /// The `userName`s of the members.
    pub members: Vec<String>,
}

impl Group {
    /// A group with a name and the `userName`s of its members.
    pub fn new<M: Into<String>>(display_name: impl Into<String>, members: impl IntoIterator<Item = M>) -> Self {
        Self { display_name: display_name.into(), members: members.into_iter().map(Into::into).collect() }
    }
}

/// The people and groups of a session, and the options for pushing them. [`Session::new`](super::Session::new) refuses
/// options that the client does not have.
///
/// ```
/// use scim_engine::client::{Account, Client, Group, Membership, Plan, Removal, Session};
/// use serde_json::json;
/// let plan = Plan::new(Client::OneLogin)
///     .people(vec![Account::new(json!({"userName": "mara.quill@lumen.example"}))])
///     .groups(vec![Group::new("Harbour Crew", ["mara.quill@lumen.example"])])
///     .membership(Membership::V1)
///     .removal(Removal::Delete);
/// assert!(Session::new(plan).is_ok());
/// ```
#[derive(Debug, Clone)]
pub struct Plan {
    pub(super) client: Client,
    pub(super) people: Vec<Account>,
    pub(super) groups: Vec<Group>,
    pub(super) update: Update,
    pub(super) membership: Membership,
    pub(super) removal: Removal,
    pub(super) entra_flag: bool,
    pub(super) probes: bool,
    pub(super) retries: u32,
    pub(super) done: Vec<Entry>,
}

impl Plan {
    /// A plan for a client, without people or groups.
    pub fn new(client: Client) -> Self {
        Self {
            client,
            people: Vec::new(),
            groups: Vec::new(),
            update: if client == Client::Entra { Update::Patch } else { Update::Put },
            membership: Membership::default(),
            removal: Removal::default(),
            entra_flag: false,
            probes: true,
            retries: 4,
            done: Vec::new(),
        }
    }

    /// Sets the people.
    #[must_use]
    pub fn people(mut self, people: Vec<Account>) -> Self {
        self.people = people;
        self
    }

    /// Sets the groups.
    #[must_use]
    pub fn groups(mut self, groups: Vec<Group>) -> Self {
        self.groups = groups;
        self
    }

    /// Sets how people are updated. The default is PUT. For Entra it is PATCH, because Entra never sends a PUT.
    #[must_use]
    pub fn update(mut self, update: Update) -> Self {
        self.update = update;
        self
    }

    /// Sets the form of the requests by which OneLogin changes the members of a group.
    #[must_use]
    pub fn membership(mut self, membership: Membership) -> Self {
        self.membership = membership;
        self
    }

    /// Sets the treatment of people who are leaving.
    #[must_use]
    pub fn removal(mut self, removal: Removal) -> Self {
        self.removal = removal;
        self
    }

    /// Sets whether Entra has the flag `aadOptscim062020`. With the flag, Entra sends operations in lower case, booleans
    /// that are not strings, and one `replace` without a path for all attributes whose path has no filter.
    #[must_use]
    pub fn entra_flag(mut self, on: bool) -> Self {
        self.entra_flag = on;
        self
    }

    /// Sets whether to send probes: requests that no client sends in normal operation. They create a person again, look up a
    /// person with upper and lower case exchanged, read an id that does not exist, and add a member again. Probes are on by
    /// default. They change nothing at a correct endpoint, and a duplicate that an endpoint accepts is deleted again. For
    /// Entra, they also create and delete a test user.
    #[must_use]
    pub fn probes(mut self, on: bool) -> Self {
        self.probes = on;
        self
    }

    /// Sets how often a request is repeated after a 429, 502, 503 or 504, or if no answer comes. The default is 4, and the
    /// most is 20.
    #[must_use]
    pub fn retries(mut self, retries: u32) -> Self {
        self.retries = retries.min(20);
        self
    }

    /// Skips the people and groups that an earlier session has already done: `done` is its journal. People and groups that
    /// have changed since then are pushed again.
    #[must_use]
    pub fn resume(mut self, done: Vec<Entry>) -> Self {
        self.done = done;
        self
    }

    pub(super) fn check(&self) -> Result<(), PlanError> {
        if self.client.is_suite() && !(self.people.is_empty() && self.groups.is_empty() && self.done.is_empty()) {
            let title = self.client.title();
            return Err(PlanError(format!("{title} brings people and groups of its own, and keeps no journal")));
        }
        if self.client == Client::Okta && self.removal == Removal::Delete {
            return Err(PlanError("Okta never deletes people: choose `suspend` or `nothing`".to_owned()));
        }
        if self.client == Client::Entra && self.update == Update::Put {
            return Err(PlanError("Entra never updates by PUT: choose `patch`".to_owned()));
        }
        if self.client != Client::OneLogin && self.membership == Membership::V1 {
            return Err(PlanError(format!("{} has no members in the form of SCIM 1.1", self.client.title())));
        }
        if self.client != Client::Entra && self.entra_flag {
            return Err(PlanError(format!("the flag `aadOptscim062020` is of Entra, not of {}", self.client.title())));
        }
        let mut names = HashSet::new();
        for (index, person) in self.people.iter().enumerate() {
            let Some(name) = person.user_name() else {
                let place = index + 1;
                return Err(PlanError(format!(
                    "person {place}: the body has no `userName`, by which every client looks people up"
                )));
            };
            if !names.insert(case_fold::fold(name)) {
                return Err(PlanError(format!("`{name}` is there twice: a `userName` is unique, in any case")));
            }
        }
        let mut names = HashSet::new();
        for group in &self.groups {
            if group.display_name.trim().is_empty() {
                return Err(PlanError("a group has no `displayName`".to_owned()));
            }
            if !names.insert(case_fold::fold(&group.display_name)) {
                return Err(PlanError(format!("the group `{}` is there twice", group.display_name)));
            }
        }
        Ok(())
    }
}

/// The reason why a plan cannot be played.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanError(pub(super) String);

impl PlanError {
    /// The message.
    pub fn message(&self) -> &str {
        &self.0
    }

    /// The text of the error: its message.
    pub fn render(&self) -> String {
        self.to_string()
    }
}

impl fmt::Display for PlanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for PlanError {}
