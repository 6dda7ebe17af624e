//! `cargo cloudwright review`: what a change does to the stacks of an assembly.

use std::path::Path;
use std::process::ExitCode;

use clap::{ArgMatches, Command};
use cloudwright_review::cli::{self, Host, Program};

use crate::app;
use crate::told::{self, Stop};

pub(crate) use cli::VERB;

/// Its help and arguments.
pub(crate) fn command() -> Command {
    cli::command(Command::new(VERB)).args(app::common())
}

/// Runs the verb.
pub(crate) fn run(arguments: &ArgMatches) -> ExitCode {
    told::ended(review(arguments))
}

fn review(arguments: &ArgMatches) -> Result<u8, Stop> {
    let source = app::source(arguments)?;
    let quiet = arguments.get_flag("quiet");
    let app = arguments.get_one::<String>("app");
    let command = app.filter(|app| !Path::new(app).is_dir());
    let host = Host {
        facts: &|kind| cloudwright_cfn::facts(kind),
        folder: Path::new(""),
        program: command.map(|command| Program::of_command(command, Vec::new())),
        json: arguments.get_flag("json"),
        progress: &|text| {
            if !quiet {
                told::note(text);
            }
        },
    };
    let done = cli::run(arguments, &source, &host).map_err(|stop| {
        (
            stop.code,
            format!("{}\n   = help: {}", stop.message, stop.help),
        )
    })?;
    told::print(&done.output)?;
    if let Some(note) = done.note.filter(|_| !quiet || done.code != 0) {
        told::note(&note);
    }
    Ok(done.code)
}
