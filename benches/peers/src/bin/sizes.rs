//! Cost against size: documents, members, operations and terms, with the slopes of the logarithms: `sizes CORPUS DOCUMENTS`.
//! The corpus is repeated until there are `DOCUMENTS` documents.

use std::hint::black_box;
use std::time::Instant;

use peers::data::corpus::Corpus;
use peers::data::side::{self, Work, on_fresh, plain, undone};
use peers::data::{FILTERS, add_one, bytes, filter, group, mixed, positions, removals};
use scim_engine::scan::ScanOptions;
use scim_engine::{Filter, Matcher, Patch, ResourceType};
use serde_json::{Value, json};

const ROUNDS: usize = 9;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, path, most] = arguments.as_slice() else { panic!("usage: sizes CORPUS DOCUMENTS") };
    let corpus = Corpus::read(std::fs::read(path).unwrap());
    let most: usize = most.parse().unwrap();
    documents(&corpus, most);
    threads(&corpus);
    members(most);
    operations(most.min(20_000));
    terms(&corpus);
}

fn decades(first: usize, most: usize) -> Vec<usize> {
    std::iter::successors(Some(first), |size| Some(size * 10)).take_while(|size| *size <= most).collect()
}

fn compile(text: &str) -> Matcher {
    Filter::parse(text).unwrap().compile(&ResourceType::user()).unwrap()
}

fn documents(corpus: &Corpus, most: usize) {
    let mut text = Vec::new();
    let mut ends = vec![0];
    for at in (0..corpus.lines.len()).cycle().take(most) {
        text.extend_from_slice(corpus.document(at));
        text.push(b'\n');
        ends.push(text.len());
    }
    let matcher = compile(FILTERS[filter("value-path")].1);
    for (name, trusted) in [("checked", false), ("trusted", true)] {
        let options = ScanOptions::default().trusted(trusted);
        let works = decades(100, most).into_iter().map(|count| {
            let (matcher, options, text) = (&matcher, &options, &text[..ends[count]]);
            (count, plain(move || matcher.count(black_box(text), options)))
        });
        side::scaling(&format!("scan, {name}, value path"), "document", ROUNDS, works.collect());
    }
    let some = most.min(corpus.lines.len()).min(100_000);
    let values: Vec<Value> = (0..some).map(|at| serde_json::from_slice(corpus.document(at)).unwrap()).collect();
    let works = decades(100, some).into_iter().map(|count| {
        let (matcher, values) = (&matcher, &values[..count]);
        (count, plain(move || values.iter().filter(|value| matcher.matches(*value).unwrap()).count()))
    });
    side::scaling("match on `Value`, value path", "document", ROUNDS, works.collect());
}

/// Measures several numbers of threads in turns, by the wall clock.
fn threads(corpus: &Corpus) {
    for (name, text) in [FILTERS[filter("equality")], FILTERS[filter("value-path")]] {
        let matcher = compile(text);
        for trusted in [false, true] {
            let counts = [1, 2, 3, 4];
            let mut seconds = [const { Vec::new() }; 4];
            for _ in 0..ROUNDS {
                for (threads, seconds) in counts.iter().zip(&mut seconds) {
                    let options = ScanOptions::default().trusted(trusted).threads(*threads);
                    let start = Instant::now();
                    black_box(matcher.count(&corpus.text, &options));
                    seconds.push(start.elapsed().as_secs_f64());
                }
            }
            let mode = if trusted { "trusted" } else { "checked" };
            println!("\n### threads, {mode}, {name}, {} bytes\n", corpus.text.len());
            for (threads, seconds) in counts.iter().zip(seconds) {
                let quartiles = side::quartiles(seconds);
                println!("{threads}: {}", side::human(quartiles[1]));
                side::note(&json!({
                    "kind": "threads", "filter": name, "mode": mode, "threads": threads, "seconds": quartiles,
                    "bytes": corpus.text.len(),
                }));
            }
        }
    }
}

/// Applies a request to the `Value` of a group. The time excludes copying the group and dropping it.
fn on_group<'a>(group: &'a Value, request: &Value) -> Work<'a> {
    let (patch, of) = (Patch::parse(request).unwrap(), ResourceType::group());
    on_fresh(1, || group.clone(), move |group| patch.apply(group, &of).unwrap())
}

/// Applies a request to the text of a group.
fn on_text<'a>(group: &Value, request: &Value) -> Work<'a> {
    let (patch, of, text) = (Patch::parse(request).unwrap(), ResourceType::group(), bytes(group));
    plain(move || patch.apply_slice(black_box(&text), &of).unwrap())
}

fn members(most: usize) {
    let groups: Vec<(usize, Value)> = decades(100, most).into_iter().map(|count| (count, group(count))).collect();
    let add = groups.iter().map(|(count, group)| {
        let (patch, of) = (Patch::parse(&add_one(*count)).unwrap(), ResourceType::group());
        let take_out = |group: &mut Value| drop(group["members"].as_array_mut().unwrap().pop());
        (*count, undone(group.clone(), move |group: &mut Value| patch.apply(group, &of).unwrap(), take_out))
    });
    side::scaling("PATCH of a group: add 1", "member", ROUNDS, add.collect());
    let remove = groups.iter().map(|(count, group)| (*count, on_group(group, &removals(&positions(50, *count)))));
    side::scaling("PATCH of a group: 50 removals, one operation each", "member", ROUNDS, remove.collect());
    let remove = groups.iter().map(|(count, group)| (*count, on_text(group, &removals(&positions(50, *count)))));
    side::scaling("PATCH of a group's text: 50 removals, one operation each", "member", ROUNDS, remove.collect());
}

fn operations(members: usize) {
    let group = group(members);
    type Make = fn(usize, usize) -> Value;
    let kinds: [(&str, Make); 2] =
        [("removals", |count, members| removals(&positions(count, members))), ("mixed operations", mixed)];
    for (name, make) in kinds {
        // Up to the limit of a request. This many operations cost more than the one pass over the members that all share.
        let counts = [200, 500, 1_000, 2_000, 5_000, 10_000].map(|count| count * members / 20_000);
        let works = counts.iter().map(|count| (*count, on_group(&group, &make(*count, members))));
        side::scaling(&format!("PATCH of a group of {members}: {name}"), "operation", ROUNDS, works.collect());
        let works = counts.iter().map(|count| (*count, on_text(&group, &make(*count, members))));
        side::scaling(
            &format!("PATCH of the text of a group of {members}: {name}"),
            "operation",
            ROUNDS,
            works.collect(),
        );
        let read = counts.iter().map(|count| {
            let body = bytes(&make(*count, members));
            (*count, plain(move || Patch::from_slice(black_box(&body)).unwrap()))
        });
        side::scaling(&format!("reading a request of {name}"), "operation", ROUNDS, read.collect());
    }
}

/// The time of one document, if a run tests all of them.
fn per<'a>(documents: usize, mut work: Work<'a>) -> Work<'a> {
    Box::new(move |times| work(times) / u32::try_from(documents).unwrap_or(1))
}

fn terms(corpus: &Corpus) {
    let documents = corpus.lines.len().min(200);
    let text: Vec<&[u8]> = (0..documents).map(|at| corpus.document(at)).collect();
    let values: Vec<Value> = text.iter().map(|line| serde_json::from_slice(line).unwrap()).collect();
    let (text, values) = (&text, &values);
    let all = |joint: &str, count: usize| {
        let term =
            |index| format!(r#"userName {} "nobody{index:03}@x.example""#, if joint == " or " { "eq" } else { "ne" });
        (0..count).map(term).collect::<Vec<_>>().join(joint)
    };
    let counts = [2, 5, 10, 20, 50, 100, 200];
    for joint in [" or ", " and "] {
        let made = counts.map(|count| (count, compile(&all(joint, count))));
        let works = made.iter().map(|(count, matcher)| {
            let run = move || text.iter().filter(|line| matcher.matches_slice(line).unwrap()).count();
            (*count, per(documents, plain(run)))
        });
        side::scaling(&format!("match on bytes: terms joined by `{}`", joint.trim()), "term", ROUNDS, works.collect());
        let works = made.iter().map(|(count, matcher)| {
            let run = move || values.iter().filter(|value| matcher.matches(*value).unwrap()).count();
            (*count, per(documents, plain(run)))
        });
        side::scaling(
            &format!("match on `Value`: terms joined by `{}`", joint.trim()),
            "term",
            ROUNDS,
            works.collect(),
        );
        let works = counts.map(|count| {
            let text = all(joint, count);
            (count, plain(move || compile(black_box(&text))))
        });
        side::scaling(&format!("parse and compile: terms joined by `{}`", joint.trim()), "term", ROUNDS, works.into());
    }
}
