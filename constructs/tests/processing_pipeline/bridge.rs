//! Objects that come by EventBridge.

use cloudwright::patterns::{HandOver, Place};
use cloudwright::prelude::*;
use cloudwright::s3::Event;
use serde_json::{Value, json as expected};

use crate::support::template;
use crate::{BUCKET, FUNCTION, PERMISSION, pipeline, stage};

const RULE: &str = "AWS::Events::Rule";

#[test]
fn a_rule_calls_the_stage_and_keeps_what_it_cannot_hand_over() {
    let template = pipeline(|_| {
        let bridged = || stage().reads("Incoming").hand_over(HandOver::EventBridge);
        ProcessingPipeline::new()
            .stage("Convert", bridged().suffix(".wibl").writes("Staging"))
            .stage("Count", bridged().suffix(".wibl").writes("Counts"))
    });
    let incoming = &template.named(BUCKET, "FilesIncoming")["Properties"];
    let bridge = &incoming["NotificationConfiguration"]["EventBridgeConfiguration"];
    assert_eq!(bridge["EventBridgeEnabled"], true);
    let staging = &template.named(BUCKET, "FilesStaging")["Properties"];
    assert!(staging.get("NotificationConfiguration").is_none());
    let rule = &template.named(RULE, "FilesConvertObjects")["Properties"];
    let bucket = &rule["EventPattern"]["detail"]["bucket"]["name"];
    let pattern = expected!({
        "source": ["aws.s3"],
        "detail-type": ["Object Created"],
        "detail": { "bucket": { "name": bucket }, "object": { "key": [{ "suffix": ".wibl" }] } },
    });
    assert_eq!(rule["EventPattern"], pattern);
    let convert = template.id(FUNCTION, "FilesConvert");
    let target = &rule["Targets"][0];
    assert_eq!(target["Arn"], expected!({ "Fn::GetAtt": [convert, "Arn"] }));
    let failures = template.id("AWS::SQS::Queue", "FilesConvertFailureQueue");
    let failures = expected!({ "Fn::GetAtt": [failures, "Arn"] });
    assert_eq!(target["DeadLetterConfig"]["Arn"], failures);
    let rule = template.id(RULE, "FilesConvertObjects");
    let rule = expected!({ "Fn::GetAtt": [rule, "Arn"] });
    let policy = template.named("AWS::SQS::QueuePolicy", "FilesConvertFailureQueue");
    let statements = policy["Properties"]["PolicyDocument"]["Statement"].as_array();
    let send = statements
        .unwrap()
        .iter()
        .find(|one| one["Action"] == "sqs:SendMessage");
    let condition = &send.unwrap()["Condition"]["ArnEquals"]["aws:SourceArn"];
    assert_eq!(condition, &rule);
    let permissions = template.all(PERMISSION);
    assert_eq!(permissions.len(), 2);
    for permission in permissions {
        let permission = &permission["Properties"];
        assert_eq!(permission["Principal"], "events.amazonaws.com");
        assert!(!permission["SourceArn"].is_null() && !permission["SourceAccount"].is_null());
    }
}

/// The detail that a rule of a stage wants.
fn detail(prefix: &'static str, suffix: &'static str, events: &[Event]) -> Value {
    let template = template(|stack| {
        let bucket = stack.add("All", s3::Bucket::new().event_bridge());
        let input = Place::named("In").bucket(&bucket).below(prefix);
        let stage = stage()
            .reads(input)
            .suffix(suffix)
            .hand_over(HandOver::EventBridge);
        let stage = stage.events(events.iter().copied());
        stack.add("Files", ProcessingPipeline::new().stage("Convert", stage));
    });
    template.properties(RULE)["EventPattern"]["detail"].clone()
}

#[test]
fn keys_stand_in_a_pattern_as_they_are() {
    let any = [Event::ObjectCreated];
    let key = |prefix, suffix| detail(prefix, suffix, &any)["object"]["key"].clone();
    assert_eq!(key("a b/", ""), expected!([{ "prefix": "a b/" }]));
    assert_eq!(key("", " +.é"), expected!([{ "suffix": " +.é" }]));
    assert_eq!(
        key("in*/", r"\.x"),
        expected!([{ "wildcard": r"in\*/*\\.x" }])
    );
    assert_eq!(key("", ""), Value::Null);
}

#[test]
fn a_pattern_names_the_ways_in_which_an_object_comes() {
    let some = [
        Event::ObjectCreatedPut,
        Event::ObjectCreatedCompleteMultipartUpload,
    ];
    let reasons = expected!(["CompleteMultipartUpload", "PutObject"]);
    assert_eq!(detail("", "", &some)["reason"], reasons);
    assert_eq!(
        detail("", "", &[Event::ObjectCreatedPost])["reason"],
        expected!(["POST Object"])
    );
    assert_eq!(
        detail("", "", &[Event::ObjectCreatedCopy])["reason"],
        expected!(["CopyObject"])
    );
}
