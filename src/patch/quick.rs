//! Reads a PATCH request in its plain form, `{"schemas": […], "Operations": [{"op": …, "path": …, "value": …}]}`, from text
//! without building a tree of the body: only the values of the operations are built. A body of another form or with an
//! error is left to the general reader, which accepts all dialects and reports what is wrong.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::operation::{Op, SCHEMA};
use super::parts::Parts;
use crate::json;
use crate::options::Options;

/// The number of levels of nesting above the value of an operation: the envelope, the list of operations, and the
/// operation.
const ABOVE: usize = 3;
/// The most members that an operation can have: `op`, `path` and `value`.
const MEMBERS: usize = 3;

/// The operations of a plain request; `None` if the general reader must read it.
pub(super) fn operations<'b>(body: &'b [u8], options: &Options) -> Option<Vec<Parts<'b>>> {
    let depth = options.limits.capped_depth().checked_sub(ABOVE)?;
    if options.limits.members < MEMBERS {
        return None;
    }
    let text = simdutf8::basic::from_utf8(body).ok()?;
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let operations = EnvelopeSeed.deserialize(&mut deserializer).ok()?;
    deserializer.end().ok()?;
    let fits = |value: &Value| {
        json::is_within_depth(value, depth) && json::oversized_object(value, options.limits.members).is_none()
    };
    operations.iter().all(|parts| parts.value.as_ref().is_none_or(fits)).then_some(operations)
}

/// The error for a body that is not plain. It is never shown: the general reader takes over.
fn other<E: Error>() -> E {
    E::custom("no plain request")
}

struct EnvelopeSeed;
struct UrnsSeed;
struct OperationsSeed;
struct OperationSeed;
/// Reads a string; a string without escapes is borrowed from the text.
struct TextSeed;

/// Implements [`DeserializeSeed`] for types that are their own visitor.
macro_rules! seed {
    ($($seed:ty => $value:ty, $by:ident;)*) => {$(
        impl<'de> DeserializeSeed<'de> for $seed {
            type Value = $value;

            fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
                deserializer.$by(self)
            }
        }
    )*};
}

seed! {
    EnvelopeSeed => Vec<Parts<'de>>, deserialize_map;
    UrnsSeed => bool, deserialize_seq;
    OperationsSeed => Vec<Parts<'de>>, deserialize_seq;
    OperationSeed => Parts<'de>, deserialize_map;
    TextSeed => Cow<'de, str>, deserialize_str;
}

fn expected(f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_str("a plain request")
}

impl<'de> Visitor<'de> for EnvelopeSeed {
    type Value = Vec<Parts<'de>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        expected(f)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let (mut is_patch, mut operations) = (None, None);
        while let Some(name) = members.next_key_seed(TextSeed)? {
            if is_patch.is_none() && name.eq_ignore_ascii_case("schemas") {
                is_patch = Some(members.next_value_seed(UrnsSeed)?);
            } else if operations.is_none() && name.eq_ignore_ascii_case("Operations") {
                operations = Some(members.next_value_seed(OperationsSeed)?);
            } else {
                return Err(other());
            }
        }
        match (is_patch, operations) {
            (Some(true), Some(operations)) => Ok(operations),
            _ => Err(other()),
        }
    }
}

impl<'de> Visitor<'de> for UrnsSeed {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        expected(f)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut urns: A) -> Result<bool, A::Error> {
        let mut is_patch = false;
        while let Some(urn) = urns.next_element_seed(TextSeed)? {
            is_patch |= urn.eq_ignore_ascii_case(SCHEMA);
        }
        Ok(is_patch)
    }
}

impl<'de> Visitor<'de> for OperationsSeed {
    type Value = Vec<Parts<'de>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        expected(f)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Self::Value, A::Error> {
        let mut operations = Vec::new();
        while let Some(operation) = elements.next_element_seed(OperationSeed)? {
            operations.push(operation);
        }
        Ok(operations)
    }
}

impl<'de> Visitor<'de> for OperationSeed {
    type Value = Parts<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        expected(f)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Parts<'de>, A::Error> {
        let (mut op, mut path, mut value) = (None, None, None);
        while let Some(name) = members.next_key_seed(TextSeed)? {
            if op.is_none() && name.eq_ignore_ascii_case("op") {
                op = Some(Op::from_name(&members.next_value_seed(TextSeed)?).ok_or_else(other)?);
            } else if path.is_none() && name.eq_ignore_ascii_case("path") {
                path = Some(members.next_value_seed(TextSeed)?);
            } else if value.is_none() && name.eq_ignore_ascii_case("value") {
                value = Some(json::next_value(&mut members)?);
            } else {
                return Err(other());
            }
        }
        Ok(Parts { op: op.ok_or_else(other)?, path, value })
    }
}

impl<'de> Visitor<'de> for TextSeed {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        expected(f)
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(text))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(text.to_owned()))
    }
}
