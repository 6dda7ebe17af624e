//! `cargo cloudwright`: commands that work on any assembly.
//!
//! Compiled once, it is on `PATH` where an assembly is deployed, which is how the asset manifests of
//! cloudwright name it: as `executable`, which answers with the path of the file to upload.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{ArgMatches, Command};
use cloudwright_deploy::bundle;

/// A verb: its arguments and what it does with them. The error is printed as it is.
type Verb = (fn() -> Command, fn(&ArgMatches) -> Result<(), String>);

/// Every command, one line per verb.
const VERBS: &[Verb] = &[(bundle::command, bundle::run)];

fn main() -> ExitCode {
    let cli = Command::new("cargo cloudwright")
        .bin_name("cargo cloudwright")
        .about("Works on the assemblies of cloudwright")
        .version(env!("CARGO_PKG_VERSION"))
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommands(VERBS.iter().map(|(command, _)| command()));
    match dispatch(&cli.get_matches_from(arguments())) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
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

fn dispatch(matches: &ArgMatches) -> Result<(), String> {
    let (name, arguments) = matches.subcommand().ok_or("no command given")?;
    let verb = VERBS
        .iter()
        .find(|(command, _)| command().get_name() == name);
    let (_, run) = verb.ok_or_else(|| format!("unknown command {name}"))?;
    run(arguments)
}
