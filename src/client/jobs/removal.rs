//! Deletes or suspends people who are leaving, or leaves them unchanged, as the plan says.

use serde_json::Value;

use crate::client::check;
use crate::client::context::{Answer, Context};
use crate::client::dialect;
use crate::client::finding::Code;
use crate::client::job::{Job, JobKind, Move};
use crate::client::plan::Removal;
use crate::client::report::Counted;
use crate::client::request::Draft;
use crate::client::step;
use crate::filter::case_fold;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum RemovalState {
    Before,
    Suspend,
    /// The read after a suspension whose answer had no body.
    Suspended,
    Delete,
    Deleted,
}

/// Removes a person who is leaving. An earlier job has looked the person up.
#[derive(Debug)]
pub(in crate::client) struct RemovalJob {
    index: usize,
    state: RemovalState,
    id: String,
    before: Value,
}

impl RemovalJob {
    pub(in crate::client) fn new(index: usize) -> Self {
        Self { index, state: RemovalState::Before, id: String::new(), before: Value::Null }
    }

    fn get(&mut self, state: RemovalState) -> Move {
        self.state = state;
        Move::Send(Draft::get(step::GET, dialect::user_path(&self.id)))
    }

    fn finish(&self, outcome: Counted) -> Move {
        Move::Finish(Some(outcome), Some(self.id.clone()))
    }

    fn suspended(&self, cx: &mut Context, answer: &Answer, after: &Value) -> Move {
        check::user(cx, answer, after);
        if !after.as_object().is_some_and(|after| check::inactive(cx, answer, after)) {
            return Move::failed();
        }
        match check::changed(cx, answer, &self.before, after) {
            Counted::Unchanged => self.finish(Counted::Unchanged),
            _ => self.finish(Counted::Suspended),
        }
    }
}

impl Job for RemovalJob {
    fn kind(&self) -> JobKind {
        JobKind::Person
    }

    fn subject(&self, cx: &Context) -> String {
        cx.user_name(self.index)
    }

    fn index(&self) -> usize {
        self.index
    }

    fn step(&mut self, cx: &mut Context, answer: Option<&Answer>) -> Move {
        let Some(answer) = answer else {
            let name = self.subject(cx);
            let Some(id) = cx.id(&name).map(str::to_owned) else {
                let is_lost = cx.lost.contains(&case_fold::fold(&name));
                return Move::Finish(Some(if is_lost { Counted::Failed } else { Counted::Absent }), None);
            };
            self.id = id;
            return match cx.plan.removal {
                Removal::Nothing => self.finish(Counted::Left),
                Removal::Suspend => self.get(RemovalState::Before),
                Removal::Delete => {
                    self.state = RemovalState::Delete;
                    Move::Send(Draft::delete(step::DELETE, dialect::user_path(&self.id)))
                }
            };
        };
        match self.state {
            // The answer to an earlier try was lost, but that try deleted the person.
            RemovalState::Delete if answer.status == 404 && answer.is_repeated => self.finish(Counted::Deleted),
            RemovalState::Before | RemovalState::Suspend | RemovalState::Suspended | RemovalState::Delete
                if !check::success(cx, answer) =>
            {
                Move::failed()
            }
            RemovalState::Before => {
                self.before = answer.value.clone().unwrap_or_default();
                let Some(person) = cx.plan.people.get(self.index) else { return Move::failed() };
                let dialect = dialect::of(cx.plan.client);
                self.state = RemovalState::Suspend;
                Move::Send(dialect.suspend(&cx.plan, &self.id, &dialect.body(&person.body)))
            }
            RemovalState::Suspend | RemovalState::Suspended => match &answer.value {
                Some(after) => self.suspended(cx, answer, after),
                None if self.state == RemovalState::Suspend => self.get(RemovalState::Suspended),
                None => Move::failed(),
            },
            RemovalState::Delete => self.get(RemovalState::Deleted),
            RemovalState::Deleted => {
                if answer.status == 404 {
                    return self.finish(Counted::Deleted);
                }
                cx.note(Code::NotDeleted, answer, format!("status {} to a GET of what was deleted", answer.status));
                Move::failed()
            }
        }
    }
}
