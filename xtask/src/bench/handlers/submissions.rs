//! `cargo xtask bench submit`: what it costs to hand a file over to an archive.
//!
//! - *event*: CPU seconds of an event of a small file in a bucket with versions, from the event to the end of the call.
//!   `submit` reads content and tags, claims the file, posts it, and writes down what became of it, in the table and on the
//!   object: six requests, and the token once. The original makes four: it looks at the file and downloads it to `/tmp`, reads
//!   its tags and posts it.
//! - *Python, remembering*: what somebody would write in Python today to remember as much, with ten requests.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use cloudwright_runtime::harness::Function;
use cloudwright_runtime::harness::http::{Reply, Request, Server};
use serde_json::json;

use super::super::Settings;
use super::super::report::{OURS, Row};
use super::build;
use super::drive::{GIVEN, event, of_events, per_event, python};
use crate::{Outcome, target_dir, tools};

const PYTHON: &str = "Python, sequential";
const REMEMBERING: &str = "Python, remembering";
/// How much less CPU time an event is to take than what the original does takes in Python.
const LEAST: f64 = 4.0;
/// Bytes of the file.
const SIZE: usize = 4_096;
const SECRET: &str = "arn:aws:secretsmanager:eu-central-1:000000000000:secret:token-AbCdEf";

/// Measures events next to Python.
pub(in crate::bench) fn run(settings: &Settings) -> Outcome<Vec<Row>> {
    let home = tools::directory(&target_dir());
    tools::prepare(&home, [&tools::LAMBDA_PYTHON])?;
    let program = home.join(tools::LAMBDA_PYTHON.name()).join("bin/python");
    let ours = Function::new(build::program()?, "submit");
    let sequential = python(&program, "submit.sequential");
    let remembering = python(&program, "submit.remembering");
    let subjects = [
        (OURS, &ours),
        (PYTHON, &sequential),
        (REMEMBERING, &remembering),
    ];
    let rows = of_events("event of a file, CPU s", &subjects, settings.runs, of_event)?;
    let goal = |(subject, row): (&str, Row)| match subject {
        PYTHON => row.at_least(LEAST),
        _ => row,
    };
    Ok(rows.into_iter().map(goal).collect())
}

/// CPU seconds of an event of a file that the archive has not.
fn of_event(function: &Function) -> Outcome<f64> {
    let posts = Arc::<AtomicUsize>::default();
    let taken = Arc::clone(&posts);
    let services = Server::start(move |request| answer(request, &taken));
    let services = services.map_err(|e| format!("the stand-in of AWS and the archive: {e}"))?;
    let function = function
        .clone()
        .variable("AWS_ENDPOINT_URL", &services.url())
        .variable("SUBMIT_URL", &format!("{}/upload", services.url()))
        .variable("PROVIDER_ID", "PRO")
        .variable("PROVIDER_AUTH_SECRET", SECRET)
        .variable("DELIVERY_TABLE", "Deliveries");
    let mut instance = function.start().map_err(|e| e.to_string())?;
    let each = per_event(&mut instance, |number| event(&format!("out/{number}.json")))?;
    match posts.load(Ordering::SeqCst) {
        GIVEN => Ok(each),
        count => Err(format!("{count} files were posted, expected {GIVEN}")),
    }
}

/// A bucket that has every file, a table that knows none of them, a secret, and an archive that takes each.
fn answer(request: &Request, posts: &AtomicUsize) -> Reply {
    let operation = request.header("x-amz-target").unwrap_or_default();
    match operation.rsplit('.').next().unwrap_or_default() {
        "GetItem" | "PutItem" => return as_json(&json!({})),
        "GetSecretValue" => {
            return as_json(&json!({"ARN": SECRET, "Name": "token", "SecretString": "s3cret"}));
        }
        _ => (),
    }
    let is_about_tags = request.target.contains("tagging");
    match (&*request.method, is_about_tags) {
        ("POST", _) if request.path() == "/upload" => {
            posts.fetch_add(1, Ordering::SeqCst);
            Reply::new(200, "{\"success\": true}")
        }
        ("GET", true) => Reply::new(
            200,
            "<Tagging><TagSet><Tag><Key>SourceID</Key><Value>vessel</Value></Tag></TagSet></Tagging>",
        ),
        ("PUT", true) => Reply::new(200, ""),
        ("HEAD" | "GET", false) => Reply::new(200, vec![b'x'; SIZE])
            .with("ETag", "\"1\"")
            .with("x-amz-version-id", "1")
            .with("Last-Modified", "Sat, 31 Jan 2026 12:00:00 GMT")
            .with("Content-Type", "application/json"),
        _ => Reply::new(500, ""),
    }
}

fn as_json(body: &serde_json::Value) -> Reply {
    Reply::new(200, body.to_string()).with("Content-Type", "application/x-amz-json-1.1")
}
