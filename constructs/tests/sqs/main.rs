//! Queues: their defaults and settings, dead letters, who may use them, and what they refuse.

mod dead_letters;
mod defaults;
mod grants;
mod imports;
mod places;
mod refusals;
mod settings;
mod sources;
#[path = "../support/mod.rs"]
mod support;

use cloudwright::prelude::*;
use cloudwright::s3::{Event, Filter};
use cloudwright::sqs::{FifoQueue, FifoQueueRef, Queue, QueueRef};
use serde_json::json as expected;
use support::{
    ABROAD, assert_error, findings, home, refusal_of, strict_template, template, template_of,
    templates_of, worker,
};

const QUEUE: &str = "AWS::SQS::Queue";
const POLICY: &str = "AWS::SQS::QueuePolicy";
const IDENTITY: &str = "AWS::IAM::Policy";
const KEY: &str = "AWS::KMS::Key";
/// The logical id of the queue that most tests make; that of its dead-letter queue begins alike.
const JOBS: &str = "JobsDF1CC2D4";
