//! Events that no known sender writes: what is said of them, exactly, by the handlers that share the
//! intake; and that the next event works.

use cloudwright_runtime::harness::Instance;
use serde_json::{Value, json};

use crate::created;
use crate::replicate::{object, world};

const NO_EVENT: &str =
    "expected an event of S3, SQS, SNS or EventBridge, or the record of a failed one";

/// What is sent, and what is said of it.
fn table() -> Vec<(&'static str, String)> {
    let wrong = |text, said: &str| (text, format!("1 of 1 failed; {said}"));
    vec![
        wrong("{}", &format!("event: got an empty object, {NO_EVENT}")),
        wrong(
            r#"{"a": 1, "b": 2}"#,
            &format!("event: got an object of a, b, {NO_EVENT}"),
        ),
        wrong("[]", "event: got a list, expected an object"),
        wrong("null", "event: got null, expected an object"),
        wrong("\"text\"", "event: got a text, expected an object"),
        wrong(
            r#"{"Records": 3}"#,
            "event.Records: got a number, expected a list of records",
        ),
        wrong(
            r#"{"Records": [true]}"#,
            "event.Records[0]: got a boolean, expected a record",
        ),
        wrong(
            r#"{"Records": [{"eventName": "ObjectCreated:Put", "s3": {"bucket": {"name": 3}, "object": {"key": "a"}}}]}"#,
            "event.Records[0].s3.bucket.name: got a number, expected a text",
        ),
        wrong(
            r#"{"Records": [{"eventName": "ObjectCreated:Put", "s3": {"bucket": {"name": "b"}, "object": {}}}]}"#,
            "event.Records[0].s3.object.key: got nothing, expected a text",
        ),
        wrong(
            r#"{"Records": [{"eventName": "ObjectCreated:Put", "s3": {"bucket": {"name": "b"}, "object": {"key": "%FF"}}}]}"#,
            "event.Records[0].s3.object.key: \"%FF\": its decoded bytes are not UTF-8",
        ),
    ]
}

/// What is no JSON does not reach the handler: the Lambda runtime refuses it with a type of its own, and
/// AWS does before, when the function is invoked.
const NO_JSON: [&str; 3] = ["{", "", "{\"Records\": [}"];

fn refused(instance: &mut Instance) {
    for (text, said) in table() {
        let error = instance.invoke_text(text).unwrap_err();
        let expected = json!({"errorType": "UnreadableEvent", "errorMessage": said});
        assert_eq!(error.sent, expected, "{text}");
    }
    for text in NO_JSON {
        let error = instance.invoke_text(text).unwrap_err();
        let start = "failed to deserialize the incoming data into the function's payload type: ";
        assert!(error.message.starts_with(start), "{text}: {error}");
        assert_eq!(
            error.kind, "&lambda_runtime::deserializer::DeserializeError",
            "{text}"
        );
    }
}

#[test]
fn replicate_says_what_is_wrong_and_the_next_event_works() {
    let (s3, mut instance) = world();
    refused(&mut instance);
    assert!(s3.seen("").is_empty());
    s3.put("source", "a", object("1"));
    assert_eq!(instance.invoke(&created(&["a"])), Ok(Value::Null));
    assert_eq!(
        (s3.keys("near"), s3.keys("far")),
        (vec!["a".to_owned()], vec!["a".to_owned()])
    );
}

#[test]
fn events_that_wait_are_answered_in_their_order_whatever_fails() {
    let (s3, mut instance) = world();
    for key in ["a", "b"] {
        s3.put("source", key, object("1"));
    }
    let answers = instance.invoke_all(&[created(&["a"]), json!({}), created(&["b"])]);
    let kinds: Vec<_> = (answers
        .iter()
        .map(|answer| answer.as_ref().map_err(|e| &*e.kind)))
    .collect();
    assert_eq!(
        kinds,
        [Ok(&Value::Null), Err("UnreadableEvent"), Ok(&Value::Null)]
    );
    assert_eq!(s3.keys("near"), ["a", "b"]);
}
