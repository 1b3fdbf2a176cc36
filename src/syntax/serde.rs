//! The tree as JSON, for tools: `{"op": "and", "terms": [{"op": "eq", "attribute": "userName", "value": "x"}]}`.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use serde::de::{self, Deserialize, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::ast::{Expr, Literal, Number, SubTest, Test};
use super::build::attr;
use super::filter::Filter;
use super::lexer::is_number;
use super::{CompareOp, Limits, ParseError};
use crate::json::NUMBER;
use crate::tolerance::Tolerance;

impl Serialize for Filter {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.expr().serialize(serializer)
    }
}

impl Serialize for Expr<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        match self {
            Self::And(terms) | Self::Or(terms) => {
                map.serialize_entry("op", if matches!(self, Self::And(_)) { "and" } else { "or" })?;
                map.serialize_entry("terms", terms)?;
            }
            Self::Not(not) => {
                map.serialize_entry("op", "not")?;
                map.serialize_entry("term", &not.expr)?;
            }
            Self::Attr(exp) => {
                serialize_test(&mut map, exp.path.as_str(), &exp.test)?;
            }
            Self::ValuePath(path) => {
                map.serialize_entry("op", "valuePath")?;
                map.serialize_entry("attribute", path.path.as_str())?;
                map.serialize_entry("filter", &path.filter)?;
                if let Some(then) = &path.then {
                    map.serialize_entry("then", then)?;
                }
            }
        }
        map.end()
    }
}

impl Serialize for SubTest<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        serialize_test(&mut map, &self.sub_attribute, &self.test)?;
        map.end()
    }
}

fn serialize_test<M: SerializeMap>(map: &mut M, attribute: &str, test: &Test<'_>) -> Result<(), M::Error> {
    let op = match test {
        Test::Present { .. } => "pr",
        Test::Compare { op, .. } => op.as_str(),
    };
    map.serialize_entry("op", op)?;
    map.serialize_entry("attribute", attribute)?;
    match test {
        Test::Present { .. } => Ok(()),
        Test::Compare { value, .. } => map.serialize_entry("value", value),
    }
}

impl Serialize for Literal<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            // A number that the serializer cannot hold exactly is still the nearest one.
            Self::Number(Number(text)) => match serde_json::Number::from_str(text) {
                Ok(number) => number.serialize(serializer),
                Err(_) => serializer.serialize_str(text),
            },
            Self::String(text) => serializer.serialize_str(text),
        }
    }
}

/// The JSON form, before it is a filter.
#[derive(Default)]
struct Tree {
    op: String,
    terms: Vec<Tree>,
    term: Option<Box<Tree>>,
    attribute: Option<String>,
    filter: Option<Box<Tree>>,
    then: Option<Box<Tree>>,
    value: Option<Literal<'static>>,
}

impl<'de> Deserialize<'de> for Filter {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let tree = Below(Limits::MAX_DEPTH).deserialize(deserializer)?;
        let text = tree.text().map_err(de::Error::custom)?;
        // The text has more parentheses than it needs: only the canonical one is held to the default limits.
        let limits = Limits { nesting: 2 * Limits::MAX_DEPTH, ..Limits::default() };
        let filter = Self::parse_with(&text, &limits, &Tolerance::default()).map_err(de::Error::custom)?;
        Self::parse(&filter.to_string()).map_err(de::Error::custom)
    }
}

/// Reads a tree of at most so many levels: what is deeper is refused before it is followed.
#[derive(Clone, Copy)]
struct Below(usize);

impl Below {
    fn next<E: de::Error>(self) -> Result<Self, E> {
        let levels = self.0.checked_sub(1);
        levels
            .map(Below)
            .ok_or_else(|| E::custom(format_args!("nested too deep: at most {} levels are allowed", Limits::MAX_DEPTH)))
    }
}

impl<'de> DeserializeSeed<'de> for Below {
    type Value = Tree;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Tree, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Below {
    type Value = Tree;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with `op`")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Tree, A::Error> {
        let mut tree = Tree::default();
        while let Some(name) = members.next_key::<String>()? {
            match name.as_str() {
                "op" => tree.op = members.next_value()?,
                "attribute" => tree.attribute = Some(members.next_value()?),
                "value" => tree.value = Some(members.next_value_seed(Simple)?),
                "terms" => tree.terms = members.next_value_seed(Terms(self.next()?))?,
                "term" => tree.term = Some(Box::new(members.next_value_seed(self.next()?)?)),
                "filter" => tree.filter = Some(Box::new(members.next_value_seed(self.next()?)?)),
                "then" => tree.then = Some(Box::new(members.next_value_seed(self.next()?)?)),
                other => return Err(de::Error::custom(format_args!("`{other}` is no member of a filter's tree"))),
            }
        }
        if tree.op.is_empty() { Err(de::Error::missing_field("op")) } else { Ok(tree) }
    }
}

struct Terms(Below);

impl<'de> DeserializeSeed<'de> for Terms {
    type Value = Vec<Tree>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Vec<Tree>, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Terms {
    type Value = Vec<Tree>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of trees")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Vec<Tree>, A::Error> {
        let mut terms = Vec::new();
        while let Some(term) = elements.next_element_seed(self.0)? {
            terms.push(term);
        }
        Ok(terms)
    }
}

/// Reads a literal: any JSON value but an array or an object.
struct Simple;

impl<'de> DeserializeSeed<'de> for Simple {
    type Value = Literal<'static>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Literal<'static>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Simple {
    type Value = Literal<'static>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string, a number, `true`, `false` or `null`")
    }

    fn visit_unit<E>(self) -> Result<Literal<'static>, E> {
        Ok(Literal::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Literal<'static>, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Literal<'static>, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Literal<'static>, E> {
        Ok(value.into())
    }

    fn visit_i128<E>(self, value: i128) -> Result<Literal<'static>, E> {
        Ok(Literal::Number(Number(Cow::Owned(value.to_string()))))
    }

    fn visit_u128<E>(self, value: u128) -> Result<Literal<'static>, E> {
        Ok(Literal::Number(Number(Cow::Owned(value.to_string()))))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Literal<'static>, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Literal<'static>, E> {
        Ok(value.to_owned().into())
    }

    /// A number where serde_json's `arbitrary_precision` is on.
    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Literal<'static>, A::Error> {
        match members.next_entry::<String, String>()? {
            Some((name, text)) if name == NUMBER && is_number(&text) => Ok(Literal::Number(Number(Cow::Owned(text)))),
            _ => Err(de::Error::custom("the `value` of a comparison must be a simple one")),
        }
    }
}

impl Tree {
    /// The text of the filter; the parser then checks all of it.
    fn text(&self) -> Result<String, String> {
        let attribute = || self.attribute.as_deref().ok_or_else(|| format!("`{}` needs an `attribute`", self.op));
        match self.op.as_str() {
            "and" | "or" => {
                let terms: Result<Vec<_>, _> = self.terms.iter().map(Tree::text).collect();
                let terms = terms?;
                if terms.is_empty() {
                    return Err(format!("`{}` needs `terms`", self.op));
                }
                Ok(format!("({})", terms.join(if self.op == "and" { ") and (" } else { ") or (" })))
            }
            "not" => {
                let term = self.term.as_ref().ok_or("`not` needs a `term`")?;
                Ok(format!("not ({})", term.text()?))
            }
            "valuePath" => {
                let filter = self.filter.as_ref().ok_or("`valuePath` needs a `filter`")?;
                let mut text = format!("{}[{}]", attribute()?, filter.text()?);
                if let Some(then) = &self.then {
                    text.push('.');
                    text.push_str(&then.text()?);
                }
                Ok(text)
            }
            _ => self.test_text(attribute()?),
        }
    }

    fn test_text(&self, attribute: &str) -> Result<String, String> {
        let built: Result<Filter, ParseError> = if self.op.eq_ignore_ascii_case("pr") {
            attr(attribute).pr().build()
        } else {
            let op = CompareOp::from_name(&self.op).ok_or_else(|| format!("`{}` is no operator", self.op))?;
            attr(attribute).compare(op, self.value.clone().unwrap_or(Literal::Null)).build()
        };
        built.map(|filter| filter.to_string()).map_err(|error| error.to_string())
    }
}
