//! What to write for a resource: columns, rows of lists, and the resources that it refers to.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Map, Value};

use super::attributes::{fixed, is_read_only, leaves};
use super::column::{Column, Stored};
use super::error::MappingError;
use super::mapping::Mapping;
use super::reading::{Name, is_in_row};
use super::rows::{Field, Only, RowSource, Rows};
use super::shadow::fold;
use super::source::Source;
use super::values::{Assignment, assigned};
use super::where_clause::SqlValue;
use crate::coerce::{Change, Replaced};
use crate::error::{ScimError, ScimType};
use crate::schema::{AttrRef, Attribute};

/// What to write for a new resource, or for a change of one.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Writing {
    /// What columns of the table get.
    pub columns: Vec<Assignment>,
    /// What the column of the version must still have, if the resource is changed.
    pub expected: Option<Assignment>,
    /// What changes in the rows of lists.
    pub lists: Vec<ListWriting>,
    /// The resources that must exist.
    pub references: Vec<Reference>,
    /// Whether a change leaves all rows as they are, but for the version and the time: what changed is the same in every row.
    pub is_unchanged: bool,
}

/// What changes in the rows of a multi-valued attribute. Rows are known by what their columns have, where NULL is a value,
/// too.
#[derive(Debug, Clone, PartialEq)]
pub struct ListWriting {
    /// The path of the attribute.
    pub path: String,
    /// The table.
    pub table: Arc<str>,
    /// Pairs of columns that are equal: one of this table, one of the table of the resource.
    pub on: Vec<(Arc<str>, Arc<str>)>,
    /// What other columns of its rows have.
    pub only: Vec<(Arc<str>, Only)>,
    /// The rows to delete.
    pub deleted: Vec<Vec<Assignment>>,
    /// The rows to change, and what they get.
    pub updated: Vec<(Vec<Assignment>, Vec<Assignment>)>,
    /// The new rows.
    pub inserted: Vec<Vec<Assignment>>,
}

/// A resource that a column refers to.
#[derive(Debug, Clone, PartialEq)]
pub struct Reference {
    /// The types of which it may be.
    pub resource_types: Vec<Arc<str>>,
    /// The path of the attribute: `members.value`.
    pub path: String,
    /// Its `id`, as the client gave it.
    pub id: String,
    /// What the column gets.
    pub value: Assignment,
}

impl Reference {
    /// The refusal of a request if there is no such resource.
    pub fn missing(&self) -> ScimError {
        missing(&self.path, &self.resource_types, &self.id)
    }
}

fn missing(path: &str, resource_types: &[Arc<str>], id: &str) -> ScimError {
    let types = resource_types.join(" or ");
    ScimError::new(ScimType::InvalidValue, format!("`{path}`: there is no {types} `{id}`"))
}

fn refused(path: &str, why: impl std::fmt::Display) -> ScimError {
    ScimError::new(ScimType::InvalidValue, format!("`{path}`: {why}"))
}

/// The time in microseconds since 1970.
fn micros(now: SystemTime) -> i64 {
    let since = |time: SystemTime, other| time.duration_since(other).ok().map(|since| since.as_micros());
    match since(now, UNIX_EPOCH) {
        Some(after) => i64::try_from(after).unwrap_or(i64::MAX),
        None => since(UNIX_EPOCH, now).and_then(|before| i64::try_from(before).ok()).map_or(i64::MIN, |before| -before),
    }
}

/// Collects what is written for one resource.
struct Writer<'m> {
    mapping: &'m Mapping,
    writing: Writing,
}

impl Mapping {
    /// What to write for a new resource, which has neither `id` nor `meta`.
    ///
    /// # Errors
    /// [`ScimError`] of type `invalidValue` for what the columns cannot hold, so that nothing is lost without a word.
    pub fn insertion(&self, resource: &Value, now: SystemTime) -> Result<Writing, ScimError> {
        let mut writer = self.writer(resource)?;
        for attr in leaves(self.resource_type()) {
            let path = attr.to_string();
            match self.field(&path) {
                Some(Field::Rows(rows)) if !is_in_row(self, rows) => {
                    let elements = elements(value_of(resource, attr));
                    writer.rows(attr, rows, elements, &[], &[])?;
                }
                field => writer.single(attr, &path, field, value_of(resource, attr))?,
            }
        }
        writer.rest(resource);
        writer.stamp(now, None);
        Ok(writer.writing)
    }

    /// What to write for a changed resource: of the columns those of the changes.
    ///
    /// # Errors
    /// [`ScimError`] of type `invalidValue` for what the columns cannot hold, and of status 500 for a version that is not one
    /// of this mapping.
    pub fn alteration(
        &self,
        resource: &Value,
        changes: &[Change],
        version: &str,
        now: SystemTime,
    ) -> Result<Writing, ScimError> {
        let mut writer = self.writer(resource)?;
        let mut changes_rest = false;
        for attr in leaves(self.resource_type()) {
            let path = attr.to_string();
            let mut own = changes.iter().filter(|change| concerns(&change.path, &path)).peekable();
            if own.peek().is_none() {
                continue;
            }
            match self.field(&path) {
                Some(Field::Rows(rows)) if !is_in_row(self, rows) => {
                    for change in own {
                        writer.rows(attr, rows, &change.added, &change.removed, &change.replaced)?;
                    }
                }
                Some(Field::Rows(rows)) if writer.is_same_row(attr, rows, own)? => {}
                Some(Field::Rest(_)) => changes_rest = true,
                field => writer.single(attr, &path, field, value_of(resource, attr))?,
            }
        }
        if changes_rest {
            writer.rest(resource);
        }
        writer.writing.is_unchanged = writer.writing.columns.is_empty() && writer.writing.lists.is_empty();
        writer.writing.expected =
            Some(self.expected(version).ok_or_else(|| ScimError::with_status(500, "the version is not one of a row"))?);
        writer.stamp(now, Some(version));
        Ok(writer.writing)
    }

    /// What the column of the version has if a resource has this version; `None` if no resource can.
    pub fn expected(&self, version: &str) -> Option<Assignment> {
        let number = version.strip_prefix("W/\"")?.strip_suffix('"')?.parse().ok()?;
        stamped(self.version()?, number)
    }

    /// The column of the `id`, and what it has if a resource has this one; `None` if no resource can.
    ///
    /// # Errors
    /// [`MappingError`] if no column has the `id`.
    pub fn identified(&self, id: &str) -> Result<Option<Assignment>, MappingError> {
        let column = self.id()?;
        let id = Value::from(id);
        let attr = self.resource_type().look_up_own_attribute("id").ok();
        let found = attr.and_then(|attr| assigned(attr.leaf(), column, Some(&id)).ok());
        Ok(found.and_then(|all| all.into_iter().next()))
    }

    /// The name of the column of the `id`.
    ///
    /// # Errors
    /// [`MappingError`] if no column has the `id`.
    pub fn id_column(&self) -> Result<&str, MappingError> {
        Ok(self.id()?.name().unwrap_or_default())
    }

    fn id(&self) -> Result<&Column, MappingError> {
        match self.field("id") {
            Some(Field::Column(column)) if column.is_written() => Ok(column),
            _ => Err(MappingError::new("id", "has no column of its own")),
        }
    }

    /// What the columns of a row get whose resource changes because another one is deleted: the name of one that grows by 1,
    /// and others.
    pub fn touch(&self, now: SystemTime) -> (Option<&str>, Vec<Assignment>) {
        let grows = self.version().filter(|column| column.stored == Stored::Integer).and_then(Column::name);
        let modified = match self.field("meta.lastModified") {
            Some(Field::Column(column)) => stamped(column, micros(now)),
            _ => None,
        };
        (grows, modified.into_iter().collect())
    }

    /// The names of the columns of the table, and of the tables of lists, that hold the `id` of a resource of this type.
    pub fn references(&self, resource_type: &str) -> Vec<(Option<&RowSource>, &str)> {
        let refers = |column: &Column| column.refers_to.iter().any(|own| **own == *resource_type);
        let mut found = Vec::new();
        for (path, field) in self.fields() {
            let is_written =
                |path: &str| self.resource_type().look_up_own_attribute(path).is_ok_and(|attr| !is_read_only(attr));
            match field {
                Field::Column(column) if refers(column) => found.extend(column.name().map(|name| (None, name))),
                Field::Rows(rows) if is_written(path) => {
                    found.extend(rows.fields.iter().filter_map(|(_, field)| match field {
                        Field::Column(column) if refers(column) => Some((Some(&rows.source), column.name()?)),
                        _ => None,
                    }));
                }
                _ => {}
            }
        }
        found
    }

    fn writer(&self, resource: &Value) -> Result<Writer<'_>, ScimError> {
        check_known(self, resource)?;
        Ok(Writer { mapping: self, writing: Writing::default() })
    }
}

/// What a column of a version or time gets.
fn stamped(column: &Column, number: i64) -> Option<Assignment> {
    let Source::Column(name) = &column.source else { return None };
    Some(Assignment { column: Arc::clone(name), stored: column.stored, value: Some(SqlValue::Integer(number)) })
}

impl Writer<'_> {
    /// A column, or the only element of a list that is in columns of the row.
    fn single(
        &mut self,
        attr: AttrRef<'_>,
        path: &str,
        field: Option<&Field>,
        value: Option<&Value>,
    ) -> Result<(), ScimError> {
        if attr.is_secret() || is_read_only(attr) {
            return Ok(());
        }
        match (field, value) {
            (Some(Field::Column(column)), value) => {
                let assigned = self.assigned(attr, path, column, value)?;
                self.writing.columns.extend(assigned);
            }
            (Some(Field::Rows(rows)), value) => {
                let elements = elements(value);
                if elements.len() > 1 {
                    return Err(refused(path, "at most one value is stored here"));
                }
                let row = self.row(attr, rows, elements.first())?;
                self.writing.columns.extend(row);
            }
            (Some(Field::Fixed(texts)), Some(value)) => check_fixed(attr, path, texts, value)?,
            (Some(Field::Schemas | Field::Rest(_)), _) | (_, None) => {}
            (Some(Field::Unassigned) | None, Some(_)) if attr.is_schemas() => {}
            (Some(Field::Unassigned) | None, Some(_)) => return Err(refused(path, "is not stored here")),
        }
        Ok(())
    }

    /// The JSON column of what has no column of its own, and that of its folded copy.
    fn rest(&mut self, resource: &Value) {
        let Some(rest) = self.mapping.rest() else { return };
        let resource_type = self.mapping.resource_type();
        let mut members = Map::new();
        for attr in leaves(resource_type) {
            let is_rest = matches!(self.mapping.field(&attr.to_string()), Some(Field::Rest(_)));
            if let (true, Some(value)) = (is_rest, value_of(resource, attr)) {
                Name::of(attr).set(&mut members, value.clone());
            }
        }
        let is_empty = members.is_empty();
        let members = Value::from(members);
        let folded = rest.folded.as_ref().map(|column| (column, fold(&members, resource_type)));
        for (column, value) in std::iter::once((&rest.column, members)).chain(folded) {
            let value = (!is_empty).then(|| SqlValue::Text(value.to_string()));
            self.writing.columns.push(Assignment { column: Arc::clone(column), stored: Stored::Json, value });
        }
    }

    fn assigned(
        &mut self,
        attr: AttrRef<'_>,
        path: &str,
        column: &Column,
        value: Option<&Value>,
    ) -> Result<Vec<Assignment>, ScimError> {
        let id = value.and_then(Value::as_str);
        let assigned = assigned(attr.leaf(), column, value).map_err(|why| match (column.refers_to.as_slice(), id) {
            ([], _) | (_, None) => refused(path, why),
            (types, Some(id)) => missing(path, types, id),
        })?;
        if let ([_, ..], Some(id), Some(first)) = (column.refers_to.as_slice(), id, assigned.first()) {
            self.writing.references.push(Reference {
                resource_types: column.refers_to.clone(),
                path: path.to_owned(),
                id: id.to_owned(),
                value: first.clone(),
            });
        }
        Ok(assigned)
    }

    /// What the columns of a row get for an element; without one, for a row that has none.
    fn row(&mut self, attr: AttrRef<'_>, rows: &Rows, element: Option<&Value>) -> Result<Vec<Assignment>, ScimError> {
        let mut row = Vec::new();
        let mut refers = false;
        let mut lost = Vec::new();
        for (own, value) in parts(attr, element) {
            let path = own.to_string();
            match (rows.fields.iter().find(|(known, _)| *known == path).map(|(_, field)| field), value) {
                (Some(Field::Column(column)), value) if !own.is_secret() => {
                    refers |= !column.refers_to.is_empty();
                    row.extend(self.assigned(own, &path, column, value)?);
                }
                (Some(Field::Fixed(texts)), Some(value)) => check_fixed(own, &path, texts, value)?,
                (Some(Field::Unassigned) | None, Some(_)) if !is_read_only(own) => lost.push(path),
                _ => {}
            }
        }
        match lost.first() {
            // What else is said of a reference follows from the resource that it names.
            Some(path) if !refers => Err(refused(path, "is not stored here")),
            _ => Ok(row),
        }
    }

    /// Whether the only element of a list, which is in columns of the row, is stored as before.
    fn is_same_row<'c>(
        &mut self,
        attr: AttrRef<'_>,
        rows: &Rows,
        changes: impl Iterator<Item = &'c Change>,
    ) -> Result<bool, ScimError> {
        let mut is_same = true;
        for Change { added, removed, replaced, .. } in changes {
            let pairs = replaced.iter().map(|pair| (Some(&pair.old), Some(&pair.new)));
            let others = removed.iter().map(Some).chain(std::iter::repeat(None));
            let longest = added.len().max(removed.len());
            let others = others.zip(added.iter().map(Some).chain(std::iter::repeat(None))).take(longest);
            for (old, new) in pairs.chain(others) {
                is_same &= self.stored_row(attr, rows, old)? == self.stored_row(attr, rows, new)?;
            }
        }
        Ok(is_same)
    }

    /// A row without its references: what is stored may refer to what is gone.
    fn stored_row(
        &mut self,
        attr: AttrRef<'_>,
        rows: &Rows,
        element: Option<&Value>,
    ) -> Result<Vec<Assignment>, ScimError> {
        let references = self.writing.references.len();
        let row = self.row(attr, rows, element);
        self.writing.references.truncate(references);
        row
    }

    fn rows(
        &mut self,
        attr: AttrRef<'_>,
        rows: &Rows,
        added: &[Value],
        removed: &[Value],
        replaced: &[Replaced],
    ) -> Result<(), ScimError> {
        if attr.is_secret() || is_read_only(attr) {
            return Ok(());
        }
        let RowSource::Table { name, on, only } = &rows.source else {
            return Err(ScimError::with_status(500, "lists in JSON columns are not written"));
        };
        let mut list = ListWriting {
            path: attr.to_string(),
            table: Arc::clone(name),
            on: on.clone(),
            only: only.clone(),
            deleted: Vec::new(),
            updated: Vec::new(),
            inserted: Vec::new(),
        };
        for element in removed {
            list.deleted.push(known(rows, self.stored_row(attr, rows, Some(element))?));
        }
        for Replaced { old, new, .. } in replaced {
            let before = self.stored_row(attr, rows, Some(old))?;
            let mut after = self.row(attr, rows, Some(new))?;
            after.retain(|one| !before.contains(one));
            if !after.is_empty() {
                list.updated.push((known(rows, before), after));
            }
        }
        for element in added {
            list.inserted.push(self.row(attr, rows, Some(element))?);
        }
        if !(list.deleted.is_empty() && list.updated.is_empty() && list.inserted.is_empty()) {
            self.writing.lists.push(list);
        }
        Ok(())
    }

    /// The times and the version.
    fn stamp(&mut self, now: SystemTime, before: Option<&str>) {
        let mapping = self.mapping;
        let before = before.and_then(|version| mapping.expected(version)).and_then(|expected| expected.value);
        let before = before.and_then(|value| if let SqlValue::Integer(number) = value { Some(number) } else { None });
        let now = micros(now);
        let mut modified = now;
        let version = mapping.version();
        match (version, before) {
            (Some(column), before) if column.stored == Stored::Integer => {
                let next = before.map_or(1, |number| number.saturating_add(1));
                self.writing.columns.extend(stamped(column, next));
            }
            // The time is the version, so it changes even if the clock does not go on.
            (_, Some(before)) => modified = modified.max(before.saturating_add(1)),
            _ => {}
        }
        for (path, micros) in [("meta.created", before.is_none().then_some(now)), ("meta.lastModified", Some(modified))]
        {
            if let (Some(Field::Column(column)), Some(micros)) = (mapping.field(path), micros) {
                self.writing.columns.extend(stamped(column, micros));
            }
        }
    }
}

/// Whether a change of one path concerns the attribute of another: of the whole or of a part.
fn concerns(changed: &str, path: &str) -> bool {
    let is_within = |part: &str, whole: &str| part.strip_prefix(whole).is_some_and(|rest| rest.starts_with(['.', ':']));
    changed == path || is_within(path, changed) || is_within(changed, path)
}

/// What a row is known by: not by a folded text beside the text itself.
fn known(rows: &Rows, mut row: Vec<Assignment>) -> Vec<Assignment> {
    let is_alone = |column: &str| {
        let folded = |own: &Column| own.stored == Stored::Folded && own.name() == Some(column);
        rows.fields.iter().any(|(_, field)| matches!(field, Field::Column(own) if folded(own)))
    };
    row.retain(|one| one.stored != Stored::Folded || is_alone(&one.column));
    row
}

/// The value of an attribute in a resource.
fn value_of<'v>(resource: &'v Value, attr: AttrRef<'_>) -> Option<&'v Value> {
    let holder = match attr.extension {
        Some(schema) => resource.get(&schema.id)?,
        None => resource,
    };
    let value = holder.get(&attr.attribute.name)?;
    attr.sub.map_or(Some(value), |sub| value.get(&sub.name)).filter(|value| !value.is_null())
}

fn elements(value: Option<&Value>) -> &[Value] {
    match value {
        Some(Value::Array(elements)) => elements,
        Some(one) => std::slice::from_ref(one),
        None => &[],
    }
}

/// The parts of an element: its sub-attributes, or itself if it is simple.
fn parts<'a>(attr: AttrRef<'a>, element: Option<&'a Value>) -> Vec<(AttrRef<'a>, Option<&'a Value>)> {
    if !attr.attribute.is_complex() {
        return vec![(attr, element)];
    }
    let value = |sub: &Attribute| element.and_then(|element| element.get(&sub.name)).filter(|value| !value.is_null());
    attr.attribute.sub_attributes.iter().map(|sub| (attr.sub(sub), value(sub))).collect()
}

/// A value that is the same everywhere cannot be another one.
fn check_fixed(attr: AttrRef<'_>, path: &str, texts: &[String], value: &Value) -> Result<(), ScimError> {
    let own = fixed(attr, texts);
    let is_same = match (&own, value) {
        (Value::String(own), Value::String(text)) if !attr.leaf().is_case_exact() => {
            crate::fold_case(own) == crate::fold_case(text)
        }
        (own, value) => own == value,
    };
    if is_same { Ok(()) } else { Err(refused(path, format_args!("is always `{}` here", texts.join("`, `")))) }
}

/// Members that no schema knows have no column.
fn check_known(mapping: &Mapping, resource: &Value) -> Result<(), ScimError> {
    let resource_type = mapping.resource_type();
    let known = |attributes: &[Attribute], name: &str| attributes.iter().any(|attribute| attribute.name == name);
    let check = |prefix: &str, holder: &Map<String, Value>, attributes: &[Attribute]| {
        let strange = |name: &&String| !known(attributes, name) && resource_type.extension(name).is_none();
        match holder.keys().find(strange) {
            Some(name) => Err(refused(&format!("{prefix}{name}"), "is not stored here")),
            None => attributes.iter().filter(|one| one.is_complex()).try_for_each(|one| {
                let objects = elements(holder.get(&one.name)).iter().filter_map(Value::as_object);
                let mut names = objects.flat_map(Map::keys);
                match names.find(|name| !known(&one.sub_attributes, name)) {
                    Some(name) => Err(refused(&format!("{prefix}{}.{name}", one.name), "is not stored here")),
                    None => Ok(()),
                }
            }),
        }
    };
    if let Some(members) = resource.as_object() {
        check("", members, resource_type.attributes())?;
    }
    for extension in resource_type.extensions() {
        if let Some(Value::Object(members)) = resource.get(&extension.id) {
            check(&format!("{}:", extension.id), members, &extension.attributes)?;
        }
    }
    Ok(())
}
