//! The filters written by hand in Rust, for documents of exactly this form: names in the schema's spelling, all dates in UTC
//! and in one format, no case folding beyond ASCII. The engine assumes none of that.

use serde_json::Value;

use super::{ENTERPRISE, THIRTY};

pub type Predicate = fn(&Value) -> bool;

/// In the order of `FILTERS`.
pub const PREDICATES: [Predicate; 7] = [equality, conjunction, value_path, date, extension, miss, or30];

fn text<'v>(value: &'v Value, name: &str) -> Option<&'v str> {
    value.get(name)?.as_str()
}

fn is(value: &Value, name: &str, literal: &str) -> bool {
    text(value, name).is_some_and(|text| text.eq_ignore_ascii_case(literal))
}

pub fn contains(text: &str, literal: &str) -> bool {
    text.as_bytes().windows(literal.len()).any(|part| part.eq_ignore_ascii_case(literal.as_bytes()))
}

fn equality(user: &Value) -> bool {
    is(user, "userName", "bjensen@example.com")
}

fn conjunction(user: &Value) -> bool {
    text(user, "title").is_some_and(|title| !title.is_empty()) && is(user, "userType", "Employee")
}

fn value_path(user: &Value) -> bool {
    let emails = || user.get("emails").and_then(Value::as_array);
    let is_work = |email: &Value| is(email, "type", "work");
    is(user, "userType", "Employee")
        && emails().is_some_and(|emails| {
            emails.iter().any(|email| {
                is_work(email) && text(email, "value").is_some_and(|value| contains(value, "@example.org"))
            })
        })
}

fn date(user: &Value) -> bool {
    let modified = user.get("meta").and_then(|meta| text(meta, "lastModified"));
    modified.is_some_and(|at| at >= "2024-06-01T00:00:00Z")
        && user.get("active").and_then(Value::as_bool) != Some(false)
}

fn extension(user: &Value) -> bool {
    user.get(ENTERPRISE).is_some_and(|extension| is(extension, "department", "Engineering"))
}

fn miss(user: &Value) -> bool {
    is(user, "userName", "nobody.of.that.name@nowhere.example")
}

fn or30(user: &Value) -> bool {
    text(user, "userName").is_some_and(|name| THIRTY.iter().any(|one| name.eq_ignore_ascii_case(one)))
}

/// Counts the members of a group with this `value`, in one scan. Case is ignored, as the schema requires.
pub fn scan(members: &[Value], id: &str) -> usize {
    members.iter().filter(|member| is(member, "value", id)).count()
}

/// Removes many members by hand, with a set of their ids and one pass.
pub fn remove_all(group: &mut Value, ids: &[String]) {
    let gone: std::collections::HashSet<String> = ids.iter().map(|id| id.to_ascii_lowercase()).collect();
    if let Some(Value::Array(members)) = group.get_mut("members") {
        members.retain(|member| !text(member, "value").is_some_and(|id| gone.contains(&id.to_ascii_lowercase())));
    }
}
