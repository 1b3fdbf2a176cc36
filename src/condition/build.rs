//! Makes a condition of a plan.

use super::{Condition, Target, ValueTest};
use crate::document::Key;
use crate::error::UnknownName;
use crate::filter::Matcher;
use crate::filter::compare::Comparison;
use crate::filter::evaluate::needs_a_value;
use crate::filter::node::{AnyElement, Check, Node, PathTest};
use crate::schema::{AttrRef, ResourceType, Schema};
use crate::syntax::CompareOp;

impl Matcher {
    /// The meaning of the filter, written out for whoever translates it.
    ///
    /// # Errors
    /// [`UnknownName`] if the filter names an attribute that no schema defines ([`ResourceType::any`]): whether that has one
    /// value or several is not known.
    pub fn condition(&self) -> Result<Condition, UnknownName> {
        Builder { resource_type: self.resource_type(), element: None }.node(&self.plan().root, false)
    }
}

type Built = Result<Condition, UnknownName>;

/// Builds conditions for the resource or, within brackets, for an element.
#[derive(Clone, Copy)]
struct Builder<'a> {
    resource_type: &'a ResourceType,
    /// The attribute of whose elements the condition is.
    element: Option<AttrRef<'a>>,
}

/// What the keys of a test lead to.
enum Place<'a> {
    Attribute(AttrRef<'a>),
    Extension(&'a Schema),
}

impl<'a> Builder<'a> {
    fn node(self, node: &Node, is_negated: bool) -> Built {
        let all = |terms: &[Node]| terms.iter().map(|term| self.node(term, is_negated)).collect::<Result<Vec<_>, _>>();
        match node {
            Node::And(terms) => Ok(joined(all(terms)?, !is_negated)),
            Node::Or(any) => Ok(joined(all(any.terms())?, is_negated)),
            Node::Not(inner) => self.node(inner, !is_negated),
            Node::Any(any) => self.element_of(any, is_negated),
            Node::Test(test) => self.test(test, is_negated),
        }
    }

    /// `attribute[…]`: some element of a list, or the single value, is there and satisfies the brackets.
    fn element_of(self, any: &AnyElement, is_negated: bool) -> Built {
        let Place::Attribute(attr) = self.place(&any.keys)? else { return Ok(Condition::Constant(is_negated)) };
        let inner = Self { element: Some(attr), ..self };
        let is_list = attr.leaf().multi_valued;
        let mut within = vec![inner.node(&any.node, is_negated && !is_list)?];
        if !needs_a_value(&any.node) {
            within.push(assigned(attr, is_negated && !is_list));
        }
        let within = joined(within, is_list || !is_negated);
        Ok(if is_list { exists(attr, within, is_negated) } else { within })
    }

    fn test(self, test: &PathTest, is_negated: bool) -> Built {
        let place = self.place(&test.keys)?;
        let attr = match (place, &test.check) {
            (Place::Attribute(attr), _) => attr,
            (Place::Extension(schema), check) => {
                let (is_present, is_none) = match check {
                    Check::Present(_) => (true, false),
                    Check::Unassigned(_) => (false, true),
                    _ => (false, false),
                };
                return Ok(extension_there(schema, is_present, is_negated != is_none));
            }
        };
        Ok(match &test.check {
            Check::Present(_) => self.there(attr, true, is_negated),
            Check::Assigned(_) => self.there(attr, false, is_negated),
            Check::Unassigned(_) => self.there(attr, false, !is_negated),
            Check::Some(comparison) => {
                self.some(attr, is_negated, |target| leaf(target, value_test(comparison), false))
            }
            Check::Differs(comparison) => {
                let differs = |target: Target| {
                    let is_there = leaf(target.clone(), ValueTest::Assigned, false);
                    Condition::all([is_there, leaf(target, value_test(comparison), true)])
                };
                match self.list_of(attr) {
                    // A single value differs, too, if it is not there.
                    None => leaf(Target::new(attr), value_test(comparison), !is_negated),
                    Some(_) => joined(
                        [
                            self.some(attr, is_negated, differs),
                            self.some(attr, !is_negated, |target| leaf(target, ValueTest::Assigned, false)),
                        ],
                        is_negated,
                    ),
                }
            }
            Check::Primary { comparison, is_ne } => self.primary(attr, comparison, *is_ne, is_negated),
            Check::Never => Condition::Constant(is_negated),
        })
    }

    /// A test of `primary`, whose absence means `false` (F15).
    fn primary(self, attr: AttrRef<'a>, comparison: &Comparison, is_ne: bool, is_negated: bool) -> Condition {
        let is_true = matches!(comparison, Comparison::Bool(true)) != is_ne;
        let is = |target: Target| leaf(target, ValueTest::Bool(true), !is_true);
        let owner = attr.whole();
        if self.element.is_some() || !owner.leaf().multi_valued {
            return leaf(Target::new(attr), ValueTest::Bool(true), is_true == is_negated);
        }
        let within = Condition::all([is(Target::new(attr)), assigned(owner, false)]);
        let some = exists(owner, within, is_negated);
        if !is_ne {
            return some;
        }
        joined([some, exists(owner, assigned(owner, false), !is_negated)], is_negated)
    }

    /// Some value of an attribute satisfies a condition.
    fn some(self, attr: AttrRef<'a>, is_negated: bool, condition: impl Fn(Target) -> Condition) -> Condition {
        let target = Target::new(attr);
        let Some(list) = self.list_of(attr) else { return negated(condition(target), is_negated) };
        let within = match attr.sub.filter(|sub| sub.multi_valued && attr.attribute.multi_valued) {
            // A list within an element.
            Some(_) if self.element.is_none() => exists(attr, condition(target), false),
            _ => condition(target),
        };
        exists(list, within, is_negated)
    }

    /// Whether anything of an attribute is there, or of a sub-attribute of some element.
    fn there(self, attr: AttrRef<'a>, is_present: bool, is_negated: bool) -> Condition {
        if self.element.is_none() && attr.sub.is_some() && attr.attribute.multi_valued {
            return exists(attr.whole(), there(attr, is_present, false), is_negated);
        }
        if self.element.is_some_and(|element| is_same(element, attr)) {
            return one_there(attr, is_present, is_negated);
        }
        there(attr, is_present, is_negated)
    }

    /// The list in which the values of an attribute are, seen from here.
    fn list_of(self, attr: AttrRef<'a>) -> Option<AttrRef<'a>> {
        let is_outer = self.element.is_none() && attr.attribute.multi_valued;
        let is_element_itself = self.element.is_some_and(|element| is_same(element, attr));
        if is_outer { Some(attr.whole()) } else { (!is_element_itself && attr.leaf().multi_valued).then_some(attr) }
    }

    fn place(self, keys: &[Key]) -> Result<Place<'a>, UnknownName> {
        let names: Vec<&str> = keys.iter().map(Key::name).collect();
        let unknown = || UnknownName::new(&names.join("."), "no schema defines it", None);
        if let Some(element) = self.element {
            return match names.as_slice() {
                [] => Ok(Place::Attribute(element)),
                [name] => match element.leaf().sub_attribute(name) {
                    Some(sub) => Ok(Place::Attribute(element.sub(sub))),
                    None if !element.leaf().is_complex() => Ok(Place::Attribute(element)),
                    None => Err(unknown()),
                },
                _ => Err(unknown()),
            };
        }
        let extension = names.first().and_then(|first| self.resource_type.extension(first));
        let names_left = names.get(usize::from(extension.is_some())..).unwrap_or_default();
        let attribute = |name: &str| match extension {
            Some(schema) => schema.attribute(name),
            None => self.resource_type.attribute(name),
        };
        match (names_left, extension) {
            ([], Some(schema)) => Ok(Place::Extension(schema)),
            ([name], _) => attribute(name).map(|it| Place::Attribute(AttrRef::new(extension, it))).ok_or_else(unknown),
            ([name, sub], _) => {
                let attr = AttrRef::new(extension, attribute(name).ok_or_else(unknown)?);
                match attr.attribute.sub_attribute(sub) {
                    Some(sub) => Ok(Place::Attribute(attr.sub(sub))),
                    None if !attr.attribute.is_complex() => Ok(Place::Attribute(attr)),
                    None => Err(unknown()),
                }
            }
            _ => Err(unknown()),
        }
    }
}

fn is_same(a: AttrRef<'_>, b: AttrRef<'_>) -> bool {
    std::ptr::eq(a.attribute, b.attribute) && std::ptr::eq(a.leaf(), b.leaf())
}

fn joined(conditions: impl IntoIterator<Item = Condition>, is_all: bool) -> Condition {
    if is_all { Condition::all(conditions) } else { Condition::any(conditions) }
}

fn leaf(target: Target, test: ValueTest, is_negated: bool) -> Condition {
    Condition::Test { target, test, is_negated }
}

fn exists(list: AttrRef<'_>, within: Condition, is_negated: bool) -> Condition {
    match within {
        Condition::Constant(false) => Condition::Constant(is_negated),
        within => Condition::Exists { list: Target::new(list), within: Box::new(within), is_negated },
    }
}

/// The opposite of a condition.
fn negated(condition: Condition, is_negated: bool) -> Condition {
    if !is_negated {
        return condition;
    }
    match condition {
        Condition::Constant(holds) => Condition::Constant(!holds),
        Condition::All(all) => Condition::any(all.into_iter().map(|one| negated(one, true))),
        Condition::Any(any) => Condition::all(any.into_iter().map(|one| negated(one, true))),
        Condition::Exists { list, within, is_negated } => Condition::Exists { list, within, is_negated: !is_negated },
        Condition::Test { target, test, is_negated } => Condition::Test { target, test, is_negated: !is_negated },
    }
}

#[cfg(feature = "sql")]
impl Condition {
    /// The condition that something of an extension is assigned, secrets included: then `schemas` has its URN. Of no other
    /// extension than those of the resource type is anything assigned.
    pub(crate) fn of_extension(resource_type: &ResourceType, urn: &str) -> Self {
        let Some(schema) = resource_type.extension(urn) else { return Self::Constant(false) };
        let attributes = schema.attributes.iter().map(|attribute| AttrRef::new(Some(schema), attribute));
        Self::any(attributes.map(|attr| any_assigned(attr, false)))
    }
}

/// [`there`] of an extension.
fn extension_there(schema: &Schema, is_present: bool, is_negated: bool) -> Condition {
    let visible = schema.attributes.iter().filter(|attribute| !attribute.is_never_returned());
    joined(visible.map(|attribute| there(AttrRef::new(Some(schema), attribute), is_present, is_negated)), is_negated)
}

/// Whether anything of an attribute is there: `pr` (`is_present`) or `ne null`, of what a client may see (F4, F13).
fn there(attr: AttrRef<'_>, is_present: bool, is_negated: bool) -> Condition {
    if attr.leaf().multi_valued {
        return exists(attr, one_there(attr, is_present, false), is_negated);
    }
    one_there(attr, is_present, is_negated)
}

/// [`there`] of a single value, or of an element of a list.
fn one_there(attr: AttrRef<'_>, is_present: bool, is_negated: bool) -> Condition {
    let leaf_attribute = attr.leaf();
    if !leaf_attribute.is_complex() {
        let test = if is_present { ValueTest::Present } else { ValueTest::Assigned };
        return leaf(Target::new(attr), test, is_negated);
    }
    let visible = leaf_attribute.sub_attributes.iter().filter(|sub| !sub.is_never_returned());
    joined(visible.map(|sub| there(attr.sub(sub), is_present, is_negated)), is_negated)
}

/// Whether a single value or an element is assigned: has anything, secrets included.
fn assigned(attr: AttrRef<'_>, is_negated: bool) -> Condition {
    let leaf_attribute = attr.leaf();
    if !leaf_attribute.is_complex() {
        return leaf(Target::new(attr), ValueTest::Assigned, is_negated);
    }
    joined(leaf_attribute.sub_attributes.iter().map(|sub| any_assigned(attr.sub(sub), is_negated)), is_negated)
}

/// [`assigned`] of a single value, or of some element of a list.
fn any_assigned(attr: AttrRef<'_>, is_negated: bool) -> Condition {
    if attr.leaf().multi_valued {
        return exists(attr, assigned(attr, false), is_negated);
    }
    assigned(attr, is_negated)
}

fn value_test(comparison: &Comparison) -> ValueTest {
    // `ne` is a negated `eq`.
    let plain = |op: CompareOp| if op == CompareOp::Ne { CompareOp::Eq } else { op };
    match comparison {
        Comparison::Text { op, literal, .. } => ValueTest::Text(plain(*op), literal.to_string()),
        Comparison::DateText { op, literal } => ValueTest::DateText(*op, literal.to_string()),
        Comparison::Bool(value) => ValueTest::Bool(*value),
        Comparison::Number { op, literal } => ValueTest::Number(plain(*op), literal.text()),
        Comparison::Instant { op, seconds, fraction, .. } => {
            ValueTest::Instant { op: plain(*op), seconds: *seconds, fraction: fraction.to_string() }
        }
    }
}
