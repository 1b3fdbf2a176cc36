//! Which elements of a list a request names, so that a host need not load the others.

use std::collections::HashSet;

use serde_json::Value;

use super::operation::{Op, Operation};
use super::program::says_nothing;
use super::request::Patch;
use super::steps::Steps;
use crate::coerce::UnknownMembers;
use crate::coerce::coercer::{Coercer, Source, is_primary};
use crate::coerce::refusal::Refusal;
use crate::coerce::same::Identity;
use crate::patch::resolve::Brackets;
use crate::schema::AttrRef;
use crate::schema::{AttrType, Attribute, Mutability, Resolved, ResourceType, Schema};
use crate::syntax::{CompareOp, Expr, Literal, Test, attr_path};

impl Patch {
    /// The `value`s of the elements of a multi-valued attribute of references (`members`) that the operations name. A host
    /// that loads only those patches a group of 100,000 by reading a few rows: on a resource whose list holds all its
    /// elements with one of these values, in their order, and no others, [`Patch::apply`] succeeds or fails as on the whole
    /// resource, and the outcome says the same about the attribute. (Limits on what is looked at aside, and if the stored
    /// elements have one string as their `value`, as RFC 7643 has it.)
    ///
    /// Empty if the operations do not touch the attribute. `None` if the whole list is needed: for `replace` of the
    /// attribute, `remove` without a filter, a filter on anything but `value`, an operation that makes an element
    /// `primary`, an element without a `value`; and for any operation on a readOnly or required attribute. `None` too for
    /// an attribute of another kind, or of an extension: load those whole.
    ///
    /// Look the values up as the attribute's `caseExact` says; for `members` that is exactly.
    ///
    /// ```
    /// use scim_engine::{Patch, ResourceType};
    /// use serde_json::json;
    /// let patch = Patch::parse(&json!({
    ///     "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
    ///     "Operations": [
    ///         {"op": "remove", "path": "members[value eq \"7002\"]"},
    ///         {"op": "add", "path": "members", "value": [{"value": "7009"}]},
    ///     ],
    /// }))?;
    /// let group = ResourceType::group();
    /// assert_eq!(patch.elements("members", &group), Some(vec!["7002".to_owned(), "7009".to_owned()]));
    ///
    /// // Of the many members only 7002 is there and named.
    /// let mut loaded = json!({"displayName": "Crew", "members": [{"value": "7002"}]});
    /// let outcome = patch.apply(&mut loaded, &group)?;
    /// assert_eq!(outcome.changes[0].removed, [json!({"value": "7002"})]);
    /// assert_eq!(outcome.changes[0].added, [json!({"value": "7009"})]);
    /// # Ok::<(), scim_engine::PatchError>(())
    /// ```
    pub fn elements(&self, attribute: &str, resource_type: &ResourceType) -> Option<Vec<String>> {
        let path = attr_path(attribute)?;
        let Some(Resolved::Attribute { extension: None, attribute, sub_attribute: None }) =
            resource_type.resolve(&path)
        else {
            return None;
        };
        let is_string = |value: &&Attribute| matches!(value.attr_type, AttrType::String | AttrType::Reference);
        let value = attribute.sub_attribute("value").filter(is_string)?;
        if !attribute.multi_valued || !attribute.is_reference_like() {
            return None;
        }
        let coercer = Coercer::new(resource_type, &self.options, Source::Patch);
        let mut named = Named { coercer, attribute, value, values: Vec::new(), known: HashSet::new() };
        for operation in &self.operations {
            match named.operation(operation) {
                Ok(()) => {}
                Err(Stop::NeedsAll) => return None,
                // Whatever the resource is, the request is refused here.
                Err(Stop::Refused) => break,
            }
        }
        Some(named.values)
    }
}

/// Why the operations need not be looked at any further.
enum Stop {
    NeedsAll,
    Refused,
}

impl From<Refusal> for Stop {
    fn from(_: Refusal) -> Self {
        Self::Refused
    }
}

/// The elements that were named so far.
struct Named<'a> {
    coercer: Coercer<'a>,
    attribute: &'a Attribute,
    /// Its `value` sub-attribute.
    value: &'a Attribute,
    values: Vec<String>,
    known: HashSet<String>,
}

impl<'a> Steps<'a> for Named<'a> {
    type Fault = Stop;

    fn coercer(&mut self) -> &mut Coercer<'a> {
        &mut self.coercer
    }

    fn attribute(
        &mut self,
        operation: &Operation,
        attr: AttrRef<'a>,
        brackets: Option<(Brackets, &Expr<'static>)>,
        value: &Value,
    ) -> Result<(), Stop> {
        let attribute = self.attribute;
        if !std::ptr::eq(attr.attribute, attribute) {
            return Ok(());
        }
        if attribute.required || attribute.mutability == Mutability::ReadOnly {
            return Err(Stop::NeedsAll);
        }
        let Some((_, filter)) = brackets else { return self.listed(operation, attr, value) };
        // What becomes primary takes that from the one that was.
        if operation.op != Op::Remove && attribute.sub_attribute("primary").is_some() {
            return Err(Stop::NeedsAll);
        }
        let values = self.chosen(filter).ok_or(Stop::NeedsAll)?;
        values.into_iter().for_each(|value| self.name(value));
        Ok(())
    }

    fn clear_extension(&mut self, _: &'a Schema) -> Result<(), Stop> {
        Ok(())
    }

    fn unknown_member(&mut self, _: &str, _: &Value, _: Option<&'a Schema>) -> Result<(), Stop> {
        if self.coercer.options.unknown == UnknownMembers::Reject { Err(Stop::Refused) } else { Ok(()) }
    }
}

impl<'a> Named<'a> {
    fn name(&mut self, value: String) {
        if self.known.insert(value.clone()) {
            self.values.push(value);
        }
    }

    /// An operation on the attribute as a whole: what it lists is named.
    fn listed(&mut self, operation: &Operation, attr: AttrRef<'a>, value: &Value) -> Result<(), Stop> {
        let is_removal = operation.op == Op::Remove;
        if attr.sub.is_some() || operation.op == Op::Replace || (is_removal && value.is_null()) {
            return Err(Stop::NeedsAll);
        }
        if is_removal && !operation.from_member && !self.coercer.options.tolerance.remove_by_value {
            return Err(Stop::Refused);
        }
        self.coercer.source = if is_removal { Source::Removal } else { Source::Patch };
        let elements = self.coercer.elements(attr, value);
        self.coercer.source = Source::Patch;
        let elements = elements?;
        if elements.is_empty() && !is_removal && !says_nothing(value) {
            return Err(Stop::NeedsAll);
        }
        let identity = Identity::of(self.attribute);
        for element in &elements {
            let becomes_primary =
                !is_removal && is_primary(element) && self.attribute.sub_attribute("primary").is_some();
            match identity.key(element) {
                Some(Value::String(value)) if !becomes_primary => self.name(value.clone()),
                _ => return Err(Stop::NeedsAll),
            }
        }
        Ok(())
    }

    /// The values that a filter asks for; none if elements with other values may match.
    fn chosen(&self, expr: &Expr<'_>) -> Option<Vec<String>> {
        match expr {
            Expr::Or(terms) => {
                terms.iter().map(|term| self.chosen(term)).collect::<Option<Vec<_>>>().map(|values| values.concat())
            }
            Expr::And(terms) => terms.iter().filter_map(|term| self.chosen(term)).min_by_key(Vec::len),
            Expr::Attr(exp) if exp.path.sub_attribute().is_none() && exp.path.uri().is_none() => {
                let Test::Compare { op: CompareOp::Eq, value: Literal::String(text), .. } = &exp.test else {
                    return None;
                };
                let is_value = exp.path.name().eq_ignore_ascii_case(&self.value.name);
                is_value.then(|| vec![text.clone().into_owned()])
            }
            _ => None,
        }
    }
}
