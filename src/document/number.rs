//! Numbers of a document.

use std::borrow::Cow;

use serde_json::Number;

use super::View;

/// A number in a form that is exact.
#[derive(Debug, Clone, PartialEq)]
pub enum NumberView<'a> {
    /// A whole number.
    Integer(i128),
    /// Any number as JSON text. A text that is not a number, such as `NaN`, compares with nothing.
    Text(Cow<'a, str>),
}

impl From<&Number> for NumberView<'_> {
    fn from(number: &Number) -> Self {
        if let Some(value) = number.as_i64() {
            return Self::Integer(value.into());
        }
        if let Some(value) = number.as_u64() {
            return Self::Integer(value.into());
        }
        Self::Text(Cow::Owned(number.to_string()))
    }
}

impl From<f64> for View<'_> {
    /// `null` for `NaN` and the infinities, which JSON cannot represent.
    ///
    /// ```
    /// use scim_engine::document::View;
    /// assert_eq!(View::from(f64::NAN), View::Null);
    /// assert!(matches!(View::from(0.5), View::Number(_)));
    /// ```
    fn from(value: f64) -> Self {
        Number::from_f64(value).map_or(Self::Null, |number| Self::Number(NumberView::from(&number)))
    }
}
