//! The requests of JumpCloud. The names in a body are sorted. `schemas` always has the enterprise URN, even without the
//! extension's object. A PATCH has one operation for each attribute. A member has only `value`.

use serde_json::{Map, Value, json};

use super::body::{both_schemas, default, dressed};
use super::requests::{
    Dialect, GroupMember, eq, member_path, members_value, operations, patch_group, patch_user, percent,
};
use crate::client::compare::Difference;
use crate::client::plan::Plan;
use crate::client::request::Draft;
use crate::client::step;
use crate::coerce::members::set_member;
use crate::schema::Schema;

pub(super) struct JumpCloud;

impl Dialect for JumpCloud {
    fn look_up(&self, step: &'static str, user_name: &str) -> Draft {
        Draft::get(step, format!("/Users?filter={}", percent(&eq("userName", user_name))))
    }

    fn body(&self, person: &Value) -> Value {
        let mut body = dressed(person, "66");
        set_member(&mut body, "schemas", both_schemas());
        for (name, value) in self.made_up() {
            default(&mut body, name, || (*value).into());
        }
        sorted(Value::Object(body))
    }

    fn made_up(&self) -> &'static [(&'static str, &'static str)] {
        &[("locale", "en-US"), ("preferredLanguage", "en-US")]
    }

    fn patch(&self, _plan: &Plan, id: &str, _body: &Value, differences: &[Difference]) -> Draft {
        patch_user(step::UPDATE, id, operations(differences))
    }

    fn suspend(&self, _plan: &Plan, id: &str, _body: &Value) -> Draft {
        patch_user(step::SUSPEND, id, vec![json!({"op": "replace", "path": "active", "value": false})])
    }

    fn look_up_group(&self, display_name: &str) -> Option<Draft> {
        let filter = percent(&eq("displayName", display_name));
        Some(Draft::get(step::LOOK_UP_GROUP, format!("/Groups?filter={filter}")))
    }

    fn group(&self, _plan: &Plan, display_name: &str) -> Value {
        json!({"schemas": [Schema::GROUP], "displayName": display_name, "members": []})
    }

    fn add_members(&self, _plan: &Plan, id: &str, members: &[GroupMember]) -> Draft {
        let values = members_value(members, |member| json!({"value": member.id}));
        patch_group(step::ADD_MEMBERS, id, vec![json!({"op": "add", "path": "members", "value": values})])
    }

    fn remove_members(&self, _plan: &Plan, id: &str, members: &[GroupMember]) -> Draft {
        let each = |member: &GroupMember| json!({"op": "remove", "path": member_path(&member.id)});
        patch_group(step::REMOVE_MEMBERS, id, members.iter().map(each).collect())
    }
}

/// Sorts the names at every level, as JumpCloud does.
fn sorted(value: Value) -> Value {
    match value {
        Value::Array(elements) => Value::Array(elements.into_iter().map(sorted).collect()),
        Value::Object(members) => {
            let mut members: Vec<_> = members.into_iter().map(|(name, value)| (name, sorted(value))).collect();
            members.sort_by(|(a, _), (b, _)| a.cmp(b));
            Value::Object(members.into_iter().collect::<Map<_, _>>())
        }
        simple => simple,
    }
}
