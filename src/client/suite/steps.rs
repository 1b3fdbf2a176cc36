//! The steps of a suite, and the requests that several suites send.

use serde_json::Value;

use super::judge::Judge;
use super::memory::Memory;
use crate::client::dialect;
use crate::client::request::Draft;

/// Makes a request from the values of earlier answers.
pub(super) type Make = Box<dyn Fn(&Memory) -> Option<Draft> + Send>;

/// A request of a suite, and the check of its answer.
pub(super) struct SuiteStep {
    /// The name of the check, as its vendor writes it.
    pub(super) name: &'static str,
    /// Makes the request. None skips the step, because an earlier step that it needs has failed, or because the endpoint
    /// does not have the attribute.
    pub(super) send: Make,
    /// Checks the answer.
    pub(super) judge: Box<dyn Fn(&mut Judge<'_>) + Send>,
}

pub(super) fn step(
    name: &'static str,
    send: impl Fn(&Memory) -> Option<Draft> + Send + 'static,
    judge: impl Fn(&mut Judge<'_>) + Send + 'static,
) -> SuiteStep {
    SuiteStep { name, send: Box::new(send), judge: Box::new(judge) }
}

pub(super) fn get(path: String) -> Draft {
    Draft::get("", path)
}

pub(super) fn post(path: &str, body: Value) -> Draft {
    Draft::with_body("", "POST", path.to_owned(), body)
}

pub(super) fn patch(path: String, operations: &[Value]) -> Draft {
    Draft::with_body("", "PATCH", path, dialect::patch_of(operations.to_vec()))
}

pub(super) fn delete(path: String) -> Draft {
    Draft::delete("", path)
}

pub(super) fn users_by(attribute: &str, value: &str) -> Draft {
    get(format!("/Users?filter={}", dialect::percent(&dialect::eq(attribute, value))))
}

pub(super) fn groups_by(display_name: &str) -> Draft {
    get(format!("/Groups?filter={}", dialect::percent(&dialect::eq("displayName", display_name))))
}

/// Looks up and deletes the users and groups that an interrupted earlier run has left.
pub(super) fn clear(users: &[&'static str], groups: &[&'static str]) -> Vec<SuiteStep> {
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

/// Looks up a user whose id is not known, because the answer to the creation was lost. Otherwise the step is skipped.
pub(super) fn my_user(name: &'static str, key: &'static str, user_name: &'static str) -> SuiteStep {
    let send = move |memory: &Memory| memory.is_lost.then(|| users_by("userName", user_name));
    step(name, send, move |judge| judge.mine(key, "userName", user_name))
}
