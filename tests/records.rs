//! Rows as resources, and resources as rows, by a mapping.

#![cfg(feature = "sql")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::time::{Duration, SystemTime};

use scim_engine::sql::{
    Assignment, Column, Dialect, Mapping, MappingBuilder, Placeholders, Rows, Source, SqlValue, Writing,
};
use scim_engine::{Filter, Outcome, Patch, ResourceType};
use serde_json::{Value, json};

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_micros(1_767_225_600_000_001)
}

fn builder() -> MappingBuilder {
    Mapping::builder(&ResourceType::user(), "users")
        .column("id", Column::digits("id"))
        .column("userName", Column::text("name").with_folded("name_key").not_null().max_length(20))
        .column("title", Column::text("title").unassigned_if(""))
        .column("active", Column::boolean("active").default_to(true).not_null())
        .column("displayName", Column::text(Source::expression("upper({table}.name)")))
        .column(&format!("{ENTERPRISE}:manager.value"), Column::digits("manager_id").refers_to("User"))
        .rows(
            "emails",
            Rows::table("emails")
                .on("user_id", "id")
                .only("deleted", false)
                .column("value", Column::text("address").with_folded("address_key"))
                .column("type", Column::text("kind"))
                .column("primary", Column::boolean("is_primary"))
                .complete(),
        )
        .rows(
            "phoneNumbers",
            Rows::table("users").on("id", "id").column("value", Column::text("phone")).fixed("type", "work"),
        )
        .column("meta.created", Column::timestamp("created"))
        .column("meta.lastModified", Column::timestamp("changed"))
        .fixed("meta.resourceType", ["User"])
        .unassigned("roles")
        .schemas()
        .tailored()
}

fn users() -> Mapping {
    builder().build().unwrap()
}

fn row(assignments: &[Assignment]) -> Vec<(String, Value)> {
    let value = |value: &Option<SqlValue>| match value {
        None => Value::Null,
        Some(SqlValue::Text(text)) => text.as_str().into(),
        Some(SqlValue::Integer(number)) => (*number).into(),
        Some(SqlValue::Bool(value)) => (*value).into(),
        other => panic!("{other:?}"),
    };
    assignments.iter().map(|one| (one.column.to_string(), value(&one.value))).collect()
}

fn pairs(expected: Value) -> Vec<(String, Value)> {
    let Value::Array(pairs) = expected else { panic!("{expected}") };
    pairs.into_iter().map(|pair| (pair[0].as_str().unwrap().to_owned(), pair[1].clone())).collect()
}

fn refused(resource: &Value) -> String {
    users().insertion(resource, now()).unwrap_err().detail().to_owned()
}

fn patched(mapping: &Mapping, stored: &mut Value, operations: Value) -> Outcome {
    let patch = json!({"schemas": [Patch::SCHEMA], "Operations": operations});
    Patch::parse(&patch).unwrap().apply(stored, mapping.resource_type()).unwrap()
}

fn altered(mapping: &Mapping, stored: &mut Value, operations: Value, version: &str) -> Writing {
    let outcome = patched(mapping, stored, operations);
    mapping.alteration(stored, &outcome.changes, version, now()).unwrap()
}

#[test]
fn the_type_of_a_tailored_mapping_has_what_is_mapped() {
    let kind = users().resource_type().clone();
    assert!(kind.attribute("nickName").is_none());
    assert!(kind.attribute("roles").is_none(), "never assigned");
    assert!(kind.attribute("externalId").is_none());
    assert_eq!(kind.attribute("userName").unwrap().max_length, Some(20));
    let error = kind.create(&json!({"userName": "x".repeat(21)})).unwrap_err();
    assert_eq!(error.to_string(), "`userName`: expected at most 20 characters, found more");
    // An expression is not written, so the attribute is the product's.
    assert!(
        kind.create(&json!({"userName": "bo", "displayName": "Bo"})).unwrap().resource.get("displayName").is_none()
    );
    // A reference is known by its `$ref`.
    let manager = kind.extension(ENTERPRISE).unwrap().attribute("manager").unwrap();
    assert!(manager.sub_attribute("$ref").is_some() && manager.sub_attribute("displayName").is_none());
}

#[test]
fn a_new_resource_is_a_row_and_rows() {
    let written = users()
        .insertion(
            &json!({
                "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "Ann",
                "emails": [{"value": "Ann@x.example", "type": "work"}, {"value": "a@y.example"}],
                "phoneNumbers": [{"value": "555", "type": "WORK"}],
                ENTERPRISE: {"manager": {"value": "7"}},
            }),
            now(),
        )
        .unwrap();
    let expected = json!([
        ["name", "Ann"],
        ["name_key", "ann"],
        ["title", ""],
        ["active", true],
        ["phone", "555"],
        ["manager_id", 7],
        ["created", 1_767_225_600_000_001_i64],
        ["changed", 1_767_225_600_000_001_i64],
    ]);
    let mut columns = row(&written.columns);
    let mut expected = pairs(expected);
    columns.sort_by(|a, b| a.0.cmp(&b.0));
    expected.sort_by(|a, b| a.0.cmp(&b.0));
    assert_eq!(columns, expected);
    assert_eq!(written.expected, None);
    let [emails] = written.lists.as_slice() else { panic!("{:?}", written.lists) };
    assert_eq!((&*emails.table, emails.path.as_str()), ("emails", "emails"));
    assert_eq!(
        row(&emails.inserted[0]),
        pairs(json!([
            ["address", "Ann@x.example"],
            ["address_key", "ann@x.example"],
            ["kind", "work"],
            ["is_primary", null]
        ]))
    );
    assert_eq!(row(&emails.inserted[1])[2], ("kind".to_owned(), Value::Null));
    let [manager] = written.references.as_slice() else { panic!("{:?}", written.references) };
    assert_eq!((manager.resource_types.join(" "), manager.id.as_str()), ("User".to_owned(), "7"));
    assert_eq!(manager.missing().detail(), format!("`{ENTERPRISE}:manager.value`: there is no User `7`"));
}

#[test]
fn a_change_writes_the_columns_and_rows_of_its_attributes() {
    let mut user = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "Ann", "active": false,
        "emails": [{"value": "a@x.example", "type": "work"}, {"value": "b@x.example", "type": "home"}],
    });
    let operations = json!([
        {"op": "remove", "path": "active"},
        {"op": "remove", "path": "emails[type eq \"home\"]"},
        {"op": "replace", "path": "emails[type eq \"work\"].primary", "value": true},
        {"op": "add", "path": "emails", "value": [{"value": "c@x.example"}]},
    ]);
    let written = altered(&users(), &mut user, operations, "W/\"1767225600000005\"");
    // The clock is behind the version, which grows nevertheless.
    assert_eq!(row(&written.columns), pairs(json!([["active", true], ["changed", 1_767_225_600_000_006_i64]])));
    assert_eq!(row(written.expected.as_slice()), pairs(json!([["changed", 1_767_225_600_000_005_i64]])));
    let [emails] = written.lists.as_slice() else { panic!("{:?}", written.lists) };
    assert_eq!(
        row(&emails.deleted[0]),
        pairs(json!([["address", "b@x.example"], ["kind", "home"], ["is_primary", null]]))
    );
    let [(known, new)] = emails.updated.as_slice() else { panic!("{:?}", emails.updated) };
    assert_eq!(row(known), pairs(json!([["address", "a@x.example"], ["kind", "work"], ["is_primary", null]])));
    assert_eq!(row(new), pairs(json!([["is_primary", true]])));
    assert_eq!(row(&emails.inserted[0])[0], ("address".to_owned(), json!("c@x.example")));
}

#[test]
fn a_version_may_be_a_number() {
    let users = builder().version(Column::integer("version")).build().unwrap();
    let mut user = json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "Ann"});
    let outcome = patched(&users, &mut user, json!([{"op": "add", "path": "title", "value": "Guide"}]));
    let written = users.alteration(&user, &outcome.changes, "W/\"3\"", now()).unwrap();
    assert_eq!(row(written.expected.as_slice()), pairs(json!([["version", 3]])));
    assert_eq!(row(&written.columns)[1], ("version".to_owned(), json!(4)));
    assert_eq!(users.touch(now()).0, Some("version"));
    assert_eq!(users.expected("W/\"x\""), None);
    let error = users.alteration(&user, &outcome.changes, "W/\"x\"", now()).unwrap_err();
    assert_eq!(error.status(), 500);
    let error = builder().version(Column::text("version")).build().unwrap_err();
    assert_eq!(error.to_string(), "`meta.version`: is not stored as a whole number");
}

#[test]
fn what_columns_cannot_hold_is_refused() {
    let user = |more: Value| {
        let mut user = json!({"schemas": [], "userName": "bo"});
        user.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        user
    };
    for (more, problem) in [
        (json!({"phoneNumbers": [{"value": "1"}, {"value": "2"}]}), "`phoneNumbers`: at most one value is stored here"),
        (json!({"phoneNumbers": [{"value": "1", "type": "home"}]}), "`phoneNumbers.type`: is always `work` here"),
        (json!({"nickName": "B"}), "`nickName`: is not stored here"),
        (json!({"emails": [{"value": "b", "note": "x"}]}), "`emails.note`: is not stored here"),
        (json!({ENTERPRISE: {"floor": "3"}}), &format!("`{ENTERPRISE}:floor`: is not stored here")),
        (json!({"userName": null}), "`userName`: needs a value here"),
        (
            json!({ENTERPRISE: {"manager": {"value": "07"}}}),
            &format!("`{ENTERPRISE}:manager.value`: there is no User `07`"),
        ),
    ] {
        assert_eq!(refused(&user(more)), problem);
    }
    // What is said of a reference beside its `value` follows from the resource that it names.
    let manager = json!({ENTERPRISE: {"manager": {"value": "7", "$ref": "../Users/7"}}});
    assert!(users().insertion(&user(manager), now()).is_ok());
}

#[test]
fn a_row_is_read_as_a_resource() {
    let users = users();
    let reading = users.reading(|_| true).unwrap();
    let value = |source: &Source| match source {
        Source::Column(name) => match &**name {
            "id" | "manager_id" => Some(SqlValue::Integer(7)),
            "name" => Some("Ann".into()),
            "title" => Some("".into()),
            "active" => Some(SqlValue::Integer(1)),
            "phone" => Some("555".into()),
            // SQLite has texts.
            "created" => Some("2026-01-01 00:00:00.5".into()),
            "changed" => Some(SqlValue::Integer(1_767_225_600_000_001)),
            other => panic!("{other}"),
        },
        _ => Some("ANN".into()),
    };
    let row: Vec<_> = reading.columns.iter().map(|(source, _)| value(source)).collect();
    assert_eq!(reading.version(&row).as_deref(), Some("W/\"1767225600000001\""));
    let emails = vec![vec![Some("a@x.example".into()), None, None], vec![None, None, None]];
    assert_eq!(
        reading.resource(row.clone(), vec![emails]).unwrap(),
        json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", ENTERPRISE], "id": "7", "userName": "Ann",
            "displayName": "ANN", "active": true, "emails": [{"value": "a@x.example"}],
            "phoneNumbers": [{"value": "555", "type": "work"}], ENTERPRISE: {"manager": {"value": "7"}},
            "meta": {
                "resourceType": "User", "created": "2026-01-01T00:00:00.500Z", "lastModified": "2026-01-01T00:00:00.000001Z",
            },
        })
    );
    // Only what is needed is read, and of a list the elements that are named.
    let mut some = users.reading(|path| path == "emails").unwrap();
    assert_eq!(some.columns.len(), 2, "the id and the version");
    some.among("emails", &["a".to_owned()]);
    assert_eq!(some.lists[0].among.as_ref().unwrap().values, ["a".into()]);
    let wrong = row.into_iter().map(|_| Some(SqlValue::Float(0.5))).collect();
    let error = reading.resource(wrong, Vec::new()).unwrap_err();
    assert_eq!(error.to_string(), "`id`: its column does not hold a whole number that is shown as a text");
}

#[test]
fn what_cannot_be_shown_is_not_read() {
    let folded =
        Mapping::builder(&ResourceType::user(), "users").column("title", Column::folded("key")).build().unwrap();
    let error = folded.reading(|_| true).unwrap_err();
    assert_eq!(error.to_string(), "`title`: has no column that holds the text as it is shown");
    let json = Mapping::of_folded(&ResourceType::user(), "users", "doc").build().unwrap();
    assert!(json.reading(|_| true).unwrap_err().to_string().ends_with("is in a JSON column, which is not read"));
    let nothing = Mapping::builder(&ResourceType::user(), "users").build().unwrap();
    assert_eq!(nothing.identified("1").unwrap_err().to_string(), "`id`: has no column of its own");
}

#[test]
fn what_is_the_same_in_every_row_changes_nothing() {
    let mut user = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "Ann",
        "phoneNumbers": [{"value": "555", "type": "work"}],
    });
    let put = json!({"userName": "Ann", "phoneNumbers": [{"value": "555"}]});
    let written = users().resource_type().replace(&user, &put).unwrap();
    assert!(written.outcome.changed);
    let same = users().alteration(&written.resource, &written.outcome.changes, "W/\"1\"", now()).unwrap();
    assert!(same.is_unchanged && same.lists.is_empty());
    assert_eq!(same.columns.len(), 1, "the version");
    let operations = json!([{"op": "replace", "path": "phoneNumbers[value pr].value", "value": "556"}]);
    let written = altered(&users(), &mut user, operations, "W/\"1\"");
    assert_eq!(row(&written.columns)[0], ("phone".to_owned(), json!("556")));
    let written = altered(&users(), &mut user, json!([{"op": "remove", "path": "phoneNumbers"}]), "W/\"1\"");
    assert_eq!(row(&written.columns)[0], ("phone".to_owned(), Value::Null));
}

#[test]
fn what_was_referred_to_may_be_gone() {
    let rows = Rows::table("friends")
        .on("user_id", "id")
        .column("value", Column::digits("friend_id").refers_to("User"))
        .column("primary", Column::boolean("is_best"))
        .complete();
    let kind = ResourceType::user();
    let users = Mapping::builder(&kind, "users")
        .rows("entitlements", rows)
        .version(Column::integer("version"))
        .build()
        .unwrap();
    let mut user = json!({"userName": "a", "entitlements": [{"value": "7"}, {"value": "8"}]});
    let operations = json!([
        {"op": "add", "path": "entitlements[value eq \"7\"].primary", "value": true},
        {"op": "remove", "path": "entitlements[value eq \"8\"]"},
    ]);
    let outcome = Patch::parse(&json!({"schemas": [Patch::SCHEMA], "Operations": operations}))
        .unwrap()
        .apply(&mut user, &kind)
        .unwrap();
    let stored = json!({"entitlements": user["entitlements"]});
    let written = users.alteration(&stored, &outcome.changes, "W/\"1\"", now()).unwrap();
    assert_eq!((written.lists[0].updated.len(), written.lists[0].deleted.len()), (1, 1));
    let ids: Vec<&str> = written.references.iter().map(|reference| reference.id.as_str()).collect();
    assert_eq!(ids, ["7"], "once, for what it is now");
}

/// A user whose name and addresses have columns, and all else is in a JSON column.
fn with_rest(folded: bool) -> Mapping {
    let builder = Mapping::builder(&ResourceType::user(), "users")
        .column("id", Column::digits("id"))
        .column("userName", Column::text("name").with_folded("name_key").not_null())
        .column("name.givenName", Column::text("given").with_folded("given_key"))
        .rows("emails", Rows::table("emails").on("user_id", "id").column("value", Column::text("address")))
        .column("meta.lastModified", Column::timestamp("changed"))
        .unassigned("photos")
        .key(Column::integer("id"))
        .rest("rest")
        .schemas()
        .complete();
    if folded { builder.rest_folded("rest_key") } else { builder }.build().unwrap()
}

#[test]
fn what_has_no_column_is_in_a_json_column() {
    let resource = json!({
        "userName": "Ann", "name": {"givenName": "Ann", "familyName": "Lee"}, "title": "Boss",
        "phoneNumbers": [{"value": "+1", "type": "Work"}], ENTERPRISE: {"department": "Sales"},
    });
    let rest = json!({
        "name": {"familyName": "Lee"}, "title": "Boss", "phoneNumbers": [{"value": "+1", "type": "Work"}],
        ENTERPRISE: {"department": "Sales"},
    });
    let folded = json!({
        "name": {"familyName": "lee"}, "title": "boss", "phoneNumbers": [{"value": "+1", "type": "work"}],
        ENTERPRISE: {"department": "sales"}, "~version": 1,
    });
    let users = with_rest(true);
    let written = users.insertion(&resource, now()).unwrap();
    let held = |name: &str| {
        let found = written.columns.iter().find(|one| &*one.column == name).unwrap();
        let Some(SqlValue::Text(text)) = &found.value else { panic!("{found:?}") };
        serde_json::from_str::<Value>(text).unwrap()
    };
    assert_eq!(held("rest"), rest);
    assert_eq!(held("rest_key"), folded);

    // It is read back, beside what has columns.
    let reading = users.reading(|_| true).unwrap();
    let names: Vec<&Source> = reading.columns.iter().map(|(source, _)| source).collect();
    assert_eq!(names.iter().filter(|source| ***source == Source::from("rest")).count(), 1);
    let row = reading.columns.iter().map(|(source, _)| match source {
        Source::Column(name) => match &**name {
            "id" => Some(SqlValue::Integer(7)),
            "rest" => Some(SqlValue::Text(rest.to_string())),
            "name" | "given" => Some("Ann".into()),
            _ => None,
        },
        other => panic!("{other:?}"),
    });
    let found = reading.resource(row.collect(), vec![vec![]]).unwrap();
    let mut expected = resource.clone();
    expected["id"] = json!("7");
    expected["schemas"] = json!(["urn:ietf:params:scim:schemas:core:2.0:User", ENTERPRISE]);
    assert_eq!(found, expected);

    // A change of what has a column leaves it alone; a change of anything in it writes the whole.
    let mut stored = expected;
    let version = "W/\"1767225600000000\"";
    let columns = |written: &Writing| {
        written.columns.iter().map(|one| one.column.to_string()).filter(|name| name != "changed").collect::<Vec<_>>()
    };
    let renamed = json!([{"op": "replace", "path": "name.givenName", "value": "Anna"}]);
    let written = altered(&users, &mut stored, renamed, version);
    assert_eq!(columns(&written), ["given", "given_key"]);
    let removed = json!([{"op": "remove", "path": r#"phoneNumbers[type eq "work"]"#}]);
    let written = altered(&users, &mut stored, removed, version);
    assert_eq!(columns(&written), ["rest", "rest_key"]);
    assert!(!written.is_unchanged);

    // Nothing is NULL.
    let written = users.insertion(&json!({"userName": "Bo"}), now()).unwrap();
    assert!(written.columns.iter().filter(|one| one.column.starts_with("rest")).all(|one| one.value.is_none()));
    // What is never assigned is refused, and not kept there.
    let refused = users.insertion(&json!({"userName": "Bo", "photos": [{"value": "https://x/y"}]}), now());
    assert_eq!(refused.unwrap_err().detail(), "`photos`: is not stored here");
}

#[test]
fn filters_on_what_has_no_column_need_the_folded_copy() {
    let filter = |text: &str, mapping: &Mapping| {
        let matcher = text.parse::<Filter>().unwrap().compile(mapping.resource_type()).unwrap();
        mapping.bind(&matcher).map(|found| found.to_sql("users", Dialect::Sqlite, Placeholders::Question).unwrap().text)
    };
    assert_eq!(
        filter(r#"title eq "BOSS""#, &with_rest(true)).unwrap(),
        r#"json_extract("users"."rest_key", '$."title"') COLLATE BINARY = ?"#
    );
    assert_eq!(filter("photos pr", &with_rest(true)).unwrap(), "FALSE");
    let refused = filter(r#"title eq "boss""#, &with_rest(false)).unwrap_err().to_string();
    assert!(refused.contains("is in a JSON column of which there is no folded copy"), "{refused}");
    assert!(with_rest(false).order_by(Some("title"), false).is_err());
    let copy_alone = Mapping::builder(&ResourceType::user(), "users").rest_folded("rest_key").build();
    assert_eq!(copy_alone.unwrap_err().to_string(), "`rest_key`: is a copy of what no column holds: add `rest`");
    assert!(with_rest(true).order_by(Some("title"), false).is_ok());
}

#[test]
fn a_column_of_the_rest_holds_a_json_object() {
    let reading = with_rest(false).reading(|path| path == "title").unwrap();
    assert_eq!(reading.columns.len(), 3, "{:?}", reading.columns); // `id`, the rest and the version
    let read = |rest: &str| {
        let row = vec![Some(SqlValue::Integer(1)), Some(rest.into()), Some(SqlValue::Integer(1))];
        reading.resource(row, vec![]).map_err(|error| error.to_string())
    };
    assert_eq!(read(r#"{"title": "Boss"}"#).unwrap(), json!({"id": "1", "title": "Boss"}));
    for rest in ["[]", "null", "{", "7"] {
        assert_eq!(read(rest).unwrap_err(), "`rest`: does not hold a JSON object");
    }
}

#[test]
fn a_reference_may_be_of_several_types() {
    let groups = Mapping::builder(&ResourceType::group(), "groups")
        .column("id", Column::text("id"))
        .rows(
            "members",
            Rows::table("members")
                .on("group_id", "id")
                .column("value", Column::text("member_id").refers_to("User").refers_to("Group"))
                .column("type", Column::text("kind")),
        )
        .column("meta.lastModified", Column::micros("changed"))
        .build()
        .unwrap();
    let written = groups.insertion(&json!({"members": [{"value": "a"}]}), now()).unwrap();
    let [reference] = written.references.as_slice() else { panic!("{:?}", written.references) };
    assert_eq!(reference.missing().detail(), "`members.value`: there is no User or Group `a`");
    for name in ["User", "Group"] {
        assert_eq!(groups.references(name).len(), 1);
    }
    assert!(groups.references("Device").is_empty());
}
