//! The result of a run: a line per stack with its outputs, or one JSON document.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::terminal::Terminal;
use crate::assembly::Stack;
use crate::problem::Problem;
use crate::run::Ending;

/// What is printed as JSON, for help texts.
pub(super) const JSON: &str = "\
With --json: {version, stacks: [{path, name, outcome: unchanged | created | updated | swapped | imported |
deleted | absent | stopped | notBegun, outputs, problem: null | {kind, message, help, status, causes: [{id, type, path, line,
status, reason, log}]}, after}]}; `after` is the stack that a stack that was not begun waited for.";

/// Prints what became of every stack.
pub(super) fn endings(
    terminal: &Terminal<'_>,
    stacks: &[&Stack],
    endings: &BTreeMap<String, Ending>,
) {
    let endings = stacks.iter().map(|stack| (*stack, endings.get(&stack.id)));
    let all: Vec<_> = endings
        .filter_map(|(stack, ending)| Some((stack, ending?)))
        .collect();
    if terminal.shell.json {
        let stacks: Value = all
            .iter()
            .map(|(stack, ending)| object(terminal, stack, ending))
            .collect();
        terminal.print(&format!(
            "{:#}\n",
            json!({ "version": 1, "stacks": stacks })
        ));
        return;
    }
    for (stack, ending) in all {
        terminal.print(&line(stack, ending));
    }
}

fn line(stack: &Stack, ending: &Ending) -> String {
    let path = &stack.path;
    match ending {
        Ending::Done(done) => {
            let outputs = done
                .outputs
                .iter()
                .map(|(name, value)| format!("  {name} = {value}\n"));
            format!(
                "{path}: {}\n{}",
                done.outcome.name(),
                outputs.collect::<String>()
            )
        }
        Ending::Stopped(problem) => format!("{path}: {}\n", problem.kind.name()),
        Ending::NotBegun(after) => format!("{path}: not begun, since it needs {after}\n"),
    }
}

fn object(terminal: &Terminal<'_>, stack: &Stack, ending: &Ending) -> Value {
    let (outcome, outputs, problem, after) = match ending {
        Ending::Done(done) => (
            done.outcome.name(),
            json!(done.outputs),
            Value::Null,
            Value::Null,
        ),
        Ending::Stopped(problem) => (
            "stopped",
            json!({}),
            self::problem(terminal, problem),
            Value::Null,
        ),
        Ending::NotBegun(after) => ("notBegun", json!({}), Value::Null, json!(after)),
    };
    json!({
        "path": stack.path,
        "name": stack.name,
        "outcome": outcome,
        "outputs": outputs,
        "problem": problem,
        "after": after,
    })
}

fn problem(terminal: &Terminal<'_>, problem: &Problem) -> Value {
    let causes = problem.causes.iter().map(|cause| {
        json!({
            "id": cause.id,
            "type": cause.kind,
            "path": cause.path,
            "line": cause.line,
            "status": cause.status,
            "reason": cause.reason,
            "log": cause.log,
        })
    });
    json!({
        "kind": problem.kind.name(),
        "message": terminal.placed(&problem.message),
        "help": terminal.placed(&problem.help),
        "status": problem.status.as_ref().map(ToString::to_string),
        "causes": causes.collect::<Value>(),
    })
}

/// The exit code of a run: a failure counts more than a refusal.
pub(super) fn exit_code(endings: &BTreeMap<String, Ending>) -> u8 {
    let code = |ending: &Ending| match ending {
        Ending::Stopped(problem) => Some(problem.kind.exit_code()),
        Ending::Done(_) | Ending::NotBegun(_) => None,
    };
    endings.values().filter_map(code).min().unwrap_or_default()
}
