//! Compares the tree of a template with the schema, and corrects it.

use super::path::Path;
use super::{Linter, Severity};
use crate::onelogin::parser::short;
use crate::onelogin::tree::{MacroText, NodeKind, TreeMember, TreeNode};
use crate::schema::{AttrType, Attribute, Mutability, Resolved, ResourceType, Schema};
use crate::suggest::nearest;
use crate::syntax::Span;
use crate::tolerance::Tolerance;

/// The parts of the whole resource that the comparison has collected.
#[derive(Default)]
pub(super) struct Found {
    pub members: Vec<TreeMember>,
    /// Attributes of extensions that were not in the object of their extension, by the extension's URN.
    pub strays: Vec<(String, TreeMember)>,
    /// The URN of each extension that the template has, with the place of its object.
    pub extensions: Vec<(String, Span)>,
}

pub(super) fn is_held(members: &[TreeMember], name: &str) -> bool {
    members.iter().any(|member| member.key.source().eq_ignore_ascii_case(name))
}

pub(super) fn named(name: &str, value: NodeKind, span: Span) -> TreeMember {
    TreeMember { key: MacroText::literal(name), key_span: span, value: TreeNode::new(value, span) }
}

/// Keeps the last of two members with the same name, as most readers do. The parser has already reported the duplicate.
fn without_doubles(node: &mut TreeNode) {
    match &mut node.kind {
        NodeKind::List(elements) => elements.iter_mut().for_each(without_doubles),
        NodeKind::Object(members) => {
            let mut seen = std::collections::HashSet::new();
            members.reverse();
            members.retain(|member| seen.insert(member.key.source().to_ascii_lowercase()));
            members.reverse();
            members.iter_mut().for_each(|member| without_doubles(&mut member.value));
        }
        _ => {}
    }
}

impl<'a> Linter<'a> {
    /// Adds a member. If a correction has given another member the same name, two objects are merged, and two other values
    /// are an error.
    fn keep(&mut self, members: &mut Vec<TreeMember>, member: TreeMember, path: &Path) {
        let name = member.key.source();
        let Some(held) = members.iter_mut().find(|held| held.key.source().eq_ignore_ascii_case(&name)) else {
            members.push(member);
            return;
        };
        if held.value.is_unassigned() {
            *held = member;
            return;
        }
        match (&mut held.value.kind, member.value.kind) {
            (_, NodeKind::Null) => {}
            (NodeKind::Object(inner), NodeKind::Object(more)) => {
                for member in more {
                    let path = path.member(&member.key.source());
                    self.keep(inner, member, &path);
                }
            }
            _ => {
                let message = "this attribute is given twice, by different names";
                self.error("named_twice", &path.text, member.key_span, message, "remove one");
            }
        }
    }

    /// Checks the resource, and returns it corrected.
    pub(super) fn shape(&mut self, mut root: TreeNode) -> TreeNode {
        without_doubles(&mut root);
        let span = root.span;
        let NodeKind::Object(members) = root.kind else { return root };
        let mut found = Found::default();
        self.members(members, &mut found);
        self.strays(&mut found);
        let open = Span::new(span.start, span.start + 1);
        self.schemas(&mut found, open);
        self.required(&mut found.members, open);
        TreeNode::new(NodeKind::Object(found.members), span)
    }

    fn members(&mut self, members: Vec<TreeMember>, found: &mut Found) {
        let names: Vec<String> = members.iter().map(|member| member.key.source()).collect();
        for member in members {
            self.member(member, &names, found, true);
        }
    }

    fn member(&mut self, mut member: TreeMember, names: &[String], found: &mut Found, may_be_misspelt: bool) {
        let resource_type = self.resource_type;
        let name = member.key.source();
        let path = Path::default().member(&name);
        if name.eq_ignore_ascii_case("schemas") {
            self.spelling(&mut member, "schemas", &path);
            self.keep(&mut found.members, member, &path);
        } else if let Some(attribute) = resource_type.attribute(&name) {
            self.spelling(&mut member, &attribute.name, &path);
            if let Some(value) = self.attribute(attribute, member.value, member.key_span, &path) {
                let path = Path::default().member(&member.key.source());
                self.keep(&mut found.members, TreeMember { value, ..member }, &path);
            }
        } else if let Some(urn) = self.urn(&name, &path.text, member.key_span) {
            member.key = MacroText::literal(urn);
            self.under_urn(member, urn, found);
        } else if let Some((extension, attribute)) = resource_type.only_extension_with(&name) {
            let right = format!("{}:{}", extension.id, attribute.name);
            let message = format!("this attribute belongs to the extension `{}`", extension.id);
            self.warning(
                "bare_extension_name",
                &path.text,
                member.key_span,
                message,
                format!("write it as `{right}`, inside the extension's object"),
            );
            member.key = MacroText::literal(attribute.name.as_str());
            let path = Path::default().member(&extension.id).member(&attribute.name);
            if let Some(value) = self.attribute(attribute, member.value, member.key_span, &path) {
                found.strays.push((extension.id.clone(), TreeMember { value, ..member }));
            }
        } else if let Some((extension, attribute, sub)) = path_key(resource_type, &name) {
            self.path_key(member, (extension, attribute, sub), found);
        } else {
            let known = resource_type
                .attributes()
                .iter()
                .chain(resource_type.extensions().flat_map(|schema| &schema.attributes));
            let known = known.map(|attribute| attribute.name.as_str());
            let near = nearest(&name, known)
                .filter(|near| may_be_misspelt && !names.iter().any(|other| other.eq_ignore_ascii_case(near)));
            self.unknown(&name, near, resource_type.name(), &path.text, member.key_span);
            if let Some(near) = near {
                member.key = MacroText::literal(near);
                self.member(member, names, found, false);
            }
        }
    }

    /// Moves the value under a key that is a path to the place that the path names (R1).
    fn path_key(
        &mut self,
        mut member: TreeMember,
        (extension, attribute, sub): (Option<&'a Schema>, &'a Attribute, Option<&'a Attribute>),
        found: &mut Found,
    ) {
        let mut place = extension.map_or_else(Path::default, |schema| Path::default().member(&schema.id));
        let key_path = Path::default().member(&member.key.source());
        let holder = match (extension, sub) {
            (None, None) => "at the top".to_owned(),
            (Some(schema), None) => format!("in the object of `{}`", schema.id),
            (None, Some(_)) => format!("in the object of `{}`", attribute.name),
            (Some(schema), Some(_)) => format!("in the object of `{}` in that of `{}`", attribute.name, schema.id),
        };
        let leaf = sub.unwrap_or(attribute);
        let cure = format!("have `{}` {holder}", leaf.name);
        let message = "a path is not the name of an attribute: servers that mind it drop this";
        self.warning("path_key", &key_path.text, member.key_span, message, cure);
        member.key = MacroText::literal(leaf.name.as_str());
        if sub.is_some() {
            let span = member.key_span;
            member = named(&attribute.name, NodeKind::Object(vec![member]), span);
        }
        place = place.member(&attribute.name);
        let Some(value) = self.attribute(attribute, member.value, member.key_span, &place) else { return };
        member = TreeMember { value, key: MacroText::literal(attribute.name.as_str()), ..member };
        match extension {
            Some(schema) => found.strays.push((schema.id.clone(), member)),
            None => self.keep(&mut found.members, member, &place),
        }
    }

    fn unknown(&mut self, name: &str, near: Option<&str>, of: &str, path: &str, span: Span) {
        let message = format!("no schema of `{of}` has an attribute `{}`: servers drop it", short(name));
        let cure = near.map_or_else(|| "remove it".to_owned(), |near| format!("did you mean `{near}`?"));
        self.warning("unknown_attribute", path, span, message, cure);
    }

    fn spelling(&mut self, member: &mut TreeMember, name: &str, path: &Path) {
        if member.key.source() != name {
            let message = "the schema spells this name differently: servers that mind case drop it";
            let cure = format!("write `{name}`");
            self.report("name_case", Severity::Note, &path.text, member.key_span, message, cure, true);
            member.key = MacroText::literal(name);
        }
    }

    /// The URN of the resource type that a text names, also by an old URN or in another case.
    pub(super) fn urn(&mut self, text: &str, path: &str, span: Span) -> Option<&'a str> {
        let resource_type: &'a ResourceType = self.resource_type;
        let known = resource_type
            .extension(text)
            .map(|schema| schema.id.as_str())
            .or_else(|| resource_type.is_core_urn(text).then_some(resource_type.schema().id.as_str()));
        if known.is_some() {
            return known;
        }
        let urn = resource_type.modern_urn(text)?;
        self.warning("legacy_urn", path, span, format!("`{text}` is an old URN"), format!("write `{urn}`"));
        Some(urn)
    }

    /// Checks the object under the URN of an extension or of the core schema.
    fn under_urn(&mut self, member: TreeMember, urn: &str, found: &mut Found) {
        let path = Path::default().member(urn);
        let NodeKind::Object(members) = member.value.kind else {
            // The engine reports a value that is not an object.
            self.keep(&mut found.members, member, &path);
            return;
        };
        let Some(extension) = self.resource_type.extension(urn) else {
            let message = "core attributes stand under the URN of their schema";
            self.warning(
                "core_under_urn",
                &path.text,
                member.key_span,
                message,
                "have them at the top, without the URN",
            );
            self.members(members, found);
            return;
        };
        let members = self.inner(&extension.attributes, None, members, &extension.id, &path);
        if !members.is_empty() {
            found.extensions.push((extension.id.clone(), member.key_span));
            let value = TreeNode::new(NodeKind::Object(members), member.value.span);
            let path = Path::default().member(&member.key.source());
            self.keep(&mut found.members, TreeMember { value, ..member }, &path);
        }
    }

    /// Checks the members of a complex value or of an extension.
    fn inner(
        &mut self,
        attributes: &'a [Attribute],
        complex: Option<&'a Attribute>,
        members: Vec<TreeMember>,
        of: &str,
        path: &Path,
    ) -> Vec<TreeMember> {
        let names: Vec<String> = members.iter().map(|member| member.key.source()).collect();
        let holds = |name: &str| names.iter().any(|other| other.eq_ignore_ascii_case(name));
        let mut kept = Vec::with_capacity(members.len());
        for mut member in members {
            let name = member.key.source();
            let mut at = path.member(&name);
            let mut attribute = attributes.iter().find(|attribute| attribute.name.eq_ignore_ascii_case(&name));
            if let Some(attribute) = attribute {
                self.spelling(&mut member, &attribute.name, &at);
            } else if let Some(sub) =
                complex.and_then(|complex| complex.value_with_id(&name)).filter(|sub| !holds(&sub.name))
            {
                let message = format!("there is no sub-attribute `{name}`");
                self.warning("manager_id", &at.text, member.key_span, message, format!("write `{}`", sub.name));
                attribute = Some(sub);
            } else {
                let near = nearest(&name, attributes.iter().map(|attribute| attribute.name.as_str()));
                let near = near.filter(|near| !holds(near));
                self.unknown(&name, near, of, &at.text, member.key_span);
                attribute = near.and_then(|near| attributes.iter().find(|attribute| attribute.name == near));
            }
            let Some(attribute) = attribute else { continue };
            member.key = MacroText::literal(attribute.name.as_str());
            at = path.member(&attribute.name);
            if let Some(value) = self.attribute(attribute, member.value, member.key_span, &at) {
                self.keep(&mut kept, TreeMember { value, ..member }, &at);
            }
        }
        kept
    }

    /// Checks the value of an attribute; returns none if the attribute must be removed.
    fn attribute(&mut self, attribute: &'a Attribute, node: TreeNode, key: Span, path: &Path) -> Option<TreeNode> {
        if attribute.mutability == Mutability::ReadOnly {
            let message = "is set by the server: what a client sends is dropped";
            self.warning("read_only", &path.text, key, message, "remove it");
            return None;
        }
        if !attribute.multi_valued {
            return self.single(attribute, node, path);
        }
        let span = node.span;
        match node.kind {
            NodeKind::List(elements) => {
                let elements = elements.into_iter().enumerate();
                let elements =
                    elements.filter_map(|(index, element)| self.value(attribute, element, &path.index(index)));
                let elements = elements.collect::<Vec<_>>();
                Some(TreeNode::new(NodeKind::List(self.one_primary(attribute, elements, path)), span))
            }
            NodeKind::Null => Some(node),
            _ => {
                let value = self.value(attribute, node, path)?;
                let message = "one value stands where a list is due";
                self.warning("single_for_list", &path.text, span, message, "put it into brackets: `[…]`");
                Some(TreeNode::new(NodeKind::List(vec![value]), span))
            }
        }
    }

    fn one_primary(&mut self, attribute: &Attribute, mut elements: Vec<TreeNode>, path: &Path) -> Vec<TreeNode> {
        if attribute.sub_attribute("primary").is_none() {
            return elements;
        }
        let mut seen = false;
        for (index, element) in elements.iter_mut().enumerate() {
            let NodeKind::Object(members) = &mut element.kind else { continue };
            for member in members.iter_mut().filter(|member| member.key.source() == "primary") {
                if member.value.kind != NodeKind::Bool(true) {
                    continue;
                }
                if seen {
                    let path = path.index(index).member("primary");
                    let message = "more than one element is primary";
                    self.error("two_primaries", &path.text, member.value.span, message, "write `false`");
                    member.value.kind = NodeKind::Bool(false);
                }
                seen = true;
            }
        }
        elements
    }

    /// Checks the value of a single-valued attribute.
    fn single(&mut self, attribute: &'a Attribute, node: TreeNode, path: &Path) -> Option<TreeNode> {
        let NodeKind::List(mut elements) = node.kind else { return self.value(attribute, node, path) };
        // The engine reports other lists than those of one simple value.
        if elements.len() != 1 || elements.iter().any(|only| matches!(only.kind, NodeKind::List(_))) {
            return Some(TreeNode::new(NodeKind::List(elements), node.span));
        }
        let message = "a list stands where one value is due";
        self.warning("list_for_single", &path.text, node.span, message, "remove the brackets");
        elements.pop().and_then(|only| self.value(attribute, only, path))
    }

    /// Checks one value: that of a single-valued attribute, or an element.
    fn value(&mut self, attribute: &'a Attribute, node: TreeNode, path: &Path) -> Option<TreeNode> {
        let node = self.quoted(attribute, node, path);
        if node.text().is_some_and(MacroText::is_blank) {
            // A required attribute is reported as missing instead.
            if !attribute.required {
                let message = "a blank string says nothing";
                self.warning("blank_value", &path.text, node.span, message, "remove it");
            }
            return None;
        }
        let span = node.span;
        if !attribute.is_complex() {
            return Some(self.simple(attribute, node, path));
        }
        match node.kind {
            NodeKind::Object(members) => {
                let was_empty = members.is_empty();
                let inner = self.inner(&attribute.sub_attributes, Some(attribute), members, &attribute.name, path);
                (was_empty || !inner.is_empty()).then(|| TreeNode::new(NodeKind::Object(inner), span))
            }
            NodeKind::Text(text)
                if attribute.sub_attribute("value").is_some()
                    && !text.source().starts_with('{') | text.has_macros() =>
            {
                let message = "a string stands where an object is due";
                let cure = "write `{\"value\": …}`";
                self.warning("string_for_complex", &path.text, span, message, cure);
                let sub = attribute.sub_attribute("value")?;
                let value = self.value(sub, TreeNode::new(NodeKind::Text(text), span), &path.member(&sub.name))?;
                Some(TreeNode::new(NodeKind::Object(vec![named(&sub.name, value.kind, span)]), span))
            }
            kind => Some(TreeNode::new(kind, span)),
        }
    }

    /// Puts a macro into quotes, unless it should be outside of them.
    fn quoted(&mut self, attribute: &Attribute, node: TreeNode, path: &Path) -> TreeNode {
        let NodeKind::Bare(found) = &node.kind else { return node };
        if self.options.bare_booleans && is_bare_type(attribute.attr_type) {
            self.sample(attribute.attr_type, found.name());
            return node;
        }
        let message = format!(
            "`{found}` stands outside of quotes: this is not JSON until it is replaced, and not even then for those who have no such value"
        );
        self.warning("bare_macro", &path.text, node.span, message, format!("write `\"{found}\"`"));
        TreeNode::new(NodeKind::Text(MacroText::of_macro(found.name())), node.span)
    }

    fn simple(&mut self, attribute: &'a Attribute, node: TreeNode, path: &Path) -> TreeNode {
        let span = node.span;
        let attr_type = attribute.attr_type;
        match node.kind {
            NodeKind::Text(text) if is_bare_type(attr_type) => self.quoted_value(attribute, text, span, path),
            NodeKind::Text(text) => {
                if let Some(found) = text.only_macro() {
                    self.sample(attr_type, &found.name);
                }
                TreeNode::new(NodeKind::Text(self.blank_join(text, span, path)), span)
            }
            NodeKind::Bool(_) | NodeKind::Number(_) if attr_type == AttrType::String => {
                let text = span.slice(self.text);
                let message = "a string is due";
                self.error("wrong_type", &path.text, span, message, format!("write `\"{text}\"`"));
                TreeNode::new(NodeKind::Text(MacroText::literal(text)), span)
            }
            NodeKind::Object(members) if members.len() == 1 && attribute.sub_attribute("value").is_none() => {
                match <[TreeMember; 1]>::try_from(members) {
                    Ok([only]) if only.key.source().eq_ignore_ascii_case("value") && attribute.multi_valued => {
                        let message = "an object stands where a simple value is due";
                        self.warning("list_for_single", &path.text, span, message, "write its `value` alone");
                        self.simple(attribute, only.value, path)
                    }
                    Ok(only) => TreeNode::new(NodeKind::Object(only.into()), span),
                    Err(members) => TreeNode::new(NodeKind::Object(members), span),
                }
            }
            kind => TreeNode::new(kind, span),
        }
    }

    /// Checks a string where a boolean or a number is expected.
    fn quoted_value(&mut self, attribute: &Attribute, text: MacroText, span: Span, path: &Path) -> TreeNode {
        let is_boolean = attribute.attr_type == AttrType::Boolean;
        let (code, what) = if is_boolean { ("quoted_boolean", "a boolean") } else { ("quoted_number", "a number") };
        let mut text = text;
        if is_boolean && text.only_macro().is_some_and(|found| found.name == "user.status") {
            let message = "`{$user.status}` is a number such as 1, not `true` or `false`";
            self.error("status_for_boolean", &path.text, span, message, "write `{$user.active}`");
            text = MacroText::of_macro("user.active");
        }
        if let Some(found) = text.only_macro() {
            let (found, is_bare) = (found.clone(), self.options.bare_booleans);
            self.sample(attribute.attr_type, &found.name);
            let tolerance = &self.options.server.tolerance;
            let is_read = if is_boolean { tolerance.boolean_strings } else { tolerance.number_strings };
            let severity = if is_read { Severity::Note } else { Severity::Error };
            let message = format!("OneLogin sends {what} in quotes: servers to the letter refuse it");
            let cure = if is_bare {
                format!("write `{found}` without quotes")
            } else {
                "have the server read it; OneLogin documents no macro outside of quotes".to_owned()
            };
            self.report(code, severity, &path.text, span, message, cure, is_bare);
            let kind = if is_bare { NodeKind::Bare(found) } else { NodeKind::Text(text) };
            return TreeNode::new(kind, span);
        }
        let source = text.source();
        let bare = source.trim();
        let kind = match bare.to_ascii_lowercase().as_str() {
            "true" if is_boolean => Some(NodeKind::Bool(true)),
            "false" if is_boolean => Some(NodeKind::Bool(false)),
            _ if is_boolean || text.has_macros() => None,
            _ => serde_json::from_str::<serde_json::Number>(bare).ok().map(|_| NodeKind::Number(bare.to_owned())),
        };
        let Some(kind) = kind else { return TreeNode::new(NodeKind::Text(text), span) };
        self.warning(code, &path.text, span, format!("{what} stands in quotes"), format!("write `{bare}`"));
        TreeNode::new(kind, span)
    }

    /// Reports macros with nothing but blanks between them: a person with none of the values gets the blank.
    fn blank_join(&mut self, text: MacroText, span: Span, path: &Path) -> MacroText {
        let source = text.source();
        let is_join = text.macros().count() > 1 && source.contains("} {$") && text.is_macros_and_blanks();
        if !is_join {
            return text;
        }
        let is_display_name = source == "{$user.firstname} {$user.lastname}";
        let message = "who has none of these values gets a blank, which is neither empty nor a name";
        let cure = if is_display_name {
            "write `{$user.display_name}`"
        } else {
            "a template cannot say it better: have the server read blanks as unassigned"
        };
        self.report("blank_if_unset", Severity::Note, &path.text, span, message, cure, is_display_name);
        if is_display_name { MacroText::of_macro("user.display_name") } else { text }
    }

    fn sample(&mut self, attr_type: AttrType, name: &str) {
        let sample = match attr_type {
            AttrType::String | AttrType::Complex => return,
            AttrType::Boolean => "true",
            AttrType::Decimal | AttrType::Integer => "7",
            AttrType::DateTime => "2026-01-05T08:00:00Z",
            AttrType::Binary => "QUJD",
            AttrType::Reference => "https://example.com/7",
        };
        // The contents of the documented fields are known, so they keep their own samples.
        if !crate::onelogin::macros::is_field(name) {
            self.samples.entry(name.to_owned()).or_insert(sample);
        }
    }

    /// Moves attributes of extensions into the objects of their extensions.
    fn strays(&mut self, found: &mut Found) {
        for (urn, member) in std::mem::take(&mut found.strays) {
            let span = member.key_span;
            if !is_held(&found.members, &urn) {
                found.members.push(named(&urn, NodeKind::Object(Vec::new()), span));
                found.extensions.push((urn.clone(), span));
            }
            let holder = found.members.iter_mut().find(|other| other.key.source().eq_ignore_ascii_case(&urn));
            let Some(holder) = holder else { continue };
            if holder.value.is_unassigned() {
                holder.value.kind = NodeKind::Object(Vec::new());
                found.extensions.push((urn.clone(), span));
            }
            if let NodeKind::Object(inner) = &mut holder.value.kind {
                let path = Path::default().member(&urn).member(&member.key.source());
                self.keep(inner, member, &path);
            }
        }
    }
}

/// The attribute that a key names if it is a path, with its extension and sub-attribute.
fn path_key<'a>(
    resource_type: &'a ResourceType,
    key: &str,
) -> Option<(Option<&'a Schema>, &'a Attribute, Option<&'a Attribute>)> {
    match resource_type.look_up_key(None, key, &Tolerance::default()).ok()?.target {
        Resolved::Attribute { extension, attribute, sub_attribute } => Some((extension, attribute, sub_attribute)),
        Resolved::Extension(_) | Resolved::Core(_) => None,
    }
}

/// Whether JSON writes values of this type without quotes.
fn is_bare_type(attr_type: AttrType) -> bool {
    matches!(attr_type, AttrType::Boolean | AttrType::Decimal | AttrType::Integer)
}
