//! Looks up or imports one group, creates it if it does not exist, and changes its members to those of the plan.

use std::collections::{HashSet, VecDeque};

use serde_json::Value;

use super::lookup::{Lookup, LookupAnswer};
use crate::client::check;
use crate::client::context::{Answer, Context};
use crate::client::dialect::{self, GroupMember, MEMBERS_AT_ONCE};
use crate::client::finding::{Code, FindingPlace};
use crate::client::job::{Job, JobKind, Move};
use crate::client::report::Counted;
use crate::client::request::Draft;
use crate::client::resource::{display_name, id_of, members_of};
use crate::client::step;
use crate::filter::case_fold;

#[derive(Debug)]
enum GroupState {
    Start,
    Lookup(Box<Lookup>),
    Members,
    Change,
    Verify,
    Redundant,
    AfterRedundant,
}

/// A group of the plan. Only people of the plan are added or removed; the client leaves other members alone.
#[derive(Debug)]
pub(in crate::client) struct GroupJob {
    index: usize,
    state: GroupState,
    id: String,
    is_new: bool,
    before: Value,
    wanted: Vec<GroupMember>,
    unwanted: HashSet<String>,
    changes: VecDeque<Draft>,
}

impl GroupJob {
    pub(in crate::client) fn new(index: usize) -> Self {
        Self {
            index,
            state: GroupState::Start,
            id: String::new(),
            is_new: false,
            before: Value::Null,
            wanted: Vec::new(),
            unwanted: HashSet::new(),
            changes: VecDeque::new(),
        }
    }

    fn get(&mut self, state: GroupState) -> Move {
        self.state = state;
        Move::Send(Draft::get(step::GET_GROUP, dialect::group_path(&self.id)))
    }

    fn start(&mut self, cx: &mut Context) -> Move {
        let name = self.subject(cx);
        let dialect = dialect::of(cx.plan.client);
        let look_up = dialect.look_up_group(&name);
        let is_imported = look_up.is_none();
        if let Some(group) = cx.imported.get(&case_fold::fold(&name)).filter(|_| is_imported).cloned() {
            let Some(id) = id_of(&group) else { return Move::failed() };
            self.id = id;
            // The answer to a list request may leave out the members of a group. Then the group itself is read.
            return if members_of(&group).is_some() { self.compare(cx, group) } else { self.get(GroupState::Members) };
        }
        let look_up = look_up.unwrap_or_else(|| Draft::get(step::IMPORT_GROUPS, "/Groups".to_owned()));
        let body = dialect.group(&cx.plan, &name);
        let create = Draft::with_body(step::CREATE_GROUP, "POST", "/Groups".to_owned(), body);
        let mut search = Lookup::new("displayName", name, look_up, Some(create));
        let next = if is_imported { search.create() } else { search.start() };
        self.state = GroupState::Lookup(Box::new(search));
        next
    }

    fn existing(&mut self, cx: &mut Context, answer: &Answer, group: &Value) -> Move {
        if answer.place.request.contains("excludedAttributes=members") && members_of(group).is_some() {
            cx.note(Code::MembersReturned, answer, "`members` though they are excluded");
        }
        let Some(id) = check::resource(cx, answer, group) else { return Move::failed() };
        self.id = id;
        self.get(GroupState::Members)
    }

    fn created(&mut self, cx: &mut Context, answer: &Answer) -> Move {
        let Some(group) = &answer.value else { return Move::failed() };
        let Some(id) = check::resource(cx, answer, group) else { return Move::failed() };
        let name = self.subject(cx);
        if display_name(group) != Some(name.as_str()) {
            let got = answer.member("displayName").map_or_else(|| "nothing".to_owned(), check::short);
            cx.note(Code::ValueLost, answer, format!("`displayName`: sent `{name}`, got {got}"));
        }
        self.id = id;
        self.is_new = true;
        self.compare(cx, group.clone())
    }

    /// Compares the group with the plan, and sends the first change.
    fn compare(&mut self, cx: &mut Context, group: Value) -> Move {
        let has = members_of(&group).unwrap_or_default();
        self.before = group;
        self.choose(cx);
        let wanted: HashSet<_> = self.wanted.iter().map(|member| member.id.as_str()).collect();
        // `of_plan` is none for members from outside the plan, so they are not removed.
        let of_plan = |id: &String| Some(GroupMember { id: id.clone(), user_name: cx.name(id)?.to_owned() });
        let mut unwanted: Vec<_> = has.iter().filter(|id| !wanted.contains(id.as_str())).filter_map(of_plan).collect();
        unwanted.sort_by(|a, b| a.user_name.cmp(&b.user_name));
        let missing: Vec<_> = self.wanted.iter().filter(|member| !has.contains(&member.id)).cloned().collect();
        if missing.is_empty() && unwanted.is_empty() {
            return self.redundant(cx);
        }
        let dialect = dialect::of(cx.plan.client);
        self.changes.extend(dialect.rename(&self.id, &self.subject(cx)));
        for some in unwanted.chunks(MEMBERS_AT_ONCE) {
            self.changes.push_back(dialect.remove_members(&cx.plan, &self.id, some));
        }
        for some in missing.chunks(MEMBERS_AT_ONCE) {
            self.changes.push_back(dialect.add_members(&cx.plan, &self.id, some));
        }
        self.unwanted = unwanted.into_iter().map(|member| member.id).collect();
        self.change()
    }

    /// Collects the people of the plan who should be members of the group. People whose id is not known are left out. Names
    /// outside the plan are reported.
    fn choose(&mut self, cx: &mut Context) {
        let Some(group) = cx.plan.groups.get(self.index) else { return };
        let mut strangers = Vec::new();
        let mut seen = HashSet::new();
        for name in &group.members {
            match cx.leaving.get(&case_fold::fold(name)) {
                None => strangers.push(name.clone()),
                // A person who is leaving does not become a member, even if the group lists the person.
                Some(true) => {}
                Some(false) => {
                    if let Some(id) = cx.id(name).filter(|id| seen.insert((*id).to_owned())) {
                        self.wanted.push(GroupMember { id: id.to_owned(), user_name: name.clone() });
                    }
                }
            }
        }
        if let Some(first) = strangers.first() {
            let place =
                FindingPlace { step: step::ADD_MEMBERS, subject: group.display_name.clone(), ..Default::default() };
            cx.note_at(Code::MemberUnknown, &place, format!("{} not pushed: `{first}`", strangers.len()));
        }
    }

    /// Sends the next change. After the last change, reads the group to check that it has the members of the plan.
    fn change(&mut self) -> Move {
        match self.changes.pop_front() {
            Some(draft) => {
                self.state = GroupState::Change;
                Move::Send(draft)
            }
            None => self.get(GroupState::Verify),
        }
    }

    fn verify(&self, cx: &mut Context, answer: &Answer) -> Move {
        let has = answer.value.as_ref().and_then(members_of).unwrap_or_default();
        let missing: Vec<_> = self.wanted.iter().filter(|member| !has.contains(&member.id)).collect();
        let kept = has.intersection(&self.unwanted).count();
        if missing.is_empty() && kept == 0 {
            return self.finish(Counted::Updated);
        }
        let mut found = Vec::new();
        if let Some(first) = missing.first() {
            found.push(format!("{} of {} are missing: `{}`", missing.len(), self.wanted.len(), first.user_name));
        }
        if kept > 0 {
            found.push(format!("{kept} of {} that were removed are still there", self.unwanted.len()));
        }
        cx.note(Code::MembersDiffer, answer, found.join(", "));
        Move::failed()
    }

    /// Adds a member who is already in the group, if probes are on. Clients send such requests, which must not change
    /// anything.
    fn redundant(&mut self, cx: &Context) -> Move {
        match self.wanted.first().filter(|_| cx.plan.probes) {
            None => self.finish(Counted::Unchanged),
            Some(member) => {
                self.state = GroupState::Redundant;
                let member = std::slice::from_ref(member);
                Move::Send(dialect::of(cx.plan.client).add_members(&cx.plan, &self.id, member))
            }
        }
    }

    fn after_redundant(&mut self, cx: &mut Context, answer: &Answer) -> Move {
        match &answer.value {
            Some(after) => self.finish(check::untouched(cx, answer, &self.before, after)),
            None if matches!(self.state, GroupState::Redundant) => self.get(GroupState::AfterRedundant),
            None => Move::failed(),
        }
    }

    fn finish(&self, outcome: Counted) -> Move {
        let outcome = if self.is_new { Counted::Created } else { outcome };
        Move::Finish(Some(outcome), Some(self.id.clone()))
    }
}

impl Job for GroupJob {
    fn kind(&self) -> JobKind {
        JobKind::Group
    }

    fn subject(&self, cx: &Context) -> String {
        cx.plan.groups.get(self.index).map(|group| group.display_name.clone()).unwrap_or_default()
    }

    fn index(&self) -> usize {
        self.index
    }

    fn step(&mut self, cx: &mut Context, answer: Option<&Answer>) -> Move {
        let Some(answer) = answer else { return self.start(cx) };
        match &mut self.state {
            GroupState::Start => Move::failed(),
            GroupState::Lookup(lookup) => match lookup.step(cx, answer) {
                LookupAnswer::Nothing(next) => next,
                LookupAnswer::Existing(group) => self.existing(cx, answer, group),
                LookupAnswer::Created => self.created(cx, answer),
            },
            _ if !check::success(cx, answer) => Move::failed(),
            GroupState::Members => {
                let Some(group) = answer.value.clone() else { return Move::failed() };
                check::same_id(cx, answer, &group, &self.id);
                self.compare(cx, group)
            }
            GroupState::Change => self.change(),
            GroupState::Verify => self.verify(cx, answer),
            GroupState::Redundant | GroupState::AfterRedundant => self.after_redundant(cx, answer),
        }
    }
}
