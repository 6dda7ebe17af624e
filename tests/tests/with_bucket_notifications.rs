//! `bucket-notifications` on the local AWS: the real program behind a Runtime API, a real bucket with
//! rights that are checked, and a ResponseURL on loopback.

use std::sync::{Arc, Mutex};

use cloudwright_runtime::harness::http::{Reply, Server};
use cloudwright_runtime::harness::{Function, Instance};
use serde_json::{Value as Document, json as expected};
use tests::aws::Aws;
use tests::engine::Engine;
use tests::tools::bootstrap;

const ACCOUNT: &str = "000000000000";
const REGION: &str = "eu-central-1";

fn aws() -> Aws {
    Engine::shared().client(REGION)
}

/// A bucket that no stack of these tests owns, with a notification that somebody else set.
fn bucket(aws: &Aws, name: &str) {
    let location = expected!({ "LocationConstraint": REGION });
    let bucket = expected!({ "Bucket": name, "CreateBucketConfiguration": location });
    aws.call("s3", "CreateBucket", &bucket);
    let theirs = queue(aws, &format!("{name}-theirs"));
    notify(aws, name, &[theirs_of(&theirs)]);
}

fn theirs_of(queue: &str) -> Document {
    let filter = expected!({ "Key": { "FilterRules": [{ "Name": "prefix", "Value": "a&b/" }] } });
    expected!({ "Id": "theirs", "QueueArn": queue, "Events": ["s3:ObjectCreated:Put"], "Filter": filter })
}

/// Sets all notifications of a bucket, as the console does.
fn notify(aws: &Aws, bucket: &str, queues: &[Document]) {
    let all = expected!({ "QueueConfigurations": queues });
    let request = expected!({ "Bucket": bucket, "NotificationConfiguration": all });
    aws.call("s3", "PutBucketNotificationConfiguration", &request);
}

/// The notifications of a bucket to queues.
fn notifications(aws: &Aws, bucket: &str) -> Vec<Document> {
    let request = expected!({ "Bucket": bucket });
    let found = aws.call("s3", "GetBucketNotificationConfiguration", &request);
    found["QueueConfigurations"]
        .as_array()
        .cloned()
        .unwrap_or_default()
}

/// Makes a queue that S3 may send to, and gives its ARN.
fn queue(aws: &Aws, name: &str) -> String {
    let arn = format!("arn:aws:sqs:{REGION}:{ACCOUNT}:{name}");
    let policy = expected!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": { "Service": "s3.amazonaws.com" },
        "Action": "sqs:SendMessage", "Resource": arn,
    }] });
    let attributes = expected!({ "Policy": policy.to_string() });
    let queue = expected!({ "QueueName": name, "Attributes": attributes });
    aws.call("sqs", "CreateQueue", &queue);
    arn
}

/// The function, with the rights of a user that may do these things with the bucket and nothing else.
struct Stack {
    instance: Instance,
    answers: Arc<Mutex<Vec<Document>>>,
    server: Server,
    name: &'static str,
}

impl Stack {
    fn new(aws: &Aws, name: &'static str, bucket: &str, actions: &[&str]) -> Self {
        aws.call("iam", "CreateUser", &expected!({ "UserName": name }));
        let policy = expected!({ "Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Action": actions, "Resource": format!("arn:aws:s3:::{bucket}"),
        }] });
        let policy = expected!({ "UserName": name, "PolicyName": "p", "PolicyDocument": policy.to_string() });
        aws.call("iam", "PutUserPolicy", &policy);
        let key = aws.call("iam", "CreateAccessKey", &expected!({ "UserName": name }));
        let key = |member: &str| key["AccessKey"][member].as_str().unwrap_or_default();
        let function = Function::new(bootstrap(), "bucket-notifications")
            .variable("AWS_REGION", REGION)
            .variable("AWS_ENDPOINT_URL", &Engine::shared().endpoint())
            .variable("AWS_ACCESS_KEY_ID", key("AccessKeyId"))
            .variable("AWS_SECRET_ACCESS_KEY", key("SecretAccessKey"));
        let answers = Arc::default();
        let told: Arc<Mutex<Vec<Document>>> = Arc::clone(&answers);
        let server = Server::start(move |request| {
            let answer = serde_json::from_slice(&request.body).unwrap_or_default();
            told.lock().unwrap().push(answer);
            Reply::new(200, "")
        });
        Self {
            instance: function.start().unwrap_or_else(|error| panic!("{error}")),
            answers,
            server: server.expect("a free port"),
            name,
        }
    }

    /// What CloudFormation is told when it asks for notifications to these queues, each for its keys.
    fn ask(&mut self, kind: &str, id: &str, bucket: &str, queues: &[&str]) -> Document {
        let queues = queues.iter().map(|queue| {
            let rule = expected!({ "Name": "prefix", "Value": format!("{}/", queue.rsplit(':').next().unwrap()) });
            expected!({ "QueueArn": queue, "Events": ["s3:ObjectCreated:*"], "Filter": { "Key": { "FilterRules": [rule] } } })
        });
        let queues: Vec<_> = queues.collect();
        let request = expected!({
            "RequestType": kind, "ResponseURL": format!("{}/{}", self.server.url(), self.name),
            "StackId": format!("arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/{}/6b5f8a40", self.name),
            "RequestId": "r1", "LogicalResourceId": "Uploads", "PhysicalResourceId": id,
            "ResourceProperties": { "ServiceToken": "arn", "BucketName": bucket,
                "NotificationConfiguration": { "QueueConfigurations": queues } },
        });
        let answer = self.instance.invoke(&request);
        assert_eq!(
            answer,
            Ok(Document::Null),
            "{}",
            self.instance.logs().join("\n")
        );
        let mut answers = self.answers.lock().unwrap();
        assert_eq!(answers.len(), 1, "{answers:?}");
        answers.remove(0)
    }

    fn succeed(&mut self, kind: &str, id: &str, bucket: &str, queues: &[&str]) -> String {
        let answer = self.ask(kind, id, bucket, queues);
        assert_eq!(answer["Status"], "SUCCESS", "{answer}");
        answer["PhysicalResourceId"].as_str().unwrap().to_owned()
    }
}

const RIGHTS: [&str; 2] = ["s3:GetBucketNotification", "s3:PutBucketNotification"];

/// The queues that a bucket notifies, without the ids.
fn queues(aws: &Aws, bucket: &str) -> Vec<String> {
    let all = notifications(aws, bucket).into_iter();
    let mut arns: Vec<_> = all
        .map(|to| {
            to["QueueArn"]
                .as_str()
                .unwrap_or_default()
                .rsplit(':')
                .next()
                .unwrap()
                .to_owned()
        })
        .collect();
    arns.sort();
    arns
}

#[test]
fn a_bucket_that_exists_notifies_of_one_thing_more_and_of_what_it_did_before() {
    let aws = aws();
    bucket(&aws, "lifed");
    let (one, two) = (queue(&aws, "lifed-one"), queue(&aws, "lifed-two"));
    let mut stack = Stack::new(&aws, "lifed-stack", "lifed", &RIGHTS);
    let id = stack.succeed("Create", "", "lifed", &[&one]);
    assert_eq!(queues(&aws, "lifed"), ["lifed-one", "lifed-theirs"]);
    let url = format!("{}/{ACCOUNT}/lifed-one", Engine::shared().endpoint());
    // What S3 sends to see whether it may.
    aws.await_messages(&url);
    aws.put_object("lifed", "lifed-one/key", "content");
    let messages = aws.await_messages(&url);
    assert!(
        messages[0]["Body"]
            .as_str()
            .unwrap()
            .contains("lifed-one/key"),
        "{messages:?}"
    );

    assert_eq!(stack.succeed("Update", &id, "lifed", &[&two, &one]), id);
    assert_eq!(
        queues(&aws, "lifed"),
        ["lifed-one", "lifed-theirs", "lifed-two"]
    );
    // A rollback is an update to what was.
    assert_eq!(stack.succeed("Update", &id, "lifed", &[&one]), id);
    assert_eq!(queues(&aws, "lifed"), ["lifed-one", "lifed-theirs"]);
    assert_eq!(stack.succeed("Delete", &id, "lifed", &[&one]), id);
    let left = notifications(&aws, "lifed");
    assert_eq!(
        left,
        [theirs_of(&format!(
            "arn:aws:sqs:{REGION}:{ACCOUNT}:lifed-theirs"
        ))]
    );
    assert_eq!(stack.succeed("Delete", &id, "lifed", &[&one]), id);
    aws.call(
        "s3",
        "DeleteObject",
        &expected!({ "Bucket": "lifed", "Key": "lifed-one/key" }),
    );
    aws.call("s3", "DeleteBucket", &expected!({ "Bucket": "lifed" }));
    assert_eq!(stack.succeed("Delete", &id, "lifed", &[&one]), id);
}

#[test]
fn two_stacks_at_the_same_time_and_somebody_else_keep_what_is_theirs() {
    let aws = aws();
    bucket(&aws, "shared");
    let queues_of =
        |stack: &str| ["one", "two"].map(|name| queue(&aws, &format!("{stack}-{name}")));
    let stacks = ["shared-a", "shared-b"].map(|name| {
        let stack = Stack::new(&aws, name, "shared", &RIGHTS);
        (stack, queues_of(name))
    });
    std::thread::scope(|scope| {
        for (mut stack, [one, two]) in stacks {
            scope.spawn(move || {
                let id = stack.succeed("Create", "", "shared", &[&one, &two]);
                stack.succeed("Update", &id, "shared", &[&two]);
            });
        }
        // While they wait to see whether their entries stay.
        std::thread::sleep(std::time::Duration::from_secs(2));
        let mut all = notifications(&aws, "shared");
        all.retain(|to| to["Id"] != "theirs");
        notify(&aws, "shared", &all);
    });
    assert_eq!(queues(&aws, "shared"), ["shared-a-two", "shared-b-two"]);
}

#[test]
fn a_full_bucket_and_a_missing_right_are_told() {
    let aws = aws();
    bucket(&aws, "full");
    let theirs = notifications(&aws, "full").remove(0);
    let many: Vec<_> = (0..100)
        .map(|number| {
            let mut to = theirs.clone();
            to["Id"] = expected!(format!("theirs-{number}"));
            to["Filter"]["Key"]["FilterRules"][0]["Value"] = expected!(format!("{number}/"));
            to
        })
        .collect();
    notify(&aws, "full", &many);
    let one = queue(&aws, "full-one");
    let mut stack = Stack::new(&aws, "full-stack", "full", &RIGHTS);
    let answer = stack.ask("Create", "", "full", &[&one]);
    let reason = "Refused: bucket full: the bucket has 100 notifications of others, and 1 are to be added; S3 \
                  keeps 100 for a bucket: remove some, or send its events to EventBridge, whose rules have no \
                  such limit";
    assert_eq!(
        (&answer["Status"], &answer["Reason"]),
        (&expected!("FAILED"), &expected!(reason))
    );
    let id = answer["PhysicalResourceId"].as_str().unwrap();
    stack.succeed("Delete", id, "full", &[&one]);
    assert_eq!(notifications(&aws, "full").len(), 100);

    let mut reader = Stack::new(&aws, "full-reader", "full", &RIGHTS[..1]);
    notify(&aws, "full", &many[..1]);
    let answer = reader.ask("Create", "", "full", &[&one]);
    let reason = answer["Reason"].as_str().unwrap();
    let start = "AccessDenied: S3 PutBucketNotificationConfiguration, bucket full, region eu-central-1: AccessDenied: ";
    assert!(
        reason.starts_with(start) && reason.to_lowercase().contains("s3:putbucketnotification"),
        "{reason}"
    );
    assert_eq!(notifications(&aws, "full").len(), 1);
}
