//! Finds the value of a multi-valued attribute for a host that can store only one.

use serde_json::Value;

use super::members::member;
use crate::schema::Schema;
use crate::syntax::attr_path;

/// The element of a multi-valued attribute that a host with a single column for the attribute stores: the element whose
/// `primary` is `true` (RFC 7643 §2.4), otherwise the first element. If the attribute has a single value, the result is
/// that value. It is `None` if there is no value or no such attribute. An attribute of an extension is named by the URN, a
/// colon and its name.
///
/// ```
/// use serde_json::json;
/// let user = json!({"emails": [{"value": "a@example.com"}, {"value": "b@example.com", "primary": true}]});
/// assert_eq!(scim_engine::primary(&user, "emails").unwrap()["value"], "b@example.com");
/// assert_eq!(scim_engine::primary(&user, "phoneNumbers"), None);
/// ```
pub fn primary<'v>(resource: &'v Value, attribute: &str) -> Option<&'v Value> {
    let path = attr_path(attribute)?;
    let root = resource.as_object()?;
    let within = match path.uri() {
        // Attributes of a core schema are members of the resource itself.
        Some(uri) if [Schema::USER, Schema::GROUP].iter().any(|core| core.eq_ignore_ascii_case(uri)) => root,
        Some(uri) => member(root, uri)?.as_object()?,
        None => root,
    };
    let value = member(within, path.name())?;
    let value = path.sub_attribute().map_or(Some(value), |sub| of(value, sub))?;
    match value {
        Value::Array(elements) => {
            let is_primary = |element: &&Value| of(element, "primary") == Some(&Value::Bool(true));
            elements.iter().find(is_primary).or(elements.first())
        }
        Value::Null => None,
        one => Some(one),
    }
}

fn of<'v>(value: &'v Value, name: &str) -> Option<&'v Value> {
    member(value.as_object()?, name)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::primary;

    #[test]
    fn of_whatever_stands_there() {
        let user = json!({
            "Emails": [{"value": "a", "primary": false}, {"value": "b", "Primary": true}, {"value": "c", "primary": true}],
            "ims": [], "title": "Guide", "nickName": null,
            "urn:example:2.0:X": {"badges": ["one", "two"], "pass": {"keys": ["k1", "k2"]}},
        });
        for (name, value) in [
            ("emails", Some(json!({"value": "b", "Primary": true}))),
            ("urn:ietf:params:scim:schemas:core:2.0:User:emails", Some(json!({"value": "b", "Primary": true}))),
            ("ims", None),
            ("title", Some(json!("Guide"))),
            ("nickName", None),
            ("phoneNumbers", None),
            ("a b", None),
            ("urn:example:2.0:x:badges", Some(json!("one"))),
            ("urn:example:2.0:X:pass.keys", Some(json!("k1"))),
            ("urn:example:2.0:X:title", None),
            ("urn:example:2.0:Y:title", None),
            ("title.sub", None),
        ] {
            assert_eq!(primary(&user, name), value.as_ref(), "{name}");
        }
        assert_eq!(primary(&json!([]), "emails"), None);
    }
}
