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

/// The state of an alarm, and why.
fn state(aws: &Aws, alarm: &str) -> (String, String) {
    let answer = aws.call(
        "cloudwatch",
        "DescribeAlarms",
        &json!({"AlarmNames": [alarm]}),
    );
    let text = |name: &str| answer["MetricAlarms"][0][name].as_str().unwrap().to_owned();
    (text("StateValue"), text("StateReason"))
}

fn alarm(more: &Value) -> Value {
    let mut properties = json!({ "EvaluationPeriods": 1, "Threshold": 0, "TreatMissingData": "notBreaching",
        "ComparisonOperator": "GreaterThanThreshold" });
    for (name, value) in more.as_object().unwrap() {
        properties[name] = value.clone();
    }
    json!({ "Type": "AWS::CloudWatch::Alarm", "Properties": properties })
}

/// The numbers of one function raise no alarm of another.
#[test]
fn an_alarm_is_raised_by_the_numbers_of_what_it_watches() {
    let aws = Engine::shared().client(REGION);
    let watching = |name: &str| {
        let place = json!([{ "Name": "FunctionName", "Value": name }]);
        alarm(
            &json!({ "AlarmName": format!("{name}-errors"), "Namespace": "Shop", "MetricName": "Errors",
            "Statistic": "Sum", "Period": 300, "Dimensions": place }),
        )
    };
    let seen = json!({ "Namespace": "Shop", "MetricName": "Errors" });
    let computed = json!([
        { "Id": "result", "Expression": "a + a", "ReturnData": true },
        { "Id": "a", "ReturnData": false, "MetricStat": { "Metric": seen, "Period": 60, "Stat": "Sum" } },
    ]);
    let template = json!({ "Resources": { "One": watching("one"), "Other": watching("other"),
        "Sum": alarm(&json!({ "AlarmName": "sum", "Metrics": computed })) } });
    aws.deploy("Alarms", &template);
    assert_eq!(state(&aws, "one-errors").0, "OK");
    let number = |name: &str, value: u8| {
        let place = json!([{ "Name": "FunctionName", "Value": name }]);
        let datum = json!([{ "MetricName": "Errors", "Value": value, "Dimensions": place }]);
        let data = json!({ "Namespace": "Shop", "MetricData": datum });
        aws.call("cloudwatch", "PutMetricData", &data);
    };
    number("one", 2);
    number("other", 0);
    let (raised, why) = state(&aws, "one-errors");
    assert_eq!(raised, "ALARM");
    assert!(why.contains("Sum 2 GreaterThanThreshold 0"), "{why}");
    assert_eq!(state(&aws, "other-errors").0, "OK");
    // What is computed is not known, which this alarm takes for a good sign.
    assert_eq!(state(&aws, "sum").0, "OK");
}

/// A queue with a queue for what was taken once and not done.
fn giving_up(name: &str) -> [(String, Value); 2] {
    let lost = format!("{name}Lost");
    let redrive =
        json!({ "deadLetterTargetArn": { "Fn::GetAtt": [lost, "Arn"] }, "maxReceiveCount": 1 });
    let queue = |properties: Value| json!({ "Type": "AWS::SQS::Queue", "Properties": properties });
    let jobs = queue(json!({ "VisibilityTimeout": 0, "RedrivePolicy": redrive }));
    [(name.to_owned(), jobs), (lost, queue(json!({})))]
}

#[test]
fn dead_letters_go_back_to_the_queues_that_they_came_from() {
    let aws = Engine::shared().client(REGION);
    let mut resources: serde_json::Map<_, _> = giving_up("Orders").into_iter().collect();
    let [(_, mut mails), _] = giving_up("Mails");
    mails["Properties"]["RedrivePolicy"]["deadLetterTargetArn"] =
        json!({ "Fn::GetAtt": ["OrdersLost", "Arn"] });
    resources.insert("Mails".to_owned(), mails);
    let urls: serde_json::Map<_, _> = ["Orders", "Mails", "OrdersLost"]
        .map(|id| (id.to_owned(), json!({ "Value": { "Ref": id } })))
        .into_iter()
        .collect();
    let stack = aws.deploy("Moves", &json!({ "Resources": resources, "Outputs": urls }));
    let url = |id: &str| stack.outputs[id].as_str();
    let take = |id: &str| {
        let request = json!({ "QueueUrl": url(id), "MaxNumberOfMessages": 10 });
        aws.call("sqs", "ReceiveMessage", &request)["Messages"].clone()
    };
    for id in ["Orders", "Mails"] {
        let message = json!({ "QueueUrl": url(id), "MessageBody": format!("of {id}") });
        aws.call("sqs", "SendMessage", &message);
        assert_eq!(take(id).as_array().unwrap().len(), 1);
        assert!(take(id).is_null(), "it was taken once");
    }
    let wanted = json!({ "QueueUrl": url("OrdersLost"), "AttributeNames": ["QueueArn"] });
    let arn = aws.call("sqs", "GetQueueAttributes", &wanted)["Attributes"]["QueueArn"].take();
    let task = aws.call("sqs", "StartMessageMoveTask", &json!({ "SourceArn": arn }));
    assert!(task["TaskHandle"].is_string(), "{task}");
    let listed = aws.call("sqs", "ListMessageMoveTasks", &json!({ "SourceArn": arn }));
    let [done] = &listed["Results"].as_array().unwrap()[..] else {
        panic!("one task: {listed}")
    };
    assert_eq!(
        (&done["Status"], &done["ApproximateNumberOfMessagesMoved"]),
        (&json!("COMPLETED"), &json!(2))
    );
    for id in ["Orders", "Mails"] {
        assert_eq!(take(id)[0]["Body"], format!("of {id}"));
    }
    assert!(take("OrdersLost").is_null(), "nothing is left");
    // Only what is given up is moved so.
    let wanted = json!({ "QueueUrl": url("Orders"), "AttributeNames": ["QueueArn"] });
    let arn = aws.call("sqs", "GetQueueAttributes", &wanted)["Attributes"]["QueueArn"].take();
    let refused = aws.try_call("sqs", "StartMessageMoveTask", &json!({ "SourceArn": arn }));
    let refused = refused.expect_err("nobody gives up messages to it");
    assert!(
        refused.message.contains("dead-letter queue of no queue"),
        "{refused}"
    );
}
