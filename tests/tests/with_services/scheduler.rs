//! Schedules of EventBridge Scheduler.

use cloudwright::lambda::{Code, Function};
use cloudwright::prelude::*;
use cloudwright::scheduler::{Schedule, ScheduleGroup, Target};
use cloudwright::stepfunctions::{Flow, StateMachine, Succeed};

pub fn fill(stack: &Stack) {
    let key = stack.add("Key", kms::Key::new());
    let report = stack.add("Report", Function::new(Code::s3("releases", "report.zip")));
    let jobs = stack.add("Jobs", sqs::Queue::new());
    let ordered = sqs::FifoQueue::new().content_based_deduplication();
    let ordered = stack.add("Ordered", ordered);
    let operators = stack.add("Operators", sns::Topic::new().encrypted_with(&key));
    let lost = stack.add("Lost", sqs::Queue::dead_letter());

    let name = format!("{}-group", stack.id());
    let group = stack.add("Group", ScheduleGroup::new().schedule_group_name(name));
    let own = stack.add("OwnGroup", ScheduleGroup::default());
    let usual = ScheduleGroup::import(stack, "Usual", "default");
    for group in [&group, &own, &usual] {
        group.grant_read(&report).grant_write(&report);
        group.grant_delete(&report);
    }
    group.alarm_on_dropped(&operators);
    for (id, metric) in [
        ("Attempts", group.metric_attempts()),
        ("Errors", group.metric_target_errors()),
    ] {
        let above = cloudwatch::Comparison::Above(100.0);
        stack.add(id, cloudwatch::Alarm::new(metric, above));
    }

    let nightly = Target::function(&report)
        .input(r#"{"all": true}"#)
        .retry_attempts(3)
        .maximum_event_age(hours(1))
        .dead_letters(&lost);
    let nightly = Schedule::at("cron(15 3 * * ? *)", nightly)
        .schedule_name(format!("{}-nightly", stack.id()))
        .group(&group)
        .description("makes the reports")
        .flexible_window(minutes(15))
        .time_zone("Europe/Berlin")
        .starting("2027-01-01T00:00:00Z")
        .ending("2027-12-31T00:00:00Z")
        .encrypted_with(&key);
    stack.add("Nightly", nightly);
    stack.add("Often", Schedule::every(minutes(5), &jobs).disabled());
    stack.add("News", Schedule::at("rate(1 day)", &operators));
    let grouped = Target::fifo_queue(&ordered, "jobs").without_dead_letters();
    stack.add("Ordering", Schedule::every(hours(6), grouped));
    let machine = StateMachine::new(Flow::new().state("Done", Succeed::new()));
    let machine = stack.add("Machine", machine);
    let role = iam::Role::assumed_by(Principal::service("scheduler.amazonaws.com"));
    let role = stack.add("Starter", role);
    let started = Target::state_machine(&machine).acting_as(&role);
    stack.add("Run", Schedule::once("2027-03-14T01:59:00", started));
    stack.add("Rerun", Schedule::every(days(1), &machine));
    role.add_statement(Statement::allow(["ecs:StopTask"]).on(stack.arn("ecs", "task/it/*")));
    let stop = Target::called_as(&role, "arn:aws:scheduler:::aws-sdk:ecs:stopTask");
    stack.add(
        "Stop",
        Schedule::every(days(7), stop.input(r#"{"Task": "1"}"#)),
    );
}
