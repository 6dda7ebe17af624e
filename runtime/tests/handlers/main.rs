//! The real program behind a Runtime API, with stand-ins of SQS, S3 and DynamoDB on loopback that say what AWS
//! says: refusals, throttling, errors in a successful answer, connections that break.

mod bad_events;
mod bucket_notifications;
mod cache_sync;
mod dynamodb;
mod forward;
mod init;
mod replicate;
mod replicate_failures;
mod s3;
mod sqs;
mod ssm_sync;
mod submit;
mod tombstones;
mod two_way;

use cloudwright_runtime::harness::{Function, Instance};
use serde_json::{Value, json};

/// The handler with this name, before it is set up.
fn function(handler: &str) -> Function {
    Function::new(env!("CARGO_BIN_EXE_bootstrap"), handler)
}

/// Starts a function, with its log in the message if it does not start.
fn start(function: &Function) -> Instance {
    match function.start() {
        Ok(instance) => instance,
        Err(error) => panic!("{error}"),
    }
}

/// The record of an S3 notification; the key as S3 writes it.
fn record(name: &str, bucket: &str, key: &str) -> Value {
    json!({"eventVersion": "2.6", "eventSource": "aws:s3", "awsRegion": "eu-central-1", "eventName": name,
           "s3": {"bucket": {"name": bucket}, "object": {"key": key, "sequencer": "0055AED6DC"}}})
}

fn created(keys: &[&str]) -> Value {
    let records = keys
        .iter()
        .map(|key| record("ObjectCreated:Put", "source", key));
    json!({"Records": records.collect::<Vec<_>>()})
}
