//! Decides which parts of a resource go into an answer. The decisions are computed once for a resource type and a set
//! of names.
//!
//! The plan is independent of how a resource is represented. For each member of an object, it says whether the member
//! is dropped, kept unchanged, or decided member by member.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use crate::limits::Limits;
use crate::protocol::attr_name::AttrName;
use crate::schema::{Attribute, ResourceType, Returned};
use crate::syntax::SECRET;

/// The decision about a value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Decision {
    Drop,
    /// Keep the value unchanged, without inspecting it.
    Keep,
    /// A value that no schema defines: keep the value, but without members that are named `password`, at any depth
    /// (S1).
    Guard,
    /// An object, or a list of objects, of which some members are kept.
    Inside(Keep),
}

/// The decisions about the members of an object.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Keep {
    /// The decision on each name. The names are in lower case, and sorted for the binary search.
    members: Vec<(Box<str>, Decision)>,
    /// Whether other members are kept, as [`Decision::Guard`].
    keeps_others: bool,
    /// Whether a value that is not an object is kept where an object is expected.
    pub keeps_simple: bool,
}

impl Keep {
    pub(super) fn new(members: BTreeMap<String, Decision>, keeps_others: bool, keeps_simple: bool) -> Self {
        let members = members.into_iter().map(|(name, decision)| (name.into(), decision)).collect();
        Self { members, keeps_others, keeps_simple }
    }

    /// The decision on a member, if there is one for its name in any case.
    pub(super) fn find(&self, key: &str) -> Option<&Decision> {
        let compare = |name: &str| -> Ordering { name.bytes().cmp(key.bytes().map(|byte| byte.to_ascii_lowercase())) };
        let at = self.members.binary_search_by(|(name, _)| compare(name)).ok()?;
        self.members.get(at).map(|(_, decision)| decision)
    }

    pub(crate) fn decision(&self, key: &str) -> &Decision {
        self.find(key).unwrap_or_else(|| Self::stranger(self.keeps_others))
    }

    /// The decision on a member that no schema defines.
    fn stranger(is_kept: bool) -> &'static Decision {
        if is_kept { &Decision::Guard } else { &Decision::Drop }
    }

    pub(super) fn keeps_others(&self) -> bool {
        self.keeps_others
    }

    /// Whether any member could be kept.
    pub(super) fn keeps_anything(&self) -> bool {
        self.keeps_others || self.members.iter().any(|(_, decision)| *decision != Decision::Drop)
    }

    /// The decision on the object itself: it is dropped as a whole if nothing of it can be kept.
    fn into_decision(self) -> Decision {
        if self.keeps_anything() { Decision::Inside(self) } else { Decision::Drop }
    }

    /// The part of a value that is kept.
    pub(super) fn of_value(&self, value: &Value) -> Option<Value> {
        match value {
            Value::Object(members) => {
                let kept: Map<String, Value> = members
                    .iter()
                    .filter_map(|(key, value)| Some((key.clone(), self.decision(key).of_value(value)?)))
                    .collect();
                (!kept.is_empty() || members.is_empty()).then_some(Value::Object(kept))
            }
            Value::Array(elements) => {
                let flat = elements.iter().filter(|element| !element.is_array());
                let kept: Vec<Value> = flat.filter_map(|element| self.of_value(element)).collect();
                (!kept.is_empty() || elements.is_empty()).then_some(Value::Array(kept))
            }
            simple => self.keeps_simple.then(|| simple.clone()),
        }
    }
}

impl Decision {
    pub(super) fn of_value(&self, value: &Value) -> Option<Value> {
        match self {
            Self::Drop => None,
            Self::Keep => Some(value.clone()),
            Self::Guard => guarded(value, 0),
            Self::Inside(keep) => keep.of_value(value),
        }
    }

    /// The decision on a member of a value that this decision is about.
    pub(in crate::protocol) fn of_member(&self, name: &str) -> &Self {
        match self {
            Self::Drop => &Self::Drop,
            Self::Keep => &Self::Keep,
            Self::Guard if is_secret(name) => &Self::Drop,
            Self::Guard => &Self::Guard,
            Self::Inside(keep) => keep.decision(name),
        }
    }

    /// Whether a part of the attribute or, if `sub` is given, of this sub-attribute could be kept.
    pub(super) fn keeps(&self, sub: Option<&str>) -> bool {
        match (self, sub) {
            (Self::Drop, _) => false,
            (Self::Guard, Some(sub)) => !is_secret(sub),
            (Self::Keep | Self::Guard, _) => true,
            (Self::Inside(keep), None) => keep.keeps_anything(),
            (Self::Inside(keep), Some(sub)) => *keep.decision(sub) != Decision::Drop,
        }
    }
}

/// Whether a member that no schema defines counts as a password (S1).
pub(crate) fn is_secret(name: &str) -> bool {
    name.eq_ignore_ascii_case(SECRET)
}

/// The value without members that count as passwords. A value that is nested too deep is left out, because its members were
/// not checked.
fn guarded(value: &Value, level: usize) -> Option<Value> {
    if level > Limits::MAX_DEPTH {
        return None;
    }
    match value {
        Value::Object(members) => {
            let others = members.iter().filter(|(name, _)| !is_secret(name));
            let kept: Map<_, _> =
                others.filter_map(|(name, value)| Some((name.clone(), guarded(value, level + 1)?))).collect();
            (!kept.is_empty() || members.is_empty()).then_some(Value::Object(kept))
        }
        Value::Array(elements) => {
            let kept: Vec<_> = elements.iter().filter_map(|element| guarded(element, level + 1)).collect();
            (!kept.is_empty() || elements.is_empty()).then_some(Value::Array(kept))
        }
        simple => Some(simple.clone()),
    }
}

/// The kind of projection.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Mode {
    /// The attributes that are returned by default.
    Default,
    /// The named attributes, and those that are always returned.
    Only,
    /// The attributes that are returned by default, without the named attributes.
    Without,
    /// All attributes but those that are never returned.
    All,
}

/// How a request names an attribute: as a whole, by sub-attributes, or both.
#[derive(Default)]
struct Asked {
    is_whole: bool,
    subs: BTreeSet<String>,
}

/// Computes what a projection keeps.
pub(super) struct ProjectionPlanner<'a> {
    resource_type: &'a ResourceType,
    mode: Mode,
    /// The named attributes, by URN and then by name. An empty name stands for the whole schema.
    asked: BTreeMap<String, BTreeMap<String, Asked>>,
}

impl<'a> ProjectionPlanner<'a> {
    pub(super) fn new(resource_type: &'a ResourceType, mode: Mode, names: impl IntoIterator<Item = AttrName>) -> Self {
        let mut asked: BTreeMap<String, BTreeMap<String, Asked>> = BTreeMap::new();
        for AttrName { urn, name, sub } in names {
            let asked = asked.entry(urn).or_default().entry(name).or_default();
            match sub {
                None => asked.is_whole = true,
                Some(sub) => {
                    asked.subs.insert(sub);
                }
            }
        }
        Self { resource_type, mode, asked }
    }

    pub(super) fn plan(&self) -> Keep {
        let mut members = self.attributes("", self.resource_type.attributes());
        for schema in self.resource_type.extensions() {
            let urn = schema.id.to_ascii_lowercase();
            let within = self.attributes(&urn, &schema.attributes);
            let keep = Keep::new(within, self.keeps_others(&urn), true);
            members.insert(urn, keep.into_decision());
            // An attribute that the extension never returns must not be returned either if it is stored at the top
            // level, outside of the object of the extension (Q14).
            for attribute in schema.attributes.iter().filter(|attribute| attribute.is_never_returned()) {
                if self.resource_type.attribute(&attribute.name).is_none() {
                    members.insert(attribute.name.to_ascii_lowercase(), Decision::Drop);
                }
            }
        }
        for (urn, names) in &self.asked {
            if urn.is_empty() || self.resource_type.extension(urn).is_some() {
                continue;
            }
            // Attributes of an unknown schema may be stored in an object with that URN as its key, or under their full
            // names.
            let within = self.strangers(names, &[]);
            let keep = Keep::new(within, self.keeps_others(urn), true);
            members.entry(urn.clone()).or_insert(Decision::Inside(keep));
            for (name, asked) in names {
                // The full name may also be the URN of an unknown schema.
                members.entry(format!("{urn}:{name}")).or_insert_with(|| self.stranger(name, asked));
            }
        }
        Keep::new(members, self.keeps_others(""), true)
    }

    /// The decision on an attribute that a schema defines. With [`ResourceType::any`] the stored attribute may be a
    /// different attribute of the same name, so the decision is [`Decision::Guard`].
    fn known(&self, is_kept: bool) -> Decision {
        match is_kept {
            false => Decision::Drop,
            true if self.resource_type.is_open() => Decision::Guard,
            true => Decision::Keep,
        }
    }

    fn keeps_others(&self, urn: &str) -> bool {
        let is_whole = self.asked.get(urn).is_some_and(|names| names.contains_key(""));
        match self.mode {
            Mode::Default | Mode::All => true,
            Mode::Only => is_whole,
            Mode::Without => !is_whole,
        }
    }

    fn attributes(&self, urn: &str, attributes: &[Attribute]) -> BTreeMap<String, Decision> {
        let names = self.asked.get(urn);
        let mut members = names.map(|names| self.strangers(names, attributes)).unwrap_or_default();
        for attribute in attributes {
            let name = attribute.name.to_ascii_lowercase();
            let decision = self.attribute(urn, &name, attribute);
            members.insert(name, decision);
        }
        members.entry(SECRET.to_owned()).or_insert(Decision::Drop);
        members
    }

    /// The decisions on names that no schema defines: a stored resource may have such members.
    fn strangers(&self, names: &BTreeMap<String, Asked>, known: &[Attribute]) -> BTreeMap<String, Decision> {
        let is_known = |name: &str| known.iter().any(|attribute| attribute.name.eq_ignore_ascii_case(name));
        let strange = names.iter().filter(|(name, _)| !name.is_empty() && !is_known(name));
        let mut members: BTreeMap<_, _> =
            strange.map(|(name, asked)| (name.clone(), self.stranger(name, asked))).collect();
        if !is_known(SECRET) {
            members.insert(SECRET.to_owned(), Decision::Drop);
        }
        members
    }

    fn stranger(&self, name: &str, asked: &Asked) -> Decision {
        if name == SECRET {
            return Decision::Drop;
        }
        let is_only = self.mode == Mode::Only;
        if asked.is_whole {
            return Keep::stranger(is_only).clone();
        }
        let decision = |sub: &str| Keep::stranger(is_only && !is_secret(sub)).clone();
        let secret = (SECRET.to_owned(), Decision::Drop);
        let subs = asked.subs.iter().map(|sub| (sub.clone(), decision(sub))).chain([secret]).collect();
        Decision::Inside(Keep::new(subs, !is_only, !is_only || asked.subs.contains("value")))
    }

    fn attribute(&self, urn: &str, name: &str, attribute: &Attribute) -> Decision {
        let nothing = Asked::default();
        let asked = self.asked.get(urn).and_then(|names| names.get(name)).unwrap_or(&nothing);
        let is_whole_schema = self.asked.get(urn).is_some_and(|names| names.contains_key(""));
        let is_in = match (self.mode, returned(attribute)) {
            (_, Returned::Never) => return Decision::Drop,
            (_, Returned::Always) | (Mode::Default, Returned::Default) | (Mode::All, _) => true,
            (Mode::Default | Mode::Without, Returned::Request) => false,
            (Mode::Only, Returned::Request) => asked.is_whole,
            (Mode::Only, Returned::Default) => asked.is_whole || is_whole_schema,
            (Mode::Without, Returned::Default) => !asked.is_whole && !is_whole_schema,
        };
        let is_part = self.mode == Mode::Only && !asked.subs.is_empty();
        if !attribute.is_complex() {
            // An element of a simple attribute counts as its own `value` (F11).
            return self.known(is_in || (is_part && asked.subs.contains("value")));
        }
        if !is_in && !is_part {
            return Decision::Drop;
        }
        let mut members = BTreeMap::new();
        for sub in &attribute.sub_attributes {
            let name = sub.name.to_ascii_lowercase();
            let is_named = asked.subs.contains(&name);
            let is_kept = match (self.mode, returned(sub)) {
                (_, Returned::Never) | (Mode::Default | Mode::Without, Returned::Request) => false,
                (_, Returned::Always) | (Mode::Default, Returned::Default) | (Mode::All, _) => true,
                (Mode::Only, Returned::Request) => is_named,
                (Mode::Only, Returned::Default) => is_named || is_in,
                (Mode::Without, Returned::Default) => !is_named,
            };
            if is_kept != is_in {
                members.insert(name, self.known(is_kept));
            }
        }
        for sub in asked.subs.iter().filter(|sub| attribute.sub_attribute(sub).is_none()) {
            let is_kept = self.mode == Mode::Only;
            if is_kept != is_in {
                members.insert(sub.clone(), Keep::stranger(is_kept).clone());
            }
        }
        if self.resource_type.is_open() && attribute.sub_attribute(SECRET).is_none() {
            members.insert(SECRET.to_owned(), Decision::Drop);
        }
        if is_in && members.is_empty() {
            return Decision::Keep;
        }
        Keep::new(members, is_in, is_in || asked.subs.contains("value")).into_decision()
    }
}

fn returned(attribute: &Attribute) -> Returned {
    if attribute.is_never_returned() { Returned::Never } else { attribute.returned }
}
