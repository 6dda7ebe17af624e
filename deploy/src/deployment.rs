//! The verbs of deployment in `cargo cloudwright`: on an assembly in a folder, or on that of an app which is
//! run first.

use std::env;
use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Arg, ArgAction, ArgMatches, Command};
use cloudwright_deploy::cli::{self, Shell, VERBS, Wanted, Writers};

use crate::app;
use crate::told::{self, Stop};

/// Adds the verbs.
pub(crate) fn grammar(cli: Command) -> Command {
    VERBS.iter().fold(cli, |cli, verb| {
        cli.subcommand((verb.command)(Command::new(verb.name)).args(common()))
    })
}

/// Arguments that every verb has.
fn common() -> [Arg; 4] {
    let arg = |name: &'static str| {
        Arg::new(name)
            .long(name)
            .global(true)
            .help_heading("Common options")
    };
    [
        app::argument().global(true),
        arg("json")
            .action(ArgAction::SetTrue)
            .help("Writes the result to standard output as JSON"),
        arg("quiet")
            .short('q')
            .action(ArgAction::SetTrue)
            .help("Writes results and problems only"),
        arg("color")
            .value_name("WHEN")
            .value_parser(["auto", "always", "never"])
            .default_value("auto")
            .help("Colours"),
    ]
}

/// Runs a verb.
pub(crate) fn run(verb: &str, arguments: &ArgMatches) -> ExitCode {
    let wanted = cli::wanted(verb, arguments);
    let app = match folder_of(arguments.get_one::<String>("app"), wanted) {
        Ok(app) => app,
        Err(stop) => return told::ended(Err(stop)),
    };
    let color = arguments.get_one::<String>("color").map(String::as_str);
    ExitCode::from(in_shell(arguments, color, |shell| {
        cli::run(verb, arguments, &app, shell)
    }))
}

/// Runs something in the shell that this process was started from.
pub(crate) fn in_shell<T>(
    arguments: &ArgMatches,
    color: Option<&str>,
    run: impl FnOnce(&Shell<'_>) -> T,
) -> T {
    let (mut out, mut err) = (io::stdout(), io::stderr());
    let unwanted = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
        || env::var_os("TERM").is_some_and(|term| term == "dumb");
    let colored = |is_terminal: bool| match color {
        Some("always") => true,
        Some("never") => false,
        _ => is_terminal && !unwanted,
    };
    let terminal = err.is_terminal();
    let (color, out_color) = (colored(terminal), colored(out.is_terminal()));
    let interactive = terminal && io::stdin().is_terminal();
    let streams = Writers::new(&mut out, &mut err);
    let shell = Shell {
        streams: &streams,
        color,
        out_color,
        terminal,
        interactive,
        json: arguments.get_flag("json"),
        quiet: arguments.get_flag("quiet"),
        checkouts: Vec::new(),
        facts: cloudwright_cfn::schema,
    };
    run(&shell)
}

/// The folder of the assembly. A program is run first, where the verb wants that; what it says goes where our own
/// messages go.
fn folder_of(given: Option<&String>, wanted: Wanted) -> Result<PathBuf, Stop> {
    let usual = PathBuf::from(app::DEFAULT);
    let written = wanted.folder.clone().filter(|folder| folder.exists());
    let Some(given) = given else {
        return Ok(if wanted.anew {
            usual
        } else {
            written.unwrap_or(usual)
        });
    };
    if Path::new(given).is_dir() {
        return Ok(PathBuf::from(given));
    }
    if !wanted.anew {
        return Ok(written.unwrap_or(usual));
    }
    let folder = wanted.folder.unwrap_or(usual);
    app::synthesize(given, &folder, &wanted.context).map(|()| folder)
}
