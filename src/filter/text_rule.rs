//! Rules by which the texts of an attribute are compared (F5, F16).

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;

use super::case_fold::{self, fold, fold_char};
use crate::schema::Attribute;

/// The rule that turns a text into its key. Keys are compared by code point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TextRule {
    /// The key is the text itself.
    Exact,
    /// The key is the folded text (F5).
    Folded,
    /// The key is that of [`username_key`] (F16). It is folded unless `exact` is set.
    Username { exact: bool },
}

impl TextRule {
    pub(crate) fn of(attribute: &Attribute) -> Self {
        let exact = attribute.is_case_exact();
        match exact {
            _ if attribute.is_username() => Self::Username { exact },
            true => Self::Exact,
            false => Self::Folded,
        }
    }

    /// Whether the case of ASCII letters counts.
    pub(crate) fn is_exact(self) -> bool {
        matches!(self, Self::Exact | Self::Username { exact: true })
    }

    /// The key of a text. The key of an ASCII text differs from the text at most in case, whatever the rule.
    pub(crate) fn key(self, text: &str) -> Cow<'_, str> {
        match self {
            Self::Username { exact } if !text.is_ascii() => Cow::Owned(prepared(text, exact).collect()),
            _ if self.is_exact() || !text.bytes().any(|byte| byte.is_ascii_uppercase() || !byte.is_ascii()) => {
                Cow::Borrowed(text)
            }
            _ => Cow::Owned(fold(text)),
        }
    }
}

impl TextRule {
    /// The least and most bytes of a text whose key is `literal`.
    pub(super) fn lengths(self, literal: &str) -> (usize, usize) {
        match self {
            Self::Exact => (literal.len(), literal.len()),
            Self::Folded => case_fold::lengths(literal),
            // A character whose key is an ASCII character has at most three bytes; a fullwidth letter and KELVIN SIGN
            // have three.
            Self::Username { .. } if literal.is_ascii() => (literal.len(), literal.len() * 3),
            Self::Username { .. } => (0, usize::MAX),
        }
    }

    /// Whether the key of a text is `literal`.
    #[inline]
    pub(super) fn is_equal(self, text: &str, literal: &str) -> bool {
        match self {
            Self::Exact => text == literal,
            Self::Folded => case_fold::eq(text, literal),
            Self::Username { exact: true } => text == literal || self.is_equal_prepared(text, literal),
            Self::Username { exact: false } => {
                case_fold::ascii_eq(text.as_bytes(), literal.as_bytes()) || self.is_equal_prepared(text, literal)
            }
        }
    }

    #[inline(never)]
    fn is_equal_prepared(self, text: &str, literal: &str) -> bool {
        !text.is_ascii() && prepared(text, self.is_exact()).eq(literal.chars())
    }
}

/// The key of a text by the rule of an attribute: two texts are equal if their keys are.
pub(crate) fn comparison_key<'t>(attribute: &Attribute, text: &'t str) -> Cow<'t, str> {
    TextRule::of(attribute).key(text)
}

/// Whether two texts have equal keys. The keys are compared character by character and not stored, so comparing a long
/// text with a short one takes no longer than reading the short one.
pub(crate) fn same_key(attribute: &Attribute, a: &str, b: &str) -> bool {
    match TextRule::of(attribute) {
        TextRule::Exact => a == b,
        TextRule::Folded => a.chars().map(fold_char).eq(b.chars().map(fold_char)),
        TextRule::Username { exact } => prepared(a, exact).eq(prepared(b, exact)),
    }
}

/// The key by which `userName` is compared, sorted and kept unique; store it in an index column (RFC 7644 §5, with RFC
/// 8265 §3.3, or §3.4 if `case_exact`). Wide and narrow characters become the usual ones; then NFD, simple case folding
/// and NFC follow. Folding is that of [`fold`](crate::fold_case); `case_exact` leaves it out. The tables are those of
/// Unicode 18 for normalisation and of Unicode 16 for folding. If a later release has other tables, some keys may
/// differ, and an index must be rebuilt.
///
/// No text is refused. The host decides which characters a name may have (the `IdentifierClass` of RFC 8264, rules of
/// context and direction).
///
/// ```
/// use scim_engine::username_key;
/// assert_eq!(username_key("BJensen", false), "bjensen");
/// assert_eq!(username_key("ＢＪＥＮＳＥＮ", false), "bjensen");
/// assert_eq!(username_key("Jose\u{301}", false), "jos\u{e9}");
/// assert_eq!(username_key("Jose\u{301}", true), "Jos\u{e9}");
/// ```
pub fn username_key(text: &str, case_exact: bool) -> String {
    TextRule::Username { exact: case_exact }.key(text).into_owned()
}

/// The key of a user name, one character at a time.
fn prepared(text: &str, exact: bool) -> impl Iterator<Item = char> + '_ {
    text.chars().map(usual_width).nfd().map(move |c| if exact { c } else { fold_char(c) }).nfc()
}

/// The usual form of a wide or narrow character: its `<wide>` or `<narrow>` decomposition in `UnicodeData.txt`, if it has
/// one (RFC 8264 §5.2.1). The ranges follow the order of the Halfwidth and Fullwidth Forms block.
fn usual_width(c: char) -> char {
    // The usual forms of the characters U+FF61 to U+FFA0, in that order.
    const NARROW: &str = "。「」、・ヲァィゥェォャュョッーアイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワン\u{3099}\u{309A}\u{3164}";
    // The usual forms of the characters U+FFE0 to U+FFEE, in that order. U+FFE7 is not assigned and stays unchanged.
    const SIGNS: [char; 15] = ['¢', '£', '¬', '¯', '¦', '¥', '₩', '\u{FFE7}', '│', '←', '↑', '→', '↓', '■', '○'];
    let code = u32::from(c);
    let from = |first: u32, usual: u32| char::from_u32(code - first + usual).unwrap_or(c);
    match code {
        0x3000 => ' ',
        0xFF01..=0xFF5E => from(0xFF01, 0x21),
        0xFF5F..=0xFF60 => from(0xFF5F, 0x2985),
        0xFF61..=0xFFA0 => NARROW.chars().nth((code - 0xFF61) as usize).unwrap_or(c),
        0xFFA1..=0xFFBE => from(0xFFA1, 0x3131),
        0xFFC2..=0xFFC7 => from(0xFFC2, 0x314F),
        0xFFCA..=0xFFCF => from(0xFFCA, 0x3155),
        0xFFD2..=0xFFD7 => from(0xFFD2, 0x315B),
        0xFFDA..=0xFFDC => from(0xFFDA, 0x3161),
        0xFFE0..=0xFFEE => SIGNS.get((code - 0xFFE0) as usize).copied().unwrap_or(c),
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use unicode_normalization::UnicodeNormalization;

    use super::{username_key, usual_width};

    #[test]
    fn widths_are_those_of_unicode() {
        let mut found = 0;
        for c in '\0'..=char::MAX {
            let usual = usual_width(c);
            found += u32::from(usual != c);
            // A width variant is a compatibility form, so the compatibility decomposition (NFKD) of a character and of
            // its usual form are the same.
            assert!(std::iter::once(c).nfkd().eq(std::iter::once(usual).nfkd()), "{c:?}");
        }
        // UnicodeData.txt has 122 `<narrow>` and 104 `<wide>` decompositions.
        assert_eq!(found, 226);
    }

    #[test]
    fn versions_as_documented() {
        assert_eq!(unicode_normalization::UNICODE_VERSION.0, 18);
        assert_eq!(unicode_case_mapping::UNICODE_VERSION.0, 16);
    }

    #[test]
    fn once_is_enough_for_names() {
        for (text, key) in [
            ("ΣΊΣΥΦΟΣ", "σίσυφοσ"),
            ("\u{212B}ngström", "ångström"),
            ("STRAẞE", "straße"),
            ("ｶﾞ", "ガ"),
            ("\u{130}x", "i\u{307}x"),
        ] {
            assert_eq!(username_key(text, false), key);
            assert_eq!(username_key(key, false), key);
        }
        assert_eq!(username_key("Ａb", true), "Ab");
    }
}
