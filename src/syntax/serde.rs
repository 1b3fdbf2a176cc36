//! The tree as JSON, for tools: `{"op": "and", "terms": [{"op": "eq", "attribute": "userName", "value": "x"}]}`.

use std::str::FromStr;

use serde::de::{self, Deserialize, Deserializer};
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::ast::{Expr, Literal, Number, SubTest, Test};
use super::build::{FilterBuilder, attr};
use super::filter::Filter;
use super::{CompareOp, Limits, ParseError};
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
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Tree {
    op: String,
    #[serde(default)]
    terms: Vec<Tree>,
    term: Option<Box<Tree>>,
    attribute: Option<String>,
    filter: Option<Box<Tree>>,
    then: Option<Box<Tree>>,
    value: Option<serde_json::Value>,
}

impl<'de> Deserialize<'de> for Filter {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let tree = Tree::deserialize(deserializer)?;
        let text = tree.text(0).map_err(de::Error::custom)?;
        // The text has more parentheses than it needs: only the canonical one is held to the default limits.
        let limits = Limits { nesting: 2 * Limits::MAX_DEPTH, ..Limits::default() };
        let filter = Self::parse_with(&text, &limits, &Tolerance::default()).map_err(de::Error::custom)?;
        Self::parse(&filter.to_string()).map_err(de::Error::custom)
    }
}

impl Tree {
    /// The text of the filter; the parser then checks all of it.
    fn text(&self, depth: usize) -> Result<String, String> {
        if depth > Limits::MAX_DEPTH {
            return Err("nested too deep".to_owned());
        }
        let attribute = || self.attribute.as_deref().ok_or_else(|| format!("`{}` needs an `attribute`", self.op));
        match self.op.as_str() {
            "and" | "or" => {
                let terms: Result<Vec<_>, _> = self.terms.iter().map(|term| term.text(depth + 1)).collect();
                let terms = terms?;
                if terms.is_empty() {
                    return Err(format!("`{}` needs `terms`", self.op));
                }
                Ok(format!("({})", terms.join(if self.op == "and" { ") and (" } else { ") or (" })))
            }
            "not" => {
                let term = self.term.as_ref().ok_or("`not` needs a `term`")?;
                Ok(format!("not ({})", term.text(depth + 1)?))
            }
            "valuePath" => {
                let filter = self.filter.as_ref().ok_or("`valuePath` needs a `filter`")?;
                let mut text = format!("{}[{}]", attribute()?, filter.text(depth + 1)?);
                if let Some(then) = &self.then {
                    text.push('.');
                    text.push_str(&then.text(depth + 1)?);
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
            self.comparison(attribute, op)?.build()
        };
        built.map(|filter| filter.to_string()).map_err(|error| error.to_string())
    }

    fn comparison(&self, attribute: &str, op: CompareOp) -> Result<FilterBuilder, String> {
        use serde_json::Value;
        let literal = match self.value.clone() {
            None | Some(Value::Null) => Literal::Null,
            Some(Value::Bool(value)) => Literal::Bool(value),
            Some(Value::Number(number)) => Literal::from(number),
            Some(Value::String(text)) => Literal::from(text),
            Some(_) => return Err(format!("the `value` of `{}` must be a simple one", self.op)),
        };
        Ok(attr(attribute).compare(op, literal))
    }
}
