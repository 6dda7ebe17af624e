//! `cargo cloudwright graph`: the picture of the system that an assembly describes.

use std::path::Path;
use std::process::ExitCode;

use clap::{ArgMatches, Command};
use cloudwright_graph::cli;

use crate::app;
use crate::told::{self, Stop};

pub(crate) use cli::VERB;

/// Its help and arguments.
pub(crate) fn command() -> Command {
    cli::command(Command::new(VERB)).args(app::common())
}

/// Runs the verb.
pub(crate) fn run(arguments: &ArgMatches) -> ExitCode {
    told::ended(draw(arguments))
}

fn draw(arguments: &ArgMatches) -> Result<u8, Stop> {
    let source = app::source(arguments)?;
    let json = arguments.get_flag("json");
    let picture = cli::run(arguments, &source, Path::new(""), json)
        .map_err(|why| told::stop(3, &why.message, &why.help))?;
    told::print(&picture).map(|()| 0)
}
