//! An index of the elements of a list, by a sub-attribute or by identity. It makes thousands of look-ups cheap.

use std::borrow::Cow;
use std::collections::HashMap;
use std::hash::{BuildHasher, BuildHasherDefault, Hasher, RandomState};

use serde_json::Value;

use super::items::ElementEdits;
use super::sieve::Sieve;
use crate::coerce::equality::{equal_hash, text_hash};
use crate::coerce::identity::{ElementHash, Identity};
use crate::coerce::members::member;
use crate::patch::store::{Elements, Peek, weight};
use crate::schema::Attribute;

/// The key of an index.
#[derive(Clone, Copy)]
pub(in crate::patch) enum IndexKey<'a> {
    /// The value of a sub-attribute; `None` stands for the elements themselves.
    Sub(Option<&'a Attribute>),
    /// The identity of the elements (P5).
    Identity,
}

pub(in crate::patch) struct ElementIndex<'a> {
    attribute: &'a Attribute,
    by: IndexKey<'a>,
    lookups: usize,
    /// The positions under each hash. If an element is changed or removed, its old entries stay and become stale. Each
    /// position that a look-up finds is therefore checked against the current element.
    entries: Option<Entries>,
    /// Whether the index has entries only for the values that the request names.
    is_partial: bool,
    /// The seed is random for each list, so that no client can prepare values with colliding hashes.
    seed: RandomState,
    /// In an index by identity: the hashes of changed elements without a `value`, by position. They are kept so that a
    /// further change only has to update them.
    hashes: HashMap<usize, ElementHash<'a>>,
}

type Entries = HashMap<u64, Positions, BuildHasherDefault<Hashed>>;

/// The positions of one hash. Most values occur once, and a single position needs no allocation.
#[derive(Default)]
enum Positions {
    #[default]
    None,
    One(usize),
    Many(Many),
}

#[derive(Default)]
struct Many {
    all: Vec<usize>,
    /// The index in `all` of the first position. The positions before it have been dropped.
    from: usize,
    is_unsorted: bool,
}

/// A hasher that returns its key unchanged, because the keys are hashes already.
#[derive(Default)]
struct Hashed(u64);

impl Hasher for Hashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().fold(self.0, |hash, byte| hash.rotate_left(8) ^ u64::from(*byte));
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

impl<'a> ElementIndex<'a> {
    pub(in crate::patch) fn new(attribute: &'a Attribute, by: IndexKey<'a>, seed: &RandomState) -> Self {
        let hashes = HashMap::new();
        Self { attribute, by, lookups: 0, entries: None, is_partial: false, seed: seed.clone(), hashes }
    }

    pub(in crate::patch) fn is_by(&self, by: IndexKey<'_>) -> bool {
        match (self.by, by) {
            (IndexKey::Sub(Some(a)), IndexKey::Sub(Some(b))) => std::ptr::eq(a, b),
            (IndexKey::Sub(None), IndexKey::Sub(None)) | (IndexKey::Identity, IndexKey::Identity) => true,
            _ => false,
        }
    }

    pub(in crate::patch) fn is_built(&self) -> bool {
        self.entries.is_some()
    }

    /// Whether the index is built and has the values of all elements.
    pub(in crate::patch) fn is_whole(&self) -> bool {
        self.is_built() && !self.is_partial
    }

    /// The hash that elements of the same identity have in common.
    pub(in crate::patch) fn identity_hash(&self, item: &Value) -> u64 {
        Identity::of(self.attribute).hash(item, &self.seed)
    }

    /// The number of look-ups that scan the list before an index is built. Building an index costs about as much as two
    /// scans.
    const FREE_LOOKUPS: usize = 1;

    /// Counts a look-up that the index cannot answer yet, and returns whether building the whole index now pays.
    pub(in crate::patch) fn is_worth_it(&mut self) -> bool {
        self.lookups += 1;
        self.lookups > Self::FREE_LOOKUPS
    }

    /// Starts an index without entries.
    pub(in crate::patch) fn open(&mut self) {
        self.is_partial = false;
        self.entries = Some(Entries::default());
    }

    /// Enters all stored elements. If `texts` are given, only the elements with one of these texts are entered, which pays
    /// if the list is much longer than the request.
    pub(in crate::patch) fn build<L: Elements>(&mut self, stored: &L, texts: Option<&[&str]>) -> Result<(), L::Error> {
        let by = self.by;
        self.is_partial = texts.is_some();
        let expected = texts.map_or(stored.len(), <[&str]>::len);
        let mut entries = Entries::with_capacity_and_hasher(expected, BuildHasherDefault::default());
        for text in texts.into_iter().flatten() {
            entries.insert(self.text_hash(text.as_bytes()), Positions::None);
        }
        self.entries = Some(entries);
        let sieve = texts.and_then(|texts| Sieve::new(self.leaf(), texts));
        for at in 0..stored.len() {
            let IndexKey::Sub(sub) = by else {
                self.enter(at, &*stored.value(at)?);
                continue;
            };
            match stored.peek(at, sub)? {
                Peek::Text(text) if sieve.as_ref().is_some_and(|sieve| !sieve.may_be(&text)) => {}
                Peek::Text(text) => {
                    let hash = self.text_hash(&text);
                    self.push(hash, at);
                }
                Peek::Nothing => {}
                Peek::Other => self.enter(at, &*stored.value(at)?),
            }
        }
        Ok(())
    }

    fn leaf(&self) -> &'a Attribute {
        match self.by {
            IndexKey::Sub(Some(sub)) => sub,
            IndexKey::Sub(None) | IndexKey::Identity => self.attribute,
        }
    }

    fn text_hash(&self, text: &[u8]) -> u64 {
        match std::str::from_utf8(text) {
            Ok(text) => text_hash(self.leaf(), text, &self.seed),
            // A wanted text is UTF-8 and never equals this text, so any hash will do.
            Err(_) => self.seed.hash_one(text),
        }
    }

    fn value_hash(&self, value: &Value) -> u64 {
        match value {
            Value::String(text) => text_hash(self.leaf(), text, &self.seed),
            other => equal_hash(self.leaf(), other, &self.seed),
        }
    }

    /// Whether the current state of an element has this hash; otherwise the entry is stale.
    fn is_under(&self, hash: u64, at: usize, item: &Value) -> bool {
        match self.by {
            IndexKey::Identity => match self.hashes.get(&at) {
                Some(known) => known.hash() == hash,
                None => Identity::of(self.attribute).hash(item, &self.seed) == hash,
            },
            IndexKey::Sub(sub) => values(sub, item).iter().any(|value| self.value_hash(value) == hash),
        }
    }

    /// Enters an added element.
    pub(in crate::patch) fn enter(&mut self, at: usize, item: &Value) {
        match self.by {
            IndexKey::Identity => self.push(Identity::of(self.attribute).hash(item, &self.seed), at),
            IndexKey::Sub(sub) => values(sub, item).iter().for_each(|value| self.push(self.value_hash(value), at)),
        }
    }

    /// Enters an element that was added or changed, under the values that were set. Returns the number of bytes that were
    /// read in addition to the set values.
    pub(in crate::patch) fn enter_edits(&mut self, at: usize, item: &Value, said: &ElementEdits<'a>) -> usize {
        let identity = Identity::of(self.attribute);
        match self.by {
            IndexKey::Sub(None) if said.all => self.enter(at, item),
            IndexKey::Sub(None) => {}
            IndexKey::Sub(Some(sub)) => {
                if let Some(from) = said.of(sub) {
                    let new = values(Some(sub), item).get(from..).unwrap_or_default();
                    new.iter().for_each(|value| self.push(self.value_hash(value), at));
                }
            }
            IndexKey::Identity => match (&said.hash, identity.key(item)) {
                (Some(hash), None) => {
                    self.push(hash.hash(), at);
                    self.hashes.insert(at, hash.clone());
                }
                (_, key) => {
                    self.hashes.remove(&at);
                    if said.all || identity.depends_on(item, |sub| said.of(sub).is_some()) {
                        self.enter(at, item);
                        return if said.all { 0 } else { weight(key.unwrap_or(item)) };
                    }
                }
            },
        }
        0
    }

    /// The hash of an element that has no `value`. The caller can update this hash when members of the element change. `None`
    /// if the element has a `value`, or names that differ only in case (see [`ElementHash::of`]).
    pub(in crate::patch) fn element_hash(&mut self, at: usize, item: &Value) -> Option<ElementHash<'a>> {
        if let Some(known) = self.hashes.get(&at) {
            return Some(known.clone());
        }
        let hash = ElementHash::of(self.attribute, item, &self.seed)?;
        self.hashes.insert(at, hash.clone());
        Some(hash)
    }

    fn push(&mut self, hash: u64, at: usize) {
        let Some(entries) = &mut self.entries else { return };
        if self.is_partial {
            if let Some(positions) = entries.get_mut(&hash) {
                positions.push(at);
            }
        } else {
            entries.entry(hash).or_insert(Positions::None).push(at);
        }
    }

    fn hash_of_wanted(&self, wanted: &Value) -> u64 {
        match self.by {
            IndexKey::Identity => Identity::of(self.attribute).hash(wanted, &self.seed),
            IndexKey::Sub(_) => self.value_hash(wanted),
        }
    }

    /// The number of positions under a hash, including stale positions; `None` if the hash may be missing from a partial
    /// index.
    fn count_of(&self, hash: u64) -> Option<usize> {
        match self.entries.as_ref()?.get(&hash) {
            None if self.is_partial => None,
            None | Some(Positions::None) => Some(0),
            Some(Positions::One(_)) => Some(1),
            Some(Positions::Many(many)) => Some(many.all.len() - many.from),
        }
    }

    /// The number of positions entered for a value; `None` if the index cannot answer, because the value was not entered.
    pub(in crate::patch) fn count(&self, wanted: &Value) -> Option<usize> {
        self.count_of(self.hash_of_wanted(wanted))
    }

    /// The positions of the elements that match, in their order; with `is_first_enough`, only the first of them. `wanted`
    /// is a value of the sub-attribute, or an element. `element` returns the current element at a position, and `is_chosen`
    /// decides whether it matches. Stale entries are dropped, so that no later look-up pays for them.
    pub(in crate::patch) fn find<'v, E>(
        &mut self,
        wanted: &Value,
        is_first_enough: bool,
        element: impl FnMut(usize) -> Result<Option<Cow<'v, Value>>, E>,
        is_chosen: impl Fn(&Value) -> bool,
    ) -> Result<Vec<usize>, E> {
        self.find_by(self.hash_of_wanted(wanted), (is_first_enough, None), element, is_chosen)
    }

    /// The positions of the matching elements under a hash, without the position `but`.
    pub(in crate::patch) fn find_others<'v, E>(
        &mut self,
        hash: u64,
        but: usize,
        element: impl FnMut(usize) -> Result<Option<Cow<'v, Value>>, E>,
        is_chosen: impl Fn(&Value) -> bool,
    ) -> Result<Vec<usize>, E> {
        self.find_by(hash, (false, Some(but)), element, is_chosen)
    }

    #[expect(clippy::indexing_slicing, reason = "`fresh` follows `looked_at`")]
    fn find_by<'v, E>(
        &mut self,
        hash: u64,
        (is_first_enough, but): (bool, Option<usize>),
        mut element: impl FnMut(usize) -> Result<Option<Cow<'v, Value>>, E>,
        is_chosen: impl Fn(&Value) -> bool,
    ) -> Result<Vec<usize>, E> {
        let Some(mut positions) = self.entries.as_mut().and_then(|entries| entries.get_mut(&hash)).map(std::mem::take)
        else {
            return Ok(Vec::new());
        };
        let mut found = Vec::new();
        match &mut positions {
            Positions::None => {}
            Positions::One(at) => {
                if but != Some(*at) && element(*at)?.is_some_and(|item| is_chosen(&item)) {
                    found.push(*at);
                }
            }
            Positions::Many(many) => {
                many.sort();
                let mut looked_at = many.from;
                let mut fresh = many.from;
                while let Some(at) = many.all.get(looked_at).copied() {
                    looked_at += 1;
                    if but != Some(at) {
                        let Some(item) = element(at)? else { continue };
                        if is_chosen(&item) {
                            found.push(at);
                        } else if !self.is_under(hash, at, &item) {
                            continue;
                        }
                    }
                    many.all[fresh] = at;
                    fresh += 1;
                    if is_first_enough && !found.is_empty() {
                        break;
                    }
                }
                many.forget(fresh, looked_at);
            }
        }
        if let Some(place) = self.entries.as_mut().and_then(|entries| entries.get_mut(&hash)) {
            *place = positions;
        }
        Ok(found)
    }
}

impl Positions {
    fn push(&mut self, at: usize) {
        match self {
            Self::None => *self = Self::One(at),
            Self::One(first) if *first == at => {}
            Self::One(first) => {
                *self = Self::Many(Many { all: vec![*first, at], from: 0, is_unsorted: *first > at });
            }
            Self::Many(many) => match many.all.last() {
                Some(last) if *last == at => {}
                last => {
                    many.is_unsorted |= last.is_some_and(|last| *last > at);
                    many.all.push(at);
                }
            },
        }
    }
}

impl Many {
    fn sort(&mut self) {
        if self.is_unsorted {
            self.all.drain(..self.from);
            self.from = 0;
            self.all.sort_unstable();
            self.all.dedup();
            self.is_unsorted = false;
        }
    }

    /// Drops the stale entries from `fresh` to `end`. To close the gap, the shorter of the parts before and after it is
    /// moved.
    fn forget(&mut self, fresh: usize, end: usize) {
        let stale = end - fresh;
        if stale == 0 {
            return;
        }
        if fresh - self.from < self.all.len() - end {
            self.all.copy_within(self.from..fresh, self.from + stale);
            self.from += stale;
        } else {
            self.all.drain(fresh..end);
        }
    }
}

/// The values by which an element is indexed: those of a sub-attribute, or a simple element itself. A list in place of a
/// single value counts as several values (D5).
fn values<'v>(sub: Option<&Attribute>, item: &'v Value) -> &'v [Value] {
    let value = match (sub, item) {
        (Some(sub), Value::Object(members)) => member(members, &sub.name),
        (_, simple) => Some(simple),
    };
    match value {
        None => &[],
        Some(Value::Array(values)) => values,
        Some(one) => std::slice::from_ref(one),
    }
}
