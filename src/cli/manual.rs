//! `scim-engine completions` and `scim-engine man`, generated from the definition of the command line.

use std::io::Write as _;

use clap::CommandFactory as _;
use clap_complete::Shell;
use clap_mangen::Man;

use super::args::Cli;
use super::exit::Exit;
use super::failure::{Failure, Stop};
use super::output::stdout;

pub(super) fn completions(shell: Shell) -> Result<Exit, Stop> {
    // The script is generated into memory, because the generator panics if it cannot write.
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "scim-engine", &mut script);
    if shell == Shell::Bash {
        // clap_complete 4.6 spells the hyphen of the command's name in two ways, so the script would not find the options of
        // any subcommand (clap-rs/clap issue 6421).
        let script = String::from_utf8_lossy(&script).replace("scim__subcmd__engine", "scim__engine");
        return print(script.as_bytes());
    }
    print(&script)
}

pub(super) fn man(command: &[String]) -> Result<Exit, Stop> {
    let mut page = Cli::command();
    page.build();
    for name in command {
        let found = page.find_subcommand(name).cloned();
        let found = found.ok_or_else(|| Failure::plain(format!("`{}` has no command `{name}`", page.get_name())))?;
        page = found.version(env!("CARGO_PKG_VERSION"));
    }
    let mut roff = Vec::new();
    Man::new(page).source(concat!("scim-engine ", env!("CARGO_PKG_VERSION"))).manual("SCIM").render(&mut roff)?;
    print(&roff)
}

fn print(text: &[u8]) -> Result<Exit, Stop> {
    let mut out = stdout();
    out.write_all(text)?;
    out.flush()?;
    Ok(Exit::Yes)
}
