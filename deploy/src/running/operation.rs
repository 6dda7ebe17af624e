//! Runs an operation: which one is meant, what it is handed, and what comes of it.

use cloudwright_diff::nearest;
use serde_json::{Value, json};

use super::schema;
use super::services::{Answer, Execution, Fifo, Services};
use crate::cloud::Clock;
use crate::operation::Operation;
use crate::pace::{Pace, patiently, when_let_in};
use crate::problem::Problem;

/// What came of it.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// It is done, and answered this.
    Done(Value),
    /// It failed.
    Failed {
        /// The error's name, such as `Forbidden`.
        error: String,
        /// What is said about it.
        message: String,
        /// All that was answered.
        answer: Value,
        /// The end of the function's log; empty where there is none.
        log: String,
    },
    /// A queue has it: somebody does it later.
    Sent,
    /// It goes on by itself, and cannot be followed: an execution of an express state machine.
    Started(String),
}

impl Outcome {
    /// Its name in JSON.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Done(_) => "done",
            Self::Failed { .. } => "failed",
            Self::Sent => "sent",
            Self::Started(_) => "started",
        }
    }
}

/// The operations of a construct and of those inside it; all for an empty text.
#[must_use]
pub fn of_construct<'a>(all: &'a [Operation], construct: &str) -> Vec<&'a Operation> {
    let is_of = |one: &&Operation| {
        let rest = one.construct.strip_prefix(construct);
        construct.is_empty() || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    all.iter().filter(is_of).collect()
}

/// The operation that two words name.
///
/// # Errors
/// When none or more than one is meant.
pub fn find<'a>(
    all: &'a [Operation],
    construct: &str,
    name: &str,
) -> Result<&'a Operation, Problem> {
    let here = of_construct(all, construct);
    if here.is_empty() {
        return Err(no_construct(all, construct));
    }
    let mut meant: Vec<_> = here.iter().filter(|one| one.name == name).collect();
    if let Some(own) = meant.iter().position(|one| one.construct == construct) {
        meant = vec![meant[own]];
    }
    match meant[..] {
        [one] => Ok(one),
        [] => Err(no_operation(&here, construct, name)),
        _ => {
            let paths: Vec<_> = meant.iter().map(|one| &*one.construct).collect();
            let message = format!("\"{construct}\" has more than one operation \"{name}\"");
            Err(Problem::usage(
                message,
                format!("name one of {}", paths.join(", ")),
            ))
        }
    }
}

fn no_construct(all: &[Operation], construct: &str) -> Problem {
    let message = format!("\"{construct}\" has no operations");
    let mut paths: Vec<&str> = all.iter().map(|one| &*one.construct).collect();
    paths.dedup();
    let end = |path: &&str| path.rsplit('/').next() == Some(construct);
    let near = paths.iter().copied().find(|path| end(path));
    let near = near.or_else(|| nearest(construct, paths.iter().copied()));
    let help = match near {
        Some(near) => format!("did you mean \"{near}\"? `run` alone lists all"),
        None if paths.is_empty() => "no construct of this app declares any".to_owned(),
        None => format!("these have some: {}", paths.join(", ")),
    };
    Problem::usage(message, help)
}

fn no_operation(here: &[&Operation], construct: &str, name: &str) -> Problem {
    let names = here.iter().map(|one| &*one.name);
    let near = nearest(name, names.clone());
    let help = match near {
        Some(near) => format!("did you mean \"{near}\"?"),
        None => format!("it has {}", names.collect::<Vec<_>>().join(", ")),
    };
    Problem::usage(format!("\"{construct}\" has no operation \"{name}\""), help)
}

/// The payload of an operation when a plain word was said for the member that it declares, with or without a payload
/// for the others.
///
/// # Errors
/// When the operation takes no word, or the payload has the member, too.
pub fn with_word(
    operation: &Operation,
    word: &str,
    payload: Option<Value>,
) -> Result<Value, Problem> {
    let name = &operation.name;
    let Some(argument) = &operation.argument else {
        let help = match operation.payload {
            Some(_) => "hand it over with `--payload`",
            None => "leave it out",
        };
        return Err(Problem::usage(
            format!("{name} takes no argument, got \"{word}\""),
            help,
        ));
    };
    let mut payload = payload.unwrap_or_else(|| json!({}));
    let members = payload.as_object_mut().ok_or_else(|| {
        Problem::usage(
            "the payload is no JSON object, so no member can be added to it",
            format!("say {argument} within the payload"),
        )
    })?;
    let schema = operation.payload.as_ref();
    let schema = schema.map_or(&Value::Null, |schema| &schema["properties"][argument]);
    let value = schema::of_word(schema, word);
    if members.insert(argument.clone(), value).is_some() {
        let message = format!("{argument} was said twice: as \"{word}\" and in the payload");
        return Err(Problem::usage(message, "say it once"));
    }
    Ok(payload)
}

/// The event of an operation for what a person hands over; nothing handed over is an empty object.
///
/// # Errors
/// When the payload is not what the operation takes.
pub fn event(operation: &Operation, payload: Option<Value>) -> Result<Value, Problem> {
    let Some(schema) = &operation.payload else {
        return match payload {
            None => Ok(operation.event(json!({}))),
            Some(_) => {
                let message = format!("{} takes no payload", operation.name);
                Err(Problem::usage(message, "leave out `--payload`"))
            }
        };
    };
    let payload = payload.unwrap_or_else(|| json!({}));
    let problems = schema::problems(schema, &payload);
    if problems.is_empty() {
        return Ok(operation.event(payload));
    }
    let message = format!(
        "{} cannot take this payload: {}",
        operation.name,
        problems.join("; ")
    );
    Err(Problem::usage(
        message,
        format!("it takes {}", schema::sketch(schema)),
    ))
}

/// Runs an operation on its deployed resource and waits for the end. `begun` is told of an execution that goes on
/// without this program; `token` tells this run from another.
///
/// # Errors
/// When AWS refuses it, or the resource is of a type that nothing is known about.
pub async fn run(
    services: &Services,
    clock: &dyn Clock,
    (kind, name): (&str, &str),
    event: &Value,
    (token, begun): (&str, &dyn Fn(&str)),
) -> Result<Outcome, Problem> {
    match kind {
        "AWS::Lambda::Function" => {
            let call = || services.functions.invoke(name, event);
            Ok(answered(when_let_in(clock, call).await?))
        }
        "AWS::SQS::Queue" => {
            let (body, group) = (event.to_string(), "cloudwright");
            let fifo = name.ends_with(".fifo").then_some(Fifo { group, token });
            when_let_in(clock, || services.queues.send(name, &body, fifo)).await?;
            Ok(Outcome::Sent)
        }
        "AWS::StepFunctions::StateMachine" => {
            let execution = when_let_in(clock, || services.machines.start(name, event)).await?;
            begun(&execution);
            // Nobody can look at an execution of an express state machine.
            if execution.contains(":express:") {
                return Ok(Outcome::Started(execution));
            }
            follow(services, clock, execution).await
        }
        other => {
            let message = format!("an operation on a resource of the type {other} cannot be run");
            let help = "use the version of cargo-cloudwright that fits the program's cloudwright";
            Err(Problem::usage(message, help))
        }
    }
}

/// What a function's answer means.
#[must_use]
pub fn answered(answer: Answer) -> Outcome {
    let Some(kind) = answer.error else {
        return Outcome::Done(answer.payload);
    };
    let text = |member: &str| answer.payload[member].as_str().map(str::to_owned);
    let message = text("errorMessage").unwrap_or_else(|| answer.payload.to_string());
    Outcome::Failed {
        error: text("errorType").unwrap_or(kind),
        message,
        answer: answer.payload,
        log: answer.log,
    }
}

async fn follow(
    services: &Services,
    clock: &dyn Clock,
    execution: String,
) -> Result<Outcome, Problem> {
    let mut pace = Pace::new();
    loop {
        let seen = patiently(clock, || services.machines.execution(&execution)).await;
        match seen {
            Err(fault) => return Err(fault.into()),
            Ok(state) if state.status == "RUNNING" => {}
            Ok(state) => return Ok(ended(state)),
        }
        pace.wait(clock).await;
    }
}

fn ended(state: Execution) -> Outcome {
    if state.status == "SUCCEEDED" {
        return Outcome::Done(state.output);
    }
    Outcome::Failed {
        error: state.error.unwrap_or(state.status),
        message: state
            .cause
            .unwrap_or_else(|| "nothing is said about why".to_owned()),
        answer: state.output,
        log: String::new(),
    }
}
