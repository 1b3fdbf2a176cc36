//! Arbitrary JSON, everywhere: an answer or an error, and never a panic.

use proptest::prelude::*;
use scim_engine::{Absent, Filter, Options, Patch, ScimError, UnknownMembers};
use serde_json::{Value, json};

use super::config;
use super::documents::{any_json, any_object, types, user};
use super::patches::{PATCH_OP, operation, request, with_any_value};

fn all_options() -> Vec<Options> {
    vec![
        Options::default(),
        Options::strict(),
        Options::default().unknown(UnknownMembers::Keep).absent(Absent::Keep),
        Options::default().unknown(UnknownMembers::Reject),
    ]
}

/// A request with anything in it, or anything at all.
fn any_request() -> impl Strategy<Value = Value> {
    prop_oneof![
        1 => any_json(),
        1 => any_json().prop_map(|operations| json!({"schemas": [PATCH_OP], "Operations": operations})),
        2 => prop::collection::vec(any_object(), 0..3)
            .prop_map(|operations| json!({"schemas": [PATCH_OP], "operations": operations})),
        1 => any_json().prop_map(|members| json!({"schemas": ["urn:scim:schemas:core:1.0"], "members": members})),
        6 => prop::collection::vec(prop_oneof![with_any_value(), operation()], 1..5).prop_map(|ops| request(&ops)),
    ]
}

/// Checks what holds of every outcome and error.
fn check_patch(body: &Value, document: &Value) -> Result<(), TestCaseError> {
    let text = serde_json::to_string(document).unwrap();
    for options in all_options() {
        let patch = Patch::parse_with(body, &options);
        prop_assert_eq!(&Patch::from_slice_with(body.to_string().as_bytes(), &options), &patch);
        let patch = match patch {
            Ok(patch) => patch,
            Err(error) => {
                prop_assert!(!error.render().is_empty());
                continue;
            }
        };
        for resource_type in types() {
            let mut resource = document.clone();
            match patch.apply(&mut resource, &resource_type) {
                Ok(outcome) => {
                    prop_assert_eq!(outcome.changed, !outcome.changes.is_empty());
                    if !outcome.changed {
                        prop_assert_eq!(&serde_json::to_string(&resource).unwrap(), &text, "{:?}", resource_type);
                    }
                }
                Err(error) => {
                    prop_assert!(!error.render().is_empty());
                    prop_assert_eq!(&serde_json::to_string(&resource).unwrap(), &text, "{} changed it", error);
                    let error = ScimError::from(error);
                    prop_assert!(error.scim_type().is_some() && error.status() >= 400);
                }
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(config(300))]

    /// A PATCH of anything on anything: applied, or refused with the document byte for byte as it was.
    #[test]
    fn any_patch_on_any_document(body in any_request(), document in prop_oneof![any_object(), user()]) {
        check_patch(&body, &document)?;
    }

    #[test]
    fn any_body_is_created_or_refused(body in prop_oneof![any_object(), any_json()]) {
        for options in all_options() {
            for resource_type in types() {
                match resource_type.create_with(&body, &options) {
                    Ok(written) => {
                        prop_assert!(written.resource.is_object());
                        prop_assert!(written.outcome.repairs.iter().all(|repair| !repair.to_string().is_empty()));
                    }
                    Err(error) => prop_assert!(!error.to_string().is_empty()),
                }
            }
        }
    }

    #[test]
    fn any_body_replaces_any_document_or_is_refused(
        stored in prop_oneof![any_object(), user(), any_json()],
        body in prop_oneof![any_object(), user()],
    ) {
        for options in all_options() {
            for resource_type in types() {
                match resource_type.replace_with(&stored, &body, &options) {
                    Ok(written) => {
                        prop_assert_eq!(written.outcome.changed, !written.outcome.changes.is_empty());
                        if !written.outcome.changed {
                            prop_assert_eq!(&written.resource, &stored);
                        }
                    }
                    Err(error) => prop_assert!(!error.to_string().is_empty()),
                }
            }
        }
    }

    #[test]
    fn any_document_is_matched(tree in super::filters::tree(false), document in any_json()) {
        let filter = Filter::parse(&tree.canonical()).unwrap();
        for resource_type in types() {
            let Ok(matcher) = filter.compile(&resource_type) else { continue };
            let found = matcher.matches(&document);
            prop_assert_eq!(matcher.explain(&document).map(|explanation| explanation.holds()), found);
        }
    }
}
