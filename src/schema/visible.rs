//! Decides which parts of a value may be seen: in an answer, in the hash of a version, and by a filter that tests a whole
//! attribute.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::attribute::Attribute;
use super::resource_type::Schema;
use crate::syntax::SECRET;

/// The decision about a value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Decision {
    /// Nothing of the value is kept.
    Drop,
    /// Everything is kept but members that are named `password`, at any depth (S1).
    Guard,
    /// An object, or a list of objects, of which some members are kept.
    Inside(Keep),
}

/// The decisions about the members of an object.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Keep {
    /// The decision on each name. The names are in lower case, and sorted for the binary search.
    members: Vec<(Box<str>, Decision)>,
    keeps_others: bool,
    keeps_simple: bool,
}

impl Keep {
    /// The decisions on named members; the names are in lower case. `keeps_others` says whether members that no schema
    /// defines are kept, and `keeps_simple` whether a simple value is kept where an object is expected.
    pub(crate) fn new(members: BTreeMap<String, Decision>, keeps_others: bool, keeps_simple: bool) -> Self {
        let members = members.into_iter().map(|(name, decision)| (name.into(), decision)).collect();
        Self { members, keeps_others, keeps_simple }
    }

    /// The decision on a member, if there is one for its name in any case.
    pub(crate) fn find(&self, key: &str) -> Option<&Decision> {
        let compare = |name: &str| -> Ordering { name.bytes().cmp(key.bytes().map(|byte| byte.to_ascii_lowercase())) };
        let at = self.members.binary_search_by(|(name, _)| compare(name)).ok()?;
        self.members.get(at).map(|(_, decision)| decision)
    }

    pub(crate) fn decision(&self, key: &str) -> &Decision {
        self.find(key).unwrap_or_else(|| self.other(key))
    }

    /// The decision on a member for whose name there is none.
    pub(crate) fn other(&self, name: &str) -> &'static Decision {
        Self::stranger(name, self.keeps_others)
    }

    /// The decision on a member that no schema defines. A `password` counts as a secret (S1).
    pub(crate) fn stranger(name: &str, is_kept: bool) -> &'static Decision {
        if is_kept && !name.eq_ignore_ascii_case(SECRET) { &Decision::Guard } else { &Decision::Drop }
    }

    /// Whether any member could be kept.
    #[cfg(feature = "protocol")]
    pub(crate) fn keeps_anything(&self) -> bool {
        self.keeps_others || self.members.iter().any(|(_, decision)| *decision != Decision::Drop)
    }

    /// The decision on the object itself.
    pub(crate) fn into_decision(self) -> Decision {
        let is_guard = |(name, decision): &(Box<str>, Decision)| decision == Self::stranger(name, true);
        let is_whole = self.keeps_others && self.keeps_simple && self.members.iter().all(is_guard);
        if is_whole { Decision::Guard } else { Decision::Inside(self) }
    }
}

impl Decision {
    /// The decision on an attribute that a schema defines, if all of it is kept or nothing.
    pub(crate) const fn known(is_kept: bool) -> Self {
        if is_kept { Self::Guard } else { Self::Drop }
    }

    /// The decision on an attribute of which only secrets are left out.
    pub(crate) fn without_secrets(attribute: &Attribute) -> Self {
        if attribute.is_never_returned() {
            return Self::Drop;
        }
        Self::of_parts(attribute, true, |sub| !sub.is_never_returned(), [])
    }

    /// The decision on the object of an extension of which only secrets are left out.
    pub(crate) fn extension_without_secrets(schema: &Schema) -> Self {
        let decision = |attribute: &Attribute| (attribute.name.to_ascii_lowercase(), Self::without_secrets(attribute));
        Keep::new(schema.attributes.iter().map(decision).collect(), true, true).into_decision()
    }

    /// The decision on an attribute of which those sub-attributes are kept that `keeps` names. `others` has decisions on
    /// members that no schema defines; all further ones are kept if `keeps_others` is set. A simple value in place of a
    /// complex one is kept as its `value` would be (F17).
    pub(crate) fn of_parts(
        attribute: &Attribute,
        keeps_others: bool,
        keeps: impl Fn(&Attribute) -> bool,
        others: impl IntoIterator<Item = (String, Self)>,
    ) -> Self {
        let known = |sub: &Attribute| (sub.name.to_ascii_lowercase(), Self::known(keeps(sub)));
        let mut members: BTreeMap<_, _> = attribute.sub_attributes.iter().map(known).collect();
        let keeps_simple = members.get("value").map_or(keeps_others, |value| *value != Self::Drop);
        for (name, decision) in others {
            members.entry(name).or_insert(decision);
        }
        Keep::new(members, keeps_others, keeps_simple).into_decision()
    }

    /// The decision on a member of a value that this decision is about.
    pub(crate) fn of_member(&self, name: &str) -> &Self {
        match self {
            Self::Drop => &Self::Drop,
            Self::Guard => Keep::stranger(name, true),
            Self::Inside(keep) => keep.decision(name),
        }
    }

    /// Whether a value that is not an object is kept.
    pub(crate) fn keeps_simple(&self) -> bool {
        match self {
            Self::Drop => false,
            Self::Guard => true,
            Self::Inside(keep) => keep.keeps_simple,
        }
    }

    /// Whether a part of the attribute or, if `sub` is given, of this sub-attribute could be kept.
    #[cfg(feature = "protocol")]
    pub(crate) fn keeps(&self, sub: Option<&str>) -> bool {
        match (self, sub) {
            (Self::Inside(keep), None) => keep.keeps_anything(),
            (decision, None) => *decision != Self::Drop,
            (decision, Some(sub)) => *decision.of_member(sub) != Self::Drop,
        }
    }
}
