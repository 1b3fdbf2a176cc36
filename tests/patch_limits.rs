//! The limits on what a PATCH reads of its body and of the stored resource, for resources that are values and for JSON text.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use scim_engine::{Limits, Options, Patch, PatchError, ResourceType, ScimType, UnknownMembers};
use serde_json::{Value, json};

/// The user after a PATCH. The text of the user gives the same, and an error changes nothing.
fn patched(operations: &Value, user: &Value, options: &Options) -> Result<Value, PatchError> {
    let body = json!({"schemas": [Patch::SCHEMA], "Operations": operations});
    let patch = Patch::parse_with(&body, options)?;
    assert_eq!(Patch::from_slice_with(body.to_string().as_bytes(), options).as_ref(), Ok(&patch));
    let mut changed = user.clone();
    let result = patch.apply(&mut changed, &ResourceType::user()).map(|_| changed.clone());
    if result.is_err() {
        assert_eq!(changed, *user);
    }
    #[cfg(feature = "scan")]
    {
        let by_text = patch.apply_slice(user.to_string().as_bytes(), &ResourceType::user());
        assert_eq!(by_text.map(|(text, _)| serde_json::from_slice(&text).unwrap()), result);
    }
    result
}

fn limits(limits: Limits) -> Options {
    Options::default().limits(limits)
}

type Refused<'e> = (Option<usize>, Option<&'e str>, Option<ScimType>, &'e str);

fn refused(error: &PatchError) -> Refused<'_> {
    (error.operation(), error.path(), error.scim_type(), error.message())
}

#[test]
fn members_that_no_schema_knows() {
    let options = limits(Limits::default().members(3)).unknown(UnknownMembers::Keep);
    let add = |members: Value| json!({"op": "add", "value": members});
    let user = json!({"userName": "ann"});
    let fits = json!([add(json!({"a": 1, "b": 2})), add(json!({"c": 3})), add(json!({"A": 4, "c": 5}))]);
    let now = patched(&fits, &user, &options).unwrap();
    assert_eq!(now, json!({"userName": "ann", "a": 4, "b": 2, "c": 5}));
    let error = patched(&json!([add(json!({"a": 1, "b": 2})), add(json!({"c": 3, "d": 4}))]), &user, &options);
    let message = "an object has too many members: at most 3 are allowed, these are 4";
    assert_eq!(refused(&error.unwrap_err()), (Some(1), Some("d"), Some(ScimType::TooMany), message));
}

#[test]
fn members_of_a_complex_attribute() {
    let options = limits(Limits::default().members(3));
    let user = json!({"userName": "ann", "name": {"a": 1, "b": 2, "c": 3}});
    let set = |name: &str| json!([{"op": "add", "path": format!("name.{name}"), "value": "x"}]);
    let error = patched(&set("givenName"), &user, &options).unwrap_err();
    let message = "an object has too many members: at most 3 are allowed, these are 4";
    assert_eq!(refused(&error), (Some(0), Some("name"), Some(ScimType::TooMany), message));
    let fewer = json!({"userName": "ann", "name": {"a": 1, "b": 2}});
    let now = patched(&set("givenName"), &fewer, &options).unwrap();
    assert_eq!(now["name"], json!({"a": 1, "b": 2, "givenName": "x"}));
}

/// A limit below the members of an operation: `op`, `path` and `value`.
#[test]
fn members_of_an_operation() {
    let options = limits(Limits::default().members(2));
    let user = json!({"userName": "ann", "title": "a"});
    let now = patched(&json!([{"op": "remove", "path": "title"}]), &user, &options).unwrap();
    assert_eq!(now, json!({"userName": "ann"}));
    let body = json!({"schemas": [Patch::SCHEMA], "Operations": [{"op": "add", "path": "title", "value": "b"}]});
    let error = Patch::from_slice_with(body.to_string().as_bytes(), &options).unwrap_err();
    let message = "an object has too many members: at most 2 are allowed, these are 3";
    assert_eq!(refused(&error), (None, None, Some(ScimType::InvalidSyntax), message));
}

/// An element with eight levels, where six are allowed, among others that a request may change.
fn deep_among(count: usize) -> Value {
    let deep = (0..7).fold(json!("x"), |inner, _| json!({"x": inner}));
    let others = (0..count).map(|at| json!({"value": format!("u{at}"), "type": "home"}));
    let deep = json!({"value": "deep", "type": "work", "display": deep});
    json!({"userName": "ann", "emails": std::iter::once(deep).chain(others).collect::<Vec<_>>()})
}

#[test]
fn levels_of_a_stored_element() {
    let options = limits(Limits::default().depth(6));
    let touched = [
        json!({"op": "add", "path": "emails[value eq \"deep\"].primary", "value": true}),
        json!({"op": "add", "path": "emails[value eq \"deep\"]", "value": {"primary": true}}),
        json!({"op": "replace", "path": "emails[value ne \"u0\"].primary", "value": false}),
        json!({"op": "replace", "path": "emails.primary", "value": false}),
        json!({"op": "remove", "path": "emails[type eq \"work\"]"}),
        json!({"op": "replace", "path": "emails[value eq \"deep\"]", "value": {"value": "a"}}),
        json!({"op": "replace", "path": "emails[value eq \"deep\"].type", "value": "home"}),
        json!({"op": "remove", "path": "emails", "value": [{"value": "deep"}]}),
        json!({"op": "add", "path": "emails", "value": [{"value": "deep", "type": "work", "primary": true}]}),
        json!({"op": "replace", "path": "emails", "value": [{"value": "a"}]}),
        json!({"op": "remove", "path": "emails"}),
    ];
    let untouched =
        |at: usize| json!({"op": "replace", "path": format!("emails[value eq \"u{at}\"].type"), "value": "x"});
    // A short list is scanned. A long one gets an index by the second operation.
    for count in [2, 20] {
        let user = deep_among(count);
        let mut expected = user.clone();
        expected["emails"][1]["type"] = json!("x");
        expected["emails"][2]["type"] = json!("x");
        let before = [untouched(0), untouched(1)];
        assert_eq!(patched(&json!(before), &user, &options).unwrap(), expected);
        for operation in &touched {
            let error = patched(&json!([before[0], before[1], operation]), &user, &options).unwrap_err();
            let message = "the stored value is nested too deep: at most 6 levels are allowed";
            assert_eq!(
                refused(&error),
                (Some(2), Some("emails"), Some(ScimType::InvalidValue), message),
                "{operation} on {count}"
            );
        }
    }
}
