//! `scim-engine onelogin`: applies OneLogin's templates to files.

pub(super) mod args;
mod lint;
mod people;
mod push;
mod render;

use super::exit::Exit;
use super::failure::Stop;
use args::OneloginCommand;

pub(super) fn run(command: &OneloginCommand) -> Result<Exit, Stop> {
    match command {
        OneloginCommand::Lint(args) => lint::run(args),
        OneloginCommand::Push(args) => push::run(args),
        OneloginCommand::Render(args) => render::run(args),
    }
}

/// Whether errors should be printed as JSON.
pub(super) fn wants_json(command: &OneloginCommand) -> bool {
    match command {
        OneloginCommand::Lint(args) => args.common.json,
        OneloginCommand::Push(args) => args.json,
        OneloginCommand::Render(args) => args.json,
    }
}
