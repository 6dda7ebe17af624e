//! `submit`: forms at a stand-in of an archive, what its answers lead to, and what is remembered.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::sleep;
use std::time::Duration;

use cloudwright_runtime::harness::http::{Reply, Request, Server};
use cloudwright_runtime::harness::{Function, Instance};
use serde_json::{Value, json};

use crate::dynamodb::{self, Dynamo};
use crate::s3::{self, S3, Stored};
use crate::{created, function, start};

const KEY: &str = "out/track 1+2.json";
const ENCODED: &str = "out/track+1%2B2.json";
const ARN: &str = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:auth-AbCdEf";

/// What the archive answers next, each after a while.
type Replies = Mutex<Vec<(Duration, Reply)>>;

struct World {
    s3: S3,
    table: Dynamo,
    replies: Arc<Replies>,
    posts: Arc<Mutex<Vec<Request>>>,
    archive: Server,
    secrets: Server,
}

impl World {
    /// An object with a tag, a secret that holds this text, and an archive that accepts.
    fn new(secret: &'static str) -> Self {
        Self::of_secrets(move |_| secret)
    }

    /// The same with a secret that is told how often it was read before.
    fn of_secrets(secret: impl Fn(usize) -> &'static str + Send + Sync + 'static) -> Self {
        let s3 = S3::start(&["source"]);
        let object = Stored {
            etag: "\"e\"".to_owned(),
            size: 4,
            tags: "SourceID=vessel%207&team=a%20b".to_owned(),
            headers: [("content-type".to_owned(), "application/json".to_owned())].into(),
            ..Stored::default()
        };
        s3.put("source", KEY, object);
        let (replies, posts) = (Arc::<Replies>::default(), Arc::default());
        let (next, seen) = (Arc::clone(&replies), Arc::<Mutex<Vec<_>>>::clone(&posts));
        let archive = Server::start(move |request| {
            seen.lock().unwrap().push(request.clone());
            let (late, reply) = next
                .lock()
                .unwrap()
                .pop()
                .unwrap_or_else(|| (Duration::ZERO, success()));
            sleep(late);
            reply
        });
        let reads = AtomicUsize::default();
        let secrets = Server::start(move |_| {
            let secret = secret(reads.fetch_add(1, Ordering::SeqCst));
            let answer = json!({"ARN": ARN, "Name": "auth", "SecretString": secret});
            Reply::new(200, answer.to_string())
        });
        Self {
            s3,
            table: Dynamo::start(&[("Deliveries", "object")]),
            replies,
            posts,
            archive: archive.unwrap(),
            secrets: secrets.unwrap(),
        }
    }

    fn function(&self) -> Function {
        function("submit")
            .variable("AWS_ENDPOINT_URL_S3", &self.s3.url())
            .variable("AWS_ENDPOINT_URL_DYNAMODB", &self.table.url())
            .variable("AWS_ENDPOINT_URL_SECRETS_MANAGER", &self.secrets.url())
            .variable(
                "SUBMIT_URL",
                &format!("{}/upload?test=1", self.archive.url()),
            )
            .variable("PROVIDER_ID", "PRO")
            .variable("PROVIDER_AUTH_SECRET", ARN)
            .variable("DELIVERY_TABLE", "Deliveries")
    }

    fn answer(&self, replies: &[(u64, Reply)]) {
        let mut next = self.replies.lock().unwrap();
        let reply =
            |(seconds, reply): &(u64, Reply)| (Duration::from_secs(*seconds), reply.clone());
        next.extend(replies.iter().rev().map(reply));
    }

    fn posts(&self) -> Vec<Request> {
        self.posts.lock().unwrap().clone()
    }

    fn state(&self) -> Option<String> {
        let item = self.table.item("Deliveries", &format!("source/{KEY}"))?;
        item["state"]["S"].as_str().map(str::to_owned)
    }

    fn tags(&self) -> String {
        self.s3.get("source", KEY).unwrap().tags
    }
}

fn success() -> Reply {
    Reply::new(200, "{\"success\": true}")
}

/// Tells of the object, and gives what came of it.
fn tell(instance: &mut Instance) -> Result<(), String> {
    let answer = instance.invoke(&created(&[ENCODED]));
    answer.map(drop).map_err(|error| error.to_string())
}

#[test]
fn an_object_is_posted_with_its_metadata_once() {
    let world = World::new(" hunter2\n");
    let mut instance = start(&world.function());
    assert_eq!(tell(&mut instance), Ok(()));
    assert_eq!(tell(&mut instance), Ok(()));
    let posts = world.posts();
    assert_eq!(posts.len(), 1);
    assert_eq!(
        (&*posts[0].method, &*posts[0].target),
        ("POST", "/upload?test=1")
    );
    assert_eq!(posts[0].header("x-auth-token"), Some("hunter2"));
    let kind = posts[0].header("content-type").unwrap();
    let boundary = kind.strip_prefix("multipart/form-data; boundary=").unwrap();
    let expected = format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"track 1+2.json\"\r\n\
         Content-Type: application/json\r\n\r\nxxxx\r\n--{boundary}\r\n\
         Content-Disposition: form-data; name=\"metadataInput\"\r\n\r\n\
         {{\n    \"uniqueID\": \"PRO-vessel 7\"\n}}\r\n--{boundary}--\r\n"
    );
    assert_eq!(posts[0].text(), expected);
    assert_eq!(world.state().as_deref(), Some("accepted"));
    assert_eq!(
        world.tags(),
        "SourceID=vessel%207&team=a%20b&SubmissionState=accepted"
    );
    let item = world
        .table
        .item("Deliveries", &format!("source/{KEY}"))
        .unwrap();
    assert_eq!(
        (&item["version"]["S"], &item["attempts"]["N"]),
        (&json!("\"e\""), &json!("1"))
    );
    assert!(!instance.logs().join("\n").contains("hunter2"));
}

#[test]
fn what_an_answer_leads_to() {
    let unknown =
        "OutcomeUnknown: 1 of 1 failed; HTTP POST, bucket source, key \"out/track 1+2.json\": ";
    let cut_off = "error reading a body from connection: end of file before message length reached";
    let hung_up = "client error (SendRequest): connection closed before message completed";
    let table = [
        (Reply::new(200, "{\"success\": false, \"m\": \"no hunter2\"}"), 1, "refused",
            "Refused: 1 of 1 failed; HTTP POST, bucket source, key \"out/track 1+2.json\": HTTP status 200, but no \
             success: {\"success\": false, \"m\": \"no ***\"}".to_owned()),
        (Reply::new(200, "<html>hello"), 1, "unknown", format!("{unknown}HTTP status 200, but no JSON object")),
        (Reply::new(401, "who"), 1, "refused", "AccessDenied: 1 of 1 failed; HTTP POST".to_owned()),
        (Reply::new(302, "").with("Location", "https://elsewhere.example/"), 1, "refused",
            "HTTP status 302, which is not followed".to_owned()),
        (Reply::new(500, "oops"), 2, "failed", "ServiceFailed: 1 of 1 failed; HTTP POST".to_owned()),
        (Reply::new(429, "").with("Retry-After", "3600"), 1, "failed", "Throttled: 1 of 1 failed".to_owned()),
        (Reply::new(504, ""), 1, "unknown", format!("{unknown}HTTP status 504 of a gateway")),
        (Reply::Break, 1, "unknown", format!("{unknown}streaming error: {cut_off}")),
        (Reply::HangUp, 1, "unknown", format!("{unknown}other: {hung_up}")),
    ];
    for (reply, posts, state, expected) in table {
        let world = World::new("hunter2");
        let mut instance = start(&world.function().variable("SUBMIT_ATTEMPTS", "2"));
        world.answer(&vec![(0, reply.clone()); posts]);
        let error = tell(&mut instance).unwrap_err();
        assert!(error.contains(&expected), "{reply:?}: {error}");
        assert_eq!(world.posts().len(), posts, "{reply:?}");
        assert_eq!(world.state().as_deref(), Some(state), "{reply:?}");
        assert!(world.tags().ends_with(&format!("&SubmissionState={state}")));
        // What the archive surely does not have it gets at the next event; the rest is held.
        let next = tell(&mut instance);
        match state {
            "unknown" => assert!(
                next.unwrap_err()
                    .contains("held, since the archive may have it")
            ),
            _ => assert_eq!(next, Ok(())),
        }
        assert_eq!(world.posts().len(), posts + usize::from(state != "unknown"));
        assert!(!instance.logs().join("\n").contains("hunter2"), "{reply:?}");
    }
}

#[test]
fn what_passes_is_waited_for_as_long_as_the_archive_says() {
    let world = World::new("hunter2");
    let mut instance = start(&world.function());
    let busy = Reply::new(429, "").with("Retry-After", "1");
    world.answer(&[(0, busy), (0, Reply::new(503, ""))]);
    let started = std::time::Instant::now();
    assert_eq!(tell(&mut instance), Ok(()));
    assert!(started.elapsed() >= Duration::from_secs(2));
    assert_eq!(
        (world.posts().len(), world.state().as_deref()),
        (3, Some("accepted"))
    );
}

#[test]
fn an_answer_that_does_not_come_in_time_is_lost() {
    for (setting, posts, state) in [("hold", 1, "unknown"), ("retry", 2, "accepted")] {
        let world = World::new("hunter2");
        let function = world.function().variable("SUBMIT_TIMEOUT_SECONDS", "1");
        let mut instance = start(&function.variable("WHEN_UNKNOWN", setting));
        world.answer(&[(2, success())]);
        let answer = tell(&mut instance);
        assert_eq!(answer.is_ok(), setting == "retry", "{answer:?}");
        let is_told = |error: String| error.contains("no answer within 1 s");
        assert!(answer.err().is_none_or(is_told));
        assert_eq!(
            (world.posts().len(), world.state().as_deref()),
            (posts, Some(state))
        );
    }
}

#[test]
fn an_archive_that_is_away_is_no_lost_answer() {
    let World {
        s3,
        table,
        secrets,
        archive,
        replies,
        posts,
    } = World::new("hunter2");
    let url = archive.url();
    drop(archive);
    // Nobody listens on the port that the archive had.
    sleep(Duration::from_millis(100));
    let again = World {
        s3,
        table,
        secrets,
        archive: Server::start(|_| success()).unwrap(),
        replies,
        posts,
    };
    let function = again
        .function()
        .variable("SUBMIT_URL", &format!("{url}/upload"));
    let mut instance = start(&function.variable("SUBMIT_ATTEMPTS", "1"));
    let error = tell(&mut instance).unwrap_err();
    assert!(
        error.starts_with("Unreachable: 1 of 1 failed; HTTP POST"),
        "{error}"
    );
    assert_eq!(again.state().as_deref(), Some("failed"));
}

#[test]
fn a_new_version_takes_six_requests() {
    let world = World::of_secrets(|reads| ["hunter2", "never read"][reads]);
    let mut instance = start(&world.function());
    for key in ["a", "b"] {
        let object = Stored {
            version: Some("v1".to_owned()),
            ..world.s3.get("source", KEY).unwrap()
        };
        world.s3.put("source", key, object);
        assert_eq!(instance.invoke(&created(&[key])), Ok(Value::Null));
        let about = format!("source/{key}");
        let lines: Vec<_> = world
            .s3
            .seen(&about)
            .iter()
            .map(|seen| seen.line.clone())
            .collect();
        assert_eq!(
            lines,
            [
                format!("GET {about}?x-id=GetObject"),
                format!("GET {about}?tagging&versionId=v1"),
                format!("PUT {about}?tagging&versionId=v1"),
            ]
        );
    }
    assert_eq!(world.posts().len(), 2);
    assert_eq!(
        (
            world.table.seen("PutItem").len(),
            world.table.seen("GetItem").len()
        ),
        (4, 0)
    );
}

#[test]
fn a_token_that_was_rotated_is_read_again_and_the_object_arrives() {
    let world = World::of_secrets(|reads| ["hunter1", "hunter2"][reads.min(1)]);
    let mut instance = start(&world.function());
    world.answer(&[(0, success()), (0, Reply::new(401, "hunter1 is revoked"))]);
    for key in ["a", "b"] {
        let object = world.s3.get("source", KEY).unwrap();
        world.s3.put("source", key, object);
        assert_eq!(instance.invoke(&created(&[key])), Ok(Value::Null));
    }
    let posts = world.posts();
    let tokens: Vec<_> = posts
        .iter()
        .map(|post| post.header("x-auth-token").unwrap())
        .collect();
    assert_eq!(tokens, ["hunter1", "hunter1", "hunter2"]);
    assert!(
        world
            .s3
            .get("source", "b")
            .unwrap()
            .tags
            .ends_with("=accepted")
    );
}

#[test]
fn a_secret_that_is_not_as_expected_is_told_and_nothing_is_posted() {
    let table = [
        (
            "hunter2",
            Some("token"),
            Err("no JSON, expected a JSON object with the text member \"token\""),
        ),
        (
            "{\"token\": 3, \"x\": \"hunter2\"}",
            Some("token"),
            Err("other JSON, expected a JSON object"),
        ),
        (
            "[\"hunter2\"]",
            Some("token"),
            Err("other JSON, expected a JSON object"),
        ),
        (" \n", None, Err("empty, or no text for a header")),
        (
            "hunter2\r\nX: y",
            None,
            Err("empty, or no text for a header"),
        ),
        ("{\"token\": \" hunter2 \"}", Some("token"), Ok(())),
    ];
    for (secret, field, expected) in table {
        let world = World::new(secret);
        let function = world.function();
        let function = match field {
            Some(field) => function.variable("PROVIDER_AUTH_FIELD", field),
            None => function,
        };
        let mut instance = start(&function);
        match (tell(&mut instance), expected) {
            (Ok(()), Ok(())) => {
                assert_eq!(world.posts()[0].header("x-auth-token"), Some("hunter2"));
                continue;
            }
            (Err(error), Err(text)) => {
                assert!(error.starts_with("Refused: "), "{error}");
                assert!(error.contains(text) && error.contains(ARN), "{error}");
                let logs = instance.logs().join("\n");
                assert!(
                    !error.contains("hunter2") && !logs.contains("hunter2"),
                    "{error}"
                );
            }
            (got, _) => panic!("{secret}: {got:?}"),
        }
        assert!(world.posts().is_empty() && world.state().is_none());
    }
}

#[test]
fn a_refusal_of_aws_fails_the_invocation_and_the_next_one_heals() {
    let denied = dynamodb::error(400, "AccessDeniedException");
    let throttled = dynamodb::error(400, "ThrottlingException");
    let table = [
        (
            "GetItem",
            denied.clone(),
            1,
            "AccessDenied: 1 of 1 failed; DynamoDB GetItem on table Deliveries",
        ),
        (
            "PutItem",
            denied,
            1,
            "AccessDenied: 1 of 1 failed; DynamoDB PutItem on table Deliveries",
        ),
        (
            "PutItem",
            throttled,
            3,
            "Throttled: 1 of 1 failed; DynamoDB PutItem on table Deliveries",
        ),
        (
            "GetItem",
            Reply::HangUp,
            3,
            "Unreachable: 1 of 1 failed; DynamoDB GetItem on table Deliveries, bucket source, key \
             \"out/track 1+2.json\", region eu-central-1: dispatch failure: other: client error \
             (SendRequest): connection closed before message completed",
        ),
    ];
    for (request, reply, times, expected) in table {
        let world = World::new("hunter2");
        let mut instance = start(&world.function());
        if request == "GetItem" {
            // What is known is read only if there is something.
            world
                .table
                .plant("Deliveries", &format!("source/{KEY}"), failed());
        }
        world.table.answer(request, times, reply);
        let error = tell(&mut instance).unwrap_err();
        assert!(error.starts_with(expected), "{error}");
        assert!(world.posts().is_empty(), "{error}");
        assert_eq!(tell(&mut instance), Ok(()));
    }
    let world = World::new("hunter2");
    let mut instance = start(&world.function());
    world
        .s3
        .answer("tagging", 1, s3::error(403, "AccessDenied"));
    let error = tell(&mut instance).unwrap_err();
    assert!(
        error.starts_with("AccessDenied: 1 of 1 failed; S3 GetObjectTagging"),
        "{error}"
    );
    world.s3.answer("PUT", 1, s3::error(403, "AccessDenied"));
    let error = tell(&mut instance).unwrap_err();
    assert!(
        error.starts_with("AccessDenied: 1 of 1 failed; S3 PutObjectTagging"),
        "{error}"
    );
    // The archive has it: only the tag is made up for.
    assert_eq!((tell(&mut instance), world.posts().len()), (Ok(()), 1));
    assert!(world.tags().ends_with("&SubmissionState=accepted"));
}

/// The item of an object whose archive was away.
fn failed() -> Value {
    let of = |text: &str| json!({"S": text});
    let number = json!({"N": "1"});
    json!({
        "object": of(&format!("source/{KEY}")), "version": of("\"e\""), "state": of("failed"),
        "attempts": number, "until": number,
    })
}

#[test]
fn an_item_that_is_none_of_the_handler_is_told() {
    let world = World::new("hunter2");
    let item = json!({"object": {"S": "o"}, "state": {"S": "done"}, "attempts": {"N": "1"}, "until": {"N": "1"}});
    world
        .table
        .plant("Deliveries", &format!("source/{KEY}"), item);
    let error = tell(&mut start(&world.function())).unwrap_err();
    assert!(
        error.contains("attribute state: got \"done\", expected a state"),
        "{error}"
    );
    assert!(world.posts().is_empty());
}

#[test]
fn an_object_without_a_source_fails_and_events_of_no_known_form_do() {
    let world = World::new("hunter2");
    let mut instance = start(&world.function());
    world.s3.put(
        "source",
        "bare",
        Stored {
            size: 1,
            ..Stored::default()
        },
    );
    let error = instance.invoke(&created(&["bare"])).unwrap_err();
    assert!(
        error
            .message
            .ends_with("key \"bare\": the object has no tag SourceID, or an empty one"),
        "{error}"
    );
    for wrong in ["{}", "3", "{\"Records\": {}}"] {
        assert_eq!(
            instance.invoke_text(wrong).unwrap_err().kind,
            "UnreadableEvent"
        );
    }
    assert_eq!(instance.invoke(&created(&["gone"])), Ok(Value::Null));
    assert!(world.posts().is_empty());
    assert_eq!(tell(&mut instance), Ok(()));
}

#[test]
fn what_is_set_up_wrong_is_told_before_the_first_event() {
    let world = World::new("hunter2");
    let cases = [
        (
            "SUBMIT_URL",
            "http://archive.example/",
            "expected https://host/path",
        ),
        (
            "PROVIDER_AUTH_SECRET",
            "auth",
            "expected the ARN of a secret",
        ),
        ("WHEN_UNKNOWN", "guess", "expected hold or retry"),
        (
            "DELIVERY_TABLE",
            "",
            "is not set, expected the name of a DynamoDB table",
        ),
    ];
    for (name, wrong, expected) in cases {
        let error = world.function().variable(name, wrong).start().unwrap_err();
        assert_eq!(error.kind, "Runtime.ConfigInvalid");
        assert!(
            error.message.contains(name) && error.message.contains(expected),
            "{error}"
        );
    }
}
