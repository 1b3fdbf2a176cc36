//! Writes queries by `sea-query`, for `tests/databases/engines.py`: a request on each line of the input, an answer on each
//! line of the output.
//!
//! A line with `fields` or `folded` is a mapping, as `Host.said` gives it, with the dialect and the resource type. A line with
//! `filter` asks for the ids that a condition selects, in an order.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use std::io::{BufRead as _, Write as _, stdin, stdout};

use scim_engine::schema::Schema;
use scim_engine::sql::{Column, Dialect, Mapping, Rows, Source, SqlValue, Where};
use scim_engine::{Filter, ResourceType};
use sea_query::{ArrayType, PostgresQueryBuilder, Query, SqliteQueryBuilder, Value as Bound, Values};
use serde_json::{Value, json};

fn main() {
    let mut out = stdout();
    let mut at: Option<(Mapping, Dialect)> = None;
    for line in stdin().lock().lines() {
        let request: Value = serde_json::from_str(&line.unwrap()).unwrap();
        let answer = match &at {
            Some((mapping, dialect)) if request.get("filter").is_some() => query(mapping, *dialect, &request),
            _ => {
                at = Some((mapping(&request), dialect(&request)));
                json!(null)
            }
        };
        writeln!(out, "{answer}").unwrap();
        out.flush().unwrap();
    }
}

fn dialect(request: &Value) -> Dialect {
    if request["dialect"] == "sqlite" { Dialect::Sqlite } else { Dialect::PostgreSql }
}

fn mapping(said: &Value) -> Mapping {
    let user = match &said["type"] {
        Value::String(name) if name == "Group" => ResourceType::group(),
        Value::String(_) => ResourceType::user(),
        own => {
            let extensions = own["extensions"].as_array().unwrap().iter().map(schema).collect();
            ResourceType::from_schemas(text(&own["name"]), schema(&own["schema"]), extensions).unwrap()
        }
    };
    let key = Column::integer("id");
    if let Some(column) = said["folded"].as_str() {
        return Mapping::of_folded(&user, "users", column).key(key).build().unwrap();
    }
    let mut builder = Mapping::builder(&user, "users").key(key).schemas();
    for (path, field) in said["fields"].as_object().unwrap() {
        builder = match field.get("fields") {
            Some(_) => builder.rows(path, rows(field)),
            None => builder.column(path, column(field)),
        };
    }
    builder.build().unwrap()
}

fn schema(value: &Value) -> Schema {
    serde_json::from_value(value.clone()).unwrap()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

fn source(at: &Value) -> Source {
    match at {
        Value::String(name) => Source::from(name.as_str()),
        _ => {
            let names: Vec<&str> = at.as_array().unwrap().iter().map(text).collect();
            Source::json(names[0], names[1..].iter().copied())
        }
    }
}

fn column(said: &Value) -> Column {
    let at = source(&said["at"]);
    let mut column = match text(&said["holds"]) {
        "text" => Column::text(at),
        "folded" => Column::folded(at),
        "boolean" => Column::boolean(at),
        "integer" => Column::integer(at),
        "float" => Column::float(at),
        "micros" => Column::micros(at),
        other => panic!("{other}"),
    };
    if let Some(folded) = said.get("folded") {
        column = column.with_folded(source(folded));
    }
    if let Some(text) = said.get("text") {
        column = column.with_text(source(text));
    }
    if let Some(unassigned) = said.get("unassigned") {
        column = column.unassigned_if(text(unassigned));
    }
    column
}

fn rows(said: &Value) -> Rows {
    let mut rows = match said["table"].as_str() {
        Some(name) => {
            let on = said["on"].as_object().unwrap().iter();
            let rows = on.fold(Rows::table(name), |rows, (own, outer)| rows.on(own, text(outer)));
            rows.position(text(&said["position"]))
        }
        None => {
            let names: Vec<&str> = said["json"].as_array().unwrap().iter().map(text).collect();
            Rows::json(names[0], names[1..].iter().copied())
        }
    };
    for (name, field) in said["fields"].as_object().unwrap() {
        rows = match field.get("fields") {
            Some(_) => rows.rows(name, self::rows(field)),
            None => rows.column(name, column(field)),
        };
    }
    rows
}

fn query(mapping: &Mapping, dialect: Dialect, request: &Value) -> Value {
    let filter: Filter = text(&request["filter"]).parse().unwrap();
    let matcher = filter.compile(mapping.resource_type()).unwrap();
    let mut condition = if request["widest"] == true {
        mapping.bind_widest(&matcher).unwrap().candidates().clone()
    } else {
        mapping.bind(&matcher).unwrap()
    };
    let mut query = Query::select();
    query.column("id").from("users");
    let order = mapping.order_by(request["sort"].as_str(), request["descending"] == true).unwrap();
    if let Some(values) = request["after"].as_array() {
        let values: Vec<_> = values.iter().map(value).collect();
        condition = Where::all([condition, order.after(&values).unwrap()]);
    }
    query.and_where(condition.to_sea_query(mapping.table(), dialect).unwrap());
    order.add_to_sea_query(&mut query, mapping.table(), dialect);
    let (text, values) = match dialect {
        Dialect::Sqlite => query.build(SqliteQueryBuilder),
        _ => query.build(PostgresQueryBuilder),
    };
    json!([text, bound(values)])
}

fn value(value: &Value) -> Option<SqlValue> {
    Some(match value {
        Value::Null => return None,
        Value::Bool(value) => SqlValue::Bool(*value),
        Value::String(text) => SqlValue::Text(text.clone()),
        number => match number.as_i64() {
            Some(number) => SqlValue::Integer(number),
            None => SqlValue::Float(number.as_f64().unwrap()),
        },
    })
}

fn bound(values: Values) -> Vec<Value> {
    let each = |value: Bound| match value {
        Bound::String(Some(text)) => json!(text),
        Bound::BigInt(Some(number)) => json!(number),
        Bound::Double(Some(number)) => json!(number),
        Bound::Bool(Some(value)) => json!(value),
        Bound::Array(ArrayType::String, Some(texts)) => bound(Values(*texts)).into(),
        other => panic!("{other:?}"),
    };
    values.0.into_iter().map(each).collect()
}
