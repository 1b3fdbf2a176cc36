//! The contenders in Rust, which run the filters over the corpus: this engine, other crates, and the limits of the machine.

use std::hint::black_box;

use scim_engine::scan::ScanOptions;
use scim_engine::{Filter, Matcher, ResourceType};
use serde_json::Value;

use crate::data::FILTERS;
use crate::data::by_hand::PREDICATES;
use crate::data::corpus::Corpus;
use crate::predicates::{looked_up, typed, with_simd_json, with_sonic};

/// The number of documents that are kept as values.
pub const VALUES: usize = 20_000;
/// The number of documents for the faster peers: they exceed every cache.
const MANY: usize = 50_000;

/// How a contender runs a filter.
pub enum Run<'d> {
    /// The text of one document.
    Line(Box<dyn Fn(&[u8]) -> bool + 'd>),
    /// One document that is a value already.
    Value(Box<dyn Fn(&Value) -> bool + 'd>),
    /// The text of all documents; returns how many match, and which.
    Whole { hits: Box<dyn Fn(&[u8]) -> usize + 'd>, which: Box<dyn Fn(&[u8]) -> Vec<usize> + 'd> },
}

/// Prepares the filter at a position of `FILTERS`, or returns the reason why the contender cannot run it.
type Prepare = fn(usize, &Data) -> Result<Run<'_>, String>;

pub struct Contender {
    pub name: &'static str,
    /// `ours`, `peer` or `limit`.
    pub kind: &'static str,
    /// The input: `text` or `value`.
    pub input: &'static str,
    pub threads: usize,
    /// The most documents; slow contenders take fewer.
    pub at_most: usize,
    pub prepare: Prepare,
}

/// The data of all contenders.
pub struct Data {
    pub corpus: Corpus,
    values: Vec<Value>,
    /// The target of `memcpy`.
    copy: std::cell::RefCell<Vec<u8>>,
}

impl Data {
    pub fn new(text: Vec<u8>) -> Self {
        let corpus = Corpus::read(text);
        let values = (0..corpus.lines.len().min(VALUES)).map(|at| read(corpus.document(at))).collect();
        let copy = corpus.text.clone().into();
        Self { corpus, values, copy }
    }

    pub fn documents(&self, contender: &Contender) -> usize {
        let all = if contender.input == "value" { self.values.len() } else { self.corpus.lines.len() };
        all.min(contender.at_most)
    }

    /// The number of matches in the first `count` documents.
    pub fn hits(&self, run: &Run<'_>, count: usize) -> usize {
        match run {
            Run::Line(holds) => (0..count).filter(|at| holds(black_box(self.corpus.document(*at)))).count(),
            Run::Value(holds) => self.values[..count].iter().filter(|value| holds(black_box(value))).count(),
            Run::Whole { hits, .. } => hits(black_box(self.corpus.first(count))),
        }
    }

    /// The positions of the matches in the first `count` documents.
    pub fn which(&self, run: &Run<'_>, count: usize) -> Vec<usize> {
        match run {
            Run::Line(holds) => (0..count).filter(|at| holds(self.corpus.document(*at))).collect(),
            Run::Value(holds) => (0..count).filter(|at| holds(&self.values[*at])).collect(),
            Run::Whole { which, .. } => which(self.corpus.first(count)),
        }
    }
}

fn read(line: &[u8]) -> Value {
    serde_json::from_slice(line).unwrap()
}

fn matcher(filter: usize) -> Matcher {
    Filter::parse(FILTERS[filter].1).unwrap().compile(&ResourceType::user()).unwrap()
}

fn line<'d>(holds: impl Fn(&[u8]) -> bool + 'd) -> Result<Run<'d>, String> {
    Ok(Run::Line(Box::new(holds)))
}

fn value<'d>(holds: impl Fn(&Value) -> bool + 'd) -> Result<Run<'d>, String> {
    Ok(Run::Value(Box::new(holds)))
}

/// A limit of the machine, which finds nothing.
fn limit<'d>(pass: impl Fn(&[u8]) -> usize + 'd) -> Result<Run<'d>, String> {
    Ok(Run::Whole { hits: Box::new(pass), which: Box::new(|_| Vec::new()) })
}

fn scanned<'d>(filter: usize, trusted: bool, threads: usize) -> Result<Run<'d>, String> {
    let (matcher, options) = (matcher(filter), ScanOptions::default().trusted(trusted).threads(threads));
    let same = matcher.clone();
    Ok(Run::Whole {
        hits: Box::new(move |text| matcher.count(text, &options).matches),
        which: Box::new(move |text| same.scan(text, &options).matches.iter().map(|found| found.number).collect()),
    })
}

fn scim_kit(filter: usize) -> Result<impl Fn(&Value) -> bool, String> {
    let filter =
        scim_kit::filter::parse_filter(FILTERS[filter].1).map_err(|error| format!("cannot read it: {error}"))?;
    Ok(move |value: &Value| filter.matches(value))
}

fn scim_filter(filter: usize) -> Result<impl Fn(&Value) -> bool, String> {
    match scim_filter::parser::filter(FILTERS[filter].1) {
        Ok(("", filter)) => Ok(move |value: &Value| filter.r#match(value).unwrap_or(false)),
        Ok(_) => Err("cannot read it: reads only a part".to_owned()),
        Err(error) => Err(format!("cannot read it: {error}")),
    }
}

fn parses_only(_: usize, _: &Data) -> Result<Run<'_>, String> {
    Err("parses filters, does not match documents".to_owned())
}

/// All contenders in Rust. Limits do not run the filter.
pub const CONTENDERS: &[Contender] = &[
    Contender {
        name: "memcpy",
        kind: "limit",
        input: "text",
        threads: 1,
        at_most: usize::MAX,
        prepare: |_, data| {
            limit(|text| {
                let mut copy = data.copy.borrow_mut();
                copy[..text.len()].copy_from_slice(text);
                black_box(copy.len())
            })
        },
    },
    Contender {
        name: "memchr of an absent byte",
        kind: "limit",
        input: "text",
        threads: 1,
        at_most: usize::MAX,
        prepare: |_, _| limit(|text| memchr::memchr(0, text).map_or(0, |_| 1)),
    },
    Contender {
        name: "validation alone: simdutf8 and serde_json `IgnoredAny`",
        kind: "limit",
        input: "text",
        threads: 1,
        at_most: MANY,
        prepare: |_, _| {
            line(|line| {
                simdutf8::basic::from_utf8(line).is_ok()
                    && serde_json::from_slice::<serde::de::IgnoredAny>(line).is_ok()
            })
        },
    },
    Contender {
        name: "validation alone: sonic-rs `LazyValue`",
        kind: "limit",
        input: "text",
        threads: 1,
        at_most: MANY,
        prepare: |_, _| line(|line| sonic_rs::from_slice::<sonic_rs::LazyValue<'_>>(line).is_ok()),
    },
    Contender {
        name: "scim-engine, checked",
        kind: "ours",
        input: "text",
        threads: 1,
        at_most: usize::MAX,
        prepare: |filter, _| scanned(filter, false, 1),
    },
    Contender {
        name: "scim-engine, checked, 2 threads",
        kind: "ours",
        input: "text",
        threads: 2,
        at_most: usize::MAX,
        prepare: |filter, _| scanned(filter, false, 2),
    },
    Contender {
        name: "scim-engine, trusted",
        kind: "ours",
        input: "text",
        threads: 1,
        at_most: usize::MAX,
        prepare: |filter, _| scanned(filter, true, 1),
    },
    Contender {
        name: "scim-engine, trusted, 2 threads",
        kind: "ours",
        input: "text",
        threads: 2,
        at_most: usize::MAX,
        prepare: |filter, _| scanned(filter, true, 2),
    },
    Contender {
        name: "scim-engine, checked, document by document",
        kind: "ours",
        input: "text",
        threads: 1,
        at_most: usize::MAX,
        prepare: |filter, _| {
            let matcher = matcher(filter);
            line(move |line| matcher.matches_slice(line).unwrap())
        },
    },
    Contender {
        name: "serde_json `Value` and scim-engine",
        kind: "ours",
        input: "text",
        threads: 1,
        at_most: VALUES,
        prepare: |filter, _| {
            let matcher = matcher(filter);
            line(move |line| matcher.matches(&read(line)).unwrap())
        },
    },
    Contender {
        name: "serde_json `Value` and a predicate",
        kind: "peer",
        input: "text",
        threads: 1,
        at_most: VALUES,
        prepare: |filter, _| line(move |line| PREDICATES[filter](&read(line))),
    },
    Contender {
        name: "serde_json structs and a predicate",
        kind: "peer",
        input: "text",
        threads: 1,
        at_most: MANY,
        prepare: |filter, _| line(move |line| typed::holds::<typed::WithSerdeJson>(filter, line)),
    },
    Contender {
        name: "sonic-rs `Value` and a predicate",
        kind: "peer",
        input: "text",
        threads: 1,
        at_most: MANY,
        prepare: |filter, _| line(move |line| with_sonic::holds(filter, &sonic_rs::from_slice(line).unwrap())),
    },
    Contender {
        name: "sonic-rs structs and a predicate",
        kind: "peer",
        input: "text",
        threads: 1,
        at_most: MANY,
        prepare: |filter, _| line(move |line| typed::holds::<typed::WithSonic>(filter, line)),
    },
    Contender {
        name: "sonic-rs `get` and a predicate (the rest unread)",
        kind: "peer",
        input: "text",
        threads: 1,
        at_most: MANY,
        prepare: |filter, _| line(move |line| looked_up::holds(filter, line)),
    },
    Contender {
        name: "simd-json and a predicate",
        kind: "peer",
        input: "text",
        threads: 1,
        at_most: MANY,
        prepare: |filter, _| {
            line(move |line| {
                // simd-json changes the text that it reads.
                let mut line = line.to_vec();
                with_simd_json::holds(filter, &simd_json::to_borrowed_value(&mut line).unwrap())
            })
        },
    },
    Contender {
        name: "serde_json `Value` and scim-kit",
        kind: "peer",
        input: "text",
        threads: 1,
        at_most: VALUES,
        prepare: |filter, _| {
            let kit = scim_kit(filter)?;
            line(move |line| kit(&read(line)))
        },
    },
    Contender {
        name: "serde_json `Value` and scim-filter",
        kind: "peer",
        input: "text",
        threads: 1,
        at_most: VALUES,
        prepare: |filter, _| {
            let theirs = scim_filter(filter)?;
            line(move |line| theirs(&read(line)))
        },
    },
    Contender { name: "scim_v2", kind: "peer", input: "text", threads: 1, at_most: VALUES, prepare: parses_only },
    Contender { name: "scim_proto", kind: "peer", input: "text", threads: 1, at_most: VALUES, prepare: parses_only },
    Contender {
        name: "scim-engine on `Value`",
        kind: "ours",
        input: "value",
        threads: 1,
        at_most: VALUES,
        prepare: |filter, _| {
            let matcher = matcher(filter);
            value(move |value| matcher.matches(value).unwrap())
        },
    },
    Contender {
        name: "a predicate on `Value`",
        kind: "peer",
        input: "value",
        threads: 1,
        at_most: VALUES,
        prepare: |filter, _| value(PREDICATES[filter]),
    },
    Contender {
        name: "scim-kit on `Value`",
        kind: "peer",
        input: "value",
        threads: 1,
        at_most: VALUES,
        prepare: |filter, _| value(scim_kit(filter)?),
    },
    Contender {
        name: "scim-filter on `Value`",
        kind: "peer",
        input: "value",
        threads: 1,
        at_most: VALUES,
        prepare: |filter, _| value(scim_filter(filter)?),
    },
];
