//! Lists by cursor: going through the pages meets every resource once, in order, also backwards; a cursor that was not given
//! for the query is refused; resources that come and go between two pages do no harm.
#![no_main]

use std::sync::LazyLock;
use std::time::{Duration, SystemTime};

use libfuzzer_sys::fuzz_target;
use scim_engine::protocol::{CursorContext, Cursors, ListQuery, QueryOptions};
use scim_engine_fuzz::chooser::Chooser;
use scim_engine_fuzz::types::USER;
use serde_json::{Value, json};

static CURSORS: LazyLock<Cursors> =
    LazyLock::new(|| Cursors::new(&[7; 16], &[&[8; 16]], Duration::from_secs(60)).expect("keys that are long enough"));
static OPTIONS: LazyLock<QueryOptions> = LazyLock::new(|| QueryOptions::default().cursors(true));

fn page(text: &str, users: &[Value], context: &str, seconds: u64) -> Result<Value, String> {
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
    let query = ListQuery::parse_with(text, &USER, &OPTIONS).map_err(|error| error.to_string())?;
    let answer = query.answer_with(users, CursorContext::new(&CURSORS, context, now));
    Ok(answer.map_err(|error| format!("{:?}", error.scim_type()))?.into_body())
}

fn resources(body: &Value) -> Vec<Value> {
    body["Resources"].as_array().expect("a list").clone()
}

fuzz_target!(|data: &[u8]| {
    let c = &mut Chooser::new(data);
    let ids = c.below(3);
    let users: Vec<Value> = (0..c.below(9))
        .map(|at| {
            let mut user = json!({"externalId": at});
            match ids {
                0 => user["id"] = at.to_string().into(),
                1 => user["id"] = "7".into(),
                _ => {}
            }
            match c.below(6) {
                0 => {}
                1 => user["title"] = json!(["b", "c"]),
                title => user["title"] = Value::from(["a", "A", "b", "ß"][title - 2]),
            }
            user
        })
        .collect();
    let count = 2 + c.below(5);
    let rest = c.pick(&[
        "",
        "&sortBy=title",
        "&sortBy=title&sortOrder=descending",
        "&filter=title%20pr",
        "&filter=title%20co%20%22a%22&sortBy=externalId",
    ]);
    let all = resources(&page(&format!("count=1000{rest}"), &users, "t", 0).expect("a page by index"));

    // Forwards and backwards.
    let (mut seen, mut cursor, mut given, mut last) = (Vec::new(), Some(String::new()), Vec::new(), json!({}));
    while let Some(text) = cursor {
        let body = page(&format!("cursor={text}&count={count}{rest}"), &users, "t", 1)
            .expect("a cursor that was given is read");
        seen.extend(resources(&body));
        assert!(seen.len() <= all.len(), "a page comes twice");
        cursor = body["nextCursor"].as_str().map(str::to_owned);
        given.extend(cursor.clone());
        last = body;
    }
    assert_eq!(seen, all);
    // The laws below take turns, because each of them asks for several pages.
    let turn = c.below(4);
    let mut steps = 0;
    if turn == 0 {
        while let Some(previous) = last["previousCursor"].as_str() {
            last = page(&format!("cursor={previous}&count={count}{rest}"), &users, "t", 1)
                .expect("a cursor that was given is read");
            steps += 1;
            assert!(steps <= all.len(), "going back ends");
        }
        assert_eq!(resources(&last), all[..count.min(all.len())]);
    }

    let Some(good) = given.first() else {
        let any = String::from_utf8_lossy(c.take(64)).into_owned();
        let any: String = any.bytes().map(|byte| format!("%{byte:02x}")).collect();
        if !any.is_empty() {
            assert!(page(&format!("cursor={any}{rest}"), &users, "t", 1).is_err());
        }
        return;
    };
    let ask = |cursor: &str, context: &str, seconds| {
        page(&format!("cursor={cursor}&count={count}{rest}"), &users, context, seconds)
    };
    if turn == 1 {
        assert!(ask(good, "u", 1).is_err(), "the cursor of another tenant");
        assert!(ask(good, "t", 62).is_err(), "an old cursor");
        assert!(page(&format!("cursor={good}&count={}{rest}", count + 1), &users, "t", 1).is_err(), "another count");
        assert!(
            page(&format!("cursor={good}&count={count}{rest}&filter=id%20pr"), &users, "t", 1).is_err(),
            "another filter"
        );
    }
    // Characters changed, cut and added.
    let mut bad = good.clone().into_bytes();
    for _ in 0..=c.below(3) {
        if bad.is_empty() {
            break;
        }
        let at = c.below(bad.len());
        match c.below(4) {
            0 => bad[at] = b"ABab01-_"[c.below(8)],
            1 => bad.truncate(at),
            2 => bad.insert(at, b"ABab01-_="[c.below(9)]),
            _ => bad.extend_from_within(..at),
        }
    }
    let bad = String::from_utf8(bad).expect("ASCII");
    assert!(bad == *good || bad.is_empty() || ask(&bad, "t", 1).is_err(), "{bad} for {good}");
    if turn != 2 {
        return;
    }
    // The list changes between two pages: an answer that ends.
    let mut other = users.clone();
    while !other.is_empty() && c.one_in(3) {
        let at = c.below(other.len());
        other.remove(at);
    }
    if c.one_in(2) {
        other.insert(0, json!({"id": "new", "title": "a"}));
    }
    let mut cursor = Some(good.clone());
    let mut steps = 0;
    while let Some(text) = cursor {
        let body = page(&format!("cursor={text}&count={count}{rest}"), &other, "t", 1)
            .expect("a cursor of a list that changed");
        cursor = body["nextCursor"].as_str().map(str::to_owned);
        steps += 1;
        assert!(steps <= 2 * (other.len() + users.len()) + 2, "going on ends");
    }
});
