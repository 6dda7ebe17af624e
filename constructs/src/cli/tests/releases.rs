//! A program whose releases differ, for the transcripts of `diff`: `-c release=second`.

use crate::App;
use cloudwright_cfn::{ec2, iam, s3, sqs};
use cloudwright_synth::{Environment, RemovalPolicy, ResourceRef, Stack, json};

use crate::error::Error;

const ENVIRONMENT: (&str, &str) = ("123456789012", "eu-central-1");

/// What is deployed first, and what a later release makes of it.
pub(super) fn releases(app: &App) -> Result<(), Error> {
    let release = app.context("release").unwrap_or("first".into());
    let stage = app.stage("Prod");
    let stack = |id: &'static str| stage.stack(id, Environment::new(ENVIRONMENT.0, ENVIRONMENT.1));
    match &*release {
        "first" => first(&stack("Storage")),
        "second" => second(&stack("Storage")),
        "tuned" => tuned(&stack("Storage")),
        other => return Err(format!("no release is called \"{other}\"").into()),
    }
    stack("Network").add("Door", door(if release == "second" { 22 } else { 443 }));
    if release == "second" {
        stack("Mail").add("Outbox", sqs::Queue::new());
    } else {
        stack("Audit").add("Trail", sqs::Queue::new());
    }
    Ok(())
}

fn first(stack: &Stack) {
    stack.add("Incoming", sqs::Queue::new().visibility_timeout(300));
    let archive = s3::Bucket::new().bucket_name("uploads-archive");
    stack
        .add("Archive", archive)
        .removal_policy(RemovalPolicy::Destroy);
    stack.add("Reader", reader("s3:GetObject"));
}

/// The first release with a longer timeout, and nothing else.
fn tuned(stack: &Stack) {
    stack.add("Incoming", sqs::Queue::new().visibility_timeout(900));
    let archive = s3::Bucket::new().bucket_name("uploads-archive");
    stack
        .add("Archive", archive)
        .removal_policy(RemovalPolicy::Destroy);
    stack.add("Reader", reader("s3:GetObject"));
}

fn second(stack: &Stack) {
    let queue = stack.add("Incoming", sqs::Queue::new().visibility_timeout(900));
    let archive = s3::Bucket::new().bucket_name("uploads-archive-2");
    stack
        .add("Archive", archive)
        .removal_policy(RemovalPolicy::Destroy);
    stack.add("Reader", reader("s3:*"));
    stack.output("QueueUrl", queue.queue_url());
}

fn reader(action: &'static str) -> iam::Role {
    let trust = json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": { "Service": "lambda.amazonaws.com" }, "Action": "sts:AssumeRole",
    }] });
    let document = json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Action": action, "Resource": "arn:aws:s3:::uploads-archive/*",
    }] });
    let policy = iam::role::Policy::new(document, "read");
    iam::Role::new(trust).policies([policy])
}

fn door(port: i64) -> ec2::SecurityGroup {
    let rule = ec2::security_group::Ingress::new("tcp")
        .from_port(port)
        .to_port(port)
        .cidr_ip("0.0.0.0/0");
    ec2::SecurityGroup::new("what the internet reaches").security_group_ingress([rule])
}
