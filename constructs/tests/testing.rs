//! `cloudwright::testing`: what it accepts, and what it says when a test of a stack fails.

use std::panic::{AssertUnwindSafe, catch_unwind};

use cloudwright::prelude::*;
use cloudwright::testing::{self, Capture, Match, Template, json as document};

const BUCKET: &str = "AWS::S3::Bucket";
const QUEUE: &str = "AWS::SQS::Queue";

fn mail(app: &App) {
    let stack = app.stack("Mail", Environment::new("123456789012", "eu-central-1"));
    let inbox = stack.add("Inbox", s3::Bucket::new());
    let jobs = stack.add("Jobs", sqs::Queue::new().visibility_timeout(seconds(60)));
    inbox.notify(s3::Event::ObjectCreated, s3::Filter::prefix("in/"), &jobs);
    stack.output("JobsUrl", jobs.url());
    stack.add("Stage", Parameter::string().default("dev"));
}

fn template() -> Template {
    Template::from_stack(&testing::synth(mail), "Mail")
}

/// What a failing assertion says.
fn complaint(assertion: impl FnOnce(&Template)) -> String {
    let template = template();
    let panic = catch_unwind(AssertUnwindSafe(|| assertion(&template)));
    let panic = panic.expect_err("the assertion holds");
    panic.downcast_ref::<String>().expect("a text").clone()
}

#[test]
fn what_a_stack_holds_can_be_asserted() {
    let template = template();
    template.assert_resource_count(BUCKET, 1);
    template.assert_resource_count("AWS::SNS::Topic", 0);
    template.assert_resource_properties(QUEUE, document!({ "VisibilityTimeout": 60 }));
    template.assert_resource(
        BUCKET,
        document!({ "DeletionPolicy": "RetainExceptOnCreate" }),
    );
    template.assert_no_resource_properties(QUEUE, document!({ "FifoQueue": true }));
    template.assert_all_resource_properties(QUEUE, document!({ "SqsManagedSseEnabled": true }));
    template.assert_output("JobsUrl", document!({ "Value": { "Ref": "JobsDF1CC2D4" } }));
    template.assert_output("*", Match::object().with("Export", Match::absent()));
    template.assert_parameter("Stage", document!({ "Default": "dev" }));
    let queues = template.find_resources(QUEUE, Match::any());
    assert_eq!(queues.len(), 2);
    assert!(queues.iter().all(|queue| queue.resource["Type"] == QUEUE));
}

#[test]
fn the_nearest_resource_is_shown_with_its_line_and_every_difference() {
    let text = complaint(|template| {
        let expected = document!({ "VisibilityTimeout": 90, "DelaySeconds": 5 });
        template.assert_resource_properties(QUEUE, expected);
    });
    assert!(
        text.starts_with("Mail has no AWS::SQS::Queue with such properties; what comes nearest:\n"),
        "{text}"
    );
    for line in [
        "(Mail/Jobs/Resource, constructs/tests/testing.rs:14)",
        "    VisibilityTimeout: expected 90, got 60",
        "    DelaySeconds: expected 5, got nothing",
    ] {
        assert!(text.contains(line), "{line} is not in: {text}");
    }
}

#[test]
fn a_type_that_is_not_there_is_answered_with_those_that_are() {
    let text = complaint(|template| template.assert_resource("AWS::SQS::Que", Match::any()));
    assert!(
        text.contains("Mail has no AWS::SQS::Que; it has:\n"),
        "{text}"
    );
    assert!(text.contains("\n  2 AWS::SQS::Queue"), "{text}");
    let text = complaint(|template| template.assert_resource_count(QUEUE, 3));
    assert!(
        text.starts_with("Mail has 2 of AWS::SQS::Queue, expected 3:\n"),
        "{text}"
    );
    let text = complaint(|template| template.assert_output("Job", Match::any()));
    assert_eq!(text, "Mail has no Outputs.Job; it has: JobsUrl");
}

#[test]
fn what_must_not_be_and_what_must_always_be_name_the_culprit() {
    let text = complaint(|template| {
        template.assert_no_resource_properties(QUEUE, document!({ "VisibilityTimeout": 60 }));
    });
    assert!(
        text.contains("may have such properties, but this one has: Jobs"),
        "{text}"
    );
    let text = complaint(|template| {
        template.assert_all_resource_properties(QUEUE, document!({ "VisibilityTimeout": 60 }));
    });
    assert!(
        text.contains("Mail/Jobs/DeadLetterQueue/Resource"),
        "{text}"
    );
    assert!(
        text.contains("VisibilityTimeout: expected 60, got 180"),
        "{text}"
    );
}

#[test]
fn values_are_captured_of_what_matches_as_a_whole() {
    let (timeout, never) = (Capture::new(), Capture::new());
    let template = template();
    let pattern = Match::object()
        .with("RedrivePolicy", Match::any())
        .with("VisibilityTimeout", timeout.matching(60));
    template.assert_resource_properties(QUEUE, pattern);
    assert_eq!(timeout.values(), [60]);
    let failing = Match::object().with("VisibilityTimeout", never.matching(Match::any()));
    let failing = failing.with("Nonsense", 1);
    complaint(|template| template.assert_resource_properties(QUEUE, failing));
    assert!(never.values().is_empty());
}

#[test]
fn a_program_with_mistakes_shows_them_all() {
    let mistaken = |app: &App| {
        let stack = app.stack("Mail", Environment::new("123", "eu-central-1"));
        stack.add("Jobs", sqs::Queue::new().visibility_timeout(hours(13)));
    };
    let panic = catch_unwind(|| drop(testing::synth(mistaken))).expect_err("there are mistakes");
    let text = panic.downcast_ref::<String>().expect("a text");
    assert!(
        text.starts_with("the program has mistakes:\n\nerror[CW"),
        "{text}"
    );
    assert!(text.matches("error[CW").count() >= 2, "{text}");
    assert!(text.contains("constructs/tests/testing.rs:"), "{text}");

    let failing = |_: &App| -> Result<(), cloudwright::Error> { Err("no team".into()) };
    let panic = catch_unwind(|| drop(testing::synth(failing))).expect_err("it fails");
    let text = panic.downcast_ref::<String>().expect("a text");
    assert!(
        text.contains("testing.rs:") && text.ends_with(": no team"),
        "{text}"
    );
}

#[test]
fn a_stack_is_found_by_path_or_name() {
    let staged = testing::synth(|app| {
        let stage = app.stage("Prod");
        let stack = stage.stack("Mail", Environment::new("123456789012", "eu-central-1"));
        stack.add("Jobs", sqs::Queue::new());
    });
    Template::from_stack(&staged, "Prod/Mail").assert_resource_count(QUEUE, 2);
    Template::from_stack(&staged, "Prod-Mail").assert_resource_count(QUEUE, 2);
    let panic = catch_unwind(AssertUnwindSafe(|| Template::from_stack(&staged, "Mail")));
    let panic = panic.expect_err("there is no such stack");
    let text = panic.downcast_ref::<String>().expect("a text");
    assert_eq!(text, "no stack is called Mail; there are: Prod/Mail");
}
