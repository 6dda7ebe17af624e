//! Three of the AWS Solutions Constructs, each rebuilt in a few lines: `aws-s3-lambda`, `aws-s3-sqs` and `aws-sqs-lambda`.
//! The README compares them property by property.

use std::process::ExitCode;

use cloudwright::lambda::{Code, Function};
use cloudwright::prelude::*;

fn main() -> ExitCode {
    cloudwright::main(|app| {
        let home = || Environment::new("111111111111", "eu-central-1");
        s3_lambda(&app.stack("S3Lambda", home()));
        s3_sqs(&app.stack("S3Sqs", home()));
        sqs_lambda(&app.stack("SqsLambda", home()));
    })
}

/// `aws-s3-lambda`: a bucket tells a function of what is created.
fn s3_lambda(stack: &Stack) {
    let operators = stack.add("Operators", sns::Topic::new());
    let logs = stack.add("AccessLogs", s3::Bucket::new().log_target());
    let uploads = stack.add("Uploads", s3::Bucket::new().access_logs(&logs, "uploads/"));
    let resize = Function::new(Code::s3("releases-111111111111", "resize.zip"));
    let resize = stack.add("Resize", resize);
    uploads.grant_read(&resize);
    uploads.notify(s3::Event::ObjectCreated, s3::Filter::all(), &resize);
    resize.alarm_on_errors(&operators);
    resize.alarm_on_failures(&operators);
}

/// `aws-s3-sqs`: a bucket tells a queue, encrypted with a key that S3 may use.
fn s3_sqs(stack: &Stack) {
    let operators = stack.add("Operators", sns::Topic::new());
    let key = stack.add("Key", kms::Key::new());
    let logs = stack.add("AccessLogs", s3::Bucket::new().log_target());
    let uploads = stack.add("Uploads", s3::Bucket::new().access_logs(&logs, "uploads/"));
    let jobs = stack.add("Jobs", sqs::Queue::new().encrypted_with(&key));
    uploads.notify(s3::Event::ObjectCreated, s3::Filter::all(), &jobs);
    jobs.alarm_on_dead_letters(&operators);
}

/// `aws-sqs-lambda`: a function takes its work from a queue.
fn sqs_lambda(stack: &Stack) {
    let operators = stack.add("Operators", sns::Topic::new());
    let key = stack.add("Key", kms::Key::new());
    let jobs = sqs::Queue::new()
        .encrypted_with(&key)
        .visibility_timeout(minutes(3));
    let jobs = stack.add("Jobs", jobs);
    let work = stack.add(
        "Work",
        Function::new(Code::s3("releases-111111111111", "work.zip")),
    );
    work.consume(&jobs);
    work.alarm_on_errors(&operators);
    jobs.alarm_on_dead_letters(&operators);
}
