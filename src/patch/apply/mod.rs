//! Applies operations to a resource, in order, all or nothing (P2).

mod read_only;
mod remove;
mod schemas;
mod write;

use std::collections::HashMap;
use std::rc::Rc;

use serde_json::Value;

use super::attribute::items::{Budget, SEARCH};
use super::attribute::list::List;
use super::attribute::lookup_texts::LookupTexts;
use super::attribute::single::Single;
use super::attribute::{Held, HeldValue};
use super::error::PatchError;
use super::operation::{Op, Operation};
use super::program::{Action, OnAttribute, OperandOf, Step};
use super::request::Patch;
use super::resolve::ElementFilter;
use super::store::{Fault, Store, weight};
use super::value_store::ValueStore;
use crate::coerce::coercer::Coercer;
use crate::coerce::edit::{self, immutable, required};
use crate::coerce::equality::same_option;
use crate::coerce::members::is_unassigned;
use crate::coerce::refusal::Refusal;
use crate::coerce::request::RequestKind;
use crate::coerce::work;
use crate::coerce::{Change, Options, Outcome};
use crate::error::ScimType;
use crate::json::is_within_depth;
use crate::schema::{AttrRef, Attribute, Mutability, ResourceType, Schema};
use schemas::Extensions;

/// A PATCH that failed: it was refused, or the representation had an error.
pub(crate) enum Failure<E> {
    Refused(PatchError),
    Store(E),
}

type Applied<T, S> = Result<T, Fault<<S as Store>::Error>>;

impl Patch {
    /// Applies the operations in order to a resource, in place: all of them, or none.
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
            Err(Failure::Refused(error)) => Err(error),
            Err(Failure::Store(never)) => match never {},
        }
    }

    /// Applies the operations to a resource in any representation.
    pub(crate) fn apply_to<S: Store>(
        &self,
        store: &mut S,
        resource_type: &ResourceType,
    ) -> Result<Outcome, Failure<S::Error>> {
        let program = self.memo.program(&self.operations, &self.options, resource_type);
        let program = program.get();
        let mut transaction = Transaction {
            store,
            coercer: Coercer::new(resource_type, &self.options, RequestKind::Patch),
            held: Vec::new(),
            kept: Kept::default(),
            extensions: Extensions::default(),
            lookup_texts: Rc::new(LookupTexts::new(&self.operations)),
            budget: Budget::default(),
            index: 0,
        };
        transaction.coercer.repairs.clone_from(&self.repairs);
        let mut result = Ok(());
        for step in &program.steps {
            let Some(operation) = self.operations.get(step.operation) else { continue };
            transaction.index = operation.index;
            result = transaction.step(operation, step);
            if result.is_err() {
                break;
            }
        }
        program.repairs.iter().for_each(|repair| transaction.coercer.repeat(repair));
        transaction.held.iter_mut().for_each(Held::settle);
        let result =
            result.and_then(|()| transaction.settle_schemas()).and_then(|()| transaction.check_required_subs());
        match result {
            Ok(()) => transaction.commit().map_err(Failure::Store),
            Err(fault) => {
                let index = transaction.index;
                transaction.undo();
                Err(match fault {
                    Fault::Refused(refusal) => Failure::Refused(PatchError::at(index, refusal)),
                    Fault::Store(error) => Failure::Store(error),
                })
            }
        }
    }
}

/// A request while it is applied. The attributes that it names are held outside the resource and put back at the end, so
/// that an error can undo everything.
struct Transaction<'a, 's, S: Store> {
    store: &'s mut S,
    coercer: Coercer<'a>,
    held: Vec<Held<'a, S::List>>,
    kept: Kept<'a>,
    extensions: Extensions<'a>,
    lookup_texts: Rc<LookupTexts<'a>>,
    /// Bytes examined, for all attributes together.
    budget: Budget,
    /// The index of the operation that is being applied, for errors.
    index: usize,
}

/// Members that no schema knows and that the host's policy keeps (P16).
#[derive(Default)]
struct Kept<'a> {
    all: Vec<KeptMember<'a>>,
    by_name: HashMap<(Option<*const Schema>, String), usize>,
}

struct KeptMember<'a> {
    extension: Option<&'a Schema>,
    name: String,
    old: Option<Value>,
    now: Option<Value>,
    /// Whether an operation changed it, even if a later one restored it.
    is_touched: bool,
}

fn refuse<T, E>(scim_type: ScimType, path: impl ToString, message: impl Into<String>) -> Result<T, Fault<E>> {
    Err(Fault::Refused(Refusal::new(scim_type, path, message)))
}

fn too_deep(max: usize) -> String {
    format!("what is stored is nested too deep: at most {max} levels are allowed")
}

impl<'a, S: Store> Transaction<'a, '_, S> {
    fn options(&self) -> &'a Options {
        self.coercer.options
    }

    /// Holds an attribute. It is taken out of the resource when an operation names it for the first time.
    fn hold(&mut self, attr: AttrRef<'a>) -> Applied<usize, S> {
        if let Some(at) = self.held.iter().position(|held| held.attr.is_same_attribute(attr)) {
            if let Some(held) = self.held.get_mut(at) {
                held.last = self.index;
            }
            return Ok(at);
        }
        let attr = attr.whole();
        let max_depth = self.options().limits.depth();
        if attr.attribute.multi_valued {
            let taken = self.store.take_list(attr)?;
            let list = List::new(attr, taken, max_depth, Rc::clone(&self.lookup_texts), Rc::clone(&self.budget));
            self.held.push(Held { attr, state: HeldValue::List(Box::new(list)), last: self.index });
            return Ok(self.held.len() - 1);
        }
        let stored = self.store.take(attr)?;
        if !stored.as_ref().is_none_or(|stored| is_within_depth(stored, max_depth)) {
            self.store.undo(attr, stored);
            return refuse(ScimType::InvalidValue, attr, too_deep(max_depth));
        }
        if attr.attribute.is_complex()
            && !stored.as_ref().is_none_or(|stored| stored.is_object() || is_unassigned(stored))
        {
            self.store.undo(attr, stored);
            return refuse(ScimType::InvalidValue, attr, "what is stored is not an object");
        }
        let state = HeldValue::Single(Single::new(attr, stored));
        self.held.push(Held { attr, state, last: self.index });
        Ok(self.held.len() - 1)
    }

    /// Charges the budget for bytes that were read or copied in addition to those of the request.
    fn charge(&self, bytes: usize) {
        work::charged(bytes);
        self.budget.set(self.budget.get().saturating_add(bytes));
    }

    fn check_budget(&self, held: usize) -> Applied<(), S> {
        let limits = &self.options().limits;
        match self.held.get(held) {
            Some(Held { attr, state: HeldValue::List(list), .. }) if list.is_too_deep => {
                refuse(ScimType::InvalidValue, attr, too_deep(limits.depth()))
            }
            Some(Held { attr, .. }) if self.budget.get() > limits.visited_bytes => {
                let message =
                    "the operations look at too many elements, or copy too much into them; choose fewer by `eq`";
                refuse(ScimType::TooMany, attr, message)
            }
            _ => Ok(()),
        }
    }

    fn list(&mut self, held: usize) -> Option<&mut List<'a, S::List>> {
        match self.held.get_mut(held)? {
            Held { state: HeldValue::List(list), .. } => Some(list),
            Held { state: HeldValue::Single(_), .. } => None,
        }
    }

    /// The positions of the elements that brackets choose; without brackets, of all elements.
    fn chosen(&mut self, attr: AttrRef<'a>, held: usize, filter: Option<&ElementFilter<'a>>) -> Applied<Vec<usize>, S> {
        let Some(list) = self.list(held) else { return Ok(Vec::new()) };
        let Some(filter) = filter else { return list.all().map_err(Fault::Store) };
        let chosen = list.chosen(filter).map_err(Fault::Store)?;
        if chosen.len() > 1 && self.options().profile.single_match {
            let message = "the filter in the path fits several elements: expected it to fit one";
            return refuse(ScimType::InvalidFilter, attr, message);
        }
        Ok(chosen)
    }

    /// A list and the coercer, for changes that report repairs.
    fn list_and_coercer(&mut self, held: usize) -> Option<(&mut List<'a, S::List>, &mut Coercer<'a>)> {
        match self.held.get_mut(held)? {
            Held { state: HeldValue::List(list), .. } => Some((list, &mut self.coercer)),
            Held { state: HeldValue::Single(_), .. } => None,
        }
    }

    fn now(&self, held: usize) -> Option<&Value> {
        match self.held.get(held)? {
            Held { state: HeldValue::Single(single), .. } => single.now(),
            Held { state: HeldValue::List(_), .. } => None,
        }
    }

    /// Whether brackets match a single value. The bytes that they read of it are charged, as for elements.
    fn single_matches(&mut self, held: usize, filter: &ElementFilter<'a>) -> Applied<bool, S> {
        let Some(now) = self.now(held) else { return Ok(false) };
        let bytes = if filter.reads_all() { SEARCH.saturating_mul(weight(now)) } else { 0 };
        work::done(bytes);
        let is_chosen = filter.matches(now);
        self.charge(bytes);
        self.check_budget(held)?;
        Ok(is_chosen)
    }

    fn single_and_coercer(&mut self, held: usize) -> Option<(&mut Single<'a>, &mut Coercer<'a>)> {
        match self.held.get_mut(held)? {
            Held { state: HeldValue::Single(single), .. } => Some((single, &mut self.coercer)),
            Held { state: HeldValue::List(_), .. } => None,
        }
    }

    fn set_now(&mut self, held: usize, value: Option<Value>) {
        if let Some((single, _)) = self.single_and_coercer(held) {
            single.set_whole(value);
        }
    }

    fn is_unassigned(&self, held: usize) -> Applied<bool, S> {
        self.held.get(held).map_or(Ok(true), Held::is_unassigned).map_err(Fault::Store)
    }

    /// Checks that complex values that were set have their required sub-attributes.
    fn check_required_subs(&mut self) -> Applied<(), S> {
        let is_required = |sub: &Attribute| sub.required && sub.mutability != Mutability::ReadOnly;
        for held in self.held.iter().filter(|held| held.attr.attribute.sub_attributes.iter().any(is_required)) {
            let check = |value: &Value| Coercer::check_required_subs(held.attr, value);
            let checked = match &held.state {
                HeldValue::Single(single) if single.is_changed() => {
                    single.now().filter(|now| !is_unassigned(now)).map_or(Ok(()), check)
                }
                HeldValue::Single(_) => Ok(()),
                HeldValue::List(list) => list.touched().into_iter().try_for_each(check),
            };
            if let Err(refusal) = checked {
                self.index = held.last;
                return Err(refusal.into());
            }
        }
        Ok(())
    }

    fn undo(self) {
        for held in self.held {
            held.undo(self.store);
        }
        for kept in self.kept.all {
            // The member was taken from this place, so it can be put back.
            let _ = self.store.put_unknown(kept.extension, &kept.name, kept.old);
        }
    }

    fn commit(self) -> Result<Outcome, S::Error> {
        let Self { store, coercer, held, kept, .. } = self;
        let mut changes: Vec<Change> = Vec::with_capacity(held.len() + kept.all.len());
        let mut emptied: Vec<&Schema> = Vec::new();
        for held in held {
            let extension = held.attr.extension;
            let is_gone = held.finish(store, &mut changes)?;
            emptied.extend(extension.filter(|_| is_gone));
        }
        for kept in kept.all {
            let path =
                kept.extension.map_or_else(|| kept.name.clone(), |schema| format!("{}:{}", schema.id, kept.name));
            changes.extend(Change::single(path, kept.old.as_ref(), kept.now.as_ref()));
            emptied.extend(kept.extension.filter(|_| kept.now.is_none()));
            store.put_unknown(kept.extension, &kept.name, kept.now)?;
        }
        emptied.dedup_by(|a, b| std::ptr::eq(*a, *b));
        for extension in emptied {
            if !store.has_others(extension, &[])? {
                store.drop_extension(extension)?;
            }
        }
        Ok(Outcome { changed: !changes.is_empty(), changes, repairs: coercer.repairs })
    }

    fn step(&mut self, operation: &'a Operation, step: &'a Step) -> Applied<(), S> {
        step.repairs.iter().for_each(|repair| self.coercer.repeat(repair));
        let resource_type = self.coercer.resource_type;
        let extension = |at: Option<usize>| at.and_then(|at| resource_type.extensions().nth(at));
        match &step.action {
            Action::Attribute(on) => {
                let OnAttribute { attr, brackets, .. } = &**on;
                let Some(attr) = attr.find(resource_type) else { return Ok(()) };
                let filter = brackets.as_ref().map(|brackets| ElementFilter::new(brackets, attr.attribute));
                self.attribute(OperandOf { operation, on }, attr, filter)
            }
            Action::ClearExtension(at) => extension(Some(*at)).map_or(Ok(()), |schema| self.clear_extension(schema)),
            Action::Keep { key, value, extension: at } => self.keep(key, value.as_ref(), extension(*at)),
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
            return refuse(ScimType::TooMany, path(), crate::json::crowd(self.kept.all.len() + 1, limits.members));
        }
        let old = self.store.take_unknown(within, key)?;
        if !old.as_ref().is_none_or(|old| is_within_depth(old, limits.depth())) {
            let _ = self.store.put_unknown(within, key, old);
            return refuse(ScimType::InvalidValue, path(), too_deep(limits.depth()));
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
        self.extensions.touch(attr.extension);
        if let Some(list) = self.list(held) {
            list.begin().map_err(Fault::Store)?;
            if attr.is_schemas() {
                list.keep_journal();
            }
        }
        match value.on.op {
            Op::Remove => self.remove(attr, filter, held, value)?,
            op => self.write(op, attr, filter, held, value)?,
        }
        self.check_budget(held)?;
        if attr.is_schemas() { self.follow_schemas(held) } else { Ok(()) }
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
            if let Some(list) = self.list(held) {
                list.begin().map_err(Fault::Store)?;
            }
            if attribute.mutability == Mutability::ReadOnly || self.is_unassigned(held)? {
                continue;
            }
            // The extension goes as a whole, so even its required attributes are dropped.
            self.drop_value(attr, held)?;
        }
        Ok(())
    }

    /// Unassigns a whole attribute.
    fn unassign(&mut self, attr: AttrRef<'a>, held: usize) -> Applied<(), S> {
        let attr = attr.whole();
        if self.is_unassigned(held)? {
            return Ok(());
        }
        if attr.attribute.required {
            return Err(required(attr).into());
        }
        self.drop_value(attr, held)
    }

    /// Drops the whole value of an attribute, unless it or a part of it is immutable and assigned.
    fn drop_value(&mut self, attr: AttrRef<'a>, held: usize) -> Applied<(), S> {
        if attr.attribute.mutability == Mutability::Immutable {
            return Err(immutable(attr).into());
        }
        if let Some(Value::Object(now)) = self.now(held)
            && let Some(sub) = edit::set_once(attr.attribute, now)
        {
            return Err(immutable(attr.sub(sub)).into());
        }
        match self.list(held) {
            Some(list) => list.clear(),
            None => {
                self.set_now(held, None);
                Ok(())
            }
        }
    }

    /// Whether the attribute is required and unassigned. Optional attributes are not inspected, which saves a scan.
    fn is_lacking(&self, attr: AttrRef<'a>, held: usize) -> Applied<bool, S> {
        Ok(attr.attribute.required && self.is_unassigned(held)?)
    }

    /// Refuses to leave a required attribute without a value.
    fn keep_required(&mut self, attr: AttrRef<'a>, held: usize) -> Applied<(), S> {
        if self.is_lacking(attr, held)? { Err(required(attr.whole()).into()) } else { Ok(()) }
    }
}
