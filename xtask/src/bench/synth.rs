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

/// A work of the `bench` package at one size.
pub(super) struct Scenario {
    /// The work as the report calls it.
    pub(super) title: &'static str,
    /// The name of the work in the `bench` package.
    work: &'static str,
    /// Stacks of 400 resources each.
    pub(super) stacks: usize,
    /// The goal for CPU seconds.
    pub(super) goal: Option<f64>,
    /// Whether peers build the same, and are measured too.
    has_peers: bool,
}

const fn scenario(
    title: &'static str,
    work: &'static str,
    stacks: usize,
    goal: Option<f64>,
) -> Scenario {
    Scenario {
        title,
        work,
        stacks,
        goal,
        has_peers: goal.is_some(),
    }
}

/// A pipeline of twenty stages, in every way of handing over: fewer than 400 resources, within their goal.
const PIPELINE: Scenario = Scenario {
    title: "L3, a pipeline of 20 stages",
    work: "pipeline",
    stacks: 1,
    goal: Some(0.02),
    has_peers: false,
};

/// Ten fleets in one network: nearly 400 resources, within their goal.
const FLEET: Scenario = Scenario {
    title: "L3, 10 fleets that follow buckets",
    work: "fleet",
    ..PIPELINE
};

const SCENARIOS: &[Scenario] = &[
    scenario("L2, 400 resources", "l2", 1, Some(0.02)),
    scenario("L2, 20 stacks x 400", "l2", 20, Some(0.25)),
    scenario("L2, 100,000 resources", "l2", 250, None),
    PIPELINE,
    FLEET,
    scenario("L1, 400 resources", "l1", 1, None),
    scenario("L1, 10,000 resources", "l1", 25, None),
    scenario("L1, 100,000 resources", "l1", 250, None),
    scenario("raw, 400 resources", "raw", 1, None),
    scenario("raw, 10,000 resources", "raw", 25, None),
    scenario("raw, 100,000 resources", "raw", 250, None),
];

/// The phases of a work, each including the ones before it.
const PHASES: &[&str] = &["build", "synth", "write"];

/// How often the limit writes the resources of one stack, to rise above the noise of a process.
const WRITINGS: usize = 200;

/// Twenty stacks, so that the difference is above the noise of a process.
const CHECKED_STACKS: &str = "20";
const CHECKED: f64 = 20.0;
/// The most CPU seconds that the checks of 400 resources may take.
const CHECKS_GOAL: f64 = 0.005;

pub(super) fn run(settings: &Settings) -> Outcome<Vec<Row>> {
    let program = build()?;
    let known = capture(Command::new(&program).arg("list"))?;
    let folder = TempDir::new().map_err(|e| e.to_string())?;
    let mut rows = Vec::new();
    for scenario in SCENARIOS {
        if known.lines().any(|work| work == scenario.work) {
            rows.extend(ours(settings, &program, scenario, folder.path())?);
        } else {
            let Scenario { title, work, .. } = scenario;
            eprintln!("    `bench` has no work {work}: \"{title}\" is left out");
        }
    }
    rows.push(checks(settings, &program)?);
    rows.extend(shown(settings, &program, folder.path())?);
    if settings.peers {
        let compared = SCENARIOS.iter().filter(|scenario| scenario.has_peers);
        rows.extend(peers::run(settings, compared, folder.path())?);
    }
    Ok(rows)
}

/// What the checks of the library take of the synthesis of 400 resources.
fn checks(settings: &Settings, program: &Path) -> Outcome<Row> {
    let median = |work: &str| {
        let costs = measure(settings, || {
            let mut command = Command::new(program);
            command.args([work, CHECKED_STACKS, "synth", "unused"]);
            command
        });
        costs.map(|costs| costs.cpu()[1])
    };
    let added = (median("l2")? - median("l2-unchecked")?).max(0.0) / CHECKED;
    let row = Row::new("checks of 400 resources", OURS, Figure::Seconds(added));
    Ok(row.goal(CHECKS_GOAL))
}

/// What people look at, of apps of 500 resources: whole processes that synthesize it, then draw or review it; and how large
/// the page of the review is.
fn shown(settings: &Settings, program: &Path, folder: &Path) -> Outcome<Vec<Row>> {
    const GOAL: f64 = 0.2;
    const BYTES: f64 = 500_000.0;
    let mut rows = Vec::new();
    for (work, what) in [("shown", "50 systems"), ("connected", "one system")] {
        let out = folder.join(work);
        for phase in ["graph", "review"] {
            let costs = measure(settings, || {
                let mut command = Command::new(program);
                command.args([work, "1", phase]).arg(&out);
                command
            })?;
            let title = format!("`{phase}` of 500 resources, {what}");
            rows.push(Row::new(&title, OURS, Figure::Costs(costs)).goal(GOAL));
        }
        let page = out.join("review.html");
        let page = std::fs::metadata(&page).map_err(|e| format!("{}: {e}", page.display()))?;
        let bytes = usize::try_from(page.len()).map_err(|e| e.to_string())?;
        let title = format!("page of that review, bytes, {what}");
        rows.push(Row::new(&title, OURS, Figure::Count(bytes)).goal(BYTES));
    }
    Ok(rows)
}

fn build() -> Outcome<PathBuf> {
    let mut build = Command::new("cargo");
    build.args(["build", "--quiet", "--release", "--package", "bench"]);
    run_command(build.current_dir(workspace_root()))?;
    Ok(target_dir().join("release/bench"))
}

/// The whole work, what each of its phases adds, and its limit.
fn ours(
    settings: &Settings,
    program: &Path,
    scenario: &Scenario,
    folder: &Path,
) -> Outcome<Vec<Row>> {
    let Scenario {
        title,
        work,
        stacks,
        goal,
        ..
    } = scenario;
    let out = folder.join(format!("{work}-{stacks}"));
    let mut phases = Vec::new();
    for phase in PHASES {
        let costs = measure(settings, || {
            let mut command = Command::new(program);
            command
                .arg(work)
                .arg(stacks.to_string())
                .arg(phase)
                .arg(&out);
            command
        })?;
        phases.push((phase, costs));
    }
    let whole = phases
        .last()
        .map(|(_, costs)| costs.clone())
        .ok_or("a work has phases")?;
    let mut row = Row::new(title, OURS, Figure::Costs(whole));
    row.goal = *goal;
    let mut rows = vec![row];
    let mut before = 0.0;
    for (phase, costs) in phases {
        let [_, median, _] = costs.cpu();
        let added = Figure::Seconds((median - before).max(0.0));
        rows.push(Row::new(title, &format!("- {phase}"), added));
        before = median;
    }
    let limit = Figure::Seconds(limit(settings, program, scenario, &out)?);
    rows.push(Row::new(title, "serde_json, writing only", limit));
    Ok(rows)
}

/// The CPU seconds of writing the finished templates once, with nothing else.
fn limit(
    settings: &Settings,
    program: &Path,
    scenario: &Scenario,
    templates: &Path,
) -> Outcome<f64> {
    let times = WRITINGS.div_ceil(scenario.stacks);
    let writing = |times: usize| {
        let costs = measure(settings, || {
            let mut command = Command::new(program);
            command.arg("limit").arg(times.to_string()).arg(templates);
            command
        });
        costs.map(|costs| costs.cpu()[0])
    };
    // At most 200 is exact in a float.
    #[allow(clippy::cast_precision_loss)]
    let divisor = times as f64;
    Ok((writing(times)? - writing(0)?).max(0.0) / divisor)
}

fn measure(settings: &Settings, command: impl Fn() -> Command) -> Outcome<Costs> {
    Costs::of(settings.runs, |_| Ok(command()))
}
