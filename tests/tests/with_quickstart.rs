//! The example `quickstart` from end to end: the templates that it writes, unchanged, create its
//! system on a local engine that evaluates IAM policies; real objects become real messages; and the
//! worker may do its job and nothing else.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tests::aws::{Aws, Caller, Deployed, wait_for};
use tests::engine::Engine;
use tests::examples;

const REGION: &str = "eu-central-1";

/// A deployment of the example on an engine of its own.
struct System {
    engine: Engine,
    aws: Aws,
    stack: Deployed,
}

impl System {
    /// Deploys every stack of the example, those that others wait for first.
    fn deploy() -> Self {
        let engine = Engine::start();
        let aws = engine.client(REGION);
        let mut waiting: Vec<_> = examples::synth("quickstart")
            .stacks()
            .into_values()
            .collect();
        let mut done = BTreeSet::new();
        let mut deployed = None;
        while !waiting.is_empty() {
            let ready = waiting
                .iter()
                .position(|stack| stack.needs.iter().all(|need| done.contains(need)));
            let stack = waiting.remove(ready.expect("stacks wait in a circle"));
            let created = aws.deploy(&stack.name, &stack.template);
            assert_eq!(created.status, "CREATE_COMPLETE", "{}", stack.id);
            let resources = stack.template["Resources"].as_object().unwrap();
            assert!(resources.keys().eq(created.resources.keys()));
            if stack.id == "Uploads" {
                deployed = Some(created);
            }
            done.insert(stack.id);
        }
        let stack = deployed.expect("the example has the stack `Uploads`");
        Self { engine, aws, stack }
    }

    fn output(&self, name: &str) -> &str {
        &self.stack.outputs[name]
    }

    /// Empties the queue of what S3 says when a notification is set up.
    fn forget_test_events(&self, queue_url: &str) {
        for message in self.aws.take_messages(queue_url) {
            assert_eq!(body(&message)["Event"], "s3:TestEvent");
        }
    }

    /// Waits until a queue told of so many objects; their keys, decoded, in the order of the alphabet.
    fn await_keys(&self, queue_url: &str, count: usize) -> Vec<String> {
        let mut keys = Vec::new();
        wait_for(&format!("{count} messages in {queue_url}"), || {
            keys.extend(self.aws.take_messages(queue_url).iter().map(key));
            (keys.len() >= count).then_some(())
        });
        keys.sort();
        keys
    }
}

fn body(message: &Value) -> Value {
    serde_json::from_str(message["Body"].as_str().unwrap()).unwrap()
}

/// The key of the object that a message is about, as it was written: S3 encodes keys as forms do.
fn key(message: &Value) -> String {
    let event = body(message);
    let record = &event["Records"][0];
    assert_eq!(record["eventName"], "ObjectCreated:Put", "{event}");
    decoded(record["s3"]["object"]["key"].as_str().unwrap())
}

fn decoded(key: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = key.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digits = [rest.next().unwrap(), rest.next().unwrap()];
                let digits = std::str::from_utf8(&digits).unwrap();
                u8::from_str_radix(digits, 16).unwrap()
            }
            byte => byte,
        });
    }
    String::from_utf8(bytes).unwrap()
}

#[test]
fn each_object_reaches_the_queue_or_the_topic_that_its_key_names_and_nobody_else() {
    let system = System::deploy();
    let [bucket, jobs, archive] =
        ["BucketName", "JobsUrl", "ArchiveUrl"].map(|name| system.output(name));
    let listener = system.aws.listen(system.output("SharedArn"));
    for queue in [jobs, archive, &listener] {
        system.forget_test_events(queue);
    }
    let keys = [
        "elsewhere/nobody hears.txt",
        "incoming",
        "Incoming/other case.txt",
        "nested/incoming/c.txt",
        "incoming/a b.txt",
        "incoming/1+1=2 & ü.txt",
        "shared/summer days.mp4",
        "shared/notes (final).txt",
    ];
    for key in keys {
        system.aws.put_object(bucket, key, "content");
    }

    let shared = ["shared/notes (final).txt", "shared/summer days.mp4"];
    assert_eq!(
        system.await_keys(jobs, 2),
        ["incoming/1+1=2 & ü.txt", "incoming/a b.txt"]
    );
    assert_eq!(system.await_keys(&listener, 2), shared);
    assert_eq!(system.await_keys(archive, 2), shared);

    // The objects that nobody asked about came first: what they would have caused is there by now.
    for queue in [jobs, archive, &listener] {
        let more = system.aws.take_messages(queue);
        assert!(more.is_empty(), "{queue} holds {more:?}");
    }
}

/// The worker as its tasks are: with credentials of its role. The engine knows no ECS, so the test's
/// account is let in for the moment of the sign-in.
fn worker(system: &System) -> Aws {
    let role = &system.stack.resources["Worker11F36D0F"];
    let (aws, named) = (&system.aws, json!({ "RoleName": role }));
    let known = aws.call("iam", "GetRole", &named)["Role"].take();
    let anybody = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole",
    }]});
    let let_in = json!({"RoleName": role, "PolicyDocument": anybody.to_string()});
    aws.call("iam", "UpdateAssumeRolePolicy", &let_in);
    let asked = json!({"RoleArn": known["Arn"], "RoleSessionName": "worker"});
    let credentials = aws.call("sts", "AssumeRole", &asked)["Credentials"].take();
    let text = |name: &str| credentials[name].as_str().unwrap().to_owned();
    let caller = Caller {
        key: text("AccessKeyId"),
        secret: text("SecretAccessKey"),
        token: Some(text("SessionToken")),
    };
    Aws::with_caller(&system.engine.endpoint(), REGION, caller)
}

#[test]
fn the_worker_takes_jobs_and_reads_what_they_are_about_and_no_more() {
    let system = System::deploy();
    let [bucket, jobs, archive] =
        ["BucketName", "JobsUrl", "ArchiveUrl"].map(|name| system.output(name));
    let worker = worker(&system);
    system.forget_test_events(jobs);
    system.aws.put_object(bucket, "incoming/a b.txt", "content");

    // These calls are the worker's own: it receives, deletes and reads.
    let told = worker.await_messages(jobs);
    let [job] = told.as_slice() else {
        panic!("expected one job: {told:?}")
    };
    let object = json!({"Bucket": bucket, "Key": key(job)});
    let read = worker.call("s3", "GetObject", &object);
    assert_eq!(read["ContentLength"], "content".len());

    let written = json!({"Bucket": bucket, "Key": "incoming/mine", "Body": "x"});
    let sent = json!({"QueueUrl": jobs, "MessageBody": "x"});
    let published = json!({"TopicArn": system.output("SharedArn"), "Message": "x"});
    let beyond = [
        ("s3", "PutObject", &written),
        ("s3", "DeleteObject", &object),
        ("sqs", "SendMessage", &sent),
        ("sqs", "ReceiveMessage", &json!({ "QueueUrl": archive })),
        ("sns", "Publish", &published),
        ("s3", "ListBuckets", &json!({})),
    ];
    for (service, operation, parameters) in beyond {
        let refused = worker.try_call(service, operation, parameters);
        let Err(error) = refused else {
            panic!("the worker may {service}:{operation}")
        };
        let codes = [
            "AccessDenied",
            "AccessDeniedException",
            "AuthorizationError",
        ];
        assert!(codes.contains(&error.code.as_str()), "{operation}: {error}");
    }
}

/// The engine does not look into arrays of objects, as SNS does with the body of a message, so what
/// passes this filter cannot be seen here: only that SNS has it as the program says it.
#[test]
fn the_subscription_of_the_videos_has_its_filter() {
    let system = System::deploy();
    let resources = &system.stack.resources;
    let subscription = resources
        .iter()
        .find(|(id, _)| id.starts_with("VideosSubscription"));
    let (_, arn) = subscription.expect("the queue `Videos` is subscribed");
    let asked = json!({ "SubscriptionArn": arn });
    let answer = system.aws.call("sns", "GetSubscriptionAttributes", &asked);
    let attributes = &answer["Attributes"];
    let filter: Value = serde_json::from_str(attributes["FilterPolicy"].as_str().unwrap()).unwrap();
    let wanted = json!({"Records": {"s3": {"object": {"key": [{"suffix": ".mp4"}]}}}});
    assert_eq!(filter, wanted);
    assert_eq!(attributes["FilterPolicyScope"], "MessageBody");
    assert_eq!(attributes["RawMessageDelivery"], "true");
}

#[test]
fn operators_hear_of_what_is_given_up_or_waits() {
    let system = System::deploy();
    let answer = system.aws.call("cloudwatch", "DescribeAlarms", &json!({}));
    let operators = &system.stack.resources["Operators93109ECD"];
    let mut watched: Vec<_> = answer["MetricAlarms"]
        .as_array()
        .unwrap()
        .iter()
        .map(|alarm| {
            assert_eq!(alarm["AlarmActions"], json!([operators]));
            let queue = alarm["Dimensions"][0]["Value"].as_str().unwrap();
            let metric = alarm["MetricName"].as_str().unwrap();
            (metric.to_owned(), queue.to_owned())
        })
        .collect();
    watched.sort();
    let name = |id: &str| {
        let url = &system.stack.resources[id];
        url.rsplit('/').next().unwrap().to_owned()
    };
    let expected = [
        (
            "ApproximateAgeOfOldestMessage".to_owned(),
            name("JobsDF1CC2D4"),
        ),
        (
            "ApproximateNumberOfMessagesVisible".to_owned(),
            name("JobsDeadLetterQueue8CC426EE"),
        ),
    ];
    assert_eq!(watched, expected);
}
