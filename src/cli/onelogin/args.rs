//! The commands of `scim-engine onelogin`, their options and help texts.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::people::PeopleArgs;
use super::push::args::PushArgs;
use crate::cli::options::Common;

#[derive(Debug, Subcommand)]
pub(crate) enum OneloginCommand {
    Lint(LintArgs),
    Push(Box<PushArgs>),
    Render(RenderArgs),
}

/// Check a template against the schema, and correct it
///
/// Reports every problem with its place and its correction: errors in the JSON, macros that OneLogin does not have,
/// attributes that no schema has, URNs that `schemas` lacks, quoted booleans, values of the wrong type, and required
/// attributes that are missing. The corrected template is then rendered for invented people and read by the engine, which
/// reports what it would still repair.
///
/// An error keeps people from being provisioned as intended. A template with a warning is accepted by tolerant servers only.
/// A note is about something that a template cannot express better; notes leave the exit code 0.
#[derive(Debug, Args)]
#[command(after_help = r#"Examples:
  scim-engine onelogin lint template.json
  scim-engine onelogin lint --corrected template.json > corrected.json
  scim-engine onelogin lint --fix template.json
  scim-engine onelogin lint --json template.json | jq -r '.problems[] | "\(.line): \(.code)"'

Exit codes: 0 no problems (perhaps notes; with --fix or --corrected: none are left), 1 problems, 2 an error"#)]
pub(crate) struct LintArgs {
    /// The template; `-` for standard input
    #[arg(value_name = "TEMPLATE", value_hint = clap::ValueHint::FilePath)]
    pub template: PathBuf,
    /// Print the corrected template; the problems that remain go to standard error
    #[arg(long)]
    pub corrected: bool,
    /// Write the corrected template back to TEMPLATE, completely or not at all
    #[arg(long, conflicts_with = "corrected")]
    pub fix: bool,
    /// Remove the quotes around macros of booleans and numbers. OneLogin does not publish whether it accepts such a template
    #[arg(long)]
    pub bare_booleans: bool,
    #[command(flatten)]
    pub common: Common,
}

/// Print what OneLogin would send for each person
///
/// The macros of the template (`{$user.FIELD}`, `{$parameters.NAME}`) are replaced by the values of each person. The columns
/// of a CSV file or the members of a JSON file have the names of the macros: `firstname`, `lastname`, `email`, `username`,
/// `custom_fields.badge`, `parameters.title`. Some missing values are taken from other values: `display_name` from the names,
/// `parameters.scimusername` from `username` or else `email`, and `parameters.department` from `department`. People without
/// `active` and `status` are active.
///
/// OneLogin does not publish what it sends for a macro without a value, nor how it escapes values. The options `--unset` and
/// `--raw` choose.
#[derive(Debug, Args)]
#[command(after_help = r#"Examples:
  scim-engine onelogin render template.json --users people.csv
  scim-engine onelogin render template.json --users people.json --unset null --pretty
  echo '[{"firstname": "Mara", "lastname": "Quill", "email": "mara@lumen.example"}]' |
    scim-engine onelogin render template.json --users -
  scim-engine onelogin render template.json --users people.csv | while read -r user; do
    echo "$user" | scim-engine check --type User -; done

Exit codes: 0 all are rendered, 1 there is nobody in the file, 2 an error"#)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of its own")]
pub(crate) struct RenderArgs {
    /// The template; `-` for standard input
    #[arg(value_name = "TEMPLATE", value_hint = clap::ValueHint::FilePath)]
    pub template: PathBuf,
    /// The people: CSV, a JSON array or NDJSON; `-` for standard input
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath, help_heading = "People")]
    pub users: PathBuf,
    #[command(flatten)]
    pub people: PeopleArgs,
    /// Print each body as one line of JSON, which is the default in a pipe
    #[arg(long, conflicts_with_all = ["pretty", "text"], help_heading = "Output")]
    pub ndjson: bool,
    /// Print each body on several lines, which is the default on a terminal
    #[arg(long, conflicts_with = "text", help_heading = "Output")]
    pub pretty: bool,
    /// Print the text that would be sent, byte for byte, in the layout of the template
    #[arg(long, help_heading = "Output")]
    pub text: bool,
    /// Print one JSON object per person: the body, its text, and the names of the macros without a value (`unset`). Errors
    /// are JSON, too
    #[arg(long, conflicts_with_all = ["pretty", "text"], help_heading = "Output")]
    pub json: bool,
}
