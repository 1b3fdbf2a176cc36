//! `scim-engine check`: shows what a POST or PUT of a resource would do.

use std::fmt::Write as _;
use std::io::Write as _;

use super::args::CheckArgs;
use super::context::Context;
use super::exit::Exit;
use super::failure::{Failure, Stop};
use super::output::{Palette, stdout, styled};
use super::rules::Rules;
use super::{diff, files};
use crate::coerce::{Outcome, Repair};
use crate::options::Options;

pub(super) fn run(args: &CheckArgs) -> Result<Exit, Stop> {
    let context = Context::new(&args.common)?.unknown(args.unknown).wishes(&args.wishes);
    if files::is_stdin(&args.resource) && args.replace.as_deref().is_some_and(files::is_stdin) {
        return Err(Failure::plain("only one of RESOURCE and STORED can be `-`").into());
    }
    let body = files::read_json(&args.resource)?;
    let stored = args.replace.as_deref().map(files::read_json).transpose()?;
    let options = context.options.clone().absent(args.absent);
    let documents: Vec<_> =
        [(&*args.resource, &body)].into_iter().chain(args.replace.as_deref().zip(stored.as_ref())).collect();
    let resource_type = context.type_of(&documents)?;
    let write = |options: &Options| match &stored {
        None => resource_type.create_with(&body, options),
        Some(stored) => resource_type.replace_with(stored, &body, options),
    };
    let held = args.wishes.profile.map_or(Ok(None), |profile| {
        let mut broken = Rules::new(profile, &options);
        broken.of_resource(&resource_type, &body, stored.as_ref());
        broken.verdict(args.common.json).map(Some)
    });
    let done = held.and_then(|rules| write(&options).map_err(Failure::resource).map(|written| (written, rules)));
    let (written, rules) = match done {
        Ok(done) => done,
        Err(failure) => {
            // A refusal answers the question of the command, so the exit code is "no" and not "error".
            failure.report(args.common.json);
            return Ok(Exit::No);
        }
    };
    let mut out = stdout();
    if args.common.json {
        writeln!(out, "{}", diff::json(&written.resource, &written.outcome, rules))?;
    } else {
        let palette = Palette::new(args.common.color);
        if stored.is_some() {
            diff::write(&mut out, &written.outcome, palette)?;
        } else {
            diff::repairs(&mut out, &written.outcome.repairs, palette)?;
        }
        let verdict = verdict(resource_type.name(), &written.outcome, stored.is_some());
        writeln!(out, "{}", styled(palette.added, &verdict))?;
    }
    out.flush()?;
    Ok(Exit::Yes)
}

fn verdict(name: &str, outcome: &Outcome, is_replace: bool) -> String {
    let is_drop = |repair: &&Repair| [Repair::READ_ONLY, Repair::UNKNOWN_MEMBER].contains(&repair.kind());
    let dropped = outcome.repairs.iter().filter(is_drop).count();
    let repaired = outcome.repairs.len() - dropped;
    let mut verdict = format!("accepted as {name}");
    for (count, what) in [(repaired, "repaired"), (dropped, "dropped")] {
        if count > 0 {
            // Writing to a String cannot fail.
            let _ = write!(verdict, ", {count} {what}");
        }
    }
    if is_replace && !outcome.changed {
        verdict.push_str(", nothing changed");
    }
    verdict
}
