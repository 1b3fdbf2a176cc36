//! One value, between a column and a document.

use std::sync::Arc;

use serde_json::Value;

use super::bound::Place;
use super::column::{Column, Stored};
use super::source::Source;
use super::where_clause::SqlValue;
use crate::filter::datetime::{Instant, date_time};
use crate::filter::text_rule::comparison_key;
use crate::schema::Attribute;

/// What a column gets.
#[derive(Debug, Clone, PartialEq)]
pub struct Assignment {
    /// The name of the column.
    pub column: Arc<str>,
    /// The form of the value. An instant is microseconds since 1970, whatever the form.
    pub stored: Stored,
    /// The value; `None` is NULL.
    pub value: Option<SqlValue>,
}

/// The instants that timestamps hold, in microseconds: the years 1 to 9999.
pub(super) const TIMESTAMPS: (i64, i64) = (-62_135_596_800_000_000, 253_402_300_799_999_999);

/// An instant as SCIM writes it, in UTC with milliseconds, or with microseconds if there are any.
pub(super) fn text_of_micros(micros: i64) -> String {
    let (seconds, fraction) = (micros.div_euclid(1_000_000), micros.rem_euclid(1_000_000));
    let text = date_time(seconds);
    if fraction % 1000 == 0 { format!("{text}.{:03}Z", fraction / 1000) } else { format!("{text}.{fraction:06}Z") }
}

/// The microseconds of a dateTime; what is finer is cut off.
fn micros(text: &str, (least, greatest): (i64, i64)) -> Option<i64> {
    let (seconds, fraction) = Instant::parse(text)?.parts();
    match Place::of_instant(seconds, fraction, least, greatest) {
        Place::At(micros) | Place::After(micros) => Some(micros),
        Place::Below | Place::Above => None,
    }
}

/// The microseconds of a timestamp as SQLite's text: with a blank in place of the `T`, in UTC.
pub(super) fn micros_of_timestamp(text: &str) -> Option<i64> {
    micros(&text.replacen(' ', "T", 1), TIMESTAMPS)
}

/// The value of an attribute that a column holds; `None` if it is unassigned.
///
/// # Errors
/// What the column should hold, for messages.
pub(super) fn shown(column: &Column, value: Option<SqlValue>) -> Result<Option<Value>, &'static str> {
    let Some(value) = value else { return Ok(None) };
    Ok(Some(match (column.stored, value) {
        (Stored::Text | Stored::Folded | Stored::Uuid, SqlValue::Text(text)) => {
            if column.unassigned.as_deref() == Some(&text) {
                return Ok(None);
            }
            text.into()
        }
        (Stored::Boolean, SqlValue::Bool(value)) => value.into(),
        (Stored::Boolean, SqlValue::Integer(number @ (0 | 1))) => (number == 1).into(),
        (Stored::Integer | Stored::Decimal, SqlValue::Integer(number)) => number.into(),
        (Stored::Float | Stored::Decimal, SqlValue::Float(number)) => number.into(),
        (Stored::Decimal, SqlValue::Text(text)) => {
            serde_json::from_str::<serde_json::Number>(&text).map_err(|_| column.stored.describe())?.into()
        }
        (Stored::Digits, SqlValue::Integer(number)) => number.to_string().into(),
        (Stored::Micros | Stored::Timestamp | Stored::UtcTimestamp, SqlValue::Integer(micros)) => {
            text_of_micros(micros).into()
        }
        // SQLite has no timestamps, but texts.
        (Stored::Timestamp | Stored::UtcTimestamp, SqlValue::Text(text)) => {
            text_of_micros(micros_of_timestamp(&text).ok_or(column.stored.describe())?).into()
        }
        _ => return Err(column.stored.describe()),
    }))
}

/// What the columns of an attribute get; columns that are expressions get nothing.
///
/// # Errors
/// Why a column cannot hold the value, for the client.
pub(super) fn assigned(
    attribute: &Attribute,
    column: &Column,
    value: Option<&Value>,
) -> Result<Vec<Assignment>, String> {
    let held = match value {
        Some(value) => Some(held(attribute, column, value)?),
        None => default(column),
    };
    if held.is_none() && column.is_not_null {
        return Err("needs a value here".to_owned());
    }
    let folded = || match &held {
        Some(SqlValue::Text(text)) => Some(SqlValue::Text(comparison_key(attribute, text).into_owned())),
        _ => None,
    };
    let of_date = || value.and_then(Value::as_str).map(|text| SqlValue::Text(crate::fold_case(text)));
    let own = if column.stored == Stored::Folded { folded() } else { held.clone() };
    let all = [
        (Some(&column.source), column.stored, own),
        (column.folded.as_ref(), Stored::Folded, folded()),
        (column.text.as_ref(), Stored::Folded, of_date()),
    ];
    let named = all.into_iter().filter_map(|(source, stored, value)| match source? {
        Source::Column(name) => Some(Assignment { column: Arc::clone(name), stored, value }),
        Source::Expression(_) | Source::Json { .. } => None,
    });
    Ok(named.collect())
}

/// What is stored if the attribute is unassigned.
fn default(column: &Column) -> Option<SqlValue> {
    column.default.map(SqlValue::Bool).or_else(|| column.unassigned.clone().map(SqlValue::Text))
}

fn held(attribute: &Attribute, column: &Column, value: &Value) -> Result<SqlValue, String> {
    let expected = || format!("expected {}", column.stored.describe());
    Ok(match (column.stored, value) {
        (Stored::Text | Stored::Folded, Value::String(text)) => SqlValue::Text(text.clone()),
        (Stored::Boolean, Value::Bool(value)) => SqlValue::Bool(*value),
        (Stored::Integer, Value::Number(number)) => match Place::of_number(&number.to_string()) {
            Place::At(number) => SqlValue::Integer(number),
            _ => return Err(format!("expected {} of at most 64 bits", column.stored.describe())),
        },
        (Stored::Float, Value::Number(number)) => SqlValue::Float(number.as_f64().ok_or_else(expected)?),
        (Stored::Decimal, Value::Number(number)) => SqlValue::Text(number.to_string()),
        (Stored::Micros, Value::String(text)) => {
            SqlValue::Integer(micros(text, (i64::MIN, i64::MAX)).ok_or("is out of the range of what is stored here")?)
        }
        (Stored::Timestamp | Stored::UtcTimestamp, Value::String(text)) => {
            SqlValue::Integer(micros(text, TIMESTAMPS).ok_or("is out of the range of what is stored here")?)
        }
        (Stored::Digits, Value::String(text)) => digits(text).ok_or_else(expected)?,
        (Stored::Uuid, Value::String(text)) => uuid(text).ok_or_else(expected)?,
        _ => return Err(format!("{}, found {}", expected(), attribute.attr_type.as_str())),
    })
}

/// A whole number, if the text is how it is shown: `17`, not `017`.
pub(super) fn digits(text: &str) -> Option<SqlValue> {
    let number: i64 = text.parse().ok()?;
    (number.to_string() == text).then_some(SqlValue::Integer(number))
}

/// A UUID, if the text is how it is shown.
pub(super) fn uuid(text: &str) -> Option<SqlValue> {
    let is_hyphen = |at| matches!(at, 8 | 13 | 18 | 23);
    let fits = |(at, byte)| if is_hyphen(at) { byte == b'-' } else { matches!(byte, b'0'..=b'9' | b'a'..=b'f') };
    (text.len() == 36 && text.bytes().enumerate().all(fits)).then(|| SqlValue::Text(text.to_owned()))
}
