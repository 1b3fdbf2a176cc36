//! Finds the items of a list that match brackets, a value to remove, or an identity. The second look-up by a sub-attribute
//! builds an index. If several equalities must all hold, the one that the fewest items satisfy decides which items are
//! examined (P19).

use std::cell::Cell;
use std::rc::Rc;

use serde_json::Value;

use super::index::{ElementIndex, IndexKey};
use super::items::{Items, Visited};
use super::list::List;
use crate::coerce::equality::{equal_option, holds, is_compared_by_text, is_default};
use crate::coerce::identity::Identity;
use crate::coerce::members::{is_unassigned, member};
use crate::patch::resolve::ElementFilter;
use crate::patch::store::{Elements, TextMatch, weight};
use crate::schema::{AttrType, Attribute};

/// Lists of up to this many items are scanned, because that is cheaper than an index; so are up to this many candidates
/// that an index finds. Measured with four look-ups by `value`: in 8 elements a scan takes 9 µs and an index 10, in 16
/// elements both take 11, in 64 elements a scan takes 25 and an index 14. Too high a value makes longer lists slow; only
/// speed depends on it.
const SHORT: usize = 8;
/// If the request names more texts than this, an index of the items with these texts is built at once, without waiting for
/// a second look-up. Only speed depends on the value.
const FEW_TEXTS: usize = 2;

/// An equality that an item must satisfy. It compares the value of a sub-attribute, or the item itself if there is `None`.
type ItemEquality<'a, 'v> = (Option<&'a Attribute>, &'v Value);

/// The kind of a look-up.
#[derive(Clone, Copy)]
struct LookUpKind {
    /// Whether more look-ups of this kind will follow, so that an index pays at once.
    many: bool,
    /// Whether texts are searched, not only compared. A look at an item then costs the weight of the item.
    reads_all: bool,
}

#[expect(clippy::indexing_slicing, reason = "positions in `indexes` come from `slot`, and nothing is removed from it")]
impl<'a, L: Elements> List<'a, L> {
    /// The positions of the items that a filter chooses.
    pub(in crate::patch) fn chosen(&mut self, filter: &ElementFilter<'a>) -> Result<Vec<usize>, L::Error> {
        let attribute = self.attr.attribute;
        let usable: Vec<ItemEquality<'a, '_>> = filter.equalities().filter(|by| is_usable(attribute, *by)).collect();
        if !usable.is_empty() {
            let how = LookUpKind { many: false, reads_all: filter.reads_all() };
            return self.by_equalities(&usable, how, |element| filter.matches(element));
        }
        let mut found = Vec::new();
        let len = self.items.len();
        for at in self.items.positions() {
            self.visited.look(len, || self.items.weight(at, true));
            let is_chosen = match self.items.own(at) {
                Some(own) => filter.matches(own),
                None => self.items.taken.elements.holds(at, filter.node())?,
            };
            if is_chosen {
                found.push(at);
            }
        }
        let mut elements = Vec::with_capacity(found.len());
        for at in found {
            // A `null` is not an element, so nothing is said of it, not even that it is not something (P5).
            let Some(item) = self.items.get(at)?.filter(|item| !item.is_null()) else { continue };
            self.is_too_deep |= !self.items.is_shallow(at, &item, self.max_depth);
            elements.push(at);
        }
        Ok(elements)
    }

    /// Whether a filter chooses an item.
    pub(in crate::patch) fn matches(&mut self, at: usize, filter: &ElementFilter<'a>) -> Result<bool, L::Error> {
        self.visited.look(self.items.len(), || self.items.weight(at, filter.reads_all()));
        Ok(self.items.get(at)?.is_some_and(|item| filter.matches(&item)))
    }

    /// The positions of the items that a removal of `element` removes (P14). If `element` has a `value`, these are the
    /// items with its identity; otherwise all items with the sub-attributes that it gives. `many` says that more such
    /// look-ups follow.
    pub(in crate::patch) fn meant(&mut self, element: &Value, many: bool) -> Result<Vec<usize>, L::Error> {
        let attribute = self.attr.attribute;
        let identity = Identity::of(attribute);
        if let (None, Value::Object(members)) = (identity.key(element), element) {
            let subs = members.iter().filter_map(|(name, value)| Some((Some(attribute.sub_attribute(name)?), value)));
            let usable: Vec<ItemEquality<'a, '_>> = subs.filter(|by| is_usable(attribute, *by)).collect();
            let how = LookUpKind { many, reads_all: false };
            return self.by_equalities(&usable, how, |item| item.is_object() && holds(attribute, Some(item), element));
        }
        let by = match identity.key(element) {
            Some(key) if identity.is_untyped(element) => (IndexKey::Sub(identity.value), key),
            _ => (IndexKey::Identity, element),
        };
        self.look_up(by, false, many, |item| identity.is_same(item, element, true))
    }

    /// The position of the first item with the identity of `element` (P5).
    pub(in crate::patch) fn identical(&mut self, element: &Value, many: bool) -> Result<Option<usize>, L::Error> {
        Ok(self.all_identical(element, many)?.first().copied())
    }

    /// The positions of all items with the identity of `element`: a readOnly list may have several.
    pub(in crate::patch) fn all_identical(&mut self, element: &Value, many: bool) -> Result<Vec<usize>, L::Error> {
        let identity = Identity::of(self.attr.attribute);
        self.look_up((IndexKey::Identity, element), true, many, |item| identity.is_same(item, element, false))
    }

    /// The position of another item with the same identity as the one at `at`, which was changed (P5).
    pub(in crate::patch) fn twin(&mut self, at: usize) -> Result<Option<usize>, L::Error> {
        if self.items.len() - self.items.gaps() < 2 {
            return Ok(None);
        }
        let identity = Identity::of(self.attr.attribute);
        if self.items.len() <= SHORT {
            let mut scan = self.scanner();
            let Some(item) = scan.items.get(at)? else { return Ok(None) };
            let key = identity.key(&item);
            let text = key.and_then(|key| text_of(scan.attribute, identity.value, key));
            let found = scan.run(text, key.is_none(), |other| identity.is_same(other, &item, false))?;
            return Ok(found.into_iter().find(|other| *other != at));
        }
        let slot = self.slot(IndexKey::Identity);
        let Some(item) = self.items.get(at)? else { return Ok(None) };
        let is_whole = identity.key(&item).is_none();
        if is_whole && (self.indexes[slot].is_built() || self.indexes[slot].is_worth_it()) {
            return self.twin_of_whole(at, slot);
        }
        let element = identity.essence(&item);
        self.visited.charge(weight(&element));
        let is_same = |item: &Value| identity.is_same(item, &element, false);
        let found = if is_whole {
            self.scan(None, true, is_same)?
        } else {
            self.look_up((IndexKey::Identity, &element), false, false, is_same)?
        };
        Ok(found.into_iter().find(|other| *other != at))
    }

    /// As [`List::twin`], for an item without a `value`, which is identified by all of its contents. Such items may be
    /// long, and an operation changes only a small part of an item, so their hashes are kept and updated.
    fn twin_of_whole(&mut self, at: usize, slot: usize) -> Result<Option<usize>, L::Error> {
        self.build(slot, None)?;
        let identity = Identity::of(self.attr.attribute);
        let Self { indexes, items, visited, .. } = self;
        let (index, Some(item)) = (&mut indexes[slot], items.get(at)?) else { return Ok(None) };
        let (hash, weight) = match index.element_hash(at, &item) {
            Some(hash) => (hash.hash(), 0),
            None => (index.identity_hash(&item), items.weight(at, true)),
        };
        visited.charge(weight);
        let len = items.len();
        let there = |other: usize| {
            visited.look(len, || items.weight(other, true));
            items.get(other)
        };
        let found = index.find_others(hash, at, there, |other| identity.is_same(other, &item, false))?;
        Ok(found.first().copied())
    }

    /// The positions of the items with `primary: true`.
    pub(in crate::patch) fn primaries(&mut self, primary: &'a Attribute) -> Result<Vec<usize>, L::Error> {
        let by = (IndexKey::Sub(Some(primary)), &Value::Bool(true));
        self.look_up(by, false, false, crate::coerce::coercer::is_primary)
    }

    /// The positions of all elements.
    pub(in crate::patch) fn all(&mut self) -> Result<Vec<usize>, L::Error> {
        self.scan(None, false, |item| !item.is_null())
    }

    /// The value of a sub-attribute if it is the same in all items of a readOnly list; `None` if the values differ or there
    /// are no items. A readOnly list does not change, so the answer is kept.
    pub(in crate::patch) fn uniform(&mut self, sub: &'a Attribute) -> Result<Option<Value>, L::Error> {
        if let Some((_, known)) = self.uniform.iter().find(|(other, _)| std::ptr::eq(*other, sub)) {
            return Ok(known.clone());
        }
        let mut said: Option<Value> = None;
        for at in self.all()? {
            let Some(item) = self.items.get(at)? else { continue };
            let value = item.as_object().and_then(|members| member(members, &sub.name));
            match &said {
                None => said = Some(value.cloned().unwrap_or(Value::Null)),
                Some(first) if equal_option(sub, Some(first), value) => {}
                Some(_) => {
                    said = None;
                    break;
                }
            }
        }
        self.uniform.push((sub, said.clone()));
        Ok(said)
    }

    /// The chosen items among those that satisfy all equalities. They are found by the equality that the fewest items
    /// satisfy.
    fn by_equalities(
        &mut self,
        equalities: &[ItemEquality<'a, '_>],
        LookUpKind { many, reads_all }: LookUpKind,
        is_chosen: impl Fn(&Value) -> bool,
    ) -> Result<Vec<usize>, L::Error> {
        let is_value = |(sub, _): &&ItemEquality<'a, '_>| sub.is_none_or(|sub| sub.name == "value");
        let Some(&(sub, wanted)) = equalities.iter().find(is_value).or(equalities.first()) else {
            return self.scan(None, reads_all, is_chosen);
        };
        if self.items.len() <= SHORT {
            return self.scan(text_of(self.attr.attribute, sub, wanted), reads_all, is_chosen);
        }
        let Some(index) = self.index(IndexKey::Sub(sub), wanted, many)? else {
            return self.scan(text_of(self.attr.attribute, sub, wanted), reads_all, is_chosen);
        };
        let mut fewest = (self.count(index, wanted).unwrap_or(usize::MAX), index, wanted);
        for &(other, literal) in equalities {
            if fewest.0 <= SHORT {
                break;
            }
            if let Some(index) = self.index(IndexKey::Sub(other), literal, true)?
                && let Some(count) = self.count(index, literal)
                && count < fewest.0
            {
                fewest = (count, index, literal);
            }
        }
        self.find(fewest.1, fewest.2, (false, reads_all), is_chosen)
    }

    fn count(&self, index: usize, wanted: &Value) -> Option<usize> {
        self.indexes[index].count(wanted)
    }

    /// The positions of the chosen items. `wanted` is the key for an index. `is_first_enough` asks for the first chosen
    /// item alone; `many` says that more look-ups of this kind follow.
    fn look_up(
        &mut self,
        (by, wanted): (IndexKey<'a>, &Value),
        is_first_enough: bool,
        many: bool,
        is_chosen: impl Fn(&Value) -> bool,
    ) -> Result<Vec<usize>, L::Error> {
        let identity = Identity::of(self.attr.attribute);
        // An element with a `value` is looked up by that value. If many items have the same `value`, the element is looked
        // up by its whole identity.
        let (key_by, key) = match by {
            IndexKey::Identity => (IndexKey::Sub(identity.value), identity.key(wanted)),
            by @ IndexKey::Sub(_) => (by, Some(wanted)),
        };
        let text = match (key_by, key) {
            (IndexKey::Sub(sub), Some(key)) => text_of(self.attr.attribute, sub, key),
            _ => None,
        };
        if self.items.len() <= SHORT {
            return self.scan(text, false, is_chosen);
        }
        if let (Some(key), Some(_)) = (key, text) {
            let Some(index) = self.index(key_by, key, many)? else { return self.scan(text, false, is_chosen) };
            let count = self.count(index, key);
            if count.is_some_and(|count| count <= SHORT || matches!(by, IndexKey::Sub(_))) {
                return self.find(index, key, (is_first_enough, false), is_chosen);
            }
        }
        match self.index(by, wanted, many)? {
            Some(index) => self.find(index, wanted, (is_first_enough, false), is_chosen),
            None => self.scan(text, false, is_chosen),
        }
    }

    /// The index that can find `wanted`, built if that pays; `None` if the list must be scanned.
    fn index(&mut self, by: IndexKey<'a>, wanted: &Value, many: bool) -> Result<Option<usize>, L::Error> {
        let slot = self.slot(by);
        let index = &mut self.indexes[slot];
        if index.count(wanted).is_some() {
            return Ok(Some(slot));
        }
        let stored = &self.items.taken.elements;
        let texts = match by {
            IndexKey::Sub(_) if !index.is_built() && wanted.is_string() => Some(self.lookup_texts.texts()),
            _ => None,
        };
        let texts = texts.filter(|texts| texts.len() < stored.len() / 2);
        let is_named = texts.is_some_and(|texts| texts.len() > FEW_TEXTS);
        if !is_named && !index.is_worth_it() && !many {
            return Ok(None);
        }
        let lookup_texts = Rc::clone(&self.lookup_texts);
        self.build(slot, if is_named { Some(lookup_texts.texts()) } else { None })?;
        Ok(self.count(slot, wanted).map(|_| slot))
    }

    fn slot(&mut self, by: IndexKey<'a>) -> usize {
        self.indexes.iter().position(|index| index.is_by(by)).unwrap_or_else(|| {
            self.indexes.push(ElementIndex::new(self.attr.attribute, by, &self.items.seed));
            self.indexes.len() - 1
        })
    }

    /// Enters all items into an index. If `texts` are given, only the stored items with one of these texts are entered. An
    /// index that has all items stays unchanged.
    fn build(&mut self, slot: usize, texts: Option<&[&str]>) -> Result<(), L::Error> {
        let index = &mut self.indexes[slot];
        if index.is_whole() {
            return Ok(());
        }
        if self.items.is_replaced {
            index.open();
        } else {
            index.build(&self.items.taken.elements, texts)?;
        }
        self.items.own_items().for_each(|(at, item)| index.enter(at, item));
        Ok(())
    }

    fn find(
        &mut self,
        slot: usize,
        wanted: &Value,
        (is_first_enough, reads_all): (bool, bool),
        is_chosen: impl Fn(&Value) -> bool,
    ) -> Result<Vec<usize>, L::Error> {
        let Self { indexes, items, visited, is_too_deep, max_depth, .. } = self;
        let index = &mut indexes[slot];
        let (len, is_deep) = (items.len(), Cell::new(false));
        let at = Cell::new(0);
        let there = |position: usize| {
            at.set(position);
            visited.look(len, || items.weight(position, reads_all));
            items.get(position)
        };
        let is_chosen = |item: &Value| {
            let is_chosen = is_chosen(item);
            let is_shallow = !is_chosen || items.is_shallow(at.get(), item, *max_depth);
            is_deep.set(is_deep.get() || !is_shallow);
            is_chosen && is_shallow
        };
        let found = index.find(wanted, is_first_enough, there, is_chosen);
        *is_too_deep |= is_deep.get();
        found
    }

    fn scan(
        &mut self,
        text: Option<(Option<&Attribute>, &str)>,
        reads_all: bool,
        is_chosen: impl Fn(&Value) -> bool,
    ) -> Result<Vec<usize>, L::Error> {
        self.scanner().run(text, reads_all, is_chosen)
    }

    fn scanner(&mut self) -> Scanner<'_, L> {
        let Self { attr, items, visited, is_too_deep, max_depth, .. } = self;
        Scanner { attribute: attr.attribute, items, visited, is_too_deep, max_depth: *max_depth }
    }
}

/// The parts of a list that a scan needs. A scanner borrows only these parts, because the wanted value may be borrowed from
/// one of the items.
struct Scanner<'l, L> {
    attribute: &'l Attribute,
    items: &'l Items<L>,
    visited: &'l mut Visited,
    is_too_deep: &'l mut bool,
    max_depth: usize,
}

impl<L: Elements> Scanner<'_, L> {
    /// Examines the items one after another and returns the positions of the chosen ones. Stored items with another text
    /// are skipped without building their values.
    fn run(
        &mut self,
        text: Option<(Option<&Attribute>, &str)>,
        reads_all: bool,
        is_chosen: impl Fn(&Value) -> bool,
    ) -> Result<Vec<usize>, L::Error> {
        let needle = text.map(|(sub, text)| (sub, TextMatch::new(sub.unwrap_or(self.attribute), text)));
        let mut found = Vec::new();
        let len = self.items.len();
        for at in self.items.positions() {
            self.visited.look(len, || self.items.weight(at, reads_all));
            if let (Some((sub, needle)), None) = (&needle, self.items.own(at))
                && self.items.taken.elements.peek_is(at, *sub, needle)? == Some(false)
            {
                continue;
            }
            if let Some(item) = self.items.get(at)?
                && is_chosen(&item)
            {
                if self.items.is_shallow(at, &item, self.max_depth) {
                    found.push(at);
                } else {
                    *self.is_too_deep = true;
                }
            }
        }
        Ok(found)
    }
}

/// The wanted text and its sub-attribute; `None` if the wanted value is not a string, or is not compared by its text. A
/// scan can skip items with another text without building their values.
fn text_of<'a, 'v>(
    attribute: &Attribute,
    sub: Option<&'a Attribute>,
    wanted: &'v Value,
) -> Option<(Option<&'a Attribute>, &'v str)> {
    let leaf = sub.unwrap_or(attribute);
    wanted.as_str().filter(|_| is_compared_by_text(leaf)).map(|text| (sub, text))
}

/// Whether an index by this sub-attribute finds every item that satisfies the equality. The index misses an item that lacks
/// the sub-attribute and still satisfies the equality: `primary eq false` holds for an item without `primary`.
fn is_usable(attribute: &Attribute, (sub, value): ItemEquality<'_, '_>) -> bool {
    let leaf = sub.unwrap_or(attribute);
    let is_simple = leaf.attr_type != AttrType::Complex || sub.is_none();
    is_simple
        && !is_unassigned(value)
        && !value.is_array()
        && !value.is_object()
        && !sub.is_some_and(|sub| is_default(attribute, sub, value))
}
