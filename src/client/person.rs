//! One person: looked up, created or updated, and read again.

use serde_json::{Map, Value};

use super::check;
use super::compare;
use super::context::{Answer, Context, Move, has_moved, id_of};
use super::dialect::{self, step};
use super::finding::Code;
use super::plan::{Client, Person, Update};
use super::report::Outcome;
use super::request::Draft;
use super::session::{Job, Kind};
use crate::coerce::equality::same_value;
use crate::coerce::members::remove_member;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    Start,
    LookUp,
    Create,
    /// After a 409: another client was quicker, or an earlier try had arrived.
    LookUpAgain,
    /// The read after the creation.
    Created,
    /// The read before the update.
    Before,
    Update,
    /// The read after an update whose answer had no body.
    After,
}

/// A person of the plan. A person who is leaving is only looked up, because the jobs of groups need the id.
#[derive(Debug)]
pub(super) struct PersonJob {
    index: usize,
    is_leaving: bool,
    at: At,
    body: Value,
    id: String,
    before: Option<Value>,
}

impl PersonJob {
    pub(super) fn new(index: usize, person: &Person) -> Self {
        Self { index, is_leaving: person.leaving, at: At::Start, body: Value::Null, id: String::new(), before: None }
    }

    fn look_up(&mut self, cx: &Context, at: At) -> Move {
        self.at = at;
        Move::Send(cx.plan.dialect().look_up(step::LOOK_UP, &self.subject(cx)))
    }

    fn get(&mut self, at: At) -> Move {
        self.at = at;
        Move::Send(Draft::get(step::GET, dialect::user_path(&self.id)))
    }

    fn looked_up(&mut self, cx: &mut Context, answer: &Answer) -> Move {
        // OneLogin also reads a 404 as "nobody".
        let found = if answer.status == 404 && cx.plan.client == Client::OneLogin {
            None
        } else if check::success(cx, answer) {
            let subject = self.subject(cx);
            let resources = check::list(cx, answer);
            check::the_one(cx, answer, resources, "userName", &subject).cloned()
        } else {
            return Move::failed();
        };
        match found {
            Some(user) => {
                let Some(id) = check::user(cx, answer, &user) else { return Move::failed() };
                self.id = id;
                cx.know(&self.subject(cx), &self.id);
                if self.is_leaving {
                    return Move::Finish(None, None);
                }
                self.get(At::Before)
            }
            None if self.is_leaving => Move::Finish(None, None),
            None if self.at == At::LookUpAgain => {
                cx.note(Code::LookUpMissed, answer, "409 to the creation, and the look-up finds nobody");
                Move::failed()
            }
            None => {
                self.at = At::Create;
                Move::Send(Draft::with_body(step::CREATE, "POST", "/Users".to_owned(), self.body.clone()))
            }
        }
    }

    fn created(&mut self, cx: &mut Context, answer: &Answer) -> Move {
        if answer.status == 409 {
            if !answer.is_repeated {
                conflict(cx, answer);
            }
            return self.look_up(cx, At::LookUpAgain);
        }
        if !check::created(cx, answer) {
            return Move::failed();
        }
        if answer.location.is_none() {
            cx.note(Code::LocationHeader, answer, "no header `Location`");
        }
        let Some(user) = &answer.value else { return Move::failed() };
        check::values(cx, answer, &self.body, user);
        let Some(id) = check::user(cx, answer, user) else { return Move::failed() };
        self.id = id;
        self.get(At::Created)
    }

    /// Sends the update, unless the client would have nothing to send.
    fn update(&mut self, cx: &mut Context, answer: &Answer) -> Move {
        let Some(before) = &answer.value else { return Move::failed() };
        self.before = Some(before.clone());
        let dialect = cx.plan.dialect();
        self.at = At::Update;
        if cx.plan.update == Update::Put {
            return Move::Send(dialect.put(step::UPDATE, &self.id, &self.body));
        }
        let Some(sent) = check::expected(cx, answer, &self.body) else { return Move::failed() };
        let differences = compare::differences(&sent, before, &cx.users);
        // OneLogin sends its whole body without comparing; the others send the differences.
        if differences.is_empty() && cx.plan.client != Client::OneLogin {
            return self.finish(cx, Outcome::Unchanged);
        }
        Move::Send(dialect.patch(&cx.plan, &self.id, &self.body, &differences))
    }

    fn updated(&mut self, cx: &mut Context, answer: &Answer) -> Move {
        if !check::success(cx, answer) {
            return Move::failed();
        }
        match &answer.value {
            Some(after) => self.compare(cx, answer, after),
            None => self.get(At::After),
        }
    }

    /// Compares the resource before and after the update.
    fn compare(&self, cx: &mut Context, answer: &Answer, after: &Value) -> Move {
        check::user(cx, answer, after);
        check::same_id(cx, answer, after, &self.id);
        check::values(cx, answer, &self.body, after);
        let Some(before) = &self.before else { return Move::failed() };
        let outcome = changed(cx, answer, before, after);
        self.finish(cx, outcome)
    }

    fn finish(&self, cx: &mut Context, outcome: Outcome) -> Move {
        cx.know(&self.subject(cx), &self.id);
        Move::Finish(Some(outcome), Some(self.id.clone()))
    }
}

/// Checks that a 409 says which conflict it is.
pub(super) fn conflict(cx: &mut Context, answer: &Answer) {
    if answer.member("scimType").and_then(Value::as_str) != Some("uniqueness") {
        cx.note(Code::DuplicateType, answer, check::refusal(answer));
    }
}

/// Whether a resource has changed. A new `meta.lastModified` without another change is reported.
pub(super) fn changed(cx: &mut Context, answer: &Answer, before: &Value, after: &Value) -> Outcome {
    if !same_value(&without_meta(before), &without_meta(after)) {
        return Outcome::Updated;
    }
    if has_moved(before, after) {
        let of = |resource| check::cut(super::context::last_modified(resource).unwrap_or_default());
        cx.note(Code::ModifiedUnchanged, answer, format!("`{}`, was `{}`", of(after), of(before)));
        return Outcome::Updated;
    }
    Outcome::Unchanged
}

fn without_meta(resource: &Value) -> Value {
    let Value::Object(members) = resource else { return resource.clone() };
    let mut members: Map<_, _> = members.clone();
    remove_member(&mut members, "meta");
    Value::Object(members)
}

impl Job for PersonJob {
    fn kind(&self) -> Kind {
        if self.is_leaving { Kind::LookUp } else { Kind::Person }
    }

    fn subject(&self, cx: &Context) -> String {
        cx.plan.people.get(self.index).and_then(|person| person.user_name()).unwrap_or_default().to_owned()
    }

    fn index(&self) -> usize {
        self.index
    }

    fn step(&mut self, cx: &mut Context, answer: Option<&Answer>) -> Move {
        let Some(answer) = answer else {
            let Some(person) = cx.plan.people.get(self.index) else { return Move::failed() };
            self.body = cx.plan.dialect().body(&person.body);
            return self.look_up(cx, At::LookUp);
        };
        match self.at {
            At::Start => Move::failed(),
            At::LookUp | At::LookUpAgain => self.looked_up(cx, answer),
            At::Create => self.created(cx, answer),
            At::Created | At::Before | At::After if !check::success(cx, answer) => Move::failed(),
            At::Created => {
                let Some(user) = &answer.value else { return Move::failed() };
                check::user(cx, answer, user);
                check::same_id(cx, answer, user, &self.id);
                check::values(cx, answer, &self.body, user);
                self.finish(cx, Outcome::Created)
            }
            At::Before => {
                if let Some(other) = answer.value.as_ref().and_then(id_of).filter(|other| *other != self.id) {
                    cx.note(Code::IdChanged, answer, format!("`{other}` where `{}` is due", self.id));
                    return Move::failed();
                }
                self.update(cx, answer)
            }
            At::Update => self.updated(cx, answer),
            At::After => match &answer.value {
                Some(after) => self.compare(cx, answer, after),
                None => Move::failed(),
            },
        }
    }
}
