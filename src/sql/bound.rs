//! Literals of any size and precision, as bounds of what a column can hold.

use super::where_clause::Comparison;
use crate::filter::decimal::Decimal;

/// The place of a literal among the whole numbers of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Below all of them.
    Below,
    /// One of them.
    At(i64),
    /// Between this one and the next.
    After(i64),
    /// Above all of them.
    Above,
}

/// A comparison with a literal, said of the numbers of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bounded<T> {
    /// No number satisfies it.
    None,
    /// Every number does.
    All,
    /// Those do that compare so with this one.
    Compare(Comparison, T),
}

impl Place {
    /// The place of a number in JSON's grammar.
    pub(super) fn of_number(literal: &str) -> Self {
        let number = Decimal::parse(literal);
        let (floor, is_whole) = number.floor();
        match (floor, is_whole) {
            (Some(floor), true) => Self::At(floor),
            (Some(floor), false) => Self::After(floor),
            // Below the least whole number are also those between it and the one before.
            (None, _) if number.is_negative() => Self::Below,
            (None, _) => Self::Above,
        }
    }

    /// The place of an instant among microseconds from `least` to `greatest`.
    pub(super) fn of_instant(seconds: i64, fraction: &str, least: i64, greatest: i64) -> Self {
        let digits = fraction.bytes().chain(std::iter::repeat(b'0')).take(6);
        let micros = digits.fold(0_i128, |micros, digit| micros * 10 + i128::from(digit - b'0'));
        let micros = i128::from(seconds) * 1_000_000 + micros;
        match i64::try_from(micros) {
            _ if micros < i128::from(least) => Self::Below,
            Ok(micros) if micros <= greatest && fraction.len() <= 6 => Self::At(micros),
            Ok(micros) if micros < greatest => Self::After(micros),
            _ => Self::Above,
        }
    }

    /// What a comparison with the literal says of the numbers of the column.
    pub(super) fn compared(self, op: Comparison) -> Bounded<i64> {
        let is_greater = matches!(op, Comparison::Gt | Comparison::Ge);
        match (self, op) {
            (Self::At(at), _) => Bounded::Compare(op, at),
            (_, Comparison::Eq) => Bounded::None,
            (Self::After(at), _) => Bounded::Compare(if is_greater { Comparison::Gt } else { Comparison::Le }, at),
            (Self::Below, _) => {
                if is_greater {
                    Bounded::All
                } else {
                    Bounded::None
                }
            }
            (Self::Above, _) => {
                if is_greater {
                    Bounded::None
                } else {
                    Bounded::All
                }
            }
        }
    }
}

/// What a comparison with a number says of floating-point numbers, of which the document has the shortest decimal form.
/// These forms are in the order of the numbers.
pub(super) fn float(op: Comparison, literal: &str) -> Bounded<f64> {
    let wanted = Decimal::parse(literal);
    let nearest: f64 = literal.parse().unwrap_or(f64::NAN);
    let is_greater = matches!(op, Comparison::Gt | Comparison::Ge);
    if !nearest.is_finite() {
        return match (nearest > 0.0, is_greater) {
            _ if op == Comparison::Eq => Bounded::None,
            (true, false) | (false, true) => Bounded::All,
            (true, true) | (false, false) => Bounded::None,
        };
    }
    // `{:e}` is the shortest form that reads as the same number.
    let shown = Decimal::parse(&format!("{nearest:e}"));
    match (shown.cmp(&wanted), op) {
        (std::cmp::Ordering::Equal, _) => Bounded::Compare(op, nearest),
        (_, Comparison::Eq) => Bounded::None,
        // The nearest number is itself beyond the literal, or not yet.
        (std::cmp::Ordering::Greater, _) => {
            Bounded::Compare(if is_greater { Comparison::Ge } else { Comparison::Lt }, nearest)
        }
        (std::cmp::Ordering::Less, _) => {
            Bounded::Compare(if is_greater { Comparison::Gt } else { Comparison::Le }, nearest)
        }
    }
}

/// What a comparison with a number says of exact decimal numbers, which have at most 1,000 digits on either side of the
/// point. `None` if the literal has more digits behind the point.
pub(super) fn decimal(op: Comparison, literal: &str) -> Option<Bounded<&str>> {
    const DIGITS: i64 = 1000;
    let number = Decimal::parse(literal);
    let (before, after) = number.places();
    let is_greater = matches!(op, Comparison::Gt | Comparison::Ge);
    match before > DIGITS {
        true if op == Comparison::Eq => Some(Bounded::None),
        true => Some(if is_greater == number.is_negative() { Bounded::All } else { Bounded::None }),
        false => (after <= DIGITS).then_some(Bounded::Compare(op, literal)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_has_its_place_among_whole_numbers() {
        for (literal, place) in [
            ("5", Place::At(5)),
            ("5.0e0", Place::At(5)),
            ("5.5", Place::After(5)),
            ("-5.5", Place::After(-6)),
            ("0.1", Place::After(0)),
            ("-0.1", Place::After(-1)),
            ("1e-400", Place::After(0)),
            ("-1e-400", Place::After(-1)),
            ("-0", Place::At(0)),
            ("9223372036854775807", Place::At(i64::MAX)),
            ("9223372036854775807.5", Place::After(i64::MAX)),
            ("9223372036854775808", Place::Above),
            ("-9223372036854775808", Place::At(i64::MIN)),
            ("-9223372036854775808.5", Place::Below),
            ("1e999999999999999999999", Place::Above),
            ("-1e400", Place::Below),
        ] {
            assert_eq!(Place::of_number(literal), place, "{literal}");
        }
    }

    #[test]
    fn an_instant_has_its_place_among_microseconds() {
        let place = |seconds, fraction| Place::of_instant(seconds, fraction, -10_000_000, 10_000_000);
        assert_eq!(place(1, ""), Place::At(1_000_000));
        assert_eq!(place(1, "5"), Place::At(1_500_000));
        assert_eq!(place(-1, "0000005"), Place::After(-1_000_000));
        assert_eq!(place(10, ""), Place::At(10_000_000));
        assert_eq!(place(10, "0000001"), Place::Above);
        assert_eq!(place(-10, ""), Place::At(-10_000_000));
        assert_eq!(place(-11, "9999999"), Place::Below);
        assert_eq!(Place::of_instant(i64::MAX, "", i64::MIN, i64::MAX), Place::Above);
    }

    #[test]
    fn floating_point_numbers_are_compared_as_they_are_shown() {
        use Comparison::{Eq, Ge, Gt, Le, Lt};
        assert_eq!(float(Eq, "0.1"), Bounded::Compare(Eq, 0.1));
        // 0.1 is shown as `0.1`, which is less than this literal, although both read as the same number.
        assert_eq!(float(Eq, "0.1000000000000000055"), Bounded::None);
        assert_eq!(float(Lt, "0.1000000000000000055"), Bounded::Compare(Le, 0.1));
        assert_eq!(float(Ge, "0.1000000000000000055"), Bounded::Compare(Gt, 0.1));
        assert_eq!(float(Gt, "0.09999999999999999999"), Bounded::Compare(Ge, 0.1));
        assert_eq!(float(Le, "0.09999999999999999999"), Bounded::Compare(Lt, 0.1));
        assert_eq!(float(Lt, "1e999"), Bounded::All);
        assert_eq!(float(Eq, "1e999"), Bounded::None);
        assert_eq!(float(Gt, "-1e999"), Bounded::All);
    }
}
