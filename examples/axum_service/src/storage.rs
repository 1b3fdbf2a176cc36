//! What the storage of the endpoint asks of SQLite: statements, and rows of the audit log.

use std::time::SystemTime;

use rusqlite::types::{Value, ValueRef};
use rusqlite::{ErrorCode, params, params_from_iter};
use scim_engine::Outcome;
use scim_engine::endpoint::StorageError;
use scim_engine::sql::{SqlText, SqlValue};
use scim_engine::tables::{Connection, Written};
use serde_json::json;

use crate::database::{Database, Open};
use crate::tenants::{Caller, timestamp};

/// The database, for one request of a caller.
pub struct Session<'d> {
    pub database: &'d Database,
    pub caller: &'d Caller,
    /// The transaction.
    pub open: Option<Open<'d>>,
}

impl Session<'_> {
    fn open(&self) -> Result<&rusqlite::Connection, StorageError> {
        self.open.as_deref().ok_or_else(|| StorageError::Failed("there is no transaction".to_owned()))
    }

    /// Adds the last row of each transaction.
    fn audit(&self, action: &str, of: (&str, &str), outcome: &Outcome, now: SystemTime) -> Result<(), StorageError> {
        let sql = "insert into audit (tenant_id, at, token_id, action, resource_type, resource_id, changes, repairs) \
                   values (?, ?, ?, ?, ?, ?, ?, ?)";
        let Caller { tenant, token_id, .. } = self.caller;
        let (changes, repairs) = (json!(outcome.changes).to_string(), json!(outcome.repairs).to_string());
        let row = params![tenant, timestamp(now), token_id, action, of.0, of.1, changes, repairs];
        let run = |open: &rusqlite::Connection| open.prepare_cached(sql)?.execute(row);
        run(self.open()?).map(drop).map_err(failed)
    }
}

impl Connection for Session<'_> {
    fn begin(&mut self, writes: bool) -> Result<(), StorageError> {
        let open = if writes { self.database.write() } else { self.database.read() };
        self.open = Some(open.map_err(failed)?);
        Ok(())
    }

    fn commit(&mut self) -> Result<(), StorageError> {
        self.open.take().map_or(Ok(()), Open::commit).map_err(failed)
    }

    fn rollback(&mut self) {
        self.open = None;
    }

    fn run(&mut self, statement: &SqlText) -> Result<Vec<Vec<Option<SqlValue>>>, StorageError> {
        let run = |open: &rusqlite::Connection| {
            let mut prepared = open.prepare_cached(&statement.text)?;
            let columns = prepared.column_count();
            let rows = prepared.query_map(params_from_iter(statement.values.iter().map(held)), |row| {
                (0..columns).map(|at| row.get_ref(at).map(shown)).collect()
            })?;
            rows.collect::<rusqlite::Result<_>>()
        };
        run(self.open()?).map_err(failed)
    }

    fn written(&mut self, written: Written<'_>) -> Result<(), StorageError> {
        match written {
            Written::Inserted(insert, id) => {
                self.audit("create", (insert.resource_type.name(), id), &insert.outcome, insert.now)
            }
            Written::Updated(update) => {
                self.audit("update", (update.resource_type.name(), &update.id), &update.outcome, update.now)
            }
            Written::Deleted(delete) => {
                self.audit("delete", (delete.resource_type.name(), &delete.id), &Outcome::default(), delete.now)
            }
            _ => Ok(()),
        }
    }
}

fn held(value: &SqlValue) -> Value {
    match value {
        SqlValue::Text(text) => text.clone().into(),
        SqlValue::Integer(number) => (*number).into(),
        SqlValue::Float(number) => (*number).into(),
        SqlValue::Bool(value) => (*value).into(),
        _ => Value::Null, // lists of texts are for PostgreSQL
    }
}

fn shown(value: ValueRef<'_>) -> Option<SqlValue> {
    match value {
        ValueRef::Integer(number) => Some(SqlValue::Integer(number)),
        ValueRef::Real(number) => Some(SqlValue::Float(number)),
        ValueRef::Text(text) => Some(SqlValue::Text(String::from_utf8_lossy(text).into_owned())),
        ValueRef::Null | ValueRef::Blob(_) => None,
    }
}

/// What the endpoint makes of a failure. The unique indexes have the last word on whether a name is in use.
fn failed(error: rusqlite::Error) -> StorageError {
    match &error {
        rusqlite::Error::SqliteFailure(cause, message) => match (cause.code, message.as_deref()) {
            (ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked, _) => StorageError::Busy,
            (ErrorCode::ConstraintViolation, Some(which)) if which.contains("user_name") => {
                StorageError::uniqueness("userName")
            }
            (ErrorCode::ConstraintViolation, Some(which)) if which.contains("display_name") => {
                StorageError::uniqueness("displayName")
            }
            _ => StorageError::Failed(error.to_string()),
        },
        _ => StorageError::Failed(error.to_string()),
    }
}
