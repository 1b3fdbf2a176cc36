//! Filters over text say what filters over values say, of any filter and any document in any spelling.

use proptest::prelude::*;
use scim_engine::Filter;
use scim_engine::scan::RawDocument;
use serde_json::Value;

use super::config;
use super::documents::{any_json, any_object, types, user};
use super::filters::tree;
use super::matching;
use super::spelling::{Dice, has_twins_within, spell};

proptest! {
    #![proptest_config(config(600))]

    #[test]
    fn text_and_value_agree(
        texts in prop::collection::vec(prop_oneof![matching::filter(), tree(false).prop_map(|tree| tree.canonical())], 1..4),
        document in prop_oneof![4 => user(), 4 => any_object(), 1 => any_json()],
        seed in any::<u64>(),
    ) {
        let plain = document.to_string();
        let spelled = spell(&document, &mut Dice::new(seed));
        prop_assert_eq!(&serde_json::from_str::<Value>(&spelled).unwrap(), &document);
        for text in texts {
            let Ok(filter) = text.parse::<Filter>() else { continue };
            for resource_type in types() {
                let Ok(matcher) = filter.compile(&resource_type) else { continue };
                let expected = matcher.matches(&document).ok();
                for json in [&plain, &spelled] {
                    prop_assert_eq!(matcher.matches_slice(json.as_bytes()).ok(), expected, "{} on {}", text, json);
                    let lazily = matcher.matches(RawDocument::new(json.as_bytes()).unwrap()).ok();
                    prop_assert_eq!(lazily, expected, "{} on {}, read lazily", text, json);
                    if !has_twins_within(&document) {
                        let found = matcher.matches_trusted(json.as_bytes()).ok();
                        prop_assert_eq!(found, expected, "{} on {}, trusted", text, json);
                    }
                }
            }
        }
    }

    /// The last value of a name that is given twice counts, as in a value that is read from the text.
    #[test]
    fn names_given_twice(
        texts in prop::collection::vec(prop_oneof![matching::filter(), tree(false).prop_map(|tree| tree.canonical())], 1..4),
        first in prop_oneof![user(), any_object()],
        second in prop_oneof![user(), any_object()],
    ) {
        let (first, second) = (first.to_string(), second.to_string());
        let inner = |object: &str| object[1..object.len() - 1].to_owned();
        let members: Vec<_> = [inner(&first), inner(&second)].into_iter().filter(|part| !part.is_empty()).collect();
        let json = format!("{{{}}}", members.join(","));
        let document: Value = serde_json::from_str(&json).unwrap();
        if has_twins_within(&document) {
            return Ok(());
        }
        for text in texts {
            let Ok(filter) = text.parse::<Filter>() else { continue };
            for resource_type in types() {
                let Ok(matcher) = filter.compile(&resource_type) else { continue };
                let expected = matcher.matches(&document).ok();
                prop_assert_eq!(matcher.matches_slice(json.as_bytes()).ok(), expected, "{} on {}", text, json);
            }
        }
    }

    /// Bytes that are not JSON are refused as `serde_json` refuses them, and do no harm where they are trusted.
    #[test]
    fn any_bytes(mut bytes in any_object().prop_map(|document| document.to_string().into_bytes()), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let at = at.index(bytes.len());
        bytes[at] = byte;
        let matcher = "emails[type eq \"work\"] and not (title pr)".parse::<Filter>().unwrap().compile(&types()[3]).unwrap();
        let expected = serde_json::from_slice::<Value>(&bytes);
        if !expected.as_ref().is_err_and(|error| error.to_string().starts_with("number out of range")) {
            let found = matcher.matches_slice(&bytes).ok();
            prop_assert_eq!(found, expected.ok().and_then(|value| matcher.matches(&value).ok()));
        }
        let _ = matcher.matches_trusted(&bytes);
    }
}
