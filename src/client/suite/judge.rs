//! Checks of the answers to a suite.

use serde_json::{Map, Value};

use super::memory::Memory;
use crate::client::check;
use crate::client::context::{Answer, Context};
use crate::client::finding::Code;
use crate::client::resource::id_of;
use crate::coerce::members::member;

/// An answer, and the state that its check may read and change.
pub(super) struct Judge<'a> {
    pub cx: &'a mut Context,
    pub answer: &'a Answer,
    pub memory: &'a mut Memory,
}

impl Judge<'_> {
    pub(super) fn note(&mut self, code: Code, found: impl Into<String>) {
        self.cx.note(code, self.answer, found);
    }

    pub(super) fn success(&mut self) -> bool {
        check::success(self.cx, self.answer)
    }

    pub(super) fn deleted(&mut self) {
        check::deleted(self.cx, self.answer);
    }

    pub(super) fn cleared(&mut self) {
        self.memory.ids.remove("left");
        self.deleted();
    }

    /// Remembers the id of a resource that an earlier run has left. Other resources in the answer are not reported, because
    /// another step checks the filter.
    pub(super) fn left_over(&mut self, attribute: &str, name: &str) {
        let resources = self.answer.member("Resources").and_then(Value::as_array);
        let is_it = |resource: &&Value| {
            let found = resource.as_object().and_then(|members| member(members, attribute));
            found.and_then(Value::as_str) == Some(name)
        };
        if let Some(id) = resources.and_then(|resources| resources.iter().find(is_it)).and_then(id_of) {
            self.memory.ids.insert("left", id);
        }
    }

    /// Checks a creation, and remembers the id.
    fn created(&mut self, key: &'static str) -> Option<&Value> {
        if self.answer.status == 409 && self.answer.is_repeated {
            // The answer to an earlier try was lost, but that try created the resource. The next step looks it up.
            self.memory.is_lost = true;
            return None;
        }
        if !check::created(self.cx, self.answer) {
            return None;
        }
        let resource = self.answer.value.as_ref()?;
        let id = check::resource(self.cx, self.answer, resource)?;
        self.memory.ids.insert(key, id);
        Some(resource)
    }

    /// Remembers the id of a resource that an earlier try has created, although the answer to that try was lost. The judged
    /// answer is that of a look-up by name.
    pub(super) fn mine(&mut self, key: &'static str, attribute: &str, name: &str) {
        self.memory.is_lost = false;
        self.left_over(attribute, name);
        if let Some(id) = self.memory.ids.remove("left") {
            self.memory.ids.insert(key, id);
        }
    }

    /// Checks that a user was created with the values that were sent.
    pub(super) fn created_user(&mut self, key: &'static str, body: &Value) {
        if let Some(due) = check::expected(self.cx, self.answer, body) {
            self.memory.bodies.insert(key, due);
        }
        if self.created(key).is_some() {
            self.holds(key);
        }
    }

    pub(super) fn created_group(&mut self, key: &'static str, display_name: &str) {
        if self.created(key).is_some() {
            self.text("displayName", display_name);
        }
    }

    /// Checks that the user of the answer has the values that the user should have after all changes so far.
    pub(super) fn holds(&mut self, key: &'static str) {
        if let (Some(user), Some(body)) = (&self.answer.value, self.memory.bodies.get(key).cloned()) {
            self.held(user, &body);
        }
    }

    fn held(&mut self, user: &Value, body: &Value) {
        check::values(self.cx, self.answer, body, user);
    }

    /// Checks the answer to a read of a user by id.
    pub(super) fn read_user(&mut self, key: &'static str) {
        if self.success() {
            self.same_id(key);
            self.holds(key);
        }
    }

    pub(super) fn same_id(&mut self, key: &str) {
        if let (Some(resource), Some(id)) = (&self.answer.value, self.memory.id(key).map(str::to_owned)) {
            check::same_id(self.cx, self.answer, resource, &id);
        }
    }

    /// Checks that the attribute `name` of the answer's resource is the text `due`.
    pub(super) fn text(&mut self, name: &str, due: &str) {
        let Some(object) = self.answer.object() else { return };
        let found = member(object, name);
        if found.and_then(Value::as_str) != Some(due) {
            let got = found.map_or_else(|| "nothing".to_owned(), check::short);
            self.cx.note_value(Code::ValueLost, self.answer, name, format!("`{name}`: expected `{due}`, found {got}"));
        }
    }

    /// Checks that a list has only the wanted resource, and returns it.
    pub(super) fn one(&mut self, attribute: &str, wanted: &str) -> Option<Value> {
        if !self.success() {
            return None;
        }
        let resources = check::list(self.cx, self.answer);
        let found = check::the_one(self.cx, self.answer, resources, attribute, wanted).cloned();
        if found.is_none() {
            self.note(Code::LookUpMissed, format!("nothing has the `{attribute}` `{wanted}`, though it is there"));
        }
        found
    }

    /// Checks that a list has only the wanted user, with the values that the user should have after all changes so far.
    pub(super) fn one_user(&mut self, key: &'static str, attribute: &str, wanted: &str) {
        let body = self.memory.bodies.get(key).cloned();
        if let (Some(user), Some(body)) = (self.one(attribute, wanted), body) {
            check::user(self.cx, self.answer, &user);
            self.held(&user, &body);
        }
    }

    /// Checks that a list is empty, after a look-up of somebody who does not exist.
    pub(super) fn nobody(&mut self, attribute: &str, wanted: &str) {
        if self.success() {
            let resources = check::list(self.cx, self.answer);
            check::the_one(self.cx, self.answer, resources, attribute, wanted);
        }
    }

    /// Checks that a duplicate was refused. If the endpoint created it, its id is remembered, so that a later step deletes
    /// it.
    pub(super) fn conflict(&mut self, key: &'static str) {
        match self.answer.status {
            409 => check::conflict(self.cx, self.answer),
            200..=299 => {
                self.note(Code::DuplicateAccepted, format!("status {}", self.answer.status));
                let id = self.answer.value.as_ref().and_then(id_of);
                if let Some(id) = id.filter(|id| self.memory.id(key) != Some(id)) {
                    self.memory.ids.insert("left", id);
                }
            }
            status => self.note(Code::DuplicateStatus, format!("status {status}")),
        }
    }

    /// Checks that the answer is a 404, and an error with a `detail`.
    pub(super) fn not_found(&mut self) {
        if self.answer.status == 404 {
            self.detail();
        } else {
            self.note(Code::NotFoundStatus, format!("status {} for what does not exist", self.answer.status));
        }
    }

    /// Checks that an error has a `detail` for people to read.
    pub(super) fn detail(&mut self) {
        let detail = self.answer.member("detail").and_then(Value::as_str);
        // An answer that is not a SCIM error at all is already reported.
        if check::is_scim_error(self.answer) && detail.is_none_or(str::is_empty) {
            self.note(Code::ErrorBody, "no `detail`");
        }
    }

    /// Checks that a deleted resource is no longer found.
    pub(super) fn gone(&mut self) {
        if self.answer.status != 404 {
            self.note(Code::NotDeleted, format!("status {} to a GET of what was deleted", self.answer.status));
        }
    }

    /// Checks that a group, or each group of a list, has no `members`, because the request excluded them.
    pub(super) fn without_members(&mut self) {
        let has = |resource: &Map<String, Value>| member(resource, "members").is_some();
        let listed = self.answer.member("Resources").and_then(Value::as_array);
        let found = match listed {
            Some(resources) => resources.iter().filter_map(Value::as_object).any(has),
            None => self.answer.object().is_some_and(has),
        };
        if found {
            self.note(Code::MembersReturned, "`members` though they are excluded");
        }
    }

    /// Checks that the group of the answer has exactly the expected members.
    pub(super) fn members(&mut self, keys: &[&str]) {
        if !self.success() {
            return;
        }
        let mut due: Vec<_> = keys.iter().filter_map(|key| self.memory.id(key)).collect();
        let value = |element: &Value| member(element.as_object()?, "value")?.as_str().map(str::to_owned);
        let elements = self.answer.member("members").and_then(Value::as_array);
        let mut found: Vec<_> = elements.into_iter().flatten().filter_map(value).collect();
        due.sort_unstable();
        found.sort();
        if found != due {
            self.note(Code::MembersDiffer, format!("expected {} members, found {}", due.len(), found.len()));
        }
    }

    /// Checks that a user can no longer sign in.
    pub(super) fn inactive(&mut self, user: Option<&Map<String, Value>>) {
        if let Some(user) = user {
            check::inactive(self.cx, self.answer, user);
        }
    }
}
