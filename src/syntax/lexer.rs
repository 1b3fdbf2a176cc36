//! The tokens of a filter, as nom parsers. An error has the slice at fault and what was expected there. `parser.rs`
//! computes the offsets of the slice, and only if parsing has failed.

use std::borrow::Cow;

use nom::branch::alt;
use nom::bytes::complete::{tag, take_while, take_while_m_n, take_while1};
use nom::character::complete::{char, digit0, digit1, one_of};
use nom::combinator::{opt, recognize};
use nom::{Err, IResult, Parser};

use super::ast::AttrPath;
use super::expected::Expected;
use super::literal::{Literal, Number};
use super::span::Span;
use crate::tolerance::Tolerance;

/// The part of the input that is at fault, and what was expected there.
#[derive(Debug, PartialEq)]
pub(super) struct LexFault<'a> {
    pub at: &'a str,
    pub expected: Expected,
}

impl<'a> nom::error::ParseError<&'a str> for LexFault<'a> {
    fn from_error_kind(at: &'a str, _: nom::error::ErrorKind) -> Self {
        Self { at, expected: Expected::Filter }
    }

    fn append(_: &'a str, _: nom::error::ErrorKind, other: Self) -> Self {
        other
    }
}

pub(super) type Lexed<'a, O> = IResult<&'a str, O, LexFault<'a>>;

pub(super) fn fail<T>(at: &str, expected: Expected) -> Result<T, Err<LexFault<'_>>> {
    Err(Err::Failure(LexFault { at, expected }))
}

/// Whether a character separates tokens. RFC 7644 allows only the space. The parser decides whether tabs and line
/// breaks are allowed, too.
pub(super) fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}

/// Skips all blanks at the start. The first two arms are for speed: they handle the common cases, one space and none.
pub(super) fn blanks(input: &str) -> &str {
    match input.as_bytes() {
        [b' ', next, ..] if *next > b' ' => input.get(1..).unwrap_or(""),
        [first, ..] if *first > b' ' => input,
        _ => input.trim_start_matches(is_blank),
    }
}

/// Whether a character ends a word: a blank, a bracket or a quote.
pub(super) fn is_delimiter(c: char) -> bool {
    is_blank(c) || matches!(c, '(' | ')' | '[' | ']' | '"')
}

/// Whether a character is a quote that people or word processors write in place of `"`.
pub(super) fn is_other_quote(c: char) -> bool {
    matches!(c, '\'' | '`' | '´' | '«' | '»' | '‹' | '›' | '\u{2018}'..='\u{201F}' | '′' | '″' | '＂' | '＇')
}

/// The word at the start of `input`: a whole quoted string, or everything before the next blank, bracket or quote. A
/// delimiter at the start is a word of its own, so the word is empty only if the input is.
pub(super) fn word(input: &str) -> &str {
    if input.starts_with('"')
        && let Ok((rest, _)) = literal(input, &Tolerance::strict())
    {
        return input.get(..input.len() - rest.len()).unwrap_or(input);
    }
    match input.char_indices().find(|(_, c)| is_delimiter(*c)) {
        Some((0, c)) => input.get(..c.len_utf8()).unwrap_or(input),
        Some((end, _)) => input.get(..end).unwrap_or(input),
        None => input,
    }
}

/// Reads the letters at the start, which may be an operator, `and`, `or` or `not`.
pub(super) fn letters(input: &str) -> Lexed<'_, &str> {
    take_while(|c: char| c.is_ascii_alphabetic()).parse(input)
}

/// Whether a text is `ALPHA *(ALPHA / DIGIT / "-" / "_" / "$")`, or `$ref` (T5).
pub(crate) fn is_attr_name(name: &str) -> bool {
    let mut bytes = name.bytes();
    match bytes.next() {
        Some(first) if first.is_ascii_alphabetic() => {
            bytes.all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'$'))
        }
        Some(b'$') => name.eq_ignore_ascii_case("$ref"),
        _ => false,
    }
}

fn is_path_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b':' | b'-' | b'_' | b'$' | b'+')
}

/// Whether a schema URI may contain a byte. It may contain all bytes that a path may, and further ones.
fn is_uri_byte(byte: u8) -> bool {
    is_path_byte(byte) || matches!(byte, b'/' | b'%' | b'@' | b'~' | b'#' | b'?' | b'&' | b';' | b',' | b'!' | b'*')
}

/// Reads `attrPath` (T5, T6). The last colon ends the URN, so a dot before that colon belongs to the URN:
/// `urn:…:2.0:User:title`.
pub(super) fn attr_path<'a>(whole: &'a str, input: &'a str) -> Lexed<'a, AttrPath<'a>> {
    let mut colon = None;
    let mut dot = None;
    let mut end = input.len();
    for (at, byte) in input.bytes().enumerate() {
        match byte {
            b':' => (colon, dot) = (Some(at), None),
            b'.' => dot = dot.or(Some(at)),
            _ if colon.map_or_else(|| is_path_byte(byte), |_| is_uri_byte(byte)) => {}
            _ => {
                end = at;
                break;
            }
        }
    }
    let (text, rest) = input.split_at_checked(end).unwrap_or((input, ""));
    if text.is_empty() {
        return fail(word(input), Expected::AttrName);
    }
    // Characters that begin no token must not follow a name: in `user€` and `user!name` the name is at fault. If only
    // signs follow, as in `userName==`, the operator is at fault.
    if rest.starts_with(|c: char| !is_delimiter(c)) {
        let glued = word(rest);
        let is_sign = glued.bytes().all(|byte| matches!(byte, b'=' | b'<' | b'>' | b'!' | b'&' | b'|'));
        return if is_sign { fail(glued, Expected::Operator) } else { fail(word(input), Expected::AttrName) };
    }
    let name_start = colon.map_or(0, |at| at + 1);
    let name_end = dot.unwrap_or(text.len());
    let name = text.get(name_start..name_end).unwrap_or("");
    let sub_is_name = dot.is_none_or(|at| is_attr_name(text.get(at + 1..).unwrap_or("")));
    // Offsets beyond 4 GiB saturate. Only a name of that length is affected: its sub-attribute is not found.
    let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    let path = |name_start, name_end| AttrPath {
        text: Cow::Borrowed(text),
        name_start: offset(name_start),
        name_end: offset(name_end),
        span: Span::of(whole, text),
    };
    if is_attr_name(name) && sub_is_name {
        return Ok((rest, path(name_start, name_end)));
    }
    // A URN whose last part cannot be a name, such as `urn:example:lease:1.0`, can only be the path of a whole extension.
    let last = text.get(name_start..).unwrap_or("");
    let is_version = last.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric()) && !last.ends_with('.');
    if colon.is_some() && is_version && text.get(..4).is_some_and(|scheme| scheme.eq_ignore_ascii_case("urn:")) {
        return Ok((rest, path(text.len(), text.len())));
    }
    let one_too_many = is_attr_name(name) && dot.is_some() && last.split('.').all(is_attr_name);
    fail(text, if one_too_many { Expected::OneSubAttr } else { Expected::AttrName })
}

/// Reads a number by the grammar of RFC 8259.
fn number(input: &str) -> Lexed<'_, &str> {
    recognize((
        opt(char('-')),
        alt((recognize((one_of("123456789"), digit0)), tag("0"))),
        opt((char('.'), digit1)),
        opt((one_of("eE"), opt(one_of("+-")), digit1)),
    ))
    .parse(input)
}

/// Whether the whole of `text` is a JSON number.
pub(crate) fn is_number(text: &str) -> bool {
    matches!(number(text), Ok(("", _)))
}

/// Reads `compValue` (T1, T4, T9). The compiler decides what an unquoted number or `true` means under `bare_words`, because
/// that depends on the type of the attribute.
pub(super) fn literal<'a>(input: &'a str, tolerance: &Tolerance) -> Lexed<'a, Literal<'a>> {
    if let Some(body) = input.strip_prefix('"') {
        let (rest, text) = string(input, body)?;
        return Ok((rest, Literal::String(text)));
    }
    let found = word(input);
    let rest = input.get(found.len()..).unwrap_or("");
    let is = |word: &str| found == word || (tolerance.literal_case && found.eq_ignore_ascii_case(word));
    let value = match found {
        _ if is("true") => Literal::Bool(true),
        _ if is("false") => Literal::Bool(false),
        _ if is("null") => Literal::Null,
        _ if is_number(found) => Literal::Number(Number(Cow::Borrowed(found))),
        "" | "(" | ")" | "[" | "]" => return fail(found, Expected::Value),
        _ if tolerance.bare_words && !found.starts_with(is_other_quote) => Literal::String(Cow::Borrowed(found)),
        _ => return fail(quoted_or(input, found), Expected::Value),
    };
    Ok((rest, value))
}

/// The whole quoted text if `input` begins with a quote other than `"`, so that the carets of the message cover it.
/// Otherwise `found`.
fn quoted_or<'a>(input: &'a str, found: &'a str) -> &'a str {
    let Some(open) = input.chars().next().filter(|c| is_other_quote(*c)) else { return found };
    let body = input.get(open.len_utf8()..).unwrap_or("");
    // An apostrophe does not close typographic quotes: `“O'Neil”`.
    let is_close = |c: char| if open == '\'' { c == '\'' } else { c != '\'' && is_other_quote(c) };
    let end = body.char_indices().find(|(_, c)| is_close(*c)).map(|(at, c)| open.len_utf8() + at + c.len_utf8());
    end.and_then(|end| input.get(..end)).unwrap_or(found)
}

/// Reads the body of a JSON string and its closing quote. `input` begins with the opening quote.
fn string<'a>(input: &'a str, body: &'a str) -> Lexed<'a, Cow<'a, str>> {
    let plain = |c: char| c != '"' && c != '\\' && c >= ' ';
    let (rest, text) = take_while(plain).parse(body)?;
    if let Some(rest) = rest.strip_prefix('"') {
        return Ok((rest, Cow::Borrowed(text)));
    }
    let mut out = String::from(text);
    let mut rest = rest;
    loop {
        match rest.as_bytes().first() {
            None => return fail(input, Expected::ClosingQuote),
            Some(b'"') => return Ok((rest.get(1..).unwrap_or(""), Cow::Owned(out))),
            Some(b'\\') => {
                if rest.len() == 1 {
                    return fail(input, Expected::ClosingQuote);
                }
                let (after, c) = escape(rest)?;
                out.push(c);
                rest = after;
            }
            Some(byte) if *byte < b' ' => return fail(rest.get(..1).unwrap_or(""), Expected::NoControl),
            Some(_) => {
                let (after, text) = take_while1(plain).parse(rest)?;
                out.push_str(text);
                rest = after;
            }
        }
    }
}

/// Reads one escape, or the two escapes of a surrogate pair.
fn escape(input: &str) -> Lexed<'_, char> {
    let after = input.get(2..).unwrap_or("");
    let c = match input.as_bytes().get(1) {
        Some(b'"') => '"',
        Some(b'\\') => '\\',
        Some(b'/') => '/',
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(b'n') => '\n',
        Some(b'r') => '\r',
        Some(b't') => '\t',
        Some(b'u') => return unicode_escape(input),
        _ => {
            let length = input.chars().take(2).map(char::len_utf8).sum();
            return fail(input.get(..length).unwrap_or(input), Expected::Escape);
        }
    };
    Ok((after, c))
}

fn unicode_escape(input: &str) -> Lexed<'_, char> {
    let Ok((after, first)) = hex4(input) else {
        let digits = input.chars().skip(2).take(4).take_while(char::is_ascii_hexdigit).count();
        return fail(input.get(..2 + digits).unwrap_or(input), Expected::Escape);
    };
    let whole = input.get(..6).unwrap_or(input);
    if let Some(c) = char::from_u32(first) {
        return Ok((after, c));
    }
    let pair = hex4(after).ok().filter(|_| first < 0xDC00).and_then(|(rest, second)| {
        let low = second.checked_sub(0xDC00).filter(|low| *low < 0x400)?;
        Some((rest, char::from_u32(0x10000 + ((first - 0xD800) << 10) + low)?))
    });
    pair.map_or_else(|| fail(whole, Expected::SurrogatePair), Ok)
}

/// Reads `\uXXXX`.
fn hex4(input: &str) -> Lexed<'_, u32> {
    let (rest, (_, digits)) = (tag("\\u"), take_while_m_n(4, 4, |c: char| c.is_ascii_hexdigit())).parse(input)?;
    Ok((rest, u32::from_str_radix(digits, 16).unwrap_or(0)))
}
