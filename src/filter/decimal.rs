//! Compares JSON numbers by exact value (F8): nothing is rounded, and `1e999999` is compared without writing out its
//! digits.

use std::cmp::Ordering;

use crate::document::NumberView;
use crate::syntax::is_number;

/// A number as sign, significant digits and magnitude: `0.00120` has no minus sign, the digits `12` and the magnitude
/// -2.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Decimal {
    negative: bool,
    /// The significant digits, without leading and trailing zeros; empty for zero. So equal values have equal digits.
    digits: Box<[u8]>,
    /// The decimal place of the first digit: 1 for units, 2 for tens, 0 for tenths.
    magnitude: i64,
    /// The value, if it is written as a whole number without an exponent and fits in 128 bits.
    integer: Option<i128>,
}

impl Decimal {
    /// Reads a number in JSON's grammar.
    pub(crate) fn parse(text: &str) -> Self {
        let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let negative = mantissa.starts_with('-');
        let mantissa = mantissa.trim_start_matches('-');
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let all: Vec<u8> = whole.bytes().chain(fraction.bytes()).collect();
        let leading = all.iter().take_while(|digit| **digit == b'0').count();
        let trailing = all.iter().rev().take_while(|digit| **digit == b'0').count();
        let digits = all.get(leading..all.len().saturating_sub(trailing)).unwrap_or(&[]);
        if digits.is_empty() {
            return Self { negative: false, digits: Box::default(), magnitude: 0, integer: Some(0) };
        }
        let exponent = exponent.parse::<i64>().unwrap_or_else(|_| {
            // The exponent does not fit in 64 bits. It is replaced by half of the range of `i64`, which leaves room for
            // the addition below and exceeds every other magnitude.
            if exponent.starts_with('-') { i64::MIN / 2 } else { i64::MAX / 2 }
        });
        let place = i64::try_from(whole.len()).unwrap_or(i64::MAX) - i64::try_from(leading).unwrap_or(0);
        let magnitude = place.saturating_add(exponent.clamp(i64::MIN / 2, i64::MAX / 2));
        let integer = (exponent == 0 && fraction.bytes().all(|digit| digit == b'0'))
            .then(|| whole.parse::<i128>().ok())
            .flatten()
            .map(|value| if negative { -value } else { value });
        Self { negative, digits: digits.into(), magnitude, integer }
    }

    /// Reads a number of a document. `None` for a text that is not a number, such as `NaN` in a document of the host:
    /// it equals no number, and is neither less nor greater than one (D6).
    pub(crate) fn of(view: &NumberView<'_>) -> Option<Self> {
        match view {
            NumberView::Integer(value) => Some(Self::parse(&value.to_string())),
            NumberView::Text(text) => is_number(text).then(|| Self::parse(text)),
        }
    }

    /// Whether the number has no fraction.
    pub(crate) fn is_whole(&self) -> bool {
        i64::try_from(self.digits.len()).is_ok_and(|length| length <= self.magnitude) || self.digits.is_empty()
    }

    /// A whole number in decimal, with a minus sign if it is negative, and without an exponent. `None` if the number
    /// has a fraction.
    pub(crate) fn whole_digits(&self) -> Option<String> {
        let zeros = usize::try_from(self.magnitude).ok()?.checked_sub(self.digits.len())?;
        if self.digits.is_empty() {
            return Some("0".to_owned());
        }
        let sign = if self.negative { "-" } else { "" };
        Some(format!("{sign}{}{}", String::from_utf8_lossy(&self.digits), "0".repeat(zeros)))
    }

    /// The value in JSON's grammar, without an exponent if it is a whole number of at most 38 digits.
    pub(crate) fn text(&self) -> String {
        self.integer.map_or_else(|| self.canonical(), |integer| integer.to_string())
    }

    /// The one text for all forms of a value: `0`, or the digits after `0.` and the power of ten (`12` is `0.12e2`).
    /// The versions of resources depend on this text, so it must not change (A1).
    pub(crate) fn canonical(&self) -> String {
        if self.digits.is_empty() {
            return "0".to_owned();
        }
        let sign = if self.negative { "-" } else { "" };
        format!("{sign}0.{}e{}", String::from_utf8_lossy(&self.digits), self.magnitude)
    }

    /// Whether the number is less than zero.
    #[cfg(feature = "sql")]
    pub(crate) fn is_negative(&self) -> bool {
        self.negative
    }

    /// The number of digits before the point, and behind it.
    #[cfg(feature = "sql")]
    pub(crate) fn places(&self) -> (i64, i64) {
        let digits = i64::try_from(self.digits.len()).unwrap_or(i64::MAX);
        (self.magnitude, digits.saturating_sub(self.magnitude))
    }

    /// The greatest whole number that is not above this one, and whether they are equal. `None` if it does not fit in 64
    /// bits.
    #[cfg(feature = "sql")]
    pub(crate) fn floor(&self) -> (Option<i64>, bool) {
        let is_whole = self.is_whole();
        // `i64::MAX` has 19 digits.
        if self.magnitude > 19 {
            return (None, is_whole);
        }
        let places = usize::try_from(self.magnitude).unwrap_or(0);
        let digits = self.digits.iter().copied().chain(std::iter::repeat(b'0')).take(places);
        let whole = digits.fold(0_i128, |value, digit| value * 10 + i128::from(digit - b'0'));
        let below = i128::from(!is_whole);
        (i64::try_from(if self.negative { -whole - below } else { whole }).ok(), is_whole)
    }

    /// The value of a whole number, or the nearest value that fits in 64 bits.
    #[cfg(feature = "protocol")]
    pub(crate) fn saturating_integer(&self) -> i64 {
        let limit = if self.negative { i64::MIN } else { i64::MAX };
        // `i64::MAX` has 19 digits.
        if self.magnitude > 19 {
            return limit;
        }
        let zeros = self.magnitude.saturating_sub(i64::try_from(self.digits.len()).unwrap_or(i64::MAX));
        let digits = self.digits.iter().copied().chain((0..zeros).map(|_| b'0'));
        let magnitude = digits.fold(0_i128, |value, digit| value * 10 + i128::from(digit - b'0'));
        i64::try_from(if self.negative { -magnitude } else { magnitude }).unwrap_or(limit)
    }

    /// Feeds the value to a hasher, independently of how the number was written.
    pub(crate) fn hash_value(&self, hasher: &mut impl std::hash::Hasher) {
        use std::hash::Hash;
        (self.negative, &self.digits, self.magnitude).hash(hasher);
    }

    /// The order of a document's value relative to this number; `None` if the value is not a number.
    pub(crate) fn compare_to(&self, view: &NumberView<'_>) -> Option<Ordering> {
        if let (NumberView::Integer(value), Some(integer)) = (view, self.integer) {
            return Some(value.cmp(&integer));
        }
        Some(Self::of(view)?.cmp(self))
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        let sign = |decimal: &Self| match (decimal.digits.is_empty(), decimal.negative) {
            (true, _) => 0,
            (false, true) => -1,
            (false, false) => 1,
        };
        let by_size = || self.magnitude.cmp(&other.magnitude).then_with(|| self.digits.cmp(&other.digits));
        sign(self).cmp(&sign(other)).then_with(|| if self.negative { by_size().reverse() } else { by_size() })
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Whether two numbers have the same value.
pub(crate) fn same_number(a: &serde_json::Number, b: &serde_json::Number) -> bool {
    a == b || Decimal::parse(&a.to_string()).cmp(&Decimal::parse(&b.to_string())) == Ordering::Equal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exact_order() {
        let sorted = [
            "-1e400",
            "-12",
            "-1.5",
            "-1e-9",
            "0",
            "1e-999999999999999999999",
            "0.1",
            "0.10000000000000001",
            "1",
            "1.5",
            "9007199254740992",
            "9007199254740993",
            "1e23",
            "100000000000000000000001",
            "1e999999999999999999999",
        ];
        for (i, a) in sorted.iter().enumerate() {
            for (j, b) in sorted.iter().enumerate() {
                assert_eq!(Decimal::parse(a).cmp(&Decimal::parse(b)), i.cmp(&j), "{a} {b}");
                assert_eq!(Decimal::parse(a) < Decimal::parse(b), i < j, "{a} {b}");
            }
        }
    }

    #[test]
    fn what_is_no_number() {
        for text in ["NaN", "inf", "-inf", "Infinity", "", "-", "1_000", "0x10", "1.", ".5", "+1"] {
            assert_eq!(Decimal::of(&NumberView::Text(text.into())), None, "{text}");
            assert_eq!(Decimal::parse("1").compare_to(&NumberView::Text(text.into())), None, "{text}");
        }
    }

    #[test]
    fn digits_of_whole_numbers() {
        for (text, digits) in [
            ("0", Some("0")),
            ("-0.0e5", Some("0")),
            ("12", Some("12")),
            ("-12.0", Some("-12")),
            ("1.50e2", Some("150")),
            ("3e4", Some("30000")),
            ("1.5", None),
            ("5e-1", None),
        ] {
            assert_eq!(Decimal::parse(text).whole_digits().as_deref(), digits, "{text}");
            assert_eq!(Decimal::parse(text).is_whole(), digits.is_some(), "{text}");
        }
    }

    #[test]
    fn one_value_many_forms() {
        for (a, b) in [("1", "1.0"), ("100", "1e2"), ("0", "-0.0e5"), ("0.5", "5e-1"), ("-10", "-1.0E1")] {
            assert_eq!(Decimal::parse(a).cmp(&Decimal::parse(b)), Ordering::Equal, "{a} {b}");
            assert_eq!(Decimal::parse(a).compare_to(&NumberView::Text(b.into())), Some(Ordering::Equal), "{a} {b}");
            assert_eq!(Decimal::parse(a).canonical(), Decimal::parse(b).canonical(), "{a} {b}");
        }
    }
}
