//! Filters over the bytes of documents, beside JSON libraries with predicates written by hand.

use std::hint::black_box;

use scim_engine::{Filter, ResourceType};
use serde_json::Value;

use crate::data::side::{Side, Work, plain, table};
use crate::data::{ENTERPRISE, FILTERS, THIRTY};

/// The filters over the values of a library: as in `data/by_hand.rs`.
macro_rules! predicates {
    ($value:ty) => {
        fn text<'v>(value: &'v $value, name: &str) -> Option<&'v str> {
            value.get(name)?.as_str()
        }

        fn is(value: &$value, name: &str, literal: &str) -> bool {
            text(value, name).is_some_and(|text| text.eq_ignore_ascii_case(literal))
        }

        fn is_work_at_example(email: &$value) -> bool {
            let contains = |text: &str| {
                let literal = "@example.org".as_bytes();
                text.as_bytes().windows(literal.len()).any(|part| part.eq_ignore_ascii_case(literal))
            };
            is(email, "type", "work") && text(email, "value").is_some_and(contains)
        }

        pub fn holds(number: usize, user: &$value) -> bool {
            match number {
                0 => is(user, "userName", "bjensen@example.com"),
                1 => text(user, "title").is_some_and(|title| !title.is_empty()) && is(user, "userType", "Employee"),
                2 => {
                    let emails = user.get("emails").and_then(|emails| emails.as_array());
                    is(user, "userType", "Employee")
                        && emails.is_some_and(|emails| emails.iter().any(is_work_at_example))
                }
                3 => {
                    let modified = user.get("meta").and_then(|meta| text(meta, "lastModified"));
                    modified.is_some_and(|at| at >= "2024-06-01T00:00:00Z")
                        && user.get("active").and_then(|active| active.as_bool()) != Some(false)
                }
                4 => user.get(ENTERPRISE).is_some_and(|extension| is(extension, "department", "Engineering")),
                5 => is(user, "userName", "nobody.of.that.name@nowhere.example"),
                _ => text(user, "userName").is_some_and(|name| THIRTY.iter().any(|one| name.eq_ignore_ascii_case(one))),
            }
        }
    };
}

mod with_sonic {
    use super::{ENTERPRISE, THIRTY};
    use sonic_rs::{JsonContainerTrait as _, JsonValueTrait as _};

    predicates!(sonic_rs::Value);
}

mod with_simd_json {
    use super::{ENTERPRISE, THIRTY};
    use simd_json::prelude::*;

    predicates!(simd_json::BorrowedValue<'_>);
}

/// A run is a pass over all documents; its time is that of one.
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
    // It is checked and not looked into.
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
