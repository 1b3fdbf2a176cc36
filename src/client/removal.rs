//! People who are leaving: deleted, suspended, or left alone, as the plan says.

use serde_json::Value;

use super::check;
use super::context::{Answer, Context, Move};
use super::dialect::{self, step};
use super::finding::Code;
use super::person::changed;
use super::plan::Removal;
use super::report::Outcome;
use super::request::Draft;
use super::session::{Job, Kind};
use crate::filter::fold;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    Before,
    Suspend,
    /// The read after a suspension whose answer had no body.
    Suspended,
    Delete,
    Deleted,
}

/// Removes a person who is leaving. An earlier job has looked the person up.
#[derive(Debug)]
pub(super) struct RemovalJob {
    index: usize,
    at: At,
    id: String,
    before: Value,
}

impl RemovalJob {
    pub(super) fn new(index: usize) -> Self {
        Self { index, at: At::Before, id: String::new(), before: Value::Null }
    }

    fn get(&mut self, at: At) -> Move {
        self.at = at;
        Move::Send(Draft::get(step::GET, dialect::user_path(&self.id)))
    }

    fn finish(&self, outcome: Outcome) -> Move {
        Move::Finish(Some(outcome), Some(self.id.clone()))
    }

    fn suspended(&self, cx: &mut Context, answer: &Answer, after: &Value) -> Move {
        check::user(cx, answer, after);
        if !after.as_object().is_some_and(|after| check::inactive(cx, answer, after)) {
            return Move::failed();
        }
        match changed(cx, answer, &self.before, after) {
            Outcome::Unchanged => self.finish(Outcome::Unchanged),
            _ => self.finish(Outcome::Suspended),
        }
    }
}

impl Job for RemovalJob {
    fn kind(&self) -> Kind {
        Kind::Person
    }

    fn subject(&self, cx: &Context) -> String {
        cx.plan.people.get(self.index).and_then(|person| person.user_name()).unwrap_or_default().to_owned()
    }

    fn index(&self) -> usize {
        self.index
    }

    fn step(&mut self, cx: &mut Context, answer: Option<&Answer>) -> Move {
        let Some(answer) = answer else {
            let name = self.subject(cx);
            let Some(id) = cx.id(&name).map(str::to_owned) else {
                let is_lost = cx.lost.contains(&fold::fold(&name));
                return Move::Finish(Some(if is_lost { Outcome::Failed } else { Outcome::Absent }), None);
            };
            self.id = id;
            return match cx.plan.removal {
                Removal::Nothing => self.finish(Outcome::Left),
                Removal::Suspend => self.get(At::Before),
                Removal::Delete => {
                    self.at = At::Delete;
                    Move::Send(Draft::delete(step::DELETE, dialect::user_path(&self.id)))
                }
            };
        };
        match self.at {
            // The first try, whose answer was lost, has deleted the person.
            At::Delete if answer.status == 404 && answer.is_repeated => self.finish(Outcome::Deleted),
            At::Before | At::Suspend | At::Suspended | At::Delete if !check::success(cx, answer) => Move::failed(),
            At::Before => {
                self.before = answer.value.clone().unwrap_or_default();
                let Some(person) = cx.plan.people.get(self.index) else { return Move::failed() };
                let dialect = cx.plan.dialect();
                self.at = At::Suspend;
                Move::Send(dialect.suspend(&cx.plan, &self.id, &dialect.body(&person.body)))
            }
            At::Suspend | At::Suspended => match &answer.value {
                Some(after) => self.suspended(cx, answer, after),
                None if self.at == At::Suspend => self.get(At::Suspended),
                None => Move::failed(),
            },
            At::Delete => self.get(At::Deleted),
            At::Deleted => {
                if answer.status == 404 {
                    return self.finish(Outcome::Deleted);
                }
                cx.note(Code::NotDeleted, answer, format!("status {} to a GET of what was deleted", answer.status));
                Move::failed()
            }
        }
    }
}
