//! `cargo cloudwright graph`: the picture of the system that an assembly describes.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgMatches, Command};
use cloudwright_graph::{Format, Graph, Level, Source};

use crate::app::{self, Stop};

/// The name of the verb.
pub(crate) const VERB: &str = "graph";

const AFTER_HELP: &str = "\
A line is read from left to right, or from top to bottom; heads of arrows follow what flows: events,
messages, data. What is dashed is allowed, what is not happens by itself.

Examples:
  cargo cloudwright graph > system.svg
  cargo cloudwright graph --app \"cargo run --quiet --\" --level overview --out system.svg
  cargo cloudwright graph --format mermaid";

/// Its help and arguments.
pub(crate) fn command() -> Command {
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
    Command::new(VERB)
        .about("Draws who notifies, reads, writes and alarms whom")
        .after_help(AFTER_HELP)
        .args([app::argument(), format, level, out])
}

fn names<T>(all: &[(&'static str, T)]) -> PossibleValuesParser {
    PossibleValuesParser::new(all.iter().map(|(name, _)| *name).collect::<Vec<_>>())
}

/// Runs the verb.
pub(crate) fn run(arguments: &ArgMatches) -> ExitCode {
    match draw(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err((code, message)) => {
            eprintln!("error: {message}");
            ExitCode::from(code)
        }
    }
}

fn draw(arguments: &ArgMatches) -> Result<(), Stop> {
    let folder = folder(arguments.get_one::<String>("app"))?;
    let file = |name: &str| fs::read_to_string(folder.join(name));
    let source = Source::read(&file).map_err(|why| {
        (
            3,
            format!(
                "{}: {}\n   = help: {}",
                folder.display(),
                why.message,
                why.help
            ),
        )
    })?;
    let level = named(&Level::ALL, arguments, "level");
    let format = named(&Format::ALL, arguments, "format");
    let picture = Graph::new(&source, level).render(format);
    match arguments.get_one::<PathBuf>("out") {
        Some(out) => replace(out, &picture),
        None => print(&picture),
    }
}

/// The folder of the assembly, once it is there.
fn folder(given: Option<&String>) -> Result<PathBuf, Stop> {
    let usual = PathBuf::from(app::DEFAULT);
    match given {
        None => Ok(usual),
        Some(given) if Path::new(given).is_dir() => Ok(given.into()),
        Some(given) => app::synthesize(given, &usual, &[]).map(|()| usual),
    }
}

/// Writes a file in one step: what was there stays whole until the new one is.
fn replace(out: &Path, content: &str) -> Result<(), Stop> {
    let aside = out.with_extension("new");
    let written = fs::write(&aside, content).and_then(|()| fs::rename(&aside, out));
    written.map_err(|why| {
        let _ = fs::remove_file(&aside);
        (3, format!("cannot write \"{}\": {why}", out.display()))
    })
}

/// Who closes the stream early has read enough.
fn print(content: &str) -> Result<(), Stop> {
    match io::stdout().write_all(content.as_bytes()) {
        Err(why) if why.kind() != io::ErrorKind::BrokenPipe => {
            Err((3, format!("cannot write to standard output: {why}")))
        }
        _ => Ok(()),
    }
}

/// What an argument names; clap has refused everything else.
fn named<T: Copy + Default>(all: &[(&str, T)], arguments: &ArgMatches, argument: &str) -> T {
    let given = arguments.get_one::<String>(argument);
    let found = all
        .iter()
        .find(|(name, _)| given.is_some_and(|given| given == name));
    found.map(|(_, value)| *value).unwrap_or_default()
}
