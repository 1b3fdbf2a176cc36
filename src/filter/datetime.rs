//! Reads `xsd:dateTime` as an instant, so that texts of the same instant are equal whatever their zone and their zeros:
//! `…T12:00:00Z` and `…T14:00:00.0+02:00` (F7).

use std::borrow::Cow;

/// An instant: seconds since 1970 in UTC, and the digits of the fraction without trailing zeros. The derived order is
/// the order in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Instant<'a> {
    seconds: i64,
    fraction: &'a str,
}

impl<'a> Instant<'a> {
    /// Reads `YYYY-MM-DDThh:mm:ss[.fff][Z|±hh:mm]`. A text without a zone is in UTC (D4).
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

    /// The seconds and the fraction, for callers that store them.
    pub(crate) fn parts(self) -> (i64, &'a str) {
        (self.seconds, self.fraction)
    }

    /// Rebuilds an instant from stored parts.
    pub(crate) fn from_parts(seconds: i64, fraction: &'a str) -> Self {
        Self { seconds, fraction }
    }
}

/// A dateTime in UTC with `Z`, in a form that every date library reads. The fraction stays as written, cut after
/// nanoseconds. `None` for a text that is not a dateTime, and for a year that needs a sign or more than four digits.
pub(crate) fn in_utc(text: &str) -> Option<Cow<'_, str>> {
    let instant = Instant::parse(text)?;
    let (seconds, time) = (instant.seconds, text.split_once('T')?.1);
    let fraction = time.split_once('.').map_or("", |(_, rest)| {
        rest.split_at_checked(rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len()))
            .map_or("", |(digits, _)| digits)
    });
    let (year, ..) = civil_from_days(seconds.div_euclid(86_400));
    if !(0..=9999).contains(&year) {
        return None;
    }
    if text.ends_with('Z') && !time.starts_with("24") && fraction.len() <= NANOSECONDS {
        return Some(Cow::Borrowed(text));
    }
    let fraction = fraction.get(..NANOSECONDS).unwrap_or(fraction);
    let dot = if fraction.is_empty() { "" } else { "." };
    Some(Cow::Owned(format!("{}{dot}{fraction}Z", date_time(seconds))))
}

/// A dateTime in UTC, without a fraction and without `Z`, of seconds since 1970.
pub(crate) fn date_time(seconds: i64) -> String {
    let (year, month, day) = civil_from_days(seconds.div_euclid(86_400));
    let of_day = seconds.rem_euclid(86_400);
    let (hour, minute, second) = (of_day / 3600, of_day / 60 % 60, of_day % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")
}

/// The most digits of a fraction that date libraries commonly hold (R5).
const NANOSECONDS: usize = 9;

/// An instant in the most common form: `YYYY-MM-DDThh:mm:ss[.fff]` in UTC. Such texts sort as their instants do, so that
/// comparing them needs no calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Plain<'a> {
    words: Words,
    fraction: &'a str,
}

/// The bytes of `YYYY-MM-`, `DDThh:mm` and `hh:mm:ss` as big-endian numbers, which sort as the texts do. `hh:mm` is in
/// two of the numbers; that does not change the order.
pub(crate) type Words = [u64; 3];

impl<'a> Plain<'a> {
    /// Reads the plain form. `None` for some valid dateTimes, too, such as those with other zones or the time 24:00:00:
    /// for these the caller must use [`Instant::parse`].
    #[inline]
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        let (head, rest) = text.split_at_checked(19)?;
        let head = head.as_bytes();
        let word = |at: usize| Some(u64::from_be_bytes(head.get(at..)?.first_chunk().copied()?));
        let words = [word(0)?, word(8)?, word(11)?];
        let [month, day, time] = [
            pairs(words[0], *b"0000-00-", 0x7676_7676_7F76_767F)?,
            pairs(words[1], *b"00T00:00", 0x7676_7F76_767F_7676)?,
            pairs(words[2], *b"00:00:00", 0x7676_7F76_767F_7676)?,
        ];
        // `time` holds hours, minutes and seconds in bytes 1, 4 and 7, where byte 0 is the highest. The addends are
        // 0x68 (128 - 24) and 0x44 (128 - 60), so an hour, minute or second that is too large sets the highest bit of its
        // byte. The time 24:00:00 is left to `Instant`, because as a text it sorts before 00:00:00 of the next day, which is the same
        // instant.
        let is_late = ((time & 0x00FF_0000_FF00_00FF) + 0x0068_0000_4400_0044) & 0x0080_0000_8000_0080 != 0;
        let month = (month >> 8) & 0xFF;
        let day = (day >> 48) & 0xFF;
        // Every month has at least 28 days, so only later days need the calendar.
        if is_late || month.wrapping_sub(1) >= 12 || day.wrapping_sub(1) >= 28 && !is_last_days(text, month, day) {
            return None;
        }
        let fraction = match rest.as_bytes() {
            [] | [b'Z'] => "",
            _ => {
                let digits = rest.strip_prefix('.')?;
                let digits = digits.strip_suffix('Z').unwrap_or(digits);
                if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
                    return None;
                }
                digits.trim_end_matches('0')
            }
        };
        Some(Self { words, fraction })
    }

    /// The words and the fraction, for callers that store them.
    pub(crate) fn parts(self) -> (Words, &'a str) {
        (self.words, self.fraction)
    }

    /// Rebuilds a plain form from stored parts.
    #[inline]
    pub(crate) fn from_parts(words: Words, fraction: &'a str) -> Self {
        Self { words, fraction }
    }
}

/// Checks that `word` has digits where `form` has `0` and equals `form` elsewhere. In the result each byte holds ten
/// times the digit before it plus its own digit. For `59`, for example, the byte of the `9` holds 5 * 10 + 9.
///
/// XOR with `form` leaves 0 to 9 for a digit and 0 for any other character. `most` has 127 - 9 = 0x76 for a digit and
/// 0x7F for the others, so the sum sets the highest bit of a byte that does not fit. A carry can leave a byte only if
/// its highest bit was set, and such a byte already fails by `| digits`.
#[inline]
fn pairs(word: u64, form: [u8; 8], most: u64) -> Option<u64> {
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let digits = word ^ u64::from_be_bytes(form);
    let fits = (digits.wrapping_add(most) | digits) & HIGH == 0;
    fits.then(|| digits + (digits >> 8) * 10)
}

/// Whether the month has this day. The caller asks only for days from 29 on, and for day 0.
#[cold]
fn is_last_days(text: &str, month: u64, day: u64) -> bool {
    let year = text.get(..4).and_then(digits).unwrap_or_default();
    let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    day >= 1 && number(day) <= days_in_month(year, number(month))
}

/// Whether a text is a dateTime, in the plain or in another form.
pub(crate) fn is_date_time(text: &str) -> bool {
    Plain::parse(text).is_some() || Instant::parse(text).is_some()
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

/// Days since 1970-01-01 in the proleptic Gregorian calendar.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    // If the year begins in March, the leap day is its last day. An era of 400 years has 146,097 days, and 1970-01-01
    // is 719,468 days after 0000-03-01. `(153 * month + 2) / 5` days of the year precede a month.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * month + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// The inverse of `days_from_civil`: year, month and day.
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    // The month, counted from March.
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let year = year_of_era + era * 400;
    if month < 10 { (year, month + 3, day) } else { (year + 1, month - 9, day) }
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

    /// Every plain form is an instant, and both sort alike; no other text has a plain form.
    #[test]
    fn plain_forms() {
        let mut texts = vec!["2024-02-29T23:59:59Z".to_owned(), "2023-02-28T00:00:00.25".to_owned()];
        for at in 0..19 {
            for byte in ['0', '1', '2', '3', '5', '6', '9', ':', '-', 'T', '/', 'é', '\u{0}', '\u{7f}'] {
                let mut chars: Vec<char> = "2024-02-29T23:59:59Z".chars().collect();
                chars[at] = byte;
                texts.push(chars.into_iter().collect());
            }
        }
        let days = (0..=99).flat_map(|day| {
            ["2023-02", "2024-02", "1900-02", "2000-02", "2024-04", "2024-12", "2024-13"]
                .map(|month| format!("{month}-{day:02}T00:00:00Z"))
        });
        texts.extend(days);
        for number in 0..=99 {
            texts.extend([
                format!("2024-{number:02}-01T00:00:00Z"),
                format!("2024-01-01T{number:02}:00:00Z"),
                format!("2024-01-01T00:{number:02}:00Z"),
                format!("2024-01-01T00:00:{number:02}Z"),
            ]);
        }
        for end in ["", ".", ".Z", ".0", ".50Z", ".05", ".5+02:00", "+00:00", "z", " ", ".5é", "Z0", "ZZ"] {
            texts.push(format!("2024-06-01T00:00:00{end}"));
        }
        let both: Vec<_> = texts.iter().map(|text| (Plain::parse(text), Instant::parse(text))).collect();
        for ((plain, instant), text) in both.iter().zip(&texts) {
            assert!(plain.is_none() || instant.is_some(), "{text}");
            let has_zone = text.ends_with("+02:00") || text.ends_with("+00:00");
            assert!(plain.is_some() || instant.is_none() || has_zone || text.contains("T24"), "{text}");
        }
        let plain: Vec<_> = both.iter().filter_map(|(plain, instant)| Some(((*plain)?, (*instant)?))).collect();
        assert!(plain.len() > 100);
        for (a, instant_a) in &plain {
            for (b, instant_b) in &plain {
                assert_eq!(a.cmp(b), instant_a.cmp(instant_b));
            }
        }
    }

    #[test]
    fn texts_in_utc() {
        for (text, utc) in [
            ("2026-10-20T09:00:00+02:00", "2026-10-20T07:00:00Z"),
            ("2026-01-01T00:30:00.2500+01:00", "2025-12-31T23:30:00.2500Z"),
            ("2024-02-28T23:00:00-05:30", "2024-02-29T04:30:00Z"),
            ("2024-02-29T12:00:00", "2024-02-29T12:00:00Z"),
            ("1899-12-31T24:00:00Z", "1900-01-01T00:00:00Z"),
            ("-0001-12-31T23:30:00-01:00", "0000-01-01T00:30:00Z"),
            ("2026-10-20T09:00:00.50Z", "2026-10-20T09:00:00.50Z"),
        ] {
            assert_eq!(in_utc(text).as_deref(), Some(utc));
            assert_eq!(Instant::parse(text), Instant::parse(utc), "{text}");
        }
        for zone in ["Z", "+00:00", ""] {
            let text = format!("2026-10-20T09:00:00.123456789012{zone}");
            assert_eq!(in_utc(&text).as_deref(), Some("2026-10-20T09:00:00.123456789Z"));
        }
        for text in [
            "2026-10-20",
            "-0044-03-15T12:00:00Z",
            "0000-01-01T00:00:00+01:00",
            "9999-12-31T23:30:00-01:00",
            "9999-12-31T24:00:00Z",
            "12026-01-01T00:00:00Z",
        ] {
            assert_eq!(in_utc(text), None, "{text}");
        }
        for days in (-800_000..800_000).step_by(13) {
            let (year, month, day) = civil_from_days(days);
            assert!((1..=12).contains(&month) && (1..=days_in_month(year, month)).contains(&day), "{days}");
            assert_eq!(days_from_civil(year, month, day), days);
        }
    }

    #[test]
    fn no_date_times() {
        for text in [
            "",
            "2011-05-13",
            "2011-05-13T04:42Z",
            "2011-13-01T00:00:00Z",
            "2011-02-29T00:00:00Z",
            "1900-02-29T00:00:00Z",
            "2100-02-29T00:00:00Z",
            "2011-05-13T25:00:00Z",
            "2011-05-13T04:42:60Z",
            "2011-05-13t04:42:34Z",
            "2011-05-13T04:42:34z",
            "2011-05-13T04:42:34.Z",
            "2011-05-13T04:42:34+15:00",
            "2011-05-13T04:42:34+14:01",
            "2011-05-13T04:42:34+02:60",
            "2011-05-13T04:42:34+02:00x",
            "2011-05-13T24:01:00Z",
            "2011-05-13T24:00:01Z",
            "2011-05-13T24:00:00.5Z",
            "02011-05-13T04:42:34Z",
            "1234567890-05-13T04:42:34Z",
            "11-05-13T04:42:34Z",
            "2011-05-13T04:42:34Z ",
            "２011-05-13T04:42:34Z",
        ] {
            assert_eq!(Instant::parse(text), None, "{text}");
        }
    }
}
