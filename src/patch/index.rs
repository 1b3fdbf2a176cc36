//! Elements of a list by the value of one of their sub-attributes, for thousands of look-ups.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{BuildHasherDefault, Hasher, RandomState};

use serde_json::Value;

use crate::schema::Attribute;
use crate::shape::members::member;
use crate::shape::same::{Identity, equal_hash};

/// What elements are looked up by.
#[derive(Clone, Copy)]
pub(super) enum By<'a> {
    /// The value of a sub-attribute; the elements themselves if none.
    Sub(Option<&'a Attribute>),
    /// What tells elements apart (P5).
    Identity,
}

pub(super) struct Index<'a> {
    attribute: &'a Attribute,
    by: By<'a>,
    lookups: usize,
    /// Built when a second look-up comes. An entry may be stale: whoever finds it looks at the element.
    entries: Option<HashMap<u64, Positions, BuildHasherDefault<Hashed>>>,
    /// New for each index, so that nobody can prepare values that collide.
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
    pub(super) fn new(attribute: &'a Attribute, by: By<'a>) -> Self {
        Self { attribute, by, lookups: 0, entries: None, seed: RandomState::new() }
    }

    pub(super) fn is_by(&self, by: By<'_>) -> bool {
        match (self.by, by) {
            (By::Sub(Some(a)), By::Sub(Some(b))) => std::ptr::eq(a, b),
            (By::Sub(None), By::Sub(None)) | (By::Identity, By::Identity) => true,
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
        match self.by {
            By::Identity => self.push(Identity::of(self.attribute).hash(item, &self.seed), at),
            By::Sub(sub) => {
                let leaf = sub.unwrap_or(self.attribute);
                for value in values(sub, item) {
                    self.push(equal_hash(leaf, value, &self.seed), at);
                }
            }
        }
    }

    fn push(&mut self, hash: u64, at: usize) {
        let Some(entries) = &mut self.entries else { return };
        match entries.entry(hash) {
            Entry::Vacant(entry) => {
                entry.insert(Positions::One(at));
            }
            Entry::Occupied(mut entry) => entry.get_mut().push(at),
        }
    }

    /// The positions of the elements that are what is looked for, in order, or the first one alone. `wanted` is a value
    /// of the sub-attribute, or an element; `element` gives those that are there, `is_chosen` has the last word. What is
    /// stale is forgotten, so that no one pays for it twice.
    pub(super) fn find<'v>(
        &mut self,
        wanted: &Value,
        is_first_enough: bool,
        mut element: impl FnMut(usize) -> Option<&'v Value>,
        is_chosen: impl Fn(&Value) -> bool,
    ) -> Vec<usize> {
        let (attribute, by, seed) = (self.attribute, self.by, &self.seed);
        let hash_of = |item: &Value| match by {
            By::Identity => vec![Identity::of(attribute).hash(item, seed)],
            By::Sub(sub) => {
                values(sub, item).iter().map(|value| equal_hash(sub.unwrap_or(attribute), value, seed)).collect()
            }
        };
        let hash = match by {
            By::Identity => Identity::of(attribute).hash(wanted, seed),
            By::Sub(sub) => equal_hash(sub.unwrap_or(attribute), wanted, seed),
        };
        let Some(positions) = self.entries.as_mut().and_then(|entries| entries.get_mut(&hash)) else {
            return Vec::new();
        };
        match positions {
            Positions::One(at) => Some(*at).filter(|at| element(*at).is_some_and(&is_chosen)).into_iter().collect(),
            Positions::Many(all) => {
                if !all.is_sorted() {
                    all.sort_unstable();
                    all.dedup();
                }
                if is_first_enough {
                    let mut is_stale = |at: &usize| element(*at).is_none_or(|item| !hash_of(item).contains(&hash));
                    let stale = all.iter().copied().take_while(|at| is_stale(at)).count();
                    all.drain(..stale);
                    return all.iter().copied().find(|at| element(*at).is_some_and(&is_chosen)).into_iter().collect();
                }
                all.retain(|at| element(*at).is_some_and(|item| hash_of(item).contains(&hash)));
                all.iter().copied().filter(|at| element(*at).is_some_and(&is_chosen)).collect()
            }
        }
    }
}

impl Positions {
    fn push(&mut self, at: usize) {
        match self {
            Self::One(first) if *first == at => {}
            Self::One(first) => *self = Self::Many(vec![*first, at]),
            Self::Many(all) if all.last() == Some(&at) => {}
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
