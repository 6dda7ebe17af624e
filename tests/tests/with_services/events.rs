//! Rules of EventBridge.

use cloudwright::events::{EventPattern, Rule, Target};
use cloudwright::lambda::Code;
use cloudwright::prelude::*;

pub fn fill(stack: &Stack) {
    let key = stack.add("Key", kms::Key::new());
    let report = stack.add(
        "Report",
        lambda::Function::new(Code::s3("releases", "report.zip")),
    );
    let jobs = stack.add("Jobs", sqs::Queue::new());
    let ordered = sqs::FifoQueue::new().content_based_deduplication();
    let ordered = stack.add("Ordered", ordered);
    let operators = stack.add("Operators", sns::Topic::new().encrypted_with(&key));
    let lost = stack.add("Lost", sqs::Queue::dead_letter());
    let uploads = stack.add("Uploads", s3::Bucket::new().event_bridge());

    let new = EventPattern::source("aws.s3")
        .detail_type("Object Created")
        .detail_type("Object Restore Completed")
        .resource(uploads.arn().cast::<String>())
        .account(stack.account())
        .detail(json!({ "bucket": { "name": [uploads.name()] } }))
        .detail(json!({ "object": { "size": [{ "numeric": [">", 0] }] } }));
    let part = Target::function(&report)
        .id("Report")
        .input_path("$.detail")
        .retry_attempts(3)
        .maximum_event_age(hours(1))
        .dead_letters(&lost);
    let text = Target::topic(&operators)
        .input_made_of([("key", "$.detail.object.key")], "\"<key> is there\"")
        .without_dead_letters();
    let new = Rule::matching(new)
        .rule_name(format!("{}-uploads", stack.id()))
        .description("tells of uploads")
        .target(part)
        .target(text)
        .target(&jobs)
        .target(Target::fifo_queue(&ordered, "uploads"));
    stack.add("NewUploads", new).alarm_on_failures(&operators);

    let weekly = Target::function(&report).input(r#"{"all": true}"#);
    let weekly = Rule::at("cron(0 8 ? * MON *)").target(weekly).disabled();
    stack.add("Weekly", weekly);
    stack.add("Often", Rule::every(minutes(5)).target(&report));

    let role = stack.add(
        "Starter",
        iam::Role::assumed_by(Principal::service("events.amazonaws.com")),
    );
    let bus = stack.add(
        "Bus",
        cfn::events::EventBus::new(format!("{}-bus", stack.id())),
    );
    let machine = cfn::stepfunctions::StateMachine::new(&role)
        .definition_string(r#"{"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}}"#);
    let machine = stack.add("Machine", machine);
    role.add_statement(Statement::allow(["states:StartExecution"]).on(machine.arn()));
    let orders = Rule::matching(EventPattern::source("shop.orders"))
        .event_bus(bus.name())
        .target(Target::started_as(&role, machine.arn()));
    let orders = stack.add("Orders", orders);
    for (id, metric) in [
        ("Matched", orders.metric_matched()),
        ("Told", orders.metric_invocations()),
    ] {
        let alarm = cloudwatch::Alarm::new(metric, cloudwatch::Comparison::Above(100.0));
        stack.add(id, alarm);
    }
}
