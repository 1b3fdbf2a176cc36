//! Cursors: good for their query, context, keys and time, and for nothing else (RFC 9865).

use std::time::{Duration, SystemTime};

use scim_engine::protocol::{CursorContext, Cursors, ListQuery, QueryOptions};
use scim_engine::{ResourceType, ScimError, ScimType};
use serde_json::{Value, json};

const KEY: &[u8] = b"a key of more than sixteen bytes";
const HOUR: Duration = Duration::from_secs(3600);

fn cursors() -> Cursors {
    Cursors::new(KEY, &[], HOUR).unwrap()
}

fn options() -> QueryOptions {
    QueryOptions::default().cursors(true)
}

fn query(text: &str) -> ListQuery {
    ListQuery::parse_with(text, &ResourceType::user(), &options()).unwrap()
}

fn with(cursor: &str, rest: &str) -> ListQuery {
    query(&format!("cursor={cursor}&{rest}"))
}

fn kind(error: Result<Option<Value>, ScimError>) -> ScimType {
    error.unwrap_err().scim_type().unwrap()
}

#[test]
fn a_cursor_is_bound_to_its_query() {
    let now = SystemTime::now();
    let asked = "filter=userName+sw+%22J%22&sortBy=userName&count=10";
    let position = json!({"after": ["u10", 5]});
    let cursor = cursors().seal(&position, &query(asked), "t", now);
    assert!(cursor.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'), "{cursor}");
    let open = |rest: &str| cursors().open(&with(&cursor, rest), "t", now);
    assert_eq!(open(asked).unwrap(), Some(position.clone()));
    // The same in other words; what is answered with may change from page to page.
    let other_words = "FILTER=username+SW+%22J%22&sortBy=USERNAME&sortOrder=ascending&count=10&attributes=userName";
    assert_eq!(open(other_words).unwrap(), Some(position));
    for other in [
        "filter=userName+sw+%22j%22&sortBy=userName&count=10",
        "filter=userName+sw+%22J%22&count=10",
        "filter=userName+sw+%22J%22&sortBy=title&count=10",
        "filter=userName+sw+%22J%22&sortBy=userName&sortOrder=descending&count=10",
        "sortBy=userName&count=10",
    ] {
        assert_eq!(kind(open(other)), ScimType::InvalidCursor, "{other}");
    }
    assert_eq!(kind(open("filter=userName+sw+%22J%22&sortBy=userName&count=11")), ScimType::InvalidCount);
    assert_eq!(kind(open("filter=userName+sw+%22J%22&sortBy=userName")), ScimType::InvalidCount);
    let plain = cursors().seal(&json!(1), &query("count=10"), "t", now);
    let other_type =
        ListQuery::parse_with(format!("cursor={plain}&count=10"), &ResourceType::group(), &options()).unwrap();
    assert_eq!(kind(cursors().open(&other_type, "t", now)), ScimType::InvalidCursor);
}

#[test]
fn a_cursor_is_bound_to_its_context_and_keys() {
    let now = SystemTime::now();
    let first = query("");
    let cursor = cursors().seal(&json!(1), &first, "tenant 1", now);
    let asked = with(&cursor, "");
    for context in ["tenant 2", "tenant 1 ", "", "TENANT 1"] {
        assert_eq!(kind(cursors().open(&asked, context, now)), ScimType::InvalidCursor);
    }
    let other = Cursors::new(b"another key of sixteen bytes", &[], HOUR).unwrap();
    assert_eq!(kind(other.open(&asked, "tenant 1", now)), ScimType::InvalidCursor);
    // While keys change, both are good; the new one seals.
    let both = Cursors::new(b"another key of sixteen bytes", &[KEY], HOUR).unwrap();
    assert_eq!(both.open(&asked, "tenant 1", now).unwrap(), Some(json!(1)));
    let newer = with(&both.seal(&json!(2), &first, "tenant 1", now), "");
    assert_eq!(other.open(&newer, "tenant 1", now).unwrap(), Some(json!(2)));
    assert_eq!(kind(cursors().open(&newer, "tenant 1", now)), ScimType::InvalidCursor);
    assert!(Cursors::new(b"fifteen bytes..", &[], HOUR).is_err());
    assert!(Cursors::new(KEY, &[b"short"], HOUR).is_err());
    assert!(!format!("{both:?}").contains("another"));
}

#[test]
fn a_cursor_expires() {
    let now = SystemTime::now();
    let cursor = cursors().seal(&json!(1), &query(""), "t", now);
    let open = |rest: &str, context: &str, later: Duration| cursors().open(&with(&cursor, rest), context, now + later);
    assert!(open("", "t", HOUR).is_ok());
    assert_eq!(kind(open("", "t", HOUR + Duration::from_millis(1))), ScimType::ExpiredCursor);
    // Others do not learn that it was a cursor.
    assert_eq!(kind(open("", "u", HOUR * 2)), ScimType::InvalidCursor);
    assert_eq!(kind(open("sortBy=title", "t", HOUR * 2)), ScimType::InvalidCursor);
    let forever = Cursors::new(KEY, &[], Duration::MAX).unwrap();
    let cursor = forever.seal(&json!(1), &query(""), "t", now);
    assert!(forever.open(&with(&cursor, ""), "t", now + HOUR * 1_000_000).is_ok());
}

#[test]
fn no_change_of_a_cursor_goes_unnoticed() {
    let now = SystemTime::now();
    let cursor = cursors().seal(&json!({"at": 10}), &query(""), "t", now);
    let refused = |text: &str| {
        assert_eq!(kind(cursors().open(&with(text, ""), "t", now)), ScimType::InvalidCursor, "{text}");
    };
    for at in 0..cursor.len() {
        for other in ["A", "B", "-", "_", "9", "%3D", "%21", "%C3%A9"] {
            if other != &cursor[at..=at] {
                refused(&format!("{}{other}{}", &cursor[..at], &cursor[at + 1..]));
            }
        }
        if at > 0 {
            refused(&cursor[..at]);
            refused(&cursor[at..]);
        }
    }
    for more in ["A", "AA", "AAAA", "%3D", "+"] {
        refused(&format!("{cursor}{more}"));
    }
    refused(&cursor.repeat(2));
}

#[test]
fn positions_do_not_show() {
    let now = SystemTime::now();
    let seal = |position: &Value| cursors().seal(position, &query(""), "t", now);
    let (a, b) = (seal(&json!({"after": "mveit"})), seal(&json!({"after": "mveiu"})));
    assert_eq!(a, seal(&json!({"after": "mveit"})));
    let same = a.bytes().zip(b.bytes()).filter(|(a, b)| a == b).count();
    assert!(same < a.len() / 3, "{a} {b}");
}

#[test]
fn pages_of_a_list_that_changes() {
    let users: Vec<Value> = (0..9).map(|n| json!({"id": n.to_string(), "userName": format!("u{n}")})).collect();
    let cursors = cursors();
    let context = CursorContext::new(&cursors, "t", SystemTime::now());
    let page = |cursor: &str, users: &[Value]| {
        let body = with(cursor, "sortBy=userName&count=3").answer_with(users, context).unwrap().into_body();
        let ids: Vec<String> =
            body["Resources"].as_array().unwrap().iter().map(|user| user["id"].as_str().unwrap().to_owned()).collect();
        let cursor = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
        (ids.join(""), cursor("nextCursor"), cursor("previousCursor"))
    };
    let (first, next, previous) = page("", &users);
    assert_eq!((first.as_str(), previous), ("012", None));
    let next = next.unwrap();
    assert_eq!(page(&next, &users).0, "345");
    // One came before it, two went before it, its last one went.
    let mut more = users.clone();
    more.insert(0, json!({"id": "x", "userName": "u"}));
    assert_eq!(page(&next, &more).0, "345");
    assert_eq!(page(&next, &users[2..]).0, "345");
    let without: Vec<Value> = users.iter().filter(|user| user["id"] != "2").cloned().collect();
    assert_eq!(page(&next, &without).0, "345");
    // The client has deleted what it has seen, and somebody else the next one; or both sides of the gap went.
    assert_eq!(page(&next, &users[3..]).0, "345");
    assert_eq!(page(&next, &users[4..]).0, "456");
    assert_eq!(page(&next, &[&users[..2], &users[4..]].concat()).0, "014");
    let (_, _, previous) = page(&next, &users);
    assert_eq!(page(&previous.unwrap(), &users), page("", &users));
}

#[test]
fn pages_by_cursor_need_keys() {
    let error = query("cursor").answer(&[]).unwrap_err();
    assert_eq!(error.status(), 500);
    // A cursor of another kind of position, sealed by the host.
    let cursors = cursors();
    let now = SystemTime::now();
    let cursor = cursors.seal(&json!("elsewhere"), &query(""), "t", now);
    let context = CursorContext::new(&cursors, "t", now);
    let error = with(&cursor, "").answer_with(&[], context).unwrap_err();
    assert_eq!(error.scim_type(), Some(ScimType::InvalidCursor));
}
