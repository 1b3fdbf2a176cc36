//! What an endpoint asks a storage, and what a storage answers.

use std::collections::BTreeMap;
use std::fmt;
use std::time::SystemTime;

use serde_json::{Map, Value};

use crate::coerce::Outcome;
use crate::error::{ScimError, ScimType};
use crate::filter::Matcher;
use crate::patch::Patch;
use crate::protocol::{ListQuery, Projection};
use crate::schema::{Attribute, Mutability, ResourceType};

/// The resources of one tenant.
///
/// Each method is one transaction, or none if the storage serves tests. A storage is made for a request, so it may keep a
/// transaction open from [`Get`] to [`Update`].
pub trait Storage {
    /// Reads a resource; `None` if there is none.
    ///
    /// # Errors
    /// [`StorageError`] if the database fails.
    fn get(&mut self, get: &Get) -> Result<Option<Stored>, StorageError>;

    /// Finds the resources that a filter selects: those of a page, in an order.
    ///
    /// # Errors
    /// [`StorageError`] if the filter or order cannot be answered, or the database fails.
    fn find(&mut self, find: &Find) -> Result<Found, StorageError>;

    /// Stores a new resource under an id of its own.
    ///
    /// # Errors
    /// [`StorageError::Refused`] with `uniqueness` if another resource has its name.
    fn insert(&mut self, insert: &Insert) -> Result<Stored, StorageError>;

    /// Writes a resource if it still has the version that was read. Gives the resource as it is now, if it has it at hand
    /// with all its lists; otherwise the endpoint reads what it needs.
    ///
    /// # Errors
    /// [`StorageError::Stale`] if it has another version, or [`StorageError::Missing`] if it is gone.
    fn update(&mut self, update: &Update) -> Result<Option<Stored>, StorageError>;

    /// Deletes a resource, and its references in other resources.
    ///
    /// # Errors
    /// [`StorageError::Stale`] if it has another version than the one that is demanded, or [`StorageError::Missing`].
    fn delete(&mut self, delete: &Delete) -> Result<(), StorageError>;
}

/// A resource as it is stored, with its `id`, its `meta.created` and `meta.lastModified` if the storage has them.
#[derive(Debug, Clone, PartialEq)]
pub struct Stored {
    /// The resource. The endpoint adds the rest of `meta`.
    pub resource: Value,
    /// Its version, which is the ETag: `W/"3"`. It changes with each [`Update`].
    pub version: String,
}

/// Asks for one resource.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Get {
    /// Its type.
    pub resource_type: ResourceType,
    /// Its `id`.
    pub id: String,
    /// What of it is needed.
    pub needs: Needs,
    /// Whether an [`Update`] follows, and others have come first several times: if the storage can, it holds the resource
    /// until then.
    pub locks: bool,
}

/// Asks for the resources that a filter selects.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Find {
    /// Their type.
    pub resource_type: ResourceType,
    /// Which of them; all without a filter. It may be compiled for any type.
    pub filter: Option<Matcher>,
    /// The attribute that they are sorted by, in the schema's spelling, and whether the order descends. What is unassigned
    /// comes last, or first if it descends. Without one, the order is that of the keys.
    pub order: Option<(String, bool)>,
    /// Which page.
    pub window: Window,
    /// The most resources.
    pub limit: usize,
    /// Whether the number of all selected resources is asked for.
    pub counts: bool,
    /// What of them is needed.
    pub needs: Needs,
}

/// Where a page begins.
#[derive(Debug, Clone, PartialEq)]
pub enum Window {
    /// After so many resources.
    Skip(u64),
    /// After a [`Found::next`] of before, however many resources came or went meanwhile.
    After(Value),
}

/// Resources that were found.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Found {
    /// Those of the page.
    pub page: Vec<Stored>,
    /// How many there are in all, if it was asked for.
    pub total: Option<u64>,
    /// The place behind the last of the page, such as the values that it is sorted by and its key; `None` if no resource
    /// follows.
    pub next: Option<Value>,
}

/// Asks to store a new resource.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Insert {
    /// Its type.
    pub resource_type: ResourceType,
    /// The resource, without `id` and `meta`.
    pub resource: Value,
    /// The attributes and sub-attributes that are never returned, by their paths: `password`. The resource has none of them,
    /// but for what is in the elements of a list.
    pub secrets: Map<String, Value>,
    /// Its changes, for the audit log, and the repairs of the request. No secret is in it.
    pub outcome: Outcome,
    /// The time.
    pub now: SystemTime,
}

/// Asks to write a resource.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Update {
    /// Its type.
    pub resource_type: ResourceType,
    /// Its `id`.
    pub id: String,
    /// The version that was read.
    pub version: String,
    /// The whole resource, as far as it was loaded.
    pub resource: Value,
    /// The attributes and sub-attributes that are never returned, by their paths, as the request sets them. `null` unassigns
    /// one.
    pub secrets: Map<String, Value>,
    /// What changes, by path, and the repairs of the request. No secret is in it.
    pub outcome: Outcome,
    /// The time, which becomes `meta.lastModified`.
    pub now: SystemTime,
}

/// Asks to delete a resource.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Delete {
    /// Its type.
    pub resource_type: ResourceType,
    /// Its `id`.
    pub id: String,
    /// The version that the client demands, if any.
    pub version: Option<String>,
    /// The time.
    pub now: SystemTime,
}

/// Which elements of a list are needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Elements<'n> {
    /// All of them.
    All,
    /// None.
    None,
    /// Those with these `value`s.
    Of(&'n [String]),
}

/// What of a resource is needed. A storage may always give more.
#[derive(Debug, Clone)]
pub struct Needs {
    reason: Reason,
    most: Option<usize>,
}

#[derive(Debug, Clone)]
enum Reason {
    Answer(Projection),
    List(ListQuery),
    /// By the names of lists; lists that have no name here are needed as a whole.
    Change(BTreeMap<String, Vec<String>>),
    Nothing,
}

impl Needs {
    fn of(reason: Reason) -> Self {
        Self { reason, most: None }
    }

    pub(super) fn answer(projection: &Projection) -> Self {
        Self::of(Reason::Answer(projection.clone()))
    }

    pub(super) fn list(query: &ListQuery) -> Self {
        Self::of(Reason::List(query.clone()))
    }

    pub(super) fn nothing() -> Self {
        Self::of(Reason::Nothing)
    }

    pub(super) fn at_most(self, most: Option<usize>) -> Self {
        Self { most, ..self }
    }

    /// What a PUT needs: a client cannot change what is readOnly.
    pub(super) fn replace(resource_type: &ResourceType) -> Self {
        let read_only = lists(resource_type).filter(|list| list.mutability == Mutability::ReadOnly);
        Self::of(Reason::Change(read_only.map(|list| (list.name.clone(), Vec::new())).collect()))
    }

    /// What a PATCH needs. Of a list that it cannot change, it needs all or nothing.
    pub(super) fn patch(patch: &Patch, resource_type: &ResourceType) -> Self {
        let named = |list: &Attribute| Some((list.name.clone(), patch.elements(&list.name, resource_type).ok()??));
        Self::of(Reason::Change(lists(resource_type).filter_map(named).collect()))
    }

    /// Whether an attribute is needed, by its path: `title`, `name.givenName`. Of a list, see [`Needs::elements`].
    pub fn attribute(&self, path: &str) -> bool {
        match &self.reason {
            Reason::Answer(projection) => projection.needs(path).unwrap_or(true),
            Reason::List(query) => query.needs(path).unwrap_or(true),
            Reason::Change(lists) => !lists.get(path).is_some_and(Vec::is_empty),
            Reason::Nothing => false,
        }
    }

    /// Which elements of a list are needed, in the schema's spelling: `members`.
    pub fn elements(&self, list: &str) -> Elements<'_> {
        match &self.reason {
            Reason::Change(lists) => match lists.get(list) {
                Some(values) if values.is_empty() => Elements::None,
                Some(values) => Elements::Of(values),
                None => Elements::All,
            },
            _ if self.attribute(list) => Elements::All,
            _ => Elements::None,
        }
    }

    /// How many elements of a list are needed at most: one that has more is not shown, so one more than these is enough.
    pub fn most_elements(&self) -> Option<usize> {
        self.most
    }

    /// Whether some list is needed in part.
    pub(super) fn is_partial(&self) -> bool {
        matches!(&self.reason, Reason::Change(lists) if !lists.is_empty())
    }
}

/// The multi-valued attributes of the core schema.
fn lists(resource_type: &ResourceType) -> impl Iterator<Item = &Attribute> {
    resource_type.attributes().iter().filter(|attribute| attribute.multi_valued)
}

/// Why a storage does not do what it is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum StorageError {
    /// The request is at fault: the client gets this error.
    Refused(ScimError),
    /// Another request changed the resource first.
    Stale,
    /// There is no such resource.
    Missing,
    /// The database is busy: the client should try again.
    Busy,
    /// The database failed. The client does not see the text.
    Failed(String),
}

impl StorageError {
    /// Another resource has the value of an attribute that is unique.
    pub fn uniqueness(attribute: &str) -> Self {
        let message = format!("`{attribute}`: another resource has this value");
        Self::Refused(ScimError::new(ScimType::Uniqueness, message))
    }
}

impl fmt::Display for StorageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(error) => write!(f, "{error}"),
            Self::Stale => f.write_str("the resource was changed meanwhile"),
            Self::Missing => f.write_str("there is no such resource"),
            Self::Busy => f.write_str("the database is busy"),
            Self::Failed(why) => f.write_str(why),
        }
    }
}

impl std::error::Error for StorageError {}

impl From<ScimError> for StorageError {
    fn from(error: ScimError) -> Self {
        Self::Refused(error)
    }
}

/// What an [`Exchange`](super::Exchange) asks.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Call {
    /// See [`Storage::get`].
    Get(Get),
    /// See [`Storage::find`].
    Find(Box<Find>),
    /// See [`Storage::insert`].
    Insert(Box<Insert>),
    /// See [`Storage::update`].
    Update(Box<Update>),
    /// See [`Storage::delete`].
    Delete(Delete),
}

/// What a [`Call`] is answered with.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Reply {
    /// To [`Call::Get`].
    Got(Option<Stored>),
    /// To [`Call::Find`].
    Found(Found),
    /// To [`Call::Insert`].
    Inserted(Stored),
    /// To [`Call::Update`].
    Updated(Option<Stored>),
    /// To [`Call::Delete`].
    Deleted,
}

impl Call {
    /// Asks a storage that blocks.
    ///
    /// # Errors
    /// Those of the storage.
    pub fn ask<S: Storage + ?Sized>(&self, storage: &mut S) -> Result<Reply, StorageError> {
        match self {
            Self::Get(get) => storage.get(get).map(Reply::Got),
            Self::Find(find) => storage.find(find).map(Reply::Found),
            Self::Insert(insert) => storage.insert(insert).map(Reply::Inserted),
            Self::Update(update) => storage.update(update).map(Reply::Updated),
            Self::Delete(delete) => storage.delete(delete).map(|()| Reply::Deleted),
        }
    }
}
