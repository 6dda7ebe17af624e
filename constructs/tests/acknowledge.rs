//! Exceptions to security rules reach every checker, and none covers what nobody has looked at.

mod support;

use cloudwright::acknowledge::throughout;
use cloudwright::prelude::*;
use serde_json::json as expected;
use support::{assert_error, findings, strict_template, template};

#[test]
fn an_exception_is_written_in_every_dialect() {
    let template = template(|stack| {
        let bucket = stack.add("Uploads", s3::Bucket::new());
        bucket.acknowledge(Finding::NoAccessLogs, "logged by the gateway");
        bucket.acknowledge(Finding::NoReplication, "a cache");
        let function = stack.add(
            "Old",
            cfn::lambda::Function::new(
                cfn::lambda::function::Code::new()
                    .s3_bucket("releases")
                    .s3_key("old.zip"),
                "arn:aws:iam::123456789012:role/old",
            )
            .runtime("nodejs20.x")
            .handler("index.handler"),
        );
        function.acknowledge(Finding::OldRuntime, "is replaced in March");
    });
    let metadata = &template.one("AWS::S3::Bucket")["Metadata"];
    assert_eq!(
        metadata["guard"]["SuppressedRules"],
        expected!(["S3_BUCKET_REPLICATION_ENABLED", "S3_BUCKET_LOGGING_ENABLED"])
    );
    assert_eq!(
        metadata["checkov"]["skip"],
        expected!([{ "id": "CKV_AWS_18", "comment": "logged by the gateway" }])
    );
    let nag = metadata["cdk_nag"]["rules_to_suppress"].as_array().unwrap();
    assert!(
        nag.contains(&expected!({ "id": "AwsSolutions-S1", "reason": "logged by the gateway" }))
    );
    assert!(nag.contains(
        &expected!({ "id": "PCI.DSS.321-S3BucketReplicationEnabled", "reason": "a cache" })
    ));
    let lint = &template.one("AWS::Lambda::Function")["Metadata"]["cfn-lint"];
    assert_eq!(
        lint["config"]["ignore_checks"],
        expected!(["W2531", "E2531", "E2533"])
    );
}

#[test]
fn an_exception_for_a_construct_reaches_what_is_made_for_it_later() {
    let template = template(|stack| {
        let role = stack.add(
            "Worker",
            iam::Role::assumed_by(Principal::service("ecs-tasks.amazonaws.com")),
        );
        role.acknowledge(Finding::InlinePolicy, "one role, one policy");
        stack.add("Uploads", s3::Bucket::new()).grant_read(&role);
    });
    let metadata = &template.one("AWS::IAM::Policy")["Metadata"];
    assert_eq!(
        metadata["guard"]["SuppressedRules"],
        expected!(["IAM_NO_INLINE_POLICY_CHECK"])
    );
    assert!(template.one("AWS::IAM::Role").get("Metadata").is_none());
}

#[test]
fn an_exception_for_a_stack_reaches_only_what_it_concerns() {
    let template = template(|stack| {
        stack.add("Uploads", s3::Bucket::new());
        stack.add("Copies", s3::Bucket::new());
        stack.add("Key", kms::Key::new());
        throughout(stack, Finding::NoReplication, "a test account");
    });
    let with_metadata = template
        .resources()
        .filter(|(_, body)| body.get("Metadata").is_some());
    assert_eq!(with_metadata.count(), 2);
}

#[test]
fn nothing_is_excepted_unasked_unless_the_stack_is_strict() {
    let lenient = template(|stack| drop(stack.add("Uploads", s3::Bucket::new())));
    assert!(lenient.one("AWS::S3::Bucket").get("Metadata").is_none());
    let strict = strict_template(|stack| drop(stack.add("Uploads", s3::Bucket::new())));
    let rules = |start: &str| {
        let bucket = strict.named("AWS::S3::Bucket", start);
        bucket["Metadata"]["guard"]["SuppressedRules"].clone()
    };
    let every = [
        "S3_BUCKET_REPLICATION_ENABLED",
        "S3_BUCKET_DEFAULT_LOCK_ENABLED",
        "S3_BUCKET_NO_PUBLIC_RW_ACL",
    ];
    assert_eq!(rules("Uploads"), expected!(every));
    let logs = [every.as_slice(), &["S3_BUCKET_LOGGING_ENABLED"]].concat();
    assert_eq!(rules("AccessLogs"), expected!(logs));
}

/// cdk-nag tells wildcards of actions and of resources by one id.
#[test]
fn what_knows_no_narrower_resource_may_not_do_everything() {
    let template = strict_template(|stack| {
        let code = lambda::Code::s3("releases", "resize.zip");
        let resize = stack.add("Resize", lambda::Function::new(code));
        resize.add_statement(iam::Statement::allow(["s3:*"]).on("*"));
    });
    let metadata = &template.one("AWS::IAM::ManagedPolicy")["Metadata"];
    let nag = metadata["cdk_nag"]["rules_to_suppress"].as_array().unwrap();
    let [entry] = nag
        .iter()
        .filter(|entry| entry["id"] == "AwsSolutions-IAM5")
        .collect::<Vec<_>>()[..]
    else {
        panic!("one entry: {nag:#?}")
    };
    assert_eq!(
        entry["applies_to"],
        expected!([{ "regex": "/^Resource::/" }])
    );
    // A role without a policy in it has nothing to accept.
    assert!(template.one("AWS::IAM::Role").get("Metadata").is_none());
}

#[test]
fn what_the_user_says_goes_before_what_the_library_says() {
    let template = strict_template(|stack| {
        let bucket = stack.add("Uploads", s3::Bucket::new());
        bucket.acknowledge(Finding::NoReplication, "a cache");
    });
    let nag =
        &template.named("AWS::S3::Bucket", "Uploads")["Metadata"]["cdk_nag"]["rules_to_suppress"];
    let reasons: Vec<_> = nag
        .as_array()
        .unwrap()
        .iter()
        .filter(|rule| rule["id"].as_str().unwrap().ends_with("ReplicationEnabled"))
        .map(|rule| rule["reason"].as_str().unwrap())
        .collect();
    assert_eq!(reasons, ["a cache"; 4]);
}

#[test]
fn an_exception_needs_a_reason() {
    let found = findings(|stack| {
        let bucket = stack.add("Uploads", s3::Bucket::new());
        bucket.acknowledge(Finding::NoReplication, " ");
    });
    assert_error(
        &found,
        "CW1201",
        &["NoReplication has no reason", "S/Uploads", "acknowledge.rs"],
    );
}

#[test]
fn an_exception_that_concerns_nothing_is_a_mistake() {
    type Program = fn(&Stack);
    let programs: [(Program, &str); 3] = [
        (
            |stack| {
                let key = stack.add("Key", kms::Key::new());
                key.acknowledge(Finding::NoReplication, "a cache");
            },
            "expected an AWS::S3::Bucket without ReplicationConfiguration",
        ),
        (
            |stack| {
                let bucket = stack.add("Uploads", s3::Bucket::new());
                bucket.acknowledge(Finding::NoVersioning, "a cache");
            },
            "NoVersioning concerns no resource here",
        ),
        (
            |stack| {
                stack.add("Uploads", s3::Bucket::new());
                let old = s3::Bucket::import(stack, "Old", "old-bucket");
                old.acknowledge(Finding::NoReplication, "a cache");
            },
            "NoReplication concerns no resource here",
        ),
    ];
    for (program, message) in programs {
        let found = findings(program);
        assert!(found.has_errors());
        assert_error(&found, "CW1203", &[message, "acknowledge.rs"]);
    }
}
