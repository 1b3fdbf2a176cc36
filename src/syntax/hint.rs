//! Hints for common mistakes: what to write instead.

use super::ast::CompareOp;
use super::expected::Expected;
use super::lexer;
use super::span::Span;
use crate::suggest::nearest;

/// Operators of other query languages, and the SCIM operators that correspond to them.
const SYNONYMS: &[(&str, &str)] = &[
    ("=", "eq"),
    ("==", "eq"),
    ("===", "eq"),
    ("is", "eq"),
    ("equals", "eq"),
    ("equal", "eq"),
    ("!=", "ne"),
    ("<>", "ne"),
    ("neq", "ne"),
    (">", "gt"),
    (">=", "ge"),
    ("gte", "ge"),
    ("<", "lt"),
    ("<=", "le"),
    ("lte", "le"),
    ("contains", "co"),
    ("like", "co"),
    ("includes", "co"),
    ("startswith", "sw"),
    ("beginswith", "sw"),
    ("endswith", "ew"),
    ("exists", "pr"),
    ("present", "pr"),
    ("&&", "and"),
    ("&", "and"),
    ("||", "or"),
    ("|", "or"),
];

/// The hint for the error at the span `at`, if the mistake is a known one.
pub(super) fn hint(expected: &Expected, text: &str, at: Span, is_path: bool) -> Option<String> {
    let found = at.slice(text);
    match expected {
        Expected::Value => value_hint(found),
        Expected::Operator => operator_hint(text, at),
        Expected::AndOr => and_or_hint(found),
        Expected::NotGroup => Some("write `not (…)`".to_owned()),
        Expected::AttrName if is_path && found.bytes().all(|byte| byte.is_ascii_digit()) && !found.is_empty() => {
            Some("elements have no index; choose them by a filter such as `[type eq \"work\"]`".to_owned())
        }
        Expected::AttrName if found.starts_with('!') => Some("negation is written `not (…)`".to_owned()),
        Expected::AttrName if found.starts_with(|c| c == '"' || lexer::is_other_quote(c)) => {
            Some("an attribute stands without quotes, on the left of the operator".to_owned())
        }
        Expected::AttrName if found.starts_with('/') => Some("SCIM paths use `.`, not `/`".to_owned()),
        Expected::NoNestedBrackets => {
            Some("inside brackets, compare sub-attributes directly and join them by `and`".to_owned())
        }
        _ => None,
    }
}

fn value_hint(found: &str) -> Option<String> {
    if found.starts_with(lexer::is_other_quote) {
        let bare = shorten(found.trim_matches(lexer::is_other_quote));
        return Some(format!("strings stand in plain double quotes: \"{bare}\""));
    }
    for literal in ["true", "false", "null"] {
        if found.eq_ignore_ascii_case(literal) {
            return Some(format!("write `{literal}` in lower case"));
        }
    }
    match found {
        "" | "(" | ")" | "[" | "]" => None,
        _ if found.starts_with(['+', '.', '0']) && found.parse::<f64>().is_ok() => {
            Some("numbers are written as in JSON: `5`, `0.5`, `-1`".to_owned())
        }
        _ => Some(format!("strings stand in double quotes: \"{}\"", shorten(found))),
    }
}

fn operator_hint(text: &str, at: Span) -> Option<String> {
    let found = at.slice(text);
    // In `userName=="x"` the error is at `userName==`, so the operator is looked for after the letters and digits.
    let signs = found.trim_start_matches(|c: char| c.is_alphanumeric());
    let sign: String = signs.chars().take_while(|c| c.is_ascii_punctuation() && *c != '\'').collect();
    if let Some((_, right)) =
        SYNONYMS.iter().find(|(wrong, _)| wrong.eq_ignore_ascii_case(found) || (!sign.is_empty() && *wrong == sign))
    {
        return Some(format!("write `{right}` with a blank on both sides"));
    }
    let word = lexer::letters(found).map_or("", |(_, word)| word);
    if word.eq_ignore_ascii_case("in") {
        return Some("write `a eq \"x\" or a eq \"y\"`".to_owned());
    }
    nearest_operator(word).map(|op| format!("did you mean `{op}`?"))
}

fn and_or_hint(found: &str) -> Option<String> {
    let sign: String = found.chars().take_while(|c| matches!(c, '&' | '|')).collect();
    let (_, right) = SYNONYMS.iter().find(|(wrong, _)| *wrong == sign)?;
    Some(format!("write `{right}`"))
}

fn nearest_operator(word: &str) -> Option<&'static str> {
    let is_short = !word.is_empty() && word.len() <= 4;
    is_short.then(|| nearest(word, CompareOp::ALL.iter().map(|op| op.as_str()).chain(["pr"])))?
}

fn shorten(found: &str) -> String {
    let mut text: String = found.chars().take(40).collect();
    if text.len() < found.len() {
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use crate::syntax::{Filter, PatchPath};

    fn of_filter(text: &str) -> Option<String> {
        Filter::parse(text).unwrap_err().hint().map(str::to_owned)
    }

    fn of_path(text: &str) -> Option<String> {
        PatchPath::parse(text).unwrap_err().hint().map(str::to_owned)
    }

    #[test]
    fn known_mistakes() {
        for (text, hint) in [
            ("title == \"a\"", "write `eq` with a blank on both sides"),
            ("title=\"a\"", "write `eq` with a blank on both sides"),
            ("title ='a'", "write `eq` with a blank on both sides"),
            ("title IS \"a\"", "write `eq` with a blank on both sides"),
            ("title contains \"a\"", "write `co` with a blank on both sides"),
            ("title in (\"a\")", "write `a eq \"x\" or a eq \"y\"`"),
            ("title qe \"a\"", "did you mean `eq`?"),
            ("title eq ‘a’", "strings stand in plain double quotes: \"a\""),
            ("title eq +5", "numbers are written as in JSON: `5`, `0.5`, `-1`"),
            ("title eq .5", "numbers are written as in JSON: `5`, `0.5`, `-1`"),
            ("title eq 05", "numbers are written as in JSON: `5`, `0.5`, `-1`"),
            ("title eq +x", "strings stand in double quotes: \"+x\""),
            ("title eq a", "strings stand in double quotes: \"a\""),
            ("title pr && title pr", "write `and`"),
            ("title pr | title pr", "write `or`"),
            ("not title pr", "write `not (…)`"),
            ("!title pr", "negation is written `not (…)`"),
            ("\"title\" eq \"a\"", "an attribute stands without quotes, on the left of the operator"),
            ("“title” eq \"a\"", "an attribute stands without quotes, on the left of the operator"),
            ("/title eq \"a\"", "SCIM paths use `.`, not `/`"),
            ("a[b[c pr]]", "inside brackets, compare sub-attributes directly and join them by `and`"),
        ] {
            assert_eq!(of_filter(text).as_deref(), Some(hint), "{text}");
        }
        let index = "elements have no index; choose them by a filter such as `[type eq \"work\"]`";
        assert_eq!(of_path("emails[0]").as_deref(), Some(index));
        let long = of_filter(&format!("title eq {}", "a".repeat(41))).unwrap();
        assert_eq!(long, format!("strings stand in double quotes: \"{}…\"", "a".repeat(40)));
        assert!(!of_filter(&format!("title eq {}", "a".repeat(40))).unwrap().contains('…'));
    }

    #[test]
    fn other_mistakes() {
        for text in [
            "title ~~ \"a\"",
            "title abcde \"a\"",
            "title",
            "title eq",
            "title eq )",
            "*a pr",
            "title pr ; a pr",
            "0 pr",
        ] {
            assert_eq!(of_filter(text), None, "{text}");
        }
        for text in ["emails[*]", "emails[]", "*a", ""] {
            assert_eq!(of_path(text), None, "{text}");
        }
    }
}
