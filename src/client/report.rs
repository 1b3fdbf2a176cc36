//! The report of a session: what it did and found.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::finding::Finding;
use crate::onelogin::Severity;

/// The result for a person or a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Counted {
    /// The person or group did not exist, and was created.
    Created,
    /// The person or group existed, and was changed.
    Updated,
    /// The person or group already was as the plan has it.
    Unchanged,
    /// The person is now inactive.
    Suspended,
    /// The person no longer exists.
    Deleted,
    /// The person is leaving, but stays unchanged because of [`Removal::Nothing`](super::Removal::Nothing).
    Left,
    /// The person is leaving, but did not exist at the endpoint.
    Absent,
    /// The person or group could not be pushed; the findings say why.
    Failed,
}

/// The number of people or groups with each outcome.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Counts {
    /// [`Counted::Created`].
    pub created: usize,
    /// [`Counted::Updated`].
    pub updated: usize,
    /// [`Counted::Unchanged`].
    pub unchanged: usize,
    /// [`Counted::Suspended`].
    pub suspended: usize,
    /// [`Counted::Deleted`].
    pub deleted: usize,
    /// [`Counted::Left`].
    pub left: usize,
    /// [`Counted::Absent`].
    pub absent: usize,
    /// [`Counted::Failed`].
    pub failed: usize,
}

impl Counts {
    pub(super) fn add(&mut self, outcome: Counted) {
        *match outcome {
            Counted::Created => &mut self.created,
            Counted::Updated => &mut self.updated,
            Counted::Unchanged => &mut self.unchanged,
            Counted::Suspended => &mut self.suspended,
            Counted::Deleted => &mut self.deleted,
            Counted::Left => &mut self.left,
            Counted::Absent => &mut self.absent,
            Counted::Failed => &mut self.failed,
        } += 1;
    }

    /// The sum of all counts.
    pub fn total(&self) -> usize {
        self.all().iter().map(|(_, count)| count).sum()
    }

    /// Each count with its name.
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

/// As in `4 created, 1 failed`; `none` if all counts are zero.
impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counted = self.all().into_iter().filter(|(_, count)| *count > 0);
        let words: Vec<String> = counted.map(|(name, count)| format!("{count} {name}")).collect();
        f.write_str(if words.is_empty() { "none" } else { "" })?;
        f.write_str(&words.join(", "))
    }
}

/// The requests of one step.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct StepCount {
    /// The number of requests that were sent, including those without an answer.
    pub requests: usize,
    /// The number of requests that got a status of 400 or more, or no answer.
    pub refused: usize,
    /// The sum of the times from request to response, in microseconds. Times that the carrier did not measure count as
    /// zero.
    pub micros: u64,
}

/// The work of a session, in numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Summary {
    /// The counts of people.
    pub people: Counts,
    /// The counts of groups.
    pub groups: Counts,
    /// The number of people and groups that were skipped, because the journal has them as done.
    pub resumed: usize,
    /// The number of requests that were sent.
    pub requests: usize,
    /// The number of repetitions after a 429, 502, 503 or 504, or because no answer came.
    pub retries: usize,
    /// The requests by step.
    pub steps: BTreeMap<String, StepCount>,
}

/// The work and the findings of a session. It serialises as plain data, and never holds a token or a password.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Report {
    /// The client that was played.
    pub client: String,
    /// The reason why the session ended early, if it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aborted: Option<String>,
    /// The work, in numbers.
    pub summary: Summary,
    /// The findings, the worst first.
    pub findings: Vec<Finding>,
}

/// The counts and the findings, for the message of a test that fails.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "people: {}\ngroups: {}", self.summary.people, self.summary.groups)?;
        self.findings.iter().try_for_each(|finding| write!(f, "\n{finding}"))?;
        self.aborted.as_ref().map_or(Ok(()), |why| write!(f, "\nnot finished: {why}"))
    }
}

impl Report {
    /// Whether the push was complete, and the client would accept every answer: the session did not end early, nothing
    /// failed, and no finding is an error.
    pub fn ok(&self) -> bool {
        self.aborted.is_none()
            && self.summary.people.failed + self.summary.groups.failed == 0
            && self.findings.iter().all(|finding| finding.severity != Severity::Error)
    }

    /// Whether nothing was created, changed or removed, and nothing failed.
    pub fn nothing_changed(&self) -> bool {
        [&self.summary.people, &self.summary.groups]
            .iter()
            .all(|counts| counts.created + counts.updated + counts.suspended + counts.deleted + counts.failed == 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_read_in_a_failed_assertion() {
        let mut report =
            Report { client: "onelogin".to_owned(), aborted: None, summary: Summary::default(), findings: Vec::new() };
        report.summary.people = Counts { created: 4, failed: 1, ..Counts::default() };
        assert_eq!(report.to_string(), "people: 4 created, 1 failed\ngroups: none");
        report.aborted = Some("the token is not valid".to_owned());
        assert!(report.to_string().ends_with("groups: none\nnot finished: the token is not valid"));
    }
}
