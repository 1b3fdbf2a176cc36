//! Checks the macros of a template: each must be known and closed, and must not be in a name.

use super::path::Path;
use super::{Linter, Severity};
use crate::onelogin::macros::{Macro, misspelt, unclosed};
use crate::onelogin::tree::{MacroText, NodeKind, TextPiece, TreeMember, TreeNode};
use crate::syntax::Span;

/// The advice for an unknown macro that resembles no known one.
const DOCUMENTED: &str =
    "OneLogin documents `{$user.firstname}` and such, `{$user.custom_fields.NAME}` and `{$parameters.NAME}`";

impl Linter<'_> {
    /// Checks every macro, and corrects misspelt ones. A member whose name has a macro is removed.
    pub(super) fn macros(&mut self, root: TreeNode) -> TreeNode {
        self.macros_at(root, &Path::default())
    }

    fn macros_at(&mut self, node: TreeNode, path: &Path) -> TreeNode {
        let span = node.span;
        let kind = match node.kind {
            NodeKind::Text(text) => NodeKind::Text(self.macros_in(text, span, path)),
            NodeKind::Bare(found) => NodeKind::Bare(self.known(found, path)),
            NodeKind::List(elements) => {
                let of = |(index, element)| self.macros_at(element, &path.index(index));
                NodeKind::List(elements.into_iter().enumerate().map(of).collect())
            }
            NodeKind::Object(members) => {
                let mut kept = Vec::with_capacity(members.len());
                for member in members {
                    let path = path.member(&member.key.source());
                    if member.key.has_macros() {
                        let message = "a macro stands in a name: what attribute it names differs from person to person";
                        let cure = "name the attribute, and let a macro be its value";
                        self.error("macro_in_name", &path.text, member.key_span, message, cure);
                        continue;
                    }
                    kept.push(TreeMember { value: self.macros_at(member.value, &path), ..member });
                }
                NodeKind::Object(kept)
            }
            other => other,
        };
        TreeNode::new(kind, span)
    }

    fn macros_in(&mut self, text: MacroText, span: Span, path: &Path) -> MacroText {
        let mut pieces = Vec::with_capacity(text.0.len());
        for piece in text.0 {
            match piece {
                TextPiece::Macro(found) => pieces.push(TextPiece::Macro(self.known(found, path))),
                TextPiece::Literal(literal) => self.literal(&literal, span, path, &mut pieces),
            }
        }
        MacroText(pieces)
    }

    /// Returns the macro if it is known. An unknown macro is reported, and replaced by the known macro that was probably
    /// meant, if there is one.
    fn known(&mut self, found: Macro, path: &Path) -> Macro {
        if found.is_known() {
            return found;
        }
        let meant = found.suggestion();
        let message = format!("no macro has the name `{found}`");
        let cure = meant.as_ref().map_or_else(|| DOCUMENTED.to_owned(), |near| format!("write `{near}`"));
        self.report("unknown_macro", Severity::Error, &path.text, found.span, message, cure, meant.is_some());
        match meant.as_deref().and_then(|near| near.strip_prefix("{$")?.strip_suffix('}')) {
            Some(name) => Macro { name: name.to_owned(), span: found.span },
            None => found,
        }
    }

    /// Finds misspelt macros in a literal, and splits the literal at them. A macro may lack its end (`{$user.email`), its
    /// `$` (`{user.email}`) or its braces (`$user.email`), or have blanks (`{ $user.email }`).
    fn literal(&mut self, literal: &str, span: Span, path: &Path, pieces: &mut Vec<TextPiece>) {
        let mut rest = literal;
        let mut plain = String::new();
        while let Some(at) = rest.find(['{', '$']) {
            let (before, from) = rest.split_at(at);
            plain.push_str(before);
            // `unclosed` reports nothing: the parser has already reported the macro without its `}`.
            let found = unclosed(from).or_else(|| {
                let (name, length) = misspelt(from)?;
                let shown = from.get(..length).unwrap_or_default();
                let message = format!("`{shown}` is not a macro and is sent unchanged");
                let code =
                    if shown.contains('$') && !shown.starts_with("${") { "macro_misspelt" } else { "dollar_missing" };
                self.error(code, &path.text, span, message, format!("write `{{${name}}}`"));
                Some((name, length))
            });
            let Some((name, length)) = found else {
                let first = from.chars().next().map_or(0, char::len_utf8);
                plain.push_str(from.get(..first).unwrap_or_default());
                rest = from.get(first..).unwrap_or_default();
                continue;
            };
            if !plain.is_empty() {
                pieces.push(TextPiece::Literal(std::mem::take(&mut plain)));
            }
            pieces.push(TextPiece::Macro(Macro { name, span }));
            rest = from.get(length..).unwrap_or_default();
        }
        plain.push_str(rest);
        if !plain.is_empty() {
            pieces.push(TextPiece::Literal(plain));
        }
    }
}
