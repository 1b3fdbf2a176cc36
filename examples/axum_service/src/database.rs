//! Connections to SQLite: one that writes, and as many as are needed to read beside it (WAL).

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, Transaction, TransactionBehavior};

use crate::failure::Failure;

/// The tables: the same file for this service and the FastAPI one.
const SCHEMA: &str = include_str!("../../service_schema/sqlite.sql");

/// How long to wait for another process that writes.
const BUSY: Duration = Duration::from_secs(5);

/// How many statements a connection keeps prepared: all that there are.
const STATEMENTS: usize = 64;

pub struct Database {
    path: PathBuf,
    writer: Mutex<Connection>,
    idle_readers: Mutex<Vec<Connection>>,
}

impl Database {
    /// Opens a file and makes the tables that it does not have.
    pub fn open(path: &Path) -> Result<Self, Failure> {
        let writer = connect(path)?;
        writer.execute_batch(SCHEMA)?;
        Ok(Self { path: path.to_owned(), writer: Mutex::new(writer), idle_readers: Mutex::default() })
    }

    /// Runs `work` on one state of the database, whatever is written meanwhile.
    pub fn read<T>(&self, work: impl FnOnce(&Connection) -> Result<T, Failure>) -> Result<T, Failure> {
        let idle = self.idle_readers.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut connection = idle.map_or_else(|| connect(&self.path), Ok)?;
        let result = work(&*connection.transaction()?);
        self.idle_readers.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        result
    }

    /// Runs `work` in a transaction that nobody else writes beside. What it wrote stays only if it succeeds.
    pub fn write<T>(&self, work: impl FnOnce(&Transaction<'_>) -> Result<T, Failure>) -> Result<T, Failure> {
        // A thread that panicked has rolled back already: a transaction does so when it is dropped.
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let transaction = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let result = work(&transaction)?;
        transaction.commit()?;
        Ok(result)
    }
}

fn connect(path: &Path) -> Result<Connection, Failure> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(BUSY)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    connection.pragma_update(None, "foreign_keys", true)?;
    Ok(connection)
}
