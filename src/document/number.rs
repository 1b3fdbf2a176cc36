//! Numbers of a document.

use std::borrow::Cow;

use serde_json::Number;

use super::View;

/// A number in an exact form.
#[derive(Debug, Clone, PartialEq)]
pub enum NumberView<'a> {
    /// A whole number.
    Integer(i128),
    /// Any number as JSON text. A text that is not a number, such as `NaN`, satisfies no `eq`, `gt`, `ge`, `lt` or
    /// `le`.
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
    /// Converts `NaN` and the infinities to `null`, because JSON cannot represent them.
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
