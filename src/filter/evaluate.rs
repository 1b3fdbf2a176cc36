//! Evaluates a plan on a document.

use super::compare::{Comparison, Holds};
use super::node::{AnyElement, Check, Node, OrCheck, PathTest};
use crate::document::{Document, DocumentError, Key, MAX_DEPTH, ValueKind, View};
use crate::schema::Decision;

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
    at_path(document, &any.keys, seen, &mut |end| any_value(end, 0, &mut |element| element_holds(any, element)))
}

/// Whether one element of the attribute satisfies the filter in the brackets.
#[inline]
pub(super) fn element_holds<D: Document>(any: &AnyElement, element: &D) -> Result<bool, D::Error> {
    // An unassigned element does not exist (RFC 7643 §2.5): not even `ne` matches it. `is_assigned` is called last,
    // because nearly all elements are assigned.
    Ok(holds(&any.node, element)? && (needs_a_value(&any.node) || is_assigned(element, 0)?))
}

/// Whether a node can only hold for an element that is assigned.
pub(crate) fn needs_a_value(node: &Node) -> bool {
    match node {
        Node::And(terms) => terms.iter().any(needs_a_value),
        Node::Test(test) => matches!(test.check, Check::Some(_) | Check::Present(_) | Check::Assigned(_)),
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
            None => other_holds(end, comparison, 0),
        }
    })
}

#[inline(never)]
fn other_holds<D: Document>(value: &D, comparison: &impl Holds, depth: usize) -> Result<bool, D::Error> {
    match value.view()? {
        View::Array if depth > MAX_DEPTH => Err(DocumentError::TooDeep.into()),
        View::Array => value.any_element(&mut |element| other_holds(element, comparison, depth + 1)),
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
        Check::Present(visible) => at_path(document, keys, seen, &mut |end| shows(end, visible, true, 0)),
        Check::Assigned(visible) => at_path(document, keys, seen, &mut |end| shows(end, visible, false, 0)),
        Check::Unassigned(visible) => Ok(!at_path(document, keys, seen, &mut |end| shows(end, visible, false, 0))?),
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
            let found = at_path(document, keys, seen, &mut |end| any_value(end, 0, &mut holds))?;
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
            SeenMember::Read(None) | SeenMember::Unread => return elsewhere(document, key, rest, 0, f),
        }
    }
    let mut held;
    while let [key, rest @ ..] = keys {
        let Some(value) = here.member(key)? else { return elsewhere(here, key, rest, 0, f) };
        held = value;
        (here, keys) = (&held, rest);
    }
    f(here)
}

/// Continues where the document is not an object with the member `key`: an array stands for its elements, and a simple
/// value for its own member `value`. `depth` is the number of arrays round the document.
#[inline(never)]
fn elsewhere<D: Document>(
    document: &D,
    key: &Key,
    rest: &[Key],
    depth: usize,
    f: &mut impl FnMut(&D) -> Result<bool, D::Error>,
) -> Result<bool, D::Error> {
    match document.kind()? {
        ValueKind::Array if depth > MAX_DEPTH => Err(DocumentError::TooDeep.into()),
        ValueKind::Array => document.any_element(&mut |element| match element.member(key)? {
            Some(value) => at_path(&value, rest, None, f),
            None => elsewhere(element, key, rest, depth + 1, f),
        }),
        ValueKind::Simple if key.is_element_value && rest.is_empty() => f(document),
        ValueKind::Null | ValueKind::Simple | ValueKind::Object => Ok(false),
    }
}

/// Calls `f` with each of the values that a value stands for, until it returns true: an array stands for its elements, also
/// if it is itself an element (D5).
pub(super) fn any_value<D: Document>(
    value: &D,
    depth: usize,
    f: &mut dyn FnMut(&D) -> Result<bool, D::Error>,
) -> Result<bool, D::Error> {
    match value.kind()? {
        ValueKind::Array if depth > MAX_DEPTH => Err(DocumentError::TooDeep.into()),
        ValueKind::Array => value.any_element(&mut |element| any_value(element, depth + 1, f)),
        _ => f(value),
    }
}

/// Whether the `primary` of an element satisfies the comparison; an absent `primary` counts as false (F15). `None` if
/// the element is unassigned.
fn is_primary<D: Document>(element: &D, key: &Key, comparison: &Comparison) -> Result<Option<bool>, D::Error> {
    if let Some(value) = element.member(key)?
        && is_assigned(&value, 0)?
    {
        return other_holds(&value, comparison, 0).map(Some);
    }
    Ok(is_assigned(element, 0)?.then(|| comparison.holds(&View::Bool(false))))
}

/// Whether the value or one of its elements differs from the literal. Sets `some_value` if the value or an element is
/// assigned.
fn some_differs<D: Document>(end: &D, comparison: &Comparison, some_value: &mut bool) -> Result<bool, D::Error> {
    any_value(end, 0, &mut |value| {
        if !is_assigned(value, 0)? {
            return Ok(false);
        }
        *some_value = true;
        Ok(!comparison.holds(&value.view()?))
    })
}

/// Whether a value is assigned: not `null`, not `[]`, not a complex value whose parts are all unassigned (RFC 7643 §2.5).
pub(crate) fn is_assigned<D: Document>(value: &D, depth: usize) -> Result<bool, D::Error> {
    if depth > MAX_DEPTH {
        return Err(DocumentError::TooDeep.into());
    }
    match value.kind()? {
        ValueKind::Null => Ok(false),
        ValueKind::Array => value.any_element(&mut |element| is_assigned(element, depth + 1)),
        ValueKind::Object => value.any_member(&mut |_, member| is_assigned(member, depth + 1)),
        ValueKind::Simple => Ok(true),
    }
}

/// Whether what is visible of a value is assigned or, for `is_present`, present: assigned, and not made of empty strings
/// alone (F4). Secrets are not visible (F13).
fn shows<D: Document>(value: &D, visible: &Decision, is_present: bool, depth: usize) -> Result<bool, D::Error> {
    if *visible == Decision::Drop {
        return Ok(false);
    }
    if depth > MAX_DEPTH {
        return Err(DocumentError::TooDeep.into());
    }
    match value.kind()? {
        ValueKind::Null => Ok(false),
        ValueKind::Array => value.any_element(&mut |element| shows(element, visible, is_present, depth + 1)),
        ValueKind::Object => {
            value.any_member(&mut |name, member| shows(member, visible.of_member(name), is_present, depth + 1))
        }
        ValueKind::Simple if is_present && value.text()?.is_some_and(|text| text.is_empty()) => Ok(false),
        ValueKind::Simple => Ok(visible.keeps_simple()),
    }
}
