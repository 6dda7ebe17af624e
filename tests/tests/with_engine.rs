//! The local AWS: secure-by-default templates deploy, events flow, rights are evaluated, and
//! nothing of it is left behind.

use std::fs;
use std::net::TcpStream;

use serde_json::{Value, json};
use tests::aws::{Aws, Caller};
use tests::engine::Engine;
use tests::tools::support;

const REGION: &str = "eu-central-1";

fn uploads() -> Value {
    let file = support("fixtures/assembly/Uploads.template.json");
    serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap()
}

/// The keys of the objects that these messages announce.
fn keys(messages: &[Value]) -> Vec<String> {
    let events = messages
        .iter()
        .map(|message| message["Body"].as_str().unwrap());
    let events = events.map(|body| serde_json::from_str::<Value>(body).unwrap());
    let key = |event: Value| {
        event["Records"][0]["s3"]["object"]["key"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    events.map(key).collect()
}

#[test]
fn an_upload_arrives_in_the_queue_or_the_topic_that_its_prefix_names() {
    let aws = Engine::shared().client(REGION);
    let stack = aws.deploy("Uploads", &uploads());
    assert_eq!(stack.status, "CREATE_COMPLETE");
    let (bucket, queue) = (&stack.outputs["Bucket"], &stack.outputs["QueueUrl"]);
    assert_eq!(bucket, "uploads-000000000000-eu-central-1");
    assert_eq!(stack.resources["Uploads"], *bucket);
    let listener = aws.listen(&stack.outputs["TopicArn"]);

    aws.take_messages(queue); // S3 says that the notification is set up
    for key in ["elsewhere/a.txt", "shared/b.txt", "incoming/a b.txt"] {
        aws.put_object(bucket, key, "content");
    }
    assert_eq!(keys(&aws.await_messages(queue)), ["incoming/a+b.txt"]);
    assert_eq!(keys(&aws.await_messages(&listener)), ["shared/b.txt"]);
}

#[test]
fn a_caller_without_rights_is_refused_by_iam() {
    let engine = Engine::shared();
    let root = engine.client(REGION);
    root.call("iam", "CreateUser", &json!({"UserName": "nobody"}));
    let key = root.call("iam", "CreateAccessKey", &json!({"UserName": "nobody"}));
    let text = |name: &str| key["AccessKey"][name].as_str().unwrap().to_owned();
    let caller = Caller {
        key: text("AccessKeyId"),
        secret: text("SecretAccessKey"),
        token: None,
    };
    let nobody = Aws::with_caller(&engine.endpoint(), REGION, caller);
    let refused = nobody.try_call("sqs", "CreateQueue", &json!({"QueueName": "mine"}));
    let error = refused.expect_err("a user without a policy may create nothing");
    assert!(
        error.message.contains("sqs:createqueue") || error.code.contains("AccessDenied"),
        "{error}"
    );
}

#[test]
#[should_panic(expected = "ended in ROLLBACK_COMPLETE")]
fn a_stack_that_cannot_be_created_fails_with_its_events() {
    let queue = json!({"Type": "AWS::SQS::Queue", "Properties": {"DelaySeconds": 100_000}});
    let template = json!({"Resources": {"Jobs": queue}});
    Engine::shared().client(REGION).deploy("TooSlow", &template);
}

#[test]
fn an_engine_is_forgetful_on_request_and_leaves_nothing_behind() {
    let engine = Engine::start();
    let aws = engine.client(REGION);
    aws.call("sqs", "CreateQueue", &json!({"QueueName": "kept"}));
    engine.reset();
    let queues = aws.call("sqs", "ListQueues", &json!({}));
    assert_eq!(queues, json!({"QueueUrls": []}));

    let address = engine.endpoint().replace("http://", "");
    let folder = engine.folder().to_owned();
    assert!(folder.exists());
    drop(engine);
    assert!(!folder.exists());
    assert!(
        TcpStream::connect(address).is_err(),
        "the engine still listens"
    );
}
