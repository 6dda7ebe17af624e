//! The verb `graph`, which a user's program and `cargo cloudwright` share.

use std::path::{Path, PathBuf};

use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgMatches, Command};

use crate::{Format, Graph, Level, Problem, Source, replace};

/// The name of the verb.
pub const VERB: &str = "graph";

const AFTER_HELP: &str = "\
A line is read from left to right, or from top to bottom; heads of arrows follow what flows: events,
messages, data. What is dashed is allowed, what is not happens by itself.

With --json: as --format json: {version, level, frames, nodes, edges}.

Examples:
  graph > system.svg                  the picture as a file
  graph --level overview              a box for each construct of a stack
  graph --format mermaid > system.md  for Markdown";

/// The help and the arguments of the verb.
#[must_use]
pub fn command(command: Command) -> Command {
    let format = Arg::new("format")
        .long("format")
        .value_parser(names(&Format::ALL))
        .default_value("svg")
        .help("What the picture is written as");
    let level = Arg::new("level")
        .long("level")
        .value_parser(names(&Level::ALL))
        .default_value("system")
        .help("How much it shows: a box for each construct of a stack; for each bucket, queue and so on; for alarms and log groups too");
    let out = Arg::new("out")
        .long("out")
        .value_name("FILE")
        .value_parser(clap::value_parser!(PathBuf))
        .help("Writes the picture there instead of to standard output");
    command
        .about("Draws who notifies, reads, writes and alarms whom")
        .after_help(AFTER_HELP)
        .args([format, level, out])
}

fn names<T>(all: &[(&'static str, T)]) -> PossibleValuesParser {
    PossibleValuesParser::new(all.iter().map(|(name, _)| *name).collect::<Vec<_>>())
}

/// Draws an assembly as the command line says, and gives what goes to standard output. Relative paths start at `folder`;
/// `json` wins over the format.
///
/// # Errors
/// When the file cannot be written.
pub fn run(
    arguments: &ArgMatches,
    source: &Source,
    folder: &Path,
    json: bool,
) -> Result<String, Problem> {
    let level = named(&Level::ALL, arguments, "level");
    let format = match json {
        true => Format::Json,
        false => named(&Format::ALL, arguments, "format"),
    };
    let picture = Graph::new(source, level).render(format);
    let Some(out) = arguments.get_one::<PathBuf>("out") else {
        return Ok(picture);
    };
    replace(&folder.join(out), &picture).map_err(|why| {
        let message = format!("cannot write \"{}\": {why}", out.display());
        Problem::new(message, "name a file in a folder that can be written")
    })?;
    Ok(String::new())
}

/// What an argument names; clap has refused everything else.
fn named<T: Copy + Default>(all: &[(&str, T)], arguments: &ArgMatches, argument: &str) -> T {
    let given = arguments.get_one::<String>(argument);
    let found = all
        .iter()
        .find(|(name, _)| given.is_some_and(|given| given == name));
    found.map(|(_, value)| *value).unwrap_or_default()
}
