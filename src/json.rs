//! JSON text to values, for bodies: every byte read, and no name given twice (F14).

use std::cell::Cell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// Reads a body.
///
/// # Errors
/// What is wrong with the text, with line and column.
pub(crate) fn from_slice(bytes: &[u8]) -> Result<Value, serde_json::Error> {
    from_slice_at(bytes).map_err(|(error, _)| error)
}

/// As [`from_slice`]; of a name given twice inside a list of the outermost object, the index of the element too.
pub(crate) fn from_slice_at(bytes: &[u8]) -> Result<Value, (serde_json::Error, Option<usize>)> {
    // Text that is known to be UTF-8 need not be checked string by string; of other text the reader says what is wrong.
    match simdutf8::basic::from_utf8(bytes) {
        Ok(text) => read(serde_json::Deserializer::from_str(text)),
        Err(_) => read(serde_json::Deserializer::from_slice(bytes)),
    }
}

fn read<'de, R: serde_json::de::Read<'de>>(
    mut deserializer: serde_json::Deserializer<R>,
) -> Result<Value, (serde_json::Error, Option<usize>)> {
    let twice = Cell::new(Twice::No);
    let value = (Unique { depth: 0, twice: &twice }).deserialize(&mut deserializer);
    let index = match twice.get() {
        Twice::In(index) => Some(index),
        Twice::No | Twice::Somewhere => None,
    };
    value.and_then(|value| deserializer.end().map(|()| value)).map_err(|error| (error, index))
}

/// Reads the value of a member.
pub(crate) fn next_value<'de, A: MapAccess<'de>>(members: &mut A) -> Result<Value, A::Error> {
    members.next_value_seed(Unique { depth: 0, twice: &Cell::new(Twice::No) })
}

/// Whether no part of `value` is more than `max` levels below it. Follows no more than that many.
pub(crate) fn is_within_depth(value: &Value, max: usize) -> bool {
    let below = |value: &Value| max > 0 && is_within_depth(value, max - 1);
    match value {
        Value::Array(elements) => elements.iter().all(below),
        Value::Object(members) => members.values().all(below),
        _ => true,
    }
}

/// How many members an object in `value` has that has more than `max`. The value has been checked to be of bounded depth.
pub(crate) fn crowded(value: &Value, max: usize) -> Option<usize> {
    match value {
        Value::Array(elements) => elements.iter().find_map(|element| crowded(element, max)),
        Value::Object(members) if members.len() > max => Some(members.len()),
        Value::Object(members) => members.values().find_map(|value| crowded(value, max)),
        _ => None,
    }
}

/// The message for an object with too many members.
pub(crate) fn crowd(count: usize, max: usize) -> String {
    format!("an object has too many members: at most {max} are allowed, these are {count}")
}

/// Reads a value as `serde_json` does, but for two members with one name: of those it keeps the last and says nothing.
#[derive(Clone, Copy)]
struct Unique<'c> {
    depth: usize,
    twice: &'c Cell<Twice>,
}

/// Whether a name was given twice, and where.
#[derive(Clone, Copy, PartialEq)]
enum Twice {
    No,
    Somewhere,
    /// In this element of a list of the outermost object.
    In(usize),
}

/// The name under which `serde_json` hands over a number as text where `arbitrary_precision` is on.
pub(crate) const NUMBER: &str = "$serde_json::private::Number";

impl<'de> DeserializeSeed<'de> for Unique<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl Unique<'_> {
    fn below(self) -> Self {
        Self { depth: self.depth + 1, ..self }
    }
}

impl<'de> Visitor<'de> for Unique<'_> {
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
                    if self.depth == 1 && self.twice.get() == Twice::Somewhere {
                        self.twice.set(Twice::In(out.len()));
                    }
                    return Err(error);
                }
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut out = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            if name == NUMBER && out.is_empty() {
                let text: String = members.next_value()?;
                return text.parse::<Number>().map(Value::Number).map_err(A::Error::custom);
            }
            if out.contains_key(&name) {
                self.twice.set(Twice::Somewhere);
                return Err(A::Error::custom(format_args!("the name `{name}` is given twice")));
            }
            let value = members.next_value_seed(self.below())?;
            out.insert(name, value);
        }
        Ok(Value::Object(out))
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
        for text in ["", "1 2", "{", "[1,]", "{\"a\"}", "nul", "\u{feff}1"] {
            assert!(from_slice(text.as_bytes()).is_err(), "{text}");
        }
    }

    #[test]
    fn depth() {
        let value = serde_json::json!([[[1]]]);
        assert!(is_within_depth(&value, 3));
        assert!(!is_within_depth(&value, 2));
    }
}
