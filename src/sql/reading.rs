//! What to read of a table for a resource, and the resource that the values make.

use serde_json::{Map, Value};

use super::attributes::{fixed, is_read_only, leaves};
use super::column::{Column, Stored};
use super::error::MappingError;
use super::mapping::Mapping;
use super::rows::{Field, RowSource, Rows};
use super::source::Source;
use super::values::{digits, shown, uuid};
use super::where_clause::SqlValue;
use crate::schema::{AttrRef, ResourceType};

/// What to read for resources: columns of the table, and of the tables of multi-valued attributes.
///
/// The host selects [`Reading::columns`] of the rows that it wants, and for each of [`Reading::lists`] the rows that belong
/// to them. [`Reading::resource`] makes the resource of a row.
///
/// ```
/// use scim_engine::ResourceType;
/// use scim_engine::sql::{Column, Mapping, Rows, SqlValue};
/// use serde_json::json;
/// let users = Mapping::builder(&ResourceType::user(), "users")
///     .column("id", Column::digits("id"))
///     .column("userName", Column::text("user_name").with_folded("user_name_key"))
///     .rows("emails", Rows::table("emails").on("user_id", "id").column("value", Column::text("address")))
///     .build()?;
/// let reading = users.reading(|_| true)?;
/// assert_eq!(reading.columns.len(), 2); // `id` and `user_name`
/// let (row, address) = (vec![Some(SqlValue::Integer(7)), Some("ann".into())], vec![Some("ann@example.com".into())]);
/// assert_eq!(
///     reading.resource(row, vec![vec![address]])?,
///     json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "id": "7", "userName": "ann",
///            "emails": [{"value": "ann@example.com"}]})
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Reading {
    /// What to select of the table, in this order, and in which form it is.
    pub columns: Vec<(Source, Stored)>,
    /// The lists.
    pub lists: Vec<ListReading>,
    resource_type: ResourceType,
    has_schemas: bool,
    parts: Vec<Part>,
    version: Option<usize>,
}

/// What to read of the rows of a multi-valued attribute.
#[derive(Debug, Clone)]
pub struct ListReading {
    /// The path of the attribute.
    pub path: String,
    /// The rows.
    pub rows: RowSource,
    /// What to select of them, in this order, and in which form it is.
    pub columns: Vec<(Source, Stored)>,
    /// What they are in order by.
    pub position: Option<Source>,
    /// Whether clients can change the list.
    pub is_written: bool,
    /// Which of them are needed: those where this is one of the values. All without it.
    pub among: Option<Among>,
    value: Option<Column>,
    name: Name,
    elements: Elements,
}

/// Values of which a column of a list has one.
#[derive(Debug, Clone, PartialEq)]
pub struct Among {
    /// Where the value is.
    pub source: Source,
    /// The form in which it is stored.
    pub stored: Stored,
    /// The values, in this form. A value that the column cannot hold is left out.
    pub values: Vec<SqlValue>,
}

/// The place of an attribute in a resource.
#[derive(Debug, Clone)]
pub(super) struct Name {
    extension: Option<String>,
    attribute: String,
    sub: Option<String>,
}

/// A part of a resource that the row itself gives.
#[derive(Debug, Clone)]
enum Part {
    Column(Name, Column),
    Fixed(Name, Value),
    /// The only element of a list, made of so many columns.
    Element(Name, Elements),
    /// What has no column of its own, in a JSON column.
    Rest(String),
}

/// How a row becomes an element.
#[derive(Debug, Clone)]
struct Elements {
    path: String,
    /// The sub-attribute of each column; none for a simple element.
    columns: Vec<(Option<String>, Column)>,
    fixed: Vec<(String, Value)>,
}

/// Whether the only element of a list is in columns of the row itself.
pub(super) fn is_in_row(mapping: &Mapping, rows: &Rows) -> bool {
    matches!(&rows.source, RowSource::Table { name, on, .. }
        if **name == *mapping.table() && on.iter().all(|(own, outer)| own == outer))
}

impl Name {
    pub(super) fn of(attr: AttrRef<'_>) -> Self {
        Self {
            extension: attr.extension.map(|schema| schema.id.clone()),
            attribute: attr.attribute.name.clone(),
            sub: attr.sub.map(|sub| sub.name.clone()),
        }
    }

    pub(super) fn set(&self, resource: &mut Map<String, Value>, value: Value) {
        let names = [self.extension.as_ref(), Some(&self.attribute), self.sub.as_ref()];
        let mut names: Vec<&String> = names.into_iter().flatten().collect();
        let Some(last) = names.pop() else { return };
        let mut holder = resource;
        for name in names {
            let inner = holder.entry(name.clone()).or_insert_with(|| Map::new().into());
            let Value::Object(inner) = inner else { return };
            holder = inner;
        }
        holder.insert(last.clone(), value);
    }
}

impl Elements {
    fn of(attr: AttrRef<'_>, rows: &Rows) -> Result<Self, MappingError> {
        let path = attr.to_string();
        let mut elements = Self { path, columns: Vec::new(), fixed: Vec::new() };
        let subs = attr.attribute.sub_attributes.iter();
        let subs = subs.map(|sub| (Some(sub.name.clone()), attr.sub(sub)));
        let simple = (!attr.attribute.is_complex()).then_some((None, attr));
        for (sub, own) in subs.chain(simple) {
            let path = own.to_string();
            let found = rows.fields.iter().find(|(known, _)| *known == path);
            match (found.map(|(_, field)| field), sub) {
                (Some(Field::Column(column)), sub) if !own.is_secret() => {
                    check_shown(own, column)?;
                    elements.columns.push((sub, column.clone()));
                }
                (Some(Field::Fixed(texts)), Some(sub)) => elements.fixed.push((sub, fixed(own, texts))),
                (Some(Field::Rows(_)), _) => {
                    return Err(MappingError::new(&path, "has rows within rows, which are not read"));
                }
                _ => {}
            }
        }
        Ok(elements)
    }

    fn columns(&self) -> Vec<(Source, Stored)> {
        self.columns.iter().map(|(_, column)| (column.source.clone(), column.stored)).collect()
    }

    /// The element of a row; none if it has nothing.
    fn element(&self, row: &mut dyn Iterator<Item = Option<SqlValue>>) -> Result<Option<Value>, MappingError> {
        let mut element = Map::new();
        for ((sub, column), value) in self.columns.iter().zip(row) {
            let Some(value) = read(&self.path, column, value)? else { continue };
            let Some(sub) = sub else { return Ok(Some(value)) };
            element.insert(sub.clone(), value);
        }
        if element.is_empty() {
            return Ok(None);
        }
        element.extend(self.fixed.iter().cloned());
        Ok(Some(element.into()))
    }
}

fn read(path: &str, column: &Column, value: Option<SqlValue>) -> Result<Option<Value>, MappingError> {
    shown(column, value).map_err(|expected| MappingError::new(path, format!("its column does not hold {expected}")))
}

/// What the JSON column has of what has no column of its own.
fn rest(column: &str, value: Option<SqlValue>) -> Result<Map<String, Value>, MappingError> {
    match value {
        None => Some(Map::new()),
        Some(SqlValue::Text(text)) => serde_json::from_str(&text).ok(),
        Some(_) => None,
    }
    .ok_or_else(|| MappingError::new(column, format!("does not hold {}", Stored::Json.describe())))
}

/// Adds members to those that are there, of objects too.
fn add(resource: &mut Map<String, Value>, members: Map<String, Value>) {
    for (name, value) in members {
        match (resource.get_mut(&name), value) {
            (Some(Value::Object(own)), Value::Object(value)) => add(own, value),
            (_, value) => drop(resource.insert(name, value)),
        }
    }
}

/// What a column must hold so that it can be shown.
fn check_shown(attr: AttrRef<'_>, column: &Column) -> Result<(), MappingError> {
    if matches!(column.source, Source::Json { .. }) {
        return Err(MappingError::new(&attr.to_string(), "is in a JSON column, which is not read"));
    }
    if column.stored == Stored::Folded && !attr.leaf().is_case_exact() {
        return Err(MappingError::new(&attr.to_string(), "has no column that holds the text as it is shown"));
    }
    Ok(())
}

impl Mapping {
    /// What to read for resources, of the attributes that are needed, by their paths.
    ///
    /// # Errors
    /// [`MappingError`] for an attribute that a filter can ask for, but that cannot be shown: of a text that is not
    /// `caseExact` only the folded form is stored, or it is in a JSON column.
    pub fn reading(&self, needs: impl Fn(&str) -> bool) -> Result<Reading, MappingError> {
        let resource_type = self.resource_type();
        let has_schemas = needs("schemas");
        let mut reading = Reading {
            columns: Vec::new(),
            lists: Vec::new(),
            resource_type: resource_type.clone(),
            has_schemas,
            parts: Vec::new(),
            version: None,
        };
        let mut needs_rest = false;
        for attr in leaves(resource_type) {
            let path = attr.to_string();
            // `schemas` follows from what is assigned of the extensions.
            let is_needed = path == "id" || needs(&path) || (has_schemas && attr.extension.is_some());
            if attr.is_secret() || !is_needed {
                continue;
            }
            match self.field(&path) {
                Some(Field::Column(column)) => {
                    check_shown(attr, column)?;
                    reading.columns.push((column.source.clone(), column.stored));
                    reading.parts.push(Part::Column(Name::of(attr), column.clone()));
                }
                Some(Field::Fixed(texts)) => reading.parts.push(Part::Fixed(Name::of(attr), fixed(attr, texts))),
                Some(Field::Rows(rows)) => {
                    let elements = Elements::of(attr, rows)?;
                    if is_in_row(self, rows) {
                        reading.columns.extend(elements.columns());
                        reading.parts.push(Part::Element(Name::of(attr), elements));
                        continue;
                    }
                    if matches!(rows.source, RowSource::Json(_)) {
                        return Err(MappingError::new(&path, "is in a JSON column, which is not read"));
                    }
                    let value =
                        elements.columns.iter().find(|(sub, _)| sub.as_deref().is_none_or(|sub| sub == "value"));
                    reading.lists.push(ListReading {
                        path,
                        rows: rows.source.clone(),
                        columns: elements.columns(),
                        position: rows.position.clone(),
                        is_written: !is_read_only(attr),
                        among: None,
                        value: value.map(|(_, column)| column.clone()),
                        name: Name::of(attr),
                        elements,
                    });
                }
                Some(Field::Rest(_)) => needs_rest = true,
                Some(Field::Schemas | Field::Unassigned) | None => {}
            }
        }
        if let (Some(rest), true) = (self.rest(), needs_rest) {
            reading.columns.push((Source::Column(rest.column.clone()), Stored::Json));
            reading.parts.push(Part::Rest(rest.column.to_string()));
        }
        if let Some(version) = self.version() {
            reading.version = Some(reading.columns.len());
            reading.columns.push((version.source.clone(), version.stored));
        }
        Ok(reading)
    }
}

impl Reading {
    /// Leaves out all elements of a list but those with these values, by the path of the list.
    pub fn among(&mut self, list: &str, values: &[String]) {
        let Some(list) = self.lists.iter_mut().find(|own| own.path == list) else { return };
        let Some(column) = &list.value else { return };
        let held = |text: &String| match column.stored {
            Stored::Digits => digits(text),
            Stored::Uuid => uuid(text),
            Stored::Text | Stored::Folded => Some(SqlValue::Text(text.clone())),
            _ => None,
        };
        list.among = Some(Among {
            source: column.source.clone(),
            stored: column.stored,
            values: values.iter().filter_map(held).collect(),
        });
    }

    /// The resource of a row: the values of [`Reading::columns`], and for each of [`Reading::lists`] the values of its rows.
    ///
    /// # Errors
    /// [`MappingError`] for a column that does not hold what the mapping says.
    pub fn resource(
        &self,
        row: Vec<Option<SqlValue>>,
        lists: Vec<Vec<Vec<Option<SqlValue>>>>,
    ) -> Result<Value, MappingError> {
        let mut resource = Map::new();
        if self.has_schemas {
            resource.insert("schemas".to_owned(), Value::Null);
        }
        let mut row = row.into_iter();
        for part in &self.parts {
            match part {
                Part::Column(name, column) => {
                    let value = row.next().unwrap_or_default();
                    if let Some(value) = read(&name.attribute, column, value)? {
                        name.set(&mut resource, value);
                    }
                }
                Part::Fixed(name, value) => name.set(&mut resource, value.clone()),
                Part::Element(name, elements) => {
                    if let Some(element) = elements.element(&mut row.by_ref().take(elements.columns.len()))? {
                        name.set(&mut resource, vec![element].into());
                    }
                }
                Part::Rest(column) => add(&mut resource, rest(column, row.next().unwrap_or_default())?),
            }
        }
        for (list, rows) in self.lists.iter().zip(lists) {
            let mut found = Vec::with_capacity(rows.len());
            for row in rows {
                found.extend(list.elements.element(&mut row.into_iter())?);
            }
            if !found.is_empty() {
                list.name.set(&mut resource, found.into());
            }
        }
        if self.has_schemas {
            let core = self.resource_type.schema().id.as_str();
            let extensions = self.resource_type.extensions().map(|schema| schema.id.as_str());
            let urns = extensions.filter(|urn| resource.contains_key(*urn));
            let urns: Vec<Value> = std::iter::once(core).chain(urns).map(Value::from).collect();
            resource.insert("schemas".to_owned(), urns.into());
        }
        Ok(resource.into())
    }

    /// The version of a row, as an ETag; `None` if the mapping has no version, or the row has none.
    pub fn version(&self, row: &[Option<SqlValue>]) -> Option<String> {
        match row.get(self.version?)? {
            Some(SqlValue::Integer(number)) => Some(format!("W/\"{number}\"")),
            Some(SqlValue::Text(text)) => {
                super::values::micros_of_timestamp(text).map(|micros| format!("W/\"{micros}\""))
            }
            _ => None,
        }
    }
}
