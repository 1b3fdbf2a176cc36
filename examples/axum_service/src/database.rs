//! Connections to SQLite: one for writing, and as many for reading as are needed at the same time (WAL mode).

use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::Connection;

/// The tables, in the file that this service and the FastAPI service share.
const SCHEMA: &str = include_str!("../../service_schema/sqlite.sql");

/// The time to wait while another process writes.
const BUSY: Duration = Duration::from_secs(5);

/// The number of prepared statements that a connection keeps.
const STATEMENTS: usize = 128;

pub struct Database {
    path: PathBuf,
    writer: Mutex<Connection>,
    idle_readers: Mutex<Vec<Connection>>,
}

/// A transaction. What is not committed is undone.
pub enum Open<'d> {
    /// No other can write meanwhile.
    Writing(Writer<'d>),
    /// One state of the database, which writes by others do not change.
    Reading(&'d Database, Connection),
}

pub struct Writer<'d>(MutexGuard<'d, Connection>);

impl Database {
    /// Opens a file and creates the tables that are missing.
    pub fn open(path: &Path) -> rusqlite::Result<Self> {
        let writer = connect(path)?;
        writer.execute_batch(SCHEMA)?;
        Ok(Self { path: path.to_owned(), writer: Mutex::new(writer), idle_readers: Mutex::default() })
    }

    pub fn read(&self) -> rusqlite::Result<Open<'_>> {
        let idle = self.idle_readers.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = idle.map_or_else(|| connect(&self.path), Ok)?;
        connection.execute_batch("begin")?;
        Ok(Open::Reading(self, connection))
    }

    pub fn write(&self) -> rusqlite::Result<Open<'_>> {
        // A poisoned lock does no harm: the transaction of the thread that panicked was rolled back.
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        writer.execute_batch("begin immediate")?;
        Ok(Open::Writing(Writer(writer)))
    }
}

impl Open<'_> {
    pub fn commit(self) -> rusqlite::Result<()> {
        self.execute_batch("commit")?;
        if let Open::Reading(database, connection) = self {
            database.idle_readers.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        }
        Ok(())
    }
}

impl Deref for Open<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        match self {
            Open::Writing(writer) => &writer.0,
            Open::Reading(_, connection) => connection,
        }
    }
}

impl Drop for Writer<'_> {
    fn drop(&mut self) {
        if !self.0.is_autocommit() {
            // Where this fails, SQLite has rolled back already.
            let _ = self.0.execute_batch("rollback");
        }
    }
}

pub fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(BUSY)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    connection.pragma_update(None, "foreign_keys", true)?;
    Ok(connection)
}
