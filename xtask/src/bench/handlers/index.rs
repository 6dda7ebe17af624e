//! `cargo xtask bench cache-sync`: the index of packages, by events and as a whole.
//!
//! - *event*: CPU seconds of an event of one package that is new. Ours asks more of the services: it writes on
//!   a condition, and looks again whether bucket and index still say what it wrote.
//! - *rebuild, peak MB*: the most that was ever resident while a bucket of so many packages was compared with its
//!   index. 1,000,000 packages add the hashes of their files, at most 18 bytes of each.
//! - *rebuild, late*: clock seconds when S3 answers a list after 50 ms and DynamoDB after 5 ms. The lists alone
//!   take 50 ms of each 1,000 packages.

use std::time::{Duration, Instant};

use cloudwright_runtime::harness::{Function, Instance};
use serde_json::{Value, json};

use super::super::Settings;
use super::super::measure::{Spread, memory};
use super::super::report::{Figure, OURS, Row};
use super::build;
use super::drive::{GIVEN, event, of_events, per_event, python};
use super::packages::{FILES_TABLE, MODIFIED_TEXT, NAMES_TABLE, Packages};
use crate::{Outcome, target_dir, tools};

const PYTHON: &str = "Python, sequential";
const BUCKET: &str = "source";
/// How many packages there are, and how many MB a rebuild of them may take: a quarter of what the function has.
const SIZES: [(usize, f64); 3] = [(1_000, 64.0), (100_000, 64.0), (1_000_000, 64.0)];
/// How many packages are compared when the services are late.
const LATE: usize = 100_000;
const LATE_LIST: Duration = Duration::from_millis(50);
const LATE_TABLE: Duration = Duration::from_millis(5);
/// A page of a list of S3.
const PAGE: usize = 1_000;
/// By how much more than the lists alone a rebuild may take.
const LIST_BOUND: f64 = 1.5;
/// The most time that Lambda gives a function.
const PATIENCE: Duration = Duration::from_secs(900);

/// Measures events next to Python, and rebuilds of more and more packages.
pub(in crate::bench) fn run(settings: &Settings) -> Outcome<Vec<Row>> {
    let home = tools::directory(&target_dir());
    tools::prepare(&home, [&tools::LAMBDA_PYTHON])?;
    let python_program = home.join(tools::LAMBDA_PYTHON.name()).join("bin/python");
    let ours = Function::new(build::program()?, "cache-sync");
    let theirs = python(&python_program, "cache_sync.handle");
    let mut rows = events(&[(OURS, &ours), (PYTHON, &theirs)], settings.runs)?;
    for (count, most) in SIZES {
        let title = format!("rebuild of {count}, peak MB");
        let peak = rebuild(&ours, &Packages::start(count)?, count)?.peak;
        let spread = Spread::of(vec![peak]);
        rows.push(Row::new(&title, OURS, Figure::Spread(spread)).goal(most));
    }
    rows.push(late(&ours)?);
    Ok(rows)
}

fn events(subjects: &[(&'static str, &Function)], runs: usize) -> Outcome<Vec<Row>> {
    let rows = of_events("event of a package, CPU s", subjects, runs, of_event)?;
    let goal = |(subject, row): (&str, Row)| match subject {
        PYTHON => row.at_least(4.0),
        _ => row,
    };
    Ok(rows.into_iter().map(goal).collect())
}

/// The program in front of a bucket and tables.
fn start(function: &Function, services: &Packages, prefix: &str) -> Outcome<Instance> {
    let function = function.clone().timeout(PATIENCE);
    let function = function
        .variable("AWS_ENDPOINT_URL", &services.url())
        .variable("PACKAGE_BUCKET", BUCKET)
        .variable("PACKAGE_PREFIX", prefix)
        .variable("PACKAGE_TABLE", FILES_TABLE)
        .variable("SUMMARY_TABLE", NAMES_TABLE);
    function.start().map_err(|e| e.to_string())
}

/// CPU seconds of an event of a new package.
fn of_event(function: &Function) -> Outcome<f64> {
    let services = Packages::start(0)?;
    let mut instance = start(function, &services, "packages/")?;
    let key = |number: usize| event(&format!("packages/six/six-1.{number}.tar.gz"));
    let each = per_event(&mut instance, key)?;
    match services.written() {
        GIVEN => Ok(each),
        count => Err(format!("{count} rows were written")),
    }
}

/// What a rebuild took.
struct Rebuilt {
    peak: f64,
    seconds: f64,
}

fn rebuild(function: &Function, services: &Packages, count: usize) -> Outcome<Rebuilt> {
    let mut instance = start(function, services, "py/")?;
    let started = Instant::now();
    let answer = instance.invoke(&json!({"rebuild": {}}));
    let answer = answer.map_err(|e| format!("rebuild of {count}: {e}"))?;
    let seconds = started.elapsed().as_secs_f64();
    if answer != json!({"files": count, "changed": 0}) {
        return Err(format!(
            "rebuild of {count}, written {MODIFIED_TEXT}: {answer}"
        ));
    }
    let peak = memory(instance.process_id(), "VmHWM")?;
    Ok(Rebuilt { peak, seconds })
}

fn late(function: &Function) -> Outcome<Row> {
    let services = Packages::late(LATE, LATE_LIST, LATE_TABLE)?;
    let seconds = rebuild(function, &services, LATE)?.seconds;
    let pages = u32::try_from(LATE / PAGE).unwrap_or(u32::MAX);
    let lists = (LATE_LIST * pages).as_secs_f64();
    let title = format!("rebuild of {LATE}, late, s");
    Ok(Row::new(&title, OURS, Figure::Spread(Spread::of(vec![seconds]))).goal(lists * LIST_BOUND))
}

/// As an answer of a service.
pub(super) fn text(text: impl Into<String>) -> Value {
    json!({ "S": text.into() })
}
