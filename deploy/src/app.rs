//! The assembly that a command works on: a folder, or what a program writes when it is run first.

use std::path::Path;
use std::process::{Command, Stdio};

use clap::Arg;

/// Where assemblies are, unless another folder is named.
pub(crate) const DEFAULT: &str = "cloudwright.out";

/// What is wrong, with the exit code that says so.
pub(crate) type Stop = (u8, String);

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
    let first = words
        .next()
        .ok_or_else(|| (2, "the value of `--app` is empty".to_owned()))?;
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
        Ok(status) => Err((
            1,
            format!("`{program}` did not write an assembly: {status}"),
        )),
        Err(why) => Err((
            3,
            format!("\"{program}\" is neither a folder nor a program that starts: {why}"),
        )),
    }
}
