//! `xsd:dateTime` as an instant (F7).

/// An instant: seconds since 1970 in UTC, and the digits of the fraction without zeros at their end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Instant<'a> {
    seconds: i64,
    fraction: &'a str,
}

impl<'a> Instant<'a> {
    /// Reads `YYYY-MM-DDThh:mm:ss[.fff][Z|±hh:mm]`; without a zone, as UTC.
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        let (before_year, body) = text.strip_prefix('-').map_or((false, text), |body| (true, body));
        let (year, rest) = body.split_at_checked(body.find('-')?)?;
        if year.len() < 4 || year.len() > 9 || (year.len() > 4 && year.starts_with('0')) {
            return None;
        }
        let year = digits(year)?;
        let year = if before_year { -year } else { year };
        let rest = rest.strip_prefix('-')?;
        let (month, rest) = two(rest)?;
        let (day, rest) = two(rest.strip_prefix('-')?)?;
        let (hour, rest) = two(rest.strip_prefix('T')?)?;
        let (minute, rest) = two(rest.strip_prefix(':')?)?;
        let (second, mut rest) = two(rest.strip_prefix(':')?)?;
        let mut fraction = "";
        if let Some(after_dot) = rest.strip_prefix('.') {
            let end = after_dot.find(|c: char| !c.is_ascii_digit()).unwrap_or(after_dot.len());
            (fraction, rest) = after_dot.split_at_checked(end)?;
            if fraction.is_empty() {
                return None;
            }
        }
        let fraction = fraction.trim_end_matches('0');
        let end_of_day = hour == 24 && minute == 0 && second == 0 && fraction.is_empty();
        let is_time = (hour < 24 || end_of_day) && minute < 60 && second < 60;
        if !is_time || !(1..=12).contains(&month) || day < 1 || day > days_in_month(year, month) {
            return None;
        }
        let seconds =
            days_from_civil(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second - zone_seconds(rest)?;
        Some(Self { seconds, fraction })
    }

    /// The parts, to keep.
    pub(crate) fn parts(self) -> (i64, &'a str) {
        (self.seconds, self.fraction)
    }

    /// From the parts of another.
    pub(crate) fn from_parts(seconds: i64, fraction: &'a str) -> Self {
        Self { seconds, fraction }
    }
}

fn zone_seconds(zone: &str) -> Option<i64> {
    if zone.is_empty() || zone == "Z" {
        return Some(0);
    }
    let sign = match zone.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let (hours, rest) = two(zone.get(1..)?)?;
    let (minutes, rest) = two(rest.strip_prefix(':')?)?;
    let fits = rest.is_empty() && minutes < 60 && (hours < 14 || (hours == 14 && minutes == 0));
    fits.then_some(sign * (hours * 3600 + minutes * 60))
}

fn two(text: &str) -> Option<(i64, &str)> {
    let (number, rest) = text.split_at_checked(2)?;
    Some((digits(number)?, rest))
}

fn digits(text: &str) -> Option<i64> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) { text.parse().ok() } else { None }
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970-01-01 in the proleptic Gregorian calendar.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    // The year is counted from March, so that the leap day is its last.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * month + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(text: &str) -> i64 {
        Instant::parse(text).unwrap().seconds
    }

    #[test]
    fn known_instants() {
        assert_eq!(seconds("1970-01-01T00:00:00Z"), 0);
        assert_eq!(seconds("2000-02-29T12:00:00Z"), 951_825_600);
        assert_eq!(seconds("1969-12-31T23:59:59Z"), -1);
        assert_eq!(seconds("2011-05-13T04:42:34.5+02:00"), seconds("2011-05-13T02:42:34Z"));
        assert_eq!(seconds("2020-01-01T24:00:00Z"), seconds("2020-01-02T00:00:00Z"));
        assert_eq!(seconds("2020-01-01T00:00:00"), seconds("2020-01-01T00:00:00Z"));
    }

    #[test]
    fn order_and_fractions() {
        assert_eq!(Instant::parse("2011-05-13T04:42:34.500Z"), Instant::parse("2011-05-13T06:42:34.5+02:00"));
        assert!(Instant::parse("2011-05-13T04:42:34.05Z") < Instant::parse("2011-05-13T04:42:34.5Z"));
        assert!(Instant::parse("2011-05-13T04:42:34Z") < Instant::parse("2011-05-13T04:42:34.0001Z"));
    }

    #[test]
    fn no_date_times() {
        for text in [
            "",
            "2011-05-13",
            "2011-05-13T04:42Z",
            "2011-13-01T00:00:00Z",
            "2011-02-29T00:00:00Z",
            "2011-05-13T25:00:00Z",
            "2011-05-13T04:42:60Z",
            "2011-05-13t04:42:34Z",
            "2011-05-13T04:42:34z",
            "2011-05-13T04:42:34.Z",
            "2011-05-13T04:42:34+15:00",
            "11-05-13T04:42:34Z",
            "2011-05-13T04:42:34Z ",
            "２011-05-13T04:42:34Z",
        ] {
            assert_eq!(Instant::parse(text), None, "{text}");
        }
    }
}
