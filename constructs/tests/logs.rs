//! Log groups: how long they keep what, who may read and write, and which mistakes are found.

mod support;

use cloudwright::logs::{LogGroup, LogGroupClass};
use cloudwright::prelude::*;
use serde_json::json as expected;
use support::{assert_error, findings, strict_template, template};

const LOG_GROUP: &str = "AWS::Logs::LogGroup";
const POLICY: &str = "AWS::IAM::Policy";
const KEY: &str = "AWS::KMS::Key";

fn worker(stack: &Stack) -> iam::RoleRef {
    let tasks = Principal::service("ecs-tasks.amazonaws.com");
    stack.add("Worker", iam::Role::assumed_by(tasks))
}

#[test]
fn a_log_group_forgets_after_a_month_and_stays() {
    let template = template(|stack| {
        stack.add("Audit", LogGroup::new());
    });
    let group = template.one(LOG_GROUP);
    assert_eq!(group["Properties"], expected!({ "RetentionInDays": 30 }));
    assert_eq!(group["DeletionPolicy"], "RetainExceptOnCreate");
    assert_eq!(group["UpdateReplacePolicy"], "Retain");
}

#[test]
fn in_a_strict_stack_it_keeps_a_year_encrypted() {
    let template = strict_template(|stack| {
        stack.add("Audit", LogGroup::new());
        stack.add("Access", LogGroup::new());
    });
    let key = template.id(KEY, "StrictKey");
    for group in template.all(LOG_GROUP) {
        let expected = expected!({
            "KmsKeyId": { "Fn::GetAtt": [key, "Arn"] },
            "RetentionInDays": 365,
        });
        assert_eq!(group["Properties"], expected);
    }
    let statements = &template.properties(KEY)["KeyPolicy"]["Statement"];
    let statements = statements.as_array().unwrap();
    let service = expected!({ "Fn::Sub": "logs.eu-central-1.${AWS::URLSuffix}" });
    let mut for_logs = statements
        .iter()
        .filter(|statement| statement["Principal"]["Service"] == service);
    let (for_logs, other) = (for_logs.next().unwrap(), for_logs.next());
    assert!(other.is_none(), "one statement is enough for both groups");
    assert_eq!(
        for_logs["Condition"]["ArnLike"]["kms:EncryptionContext:aws:logs:arn"],
        expected!({ "Fn::Sub": "arn:${AWS::Partition}:logs:eu-central-1:123456789012:log-group:*" })
    );
}

#[test]
fn every_setting_is_written() {
    let template = template(|stack| {
        let key = stack.add("Key", kms::Key::new());
        let settings = LogGroup::new()
            .retention(days(731))
            .log_group_name("/jobs/audit")
            .class(LogGroupClass::InfrequentAccess)
            .encrypted_with(&key)
            .deletion_protection()
            .removal_policy(RemovalPolicy::Destroy);
        stack.add("Audit", settings);
    });
    let key = template.id(KEY, "Key");
    let group = template.one(LOG_GROUP);
    let expected = expected!({
        "DeletionProtectionEnabled": true,
        "KmsKeyId": { "Fn::GetAtt": [key, "Arn"] },
        "LogGroupClass": "INFREQUENT_ACCESS",
        "LogGroupName": "/jobs/audit",
        "RetentionInDays": 731,
    });
    assert_eq!(group["Properties"], expected);
    assert_eq!(group["DeletionPolicy"], "Delete");
    let policy = template.properties(KEY)["KeyPolicy"].to_string();
    assert!(policy.contains("ArnEquals"), "{policy}");
    assert!(policy.contains(":log-group:/jobs/audit\""), "{policy}");
}

#[test]
fn forever_has_no_retention() {
    let template = template(|stack| {
        stack.add("Audit", LogGroup::new().forever());
    });
    assert_eq!(
        *template.one(LOG_GROUP),
        expected!({
            "DeletionPolicy": "RetainExceptOnCreate",
            "Type": LOG_GROUP,
            "UpdateReplacePolicy": "Retain",
        })
    );
}

#[test]
fn grants_name_the_group_and_its_streams() {
    let template = template(|stack| {
        let audit = stack.add("Audit", LogGroup::new());
        let worker = worker(stack);
        audit.grant_write(&worker).grant_read(&worker);
        let old = LogGroup::import(stack, "Old", "/jobs/old");
        old.grant_read(&worker);
        stack.output("Name", audit.name());
        stack.output("Arn", audit.arn());
    });
    let group = template.id(LOG_GROUP, "Audit");
    let write = template.allowing(POLICY, "logs:PutLogEvents")[0];
    assert_eq!(
        write["Resource"],
        expected!({ "Fn::GetAtt": [group, "Arn"] })
    );
    let read = template.allowing(POLICY, "logs:FilterLogEvents");
    let of_old = read
        .iter()
        .map(|statement| statement["Resource"].to_string())
        .filter(|resource| resource.contains(":log-group:/jobs/old:*\""));
    assert_eq!((read.len(), of_old.count()), (2, 1), "{read:#?}");
    assert_eq!(template.allowing(POLICY, "logs:PutLogEvents").len(), 1);
    let outputs = &template.0["Outputs"];
    assert_eq!(outputs["Name"]["Value"], expected!({ "Ref": group }));
    let arn = outputs["Arn"]["Value"]["Fn::Sub"].as_str().unwrap();
    assert!(arn.ends_with(&format!(":log-group:${{{group}}}")), "{arn}");
}

#[test]
fn a_metric_filter_counts_in_the_group() {
    let template = template(|stack| {
        let audit = stack.add("Audit", LogGroup::new());
        let errors =
            audit.metric_filter("Errors", "{ $.level = \"ERROR\" }", "Jobs", "Errors", "1");
        let above = cloudwatch::Comparison::Above(10.0);
        stack.add("Alarm", cloudwatch::Alarm::new(errors, above));
    });
    let alarm = template.properties("AWS::CloudWatch::Alarm");
    assert_eq!(alarm["Namespace"], "Jobs");
    assert_eq!(alarm["MetricName"], "Errors");
    assert_eq!(alarm["Statistic"], "Sum");
    let group = template.id(LOG_GROUP, "Audit");
    let expected = expected!({
        "FilterPattern": "{ $.level = \"ERROR\" }",
        "LogGroupName": { "Ref": group },
        "MetricTransformations": [{
            "MetricName": "Errors",
            "MetricNamespace": "Jobs",
            "MetricValue": "1",
        }],
    });
    assert_eq!(*template.properties("AWS::Logs::MetricFilter"), expected);
}

#[test]
fn a_function_writes_to_the_group_that_it_is_given() {
    let template = template(|stack| {
        let audit = stack.add("Audit", LogGroup::new());
        let code = lambda::Code::s3("releases", "jobs.zip");
        stack.add("Jobs", lambda::Function::new(code).log_group(&audit));
    });
    let group = template.id(LOG_GROUP, "Audit");
    assert_eq!(template.all(LOG_GROUP).len(), 1);
    let logging = &template.properties("AWS::Lambda::Function")["LoggingConfig"];
    assert_eq!(logging["LogGroup"], expected!({ "Ref": group }));
    let write = template.allowing(POLICY, "logs:PutLogEvents")[0];
    assert_eq!(
        write["Resource"],
        expected!({ "Fn::GetAtt": [group, "Arn"] })
    );
}

#[test]
fn a_span_that_the_service_does_not_know_is_found() {
    let found = findings(|stack| drop(stack.add("G", LogGroup::new().retention(days(31)))));
    assert_error(
        &found,
        "CW1002",
        &["3288, 3653 days, got 31", "`days(60)`", "S/G", "logs.rs"],
    );
    let found = findings(|stack| drop(stack.add("G", LogGroup::new().retention(days(4000)))));
    assert_error(&found, "CW1002", &["got 4000", "`.forever()`"]);
    let found = findings(|stack| drop(stack.add("G", LogGroup::new().retention(hours(36)))));
    assert_eq!(found.iter().filter(|f| f.rule.code == "CW1001").count(), 1);
}

#[test]
fn a_name_that_the_service_refuses_is_found() {
    let found = findings(|stack| drop(stack.add("G", LogGroup::new().log_group_name("a b"))));
    assert!(found.has_errors(), "{found}");
    assert!(found.to_string().contains("LogGroupName"), "{found}");
}

#[test]
fn a_metric_filter_on_a_cheap_group_is_found() {
    let found = findings(|stack| {
        let class = LogGroupClass::InfrequentAccess;
        let audit = stack.add("G", LogGroup::new().class(class));
        let _ = audit.metric_filter("Errors", "ERROR", "Jobs", "Errors", "1");
    });
    assert_error(&found, "CW1103", &["class STANDARD only"]);
}
