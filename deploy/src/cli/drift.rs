//! `drift`: what somebody changed by hand.

use std::path::Path;

use clap::{ArgMatches, Command};
use serde_json::{Map, Value, json};

use super::EXIT_CODES;
use super::arguments::{aws, flag, stacks, texts};
use super::chosen::{Along, assembly, choose};
use super::show::not_deployed;
use super::terminal::Terminal;
use crate::assembly::Stack;
use crate::aws::RealClock;
use crate::cloud::Drift;
use crate::drift::of_stack;
use crate::pace::patiently;
use crate::problem::{Kind, Problem};

const STORY: &str = "\
CloudFormation compares the properties that the templates set with the real resources. The next deployment
overwrites what was changed by hand only where it changes the same resource.

With --json: {version, stacks: {PATH: [{id, path, type, physicalId, status: MODIFIED | DELETED, differences: [{path,
kind, expected, actual}]}]}}; a stack that is not deployed is left out.";

pub(super) fn command(command: Command) -> Command {
    let command = stacks(command).about("Shows what was changed by hand, past CloudFormation");
    aws(command.after_help(format!("{STORY}\n\n{EXIT_CODES}")))
        .arg(flag("fail", "Exits with 1 where something differs"))
}

pub(super) async fn run(
    arguments: &ArgMatches,
    app: &Path,
    terminal: &Terminal<'_>,
) -> Result<u8, Problem> {
    let assembly = assembly(app)?;
    let (clouds, clock) = (terminal.clouds(arguments)?, RealClock::start());
    let (mut document, mut count) = (Map::new(), 0);
    for stack in choose(&assembly, &texts(arguments, "stacks"), Along::Nobody)? {
        let cloud = clouds
            .cloud(stack.account.as_deref(), stack.region.as_deref())
            .await?;
        let Some(state) = patiently(&clock, || cloud.formation.stack(&stack.name)).await? else {
            if !terminal.shell.json {
                terminal.progress(&not_deployed(&stack.path, &cloud));
            }
            continue;
        };
        let drifts = of_stack(&*cloud.formation, &clock, &state.id).await?;
        count += drifts.len();
        if !terminal.shell.json {
            terminal.print(&text(stack, &drifts));
        }
        document.insert(
            stack.path.clone(),
            drifts.iter().map(|drift| object(stack, drift)).collect(),
        );
    }
    if terminal.shell.json {
        terminal.print(&format!(
            "{:#}\n",
            json!({ "version": 1, "stacks": document })
        ));
    }
    let fails = arguments.get_flag("fail") && count > 0;
    Ok(if fails { Kind::Failed.exit_code() } else { 0 })
}

fn text(stack: &Stack, drifts: &[Drift]) -> String {
    if drifts.is_empty() {
        return format!("{}: as it was deployed\n", stack.path);
    }
    let mut text = String::new();
    for drift in drifts {
        text += &format!(
            "{}: {}  {}  {}\n",
            stack.path,
            stack.path_of(&drift.id),
            drift.kind,
            drift.status
        );
        for difference in &drift.differences {
            text += &format!(
                "  {} {}: {} -> {}\n",
                difference.kind, difference.path, difference.expected, difference.actual
            );
        }
    }
    text
}

fn object(stack: &Stack, drift: &Drift) -> Value {
    let differences = drift.differences.iter().map(|one| {
        json!({ "path": one.path, "kind": one.kind, "expected": one.expected, "actual": one.actual })
    });
    json!({
        "id": drift.id,
        "path": stack.path_of(&drift.id),
        "type": drift.kind,
        "physicalId": drift.physical_id,
        "status": drift.status,
        "differences": differences.collect::<Value>(),
    })
}
