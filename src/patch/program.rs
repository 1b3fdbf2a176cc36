//! A request resolved for a resource type: whatever does not depend on the resource is settled here, once. What its paths
//! name, its brackets compiled, its values made to fit; and what is refused or repaired in that, in its attr in the order.

use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

use serde_json::Value;

use super::operation::{Op, Operation};
use super::request::Patch;
use super::steps::Steps;
use crate::coerce::coercer::{Coercer, Source};
use crate::coerce::refusal::Refusal;
use crate::coerce::same::merge_repeated;
use crate::coerce::{Options, Repair, UnknownMembers};
use crate::error::ScimType;
use crate::patch::resolve::Brackets;
use crate::schema::AttrRef;
use crate::schema::{Mutability, ResourceType, Schema};
use crate::syntax::Expr;

/// Lists with more elements are made to fit when they are applied: they would be copied once more otherwise.
const LONG: usize = 64;

/// The steps that the operations come to.
#[derive(Debug)]
pub(super) struct Program {
    resource_type: ResourceType,
    pub steps: Vec<Step>,
    /// What was repaired after the last step.
    pub repairs: Vec<Repair>,
}

/// One step, and what was repaired on the way to it.
#[derive(Debug)]
pub(super) struct Step {
    /// Which operation it is of, as a position in the request's list.
    pub operation: usize,
    pub repairs: Vec<Repair>,
    pub action: Action,
}

#[derive(Debug)]
pub(super) enum Action {
    /// An operation on an attribute, a sub-attribute of it, or of those of its elements that brackets choose.
    Attribute(Box<OnAttribute>),
    /// All attributes of an extension, which has this index, become unassigned.
    ClearExtension(usize),
    /// A member that no schema knows (P16).
    UnknownMember { key: String, value: Value, extension: Option<usize> },
    /// The request ends here, whatever the resource is.
    Refuse(Box<Refusal>),
}

#[derive(Debug)]
pub(super) struct OnAttribute {
    pub attr: AttrIndex,
    pub brackets: Option<Brackets>,
    pub given: Operand,
}

/// A attr by its indices in the resource type, so that a request may keep it.
#[derive(Debug, Clone, Copy)]
pub(super) struct AttrIndex {
    extension: Option<usize>,
    attribute: usize,
    sub: Option<usize>,
}

/// The value of a step.
#[derive(Debug)]
pub(super) struct Operand {
    raw: Origin,
    fit: Option<Coercion>,
    fitted: Option<Precoerced>,
    pub is_null: bool,
    pub is_object: bool,
    pub says_nothing: bool,
}

/// Where the value is as it was sent.
#[derive(Debug)]
enum Origin {
    /// It is that of the operation.
    Operation,
    /// It is a member of that, or of an object in it.
    Member(Vec<String>),
    Own(Value),
    /// Nobody asks for it.
    Unneeded,
}

/// How a value is made to fit.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Coercion {
    /// As the whole value of the attribute or sub-attribute.
    Whole,
    /// As one element.
    Element,
    /// As elements, to be set.
    Elements,
    /// As elements that are to go.
    Removal,
}

/// What came of that, and what was repaired in it.
#[derive(Debug)]
struct Precoerced {
    repairs: Vec<Repair>,
    value: Result<Coerced, Refusal>,
}

/// A value that fits.
#[derive(Debug, Clone)]
pub(super) enum Coerced {
    /// One value, or a list of a sub-attribute; none if that is unassigned.
    One(Option<Value>),
    Many {
        elements: Vec<Value>,
        has_primary: bool,
    },
}

/// The program of the first resource type that a request was applied to: most are only ever applied to one. Says nothing
/// about the request itself.
#[derive(Debug, Clone, Default)]
pub(super) struct Memo(OnceLock<Arc<Program>>);

impl PartialEq for Memo {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// A program that is kept, or one for this time.
pub(super) enum Ready<'p> {
    Kept(&'p Program),
    Made(Program),
}

impl Ready<'_> {
    pub(super) fn get(&self) -> &Program {
        match self {
            Self::Kept(program) => program,
            Self::Made(program) => program,
        }
    }
}

impl Patch {
    /// The program for a resource type.
    pub(super) fn program(&self, resource_type: &ResourceType) -> Ready<'_> {
        let kept = self.memo.0.get_or_init(|| Arc::new(Program::new(&self.operations, &self.options, resource_type)));
        if kept.resource_type.is_identical(resource_type) {
            return Ready::Kept(kept);
        }
        Ready::Made(Program::new(&self.operations, &self.options, resource_type))
    }
}

impl Program {
    fn new(operations: &[Operation], options: &Options, resource_type: &ResourceType) -> Self {
        let coercer = Coercer::new(resource_type, options, Source::Patch);
        let mut recorder = Recorder { coercer, steps: Vec::with_capacity(operations.len()), operation: 0 };
        for (at, operation) in operations.iter().enumerate() {
            recorder.operation = at;
            if let Err(refusal) = recorder.operation(operation) {
                recorder.push(Action::Refuse(Box::new(refusal)));
                break;
            }
        }
        let repairs = recorder.coercer.take_repairs();
        Self { resource_type: resource_type.clone(), steps: recorder.steps, repairs }
    }
}

impl AttrIndex {
    fn of(attr: AttrRef<'_>, resource_type: &ResourceType) -> Option<Self> {
        let attributes = attr.extension.map_or(resource_type.attributes(), |schema| &schema.attributes);
        let subs = &attr.attribute.sub_attributes;
        Some(Self {
            extension: match attr.extension {
                None => None,
                Some(schema) => Some(extension_at(resource_type, schema)?),
            },
            attribute: attributes.iter().position(|attribute| std::ptr::eq(attribute, attr.attribute))?,
            sub: match attr.sub {
                None => None,
                Some(sub) => Some(subs.iter().position(|other| std::ptr::eq(other, sub))?),
            },
        })
    }

    pub(super) fn find(self, resource_type: &ResourceType) -> Option<AttrRef<'_>> {
        let extension = match self.extension {
            None => None,
            Some(at) => Some(resource_type.extensions().nth(at)?),
        };
        let attributes = extension.map_or(resource_type.attributes(), |schema| &schema.attributes);
        let attribute = attributes.get(self.attribute)?;
        let sub = match self.sub {
            None => None,
            Some(at) => Some(attribute.sub_attributes.get(at)?),
        };
        Some(AttrRef { extension, attribute, sub })
    }
}

fn extension_at(resource_type: &ResourceType, schema: &Schema) -> Option<usize> {
    resource_type.extensions().position(|other| std::ptr::eq(other, schema))
}

/// Notes the steps instead of taking them.
struct Recorder<'a> {
    coercer: Coercer<'a>,
    steps: Vec<Step>,
    operation: usize,
}

impl Recorder<'_> {
    fn push(&mut self, action: Action) {
        let repairs = self.coercer.take_repairs();
        self.steps.push(Step { operation: self.operation, repairs, action });
    }
}

impl<'a> Steps<'a> for Recorder<'a> {
    type Fault = Refusal;

    fn coercer(&mut self) -> &mut Coercer<'a> {
        &mut self.coercer
    }

    fn attribute(
        &mut self,
        operation: &Operation,
        attr: AttrRef<'a>,
        brackets: Option<(Brackets, &Expr<'static>)>,
        value: &Value,
    ) -> Result<(), Refusal> {
        let Some(at) = AttrIndex::of(attr, self.coercer.resource_type) else {
            return Err(Refusal::new(ScimType::InvalidPath, attr, "is not of this resource type"));
        };
        let brackets = brackets.map(|(brackets, _)| brackets);
        let before = self.coercer.take_repairs();
        let given = Operand::new(&mut self.coercer, operation, attr, brackets.is_some(), value);
        let action = Action::Attribute(Box::new(OnAttribute { attr: at, brackets, given }));
        self.steps.push(Step { operation: self.operation, repairs: before, action });
        Ok(())
    }

    fn clear_extension(&mut self, schema: &'a Schema) -> Result<(), Refusal> {
        if let Some(at) = extension_at(self.coercer.resource_type, schema) {
            self.push(Action::ClearExtension(at));
        }
        Ok(())
    }

    fn unknown_member(&mut self, key: &str, value: &Value, within: Option<&'a Schema>) -> Result<(), Refusal> {
        let extension = within.and_then(|schema| extension_at(self.coercer.resource_type, schema));
        // Of what is dropped or refused the name is enough.
        let is_kept = self.coercer.options.unknown == UnknownMembers::Keep;
        let value = if is_kept { value.clone() } else { Value::Null };
        self.push(Action::UnknownMember { key: key.to_owned(), value, extension });
        Ok(())
    }
}

impl Operand {
    fn new<'a>(
        coercer: &mut Coercer<'a>,
        operation: &Operation,
        attr: AttrRef<'a>,
        is_chosen: bool,
        value: &Value,
    ) -> Self {
        let is_read_only = [attr.attribute, attr.leaf()].iter().any(|one| one.mutability == Mutability::ReadOnly);
        let fit = Coercion::of(operation.op, attr, is_chosen, value).filter(|_| !is_read_only);
        let is_long = value.as_array().is_some_and(|elements| elements.len() > LONG);
        let fitted = fit.filter(|_| !is_long).map(|fit| {
            let value = fit.shape(coercer, operation, attr, value);
            Precoerced { repairs: coercer.take_repairs(), value }
        });
        // One value that brackets do not choose may be made of what was sent.
        let is_asked_for = fitted.is_none() || (is_chosen && !attr.attribute.multi_valued);
        let raw = if is_asked_for { Origin::of(operation, value) } else { Origin::Unneeded };
        let (is_null, is_object) = (value.is_null(), value.is_object());
        Self { raw, fit, fitted, is_null, is_object, says_nothing: says_nothing(value) }
    }
}

/// Whether a value that comes to no element is an object or list of objects with nothing in them.
pub(super) fn says_nothing(value: &Value) -> bool {
    match value {
        Value::Object(_) => true,
        Value::Array(list) => list.iter().any(|element| !element.is_null()),
        _ => false,
    }
}

impl Origin {
    fn of(operation: &Operation, value: &Value) -> Self {
        let Some(whole) = &operation.value else { return Self::Own(value.clone()) };
        if std::ptr::eq(whole, value) {
            return Self::Operation;
        }
        let members = || whole.as_object().into_iter().flatten();
        if let Some((key, _)) = members().find(|(_, member)| std::ptr::eq(*member, value)) {
            return Self::Member(vec![key.clone()]);
        }
        let nested = members().find_map(|(key, object)| {
            let mut inner = object.as_object()?.iter();
            inner.find(|(_, member)| std::ptr::eq(*member, value)).map(|(name, _)| vec![key.clone(), name.clone()])
        });
        nested.map_or_else(|| Self::Own(value.clone()), Self::Member)
    }
}

impl Coercion {
    /// How the value of an operation is made to fit; none if it is not looked at, or depends on the resource.
    fn of(op: Op, attr: AttrRef<'_>, is_chosen: bool, value: &Value) -> Option<Self> {
        let is_list = attr.attribute.multi_valued;
        match (op, attr.sub) {
            (Op::Remove, None) if is_list && !is_chosen && !value.is_null() => Some(Self::Removal),
            (Op::Remove, _) => None,
            (_, None) if is_list && is_chosen => Some(Self::Element),
            (_, None) if is_list => Some(Self::Elements),
            _ => Some(Self::Whole),
        }
    }

    fn shape<'a>(
        self,
        coercer: &mut Coercer<'a>,
        operation: &Operation,
        attr: AttrRef<'a>,
        value: &Value,
    ) -> Result<Coerced, Refusal> {
        match self {
            Self::Whole => Ok(Coerced::One(coercer.whole(attr, value)?)),
            Self::Element => Ok(Coerced::One(coercer.one_element(attr, value)?)),
            Self::Elements => {
                let mut elements = coercer.elements(attr, value)?;
                let has_primary = coercer.one_primary(attr, &mut elements)?;
                if operation.op == Op::Replace {
                    elements = merge_repeated(attr.attribute, elements);
                }
                Ok(Coerced::Many { elements, has_primary })
            }
            Self::Removal => {
                if !operation.from_member {
                    if !coercer.options.tolerance.remove_by_value {
                        let message = "`remove` takes no `value`; choose the elements by a filter in the path";
                        return Err(Refusal::new(ScimType::InvalidSyntax, attr, message));
                    }
                    coercer.report(attr, "remove_by_value", "only the elements listed in `value` were removed");
                }
                coercer.source = Source::Removal;
                let elements = coercer.elements(attr, value);
                coercer.source = Source::Patch;
                Ok(Coerced::Many { elements: elements?, has_primary: false })
            }
        }
    }
}

/// What an operation gives to an attribute.
#[derive(Clone, Copy)]
pub(super) struct OperandOf<'a> {
    pub operation: &'a Operation,
    pub given: &'a Operand,
}

impl<'a> OperandOf<'a> {
    /// The value as it was sent.
    pub(super) fn raw(self) -> &'a Value {
        let whole = self.operation.value.as_ref();
        let raw = match &self.given.raw {
            Origin::Operation => whole,
            Origin::Member(keys) => keys.iter().try_fold(whole, |value, key| Some(value?.get(key))).flatten(),
            Origin::Own(value) => Some(value),
            Origin::Unneeded => None,
        };
        raw.unwrap_or(&Value::Null)
    }

    /// The value made to fit; what was repaired in it is reported now.
    fn shaped(self, coercer: &mut Coercer<'a>, attr: AttrRef<'a>) -> Result<Cow<'a, Coerced>, Refusal> {
        if let Some(Precoerced { repairs, value }) = &self.given.fitted {
            repairs.iter().for_each(|repair| coercer.repeat(repair));
            return value.as_ref().map(Cow::Borrowed).map_err(Refusal::clone);
        }
        let fit = self.given.fit.unwrap_or(Coercion::Whole);
        fit.shape(coercer, self.operation, attr, self.raw()).map(Cow::Owned)
    }

    /// The value for a single attribute, a sub-attribute, or chosen elements; none if that is unassigned.
    pub(super) fn one(self, coercer: &mut Coercer<'a>, attr: AttrRef<'a>) -> Result<Option<Cow<'a, Value>>, Refusal> {
        Ok(match self.shaped(coercer, attr)? {
            Cow::Borrowed(Coerced::One(value)) => value.as_ref().map(Cow::Borrowed),
            Cow::Owned(Coerced::One(value)) => value.map(Cow::Owned),
            // Not what it is asked for.
            Cow::Borrowed(Coerced::Many { .. }) | Cow::Owned(Coerced::Many { .. }) => None,
        })
    }

    /// The elements for a list, and whether one is primary.
    pub(super) fn elements(
        self,
        coercer: &mut Coercer<'a>,
        attr: AttrRef<'a>,
    ) -> Result<(Cow<'a, [Value]>, bool), Refusal> {
        Ok(match self.shaped(coercer, attr)? {
            Cow::Borrowed(Coerced::Many { elements, has_primary }) => {
                (Cow::Borrowed(elements.as_slice()), *has_primary)
            }
            Cow::Owned(Coerced::Many { elements, has_primary }) => (Cow::Owned(elements), has_primary),
            // Not what it is asked for.
            Cow::Borrowed(Coerced::One(_)) | Cow::Owned(Coerced::One(_)) => (Cow::Borrowed(&[]), false),
        })
    }
}
