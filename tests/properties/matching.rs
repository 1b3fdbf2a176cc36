//! The logic of filters, on documents of any shape.

use proptest::prelude::*;
use scim_engine::{Filter, FilterBuilder, Matcher, ResourceType};
use serde_json::Value;

use super::config;
use super::documents::{any_object, types, user};

/// Filters that every resource type can be asked when none is given, and that users can be asked.
pub fn filter() -> impl Strategy<Value = String> {
    let test = prop::sample::select(vec![
        "userName eq \"a\"",
        "title pr",
        "title eq null",
        "title ne null",
        "active eq true",
        "active ne false",
        "emails pr",
        "emails co \"a\"",
        "emails.type ne \"work\"",
        "emails[type eq \"work\"]",
        "emails[type eq \"work\" and not (value co \"x\")]",
        "emails[not (type eq \"home\")]",
        "emails[type ne \"work\"].value pr",
        "name.givenName sw \"b\"",
        "name pr",
        "meta.lastModified gt \"2011-05-13T04:42:34Z\"",
        "schemas[value eq \"urn:ietf:params:scim:schemas:core:2.0:User\"]",
        "manager eq \"m1\"",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager eq \"m1\"",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User pr",
        "groups[value ne \"g1\"]",
        "addresses[locality ew \"o\"]",
        "unknown gt 5",
        "unknown.sub eq \"x\"",
        "members[value eq \"a\"]",
    ]);
    let test = test.prop_map(str::to_owned).boxed();
    test.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(|a| format!("not ({a})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a}) and ({b})")),
            (inner.clone(), inner).prop_map(|(a, b)| format!("({a}) or ({b})")),
        ]
    })
}

fn compile(text: &str, resource_type: &ResourceType) -> Option<Matcher> {
    text.parse::<Filter>().unwrap().compile(resource_type).ok()
}

fn matches(text: &str, document: &Value, resource_type: &ResourceType) -> Option<bool> {
    let matcher = compile(text, resource_type)?;
    let found = matcher.matches(document).unwrap();
    assert_eq!(matcher.explain(document).unwrap().holds(), found, "explain of {text}");
    // The same filter put together by the builder.
    let rebuilt = FilterBuilder::from(matcher.filter().clone()).build().unwrap();
    assert_eq!(rebuilt.compile(resource_type).unwrap().matches(document).unwrap(), found, "rebuilt {text}");
    Some(found)
}

proptest! {
    #![proptest_config(config(400))]

    #[test]
    fn logic_holds_of_any_document(a in filter(), b in filter(), document in prop_oneof![user(), any_object()]) {
        for resource_type in [ResourceType::user(), ResourceType::any()] {
            let run = |text: &str| matches(text, &document, &resource_type);
            let (Some(left), Some(right)) = (run(&a), run(&b)) else { continue };
            prop_assert_eq!(run(&format!("not (not ({a}))")), Some(left));
            prop_assert_eq!(run(&format!("not ({a})")), Some(!left));
            prop_assert_eq!(run(&format!("({a}) and ({b})")), Some(left && right));
            prop_assert_eq!(run(&format!("({a}) or ({b})")), Some(left || right));
            prop_assert_eq!(run(&format!("not (({a}) and ({b}))")), Some(!left || !right));
            prop_assert_eq!(run(&format!("(not ({a})) or not ({b})")), Some(!left || !right));
            prop_assert_eq!(run(&format!("not (({a}) or ({b}))")), Some(!left && !right));
            prop_assert_eq!(run(&format!("({b}) and ({a})")), run(&format!("({a}) and ({b})")));
        }
    }

    /// A value equal to a text contains it, begins and ends with it, and is neither less nor greater; `eq null` is not `ne null`.
    #[test]
    fn operators_agree(text in "[a-cA-C ]{0,3}", document in prop_oneof![user(), any_object()]) {
        for resource_type in [ResourceType::user(), ResourceType::any()] {
            for path in ["userName", "title", "name.givenName", "externalId", "emails.type", "emails.display"] {
                let run = |op: &str| matches(&format!("{path} {op} \"{text}\""), &document, &resource_type).unwrap();
                if run("eq") {
                    prop_assert!(run("co") && run("sw") && run("ew") && run("ge") && run("le"));
                }
                prop_assert_eq!(run("ge") || run("le"), run("gt") || run("eq") || run("lt"));
                let null = |op: &str| matches(&format!("{path} {op} null"), &document, &resource_type).unwrap();
                prop_assert_eq!(null("eq"), !null("ne"));
                if matches(&format!("{path} pr"), &document, &resource_type).unwrap() {
                    prop_assert!(null("ne"));
                }
                // F2: holds of no value, and of any other value.
                prop_assert!(run("eq") || run("ne"));
            }
        }
    }

    /// The equalities of a filter are necessary.
    #[test]
    fn equalities_are_necessary(a in filter(), document in prop_oneof![user(), any_object()]) {
        let matcher = compile(&a, &ResourceType::any()).unwrap();
        if !matcher.matches(&document).unwrap() {
            return Ok(());
        }
        for equality in matcher.equalities() {
            let text = format!("{} eq {}", equality.path, equality.value);
            let Some(matcher) = compile(&text, &ResourceType::any()) else { continue };
            prop_assert!(matcher.matches(&document).unwrap(), "{} matches, {} not", a, text);
        }
    }

    /// An element without values is not an element: unassigned values match no brackets (RFC 7643 §2.5).
    #[test]
    fn nothing_matches_no_brackets(
        inner in prop::sample::select(vec!["type eq \"work\"", "type ne \"work\"", "not (type eq \"work\")", "not (value pr)"]),
        nothing in prop::sample::select(vec!["null", "[]", "[null]", "[{}]", "[{\"type\": null}]", "{}", "{\"type\": null}"]),
    ) {
        let document = serde_json::json!({"emails": serde_json::from_str::<Value>(nothing).unwrap()});
        for resource_type in types() {
            let Some(found) = matches(&format!("emails[{inner}]"), &document, &resource_type) else { continue };
            prop_assert!(!found, "{} on {}", inner, document);
        }
    }
}
