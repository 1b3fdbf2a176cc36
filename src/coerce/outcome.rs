//! The result of a request (P18).

use std::collections::HashMap;
use std::fmt;
use std::hash::RandomState;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::equality::{same_option, same_value, value_hash};
use super::members::{is_unassigned, member, member_mut, remove_member, set_member};
use super::repair::Repair;
use crate::document::DocumentError;
use crate::json::{Hidden, HiddenAll, is_within_depth};
use crate::limits::Limits;
use crate::schema::{Attribute, Resolved, ResourceType};
use crate::tolerance::Tolerance;

/// The effect of a PATCH, POST or PUT on a resource.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Outcome {
    /// Whether the resource differs from the stored one. If it does not, the host need not write anything, and
    /// `meta.lastModified` stays.
    pub changed: bool,
    /// The differences, with one entry for each attribute that changed, so that a host can write only these attributes.
    pub changes: Vec<Change>,
    /// The repairs, and the reports of values that were dropped.
    pub repairs: Vec<Repair>,
}

/// The difference between the new and the stored value of one attribute. Single-valued attributes use the lists of this
/// type, too: each list then has at most one entry.
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
///
/// `Debug` shows no values.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Change {
    /// The path of the attribute, such as `title`, `name.familyName`, `emails` or `urn:…:User:department`.
    pub path: String,
    /// The values that only the new attribute has.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub added: Vec<Value>,
    /// The values that only the stored attribute had.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub removed: Vec<Value>,
    /// The pairs of an old value and the new value that replaced it: the value of a single-valued attribute, or an element
    /// that kept its identity.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub replaced: Vec<Replaced>,
    /// Whether the attribute is secret (`returned: never` or `mutability: writeOnly`), so that the change must not be
    /// logged. The change then has the new secrets, never the stored ones. If the whole attribute is secret, `added` has
    /// its whole new value, and is empty if it becomes unassigned. If only sub-attributes are secret, removed elements and
    /// the old values of replaced elements lack them.
    #[serde(default, rename = "secret", skip_serializing_if = "std::ops::Not::not")]
    pub is_secret: bool,
}

/// A value that replaced another. `Debug` shows neither of the two.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Replaced {
    /// The value before.
    pub old: Value,
    /// The value now.
    pub new: Value,
}

impl fmt::Debug for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Change")
            .field("path", &self.path)
            .field("added", &HiddenAll(self.added.len()))
            .field("removed", &HiddenAll(self.removed.len()))
            .field("replaced", &HiddenAll(self.replaced.len()))
            .field("is_secret", &self.is_secret)
            .finish()
    }
}

impl fmt::Debug for Replaced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Replaced").field("old", &Hidden(&self.old)).field("new", &Hidden(&self.new)).finish()
    }
}

impl Change {
    pub(crate) fn at(path: impl Into<String>) -> Self {
        Self { path: path.into(), ..Self::default() }
    }

    /// The change of a secret.
    pub(crate) fn secret(path: impl Into<String>, new: Option<Value>) -> Self {
        let added = new.filter(|value| !is_unassigned(value)).into_iter().collect();
        Self { added, is_secret: true, ..Self::at(path) }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty() && self.replaced.is_empty() && !self.is_secret
    }

    /// The change of a single value; `None` if it did not change.
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

    /// Applies the change to another copy of the stored resource, as a host applies it to its database. The order of
    /// multi-valued attributes has no meaning and may differ afterwards. A list that changes loses the elements that say
    /// nothing (`null`, `{}`), because no change names them.
    ///
    /// ```
    /// use scim_engine::{Change, ResourceType};
    /// use serde_json::json;
    /// let change: Change = serde_json::from_value(json!({"path": "name.givenName", "added": ["Bo"]})).unwrap();
    /// let mut user = json!({"userName": "bo"});
    /// change.apply(&mut user, &ResourceType::user())?;
    /// assert_eq!(user["name"]["givenName"], "Bo");
    /// # Ok::<(), scim_engine::document::DocumentError>(())
    /// ```
    ///
    /// # Errors
    /// [`DocumentError`] if the resource is not an object or is nested deeper than any SCIM resource; it stays unchanged.
    pub fn apply(&self, resource: &mut Value, resource_type: &ResourceType) -> Result<(), DocumentError> {
        if !is_within_depth(resource, Limits::MAX_DEPTH) {
            return Err(DocumentError::TooDeep);
        }
        let Value::Object(root) = resource else { return Err(DocumentError::NoObject) };
        let path = crate::syntax::attr_path(&self.path);
        // Paths of changes are canonical: nothing in them stands for something else.
        let resolved = path.as_ref().and_then(|path| resource_type.look_up(path, &Tolerance::strict()).ok());
        let resolved = resolved.map(|found| found.target);
        let Some(Resolved::Attribute { extension, attribute, sub_attribute }) = resolved else {
            self.apply_unknown(root, resource_type);
            return Ok(());
        };
        let in_extension = extension.map(|schema| schema.id.as_str());
        within(root, in_extension, |container| {
            if sub_attribute.is_none() && attribute.multi_valued {
                self.set_list(container, attribute);
                return;
            }
            let parent = sub_attribute.map(|_| attribute.name.as_str());
            let leaf = sub_attribute.unwrap_or(attribute);
            within(container, parent, |object| self.set_single(object, &leaf.name));
        });
        Ok(())
    }

    /// The new value of a single-valued attribute; `None` if it is now unassigned. For a multi-valued attribute this is
    /// only one of the values that are new.
    ///
    /// ```
    /// use scim_engine::{Patch, ResourceType};
    /// use serde_json::json;
    /// let mut user = json!({"userName": "bo", "title": "Guide"});
    /// let patch = Patch::from_slice(br#"{"Operations": [{"op": "replace", "path": "title", "value": "Head guide"}]}"#)?;
    /// let outcome = patch.apply(&mut user, &ResourceType::user())?;
    /// assert_eq!(outcome.changes[0].value(), Some(&json!("Head guide")));
    /// # Ok::<(), scim_engine::PatchError>(())
    /// ```
    pub fn value(&self) -> Option<&Value> {
        self.added.first().or(self.replaced.first().map(|replaced| &replaced.new))
    }

    /// Changes a member that no schema knows. It is set or removed as a whole, in a known attribute, in an extension, or in
    /// the resource itself.
    fn apply_unknown(&self, root: &mut Map<String, Value>, resource_type: &ResourceType) {
        let below = resource_type.below_extension(&self.path);
        let (extension, name) = below.map_or((None, &*self.path), |(schema, name)| (Some(schema), name));
        let known = |name: &str| match extension {
            Some(schema) => schema.attribute(name),
            None => resource_type.attribute(name),
        };
        // A member that no schema knows can have any name, so the path need not be one of the grammar.
        let nested = name.split_once('.').and_then(|(parent, member)| Some((known(parent)?, member)));
        let nested = nested.filter(|(attribute, _)| attribute.is_complex());
        within(root, extension.map(|schema| schema.id.as_str()), |container| match nested {
            Some((attribute, sub)) => {
                within(container, Some(&attribute.name), |object| self.set_single(object, sub));
            }
            None => self.set_single(container, name),
        });
    }

    fn set_single(&self, object: &mut Map<String, Value>, name: &str) {
        match self.value() {
            Some(value) => set_member(object, name, value.clone()),
            None => {
                remove_member(object, name);
            }
        }
    }

    fn set_list(&self, object: &mut Map<String, Value>, attribute: &Attribute) {
        let name = &attribute.name;
        if attribute.is_never_returned() {
            if self.added.is_empty() {
                remove_member(object, name);
            } else {
                set_member(object, name, Value::Array(self.added.clone()));
            }
            return;
        }
        let hidden: Vec<&str> = attribute
            .sub_attributes
            .iter()
            .filter(|sub| sub.is_never_returned())
            .map(|sub| sub.name.as_str())
            .collect();
        let hidden = hidden.as_slice();
        let mut elements = match remove_or_take(object, name) {
            Some(Value::Array(elements)) => elements,
            Some(Value::Null) | None => Vec::new(),
            Some(one) => vec![one],
        };
        // Without its secrets an old element may look as if it said nothing, but no change means one that does not.
        elements.retain(|element| !is_unassigned(element));
        let seed = RandomState::new();
        let mut gone: HashMap<u64, Vec<(&Value, Option<&Value>)>> = HashMap::new();
        let old = self.removed.iter().map(|value| (value, None));
        let old = old.chain(self.replaced.iter().map(|replaced| (&replaced.old, Some(&replaced.new))));
        for (old, new) in old {
            gone.entry(value_hash(old, &seed)).or_default().push((old, new));
        }
        elements.retain_mut(|element| {
            let shown = without(element, hidden);
            let shown = shown.as_ref().unwrap_or(element);
            let Some(candidates) = gone.get_mut(&value_hash(shown, &seed)) else { return true };
            let Some(at) = candidates.iter().rposition(|(old, _)| same_value(old, shown)) else { return true };
            match candidates.remove(at) {
                (_, Some(new)) => {
                    *element = new.clone();
                    true
                }
                (_, None) => false,
            }
        });
        elements.extend(self.added.iter().cloned());
        if elements.is_empty() {
            remove_member(object, name);
        } else {
            set_member(object, name, Value::Array(elements));
        }
    }
}

/// An element without its sub-attributes in `hidden`; `None` if it has none of these. A simple element is a `value` (F17).
fn without(element: &Value, hidden: &[&str]) -> Option<Value> {
    if !element.is_object() {
        return hidden.iter().any(|name| name.eq_ignore_ascii_case("value")).then(|| Map::new().into());
    }
    let members = element.as_object().filter(|members| hidden.iter().any(|name| member(members, name).is_some()))?;
    let mut members = members.clone();
    for name in hidden {
        remove_member(&mut members, name);
    }
    Some(members.into())
}

fn remove_or_take(object: &mut Map<String, Value>, name: &str) -> Option<Value> {
    member_mut(object, name).map(Value::take)
}

/// Runs `f` on the object in the member `name`. The object is created if it is missing, and removed if it is empty
/// afterwards. Without a name, `f` runs on `outer` itself.
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
