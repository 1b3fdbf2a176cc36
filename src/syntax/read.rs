//! Reads the parts of a filter from texts and JSON values of their own: paths, numbers and literals.

use std::borrow::Cow;
use std::str::FromStr;

use serde_json::Value;

use super::ast::AttrPath;
use super::error::ParseError;
use super::expected::Expected;
use super::lexer;
use super::literal::{Literal, Number};
use super::span::Span;

impl<'a> AttrPath<'a> {
    /// Parses a path such as `userName`, `name.givenName` or `urn:ietf:params:scim:schemas:core:2.0:User:title`. The
    /// path borrows from `text`.
    ///
    /// ```
    /// use scim_engine::syntax::AttrPath;
    /// let path = AttrPath::parse("name.givenName")?;
    /// assert_eq!((path.name(), path.sub_attribute()), ("name", Some("givenName")));
    /// assert!(AttrPath::parse("userName eq").is_err());
    /// # Ok::<(), scim_engine::ParseError>(())
    /// ```
    ///
    /// # Errors
    /// [`ParseError`] if `text` is not, from its first to its last character, a path.
    pub fn parse(text: &'a str) -> Result<Self, ParseError> {
        match lexer::attr_path(text, text) {
            Ok(("", path)) => Ok(path),
            Ok((rest, _)) => Err(ParseError::new(text, Span::of(text, lexer::word(rest)), Expected::AttrName, false)),
            Err(_) => Err(ParseError::new(text, Span::new(0, text.len()), Expected::AttrName, false)),
        }
    }
}

/// As [`AttrPath::parse`], with a copy of the text.
impl FromStr for AttrPath<'_> {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        AttrPath::parse(text).map(AttrPath::into_owned)
    }
}

/// As [`AttrPath::parse`].
impl<'a> TryFrom<&'a str> for AttrPath<'a> {
    type Error = ParseError;

    fn try_from(text: &'a str) -> Result<Self, ParseError> {
        Self::parse(text)
    }
}

/// As [`AttrPath::parse`].
impl TryFrom<String> for AttrPath<'_> {
    type Error = ParseError;

    fn try_from(text: String) -> Result<Self, ParseError> {
        text.parse()
    }
}

/// The text, if all of it is a number of JSON.
fn number(text: Cow<'_, str>) -> Result<Number<'_>, ParseError> {
    if lexer::is_number(&text) {
        return Ok(Number(text));
    }
    Err(ParseError::new(&text, Span::new(0, text.len()), Expected::Number, false))
}

/// Reads a number by the grammar of JSON (RFC 8259 §6), of any size.
impl FromStr for Number<'_> {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        number(Cow::Borrowed(text)).map(Number::into_owned)
    }
}

/// As `FromStr`, without a copy of the text.
impl<'a> TryFrom<&'a str> for Number<'a> {
    type Error = ParseError;

    fn try_from(text: &'a str) -> Result<Self, ParseError> {
        number(Cow::Borrowed(text))
    }
}

/// As `FromStr`, without a copy of the text.
impl TryFrom<String> for Number<'_> {
    type Error = ParseError;

    fn try_from(text: String) -> Result<Self, ParseError> {
        number(Cow::Owned(text))
    }
}

/// Gives the literal that is the same JSON value. An array or object is an error, because no filter compares with one.
///
/// ```
/// use scim_engine::syntax::Literal;
/// use serde_json::json;
/// assert_eq!(Literal::try_from(&json!("work"))?, Literal::from("work"));
/// assert!(Literal::try_from(&json!(["work"])).is_err());
/// # Ok::<(), scim_engine::ParseError>(())
/// ```
impl<'a> TryFrom<&'a Value> for Literal<'a> {
    type Error = ParseError;

    fn try_from(value: &'a Value) -> Result<Self, ParseError> {
        match value {
            Value::Null => Ok(Self::Null),
            Value::Bool(value) => Ok(Self::Bool(*value)),
            Value::Number(number) => Ok(number.clone().into()),
            Value::String(text) => Ok(text.into()),
            // Only the bracket is shown, because the value can be long.
            Value::Array(_) => Err(ParseError::new("[", Span::new(0, 1), Expected::Value, false)),
            Value::Object(_) => Err(ParseError::new("{", Span::new(0, 1), Expected::Value, false)),
        }
    }
}

/// As for a reference, without a copy of a string.
impl TryFrom<Value> for Literal<'_> {
    type Error = ParseError;

    fn try_from(value: Value) -> Result<Self, ParseError> {
        match value {
            Value::String(text) => Ok(text.into()),
            other => Literal::try_from(&other).map(Literal::into_owned),
        }
    }
}
