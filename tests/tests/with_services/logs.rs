//! Log groups.

use cloudwright::logs::{LogGroup, LogGroupClass};
use cloudwright::prelude::*;

pub fn fill(stack: &Stack) {
    let key = stack.add("Key", kms::Key::new());
    let audit = LogGroup::new()
        .retention(days(731))
        .log_group_name(stack.id())
        .class(LogGroupClass::Standard)
        .encrypted_with(&key)
        .deletion_protection()
        .removal_policy(RemovalPolicy::Retain);
    let audit = stack.add("Audit", audit);
    let cheap = LogGroup::new().class(LogGroupClass::InfrequentAccess);
    let cheap = stack.add("Cheap", cheap.encrypted_with(&key));
    let old = LogGroup::import(stack, "Old", "/jobs/old");
    let role = stack.add(
        "Worker",
        iam::Role::assumed_by(Principal::service("ecs-tasks.amazonaws.com")),
    );
    for group in [&audit, &cheap, &old] {
        group.grant_write(&role).grant_read(&role);
    }
    let errors = audit.metric_filter("Errors", "{ $.level = \"ERROR\" }", "Jobs", "Errors", "1");
    let above = cloudwatch::Comparison::Above(10.0);
    stack.add("Alarm", cloudwatch::Alarm::new(errors, above));
    stack.add("Access", LogGroup::new().forever());
    let alert = lambda::Function::new(lambda::Code::s3("releases", "alert.zip"));
    let alert = stack.add("Alert", alert);
    audit.subscribe("Refusals", "{ $.outcome = \"refused\" }", &alert);
    let writer = iam::Role::assumed_by(Principal::service("logs.amazonaws.com"));
    let writer = stack.add("Writer", writer);
    let lines = "arn:aws:kinesis:us-east-1:123456789012:stream/lines";
    writer.add_statement(Statement::allow(["kinesis:PutRecord"]).on(lines));
    old.subscribe_stream("All", "", lines, &writer);
}
