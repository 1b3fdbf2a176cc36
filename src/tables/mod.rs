//! A storage for an [`Endpoint`](crate::endpoint::Endpoint) over the tables of a product, by the same [`Mapping`] as its
//! filters.
//!
//! A [`TableStorage`] writes statements, and a [`Connection`] of the host's runs them: four methods over the driver.
//! `examples/axum_service` has one for rusqlite.

mod change;
mod select;
mod statement;

use crate::endpoint::{Delete, Find, Found, Get, Insert, Storage, StorageError, Stored, Update};
use crate::schema::ResourceType;
use crate::sql::{Assignment, BindError, Dialect, Mapping, MappingError, Placeholders, SqlText, SqlValue, WriteError};

use statement::Statement;

/// Runs statements in a database.
///
/// An error of the database becomes [`StorageError::Busy`] if the client may try again (another process writes, two wait for
/// each other), [`StorageError::Refused`] if a constraint refuses a value (`uniqueness`, `invalidValue`), and otherwise
/// [`StorageError::Failed`].
pub trait Connection {
    /// Begins a transaction. If it `writes`, no other that writes may come between what it reads and what it writes: in
    /// SQLite `BEGIN IMMEDIATE`.
    ///
    /// # Errors
    /// Those of the database.
    fn begin(&mut self, writes: bool) -> Result<(), StorageError>;

    /// Ends the transaction.
    ///
    /// # Errors
    /// Those of the database.
    fn commit(&mut self) -> Result<(), StorageError>;

    /// Undoes the transaction. What fails here is for the host's log alone.
    fn rollback(&mut self);

    /// Runs a statement, and gives the rows that it returns.
    ///
    /// # Errors
    /// Those of the database.
    fn run(&mut self, statement: &SqlText) -> Result<Vec<Vec<Option<SqlValue>>>, StorageError>;

    /// What columns get for the secrets of a request, such as `{"password": "..."}`; `null` unassigns one. Without this,
    /// secrets are not kept.
    ///
    /// # Errors
    /// [`StorageError::Refused`] for what the product does not accept.
    fn secrets(
        &mut self,
        resource_type: &ResourceType,
        secrets: &serde_json::Map<String, serde_json::Value>,
    ) -> Result<Vec<Assignment>, StorageError> {
        let _ = (resource_type, secrets);
        Ok(Vec::new())
    }

    /// Is called at the end of the transaction of each change, for a host that adds to it: a row of an audit log, say. An
    /// error undoes the change.
    ///
    /// # Errors
    /// Those of the database.
    fn written(&mut self, written: Written<'_>) -> Result<(), StorageError> {
        let _ = written;
        Ok(())
    }
}

/// What was written.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Written<'w> {
    /// A new resource, and its `id`.
    Inserted(&'w Insert, &'w str),
    /// A changed one.
    Updated(&'w Update),
    /// One that is gone.
    Deleted(&'w Delete),
}

/// The resources of one tenant, in tables that a product has anyhow.
///
/// A storage serves one request. Each of its methods is a transaction. References are checked within the tenant, and are
/// forgotten in other resources when a resource is deleted; names are unique in the tenant; a resource is written only if it
/// has the version that was read. The statements are those of SQLite; see [`TableStorage::untested`] for others.
///
/// Each mapping needs a [key](crate::sql::MappingBuilder::key), a version (or `meta.lastModified`), and an `id` that has a
/// column of its own with a default. The rows of lists must go with the row that they belong to: `ON DELETE CASCADE`.
pub struct TableStorage<'m, C: Connection> {
    connection: C,
    mappings: &'m [Mapping],
    scope: Vec<Assignment>,
    dialect: Dialect,
    placeholders: Placeholders,
    /// Whether the transaction of a [`Get`] goes on, for the [`Update`] that follows.
    holds: bool,
}

impl<'m, C: Connection> TableStorage<'m, C> {
    /// A storage over SQLite, for all rows of the tables.
    pub fn new(connection: C, mappings: &'m [Mapping]) -> Self {
        let (dialect, placeholders) = (Dialect::Sqlite, Placeholders::Question);
        Self { connection, mappings, scope: Vec::new(), dialect, placeholders, holds: false }
    }

    /// Keeps to the rows of one tenant: those in which a column has a value. New rows get it.
    #[must_use]
    pub fn scope(mut self, column: Assignment) -> Self {
        self.scope.push(column);
        self
    }

    /// Writes for another database, and another driver. The project's tests do not run these statements.
    #[must_use]
    pub fn untested(mut self, dialect: Dialect, placeholders: Placeholders) -> Self {
        (self.dialect, self.placeholders) = (dialect, placeholders);
        self
    }

    fn mapping(&self, name: &str) -> Result<&'m Mapping, StorageError> {
        let found = self.mappings.iter().find(|mapping| mapping.resource_type().name() == name);
        found.ok_or_else(|| failed(format!("there is no table for `{name}`")))
    }

    fn statement(&self, table: &str) -> Statement {
        Statement::new(self.dialect, self.placeholders.clone(), table)
    }

    fn run(&mut self, statement: Statement) -> Result<Vec<Vec<Option<SqlValue>>>, StorageError> {
        self.connection.run(&statement.finish()?)
    }

    /// Runs a statement, and gives the first value of its first row.
    fn one(&mut self, statement: Statement) -> Result<Option<SqlValue>, StorageError> {
        Ok(self.run(statement)?.into_iter().next().and_then(|row| row.into_iter().next().flatten()))
    }

    /// Does some work in a transaction: in the one that goes on, if there is one.
    fn transaction<T>(
        &mut self,
        writes: bool,
        work: impl FnOnce(&mut Self) -> Result<T, StorageError>,
    ) -> Result<T, StorageError> {
        if !std::mem::take(&mut self.holds) {
            self.connection.begin(writes)?;
        }
        let done = work(self);
        match &done {
            Ok(_) => self.connection.commit()?,
            Err(_) => self.connection.rollback(),
        }
        done
    }

    /// Ends the transaction of a [`Get`] that no [`Update`] has followed.
    fn release(&mut self) {
        if std::mem::take(&mut self.holds) {
            self.connection.rollback();
        }
    }
}

impl<C: Connection> Drop for TableStorage<'_, C> {
    fn drop(&mut self) {
        self.release();
    }
}

impl<C: Connection> Storage for TableStorage<'_, C> {
    fn get(&mut self, get: &Get) -> Result<Option<Stored>, StorageError> {
        self.release();
        if !get.locks {
            return self.transaction(false, |storage| storage.read(get));
        }
        self.connection.begin(true)?;
        self.holds = true;
        self.read(get).inspect_err(|_| self.release())
    }

    fn find(&mut self, find: &Find) -> Result<Found, StorageError> {
        self.release();
        self.transaction(false, |storage| storage.search(find))
    }

    fn insert(&mut self, insert: &Insert) -> Result<Stored, StorageError> {
        self.release();
        self.transaction(true, |storage| storage.add(insert))
    }

    fn update(&mut self, update: &Update) -> Result<Option<Stored>, StorageError> {
        self.write(update)?;
        Ok(None)
    }

    fn delete(&mut self, delete: &Delete) -> Result<(), StorageError> {
        self.release();
        self.transaction(true, |storage| storage.remove(delete))
    }
}

/// A fault of the host: a mapping that lacks something.
fn failed(why: impl ToString) -> StorageError {
    StorageError::Failed(why.to_string())
}

impl From<WriteError> for StorageError {
    fn from(error: WriteError) -> Self {
        failed(error)
    }
}

impl From<BindError> for StorageError {
    fn from(error: BindError) -> Self {
        Self::Refused(error.into())
    }
}

impl From<MappingError> for StorageError {
    fn from(error: MappingError) -> Self {
        failed(error)
    }
}
