//! Reports the flaws that the parser noted in the text, such as a trailing comma.

use super::path::{Path, path_at};
use super::{Linter, Severity};
use crate::onelogin::macros::unclosed;
use crate::onelogin::parser::{Flaw, FlawKind};
use crate::onelogin::tree::TreeNode;

impl Linter<'_> {
    pub(super) fn slips(&mut self, flaws: &[Flaw], root: Option<&TreeNode>) {
        for flaw in flaws {
            let path = root.map(|root| path_at(root, flaw.span.start, &Path::default())).unwrap_or_default();
            self.slip(flaw, &path.text);
        }
    }

    fn slip(&mut self, flaw: &Flaw, path: &str) {
        let (code, cure) = match flaw.kind {
            FlawKind::NotJson => {
                let cure = "a template is one JSON object with macros in its strings";
                self.report("not_json", Severity::Error, path, flaw.span, flaw.message.as_str(), cure, false);
                return;
            }
            FlawKind::UnclosedMacro => {
                let meant = unclosed(flaw.span.slice(self.text)).map(|(name, _)| name);
                let cure = match &meant {
                    Some(name) => format!("write `{{${name}}}`"),
                    None => "end it with `}`".to_owned(),
                };
                let message = flaw.message.as_str();
                self.report("unclosed_macro", Severity::Error, path, flaw.span, message, cure, meant.is_some());
                return;
            }
            // `values.rs` reports a macro outside of quotes, because the cure depends on the type of the attribute.
            FlawKind::BareMacro => return,
            FlawKind::TrailingComma => ("trailing_comma", "remove it"),
            FlawKind::MissingComma => ("missing_comma", "add it"),
            FlawKind::Comment => ("comment", "remove it"),
            FlawKind::CurlyQuotes => ("typographic_quotes", "write `\"`"),
            FlawKind::ControlCharacter => ("control_character", "escape it"),
            FlawKind::BadEscape => ("bad_escape", "write `\\\\` for a backslash"),
            FlawKind::DuplicateKey | FlawKind::DuplicateCase => {
                ("duplicate_name", "remove one: of two with one name most readers take the last")
            }
        };
        self.error(code, path, flaw.span, flaw.message.as_str(), cure);
    }
}
