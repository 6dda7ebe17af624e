//! `review`: what a change of the program does, for the person who says yes or no.

use std::cell::RefCell;
use std::path::Path;

use clap::ArgMatches;
use cloudwright_review::cli::{self, Done, Host};

use crate::cli::console::Console;
use crate::cli::program::{self, Program};
use crate::cli::stop::Stop;
use crate::cli::verbs::graph;

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

fn stopped(stop: cli::Stop) -> Stop {
    match stop.code {
        crate::cli::stop::USAGE => Stop::usage(stop.message, stop.help),
        _ => Stop::cannot(stop.message, stop.help),
    }
}
