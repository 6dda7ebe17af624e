//! `completions`: a script for a shell, of this program's own verbs.

use clap::{ArgMatches, Command};
use cloudwright_deploy::shell;

use crate::cli::arguments;
use crate::cli::console::Console;
use crate::cli::program::Program;
use crate::cli::stop::{SUCCESS, Stop};
use crate::cli::verbs::Verb;

pub(super) const VERB: Verb = Verb {
    name: shell::COMPLETIONS,
    command,
    run,
};

fn command(command: Command) -> Command {
    shell::completions_command(command)
}

fn run(arguments: &ArgMatches, console: &mut Console<'_>, _: Program<'_>) -> Result<u8, Stop> {
    let name = console.program();
    let grammar = arguments::grammar(&name).no_binary_name(false);
    console.print(&shell::completions(arguments, grammar, &name));
    Ok(SUCCESS)
}
