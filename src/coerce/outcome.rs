//! What a request did (P18).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::members::{is_unassigned, member, member_mut, remove_member, set_member};
use super::repair::Repair;
use super::same::{same_option, value_hash};
use crate::json::is_within_depth;
use crate::schema::{Resolved, ResourceType};
use crate::syntax::{AttrPath, Limits};

/// What a PATCH, POST or PUT did to a resource.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct Outcome {
    /// Whether the resource differs from what it was. If not, nothing is to be written, and `meta.lastModified` stays.
    pub changed: bool,
    /// What is different, one entry for each attribute, so that a host can write only that.
    pub changes: Vec<Change>,
    /// What was repaired or dropped.
    pub repairs: Vec<Repair>,
}

/// How one attribute differs from what it was. The values of a single-valued attribute stand here as lists of one.
///
/// ```
/// use scim_engine::{Patch, ResourceType};
/// use serde_json::json;
/// let mut group = json!({"displayName": "Crew", "members": [{"value": "u1"}, {"value": "u2"}]});
/// let patch = Patch::parse(&json!({
///     "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
///     "Operations": [{"op": "remove", "path": "members[value eq \"u2\"]"}],
/// }))?;
/// let outcome = patch.apply(&mut group, &ResourceType::group())?;
/// assert_eq!(outcome.changes[0].path, "members");
/// assert_eq!(outcome.changes[0].removed, [json!({"value": "u2"})]);
/// # Ok::<(), scim_engine::PatchError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// The attribute: `title`, `name.familyName`, `emails`, `urn:…:User:department`.
    pub path: String,
    /// Values that were not there before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub added: Vec<Value>,
    /// Values that are there no more.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub removed: Vec<Value>,
    /// Values that took the attr of others: of the one value, or of an element that is still the same one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub replaced: Vec<Replaced>,
}

/// A value that took the attr of another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Replaced {
    /// What was there before.
    pub old: Value,
    /// What is there now.
    pub new: Value,
}

impl Change {
    pub(crate) fn at(path: impl Into<String>) -> Self {
        Self { path: path.into(), ..Self::default() }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty() && self.replaced.is_empty()
    }

    /// The change of a single value, if it is one.
    pub(crate) fn single(path: impl Into<String>, old: Option<&Value>, new: Option<&Value>) -> Option<Self> {
        Self::is_one(old, new).then(|| Self::from_to(path, old.cloned(), new.cloned()))
    }

    /// Whether a single value changed.
    pub(crate) fn is_one(old: Option<&Value>, new: Option<&Value>) -> bool {
        let assigned = |value: &&Value| !is_unassigned(value);
        !same_option(old.filter(assigned), new.filter(assigned))
    }

    /// The change of a single value from one to another.
    pub(crate) fn from_to(path: impl Into<String>, old: Option<Value>, new: Option<Value>) -> Self {
        let (old, new) = (old.filter(|value| !is_unassigned(value)), new.filter(|value| !is_unassigned(value)));
        let mut change = Self::at(path);
        match (old, new) {
            (Some(old), Some(new)) => change.replaced = vec![Replaced { old, new }],
            (old, new) => {
                change.removed.extend(old);
                change.added.extend(new);
            }
        }
        change
    }

    /// Makes the change on another copy of the resource: what a host does to its database, here for documents. The order
    /// of multi-valued attributes carries no meaning and may come out differently. A document nested deeper than any SCIM
    /// resource is left as it is.
    ///
    /// ```
    /// use scim_engine::{Change, ResourceType};
    /// use serde_json::json;
    /// let change: Change = serde_json::from_value(json!({"path": "name.givenName", "added": ["Bo"]})).unwrap();
    /// let mut user = json!({"userName": "bo"});
    /// change.apply(&mut user, &ResourceType::user());
    /// assert_eq!(user["name"]["givenName"], "Bo");
    /// ```
    pub fn apply(&self, resource: &mut Value, resource_type: &ResourceType) {
        if !is_within_depth(resource, Limits::MAX_DEPTH) {
            return;
        }
        let Value::Object(root) = resource else { return };
        let path = crate::syntax::attr_path(&self.path);
        let resolved = path.as_ref().and_then(|path| resource_type.resolve(path));
        let Some(Resolved::Attribute { extension, attribute, sub_attribute }) = resolved else {
            self.apply_unknown(root, path.as_ref(), resource_type);
            return;
        };
        let in_extension = extension.map(|schema| schema.id.as_str());
        within(root, in_extension, |container| {
            if sub_attribute.is_none() && attribute.multi_valued {
                self.set_list(container, &attribute.name);
                return;
            }
            let parent = sub_attribute.map(|_| attribute.name.as_str());
            let leaf = sub_attribute.unwrap_or(attribute);
            within(container, parent, |object| self.set_single(object, &leaf.name));
        });
    }

    /// A member that no schema knows is changed as a whole: in a known attribute, in an extension, or beside them.
    fn apply_unknown(&self, root: &mut Map<String, Value>, path: Option<&AttrPath<'_>>, resource_type: &ResourceType) {
        let extension = path.and_then(|path| resource_type.extension(path.uri()?));
        let in_extension = extension.map(|schema| schema.id.as_str());
        let known = path.and_then(|path| match extension {
            Some(schema) => schema.attribute(path.name()),
            None => resource_type.attribute(path.name()),
        });
        match (path, known, path.and_then(AttrPath::sub_attribute)) {
            (Some(_), Some(attribute), Some(sub)) => within(root, in_extension, |container| {
                within(container, Some(&attribute.name), |object| self.set_single(object, sub));
            }),
            (Some(path), None, None) if extension.is_some() => {
                within(root, in_extension, |container| self.set_single(container, path.name()));
            }
            _ => self.set_single(root, &self.path),
        }
    }

    fn set_single(&self, object: &mut Map<String, Value>, name: &str) {
        let new = self.added.first().or(self.replaced.first().map(|replaced| &replaced.new));
        match new {
            Some(value) => set_member(object, name, value.clone()),
            None => {
                remove_member(object, name);
            }
        }
    }

    fn set_list(&self, object: &mut Map<String, Value>, name: &str) {
        let mut elements = match remove_or_take(object, name) {
            Some(Value::Array(elements)) => elements,
            Some(Value::Null) | None => Vec::new(),
            Some(one) => vec![one],
        };
        let mut gone: std::collections::HashMap<u64, Vec<Option<&Value>>> = std::collections::HashMap::new();
        for value in &self.removed {
            gone.entry(value_hash(value)).or_default().push(None);
        }
        for replaced in &self.replaced {
            gone.entry(value_hash(&replaced.old)).or_default().push(Some(&replaced.new));
        }
        elements.retain_mut(|element| match gone.get_mut(&value_hash(element)).and_then(Vec::pop) {
            None => true,
            Some(Some(new)) => {
                *element = new.clone();
                true
            }
            Some(None) => false,
        });
        elements.extend(self.added.iter().cloned());
        if elements.is_empty() {
            remove_member(object, name);
        } else {
            set_member(object, name, Value::Array(elements));
        }
    }
}

fn remove_or_take(object: &mut Map<String, Value>, name: &str) -> Option<Value> {
    member_mut(object, name).map(Value::take)
}

/// Runs `f` on the object that `name` holds, making and dropping it as needed; on `outer` itself without a name.
fn within(outer: &mut Map<String, Value>, name: Option<&str>, f: impl FnOnce(&mut Map<String, Value>)) {
    let Some(name) = name else { return f(outer) };
    if !member(outer, name).is_some_and(Value::is_object) {
        set_member(outer, name, Value::Object(Map::new()));
    }
    if let Some(Value::Object(inner)) = member_mut(outer, name) {
        f(inner);
        if inner.is_empty() {
            remove_member(outer, name);
        }
    }
}
