//! A condition means what its filter does: a translator of forty lines, which knows nothing of SCIM, answers as the matcher
//! does.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs, dead_code)]

#[path = "common/cases.rs"]
mod cases;

use std::cmp::Ordering;

use scim_engine::condition::{Condition, Target, ValueTest};
use scim_engine::schema::{AttrType, Attribute};
use scim_engine::{CompareOp, Filter, ResourceType, fold_case};
use serde_json::Value;

/// The value of a document, or of an element of a list.
#[derive(Clone, Copy)]
struct Here<'v> {
    value: &'v Value,
    /// The path of the list of which the value is an element.
    list: Option<&'v str>,
}

impl Here<'_> {
    fn member(self, name: &str) -> Option<Self> {
        let members = self.value.as_object()?;
        // Of members whose names differ in case, the one in the schema's spelling counts.
        let other = || members.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value);
        Some(Self { value: members.get(name).or_else(other)?, ..self })
    }

    fn at(self, path: &str) -> Option<Self> {
        if let Some(list) = self.list {
            let Some(sub) = path.strip_prefix(list).and_then(|rest| rest.strip_prefix('.')) else { return Some(self) };
            return match self.value {
                // A simple element counts as its own `value`.
                Value::Object(_) => self.member(sub),
                _ => (sub == "value").then_some(self),
            };
        }
        let (urn, names) = path.rsplit_once(':').map_or((None, path), |(urn, names)| (Some(urn), names));
        let here = urn.map_or(Some(self), |urn| self.member(urn))?;
        names.split('.').try_fold(here, Here::member)
    }
}

fn is_assigned(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Array(all) => all.iter().any(is_assigned),
        Value::Object(all) => all.values().any(is_assigned),
        _ => true,
    }
}

fn in_order(op: CompareOp, order: Ordering) -> bool {
    match op {
        CompareOp::Eq => order.is_eq(),
        CompareOp::Gt => order.is_gt(),
        CompareOp::Ge => order.is_ge(),
        CompareOp::Lt => order.is_lt(),
        CompareOp::Le => order.is_le(),
        _ => false,
    }
}

fn text_holds(op: CompareOp, text: &str, literal: &str) -> bool {
    match op {
        CompareOp::Co => text.contains(literal),
        CompareOp::Sw => text.starts_with(literal),
        CompareOp::Ew => text.ends_with(literal),
        _ => in_order(op, text.cmp(literal)),
    }
}

/// Seconds since 1970 and the digits of the fraction, of a dateTime that is known to be one.
fn instant(text: &str) -> Option<(i64, String)> {
    let (date, time) = text.split_once('T')?;
    let (year, rest) = date.get(1..).and_then(|rest| rest.find('-')).map(|at| date.split_at(at + 1))?;
    let year: i64 = year.parse().ok()?;
    let (month, day) = rest.strip_prefix('-')?.split_once('-')?;
    let (month, day): (i64, i64) = (month.parse().ok()?, day.parse().ok()?);
    let zone_at = time.find(['Z', '+', '-']).unwrap_or(time.len());
    let (clock, zone) = time.split_at(zone_at);
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, ""));
    let mut parts = clock.split(':').map(|part| part.parse::<i64>().ok());
    let (hour, minute, second) = (parts.next()??, parts.next()??, parts.next()??);
    let offset = match zone.as_bytes().first() {
        None | Some(b'Z') => 0,
        Some(sign) => {
            let (hours, minutes) = zone[1..].split_once(':')?;
            let all = hours.parse::<i64>().ok()? * 3600 + minutes.parse::<i64>().ok()? * 60;
            if *sign == b'-' { -all } else { all }
        }
    };
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = [31, if is_leap { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let longest = usize::try_from(month - 1).ok().and_then(|at| days.get(at))?;
    if !(1..=*longest).contains(&day) {
        return None;
    }
    // Howard Hinnant's days_from_civil.
    let shifted = if month <= 2 { year - 1 } else { year };
    let era = shifted.div_euclid(400);
    let of_era = shifted.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468;
    let seconds = days * 86_400 + hour * 3600 + minute * 60 + second - offset;
    Some((seconds, fraction.trim_end_matches('0').to_owned()))
}

/// Whether a number is negative, the place of its first digit, and its digits without zeros around them.
fn digits(number: &str) -> (bool, i64, String) {
    let (mantissa, exponent) = number.split_once(['e', 'E']).unwrap_or((number, "0"));
    let (whole, fraction) =
        mantissa.trim_start_matches('-').split_once('.').unwrap_or((mantissa.trim_start_matches('-'), ""));
    let all = format!("{whole}{fraction}");
    let zeros = all.len() - all.trim_start_matches('0').len();
    let place = i64::try_from(whole.len()).unwrap() - i64::try_from(zeros).unwrap() + exponent.parse::<i64>().unwrap();
    (mantissa.starts_with('-'), place, all.trim_matches('0').to_owned())
}

fn compared(a: &(bool, i64, String), b: &(bool, i64, String)) -> Ordering {
    let sign = |number: &(bool, i64, String)| match (number.2.is_empty(), number.0) {
        (true, _) => 0,
        (false, is_negative) => {
            if is_negative {
                -1
            } else {
                1
            }
        }
    };
    let size = (a.1, &a.2).cmp(&(b.1, &b.2));
    sign(a).cmp(&sign(b)).then(if a.2.is_empty() {
        Ordering::Equal
    } else if a.0 {
        size.reverse()
    } else {
        size
    })
}

fn test_holds(target: &Target, test: &ValueTest, value: &Value) -> bool {
    let written = value.as_str();
    match test {
        ValueTest::Assigned => is_assigned(value),
        ValueTest::Present => is_assigned(value) && written != Some(""),
        ValueTest::Text(op, literal) => written.is_some_and(|text| text_holds(*op, &target.key(text), literal)),
        ValueTest::OneOf(all) => written.is_some_and(|text| all.contains(&target.key(text))),
        ValueTest::DateText(op, literal) => {
            written.is_some_and(|text| instant(text).is_some() && text_holds(*op, &fold_case(text), literal))
        }
        ValueTest::Bool(literal) => value.as_bool() == Some(*literal),
        ValueTest::Number(op, literal) => {
            value.is_number() && in_order(*op, compared(&digits(&value.to_string()), &digits(literal)))
        }
        ValueTest::Instant { op, seconds, fraction } => {
            written.and_then(instant).is_some_and(|instant| in_order(*op, instant.cmp(&(*seconds, fraction.clone()))))
        }
        _ => unreachable!(),
    }
}

fn holds(condition: &Condition, here: Here<'_>) -> bool {
    match condition {
        Condition::Constant(holds) => *holds,
        Condition::All(all) => all.iter().all(|one| holds(one, here)),
        Condition::Any(any) => any.iter().any(|one| holds(one, here)),
        Condition::Exists { list, within, is_negated } => {
            let value = here.at(&list.path).map(|there| there.value);
            let elements = match value {
                None | Some(Value::Null) => &[],
                Some(Value::Array(all)) => all.as_slice(),
                // One value stands for a list of one.
                Some(one) => std::slice::from_ref(one),
            };
            let is_one = |value| holds(within, Here { value, list: Some(&list.path) });
            elements.iter().any(is_one) != *is_negated
        }
        Condition::Test { target, test, is_negated } => {
            let is = |value: &Value| test_holds(target, test, value);
            let value = here.at(&target.path).map(|there| there.value);
            match value {
                // A list where one value is due stands for its elements.
                Some(Value::Array(all)) if here.list.is_none() => all.iter().any(is) != *is_negated,
                value => value.is_some_and(is) != *is_negated,
            }
        }
        _ => unreachable!(),
    }
}

/// Whether a value is one that the schema allows, so that a column can hold it: a condition says nothing of others.
fn fits(attribute: &Attribute, value: &Value) -> bool {
    let one = |value: &Value| match (attribute.attr_type, value) {
        (_, Value::Null) | (AttrType::Boolean, Value::Bool(_)) => true,
        (AttrType::Complex, Value::Object(members)) => {
            members.iter().all(|(name, member)| attribute.sub_attribute(name).is_some_and(|sub| fits(sub, member)))
        }
        // A simple element stands for its `value` (F17).
        (AttrType::Complex, simple) => attribute.multi_valued && simple.is_string(),
        (AttrType::Integer | AttrType::Decimal, value) => value.is_number(),
        (AttrType::Boolean, _) => false,
        (_, value) => value.is_string(),
    };
    match value {
        Value::Array(all) => attribute.multi_valued && all.iter().all(one),
        value => one(value),
    }
}

fn document_fits(resource_type: &ResourceType, document: &Value) -> bool {
    document.as_object().is_some_and(|members| {
        members.iter().all(|(name, value)| match resource_type.extension(name) {
            Some(schema) => value.as_object().is_some_and(|members| {
                members.iter().all(|(name, value)| schema.attribute(name).is_some_and(|it| fits(it, value)))
            }),
            None => resource_type.attribute(name).is_none_or(|attribute| fits(attribute, value)),
        })
    })
}

#[test]
fn conditions_mean_what_filters_do() {
    let (mut compared, mut differ) = (0, Vec::new());
    for file in cases::files().iter().filter(|file| file.starts_with("filter/")) {
        for case in cases::load(file).iter().filter(|case| case.contains_key("docs") && case["kind"] == "match") {
            let text = case["filter"].as_str().unwrap();
            let options = scim_engine::Options::default().tolerance(cases::tolerance(case));
            let filter = Filter::parse_with(text, &options).unwrap();
            let matcher = filter.compile_with(&cases::resource_type(case), &options).unwrap();
            let resource_type = matcher.resource_type().clone();
            // What no schema defines has no condition.
            let Ok(condition) = matcher.condition() else { continue };
            for entry in case["docs"].as_array().unwrap() {
                let Ok(expected) = matcher.matches(&entry["doc"]) else { continue };
                if !document_fits(&resource_type, &entry["doc"]) {
                    continue;
                }
                compared += 1;
                if holds(&condition, Here { value: &entry["doc"], list: None }) != expected {
                    differ.push(format!("{text} of {}: not {expected}: {condition}", entry["doc"]));
                }
            }
        }
    }
    assert!(compared > 850, "{compared}");
    assert!(differ.is_empty(), "{} of {compared}:\n{}", differ.len(), differ.join("\n"));
}
