//! The record of the people and groups that are done. If a session is killed, a later session resumes from its journal.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::finding::Finding;
use super::report::Counted;

/// A person or group that is done: one line of a journal. Failures have no line, so that they are tried again.
///
/// ```
/// use scim_engine::client::Entry;
/// let line = r#"{"kind":"user","name":"mara.quill@lumen.example","fingerprint":"5f","outcome":"created","id":"u1"}"#;
/// let entry: Entry = serde_json::from_str(line).unwrap();
/// assert_eq!(entry.id.as_deref(), Some("u1"));
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Entry {
    /// `user` or `group`.
    pub kind: String,
    /// The `userName` or `displayName`.
    pub name: String,
    /// A hash of the task: the client, and the person's body or the group's members. If the plan has changed since then,
    /// the hash differs, and the entry does not count. Passwords are not hashed, because anybody who has the journal could
    /// guess words until the hash matches. A person of whom only the password has changed therefore counts as done.
    pub fingerprint: String,
    /// The result.
    pub outcome: Counted,
    /// The id at the endpoint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The findings about this person or group.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<Finding>,
}

/// A short hash of a value.
pub(super) fn fingerprint(value: &Value) -> String {
    use std::fmt::Write as _;
    let digest = Sha256::digest(value.to_string().as_bytes());
    digest.iter().take(10).fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The body that is hashed, with each password replaced by null at any depth, because an extension may have a password too.
/// The member itself stays, so that an added or removed password still changes the hash.
pub(super) fn without_passwords(body: Value) -> Value {
    match body {
        Value::Object(members) => {
            let without = |(name, value): (String, Value)| {
                let attribute = name.rsplit([':', '.']).next().unwrap_or_default();
                let value =
                    if attribute.eq_ignore_ascii_case("password") { Value::Null } else { without_passwords(value) };
                (name, value)
            };
            Value::Object(members.into_iter().map(without).collect())
        }
        Value::Array(elements) => elements.into_iter().map(without_passwords).collect(),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn no_password_is_hashed() {
        let hash = |body: Value| fingerprint(&without_passwords(body));
        for (one, other) in [
            (json!({"password": "gull"}), json!({"password": "heron"})),
            (json!({"PassWord": "gull"}), json!({"PassWord": null})),
            (json!({"urn:a:2.0:User:password": "gull"}), json!({"urn:a:2.0:User:password": "heron"})),
            (
                json!({"urn:a:2.0:User": {"a": [{"password": ["gull"]}]}}),
                json!({"urn:a:2.0:User": {"a": [{"password": 5}]}}),
            ),
        ] {
            assert_eq!(hash(one.clone()), hash(other), "{one}");
        }
        assert_ne!(hash(json!({"password": "gull"})), hash(json!({})));
        assert_ne!(hash(json!({"title": "gull"})), hash(json!({"title": "heron"})));
    }
}
