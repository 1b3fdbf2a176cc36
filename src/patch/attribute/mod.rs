//! One attribute while operations change it. It is taken out of the resource when it is first named, and put back at the
//! end.

mod index;
pub(in crate::patch) mod items;
pub(in crate::patch) mod list;
mod look_up;
pub(in crate::patch) mod lookup_texts;
mod sieve;
pub(in crate::patch) mod single;

use list::List;
use single::Single;

use crate::coerce::Change;
use crate::patch::store::{Elements, Store};
use crate::schema::AttrRef;

pub(in crate::patch) struct Held<'a, L> {
    pub attr: AttrRef<'a>,
    pub state: HeldValue<'a, L>,
    /// The index of the last operation that named the attribute, for errors that are found only at the end.
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

    /// Restores the value that the resource had at the start.
    pub(in crate::patch) fn undo<S: Store<List = L, Error = L::Error>>(self, store: &mut S) {
        match self.state {
            HeldValue::Single(single) => store.undo(self.attr, single.undo()),
            HeldValue::List(list) => store.undo_list(self.attr, list.into_taken()),
        }
    }

    /// Puts the new value into the resource, or the old value if nothing changed. Adds the changes to `changes`, and
    /// returns whether the attribute became unassigned.
    pub(in crate::patch) fn finish<S: Store<List = L, Error = L::Error>>(
        self,
        store: &mut S,
        changes: &mut Vec<Change>,
    ) -> Result<bool, L::Error> {
        let single = match self.state {
            HeldValue::List(list) => return list.finish(store, changes),
            HeldValue::Single(single) => single,
        };
        match single.finish(changes) {
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

    /// Whether the value differs from the stored one.
    pub(in crate::patch) fn is_changed(&mut self) -> Result<bool, L::Error> {
        match &mut self.state {
            HeldValue::Single(single) => Ok(single.is_changed()),
            HeldValue::List(list) => list.is_changed(),
        }
    }

    /// Closes the gaps that operations left in lists. It is called when no more operations follow.
    pub(in crate::patch) fn settle(&mut self) {
        match &mut self.state {
            HeldValue::Single(single) => single.settle(),
            HeldValue::List(list) => list.settle_all(),
        }
    }

    /// Whether an operation changed the value, even if a later operation restored it.
    pub(in crate::patch) fn is_touched(&self) -> bool {
        match &self.state {
            HeldValue::Single(single) => single.is_touched(),
            HeldValue::List(list) => list.is_touched(),
        }
    }

    /// Whether the attribute was assigned at the start.
    pub(in crate::patch) fn was_assigned(&self) -> Result<bool, L::Error> {
        match &self.state {
            HeldValue::Single(single) => Ok(single.was_assigned()),
            HeldValue::List(list) => list.was_assigned(),
        }
    }
}
