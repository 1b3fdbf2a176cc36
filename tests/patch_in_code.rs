//! Requests that a host makes in code instead of parsing them, and what it can read of requests and of their errors.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use scim_engine::{Absent, Op, Operation, Options, Patch, PatchError, PatchPath, ResourceType, ScimError, ScimType};
use serde_json::{Value, json};

fn body(operations: Value) -> Value {
    json!({"schemas": [Patch::SCHEMA], "Operations": operations})
}

#[test]
fn operations_of_every_kind() {
    let operations = [
        Operation::add("emails".parse().unwrap(), json!([{"value": "a"}])),
        Operation::replace("title".parse().unwrap(), "Chief"),
        Operation::remove("nickName".parse().unwrap()),
        Operation::without_path(Op::Replace, json!({"active": false})),
    ];
    let read: Vec<(Op, Option<&str>, Option<&Value>)> =
        operations.iter().map(|it| (it.op(), it.path().map(PatchPath::as_str), it.value())).collect();
    let (emails, title, active) = (json!([{"value": "a"}]), json!("Chief"), json!({"active": false}));
    let expected = [
        (Op::Add, Some("emails"), Some(&emails)),
        (Op::Replace, Some("title"), Some(&title)),
        (Op::Remove, Some("nickName"), None),
        (Op::Replace, None, Some(&active)),
    ];
    assert_eq!(read, expected);
    assert_eq!(operations.each_ref().map(|it| it.op().to_string()), ["add", "replace", "remove", "replace"]);

    let patch = Patch::new(operations).unwrap();
    let written = json!([
        {"op": "add", "path": "emails", "value": [{"value": "a"}]},
        {"op": "replace", "path": "title", "value": "Chief"},
        {"op": "remove", "path": "nickName"},
        {"op": "replace", "value": {"active": false}},
    ]);
    assert_eq!(serde_json::to_value(&patch).unwrap(), body(written.clone()));
    assert_eq!(serde_json::from_value::<Patch>(body(written)).unwrap(), patch);
    let mut user = json!({"userName": "ann", "nickName": "A", "active": true});
    patch.apply(&mut user, &ResourceType::user()).unwrap();
    assert_eq!(user, json!({"userName": "ann", "active": false, "title": "Chief", "emails": [{"value": "a"}]}));
}

#[test]
fn requests_are_equal_by_operations_repairs_and_options() {
    let title = |value: &str| Operation::replace("title".parse().unwrap(), value);
    let patch = Patch::new([title("a")]).unwrap();
    assert_eq!(patch, Patch::parse(&body(json!([{"op": "replace", "path": "title", "value": "a"}]))).unwrap());
    assert_ne!(patch, Patch::new([title("b")]).unwrap());
    // The same operation, but a repair is reported: the request has no `schemas`.
    let loose = Patch::parse(&json!({"Operations": [{"op": "replace", "path": "title", "value": "a"}]})).unwrap();
    assert_eq!(loose.operations(), patch.operations());
    assert_ne!(loose, patch);
    let strict = Patch::new_with([title("a")], &Options::strict()).unwrap();
    assert_eq!((strict.options(), patch.options()), (&Options::strict(), &Options::default()));
    assert_ne!(strict, patch);
    // What a request remembers of a resource type does not count.
    let mut user = json!({"userName": "ann"});
    patch.apply(&mut user, &ResourceType::user()).unwrap();
    assert_eq!(patch, Patch::new([title("a")]).unwrap());
}

#[test]
fn a_body_that_serde_refuses_has_the_message_of_the_parser() {
    let bad = body(json!([{"op": "replace", "path": "title"}]));
    let message = Patch::parse(&bad).unwrap_err().to_string();
    assert_eq!(message, "operation 0: `replace` needs a `value`");
    assert_eq!(serde_json::from_value::<Patch>(bad).unwrap_err().to_string(), message);
}

#[test]
fn only_an_object_can_be_changed() {
    let patch = Patch::new([Operation::replace("title".parse().unwrap(), "a")]).unwrap();
    for resource in [json!([]), json!("x"), json!(null)] {
        let mut changed = resource.clone();
        let error = patch.apply(&mut changed, &ResourceType::user()).unwrap_err();
        assert_eq!(at(&error), (None, None, Some(ScimType::InvalidSyntax)));
        assert_eq!(error.to_string(), "expected the resource to be an object");
        assert_eq!(changed, resource);
    }
}

fn at(error: &PatchError) -> (Option<usize>, Option<&str>, Option<ScimType>) {
    (error.operation(), error.path(), error.scim_type())
}

/// Bad text that names a secret is not repeated, since it may hold its value (P12a).
#[test]
fn bad_paths_that_name_a_secret() {
    let error = |path: &str| Patch::parse(&body(json!([{"op": "remove", "path": path}]))).unwrap_err();
    for path in ["title s3cret password", "= s3cret password"] {
        let error = error(path);
        assert_eq!(at(&error), (Some(0), None, Some(ScimType::InvalidPath)), "{path}");
    }
    let shown = error("password s3cret");
    assert_eq!(at(&shown), (Some(0), Some("password"), Some(ScimType::InvalidPath)));
    let plain = error("title work");
    assert_eq!(at(&plain), (Some(0), Some("title work"), Some(ScimType::InvalidPath)));
}

#[test]
fn the_parts_of_an_error_of_a_resource() {
    let user = ResourceType::user();
    let error = user.create(&json!({"schemas": [user.schema().id], "userName": "ann", "active": 7})).unwrap_err();
    assert_eq!((error.path(), error.span(), error.hint()), (Some("active"), None, None));
    assert_eq!(error.render(), error.to_string());
    let scim = ScimError::from(error);
    assert_eq!((scim.status(), scim.scim_type()), (400, Some(ScimType::InvalidValue)));

    // The host names an attribute that the type does not have. No client can correct that.
    let options = Options::default().absent_override("shoeSize", Absent::Keep);
    let resource = json!({"schemas": [user.schema().id], "userName": "ann"});
    let error = user.replace_with(&resource, &resource, &options).unwrap_err();
    assert_eq!(error.scim_type(), None);
    let scim = ScimError::from(error);
    assert_eq!((scim.status(), scim.scim_type()), (500, None));
}
