//! `forward`: messages in a queue, refusals, failures of requests.

use cloudwright_runtime::harness::Instance;
use cloudwright_runtime::harness::http::Reply;
use serde_json::{Value, json};

use crate::sqs::Sqs;
use crate::{created, function, record, start};

fn forward(sqs: &Sqs, name: &str) -> Instance {
    let function = function("forward")
        .variable("AWS_ENDPOINT_URL", &sqs.url())
        .variable("QUEUE_URL", &format!("{}/000000000000/{name}", sqs.url()));
    start(&function)
}

#[test]
fn changes_arrive_as_messages_in_batches_of_ten() {
    let sqs = Sqs::start();
    let mut instance = forward(&sqs, "q.fifo");
    let keys: Vec<_> = (0..12)
        .map(|number| format!("a+b%2B%C3%BC{number}"))
        .collect();
    let keys: Vec<_> = keys.iter().map(String::as_str).collect();
    assert_eq!(instance.invoke(&created(&keys)), Ok(Value::Null));
    assert_eq!(sqs.batches(), [10, 2]);
    let taken = sqs.taken();
    let body: Value = serde_json::from_str(taken[11]["MessageBody"].as_str().unwrap()).unwrap();
    assert_eq!(
        (&body["key"], &body["keyEncoding"]),
        (&json!("a b+ü11"), &json!("none"))
    );
    for id in ["MessageGroupId", "MessageDeduplicationId"] {
        assert_eq!(taken[0][id].as_str().map(str::len), Some(64), "{id}");
    }
    let metrics = instance.record(|record| record["_aws"].is_object());
    assert_eq!(metrics.unwrap()["ObjectsDone"], 12);
}

#[test]
fn a_standard_queue_in_another_region_gets_no_ids() {
    let sqs = Sqs::start();
    let function = function("forward")
        .variable("AWS_ENDPOINT_URL", &sqs.url())
        .variable(
            "QUEUE_URL",
            "https://sqs.us-west-2.amazonaws.com/000000000000/q",
        );
    start(&function).invoke(&created(&["a"])).unwrap();
    assert_eq!(sqs.taken()[0].get("MessageGroupId"), None);
    assert_eq!(sqs.scopes(), ["us-west-2/sqs"]);
}

#[test]
fn a_message_that_is_refused_for_now_is_sent_again() {
    let sqs = Sqs::start();
    sqs.refuse("second", false, 2);
    let mut instance = forward(&sqs, "q");
    assert_eq!(
        instance.invoke(&created(&["first", "second"])),
        Ok(Value::Null)
    );
    assert_eq!((sqs.batches(), sqs.taken().len()), (vec![2, 1, 1], 2));
}

#[test]
fn a_message_that_stays_refused_fails_the_invocation_and_no_other_message() {
    let sqs = Sqs::start();
    sqs.refuse("second", true, 1);
    let mut instance = forward(&sqs, "q");
    let error = instance
        .invoke(&created(&["first", "second", "third"]))
        .unwrap_err();
    let expected = json!({
        "errorType": "ServiceFailed",
        "errorMessage": "1 of 3 failed; SQS SendMessageBatch, bucket source, key \"second\": InternalError: try later",
    });
    assert_eq!(error.sent, expected);
    assert_eq!(sqs.taken().len(), 2);
    assert_eq!(instance.invoke(&created(&["second"])), Ok(Value::Null));
}

#[test]
fn a_queue_that_is_not_there_is_named_with_the_request() {
    let sqs = Sqs::start();
    let body = json!({"__type": "com.amazonaws.sqs#QueueDoesNotExist", "message": "no such queue"});
    let reply = Reply::new(400, body.to_string()).with("x-amzn-requestid", "r-1");
    sqs.answer(vec![reply]);
    let mut instance = forward(&sqs, "q");
    let error = instance.invoke(&created(&["a"])).unwrap_err();
    let expected = json!({
        "errorType": "NotFound",
        "errorMessage": "1 of 1 failed; SQS SendMessageBatch, bucket source, key \"a\", region eu-central-1: \
                         QueueDoesNotExist: no such queue (request id r-1)",
    });
    assert_eq!(error.sent, expected);
    let line = instance
        .record(|record| record["level"] == "ERROR")
        .unwrap();
    assert_eq!(
        (&line["key"], &line["serviceRequestId"]),
        (&json!("a"), &json!("r-1"))
    );
}

#[test]
fn throttling_and_broken_connections_are_tried_again() {
    let sqs = Sqs::start();
    let body = json!({"__type": "com.amazonaws.sqs#RequestThrottled", "message": "slow down"});
    sqs.answer(vec![Reply::new(400, body.to_string()), Reply::HangUp]);
    let mut instance = forward(&sqs, "q");
    assert_eq!(instance.invoke(&created(&["a"])), Ok(Value::Null));
    assert_eq!(sqs.taken().len(), 1);
}

#[test]
fn a_service_that_never_answers_is_unreachable_and_the_next_event_works() {
    let sqs = Sqs::start();
    sqs.answer(vec![Reply::HangUp; 3]);
    let mut instance = forward(&sqs, "q");
    let error = instance.invoke(&created(&["a"])).unwrap_err();
    let expected = json!({
        "errorType": "Unreachable",
        "errorMessage": "1 of 1 failed; SQS SendMessageBatch, bucket source, key \"a\", region \
                         eu-central-1: dispatch failure: other: client error (SendRequest): connection \
                         closed before message completed",
    });
    assert_eq!(error.sent, expected);
    assert_eq!(instance.invoke(&created(&["a"])), Ok(Value::Null));
}

#[test]
fn a_batch_of_a_queue_answers_with_the_messages_that_failed() {
    let sqs = Sqs::start();
    sqs.refuse("bad", true, 9);
    let mut instance = forward(&sqs, "q");
    let message = |id: &str, body: &Value| {
        json!({"messageId": id, "eventSource": "aws:sqs", "body": body.to_string(),
               "eventSourceARN": "arn:aws:sqs:eu-central-1:000000000000:in"})
    };
    let event = json!({"Records": [
        message("1", &created(&["good"])),
        message("2", &created(&["good", "bad"])),
        message("3", &json!({"Event": "s3:TestEvent"})),
        message("4", &json!({})),
    ]});
    let failed = json!({"batchItemFailures": [{"itemIdentifier": "2"}, {"itemIdentifier": "4"}]});
    assert_eq!(instance.invoke(&event), Ok(failed));
    assert_eq!(sqs.taken().len(), 2);
}

#[test]
fn what_is_no_event_fails_and_the_next_event_works() {
    let sqs = Sqs::start();
    let mut instance = forward(&sqs, "q");
    for text in ["{", "", "{}", "[]", "null", "{\"Records\": 3}"] {
        let error = instance.invoke_text(text).unwrap_err();
        assert!(
            !error.kind.is_empty() && !error.message.is_empty(),
            "{text}: {error:?}"
        );
        if serde_json::from_str::<Value>(text).is_ok() {
            assert_eq!(error.kind, "UnreadableEvent", "{text}");
        }
    }
    for text in ["{\"Records\": []}", "{\"Event\": \"s3:TestEvent\"}"] {
        assert_eq!(instance.invoke_text(text), Ok(Value::Null), "{text}");
    }
    let removed = json!({"Records": [record("ObjectRemoved:Delete", "source", "a")]});
    assert_eq!(instance.invoke(&removed), Ok(Value::Null));
    assert_eq!(sqs.taken().len(), 1);
}
