//! The engine compared with other crates: parse, match on values and on bytes, PATCH of a user and of a group.
//! `cargo run --release --manifest-path benches/peers/Cargo.toml`

#![allow(clippy::type_complexity, reason = "each contender is a closure")]

mod raw;

use std::hint::black_box;

use peers::data::side::{Side, on_fresh, plain, table};
use peers::data::{FILTERS, group, member_id, patch_user, positions, removals, users};
use scim_engine::{Expr, Filter, Patch, ResourceType};
use serde_json::{Value, json};

const ROUNDS: usize = 31;

fn main() {
    let users = users(2_000);
    println!(
        "Below a ratio of 1, ours is faster. A filter is left out if the crate cannot read it or finds other documents."
    );
    parse();
    matching(&users);
    raw::raw(&users, ROUNDS);
    patch_of_a_user(&users);
    patch_of_a_group();
}

/// A peer's parser; returns whether it can read the text.
type Parse = fn(&str) -> bool;

const PARSERS: [(&str, Parse); 4] = [
    ("scim_proto", |text| black_box(text.parse::<scim_proto::filter::ScimFilter>()).is_ok()),
    ("scim-kit", |text| black_box(scim_kit::filter::parse_filter(text)).is_ok()),
    ("scim-filter", |text| black_box(scim_filter::parser::filter(text)).is_ok_and(|(rest, _)| rest.is_empty())),
    ("scim_v2", |text| black_box(text.parse::<scim_v2::filter::Filter>()).is_ok()),
];

fn parse() {
    for (peer, parse) in PARSERS {
        let aim = 0.85;
        let readable = FILTERS.iter().filter(|(_, text)| parse(text));
        let rows = readable.flat_map(|(name, text)| {
            let peer = || plain(move || parse(black_box(text)));
            [
                Side::new(
                    format!("{name}, `Expr::parse`"),
                    aim,
                    plain(move || Expr::parse(black_box(text)).unwrap()),
                    peer(),
                ),
                Side::new(
                    format!("{name}, `Filter::parse`"),
                    None,
                    plain(move || Filter::parse(black_box(text)).unwrap()),
                    peer(),
                ),
            ]
        });
        table("parse", peer, ROUNDS, rows.collect());
    }
}

fn matching(users: &[Value]) {
    let of = ResourceType::user();
    let (mut kit_rows, mut filter_rows) = (Vec::new(), Vec::new());
    for (name, text) in FILTERS {
        let matcher = Filter::parse(text).unwrap().compile(&of).unwrap();
        let hot = users.iter().find(|user| matcher.matches(*user).unwrap()).unwrap_or(&users[0]);
        let ours = || {
            let matcher = matcher.clone();
            plain(move || matcher.matches(black_box(hot)).unwrap())
        };
        let agrees =
            |theirs: &dyn Fn(&Value) -> bool| users.iter().all(|user| matcher.matches(user).unwrap() == theirs(user));
        if let Ok(kit) = scim_kit::filter::parse_filter(text)
            && agrees(&|user| kit.matches(user))
        {
            kit_rows.push(Side::new(name, None, ours(), plain(move || kit.matches(black_box(hot)))));
        }
        if let Ok(("", filter)) = scim_filter::parser::filter(text)
            && agrees(&|user| filter.r#match(user).unwrap_or(false))
        {
            filter_rows.push(Side::new(name, None, ours(), plain(move || filter.r#match(black_box(hot)).unwrap())));
        }
    }
    table("match on `Value`, one document that matches", "scim-kit", ROUNDS, kit_rows);
    table("match on `Value`, one document that matches", "scim-filter", ROUNDS, filter_rows);
}

fn patch_of_a_user(users: &[Value]) {
    let user = users.iter().find(|user| user.get("phoneNumbers").is_some()).unwrap();
    let of = ResourceType::user();
    let body = patch_user();
    let ours = Patch::parse(&body).unwrap();
    let pointers: json_patch::Patch = serde_json::from_value(json!([
        {"op": "replace", "path": "/active", "value": false},
        {"op": "replace", "path": "/name/familyName", "value": "Jensen-Okafor"},
        {"op": "replace", "path": "/emails/0/value", "value": "b.jensen-okafor@example.com"},
        {"op": "add", "path": "/phoneNumbers/-", "value": {"type": "pager", "value": "tel:+1-555-0100"}},
    ]))
    .unwrap();
    let kit: scim_kit::patch::PatchOp = serde_json::from_value(body.clone()).unwrap();
    let mut expected = user.clone();
    ours.apply(&mut expected, &of).unwrap();
    let mut theirs = user.clone();
    json_patch::patch(&mut theirs, &pointers).unwrap();
    assert_eq!(expected, theirs);

    let text = peers::data::bytes(&body);
    let pointer_text = serde_json::to_vec(&pointers).unwrap();
    let fresh = || user.clone();
    table(
        "PATCH of a user, four operations",
        "json-patch (pointers, not filters; no schema)",
        ROUNDS,
        vec![
            Side::new(
                "apply",
                0.6,
                on_fresh(16, fresh, |user| ours.apply(user, &of).unwrap()),
                on_fresh(16, fresh, |user| json_patch::patch(user, &pointers).unwrap()),
            ),
            Side::new(
                "from bytes",
                None,
                on_fresh(16, fresh, |user| Patch::from_slice(&text).unwrap().apply(user, &of).unwrap()),
                on_fresh(16, fresh, |user| {
                    let patch: json_patch::Patch = serde_json::from_slice(&pointer_text).unwrap();
                    json_patch::patch(user, &patch).unwrap();
                }),
            ),
        ],
    );
    let mut theirs = user.clone();
    kit.apply_to(&mut theirs).unwrap();
    println!("scim-kit ends with the same user: {}", theirs == expected);
    table(
        "PATCH of a user, four operations",
        "scim-kit",
        ROUNDS,
        vec![Side::new(
            "apply",
            None,
            on_fresh(16, fresh, |user| ours.apply(user, &of).unwrap()),
            on_fresh(16, fresh, |user| kit.apply_to(user).unwrap()),
        )],
    );
}

/// Removals from a group: 100 from 10,000, since scim-kit scans all members for each.
fn patch_of_a_group() {
    let of = ResourceType::group();
    let group = group(10_000);
    let at = positions(100, 10_000);
    let body = removals(&at);
    let ours = Patch::parse(&body).unwrap();
    let kit: scim_kit::patch::PatchOp = serde_json::from_value(body).unwrap();
    let ids: Vec<String> = at.into_iter().map(member_id).collect();
    // The positions in the pointers must be looked up first; that time is not counted.
    let pointers: json_patch::Patch = serde_json::from_value(Value::Array({
        let mut at = positions(100, 10_000);
        at.sort_unstable_by(|a, b| b.cmp(a));
        at.into_iter().map(|at| json!({"op": "remove", "path": format!("/members/{at}")})).collect()
    }))
    .unwrap();
    let fresh = || group.clone();
    let run = || on_fresh(1, fresh, |group| ours.apply(group, &of).unwrap());
    let one = |name: &str, other| vec![Side::new(name, None, run(), other)];
    let title = "100 removals from a group of 10,000";
    table(title, "scim-kit", 11, one("apply", on_fresh(1, fresh, |group| kit.apply_to(group).unwrap())));
    table(
        title,
        "json-patch, positions known",
        11,
        one("apply", on_fresh(1, fresh, |group| json_patch::patch(group, &pointers).unwrap())),
    );
    table(
        title,
        "a set and one pass",
        11,
        one("apply", on_fresh(1, fresh, |group| peers::data::by_hand::remove_all(group, &ids))),
    );
}
