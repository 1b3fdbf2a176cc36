//! Suites of checks: those that Microsoft and Okta publish, and further ones for Entra. Each suite creates the people and
//! groups that it needs, and deletes them at the end.

#![expect(
    clippy::redundant_closure_for_method_calls,
    reason = "a method of `Judge` takes the lifetime of what it holds as given: only a closure is general enough"
)]

mod entra;
mod judge;
mod memory;
mod microsoft;
mod okta;
mod steps;

use self::judge::Judge;
use self::memory::Memory;
use self::steps::SuiteStep;
use super::context::{Answer, Context};
use super::job::{Job, JobKind, Move};
use super::kind::Client;
use super::request::Draft;

/// A suite, played check by check.
pub(super) struct Suite {
    steps: std::vec::IntoIter<SuiteStep>,
    now: Option<SuiteStep>,
    memory: Memory,
}

impl Suite {
    /// The suite for a client: Microsoft's, Okta's, or the further requests that test an endpoint for Entra. The suite of
    /// any other client is empty.
    pub(super) fn of(client: Client) -> Self {
        let steps = match client {
            Client::MicrosoftValidator => microsoft::steps(),
            Client::OktaSpec => okta::steps(),
            Client::Entra => entra::steps(),
            Client::OneLogin | Client::Okta | Client::JumpCloud => Vec::new(),
        };
        Self { steps: steps.into_iter(), now: None, memory: Memory::default() }
    }
}

impl Job for Suite {
    fn kind(&self) -> JobKind {
        JobKind::Probe
    }

    fn subject(&self, _cx: &Context) -> String {
        String::new()
    }

    fn step(&mut self, cx: &mut Context, answer: Option<&Answer>) -> Move {
        if let (Some(answer), Some(step)) = (answer, self.now.take()) {
            (step.judge)(&mut Judge { cx, answer, memory: &mut self.memory });
        }
        for step in self.steps.by_ref() {
            if let Some(draft) = (step.send)(&self.memory) {
                let draft = Draft { step: step.name, ..draft };
                self.now = Some(step);
                return Move::Send(draft);
            }
        }
        Move::Finish(None, None)
    }
}
