//! The indexes that the filters and orders of provisioning clients need.

use super::column::{Column, Stored};
use super::mapping::Mapping;
use super::rows::{Field, RowSource, Rows};
use super::source::Source;
use super::text::{Dialect, quoted};
use crate::schema::{AttrRef, Uniqueness};

/// The attributes by which clients find resources, beside those that are unique.
const FOUND_BY: [&str; 3] = ["id", "externalId", "meta.lastModified"];

impl Mapping {
    /// Statements that make what the filters and orders of provisioning clients need: unique indexes for attributes that
    /// are unique (`userName`), indexes for `id`, `externalId` and `meta.lastModified`, and for the rows of multi-valued
    /// attributes by their `value` and by what they belong to. In PostgreSQL, texts get the collation `C`, so that one
    /// index serves equality, order and `sw`.
    ///
    /// They are a proposal: a table that several tenants share needs its tenant in the unique indexes.
    pub fn recommended_ddl(&self, dialect: Dialect) -> Vec<String> {
        let mut statements = Vec::new();
        for (path, field) in self.fields() {
            match field {
                Field::Column(column) => {
                    let Ok(attr) = self.resource_type().look_up_own_attribute(path) else { continue };
                    let is_unique = attr.leaf().uniqueness != Uniqueness::None;
                    let is_key = self.key().is_some_and(|key| key.source == column.source);
                    if !is_key && (is_unique || FOUND_BY.contains(&path)) {
                        Statements { dialect, table: self.table(), all: &mut statements }
                            .column(attr, column, is_unique);
                    }
                }
                Field::Rows(rows) => of_rows(path, rows, dialect, &mut statements),
                Field::Fixed(_) | Field::Schemas | Field::Unassigned | Field::Rest(_) => {}
            }
        }
        statements
    }
}

fn of_rows(path: &str, rows: &Rows, dialect: Dialect, all: &mut Vec<String>) {
    let RowSource::Table { name, on, .. } = &rows.source else { return };
    let mut statements = Statements { dialect, table: name, all };
    let own: Vec<String> = on.iter().map(|(own, _)| quoted(own)).collect();
    let value = [format!("{path}.value"), path.to_owned()];
    let column = rows.fields.iter().find_map(|(path, field)| match field {
        Field::Column(column) if value.contains(path) => Some(column),
        _ => None,
    });
    if let Some(compared) = column.and_then(|column| statements.compared(column)) {
        let columns: Vec<String> = [compared].into_iter().chain(own.iter().cloned()).collect();
        statements.index(&format!("{path}_value"), &columns, false);
    }
    statements.index(&format!("{path}_owner"), &own, false);
    for (path, field) in &rows.fields {
        if let Field::Rows(inner) = field {
            of_rows(path, inner, dialect, all);
        }
    }
}

struct Statements<'s> {
    dialect: Dialect,
    table: &'s str,
    all: &'s mut Vec<String>,
}

impl Statements<'_> {
    fn column(&mut self, attr: AttrRef<'_>, column: &Column, is_unique: bool) {
        if let Some(compared) = self.compared(column) {
            self.index(&attr.to_string(), &[compared], is_unique);
        }
    }

    /// What is compared, as an index has it; nothing for members of documents. A text in PostgreSQL gets the collation in
    /// which it is in order.
    fn compared(&mut self, column: &Column) -> Option<String> {
        let source = column.folded.as_ref().unwrap_or(&column.source);
        let is_text = matches!(column.stored, Stored::Text | Stored::Folded);
        Some(match source {
            Source::Column(name) => {
                if is_text && self.dialect == Dialect::PostgreSql {
                    let (table, name) = (quoted(self.table), quoted(name));
                    self.all.push(format!("ALTER TABLE {table} ALTER COLUMN {name} TYPE text COLLATE \"C\""));
                }
                quoted(name)
            }
            Source::Expression(text) => format!("({})", text.replace("{table}.", "")),
            Source::Json { .. } => return None,
        })
    }

    fn index(&mut self, name: &str, columns: &[String], is_unique: bool) {
        let unique = if is_unique { "UNIQUE " } else { "" };
        // An index is in the schema of its table.
        let table = self.table.rsplit('.').next().unwrap_or(self.table);
        let name = name.rsplit(':').next().unwrap_or(name).replace(['.', '$'], "_").to_lowercase();
        let schema = match (self.dialect, self.table.rsplit_once('.')) {
            (Dialect::Sqlite, Some((schema, _))) => format!("{}.", quoted(schema)),
            _ => String::new(),
        };
        let on = if self.dialect == Dialect::Sqlite { quoted(table) } else { quoted(self.table) };
        let columns = columns.join(", ");
        let name = quoted(&format!("{table}_{name}"));
        self.all.push(format!("CREATE {unique}INDEX {schema}{name} ON {on} ({columns})"));
    }
}
