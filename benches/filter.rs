//! Filters: parsed, compiled and matched, compared with predicates written by hand. `cargo bench --bench filter` runs all of it,
//! `cargo bench --bench filter -- table` prints only the tables.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

#[allow(dead_code, clippy::unwrap_used, clippy::indexing_slicing, reason = "each bench uses its part")]
mod data;

use std::hint::black_box;
use std::time::Duration;

use criterion::Criterion;
use data::by_hand::{PREDICATES, Predicate};
use data::side::{self, Side, Work, plain};
use data::{FILTERS, filter, id, users};
use scim_engine::{Expr, Filter, Matcher, ResourceType};
use serde_json::Value;

const USERS: usize = 20_000;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let Some(at) = arguments.iter().position(|argument| argument == "--count") {
        count(&arguments[at + 1], &arguments[at + 2]);
        return;
    }
    let users = users(USERS);
    let bytes: usize = users.iter().map(|user| user.to_string().len()).sum();
    println!("{USERS} users of {} bytes of JSON on average", bytes / USERS);
    let cases: Vec<Case> =
        FILTERS.iter().zip(PREDICATES).map(|(filter, by_hand)| Case::new(*filter, by_hand)).collect();
    for case in &cases {
        case.check(&users);
    }

    let mut criterion = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_millis(500))
        .configure_from_args();
    for case in &cases {
        case.parse(&mut criterion);
    }
    for case in &cases {
        case.matching(&mut criterion, &users);
    }
    criterion.final_summary();

    if side::wanted() {
        let hot = cases.iter().map(|case| case.side_hot(&users)).collect();
        side::table("match, hot: one document that matches", "by hand", 31, hot);
        let cold = cases.iter().map(|case| case.side_cold(&users)).collect();
        side::table("match, cold: 20,000 documents in turn", "by hand", 31, cold);
        further_conditions(cases[0].hot(&users));
        let parse = cases.iter().map(Case::side_parse).collect();
        side::table("parse + compile; parse", "`Expr::parse` alone", 31, parse);
        let compile = cases.iter().map(Case::side_compile).collect();
        side::table("parse + compile", "1.5 µs", 31, compile);
        bytes_of_filters();
    }
}

/// Parses a filter 1,000 times, or matches one document 1,000 times, by the engine (`match`) or `by-hand`. Only the functions
/// `run` and `run_match` are to be counted.
fn count(mode: &str, wanted: &str) {
    let at = filter(wanted);
    let case = Case::new(FILTERS[at], PREDICATES[at]);
    let times = match mode {
        "match" => run_match(case.hot(&users(1_000)), |document| case.matcher.matches(document).unwrap()),
        "by-hand" => run_match(case.hot(&users(1_000)), case.by_hand),
        _ => run(mode, case.text, &ResourceType::user()),
    };
    println!("1,000 times {mode}: {times}");
}

#[inline(never)]
fn run_match(document: &Value, matches: impl Fn(&Value) -> bool) -> usize {
    (0..1_000).filter(|_| matches(black_box(document))).count()
}

#[inline(never)]
fn run(mode: &str, text: &str, of: &ResourceType) -> usize {
    let read = |_: &usize| match mode {
        "parse" => Expr::parse(black_box(text)).is_ok(),
        "owned" => Filter::parse(black_box(text)).is_ok(),
        "compile" => Filter::parse(black_box(text)).unwrap().compile(of).is_ok(),
        _ => panic!("no such mode"),
    };
    (0..1_000).filter(read).count()
}

/// Several conditions on one attribute, which is looked up once.
fn further_conditions(document: &Value) {
    let works = [1, 2, 4, 8, 16].map(|count| {
        let text = vec![r#"userName ew "example.com""#; count].join(" and ");
        let matcher = Filter::parse(&text).unwrap().compile(&ResourceType::user()).unwrap();
        assert!(matcher.matches(document).unwrap());
        (count, plain(move || matcher.matches(black_box(document)).unwrap()))
    });
    side::scaling(
        "match, hot: conditions on one attribute; the aim for a further one is 10 ns",
        "condition",
        31,
        works.into(),
    );
}

/// Time of parsing per byte, for filters up to the limit of 8 KiB.
fn bytes_of_filters() {
    type Make = fn(usize) -> String;
    let kinds: [(&str, Make); 5] = [
        ("a chain of comparisons", |size| vec![r#"nickName eq "some name or other""#; size / 38].join(" and ")),
        ("`or` and `and` in turn", |size| {
            vec![r#"title pr and nickName eq "some name or other, a long one""#; size / 66].join(" or ")
        }),
        ("64 parentheses round a chain", |size| {
            let chain = vec![r#"nickName eq "some name or other""#; (size - 128) / 38].join(" and ");
            format!("{}{chain}{}", "(".repeat(64), ")".repeat(64))
        }),
        ("one long string", |size| format!("a eq \"{}\"", "x".repeat(size - 7))),
        ("one long string of escapes", |size| format!("a eq \"{}\"", r"\u00e9".repeat((size - 7) / 6))),
    ];
    for (name, make) in kinds {
        let works = [256, 1024, 4096, 8192].map(|size| {
            let text = make(size);
            assert!(Filter::parse(&text).is_ok(), "{text}");
            (text.len(), plain(move || drop(black_box(Expr::parse(black_box(&text)).unwrap()))))
        });
        side::scaling(&format!("parse: {name}"), "byte", 41, works.into());
    }
}

struct Case {
    name: &'static str,
    text: &'static str,
    filter: Filter,
    matcher: Matcher,
    by_hand: Predicate,
}

impl Case {
    fn new((name, text): (&'static str, &'static str), by_hand: Predicate) -> Self {
        let filter = Filter::parse(text).unwrap();
        let matcher = filter.compile(&ResourceType::user()).unwrap();
        Self { name, text, filter, matcher, by_hand }
    }

    /// Checks that both agree on every document, and that some documents match and others do not.
    fn check(&self, users: &[Value]) {
        let mut found = 0;
        for user in users {
            let matches = self.matcher.matches(user).unwrap();
            assert_eq!(matches, (self.by_hand)(user), "{}: {user}", self.name);
            found += usize::from(matches);
        }
        println!("{} matches {found}: {}", self.name, self.text);
        assert!((found > 0) == (self.name != "miss") && found < users.len());
    }

    fn parse(&self, criterion: &mut Criterion) {
        let user = ResourceType::user();
        let works: [(&str, Work<'_>); 3] = [
            ("parse/borrowed", plain(|| Expr::parse(black_box(self.text)).unwrap())),
            ("parse/owned", plain(|| Filter::parse(black_box(self.text)).unwrap())),
            ("compile", plain(|| self.filter.compile(black_box(&user)).unwrap())),
        ];
        for (name, mut work) in works {
            criterion.bench_function(&format!("{name}/{}", id(self.name)), |b| b.iter_custom(&mut work));
        }
    }

    /// The first document that matches, or the first of all if none does.
    fn hot<'u>(&self, users: &'u [Value]) -> &'u Value {
        users.iter().find(|user| (self.by_hand)(user)).unwrap_or(&users[0])
    }

    fn matching(&self, criterion: &mut Criterion, users: &[Value]) {
        for (kind, Side { mut ours, mut other, .. }) in [("hot", self.side_hot(users)), ("cold", self.side_cold(users))]
        {
            let name = format!("match/{kind}/{}", id(self.name));
            criterion.bench_function(&name, |b| b.iter_custom(&mut ours));
            criterion.bench_function(&format!("{name}/by_hand"), |b| b.iter_custom(&mut other));
        }
    }

    fn side_hot<'a>(&'a self, users: &'a [Value]) -> Side<'a> {
        let document = self.hot(users);
        let ours = plain(move || self.matcher.matches(black_box(document)).unwrap());
        Side::new(self.name, 1.25, ours, plain(move || (self.by_hand)(black_box(document))))
    }

    fn side_cold<'a>(&'a self, users: &'a [Value]) -> Side<'a> {
        let ours = in_turn(users, |user| self.matcher.matches(user).unwrap());
        Side::new(self.name, 1.25, ours, in_turn(users, |user| (self.by_hand)(user)))
    }

    fn compiled(&self) -> Work<'_> {
        let user = ResourceType::user();
        plain(move || Filter::parse(black_box(self.text)).unwrap().compile(&user).unwrap())
    }

    fn side_parse(&self) -> Side<'_> {
        Side::new(self.name, None, self.compiled(), plain(move || Expr::parse(black_box(self.text)).unwrap()))
    }

    fn side_compile(&self) -> Side<'_> {
        Side::new(self.name, 1.0, self.compiled(), side::fixed(Duration::from_nanos(1_500)))
    }
}

/// A run is a pass over all documents, which exceed every cache; the time is that of one document.
fn in_turn<'a>(users: &'a [Value], matches: impl Fn(&Value) -> bool + 'a) -> Work<'a> {
    let mut pass = plain(move || users.iter().filter(|user| matches(user)).count());
    Box::new(move |times| pass(times) / u32::try_from(users.len()).unwrap())
}
