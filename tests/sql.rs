//! Mappings in Rust say what they do in Python: the same texts and refusals, from `tests/databases/golden.json`.

#![cfg(feature = "sql")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::fs;

use scim_engine::sql::{
    Column, Comparison, Dialect, Mapping, Only, Placeholders, Rows, Selects, Source, SqlText, SqlValue, Where,
};
use scim_engine::{Filter, ResourceType, ScimError};
use serde_json::{Value, json};

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// The mapping of `tests/python/test_sql.py`.
fn users() -> Mapping {
    let emails = Rows::table("app.emails")
        .on("user_id", "id")
        .on("tenant_id", "tenant_id")
        .only("is_deleted", false)
        .only("replaced_by", Only::Null)
        .only("kind", "mail")
        .only("version", 2)
        .position("position")
        .column("value", Column::folded("address_key"))
        .column("type", Column::folded("type_key"))
        .column("primary", Column::boolean("is_primary"))
        .complete();
    Mapping::builder(&ResourceType::user(), "app.users")
        .key(Column::integer("id"))
        .column("id", Column::digits("id"))
        .column("externalId", Column::text("external_id").unassigned_if(""))
        .column("userName", Column::text("user_name").with_folded("user_name_key").not_null())
        .column(
            "name.familyName",
            Column::text("family_name").with_folded(Source::expression("casefold({table}.family_name)")),
        )
        .column("title", Column::folded("title_key").unassigned_if(""))
        .unassigned("nickName")
        .column("active", Column::boolean("active"))
        .fixed("meta.resourceType", ["User"])
        .column("meta.created", Column::timestamp("created"))
        .column("meta.lastModified", Column::micros("changed_us").with_text("changed_text"))
        .column(
            &format!("{ENTERPRISE}:department"),
            Column::text(Source::json("extra", ["enterprise", "department"])).with_folded("dep_key"),
        )
        .column(&format!("{ENTERPRISE}:manager.value"), Column::uuid("manager_id"))
        .rows("emails", emails)
        .rows("ims", Rows::json("extra", ["ims"]).column("value", Column::folded(Source::json("value", ["value"]))))
        .schemas()
        .build()
        .unwrap()
}

fn compiled(text: &str) -> scim_engine::Matcher {
    text.parse::<Filter>().unwrap().compile(&ResourceType::user()).unwrap()
}

fn as_json(sql: &SqlText) -> Value {
    let values = sql.values.iter().map(|value| match value {
        SqlValue::Text(text) => json!(text),
        SqlValue::Integer(number) => json!(number),
        SqlValue::Float(number) => json!(number),
        SqlValue::Bool(value) => json!(value),
        SqlValue::Texts(texts) => json!(texts),
        other => panic!("{other:?}"),
    });
    json!([sql.text, values.collect::<Vec<_>>()])
}

#[test]
fn texts_are_as_agreed() {
    let users = users();
    let golden: Value = serde_json::from_str(&fs::read_to_string("tests/databases/golden.json").unwrap()).unwrap();
    let styles = [
        ("postgresql dollar", Dialect::PostgreSql, Placeholders::Dollar(1)),
        ("sqlite qmark", Dialect::Sqlite, Placeholders::Question),
        ("duckdb qmark", Dialect::DuckDb, Placeholders::Question),
    ];
    for (text, wanted) in golden.as_object().unwrap() {
        match users.bind(&compiled(text)) {
            Err(error) => assert_eq!(wanted, &json!({"refused": error.to_string()}), "{text}"),
            Ok(condition) => {
                for (style, dialect, placeholders) in &styles {
                    let found = condition.to_sql(users.table(), *dialect, placeholders.clone());
                    let found = found.map_or_else(|error| json!(error.to_string()), |sql| as_json(&sql));
                    assert_eq!(found, wanted[style], "{text}");
                }
            }
        }
    }
}

#[test]
fn a_refusal_is_for_the_host_and_an_invalid_filter_for_the_client() {
    let error = users().bind(&compiled(r#"displayName co "x""#)).unwrap_err();
    assert_eq!(error.path(), "displayName");
    assert_eq!(error.test(), r#"displayName contains "x""#);
    assert_eq!(error.message(), "has no column");
    let shown = ScimError::from(error);
    assert_eq!(shown.scim_type().unwrap().as_str(), "invalidFilter");
    assert_eq!(shown.detail(), "filters such as this on `displayName` are not supported");
}

#[test]
fn what_cannot_be_said_is_widened() {
    let users = users();
    let matcher = compiled(r#"displayName co "x" and active eq true"#);
    let widest = users.bind_widest(&matcher).unwrap();
    let sql = widest.candidates().to_sql("u", Dialect::Sqlite, Placeholders::QuestionNumbered(3)).unwrap();
    assert_eq!(sql.text, r#""u"."active" IS TRUE"#);
    assert!(!widest.is_exact());
    assert!(widest.residual().unwrap().matches(&json!({"displayName": "X", "active": true})).unwrap());
    let negated = users.bind_widest(&compiled(r#"not (ims[value eq "a" and type eq "b"])"#)).unwrap();
    assert_eq!(negated.candidates().selects(), Selects::All);
    assert!(users.bind_widest(&compiled("active eq true")).unwrap().is_exact());
}

#[test]
fn conditions_can_be_walked_and_joined() {
    let users = users();
    let Where::Test { source, is_negated, .. } = users.bind(&compiled("not (active eq true)")).unwrap() else {
        panic!()
    };
    assert_eq!((source, is_negated), (Source::from("active"), true));
    let both = Where::all([users.bind(&compiled(r#"id eq "7""#)).unwrap(), Where::Constant(true)]);
    let sql = both.to_sql("u", Dialect::Sqlite, Placeholders::QuestionNumbered(3)).unwrap();
    assert_eq!((sql.text.as_str(), sql.values), (r#""u"."id" = ?3"#, vec![SqlValue::Integer(7)]));
    assert_eq!(Comparison::Ge.sign(), ">=");
    assert_eq!(Where::any([]).selects(), Selects::None);
    assert_eq!(Where::any([both.clone(), both.clone().negated().negated()]).selects(), Selects::Some);
}

#[test]
fn a_page_begins_after_a_row() {
    let users = users();
    let order = users.order_by(Some("title"), true);
    assert!(order.unwrap_err().to_string().contains("stands for no value"));
    let order = users.order_by(Some("meta.lastModified"), true).unwrap();
    let sql = order.to_sql(users.table(), Dialect::DuckDb, Placeholders::Question).unwrap();
    assert_eq!(sql.text, r#""app"."users"."changed_us" DESC NULLS FIRST, "app"."users"."id" ASC"#);
    let text = |values: &[Option<SqlValue>]| {
        let condition = order.after(values)?;
        Some(condition.to_sql("u", Dialect::DuckDb, Placeholders::Question).unwrap().text)
    };
    let after = text(&[Some(SqlValue::Integer(5)), Some(SqlValue::Integer(7))]);
    assert_eq!(after.unwrap(), r#"("u"."changed_us" < ? OR ("u"."changed_us" = ? AND "u"."id" > ?))"#);
    let after = text(&[None, Some(SqlValue::Integer(7))]);
    assert_eq!(after.unwrap(), r#"("u"."changed_us" IS NOT NULL OR ("u"."changed_us" IS NULL AND "u"."id" > ?))"#);
    assert_eq!(text(&[None]), None);
}

#[test]
fn a_mapping_is_checked() {
    let built =
        |name: &str, column: Column| Mapping::builder(&ResourceType::user(), "users").column(name, column).build();
    let error = built("titel", Column::text("t")).unwrap_err();
    assert_eq!(error.path(), "titel");
    assert!(error.message().contains("did you mean `title`"), "{error}");
    let error = built("active", Column::text("t")).unwrap_err();
    assert_eq!(error.to_string(), "`active`: is of type boolean, and a text does not hold it");
    for column in [Column::text("t").with_text("x"), Column::digits("t").with_folded("x")] {
        assert!(built("title", column).is_err());
    }
    assert!(built("active", Column::boolean("t").unassigned_if("")).is_err());
}

/// An e-mail column that is empty is not an element, whatever is the same in all of them.
#[test]
fn a_row_may_stand_for_no_element() {
    let user = ResourceType::user();
    let emails = |value: Column| {
        let rows = Rows::table("users").on("id", "id").column("value", value).fixed("type", "work").complete();
        Mapping::builder(&user, "users").rows("emails", rows).build().unwrap()
    };
    let text = |mapping: &Mapping, filter: &str| {
        let bound = mapping.bind(&filter.parse::<Filter>().unwrap().compile(&user).unwrap()).unwrap();
        bound.to_sql("users", Dialect::Sqlite, Placeholders::Question).unwrap().text
    };
    let within =
        |condition: &str| format!(r#""users"."id" IN (SELECT "r1"."id" FROM "users" AS "r1" WHERE {condition})"#);
    let nullable = emails(Column::folded("mail"));
    assert_eq!(text(&nullable, r#"emails[type eq "work"]"#), within(r#""r1"."mail" IS NOT NULL"#));
    assert_eq!(
        text(&nullable, r#"emails[not (value eq "a")]"#),
        within(r#"(("r1"."mail" COLLATE BINARY = ?) IS NOT TRUE AND "r1"."mail" IS NOT NULL)"#)
    );
    assert_eq!(text(&nullable, r#"emails.value eq "a""#), within(r#""r1"."mail" COLLATE BINARY = ?"#));
    let empty = emails(Column::folded("mail").unassigned_if("").not_null());
    assert!(text(&empty, "emails pr").contains(r#""r1"."mail" COLLATE BINARY = ?) IS NOT TRUE"#));
    let whole = emails(Column::folded("mail").not_null());
    assert!(!text(&whole, "emails pr").contains("NULL"));
}
