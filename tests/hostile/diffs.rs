//! Differences of large resources: the time is that of their size.

use scim_engine::{Options, Patch, ResourceError, ResourceType};
use serde_json::{Value, json};

use super::{SMALL, finishes_on, unlimited};

/// The body of the PATCH from one resource to another.
fn diff(old: &Value, new: &Value, resource_type: &ResourceType) -> Result<Option<Value>, ResourceError> {
    Patch::between(old, new, resource_type).map(|patch| patch.map(|patch| json!(patch)))
}

const MANY: usize = 50_000;

fn group(members: impl Iterator<Item = Value>) -> Value {
    let mut group = json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "Crew"});
    group["members"] = members.collect();
    group
}

fn user(attribute: &str, elements: impl Iterator<Item = Value>) -> Value {
    let mut user = json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "x"});
    user[attribute] = elements.collect();
    user
}

/// The operations from one to the other; applied, nothing is left to do.
fn operations(old: &Value, new: &Value, resource_type: &ResourceType) -> Vec<Value> {
    let Some(body) = diff(old, new, resource_type).unwrap() else { return Vec::new() };
    let mut resource = old.clone();
    let patch = Patch::parse_with(&body, &Options::strict().limits(unlimited())).unwrap();
    patch.apply(&mut resource, resource_type).unwrap();
    assert_eq!(diff(&resource, new, resource_type).unwrap(), None);
    body["Operations"].as_array().unwrap().clone()
}

#[test]
fn a_large_group() {
    finishes_on(SMALL, || {
        let member = |n: usize| json!({"value": format!("u{n}"), "display": format!("Name {n}"), "type": "User"});
        let kind = ResourceType::group();
        let old = group((0..MANY).map(member));
        assert!(operations(&old, &group((0..MANY).rev().map(member)), &kind).is_empty());
        let few = operations(&old, &group((5..MANY + 5).map(member)), &kind);
        assert_eq!(few.len(), 6);
        assert_eq!(few[5]["value"].as_array().unwrap().len(), 5);
        let more = operations(&old, &group((9_000..MANY).map(member)), &kind);
        assert_eq!(more.len(), 9_000);
        // More operations than a provider takes: the list is replaced.
        let most = operations(&old, &group((MANY / 2..MANY).map(member)), &kind);
        assert_eq!((most.len(), &most[0]["op"]), (1, &json!("replace")));
        let others = operations(&old, &group((MANY..2 * MANY).map(member)), &kind);
        assert_eq!((others.len(), &others[0]["op"]), (1, &json!("replace")));
        let typed =
            operations(&old, &group((0..MANY).map(|n| json!({"value": format!("u{n}"), "type": "Group"}))), &kind);
        // The type of a member is immutable: all go, and come anew.
        assert_eq!(typed.len(), 2);
    });
}

#[test]
fn elements_that_are_alike() {
    finishes_on(SMALL, || {
        let kind = ResourceType::user();
        let lists: [fn(usize) -> Value; 6] = [
            |_| json!({"value": "a", "type": "work"}),
            |n| json!({"value": "a", "type": format!("t{n}")}),
            |n| json!({"value": "A", "type": format!("t{n}"), "display": "x"}),
            |n| json!({"type": format!("t{n}")}),
            |n| json!({"value": format!("a{n}"), "display": "x"}),
            |n| json!({"value": format!("b{n}"), "display": "x"}),
        ];
        for a in lists {
            for b in lists {
                let (old, new) = (user("emails", (0..MANY / 20).map(a)), user("emails", (0..MANY / 20).map(b)));
                diff(&old, &new, &kind).unwrap();
            }
        }
        let address = |n: usize| json!({"locality": format!("l{n}"), "country": "NO"});
        let old = user("addresses", (0..MANY / 10).map(address));
        let new = user("addresses", (1..MANY / 10).map(address));
        assert_eq!(operations(&old, &new, &kind).len(), 1);
    });
}

#[test]
fn many_urns() {
    finishes_on(SMALL, || {
        let kind = ResourceType::user();
        let urns = |from: usize| {
            let urns = (from..from + MANY).map(|n| format!("urn:example:{n}"));
            let core = "urn:ietf:params:scim:schemas:core:2.0:User".to_owned();
            json!({"userName": "x", "schemas": std::iter::once(core).chain(urns).collect::<Vec<_>>()})
        };
        diff(&urns(0), &urns(MANY), &kind).unwrap();
        assert_eq!(operations(&urns(0), &json!({"userName": "x"}), &kind).len(), 0);
    });
}

#[test]
fn values_that_are_not_resources() {
    let kind = ResourceType::user();
    for (old, new) in [(json!([]), json!({})), (json!({}), json!(null)), (json!({}), json!("x"))] {
        assert!(diff(&old, &new, &kind).unwrap_err().to_string().contains("must be an object"));
    }
    let mut deep = json!("x");
    for _ in 0..200 {
        deep = json!([deep]);
    }
    let error = diff(&json!({}), &json!({"title": deep}), &kind).unwrap_err();
    assert!(error.to_string().contains("too deep"), "{error}");
}
