//! The requests on one resource, without HTTP: the arguments are bytes and text, the result is an [`Answer`].

use std::time::{Duration, SystemTime};

use rusqlite::Connection;
use scim_engine::protocol::{Cursors, Meta, MetaVersion, Preconditions, Projection};
use scim_engine::schema::Returned;
use scim_engine::{Options, Outcome, Patch, Registry, UnknownPaths};
use serde_json::{Value, json};

use crate::database::Database;
use crate::failure::Failure;
use crate::store::{Index, Kind, Store, Stored};
use crate::tenants::{self, Caller};

/// The number of attempts at a change while others change the same resource. During the last one, no other can write.
const TRIES: usize = 4;
/// A PATCH of a group with more members is answered without the group, unless the client asks for `attributes`.
const ANSWERED_MEMBERS: usize = 1_000;
/// The time for which a cursor is valid.
const CURSOR_LIFETIME: Duration = Duration::from_secs(3600);

/// The result of a request, which becomes the HTTP response.
#[derive(Debug, Default)]
pub struct Answer {
    pub status: u16,
    pub body: Option<Value>,
    pub location: Option<String>,
    pub version: Option<String>,
}

impl Answer {
    pub fn ok(body: Value) -> Self {
        Self { status: 200, body: Some(body), ..Self::default() }
    }
}

/// The state that all requests share.
pub struct Service {
    pub database: Database,
    pub registry: Registry,
    pub cursors: Cursors,
    pub max_body: usize,
}

impl Service {
    pub fn new(database: Database, max_body: usize) -> Result<Self, Failure> {
        let key = database.write(tenants::cursor_key)?;
        let cursors = Cursors::new(&key, &[], CURSOR_LIFETIME).map_err(|error| Failure::Internal(error.to_string()))?;
        let registry = Registry::new(Kind::ALL.map(Kind::resource_type));
        let registry = registry.map_err(|error| Failure::Internal(error.to_string()))?;
        Ok(Self { database, registry, cursors, max_body })
    }
}

/// One caller in its tenant.
pub struct Session<'a> {
    pub service: &'a Service,
    pub caller: &'a Caller,
    /// The SCIM base URL of the tenant.
    pub base: &'a str,
}

/// The resource that a request addresses, with the conditions and the query string of the request.
pub struct Target<'a> {
    pub kind: Kind,
    pub id: &'a str,
    /// The query string: `attributes`, `excludedAttributes`.
    pub query: &'a str,
    pub conditions: Preconditions,
}

/// A PUT, a PATCH, or the change that a DELETE makes to a group of the deleted resource.
struct Change<'a> {
    method: &'static str,
    kind: Kind,
    id: &'a str,
    conditions: &'a Preconditions,
    /// The only elements of the list that the change touches, if they are known.
    only: Option<&'a [String]>,
    apply: &'a dyn Fn(&mut Value) -> Result<Outcome, Failure>,
}

/// The result of a change, ready to be written.
struct Changed {
    read: i64,
    stored: Stored,
    outcome: Outcome,
}

impl Session<'_> {
    pub fn get(&self, target: &Target<'_>) -> Result<Answer, Failure> {
        let Target { kind, id, conditions, .. } = target;
        let projection = projection(*kind, target.query)?;
        self.service.database.read(|db| {
            let store = self.store(db);
            let stored = store.get(*kind, id)?.ok_or_else(|| not_found(*kind, id))?;
            let version = etag(stored.version);
            if conditions.is_not_modified(&version) {
                return Ok(Answer { status: 304, version: Some(version), ..Answer::default() });
            }
            self.answer(200, &store, *kind, stored, &projection)
        })
    }

    pub fn create(&self, kind: Kind, query: &str, body: &[u8]) -> Result<Answer, Failure> {
        let projection = projection(kind, query)?;
        let resource_type = kind.resource_type();
        let written = resource_type.create_from_slice_with(body, &self.options())?;
        let (mut resource, mut outcome) = (written.resource, written.outcome);
        let id = new_id()?;
        drop_secrets(kind, &mut resource, &mut outcome);
        self.meta(etag(1)).create(&mut resource, &resource_type, &id);
        without_derived(kind, &mut resource);
        self.service.database.write(|tx| {
            let store = self.store(tx);
            store.insert(kind, &id, &resource)?;
            store.write_members(&id, &outcome.changes)?;
            store.audit(self.caller, "POST", kind, &id, &outcome)?;
            self.answer(201, &store, kind, Stored { id, version: 1, seq: 0, resource }, &projection)
        })
    }

    pub fn replace(&self, target: &Target<'_>, body: &[u8]) -> Result<Answer, Failure> {
        let Target { kind, id, query, conditions } = target;
        let projection = projection(*kind, query)?;
        let (resource_type, options) = (kind.resource_type(), self.options());
        let apply = |resource: &mut Value| {
            let written = resource_type.replace_from_slice_with(resource, body, &options)?;
            *resource = written.resource;
            Ok(written.outcome)
        };
        let only: Option<&[String]> = if *kind == Kind::Group { None } else { Some(&[]) };
        let change = Change { method: "PUT", kind: *kind, id, conditions, only, apply: &apply };
        self.change(&change, |store, stored| self.answer(200, store, *kind, stored, &projection))
    }

    /// Loads only those members of a group that the request names.
    pub fn patch(&self, target: &Target<'_>, body: &[u8]) -> Result<Answer, Failure> {
        let Target { kind, id, query, conditions } = target;
        let projection = projection(*kind, query)?;
        let resource_type = kind.resource_type();
        let patch = Patch::from_slice_with(body, &self.options())?;
        let only = patch.elements(kind.list(), &resource_type)?;
        let apply = |resource: &mut Value| Ok(patch.apply(resource, &resource_type)?);
        let change = Change { method: "PATCH", kind: *kind, id, conditions, only: only.as_deref(), apply: &apply };
        self.change(&change, |store, stored| {
            let may_be_long =
                *kind == Kind::Group && projection.needs("members")? && projection.attributes().is_empty();
            if may_be_long && store.has_more_members(id, ANSWERED_MEMBERS)? {
                let (location, version) = (Some(self.location(*kind, id)), Some(etag(stored.version)));
                return Ok(Answer { status: 204, body: None, location, version });
            }
            self.answer(200, store, *kind, stored, &projection)
        })
    }

    /// Deletes a resource and removes it from its groups.
    pub fn delete(&self, target: &Target<'_>) -> Result<Answer, Failure> {
        let Target { kind, id, conditions, .. } = target;
        self.service.database.write(|tx| {
            let store = self.store(tx);
            let stored = store.get(*kind, id)?.ok_or_else(|| not_found(*kind, id))?;
            conditions.check(Some(&etag(stored.version)))?;
            let group_type = Kind::Group.resource_type();
            let leave = Patch::parse(&json!({
                "schemas": [Patch::SCHEMA],
                "Operations": [{"op": "remove", "path": "members", "value": [{"value": id}]}],
            }))?;
            // A group that contains itself is skipped: the members of a deleted group are deleted with it.
            let groups = store.by_index(Kind::Group, Index::Membership, id)?;
            for group in groups.into_iter().filter(|group| group.id != *id) {
                let change = Change {
                    method: "DELETE",
                    kind: Kind::Group,
                    id: &group.id,
                    conditions: &Preconditions::default(),
                    only: Some(&[(*id).to_owned()]),
                    apply: &|resource| Ok(leave.apply(resource, &group_type)?),
                };
                self.write(&store, &change, self.make(&store, &change)?)?;
            }
            store.delete(*kind, id, stored.version)?;
            store.audit(self.caller, "DELETE", *kind, id, &Outcome::default())?;
            Ok(Answer { status: 204, ..Answer::default() })
        })
    }

    /// Applies a change to the stored resource, writes it if no other request changed the resource meanwhile, and answers. The
    /// last attempt runs while no other request can write.
    fn change(
        &self,
        change: &Change<'_>,
        answer: impl Fn(&Store<'_>, Stored) -> Result<Answer, Failure>,
    ) -> Result<Answer, Failure> {
        let database = &self.service.database;
        let write = |store: &Store<'_>, changed| answer(store, self.write(store, change, changed)?);
        for _ in 1..TRIES {
            let made = database.read(|db| {
                let store = self.store(db);
                let changed = self.make(&store, change)?;
                // A request that changes nothing does not wait for the writer.
                if changed.outcome.changed { Ok(Err(changed)) } else { answer(&store, changed.stored).map(Ok) }
            })?;
            match made.or_else(|changed| database.write(|tx| write(&self.store(tx), changed))) {
                Err(Failure::LostUpdate) => {}
                result => return result,
            }
        }
        database.write(|tx| {
            let store = self.store(tx);
            write(&store, self.make(&store, change)?)
        })
    }

    fn make(&self, store: &Store<'_>, change: &Change<'_>) -> Result<Changed, Failure> {
        let Change { kind, id, only, .. } = *change;
        let mut stored = store.get(kind, id)?.ok_or_else(|| not_found(kind, id))?;
        let read = stored.version;
        change.conditions.check(Some(&etag(read)))?;
        self.add_meta(kind, &mut stored);
        // A client cannot change `groups`, only repeat its value, so the whole list is loaded and never single elements.
        match (kind, only) {
            (Kind::User, Some([])) => {}
            (Kind::User, _) => self.add_list(store, kind, id, &mut stored.resource, None)?,
            (Kind::Group, only) => self.add_list(store, kind, id, &mut stored.resource, only)?,
        }
        let mut outcome = (change.apply)(&mut stored.resource)?;
        drop_secrets(kind, &mut stored.resource, &mut outcome);
        if outcome.changed {
            stored.version = read + 1;
            self.meta(etag(stored.version)).update(&mut stored.resource, &kind.resource_type(), true);
        }
        without_derived(kind, &mut stored.resource);
        Ok(Changed { read, stored, outcome })
    }

    fn write(&self, store: &Store<'_>, change: &Change<'_>, changed: Changed) -> Result<Stored, Failure> {
        let Changed { read, stored, outcome } = changed;
        if outcome.changed {
            store.update(change.kind, change.id, read, &stored.resource)?;
            if change.kind == Kind::Group {
                store.write_members(change.id, &outcome.changes)?;
            }
            store.audit(self.caller, change.method, change.kind, change.id, &outcome)?;
        }
        Ok(stored)
    }

    fn answer(
        &self,
        status: u16,
        store: &Store<'_>,
        kind: Kind,
        mut stored: Stored,
        projection: &Projection,
    ) -> Result<Answer, Failure> {
        self.add_meta(kind, &mut stored);
        let Stored { id, version, mut resource, .. } = stored;
        if projection.needs(kind.list())? {
            self.add_list(store, kind, &id, &mut resource, None)?;
        }
        let (location, version) = (Some(self.location(kind, &id)), Some(etag(version)));
        Ok(Answer { status, body: Some(projection.apply(&resource)), location, version })
    }

    /// Adds the contents of the table `members`: the members of a group, all or `only` some, or the groups of a user.
    pub fn add_list(
        &self,
        store: &Store<'_>,
        kind: Kind,
        id: &str,
        resource: &mut Value,
        only: Option<&[String]>,
    ) -> Result<(), Failure> {
        let list = match kind {
            Kind::Group => store.members(id, only)?,
            Kind::User => {
                let groups = store.groups_of(id)?.into_iter();
                groups.map(|(id, name)| self.group_of_user(&id, name.as_deref())).collect()
            }
        };
        if let (false, Some(members)) = (list.is_empty(), resource.as_object_mut()) {
            members.insert(kind.list().to_owned(), list.into());
        }
        Ok(())
    }

    fn group_of_user(&self, id: &str, name: Option<&str>) -> Value {
        json!({"value": id, "$ref": self.location(Kind::Group, id), "display": name, "type": "direct"})
    }

    /// Adds the parts of `meta` that are not in the JSON: the version has a column, and the URL depends on the request.
    pub fn add_meta(&self, kind: Kind, stored: &mut Stored) {
        self.meta(etag(stored.version)).update(&mut stored.resource, &kind.resource_type(), false);
    }

    fn meta(&self, version: impl Into<MetaVersion>) -> Meta {
        Meta::new(self.base, SystemTime::now()).version(version)
    }

    fn location(&self, kind: Kind, id: &str) -> String {
        format!("{}{}/{id}", self.base, kind.resource_type().endpoint())
    }

    pub fn store<'s>(&'s self, db: &'s Connection) -> Store<'s> {
        Store::new(db, &self.caller.tenant)
    }

    fn options(&self) -> Options {
        // Entra's deviations from the RFC are accepted with their intended meaning, and reported.
        let mut options = Options::default().absent(self.caller.absent).unknown_paths(UnknownPaths::Ignore);
        options.tolerance.replace_creates = true;
        options
    }
}

fn etag(version: i64) -> String {
    format!("W/\"{version}\"")
}

fn projection(kind: Kind, query: &str) -> Result<Projection, Failure> {
    Ok(Projection::from_query(query, &kind.resource_type())?)
}

fn not_found(kind: Kind, id: &str) -> Failure {
    Failure::not_found(format_args!("{} `{id}`", kind.resource_type().name()))
}

fn new_id() -> Result<String, Failure> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).map_err(|error| Failure::Internal(error.to_string()))?;
    Ok(uuid::Builder::from_random_bytes(bytes).into_uuid().to_string())
}

/// Drops the password, and any other attribute that is never returned: the service has no log-in of its own, so it does not
/// need a password, hashed or not. These attributes do not get into the audit log either.
fn drop_secrets(kind: Kind, resource: &mut Value, outcome: &mut Outcome) {
    let resource_type = kind.resource_type();
    let secrets = resource_type.attributes().iter().filter(|attribute| attribute.returned == Returned::Never);
    for secret in secrets {
        take(resource, &secret.name);
        outcome.changes.retain(|change| change.path != secret.name);
    }
    outcome.changed = !outcome.changes.is_empty();
}

/// Removes the members that are computed for each answer.
fn without_derived(kind: Kind, resource: &mut Value) {
    take(resource, kind.list());
    if let Some(meta) = resource.get_mut("meta") {
        take(meta, "location");
        take(meta, "version");
    }
}

fn take(resource: &mut Value, name: &str) {
    if let Some(members) = resource.as_object_mut() {
        members.shift_remove(name);
    }
}
