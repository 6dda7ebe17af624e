//! The bundled handlers on the local AWS: the real program, started by the engine, with the rights
//! that the library grants and no other. An object goes in, its effect comes out.

mod cache_sync;
mod object_catalog;
mod package_index;
mod packages;
mod processing_pipeline;
mod replicated_bucket;
mod ssm_sync_fleet;
mod submit;
mod two_way;
mod worker;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use cloudwright::lambda::{Architecture, Code, EventSource, Function, FunctionRef, Handler};
use cloudwright::prelude::*;
use serde_json::{Value as Document, json as expected};
use tests::aws::{Aws, wait_for};
use tests::engine::Engine;
use tests::tools::{bootstrap, isolated, require};

const ACCOUNT: &str = "000000000000";
const HERE: &str = "eu-central-1";
const THERE: &str = "us-west-2";

/// A key that looks like a path, an escape, a query and a form at once.
const KEY: &str = "n/a b+é%2B'&=?#🎉//..";

fn aws(region: &str) -> Aws {
    Engine::shared().client(region)
}

/// Uploads the archive of the handlers' program to where every function of a template has its code: what
/// the asset's command makes when a stack is deployed, without one more build of the SDK.
fn upload_handlers(template: &Document, region: &str) {
    let bucket = format!("cdk-hnb659fds-assets-{ACCOUNT}-{region}");
    let resources = template["Resources"].as_object().unwrap().values();
    let functions = resources.filter(|one| one["Type"] == "AWS::Lambda::Function");
    for function in functions {
        let key = &function["Properties"]["Code"]["S3Key"];
        upload(&bucket, key.as_str().unwrap(), region);
    }
}

fn template_of(app: App, stack: &str) -> Document {
    let assembly = app.synth().unwrap_or_else(|findings| panic!("{findings}"));
    let template = assembly.stack(stack).unwrap().template().to_json();
    serde_json::from_str(&template).unwrap()
}

/// Puts the archive of the handlers' program into a bucket, once.
fn upload(bucket: &str, key: &str, region: &str) {
    static UPLOADED: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    let mut uploaded = UPLOADED.lock().unwrap();
    let aws = aws(region);
    if uploaded.insert(bucket.to_owned()) {
        let location = expected!({ "LocationConstraint": region });
        let made = expected!({ "Bucket": bucket, "CreateBucketConfiguration": location });
        aws.call("s3", "CreateBucket", &made);
    }
    if uploaded.insert(format!("{bucket}/{key}")) {
        let folder = tempfile::tempdir().expect("a folder for the archive");
        let archive = folder.path().join("handlers.zip");
        let packed = isolated(&require("ministack", "bin/python"))
            .args(["-m", "zipfile", "-c"])
            .args([&archive, &bootstrap()])
            .status();
        assert!(packed.is_ok_and(|status| status.success()));
        let object = expected!({ "Bucket": bucket, "Key": key, "BodyFile": archive });
        aws.call("s3", "PutObject", &object);
    }
}

fn handler(handler: Handler) -> Function {
    Function::new(Code::bundled(handler))
        .architecture(Architecture::X86_64)
        .timeout(seconds(10))
        .retry_attempts(0)
}

/// A function that copies from one bucket to another in another region.
fn replicate(replica: &s3::BucketRef, region: &'static str) -> Function {
    handler(Handler::Replicate)
        .env("DESTINATION_1_BUCKET", replica.name())
        .env("DESTINATION_1_REGION", region)
        .env("MULTIPART_THRESHOLD_BYTES", "5242880")
        .env("MULTIPART_PART_BYTES", "5242880")
}

/// Deploys the stacks of an app, in this order, and gives all their outputs.
fn deploy(app: App, stacks: &[(&str, &str)]) -> BTreeMap<String, String> {
    let assembly = app.synth().unwrap_or_else(|findings| panic!("{findings}"));
    let mut outputs = BTreeMap::new();
    for (name, region) in stacks {
        let template = assembly.stack(name).unwrap().template().to_json();
        let template: Document = serde_json::from_str(&template).unwrap();
        upload_handlers(&template, region);
        outputs.extend(aws(region).deploy(name, &template).outputs);
    }
    outputs
}

/// Calls the function for everything that happens to objects of the bucket.
fn watch(bucket: &s3::BucketRef, function: &FunctionRef) {
    for event in [
        s3::Event::ObjectCreated,
        s3::Event::ObjectRemoved,
        s3::Event::LifecycleExpiration,
    ] {
        bucket.notify(event, s3::Filter::all(), function);
    }
}

fn head(region: &str, bucket: &str, key: &str) -> Option<Document> {
    let object = expected!({ "Bucket": bucket, "Key": key });
    aws(region).try_call("s3", "HeadObject", &object).ok()
}

#[test]
fn an_object_is_kept_in_another_region_until_it_is_gone() {
    let app = App::new();
    let copies = app.stack("Copies", Environment::new(ACCOUNT, THERE));
    let replica = copies.add("Replica", s3::Bucket::new());
    copies.output("ReplicaName", replica.name());
    let originals = app.stack("Originals", Environment::new(ACCOUNT, HERE));
    let original = originals.add("Original", s3::Bucket::new());
    let copier = originals.add("Copier", replicate(&replica, THERE));
    watch(&original, &copier);
    original.grant_read(&copier);
    replica.grant_read_write(&copier).grant_delete(&copier);
    originals.output("OriginalName", original.name());
    let outputs = deploy(app, &[("Copies", THERE), ("Originals", HERE)]);
    let (original, replica) = (&outputs["OriginalName"], &outputs["ReplicaName"]);

    let large = "x".repeat(6 << 20);
    for (key, body) in [(KEY, "small"), ("large", &*large)] {
        let object = expected!({
            "Bucket": original, "Key": key, "Body": body, "ContentType": "text/x-test",
            "CacheControl": "max-age=60", "Metadata": { "camera": "north" }, "Tagging": "team=a%20b",
        });
        aws(HERE).call("s3", "PutObject", &object);
        let copy = wait_for("the copy", || head(THERE, replica, key));
        assert_eq!(copy["ContentLength"], body.len());
        assert_eq!(
            (&copy["ContentType"], &copy["CacheControl"]),
            (&expected!("text/x-test"), &expected!("max-age=60"))
        );
        assert_eq!(copy["Metadata"]["camera"], "north");
        let in_parts = copy["ETag"].as_str().unwrap().ends_with("-2\"");
        assert_eq!(in_parts, key == "large");
    }
    // The engine drops the tags of an object that is made of parts.
    let named = expected!({ "Bucket": replica, "Key": KEY });
    let tags = aws(THERE).call("s3", "GetObjectTagging", &named);
    assert_eq!(
        tags["TagSet"],
        expected!([{ "Key": "team", "Value": "a b" }])
    );
    let listed = aws(THERE).call("s3", "ListObjectsV2", &expected!({ "Bucket": replica }));
    let keys: Vec<_> = listed["Contents"]
        .as_array()
        .unwrap()
        .iter()
        .map(|object| &object["Key"])
        .collect();
    assert_eq!(keys, ["large", KEY]);

    for key in [KEY, "large"] {
        let named = expected!({ "Bucket": original, "Key": key });
        aws(HERE).call("s3", "DeleteObject", &named);
        wait_for("the removal of the copy", || {
            head(THERE, replica, key).is_none().then_some(())
        });
    }
}

#[test]
fn changes_arrive_in_a_fifo_queue_in_order() {
    let app = App::new();
    let stack = app.stack("Forwarding", Environment::new(ACCOUNT, HERE));
    let uploads = stack.add("Uploads", s3::Bucket::new());
    let changes = stack.add("Changes", sqs::FifoQueue::new());
    let forward = stack.add(
        "Forward",
        handler(Handler::Forward).env("QUEUE_URL", changes.url()),
    );
    watch(&uploads, &forward);
    changes.grant_send(&forward);
    stack.output("BucketName", uploads.name());
    stack.output("QueueUrl", changes.url());
    let outputs = deploy(app, &[("Forwarding", HERE)]);
    let aws = aws(HERE);
    aws.put_object(&outputs["BucketName"], KEY, "content");
    let first = aws.await_messages(&outputs["QueueUrl"]);
    let object = expected!({ "Bucket": outputs["BucketName"], "Key": KEY });
    aws.call("s3", "DeleteObject", &object);
    let second = aws.await_messages(&outputs["QueueUrl"]);
    let messages: Vec<Document> = first
        .iter()
        .chain(&second)
        .map(|message| serde_json::from_str(message["Body"].as_str().unwrap()).unwrap())
        .collect();
    let names: Vec<_> = messages
        .iter()
        .map(|message| (&message["eventName"], &message["key"]))
        .collect();
    let expected = [
        expected!("ObjectCreated:Put"),
        expected!("ObjectRemoved:DeleteMarkerCreated"),
    ];
    let key = expected!(KEY);
    assert_eq!(names, [(&expected[0], &key), (&expected[1], &key)]);
}

/// A function that may not write until it `may_write`; what failed then is its work.
fn healing(may_write: bool) -> BTreeMap<String, String> {
    let app = App::new();
    let stack = app.stack("Healing", Environment::new(ACCOUNT, HERE));
    let original = stack.add("Original", s3::Bucket::new());
    let replica = stack.add("Replica", s3::Bucket::new());
    let failures = stack.add("Failures", sqs::Queue::new().visibility_timeout(minutes(1)));
    let copier = stack.add("Copier", replicate(&replica, HERE).on_failure(&failures));
    watch(&original, &copier);
    original.grant_read(&copier);
    replica.grant_read(&copier);
    if may_write {
        replica.grant_write(&copier);
        copier.consume(EventSource::new(&failures));
    }
    stack.output("OriginalName", original.name());
    stack.output("ReplicaName", replica.name());
    stack.output("FailuresUrl", failures.url());
    deploy(app, &[("Healing", HERE)])
}

#[test]
fn an_event_that_failed_is_kept_and_heals_when_it_is_delivered_again() {
    let outputs = healing(false);
    let aws = aws(HERE);
    aws.put_object(&outputs["OriginalName"], KEY, "content");
    let record = wait_for("the failed event", || {
        let look = expected!({ "QueueUrl": outputs["FailuresUrl"], "VisibilityTimeout": 0 });
        let answer = aws.call("sqs", "ReceiveMessage", &look);
        let body = answer["Messages"][0]["Body"].as_str()?.to_owned();
        serde_json::from_str::<Document>(&body).ok()
    });
    let error = &record["responsePayload"];
    assert_eq!(error["errorType"], "AccessDenied", "{record}");
    let text = error["errorMessage"].as_str().unwrap();
    let start = format!(
        "1 of 1 failed; S3 CopyObject, bucket {}, key {KEY:?}",
        outputs["ReplicaName"]
    );
    assert!(
        text.starts_with(&start) && text.to_lowercase().contains("s3:putobject"),
        "{text}"
    );
    assert_eq!(head(HERE, &outputs["ReplicaName"], KEY), None);

    healing(true);
    wait_for("the copy", || head(HERE, &outputs["ReplicaName"], KEY));
    wait_for("an empty failure queue", || {
        aws.take_messages(&outputs["FailuresUrl"])
            .is_empty()
            .then_some(())
    });
}

/// Everything that replication needs, by what it is for.
const RIGHTS: [&str; 4] = ["source", "looking", "writing", "removing"];

/// A function that lacks one of its rights.
fn without(
    stack: &Stack,
    lacking: &'static str,
    original: &s3::BucketRef,
    replica: &s3::BucketRef,
) {
    let copier = stack.add(lacking, replicate(replica, HERE).function_name(lacking));
    if lacking != "source" {
        original.grant_read(&copier);
    }
    if lacking != "looking" {
        replica.grant_read(&copier);
    }
    if lacking != "writing" {
        replica.grant_write(&copier);
    }
    if lacking != "removing" {
        replica.grant_delete(&copier);
    }
}

#[test]
fn every_right_is_needed_and_a_missing_one_is_named() {
    let app = App::new();
    let stack = app.stack("Rights", Environment::new(ACCOUNT, HERE));
    let original = stack.add("Original", s3::Bucket::new());
    let replica = stack.add("Replica", s3::Bucket::new());
    for lacking in RIGHTS {
        without(&stack, lacking, &original, &replica);
    }
    stack.output("OriginalName", original.name());
    stack.output("ReplicaName", replica.name());
    let outputs = deploy(app, &[("Rights", HERE)]);
    let aws = aws(HERE);
    let (original, replica) = (&outputs["OriginalName"], &outputs["ReplicaName"]);
    aws.put_object(original, "there", "content");
    aws.put_object(replica, "gone", "content");

    let failure = |function: &str, key: &str| {
        let record = expected!({ "eventSource": "aws:s3", "eventName": "ObjectCreated:Put", "awsRegion": HERE,
            "s3": { "bucket": { "name": original }, "object": { "key": key } } });
        let event = expected!({ "Records": [record] }).to_string();
        let call = expected!({ "FunctionName": function, "Payload": event });
        let answer = aws.call("lambda", "Invoke", &call);
        serde_json::from_str::<Document>(answer["Payload"].as_str().unwrap()).unwrap()
    };
    let table = [
        (
            "source",
            "there",
            "S3 GetObject, bucket",
            original,
            "s3:getobject",
        ),
        (
            "looking",
            "gone",
            "S3 GetObject, bucket",
            replica,
            "s3:getobject",
        ),
        (
            "writing",
            "there",
            "S3 CopyObject, bucket",
            replica,
            "s3:putobject",
        ),
        (
            "removing",
            "gone",
            "S3 DeleteObject, bucket",
            replica,
            "s3:deleteobject",
        ),
    ];
    for (lacking, key, operation, bucket, action) in table {
        let error = failure(lacking, key);
        assert_eq!(error["errorType"], "AccessDenied", "{lacking}: {error}");
        let text = error["errorMessage"].as_str().unwrap();
        assert!(
            text.contains(&format!("{operation} {bucket}, key {key:?}")),
            "{text}"
        );
        assert!(text.to_lowercase().contains(action), "{text}");
    }
    assert_eq!(failure("removing", "there"), Document::Null);
    assert!(head(HERE, replica, "there").is_some());
    assert_eq!(failure("writing", "gone"), Document::Null);
    assert!(head(HERE, replica, "gone").is_none());
}
