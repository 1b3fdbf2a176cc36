//! A multi-valued attribute while operations change it, such that thousands of operations on a long list cost one pass
//! over it and no more (P19).
//!
//! The stored elements stay where and as they are. What changes is kept beside them: new values by position, gaps in attr
//! of removals, elements that were added. So nothing has to be undone, and only what changes is made into values. Elements
//! are found through indexes that are built at the second look-up by the same sub-attribute.

use std::borrow::Cow;
use std::cell::Cell;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use serde_json::Value;

use crate::coerce::diff;
use crate::coerce::members::is_unassigned;
use crate::coerce::refusal::Refusal;
use crate::coerce::same::{Identity, same_value, value_hash};
use crate::coerce::{Change, Replaced};
use crate::json::is_within_depth;
use crate::patch::attribute::index::{By, Index};
use crate::patch::attribute::lookup_texts::LookupTexts;
use crate::patch::resolve::ElementFilter;
use crate::patch::store::{Edits, Elements, Fault, Store, Taken, TextMatch};
use crate::schema::AttrRef;
use crate::schema::Attribute;

/// A list that is no longer than this is looked through each time.
const SHORT: usize = 8;
/// So many look-ups on a long list cost less than a table.
const FEW_LOOKUPS: usize = 2;

pub(in crate::patch) struct List<'a, L> {
    attr: AttrRef<'a>,
    items: Items<L>,
    indexes: Vec<Index<'a>>,
    lookup_texts: Rc<LookupTexts<'a>>,
    /// Elements looked at one by one.
    pub visited: usize,
    max_depth: usize,
    /// Whether an element was met that is nested too deep to be copied.
    pub is_too_deep: bool,
}

/// The stored elements and what becomes of them. Positions go on from the stored ones to those that were added.
struct Items<L> {
    taken: Taken<L>,
    edits: Edits,
    /// How many are gone.
    gaps: usize,
    /// Whether the list was replaced as a whole; then no stored element counts.
    is_replaced: bool,
}

impl<L: Elements> Items<L> {
    /// How many stored elements count.
    fn stored(&self) -> usize {
        if self.is_replaced { 0 } else { self.taken.elements.len() }
    }

    fn len(&self) -> usize {
        self.stored() + self.edits.added.len()
    }

    fn is_gone(&self, at: usize) -> bool {
        self.edits.is_gone(at)
    }

    /// The positions of the items that are there.
    fn positions(&self) -> impl Iterator<Item = usize> {
        let end = if self.gaps < self.len() { self.len() } else { 0 };
        (0..end).filter(|at| !self.is_gone(*at))
    }

    /// What was made of an item, or added.
    fn own(&self, at: usize) -> Option<&Value> {
        match at.checked_sub(self.stored()) {
            Some(added) => self.edits.added.get(added),
            None if self.edits.changed.is_empty() => None,
            None => self.edits.changed.get(&at),
        }
    }

    fn get(&self, at: usize) -> Result<Option<Cow<'_, Value>>, L::Error> {
        if at >= self.len() || self.is_gone(at) {
            return Ok(None);
        }
        self.own(at).map_or_else(|| self.taken.elements.value(at), |own| Ok(Cow::Borrowed(own))).map(Some)
    }

    /// What an item was at the start.
    fn start(&self, at: usize) -> Result<Cow<'_, Value>, L::Error> {
        self.taken.elements.value(at)
    }
}

impl<'a, L: Elements> List<'a, L> {
    pub(in crate::patch) fn new(
        attr: AttrRef<'a>,
        taken: Taken<L>,
        max_depth: usize,
        lookup_texts: Rc<LookupTexts<'a>>,
    ) -> Self {
        let edits = Edits { gone: Vec::new(), changed: BTreeMap::new(), added: Vec::new() };
        Self {
            attr,
            items: Items { taken, edits, gaps: 0, is_replaced: false },
            indexes: Vec::new(),
            lookup_texts,
            visited: 0,
            max_depth,
            is_too_deep: false,
        }
    }

    /// The items that are there, with their positions.
    pub(in crate::patch) fn items(&self) -> Result<Vec<(usize, Cow<'_, Value>)>, L::Error> {
        let items = self.items.positions().map(|at| Ok(self.items.get(at)?.map(|item| (at, item))));
        items.filter_map(Result::transpose).collect()
    }

    pub(in crate::patch) fn get(&self, at: usize) -> Result<Option<Cow<'_, Value>>, L::Error> {
        self.items.get(at)
    }

    /// Whether no element is assigned.
    pub(in crate::patch) fn is_empty(&self) -> Result<bool, L::Error> {
        for at in self.items.positions() {
            if self.items.get(at)?.is_some_and(|element| !is_unassigned(&element)) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    pub(in crate::patch) fn push(&mut self, element: Value) -> usize {
        let at = self.items.len();
        self.items.edits.added.push(element);
        self.note(at);
        at
    }

    pub(in crate::patch) fn set(&mut self, at: usize, element: Value) {
        match at.checked_sub(self.items.stored()) {
            None => {
                self.items.edits.changed.insert(at, element);
            }
            Some(added) => {
                let Some(item) = self.items.edits.added.get_mut(added) else { return };
                *item = element;
            }
        }
        self.note(at);
    }

    /// Changes an item; `f` says whether it did. One that holds nothing any more is removed.
    pub(in crate::patch) fn edit(
        &mut self,
        at: usize,
        f: impl FnOnce(&mut Value) -> Result<bool, Refusal>,
    ) -> Result<(), Fault<L::Error>> {
        if self.items.is_gone(at) {
            return Ok(());
        }
        let added = at.checked_sub(self.items.stored());
        let Items { taken, edits, .. } = &mut self.items;
        let own = match added {
            Some(added) => edits.added.get_mut(added),
            None => edits.changed.get_mut(&at),
        };
        let is_unassigned = match (own, added) {
            (Some(own), _) => {
                if !f(own)? {
                    return Ok(());
                }
                is_unassigned(own)
            }
            (None, Some(_)) => return Ok(()),
            (None, None) => {
                let mut item = taken.elements.value(at).map_err(Fault::Store)?.into_owned();
                if !f(&mut item)? {
                    return Ok(());
                }
                let is_unassigned = is_unassigned(&item);
                edits.changed.insert(at, item);
                is_unassigned
            }
        };
        if is_unassigned {
            self.remove(at);
        } else {
            self.note(at);
        }
        Ok(())
    }

    pub(in crate::patch) fn remove(&mut self, at: usize) {
        if at >= self.items.len() || self.items.is_gone(at) {
            return;
        }
        let len = self.items.len();
        let gone = &mut self.items.edits.gone;
        if gone.len() <= at {
            gone.resize(len, false);
        }
        if let Some(gone) = gone.get_mut(at) {
            *gone = true;
            self.items.gaps += 1;
        }
    }

    /// Removes every element.
    pub(in crate::patch) fn clear(&mut self) -> Result<(), L::Error> {
        self.check_all()?;
        let len = self.items.len();
        self.items.edits.gone.clear();
        self.items.edits.gone.resize(len, true);
        self.items.gaps = len;
        Ok(())
    }

    /// Every stored element is about to be copied into the report of changes.
    fn check_all(&mut self) -> Result<(), L::Error> {
        for at in self.items.positions() {
            let is_shallow = self.items.get(at)?.is_none_or(|item| is_within_depth(&item, self.max_depth));
            self.is_too_deep |= !is_shallow;
        }
        Ok(())
    }

    /// Replaces the whole list.
    pub(in crate::patch) fn replace(&mut self, elements: Vec<Value>) -> Result<(), L::Error> {
        self.check_all()?;
        self.items.edits = Edits { gone: Vec::new(), changed: BTreeMap::new(), added: elements };
        self.items.gaps = 0;
        self.items.is_replaced = true;
        self.indexes.clear();
        Ok(())
    }

    /// Enters an item into the indexes that are built.
    fn note(&mut self, at: usize) {
        let Some(item) = self.items.own(at) else { return };
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
    ) -> Result<Vec<usize>, L::Error> {
        let identity = Identity::of(self.attr.attribute);
        // Elements that have a `value` are found by it, and told apart by the rest where there are few.
        let (key_by, key) = match by {
            By::Identity => (By::Sub(identity.value), identity.key(wanted)),
            by @ By::Sub(_) => (by, Some(wanted)),
        };
        let text = match (key_by, key) {
            (By::Sub(sub), Some(Value::String(text))) => Some((sub, text.as_str())),
            _ => None,
        };
        if self.items.len() <= SHORT {
            return self.scan(text, is_chosen);
        }
        if let (Some(key), Some(_)) = (key, text) {
            let Some(slot) = self.index(key_by, key, many)? else { return self.scan(text, is_chosen) };
            let count = self.indexes.get(slot).and_then(|index| index.count(key));
            if matches!(key_by, By::Sub(_)) && count.is_some_and(|count| count <= SHORT || matches!(by, By::Sub(_))) {
                return self.find(slot, key, is_first_enough, is_chosen);
            }
        }
        match self.index(by, wanted, many)? {
            Some(slot) => self.find(slot, wanted, is_first_enough, is_chosen),
            None => self.scan(text, is_chosen),
        }
    }

    /// The index by which `wanted` can be found, built if it pays.
    fn index(&mut self, by: By<'a>, wanted: &Value, many: bool) -> Result<Option<usize>, L::Error> {
        let slot = self.indexes.iter().position(|index| index.is_by(by)).unwrap_or_else(|| {
            self.indexes.push(Index::new(self.attr.attribute, by));
            self.indexes.len() - 1
        });
        let Some(index) = self.indexes.get_mut(slot) else { return Ok(None) };
        if index.count(wanted).is_some() {
            return Ok(Some(slot));
        }
        let stored = &self.items.taken.elements;
        let texts = match by {
            By::Sub(_) if !index.is_built() && wanted.is_string() => Some(self.lookup_texts.texts()),
            _ => None,
        };
        let texts = texts.filter(|texts| texts.len() < stored.len() / 2);
        let is_named = texts.is_some_and(|texts| texts.len() > FEW_LOOKUPS);
        if !is_named && !index.is_worth_it() && !many {
            return Ok(None);
        }
        self.visited += stored.len();
        if self.items.is_replaced {
            index.open();
        } else {
            index.build(stored, texts.filter(|_| is_named))?;
        }
        let own = self.items.edits.changed.iter().map(|(at, item)| (*at, item));
        let added = self.items.edits.added.iter().enumerate().map(|(at, item)| (self.items.stored() + at, item));
        own.chain(added).for_each(|(at, item)| index.enter(at, item));
        Ok(index.count(wanted).map(|_| slot))
    }

    fn find(
        &mut self,
        slot: usize,
        wanted: &Value,
        is_first_enough: bool,
        is_chosen: impl Fn(&Value) -> bool,
    ) -> Result<Vec<usize>, L::Error> {
        let Self { indexes, items, visited, is_too_deep, max_depth, .. } = self;
        let Some(index) = indexes.get_mut(slot) else { return Ok(Vec::new()) };
        let (looked_at, is_deep) = (Cell::new(0), Cell::new(false));
        let there = |at: usize| {
            looked_at.set(looked_at.get() + 1);
            items.get(at)
        };
        let is_chosen = |item: &Value| {
            let is_chosen = is_chosen(item);
            let is_shallow = !is_chosen || is_within_depth(item, *max_depth);
            is_deep.set(is_deep.get() || !is_shallow);
            is_chosen && is_shallow
        };
        let found = index.find(wanted, is_first_enough, there, is_chosen);
        *visited += looked_at.get();
        *is_too_deep |= is_deep.get();
        found
    }

    /// The positions of the items that are chosen, each looked at. Those are passed over soon that say another text.
    fn scan(
        &mut self,
        text: Option<(Option<&Attribute>, &str)>,
        is_chosen: impl Fn(&Value) -> bool,
    ) -> Result<Vec<usize>, L::Error> {
        self.visited += self.items.len();
        let needle = text.map(|(sub, text)| (sub, TextMatch::new(sub.unwrap_or(self.attr.attribute), text)));
        let mut found = Vec::new();
        for at in self.items.positions() {
            if let (Some((sub, needle)), None) = (&needle, self.items.own(at))
                && self.items.taken.elements.peek_is(at, *sub, needle)? == Some(false)
            {
                continue;
            }
            if let Some(item) = self.items.get(at)?
                && is_chosen(&item)
            {
                if is_within_depth(&item, self.max_depth) {
                    found.push(at);
                } else {
                    self.is_too_deep = true;
                }
            }
        }
        Ok(found)
    }

    /// The positions of all items.
    pub(in crate::patch) fn all(&mut self) -> Result<Vec<usize>, L::Error> {
        self.scan(None, |_| true)
    }

    /// The positions of the items that a filter chooses.
    pub(in crate::patch) fn chosen(&mut self, filter: &ElementFilter<'a>) -> Result<Vec<usize>, L::Error> {
        if let Some((sub, value)) = filter.indexable() {
            return self.look_up((By::Sub(sub), value), false, false, |element| filter.matches(element));
        }
        self.visited += self.items.len();
        let mut found = Vec::new();
        for at in self.items.positions() {
            let is_chosen = match self.items.own(at) {
                Some(own) => filter.matches(own),
                None => self.items.taken.elements.holds(at, filter.node())?,
            };
            if is_chosen {
                found.push(at);
            }
        }
        let mut is_too_deep = false;
        for at in &found {
            is_too_deep |= self.items.get(*at)?.is_some_and(|item| !is_within_depth(&item, self.max_depth));
        }
        self.is_too_deep |= is_too_deep;
        Ok(found)
    }

    /// The positions of the items that a removal means by `element` (P14).
    pub(in crate::patch) fn meant(&mut self, element: &Value, many: bool) -> Result<Vec<usize>, L::Error> {
        let identity = Identity::of(self.attr.attribute);
        let by = match identity.key(element) {
            Some(key) if identity.is_untyped(element) => (By::Sub(identity.value), key),
            _ => (By::Identity, element),
        };
        self.look_up(by, false, many, |item| identity.is_same(item, element, true))
    }

    /// The position of the first item that is the same as `element` (P5).
    pub(in crate::patch) fn identical(&mut self, element: &Value, many: bool) -> Result<Option<usize>, L::Error> {
        let identity = Identity::of(self.attr.attribute);
        let found = self.look_up((By::Identity, element), true, many, |item| identity.is_same(item, element, false));
        Ok(found?.first().copied())
    }

    /// The positions of the items that say `primary: true`.
    pub(in crate::patch) fn primaries(&mut self, primary: &'a Attribute) -> Result<Vec<usize>, L::Error> {
        let by = (By::Sub(Some(primary)), &Value::Bool(true));
        self.look_up(by, false, false, crate::coerce::coercer::is_primary)
    }

    /// Whether anything was added, removed, changed or replaced.
    pub(in crate::patch) fn is_touched(&self) -> bool {
        let Items { edits, gaps, is_replaced, .. } = &self.items;
        *is_replaced || *gaps > 0 || !edits.changed.is_empty() || !edits.added.is_empty()
    }

    /// The items that were added or changed.
    pub(in crate::patch) fn touched(&self) -> Vec<&Value> {
        let mut changed: Vec<usize> = self.items.edits.changed.keys().copied().collect();
        changed.sort_unstable();
        let touched = changed.into_iter().chain(self.items.stored()..self.items.len());
        touched.filter(|at| !self.items.is_gone(*at)).filter_map(|at| self.items.own(at)).collect()
    }

    /// What stood in the document at the start.
    pub(in crate::patch) fn into_taken(self) -> Taken<L> {
        self.items.taken
    }

    /// Puts what is to stand in the document now there, or what was if nothing changed. Adds what changed, and says whether
    /// the attribute became unassigned.
    pub(in crate::patch) fn finish<S: Store<List = L, Error = L::Error>>(
        mut self,
        store: &mut S,
        changes: &mut Vec<Change>,
    ) -> Result<bool, L::Error> {
        let attr = self.attr;
        let mut change = None;
        if self.items.is_replaced {
            self.drop_gone();
            let start = self.items.taken.elements.values()?;
            change = Some(diff::list(attr, &start, &self.items.edits.added)).filter(|change| !change.is_empty());
        } else if self.is_touched() {
            self.put_back()?;
            change = Some(self.change()?).filter(|change| !change.is_empty());
        }
        let Some(change) = change else {
            store.undo_list(attr, self.items.taken);
            return Ok(false);
        };
        let is_gone = self.is_empty()?;
        self.drop_gone();
        let Items { taken, edits, is_replaced, .. } = self.items;
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

    /// Whether anything is to stand in the document that did not at the start. Nothing is looked up after it.
    pub(in crate::patch) fn is_changed(&mut self) -> Result<bool, L::Error> {
        if self.items.is_replaced {
            self.drop_gone();
            let start = self.items.taken.elements.values()?;
            return Ok(!diff::list(self.attr, &start, &self.items.edits.added).is_empty());
        }
        self.put_back()?;
        let stored = self.items.stored();
        let is_there = |at: &usize| !self.items.is_gone(*at);
        if self.items.edits.gone.iter().take(stored).any(|gone| *gone)
            || (stored..self.items.len()).any(|at| is_there(&at))
        {
            return Ok(true);
        }
        for (at, now) in &self.items.edits.changed {
            if !same_value(now, &*self.items.start(*at)?) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// An element that was removed and added back unchanged is where it was (D10).
    fn put_back(&mut self) -> Result<(), L::Error> {
        let stored = self.items.stored();
        if self.items.gaps == 0 || self.items.edits.added.is_empty() {
            return Ok(());
        }
        let added: Vec<usize> = (stored..self.items.len()).filter(|at| !self.items.is_gone(*at)).collect();
        let mut removed: HashMap<u64, Vec<usize>> = HashMap::new();
        for at in (0..stored.min(self.items.edits.gone.len())).rev().filter(|at| self.items.is_gone(*at)) {
            removed.entry(value_hash(&*self.items.start(at)?)).or_default().push(at);
        }
        for at in added {
            let Some(element) = self.items.own(at) else { continue };
            let Some(places) = removed.get_mut(&value_hash(element)) else { continue };
            let mut found = None;
            for (attr, old_at) in places.iter().enumerate().rev() {
                if same_value(&*self.items.start(*old_at)?, element) {
                    found = Some(attr);
                    break;
                }
            }
            let Some(found) = found else { continue };
            let old_at = places.remove(found);
            self.items.edits.changed.remove(&old_at);
            if let Some(gone) = self.items.edits.gone.get_mut(old_at) {
                *gone = false;
                self.items.gaps -= 1;
            }
            self.remove(at);
        }
        Ok(())
    }

    /// What changed; stored elements that did are moved into it.
    fn change(&mut self) -> Result<Change, L::Error> {
        let stored = self.items.stored();
        let Items { taken, edits, .. } = &mut self.items;
        let Edits { gone, changed, added } = edits;
        let is_there = |at: usize| !gone.get(at).copied().unwrap_or(false);
        let mut touched: Vec<usize> = changed.keys().copied().filter(|at| is_there(*at)).collect();
        touched.extend(gone.iter().take(stored).enumerate().filter(|(_, gone)| **gone).map(|(at, _)| at));
        touched.sort_unstable();
        let mut change = Change::at(self.attr);
        let identity = Identity::of(self.attr.attribute);
        let mut others = 0;
        for at in touched {
            let Some(now) = changed.get(&at).filter(|_| is_there(at)) else {
                change.removed.push(taken.elements.take(at)?);
                continue;
            };
            let old = taken.elements.value(at)?;
            if same_value(now, &old) {
                continue;
            }
            let is_same = identity.is_same(&old, now, false);
            let own = match old {
                Cow::Owned(old) => Some(old),
                Cow::Borrowed(_) => None,
            };
            let (old, new) = (own.map_or_else(|| taken.elements.take(at), Ok)?, now.clone());
            if is_same {
                change.replaced.push(Replaced { old, new });
            } else {
                others += 1;
                change.removed.push(old);
                change.added.push(new);
            }
        }
        let added = added.iter().enumerate().filter(|(at, _)| is_there(stored + at));
        change.added.extend(added.map(|(_, element)| element.clone()));
        // Of one that became another it is known that they are two.
        if (others, change.removed.len(), change.added.len()) != (1, 1, 1) {
            diff::pair_by_identity(self.attr, &mut change);
        }
        Ok(change)
    }

    /// Drops what was added and removed again, and what was changed before it was removed.
    fn drop_gone(&mut self) {
        let stored = self.items.stored();
        let Edits { gone, changed, added } = &mut self.items.edits;
        if self.items.gaps > 0 {
            changed.retain(|at, _| !gone.get(*at).copied().unwrap_or(false));
            let mut of_added = gone.iter().skip(stored);
            added.retain(|_| !of_added.next().copied().unwrap_or(false));
            gone.truncate(stored);
            self.items.gaps = gone.iter().filter(|gone| **gone).count();
        }
    }
}
