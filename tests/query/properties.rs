//! Properties of every list request and every list.

#[cfg(feature = "cursors")]
use std::time::{Duration, SystemTime};

use proptest::prelude::*;
#[cfg(feature = "cursors")]
use scim_engine::protocol::{CursorContext, Cursors};
use scim_engine::protocol::{ListQuery, Projection, QueryOptions};
use scim_engine::schema::{Attribute, Returned};
use scim_engine::{ResourceType, ScimError};
use serde_json::{Map, Value, json};

use super::cases::of_schemas;
use super::chance::config;

fn types() -> Vec<ResourceType> {
    vec![ResourceType::user(), ResourceType::group(), ResourceType::any(), of_schemas("vault", "Vault")]
}

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const NAMES: &[&str] = &[
    "userName",
    "USERNAME",
    "id",
    "schemas",
    "password",
    "PassWord",
    "name",
    "name.familyName",
    "emails",
    "emails.value",
    "emails.type",
    "active",
    "meta.created",
    "members",
    "title",
    "label",
    "pin",
    "lock",
    "lock.master",
    "lock.serial",
    "lock.maker",
    "drawers.code",
    "drawers",
    "tags.value",
    "inventory",
    "unknown",
    "unknown.sub",
    "a b",
    "",
    "urn:ietf:params:scim:schemas:core:2.0:User",
    "urn:ietf:params:scim:schemas:core:2.0:User:password",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager",
    ENTERPRISE,
    "urn:example:vault:2.0:Insurance",
    "urn:example:vault:2.0:Insurance:secretClause",
    "urn:example:x:Y:password",
    "urn:example:x:Y",
    "emails[type pr]",
];

/// Query strings: of likely parts, and of anything.
fn query_string() -> impl Strategy<Value = String> {
    let names =
        ["filter", "sortBy", "SORTORDER", "startIndex", "count", "cursor", "attributes", "excludedAttributes", "x"];
    let value = prop_oneof![
        4 => prop::sample::select(NAMES.to_vec()).prop_map(str::to_owned),
        2 => any::<i128>().prop_map(|number| number.to_string()),
        2 => prop::sample::select(vec![
            "title+pr", "userName+eq+%22a%22", "descending", "0", "-1", "%", "%zz", "%ff", "+", "a%20pr", "not", "5",
        ]).prop_map(str::to_owned),
        1 => "\\PC{0,12}",
    ];
    let pair = (prop::sample::select(names.to_vec()), prop::option::weighted(0.9, value))
        .prop_map(|(name, value)| value.map_or_else(|| name.to_owned(), |value| format!("{name}={value}")));
    let pair = prop_oneof![6 => pair, 1 => "[?&=%a-f0-9+]{0,8}", 1 => "\\PC{0,8}"];
    prop::collection::vec(pair, 0..6).prop_map(|pairs| pairs.join("&"))
}

fn leaf() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i8>().prop_map(Value::from),
        any::<f32>().prop_map(|number| json!(number)),
        prop::sample::select(vec!["", "a", "A", "b", "é", "2026-01-01T00:00:00Z", "2026-01-01T01:00:00+01:00"])
            .prop_map(Value::from),
    ]
}

fn any_object() -> impl Strategy<Value = Value> {
    let key = || {
        let more = ["value", "type", "primary", "code", "master", "serial", "secretClause", "familyName", "created"];
        prop::sample::select([NAMES, more.as_slice()].concat()).prop_map(str::to_owned)
    };
    let value = leaf().prop_recursive(3, 24, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            prop::collection::vec((key(), inner), 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    });
    prop::collection::vec((key(), value), 0..8).prop_map(|members| Value::Object(members.into_iter().collect()))
}

/// Whether a value has, where the schema has it, an attribute that is never returned.
fn leaks(members: &Map<String, Value>, attributes: &[Attribute]) -> bool {
    members.iter().any(|(key, value)| {
        let Some(attribute) = attributes.iter().find(|attribute| attribute.name.eq_ignore_ascii_case(key)) else {
            return key.eq_ignore_ascii_case("password");
        };
        let inner = match value {
            Value::Array(elements) => elements.as_slice(),
            one => std::slice::from_ref(one),
        };
        attribute.returned == Returned::Never
            || attribute.is_complex()
                && inner.iter().filter_map(Value::as_object).any(|members| {
                    members
                        .keys()
                        .any(|key| attribute.sub_attribute(key).is_some_and(|sub| sub.returned == Returned::Never))
                })
    })
}

fn check_projection(kind: &ResourceType, projection: &Projection, resource: &Value) -> Result<(), TestCaseError> {
    let answered = projection.apply(resource);
    let members = answered.as_object().unwrap();
    prop_assert!(!leaks(members, kind.attributes()), "{kind:?} {projection:?}: {answered}");
    for extension in kind.extensions() {
        for (key, value) in members {
            if key.eq_ignore_ascii_case(&extension.id) {
                prop_assert!(
                    !value.as_object().is_some_and(|members| leaks(members, &extension.attributes)),
                    "{answered}"
                );
            }
        }
    }
    for (key, value) in resource.as_object().unwrap() {
        if (key == "id" || key == "schemas") && !value.to_string().to_lowercase().contains("\"password\":") {
            prop_assert_eq!(members.get(key), Some(value));
        }
    }
    for key in members.keys() {
        prop_assert!(resource.get(key).is_some());
        if !key.contains(['.', ':', '[', ' ']) && !key.is_empty() {
            // A name that no schema has is none to ask for.
            prop_assert!(projection.needs(key).unwrap_or(true), "{key} of {projection:?}");
        }
    }
    prop_assert_eq!(&projection.apply(&answered), &answered);
    Ok(())
}

proptest! {
    #![proptest_config(config(400))]

    #[test]
    fn any_query_is_answered_or_refused(text in query_string(), resources in prop::collection::vec(any_object(), 0..4)) {
        for kind in types() {
            for cursors in [false, true] {
                let options = QueryOptions::default().cursors(cursors);
                match ListQuery::parse_with(&text, &kind, &options) {
                    Ok(query) => {
                        prop_assert!(query.start_index() >= 1 && query.count() <= 1000);
                        prop_assert_eq!(&ListQuery::parse_with(query.to_string(), &kind, &options).unwrap(), &query);
                        let answer = query.answer(&resources);
                        prop_assert_eq!(answer.is_err(), query.is_by_cursor());
                        for resource in &resources {
                            check_projection(&kind, query.projection(), resource)?;
                        }
                    }
                    Err(error) => {
                        let error = ScimError::from(error);
                        prop_assert!(error.status() == 400 && error.scim_type().is_some());
                    }
                }
            }
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
        let _ = ListQuery::parse(&bytes, &ResourceType::any());
        let _ = ListQuery::from_slice(&bytes, &ResourceType::any());
    }

    #[test]
    fn any_body_is_read_or_refused(body in any_object(), members in prop::collection::vec((prop::sample::select(vec![
        "filter", "sortBy", "startIndex", "count", "cursor", "attributes", "Filter",
    ]), leaf()), 0..4)) {
        let mut body = body;
        body["schemas"] = json!(["urn:ietf:params:scim:api:messages:2.0:SearchRequest"]);
        for (name, value) in members {
            body[name] = value;
        }
        if let Err(error) = ListQuery::from_body(&body, &ResourceType::any()) {
            prop_assert!(!error.to_string().is_empty());
        }
    }

    #[test]
    fn no_projection_leaks(
        names in prop::collection::vec(prop::sample::select(NAMES.to_vec()), 0..4),
        is_excluded in any::<bool>(),
        resource in any_object(),
    ) {
        for kind in types() {
            let (only, without): (&[&str], &[&str]) = if is_excluded { (&[], &names) } else { (&names, &[]) };
            let projection = Projection::new(&kind, only, without).unwrap();
            check_projection(&kind, &projection, &resource)?;
        }
    }

    #[cfg(feature = "cursors")]
    #[test]
    fn pages_have_every_resource_once_and_in_order(
        titles in prop::collection::vec(prop::option::of(prop::sample::select(vec!["a", "A", "b", "ß", ""])), 0..20),
        ids in prop::sample::select(vec!["unique", "same", "none"]),
        count in 1_usize..7,
        sort_by in prop::sample::select(vec!["", "&sortBy=title", "&sortBy=title&sortOrder=descending"]),
    ) {
        let users: Vec<Value> = titles.iter().enumerate().map(|(n, title)| {
            let mut user = json!({"externalId": n});
            if ids != "none" {
                user["id"] = if ids == "same" { "7".into() } else { n.to_string().into() };
            }
            if let Some(title) = title {
                user["title"] = (*title).into();
            }
            user
        }).collect();
        let options = QueryOptions::default().cursors(true);
        let cursors = Cursors::new(&[7; 16], &[], Duration::from_secs(1)).unwrap();
        let context = CursorContext::new(&cursors, "t", SystemTime::UNIX_EPOCH);
        let ask = |text: &str| {
            ListQuery::parse_with(text, &ResourceType::user(), &options).unwrap().answer_with(&users, context).unwrap().into_body()
        };
        let resources = |body: &Value| body["Resources"].as_array().unwrap().clone();
        let sorted = resources(&ask(&format!("count=1000{sort_by}")));
        let mut seen: Vec<&Value> = sorted.iter().map(|user| &user["externalId"]).collect();
        seen.sort_by_key(|n| n.as_u64());
        prop_assert!(seen.iter().enumerate().all(|(n, id)| **id == n) && seen.len() == users.len());
        let key = |user: &Value| match user.get("title").and_then(Value::as_str) {
            Some(title) => (false, title.to_lowercase()),
            None => (true, String::new()),
        };
        for pair in sorted.windows(2) {
            let (a, b) = (key(&pair[0]), key(&pair[1]));
            let is_stable = pair[0]["externalId"].as_u64() < pair[1]["externalId"].as_u64();
            match sort_by {
                "" => prop_assert!(is_stable),
                "&sortBy=title" => prop_assert!(a < b || (a == b && is_stable)),
                _ => prop_assert!(a > b || (a == b && is_stable)),
            }
        }

        let mut by_index = Vec::new();
        while by_index.len() < users.len() {
            let body = ask(&format!("startIndex={}&count={count}{sort_by}", by_index.len() + 1));
            prop_assert_eq!(body["totalResults"].as_u64(), Some(users.len() as u64));
            prop_assert!(!resources(&body).is_empty());
            by_index.extend(resources(&body));
        }
        prop_assert_eq!(&by_index, &sorted);

        let mut by_cursor = Vec::new();
        let mut last = json!(null);
        let mut cursor = Some(String::new());
        while let Some(text) = cursor {
            let body = ask(&format!("cursor={text}&count={count}{sort_by}"));
            by_cursor.extend(resources(&body));
            prop_assert!(by_cursor.len() <= users.len());
            prop_assert_eq!(body.get("previousCursor").is_none(), text.is_empty());
            cursor = body.get("nextCursor").map(|cursor| cursor.as_str().unwrap().to_owned());
            last = body;
        }
        prop_assert_eq!(&by_cursor, &sorted);
        // And back to the beginning.
        let mut steps = 0;
        while let Some(previous) = last.get("previousCursor").and_then(Value::as_str) {
            last = ask(&format!("cursor={previous}&count={count}{sort_by}"));
            steps += 1;
            prop_assert!(steps <= users.len());
        }
        prop_assert_eq!(resources(&last), sorted[..count.min(sorted.len())].to_vec());
    }
}
