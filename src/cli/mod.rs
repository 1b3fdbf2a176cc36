//! The command line `scim-engine`. It is in the library because the Python package runs it too.

mod args;
mod check;
mod context;
mod diff;
mod documents;
mod exit;
mod explain;
mod failure;
mod files;
mod filter;
mod manual;
mod onelogin;
mod options;
mod output;
mod patch;
mod progress;
mod rules;

use std::ffi::OsString;

use clap::Parser as _;

use args::{Cli, Command};
use exit::Exit;
use failure::Stop;

/// Runs the command line; `args` begin with the name of the program. Writes to standard output and standard error, and
/// returns the exit code.
pub fn run(args: Vec<OsString>) -> i32 {
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(error) => {
            // A failure to write the message cannot be reported anywhere.
            let _ = error.print();
            return error.exit_code();
        }
    };
    let (result, json) = match &cli.command {
        Command::Filter(args) => (filter::run(args), args.common.json),
        Command::Patch(args) => (patch::run(args), args.common.json),
        Command::Explain(args) => (explain::run(args), args.common.json),
        Command::Check(args) => (check::run(args), args.common.json),
        Command::Onelogin { command } => (onelogin::run(command), onelogin::wants_json(command)),
        Command::Completions { shell } => (manual::completions(*shell), false),
        Command::Man { command } => (manual::man(command), false),
    };
    match result {
        Ok(exit) => exit as i32,
        // A reader such as `head` closes the pipe when it has read enough. That is not an error.
        Err(Stop::BrokenPipe) => Exit::Yes as i32,
        Err(Stop::Failed(failure)) => {
            failure.report(json);
            Exit::Error as i32
        }
    }
}
