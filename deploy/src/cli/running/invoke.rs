//! `invoke`: calls one function.

use clap::{Arg, ArgMatches, Command};
use serde_json::json;

use super::super::EXIT_CODES;
use super::super::arguments::{aws, flag, option, text};
use super::{App, call, json_of};
use crate::pace::when_let_in;
use crate::problem::Problem;
use crate::running::operation::{Outcome, answered};

/// The type of a function.
pub(super) const FUNCTION: &str = "AWS::Lambda::Function";

const STORY: &str = "\
The function is named by its construct's path, its logical id or its name. The answer goes to standard output; an
error of the function is shown with its type, its text and the end of its log, and ends with 1.

With --json: {version, function, stack, outcome: done | failed | sent, answer, error: null | {type, message},
log}.";

pub(super) fn command(command: Command) -> Command {
    let function = Arg::new("function").value_name("FUNCTION").required(true);
    let command = command
        .about("Calls a function and shows its answer")
        .after_help(format!("{STORY}\n\n{EXIT_CODES}"))
        .arg(function.help("Its construct's path, its logical id, or its name"))
        .arg(option(
            "event",
            "FILE|JSON|-",
            "What it is handed, `-` for standard input; `{}` unless given",
        ))
        .arg(flag(
            "async",
            "Hands it over and does not wait for the answer",
        ))
        .arg(
            flag("log", "Shows the end of its log, 4 KB, with every answer")
                .conflicts_with("async"),
        );
    aws(command)
}

pub(super) async fn run(arguments: &ArgMatches, app: &App<'_>) -> Result<u8, Problem> {
    let event = match text(arguments, "event") {
        Some(given) => json_of("--event", &given)?,
        None => json!({}),
    };
    let named = text(arguments, "function").unwrap_or_default();
    let spot = app.one(&named, &[FUNCTION], "function").await?;
    let (functions, name) = (&spot.services.functions, &spot.live.name);
    let mut document = json!({ "function": name, "stack": spot.stack.path, "log": null });
    let outcome = if arguments.get_flag("async") {
        when_let_in(&app.clock, || functions.invoke_later(name, &event)).await?;
        Outcome::Sent
    } else {
        let path = spot.path();
        app.terminal.lasts(&format!(
            "{path} was called and works on without this program: `logs {path}` shows its log"
        ));
        let answer = when_let_in(&app.clock, || functions.invoke(name, &event)).await?;
        document["log"] = json!(answer.log);
        if arguments.get_flag("log") && answer.error.is_none() {
            call::tail(app.terminal, &answer.log);
        }
        answered(answer)
    };
    Ok(call::show(
        app.terminal,
        (spot.path(), &call::log_of(spot.path())),
        &outcome,
        document,
    ))
}
