//! Plans a projection: decides once, for a resource type and a set of names, which parts of a resource go into an answer.
//!
//! The plan is independent of how a resource is represented.

use std::collections::{BTreeMap, BTreeSet};

use crate::protocol::attr_name::AttrName;
use crate::schema::{Attribute, Decision, Keep, ResourceType, Returned};

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
            // What is stored for the extension is dropped, even if it is empty, if nothing of the extension is kept (Q15).
            members.insert(urn, if keep.keeps_anything() { keep.into_decision() } else { Decision::Drop });
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
            members.entry(urn.clone()).or_insert(keep.into_decision());
            for (name, asked) in names {
                // The full name may also be the URN of an unknown schema.
                members.entry(format!("{urn}:{name}")).or_insert_with(|| self.stranger(name, asked));
            }
        }
        Keep::new(members, self.keeps_others(""), true)
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
        members
    }

    /// The decisions on names that no schema defines: a stored resource may have such members.
    fn strangers(&self, names: &BTreeMap<String, Asked>, known: &[Attribute]) -> BTreeMap<String, Decision> {
        let is_known = |name: &str| known.iter().any(|attribute| attribute.name.eq_ignore_ascii_case(name));
        let strange = names.iter().filter(|(name, _)| !name.is_empty() && !is_known(name));
        strange.map(|(name, asked)| (name.clone(), self.stranger(name, asked))).collect()
    }

    fn stranger(&self, name: &str, asked: &Asked) -> Decision {
        let is_only = self.mode == Mode::Only;
        match Keep::stranger(name, is_only || !asked.is_whole) {
            Decision::Guard if !asked.is_whole => {
                Keep::new(self.unknown_subs(asked).collect(), !is_only, !is_only).into_decision()
            }
            whole => whole.clone(),
        }
    }

    /// The decisions on sub-attributes that no schema defines.
    fn unknown_subs(&self, asked: &Asked) -> impl Iterator<Item = (String, Decision)> {
        let is_kept = self.mode == Mode::Only;
        asked.subs.iter().map(move |sub| (sub.clone(), Keep::stranger(sub, is_kept).clone()))
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
        // The elements of a simple list answer to the name `value` (F11).
        let is_in = is_in || (self.mode == Mode::Only && is_simple_list(attribute) && asked.subs.contains("value"));
        let is_part = self.mode == Mode::Only && attribute.is_complex() && !asked.subs.is_empty();
        if !is_in && !is_part {
            return Decision::Drop;
        }
        let keeps = |sub: &Attribute| {
            let is_named = asked.subs.contains(&sub.name.to_ascii_lowercase());
            match (self.mode, returned(sub)) {
                (_, Returned::Never) | (Mode::Default | Mode::Without, Returned::Request) => false,
                (_, Returned::Always) | (Mode::Default, Returned::Default) | (Mode::All, _) => true,
                (Mode::Only, Returned::Request) => is_named,
                (Mode::Only, Returned::Default) => is_named || is_in,
                (Mode::Without, Returned::Default) => !is_named,
            }
        };
        Decision::of_parts(attribute, is_in, keeps, self.unknown_subs(asked))
    }
}

fn is_simple_list(attribute: &Attribute) -> bool {
    attribute.multi_valued && !attribute.is_complex()
}

fn returned(attribute: &Attribute) -> Returned {
    if attribute.is_never_returned() { Returned::Never } else { attribute.returned }
}
