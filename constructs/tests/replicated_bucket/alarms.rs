//! What wakes somebody up, when, and whom.

use cloudwright::prelude::*;
use cloudwright::sns::Subscription;
use serde_json::json as expected;

use crate::support::{assert_error, home, refusal_of, templates_of};
use crate::{ReplicatedBucket, add};

const ALARM: &str = "AWS::CloudWatch::Alarm";

#[test]
fn alarms_follow_the_settings() {
    for (timeout, near, waiting) in [
        (seconds(30), 24_000.0, 360.0),
        (minutes(15), 720_000.0, 10_800.0),
    ] {
        let app = App::new();
        let stack = app.stack("S", home());
        let operators = stack.add("Operators", sns::Topic::new());
        let artifacts = ReplicatedBucket::to(["us-west-2"]).timeout(timeout);
        let artifacts = stack.add("Artifacts", artifacts);
        assert_eq!(artifacts.alarms(&operators).len(), 6);
        assert!(artifacts.metric_lag().is_some());
        let [template] = templates_of(app, ["S"]);
        for (id, metric, threshold) in [
            ("ArtifactsFunctionErrors", "Errors", 0.0),
            ("ArtifactsFunctionNearTimeout", "Duration", near),
            ("ArtifactsFunctionThrottles", "Throttles", 0.0),
            ("ArtifactsFunctionLag", "EventAge", 900_000.0),
            (
                "ArtifactsFailuresOldMessages",
                "ApproximateAgeOfOldestMessage",
                waiting,
            ),
            (
                "ArtifactsFailuresDeadLetters",
                "ApproximateNumberOfMessagesVisible",
                0.0,
            ),
        ] {
            let alarm = &template.named(ALARM, id)["Properties"];
            assert_eq!(alarm["MetricName"], metric);
            assert_eq!(alarm["Threshold"].as_f64(), Some(threshold), "{id}");
            assert_eq!(alarm["AlarmActions"].as_array().unwrap().len(), 1);
        }
    }
}

#[test]
fn alarms_tell_topics_of_their_own_region() {
    let app = App::new();
    let west = app.stack("West", Environment::new("123456789012", "us-west-2"));
    let operators = west.add("Operators", sns::Topic::new());
    let artifacts = add(&app, |_| ReplicatedBucket::to(["ca-central-1"]));
    assert!(artifacts.alarms(&operators).is_empty());
    assert_error(
        &refusal_of(app),
        "CW1109",
        &["expected eu-central-1", "us-west-2"],
    );
}

#[test]
fn a_topic_tells_a_group_of_every_protocol() {
    let app = App::new();
    let stack = app.stack("S", home());
    let operators = stack.add("Operators", sns::Topic::new());
    let writer = iam::Role::assumed_by(Principal::service("sns.amazonaws.com"));
    let writer = stack.add("Writer", writer);
    let queue = stack.add("Pager", sqs::Queue::new());
    let code = lambda::Code::s3("releases", "page.zip");
    let function = stack.add("Page", lambda::Function::new(code));
    let stream = "arn:aws:firehose:eu-central-1:123456789012:deliverystream/audit";
    let phone = "arn:aws:sns:eu-central-1:123456789012:endpoint/GCM/app/1";
    for subscription in [
        Subscription::http("http://example.com/a"),
        Subscription::https("https://example.com/a"),
        Subscription::email("admin@example.com"),
        Subscription::email_json("robot@example.com"),
        Subscription::sms("+15550100123"),
        Subscription::application(phone),
        Subscription::queue(&queue),
        Subscription::function(&function),
        Subscription::stream(stream, &writer),
    ] {
        operators.subscribe(subscription);
    }
    let artifacts = stack.add("Artifacts", ReplicatedBucket::to(["us-west-2"]));
    artifacts.alarms(&operators);
    // And a development stack without any.
    let dev = app.stack("Dev", home());
    dev.add("Artifacts", ReplicatedBucket::to(["us-west-2"]));
    let [template, dev] = templates_of(app, ["S", "Dev"]);
    let mut protocols: Vec<_> = template
        .all("AWS::SNS::Subscription")
        .into_iter()
        .map(|one| one["Properties"]["Protocol"].as_str().unwrap())
        .collect();
    protocols.sort_unstable();
    let all = [
        "application",
        "email",
        "email-json",
        "firehose",
        "http",
        "https",
        "lambda",
        "sms",
        "sqs",
    ];
    assert_eq!(protocols, all);
    let topic = expected!([{ "Ref": template.id("AWS::SNS::Topic", "Operators") }]);
    let alarms = template.all(ALARM);
    assert_eq!(alarms.len(), 6);
    for alarm in alarms {
        assert_eq!(alarm["Properties"]["AlarmActions"], topic);
    }
    assert!(dev.all(ALARM).is_empty());
}
