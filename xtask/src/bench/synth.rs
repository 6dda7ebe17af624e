//! From a started process to a written assembly: the works of the `bench` package, built in
//! release, next to what serde_json alone needs for the same templates.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use super::measure::Costs;
use super::report::{Figure, OURS, Row};
use super::{Settings, peers};
use crate::process::{capture, run as run_command};
use crate::{Outcome, target_dir, workspace_root};

/// The work as the report calls it.
pub(super) struct Scenario {
    pub(super) title: &'static str,
    /// The name of the work in the `bench` package and its count.
    work: &'static str,
    count: usize,
    /// The goal for CPU seconds.
    goal: Option<f64>,
    /// The number of stacks, where peers do the same work.
    pub(super) stacks: Option<usize>,
}

const SCENARIOS: &[Scenario] = &[
    scenario("400 L2 resources", "l2", 1, Some(0.02), Some(1)),
    scenario("20 stacks x 400", "l2", 20, Some(0.25), Some(20)),
    scenario("1,000 L1 resources", "l1", 1_000, None, None),
    scenario("10,000 L1 resources", "l1", 10_000, None, None),
    scenario("100,000 L1 resources", "l1", 100_000, None, None),
];

const fn scenario(
    title: &'static str,
    work: &'static str,
    count: usize,
    goal: Option<f64>,
    stacks: Option<usize>,
) -> Scenario {
    Scenario {
        title,
        work,
        count,
        goal,
        stacks,
    }
}

/// How often the limit writes the templates, to rise above the noise of starting a process.
const WRITINGS: usize = 200;

pub(super) fn run(settings: &Settings) -> Outcome<Vec<Row>> {
    let program = build()?;
    let known = capture(Command::new(&program).arg("list"))?;
    let folder = TempDir::new().map_err(|e| e.to_string())?;
    let mut rows = Vec::new();
    for scenario in SCENARIOS {
        if known.lines().any(|work| work == scenario.work) {
            rows.extend(ours(settings, &program, scenario, folder.path())?);
        } else {
            eprintln!(
                "    `bench` has no work {}: {} is left out",
                scenario.work, scenario.title
            );
        }
    }
    if settings.peers {
        let same_work = SCENARIOS
            .iter()
            .filter(|scenario| scenario.stacks.is_some());
        rows.extend(peers::run(settings, same_work, folder.path())?);
    }
    Ok(rows)
}

fn build() -> Outcome<PathBuf> {
    let mut build = Command::new("cargo");
    build.current_dir(workspace_root()).args([
        "build",
        "--quiet",
        "--release",
        "--package",
        "bench",
    ]);
    run_command(&mut build)?;
    Ok(target_dir().join("release/bench"))
}

fn ours(
    settings: &Settings,
    program: &Path,
    scenario: &Scenario,
    folder: &Path,
) -> Outcome<Vec<Row>> {
    let out = folder.join(format!("{}-{}", scenario.work, scenario.count));
    let costs = measure(settings, program, (scenario.work, scenario.count), &out)?;
    let mut row = Row::new(scenario.title, OURS, Figure::Costs(costs));
    row.goal = scenario.goal;
    let limit = limit(settings, program, &out)?;
    Ok(vec![
        row,
        Row::new(
            scenario.title,
            "serde_json, writing only",
            Figure::Seconds(limit),
        ),
    ])
}

/// The CPU seconds of writing the finished templates once, with nothing else.
fn limit(settings: &Settings, program: &Path, templates: &Path) -> Outcome<f64> {
    let [reading, ..] = measure(settings, program, ("write", 0), templates)?.cpu();
    let [all, ..] = measure(settings, program, ("write", WRITINGS), templates)?.cpu();
    // 200 is exact in a float.
    #[allow(clippy::cast_precision_loss)]
    let writings = WRITINGS as f64;
    Ok((all - reading).max(0.0) / writings)
}

fn measure(
    settings: &Settings,
    program: &Path,
    (work, count): (&str, usize),
    folder: &Path,
) -> Outcome<Costs> {
    Costs::of(settings.runs, |_| {
        let mut command = Command::new(program);
        command.arg(work).arg(count.to_string()).arg(folder);
        Ok(command)
    })
}
