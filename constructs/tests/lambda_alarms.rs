//! What can be watched of functions, and alarms in one call.

mod support;

use cloudwright::lambda::{Code, Function};
use cloudwright::prelude::*;
use serde_json::json as expected;
use support::{assert_error, findings, template};

const ALARM: &str = "AWS::CloudWatch::Alarm";

fn function() -> Function {
    Function::new(Code::s3("releases", "book.zip"))
}

fn book(stack: &Stack) -> lambda::FunctionRef {
    stack.add("Book", function())
}

#[test]
fn one_call_raises_an_alarm() {
    let template = template(|stack| {
        let operators = stack.add("Operators", sns::Topic::new());
        let book = stack.add("Book", function().timeout(seconds(30)));
        book.alarm_on_errors(&operators);
        book.alarm_on_throttles(&operators);
        book.alarm_near_timeout(&operators);
    });
    let name = expected!({ "Ref": template.id("AWS::Lambda::Function", "Book") });
    for (id, metric, statistic, operator, threshold) in [
        ("BookErrors", "Errors", "Sum", "GreaterThanThreshold", 0.0),
        (
            "BookThrottles",
            "Throttles",
            "Sum",
            "GreaterThanThreshold",
            0.0,
        ),
        (
            "BookNearTimeout",
            "Duration",
            "Maximum",
            "GreaterThanOrEqualToThreshold",
            24_000.0,
        ),
    ] {
        let alarm = &template.named(ALARM, id)["Properties"];
        assert_eq!(alarm["Namespace"], "AWS/Lambda");
        assert_eq!(alarm["MetricName"], metric);
        assert_eq!(alarm["Statistic"], statistic);
        assert_eq!(alarm["ComparisonOperator"], operator);
        assert_eq!(alarm["Threshold"].as_f64(), Some(threshold));
        assert_eq!(alarm["TreatMissingData"], "notBreaching");
        let dimension = expected!([{ "Name": "FunctionName", "Value": name }]);
        assert_eq!(alarm["Dimensions"], dimension);
        assert_eq!(alarm["AlarmActions"].as_array().unwrap().len(), 1);
    }
}

#[test]
fn every_metric_can_be_watched() {
    use cloudwright::cloudwatch::{Alarm, Comparison, Metric};
    type Named = (
        fn(&lambda::FunctionRef) -> Metric,
        &'static str,
        &'static str,
    );
    let metrics: [Named; 7] = [
        (
            lambda::FunctionRef::metric_invocations,
            "Invocations",
            "Sum",
        ),
        (lambda::FunctionRef::metric_errors, "Errors", "Sum"),
        (lambda::FunctionRef::metric_throttles, "Throttles", "Sum"),
        (lambda::FunctionRef::metric_duration, "Duration", "Maximum"),
        (
            lambda::FunctionRef::metric_concurrent_executions,
            "ConcurrentExecutions",
            "Maximum",
        ),
        (
            lambda::FunctionRef::metric_iterator_age,
            "IteratorAge",
            "Maximum",
        ),
        (
            |function| function.metric("UrlRequestCount"),
            "UrlRequestCount",
            "Average",
        ),
    ];
    for (metric, name, statistic) in metrics {
        let template = template(|stack| {
            let metric = metric(&book(stack));
            stack.add("Alarm", Alarm::new(metric, Comparison::Above(1.0)));
        });
        let alarm = template.properties(ALARM);
        assert_eq!(alarm["MetricName"], name);
        assert_eq!(alarm["Statistic"], statistic);
    }
}

#[test]
fn the_timeout_of_an_imported_function_is_not_known() {
    let found = findings(|stack| {
        let operators = stack.add("Operators", sns::Topic::new());
        let arn = "arn:aws:lambda:eu-central-1:123456789012:function:old";
        Function::import(stack, "Old", arn).alarm_near_timeout(&operators);
    });
    assert_error(&found, "CW1103", &["imported function is not known"]);
}
