//! A multi-valued attribute while operations change it. Thousands of operations on a long list cost little more than one
//! pass over it (P19).
//!
//! The stored elements are not changed. The edits are kept beside them: new values by position, marks for removed elements,
//! and added elements. So nothing has to be undone, and only elements that change are built as values. Indexes find the
//! elements (`look_up.rs`).
//!
//! Invariants: a position means the same element until the end; gaps are filled only at the end (`put_back`); and every
//! value that is added or changed is entered into the indexes that are built.

use std::borrow::Cow;
use std::cell::Cell;
use std::collections::{BTreeSet, HashMap};
use std::hash::RandomState;
use std::rc::Rc;

use serde_json::Value;

use super::index::{ElementIndex, IndexKey};
use super::items::{Budget, ElementEdits, HeldElement, Items, Visited};
use super::lookup_texts::LookupTexts;
use crate::coerce::edit::immutable;
use crate::coerce::equality::{equal, same_list, same_written, written_hash};
use crate::coerce::identity::{Finder, Identity};
use crate::coerce::members::is_unassigned;
use crate::coerce::refusal::Refusal;
use crate::coerce::{Change, Replaced, diff};
use crate::json::is_within_depth;
use crate::patch::store::{Edits, Elements, StepFailure, Store, Taken};
use crate::schema::{AttrRef, Attribute, Mutability};

pub(in crate::patch) struct List<'a, L> {
    pub(super) attr: AttrRef<'a>,
    pub(super) items: Items<L>,
    pub(super) indexes: Vec<ElementIndex<'a>>,
    pub(super) lookup_texts: Rc<LookupTexts<'a>>,
    /// The cost of examining elements, in bytes.
    pub(super) visited: Visited,
    pub(super) max_depth: usize,
    /// Whether an operation met an element that is nested too deep to be copied.
    pub is_too_deep: bool,
    /// Whether the list is immutable and was assigned when the current operation began. Then the client may not change it
    /// (P12).
    is_sealed: bool,
    /// A position before which all items are gone or unassigned, so that `is_empty` need not examine them again.
    first: Cell<usize>,
    /// The positions of elements in which a secret was set. They count as changed, whatever the secret was (P12a).
    secret_at: BTreeSet<usize>,
    /// The answers of [`List::uniform`] for a readOnly list: sub-attributes, each with the value that all elements have for
    /// it (`None` if they differ).
    pub(super) uniform: Vec<(&'a Attribute, Option<Value>)>,
    /// The changes of the current operation; kept only for `schemas`.
    journal: Option<ListJournal>,
}

/// The changes that an operation made to a list: the positions of added or changed elements, and the removed values.
#[derive(Default)]
pub(in crate::patch) struct ListJournal {
    pub added: Vec<usize>,
    pub removed: Vec<Value>,
}

impl<'a, L: Elements> List<'a, L> {
    pub(in crate::patch) fn new(
        attr: AttrRef<'a>,
        taken: Taken<L>,
        max_depth: usize,
        lookup_texts: Rc<LookupTexts<'a>>,
        budget: Budget,
    ) -> Self {
        Self {
            attr,
            items: Items::new(taken),
            indexes: Vec::new(),
            lookup_texts,
            visited: Visited::new(budget),
            max_depth,
            is_too_deep: false,
            is_sealed: false,
            first: Cell::new(0),
            secret_at: BTreeSet::new(),
            uniform: Vec::new(),
            journal: None,
        }
    }

    /// Begins an operation. With `keeps_journal`, what it adds and removes is noted.
    pub(in crate::patch) fn begin(&mut self, keeps_journal: bool) -> Result<(), L::Error> {
        self.is_sealed = self.attr.attribute.mutability == Mutability::Immutable && !self.is_empty()?;
        self.journal = keeps_journal.then(ListJournal::default);
        Ok(())
    }

    pub(in crate::patch) fn take_journal(&mut self) -> ListJournal {
        self.journal.take().unwrap_or_default()
    }

    fn check_sealed(&self) -> Result<(), Refusal> {
        if self.is_sealed { Err(immutable(self.attr)) } else { Ok(()) }
    }

    /// The items that are not gone, with their positions.
    pub(in crate::patch) fn items(&self) -> Result<Vec<(usize, Cow<'_, Value>)>, L::Error> {
        let items = self.items.positions().map(|at| Ok(self.items.get(at)?.map(|item| (at, item))));
        items.filter_map(Result::transpose).collect()
    }

    pub(in crate::patch) fn get(&self, at: usize) -> Result<Option<Cow<'_, Value>>, L::Error> {
        self.items.get(at)
    }

    /// Whether no element is assigned.
    pub(in crate::patch) fn is_empty(&self) -> Result<bool, L::Error> {
        if self.items.gaps() >= self.items.len() {
            return Ok(true);
        }
        for at in self.first.get()..self.items.len() {
            if self.items.is_assigned(at)? {
                self.first.set(at);
                return Ok(false);
            }
        }
        self.first.set(self.items.len());
        Ok(true)
    }

    pub(in crate::patch) fn push(&mut self, element: Value) -> Result<usize, Refusal> {
        self.check_sealed()?;
        let at = self.items.push(element);
        self.note(at, &ElementEdits::anew());
        if let Some(journal) = &mut self.journal {
            journal.added.push(at);
        }
        Ok(at)
    }

    /// Changes an item; `f` returns whether it changed anything. An item that becomes unassigned is removed.
    pub(in crate::patch) fn edit(
        &mut self,
        at: usize,
        f: impl FnOnce(&mut HeldElement<'_, 'a>) -> Result<bool, Refusal>,
    ) -> Result<bool, StepFailure<L::Error>> {
        let is_sealed = self.check_sealed();
        self.alter(at, f, is_sealed)
    }

    /// As [`List::edit`], for a change that the engine makes of its own accord, such as `"primary": false` when another
    /// element becomes primary. Such a change is allowed even in an immutable list.
    pub(in crate::patch) fn amend(
        &mut self,
        at: usize,
        f: impl FnOnce(&mut HeldElement<'_, 'a>) -> bool,
    ) -> Result<bool, StepFailure<L::Error>> {
        self.alter(at, |element| Ok(f(element)), Ok(()))
    }

    fn alter(
        &mut self,
        at: usize,
        f: impl FnOnce(&mut HeldElement<'_, 'a>) -> Result<bool, Refusal>,
        may_change: Result<(), Refusal>,
    ) -> Result<bool, StepFailure<L::Error>> {
        if self.items.is_gone(at) {
            return Ok(false);
        }
        let before = match &self.journal {
            Some(_) => self.items.get(at).map_err(StepFailure::Store)?.map(Cow::into_owned),
            None => None,
        };
        self.visited.edit(self.items.len());
        let mut hash = None;
        if let Some(index) = self.indexes.iter_mut().find(|index| index.is_built() && index.is_by(IndexKey::Identity))
            && let Some(item) = self.items.get(at).map_err(StepFailure::Store)?
        {
            hash = index.element_hash(at, &item);
        }
        let Some(said) = self.items.change(at, hash, f).map_err(StepFailure::Store)?? else { return Ok(false) };
        may_change?;
        if let Some(journal) = &mut self.journal {
            journal.removed.extend(before);
            journal.added.push(at);
        }
        if said.is_unassigned {
            self.remove(at)?;
        } else {
            self.first.set(self.first.get().min(at));
            self.note(at, &said);
        }
        Ok(true)
    }

    /// Charges the budget for bytes that were copied.
    pub(in crate::patch) fn charge(&self, bytes: usize) {
        self.visited.charge(bytes);
    }

    /// Closes the gaps that removals left in the lists of an item.
    pub(in crate::patch) fn settle(&mut self, at: usize) {
        self.items.settle(at);
    }

    pub(in crate::patch) fn settle_all(&mut self) {
        self.items.settle_all();
    }

    /// Notes that a secret was set in an item. That counts as a change, whatever the secret is (P12a), so an immutable list
    /// refuses it.
    pub(in crate::patch) fn note_secret(&mut self, at: usize) -> Result<(), Refusal> {
        self.check_sealed()?;
        self.secret_at.insert(at);
        Ok(())
    }

    pub(in crate::patch) fn remove(&mut self, at: usize) -> Result<(), StepFailure<L::Error>> {
        if at >= self.items.len() || self.items.is_gone(at) {
            return Ok(());
        }
        self.check_sealed()?;
        if let Some(journal) = &mut self.journal {
            journal.removed.extend(self.items.get(at).map_err(StepFailure::Store)?.map(Cow::into_owned));
        }
        self.items.drop_item(at);
        Ok(())
    }

    /// Removes every element. Their depth is checked, because they are about to be copied into the report of changes.
    pub(in crate::patch) fn clear(&mut self) -> Result<(), StepFailure<L::Error>> {
        self.check_sealed()?;
        for at in self.items.positions() {
            let item = self.items.get(at).map_err(StepFailure::Store)?;
            self.is_too_deep |= item.is_some_and(|item| !is_within_depth(&item, self.max_depth));
        }
        self.note_all_removed().map_err(StepFailure::Store)?;
        self.items.drop_all();
        self.first.set(self.items.len());
        Ok(())
    }

    fn note_all_removed(&mut self) -> Result<(), L::Error> {
        let all = if self.journal.is_some() { self.now()? } else { Vec::new() };
        self.journal.iter_mut().for_each(|journal| journal.removed.extend_from_slice(&all));
        Ok(())
    }

    /// Replaces the whole list. `secret_at` has the positions of the elements in which the client sets a secret.
    pub(in crate::patch) fn replace(
        &mut self,
        elements: Vec<Value>,
        secret_at: BTreeSet<usize>,
    ) -> Result<(), StepFailure<L::Error>> {
        if self.is_sealed {
            // A list that is equal to the stored one is accepted. An equal list with a secret is refused, because accepting
            // it would disclose that the client guessed the secret (P12a).
            let old = self.now().map_err(StepFailure::Store)?;
            let is_same = equal(self.attr.attribute, &Value::Array(old), &Value::Array(elements));
            return if is_same && secret_at.is_empty() { Ok(()) } else { Err(immutable(self.attr).into()) };
        }
        self.items.settle_all();
        let items = self.items().map_err(StepFailure::Store)?;
        let items: Vec<Cow<'_, Value>> = items.into_iter().map(|(_, item)| item).collect();
        let is_shallow = items.iter().all(|item| is_within_depth(item, self.max_depth));
        // A list that is only in another order stays as it is, also for the operations that follow (D10).
        if is_shallow && secret_at.is_empty() && same_list(self.attr.attribute, &items, &elements) {
            return Ok(());
        }
        self.is_too_deep |= !is_shallow;
        self.note_all_removed().map_err(StepFailure::Store)?;
        if let Some(journal) = &mut self.journal {
            journal.added.extend(0..elements.len());
        }
        self.secret_at = secret_at;
        self.items.replace(elements);
        self.first.set(0);
        self.indexes.clear();
        Ok(())
    }

    /// Enters the changed parts of an item into the indexes that are built.
    fn note(&mut self, at: usize, said: &ElementEdits<'a>) {
        let Some(item) = self.items.own(at) else { return };
        for index in self.indexes.iter_mut().filter(|index| index.is_built()) {
            self.visited.charge(index.enter_edits(at, item, said));
        }
    }

    /// Whether anything was added, removed, changed or replaced.
    pub(in crate::patch) fn is_touched(&self) -> bool {
        self.items.is_touched()
    }

    /// Whether an element was assigned at the start.
    pub(in crate::patch) fn was_assigned(&self) -> Result<bool, L::Error> {
        for at in 0..self.items.taken.elements.len() {
            if !is_unassigned(&*self.items.start(at)?) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether a simple value was in the list at the start.
    pub(in crate::patch) fn had(&self, value: &Value) -> Result<bool, L::Error> {
        for at in 0..self.items.taken.elements.len() {
            if equal(self.attr.attribute, &*self.items.start(at)?, value) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The items that were added or changed.
    pub(in crate::patch) fn touched(&self) -> Vec<&Value> {
        self.items.own_items().filter(|(at, _)| !self.items.is_gone(*at)).map(|(_, item)| item).collect()
    }

    /// Checks the items that were added or changed. If an item fails, it is checked once more beside the stored element that
    /// it was, or with which it has the identity in a list that was replaced.
    pub(in crate::patch) fn check_touched(
        &self,
        check: impl Fn(&Value, Option<&Value>) -> Result<(), Refusal>,
    ) -> Result<(), StepFailure<L::Error>> {
        let there = self.items.own_items().filter(|(at, _)| !self.items.is_gone(*at));
        let mut failed = there.filter(|(_, item)| check(item, None).is_err()).peekable();
        if failed.peek().is_none() {
            return Ok(());
        }
        let start = if self.items.is_replaced { self.items.taken.elements.values() } else { Ok(Cow::default()) };
        let start = start.map_err(StepFailure::Store)?;
        let finder = Finder::new(self.attr.attribute, &*start);
        for (at, item) in failed {
            let changed = (at < self.items.stored()).then(|| self.items.start(at)).transpose();
            let changed = changed.map_err(StepFailure::Store)?;
            check(item, changed.as_deref().or_else(|| finder.find(item)))?;
        }
        Ok(())
    }

    /// The list as taken from the document.
    pub(in crate::patch) fn into_taken(self) -> Taken<L> {
        self.items.taken
    }

    /// Whether a secret was set. A secret that was set counts as a change, whatever its value is (P12a).
    fn has_secret(&self) -> bool {
        self.secret_at.iter().any(|at| !self.items.is_gone(*at))
            || (self.attr.attribute.is_never_returned() && self.is_touched() && self.items.gaps() < self.items.len())
    }

    /// Puts the new list into the document, or the old list if nothing changed. Adds the change to `changes`, and returns
    /// whether the attribute became unassigned.
    pub(in crate::patch) fn finish<S: Store<List = L, Error = L::Error>>(
        mut self,
        store: &mut S,
        changes: &mut Vec<Change>,
    ) -> Result<bool, L::Error> {
        let attr = self.attr;
        let mut change = None;
        self.items.settle_all();
        let has_secret = self.has_secret();
        if self.items.is_replaced {
            self.drop_gone();
            let start = self.items.taken.elements.values()?;
            let is_set = |at: usize| self.secret_at.contains(&at);
            change = Some(diff::list(attr, &start, self.items.added(), is_set)).filter(|change| !change.is_empty());
        } else if self.is_touched() {
            self.put_back()?;
            change = Some(self.change()?).filter(|change| !change.is_empty());
        }
        if change.is_none() && has_secret {
            let mut forced = Change::at(attr);
            if attr.attribute.is_never_returned() {
                forced.added = self.now()?;
            }
            change = Some(forced);
        }
        if let Some(change) = &mut change {
            // The mark stays if a later operation removed the secret again.
            change.is_secret |= has_secret;
        }
        let Some(change) = change else {
            store.undo_list(attr, self.items.taken);
            return Ok(false);
        };
        let is_gone = self.is_empty()?;
        self.drop_gone();
        let is_replaced = self.items.is_replaced;
        let (taken, edits) = self.items.into_parts();
        if is_gone {
            store.put(attr, None)?;
        } else if is_replaced {
            store.put(attr, Some(Value::Array(edits.added)))?;
        } else {
            store.put_list(attr, taken, edits)?;
        }
        changes.push(change);
        Ok(is_gone)
    }

    fn now(&self) -> Result<Vec<Value>, L::Error> {
        Ok(self.items()?.into_iter().map(|(_, item)| item.into_owned()).collect())
    }

    /// Whether the list differs from the stored one. Afterwards nothing can be looked up, because elements may have moved.
    pub(in crate::patch) fn is_changed(&mut self) -> Result<bool, L::Error> {
        if self.has_secret() {
            return Ok(true);
        }
        let mut old = Vec::new();
        let mut new = Vec::new();
        if self.items.is_replaced {
            old.extend_from_slice(&self.items.taken.elements.values()?);
            new = self.now()?;
        } else {
            self.put_back()?;
            for at in (0..self.items.stored()).filter(|at| self.items.is_gone(*at) || self.items.own(*at).is_some()) {
                old.push(self.items.start(at)?.into_owned());
            }
            new.extend(self.touched().into_iter().cloned());
        }
        Ok(!same_list(self.attr.attribute, &old, &new))
    }

    /// Puts an element that was removed and added back unchanged in its old place (D10). An element in which a secret was
    /// set stays where it is, whatever the secret is (P12a).
    fn put_back(&mut self) -> Result<(), L::Error> {
        self.items.settle_all();
        let stored = self.items.stored();
        if self.items.gaps() == 0 || self.items.added().is_empty() {
            return Ok(());
        }
        let seed = RandomState::new();
        let is_added = |at: &usize| !self.items.is_gone(*at) && !self.secret_at.contains(at);
        let added: Vec<usize> = (stored..self.items.len()).filter(is_added).collect();
        let mut removed: HashMap<u64, Vec<usize>> = HashMap::new();
        for at in (0..stored).rev().filter(|at| self.items.is_gone(*at)) {
            removed.entry(written_hash(self.attr.attribute, &*self.items.start(at)?, &seed)).or_default().push(at);
        }
        for at in added {
            let Some(element) = self.items.own(at) else { continue };
            let Some(places) = removed.get_mut(&written_hash(self.attr.attribute, element, &seed)) else { continue };
            let mut found = None;
            for (place, old_at) in places.iter().enumerate().rev() {
                if same_written(self.attr.attribute, &*self.items.start(*old_at)?, element) {
                    found = Some(place);
                    break;
                }
            }
            let Some(found) = found else { continue };
            let old_at = places.remove(found);
            self.items.restore(old_at);
            self.first.set(self.first.get().min(old_at));
            self.items.drop_item(at);
        }
        Ok(())
    }

    /// The change of the list. The old values of stored elements are moved into the change, so nothing is moved that the
    /// change does not list: a list without a change is put back as it was.
    fn change(&mut self) -> Result<Change, L::Error> {
        let stored = self.items.stored();
        let (attr, secret_at) = (self.attr, &self.secret_at);
        let now = if attr.attribute.is_never_returned() { Some(self.now()?) } else { None };
        let (elements, Edits { gone, changed, added }) = self.items.parts();
        let is_there = |at: usize| !gone.get(at).copied().unwrap_or(false);
        let mut touched: Vec<usize> = changed.keys().copied().filter(|at| is_there(*at)).collect();
        touched.extend(gone.iter().take(stored).enumerate().filter(|(_, gone)| **gone).map(|(at, _)| at));
        touched.sort_unstable();
        let mut change = Change::at(attr);
        let identity = Identity::of(attr.attribute);
        let mut removed_at = Vec::new();
        let mut new: Vec<(usize, &Value)> = Vec::new();
        for at in touched {
            let Some(now) = changed.get(&at).filter(|_| is_there(at)) else {
                removed_at.push(at);
                continue;
            };
            let old = elements.value(at)?;
            if same_written(attr.attribute, now, &old) && !secret_at.contains(&at) {
                continue;
            }
            if is_unassigned(&old) {
                new.push((at, now));
            } else if identity.is_same(&old, now, false) {
                let old = owned(old).map_or_else(|| elements.take(at), Ok)?;
                change.replaced.push(Replaced { old, new: now.clone() });
            } else {
                removed_at.push(at);
                new.push((at, now));
            }
        }
        // If one element changed its identity and no other was added or removed, the two values are known to differ in
        // identity, so there is nothing to pair.
        let others = (removed_at.len(), new.len());
        let added = added.iter().enumerate().map(|(at, element)| (stored + at, element));
        new.extend(added.filter(|(at, _)| is_there(*at)));
        let may_pair = !removed_at.is_empty() && !new.is_empty() && (others != (1, 1) || new.len() > 1);
        if may_pair {
            let old = removed_at.iter().map(|at| elements.value(*at)).collect::<Result<Vec<_>, _>>()?;
            let (positions, values): (Vec<usize>, Vec<&Value>) = new.iter().copied().unzip();
            let is_set = |at: usize| positions.get(at).is_some_and(|at| secret_at.contains(at));
            let (is_kept, is_old) = diff::shared(attr.attribute, &old, &values, is_set);
            drop_marked(&mut removed_at, is_kept);
            drop_marked(&mut new, is_old);
        }
        for at in removed_at {
            let old = elements.value(at)?;
            if !is_unassigned(&old) {
                change.removed.push(owned(old).map_or_else(|| elements.take(at), Ok)?);
            }
        }
        change.added.extend(new.into_iter().map(|(_, element)| element.clone()));
        if may_pair {
            diff::pair_by_identity(attr, &mut change);
        }
        diff::hide(attr, &mut change, || now.unwrap_or_default());
        Ok(change)
    }

    /// Drops items that were added and removed again, and changes of items that were then removed.
    fn drop_gone(&mut self) {
        let stored = self.items.stored();
        let Some(gone) = self.items.drop_gone() else { return };
        let mut before = 0;
        let secret = std::mem::take(&mut self.secret_at);
        let mut secret = secret.into_iter().peekable();
        for (at, is_gone) in gone.iter().enumerate() {
            if secret.next_if_eq(&at).is_some() && !is_gone {
                self.secret_at.insert(if at < stored { at } else { at - before });
            }
            before += usize::from(*is_gone && at >= stored);
        }
        self.secret_at.extend(secret.map(|at| if at < stored { at } else { at - before }));
        // Added items have moved, so the position in `first` is no longer valid.
        self.first.set(0);
    }
}

fn owned(value: Cow<'_, Value>) -> Option<Value> {
    match value {
        Cow::Owned(value) => Some(value),
        Cow::Borrowed(_) => None,
    }
}

fn drop_marked<T>(all: &mut Vec<T>, is_marked: Vec<bool>) {
    let mut is_marked = is_marked.into_iter();
    all.retain(|_| !is_marked.next().unwrap_or(false));
}
