//! `cargo xtask bench forward`: from an event to the queue.
//!
//! - *event of N objects*: CPU seconds of an event with as many records. `forward` makes a message of each, in the group of its
//!   object, and sends ten at a time. The original makes one message of all, by a client that it makes for each event; next to
//!   it are one that keeps its client, and one that keeps it and sends a message for each record, in threads. S3 tells
//!   of one object in an event, nearly always.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use cloudwright_runtime::harness::Function;
use cloudwright_runtime::harness::http::{Reply, Request, Server};
use serde_json::{Value, json};

use super::super::Settings;
use super::super::report::{OURS, Row};
use super::build;
use super::drive::{GIVEN, event, of_events, per_event, python};
use crate::{Outcome, target_dir, tools};

const ORIGINAL: &str = "Python, as the original";
const PYTHON: &str = "Python, sequential";
const THREADED: &str = "Python, threaded";
/// How much less CPU time an event of one object is to take than what the original does takes in Python.
const LEAST: f64 = 4.0;
/// How many objects the events tell of.
const OBJECTS: [usize; 2] = [1, 10];

/// Measures events next to Python.
pub(in crate::bench) fn run(settings: &Settings) -> Outcome<Vec<Row>> {
    let home = tools::directory(&target_dir());
    tools::prepare(&home, [&tools::LAMBDA_PYTHON])?;
    let program = home.join(tools::LAMBDA_PYTHON.name()).join("bin/python");
    let ours = Function::new(build::program()?, "forward");
    let original = python(&program, "forward.original");
    let sequential = python(&program, "forward.sequential");
    let threaded = python(&program, "forward.threaded");
    let subjects = [
        (OURS, &ours),
        (ORIGINAL, &original),
        (PYTHON, &sequential),
        (THREADED, &threaded),
    ];
    let mut rows = Vec::new();
    for objects in OBJECTS {
        let title = format!("event of {objects} object(s), CPU s");
        let cost = |function: &Function| of_event(function, objects);
        let measured = of_events(&title, &subjects, settings.runs, cost)?;
        rows.extend(
            measured
                .into_iter()
                .map(|(subject, row)| match (subject, objects) {
                    (ORIGINAL, 1) => row.at_least(LEAST),
                    _ => row,
                }),
        );
    }
    Ok(rows)
}

/// CPU seconds of an event that tells of so many objects.
fn of_event(function: &Function, objects: usize) -> Outcome<f64> {
    let told = Arc::<AtomicUsize>::default();
    let taken = Arc::clone(&told);
    let queue = Server::start(move |request| answer(request, &taken));
    let queue = queue.map_err(|e| format!("the stand-in of SQS: {e}"))?;
    let function = function
        .clone()
        .variable("AWS_ENDPOINT_URL", &queue.url())
        .variable(
            "QUEUE_URL",
            &format!("{}/000000000000/changes.fifo", queue.url()),
        );
    let mut instance = function.start().map_err(|e| e.to_string())?;
    let each = per_event(&mut instance, |number| event_of(number, objects))?;
    match told.load(Ordering::SeqCst) {
        count if count == GIVEN * objects => Ok(each),
        count => Err(format!(
            "the queue was told of {count} objects, expected {}",
            GIVEN * objects
        )),
    }
}

fn event_of(number: usize, objects: usize) -> Value {
    let records = (0..objects).map(|object| {
        let mut event = event(&format!("films/{number}/part+{object}.mp4"));
        event["Records"][0].take()
    });
    json!({ "Records": records.collect::<Vec<_>>() })
}

/// A queue that takes everything, and counts the objects that it was told of.
fn answer(request: &Request, told: &AtomicUsize) -> Reply {
    let asked: Value = serde_json::from_slice(&request.body).unwrap_or_default();
    let operation = request.header("x-amz-target").unwrap_or_default();
    let answer = match operation {
        "AmazonSQS.SendMessageBatch" => {
            let entries = asked["Entries"].as_array().cloned().unwrap_or_default();
            told.fetch_add(entries.len(), Ordering::SeqCst);
            let taken = entries.iter().map(|entry| {
                json!({ "Id": entry["Id"], "MessageId": entry["Id"], "MD5OfMessageBody": "" })
            });
            json!({ "Successful": taken.collect::<Vec<_>>(), "Failed": [] })
        }
        "AmazonSQS.SendMessage" => {
            let body = asked["MessageBody"].as_str().unwrap_or_default();
            let body: Value = serde_json::from_str(body).unwrap_or_default();
            told.fetch_add(body.as_array().map_or(1, Vec::len), Ordering::SeqCst);
            json!({ "MessageId": "1", "MD5OfMessageBody": "" })
        }
        _ => return Reply::new(500, "{}"),
    };
    Reply::new(200, answer.to_string()).with("Content-Type", "application/x-amz-json-1.0")
}
