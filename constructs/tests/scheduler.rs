//! Schedules of EventBridge Scheduler: who may act as what, and where lost work is.

mod support;

use cloudwright::lambda::{Code, Function};
use cloudwright::prelude::*;
use cloudwright::scheduler::{Schedule, ScheduleGroup, Target};
use serde_json::json as expected;
use support::{assert_error, findings, template};

const SCHEDULE: &str = "AWS::Scheduler::Schedule";
const ROLE: &str = "AWS::IAM::Role";

fn refused(make: impl Fn(&sqs::QueueRef) -> Schedule) -> cloudwright::Diagnostics {
    findings(|stack| {
        let jobs = stack.add("Jobs", sqs::Queue::new());
        stack.add("It", make(&jobs));
    })
}

#[test]
fn only_schedules_of_the_group_act_as_the_role_and_it_may_do_one_thing() {
    let template = template(|stack| {
        let group = stack.add("Group", ScheduleGroup::new());
        let jobs = stack.add("Jobs", sqs::Queue::new());
        stack.add("Often", Schedule::every(hours(1), &jobs).group(&group));
    });
    let roles = template.all(ROLE);
    assert_eq!(roles.len(), 1);
    let trust = &roles[0]["Properties"]["AssumeRolePolicyDocument"]["Statement"][0];
    assert_eq!(trust["Principal"]["Service"], "scheduler.amazonaws.com");
    assert_eq!(
        trust["Condition"]["StringEquals"]["aws:SourceAccount"],
        "123456789012"
    );
    let source = trust["Condition"]["ArnEquals"]["aws:SourceArn"].to_string();
    assert!(source.contains("schedule-group/"), "{source}");
    let statements = template.statements("AWS::IAM::Policy");
    // To the queue, and what is lost to the dead letters that it has already.
    assert!(
        statements
            .iter()
            .all(|one| one["Action"].to_string().contains("sqs:SendMessage"))
    );
    let schedule = template.properties(SCHEDULE);
    assert_eq!(schedule["FlexibleTimeWindow"], expected!({ "Mode": "OFF" }));
    assert_eq!(schedule["ScheduleExpression"], "rate(60 minutes)");
}

#[test]
fn what_a_function_is_not_told_is_in_its_failure_queue() {
    let template = template(|stack| {
        let report = stack.add("Report", Function::new(Code::s3("releases", "report.zip")));
        let berlin = Schedule::at("cron(15 3 * * ? *)", &report).time_zone("Europe/Berlin");
        stack.add("Nightly", berlin.flexible_window(minutes(10)));
    });
    let failures = template.id("AWS::SQS::Queue", "ReportFailureQueue");
    let schedule = template.properties(SCHEDULE);
    let lost = expected!({ "Arn": { "Fn::GetAtt": [failures, "Arn"] } });
    assert_eq!(schedule["Target"]["DeadLetterConfig"], lost);
    let window = expected!({ "Mode": "FLEXIBLE", "MaximumWindowInMinutes": 10 });
    assert_eq!(schedule["FlexibleTimeWindow"], window);
    assert_eq!(schedule["ScheduleExpressionTimezone"], "Europe/Berlin");
}

#[test]
fn a_schedule_that_the_service_would_refuse_is_reported() {
    for (expression, said) in [
        ("every day", "got \"every day\""),
        ("cron(15 3 * * * *)", "one of whose two days is `?`"),
        ("rate(1 minutes)", "rate(5 minutes)"),
    ] {
        let found = refused(|jobs| Schedule::at(expression, jobs));
        assert_error(&found, "CW1642", &[said, "S/It"]);
    }
    let found = refused(|jobs| Schedule::once("2027-03-14", jobs));
    assert_error(
        &found,
        "CW1642",
        &["2027-03-14T01:59:00", "got \"2027-03-14\""],
    );
    let late = |jobs: &sqs::QueueRef| {
        let daily = Schedule::every(days(1), jobs).starting("2027-12-31T00:00:00Z");
        daily
            .ending("2027-01-01T00:00:00Z")
            .time_zone("Europe/Berlin")
    };
    let found = refused(late);
    assert_error(&found, "CW1642", &["ends after it starts"]);
    assert_error(&found, "CW1103", &["as long in every time zone"]);
    let found = refused(|jobs| Schedule::every(seconds(90), jobs).schedule_name("a b"));
    assert_error(&found, "CW1001", &["whole minutes"]);
    assert_error(&found, "CW1004", &["got \"a b\""]);
    let found = refused(|jobs| Schedule::every(hours(1), jobs).flexible_window(days(2)));
    assert_error(&found, "CW1002", &["60 to 86400 seconds"]);
}

#[test]
fn a_target_that_would_refuse_is_reported() {
    let found = findings(|stack| {
        let ordered = stack.add("Ordered", sqs::FifoQueue::new());
        let target = Target::fifo_queue(&ordered, "jobs")
            .input("{")
            .retry_attempts(200);
        stack.add("It", Schedule::every(hours(1), target));
    });
    assert_error(&found, "CW1103", &["deduplication id"]);
    assert_error(&found, "CW1631", &["an input is JSON"]);
    assert_error(&found, "CW1002", &["at most 185 times, got 200"]);
}
