//! Filters over raw JSON text, compared with the alternatives: `cargo bench --bench scan`. With `-- --brief` it takes a quick
//! look while other work runs. `benches/count.sh` counts instructions, which do not depend on other load.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

#[allow(dead_code, clippy::unwrap_used, clippy::indexing_slicing, reason = "each bench uses its part")]
mod data;

use std::hint::black_box;
use std::time::Instant;

use data::by_hand::{PREDICATES, Predicate};
use data::corpus::Corpus;
use data::side::{self, Side, Work, plain};
use data::{FILTERS, filter};
use scim_engine::scan::ScanOptions;
use scim_engine::{Filter, Matcher, ResourceType};
use serde_json::Value;

const USERS: usize = 20_000;
const ROUNDS: usize = 15;

fn matchers() -> Vec<(&'static str, Matcher, Predicate)> {
    let compile = |text: &str| text.parse::<Filter>().unwrap().compile(&ResourceType::user()).unwrap();
    FILTERS.iter().zip(PREDICATES).map(|((name, text), by_hand)| (*name, compile(text), by_hand)).collect()
}

fn read(line: &[u8]) -> Value {
    serde_json::from_slice(line).unwrap()
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let Some(at) = arguments.iter().position(|argument| argument == "--count") {
        count(&arguments[at + 1], &arguments[at + 2]);
        return;
    }
    if arguments.iter().any(|argument| argument == "--brief") {
        brief();
        return;
    }
    if side::wanted() {
        tables();
        whole();
    }
}

/// Tests each of 1,000 documents once. Making them costs more, so only the function `run` is to be counted.
fn count(mode: &str, wanted: &str) {
    let corpus = Corpus::new(1_000);
    let (_, matcher, _) = &matchers()[filter(wanted)];
    println!("{} bytes, {} match", corpus.text.len(), run(mode, &corpus, matcher));
}

/// Prints the nanoseconds per document in the fastest of many short rounds, with the modes in turns. Other load affects few
/// of them.
fn brief() {
    let corpus = Corpus::new(500);
    for (name, matcher, _) in matchers() {
        let modes = ["value", "checked", "trusted", "scan", "scan-trusted"];
        let mut fastest = [f64::INFINITY; 5];
        for round in 0..300 {
            for (mode, fastest) in modes.iter().zip(&mut fastest) {
                if *mode == "value" && round % 10 != 0 {
                    continue;
                }
                let start = cpu_time::ThreadTime::now();
                black_box(run(mode, &corpus, &matcher));
                *fastest = fastest.min(start.elapsed().as_secs_f64() / 500.0 * 1e9);
            }
        }
        let [value, checked, trusted, ..] = fastest;
        println!("{name}: {modes:?} {fastest:.0?}: {:.2} x, {:.2} x", value / checked, checked / trusted);
    }
}

#[inline(never)]
fn run(mode: &str, corpus: &Corpus, matcher: &Matcher) -> usize {
    match mode {
        "checked" => corpus.count(|line| matcher.matches_slice(line).unwrap()),
        "trusted" => corpus.count(|line| matcher.matches_trusted(line).unwrap()),
        "scan" => matcher.count(&corpus.text, &ScanOptions::default()).matches,
        "scan-trusted" => matcher.count(&corpus.text, &ScanOptions::default().trusted(true)).matches,
        _ => corpus.count(|line| matcher.matches(&read(line)).unwrap()),
    }
}

/// A run is a pass over all documents; the time is that of one document.
fn each<'a>(run: impl FnMut() -> usize + 'a) -> Work<'a> {
    let mut pass = plain(run);
    Box::new(move |times| pass(times) / u32::try_from(USERS).unwrap())
}

fn tables() {
    let corpus = &Corpus::new(USERS);
    println!("{USERS} users of {} bytes of JSON on average; times are for one document", corpus.text.len() / USERS);
    let all = &matchers();
    for (name, matcher, by_hand) in all {
        let expected = corpus.count(|line| by_hand(&read(line)));
        assert_eq!(corpus.count(|line| matcher.matches_slice(line).unwrap()), expected, "{name}");
        assert_eq!(corpus.count(|line| matcher.matches_trusted(line).unwrap()), expected, "{name}");
        println!("{name} matches {expected}");
    }
    let rows = |other: &str, aim: Option<f64>, theirs: Vec<Work<'_>>| {
        let rows = all.iter().zip(theirs).map(|((name, matcher, _), theirs)| {
            Side::new(*name, aim, each(|| corpus.count(|line| matcher.matches_slice(line).unwrap())), theirs)
        });
        side::table("match on bytes, checked; time of one document", other, ROUNDS, rows.collect());
    };
    let value = all.iter().map(|(_, matcher, _)| each(|| corpus.count(|line| matcher.matches(&read(line)).unwrap())));
    rows("serde_json `Value` and the same filter", Some(0.125), value.collect());
    let by_hand = all.iter().map(|(.., by_hand)| each(|| corpus.count(|line| by_hand(&read(line)))));
    rows("serde_json `Value` and a predicate", None, by_hand.collect());
    let ignored = all.iter().map(|_| each(|| corpus.count(is_json)));
    rows("serde_json `IgnoredAny` and UTF-8", None, ignored.collect());
    let trusted = all.iter().map(|(name, matcher, _)| {
        let checked = each(|| corpus.count(|line| matcher.matches_slice(line).unwrap()));
        // The aim is 1.8 times the speed.
        let aim = Some(0.556);
        Side::new(*name, aim, each(|| corpus.count(|line| matcher.matches_trusted(line).unwrap())), checked)
    });
    side::table("match on bytes, trusted; time of one document", "checked", ROUNDS, trusted.collect());
    let memchr = all.iter().map(|_| each(|| corpus.count(|line| memchr::memchr(b'\n', black_box(line)).is_some())));
    rows("memchr of an absent byte", None, memchr.collect());
}

/// Scans all documents as one text, by the wall clock: the speed, and the effect of threads and of trust.
fn whole() {
    let corpus = Corpus::new(100_000);
    let text = &corpus.text;
    let fastest = |run: &dyn Fn() -> usize| {
        let time = |_| {
            let start = Instant::now();
            black_box(run());
            start.elapsed().as_secs_f64()
        };
        (0..ROUNDS).map(time).fold(f64::INFINITY, f64::min)
    };
    #[allow(clippy::cast_precision_loss, reason = "a size in GB")]
    let gigabytes = text.len() as f64 / 1e9;
    let speed = |seconds: f64| format!("{:.2} GB/s", gigabytes / seconds);
    let copy = fastest(&|| black_box(text.clone()).len());
    let lines = fastest(&|| memchr::memchr_iter(b'\n', text).count());
    println!("\n### {:.0} MB of lines, wall clock, fastest of {ROUNDS}\n", gigabytes * 1e3);
    println!("copied: {}; lines counted by memchr: {}\n", speed(copy), speed(lines));
    println!(
        "Aims: trusted text at 1.8 × the speed of checked text, and at 4 × for `miss`, whose documents the search"
    );
    println!("excludes; `equality` at 0.6 × the speed of memchr, since its attribute is at the front of a document;");
    println!("2 threads at 1.9 × the speed of one for checked text, and at 1.7 × for trusted text.\n");
    println!("| filter | checked | 2 threads | trusted | 2 threads | trusted / checked | trusted / memchr |");
    println!("|---|---|---|---|---|---|---|");
    for (name, matcher, _) in matchers() {
        let run = |threads: usize, trusted: bool| {
            let options = ScanOptions::default().threads(threads).trusted(trusted);
            fastest(&|| matcher.count(text, &options).matches)
        };
        let [one, two, trusted, trusted_two] = [run(1, false), run(2, false), run(1, true), run(2, true)];
        println!(
            "| {name} | {} | {}: {:.2} × | {} | {}: {:.2} × | {:.2} × | {:.2} |",
            speed(one),
            speed(two),
            one / two,
            speed(trusted),
            speed(trusted_two),
            trusted / trusted_two,
            one / trusted,
            lines / trusted
        );
    }
}

/// Whether a text is JSON; it makes no values.
fn is_json(text: &[u8]) -> bool {
    simdutf8::basic::from_utf8(text).is_ok() && serde_json::from_slice::<serde::de::IgnoredAny>(text).is_ok()
}
