//! In serde a filter is its canonical text. A tree is serialized as JSON, for tools:
//! `{"op": "and", "terms": [{"op": "eq", "attribute": "userName", "value": "x"}]}`.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use serde::de::{self, Deserialize, Deserializer, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::ast::{Expr, SubTest, Test};
use super::filter::Filter;
use super::literal::{Literal, Number};

/// Serializes the canonical text.
impl Serialize for Filter {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Parses the text as [`Filter::parse`] does.
impl<'de> Deserialize<'de> for Filter {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(FilterText)
    }
}

struct FilterText;

impl Visitor<'_> for FilterText {
    type Value = Filter;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the text of a filter")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Filter, E> {
        Filter::parse(text).map_err(E::custom)
    }
}

/// Serializes the tree as objects with the member `op`. For `and` and `or`, the object also has `terms`; for `not`, it
/// has `term`; for `valuePath`, it has `attribute`, `filter` and, if a test follows the brackets, `then`. Otherwise
/// `op` is the operator of a test, and the object has `attribute` and, except for `pr`, `value`. A number that the
/// serializer cannot hold exactly is written as its text, `{"number": "12345678901234567890123"}`, so that no number is
/// rounded.
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
            Self::Number(Number(text)) => match serde_json::Number::from_str(text) {
                Ok(number) if is_same_number(&number.to_string(), text) => number.serialize(serializer),
                _ => {
                    let mut map = serializer.serialize_map(Some(1))?;
                    map.serialize_entry("number", text)?;
                    map.end()
                }
            },
            Self::String(text) => serializer.serialize_str(text),
        }
    }
}

/// Whether two JSON numbers have the same value.
fn is_same_number(a: &str, b: &str) -> bool {
    a == b || (digits(a).is_some() && digits(a) == digits(b))
}

/// Whether a number is negative, its digits without leading and trailing zeros, and the power of ten of the last digit.
/// `None` if the exponent does not fit into 64 bits.
fn digits(number: &str) -> Option<(bool, Cow<'_, str>, i64)> {
    let (mantissa, exponent) = number.split_once(['e', 'E']).unwrap_or((number, "0"));
    let exponent: i64 = exponent.parse().ok()?;
    let (is_negative, mantissa) = mantissa.strip_prefix('-').map_or((false, mantissa), |rest| (true, rest));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all = if fraction.is_empty() { Cow::Borrowed(whole) } else { Cow::Owned(format!("{whole}{fraction}")) };
    let kept = all.trim_end_matches('0');
    let shift = i64::try_from(all.len() - kept.len()).ok()? - i64::try_from(fraction.len()).ok()?;
    let kept = kept.trim_start_matches('0');
    if kept.is_empty() {
        return Some((false, Cow::Borrowed(""), 0));
    }
    let exponent = exponent.checked_add(shift)?;
    Some((is_negative, Cow::Owned(kept.to_owned()), exponent))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::is_same_number;
    use crate::Filter;

    #[test]
    fn numbers_that_are_the_same() {
        for (a, b) in
            [("1.50", "1.5"), ("1e3", "1000.0"), ("-0", "0.0"), ("120e-1", "12"), ("0.001", "1E-3"), ("7e+2", "700")]
        {
            assert!(is_same_number(a, b), "{a} {b}");
        }
        for (a, b) in
            [("1", "-1"), ("9007199254740993.0", "9007199254740992.0"), ("1e9223372036854775807", "2"), ("10", "1")]
        {
            assert!(!is_same_number(a, b), "{a} {b}");
        }
    }

    /// The serialized value is exact, with or without the feature `arbitrary_precision` of `serde_json`.
    #[test]
    fn no_number_is_rounded() {
        for number in
            ["12345678901234567890123", "1e400", "-1E-400", "9007199254740993.0", "1.10", "5", "1e99999999999999999999"]
        {
            let filter: Filter = format!("level eq {number}").parse().unwrap();
            let text = serde_json::to_string(&filter).unwrap();
            assert_eq!(text, format!("\"level eq {number}\""));
            assert_eq!(serde_json::from_str::<Filter>(&text).unwrap(), filter);
            let tree = serde_json::to_value(filter.expr()).unwrap();
            let value = tree.get("value").unwrap();
            let shown = value.get("number").map_or_else(|| value.to_string(), |text| text.as_str().unwrap().to_owned());
            assert!(is_same_number(&shown, number), "{tree}");
            if !cfg!(any(feature = "cli", feature = "python")) && number != "5" && number != "1.10" {
                assert_eq!(*value, json!({"number": number}));
            }
        }
    }

    #[test]
    fn text_and_nothing_else() {
        let error = serde_json::from_value::<Filter>(json!("title eq x")).unwrap_err().to_string();
        assert!(error.contains("expected a JSON value") && error.contains("at character 9"), "{error}");
        for value in [json!({"op": "pr", "attribute": "title"}), json!(5), Value::Null] {
            let error = serde_json::from_value::<Filter>(value).unwrap_err().to_string();
            assert!(error.contains("expected the text of a filter"), "{error}");
        }
        let spelled: Filter = serde_json::from_value(json!("((Title PR))")).unwrap();
        assert_eq!(serde_json::to_value(&spelled).unwrap(), json!("Title pr"));
    }
}
