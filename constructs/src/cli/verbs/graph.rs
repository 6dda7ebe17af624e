//! `graph`: the picture of the system that the program describes.

use std::io;
use std::path::Path;

use clap::ArgMatches;
use cloudwright_graph::{Source, cli};
use cloudwright_synth::Assembly;
use cloudwright_synth::sorted::Map;

use crate::cli::console::Console;
use crate::cli::program::{self, Program};
use crate::cli::stop::{SUCCESS, Stop};

pub(crate) fn run(
    arguments: &ArgMatches,
    console: &mut Console<'_>,
    program: Program<'_>,
) -> Result<u8, Stop> {
    let assembly = program.synthesize()?;
    program::require_stacks(&assembly)?;
    console.warnings(assembly.warnings());
    let folder = console.resolve(Path::new(""));
    let drawn = cli::run(arguments, &source(&assembly)?, &folder, console.json);
    let picture = drawn.map_err(|why| Stop::cannot(why.message, why.help))?;
    console.print(&picture);
    Ok(SUCCESS)
}

/// What an assembly says, without writing it.
pub(crate) fn source(assembly: &Assembly) -> Result<Source, Stop> {
    let documents: Map<_, _> = assembly.documents().into_iter().collect();
    let file = |name: &str| {
        let document = documents.get(name).cloned();
        document.ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))
    };
    Source::read(&file).map_err(|why| Stop::cannot(why.message, why.help))
}
