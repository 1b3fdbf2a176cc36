//! The differences between two lists, element by element.

use std::collections::{HashMap, HashSet};
use std::hash::RandomState;
use std::io;

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::address::Addresses;
use crate::coerce::coercer::is_primary;
use crate::coerce::equality::{equal, same_written, value_hash};
use crate::coerce::identity::{Finder, Identity};
use crate::coerce::members::is_unassigned;
use crate::coerce::{Change, Replaced};
use crate::schema::AttrRef;
use crate::schema::{Attribute, Mutability};

/// The changes of a list, element by element.
pub(super) struct ListDiff {
    /// Operations that remove or change elements.
    pub operations: Vec<Value>,
    /// The elements to add.
    pub added: Vec<Value>,
}

impl ListDiff {
    /// Whether the text of these operations is at most as long as that of one operation that replaces the list; `is_anew`:
    /// as that of two operations, which remove the list and add it again.
    pub(super) fn is_shorter_than(&self, attr: AttrRef<'_>, whole: &[Value], is_anew: bool) -> bool {
        let path = attr.to_string();
        let write = |op: &str, value: &[Value]| {
            json!({"op": op, "path": path, "value": []}).to_string().len() + length(value) - 2
        };
        let mut own: usize = self.operations.iter().map(|operation| length(operation) + 1).sum();
        if !self.added.is_empty() {
            own += write("add", &self.added) + 1;
        }
        // An object or a string takes at least 3 bytes with its comma. If the operations are not longer than this estimate
        // of the whole list, the text of the list need not be measured.
        if own <= whole.len() * 3 {
            return true;
        }
        let removal = if is_anew { length(&json!({"op": "remove", "path": path})) } else { 0 };
        own <= removal + write("replace", whole) + 1
    }
}

/// The length of the JSON text of a value.
fn length(value: &(impl Serialize + ?Sized)) -> usize {
    struct Count(usize);
    impl io::Write for Count {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 += bytes.len();
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut count = Count(0);
    // Every value can be written as text, and counting cannot fail.
    let _ = serde_json::to_writer(&mut count, value);
    count.0
}

/// The operations for a change of a list; `None` if no filter can choose one of the elements, as in a list of secrets, where
/// brackets are refused (P12a). Their order is such that each operation applies to the result of those before it: first the
/// removals, then the changes, and last the changes that make an element primary. The additions are returned separately and
/// come after all of these.
pub(super) fn edits(attr: AttrRef<'_>, old: &[Value], mut change: Change) -> Option<ListDiff> {
    if attr.is_secret() && !(change.removed.is_empty() && change.replaced.is_empty()) {
        return None;
    }
    pair_alike(attr, old, &mut change);
    let becomes_primary = change.replaced.iter().any(|pair| is_primary(&pair.new) && !is_primary(&pair.old))
        || change.added.iter().any(is_primary);
    let mut addresses = Addresses::new(attr.attribute, old, &change.replaced);
    let mut operations = Vec::with_capacity(change.removed.len() + change.replaced.len());
    for element in &change.removed {
        let filter = addresses.filter(element, None)?;
        operations.push(json!({"op": "remove", "path": format!("{attr}[{filter}]")}));
    }
    let (last, first): (Vec<_>, Vec<_>) = change.replaced.iter().partition(|pair| is_primary(&pair.new));
    for pair in first.into_iter().chain(last) {
        let filter = addresses.filter(&pair.old, Some(&pair.new))?;
        operations.extend(edit(attr, &filter, pair, becomes_primary));
    }
    Some(ListDiff { operations, added: change.added })
}

/// Whether a PATCH has nothing to do to make `old` to `new`: the order of lists does not count (D10), and an immutable value
/// keeps its spelling (P12).
pub(super) fn is_same(attribute: &Attribute, old: Option<&Value>, new: Option<&Value>) -> bool {
    match (old, new) {
        (Some(old), Some(new)) if attribute.mutability == Mutability::Immutable => equal(attribute, old, new),
        (Some(old), Some(new)) => same_written(attribute, old, new),
        (old, new) => old.is_none() && new.is_none(),
    }
}

/// The sub-attributes in which two elements differ.
fn differing<'a>(attribute: &'a Attribute, old: &Map<String, Value>, new: &Map<String, Value>) -> Vec<&'a Attribute> {
    let differs = |sub: &&Attribute| !is_same(sub, old.get(&sub.name), new.get(&sub.name));
    attribute.sub_attributes.iter().filter(differs).collect()
}

/// Splits each change of an element that changes an immutable sub-attribute into the removal of the old and the addition of
/// the new element (P12). Returns whether there is such a change.
pub(super) fn part_immutable(attr: AttrRef<'_>, change: &mut Change) -> bool {
    let count = change.removed.len();
    for pair in std::mem::take(&mut change.replaced) {
        if is_other(attr, &pair.old, &pair.new) {
            change.removed.push(pair.old);
            change.added.push(pair.new);
        } else {
            change.replaced.push(pair);
        }
    }
    change.removed.len() > count
}

/// Whether a `replace` of the list would be refused, or would not give the new list, because of what an element keeps of the
/// stored element with the same identity: immutable sub-attributes, and secrets that are not mentioned (P12). If several
/// stored elements have that identity, PATCH compares with the first of them.
pub(super) fn keeps_more(attr: AttrRef<'_>, stored: &Finder<'_>, new: &[Value]) -> bool {
    let keeps = |old: &Value, new: &Value| {
        let (Value::Object(old_members), Value::Object(new_members)) = (old, new) else { return false };
        is_other(attr, old, new) || !gone_secrets(attr.attribute, old_members, new_members).is_empty()
    };
    new.iter().any(|new| stored.find(new).is_some_and(|old| keeps(old, new)))
}

/// Whether an element becomes another in an immutable sub-attribute. PATCH refuses an immutable secret even if it is the
/// same (P12a).
fn is_other(attr: AttrRef<'_>, old: &Value, new: &Value) -> bool {
    let (Value::Object(old), Value::Object(new)) = (old, new) else { return false };
    let is_set = |sub: &&Attribute| sub.mutability == Mutability::Immutable && old.contains_key(&sub.name);
    let mut set = attr.attribute.sub_attributes.iter().filter(is_set);
    set.any(|sub| attr.sub(sub).is_secret() || !is_same(sub, old.get(&sub.name), new.get(&sub.name)))
}

/// The secrets that an element loses.
fn gone_secrets<'a>(
    attribute: &'a Attribute,
    old: &Map<String, Value>,
    new: &Map<String, Value>,
) -> Vec<&'a Attribute> {
    let is_gone = |name: &str| old.contains_key(name) && !new.contains_key(name);
    attribute.sub_attributes.iter().filter(|sub| sub.is_never_returned() && is_gone(&sub.name)).collect()
}

/// The operations that change an element. The change of an element that follows from another becoming primary is left out.
fn edit(attr: AttrRef<'_>, filter: &str, pair: &Replaced, becomes_primary: bool) -> Vec<Value> {
    let whole = || json!({"op": "replace", "path": format!("{attr}[{filter}]"), "value": pair.new});
    let (Value::Object(old), Value::Object(new)) = (&pair.old, &pair.new) else { return vec![whole()] };
    let remove = |sub: &Attribute| json!({"op": "remove", "path": format!("{attr}[{filter}].{}", sub.name)});
    // A `replace` of the element would keep its secrets.
    let gone = gone_secrets(attr.attribute, old, new);
    let mut operations: Vec<Value> = gone.iter().map(|sub| remove(sub)).collect();
    let mut subs = differing(attr.attribute, old, new);
    subs.retain(|sub| !gone.iter().any(|gone| gone.name == sub.name));
    let &[sub] = &subs.as_slice() else {
        operations.extend((!subs.is_empty()).then(whole));
        return operations;
    };
    let (old, new) = (old.get(&sub.name), new.get(&sub.name));
    let follows = becomes_primary && sub.name == "primary" && old == Some(&Value::Bool(true));
    if follows && new == Some(&Value::Bool(false)) {
        return operations;
    }
    let path = format!("{attr}[{filter}].{}", sub.name);
    operations.push(match (old, new) {
        (_, None) => remove(sub),
        (None, Some(new)) => json!({"op": "add", "path": path, "value": new}),
        (Some(_), Some(new)) => json!({"op": "replace", "path": path, "value": new}),
    });
    operations
}

/// Pairs a removed element with an added one that differs in a single sub-attribute, such as an address with a new
/// `streetAddress`. A pair takes one operation instead of two. References are not paired, because a reference to another
/// resource is another element.
#[expect(clippy::indexing_slicing, reason = "`by_rest` has positions in `removed`, and `pairs` positions in `added`")]
fn pair_alike(attr: AttrRef<'_>, old: &[Value], change: &mut Change) {
    let attribute = attr.attribute;
    if change.added.is_empty() || change.removed.is_empty() || attribute.is_reference_like() {
        return;
    }
    let (identity, seed) = (Identity::of(attribute), RandomState::new());
    let there: HashSet<u64> = old.iter().map(|element| identity.hash(element, &seed)).collect();
    let mut by_rest: HashMap<(usize, u64), Vec<usize>> = HashMap::new();
    for (index, element) in change.removed.iter().enumerate() {
        for key in rests(attribute, element, &seed) {
            by_rest.entry(key).or_default().push(index);
        }
    }
    let mut pairs: Vec<Option<usize>> = vec![None; change.removed.len()];
    let mut is_paired = vec![false; change.added.len()];
    for ((at, element), is_paired) in change.added.iter().enumerate().zip(&mut is_paired) {
        // If a stored element has the identity of the added one, the stored element must change or be removed first. The
        // added element stays unpaired here, because additions come last.
        if there.contains(&identity.hash(element, &seed)) {
            continue;
        }
        let found = rests(attribute, element, &seed).into_iter().find_map(|key| {
            let candidates = by_rest.get_mut(&key)?;
            while let Some(index) = candidates.pop() {
                if pairs[index].is_none() && is_alike(attribute, &change.removed[index], element) {
                    return Some(index);
                }
            }
            None
        });
        if let Some(index) = found {
            pairs[index] = Some(at);
            *is_paired = true;
        }
    }
    for (old, pair) in std::mem::take(&mut change.removed).into_iter().zip(pairs) {
        match pair {
            Some(at) => change.replaced.push(Replaced { old, new: change.added[at].clone() }),
            None => change.removed.push(old),
        }
    }
    let mut flags = is_paired.into_iter();
    change.added.retain(|_| !flags.next().unwrap_or(false));
}

fn is_alike(attribute: &Attribute, old: &Value, new: &Value) -> bool {
    let (Value::Object(old), Value::Object(new)) = (old, new) else { return false };
    let subs = differing(attribute, old, new);
    let &[sub] = &subs.as_slice() else { return false };
    sub.mutability != Mutability::Immutable && !old.get(&sub.name).is_none_or(is_unassigned)
}

/// For each sub-attribute of an element: its index, and the hash of the element without it.
fn rests(attribute: &Attribute, element: &Value, seed: &RandomState) -> Vec<(usize, u64)> {
    let Value::Object(members) = element else { return Vec::new() };
    let has = |sub: &&Attribute| members.contains_key(&sub.name);
    let without = |name: &str| {
        let rest = members.iter().filter(|(other, _)| *other != name);
        value_hash(&Value::Object(rest.map(|(name, value)| (name.clone(), value.clone())).collect()), seed)
    };
    let subs = attribute.sub_attributes.iter().enumerate();
    subs.filter(|(_, sub)| has(sub)).map(|(at, sub)| (at, without(&sub.name))).collect()
}
