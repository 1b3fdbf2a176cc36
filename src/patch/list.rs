//! A multi-valued attribute while operations change it, such that thousands of operations on a long list cost one pass
//! over it and no more (P19).
//!
//! Elements are found through indexes that are built at the second look-up by the same sub-attribute. A removed element
//! leaves a gap; the gaps are closed once, at the end. What an element was before is kept when it is first changed, so
//! that everything can be undone without a copy of the list.

use std::collections::HashMap;

use serde_json::Value;

use super::index::{By, Index};
use super::target::ElementFilter;
use crate::json::is_within_depth;
use crate::schema::Attribute;
use crate::shape::diff;
use crate::shape::error::Refusal;
use crate::shape::members::is_unassigned;
use crate::shape::place::Place;
use crate::shape::same::{Identity, same_value, value_hash};
use crate::shape::{Change, Replaced};

/// How the list stood in the document, to put back what was there.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Original {
    Absent,
    Null,
    /// A value that was no list (D5).
    One,
    Many,
}

pub(super) struct List<'a> {
    place: Place<'a>,
    original: Original,
    items: Vec<Value>,
    /// Which items are gone; shorter than `items` where none of the rest is.
    gone: Vec<bool>,
    gaps: usize,
    /// How many of `items` were there at the start; those after them were added.
    stored: usize,
    /// What stored items were before they were first changed.
    before: HashMap<usize, Value>,
    /// The list at the start, once it was replaced as a whole; then no item counts as stored.
    replaced: Option<Vec<Value>>,
    indexes: Vec<Index<'a>>,
    /// Elements looked at one by one.
    pub visited: usize,
    max_depth: usize,
    /// Whether an element was met that is nested too deep to be copied.
    pub is_too_deep: bool,
}

impl<'a> List<'a> {
    pub(super) fn new(place: Place<'a>, stored: Option<Value>, max_depth: usize) -> Self {
        let (original, items) = match stored {
            None => (Original::Absent, Vec::new()),
            Some(Value::Null) => (Original::Null, Vec::new()),
            Some(Value::Array(items)) => (Original::Many, items),
            Some(one) => (Original::One, vec![one]),
        };
        Self {
            place,
            original,
            stored: items.len(),
            items,
            gone: Vec::new(),
            gaps: 0,
            before: HashMap::new(),
            replaced: None,
            indexes: Vec::new(),
            visited: 0,
            max_depth,
            is_too_deep: false,
        }
    }

    /// The items that are there, with their positions.
    pub(super) fn iter(&self) -> impl Iterator<Item = (usize, &Value)> {
        self.items.iter().enumerate().filter(|(at, _)| !self.is_gone(*at))
    }

    pub(super) fn get(&self, at: usize) -> Option<&Value> {
        self.items.get(at).filter(|_| !self.is_gone(at))
    }

    fn is_gone(&self, at: usize) -> bool {
        self.gone.get(at).copied().unwrap_or(false)
    }

    /// Whether no element is assigned.
    pub(super) fn is_empty(&self) -> bool {
        self.iter().all(|(_, element)| is_unassigned(element))
    }

    pub(super) fn push(&mut self, element: Value) -> usize {
        let at = self.items.len();
        self.items.push(element);
        self.note(at);
        at
    }

    pub(super) fn set(&mut self, at: usize, element: Value) {
        let Some(item) = self.items.get_mut(at) else { return };
        let old = std::mem::replace(item, element);
        if at < self.stored {
            self.before.entry(at).or_insert(old);
        }
        self.note(at);
    }

    /// Changes an item in place; `f` says whether it did. One that holds nothing any more is removed.
    pub(super) fn edit(
        &mut self,
        at: usize,
        f: impl FnOnce(&mut Value) -> Result<bool, Refusal>,
    ) -> Result<(), Refusal> {
        if self.is_gone(at) {
            return Ok(());
        }
        let Some(item) = self.items.get_mut(at) else { return Ok(()) };
        let is_first_change = at < self.stored && !self.before.contains_key(&at);
        if is_first_change {
            self.before.insert(at, item.clone());
        }
        if !f(item)? {
            // What was not changed does not count as touched.
            if is_first_change {
                self.before.remove(&at);
            }
            return Ok(());
        }
        if is_unassigned(item) {
            self.remove(at);
        } else {
            self.note(at);
        }
        Ok(())
    }

    pub(super) fn remove(&mut self, at: usize) {
        if at >= self.items.len() || self.is_gone(at) {
            return;
        }
        if self.gone.len() <= at {
            self.gone.resize(self.items.len(), false);
        }
        if let Some(gone) = self.gone.get_mut(at) {
            *gone = true;
            self.gaps += 1;
        }
    }

    /// Removes every element.
    pub(super) fn clear(&mut self) {
        self.check_all();
        self.gone.clear();
        self.gone.resize(self.items.len(), true);
        self.gaps = self.items.len();
    }

    /// Every stored element is about to be copied into the report of changes.
    pub(super) fn check_all(&mut self) {
        let max_depth = self.max_depth;
        self.is_too_deep |= !self.items.iter().all(|item| is_within_depth(item, max_depth));
    }

    /// Replaces the whole list.
    pub(super) fn replace(&mut self, elements: Vec<Value>) {
        self.check_all();
        let start = self.take_start();
        self.items = elements;
        self.replaced = Some(start);
        self.stored = 0;
        self.gone.clear();
        self.gaps = 0;
        self.indexes.clear();
    }

    /// The list as it was at the start, taken out.
    fn take_start(&mut self) -> Vec<Value> {
        if let Some(start) = self.replaced.take() {
            return start;
        }
        let mut items = std::mem::take(&mut self.items);
        items.truncate(self.stored);
        for (at, old) in self.before.drain() {
            if let Some(item) = items.get_mut(at) {
                *item = old;
            }
        }
        items
    }

    /// Enters an item into the indexes that are built.
    fn note(&mut self, at: usize) {
        let Some(item) = self.items.get(at) else { return };
        self.indexes.iter_mut().filter(|index| index.is_built()).for_each(|index| index.enter(at, item));
    }

    /// The positions of the items that are chosen: `wanted` is what an index finds them by. `is_first_enough` asks for one
    /// alone; `many` says that more look-ups of this kind follow.
    fn look_up(
        &mut self,
        (by, wanted): (By<'a>, &Value),
        is_first_enough: bool,
        many: bool,
        is_chosen: impl Fn(&Value) -> bool,
    ) -> Vec<usize> {
        let slot = self.indexes.iter().position(|index| index.is_by(by)).unwrap_or_else(|| {
            self.indexes.push(Index::new(self.place.attribute, by));
            self.indexes.len() - 1
        });
        let Self { indexes, items, gone, visited, .. } = self;
        let Some(index) = indexes.get_mut(slot) else { return Vec::new() };
        if !index.is_built() {
            if !index.is_worth_it(many && items.len() > 8) {
                return self.scan(is_chosen);
            }
            *visited += items.len();
            index.build(items);
        }
        let there = |at: usize| {
            *visited += 1;
            items.get(at).filter(|_| !gone.get(at).copied().unwrap_or(false))
        };
        let found = index.find(wanted, is_first_enough, there, is_chosen);
        self.only_shallow(found)
    }

    /// The positions of the items that are chosen, each looked at.
    fn scan(&mut self, is_chosen: impl Fn(&Value) -> bool) -> Vec<usize> {
        self.visited += self.items.len();
        let found = self.iter().filter(|(_, element)| is_chosen(element)).map(|(at, _)| at).collect();
        self.only_shallow(found)
    }

    /// The positions of all items.
    pub(super) fn all(&mut self) -> Vec<usize> {
        self.scan(|_| true)
    }

    /// The positions of the items that a filter chooses.
    pub(super) fn chosen(&mut self, filter: &ElementFilter<'a>) -> Vec<usize> {
        match filter.indexable() {
            Some((sub, value)) => self.look_up((By::Sub(sub), value), false, false, |element| filter.matches(element)),
            None => self.scan(|element| filter.matches(element)),
        }
    }

    /// The positions of the items that a removal means by `element` (P14).
    pub(super) fn meant(&mut self, element: &Value, many: bool) -> Vec<usize> {
        let identity = Identity::of(self.place.attribute);
        let by = match identity.key(element) {
            Some(key) if identity.is_untyped(element) => (By::Sub(identity.value), key),
            _ => (By::Identity, element),
        };
        self.look_up(by, false, many, |item| identity.is_same(item, element, true))
    }

    /// The position of the first item that is the same as `element` (P5).
    pub(super) fn identical(&mut self, element: &Value, many: bool) -> Option<usize> {
        let identity = Identity::of(self.place.attribute);
        let found = self.look_up((By::Identity, element), true, many, |item| identity.is_same(item, element, false));
        found.first().copied()
    }

    /// The positions of the items that say `primary: true`.
    pub(super) fn primaries(&mut self, primary: &'a Attribute) -> Vec<usize> {
        let by = (By::Sub(Some(primary)), &Value::Bool(true));
        self.look_up(by, false, false, crate::shape::shaper::is_primary)
    }

    fn only_shallow(&mut self, mut found: Vec<usize>) -> Vec<usize> {
        found.retain(|at| self.is_shallow(*at));
        found
    }

    /// Whether a stored item may be copied; if not, that is noted and the request refused.
    fn is_shallow(&mut self, at: usize) -> bool {
        let max_depth = self.max_depth;
        let is_shallow = self.items.get(at).is_none_or(|item| is_within_depth(item, max_depth));
        self.is_too_deep |= !is_shallow;
        is_shallow
    }

    /// Whether anything was added, removed, changed or replaced.
    pub(super) fn is_touched(&self) -> bool {
        self.replaced.is_some() || self.gaps > 0 || !self.before.is_empty() || self.items.len() > self.stored
    }

    /// Positions of items that were added or changed.
    pub(super) fn touched(&self) -> Vec<usize> {
        let mut touched: Vec<usize> = self.before.keys().copied().chain(self.stored..self.items.len()).collect();
        touched.retain(|at| !self.is_gone(*at));
        touched.sort_unstable();
        touched
    }

    /// What stood in the document at the start.
    pub(super) fn undo(mut self) -> Option<Value> {
        let start = self.take_start();
        restored(self.original, start)
    }

    /// What is to stand in the document now, and what changed; `Err` with what stood there if nothing did.
    pub(super) fn finish(mut self) -> Result<(Option<Value>, Change), Option<Value>> {
        if let Some(start) = self.replaced.take() {
            self.close_gaps();
            let change = diff::list(self.place, &start, &self.items);
            if change.is_empty() {
                return Err(restored(self.original, start));
            }
            return Ok((listed(self.items), change));
        }
        if self.before.is_empty() && self.gaps == 0 && self.items.len() == self.stored {
            let start = self.take_start();
            return Err(restored(self.original, start));
        }
        self.put_back();
        let change = self.change();
        if change.is_empty() {
            let start = self.take_start();
            return Err(restored(self.original, start));
        }
        self.close_gaps();
        Ok((listed(self.items), change))
    }

    /// An element that was removed and added back unchanged is where it was (D10).
    fn put_back(&mut self) {
        let added: Vec<usize> = (self.stored..self.items.len()).filter(|at| !self.is_gone(*at)).collect();
        if self.gaps == 0 || added.is_empty() {
            return;
        }
        let mut removed: HashMap<u64, Vec<usize>> = HashMap::new();
        for at in (0..self.stored.min(self.gone.len())).rev().filter(|at| self.is_gone(*at)) {
            if let Some(old) = self.before.get(&at).or_else(|| self.items.get(at)) {
                removed.entry(value_hash(old)).or_default().push(at);
            }
        }
        for at in added {
            let Some(element) = self.items.get(at) else { continue };
            let Some(places) = removed.get_mut(&value_hash(element)) else { continue };
            let is_same = |old_at: &usize| {
                let old = self.before.get(old_at).or_else(|| self.items.get(*old_at));
                old.is_some_and(|old| same_value(old, element))
            };
            let Some(found) = places.iter().rposition(is_same) else { continue };
            let old_at = places.remove(found);
            if let (Some(old), Some(item)) = (self.before.remove(&old_at), self.items.get_mut(old_at)) {
                *item = old;
            }
            if let Some(gone) = self.gone.get_mut(old_at) {
                *gone = false;
                self.gaps -= 1;
            }
            self.remove(at);
        }
    }

    fn change(&self) -> Change {
        let mut change = Change::at(self.place);
        let identity = Identity::of(self.place.attribute);
        for at in 0..self.stored {
            let before = self.before.get(&at);
            match (self.get(at), before) {
                (Some(_), None) => {}
                (Some(now), Some(old)) if same_value(now, old) => {}
                (Some(now), Some(old)) if identity.is_same(old, now, false) => {
                    change.replaced.push(Replaced { old: old.clone(), new: now.clone() });
                }
                (Some(now), Some(old)) => {
                    change.removed.push(old.clone());
                    change.added.push(now.clone());
                }
                (None, old) => change.removed.extend(old.or_else(|| self.items.get(at)).cloned()),
            }
        }
        change.added.extend(self.iter().filter(|(at, _)| *at >= self.stored).map(|(_, element)| element.clone()));
        diff::pair_by_identity(self.place, &mut change);
        change
    }

    fn close_gaps(&mut self) {
        if self.gaps > 0 {
            let mut gone = std::mem::take(&mut self.gone).into_iter();
            self.items.retain(|_| !gone.next().unwrap_or(false));
            self.gaps = 0;
        }
    }
}

fn restored(original: Original, mut start: Vec<Value>) -> Option<Value> {
    match original {
        Original::Absent => None,
        Original::Null => Some(Value::Null),
        Original::One => start.pop(),
        Original::Many => Some(Value::Array(start)),
    }
}

fn listed(items: Vec<Value>) -> Option<Value> {
    if items.iter().all(is_unassigned) { None } else { Some(Value::Array(items)) }
}
