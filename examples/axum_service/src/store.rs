//! The rows of users, groups, members and the audit log. `sqlite.sql` describes the columns.

use std::sync::OnceLock;
use std::time::SystemTime;

use rusqlite::{CachedStatement, Connection, OptionalExtension, Row, params};
use scim_engine::{Change, Outcome, ResourceType};
use serde_json::Value;

use crate::failure::Failure;
use crate::tenants::Caller;

/// The resource type of users, if the product stores only some of their attributes.
static USERS: OnceLock<ResourceType> = OnceLock::new();

/// The two kinds of resource, with the names of their tables and columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    User,
    Group,
}

impl Kind {
    pub const ALL: [Self; 2] = [Self::User, Self::Group];

    pub fn resource_type(self) -> ResourceType {
        match self {
            Self::User => USERS.get().cloned().unwrap_or_else(ResourceType::user),
            Self::Group => ResourceType::group(),
        }
    }

    /// Keeps only these attributes of users. `groups` always stays, because it is computed from the rows of the groups.
    pub fn trim_users(attributes: &[String]) -> Result<(), Failure> {
        let names = attributes.iter().map(String::as_str).chain(["groups"]);
        let users = ResourceType::user().only(names).map_err(|error| Failure::Internal(error.to_string()))?;
        // This is set once, before the service accepts requests.
        let _ = USERS.set(users);
        Ok(())
    }

    pub fn of(resource_type: &ResourceType) -> Result<Self, Failure> {
        let found = Self::ALL.into_iter().find(|kind| kind.resource_type().name() == resource_type.name());
        found.ok_or_else(|| Failure::not_found(format_args!("table of `{}`", resource_type.name())))
    }

    /// The attribute whose value is unique in a tenant.
    pub fn name(self) -> &'static str {
        match self {
            Self::User => "userName",
            Self::Group => "displayName",
        }
    }

    /// The key by which names are unique and are found. Filters regard the same names as equal.
    pub fn name_key(self, name: &str) -> String {
        match self {
            Self::User => scim_engine::username_key(name, false),
            Self::Group => scim_engine::fold_case(name),
        }
    }

    /// The attribute that is not in the stored JSON, but has rows of its own.
    pub fn list(self) -> &'static str {
        match self {
            Self::User => "groups",
            Self::Group => "members",
        }
    }

    fn table(self) -> &'static str {
        match self {
            Self::User => "users",
            Self::Group => "groups",
        }
    }

    fn name_column(self) -> &'static str {
        match self {
            Self::User => "user_name",
            Self::Group => "display_name",
        }
    }
}

/// A stored resource.
#[derive(Debug, Clone)]
pub struct Stored {
    pub id: String,
    pub version: i64,
    pub seq: i64,
    pub resource: Value,
}

/// The ways to find resources without a scan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Index {
    Id,
    /// The folded name.
    Name,
    ExternalId,
    /// The groups that have a member, or the users that are members of a group.
    Membership,
}

/// The tables of one tenant, in one transaction.
pub struct Store<'a> {
    db: &'a Connection,
    tenant: &'a str,
}

impl<'a> Store<'a> {
    pub fn new(db: &'a Connection, tenant: &'a str) -> Self {
        Self { db, tenant }
    }

    fn prepare(&self, sql: &str) -> Result<CachedStatement<'a>, Failure> {
        Ok(self.db.prepare_cached(sql)?)
    }

    pub fn get(&self, kind: Kind, id: &str) -> Result<Option<Stored>, Failure> {
        let sql = format!("select {COLUMNS} from {} where tenant_id = ?1 and id = ?2", kind.table());
        let row = self.prepare(&sql)?.query_row([self.tenant, id], columns).optional()?;
        row.map(stored).transpose()
    }

    pub fn by_index(&self, kind: Kind, index: Index, value: &str) -> Result<Vec<Stored>, Failure> {
        let condition = match (index, kind) {
            (Index::Id, _) => "id = ?2",
            (Index::Name, Kind::User) => "user_name = ?2",
            (Index::Name, Kind::Group) => "display_name = ?2",
            (Index::ExternalId, _) => "external_id = ?2",
            (Index::Membership, Kind::User) => {
                "id in (select value from members where tenant_id = ?1 and group_id = ?2)"
            }
            (Index::Membership, Kind::Group) => {
                "id in (select group_id from members where tenant_id = ?1 and value = ?2)"
            }
        };
        let table = kind.table();
        // The `+` keeps SQLite from choosing the index on `seq`, with which it would scan all rows in their order.
        let sql = format!("select {COLUMNS} from {table} where tenant_id = ?1 and {condition} order by +seq");
        all(self.prepare(&sql)?.query_map([self.tenant, value], columns)?)
    }

    /// Up to `limit` resources that were created after the one with this `seq`.
    pub fn after(&self, kind: Kind, seq: i64, limit: usize) -> Result<Vec<Stored>, Failure> {
        let table = kind.table();
        let sql = format!("select {COLUMNS} from {table} where tenant_id = ?1 and seq > ?2 order by seq limit ?3");
        all(self.prepare(&sql)?.query_map(params![self.tenant, seq, limit], columns)?)
    }

    /// Up to `limit` resources, without the first `skipped`.
    pub fn slice(&self, kind: Kind, skipped: usize, limit: usize) -> Result<Vec<Stored>, Failure> {
        let table = kind.table();
        let sql = format!("select {COLUMNS} from {table} where tenant_id = ?1 order by seq limit ?3 offset ?2");
        all(self.prepare(&sql)?.query_map(params![self.tenant, skipped, limit], columns)?)
    }

    pub fn count(&self, kind: Kind) -> Result<usize, Failure> {
        let sql = format!("select count(*) from {} where tenant_id = ?1", kind.table());
        Ok(self.prepare(&sql)?.query_row([self.tenant], |row| row.get(0))?)
    }

    /// Inserts a row with version 1, as the last in order.
    pub fn insert(&self, kind: Kind, id: &str, resource: &Value) -> Result<(), Failure> {
        let (table, name) = (kind.table(), kind.name_column());
        let sql = format!(
            "insert into {table} (tenant_id, id, {name}, external_id, version, seq, resource) values (?1, ?2, ?3, ?4, 1, \
             (select coalesce(max(seq), 0) + 1 from {table} where tenant_id = ?1), ?5)"
        );
        let (name, external_id) = keys(kind, resource)?;
        let values = params![self.tenant, id, name, external_id, resource.to_string()];
        self.prepare(&sql)?.execute(values)?;
        Ok(())
    }

    /// Writes a row if it still has the version that was read.
    pub fn update(&self, kind: Kind, id: &str, read: i64, resource: &Value) -> Result<(), Failure> {
        let (table, name) = (kind.table(), kind.name_column());
        let sql = format!(
            "update {table} set {name} = ?4, external_id = ?5, version = version + 1, resource = ?6 \
             where tenant_id = ?1 and id = ?2 and version = ?3"
        );
        let (name, external_id) = keys(kind, resource)?;
        let values = params![self.tenant, id, read, name, external_id, resource.to_string()];
        if self.prepare(&sql)?.execute(values)? == 0 { Err(Failure::LostUpdate) } else { Ok(()) }
    }

    /// Deletes a row if it still has the version that was read; the members of a group are deleted with it.
    pub fn delete(&self, kind: Kind, id: &str, read: i64) -> Result<(), Failure> {
        let sql = format!("delete from {} where tenant_id = ?1 and id = ?2 and version = ?3", kind.table());
        let deleted = self.prepare(&sql)?.execute(params![self.tenant, id, read])?;
        if deleted == 0 { Err(Failure::LostUpdate) } else { Ok(()) }
    }

    /// The members of a group in the order of joining: all, or those with a value in `only`.
    pub fn members(&self, group: &str, only: Option<&[String]>) -> Result<Vec<Value>, Failure> {
        let text = |row: &Row<'_>| row.get::<_, String>(0);
        let texts: Vec<String> = match only {
            None => {
                let sql = "select element from members where tenant_id = ?1 and group_id = ?2 order by seq";
                self.prepare(sql)?.query_map([self.tenant, group], text)?.collect::<Result<_, _>>()?
            }
            Some(values) => {
                let sql = "select element from members where tenant_id = ?1 and group_id = ?2 \
                           and value in (select value from json_each(?3)) order by +seq";
                let values = Value::from(values).to_string();
                self.prepare(sql)?.query_map([self.tenant, group, &values], text)?.collect::<Result<_, _>>()?
            }
        };
        texts.iter().map(|text| Ok(serde_json::from_str(text)?)).collect()
    }

    pub fn has_more_members(&self, group: &str, than: usize) -> Result<bool, Failure> {
        let sql = "select 1 from members where tenant_id = ?1 and group_id = ?2 limit 1 offset ?3";
        Ok(self.prepare(sql)?.exists(params![self.tenant, group, than])?)
    }

    /// The groups that a user is a member of: id and name.
    pub fn groups_of(&self, user: &str) -> Result<Vec<(String, Option<String>)>, Failure> {
        let sql = "select groups.id, json_extract(groups.resource, '$.displayName') from members \
                   join groups on groups.tenant_id = members.tenant_id and groups.id = members.group_id \
                   where members.tenant_id = ?1 and members.value = ?2 order by +groups.seq";
        let mut statement = self.prepare(sql)?;
        let rows = statement.query_map([self.tenant, user], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Writes the rows of the members that were added, removed or replaced, and no others.
    pub fn write_members(&self, group: &str, changes: &[Change]) -> Result<(), Failure> {
        let delete = "delete from members where tenant_id = ?1 and group_id = ?2 and value = ?3";
        let upsert = "insert into members (tenant_id, group_id, value, seq, element) values (?1, ?2, ?3, \
                      (select coalesce(max(seq), 0) + 1 from members where tenant_id = ?1 and group_id = ?2), ?4) \
                      on conflict (tenant_id, group_id, value) do update set element = excluded.element";
        let (mut delete, mut upsert) = (self.prepare(delete)?, self.prepare(upsert)?);
        for change in changes.iter().filter(|change| change.path == "members") {
            for element in &change.removed {
                delete.execute(params![self.tenant, group, member_value(element)?])?;
            }
            for replaced in &change.replaced {
                let (old, new) = (member_value(&replaced.old)?, member_value(&replaced.new)?);
                if old != new {
                    delete.execute(params![self.tenant, group, old])?;
                }
                upsert.execute(params![self.tenant, group, new, replaced.new.to_string()])?;
            }
            for element in &change.added {
                upsert.execute(params![self.tenant, group, member_value(element)?, element.to_string()])?;
            }
        }
        Ok(())
    }

    /// Adds the row of the audit log, which is the last row that a request writes.
    pub fn audit(&self, caller: &Caller, method: &str, kind: Kind, id: &str, outcome: &Outcome) -> Result<(), Failure> {
        let sql = "insert into audit (tenant_id, at, token_id, method, resource_type, resource_id, changes, repairs) \
                   values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
        let changes = serde_json::to_string(&outcome.changes)?;
        let repairs = serde_json::to_string(&outcome.repairs)?;
        let resource_type = kind.resource_type();
        let values = params![self.tenant, now(), caller.token_id, method, resource_type.name(), id, changes, repairs];
        self.prepare(sql)?.execute(values)?;
        Ok(())
    }
}

/// The largest number of characters in a name, an `externalId` or the `value` of a member.
const LONGEST: usize = 512;

const COLUMNS: &str = "id, version, seq, resource";

type Columns = (String, i64, i64, String);

fn columns(row: &Row<'_>) -> rusqlite::Result<Columns> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
}

fn stored((id, version, seq, text): Columns) -> Result<Stored, Failure> {
    Ok(Stored { id, version, seq, resource: serde_json::from_str(&text)? })
}

fn all(rows: impl Iterator<Item = rusqlite::Result<Columns>>) -> Result<Vec<Stored>, Failure> {
    rows.map(|row| stored(row?)).collect()
}

/// The values of the columns beside the JSON: the name as the engine compares it, for the unique index, and `externalId`.
fn keys(kind: Kind, resource: &Value) -> Result<(String, Option<&str>), Failure> {
    let text = |name| resource.get(name).and_then(Value::as_str);
    let (name, external_id) = (text(kind.name()).unwrap_or_default(), text("externalId"));
    Ok((kind.name_key(plain(kind.name(), name)?), external_id.map(|id| plain("externalId", id)).transpose()?))
}

fn member_value(element: &Value) -> Result<&str, Failure> {
    let value = element.get("value").and_then(Value::as_str).filter(|value| !value.is_empty());
    plain("members", value.ok_or_else(|| Failure::invalid_value("`members`: each member needs a `value`"))?)
}

/// Checks a text that goes into an index: not every database compares text after a NUL, or has room for long text.
fn plain<'t>(path: &str, text: &'t str) -> Result<&'t str, Failure> {
    if text.contains('\0') {
        return Err(Failure::invalid_value(format!("`{path}`: the character U+0000 is not allowed")));
    }
    let length = text.chars().count();
    if length > LONGEST {
        let detail = format!("`{path}`: too long: at most {LONGEST} characters are allowed, this has {length}");
        return Err(Failure::invalid_value(detail));
    }
    Ok(text)
}

/// The current time, in the format of SCIM and of the tables.
pub fn now() -> String {
    humantime::format_rfc3339_millis(SystemTime::now()).to_string()
}
