//! Batches, groups, deadlines and what an invocation answers.

use std::sync::Mutex;
use std::time::Duration;

use serde_json::json;

use super::*;
use crate::failure::Class;
use crate::intake::read;

/// Fails for keys that begin with `bad`, and remembers what it was given.
#[derive(Default)]
struct Probe(Mutex<Vec<String>>);

impl Work for Probe {
    async fn handle(&self, events: &[ObjectEvent], _: &Deadline) -> Vec<Outcome> {
        let handle = |event: &ObjectEvent| {
            self.0.lock().unwrap().push(event.key.clone());
            let failure = || Failure::new(Class::Refused, "no").of(event);
            if event.key.starts_with("bad") {
                Err(vec![failure()])
            } else {
                Ok(())
            }
        };
        events.iter().map(handle).collect()
    }
}

fn s3(keys: &[&str]) -> Value {
    let record = |key: &&str| {
        json!({"eventSource": "aws:s3", "eventName": "ObjectCreated:Put",
               "s3": {"bucket": {"name": "b"}, "object": {"key": key}}})
    };
    json!({"Records": keys.iter().map(record).collect::<Vec<_>>()})
}

/// A batch of messages, each with an id, a group and its keys.
fn batch(arn: &str, messages: &[(&str, &str, &[&str])]) -> Value {
    let message = |(id, group, keys): &(&str, &str, &[&str])| {
        let body = if keys.is_empty() { json!({}) } else { s3(keys) };
        json!({"messageId": id, "eventSource": "aws:sqs", "eventSourceARN": arn, "body": body.to_string(),
               "attributes": {"MessageGroupId": group}})
    };
    json!({"Records": messages.iter().map(message).collect::<Vec<_>>()})
}

async fn answer(event: &Value) -> (Result<Value, Report>, Vec<String>) {
    let journal = Journal::new("probe", "f", std::io::sink());
    let deadline = Deadline::within(Duration::from_secs(10));
    let invocation = Invocation {
        request: "r",
        deadline,
        journal: &journal,
    };
    let probe = Probe::default();
    let answer = invocation.answer(read(event), &probe).await;
    (answer, probe.0.into_inner().unwrap())
}

#[tokio::test]
async fn an_invocation_tries_everything_and_then_fails_as_a_whole() {
    let (result, tried) = answer(&s3(&["a", "bad1", "%FF", "bad2", "b"])).await;
    assert_eq!(tried, ["a", "bad1", "bad2", "b"]);
    let report = result.unwrap_err();
    assert_eq!(
        (report.done, report.failures.len(), report.error_type()),
        (2, 3, "SeveralFailures")
    );
}

#[test]
fn the_first_of_what_was_done_tells_how_late_it_was() {
    let mut event = s3(&["a", "b", "bad", "c"]);
    let times = [
        "2026-01-31T12:00:01.000Z",
        "2026-01-31T12:00:00.500Z",
        "1999-01-01T00:00:00.000Z",
        "2026-01-31T12:00:02.000Z",
    ];
    for (record, time) in event["Records"]
        .as_array_mut()
        .unwrap()
        .iter_mut()
        .zip(times)
    {
        record["eventTime"] = time.into();
    }
    let Delivery::Invocation(items) = read(&event) else {
        panic!("an invocation")
    };
    let mut tally = Tally::default();
    for item in items {
        let event = item.unwrap();
        let outcome = match event.key.starts_with("bad") {
            true => Err(Vec::new()),
            false => Ok(()),
        };
        tally.count(&event, Some(outcome));
    }
    assert_eq!((tally.done, tally.oldest), (3, Some(1_769_860_800_500)));
}

#[tokio::test]
async fn nothing_to_do_is_success_and_an_unknown_shape_is_not() {
    assert_eq!(answer(&s3(&[])).await.0, Ok(Value::Null));
    let report = answer(&json!({})).await.0.unwrap_err();
    assert_eq!(report.error_type(), "UnreadableEvent");
}

#[tokio::test]
async fn a_batch_answers_with_the_messages_that_failed() {
    let messages: &[(&str, &str, &[&str])] = &[
        ("1", "g", &["a"]),
        ("2", "g", &["b", "bad"]),
        ("3", "g", &["c"]),
        ("4", "g", &[]),
    ];
    let (result, tried) = answer(&batch("arn:aws:sqs:x:1:q", messages)).await;
    assert_eq!(tried, ["a", "b", "bad", "c"]);
    let expected = json!({"batchItemFailures": [{"itemIdentifier": "2"}, {"itemIdentifier": "4"}]});
    assert_eq!(result, Ok(expected));
}

#[tokio::test]
async fn a_batch_without_failures_answers_an_empty_list() {
    let (result, _) = answer(&batch("arn:aws:sqs:x:1:q", &[("1", "g", &["a"])])).await;
    assert_eq!(result, Ok(json!({"batchItemFailures": []})));
}

#[tokio::test]
async fn the_rest_of_a_failed_group_is_not_tried_and_fails_with_it() {
    let messages: &[(&str, &str, &[&str])] = &[
        ("1", "g", &["a"]),
        ("2", "g", &["bad"]),
        ("3", "h", &["b"]),
        ("4", "g", &["c"]),
        ("5", "h", &["d"]),
        ("6", "g", &["e"]),
    ];
    let (result, mut tried) = answer(&batch("arn:aws:sqs:x:1:q.fifo", messages)).await;
    tried.sort_unstable();
    assert_eq!(tried, ["a", "b", "bad", "d"]);
    let failed = json!([{"itemIdentifier": "2"}, {"itemIdentifier": "4"}, {"itemIdentifier": "6"}]);
    assert_eq!(result.unwrap()["batchItemFailures"], failed);
}

#[tokio::test]
async fn messages_of_a_group_are_handled_one_after_another() {
    let messages: &[(&str, &str, &[&str])] = &[
        ("1", "g", &["a1"]),
        ("2", "h", &["b1"]),
        ("3", "g", &["a2"]),
        ("4", "g", &["a3"]),
    ];
    let (_, tried) = answer(&batch("arn:aws:sqs:x:1:q.fifo", messages)).await;
    assert_eq!(tried, ["a1", "b1", "a2", "a3"]);
}
