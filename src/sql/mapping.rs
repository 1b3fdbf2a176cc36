//! Where a platform stores the attributes of a resource type.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::attributes::leaves;
use super::column::{Column, Stored};
use super::error::MappingError;
use super::rest::Rest;
use super::rows::{Field, RowSource, Rows};
use crate::schema::{AttrRef, AttrType, ResourceType};

/// Where a platform stores the attributes of a resource type: a table, its columns, and the tables of multi-valued
/// attributes. It is checked once, when it is built. A mapping is cheap to clone.
///
/// ```
/// use scim_engine::sql::{Column, Dialect, Mapping, Placeholders, Rows, SqlValue};
/// use scim_engine::{Filter, ResourceType};
/// let users = Mapping::builder(&ResourceType::user(), "users")
///     .column("id", Column::digits("id"))
///     .column("userName", Column::text("user_name").with_folded("user_name_key"))
///     .column("active", Column::boolean("active"))
///     .rows("emails", Rows::table("emails").on("user_id", "id").column("value", Column::folded("address_key")))
///     .build()?;
///
/// let filter: Filter = r#"userName eq "Ann" and not (emails co "@old.example")"#.parse()?;
/// let condition = users.bind(&filter.compile(users.resource_type())?)?;
/// let sql = condition.to_sql(users.table(), Dialect::Sqlite, Placeholders::Question)?;
/// assert_eq!(
///     sql.text,
///     "(\"users\".\"user_name_key\" COLLATE BINARY = ? AND NOT EXISTS (SELECT 1 FROM \"emails\" AS \"r1\" WHERE \
///      \"r1\".\"user_id\" = \"users\".\"id\" AND instr(\"r1\".\"address_key\", ?) > 0))"
/// );
/// assert_eq!(sql.values, [SqlValue::Text("ann".into()), SqlValue::Text("@old.example".into())]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Mapping(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    resource_type: ResourceType,
    table: Arc<str>,
    key: Option<Column>,
    version: Option<Column>,
    fields: HashMap<String, Field>,
    rest: Option<Rest>,
    is_complete: bool,
}

/// Collects what a [`Mapping`] says, and checks it.
#[derive(Debug)]
pub struct MappingBuilder {
    resource_type: ResourceType,
    table: Arc<str>,
    key: Option<Column>,
    version: Option<Column>,
    fields: Vec<(String, Field)>,
    rest: Option<Arc<str>>,
    rest_folded: Option<Arc<str>>,
    is_complete: bool,
    is_tailored: bool,
}

impl Mapping {
    /// Begins a mapping of a resource type to the table of this name, or to the alias that queries give the table.
    pub fn builder(resource_type: &ResourceType, table: &str) -> MappingBuilder {
        MappingBuilder {
            resource_type: resource_type.clone(),
            table: table.into(),
            key: None,
            version: None,
            fields: Vec::new(),
            rest: None,
            rest_folded: None,
            is_complete: false,
            is_tailored: false,
        }
    }

    /// The resource type for which filters are compiled: with the lengths of the columns, and with what is mapped alone if
    /// the mapping is [tailored](MappingBuilder::tailored).
    pub fn resource_type(&self) -> &ResourceType {
        &self.0.resource_type
    }

    /// The name of the table, as it was given.
    pub fn table(&self) -> &str {
        &self.0.table
    }

    /// The key of the table.
    pub(crate) fn key(&self) -> Option<&Column> {
        self.0.key.as_ref()
    }

    /// The column that changes with each change of a resource.
    pub(super) fn version(&self) -> Option<&Column> {
        let last_modified = || match self.field("meta.lastModified") {
            Some(Field::Column(column)) => Some(column),
            _ => None,
        };
        self.0.version.as_ref().or_else(last_modified)
    }

    pub(super) fn field(&self, path: &str) -> Option<&Field> {
        self.0.fields.get(path)
    }

    /// What is compared for an attribute.
    pub(super) fn compared(&self, path: &str) -> Option<&Field> {
        match self.field(path) {
            Some(Field::Rest(Some(folded))) => Some(folded),
            field => field,
        }
    }

    /// The JSON column of what has no column of its own.
    pub(super) fn rest(&self) -> Option<&Rest> {
        self.0.rest.as_ref()
    }

    /// The paths and their fields, sorted by path.
    pub(super) fn fields(&self) -> Vec<(&str, &Field)> {
        let mut fields: Vec<_> = self.0.fields.iter().map(|(path, field)| (path.as_str(), field)).collect();
        fields.sort_unstable_by_key(|(path, _)| *path);
        fields
    }

    /// Whether the attribute of a sub-attribute, or the extension of an attribute, is never assigned.
    pub(super) fn is_below_unassigned(&self, path: &str) -> bool {
        let is_unassigned = |whole: &str| matches!(self.field(whole), Some(Field::Unassigned));
        let attribute = path.rsplit_once('.').map_or(path, |(attribute, _)| attribute);
        let extensions = self.resource_type().extensions().filter(|extension| is_unassigned(&extension.id));
        is_unassigned(attribute)
            || extensions
                .into_iter()
                .any(|extension| path.strip_prefix(extension.id.as_str()).is_some_and(|rest| rest.starts_with(':')))
    }

    /// Whether an attribute without a field is never assigned.
    pub(super) fn is_complete(&self) -> bool {
        self.0.is_complete
    }
}

impl MappingBuilder {
    /// Names the column that tells rows from each other and is never NULL. Orders end with it.
    #[must_use]
    pub fn key(mut self, column: Column) -> Self {
        self.key = Some(column.not_null());
        self
    }

    /// Names the column whose number is the version of a resource, and grows with each change. Without it, the version is
    /// `meta.lastModified`, whose column then must hold microseconds.
    #[must_use]
    pub fn version(mut self, column: Column) -> Self {
        self.version = Some(column.not_null());
        self
    }

    /// Says that the service has what is named here and nothing else: the resource type of the mapping is cut down to it.
    /// What an expression gives is `readOnly`.
    #[must_use]
    pub fn tailored(mut self) -> Self {
        self.is_tailored = true;
        self
    }

    /// Names the column of an attribute or sub-attribute with a single value: `userName`, `name.familyName`,
    /// `urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department`, `meta.lastModified`. No filter compares a
    /// secret attribute, but an element in which only a secret is set is there.
    #[must_use]
    pub fn column(self, path: &str, column: Column) -> Self {
        self.field(path, Field::Column(column))
    }

    /// Names where the elements of a multi-valued attribute are stored.
    #[must_use]
    pub fn rows(self, path: &str, rows: Rows) -> Self {
        self.field(path, Field::Rows(rows))
    }

    /// Says that every resource has this text: `fixed("meta.resourceType", ["User"])`. A multi-valued attribute has all
    /// of several texts. A boolean is `true` or `false`.
    #[must_use]
    pub fn fixed<'v>(self, path: &str, values: impl IntoIterator<Item = &'v str>) -> Self {
        self.field(path, Field::Fixed(values.into_iter().map(str::to_owned).collect()))
    }

    /// Says that `schemas` has the URN of the core schema, and the URN of each extension of which something is assigned.
    #[must_use]
    pub fn schemas(self) -> Self {
        self.field("schemas", Field::Schemas)
    }

    /// Says that the platform does not store an attribute, or an extension, by its URN: a filter finds it unassigned.
    #[must_use]
    pub fn unassigned(self, path: &str) -> Self {
        self.field(path, Field::Unassigned)
    }

    /// Names the column of a JSON object with all that has no column of its own, as the resource has it. Filters on that need
    /// [`MappingBuilder::rest_folded`], too.
    #[must_use]
    pub fn rest(mut self, column: &str) -> Self {
        self.rest = Some(column.into());
        self
    }

    /// Names the JSON column of the [folded copy](super::fold) of [`MappingBuilder::rest`].
    #[must_use]
    pub fn rest_folded(mut self, column: &str) -> Self {
        self.rest_folded = Some(column.into());
        self
    }

    /// Says that the platform stores nothing but what is named here. Without this, a filter on another attribute is
    /// refused.
    #[must_use]
    pub fn complete(mut self) -> Self {
        self.is_complete = true;
        self
    }

    pub(super) fn field(mut self, path: &str, field: Field) -> Self {
        self.fields.push((path.to_owned(), field));
        self
    }

    /// Checks the mapping.
    ///
    /// # Errors
    /// [`MappingError`] with the attribute: no schema defines it, it is named twice, or its column cannot hold
    /// what its type says.
    pub fn build(self) -> Result<Mapping, MappingError> {
        let Self { resource_type, table, key, version, fields, rest, rest_folded, is_complete, is_tailored } = self;
        if resource_type.is_open() {
            return Err(MappingError::new(resource_type.name(), "is not a resource type in particular"));
        }
        let mut known = HashMap::with_capacity(fields.len());
        for (name, field) in fields {
            if let (Some(extension), Field::Unassigned) = (resource_type.extension(&name), &field) {
                add(&mut known, extension.id.clone(), field)?;
                continue;
            }
            let attr = resource_type
                .look_up_own_attribute(&name)
                .map_err(|unknown| MappingError::new(&name, unknown.to_string()))?;
            let field = match (attr.attribute.multi_valued, attr.sub) {
                (true, Some(_)) => {
                    let list = attr.attribute.name.as_str();
                    return Err(MappingError::new(&name, format!("belongs to the rows of `{list}`")));
                }
                _ => checked(attr, field)?,
            };
            add(&mut known, attr.to_string(), field)?;
        }
        let rest = match (rest, rest_folded) {
            (None, Some(folded)) => {
                return Err(MappingError::new(&folded, "is a copy of what no column holds: add `rest`"));
            }
            (rest, folded) => rest.map(|column| Rest { column, folded }),
        };
        if let Some(rest) = &rest {
            rest.add(&resource_type, &mut known, checked)?;
        }
        if version.as_ref().is_some_and(|column| column.stored != Stored::Integer) {
            return Err(MappingError::new("meta.version", "is not stored as a whole number"));
        }
        let resource_type = if is_tailored { tailored(&resource_type, &known)? } else { resource_type };
        let resource_type = limited(resource_type, &known)?;
        Ok(Mapping(Arc::new(Inner { resource_type, table, key, version, fields: known, rest, is_complete })))
    }
}

/// The columns of a mapping with the paths of their attributes.
fn columns(fields: &HashMap<String, Field>) -> Vec<(&str, &Column)> {
    let mut all = Vec::new();
    for (path, field) in fields {
        match field {
            Field::Column(column) => all.push((path.as_str(), column)),
            Field::Rows(rows) => all.extend(rows.fields.iter().filter_map(|(path, field)| match field {
                Field::Column(column) => Some((path.as_str(), column)),
                _ => None,
            })),
            _ => {}
        }
    }
    all.sort_unstable_by_key(|(path, _)| *path);
    all
}

/// What is in every resource, whether or not it is mapped.
fn is_always_there(path: &str) -> bool {
    ["schemas", "id", "meta"].contains(&path.split('.').next().unwrap_or(path))
}

/// A resource type with what is mapped alone.
fn tailored(resource_type: &ResourceType, fields: &HashMap<String, Field>) -> Result<ResourceType, MappingError> {
    let mut kept = Vec::new();
    for (path, field) in fields {
        match field {
            Field::Unassigned | Field::Schemas => {}
            Field::Rows(rows) => {
                let is_there = |(_, field): &&(String, Field)| !matches!(field, Field::Unassigned);
                kept.extend(rows.fields.iter().filter(is_there).map(|(path, _)| path.as_str()));
            }
            Field::Column(_) | Field::Fixed(_) | Field::Rest(_) => kept.push(path),
        }
    }
    kept.retain(|path| !is_always_there(path));
    // What has a `$ref` is known as a reference, whose elements are told apart by their `value` alone.
    let references = leaves(resource_type).into_iter().map(AttrRef::whole).filter(|attr| attr.attribute.is_reference());
    let references = references.filter_map(|attr| Some(attr.sub(attr.attribute.sub_attribute("$ref")?).to_string()));
    let is_kept = |reference: &String| {
        let whole = reference.trim_end_matches("$ref");
        kept.iter().any(|path| path.starts_with(whole))
    };
    let references: BTreeSet<String> = references.filter(is_kept).collect();
    let derived = columns(fields).into_iter().filter(|(path, column)| !column.is_written() && !is_always_there(path));
    let unwritten = references.iter().map(String::as_str).filter(|path| !kept.contains(path));
    let derived: Vec<&str> = derived.map(|(path, _)| path).chain(unwritten).collect();
    let kept: Vec<&str> = kept.iter().copied().chain(references.iter().map(String::as_str)).collect();
    let dropped = ["externalId"].into_iter().filter(|path| !kept.contains(path));
    let made =
        resource_type.only(&kept).and_then(|made| made.without(dropped)).and_then(|made| made.read_only(derived));
    made.map_err(|error| MappingError::new(resource_type.name(), error.to_string()))
}

/// A resource type with the lengths of columns.
fn limited(resource_type: ResourceType, fields: &HashMap<String, Field>) -> Result<ResourceType, MappingError> {
    let lengths = columns(fields).into_iter().filter_map(|(path, column)| Some((path, column.max_length?)));
    lengths.into_iter().try_fold(resource_type, |made, (path, length)| {
        made.max_length(path, length).map_err(|error| MappingError::new(path, error.to_string()))
    })
}

fn add(fields: &mut HashMap<String, Field>, path: String, field: Field) -> Result<(), MappingError> {
    if fields.contains_key(&path) {
        return Err(MappingError::new(&path, "is named twice"));
    }
    fields.insert(path, field);
    Ok(())
}

/// Checks a field. The fields of rows get the paths that conditions have: those of sub-attributes, or that of the list
/// itself if it is simple.
fn checked(attr: AttrRef<'_>, field: Field) -> Result<Field, MappingError> {
    let leaf = attr.leaf();
    let refused = |why: String| Err(MappingError::new(&attr.to_string(), why));
    match field {
        Field::Column(_) if leaf.multi_valued => refused("has several values: name its rows".to_owned()),
        Field::Column(_) if leaf.is_complex() => refused("is complex: name its sub-attributes".to_owned()),
        Field::Column(column) => {
            check_column(attr, &column)?;
            Ok(Field::Column(column))
        }
        Field::Rows(_) if !leaf.multi_valued => refused("has a single value: name its column".to_owned()),
        Field::Rows(rows) => rows_checked(attr, rows).map(Field::Rows),
        Field::Fixed(values) => match leaf.attr_type {
            AttrType::String | AttrType::Reference if leaf.multi_valued || values.len() == 1 => {
                Ok(Field::Fixed(values))
            }
            AttrType::String | AttrType::Reference => refused("has one text".to_owned()),
            AttrType::Boolean if matches!(values.as_slice(), [one] if one == "true" || one == "false") => {
                Ok(Field::Fixed(values))
            }
            AttrType::Boolean => refused("is `true` or `false`".to_owned()),
            _ => refused("has no text that is the same in every resource".to_owned()),
        },
        Field::Schemas | Field::Unassigned | Field::Rest(_) => Ok(field),
    }
}

fn rows_checked(attr: AttrRef<'_>, rows: Rows) -> Result<Rows, MappingError> {
    if matches!(&rows.source, RowSource::Table { on, .. } if on.is_empty()) {
        return Err(MappingError::new(
            &attr.to_string(),
            "has rows of which nothing says to what they belong: add `on`",
        ));
    }
    let mut known = HashMap::new();
    for (name, field) in rows.fields {
        let (path, field) = match attr.leaf().sub_attribute(&name) {
            Some(sub) => {
                let sub = attr.sub(sub);
                (sub.to_string(), checked(sub, field)?)
            }
            None if !attr.leaf().is_complex() && name.eq_ignore_ascii_case("value") => {
                let Field::Column(column) = field else {
                    return Err(MappingError::new(
                        &attr.to_string(),
                        "has simple elements: name the column of `value`",
                    ));
                };
                check_column(attr, &column)?;
                (attr.to_string(), Field::Column(column))
            }
            None => return Err(MappingError::new(&format!("{attr}.{name}"), "is not defined by the schema")),
        };
        add(&mut known, path, field)?;
    }
    let mut fields: Vec<_> = known.into_iter().collect();
    fields.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
    Ok(Rows { fields, ..rows })
}

fn check_column(attr: AttrRef<'_>, column: &Column) -> Result<(), MappingError> {
    let refused = |why: String| Err(MappingError::new(&attr.to_string(), why));
    let leaf = attr.leaf();
    let is_text = matches!(leaf.attr_type, AttrType::String | AttrType::Reference | AttrType::Binary);
    let fits = match column.stored {
        Stored::Text | Stored::Folded | Stored::Digits | Stored::Uuid => is_text,
        Stored::Boolean => leaf.attr_type == AttrType::Boolean,
        Stored::Integer => matches!(leaf.attr_type, AttrType::Integer | AttrType::Decimal),
        Stored::Decimal => matches!(leaf.attr_type, AttrType::Integer | AttrType::Decimal),
        Stored::Float => leaf.attr_type == AttrType::Decimal,
        Stored::Micros | Stored::Timestamp | Stored::UtcTimestamp => leaf.attr_type == AttrType::DateTime,
        Stored::Json => false,
    };
    if !fits {
        return refused(format!(
            "is of type {}, and {} does not hold it",
            leaf.attr_type.as_str(),
            column.stored.describe()
        ));
    }
    if column.text.is_some() && leaf.attr_type != AttrType::DateTime {
        return refused("is not a dateTime: `with_text` is for these".to_owned());
    }
    if column.folded.is_some() && column.stored != Stored::Text {
        return refused("has a folded text beside what is not a text".to_owned());
    }
    if column.unassigned.is_some() && !matches!(column.stored, Stored::Text | Stored::Folded) {
        return refused("is not stored as a text: `unassigned_if` is for these".to_owned());
    }
    Ok(())
}
