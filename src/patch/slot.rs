//! One attribute while operations change it: taken out of the resource when it is first named, put back at the end.

use serde_json::{Map, Value};

use super::list::List;
use super::single::Single;
use super::store::{Elements, Store};
use crate::error::ScimType;
use crate::schema::{Attribute, Mutability};
use crate::shape::Change;
use crate::shape::error::Refusal;
use crate::shape::members::{is_unassigned, member, remove_member, set_member};
use crate::shape::place::Place;
use crate::shape::same::same_option;

pub(super) struct Slot<'a, L> {
    pub place: Place<'a>,
    pub state: State<'a, L>,
    /// The last operation that named it.
    pub last: usize,
}

pub(super) enum State<'a, L> {
    Single(Single<'a>),
    List(Box<List<'a, L>>),
}

impl<L: Elements> Slot<'_, L> {
    pub(super) fn is_unassigned(&self) -> Result<bool, L::Error> {
        match &self.state {
            State::Single(single) => Ok(single.is_unassigned()),
            State::List(list) => list.is_empty(),
        }
    }

    /// Puts back what stood in the resource at the start.
    pub(super) fn undo<S: Store<List = L, Error = L::Error>>(self, store: &mut S) {
        match self.state {
            State::Single(single) => store.undo(self.place, single.undo()),
            State::List(list) => store.undo_list(self.place, list.into_taken()),
        }
    }

    /// Puts what is new into the resource, or back what was there if nothing is. Adds what changed, and says whether the
    /// attribute became unassigned.
    pub(super) fn finish<S: Store<List = L, Error = L::Error>>(
        self,
        store: &mut S,
        changes: &mut Vec<Change>,
    ) -> Result<bool, L::Error> {
        let single = match self.state {
            State::List(list) => return list.finish(store, changes),
            State::Single(single) => single,
        };
        match single.finish(self.place, changes) {
            Ok(now) => {
                let is_gone = now.is_none();
                store.put(self.place, now)?;
                Ok(is_gone)
            }
            Err(old) => {
                store.undo(self.place, old);
                Ok(false)
            }
        }
    }
}

fn mutability(place: Place<'_>, message: &str) -> Refusal {
    Refusal::new(ScimType::Mutability, place, message)
}

/// Whether `leaf` may go from `old` to `new` (P12). `readOnly` has been dealt with before.
pub(super) fn check_change(place: Place<'_>, old: Option<&Value>, new: Option<&Value>) -> Result<(), Refusal> {
    let leaf = place.leaf();
    let was = old.filter(|value| !is_unassigned(value));
    let is = new.filter(|value| !is_unassigned(value));
    if leaf.mutability == Mutability::Immutable && was.is_some() && !same_option(was, is) {
        return Err(mutability(place, "is immutable: it may be set once and not be changed"));
    }
    if leaf.required && was.is_some() && is.is_none() {
        return Err(mutability(place, "is required and may not become unassigned"));
    }
    Ok(())
}

/// Sets the given sub-attributes of a complex value; the others stay (P5). Says whether anything is different.
pub(super) fn merge(
    place: Place<'_>,
    into: &mut Map<String, Value>,
    given: &Map<String, Value>,
) -> Result<bool, Refusal> {
    let mut is_different = false;
    for (name, value) in given {
        let sub = place.attribute.sub_attribute(name);
        let old = member(into, name);
        if same_option(old, Some(value)) {
            continue;
        }
        if let Some(sub) = sub {
            check_change(place.whole().sub(sub), old, Some(value))?;
        }
        set_member(into, name, value.clone());
        is_different = true;
    }
    Ok(is_different)
}

/// Sets or unassigns one sub-attribute, in place. Says whether anything is different.
pub(super) fn set_sub(
    place: Place<'_>,
    sub: &Attribute,
    object: &mut Value,
    value: Option<&Value>,
) -> Result<bool, Refusal> {
    let old = object.as_object().and_then(|members| member(members, &sub.name));
    if same_option(old, value) {
        return Ok(false);
    }
    check_change(place, old, value)?;
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
