//! Requests that no client sends in normal operation, but whose right answers clients rely on: a person created twice, a
//! look-up in another case, an id that does not exist.

use serde_json::Value;

use super::check;
use super::context::{Answer, Context, Move, id_of};
use super::dialect::{self, step};
use super::finding::Code;
use super::person::conflict;
use super::request::Draft;
use super::session::{Job, Kind};

const NO_ID: &str = "no-such-id-7f3a91c4";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    Unknown,
    OtherCase,
    Duplicate,
    CleanUp,
}

/// The probes, made with one person of the plan who exists at the endpoint.
#[derive(Debug)]
pub(super) struct Probe {
    index: usize,
    at: At,
    id: String,
}

impl Probe {
    pub(super) fn new(index: usize) -> Self {
        Self { index, at: At::Unknown, id: String::new() }
    }
}

/// The name with upper and lower case exchanged.
fn other_case(name: &str) -> String {
    let flip = |c: char| if c.is_ascii_lowercase() { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() };
    name.chars().map(flip).collect()
}

impl Job for Probe {
    fn kind(&self) -> Kind {
        Kind::Probe
    }

    fn subject(&self, cx: &Context) -> String {
        cx.plan.people.get(self.index).and_then(|person| person.user_name()).unwrap_or_default().to_owned()
    }

    fn step(&mut self, cx: &mut Context, answer: Option<&Answer>) -> Move {
        let name = self.subject(cx);
        let Some(answer) = answer else {
            self.id = cx.id(&name).unwrap_or_default().to_owned();
            return Move::Send(Draft::get(step::PROBE, dialect::user_path(NO_ID)));
        };
        match self.at {
            At::Unknown => {
                if answer.status != 404 {
                    let found = format!("status {} for an id that does not exist", answer.status);
                    cx.note(Code::NotFoundStatus, answer, found);
                }
                self.at = At::OtherCase;
                Move::Send(cx.plan.dialect().look_up(step::PROBE, &other_case(&name)))
            }
            At::OtherCase => {
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
                let body = cx.plan.dialect().body(&person.body);
                self.at = At::Duplicate;
                Move::Send(Draft::with_body(step::PROBE, "POST", "/Users".to_owned(), body))
            }
            At::Duplicate => match answer.status {
                409 => {
                    conflict(cx, answer);
                    Move::Finish(None, None)
                }
                200..=299 => self.accepted(cx, answer, &name),
                status => {
                    cx.note(Code::DuplicateStatus, answer, format!("status {status} to the same person once more"));
                    Move::Finish(None, None)
                }
            },
            At::CleanUp => {
                check::success(cx, answer);
                Move::Finish(None, None)
            }
        }
    }
}

impl Probe {
    /// Deletes the duplicate again, unless the endpoint answered with the person itself.
    fn accepted(&mut self, cx: &mut Context, answer: &Answer, name: &str) -> Move {
        cx.note(Code::DuplicateAccepted, answer, format!("status {} to `{name}` once more", answer.status));
        match answer.value.as_ref().and_then(id_of).filter(|id| *id != self.id && !self.id.is_empty()) {
            Some(id) => {
                self.at = At::CleanUp;
                Move::Send(Draft::delete(step::PROBE, dialect::user_path(&id)))
            }
            None => Move::Finish(None, None),
        }
    }
}
