//! Requests that no client sends in normal operation, although clients rely on correct answers to them: the same person
//! created again, a look-up with upper and lower case exchanged, a read of an id that does not exist.

use serde_json::Value;

use crate::client::check;
use crate::client::context::{Answer, Context};
use crate::client::dialect;
use crate::client::finding::Code;
use crate::client::job::{Job, JobKind, Move};
use crate::client::request::Draft;
use crate::client::resource::id_of;
use crate::client::step;

const NO_ID: &str = "no-such-id-7f3a91c4";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ProbeState {
    Unknown,
    OtherCase,
    Duplicate,
    CleanUp,
}

/// The probes, made with one person of the plan who exists at the endpoint.
#[derive(Debug)]
pub(in crate::client) struct Probe {
    index: usize,
    state: ProbeState,
    id: String,
}

impl Probe {
    pub(in crate::client) fn new(index: usize) -> Self {
        Self { index, state: ProbeState::Unknown, id: String::new() }
    }
}

/// The name with upper and lower case exchanged.
fn other_case(name: &str) -> String {
    let flip = |c: char| if c.is_ascii_lowercase() { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() };
    name.chars().map(flip).collect()
}

impl Job for Probe {
    fn kind(&self) -> JobKind {
        JobKind::Probe
    }

    fn subject(&self, cx: &Context) -> String {
        cx.user_name(self.index)
    }

    fn step(&mut self, cx: &mut Context, answer: Option<&Answer>) -> Move {
        let name = self.subject(cx);
        let Some(answer) = answer else {
            self.id = cx.id(&name).unwrap_or_default().to_owned();
            return Move::Send(Draft::get(step::PROBE, dialect::user_path(NO_ID)));
        };
        match self.state {
            ProbeState::Unknown => {
                if answer.status != 404 {
                    let found = format!("status {} for an id that does not exist", answer.status);
                    cx.note(Code::NotFoundStatus, answer, found);
                }
                self.state = ProbeState::OtherCase;
                Move::Send(dialect::of(cx.plan.client).look_up(step::PROBE, &other_case(&name)))
            }
            ProbeState::OtherCase => {
                if answer.status == 404 || check::success(cx, answer) {
                    let resources: &[Value] = if answer.status == 404 { &[] } else { check::list(cx, answer) };
                    match check::the_one(cx, answer, resources, "userName", &name) {
                        None => {
                            let found = format!("nobody by `{}`, though `{name}` is there", other_case(&name));
                            cx.note(Code::LookUpMissed, answer, found);
                        }
                        Some(user) => check::same_id(cx, answer, user, &self.id),
                    }
                }
                let Some(person) = cx.plan.people.get(self.index) else { return Move::Finish(None, None) };
                let body = dialect::of(cx.plan.client).body(&person.body);
                self.state = ProbeState::Duplicate;
                Move::Send(Draft::with_body(step::PROBE, "POST", "/Users".to_owned(), body))
            }
            ProbeState::Duplicate => match answer.status {
                409 => {
                    check::conflict(cx, answer);
                    Move::Finish(None, None)
                }
                200..=299 => self.accepted(cx, answer, &name),
                status => {
                    cx.note(Code::DuplicateStatus, answer, format!("status {status} to the same person once more"));
                    Move::Finish(None, None)
                }
            },
            ProbeState::CleanUp => {
                check::success(cx, answer);
                Move::Finish(None, None)
            }
        }
    }
}

impl Probe {
    /// Reports that the duplicate was accepted, and deletes it again, unless the endpoint answered with the id of the
    /// existing person.
    fn accepted(&mut self, cx: &mut Context, answer: &Answer, name: &str) -> Move {
        cx.note(Code::DuplicateAccepted, answer, format!("status {} to `{name}` once more", answer.status));
        match answer.value.as_ref().and_then(id_of).filter(|id| *id != self.id && !self.id.is_empty()) {
            Some(id) => {
                self.state = ProbeState::CleanUp;
                Move::Send(Draft::delete(step::PROBE, dialect::user_path(&id)))
            }
            None => Move::Finish(None, None),
        }
    }
}
