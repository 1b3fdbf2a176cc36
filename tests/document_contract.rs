//! The contract of `Document`, and every case of meaning, on a second representation that is as naive as can be.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use scim_engine::document::{Document, DocumentError, Key, NumberView, View, check_contract, contract_samples};
use scim_engine::{Filter, Options, ResourceType};
use serde_json::Value;

mod common;

use common::cases::{load, meaning, resource_type, tolerance};

/// JSON as lists: of bytes read one after the other, members in the order of the text, numbers as their text. It shares
/// nothing with `serde_json`.
#[derive(Debug)]
enum Naive {
    Null,
    Bool(bool),
    Number(String),
    Text(String),
    List(Vec<Naive>),
    Pairs(Vec<(String, Naive)>),
}

/// Reads JSON that is known to be right.
struct Reader<'t> {
    rest: std::iter::Peekable<std::str::Chars<'t>>,
}

impl Reader<'_> {
    fn read(text: &str) -> Naive {
        let mut reader = Reader { rest: text.chars().peekable() };
        let value = reader.value();
        reader.blanks();
        assert!(reader.rest.next().is_none(), "{text}");
        value
    }

    fn blanks(&mut self) {
        while self.rest.next_if(char::is_ascii_whitespace).is_some() {}
    }

    fn word(&mut self) -> String {
        std::iter::from_fn(|| self.rest.next_if(|c| c.is_ascii_alphanumeric() || "+-.".contains(*c))).collect()
    }

    fn value(&mut self) -> Naive {
        self.blanks();
        match self.rest.peek().unwrap() {
            '[' => {
                let mut list = Vec::new();
                self.items(']', |reader| list.push(reader.value()));
                Naive::List(list)
            }
            '{' => {
                let mut pairs = Vec::new();
                self.items('}', |reader| {
                    let name = reader.text();
                    reader.blanks();
                    assert_eq!(reader.rest.next(), Some(':'));
                    let value = reader.value();
                    pairs.push((name, value));
                });
                Naive::Pairs(pairs)
            }
            '"' => Naive::Text(self.text()),
            _ => match self.word().as_str() {
                "null" => Naive::Null,
                "true" => Naive::Bool(true),
                "false" => Naive::Bool(false),
                number => Naive::Number(number.to_owned()),
            },
        }
    }

    fn items(&mut self, end: char, mut item: impl FnMut(&mut Self)) {
        self.rest.next();
        loop {
            self.blanks();
            if self.rest.next_if_eq(&end).is_some() {
                return;
            }
            if self.rest.next_if_eq(&',').is_some() {
                self.blanks();
            }
            item(self);
        }
    }

    fn text(&mut self) -> String {
        assert_eq!(self.rest.next(), Some('"'));
        let mut units: Vec<u16> = Vec::new();
        loop {
            let c = self.rest.next().unwrap();
            let c = match c {
                '"' => return String::from_utf16(&units).unwrap(),
                '\\' => match self.rest.next().unwrap() {
                    'n' => '\n',
                    'r' => '\r',
                    't' => '\t',
                    'b' => '\u{8}',
                    'f' => '\u{c}',
                    'u' => {
                        let hex: String = self.rest.by_ref().take(4).collect();
                        units.push(u16::from_str_radix(&hex, 16).unwrap());
                        continue;
                    }
                    other => other,
                },
                other => other,
            };
            units.extend_from_slice(c.encode_utf16(&mut [0; 2]));
        }
    }
}

impl Document for &Naive {
    type Error = DocumentError;

    fn view(&self) -> Result<View<'_>, DocumentError> {
        Ok(match self {
            Naive::Null => View::Null,
            Naive::Bool(value) => View::Bool(*value),
            Naive::Number(text) => match text.parse() {
                Ok(integer) => View::Number(NumberView::Integer(integer)),
                Err(_) => View::Number(NumberView::Text(text.as_str().into())),
            },
            Naive::Text(text) => View::String(text.as_str().into()),
            Naive::List(_) => View::Array,
            Naive::Pairs(_) => View::Object,
        })
    }

    fn member(&self, key: &Key) -> Result<Option<Self>, DocumentError> {
        let Naive::Pairs(pairs) = self else { return Ok(None) };
        // F14: of the same name the last; of names that differ in case the schema's spelling, else the first.
        let last = |name: &str| pairs.iter().rev().find(|(other, _)| other == name).map(|(_, value)| value);
        if key.is_canonical()
            && let Some(value) = last(key.name())
        {
            return Ok(Some(value));
        }
        let first = pairs.iter().find(|(other, _)| other.eq_ignore_ascii_case(key.name()));
        Ok(first.and_then(|(name, _)| last(name)))
    }

    fn any_element(&self, f: &mut dyn FnMut(&Self) -> Result<bool, DocumentError>) -> Result<bool, DocumentError> {
        let Naive::List(list) = self else { return Ok(false) };
        for element in list {
            if f(&element)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn any_member(&self, f: &mut dyn FnMut(&str, &Self) -> Result<bool, DocumentError>) -> Result<bool, DocumentError> {
        let Naive::Pairs(pairs) = self else { return Ok(false) };
        for (name, value) in pairs {
            if f(name, &value)? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// The samples, and the documents of the conformance cases.
fn texts() -> Vec<String> {
    let cases = load("filter/meaning");
    let documents = cases.iter().filter_map(|case| case.get("docs")).flat_map(|docs| docs.as_array().unwrap());
    contract_samples().into_iter().chain(documents.map(|doc| doc["doc"].to_string())).collect()
}

#[test]
fn values_keep_the_contract() {
    for text in texts() {
        let value: Value = serde_json::from_str(&text).unwrap();
        check_contract(&text, &&value).unwrap();
    }
}

#[test]
fn naive_lists_keep_the_contract() {
    for text in texts() {
        check_contract(&text, &&Reader::read(&text)).unwrap();
    }
}

/// A check that lets everything pass checks nothing: broken representations are found.
#[test]
fn broken_representations_break_the_contract() {
    fn breaks(text: &str, other: &str) {
        let message = check_contract(text, &&Reader::read(other)).unwrap_err();
        assert!(!message.is_empty());
    }
    for (text, other) in [
        ("null", "[]"),
        ("true", "false"),
        ("1", "2"),
        ("1", "\"1\""),
        ("1.5", "1"),
        ("[1,2]", "[2,1]"),
        ("[1]", "[1,1]"),
        ("[1]", "[]"),
        ("{\"a\":1}", "{\"b\":1}"),
        ("{\"a\":1}", "{}"),
        ("{\"a\":{\"b\":1}}", "{\"a\":{\"b\":2}}"),
        ("\"a\"", "\"A\""),
        ("9007199254740993", "9007199254740992"),
        ("[[1]]", "[[[1]]]"),
    ] {
        check_contract(text, &&Reader::read(text)).unwrap();
        breaks(text, other);
    }
}

/// Meaning is written once: every case gives on the naive representation what it gives on `Value`.
#[test]
fn every_case_of_meaning_holds_of_naive_lists() {
    let mut cases = load("filter/meaning");
    cases.extend(meaning(&["match"]));
    let mut failures = Vec::new();
    let (mut asked, mut refused) = (0, 0);
    for case in cases.iter().filter(|case| case["kind"] == "match") {
        let name = &case["name"];
        assert!(case.get("limits").is_none() && case.get("text_of").is_none(), "{name}");
        let options = Options::default().tolerance(tolerance(case));
        let filter = Filter::parse_with(case["filter"].as_str().unwrap(), &options);
        let matcher = filter
            .map_err(|error| error.to_string())
            .and_then(|filter| filter.compile_with(&resource_type(case), &options).map_err(|error| error.to_string()));
        let (Some(docs), Ok(matcher)) = (case.get("docs").and_then(Value::as_array), &matcher) else {
            assert!(case.get("error").is_some() && matcher.is_err(), "{name}: {:?}", matcher.err());
            refused += 1;
            continue;
        };
        for doc in docs.iter().filter(|doc| doc["match"] != "error") {
            asked += 1;
            let naive = Reader::read(&doc["doc"].to_string());
            let found = matcher.matches(&naive).unwrap();
            if Some(found) != doc["match"].as_bool() || matcher.explain(&naive).unwrap().holds() != found {
                failures.push(format!("{name}: {} gave {found}", doc["doc"]));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(asked > 500 && refused > 20, "{asked} {refused}");
}

/// F14, which text alone can show: one name twice, and names that differ in case, in the order of the text.
#[test]
fn doubled_names_of_naive_lists() {
    let matches = |filter: &str, text: &str| {
        let matcher = filter.parse::<Filter>().unwrap().compile(&ResourceType::any()).unwrap();
        matcher.matches(&Reader::read(text)).unwrap()
    };
    assert!(matches("userName eq \"b\"", r#"{"userName": "a", "userName": "b"}"#));
    assert!(matches("userName eq \"b\"", r#"{"USERNAME": "a", "userName": "b", "username": "c"}"#));
    assert!(matches("USERname eq \"b\"", r#"{"USERNAME": "a", "userName": "b", "username": "c"}"#));
    assert!(matches("userName eq \"c\"", r#"{"username": "c", "USERNAME": "a"}"#));
    assert!(matches("emails[VALUE eq \"c\"]", r#"{"emails": [{"Value": "a", "value": "c"}]}"#));
    assert!(matches("unknown eq \"a\"", r#"{"Unknown": "a", "UNKNOWN": "b"}"#));
}
