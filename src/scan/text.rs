//! The text of a JSON string.

use std::borrow::Cow;

use super::cursor::unit;

/// The text between the quotes; none if it is none, which only happens where it was not checked.
pub(super) fn decode(raw: &[u8], has_escapes: bool) -> Option<Cow<'_, str>> {
    if has_escapes { unescape(raw).map(Cow::Owned) } else { std::str::from_utf8(raw).ok().map(Cow::Borrowed) }
}

fn unescape(raw: &[u8]) -> Option<String> {
    let mut out = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = memchr::memchr(b'\\', rest) {
        out.push_str(std::str::from_utf8(rest.get(..at)?).ok()?);
        let escape = *rest.get(at + 1)?;
        rest = rest.get(at + 2..)?;
        out.push(match escape {
            b'"' | b'\\' | b'/' => char::from(escape),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let first = unit(rest)?;
                rest = rest.get(4..)?;
                if (0xd800..0xdc00).contains(&first) {
                    let second = unit(rest.strip_prefix(b"\\u")?)?;
                    rest = rest.get(6..)?;
                    char::decode_utf16([first, second]).next()?.ok()?
                } else {
                    char::from_u32(first.into())?
                }
            }
            _ => return None,
        });
    }
    out.push_str(std::str::from_utf8(rest).ok()?);
    Some(out)
}

/// The name of a member, as bytes.
pub(super) fn name(raw: &[u8], has_escapes: bool) -> Option<Cow<'_, [u8]>> {
    if !has_escapes {
        return Some(Cow::Borrowed(raw));
    }
    unescape(raw).map(|name| Cow::Owned(name.into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_serde_json_reads() {
        for text in [r"", r"plain é", r#"\"\\\/\b\f\n\r\t"#, r"\u0000\u00e9é\u212A", r"\ud83d\uDE00x\\u0041", r"a\\"]
        {
            let expected: String = serde_json::from_str(&format!("\"{text}\"")).unwrap();
            assert_eq!(decode(text.as_bytes(), text.contains('\\')).unwrap(), expected);
        }
        for text in
            [r"\", r"\x", r"\u12", r"\u12g4", r"\ud83d", r"\ud83dx", r"\ud83d\u0041", r"\ude00", r"\ud83d\n1234"]
        {
            assert_eq!(decode(text.as_bytes(), true), None, "{text}");
        }
        assert_eq!(decode(b"\xff", false), None);
        assert_eq!(decode(b"\xc3\\n\xa9", true), None);
    }
}
