//! `ssm-sync`: what Systems Manager is asked for, and what becomes of its refusals.

use std::sync::{Arc, Mutex};

use cloudwright_runtime::harness::Function;
use cloudwright_runtime::harness::http::{Reply, Request, Server};
use serde_json::{Value, json};

use crate::sqs::scope;
use crate::{created, function, record, start};

/// A stand-in of Systems Manager that takes commands, after the replies that a test gives it.
struct Ssm {
    server: Server,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    taken: Vec<Value>,
    replies: Vec<Reply>,
    scopes: Vec<String>,
}

impl Ssm {
    fn start(mut replies: Vec<Reply>) -> Self {
        replies.reverse();
        let state = State {
            replies,
            ..State::default()
        };
        let state = Arc::new(Mutex::new(state));
        let shared = Arc::clone(&state);
        let server = Server::start(move |request| answer(request, &mut shared.lock().unwrap()));
        let server = server.unwrap();
        Self { server, state }
    }

    fn taken(&self) -> Vec<Value> {
        self.state.lock().unwrap().taken.clone()
    }

    fn function(&self) -> Function {
        function("ssm-sync")
            .variable("AWS_ENDPOINT_URL", &self.server.url())
            .variable("COMMAND_1_DOCUMENT", "s3sync")
            .variable("COMMAND_1_TARGET_1_TAG", "s3sync")
            .variable("COMMAND_1_TARGET_1_VALUE_1", "true")
    }
}

fn answer(request: &Request, state: &mut State) -> Reply {
    state.scopes.push(scope(request));
    if let Some(reply) = state.replies.pop() {
        return reply;
    }
    assert_eq!(
        request.header("x-amz-target"),
        Some("AmazonSSM.SendCommand")
    );
    state
        .taken
        .push(serde_json::from_slice(&request.body).unwrap());
    let id = format!("id-{}", state.taken.len());
    Reply::new(200, json!({"Command": {"CommandId": id}}).to_string())
}

fn refusal(code: &str, message: &str) -> Reply {
    let body = json!({"__type": code, "message": message}).to_string();
    Reply::new(400, body).with("x-amzn-requestid", "r-1")
}

#[test]
fn a_burst_of_changes_in_two_buckets_is_two_commands() {
    let ssm = Ssm::start(Vec::new());
    let mut instance = start(&ssm.function());
    let event = json!({"Records": [
        record("ObjectCreated:Put", "one", "a"), record("ObjectRemoved:Delete", "two", "b"),
        record("ObjectCreated:Copy", "one", "c"), record("ObjectTagging:Put", "three", "d"),
    ]});
    assert_eq!(instance.invoke(&event), Ok(Value::Null));
    let command = |bucket: &str, comment: &str| {
        json!({
            "DocumentName": "s3sync", "Targets": [{"Key": "tag:s3sync", "Values": ["true"]}],
            "Parameters": {"S3Bucket": [bucket]}, "Comment": comment, "TimeoutSeconds": 600,
        })
    };
    let mut taken = ssm.taken();
    taken.sort_by_key(|command| command["Comment"].to_string());
    assert_eq!(
        taken,
        [
            command("one", "one: 2 changed"),
            command("two", "two: 1 changed")
        ]
    );
    assert_eq!(ssm.state.lock().unwrap().scopes, ["eu-central-1/ssm"; 2]);
    let line = instance.record(|record| record["bucket"] == "two").unwrap();
    assert_eq!(line["message"], "command sent");
    assert!(
        line["commandId"].as_str().unwrap().starts_with("id-"),
        "{line}"
    );
}

#[test]
fn every_setting_reaches_systems_manager() {
    let ssm = Ssm::start(Vec::new());
    let settings = [
        ("DOCUMENT_VERSION", "$LATEST"),
        ("TARGET_1_VALUE_2", "yes"),
        ("TARGET_2_TAG", "stage"),
        ("TARGET_2_VALUE_1", "prod"),
        ("BUCKET_PARAMETER", "Source"),
        ("PARAMETER_1_NAME", "Directory"),
        ("PARAMETER_1_VALUE_1", "/srv/s3sync"),
        ("MAX_CONCURRENCY", "25%"),
        ("MAX_ERRORS", "0"),
        ("DELIVERY_SECONDS", "60"),
        ("COMMENT", "sync"),
        ("OUTPUT_BUCKET", "s3synclogs"),
        ("OUTPUT_PREFIX", "sync"),
        ("OUTPUT_LOG_GROUP", "s3syncSSM"),
    ];
    let set = |function: Function, (name, value): &(&str, &str)| {
        function.variable(&format!("COMMAND_1_{name}"), value)
    };
    let mut instance = start(&settings.iter().fold(ssm.function(), set));
    instance.invoke(&created(&["a"])).unwrap();
    let expected = json!({
        "DocumentName": "s3sync", "DocumentVersion": "$LATEST", "Comment": "sync", "TimeoutSeconds": 60,
        "Targets": [{"Key": "tag:s3sync", "Values": ["true", "yes"]}, {"Key": "tag:stage", "Values": ["prod"]}],
        "Parameters": {"Source": ["source"], "Directory": ["/srv/s3sync"]},
        "MaxConcurrency": "25%", "MaxErrors": "0",
        "OutputS3BucketName": "s3synclogs", "OutputS3KeyPrefix": "sync",
        "CloudWatchOutputConfig": {"CloudWatchLogGroupName": "s3syncSSM", "CloudWatchOutputEnabled": true},
    });
    assert_eq!(ssm.taken(), [expected]);
}

#[test]
fn throttling_and_broken_connections_are_tried_again() {
    let throttled = refusal("ThrottlingException", "Rate exceeded");
    let failed = Reply::new(500, json!({"__type": "InternalServerError"}).to_string());
    let ssm = Ssm::start(vec![throttled, Reply::HangUp, failed]);
    let mut instance = start(&ssm.function());
    assert_eq!(instance.invoke(&created(&["a"])), Ok(Value::Null));
    assert_eq!(ssm.taken().len(), 1);
}

/// How often the client sends a request that may work another time.
const TRIES: usize = 5;

/// Every kind of refusal and breakdown: how often it is sent, the type of the error, and its end.
fn failures() -> Vec<(Reply, usize, &'static str, &'static str)> {
    vec![
        (
            refusal("ThrottlingException", "Rate exceeded"),
            TRIES,
            "Throttled",
            "ThrottlingException: Rate exceeded (request id r-1)",
        ),
        (
            refusal("AccessDeniedException", "r may not ssm:SendCommand"),
            1,
            "AccessDenied",
            "AccessDeniedException: r may not ssm:SendCommand (request id r-1)",
        ),
        (
            refusal("InvalidDocument", "s3sync does not exist"),
            1,
            "NotFound",
            "InvalidDocument: s3sync does not exist (request id r-1)",
        ),
        (
            refusal("InvalidParameters", "no S3Bucket"),
            1,
            "Refused",
            "InvalidParameters: no S3Bucket (request id r-1)",
        ),
        (
            Reply::new(500, ""),
            TRIES,
            "ServiceFailed",
            "HTTP status 500 without an explanation",
        ),
        (
            Reply::new(200, "{}"),
            1,
            "ServiceFailed",
            "the answer does not name a command",
        ),
        (
            Reply::HangUp,
            TRIES,
            "Unreachable",
            "dispatch failure: other: client error (SendRequest): connection closed before message \
             completed",
        ),
        (
            Reply::Break,
            TRIES,
            "ServiceFailed",
            "response error: error reading a body from connection: end of file before message \
             length reached",
        ),
    ]
}

#[test]
fn each_kind_of_failure_is_told_exactly_and_the_next_event_works() {
    let check = |(reply, tries, kind, end): (Reply, usize, &str, &str)| {
        let ssm = Ssm::start(vec![reply.clone(); tries]);
        let mut instance = start(&ssm.function());
        let error = instance.invoke(&created(&["a"])).unwrap_err();
        let message = format!(
            "1 of 1 failed; SSM SendCommand of s3sync, bucket source, key \"a\", region \
             eu-central-1: {end}"
        );
        let expected = json!({"errorType": kind, "errorMessage": message});
        assert_eq!(error.sent, expected, "{reply:?}");
        assert_eq!(instance.invoke(&created(&["a"])), Ok(Value::Null));
        assert_eq!(ssm.taken().len(), 1);
    };
    // Together, since the client waits before it tries again.
    std::thread::scope(|scope| {
        for row in failures() {
            scope.spawn(move || check(row));
        }
    });
}

#[test]
fn an_event_of_no_known_shape_fails_and_nothing_is_sent() {
    let ssm = Ssm::start(Vec::new());
    let mut instance = start(&ssm.function());
    let error = instance.invoke(&json!({})).unwrap_err();
    let expected = json!({
        "errorType": "UnreadableEvent",
        "errorMessage": "1 of 1 failed; event: got an empty object, expected an event of S3, SQS, SNS or \
                         EventBridge, or the record of a failed one",
    });
    assert_eq!(error.sent, expected);
    assert!(ssm.taken().is_empty());
    assert_eq!(instance.invoke(&created(&["a"])), Ok(Value::Null));
}

#[test]
fn of_a_queue_only_the_messages_of_the_bucket_that_failed_come_again() {
    let ssm = Ssm::start(Vec::new());
    let mut instance = start(&ssm.function().variable("COMMAND_1_BUCKET", "good"));
    let message = |id: &str, body: Value| {
        json!({"messageId": id, "eventSource": "aws:sqs", "body": body.to_string(),
               "eventSourceARN": "arn:aws:sqs:eu-central-1:000000000000:in"})
    };
    let of = |bucket| json!({"Records": [record("ObjectCreated:Put", bucket, "a")]});
    let event = json!({"Records": [
        message("1", of("good")), message("2", of("bad")), message("3", of("good")), message("4", json!({})),
    ]});
    let failed = json!({"batchItemFailures": [{"itemIdentifier": "2"}, {"itemIdentifier": "4"}]});
    assert_eq!(instance.invoke(&event), Ok(failed));
    assert_eq!(ssm.taken().len(), 1);
}

#[test]
fn what_is_set_up_wrong_is_told_before_the_first_event() {
    let ssm = Ssm::start(Vec::new());
    let error = ssm
        .function()
        .variable("COMMAND_1_MAX_CONCURRENCY", "0%")
        .start()
        .unwrap_err();
    let start =
        "environment variable COMMAND_1_MAX_CONCURRENCY: got \"0%\", expected a number of servers";
    assert!(error.message.starts_with(start), "{error}");
    let error = function("ssm-sync").start().unwrap_err();
    let start = "environment variable COMMAND_1_DOCUMENT is not set";
    assert!(error.message.starts_with(start), "{error}");
}
