//! Commands, options and their help texts.

use std::path::PathBuf;

use clap::builder::TypedValueParser;
use clap::{Args, Parser, Subcommand, ValueEnum};

use super::onelogin::args::OneloginCommand;
use super::options::{Common, words};
use crate::options::{Absent, UnknownMembers};
use crate::profile::Profile;

const EXIT_CODES: &str = "\
Exit codes:
  0  yes: some document matches, the patch is applied, the filter holds, the resource is accepted
  1  no: none does, it does not hold, it is refused
  2  an error, described on standard error";

/// SCIM 2.0 filters and PATCH on JSON files
///
/// Filters are those of RFC 7644 §3.4.2.2, patches those of §3.5.2, schemas those of RFC 7643 or your own.
#[derive(Debug, Parser)]
#[command(name = "scim-engine", bin_name = "scim-engine", version, after_help = EXIT_CODES)]
pub(super) struct Cli {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    Filter(FilterArgs),
    Patch(PatchArgs),
    Explain(ExplainArgs),
    Check(CheckArgs),
    /// Check, correct and render OneLogin's SCIM JSON template, and play OneLogin against an endpoint
    Onelogin {
        #[command(subcommand)]
        command: OneloginCommand,
    },
    /// Print a completion script for a shell
    #[command(after_help = "Examples:
  scim-engine completions bash > ~/.local/share/bash-completion/completions/scim-engine
  scim-engine completions zsh > ~/.zfunc/_scim-engine
  scim-engine completions fish > ~/.config/fish/completions/scim-engine.fish")]
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page of `scim-engine` or of one command
    #[command(after_help = "Example:
  scim-engine man | man -l -")]
    Man {
        /// The command, such as `filter` or `onelogin lint`
        command: Vec<String>,
    },
}

/// Print the documents that match a filter, as grep prints lines
///
/// Reads one document a line (NDJSON), a JSON array of documents, a ListResponse (its `Resources`), or documents one after
/// the other. Each may be compressed with gzip or zstd; the format is recognised by the content. Matching documents are
/// printed one a line, in the order of the input. Anything that is not a JSON object is reported with its file and line, the
/// scan goes on, and the exit code is 2.
///
/// Without `--type` a filter may name any attribute. The attributes of User, Group and the enterprise extension have their
/// types; all other attributes are compared by the type of the literal. With `--schemas` each document is read as the
/// resource type that it names.
#[derive(Debug, Args)]
#[command(after_help = r#"Examples:
  scim-engine filter 'userName eq "bjensen"' users.ndjson
  scim-engine filter 'active eq true and emails[type eq "work"]' users.json
  curl -s https://example.com/scim/v2/Users | scim-engine filter -c 'title pr'

Exit codes: 0 some document matches, 1 none does, 2 an error"#)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of its own")]
pub(super) struct FilterArgs {
    /// The filter
    #[arg(value_name = "EXPR")]
    pub filter: String,
    /// The files to read; without files, or for `-`, standard input is read
    #[arg(value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    pub files: Vec<PathBuf>,
    /// Print the number of chosen documents instead of the documents
    #[arg(short, long)]
    pub count: bool,
    /// Choose the documents that do not match
    #[arg(short = 'v', long)]
    pub invert_match: bool,
    /// Stop at the first document that is chosen
    #[arg(long)]
    pub first: bool,
    /// Stop at the first document that is not a JSON object
    #[arg(long)]
    pub fail_fast: bool,
    /// Print the name of the file before each document; with `--count`, count for each file
    #[arg(short = 'H', long)]
    pub with_filename: bool,
    /// Print before each document the number of its first line
    #[arg(short = 'n', long)]
    pub line_number: bool,
    /// Read a file with this many threads; 0 means as many as the machine has
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub threads: usize,
    #[command(flatten)]
    pub common: Common,
}

/// Apply a PATCH request to a resource and print the result
///
/// Nothing is changed unless all operations succeed. Repairs of the request are reported on standard error.
#[derive(Debug, Args)]
#[command(after_help = r#"Examples:
  scim-engine patch patch.json user.json
  scim-engine patch --diff patch.json user.json
  scim-engine patch --in-place patch.json user.json
  echo '{"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
         "Operations": [{"op": "replace", "path": "active", "value": false}]}' | scim-engine patch - user.json

Exit codes: 0 applied (also if nothing changed), 2 an error"#)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of its own")]
pub(super) struct PatchArgs {
    /// The PATCH request; `-` for standard input
    #[arg(value_name = "PATCH.json", value_hint = clap::ValueHint::FilePath)]
    pub patch: PathBuf,
    /// The resource; `-` for standard input
    #[arg(value_name = "RESOURCE.json", value_hint = clap::ValueHint::FilePath)]
    pub resource: PathBuf,
    /// Print the changes instead of the resource
    #[arg(short, long)]
    pub diff: bool,
    /// Write the result back to RESOURCE.json, completely or not at all
    #[arg(short, long)]
    pub in_place: bool,
    /// Print the resource on one line
    #[arg(long, conflicts_with = "pretty")]
    pub compact: bool,
    /// Print the resource on several lines, as on a terminal
    #[arg(long)]
    pub pretty: bool,
    /// How to treat members that no schema knows
    #[arg(long, value_parser = unknown_members(), value_name = "POLICY", default_value_t)]
    pub unknown: UnknownMembers,
    #[command(flatten)]
    pub wishes: Wishes,
    #[command(flatten)]
    pub common: Common,
}

/// Show the meaning of a filter: its tree, the type of each attribute, and the clauses that fail
///
/// Without a resource, the command shows the clauses and the attributes that they test. With a resource, it also shows which
/// clauses hold, and the values that the resource has for them.
#[derive(Debug, Args)]
#[command(after_help = r#"Examples:
  scim-engine explain 'userName sw "b" and emails[type eq "work"]'
  scim-engine explain 'title pr and active eq true' user.json
  scim-engine explain --path 'emails[type eq "work"].value' user.json

Exit codes: 0 the filter holds (or there is no resource), 1 it does not, 2 an error"#)]
pub(super) struct ExplainArgs {
    /// The filter, or with `--path` the path
    #[arg(value_name = "EXPR")]
    pub filter: String,
    /// The resource; `-` for standard input
    #[arg(value_name = "RESOURCE.json", value_hint = clap::ValueHint::FilePath)]
    pub resource: Option<PathBuf>,
    /// EXPR is the path of a PATCH operation
    #[arg(short, long)]
    pub path: bool,
    #[command(flatten)]
    pub common: Common,
}

/// Show what creating a resource would repair, drop or refuse
///
/// The resource is read as the body of a POST, or with `--replace` as the body of a PUT.
#[derive(Debug, Args)]
#[command(after_help = r#"Examples:
  scim-engine check user.json
  scim-engine check --type User --strict user.json
  scim-engine check --replace stored.json user.json

Exit codes: 0 accepted (perhaps repaired), 1 refused, 2 it could not be read"#)]
pub(super) struct CheckArgs {
    /// The resource; `-` for standard input
    #[arg(value_name = "RESOURCE.json", value_hint = clap::ValueHint::FilePath)]
    pub resource: PathBuf,
    /// Check it as the body of a PUT on this stored resource
    #[arg(long, value_name = "STORED.json", value_hint = clap::ValueHint::FilePath)]
    pub replace: Option<PathBuf>,
    /// With `--replace`: how to treat attributes that the body does not mention
    #[arg(long, value_parser = absent(), value_name = "POLICY", default_value_t, requires = "replace")]
    pub absent: Absent,
    /// How to treat members that no schema knows
    #[arg(long, value_parser = unknown_members(), value_name = "POLICY", default_value_t)]
    pub unknown: UnknownMembers,
    #[command(flatten)]
    pub wishes: Wishes,
    #[command(flatten)]
    pub common: Common,
}

/// The options for the values of the new resource.
#[derive(Debug, Args)]
pub(super) struct Wishes {
    /// Store dateTimes in UTC, with `Z`
    #[arg(long)]
    pub utc: bool,
    /// Refuse values that are not among the `canonicalValues` of their attribute
    #[arg(long)]
    pub canonical_values: bool,
    /// Apply the rules of a profile in addition to those of the RFCs
    #[arg(long, value_enum, value_name = "PROFILE")]
    pub profile: Option<NamedProfile>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum NamedProfile {
    /// The rules that the SCIM interoperability profile demands of a server
    Interop,
}

impl From<NamedProfile> for Profile {
    fn from(profile: NamedProfile) -> Self {
        match profile {
            NamedProfile::Interop => Self::interop(),
        }
    }
}

fn unknown_members() -> impl TypedValueParser<Value = UnknownMembers> {
    words(UnknownMembers::ALL, UnknownMembers::as_str, |policy| {
        Some(match policy {
            UnknownMembers::Ignore => "Drop and report them",
            UnknownMembers::Keep => "Store them as they are",
            UnknownMembers::Reject => "Refuse the request",
        })
    })
}

fn absent() -> impl TypedValueParser<Value = Absent> {
    words(Absent::ALL, Absent::as_str, |policy| {
        Some(match policy {
            Absent::Clear => "They become unassigned",
            Absent::Keep => "They stay as they are",
        })
    })
}
