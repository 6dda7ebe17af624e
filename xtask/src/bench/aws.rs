//! `check --aws` of 400 resources: whole processes with AWS's engine in them, built in release.
//!
//! The goal is a person's second. It is held against CPU seconds, which are never less than the clock's on a machine with
//! nothing else to do, since the verb waits for nothing; the clock's are beside them.

use std::process::Command;

use super::Settings;
use super::measure::{Costs, Spread, clock};
use super::report::{Figure, OURS, Row};
use crate::process::run as run_command;
use crate::{Outcome, target_dir, workspace_root};

/// The most seconds that a person waits where nothing else runs.
const GOAL: f64 = 1.0;

pub(super) fn run(settings: &Settings) -> Outcome<Vec<Row>> {
    // The engine asks for Rust 1.96; older ones of the last releases compile it.
    let arguments = [
        "build",
        "--quiet",
        "--release",
        "--package",
        "bench",
        "--features",
        "validate",
        "--ignore-rust-version",
    ];
    run_command(
        Command::new("cargo")
            .args(arguments)
            .current_dir(workspace_root()),
    )?;
    let program = target_dir().join("release/bench");
    let command = |arguments: &[&str]| {
        let mut command = Command::new(&program);
        command.arg("check").args(arguments);
        command
    };
    let mut rows = Vec::new();
    for (title, arguments) in [
        ("`check` of 400 resources", &[][..]),
        ("`check --aws` of 400 resources", &["--aws"][..]),
    ] {
        let costs = Costs::of(settings.runs, |_| Ok(command(arguments)))?;
        rows.push(Row::new(title, OURS, Figure::Costs(costs)).goal(GOAL));
        let took: Outcome<Vec<f64>> = (0..settings.runs)
            .map(|_| clock(&mut command(arguments)))
            .collect();
        let took = Figure::Spread(Spread::of(took?));
        rows.push(Row::new(&format!("{title}, in s"), OURS, took));
    }
    Ok(rows)
}
