//! `cargo xtask bench worker`: from a queue with many messages to a NetStorage that has their objects.
//!
//! The program of the container image, made as for deployment, and `bench/handlers/worker.py` with boto3; both work until the
//! queue is empty. Queue, bucket and NetStorage are one server on loopback, which answers at once and checks every signature and
//! every byte.
//!
//! - *N objects, s*: clock seconds from the first request for messages to the removal of the last one, when everything was
//!   uploaded. Ours looks at each object once more after it was uploaded, and 16 are on their way at a time.
//! - *N objects, CPU s*: of the whole process, start included.
//! - *peak MB*: the most that was ever resident. That it stays so with an object of 5 GiB is shown by a test:
//!   `WORKER_OBJECT_BYTES=5368709120 cargo test --test with_handlers memory_does_not_grow` with the features of
//!   `cargo xtask test handlers`.

use std::path::Path;
use std::process::Command;

use super::super::Settings;
use super::super::measure::{Cost, Spread, alone};
use super::super::report::{Figure, OURS, Row};
use super::build;
use super::storage::{CP_CODE, KEY, Language, Load, USER, World};
use crate::{Outcome, target_dir, tools, workspace_root};

const PYTHON: &str = "Python, sequential";
const THREADED: &str = "Python, threaded";
/// How much sooner everything is to be there than with what the original does, in Python.
const LEAST: f64 = 3.0;
/// How many MB the worker may take.
const MOST: f64 = 67.0;
const SMALL: Load = Load {
    objects: 1_000,
    bytes: 16 << 10,
};
const LARGE: Load = Load {
    objects: 8,
    bytes: 32 << 20,
};

/// What a run took.
struct Run {
    seconds: f64,
    cost: Cost,
}

/// Measures the worker next to Python.
pub(in crate::bench) fn run(settings: &Settings) -> Outcome<Vec<Row>> {
    let home = tools::directory(&target_dir());
    tools::prepare(&home, [&tools::LAMBDA_PYTHON])?;
    let python = home.join(tools::LAMBDA_PYTHON.name()).join("bin/python");
    let ours = build::worker()?;
    let subjects = [OURS, PYTHON, THREADED];
    let mut runs: [Vec<Run>; 3] = [const { Vec::new() }; 3];
    let mut large = Vec::new();
    for number in 0..settings.runs {
        eprintln!("    run {} of {}", number + 1, settings.runs);
        // In turn, so that whatever else the machine does is shared.
        for (subject, runs) in subjects.into_iter().zip(&mut runs) {
            let run = match subject {
                OURS => carry(SMALL, &mut Command::new(&ours), Language::Rust),
                PYTHON => carry(SMALL, &mut peer(&python, "sequential"), Language::Python),
                _ => carry(SMALL, &mut peer(&python, "threaded"), Language::Python),
            };
            runs.push(run.map_err(|e| format!("{subject}: {e}"))?);
        }
        large.push(carry(LARGE, &mut Command::new(&ours), Language::Rust)?);
    }
    let mut rows = Vec::new();
    for (subject, runs) in subjects.into_iter().zip(&runs) {
        let row = row(SMALL, "s", subject, runs, |run| run.seconds);
        rows.push(match subject {
            PYTHON => row.at_least(LEAST),
            _ => row,
        });
    }
    for (subject, runs) in subjects.into_iter().zip(&runs) {
        rows.push(row(SMALL, "CPU s", subject, runs, |run| run.cost.cpu));
    }
    for (load, runs) in [(SMALL, &runs[0]), (LARGE, &large)] {
        rows.push(row(load, "peak MB", OURS, runs, |run| run.cost.peak).goal(MOST));
    }
    Ok(rows)
}

fn row(load: Load, unit: &str, subject: &str, runs: &[Run], pick: fn(&Run) -> f64) -> Row {
    let Load { objects, bytes } = load;
    let title = format!("{objects} of {} KiB, {unit}", bytes >> 10);
    let figures = runs.iter().map(pick).collect();
    Row::new(&title, subject, Figure::Spread(Spread::of(figures)))
}

fn peer(python: &Path, how: &str) -> Command {
    let mut command = Command::new(python);
    command.arg(workspace_root().join("bench/handlers/worker.py"));
    command.arg(how);
    command
}

/// Has a program carry everything, and end.
fn carry(load: Load, program: &mut Command, language: Language) -> Outcome<Run> {
    let world = World::start(load, language)?;
    let url = world.url();
    program
        .env_clear()
        .env("AWS_REGION", "eu-central-1")
        .env("AWS_DEFAULT_REGION", "eu-central-1")
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_ENDPOINT_URL", &url)
        .env("QUEUE_URL", format!("{url}/000000000000/changes.fifo"))
        .env("DEAD_LETTER_URL", format!("{url}/000000000000/dead.fifo"))
        .env("SINK", "netstorage")
        .env("NS_CPCODE", CP_CODE)
        .env("NS_HOSTNAME", &url)
        .env("NS_USER", USER)
        .env("NS_KEY", KEY)
        .env("UNTIL_EMPTY", "true")
        .env("WAIT_SECONDS", "0")
        .env("PYTHONDONTWRITEBYTECODE", "1");
    let cost = alone(program)?;
    let seconds = world.seconds()?;
    Ok(Run { seconds, cost })
}
