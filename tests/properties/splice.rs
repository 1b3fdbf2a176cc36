//! PATCH on text is PATCH on values, and what is not touched stays as it was spelled.

use proptest::prelude::*;
use scim_engine::{Options, Patch, ResourceType, ScimType, UnknownMembers};
use serde_json::{Map, Value, json};

use super::config;
use super::documents::{any_object, types, user};
use super::patches::{operation, request, with_any_value};
use super::spelling::{Dice, has_twins_within, spell};

/// The members of an object in text, as they are spelled.
fn spelled(text: &str) -> Vec<(String, String)> {
    let inner = text.trim().strip_prefix('{').unwrap().strip_suffix('}').unwrap();
    let (mut parts, mut start) = (Vec::new(), 0);
    let (mut depth, mut in_string, mut is_escaped) = (0, false, false);
    for (at, c) in inner.char_indices() {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '"' => in_string = !in_string,
            _ if in_string => {}
            '{' | '[' => depth += 1,
            '}' | ']' => depth -= 1,
            ',' | ':' if depth == 0 => {
                parts.push(inner[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(inner[start..].trim());
    let members = parts.chunks_exact(2).map(|part| (serde_json::from_str(part[0]).unwrap(), part[1].to_owned()));
    members.collect()
}

pub fn check(patch: &Patch, document: &Value, text: &str, resource_type: &ResourceType) -> Result<(), TestCaseError> {
    let mut resource = document.clone();
    let by_value = patch.apply(&mut resource, resource_type);
    match (by_value, patch.apply_slice(text.as_bytes(), resource_type)) {
        (Ok(expected), Ok((new, outcome))) => {
            prop_assert_eq!(&outcome, &expected, "{}", text);
            let new = String::from_utf8(new).unwrap();
            let value: Value =
                serde_json::from_str(&new).map_err(|error| TestCaseError::fail(format!("{new}: {error}")))?;
            prop_assert_eq!(&value, &resource, "{}\n{}", text, new);
            if !outcome.changed {
                prop_assert_eq!(&new, text);
            }
            // Equal values have the same spelling.
            let old: Map<String, Value> = document.as_object().cloned().unwrap();
            let before = spelled(text);
            for (name, after) in spelled(&new) {
                if old.get(&name) == resource.get(&name) {
                    let before = before.iter().find(|(other, _)| *other == name);
                    prop_assert_eq!(before.map(|(_, text)| text), Some(&after), "{}\n{}", text, new);
                }
            }
        }
        (expected, found) => prop_assert_eq!(
            expected.as_ref().map_err(ToString::to_string).err(),
            found.as_ref().map_err(ToString::to_string).err(),
            "{}",
            text
        ),
    }
    Ok(())
}

fn policies() -> impl Strategy<Value = Options> {
    prop::sample::select(vec![UnknownMembers::Ignore, UnknownMembers::Keep, UnknownMembers::Reject])
        .prop_map(|unknown| Options::default().unknown(unknown))
}

proptest! {
    #![proptest_config(config(1500))]

    #[test]
    fn users(
        operations in prop::collection::vec(operation(), 1..7),
        document in user(),
        options in policies(),
        seed: u64,
    ) {
        let Ok(patch) = Patch::parse_with(&request(&operations), &options) else { return Ok(()) };
        let text = spell(&document, &mut Dice::new(seed));
        check(&patch, &document, &text, &ResourceType::user())?;
    }

    #[test]
    fn anything(
        operations in prop::collection::vec(prop_oneof![with_any_value(), operation()], 1..5),
        document in any_object(),
        options in policies(),
        seed: u64,
    ) {
        // The first of several names that differ in case alone counts: in the text, or in the order of a map.
        prop_assume!(!has_twins_within(&document));
        let Ok(patch) = Patch::parse_with(&request(&operations), &options) else { return Ok(()) };
        let text = spell(&document, &mut Dice::new(seed));
        for resource_type in types() {
            check(&patch, &document, &text, &resource_type)?;
        }
    }

    /// Many operations on a list long enough for indexes.
    #[test]
    fn long_lists(
        operations in prop::collection::vec((0..6_usize, 0..60_usize, any::<bool>()), 1..60),
        members in 0..50_usize,
        seed: u64,
    ) {
        let member = |at: usize| match at % 7 {
            0 => json!({"value": format!("U{at}"), "type": "User"}),
            1 => json!({"display": format!("d{at}")}),
            2 => json!(format!("u{at}")),
            3 => json!({"value": [format!("u{at}")]}),
            _ => json!({"value": format!("u{}", at / 2), "display": format!("d{at}")}),
        };
        let document = json!({"displayName": "Crew", "members": (0..members).map(member).collect::<Vec<_>>()});
        let operations: Vec<Value> = operations.into_iter().map(|(kind, at, is_upper)| {
            let id = if is_upper { format!("U{at}") } else { format!("u{at}") };
            match kind {
                0 | 1 => json!({"op": "add", "path": "members", "value": [{"value": id}]}),
                2 => json!({"op": "remove", "path": format!("members[value eq \"{id}\"]")}),
                3 => json!({"op": "remove", "path": "members", "value": [{"value": id}]}),
                4 => json!({"op": "add", "path": format!("members[value eq \"{id}\"].display"), "value": "x"}),
                _ => json!({"op": "remove", "path": format!("members[display eq \"d{at}\" or value sw \"{id}\"]")}),
            }
        }).collect();
        let patch = Patch::parse(&request(&operations)).unwrap();
        let text = spell(&document, &mut Dice::new(seed));
        check(&patch, &document, &text, &ResourceType::group())?;
    }
}

#[test]
fn texts_that_are_refused() {
    let patch = Patch::parse(&request(&[json!({"op": "add", "path": "title", "value": "x"})])).unwrap();
    for text in [
        "",
        "1",
        "[]",
        "{",
        "{}x",
        "{\"a\":1,}",
        "{\"a\":01}",
        "{\"a\":\"\\x\"}",
        "{\"title\":tru}",
        "{\"a\":1,\"\\u0061\":2}",
        "{\"title\":{\"a\":1,\"a\":2}}",
    ] {
        let error = patch.apply_slice(text.as_bytes(), &ResourceType::user()).unwrap_err();
        assert_eq!(error.scim_type(), Some(ScimType::InvalidSyntax), "{text}: {error}");
    }
    for bytes in [&b"{\"a\":\"\xff\"}"[..], b"{\"a\":\"\x01\"}", b"{\"a\":\"\xc3\"}"] {
        assert!(patch.apply_slice(bytes, &ResourceType::user()).is_err());
    }
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(200), "]".repeat(200));
    assert!(patch.apply_slice(deep.as_bytes(), &ResourceType::user()).is_err());
}

#[test]
fn untouched_text_is_copied() {
    let operations = [
        json!({"op": "replace", "path": "name.givenName", "value": "Bo"}),
        json!({"op": "remove", "path": "emails[value eq \"b@example.com\"]"}),
        json!({"op": "replace", "path": "emails[value eq \"c@example.com\"].type", "value": "home"}),
        json!({"op": "remove", "path": "title"}),
        json!({"op": "add", "path": "nickName", "value": "B"}),
    ];
    let patch = Patch::parse(&request(&operations)).unwrap();
    let old = r#"
{
  "userName": "\u0062o", "title": "x",
  "name": { "familyName" : "\u00d8y", "givenName" : "B", "rank": 1.50e2 },
  "emails": [
    { "value": "\u0061@example.com" },
    {"value": "b@example.com"},
    {"type": "work" , "value": "\u0063@example.com", "display": "\/" }
  ],
  "other": {"a": 1, "a": 12345678901234567890123.0}
}
"#;
    let (new, outcome) = patch.apply_slice(old.as_bytes(), &ResourceType::user()).unwrap();
    let expected = r#"
{
  "userName": "\u0062o",
  "name": { "familyName" : "\u00d8y", "givenName" : "Bo", "rank": 1.50e2 },
  "emails": [
    { "value": "\u0061@example.com" },
    {"type": "home" , "value": "\u0063@example.com", "display": "\/" }
  ],
  "other": {"a": 1, "a": 12345678901234567890123.0},
  "nickName": "B"
}
"#;
    assert_eq!(String::from_utf8(new).unwrap(), expected);
    assert_eq!(outcome.changes.len(), 4);
}
