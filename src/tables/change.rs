//! What is written: new resources, changes, and what goes.

use std::time::SystemTime;

use serde_json::Value;

use super::select::Selection;
use super::{Connection, TableStorage, Written, failed};
use crate::endpoint::{Delete, Insert, StorageError, Stored, Update};
use crate::schema::{AttrType, Uniqueness};
use crate::sql::{Assignment, ListWriting, Mapping, Reference, RowSource, SqlValue};
use crate::syntax::attr;

impl<C: Connection> TableStorage<'_, C> {
    pub(super) fn add(&mut self, insert: &Insert) -> Result<Stored, StorageError> {
        let mapping = self.mapping(insert.resource_type.name())?;
        let key = mapping.key().ok_or_else(|| failed("the mapping has no key"))?;
        let writing = mapping.insertion(&insert.resource, insert.now)?;
        self.check_references(&writing.references)?;
        self.check_unique(mapping, &insert.resource, None, |_| true)?;
        let secrets = self.connection.secrets(&insert.resource_type, &insert.secrets)?;
        let columns = [self.scope.clone(), writing.columns, secrets].concat();
        let statement = self.statement(mapping.table()).raw("INSERT INTO ").name(mapping.table()).raw(" (");
        let statement = statement.names(columns.iter().map(|one| &*one.column)).raw(") VALUES (").values(&columns);
        let made = self.one(statement.raw(") RETURNING ").sources([(&key.source, key.stored)]))?;
        let row = [assigned(mapping, made)?];
        for list in &writing.lists {
            self.change(mapping, &row, list)?;
        }
        let reading = mapping.reading(|_| true)?;
        let found = self.select(mapping, &reading, &Selection::one(&row))?;
        let (stored, _) = found.into_iter().next().ok_or_else(|| failed("the new row is not there"))?;
        let id = stored.resource.get("id").and_then(Value::as_str).unwrap_or_default();
        self.connection.written(Written::Inserted(insert, id))?;
        Ok(stored)
    }

    pub(super) fn write(&mut self, update: &Update) -> Result<(), StorageError> {
        let mapping = self.mapping(update.resource_type.name())?;
        let key = mapping.key().ok_or_else(|| failed("the mapping has no key"))?;
        let changes = &update.outcome.changes;
        let writing = mapping.alteration(&update.resource, changes, &update.version, update.now)?;
        let secrets = self.connection.secrets(&update.resource_type, &update.secrets)?;
        if writing.is_unchanged && secrets.is_empty() {
            self.release();
            return Ok(());
        }
        let id = mapping.identified(&update.id)?.ok_or(StorageError::Missing)?;
        self.transaction(true, |storage| {
            storage.check_references(&writing.references)?;
            let is_changed = |name: &str| changes.iter().any(|change| change.path == name);
            storage.check_unique(mapping, &update.resource, Some(&id), is_changed)?;
            let columns = [writing.columns, secrets].concat();
            let at: Vec<Assignment> = std::iter::once(id.clone()).chain(writing.expected).collect();
            let statement = storage.statement(mapping.table()).raw("UPDATE ").name(mapping.table()).raw(" SET ");
            let statement = statement.set(&columns).raw(" WHERE TRUE").has(&storage.scope).has(&at);
            let Some(made) = storage.one(statement.raw(" RETURNING ").sources([(&key.source, key.stored)]))? else {
                return Err(storage.reason(mapping, id)?);
            };
            let row = [assigned(mapping, Some(made))?];
            for list in &writing.lists {
                storage.change(mapping, &row, list)?;
            }
            storage.connection.written(Written::Updated(update))
        })
    }

    pub(super) fn remove(&mut self, delete: &Delete) -> Result<(), StorageError> {
        let mapping = self.mapping(delete.resource_type.name())?;
        let id = mapping.identified(&delete.id)?.ok_or(StorageError::Missing)?;
        let mut at = vec![id.clone()];
        if let Some(version) = &delete.version {
            at.push(mapping.expected(version).ok_or(StorageError::Stale)?);
        }
        if self.count(mapping, &at, &[])? == 0 {
            return Err(self.reason(mapping, id)?);
        }
        for other in self.mappings {
            for (rows, column) in other.references(mapping.resource_type().name()) {
                let had = Assignment { column: column.into(), ..id.clone() };
                self.forget(other, rows, had, delete.now)?;
            }
        }
        let statement = self.statement(mapping.table()).raw("DELETE FROM ").name(mapping.table()).raw(" WHERE TRUE");
        // A resource that referred to itself has another version by now.
        self.run(statement.has(&self.scope).has(&[id]))?;
        self.connection.written(Written::Deleted(delete))
    }

    /// Why no row has an id and a version.
    fn reason(&mut self, mapping: &Mapping, id: Assignment) -> Result<StorageError, StorageError> {
        let is_there = self.count(mapping, &[id], &[])? > 0;
        Ok(if is_there { StorageError::Stale } else { StorageError::Missing })
    }

    /// Refuses a reference to what is not there, or belongs to another tenant.
    fn check_references(&mut self, references: &[Reference]) -> Result<(), StorageError> {
        for reference in references {
            let mut is_there = false;
            for name in &reference.resource_types {
                let other = self.mapping(name)?;
                let id = Assignment { column: other.id_column()?.into(), ..reference.value.clone() };
                is_there = is_there || self.count(other, &[id], &[])? > 0;
            }
            if !is_there {
                return Err(reference.missing().into());
            }
        }
        Ok(())
    }

    /// Refuses a value that another resource has, if values are unique.
    fn check_unique(
        &mut self,
        mapping: &Mapping,
        resource: &Value,
        own: Option<&Assignment>,
        is_changed: impl Fn(&str) -> bool,
    ) -> Result<(), StorageError> {
        for attribute in mapping.resource_type().attributes() {
            let is_unique = attribute.uniqueness != Uniqueness::None && attribute.attr_type == AttrType::String;
            let Some(text) = resource.get(&attribute.name).and_then(Value::as_str) else { continue };
            if !is_unique || !is_changed(&attribute.name) {
                continue;
            }
            let same = attr(&attribute.name).eq(text).build().map_err(failed)?;
            let same = same.compile(mapping.resource_type()).map_err(failed)?;
            let taken = [mapping.bind(&same)?];
            let count = self.count(mapping, &[], &taken)?;
            let own = if let Some(own) = own { self.count(mapping, std::slice::from_ref(own), &taken)? } else { 0 };
            if count > own {
                return Err(StorageError::uniqueness(&attribute.name));
            }
        }
        Ok(())
    }

    /// Changes the rows of a list that belong to a row.
    fn change(&mut self, mapping: &Mapping, row: &[Assignment], list: &ListWriting) -> Result<(), StorageError> {
        let ListWriting { table, on, only, deleted, updated, inserted, .. } = list;
        for gone in deleted {
            let statement = self.statement(table).raw("DELETE FROM ").name(table).raw(" WHERE ");
            self.run(statement.belong(mapping.table(), on, only, |rows| rows.has(row)).has(gone))?;
        }
        for (before, after) in updated {
            let statement = self.statement(table).raw("UPDATE ").name(table).raw(" SET ").set(after).raw(" WHERE ");
            self.run(statement.belong(mapping.table(), on, only, |rows| rows.has(row)).has(before))?;
        }
        for new in inserted {
            let names = on.iter().map(|(own, _)| &**own).chain(only.iter().map(|(name, _)| &**name));
            let names = names.chain(new.iter().map(|one| &*one.column));
            let statement = self.statement(table).raw("INSERT INTO ").name(table).raw(" (").names(names);
            let statement = statement.raw(") SELECT ").names(on.iter().map(|(_, outer)| &**outer)).held(only);
            let statement =
                new.iter().fold(statement, |statement, one| statement.raw(", ").value(one.stored, one.value.as_ref()));
            let statement = statement.raw(" FROM ").name(mapping.table()).raw(" WHERE TRUE");
            self.run(statement.has(row))?;
        }
        Ok(())
    }

    /// Removes a reference from the resources that have it, which changes them.
    fn forget(
        &mut self,
        mapping: &Mapping,
        rows: Option<&RowSource>,
        had: Assignment,
        now: SystemTime,
    ) -> Result<(), StorageError> {
        let (grows, mut others) = mapping.touch(now);
        if rows.is_none() {
            others.push(Assignment { value: None, ..had.clone() });
        }
        let had = [had];
        if grows.is_some() || !others.is_empty() {
            let mut statement = self.statement(mapping.table()).raw("UPDATE ").name(mapping.table()).raw(" SET ");
            if let Some(version) = grows {
                statement = statement.name(version).raw(" = ").name(version).raw(" + 1");
                statement = statement.raw(if others.is_empty() { "" } else { ", " });
            }
            statement = statement.set(&others).raw(" WHERE TRUE").has(&self.scope);
            statement = match rows {
                Some(RowSource::Table { name, on, .. }) => {
                    let pairs =
                        statement.raw(" AND (").names(on.iter().map(|(_, outer)| &**outer)).raw(") IN (SELECT ");
                    let inner = pairs.names(on.iter().map(|(own, _)| &**own)).raw(" FROM ").name(name);
                    inner.raw(" WHERE TRUE").has(&had).raw(")")
                }
                _ => statement.has(&had),
            };
            self.run(statement)?;
        }
        if let Some(RowSource::Table { name, on, only }) = rows {
            let statement = self.statement(name).raw("DELETE FROM ").name(name).raw(" WHERE ");
            let statement = statement.belong(mapping.table(), on, only, |rows| rows.has(&self.scope));
            self.run(statement.has(&had))?;
        }
        Ok(())
    }
}

/// What the key of a row has.
fn assigned(mapping: &Mapping, made: Option<SqlValue>) -> Result<Assignment, StorageError> {
    match (mapping.key().and_then(|key| Some((key.name()?, key.stored))), made) {
        (Some((column, stored)), Some(made)) => Ok(Assignment { column: column.into(), stored, value: Some(made) }),
        _ => Err(failed("the key of the table has no column of its own")),
    }
}
