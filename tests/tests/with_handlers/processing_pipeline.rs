//! `ProcessingPipeline` on the local AWS: raw files go through the Python stage of the example
//! `wibl-pipeline` and are posted to an archive by the bundled `submit`, with the rights that the construct
//! gives and no other.

use std::collections::BTreeMap;
use std::fs;
use std::sync::{Arc, Mutex};

use cloudwright::lambda::{Architecture, Code, Runtime};
use cloudwright::patterns::{HandOver, Stage, Submission};
use cloudwright::prelude::*;
use cloudwright_runtime::harness::http::{Reply, Request, Server};
use serde_json::{Value as Document, json as expected};
use tests::aws::{Deployed, wait_for};
use tests::tools::{isolated, require};

use crate::{ACCOUNT, HERE, aws, template_of, upload_handlers};

/// What the local engine's Python has in place of boto3, which every Lambda function finds.
const BOTO3: &str = "import botocore.session\n\ndef client(service):\n    \
    return botocore.session.get_session().create_client(service)\n";
const GOOD: &str = "WIBL PRO-7 logger-1\n2026-01-01T00:00:00Z,8.1,54.2,17.5\n";

/// An archive that keeps what it was given.
struct Archive {
    server: Server,
    posts: Arc<Mutex<Vec<Request>>>,
    replies: Arc<Mutex<Vec<Reply>>>,
}

impl Archive {
    fn open() -> Self {
        let posts = Arc::<Mutex<Vec<Request>>>::default();
        let replies = Arc::<Mutex<Vec<Reply>>>::default();
        let (seen, next) = (Arc::clone(&posts), Arc::clone(&replies));
        let server = Server::start(move |request| {
            let reply = next.lock().unwrap().pop();
            let accepted = reply.is_none();
            if accepted {
                seen.lock().unwrap().push(request.clone());
            }
            reply.unwrap_or_else(|| Reply::new(200, "{\"success\": true}"))
        });
        Self {
            server: server.expect("a port on loopback"),
            posts,
            replies,
        }
    }

    /// Is away for the next requests.
    fn close_for(&self, requests: usize) {
        let away = Reply::new(503, "closed");
        self.replies.lock().unwrap().extend(vec![away; requests]);
    }

    /// The names of the accepted files, each with what was posted.
    fn files(&self) -> BTreeMap<String, Vec<String>> {
        let mut files = BTreeMap::<String, Vec<String>>::new();
        for post in &*self.posts.lock().unwrap() {
            assert_eq!(post.header("x-auth-token"), Some("s3cret"));
            let text = post.text();
            let name = text
                .split("filename=\"")
                .nth(1)
                .and_then(|rest| rest.split('"').next());
            files
                .entry(name.unwrap_or_default().to_owned())
                .or_default()
                .push(text.clone());
        }
        files
    }
}

/// The Python program of the example, as an archive in a bucket of the engine.
fn python() -> Code {
    let folder = tempfile::tempdir().expect("a folder for the archive");
    let source = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../examples/wibl-pipeline/convert-python/convert.py"
    );
    let (program, stand_in) = (
        folder.path().join("convert.py"),
        folder.path().join("boto3.py"),
    );
    fs::copy(source, &program).expect("the example has its program");
    fs::write(&stand_in, BOTO3).expect("the folder can be written");
    let archive = folder.path().join("convert.zip");
    let packed = isolated(&require("ministack", "bin/python"))
        .args(["-m", "zipfile", "-c"])
        .args([&archive, &program, &stand_in])
        .status();
    assert!(packed.is_ok_and(|status| status.success()));
    let aws = aws(HERE);
    let made = expected!({ "Bucket": "stages", "CreateBucketConfiguration": { "LocationConstraint": HERE } });
    // Both tests want it, and either may be first.
    let _ = aws.try_call("s3", "CreateBucket", &made);
    let object = expected!({ "Bucket": "stages", "Key": "convert.zip", "BodyFile": archive });
    aws.call("s3", "PutObject", &object);
    Code::s3("stages", "convert.zip")
}

/// A deployed pipeline, whose last stage gets its objects in some way.
struct Pipeline(Deployed);

impl Pipeline {
    fn deploy(name: &'static str, hand_over: HandOver, archive: &Archive) -> Self {
        let app = App::new();
        app.set_context("cloudwright:architecture", "x86_64");
        let stack = app.stack(name, Environment::new(ACCOUNT, HERE));
        let secret = stack.add("Token", secretsmanager::Secret::new());
        let url = format!("{}/upload", archive.server.url());
        let convert = lambda::Function::new(python())
            .runtime(Runtime::Python3_13, "convert.handler")
            .architecture(Architecture::X86_64)
            .timeout(seconds(10))
            .retry_attempts(0);
        let convert = Stage::function(convert).suffix(".wibl").writes("Staging");
        // The engine's topics do not look into the lists of an event, as those of AWS do.
        let suffix = if hand_over == HandOver::Topic {
            ""
        } else {
            ".json"
        };
        let submit = Submission::to(url, "PRO", &secret).answer_within(seconds(5));
        let pipeline = ProcessingPipeline::new()
            .stage("Convert", convert)
            .deliver(Stage::submit(submit).suffix(suffix).hand_over(hand_over));
        let pipeline = stack.add("Files", pipeline);
        for place in ["Incoming", "Staging"] {
            let bucket = pipeline.bucket(place).expect("the place is used");
            stack.output(format!("{place}Name"), bucket.name());
        }
        let failures = pipeline
            .stage("Convert")
            .and_then(|stage| stage.function().failure_queue());
        if let Some(failures) = failures {
            stack.output("FailuresUrl", failures.url());
        }
        let table = pipeline
            .stage("Deliver")
            .and_then(|stage| stage.deliveries().cloned());
        stack.output("Table", table.expect("it hands in").name().cast::<String>());
        stack.output("TokenArn", secret.arn().cast::<String>());
        let template = template_of(app, name);
        upload_handlers(&template, HERE);
        let pipeline = Self(aws(HERE).deploy(name, &template));
        let value =
            expected!({ "SecretId": pipeline.output("TokenArn"), "SecretString": "s3cret\n" });
        aws(HERE).call("secretsmanager", "PutSecretValue", &value);
        pipeline
    }

    fn output(&self, id: &str) -> &str {
        &self.0.outputs[id]
    }

    fn put(&self, key: &str, content: &str) {
        aws(HERE).put_object(self.output("IncomingName"), key, content);
    }

    /// What the archive's table says of each object.
    fn states(&self) -> BTreeMap<String, String> {
        let table = expected!({ "TableName": self.output("Table"), "ConsistentRead": true });
        let found = aws(HERE).call("dynamodb", "Scan", &table);
        let text =
            |item: &Document, name: &str| item[name]["S"].as_str().unwrap_or_default().to_owned();
        let rows = found["Items"].as_array().unwrap().iter();
        rows.map(|item| (text(item, "object"), text(item, "state")))
            .collect()
    }

    fn tags(&self, key: &str) -> BTreeMap<String, String> {
        let object = expected!({ "Bucket": self.output("StagingName"), "Key": key });
        let answer = aws(HERE).call("s3", "GetObjectTagging", &object);
        let text = |tag: &Document, name: &str| tag[name].as_str().unwrap_or_default().to_owned();
        let tags = answer["TagSet"].as_array().unwrap().iter();
        tags.map(|tag| (text(tag, "Key"), text(tag, "Value")))
            .collect()
    }
}

#[test]
fn a_raw_file_is_converted_and_handed_in_once_and_a_bad_one_is_kept_with_the_reason() {
    let archive = Archive::open();
    let pipeline = Pipeline::deploy("queued", HandOver::Queue, &archive);
    pipeline.put("2026/ship one+é.WIBL.wibl", GOOD);
    pipeline.put("2026/bad.wibl", "no logger's file\n");
    pipeline.put("2026/again.wibl", GOOD);
    pipeline.put("2026/notes.txt", "not for the pipeline");
    let wanted = ["again.json", "ship one+é.WIBL.json"];
    let files = wait_for("both files at the archive", || {
        Some(archive.files()).filter(|files| files.len() == wanted.len())
    });
    assert!(files.keys().eq(wanted), "{files:?}");
    for posts in files.values() {
        assert_eq!(posts.len(), 1, "{posts:?}");
        assert!(posts[0].contains("\"uniqueID\": \"PRO-7\""), "{}", posts[0]);
        assert!(
            posts[0].contains("\"coordinates\": [8.1, 54.2]"),
            "{}",
            posts[0]
        );
    }
    let states = wait_for("what became of both", || {
        let states = pipeline.states();
        states
            .values()
            .all(|state| state == "accepted")
            .then_some(states)
    });
    assert_eq!(states.len(), 2, "{states:?}");
    let tags = pipeline.tags("2026/ship one+é.WIBL.json");
    let tag = |name: &str| tags.get(name).map(String::as_str);
    assert_eq!(tag("SourceID"), Some("PRO-7"));
    assert_eq!(tag("Soundings"), Some("1"));
    assert_eq!(tag("SubmissionState"), Some("accepted"));

    let kept = aws(HERE).await_messages(pipeline.output("FailuresUrl"));
    let record: Document = serde_json::from_str(kept[0]["Body"].as_str().unwrap()).unwrap();
    let reason = record["responsePayload"]["errorMessage"].as_str().unwrap();
    assert!(
        reason.contains("2026/bad.wibl: the first line is `WIBL"),
        "{record}"
    );
}

#[test]
fn an_archive_that_was_away_gets_each_file_once() {
    let archive = Archive::open();
    archive.close_for(3);
    let pipeline = Pipeline::deploy("told", HandOver::Topic, &archive);
    pipeline.put("one.wibl", GOOD);
    let files = wait_for("the file at the archive", || {
        Some(archive.files()).filter(|files| !files.is_empty())
    });
    assert_eq!(files["one.json"].len(), 1);
    wait_for("what became of it", || {
        let states = pipeline.states();
        states.values().eq(["accepted"]).then_some(())
    });
}
