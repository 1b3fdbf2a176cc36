//! `scim-engine explain`: shows the clauses of a filter, and which of them fail.

mod attribute;
mod clause;
mod path;

use std::io::Write as _;

use serde_json::{Map, Value};

use self::attribute::FilterNames;
use self::clause::Clause;
use super::args::ExplainArgs;
use super::context::Context;
use super::exit::Exit;
use super::failure::{Failure, Stop};
use super::files;
use super::output::{Palette, stdout};
use crate::syntax::Visit as _;

pub(super) fn run(args: &ExplainArgs) -> Result<Exit, Stop> {
    let context = Context::new(&args.common)?;
    let read = || args.resource.as_deref().map(files::read_json).transpose();
    if args.path {
        let path = context.path(&args.filter)?;
        let document = read()?;
        let resource_type = context.type_or_any(document.as_ref());
        let clause = path::explain(&context, &path, &resource_type, document.as_ref())?;
        let names = path::names(&context, &path, &resource_type);
        return show(args, ("path", path.to_string()), &clause, &names);
    }
    let filter = context.filter(&args.filter)?;
    let document = read()?;
    let resource_type = context.type_or_any(document.as_ref());
    let matcher = filter
        .compile_with(&resource_type, &context.options)
        .map_err(|error| Failure::compile(error, resource_type.name()))?;
    let clause = Clause::of(&matcher, document.as_ref())?;
    let mut names = FilterNames::new(&resource_type);
    names.visit_expr(matcher.filter().expr());
    show(args, ("filter", filter.to_string()), &clause, &names)
}

/// Prints a clause and the attributes that it names.
fn show(args: &ExplainArgs, of: (&str, String), clause: &Clause, names: &FilterNames<'_>) -> Result<Exit, Stop> {
    let mut out = stdout();
    if args.common.json {
        let mut whole = Map::new();
        whole.insert(of.0.to_owned(), of.1.into());
        whole.insert("resourceType".to_owned(), names.resource_type().name().into());
        if let Some(holds) = clause.holds {
            whole.insert("holds".to_owned(), holds.into());
        }
        whole.insert("tree".to_owned(), clause.json());
        whole.insert("attributes".to_owned(), names.json());
        writeln!(out, "{}", Value::Object(whole))?;
    } else {
        clause.write(&mut out, Palette::new(args.common.color))?;
        writeln!(out)?;
        names.write(&mut out)?;
    }
    out.flush()?;
    Ok(if clause.holds == Some(false) { Exit::No } else { Exit::Yes })
}
