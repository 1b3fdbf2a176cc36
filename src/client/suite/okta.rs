//! Okta's "SCIM 2.0 SPEC Test", with the requests and checks of the file that Okta publishes for BlazeMeter (once Runscope),
//! but without its limits on response times. Okta's test leaves the user that it creates; here the user is deleted.

use serde_json::{Value, json};

use super::judge::Judge;
use super::memory::Memory;
use super::steps::{SuiteStep, clear, delete, get, my_user, post, step, users_by};
use crate::client::check;
use crate::client::finding::Code;
use crate::client::request::Draft;
use crate::client::step::NO_TOKEN;
use crate::coerce::members::member;
use crate::schema::Schema;

const NAME: &str = "okta-spec-7f3a91c4@nowhere.example";
const CAPITALS: &str = "OKTA-SPEC-7F3A91C4@NOWHERE.EXAMPLE";
const NOBODY: &str = "okta-spec-nobody-7f3a91c4@nowhere.example";

fn body() -> Value {
    json!({
        "schemas": [Schema::USER],
        "userName": NAME,
        "name": {"givenName": "Mara", "familyName": "Quill"},
        "emails": [{"primary": true, "value": NAME, "type": "work"}],
        "displayName": "Mara Quill",
        "active": true,
    })
}

/// The request that creates the user. Okta's file sends its body as `application/json`, although it expects
/// `application/scim+json` in the answer.
fn create() -> Draft {
    post("/Users", body()).header("Content-Type", "application/json")
}

fn by_name(name: &'static str) -> impl Fn(&Memory) -> Option<Draft> {
    move |_| Some(users_by("userName", name))
}

pub(super) fn steps() -> Vec<SuiteStep> {
    let mut steps = clear(&[NAME], &[]);
    steps.extend([
        step("Test Users endpoint", |_| Some(get("/Users?count=1&startIndex=1".to_owned())), first_page),
        step(
            "Get Users/{{id}}",
            |memory| memory.user("there").map(get),
            |judge| {
                if judge.success() {
                    judge.same_id("there");
                    if let Some(user) = judge.answer.value.clone() {
                        whole(judge, &user);
                    }
                }
            },
        ),
        step("Test invalid User by username", by_name(NOBODY), |judge| judge.nobody("userName", NOBODY)),
        step(
            "Test invalid User by ID",
            |_| Some(get("/Users/no-such-id-7f3a91c4".to_owned())),
            |judge| judge.not_found(),
        ),
        step("Make sure random user doesn't exist", by_name(NAME), |judge| judge.nobody("userName", NAME)),
        step(
            "Create Okta user with realistic values",
            |_| Some(create()),
            |judge| {
                judge.created_user("user", &body());
                if let Some(user) = judge.answer.value.clone().filter(|_| judge.answer.is_success()) {
                    check::user(judge.cx, judge.answer, &user);
                }
            },
        ),
        my_user("Create Okta user with realistic values", "user", NAME),
        step("Verify that user was created", |memory| memory.user("user").map(get), |judge| judge.read_user("user")),
        step(
            "Expect failure when recreating user with same values",
            |_| Some(create()),
            |judge| judge.conflict("user"),
        ),
        step("Username Case Sensitivity Check", by_name(CAPITALS), |judge| {
            if judge.success() {
                check::list(judge.cx, judge.answer);
            }
        }),
        step(
            "optional: Verify Groups endpoint",
            |_| Some(get("/Groups".to_owned())),
            |judge| {
                if judge.success() {
                    check::list(judge.cx, judge.answer);
                }
            },
        ),
        step(
            NO_TOKEN,
            |_| Some(users_by("userName", CAPITALS).header("Authorization", "non-token")),
            |judge| match judge.answer.status {
                401 => judge.detail(),
                status => judge.note(Code::TokenIgnored, format!("status {status} to a request without a valid token")),
            },
        ),
        step("Check status 404", |_| Some(get("/Users/00919288221112222".to_owned())), |judge| judge.not_found()),
        step("clean up", |memory| memory.user("left").map(delete), |judge| judge.cleared()),
        step("clean up", |memory| memory.user("user").map(delete), |judge| judge.deleted()),
    ]);
    steps
}

/// Checks the first page of users, and that its first user has all the attributes that Okta reads.
fn first_page(judge: &mut Judge<'_>) {
    if !judge.success() {
        return;
    }
    let resources = check::list(judge.cx, judge.answer);
    for name in ["itemsPerPage", "startIndex"] {
        let found = judge.answer.member(name);
        if !found.is_some_and(Value::is_number) {
            let found = found.map_or_else(|| "not there".to_owned(), check::short);
            judge.note(Code::ListResponse, format!("`{name}` is {found}"));
        }
    }
    match resources.first() {
        None => judge.note(Code::NobodyThere, "no user in `Resources`"),
        Some(user) => {
            if let Some(id) = check::user(judge.cx, judge.answer, user) {
                judge.memory.ids.insert("there", id);
            }
            whole(judge, user);
        }
    }
}

/// Checks the attributes that Okta requires in addition to `id`, `userName` and `name`.
fn whole(judge: &mut Judge<'_>, user: &Value) {
    let Some(object) = user.as_object() else { return };
    let email = member(object, "emails").and_then(Value::as_array).and_then(|emails| emails.first());
    let address = email.and_then(Value::as_object).and_then(|email| member(email, "value"));
    for (name, value) in [("active", member(object, "active")), ("emails", address)] {
        if value.is_none_or(Value::is_null) {
            judge.cx.note_value(
                Code::ValueMissing,
                judge.answer,
                name,
                format!("no `{name}` in {}", check::short(user)),
            );
        }
    }
}
