//! Texts of filters that mostly mean something for a resource type.

use scim_engine::ResourceType;
use scim_engine::schema::{AttrType, Attribute};

use crate::chooser::Chooser;
use crate::types::containers;
use crate::values::simple;

/// A literal for an attribute, mostly of its type.
fn literal(c: &mut Chooser, attribute: &Attribute) -> String {
    match c.below(16) {
        13 => "null".to_owned(),
        14 => (c.pick(&[
            "true",
            "FALSE",
            "5",
            "-0.0",
            "1e400",
            "0.5",
            "9007199254740993",
            "\"\"",
            "\"5\"",
            "\"True\"",
            "\"2026-01-01T10:00:00Z\"",
        ]))
        .to_owned(),
        15 => (c.pick(&[
            "\"\\u0041\\ud83d\\ude00\"",
            "\"a\\\"b\\\\\"",
            "\"work\"",
            "\"u1\"",
            "\"\\u0000\"",
            "work",
            "'a'",
        ]))
        .to_owned(),
        _ if attribute.is_complex() => attribute
            .sub_attribute("value")
            .map_or_else(|| "\"a\"".to_owned(), |value| simple(c, value, false).to_string()),
        _ => simple(c, attribute, false).to_string(),
    }
}

fn operator(c: &mut Chooser, attribute: &Attribute) -> &'static str {
    if c.one_in(10) {
        return c.pick(&["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le", "EQ", "Ne", "xx"]);
    }
    match attribute.attr_type {
        AttrType::Boolean => c.pick(&["eq", "ne"]),
        AttrType::Integer | AttrType::Decimal => c.pick(&["eq", "ne", "gt", "ge", "lt", "le"]),
        AttrType::Binary => c.pick(&["eq", "ne", "co", "sw", "ew"]),
        _ => c.pick(&["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"]),
    }
}

fn blank(c: &mut Chooser) -> &'static str {
    if c.one_in(20) { c.pick(&["  ", "\t", "\r\n", ""]) } else { " " }
}

fn name(c: &mut Chooser, name: &str) -> String {
    match c.below(20) {
        18 => name.to_ascii_uppercase(),
        19 => (c.pick(&["shoe", "unknown", "value", "password", "pin", "managerId", "not", "a.b"])).to_owned(),
        _ => name.to_owned(),
    }
}

/// A comparison or a test for presence, with the name in front of it.
fn test(c: &mut Chooser, path: &str, attribute: &Attribute) -> String {
    if c.one_in(6) {
        return format!("{path}{}{}", blank(c), c.pick(&["pr", "PR"]));
    }
    let (before, operator, after) = (blank(c), operator(c, attribute), blank(c));
    format!("{path}{before}{operator}{after}{}", literal(c, attribute))
}

/// A filter for the brackets behind an attribute.
pub fn inside(c: &mut Chooser, attribute: &Attribute) -> String {
    let leaf = |c: &mut Chooser| {
        if attribute.sub_attributes.is_empty() {
            let path = name(c, "value");
            return test(c, &path, attribute);
        }
        // The sub-attributes by which elements are chosen come first, and often.
        let chosen = ["value", "type"].iter().find_map(|&name| attribute.sub_attribute(name).filter(|_| c.one_in(2)));
        let sub = match chosen {
            Some(sub) => sub,
            None => c.one_of(&attribute.sub_attributes),
        };
        let path = name(c, &sub.name);
        test(c, &path, sub)
    };
    combined(c, 2, &leaf)
}

/// Leaves joined by `and`, `or` and `not`.
fn combined(c: &mut Chooser, depth: usize, leaf: &dyn Fn(&mut Chooser) -> String) -> String {
    if depth == 0 {
        return leaf(c);
    }
    match c.below(12) {
        7 => format!("not{}({})", blank(c), combined(c, depth - 1, leaf)),
        8 => format!("({}) and ({})", combined(c, depth - 1, leaf), combined(c, depth - 1, leaf)),
        9 => format!("{} or {}", combined(c, depth - 1, leaf), combined(c, depth - 1, leaf)),
        10 => format!("{} AND {}", combined(c, depth - 1, leaf), combined(c, depth - 1, leaf)),
        11 => {
            // Equalities of one attribute become a look-up in a table.
            let count = 2 + c.below(12);
            (0..count).map(|_| leaf(c)).collect::<Vec<_>>().join(" or ")
        }
        _ => leaf(c),
    }
}

/// A path to an attribute, with or without its URN.
pub fn path(c: &mut Chooser, kind: &ResourceType, urn: Option<&str>, attribute: &Attribute) -> String {
    let bare = name(c, &attribute.name);
    match urn {
        None if c.one_in(8) => format!("{}:{bare}", kind.schema().id),
        None => bare,
        Some(urn) => match c.below(8) {
            6 => format!("{urn}.{bare}"),
            7 => bare,
            _ => format!("{urn}:{bare}"),
        },
    }
}

/// One of the attributes of a type, with the URN of its object.
pub fn attribute<'k>(c: &mut Chooser, kind: &'k ResourceType) -> (Option<&'k str>, &'k Attribute) {
    let mut all: Vec<(Option<&str>, &Attribute)> = Vec::new();
    for (urn, attributes) in containers(kind) {
        all.extend(attributes.into_iter().map(|attribute| (urn, attribute)));
    }
    c.pick(&all)
}

/// A filter.
pub fn filter(c: &mut Chooser, kind: &ResourceType) -> String {
    let leaf = |c: &mut Chooser| {
        if c.one_in(24) {
            return format!(
                "{} {}",
                c.pick(&["urn:example:lease:2.0", "urn:x:y:z", "shoe", "shoe.size", "urn:example:plate:1.0"]),
                c.pick(&["pr", "eq null", "ne null", "eq \"a\""])
            );
        }
        let (urn, attribute) = attribute(c, kind);
        let path = path(c, kind, urn, attribute);
        match c.below(6) {
            3 if attribute.is_complex() || attribute.multi_valued => format!("{path}[{}]", inside(c, attribute)),
            4 if !attribute.sub_attributes.is_empty() => {
                let inner = inside(c, attribute);
                let sub = c.one_of(&attribute.sub_attributes);
                test(c, &format!("{path}[{inner}].{}", sub.name), sub)
            }
            5 | 0 if !attribute.sub_attributes.is_empty() => {
                let sub = c.one_of(&attribute.sub_attributes);
                let sub_name = name(c, &sub.name);
                test(c, &format!("{path}.{sub_name}"), sub)
            }
            _ => test(c, &path, attribute),
        }
    };
    combined(c, 3, &leaf)
}
