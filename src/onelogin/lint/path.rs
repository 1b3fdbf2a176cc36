//! The paths of nodes, and the nodes at a path.

use crate::onelogin::tree::{NodeKind, TreeNode};
use crate::syntax::Span;

/// The place of a node: `emails[0].value`, `urn:…:User:manager.value`.
#[derive(Debug, Clone, Default)]
pub(super) struct Path {
    pub text: String,
    /// The path without indexes, as the engine names attributes: `emails.value`.
    pub attribute: String,
    /// Whether the path is that of an extension's object. A colon follows it, not a dot: `urn:…:User:manager`.
    is_urn: bool,
}

impl Path {
    pub(super) fn member(&self, name: &str) -> Self {
        if self.text.is_empty() {
            let is_urn = name.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("urn:"));
            return Self { text: name.to_owned(), attribute: name.to_owned(), is_urn };
        }
        let dot = if self.is_urn { ':' } else { '.' };
        let attribute = format!("{}{dot}{name}", self.attribute);
        Self { text: format!("{}{dot}{name}", self.text), attribute, is_urn: false }
    }

    pub(super) fn index(&self, index: usize) -> Self {
        Self { text: format!("{}[{index}]", self.text), attribute: self.attribute.clone(), is_urn: false }
    }
}

/// The path of the deepest node that contains the byte `at`.
pub(super) fn path_at(node: &TreeNode, at: usize, path: &Path) -> Path {
    let holds = |span: Span| span.start <= at && at < span.end;
    match &node.kind {
        NodeKind::List(elements) => {
            let found = elements.iter().enumerate().find(|(_, element)| holds(element.span));
            found.map_or_else(|| path.clone(), |(index, element)| path_at(element, at, &path.index(index)))
        }
        NodeKind::Object(members) => {
            let found = members.iter().find(|member| holds(member.key_span) || holds(member.value.span));
            found.map_or_else(|| path.clone(), |member| path_at(&member.value, at, &path.member(&member.key.source())))
        }
        _ => path.clone(),
    }
}

/// All places of an attribute in the template. `attribute` is a path without indexes, as the engine reports it:
/// `emails.value`. Each place has a span: that of the key if the value is an object or a list, and otherwise that of the
/// value.
pub(super) fn places(node: &TreeNode, attribute: &str) -> Vec<(Path, Span)> {
    let mut found = Vec::new();
    collect(node, &Path::default(), node.span, attribute, &mut found);
    found
}

fn collect(node: &TreeNode, path: &Path, span: Span, attribute: &str, found: &mut Vec<(Path, Span)>) {
    if path.attribute.eq_ignore_ascii_case(attribute) && !path.text.is_empty() {
        found.push((path.clone(), span));
        return;
    }
    match &node.kind {
        NodeKind::List(elements) => {
            for (index, element) in elements.iter().enumerate() {
                collect(element, &path.index(index), element.span, attribute, found);
            }
        }
        NodeKind::Object(members) => {
            for member in members {
                let is_simple = !matches!(member.value.kind, NodeKind::List(_) | NodeKind::Object(_));
                let span = if is_simple { member.value.span } else { member.key_span };
                collect(&member.value, &path.member(&member.key.source()), span, attribute, found);
            }
        }
        _ => {}
    }
}

/// Removes an attribute from all its places.
pub(super) fn remove(node: &mut TreeNode, path: &Path, attribute: &str) {
    match &mut node.kind {
        NodeKind::List(elements) => elements.iter_mut().for_each(|element| remove(element, path, attribute)),
        NodeKind::Object(members) => {
            let of = |name: &str| path.member(name);
            members.retain(|member| !of(&member.key.source()).attribute.eq_ignore_ascii_case(attribute));
            for member in members {
                let path = of(&member.key.source());
                remove(&mut member.value, &path, attribute);
            }
        }
        _ => {}
    }
}
