//! Reads JSON text into values, and checks every byte. A request body is refused if an object in it has a name twice
//! (F14), or if it exceeds a limit.

use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// The reason why a text is not JSON, and its place. The messages are those of `words` and not of `serde_json`, so that
/// all readers of JSON in this crate describe a fault in the same words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Error {
    reason: Cow<'static, str>,
    is_name_twice: bool,
    line: usize,
    column: usize,
}

/// The messages for text that is not JSON, shared by all readers.
pub(crate) mod words {
    pub(crate) const END: &str = "the text ends in the middle of a value";
    pub(crate) const VALUE: &str = "expected a value";
    pub(crate) const WORD: &str = "expected `true`, `false` or `null`";
    pub(crate) const NUMBER: &str = "this is not a number";
    pub(crate) const NAME: &str = "expected a name in quotes";
    pub(crate) const COLON: &str = "expected `:` after a name";
    pub(crate) const COMMA_OR_BRACE: &str = "expected `,` or `}` after a member";
    pub(crate) const COMMA_OR_BRACKET: &str = "expected `,` or `]` after an element";
    pub(crate) const AFTER_COMMA: &str = "expected something after `,`";
    pub(crate) const REST: &str = "expected nothing after the value";
    pub(crate) const CONTROL: &str = "a string has a control character that is not escaped";
    pub(crate) const ESCAPE: &str = "a string has an escape that JSON does not know";
    pub(crate) const SURROGATE: &str = "a string has half of a surrogate pair";
    pub(crate) const UTF8: &str = "the text is not UTF-8";
    pub(crate) const DEPTH: &str = "nested too deep: at most 127 levels are read";
}

impl Error {
    /// The reason, without the place.
    #[cfg(any(test, feature = "client"))]
    pub(crate) fn reason(&self) -> &str {
        &self.reason
    }

    /// Whether the text is JSON and its only fault is a name that is given twice.
    pub(crate) fn is_name_twice(&self) -> bool {
        self.is_name_twice
    }

    /// The line, counted from 1.
    #[cfg(any(test, feature = "client"))]
    pub(crate) fn line(&self) -> usize {
        self.line
    }

    /// The byte within the line, counted from 1; 0 if the fault precedes the first byte.
    #[cfg(any(test, feature = "client"))]
    pub(crate) fn column(&self) -> usize {
        self.column
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at line {} column {}", self.reason, self.line, self.column)
    }
}

impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Self {
        let (line, column, is_name_twice) = (error.line(), error.column(), error.is_data());
        let text = error.to_string();
        let said = text.strip_suffix(&format!(" at line {line} column {column}")).unwrap_or(&text);
        let known = match said {
            _ if said.starts_with("EOF while parsing") => words::END,
            "expected value" => words::VALUE,
            "expected ident" => words::WORD,
            "invalid number" => words::NUMBER,
            "key must be a string" => words::NAME,
            "expected `:`" => words::COLON,
            "expected `,` or `}`" => words::COMMA_OR_BRACE,
            "expected `,` or `]`" => words::COMMA_OR_BRACKET,
            "trailing comma" => words::AFTER_COMMA,
            "trailing characters" => words::REST,
            _ if said.starts_with("control character") => words::CONTROL,
            "invalid escape" => words::ESCAPE,
            "lone leading surrogate in hex escape" | "unexpected end of hex escape" => words::SURROGATE,
            "invalid unicode code point" => words::UTF8,
            "recursion limit exceeded" => words::DEPTH,
            other => return Self { reason: other.to_owned().into(), is_name_twice, line, column },
        };
        Self { reason: known.into(), is_name_twice, line, column }
    }
}

/// Reads a request body. A name that is given twice in one object is an error.
///
/// # Errors
/// The fault in the text, with its line and column.
pub(crate) fn from_slice(bytes: &[u8]) -> Result<Value, Error> {
    from_slice_at(bytes).map_err(|(error, _)| error)
}

/// Reads a stored document. If an object has a name twice, the last member counts (F14).
#[cfg(any(feature = "cli", feature = "python"))]
pub(crate) fn document(bytes: &[u8]) -> Result<Value, Error> {
    read(bytes, true).map_err(|(error, _)| error)
}

/// Reads as [`from_slice`] does. If a name is given twice inside a list of the outermost object, returns the index of the
/// element, too: in a PATCH request that is the operation at fault.
pub(crate) fn from_slice_at(bytes: &[u8]) -> Result<Value, (Error, Option<usize>)> {
    read(bytes, false)
}

/// The byte order mark that some editors write before UTF-8.
pub(crate) const BOM: &[u8] = b"\xef\xbb\xbf";

/// The text without a byte order mark at its start (D28).
pub(crate) fn without_mark(text: &[u8]) -> &[u8] {
    text.strip_prefix(BOM).unwrap_or(text)
}

fn read(bytes: &[u8], last_counts: bool) -> Result<Value, (Error, Option<usize>)> {
    let bytes = without_mark(bytes);
    // Checking all of the text as UTF-8 at once is faster than each string by itself. If the text is not UTF-8, the
    // slower reader reports the place of the fault.
    match simdutf8::basic::from_utf8(bytes) {
        Ok(text) => read_by(serde_json::Deserializer::from_str(text), last_counts),
        Err(_) => read_by(serde_json::Deserializer::from_slice(bytes), last_counts),
    }
}

fn read_by<'de, R: serde_json::de::Read<'de>>(
    mut deserializer: serde_json::Deserializer<R>,
    last_counts: bool,
) -> Result<Value, (Error, Option<usize>)> {
    let state = ReadState { last_counts, ..ReadState::default() };
    let value = (ValueReader { depth: 0, state: &state }).deserialize(&mut deserializer);
    let index = match state.twice.get() {
        DoubledName::In(index) => Some(index),
        DoubledName::No | DoubledName::Somewhere => None,
    };
    value.and_then(|value| deserializer.end().map(|()| value)).map_err(|error| (error.into(), index))
}

/// Reads the value of a member of an object.
pub(crate) fn next_value<'de, A: MapAccess<'de>>(members: &mut A) -> Result<Value, A::Error> {
    members.next_value_seed(ValueReader { depth: 0, state: &ReadState::default() })
}

/// Whether `value` has at most `max` levels below it. The function recurses at most `max` levels deep, so hostile input
/// cannot overflow the stack.
pub(crate) fn is_within_depth(value: &Value, max: usize) -> bool {
    let below = |value: &Value| max > 0 && is_within_depth(value, max - 1);
    match value {
        Value::Array(elements) => elements.iter().all(below),
        Value::Object(members) => members.values().all(below),
        _ => true,
    }
}

/// Finds an object in `value` that has more than `max` members, and returns their number. The function recurses, so the
/// depth must have been checked.
pub(crate) fn oversized_object(value: &Value, max: usize) -> Option<usize> {
    match value {
        Value::Array(elements) => elements.iter().find_map(|element| oversized_object(element, max)),
        Value::Object(members) if members.len() > max => Some(members.len()),
        Value::Object(members) => members.values().find_map(|value| oversized_object(value, max)),
        _ => None,
    }
}

/// Checks a body against the limits on levels and on the members of one object.
pub(crate) fn check_body(body: &Value, max_depth: usize, max_members: usize) -> Result<(), String> {
    if !is_within_depth(body, max_depth) {
        return Err(format!("the body is nested too deep: at most {max_depth} levels are allowed"));
    }
    oversized_object(body, max_members).map_or(Ok(()), |count| Err(too_many_members(count, max_members)))
}

/// Refuses a number in `value` that has more digits than `max` when its exponent is written out: `1e5` counts as six
/// digits. Converting such a number to decimal can take time that grows with the square of its length. The function
/// recurses, so the depth must have been checked.
pub(crate) fn check_numbers(value: &Value, max: usize) -> Result<(), String> {
    match value {
        Value::Array(elements) => elements.iter().try_for_each(|element| check_numbers(element, max)),
        Value::Object(members) => members.values().try_for_each(|value| check_numbers(value, max)),
        Value::Number(number) if number.as_i64().is_none() && digits_of(&number.to_string()) > max => {
            Err(format!("the number is too long: at most {max} digits are allowed, its exponent counted"))
        }
        _ => Ok(()),
    }
}

/// The message for an object with too many members.
pub(crate) fn too_many_members(count: usize, max: usize) -> String {
    format!("an object has too many members: at most {max} are allowed, these are {count}")
}

/// An upper limit for the digits of a JSON number when its exponent is written out: the digits of the mantissa plus the
/// exponent, whatever its sign.
pub(crate) fn digits_of(number: &str) -> usize {
    let (mantissa, exponent) = number.split_once(['e', 'E']).unwrap_or((number, "0"));
    let digits = mantissa.bytes().filter(u8::is_ascii_digit).count();
    let exponent = exponent.trim_start_matches(['+', '-']).parse::<usize>().unwrap_or(usize::MAX);
    digits.saturating_add(exponent)
}

/// Reads a value as `serde_json` does, with two differences. Two members of an object with the same name are reported;
/// `serde_json` silently keeps the last. An object with the member `$serde_json::private::Number`, which a client could
/// send, stays an object; `serde_json` reads it as a number.
#[derive(Clone, Copy)]
struct ValueReader<'c> {
    depth: usize,
    state: &'c ReadState,
}

#[derive(Default)]
struct ReadState {
    /// Whether the last of two members with one name counts. If not, two such members are an error.
    last_counts: bool,
    twice: Cell<DoubledName>,
    /// Whether the string that was read last is the text of a number.
    is_number: Cell<bool>,
}

/// Whether an object has a name twice, and where.
#[derive(Clone, Copy, Default, PartialEq)]
enum DoubledName {
    #[default]
    No,
    Somewhere,
    /// In the element with this index, of a list that is a member of the outermost object.
    In(usize),
}

impl<'de> DeserializeSeed<'de> for ValueReader<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl ValueReader<'_> {
    fn below(self) -> Self {
        Self { depth: self.depth + 1, ..self }
    }
}

impl<'de> Visitor<'de> for ValueReader<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    /// `serde_json` passes a string by reference, and only the text of a number as an owned string. So this method is
    /// called only for numbers.
    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        self.state.is_number.set(true);
        Ok(value.into())
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Value, A::Error> {
        let mut out = Vec::new();
        loop {
            match elements.next_element_seed(self.below()) {
                Ok(Some(element)) => out.push(element),
                Ok(None) => return Ok(Value::Array(out)),
                Err(error) => {
                    if self.depth == 1 && self.state.twice.get() == DoubledName::Somewhere {
                        self.state.twice.set(DoubledName::In(out.len()));
                    }
                    return Err(error);
                }
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut out = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            if !self.state.last_counts && out.contains_key(&name) {
                self.state.twice.set(DoubledName::Somewhere);
                return Err(A::Error::custom(format_args!("the name `{name}` is given twice")));
            }
            let value = members.next_value_seed(self.below())?;
            if self.state.is_number.take()
                && let Value::String(text) = &value
            {
                return text.parse::<Number>().map(Value::Number).map_err(A::Error::custom);
            }
            out.insert(name, value);
        }
        Ok(Value::Object(out))
    }
}

/// Formats a value for `Debug` as its kind alone, so that personal data and secrets do not get into logs.
pub(crate) struct Hidden<'v>(pub &'v Value);

impl fmt::Debug for Hidden<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Value::Null => "null",
            Value::Bool(_) => "<boolean>",
            Value::Number(_) => "<number>",
            Value::String(_) => "<string>",
            Value::Array(_) => "<list>",
            Value::Object(_) => "<object>",
        })
    }
}

/// Formats a list of values for `Debug` as their number alone.
pub(crate) struct HiddenAll(pub usize);

impl fmt::Debug for HiddenAll {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{} values>", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_given_twice_is_an_error() {
        for text in [r#"{"a":1,"a":2}"#, r#"[{"x":{"a":1,"b":[],"\u0061":2}}]"#] {
            assert!(from_slice(text.as_bytes()).unwrap_err().to_string().contains("twice"), "{text}");
        }
        assert!(from_slice(br#"{"a":1,"A":2,"b":{"a":1.5e3}}"#).is_ok());
    }

    #[test]
    fn where_a_name_is_given_twice() {
        let at = |text: &str| from_slice_at(text.as_bytes()).unwrap_err().1;
        assert_eq!(at(r#"{"a":[{},{"b":{"c":1,"c":2}}]}"#), Some(1));
        assert_eq!(at(r#"{"a":[1],"a":2}"#), None);
        assert_eq!(at(r#"{"a":{"b":{"c":1,"c":2}}}"#), None);
        assert_eq!(at(r#"{"a":[{},{]}"#), None);
    }

    #[test]
    fn what_serde_json_reads() {
        for text in ["1", "-1", "1.5e300", "18446744073709551615", "\"\\u00e9\"", "[null,true,{\"a\":[]}]"] {
            assert_eq!(from_slice(text.as_bytes()).unwrap(), serde_json::from_str::<Value>(text).unwrap());
        }
        assert_eq!(from_slice("\u{feff}{}".as_bytes()).unwrap(), serde_json::json!({}));
        for text in ["", "1 2", "{", "[1,]", "{\"a\"}", "nul", "\u{feff}", "\u{feff}\u{feff}1"] {
            assert!(from_slice(text.as_bytes()).is_err(), "{text}");
        }
    }

    /// With `arbitrary_precision`, `serde_json` itself passes a number as an object with a member of this name; without
    /// that feature it does not. A client's object must stay an object either way.
    #[test]
    fn an_object_is_no_number() {
        for text in [
            r#"{"$serde_json::private::Number":"5"}"#,
            r#"{"\u0024serde_json::private::Number":"5"}"#,
            r#"{"$serde_json::private::Number":5,"a":1.5}"#,
            r#"[{"$serde_json::private::Number":{"$serde_json::private::Number":"5"}}]"#,
        ] {
            let value = from_slice(text.as_bytes()).unwrap();
            let found = value.get(0).unwrap_or(&value);
            assert!(found.is_object(), "{text}: {value}");
            let number = found.get("$serde_json::private::Number").unwrap();
            assert!(number.is_string() || number.is_object() || *number == serde_json::json!(5), "{text}: {value}");
        }
    }

    #[test]
    fn long_numbers() {
        let digits = |count: usize| "7".repeat(count);
        for (text, is_too_long) in [
            (digits(4300), false),
            (digits(4301), true),
            (format!("-0.{}", digits(4299)), false),
            ("1e4299".to_owned(), false),
            ("1E+4300".to_owned(), true),
            ("1e-99999999999999999999999".to_owned(), true),
        ] {
            assert_eq!(digits_of(&text) > 4_300, is_too_long, "{}", &text[..text.len().min(20)]);
        }
    }

    /// Every message is one of the crate's own, never one of `serde_json`.
    #[test]
    fn what_is_wrong_in_the_words_of_the_crate() {
        for (text, reason) in [
            (r#"{"a": tru"#, words::END),
            ("[1,\n nul]", words::WORD),
            ("[1 2]", words::COMMA_OR_BRACKET),
            (r#"{"a" 1}"#, words::COLON),
            (r#"{"a":1 "b"}"#, words::COMMA_OR_BRACE),
            ("{a:1}", words::NAME),
            ("[1,]", words::AFTER_COMMA),
            ("[}", words::VALUE),
            ("[-]", words::NUMBER),
            ("{} {}", words::REST),
            ("\"\u{1}\"", words::CONTROL),
            (r#""\q""#, words::ESCAPE),
            (r#""\ud800""#, words::SURROGATE),
            (r#""\udc00""#, words::SURROGATE),
            (&"[".repeat(200), words::DEPTH),
        ] {
            let error = from_slice(text.as_bytes()).unwrap_err();
            assert_eq!(error.reason(), reason, "{text}");
            let (line, column) = (error.line(), error.column());
            assert_eq!(error.to_string(), format!("{reason} at line {line} column {column}"));
        }
        assert_eq!(from_slice(b"\"\xff\"").unwrap_err().reason(), words::UTF8);
        let error = from_slice(b"[1,\n nul]").unwrap_err();
        assert_eq!((error.line(), error.column(), error.is_name_twice()), (2, 5, false));
        assert!(from_slice(br#"{"a":1,"a":2}"#).unwrap_err().is_name_twice());
    }

    #[test]
    fn depth() {
        let value = serde_json::json!([[[1]]]);
        assert!(is_within_depth(&value, 3));
        assert!(!is_within_depth(&value, 2));
    }
}
