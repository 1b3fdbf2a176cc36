//! The bearer token of a push, and the code that removes it from answers and errors before they are stored or shown.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use memchr::memmem;
use serde_json::{Map, Value};

/// The length in bytes from which a token counts as a secret. A shorter token, such as `test`, may occur in names and
/// addresses by chance, and hiding it would spoil correct answers.
const SHORTEST_SECRET: usize = 8;
/// The number of layers of encoding that are undone. Percent-encoded JSON, for example, has two.
const ROUNDS: usize = 4;
/// The text that replaces the token.
const HIDDEN: &str = "[token]";

/// A bearer token. It is not `Debug`, and [`header`](Self::header) is the only way to print it. Before a carrier hands the
/// answers of a server, or its own errors, to a [`Session`](super::Session), it hides the token in them, so that no report
/// or journal has it.
///
/// The token is found in plain text, with JSON escapes, percent-encoding or HTML entities, in base64 (also within a longer
/// text such as `Bearer …`), and in up to four layers of these encodings. A part of the token, or another encoding, is not
/// found. A token of fewer than eight characters is not treated as a secret, and is not searched for.
///
/// ```
/// use scim_engine::client::Token;
/// let token = Token::new("tk-9f31-secret").ok_or("no token")?;
/// assert_eq!(token.header(), "Bearer tk-9f31-secret");
/// assert_eq!(token.hide("you are tk-9f31-secret".to_owned()), "you are [token]");
/// assert_eq!(token.hide("/login?as=tk%2D9f31%2Dsecret".to_owned()), "[token]");
/// # Ok::<(), &str>(())
/// ```
pub struct Token {
    text: String,
    /// The byte sequences to search for: a decoded text that has one of them has the token. Empty for a token that is not a
    /// secret.
    traces: Vec<Vec<u8>>,
}

impl Token {
    /// Creates a token. Returns none if the text is empty, or has blanks or other characters that a token cannot have.
    pub fn new(text: impl Into<String>) -> Option<Self> {
        let text = text.into();
        let is_token = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
        is_token.then(|| Self { traces: traces(&text), text })
    }

    /// The value of the header `Authorization`.
    pub fn header(&self) -> String {
        format!("Bearer {}", self.text)
    }

    /// The text with the token replaced by `[token]`. If the token is encoded, the whole text is replaced, because the end
    /// of an encoded token cannot be known.
    pub fn hide(&self, text: String) -> String {
        if self.traces.is_empty() {
            return text;
        }
        let text = if text.contains(&self.text) { text.replace(&self.text, HIDDEN) } else { text };
        if self.is_in(text.as_bytes(), ROUNDS) { HIDDEN.to_owned() } else { text }
    }

    /// The body of an answer with the token hidden, as by [`hide`](Self::hide). In JSON, each name and each string is a text
    /// of its own; any other body is one text.
    pub fn hide_bytes(&self, bytes: Vec<u8>) -> Vec<u8> {
        // The search undoes one more layer than in `hide`, because the body is JSON, whose own escapes are one more layer.
        if !self.is_in(&bytes, ROUNDS + 1) {
            return bytes;
        }
        let bytes = if memmem::find(&bytes, self.text.as_bytes()).is_some() {
            String::from_utf8_lossy(&bytes).replace(&self.text, HIDDEN).into_bytes()
        } else {
            bytes
        };
        if !self.is_in(&bytes, ROUNDS + 1) {
            return bytes;
        }
        let hidden = crate::json::from_slice(&bytes).map(|value| self.hide_within(value).to_string().into_bytes());
        hidden.ok().filter(|hidden| !self.is_in(hidden, ROUNDS + 1)).unwrap_or_else(|| HIDDEN.as_bytes().to_vec())
    }

    fn hide_within(&self, value: Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.hide(text)),
            Value::Array(elements) => elements.into_iter().map(|element| self.hide_within(element)).collect(),
            Value::Object(members) => {
                let hide = |(name, member)| (self.hide(name), self.hide_within(member));
                Value::Object(members.into_iter().map(hide).collect::<Map<_, _>>())
            }
            other => other,
        }
    }

    /// Whether the token is in a text, or in the text after up to `rounds` rounds of decoding.
    fn is_in(&self, text: &[u8], rounds: usize) -> bool {
        let mut text = Cow::Borrowed(text);
        for _ in 0..rounds {
            if self.traces.iter().any(|trace| memmem::find(&text, trace).is_some()) {
                return true;
            }
            match decoded(&text) {
                Some(next) => text = Cow::Owned(next),
                None => return false,
            }
        }
        self.traces.iter().any(|trace| memmem::find(&text, trace).is_some())
    }
}

/// The token itself, the forms that it has after decoding (`a%41` becomes `aA`), and its forms in base64.
fn traces(token: &str) -> Vec<Vec<u8>> {
    let mut traces = Vec::new();
    if token.len() < SHORTEST_SECRET {
        return traces;
    }
    let mut plain = token.as_bytes().to_vec();
    for _ in 0..=ROUNDS {
        traces.push(plain.clone());
        match decoded(&plain).filter(|decoded| decoded.len() >= SHORTEST_SECRET) {
            Some(next) => plain = next,
            None => break,
        }
    }
    // Base64 encodes three bytes as four characters, so a token within a longer text has three possible forms. The characters
    // at both ends depend on the neighbours of the token and are cut off.
    for (before, skipped) in [("", 0), (" ", 2), ("  ", 3)] {
        let text = [before.as_bytes(), token.as_bytes()].concat();
        let encoded = STANDARD_NO_PAD.encode(&text);
        let inner = encoded.get(skipped..text.len() * 8 / 6).unwrap_or_default();
        let for_urls = inner.replace('+', "-").replace('/', "_");
        if for_urls != inner {
            traces.push(for_urls.into_bytes());
        }
        traces.push(inner.as_bytes().to_vec());
    }
    traces
}

/// Decodes one layer of percent-encoding, HTML entities and JSON escapes in one pass; none if there is nothing to decode. A
/// token is ASCII, so only sequences that stand for ASCII characters are decoded.
fn decoded(text: &[u8]) -> Option<Vec<u8>> {
    let mut decoded = Vec::new();
    let mut rest = text;
    let mut has_changed = false;
    while let Some(at) = memchr::memchr3(b'%', b'&', b'\\', rest) {
        let (before, from) = rest.split_at(at);
        decoded.extend_from_slice(before);
        let (byte, length) = match from {
            [b'%', high, low, ..] => (hex(&[*high, *low]), 3),
            [b'&', entity @ ..] => self::entity(entity),
            [b'\\', b'u', escape @ ..] => (escape.get(..4).and_then(hex), 6),
            [b'\\', escape, ..] => (simple_escape(*escape), 2),
            _ => (None, 1),
        };
        let (byte, length) = match byte {
            Some(byte) => (byte, length),
            None => (from.first().copied().unwrap_or_default(), 1),
        };
        has_changed |= length > 1;
        decoded.push(byte);
        rest = from.get(length..).unwrap_or_default();
    }
    decoded.extend_from_slice(rest);
    has_changed.then_some(decoded)
}

/// The ASCII character with these hexadecimal digits.
fn hex(digits: &[u8]) -> Option<u8> {
    number(digits, 16)
}

fn number(digits: &[u8], radix: u32) -> Option<u8> {
    // The sum is capped just above ASCII, so that a long number cannot overflow.
    let add = |sum: u32, digit: &u8| Some((sum * radix + char::from(*digit).to_digit(radix)?).min(0x80));
    let number = digits.iter().try_fold(0, add)?;
    u8::try_from(number).ok().filter(|byte| byte.is_ascii() && !digits.is_empty())
}

fn simple_escape(escape: u8) -> Option<u8> {
    Some(match escape {
        b'"' | b'\\' | b'/' => escape,
        b'b' => 8,
        b't' => b'\t',
        b'n' => b'\n',
        b'f' => 12,
        b'r' => b'\r',
        _ => return None,
    })
}

/// The HTML entities of the ASCII characters that a token may have. The search ignores case, because names that differ only
/// in case stand for the same character.
const ENTITIES: &[(&str, u8)] = &[
    ("amp", b'&'),
    ("lt", b'<'),
    ("gt", b'>'),
    ("quot", b'"'),
    ("apos", b'\''),
    ("ast", b'*'),
    ("midast", b'*'),
    ("bsol", b'\\'),
    ("colon", b':'),
    ("comma", b','),
    ("commat", b'@'),
    ("dollar", b'$'),
    ("equals", b'='),
    ("excl", b'!'),
    ("grave", b'`'),
    ("diacriticalgrave", b'`'),
    ("hat", b'^'),
    ("lbrace", b'{'),
    ("lcub", b'{'),
    ("lbrack", b'['),
    ("lsqb", b'['),
    ("lowbar", b'_'),
    ("underbar", b'_'),
    ("lpar", b'('),
    ("num", b'#'),
    ("percnt", b'%'),
    ("period", b'.'),
    ("plus", b'+'),
    ("quest", b'?'),
    ("rbrace", b'}'),
    ("rcub", b'}'),
    ("rbrack", b']'),
    ("rsqb", b']'),
    ("rpar", b')'),
    ("semi", b';'),
    ("sol", b'/'),
    ("verbar", b'|'),
    ("vert", b'|'),
    ("verticalline", b'|'),
];

/// The character that an entity stands for, and the length of the entity with its `&`. `text` begins after the `&`. A
/// numeric entity such as `&#65` needs no `;`, because browsers accept it without one.
fn entity(text: &[u8]) -> (Option<u8>, usize) {
    let (radix, start) = match text {
        [b'#', b'x' | b'X', ..] => (16, 2),
        [b'#', ..] => (10, 1),
        _ => (36, 0),
    };
    let rest = text.get(start..).unwrap_or_default();
    let length = rest.iter().take_while(|byte| char::from(**byte).is_digit(radix)).count();
    let (name, after) = rest.split_at(length);
    let is_closed = after.first() == Some(&b';');
    let byte = if start > 0 {
        number(name, radix)
    } else {
        let is_it = |(known, _): &&(&str, u8)| known.as_bytes().eq_ignore_ascii_case(name);
        ENTITIES.iter().find(is_it).map(|(_, byte)| *byte).filter(|_| is_closed)
    };
    (byte, 1 + start + length + usize::from(is_closed))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "tk/9+x-31&Q%z";

    fn token() -> Token {
        Token::new(TEXT).unwrap()
    }

    fn hidden(given: &str) -> String {
        String::from_utf8(token().hide_bytes(given.into())).unwrap()
    }

    fn percent(text: &str, every: usize) -> String {
        let encode = |(at, byte): (usize, u8)| {
            if at % every == 0 { format!("%{byte:02x}") } else { char::from(byte).to_string() }
        };
        text.bytes().enumerate().map(encode).collect()
    }

    fn numbers(text: &str) -> String {
        text.bytes().map(|byte| format!("&#{byte};")).collect::<Vec<_>>().concat()
    }

    fn unicode(text: &str) -> String {
        text.bytes().map(|byte| format!("\\u{byte:04X}")).collect::<Vec<_>>().concat()
    }

    fn json(text: &str) -> String {
        Value::from(text).to_string()
    }

    #[test]
    fn a_token_in_the_clear_is_hidden_where_it_stands() {
        let given = r#"{"detail": "you are tk/9+x-31&Q%z, tk/9+x-31&Q%z"}"#;
        assert_eq!(hidden(given), r#"{"detail": "you are [token], [token]"}"#);
        assert_eq!(hidden(r#"{"detail":"you are tk\/9+x-31&Q%z!"}"#), r#"{"detail":"you are [token]!"}"#);
        assert_eq!(hidden(r#"[{"a":[1,"\u0074k\/9+x-31&Q%z!"]}]"#), r#"[{"a":[1,"[token]!"]}]"#);
        assert_eq!(hidden(r#"{"tk\/9+x-31&Q%z":1}"#), r#"{"[token]":1}"#);
        assert_eq!(token().hide("no tk/9+x-31&Q%z here".to_owned()), "no [token] here");
    }

    #[test]
    fn an_encoded_token_is_hidden() {
        let bearer = format!("Bearer {TEXT}");
        let inner = json(&format!(r#"{{"a":"Bearer {}"}}"#, TEXT.replace('/', r"\/")));
        let mut ways = vec![
            inner.clone(),
            json(&inner),
            percent(TEXT, 1),
            percent(TEXT, 2).replace("%2f", "%2F").replace("%2b", "%2B"),
            percent(&percent(TEXT, 1), 1),
            percent(TEXT, 3),
            TEXT.replace('&', "&amp;").replace('/', "&sol;").replace('+', "&plus;"),
            numbers(TEXT),
            numbers(&numbers(TEXT)),
            TEXT.replace('t', "&#x0074").replace('/', "&#X2F;"),
            unicode(TEXT),
            unicode(&percent(TEXT, 1)),
            percent(&numbers(&unicode(TEXT)), 1),
        ];
        for before in ["", "x", "xy", "Bearer ", "Authorization: Bearer "] {
            let text = format!("{before}{TEXT}");
            let standard = base64::engine::general_purpose::STANDARD.encode(&text);
            ways.extend([base64::engine::general_purpose::URL_SAFE.encode(text + " and more"), percent(&standard, 4)]);
        }
        ways.retain(|way| !way.contains(TEXT));
        assert!(ways.len() > 20, "{ways:?}");
        for way in ways {
            assert_eq!(token().hide(format!("/a?b={way};")), HIDDEN, "{way}");
            assert_eq!(hidden(&format!("<p>{way}")), HIDDEN, "{way}");
            let body = format!(r#"{{"a":{},"b":"kept"}}"#, json(&way));
            assert_eq!(hidden(&body), r#"{"a":"[token]","b":"kept"}"#, "{way}");
            let body = format!(r#"{{{}:"kept"}}"#, json(&way));
            assert_eq!(hidden(&body), r#"{"[token]":"kept"}"#, "{way}");
        }
        assert!(!token().hide(bearer).contains("tk"));
    }

    #[test]
    fn what_has_no_token_is_as_it_was() {
        let long = "&#0".repeat(1000) + &"\\".repeat(1001) + "%%%2" + "&amp";
        for given in [
            r#"{"a": "b\/c", "a": "%74k"}"#,
            r"no json \",
            "\\u00",
            "\\u0074k/9+x",
            "&",
            "&;",
            "&#;",
            "&#xtk;",
            "%+1",
            &long,
            "",
        ] {
            assert_eq!(hidden(given), given);
            assert_eq!(token().hide(given.to_owned()), given);
        }
        let bytes = b"\xFF%74k\xFE\\".to_vec();
        assert_eq!(token().hide_bytes(bytes.clone()), bytes);
    }

    #[test]
    fn a_token_that_looks_encoded_is_hidden() {
        for text in [r"a%41&amp;\n\u0041b", "%25252541%4", "%41%42%43%44"] {
            let token = Token::new(text).unwrap();
            for way in [
                percent(text, 1),
                numbers(text),
                unicode(text),
                percent(text, 2),
                numbers(text).replacen("&#97;", "a", 1),
            ] {
                assert_eq!(token.hide(way.clone()), HIDDEN, "{text} {way}");
            }
            assert_eq!(token.hide(format!("{text}%")), format!("{HIDDEN}%"));
        }
    }

    #[test]
    fn a_word_that_is_no_secret_changes_no_answer() {
        let token = Token::new("test").unwrap();
        assert_eq!(token.hide("mara@test.example".to_owned()), "mara@test.example");
        assert_eq!(token.hide_bytes(b"mara@test.example".to_vec()), b"mara@test.example");
    }

    #[test]
    fn texts_that_are_no_tokens() {
        for text in ["", "to ken", "to\nken", "tökens"] {
            assert!(Token::new(text).is_none(), "{text}");
        }
    }
}
