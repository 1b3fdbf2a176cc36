//! Evaluates a plan on a document.

use super::compare::{Comparison, Holds};
use super::node::{AnyElement, Check, Node, OrCheck, PathTest};
use crate::document::{Document, DocumentError, Key, MAX_DEPTH, ValueKind, View};

/// Whether the plan holds for a document, or for one element inside brackets.
#[inline]
pub(crate) fn holds<D: Document>(node: &Node, document: &D) -> Result<bool, D::Error> {
    match node {
        // Most filters are a single test. It reads no member twice, so no members need to be remembered.
        Node::Test(test) => test_holds(test, document, None),
        Node::Any(any) => some_element(any, document, None),
        _ => term_holds(node, document, &mut Seen::default()),
    }
}

/// The members of the document that more than one test reads, by [`Key::slot`]. Each of them is looked up only once.
pub(super) struct Seen<D>([SeenMember<D>; Key::SLOTS]);

enum SeenMember<D> {
    Unread,
    Read(Option<D>),
}

impl<D> Default for Seen<D> {
    fn default() -> Self {
        Self([const { SeenMember::Unread }; Key::SLOTS])
    }
}

fn term_holds<D: Document>(node: &Node, document: &D, seen: &mut Seen<D>) -> Result<bool, D::Error> {
    let mut holds = |term: &Node| match term {
        // A test is evaluated directly, which saves a recursive call for each test.
        Node::Test(test) => test_holds(test, document, Some(seen)),
        _ => term_holds(term, document, seen),
    };
    match node {
        Node::And(terms) => {
            for term in terms {
                if !holds(term)? {
                    return Ok(false);
                }
            }
            Ok(true)
        }
        Node::Or(any) => {
            for check in any.checks() {
                let holds = match check {
                    OrCheck::Single(Node::Test(test)) => test_holds(test, document, Some(seen)),
                    OrCheck::Single(term) => term_holds(term, document, seen),
                    OrCheck::Set(test, literals) => comparison_holds(document, &test.keys, literals, Some(seen)),
                };
                if holds? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        Node::Not(inner) => Ok(!holds(inner)?),
        Node::Test(test) => test_holds(test, document, Some(seen)),
        Node::Any(any) => some_element(any, document, Some(seen)),
    }
}

#[inline(never)]
fn some_element<D: Document>(any: &AnyElement, document: &D, seen: Option<&mut Seen<D>>) -> Result<bool, D::Error> {
    at_path(document, &any.keys, seen, &mut |end| match end.kind()? {
        ValueKind::Array => end.any_element(&mut |element| element_holds(any, element)),
        ValueKind::Null => Ok(false),
        ValueKind::Simple | ValueKind::Object => element_holds(any, end),
    })
}

/// Whether one element of the attribute satisfies the filter in the brackets.
#[inline]
pub(super) fn element_holds<D: Document>(any: &AnyElement, element: &D) -> Result<bool, D::Error> {
    // An unassigned element does not exist (RFC 7643 §2.5): not even `ne` matches it. `is_assigned` is called last,
    // because nearly all elements are assigned.
    Ok(holds(&any.node, element)? && (needs_a_value(&any.node) || is_assigned(element, 0)?))
}

/// Whether a node can only hold for an element that is assigned.
fn needs_a_value(node: &Node) -> bool {
    match node {
        Node::And(terms) => terms.iter().any(needs_a_value),
        Node::Test(test) => matches!(test.check, Check::Some(_) | Check::Present | Check::Assigned),
        Node::Or(_) | Node::Not(_) | Node::Any(_) => false,
    }
}

#[inline]
pub(super) fn test_holds<D: Document>(
    test: &PathTest,
    document: &D,
    seen: Option<&mut Seen<D>>,
) -> Result<bool, D::Error> {
    match &test.check {
        Check::Some(comparison) => comparison_holds(document, &test.keys, comparison, seen),
        check => check_holds(document, &test.keys, check, seen),
    }
}

#[inline(never)]
fn comparison_holds<D: Document>(
    document: &D,
    keys: &[Key],
    comparison: &impl Holds,
    seen: Option<&mut Seen<D>>,
) -> Result<bool, D::Error> {
    at_path(document, keys, seen, &mut |end| {
        // Nearly all comparisons are of texts, for which `text` is faster than `view`.
        match end.text()? {
            Some(text) => Ok(comparison.holds_of_text(&text)),
            None => other_holds(end, comparison),
        }
    })
}

#[inline(never)]
fn other_holds<D: Document>(end: &D, comparison: &impl Holds) -> Result<bool, D::Error> {
    match end.view()? {
        View::Array => end.any_element(&mut |value| Ok(comparison.holds(&value.view()?))),
        view => Ok(comparison.holds(&view)),
    }
}

#[inline(never)]
fn check_holds<D: Document>(
    document: &D,
    keys: &[Key],
    check: &Check,
    seen: Option<&mut Seen<D>>,
) -> Result<bool, D::Error> {
    match check {
        Check::Present => at_path(document, keys, seen, &mut |end| match end.kind()? {
            ValueKind::Array => end.any_element(&mut |value| is_present(value, 0)),
            _ => is_present(end, 0),
        }),
        Check::Assigned => at_path(document, keys, seen, &mut some_assigned),
        Check::Unassigned => Ok(!at_path(document, keys, seen, &mut some_assigned)?),
        Check::Differs(comparison) => {
            let mut some_value = false;
            let found = at_path(document, keys, seen, &mut |end| some_differs(end, comparison, &mut some_value))?;
            Ok(found || !some_value)
        }
        Check::Some(comparison) => comparison_holds(document, keys, comparison, seen),
        Check::Primary { comparison, is_ne } => {
            let Some((primary, keys)) = keys.split_last() else {
                debug_assert!(false, "the last key is that of `primary`");
                return Ok(false);
            };
            let mut some_element = false;
            let mut holds = |element: &D| {
                let Some(is_primary) = is_primary(element, primary, comparison)? else { return Ok(false) };
                some_element = true;
                Ok(is_primary != *is_ne)
            };
            let found = at_path(document, keys, seen, &mut |end| match end.kind()? {
                ValueKind::Array => end.any_element(&mut holds),
                _ => holds(end),
            })?;
            Ok(found || (*is_ne && !some_element))
        }
        Check::Never => Ok(false),
    }
}

/// Calls `f` with each value at the path, until it returns true. An array within the path stands for its elements:
/// `emails.value` leads to the `value` of each email.
#[inline]
pub(super) fn at_path<D: Document>(
    document: &D,
    keys: &[Key],
    seen: Option<&mut Seen<D>>,
    f: &mut impl FnMut(&D) -> Result<bool, D::Error>,
) -> Result<bool, D::Error> {
    let (mut here, mut keys) = (document, keys);
    if let (Some(Seen(slots)), [key, rest @ ..]) = (seen, keys)
        && let Some(slot) = slots.get_mut(key.slot())
    {
        if matches!(slot, SeenMember::Unread) {
            *slot = SeenMember::Read(document.member(key)?);
        }
        match slot {
            SeenMember::Read(Some(value)) => (here, keys) = (value, rest),
            SeenMember::Read(None) | SeenMember::Unread => return elsewhere(document, key, rest, f),
        }
    }
    let mut held;
    while let [key, rest @ ..] = keys {
        let Some(value) = here.member(key)? else { return elsewhere(here, key, rest, f) };
        held = value;
        (here, keys) = (&held, rest);
    }
    f(here)
}

/// Continues where the document is not an object with the member `key`: an array stands for its elements, and a simple
/// value for its own member `value`.
#[inline(never)]
fn elsewhere<D: Document>(
    document: &D,
    key: &Key,
    rest: &[Key],
    f: &mut impl FnMut(&D) -> Result<bool, D::Error>,
) -> Result<bool, D::Error> {
    match document.kind()? {
        ValueKind::Array => document.any_element(&mut |element| match (element.member(key)?, element.kind()?) {
            (Some(value), _) => at_path(&value, rest, None, f),
            // An array within an array is not searched: it is a value that equals nothing.
            (None, ValueKind::Simple) if key.is_element_value && rest.is_empty() => f(element),
            (None, _) => Ok(false),
        }),
        ValueKind::Simple if key.is_element_value && rest.is_empty() => f(document),
        ValueKind::Null | ValueKind::Simple | ValueKind::Object => Ok(false),
    }
}

/// Whether the `primary` of an element satisfies the comparison; an absent `primary` counts as false (F15). `None` if
/// the element is unassigned.
fn is_primary<D: Document>(element: &D, key: &Key, comparison: &Comparison) -> Result<Option<bool>, D::Error> {
    if let Some(value) = element.member(key)?
        && is_assigned(&value, 0)?
    {
        return other_holds(&value, comparison).map(Some);
    }
    Ok(is_assigned(element, 0)?.then(|| comparison.holds(&View::Bool(false))))
}

fn some_assigned<D: Document>(end: &D) -> Result<bool, D::Error> {
    match end.kind()? {
        ValueKind::Array => end.any_element(&mut |value| is_assigned(value, 0)),
        _ => is_assigned(end, 0),
    }
}

/// Whether the value or one of its elements differs from the literal. Sets `some_value` if the value or an element is
/// assigned.
fn some_differs<D: Document>(end: &D, comparison: &Comparison, some_value: &mut bool) -> Result<bool, D::Error> {
    let mut differs = |value: &D| {
        if !is_assigned(value, 0)? {
            return Ok(false);
        }
        *some_value = true;
        Ok(!comparison.holds(&value.view()?))
    };
    match end.kind()? {
        ValueKind::Array => end.any_element(&mut differs),
        _ => differs(end),
    }
}

/// Whether a value is assigned: not `null`, not `[]`, not a complex value whose parts are all unassigned (RFC 7643 §2.5).
fn is_assigned<D: Document>(value: &D, depth: usize) -> Result<bool, D::Error> {
    if depth > MAX_DEPTH {
        return Err(DocumentError::TooDeep.into());
    }
    match value.kind()? {
        ValueKind::Null => Ok(false),
        ValueKind::Array => value.any_element(&mut |element| is_assigned(element, depth + 1)),
        ValueKind::Object => value.any_member(&mut |member| is_assigned(member, depth + 1)),
        ValueKind::Simple => Ok(true),
    }
}

/// Whether a value is present: assigned, and not made of empty strings alone (F4).
fn is_present<D: Document>(value: &D, depth: usize) -> Result<bool, D::Error> {
    if depth > MAX_DEPTH {
        return Err(DocumentError::TooDeep.into());
    }
    match value.view()? {
        View::Null => Ok(false),
        View::String(text) => Ok(!text.is_empty()),
        View::Array => value.any_element(&mut |element| is_present(element, depth + 1)),
        View::Object => value.any_member(&mut |member| is_present(member, depth + 1)),
        _ => Ok(true),
    }
}
