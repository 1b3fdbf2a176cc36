//! A template as a tree: JSON with macros, each node with its span.

use serde_json::Value;

use super::macros::Macro;
use crate::syntax::Span;

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Node {
    pub span: Span,
    pub kind: Kind,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    Null,
    Bool(bool),
    /// As it was written, so that nothing is lost.
    Number(String),
    Text(Text),
    /// A macro outside of quotes.
    Bare(Macro),
    List(Vec<Node>),
    Object(Vec<Member>),
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Member {
    pub key: Text,
    /// With its quotes.
    pub key_span: Span,
    pub value: Node,
}

/// A string: a sequence of literals and macros.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Text(pub Vec<Piece>);

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Piece {
    /// Without the escapes of JSON.
    Literal(String),
    Macro(Macro),
}

impl Text {
    pub(super) fn literal(text: impl Into<String>) -> Self {
        Self(vec![Piece::Literal(text.into())])
    }

    pub(super) fn of_macro(name: &str) -> Self {
        Self(vec![Piece::Macro(Macro { name: name.to_owned(), span: Span::default() })])
    }

    pub(super) fn macros(&self) -> impl Iterator<Item = &Macro> {
        self.0.iter().filter_map(|piece| match piece {
            Piece::Macro(found) => Some(found),
            Piece::Literal(_) => None,
        })
    }

    pub(super) fn has_macros(&self) -> bool {
        self.macros().next().is_some()
    }

    /// The only piece, if that is a macro.
    pub(super) fn only_macro(&self) -> Option<&Macro> {
        match self.0.as_slice() {
            [Piece::Macro(found)] => Some(found),
            _ => None,
        }
    }

    /// The text, with its macros as they were written.
    pub(super) fn source(&self) -> String {
        let mut text = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Literal(literal) => text.push_str(literal),
                Piece::Macro(found) => text.push_str(&found.to_string()),
            }
        }
        text
    }

    /// Whether it has only macros, and blanks between them.
    pub(super) fn is_macros_and_blanks(&self) -> bool {
        self.0.iter().all(|piece| match piece {
            Piece::Literal(literal) => literal.trim().is_empty(),
            Piece::Macro(_) => true,
        })
    }

    /// Whether it is empty or blank, and has no macros.
    pub(super) fn is_blank(&self) -> bool {
        !self.has_macros() && self.source().trim().is_empty()
    }

    /// The text in quotes, escaped.
    pub(super) fn quoted(&self) -> String {
        Value::String(self.source()).to_string()
    }
}

impl Node {
    pub(super) fn new(kind: Kind, span: Span) -> Self {
        Self { span, kind }
    }

    pub(super) fn text(&self) -> Option<&Text> {
        match &self.kind {
            Kind::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Whether the node has no value: `null` or `[]`.
    pub(super) fn is_unassigned(&self) -> bool {
        match &self.kind {
            Kind::Null => true,
            Kind::List(elements) => elements.is_empty(),
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
            Kind::Null => out.push_str("null"),
            Kind::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Kind::Number(number) => out.push_str(number),
            Kind::Text(text) => out.push_str(&text.quoted()),
            Kind::Bare(found) => out.push_str(&found.to_string()),
            Kind::List(elements) if elements.is_empty() => out.push_str("[]"),
            Kind::Object(members) if members.is_empty() => out.push_str("{}"),
            Kind::List(elements) => {
                out.push('[');
                for (index, element) in elements.iter().enumerate() {
                    out.push_str(if index > 0 { "," } else { "" });
                    line(out, level + 1);
                    element.write(out, level + 1);
                }
                line(out, level);
                out.push(']');
            }
            Kind::Object(members) => {
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
