//! A whole `ReplicatedBucket` on the local AWS: its stacks in three regions and two accounts, with the
//! rights that the construct grants and no other.

mod operated;
mod places;
mod rights;
mod runs;

use std::collections::BTreeMap;

use cloudwright::patterns::{Replica, ReplicatedBucket};
use cloudwright::prelude::*;
use serde_json::{Value as Document, json as expected};
use tests::aws::{Aws, Caller, wait_for};
use tests::engine::Engine;

use crate::{ACCOUNT, HERE, KEY, THERE, aws, head, upload};

/// A second account, and the region that is used there.
const ABROAD: &str = "111111111111";
const ABROAD_REGION: &str = "eu-west-1";
/// A third region.
const FAR: &str = "ca-central-1";

/// A client of an account.
fn client(account: &str, region: &str) -> Aws {
    let caller = Caller {
        key: account.to_owned(),
        secret: "test".to_owned(),
        token: None,
    };
    Aws::with_caller(&Engine::shared().endpoint(), region, caller)
}

/// Deploys all stacks of an app, those that others wait for first; functions run the program that was
/// built for this machine. Gives the outputs of all stacks.
fn deploy(app: App) -> BTreeMap<String, String> {
    let assembly = app.synth().unwrap_or_else(|findings| panic!("{findings}"));
    let mut stacks = assembly.stacks();
    stacks.sort_by_key(|stack| stack.dependencies().len());
    let mut outputs = BTreeMap::new();
    for stack in stacks {
        let environment = stack.environment();
        let region = environment.region_name().unwrap();
        let mut template: Document = serde_json::from_str(&stack.template().to_json()).unwrap();
        for resource in template["Resources"].as_object_mut().unwrap().values_mut() {
            if resource["Type"] == "AWS::Lambda::Function" {
                uploaded(region);
                let archive = expected!({ "S3Bucket": format!("handlers-{region}"), "S3Key": "handlers.zip" });
                resource["Properties"]["Code"] = archive;
            }
        }
        let account = environment.account_id().unwrap();
        outputs.extend(
            client(account, region)
                .deploy(stack.name(), &template)
                .outputs,
        );
    }
    outputs
}

/// Puts the program where functions of the region find it.
fn uploaded(region: &str) {
    upload(&format!("handlers-{region}"), "handlers.zip", region);
}

/// An app whose functions run on this machine, with a stack for the source.
fn app(stage: &'static str) -> (App, Stack) {
    let app = App::new();
    app.set_context("cloudwright:architecture", "x86_64");
    let stack = app
        .stage(stage)
        .stack("Data", Environment::new(ACCOUNT, HERE));
    (app, stack)
}

/// What is said of all of them here: small parts and short times.
fn quick<R: Into<Replica>>(replicas: impl IntoIterator<Item = R>) -> ReplicatedBucket {
    ReplicatedBucket::to(replicas)
        .multipart(MiB(5), MiB(5))
        .timeout(seconds(5))
        .function_with(|function| function.retry_attempts(0))
}

/// A bucket, and who looks into it.
struct Side {
    aws: Aws,
    bucket: String,
}

impl Side {
    fn head(&self, key: &str) -> Option<Document> {
        let object = expected!({ "Bucket": self.bucket, "Key": key });
        self.aws.try_call("s3", "HeadObject", &object).ok()
    }

    fn call(&self, operation: &str, key: &str) -> Document {
        let object = expected!({ "Bucket": self.bucket, "Key": key });
        self.aws.call("s3", operation, &object)
    }

    fn put(&self, key: &str, body: &str) {
        let object = expected!({
            "Bucket": self.bucket, "Key": key, "Body": body, "ContentType": "text/x-test",
            "Metadata": { "camera": "north" }, "Tagging": "team=a%20b",
        });
        self.aws.call("s3", "PutObject", &object);
    }

    fn has(&self, key: &str, length: usize) -> bool {
        self.head(key)
            .is_some_and(|object| object["ContentLength"] == length)
    }

    /// Waits until the object is there with this length, or until it is gone.
    fn await_length(&self, key: &str, length: Option<usize>) {
        let what = format!("{key:?} in {} with length {length:?}", self.bucket);
        wait_for(&what, || {
            let there = match length {
                Some(length) => self.has(key, length),
                None => self.head(key).is_none(),
            };
            there.then_some(())
        });
    }

    /// Lets nobody be told of what happens here.
    fn quieten(&self) {
        let none = expected!({ "Bucket": self.bucket, "NotificationConfiguration": {} });
        let operation = "PutBucketNotificationConfiguration";
        self.aws.call("s3", operation, &none);
    }

    fn policy(&self) -> String {
        let named = expected!({ "Bucket": self.bucket });
        let policy = self.aws.call("s3", "GetBucketPolicy", &named);
        policy["Policy"].as_str().unwrap().to_owned()
    }

    fn set_policy(&self, policy: &str) {
        let policy = expected!({ "Bucket": self.bucket, "Policy": policy });
        self.aws.call("s3", "PutBucketPolicy", &policy);
    }
}

#[test]
fn three_regions_and_two_accounts_follow_the_source() {
    let (app, stack) = app("Follow");
    let replicas = [
        Replica::in_region(THERE),
        Replica::in_region(FAR).prefix("copies/"),
        Replica::in_account(ABROAD, ABROAD_REGION),
    ];
    let artifacts = stack.add("Artifacts", quick(replicas));
    stack.output("Source", artifacts.source().name());
    for (index, replica) in artifacts.replicas().iter().enumerate() {
        stack.output(format!("Replica{index}"), replica.bucket().name());
    }
    let outputs = deploy(app);
    let side = |account: &str, region: &str, output: &str| Side {
        aws: client(account, region),
        bucket: outputs[output].clone(),
    };
    let source = side(ACCOUNT, HERE, "Source");
    let west = side(ACCOUNT, THERE, "Replica0");
    let far = side(ACCOUNT, FAR, "Replica1");
    let abroad = side(ABROAD, ABROAD_REGION, "Replica2");
    let far_key = |key: &str| format!("copies/{key}");
    let everywhere = |key: &str, length: Option<usize>| {
        west.await_length(key, length);
        abroad.await_length(key, length);
        far.await_length(&far_key(key), length);
    };

    let large = "x".repeat(6 << 20);
    for (key, body) in [(KEY, "small"), ("large", &*large)] {
        source.put(key, body);
        everywhere(key, Some(body.len()));
        for (side, key) in [(&west, key), (&abroad, key), (&far, &*far_key(key))] {
            let copy = side.head(key).unwrap();
            assert_eq!(copy["ContentType"], "text/x-test");
            assert_eq!(copy["Metadata"]["camera"], "north");
        }
    }
    let tags = abroad.call("GetObjectTagging", KEY);
    assert_eq!(
        tags["TagSet"],
        expected!([{ "Key": "team", "Value": "a b" }])
    );
    source.put(KEY, "overwritten");
    everywhere(KEY, Some(11));

    // A delete marker, and the object again when the marker is removed.
    let marker = source.call("DeleteObject", KEY);
    everywhere(KEY, None);
    let named =
        expected!({ "Bucket": source.bucket, "Key": KEY, "VersionId": marker["VersionId"] });
    source.aws.call("s3", "DeleteObject", &named);
    everywhere(KEY, Some(11));
    // The versions of a replica stay.
    let versions = west.aws.call(
        "s3",
        "ListObjectVersions",
        &expected!({ "Bucket": west.bucket }),
    );
    let kept = versions["Versions"].as_array().unwrap().iter();
    assert!(
        kept.filter(|version| version["Key"] == KEY).count() >= 2,
        "{versions}"
    );
    // A version that is removed for good brings back the one before.
    let current = source.head(KEY).unwrap();
    let named =
        expected!({ "Bucket": source.bucket, "Key": KEY, "VersionId": current["VersionId"] });
    source.aws.call("s3", "DeleteObject", &named);
    everywhere(KEY, Some(5));
    source.call("DeleteObject", "large");
    everywhere("large", None);
}

#[test]
fn a_replica_that_refuses_for_a_while_keeps_no_other_and_catches_up() {
    let (app, stack) = app("Refusal");
    let artifacts = stack.add("Artifacts", quick([THERE, FAR]));
    stack.output("Source", artifacts.source().name());
    stack.output("West", artifacts.replicas()[0].bucket().name());
    stack.output("Far", artifacts.replicas()[1].bucket().name());
    stack.output("Failures", artifacts.failure_queue().unwrap().url());
    let outputs = deploy(app);
    let side = |region: &str, output: &str| Side {
        aws: aws(region),
        bucket: outputs[output].clone(),
    };
    let (source, west, far) = (side(HERE, "Source"), side(THERE, "West"), side(FAR, "Far"));
    let policy = west.policy();
    let mut refusing: Document = serde_json::from_str(&policy).unwrap();
    let objects = format!("arn:aws:s3:::{}/*", west.bucket);
    let deny = expected!({ "Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": objects });
    refusing["Statement"].as_array_mut().unwrap().push(deny);
    west.set_policy(&refusing.to_string());

    source.put(KEY, "held");
    far.await_length(KEY, Some(4));
    // Given up by Lambda, tried again from the queue, and still refused.
    wait_for("a failed event that waits for its next attempt", || {
        let wanted = expected!({
            "QueueUrl": outputs["Failures"],
            "AttributeNames": ["ApproximateNumberOfMessagesNotVisible"],
        });
        let answer = source.aws.call("sqs", "GetQueueAttributes", &wanted);
        let waiting = &answer["Attributes"]["ApproximateNumberOfMessagesNotVisible"];
        (waiting != "0").then_some(())
    });
    assert_eq!(head(THERE, &west.bucket, KEY), None);

    west.set_policy(&policy);
    west.await_length(KEY, Some(4));
}

#[test]
fn every_bucket_is_written_to_and_all_stay_equal() {
    let (app, stack) = app("Both");
    let shared = stack.add("Shared", quick([THERE, FAR]).two_way());
    stack.output("Source", shared.source().name());
    stack.output("West", shared.replicas()[0].bucket().name());
    stack.output("Far", shared.replicas()[1].bucket().name());
    let outputs = deploy(app);
    let sides = [(HERE, "Source"), (THERE, "West"), (FAR, "Far")].map(|(region, output)| Side {
        aws: aws(region),
        bucket: outputs[output].clone(),
    });
    let everywhere = |length| sides.iter().for_each(|side| side.await_length(KEY, length));
    for (side, body) in sides.iter().zip(["1", "22", "333"]) {
        side.put(KEY, body);
        everywhere(Some(body.len()));
    }
    sides[1].call("DeleteObject", KEY);
    everywhere(None);
}
