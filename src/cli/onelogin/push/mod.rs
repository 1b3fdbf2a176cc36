//! `scim-engine onelogin push`: plays a client against an endpoint.

pub(super) mod args;
mod carry;
mod dry;
mod http;
mod journal;
mod progress;
mod summary;
mod target;

use std::io::Write as _;
use std::path::Path;

use serde_json::Value;

use super::people::{self, PeopleArgs};
use super::render;
use crate::cli::exit::Exit;
use crate::cli::failure::{Failure, Stop};
use crate::cli::files;
use crate::cli::options::Color;
use crate::cli::output::{Palette, complain, pretty, stdout};
use crate::client::{Account, Client, Group, Plan, Session};
use crate::onelogin::Template;
use args::PushArgs;
use http::Http;
use journal::Journal;
use progress::Progress;
use target::Target;

pub(super) fn run(args: &PushArgs) -> Result<Exit, Stop> {
    let client = args.client;
    let target = Target::new(args)?;
    let mut plan = plan(args, client)?;
    if args.dry_run {
        let mut out = stdout();
        dry::run(session(plan)?, &mut out, args.json)?;
        out.flush()?;
        return Ok(Exit::Yes);
    }
    let token = target::token(args)?;
    let mut journal = None;
    if let Some(path) = &args.resume {
        let (opened, entries) = Journal::open(path, &target, client)?;
        plan = plan.resume(entries);
        journal = Some(opened);
    }
    let session = session(plan)?;
    let concurrency = usize::try_from(args.concurrency).unwrap_or(1);
    let http = Http::new(&target, token, client, args.timeout(), concurrency, args.insecure);
    let progress = Progress::new(session.progress().total, args.json);
    let carried = carry::carry(session, &http, concurrency, journal.as_mut(), &progress);
    progress.end();
    let report = carried?.report();
    let elapsed = progress.elapsed();
    let mut value = serde_json::to_value(&report).unwrap_or_default();
    if let Some(members) = value.as_object_mut() {
        members.insert("url".to_owned(), target.url.clone().into());
        members.insert("seconds".to_owned(), elapsed.as_secs_f64().into());
        members.insert("ok".to_owned(), report.ok().into());
    }
    if let Some(path) = &args.report {
        write_report(path, &value)?;
    }
    let mut out = stdout();
    if args.json {
        writeln!(out, "{value}")?;
    } else {
        summary::write(&mut out, client, &target.url, &report, elapsed, Palette::new(Color::Auto))?;
    }
    out.flush()?;
    Ok(match (&report.aborted, report.ok()) {
        (Some(_), _) => Exit::Error,
        (None, true) => Exit::Yes,
        (None, false) => Exit::No,
    })
}

fn session(plan: Plan) -> Result<Session, Failure> {
    Session::new(plan).map_err(|error| Failure::plain(error.to_string()))
}

fn plan(args: &PushArgs, client: Client) -> Result<Plan, Failure> {
    let mut plan = Plan::new(client)
        .people(if client.is_suite() { nobody(args, client)? } else { people(args)? })
        .membership(args.membership)
        .removal(args.removal)
        .entra_flag(args.entra_flag)
        .probes(!args.no_probes)
        .retries(args.retries);
    if let Some(update) = args.update {
        plan = plan.update(update);
    }
    if let Some(path) = &args.groups {
        let groups = Group::read_all(&files::read(path)?);
        let groups = groups.map_err(|error| Failure::plain(format!("{}: {error}", files::name(path))))?;
        plan = plan.groups(groups);
    }
    Ok(plan)
}

/// Checks that the options for people, groups and the journal are absent. The client is a suite of checks here, which makes
/// its own people and groups, and keeps no journal.
fn nobody(args: &PushArgs, client: Client) -> Result<Vec<Account>, Failure> {
    let given = [
        ("--template", args.template.is_some()),
        ("--users", args.users.is_some()),
        ("--leaving", args.leaving.is_some()),
        ("--groups", args.groups.is_some()),
        ("--resume", args.resume.is_some()),
    ];
    match given.iter().find(|(_, is_given)| *is_given) {
        None => Ok(Vec::new()),
        Some((option, _)) => Err(Failure::plain(format!(
            "`{}` brings people and groups of its own, and keeps no journal: leave out `{option}`",
            client.as_str()
        ))),
    }
}

fn people(args: &PushArgs) -> Result<Vec<Account>, Failure> {
    let (Some(template), Some(users)) = (&args.template, &args.users) else {
        let missing = if args.template.is_none() { "--template" } else { "--users" };
        return Err(Failure::plain(format!(
            "`{missing}` is missing: `microsoft-validator` and `okta-spec` alone bring people of their own"
        )));
    };
    let inputs = [Some(template), Some(users), args.leaving.as_ref(), args.groups.as_ref()];
    if inputs.into_iter().flatten().filter(|path| files::is_stdin(path)).count() > 1 {
        return Err(Failure::plain("only one file can be `-`"));
    }
    let template = render::template(template)?;
    let mut people = bodies(&template, &args.people, users)?.map(Account::new).collect::<Vec<_>>();
    if people.is_empty() {
        complain("note", &format!("{}: there is nobody in it", files::name(users)));
    }
    if let Some(path) = &args.leaving {
        people.extend(bodies(&template, &args.people, path)?.map(Account::leaving));
    }
    Ok(people)
}

/// The bodies that the template renders for the people in a file.
fn bodies(template: &Template, args: &PeopleArgs, path: &Path) -> Result<impl Iterator<Item = Value> + use<>, Failure> {
    let options = args.options();
    let people = people::people(args, path)?;
    let render = |(index, person)| {
        let rendered = template.render_with(person, &options).map(|rendered| rendered.value);
        rendered.map_err(|error| {
            Failure::plain(format!("{}: person {} cannot be rendered: {error}", files::name(path), index + 1))
        })
    };
    Ok(people.iter().enumerate().map(render).collect::<Result<Vec<_>, _>>()?.into_iter())
}

fn write_report(path: &Path, report: &Value) -> Result<(), Failure> {
    let failed = |error: std::io::Error| Failure::plain(format!("{}: cannot be written: {error}", files::name(path)));
    let mut text = pretty(report, "  ").map_err(failed)?;
    text.push(b'\n');
    files::private().create(true).truncate(true).open(path).and_then(|mut file| file.write_all(&text)).map_err(failed)
}
