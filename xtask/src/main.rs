//! Developer commands of cloudwright: `cargo xtask <verb>`.
//!
//! Each verb is one module with a `command()` (its arguments) and a `run()`; this file only
//! finds the verb. A failing verb prints why and exits 1.

mod bench;
mod checks;
mod guide;
mod handlers;
mod process;
mod registry;
mod schema;
mod spec;
mod test;
mod tidy;
mod tools;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{ArgMatches, Command};

/// What a verb and its parts return: the message of a failure is printed as it is.
type Outcome<T = ()> = Result<T, String>;

/// A verb: its arguments and what it does with them.
type Verb = (fn() -> Command, fn(&ArgMatches) -> Outcome);

/// Every developer command, one line per verb.
const VERBS: &[Verb] = &[
    (spec::command, spec::run),
    (test::command, test::run),
    (tidy::command, tidy::run),
    (bench::command, bench::run),
    (checks::command, checks::run),
    (handlers::command, handlers::run),
    (schema::command, schema::run),
    (guide::command, guide::run),
    (registry::command, registry::run),
];

fn main() -> ExitCode {
    let cli = Command::new("cargo xtask")
        .about("Developer commands of cloudwright")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommands(VERBS.iter().map(|(command, _)| command()));
    let matches = cli.get_matches();
    match dispatch(&matches) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(matches: &ArgMatches) -> Outcome {
    let (name, arguments) = matches.subcommand().ok_or("no verb given")?;
    let verb = VERBS
        .iter()
        .find(|(command, _)| command().get_name() == name);
    let (_, run) = verb.ok_or_else(|| format!("unknown verb {name}"))?;
    run(arguments)
}

/// The root of the workspace, wherever the command was started.
fn workspace_root() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().unwrap_or(manifest).to_path_buf()
}

/// Cargo's target directory, where pinned tools and downloads are cached.
fn target_dir() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(
        || workspace_root().join("target"),
        |dir| workspace_root().join(dir),
    )
}
