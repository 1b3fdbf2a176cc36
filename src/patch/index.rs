//! Elements of a list by the value of one of their sub-attributes, for thousands of look-ups.

use std::collections::HashMap;
use std::hash::{BuildHasher, BuildHasherDefault, Hasher, RandomState};

use serde_json::Value;

use crate::filter::fold;
use crate::schema::Attribute;
use crate::shape::members::member;
use crate::shape::same::{equal_as, value_hash};

pub(super) struct Index<'a> {
    attribute: &'a Attribute,
    /// The sub-attribute; the elements themselves are looked up if none.
    sub: Option<&'a Attribute>,
    lookups: usize,
    /// Built when a second look-up comes. An entry may be stale: whoever finds it looks at the element.
    entries: Option<HashMap<u64, Positions, BuildHasherDefault<Hashed>>>,
    /// Seeded anew for each index, so that nobody can prepare values that collide.
    seed: RandomState,
}

/// Most values stand once.
enum Positions {
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
    pub(super) fn new(attribute: &'a Attribute, sub: Option<&'a Attribute>) -> Self {
        Self { attribute, sub, lookups: 0, entries: None, seed: RandomState::new() }
    }

    pub(super) fn is_for(&self, sub: Option<&Attribute>) -> bool {
        match (self.sub, sub) {
            (Some(a), Some(b)) => std::ptr::eq(a, b),
            (None, None) => true,
            _ => false,
        }
    }

    pub(super) fn is_built(&self) -> bool {
        self.entries.is_some()
    }

    /// Counts a look-up; true if the index pays from now on.
    pub(super) fn is_worth_it(&mut self, many: bool) -> bool {
        self.lookups += 1;
        many || self.lookups > 1
    }

    pub(super) fn build(&mut self, items: &[Value]) {
        self.entries = Some(HashMap::with_capacity_and_hasher(items.len(), BuildHasherDefault::default()));
        for (at, item) in items.iter().enumerate() {
            self.enter(at, item);
        }
    }

    /// Enters an element that was added or changed.
    pub(super) fn enter(&mut self, at: usize, item: &Value) {
        let leaf = self.sub.unwrap_or(self.attribute);
        let Some(entries) = &mut self.entries else { return };
        for value in values(self.sub, item) {
            match entries.entry(hash(&self.seed, leaf, value)) {
                std::collections::hash_map::Entry::Vacant(entry) => {
                    entry.insert(Positions::One(at));
                }
                std::collections::hash_map::Entry::Occupied(mut entry) => entry.get_mut().push(at),
            }
        }
    }

    /// The positions of the elements that have this value; `element` gives those that are there. What is stale is
    /// forgotten, so that no one pays for it twice.
    pub(super) fn find<'v>(
        &mut self,
        value: &Value,
        mut element: impl FnMut(usize) -> Option<&'v Value>,
    ) -> Vec<usize> {
        let leaf = self.sub.unwrap_or(self.attribute);
        let sub = self.sub;
        let Some(positions) = self.entries.as_mut().and_then(|entries| entries.get_mut(&hash(&self.seed, leaf, value)))
        else {
            return Vec::new();
        };
        let mut has =
            |at: usize| element(at).is_some_and(|item| values(sub, item).iter().any(|v| equal_as(leaf, v, value)));
        match positions {
            Positions::One(at) => Some(*at).filter(|at| has(*at)).into_iter().collect(),
            Positions::Many(all) => {
                all.sort_unstable();
                all.dedup();
                all.retain(|at| has(*at));
                all.clone()
            }
        }
    }
}

impl Positions {
    fn push(&mut self, at: usize) {
        match self {
            Self::One(first) => *self = Self::Many(vec![*first, at]),
            Self::Many(all) => all.push(at),
        }
    }
}

/// The values that an element has; a list where one is due is several (D5).
fn values<'v>(sub: Option<&Attribute>, item: &'v Value) -> &'v [Value] {
    let value = match (sub, item) {
        (Some(sub), Value::Object(members)) => member(members, &sub.name),
        (Some(_), _) => None,
        (None, simple) => Some(simple),
    };
    match value {
        None => &[],
        Some(Value::Array(values)) => values,
        Some(one) => std::slice::from_ref(one),
    }
}

/// A hash that is equal for values that [`equal_as`] calls equal.
fn hash(seed: &RandomState, leaf: &Attribute, value: &Value) -> u64 {
    match value {
        Value::String(text) if leaf.is_case_exact() => seed.hash_one(text),
        Value::String(text) => seed.hash_one(fold::fold(text)),
        other => seed.hash_one(value_hash(other)),
    }
}
