//! Elements of a list by the value of one of their sub-attributes, for thousands of look-ups.

use std::borrow::Cow;
use std::collections::HashMap;
use std::hash::{BuildHasher, BuildHasherDefault, Hasher, RandomState};

use serde_json::Value;

use super::sieve::Sieve;
use crate::coerce::equality::{equal_hash, text_hash};
use crate::coerce::identity::Identity;
use crate::coerce::members::member;
use crate::patch::store::{Elements, Peek};
use crate::schema::Attribute;

/// What elements are looked up by.
#[derive(Clone, Copy)]
pub(in crate::patch) enum By<'a> {
    /// The value of a sub-attribute; the elements themselves if none.
    Sub(Option<&'a Attribute>),
    /// What tells elements apart (P5).
    Identity,
}

pub(in crate::patch) struct Index<'a> {
    attribute: &'a Attribute,
    by: By<'a>,
    lookups: usize,
    /// An entry may be stale: whoever finds it looks at the element.
    entries: Option<Entries>,
    /// Whether only the values that the request names are entered.
    is_partial: bool,
    /// New for each index, so that nobody can prepare values that collide.
    seed: RandomState,
}

type Entries = HashMap<u64, Positions, BuildHasherDefault<Hashed>>;

/// Most values stand once.
#[derive(Default)]
enum Positions {
    #[default]
    None,
    One(usize),
    Many(Vec<usize>),
}

/// Keys are hashes already.
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

impl<'a> Index<'a> {
    pub(in crate::patch) fn new(attribute: &'a Attribute, by: By<'a>) -> Self {
        Self { attribute, by, lookups: 0, entries: None, is_partial: false, seed: RandomState::new() }
    }

    pub(in crate::patch) fn is_by(&self, by: By<'_>) -> bool {
        match (self.by, by) {
            (By::Sub(Some(a)), By::Sub(Some(b))) => std::ptr::eq(a, b),
            (By::Sub(None), By::Sub(None)) | (By::Identity, By::Identity) => true,
            _ => false,
        }
    }

    pub(in crate::patch) fn is_built(&self) -> bool {
        self.entries.is_some()
    }

    /// Counts a look-up that was not answered by entries; true if entering all values pays from now on.
    pub(in crate::patch) fn is_worth_it(&mut self) -> bool {
        self.lookups += 1;
        self.lookups > 1
    }

    /// Makes room for what is entered from now on.
    pub(in crate::patch) fn open(&mut self) {
        self.is_partial = false;
        self.entries = Some(Entries::default());
    }

    /// Enters all elements; of a list much longer than the request only those whose value is one of these texts.
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
            let By::Sub(sub) = by else {
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
            By::Sub(Some(sub)) => sub,
            By::Sub(None) | By::Identity => self.attribute,
        }
    }

    fn text_hash(&self, text: &[u8]) -> u64 {
        match std::str::from_utf8(text) {
            Ok(text) => text_hash(self.leaf(), text, &self.seed),
            // No literal is equal to it.
            Err(_) => self.seed.hash_one(text),
        }
    }

    fn value_hash(&self, value: &Value) -> u64 {
        match value {
            Value::String(text) => text_hash(self.leaf(), text, &self.seed),
            other => equal_hash(self.leaf(), other, &self.seed),
        }
    }

    /// The hashes under which an element is entered.
    fn hashes(&self, item: &Value) -> Vec<u64> {
        match self.by {
            By::Identity => vec![Identity::of(self.attribute).hash(item, &self.seed)],
            By::Sub(sub) => values(sub, item).iter().map(|value| self.value_hash(value)).collect(),
        }
    }

    /// Enters an element that was added or changed.
    pub(in crate::patch) fn enter(&mut self, at: usize, item: &Value) {
        for hash in self.hashes(item) {
            self.push(hash, at);
        }
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
            By::Identity => Identity::of(self.attribute).hash(wanted, &self.seed),
            By::Sub(_) => self.value_hash(wanted),
        }
    }

    /// How many positions are entered for what is looked for; none if it is not among the values entered.
    pub(in crate::patch) fn count(&self, wanted: &Value) -> Option<usize> {
        match self.entries.as_ref()?.get(&self.hash_of_wanted(wanted)) {
            None if self.is_partial => None,
            None | Some(Positions::None) => Some(0),
            Some(Positions::One(_)) => Some(1),
            Some(Positions::Many(all)) => Some(all.len()),
        }
    }

    /// The positions of the elements that are what is looked for, in order, or the first one alone. `wanted` is a value
    /// of the sub-attribute, or an element; `element` gives those that are there, `is_chosen` has the last word. What is
    /// stale is forgotten, so that no one pays for it twice.
    pub(in crate::patch) fn find<'v, E>(
        &mut self,
        wanted: &Value,
        is_first_enough: bool,
        mut element: impl FnMut(usize) -> Result<Option<Cow<'v, Value>>, E>,
        is_chosen: impl Fn(&Value) -> bool,
    ) -> Result<Vec<usize>, E> {
        let hash = self.hash_of_wanted(wanted);
        let Some(mut positions) = self.entries.as_mut().and_then(|entries| entries.get_mut(&hash)).map(std::mem::take)
        else {
            return Ok(Vec::new());
        };
        let mut found = Vec::new();
        match &mut positions {
            Positions::None => {}
            Positions::One(at) => {
                if element(*at)?.is_some_and(|item| is_chosen(&item)) {
                    found.push(*at);
                }
            }
            Positions::Many(all) => {
                if !all.is_sorted() {
                    all.sort_unstable();
                    all.dedup();
                }
                let (mut looked_at, mut fresh) = (0, Vec::new());
                for at in &*all {
                    looked_at += 1;
                    let Some(item) = element(*at)? else { continue };
                    if is_chosen(&item) {
                        found.push(*at);
                    } else if !self.hashes(&item).contains(&hash) {
                        continue;
                    }
                    fresh.push(*at);
                    if is_first_enough && !found.is_empty() {
                        break;
                    }
                }
                if fresh.len() < looked_at {
                    all.splice(..looked_at, fresh);
                }
            }
        }
        if let Some(attr) = self.entries.as_mut().and_then(|entries| entries.get_mut(&hash)) {
            *attr = positions;
        }
        Ok(found)
    }
}

impl Positions {
    fn push(&mut self, at: usize) {
        match self {
            Self::None => *self = Self::One(at),
            Self::One(first) if *first == at => {}
            Self::One(first) => *self = Self::Many(vec![*first, at]),
            Self::Many(all) if all.last() == Some(&at) => {}
            Self::Many(all) => all.push(at),
        }
    }
}

/// The values that an element has; a list where one is due is several (D5). What is no object stands for itself.
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
