//! The parameters of a list request, from a query string or a `SearchRequest` (RFC 7644 §3.4.2, §3.4.3), as texts.
//! [`ListQuery`](super::ListQuery) interprets them.

use std::borrow::Cow;

use percent_encoding::percent_decode;
use serde_json::Value;

use super::query_error::QueryError;
use crate::coerce::members::{case_duplicate, member};
use crate::error::ScimType;
use crate::filter::decimal::Decimal;
use crate::tolerance::Tolerance;

/// The URN of a search request.
pub(super) const SEARCH_REQUEST: &str = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";

/// The most names of ignored parameters that are kept, and also the most characters of each name. The constant limits
/// how much text a client can put into a log.
const MAX_IGNORED: usize = 100;

/// The parameters of a request, as texts.
#[derive(Debug, Default)]
pub(super) struct Parameters {
    pub filter: Option<String>,
    pub sort_by: Option<String>,
    pub sort_order: Option<String>,
    pub start_index: Option<Integer>,
    pub count: Option<Integer>,
    pub cursor: Option<String>,
    pub attributes: Vec<String>,
    pub excluded_attributes: Vec<String>,
    /// The names of all other parameters.
    pub ignored: Vec<String>,
}

/// A whole number, or the text that is not one. A number beyond 64 bits becomes the nearest number that fits.
pub(super) type Integer = Result<i64, String>;

#[derive(Clone, Copy, PartialEq)]
enum Name {
    Filter,
    SortBy,
    SortOrder,
    StartIndex,
    Count,
    Cursor,
    Attributes,
    ExcludedAttributes,
}

impl Name {
    const ALL: [(&'static str, Self); 8] = [
        ("filter", Self::Filter),
        ("sortBy", Self::SortBy),
        ("sortOrder", Self::SortOrder),
        ("startIndex", Self::StartIndex),
        ("count", Self::Count),
        ("cursor", Self::Cursor),
        ("attributes", Self::Attributes),
        ("excludedAttributes", Self::ExcludedAttributes),
    ];

    /// The parameter with this name. `cursor` is unknown to a host that does not page by cursor (Q9).
    fn of(name: &str, cursors: bool) -> Option<(&'static str, Self)> {
        let mut known = Self::ALL.into_iter().filter(|(_, which)| cursors || *which != Self::Cursor);
        known.find(|(known, _)| known.eq_ignore_ascii_case(name))
    }
}

impl Parameters {
    /// Reads a query string in the encoding of forms, with or without a leading question mark. `cursors` says whether the
    /// host pages by cursor.
    pub(super) fn from_query(query: &[u8], cursors: bool) -> Result<Self, QueryError> {
        let mut parameters = Self::default();
        let query = query.strip_prefix(b"?").unwrap_or(query);
        for pair in query.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
            let at = pair.iter().position(|byte| *byte == b'=').unwrap_or(pair.len());
            let (name, value) = pair.split_at_checked(at).unwrap_or((pair, b""));
            let value = value.strip_prefix(b"=").unwrap_or(value);
            let name = decode(name).map_err(|problem| malformed("the name of a parameter", problem))?;
            let Some((known, which)) = Name::of(&name, cursors) else {
                parameters.ignore(&name);
                continue;
            };
            let decoded = if which == Name::Filter { decode_filter(value) } else { decode(value) };
            let value = decoded.map_err(|problem| malformed(&format!("the parameter `{known}`"), problem))?;
            parameters.set(known, which, value)?;
        }
        Ok(parameters)
    }

    /// Sets a parameter. An empty value counts as absent, with two exceptions: an empty `cursor` asks for the first page
    /// (RFC 9865 §2), and an empty `filter` is refused so that nobody lists everybody by accident (L1).
    fn set(&mut self, known: &str, which: Name, value: String) -> Result<(), QueryError> {
        if which == Name::Filter && value.trim().is_empty() {
            let message = "`filter` is empty: leave it out to list all resources";
            return Err(QueryError::of(ScimType::InvalidFilter, message));
        }
        if value.is_empty() && which != Name::Cursor {
            return Ok(());
        }
        let place = match which {
            Name::Filter => &mut self.filter,
            Name::SortBy => &mut self.sort_by,
            Name::SortOrder => &mut self.sort_order,
            Name::Cursor => &mut self.cursor,
            Name::StartIndex => return once(&mut self.start_index, integer(&value), known),
            Name::Count => return once(&mut self.count, integer(&value), known),
            Name::Attributes => {
                push_names(&mut self.attributes, &value);
                return Ok(());
            }
            Name::ExcludedAttributes => {
                push_names(&mut self.excluded_attributes, &value);
                return Ok(());
            }
        };
        once(place, value, known)
    }

    /// Reads the body of a search request. Names of members ignore case; a `null` member counts as absent.
    pub(super) fn from_body(body: &Value, cursors: bool, tolerance: &Tolerance) -> Result<Self, QueryError> {
        let Value::Object(members) = body else {
            return Err(syntax("a search request must be a JSON object"));
        };
        if let Some(name) = case_duplicate(members) {
            return Err(syntax(format!("the name `{name}` is given twice")));
        }
        let urns = match member(members, "schemas") {
            Some(Value::Array(urns)) => urns.as_slice(),
            Some(urn @ Value::String(_)) if tolerance.single_for_list => std::slice::from_ref(urn),
            _ => &[],
        };
        if !urns.iter().filter_map(Value::as_str).any(|urn| urn.eq_ignore_ascii_case(SEARCH_REQUEST)) {
            return Err(syntax(format!("the `schemas` of a search request must have `{SEARCH_REQUEST}`")));
        }
        let mut parameters = Self::default();
        for (name, value) in members {
            let Some((known, which)) = Name::of(name, cursors) else {
                if !name.eq_ignore_ascii_case("schemas") {
                    parameters.ignore(name);
                }
                continue;
            };
            parameters.set_member(known, which, value, tolerance)?;
        }
        Ok(parameters)
    }

    fn set_member(&mut self, known: &str, which: Name, value: &Value, tolerance: &Tolerance) -> Result<(), QueryError> {
        match (which, value) {
            (_, Value::Null) => Ok(()),
            (Name::StartIndex | Name::Count, Value::Number(number)) => {
                let place = if which == Name::Count { &mut self.count } else { &mut self.start_index };
                *place = Some(whole(&number.to_string()));
                Ok(())
            }
            (Name::StartIndex | Name::Count, Value::String(_)) if !tolerance.number_strings => {
                Err(syntax(format!("`{known}` must be a whole number")))
            }
            (Name::StartIndex | Name::Count, Value::String(text)) => self.set(known, which, text.clone()),
            (Name::StartIndex | Name::Count, _) => Err(syntax(format!("`{known}` must be a whole number"))),
            (Name::Attributes | Name::ExcludedAttributes, Value::Array(names)) => {
                let place =
                    if which == Name::Attributes { &mut self.attributes } else { &mut self.excluded_attributes };
                for name in names {
                    let Value::String(name) = name else {
                        return Err(syntax(format!("`{known}` must be a list of strings")));
                    };
                    push_names(place, name);
                }
                Ok(())
            }
            (Name::Attributes | Name::ExcludedAttributes, Value::String(_)) if !tolerance.single_for_list => {
                Err(syntax(format!("`{known}` must be a list of strings")))
            }
            (_, Value::String(text)) => self.set(known, which, text.clone()),
            (Name::Attributes | Name::ExcludedAttributes, _) => {
                Err(syntax(format!("`{known}` must be a list of strings")))
            }
            _ => Err(syntax(format!("`{known}` must be a string"))),
        }
    }

    fn ignore(&mut self, name: &str) {
        if self.ignored.len() < MAX_IGNORED {
            let name: String = name.chars().take(MAX_IGNORED).collect();
            if !self.ignored.contains(&name) {
                self.ignored.push(name);
            }
        }
    }
}

/// Sets a parameter that may be repeated only with the same value (Q5).
fn once<T: PartialEq>(place: &mut Option<T>, value: T, known: &str) -> Result<(), QueryError> {
    if place.as_ref().is_some_and(|earlier| *earlier != value) {
        return Err(syntax(format!("the parameter `{known}` is given twice with different values")));
    }
    *place = Some(value);
    Ok(())
}

/// Adds the names of a text, which are separated by commas. Commas within brackets belong to a name.
pub(super) fn push_names(names: &mut Vec<String>, text: &str) {
    let (mut is_quoted, mut is_escaped, mut depth) = (false, false, 0_usize);
    let separates = |c: char| {
        match c {
            '"' if depth > 0 && !is_escaped => is_quoted = !is_quoted,
            '[' if !is_quoted => depth += 1,
            ']' if !is_quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
        is_escaped = is_quoted && c == '\\' && !is_escaped;
        c == ',' && depth == 0
    };
    names.extend(text.split(separates).map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned));
}

/// Reads a number of a query string. Decoding has turned a plus sign into a blank, which `trim` removes.
fn integer(text: &str) -> Integer {
    let trimmed = text.trim();
    let digits = trimmed.strip_prefix(['-', '+']).unwrap_or(trimmed);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(text.to_owned());
    }
    // All characters are digits, so parsing fails only if the number is too large.
    let magnitude = digits.parse::<i64>().unwrap_or(i64::MAX);
    Ok(if trimmed.starts_with('-') { -magnitude } else { magnitude })
}

/// Reads a number of JSON in any form: `1e2` is a whole number.
fn whole(text: &str) -> Integer {
    let number = Decimal::parse(text);
    if !number.is_whole() {
        return Err(text.to_owned());
    }
    Ok(number.saturating_integer())
}

/// The reason why an encoded text cannot be decoded.
enum Malformed {
    Percent(String),
    Utf8,
}

fn malformed(what: &str, problem: Malformed) -> QueryError {
    syntax(match problem {
        Malformed::Percent(found) => {
            format!("{what} has a `%` without two hex digits after it: `{found}`; a percent sign itself is `%25`")
        }
        Malformed::Utf8 => format!("{what} is not UTF-8 when it is decoded"),
    })
}

fn syntax(detail: impl Into<String>) -> QueryError {
    QueryError::of(ScimType::InvalidSyntax, detail)
}

/// Decodes a filter. A plus sign means a blank, as in forms. If all plus signs are within quotes, they mean plus signs,
/// because the client then encodes the blanks between tokens in another way: `userName%20eq%20"a+b"` (L2).
fn decode_filter(text: &[u8]) -> Result<String, Malformed> {
    if !text.contains(&b'+') {
        return decode(text);
    }
    let mut escaped = Vec::with_capacity(text.len() + 16);
    for byte in text {
        match byte {
            b'+' => escaped.extend_from_slice(b"%2B"),
            other => escaped.push(*other),
        }
    }
    let with_signs = decode(&escaped)?;
    if has_signs_outside_quotes(&with_signs) { decode(text) } else { Ok(with_signs) }
}

fn has_signs_outside_quotes(filter: &str) -> bool {
    let (mut is_quoted, mut is_escaped) = (false, false);
    filter.bytes().any(|byte| {
        if byte == b'"' && !is_escaped {
            is_quoted = !is_quoted;
        }
        is_escaped = is_quoted && byte == b'\\' && !is_escaped;
        byte == b'+' && !is_quoted
    })
}

fn decode(text: &[u8]) -> Result<String, Malformed> {
    let mut rest = text;
    while let Some(at) = rest.iter().position(|byte| *byte == b'%') {
        let sequence = rest.get(at..).unwrap_or_default();
        if !sequence.get(1..3).is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit)) {
            let found = sequence.get(..sequence.len().min(3)).unwrap_or_default();
            return Err(Malformed::Percent(String::from_utf8_lossy(found).escape_default().to_string()));
        }
        rest = sequence.get(3..).unwrap_or_default();
    }
    let text = if text.contains(&b'+') {
        Cow::Owned(text.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect())
    } else {
        Cow::Borrowed(text)
    };
    String::from_utf8(percent_decode(&text).collect()).map_err(|_| Malformed::Utf8)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str) -> Parameters {
        Parameters::from_query(query.as_bytes(), true).unwrap()
    }

    #[test]
    fn forms_are_decoded() {
        let parameters = read("?&filter=a+pr%20and+b%2B%63+pr&&COUNT=5&cursor&x=%zz&");
        assert_eq!(parameters.filter.as_deref(), Some("a pr and b+c pr"));
        assert_eq!(parameters.count, Some(Ok(5)));
        assert_eq!(parameters.cursor.as_deref(), Some(""));
        assert_eq!(parameters.ignored, ["x"]);
    }

    #[test]
    fn what_is_no_encoding() {
        for query in ["filter=%", "filter=%4", "filter=%g0", "filter=%ff", "%=1", "count=5%"] {
            assert_eq!(
                Parameters::from_query(query.as_bytes(), true).unwrap_err().scim_type(),
                Some(ScimType::InvalidSyntax)
            );
        }
    }

    #[test]
    fn numbers_of_any_size() {
        assert_eq!(integer("-99999999999999999999"), Ok(-i64::MAX));
        assert_eq!(integer(" 7"), Ok(7));
        for text in ["", "-", "1.0", "1e2", "x", "٣"] {
            assert!(integer(text).is_err(), "{text}");
        }
        assert_eq!(whole("1e2"), Ok(100));
        assert_eq!(whole("5.0"), Ok(5));
        assert_eq!(whole("-1e999999999999"), Ok(i64::MIN));
        assert!(whole("1.5").is_err());
    }

    #[test]
    fn a_plus_in_quotes() {
        for (query, filter) in [
            ("filter=a%20eq%20%22x+y%22", "a eq \"x+y\""),
            ("filter=a eq \"x+y\"", "a eq \"x+y\""),
            ("filter=a+eq+%22x+y%22", "a eq \"x y\""),
            ("filter=a%20eq%20%22x+%5C%22+y%22%20and+b%20pr", "a eq \"x \\\" y\" and b pr"),
            ("filter=a%20eq%20%22x%2By%22", "a eq \"x+y\""),
        ] {
            assert_eq!(read(query).filter.as_deref(), Some(filter), "{query}");
        }
        assert!(Parameters::from_query(b"filter=a%20eq%20%22x+%y%22", true).is_err());
    }

    #[test]
    fn commas_in_brackets() {
        let names = read("attributes=emails[type%20eq%20%22a],b%22].value,id,x[").attributes;
        assert_eq!(names, ["emails[type eq \"a],b\"].value", "id", "x["]);
    }

    #[test]
    fn repeats() {
        assert_eq!(read("count=5&count=05").count, Some(Ok(5)));
        assert!(Parameters::from_query(b"count=5&count=6", true).is_err());
        assert_eq!(read("attributes=a,b&attributes=c").attributes, ["a", "b", "c"]);
    }
}
