//! Resolves the path of an operation with the schemas, and compiles its brackets.

use serde_json::Value;

use crate::coerce::coercer::Coercer;
use crate::coerce::refusal::Refusal;
use crate::error::ScimType;
use crate::filter::compile::Compiler;
use crate::filter::error::{CompileError, CompileFault};
use crate::filter::evaluate;
use crate::filter::node::Node;
use crate::filter::secret::shown_path;
use crate::schema::{AttrRef, Attribute, Resolved, Schema, Unresolved, unknown_sub};
use crate::syntax::{CompareOp, Expr, Literal, PatchPath, Test};

/// The target of a path.
pub(super) enum PathTarget<'a> {
    /// An attribute or sub-attribute; with brackets, only in the elements that the brackets choose.
    Attribute(AttrRef<'a>, Option<CompiledBrackets>),
    /// All attributes of an extension.
    Extension(&'a Schema),
    /// The resource itself, named by the URN of its core schema.
    Resource,
}

/// A path without a target. If the name is unknown, the host's policy may drop the operation (P3); otherwise it is refused.
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
pub(super) struct CompiledBrackets {
    node: Node,
    /// The equalities that an element must all satisfy. Each has the index of a sub-attribute (`None` for a simple element
    /// itself) and the literal.
    equalities: Vec<(Option<usize>, Value)>,
    /// Whether the filter consists of `equalities` alone.
    only_equalities: bool,
    /// The only `value`s that a chosen element can have; `None` if elements with any `value` may match.
    pub values: Option<Vec<String>>,
}

/// The brackets of a path and their attribute.
#[derive(Clone, Copy)]
pub(super) struct ElementFilter<'a> {
    brackets: &'a CompiledBrackets,
    attribute: &'a Attribute,
}

impl<'a> ElementFilter<'a> {
    pub(super) fn new(brackets: &'a CompiledBrackets, attribute: &'a Attribute) -> Self {
        Self { brackets, attribute }
    }

    /// Whether the filter chooses an element. It does not choose an element that is nested too deep to be evaluated.
    pub(super) fn matches(&self, element: &Value) -> bool {
        evaluate::holds(&self.brackets.node, &element).unwrap_or(false)
    }

    /// The equalities that an element must all satisfy. Each has a sub-attribute (`None` for a simple element itself) and
    /// the literal.
    pub(super) fn equalities(self) -> impl Iterator<Item = (Option<&'a Attribute>, &'a Value)> {
        let sub = move |at: &usize| self.attribute.sub_attributes.get(*at);
        self.brackets.equalities.iter().map(move |(at, value)| (at.as_ref().and_then(sub), value))
    }

    /// Whether the filter consists of its `equalities` alone, so that an element can be made from it (P8).
    pub(super) fn only_equalities(&self) -> bool {
        self.brackets.only_equalities
    }

    /// Whether the filter may read all of an element, because it searches in texts or scans lists, and does not only
    /// compare values. A look at an element then costs the weight of the element.
    pub(super) fn reads_all(&self) -> bool {
        let is_list = |(sub, _): (Option<&Attribute>, &Value)| sub.is_some_and(|sub| sub.multi_valued);
        !self.only_equalities() || self.equalities().any(is_list)
    }

    /// The compiled filter, to be evaluated on an element in another representation.
    pub(super) fn node(self) -> &'a Node {
        &self.brackets.node
    }
}

fn invalid_path(path: impl ToString, message: impl Into<String>) -> Refusal {
    Refusal::new(ScimType::InvalidPath, path, message)
}

/// The refusal of a filter on an attribute that is never returned: which elements it chooses would disclose the values
/// (P12a).
pub(super) fn hidden(attr: AttrRef<'_>) -> Refusal {
    invalid_path(attr.whole(), "is never returned: nothing can be chosen by its values")
}

/// Resolves a path. `within` is the extension whose object contains the path as a key.
pub(super) fn resolve<'a>(
    coercer: &mut Coercer<'a>,
    path: &PatchPath,
    within: Option<&'a Schema>,
) -> Result<PathTarget<'a>, Missing> {
    let resource_type = coercer.resource_type;
    let shown = || shown_path(resource_type, path);
    let target = coercer.look_up(path.attr(), within).map_err(|unresolved| {
        let refusal = coercer.unresolved(path.attr(), &unresolved);
        match unresolved {
            Unresolved::Loose { .. } | Unresolved::Malformed(_) => Missing::Refused(refusal),
            _ => Missing::Unknown(refusal),
        }
    })?;
    let refused = |message: String| Err(Missing::Refused(invalid_path(shown(), message)));
    let (attr, has_brackets) = match (target, path.value_filter()) {
        (Resolved::Attribute { extension, attribute, sub_attribute }, brackets) => {
            (AttrRef { extension, attribute, sub: sub_attribute }, brackets.is_some())
        }
        (Resolved::Extension(schema), None) => return Ok(PathTarget::Extension(schema)),
        (Resolved::Core(_), None) => return Ok(PathTarget::Resource),
        (_, Some(_)) => return refused("brackets stand after an attribute, not after a URN".to_owned()),
    };
    let attribute = attr.attribute;
    if attribute.is_never_returned() && (has_brackets || (attribute.multi_valued && attr.sub.is_some())) {
        return Err(Missing::Refused(hidden(attr)));
    }
    let Some(expr) = path.value_filter() else { return Ok(PathTarget::Attribute(attr, None)) };
    if attr.sub.is_some() {
        return refused("brackets stand after an attribute, not after a sub-attribute".to_owned());
    }
    if !attribute.is_complex() && !attribute.multi_valued {
        return refused(format!(
            "`{}` has a single simple value: there is nothing to choose by brackets",
            attribute.name
        ));
    }
    let profile = coercer.options.profile;
    if profile.sub_attribute_required && attribute.is_complex() && path.sub_after_brackets().is_none() {
        return refused("expected a sub-attribute after the brackets".to_owned());
    }
    if profile.only_eq_and && !has_only_eq_and(expr) {
        let message = "expected no operators in the brackets but `eq` and `and`";
        return Err(Missing::Refused(Refusal::new(ScimType::InvalidSyntax, shown(), message)));
    }
    let brackets = compile(coercer, path, expr, attr)?;
    let attr = match path.sub_after_brackets() {
        None => attr,
        Some(name) => match sub_attribute(coercer, attr, name) {
            Some(attr) => attr,
            None => {
                let unknown = unknown_sub(attribute, name);
                return Err(Missing::Unknown(Refusal::unknown(ScimType::InvalidPath, shown(), unknown)));
            }
        },
    };
    Ok(PathTarget::Attribute(attr, Some(brackets)))
}

fn compile(
    coercer: &mut Coercer<'_>,
    path: &PatchPath,
    expr: &Expr<'static>,
    attr: AttrRef<'_>,
) -> Result<CompiledBrackets, Missing> {
    let attribute = attr.attribute;
    let mut compiler = Compiler::new(coercer.resource_type, &coercer.options.tolerance).of(path.as_str()).closed();
    let node = compiler.element(expr, attribute).map_err(|fault| {
        let path_shown = shown_path(coercer.resource_type, path);
        let is_secret = fault.is_secret || path_shown != path.as_str();
        let error = CompileError::new(CompileFault { is_secret, ..fault }, path.as_str());
        let shown = Some((error.span(), error.render()));
        Missing::Refused(Refusal { shown, ..Refusal::new(ScimType::InvalidFilter, path_shown, error.to_string()) })
    })?;
    let rewritten = compiler.rewritten(expr);
    let expr = rewritten.as_ref().unwrap_or(expr);
    if path.has_loose_blanks() {
        coercer.report(attr, "loose_blanks", "blanks were read that are not one space between two words");
    }
    for (compared, kind) in compiler.read_as {
        let compared = if std::ptr::eq(compared, attribute) { attr } else { attr.sub(compared) };
        let detail = match kind {
            "boolean_strings" => "a string was read as a boolean",
            "bare_words" => "a word without quotes was read as a string",
            _ => "a literal was read in another case",
        };
        coercer.report(compared, kind, detail);
    }
    let mut equalities = Vec::new();
    let only_equalities = collect(expr, attribute, &mut equalities);
    let values = if attribute.is_reference() { values(expr) } else { None };
    Ok(CompiledBrackets { node, equalities, only_equalities, values })
}

/// Whether a filter uses no operators but `eq` and `and`.
fn has_only_eq_and(expr: &Expr<'_>) -> bool {
    match expr {
        Expr::And(terms) => terms.iter().all(has_only_eq_and),
        Expr::Attr(exp) => matches!(exp.test, Test::Compare { op: CompareOp::Eq, .. }),
        Expr::Or(_) | Expr::Not(_) | Expr::ValuePath(_) => false,
    }
}

/// The only `value`s that an element chosen by the filter can have; `None` if elements with any `value` may match.
fn values(expr: &Expr<'_>) -> Option<Vec<String>> {
    match expr {
        Expr::Or(terms) => terms.iter().map(values).collect::<Option<Vec<_>>>().map(|values| values.concat()),
        Expr::And(terms) => terms.iter().filter_map(values).min_by_key(Vec::len),
        Expr::Attr(exp) if exp.path.sub_attribute().is_none() && exp.path.uri().is_none() => {
            let Test::Compare { op: CompareOp::Eq, value: Literal::String(text), .. } = &exp.test else {
                return None;
            };
            exp.path.name().eq_ignore_ascii_case("value").then(|| vec![text.clone().into_owned()])
        }
        _ => None,
    }
}

/// Collects the equalities that must hold, and returns whether the filter consists of such equalities alone.
fn collect(expr: &Expr<'_>, attribute: &Attribute, out: &mut Vec<(Option<usize>, Value)>) -> bool {
    match expr {
        // Do not write this with `all`: it would stop at the first term that is not an equality and miss the equalities
        // after it.
        Expr::And(terms) => terms.iter().filter(|term| !collect(term, attribute, out)).count() == 0,
        Expr::Attr(exp) => {
            let Test::Compare { op: CompareOp::Eq, value, .. } = &exp.test else { return false };
            let sub = if attribute.is_complex() { attribute.sub_attribute(exp.path.name()) } else { None };
            if exp.path.sub_attribute().is_some() || (attribute.is_complex() && sub.is_none()) {
                return false;
            }
            let at = sub.and_then(|sub| attribute.sub_attributes.iter().position(|other| std::ptr::eq(other, sub)));
            let value = match value {
                Literal::Null => return false,
                Literal::Bool(value) => Value::Bool(*value),
                Literal::String(text) => Value::String(text.clone().into_owned()),
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

fn sub_attribute<'a>(coercer: &mut Coercer<'a>, attr: AttrRef<'a>, name: &str) -> Option<AttrRef<'a>> {
    if let Some(sub) = attr.attribute.sub_attribute(name) {
        return Some(attr.sub(sub));
    }
    let alias = attr.attribute.value_with_id(name).filter(|_| coercer.options.tolerance.manager_id)?;
    let attr = attr.sub(alias);
    coercer.report(attr, "manager_id", format!("`{name}` was read as `{}`", attr.leaf().name));
    Some(attr)
}
