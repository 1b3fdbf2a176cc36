//! The exchanges of `tests/endpoint` over tables of SQLite: the same answers as in memory.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::BTreeMap;
use std::path::Path;

use rusqlite::params_from_iter;
use rusqlite::types::{Value as Held, ValueRef};
use scim_engine::endpoint::StorageError;
use scim_engine::sql::{Column, Mapping, MappingBuilder, Rows, SqlText, SqlValue};
use scim_engine::tables::{Connection, TableStorage};
use scim_engine::{Registry, ResourceType};
use serde_json::Value;

#[path = "../../../tests/exchanges/mod.rs"]
mod exchanges;

/// Ids are counted together, as in memory.
const SCHEMA: &str = "
    create table counted (n integer not null);
    insert into counted values (0);
    create table users (seq integer primary key, id integer unique, user_name text, user_name_key text unique,
        external_id text, title text, title_key text, rest text, rest_key text, version integer, created integer,
        modified integer);
    create table emails (seq integer primary key, owner integer references users on delete cascade, value text,
        value_key text, type text, type_key text, display text, display_key text, is_primary integer);
    create table groups (seq integer primary key, id integer unique, display_name text, display_name_key text,
        external_id text, version integer, created integer, modified integer);
    create table members (seq integer primary key, owner integer references groups on delete cascade, value text,
        value_key text, ref text, type text, type_key text, display text, display_key text);
    create trigger of_users after insert on users begin
        update counted set n = n + 1;
        update users set id = (select n from counted) where seq = new.seq;
    end;
    create trigger of_groups after insert on groups begin
        update counted set n = n + 1;
        update groups set id = (select n from counted) where seq = new.seq;
    end;
";

/// SQLite in memory.
struct Sqlite(rusqlite::Connection);

impl Connection for Sqlite {
    fn begin(&mut self, _: bool) -> Result<(), StorageError> {
        self.0.execute_batch("begin").map_err(failed)
    }

    fn commit(&mut self) -> Result<(), StorageError> {
        self.0.execute_batch("commit").map_err(failed)
    }

    fn rollback(&mut self) {
        self.0.execute_batch("rollback").unwrap();
    }

    fn run(&mut self, statement: &SqlText) -> Result<Vec<Vec<Option<SqlValue>>>, StorageError> {
        let held = statement.values.iter().map(|value| match value {
            SqlValue::Text(text) => Held::from(text.clone()),
            SqlValue::Integer(number) => Held::from(*number),
            SqlValue::Float(number) => Held::from(*number),
            SqlValue::Bool(value) => Held::from(*value),
            other => panic!("{other:?}"),
        });
        let mut prepared =
            self.0.prepare(&statement.text).unwrap_or_else(|error| panic!("{error}: {}", statement.text));
        let columns = prepared.column_count();
        let rows = prepared
            .query_map(params_from_iter(held), |row| (0..columns).map(|at| Ok(shown(row.get_ref(at)?))).collect());
        rows.and_then(Iterator::collect).map_err(failed)
    }
}

fn failed(error: rusqlite::Error) -> StorageError {
    StorageError::Failed(error.to_string())
}

fn shown(value: ValueRef<'_>) -> Option<SqlValue> {
    match value {
        ValueRef::Integer(number) => Some(SqlValue::Integer(number)),
        ValueRef::Real(number) => Some(SqlValue::Float(number)),
        ValueRef::Text(text) => Some(SqlValue::Text(std::str::from_utf8(text).unwrap().to_owned())),
        ValueRef::Null | ValueRef::Blob(_) => None,
    }
}

fn text(column: &str) -> Column {
    Column::text(column).with_folded(format!("{column}_key"))
}

fn common(builder: MappingBuilder) -> Mapping {
    let builder = builder
        .key(Column::integer("seq"))
        .version(Column::integer("version"))
        .column("id", Column::digits("id"))
        .column("externalId", Column::text("external_id"))
        .column("meta.created", Column::micros("created"))
        .column("meta.lastModified", Column::micros("modified"))
        .schemas()
        .complete();
    builder.build().unwrap()
}

fn elements(table: &str) -> Rows {
    let rows = Rows::table(table).on("owner", "seq").position("seq").complete();
    rows.column("value", text("value")).column("type", text("type")).column("display", text("display"))
}

fn mappings() -> Vec<Mapping> {
    let users = Mapping::builder(&ResourceType::user(), "users")
        .column("userName", text("user_name"))
        .column("title", text("title"))
        .rows("emails", elements("emails").column("primary", Column::boolean("is_primary")))
        .fixed("meta.resourceType", ["User"])
        .rest("rest")
        .rest_folded("rest_key");
    let groups = Mapping::builder(&ResourceType::group(), "groups")
        .column("displayName", text("display_name"))
        .rows("members", elements("members").column("$ref", Column::text("ref")))
        .fixed("meta.resourceType", ["Group"]);
    vec![common(users), common(groups)]
}

/// A value whose lists of a resource have no order, because SCIM gives them none.
fn unordered(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let sorted: BTreeMap<_, _> = members.iter().map(|(name, value)| (name.clone(), unordered(value))).collect();
            sorted.into_iter().collect::<serde_json::Map<_, _>>().into()
        }
        Value::Array(parts) => {
            let mut parts: Vec<Value> = parts.iter().map(unordered).collect();
            if parts.iter().all(|part| part.is_object() && part.get("schemas").is_none()) {
                parts.sort_by_key(ToString::to_string);
            }
            parts.into()
        }
        other => other.clone(),
    }
}

#[test]
fn exchanges_are_as_agreed() {
    let mappings = mappings();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/endpoint");
    let mut differences = Vec::new();
    let mut refused = 0;
    let storage = || {
        let connection = rusqlite::Connection::open_in_memory().unwrap();
        connection.execute_batch(SCHEMA).unwrap();
        connection.pragma_update(None, "foreign_keys", true).unwrap();
        TableStorage::new(Sqlite(connection), &mappings)
    };
    let registry = Registry::new(mappings.iter().map(|mapping| mapping.resource_type().clone())).unwrap();
    let steps = exchanges::replay(&folder, &registry, storage, |name, answer, step| {
        let detail = answer.pointer("/body/detail").and_then(Value::as_str).unwrap_or_default();
        // What a mapping refuses: the order of numbers is not that of texts, and what no schema knows has no column.
        let is_refused = detail.contains("is not supported") || detail.contains("are not supported");
        if is_refused && step["answer"]["body"]["detail"] != *detail {
            refused += 1;
        } else if unordered(&answer) != unordered(&step["answer"]) {
            differences.push(format!("{name}: {}\n  {answer}\n  {}", step["request"], step["answer"]));
        }
    });
    assert!(differences.is_empty(), "{} differ:\n{}", differences.len(), differences.join("\n"));
    assert!(steps > 500 && refused < 20, "{steps} {refused}");
}
