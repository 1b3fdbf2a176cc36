//! Compares strings by Unicode simple case folding (F5, F6): no locale, no normalisation. Every `literal` here is
//! already folded: compiling the filter folds it once.

use std::cmp::Ordering;

/// Folds one character. Simple folding maps one character to one.
pub(super) fn fold_char(c: char) -> char {
    if c.is_ascii() {
        return c.to_ascii_lowercase();
    }
    unicode_case_mapping::case_folded(c).and_then(|folded| char::from_u32(folded.get())).unwrap_or(c)
}

/// Folds a string by Unicode simple case folding, as the engine does to compare strings that are not `caseExact` (RFC
/// 7643 §2.2): no locale, no normalisation, the same number of characters. Store the folded text in an index column, so
/// that the index can answer [`Matcher::equalities`](crate::Matcher::equalities).
///
/// ```
/// use scim_engine::fold_case;
/// assert_eq!(fold_case("BJensen"), "bjensen");
/// assert_eq!(fold_case("ΣΊΣΥΦΟΣ"), fold_case("σίσυφος"));
/// assert_ne!(fold_case("STRASSE"), fold_case("straße"));
/// ```
pub fn fold(text: &str) -> String {
    if text.is_ascii() { text.to_ascii_lowercase() } else { text.chars().map(fold_char).collect() }
}

fn folded(text: &str) -> impl DoubleEndedIterator<Item = char> + '_ {
    text.chars().map(fold_char)
}

/// The least and most bytes of a text that folds to `literal`. Only two characters beyond ASCII fold to an ASCII
/// character. All others fold to a character beyond ASCII. A character has at most four bytes.
pub(crate) fn lengths(literal: &str) -> (usize, usize) {
    let most = |c: char| match c {
        // KELVIN SIGN and LATIN SMALL LETTER LONG S are the only two that fold to ASCII.
        'k' => '\u{212A}'.len_utf8(),
        's' => '\u{17F}'.len_utf8(),
        _ if c.is_ascii() => 1,
        _ => 4,
    };
    (literal.chars().count(), literal.chars().map(most).sum())
}

/// Whether a text equals a folded text if the case of ASCII letters is ignored. The result is that of
/// `eq_ignore_ascii_case`, but eight bytes are compared at a time.
#[inline]
pub(crate) fn ascii_eq(text: &[u8], folded: &[u8]) -> bool {
    if text.len() != folded.len() {
        return false;
    }
    let (mut text, mut folded) = (text, folded);
    let (Some(text_end), Some(end)) = (text.last_chunk(), folded.last_chunk()) else {
        return text.eq_ignore_ascii_case(folded);
    };
    while text.len() > 8
        && let (Some((text_start, text_rest)), Some((start, rest))) =
            (text.split_first_chunk(), folded.split_first_chunk())
    {
        if ascii_lower(*text_start) != u64::from_ne_bytes(*start) {
            return false;
        }
        (text, folded) = (text_rest, rest);
    }
    // The last eight bytes may overlap bytes that are already compared. That saves a loop over the remaining bytes.
    ascii_lower(*text_end) == u64::from_ne_bytes(*end)
}

/// Turns ASCII capitals into small letters, in eight bytes at once.
///
/// The sums ignore the highest bit of each byte of the input. In each byte of `from_a` the highest bit is set for `A`
/// and everything after it, and in `after_z` for everything after `Z`, so their XOR has that bit for the capitals
/// alone. `!word` excludes bytes beyond ASCII. Shifted right by two, the bit is 0x20, which turns a capital into a
/// small letter.
#[inline]
pub(super) fn ascii_lower(bytes: [u8; 8]) -> u64 {
    const EACH: u64 = 0x0101_0101_0101_0101;
    let word = u64::from_ne_bytes(bytes);
    let low = word & (0x7F * EACH);
    let from_a = low + (0x80 - 0x41) * EACH;
    let after_z = low + (0x80 - 0x5B) * EACH;
    let upper = (from_a ^ after_z) & !word & (0x80 * EACH);
    word | (upper >> 2)
}

/// Whether `eq` holds: the text folds to `literal`.
#[inline]
pub(crate) fn eq(text: &str, literal: &str) -> bool {
    // `literal` is folded already. A text with the same bytes (in any ASCII case) therefore folds to it, also beyond
    // ASCII. A text with different bytes may fold to it too: `Σ` folds to `σ`.
    if ascii_eq(text.as_bytes(), literal.as_bytes()) {
        return true;
    }
    other_bytes(text, literal)
}

#[inline(never)]
fn other_bytes(text: &str, literal: &str) -> bool {
    // For an ASCII text the answer of `ascii_eq` is final, because it folds byte by byte. A text beyond ASCII that
    // folds to an ASCII literal is longer than the literal: KELVIN SIGN has three bytes, `k` has one.
    (text.len() != literal.len() || !literal.is_ascii()) && !text.is_ascii() && folded(text).eq(literal.chars())
}

/// The order of a text relative to a literal, by code point after folding.
pub(crate) fn cmp(text: &str, literal: &str) -> Ordering {
    folded(text).cmp(literal.chars())
}

/// Whether `sw` holds: the folded text starts with `literal`.
pub(crate) fn starts_with(text: &str, literal: &str) -> bool {
    if text.is_ascii() {
        return text.get(..literal.len()).is_some_and(|start| ascii_eq(start.as_bytes(), literal.as_bytes()));
    }
    is_prefix(folded(text), literal.chars())
}

/// Whether `ew` holds: the folded text ends with `literal`.
pub(crate) fn ends_with(text: &str, literal: &str) -> bool {
    if text.is_ascii() {
        let start = text.len().checked_sub(literal.len());
        let end = start.and_then(|start| text.get(start..));
        return end.is_some_and(|end| ascii_eq(end.as_bytes(), literal.as_bytes()));
    }
    is_prefix(folded(text).rev(), literal.chars().rev())
}

fn is_prefix(mut text: impl Iterator<Item = char>, mut literal: impl Iterator<Item = char>) -> bool {
    literal.all(|c| text.next() == Some(c))
}

/// Whether `co` holds: the folded text contains `literal`. Short ASCII texts are searched without a copy. Other texts
/// are folded first.
pub(crate) fn contains(text: &str, literal: &str) -> bool {
    if literal.is_empty() {
        return true;
    }
    // The search below compares up to the whole literal at each place where its first letter occurs. A hostile text can
    // make that slow: `aaa…` and `aa…b`. So long texts are folded and searched in linear time.
    if !text.is_ascii() || text.len() * literal.len() > 4096 {
        return fold(text).contains(literal);
    }
    let (text, literal) = (text.as_bytes(), literal.as_bytes());
    let Some(first) = literal.first() else { return true };
    let is_there = |at: usize| {
        let part = text.get(at..).and_then(|rest| rest.get(..literal.len()));
        part.is_some_and(|part| ascii_eq(part, literal))
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
    fn no_text_of_another_length_is_equal() {
        for c in '\0'..=char::MAX {
            let text = c.to_string();
            let literal = fold(&text);
            let (shortest, longest) = lengths(&literal);
            assert!(shortest <= text.len() && text.len() <= longest, "{c:?}");
            assert!(!literal.is_ascii() || text.len() >= literal.len(), "{c:?}");
            assert!(eq(&text, &literal), "{c:?}");
        }
    }

    #[test]
    fn eight_bytes_at_a_time() {
        for length in 0..40 {
            for at in 0..length {
                for byte in 0..=255 {
                    let mut text = vec![b'q'; length];
                    text[at] = byte;
                    for other in [byte.to_ascii_lowercase(), b'a', b'{', 0xE1] {
                        let mut folded = vec![b'q'; length];
                        folded[at] = other;
                        assert_eq!(ascii_eq(&text, &folded), text.eq_ignore_ascii_case(&folded), "{byte} {other}");
                    }
                }
            }
        }
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
