//! Suites of checks that vendors publish, played request by request with a person and a group of their own, which are deleted
//! at the end.

#![expect(
    clippy::redundant_closure_for_method_calls,
    reason = "a method of `Judge` takes the lifetime of what it holds as given: only a closure is general enough"
)]

mod entra;
mod judge;
mod microsoft;
mod okta;

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::context::{Answer, Context, Move};
use super::dialect;
use super::plan::Client;
use super::request::Draft;
use super::session::{Job, Kind};
use crate::schema::{ResourceType, Schema};
use crate::{Options, Patch};
use judge::Judge;
pub(super) use okta::NO_TOKEN;

/// The prefix of the name of a check that an endpoint may fail.
pub(super) const OPTIONAL: &str = "optional: ";

/// Makes a request from what earlier answers have said.
type Make = Box<dyn Fn(&Memory) -> Option<Draft> + Send>;

/// A request of a check, and the judgement of its answer.
struct Step {
    /// The name of the check, as its vendor writes it.
    name: &'static str,
    /// Returns none if an earlier step that it needs has failed, or if the endpoint does not have the attribute.
    send: Make,
    judge: Box<dyn Fn(&mut Judge<'_>) + Send>,
}

fn step(
    name: &'static str,
    send: impl Fn(&Memory) -> Option<Draft> + Send + 'static,
    judge: impl Fn(&mut Judge<'_>) + Send + 'static,
) -> Step {
    Step { name, send: Box::new(send), judge: Box::new(judge) }
}

/// What the suite remembers of earlier answers.
#[derive(Default)]
struct Memory {
    /// The ids of the resources that were created or were left over by an earlier run.
    ids: HashMap<&'static str, String>,
    /// The contents that each resource should have by now.
    bodies: HashMap<&'static str, Value>,
    /// The user attributes of the endpoint's schemas, in lower case; none if the endpoint does not declare them.
    declared: Option<HashSet<String>>,
    /// Whether the answer to the last creation was lost, so that the resource is to be looked up.
    is_lost: bool,
    /// Whether the last change was refused.
    is_refused: bool,
}

impl Memory {
    fn id(&self, key: &str) -> Option<&str> {
        self.ids.get(key).map(String::as_str)
    }

    fn user(&self, key: &str) -> Option<String> {
        self.id(key).map(dialect::user_path)
    }

    fn group(&self, key: &str) -> Option<String> {
        self.id(key).map(dialect::group_path)
    }

    /// Whether the endpoint has the attributes that a path names, those of its filter included.
    fn has(&self, path: &str) -> bool {
        let Some(declared) = &self.declared else { return true };
        let path = path.to_lowercase();
        let Some((attribute, rest)) = path.split_once('[') else { return declared.contains(&path) };
        let by = rest.split(' ').next().unwrap_or_default();
        let sub = rest.rsplit("].").next().unwrap_or_default();
        [by, sub].iter().all(|sub| declared.contains(&format!("{attribute}.{sub}")))
    }

    /// Applies operations to the expected contents of a resource.
    fn change(&mut self, key: &'static str, operations: &[Value]) {
        if let Some(body) = self.bodies.get_mut(key) {
            apply(body, operations);
        }
    }
}

/// Applies operations to a user as a correct endpoint would.
fn apply(body: &mut Value, operations: &[Value]) {
    let mut options = Options::default();
    options.tolerance.replace_creates = true;
    let patch = Patch::parse_with(&dialect::patch_of(operations.to_vec()), &options);
    let done = patch.and_then(|patch| patch.apply(body, &ResourceType::user()));
    debug_assert!(done.is_ok(), "{done:?}: {operations:?}");
}

fn get(path: String) -> Draft {
    Draft::get("", path)
}

fn post(path: &str, body: Value) -> Draft {
    Draft::with_body("", "POST", path.to_owned(), body)
}

fn patch(path: String, operations: &[Value]) -> Draft {
    Draft::with_body("", "PATCH", path, dialect::patch_of(operations.to_vec()))
}

fn delete(path: String) -> Draft {
    Draft::delete("", path)
}

fn users_by(attribute: &str, value: &str) -> Draft {
    get(format!("/Users?filter={}", dialect::percent(&dialect::eq(attribute, value))))
}

fn groups_by(display_name: &str) -> Draft {
    get(format!("/Groups?filter={}", dialect::percent(&dialect::eq("displayName", display_name))))
}

/// Deletes what an interrupted earlier run has left.
fn clear(users: &[&'static str], groups: &[&'static str]) -> Vec<Step> {
    const NAME: &str = "what an earlier run has left";
    let mut steps = Vec::new();
    for name in users.iter().copied() {
        steps.push(step(
            NAME,
            move |_| Some(users_by("userName", name)),
            move |judge| {
                judge.left_over("userName", name);
            },
        ));
        steps.push(step(NAME, |memory| memory.user("left").map(delete), |judge| judge.cleared()));
    }
    for name in groups.iter().copied() {
        steps.push(step(
            NAME,
            move |_| Some(groups_by(name)),
            move |judge| {
                judge.left_over("displayName", name);
            },
        ));
        steps.push(step(NAME, |memory| memory.group("left").map(delete), |judge| judge.cleared()));
    }
    steps
}

/// Looks up a user whose creation was repeated after the connection broke, so that the id is not known.
fn my_user(name: &'static str, key: &'static str, user_name: &'static str) -> Step {
    let send = move |memory: &Memory| memory.is_lost.then(|| users_by("userName", user_name));
    step(name, send, move |judge| judge.mine(key, "userName", user_name))
}

/// A suite, played check by check.
pub(super) struct Suite {
    steps: std::vec::IntoIter<Step>,
    now: Option<Step>,
    memory: Memory,
}

impl Suite {
    /// The steps of a client that is a suite, or the further requests to test an endpoint for Entra with.
    pub(super) fn of(client: Client) -> Self {
        let steps = match client {
            Client::MicrosoftValidator => microsoft::steps(),
            Client::OktaSpec => okta::steps(),
            Client::Entra => entra::steps(),
            Client::OneLogin | Client::Okta | Client::JumpCloud => Vec::new(),
        };
        Self { steps: steps.into_iter(), now: None, memory: Memory::default() }
    }
}

impl Job for Suite {
    fn kind(&self) -> Kind {
        Kind::Probe
    }

    fn subject(&self, _cx: &Context) -> String {
        String::new()
    }

    fn step(&mut self, cx: &mut Context, answer: Option<&Answer>) -> Move {
        if let (Some(answer), Some(step)) = (answer, self.now.take()) {
            (step.judge)(&mut Judge { cx, answer, memory: &mut self.memory });
        }
        for step in self.steps.by_ref() {
            if let Some(draft) = (step.send)(&self.memory) {
                let draft = Draft { step: step.name, ..draft };
                self.now = Some(step);
                return Move::Send(draft);
            }
        }
        Move::Finish(None, None)
    }
}

/// The user attributes that `/Schemas` declares, as paths in lower case; none if it does not declare `userName`.
fn declared(schemas: &[Value]) -> Option<HashSet<String>> {
    fn text<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
        value.get(name)?.as_str()
    }
    fn names<'a>(of: &'a Value, list: &str) -> impl Iterator<Item = (&'a str, &'a Value)> {
        let all = of.get(list).and_then(Value::as_array).into_iter().flatten();
        let can_be_written = all.filter(|attribute| text(attribute, "mutability") != Some("readOnly"));
        // No suite asks for a longer name, so a server cannot make the set large with long ones.
        let named = can_be_written.filter_map(|attribute| Some((text(attribute, "name")?, attribute)));
        named.filter(|(name, _)| name.len() <= 64)
    }
    let mut found = HashSet::new();
    for schema in schemas {
        let prefix = match text(schema, "id") {
            Some(Schema::USER) => String::new(),
            Some(Schema::ENTERPRISE_USER) => format!("{}:", Schema::ENTERPRISE_USER),
            _ => continue,
        };
        for (name, attribute) in names(schema, "attributes") {
            let path = format!("{prefix}{name}").to_lowercase();
            found.extend(names(attribute, "subAttributes").map(|(sub, _)| format!("{path}.{}", sub.to_lowercase())));
            found.insert(path);
        }
    }
    // `externalId` belongs to every resource, and no schema declares it.
    found.insert("externalid".to_owned());
    found.contains("username").then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_schemas_tell() {
        let memory = Memory {
            declared: declared(&[
                json!({"id": Schema::USER, "attributes": [
                    {"name": "userName"}, {"name": "displayName", "mutability": "readOnly"},
                    {"name": "emails", "subAttributes": [{"name": "value"}, {"name": "type"}]}]}),
                json!({"id": Schema::ENTERPRISE_USER, "attributes": [{"name": "department"}]}),
                json!({"id": Schema::GROUP, "attributes": [{"name": "members"}]}),
            ]),
            ..Memory::default()
        };
        for path in [
            "emails",
            "emails[type eq \"work\"].value",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
        ] {
            assert!(memory.has(path), "{path}");
        }
        for path in
            ["displayName", "emails[primary eq true].value", "emails[type eq \"work\"].display", "members", "title"]
        {
            assert!(!memory.has(path), "{path}");
        }
        // Names that no suite asks for take no memory, however long they are.
        let subs: Vec<_> = (0..1000).map(|index| json!({"name": format!("s{index}")})).collect();
        let long = json!({"name": "x".repeat(100_000), "subAttributes": subs});
        let user = json!({"id": Schema::USER, "attributes": [{"name": "userName"}, long]});
        assert_eq!(declared(&[user]).map(|found| found.len()), Some(2));
        assert!(declared(&[]).is_none() && Memory::default().has("title"));
    }
}
