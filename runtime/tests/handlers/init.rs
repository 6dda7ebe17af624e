//! What a function says that is set up wrong, before it takes an event.

use serde_json::json;

use crate::function;

#[test]
fn an_unknown_handler_is_told_which_there_are() {
    let error = function("index.handler").start().unwrap_err();
    let expected = json!({
        "errorType": "Runtime.NoSuchHandler",
        "errorMessage": "unknown handler: got \"index.handler\", expected one of bucket-notifications, \
                         cache-sync, forward, pipeline-status, replicate, ssm-sync, submit; set it as the function's Handler",
        "stackTrace": [],
    });
    assert_eq!(error.sent, expected);
}

#[test]
fn a_variable_that_is_missing_or_wrong_is_named() {
    let arn = "arn:aws:sqs:eu-central-1:123456789012:uploads";
    let wrong = function("forward").variable("QUEUE_URL", arn);
    let error = wrong.start().unwrap_err();
    assert_eq!(error.kind, "Runtime.ConfigInvalid");
    let start =
        format!("environment variable QUEUE_URL: got {arn:?}, expected the URL of an SQS queue");
    assert!(error.message.starts_with(&start), "{error}");

    let error = function("forward").start().unwrap_err();
    assert!(
        error
            .message
            .starts_with("environment variable QUEUE_URL is not set, expected"),
        "{error}"
    );
    let error = function("replicate").start().unwrap_err();
    assert!(
        error.message.contains("DESTINATION_1_BUCKET is not set"),
        "{error}"
    );
    let error = function("forward")
        .variable("QUEUE_URL", "https://sqs.eu-central-1.amazonaws.com/1/q")
        .without("AWS_REGION")
        .start()
        .unwrap_err();
    assert!(error.message.contains("AWS_REGION is not set"), "{error}");
}

#[test]
fn what_the_sdk_would_only_miss_later_is_told_before_the_first_event() {
    let forward =
        || function("forward").variable("QUEUE_URL", "https://sqs.eu-central-1.amazonaws.com/1/q");
    let error = forward().without("AWS_SECRET_ACCESS_KEY").start();
    assert_eq!(
        error.unwrap_err().message,
        "environment variable AWS_SECRET_ACCESS_KEY is not set, expected the credentials of the \
         function's role, as Lambda sets them"
    );
    let error = forward().variable("AWS_USE_FIPS_ENDPOINT", "yes").start();
    assert_eq!(
        error.unwrap_err().message,
        "environment variable AWS_USE_FIPS_ENDPOINT: got \"yes\", expected true or false"
    );
    assert!(
        forward()
            .variable("AWS_USE_FIPS_ENDPOINT", "False")
            .start()
            .is_ok()
    );
}

#[test]
fn two_way_replication_needs_its_table() {
    let two_way = function("replicate")
        .variable("DESTINATION_1_BUCKET", "near")
        .variable("DESTINATION_1_REGION", "us-west-2")
        .variable("REPLICATION_MODE", "two-way")
        .variable("TOMBSTONE_TABLE", "tombstones");
    let error = two_way.start().unwrap_err();
    let expected = json!({
        "errorType": "Runtime.ConfigInvalid",
        "errorMessage": "environment variable TOMBSTONE_REGION is not set, expected the region of the table",
        "stackTrace": [],
    });
    assert_eq!(error.sent, expected);
}

#[test]
fn a_program_that_is_none_is_said_to_be() {
    let mut none = function("forward");
    none = none.without("_HANDLER");
    assert!(
        none.start()
            .unwrap_err()
            .message
            .contains("_HANDLER is not set")
    );
    let ended = cloudwright_runtime::harness::Function::new("/bin/false", "forward").start();
    assert_eq!(ended.unwrap_err().kind, "Runtime.ExitError");
    let missing =
        cloudwright_runtime::harness::Function::new("/no/such/program", "forward").start();
    assert_eq!(missing.unwrap_err().kind, "Runtime.InvalidEntrypoint");
}
