//! What a call came to, as people and programs read it.

use serde_json::{Value, json};

use super::super::terminal::Terminal;
use crate::problem::{Kind, Problem};
use crate::running::operation::Outcome;

/// How many of the last log lines are shown with an error.
const LINES: usize = 20;

/// Where the log of a function is.
pub(super) fn log_of(path: &str) -> String {
    format!("`logs {path} --since 15m` shows its log")
}

/// Shows the outcome of a call by this name, of whose log `hint` tells, and yields the exit code. `document` has what else a program wants to know.
pub(super) fn show(
    terminal: &Terminal<'_>,
    (name, hint): (&str, &str),
    outcome: &Outcome,
    mut document: Value,
) -> u8 {
    if terminal.shell.json {
        document["version"] = json!(1);
        document["outcome"] = json!(outcome.name());
        document["answer"] = answer(outcome);
        document["error"] = error(outcome);
        terminal.print(&format!("{document:#}\n"));
    }
    match outcome {
        Outcome::Done(Value::Null) if !terminal.shell.json => {
            terminal.progress(&format!("{name}: done"));
        }
        Outcome::Done(answer) if !terminal.shell.json => terminal.print(&format!("{answer:#}\n")),
        Outcome::Done(_) => {}
        Outcome::Sent => terminal.progress(&format!("{name}: handed over")),
        Outcome::Started(execution) => {
            terminal.progress(&format!("{name}: {execution} goes on by itself"));
        }
        Outcome::Failed {
            error,
            message,
            log,
            ..
        } => {
            tail(terminal, log);
            let problem = Problem::failed(format!("{name} failed: {error}: {message}"), hint);
            terminal.problem(None, &problem);
            return Kind::Failed.exit_code();
        }
    }
    0
}

/// The end of a log, on standard error.
pub(super) fn tail(terminal: &Terminal<'_>, log: &str) {
    let lines: Vec<&str> = log.lines().collect();
    let first = lines.len().saturating_sub(LINES);
    for line in &lines[first..] {
        terminal.note(&format!("  | {line}"));
    }
}

fn answer(outcome: &Outcome) -> Value {
    match outcome {
        Outcome::Done(answer) | Outcome::Failed { answer, .. } => answer.clone(),
        Outcome::Started(execution) => json!(execution),
        Outcome::Sent => Value::Null,
    }
}

fn error(outcome: &Outcome) -> Value {
    match outcome {
        Outcome::Failed { error, message, .. } => json!({ "type": error, "message": message }),
        _ => Value::Null,
    }
}
