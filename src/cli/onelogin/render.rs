//! `scim-engine onelogin render`: shows the bodies that OneLogin would send.

use std::io::{IsTerminal as _, Write as _};
use std::path::Path;

use serde_json::json;

use super::args::RenderArgs;
use super::people::people;
use crate::cli::exit::Exit;
use crate::cli::failure::{Failure, Stop};
use crate::cli::files;
use crate::cli::output::{complain, pretty, stdout};
use crate::onelogin::Template;

pub(super) fn run(args: &RenderArgs) -> Result<Exit, Stop> {
    if files::is_stdin(&args.template) && files::is_stdin(&args.users) {
        return Err(Failure::plain("only one of TEMPLATE and `--users` can be `-`").into());
    }
    let template = template(&args.template)?;
    let people = people(&args.people, &args.users)?;
    let options = args.people.options();
    let mut out = stdout();
    let is_pretty = args.pretty || !(args.ndjson || args.json || args.text) && std::io::stdout().is_terminal();
    // The macros without a value, each with the number of people for whom it has no value.
    let mut unset: Vec<(String, usize)> = Vec::new();
    let mut exit = if people.is_empty() { Exit::No } else { Exit::Yes };
    for (index, person) in people.iter().enumerate() {
        let number = index + 1;
        let rendered = match template.render_with(person, &options) {
            Ok(rendered) => rendered,
            Err(error) => {
                let place = error.position().map(|position| format!(":{position}")).unwrap_or_default();
                let what = error.to_string();
                let what = error.position().and_then(|at| what.strip_prefix(&format!("{at}: "))).unwrap_or(&what);
                let message = format!("{}{place}: person {number}: {what}", files::name(&args.template));
                Failure::syntax(message).with("person", Some(number)).report(args.json);
                exit = Exit::Error;
                continue;
            }
        };
        if args.text {
            out.write_all(rendered.text.as_bytes())?;
            if !rendered.text.ends_with('\n') {
                out.write_all(b"\n")?;
            }
        } else if args.json {
            let line = json!({"body": rendered.value, "text": rendered.text, "unset": rendered.unset});
            writeln!(out, "{line}")?;
        } else if is_pretty {
            out.write_all(&pretty(&rendered.value, "  ")?)?;
            out.write_all(b"\n")?;
        } else {
            writeln!(out, "{}", rendered.value)?;
        }
        for name in &rendered.unescaped {
            complain("warning", &format!("person {number}: the value of `{name}` has characters that need an escape"));
        }
        for name in rendered.unset {
            match unset.iter_mut().find(|(other, _)| *other == name) {
                Some((_, count)) => *count += 1,
                None => unset.push((name, 1)),
            }
        }
    }
    out.flush()?;
    if !args.json {
        for (name, count) in unset {
            complain("note", &format!("`{name}` stands for nothing: {count} of {} people", people.len()));
        }
        if people.is_empty() {
            complain("note", &format!("{}: there is nobody in it", files::name(&args.users)));
        }
    }
    Ok(exit)
}

/// Reads a template from a file.
pub(super) fn template(path: &Path) -> Result<Template, Failure> {
    let name = files::name(path);
    Template::parse(&text(path)?).map_err(|error| {
        let message = format!("{name}:{error}");
        let span = error.span();
        Failure::syntax(message)
            .with("file", Some(name.clone()))
            .with("line", Some(error.position().line))
            .with("span", Some(json!({"start": span.start, "end": span.end})))
    })
}

/// Reads text in UTF-8 from a file.
pub(super) fn text(path: &Path) -> Result<String, Failure> {
    let bytes = files::read(path)?;
    String::from_utf8(bytes).map_err(|error| {
        let encoding = files::other_encoding(error.as_bytes()).unwrap_or("of another encoding");
        Failure::syntax(format!("{}: this is {encoding}, not UTF-8 text", files::name(path)))
    })
}
