//! Resolves the names in a template with the look-up that the engine uses for the keys of a body, and moves each member to
//! its place in the schema. A deviation that the look-up tolerates, such as a name in another case, is reported as a
//! problem.

use super::path::Path;
use super::{Linter, Severity};
use crate::coerce::keys::is_path;
use crate::onelogin::parser::short;
use crate::onelogin::tree::{MacroText, NodeKind, TreeMember};
use crate::schema::{AttrRef, Attribute, Resolution, Resolved, Schema};
use crate::suggest::nearest;
use crate::syntax::Span;
use crate::tolerance::Tolerance;

/// The extension whose object contains a member, and the span of the extension's URN. `None` for members of the resource
/// itself.
type Home<'a> = Option<(&'a Schema, Span)>;

fn holds(names: &[String], name: &str) -> bool {
    names.iter().any(|other| other.eq_ignore_ascii_case(name))
}

fn names_of(members: &[TreeMember]) -> Vec<String> {
    members.iter().map(|member| member.key.source()).collect()
}

impl<'a> Linter<'a> {
    /// Checks the members of the resource or of an extension's object, and adds them to `kept`, the members of the corrected
    /// resource.
    pub(super) fn members(&mut self, given: Vec<TreeMember>, home: Home<'a>, kept: &mut Vec<TreeMember>) {
        let names = names_of(&given);
        for member in given {
            self.member(member, &names, home, kept);
        }
    }

    fn member(&mut self, mut member: TreeMember, names: &[String], home: Home<'a>, kept: &mut Vec<TreeMember>) {
        let resource_type = self.resource_type;
        let within = home.map(|(schema, _)| schema);
        let name = member.key.source();
        let path = home_path(within).member(&name);
        if within.is_none() && name.eq_ignore_ascii_case("schemas") {
            self.spelling(&mut member, "schemas", &path);
            self.keep(kept, member, &Path::default());
            return;
        }
        let look_up = |name: &str| resource_type.look_up_key(within, name, &Tolerance::default()).ok();
        let mut found = look_up(&name);
        if found.is_none() {
            let own = within.map_or(resource_type.attributes(), |schema| &schema.attributes);
            let extensions = resource_type.extensions().filter(|_| within.is_none());
            let known = own.iter().chain(extensions.flat_map(|schema| &schema.attributes));
            let of = within.map_or(resource_type.name(), |schema| &schema.id);
            if let Some(near) = self.unknown(&member, names, known, of, &path) {
                member.key = MacroText::literal(near);
                found = look_up(near);
            }
        }
        let Some(found) = found else { return };
        match found.target {
            Resolved::Attribute { extension, attribute, sub_attribute } => {
                self.attribute_member(member, AttrRef { extension, attribute, sub: sub_attribute }, home, kept);
            }
            Resolved::Extension(_) | Resolved::Core(_) => self.schema_member(member, &found, kept),
        }
    }

    /// Checks the member of an attribute, and moves it to its place. The key may be a path such as `name.givenName` (R1).
    fn attribute_member(
        &mut self,
        mut member: TreeMember,
        attr: AttrRef<'a>,
        home: Home<'a>,
        kept: &mut Vec<TreeMember>,
    ) {
        let AttrRef { extension, attribute, sub } = attr;
        let (key, name) = (member.key_span, member.key.source());
        let given = home_path(home.map(|(schema, _)| schema)).member(&name);
        if is_path(&name) {
            let holder = match (extension, sub) {
                (_, Some(_)) => format!("in the object of `{}`", attr.whole()),
                (Some(schema), None) => format!("in the object of `{}`", schema.id),
                (None, None) => "at the top".to_owned(),
            };
            let message = "a path is not the name of an attribute: servers that mind it drop this";
            self.warning("path_key", &given.text, key, message, format!("have `{}` {holder}", attr.leaf().name));
            if let Some(sub) = sub {
                let inner = TreeMember { key: MacroText::literal(sub.name.as_str()), ..member };
                member = TreeMember::new(&attribute.name, NodeKind::Object(vec![inner]), key);
            }
        } else if let (Some(schema), None) = (extension, home) {
            let message = format!("this attribute belongs to the extension `{}`", schema.id);
            let cure = format!("write it as `{attr}`, inside the extension's object");
            self.warning("bare_extension_name", &given.text, key, message, cure);
        } else {
            self.spelling(&mut member, &attribute.name, &given);
        }
        member.key = MacroText::literal(attribute.name.as_str());
        let path = home_path(extension).member(&attribute.name);
        let Some(value) = self.attribute(attribute, member.value, key, &path) else { return };
        member.value = value;
        if let Some(schema) = extension {
            let holder = home.map_or(key, |(_, holder)| holder);
            member = TreeMember::new(&schema.id, NodeKind::Object(vec![member]), holder);
        }
        self.keep(kept, member, &Path::default());
    }

    /// Checks the object under the URN of an extension or of the core schema.
    fn schema_member(&mut self, mut member: TreeMember, found: &Resolution<'a>, kept: &mut Vec<TreeMember>) {
        let (key, name) = (member.key_span, member.key.source());
        let urn = self.urn(found, &name, &name, key);
        let NodeKind::Object(members) = member.value.kind else {
            // The engine reports a value that is not an object.
            member.key = MacroText::literal(urn);
            self.keep(kept, member, &Path::default());
            return;
        };
        let home = if let Resolved::Extension(schema) = found.target {
            Some((schema, key))
        } else {
            let message = "core attributes stand under the URN of their schema";
            self.warning("core_under_urn", urn, key, message, "have them at the top, without the URN");
            None
        };
        self.members(members, home, kept);
    }

    /// The URN of a schema in its correct spelling. An old URN, which only the tolerance `legacy_schemas` accepts, is
    /// reported.
    pub(super) fn urn(&mut self, found: &Resolution<'a>, text: &str, path: &str, span: Span) -> &'a str {
        let resource_type = self.resource_type;
        let urn = match found.target {
            Resolved::Extension(schema) => &schema.id,
            _ => &resource_type.schema().id,
        };
        if found.read_as.iter().any(|loose| loose.kind == "legacy_schemas") {
            self.warning("legacy_urn", path, span, format!("`{text}` is an old URN"), format!("write `{urn}`"));
        }
        urn
    }

    /// Checks the members of a complex value.
    pub(super) fn sub_attributes(
        &mut self,
        complex: &'a Attribute,
        members: Vec<TreeMember>,
        path: &Path,
    ) -> Vec<TreeMember> {
        let names = names_of(&members);
        let mut kept = Vec::with_capacity(members.len());
        for mut member in members {
            let name = member.key.source();
            let given = path.member(&name);
            let sub = if let Some(sub) = complex.sub_attribute(&name) {
                self.spelling(&mut member, &sub.name, &given);
                Some(sub)
            } else if let Some(sub) = complex.value_with_id(&name) {
                let message = format!("there is no sub-attribute `{name}`");
                self.warning("manager_id", &given.text, member.key_span, message, format!("write `{}`", sub.name));
                Some(sub)
            } else {
                let near = self.unknown(&member, &names, complex.sub_attributes.iter(), &complex.name, &given);
                near.and_then(|near| complex.sub_attribute(near))
            };
            let Some(sub) = sub else { continue };
            let value = self.attribute(sub, member.value, member.key_span, &path.member(&sub.name));
            if let Some(value) = value {
                self.keep(&mut kept, TreeMember { key: MacroText::literal(sub.name.as_str()), value, ..member }, path);
            }
        }
        kept
    }

    /// Reports a name that no schema has. Returns the nearest name of an attribute, unless the object already has a member
    /// with that name.
    fn unknown(
        &mut self,
        member: &TreeMember,
        names: &[String],
        known: impl Iterator<Item = &'a Attribute>,
        of: &str,
        path: &Path,
    ) -> Option<&'a str> {
        let name = member.key.source();
        let near = nearest(&name, known.map(|attribute| attribute.name.as_str())).filter(|near| !holds(names, near));
        let message = format!("no schema of `{of}` has an attribute `{}`: servers drop it", short(&name));
        let cure = near.map_or_else(|| "remove it".to_owned(), |near| format!("did you mean `{near}`?"));
        self.warning("unknown_attribute", &path.text, member.key_span, message, cure);
        near
    }

    fn spelling(&mut self, member: &mut TreeMember, name: &str, path: &Path) {
        if member.key.source() != name {
            let message = "the schema spells this name differently: servers that mind case drop it";
            let cure = format!("write `{name}`");
            self.report("name_case", Severity::Note, &path.text, member.key_span, message, cure, true);
            member.key = MacroText::literal(name);
        }
    }

    /// Adds a member to the object at `path`. A correction may give the member the name of an earlier one. Then an earlier
    /// `null` or `[]` and a later `null` give way to the other value, and two objects are merged. Any other pair is an
    /// error.
    fn keep(&mut self, members: &mut Vec<TreeMember>, member: TreeMember, path: &Path) {
        let name = member.key.source();
        let Some(held) = members.iter_mut().find(|held| held.is_named(&name)) else {
            members.push(member);
            return;
        };
        if held.value.is_unassigned() {
            *held = member;
            return;
        }
        let path = path.member(&name);
        match (&mut held.value.kind, member.value.kind) {
            (_, NodeKind::Null) => {}
            (NodeKind::Object(inner), NodeKind::Object(more)) => {
                for member in more {
                    self.keep(inner, member, &path);
                }
            }
            _ => {
                let message = "this attribute is given twice, by different names";
                self.error("named_twice", &path.text, member.key_span, message, "remove one");
            }
        }
    }
}

/// The path of an extension's object, or of the resource itself.
fn home_path(extension: Option<&Schema>) -> Path {
    extension.map_or_else(Path::default, |schema| Path::default().member(&schema.id))
}
