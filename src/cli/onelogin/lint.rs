//! `scim-engine onelogin lint`: reports the problems of a template, or prints the template without them.

use std::fmt::Write as _;
use std::io::{self, Write};

use serde_json::{Value, json};

use super::args::LintArgs;
use super::render::text;
use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::failure::{Failure, Stop};
use crate::cli::files;
use crate::cli::output::{Palette, complain, stdout, styled};
use crate::onelogin::{Lint, LintOptions, Person, Problem, Severity, Template, lint_with};
use crate::schema::ResourceType;

pub(super) fn run(args: &LintArgs) -> Result<Exit, Stop> {
    if args.fix && files::is_stdin(&args.template) {
        return Err(Failure::plain("`--fix` needs a file, not standard input: use `--corrected`").into());
    }
    let context = Context::new(&args.common)?;
    let text = text(&args.template)?;
    let resource_type = type_of(&context, &text)?;
    let options = LintOptions::default().bare_booleans(args.bare_booleans).server(context.options.clone());
    let found = lint_with(&text, &resource_type, &options);
    let name = files::name(&args.template);
    let mut out = stdout();
    if args.fix
        && let Some(corrected) = found.corrected().filter(|corrected| *corrected != text)
    {
        files::write_atomically(&args.template, corrected.as_bytes())?;
    }
    let is_corrected = args.fix || args.corrected;
    if args.common.json {
        writeln!(out, "{}", report(&name, &resource_type, &found))?;
    } else if args.corrected {
        if let Some(corrected) = found.corrected() {
            out.write_all(corrected.as_bytes())?;
            if !corrected.ends_with('\n') {
                out.write_all(b"\n")?;
            }
        }
        for problem in found.problems().iter().filter(|problem| !problem.is_cured()) {
            complain(problem.severity().as_str(), &line(&name, problem));
        }
    } else {
        write(&mut out, &name, &found, args)?;
    }
    out.flush()?;
    let is_left = |problem: &Problem| problem.severity() != Severity::Note && !(is_corrected && problem.is_cured());
    Ok(if found.problems().iter().any(is_left) { Exit::No } else { Exit::Yes })
}

/// The resource type of `--type`, or else the type that the rendered template names, or else `User`.
fn type_of(context: &Context, text: &str) -> Result<ResourceType, Failure> {
    if context.resource_type.is_some() {
        return context.type_of(&[]);
    }
    let rendered = Template::parse(text).ok();
    let rendered = rendered.and_then(|template| template.render(&Person::new()).ok());
    let said = rendered.and_then(|rendered| context.registry.of(&rendered.value).cloned());
    match said.or_else(|| context.registry.get("User").cloned()) {
        Some(resource_type) => Ok(resource_type),
        None => context.type_of(&[]),
    }
}

fn line(name: &str, problem: &Problem) -> String {
    let path = if problem.path().is_empty() { String::new() } else { format!("`{}`: ", problem.path()) };
    format!("{name}:{}: {path}{} ({})", problem.position(), problem.message(), problem.code())
}

fn write(out: &mut impl Write, name: &str, found: &Lint, args: &LintArgs) -> io::Result<()> {
    let palette = Palette::new(args.common.color);
    for problem in found.problems() {
        let style = match problem.severity() {
            Severity::Error => palette.removed,
            Severity::Warning => palette.repaired,
            Severity::Note => palette.faint,
        };
        writeln!(out, "{}: {}", styled(style, problem.severity().as_str()), line(name, problem))?;
        writeln!(out, "  help: {}", problem.cure())?;
    }
    let count = |what: &dyn Fn(&Problem) -> bool| found.problems().iter().filter(|problem| what(problem)).count();
    let notes = count(&|problem| problem.severity() == Severity::Note);
    let problems = found.problems().len() - notes;
    let cured = count(&|problem| problem.severity() != Severity::Note && problem.is_cured());
    let mut verdict = match problems {
        0 => format!("{name}: no problems"),
        1 => format!("{name}: 1 problem"),
        count => format!("{name}: {count} problems"),
    };
    if cured > 0 {
        let how = if args.fix { "cured in the file" } else { "cured by `--fix` or `--corrected`" };
        // Writing to a String cannot fail.
        let _ = write!(verdict, ", {cured} {how}");
    }
    if notes > 0 {
        let _ = write!(verdict, ", {notes} {}", if notes == 1 { "note" } else { "notes" });
    }
    let style = if problems == 0 { palette.added } else { palette.repaired };
    writeln!(out, "{}", styled(style, &verdict))
}

/// The report as JSON.
fn report(name: &str, resource_type: &ResourceType, found: &Lint) -> Value {
    let problem = |problem: &Problem| {
        json!({
            "code": problem.code(),
            "severity": problem.severity(),
            "path": problem.path(),
            "line": problem.position().line,
            "column": problem.position().column,
            "span": {"start": problem.span().start, "end": problem.span().end},
            "message": problem.message(),
            "cure": problem.cure(),
            "cured": problem.is_cured(),
        })
    };
    json!({
        "file": name,
        "type": resource_type.name(),
        "clean": found.is_clean(),
        "problems": found.problems().iter().map(problem).collect::<Vec<_>>(),
        "corrected": found.corrected(),
    })
}
