//! A template as a tree: JSON with macros, each node with its span.

use serde_json::Value;

use super::macros::Macro;
use crate::syntax::Span;

#[derive(Debug, Clone, PartialEq)]
pub(super) struct TreeNode {
    pub span: Span,
    pub kind: NodeKind,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum NodeKind {
    Null,
    Bool(bool),
    /// The number as it was written, so that `1.50` stays `1.50`.
    Number(String),
    Text(MacroText),
    /// A macro outside of quotes.
    Bare(Macro),
    List(Vec<TreeNode>),
    Object(Vec<TreeMember>),
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct TreeMember {
    pub key: MacroText,
    /// The span of the key, with its quotes.
    pub key_span: Span,
    pub value: TreeNode,
}

/// A string: a sequence of literals and macros.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct MacroText(pub Vec<TextPiece>);

#[derive(Debug, Clone, PartialEq)]
pub(super) enum TextPiece {
    /// Text between macros, with JSON's escapes decoded.
    Literal(String),
    Macro(Macro),
}

impl MacroText {
    pub(super) fn literal(text: impl Into<String>) -> Self {
        Self(vec![TextPiece::Literal(text.into())])
    }

    pub(super) fn of_macro(name: &str) -> Self {
        Self(vec![TextPiece::Macro(Macro { name: name.to_owned(), span: Span::default() })])
    }

    pub(super) fn macros(&self) -> impl Iterator<Item = &Macro> {
        self.0.iter().filter_map(|piece| match piece {
            TextPiece::Macro(found) => Some(found),
            TextPiece::Literal(_) => None,
        })
    }

    pub(super) fn has_macros(&self) -> bool {
        self.macros().next().is_some()
    }

    /// The macro, if the text is one macro and nothing else.
    pub(super) fn only_macro(&self) -> Option<&Macro> {
        match self.0.as_slice() {
            [TextPiece::Macro(found)] => Some(found),
            _ => None,
        }
    }

    /// The text, with its macros as they were written.
    pub(super) fn source(&self) -> String {
        let mut text = String::new();
        for piece in &self.0 {
            match piece {
                TextPiece::Literal(literal) => text.push_str(literal),
                TextPiece::Macro(found) => text.push_str(&found.to_string()),
            }
        }
        text
    }

    /// Whether the text has nothing but macros and blanks.
    pub(super) fn is_macros_and_blanks(&self) -> bool {
        self.0.iter().all(|piece| match piece {
            TextPiece::Literal(literal) => literal.trim().is_empty(),
            TextPiece::Macro(_) => true,
        })
    }

    /// Whether the text is empty or blank, and has no macros.
    pub(super) fn is_blank(&self) -> bool {
        !self.has_macros() && self.source().trim().is_empty()
    }

    /// The text as a JSON string, with quotes and escapes.
    pub(super) fn quoted(&self) -> String {
        Value::String(self.source()).to_string()
    }
}

impl TreeMember {
    pub(super) fn new(name: &str, value: NodeKind, span: Span) -> Self {
        Self { key: MacroText::literal(name), key_span: span, value: TreeNode::new(value, span) }
    }

    /// Whether the member has this name, in any case.
    pub(super) fn is_named(&self, name: &str) -> bool {
        self.key.source().eq_ignore_ascii_case(name)
    }
}

impl TreeNode {
    pub(super) fn new(kind: NodeKind, span: Span) -> Self {
        Self { span, kind }
    }

    pub(super) fn text(&self) -> Option<&MacroText> {
        match &self.kind {
            NodeKind::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Whether the node has no value: `null` or `[]`.
    pub(super) fn is_unassigned(&self) -> bool {
        match &self.kind {
            NodeKind::Null => true,
            NodeKind::List(elements) => elements.is_empty(),
            _ => false,
        }
    }

    /// The node as JSON over several lines, without a final line break.
    pub(super) fn pretty(&self) -> String {
        let mut out = String::new();
        self.write(&mut out, 0);
        out
    }

    fn write(&self, out: &mut String, level: usize) {
        let line = |out: &mut String, level: usize| {
            out.push('\n');
            out.extend(std::iter::repeat_n("  ", level));
        };
        match &self.kind {
            NodeKind::Null => out.push_str("null"),
            NodeKind::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            NodeKind::Number(number) => out.push_str(number),
            NodeKind::Text(text) => out.push_str(&text.quoted()),
            NodeKind::Bare(found) => out.push_str(&found.to_string()),
            NodeKind::List(elements) if elements.is_empty() => out.push_str("[]"),
            NodeKind::Object(members) if members.is_empty() => out.push_str("{}"),
            NodeKind::List(elements) => {
                out.push('[');
                for (index, element) in elements.iter().enumerate() {
                    out.push_str(if index > 0 { "," } else { "" });
                    line(out, level + 1);
                    element.write(out, level + 1);
                }
                line(out, level);
                out.push(']');
            }
            NodeKind::Object(members) => {
                out.push('{');
                for (index, member) in members.iter().enumerate() {
                    out.push_str(if index > 0 { "," } else { "" });
                    line(out, level + 1);
                    out.push_str(&member.key.quoted());
                    out.push_str(": ");
                    member.value.write(out, level + 1);
                }
                line(out, level);
                out.push('}');
            }
        }
    }
}
