//! A single-valued attribute while operations change it. The old values of its members are logged as they change, so that
//! everything can be undone and reported without a copy of the value.

use serde_json::{Map, Value};

use crate::coerce::complex_value::ComplexValue;
use crate::coerce::equality::{same_option, same_written};
use crate::coerce::members::{is_unassigned, key_of, member, member_mut, remove_member, replace_member};
use crate::coerce::sublist::{Sublist, Sublists};
use crate::coerce::{Change, diff};
use crate::patch::store::Store;
use crate::schema::{AttrRef, Attribute};

pub(in crate::patch) struct Single<'a> {
    attr: AttrRef<'a>,
    now: Option<Value>,
    before: Before,
    /// The secrets that were set; `None` stands for the whole value.
    secrets: Vec<Option<&'a Attribute>>,
    /// The lists in the value that are being changed in place. The box keeps the type small, since most requests change no
    /// such list.
    lists: Option<Box<Sublists>>,
}

/// The old values of the attribute or of its members: all that is needed to restore the value at the start.
enum Before {
    /// Nothing has changed.
    Same,
    /// The whole old value; `None` if the attribute was absent.
    Whole(Option<Value>),
    /// The members that were set, in the order in which they were first set, each with its old value (`None` if there was
    /// no such member). The names are the keys in the object.
    Members(Vec<(String, Option<Value>)>),
}

fn same_sub(a: Option<&Attribute>, b: Option<&Attribute>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => std::ptr::eq(a, b),
        (a, b) => a.is_none() && b.is_none(),
    }
}

impl ComplexValue for Single<'_> {
    fn get(&self, name: &str) -> Option<&Value> {
        self.member(name)
    }

    fn set(&mut self, name: &str, value: Value) {
        // A value that is not an object is replaced by an empty object.
        if !self.now.as_ref().is_some_and(Value::is_object) {
            self.set_whole(Some(Value::Object(Map::new())));
        }
        if let Some(lists) = &mut self.lists {
            lists.forget(name);
        }
        let Some(Value::Object(members)) = &mut self.now else { return };
        let key = key_of(members, name).unwrap_or(name).to_owned();
        let old = replace_member(members, &key, value);
        self.note(&key, old);
        let sub = self.attr.attribute.sub_attribute(name);
        if let Some(sub) = sub.filter(|sub| sub.is_never_returned()) {
            self.note_secret(Some(sub));
        }
    }

    fn remove(&mut self, name: &str) {
        // The log does not keep the place of a removed member, so the whole old value is kept instead.
        if !matches!(self.before, Before::Whole(_)) {
            self.settle();
            let now = self.now.clone();
            self.set_whole(now);
        }
        if let Some(lists) = &mut self.lists {
            lists.forget(name);
        }
        if let Some(Value::Object(members)) = &mut self.now {
            remove_member(members, name);
        }
    }

    fn list(&mut self, sub: &Attribute) -> Option<(&mut Vec<Value>, &mut Sublist)> {
        self.lists.get_or_insert_default().of(self.now.as_mut()?.as_object_mut()?, sub)
    }

    fn before_list(&mut self, sub: &Attribute) {
        let Some(key) = self.object().and_then(|members| key_of(members, &sub.name)).map(str::to_owned) else { return };
        if !self.is_noted(&key) {
            let old = self.member(&key).cloned();
            self.note(&key, old);
        }
        if let Some(sub) = self.attr.attribute.sub_attribute(&sub.name).filter(|sub| sub.is_never_returned()) {
            self.note_secret(Some(sub));
        }
    }
}

impl<'a> Single<'a> {
    pub(in crate::patch) fn new(attr: AttrRef<'a>, stored: Option<Value>) -> Self {
        Self { attr, now: stored, before: Before::Same, secrets: Vec::new(), lists: None }
    }

    pub(in crate::patch) fn now(&self) -> Option<&Value> {
        self.now.as_ref()
    }

    pub(in crate::patch) fn is_unassigned(&self) -> bool {
        // Simple members are inspected first, because a stored list may consist of a million `null`s.
        let is_simple = |value: &Value| !(value.is_null() || value.is_array() || value.is_object());
        if self.lists.as_ref().is_some_and(|lists| lists.is_assigned())
            || self.object().is_some_and(|members| members.values().any(is_simple))
        {
            return false;
        }
        self.now.as_ref().is_none_or(is_unassigned)
    }

    /// Closes the gaps that operations left in lists. It is called when no more operations follow.
    pub(in crate::patch) fn settle(&mut self) {
        if let (Some(Value::Object(members)), Some(lists)) = (&mut self.now, &mut self.lists) {
            lists.settle(members);
        }
    }

    /// Whether the attribute was assigned at the start.
    pub(in crate::patch) fn was_assigned(&self) -> bool {
        let assigned = |value: Option<&Value>| value.is_some_and(|value| !is_unassigned(value));
        match &self.before {
            Before::Same => !self.is_unassigned(),
            Before::Whole(old) => assigned(old.as_ref()),
            Before::Members(log) => {
                let is_noted = |name: &str| log.iter().any(|(other, _)| other == name);
                let mut others = self.object().into_iter().flatten().filter(|(name, _)| !is_noted(name));
                log.iter().any(|(_, old)| assigned(old.as_ref())) || others.any(|(_, value)| !is_unassigned(value))
            }
        }
    }

    /// Whether the value differs from the stored one.
    pub(in crate::patch) fn is_changed(&self) -> bool {
        if !self.secrets.is_empty() {
            return true;
        }
        match &self.before {
            Before::Same => false,
            Before::Whole(old) => !same_option(old.as_ref(), self.now.as_ref()),
            Before::Members(log) => log.iter().any(|(name, old)| !same_option(old.as_ref(), self.member(name))),
        }
    }

    /// Whether an operation changed the value, even if a later operation restored it.
    pub(in crate::patch) fn is_touched(&self) -> bool {
        !self.secrets.is_empty() || !matches!(self.before, Before::Same)
    }

    /// Sets or unassigns the whole value.
    pub(in crate::patch) fn set_whole(&mut self, value: Option<Value>) {
        self.lists = None;
        let was = std::mem::replace(&mut self.now, value);
        self.before = match std::mem::replace(&mut self.before, Before::Same) {
            Before::Same => Before::Whole(was),
            Before::Whole(old) => Before::Whole(old),
            Before::Members(log) => Before::Whole(reverted(was, log)),
        };
    }

    fn object(&self) -> Option<&Map<String, Value>> {
        self.now.as_ref().and_then(Value::as_object)
    }

    fn member(&self, name: &str) -> Option<&Value> {
        self.object().and_then(|members| member(members, name))
    }

    /// The number of members of the object.
    pub(in crate::patch) fn len(&self) -> usize {
        self.object().map_or(0, Map::len)
    }

    /// Notes that a secret was set. That counts as a change, whatever the secret is (P12a). `None` stands for the whole
    /// value.
    pub(in crate::patch) fn note_secret(&mut self, sub: Option<&'a Attribute>) {
        if !self.secrets.iter().any(|other| same_sub(*other, sub)) {
            self.secrets.push(sub);
        }
    }

    /// Whether the value that a member had at the start has been noted.
    fn is_noted(&self, name: &str) -> bool {
        match &self.before {
            Before::Same => false,
            Before::Whole(_) => true,
            Before::Members(log) => log.iter().any(|(other, _)| other == name),
        }
    }

    fn note(&mut self, name: &str, old: Option<Value>) {
        // Only the value before the first change matters.
        if self.is_noted(name) {
            return;
        }
        match &mut self.before {
            Before::Members(log) => log.push((name.to_owned(), old)),
            before => *before = Before::Members(vec![(name.to_owned(), old)]),
        }
    }

    /// The value at the start.
    pub(in crate::patch) fn undo(self) -> Option<Value> {
        match self.before {
            Before::Same => self.now,
            Before::Whole(old) => old,
            Before::Members(log) => reverted(self.now, log),
        }
    }

    /// Puts the new value into the resource, or the old value if nothing changed. Adds the changes to `changes`, and returns
    /// whether the attribute became unassigned.
    pub(in crate::patch) fn finish<S: Store>(self, store: &mut S, changes: &mut Vec<Change>) -> Result<bool, S::Error> {
        let attr = self.attr;
        match self.changed(changes) {
            Ok(now) => {
                let is_gone = now.is_none();
                store.put(attr, now)?;
                Ok(is_gone)
            }
            Err(old) => {
                store.undo(attr, old);
                Ok(false)
            }
        }
    }

    /// Returns the new value and adds the changes to `changes`; returns `Err` with the old value if nothing changed.
    fn changed(mut self, changes: &mut Vec<Change>) -> Result<Option<Value>, Option<Value>> {
        self.settle();
        let attr = self.attr;
        // The change of a secret must not show its old value.
        if attr.attribute.is_never_returned() && self.is_changed() {
            changes.push(Change::secret(attr, self.now.clone()));
            return Ok(self.now.filter(|value| !is_unassigned(value)));
        }
        let Self { now, before, secrets, .. } = self;
        let count = changes.len();
        let old = match before {
            Before::Same => Err(Vec::new()),
            Before::Whole(old) => {
                diff::attribute(attr, old.as_ref(), now.as_ref(), changes);
                Ok(old)
            }
            Before::Members(mut log) => {
                members_changed(attr, now.as_ref(), &mut log, changes);
                Err(log)
            }
        };
        let has_secrets = !secrets.is_empty();
        for sub in secrets {
            let path = sub.map_or(attr, |sub| attr.sub(sub));
            if changes.iter().skip(count).any(|change| change.path == String::from(path)) {
                continue;
            }
            let value = sub.map_or(now.as_ref(), |sub| member(now.as_ref()?.as_object()?, &sub.name));
            changes.push(Change::secret(path, value.cloned()));
        }
        if let Some(own) = changes.get_mut(count..).filter(|_| has_secrets) {
            diff::in_schema_order(attr, own);
        }
        if changes.len() == count {
            return Err(match old {
                Ok(old) => old,
                Err(log) => reverted(now, log),
            });
        }
        Ok(now.filter(|value| !is_unassigned(value)))
    }
}

/// Adds the changes of members, in the order of the schema; changes of members that no schema knows come last. The old
/// values are moved into the changes.
fn members_changed(
    attr: AttrRef<'_>,
    now: Option<&Value>,
    log: &mut [(String, Option<Value>)],
    changes: &mut Vec<Change>,
) {
    let is = |name: &str| now.and_then(Value::as_object).and_then(|now| member(now, name));
    let position = |name: &str| {
        let subs = &attr.attribute.sub_attributes;
        subs.iter().position(|sub| sub.name.eq_ignore_ascii_case(name)).unwrap_or(subs.len())
    };
    if log.len() > 1 {
        log.sort_by(|(a, _), (b, _)| (position(a), a).cmp(&(position(b), b)));
    }
    for (name, old) in log {
        let new = is(name);
        let same = match attr.attribute.sub_attribute(name) {
            Some(sub) if sub.multi_valued => match (old.as_ref(), new) {
                (Some(old), Some(new)) => same_written(sub, old, new),
                _ => !Change::is_one(old.as_ref(), new),
            },
            _ => !Change::is_one(old.as_ref(), new),
        };
        if same {
            continue;
        }
        let (path, is_secret) = match attr.attribute.sub_attribute(name) {
            Some(sub) => (attr.sub(sub).into(), attr.sub(sub).is_secret()),
            None => (format!("{attr}.{name}"), attr.is_secret()),
        };
        changes.push(if is_secret {
            Change::secret(path, new.cloned())
        } else {
            Change::from_to(path, old.take(), new.cloned())
        });
    }
}

fn reverted(mut now: Option<Value>, log: Vec<(String, Option<Value>)>) -> Option<Value> {
    if let Some(Value::Object(members)) = &mut now {
        for (name, old) in log.into_iter().rev() {
            match old {
                Some(old) => {
                    if let Some(member) = member_mut(members, &name) {
                        *member = old;
                    }
                }
                None => {
                    remove_member(members, &name);
                }
            }
        }
    }
    now
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use serde_json::json;

    use super::*;
    use crate::ResourceType;

    fn name(user: &ResourceType) -> AttrRef<'_> {
        AttrRef::new(None, user.attribute("name").unwrap())
    }

    /// Undoing restores the value byte for byte, including the order and spelling of members.
    #[test]
    fn undone() {
        let user = ResourceType::user();
        let attr = name(&user);
        let stored = json!({"GIVENNAME": "Bo", "familyName": "Li", "middleName": "X"});
        for steps in ["gf", "gfg", "gfm", "gm", "mg", "h", "hg", "hgm", "w", "gw", "gwh", ""] {
            let mut single = Single::new(attr, Some(stored.clone()));
            for step in steps.chars() {
                let value = json!(format!("new {step}"));
                match step {
                    'g' => single.set("givenName", value),
                    'f' => single.set("familyName", value),
                    'h' => single.set("honorificPrefix", value),
                    'm' => single.remove("middleName"),
                    _ => single.set_whole(None),
                }
            }
            assert_eq!(single.is_changed(), !steps.is_empty(), "{steps}");
            assert_eq!(single.undo().unwrap().to_string(), stored.to_string(), "{steps}");
        }
    }

    /// The reported changes compare the first state with the last, however often a member was set.
    #[test]
    fn changes() {
        let user = ResourceType::user();
        let attr = name(&user);
        let mut single = Single::new(attr, Some(json!({"givenName": "A", "b": 1})));
        single.set("givenName", json!("B"));
        single.set("familyName", json!("F"));
        single.set("zz", json!(1));
        single.set("b", json!(2));
        single.set("givenName", json!("C"));
        let mut changes = Vec::new();
        let now = single.changed(&mut changes).unwrap().unwrap();
        let mut expected = Vec::new();
        diff::attribute(attr, Some(&json!({"givenName": "A", "b": 1})), Some(&now), &mut expected);
        assert_eq!(changes, expected);
        assert_eq!(changes.len(), 4);

        let mut single = Single::new(attr, Some(json!({"givenName": "A"})));
        single.set("givenName", json!("B"));
        single.set("givenName", json!("A"));
        assert!(!single.is_changed());
        assert_eq!(single.changed(&mut Vec::new()).unwrap_err().unwrap(), json!({"givenName": "A"}));
    }
}
