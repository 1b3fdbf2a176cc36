//! What is read: resources by their id, and pages of those that a filter selects.

use serde_json::Value;

use super::statement::Statement;
use super::{Connection, TableStorage, failed};
use crate::endpoint::{Elements, Find, Found, Get, Needs, StorageError, Stored, Window};
use crate::sql::{Assignment, ListReading, Mapping, OrderBy, Reading, RowSource, SqlValue, Where};
use crate::sql::{Source, Stored as Form};

/// The most keys of one statement: databases limit the number of values.
const MOST: usize = 500;

/// Which rows are read, and in which order.
pub(super) struct Selection<'s> {
    /// What columns have, beside those of the tenant.
    pub has: &'s [Assignment],
    pub conditions: Vec<Where>,
    pub order: Option<&'s OrderBy>,
    /// The most rows, and how many are passed over.
    pub limit: usize,
    pub skip: u64,
    /// How many elements of a list are needed at most.
    pub most: Option<usize>,
}

impl<'s> Selection<'s> {
    /// The only row whose columns have these values.
    pub fn one(has: &'s [Assignment]) -> Self {
        Self { has, conditions: Vec::new(), order: None, limit: 1, skip: 0, most: None }
    }
}

/// A resource, and what its row is sorted by.
type Placed = (Stored, Vec<Option<SqlValue>>);
/// The rows of a list: the columns by which each belongs to a row of the table, and its values.
type Belonging = Vec<(Vec<Option<SqlValue>>, Vec<Option<SqlValue>>)>;

impl<C: Connection> TableStorage<'_, C> {
    pub(super) fn read(&mut self, get: &Get) -> Result<Option<Stored>, StorageError> {
        let mapping = self.mapping(get.resource_type.name())?;
        let Some(id) = mapping.identified(&get.id)? else { return Ok(None) };
        let has = [id];
        if get.locks {
            // A change of nothing locks in each database.
            let statement = self.statement(mapping.table()).raw("UPDATE ").name(mapping.table()).raw(" SET ");
            let statement = statement.name(&has[0].column).raw(" = ").name(&has[0].column).raw(" WHERE TRUE");
            self.run(statement.has(&self.scope).has(&has))?;
        }
        let reading = reading(mapping, &get.needs)?;
        let selection = Selection { most: get.needs.most_elements(), ..Selection::one(&has) };
        Ok(self.select(mapping, &reading, &selection)?.into_iter().next().map(|(stored, _)| stored))
    }

    pub(super) fn search(&mut self, find: &Find) -> Result<Found, StorageError> {
        let mapping = self.mapping(find.resource_type.name())?;
        let sort_by = find.order.as_ref();
        let order = mapping.order_by(sort_by.map(|(name, _)| name.as_str()), sort_by.is_some_and(|(_, down)| *down))?;
        let mut wanted = Vec::new();
        if let Some(filter) = &find.filter {
            wanted.push(mapping.bind(filter)?);
        }
        let mut conditions = wanted.clone();
        // An attribute with several values has no place after which a page could begin: then a page is found by counting.
        let has_place = order.keys().iter().all(|key| key.of.is_none());
        let skip = match &find.window {
            Window::Skip(skip) => *skip,
            Window::After(place) if has_place => {
                let place: Vec<Option<SqlValue>> = place.as_array().into_iter().flatten().map(held).collect();
                conditions.push(order.after(&place).ok_or_else(|| failed("the place of a page in another order"))?);
                0
            }
            Window::After(place) => place.as_u64().ok_or_else(|| failed("the place of a page in another order"))?,
        };
        let reading = reading(mapping, &find.needs)?;
        let limit = find.limit.saturating_add(1);
        let selection = Selection { has: &[], conditions, order: Some(&order), limit, skip, most: None };
        let mut rows = self.select(mapping, &reading, &selection)?;
        let has_more = rows.len() > find.limit;
        // The last page says how many there are.
        let is_last = matches!(find.window, Window::Skip(_)) && !has_more && (!rows.is_empty() || skip == 0);
        let total = match find.counts {
            true if is_last => Some(skip + rows.len() as u64),
            true => Some(self.count(mapping, &[], &wanted)?),
            false => None,
        };
        rows.truncate(find.limit);
        let next = rows.last().filter(|_| has_more).map(|(_, place)| {
            if has_place {
                place.iter().map(|value| shown(value.as_ref())).collect()
            } else {
                (skip + rows.len() as u64).into()
            }
        });
        Ok(Found { page: rows.into_iter().map(|(stored, _)| stored).collect(), total, next })
    }

    /// How many rows of the tenant there are.
    pub(super) fn count(
        &mut self,
        mapping: &Mapping,
        has: &[Assignment],
        conditions: &[Where],
    ) -> Result<u64, StorageError> {
        let statement = self.statement(mapping.table()).raw("SELECT COUNT(*) FROM ").name(mapping.table());
        let statement = self.wanted(statement.raw(" WHERE TRUE"), has, conditions);
        match self.one(statement)? {
            Some(SqlValue::Integer(count)) => u64::try_from(count).map_err(failed),
            _ => Err(failed("the database does not count")),
        }
    }

    fn wanted(&self, statement: Statement, has: &[Assignment], conditions: &[Where]) -> Statement {
        let statement = statement.has(&self.scope).has(has);
        conditions.iter().fold(statement, |statement, condition| statement.raw(" AND ").condition(condition))
    }

    /// The resources of some rows.
    pub(super) fn select(
        &mut self,
        mapping: &Mapping,
        reading: &Reading,
        selection: &Selection<'_>,
    ) -> Result<Vec<Placed>, StorageError> {
        let key = mapping.key().ok_or_else(|| failed("the mapping has no key"))?;
        let order: &[_] = selection.order.map_or(&[], OrderBy::keys);
        let places: Vec<_> = order.iter().filter(|key| key.of.is_none()).map(|key| (&key.source, key.stored)).collect();
        let outer: Vec<Source> = outer(reading).into_iter().map(Source::from).collect();
        let own = reading.columns.iter().map(|(source, stored)| (source, *stored));
        let sources = own.chain(places.iter().copied()).chain([(&key.source, key.stored)]);
        let sources = sources.chain(outer.iter().map(|source| (source, Form::Text)));
        let statement = self.statement(mapping.table()).raw("SELECT ").sources(sources);
        let statement = statement.raw(" FROM ").name(mapping.table()).raw(" WHERE TRUE");
        let mut statement = self.wanted(statement, selection.has, &selection.conditions);
        if let Some(order) = selection.order {
            statement = statement.raw(" ORDER BY ").order(order);
        }
        let rows = self.run(statement.raw(&format!(" LIMIT {} OFFSET {}", selection.limit, selection.skip)))?;
        // Each row is what was read, its place, its key, and the columns by which the rows of lists belong to it.
        let mut parts = Vec::with_capacity(rows.len());
        for mut row in rows {
            if row.len() != reading.columns.len() + places.len() + 1 + outer.len() {
                return Err(failed("a row has another number of values than was asked for"));
            }
            let outer = row.split_off(reading.columns.len() + places.len() + 1);
            let key = row.pop().flatten();
            let place = row.split_off(reading.columns.len());
            parts.push((row, place, key, outer, Vec::new()));
        }
        let keys: Vec<SqlValue> = parts.iter().filter_map(|(_, _, key, ..)| key.clone()).collect();
        for list in &reading.lists {
            let found = self.elements(mapping, list, &keys, selection.most)?;
            let RowSource::Table { on, .. } = &list.rows else { continue };
            let at = on.iter().filter_map(|(_, column)| outer.iter().position(|own| *own == Source::from(&**column)));
            let at: Vec<usize> = at.collect();
            let mut by_row = std::collections::BTreeMap::<String, Vec<_>>::new();
            for (belongs, values) in found {
                by_row.entry(format!("{belongs:?}")).or_default().push(values);
            }
            for (_, _, _, outer, lists) in &mut parts {
                let own: Vec<_> = at.iter().filter_map(|at| outer.get(*at).cloned()).collect();
                lists.push(by_row.get(&format!("{own:?}")).cloned().unwrap_or_default());
            }
        }
        let made = parts.into_iter().map(|(row, place, _, _, lists)| {
            let missing = || failed("a row has no version: name a column by `version`, or map `meta.lastModified`");
            let version = reading.version(&row).ok_or_else(missing)?;
            Ok((Stored { resource: reading.resource(row, lists)?, version }, place))
        });
        made.collect()
    }

    /// The rows of a list that belong to the rows with these keys.
    fn elements(
        &mut self,
        mapping: &Mapping,
        list: &ListReading,
        keys: &[SqlValue],
        most: Option<usize>,
    ) -> Result<Belonging, StorageError> {
        let (RowSource::Table { name, on, only }, Some(key)) = (&list.rows, mapping.key()) else {
            return Err(failed("lists in JSON columns are not read"));
        };
        let belongs: Vec<Source> = on.iter().map(|(own, _)| Source::from(&**own)).collect();
        let mut found = Vec::new();
        let among: Vec<Option<&[SqlValue]>> = match &list.among {
            None => vec![None],
            Some(among) => among.values.chunks(MOST).map(Some).collect(),
        };
        for (keys, among) in keys.chunks(MOST).flat_map(|keys| among.iter().map(move |among| (keys, among))) {
            let own = list.columns.iter().map(|(source, stored)| (source, *stored));
            let sources = belongs.iter().map(|source| (source, Form::Text)).chain(own);
            let statement = self.statement(name).raw("SELECT ").sources(sources).raw(" FROM ").name(name);
            let mut statement = statement.raw(" WHERE ").belong(mapping.table(), on, only, |rows| {
                rows.raw(" AND ").sources([(&key.source, key.stored)]).raw(" IN (").each(key.stored, keys).raw(")")
            });
            if let (Some(among), Some(values)) = (&list.among, among) {
                statement = statement.raw(" AND ").sources([(&among.source, among.stored)]);
                statement = statement.raw(" IN (").each(among.stored, values).raw(")");
            }
            if let (Some(most), [_]) = (most, keys) {
                // A longer list is not shown: one of its rows stands for all of them, and none is sorted.
                let probe = statement.clone().raw(&format!(" LIMIT 1 OFFSET {most}"));
                if let Some(row) = self.run(probe)?.into_iter().next() {
                    return Ok(vec![parted(row, belongs.len()); most.saturating_add(1)]);
                }
            }
            if let Some(position) = &list.position {
                statement = statement.raw(" ORDER BY ").sources([(position, Form::Integer)]);
            }
            found.extend(self.run(statement)?.into_iter().map(|row| parted(row, belongs.len())));
        }
        Ok(found)
    }
}

/// A row of a list: the columns by which it belongs to a row of the table, and its values.
fn parted(mut row: Vec<Option<SqlValue>>, at: usize) -> (Vec<Option<SqlValue>>, Vec<Option<SqlValue>>) {
    let values = row.split_off(at.min(row.len()));
    (row, values)
}

/// The columns by which the rows of lists belong to a row.
fn outer(reading: &Reading) -> Vec<&str> {
    let mut names = Vec::new();
    for list in &reading.lists {
        if let RowSource::Table { on, .. } = &list.rows {
            names.extend(on.iter().map(|(_, column)| &**column));
        }
    }
    names.sort_unstable();
    names.dedup();
    names
}

/// What to read of what is needed.
fn reading(mapping: &Mapping, needs: &Needs) -> Result<Reading, StorageError> {
    let mut reading = mapping.reading(|path| needs.attribute(path))?;
    let paths: Vec<String> = reading.lists.iter().map(|list| list.path.clone()).collect();
    for path in paths {
        match needs.elements(&path) {
            Elements::All => {}
            Elements::None => reading.among(&path, &[]),
            Elements::Of(values) => reading.among(&path, values),
        }
    }
    Ok(reading)
}

/// A value of the place of a page, as JSON has it.
fn shown(value: Option<&SqlValue>) -> Value {
    match value {
        Some(SqlValue::Text(text)) => text.as_str().into(),
        Some(SqlValue::Integer(number)) => (*number).into(),
        Some(SqlValue::Float(number)) => (*number).into(),
        Some(SqlValue::Bool(value)) => (*value).into(),
        Some(SqlValue::Texts(_)) | None => Value::Null,
    }
}

fn held(value: &Value) -> Option<SqlValue> {
    match value {
        Value::String(text) => Some(SqlValue::Text(text.clone())),
        Value::Bool(value) => Some(SqlValue::Bool(*value)),
        Value::Number(number) => number.as_i64().map(SqlValue::Integer).or(number.as_f64().map(SqlValue::Float)),
        _ => None,
    }
}
