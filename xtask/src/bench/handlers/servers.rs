//! `cargo xtask bench ssm-sync`: from a message of the queue to the command.
//!
//! - *event*: CPU seconds of a message that opens a window, with the settings that a construct gives: the note is read and
//!   written, and the command is sent.
//! - *covered*: the same of one that finds the window open and another change waiting.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use cloudwright_runtime::harness::http::{Reply, Request, Server};
use cloudwright_runtime::harness::{Function, Instance};
use serde_json::{Value, json};

use super::super::Settings;
use super::super::measure::Spread;
use super::super::report::{Figure, OURS, Row};
use super::build;
use super::drive::{event, per_event};
use crate::Outcome;

/// CPU seconds that an event may cost.
const MOST: f64 = 0.005;
/// A time that no run of this bench reaches, in milliseconds since 1970.
const LATER: &str = "9999999999999";

/// Measures events that are sent and events that are not.
pub(in crate::bench) fn run(settings: &Settings) -> Outcome<Vec<Row>> {
    let program = build::program()?;
    let is_open = Arc::new(AtomicBool::new(false));
    let shared = Arc::clone(&is_open);
    let aws = Server::start(move |request| answer(request, shared.load(Ordering::Relaxed)));
    let aws = aws.map_err(|e| format!("the stand-in of AWS: {e}"))?;
    let function = Function::new(program, "ssm-sync")
        .variable("AWS_ENDPOINT_URL", &aws.url())
        .variable("LEDGER_TABLE", "ledger")
        .variable("WINDOW_SECONDS", "5")
        .variable(
            "WINDOW_QUEUE_URL",
            &format!("{}/000000000000/events", aws.url()),
        )
        .variable("COMMAND_1_DOCUMENT", "sync")
        .variable("COMMAND_1_BUCKET", "source")
        .variable("COMMAND_1_TARGET_1_TAG", "role")
        .variable("COMMAND_1_TARGET_1_VALUE_1", "web")
        .variable("COMMAND_1_OUTPUT_LOG_GROUP", "runs");
    let mut costs = [Vec::new(), Vec::new()];
    for _ in 0..settings.runs {
        let mut instance = function.start().map_err(|e| e.to_string())?;
        for (open, costs) in [false, true].into_iter().zip(&mut costs) {
            is_open.store(open, Ordering::Relaxed);
            costs.push(cost(&mut instance)?);
        }
    }
    let rows = [
        "event to SendCommand, CPU s",
        "event that is covered, CPU s",
    ];
    let rows = rows.into_iter().zip(costs);
    Ok(rows
        .map(|(title, costs)| Row::new(title, OURS, Figure::Spread(Spread::of(costs))).goal(MOST))
        .collect())
}

/// CPU seconds of one message.
fn cost(instance: &mut Instance) -> Outcome<f64> {
    let message = |number: usize| {
        let body = event(&format!("content/{number}.html")).to_string();
        json!({"Records": [{
            "messageId": number.to_string(), "receiptHandle": "r", "body": body, "eventSource": "aws:sqs",
            "eventSourceARN": "arn:aws:sqs:eu-central-1:000000000000:events", "awsRegion": "eu-central-1",
        }]})
    };
    per_event(instance, message)
}

/// A ledger that forgets, or one whose window is open and has a change that waits; and servers.
fn answer(request: &Request, is_open: bool) -> Reply {
    let operation = request.header("x-amz-target").unwrap_or_default();
    let body: Value = match operation.rsplit('.').next() {
        Some("GetItem") if is_open => json!({"Item": {
            "id": {"S": "window/source"}, "until": {"N": LATER}, "waiting": {"N": LATER},
        }}),
        Some("GetItem" | "PutItem") => json!({}),
        Some("SendCommand") => json!({"Command": {"CommandId": "id"}}),
        _ => return Reply::new(500, "{}"),
    };
    Reply::new(200, body.to_string()).with("Content-Type", "application/x-amz-json-1.0")
}
