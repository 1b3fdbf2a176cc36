//! The values with which a filter compares (`compValue` of RFC 7644 Figure 1), and conversions from and to Rust values
//! and JSON.

use std::borrow::Cow;

use serde_json::Value;

/// `compValue`: a JSON value that is neither an array nor an object.
///
/// ```
/// use scim_engine::syntax::Literal;
/// assert_eq!(Literal::from("work").as_str(), Some("work"));
/// assert_eq!(Literal::from(5_u8).to_string(), "5");
/// assert_eq!(Literal::from(0.1_f32).to_string(), "0.1");
/// assert!(Literal::from(None::<bool>).is_null());
/// ```
///
/// The variants are those of the grammar, which is closed, so a `match` needs no wildcard.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Literal<'a> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, as it was written.
    Number(Number<'a>),
    /// A string with its escapes decoded.
    String(Cow<'a, str>),
}

/// A JSON number, kept as written so that it is never rounded. Numbers are equal if their texts are: `1` and `1.0`
/// differ here, although a filter compares them as equal.
///
/// ```
/// use scim_engine::syntax::Number;
/// let number: Number = "12345678901234567890123".parse()?;
/// assert_eq!(number.as_str(), "12345678901234567890123");
/// assert_eq!(number.as_u64(), None);
/// assert_eq!(Number::from(-5).as_i64(), Some(-5));
/// assert!("+5".parse::<Number>().is_err());
/// # Ok::<(), scim_engine::ParseError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Number<'a>(pub(super) Cow<'a, str>);

impl Number<'_> {
    /// The number as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The number, if it is written as an integer (`5`, but neither `5.0` nor `5e0`) and fits.
    ///
    /// ```
    /// use scim_engine::syntax::Number;
    /// assert_eq!(Number::from(u64::MAX).as_i64(), None);
    /// assert_eq!("5.0".parse::<Number>()?.as_i64(), None);
    /// # Ok::<(), scim_engine::ParseError>(())
    /// ```
    pub fn as_i64(&self) -> Option<i64> {
        self.0.parse().ok()
    }

    /// The number, if it is written as an integer that is not negative, and fits. See [`Number::as_i64`].
    pub fn as_u64(&self) -> Option<u64> {
        self.0.parse().ok()
    }

    /// The nearest float. `None` if the number is too large for one.
    ///
    /// ```
    /// use scim_engine::syntax::Number;
    /// assert_eq!("1.5".parse::<Number>()?.as_f64(), Some(1.5));
    /// assert_eq!("1e400".parse::<Number>()?.as_f64(), None);
    /// # Ok::<(), scim_engine::ParseError>(())
    /// ```
    pub fn as_f64(&self) -> Option<f64> {
        self.0.parse().ok().filter(|float: &f64| float.is_finite())
    }

    /// Copies the text that the number borrows, so that it owns the text.
    pub fn into_owned(self) -> Number<'static> {
        Number(Cow::Owned(self.0.into_owned()))
    }
}

impl Literal<'_> {
    /// The string, if the literal is one.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// The boolean, if the literal is one.
    pub const fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// The number, if the literal is one.
    ///
    /// ```
    /// use scim_engine::syntax::Literal;
    /// assert_eq!(Literal::from(7).as_number().and_then(|number| number.as_i64()), Some(7));
    /// assert_eq!(Literal::from("7").as_number(), None);
    /// ```
    pub fn as_number(&self) -> Option<&Number<'_>> {
        match self {
            Self::Number(number) => Some(number),
            _ => None,
        }
    }

    /// Whether the literal is `null`.
    pub const fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// Copies the text that the literal borrows, so that it owns the text.
    pub fn into_owned(self) -> Literal<'static> {
        match self {
            Self::Null => Literal::Null,
            Self::Bool(value) => Literal::Bool(value),
            Self::Number(number) => Literal::Number(number.into_owned()),
            Self::String(text) => Literal::String(Cow::Owned(text.into_owned())),
        }
    }
}

macro_rules! from_integer {
    ($($integer:ty)*) => {$(
        impl From<$integer> for Number<'_> {
            fn from(value: $integer) -> Self {
                Self(Cow::Owned(value.to_string()))
            }
        }

        impl From<$integer> for Literal<'_> {
            fn from(value: $integer) -> Self {
                Self::Number(value.into())
            }
        }
    )*};
}
from_integer!(i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize);

macro_rules! from_float {
    ($($float:ty)*) => {$(
        /// Gives the shortest text that reads back as the same float. JSON has no infinities and no NaN, so a filter with
        /// one cannot be built. It does not become `null`: `eq null` is true of every resource without the attribute.
        impl From<$float> for Literal<'_> {
            fn from(value: $float) -> Self {
                // `Debug` keeps `.0` and uses an exponent, and both are JSON. `inf` and `NaN` are not, which `valid` notices.
                Self::Number(Number(Cow::Owned(format!("{value:?}"))))
            }
        }
    )*};
}
from_float!(f32 f64);

impl From<serde_json::Number> for Number<'_> {
    fn from(value: serde_json::Number) -> Self {
        Self(Cow::Owned(value.to_string()))
    }
}

impl From<serde_json::Number> for Literal<'_> {
    fn from(value: serde_json::Number) -> Self {
        Self::Number(value.into())
    }
}

impl<'a> From<Number<'a>> for Literal<'a> {
    fn from(value: Number<'a>) -> Self {
        Self::Number(value)
    }
}

impl<'a> From<Cow<'a, str>> for Literal<'a> {
    fn from(value: Cow<'a, str>) -> Self {
        Self::String(value)
    }
}

impl<'a> From<&'a str> for Literal<'a> {
    fn from(value: &'a str) -> Self {
        Self::String(Cow::Borrowed(value))
    }
}

impl<'a> From<&'a String> for Literal<'a> {
    fn from(value: &'a String) -> Self {
        Self::String(Cow::Borrowed(value))
    }
}

impl From<String> for Literal<'_> {
    fn from(value: String) -> Self {
        Self::String(Cow::Owned(value))
    }
}

/// A string of one character.
impl From<char> for Literal<'_> {
    fn from(value: char) -> Self {
        Self::String(Cow::Owned(value.to_string()))
    }
}

impl From<bool> for Literal<'_> {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

/// `null`.
impl From<()> for Literal<'_> {
    fn from((): ()) -> Self {
        Self::Null
    }
}

/// `null` for `None`.
impl<'a, T: Into<Literal<'a>>> From<Option<T>> for Literal<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// Gives the same JSON value. Without the feature `arbitrary_precision` of serde_json, a `Value` holds an integer beyond 64
/// bits and a fraction as the nearest float. A number that a `Value` cannot hold at all, such as `1e400`, becomes a string
/// of its text, so that it is not taken for another number or for `null`.
///
/// ```
/// use scim_engine::syntax::Literal;
/// use serde_json::{Value, json};
/// assert_eq!(Value::from(Literal::from(u64::MAX)), json!(u64::MAX));
/// assert_eq!(Value::from(Literal::from("work")), json!("work"));
/// ```
impl From<Literal<'_>> for Value {
    fn from(literal: Literal<'_>) -> Self {
        match literal {
            Literal::Null => Self::Null,
            Literal::Bool(value) => Self::Bool(value),
            Literal::Number(number) => {
                number.as_str().parse().map_or_else(|_| Self::String(number.0.into_owned()), Self::Number)
            }
            Literal::String(text) => Self::String(text.into_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Literal, Number};
    use crate::attr;

    #[test]
    fn numbers_of_other_types() {
        let number = Literal::from(7);
        assert_eq!(number.as_number().map(|number| (number.as_u64(), number.as_i64())), Some((Some(7), Some(7))));
        let negative = Literal::from(-7);
        assert_eq!(negative.as_number().map(|number| (number.as_u64(), number.as_i64())), Some((None, Some(-7))));
        assert!(Literal::from("7").as_number().is_none());
    }

    #[test]
    fn numbers_keep_their_text() {
        let texts = [
            Literal::from(i8::MIN),
            Literal::from(u128::MAX),
            Literal::from(i128::MIN),
            Literal::from(usize::MAX),
            Literal::from(0.1_f32),
            Literal::from(0.1_f64),
            Literal::from(-0.0_f64),
            Literal::from(f64::MAX),
            Literal::from(f32::MIN_POSITIVE),
            Literal::from(1e16),
        ]
        .map(|literal| literal.to_string());
        let usize_max = usize::MAX.to_string();
        let expected = [
            "-128",
            "340282366920938463463374607431768211455",
            "-170141183460469231731687303715884105728",
            &usize_max,
            "0.1",
            "0.1",
            "-0.0",
            "1.7976931348623157e308",
            "1.1754944e-38",
            "1e16",
        ];
        assert_eq!(texts, expected);
        for text in texts {
            assert_eq!(text.parse::<Number>().unwrap().as_str(), text);
        }
        for float in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert!(!Literal::from(float).is_null());
            assert!(attr("level").eq(float).build().is_err());
        }
    }

    #[test]
    fn only_numbers_are_numbers() {
        for text in
            ["", " 1", "1 ", "+1", ".5", "5.", "01", "1e", "0x1", "NaN", "Infinity", "1 or a pr", "\"1\"", "1_000"]
        {
            let error = text.parse::<Number>().unwrap_err();
            assert!(error.to_string().starts_with("expected a JSON number"), "{error}");
        }
        assert_eq!(Number::try_from("1E+2".to_owned()).unwrap().as_f64(), Some(100.0));
    }

    #[test]
    fn to_json_and_back() {
        for value in [json!(null), json!(true), json!(-3), json!(u64::MAX), json!(0.5), json!("a\"b")] {
            assert_eq!(Value::from(Literal::try_from(&value).unwrap()), value);
            assert_eq!(Value::from(Literal::try_from(value.clone()).unwrap()), value);
        }
        for (value, found) in [(json!([1]), "["), (json!({"a": 1}), "{")] {
            let error = Literal::try_from(&value).unwrap_err();
            assert_eq!(error.found(), found);
            assert_eq!(Literal::try_from(value).unwrap_err(), error);
        }
        let huge = Literal::Number("1e400".parse().unwrap());
        let exact = cfg!(any(feature = "cli", feature = "python"));
        let expected = if exact { Value::Number("1e400".parse().unwrap()) } else { json!("1e400") };
        assert_eq!(Value::from(huge), expected);
    }
}
