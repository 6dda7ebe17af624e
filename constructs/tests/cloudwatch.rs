//! Alarms: what they watch, when they go off, whom they tell, and what they refuse.

mod support;

use std::time::Duration;

use cloudwright::cloudwatch::{
    Alarm, Comparison, MathExpression, Metric, MissingData, Statistic, Unit,
};
use cloudwright::prelude::*;
use serde_json::{Value as Plain, json as expected};
use support::{ABROAD, assert_error, findings, home, refusal_of, template, templates_of};

const ALARM: &str = "AWS::CloudWatch::Alarm";

fn metric() -> Metric {
    Metric::new("Shop", "Errors")
}

fn alarm(metric: Metric) -> Alarm {
    Alarm::new(metric, Comparison::Above(0.0))
}

/// The properties of an alarm that is right.
#[track_caller]
fn written(alarm: Alarm) -> Plain {
    let template = template(|stack| {
        stack.add("Alarm", alarm);
    });
    template.properties(ALARM).clone()
}

#[track_caller]
fn refused(alarm: Alarm, code: &str, parts: &[&str]) {
    let found = findings(|stack| {
        stack.add("Alarm", alarm);
    });
    assert_error(&found, code, parts);
}

#[test]
fn an_alarm_goes_off_at_once_and_takes_silence_for_peace() {
    let expected = expected!({
        "ComparisonOperator": "GreaterThanThreshold",
        "EvaluationPeriods": 1,
        "MetricName": "Errors",
        "Namespace": "Shop",
        "Period": 300,
        "Statistic": "Average",
        "Threshold": 0,
        "TreatMissingData": "notBreaching",
    });
    assert_eq!(written(alarm(metric())), expected);
}

#[test]
fn every_setting_is_written() {
    let template = template(|stack| {
        let operators = stack.add("Operators", sns::Topic::new());
        let metric = metric()
            .dimension("Country", "DE")
            .dimension("Shop", "books")
            .statistic(Statistic::Sum)
            .period(minutes(1))
            .unit(Unit::Count);
        let alarm = Alarm::new(metric, Comparison::AtLeast(2.5))
            .evaluation_periods(3)
            .datapoints_to_alarm(2)
            .missing_data(MissingData::Breaching)
            .description("look at the log")
            .alarm_name("shop-errors")
            .on_alarm(&operators)
            .on_ok(&operators)
            .on_insufficient_data(&operators);
        let alarm = stack.add("Alarm", alarm);
        stack.output("Arn", alarm.arn());
        stack.output("Name", alarm.name());
    });
    let told = expected!([{ "Ref": template.id("AWS::SNS::Topic", "Operators") }]);
    let expected = expected!({
        "AlarmActions": told,
        "AlarmDescription": "look at the log",
        "AlarmName": "shop-errors",
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "DatapointsToAlarm": 2,
        "Dimensions": [
            { "Name": "Country", "Value": "DE" },
            { "Name": "Shop", "Value": "books" },
        ],
        "EvaluationPeriods": 3,
        "InsufficientDataActions": told,
        "MetricName": "Errors",
        "Namespace": "Shop",
        "OKActions": told,
        "Period": 60,
        "Statistic": "Sum",
        "Threshold": 2.5,
        "TreatMissingData": "breaching",
        "Unit": "Count",
    });
    assert_eq!(*template.properties(ALARM), expected);
    let id = template.id(ALARM, "Alarm");
    let outputs = &template.0["Outputs"];
    assert_eq!(
        outputs["Arn"]["Value"],
        expected!({ "Fn::GetAtt": [id, "Arn"] })
    );
    assert_eq!(outputs["Name"]["Value"], expected!({ "Ref": id }));
}

#[test]
fn comparisons_and_missing_data_have_their_names() {
    for (comparison, name) in [
        (Comparison::Above(1.0), "GreaterThanThreshold"),
        (Comparison::AtLeast(1.0), "GreaterThanOrEqualToThreshold"),
        (Comparison::Below(1.0), "LessThanThreshold"),
        (Comparison::AtMost(1.0), "LessThanOrEqualToThreshold"),
    ] {
        let properties = written(Alarm::new(metric(), comparison));
        assert_eq!(properties["ComparisonOperator"], name);
        assert_eq!(properties["Threshold"], 1);
    }
    for (missing, name) in [
        (MissingData::NotBreaching, "notBreaching"),
        (MissingData::Breaching, "breaching"),
        (MissingData::Ignore, "ignore"),
        (MissingData::Missing, "missing"),
    ] {
        let properties = written(alarm(metric()).missing_data(missing));
        assert_eq!(properties["TreatMissingData"], name);
    }
}

#[test]
fn percentiles_are_extended_statistics() {
    for (statistic, property, name) in [
        (Statistic::Average, "Statistic", "Average"),
        (Statistic::Maximum, "Statistic", "Maximum"),
        (Statistic::Minimum, "Statistic", "Minimum"),
        (Statistic::SampleCount, "Statistic", "SampleCount"),
        (Statistic::Percentile(99.9), "ExtendedStatistic", "p99.9"),
        (Statistic::Percentile(50.0), "ExtendedStatistic", "p50"),
        (Statistic::Percentile(100.0), "ExtendedStatistic", "p100"),
        (Statistic::Percentile(0.0), "ExtendedStatistic", "p0"),
    ] {
        let metric = metric().statistic(statistic).unit(Unit::Milliseconds);
        let properties = written(alarm(metric));
        assert_eq!(properties[property], name);
        let both = ["Statistic", "ExtendedStatistic"].map(|key| properties.get(key).is_some());
        assert_ne!(both[0], both[1]);
        assert_eq!(properties["Unit"], "Milliseconds");
    }
    for percent in [-0.1, 100.1, f64::NAN] {
        let metric = metric().statistic(Statistic::Percentile(percent));
        let got = format!("a percentile is 0 to 100, got {percent}");
        refused(
            alarm(metric),
            "CW1002",
            &[&got, "`Statistic::Percentile(99.0)`"],
        );
    }
}

#[test]
fn periods_are_those_that_cloudwatch_has() {
    for seconds in [10, 20, 30, 60, 120, 3600, 86_400] {
        let properties = written(alarm(metric().period(Duration::from_secs(seconds))));
        assert_eq!(properties["Period"], seconds);
    }
    for (period, got) in [
        (seconds(0), "0ns"),
        (seconds(1), "1s"),
        (seconds(40), "40s"),
        (seconds(90), "90s"),
        (Duration::from_millis(10_500), "10.5s"),
    ] {
        let got = format!("10, 20 or 30 seconds or whole minutes, got {got}");
        refused(
            alarm(metric().period(period)),
            "CW1001",
            &[&got, "round it"],
        );
    }
}

#[test]
fn an_alarm_looks_back_for_a_day_or_with_long_periods_a_week() {
    let over = |period, count| alarm(metric().period(period)).evaluation_periods(count);
    for (period, count) in [(minutes(5), 288), (hours(1), 168), (days(1), 7)] {
        written(over(period, count));
    }
    for (period, count, limit) in [
        (
            minutes(5),
            289,
            "looks back on at most 86400 s, got 86700 s",
        ),
        (
            hours(1),
            169,
            "looks back on at most 604800 s, got 608400 s",
        ),
        (days(1), 8, "looks back on at most 604800 s, got 691200 s"),
    ] {
        refused(over(period, count), "CW1002", &[limit, "fewer periods"]);
    }
    let math = MathExpression::new("a / b")
        .using("a", metric())
        .using("b", metric().period(minutes(30)));
    let math = Alarm::new(math, Comparison::Above(0.0)).evaluation_periods(49);
    let parts = ["with periods of 1800 s", "at most 86400 s, got 88200 s"];
    refused(math, "CW1002", &parts);
}

#[test]
fn no_more_periods_alarm_than_there_are() {
    let of = |datapoints, periods| {
        let alarm = alarm(metric()).evaluation_periods(periods);
        alarm.datapoints_to_alarm(datapoints)
    };
    assert_eq!(written(of(3, 3))["DatapointsToAlarm"], 3);
    for (datapoints, periods) in [(4, 3), (0, 3), (0, 0)] {
        let got = format!("got {datapoints} of {periods}");
        refused(of(datapoints, periods), "CW1002", &[&got, "such as 2 of 3"]);
    }
    refused(
        alarm(metric()).evaluation_periods(0),
        "CW1002",
        &["got 0 of 0"],
    );
}

#[test]
fn thresholds_are_numbers() {
    for threshold in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let got = format!("a threshold is a number, got {threshold}");
        let alarm = Alarm::new(metric(), Comparison::Below(threshold));
        refused(alarm, "CW1002", &[&got, "compare with a finite number"]);
    }
}

#[test]
fn a_metric_has_thirty_dimensions_at_most() {
    let wide = |count: u8| {
        (0..count).fold(metric(), |metric, index| {
            metric.dimension(format!("Key{index}"), "value")
        })
    };
    written(alarm(wide(30)));
    let parts = ["at most 30 dimensions, got 31", "drop the ones"];
    refused(alarm(wide(31)), "CW1002", &parts);
}

#[test]
fn an_alarm_tells_five_targets_of_a_state_at_most_and_each_once() {
    let telling = |count: u8| {
        move |stack: &Stack| {
            let topics = (0..count).map(|index| stack.add(format!("T{index}"), sns::Topic::new()));
            let alarm = topics.fold(alarm(metric()), |alarm, topic| alarm.on_alarm(&topic));
            stack.add("Alarm", alarm);
        }
    };
    let told = template(telling(5));
    let actions = told.properties(ALARM)["AlarmActions"].as_array().unwrap();
    assert_eq!(actions.len(), 5);
    let parts = ["at most 5 targets of a state, got 6", "tell one topic"];
    assert_error(&findings(telling(6)), "CW1002", &parts);
    let twice = template(|stack| {
        let topic = stack.add("Operators", sns::Topic::new());
        let telling = (0..6).fold(alarm(metric()), |alarm, _| alarm.on_alarm(&topic));
        stack.add("Alarm", telling);
    });
    let actions = twice.properties(ALARM)["AlarmActions"].as_array().unwrap();
    assert_eq!(actions.len(), 1);
}

#[test]
fn a_group_is_told_as_its_members_one_by_one() {
    let template = template(|stack| {
        let [one, two, three] = ["One", "Two", "Three"].map(|id| stack.add(id, sns::Topic::new()));
        let alarm = alarm(metric())
            .on_alarm(&((one, two.clone()), three))
            .on_ok(&two);
        stack.add("Alarm", alarm);
    });
    let told = template.properties(ALARM);
    assert_eq!(told["AlarmActions"].as_array().unwrap().len(), 3);
    assert_eq!(told["OKActions"].as_array().unwrap().len(), 1);
    // A group counts as its members, and each is where the alarm is.
    let found = findings(|stack| {
        let topics =
            [1, 2, 3, 4, 5, 6].map(|index| stack.add(format!("T{index}"), sns::Topic::new()));
        let [a, b, c, d, e, f] = topics;
        let alarm = alarm(metric()).on_alarm(&((a, (b, c)), ((d, e), f)));
        stack.add("Alarm", alarm);
    });
    assert_error(&found, "CW1002", &["at most 5 targets of a state, got 6"]);
}

mod math {
    use super::*;

    fn expression(count: u8) -> MathExpression {
        (0..count).fold(MathExpression::new("SUM(METRICS())"), |math, index| {
            math.using(format!("m{index}"), metric())
        })
    }

    fn watching(math: MathExpression) -> Alarm {
        Alarm::new(math, Comparison::Above(1.0))
    }

    #[test]
    fn an_alarm_computes_with_metrics() {
        let failed = metric()
            .dimension("Country", "DE")
            .statistic(Statistic::Percentile(99.0))
            .period(minutes(1))
            .unit(Unit::Count)
            .label("failed");
        let share = MathExpression::new("100 * failed / all")
            .using("failed", failed)
            .using("all", Metric::new("Shop", "All").statistic(Statistic::Sum))
            .label("failed, %");
        let expected = expected!([
            {
                "Expression": "100 * failed / all",
                "Id": "result",
                "Label": "failed, %",
                "ReturnData": true,
            },
            {
                "Id": "failed",
                "Label": "failed",
                "MetricStat": {
                    "Metric": {
                        "Dimensions": [{ "Name": "Country", "Value": "DE" }],
                        "MetricName": "Errors",
                        "Namespace": "Shop",
                    },
                    "Period": 60,
                    "Stat": "p99",
                    "Unit": "Count",
                },
                "ReturnData": false,
            },
            {
                "Id": "all",
                "MetricStat": {
                    "Metric": { "MetricName": "All", "Namespace": "Shop" },
                    "Period": 300,
                    "Stat": "Sum",
                },
                "ReturnData": false,
            },
        ]);
        let properties = written(watching(share));
        let found = properties["Metrics"].as_array().unwrap();
        let wanted = expected.as_array().unwrap();
        assert_eq!(found.len(), wanted.len());
        for metric in wanted {
            assert!(found.contains(metric), "{metric:#} is not in {found:#?}");
        }
        for alone in [
            "MetricName",
            "Namespace",
            "Period",
            "Statistic",
            "Dimensions",
        ] {
            assert!(properties.get(alone).is_none(), "{alone}");
        }
    }

    #[test]
    fn an_expression_without_metrics_has_a_period() {
        let now = MathExpression::new("TIME_SERIES(1)").period(minutes(1));
        let metrics = &written(watching(now))["Metrics"];
        assert_eq!(metrics[0]["Period"], 60);
        let odd = MathExpression::new("TIME_SERIES(1)").period(seconds(7));
        refused(watching(odd), "CW1001", &["got 7s"]);
        assert!(
            written(watching(expression(1)))["Metrics"][0]
                .get("Period")
                .is_none()
        );
    }

    #[test]
    fn it_computes_with_nine_metrics_at_most() {
        written(watching(expression(9)));
        let parts = ["at most 9 metrics, got 10", "split the alarm"];
        refused(watching(expression(10)), "CW1002", &parts);
    }

    #[test]
    fn ids_are_variables_and_said_once() {
        for id in ["", "Errors", "1st", "a-b", "_a", "result"] {
            let math = MathExpression::new("1").using(id.to_owned(), metric());
            let got = format!("used once; got \"{id}\"");
            refused(watching(math), "CW1004", &[&got, "other than `result`"]);
        }
        let twice = MathExpression::new("a")
            .using("a", metric())
            .using("a", metric());
        refused(watching(twice), "CW1004", &["got \"a\""]);
        written(watching(
            MathExpression::new("aB_1").using("aB_1", metric()),
        ));
    }

    #[test]
    fn what_a_metric_refuses_an_expression_refuses_too() {
        let bad = metric().statistic(Statistic::Percentile(101.0));
        refused(
            watching(MathExpression::new("a").using("a", bad)),
            "CW1002",
            &["got 101"],
        );
        let odd = metric().period(seconds(45));
        refused(
            watching(MathExpression::new("a").using("a", odd)),
            "CW1001",
            &["got 45s"],
        );
    }
}

mod places {
    use super::*;

    #[test]
    fn an_alarm_watches_a_queue_of_another_stack() {
        let app = App::new();
        let jobs = app.stack("S", home()).add("Jobs", sqs::Queue::new());
        let watching = Alarm::new(jobs.metric_visible(), Comparison::AtLeast(1000.0));
        app.stack("Watch", home()).add("Backlog", watching);
        let [_, watch] = templates_of(app, ["S", "Watch"]);
        let dimension = &watch.properties(ALARM)["Dimensions"][0];
        assert_eq!(dimension["Name"], "QueueName");
        assert!(
            dimension["Value"]["Fn::ImportValue"].is_string(),
            "{dimension}"
        );
    }

    #[test]
    fn metrics_of_another_account_or_region_are_out_of_sight() {
        for (account, region, unit) in [
            (
                ABROAD,
                "eu-central-1",
                "one account: expected 210987654321, got \"S/Jobs\" in 123456789012",
            ),
            (
                "123456789012",
                "us-east-1",
                "one region: expected us-east-1, got \"S/Jobs\" in eu-central-1",
            ),
        ] {
            let app = App::new();
            let jobs = sqs::Queue::new().queue_name("jobs");
            let jobs = app.stack("S", home()).add("Jobs", jobs);
            let math = MathExpression::new("2 * all").using("all", jobs.metric_visible());
            let watching = Alarm::new(math, Comparison::AtLeast(1000.0));
            let watch = app.stack("Watch", Environment::new(account, region));
            watch.add("Backlog", watching);
            let parts = ["an alarm and what it watches", unit, "add one of the two"];
            assert_error(&refusal_of(app), "CW1109", &parts);
        }
    }

    #[test]
    fn in_unknown_environments_nothing_is_assumed() {
        let app = App::new();
        let stack = app.stack("S", Environment::agnostic());
        let operators = stack.add("Operators", sns::Topic::new());
        let jobs = stack.add("Jobs", sqs::Queue::new());
        jobs.alarm_on_dead_letters(&operators);
        assert!(app.synth().is_ok());
    }
}
