//! The requests of OneLogin. A look-up is form-encoded and ends with `&`. A PUT sends the rendered template to
//! `/Users/{id}?`. Groups are not looked up, because all of them are imported.

use serde_json::{Value, json};

use super::requests::{Dialect, GroupMember, eq, form, group_path, members_value, patch_group, patch_user, user_path};
use crate::client::compare::Difference;
use crate::client::plan::{Membership, Plan};
use crate::client::request::Draft;
use crate::client::step;
use crate::coerce::members::{member, set_member};
use crate::schema::Schema;

pub(super) struct OneLogin;

const CORE_1: &str = "urn:scim:schemas:core:1.0";

impl Dialect for OneLogin {
    fn media_type(&self) -> &'static str {
        "application/json"
    }

    fn look_up(&self, step: &'static str, user_name: &str) -> Draft {
        Draft::get(step, format!("/Users?filter={}&", form(&eq("userName", user_name))))
    }

    fn body(&self, person: &Value) -> Value {
        person.clone()
    }

    fn put(&self, step: &'static str, id: &str, body: &Value) -> Draft {
        Draft::with_body(step, "PUT", format!("{}?", user_path(id)), body.clone())
    }

    fn patch(&self, _plan: &Plan, id: &str, body: &Value, _differences: &[Difference]) -> Draft {
        let mut value = body.clone();
        if let Some(members) = value.as_object_mut() {
            members.retain(|name, _| !["id", "meta", "schemas"].iter().any(|own| name.eq_ignore_ascii_case(own)));
        }
        patch_user(step::UPDATE, id, vec![json!({"op": "replace", "value": value})])
    }

    fn suspend(&self, _plan: &Plan, id: &str, body: &Value) -> Draft {
        let mut body = body.clone();
        if let Some(members) = body.as_object_mut() {
            // `active` keeps the type that the template gave it: a macro in quotes renders a string.
            let is_text = member(members, "active").is_some_and(Value::is_string);
            set_member(members, "active", if is_text { "false".into() } else { false.into() });
        }
        self.put(step::SUSPEND, id, &body)
    }

    fn look_up_group(&self, _display_name: &str) -> Option<Draft> {
        None
    }

    fn group(&self, plan: &Plan, display_name: &str) -> Value {
        let urn = if plan.membership == Membership::V1 { CORE_1 } else { Schema::GROUP };
        json!({"schemas": [urn], "displayName": display_name, "members": []})
    }

    fn add_members(&self, plan: &Plan, id: &str, members: &[GroupMember]) -> Draft {
        let values = members_value(members, |member| json!({"value": member.id}));
        if plan.membership == Membership::V1 {
            return version_1(step::ADD_MEMBERS, id, values);
        }
        patch_group(step::ADD_MEMBERS, id, vec![json!({"op": "add", "path": "members", "value": values})])
    }

    fn remove_members(&self, plan: &Plan, id: &str, members: &[GroupMember]) -> Draft {
        if plan.membership == Membership::V1 {
            let values = members_value(members, |member| json!({"value": member.id, "operation": "delete"}));
            return version_1(step::REMOVE_MEMBERS, id, values);
        }
        let values = members_value(members, |member| json!({"value": member.id}));
        patch_group(step::REMOVE_MEMBERS, id, vec![json!({"op": "remove", "path": "members", "value": values})])
    }
}

fn version_1(step: &'static str, id: &str, members: Value) -> Draft {
    Draft::with_body(step, "PATCH", group_path(id), json!({"schemas": [CORE_1], "members": members}))
}
