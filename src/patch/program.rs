//! A program: a PATCH request that is resolved against a resource type. It has the resolved paths, the compiled brackets,
//! the coerced values, and each refusal or repair at the step where it belongs. The request keeps its program, so that it
//! is resolved only once, however many resources it is applied to.

use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

use serde_json::Value;

use super::operation::{Op, Operation};
use super::resolve::{CompiledBrackets, Missing, PathTarget, hidden, resolve};
use crate::coerce::Repair;
use crate::coerce::coercer::{Coercer, lacks_value};
use crate::coerce::keys;
use crate::coerce::refusal::Refusal;
use crate::coerce::request::{NamedIn, RequestKind};
use crate::error::ScimType;
use crate::filter::secret::shown_path;
use crate::options::{Options, UnknownPaths};
use crate::schema::{AttrRef, Mutability, ResourceType, Schema};
use crate::syntax::{PatchPath, shown_unread};

/// Lists longer than this are coerced only when the request is applied: if they were coerced in advance, they would be
/// copied once more. Measured with 32 elements: if they are coerced in advance, the first application takes 55 µs and each
/// further application 30 µs; otherwise each application takes 48 µs. A higher value serves requests that are applied to
/// many resources, a lower value serves requests that are applied once. Only speed depends on it.
const LONG: usize = 64;

/// The steps of a request for one resource type.
#[derive(Debug)]
pub(super) struct Program {
    resource_type: ResourceType,
    pub steps: Vec<Step>,
    /// Repairs made after the last step.
    pub repairs: Vec<Repair>,
}

/// A step, and the repairs that are reported before it.
#[derive(Debug)]
pub(super) struct Step {
    /// The position of the step's operation in the list of the request.
    pub operation: usize,
    pub repairs: Vec<Repair>,
    pub action: Action,
}

#[derive(Debug)]
pub(super) enum Action {
    /// Applies an operation to an attribute or sub-attribute; with brackets, only in the elements that the brackets choose.
    Attribute(Box<OnAttribute>),
    /// Unassigns all attributes of the extension with this index.
    ClearExtension(usize),
    /// Sets a member that no schema knows and that the host's policy keeps (P16); a `value` of `None` unassigns it.
    Keep { key: String, value: Option<Value>, extension: Option<usize> },
    /// Refuses the request at this step, whatever the resource is.
    Refuse(Box<Refusal>),
}

#[derive(Debug)]
pub(super) struct OnAttribute {
    pub op: Op,
    pub attr: AttrIndex,
    pub brackets: Option<CompiledBrackets>,
    pub operand: Operand,
    /// Whether a path or a member of a value names the attribute.
    pub named: NamedIn,
}

/// An attribute as indices into the resource type, which a request can keep without borrowing the type.
#[derive(Debug, Clone, Copy)]
pub(super) struct AttrIndex {
    extension: Option<usize>,
    attribute: usize,
    sub: Option<usize>,
}

/// The value of a step.
#[derive(Debug)]
pub(super) struct Operand {
    origin: Origin,
    coercion: Option<Coercion>,
    precoerced: Option<Precoerced>,
    pub is_null: bool,
    /// Whether the value is a string or a number, which can stand for the `value` of a complex attribute.
    pub is_text: bool,
}

/// The place of a step's value as sent.
#[derive(Debug)]
enum Origin {
    /// The value of the operation.
    Operation,
    /// A member of the operation's value, or of an object in that value: the keys that lead to the member.
    Member(Vec<String>),
    /// A copy of a value that is not part of the operation's value, such as one that was unpacked from a string.
    Own(Value),
    /// No place is kept, because the value as sent is never read.
    Unneeded,
}

/// How a value is coerced.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Coercion {
    /// The whole value of an attribute or sub-attribute.
    Whole,
    /// One element of a list.
    Element,
    /// Elements to set or add.
    Elements,
    /// The values to remove: elements of a list, or a single value.
    Removal,
}

/// The result of a coercion in advance, and the repairs that it made.
#[derive(Debug)]
struct Precoerced {
    repairs: Vec<Repair>,
    value: Result<Coerced, Refusal>,
}

/// A value in the form that the schema demands.
#[derive(Debug, Clone)]
pub(super) enum Coerced {
    /// One value, or the list of a sub-attribute; `None` if it is unassigned.
    One(Option<Value>),
    Many {
        elements: Vec<Value>,
        has_primary: bool,
    },
}

/// The program for the first resource type that a request was applied to. Most requests are applied to only one type.
#[derive(Debug, Clone, Default)]
pub(super) struct Memo(OnceLock<Arc<Program>>);

/// A program that the memo keeps, or a program that was built for this application alone.
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

impl Memo {
    /// The program of a request for a resource type.
    pub(super) fn program(
        &self,
        operations: &[Operation],
        options: &Options,
        resource_type: &ResourceType,
    ) -> Ready<'_> {
        let kept = self.0.get_or_init(|| Arc::new(Program::new(operations, options, resource_type)));
        if kept.resource_type.is_identical(resource_type) {
            return Ready::Kept(kept);
        }
        Ready::Made(Program::new(operations, options, resource_type))
    }
}

impl Program {
    fn new(operations: &[Operation], options: &Options, resource_type: &ResourceType) -> Self {
        let coercer = Coercer::new(resource_type, options, RequestKind::Patch);
        let mut builder = ProgramBuilder { coercer, steps: Vec::with_capacity(operations.len()), operation: 0 };
        for (at, operation) in operations.iter().enumerate() {
            builder.operation = at;
            if let Err(refusal) = builder.operation(operation) {
                builder.push(Action::Refuse(Box::new(refusal)));
                break;
            }
        }
        let repairs = builder.coercer.take_repairs();
        Self { resource_type: resource_type.clone(), steps: builder.steps, repairs }
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

    /// The attribute in `resource_type`, which must be identical to the resource type that the program was built for.
    #[expect(
        clippy::indexing_slicing,
        reason = "a program is kept with its resource type, and used for identical ones alone"
    )]
    pub(super) fn find(self, resource_type: &ResourceType) -> AttrRef<'_> {
        let extension = self.extension.map(|at| resource_type.extension_at(at));
        let attributes = extension.map_or(resource_type.attributes(), |schema| &schema.attributes);
        let attribute = &attributes[self.attribute];
        AttrRef { extension, attribute, sub: self.sub.map(|at| &attribute.sub_attributes[at]) }
    }
}

fn extension_at(resource_type: &ResourceType, schema: &Schema) -> Option<usize> {
    resource_type.extensions().position(|other| std::ptr::eq(other, schema))
}

/// Splits operations into steps: one step for an operation with a path; for an operation without a path, one step for each
/// member of its value (P11).
struct ProgramBuilder<'a> {
    coercer: Coercer<'a>,
    steps: Vec<Step>,
    operation: usize,
}

impl<'a> ProgramBuilder<'a> {
    fn push(&mut self, action: Action) {
        let repairs = self.coercer.take_repairs();
        self.steps.push(Step { operation: self.operation, repairs, action });
    }

    fn operation(&mut self, operation: &Operation) -> Result<(), Refusal> {
        let value = operation.value.as_ref().unwrap_or(&Value::Null);
        let Some(path) = &operation.path else { return self.members(operation, "", value, None) };
        let target = resolve(&mut self.coercer, path, None);
        let is_list =
            |target: &PathTarget<'_>| matches!(target, PathTarget::Attribute(attr, _) if attr.attribute.multi_valued);
        if operation.from_member && !target.as_ref().is_ok_and(is_list) {
            let name = self.coercer.resource_type.name();
            let message = format!("`{name}` has no list of members: expected `Operations`");
            return Err(Refusal::new(ScimType::InvalidSyntax, "members", message));
        }
        match target {
            Ok(PathTarget::Attribute(attr, brackets)) => {
                self.attribute(operation, attr, brackets, value, NamedIn::Path)
            }
            Ok(PathTarget::Extension(schema)) => match (operation.op, value) {
                (_, Value::Null) => {
                    self.clear_extension(schema);
                    Ok(())
                }
                (Op::Remove, _) if !self.coercer.options.tolerance.remove_by_value => {
                    Err(Refusal::new(ScimType::InvalidSyntax, &schema.id, NO_VALUE))
                }
                _ => self.members(operation, &schema.id, value, Some(schema)),
            },
            Ok(PathTarget::Resource) => self.resource(operation, path, value),
            Err(Missing::Unknown(refusal)) if self.coercer.options.profile.unknown_refused => {
                Err(Refusal { scim_type: ScimType::InvalidSyntax, ..refusal })
            }
            Err(Missing::Unknown(_)) if self.coercer.options.unknown_paths == UnknownPaths::Ignore => {
                let shown = shown_path(self.coercer.resource_type, path);
                let detail = "is not defined by any schema: the operation was dropped";
                self.coercer.report(shown, Repair::UNKNOWN_MEMBER, detail);
                Ok(())
            }
            Err(missing) => Err(missing.into()),
        }
    }

    /// Handles a path that is just the URN of the core schema (P3).
    fn resource(&mut self, operation: &Operation, path: &PatchPath, value: &Value) -> Result<(), Refusal> {
        let path = path.as_str();
        if self.coercer.options.profile.path_required {
            let message = "is the URN of the resource type itself, which is as no `path`: expected an attribute";
            return Err(Refusal::new(ScimType::InvalidSyntax, path, message));
        }
        if operation.op == Op::Remove || !self.coercer.options.tolerance.core_paths {
            let message = "is the URN of the resource type itself: expected an attribute";
            return Err(Refusal::new(ScimType::InvalidPath, path, message));
        }
        self.coercer.report(path, "core_paths", "the URN of the resource type was read as if there were no path");
        self.members(operation, "", value, None)
    }

    /// Makes each member of an object an operation of its own (P11). The object is the value of an operation without a
    /// path, or the object of an extension.
    fn members(
        &mut self,
        operation: &Operation,
        path: &str,
        value: &Value,
        within: Option<&'a Schema>,
    ) -> Result<(), Refusal> {
        let unpacked = self.coercer.json_string(path, value)?;
        let value = unpacked.as_ref().map_or(Cow::Borrowed(value), Cow::Borrowed);
        let value = self.coercer.one_object(path, value);
        let Value::Object(members) = &*value else {
            let message = match within {
                None => format!("`{}` without a `path` needs an object as its `value`", operation.op),
                Some(_) => "expected an object of the extension's attributes".to_owned(),
            };
            return Err(Refusal::new(ScimType::InvalidValue, path, message));
        };
        for keys::KeyEntry { target, value } in self.coercer.entries(members, within)? {
            match target {
                keys::KeyTarget::Attribute(attr) if attr.is_schemas() => {
                    // If a member of the value names `schemas`, its URNs are only added, even by `replace` (P15).
                    let added = Operation { op: Op::Add, ..operation.clone() };
                    self.attribute(&added, attr, None, &value, NamedIn::Value)?;
                }
                keys::KeyTarget::Attribute(attr) => self.attribute(operation, attr, None, &value, NamedIn::Value)?,
                keys::KeyTarget::Extension(schema) => self.clear_extension(schema),
                keys::KeyTarget::Brackets(key, within) => self.brackets(operation, &key, within, &value)?,
                keys::KeyTarget::Kept(schema, key) => {
                    let extension = schema.and_then(|schema| extension_at(self.coercer.resource_type, schema));
                    let value = Some(value.into_owned()).filter(|value| !value.is_null() && operation.op != Op::Remove);
                    self.push(Action::Keep { key, value, extension });
                }
            }
        }
        Ok(())
    }

    /// Handles a key with brackets, which is read as a path: `{"emails[type eq \"work\"].value": "x"}`.
    fn brackets(
        &mut self,
        operation: &Operation,
        key: &str,
        within: Option<&'a Schema>,
        value: &Value,
    ) -> Result<(), Refusal> {
        let options = self.coercer.options;
        let path = PatchPath::parse_with(key, options)
            .map_err(|error| Refusal::new(error.kind(), shown_unread(key), error.to_string()))?;
        match resolve(&mut self.coercer, &path, within) {
            Ok(PathTarget::Attribute(attr, brackets)) => {
                self.attribute(operation, attr, brackets, value, NamedIn::Path)
            }
            // Unreachable: `resolve` refuses brackets after anything but an attribute.
            Ok(PathTarget::Extension(_) | PathTarget::Resource) => Ok(()),
            Err(missing) => Err(missing.into()),
        }
    }

    fn attribute(
        &mut self,
        operation: &Operation,
        attr: AttrRef<'a>,
        brackets: Option<CompiledBrackets>,
        value: &Value,
        named: NamedIn,
    ) -> Result<(), Refusal> {
        let Some(index) = AttrIndex::of(attr, self.coercer.resource_type) else {
            return Err(Refusal::new(ScimType::InvalidPath, attr, "is not of this resource type"));
        };
        let has_value = operation.op == Op::Remove && !value.is_null() && !operation.from_member;
        if has_value && !self.coercer.options.tolerance.remove_by_value {
            return Err(Refusal::new(ScimType::InvalidSyntax, attr, NO_VALUE));
        }
        let before = self.coercer.take_repairs();
        let operand = Operand::new(&mut self.coercer, operation, attr, brackets.is_some(), value);
        let on = OnAttribute { op: operation.op, attr: index, brackets, operand, named };
        let action = Action::Attribute(Box::new(on));
        self.steps.push(Step { operation: self.operation, repairs: before, action });
        Ok(())
    }

    fn clear_extension(&mut self, schema: &'a Schema) {
        if let Some(at) = extension_at(self.coercer.resource_type, schema) {
            self.push(Action::ClearExtension(at));
        }
    }
}

const NO_VALUE: &str = "`remove` takes no `value`; choose the elements by a filter in the path";

impl Operand {
    fn new<'a>(
        coercer: &mut Coercer<'a>,
        operation: &Operation,
        attr: AttrRef<'a>,
        is_chosen: bool,
        value: &Value,
    ) -> Self {
        let is_read_only = [attr.attribute, attr.leaf()].iter().any(|one| one.mutability == Mutability::ReadOnly);
        let coercion = Coercion::of(operation.op, attr, is_chosen, value).filter(|_| !is_read_only);
        let is_long = value.as_array().is_some_and(|elements| elements.len() > LONG);
        let precoerced = coercion.filter(|_| !is_long).map(|coercion| {
            let value = coercion.coerce(coercer, operation, attr, value);
            Precoerced { repairs: coercer.take_repairs(), value }
        });
        // The value as sent is needed if it was not coerced in advance. It is also needed if brackets do not match a
        // single-valued attribute, whose value may then be created (P8), and for a secret that may be set once (P12a).
        let is_asked_for =
            precoerced.is_none() || (is_chosen && !attr.attribute.multi_valued) || attr.attribute.is_secret_set_once();
        let origin = if is_asked_for { Origin::of(operation, value) } else { Origin::Unneeded };
        let only = value.as_array().filter(|list| list.len() == 1).and_then(|list| list.first()).unwrap_or(value);
        let is_text = match only {
            Value::String(text) => !text.trim_start().starts_with(['{', '[']),
            Value::Number(_) => true,
            _ => false,
        };
        Self { origin, coercion, precoerced, is_null: value.is_null(), is_text }
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
    /// How the value of an operation is coerced; `None` for a `remove` without a value.
    fn of(op: Op, attr: AttrRef<'_>, is_chosen: bool, value: &Value) -> Option<Self> {
        let is_list = attr.attribute.multi_valued;
        match (op, attr.sub) {
            (Op::Remove, _) if value.is_null() => None,
            (Op::Remove, _) => Some(Self::Removal),
            (_, None) if is_list && is_chosen => Some(Self::Element),
            (_, None) if is_list => Some(Self::Elements),
            _ => Some(Self::Whole),
        }
    }

    fn coerce<'a>(
        self,
        coercer: &mut Coercer<'a>,
        operation: &Operation,
        attr: AttrRef<'a>,
        value: &Value,
    ) -> Result<Coerced, Refusal> {
        match self {
            Self::Whole => Ok(Coerced::One(coercer.whole(attr, value)?)),
            Self::Element => {
                coercer.is_all_unknown = false;
                let element = coercer.one_element(attr, value)?;
                if operation.op == Op::Replace && element.is_none() && coercer.is_all_unknown {
                    return Err(Refusal::new(ScimType::InvalidValue, attr, ALL_UNKNOWN));
                }
                if operation.op == Op::Replace && element.is_some() && coercer.names_nobody(attr, element.as_ref()) {
                    return Err(lacks_value(attr));
                }
                Ok(Coerced::One(element))
            }
            Self::Elements => {
                let elements = coercer.elements(attr, value)?;
                if operation.op == Op::Replace && coercer.is_all_unknown {
                    return Err(Refusal::new(ScimType::InvalidValue, attr, ALL_UNKNOWN));
                }
                let mut elements = coercer.merge_repeated(attr, elements, operation.op.into())?;
                let has_primary = coercer.one_primary(attr, &mut elements)?;
                Ok(Coerced::Many { elements, has_primary })
            }
            Self::Removal => Self::removal(coercer, operation, attr, value),
        }
    }

    /// The values that a `remove` with a value names (P14).
    fn removal<'a>(
        coercer: &mut Coercer<'a>,
        operation: &Operation,
        attr: AttrRef<'a>,
        value: &Value,
    ) -> Result<Coerced, Refusal> {
        if !operation.from_member {
            coercer.report(attr, "remove_by_value", "only what `value` lists was to be removed");
        }
        if attr.is_secret() {
            return Err(hidden(attr));
        }
        coercer.request = RequestKind::Removal;
        let removal = if attr.leaf().multi_valued {
            coercer.elements(attr, value).map(|elements| Coerced::Many { elements, has_primary: false })
        } else {
            coercer.whole(attr, value).map(Coerced::One)
        };
        coercer.request = RequestKind::Patch;
        removal
    }
}

/// The message for a list that becomes empty because no schema knows anything in it (P6).
pub(crate) const ALL_UNKNOWN: &str = "nothing is left of the list: no schema defines what its elements say";

/// An attribute's operation together with its value.
#[derive(Clone, Copy)]
pub(super) struct OperandOf<'a> {
    pub operation: &'a Operation,
    pub on: &'a OnAttribute,
}

impl<'a> OperandOf<'a> {
    /// The value as sent.
    pub(super) fn raw(self) -> &'a Value {
        let whole = self.operation.value.as_ref();
        let raw = match &self.on.operand.origin {
            Origin::Operation => whole,
            Origin::Member(keys) => keys.iter().try_fold(whole, |value, key| Some(value?.get(key))).flatten(),
            Origin::Own(value) => Some(value),
            Origin::Unneeded => None,
        };
        raw.unwrap_or(&Value::Null)
    }

    /// Returns the coerced value, and reports the repairs that its coercion made.
    fn coerced(self, coercer: &mut Coercer<'a>, attr: AttrRef<'a>) -> Result<Cow<'a, Coerced>, Refusal> {
        let operand = &self.on.operand;
        if let Some(Precoerced { repairs, value }) = &operand.precoerced {
            repairs.iter().for_each(|repair| coercer.repeat(repair));
            return value.as_ref().map(Cow::Borrowed).map_err(Refusal::clone);
        }
        let coercion = operand.coercion.unwrap_or(Coercion::Whole);
        let operation = Operation { op: self.on.op, value: None, path: None, ..*self.operation };
        coercion.coerce(coercer, &operation, attr, self.raw()).map(Cow::Owned)
    }

    /// The value for a single-valued attribute, a sub-attribute or chosen elements; `None` if it is unassigned.
    pub(super) fn one(self, coercer: &mut Coercer<'a>, attr: AttrRef<'a>) -> Result<Option<Cow<'a, Value>>, Refusal> {
        Ok(match self.coerced(coercer, attr)? {
            Cow::Borrowed(Coerced::One(value)) => value.as_ref().map(Cow::Borrowed),
            Cow::Owned(Coerced::One(value)) => value.map(Cow::Owned),
            // Only the value of a multi-valued sub-attribute is a list here.
            Cow::Borrowed(Coerced::Many { elements, .. }) => Some(Cow::Owned(Value::Array(elements.clone()))),
            Cow::Owned(Coerced::Many { elements, .. }) => Some(Cow::Owned(Value::Array(elements))),
        })
    }

    /// The elements for a list, and whether one of them is primary.
    pub(super) fn elements(
        self,
        coercer: &mut Coercer<'a>,
        attr: AttrRef<'a>,
    ) -> Result<(Cow<'a, [Value]>, bool), Refusal> {
        Ok(match self.coerced(coercer, attr)? {
            Cow::Borrowed(Coerced::Many { elements, has_primary }) => {
                (Cow::Borrowed(elements.as_slice()), *has_primary)
            }
            Cow::Owned(Coerced::Many { elements, has_primary }) => (Cow::Owned(elements), has_primary),
            // Unreachable: callers ask for elements only if the coercion gives elements.
            Cow::Borrowed(Coerced::One(_)) | Cow::Owned(Coerced::One(_)) => (Cow::Borrowed(&[]), false),
        })
    }
}
