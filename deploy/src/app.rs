//! The assembly that a command works on: a folder, or what a program writes when it is run first.

#[cfg(feature = "graph")]
use std::fs;
use std::io;
use std::path::Path;
#[cfg(feature = "graph")]
use std::path::PathBuf;
use std::process::{Command, Stdio};

use clap::Arg;
#[cfg(feature = "graph")]
use clap::{ArgAction, ArgMatches};
use cloudwright_deploy::folder;
#[cfg(feature = "graph")]
use cloudwright_graph::Source;

use crate::told::{self, Stop};

/// What `--app` takes.
const NAMED: &str = "name the folder that `synth` wrote, or a program: `--app cloudwright.out`, `--app \"cargo run --\"`";

/// Where assemblies are, unless another folder is named.
pub(crate) const DEFAULT: &str = "cloudwright.out";

/// The argument that names it.
pub(crate) fn argument() -> Arg {
    Arg::new("app")
        .long("app")
        .value_name("DIR|COMMAND")
        .help_heading("Common options")
        .help("The folder of an assembly, or the command of a program whose `synth` writes one [default: cloudwright.out]")
}

/// Has a program write its assembly. What it says goes where our own messages go.
pub(crate) fn synthesize(
    program: &str,
    folder: &Path,
    context: &[(String, String)],
) -> Result<(), Stop> {
    let mut words = program.split_whitespace();
    let first = words.next();
    let first = first.ok_or_else(|| told::stop(2, "the value of `--app` is empty", NAMED))?;
    let mut command = Command::new(first);
    command
        .args(words)
        .args(["synth", "--quiet", "--out"])
        .arg(folder)
        .stdout(Stdio::null());
    for (key, value) in context {
        command.arg("--context").arg(format!("{key}={value}"));
    }
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => {
            let message = format!("`{program}` did not write an assembly: {status}");
            let help = "mend what it says above; it has to be a program of cloudwright, or the command that runs one";
            Err(told::stop(1, &message, help))
        }
        Err(why) => Err(no_program(program, &why)),
    }
}

/// What is named is neither a folder nor a program.
fn no_program(given: &str, why: &io::Error) -> Stop {
    let file = Path::new(given);
    if !file.is_file() {
        let message = format!("\"{given}\" is neither a folder nor a program that starts: {why}");
        return told::stop(3, &message, NAMED);
    }
    let message = format!("\"{given}\" is a file, and no program that starts: {why}");
    let around = file.parent().filter(|folder| folder::has_assembly(folder));
    let help = around.map(|folder| format!("name the folder: `--app {}`", folder.display()));
    told::stop(3, &message, help.as_deref().unwrap_or(NAMED))
}

/// Arguments of every verb that shows an assembly.
#[cfg(feature = "graph")]
pub(crate) fn common() -> [Arg; 3] {
    let flag = |name: &'static str, help: &'static str| {
        Arg::new(name)
            .long(name)
            .action(ArgAction::SetTrue)
            .help_heading("Common options")
            .help(help)
    };
    [
        argument(),
        flag("json", "Writes the result to standard output as JSON"),
        flag("quiet", "Writes results and problems only").short('q'),
    ]
}

/// What the assembly says that `--app` names.
#[cfg(feature = "graph")]
pub(crate) fn source(arguments: &ArgMatches) -> Result<Source, Stop> {
    let usual = PathBuf::from(DEFAULT);
    let folder = match arguments.get_one::<String>("app") {
        None => usual,
        Some(given) if Path::new(given).is_dir() => given.into(),
        Some(given) => synthesize(given, &usual, &[]).map(|()| usual)?,
    };
    folder::manifest(&folder).map_err(|why| told::stop(3, &why.message, &why.help))?;
    let file = |name: &str| fs::read_to_string(folder.join(name));
    Source::read(&file).map_err(|why| {
        let message = format!("{}: {}", folder.display(), why.message);
        told::stop(3, &message, &why.help)
    })
}
