//! `scim explain --path`: shows the parts of the path of a PATCH operation, and the values that it selects.

use serde_json::{Value, json};

use super::args::ExplainArgs;
use super::attribute::{Named, Names, resolved_keys, values};
use super::clause::Clause;
use super::context::Context;
use super::exit::Exit;
use super::explain::{Explainer, show};
use super::failure::{Failure, Stop};
use super::files;
use crate::error::ScimType;
use crate::limits::Limits;
use crate::patch::Patch;
use crate::schema::{Resolved, ResourceType};
use crate::syntax::{Expr, Filter, PatchPath, Span, Visit as _, render};

pub(super) fn run(args: &ExplainArgs, context: &Context) -> Result<Exit, Stop> {
    let path = context.path(&args.filter)?;
    let document = args.resource.as_deref().map(files::read_json).transpose()?;
    let resource_type = context.type_or_any(document.as_ref());
    check_brackets(context, &path, &resource_type)?;
    check(context, &path, &resource_type)?;
    let resolved = resource_type.look_up(path.attr(), &context.options.tolerance).ok().map(|found| found.target);
    let (clause, names) = match resolved {
        Some(resolved) => {
            let explainer = Explainer { context, resource_type: &resource_type };
            let clause = explain(&explainer, &path, resolved, document.as_ref())?;
            (clause, names(&path, resolved, &resource_type))
        }
        None => {
            let mut names = Names::new(&resource_type);
            names.push(Named::new(&resource_type, path.attr()));
            let holds = document.as_ref().map(|_| false);
            (Clause { text: path.to_string(), holds, ..Clause::default() }, names)
        }
    };
    show(args, &clause, &names, &json!({"path": path.to_string(), "resourceType": resource_type.name()}))
}

/// Checks the filter in the brackets, so that an error has its place.
fn check_brackets(context: &Context, path: &PatchPath, resource_type: &ResourceType) -> Result<(), Failure> {
    if path.value_filter().is_none() || resource_type.resolve(path.attr()).is_none() {
        return Ok(());
    }
    // Read as a filter, the path has the same spans.
    let is_sub = path.sub_attribute().is_some();
    let text = if is_sub { format!("{} pr", path.as_str()) } else { path.as_str().to_owned() };
    let limits = Limits { filter_bytes: usize::MAX, ..context.options.limits };
    let filter = Filter::parse_with(&text, &limits, &context.options.tolerance).map_err(Failure::parse)?;
    let Err(error) = filter.compile_with(resource_type, &context.options.tolerance) else { return Ok(()) };
    let detail = error.to_string();
    Err(Failure::path(&render(path.as_str(), error.span(), &detail, None), detail, error.span()))
}

/// Whether PATCH accepts the path: a request with it is tried.
fn check(context: &Context, path: &PatchPath, resource_type: &ResourceType) -> Result<(), Failure> {
    if resource_type.is_open() {
        return Ok(());
    }
    let request = json!({"schemas": [Patch::SCHEMA], "Operations": [{"op": "remove", "path": path.as_str()}]});
    let asked = Patch::parse_with(&request, &context.options).map_err(|error| Failure::patch(error, &request))?;
    match asked.apply(&mut json!({}), resource_type) {
        Err(error) if error.scim_type() == ScimType::InvalidPath => {
            let span = Span::new(0, path.as_str().len());
            let rendered = render(path.as_str(), span, error.message(), None);
            Err(Failure::path(&rendered, error.message().to_owned(), span))
        }
        _ => Ok(()),
    }
}

fn names<'a>(path: &PatchPath, resolved: Resolved<'a>, resource_type: &'a ResourceType) -> Names<'a> {
    let mut names = Names::new(resource_type);
    let own = || Named::resolved(resource_type, resolved);
    names.push(own());
    if let Some(filter) = path.value_filter() {
        names.enter(own(), |names| names.visit_expr(filter));
        if let Some(sub) = path.sub_attribute() {
            names.push(own().sub(sub));
        }
    }
    names
}

fn explain(
    explainer: &Explainer<'_>,
    path: &PatchPath,
    resolved: Resolved<'_>,
    document: Option<&Value>,
) -> Result<Clause, Failure> {
    let keys = resolved_keys(resolved);
    let mut clause = Clause { text: path.to_string(), ..Clause::default() };
    let Some(filter) = path.value_filter() else {
        if let Some(document) = document {
            let found: Vec<Value> = values(document, &keys).into_iter().cloned().collect();
            clause.holds = Some(!found.is_empty());
            clause.values = Some(found);
        }
        return Ok(clause);
    };
    let prefix = match resolved {
        Resolved::Attribute { extension: Some(schema), attribute, .. } => format!("{}:{}", schema.id, attribute.name),
        _ => path.attr().as_str().to_owned(),
    };
    let parts = |alone: Option<&Value>| -> Result<Vec<Clause>, Failure> {
        match filter {
            Expr::And(terms) => terms.iter().map(|term| explainer.inner(&prefix, term, alone)).collect(),
            one => Ok(vec![explainer.inner(&prefix, one, alone)?]),
        }
    };
    let Some(document) = document else {
        clause.children = parts(None)?;
        return Ok(clause);
    };
    let chosen = format!("{prefix}[{filter}]");
    clause.holds = Some(explainer.holds(&chosen, document)?);
    // Each element is evaluated with the text of a filter, and shown with that of the path.
    clause.text = chosen;
    explainer.each_element(&mut clause, &keys, document, |alone| parts(Some(alone)))?;
    clause.text = path.to_string();
    Ok(clause)
}
