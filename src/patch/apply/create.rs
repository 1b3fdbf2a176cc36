//! What an operation creates if its brackets match nothing (P8).

use serde_json::{Map, Value};

use super::transaction::Transaction;
use crate::coerce::coercer::Coercer;
use crate::coerce::equality::same_value;
use crate::coerce::members::{member, set_member};
use crate::coerce::refusal::Refusal;
use crate::error::ScimType;
use crate::patch::operation::Op;
use crate::patch::resolve::ElementFilter;
use crate::patch::store::Store;
use crate::schema::{AttrRef, Mutability};

impl<'a, S: Store> Transaction<'a, '_, S> {
    /// Whether an operation creates an element if its brackets match none (P8): `add` does; `replace` does only with the
    /// tolerance `replace_creates`.
    pub(super) fn creates(&self, op: Op) -> bool {
        op == Op::Add || self.options().tolerance.replace_creates
    }

    /// Reports that a `replace` creates an element.
    pub(super) fn report_created(&mut self, op: Op, attr: AttrRef<'a>) {
        if op == Op::Replace {
            self.coercer.report(attr, "replace_creates", "nothing matched the filter: the value was added");
        }
    }
}

/// Refuses readOnly members of a new element. If the tolerance `read_only_members` drops such members, the coercion has
/// removed them already (P12).
pub(super) fn check_new(attr: AttrRef<'_>, element: &Value) -> Result<(), Refusal> {
    let Value::Object(members) = element else { return Ok(()) };
    let mut read_only = attr.attribute.sub_attributes.iter().filter(|sub| sub.mutability == Mutability::ReadOnly);
    match read_only.find(|sub| member(members, &sub.name).is_some()) {
        Some(sub) => Err(Refusal::read_only(attr.whole().sub(sub))),
        None => Ok(()),
    }
}

/// The element that a filter of equalities describes, completed by the given value (P8).
pub(super) fn made_from<'a>(
    coercer: &mut Coercer<'a>,
    attr: AttrRef<'a>,
    filter: &ElementFilter<'a>,
    given: Option<Value>,
) -> Result<Value, Refusal> {
    let no_target = |message: &str| Err(Refusal::new(ScimType::NoTarget, attr, message));
    if !filter.only_equalities() {
        return no_target("no element matches the filter in the path, and none can be made from it");
    }
    let mut template = Map::new();
    for (sub, literal) in filter.equalities() {
        let Some(sub) = sub else { continue };
        let is_given_twice = member(&template, &sub.name).is_some_and(|other| !same_value(other, literal));
        if sub.mutability == Mutability::ReadOnly || is_given_twice {
            return no_target("no element matches the filter in the path, and none can be made from it");
        }
        // The client also chooses the literals of the filter, so they are checked like any other value.
        let Some(value) = coercer.simple(attr.whole().sub(sub), literal)? else { continue };
        let value = if sub.multi_valued { Value::Array(vec![value]) } else { value };
        template.insert(sub.name.clone(), value);
    }
    let element = match given {
        Some(Value::Object(given)) => {
            for (name, value) in given {
                set_member(&mut template, &name, value);
            }
            Value::Object(template)
        }
        Some(simple) => simple,
        None if template.is_empty() => return no_target("there is nothing to make an element from"),
        None => Value::Object(template),
    };
    if !filter.matches(&element) {
        return no_target("no element matches the filter in the path, and the value contradicts it");
    }
    Ok(element)
}
