//! Events by way of EventBridge, and packages in several regions.

use cloudwright::patterns::PackageIndex;
use cloudwright::prelude::*;
use serde_json::json as expected;

use crate::support::{assert_error, home, refusal_of, strict_template, template, templates_of};
use crate::{CacheSync, FUNCTION, TABLE, index};

const RULE: &str = "AWS::Events::Rule";

#[test]
fn a_rule_tells_the_queue_where_somebody_else_has_the_notifications() {
    let template = template(|stack| {
        let bucket = stack.add("Wheels", s3::Bucket::new().event_bridge());
        let other = stack.add("Other", sqs::Queue::new());
        bucket.notify(s3::Event::ObjectCreated, s3::Filter::all(), &other);
        let index = CacheSync::dynamodb()
            .bucket(&bucket)
            .prefix("py/")
            .event_bridge();
        stack.add("Index", index);
    });
    let bucket = &template.properties("AWS::S3::Bucket")["NotificationConfiguration"];
    assert_eq!(bucket["QueueConfigurations"].as_array().unwrap().len(), 1);
    let rule = template.properties(RULE);
    let name = template.properties("AWS::S3::Bucket")["BucketName"].clone();
    let pattern = expected!({
        "source": ["aws.s3"], "detail-type": ["Object Created", "Object Deleted"],
        "detail": { "bucket": { "name": [name] }, "object": { "key": [{ "prefix": "py/" }] } },
    });
    assert_eq!(rule["EventPattern"], pattern);
    let queue = template.id("AWS::SQS::Queue", "IndexEvents7");
    let arn = expected!({ "Fn::GetAtt": [queue, "Arn"] });
    let lost = template.id("AWS::SQS::Queue", "IndexEventsDeadLetterQueue");
    let lost = expected!({ "Fn::GetAtt": [lost, "Arn"] });
    let target = expected!({ "Arn": arn, "Id": "Events", "DeadLetterConfig": { "Arn": lost } });
    assert_eq!(rule["Targets"], expected!([target]));
    let id = template.id(RULE, "IndexChanges");
    let source = expected!({ "ArnEquals": { "aws:SourceArn": { "Fn::GetAtt": [id, "Arn"] } } });
    for (policy, queue) in [
        ("IndexEventsPolicy", &arn),
        ("IndexEventsDeadLetterQueuePolicy", &lost),
    ] {
        let policy = template.named("AWS::SQS::QueuePolicy", policy);
        let statements = policy["Properties"]["PolicyDocument"]["Statement"].as_array();
        let sends =
            |one: &&serde_json::Value| one["Principal"]["Service"] == "events.amazonaws.com";
        let sends: Vec<_> = statements.unwrap().iter().filter(sends).collect();
        assert_eq!(sends.len(), 1);
        assert_eq!(
            (&sends[0]["Condition"], &sends[0]["Resource"]),
            (&source, queue)
        );
    }
}

#[test]
fn a_bucket_that_is_made_sends_its_events_there() {
    let template = index(|_| CacheSync::dynamodb().event_bridge());
    let told = &template.properties("AWS::S3::Bucket")["NotificationConfiguration"];
    let bridge = expected!({ "EventBridgeConfiguration": { "EventBridgeEnabled": true } });
    assert_eq!(*told, bridge);
    let detail = &template.properties(RULE)["EventPattern"]["detail"];
    assert_eq!(detail["object"], expected!(null));
}

#[test]
fn the_key_of_a_strict_stack_lets_the_service_in() {
    let template = strict_template(|stack| {
        stack.add("Index", CacheSync::dynamodb().event_bridge());
    });
    let _ = template.allowing_key("events.amazonaws.com");
}

#[test]
fn a_bucket_that_sends_nothing_there_is_refused() {
    let app = App::new();
    let stack = app.stack("S", home());
    let bucket = stack.add("Wheels", s3::Bucket::new());
    let line = line!() + 1;
    stack.add(
        "Index",
        CacheSync::dynamodb().bucket(&bucket).event_bridge(),
    );
    let place = format!("tests/cache_sync/bridge.rs:{line}");
    let said = [
        "events of `S/Wheels` are wanted from EventBridge",
        "Bucket::new().event_bridge()",
        &place,
    ];
    assert_error(&refusal_of(app), "CW1103", &said);
}

#[test]
fn each_region_has_packages_and_an_index_of_its_own() {
    for two_way in [false, true] {
        let app = App::new();
        let stack = app.stack("S", home());
        let packages = PackageIndex::in_regions(["us-west-2", "eu-central-1"])
            .prefix("py/")
            .packages_with(|packages| packages.memory(MiB(512)))
            .index_with(|index, region| match region {
                "us-west-2" => index.rebuild_every(days(1)),
                _ => index,
            });
        let packages = if two_way {
            packages.two_way()
        } else {
            packages
        };
        let packages = stack.add("PyPI", packages);
        assert_eq!(packages.indexes().len(), 2);
        let west = &packages.indexes()[1];
        let replica = &packages.packages().replicas()[0];
        assert_eq!(
            west.bucket().scope().path(),
            replica.bucket().scope().path()
        );
        assert_eq!(
            west.scope().path(),
            "Regional-us-west-2/S/PyPI/Packages/Index"
        );
        let [home, west] = templates_of(app, ["S", "Regional-us-west-2"]);
        for (template, rules) in [(&home, 1), (&west, 2)] {
            let tables = template.all(TABLE).into_iter();
            let names: Vec<_> = tables
                .filter_map(|table| table["Properties"]["TableName"].as_str())
                .filter(|name| name.starts_with('D') || name.starts_with('P'))
                .collect();
            assert_eq!(names, ["DynamoPackage", "PackageSummary"]);
            assert_eq!(template.all(RULE).len(), rules);
        }
        let copies = |template: &crate::Template| {
            let functions = template.all(FUNCTION).into_iter();
            functions
                .filter(|one| one["Properties"]["Handler"] == "replicate")
                .count()
        };
        assert_eq!((copies(&home), copies(&west)), (1, usize::from(two_way)));
    }
}
