//! The requests of Entra. A look-up may write the `userName` in another case than the server. An update is a PATCH of the
//! differences: with `Replace` and `"False"`, or in the form of RFC 7644 if Entra has the flag `aadOptscim062020`. A new
//! group has no members, and each member is added or removed by an operation of its own.

use serde_json::{Map, Value, json};

use super::body::{both_schemas, dressed, external_id};
use super::requests::{Dialect, GroupMember, eq, form, member_path, patch_group, patch_user};
use crate::client::compare::Difference;
use crate::client::plan::Plan;
use crate::client::request::Draft;
use crate::client::step;
use crate::coerce::members::set_member;
use crate::schema::Schema;

pub(super) struct Entra;

/// A schema that Entra names in the `schemas` of groups, although no server declares it.
const ADSCIM_GROUP: &str = "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group";

impl Dialect for Entra {
    fn look_up(&self, step: &'static str, user_name: &str) -> Draft {
        Draft::get(step, format!("/Users?filter={}", form(&eq("userName", &capitals(user_name)))))
    }

    fn body(&self, person: &Value) -> Value {
        let mut body = dressed(person, "");
        set_member(&mut body, "schemas", both_schemas());
        body.insert("meta".to_owned(), json!({"resourceType": "User"}));
        if !body.contains_key("roles") {
            body.insert("roles".to_owned(), json!([]));
        }
        Value::Object(body)
    }

    fn patch(&self, plan: &Plan, id: &str, _body: &Value, differences: &[Difference]) -> Draft {
        let operations = if plan.entra_flag { flagged(differences) } else { plain(differences) };
        patch_user(step::UPDATE, id, operations)
    }

    fn suspend(&self, plan: &Plan, id: &str, _body: &Value) -> Draft {
        let operation = if plan.entra_flag {
            json!({"op": "replace", "path": "active", "value": false})
        } else {
            json!({"op": "Replace", "path": "active", "value": "False"})
        };
        patch_user(step::SUSPEND, id, vec![operation])
    }

    fn look_up_group(&self, display_name: &str) -> Option<Draft> {
        let filter = form(&eq("displayName", display_name));
        Some(Draft::get(step::LOOK_UP_GROUP, format!("/Groups?excludedAttributes=members&filter={filter}")))
    }

    fn group(&self, _plan: &Plan, display_name: &str) -> Value {
        json!({
            "schemas": [Schema::GROUP, ADSCIM_GROUP],
            "externalId": external_id("", display_name),
            "displayName": display_name,
            "meta": {"resourceType": "Group"},
        })
    }

    fn add_members(&self, plan: &Plan, id: &str, members: &[GroupMember]) -> Draft {
        let op = if plan.entra_flag { "add" } else { "Add" };
        let each = |member: &GroupMember| json!({"op": op, "path": "members", "value": [{"value": member.id}]});
        patch_group(step::ADD_MEMBERS, id, members.iter().map(each).collect())
    }

    fn remove_members(&self, plan: &Plan, id: &str, members: &[GroupMember]) -> Draft {
        let each = |member: &GroupMember| {
            if plan.entra_flag {
                json!({"op": "remove", "path": member_path(&member.id)})
            } else {
                json!({"op": "Remove", "path": "members", "value": [{"$ref": null, "value": member.id}]})
            }
        };
        patch_group(step::REMOVE_MEMBERS, id, members.iter().map(each).collect())
    }
}

/// `mara.quill@…` as `Mara.Quill@…`: Entra looks people up in the case of its own directory, which need not be the server's.
fn capitals(user_name: &str) -> String {
    let (local, domain) = user_name.split_at(user_name.find('@').unwrap_or(user_name.len()));
    let mut text = String::with_capacity(user_name.len());
    for (index, part) in local.split('.').enumerate() {
        let mut letters = part.chars();
        text.extend((index > 0).then_some('.'));
        text.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        text.push_str(letters.as_str());
    }
    text + domain
}

/// The path of a difference, as Entra sends it. Entra sets `…:manager`, not `…:manager.value`.
fn path_of(difference: &Difference) -> &str {
    difference
        .path
        .strip_suffix(":manager.value")
        .map_or(&difference.path, |_| difference.path.strip_suffix(".value").unwrap_or(&difference.path))
}

/// The value as Entra sends it without the flag `aadOptscim062020`: booleans are strings.
fn worded(value: &Value) -> Value {
    match value {
        Value::Bool(true) => "True".into(),
        Value::Bool(false) => "False".into(),
        other => other.clone(),
    }
}

/// The operations of an update without the flag `aadOptscim062020`: one for each difference.
fn plain(differences: &[Difference]) -> Vec<Value> {
    let each = |difference: &Difference| {
        let op = if difference.held.is_none() { "Add" } else { "Replace" };
        // `sent` is an object only for a whole element without a `type`. No path selects it, so it is sent as a list with
        // one element.
        let value = match &difference.sent {
            Value::Object(_) => json!([difference.sent]),
            simple => worded(simple),
        };
        json!({"op": op, "path": path_of(difference), "value": value})
    };
    differences.iter().map(each).collect()
}

/// The operations of an update with the flag `aadOptscim062020`: one for each path with a filter, and one `replace` without
/// a path for all other attributes.
fn flagged(differences: &[Difference]) -> Vec<Value> {
    let mut operations = Vec::new();
    let mut values = Map::new();
    for difference in differences {
        let path = path_of(difference);
        if path.contains('[') {
            let op = if difference.held.is_none() { "add" } else { "replace" };
            operations.push(json!({"op": op, "path": path, "value": difference.sent}));
        } else if difference.sent.is_object() {
            operations.push(json!({"op": "add", "path": path, "value": [difference.sent]}));
        } else {
            values.insert(path.to_owned(), difference.sent.clone());
        }
    }
    if !values.is_empty() {
        operations.push(json!({"op": "replace", "value": values}));
    }
    operations
}

#[cfg(test)]
mod tests {
    use super::*;

    fn difference(path: &str, sent: Value, held: Option<Value>) -> Difference {
        Difference { path: path.to_owned(), attribute: String::new(), sent, held }
    }

    #[test]
    fn look_ups_have_another_case() {
        let draft = Entra.look_up("look-up", "mara.quill@lumen.example");
        assert_eq!(draft.path, "/Users?filter=userName+eq+%22Mara.Quill%40lumen.example%22");
    }

    #[test]
    fn differences_have_both_forms() {
        let urn = Schema::ENTERPRISE_USER;
        let differences = [
            difference("active", json!(false), Some(json!(true))),
            difference("emails[type eq \"work\"].value", json!("a@example.com"), None),
            difference(&format!("{urn}:manager.value"), json!("u9"), None),
        ];
        assert_eq!(
            Value::from(plain(&differences)),
            json!([
                {"op": "Replace", "path": "active", "value": "False"},
                {"op": "Add", "path": "emails[type eq \"work\"].value", "value": "a@example.com"},
                {"op": "Add", "path": format!("{urn}:manager"), "value": "u9"},
            ])
        );
        let named = format!("{urn}:manager");
        assert_eq!(
            Value::from(flagged(&differences)),
            json!([
                {"op": "add", "path": "emails[type eq \"work\"].value", "value": "a@example.com"},
                {"op": "replace", "value": {"active": false, named: "u9"}},
            ])
        );
    }
}
