//! A plan run over a document.

use super::compare::Comparison;
use super::plan::{AnyElement, Check, Node, PathTest};
use crate::document::{Document, Key, MAX_DEPTH, Shape, TooDeep, View};

/// Whether the plan holds of a document, or of one element inside brackets.
pub(crate) fn holds<D: Document>(node: &Node, document: &D) -> Result<bool, D::Error> {
    match node {
        Node::And(terms) => {
            for term in terms {
                if !holds(term, document)? {
                    return Ok(false);
                }
            }
            Ok(true)
        }
        Node::Or(terms) => {
            for term in terms {
                if holds(term, document)? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        Node::Not(inner) => Ok(!holds(inner, document)?),
        Node::Test(test) => test_holds(test, document),
        // An unassigned element is none (RFC 7643 §2.5): not even `ne` finds it.
        Node::Any(AnyElement { keys, node }) => {
            // Asked last, since it is nearly always so.
            any_value(document, keys, &mut |element| Ok(holds(node, element)? && is_assigned(element, 0)?))
        }
    }
}

fn test_holds<D: Document>(test: &PathTest, document: &D) -> Result<bool, D::Error> {
    let keys = &test.keys;
    match &test.check {
        Check::Never => Ok(false),
        Check::Present => any_value(document, keys, &mut |value| is_present(value, 0)),
        Check::Assigned => any_value(document, keys, &mut |value| is_assigned(value, 0)),
        Check::Unassigned => Ok(!any_value(document, keys, &mut |value| is_assigned(value, 0))?),
        Check::Some(comparison) => any_value(document, keys, &mut |value| Ok(comparison.holds(&value.view()?))),
        Check::Differs(comparison) => differs(document, keys, comparison),
    }
}

fn differs<D: Document>(document: &D, keys: &[Key], comparison: &Comparison) -> Result<bool, D::Error> {
    let mut some_value = false;
    let found = any_value(document, keys, &mut |value| {
        if !is_assigned(value, 0)? {
            return Ok(false);
        }
        some_value = true;
        Ok(!comparison.holds(&value.view()?))
    })?;
    Ok(found || !some_value)
}

/// Calls `f` with each value at the path until it says true. Arrays on the way and at its end stand for their elements.
fn any_value<D: Document>(
    document: &D,
    keys: &[Key],
    f: &mut dyn FnMut(&D) -> Result<bool, D::Error>,
) -> Result<bool, D::Error> {
    let Some((key, rest)) = keys.split_first() else {
        return match document.shape()? {
            Shape::Array => document.any_element(f),
            Shape::Null => Ok(false),
            Shape::Simple | Shape::Object => f(document),
        };
    };
    match document.shape()? {
        Shape::Object => match document.member(key)? {
            Some(value) => any_value(&value, rest, f),
            None => Ok(false),
        },
        Shape::Array => document.any_element(&mut |element| match element.shape()? {
            // An array within an array is a value that nothing equals, not a way on.
            Shape::Array => Ok(false),
            _ => any_value(element, keys, f),
        }),
        Shape::Simple if key.is_element_value && rest.is_empty() => f(document),
        Shape::Null | Shape::Simple => Ok(false),
    }
}

/// Whether a value is assigned: not `null`, not `[]`, not complex with nothing in it (RFC 7643 §2.5).
fn is_assigned<D: Document>(value: &D, depth: usize) -> Result<bool, D::Error> {
    if depth > MAX_DEPTH {
        return Err(TooDeep.into());
    }
    match value.shape()? {
        Shape::Null => Ok(false),
        Shape::Array => value.any_element(&mut |element| is_assigned(element, depth + 1)),
        Shape::Object => value.any_member(&mut |member| is_assigned(member, depth + 1)),
        Shape::Simple => Ok(true),
    }
}

/// Whether a value is present: assigned, and not only empty strings (F4).
fn is_present<D: Document>(value: &D, depth: usize) -> Result<bool, D::Error> {
    if depth > MAX_DEPTH {
        return Err(TooDeep.into());
    }
    match value.view()? {
        View::Null => Ok(false),
        View::String(text) => Ok(!text.is_empty()),
        View::Array => value.any_element(&mut |element| is_present(element, depth + 1)),
        View::Object => value.any_member(&mut |member| is_present(member, depth + 1)),
        _ => Ok(true),
    }
}
