//! PATCH of a user and of groups, compared with lower bounds: one scan, a clone, a set and one pass. `cargo bench --bench patch`
//! runs all of it, `cargo bench --bench patch -- table` prints only the tables.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

#[allow(dead_code, clippy::unwrap_used, clippy::indexing_slicing, reason = "each bench uses its part")]
mod data;

use std::hint::black_box;
use std::time::Duration;

use criterion::Criterion;
use data::side::{self, Side, Work, on_fresh, plain, undone};
use data::{
    add_one, by_hand, bytes, group, member_id, members_of, mixed, patch_user, positions, removals, user_to_patch,
};
use scim_engine::{Outcome, Patch, ResourceType};
use serde_json::Value;

const MEMBERS: usize = 100_000;
const REMOVALS: usize = 1_000;
const MIXED: usize = 10_000;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let Some(at) = arguments.iter().position(|argument| argument == "--count") {
        count(&arguments[at + 1]);
        return;
    }
    let bench = Bench::new();
    bench.check();

    let mut criterion = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_millis(500))
        .configure_from_args();
    for (name, mut work) in bench.works() {
        criterion.bench_function(name, |b| b.iter_custom(&mut work));
    }
    criterion.final_summary();

    if side::wanted() {
        side::table("PATCH of a user, four operations", "the limit named", 41, bench.user_rows());
        side::table("PATCH of a group of 100,000", "the limit named", 11, bench.group_rows());
        side::table("PATCH of a group of 100,000, bytes to bytes", "the limit named", 11, bench.bytes_rows());
        scale_members();
        bench.scale_operations();
    }
}

/// The aim for reading and applying a request on a user that is parsed already.
const REQUEST: Duration = Duration::from_micros(5);

/// How often [`count`] repeats its work. With many repetitions, data kept for later applies counts as little as in a service.
const COUNTED: usize = 1_000;

/// Work on [`COUNTED`] users. Making them costs more, so only the function `run` is to be counted.
fn count(mode: &str) {
    if mode.starts_with("group") {
        return count_group(mode);
    }
    let body = bytes(&patch_user());
    let patch = Patch::from_slice(&body).unwrap();
    let mut documents = vec![user_to_patch(); COUNTED];
    let mut outcomes = Vec::with_capacity(COUNTED);
    run(mode, &body, &patch, &mut documents, &mut outcomes);
    println!("{COUNTED} times {mode}: {} outcomes", outcomes.len());
}

/// Work on a group of 10,000, once. Only the function `run_group` is to be counted.
fn count_group(mode: &str) {
    const MEMBERS: usize = 10_000;
    let mut group = group(MEMBERS);
    let text = bytes(&group);
    let request = match mode {
        "group-add" | "group-add-bytes" => add_one(MEMBERS),
        "group-mixed" | "group-mixed-bytes" => mixed(1_000, MEMBERS),
        "group-remove" | "group-remove-bytes" => removals(&positions(1_000, MEMBERS)),
        _ => panic!("no such mode"),
    };
    let patch = Patch::parse(&request).unwrap();
    println!("{mode}: {} bytes", run_group(mode, &patch, &text, &mut group));
}

#[inline(never)]
fn run_group(mode: &str, patch: &Patch, text: &[u8], group: &mut Value) -> usize {
    let of = ResourceType::group();
    if mode.ends_with("bytes") {
        return patch.apply_slice(text, &of).unwrap().0.len();
    }
    patch.apply(group, &of).unwrap();
    text.len()
}

/// The caller drops the outcomes, so that dropping them is not counted.
#[inline(never)]
fn run(mode: &str, body: &[u8], patch: &Patch, documents: &mut [Value], outcomes: &mut Vec<Outcome>) {
    let of = ResourceType::user();
    for document in documents {
        match mode {
            "apply" => outcomes.push(patch.apply(document, &of).unwrap()),
            "request" => outcomes.push(Patch::from_slice(black_box(body)).unwrap().apply(document, &of).unwrap()),
            "read" => drop(black_box(Patch::from_slice(black_box(body)).unwrap())),
            "clone" => drop(black_box(document.clone())),
            _ => panic!("no such mode"),
        }
    }
}

struct Bench {
    user: Value,
    user_body: Vec<u8>,
    group: Value,
    group_text: Vec<u8>,
    add_one: Patch,
    removals: Patch,
    removals_body: Vec<u8>,
    mixed: Patch,
    mixed_body: Vec<u8>,
}

impl Bench {
    fn new() -> Self {
        let group = group(MEMBERS);
        let removals = removals(&positions(REMOVALS, MEMBERS));
        let mixed = mixed(MIXED, MEMBERS);
        Self {
            user: user_to_patch(),
            user_body: bytes(&patch_user()),
            group_text: bytes(&group),
            group,
            add_one: Patch::parse(&add_one(MEMBERS)).unwrap(),
            removals: Patch::parse(&removals).unwrap(),
            removals_body: bytes(&removals),
            mixed: Patch::parse(&mixed).unwrap(),
            mixed_body: bytes(&mixed),
        }
    }

    /// Checks the results of the measured work.
    fn check(&self) {
        let mut user = self.user.clone();
        let outcome = Patch::from_slice(&self.user_body).unwrap().apply(&mut user, &ResourceType::user()).unwrap();
        assert_eq!((outcome.changes.len(), outcome.repairs.len()), (4, 0));
        assert_eq!(user["name"]["familyName"], "Jensen-Okafor");
        println!("the user: {} bytes; the group: {} bytes", self.user.to_string().len(), self.group_text.len());
        for (patch, added, removed) in [
            (&self.add_one, 1, 0),
            (&self.removals, 0, REMOVALS),
            // Two fifths of the operations remove a member; half of the removed members are added back, with only their `value`.
            (&self.mixed, MIXED / 5, MIXED / 5),
        ] {
            let mut group = self.group.clone();
            let outcome = patch.apply(&mut group, &ResourceType::group()).unwrap();
            assert_eq!(outcome.changes.len(), 1);
            let (text, by_text) = patch.apply_slice(&self.group_text, &ResourceType::group()).unwrap();
            assert_eq!((&by_text, serde_json::from_slice(&text).ok().as_ref()), (&outcome, Some(&group)));
            let change = &outcome.changes[0];
            assert_eq!((change.added.len(), change.removed.len()), (added, removed));
            assert_eq!(members_of(&group).len(), MEMBERS + added - removed);
        }
    }

    fn apply_user(&self) -> Work<'_> {
        let patch = Patch::from_slice(&self.user_body).unwrap();
        let user = ResourceType::user();
        on_fresh(16, || self.user.clone(), move |document| patch.apply(document, &user).unwrap())
    }

    fn whole_user(&self) -> Work<'_> {
        let user = ResourceType::user();
        on_fresh(
            16,
            || self.user.clone(),
            move |document| Patch::from_slice(black_box(&self.user_body)).unwrap().apply(document, &user).unwrap(),
        )
    }

    fn apply_group<'a>(&'a self, patch: &'a Patch) -> Work<'a> {
        let of = ResourceType::group();
        on_fresh(1, || self.group.clone(), move |group| patch.apply(group, &of).unwrap())
    }

    /// Adds a member, and removes it while the clock is stopped.
    fn add_one(&self) -> Work<'_> {
        add_one_to(self.group.clone(), self.add_one.clone())
    }

    /// From text to text, without a `Value`.
    fn splice<'a>(&'a self, patch: &'a Patch) -> Work<'a> {
        splice_in(&self.group_text, patch)
    }

    /// From text to text by way of `Value`.
    fn there_and_back<'a>(&'a self, patch: &'a Patch) -> Work<'a> {
        let of = ResourceType::group();
        on_fresh(
            1,
            || (),
            move |()| {
                let mut group: Value = serde_json::from_slice(black_box(&self.group_text)).unwrap();
                patch.apply(&mut group, &of).unwrap();
                bytes(&group)
            },
        )
    }

    fn memcpy(&self) -> Work<'_> {
        plain(|| black_box(&self.group_text).clone())
    }

    fn scan(&self) -> Work<'_> {
        let id = member_id(MEMBERS);
        plain(move || by_hand::scan(black_box(members_of(&self.group)), &id))
    }

    /// The lowest cost of removal by hand: a set, and one pass.
    fn set_and_pass(&self, count: usize) -> Work<'_> {
        let ids: Vec<String> = positions(count, MEMBERS).into_iter().map(member_id).collect();
        on_fresh(1, || self.group.clone(), move |group| by_hand::remove_all(group, &ids))
    }

    fn works(&self) -> Vec<(&'static str, Work<'_>)> {
        vec![
            ("user/parse_request", plain(|| Patch::from_slice(black_box(&self.user_body)).unwrap())),
            ("user/apply", self.apply_user()),
            ("user/from_bytes", self.whole_user()),
            ("group/scan", self.scan()),
            ("group/add_1", self.add_one()),
            ("group/remove_1000", self.apply_group(&self.removals)),
            ("group/remove_1000/parse_request", plain(|| Patch::from_slice(black_box(&self.removals_body)).unwrap())),
            ("group/mixed_10000", self.apply_group(&self.mixed)),
            ("group/bytes/memcpy", self.memcpy()),
            ("group/bytes/add_1", self.splice(&self.add_one)),
            ("group/bytes/remove_1000", self.splice(&self.removals)),
            ("group/bytes/mixed_10000", self.splice(&self.mixed)),
            ("group/mixed_10000/parse_request", plain(|| Patch::from_slice(black_box(&self.mixed_body)).unwrap())),
        ]
    }

    fn user_rows(&self) -> Vec<Side<'_>> {
        let as_json = |body: &'_ Vec<u8>| serde_json::from_slice::<Value>(black_box(body)).unwrap();
        vec![
            Side::new(
                "apply; a clone of the user",
                None,
                self.apply_user(),
                on_fresh(16, || (), |()| black_box(&self.user).clone()),
            ),
            Side::new(
                "parse the request; serde_json `Value` of it",
                None,
                plain(|| Patch::from_slice(black_box(&self.user_body)).unwrap()),
                plain(move || as_json(&self.user_body)),
            ),
            Side::new(
                "whole request from bytes; serde_json `Value` of it",
                None,
                self.whole_user(),
                plain(move || as_json(&self.user_body)),
            ),
            Side::new("whole request from bytes; 5 µs", 1.0, self.whole_user(), side::fixed(REQUEST)),
        ]
    }

    fn group_rows(&self) -> Vec<Side<'_>> {
        let value = |bytes: &[u8]| serde_json::from_slice::<Value>(black_box(bytes)).unwrap();
        vec![
            Side::new("add 1; one scan", 1.5, self.add_one(), self.scan()),
            Side::new(
                "remove 1,000; a set and one pass",
                1.5,
                self.apply_group(&self.removals),
                self.set_and_pass(REMOVALS),
            ),
            Side::new("remove 1,000; one scan", None, self.apply_group(&self.removals), self.scan()),
            Side::new("10,000 mixed; a set and one pass", 1.5, self.apply_group(&self.mixed), self.set_and_pass(MIXED)),
            Side::new("10,000 mixed; one scan", None, self.apply_group(&self.mixed), self.scan()),
            Side::new(
                "remove 1,000; a clone of the group",
                None,
                self.apply_group(&self.removals),
                on_fresh(1, || (), |()| black_box(&self.group).clone()),
            ),
            Side::new(
                "parse the request of 1,000; serde_json `Value` of it",
                None,
                plain(|| Patch::from_slice(black_box(&self.removals_body)).unwrap()),
                plain(move || value(&self.removals_body)),
            ),
            Side::new(
                "parse the request of 10,000; serde_json `Value` of it",
                None,
                plain(|| Patch::from_slice(black_box(&self.mixed_body)).unwrap()),
                plain(move || value(&self.mixed_body)),
            ),
        ]
    }

    /// An aim of 0.125 means eight times the speed.
    fn bytes_rows(&self) -> Vec<Side<'_>> {
        vec![
            Side::new("add 1; memcpy of the text", 10.0, self.splice(&self.add_one), self.memcpy()),
            Side::new(
                "add 1; by way of `Value`",
                0.125,
                self.splice(&self.add_one),
                self.there_and_back(&self.add_one),
            ),
            Side::new(
                "remove 1,000; by way of `Value`",
                0.125,
                self.splice(&self.removals),
                self.there_and_back(&self.removals),
            ),
            Side::new("remove 1,000; add 1", 1.5, self.splice(&self.removals), self.splice(&self.add_one)),
            Side::new(
                "10,000 mixed; by way of `Value`",
                None,
                self.splice(&self.mixed),
                self.there_and_back(&self.mixed),
            ),
            Side::new("10,000 mixed; add 1", None, self.splice(&self.mixed), self.splice(&self.add_one)),
        ]
    }

    fn scale_operations(&self) {
        type Make = fn(usize) -> Value;
        let kinds: [(&str, Make); 2] = [
            ("removals, one operation each", |count| removals(&positions(count, MEMBERS))),
            ("mixed operations", |count| mixed(count, MEMBERS)),
        ];
        for (name, make) in kinds {
            let works = [1, 10, 100, 1_000, 10_000].map(|count| {
                let patch = Patch::parse(&make(count)).unwrap();
                let of = ResourceType::group();
                let apply = move |group: &mut Value| patch.apply(group, &of).unwrap();
                (count, on_fresh(1, || self.group.clone(), apply))
            });
            side::scaling(&format!("group of 100,000: {name}"), "operation", 7, works.into());
        }
    }
}

fn add_one_to<'a>(group: Value, patch: Patch) -> Work<'a> {
    let of = ResourceType::group();
    undone(
        group,
        move |group| patch.apply(group, &of).unwrap(),
        |group| {
            group["members"].as_array_mut().unwrap().pop();
        },
    )
}

fn splice_in<'a>(text: &'a [u8], patch: &'a Patch) -> Work<'a> {
    let of = ResourceType::group();
    plain(move || patch.apply_slice(black_box(text), &of).unwrap())
}

fn scale_members() {
    let sizes = [100, 1_000, 10_000, 100_000, 1_000_000];
    let adding = sizes.map(|members| {
        let patch = Patch::parse(&add_one(members)).unwrap();
        (members, add_one_to(group(members), patch))
    });
    side::scaling("add 1 to a group", "member", 11, adding.into());
    let inputs = sizes.map(|members| (members, bytes(&group(members)), Patch::parse(&add_one(members)).unwrap()));
    let splicing = inputs.each_ref().map(|(members, text, patch)| (*members, splice_in(text, patch)));
    side::scaling("add 1 to a group, bytes to bytes", "member", 11, splicing.into());
    let scanning = sizes.map(|members| {
        let (group, id) = (group(members), member_id(members));
        (members, plain(move || by_hand::scan(members_of(&group), &id)))
    });
    side::scaling("one scan of a group", "member", 11, scanning.into());
}
