//! Filters over rows as they are in memory, without making JSON of them: a `Document` of one's own. `cargo run --example
//! own_document`.

use std::borrow::Cow;

use scim_engine::document::{Document, DocumentError, Key, View};
use scim_engine::{Error, Filter, ResourceType};

/// A row of the product, with the names that the product gave its columns.
struct Row {
    login: String,
    is_enabled: bool,
    work_mail: Option<String>,
    private_mail: Option<String>,
}

/// A part of the document that a row stands for. It borrows from the row, so it is cheap to copy.
#[derive(Clone, Copy)]
enum Part<'r> {
    User(&'r Row),
    Emails(&'r Row),
    Email(&'static str, &'r str),
    Text(&'r str),
    Flag(bool),
}

impl<'r> Part<'r> {
    /// The members of an object, by their names in the schema's spelling.
    fn members(self) -> Vec<(&'static str, Part<'r>)> {
        match self {
            Self::User(row) => {
                vec![
                    ("userName", Self::Text(&row.login)),
                    ("active", Self::Flag(row.is_enabled)),
                    ("emails", Self::Emails(row)),
                ]
            }
            Self::Email(kind, address) => vec![("type", Self::Text(kind)), ("value", Self::Text(address))],
            _ => Vec::new(),
        }
    }

    /// The elements of an array.
    fn elements(self) -> Vec<Part<'r>> {
        let Self::Emails(row) = self else { return Vec::new() };
        let work = row.work_mail.iter().map(|address| Self::Email("work", address));
        let home = row.private_mail.iter().map(|address| Self::Email("home", address));
        work.chain(home).collect()
    }
}

impl Document for Part<'_> {
    type Error = DocumentError;

    fn view(&self) -> Result<View<'_>, DocumentError> {
        Ok(match self {
            Self::User(_) | Self::Email(..) => View::Object,
            Self::Emails(_) => View::Array,
            Self::Text(text) => View::String(Cow::Borrowed(text)),
            Self::Flag(flag) => View::Bool(*flag),
        })
    }

    fn member(&self, key: &Key) -> Result<Option<Self>, DocumentError> {
        Ok(self.members().into_iter().find(|(name, _)| key.is(name)).map(|(_, part)| part))
    }

    fn any_element(&self, f: &mut dyn FnMut(&Self) -> Result<bool, DocumentError>) -> Result<bool, DocumentError> {
        for element in self.elements() {
            if f(&element)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn any_member(&self, f: &mut dyn FnMut(&str, &Self) -> Result<bool, DocumentError>) -> Result<bool, DocumentError> {
        for (name, member) in self.members() {
            if f(name, &member)? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

fn rows() -> Vec<Row> {
    let row = |login: &str, is_enabled, work_mail: Option<&str>| Row {
        login: login.to_owned(),
        is_enabled,
        work_mail: work_mail.map(str::to_owned),
        private_mail: Some(format!("{login}@home.example")),
    };
    vec![
        row("mirela", true, Some("mirela@harbour.example")),
        row("otto", true, None),
        row("ines", false, Some("ines@harbour.example")),
    ]
}

fn find(filter: &str) -> Result<Vec<String>, Error> {
    let matcher = Filter::parse(filter)?.compile(&ResourceType::user())?;
    let mut found = Vec::new();
    for row in rows() {
        if matcher.matches(Part::User(&row))? {
            found.push(row.login);
        }
    }
    Ok(found)
}

fn main() -> Result<(), Error> {
    for filter in [
        "active eq true",
        r#"emails[type eq "work" and value ew "@HARBOUR.example"]"#,
        r#"not (emails.type eq "work")"#,
    ] {
        println!("{filter}: {}", find(filter)?.join(", "));
    }
    Ok(())
}

#[test]
fn the_example_does_what_it_says() {
    main().unwrap();
    assert_eq!(find(r#"EMAILS[type eq "work"] and active eq true"#).unwrap(), ["mirela"]);
    assert_eq!(find(r#"not (emails.type eq "work")"#).unwrap(), ["otto"]);
}
