//! Jobs: a session is a series of jobs, and a job is a sequence of requests about one person, group or test.

use super::context::{Answer, Context};
use super::report::Outcome;
use super::request::Draft;

/// The kind of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum JobKind {
    Connection,
    Person,
    /// The look-up of a person who is leaving.
    LookUp,
    Probe,
    Import,
    Group,
}

/// A sequence of requests, each made from the answer to the one before.
pub(super) trait Job: Send {
    fn kind(&self) -> JobKind;
    /// The person or group that the job is about.
    fn subject(&self, cx: &Context) -> String;
    /// The index in the plan's list of people or groups.
    fn index(&self) -> usize {
        0
    }
    /// Makes the next move. The first call has no answer.
    fn step(&mut self, cx: &mut Context, answer: Option<&Answer>) -> Move;
}

/// The next move of a job.
pub(super) enum Move {
    Send(Draft),
    /// The job is done. It has an outcome, if that is to be counted, and the id of its person or group, if there is one.
    Finish(Option<Outcome>, Option<String>),
}

impl Move {
    pub(super) fn failed() -> Self {
        Self::Finish(Some(Outcome::Failed), None)
    }
}
