//! Queues that exist already.

use super::*;

const ARN: &str = "arn:aws:sqs:eu-west-1:210987654321:jobs";

#[test]
fn a_literal_arn_is_taken_apart() {
    let template = template(|stack| {
        let jobs = Queue::import(stack, "Jobs", ARN);
        assert!(jobs.cfn().is_none() && jobs.visibility_timeout().is_none());
        stack.output("Name", jobs.name());
        stack.output("Url", jobs.url());
        jobs.grant_send(&worker(stack));
    });
    assert_eq!(template.0["Outputs"]["Name"]["Value"], "jobs");
    let url = template.0["Outputs"]["Url"]["Value"].to_string();
    assert!(url.contains("https://sqs.eu-west-1."), "{url}");
    assert!(url.contains("/210987654321/jobs"), "{url}");
    let send = template.allowing(IDENTITY, "sqs:SendMessage")[0];
    assert_eq!(send["Resource"], ARN);
    assert!(template.all(POLICY).is_empty());
}

#[test]
fn a_token_arn_is_taken_apart_by_the_deployment() {
    let template = template(|stack| {
        let arn = stack.add("JobsArn", Parameter::string());
        let jobs = Queue::import(stack, "Jobs", arn);
        jobs.grant_send(&worker(stack));
        stack.output("Name", jobs.name());
    });
    let split = expected!({ "Fn::Split": [":", { "Ref": "JobsArn" }] });
    let name = expected!({ "Fn::Select": [5, split] });
    assert_eq!(template.0["Outputs"]["Name"]["Value"], name);
}

#[test]
fn texts_that_are_no_arns_of_queues_are_refused() {
    for text in [
        "jobs",
        "arn:aws:sns:eu-west-1:210987654321:jobs",
        "arn:aws:sqs:eu-west-1::jobs",
        "arn:aws:sqs:eu-west-1:me:jobs",
        "arn:aws:sqs:eu-west-1:210987654321:jobs:more",
    ] {
        let got = format!("got \"{text}\"");
        let parts = [
            "a queue's ARN looks like \"arn:aws:sqs:",
            &got,
            "copy the ARN",
        ];
        let found = findings(|stack| {
            Queue::import(stack, "Jobs", text);
        });
        assert_error(&found, "CW1003", &parts);
        let found = findings(|stack| {
            FifoQueue::import(stack, "Jobs", text);
        });
        assert_error(&found, "CW1003", &parts);
    }
}

#[test]
fn a_queue_of_the_other_kind_is_refused() {
    let found = findings(|stack| {
        let _: FifoQueueRef = FifoQueue::import(stack, "Jobs", ARN);
    });
    let parts = [
        "expected the ARN of a FIFO queue, got that of \"jobs\"",
        "sqs::Queue::import",
    ];
    assert_error(&found, "CW1003", &parts);
    let found = findings(|stack| {
        Queue::import(stack, "Jobs", format!("{ARN}.fifo"));
    });
    let parts = [
        "expected the ARN of a standard queue",
        "`sqs::FifoQueue::import`",
    ];
    assert_error(&found, "CW1003", &parts);
}

#[test]
fn its_policy_is_its_owners() {
    let found = findings(|stack| {
        let jobs = Queue::import(stack, "Jobs", ARN);
        jobs.add_statement(Statement::deny(["sqs:PurgeQueue"]).by(Principal::everyone()));
    });
    let parts = [
        "policy of an imported queue belongs to its owner",
        "add the statement there",
    ];
    assert_error(&found, "CW1005", &parts);
    let found = findings(|stack| {
        let jobs = Queue::import(stack, "Jobs", ARN);
        jobs.grant_send(&Principal::account(ABROAD));
    });
    assert_error(
        &found,
        "CW1005",
        &["outside principal", "grant to a role of the app"],
    );
}
