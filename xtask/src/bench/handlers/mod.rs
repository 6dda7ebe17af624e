//! `cargo xtask bench --handlers`: the bundled handlers as programs, next to the same work in Python.
//!
//! The real `replicate`, built as for deployment, and `bench/handlers/replicate.py` with boto3 and
//! awslambdaric, once sequential as the systems that it was taken from, once with threads. All talk to the
//! same Runtime API and the same stand-in of S3 on loopback, in turn, in the same run.
//!
//! What the rows mean:
//!
//! - *init*: from the start of the process to its first request for an event. Not a cold start of
//!   Lambda, which also starts a machine and fetches the code.
//! - *memory*: the resident set, in MB, after the last event.
//! - *event*: CPU seconds of one event whose object goes to three buckets.
//! - *no-op*: CPU seconds of an event without records, of many that wait, as in a burst of invocations. Beside
//!   it those of one that comes when the last was answered, and its clock seconds, the median of many. On an
//!   idle machine a good part of all three passes until a sleeping core has woken for the request, and again for
//!   the answer; on one core (`taskset -c 0 cargo xtask bench handlers`) none sleeps.
//! - *late S3*: clock seconds of an event when S3 answers after 20 ms, whose object goes to three buckets
//!   or to one. `replicate` looks at the source, copies to all buckets at once, and looks again whether
//!   the source has changed meanwhile: three answers one after another, however many copies there are.
//!   Python does not look, so that its threads need one, and its loop one for each bucket.
//! - *zip*: bytes of the archive that is deployed.
//! - *clean build*: CPU seconds of cargo and all compilers, from nothing: one handler as it is built while
//!   a program is developed, and all as they are deployed.

mod build;
mod carrying;
mod drive;
mod forwarding;
mod index;
mod packages;
mod reconcile;
mod servers;
mod storage;
mod stub;
mod submissions;

use std::path::Path;
use std::time::Duration;

use super::Settings;
use super::measure::Spread;
use super::report::{Figure, OURS, Row};
use crate::{Outcome, target_dir, tools};
use drive::{Measured, Subject};
use stub::S3;

/// How late the stand-in of S3 answers in the last measurement.
const LATENCY: Duration = Duration::from_millis(20);

/// How often a program is built from nothing: each takes minutes, and they vary little.
const MOST_BUILDS: usize = 3;

/// What `replicate` is compared with: the title of a row, and the least ratio to be met by the
/// sequential one.
type Pick = fn(&Measured) -> f64;

const COMPARED: &[(&str, Pick, f64)] = &[
    ("init, CPU s", |run| run.init_cpu, 30.0),
    ("memory, MB", |run| run.memory, 5.0),
    ("event of 3 copies, CPU s", |run| run.event_cpu, 4.0),
];

/// Measures the program next to Python.
pub(super) fn run(settings: &Settings) -> Outcome<Vec<Row>> {
    let home = tools::directory(&target_dir());
    tools::prepare(&home, [&tools::LAMBDA_PYTHON])?;
    let subjects = subjects(&build::program()?, &home);
    let mut measured: Vec<Vec<Measured>> = vec![Vec::new(); subjects.len()];
    let s3 = S3::start()?;
    for run in 0..settings.runs {
        eprintln!("    run {} of {}", run + 1, settings.runs);
        // In turn, so that whatever else the machine does is shared.
        for (subject, runs) in subjects.iter().zip(&mut measured) {
            runs.push(drive::measure(subject, &s3, LATENCY)?);
        }
    }
    Ok(compared(&subjects, &measured))
}

pub(super) use carrying::run as carrying;
pub(super) use forwarding::run as forwarding;
pub(super) use index::run as index;
pub(super) use reconcile::run as reconcile;
pub(super) use servers::run as servers;
pub(super) use submissions::run as submissions;

/// How large the program is, and how long it takes to build.
pub(super) fn sizes(settings: &Settings) -> Outcome<Vec<Row>> {
    build::sizes(settings.runs.min(MOST_BUILDS))
}

fn subjects(program: &Path, home: &Path) -> Vec<Subject> {
    let python = home.join(tools::LAMBDA_PYTHON.name()).join("bin/python");
    vec![
        Subject::rust(OURS, program),
        Subject::python("Python, sequential", &python, "replicate.sequential"),
        Subject::python("Python, threaded", &python, "replicate.threaded"),
    ]
}

fn compared(subjects: &[Subject], measured: &[Vec<Measured>]) -> Vec<Row> {
    let spread = |runs: &[Measured], pick: Pick| Spread::of(runs.iter().map(pick).collect());
    let mut rows = Vec::new();
    for (title, pick, least) in COMPARED {
        for (subject, runs) in subjects.iter().zip(measured) {
            let row = Row::new(title, subject.title, Figure::Spread(spread(runs, *pick)));
            let is_first_peer = subject.title == subjects[1].title;
            rows.push(if is_first_peer {
                row.at_least(*least)
            } else {
                row
            });
        }
    }
    let ours = spread(&measured[0], |run| run.late_one).of[1];
    let limited: [(&str, Pick, f64); 5] = [
        ("warm no-op, CPU s", |run| run.burst_cpu, 0.000_1),
        ("no-op alone, CPU s", |run| run.idle_cpu, f64::INFINITY),
        ("no-op alone, s", |run| run.idle, f64::INFINITY),
        ("1 copy, S3 20 ms late, s", |run| run.late_one, 0.030),
        ("3 copies, S3 20 ms late, s", |run| run.late, 1.5 * ours),
    ];
    for (title, pick, most) in limited {
        for (subject, runs) in subjects.iter().zip(measured) {
            let row = Row::new(title, subject.title, Figure::Spread(spread(runs, pick)));
            rows.push(if subject.title == OURS && most.is_finite() {
                row.goal(most)
            } else {
                row
            });
        }
    }
    rows
}
