//! `diff`: what a deployment would change in what is deployed.

use std::path::Path;

use clap::{ArgAction, ArgMatches, Command};
use cloudwright_diff::DataLoss;
use serde_json::{Value, json};

use super::arguments::{aws, flag, option, stacks, texts};
use super::chosen::{Along, assembly, choose};
use super::made::Packages;
use super::terminal::Terminal;
use super::text;
use crate::assembly::Stack;
use crate::aws::RealClock;
use crate::cloud::PlannedChange;
use crate::parameters::{Parameter, require_known};
use crate::problem::{Kind, Problem};
use crate::publish::Publisher;
use crate::review::{Loss, Review};
use crate::stack::diff::Difference;
use crate::stack::{Options, Work};

/// The name of the verb.
pub(super) const VERB: &str = "diff";

const STORY: &str = "\
Shows for each stack what `deploy` would do: what is added, changed, replaced and removed, what data would be lost, and
who may do more afterwards. CloudFormation is asked by a change set, which is deleted again; where the caller may not
make one, the stack is not at rest, or it is not there yet, the templates are compared. Nothing is uploaded.

--fail-on makes the exit code 1 for scripts that review a change:
  any          anything differs
  broadening   an IAM policy or a security group lets through what it did not before
  destructive  data is lost, or may be: a resource that holds data is deleted or replaced

With --json: {version, stacks: [{path, name, status: unchanged | changed | added, compared: templates | changeSet,
difference: null | {..}, changes: [{id, type, action, replacement, policyAction}], losses: [{id, path, line, how: deleted |
replaced | maybe-replaced}], capabilities}]}; docs/schema/cli.diff.json describes all of it.";

pub(super) fn command(command: Command) -> Command {
    let fail = option(
        "fail-on",
        "CHANGE",
        "Exits with 1 where there is such a change",
    )
    .action(ArgAction::Append)
    .value_delimiter(',')
    .value_parser(["any", "broadening", "destructive"]);
    let command = stacks(command)
        .about("Compares the stacks with what is deployed")
        .after_help(format!("{STORY}\n\n{}", super::EXIT_CODES));
    arguments(command.arg(fail))
}

/// What says how deployed stacks are compared.
pub fn arguments(command: Command) -> Command {
    let command = command.args([
        flag(
            "no-change-set",
            "Compares templates alone, and asks CloudFormation nothing",
        ),
        option(
            "parameter",
            "[STACK:]NAME=VALUE|@FILE",
            "A value of a parameter",
        )
        .action(ArgAction::Append),
        option("role-arn", "ARN", "The role that CloudFormation works as"),
    ]);
    aws(command)
}

pub(super) async fn run(
    arguments: &ArgMatches,
    app: &Path,
    terminal: &Terminal<'_>,
) -> Result<u8, Problem> {
    let assembly = assembly(app)?;
    let chosen = choose(&assembly, &texts(arguments, "stacks"), Along::Nobody)?;
    let parameters = texts(arguments, "parameter");
    let parameters = parameters.iter().map(|text| Parameter::read(text));
    let options = Options {
        parameters: parameters.collect::<Result<_, _>>()?,
        role: arguments.get_one::<String>("role-arn").cloned(),
        ..Options::default()
    };
    require_known(&options.parameters, &chosen)?;
    let mut found = Vec::new();
    for stack in chosen {
        let difference = of_stack(stack, (arguments, &options), terminal).await?;
        if !terminal.shell.json {
            terminal.print(&shown(stack, &difference, terminal));
        }
        found.push((stack, difference));
    }
    if terminal.shell.json {
        let stacks: Value = found
            .iter()
            .map(|(stack, difference)| object(stack, difference))
            .collect();
        let document = json!({ "version": 1, "stacks": stacks });
        terminal.print(&format!("{document:#}\n"));
    }
    let wanted = texts(arguments, "fail-on");
    let reviews = found.iter().filter_map(|(_, one)| one.review.as_ref());
    let fails = reviews.into_iter().any(|review| {
        wanted.iter().any(|change| match &**change {
            "broadening" => review.diff.is_broadening(),
            "destructive" => !review.losses.is_empty(),
            _ => true,
        })
    });
    Ok(if fails { Kind::Failed.exit_code() } else { 0 })
}

async fn of_stack(
    stack: &Stack,
    (arguments, options): (&ArgMatches, &Options),
    terminal: &Terminal<'_>,
) -> Result<Difference, Problem> {
    let clouds = terminal.clouds(arguments)?;
    let clock = RealClock::start();
    let packages = Packages {
        checkouts: Vec::new(),
        quiet: true,
    };
    let publisher = Publisher::new(&clock, &packages);
    let (account, region) = (stack.account.as_deref(), stack.region.as_deref());
    let cloud = clouds.cloud(account, region).await?;
    let work = Work {
        stack,
        cloud: &cloud,
        clock: &clock,
        host: terminal,
        publisher: &publisher,
        options,
        facts: terminal.shell.facts,
        swaps: None,
    };
    work.diff(!arguments.get_flag("no-change-set")).await
}

/// A difference as people read it.
fn shown(stack: &Stack, difference: &Difference, terminal: &Terminal<'_>) -> String {
    match &difference.review {
        None => format!("Stack {} is as it should be\n", stack.path),
        Some(review) => text::review(stack, review, terminal.result_page()) + "\n",
    }
}

fn object(stack: &Stack, difference: &Difference) -> Value {
    let review = difference.review.as_ref();
    let status = match (difference.exists, review) {
        (true, None) => "unchanged",
        (true, Some(_)) => "changed",
        (false, _) => "added",
    };
    let of = |list: fn(&Review) -> Value| review.map_or_else(|| json!([]), list);
    json!({
        "path": stack.path,
        "name": stack.name,
        "status": status,
        "compared": if difference.by_change_set { "changeSet" } else { "templates" },
        "difference": review.map(|review| review.diff.to_json()),
        "changes": of(|review| review.changes.iter().map(planned).collect()),
        "losses": of(|review| review.losses.iter().map(loss).collect()),
        "capabilities": of(|review| json!(review.capabilities)),
    })
}

fn planned(change: &PlannedChange) -> Value {
    json!({ "id": change.id, "type": change.kind, "action": change.action,
        "replacement": change.replacement, "policyAction": change.policy })
}

fn loss(loss: &Loss) -> Value {
    json!({ "id": loss.id, "path": loss.path, "line": loss.line, "how": DataLoss::name(loss.how) })
}
