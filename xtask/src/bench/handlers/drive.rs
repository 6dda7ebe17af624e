//! One program through one run: its start, events that cost CPU, events that wait.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use cloudwright_runtime::harness::{Function, Instance};
use serde_json::{Value, json};

use super::super::measure::{Spread, memory};
use super::super::report::{Figure, Row};
use super::stub::S3;
use crate::{Outcome, workspace_root};

/// Events before anything is measured: connections are open then, and Python's modules loaded.
const WARM_UP: usize = 20;
/// Events of which CPU time is taken.
const EVENTS: usize = 200;
/// Events without records.
const IDLE: usize = 300;
/// Events with a late S3.
const LATE: usize = 20;

const REGIONS: [&str; 3] = ["us-west-2", "ap-south-1", "eu-west-1"];

/// A program that does the work.
pub(super) struct Subject {
    pub(super) title: &'static str,
    function: Function,
}

/// What one run of it cost.
#[derive(Clone, Copy, Debug)]
pub(super) struct Measured {
    /// CPU seconds until the first request for an event.
    pub(super) init_cpu: f64,
    /// MB that are resident after all events.
    pub(super) memory: f64,
    /// CPU seconds of an event.
    pub(super) event_cpu: f64,
    /// CPU seconds of an event without records, where the next one waits already.
    pub(super) burst_cpu: f64,
    /// CPU seconds of such an event that comes alone.
    pub(super) idle_cpu: f64,
    /// Clock seconds of it, the median.
    pub(super) idle: f64,
    /// Clock seconds of an event when S3 is late, the median.
    pub(super) late: f64,
    /// The same of a program that makes one copy.
    pub(super) late_one: f64,
}

impl Subject {
    pub(super) fn rust(title: &'static str, program: &Path) -> Self {
        Self {
            title,
            function: Function::new(program, "replicate"),
        }
    }

    pub(super) fn python(title: &'static str, program: &Path, handler: &str) -> Self {
        let function = python(program, handler);
        Self { title, function }
    }
}

/// A handler of `bench/handlers`, by Lambda's own client for Python.
pub(super) fn python(program: &Path, handler: &str) -> Function {
    let source = workspace_root().join("bench/handlers");
    Function::new(program, handler)
        .argument("-m")
        .argument("awslambdaric")
        .argument(handler)
        .variable("PYTHONPATH", &source.to_string_lossy())
        .variable("PYTHONDONTWRITEBYTECODE", "1")
        .variable("LAMBDA_TASK_ROOT", &source.to_string_lossy())
        // As Lambda sets it, for boto3.
        .variable("AWS_DEFAULT_REGION", "eu-central-1")
}

/// How many events a program gets of which CPU time is taken, and before.
pub(super) const GIVEN: usize = WARM_UP + EVENTS;

/// CPU seconds of one event: these are the first [`GIVEN`] of them, by their numbers.
pub(super) fn per_event(instance: &mut Instance, event: impl Fn(usize) -> Value) -> Outcome<f64> {
    let give = |instance: &mut Instance, numbers: std::ops::Range<usize>| -> Outcome {
        for number in numbers {
            timed(instance, &event(number))?;
        }
        Ok(())
    };
    give(instance, 0..WARM_UP)?;
    let before = cpu(instance)?;
    give(instance, WARM_UP..GIVEN)?;
    Ok(each(cpu(instance)? - before, EVENTS))
}

/// What an event costs each of these programs, run by run.
pub(super) fn of_events<'a>(
    title: &str,
    subjects: &[(&'a str, &Function)],
    runs: usize,
    cost: impl Fn(&Function) -> Outcome<f64>,
) -> Outcome<Vec<(&'a str, Row)>> {
    let mut costs = vec![Vec::new(); subjects.len()];
    for _ in 0..runs {
        // In turn, so that whatever else the machine does is shared.
        for ((subject, function), costs) in subjects.iter().zip(&mut costs) {
            costs.push(cost(function).map_err(|e| format!("{subject}: {e}"))?);
        }
    }
    let row = |((subject, _), costs): (&(&'a str, _), _)| {
        let row = Row::new(title, subject, Figure::Spread(Spread::of(costs)));
        (*subject, row)
    };
    Ok(subjects.iter().zip(costs).map(row).collect())
}

/// The program with as many buckets to copy to.
fn copying(subject: &Subject, s3: &S3, copies: usize) -> Outcome<Instance> {
    let function = subject.function.clone();
    let function = function.variable("AWS_ENDPOINT_URL", &s3.url());
    let started = to_buckets(function, copies).start();
    started.map_err(|e| format!("{}: {e}", subject.title))
}

fn to_buckets(function: Function, copies: usize) -> Function {
    let regions = REGIONS.iter().take(copies).zip(1..);
    regions.fold(function, |function, (region, number)| {
        function
            .variable(
                &format!("DESTINATION_{number}_BUCKET"),
                &format!("copies-{number}"),
            )
            .variable(&format!("DESTINATION_{number}_REGION"), region)
    })
}

/// Starts the program and puts it through everything.
pub(super) fn measure(subject: &Subject, s3: &S3, latency: Duration) -> Outcome<Measured> {
    s3.delay(Duration::ZERO);
    let mut instance = copying(subject, s3, REGIONS.len())?;
    let init_cpu = cpu(&instance)?;
    let mut keys = (0..).map(|number| event(&format!("folder/object+{number}")));
    let mut next = |instance: &mut Instance, count: usize| -> Outcome<Vec<f64>> {
        keys.by_ref()
            .take(count)
            .map(|event| timed(instance, &event))
            .collect()
    };
    next(&mut instance, WARM_UP)?;
    let before = cpu(&instance)?;
    next(&mut instance, EVENTS)?;
    let event_cpu = each(cpu(&instance)? - before, EVENTS);
    let nothing = json!({"Records": []});
    let before = cpu(&instance)?;
    let burst = vec![nothing.clone(); IDLE];
    for answer in instance.invoke_all(&burst) {
        answer.map_err(|e| e.to_string())?;
    }
    let burst_cpu = each(cpu(&instance)? - before, IDLE);
    let before = cpu(&instance)?;
    let idle = (0..IDLE)
        .map(|_| timed(&mut instance, &nothing))
        .collect::<Outcome<_>>()?;
    let idle_cpu = each(cpu(&instance)? - before, IDLE);
    s3.delay(latency);
    let late = next(&mut instance, LATE)?;
    let mut single = copying(subject, s3, 1)?;
    // The first one opens connections.
    let late_one = next(&mut single, LATE)?;
    Ok(Measured {
        init_cpu,
        memory: memory(instance.process_id(), "VmRSS")?,
        event_cpu,
        burst_cpu,
        idle_cpu,
        idle: median(idle),
        late: median(late),
        late_one: median(late_one),
    })
}

fn each(seconds: f64, events: usize) -> f64 {
    // A few hundred events are exact in a float.
    #[allow(clippy::cast_precision_loss)]
    let events = events as f64;
    seconds / events
}

/// As S3 writes it, with all that real ones have.
pub(super) fn event(key: &str) -> Value {
    json!({"Records": [{
        "eventVersion": "2.6", "eventSource": "aws:s3", "awsRegion": "eu-central-1",
        "eventTime": "2026-01-31T12:00:00.000Z", "eventName": "ObjectCreated:Put",
        "userIdentity": {"principalId": "AWS:AIDAEXAMPLE"},
        "requestParameters": {"sourceIPAddress": "192.0.2.1"},
        "responseElements": {"x-amz-request-id": "C3D13FE58DE4C810", "x-amz-id-2": "EXAMPLE"},
        "s3": {
            "s3SchemaVersion": "1.0", "configurationId": "replication",
            "bucket": {"name": "source", "ownerIdentity": {"principalId": "EXAMPLE"}, "arn": "arn:aws:s3:::source"},
            "object": {"key": key, "size": 1, "eTag": "1", "sequencer": "0055AED6DCD90281E5"},
        },
    }]})
}

/// Clock seconds of one event.
pub(super) fn timed(instance: &mut Instance, event: &Value) -> Outcome<f64> {
    let started = Instant::now();
    instance.invoke(event).map_err(|e| e.to_string())?;
    Ok(started.elapsed().as_secs_f64())
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or_default()
}

/// CPU seconds of all threads so far, to the nanosecond.
pub(super) fn cpu(instance: &Instance) -> Outcome<f64> {
    let folder = format!("/proc/{}/task", instance.process_id());
    let threads = fs::read_dir(&folder).map_err(|e| format!("{folder}: {e}"))?;
    let mut nanoseconds = 0.0;
    for thread in threads.flatten() {
        // A thread that has ended since took its time along; none of ours does.
        let text = fs::read_to_string(thread.path().join("schedstat")).unwrap_or_default();
        let first = text.split(' ').next().unwrap_or_default();
        nanoseconds += first.parse::<f64>().unwrap_or_default();
    }
    Ok(nanoseconds / 1e9)
}

#[cfg(test)]
mod tests {
    use super::median;

    #[test]
    fn the_median_is_the_middle_one() {
        assert!((median(vec![3.0, 1.0, 2.0]) - 2.0).abs() < f64::EPSILON);
        assert!(median(Vec::new()).abs() < f64::EPSILON);
    }
}
