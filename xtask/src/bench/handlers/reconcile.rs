//! `cargo xtask bench reconcile`: a run of `replicate` over all objects.
//!
//! - *peak MB*: the most that was ever resident while so many keys of a bucket were compared with those of its
//!   replica. A walk holds a page of each list, so a million keys take no more than a thousand.
//! - *clock s*: how long the longest of them took, when every answer comes at once.

use std::time::{Duration, Instant};

use cloudwright_runtime::harness::Function;
use serde_json::{Value, json};

use super::super::Settings;
use super::super::measure::{Spread, memory};
use super::super::report::{Figure, OURS, Row};
use super::build;
use super::packages::Packages;
use crate::Outcome;

/// How many keys both buckets list.
const SIZES: [usize; 3] = [1_000, 100_000, 1_000_000];
/// How many MB the first run may take, and by how much more than that the others.
const MOST: f64 = 48.0;
const FLAT: f64 = 1.25;
/// How many seconds the longest run may take: far less than the time of one call.
const SECONDS: f64 = 120.0;
/// The most time that Lambda gives a function.
const PATIENCE: Duration = Duration::from_secs(900);

/// Compares more and more keys.
pub(in crate::bench) fn run(_: &Settings) -> Outcome<Vec<Row>> {
    let program = Function::new(build::program()?, "replicate");
    let mut rows = Vec::new();
    let (mut most, mut seconds) = (MOST, 0.0);
    for count in SIZES {
        let (megabytes, took) = compare(&program, count)?;
        let title = format!("reconcile of {count} keys, peak MB");
        rows.push(row(&title, megabytes).goal(most));
        if rows.len() == 1 {
            most = megabytes * FLAT;
        }
        seconds = took;
    }
    let [.., longest] = SIZES;
    let title = format!("reconcile of {longest} keys, clock s");
    rows.push(row(&title, seconds).goal(SECONDS));
    Ok(rows)
}

fn row(title: &str, figure: f64) -> Row {
    Row::new(title, OURS, Figure::Spread(Spread::of(vec![figure])))
}

/// The peak in MB and the seconds of a run over a bucket and a replica that are equal.
fn compare(program: &Function, count: usize) -> Outcome<(f64, f64)> {
    let buckets = Packages::start(count)?;
    let function = program.clone().timeout(PATIENCE);
    let function = function
        .variable("AWS_ENDPOINT_URL", &buckets.url())
        .variable("DESTINATION_1_BUCKET", "replica")
        .variable("DESTINATION_1_REGION", "us-west-2");
    let mut instance = function.start().map_err(|e| e.to_string())?;
    let started = Instant::now();
    let mut event = json!({"reconcile": {"bucket": "source"}});
    while event["reconciled"] == Value::Null {
        let answer = instance.invoke(&event);
        event = answer.map_err(|e| format!("reconcile of {count}: {e}"))?;
    }
    let seconds = started.elapsed().as_secs_f64();
    let expected = json!({"looked": count, "repaired": 0, "failed": 0, "foreign": 0});
    match &event["reconciled"] {
        counts if *counts == expected => Ok((memory(instance.process_id(), "VmHWM")?, seconds)),
        counts => Err(format!("reconcile of {count}: {counts}")),
    }
}
