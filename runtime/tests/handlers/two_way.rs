//! `replicate` with two buckets that both may be written to: two functions, one table.

use cloudwright_runtime::harness::http::Reply;
use cloudwright_runtime::harness::{Function, Instance};
use cloudwright_runtime::replicate::two_way::mark;
use serde_json::{Value, json};

use crate::replicate::object;
use crate::s3::{S3, Stored, error};
use crate::tombstones::DynamoDb;
use crate::{function, start};

/// Both buckets, both functions and the table.
struct World {
    s3: S3,
    table: DynamoDb,
    east: Instance,
    west: Instance,
}

fn settings(s3: &S3, table: &DynamoDb, region: &str, to: (&str, &str)) -> Function {
    function("replicate")
        .variable("AWS_REGION", region)
        .variable("AWS_LAMBDA_FUNCTION_NAME", &format!("sync-{region}"))
        .variable("AWS_ENDPOINT_URL_S3", &s3.url())
        .variable("AWS_ENDPOINT_URL_DYNAMODB", &table.url())
        .variable("DESTINATION_1_BUCKET", to.0)
        .variable("DESTINATION_1_REGION", to.1)
        .variable("REPLICATION_MODE", "two-way")
        .variable("TOMBSTONE_TABLE", "changes")
        .variable("TOMBSTONE_REGION", "ap-south-1")
}

fn world() -> World {
    let s3 = S3::start(&["east", "west"]);
    let table = DynamoDb::start();
    let east = settings(&s3, &table, "us-east-1", ("west", "us-west-2"));
    let west = settings(&s3, &table, "us-west-2", ("east", "us-east-1"));
    World {
        east: start(&east),
        west: start(&west),
        s3,
        table,
    }
}

/// A notification of S3, by minute of the day.
fn event(name: &str, bucket: &str, key: &str, minute: u32, who: &str) -> Value {
    let time = format!("2026-01-31T12:{minute:02}:00.000Z");
    let region = if bucket == "east" {
        "us-east-1"
    } else {
        "us-west-2"
    };
    let object = json!({"key": key, "sequencer": format!("0055AED6{minute:02X}")});
    json!({"Records": [{
        "eventVersion": "2.6", "eventSource": "aws:s3", "awsRegion": region, "eventName": name,
        "eventTime": time, "userIdentity": {"principalId": who},
        "s3": {"bucket": {"name": bucket}, "object": object},
    }]})
}

fn put(bucket: &str, key: &str, minute: u32) -> Value {
    event("ObjectCreated:Put", bucket, key, minute, "AWS:AIDAMARY")
}

fn written(etag: &str, minute: u32) -> Stored {
    Stored {
        minute,
        ..object(etag)
    }
}

/// What a bucket holds of a key, without the mark of a copy.
fn unmarked(s3: &S3, bucket: &str, key: &str) -> Option<Stored> {
    let mut stored = s3.get(bucket, key)?;
    stored
        .headers
        .remove(&format!("x-amz-meta-{}", mark::ENTRY));
    Some(stored)
}

#[test]
fn objects_and_removals_go_both_ways_and_echoes_nowhere() {
    let mut world = world();
    world.s3.put("east", "a b+ü", object("1"));
    let created = put("east", "a+b%2B%C3%BC", 1);
    assert_eq!(world.east.invoke(&created), Ok(Value::Null));
    assert_eq!(unmarked(&world.s3, "west", "a b+ü"), Some(object("1")));
    let copy = world.s3.get("west", "a b+ü").unwrap();
    let mark = &copy.headers[&format!("x-amz-meta-{}", mark::ENTRY)];
    assert!(
        mark.ends_with(" 1769860860000 0055aed601 us-east-1 east"),
        "{mark}"
    );
    let copied = event(
        "ObjectCreated:Copy",
        "west",
        "a+b%2B%C3%BC",
        2,
        "AWS:AROAX:sync-us-east-1",
    );
    assert_eq!(world.west.invoke(&copied), Ok(Value::Null));
    assert_eq!(world.s3.seen("PUT").len(), 1);
    assert_eq!(
        world.s3.seen("PUT west")[0].request.header("if-none-match"),
        Some("*")
    );

    world.s3.remove("west", "a b+ü");
    let gone = event(
        "ObjectRemoved:Delete",
        "west",
        "a+b%2B%C3%BC",
        3,
        "AWS:AIDAMARY",
    );
    assert_eq!(world.west.invoke(&gone), Ok(Value::Null));
    assert_eq!(world.s3.get("east", "a b+ü"), None);
    let removal = &world.s3.seen("DELETE east")[0].request;
    assert_eq!(removal.header("if-match"), Some("\"1\""));

    // Written again, before the function hears of its own removal.
    world.s3.put("west", "a b+ü", object("2"));
    assert_eq!(
        world.west.invoke(&put("west", "a+b%2B%C3%BC", 4)),
        Ok(Value::Null)
    );
    let echo = event(
        "ObjectRemoved:Delete",
        "east",
        "a+b%2B%C3%BC",
        5,
        "AWS:AROAX:sync-us-west-2",
    );
    assert_eq!(world.east.invoke(&echo), Ok(Value::Null));
    for bucket in ["east", "west"] {
        assert_eq!(
            unmarked(&world.s3, bucket, "a b+ü"),
            Some(object("2")),
            "{bucket}"
        );
    }
    let scopes = world.table.scopes();
    assert!(
        scopes.iter().all(|scope| scope == "ap-south-1/dynamodb"),
        "{scopes:?}"
    );
}

#[test]
fn the_newer_write_wins_whichever_event_comes_first() {
    for order in [["east", "west"], ["west", "east"]] {
        let mut world = world();
        world.s3.put("east", "a", written("old", 1));
        world.s3.put("west", "a", written("new", 2));
        for bucket in order.into_iter().chain(order) {
            let answer = match bucket {
                "east" => world.east.invoke(&put("east", "a", 1)),
                _ => world.west.invoke(&put("west", "a", 2)),
            };
            assert_eq!(answer, Ok(Value::Null));
        }
        for bucket in ["east", "west"] {
            assert_eq!(
                unmarked(&world.s3, bucket, "a"),
                Some(written("new", 2)),
                "{order:?}"
            );
        }
    }
}

#[test]
fn a_table_that_does_not_answer_stops_everything_and_the_next_event_heals() {
    let mut world = world();
    world.s3.put("east", "a", object("1"));
    let throttled = json!({
        "__type": "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException",
        "message": "slow down",
    });
    let missing = json!({
        "__type": "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException",
        "message": "Requested resource not found",
    });
    let table = [
        (
            throttled,
            3,
            "Throttled",
            "ProvisionedThroughputExceededException: slow down",
        ),
        (
            missing,
            1,
            "NotFound",
            "ResourceNotFoundException: Requested resource not found",
        ),
    ];
    for (body, times, kind, text) in table {
        let reply = Reply::new(400, body.to_string()).with("x-amzn-requestid", "r-1");
        world.table.answer(vec![reply; times]);
        let failed = world.east.invoke(&put("east", "a", 1)).unwrap_err();
        let expected = json!({
            "errorType": kind,
            "errorMessage": format!(
                "1 of 1 failed; DynamoDB UpdateItem on table changes, bucket east, key \"a\", \
                 region ap-south-1: {text} (request id r-1)"
            ),
        });
        assert_eq!(failed.sent, expected);
        assert!(world.s3.keys("west").is_empty());
    }
    assert_eq!(world.east.invoke(&put("east", "a", 1)), Ok(Value::Null));
    assert_eq!(world.s3.keys("west"), ["a"]);
}

#[test]
fn a_bucket_that_refuses_is_told_and_the_next_event_heals() {
    let mut world = world();
    world.s3.put("east", "a", object("1"));
    world.s3.answer("PUT west/a", 1, error(403, "AccessDenied"));
    let failed = world.east.invoke(&put("east", "a", 1)).unwrap_err();
    let expected = json!({
        "errorType": "AccessDenied",
        "errorMessage": "1 of 1 failed; S3 CopyObject, bucket west, key \"a\", region us-west-2: \
                         AccessDenied: said S3 (request id R1)",
    });
    assert_eq!(failed.sent, expected);
    assert_eq!(world.east.invoke(&put("east", "a", 1)), Ok(Value::Null));
    assert_eq!(world.s3.keys("west"), ["a"]);
}

#[test]
fn an_event_that_does_not_say_who_removed_is_refused() {
    let mut world = world();
    let mut gone = event("ObjectRemoved:Delete", "east", "a", 1, "");
    gone["Records"][0]
        .as_object_mut()
        .unwrap()
        .remove("userIdentity");
    let failed = world.east.invoke(&gone).unwrap_err();
    assert_eq!(failed.kind, "UnreadableEvent");
    assert!(
        failed
            .message
            .contains("does not say who removed the object"),
        "{failed}"
    );
}
