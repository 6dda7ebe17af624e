//! Every envelope, every result of the table in the module's documentation, and odd events.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

/// A record as S3 writes it.
fn record(name: &str, key: &str) -> Value {
    json!({
        "eventVersion": "2.6", "eventSource": "aws:s3", "awsRegion": "eu-central-1",
        "eventTime": "2026-01-31T12:00:00.123Z", "eventName": name,
        "userIdentity": {"principalId": "AWS:AROAEXAMPLE:deploy"},
        "requestParameters": {"sourceIPAddress": "192.0.2.1"},
        "responseElements": {"x-amz-request-id": "C3D13FE58DE4C810", "x-amz-id-2": "F"},
        "s3": {
            "s3SchemaVersion": "1.0", "configurationId": "copy",
            "bucket": {"name": "media", "ownerIdentity": {"principalId": "A3NL1KOZZKExample"}, "arn": "arn:aws:s3:::media"},
            "object": {"key": key, "size": 1024, "eTag": "d41d8cd98f00b204e9800998ecf8427e",
                       "versionId": "096fKKXTRTtl3on89fVO.nfljtsv6qko", "sequencer": "0055AED6DCD90281E5"},
        },
        "somethingNew": {"since": "2.7"},
    })
}

fn notification(keys: &[&str]) -> Value {
    let records: Vec<_> = keys
        .iter()
        .map(|key| record("ObjectCreated:Put", key))
        .collect();
    json!({"Records": records})
}

fn in_sns(event: &Value) -> Value {
    json!({"Records": [{
        "EventSource": "aws:sns", "EventVersion": "1.0", "EventSubscriptionArn": "arn:aws:sns:eu-central-1:123456789012:t:1",
        "Sns": {"Type": "Notification", "MessageId": "m", "Message": event.to_string(), "Timestamp": "2026-01-31T12:00:00Z"},
    }]})
}

fn sns_body(event: &Value) -> Value {
    json!({"Type": "Notification", "TopicArn": "arn:aws:sns:eu-central-1:123456789012:t", "Message": event.to_string()})
}

fn in_sqs(bodies: &[&Value]) -> Value {
    let message = |(index, body): (usize, &&Value)| {
        json!({
            "messageId": format!("id-{index}"), "receiptHandle": "r", "body": body.to_string(),
            "attributes": {"MessageGroupId": "g"}, "messageAttributes": {}, "eventSource": "aws:sqs",
            "eventSourceARN": "arn:aws:sqs:eu-central-1:123456789012:q.fifo", "awsRegion": "eu-central-1",
        })
    };
    let records: Vec<_> = bodies.iter().enumerate().map(message).collect();
    json!({"Records": records})
}

fn failed(event: &Value) -> Value {
    json!({
        "version": "1.0", "timestamp": "2026-01-31T12:00:00.000Z",
        "requestContext": {"requestId": "r", "functionArn": "f", "condition": "RetriesExhausted", "approximateInvokeCount": 3},
        "requestPayload": event,
        "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
        "responsePayload": {"errorMessage": "e", "errorType": "t"},
    })
}

fn bridge(detail_type: &str, detail: &Value) -> Value {
    let mut event = json!({
        "version": "0", "id": "i", "detail-type": detail_type, "source": "aws.s3", "account": "123456789012",
        "time": "2026-01-31T12:00:00Z", "region": "eu-central-1", "resources": ["arn:aws:s3:::media"],
        "detail": {"version": "0", "bucket": {"name": "media"}, "requester": "123456789012",
                   "object": {"key": "a+b%20c.mp4", "size": 5, "etag": "e", "version-id": "v", "sequencer": "0055aed6dc"}},
    });
    let more = detail.as_object().cloned().unwrap_or_default();
    event["detail"].as_object_mut().unwrap().extend(more);
    event
}

/// The items of an invocation, or of all messages of a batch.
fn items(event: &Value) -> Vec<Item> {
    match read(event) {
        Delivery::Invocation(items) => items,
        Delivery::Queue(messages) => messages
            .into_iter()
            .flat_map(|message| message.items)
            .collect(),
    }
}

fn keys(event: &Value) -> Vec<String> {
    items(event)
        .into_iter()
        .map(|item| item.unwrap().key)
        .collect()
}

/// The problem of an event that has exactly one and nothing else.
fn problem(event: &Value) -> String {
    let mut items = items(event);
    assert_eq!(items.len(), 1, "{items:?}");
    items.remove(0).unwrap_err().to_string()
}

#[test]
fn a_record_of_s3_is_read_in_full() {
    let expected = ObjectEvent {
        change: Change::Created,
        name: "ObjectCreated:Put".to_owned(),
        bucket: "media".to_owned(),
        key: "a b+c".to_owned(),
        region: Some("eu-central-1".to_owned()),
        time: Some("2026-01-31T12:00:00.123Z".to_owned()),
        size: Some(1024),
        etag: Some("d41d8cd98f00b204e9800998ecf8427e".to_owned()),
        version_id: Some("096fKKXTRTtl3on89fVO.nfljtsv6qko".to_owned()),
        sequencer: Sequencer::new("0055AED6DCD90281E5"),
        principal: Some("AWS:AROAEXAMPLE:deploy".to_owned()),
    };
    assert_eq!(items(&notification(&["a+b%2Bc"])), [Ok(expected)]);
}

#[test]
fn every_envelope_and_nesting_gives_the_same_events() {
    let plain = notification(&["a+1", "b%2B2"]);
    let raw_delivery = in_sqs(&[&plain]);
    let wrapped = [
        in_sns(&plain),
        raw_delivery,
        in_sqs(&[&sns_body(&plain)]),
        failed(&plain),
        failed(&in_sns(&plain)),
        in_sqs(&[&failed(&in_sns(&plain))]),
        in_sqs(&[&failed(&in_sqs(&[&sns_body(&plain)]))]),
    ];
    for event in &wrapped {
        assert_eq!(items(event), items(&plain), "{event}");
    }
    assert_eq!(keys(&plain), ["a 1", "b+2"]);
}

#[test]
fn events_of_eventbridge_have_the_names_of_s3_and_keys_as_they_are() {
    let marker = json!({"reason": "DeleteObject", "deletion-type": "Delete Marker Created"});
    let expired = json!({"reason": "Lifecycle Expiration", "deletion-type": "Permanently Deleted"});
    let table = [
        (
            bridge("Object Created", &json!({"reason": "PutObject"})),
            "ObjectCreated:Put",
        ),
        (
            bridge("Object Created", &json!({"reason": "POST Object"})),
            "ObjectCreated:Post",
        ),
        (
            bridge("Object Created", &json!({"reason": "CopyObject"})),
            "ObjectCreated:Copy",
        ),
        (
            bridge(
                "Object Created",
                &json!({"reason": "CompleteMultipartUpload"}),
            ),
            "ObjectCreated:CompleteMultipartUpload",
        ),
        (
            bridge("Object Deleted", &json!({"reason": "DeleteObject"})),
            "ObjectRemoved:Delete",
        ),
        (
            bridge("Object Deleted", &marker),
            "ObjectRemoved:DeleteMarkerCreated",
        ),
        (
            bridge("Object Deleted", &expired),
            "LifecycleExpiration:Delete",
        ),
        (bridge("Object Tags Added", &json!({})), "Object Tags Added"),
    ];
    for (event, name) in table {
        for event in [&event, &in_sqs(&[&event])] {
            let event = items(event).remove(0).unwrap();
            assert_eq!(event.name, name);
            assert_eq!(event.key, "a+b%20c.mp4");
            assert_eq!(
                (event.etag.as_deref(), event.version_id.as_deref()),
                (Some("e"), Some("v"))
            );
            assert_eq!(event.change, Change::named(name));
        }
    }
}

#[test]
fn there_is_nothing_to_do_for_a_test_event_or_an_empty_list() {
    let test = json!({
        "Service": "Amazon S3", "Event": "s3:TestEvent", "Time": "2026-01-31T12:00:00.000Z",
        "Bucket": "media", "RequestId": "r", "HostId": "h",
    });
    let empty = json!({"Records": []});
    for event in [test, empty] {
        let wrapped = [
            in_sns(&event),
            in_sqs(&[&event]),
            in_sqs(&[&sns_body(&event)]),
            failed(&event),
        ];
        for event in wrapped.iter().chain([&event]) {
            assert_eq!(items(event), [], "{event}");
        }
    }
}

#[test]
fn a_shape_that_nobody_sends_is_unreadable_and_says_what_it_is() {
    assert_eq!(
        problem(&json!({})),
        "event: got an empty object, expected an event of S3, SQS, SNS or EventBridge, or the record of a failed one"
    );
    assert!(problem(&json!({"hello": 1})).starts_with("event: got an object of hello, expected"));
    assert_eq!(
        problem(&json!([1])),
        "event: got a list, expected an object"
    );
    assert_eq!(problem(&Value::Null), "event: got null, expected an object");
    assert_eq!(
        problem(&json!({"Records": {}})),
        "event.Records: got an object, expected a list of records"
    );
    assert_eq!(
        problem(&json!({"Records": [7]})),
        "event.Records[0]: got a number, expected a record"
    );
    let other_service = json!({"source": "aws.ec2", "detail-type": "t", "detail": {}});
    assert!(problem(&other_service).contains("got an object of detail, detail-type, source"));
    assert!(problem(&in_sqs(&[&json!("text")])).starts_with("event.Records[0].body: got a text"));
    assert!(problem(&failed(&json!({}))).starts_with("event.requestPayload: got an empty object"));
    let dynamodb = json!({"Records": [{"eventSource": "aws:dynamodb", "dynamodb": {}}]});
    assert!(
        problem(&dynamodb).starts_with("event.Records[0]: got an object of dynamodb, eventSource")
    );
}

#[test]
fn a_removal_needs_neither_size_nor_entity_tag() {
    let mut event = notification(&["a"]);
    let gone = &mut event["Records"][0];
    gone["eventName"] = json!("ObjectRemoved:Delete");
    gone["s3"]["object"] = json!({"key": "a", "sequencer": "0055AED6DC"});
    let event = items(&event).remove(0).unwrap();
    assert_eq!(event.change, Change::Removed(Removal::Permanent));
    assert_eq!(
        (event.size, event.etag, event.version_id),
        (None, None, None)
    );
}

#[test]
fn one_unreadable_record_leaves_the_others_readable() {
    let mut event = notification(&["a", "b%FF", "c", "d", "e"]);
    event["Records"][2]["s3"]["object"]["size"] = json!("big");
    event["Records"][3]["s3"]["bucket"] = json!({});
    event["Records"][4]["s3"]["object"]["sequencer"] = json!("soon");
    let texts: Vec<_> = items(&event)
        .into_iter()
        .map(|item| item.map_or_else(|problem| problem.to_string(), |event| event.key))
        .collect();
    assert_eq!(
        texts,
        [
            "a",
            "event.Records[1].s3.object.key: \"b%FF\": its decoded bytes are not UTF-8",
            "event.Records[2].s3.object.size: got a text, expected a size in bytes",
            "event.Records[3].s3.bucket.name: got nothing, expected a text",
            "event.Records[4].s3.object.sequencer: got \"soon\", expected a hexadecimal number",
        ]
    );
}

#[test]
fn messages_of_a_batch_are_told_apart() {
    let (good, bad) = (notification(&["a", "b"]), json!({}));
    let Delivery::Queue(messages) = read(&in_sqs(&[&good, &bad])) else {
        panic!("no batch")
    };
    let ids: Vec<_> = messages.iter().map(|message| message.id.as_str()).collect();
    assert_eq!(ids, ["id-0", "id-1"]);
    assert_eq!(messages[0].group.as_deref(), Some("g"));
    assert_eq!(messages[0].items.len(), 2);
    assert!(messages[1].items[0].is_err());
}

#[test]
fn a_group_orders_only_in_a_fifo_queue() {
    let mut event = in_sqs(&[&notification(&["a"])]);
    event["Records"][0]["eventSourceARN"] = json!("arn:aws:sqs:eu-central-1:123456789012:fair");
    let Delivery::Queue(messages) = read(&event) else {
        panic!("no batch")
    };
    assert_eq!(messages[0].group, None);
}

#[test]
fn a_message_without_an_id_fails_the_whole_batch() {
    let mut event = in_sqs(&[&notification(&["a"])]);
    event["Records"][0]["messageId"] = json!("");
    assert_eq!(
        problem(&event),
        "event.Records[0].messageId: got an empty text, expected the message's id"
    );
}

#[test]
fn a_body_that_is_no_json_says_so() {
    let mut event = in_sqs(&[&json!({})]);
    event["Records"][0]["body"] = json!("{\"Records\": [");
    assert!(
        problem(&event).starts_with("event.Records[0].body: no JSON: EOF"),
        "{}",
        problem(&event)
    );
}

#[test]
fn wrappings_end_somewhere() {
    let mut event = notification(&["a"]);
    for _ in 0..DEPTH_LIMIT {
        event = failed(&event);
    }
    assert_eq!(keys(&event), ["a"]);
    assert!(problem(&failed(&event)).ends_with("wrapped more than 8 times"));
}

/// Any JSON, so shaped that the names of envelopes occur often.
fn hostile() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<i64>().prop_map(Value::from),
        "[ -~]{0,12}".prop_map(Value::from),
        prop::sample::select(vec![
            "aws:s3",
            "aws:sqs",
            "aws:sns",
            "aws.s3",
            "Notification",
            "s3:TestEvent",
            "{}",
            "%"
        ])
        .prop_map(Value::from),
    ];
    let names = vec![
        "Records",
        "eventSource",
        "EventSource",
        "s3",
        "object",
        "key",
        "bucket",
        "name",
        "body",
        "Sns",
        "Message",
        "messageId",
        "Type",
        "Event",
        "source",
        "detail",
        "detail-type",
        "requestContext",
        "requestPayload",
        "eventName",
    ];
    leaf.prop_recursive(6, 48, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map(
                prop::sample::select(names.clone()).prop_map(str::to_owned),
                inner,
                0..6
            )
            .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn no_event_is_too_odd_to_read(event in hostile()) {
        let _ = read(&event);
        let _ = read(&in_sqs(&[&event, &sns_body(&event), &failed(&event)]));
    }
}
