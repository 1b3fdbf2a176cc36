//! Compares the values of a template with the types of their attributes, and corrects them. The engine's reports cannot
//! replace these checks: a repair does not say which element of a list it concerns, and a refused body has no repairs. The
//! checks also choose the sample values with which `engine.rs` renders the macros.

use serde_json::Value;

use super::path::Path;
use super::{Linter, Severity};
use crate::coerce::coercer::Coercer;
use crate::coerce::request::RequestKind;
use crate::onelogin::macros::is_field;
use crate::onelogin::tree::{MacroText, NodeKind, TreeMember, TreeNode};
use crate::options::Options;
use crate::schema::{AttrRef, AttrType, Attribute, Mutability};
use crate::syntax::Span;

impl<'a> Linter<'a> {
    /// Checks the value of an attribute; returns none if the attribute must be removed.
    pub(super) fn attribute(
        &mut self,
        attribute: &'a Attribute,
        node: TreeNode,
        key: Span,
        path: &Path,
    ) -> Option<TreeNode> {
        if attribute.mutability == Mutability::ReadOnly {
            let message = "is set by the server: what a client sends is dropped";
            self.warning("read_only", &path.text, key, message, "remove it");
            return None;
        }
        let span = node.span;
        match (node.kind, attribute.multi_valued) {
            (NodeKind::List(elements), true) => {
                let elements = elements.into_iter().enumerate();
                let elements =
                    elements.filter_map(|(index, element)| self.value(attribute, element, &path.index(index)));
                let mut elements: Vec<_> = elements.collect();
                if attribute.sub_attribute("primary").is_some() {
                    self.one_primary(&mut elements, path);
                }
                Some(TreeNode::new(NodeKind::List(elements), span))
            }
            (NodeKind::List(mut elements), false) => {
                // Only a list of one value has a clear correction. The engine reports any other list.
                if !matches!(elements.as_slice(), [only] if !matches!(only.kind, NodeKind::List(_))) {
                    return Some(TreeNode::new(NodeKind::List(elements), span));
                }
                let message = "a list stands where one value is due";
                self.warning("list_for_single", &path.text, span, message, "remove the brackets");
                elements.pop().and_then(|only| self.value(attribute, only, path))
            }
            (kind, true) if kind != NodeKind::Null => {
                let value = self.value(attribute, TreeNode::new(kind, span), path)?;
                self.single_for_list(span, path);
                Some(TreeNode::new(NodeKind::List(vec![value]), span))
            }
            (kind, _) => self.value(attribute, TreeNode::new(kind, span), path),
        }
    }

    pub(super) fn single_for_list(&mut self, span: Span, path: &Path) {
        let message = "one value stands where a list is due";
        self.warning("single_for_list", &path.text, span, message, "put it into brackets: `[…]`");
    }

    fn one_primary(&mut self, elements: &mut [TreeNode], path: &Path) {
        let mut seen = false;
        for (index, element) in elements.iter_mut().enumerate() {
            let NodeKind::Object(members) = &mut element.kind else { continue };
            let is_primary = |member: &&mut TreeMember| {
                member.key.source() == "primary" && member.value.kind == NodeKind::Bool(true)
            };
            let Some(primary) = members.iter_mut().find(is_primary) else { continue };
            if std::mem::replace(&mut seen, true) {
                let path = path.index(index).member("primary");
                let message = "more than one element is primary";
                self.error("two_primaries", &path.text, primary.value.span, message, "write `false`");
                primary.value.kind = NodeKind::Bool(false);
            }
        }
    }

    /// Checks one value: that of a single-valued attribute, or an element of a list.
    fn value(&mut self, attribute: &'a Attribute, node: TreeNode, path: &Path) -> Option<TreeNode> {
        let TreeNode { kind, span } = self.quoted(attribute, node, path);
        let kind = match kind {
            NodeKind::Text(text) if text.is_blank() => {
                // A required attribute without a value is reported as missing instead.
                if !attribute.required {
                    let message = "a blank string says nothing";
                    self.warning("blank_value", &path.text, span, message, "remove it");
                }
                return None;
            }
            kind if !attribute.is_complex() => self.simple(attribute, kind, span, path),
            NodeKind::Object(members) if !members.is_empty() => {
                let members = self.sub_attributes(attribute, members, path);
                if members.is_empty() {
                    return None;
                }
                NodeKind::Object(members)
            }
            NodeKind::Text(text)
                if attribute.sub_attribute("value").is_some()
                    && (!text.source().starts_with('{') || text.has_macros()) =>
            {
                let message = "a string stands where an object is due";
                self.warning("string_for_complex", &path.text, span, message, "write `{\"value\": …}`");
                let sub = attribute.sub_attribute("value")?;
                let value = self.value(sub, TreeNode::new(NodeKind::Text(text), span), &path.member(&sub.name))?;
                NodeKind::Object(vec![TreeMember::new(&sub.name, value.kind, span)])
            }
            kind => kind,
        };
        Some(TreeNode::new(kind, span))
    }

    /// Puts a bare macro into quotes, unless `LintOptions::bare_booleans` is on and the attribute is a boolean or a number.
    fn quoted(&mut self, attribute: &Attribute, node: TreeNode, path: &Path) -> TreeNode {
        let NodeKind::Bare(found) = &node.kind else { return node };
        if self.options.bare_booleans && is_bare_type(attribute.attr_type) {
            return node;
        }
        let message = format!(
            "`{found}` stands outside of quotes: this is not JSON until it is replaced, and not even then for those who have no such value"
        );
        self.warning("bare_macro", &path.text, node.span, message, format!("write `\"{found}\"`"));
        TreeNode::new(NodeKind::Text(MacroText::of_macro(found.name())), node.span)
    }

    fn simple(&mut self, attribute: &'a Attribute, kind: NodeKind, span: Span, path: &Path) -> NodeKind {
        self.sample(attribute.attr_type, &kind);
        match kind {
            NodeKind::Text(text) if is_bare_type(attribute.attr_type) => self.quoted_value(attribute, text, span, path),
            NodeKind::Text(text) => NodeKind::Text(self.blank_join(text, span, path)),
            NodeKind::Bool(_) | NodeKind::Number(_) if attribute.attr_type == AttrType::String => {
                let text = span.slice(self.text);
                self.error("wrong_type", &path.text, span, "a string is due", format!("write `\"{text}\"`"));
                NodeKind::Text(MacroText::literal(text))
            }
            NodeKind::Object(mut members) if attribute.multi_valued && is_value_alone(&members) => {
                let message = "an object stands where a simple value is due";
                self.warning("list_for_single", &path.text, span, message, "write its `value` alone");
                let value = members.pop().map(|only| only.value);
                value.map_or(NodeKind::Null, |value| self.simple(attribute, value.kind, value.span, path))
            }
            kind => kind,
        }
    }

    /// Checks a string where a boolean or a number is expected.
    fn quoted_value(&mut self, attribute: &'a Attribute, mut text: MacroText, span: Span, path: &Path) -> NodeKind {
        let tolerance = &self.options.server.tolerance;
        let (code, what, is_read) = match attribute.attr_type {
            AttrType::Boolean => ("quoted_boolean", "a boolean", tolerance.boolean_strings),
            _ => ("quoted_number", "a number", tolerance.number_strings),
        };
        let is_status = text.only_macro().is_some_and(|found| found.name == "user.status");
        if is_status && attribute.attr_type == AttrType::Boolean {
            let message = "`{$user.status}` is a number such as 1, not `true` or `false`";
            self.error("status_for_boolean", &path.text, span, message, "write `{$user.active}`");
            text = MacroText::of_macro("user.active");
        }
        let Some(found) = text.only_macro().cloned() else {
            let Some(kind) = self.coerced(attribute, &text) else { return NodeKind::Text(text) };
            let value = TreeNode::new(kind, span);
            let cure = format!("write `{}`", value.pretty());
            self.warning(code, &path.text, span, format!("{what} stands in quotes"), cure);
            return value.kind;
        };
        let is_bare = self.options.bare_booleans;
        let severity = if is_read { Severity::Note } else { Severity::Error };
        let message = format!("OneLogin sends {what} in quotes: servers to the letter refuse it");
        let cure = if is_bare {
            format!("write `{found}` without quotes")
        } else {
            "have the server read it; OneLogin documents no macro outside of quotes".to_owned()
        };
        self.report(code, severity, &path.text, span, message, cure, is_bare);
        if is_bare { NodeKind::Bare(found) } else { NodeKind::Text(text) }
    }

    /// The boolean or number that the engine reads from a string; none if it reads neither.
    fn coerced(&self, attribute: &Attribute, text: &MacroText) -> Option<NodeKind> {
        let options = Options::default();
        let mut coercer = Coercer::new(self.resource_type, &options, RequestKind::Resource);
        match coercer.simple(AttrRef::new(None, attribute), &Value::String(text.source())).ok()?? {
            Value::Bool(value) => Some(NodeKind::Bool(value)),
            Value::Number(number) => Some(NodeKind::Number(number.to_string())),
            _ => None,
        }
    }

    /// Reports a text of macros with only blanks between them, such as `{$user.firstname} {$user.lastname}`: a person with
    /// neither value gets the blank alone.
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

    /// Chooses the sample value with which `engine.rs` renders a macro that is the whole value of an attribute. The sample
    /// has the type of the attribute.
    fn sample(&mut self, attr_type: AttrType, kind: &NodeKind) {
        let found = match kind {
            NodeKind::Bare(found) => Some(found),
            NodeKind::Text(text) => text.only_macro(),
            _ => None,
        };
        let sample = match attr_type {
            AttrType::String | AttrType::Complex => return,
            AttrType::Boolean => "true",
            AttrType::Decimal | AttrType::Integer => "7",
            AttrType::DateTime => "2026-01-05T08:00:00Z",
            AttrType::Binary => "QUJD",
            AttrType::Reference => "https://example.com/7",
        };
        // Documented fields such as `{$user.email}` get their samples from `Person::full`.
        if let Some(found) = found.filter(|found| !is_field(&found.name)) {
            self.samples.entry(found.name.clone()).or_insert(sample);
        }
    }
}

/// Whether the only member is `value`.
fn is_value_alone(members: &[TreeMember]) -> bool {
    matches!(members, [only] if only.is_named("value"))
}

/// Whether JSON writes values of this type without quotes.
fn is_bare_type(attr_type: AttrType) -> bool {
    matches!(attr_type, AttrType::Boolean | AttrType::Decimal | AttrType::Integer)
}
