//! Prepares text that others wrote, such as clients and servers, for display.

#[cfg(any(feature = "protocol", test))]
use std::borrow::Cow;

/// Whether a terminal displays a character and does nothing else: it is not a control character or a line break, and
/// does not change the direction of the text after it.
pub(crate) fn is_plain(c: char) -> bool {
    !c.is_control()
        && !matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// The text on one line, with U+FFFD in place of every character that is not plain.
#[cfg(any(feature = "protocol", test))]
pub(crate) fn plain(text: &str) -> Cow<'_, str> {
    if text.chars().all(is_plain) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().map(|c| if is_plain(c) { c } else { '\u{fffd}' }).collect())
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn what_a_terminal_would_obey_is_replaced() {
        assert_eq!(plain("Łoś ✓ 日本"), "Łoś ✓ 日本");
        assert_eq!(plain("a\u{1b}[2J\nb\u{9b}\u{202e}c\u{2028}"), "a\u{fffd}[2J\u{fffd}b\u{fffd}\u{fffd}c\u{fffd}");
    }
}
