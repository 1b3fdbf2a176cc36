//! The values from earlier answers that a suite needs later.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use crate::client::dialect;
use crate::options::Options;
use crate::patch::Patch;
use crate::schema::{ResourceType, Schema};

/// The values from earlier answers.
#[derive(Default)]
pub(super) struct Memory {
    /// The ids of the resources, by the suite's name for each. The name `left` is for a resource to be deleted: one that an
    /// earlier run left over, or an accepted duplicate.
    pub(super) ids: HashMap<&'static str, String>,
    /// The contents that each resource should have after all changes so far, by the suite's name for the resource.
    pub(super) bodies: HashMap<&'static str, Value>,
    /// The user attributes that the endpoint's `/Schemas` declares, in lower case; none if it does not declare `userName`.
    pub(super) declared: Option<HashSet<String>>,
    /// Whether the answer to the last creation was lost. The id of the resource is then learnt by a look-up.
    pub(super) is_lost: bool,
    /// Whether the endpoint refused the last change.
    pub(super) is_refused: bool,
}

impl Memory {
    pub(super) fn id(&self, key: &str) -> Option<&str> {
        self.ids.get(key).map(String::as_str)
    }

    pub(super) fn user(&self, key: &str) -> Option<String> {
        self.id(key).map(dialect::user_path)
    }

    pub(super) fn group(&self, key: &str) -> Option<String> {
        self.id(key).map(dialect::group_path)
    }

    /// Whether the endpoint has the attributes that a path names, including those in its filter: `emails.type` and
    /// `emails.value` for `emails[type eq "work"].value`.
    pub(super) fn has(&self, path: &str) -> bool {
        let Some(declared) = &self.declared else { return true };
        let path = path.to_lowercase();
        let Some((attribute, rest)) = path.split_once('[') else { return declared.contains(&path) };
        let by = rest.split(' ').next().unwrap_or_default();
        let sub = rest.rsplit("].").next().unwrap_or_default();
        [by, sub].iter().all(|sub| declared.contains(&format!("{attribute}.{sub}")))
    }

    /// Applies operations to the expected contents of a resource.
    pub(super) fn change(&mut self, key: &'static str, operations: &[Value]) {
        if let Some(body) = self.bodies.get_mut(key) {
            apply(body, operations);
        }
    }
}

/// Applies operations to a user as a correct endpoint would.
pub(super) fn apply(body: &mut Value, operations: &[Value]) {
    let mut options = Options::default();
    options.tolerance.replace_creates = true;
    let patch = Patch::parse_with(&dialect::patch_of(operations.to_vec()), &options);
    let done = patch.and_then(|patch| patch.apply(body, &ResourceType::user()));
    debug_assert!(done.is_ok(), "{done:?}: {operations:?}");
}

/// The user attributes that `/Schemas` declares, as paths in lower case; none if it does not declare `userName`.
pub(super) fn declared(schemas: &[Value]) -> Option<HashSet<String>> {
    fn text<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
        value.get(name)?.as_str()
    }
    fn names<'a>(of: &'a Value, list: &str) -> impl Iterator<Item = (&'a str, &'a Value)> {
        let all = of.get(list).and_then(Value::as_array).into_iter().flatten();
        let can_be_written = all.filter(|attribute| text(attribute, "mutability") != Some("readOnly"));
        // No suite uses an attribute with a longer name. Without this limit, a server could fill the memory with long
        // names.
        let named = can_be_written.filter_map(|attribute| Some((text(attribute, "name")?, attribute)));
        named.filter(|(name, _)| name.len() <= 64)
    }
    let mut found = HashSet::new();
    for schema in schemas {
        let prefix = match text(schema, "id") {
            Some(Schema::USER) => String::new(),
            Some(Schema::ENTERPRISE_USER) => format!("{}:", Schema::ENTERPRISE_USER),
            _ => continue,
        };
        for (name, attribute) in names(schema, "attributes") {
            let path = format!("{prefix}{name}").to_lowercase();
            found.extend(names(attribute, "subAttributes").map(|(sub, _)| format!("{path}.{}", sub.to_lowercase())));
            found.insert(path);
        }
    }
    // `externalId` belongs to every resource, and no schema declares it.
    found.insert("externalid".to_owned());
    found.contains("username").then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_schemas_tell() {
        let memory = Memory {
            declared: declared(&[
                json!({"id": Schema::USER, "attributes": [
                    {"name": "userName"}, {"name": "displayName", "mutability": "readOnly"},
                    {"name": "emails", "subAttributes": [{"name": "value"}, {"name": "type"}]}]}),
                json!({"id": Schema::ENTERPRISE_USER, "attributes": [{"name": "department"}]}),
                json!({"id": Schema::GROUP, "attributes": [{"name": "members"}]}),
            ]),
            ..Memory::default()
        };
        for path in [
            "emails",
            "emails[type eq \"work\"].value",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
        ] {
            assert!(memory.has(path), "{path}");
        }
        for path in
            ["displayName", "emails[primary eq true].value", "emails[type eq \"work\"].display", "members", "title"]
        {
            assert!(!memory.has(path), "{path}");
        }
        // Names that no suite asks for take no memory, however long they are.
        let subs: Vec<_> = (0..1000).map(|index| json!({"name": format!("s{index}")})).collect();
        let long = json!({"name": "x".repeat(100_000), "subAttributes": subs});
        let user = json!({"id": Schema::USER, "attributes": [{"name": "userName"}, long]});
        assert_eq!(declared(&[user]).map(|found| found.len()), Some(2));
        assert!(declared(&[]).is_none() && Memory::default().has("title"));
    }
}
