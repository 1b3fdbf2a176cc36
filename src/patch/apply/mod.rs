//! Applies operations to a resource in their order: either all of them, or none (P2).

mod create;
mod extensions;
mod read_only;
mod remove;
mod schemas;
mod sent;
mod transaction;
mod twins;
mod write_list;
mod write_single;

use std::rc::Rc;

use serde_json::Value;

use self::extensions::{Extensions, has};
use self::transaction::{Applied, Kept, KeptMember, Transaction, refuse, too_deep};
use super::attribute::items::Budget;
use super::attribute::lookup_texts::LookupTexts;
use super::attribute::{HeldAt, HeldAttributes};
use super::error::PatchError;
use super::operation::{Op, Operation};
use super::program::{Action, OnAttribute, OperandOf, Step};
use super::request::Patch;
use super::resolve::ElementFilter;
use super::store::{StepFailure, Store};
use super::value_store::ValueStore;
use crate::coerce::Outcome;
use crate::coerce::coercer::Coercer;
use crate::coerce::edit::immutable;
use crate::coerce::equality::same_option;
use crate::coerce::refusal::Refusal;
use crate::coerce::request::{NamedIn, RequestKind};
use crate::error::ScimType;
use crate::json::is_within_depth;
use crate::schema::{AttrRef, Mutability, ResourceType, Schema};

/// A PATCH that failed: it was refused, or the representation had an error.
pub(crate) enum PatchFailure<E> {
    Refused(PatchError),
    Store(E),
}

impl Patch {
    /// Changes a resource by the operations, in their order. If one of them is refused, none is applied.
    ///
    /// # Errors
    /// [`PatchError`], which names the operation and the path. The resource is then unchanged, byte for byte.
    pub fn apply(&self, resource: &mut Value, resource_type: &ResourceType) -> Result<Outcome, PatchError> {
        let Value::Object(root) = resource else {
            return Err(PatchError::envelope("expected the resource to be an object"));
        };
        let mut store = ValueStore::new(root);
        match self.apply_to(&mut store, resource_type) {
            Ok(outcome) => Ok(outcome),
            Err(PatchFailure::Refused(error)) => Err(error),
            Err(PatchFailure::Store(never)) => match never {},
        }
    }

    /// As [`Patch::apply`], for a resource in any representation.
    #[expect(clippy::indexing_slicing, reason = "the steps of a request name its own operations")]
    pub(crate) fn apply_to<S: Store>(
        &self,
        store: &mut S,
        resource_type: &ResourceType,
    ) -> Result<Outcome, PatchFailure<S::Error>> {
        let program = self.memo.program(&self.operations, &self.options, resource_type);
        let program = program.get();
        let mut transaction = Transaction {
            store,
            coercer: Coercer::new(resource_type, &self.options, RequestKind::Patch),
            held: HeldAttributes::default(),
            kept: Kept::default(),
            extensions: Extensions::default(),
            lookup_texts: Rc::new(LookupTexts::new(&self.operations)),
            budget: Budget::default(),
            index: 0,
        };
        transaction.coercer.repairs.clone_from(&self.repairs);
        let mut result = Ok(());
        for step in &program.steps {
            let operation = &self.operations[step.operation];
            transaction.index = operation.index;
            result = transaction.step(operation, step);
            if result.is_err() {
                break;
            }
        }
        program.repairs.iter().for_each(|repair| transaction.coercer.repeat(repair));
        transaction.held.settle();
        let result =
            result.and_then(|()| transaction.settle_schemas()).and_then(|()| transaction.check_required_subs());
        match result {
            Ok(()) => transaction.commit().map_err(PatchFailure::Store),
            Err(fault) => {
                let index = transaction.index;
                transaction.undo();
                Err(match fault {
                    StepFailure::Refused(refusal) => PatchFailure::Refused(PatchError::at(index, refusal)),
                    StepFailure::Store(error) => PatchFailure::Store(error),
                })
            }
        }
    }
}

impl<'a, S: Store> Transaction<'a, '_, S> {
    fn step(&mut self, operation: &'a Operation, step: &'a Step) -> Applied<(), S> {
        step.repairs.iter().for_each(|repair| self.coercer.repeat(repair));
        let resource_type = self.coercer.resource_type;
        match &step.action {
            Action::Attribute(on) => {
                let OnAttribute { attr, brackets, .. } = &**on;
                let attr = attr.find(resource_type);
                let filter = brackets.as_ref().map(|brackets| ElementFilter::new(brackets, attr.attribute));
                self.attribute(OperandOf { operation, on }, attr, filter)
            }
            Action::ClearExtension(at) => self.clear_extension(resource_type.extension_at(*at)),
            Action::Keep { key, value, extension: at } => {
                self.keep(key, value.as_ref(), at.map(|at| resource_type.extension_at(at)))
            }
            Action::Refuse(refusal) => Err(Refusal::clone(refusal).into()),
        }
    }

    fn keep(&mut self, key: &str, value: Option<&Value>, within: Option<&'a Schema>) -> Applied<(), S> {
        let limits = &self.options().limits;
        let name = (within.map(std::ptr::from_ref), key.to_ascii_lowercase());
        self.extensions.touch(within);
        if let Some(kept) = self.kept.by_name.get(&name).and_then(|at| self.kept.all.get_mut(*at)) {
            kept.is_touched = kept.is_touched || !same_option(kept.now.as_ref(), value);
            kept.now = value.cloned();
            return Ok(());
        }
        let path = || within.map_or_else(|| key.to_owned(), |schema| format!("{}:{key}", schema.id));
        if self.kept.all.len() >= limits.members {
            return refuse(
                ScimType::TooMany,
                path(),
                crate::json::too_many_members(self.kept.all.len() + 1, limits.members),
            );
        }
        let old = self.store.take_unknown(within, key)?;
        if !old.as_ref().is_none_or(|old| is_within_depth(old, limits.capped_depth())) {
            let _ = self.store.put_unknown(within, key, old);
            return refuse(ScimType::InvalidValue, path(), too_deep(limits.capped_depth()));
        }
        self.kept.by_name.insert(name, self.kept.all.len());
        let is_touched = !same_option(old.as_ref(), value);
        let name = key.to_owned();
        self.kept.all.push(KeptMember { extension: within, name, old, now: value.cloned(), is_touched });
        Ok(())
    }

    fn attribute(
        &mut self,
        value: OperandOf<'a>,
        attr: AttrRef<'a>,
        filter: Option<ElementFilter<'a>>,
    ) -> Applied<(), S> {
        if attr.is_schemas() {
            self.adjust_schemas(false)?;
        }
        let held = self.hold(attr)?;
        if attr.attribute.mutability == Mutability::ReadOnly || attr.leaf().mutability == Mutability::ReadOnly {
            return self.read_only(attr, filter.as_ref(), held, value);
        }
        if is_set_once_in_secret(attr, value) && !self.is_unassigned(held)? {
            return Err(immutable(attr.whole()).into());
        }
        self.extensions.touch(attr.extension);
        match held {
            HeldAt::Single(held) => {
                match value.on.op {
                    Op::Remove => self.remove_from_single(attr, filter, held, value)?,
                    op => self.write_single(op, attr, filter, held, value)?,
                }
                self.check_budget(attr)
            }
            HeldAt::List(held) => {
                self.held.list_mut(held).begin(attr.is_schemas()).map_err(StepFailure::Store)?;
                match value.on.op {
                    Op::Remove => self.remove_from_list(attr, filter, held, value)?,
                    op => self.write_list(op, attr, filter, held, value)?,
                }
                self.check_list(attr, held)?;
                if attr.is_schemas() { self.follow_schemas(attr, held) } else { Ok(()) }
            }
        }
    }

    fn clear_extension(&mut self, schema: &'a Schema) -> Applied<(), S> {
        if self.coercer.resource_type.is_required(schema) && self.is_extension_assigned(schema)? {
            let message = "this extension is required and may not be removed";
            return refuse(ScimType::Mutability, &schema.id, message);
        }
        self.extensions.touch(Some(schema));
        for attribute in &schema.attributes {
            let attr = AttrRef::new(Some(schema), attribute);
            let held = self.hold(attr)?;
            if let HeldAt::List(list) = held {
                self.held.list_mut(list).begin(false).map_err(StepFailure::Store)?;
            }
            if attribute.mutability == Mutability::ReadOnly || self.is_unassigned(held)? {
                continue;
            }
            // The extension is removed as a whole, so its required attributes are dropped, too.
            self.drop_value(attr, held)?;
        }
        for kept in self.kept.all.iter_mut().filter(|kept| kept.extension.is_some_and(|it| std::ptr::eq(it, schema))) {
            kept.is_touched = kept.is_touched || kept.now.is_some();
            kept.now = None;
        }
        if !has(&self.extensions.cleared, schema) {
            self.extensions.cleared.push(schema);
            let mut names = self.store.unknown_names(schema).map_err(StepFailure::Store)?;
            names.sort_unstable();
            for name in names {
                self.keep(&name, None, Some(schema))?;
            }
        }
        Ok(())
    }
}

/// Whether an operation says anything of an attribute that is secret and immutable. Once that is assigned, no answer may
/// depend on what the operation says (P12a). In a value, nothing counts as absent (P9).
fn is_set_once_in_secret(attr: AttrRef<'_>, value: OperandOf<'_>) -> bool {
    let attribute = attr.attribute;
    // A `remove` of named values is `invalidPath` for a secret, whatever is stored.
    let removes_named = value.on.op == Op::Remove && !value.on.operand.is_null;
    if !attribute.is_secret_set_once() || removes_named {
        return false;
    }
    let says_nothing = match value.raw() {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(items) => items.iter().all(Value::is_null),
        _ => false,
    };
    let adds_nothing = value.on.op == Op::Add && attribute.multi_valued && attr.sub.is_none();
    !says_nothing || !(adds_nothing || value.on.named == NamedIn::Value)
}
