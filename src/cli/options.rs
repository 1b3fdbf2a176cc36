//! Options that several commands share.

use std::path::PathBuf;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueEnum};

use crate::tolerance::Tolerance;

/// The options that most commands have.
#[derive(Debug, Args)]
pub(super) struct Common {
    /// The resource type: `User`, `Group`, one of your own, or `any` for filters [default: the type that the document names]
    #[arg(short = 't', long = "type", value_name = "TYPE", help_heading = "Schemas")]
    pub resource_type: Option<String>,
    /// Your own schemas, as `/Schemas` serves them
    #[arg(
        long,
        value_name = "FILE",
        requires = "resource_types",
        help_heading = "Schemas",
        value_hint = clap::ValueHint::FilePath
    )]
    pub schemas: Option<PathBuf>,
    /// Your own resource types, as `/ResourceTypes` serves them
    #[arg(
        long,
        value_name = "FILE",
        requires = "schemas",
        help_heading = "Schemas",
        value_hint = clap::ValueHint::FilePath
    )]
    pub resource_types: Option<PathBuf>,
    /// Accept only what the RFCs allow; a deviation that would be repaired is an error
    #[arg(long, help_heading = "Reading")]
    pub strict: bool,
    /// Switch one tolerance on or off, such as `bare_words=on`; may be given several times
    #[arg(long, value_name = "NAME=on|off", value_parser = tolerance, help_heading = "Reading")]
    pub tolerance: Vec<(String, bool)>,
    /// Print outcomes and errors as JSON
    #[arg(long, help_heading = "Output")]
    pub json: bool,
    /// Use colour; `auto` means on a terminal only
    #[arg(long, value_enum, value_name = "WHEN", default_value_t, help_heading = "Output")]
    pub color: Color,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Color {
    #[default]
    Auto,
    Always,
    Never,
}

/// A parser for an option whose value is one of several words. `help` describes each choice that its word does not explain.
pub(super) fn words<T: Copy + Send + Sync + 'static, const N: usize>(
    all: [T; N],
    word: fn(T) -> &'static str,
    help: fn(T) -> Option<&'static str>,
) -> impl TypedValueParser<Value = T> {
    let value = |choice: T| {
        let value = PossibleValue::new(word(choice));
        match help(choice) {
            Some(help) => value.help(help),
            None => value,
        }
    };
    // The search always succeeds, because clap has checked that `found` is one of the words.
    let chosen = move |found: String| all.into_iter().find(|choice| word(*choice) == found).ok_or("no such word");
    PossibleValuesParser::new(all.map(value)).try_map(chosen)
}

/// Parses `name=on` or `name=off`.
fn tolerance(text: &str) -> Result<(String, bool), String> {
    let (name, on) = match text.split_once('=') {
        Some((name, "on" | "true")) => (name, true),
        Some((name, "off" | "false")) => (name, false),
        _ => return Err("expected `name=on` or `name=off`".to_owned()),
    };
    let name = name.trim().replace('-', "_");
    // The name is checked while clap parses the option, because clap adds the name of the option to an error.
    Tolerance::default().set(&name, on).map_err(|unknown| unknown.to_string())?;
    Ok((name, on))
}
