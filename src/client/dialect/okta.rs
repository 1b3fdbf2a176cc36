//! The requests of Okta. A new user has a password and an empty `groups`. An update is a PUT of the whole user, unless the
//! plan says PATCH. A deactivation is a PATCH without a path. A member has `value` and `display`.

use serde_json::{Value, json};

use super::body::{both_schemas, default, dressed, external_id, user_name};
use super::requests::{
    Dialect, GroupMember, eq, member_path, members_value, operations, patch_group, patch_user, percent, user_path,
};
use crate::client::compare::Difference;
use crate::client::plan::Plan;
use crate::client::request::Draft;
use crate::client::step;
use crate::coerce::members::{remove_member, set_member};
use crate::schema::Schema;

pub(super) struct Okta;

impl Dialect for Okta {
    fn look_up(&self, step: &'static str, user_name: &str) -> Draft {
        Draft::get(step, format!("/Users?filter={}&startIndex=1&count=100", percent(&eq("userName", user_name))))
    }

    fn body(&self, person: &Value) -> Value {
        let mut body = dressed(person, "00u");
        let name = user_name(&body);
        // Okta names the extension in `schemas` only if the administrator has mapped an attribute of the extension.
        let has_extension = body.keys().any(|key| key.eq_ignore_ascii_case(Schema::ENTERPRISE_USER));
        let urns = if has_extension { both_schemas() } else { json!([Schema::USER]) };
        set_member(&mut body, "schemas", urns);
        for (name, value) in self.made_up() {
            default(&mut body, name, || (*value).into());
        }
        set_member(&mut body, "groups", json!([]));
        // Okta's password is random. This one is the same for a person in every push, so that a repeated push sends the same
        // requests.
        set_member(&mut body, "password", external_id("Pw1-", &name).into());
        Value::Object(body)
    }

    fn made_up(&self) -> &'static [(&'static str, &'static str)] {
        &[("locale", "en-US")]
    }

    fn put(&self, step: &'static str, id: &str, body: &Value) -> Draft {
        let mut body = body.clone();
        if let Some(members) = body.as_object_mut() {
            remove_member(members, "password");
            set_member(members, "id", id.into());
        }
        Draft::with_body(step, "PUT", user_path(id), body)
    }

    fn patch(&self, _plan: &Plan, id: &str, _body: &Value, differences: &[Difference]) -> Draft {
        patch_user(step::UPDATE, id, operations(differences))
    }

    fn suspend(&self, _plan: &Plan, id: &str, _body: &Value) -> Draft {
        patch_user(step::SUSPEND, id, vec![json!({"op": "replace", "value": {"active": false}})])
    }

    fn look_up_group(&self, display_name: &str) -> Option<Draft> {
        let filter = percent(&eq("displayName", display_name));
        Some(Draft::get(step::LOOK_UP_GROUP, format!("/Groups?filter={filter}&startIndex=1&count=100")))
    }

    fn group(&self, _plan: &Plan, display_name: &str) -> Value {
        json!({"schemas": [Schema::GROUP], "displayName": display_name, "members": []})
    }

    fn rename(&self, id: &str, display_name: &str) -> Option<Draft> {
        let value = json!({"id": id, "displayName": display_name});
        Some(patch_group(step::RENAME_GROUP, id, vec![json!({"op": "replace", "value": value})]))
    }

    fn add_members(&self, _plan: &Plan, id: &str, members: &[GroupMember]) -> Draft {
        let values = members_value(members, |member| json!({"value": member.id, "display": member.user_name}));
        patch_group(step::ADD_MEMBERS, id, vec![json!({"op": "add", "path": "members", "value": values})])
    }

    fn remove_members(&self, _plan: &Plan, id: &str, members: &[GroupMember]) -> Draft {
        let each = |member: &GroupMember| json!({"op": "remove", "path": member_path(&member.id)});
        patch_group(step::REMOVE_MEMBERS, id, members.iter().map(each).collect())
    }
}
