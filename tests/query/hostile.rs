//! Input made to do harm: an answer or an error, in time and on a small stack.

use std::sync::mpsc;
use std::thread::Builder;
use std::time::Duration;

#[cfg(feature = "cursors")]
use scim_engine::protocol::Cursors;
use scim_engine::protocol::{ListQuery, Projection, QueryError, QueryOptions};
use scim_engine::{ResourceType, ScimType};
use serde_json::{Value, json};

/// Runs `work` on a stack of 256 KiB under a watchdog that is far above what work linear in the input takes.
fn finishes(work: impl FnOnce() + Send + 'static) {
    let (done, wait) = mpsc::channel();
    let thread = Builder::new().stack_size(256 * 1024).spawn(move || {
        work();
        let _ = done.send(());
    });
    let thread = thread.unwrap();
    match wait.recv_timeout(Duration::from_secs(600)) {
        Ok(()) => thread.join().unwrap(),
        Err(mpsc::RecvTimeoutError::Disconnected) => std::panic::resume_unwind(thread.join().unwrap_err()),
        Err(mpsc::RecvTimeoutError::Timeout) => panic!("did not come to an end: the cost is not linear in the input"),
    }
}

fn parse(query: impl AsRef<[u8]>) -> Result<ListQuery, QueryError> {
    ListQuery::parse_with(query, &ResourceType::user(), &QueryOptions::default().cursors(true))
}

fn refused(query: &str) -> (ScimType, String) {
    let error = parse(query).unwrap_err();
    (error.scim_type().unwrap(), error.to_string())
}

const LONG: usize = 8 * 1024 * 1024;

#[test]
fn a_value_of_megabytes() {
    finishes(|| {
        for (name, kind) in [
            ("filter", ScimType::InvalidFilter),
            ("sortOrder", ScimType::InvalidValue),
            ("startIndex", ScimType::InvalidValue),
            ("count", ScimType::InvalidValue),
        ] {
            for filling in ["x", "%28", "%C3%A9"] {
                let (found, message) = refused(&format!("{name}={}", filling.repeat(LONG / filling.len())));
                assert_eq!(found, kind, "{name}");
                assert!(message.len() < 1000, "{name}");
            }
        }
        let digits = parse(format!("count={}", "9".repeat(LONG))).unwrap();
        assert_eq!(digits.count(), 1000);
        assert_eq!(refused(&format!("sortBy={}", "a".repeat(LONG))).0, ScimType::InvalidValue);
        assert_eq!(refused(&format!("sortBy={}", "a:".repeat(LONG / 2))).0, ScimType::InvalidValue);
    });
}

#[cfg(feature = "cursors")]
#[test]
fn a_very_long_cursor() {
    finishes(|| {
        let query = parse(format!("cursor={}", "A".repeat(LONG))).unwrap();
        let cursors = Cursors::new(&[1; 16], &[&[2; 16], &[3; 16]], Duration::from_secs(60)).unwrap();
        let error = cursors.open(&query, "", std::time::SystemTime::now()).unwrap_err();
        assert_eq!(error.scim_type(), Some(ScimType::InvalidCursor));
    });
}

#[test]
fn very_many_parameters() {
    finishes(|| {
        let many = |pair: &dyn Fn(usize) -> String| (0..100_000).map(pair).collect::<Vec<_>>().join("&");
        let query = parse(many(&|n| format!("p{n}={n}"))).unwrap();
        assert_eq!(query.ignored().len(), 100);
        let query = parse(many(&|_| "count=5".to_owned())).unwrap();
        assert_eq!(query.count(), 5);
        assert_eq!(refused(&many(&|n| format!("count={n}"))).0, ScimType::InvalidSyntax);
        let (kind, message) = refused(&many(&|n| format!("attributes=a{n}")));
        assert_eq!(kind, ScimType::InvalidValue);
        assert!(message.contains("too many"), "{message}");
        assert!(parse("&".repeat(LONG)).is_ok());
        assert!(parse("=".repeat(LONG)).is_ok());
        assert_eq!(parse("=&".repeat(LONG / 2)).unwrap().ignored(), [""]);
        let long_name = parse("n".repeat(LONG)).unwrap();
        assert_eq!(long_name.ignored()[0].len(), 100);
    });
}

#[test]
fn lists_of_attributes() {
    finishes(|| {
        let names = |count: usize, name: &dyn Fn(usize) -> String| (0..count).map(name).collect::<Vec<_>>().join(",");
        let all = names(1000, &|n| format!("urn:example:x{n}:Y:name{n}.sub{n}"));
        let projection = Projection::new(&ResourceType::user(), &[&all], &[]).unwrap();
        let members: serde_json::Map<String, Value> = (0..100_000)
            .map(|n| (format!("urn:example:x{n}:Y"), json!({format!("name{n}"): {format!("sub{n}"): 1}})))
            .collect();
        let answered = projection.apply(&Value::Object(members));
        assert_eq!(answered.as_object().unwrap().len(), 1000);
        assert!(Projection::new(&ResourceType::user(), &[], &[&format!("{all},x")]).is_err());
        assert!(parse(format!("attributes={}", ",".repeat(LONG))).is_ok());
        assert!(parse(format!("attributes={}", "a".repeat(LONG))).is_ok());
        assert!(parse(format!("attributes={}", "a:.".repeat(LONG / 3))).is_ok());
    });
}

#[test]
fn deep_bodies_and_resources() {
    finishes(|| {
        let text = format!(
            "{{\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:SearchRequest\"],\"x\":{}{}}}",
            "[".repeat(100),
            "]".repeat(100)
        );
        let error = ListQuery::from_slice(text.as_bytes(), &ResourceType::user()).unwrap_err();
        assert!(error.to_string().contains("nested too deep"), "{error}");
        assert!(ListQuery::from_slice("[".repeat(LONG).as_bytes(), &ResourceType::user()).is_err());
        let deep = (0..100).fold(json!("x"), |inner, _| json!({"emails": inner, "password": "hidden"}));
        let query = parse("sortBy=emails&attributes=emails.value,name.givenName").unwrap();
        assert!(query.answer([&deep]).is_ok());
        // A stored resource that is nested too deep is not the client's error.
        let query = parse("filter=emails+pr").unwrap();
        assert_eq!(query.answer([&deep]).unwrap_err().status(), 500);
    });
}
