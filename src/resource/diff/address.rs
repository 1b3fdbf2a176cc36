//! Finds a filter that chooses exactly one element of a list.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

use serde_json::Value;

use crate::coerce::Replaced;
use crate::coerce::equality::equal_hash;
use crate::coerce::identity::Identity;
use crate::limits::Limits;
use crate::schema::{AttrType, Attribute};

/// The parts of an element that a filter compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum AddressBy {
    /// The element itself, in a list of simple values.
    Itself,
    /// One sub-attribute, by its index.
    Sub(usize),
    /// `value` and `type`.
    Identity,
    /// All sub-attributes.
    All,
}

/// All elements that the list has at any time while the operations are applied, counted by the values that each kind of
/// filter compares.
pub(super) struct Addresses<'v> {
    attribute: &'v Attribute,
    old: &'v [Value],
    replaced: &'v [Replaced],
    seed: RandomState,
    counts: HashMap<AddressBy, HashMap<u64, usize>>,
}

impl<'v> Addresses<'v> {
    pub(super) fn new(attribute: &'v Attribute, old: &'v [Value], replaced: &'v [Replaced]) -> Self {
        Self { attribute, old, replaced, seed: RandomState::new(), counts: HashMap::new() }
    }

    /// A filter that chooses this element of the old list, and no other element at any time while the operations are
    /// applied. `new` is the new value of the element.
    pub(super) fn filter(&mut self, element: &Value, new: Option<&Value>) -> Option<String> {
        let by = self.ways(element).into_iter().find(|by| self.is_alone(*by, element, new))?;
        let text = self.text(by, element)?;
        (text.len() + MARGIN <= Limits::default().filter_bytes).then_some(text)
    }

    /// The kinds of filters that are tried for an element, the best first.
    fn ways(&self, element: &Value) -> Vec<AddressBy> {
        if !self.attribute.is_complex() {
            return vec![AddressBy::Itself];
        }
        let subs = &self.attribute.sub_attributes;
        let position = |name: &str| subs.iter().position(|sub| sub.name.eq_ignore_ascii_case(name));
        let value = position("value").filter(|_| Identity::of(self.attribute).key(element).is_some());
        let mut ways: Vec<AddressBy> = value.map(AddressBy::Sub).into_iter().collect();
        if value.is_some() && position("type").is_some() {
            ways.push(AddressBy::Identity);
        }
        ways.extend((0..subs.len()).filter(|at| Some(*at) != value).map(AddressBy::Sub));
        ways.push(AddressBy::All);
        ways
    }

    fn is_alone(&mut self, by: AddressBy, element: &Value, new: Option<&Value>) -> bool {
        let Some(key) = self.key(by, element) else { return false };
        let own = 1 + usize::from(new.is_some_and(|new| self.key(by, new) == Some(key)));
        if !self.counts.contains_key(&by) {
            let mut counts = HashMap::with_capacity(self.old.len());
            for other in self.old.iter().chain(self.replaced.iter().map(|pair| &pair.new)) {
                if let Some(key) = self.key(by, other) {
                    *counts.entry(key).or_insert(0) += 1;
                }
            }
            self.counts.insert(by, counts);
        }
        self.counts.get(&by).and_then(|counts| counts.get(&key)) == Some(&own)
    }

    /// A hash of the values that a filter of this kind compares; `None` if such a filter cannot choose the element.
    fn key(&self, by: AddressBy, element: &Value) -> Option<u64> {
        let hash = |sub: &Attribute| {
            let value = part(sub, element)?;
            literal(sub, value).map(|_| equal_hash(sub, value, &self.seed))
        };
        match by {
            AddressBy::Itself => {
                literal(self.attribute, element).map(|_| equal_hash(self.attribute, element, &self.seed))
            }
            AddressBy::Sub(at) => self.attribute.sub_attributes.get(at).and_then(hash),
            AddressBy::Identity | AddressBy::All => {
                let mut keys = Vec::new();
                for sub in self.subs(by) {
                    match part(sub, element) {
                        None => keys.push(None),
                        Some(_) => keys.push(Some(hash(sub)?)),
                    }
                }
                Some(self.seed.hash_one(keys))
            }
        }
    }

    /// The sub-attributes that a filter of this kind compares.
    fn subs(&self, by: AddressBy) -> impl Iterator<Item = &'v Attribute> {
        let is_named = move |sub: &&Attribute| {
            let of_identity = || ["value", "type"].iter().any(|name| sub.name.eq_ignore_ascii_case(name));
            is_askable(sub) && (by == AddressBy::All || of_identity())
        };
        self.attribute.sub_attributes.iter().filter(is_named)
    }

    fn text(&self, by: AddressBy, element: &Value) -> Option<String> {
        let equals = |sub: &Attribute| match part(sub, element) {
            None => Some(format!("{} eq null", sub.name)),
            Some(value) => literal(sub, value).map(|literal| format!("{} eq {literal}", sub.name)),
        };
        match by {
            AddressBy::Itself => literal(self.attribute, element).map(|literal| format!("value eq {literal}")),
            AddressBy::Sub(at) => equals(self.attribute.sub_attributes.get(at)?),
            AddressBy::Identity | AddressBy::All => {
                let terms: Option<Vec<String>> = self.subs(by).map(equals).collect();
                terms.filter(|terms| !terms.is_empty()).map(|terms| terms.join(" and "))
            }
        }
    }
}

/// The number of bytes of a path that are left for the names and the URN. If these are longer, the path exceeds the
/// provider's limit and is refused.
const MARGIN: usize = 512;

/// The value that a filter compares: an absent `primary` is `false` (F15).
fn part<'v>(sub: &Attribute, element: &'v Value) -> Option<&'v Value> {
    static NOT_PRIMARY: Value = Value::Bool(false);
    let is_primary = sub.name == "primary" && sub.attr_type == AttrType::Boolean;
    element.as_object()?.get(&sub.name).or(is_primary.then_some(&NOT_PRIMARY))
}

/// Whether a filter with `eq` can find the exact value of a sub-attribute. It cannot for a dateTime, because `eq` compares
/// instants, so that different texts are equal. It cannot for a secret, because filters on secrets are refused.
fn is_askable(sub: &Attribute) -> bool {
    !sub.multi_valued && !sub.is_never_returned() && !matches!(sub.attr_type, AttrType::DateTime | AttrType::Complex)
}

/// A value as the literal of a filter; `None` if it cannot be compared or is not of the attribute's type.
fn literal(attribute: &Attribute, value: &Value) -> Option<String> {
    let fits = match attribute.attr_type {
        AttrType::String | AttrType::Reference | AttrType::Binary => value.is_string(),
        AttrType::Boolean => value.is_boolean(),
        AttrType::Integer | AttrType::Decimal => value.is_number(),
        AttrType::DateTime | AttrType::Complex => false,
    };
    // A literal of a filter is written as JSON: a string, a number, `true` or `false`.
    (fits && !attribute.is_never_returned()).then(|| value.to_string())
}
