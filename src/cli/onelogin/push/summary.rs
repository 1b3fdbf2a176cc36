//! The work and the findings of a push, as text for people.

use std::io::{self, Write};
use std::time::Duration;

use crate::cli::output::{Palette, styled};
use crate::client::{Client, Counts, Report, Severity};

pub(super) fn write(
    out: &mut impl Write,
    client: Client,
    url: &str,
    report: &Report,
    elapsed: Duration,
    palette: Palette,
) -> io::Result<()> {
    writeln!(out, "{} -> {url}\n", client.title())?;
    if !client.is_suite() {
        counts(out, report)?;
        writeln!(out)?;
    }
    steps(out, report)?;
    let summary = &report.summary;
    let seconds = elapsed.as_secs_f64();
    write!(out, "\n{} requests in {seconds:.1} s", summary.requests)?;
    if summary.retries > 0 {
        write!(out, ", {} of them repeated", summary.retries)?;
    }
    if summary.resumed > 0 {
        write!(out, ", {} done before", summary.resumed)?;
    }
    writeln!(out)?;
    findings(out, report, palette)?;
    if let Some(why) = &report.aborted {
        writeln!(out, "\n{}", styled(palette.removed, &format!("not finished: {why}")))?;
    }
    let verdict = verdict(client, report);
    let style = if report.ok() { palette.added } else { palette.removed };
    writeln!(out, "\n{}", styled(style, &verdict))
}

fn verdict(client: Client, report: &Report) -> String {
    let count = |severity| report.findings.iter().filter(|finding| finding.severity == severity).count();
    let errors = count(Severity::Error);
    let failed = report.summary.people.failed + report.summary.groups.failed;
    match (errors, failed) {
        (0, 0) if report.aborted.is_none() => {
            let needed = format!("every answer was as {} needs it", client.title());
            match count(Severity::Warning) {
                0 => needed,
                1 => format!("{needed}, with 1 warning"),
                warnings => format!("{needed}, with {warnings} warnings"),
            }
        }
        (0, failed) => format!("{failed} failed"),
        (1, _) => format!("1 finding would fail in {}", client.title()),
        (errors, _) => format!("{errors} findings would fail in {}", client.title()),
    }
}

/// Writes the numbers of people and groups, with a column for each outcome. An outcome without people and groups has no
/// column, except `failed`.
fn counts(out: &mut impl Write, report: &Report) -> io::Result<()> {
    let rows: [(&str, &Counts); 2] = [("people", &report.summary.people), ("groups", &report.summary.groups)];
    let all = rows.map(|(_, counts)| counts.all());
    let columns = all[0].iter().zip(&all[1]).filter(|((name, a), (_, b))| *name == "failed" || a + b > 0);
    let columns: Vec<_> = columns.map(|((name, a), (_, b))| (*name, [*a, *b])).collect();
    write!(out, "{:16}", "")?;
    for (name, _) in &columns {
        write!(out, "{name:>11}")?;
    }
    for (row, (label, _)) in rows.iter().enumerate() {
        write!(out, "\n{label:16}")?;
        for (_, values) in &columns {
            write!(out, "{:>11}", values.get(row).copied().unwrap_or_default())?;
        }
    }
    writeln!(out)
}

fn steps(out: &mut impl Write, report: &Report) -> io::Result<()> {
    let width = report.summary.steps.keys().map(|name| name.chars().count() + 1).max().unwrap_or(0).max(16);
    writeln!(out, "{:width$}{:>11}{:>11}{:>11}", "step", "requests", "refused", "mean")?;
    for (name, step) in &report.summary.steps {
        let requests = u64::try_from(step.requests).unwrap_or(u64::MAX).max(1);
        let mean = step.micros / requests;
        let (whole, tenth) = (mean / 1000, mean % 1000 / 100);
        writeln!(out, "{name:width$}{:>11}{:>11}{:>11}", step.requests, step.refused, format!("{whole}.{tenth} ms"))?;
    }
    Ok(())
}

fn findings(out: &mut impl Write, report: &Report, palette: Palette) -> io::Result<()> {
    for finding in &report.findings {
        let style = match finding.severity {
            Severity::Error => palette.removed,
            Severity::Warning => palette.repaired,
            Severity::Note => palette.faint,
        };
        let count = if finding.count > 1 { format!(", {} times", finding.count) } else { String::new() };
        let subject = if finding.subject.is_empty() { String::new() } else { format!(" of `{}`", finding.subject) };
        let head = styled(style, &format!("{}: {}", finding.severity.as_str(), finding.code));
        writeln!(out, "\n{head} in {}{subject}{count}", finding.step)?;
        if !finding.request.is_empty() {
            writeln!(out, "  request  {}", finding.request)?;
        }
        writeln!(out, "  found    {}\n  why      {}\n  cure     {}", finding.found, finding.why, finding.cure)?;
    }
    Ok(())
}
