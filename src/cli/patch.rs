//! `scim-engine patch`: applies a PATCH request to a file.

use std::io::{IsTerminal as _, Write as _};

use serde_json::Value;

use super::args::PatchArgs;
use super::context::Context;
use super::exit::Exit;
use super::failure::{Failure, Stop};
use super::output::{Palette, complain, pretty, stdout};
use super::rules::Rules;
use super::{diff, files};
use crate::patch::Patch;

pub(super) fn run(args: &PatchArgs) -> Result<Exit, Stop> {
    if files::is_stdin(&args.patch) && files::is_stdin(&args.resource) {
        return Err(Failure::plain("only one of PATCH and RESOURCE can be `-`").into());
    }
    if args.in_place && files::is_stdin(&args.resource) {
        return Err(Failure::plain("`--in-place` needs a file, not standard input").into());
    }
    let context = Context::new(&args.common)?.unknown(args.unknown).wishes(&args.wishes);
    let request = files::read_json(&args.patch)?;
    let text = files::read(&args.resource)?;
    let mut resource = files::parse(&args.resource, &text)?;
    let resource_type = context.type_of(&[(&args.resource, &resource)])?;
    let mut rules = None;
    if let Some(profile) = args.wishes.profile {
        let mut broken = Rules::new(profile, &context.options);
        broken.of_patch(&resource_type, &request, &resource);
        rules = Some(broken.verdict(args.common.json)?);
    }
    let patch = Patch::parse_with(&request, &context.options).map_err(Failure::patch)?;
    let outcome = patch.apply(&mut resource, &resource_type).map_err(Failure::patch)?;

    let mut out = stdout();
    if args.in_place && outcome.changed {
        files::write_atomically(&args.resource, &as_it_was(args, &text, &resource)?)?;
    }
    if args.common.json {
        writeln!(out, "{}", diff::json(&resource, &outcome, rules))?;
    } else if args.diff {
        diff::write(&mut out, &outcome, Palette::new(args.common.color))?;
    } else if !args.in_place {
        let is_pretty = args.pretty || !args.compact && std::io::stdout().is_terminal();
        let text = if is_pretty { pretty(&resource, "  ")? } else { resource.to_string().into_bytes() };
        out.write_all(&text)?;
        out.write_all(b"\n")?;
    }
    out.flush()?;
    if !args.common.json {
        if !args.diff {
            for repair in &outcome.repairs {
                complain("repaired", &repair.to_string());
            }
        }
        if !outcome.changed {
            complain("note", "nothing changed");
        }
    }
    Ok(Exit::Yes)
}

/// The text of the new resource, in the layout of the old file: compact or pretty, with its indent and its final line break.
/// `--pretty` and `--compact` override the layout.
fn as_it_was(args: &PatchArgs, old: &[u8], resource: &Value) -> Result<Vec<u8>, Stop> {
    let trimmed = old.trim_ascii();
    let is_pretty = args.pretty || !args.compact && trimmed.contains(&b'\n');
    let mut text = if is_pretty {
        pretty(resource, &indent(trimmed).unwrap_or_else(|| "  ".to_owned()))?
    } else {
        resource.to_string().into_bytes()
    };
    if old.ends_with(b"\n") {
        text.push(b'\n');
    }
    Ok(text)
}

/// The indent of JSON text: the blanks at the start of its second line.
fn indent(text: &[u8]) -> Option<String> {
    let line = text.split(|byte| *byte == b'\n').nth(1)?;
    let blanks = line.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    let indent = line.get(..blanks).filter(|indent| !indent.is_empty())?;
    String::from_utf8(indent.to_vec()).ok()
}
