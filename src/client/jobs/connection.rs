//! The connection test, which a client runs when an administrator sets up the connection.

use serde_json::{Value, json};

use crate::client::check;
use crate::client::context::{Answer, Context};
use crate::client::dialect;
use crate::client::finding::Code;
use crate::client::job::{Job, JobKind, Move};
use crate::client::kind::Client;
use crate::client::request::Draft;
use crate::client::resource::id_of;
use crate::client::step;
use crate::schema::Schema;

/// A `userName` that nobody has.
const NOBODY: &str = "no-such-user-7f3a91c4@nowhere.example";
/// Entra looks up a random id as `userName`. Here the id is fixed, so that every run sends the same requests.
const NOBODY_OF_ENTRA: &str = "4e9b1c7a-1d52-4f0b-9a3e-6f0c2d8b7a15";
/// JumpCloud's connection test creates and deletes this user.
const TEST_USER: &str = "jc-test-user@nowhere.example";
/// The group that JumpCloud's connection test creates and deletes.
const TEST_GROUP: &str = "jc-test-group";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ConnectionState {
    Start,
    /// Okta's first page of users.
    Page,
    Nobody,
    /// JumpCloud's test of a user. It first deletes a user that an earlier run left over.
    User(Stage),
    /// JumpCloud's test of a group, which follows the test of a user. It first deletes a group that an earlier run left
    /// over.
    Group(Stage),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    LookUp,
    Clear,
    Create,
    Get,
    Delete,
}

/// The connection test.
#[derive(Debug)]
pub(in crate::client) struct Connection {
    state: ConnectionState,
    id: String,
    /// Whether this run created the resource that is looked up. The answer to the creation was lost, so its id is not
    /// known.
    is_mine: bool,
}

impl Connection {
    pub(in crate::client) fn new() -> Self {
        Self { state: ConnectionState::Start, id: String::new(), is_mine: false }
    }

    fn nobody(cx: &Context) -> &'static str {
        match cx.plan.client {
            Client::Entra | Client::MicrosoftValidator => NOBODY_OF_ENTRA,
            _ => NOBODY,
        }
    }

    fn ask_for_nobody(&mut self, cx: &Context) -> Move {
        self.state = ConnectionState::Nobody;
        Move::Send(dialect::of(cx.plan.client).look_up(step::TEST, Self::nobody(cx)))
    }

    /// Checks the answer to a look-up that must find nobody.
    fn found_nobody(cx: &mut Context, answer: &Answer) {
        if let Some(resources) = check::found(cx, answer) {
            check::the_one(cx, answer, resources, "userName", Self::nobody(cx));
        }
    }

    fn next(&mut self, cx: &Context, state: ConnectionState, draft: Draft) -> Move {
        debug_assert_eq!(cx.plan.client, Client::JumpCloud, "JumpCloud alone makes test resources");
        self.state = state;
        Move::Send(Draft { step: step::TEST, ..draft })
    }

    fn user(&mut self, cx: &mut Context, stage: Stage, answer: &Answer) -> Move {
        let dialect = dialect::of(Client::JumpCloud);
        let body = || {
            dialect.body(&json!({
                "schemas": [Schema::USER],
                "userName": TEST_USER,
                "name": {"givenName": "Test", "familyName": "User"},
                "emails": [{"value": TEST_USER, "type": "work", "primary": true}],
            }))
        };
        match stage {
            Stage::LookUp => match Self::left_over(cx, answer, "userName", TEST_USER) {
                Some(id) if self.is_mine => self.get_user(cx, id),
                Some(id) => self.next(
                    cx,
                    ConnectionState::User(Stage::Clear),
                    Draft::delete(step::TEST, dialect::user_path(&id)),
                ),
                None => self.next(cx, ConnectionState::User(Stage::Create), Self::post("/Users", body())),
            },
            Stage::Clear => self.next(cx, ConnectionState::User(Stage::Create), Self::post("/Users", body())),
            Stage::Create if is_there_already(answer) => {
                self.is_mine = true;
                self.look_up_user(cx)
            }
            Stage::Create => match created(cx, answer, check::user) {
                Some(id) => self.get_user(cx, id),
                None => self.look_up_group(cx),
            },
            Stage::Get => {
                if check::success(cx, answer)
                    && let Some(user) = &answer.value
                {
                    check::user(cx, answer, user);
                    check::values(cx, answer, &body(), user);
                }
                let draft = Draft::delete(step::TEST, dialect::user_path(&self.id));
                self.next(cx, ConnectionState::User(Stage::Delete), draft)
            }
            Stage::Delete => {
                check::deleted(cx, answer);
                self.is_mine = false;
                self.look_up_group(cx)
            }
        }
    }

    fn look_up_user(&mut self, cx: &Context) -> Move {
        let draft = dialect::of(Client::JumpCloud).look_up(step::TEST, TEST_USER);
        self.next(cx, ConnectionState::User(Stage::LookUp), draft)
    }

    fn get_user(&mut self, cx: &Context, id: String) -> Move {
        let path = dialect::user_path(&id);
        self.id = id;
        self.next(cx, ConnectionState::User(Stage::Get), Draft::get(step::TEST, path))
    }

    fn delete_group(&mut self, cx: &Context, stage: Stage, id: &str) -> Move {
        self.next(cx, ConnectionState::Group(stage), Draft::delete(step::TEST, dialect::group_path(id)))
    }

    fn look_up_group(&mut self, cx: &Context) -> Move {
        match dialect::of(Client::JumpCloud).look_up_group(TEST_GROUP) {
            Some(draft) => self.next(cx, ConnectionState::Group(Stage::LookUp), draft),
            None => Move::Finish(None, None),
        }
    }

    fn group(&mut self, cx: &mut Context, stage: Stage, answer: &Answer) -> Move {
        let body = dialect::of(Client::JumpCloud).group(&cx.plan, TEST_GROUP);
        match stage {
            Stage::LookUp => match Self::left_over(cx, answer, "displayName", TEST_GROUP) {
                Some(id) if self.is_mine => self.delete_group(cx, Stage::Delete, &id),
                Some(id) => self.delete_group(cx, Stage::Clear, &id),
                None => self.next(cx, ConnectionState::Group(Stage::Create), Self::post("/Groups", body)),
            },
            Stage::Clear => self.next(cx, ConnectionState::Group(Stage::Create), Self::post("/Groups", body)),
            Stage::Create if is_there_already(answer) => {
                self.is_mine = true;
                self.look_up_group(cx)
            }
            Stage::Create => match created(cx, answer, check::resource) {
                Some(id) => self.delete_group(cx, Stage::Delete, &id),
                None => Move::Finish(None, None),
            },
            Stage::Get | Stage::Delete => {
                check::deleted(cx, answer);
                Move::Finish(None, None)
            }
        }
    }

    fn post(path: &str, body: Value) -> Draft {
        Draft::with_body(step::TEST, "POST", path.to_owned(), body)
    }

    fn left_over(cx: &mut Context, answer: &Answer, attribute: &str, name: &str) -> Option<String> {
        if !check::success(cx, answer) {
            return None;
        }
        let resources = check::list(cx, answer);
        check::the_one(cx, answer, resources, attribute, name).and_then(id_of)
    }
}

/// Whether the answer is a conflict because an earlier try of the same request, whose answer was lost, created the
/// resource.
fn is_there_already(answer: &Answer) -> bool {
    answer.status == 409 && answer.is_repeated
}

/// Checks the answer to a creation, and returns the id.
fn created(
    cx: &mut Context,
    answer: &Answer,
    resource: impl Fn(&mut Context, &Answer, &Value) -> Option<String>,
) -> Option<String> {
    if !check::created(cx, answer) {
        return None;
    }
    resource(cx, answer, answer.value.as_ref()?)
}

impl Job for Connection {
    fn kind(&self) -> JobKind {
        JobKind::Connection
    }

    fn subject(&self, _cx: &Context) -> String {
        String::new()
    }

    fn step(&mut self, cx: &mut Context, answer: Option<&Answer>) -> Move {
        let Some(answer) = answer else {
            if matches!(cx.plan.client, Client::Okta | Client::OktaSpec) {
                self.state = ConnectionState::Page;
                return Move::Send(Draft::get(step::TEST, "/Users?startIndex=1&count=2".to_owned()));
            }
            return self.ask_for_nobody(cx);
        };
        // After a redirect, a refusal of access, a 429 that repetitions did not cure or a server error, no later request can
        // work either.
        if matches!(answer.status, 300..=399 | 401 | 403 | 429) || answer.status >= 500 {
            check::success(cx, answer);
            cx.aborted = Some(format!("the connection test failed: {}", check::refusal(answer)));
            return Move::Finish(None, None);
        }
        // A 404 that is not a SCIM error comes from a web server that does not know the path `/Users`, and does not mean
        // that the person is not found.
        if answer.status == 404
            && matches!(self.state, ConnectionState::Page | ConnectionState::Nobody)
            && !check::is_scim_error(answer)
        {
            cx.note(Code::NoEndpoint, answer, "status 404, and not from SCIM");
            cx.aborted = Some("there is no SCIM endpoint at this URL: the connection test got a 404".to_owned());
            return Move::Finish(None, None);
        }
        match self.state {
            ConnectionState::Start => Move::Finish(None, None),
            ConnectionState::Page => {
                if check::success(cx, answer) && check::list(cx, answer).len() > 2 {
                    cx.note(Code::ListResponse, answer, "more resources than `count` asked for");
                }
                self.ask_for_nobody(cx)
            }
            ConnectionState::Nobody => {
                Self::found_nobody(cx, answer);
                if cx.plan.client != Client::JumpCloud {
                    return Move::Finish(None, None);
                }
                self.look_up_user(cx)
            }
            ConnectionState::User(stage) => self.user(cx, stage, answer),
            ConnectionState::Group(stage) => self.group(cx, stage, answer),
        }
    }
}
