//! `scim completions` and `scim man`: made from the very definition of the command line.

use std::io::Write as _;

use clap::CommandFactory as _;
use clap_mangen::Man;

use super::Exit;
use super::args::Cli;
use super::failure::{Failure, Stop};
use super::output::stdout;

pub(super) fn completions(shell: clap_complete::Shell) -> Result<Exit, Stop> {
    // Into memory first: the generator panics where it cannot write.
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "scim", &mut script);
    print(&script)
}

pub(super) fn man(command: Option<&str>) -> Result<Exit, Stop> {
    let mut cli = Cli::command();
    cli.build();
    let page = match command {
        None => cli,
        Some(name) => {
            let found = cli.find_subcommand(name).cloned();
            let found = found.ok_or_else(|| Failure::plain(format!("`scim` has no command `{name}`")))?;
            found.version(env!("CARGO_PKG_VERSION"))
        }
    };
    let mut roff = Vec::new();
    Man::new(page).source(concat!("scim ", env!("CARGO_PKG_VERSION"))).manual("SCIM").render(&mut roff)?;
    print(&roff)
}

fn print(text: &[u8]) -> Result<Exit, Stop> {
    let mut out = stdout();
    out.write_all(text)?;
    out.flush()?;
    Ok(Exit::Yes)
}
