//! Groups: imported or looked up, created if they are missing, and given the members of the plan.

use std::collections::{HashSet, VecDeque};

use serde_json::Value;

use super::check;
use super::context::{Answer, Context, Move, has_moved, id_of, last_modified};
use super::dialect::{self, MEMBERS_AT_ONCE, Member, step};
use super::finding::Code;
use super::person::conflict;
use super::plan::Plan;
use super::report::Outcome;
use super::request::Draft;
use super::session::{Job, Kind};
use crate::coerce::members::member;
use crate::filter::fold;

/// OneLogin's "refresh entitlements": reads all groups, page by page if the first answer does not have them all.
#[derive(Debug)]
pub(super) struct Import {
    read: usize,
    /// The groups of the plan, by folded `displayName`.
    wanted: HashSet<String>,
}

impl Import {
    pub(super) fn new(plan: &Plan) -> Self {
        Self { read: 0, wanted: plan.groups.iter().map(|group| fold::fold(&group.display_name)).collect() }
    }
}

/// A bound on the paging, far above the number of groups of any real endpoint: a wrong `totalResults` must not keep the
/// import going.
const MOST_GROUPS: usize = 100_000;

impl Job for Import {
    fn kind(&self) -> Kind {
        Kind::Import
    }

    fn subject(&self, _cx: &Context) -> String {
        String::new()
    }

    fn step(&mut self, cx: &mut Context, answer: Option<&Answer>) -> Move {
        let Some(answer) = answer else {
            return Move::Send(Draft::get(step::IMPORT_GROUPS, "/Groups".to_owned()));
        };
        if !check::success(cx, answer) {
            return Move::Finish(None, None);
        }
        let resources = check::list(cx, answer);
        for group in resources {
            check::resource(cx, answer, group);
            // Only groups of the plan are kept: a server may have any number of others.
            let folded = display_name(group).map(fold::fold).filter(|name| self.wanted.contains(name));
            if let Some(folded) = folded
                && cx.imported.insert(folded, group.clone()).is_some()
            {
                let name = check::cut(display_name(group).unwrap_or_default());
                cx.note(Code::FoundTwice, answer, format!("two groups have the `displayName` `{name}`"));
            }
        }
        let total = answer.member("totalResults").and_then(Value::as_u64).unwrap_or(0);
        let total = usize::try_from(total).unwrap_or(usize::MAX);
        if self.read == 0 && !resources.is_empty() && resources.len() < total {
            cx.note(Code::GroupsShort, answer, format!("{} of {total} groups", resources.len()));
        }
        self.read += resources.len();
        if resources.is_empty() || self.read >= total.min(MOST_GROUPS) {
            return Move::Finish(None, None);
        }
        let path = format!("/Groups?startIndex={}&count={}", self.read + 1, resources.len());
        Move::Send(Draft::get(step::IMPORT_GROUPS, path))
    }
}

fn display_name(group: &Value) -> Option<&str> {
    member(group.as_object()?, "displayName")?.as_str()
}

/// The ids of the members; none if the group has no list `members`.
fn members_of(group: &Value) -> Option<HashSet<String>> {
    let members = member(group.as_object()?, "members")?.as_array()?;
    Some(
        members
            .iter()
            .filter_map(|element| member(element.as_object()?, "value")?.as_str().map(str::to_owned))
            .collect(),
    )
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    Start,
    LookUp,
    Create,
    /// After a 409: another client was quicker, or an earlier try had arrived.
    LookUpAgain,
    Members,
    Change,
    Verify,
    Redundant,
    AfterRedundant,
}

/// A group of the plan. Only people of the plan are added or removed; the client leaves other members alone.
#[derive(Debug)]
pub(super) struct GroupJob {
    index: usize,
    at: At,
    id: String,
    is_new: bool,
    before: Value,
    wanted: Vec<Member>,
    unwanted: HashSet<String>,
    changes: VecDeque<Draft>,
}

impl GroupJob {
    pub(super) fn new(index: usize) -> Self {
        Self {
            index,
            at: At::Start,
            id: String::new(),
            is_new: false,
            before: Value::Null,
            wanted: Vec::new(),
            unwanted: HashSet::new(),
            changes: VecDeque::new(),
        }
    }

    fn get(&mut self, at: At) -> Move {
        self.at = at;
        Move::Send(Draft::get(step::GET_GROUP, dialect::group_path(&self.id)))
    }

    fn create(&mut self, cx: &Context) -> Move {
        self.at = At::Create;
        let body = cx.plan.dialect().group(&cx.plan, &self.subject(cx));
        Move::Send(Draft::with_body(step::CREATE_GROUP, "POST", "/Groups".to_owned(), body))
    }

    fn start(&mut self, cx: &mut Context) -> Move {
        let name = self.subject(cx);
        if let Some(draft) = cx.plan.dialect().look_up_group(&name) {
            self.at = At::LookUp;
            return Move::Send(draft);
        }
        match cx.imported.get(&fold::fold(&name)).cloned() {
            None => self.create(cx),
            Some(group) => {
                let Some(id) = id_of(&group) else { return Move::failed() };
                self.id = id;
                // A list may leave out the members; then the group is read on its own.
                if members_of(&group).is_some() {
                    return self.compare(cx, group);
                }
                self.get(At::Members)
            }
        }
    }

    fn looked_up(&mut self, cx: &mut Context, answer: &Answer) -> Move {
        if !check::success(cx, answer) {
            return Move::failed();
        }
        let name = self.subject(cx);
        let resources = check::list(cx, answer);
        // A client without a look-up of groups has asked for all groups, so the name is compared here.
        let is_it = |group: &&Value| display_name(group).is_some_and(|other| fold::fold(other) == fold::fold(&name));
        let found = if answer.place.step == step::IMPORT_GROUPS {
            resources.iter().find(is_it)
        } else {
            check::the_one(cx, answer, resources, "displayName", &name)
        };
        let Some(group) = found else {
            if self.at == At::LookUp {
                return self.create(cx);
            }
            cx.note(Code::LookUpMissed, answer, "409 to the creation, and the group is not found");
            return Move::failed();
        };
        if answer.place.request.contains("excludedAttributes=members") && members_of(group).is_some() {
            cx.note(Code::MembersReturned, answer, "`members` though they are excluded");
        }
        let Some(id) = check::resource(cx, answer, group) else { return Move::failed() };
        self.id = id;
        self.get(At::Members)
    }

    fn created(&mut self, cx: &mut Context, answer: &Answer) -> Move {
        if answer.status == 409 {
            if !answer.is_repeated {
                conflict(cx, answer);
            }
            self.at = At::LookUpAgain;
            let draft = cx.plan.dialect().look_up_group(&self.subject(cx));
            return Move::Send(draft.unwrap_or_else(|| Draft::get(step::IMPORT_GROUPS, "/Groups".to_owned())));
        }
        if !check::created(cx, answer) {
            return Move::failed();
        }
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
        // People of the plan who are members and should not be. Members from outside the plan stay.
        let of_plan = |id: &String| Some(Member { id: id.clone(), user_name: cx.name(id)?.to_owned() });
        let mut unwanted: Vec<_> = has.iter().filter(|id| !wanted.contains(id.as_str())).filter_map(of_plan).collect();
        unwanted.sort_by(|a, b| a.user_name.cmp(&b.user_name));
        let missing: Vec<_> = self.wanted.iter().filter(|member| !has.contains(&member.id)).cloned().collect();
        if missing.is_empty() && unwanted.is_empty() {
            return self.redundant(cx);
        }
        let dialect = cx.plan.dialect();
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

    /// Collects the people who are to be members and have an id.
    fn choose(&mut self, cx: &mut Context) {
        let Some(group) = cx.plan.groups.get(self.index) else { return };
        let mut strangers = Vec::new();
        let mut seen = HashSet::new();
        for name in &group.members {
            match cx.leaving.get(&fold::fold(name)) {
                None => strangers.push(name.clone()),
                // A person who is leaving does not become a member, whatever the list says.
                Some(true) => {}
                Some(false) => {
                    if let Some(id) = cx.id(name).filter(|id| seen.insert((*id).to_owned())) {
                        self.wanted.push(Member { id: id.to_owned(), user_name: name.clone() });
                    }
                }
            }
        }
        if let Some(first) = strangers.first() {
            let place = super::finding::Place {
                step: step::ADD_MEMBERS,
                subject: group.display_name.clone(),
                ..Default::default()
            };
            cx.note_at(Code::MemberUnknown, &place, format!("{} not pushed: `{first}`", strangers.len()));
        }
    }

    /// Sends the next change, or reads the group to check them all.
    fn change(&mut self) -> Move {
        match self.changes.pop_front() {
            Some(draft) => {
                self.at = At::Change;
                Move::Send(draft)
            }
            None => self.get(At::Verify),
        }
    }

    fn verify(&self, cx: &mut Context, answer: &Answer) -> Move {
        let has = answer.value.as_ref().and_then(members_of).unwrap_or_default();
        let missing: Vec<_> = self.wanted.iter().filter(|member| !has.contains(&member.id)).collect();
        let kept = has.intersection(&self.unwanted).count();
        if missing.is_empty() && kept == 0 {
            return self.finish(Outcome::Updated);
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

    /// Adds a member who is already there. Clients do this, and it must not change anything.
    fn redundant(&mut self, cx: &Context) -> Move {
        match self.wanted.first().filter(|_| cx.plan.probes) {
            None => self.finish(Outcome::Unchanged),
            Some(member) => {
                self.at = At::Redundant;
                let member = std::slice::from_ref(member);
                Move::Send(cx.plan.dialect().add_members(&cx.plan, &self.id, member))
            }
        }
    }

    fn after_redundant(&mut self, cx: &mut Context, answer: &Answer) -> Move {
        let Some(after) = &answer.value else {
            return if self.at == At::Redundant { self.get(At::AfterRedundant) } else { Move::failed() };
        };
        if has_moved(&self.before, after) {
            let of = |resource| check::cut(last_modified(resource).unwrap_or_default());
            cx.note(Code::ModifiedUnchanged, answer, format!("`{}`, was `{}`", of(after), of(&self.before)));
            return self.finish(Outcome::Updated);
        }
        self.finish(Outcome::Unchanged)
    }

    fn finish(&self, outcome: Outcome) -> Move {
        let outcome = if self.is_new { Outcome::Created } else { outcome };
        Move::Finish(Some(outcome), Some(self.id.clone()))
    }
}

impl Job for GroupJob {
    fn kind(&self) -> Kind {
        Kind::Group
    }

    fn subject(&self, cx: &Context) -> String {
        cx.plan.groups.get(self.index).map(|group| group.display_name.clone()).unwrap_or_default()
    }

    fn index(&self) -> usize {
        self.index
    }

    fn step(&mut self, cx: &mut Context, answer: Option<&Answer>) -> Move {
        let Some(answer) = answer else { return self.start(cx) };
        match self.at {
            At::Start => Move::failed(),
            At::LookUp | At::LookUpAgain => self.looked_up(cx, answer),
            At::Create => self.created(cx, answer),
            _ if !check::success(cx, answer) => Move::failed(),
            At::Members => {
                let Some(group) = answer.value.clone() else { return Move::failed() };
                check::same_id(cx, answer, &group, &self.id);
                self.compare(cx, group)
            }
            At::Change => self.change(),
            At::Verify => self.verify(cx, answer),
            At::Redundant | At::AfterRedundant => self.after_redundant(cx, answer),
        }
    }
}
