//! Grants proven: with one, every call that its row names works, and every other call is refused.
//!
//! One stack has a resource of each service, and for each grant a role that holds it and nothing else. The local AWS
//! evaluates policies as IAM does, for roles that are assumed for real.

use std::collections::{BTreeMap, BTreeSet};

use cloudwright::iam::{GRANTS, GrantRule};
use cloudwright::prelude::*;
use serde_json::{Value as Document, json as document};
use tests::aws::{Aws, Caller};
use tests::engine::Engine;

const REGION: &str = "eu-central-1";
const ACCOUNT: &str = "000000000000";
const KEY: &str = "in/a.txt";

/// A role whose rights are in several policies.
const LONG: &str = "long";

/// Grants whose calls can be made here.
const SERVICES: [&str; 5] = ["dynamodb", "s3", "secretsmanager", "sns", "sqs"];

/// Actions that no API has a call for: S3 itself takes them while it replicates.
const OF_S3_ITSELF: [&str; 4] = [
    "s3:GetObjectVersionForReplication",
    "s3:ReplicateDelete",
    "s3:ReplicateObject",
    "s3:ReplicateTags",
];

/// The grant of a row, on the resources of the stack.
fn grant(rule: &GrantRule, made: &Made, role: &iam::RoleRef) {
    let Made {
        bucket,
        queue,
        topic,
        table,
        secret,
    } = made;
    match (rule.service, rule.name) {
        ("dynamodb", "read") => {
            table.grant_read(role);
        }
        ("dynamodb", "stream_read") => {
            table.grant_stream_read(role);
        }
        ("dynamodb", "write") => {
            table.grant_write(role);
        }
        ("s3", "copy_to") => {
            bucket.grant_copy_to(role);
        }
        ("s3", "delete") => {
            bucket.grant_delete(role);
        }
        ("s3", "erase") => {
            bucket.grant_erase(role);
        }
        ("s3", "read") => {
            bucket.grant_read(role);
        }
        ("s3", "read_objects") => {
            bucket.grant_read_objects(role);
        }
        ("s3", "replicate_from") => {
            bucket.grant_replicate_from(role);
        }
        ("s3", "replicate_to") => {
            bucket.grant_replicate_to(role);
        }
        ("s3", "replication_destination") => {
            bucket.grant_replication_destination(role);
        }
        ("s3", "replication_source") => {
            bucket.grant_replication_source(role);
        }
        ("s3", "write") => {
            bucket.grant_write(role);
        }
        ("secretsmanager", "read") => {
            secret.grant_read(role);
        }
        ("secretsmanager", "write") => {
            secret.grant_write(role);
        }
        ("sns", "publish") => {
            topic.grant_publish(role);
        }
        ("sqs", "consume") => {
            queue.grant_consume(role);
        }
        ("sqs", "purge") => {
            queue.grant_purge(role);
        }
        ("sqs", "send") => {
            queue.grant_send(role);
        }
        (service, name) => panic!("say how {service} {name} is granted"),
    }
}

struct Made {
    bucket: s3::BucketRef,
    queue: sqs::QueueRef,
    topic: sns::TopicRef,
    table: dynamodb::TableRef,
    secret: secretsmanager::SecretRef,
}

/// The id of a grant's role.
fn role_id(rule: &GrantRule) -> String {
    format!("{}-{}", rule.service, rule.name).replace('_', "-")
}

fn rows() -> impl Iterator<Item = &'static GrantRule> {
    let all = GRANTS.iter().copied();
    all.filter(|rule| SERVICES.contains(&rule.service))
}

/// What the long role is granted.
fn sending() -> &'static GrantRule {
    let mut rows = rows();
    rows.find(|rule| (rule.service, rule.name) == ("sqs", "send"))
        .expect("queues can be sent to")
}

/// The stack, as it is deployed.
fn template() -> Document {
    let app = App::new();
    let stack = app.stack("Grants", Environment::new(ACCOUNT, REGION));
    let attribute = dynamodb::Attribute::string("id");
    let table = dynamodb::Table::new(attribute).stream(dynamodb::StreamView::KeysOnly);
    let made = Made {
        bucket: stack.add("Bucket", s3::Bucket::new()),
        queue: stack.add("Queue", sqs::Queue::new()),
        topic: stack.add("Topic", sns::Topic::new()),
        table: stack.add("Table", table),
        secret: stack.add("Secret", secretsmanager::Secret::new()),
    };
    for rule in rows() {
        let id = role_id(rule);
        let role = iam::Role::assumed_by(Principal::account(ACCOUNT)).role_name(id.clone());
        grant(rule, &made, &stack.add(id, role));
    }
    let long = iam::Role::assumed_by(Principal::account(ACCOUNT)).role_name(LONG);
    let others = |number| {
        json!(format!(
            "arn:aws:sqs:{REGION}:{ACCOUNT}:orders-of-shop-{number}"
        ))
    };
    let send = Statement::allow(sending().on_itself.iter().copied());
    let long = long.statement(send.on_all((0..300).map(others)));
    let long = stack.add(LONG, long);
    made.queue.grant_send(&long);
    stack.output("BucketName", made.bucket.name());
    stack.output("QueueUrl", made.queue.url());
    stack.output("TopicArn", made.topic.arn().cast::<String>());
    stack.output("TableName", made.table.name().cast::<String>());
    if let Some(stream) = made.table.stream_arn() {
        stack.output("StreamArn", stream);
    }
    stack.output("SecretArn", made.secret.arn().cast::<String>());
    let assembly = app.synth().unwrap_or_else(|findings| panic!("{findings}"));
    let text = assembly
        .stack("Grants")
        .expect("there is one stack")
        .template()
        .to_json();
    serde_json::from_str(&text).unwrap()
}

/// What the calls are about.
struct Places {
    outputs: BTreeMap<String, String>,
}

/// A call: the service in botocore's words, the operation, and its parameters.
type Call = (&'static str, &'static str, Document);

impl Places {
    fn of(&self, name: &str) -> &str {
        &self.outputs[name]
    }

    /// The call that needs an action and no other, made possible by somebody who may do everything.
    fn call(&self, root: &Aws, action: &str) -> Call {
        match action.split_once(':') {
            Some(("s3", operation)) => self.of_s3(root, operation),
            Some(("sqs", operation)) => self.of_sqs(root, operation),
            Some(("dynamodb", operation)) => self.of_dynamodb(root, operation),
            Some(("secretsmanager", operation)) => self.of_secretsmanager(root, operation),
            Some(("sns", "Publish")) => {
                let message = document!({ "TopicArn": self.of("TopicArn"), "Message": "news" });
                ("sns", "Publish", message)
            }
            _ => panic!("say which call needs {action}"),
        }
    }

    fn of_s3(&self, root: &Aws, operation: &str) -> Call {
        let bucket = self.of("BucketName");
        let tags = document!({ "TagSet": [{ "Key": "kind", "Value": "text" }] });
        let put =
            document!({ "Bucket": bucket, "Key": KEY, "Body": "text", "Tagging": "kind=text" });
        let version = root.call("s3", "PutObject", &put)["VersionId"].take();
        let whole = document!({ "Bucket": bucket });
        let object = document!({ "Bucket": bucket, "Key": KEY });
        let old = document!({ "Bucket": bucket, "Key": KEY, "VersionId": version });
        let (name, request) = match operation {
            "AbortMultipartUpload" => {
                let mut begun = root.call("s3", "CreateMultipartUpload", &object);
                let upload = begun["UploadId"].take();
                (
                    "AbortMultipartUpload",
                    document!({ "Bucket": bucket, "Key": KEY, "UploadId": upload }),
                )
            }
            "DeleteObject" => ("DeleteObject", object),
            "DeleteObjectVersion" => ("DeleteObject", old),
            "GetBucketLocation" => ("GetBucketLocation", whole),
            "GetObject" => ("GetObject", object),
            "GetObjectTagging" => ("GetObjectTagging", object),
            "GetObjectVersion" => ("GetObject", old),
            "GetObjectVersionAcl" => ("GetObjectAcl", old),
            "GetObjectVersionTagging" => ("GetObjectTagging", old),
            "GetReplicationConfiguration" => ("GetBucketReplication", whole),
            "ListBucket" => ("ListObjectsV2", whole),
            "ListBucketVersions" => ("ListObjectVersions", whole),
            "PutObject" => (
                "PutObject",
                document!({ "Bucket": bucket, "Key": KEY, "Body": "new" }),
            ),
            "PutObjectTagging" => (
                "PutObjectTagging",
                document!({ "Bucket": bucket, "Key": KEY, "Tagging": tags }),
            ),
            other => panic!("say which call needs s3:{other}"),
        };
        ("s3", name, request)
    }

    fn of_sqs(&self, root: &Aws, operation: &str) -> Call {
        let queue = self.of("QueueUrl");
        let received = || {
            let sent = document!({ "QueueUrl": queue, "MessageBody": "job" });
            root.call("sqs", "SendMessage", &sent);
            let asked = document!({ "QueueUrl": queue, "MaxNumberOfMessages": 1 });
            root.call("sqs", "ReceiveMessage", &asked)["Messages"][0]["ReceiptHandle"].take()
        };
        let name = queue.rsplit('/').next().unwrap_or_default();
        let (name, request) = match operation {
            "ChangeMessageVisibility" => {
                let hidden = document!({ "QueueUrl": queue, "ReceiptHandle": received(), "VisibilityTimeout": 30 });
                ("ChangeMessageVisibility", hidden)
            }
            "DeleteMessage" => (
                "DeleteMessage",
                document!({ "QueueUrl": queue, "ReceiptHandle": received() }),
            ),
            "GetQueueAttributes" => (
                "GetQueueAttributes",
                document!({ "QueueUrl": queue, "AttributeNames": ["All"] }),
            ),
            "GetQueueUrl" => ("GetQueueUrl", document!({ "QueueName": name })),
            "PurgeQueue" => ("PurgeQueue", document!({ "QueueUrl": queue })),
            "ReceiveMessage" => ("ReceiveMessage", document!({ "QueueUrl": queue })),
            "SendMessage" => (
                "SendMessage",
                document!({ "QueueUrl": queue, "MessageBody": "job" }),
            ),
            other => panic!("say which call needs sqs:{other}"),
        };
        ("sqs", name, request)
    }

    fn of_dynamodb(&self, root: &Aws, operation: &str) -> Call {
        let (table, stream) = (self.of("TableName"), self.of("StreamArn"));
        let key = document!({ "id": { "S": "a" } });
        let one = document!({ "TableName": table, "Key": key });
        let item = document!({ "TableName": table, "Item": key });
        root.call("dynamodb", "PutItem", &item);
        let shards = || {
            root.call(
                "dynamodbstreams",
                "DescribeStream",
                &document!({ "StreamArn": stream }),
            )
        };
        let iterator = || {
            let shard = shards()["StreamDescription"]["Shards"][0]["ShardId"].take();
            document!({ "StreamArn": stream, "ShardId": shard, "ShardIteratorType": "TRIM_HORIZON" })
        };
        let (service, name, request) = match operation {
            "BatchGetItem" => {
                let asked = document!({ "RequestItems": { table: { "Keys": [key] } } });
                ("dynamodb", "BatchGetItem", asked)
            }
            "BatchWriteItem" => {
                let asked =
                    document!({ "RequestItems": { table: [{ "PutRequest": { "Item": key } }] } });
                ("dynamodb", "BatchWriteItem", asked)
            }
            "ConditionCheckItem" => {
                let checked = document!({ "TableName": table, "Key": key, "ConditionExpression": "attribute_exists(id)" });
                let asked = document!({ "TransactItems": [{ "ConditionCheck": checked }] });
                ("dynamodb", "TransactWriteItems", asked)
            }
            "DeleteItem" => ("dynamodb", "DeleteItem", one),
            "DescribeTable" => (
                "dynamodb",
                "DescribeTable",
                document!({ "TableName": table }),
            ),
            "GetItem" => ("dynamodb", "GetItem", one),
            "PutItem" => ("dynamodb", "PutItem", item),
            "Query" => {
                let asked = document!({ "TableName": table, "KeyConditionExpression": "id = :id",
                    "ExpressionAttributeValues": { ":id": { "S": "a" } } });
                ("dynamodb", "Query", asked)
            }
            "Scan" => ("dynamodb", "Scan", document!({ "TableName": table })),
            "UpdateItem" => ("dynamodb", "UpdateItem", one),
            "DescribeStream" => (
                "dynamodbstreams",
                "DescribeStream",
                document!({ "StreamArn": stream }),
            ),
            "GetShardIterator" => ("dynamodbstreams", "GetShardIterator", iterator()),
            "GetRecords" => {
                let mut found = root.call("dynamodbstreams", "GetShardIterator", &iterator());
                let asked = document!({ "ShardIterator": found["ShardIterator"].take() });
                ("dynamodbstreams", "GetRecords", asked)
            }
            other => panic!("say which call needs dynamodb:{other}"),
        };
        (service, name, request)
    }

    fn of_secretsmanager(&self, root: &Aws, operation: &str) -> Call {
        let secret = document!({ "SecretId": self.of("SecretArn") });
        let put = document!({ "SecretId": self.of("SecretArn"), "SecretString": "s3cret" });
        let version = root.call("secretsmanager", "PutSecretValue", &put)["VersionId"].take();
        let (name, request) = match operation {
            "DescribeSecret" => ("DescribeSecret", secret),
            "GetSecretValue" => ("GetSecretValue", secret),
            "PutSecretValue" => ("PutSecretValue", put),
            "UpdateSecretVersionStage" => {
                let moved = document!({ "SecretId": self.of("SecretArn"), "VersionStage": "TRIED", "MoveToVersionId": version });
                ("UpdateSecretVersionStage", moved)
            }
            other => panic!("say which call needs secretsmanager:{other}"),
        };
        ("secretsmanager", name, request)
    }
}

/// Has a client act as a role of the stack.
fn act_as(actor: &mut Aws, root: &Aws, role: &str) {
    let arn = format!("arn:aws:iam::{ACCOUNT}:role/{role}");
    let asked = document!({ "RoleArn": arn, "RoleSessionName": "proof" });
    let credentials = root.call("sts", "AssumeRole", &asked)["Credentials"].take();
    let text = |name: &str| credentials[name].as_str().unwrap().to_owned();
    actor.act_as(Caller {
        key: text("AccessKeyId"),
        secret: text("SecretAccessKey"),
        token: Some(text("SessionToken")),
    });
}

/// Whether a call is refused for want of a right.
fn is_refused(result: &Result<Document, tests::aws::AwsError>) -> bool {
    result.as_ref().err().is_some_and(|error| {
        error.code.contains("AccessDenied") || error.message.contains("not authorized")
    })
}

/// Whether a call was let in: it worked, or found nothing of what it looked for.
fn is_let_in(result: &Result<Document, tests::aws::AwsError>) -> bool {
    let nothing = "ReplicationConfigurationNotFoundError";
    result
        .as_ref()
        .err()
        .is_none_or(|error| error.code == nothing)
}

/// The actions of a row that there are calls for.
fn actions_of(rule: &GrantRule) -> BTreeSet<&'static str> {
    let all = rule.on_itself.iter().chain(rule.on_content).copied();
    all.filter(|action| !OF_S3_ITSELF.contains(action))
        .collect()
}

#[test]
fn with_a_grant_each_of_its_calls_works_and_without_it_is_refused() {
    let engine = Engine::shared();
    let root = engine.client(REGION);
    let mut actor = engine.client(REGION);
    let template = template();
    let stack = root.deploy("Grants", &template);
    let places = Places {
        outputs: stack.outputs,
    };
    let (mut worked, mut refused) = (0, 0);
    let mut wrong = Vec::new();
    for rule in rows() {
        act_as(&mut actor, &root, &role_id(rule));
        let mine = actions_of(rule);
        let service = rows().filter(|other| other.service == rule.service);
        let of_service: BTreeSet<_> = service.flat_map(actions_of).collect();
        for action in of_service {
            let (service, operation, request) = places.call(&root, action);
            let result = actor.try_call(service, operation, &request);
            let granted = mine.contains(action);
            let is_right = match granted {
                true => is_let_in(&result),
                false => is_refused(&result),
            };
            *(if granted { &mut worked } else { &mut refused }) += 1;
            if !is_right {
                let row = format!("{} {}", rule.service, rule.name);
                wrong.push(format!("{row}, {action} (granted: {granted}): {result:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    strangers_are_refused(&mut actor, &root, &places);
    what_another_policy_says_counts(&template, &mut actor, &root, &places);
    println!("{worked} calls work with their grants, {refused} others are refused");
    assert!(worked > 60 && refused > 100, "{worked} and {refused}");
}

/// Who holds no grant on a service is refused each of its calls.
fn strangers_are_refused(stranger: &mut Aws, root: &Aws, places: &Places) {
    for (service, other) in [
        ("sns", "sqs-send"),
        ("s3", "sns-publish"),
        ("sqs", "sns-publish"),
        ("dynamodb", "s3-read"),
        ("secretsmanager", "s3-read"),
    ] {
        act_as(stranger, root, other);
        let rows = rows().filter(|rule| rule.service == service);
        for action in rows.flat_map(actions_of).collect::<BTreeSet<_>>() {
            let (service, operation, request) = places.call(root, action);
            let result = stranger.try_call(service, operation, &request);
            assert!(is_refused(&result), "{other}, {action}: {result:?}");
        }
    }
}

/// A grant that did not fit into the first policy of its role works, and gives no more than it does elsewhere.
fn what_another_policy_says_counts(
    template: &Document,
    actor: &mut Aws,
    root: &Aws,
    places: &Places,
) {
    let resources = template["Resources"].as_object().unwrap().iter();
    let mut saying = resources.filter(|(id, policy)| {
        let document = &policy["Properties"]["PolicyDocument"];
        id.starts_with(LONG) && document.to_string().contains("Fn::GetAtt")
    });
    let policy = saying.next().map(|(_, policy)| &policy["Type"]);
    assert_eq!(policy, Some(&document!("AWS::IAM::ManagedPolicy")));
    assert_eq!(saying.count(), 0);
    act_as(actor, root, LONG);
    let mine = actions_of(sending());
    let rows = rows().filter(|rule| rule.service == "sqs");
    for action in rows.flat_map(actions_of).collect::<BTreeSet<_>>() {
        let (service, operation, request) = places.call(root, action);
        let result = actor.try_call(service, operation, &request);
        let is_right = match mine.contains(action) {
            true => is_let_in(&result),
            false => is_refused(&result),
        };
        assert!(is_right, "{action}: {result:?}");
    }
}
