//! Long lists inside a complex value, while operations add and remove values. The cost of each change is in proportion to
//! the given values, not to the list (P19). In place of a removed value, the list has a `null` until the request ends; a
//! `null` counts as no value (RFC 7643 §2.5).

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher as _, RandomState};

use serde_json::{Map, Value};

use super::equality::equal_hash;
use super::identity::Identity;
use super::members::{is_unassigned, member_mut};
use crate::schema::Attribute;

/// The lists of one complex value that are changed in place, by the name of the sub-attribute.
#[derive(Debug, Default)]
pub(crate) struct Sublists {
    seed: RandomState,
    all: Vec<(String, Sublist)>,
}

/// The positions of the values of a list.
#[derive(Debug)]
pub(crate) struct Sublist {
    seed: RandomState,
    positions: HashMap<u64, Vec<usize>>,
    /// The positions of removed values.
    gaps: Vec<usize>,
    /// The number of assigned values.
    assigned: usize,
    /// The sum of the hashes of the assigned values.
    sum: u64,
}

/// The planned changes of a list, before they are carried out.
#[derive(Debug)]
pub(crate) struct SublistChange<'v> {
    new: Vec<&'v Value>,
    /// The positions to clear, with the hashes of their values.
    gone: Vec<(u64, usize)>,
    pub was_assigned: bool,
    pub is_assigned: bool,
}

impl SublistChange<'_> {
    pub(crate) fn is_empty(&self) -> bool {
        self.new.is_empty() && self.gone.is_empty()
    }
}

#[expect(clippy::indexing_slicing, reason = "the position was just found or added")]
impl Sublists {
    /// A list with fewer values than this is copied as a whole instead of indexed, if all its values are short (see
    /// `SHORT_TEXT`). Measured by additions to a list of 8 texts: one addition takes 6 µs either way; two take 11 µs with
    /// copies and 6 µs with positions. So a lower value would be faster for requests that change a list several times. Only
    /// speed depends on the value.
    const SHORT: usize = 16;
    /// A text of at most this many bytes is short. Only speed depends on the value.
    const SHORT_TEXT: usize = 64;

    pub(crate) fn new(seed: &RandomState) -> Self {
        Self { seed: seed.clone(), all: Vec::new() }
    }

    /// The list of a sub-attribute and the positions of its values; `None` if the list is short, or if the value is not a
    /// list.
    pub(crate) fn of<'m>(
        &'m mut self,
        members: &'m mut Map<String, Value>,
        sub: &Attribute,
    ) -> Option<(&'m mut Vec<Value>, &'m mut Sublist)> {
        let Some(Value::Array(list)) = member_mut(members, &sub.name) else { return None };
        if list.len() < Self::SHORT && list.iter().all(is_light) {
            return None;
        }
        let at = self.all.iter().position(|(name, _)| *name == sub.name).unwrap_or_else(|| {
            self.all.push((sub.name.clone(), Sublist::new(sub, list, &self.seed)));
            self.all.len() - 1
        });
        Some((list, &mut self.all[at].1))
    }

    /// Forgets the positions of a list that is about to be replaced.
    pub(crate) fn forget(&mut self, name: &str) {
        self.all.retain(|(other, _)| !other.eq_ignore_ascii_case(name));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// The hash of a list, equal to its [`equal_hash`]; `None` if it has no assigned value or its positions are not known.
    pub(crate) fn hash(&self, name: &str) -> Option<u64> {
        let (_, list) = self.all.iter().find(|(other, _)| other.eq_ignore_ascii_case(name))?;
        (list.assigned > 0).then(|| self.seed.hash_one(list.sum))
    }

    /// Whether any list with known positions has an assigned value.
    pub(crate) fn is_assigned(&self) -> bool {
        self.all.iter().any(|(_, list)| list.assigned > 0)
    }

    /// Closes the gaps and forgets all positions, so that the lists may then be changed by other code.
    pub(crate) fn settle(&mut self, members: &mut Map<String, Value>) {
        for (name, known) in self.all.drain(..) {
            if known.gaps.is_empty() {
                continue;
            }
            if let Some(Value::Array(list)) = member_mut(members, &name) {
                let gaps: HashSet<usize> = known.gaps.into_iter().collect();
                let mut at = 0..;
                list.retain(|_| at.next().is_none_or(|at| !gaps.contains(&at)));
            }
        }
    }
}

/// Whether a value is short, so that comparing and copying it costs almost nothing.
fn is_light(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(_) => true,
        Value::Number(number) => number.is_i64() || number.is_u64(),
        Value::String(text) => text.len() <= Sublists::SHORT_TEXT,
        Value::Array(_) | Value::Object(_) => false,
    }
}

#[expect(
    clippy::indexing_slicing,
    reason = "positions were entered for this list, which grows and keeps gaps until they are forgotten"
)]
impl Sublist {
    fn new(sub: &Attribute, list: &[Value], seed: &RandomState) -> Self {
        let positions = HashMap::with_capacity(list.len());
        let mut known = Self { seed: seed.clone(), positions, gaps: Vec::new(), assigned: 0, sum: 0 };
        list.iter().enumerate().for_each(|(at, value)| known.enter(sub, at, value));
        known
    }

    fn enter(&mut self, sub: &Attribute, at: usize, value: &Value) {
        self.positions.entry(Identity::of(sub).hash(value, &self.seed)).or_default().push(at);
        if !is_unassigned(value) {
            self.assigned += 1;
            self.sum = self.sum.wrapping_add(equal_hash(sub, value, &self.seed));
        }
    }

    /// Plans to add the given values that are not in the list yet. With `takes_all`, all given values are added.
    pub(crate) fn add<'v>(
        &self,
        sub: &Attribute,
        list: &[Value],
        given: &'v [Value],
        takes_all: bool,
    ) -> SublistChange<'v> {
        let identity = Identity::of(sub);
        let mut new: Vec<&'v Value> = Vec::new();
        let mut added: HashMap<u64, Vec<&'v Value>> = HashMap::new();
        for value in given {
            let hash = identity.hash(value, &self.seed);
            let is_same = |other: &Value| identity.is_same(value, other, true);
            let mut there = self.positions.get(&hash).into_iter().flatten().map(|at| &list[*at]);
            let mut before = added.get(&hash).into_iter().flatten();
            if takes_all || !(there.any(is_same) || before.any(|other| is_same(other))) {
                added.entry(hash).or_default().push(value);
                new.push(value);
            }
        }
        let was_assigned = self.assigned > 0;
        let is_assigned = was_assigned || new.iter().any(|value| !is_unassigned(value));
        SublistChange { new, gone: Vec::new(), was_assigned, is_assigned }
    }

    /// Plans to remove the given values.
    pub(crate) fn remove<'v>(&self, sub: &Attribute, list: &[Value], given: &'v [Value]) -> SublistChange<'v> {
        let identity = Identity::of(sub);
        let mut gone = Vec::new();
        for value in given {
            let hash = identity.hash(value, &self.seed);
            let there = self.positions.get(&hash).into_iter().flatten();
            let is_meant = |at: &usize| identity.is_same(&list[*at], value, true);
            gone.extend(there.copied().filter(is_meant).map(|at| (hash, at)));
        }
        gone.sort_unstable();
        gone.dedup();
        let was_gone = gone.iter().filter(|(_, at)| is_unassigned(&list[*at])).count();
        let is_assigned = self.assigned + was_gone > gone.len();
        SublistChange { new: Vec::new(), gone, was_assigned: self.assigned > 0, is_assigned }
    }

    pub(crate) fn carry_out(&mut self, sub: &Attribute, list: &mut Vec<Value>, plan: SublistChange<'_>) {
        for value in plan.new {
            self.enter(sub, list.len(), value);
            list.push(value.clone());
        }
        let hashes: HashSet<u64> = plan.gone.iter().map(|(hash, _)| *hash).collect();
        for (_, at) in plan.gone {
            let held = &mut list[at];
            if !is_unassigned(held) {
                self.assigned -= 1;
                self.sum = self.sum.wrapping_sub(equal_hash(sub, held, &self.seed));
            }
            *held = Value::Null;
            self.gaps.push(at);
        }
        for hash in hashes {
            if let Some(positions) = self.positions.get_mut(&hash) {
                positions.retain(|at| !list[*at].is_null());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;
    use crate::schema::Schema;

    fn schema() -> Schema {
        let tags = json!({"name": "tags", "type": "string", "multiValued": true});
        let c = json!({"name": "c", "type": "complex", "subAttributes": [tags]});
        Schema::from_value(&json!({"id": "urn:x", "attributes": [c]})).unwrap()
    }

    fn texts(range: impl Iterator<Item = usize>) -> Vec<Value> {
        range.map(|at| format!("t{at}").into()).collect()
    }

    /// Additions and removals in place give the same list as additions and removals on a plain list.
    #[test]
    fn as_a_plain_list() {
        let schema = schema();
        let tags = schema.attribute("c").unwrap().sub_attribute("tags").unwrap();
        let mut members = Map::new();
        let mut expected = texts(0..40);
        expected.insert(7, Value::Null);
        members.insert("TAGS".to_owned(), Value::Array(expected.clone()));
        let mut lists = Sublists::default();
        for step in 0..60 {
            let given = texts([step, step + 30, step].into_iter());
            let (list, known) = lists.of(&mut members, tags).unwrap();
            let plan = if step % 3 == 0 {
                expected.retain(|value| !given.contains(value));
                known.remove(tags, list, &given)
            } else {
                for value in &given {
                    if !expected.contains(value) {
                        expected.push(value.clone());
                    }
                }
                known.add(tags, list, &given, false)
            };
            assert!(plan.was_assigned && plan.is_assigned);
            known.carry_out(tags, list, plan);
            assert!(lists.is_assigned());
        }
        lists.settle(&mut members);
        assert_eq!(members.get("TAGS").unwrap(), &Value::Array(expected));
    }

    /// What is given twice is added once, and a list may have values that say nothing. A secret is always added (P12a).
    #[test]
    fn given_twice_and_nothing() {
        let schema = schema();
        let tags = schema.attribute("c").unwrap().sub_attribute("tags").unwrap();
        let nothing = vec![Value::Null; 20];
        let mut members = Map::from_iter([("tags".to_owned(), Value::Array(nothing.clone()))]);
        let mut lists = Sublists::default();
        let (list, known) = lists.of(&mut members, tags).unwrap();
        let given = texts([7, 7].into_iter());
        let plan = known.add(tags, list, &given, false);
        assert_eq!((plan.new.len(), plan.was_assigned, plan.is_assigned), (1, false, true));
        let plan = known.add(tags, list, &given, true);
        assert_eq!((plan.new.len(), plan.was_assigned, plan.is_assigned), (2, false, true));
        known.carry_out(tags, list, plan);
        assert_eq!(known.add(tags, list, &given[..1], true).new.len(), 1);
        assert!(known.add(tags, list, &given, false).is_empty());
        let plan = known.remove(tags, list, &nothing[..1]);
        assert_eq!((plan.gone.len(), plan.was_assigned, plan.is_assigned), (20, true, true));
        known.carry_out(tags, list, plan);
        assert!(lists.is_assigned());
        lists.settle(&mut members);
        assert_eq!(members.get("tags").unwrap(), &json!(["t7", "t7"]));
    }

    /// The hash of a list that is changed in place is that of the list as a whole.
    #[test]
    fn the_hash_of_a_list() {
        let schema = schema();
        let tags = schema.attribute("c").unwrap().sub_attribute("tags").unwrap();
        let mut members = Map::from_iter([("tags".to_owned(), Value::Array(texts(0..20)))]);
        let seed = RandomState::new();
        let mut lists = Sublists::new(&seed);
        assert_eq!(lists.hash("tags"), None);
        let (list, known) = lists.of(&mut members, tags).unwrap();
        let (new, old) = (texts(30..31), texts(0..19));
        let plan = known.add(tags, list, &new, false);
        known.carry_out(tags, list, plan);
        let plan = known.remove(tags, list, &old);
        known.carry_out(tags, list, plan);
        assert_eq!(lists.hash("TAGS"), Some(equal_hash(tags, &json!(["t30", "t19"]), &seed)));
        let (list, known) = lists.of(&mut members, tags).unwrap();
        let rest = texts([19, 30].into_iter());
        let plan = known.remove(tags, list, &rest);
        known.carry_out(tags, list, plan);
        assert_eq!(lists.hash("tags"), None);
    }

    #[test]
    fn what_is_light() {
        for value in [json!(null), json!(true), json!(-5), json!(u64::MAX), json!("x".repeat(Sublists::SHORT_TEXT))] {
            assert!(is_light(&value), "{value}");
        }
        for value in [json!(1.5), json!([]), json!({}), json!("x".repeat(Sublists::SHORT_TEXT + 1))] {
            assert!(!is_light(&value), "{value}");
        }
    }

    #[test]
    fn emptied() {
        let schema = schema();
        let tags = schema.attribute("c").unwrap().sub_attribute("tags").unwrap();
        let mut members = Map::from_iter([("tags".to_owned(), Value::Array(texts(0..20)))]);
        let mut lists = Sublists::default();
        let (list, known) = lists.of(&mut members, tags).unwrap();
        let given = texts((0..20).rev());
        let plan = known.remove(tags, list, &given);
        assert!(plan.was_assigned && !plan.is_assigned && !plan.is_empty());
        known.carry_out(tags, list, plan);
        assert!(!lists.is_assigned());
        let (list, known) = lists.of(&mut members, tags).unwrap();
        assert!(known.remove(tags, list, &given).is_empty());
    }
}
