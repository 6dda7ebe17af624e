//! `cargo cloudwright`: commands that work on any assembly.
//!
//! Compiled once, it is on `PATH` where an assembly is deployed, which is how the asset manifests of
//! cloudwright name it: as `executable`, which answers with the path of the file to upload. With the feature
//! `full` it deploys as well.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue};
use clap::{ArgMatches, Command};
use cloudwright_deploy::bundle;
#[cfg(feature = "shell")]
use cloudwright_deploy::shell;

#[cfg(any(feature = "full", feature = "graph", feature = "new"))]
mod app;
#[cfg(feature = "full")]
mod deployment;
#[cfg(feature = "graph")]
mod graph;
#[cfg(feature = "new")]
mod new;
#[cfg(feature = "review")]
mod reviewing;
mod told;

/// What it is called on `PATH`.
#[cfg(feature = "shell")]
const PROGRAM: &str = "cargo-cloudwright";

/// The release of the library, and of the facts about CloudFormation's resources that it was made with.
const VERSION: &str = concat!(
    env!("CARGO_PKG_VERSION"),
    " (CloudFormation spec ",
    cloudwright_spec::release!(),
    ")"
);

/// What the process ends with.
#[cfg(feature = "full")]
const EXIT_CODES: &str = cloudwright_deploy::cli::EXIT_CODES;
/// What the process ends with, without the verbs of deployment.
#[cfg(not(feature = "full"))]
const EXIT_CODES: &str = "\
Exit codes:
  0  done
  1  something failed
  2  the command line makes no sense
  3  a file or folder cannot be read or written";

fn main() -> ExitCode {
    let matches = match grammar().try_get_matches_from(arguments()) {
        Ok(matches) => matches,
        Err(why) => return misread(&why),
    };
    match matches.subcommand() {
        #[cfg(feature = "graph")]
        Some((graph::VERB, arguments)) => graph::run(arguments),
        #[cfg(feature = "new")]
        Some((new::VERB, arguments)) => new::run(arguments),
        #[cfg(feature = "review")]
        Some((reviewing::VERB, arguments)) => reviewing::run(arguments),
        #[cfg(feature = "shell")]
        Some((shell::COMPLETIONS, arguments)) => {
            let script = shell::completions(arguments, grammar(), PROGRAM);
            told::ended(told::print(&script).map(|()| 0))
        }
        #[cfg(feature = "shell")]
        Some((shell::MAN, arguments)) => {
            let written = shell::man(arguments, grammar(), PROGRAM);
            let written = written.map_err(|message| (3, message));
            told::ended(written.and_then(|said| told::print(&said)).map(|()| 0))
        }
        Some((name, arguments)) => dispatch(name, arguments),
        None => ExitCode::from(2),
    }
}

/// What cannot be read of a command line. Who is new to this types verbs of the program here as well.
fn misread(why: &clap::Error) -> ExitCode {
    let of_program = ["check", "explain", "ls", "synth"];
    match why.get(ContextKind::InvalidSubcommand) {
        Some(ContextValue::String(verb)) if of_program.contains(&&**verb) => {
            let message = format!("`{verb}` is a verb of your own program, not of this one");
            let help = format!("run the program: `cargo run -- {verb}`");
            told::ended(Err(told::stop(2, &message, &help)))
        }
        _ => why.exit(),
    }
}

/// The verbs of this build.
fn grammar() -> Command {
    let cli = Command::new("cargo cloudwright")
        .bin_name("cargo cloudwright")
        .about("Works on the assemblies of cloudwright")
        .version(VERSION)
        .subcommand_required(true)
        .arg_required_else_help(true)
        .after_help(EXIT_CODES)
        .subcommand(bundle::command());
    #[cfg(feature = "graph")]
    let cli = cli.subcommand(graph::command());
    #[cfg(feature = "review")]
    let cli = cli.subcommand(reviewing::command());
    #[cfg(feature = "new")]
    let cli = cli.subcommand(new::command());
    #[cfg(feature = "full")]
    let cli = deployment::grammar(cli);
    #[cfg(feature = "shell")]
    let cli = cli
        .subcommand(shell::completions_command(Command::new(shell::COMPLETIONS)))
        .subcommand(shell::man_command(Command::new(shell::MAN)));
    cli
}

/// The arguments without the first word that cargo adds: `cargo cloudwright bundle` starts
/// `cargo-cloudwright cloudwright bundle`.
fn arguments() -> Vec<OsString> {
    let mut arguments: Vec<_> = std::env::args_os().collect();
    if arguments.get(1).is_some_and(|first| first == "cloudwright") {
        arguments.remove(1);
    }
    arguments
}

fn dispatch(name: &str, arguments: &ArgMatches) -> ExitCode {
    #[cfg(feature = "full")]
    if name != bundle::VERB {
        return deployment::run(name, arguments);
    }
    debug_assert_eq!(name, bundle::VERB, "there is no other verb");
    let made = bundle::run(arguments);
    told::ended(made.and_then(|text| told::print(&text)).map(|()| 0))
}
