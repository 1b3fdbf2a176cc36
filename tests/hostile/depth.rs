//! Documents that are nested 10,000 deep.

use scim_engine::schema::{Registry, Schema};
use scim_engine::{Change, Filter, Limits, Options, Patch, ResourceType, UnknownMembers};
use serde_json::{Value, json};

use super::{all_limits, drop_flat, finishes, nested, with};

const DEEP: usize = 10_000;
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

type Wrap = fn(Value) -> Value;

const WRAPS: [Wrap; 4] = [
    |inner| Value::Array(vec![inner]),
    |inner| object("value", inner),
    |inner| object("x", inner),
    |inner| Value::Array(vec![Value::Null, object("emails", inner)]),
];

fn object(name: &str, value: Value) -> Value {
    with(json!({}), name, value)
}

fn user() -> Value {
    json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "id": "u1", "userName": "x", "title": "t"})
}

/// How deep it is, found without recursion.
fn depth(value: &Value) -> usize {
    let mut left = vec![(value, 0)];
    let mut deepest = 0;
    while let Some((value, depth)) = left.pop() {
        deepest = deepest.max(depth);
        match value {
            Value::Array(elements) => left.extend(elements.iter().map(|value| (value, depth + 1))),
            Value::Object(members) => left.extend(members.values().map(|value| (value, depth + 1))),
            _ => {}
        }
    }
    deepest
}

fn each(check: impl Fn(Wrap) + Clone + Send + 'static) {
    finishes(move || WRAPS.into_iter().for_each(&check));
}

#[test]
fn documents_of_filters() {
    each(|wrap| {
        let deep = || nested(DEEP, wrap);
        let filters = [
            "title pr",
            "emails pr",
            "emails eq null",
            "emails ne null",
            "emails ne \"x\"",
            "emails eq \"x\"",
            "emails[type eq \"work\"]",
            "emails[not (value pr)]",
            "emails.value co \"x\"",
            "name pr",
            "name.givenName pr",
            "emails[value ne \"x\"]",
            "unknown pr",
            "unknown.sub eq 1",
            "schemas[value eq \"x\"]",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User pr",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager eq null",
        ];
        let documents = [
            with(user(), "emails", deep()),
            with(user(), "name", deep()),
            with(user(), "unknown", deep()),
            with(user(), ENTERPRISE, deep()),
            with(user(), ENTERPRISE, object("manager", deep())),
            with(user(), "schemas", deep()),
            deep(),
        ];
        for text in filters {
            let filter: Filter = text.parse().unwrap();
            for resource_type in [ResourceType::user(), ResourceType::any()] {
                let Ok(matcher) = filter.compile(&resource_type) else { continue };
                for (index, document) in documents.iter().enumerate() {
                    // An answer, or that it is too deep; the same from both.
                    let found = matcher.matches(document);
                    assert_eq!(matcher.explain(document).map(|explanation| explanation.holds()), found);
                    // Members that the filter does not name are not inspected.
                    if text == "title pr" && index < 6 {
                        assert_eq!(found, Ok(true));
                    }
                }
            }
        }
        let _ = Registry::default().of(&documents[0]);
        documents.into_iter().for_each(drop_flat);
    });
}

fn patch(operation: Value, options: &Options) -> Patch {
    Patch::parse_with(&json!({"schemas": [Patch::SCHEMA], "Operations": [operation]}), options).unwrap()
}

/// Patches a document that is deep at some place: refused where it is touched, never followed where it is not, and left as it was.
#[test]
fn stored_resources_of_patch() {
    each(|wrap| {
        let places: [(&str, Wrap); 8] = [
            ("emails", |deep| with(user(), "emails", deep)),
            ("emails", |deep| with(user(), "emails", Value::Array(vec![json!({"value": "a"}), deep]))),
            ("name", |deep| with(user(), "name", deep)),
            ("id", |deep| with(user(), "id", deep)),
            ("unknown", |deep| with(user(), "unknown", deep)),
            ("extension", |deep| with(user(), ENTERPRISE, with(json!({"department": "d"}), "weird", deep))),
            ("extension", |deep| with(user(), ENTERPRISE, with(json!({"department": "d"}), "manager", deep))),
            ("schemas", |deep| with(user(), "schemas", deep)),
        ];
        let operations = [
            json!({"op": "replace", "path": "title", "value": "u"}),
            json!({"op": "add", "path": "emails", "value": [{"value": "a"}]}),
            json!({"op": "remove", "path": "emails[value eq \"a\"]"}),
            json!({"op": "add", "path": "name.givenName", "value": "g"}),
            json!({"op": "remove", "path": "name"}),
            json!({"op": "replace", "path": "id", "value": "u1"}),
            json!({"op": "remove", "path": format!("{ENTERPRISE}:department")}),
            json!({"op": "add", "path": format!("{ENTERPRISE}:department"), "value": "e"}),
            json!({"op": "remove", "path": ENTERPRISE}),
            json!({"op": "add", "value": {"unknown": 1, "title": "v"}}),
            json!({"op": "add", "path": "schemas", "value": ENTERPRISE}),
            json!({"op": "remove", "path": format!("schemas[value eq \"{ENTERPRISE}\"]")}),
        ];
        let strange: usize = usize::from(wrap(Value::Null).is_object());
        for options in [Options::default(), Options::default().unknown(UnknownMembers::Keep)] {
            // Half of them with each form of depth.
            for operation in operations.iter().skip(strange).step_by(2) {
                let patch = patch(operation.clone(), &options);
                for (name, make) in places {
                    let mut document = make(nested(DEEP, wrap));
                    let before = depth(&document);
                    let applied = patch.apply(&mut document, &ResourceType::user());
                    if applied.is_err() {
                        assert_eq!(depth(&document), before, "{name} {operation}");
                    } else if operation["path"] == "title" {
                        assert_eq!(document["title"], "u");
                        assert_eq!(depth(&document), before);
                    }
                    drop_flat(document);
                }
            }
        }
    });
}

#[test]
fn values_of_patch() {
    each(|wrap| {
        for options in all_limits() {
            for path in [
                Value::Null,
                "emails".into(),
                "name".into(),
                "title".into(),
                "id".into(),
                "groups".into(),
                ENTERPRISE.into(),
            ] {
                let operation = with(json!({"op": "add", "path": path}), "value", nested(DEEP, wrap));
                let body = with(json!({"schemas": [Patch::SCHEMA]}), "Operations", Value::Array(vec![operation]));
                let error = Patch::parse_with(&body, &options).unwrap_err();
                assert!(error.to_string().contains("nested"), "{error}");
                drop_flat(body);
            }
            let body = with(
                json!({"schemas": ["urn:scim:schemas:core:1.0"]}),
                "members",
                Value::Array(vec![nested(DEEP, wrap)]),
            );
            assert!(Patch::parse_with(&body, &options).is_err());
            drop_flat(body);
            let body = nested(DEEP, wrap);
            assert!(Patch::parse_with(&body, &options).is_err());
            drop_flat(body);
        }
    });
}

#[test]
fn bodies_of_create_and_replace() {
    each(|wrap| {
        for options in all_limits() {
            for options in [options.clone(), options.unknown(UnknownMembers::Keep)] {
                for name in ["emails", "name", "title", "id", "groups", "unknown", "schemas", ENTERPRISE] {
                    let body = with(user(), name, nested(DEEP, wrap));
                    let error = ResourceType::user().create_with(&body, &options).unwrap_err();
                    assert!(error.to_string().contains("nested"), "{error}");
                    let error = ResourceType::user().replace_with(&user(), &body, &options).unwrap_err();
                    assert!(error.to_string().contains("nested"), "{error}");
                    let error = ResourceType::user().replace_with(&body, &user(), &options).unwrap_err();
                    assert!(error.to_string().contains("nested"), "{error}");
                    drop_flat(body);
                }
            }
        }
    });
}

/// However high the limit on depth is set, it must not let through what overruns the stack.
#[test]
fn a_raised_limit_on_depth() {
    each(|wrap| {
        let mut limits = Limits::default();
        limits.depth = usize::MAX;
        for options in
            [Options::default().limits(limits), Options::default().limits(limits).unknown(UnknownMembers::Keep)]
        {
            for name in ["emails", "title", "unknown", ENTERPRISE] {
                let mut body = with(user(), name, nested(DEEP, wrap));
                assert!(ResourceType::user().create_with(&body, &options).is_err());
                assert!(ResourceType::user().replace_with(&user(), &body, &options).is_err());
                assert!(ResourceType::user().replace_with(&body, &user(), &options).is_err());
                let patch = patch(json!({"op": "add", "path": name, "value": "x"}), &options);
                let _ = patch.apply(&mut body, &ResourceType::user());
                let operation = with(json!({"op": "add"}), "value", body);
                let request = with(json!({"schemas": [Patch::SCHEMA]}), "Operations", Value::Array(vec![operation]));
                assert!(Patch::parse_with(&request, &options).is_err());
                drop_flat(request);
            }
        }
    });
}

/// A host may replay changes on a copy that it did not get from the engine.
#[test]
fn documents_of_changes() {
    each(|wrap| {
        for path in ["title", "emails", "name.givenName", "unknown", "schemas"] {
            let change: Change =
                serde_json::from_value(json!({"path": path, "added": ["x"], "removed": ["y"]})).unwrap();
            for name in ["emails", "name", "unknown", "schemas"] {
                let mut document = with(user(), name, nested(DEEP, wrap));
                let _ = change.apply(&mut document, &ResourceType::user());
                drop_flat(document);
            }
        }
    });
}

#[test]
fn json_text() {
    finishes(|| {
        for (open, close) in [("[", "]"), ("{\"emails\":", "}"), ("[{\"value\":", "}]")] {
            for levels in [60, 120, DEEP] {
                let inner = format!("{}1{}", open.repeat(levels), close.repeat(levels));
                let options = Options::default().unknown(UnknownMembers::Keep);
                let body = format!(
                    "{{\"schemas\":[\"{}\"],\"Operations\":[{{\"op\":\"add\",\"value\":{{\"x\":{inner}}}}}]}}",
                    Patch::SCHEMA
                );
                let patch = Patch::from_slice_with(body.as_bytes(), &options);
                assert!(patch.is_ok() == (levels * open.matches(['[', '{']).count() == 60), "{open} {levels}");
                let body = format!("{{\"userName\":\"x\",\"x\":{inner}}}");
                let created = ResourceType::user().create_from_slice_with(body.as_bytes(), &options);
                assert!(created.is_ok() == (levels * open.matches(['[', '{']).count() == 60), "{open} {levels}");
                assert!(
                    ResourceType::user().replace_from_slice_with(&user(), body.as_bytes(), &options).is_ok()
                        == created.is_ok()
                );
                // A string that holds JSON does not evade the limit.
                let body = json!({"userName": "x", "name": format!("{{\"x\":{inner}}}")});
                if let Ok(created) = ResourceType::user().create_with(&body, &options) {
                    assert!(depth(&created.resource) <= options.limits.depth, "{}", depth(&created.resource));
                }
            }
        }
    });
}

#[test]
fn schemas_of_the_host() {
    each(|wrap| {
        let attributes = (0..DEEP).fold(json!([{"name": "a"}]), |inner, _| {
            Value::Array(vec![with(json!({"name": "a", "type": "complex"}), "subAttributes", inner)])
        });
        let schema = with(json!({"id": "urn:x"}), "attributes", attributes);
        assert!(Schema::from_value(&schema).is_err());
        drop_flat(schema);
        let schema = with(json!({"id": "urn:x", "attributes": []}), "meta", nested(DEEP, wrap));
        assert!(Schema::from_value(&schema).is_ok());
        drop_flat(schema);
    });
}
