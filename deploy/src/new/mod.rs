//! `cargo cloudwright new`: a project that compiles, synthesizes and is tested, made of an example.
//!
//! Nothing is asked of a network. The project is written beside its place and moved there in one step, so that there is
//! never half of one.

mod names;
mod starter;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Arg, ArgMatches, Command};

use crate::told::{self, Stop};
use starter::Starter;

/// The name of the verb.
pub(crate) const VERB: &str = "new";

const AFTER_HELP: &str = "\
Examples:
  cargo cloudwright new uploads
  cargo cloudwright new artifacts --from replicated-bucket
  cargo cloudwright new uploads --path ../cloudwright   on a checkout instead of published crates";

/// Its help and arguments.
pub(crate) fn command() -> Command {
    let name = Arg::new("name")
        .value_name("NAME")
        .required(true)
        .help("The name of the project and of its folder");
    let from = Arg::new("from")
        .long("from")
        .value_name("EXAMPLE")
        .default_value(starter::USUAL)
        .help(format!("What it begins as: {}", starter::names()));
    let path = Arg::new("path")
        .long("path")
        .value_name("CHECKOUT")
        .value_parser(clap::value_parser!(PathBuf))
        .help("Builds on a checkout of cloudwright");
    Command::new(VERB)
        .about("Makes a project: a program, its test, a workflow for CI and a README")
        .after_help(AFTER_HELP)
        .args([name, from, path])
}

/// Runs the verb.
pub(crate) fn run(arguments: &ArgMatches) -> ExitCode {
    let made = make(arguments);
    let print = |name: String| {
        told::print(&format!(
            "made {name}: `cd {name}`, then `cargo run -- synth`\n"
        ))
    };
    told::ended(made.and_then(print).map(|()| 0))
}

fn make(arguments: &ArgMatches) -> Result<String, Stop> {
    let given = |name: &str| arguments.get_one::<String>(name).map_or("", String::as_str);
    let name = given("name");
    names::check(name)?;
    let starter = Starter::find(given("from"))?;
    let checkout = arguments.get_one::<PathBuf>("path");
    let checkout = checkout.map(|path| self::checkout(path)).transpose()?;
    let place = Path::new(name);
    if place.symlink_metadata().is_ok() {
        let message = format!(
            "\"{name}\" is there already, and nothing of it is overwritten\n   = help: choose another name, or another folder to be in"
        );
        return Err((2, message));
    }
    let aside = PathBuf::from(format!(".{name}.cloudwright-new"));
    let made = write(&aside, &starter.files(name, checkout.as_deref()))
        .and_then(|()| lock(&aside, checkout.as_deref()))
        .and_then(|()| fs::rename(&aside, place));
    made.map_err(|why| {
        let _ = fs::remove_dir_all(&aside);
        (3, format!("cannot write \"{name}\": {why}"))
    })?;
    Ok(name.to_owned())
}

/// The folder of the crate `cloudwright` in a checkout.
fn checkout(path: &Path) -> Result<PathBuf, Stop> {
    let refused = |why: &str| {
        let path = path.display();
        (
            2,
            format!(
                "\"{path}\" is no checkout of cloudwright: {why}\n   = help: name the folder with its Cargo.toml and constructs/"
            ),
        )
    };
    let path = path
        .canonicalize()
        .map_err(|why| refused(&why.to_string()))?;
    let manifest = fs::read_to_string(path.join("constructs/Cargo.toml"));
    let manifest = manifest.map_err(|_| refused("it has no constructs/Cargo.toml"))?;
    if !manifest.contains("name = \"cloudwright\"") {
        return Err(refused("constructs/Cargo.toml is of another crate"));
    }
    Ok(path)
}

/// Writes files below a folder that is not there yet.
fn write(folder: &Path, files: &[(String, String)]) -> io::Result<()> {
    let _ = fs::remove_dir_all(folder);
    for (name, content) in files {
        let file = folder.join(name);
        fs::create_dir_all(file.parent().unwrap_or(folder))?;
        fs::write(file, content)?;
    }
    Ok(())
}

/// On a checkout, the versions are those that it is tested with.
fn lock(folder: &Path, checkout: Option<&Path>) -> io::Result<()> {
    let Some(lock) = checkout.map(|checkout| checkout.join("Cargo.lock")) else {
        return Ok(());
    };
    if lock.exists() {
        fs::copy(lock, folder.join("Cargo.lock"))?;
    }
    Ok(())
}
