//! Requests that are made to be expensive: their time is linear in the document plus the request, or they are stopped early
//! (P19).
//!
//! Each family runs at n, 2n and 4n; 4n is near a limit: 10,000 operations, or a request of 1 MB. A step may cost 2.2 times
//! as much as the one before it, unless it ends with `tooMany`; no request may take more than a second. The clock is the
//! processor time of this thread, for reading the request and applying it to a document in memory.
//!
//! A step that no longer fits a cache takes more than twice the time for twice the work. If a step exceeds 2.2, valgrind
//! counts the instructions, and they decide: they may grow to 2.3 times as many. Without valgrind the step fails.
//!
//! ```sh
//! cargo bench --bench hostile              # all families
//! cargo bench --bench hostile -- schemas   # the families with this in their name
//! cargo bench --bench hostile -- --count "body: URNs" PUT 30000   # one run, for a profiler
//! ```

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::cast_precision_loss, missing_docs)]

#[path = "data/hostile.rs"]
mod hostile;

use std::collections::HashMap;
use std::hint::black_box;
use std::process::{Command, ExitCode};
use std::time::Duration;

use cpu_time::ThreadTime;
use hostile::{Case, Family, Kind};
use scim_engine::{Patch, ResourceType, ScimType};
use serde_json::Value;

/// A step that takes more than this many times as long as the one before it is not linear.
const RATIO: f64 = 2.2;
/// The same for instructions. Members are kept in a tree, so n of them cost n·log n: doubling 256 costs 2.25 times as much.
const RATIO_COUNTED: f64 = 2.3;
/// Ratios of shorter runs are noise.
const SHORTEST: Duration = Duration::from_millis(20);
const LONGEST: Duration = Duration::from_secs(1);

struct Run {
    time: Duration,
    bytes: usize,
    end: String,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    if let [flag, name, kind, n] = arguments.as_slice()
        && flag == "--count"
    {
        let families = hostile::families();
        let family = families.iter().find(|family| family.name == name).unwrap();
        let kind = *family.kinds.iter().find(|other| other.name() == kind).unwrap();
        once(&(family.make)(n.parse().unwrap()), kind);
        return ExitCode::SUCCESS;
    }
    let wanted: Vec<String> = arguments.into_iter().filter(|arg| !arg.starts_with("--")).collect();
    println!("| family | n | n, 2n, 4n (ms) | ratios | request | end |");
    println!("|---|---|---|---|---|---|");
    let mut failed = Vec::new();
    for family in hostile::families() {
        if !wanted.is_empty() && !wanted.iter().any(|part| family.name.contains(part.as_str())) {
            continue;
        }
        for kind in family.kinds {
            let mut runs: Vec<Run> = Vec::new();
            for times in [1, 2, 4] {
                // A run far above the limit has failed already, so a longer one adds nothing.
                if runs.last().is_none_or(|run| run.time < 3 * LONGEST) {
                    runs.push(measure(&family, *kind, family.n * times));
                }
            }
            let name = format!("{}, {}", family.name, kind.name());
            let mut counts = HashMap::new();
            let faults = faults(&runs, |step| {
                let mut count = |n| *counts.entry(n).or_insert_with(|| instructions(&family, *kind, n));
                let (before, after) = (count(family.n << step)?, count(family.n << (step + 1))?);
                Some(after as f64 / before as f64)
            });
            report(&name, family.n, &runs, &faults);
            if !faults.is_empty() {
                failed.push(format!("{name}: {}", faults.join("; ")));
            }
        }
    }
    if failed.is_empty() {
        return ExitCode::SUCCESS;
    }
    println!("\nNot linear, or too long:\n");
    failed.iter().for_each(|line| println!("- {line}"));
    ExitCode::FAILURE
}

fn ratio(before: &Run, after: &Run) -> f64 {
    after.time.as_secs_f64() / before.time.as_secs_f64().max(1e-9)
}

/// The faults in the cost of these runs. `instructions` returns the ratio of the instructions of a step to those of the one
/// before it, if they can be counted.
fn faults(runs: &[Run], mut instructions: impl FnMut(usize) -> Option<f64>) -> Vec<String> {
    let mut faults = Vec::new();
    for (step, pair) in runs.windows(2).enumerate() {
        // A request that is stopped early costs as much as the budget allows, whatever its size.
        let is_stopped = pair.iter().any(|run| run.end == ScimType::TooMany.as_str());
        if pair[0].time <= SHORTEST || is_stopped || ratio(&pair[0], &pair[1]) <= RATIO {
            continue;
        }
        let long = format!("{:.1} times as long for twice as much", ratio(&pair[0], &pair[1]));
        match instructions(step) {
            Some(count) if count <= RATIO_COUNTED => {}
            Some(count) => faults.push(format!("{long}, {count:.2} times the instructions")),
            None => faults.push(format!("{long}; instructions were not counted")),
        }
    }
    for run in runs {
        if run.time > LONGEST {
            faults.push(format!("{:.2} s for {} KB", run.time.as_secs_f64(), run.bytes / 1000));
        }
    }
    faults
}

fn report(name: &str, n: usize, runs: &[Run], faults: &[String]) {
    let times: Vec<String> = runs.iter().map(|run| format!("{:.1}", run.time.as_secs_f64() * 1e3)).collect();
    let ratios: Vec<String> = runs.windows(2).map(|pair| format!("{:.1}", ratio(&pair[0], &pair[1]))).collect();
    let last = &runs[runs.len() - 1];
    let mark = if faults.is_empty() { "" } else { " **!**" };
    println!(
        "| {name} | {n} | {} | {}{mark} | {} KB | {} |",
        times.join(", "),
        ratios.join(", "),
        last.bytes / 1000,
        last.end
    );
}

/// The instructions of one run, counted by valgrind; `None` without valgrind.
fn instructions(family: &Family, kind: Kind, n: usize) -> Option<u64> {
    let done = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null", "--toggle-collect=hostile::run*"])
        .arg(std::env::current_exe().unwrap())
        .args(["--count", family.name, kind.name(), &n.to_string()])
        .output()
        .ok()?;
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    said.split("Collected : ").nth(1)?.split_whitespace().next()?.parse().ok()
}

/// The shortest of a few runs: other load only makes them longer.
fn measure(family: &Family, kind: Kind, n: usize) -> Run {
    let case = (family.make)(n);
    let mut best = once(&case, kind);
    for _ in 0..3 {
        if best.time > Duration::from_millis(300) {
            break;
        }
        let next = once(&case, kind);
        if next.time < best.time {
            best = next;
        }
    }
    best
}

fn once(case: &Case, kind: Kind) -> Run {
    let mut document = case.stored.clone();
    let text = serde_json::to_vec(&case.stored).unwrap();
    let bytes = serde_json::to_vec(&case.body).unwrap();
    let clock = ThreadTime::now();
    let end = run(case, kind, &mut document, &text, &bytes);
    Run { time: clock.elapsed(), bytes: bytes.len(), end }
}

/// The measured work, in a function of its own so that a profiler finds it.
#[inline(never)]
fn run(case: &Case, kind: Kind, document: &mut Value, text: &[u8], bytes: &[u8]) -> String {
    let Case { resource_type, options, .. } = case;
    match kind {
        Kind::Value => end_of(
            Patch::from_slice_with(bytes, options)
                .and_then(|patch| patch.apply(document, resource_type))
                .map(black_box)
                .map_err(|error| error.scim_type()),
        ),
        Kind::Text => end_of(
            Patch::from_slice_with(bytes, options)
                .and_then(|patch| patch.apply_slice(text, resource_type))
                .map(black_box)
                .map_err(|error| error.scim_type()),
        ),
        Kind::Put => end_of(replace(resource_type, case, bytes)),
        Kind::Post => end_of(
            resource_type.create_from_slice_with(bytes, options).map(black_box).map_err(|error| error.scim_type()),
        ),
    }
}

fn replace(resource_type: &ResourceType, case: &Case, bytes: &[u8]) -> Result<(), Option<ScimType>> {
    let written = resource_type.replace_from_slice_with(&case.stored, bytes, &case.options);
    written.map(|written| drop(black_box(written))).map_err(|error| error.scim_type())
}

fn end_of<T>(result: Result<T, Option<ScimType>>) -> String {
    result.map_or_else(|scim_type| scim_type.map_or("500", ScimType::as_str).to_owned(), |_| "done".to_owned())
}
