//! `run`: what constructs say can be asked of them.

use std::cell::RefCell;
use std::time::{SystemTime, UNIX_EPOCH};

use clap::{Arg, ArgMatches, Command};
use serde_json::{Value, json};

use super::super::EXIT_CODES;
use super::super::arguments::{aws, flag, option, text};
use super::super::terminal::Terminal;
use super::super::text::table;
use super::invoke::FUNCTION;
use super::{App, call, json_of};
use crate::event::Consent;
use crate::operation::Operation;
use crate::problem::Problem;
use crate::running::find::{construct, not_deployed};
use crate::running::operation::{event, find, of_construct, run as perform, with_word};
use crate::running::schema::{self, sketch};

const STORY: &str = "\
Constructs declare operations: a function that is called, a queue that gets a message, a state machine that is
run to its end. Without OPERATION those of the construct are listed, without CONSTRUCT all. The payload is
checked against what the operation takes before anything is sent. What changes something needs a `yes`.
Where the list shows a name in brackets or in capitals behind an operation, a plain ARGUMENT says that member of the
payload: `run Prod/Files status a.txt` is `run Prod/Files status --payload '{\"key\": \"a.txt\"}'`.

An error of the function or the state machine is shown with its type and text, and ends with 1.

With --json: {version, construct, operation, stack, resource, outcome: done | failed | sent | started, answer,
error: null | {type, message}}; of a list {version, operations: [{construct, name, summary, readOnly, type,
payload, argument}]}.";

pub(super) fn command(command: Command) -> Command {
    let construct = Arg::new("construct").value_name("CONSTRUCT");
    let operation = Arg::new("operation").value_name("OPERATION");
    let argument = Arg::new("argument").value_name("ARGUMENT");
    let command = command
        .about("Runs an operation of a construct, or lists them")
        .after_help(format!("{STORY}\n\n{EXIT_CODES}"))
        .arg(construct.help("The path of a construct, such as Prod/Index"))
        .arg(operation.help("What to ask of it"))
        .arg(argument.help("What it is most often handed, such as the key of a file"))
        .arg(option(
            "payload",
            "JSON|@FILE",
            "What the operation is handed",
        ))
        .arg(flag("yes", "Runs what changes something without a question").short('y'));
    aws(command)
}

pub(super) async fn run(arguments: &ArgMatches, app: &App<'_>) -> Result<u8, Problem> {
    let all = &app.assembly.operations;
    let construct = text(arguments, "construct").unwrap_or_default();
    let Some(name) = text(arguments, "operation") else {
        let here = of_construct(all, &construct);
        if here.is_empty() && !construct.is_empty() {
            return Err(find(all, &construct, "")
                .err()
                .unwrap_or_else(no_operations));
        }
        list(app.terminal, &here);
        return Ok(0);
    };
    let operation = find(all, &construct, &name)?;
    let payload = text(arguments, "payload").map(|given| json_of("--payload", &given));
    let mut payload = payload.transpose()?;
    if let Some(word) = text(arguments, "argument") {
        payload = Some(with_word(operation, &word, payload)?);
    }
    let event = event(operation, payload)?;
    if !operation.read_only && !arguments.get_flag("yes") {
        consent(app.terminal, operation).await?;
    }
    ask(app, operation, &event).await
}

fn no_operations() -> Problem {
    Problem::usage(
        "there are no operations",
        "constructs declare them: see `Operation`",
    )
}

/// Asks a person whether to run it.
async fn consent(terminal: &Terminal<'_>, operation: &Operation) -> Result<(), Problem> {
    let (name, construct) = (&operation.name, &operation.construct);
    let summary = match &*operation.summary {
        "" => String::new(),
        summary => format!(": it {summary}"),
    };
    let question = format!("Run {name} of {construct}{summary}?");
    match terminal.ask(&question).await {
        Consent::Yes => Ok(()),
        Consent::No => Err(Problem::refused(
            format!("{name} was not run"),
            "nothing was sent",
        )),
        Consent::Nobody => {
            let message = format!("{name} may change something, and there is nobody to ask");
            Err(Problem::refused(message, "approve it: `--yes`"))
        }
    }
}

/// Runs it on its deployed resource.
async fn ask(app: &App<'_>, operation: &Operation, event: &Value) -> Result<u8, Problem> {
    let stack = app.assembly.stack(&operation.stack).ok_or_else(|| {
        let message = format!("the stack {} is not in the assembly", operation.stack);
        Problem::unreadable(message, "write the assembly anew by `synth`")
    })?;
    let live = app
        .live_once(stack)
        .await?
        .ok_or_else(|| not_deployed(stack))?;
    let target = live
        .iter()
        .find(|one| one.ids == operation.ids)
        .ok_or_else(|| {
            let message = format!(
                "{} has no resource {} yet",
                stack.path,
                operation.ids.join("/")
            );
            Problem::usage(message, format!("deploy it first: `deploy {}`", stack.path))
        })?;
    let services = app.services(stack).await?;
    let name = format!("{} {}", operation.construct, operation.name);
    app.terminal
        .progress(&format!("{name}: {} ({})", target.name, target.kind));
    let started = RefCell::new(None);
    let begun = |execution: &str| {
        app.terminal.progress(&format!("{name}: {execution}"));
        *started.borrow_mut() = Some(execution.to_owned());
        app.terminal.lasts(&format!(
            "{name}: {execution} goes on in AWS without this program"
        ));
    };
    if target.kind == FUNCTION {
        let goes_on = format!(
            "{name}: {} was called and works on without this program",
            target.name
        );
        app.terminal.lasts(&goes_on);
    }
    let token = token();
    let target_of = (&*target.kind, &*target.name);
    let outcome = perform(&services, &app.clock, target_of, event, (&token, &begun)).await?;
    // The path of the target itself: its construct may hold several functions, and a state machine has no log.
    let log = started.take().map_or_else(
        || call::log_of(construct(&target.path)),
        |execution| {
            format!("each step of {execution} is in Step Functions, with what it was handed")
        },
    );
    let document = json!({ "construct": operation.construct, "operation": operation.name, "stack": stack.path,
        "resource": { "logicalIds": operation.ids, "type": target.kind, "physicalId": target.name } });
    Ok(call::show(app.terminal, (&name, &log), &outcome, document))
}

/// Tells this run from all others, to a queue that takes a message once.
fn token() -> String {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    format!("cloudwright-{}", since.unwrap_or_default().as_nanos())
}

fn list(terminal: &Terminal<'_>, operations: &[&Operation]) {
    if terminal.shell.json {
        let object = |one: &&Operation| {
            json!({ "construct": one.construct, "name": one.name, "summary": one.summary,
                "readOnly": one.read_only, "type": one.kind, "payload": one.payload, "argument": one.argument })
        };
        let all: Value = operations.iter().map(object).collect();
        return terminal.print(&format!(
            "{:#}\n",
            json!({ "version": 1, "operations": all })
        ));
    }
    if operations.is_empty() {
        return terminal.progress("no construct of this app declares an operation");
    }
    let row = |one: &&Operation| {
        let takes = one.payload.as_ref().map(sketch).unwrap_or_default();
        let asks = if one.read_only { "read-only" } else { "" };
        vec![
            one.construct.clone(),
            typed(one),
            asks.to_owned(),
            one.summary.clone(),
            takes,
        ]
    };
    terminal.print(&table(&operations.iter().map(row).collect::<Vec<_>>()));
}

/// What people type: the name, and the word that may or has to follow it.
fn typed(operation: &Operation) -> String {
    let name = &operation.name;
    let Some(argument) = &operation.argument else {
        return name.clone();
    };
    let word = argument.to_uppercase();
    match is_required(operation, argument) {
        true => format!("{name} {word}"),
        false => format!("{name} [{word}]"),
    }
}

fn is_required(operation: &Operation, member: &str) -> bool {
    let payload = operation.payload.as_ref();
    payload.is_some_and(|schema| schema::required(schema, member))
}
