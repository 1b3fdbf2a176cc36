//! Requests that Entra sends where an administrator has mapped more attributes than an endpoint has, and that break
//! endpoints: `Replace` of a value that does not exist, an unknown attribute, app roles.

use serde_json::{Value, json};

use super::judge::Judge;
use super::{Memory, Step, clear, delete, get, my_user, patch, post, step};
use crate::client::check;
use crate::client::finding::Code;
use crate::client::request::Draft;
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

fn change(operations: Value) -> impl Fn(&Memory) -> Option<Draft> {
    move |memory| Some(patch(memory.user("user")?, operations.as_array()?))
}

fn read(memory: &Memory) -> Option<Draft> {
    memory.user("user").map(get)
}

/// Notes a refusal, and remembers it: the endpoint did nothing of the request, so the next step does not look for its effect.
fn taken(code: Code) -> impl Fn(&mut Judge<'_>) {
    move |judge| {
        judge.memory.ids.remove("refused");
        if !judge.answer.is_success() {
            let found = check::refusal(judge.answer);
            judge.note(code, found);
            judge.memory.ids.insert("refused", String::new());
        }
    }
}

pub(super) fn steps() -> Vec<Step> {
    let mut steps = clear(&[NAME], &[]);
    steps.extend([
        step(USER, |_| Some(post("/Users", body())), |judge| judge.created_user("user", &body())),
        my_user(USER, "user", NAME),
        step(
            REPLACE,
            change(json!([
                {"op": "Replace", "path": "addresses[type eq \"work\"].formatted", "value": "Pier 9"},
                {"op": "Replace", "path": "active", "value": "False"},
            ])),
            taken(Code::ReplaceRefused),
        ),
        step(REPLACE, unless_refused, |judge| {
            if judge.success() {
                judge.inactive(judge.answer.object());
            }
        }),
        step(
            UNKNOWN,
            change(json!([
                {"op": "Replace", "path": "active", "value": "True"},
                {"op": "Add", "path": "preferredLang", "value": "da"},
            ])),
            taken(Code::UnknownRefused),
        ),
        step(UNKNOWN, unless_refused, |judge| judge.read_user("user")),
        step(
            ROLE,
            change(json!([{"op": "Add", "path": "roles", "value": [
                {"value": "{\"id\":\"827f0d2e\",\"value\":\"Maps-Admin\",\"displayName\":\"Maps Admin\"}"},
            ]}])),
            taken(Code::RoleRefused),
        ),
        step(ROLE, unless_refused, role),
        step("probe: the user is deleted", |memory| memory.user("user").map(delete), |judge| judge.deleted()),
    ]);
    steps
}

fn unless_refused(memory: &Memory) -> Option<Draft> {
    if memory.id("refused").is_some() { None } else { read(memory) }
}

/// Checks that no role is stored as the JSON text that was sent. An endpoint may drop roles, or read the role out of the
/// text.
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
