//! Strings under Unicode simple case folding (F5, F6): no locale, no normalisation. The second argument of each function
//! is folded already, once, when the filter is compiled.

use std::cmp::Ordering;

/// One character folded.
fn fold_char(c: char) -> char {
    if c.is_ascii() {
        return c.to_ascii_lowercase();
    }
    unicode_case_mapping::case_folded(c).and_then(|folded| char::from_u32(folded.get())).unwrap_or(c)
}

/// A string under Unicode simple case folding, by which the engine compares strings that are not `caseExact` (RFC 7643
/// §2.2): no locale, no normalisation, the same number of characters. It is what an index column should hold, beside a
/// look-up by [`Matcher::equalities`](crate::Matcher::equalities).
///
/// ```
/// use scim_engine::fold;
/// assert_eq!(fold("BJensen"), "bjensen");
/// assert_eq!(fold("ΣΊΣΥΦΟΣ"), fold("σίσυφος"));
/// assert_ne!(fold("STRASSE"), fold("straße"));
/// ```
pub fn fold(text: &str) -> String {
    if text.is_ascii() { text.to_ascii_lowercase() } else { text.chars().map(fold_char).collect() }
}

fn folded(text: &str) -> impl DoubleEndedIterator<Item = char> + '_ {
    text.chars().map(fold_char)
}

/// `eq`.
pub(crate) fn eq(text: &str, literal: &str) -> bool {
    // What is folded already folds to itself, so that this tells of any text that they are equal.
    text.eq_ignore_ascii_case(literal) || !text.is_ascii() && folded(text).eq(literal.chars())
}

/// Order by code point.
pub(crate) fn cmp(text: &str, literal: &str) -> Ordering {
    folded(text).cmp(literal.chars())
}

/// `sw`.
pub(crate) fn starts_with(text: &str, literal: &str) -> bool {
    if text.is_ascii() {
        return text.get(..literal.len()).is_some_and(|start| start.eq_ignore_ascii_case(literal));
    }
    is_prefix(folded(text), literal.chars())
}

/// `ew`.
pub(crate) fn ends_with(text: &str, literal: &str) -> bool {
    if text.is_ascii() {
        let start = text.len().checked_sub(literal.len());
        let end = start.and_then(|start| text.get(start..));
        return end.is_some_and(|end| end.eq_ignore_ascii_case(literal));
    }
    is_prefix(folded(text).rev(), literal.chars().rev())
}

fn is_prefix(mut text: impl Iterator<Item = char>, mut literal: impl Iterator<Item = char>) -> bool {
    literal.all(|c| text.next() == Some(c))
}

/// `co`. Short ASCII texts are searched where they stand; others are folded first, so that hostile texts cost no more
/// than their length.
pub(crate) fn contains(text: &str, literal: &str) -> bool {
    if literal.is_empty() {
        return true;
    }
    if !text.is_ascii() || text.len() * literal.len() > 4096 {
        return fold(text).contains(literal);
    }
    let (text, literal) = (text.as_bytes(), literal.as_bytes());
    let Some(first) = literal.first() else { return true };
    let is_there = |at: usize| {
        let part = text.get(at..).and_then(|rest| rest.get(..literal.len()));
        part.is_some_and(|part| part.eq_ignore_ascii_case(literal))
    };
    memchr::memchr2_iter(*first, first.to_ascii_uppercase(), text).any(is_there)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn simple_folding_and_no_other() {
        assert!(eq("\u{212A}elvin", "kelvin"));
        assert!(eq("ma\u{17F}t", "mast"));
        assert!(eq("ΣΊΣΥΦΟΣ", &fold("σίσυφος")));
        assert!(eq("STRA\u{1E9E}E", &fold("straße")));
        assert!(!eq("STRASSE", &fold("straße")));
        assert!(!eq("\u{130}", &fold("i")));
        assert!(!eq("e\u{301}", &fold("\u{e9}")));
    }

    #[test]
    fn parts() {
        assert!(starts_with("\u{212A}m", "k"));
        assert!(ends_with("m\u{212A}", "mk"));
        assert!(!ends_with("k", "kk"));
        assert!(contains("x\u{212A}y", "ky"));
        assert!(contains(&"A".repeat(5000), &"a".repeat(5000)));
        assert!(!contains("abc", "abcd"));
    }
}
