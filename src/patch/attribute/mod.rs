//! One attribute while operations change it: taken out of the resource when it is first named, put back at the end.

pub(in crate::patch) mod index;
pub(in crate::patch) mod list;
pub(in crate::patch) mod lookup_texts;
pub(in crate::patch) mod single;

use serde_json::{Map, Value};

use crate::coerce::Change;
use crate::coerce::members::{is_unassigned, member, remove_member, set_member};
use crate::coerce::refusal::Refusal;
use crate::coerce::same::same_option;
use crate::error::ScimType;
use crate::patch::attribute::list::List;
use crate::patch::attribute::single::Single;
use crate::patch::store::{Elements, Store};
use crate::schema::AttrRef;
use crate::schema::{Attribute, Mutability};

pub(in crate::patch) struct Held<'a, L> {
    pub attr: AttrRef<'a>,
    pub state: HeldValue<'a, L>,
    /// The last operation that named it.
    pub last: usize,
}

pub(in crate::patch) enum HeldValue<'a, L> {
    Single(Single<'a>),
    List(Box<List<'a, L>>),
}

impl<L: Elements> Held<'_, L> {
    pub(in crate::patch) fn is_unassigned(&self) -> Result<bool, L::Error> {
        match &self.state {
            HeldValue::Single(single) => Ok(single.is_unassigned()),
            HeldValue::List(list) => list.is_empty(),
        }
    }

    /// Puts back what stood in the resource at the start.
    pub(in crate::patch) fn undo<S: Store<List = L, Error = L::Error>>(self, store: &mut S) {
        match self.state {
            HeldValue::Single(single) => store.undo(self.attr, single.undo()),
            HeldValue::List(list) => store.undo_list(self.attr, list.into_taken()),
        }
    }

    /// Puts what is new into the resource, or back what was there if nothing is. Adds what changed, and says whether the
    /// attribute became unassigned.
    pub(in crate::patch) fn finish<S: Store<List = L, Error = L::Error>>(
        self,
        store: &mut S,
        changes: &mut Vec<Change>,
    ) -> Result<bool, L::Error> {
        let single = match self.state {
            HeldValue::List(list) => return list.finish(store, changes),
            HeldValue::Single(single) => single,
        };
        match single.finish(self.attr, changes) {
            Ok(now) => {
                let is_gone = now.is_none();
                store.put(self.attr, now)?;
                Ok(is_gone)
            }
            Err(old) => {
                store.undo(self.attr, old);
                Ok(false)
            }
        }
    }
}

fn mutability(attr: AttrRef<'_>, message: &str) -> Refusal {
    Refusal::new(ScimType::Mutability, attr, message)
}

/// Whether `leaf` may go from `old` to `new` (P12). `readOnly` has been dealt with before.
pub(in crate::patch) fn check_change(
    attr: AttrRef<'_>,
    old: Option<&Value>,
    new: Option<&Value>,
) -> Result<(), Refusal> {
    let leaf = attr.leaf();
    let was = old.filter(|value| !is_unassigned(value));
    let is = new.filter(|value| !is_unassigned(value));
    if leaf.mutability == Mutability::Immutable && was.is_some() && !same_option(was, is) {
        return Err(mutability(attr, "is immutable: it may be set once and not be changed"));
    }
    if leaf.required && was.is_some() && is.is_none() {
        return Err(mutability(attr, "is required and may not become unassigned"));
    }
    Ok(())
}

/// Sets the given sub-attributes of a complex value; the others stay (P5). Says whether anything is different.
pub(in crate::patch) fn merge(
    attr: AttrRef<'_>,
    into: &mut Map<String, Value>,
    given: &Map<String, Value>,
) -> Result<bool, Refusal> {
    let mut is_different = false;
    for (name, value) in given {
        let sub = attr.attribute.sub_attribute(name);
        let old = member(into, name);
        if same_option(old, Some(value)) {
            continue;
        }
        if let Some(sub) = sub {
            check_change(attr.whole().sub(sub), old, Some(value))?;
        }
        set_member(into, name, value.clone());
        is_different = true;
    }
    Ok(is_different)
}

/// Sets or unassigns one sub-attribute, in attr. Says whether anything is different.
pub(in crate::patch) fn set_sub(
    attr: AttrRef<'_>,
    sub: &Attribute,
    object: &mut Value,
    value: Option<&Value>,
) -> Result<bool, Refusal> {
    let old = object.as_object().and_then(|members| member(members, &sub.name));
    if same_option(old, value) {
        return Ok(false);
    }
    check_change(attr, old, value)?;
    // What is no object makes room for one only where there is something to set.
    if !object.is_object() {
        *object = Value::Object(Map::new());
    }
    let Value::Object(members) = object else { return Ok(false) };
    match value {
        Some(value) => set_member(members, &sub.name, value.clone()),
        None => {
            remove_member(members, &sub.name);
        }
    }
    Ok(true)
}
