//! `status`, `outputs`, `resources` and `events`: what stacks are like in AWS.

use std::path::Path;
use std::rc::Rc;

use clap::{ArgMatches, Command};
use serde_json::{Value, json};

use super::EXIT_CODES;
use super::arguments::{aws, flag, stacks, texts};
use super::chosen::{Along, assembly, choose};
use super::terminal::Terminal;
use super::text::{resource_line, table};
use crate::assembly::Stack;
use crate::aws::RealClock;
use crate::cloud::{Cloud, StackEvent, StackState};
use crate::pace::{Pace, patiently};
use crate::problem::Problem;

fn command(command: Command, about: &'static str, json: &str) -> Command {
    aws(stacks(command)
        .about(about)
        .after_help(format!("With --json: {json}\n\n{EXIT_CODES}")))
}

pub(super) fn status_command(verb: Command) -> Command {
    let json = "{version, stacks: [{path, name, region, status, reason, changed, protected}]}; the status of a\nstack that does not exist is null.";
    command(verb, "Shows the status of the stacks", json)
}

pub(super) fn outputs_command(verb: Command) -> Command {
    command(
        verb,
        "Shows the outputs of the stacks",
        "{version, stacks: {PATH: {NAME: VALUE}}}",
    )
}

pub(super) fn resources_command(verb: Command) -> Command {
    let json = "{version, stacks: {PATH: [{id, path, type, physicalId, status, reason}]}}";
    command(verb, "Shows the resources of the stacks", json)
}

pub(super) fn events_command(verb: Command) -> Command {
    let json = "{version, stacks: {PATH: [{time, id, path, type, status, reason, token}]}}, the newest first.";
    let verb = command(verb, "Shows the latest events of the stacks", json);
    verb.arg(flag("follow", "Goes on until no operation is under way"))
}

/// A stack of the assembly, its cloud, and what it is like there.
struct Seen<'a> {
    stack: &'a Stack,
    cloud: Rc<Cloud>,
    state: Option<StackState>,
}

async fn see<'a>(
    arguments: &ArgMatches,
    assembly: &'a crate::assembly::Assembly,
    terminal: &Terminal<'_>,
) -> Result<Vec<Seen<'a>>, Problem> {
    let clouds = terminal.clouds(arguments)?;
    let clock = RealClock::start();
    let mut seen = Vec::new();
    for stack in choose(assembly, &texts(arguments, "stacks"), Along::Nobody)? {
        let cloud = clouds
            .cloud(stack.account.as_deref(), stack.region.as_deref())
            .await?;
        let state = patiently(&clock, || cloud.formation.stack(&stack.name)).await?;
        seen.push(Seen {
            stack,
            cloud,
            state,
        });
    }
    Ok(seen)
}

pub(super) async fn status(
    arguments: &ArgMatches,
    app: &Path,
    terminal: &Terminal<'_>,
) -> Result<u8, Problem> {
    let assembly = assembly(app)?;
    let seen = see(arguments, &assembly, terminal).await?;
    if terminal.shell.json {
        let stacks: Value = seen.iter().map(status_object).collect();
        terminal.print(&format!(
            "{:#}\n",
            json!({ "version": 1, "stacks": stacks })
        ));
        return Ok(0);
    }
    let row = |one: &Seen<'_>| {
        let (status, changed) = match &one.state {
            Some(state) => (state.status.to_string(), state.changed.clone()),
            None => ("not deployed".to_owned(), String::new()),
        };
        vec![
            one.stack.path.clone(),
            one.cloud.region.clone(),
            status,
            changed,
        ]
    };
    terminal.print(&table(&seen.iter().map(row).collect::<Vec<_>>()));
    Ok(0)
}

fn status_object(one: &Seen<'_>) -> Value {
    let state = one.state.as_ref();
    json!({
        "path": one.stack.path,
        "name": one.stack.name,
        "region": one.cloud.region,
        "status": state.map(|state| state.status.name()),
        "reason": state.and_then(|state| state.reason.clone()),
        "changed": state.map(|state| &state.changed),
        "protected": state.map(|state| state.protected),
    })
}

pub(super) async fn outputs(
    arguments: &ArgMatches,
    app: &Path,
    terminal: &Terminal<'_>,
) -> Result<u8, Problem> {
    let assembly = assembly(app)?;
    let seen = see(arguments, &assembly, terminal).await?;
    let outputs = |one: &Seen<'_>| {
        one.state
            .as_ref()
            .map(|state| state.outputs.clone())
            .unwrap_or_default()
    };
    if terminal.shell.json {
        let stacks: serde_json::Map<_, _> = seen
            .iter()
            .map(|one| (one.stack.path.clone(), json!(outputs(one))))
            .collect();
        terminal.print(&format!(
            "{:#}\n",
            json!({ "version": 1, "stacks": stacks })
        ));
        return Ok(0);
    }
    let row = |one: &Seen<'_>| {
        let path = one.stack.path.clone();
        outputs(one)
            .into_iter()
            .map(move |(name, value)| vec![path.clone(), name, value])
            .collect::<Vec<_>>()
    };
    terminal.print(&table(&seen.iter().flat_map(row).collect::<Vec<_>>()));
    absent(&seen, terminal);
    Ok(0)
}

/// Names the stacks that there is nothing to show of: a wrong region looks like this, too.
fn absent(seen: &[Seen<'_>], terminal: &Terminal<'_>) {
    for one in seen.iter().filter(|one| one.state.is_none()) {
        terminal.progress(&not_deployed(&one.stack.path, &one.cloud));
    }
}

/// That a stack is not there, and where it was looked for.
pub(super) fn not_deployed(path: &str, cloud: &Cloud) -> String {
    let (account, region) = (&cloud.account, &cloud.region);
    format!("{path} is not deployed in {account} {region}")
}

pub(super) async fn resources(
    arguments: &ArgMatches,
    app: &Path,
    terminal: &Terminal<'_>,
) -> Result<u8, Problem> {
    let assembly = assembly(app)?;
    let clock = RealClock::start();
    let (mut rows, mut document) = (Vec::new(), serde_json::Map::new());
    let seen = see(arguments, &assembly, terminal).await?;
    if !terminal.shell.json {
        absent(&seen, terminal);
    }
    for Seen {
        stack,
        cloud,
        state,
    } in seen
    {
        let Some(state) = state else { continue };
        let resources = patiently(&clock, || cloud.formation.resources(&state.id)).await?;
        let object = |one: &crate::cloud::StackResource| {
            json!({ "id": one.id, "path": stack.path_of(&one.id), "type": one.kind, "physicalId": one.physical_id,
                "status": one.status, "reason": one.reason })
        };
        document.insert(stack.path.clone(), resources.iter().map(object).collect());
        rows.extend(resources.iter().map(|one| {
            vec![
                stack.path_of(&one.id).to_owned(),
                one.kind.clone(),
                one.status.clone(),
                one.physical_id.clone(),
            ]
        }));
    }
    if terminal.shell.json {
        terminal.print(&format!(
            "{:#}\n",
            json!({ "version": 1, "stacks": document })
        ));
    } else {
        terminal.print(&table(&rows));
    }
    Ok(0)
}

pub(super) async fn events(
    arguments: &ArgMatches,
    app: &Path,
    terminal: &Terminal<'_>,
) -> Result<u8, Problem> {
    let assembly = assembly(app)?;
    let seen = see(arguments, &assembly, terminal).await?;
    if terminal.shell.json {
        let clock = RealClock::start();
        let mut document = serde_json::Map::new();
        for one in &seen {
            let events = latest(&clock, one).await?;
            let objects = events
                .iter()
                .rev()
                .map(|event| event_object(one.stack, event));
            document.insert(one.stack.path.clone(), objects.collect());
        }
        terminal.print(&format!(
            "{:#}\n",
            json!({ "version": 1, "stacks": document })
        ));
        return Ok(0);
    }
    absent(&seen, terminal);
    follow(seen, arguments.get_flag("follow"), terminal).await?;
    Ok(0)
}

/// Prints events, and with `--follow` those to come.
async fn follow(
    mut seen: Vec<Seen<'_>>,
    goes_on: bool,
    terminal: &Terminal<'_>,
) -> Result<(), Problem> {
    let (clock, mut pace) = (RealClock::start(), Pace::new());
    let mut known = std::collections::BTreeSet::new();
    loop {
        for one in &mut seen {
            for event in latest(&clock, one).await? {
                if known.insert(event.id.clone()) {
                    let path = one.stack.path_of(&event.resource).to_owned();
                    terminal.print(&(resource_line(one.stack, &event, &path) + "\n"));
                }
            }
            one.state = patiently(&clock, || one.cloud.formation.stack(&one.stack.name)).await?;
        }
        let is_moving = |one: &Seen<'_>| {
            one.state
                .as_ref()
                .is_some_and(|state| state.status.is_moving())
        };
        if !goes_on || !terminal.flush()? || !seen.iter().any(is_moving) {
            return Ok(());
        }
        pace.wait(&clock).await;
    }
}

/// The newest page of events, the oldest of it first.
async fn latest(clock: &RealClock, one: &Seen<'_>) -> Result<Vec<StackEvent>, Problem> {
    let Some(state) = &one.state else {
        return Ok(Vec::new());
    };
    let mut events = patiently(clock, || one.cloud.formation.events(&state.id, None))
        .await?
        .events;
    events.reverse();
    Ok(events)
}

fn event_object(stack: &Stack, event: &StackEvent) -> Value {
    json!({ "time": event.time, "id": event.resource, "path": stack.path_of(&event.resource), "type": event.kind,
        "status": event.status, "reason": event.reason, "token": event.token })
}
