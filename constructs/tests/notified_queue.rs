//! Queues that a bucket tells, in order by a function or by itself.

mod support;

use cloudwright::prelude::*;
use serde_json::json as expected;
use support::{assert_error, findings, template};

#[test]
fn a_fifo_queue_is_told_by_a_function_that_may_only_send() {
    let template = template(|stack| {
        let changes = NotifiedQueue::new().filter(s3::Filter::prefix("public/"));
        stack.add("Changes", changes);
    });
    let dead = &template.named("AWS::SQS::Queue", "ChangesQueueDeadLetter")["Properties"];
    assert_eq!(dead["FifoQueue"], true);
    let function = template.named("AWS::Lambda::Function", "ChangesFunction");
    let url = &function["Properties"]["Environment"]["Variables"]["QUEUE_URL"];
    assert!(
        url["Ref"].as_str().unwrap().starts_with("ChangesQueue"),
        "{url}"
    );
    let told = &template.properties("AWS::S3::Bucket")["NotificationConfiguration"];
    let told = &told["LambdaConfigurations"];
    let events: Vec<_> = told
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["Event"])
        .collect();
    assert_eq!(
        events,
        [
            "s3:LifecycleExpiration:*",
            "s3:ObjectCreated:*",
            "s3:ObjectRemoved:*"
        ]
    );
    let rules = &told[0]["Filter"]["S3Key"]["Rules"];
    assert_eq!(
        rules,
        &expected!([{ "Name": "prefix", "Value": "public/" }])
    );
    let sends = template.allowing("AWS::IAM::Policy", "sqs:SendMessage");
    assert!(sends.iter().all(|one| one["Resource"] != "*"), "{sends:?}");
    assert!(
        template
            .allowing("AWS::IAM::Policy", "s3:GetObject")
            .is_empty()
    );
}

#[test]
fn a_standard_queue_is_told_by_the_bucket_itself() {
    let template = template(|stack| {
        let changes = stack.add("Changes", NotifiedQueue::new().standard());
        assert!(changes.function().is_none());
        let operators = stack.add("Operators", sns::Topic::new());
        assert_eq!(changes.alarms(minutes(5), &operators).len(), 2);
    });
    assert!(template.all("AWS::Lambda::Function").is_empty());
    let told = &template.properties("AWS::S3::Bucket")["NotificationConfiguration"];
    assert_eq!(told["QueueConfigurations"].as_array().unwrap().len(), 3);
}

#[test]
fn mistakes_are_found() {
    let none = findings(|stack| {
        stack.add("Changes", NotifiedQueue::new().events([]));
    });
    assert_error(&none, "CW1103", &["told of no event stays empty"]);
    let both = findings(|stack| {
        let bucket = stack.add("Bucket", s3::Bucket::new());
        let changes = NotifiedQueue::new()
            .bucket(&bucket)
            .bucket_with(|bucket| bucket);
        stack.add("Changes", changes);
    });
    assert_error(&both, "CW1103", &["`.bucket_with(..)`"]);
}
