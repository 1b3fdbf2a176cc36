//! `scim-engine explain --path`: shows the parts of the path of a PATCH operation, and the values that it selects.

use serde_json::{Value, json};

use super::attribute::{FilterNames, NamedAttribute};
use super::clause::Clause;
use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::error::ScimType;
use crate::filter::{CompileError, Matcher};
use crate::patch::Patch;
use crate::schema::{Resolved, ResourceType};
use crate::syntax::{Filter, PatchPath, Rewrite, Span, Visit as _, attr_path, render};

/// Explains the elements that the brackets select or, without brackets, whether the attribute is assigned.
pub(super) fn explain(
    context: &Context,
    path: &PatchPath,
    resource_type: &ResourceType,
    document: Option<&Value>,
) -> Result<Clause, Failure> {
    check_brackets(context, path, resource_type)?;
    check(context, path, resource_type)?;
    let text = match (path.value_filter(), path.as_str().rfind(']')) {
        (Some(_), Some(end)) => path.as_str().get(..=end).unwrap_or_default().to_owned(),
        _ => format!("{} ne null", path.as_str()),
    };
    let clause = match compile(context, path, &text, resource_type)? {
        Ok(matcher) => Clause::of(&matcher, document)?,
        // A filter cannot test an attribute that is never returned, nor the core schema as a whole. No values are shown for
        // such a path.
        Err(_) => Clause::default(),
    };
    Ok(Clause { text: path.to_string(), span: None, ..clause })
}

/// The attributes that a path names.
pub(super) fn names<'a>(context: &Context, path: &PatchPath, resource_type: &'a ResourceType) -> FilterNames<'a> {
    let mut names = FilterNames::new(resource_type);
    let own = || match resolve(context, path, resource_type) {
        Some(resolved) => NamedAttribute::resolved(resource_type, resolved),
        None => NamedAttribute::new(resource_type, path.attr()),
    };
    names.push(own());
    if let Some(filter) = path.value_filter() {
        names.enter(own(), |names| names.visit_expr(filter));
        if let Some(sub) = path.sub_attribute() {
            names.push(own().sub(sub));
        }
    }
    names
}

fn resolve<'a>(context: &Context, path: &PatchPath, resource_type: &'a ResourceType) -> Option<Resolved<'a>> {
    resource_type.look_up(path.attr(), &context.options.tolerance).ok().map(|found| found.target)
}

/// Compiles a filter whose text begins with the path's attribute.
fn compile(
    context: &Context,
    path: &PatchPath,
    text: &str,
    resource_type: &ResourceType,
) -> Result<Result<Matcher, CompileError>, Failure> {
    // The length of the path has already been checked. `text` may be longer than the path, so its length is not limited.
    let options = context.options.clone().limits(context.options.limits.filter_bytes(usize::MAX));
    let mut filter = Filter::parse_with(text, &options).map_err(Failure::parse)?;
    // For the resource type `any`, a path may name an attribute of an extension without its URN, but a filter may not. So the
    // filter gets the full name.
    let resolved = resolve(context, path, resource_type).map(|resolved| resolved.to_string());
    if let Some(attr) = resolved.as_deref().and_then(attr_path) {
        let rewrite = (path.attr().span(), Rewrite::Path(attr.into_owned()));
        filter = filter.with_expr(filter.expr().rewritten(&[rewrite]));
    }
    Ok(filter.compile_with(resource_type, &context.options))
}

/// Checks the filter in the brackets. It runs before `check`, because its error has a place within the path, and an error of
/// `check` marks the whole path.
fn check_brackets(context: &Context, path: &PatchPath, resource_type: &ResourceType) -> Result<(), Failure> {
    if path.value_filter().is_none() || resolve(context, path, resource_type).is_none() {
        return Ok(());
    }
    // The filter begins with the whole text of the path, so a span in the filter is the same span in the path.
    let is_sub = path.sub_attribute().is_some();
    let text = if is_sub { format!("{} pr", path.as_str()) } else { path.as_str().to_owned() };
    let Err(error) = compile(context, path, &text, resource_type)? else { return Ok(()) };
    let detail = error.to_string();
    let rendered = render(path.as_str(), error.span(), &detail, None);
    let (before, behind) = (path.as_str().find('['), path.as_str().rfind(']'));
    let in_brackets = before < Some(error.span().start) && Some(error.span().start) < behind;
    let scim_type = if in_brackets { ScimType::InvalidFilter } else { ScimType::InvalidPath };
    Err(Failure::path(scim_type, &rendered, detail, error.span()))
}

/// Checks that PATCH accepts the path, by trying a request with the path.
fn check(context: &Context, path: &PatchPath, resource_type: &ResourceType) -> Result<(), Failure> {
    if resource_type.is_open() {
        return Ok(());
    }
    let request = json!({"schemas": [Patch::SCHEMA], "Operations": [{"op": "remove", "path": path.as_str()}]});
    let asked = Patch::parse_with(&request, &context.options).map_err(Failure::patch)?;
    match asked.apply(&mut json!({}), resource_type) {
        Err(error) if error.scim_type() == Some(ScimType::InvalidPath) => {
            let span = Span::new(0, path.as_str().len());
            let detail =
                error.hint().map_or_else(|| error.message().to_owned(), |hint| format!("{}; {hint}", error.message()));
            let rendered = render(path.as_str(), span, &detail, None);
            Err(Failure::path(ScimType::InvalidPath, &rendered, detail, span))
        }
        _ => Ok(()),
    }
}
