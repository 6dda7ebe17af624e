//! A strict stack: one key for everything, and every finding that stays open is accepted in the
//! words of every checker.

mod support;

use std::collections::BTreeSet;

use cloudwright::lambda::{Code, Function};
use cloudwright::prelude::*;
use serde_json::{Value, json as expected};
use support::{Template, strict_template};

/// A system of all services, without a setting.
fn system() -> Template {
    strict_template(|stack| {
        let uploads = stack.add("Uploads", s3::Bucket::new());
        let jobs = stack.add("Jobs", sqs::Queue::new());
        let news = stack.add("News", sns::Topic::new());
        let audit = stack.add("Audit", logs::LogGroup::new());
        let resize = Function::new(Code::s3("releases", "resize.zip"));
        let resize = stack.add("Resize", resize.env("BUCKET", uploads.name()));
        uploads.grant_read_write(&resize);
        uploads.notify(s3::Event::ObjectCreated, s3::Filter::prefix("in/"), &resize);
        uploads.notify(s3::Event::ObjectRemoved, s3::Filter::all(), &jobs);
        resize.consume(&jobs);
        news.subscribe(sns::Subscription::function(&resize));
        audit.grant_write(&resize);
        resize.alarm_on_errors(&news);
    })
}

#[test]
fn one_key_encrypts_everything() {
    let template = system();
    let key = template.id("AWS::KMS::Key", "StrictKey");
    let key = expected!({ "Fn::GetAtt": [key, "Arn"] });
    for (kind, property, count) in [
        ("AWS::SQS::Queue", "/KmsMasterKeyId", 3),
        ("AWS::SNS::Topic", "/KmsMasterKeyId", 1),
        ("AWS::Logs::LogGroup", "/KmsKeyId", 2),
        ("AWS::Lambda::Function", "/KmsKeyArn", 1),
    ] {
        let all = template.all(kind);
        assert_eq!(all.len(), count, "{kind}");
        for body in all {
            assert_eq!(body["Properties"].pointer(property), Some(&key), "{kind}");
        }
    }
    let encryption = |bucket: &Value| {
        let rules = &bucket["Properties"]["BucketEncryption"]["ServerSideEncryptionConfiguration"];
        rules[0]["ServerSideEncryptionByDefault"]["KMSMasterKeyID"].clone()
    };
    assert_eq!(
        encryption(template.named("AWS::S3::Bucket", "Uploads")),
        key
    );
    // The delivery of access logs knows keys of S3 only.
    assert_eq!(
        encryption(template.named("AWS::S3::Bucket", "AccessLogs")),
        Value::Null
    );
}

#[test]
fn rights_are_managed_policies_and_requests_are_logged() {
    let template = system();
    assert!(template.all("AWS::IAM::Policy").is_empty());
    let policies = template.all("AWS::IAM::ManagedPolicy");
    assert_eq!(policies.len(), template.all("AWS::IAM::Role").len());
    let uploads = template.named("AWS::S3::Bucket", "Uploads");
    let logging = &uploads["Properties"]["LoggingConfiguration"];
    assert_eq!(logging["LogFilePrefix"], "S/Uploads/");
    for group in template.all("AWS::Logs::LogGroup") {
        assert_eq!(group["Properties"]["RetentionInDays"], 365);
    }
}

#[test]
fn given_up_events_are_where_checkers_look() {
    let template = system();
    let function = template.named("AWS::Lambda::Function", "Resize");
    let queue = &function["Properties"]["DeadLetterConfig"]["TargetArn"]["Fn::GetAtt"][0];
    let queue = queue.as_str().unwrap_or_default();
    assert!(queue.starts_with("ResizeFailureQueue"), "{queue}");
    assert!(template.all("AWS::Lambda::EventInvokeConfig").is_empty());
}

#[test]
fn everybody_who_sends_through_the_key_may_use_it() {
    let template = system();
    let policy = &template.properties("AWS::KMS::Key")["KeyPolicy"]["Statement"];
    let services: BTreeSet<String> = policy
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|statement| match &statement["Principal"]["Service"] {
            Value::Array(services) => services.clone(),
            Value::Null => Vec::new(),
            one => vec![one.clone()],
        })
        .map(|service| {
            service
                .as_str()
                .map_or_else(|| service.to_string(), str::to_owned)
        })
        .collect();
    for service in ["s3.amazonaws.com", "cloudwatch.amazonaws.com", "logs."] {
        let lets_in = services.iter().any(|name| name.contains(service));
        assert!(lets_in, "{service} is not among {services:?}");
    }
}

/// The ids that a resource's metadata holds for a checker.
fn ids(resource: &Value, list: &str) -> BTreeSet<String> {
    let entries = resource["Metadata"].pointer(list).and_then(Value::as_array);
    let id = |entry: &Value| {
        entry
            .as_str()
            .or_else(|| entry["id"].as_str())
            .unwrap()
            .to_owned()
    };
    entries.into_iter().flatten().map(id).collect()
}

/// A resource by its type and the start of its id, and what Guard, checkov and cdk-nag call what
/// stays open there.
type Open = (
    &'static str,
    &'static str,
    &'static [&'static str],
    &'static [&'static str],
    &'static [&'static str],
);

#[test]
fn what_stays_open_is_accepted_for_every_checker() {
    let template = system();
    let open: [Open; 5] = [
        (
            "AWS::Lambda::Function",
            "Resize",
            &["LAMBDA_CONCURRENCY_CHECK", "LAMBDA_INSIDE_VPC"],
            &["CKV_AWS_115", "CKV_AWS_117"],
            &[],
        ),
        (
            "AWS::S3::Bucket",
            "Uploads",
            &[
                "S3_BUCKET_DEFAULT_LOCK_ENABLED",
                "S3_BUCKET_NO_PUBLIC_RW_ACL",
                "S3_BUCKET_REPLICATION_ENABLED",
            ],
            &[],
            &["HIPAA.Security-S3BucketReplicationEnabled"],
        ),
        (
            "AWS::S3::Bucket",
            "AccessLogs",
            &["S3_BUCKET_LOGGING_ENABLED"],
            &["CKV_AWS_18"],
            &["AwsSolutions-S1"],
        ),
        (
            "AWS::SQS::Queue",
            "ResizeFailureQueue",
            &[],
            &[],
            &["AwsSolutions-SQS3", "Serverless-SQSRedrivePolicy"],
        ),
        (
            "AWS::IAM::ManagedPolicy",
            "ResizeServiceRole",
            &["IAM_POLICYDOCUMENT_NO_WILDCARD_RESOURCE"],
            &[],
            &["AwsSolutions-IAM5"],
        ),
    ];
    for (kind, id, guard, checkov, nag) in open {
        let resource = template.named(kind, id);
        for (list, expected) in [
            ("/guard/SuppressedRules", guard),
            ("/checkov/skip", checkov),
            ("/cdk_nag/rules_to_suppress", nag),
        ] {
            let found = ids(resource, list);
            let missing: Vec<_> = expected.iter().filter(|id| !found.contains(**id)).collect();
            assert!(
                missing.is_empty(),
                "{id} {list}: {missing:?} not in {found:?}"
            );
        }
    }
}

#[test]
fn what_is_closed_is_not_accepted() {
    let template = system();
    for kind in ["AWS::SNS::Topic", "AWS::Logs::LogGroup", "AWS::KMS::Key"] {
        for resource in template.all(kind) {
            assert!(resource.get("Metadata").is_none(), "{resource:#}");
        }
    }
}
