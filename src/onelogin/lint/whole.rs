//! Checks a resource as a whole: `schemas`, the attributes that a server requires, and the names that OneLogin needs.

use std::collections::HashSet;

use super::path::Path;
use super::{Linter, Severity};
use crate::onelogin::parser::short;
use crate::onelogin::tree::{MacroText, NodeKind, TreeMember, TreeNode};
use crate::schema::{Attribute, Mutability};
use crate::suggest::nearest;
use crate::syntax::Span;
use crate::tolerance::Tolerance;

fn holds_urn(listed: &[TreeNode], urn: &str) -> bool {
    listed.iter().filter_map(TreeNode::text).any(|text| text.source().eq_ignore_ascii_case(urn))
}

/// Keeps only the last of several members with the same name, as most JSON readers do. The parser has already reported the
/// duplicates.
fn without_doubles(node: &mut TreeNode) {
    match &mut node.kind {
        NodeKind::List(elements) => elements.iter_mut().for_each(without_doubles),
        NodeKind::Object(members) => {
            let mut seen = HashSet::new();
            members.reverse();
            members.retain(|member| seen.insert(member.key.source().to_ascii_lowercase()));
            members.reverse();
            members.iter_mut().for_each(|member| without_doubles(&mut member.value));
        }
        _ => {}
    }
}

impl Linter<'_> {
    /// Checks the template of a resource, and returns the corrected template.
    pub(super) fn resource(&mut self, mut root: TreeNode) -> TreeNode {
        without_doubles(&mut root);
        let span = root.span;
        let NodeKind::Object(given) = root.kind else { return root };
        let mut members = Vec::with_capacity(given.len());
        self.members(given, None, &mut members);
        let open = Span::new(span.start, span.start + 1);
        self.schemas(&mut members, open);
        self.required(&mut members, open);
        TreeNode::new(NodeKind::Object(members), span)
    }

    /// Checks `schemas`, and adds the URNs that it lacks.
    fn schemas(&mut self, members: &mut Vec<TreeMember>, open: Span) {
        let resource_type = self.resource_type;
        let core = resource_type.schema().id.as_str();
        let extensions = members.iter().filter(|member| matches!(member.value.kind, NodeKind::Object(_)));
        let extensions = extensions.map(|member| (member.key.source(), member.key_span));
        let extensions = extensions.filter(|(urn, _)| resource_type.extension(urn).is_some()).collect::<Vec<_>>();
        let at = members.iter().position(|member| member.is_named("schemas")).unwrap_or_else(|| {
            members.insert(0, TreeMember::new("schemas", NodeKind::Null, open));
            0
        });
        let Some(member) = members.get_mut(at) else { return };
        let place = member.key_span;
        let given = std::mem::replace(&mut member.value.kind, NodeKind::Null);
        let given = match given {
            NodeKind::List(elements) => elements,
            NodeKind::Null => Vec::new(),
            one => {
                let path = Path::default().member("schemas");
                self.single_for_list(member.value.span, &path);
                vec![TreeNode::new(one, member.value.span)]
            }
        };
        let is_text = given.iter().all(|node| node.text().is_some_and(|text| !text.has_macros()));
        let mut listed = self.known_schemas(given);
        if !holds_urn(&listed, core) && is_text {
            let message = format!("`schemas` does not hold `{core}`");
            self.warning("missing_schemas", "schemas", place, message, "add it");
            listed.insert(0, TreeNode::new(NodeKind::Text(MacroText::literal(core)), place));
        }
        for (urn, span) in extensions {
            if !holds_urn(&listed, &urn) {
                let message = format!("`schemas` does not hold `{urn}`, of which attributes are given");
                self.warning("undeclared_extension", &urn, span, message, "add it to `schemas`");
                listed.push(TreeNode::new(NodeKind::Text(MacroText::literal(urn)), span));
            }
        }
        member.value.kind = NodeKind::List(listed);
    }

    /// The URNs of `schemas` in their correct spelling, each once. An unknown URN is replaced by the nearest known one, or
    /// dropped if none is near.
    fn known_schemas(&mut self, given: Vec<TreeNode>) -> Vec<TreeNode> {
        let resource_type = self.resource_type;
        let mut listed: Vec<TreeNode> = Vec::new();
        for (index, node) in given.into_iter().enumerate() {
            let path = Path::default().member("schemas").index(index);
            let Some(text) = node.text().filter(|text| !text.has_macros()).map(MacroText::source) else {
                listed.push(node);
                continue;
            };
            let urn = if let Ok(Some(found)) = resource_type.look_up_urn(&text, &Tolerance::default()) {
                Some(self.urn(&found, &text, &path.text, node.span))
            } else {
                let extensions = resource_type.extensions().map(|schema| schema.id.as_str());
                let near = nearest(&text, std::iter::once(resource_type.schema().id.as_str()).chain(extensions));
                let message = format!("`{}` is not a schema of `{}`", short(&text), resource_type.name());
                let cure = near.map_or_else(|| "remove it".to_owned(), |urn| format!("write `{urn}`"));
                self.warning("unknown_schema", &path.text, node.span, message, cure);
                near
            };
            if let Some(urn) = urn.filter(|urn| !holds_urn(&listed, urn)) {
                listed.push(TreeNode::new(NodeKind::Text(MacroText::literal(urn)), node.span));
            }
        }
        listed
    }

    /// Checks the attributes that a server requires, and those that OneLogin needs in the server's answer.
    fn required(&mut self, members: &mut Vec<TreeMember>, open: Span) {
        let resource_type = self.resource_type;
        let must = |attribute: &&Attribute| {
            attribute.required && attribute.mutability != Mutability::ReadOnly && attribute.name != "schemas"
        };
        for attribute in resource_type.attributes().iter().filter(must) {
            let name = attribute.name.as_str();
            if members.iter().any(|member| member.is_named(name) && !member.value.is_unassigned()) {
                continue;
            }
            let is_cured = name == "userName";
            let cure = if is_cured { "write `\"userName\": \"{$parameters.scimusername}\"`" } else { "add it" };
            let message = "is required, and servers refuse what comes without";
            self.report("missing_required", Severity::Error, name, open, message, cure, is_cured);
            if is_cured {
                members.retain(|member| !member.is_named(name));
                let login = MacroText::of_macro("parameters.scimusername");
                members.push(TreeMember::new(name, NodeKind::Text(login), open));
            }
        }
        let has_names = resource_type.attribute("name").is_some_and(|name| name.sub_attribute("familyName").is_some());
        if has_names && resource_type.attribute("userName").is_some() {
            self.person_name(members, open);
        }
    }

    /// Adds `name.givenName` and `name.familyName` if they are missing: OneLogin needs both in the server's answer.
    fn person_name(&mut self, members: &mut Vec<TreeMember>, open: Span) {
        if !members.iter().any(|member| member.is_named("name")) {
            members.push(TreeMember::new("name", NodeKind::Null, open));
        }
        let Some(holder) = members.iter_mut().find(|member| member.is_named("name")) else { return };
        let place = holder.key_span;
        if holder.value.is_unassigned() {
            holder.value.kind = NodeKind::Object(Vec::new());
        }
        let NodeKind::Object(inner) = &mut holder.value.kind else { return };
        let mut missing = Vec::new();
        for (name, field) in [("givenName", "user.firstname"), ("familyName", "user.lastname")] {
            if !inner.iter().any(|member| member.is_named(name)) {
                missing.push(format!("`\"{name}\": \"{{${field}}}\"`"));
                inner.push(TreeMember::new(name, NodeKind::Text(MacroText::of_macro(field)), place));
            }
        }
        if !missing.is_empty() {
            let message = "OneLogin needs `name.givenName` and `name.familyName` in the answer";
            self.warning("missing_name", "name", place, message, format!("add {}", missing.join(" and ")));
        }
    }
}
