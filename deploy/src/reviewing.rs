//! `cargo cloudwright review`: what a change does to the stacks of an assembly.

use std::path::Path;
use std::process::ExitCode;

use clap::{ArgMatches, Command};
use cloudwright_review::cli::{self, Host, Program, Sought, Stop as Cannot};
use serde_json::Value;

use crate::app;
use crate::told::{self, Stop};

pub(crate) use cli::VERB;

/// Its help and arguments.
pub(crate) fn command() -> Command {
    let command = cli::command(Command::new(VERB)).args(app::common());
    #[cfg(feature = "full")]
    let command = cloudwright_deploy::cli::review_arguments(command);
    command
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
        deployed: &|sought| deployed(arguments, sought),
        progress: &|text| {
            if !quiet {
                told::note(text);
            }
        },
    };
    let done = cli::run(arguments, &source, &host)
        .map_err(|stop| told::stop(stop.code, &stop.message, &stop.help))?;
    told::print(&done.output)?;
    if let Some(note) = done.note.filter(|_| !quiet || done.code != 0) {
        told::note(&note);
    }
    Ok(done.code)
}

/// The templates of what is deployed.
#[cfg(feature = "full")]
fn deployed(arguments: &ArgMatches, sought: &[Sought<'_>]) -> Result<Vec<Value>, Cannot> {
    crate::deployment::in_shell(arguments, None, |shell| {
        cloudwright_deploy::cli::deployed(arguments, sought, shell)
    })
}

/// Without the SDK nobody knows them.
#[cfg(not(feature = "full"))]
fn deployed(_: &ArgMatches, _: &[Sought<'_>]) -> Result<Vec<Value>, Cannot> {
    Err(Cannot::usage(
        "this program was built without what asks AWS, so it cannot compare with what is deployed",
        "build it with that: `cargo install cloudwright-deploy --features full`",
    ))
}
