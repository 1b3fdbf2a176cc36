//! The state that all jobs of a session share, and the moves that a job makes.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value};

use super::finding::{Code, Finding, Findings, Place};
use super::plan::{Person, Plan};
use super::report::Outcome;
use super::request::Draft;
use crate::coerce::members::member;
use crate::filter::fold;
use crate::schema::ResourceType;

/// An answer after it was read.
#[derive(Debug, Default)]
pub(super) struct Answer {
    pub place: Place,
    pub status: u16,
    /// The JSON object of the body, if it has one.
    pub value: Option<Value>,
    /// The header `Location`.
    pub location: Option<String>,
    /// Whether the request was sent more than once, so that an earlier try may have had its effect.
    pub is_repeated: bool,
}

impl Answer {
    pub(super) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    pub(super) fn object(&self) -> Option<&Map<String, Value>> {
        self.value.as_ref()?.as_object()
    }

    pub(super) fn member(&self, name: &str) -> Option<&Value> {
        member(self.object()?, name)
    }
}

/// The `id` of a resource, as a path uses it. A numeric `id` is accepted here and reported by `check::resource`.
pub(super) fn id_of(resource: &Value) -> Option<String> {
    match member(resource.as_object()?, "id")? {
        // These ids would change the path itself: `/Users/..` is `/`.
        Value::String(id) if !["", ".", ".."].contains(&id.as_str()) => Some(id.clone()),
        Value::Number(id) => Some(id.to_string()),
        _ => None,
    }
}

pub(super) fn last_modified(resource: &Value) -> Option<&str> {
    let meta = member(resource.as_object()?, "meta")?.as_object()?;
    member(meta, "lastModified")?.as_str()
}

/// Whether a request that asked for nothing new has moved `meta.lastModified`.
pub(super) fn has_moved(before: &Value, after: &Value) -> bool {
    matches!((last_modified(before), last_modified(after)), (Some(before), Some(after)) if before != after)
}

/// The next move of a job.
pub(super) enum Move {
    Send(Draft),
    /// The job is done: with an outcome to count, and the id if it is about a person or group.
    Finish(Option<Outcome>, Option<String>),
}

impl Move {
    pub(super) fn failed() -> Self {
        Self::Finish(Some(Outcome::Failed), None)
    }
}

pub(super) struct Context {
    pub plan: Plan,
    pub users: ResourceType,
    pub findings: Findings,
    /// The findings of the job that is moving, for its journal entry.
    pub fresh: Vec<Finding>,
    /// Whether a person of the plan is leaving, by folded `userName`.
    pub leaving: HashMap<String, bool>,
    /// The ids of people, by folded `userName`.
    ids: HashMap<String, String>,
    /// The `userName`s of people, by id.
    names: HashMap<String, String>,
    /// People who are leaving and whose look-up failed, by folded `userName`.
    pub lost: HashSet<String>,
    /// The groups that were imported, by folded `displayName`.
    pub imported: HashMap<String, Value>,
    /// Why the session must end early.
    pub aborted: Option<String>,
}

impl Context {
    pub(super) fn new(plan: Plan) -> Self {
        let leaving = |person: &Person| Some((fold::fold(person.user_name()?), person.leaving));
        Self {
            leaving: plan.people.iter().filter_map(leaving).collect(),
            plan,
            users: ResourceType::user(),
            findings: Findings::default(),
            fresh: Vec::new(),
            ids: HashMap::new(),
            names: HashMap::new(),
            lost: HashSet::new(),
            imported: HashMap::new(),
            aborted: None,
        }
    }

    /// Notes a finding about an answer.
    pub(super) fn note(&mut self, code: Code, answer: &Answer, found: impl Into<String>) {
        self.note_at(code, &answer.place, found);
    }

    pub(super) fn note_at(&mut self, code: Code, place: &Place, found: impl Into<String>) {
        self.keep(Findings::make(code, self.plan.client, place, found.into()));
    }

    /// Notes a finding about the value of an attribute.
    pub(super) fn note_value(&mut self, code: Code, answer: &Answer, attribute: &str, found: String) {
        let mut finding = Findings::make(code, self.plan.client, &answer.place, found);
        attribute.clone_into(&mut finding.attribute);
        self.keep(finding);
    }

    fn keep(&mut self, finding: Finding) {
        match self.fresh.iter_mut().find(|known| known.is_of(&finding)) {
            Some(known) => known.count += finding.count,
            None => self.fresh.push(finding.clone()),
        }
        self.findings.add(finding);
    }

    /// Remembers the id of a person.
    pub(super) fn know(&mut self, user_name: &str, id: &str) {
        self.ids.insert(fold::fold(user_name), id.to_owned());
        self.names.insert(id.to_owned(), user_name.to_owned());
    }

    /// The `userName` of the person of the plan who has this id.
    pub(super) fn name(&self, id: &str) -> Option<&str> {
        self.names.get(id).map(String::as_str)
    }

    pub(super) fn id(&self, user_name: &str) -> Option<&str> {
        self.ids.get(&fold::fold(user_name)).map(String::as_str)
    }
}
