//! Values of attributes: as they are stored, and as clients send them. The world is small, so that values meet each other.

use scim_engine::schema::{AttrType, Attribute, Mutability};
use serde_json::{Map, Value, json};

use crate::chooser::Chooser;
use crate::spelling::Dice;

/// The prefix of every secret, and of nothing else.
pub const SECRET: &str = "hush-";

const DATES: &[&str] = &[
    "2026-01-01T10:00:00Z",
    "2026-01-01T12:00:00+02:00",
    "2027-01-01T00:00:00Z",
    "2026-01-01T10:00:00.500Z",
    "2026-02-28T23:59:59.9999999999-14:00",
    "0001-01-01T00:00:00",
    "9999-12-31T23:59:60Z",
    "2026-01-01",
];
const TEXTS: &[&str] = &[
    "a",
    "A",
    "b",
    "c",
    "u1",
    "ab",
    "aß",
    "ẞ",
    "K",
    "\u{212a}",
    "é",
    "e\u{301}",
    "ａ",
    "\u{1F600}",
    "a\"b\\c/\u{8}\n",
    "\u{0}",
    "İ",
    "ﬁ",
    "5",
    "true",
    "null",
    " a ",
    "%_*",
    "\u{feff}",
];
const NUMBERS: &[&str] = &[
    "1",
    "2",
    "0",
    "-0",
    "1.0",
    "1.5",
    "-7",
    "1e2",
    "9007199254740993",
    "9007199254740992",
    "1E400",
    "1e-400",
    "12345678901234567890123",
    "0.10",
    "-0.0",
    "4294967296",
    "9223372036854775808",
    "1.7976931348623157e308",
];

fn number(text: &str) -> Value {
    serde_json::from_str(text).expect("a number")
}

/// One value of a simple attribute, of a small world.
pub fn simple(c: &mut Chooser, attribute: &Attribute, is_secret: bool) -> Value {
    let few = |c: &mut Chooser, few: usize, all: &[&str]| -> Value {
        let few = if c.one_in(6) { all.len() } else { few.min(all.len()) };
        Value::from(c.pick(&all[..few]))
    };
    match attribute.attr_type {
        AttrType::Boolean => c.one_in(2).into(),
        AttrType::Integer => number(c.pick(&["1", "2", "0", "-7", "9007199254740993"])),
        AttrType::Decimal => {
            let few = if c.one_in(4) { NUMBERS.len() } else { 4 };
            number(c.pick(&NUMBERS[..few]))
        }
        AttrType::DateTime => few(c, 3, DATES),
        AttrType::Binary => few(c, 2, &["QUJD", "QUI=", "QUI", "_-8="]),
        AttrType::Reference => few(
            c,
            3,
            &[
                "https://x.example/v2/Users/u1",
                "https://x.example/Users/u1",
                "../Users/u2",
                "Users/u1",
                "urn:x:y",
                "a b",
            ],
        ),
        _ if is_secret || attribute.is_never_returned() => Value::from(c.pick(&["hush-a", "hush-b"])),
        _ if attribute.name == "type" => Value::from(c.pick(&["work", "Work", "home"])),
        _ if c.one_in(40) => String::from_utf8_lossy(c.take(6)).into_owned().into(),
        _ => few(c, 4, TEXTS),
    }
}

fn object(c: &mut Chooser, attribute: &Attribute, is_secret: bool, sent: bool) -> Value {
    let mut members = Map::new();
    let is_secret = is_secret || attribute.is_never_returned();
    // After the last byte the first sub-attribute is there, so that a value says something.
    for (at, sub) in attribute.sub_attributes.iter().enumerate() {
        let is_there = match sub.name.as_str() {
            _ if sub.required => true,
            "value" => !c.one_in(10),
            _ if at == 0 => !c.one_in(4),
            _ => c.one_in(3),
        };
        if !is_there {
            continue;
        }
        let value = if sent && c.one_in(13) { noise(c, sub) } else { plain(c, sub, is_secret, sent) };
        members.insert(sub.name.clone(), value);
    }
    members.into()
}

fn one_plain(c: &mut Chooser, attribute: &Attribute, is_secret: bool, sent: bool) -> Value {
    if attribute.is_complex() { object(c, attribute, is_secret, sent) } else { simple(c, attribute, is_secret) }
}

fn plain(c: &mut Chooser, attribute: &Attribute, is_secret: bool, sent: bool) -> Value {
    if !attribute.multi_valued {
        return one_plain(c, attribute, is_secret, sent);
    }
    let len = *c.weighted(&[(3, 1), (3, 2), (2, 3), (1, 0), (1, 6)]);
    let mut elements: Vec<Value> = (0..len).map(|_| one_plain(c, attribute, is_secret, sent)).collect();
    // One primary at most, mostly.
    let mut has_primary = false;
    for element in &mut elements {
        if element.get("primary") == Some(&Value::Bool(true)) {
            if has_primary && !c.one_in(20) {
                element["primary"] = false.into();
            }
            has_primary = true;
        }
    }
    elements.into()
}

/// A value as it is stored.
pub fn stored(c: &mut Chooser, attribute: &Attribute) -> Value {
    plain(c, attribute, false, false)
}

/// One element, or the one value, as a client sends it.
pub fn sent_one(c: &mut Chooser, attribute: &Attribute) -> Value {
    let mut value = one_plain(c, attribute, false, true);
    if attribute.is_complex() {
        if c.one_in(20) {
            value["shoe"] = json!(44);
        }
        if c.one_in(8) {
            value = recased(&value, c.seed());
        }
    }
    value
}

/// A value that a client sends for an attribute.
pub fn sent(c: &mut Chooser, attribute: &Attribute) -> Value {
    match c.below(10) {
        0..6 => {
            let value = plain(c, attribute, false, true);
            if c.one_in(8) { recased(&value, c.seed()) } else { value }
        }
        6 | 7 => sent_one(c, attribute),
        _ => noise(c, attribute),
    }
}

/// Texts of JSON values that clients send in the wrong place.
const NOISE: &[&str] = &[
    "null",
    r#""""#,
    r#"" ""#,
    "[]",
    "{}",
    "[null]",
    "[{}]",
    r#"[""]"#,
    "[[]]",
    "5",
    "1.0",
    "-7",
    "1.5",
    "true",
    r#""True""#,
    r#""false""#,
    r#""5""#,
    r#""x""#,
    r#"["x"]"#,
    r#"{"value": "a"}"#,
    r#"{"value": "u1"}"#,
    r#"[{"value": "u1"}]"#,
    r#"{"value": null}"#,
    r#"{"type": "work"}"#,
    r#""{\"value\": \"a\"}""#,
    r#""[{\"value\": \"u1\"}]""#,
    r#""{\"label\": \"b\", \"tags\": [\"c\"]}""#,
    r#""[\"a\"]""#,
    r#""{""#,
    r#"{"label": null}"#,
    r#"{"tags": null, "label": "c"}"#,
    r#"{"shoe": 44}"#,
    r#"[{"shoe": 44}]"#,
    r#""[]""#,
    r#""{}""#,
    "1e400",
    "-0",
    r#"{"value": {"value": "a"}}"#,
    r#"{"managerId": "m1"}"#,
    r#""a\u0000b""#,
    r#"{"$ref": "x", "type": "User"}"#,
    r#"{"value": "a", "VALUE": "b"}"#,
    r#"["a", "A", "a"]"#,
    r#"[{"value": "a"}, {"value": "a", "type": "work"}, {"value": "A"}]"#,
    r#"[{"value": "a", "primary": true}, {"value": "b", "primary": true}]"#,
    "12345678901234567890123",
    r#"{"value": "{\"value\": \"r\", \"display\": \"R\"}"}"#,
    r#"{"a": {"b": {"c": [1, [2, {"d": null}]]}}}"#,
];

/// How clients get one value wrong.
fn noise(c: &mut Chooser, attribute: &Attribute) -> Value {
    match c.below(12) {
        0 => json!([one_plain(c, attribute, false, false)]),
        1 => one_plain(c, attribute, false, false),
        2 => one_plain(c, attribute, false, false).to_string().into(),
        3 => json!([one_plain(c, attribute, false, false)]).to_string().into(),
        4 => json!({attribute.name.clone(): one_plain(c, attribute, false, false)}),
        5 => any_json(c, 3),
        _ => serde_json::from_str(c.pick(NOISE)).expect("JSON"),
    }
}

const KEYS: &[&str] = &[
    "value",
    "type",
    "primary",
    "display",
    "$ref",
    "userName",
    "emails",
    "name",
    "givenName",
    "members",
    "manager",
    "managerId",
    "password",
    "schemas",
    "id",
    "meta",
    "label",
    "tags",
    "lock",
    "shelves",
    "shoe",
    "VALUE",
    "Emails",
    "op",
    "path",
    "operation",
    "",
    "a b",
    "a\"b",
    "name.givenName",
    "emails[type eq \"work\"].value",
    "emails[",
    "urn:example:lease:2.0",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
    "urn:ietf:params:scim:schemas:core:2.0:User",
    "urn:scim:schemas:core:1.0",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
    "department",
];

/// Any JSON, with names and values of SCIM anywhere.
pub fn any_json(c: &mut Chooser, depth: usize) -> Value {
    match c.below(if depth == 0 { 6 } else { 12 }) {
        0 => Value::Null,
        1 => c.one_in(2).into(),
        2 => number(c.pick(NUMBERS)),
        3 => Value::from(c.pick(TEXTS)),
        4 => Value::from(c.pick(DATES)),
        5 => Value::from(c.pick(&[
            "",
            " ",
            "work",
            "True",
            "{\"value\": \"x\"}",
            "replace",
            "delete",
            "QUJD",
            "members",
        ])),
        6..9 => {
            let len = c.below(4);
            (0..len).map(|_| any_json(c, depth - 1)).collect()
        }
        _ => any_object(c, depth - 1),
    }
}

/// Any JSON object.
pub fn any_object(c: &mut Chooser, depth: usize) -> Value {
    let len = c.below(6);
    let members = (0..len).map(|_| {
        let name = (c.pick(KEYS)).to_owned();
        (name, any_json(c, depth))
    });
    Value::Object(members.collect())
}

/// The same with some names in other cases.
pub fn recased(value: &Value, seed: u64) -> Value {
    fn inner(value: &Value, dice: &mut Dice) -> Value {
        match value {
            Value::Array(elements) => elements.iter().map(|element| inner(element, dice)).collect(),
            Value::Object(members) => {
                let recase = |name: &String, dice: &mut Dice| {
                    let is_plain = !name.contains(':');
                    if is_plain && dice.roll(4) == 0 { name.to_ascii_uppercase() } else { name.clone() }
                };
                members
                    .iter()
                    .map(|(name, value)| (recase(name, dice), inner(value, dice)))
                    .collect::<Map<_, _>>()
                    .into()
            }
            other => other.clone(),
        }
    }
    inner(value, &mut Dice::new(seed))
}

/// Unassigned (RFC 7643 §2.5).
pub fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(elements) => elements.iter().all(is_nothing),
        Value::Object(members) => members.values().all(is_nothing),
        _ => false,
    }
}

/// Without elements that are nothing.
pub fn tidy(value: &Value) -> Value {
    match value {
        Value::Array(elements) => elements.iter().filter(|element| !is_nothing(element)).map(tidy).collect(),
        Value::Object(members) => members.iter().map(|(name, value)| (name.clone(), tidy(value))).collect(),
        other => other.clone(),
    }
}

/// Lists in one order, unassigned members left out, names in lower case, numbers in one spelling: the order of a multi-valued attribute has no
/// meaning (D10).
pub fn unordered(value: &Value) -> Value {
    match value {
        Value::Array(elements) => {
            let mut elements: Vec<(String, Value)> =
                elements.iter().map(unordered).map(|element| (element.to_string(), element)).collect();
            elements.sort_by(|(a, _), (b, _)| a.cmp(b));
            elements.into_iter().map(|(_, element)| element).collect()
        }
        Value::Object(members) => {
            let mut members: Vec<(String, Value)> =
                members.iter().map(|(name, value)| (name.to_lowercase(), unordered(value))).collect();
            members.retain(|(_, value)| !value.is_null() && *value != json!([]) && *value != json!({}));
            members.sort_by(|(a, _), (b, _)| a.cmp(b));
            members.into_iter().collect::<Map<_, _>>().into()
        }
        // Numbers are equal by their value, however they are written (F8).
        Value::Number(number) => match number.to_string().parse::<f64>() {
            Ok(float) if float.abs() < 9_007_199_254_740_992.0 => json!(float + 0.0),
            _ => value.clone(),
        },
        other => other.clone(),
    }
}

/// The member of an object by its name in any case.
pub fn member<'v>(value: &'v Value, name: &str) -> Option<&'v Value> {
    let members = value.as_object()?;
    members
        .get(name)
        .or_else(|| members.iter().find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| value))
}

/// Whether the client may set an attribute.
pub fn is_writable(attribute: &Attribute) -> bool {
    attribute.mutability != Mutability::ReadOnly
}
