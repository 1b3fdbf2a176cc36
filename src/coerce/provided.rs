//! What only the provider sets, where a client sends it: it is dropped and reported, unless it says what is stored (P12, R1,
//! D21).

use serde_json::{Map, Value};

use super::coercer::Coercer;
use super::equality::equal_option;
use super::members::{member, remove_member};
use super::repair::Repair;
use super::request::{NamedIn, RequestKind};
use crate::schema::{AttrRef, Attribute, Mutability};

/// A stored value without its secrets, as a GET shows it.
pub(crate) fn as_shown(attribute: &Attribute, stored: &Value) -> Value {
    let mut shown = stored.clone();
    if let Value::Object(members) = &mut shown {
        members.retain(|name, _| !attribute.sub_attribute(name).is_some_and(Attribute::is_never_returned));
    }
    shown
}

impl Coercer<'_> {
    /// Whether only the provider sets a sub-attribute of an attribute that the client may set. In the value of a `remove` the
    /// sub-attribute names what is stored.
    pub(super) fn is_provided(&self, attr: AttrRef<'_>, sub: &Attribute) -> bool {
        self.request != RequestKind::Removal
            && sub.mutability == Mutability::ReadOnly
            && attr.attribute.mutability != Mutability::ReadOnly
    }

    /// Whether readOnly members of a value are dropped. A strict PATCH keeps them, because it refuses those that differ from
    /// what is stored (P12).
    pub(super) fn drops_sent(&self) -> bool {
        self.request == RequestKind::Resource || self.drops_read_only(NamedIn::Value)
    }

    /// Whether an object has members that [`Self::take_read_only`] takes.
    pub(crate) fn has_read_only(&self, attr: AttrRef<'_>, given: &Map<String, Value>) -> bool {
        let mut subs = attr.attribute.sub_attributes.iter().filter(|sub| self.is_provided(attr, sub));
        self.drops_sent() && subs.any(|sub| member(given, &sub.name).is_some())
    }

    /// Takes the readOnly members out of a complex value; [`Self::report_sent`] compares them with what is stored.
    pub(crate) fn take_read_only<'s>(
        &self,
        attr: AttrRef<'s>,
        given: &mut Map<String, Value>,
    ) -> Vec<(&'s Attribute, Value)> {
        if !self.has_read_only(attr, given) {
            return Vec::new();
        }
        let subs = attr.attribute.sub_attributes.iter().filter(|sub| self.is_provided(attr, sub));
        subs.filter_map(|sub| Some((sub, remove_member(given, &sub.name)?))).collect()
    }

    /// Reports the readOnly members that differ from those of the stored value, and removes them from `sent` (P12, D21).
    pub(crate) fn report_sent(
        &mut self,
        attr: AttrRef<'_>,
        sent: &mut Vec<(&Attribute, Value)>,
        stored: Option<&Value>,
    ) {
        sent.retain(|(sub, value)| {
            let held = stored.and_then(Value::as_object).and_then(|held| member(held, &sub.name));
            let is_same = equal_option(sub, held, Some(value));
            if !is_same {
                self.report_read_only(AttrRef { sub: Some(sub), ..attr }, NamedIn::Value);
            }
            is_same
        });
    }

    /// Drops the readOnly members of an element that is not a stored one, and reports them.
    pub(crate) fn drop_sent(&mut self, attr: AttrRef<'_>, given: &mut Map<String, Value>) {
        let mut sent = self.take_read_only(attr, given);
        self.report_sent(attr, &mut sent, None);
    }

    /// Whether a PATCH drops a readOnly attribute where a path or a value names it, instead of refusing it (P12).
    pub(crate) fn drops_read_only(&self, named: NamedIn) -> bool {
        match named {
            NamedIn::Path => self.options.tolerance.read_only_paths,
            NamedIn::Value => self.options.tolerance.read_only_members,
        }
    }

    /// Reports a readOnly attribute that was dropped. PATCH drops it only by tolerance (P12); POST and PUT drop it by the
    /// rule of the RFC (R1).
    pub(crate) fn report_read_only(&mut self, attr: AttrRef<'_>, named: NamedIn) {
        let kind = match (self.request, named) {
            (RequestKind::Resource, _) => Repair::READ_ONLY,
            (_, NamedIn::Path) => "read_only_paths",
            (_, NamedIn::Value) => "read_only_members",
        };
        self.report(attr, kind, "is set by the provider; what the client sent was dropped");
    }

    /// Reports an immutable secret that was dropped. The report is the same whether or not the client sent the stored
    /// secret (P12a).
    pub(crate) fn report_secret(&mut self, attr: AttrRef<'_>) {
        self.report(attr, Repair::READ_ONLY, "may be set once; what the client sent was dropped");
    }
}
