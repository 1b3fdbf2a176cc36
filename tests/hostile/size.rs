//! Requests and documents that are large, and repeat themselves.

use scim_engine::{Filter, Limits, Options, Patch, PatchError, ResourceType, ScimType, UnknownMembers};
use serde_json::{Map, Value, json};

use super::{SMALL, USUAL, finishes, finishes_on, unlimited};

const MEMBERS: usize = 100_000;
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

fn group(members: Vec<Value>) -> Value {
    let mut group = json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "Crew"});
    group["members"] = Value::Array(members);
    group
}

fn member(n: usize) -> Value {
    json!({"value": format!("u{n}"), "display": format!("Name {n}"), "type": "User"})
}

fn user() -> Value {
    json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "id": "u1", "userName": "x"})
}

fn request(operations: Vec<Value>) -> Value {
    let mut body = json!({"schemas": [Patch::SCHEMA]});
    body["Operations"] = Value::Array(operations);
    body
}

fn raised() -> Options {
    Options::default().limits(unlimited())
}

fn apply_to_group(operations: Vec<Value>, options: &Options, group: &mut Value) -> Result<bool, PatchError> {
    let patch = Patch::parse_with(&request(operations), options)?;
    Ok(patch.apply(group, &ResourceType::group())?.changed)
}

fn apply_to_user(operations: Vec<Value>, user: &mut Value) -> Result<bool, PatchError> {
    let patch = Patch::parse(&request(operations))?;
    Ok(patch.apply(user, &ResourceType::user())?.changed)
}

fn count(document: &Value, attribute: &str) -> usize {
    document.get(attribute).map_or(0, |list| list.as_array().unwrap().len())
}

#[test]
fn too_many_operations() {
    finishes(|| {
        let operations = vec![json!({"op": "replace", "path": "displayName", "value": "x"}); 100_000];
        let error = Patch::parse(&request(operations)).unwrap_err();
        assert!(error.to_string().contains("too many"), "{error}");
        let members: Vec<Value> =
            (0..100_000).map(|n| json!({"value": format!("u{n}"), "operation": "delete"})).collect();
        let error = Patch::parse(&json!({"members": members})).unwrap_err();
        assert!(error.to_string().contains("too many"), "{error}");
    });
}

#[test]
fn many_operations_on_a_large_group() {
    finishes_on(SMALL, || {
        let operations = |make: fn(usize) -> Value| (0..100_000).map(make).collect::<Vec<_>>();
        let mut all = group((0..MEMBERS).map(member).collect());
        let removals =
            operations(|n| json!({"op": "remove", "path": format!("members[value eq \"u{}\"]", n * 7 % MEMBERS)}));
        assert!(apply_to_group(removals, &raised(), &mut all).unwrap());
        assert_eq!(count(&all, "members"), 0);
        let additions = operations(|n| json!({"op": "add", "path": "members", "value": [{"value": format!("u{n}")}]}));
        assert!(apply_to_group(additions, &raised(), &mut all).unwrap());
        assert_eq!(count(&all, "members"), MEMBERS);
        let same = operations(|_| json!({"op": "replace", "path": "displayName", "value": "Other"}));
        assert!(apply_to_group(same, &raised(), &mut all).unwrap());
    });
}

/// P19: what counts is the size of the group and of the request, not their product, whatever the operations are.
#[test]
fn mixed_operations_on_a_large_group() {
    finishes_on(SMALL, || {
        let mut all = group((0..MEMBERS).map(member).collect());
        let operations = (0..10_000).map(|n| match n % 5 {
            0 => json!({"op": "add", "path": "members", "value": [{"value": format!("v{n}")}]}),
            1 => json!({"op": "remove", "path": format!("members[value eq \"u{n}\"]")}),
            2 => json!({"op": "remove", "path": "members", "value": [{"value": format!("u{n}")}]}),
            3 => json!({"op": "replace", "path": format!("members[value eq \"u{n}\" and type eq \"User\"]"),
                        "value": {"value": format!("w{n}"), "type": "User"}}),
            _ => json!({"op": "remove", "path": format!("members[display eq \"Name {n}\"]")}),
        });
        assert!(apply_to_group(operations.collect(), &Options::default(), &mut all).unwrap());
        assert_eq!(count(&all, "members"), MEMBERS + 2000 - 3 * 2000);
    });
}

/// Filters that no index answers are bounded, not endless.
#[test]
fn filters_that_look_at_every_member() {
    finishes_on(USUAL, || {
        let mut limits = Limits::default();
        limits.visited_bytes = 1_000_000;
        let options = Options::default().limits(limits);
        for path in ["members[value co \"zz\"]", "members[not (value pr)]", "members[value eq \"a\" or value eq \"b\"]"]
        {
            let mut all = group((0..MEMBERS).map(member).collect());
            let operations = vec![json!({"op": "remove", "path": path}); 1000];
            let error = apply_to_group(operations, &options, &mut all).unwrap_err();
            assert_eq!(error.scim_type(), Some(ScimType::TooMany));
            assert_eq!(count(&all, "members"), MEMBERS);
        }
    });
}

/// Operations on a sub-attribute of every element look at every element too: they count, or are cheap.
#[test]
fn operations_on_every_element() {
    finishes_on(USUAL, || {
        let emails: Vec<Value> = (0..MEMBERS).map(|n| json!({"value": format!("m{n}"), "type": "work"})).collect();
        let mut user = user();
        user["emails"] = Value::Array(emails);
        let operations = |op: Value| vec![op; 10_000];
        let text = user["emails"][5].to_string();
        for op in [
            json!({"op": "replace", "path": "emails.type", "value": "work"}),
            json!({"op": "remove", "path": "emails.display"}),
        ] {
            match apply_to_user(operations(op), &mut user) {
                Ok(changed) => assert!(!changed),
                Err(error) => assert_eq!(error.scim_type(), Some(ScimType::TooMany)),
            }
            assert_eq!(user["emails"][5].to_string(), text);
        }
    });
}

/// Attributes that only the provider sets are compared, not copied, however often a client sends them.
#[test]
fn read_only_sub_attributes_of_a_large_group() {
    finishes_on(USUAL, || {
        let mut all = group((0..MEMBERS).map(member).collect());
        let op = json!({"op": "replace", "path": "members[value eq \"u7\"].display", "value": "Name 7"});
        match apply_to_group(vec![op; 10_000], &Options::default(), &mut all) {
            Ok(changed) => assert!(!changed),
            Err(error) => assert_eq!(error.scim_type(), Some(ScimType::TooMany)),
        }
    });
}

#[test]
fn members_that_are_all_the_same() {
    finishes_on(USUAL, || {
        let same = vec![json!({"value": "u1"}); MEMBERS];
        let mut all = group(same.clone());
        let value = Value::Array(same);
        let mut add = json!({"op": "add", "path": "members"});
        add["value"] = value;
        assert!(!apply_to_group(vec![add.clone()], &Options::default(), &mut all).unwrap());
        let mut none = group(Vec::new());
        assert!(apply_to_group(vec![add.clone()], &Options::default(), &mut none).unwrap());
        assert_eq!(count(&none, "members"), 1);
        add["op"] = "remove".into();
        assert!(apply_to_group(vec![add], &Options::default(), &mut all).unwrap());
        assert_eq!(count(&all, "members"), 0);
    });
}

/// The same value under 50,000 types: no two are the same element, all share a place in an index by value.
#[test]
fn one_value_of_many_types() {
    finishes_on(USUAL, || {
        let emails: Vec<Value> =
            (0..50_000).map(|n| json!({"value": "a@example.com", "type": format!("t{n}")})).collect();
        for op in ["add", "replace"] {
            let mut user = user();
            let mut operation = json!({"op": op, "path": "emails"});
            operation["value"] = Value::Array(emails.clone());
            assert!(apply_to_user(vec![operation], &mut user).unwrap());
            assert_eq!(count(&user, "emails"), emails.len());
        }
    });
}

#[test]
fn one_value_of_many_types_replaced() {
    finishes_on(USUAL, || {
        let emails = |display: &str| -> Value {
            (0..50_000)
                .map(|n| json!({"value": "a@example.com", "type": format!("t{n}"), "display": display}))
                .collect()
        };
        let (mut stored, mut body) = (user(), user());
        stored["emails"] = emails("x");
        body["emails"] = emails("y");
        let written = ResourceType::user().replace(&stored, &body).unwrap();
        assert_eq!(written.outcome.changes[0].replaced.len(), 50_000);
    });
}

/// Elements without a `value` are told apart as a whole: by a hash, not one by one.
#[test]
fn many_elements_without_a_value() {
    finishes_on(USUAL, || {
        let addresses: Vec<Value> = (0..50_000).map(|n| json!({"locality": format!("L{n}")})).collect();
        for op in ["add", "replace"] {
            let mut user = user();
            let mut operation = json!({"op": op, "path": "addresses"});
            operation["value"] = Value::Array(addresses.clone());
            assert!(apply_to_user(vec![operation], &mut user).unwrap());
            assert_eq!(count(&user, "addresses"), addresses.len());
        }
    });
}

#[test]
fn many_unknown_members() {
    finishes_on(USUAL, || {
        let many: Map<String, Value> = (0..100_000).map(|n| (format!("unknown{n}"), json!("x"))).collect();
        let mut body = user();
        body.as_object_mut().unwrap().extend(many.clone());
        body[ENTERPRISE] = Value::Object(many.clone());
        body["name"] = Value::Object(many.clone());
        for unknown in [UnknownMembers::Ignore, UnknownMembers::Keep] {
            let options = Options::default().unknown(unknown);
            assert!(ResourceType::user().create_with(&body, &options).is_err());
            assert!(ResourceType::user().replace_with(&user(), &body, &options).is_err());
            let few: Map<String, Value> = many.clone().into_iter().take(options.limits.members).collect();
            let mut body = user();
            body[ENTERPRISE] = Value::Object(few.clone());
            body["name"] = Value::Object(few);
            ResourceType::user().create_with(&body, &options).unwrap();
            ResourceType::user().replace_with(&user(), &body, &options).unwrap();
        }
    });
}

#[test]
fn many_unknown_members_of_a_patch() {
    finishes_on(USUAL, || {
        let many: Map<String, Value> = (0..100_000).map(|n| (format!("unknown{n}"), json!("x"))).collect();
        for unknown in [UnknownMembers::Ignore, UnknownMembers::Keep] {
            let options = Options::default().unknown(unknown);
            let mut operation = json!({"op": "add"});
            operation["value"] = Value::Object(many.clone());
            assert!(Patch::parse_with(&request(vec![operation.clone()]), &options).is_err());
            operation["value"] = many.clone().into_iter().take(options.limits.members).collect();
            let mut user = user();
            let patch = Patch::parse_with(&request(vec![operation]), &options).unwrap();
            patch.apply(&mut user, &ResourceType::user()).unwrap();
        }
    });
}

#[test]
fn many_urns() {
    finishes_on(USUAL, || {
        let urns: Vec<Value> = (0..100_000).map(|n| format!("urn:example:{n}").into()).collect();
        for unknown in [UnknownMembers::Ignore, UnknownMembers::Keep] {
            let options = Options::default().unknown(unknown);
            let mut body = user();
            body["schemas"] = Value::Array(urns.clone());
            ResourceType::user().create_with(&body, &options).unwrap();
            let mut operation = json!({"op": "add", "path": "schemas"});
            operation["value"] = Value::Array(urns.clone());
            let mut user = user();
            let patch = Patch::parse_with(&request(vec![operation]), &options).unwrap();
            patch.apply(&mut user, &ResourceType::user()).unwrap();
        }
    });
}

/// Clients send back what they were given, `groups` included.
#[test]
fn many_groups_sent_back() {
    finishes_on(USUAL, || {
        let groups: Value = (0..50_000).map(|n| json!({"value": format!("g{n}"), "display": "Crew"})).collect();
        let mut stored = user();
        stored["groups"] = groups;
        let written = ResourceType::user().replace(&stored, &stored).unwrap();
        assert!(!written.outcome.changed && written.outcome.repairs.is_empty());
        let mut operation = json!({"op": "replace"});
        operation["value"] = stored.clone();
        assert!(!apply_to_user(vec![operation], &mut stored).unwrap());
    });
}

#[test]
fn many_primaries() {
    finishes(|| {
        let emails: Vec<Value> = (0..10_000).map(|n| json!({"value": format!("m{n}"), "primary": true})).collect();
        let mut body = user();
        body["emails"] = Value::Array(emails.clone());
        assert_eq!(ResourceType::user().create(&body).unwrap_err().scim_type(), Some(ScimType::InvalidValue));
        let mut add = json!({"op": "add", "path": "emails"});
        add["value"] = Value::Array(emails.clone());
        assert_eq!(apply_to_user(vec![add], &mut user()).unwrap_err().scim_type(), Some(ScimType::InvalidValue));
        // Stored so, by whatever way: the next primary is the only one.
        let one = json!({"op": "add", "path": "emails", "value": {"value": "new", "primary": true}});
        assert!(apply_to_user(vec![one], &mut body).unwrap());
        let primaries = body["emails"].as_array().unwrap().iter().filter(|email| email["primary"] == true).count();
        assert_eq!(primaries, 1);
        // One after the other.
        let mut user = user();
        let add = |email: &Value| json!({"op": "add", "path": "emails", "value": email});
        assert!(apply_to_user(emails.iter().map(add).collect(), &mut user).unwrap());
        let primaries = user["emails"].as_array().unwrap().iter().filter(|email| email["primary"] == true).count();
        assert_eq!(primaries, 1);
    });
}

/// A large value beside the one that is changed is not copied each time.
#[test]
fn large_neighbours() {
    finishes_on(USUAL, || {
        let mut user = user();
        user["name"] = json!({"formatted": "x".repeat(1024 * 1024), "givenName": "a"});
        let operation = |n| json!({"op": "replace", "path": "name.givenName", "value": format!("g{n}")});
        assert!(apply_to_user((0..10_000).map(operation).collect(), &mut user).unwrap());
        let operation = |n| json!({"op": "add", "path": "name", "value": {"givenName": format!("h{n}")}});
        assert!(apply_to_user((0..10_000).map(operation).collect(), &mut user).unwrap());
        let mut user = json!({"userName": "x", "emails": [{"value": "a", "display": "x".repeat(1024 * 1024)}]});
        let operation = |n| json!({"op": "replace", "path": "emails[value eq \"a\"].type", "value": format!("t{n}")});
        assert!(apply_to_user((0..10_000).map(operation).collect(), &mut user).unwrap());
    });
}

/// Ten thousand times the same element.
#[test]
fn one_element_over_and_over() {
    finishes_on(USUAL, || {
        let mut user = json!({"userName": "x", "emails": [{"value": "a", "type": "work"}]});
        let operations = (0..10_000).map(|n| match n % 3 {
            0 => json!({"op": "replace", "path": "emails[value eq \"a\"].display", "value": format!("d{n}")}),
            1 => json!({"op": "remove", "path": "emails[value eq \"a\"]"}),
            _ => json!({"op": "add", "path": "emails", "value": {"value": "a", "type": "work"}}),
        });
        apply_to_user(operations.collect(), &mut user).unwrap();
        let replacements =
            (0..10_000).map(|n| json!({"op": "replace", "path": "emails", "value": [{"value": format!("a{n}")}]}));
        apply_to_user(replacements.collect(), &mut user).unwrap();
        assert_eq!(user["emails"], json!([{"value": "a9999"}]));
    });
}

#[test]
fn large_texts() {
    finishes(|| {
        let document = json!({"title": "ab".repeat(512 * 1024), "nickName": "\u{e9}b".repeat(512 * 1024)});
        for literal in ["b\u{e9}".repeat(1000), "a".repeat(4000) + "b", "x".repeat(100)] {
            for attribute in ["title", "nickName"] {
                for op in ["co", "sw", "ew", "gt"] {
                    let filter: Filter = format!("{attribute} {op} \"{literal}\"").parse().unwrap();
                    let matcher = filter.compile(&ResourceType::user()).unwrap();
                    let found = matcher.matches(&document).unwrap();
                    let text = document[attribute].as_str().unwrap();
                    if op == "co" {
                        assert_eq!(found, text.contains(&literal), "{attribute} {}", &literal[..4]);
                    }
                }
            }
        }
    });
}
