//! Checks a resource as a whole: `schemas`, and the attributes that a server and OneLogin need.

use super::path::Path;
use super::shape::{Found, is_held, named};
use super::{Linter, Severity};
use crate::onelogin::parser::short;
use crate::onelogin::tree::{MacroText, NodeKind, TreeMember, TreeNode};
use crate::schema::{Attribute, Mutability, ResourceType, Schema};
use crate::suggest::nearest;
use crate::syntax::Span;

impl<'a> Linter<'a> {
    /// Checks `schemas`, and adds the URNs that it lacks.
    pub(super) fn schemas(&mut self, found: &mut Found, open: Span) {
        let core = self.resource_type.schema().id.as_str();
        let at = found.members.iter().position(|member| member.key.source() == "schemas");
        let mut listed = Vec::new();
        let mut place = open;
        let mut is_text = true;
        if let Some(member) = at.and_then(|at| found.members.get_mut(at)) {
            place = member.key_span;
            let given = std::mem::replace(&mut member.value.kind, NodeKind::Null);
            listed = match given {
                NodeKind::List(elements) => elements,
                NodeKind::Null => Vec::new(),
                one => {
                    let message = "one value stands where a list is due";
                    self.warning(
                        "single_for_list",
                        "schemas",
                        member.value.span,
                        message,
                        "put it into brackets: `[…]`",
                    );
                    vec![TreeNode::new(one, member.value.span)]
                }
            };
            is_text = listed.iter().all(|node| node.text().is_some_and(|text| !text.has_macros()));
            listed = self.listed(listed);
        }
        let has = |listed: &[TreeNode], urn: &str| {
            listed.iter().filter_map(TreeNode::text).any(|text| text.source().eq_ignore_ascii_case(urn))
        };
        if !has(&listed, core) && is_text {
            let message = format!("`schemas` does not hold `{core}`");
            self.warning("missing_schemas", "schemas", place, message, "add it");
            listed.insert(0, TreeNode::new(NodeKind::Text(MacroText::literal(core)), place));
        }
        for (urn, span) in &found.extensions {
            if !has(&listed, urn) {
                let message = format!("`schemas` does not hold `{urn}`, of which attributes are given");
                self.warning("undeclared_extension", urn, *span, message, "add it to `schemas`");
                listed.push(TreeNode::new(NodeKind::Text(MacroText::literal(urn.as_str())), *span));
            }
        }
        match at.and_then(|at| found.members.get_mut(at)) {
            Some(member) => member.value.kind = NodeKind::List(listed),
            None => found.members.insert(0, named("schemas", NodeKind::List(listed), open)),
        }
    }

    /// The listed URNs in their correct spelling, each once, without the unknown ones.
    fn listed(&mut self, given: Vec<TreeNode>) -> Vec<TreeNode> {
        let resource_type: &'a ResourceType = self.resource_type;
        let extensions = || resource_type.extensions().map(|schema: &Schema| schema.id.as_str());
        let mut listed: Vec<TreeNode> = Vec::new();
        for (index, node) in given.into_iter().enumerate() {
            let path = Path::default().member("schemas").index(index);
            let Some(text) = node.text().filter(|text| !text.has_macros()).map(MacroText::source) else {
                listed.push(node);
                continue;
            };
            let known = self.urn(&text, &path.text, node.span);
            let near = || nearest(&text, std::iter::once(resource_type.schema().id.as_str()).chain(extensions()));
            let Some(urn) = known.or_else(near) else {
                let message = format!("`{}` is not a schema of `{}`", short(&text), resource_type.name());
                self.warning("unknown_schema", &path.text, node.span, message, "remove it");
                continue;
            };
            if known.is_none() {
                let message = format!("`{}` is not a schema of `{}`", short(&text), resource_type.name());
                self.warning("unknown_schema", &path.text, node.span, message, format!("write `{urn}`"));
            }
            if !listed.iter().filter_map(TreeNode::text).any(|other| other.source() == urn) {
                listed.push(TreeNode::new(NodeKind::Text(MacroText::literal(urn)), node.span));
            }
        }
        listed
    }

    /// Checks the attributes that a server requires, and those that OneLogin needs in the answer.
    pub(super) fn required(&mut self, members: &mut Vec<TreeMember>, open: Span) {
        let resource_type: &'a ResourceType = self.resource_type;
        let must = |attribute: &&Attribute| {
            attribute.required && attribute.mutability != Mutability::ReadOnly && attribute.name != "schemas"
        };
        for attribute in resource_type.attributes().iter().filter(must) {
            let name = attribute.name.as_str();
            let is_given = |member: &TreeMember| member.key.source() == name && !member.value.is_unassigned();
            if members.iter().any(is_given) {
                continue;
            }
            let is_cured = name == "userName";
            let cure = if is_cured { "write `\"userName\": \"{$parameters.scimusername}\"`" } else { "add it" };
            let message = "is required, and servers refuse what comes without";
            self.report("missing_required", Severity::Error, name, open, message, cure, is_cured);
            if is_cured {
                members.retain(|member| member.key.source() != name);
                members.push(named(name, NodeKind::Text(MacroText::of_macro("parameters.scimusername")), open));
            }
        }
        let has_names = resource_type.attribute("name").filter(|name| name.sub_attribute("familyName").is_some());
        if has_names.is_none() || resource_type.attribute("userName").is_none() {
            return;
        }
        let mut place = open;
        if !is_held(members, "name") {
            members.push(named("name", NodeKind::Object(Vec::new()), open));
        }
        let holder = members.iter_mut().find(|member| member.key.source() == "name");
        let Some(holder) = holder else { return };
        place = if holder.key_span == open { place } else { holder.key_span };
        if holder.value.is_unassigned() {
            holder.value.kind = NodeKind::Object(Vec::new());
        }
        let NodeKind::Object(inner) = &mut holder.value.kind else { return };
        let mut missing = Vec::new();
        for (name, field) in [("givenName", "user.firstname"), ("familyName", "user.lastname")] {
            if !is_held(inner, name) {
                missing.push(format!("`\"{name}\": \"{{${field}}}\"`"));
                inner.push(named(name, NodeKind::Text(MacroText::of_macro(field)), place));
            }
        }
        if !missing.is_empty() {
            let message = "OneLogin needs `name.givenName` and `name.familyName` in the answer";
            self.warning("missing_name", "name", place, message, format!("add {}", missing.join(" and ")));
        }
    }
}
