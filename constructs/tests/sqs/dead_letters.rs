//! Where messages are given up to, and who is told.

use super::*;

#[test]
fn one_queue_may_take_what_many_give_up() {
    let template = template(|stack| {
        let failures = stack.add("Failures", Queue::dead_letter());
        for id in ["Orders", "Refunds"] {
            stack.add(id, Queue::new().dead_letter_queue(&failures));
        }
    });
    let failures = template.id(QUEUE, "Failures");
    for id in ["Orders", "Refunds"] {
        let redrive = &template.named(QUEUE, id)["Properties"]["RedrivePolicy"];
        let arn = expected!({ "Fn::GetAtt": [failures, "Arn"] });
        assert_eq!(redrive["deadLetterTargetArn"], arn);
        assert_eq!(redrive["maxReceiveCount"], 5);
    }
    assert_eq!(template.all(QUEUE).len(), 3);
}

#[test]
fn an_imported_queue_may_take_them() {
    let arn = "arn:aws:sqs:eu-central-1:123456789012:failures";
    let template = template(|stack| {
        let failures = Queue::import(stack, "Failures", arn);
        stack.add("Jobs", Queue::new().dead_letter_queue(&failures));
    });
    let redrive = &template.properties(QUEUE)["RedrivePolicy"];
    assert_eq!(redrive["deadLetterTargetArn"], arn);
}

#[test]
fn handles_know_where_messages_are_given_up_to() {
    let app = App::new();
    let stack = app.stack("S", home());
    let jobs = stack.add("Jobs", Queue::new().visibility_timeout(minutes(15)));
    assert_eq!(jobs.visibility_timeout(), Some(minutes(15)));
    let failures = jobs.dead_letter_queue().unwrap();
    assert_eq!(failures.scope().path(), "S/Jobs/DeadLetterQueue");
    assert!(failures.dead_letter_queue().is_none());
}

#[test]
fn an_alarm_tells_of_the_first_message_that_is_given_up() {
    let template = template(|stack| {
        let operators = stack.add("Operators", sns::Topic::new());
        let failures = stack.add("Failures", Queue::dead_letter());
        let jobs = stack.add("Jobs", Queue::new().dead_letter_queue(&failures));
        jobs.alarm_on_dead_letters(&operators);
        failures.alarm_on_dead_letters(&operators);
    });
    let failures = template.id(QUEUE, "Failures");
    let alarms = template.all("AWS::CloudWatch::Alarm");
    assert_eq!(alarms.len(), 2);
    let topic = template.id("AWS::SNS::Topic", "Operators");
    for alarm in alarms {
        let properties = &alarm["Properties"];
        assert_eq!(
            properties["MetricName"],
            "ApproximateNumberOfMessagesVisible"
        );
        let name = expected!({ "Fn::GetAtt": [failures, "QueueName"] });
        let dimensions = expected!([{ "Name": "QueueName", "Value": name }]);
        assert_eq!(properties["Dimensions"], dimensions);
        assert_eq!(properties["ComparisonOperator"], "GreaterThanThreshold");
        assert_eq!(properties["Threshold"], 0);
        assert_eq!(properties["Statistic"], "Maximum");
        assert_eq!(properties["AlarmActions"], expected!([{ "Ref": topic }]));
    }
}

#[test]
fn without_a_dead_letter_queue_there_is_nothing_to_watch() {
    let found = findings(|stack| {
        let operators = stack.add("Operators", sns::Topic::new());
        let jobs = stack.add("Jobs", Queue::new().without_dead_letter_queue());
        jobs.alarm_on_dead_letters(&operators);
    });
    let parts = [
        "gives up no messages",
        "take `without_dead_letter_queue()` away",
    ];
    assert_error(&found, "CW1103", &parts);
}

#[test]
fn an_alarm_tells_of_messages_that_wait_for_too_long() {
    let template = template(|stack| {
        let operators = stack.add("Operators", sns::Topic::new());
        let jobs = stack.add("Jobs", Queue::new());
        jobs.alarm_when_older_than(minutes(10), &operators);
    });
    let alarm = template.properties("AWS::CloudWatch::Alarm");
    assert_eq!(alarm["MetricName"], "ApproximateAgeOfOldestMessage");
    assert_eq!(alarm["Threshold"], 600);
    let name = expected!({ "Fn::GetAtt": [template.id(QUEUE, JOBS), "QueueName"] });
    assert_eq!(alarm["Dimensions"][0]["Value"], name);
    let found = findings(|stack| {
        let operators = stack.add("Operators", sns::Topic::new());
        let jobs = stack.add("Jobs", Queue::new());
        jobs.alarm_when_older_than(std::time::Duration::from_millis(1), &operators);
    });
    assert_error(
        &found,
        "CW1001",
        &["the age of a message is whole seconds, got 1ms"],
    );
}

#[test]
fn an_alarm_tells_of_more_messages_than_are_worked_on() {
    let template = template(|stack| {
        let operators = stack.add("Operators", sns::Topic::new());
        let jobs = stack.add("Jobs", Queue::new());
        jobs.alarm_when_more_than(1_000, &operators);
    });
    let alarm = template.properties("AWS::CloudWatch::Alarm");
    assert_eq!(alarm["Threshold"], 1_000);
    assert_eq!(alarm["ComparisonOperator"], "GreaterThanThreshold");
    let metrics = alarm["Metrics"].to_string();
    for part in [
        "\"waiting + taken\"",
        "\"ApproximateNumberOfMessagesVisible\"",
        "\"ApproximateNumberOfMessagesNotVisible\"",
    ] {
        assert!(metrics.contains(part), "{part}: {metrics}");
    }
}
