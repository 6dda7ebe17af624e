//! `graph`: the picture of the system that the program describes.

use std::io;

use clap::{Arg, ArgMatches, Command};
use cloudwright_graph::{Format, Graph, Level, Source};
use cloudwright_synth::Assembly;
use cloudwright_synth::sorted::Map;

use crate::cli::console::Console;
use crate::cli::program::{self, Program};
use crate::cli::stop::{SUCCESS, Stop};

const AFTER_HELP: &str = "\
The picture goes to standard output. A line is read from left to right; heads of arrows follow what
flows: events, messages, data. What is dashed is allowed, what is not happens by itself.

With --json: as --format json: {version, level, frames, nodes, edges}.

Examples:
  graph > system.svg                  the picture as a file
  graph --level overview              a box for each construct of a stack
  graph --format mermaid > system.md  for Markdown";

pub(crate) fn command(command: Command) -> Command {
    let names = |names: Vec<&'static str>| clap::builder::PossibleValuesParser::new(names);
    let formats = Format::ALL.iter().map(|(name, _)| *name).collect();
    let levels = Level::ALL.iter().map(|(name, _)| *name).collect();
    command
        .about("Draws who notifies, reads, writes and alarms whom")
        .after_help(AFTER_HELP)
        .arg(
            Arg::new("format")
                .long("format")
                .value_parser(names(formats))
                .default_value("svg")
                .help("What the picture is written as"),
        )
        .arg(
            Arg::new("level")
                .long("level")
                .value_parser(names(levels))
                .default_value("system")
                .help("How much it shows: a box for each construct of a stack, for each bucket, queue and so on, or for alarms and log groups too"),
        )
}

pub(crate) fn run(
    arguments: &ArgMatches,
    console: &mut Console<'_>,
    program: Program<'_>,
) -> Result<u8, Stop> {
    let assembly = program.synthesize()?;
    program::require_stacks(&assembly)?;
    console.warnings(assembly.warnings());
    let source = source(&assembly)?;
    let level = named(&Level::ALL, arguments, "level");
    let format = match console.json {
        true => Format::Json,
        false => named(&Format::ALL, arguments, "format"),
    };
    console.print(&Graph::new(&source, level).render(format));
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

/// What an argument names; clap has refused everything else.
fn named<T: Copy + Default>(all: &[(&str, T)], arguments: &ArgMatches, argument: &str) -> T {
    let given = arguments.get_one::<String>(argument);
    let found = all
        .iter()
        .find(|(name, _)| given.is_some_and(|given| given == name));
    found.map(|(_, value)| *value).unwrap_or_default()
}
