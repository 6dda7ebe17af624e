//! What a construct writes and what CloudFormation makes of it, as the handler reads it.

use serde_json::{Map, Value, json};

use super::*;

fn full() -> BucketNotifications {
    let arn = |service: &str| format!("arn:aws:{service}:eu-central-1:123456789012:target");
    let events = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    BucketNotifications {
        bucket_name: "uploads".to_owned(),
        notification_configuration: NotificationConfiguration {
            lambda_function_configurations: vec![LambdaFunctionConfiguration {
                lambda_function_arn: arn("lambda"),
                events: events(&["s3:ObjectCreated:*", "s3:ObjectRemoved:*"]),
                filter: Some(Filter::keys("in/", ".csv")),
            }],
            queue_configurations: vec![QueueConfiguration {
                queue_arn: arn("sqs"),
                events: events(&["s3:ObjectRestore:*"]),
                filter: None,
            }],
            topic_configurations: vec![TopicConfiguration {
                topic_arn: arn("sns"),
                events: events(&["s3:Replication:*"]),
                filter: Some(Filter::keys("", "")),
            }],
            event_bridge_configuration: Some(EventBridge {}),
        },
        skip_destination_validation: true,
    }
}

fn plain(property: Property<String>) -> Value {
    match property {
        Property::Value(text) | Property::Text(text) => text.into(),
        Property::List(items) => items.into_iter().map(plain).collect(),
        Property::Object(members) => object(members),
    }
}

fn object(members: Vec<(&'static str, Property<String>)>) -> Value {
    assert!(members.is_sorted_by_key(|(name, _)| *name), "{members:?}");
    let members = members.into_iter();
    let members = members.map(|(name, property)| (name.to_owned(), plain(property)));
    Value::Object(members.collect::<Map<_, _>>())
}

#[test]
fn what_a_construct_writes_the_handler_reads() {
    let mut written = object(full().properties());
    written["ServiceToken"] = json!("arn:aws:lambda:eu-central-1:123456789012:function:handler");
    assert_eq!(
        serde_json::from_value::<BucketNotifications>(written).unwrap(),
        full()
    );
    let none = BucketNotifications {
        bucket_name: "b".to_owned(),
        notification_configuration: NotificationConfiguration::default(),
        skip_destination_validation: false,
    };
    let written = object(none.clone().properties());
    assert_eq!(
        written,
        json!({"BucketName": "b", "NotificationConfiguration": {}})
    );
    assert_eq!(
        serde_json::from_value::<BucketNotifications>(written).unwrap(),
        none
    );
}

fn refused(change: impl FnOnce(&mut Value)) -> String {
    let mut properties = object(full().properties());
    change(&mut properties);
    let read = serde_json::from_value::<BucketNotifications>(properties);
    read.unwrap_err().to_string()
}

#[test]
fn a_filter_that_is_misspelt_would_let_everything_through_and_is_refused() {
    let configuration = "NotificationConfiguration";
    let list = "LambdaFunctionConfigurations";
    let error = refused(|all| all[configuration][list][0]["Filters"] = json!({}));
    assert!(error.contains("unknown field `Filters`"), "{error}");
    let error = refused(|all| all[configuration]["Queues"] = json!([]));
    assert!(error.contains("unknown field `Queues`"), "{error}");
    let error = refused(|all| all["BucketName"] = json!(["b"]));
    assert!(error.contains("expected a string"), "{error}");
    let error = refused(|all| all["SkipDestinationValidation"] = json!("yes"));
    assert!(
        error.contains("expected true or false, got \"yes\""),
        "{error}"
    );
}
