//! A bucket that no stack of the app owns.

use cloudwright::patterns::PackageTables;
use cloudwright::prelude::*;
use serde_json::json as expected;

use crate::support::{strict_template, template};
use crate::{CacheSync, FUNCTION, statements};

const NOTIFICATIONS: &str = "Custom::S3BucketNotifications";

#[test]
fn its_notifications_are_added_to_by_a_function_that_may_do_just_that() {
    let template = template(|stack| {
        let bucket = s3::Bucket::import(stack, "Wheels", "wheels-of-old");
        let index = CacheSync::dynamodb().bucket(&bucket).prefix("py/");
        stack.add("Index", index);
    });
    assert!(template.all("AWS::S3::Bucket").is_empty());
    let resource = template.one(NOTIFICATIONS);
    let setter = template.id(FUNCTION, "BucketNotifications");
    let queue = template.id("AWS::SQS::Queue", "IndexEvents7");
    let events = [
        "s3:ObjectCreated:*",
        "s3:ObjectRemoved:*",
        "s3:LifecycleExpiration:*",
    ];
    let rules = expected!([{ "Name": "prefix", "Value": "py/" }]);
    let told = expected!({
        "QueueArn": { "Fn::GetAtt": [queue, "Arn"] }, "Events": events,
        "Filter": { "Key": { "FilterRules": rules } },
    });
    let properties = expected!({
        "ServiceToken": { "Fn::GetAtt": [setter, "Arn"] },
        "BucketName": "wheels-of-old",
        "NotificationConfiguration": { "QueueConfigurations": [told] },
    });
    assert_eq!(resource["Properties"], properties);
    // S3 asks the queue whether it may send before it takes the notification.
    let policy = template.id("AWS::SQS::QueuePolicy", "IndexEventsPolicy");
    assert_eq!(resource["DependsOn"], policy);
    let rights = ["s3:GetBucketNotification", "s3:PutBucketNotification"];
    let arn = expected!({ "Fn::Sub": "arn:${AWS::Partition}:s3:::wheels-of-old" });
    let only = expected!({ "Action": rights, "Effect": "Allow", "Resource": arn });
    assert_eq!(statements(&template, "BucketNotifications", "s3"), [&only]);
}

#[test]
fn one_function_of_a_stack_serves_all_such_buckets() {
    let template = strict_template(|stack| {
        for id in ["One", "Two"] {
            let bucket = s3::Bucket::import(stack, id, format!("{}-of-old", id.to_lowercase()));
            let tables = PackageTables::new().namespace(id);
            let index = CacheSync::tables(tables).bucket(&bucket);
            stack.add(format!("{id}Index"), index);
        }
    });
    assert_eq!(template.all(NOTIFICATIONS).len(), 2);
    let handlers = template.all(FUNCTION).into_iter();
    let setters = handlers.filter(|one| one["Properties"]["Handler"] == "bucket-notifications");
    assert_eq!(setters.count(), 1);
    let told = &template.named(NOTIFICATIONS, "One")["Properties"]["NotificationConfiguration"];
    assert_eq!(told["QueueConfigurations"][0]["Filter"], expected!(null));
}

#[test]
fn functions_and_topics_can_be_told_too() {
    let template = template(|stack| {
        let bucket = s3::Bucket::import(stack, "Theirs", "of-old");
        let topic = stack.add("Topic", sns::Topic::new());
        let code = lambda::Code::s3("releases", "work.zip");
        let worker = stack.add("Work", lambda::Function::new(code));
        bucket.notify(s3::Event::ObjectCreated, s3::Filter::suffix(".a"), &topic);
        bucket.notify(
            s3::Event::ObjectCreated,
            s3::Filter::suffix("=b c"),
            &worker,
        );
    });
    let told = &template.one(NOTIFICATIONS)["Properties"]["NotificationConfiguration"];
    let topic = expected!({ "Ref": template.id("AWS::SNS::Topic", "Topic") });
    assert_eq!(told["TopicConfigurations"][0]["TopicArn"], topic);
    let worker = expected!({ "Fn::GetAtt": [template.id(FUNCTION, "Work"), "Arn"] });
    let told = &told["LambdaFunctionConfigurations"][0];
    assert_eq!(told["LambdaFunctionArn"], worker);
    let suffix = expected!([{ "Name": "suffix", "Value": "%3Db+c" }]);
    assert_eq!(told["Filter"]["Key"]["FilterRules"], suffix);
    let waits_for = &template.one(NOTIFICATIONS)["DependsOn"];
    assert_eq!(waits_for.as_array().unwrap().len(), 2, "{waits_for}");
}
