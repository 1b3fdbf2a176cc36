//! Finds the elements of a list that a request names, so that the host need not load the others.

use std::collections::HashSet;

use serde_json::Value;

use super::operation::{Op, Operation};
use super::program::{Action, OnAttribute, OperandOf};
use super::request::Patch;
use crate::coerce::coercer::{Coercer, is_primary};
use crate::coerce::identity::Identity;
use crate::coerce::request::RequestKind;
use crate::error::UnknownName;
use crate::schema::{AttrRef, AttrType, Attribute, Mutability, ResourceType};

impl Patch {
    /// The `value`s of the elements that the operations name, in a multi-valued attribute of references such as `members`.
    /// A host can load only the stored elements with these values, in their stored order, and so patch a group of 100,000
    /// by reading a few rows. [`Patch::apply`] then succeeds or fails as on the whole resource, and reports the same
    /// changes of the attribute. This holds if each stored element has one string as its `value`, as RFC 7643 requires.
    /// There is one exception: the whole list may exceed a limit that the loaded part does not exceed.
    ///
    /// The result is an empty list if the operations do not touch the attribute. It is `None` if the host must load the
    /// whole list: for a `replace` of the attribute, a `remove` with neither a filter nor a `value`, a filter on anything
    /// but `value`, an operation that may make an element `primary`, an element without a `value`, and any operation on a
    /// readOnly or required attribute. The result is also `None` for an attribute of an extension, and for an attribute
    /// that is not a multi-valued attribute of references.
    ///
    /// The host must compare the values as the attribute's `caseExact` demands; for `members`, that is an exact comparison.
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
    /// assert_eq!(patch.elements("members", &group), Ok(Some(vec!["7002".to_owned(), "7009".to_owned()])));
    /// assert!(patch.elements("membres", &group).is_err());
    ///
    /// // Of the many members only 7002 is there and named.
    /// let mut loaded = json!({"displayName": "Crew", "members": [{"value": "7002"}]});
    /// let outcome = patch.apply(&mut loaded, &group)?;
    /// assert_eq!(outcome.changes[0].removed, [json!({"value": "7002"})]);
    /// assert_eq!(outcome.changes[0].added, [json!({"value": "7009"})]);
    /// # Ok::<(), scim_engine::PatchError>(())
    /// ```
    ///
    /// # Errors
    /// [`UnknownName`] if the resource type has no such attribute.
    pub fn elements(&self, attribute: &str, resource_type: &ResourceType) -> Result<Option<Vec<String>>, UnknownName> {
        let attr = resource_type.look_up_own_attribute(attribute)?;
        Ok(self.elements_of(attr, resource_type))
    }

    #[expect(clippy::indexing_slicing, reason = "the steps of a request name its own operations")]
    fn elements_of(&self, attr: AttrRef<'_>, resource_type: &ResourceType) -> Option<Vec<String>> {
        let AttrRef { extension: None, attribute, sub: None } = attr else { return None };
        let is_string = |value: &&Attribute| matches!(value.attr_type, AttrType::String | AttrType::Reference);
        attribute.sub_attribute("value").filter(is_string)?;
        if !attribute.multi_valued || !attribute.is_reference_like() {
            return None;
        }
        let program = self.memo.program(&self.operations, &self.options, resource_type);
        let mut named = NamedValues { attribute, values: Vec::new(), known: HashSet::new() };
        for step in &program.get().steps {
            let operation = &self.operations[step.operation];
            let on = match &step.action {
                // The request is refused at this step, whatever the resource is.
                Action::Refuse(_) => break,
                Action::Attribute(on) => on,
                Action::ClearExtension(_) | Action::Keep { .. } => continue,
            };
            let is_it = std::ptr::eq(on.attr.find(resource_type).attribute, attribute);
            if !is_it {
                continue;
            }
            let mut coercer = Coercer::new(resource_type, &self.options, RequestKind::Patch);
            match named.operation(operation, on, &mut coercer, resource_type) {
                Ok(()) => {}
                Err(StopReason::NeedsAll) => return None,
                Err(StopReason::Refused) => break,
            }
        }
        Some(named.values)
    }
}

/// The reason to stop reading the operations.
enum StopReason {
    /// The host must load the whole list.
    NeedsAll,
    /// The request is refused at this operation, so the later operations name nothing.
    Refused,
}

/// The `value`s of the elements that operations have named so far.
struct NamedValues<'a> {
    attribute: &'a Attribute,
    values: Vec<String>,
    known: HashSet<String>,
}

impl NamedValues<'_> {
    fn name(&mut self, value: &str) {
        if self.known.insert(value.to_owned()) {
            self.values.push(value.to_owned());
        }
    }

    /// Notes the `value` of an element.
    fn element(&mut self, element: &Value) -> Result<(), StopReason> {
        match Identity::of(self.attribute).key(element) {
            Some(Value::String(value)) => {
                self.name(value);
                Ok(())
            }
            _ => Err(StopReason::NeedsAll),
        }
    }

    fn operation<'p>(
        &mut self,
        operation: &'p Operation,
        on: &'p OnAttribute,
        coercer: &mut Coercer<'p>,
        resource_type: &'p ResourceType,
    ) -> Result<(), StopReason> {
        if self.attribute.required || self.attribute.mutability == Mutability::ReadOnly {
            return Err(StopReason::NeedsAll);
        }
        let attr = on.attr.find(resource_type);
        let value = OperandOf { operation, on };
        let has_primary = self.attribute.sub_attribute("primary").is_some();
        let Some(brackets) = &on.brackets else {
            // An operation on the attribute as a whole names the elements in its value.
            if attr.sub.is_some() || on.op == Op::Replace || (on.op == Op::Remove && on.operand.is_null) {
                return Err(StopReason::NeedsAll);
            }
            let (elements, _) = value.elements(coercer, attr).map_err(|_| StopReason::Refused)?;
            return elements.iter().try_for_each(|element| {
                if on.op != Op::Remove && has_primary && is_primary(element) {
                    return Err(StopReason::NeedsAll);
                }
                self.element(element)
            });
        };
        // A new primary element takes `primary` from the old primary element, which may not be loaded.
        if on.op != Op::Remove && has_primary {
            return Err(StopReason::NeedsAll);
        }
        let values = brackets.values.as_ref().ok_or(StopReason::NeedsAll)?;
        values.iter().for_each(|value| self.name(value));
        // A changed element may get the identity of another element, which must then be loaded, too.
        match attr.sub {
            _ if on.op == Op::Remove => Ok(()),
            Some(sub) if sub.name.eq_ignore_ascii_case("value") => Err(StopReason::NeedsAll),
            Some(_) => Ok(()),
            None => match value.one(coercer, attr).map_err(|_| StopReason::Refused)? {
                Some(element) if Identity::of(self.attribute).key(&element).is_some() => self.element(&element),
                _ => Ok(()),
            },
        }
    }
}
