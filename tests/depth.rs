//! How deep a filter looks into a document: at most [`MAX_DEPTH`] levels below the value that it names.

#![allow(clippy::unwrap_used)]

use scim_engine::document::MAX_DEPTH;
use scim_engine::{Filter, ResourceType};
use serde_json::{Value, json};

/// A value within so many lists.
fn within(lists: usize, value: Value) -> Value {
    (0..lists).fold(value, |inner, _| Value::Array(vec![inner]))
}

fn answer(filter: &str, document: &Value) -> Result<bool, String> {
    let filter = Filter::parse(filter).unwrap().compile(&ResourceType::user()).unwrap();
    filter.matches(document).map_err(|error| error.to_string())
}

#[test]
fn lists_within_lists_are_read_to_the_limit() {
    let too_deep = Err("the document is nested too deep: at most 64 levels are allowed".to_owned());
    for (filter, lists) in [
        ("title eq \"a\"", MAX_DEPTH + 1),
        ("title ne \"b\"", MAX_DEPTH + 1),
        ("title pr", MAX_DEPTH),
        ("not (title eq null)", MAX_DEPTH),
        ("addresses.locality eq \"a\"", MAX_DEPTH + 1),
        ("addresses[locality eq \"a\"]", MAX_DEPTH + 1),
    ] {
        let value = |lists| {
            if filter.starts_with("addresses") {
                json!({"addresses": within(lists, json!({"locality": "a"}))})
            } else {
                json!({"title": within(lists, json!("a"))})
            }
        };
        assert_eq!(answer(filter, &value(lists)), Ok(true), "{filter}, {lists} lists");
        assert_eq!(answer(filter, &value(lists + 1)), too_deep, "{filter}, {} lists", lists + 1);
    }
}
