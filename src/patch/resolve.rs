//! What the path of an operation names, with the schema.

use serde_json::Value;

use crate::coerce::coercer::Coercer;
use crate::coerce::refusal::Refusal;
use crate::coerce::same::is_indexable;
use crate::error::ScimType;
use crate::filter::compile::{Compiler, parse_bool};
use crate::filter::error::{CompileError, Fault};
use crate::filter::evaluate;
use crate::filter::plan::Node;
use crate::filter::secret::shown_path;
use crate::schema::AttrRef;
use crate::schema::{AttrType, Attribute, Resolved, Schema, Unresolved};
use crate::suggest::nearest;
use crate::syntax::{AttrPath, CompareOp, Expr, Literal, PatchPath, Test};

/// What a path names.
pub(super) enum Target<'a> {
    /// An attribute, a sub-attribute of it, or of those of its elements that brackets choose.
    Attribute(AttrRef<'a>, Option<Brackets>),
    /// All of an extension.
    Extension(&'a Schema),
}

/// A path that names nothing: it may stand for an unknown member (P16), or be refused.
pub(super) enum Missing {
    Unknown(Refusal),
    Refused(Refusal),
}

impl From<Missing> for Refusal {
    fn from(missing: Missing) -> Self {
        let (Missing::Unknown(refusal) | Missing::Refused(refusal)) = missing;
        refusal
    }
}

/// The brackets of a path, compiled.
#[derive(Debug)]
pub(super) struct Brackets {
    node: Node,
    /// The equalities that must all hold of an element: the index of a sub-attribute (the element itself if simple) and
    /// its value.
    equalities: Vec<(Option<usize>, Value)>,
    only_equalities: bool,
}

/// The brackets of a path with the attribute they stand after.
#[derive(Clone, Copy)]
pub(super) struct ElementFilter<'a> {
    brackets: &'a Brackets,
    attribute: &'a Attribute,
}

impl<'a> ElementFilter<'a> {
    pub(super) fn new(brackets: &'a Brackets, attribute: &'a Attribute) -> Self {
        Self { brackets, attribute }
    }

    /// Whether an element is chosen. Errs on the side of none where it is nested too deep to say.
    pub(super) fn matches(&self, element: &Value) -> bool {
        evaluate::holds(&self.brackets.node, &element).unwrap_or(false)
    }

    /// The equalities that must all hold of an element: a sub-attribute (the element itself if simple) and its value.
    pub(super) fn equalities(self) -> impl Iterator<Item = (Option<&'a Attribute>, &'a Value)> {
        let sub = move |at: &usize| self.attribute.sub_attributes.get(*at);
        self.brackets.equalities.iter().map(move |(at, value)| (at.as_ref().and_then(sub), value))
    }

    /// Whether the filter says nothing beside them, so that an element can be made from it (P8).
    pub(super) fn only_equalities(&self) -> bool {
        self.brackets.only_equalities
    }

    /// The filter, to be asked of an element in another representation.
    pub(super) fn node(self) -> &'a Node {
        &self.brackets.node
    }

    /// An equality by which an index can find the elements.
    pub(super) fn indexable(self) -> Option<(Option<&'a Attribute>, &'a Value)> {
        let mut usable = self.equalities().filter(|(sub, _)| sub.is_none_or(is_indexable));
        let first = usable.next()?;
        let is_value = |(sub, _): &(Option<&'a Attribute>, &'a Value)| sub.is_none_or(|sub| sub.name == "value");
        if is_value(&first) { Some(first) } else { usable.find(is_value).or(Some(first)) }
    }
}

fn invalid_path(path: &str, message: impl Into<String>) -> Refusal {
    Refusal::new(ScimType::InvalidPath, path, message)
}

/// Resolves a path; `within` is the extension whose object the path stands in.
pub(super) fn resolve<'a>(
    coercer: &mut Coercer<'a>,
    path: &PatchPath,
    within: Option<&'a Schema>,
) -> Result<Target<'a>, Missing> {
    let attr = path.attr();
    let place = match attribute(coercer, attr, within)? {
        Target::Attribute(place, _) => place,
        Target::Extension(schema) if path.value_filter().is_none() => return Ok(Target::Extension(schema)),
        Target::Extension(_) => {
            return Err(Missing::Refused(invalid_path(
                shown_path(coercer.resource_type, path),
                "brackets stand after an attribute, not after a URN",
            )));
        }
    };
    let Some(expr) = path.value_filter() else { return Ok(Target::Attribute(place, None)) };
    let refused =
        |message: String| Err(Missing::Refused(invalid_path(shown_path(coercer.resource_type, path), message)));
    let attribute = place.attribute;
    if place.sub.is_some() {
        return refused("brackets stand after an attribute, not after a sub-attribute".to_owned());
    }
    if !attribute.is_complex() && !attribute.multi_valued {
        return refused(format!(
            "`{}` has a single simple value: there is nothing to choose by brackets",
            attribute.name
        ));
    }
    let brackets = compile(coercer, path, expr, attribute)?;
    let place = match path.sub_after_brackets() {
        None => place,
        Some(name) => match sub_attribute(coercer, place, name) {
            Some(place) => place,
            None => {
                let shown = shown_path(coercer.resource_type, path);
                return Err(Missing::Refused(unknown_sub(shown, attribute, name)));
            }
        },
    };
    Ok(Target::Attribute(place, Some(brackets)))
}

fn compile<'a>(
    coercer: &Coercer<'a>,
    path: &PatchPath,
    expr: &Expr<'static>,
    attribute: &'a Attribute,
) -> Result<Brackets, Missing> {
    let mut compiler = Compiler::new(coercer.resource_type, &coercer.options.tolerance);
    let node = compiler.element(expr, attribute).map_err(|fault| {
        let path_shown = shown_path(coercer.resource_type, path);
        let is_secret = fault.is_secret || path_shown != path.as_str();
        let error = CompileError::new(Fault { is_secret, ..fault }, path.as_str());
        let shown = Some((error.span(), error.render()));
        Missing::Refused(Refusal { shown, ..invalid_path(path_shown, error.to_string()) })
    })?;
    let mut equalities = Vec::new();
    let only_equalities = collect(expr, attribute, &mut equalities);
    Ok(Brackets { node, equalities, only_equalities })
}

/// Collects the equalities that must hold; true if there is nothing else in the filter.
fn collect(expr: &Expr<'_>, attribute: &Attribute, out: &mut Vec<(Option<usize>, Value)>) -> bool {
    match expr {
        // Not `all`, which would stop at the first that is no equality.
        Expr::And(terms) => terms.iter().filter(|term| !collect(term, attribute, out)).count() == 0,
        Expr::Attr(exp) => {
            let Test::Compare { op: CompareOp::Eq, value, .. } = &exp.test else { return false };
            let sub = if attribute.is_complex() { attribute.sub_attribute(exp.path.name()) } else { None };
            if exp.path.sub_attribute().is_some() || (attribute.is_complex() && sub.is_none()) {
                return false;
            }
            let at = sub.and_then(|sub| attribute.sub_attributes.iter().position(|other| std::ptr::eq(other, sub)));
            let is_boolean = sub.unwrap_or(attribute).attr_type == AttrType::Boolean;
            let value = match value {
                Literal::Null => return false,
                Literal::Bool(value) => Value::Bool(*value),
                Literal::String(text) => match parse_bool(text).filter(|_| is_boolean) {
                    Some(value) => Value::Bool(value),
                    None => Value::String(text.clone().into_owned()),
                },
                Literal::Number(number) => match number.as_str().parse() {
                    Ok(number) => Value::Number(number),
                    Err(_) => return false,
                },
            };
            out.push((at, value));
            true
        }
        _ => false,
    }
}

fn attribute<'a>(
    coercer: &mut Coercer<'a>,
    path: &AttrPath<'_>,
    within: Option<&'a Schema>,
) -> Result<Target<'a>, Missing> {
    let resource_type = coercer.resource_type;
    if let Some(schema) = within.filter(|_| path.uri().is_none()) {
        let Some(attribute) = schema.attribute(path.name()) else { return Err(unknown(coercer, path, Some(schema))) };
        return with_sub(coercer, AttrRef::new(Some(schema), attribute), path);
    }
    match resource_type.try_resolve(path) {
        Ok(Resolved::Extension(schema)) => Ok(Target::Extension(schema)),
        Ok(Resolved::Attribute { extension, attribute, sub_attribute }) => {
            Ok(Target::Attribute(AttrRef { extension, attribute, sub: sub_attribute }, None))
        }
        Err(Unresolved::SubAttribute(attribute)) => {
            let extension = path.uri().and_then(|uri| resource_type.extension(uri));
            with_sub(coercer, AttrRef::new(extension, attribute), path)
        }
        Err(Unresolved::Attribute) if path.uri().is_none() => {
            match coercer.bare_name(path.name()).map_err(Missing::Refused)? {
                Some(place) => with_sub(coercer, place, path),
                None => Err(unknown(coercer, path, None)),
            }
        }
        Err(Unresolved::Attribute) => {
            Err(unknown(coercer, path, path.uri().and_then(|uri| resource_type.extension(uri))))
        }
        Err(Unresolved::Schema) => legacy(coercer, path),
    }
}

/// A path with a URN of SCIM 1.x.
fn legacy<'a>(coercer: &mut Coercer<'a>, path: &AttrPath<'_>) -> Result<Target<'a>, Missing> {
    if let Some(extension) = coercer.extension_key(path.as_str()).map_err(Missing::Refused)? {
        return Ok(Target::Extension(extension));
    }
    let uri = path.uri().unwrap_or_default();
    if let Some(extension) = coercer.extension_key(uri).map_err(Missing::Refused)? {
        return match extension.attribute(path.name()) {
            Some(attribute) => with_sub(coercer, AttrRef::new(Some(extension), attribute), path),
            None => Err(unknown(coercer, path, Some(extension))),
        };
    }
    let is_core = coercer.is_core_key(uri).map_err(Missing::Refused)?;
    match coercer.resource_type.attribute(path.name()).filter(|_| is_core) {
        Some(attribute) => with_sub(coercer, AttrRef::new(None, attribute), path),
        None => Err(unknown(coercer, path, None)),
    }
}

fn with_sub<'a>(coercer: &mut Coercer<'a>, place: AttrRef<'a>, path: &AttrPath<'_>) -> Result<Target<'a>, Missing> {
    let place = match path.sub_attribute() {
        None => place,
        Some(name) => sub_attribute(coercer, place, name)
            .ok_or_else(|| Missing::Unknown(unknown_sub(path.as_str(), place.attribute, name)))?,
    };
    Ok(Target::Attribute(place, None))
}

fn sub_attribute<'a>(coercer: &mut Coercer<'a>, place: AttrRef<'a>, name: &str) -> Option<AttrRef<'a>> {
    if let Some(sub) = place.attribute.sub_attribute(name) {
        return Some(place.sub(sub));
    }
    let alias = Coercer::manager_id(place.attribute, name).filter(|_| coercer.options.tolerance.manager_id)?;
    let place = place.sub(alias);
    coercer.report(place, "manager_id", format!("`{name}` was read as `{}`", place.leaf().name));
    Some(place)
}

fn unknown(coercer: &Coercer<'_>, path: &AttrPath<'_>, extension: Option<&Schema>) -> Missing {
    let attributes = extension.map_or(coercer.resource_type.attributes(), |schema| &schema.attributes);
    let owner = extension.map_or(coercer.resource_type.name(), |schema| &schema.id);
    let near = nearest(path.name(), attributes.iter().map(|attribute| attribute.name.as_str()));
    let hint = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
    Missing::Unknown(invalid_path(path.as_str(), format!("`{owner}` has no such attribute{hint}")))
}

fn unknown_sub(path: &str, attribute: &Attribute, name: &str) -> Refusal {
    let near = nearest(name, attribute.sub_attributes.iter().map(|sub| sub.name.as_str()));
    let hint = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
    invalid_path(path, format!("`{}` has no sub-attribute `{name}`{hint}", attribute.name))
}
