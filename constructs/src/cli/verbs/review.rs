//! `review`: what a change of the program does, for the person who says yes or no.

use std::cell::RefCell;
use std::path::Path;

use clap::{ArgMatches, Command};
use cloudwright_review::cli::{self, Done, Host, Sought};
use serde_json::Value;

use crate::cli::console::Console;
use crate::cli::program::{self, Program};
use crate::cli::stop::Stop;
use crate::cli::verbs::graph;

pub(crate) fn command(command: Command) -> Command {
    let command = cli::command(command);
    #[cfg(feature = "deploy")]
    let command = cloudwright_deploy::cli::review_arguments(command);
    command
}

pub(crate) fn run(
    arguments: &ArgMatches,
    console: &mut Console<'_>,
    program: Program<'_>,
) -> Result<u8, Stop> {
    let again = cli::Program::running(&console.program(), program.context().to_vec());
    let assembly = program.synthesize()?;
    program::require_stacks(&assembly)?;
    let source = graph::source(&assembly)?;
    let folder = console.resolve(Path::new(""));
    let (json, quiet) = (console.json, console.quiet);
    let done = {
        let console = RefCell::new(&mut *console);
        let host = Host {
            facts: &|kind| cloudwright_cfn::schema(kind),
            folder: &folder,
            program: Some(again),
            json,
            deployed: &|sought| deployed(arguments, sought, &mut console.borrow_mut()),
            progress: &|text| {
                if !quiet {
                    console.borrow_mut().note(text);
                }
            },
        };
        cli::run(arguments, &source, &host)
    };
    let Done { output, note, code } = done.map_err(stopped)?;
    console.print(&output);
    if let Some(note) = note.filter(|_| !quiet || code != 0) {
        console.note(&note);
    }
    Ok(code)
}

/// The templates of what is deployed.
#[cfg(feature = "deploy")]
fn deployed(
    arguments: &ArgMatches,
    sought: &[Sought<'_>],
    console: &mut Console<'_>,
) -> Result<Vec<Value>, cli::Stop> {
    super::deployment::in_shell(console, Vec::new(), |shell| {
        cloudwright_deploy::cli::deployed(arguments, sought, shell)
    })
}

/// Without the SDK nobody knows them.
#[cfg(not(feature = "deploy"))]
fn deployed(
    _: &ArgMatches,
    _: &[Sought<'_>],
    _: &mut Console<'_>,
) -> Result<Vec<Value>, cli::Stop> {
    Err(cli::Stop::usage(
        "this program was built without what asks AWS, so it cannot compare with what is deployed",
        "turn on its feature: `cargo add cloudwright --features deploy`",
    ))
}

fn stopped(stop: cli::Stop) -> Stop {
    match stop.code {
        #[cfg(feature = "deploy")]
        crate::cli::stop::FOUND => Stop::Failed(stop.message, stop.help),
        crate::cli::stop::USAGE => Stop::usage(stop.message, stop.help),
        _ => Stop::cannot(stop.message, stop.help),
    }
}
