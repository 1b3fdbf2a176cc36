//! Filters over the bytes of documents, compared with JSON libraries and predicates written by hand.

use std::hint::black_box;

use scim_engine::{Filter, ResourceType};
use serde_json::Value;

use peers::data::FILTERS;
use peers::data::side::{Side, Work, plain, table};
use peers::predicates::{with_simd_json, with_sonic};

/// A run is a pass over all documents; the time is that of one document.
fn work<'a>(lines: &'a [Vec<u8>], holds: Box<dyn Fn(&[u8]) -> bool + 'a>) -> Work<'a> {
    let mut pass = plain(move || lines.iter().filter(|line| holds(black_box(line))).count());
    Box::new(move |times| pass(times) / u32::try_from(lines.len()).unwrap())
}

pub fn raw(users: &[Value], rounds: usize) {
    let lines: Vec<Vec<u8>> = users.iter().map(|user| serde_json::to_vec(user).unwrap()).collect();
    let of = ResourceType::user();
    let matchers: Vec<_> = FILTERS.iter().map(|(_, text)| Filter::parse(text).unwrap().compile(&of).unwrap()).collect();
    let sonic = |number: usize, line: &[u8]| with_sonic::holds(number, &sonic_rs::from_slice(line).unwrap());
    let simd = |number: usize, line: &[u8]| {
        let mut line = line.to_vec();
        with_simd_json::holds(number, &simd_json::to_borrowed_value(&mut line).unwrap())
    };
    // It checks the text and reads no member.
    let validation = |line: &[u8]| sonic_rs::from_slice::<sonic_rs::LazyValue<'_>>(line).is_ok();
    for (number, matcher) in matchers.iter().enumerate() {
        for line in &lines {
            let ours = matcher.matches_slice(line).unwrap();
            assert_eq!((ours, ours), (sonic(number, line), simd(number, line)), "{}", FILTERS[number].1);
        }
    }
    let lines = &lines;
    let rows = |aim: Option<f64>, other: &dyn Fn(usize) -> Box<dyn Fn(&[u8]) -> bool>| {
        let row = |(number, matcher): (usize, &scim_engine::Matcher)| {
            let matcher = matcher.clone();
            let ours = work(lines, Box::new(move |line| matcher.matches_slice(line).unwrap()));
            Side::new(FILTERS[number].0, aim, ours, work(lines, other(number)))
        };
        matchers.iter().enumerate().map(row).collect::<Vec<_>>()
    };
    let title = "match on bytes, checked; time of one document";
    table(
        title,
        "sonic-rs `Value` and a predicate",
        rounds,
        rows(Some(0.71), &|number| Box::new(move |line| sonic(number, line))),
    );
    table(title, "sonic-rs, validation alone", rounds, rows(Some(1.0), &|_| Box::new(validation)));
    table(title, "simd-json and a predicate", rounds, rows(None, &|number| Box::new(move |line| simd(number, line))));
}
