//! `review --baseline deployed`: what the stacks are in AWS, for the comparison with what the program says.
//!
//! Templates are read and nothing is asked of CloudFormation beyond that: no change set is made.

use clap::{ArgMatches, Command};
use cloudwright_review::cli::{Sought, Stop};
use serde_json::Value;

use super::arguments::aws;
use super::show::not_deployed;
use super::terminal::Terminal;
use super::{Shell, runtime};
use crate::aws::RealClock;
use crate::cloud::{Cloud, StackState};
use crate::deployed::Deployed;
use crate::names::as_said;
use crate::pace::patiently;
use crate::problem::Problem;
use crate::status::Next;

/// Adds to `review` what says where the deployed stacks are.
pub fn review_arguments(command: Command) -> Command {
    aws(command)
}

/// The deployed templates of stacks, in their order; `null` for one that is not deployed, which is told.
///
/// # Errors
/// When AWS cannot be asked, or does not answer.
pub fn deployed(
    arguments: &ArgMatches,
    sought: &[Sought<'_>],
    shell: &Shell<'_>,
) -> Result<Vec<Value>, Stop> {
    let terminal = Terminal::new(shell);
    let read = runtime().and_then(|runtime| runtime.block_on(read(arguments, sought, &terminal)));
    read.map_err(|problem| Stop {
        code: problem.kind.exit_code(),
        message: problem.message,
        help: problem.help,
    })
}

async fn read(
    arguments: &ArgMatches,
    sought: &[Sought<'_>],
    terminal: &Terminal<'_>,
) -> Result<Vec<Value>, Problem> {
    let clouds = terminal.clouds(arguments)?;
    let clock = RealClock::start();
    let mut found: Vec<Option<Deployed>> = Vec::new();
    let mut templates = Vec::new();
    for one in sought {
        let stack = one.stack;
        let (account, region) = (stack.account.as_deref(), stack.region.as_deref());
        let cloud = clouds.cloud(account, region).await?;
        let name = match one.within {
            None => top(&stack.name, &cloud, &clock).await?,
            Some((around, id)) => sought
                .iter()
                .position(|other| other.stack.path == around)
                .and_then(|place| found.get(place)?.as_ref()?.physical_id(id)),
        };
        let deployed = match &name {
            Some(name) => Some(Deployed::read(&*cloud.formation, &clock, name).await?),
            None => None,
        };
        told(&stack.path, deployed.as_ref(), &cloud, terminal);
        templates.push(deployed.as_ref().map_or(Value::Null, |deployed| {
            let (account, region) = (&cloud.account, &cloud.region);
            as_said(&deployed.template, &stack.template, account, region)
        }));
        found.push(deployed);
    }
    Ok(templates)
}

/// The id of a stack that would be updated; one that a failed creation left has nothing to compare with.
async fn top(name: &str, cloud: &Cloud, clock: &RealClock) -> Result<Option<String>, Problem> {
    let state = patiently(clock, || cloud.formation.stack(name)).await?;
    let is_there =
        |state: &StackState| !matches!(state.status.next(), Next::Create | Next::Recreate);
    Ok(state.filter(is_there).map(|state| state.id))
}

/// Says what a reader could not know from the review: that a stack is looked for in vain, or cannot be read.
fn told(path: &str, deployed: Option<&Deployed>, cloud: &Cloud, terminal: &Terminal<'_>) {
    match deployed {
        None => terminal.progress(&format!(
            "{}, so everything in it is new",
            not_deployed(path, cloud)
        )),
        Some(deployed) if !deployed.is_read => terminal.progress(&format!(
            "the deployed template of {path} is no JSON: its resources are known, and every property shows as new"
        )),
        Some(_) => {}
    }
}
