//! Running other programs: every failure becomes one line that names the command.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Output};

use crate::Outcome;

/// The command as a person would type it, for messages.
pub(crate) fn shown(command: &Command) -> String {
    let program = command.get_program();
    let program = Path::new(program).file_name().unwrap_or(program);
    let words = std::iter::once(program).chain(command.get_args());
    let words: Vec<_> = words.map(OsStr::to_string_lossy).collect();
    words.join(" ")
}

/// Runs the command with its output on the terminal.
pub(crate) fn run(command: &mut Command) -> Outcome {
    let status = command.status().map_err(|e| cannot_start(command, &e))?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("`{}` failed: {status}", shown(command)))
    }
}

/// Runs the command and keeps its output back; the last lines of it are shown if it fails.
pub(crate) fn run_quietly(command: &mut Command) -> Outcome {
    capture(command).map(drop)
}

/// Runs the command and gives what it wrote to standard output, without the last line break.
pub(crate) fn capture(command: &mut Command) -> Outcome<String> {
    let output = command.output().map_err(|e| cannot_start(command, &e))?;
    if !output.status.success() {
        return Err(format!(
            "`{}` failed: {}",
            shown(command),
            last_words(&output)
        ));
    }
    Ok(String::from_utf8_lossy(&output.stdout)
        .trim_end()
        .to_owned())
}

fn cannot_start(command: &Command, why: &std::io::Error) -> String {
    format!(
        "`{}` does not start: {why}",
        command.get_program().to_string_lossy()
    )
}

/// The last lines that a failed command wrote, on one line.
fn last_words(output: &Output) -> String {
    let stream = if output.stderr.is_empty() {
        &output.stdout
    } else {
        &output.stderr
    };
    let text = String::from_utf8_lossy(stream);
    let lines: Vec<_> = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    match lines.len() {
        0 => output.status.to_string(),
        count => lines[count.saturating_sub(3)..].join(" | "),
    }
}
