//! Parses the text of a template into a tree. A JSON parser does not fit: macros may stand outside of quotes, and the report
//! should name every slip that an administrator made, with its place, and not only the first. A slip that can mean only one
//! thing, such as a trailing comma, is read with that meaning and noted as a [`Flaw`].

use std::collections::HashMap;
use std::fmt::Write as _;

use serde_json::Number;

use super::macros::{MacroMatch, scan};
use super::tree::{MacroText, NodeKind, TextPiece, TreeMember, TreeNode};
use crate::syntax::Span;

/// The most levels of nested objects and lists: the limit of the engine for a body.
const MAX_DEPTH: usize = 64;
/// The most members of an object: the limit of the engine for a body.
const MAX_MEMBERS: usize = 1_000;
/// The most flaws that are noted. More are dropped, because a text with this many is not a template; only `NotJson` is
/// always noted.
const MAX_FLAWS: usize = 200;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FlawKind {
    /// The text cannot be understood; reading ends here.
    NotJson,
    TrailingComma,
    MissingComma,
    Comment,
    CurlyQuotes,
    ControlCharacter,
    BadEscape,
    DuplicateKey,
    /// A name that is given twice in different case, such as `title` and `Title`.
    DuplicateCase,
    BareMacro,
    UnclosedMacro,
}

#[derive(Debug, Clone)]
pub(super) struct Flaw {
    pub kind: FlawKind,
    pub span: Span,
    pub message: String,
}

/// The result of parsing. If the text is not a template, `root` is none, and a flaw `NotJson` says why.
pub(super) struct ParsedTemplate {
    pub root: Option<TreeNode>,
    pub flaws: Vec<Flaw>,
}

pub(super) fn parse(text: &str) -> ParsedTemplate {
    let mut parser = TemplateParser { text, at: 0, flaws: Vec::new() };
    let root = parser.root();
    if root.is_none() && !parser.flaws.iter().any(|flaw| flaw.kind == FlawKind::NotJson) {
        parser.note(FlawKind::NotJson, Span::new(0, 0), "this is not a template");
    }
    ParsedTemplate { root, flaws: parser.flaws }
}

struct TemplateParser<'a> {
    text: &'a str,
    at: usize,
    flaws: Vec<Flaw>,
}

const QUOTES: [char; 4] = ['\u{201c}', '\u{201d}', '\u{201e}', '\u{201f}'];

impl<'a> TemplateParser<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn here(&self) -> Span {
        Span::new(self.at, self.at + self.peek().map_or(0, char::len_utf8))
    }

    fn note(&mut self, kind: FlawKind, span: Span, message: impl Into<String>) {
        if self.flaws.len() < MAX_FLAWS || kind == FlawKind::NotJson {
            self.flaws.push(Flaw { kind, span, message: message.into() });
        }
    }

    /// Notes that the text cannot be understood. The callers return the `None`, which ends the parsing.
    fn fail<T>(&mut self, span: Span, message: impl Into<String>) -> Option<T> {
        self.note(FlawKind::NotJson, span, message);
        None
    }

    fn expected<T>(&mut self, what: &str) -> Option<T> {
        let found = self.peek().map_or_else(
            || "the end of the text".to_owned(),
            |c| match c {
                '"' | '\'' => format!("`{c}`"),
                other => format!("`{}`", other.escape_debug()),
            },
        );
        self.fail(self.here(), format!("expected {what}, found {found}"))
    }

    fn take(&mut self, c: char) -> bool {
        let is_there = self.peek() == Some(c);
        self.at += if is_there { c.len_utf8() } else { 0 };
        is_there
    }

    fn blanks(&mut self) {
        loop {
            let rest = self.rest();
            self.at += rest.len() - rest.trim_start_matches([' ', '\t', '\r', '\n']).len();
            let rest = self.rest();
            let end = if rest.starts_with("//") {
                rest.find('\n').unwrap_or(rest.len())
            } else if rest.starts_with("/*") {
                rest.find("*/").map_or(rest.len(), |end| end + 2)
            } else {
                return;
            };
            self.note(FlawKind::Comment, Span::new(self.at, self.at + end), "JSON has no comments");
            self.at += end;
        }
    }

    fn root(&mut self) -> Option<TreeNode> {
        self.blanks();
        if self.peek().is_none() {
            return self.fail(Span::new(0, 0), "there is nothing in it");
        }
        if !self.rest().starts_with('{') || self.rest().starts_with("{$") {
            return self.expected("an object in braces");
        }
        let root = self.value(0)?;
        self.blanks();
        if self.peek().is_some() { self.expected("the end of the text") } else { Some(root) }
    }

    fn value(&mut self, depth: usize) -> Option<TreeNode> {
        let start = self.at;
        let rest = self.rest();
        let kind = match self.peek() {
            Some('{') if rest.starts_with("{$") => NodeKind::Bare(self.bare()?),
            Some('{' | '[') if depth >= MAX_DEPTH => {
                return self.fail(self.here(), format!("nested too deep: at most {MAX_DEPTH} levels are read"));
            }
            Some('{') => NodeKind::Object(self.object(depth + 1)?),
            Some('[') => NodeKind::List(self.list(depth + 1)?),
            Some(c) if c == '"' || QUOTES.contains(&c) => NodeKind::Text(self.string()?),
            Some('\'') => return self.fail(self.here(), "strings stand in double quotes"),
            Some(c) if c == '-' || c.is_ascii_digit() => NodeKind::Number(self.number()?),
            _ => match ["null", "true", "false"].into_iter().find(|word| self.is_word(word)) {
                Some(word) => {
                    self.at += word.len();
                    if word == "null" { NodeKind::Null } else { NodeKind::Bool(word == "true") }
                }
                None => return self.expected("a value"),
            },
        };
        Some(TreeNode::new(kind, Span::new(start, self.at)))
    }

    fn is_word(&self, word: &str) -> bool {
        self.rest()
            .strip_prefix(word)
            .is_some_and(|after| !after.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
    }

    fn number(&mut self) -> Option<String> {
        let rest = self.rest();
        let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
        let text = rest.get(..rest.find(|c| !is_part(c)).unwrap_or(rest.len())).unwrap_or_default();
        let span = Span::new(self.at, self.at + text.len());
        if serde_json::from_str::<Number>(text).is_err() {
            return self.fail(span, format!("`{}` is not a number", short(text)));
        }
        self.at = span.end;
        Some(text.to_owned())
    }

    fn object(&mut self, depth: usize) -> Option<Vec<TreeMember>> {
        let mut members = Vec::new();
        let mut names: HashMap<String, String> = HashMap::new();
        self.at += 1;
        loop {
            if !self.next_item('}', "a name in double quotes", !members.is_empty())? {
                return Some(members);
            }
            let start = self.at;
            let key = match self.peek() {
                Some(c) if c == '"' || QUOTES.contains(&c) => self.string()?,
                Some('{') if self.rest().starts_with("{$") => MacroText(vec![TextPiece::Macro(self.bare()?)]),
                _ => return self.expected("a name in double quotes"),
            };
            let key_span = Span::new(start, self.at);
            self.blanks();
            if !self.take(':') {
                return self.expected("a colon after the name");
            }
            self.blanks();
            let source = key.source();
            if let Some(before) = names.insert(source.to_ascii_lowercase(), source.clone()) {
                let (kind, how) = if before == source {
                    (FlawKind::DuplicateKey, "")
                } else {
                    (FlawKind::DuplicateCase, ", in different case")
                };
                self.note(kind, key_span, format!("the name `{}` is given twice{how}", short(&source)));
            }
            if members.len() >= MAX_MEMBERS {
                return self
                    .fail(key_span, format!("an object has too many members: at most {MAX_MEMBERS} are allowed"));
            }
            let value = self.value(depth)?;
            members.push(TreeMember { key, key_span, value });
        }
    }

    fn list(&mut self, depth: usize) -> Option<Vec<TreeNode>> {
        let mut elements = Vec::new();
        self.at += 1;
        while self.next_item(']', "a value", !elements.is_empty())? {
            elements.push(self.value(depth)?);
        }
        Some(elements)
    }

    /// Moves to the next member or element. Returns false at the end of the object or list. `is_later` is true after the
    /// first member or element.
    fn next_item(&mut self, end: char, what: &str, is_later: bool) -> Option<bool> {
        self.blanks();
        let mut comma = None;
        while self.peek() == Some(',') {
            let span = self.here();
            if comma.is_some() || !is_later {
                self.note(FlawKind::TrailingComma, span, "a comma too many");
            }
            comma = Some(span);
            self.at += 1;
            self.blanks();
        }
        if self.take(end) {
            if let Some(comma) = comma.filter(|_| is_later) {
                self.note(FlawKind::TrailingComma, comma, format!("a comma before `{end}`"));
            }
            return Some(false);
        }
        if comma.is_none() && is_later {
            let is_item = self.peek().is_some_and(|c| c == '"' || QUOTES.contains(&c) || (end == ']' && c == '{'));
            if !is_item {
                return self.expected(&format!("a comma or `{end}`"));
            }
            self.note(FlawKind::MissingComma, self.here(), format!("a comma is missing before {what}"));
        }
        Some(true)
    }

    /// Reads a macro outside of quotes.
    fn bare(&mut self) -> Option<super::Macro> {
        let rest = self.rest();
        // Scans only up to the first `}` or line end: a line may have thousands of macros, and scanning the rest of the line
        // for each of them would take quadratic time.
        let end = rest.find(['}', '\n']).map_or(rest.len(), |end| end + 1);
        let Some(MacroMatch::Closed(found)) = scan(rest.get(..end).unwrap_or_default(), self.at).into_iter().next()
        else {
            return self.fail(self.here(), "this macro has no end: it is written `{$user.email}`");
        };
        self.at = found.span.end;
        let message = format!("the macro `{found}` stands outside of quotes: until it is replaced this is not JSON");
        self.note(FlawKind::BareMacro, found.span, message);
        Some(found)
    }

    fn string(&mut self) -> Option<MacroText> {
        let start = self.at;
        let is_curly = !self.rest().starts_with('"');
        let is_end = |c: char| c == '"' || (is_curly && QUOTES.contains(&c));
        let open = self.peek().map_or(0, char::len_utf8);
        let inner_start = start + open;
        let inner = self.text.get(inner_start..).unwrap_or_default();
        let mut is_escaped = false;
        let mut end = None;
        for (at, c) in inner.char_indices() {
            if c == '\n' {
                break;
            }
            if !is_escaped && is_end(c) {
                end = Some((at, c.len_utf8()));
                break;
            }
            is_escaped = c == '\\' && !is_escaped;
        }
        let Some((length, close)) = end else {
            let message =
                "this string does not end on its line: a quote is missing, or a line end must be written `\\n`";
            return self.fail(Span::new(start, start + open), message);
        };
        let inner = inner.get(..length).unwrap_or_default();
        self.at = inner_start + length + close;
        if is_curly || !self.text.get(..self.at).is_some_and(|text| text.ends_with('"')) {
            let message = "these are typographic quotes: JSON has straight ones";
            self.note(FlawKind::CurlyQuotes, Span::new(start, self.at), message);
        }
        Some(self.pieces(inner, inner_start))
    }

    /// Splits the text between quotes into literals and macros.
    fn pieces(&mut self, inner: &str, base: usize) -> MacroText {
        let mut pieces = Vec::new();
        let mut from = 0;
        for found in scan(inner, base) {
            match found {
                MacroMatch::Closed(found) => {
                    let (start, end) = (found.span.start - base, found.span.end - base);
                    self.literal(inner.get(from..start).unwrap_or_default(), base + from, &mut pieces);
                    pieces.push(TextPiece::Macro(found));
                    from = end;
                }
                // An unclosed macro stays part of the following literal, so `from` does not move.
                MacroMatch::Unclosed(span) => {
                    let message = format!("the macro `{}` has no `}}`", short(span.slice(self.text)));
                    self.note(FlawKind::UnclosedMacro, span, message);
                }
            }
        }
        self.literal(inner.get(from..).unwrap_or_default(), base + from, &mut pieces);
        MacroText(pieces)
    }

    fn literal(&mut self, raw: &str, at: usize, pieces: &mut Vec<TextPiece>) {
        if raw.is_empty() {
            return;
        }
        let span = Span::new(at, at + raw.len());
        let mut escaped = raw.to_owned();
        if raw.contains(|c: char| c < ' ') {
            self.note(FlawKind::ControlCharacter, span, "a control character must be escaped, as in `\\t`");
            escaped = String::new();
            for c in raw.chars() {
                if c < ' ' {
                    // Writing to a String cannot fail.
                    let _ = write!(escaped, "\\u{:04x}", u32::from(c));
                } else {
                    escaped.push(c);
                }
            }
        }
        let literal = serde_json::from_str(&format!("\"{escaped}\"")).unwrap_or_else(|_| {
            self.note(FlawKind::BadEscape, span, format!("`{}` has an escape that JSON does not know", short(raw)));
            raw.to_owned()
        });
        pieces.push(TextPiece::Literal(literal));
    }
}

/// A text for a message, cut if it is long.
pub(super) fn short(text: &str) -> String {
    const MOST: usize = 60;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flaws(text: &str) -> Vec<(FlawKind, &str)> {
        parse(text).flaws.into_iter().map(|flaw| (flaw.kind, flaw.span.slice(text))).collect()
    }

    #[test]
    fn json_is_read_as_it_is() {
        let text = r#"{"a": [1.50, -2e3, true, null, "x\u00e9\"{$user.id}y"], "b": {}, "c": []}"#;
        let parsed = parse(text);
        assert!(parsed.flaws.is_empty(), "{:?}", parsed.flaws);
        let again = super::parse(&parsed.root.unwrap().pretty());
        let text = again.root.unwrap().pretty();
        assert!(text.contains("1.50") && text.contains(r#""xé\"{$user.id}y""#), "{text}");
    }

    #[test]
    fn slips_that_mean_one_thing() {
        use FlawKind::*;
        assert_eq!(flaws(r#"{"a": 1,}"#), [(TrailingComma, ",")]);
        assert_eq!(flaws(r#"{"a": [,1,,2,], "b": [,]}"#).len(), 4);
        assert_eq!(flaws("{\"a\": \"1\"\n\"b\": [\"x\" \"y\"]}"), [(MissingComma, "\""), (MissingComma, "\"")]);
        assert_eq!(flaws(r#"{"a": {$user.active}}"#), [(BareMacro, "{$user.active}")]);
        assert_eq!(flaws(r#"{"a": "{$user.active"}"#), [(UnclosedMacro, "{$user.active")]);
        assert_eq!(flaws("{\u{201c}a\u{201d}: \"x\"}"), [(CurlyQuotes, "\u{201c}a\u{201d}")]);
        assert_eq!(flaws("{\"a\": \"x\ty\"}"), [(ControlCharacter, "x\ty")]);
        assert_eq!(flaws(r#"{"a": "x\$"}"#), [(BadEscape, r"x\$")]);
        assert_eq!(flaws("{\"a\": 1, // one\n\"a\": 2, \"A\": 3}").len(), 3);
    }

    #[test]
    fn what_is_no_template() {
        for text in [
            "",
            " ",
            "[]",
            "{",
            "{\"a\"",
            "{\"a\":",
            "{\"a\":1",
            "{a: 1}",
            "{'a': 1}",
            "{\"a\": 'x'}",
            "{\"a\": tru}",
            "{\"a\": 1x}",
            "{\"a\": 01}",
            "{\"a\": \"x\n\"}",
            "{} {}",
            "{$user.email}",
            "{\"a\": {$user.email}",
            "nul",
            "{\"a\": {$",
            "{\"a\" 1}",
            "{\"a\": 1 2}",
            "\u{feff}{}",
        ] {
            let parsed = parse(text);
            assert!(parsed.root.is_none(), "{text}");
            assert_eq!(parsed.flaws.last().unwrap().kind, FlawKind::NotJson, "{text}");
        }
        let deep = format!("{{\"a\":{}1{}}}", "[".repeat(100_000), "]".repeat(100_000));
        assert!(parse(&deep).flaws.last().unwrap().message.contains("too deep"));
    }
}
