//! A single-valued attribute while operations change it. What its members were is noted as they change, so that all can be
//! undone, and the changes told, without a copy of the value.

use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::coerce::members::{is_unassigned, key_of, member, member_mut, remove_member, replace_member};
use crate::coerce::refusal::Refusal;
use crate::coerce::same::same_option;
use crate::coerce::{Change, diff};
use crate::patch::attribute::check_change;
use crate::schema::AttrRef;
use crate::schema::Attribute;

pub(in crate::patch) struct Single<'a> {
    now: Option<Value>,
    before: Before<'a>,
}

/// What stood there at the start.
enum Before<'a> {
    Same,
    Whole(Option<Value>),
    /// What members of the object were before they were set, one after the other; none if they were not there. Their
    /// names are the schema's; of those that no schema knows, the keys.
    Members(Vec<(Cow<'a, str>, Option<Value>)>),
}

impl<'a> Single<'a> {
    pub(in crate::patch) fn new(stored: Option<Value>) -> Self {
        Self { now: stored, before: Before::Same }
    }

    pub(in crate::patch) fn now(&self) -> Option<&Value> {
        self.now.as_ref()
    }

    pub(in crate::patch) fn is_unassigned(&self) -> bool {
        self.now.as_ref().is_none_or(is_unassigned)
    }

    /// Whether it differs from what was stored.
    pub(in crate::patch) fn is_changed(&self) -> bool {
        match &self.before {
            Before::Same => false,
            Before::Whole(old) => !same_option(old.as_ref(), self.now.as_ref()),
            Before::Members(log) => {
                let is_first = |at: usize, name: &str| !log.iter().take(at).any(|(other, _)| other == name);
                let differs = |name: &str, old: &Option<Value>| !same_option(old.as_ref(), self.member(name));
                log.iter().enumerate().any(|(at, (name, old))| is_first(at, name) && differs(name, old))
            }
        }
    }

    /// Sets or unassigns the whole value.
    pub(in crate::patch) fn set(&mut self, value: Option<Value>) {
        let was = std::mem::replace(&mut self.now, value);
        self.before = match std::mem::replace(&mut self.before, Before::Same) {
            Before::Same => Before::Whole(was),
            Before::Whole(old) => Before::Whole(old),
            Before::Members(log) => Before::Whole(reverted(was, log)),
        };
    }

    /// Sets the given sub-attributes of the object; the others stay (P5). Says whether anything is different.
    pub(in crate::patch) fn merge(&mut self, attr: AttrRef<'a>, given: &Map<String, Value>) -> Result<bool, Refusal> {
        let mut is_different = false;
        for (name, value) in given {
            let sub = attr.attribute.sub_attribute(name);
            let old = self.member(name);
            if same_option(old, Some(value)) {
                continue;
            }
            if let Some(sub) = sub {
                check_change(attr.whole().sub(sub), old, Some(value))?;
            }
            let name = match sub {
                Some(sub) => Cow::Borrowed(sub.name.as_str()),
                None => Cow::Owned(self.object().and_then(|now| key_of(now, name)).unwrap_or(name).to_owned()),
            };
            self.put(name, value.clone());
            is_different = true;
        }
        Ok(is_different)
    }

    /// Sets or unassigns one sub-attribute. Says whether anything is different.
    pub(in crate::patch) fn set_sub(
        &mut self,
        attr: AttrRef<'a>,
        sub: &'a Attribute,
        value: Option<&Value>,
    ) -> Result<bool, Refusal> {
        let old = self.member(&sub.name);
        if same_option(old, value) {
            return Ok(false);
        }
        check_change(attr, old, value)?;
        match value {
            Some(value) => self.put(Cow::Borrowed(&sub.name), value.clone()),
            None => {
                // Where it stood would be forgotten.
                let mut now = self.now.clone();
                if let Some(Value::Object(members)) = &mut now {
                    remove_member(members, &sub.name);
                }
                self.set(now);
            }
        }
        Ok(true)
    }

    fn object(&self) -> Option<&Map<String, Value>> {
        self.now.as_ref().and_then(Value::as_object)
    }

    fn member(&self, name: &str) -> Option<&Value> {
        self.object().and_then(|members| member(members, name))
    }

    fn put(&mut self, name: Cow<'a, str>, value: Value) {
        // What is no object makes room for one.
        if !self.now.as_ref().is_some_and(Value::is_object) {
            self.set(Some(Value::Object(Map::new())));
        }
        let Some(Value::Object(members)) = &mut self.now else { return };
        let old = replace_member(members, &name, value);
        match &mut self.before {
            Before::Whole(_) => {}
            Before::Same => self.before = Before::Members(vec![(name, old)]),
            Before::Members(log) => log.push((name, old)),
        }
    }

    /// What stood there at the start.
    pub(in crate::patch) fn undo(self) -> Option<Value> {
        match self.before {
            Before::Same => self.now,
            Before::Whole(old) => old,
            Before::Members(log) => reverted(self.now, log),
        }
    }

    /// What is to stand there now, and what changed; `Err` with what stood there if nothing did.
    pub(in crate::patch) fn finish(
        self,
        attr: AttrRef<'a>,
        changes: &mut Vec<Change>,
    ) -> Result<Option<Value>, Option<Value>> {
        let Self { now, before } = self;
        let count = changes.len();
        let log = match before {
            Before::Same => return Err(now),
            Before::Whole(old) => {
                diff::attribute(attr, old.as_ref(), now.as_ref(), changes);
                if changes.len() == count {
                    return Err(old);
                }
                return Ok(now.filter(|value| !is_unassigned(value)));
            }
            Before::Members(log) => log,
        };
        let mut log = log;
        members_changed(attr, now.as_ref(), &mut log, changes);
        if changes.len() == count {
            return Err(reverted(now, log));
        }
        Ok(now.filter(|value| !is_unassigned(value)))
    }
}

/// The changes of members, in the order of the schema; those that no schema knows after them. What was before is moved into
/// them.
fn members_changed<'a>(
    attr: AttrRef<'a>,
    now: Option<&Value>,
    log: &mut [(Cow<'a, str>, Option<Value>)],
    changes: &mut Vec<Change>,
) {
    let is = |name: &str| now.and_then(Value::as_object).and_then(|now| member(now, name));
    let mut change = |log: &mut [(Cow<'a, str>, Option<Value>)], name: &str, path: &dyn Fn() -> String| {
        let Some((_, old)) = log.iter_mut().find(|(other, _)| other == name) else { return };
        let new = is(name);
        if Change::is_one(old.as_ref(), new) {
            changes.push(Change::from_to(path(), old.take(), new.cloned()));
        }
    };
    let subs = &attr.attribute.sub_attributes;
    if let [(name, _)] = &*log
        && let Some(sub) = subs.iter().find(|sub| sub.name == **name)
    {
        return change(log, &sub.name, &|| attr.sub(sub).into());
    }
    for sub in subs {
        change(log, &sub.name, &|| attr.sub(sub).into());
    }
    let is_known = |name: &str| subs.iter().any(|sub| sub.name == name);
    if log.iter().all(|(name, _)| is_known(name)) {
        return;
    }
    let mut unknown: Vec<String> = log.iter().map(|(name, _)| name.clone().into_owned()).collect();
    unknown.retain(|name| !is_known(name));
    unknown.sort_unstable();
    unknown.dedup();
    for name in unknown {
        change(log, &name, &|| format!("{attr}.{name}"));
    }
}

fn reverted(mut now: Option<Value>, log: Vec<(Cow<'_, str>, Option<Value>)>) -> Option<Value> {
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

    /// What was done is undone to the byte, the order of members and their spelling included.
    #[test]
    fn undone() {
        let user = ResourceType::user();
        let attr = name(&user);
        let sub = |name: &str| attr.attribute.sub_attribute(name).unwrap();
        let stored = json!({"GIVENNAME": "Bo", "familyName": "Li", "middleName": "X"});
        for steps in ["gf", "gfg", "gfm", "gm", "mg", "h", "hg", "hgm", "w", "gw", "gwh", ""] {
            let mut single = Single::new(Some(stored.clone()));
            for step in steps.chars() {
                let value = json!(format!("new {step}"));
                match step {
                    'g' => single.set_sub(attr, sub("givenName"), Some(&value)).unwrap(),
                    'f' => single.merge(attr, json!({"familyName": value}).as_object().unwrap()).unwrap(),
                    'h' => single.set_sub(attr, sub("honorificPrefix"), Some(&value)).unwrap(),
                    'm' => single.set_sub(attr, sub("middleName"), None).unwrap(),
                    _ => {
                        single.set(None);
                        true
                    }
                };
            }
            assert_eq!(single.is_changed(), !steps.is_empty(), "{steps}");
            assert_eq!(single.undo().unwrap().to_string(), stored.to_string(), "{steps}");
        }
    }

    /// The changes are those between the first state and the last, however often a member was set.
    #[test]
    fn changes() {
        let user = ResourceType::user();
        let attr = name(&user);
        let given = attr.attribute.sub_attribute("givenName").unwrap();
        let mut single = Single::new(Some(json!({"givenName": "A", "b": 1})));
        single.set_sub(attr, given, Some(&json!("B"))).unwrap();
        single.merge(attr, json!({"familyName": "F", "zz": 1, "b": 2}).as_object().unwrap()).unwrap();
        single.set_sub(attr, given, Some(&json!("C"))).unwrap();
        let mut changes = Vec::new();
        let now = single.finish(attr, &mut changes).unwrap().unwrap();
        let mut expected = Vec::new();
        diff::attribute(attr, Some(&json!({"givenName": "A", "b": 1})), Some(&now), &mut expected);
        assert_eq!(changes, expected);
        assert_eq!(changes.len(), 4);

        let mut single = Single::new(Some(json!({"givenName": "A"})));
        single.set_sub(attr, given, Some(&json!("B"))).unwrap();
        single.set_sub(attr, given, Some(&json!("A"))).unwrap();
        assert!(!single.is_changed());
        assert_eq!(single.finish(attr, &mut Vec::new()).unwrap_err().unwrap(), json!({"givenName": "A"}));
    }
}
