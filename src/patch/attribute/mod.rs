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
use crate::schema::{AttrRef, Schema};

/// The attributes that operations name, in the order in which they were first named.
pub(in crate::patch) struct HeldAttributes<'a, L> {
    all: Vec<Held<'a>>,
    singles: Vec<Single<'a>>,
    lists: Vec<List<'a, L>>,
}

/// An attribute that is held.
#[derive(Clone, Copy)]
pub(in crate::patch) struct Held<'a> {
    pub attr: AttrRef<'a>,
    pub at: HeldAt,
    /// The index of the last operation that named the attribute, for errors that are found only at the end.
    pub last: usize,
}

/// The place of an attribute that is held.
#[derive(Clone, Copy)]
pub(in crate::patch) enum HeldAt {
    Single(SingleAt),
    List(ListAt),
}

/// The place of a single-valued attribute.
#[derive(Clone, Copy)]
pub(in crate::patch) struct SingleAt(usize);

/// The place of a multi-valued attribute.
#[derive(Clone, Copy)]
pub(in crate::patch) struct ListAt(usize);

impl From<SingleAt> for HeldAt {
    fn from(at: SingleAt) -> Self {
        Self::Single(at)
    }
}

impl From<ListAt> for HeldAt {
    fn from(at: ListAt) -> Self {
        Self::List(at)
    }
}

impl<L> Default for HeldAttributes<'_, L> {
    fn default() -> Self {
        Self { all: Vec::new(), singles: Vec::new(), lists: Vec::new() }
    }
}

#[expect(clippy::indexing_slicing, reason = "places come from `hold_single` and `hold_list`, and nothing is taken out")]
impl<'a, L: Elements> HeldAttributes<'a, L> {
    /// Finds an attribute that is held already, for the operation `index`.
    pub(in crate::patch) fn find(&mut self, attr: AttrRef<'a>, index: usize) -> Option<HeldAt> {
        let held = self.all.iter_mut().find(|held| held.attr.is_same_attribute(attr))?;
        held.last = index;
        Some(held.at)
    }

    pub(in crate::patch) fn hold_single(&mut self, attr: AttrRef<'a>, single: Single<'a>, index: usize) -> HeldAt {
        let at = HeldAt::Single(SingleAt(self.singles.len()));
        self.singles.push(single);
        self.all.push(Held { attr, at, last: index });
        at
    }

    pub(in crate::patch) fn hold_list(&mut self, attr: AttrRef<'a>, list: List<'a, L>, index: usize) -> HeldAt {
        let at = HeldAt::List(ListAt(self.lists.len()));
        self.lists.push(list);
        self.all.push(Held { attr, at, last: index });
        at
    }

    pub(in crate::patch) fn iter(&self) -> impl Iterator<Item = Held<'a>> {
        self.all.iter().copied()
    }

    /// The attributes of an extension.
    pub(in crate::patch) fn of(&self, extension: &Schema) -> impl Iterator<Item = Held<'a>> {
        self.iter().filter(move |held| held.attr.extension.is_some_and(|it| std::ptr::eq(it, extension)))
    }

    pub(in crate::patch) fn len(&self) -> usize {
        self.all.len()
    }

    pub(in crate::patch) fn single(&self, at: SingleAt) -> &Single<'a> {
        &self.singles[at.0]
    }

    pub(in crate::patch) fn single_mut(&mut self, at: SingleAt) -> &mut Single<'a> {
        &mut self.singles[at.0]
    }

    pub(in crate::patch) fn list(&self, at: ListAt) -> &List<'a, L> {
        &self.lists[at.0]
    }

    pub(in crate::patch) fn list_mut(&mut self, at: ListAt) -> &mut List<'a, L> {
        &mut self.lists[at.0]
    }

    pub(in crate::patch) fn is_unassigned(&self, at: HeldAt) -> Result<bool, L::Error> {
        match at {
            HeldAt::Single(at) => Ok(self.single(at).is_unassigned()),
            HeldAt::List(at) => self.list(at).is_empty(),
        }
    }

    /// Whether the attribute was assigned at the start.
    pub(in crate::patch) fn was_assigned(&self, at: HeldAt) -> Result<bool, L::Error> {
        match at {
            HeldAt::Single(at) => Ok(self.single(at).was_assigned()),
            HeldAt::List(at) => self.list(at).was_assigned(),
        }
    }

    /// Whether the value differs from the stored one.
    pub(in crate::patch) fn is_changed(&mut self, at: HeldAt) -> Result<bool, L::Error> {
        match at {
            HeldAt::Single(at) => Ok(self.single(at).is_changed()),
            HeldAt::List(at) => self.list_mut(at).is_changed(),
        }
    }

    /// Whether an operation changed the value, even if a later operation restored it.
    pub(in crate::patch) fn is_touched(&self, at: HeldAt) -> bool {
        match at {
            HeldAt::Single(at) => self.single(at).is_touched(),
            HeldAt::List(at) => self.list(at).is_touched(),
        }
    }

    /// Closes the gaps that operations left in lists. It is called when no more operations follow.
    pub(in crate::patch) fn settle(&mut self) {
        self.singles.iter_mut().for_each(Single::settle);
        self.lists.iter_mut().for_each(List::settle_all);
    }

    /// Restores the values that the resource had at the start.
    pub(in crate::patch) fn undo<S: Store<List = L, Error = L::Error>>(self, store: &mut S) {
        let (mut singles, mut lists) = (self.singles.into_iter(), self.lists.into_iter());
        for Held { attr, at, .. } in self.all {
            match at {
                HeldAt::Single(_) => singles.next().into_iter().for_each(|single| store.undo(attr, single.undo())),
                HeldAt::List(_) => lists.next().into_iter().for_each(|list| store.undo_list(attr, list.into_taken())),
            }
        }
    }

    /// Puts the new values into the resource, or the old value of what did not change. Adds the changes to `changes`, and
    /// returns the attributes that became unassigned.
    pub(in crate::patch) fn finish<S: Store<List = L, Error = L::Error>>(
        self,
        store: &mut S,
        changes: &mut Vec<Change>,
    ) -> Result<Vec<AttrRef<'a>>, L::Error> {
        let (mut singles, mut lists) = (self.singles.into_iter(), self.lists.into_iter());
        let mut gone = Vec::new();
        for Held { attr, at, .. } in self.all {
            let is_gone = match at {
                HeldAt::Single(_) => singles.next().map_or(Ok(false), |single| single.finish(store, changes)),
                HeldAt::List(_) => lists.next().map_or(Ok(false), |list| list.finish(store, changes)),
            };
            if is_gone? {
                gone.push(attr);
            }
        }
        Ok(gone)
    }
}
