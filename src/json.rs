//! JSON text to values, for bodies: every byte read, and no name given twice (F14).

use std::borrow::Cow;
use std::cell::Cell;
use std::collections::HashSet;
use std::fmt;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

/// Reads a body.
///
/// # Errors
/// What is wrong with the text, with line and column.
pub(crate) fn from_slice(bytes: &[u8]) -> Result<Value, serde_json::Error> {
    from_slice_at(bytes).map_err(|(error, _)| error)
}

/// As [`from_slice`]; of a name given twice inside a list of the outermost object, the index of the element too.
pub(crate) fn from_slice_at(bytes: &[u8]) -> Result<Value, (serde_json::Error, Option<usize>)> {
    let value = serde_json::from_slice(bytes).map_err(|error| (error, None))?;
    // A second pass, without building anything: `Value` keeps only the last of two members with one name.
    let index = Cell::new(None);
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    match (UniqueNames { depth: 0, index: &index }).deserialize(&mut deserializer) {
        Ok(()) => Ok(value),
        Err(error) => Err((error, index.get())),
    }
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

/// Reads any JSON and keeps nothing; two members with one name are an error.
#[derive(Clone, Copy)]
struct UniqueNames<'c> {
    depth: usize,
    /// The element of a list of the outermost object that is being read.
    index: &'c Cell<Option<usize>>,
}

impl<'de> DeserializeSeed<'de> for UniqueNames<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl UniqueNames<'_> {
    fn below(self) -> Self {
        Self { depth: self.depth + 1, ..self }
    }
}

/// The name of a member, borrowed where it has no escapes.
struct Name<'de>(Cow<'de, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NameVisitor;
        impl<'de> Visitor<'de> for NameVisitor {
            type Value = Name<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name")
            }
            fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Borrowed(name)))
            }
            fn visit_str<E>(self, name: &str) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Owned(name.to_owned())))
            }
        }
        deserializer.deserialize_str(NameVisitor)
    }
}

impl<'de> Visitor<'de> for UniqueNames<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<(), A::Error> {
        for index in 0.. {
            if self.depth == 1 {
                self.index.set(Some(index));
            }
            if elements.next_element_seed(self.below())?.is_none() {
                break;
            }
        }
        if self.depth == 1 {
            self.index.set(None);
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        const FEW: usize = 16;
        let mut first: Vec<Cow<'de, str>> = Vec::new();
        let mut more: HashSet<Cow<'de, str>> = HashSet::new();
        while let Some(Name(name)) = members.next_key()? {
            let is_new = if first.len() < FEW {
                let is_new = !first.contains(&name);
                if is_new {
                    first.push(name.clone());
                }
                is_new
            } else {
                !first.contains(&name) && more.insert(name.clone())
            };
            if !is_new {
                return Err(A::Error::custom(format_args!("the name `{name}` is given twice")));
            }
            members.next_value_seed(self.below())?;
        }
        Ok(())
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
    fn depth() {
        let value = serde_json::json!([[[1]]]);
        assert!(is_within_depth(&value, 3));
        assert!(!is_within_depth(&value, 2));
    }
}
