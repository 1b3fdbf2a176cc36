//! What a session has done and found.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::finding::{Finding, Severity};

/// What became of a person or a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Was not there, and is now.
    Created,
    /// Was there, and has changed.
    Updated,
    /// Was there as it should be.
    Unchanged,
    /// Is inactive now.
    Suspended,
    /// Is there no more.
    Deleted,
    /// Was to be suspended or deleted, and is left as it is by [`Removal::Nothing`](super::Removal::Nothing).
    Left,
    /// Was to be suspended or deleted, and was not there.
    Absent,
    /// Could not be done; the findings say why.
    Failed,
}

/// How many people or groups had which outcome.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Counts {
    /// [`Outcome::Created`].
    pub created: usize,
    /// [`Outcome::Updated`].
    pub updated: usize,
    /// [`Outcome::Unchanged`].
    pub unchanged: usize,
    /// [`Outcome::Suspended`].
    pub suspended: usize,
    /// [`Outcome::Deleted`].
    pub deleted: usize,
    /// [`Outcome::Left`].
    pub left: usize,
    /// [`Outcome::Absent`].
    pub absent: usize,
    /// [`Outcome::Failed`].
    pub failed: usize,
}

impl Counts {
    pub(super) fn add(&mut self, outcome: Outcome) {
        *match outcome {
            Outcome::Created => &mut self.created,
            Outcome::Updated => &mut self.updated,
            Outcome::Unchanged => &mut self.unchanged,
            Outcome::Suspended => &mut self.suspended,
            Outcome::Deleted => &mut self.deleted,
            Outcome::Left => &mut self.left,
            Outcome::Absent => &mut self.absent,
            Outcome::Failed => &mut self.failed,
        } += 1;
    }

    /// All of them.
    pub fn total(&self) -> usize {
        self.all().iter().map(|(_, count)| count).sum()
    }

    /// Each with its name.
    pub fn all(&self) -> [(&'static str, usize); 8] {
        [
            ("created", self.created),
            ("updated", self.updated),
            ("unchanged", self.unchanged),
            ("suspended", self.suspended),
            ("deleted", self.deleted),
            ("left", self.left),
            ("absent", self.absent),
            ("failed", self.failed),
        ]
    }
}

/// The requests of one step.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepCount {
    /// How many were answered.
    pub requests: usize,
    /// How many of them had a status of 400 or more, or no answer.
    pub refused: usize,
    /// The time they took together, in microseconds, as far as the carrier has measured it.
    pub micros: u64,
}

/// What was done, in numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Summary {
    /// Of people.
    pub people: Counts,
    /// Of groups.
    pub groups: Counts,
    /// How many of both were done before, by the journal.
    pub resumed: usize,
    /// Requests that were sent.
    pub requests: usize,
    /// How many of them were repetitions after a 429 or 503, or without an answer.
    pub retries: usize,
    /// By step.
    pub steps: BTreeMap<String, StepCount>,
}

/// What a session has done and found. It is data, and serialises as it is; it never holds a token or password.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Report {
    /// The client that was played.
    pub client: String,
    /// Why the session ended early, if it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aborted: Option<String>,
    /// What was done.
    pub summary: Summary,
    /// What was found, the worst first.
    pub findings: Vec<Finding>,
}

impl Report {
    /// Whether the push was complete and the client would be content: no finding is an error and nothing has failed.
    pub fn ok(&self) -> bool {
        self.aborted.is_none()
            && self.summary.people.failed + self.summary.groups.failed == 0
            && self.findings.iter().all(|finding| finding.severity != Severity::Error)
    }

    /// Whether nothing was created, changed or removed.
    pub fn nothing_changed(&self) -> bool {
        [&self.summary.people, &self.summary.groups]
            .iter()
            .all(|counts| counts.created + counts.updated + counts.suspended + counts.deleted + counts.failed == 0)
    }
}
