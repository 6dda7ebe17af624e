//! What wakes somebody up, when, and whom.

use cloudwright::prelude::*;
use cloudwright::sns::Subscription;
use serde_json::json as expected;

use crate::support::{assert_error, home, refusal_of, templates_of};
use crate::{ReplicatedBucket, add};

const ALARM: &str = "AWS::CloudWatch::Alarm";

/// What a setting makes of thresholds: the settings, then milliseconds until a call is too long, failed events until
/// they are too many, and seconds until one has waited for too long.
type Row = (fn(ReplicatedBucket) -> ReplicatedBucket, f64, f64, f64);

const TABLE: [Row; 4] = [
    (|one| one, 720_000.0, 32.0, 10_800.0),
    (|one| one.timeout(seconds(30)), 24_000.0, 32.0, 360.0),
    (
        |one| one.timeout(minutes(5)).objects_at_once(1),
        240_000.0,
        1.0,
        3_600.0,
    ),
    (
        |one| one.objects_at_once(1_000),
        720_000.0,
        1_000.0,
        10_800.0,
    ),
];

#[test]
fn alarms_follow_the_settings() {
    for (say, near, deep, waiting) in TABLE {
        let app = App::new();
        let stack = app.stack("S", home());
        let operators = stack.add("Operators", sns::Topic::new());
        let artifacts = say(ReplicatedBucket::to(["us-west-2"]));
        let artifacts = stack.add("Artifacts", artifacts);
        assert_eq!(artifacts.alarms(&operators).len(), 7);
        assert!(artifacts.metric_lag().is_some());
        let [template] = templates_of(app, ["S"]);
        for (id, metric, threshold) in [
            ("ArtifactsFunctionErrors", "Errors", 0.0),
            ("ArtifactsFunctionNearTimeout", "Duration", near),
            ("ArtifactsFunctionThrottles", "Throttles", 0.0),
            ("ArtifactsFunctionLag", "EventAge", 900_000.0),
            ("ArtifactsFailuresDepth", "", deep),
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
            assert_eq!(alarm["MetricName"].as_str().unwrap_or_default(), metric);
            assert_eq!(alarm["Threshold"].as_f64(), Some(threshold), "{id}");
            assert_eq!(alarm["AlarmActions"].as_array().unwrap().len(), 1);
        }
        let timeout = &template.named("AWS::Lambda::Function", "ArtifactsFunction")["Properties"];
        let seconds = timeout["Timeout"].as_f64().unwrap();
        assert_eq!(near, 0.8 * 1000.0 * seconds, "80 % of the function's own");
    }
}

#[test]
fn failed_events_are_counted_while_they_wait_and_while_they_are_tried() {
    let app = App::new();
    let stack = app.stack("S", home());
    let operators = stack.add("Operators", sns::Topic::new());
    let artifacts = stack.add("Artifacts", ReplicatedBucket::to(["us-west-2"]));
    artifacts.alarms(&operators);
    let [template] = templates_of(app, ["S"]);
    let alarm = &template.named(ALARM, "ArtifactsFailuresDepth")["Properties"];
    let mut ids = template.resources().map(|(id, _)| id);
    let is_it = |id: &&str| {
        id.starts_with("ArtifactsFailures")
            && template.0["Resources"][id]["Properties"]["RedrivePolicy"].is_object()
    };
    let failures = ids.find(is_it).unwrap();
    let name = expected!({ "Fn::GetAtt": [failures, "QueueName"] });
    let [sum, waiting, taken] = &alarm["Metrics"].as_array().unwrap()[..] else {
        panic!("a sum of two: {alarm}")
    };
    assert_eq!(sum["Expression"], "waiting + taken");
    for (query, id, metric) in [
        (waiting, "waiting", "ApproximateNumberOfMessagesVisible"),
        (taken, "taken", "ApproximateNumberOfMessagesNotVisible"),
    ] {
        assert_eq!(query["Id"], id);
        let metric_of = &query["MetricStat"]["Metric"];
        assert_eq!(metric_of["MetricName"], metric);
        assert_eq!(metric_of["Dimensions"][0]["Value"], name);
    }
    assert_eq!(alarm["ComparisonOperator"], "GreaterThanThreshold");
}

#[test]
fn several_groups_are_told_by_one_call() {
    let app = App::new();
    let stack = app.stack("S", home());
    let [admins, developers, audit] =
        ["Admins", "Developers", "Audit"].map(|id| stack.add(id, sns::Topic::new()));
    admins.subscribe(Subscription::email("admin@example.com"));
    admins.subscribe(Subscription::sms("+15550100123"));
    developers.subscribe(Subscription::https("https://example.com/alarms"));
    let artifacts = stack.add("Artifacts", ReplicatedBucket::to(["us-west-2"]));
    // Whoever is in two groups is told once.
    artifacts.alarms(&((admins.clone(), developers), (audit, admins)));
    let [template] = templates_of(app, ["S"]);
    let topics = ["Admins", "Audit", "Developers"]
        .map(|start| expected!({ "Ref": template.id("AWS::SNS::Topic", start) }));
    let alarms = template.all(ALARM);
    assert_eq!(alarms.len(), 7);
    for alarm in alarms {
        let told = &alarm["Properties"]["AlarmActions"];
        assert_eq!(*told, expected!(topics));
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
    assert_eq!(alarms.len(), 7);
    for alarm in alarms {
        assert_eq!(alarm["Properties"]["AlarmActions"], topic);
    }
    assert!(dev.all(ALARM).is_empty());
}
