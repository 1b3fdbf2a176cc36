//! Looks up one person, creates or updates the person, and reads the result again.

use serde_json::Value;

use super::lookup::{Lookup, LookupAnswer};
use crate::client::check;
use crate::client::compare;
use crate::client::context::{Answer, Context};
use crate::client::dialect;
use crate::client::finding::Code;
use crate::client::job::{Job, JobKind, Move};
use crate::client::kind::Client;
use crate::client::plan::{Account, Update};
use crate::client::report::Counted;
use crate::client::request::Draft;
use crate::client::resource::id_of;
use crate::client::step;

#[derive(Debug)]
enum PersonState {
    Start,
    Lookup(Box<Lookup>),
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
pub(in crate::client) struct PersonJob {
    index: usize,
    is_leaving: bool,
    state: PersonState,
    body: Value,
    id: String,
    before: Option<Value>,
}

impl PersonJob {
    pub(in crate::client) fn new(index: usize, person: &Account) -> Self {
        Self {
            index,
            is_leaving: person.leaving,
            state: PersonState::Start,
            body: Value::Null,
            id: String::new(),
            before: None,
        }
    }

    fn get(&mut self, state: PersonState) -> Move {
        self.state = state;
        Move::Send(Draft::get(step::GET, dialect::user_path(&self.id)))
    }

    fn start(&mut self, cx: &Context) -> Move {
        let Some(person) = cx.plan.people.get(self.index) else { return Move::failed() };
        let dialect = dialect::of(cx.plan.client);
        self.body = dialect.body(&person.body);
        let name = self.subject(cx);
        let look_up = dialect.look_up(step::LOOK_UP, &name);
        let create = || Draft::with_body(step::CREATE, "POST", "/Users".to_owned(), self.body.clone());
        let search = Lookup::new("userName", name, look_up, (!self.is_leaving).then(create));
        let next = search.start();
        self.state = PersonState::Lookup(Box::new(search));
        next
    }

    fn existing(&mut self, cx: &mut Context, answer: &Answer, user: &Value) -> Move {
        let Some(id) = check::user(cx, answer, user) else { return Move::failed() };
        self.id = id;
        cx.know(&self.subject(cx), &self.id);
        if self.is_leaving {
            return Move::Finish(None, None);
        }
        self.get(PersonState::Before)
    }

    fn created(&mut self, cx: &mut Context, answer: &Answer) -> Move {
        if answer.location.is_none() {
            cx.note(Code::LocationHeader, answer, "no header `Location`");
        }
        let Some(user) = &answer.value else { return Move::failed() };
        check::values(cx, answer, &self.body, user);
        let Some(id) = check::user(cx, answer, user) else { return Move::failed() };
        self.id = id;
        self.get(PersonState::Created)
    }

    /// Sends the update, unless the client would have nothing to send.
    fn update(&mut self, cx: &mut Context, answer: &Answer) -> Move {
        let Some(before) = &answer.value else { return Move::failed() };
        self.before = Some(before.clone());
        let dialect = dialect::of(cx.plan.client);
        self.state = PersonState::Update;
        if cx.plan.update == Update::Put {
            return Move::Send(dialect.put(step::UPDATE, &self.id, &self.body));
        }
        let Some(sent) = check::expected(cx, answer, &self.body) else { return Move::failed() };
        let differences = compare::differences(&sent, before, &cx.users);
        // OneLogin sends its whole body without comparing; the others send the differences.
        if differences.is_empty() && cx.plan.client != Client::OneLogin {
            return self.finish(cx, Counted::Unchanged);
        }
        Move::Send(dialect.patch(&cx.plan, &self.id, &self.body, &differences))
    }

    fn updated(&mut self, cx: &mut Context, answer: &Answer) -> Move {
        if !check::success(cx, answer) {
            return Move::failed();
        }
        match &answer.value {
            Some(after) => self.compare(cx, answer, after),
            None => self.get(PersonState::After),
        }
    }

    /// Compares the resource before and after the update.
    fn compare(&self, cx: &mut Context, answer: &Answer, after: &Value) -> Move {
        check::user(cx, answer, after);
        check::same_id(cx, answer, after, &self.id);
        check::values(cx, answer, &self.body, after);
        let Some(before) = &self.before else { return Move::failed() };
        let outcome = check::changed(cx, answer, before, after);
        self.finish(cx, outcome)
    }

    fn finish(&self, cx: &mut Context, outcome: Counted) -> Move {
        cx.know(&self.subject(cx), &self.id);
        Move::Finish(Some(outcome), Some(self.id.clone()))
    }
}

impl Job for PersonJob {
    fn kind(&self) -> JobKind {
        if self.is_leaving { JobKind::LookUp } else { JobKind::Person }
    }

    fn subject(&self, cx: &Context) -> String {
        cx.user_name(self.index)
    }

    fn index(&self) -> usize {
        self.index
    }

    fn step(&mut self, cx: &mut Context, answer: Option<&Answer>) -> Move {
        let Some(answer) = answer else { return self.start(cx) };
        match &mut self.state {
            PersonState::Start => Move::failed(),
            PersonState::Lookup(lookup) => match lookup.step(cx, answer) {
                LookupAnswer::Nothing(next) => next,
                LookupAnswer::Existing(user) => self.existing(cx, answer, user),
                LookupAnswer::Created => self.created(cx, answer),
            },
            PersonState::Created | PersonState::Before | PersonState::After if !check::success(cx, answer) => {
                Move::failed()
            }
            PersonState::Created => {
                let Some(user) = &answer.value else { return Move::failed() };
                check::user(cx, answer, user);
                check::same_id(cx, answer, user, &self.id);
                check::values(cx, answer, &self.body, user);
                self.finish(cx, Counted::Created)
            }
            PersonState::Before => {
                if let Some(other) = answer.value.as_ref().and_then(id_of).filter(|other| *other != self.id) {
                    cx.note(Code::IdChanged, answer, format!("`{other}` where `{}` is due", self.id));
                    return Move::failed();
                }
                self.update(cx, answer)
            }
            PersonState::Update => self.updated(cx, answer),
            PersonState::After => match &answer.value {
                Some(after) => self.compare(cx, answer, after),
                None => Move::failed(),
            },
        }
    }
}
