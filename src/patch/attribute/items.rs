//! The elements of a list, stored or added, with their edits and the cost of examining them.

use std::borrow::Cow;
use std::cell::{Cell, OnceCell, RefCell};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::RandomState;
use std::rc::Rc;

use serde_json::Value;

use crate::coerce::complex_value::ComplexValue;
use crate::coerce::identity::ElementHash;
use crate::coerce::members::{is_unassigned, member, remove_member, set_member};
use crate::coerce::sublist::{Sublist, Sublists};
use crate::coerce::work;
use crate::json::is_within_depth;
use crate::patch::store::{Edits, Elements, Taken, weight};
use crate::schema::Attribute;

/// The number of bytes that one request has examined so far, in all attributes together.
pub(in crate::patch) type Budget = Rc<Cell<usize>>;

/// The cost of examining elements. The first passes over a list are free, because their cost is in proportion to the
/// document. If the charges are too low, a hostile request runs long before it is refused; if they are too high, honest
/// ones are refused (`tooMany`).
pub(in crate::patch) struct Visited {
    looks: usize,
    edits: usize,
    budget: Budget,
}

impl Visited {
    /// The number of passes over a list that are not charged. After them, the weight of each element examined is charged.
    const FREE_PASSES: usize = 2;
    /// The number of further looks at elements without the fixed charge `LOOK`, because short lists may be scanned often.
    const FREE_LOOKS: usize = 1024;
    /// The fixed charge of a look, whatever the element weighs: about the number of bytes of JSON that are read in the time
    /// of a look.
    const LOOK: usize = 128;
    /// The number of changes without a charge, in addition to the free passes: most operations change one element.
    const FREE_EDITS: usize = 100_000;
    /// The fixed charge of changing an element, in addition to the charge of the value that is set.
    const EDIT: usize = 512;

    pub(super) fn new(budget: Budget) -> Self {
        Self { looks: 0, edits: 0, budget }
    }

    pub(in crate::patch) fn charge(&self, bytes: usize) {
        work::charged(bytes);
        self.budget.set(self.budget.get().saturating_add(bytes));
    }

    pub(super) fn look(&mut self, len: usize, weight: impl FnOnce() -> usize) {
        work::done(1);
        self.looks += 1;
        if self.looks > Self::FREE_PASSES * len {
            let is_counted = self.looks > Self::FREE_PASSES * len + Self::FREE_LOOKS;
            self.charge(weight() + if is_counted { Self::LOOK } else { 0 });
        }
    }

    /// Counts a change of an element.
    pub(super) fn edit(&mut self, len: usize) {
        work::done(1);
        self.edits += 1;
        if self.edits > Self::FREE_PASSES * len + Self::FREE_EDITS {
            self.charge(Self::EDIT);
        }
    }
}

/// The stored elements and their edits. Positions count the stored elements first and then the added ones.
pub(super) struct Items<L> {
    pub(super) taken: Taken<L>,
    edits: Edits,
    /// The number of items that were removed ("gone").
    gaps: usize,
    /// All items before this position are gone, even if `edits` does not mark them.
    floor: usize,
    /// `(known, from)`: the positions of the remaining items before the position `from`. They are listed once most items
    /// are gone, so that no scan visits the same gaps again.
    there: Option<(Vec<usize>, usize)>,
    /// Whether the list was replaced as a whole; then the stored elements no longer count.
    pub(super) is_replaced: bool,
    /// The values that were built of unchanged stored elements. The first `FORGOTTEN` bytes of values are built and not
    /// kept; after that, each value is built at most once and kept.
    made: OnceCell<Vec<OnceCell<Value>>>,
    /// The number of bytes of values that were built. It is no longer counted once it exceeds `FORGOTTEN`.
    made_bytes: Cell<usize>,
    /// The lists inside elements that are being changed in place, by the position of the element.
    lists: HashMap<usize, Sublists>,
    /// The positions of stored elements that were checked and are not nested too deep.
    shallow: RefCell<HashSet<usize>>,
    /// The seed is random for each list, so that no client can prepare values with colliding hashes.
    pub(super) seed: RandomState,
}

/// The charge of a byte in which a text is searched, relative to a byte that is read.
pub(in crate::patch) const SEARCH: usize = 2;

/// Values are kept only after this many bytes of them were built: for a short request, keeping them does not pay. If the
/// number is too high, long requests build values again and again.
const FORGOTTEN: usize = 1 << 20;

#[expect(
    clippy::indexing_slicing,
    reason = "`kept` has a cell for each stored element, and `gone` was made long enough"
)]
impl<L: Elements> Items<L> {
    pub(super) fn new(taken: Taken<L>) -> Self {
        Self {
            taken,
            edits: Edits { gone: Vec::new(), changed: BTreeMap::new(), added: Vec::new() },
            gaps: 0,
            floor: 0,
            there: None,
            is_replaced: false,
            made: OnceCell::new(),
            made_bytes: Cell::new(0),
            lists: HashMap::new(),
            shallow: RefCell::default(),
            seed: RandomState::new(),
        }
    }

    /// The number of stored elements; 0 if the list was replaced as a whole.
    pub(super) fn stored(&self) -> usize {
        if self.is_replaced { 0 } else { self.taken.elements.len() }
    }

    pub(super) fn len(&self) -> usize {
        self.stored() + self.edits.added.len()
    }

    pub(super) fn gaps(&self) -> usize {
        self.gaps
    }

    pub(super) fn is_gone(&self, at: usize) -> bool {
        at < self.floor || self.edits.is_gone(at)
    }

    /// The positions of the items that are not gone.
    pub(super) fn positions(&self) -> impl Iterator<Item = usize> {
        let end = if self.gaps < self.len() { self.len() } else { 0 };
        let (known, from) = match &self.there {
            Some((known, from)) if end > 0 => (known.as_slice(), *from),
            _ => (&[][..], 0),
        };
        known.iter().copied().chain(from.max(self.floor)..end).filter(|at| {
            work::done(1);
            !self.is_gone(*at)
        })
    }

    /// The items that were changed or added, with their positions.
    pub(super) fn own_items(&self) -> impl Iterator<Item = (usize, &Value)> {
        let stored = self.stored();
        let changed = self.edits.changed.iter().map(|(at, item)| (*at, item));
        let added = self.edits.added.iter().enumerate().map(move |(at, item)| (stored + at, item));
        changed.chain(added)
    }

    pub(super) fn added(&self) -> &[Value] {
        &self.edits.added
    }

    /// Whether anything was added, removed, changed or replaced.
    pub(super) fn is_touched(&self) -> bool {
        self.is_replaced || self.gaps > 0 || !self.edits.changed.is_empty() || !self.edits.added.is_empty()
    }

    /// The new value of an item that was changed or added.
    pub(super) fn own(&self, at: usize) -> Option<&Value> {
        match at.checked_sub(self.stored()) {
            Some(added) => self.edits.added.get(added),
            None if self.edits.changed.is_empty() => None,
            None => self.edits.changed.get(&at),
        }
    }

    fn own_mut(&mut self, at: usize) -> Option<&mut Value> {
        match at.checked_sub(self.stored()) {
            Some(added) => self.edits.added.get_mut(added),
            None => self.edits.changed.get_mut(&at),
        }
    }

    pub(super) fn get(&self, at: usize) -> Result<Option<Cow<'_, Value>>, L::Error> {
        if at >= self.len() || self.is_gone(at) {
            return Ok(None);
        }
        self.own(at).map_or_else(|| self.stored_value(at), |own| Ok(Cow::Borrowed(own))).map(Some)
    }

    /// The value of an unchanged stored element.
    fn stored_value(&self, at: usize) -> Result<Cow<'_, Value>, L::Error> {
        if let Some(made) = self.made.get().and_then(|made| made[at].get()) {
            return Ok(Cow::Borrowed(made));
        }
        let value = self.taken.elements.value(at)?;
        if matches!(value, Cow::Borrowed(_)) || !self.is_kept(&value) {
            return Ok(value);
        }
        Ok(Cow::Borrowed(self.kept()[at].get_or_init(|| value.into_owned())))
    }

    fn is_kept(&self, value: &Value) -> bool {
        // Once the bytes built so far exceed `FORGOTTEN`, every value is kept, so its size no longer matters. It is not
        // measured either: measuring visits every part of a value, and operations that take and give back the same large
        // value would each pay for it again.
        if self.made_bytes.get() > FORGOTTEN {
            return true;
        }
        let bytes = weight(value);
        work::done(bytes);
        self.made_bytes.set(self.made_bytes.get().saturating_add(bytes));
        self.made_bytes.get() > FORGOTTEN
    }

    fn kept(&self) -> &[OnceCell<Value>] {
        self.made.get_or_init(|| std::iter::repeat_with(OnceCell::new).take(self.taken.elements.len()).collect())
    }

    /// Takes the value of a stored element that is about to change.
    pub(super) fn take_stored(&mut self, at: usize) -> Result<Value, L::Error> {
        if let Some(made) = self.made.get_mut().and_then(|made| made[at].take()) {
            return Ok(made);
        }
        self.taken.elements.value(at).map(Cow::into_owned)
    }

    /// Puts back the value of a stored element that was taken but did not change.
    pub(super) fn give_back(&self, at: usize, value: Value) {
        if self.is_kept(&value) {
            // The cell is empty, because nothing has read the element since it was taken.
            let is_empty = self.kept()[at].set(value).is_ok();
            debug_assert!(is_empty, "an element that was taken is not in its cell");
        }
    }

    /// The stored value of an element, before any edit.
    pub(super) fn start(&self, at: usize) -> Result<Cow<'_, Value>, L::Error> {
        self.taken.elements.value(at)
    }

    /// The approximate number of bytes that a look at an item reads: the weight of the whole item if a filter searches
    /// texts.
    pub(super) fn weight(&self, at: usize, reads_all: bool) -> usize {
        let bytes = match self.own(at) {
            Some(own) if reads_all => weight(own),
            None if reads_all => self.taken.elements.weight(at),
            _ => 0,
        };
        bytes.saturating_mul(SEARCH)
    }

    pub(super) fn push(&mut self, element: Value) -> usize {
        self.edits.added.push(element);
        self.len() - 1
    }

    /// Changes an item; `f` returns whether it changed anything. Returns the sub-attributes that were set, or `None` if
    /// nothing changed. `hash` is the hash of the item; it is updated with each member that is set.
    pub(super) fn change<'a, E>(
        &mut self,
        at: usize,
        hash: Option<ElementHash<'a>>,
        f: impl FnOnce(&mut HeldElement<'_, 'a>) -> Result<bool, E>,
    ) -> Result<Result<Option<ElementEdits<'a>>, E>, L::Error> {
        let known = if self.lists.is_empty() { None } else { self.lists.remove(&at) };
        let mut lists = known.unwrap_or_else(|| Sublists::new(&self.seed));
        let mut stored = None;
        if self.own(at).is_none() && at < self.stored() {
            stored = Some(self.take_stored(at)?);
        }
        let Some(value) = stored.as_mut().or_else(|| self.own_mut(at)) else { return Ok(Ok(None)) };
        let said = ElementEdits { hash, ..ElementEdits::default() };
        let mut element = HeldElement { value: &mut *value, lists: &mut lists, said };
        let is_different = match f(&mut element) {
            Ok(is_different) => is_different,
            Err(error) => return Ok(Err(error)),
        };
        let mut said = element.said;
        said.close(&lists);
        said.is_unassigned = !lists.is_assigned() && is_unassigned(value);
        if !lists.is_empty() {
            self.lists.insert(at, lists);
        }
        match stored {
            Some(value) if is_different => {
                self.edits.changed.insert(at, value);
            }
            Some(value) => self.give_back(at, value),
            None => {}
        }
        Ok(Ok(is_different.then_some(said)))
    }

    /// Whether an item has an assigned value.
    pub(super) fn is_assigned(&self, at: usize) -> Result<bool, L::Error> {
        if self.is_gone(at) {
            return Ok(false);
        }
        if self.lists.get(&at).is_some_and(Sublists::is_assigned) {
            return Ok(true);
        }
        Ok(self.get(at)?.is_some_and(|item| !is_unassigned(&item)))
    }

    /// Whether an item is not nested too deep. Only unchanged stored items need the check: a stored value is checked before
    /// a change, and the values of a request are checked when the request is read.
    pub(super) fn is_shallow(&self, at: usize, item: &Value, max_depth: usize) -> bool {
        if self.own(at).is_some() || self.shallow.borrow().contains(&at) {
            return true;
        }
        work::done(weight(item));
        let is_shallow = is_within_depth(item, max_depth);
        if is_shallow {
            self.shallow.borrow_mut().insert(at);
        }
        is_shallow
    }

    /// Closes the gaps that removed values left in the lists of an item.
    pub(super) fn settle(&mut self, at: usize) {
        if let Some(mut lists) = self.lists.remove(&at)
            && let Some(Value::Object(members)) = self.own_mut(at)
        {
            lists.settle(members);
        }
    }

    pub(super) fn settle_all(&mut self) {
        let mut all: Vec<usize> = self.lists.keys().copied().collect();
        all.drain(..).for_each(|at| self.settle(at));
    }

    pub(super) fn drop_item(&mut self, at: usize) {
        if self.is_gone(at) {
            return;
        }
        let len = self.len();
        let gone = &mut self.edits.gone;
        if gone.len() <= at {
            gone.resize(len, false);
        }
        gone[at] = true;
        self.gaps += 1;
        self.lists.remove(&at);
        // List the remaining positions when more than half of those that a scan visits are gone. Each listing halves the
        // number of positions that a scan visits, so the cost is constant for each removal.
        let gone_over = self.there.as_ref().map_or(len - self.floor, |(known, from)| known.len() + len - from);
        if (len - self.gaps) * 2 < gone_over && gone_over > 64 {
            let there: Vec<usize> = self.positions().collect();
            self.there = Some((there, len));
        }
    }

    pub(super) fn drop_all(&mut self) {
        self.floor = self.len();
        self.gaps = self.floor;
        self.there = None;
        self.lists.clear();
    }

    pub(super) fn replace(&mut self, elements: Vec<Value>) {
        self.edits = Edits { gone: Vec::new(), changed: BTreeMap::new(), added: elements };
        self.gaps = 0;
        self.floor = 0;
        self.there = None;
        self.lists.clear();
        self.is_replaced = true;
    }

    /// Brings back a removed item with its stored value.
    pub(super) fn restore(&mut self, at: usize) {
        self.note_floor();
        self.there = None;
        self.edits.changed.remove(&at);
        if let Some(gone) = self.edits.gone.get_mut(at).filter(|gone| **gone) {
            *gone = false;
            self.gaps -= 1;
        }
    }

    /// Marks each item before `floor` as gone in `edits`.
    fn note_floor(&mut self) {
        if self.floor > 0 {
            let gone = &mut self.edits.gone;
            gone.resize(gone.len().max(self.floor), false);
            gone.iter_mut().take(self.floor).for_each(|gone| *gone = true);
            self.floor = 0;
        }
    }

    /// The stored elements and their edits.
    pub(super) fn parts(&mut self) -> (&mut L, &mut Edits) {
        self.note_floor();
        (&mut self.taken.elements, &mut self.edits)
    }

    pub(super) fn into_parts(mut self) -> (Taken<L>, Edits) {
        self.note_floor();
        (self.taken, self.edits)
    }

    /// Drops items that were added and removed again, and changes of items that were then removed. Added items move to new
    /// positions; returns which positions were gone, or `None` if none was.
    pub(super) fn drop_gone(&mut self) -> Option<Vec<bool>> {
        self.settle_all();
        if self.gaps == 0 {
            return None;
        }
        self.note_floor();
        self.there = None;
        let stored = self.stored();
        let Edits { gone, changed, added } = &mut self.edits;
        changed.retain(|at, _| !gone.get(*at).copied().unwrap_or(false));
        let mut of_added = gone.iter().skip(stored);
        added.retain(|_| !of_added.next().copied().unwrap_or(false));
        let was_gone = gone.clone();
        gone.truncate(stored);
        self.gaps = gone.iter().filter(|gone| **gone).count();
        Some(was_gone)
    }
}

/// The sub-attributes that were set in an element: only these have to be entered into the indexes.
#[derive(Default)]
pub(super) struct ElementEdits<'a> {
    /// Whether anything in the element may have changed, so that all of it has to be entered.
    pub(super) all: bool,
    /// The names of the sub-attributes that were set. If only values were added to a list, the second part is the position
    /// of the first added value.
    subs: Vec<(String, Option<usize>)>,
    /// The names of lists that are being changed in place. `hash` includes such a list only after `close`.
    open: Vec<String>,
    /// The hash of the element with these changes.
    pub(super) hash: Option<ElementHash<'a>>,
    /// Whether the element is unassigned now.
    pub(super) is_unassigned: bool,
}

impl ElementEdits<'_> {
    /// A new element: everything in it is new.
    pub(super) fn anew() -> Self {
        Self { all: true, ..Self::default() }
    }

    /// The position of the first new value of a sub-attribute; `None` if the sub-attribute was not set.
    pub(super) fn of(&self, sub: &Attribute) -> Option<usize> {
        if self.all {
            return Some(0);
        }
        let said = self.subs.iter().filter(|(name, _)| name.eq_ignore_ascii_case(&sub.name));
        said.map(|(_, from)| from.unwrap_or(0)).min()
    }

    fn close(&mut self, lists: &Sublists) {
        for name in self.open.drain(..) {
            if let Some(hash) = &mut self.hash {
                hash.add_list(&name, lists.hash(&name));
            }
        }
    }

    /// Notes that a member was set or removed, and updates the hash.
    fn set(&mut self, name: &str, old: Option<&Value>, new: Option<&Value>) {
        self.subs.push((name.to_owned(), None));
        let is_open = self.open.iter().any(|open| open.eq_ignore_ascii_case(name));
        self.open.retain(|open| !open.eq_ignore_ascii_case(name));
        let Some(hash) = &mut self.hash else { return };
        if let Some(old) = old.filter(|_| !is_open) {
            hash.take(name, old);
        }
        if let Some(new) = new {
            hash.add(name, new);
        }
    }
}

/// An element while it is changed, with the look-up tables of its long lists.
pub(in crate::patch) struct HeldElement<'e, 'a> {
    value: &'e mut Value,
    lists: &'e mut Sublists,
    said: ElementEdits<'a>,
}

impl HeldElement<'_, '_> {
    pub(in crate::patch) fn value(&self) -> &Value {
        self.value
    }

    /// Closes the gaps in the lists of the element, so that a copy of the element has no gaps.
    pub(in crate::patch) fn settle(&mut self) {
        if let Value::Object(members) = self.value {
            self.lists.settle(members);
        }
    }

    /// The whole value, for any change. Afterwards the hash of the value and the positions in its lists are no longer
    /// known.
    pub(in crate::patch) fn whole(&mut self) -> &mut Value {
        self.settle();
        self.said.all = true;
        self.said.hash = None;
        self.value
    }
}

impl ComplexValue for HeldElement<'_, '_> {
    fn get(&self, name: &str) -> Option<&Value> {
        self.value.as_object().and_then(|members| member(members, name))
    }

    fn set(&mut self, name: &str, value: Value) {
        let Value::Object(members) = &mut *self.value else { return };
        self.said.set(name, member(members, name), Some(&value));
        self.lists.forget(name);
        set_member(members, name, value);
    }

    fn remove(&mut self, name: &str) {
        let Value::Object(members) = &mut *self.value else { return };
        self.said.set(name, member(members, name), None);
        self.lists.forget(name);
        remove_member(members, name);
    }

    fn list(&mut self, sub: &Attribute) -> Option<(&mut Vec<Value>, &mut Sublist)> {
        self.lists.of(self.value.as_object_mut()?, sub)
    }

    fn before_list(&mut self, sub: &Attribute) {
        let len = self.get(&sub.name).and_then(Value::as_array).map_or(0, Vec::len);
        self.said.subs.push((sub.name.clone(), Some(len)));
        if let Some(hash) = &mut self.said.hash {
            hash.take_list(&sub.name, self.lists.hash(&sub.name));
        }
        self.said.open.push(sub.name.clone());
    }
}
