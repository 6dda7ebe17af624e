//! `cache-sync`: rows of tables, requests that fail, events and rows of no known form.

use cloudwright_runtime::harness::Instance;
use cloudwright_runtime::harness::http::Reply;
use serde_json::{Value, json};

use crate::dynamodb::{self, Dynamo};
use crate::s3::{self, S3, Stored};
use crate::{created, function, record, start};

const FILE: &str = "six-1.0+local.zip";
const KEY: &str = "six/six-1.0+local.zip";

struct World {
    s3: S3,
    tables: Dynamo,
    function: Instance,
}

impl World {
    /// A bucket with one package and the tables of a server.
    fn start() -> Self {
        let s3 = S3::start(&["source"]);
        let headers = [
            ("x-amz-meta-summary", "does things"),
            ("x-amz-meta-requires-python", ">=3.9"),
        ];
        let owned = headers.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let object = Stored {
            etag: "\"e\"".to_owned(),
            size: 3,
            headers: owned.into(),
            ..Stored::default()
        };
        s3.put("source", KEY, object);
        let tables = Dynamo::start(&[("Packages", "filename"), ("Summaries", "name")]);
        let function = function("cache-sync")
            .variable("AWS_ENDPOINT_URL_S3", &s3.url())
            .variable("AWS_ENDPOINT_URL_DYNAMODB", &tables.url())
            .variable("PACKAGE_BUCKET", "source")
            .variable("PACKAGE_TABLE", "Packages")
            .variable("SUMMARY_TABLE", "Summaries");
        Self {
            s3,
            tables,
            function: start(&function),
        }
    }

    /// Tells of the package, and gives what came of it.
    fn tell(&mut self) -> Result<(), String> {
        let answer = self.function.invoke(&created(&["six/six-1.0%2Blocal.zip"]));
        answer.map(drop).map_err(|error| error.to_string())
    }

    /// The same by an event that is late, from before the package came again: then the row is read first.
    fn tell_late(&mut self) -> Result<(), String> {
        let gone = record("ObjectRemoved:Delete", "source", "six/six-1.0%2Blocal.zip");
        let answer = self.function.invoke(&json!({"Records": [gone]}));
        answer.map(drop).map_err(|error| error.to_string())
    }

    fn row(&self) -> Option<Value> {
        self.tables.item("Packages", FILE)
    }
}

#[test]
fn a_row_is_as_a_server_writes_it_and_goes_with_the_object() {
    let mut world = World::start();
    assert_eq!(world.tell(), Ok(()));
    let row = json!({
        "filename": {"S": FILE}, "name": {"S": "six"}, "version": {"S": "1.0+local"},
        "summary": {"S": "does things"}, "last_modified": {"N": "1769860800"},
        "data": {"M": {"path": {"S": KEY}, "requires_python": {"S": ">=3.9"}}},
    });
    assert_eq!(world.row(), Some(row));
    let said = json!({
        "name": {"S": "six"}, "summary": {"S": "does things"}, "last_modified": {"N": "1769860800"},
    });
    assert_eq!(world.tables.item("Summaries", "six"), Some(said));

    world.s3.remove("source", KEY);
    let gone = record("ObjectRemoved:Delete", "source", "six/six-1.0%2Blocal.zip");
    let answer = world.function.invoke(&json!({"Records": [gone]}));
    assert_eq!(answer, Ok(Value::Null));
    assert_eq!(
        (world.row(), world.tables.item("Summaries", "six")),
        (None, None)
    );
}

#[test]
fn a_file_that_is_no_package_is_left_out_and_told_of() {
    let mut world = World::start();
    world.s3.put("source", "readme", Stored::default());
    assert_eq!(
        world.function.invoke(&created(&["readme"])),
        Ok(Value::Null)
    );
    assert!(world.tables.seen("PutItem").is_empty());
    let told = world.function.record(|record| record["level"] == "INFO");
    assert_eq!(told.unwrap()["keys"], json!(["readme"]));
    let counted = world
        .function
        .record(|record| record["FilesNotPackages"] == 1);
    assert_eq!(counted.unwrap()["KeysElsewhere"], 0);
}

#[test]
fn a_request_that_is_refused_fails_the_invocation_and_the_next_one_heals() {
    let table = [
        (
            "GetItem",
            dynamodb::error(400, "AccessDeniedException"),
            "AccessDenied: 1 of 1 failed; DynamoDB GetItem on table Packages, bucket source, key \"six/six-1.0+local.zip\", \
             region eu-central-1: AccessDeniedException: said DynamoDB (request id D1)",
        ),
        (
            "PutItem",
            dynamodb::error(400, "ProvisionedThroughputExceededException"),
            "Throttled: 1 of 1 failed; DynamoDB PutItem on table Packages, bucket source, key \"six/six-1.0+local.zip\", \
             region eu-central-1: ProvisionedThroughputExceededException: said DynamoDB (request id D1)",
        ),
        (
            "\"Summaries\"",
            dynamodb::error(400, "ResourceNotFoundException"),
            "NotFound: 1 of 1 failed; DynamoDB GetItem on table Summaries, bucket source",
        ),
        (
            "GetItem",
            Reply::new(200, "{\"Item\": 3}"),
            "ServiceFailed: 1 of 1 failed; DynamoDB GetItem on table Packages",
        ),
        (
            "GetItem",
            Reply::Break,
            "ServiceFailed: 1 of 1 failed; DynamoDB GetItem on table Packages, bucket source, key \
             \"six/six-1.0+local.zip\", region eu-central-1: response error: error reading a \
             body from connection: end of file before message length reached",
        ),
        (
            "GetItem",
            Reply::HangUp,
            "Unreachable: 1 of 1 failed; DynamoDB GetItem on table Packages, bucket source, key \
             \"six/six-1.0+local.zip\", region eu-central-1: dispatch failure: other: client \
             error (SendRequest): connection closed before message completed",
        ),
    ];
    for (request, reply, expected) in table {
        let mut world = World::start();
        // As often as the SDK tries.
        world.tables.answer(request, 3, reply.clone());
        let mut error = String::new();
        // What is not worth another try leaves faults to the next events.
        while let Err(text) = world.tell_late() {
            error = text;
        }
        assert!(error.contains(expected), "{reply:?}: {error}");
        assert!(world.row().is_some(), "{error}");
    }
}

#[test]
fn what_fails_once_is_tried_again_at_once() {
    let mut world = World::start();
    let throttled = dynamodb::error(400, "ThrottlingException");
    world.tables.answer("PutItem", 1, throttled);
    world
        .tables
        .answer("GetItem", 1, dynamodb::error(500, "InternalServerError"));
    world.s3.answer("HEAD", 1, s3::error(503, "SlowDown"));
    assert_eq!(world.tell(), Ok(()));
    assert!(world.row().is_some());
}

#[test]
fn a_bucket_that_may_not_be_read_changes_nothing() {
    let mut world = World::start();
    assert_eq!(world.tell(), Ok(()));
    let before = world.row();
    for request in ["HEAD", "GET"] {
        world.s3.answer(request, 9, s3::error(403, "AccessDenied"));
    }
    let error = world.tell().unwrap_err();
    assert!(
        error.starts_with("AccessDenied: 1 of 1 failed; S3 "),
        "{error}"
    );
    assert_eq!(world.row(), before);
}

#[test]
fn a_file_that_comes_is_written_without_a_question_before() {
    let mut world = World::start();
    let asked = |world: &World| {
        let bodies = world.tables.seen("GetItem").into_iter();
        bodies
            .filter(|body| body["TableName"] == "Packages")
            .count()
    };
    assert_eq!(world.tell(), Ok(()));
    // Something is said of its name, after which the row may be another one's.
    assert_eq!((asked(&world), world.tables.seen("PutItem").len()), (1, 2));
    // Once more, and after another has written: what is there is told with the refusal.
    assert_eq!(world.tell(), Ok(()));
    let row = world.row();
    let mut other = row.clone().unwrap();
    other["version"] = json!({"S": "0"});
    world.tables.plant("Packages", FILE, other);
    assert_eq!(world.tell(), Ok(()));
    assert_eq!((asked(&world), world.row()), (1, row));
}

#[test]
fn a_row_that_is_no_package_is_not_overwritten() {
    let mut world = World::start();
    let strange = json!({"filename": {"S": FILE}, "name": {"N": "3"}, "data": {"M": {}}});
    world.tables.plant("Packages", FILE, strange.clone());
    let error = world.tell().unwrap_err();
    let expected = "DynamoDB table Packages, bucket source, key \"six/six-1.0+local.zip\", region eu-central-1: \
                    item \"six-1.0+local.zip\": attribute name: got N(\"3\"), expected a text";
    assert!(
        error.starts_with("Refused: ") && error.contains(expected),
        "{error}"
    );
    assert_eq!(world.row(), Some(strange));
}

#[test]
fn tables_of_another_schema_are_told_with_the_one_that_is_needed() {
    for (request, operation) in [
        ("GetItem", "GetItem on table Packages"),
        ("PutItem", "PutItem on table Packages"),
        ("\"Summaries\"", "GetItem on table Summaries"),
    ] {
        let mut world = World::start();
        let refusal = dynamodb::error(400, "ValidationException");
        world.tables.answer(request, 1, refusal);
        let error = world.tell_late().unwrap_err();
        let expected = "ValidationException: said DynamoDB; expected the partition key `filename` and the index \
                        `name-index` on `name` in the table of the files";
        assert!(
            error.starts_with("Refused: 1 of 1 failed; ")
                && error.contains(operation)
                && error.contains(expected),
            "{error}"
        );
        // Whoever mends the table finds nothing lost.
        assert_eq!(world.tell_late(), Ok(()));
        assert!(world.row().is_some());
    }
}

#[test]
fn a_rebuild_passes_over_keys_that_xml_cannot_hold() {
    let mut world = World::start();
    let odd = [
        "a b+c%2B&=é-1.0.zip",
        "bell\u{7}-1.zip",
        "one\u{1}/p-1.zip",
        "r\r\n-1.zip",
    ];
    for key in odd {
        let object = Stored {
            etag: "\"e\"".to_owned(),
            ..Stored::default()
        };
        world.s3.put("source", key, object);
    }
    let answer = world.function.invoke(&json!({"rebuild": {}}));
    assert_eq!(answer, Ok(json!({"files": 5, "changed": 3})));
    // By pypicloud's rule, what has `\u{7}` or a line in its name is no package.
    let row = world.tables.item("Packages", "p-1.zip").unwrap();
    assert_eq!(row["data"]["M"]["path"]["S"], "one\u{1}/p-1.zip");
    assert!(world.row().is_some());
    let answer = world.function.invoke(&json!({"rebuild": {}}));
    assert_eq!(answer.map(|answer| answer["changed"].clone()), Ok(json!(0)));
}

#[test]
fn an_event_of_another_prefix_is_skipped_and_counted() {
    let mut world = World::start();
    let function = function("cache-sync")
        .variable("AWS_ENDPOINT_URL_S3", &world.s3.url())
        .variable("AWS_ENDPOINT_URL_DYNAMODB", &world.tables.url())
        .variable("PACKAGE_BUCKET", "source")
        .variable("PACKAGE_PREFIX", "py/")
        .variable("PACKAGE_TABLE", "Packages")
        .variable("SUMMARY_TABLE", "Summaries");
    world.function = start(&function);
    assert_eq!(world.tell(), Ok(()));
    assert_eq!((world.row(), world.s3.seen("").len()), (None, 0));
    let counted = world.function.record(|record| record["KeysElsewhere"] == 1);
    assert_eq!(counted.unwrap()["FilesNotPackages"], 0);
}

#[test]
fn events_of_no_known_form_fail_and_the_next_one_is_handled() {
    let mut world = World::start();
    let wrong = [
        ("{}", "UnreadableEvent"),
        ("{\"rebuild\": {\"form\": \"a\"}}", "UnreadableEvent"),
        ("{\"rebuild\": []}", "UnreadableEvent"),
        ("{\"rebuild\": {}, \"soFar\": 3}", "UnreadableEvent"),
        ("{\"Records\": 3}", "UnreadableEvent"),
        ("\"rebuild\"", "UnreadableEvent"),
    ];
    for (event, kind) in wrong {
        let error = world.function.invoke_text(event).unwrap_err();
        assert_eq!(error.kind, kind, "{event}: {error}");
        assert!(error.message.contains("failed; "), "{event}: {error}");
    }
    assert!(world.function.invoke_text("{\"Records\": [").is_err());
    assert_eq!(world.tell(), Ok(()));
    assert!(world.row().is_some());
}

#[test]
fn an_event_of_another_bucket_is_refused() {
    let mut world = World::start();
    let foreign = record("ObjectCreated:Put", "other", "six-1.0.zip");
    let error = world.function.invoke(&json!({"Records": [foreign]}));
    let error = error.unwrap_err();
    assert_eq!(error.kind, "Refused");
    let expected = "bucket other, key \"six-1.0.zip\": an event of another bucket, expected source";
    assert!(error.message.contains(expected), "{error}");
}

#[test]
fn an_index_that_is_set_up_wrong_is_told_before_the_first_event() {
    let cases: [(&[(&str, &str)], &str); 4] = [
        (&[], "environment variable PACKAGE_BUCKET is not set"),
        (
            &[("PACKAGE_BUCKET", "b")],
            "environment variable PACKAGE_TABLE is not set",
        ),
        (
            &[
                ("PACKAGE_BUCKET", "b"),
                ("REDIS_URL", "redis://me:secret@h"),
            ],
            "REDIS_URL: got \"redis://***@h\"",
        ),
        (
            &[("PACKAGE_BUCKET", "b"), ("REDIS_URL_SECRET", "cache")],
            "REDIS_URL_SECRET: got \"cache\", expected the ARN of a secret",
        ),
    ];
    for (variables, expected) in cases {
        let set = |function: cloudwright_runtime::harness::Function,
                   (name, value): &(&str, &str)| {
            function.variable(name, value)
        };
        let function = variables.iter().fold(function("cache-sync"), set);
        let error = function.start().unwrap_err();
        assert_eq!(error.kind, "Runtime.ConfigInvalid");
        assert!(error.message.contains(expected), "{error}");
    }
}
