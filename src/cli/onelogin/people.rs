//! The people of a template: the options about them, and reading them.

use std::path::Path;

use clap::Args;
use clap::builder::TypedValueParser;

use crate::cli::failure::Failure;
use crate::cli::files;
use crate::cli::options::words;
use crate::onelogin::{Escape, PeopleFormat, Person, RenderOptions, Unset};

/// The options for reading people and for inserting their values into the template.
#[derive(Debug, Args)]
pub(crate) struct PeopleArgs {
    /// The format of the file of people [default: recognised by its name, or else by its first bytes]
    #[arg(
        long,
        value_parser = words(PeopleFormat::ALL, PeopleFormat::as_str, |_| None),
        value_name = "FORMAT",
        help_heading = "People"
    )]
    pub users_format: Option<PeopleFormat>,
    /// The text of a macro that has no value
    #[arg(long, value_parser = unset(), value_name = "WHAT", default_value_t, help_heading = "People")]
    pub unset: Unset,
    /// Insert values unchanged, without escaping them for JSON
    #[arg(long, help_heading = "People")]
    pub raw: bool,
}

impl PeopleArgs {
    pub(super) fn options(&self) -> RenderOptions {
        let escape = if self.raw { Escape::Raw } else { Escape::Json };
        RenderOptions::default().unset(self.unset).escape(escape)
    }
}

fn unset() -> impl TypedValueParser<Value = Unset> {
    // On the command line words have hyphens: `null-text`, where the library says `null_text`.
    let word = |unset: Unset| if unset == Unset::NullText { "null-text" } else { unset.as_str() };
    words(Unset::ALL, word, |unset| {
        Some(match unset {
            Unset::Empty => "The empty string",
            Unset::Null => "`null` in place of the whole string",
            Unset::NullText => "The four letters `null`",
            Unset::Keep => "The macro as it is written",
            Unset::Error => "An error",
        })
    })
}

/// Reads the people from a file.
pub(super) fn people(args: &PeopleArgs, path: &Path) -> Result<Vec<Person>, Failure> {
    let bytes = files::read(path)?;
    let by_name = || match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
        "csv" | "tsv" => Some(PeopleFormat::Csv),
        "json" | "ndjson" | "jsonl" => Some(PeopleFormat::Json),
        _ => None,
    };
    let format = args.users_format.or_else(by_name);
    let format = format.unwrap_or_else(|| PeopleFormat::guess(&bytes));
    Person::read_all(&bytes, format).map_err(|error| {
        let name = files::name(path);
        Failure::syntax(format!("{name}:{}: {}", error.line(), error.message()))
            .with("file", Some(name.clone()))
            .with("line", Some(error.line()))
    })
}
