//! The state that all jobs of a session share.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value};

use super::finding::{Code, Finding, FindingPlace, Findings};
use super::plan::{Account, Plan};
use crate::coerce::members::member;
use crate::filter::case_fold;
use crate::schema::ResourceType;

/// An answer whose headers and body have been read.
#[derive(Debug, Default)]
pub(super) struct Answer {
    pub place: FindingPlace,
    pub status: u16,
    /// The body, if it is a JSON object.
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

pub(super) struct Context {
    pub plan: Plan,
    pub users: ResourceType,
    pub findings: Findings,
    /// The findings since the last move of the current job. The journal entry of the job gets them.
    pub fresh: Findings,
    /// Whether each person of the plan is leaving, by case-folded `userName`.
    pub leaving: HashMap<String, bool>,
    /// The ids of people at the endpoint, by case-folded `userName`.
    ids: HashMap<String, String>,
    /// The `userName`s of people, by their id at the endpoint.
    names: HashMap<String, String>,
    /// The people who are leaving and whose look-up failed, by case-folded `userName`.
    pub lost: HashSet<String>,
    /// The groups that were imported, by case-folded `displayName`.
    pub imported: HashMap<String, Value>,
    /// The reason why the session must end early, if there is one.
    pub aborted: Option<String>,
}

impl Context {
    pub(super) fn new(plan: Plan) -> Self {
        let leaving = |person: &Account| Some((case_fold::fold(person.user_name()?), person.leaving));
        Self {
            leaving: plan.people.iter().filter_map(leaving).collect(),
            plan,
            users: ResourceType::user(),
            findings: Findings::default(),
            fresh: Findings::default(),
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

    pub(super) fn note_at(&mut self, code: Code, place: &FindingPlace, found: impl Into<String>) {
        self.keep(Findings::make(code, self.plan.client, place, found.into()));
    }

    /// Notes a finding about the value of an attribute.
    pub(super) fn note_value(&mut self, code: Code, answer: &Answer, attribute: &str, found: String) {
        let mut finding = Findings::make(code, self.plan.client, &answer.place, found);
        attribute.clone_into(&mut finding.attribute);
        self.keep(finding);
    }

    fn keep(&mut self, finding: Finding) {
        self.fresh.add(finding.clone());
        self.findings.add(finding);
    }

    /// The `userName` of a person of the plan.
    pub(super) fn user_name(&self, index: usize) -> String {
        self.plan.people.get(index).and_then(Account::user_name).unwrap_or_default().to_owned()
    }

    /// Remembers the id of a person.
    pub(super) fn know(&mut self, user_name: &str, id: &str) {
        self.ids.insert(case_fold::fold(user_name), id.to_owned());
        self.names.insert(id.to_owned(), user_name.to_owned());
    }

    /// The `userName` of the person of the plan who has this id.
    pub(super) fn name(&self, id: &str) -> Option<&str> {
        self.names.get(id).map(String::as_str)
    }

    pub(super) fn id(&self, user_name: &str) -> Option<&str> {
        self.ids.get(&case_fold::fold(user_name)).map(String::as_str)
    }
}
