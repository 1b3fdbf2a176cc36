//! The memory of a document as text and as the values of several crates, and the memory of a filter: `memory CORPUS`. This is
//! a program of its own, because counting allocations costs time.

use peak_alloc::PeakAlloc;
use peers::data::corpus::Corpus;
use peers::data::side::note;
use peers::data::{FILTERS, filter};
use scim_engine::scan::{RawDocument, ScanOptions};
use scim_engine::{Filter, ResourceType};
use serde_json::{Value, json};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

const DOCUMENTS: usize = 2_000;

fn main() {
    let path = std::env::args().nth(1).expect("usage: memory CORPUS");
    let corpus = Corpus::read(std::fs::read(path).unwrap());
    let documents = corpus.lines.len().min(DOCUMENTS);
    let text = corpus.first(documents);
    let lines: Vec<&[u8]> = (0..documents).map(|at| corpus.document(at)).collect();
    let matcher = Filter::parse(FILTERS[filter("value-path")].1).unwrap().compile(&ResourceType::user()).unwrap();
    let say = |name: &str, bytes: usize, all: usize| {
        println!("{name}: {} bytes", bytes / all);
        note(&json!({"kind": "memory", "what": name, "documents": all, "bytes": bytes / all}));
    };
    say("JSON text", text.len(), documents);
    say("serde_json `Value`", kept(&lines, |line| serde_json::from_slice::<Value>(line).unwrap()), documents);
    say("sonic-rs `Value`", kept(&lines, |line| sonic_rs::from_slice::<sonic_rs::Value>(line).unwrap()), documents);
    say(
        "simd-json `OwnedValue`",
        kept(&lines, |line| simd_json::to_owned_value(&mut line.to_vec()).unwrap()),
        documents,
    );
    say("scim-engine `RawDocument`", kept(&lines, |line| RawDocument::new(line).unwrap()), documents);
    let one = extra(|| matcher.matches_slice(lines[0]).unwrap());
    say("scim-engine, value path on the bytes of one document, peak", one, 1);
    let scan = extra(|| matcher.count(text, &ScanOptions::default()));
    say("scim-engine, value path on the text of all documents, peak", scan, documents);
}

/// The bytes of the values of all documents.
fn kept<'t, T>(lines: &[&'t [u8]], make: impl Fn(&'t [u8]) -> T) -> usize {
    let mut values = Vec::with_capacity(lines.len());
    let before = MEMORY.current_usage();
    values.extend(lines.iter().map(|line| make(line)));
    MEMORY.current_usage() - before + std::mem::size_of::<T>() * lines.len()
}

/// The peak of the bytes that some work allocates.
fn extra<T>(run: impl FnOnce() -> T) -> usize {
    MEMORY.reset_peak_usage();
    let before = MEMORY.current_usage();
    drop(run());
    MEMORY.peak_usage() - before
}
