//! Running cargo and pip.

use std::process::{Command, Stdio};

use crate::Problem;

/// Runs a command to its end and gives its standard output. Its standard error is ours.
pub(super) fn run(command: &mut Command, missing: &str) -> Result<String, Problem> {
    let program = command.get_program().to_string_lossy().into_owned();
    command.stdin(Stdio::null()).stderr(Stdio::inherit());
    let output = command.output().map_err(|error| {
        let message = format!("cannot run `{program}`: {error}");
        Problem::new(message, missing)
    })?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let message = format!("`{program}` failed ({})", output.status);
    Err(Problem::new(message, "see what it says above"))
}

/// Whether a program can be started.
pub(super) fn exists(program: &str) -> bool {
    let mut command = Command::new(program);
    command.arg("--version").stdin(Stdio::null());
    let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}
