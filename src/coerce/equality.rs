//! Compares and hashes values, either as they are written or by the equality of their attribute.

use std::borrow::Borrow;
use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, Hash, Hasher, RandomState};

use serde_json::{Map, Value};

use super::members::{is_unassigned, member};
use super::work;
use crate::document::MAX_DEPTH;
use crate::filter::datetime::Instant;
use crate::filter::decimal::{Decimal, same_number};
use crate::filter::text_rule::{comparison_key, same_key};
use crate::schema::{AttrType, Attribute};

/// Whether two values are written in the same way. Numbers are still compared by value, member names without regard to
/// case, and unassigned members do not count.
pub(crate) fn same_value(a: &Value, b: &Value) -> bool {
    work::done(1 + a.as_str().map_or(0, str::len).min(b.as_str().map_or(0, str::len)));
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => same_number(a, b),
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same_value(a, b)),
        (Value::Object(a), Value::Object(b)) => same_members(a, b, |_| true, |_, a, b| same_value(a, b)),
        _ => a == b,
    }
}

/// As [`same_value`], for values that may be absent.
pub(crate) fn same_option(a: Option<&Value>, b: Option<&Value>) -> bool {
    option(a, b, same_value)
}

/// As [`same_value`], for values of an attribute: the order of a multi-valued attribute or sub-attribute does not count
/// (D10).
pub(crate) fn same_written(attribute: &Attribute, a: &Value, b: &Value) -> bool {
    if let (true, Value::Array(a), Value::Array(b)) = (attribute.multi_valued, a, b) {
        return same_elements(a, b, same_value, value_hash);
    }
    if attribute.sub_attributes.iter().any(|sub| sub.multi_valued)
        && let (Value::Object(a), Value::Object(b)) = (a, b)
    {
        return same_members(
            a,
            b,
            |_| true,
            |name, a, b| match (attribute.sub_attribute(name), a, b) {
                (Some(sub), Value::Array(a), Value::Array(b)) if sub.multi_valued => {
                    same_elements(a, b, same_value, value_hash)
                }
                _ => same_value(a, b),
            },
        );
    }
    same_value(a, b)
}

/// Whether two lists have the same elements, as written, in any order.
pub(crate) fn same_list(attribute: &Attribute, a: &[impl Borrow<Value>], b: &[impl Borrow<Value>]) -> bool {
    same_elements(a, b, |a, b| same_written(attribute, a, b), |value, seed| written_hash(attribute, value, seed))
}

/// Whether two values or elements of an attribute are equal by its own rules (P5): texts by `caseExact`, dateTimes as
/// instants, members by the rules of their sub-attributes.
pub(crate) fn equal(attribute: &Attribute, a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::String(a), Value::String(b)) => equal_texts(attribute, a, b),
        (Value::Array(a), Value::Array(b)) => {
            same_elements(a, b, |a, b| equal(attribute, a, b), |value, seed| equal_hash(attribute, value, seed))
        }
        (Value::Object(a), Value::Object(b)) => equal_members(attribute, a, b, |_| true),
        _ => same_value(a, b),
    }
}

/// As [`equal`], for objects: compares only the members for which `counts` holds.
pub(crate) fn equal_members(
    attribute: &Attribute,
    a: &Map<String, Value>,
    b: &Map<String, Value>,
    counts: impl Fn(&str) -> bool,
) -> bool {
    same_members(a, b, counts, |name, a, b| match attribute.sub_attribute(name) {
        Some(sub) => equal(sub, a, b),
        None => same_value(a, b),
    })
}

/// As [`equal`], for values that may be absent.
pub(crate) fn equal_option(attribute: &Attribute, a: Option<&Value>, b: Option<&Value>) -> bool {
    option(a, b, |a, b| equal(attribute, a, b))
}

/// Whether a stored value agrees with what a client sent. Stored members that the client did not send are ignored. An
/// absent `primary` counts as `false` (F15).
pub(crate) fn holds(attribute: &Attribute, stored: Option<&Value>, sent: &Value) -> bool {
    let (Some(Value::Object(stored)), Value::Object(sent)) = (stored, sent) else {
        // A simple value stands for the `value` (F17).
        let hides = attribute.sub_attribute("value").is_some_and(Attribute::is_never_returned);
        return !hides && equal_option(attribute, stored, Some(sent));
    };
    sent.iter().filter(|(_, value)| !is_unassigned(value)).all(|(name, value)| {
        let held = member(stored, name);
        match attribute.sub_attribute(name) {
            // Whether a secret is the stored one is not said (P12a).
            Some(sub) if sub.is_never_returned() => false,
            Some(sub) if is_default(attribute, sub, value) && held.is_none_or(is_unassigned) => true,
            Some(sub) => equal_option(sub, held, Some(value)),
            None => same_option(held, Some(value)),
        }
    })
}

/// Whether the absence of a sub-attribute means this value, as the absence of `primary` means `false` (F15).
pub(crate) fn is_default(attribute: &Attribute, sub: &Attribute, value: &Value) -> bool {
    attribute.multi_valued
        && sub.attr_type == AttrType::Boolean
        && sub.name.eq_ignore_ascii_case("primary")
        && *value == Value::Bool(false)
}

fn option(a: Option<&Value>, b: Option<&Value>, same: impl Fn(&Value, &Value) -> bool) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => same(a, b) || (is_unassigned(a) && is_unassigned(b)),
        (Some(one), None) | (None, Some(one)) => is_unassigned(one),
        (None, None) => true,
    }
}

fn same_members(
    a: &Map<String, Value>,
    b: &Map<String, Value>,
    counts: impl Fn(&str) -> bool,
    same: impl Fn(&str, &Value, &Value) -> bool,
) -> bool {
    let says_same = |name: &str, a: &Value, b: &Value| same(name, a, b) || (is_unassigned(a) && is_unassigned(b));
    // Most objects that are compared have the same names in the same order. For such objects, no look-ups are needed.
    if a.len() == b.len() && a.keys().zip(b.keys()).all(|(a, b)| a == b) {
        return a.iter().zip(b.values()).all(|((name, a), b)| !counts(name) || says_same(name, a, b));
    }
    // The objects can be equal only if both have the same number of members that count. The larger object is read only
    // until it has more such members than the smaller object has members in all.
    let few = a.len().min(b.len());
    let counted = |members: &Map<String, Value>| {
        members.iter().filter(|(name, value)| counts(name) && !is_unassigned(value)).take(few + 1).count()
    };
    work::done(few);
    if counted(a) != counted(b) {
        return false;
    }
    work::done(a.len() + b.len());
    let is_exact = has_doubled(a) || has_doubled(b);
    let covers = |a: &Map<String, Value>, b: &Map<String, Value>| {
        let a = Assigned::new(a, is_exact);
        let mut assigned = b.iter().filter(|(name, value)| counts(name) && !is_unassigned(value));
        assigned.all(|(name, value)| a.member(name).is_some_and(|other| same(name, other, value)))
    };
    covers(a, b) && covers(b, a)
}

/// Whether an object has assigned members whose names differ only in case. The names of such objects are compared exactly.
pub(super) fn has_doubled(members: &Map<String, Value>) -> bool {
    // Up to this many names are compared pair by pair, without an allocation; more are put into a hash set. From 4 to 24
    // members, both ways take the same time. For many members, pairs would take quadratic time.
    const FEW: usize = 16;
    work::done(members.len());
    let assigned = || members.iter().filter(|(_, value)| !is_unassigned(value)).map(|(name, _)| name);
    if members.len() > FEW {
        let mut seen = HashSet::with_capacity(members.len());
        return !assigned().all(|name| seen.insert(name.to_ascii_lowercase()));
    }
    // The values are examined only if there are names that differ only in case.
    let is_there = |(at, name): (usize, &String)| members.keys().take(at).any(|other| other.eq_ignore_ascii_case(name));
    members.keys().enumerate().any(is_there)
        && assigned().enumerate().any(|(at, name)| assigned().take(at).any(|other| other.eq_ignore_ascii_case(name)))
}

/// The assigned members of an object, for many look-ups. Large objects get a hash table, because each look-up of an absent
/// name would otherwise scan all members.
struct Assigned<'m> {
    members: &'m Map<String, Value>,
    is_exact: bool,
    folded: Option<HashMap<String, &'m Value>>,
}

impl<'m> Assigned<'m> {
    /// Objects with more members than this get a hash table. From 8 to 24 members, a table makes no measurable difference.
    /// Without a table, comparing two objects with thousands of members would take quadratic time.
    const LARGE: usize = 32;

    fn new(members: &'m Map<String, Value>, is_exact: bool) -> Self {
        let folded = (members.len() > Self::LARGE && !is_exact).then(|| {
            let assigned = members.iter().filter(|(_, value)| !is_unassigned(value));
            assigned.map(|(name, value)| (name.to_ascii_lowercase(), value)).collect()
        });
        Self { members, is_exact, folded }
    }

    fn member(&self, name: &str) -> Option<&'m Value> {
        if self.is_exact {
            return self.members.get(name).filter(|value| !is_unassigned(value));
        }
        if let Some(folded) = &self.folded {
            return folded.get(&name.to_ascii_lowercase()).copied();
        }
        let is_it = |(other, value): &(&String, &Value)| other.eq_ignore_ascii_case(name) && !is_unassigned(value);
        self.members.iter().find(is_it).map(|(_, value)| value)
    }
}

/// Whether two lists have the same assigned elements, in any order.
fn same_elements(
    a: &[impl Borrow<Value>],
    b: &[impl Borrow<Value>],
    same: impl Fn(&Value, &Value) -> bool,
    hash: impl Fn(&Value, &RandomState) -> u64,
) -> bool {
    if a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a.borrow(), b.borrow())) {
        return true;
    }
    // The shorter list is hashed, so that the longer one is read only until an element of it has no partner.
    if a.len() < b.len() { has_all(a, b, same, hash) } else { has_all(b, a, same, hash) }
}

fn has_all(
    short: &[impl Borrow<Value>],
    long: &[impl Borrow<Value>],
    same: impl Fn(&Value, &Value) -> bool,
    hash: impl Fn(&Value, &RandomState) -> u64,
) -> bool {
    let seed = RandomState::new();
    let assigned = |value: &&Value| !is_unassigned(value);
    let mut left: HashMap<u64, Vec<&Value>> = HashMap::with_capacity(short.len());
    let mut count = 0_usize;
    for value in short.iter().map(Borrow::borrow).filter(assigned) {
        left.entry(hash(value, &seed)).or_default().push(value);
        count += 1;
    }
    for value in long.iter().map(Borrow::borrow).filter(assigned) {
        let Some(candidates) = left.get_mut(&hash(value, &seed)) else { return false };
        let Some(at) = candidates.iter().position(|other| same(other, value)) else { return false };
        candidates.swap_remove(at);
        count -= 1;
    }
    count == 0
}

fn equal_texts(attribute: &Attribute, a: &str, b: &str) -> bool {
    work::done(1 + a.len().min(b.len()));
    if a == b {
        return true;
    }
    match attribute.attr_type {
        AttrType::DateTime => match (Instant::parse(a), Instant::parse(b)) {
            (Some(a), Some(b)) => a == b,
            _ => false,
        },
        AttrType::Reference if attribute.name == "$ref" => without_version(a).eq(without_version(b)),
        AttrType::Reference if attribute.name == "schemas" => a.eq_ignore_ascii_case(b),
        _ => same_key(attribute, a, b),
    }
}

/// Whether texts of an attribute are compared only as `caseExact` demands. For other attributes, texts with quite different
/// bytes may be equal: dateTimes, for example, are compared as instants.
pub(crate) fn is_compared_by_text(attribute: &Attribute) -> bool {
    attribute.attr_type != AttrType::DateTime && attribute.name != "$ref" && attribute.name != "schemas"
}

/// The segments of a URL without API versions such as `v2`: references that differ only in a version are equal (P5c).
fn without_version(url: &str) -> impl Iterator<Item = &str> {
    let is_version = |segment: &str| {
        let number = segment.strip_prefix('v');
        number.is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
    };
    url.split('/').filter(move |segment| !is_version(segment))
}

/// A hash of a text. Texts that are equal by [`equal`] have the same hash.
pub(crate) fn text_hash(attribute: &Attribute, text: &str, seed: &RandomState) -> u64 {
    work::done(1 + text.len());
    match attribute.attr_type {
        AttrType::DateTime => match Instant::parse(text) {
            Some(instant) => seed.hash_one(instant.parts()),
            None => seed.hash_one(text),
        },
        AttrType::Reference if attribute.name == "$ref" => {
            let mut hasher = seed.build_hasher();
            without_version(text).for_each(|segment| segment.hash(&mut hasher));
            hasher.finish()
        }
        AttrType::Reference if attribute.name == "schemas" => seed.hash_one(text.to_ascii_lowercase()),
        _ if attribute.is_case_exact() && text.is_ascii() => seed.hash_one(text),
        _ if text.is_ascii() => lowered(text, |lower| seed.hash_one(lower)),
        _ => seed.hash_one(&*comparison_key(attribute, text)),
    }
}

/// Runs `f` on a text with its ASCII letters in lower case. Short texts need no allocation.
fn lowered<T>(text: &str, f: impl FnOnce(&str) -> T) -> T {
    // Nearly all `value`s (ids, addresses, names) are shorter than this. Longer texts only cost an allocation.
    const SHORT: usize = 64;
    let mut short = [0; SHORT];
    if let Some(lower) = short.get_mut(..text.len()) {
        lower.copy_from_slice(text.as_bytes());
        lower.make_ascii_lowercase();
        if let Ok(lower) = std::str::from_utf8(lower) {
            return f(lower);
        }
    }
    f(&text.to_ascii_lowercase())
}

/// A hash of a value. Values that are equal by [`equal`] have the same hash. The seed is random for each table, so that no
/// client can prepare values with colliding hashes.
pub(crate) fn equal_hash(attribute: &Attribute, value: &Value, seed: &RandomState) -> u64 {
    match value {
        Value::String(text) => text_hash(attribute, text, seed),
        Value::Array(elements) => unordered(elements, seed, |element| equal_hash(attribute, element, seed)),
        Value::Object(members) => equal_members_hash(attribute, members, seed, |_| true),
        other => value_hash(other, seed),
    }
}

/// A hash of an object. Objects that are equal by [`equal_members`], with the same `counts`, have the same hash.
pub(crate) fn equal_members_hash(
    attribute: &Attribute,
    members: &Map<String, Value>,
    seed: &RandomState,
    counts: impl Fn(&str) -> bool,
) -> u64 {
    object_hash(members, seed, counts, |name, value| sub_hash(attribute, name, value, seed))
}

/// The hash of the value of the member `name`.
pub(super) fn sub_hash(attribute: &Attribute, name: &str, value: &Value, seed: &RandomState) -> u64 {
    match attribute.sub_attribute(name) {
        Some(sub) => equal_hash(sub, value, seed),
        None => value_hash(value, seed),
    }
}

/// The hash of one member. The hash of an object is the sum of those of its members. This does not hold for objects with
/// names that differ only in case.
pub(super) fn member_hash(name: &str, hash: u64, seed: &RandomState) -> u64 {
    let mut hasher = seed.build_hasher();
    lowered(name, |name| name.hash(&mut hasher));
    hasher.write_u64(hash);
    hasher.finish()
}

/// A hash of a value, with a seed as for [`equal_hash`]. Values that are the same by [`same_written`] have the same hash.
pub(crate) fn written_hash(attribute: &Attribute, value: &Value, seed: &RandomState) -> u64 {
    let unordered = |elements: &[Value]| unordered(elements, seed, |element| value_hash(element, seed));
    match value {
        Value::Array(elements) if attribute.multi_valued => unordered(elements),
        Value::Object(members) if attribute.sub_attributes.iter().any(|sub| sub.multi_valued) => object_hash(
            members,
            seed,
            |_| true,
            |name, value| match (attribute.sub_attribute(name), value) {
                (Some(sub), Value::Array(elements)) if sub.multi_valued => unordered(elements),
                _ => value_hash(value, seed),
            },
        ),
        other => value_hash(other, seed),
    }
}

/// A hash of a value, with a seed as for [`equal_hash`]. Values that are the same by [`same_value`] have the same hash. The
/// order of a list counts, as it does in [`same_value`]: a client can easily make many lists that differ only in order, and
/// their hashes must not collide.
pub(crate) fn value_hash(value: &Value, seed: &RandomState) -> u64 {
    value_hash_within(value, MAX_DEPTH, seed)
}

/// As [`value_hash`], for `depth` levels. Deeper levels do not count, so equal values still have equal hashes.
fn value_hash_within(value: &Value, depth: usize, seed: &RandomState) -> u64 {
    let Some(below) = depth.checked_sub(1) else { return 0 };
    let inner = |value: &Value| value_hash_within(value, below, seed);
    work::done(1 + value.as_str().map_or(0, str::len));
    match value {
        Value::Null => seed.hash_one(()),
        Value::Bool(value) => seed.hash_one(value),
        Value::Number(number) => {
            let mut hasher = seed.build_hasher();
            Decimal::parse(&number.to_string()).hash_value(&mut hasher);
            hasher.finish()
        }
        Value::String(text) => seed.hash_one(text),
        Value::Array(elements) => {
            let mut hasher = seed.build_hasher();
            elements.iter().for_each(|element| hasher.write_u64(inner(element)));
            hasher.finish()
        }
        Value::Object(members) => object_hash(members, seed, |_| true, |_, value| inner(value)),
    }
}

fn object_hash(
    members: &Map<String, Value>,
    seed: &RandomState,
    counts: impl Fn(&str) -> bool,
    hash: impl Fn(&str, &Value) -> u64,
) -> u64 {
    let assigned = members.iter().filter(|(name, value)| counts(name) && !is_unassigned(value));
    // Names that differ only in case are hashed exactly, because `{"ab": 1, "aB": 2}` and `{"ab": 2, "aB": 1}` must have
    // different hashes.
    if has_doubled(members) {
        return sum(assigned.map(|(name, value)| seed.hash_one((name, hash(name, value)))), seed);
    }
    sum(assigned.map(|(name, value)| member_hash(name, hash(name, value), seed)), seed)
}

/// The hash of elements whose order does not count; unassigned elements are ignored.
fn unordered(elements: &[Value], seed: &RandomState, hash: impl Fn(&Value) -> u64) -> u64 {
    sum(elements.iter().filter(|element| !is_unassigned(element)).map(hash), seed)
}

/// A hash of several hashes that does not depend on their order. The hashes are seeded, so a client cannot find values with
/// a given sum.
fn sum(hashes: impl Iterator<Item = u64>, seed: &RandomState) -> u64 {
    seed.hash_one(hashes.fold(0_u64, u64::wrapping_add))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use std::collections::HashSet;

    use serde_json::json;

    use super::*;
    use crate::ResourceType;

    /// Different values that would all have the same hash, whatever the seed, if positions or the case of names did not
    /// count.
    fn alike() -> Vec<Value> {
        let mut all = Vec::new();
        for at in 0..24 {
            let mut left = vec![1, 2, 3, 4];
            let picked: Vec<i32> = [6, 2, 1, 1].iter().map(|step| left.remove(at / step % left.len())).collect();
            let [a, b, c, d] = picked[..] else { continue };
            all.push(json!([a, b, c, d]));
            all.push(json!({"ab": a, "aB": b, "Ab": c, "AB": d}));
            all.push(json!([[a, b], [c, d]]));
        }
        all
    }

    #[test]
    fn values_that_are_not_the_same_have_different_hashes() {
        let seed = RandomState::new();
        let distinct: HashSet<String> = alike().iter().map(Value::to_string).collect();
        let hashes: HashSet<u64> = alike().iter().map(|value| value_hash(value, &seed)).collect();
        assert_eq!(hashes.len(), distinct.len());
        let user = ResourceType::user();
        let emails = user.attribute("emails").unwrap();
        let elements = || alike().into_iter().map(|value| json!({"value": "a", "zz": value}));
        let hashes: HashSet<u64> = elements().map(|element| written_hash(emails, &element, &seed)).collect();
        assert_eq!(hashes.len(), distinct.len());
        let hashes: HashSet<u64> = elements().map(|element| equal_hash(emails, &element, &seed)).collect();
        assert_eq!(hashes.len(), distinct.len());
    }

    #[test]
    fn the_same_values_have_the_same_hash() {
        let seed = RandomState::new();
        let long = |upper: bool| -> Value {
            let name = |at: i32| if upper { format!("N{at}") } else { format!("n{at}") };
            Value::Object((0..100).map(|at| (name(at), json!(at))).collect())
        };
        let pairs = [
            (json!({"a": 1, "b": [1.0, 2]}), json!({"B": [1, 2.0], "A": 1.0, "c": null})),
            (json!({"a": {"ab": 1, "aB": 2}}), json!({"A": {"aB": 2, "ab": 1, "AB": []}})),
            (json!({"ab": 1, "aB": null}), json!({"AB": 1})),
            (long(false), long(true)),
        ];
        for (a, b) in &pairs {
            assert!(same_value(a, b) && same_value(b, a), "{a} {b}");
            assert_eq!(value_hash(a, &seed), value_hash(b, &seed), "{a} {b}");
        }
        for other in [json!({"ab": 2, "aB": 1}), json!({"ab": 1}), json!({"AB": 1, "Ab": 2})] {
            assert!(!same_value(&json!({"ab": 1, "aB": 2}), &other), "{other}");
        }
    }

    /// Each seed gives other hashes, so values that collide in one table or process do not collide in another.
    #[test]
    fn no_key_is_the_same_twice() {
        let user = ResourceType::user();
        let emails = user.attribute("emails").unwrap();
        let value = json!({"value": "a@example.com", "type": "work", "zz": [1, {"b": 2}]});
        let hashes = |hash: &dyn Fn(&RandomState) -> u64| -> HashSet<u64> {
            (0..8).map(|_| hash(&RandomState::new())).collect()
        };
        assert_eq!(hashes(&|seed| value_hash(&value, seed)).len(), 8);
        assert_eq!(hashes(&|seed| written_hash(emails, &value, seed)).len(), 8);
        assert_eq!(hashes(&|seed| equal_hash(emails, &value, seed)).len(), 8);
        assert_eq!(hashes(&|seed| text_hash(emails, "a@example.com", seed)).len(), 8);
        // The differences between hashes must vary with the seed, too. Otherwise a client could construct values whose
        // hashes have the same sum.
        let difference = |seed: &RandomState| value_hash(&json!("a"), seed).wrapping_sub(value_hash(&json!("b"), seed));
        assert_eq!(hashes(&difference).len(), 8);
    }

    /// Texts are compared by the rule of their attribute.
    #[test]
    fn texts_are_equal_by_their_rule() {
        let user = ResourceType::user();
        let of = |name: &str| user.attribute(name).unwrap();
        for (a, b, is_equal) in [
            ("Straße", "STRASSE", false),
            ("\u{212A}elvin", "kelvin", true),
            ("ΣΊΣΥΦΟΣ", "σίσυφος", true),
            ("abc", "ab", false),
            ("", "a", false),
        ] {
            assert_eq!(equal(of("title"), &a.into(), &b.into()), is_equal, "{a} {b}");
        }
        assert!(equal(of("userName"), &"Jose\u{301}".into(), &"jos\u{e9}".into()));
        assert!(!equal(of("title"), &"Jose\u{301}".into(), &"jos\u{e9}".into()));
    }

    /// What is equal has the same hash, also where a stored text is not what its type says.
    #[test]
    fn dates_references_and_urns_are_equal_by_their_rule() {
        let (user, group, seed) = (ResourceType::user(), ResourceType::group(), RandomState::new());
        let created = user.attribute("meta").unwrap().sub_attribute("created").unwrap();
        let reference = group.attribute("members").unwrap().sub_attribute("$ref").unwrap();
        let schemas = user.attribute("schemas").unwrap();
        for (attribute, a, b, is_equal) in [
            (created, "2026-01-01T10:00:00Z", "2026-01-01T11:00:00.0+01:00", true),
            (created, "2026-01-01T10:00:00Z", "2026-01-01T10:00:01Z", false),
            (created, "soon", "2026-01-01T10:00:00Z", false),
            (created, "soon", "Soon", false),
            (created, "soon", "soon", true),
            (reference, "/v2/Users/1", "/Users/1", true),
            (reference, "/v2/Users/1", "/v10/Users/1", true),
            (reference, "/v/Users/1", "/Users/1", false),
            (reference, "/V2/Users/1", "/Users/1", false),
            (reference, "/v2a/Users/1", "/Users/1", false),
            (schemas, "urn:example:A", "URN:EXAMPLE:a", true),
            (schemas, "urn:example:A", "urn:example:B", false),
        ] {
            assert_eq!(equal(attribute, &a.into(), &b.into()), is_equal, "{a} {b}");
            assert_eq!(text_hash(attribute, a, &seed) == text_hash(attribute, b, &seed), is_equal, "{a} {b}");
        }
    }

    /// The order counts only in a list that the schema does not have (D10).
    #[test]
    fn the_order_of_lists() {
        let seed = RandomState::new();
        let schema = json!({"id": "urn:example:A", "attributes": [{"name": "c", "type": "complex", "multiValued": true, "subAttributes": [
            {"name": "tags", "multiValued": true}, {"name": "maker"},
        ]}]});
        let schema = crate::schema::Schema::from_value(&schema).unwrap();
        let c = schema.attribute("c").unwrap();
        for (a, b, is_same) in [
            (json!({"tags": ["a", "b"]}), json!({"tags": ["b", "a"]}), true),
            (json!({"tags": ["a", "b"]}), json!({"tags": ["b", "b"]}), false),
            (json!({"maker": ["a", "b"]}), json!({"maker": ["b", "a"]}), false),
            (json!({"other": ["a", "b"]}), json!({"other": ["b", "a"]}), false),
            (json!({"maker": ["a", "b"], "tags": null}), json!({"maker": ["a", "b"], "tags": []}), true),
            (json!([{"maker": "a"}, {"maker": "b"}]), json!([{"maker": "b"}, {"maker": "a"}]), true),
            (json!([[1, 2], 3]), json!([3, [2, 1]]), false),
        ] {
            assert_eq!(same_written(c, &a, &b), is_same, "{a} {b}");
            assert_eq!(written_hash(c, &a, &seed) == written_hash(c, &b, &seed), is_same, "{a} {b}");
        }
        let tags = c.sub_attribute("tags").unwrap();
        assert!(!same_written(tags, &json!("a"), &json!(["a"])));
    }

    #[test]
    fn what_says_nothing_is_the_same() {
        for (a, b) in [(json!(null), json!([])), (json!({"a": null}), json!({})), (json!([null]), json!({"a": []}))] {
            assert_eq!(same_option(Some(&a), Some(&b)), is_unassigned(&a) && is_unassigned(&b), "{a} {b}");
            assert_eq!(same_option(Some(&a), None), is_unassigned(&a), "{a}");
            assert_eq!(same_option(None, Some(&b)), is_unassigned(&b), "{b}");
        }
        assert!(same_option(None, None));
    }

    /// A hash does not follow a document to any depth, and so differs only by what is not too deep.
    #[test]
    fn levels_that_do_not_count() {
        let seed = RandomState::new();
        let nested = |end: &str, levels: usize| (0..levels).fold(json!(end), |inner, _| json!([inner]));
        let hash = |end: &str, levels: usize| value_hash(&nested(end, levels), &seed);
        assert_eq!(hash("a", MAX_DEPTH), hash("b", MAX_DEPTH));
        assert_ne!(hash("a", MAX_DEPTH - 1), hash("b", MAX_DEPTH - 1));
    }

    /// Whether a hidden `value` is the stored one is not said, in whatever shape it is stored (P12a, F17).
    #[test]
    fn what_is_hidden_does_not_hold() {
        let subs = |hides: bool| json!([{"name": "value", "returned": if hides { "never" } else { "default" }}, {"name": "type"}]);
        let schema = |hides: bool| {
            let c = json!({"name": "c", "type": "complex", "multiValued": true, "subAttributes": subs(hides)});
            crate::schema::Schema::from_value(&json!({"id": "urn:example:A", "attributes": [c]})).unwrap()
        };
        let (shown, hidden) = (schema(false), schema(true));
        let (shown, hidden) = (shown.attribute("c").unwrap(), hidden.attribute("c").unwrap());
        for (stored, sent) in [(json!("a"), json!("a")), (json!({"value": "a"}), json!({"value": "A"}))] {
            assert!(holds(shown, Some(&stored), &sent), "{stored} {sent}");
            assert!(!holds(hidden, Some(&stored), &sent), "{stored} {sent}");
        }
        let stored = json!({"value": "a", "type": "work"});
        assert!(holds(hidden, Some(&stored), &json!({"type": "work", "value": null})));
        assert!(!holds(hidden, Some(&stored), &json!({"type": "home"})));
    }
}
