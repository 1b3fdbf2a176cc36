//! A representation of documents that is as naive as can be. The fuzz targets use it, too.

use scim_engine::document::{Document, DocumentError, Key, NumberView, View};

/// JSON as lists: of bytes read one after the other, members in the order of the text, numbers as their text. It shares
/// nothing with `serde_json`.
#[derive(Debug)]
pub enum Naive {
    Null,
    Bool(bool),
    Number(String),
    Text(String),
    List(Vec<Naive>),
    Pairs(Vec<(String, Naive)>),
}

/// Reads JSON that is known to be right.
pub struct Reader<'t> {
    rest: std::iter::Peekable<std::str::Chars<'t>>,
}

impl Reader<'_> {
    pub fn read(text: &str) -> Naive {
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
