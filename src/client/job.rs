//! Jobs: a session is a series of jobs, and a job is a sequence of requests about one person, group or test.

use super::context::{Answer, Context};
use super::report::Counted;
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

/// A sequence of requests. Each request is made from the answer to the request before.
pub(super) trait Job: Send {
    fn kind(&self) -> JobKind;
    /// The person or group that the job is about.
    fn subject(&self, cx: &Context) -> String;
    /// The index in the plan's list of people or groups.
    fn index(&self) -> usize {
        0
    }
    /// Makes the next move from the answer to the last request. The first call has no answer.
    fn step(&mut self, cx: &mut Context, answer: Option<&Answer>) -> Move;
}

/// The next move of a job.
pub(super) enum Move {
    Send(Draft),
    /// The job is done. The outcome is none if it is not to be counted. The id is that of the person or group at the
    /// endpoint, if the job is about one and has learnt its id.
    Finish(Option<Counted>, Option<String>),
}

impl Move {
    pub(super) fn failed() -> Self {
        Self::Finish(Some(Counted::Failed), None)
    }
}
