//! Properties of versions, `meta`, headers and discovery.

use std::time::{Duration, UNIX_EPOCH};

use proptest::prelude::*;
use scim_engine::protocol::{Meta, Preconditions, check_discovery_query, media, version};
use scim_engine::{Patch, Registry, ResourceType};
use serde_json::{Map, Value, json};

use super::config;
use super::documents::{any_json, any_object, types, user};
use super::patches::{operation, request};

/// The same resource, written in another way.
fn respelled(value: &Value) -> Value {
    match value {
        Value::Array(elements) => elements.iter().rev().map(respelled).chain([Value::Null]).collect(),
        Value::Object(members) => {
            let respelled = members.iter().rev().map(|(name, value)| (name.clone(), respelled(value)));
            let nothing = json!({"x-nothing": null, "x-empty": [{}]});
            respelled.chain(nothing.as_object().unwrap().clone()).collect::<Map<_, _>>().into()
        }
        Value::Number(number) => match number.as_i64() {
            Some(number) if number.unsigned_abs() < 1 << 52 => serde_json::from_str(&format!("{number}.0")).unwrap(),
            _ => value.clone(),
        },
        other => other.clone(),
    }
}

/// The position of each simple value that counts.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    match value {
        Value::Array(elements) => {
            elements.iter().enumerate().for_each(|(index, value)| places(value, &format!("{at}/{index}"), found));
        }
        Value::Object(members) => members.iter().for_each(|(name, value)| {
            let name = name.replace('~', "~0").replace('/', "~1");
            if !at.is_empty() || !name.eq_ignore_ascii_case("meta") {
                places(value, &format!("{at}/{name}"), found);
            }
        }),
        Value::Null => {}
        _ => found.push(at.to_owned()),
    }
}

fn header() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("W/".to_owned()),
        Just("\"".to_owned()),
        Just(",".to_owned()),
        Just(";".to_owned()),
        Just("*".to_owned()),
        Just("\\".to_owned()),
        Just("application/json".to_owned()),
        Just("application/scim+json".to_owned()),
        Just("q=0.5".to_owned()),
        Just("q=NaN".to_owned()),
        Just("charset=".to_owned()),
        Just("filter=".to_owned()),
        Just("%6".to_owned()),
        ".{0,3}",
    ];
    proptest::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(config(128))]

    #[test]
    fn a_version_is_of_the_meaning(resource in any_object()) {
        prop_assert_eq!(version(&resource, &ResourceType::any()), version(&respelled(&resource), &ResourceType::any()));
        let again: Value = serde_json::from_str(&resource.to_string()).unwrap();
        prop_assert_eq!(version(&resource, &ResourceType::any()), version(&again, &ResourceType::any()));
    }

    #[test]
    fn a_version_differs_with_each_value(resource in user(), which in any::<prop::sample::Index>()) {
        let mut found = Vec::new();
        places(&resource, "", &mut found);
        let place = which.get(&found);
        let mut changed = resource.clone();
        *changed.pointer_mut(place).unwrap() = json!("another value");
        prop_assert_ne!(version(&resource, &ResourceType::any()), version(&changed, &ResourceType::any()), "{}", place);
        let mut less = resource.clone();
        *less.pointer_mut(place).unwrap() = Value::Null;
        prop_assert_ne!(version(&resource, &ResourceType::any()), version(&less, &ResourceType::any()), "{}", place);
    }

    #[test]
    fn any_json_has_a_version(value in any_json()) {
        let tag = version(&value, &ResourceType::any());
        prop_assert_eq!(tag.len(), 36);
        prop_assert!(Preconditions::new(Some(&tag), None).unwrap().check(Some(&tag)).is_ok());
    }

    /// A resource that a PATCH leaves unchanged keeps its version and its time.
    #[test]
    fn a_version_moves_only_with_changes(mut resource in user(), operations in prop::collection::vec(operation(), 1..4)) {
        let kind = ResourceType::user();
        let at = |seconds| UNIX_EPOCH + Duration::from_secs(seconds);
        let meta = |seconds| Meta::new("https://example.com", at(seconds));
        meta(1_000_000_000).create(&mut resource, &kind, "7");
        let before = resource.clone();
        let outcome = Patch::parse(&request(&operations)).and_then(|patch| patch.apply(&mut resource, &kind));
        let Ok(outcome) = outcome else { return Ok(()) };
        meta(1_000_000_060).update(&mut resource, &kind, outcome.changed);
        if outcome.changed {
            prop_assert_eq!(&resource["meta"]["lastModified"], "2001-09-09T01:47:40.000Z");
        } else {
            prop_assert_eq!(&resource["meta"], &before["meta"]);
            prop_assert_eq!(version(&resource, &ResourceType::any()), version(&before, &ResourceType::any()));
        }
    }

    #[test]
    fn stamps_on_anything(mut resource in any_json(), seconds in any::<u32>(), before in any::<bool>(), id in ".*") {
        let since = Duration::from_secs(u64::from(seconds) * 100);
        let now = if before { UNIX_EPOCH - since } else { UNIX_EPOCH + since };
        let was_object = resource.is_object();
        let meta = Meta::new("https://example.com/", now);
        meta.create(&mut resource, &ResourceType::group(), &id);
        prop_assert_eq!(resource.is_object(), was_object);
        if was_object {
            let location = resource["meta"]["location"].as_str().unwrap_or_default();
            prop_assert!(location.is_ascii() && !location.contains([' ', '?', '#']));
        }
        meta.update(&mut resource, &ResourceType::group(), true);
    }

    #[test]
    fn no_header_is_too_strange(a in header(), b in header()) {
        for (a, b) in [(Some(a.as_str()), Some(b.as_str())), (Some(&a), None), (None, Some(&b))] {
            let name = media::negotiate(a, b);
            prop_assert!(name == media::JSON || name == media::SCIM_JSON);
            prop_assert!(matches!(media::check_content_type(a), Err(error) if error.status() == 415) || media::check_content_type(a).is_ok());
            match Preconditions::new(a, b) {
                Ok(asked) => {
                    let _ = asked.check(Some(&version(&json!({}), &ResourceType::any())));
                    prop_assert!(a.is_none() || asked.check(None).is_err());
                }
                Err(error) => prop_assert_eq!(error.status(), 400),
            }
        }
        let refused = check_discovery_query(&a).is_err();
        prop_assert!(!refused || a.to_ascii_lowercase().contains("filter") || a.contains('%'));
    }
}

/// `/Schemas` and `/ResourceTypes` say all that a registry knows.
#[test]
fn discovery_goes_both_ways() {
    let registry = Registry::new(types().into_iter().filter(|kind| !kind.is_open())).unwrap();
    let base = "https://example.com/scim/v2";
    let again = |registry: &Registry| {
        let (schemas, types) = (registry.schemas_response(base), registry.resource_types_response(base));
        Registry::from_discovery(&schemas, &types).unwrap()
    };
    assert_eq!(again(&Registry::default()), Registry::default());
    // The characteristics that a type implies are spelled out, whatever the schema said.
    let spelled_out = again(&registry);
    assert_eq!(again(&spelled_out), spelled_out);
    assert_eq!(spelled_out.schemas_response(base), registry.schemas_response(base));
    assert_eq!(spelled_out.resource_types_response(base), registry.resource_types_response(base));
    for kind in registry.resource_types() {
        assert_eq!(registry.resource_type_response(kind.name(), base).unwrap()["endpoint"], kind.endpoint());
        assert_eq!(registry.schema_response(&kind.schema().id, base).unwrap()["id"], kind.schema().id);
    }
}
