//! `attributes` and `excludedAttributes` (RFC 7644 §3.9), and `returned` (RFC 7643 §7).

mod plan;

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use serde_json::{Map, Value};

use self::plan::{Mode, ProjectionPlanner};
use super::attr_name::AttrName;
use super::parameters::{Parameters, push_names};
use super::query_error::QueryError;
use crate::error::{ScimType, UnknownName};
use crate::limits::Limits;
use crate::options::Options;
use crate::schema::{Decision, Keep, Resolved, ResourceType};
use crate::syntax::attr_path;
use crate::tolerance::Tolerance;

/// The attributes of a resource that go into an answer. A projection is cheap to clone.
///
/// - An attribute that is `returned: always` is in every answer, and one that is `never` in none, whatever the request
///   names and however the key is spelled. An attribute that is `returned: request` is in the answer if the request
///   names it.
/// - With `attributes`, the answer has the named attributes and those that are `returned: always`. With
///   `excluded_attributes`, it has the attributes that are returned by default, without the named attributes. Only one
///   of the two may be given.
/// - Names are those of RFC 7644 §3.10, in any case: `userName`, `name.familyName`, `emails.value`, also after a URN.
///   The URN of a schema stands for all of its attributes. Unknown names are ignored. Brackets do not choose elements:
///   `emails[type eq "work"]` in `attributes` returns all elements, and in `excluded_attributes` it is ignored.
/// - A member of a stored resource that no schema defines is returned by default, unless its name is `password`.
/// - A complex value is left out if no part of it remains. Other values are returned as they are stored.
///
/// ```
/// use scim_engine::ResourceType;
/// use scim_engine::protocol::Projection;
/// use serde_json::json;
/// let user = json!({
///     "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
///     "id": "7", "userName": "mveit", "password": "t1meMa$heen",
///     "name": {"familyName": "Veit", "givenName": "Maja"},
/// });
/// let projection = Projection::new(&ResourceType::user(), &["name.familyName"], &[])?;
/// assert_eq!(projection.apply(&user), json!({
///     "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
///     "id": "7", "name": {"familyName": "Veit"},
/// }));
/// assert!(!projection.needs("groups").unwrap());
/// # Ok::<(), scim_engine::protocol::QueryError>(())
/// ```
#[derive(Clone)]
pub struct Projection(Arc<Inner>);

struct Inner {
    resource_type: ResourceType,
    mode: Mode,
    /// The names as they were given.
    names: Vec<String>,
    keep: Keep,
}

impl Projection {
    /// The attributes that are returned by default.
    pub fn of(resource_type: &ResourceType) -> Self {
        Self::plan(resource_type, Mode::Default, Vec::new(), &Tolerance::default())
    }

    /// All attributes except those that are never returned.
    pub(super) fn without_secrets(resource_type: &ResourceType) -> Self {
        Self::plan(resource_type, Mode::All, Vec::new(), &Tolerance::default())
    }

    /// A projection by names, with the default options. Each text may have several names, separated by commas.
    ///
    /// # Errors
    /// [`QueryError`] if both lists have names (RFC 7644 §3.9), or if there are too many names.
    pub fn new(
        resource_type: &ResourceType,
        attributes: &[&str],
        excluded_attributes: &[&str],
    ) -> Result<Self, QueryError> {
        Self::new_with(resource_type, attributes, excluded_attributes, &Options::default())
    }

    /// A projection by names. There may be at most [`Limits::members`](crate::Limits::members) names; the switches of
    /// [`Filter::compile_with`](crate::Filter::compile_with) matter for them.
    ///
    /// ```
    /// use scim_engine::protocol::Projection;
    /// use scim_engine::{Limits, Options, ResourceType};
    /// let mut limits = Limits::default();
    /// limits.members = 1;
    /// let options = Options::default().limits(limits);
    /// assert!(Projection::new_with(&ResourceType::user(), &["userName", "title"], &[], &options).is_err());
    /// ```
    ///
    /// # Errors
    /// As [`Projection::new`].
    pub fn new_with(
        resource_type: &ResourceType,
        attributes: &[&str],
        excluded_attributes: &[&str],
        options: &Options,
    ) -> Result<Self, QueryError> {
        let names = |texts: &[&str]| {
            let mut names = Vec::new();
            texts.iter().for_each(|text| push_names(&mut names, text));
            names
        };
        let Options { limits, tolerance, .. } = options;
        Self::from_names(resource_type, names(attributes), names(excluded_attributes), limits, tolerance)
    }

    /// A projection from the query string of a request for one resource, with the default options. Other parameters are
    /// ignored.
    ///
    /// ```
    /// use scim_engine::ResourceType;
    /// use scim_engine::protocol::Projection;
    /// let projection = Projection::from_query("?excludedAttributes=members", &ResourceType::group())?;
    /// assert!(!projection.needs("members").unwrap());
    /// # Ok::<(), scim_engine::protocol::QueryError>(())
    /// ```
    ///
    /// # Errors
    /// Those of [`Projection::new`], and an error if the text is not a valid query string.
    pub fn from_query(query: impl AsRef<[u8]>, resource_type: &ResourceType) -> Result<Self, QueryError> {
        Self::from_query_with(query, resource_type, &Options::default())
    }

    /// A projection from a query string, with the limits and the tolerance of [`Projection::new_with`].
    ///
    /// # Errors
    /// As [`Projection::from_query`].
    pub fn from_query_with(
        query: impl AsRef<[u8]>,
        resource_type: &ResourceType,
        options: &Options,
    ) -> Result<Self, QueryError> {
        let Parameters { attributes, excluded_attributes, .. } = Parameters::from_query(query.as_ref(), false)?;
        Self::from_names(resource_type, attributes, excluded_attributes, &options.limits, &options.tolerance)
    }

    pub(super) fn from_names(
        resource_type: &ResourceType,
        only: Vec<String>,
        without: Vec<String>,
        limits: &Limits,
        tolerance: &Tolerance,
    ) -> Result<Self, QueryError> {
        let (mode, names) = match (only.is_empty(), without.is_empty()) {
            (true, true) => (Mode::Default, only),
            (false, true) => (Mode::Only, only),
            (true, false) => (Mode::Without, without),
            (false, false) => {
                let message = "`attributes` and `excludedAttributes` exclude each other: give one of them";
                return Err(QueryError::of(ScimType::InvalidValue, message));
            }
        };
        if names.len() > limits.members {
            let (max, count) = (limits.members, names.len());
            let message = format!("too many attributes are named: at most {max} are allowed, these are {count}");
            return Err(QueryError::of(ScimType::InvalidValue, message));
        }
        Ok(Self::plan(resource_type, mode, names, tolerance))
    }

    fn plan(resource_type: &ResourceType, mode: Mode, names: Vec<String>, tolerance: &Tolerance) -> Self {
        let parse = if mode == Mode::Only { AttrName::parse_wanted } else { AttrName::parse };
        let meant = names.iter().filter_map(|name| parse(name, resource_type, tolerance));
        let keep = ProjectionPlanner::new(resource_type, mode, meant).plan();
        Self(Arc::new(Inner { resource_type: resource_type.clone(), mode, names, keep }))
    }

    /// The parts of the resource that go into the answer. A value that is not an object becomes an empty object.
    #[must_use]
    pub fn apply(&self, resource: &Value) -> Value {
        let members = resource.as_object().into_iter().flatten();
        let kept = members.filter_map(|(key, value)| Some((key.clone(), part(value, self.decision(key), 0)?)));
        Value::Object(kept.collect::<Map<_, _>>())
    }

    /// Whether an attribute (`members`, `name.givenName`, `urn:…:User:manager`, or the URN of an extension) would be in the
    /// answer. If not, the host need not load it.
    ///
    /// # Errors
    /// [`UnknownName`] if the resource type has no such attribute, or the text is not the name of an attribute.
    pub fn needs(&self, path: &str) -> Result<bool, UnknownName> {
        AttrName::own(path, &self.0.resource_type).map(|named| self.keeps(&named))
    }

    pub(super) fn keeps(&self, AttrName { urn, name, sub }: &AttrName) -> bool {
        let keep = &self.0.keep;
        let decision = match (urn.as_str(), name.as_str()) {
            ("", "") => return true,
            ("", name) => keep.decision(name),
            (urn, "") => keep.decision(urn),
            (urn, name) => keep.decision(urn).of_member(name),
        };
        decision.keeps(sub.as_deref())
    }

    /// The names in `attributes`, as they were given.
    pub fn attributes(&self) -> &[String] {
        if self.0.mode == Mode::Only { &self.0.names } else { &[] }
    }

    /// The names in `excludedAttributes`, as they were given.
    pub fn excluded_attributes(&self) -> &[String] {
        if self.0.mode == Mode::Without { &self.0.names } else { &[] }
    }

    /// The resource type.
    pub fn resource_type(&self) -> &ResourceType {
        &self.0.resource_type
    }

    /// The decision on a member of the resource.
    pub(crate) fn decision(&self, key: &str) -> &Decision {
        let keep = &self.0.keep;
        keep.find(key).unwrap_or_else(|| if key.contains(':') { self.by_urn(key) } else { keep.decision(key) })
    }

    /// The decision on a key with a colon that is not in the plan. The plan has the URNs of extensions, so the key is
    /// the full name of an attribute, the URN of the core schema, an old URN, or the URN of an unknown schema.
    fn by_urn(&self, key: &str) -> &Decision {
        let Inner { resource_type, keep, .. } = &*self.0;
        let modern = resource_type.modern_urn(key);
        if resource_type.is_core_urn(key) || modern.is_some_and(|urn| resource_type.is_core_urn(urn)) {
            return &Decision::Drop;
        }
        if let Some(decision) = modern.and_then(|urn| keep.find(urn)) {
            return decision;
        }
        if let Some(path) = attr_path(key)
            && let Some(Resolved::Attribute { extension, attribute, sub_attribute }) = resource_type.resolve(&path)
        {
            let within = match extension.map(|schema| keep.decision(&schema.id)) {
                None => keep.decision(&attribute.name),
                Some(whole) => whole.of_member(&attribute.name),
            };
            return sub_attribute.map_or(within, |sub| within.of_member(&sub.name));
        }
        keep.other(key.rsplit(':').next().unwrap_or(key))
    }
}

/// The part of a value that is kept. A value that is nested too deep is left out, because its members were not checked.
fn part(value: &Value, decision: &Decision, level: usize) -> Option<Value> {
    if *decision == Decision::Drop || level > Limits::MAX_DEPTH {
        return None;
    }
    match value {
        Value::Object(members) => {
            let part = |(name, value): (&String, &Value)| {
                Some((name.clone(), part(value, decision.of_member(name), level + 1)?))
            };
            let kept: Map<_, _> = members.iter().filter_map(part).collect();
            (!kept.is_empty() || members.is_empty()).then_some(Value::Object(kept))
        }
        Value::Array(elements) => {
            let kept: Vec<_> = elements.iter().filter_map(|element| part(element, decision, level + 1)).collect();
            (!kept.is_empty() || elements.is_empty()).then_some(Value::Array(kept))
        }
        simple => decision.keeps_simple().then(|| simple.clone()),
    }
}

impl fmt::Debug for Projection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { resource_type, mode, names, .. } = &*self.0;
        write!(f, "Projection({}, {mode:?}, {names:?})", resource_type.name())
    }
}

impl PartialEq for Projection {
    fn eq(&self, other: &Self) -> bool {
        let (a, b) = (&*self.0, &*other.0);
        a.mode == b.mode && a.names == b.names && a.resource_type == b.resource_type
    }
}

impl Eq for Projection {}

impl Hash for Projection {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.names.hash(state);
    }
}
