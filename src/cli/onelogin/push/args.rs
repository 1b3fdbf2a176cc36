//! The options of `scim-engine onelogin push`.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use clap::builder::TypedValueParser;

use crate::cli::onelogin::people::PeopleArgs;
use crate::cli::options::words;
use crate::client::{Client, Membership, Removal, Update};

/// Play OneLogin against an endpoint, and report the answers that would fail in OneLogin
///
/// Does what OneLogin does, in its order: tests the connection; for each person looks up, creates or updates, and reads
/// again by id; imports the groups, creates the missing ones and sets their members; removes the people who are leaving.
/// Each answer is checked for what OneLogin needs of it. `--client` plays Entra, Okta or JumpCloud instead. It can also run
/// the checks of Microsoft's validator or of Okta's SPEC test: these two need neither a template nor people, because they
/// make users and groups of their own, and delete them at the end.
///
/// A second push of the same people and groups changes nothing. A push that was killed can be repeated from the start. With
/// `--resume` it continues where it stopped.
///
/// Requests go to the URL only: redirects are not followed and no proxy is used. The token is never printed, even where the
/// endpoint repeats it in JSON, percent-encoding, entities of HTML or base64. A part of the token, or the token in
/// another encoding, is not found. A token of less than eight characters is not a secret, and is not hidden in the answers.
/// Give the token in the environment (`SCIM_TOKEN`) or in a file, because other users can see the arguments of a process.
#[derive(Debug, Args)]
#[command(after_help = r#"Examples:
  SCIM_TOKEN=… scim-engine onelogin push --url https://app.example/scim/v2 --template template.json --users people.csv
  scim-engine onelogin push --url http://127.0.0.1:8000/scim/v2 --token-file token --template template.json \
      --users people.csv --groups groups.csv --leaving gone.csv --removal delete --report report.json
  scim-engine onelogin push --url https://app.example/scim/v2 --template template.json --users people.json --dry-run
  scim-engine onelogin push --url https://app.example/scim/v2 --client microsoft-validator

The file of groups is CSV with the columns `displayName,userName` (a row for each member) or a JSON array of
{"displayName": "Harbour Crew", "members": ["mara.quill@lumen.example"]}.

Exit codes:
  0  all is well
  1  something failed, or an answer would fail in the client
  2  the push could not be run, or not to its end"#)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of its own")]
pub(crate) struct PushArgs {
    /// The URL of the endpoint, without `/Users`
    #[arg(long, value_name = "URL", help_heading = "Endpoint")]
    pub url: String,
    /// The bearer token [default: the environment variable SCIM_TOKEN]
    #[arg(long, value_name = "TOKEN", hide_default_value = true, help_heading = "Endpoint")]
    pub token: Option<String>,
    /// A file with the bearer token
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with = "token",
        help_heading = "Endpoint",
        value_hint = clap::ValueHint::FilePath
    )]
    pub token_file: Option<PathBuf>,
    /// Accept any certificate of the server
    #[arg(long, help_heading = "Endpoint")]
    pub insecure: bool,
    /// Allow http to another machine, although everybody on the network path can read the token
    #[arg(long, help_heading = "Endpoint")]
    pub insecure_http: bool,
    /// The time limit for one attempt of a request, in seconds; a connection test that takes longer is not repeated
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=3600), help_heading = "Endpoint")]
    pub timeout: u64,
    /// The most requests that are sent at the same time
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u64).range(1..=256), help_heading = "Endpoint")]
    pub concurrency: u64,
    /// How often a request is repeated after a 429 or 503, or if no answer comes
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u32).range(0..=20), help_heading = "Endpoint")]
    pub retries: u32,

    /// The template
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath, help_heading = "People")]
    pub template: Option<PathBuf>,
    /// The people: CSV, a JSON array or NDJSON; `-` for standard input
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath, help_heading = "People")]
    pub users: Option<PathBuf>,
    #[command(flatten)]
    pub people: PeopleArgs,
    /// The people who are leaving, in a file like that of `--users`
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath, help_heading = "People")]
    pub leaving: Option<PathBuf>,
    /// The groups and their members
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath, help_heading = "People")]
    pub groups: Option<PathBuf>,

    /// The client to play
    #[arg(long, value_parser = clients(), value_name = "CLIENT", default_value_t, help_heading = "Client")]
    pub client: Client,
    /// How people whom the endpoint already has are updated [default: put; patch for entra]
    #[arg(long, value_parser = updates(), value_name = "HOW", help_heading = "Client")]
    pub update: Option<Update>,
    /// The form of the requests with which OneLogin changes members: that of SCIM 2.0 or 1.1
    #[arg(
        long,
        value_parser = words(Membership::ALL, Membership::as_str, |_| None),
        value_name = "VERSION",
        default_value_t,
        help_heading = "Client"
    )]
    pub membership: Membership,
    /// How to treat people who are leaving
    #[arg(long, value_parser = removals(), value_name = "WHAT", default_value_t, help_heading = "Client")]
    pub removal: Removal,
    /// Play Entra with its flag `aadOptscim062020`, with which its PATCH follows RFC 7644
    #[arg(long, help_heading = "Client")]
    pub entra_flag: bool,
    /// Do not send requests that clients send only by mistake: a person twice, an id that does not exist, a member again
    #[arg(long, help_heading = "Client")]
    pub no_probes: bool,

    /// Write the report of all work and findings to a file, as JSON
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath, help_heading = "Output")]
    pub report: Option<PathBuf>,
    /// Write a journal of the finished people and groups; those that the file already has are not sent again, even if a
    /// password has changed
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath, help_heading = "Output")]
    pub resume: Option<PathBuf>,
    /// Send nothing, but print the requests that an empty endpoint would receive
    #[arg(long, conflicts_with_all = ["report", "resume"], help_heading = "Output")]
    pub dry_run: bool,
    /// Print the report, and errors, as JSON
    #[arg(long, help_heading = "Output")]
    pub json: bool,
}

impl PushArgs {
    pub(super) fn timeout(&self) -> Duration {
        Duration::from_secs(self.timeout)
    }
}

fn clients() -> impl TypedValueParser<Value = Client> {
    words(Client::ALL, Client::as_str, |client| match client {
        Client::OneLogin | Client::Entra | Client::Okta | Client::JumpCloud => None,
        Client::MicrosoftValidator => Some("The checks of Microsoft's SCIM Validator"),
        Client::OktaSpec => Some("Okta's SCIM 2.0 SPEC test: somebody must be there"),
    })
}

fn updates() -> impl TypedValueParser<Value = Update> {
    words(Update::ALL, Update::as_str, |update| {
        Some(match update {
            Update::Put => "A PUT of the whole",
            Update::Patch => "A PATCH",
        })
    })
}

fn removals() -> impl TypedValueParser<Value = Removal> {
    words(Removal::ALL, Removal::as_str, |removal| {
        Some(match removal {
            Removal::Delete => "They are deleted",
            Removal::Suspend => "They become inactive",
            Removal::Nothing => "They stay as they are",
        })
    })
}
