//! Least privilege, seen: without any one of its rights a function fails.

use cloudwright::patterns::{Deletion, ReplicatedBucket, ReplicatedBucketRef};
use serde_json::{Value as Document, json as expected};
use tests::aws::Aws;

use super::{Side, app, deploy, quick};
use crate::{HERE, THERE, aws};

/// Calls the function with an event of S3; gives its error.
fn invoke(function: &str, record: &Document) -> Document {
    let event = expected!({ "Records": [record] }).to_string();
    let call = expected!({ "FunctionName": function, "Payload": event });
    let answer = aws(HERE).call("lambda", "Invoke", &call);
    serde_json::from_str(answer["Payload"].as_str().unwrap()).unwrap()
}

/// An event of S3, of somebody's change at this second.
fn record(name: &str, bucket: &str, key: &str, second: usize) -> Document {
    expected!({
        "eventSource": "aws:s3", "eventName": name, "awsRegion": HERE,
        "eventTime": format!("2099-01-31T12:{:02}:{:02}.000Z", second / 60, second % 60),
        "userIdentity": { "principalId": "AWS:AIDASOMEBODY" },
        "s3": { "bucket": { "name": bucket }, "object": { "key": key, "sequencer": format!("{second:08x}") } },
    })
}

/// What the engine lets through without a right. Its requests are seen in the tests of the handler.
const UNSEEN: [&str; 4] = [
    // AWS answers a look at what is not there with 403 then, the engine with 404.
    "s3:ListBucket",
    // Only an upload that fails in the middle is aborted.
    "s3:AbortMultipartUpload",
    // AWS asks for these when a copy takes the tags of a whole object along.
    "s3:GetObjectTagging",
    "s3:PutObjectTagging",
];

/// The function of a deployed bucket, and its role's policy.
struct Rights {
    here: Aws,
    role: String,
    policy: String,
    document: Document,
}

impl Rights {
    fn of(role: &str) -> Self {
        let here = aws(HERE);
        let listed = here.call("iam", "ListRolePolicies", &expected!({ "RoleName": role }));
        let policy = listed["PolicyNames"][0].as_str().unwrap().to_owned();
        let wanted = expected!({ "RoleName": role, "PolicyName": policy });
        let document = here.call("iam", "GetRolePolicy", &wanted)["PolicyDocument"].take();
        let role = role.to_owned();
        Self {
            here,
            role,
            policy,
            document,
        }
    }

    /// The rights on buckets, objects and the table: the place of the statement, and the action.
    fn of_data(&self) -> Vec<(usize, String)> {
        let statements = self.document["Statement"].as_array().unwrap();
        let actions = statements
            .iter()
            .enumerate()
            .flat_map(|(place, statement)| {
                let actions = match &statement["Action"] {
                    Document::Array(actions) => actions.clone(),
                    one => vec![one.clone()],
                };
                actions
                    .into_iter()
                    .map(move |action| (place, action.as_str().unwrap().to_owned()))
            });
        actions
            .filter(|(_, action)| action.starts_with("s3:") || action.starts_with("dynamodb:"))
            .collect()
    }

    fn set(&self, document: &Document) {
        let policy = expected!({
            "RoleName": self.role, "PolicyName": self.policy, "PolicyDocument": document.to_string(),
        });
        self.here.call("iam", "PutRolePolicy", &policy);
    }

    fn set_without(&self, place: usize, action: &str) {
        let mut document = self.document.clone();
        let actions = &mut document["Statement"][place]["Action"];
        match actions.as_array_mut() {
            Some(actions) => actions.retain(|one| one != action),
            None => *actions = expected!("s3:GetBucketLogging"),
        }
        self.set(&document);
    }
}

/// A deployed bucket with one replica, and what its function may do.
struct World {
    source: Side,
    west: Side,
    function: String,
    rights: Rights,
}

impl World {
    fn new(stage: &'static str, artifacts: ReplicatedBucket) -> Self {
        let (app, stack) = app(stage);
        let artifacts: ReplicatedBucketRef = stack.add("Artifacts", artifacts);
        stack.output("Source", artifacts.source().name());
        stack.output("West", artifacts.replicas()[0].bucket().name());
        let function = artifacts.function().unwrap();
        stack.output("Function", function.arn().cast::<String>());
        stack.output("Role", function.role().unwrap().name().cast::<String>());
        let outputs = deploy(app);
        let side = |region: &str, output: &str| Side {
            aws: aws(region),
            bucket: outputs[output].clone(),
        };
        Self {
            source: side(HERE, "Source"),
            west: side(THERE, "West"),
            function: outputs["Function"].clone(),
            rights: Rights::of(&outputs["Role"]),
        }
    }

    fn call(&self, name: &str, key: &str, second: usize) -> Document {
        let record = record(name, &self.source.bucket, key, second);
        invoke(&self.function, &record)
    }

    /// Takes each of the rights away, one after another, and looks whether one of the answers is a refusal
    /// then. What comes before is done with all rights.
    fn try_each(&self, before: impl Fn(&str), answers: impl Fn(&str) -> Vec<Document>) {
        for (number, (place, action)) in self.rights.of_data().into_iter().enumerate() {
            before(&format!("{number}"));
            self.rights.set_without(place, &action);
            let answers = answers(&format!("{number}"));
            let failed = answers
                .iter()
                .any(|answer| answer["errorType"] == "AccessDenied");
            assert_eq!(failed, !UNSEEN.contains(&&*action), "{action}: {answers:?}");
            self.rights.set(&self.rights.document);
        }
    }
}

const PUT: &str = "ObjectCreated:Put";
const GONE: &str = "ObjectRemoved:DeleteMarkerCreated";

/// One way: a new object, one in parts, and one that is no more.
fn one_way(stage: &'static str, artifacts: ReplicatedBucket) {
    let world = World::new(stage, artifacts);
    let large = "x".repeat(6 << 20);
    let answers = |number: &str| {
        let key = |scenario: &str| format!("{number}-{scenario}");
        world.source.put(&key("new"), "content");
        world.source.put(&key("large"), &large);
        world.west.put(&key("gone"), "content");
        let calls = ["new", "large", "gone"].map(|scenario| world.call(PUT, &key(scenario), 1));
        calls.to_vec()
    };
    world.try_each(|_| {}, answers);
}

#[test]
fn without_any_one_of_its_rights_the_function_fails() {
    one_way("Rights", quick([THERE]));
}

#[test]
fn without_any_one_of_its_rights_a_function_that_erases_fails() {
    one_way("Erasing", quick([THERE]).deletion(Deletion::Erase));
}

#[test]
fn without_any_one_of_its_rights_a_function_of_both_ways_fails() {
    let world = World::new("BothRights", quick([THERE]).two_way());
    // Every event is told here, and no other.
    world.source.quieten();
    world.west.quieten();
    let large = "x".repeat(6 << 20);
    let before = |number: &str| {
        let key = format!("{number}-gone");
        world.source.put(&key, "content");
        assert_eq!(world.call(PUT, &key, 1), Document::Null);
        assert!(world.west.has(&key, 7));
        world.source.call("DeleteObject", &key);
    };
    let answers = |number: &str| {
        let key = |scenario: &str| format!("{number}-{scenario}");
        world.source.put(&key("new"), "content");
        world.source.put(&key("large"), &large);
        let calls = [(PUT, "new"), (PUT, "large"), (GONE, "gone")];
        let calls = calls.map(|(name, scenario)| world.call(name, &key(scenario), 2));
        calls.to_vec()
    };
    world.try_each(before, answers);
}
