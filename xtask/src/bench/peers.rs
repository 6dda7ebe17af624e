//! The same work done by the libraries people use today, as whole processes.

use std::path::Path;
use std::process::Command;

use super::Settings;
use super::measure::Costs;
use super::report::{Figure, Row};
use super::synth::Scenario;
use crate::{Outcome, target_dir, tools, workspace_root};

/// Installs the peers and measures each on every scenario.
pub(super) fn run<'a>(
    settings: &Settings,
    scenarios: impl Iterator<Item = &'a Scenario>,
    folder: &Path,
) -> Outcome<Vec<Row>> {
    let home = tools::directory(&target_dir());
    tools::prepare(&home, tools::PEERS)?;
    let mut rows = Vec::new();
    for scenario in scenarios {
        let stacks = scenario.stacks;
        for (subject, command) in PEERS {
            let out = folder.join(subject).join(stacks.to_string());
            let costs = Costs::of(settings.runs, |_| Ok(command(&home, stacks, &out)))?;
            rows.push(Row::new(scenario.title, subject, Figure::Costs(costs)));
        }
    }
    Ok(rows)
}

type Peer = fn(&Path, usize, &Path) -> Command;

const PEERS: &[(&str, Peer)] = &[
    ("aws-cdk", aws_cdk),
    ("aws-cdk, no validation", aws_cdk_without_validation),
    ("troposphere", troposphere),
];

fn aws_cdk(tools: &Path, stacks: usize, out: &Path) -> Command {
    let mut command = Command::new("node");
    command
        .arg(source("aws_cdk.js"))
        .arg(stacks.to_string())
        .arg(out);
    command.env("NODE_PATH", tools.join("aws-cdk-lib/node_modules"));
    command
}

fn aws_cdk_without_validation(tools: &Path, stacks: usize, out: &Path) -> Command {
    let mut command = aws_cdk(tools, stacks, out);
    command.env("CDK_VALIDATION", "false");
    command
}

fn troposphere(tools: &Path, stacks: usize, out: &Path) -> Command {
    let mut command = Command::new(tools.join("troposphere/bin/python"));
    command
        .arg(source("troposphere_stacks.py"))
        .arg(stacks.to_string())
        .arg(out);
    command
}

fn source(file: &str) -> std::path::PathBuf {
    workspace_root().join("bench/peers").join(file)
}
