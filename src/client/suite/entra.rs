//! Requests that break endpoints, and that Entra sends if an administrator has mapped more attributes than the endpoint has:
//! `Replace` of a value that does not exist, an unknown attribute, app roles.

use serde_json::{Value, json};

use super::judge::Judge;
use super::steps::{SuiteStep, clear, delete, get, my_user, patch, post, step};
use crate::client::check;
use crate::client::finding::Code;
use crate::coerce::members::member;
use crate::schema::Schema;

const NAME: &str = "entra-test-user-7f3a91c4@nowhere.example";
const USER: &str = "probe: a user";
const REPLACE: &str = "probe: replace where nothing is";
const UNKNOWN: &str = "probe: an unknown attribute";
const ROLE: &str = "probe: an app role";

fn body() -> Value {
    json!({
        "schemas": [Schema::USER],
        "externalId": "entra-7f3a91c4",
        "userName": NAME,
        "name": {"givenName": "Entra", "familyName": "Test"},
        "emails": [{"primary": true, "type": "work", "value": NAME}],
        "active": true,
        "meta": {"resourceType": "User"},
    })
}

/// Changes the user, and reads the user afterwards. After a refusal nothing has changed, so the user is not read.
fn change(
    name: &'static str,
    operations: Value,
    refused: Code,
    judge: impl Fn(&mut Judge<'_>) + Send + 'static,
) -> [SuiteStep; 2] {
    [
        step(
            name,
            move |memory| Some(patch(memory.user("user")?, operations.as_array()?)),
            move |judge| {
                judge.memory.is_refused = !judge.answer.is_success();
                if judge.memory.is_refused {
                    let found = check::refusal(judge.answer);
                    judge.note(refused, found);
                }
            },
        ),
        step(name, |memory| memory.user("user").filter(|_| !memory.is_refused).map(get), judge),
    ]
}

pub(super) fn steps() -> Vec<SuiteStep> {
    let mut steps = clear(&[NAME], &[]);
    steps.push(step(USER, |_| Some(post("/Users", body())), |judge| judge.created_user("user", &body())));
    steps.push(my_user(USER, "user", NAME));
    steps.extend(change(
        REPLACE,
        json!([
            {"op": "Replace", "path": "addresses[type eq \"work\"].formatted", "value": "Pier 9"},
            {"op": "Replace", "path": "active", "value": "False"},
        ]),
        Code::ReplaceRefused,
        |judge| {
            if judge.success() {
                judge.inactive(judge.answer.object());
            }
        },
    ));
    steps.extend(change(
        UNKNOWN,
        json!([
            {"op": "Replace", "path": "active", "value": "True"},
            {"op": "Add", "path": "preferredLang", "value": "da"},
        ]),
        Code::UnknownRefused,
        |judge| judge.read_user("user"),
    ));
    steps.extend(change(
        ROLE,
        json!([{"op": "Add", "path": "roles", "value": [
            {"value": "{\"id\":\"827f0d2e\",\"value\":\"Maps-Admin\",\"displayName\":\"Maps Admin\"}"},
        ]}]),
        Code::RoleRefused,
        role,
    ));
    steps.push(step("probe: the user is deleted", |memory| memory.user("user").map(delete), |judge| judge.deleted()));
    steps
}

/// Checks that no role is stored as the JSON text that was sent. An endpoint may drop the role, or read the role's `value`
/// and `displayName` from the text.
fn role(judge: &mut Judge<'_>) {
    if !judge.success() {
        return;
    }
    let roles = judge.answer.member("roles").and_then(Value::as_array);
    let values = roles.into_iter().flatten().filter_map(|role| member(role.as_object()?, "value")?.as_str());
    let found: Vec<_> = values.map(str::to_owned).collect();
    if let Some(text) = found.iter().find(|value| value.starts_with('{')) {
        judge.note(Code::RoleText, format!("the role `{}`", check::cut(text)));
    }
}
