//! Data is not lost unasked, and what stays behind is found again.

use serde_json::{Value, json};
use tests::deploys::{Deployer, TestStack};
use tests::engine::Engine;

use crate::{REGION, queue, status, with_queue};

/// A bucket that stays, named as cloudwright names buckets, and whatever else.
fn with_bucket(name: &str, more: &[(&str, Value)]) -> Value {
    let bucket = json!({ "Type": "AWS::S3::Bucket", "DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain",
        "Properties": { "BucketName": { "Fn::Sub": format!("{name}-${{AWS::AccountId}}-${{AWS::Region}}") } } });
    let mut resources = json!({ "Kept": bucket });
    for (id, body) in more {
        resources[id] = body.clone();
    }
    json!({ "Resources": resources })
}

fn bucket(name: &str) -> String {
    format!("{name}-000000000000-{REGION}")
}

#[test]
fn a_replacement_that_loses_data_is_refused_until_it_is_named() {
    let name = "Replaced";
    let named =
        |queue: &str| TestStack::new(name, REGION, with_queue(&json!({ "QueueName": queue })));
    let deployer = Deployer::new(Engine::shared(), &[named("first")]);
    let _ = deployer.run(&["deploy"]).ended(0);
    deployer.write(&[named("second")]);
    for allowed in [
        &["deploy", "--yes", "--require-approval", "never"][..],
        &["deploy", "--yes", "--allow-data-loss", "Other"],
    ] {
        let refused = deployer.run(allowed).ended(4);
        assert!(
            refused
                .err
                .contains("Replaced would lose the data of Replaced/Jobs"),
            "{}",
            refused.err
        );
        assert!(
            refused.err.contains("`--allow-data-loss Jobs`"),
            "{}",
            refused.err
        );
    }
    assert_eq!(status(name).as_deref(), Some("CREATE_COMPLETE"));
    let allowed = deployer
        .run(&["deploy", "--yes", "--allow-data-loss", "Jobs", "--json"])
        .ended(0);
    let url = allowed.stack(name)["outputs"]["Url"].clone();
    assert!(
        url.as_str().is_some_and(|url| url.ends_with("/second")),
        "{url}"
    );
}

#[test]
fn a_bucket_that_stayed_is_adopted_with_all_that_is_in_it() {
    let deployer = Deployer::new(
        Engine::shared(),
        &[TestStack::new("Kept", REGION, with_bucket("kept", &[]))],
    );
    let _ = deployer.run(&["deploy"]).ended(0);
    let aws = Engine::shared().client(REGION);
    aws.put_object(&bucket("kept"), "a.txt", "precious");
    let _ = deployer.run(&["destroy", "--yes"]).ended(0);

    let asked = deployer.run(&["deploy"]).ended(4);
    let said = format!(
        "exists already and becomes part of the stack: {} as Kept",
        bucket("kept")
    );
    assert!(asked.err.contains(&said), "{}", asked.err);
    assert_eq!(status("Kept"), None);
    let _ = deployer.run(&["deploy", "--yes"]).ended(0);
    let listed = aws.call("s3", "ListObjectsV2", &json!({ "Bucket": bucket("kept") }));
    assert_eq!(listed["Contents"][0]["Key"], "a.txt");
    assert_eq!(
        deployer.run(&["deploy", "--json"]).ended(0).stack("Kept")["outcome"],
        "unchanged"
    );
}

#[test]
fn after_a_failed_creation_the_same_stack_can_be_created() {
    let name = "Again";
    let slow = |seconds: u32| {
        let mut slow = queue(&json!({ "DelaySeconds": seconds }));
        slow["DependsOn"] = json!("Kept");
        TestStack::new(name, REGION, with_bucket("again", &[("Slow", slow)]))
    };
    let deployer = Deployer::new(Engine::shared(), &[slow(100_000)]);
    let failed = deployer.run(&["deploy", "--json"]).ended(1);
    assert_eq!(
        failed.stack(name)["problem"]["causes"][0]["path"],
        "Again/Slow"
    );
    // What the failed attempt made is gone with it, though the bucket is to be retained.
    let aws = Engine::shared().client(REGION);
    let gone = aws.try_call("s3", "ListObjectsV2", &json!({ "Bucket": bucket("again") }));
    assert_eq!(gone.unwrap_err().code, "NoSuchBucket");
    deployer.write(&[slow(1)]);
    assert_eq!(
        deployer.run(&["deploy", "--json"]).ended(0).stack(name)["outcome"],
        "created"
    );
}

#[test]
fn a_bucket_with_objects_is_emptied_only_when_it_is_named() {
    let full = json!({ "Resources": { "Full": { "Type": "AWS::S3::Bucket", "Properties": { "BucketName": "full-of-objects" } } } });
    let deployer = Deployer::new(Engine::shared(), &[TestStack::new("Full", REGION, full)]);
    let _ = deployer.run(&["deploy"]).ended(0);
    let aws = Engine::shared().client(REGION);
    aws.put_object("full-of-objects", "a.txt", "content");
    let refused = deployer
        .run(&["destroy", "--yes", "--allow-data-loss", "Full"])
        .ended(4);
    assert!(
        refused.err.contains("`--empty-bucket Full`"),
        "{}",
        refused.err
    );
    assert_eq!(status("Full").as_deref(), Some("CREATE_COMPLETE"));
    let _ = deployer
        .run(&[
            "destroy",
            "--yes",
            "--allow-data-loss",
            "Full",
            "--empty-bucket",
            "Full",
        ])
        .ended(0);
    assert_eq!(status("Full"), None);
}

#[test]
fn termination_protection_is_turned_on_and_keeps_the_stack() {
    let name = "Protected";
    let mut protected = TestStack::new(
        name,
        REGION,
        json!({ "Resources": { "Topic": { "Type": "AWS::SNS::Topic" } } }),
    );
    protected.protected = true;
    let deployer = Deployer::new(Engine::shared(), std::slice::from_ref(&protected));
    let _ = deployer.run(&["deploy"]).ended(0);
    let refused = deployer.run(&["destroy", "--yes"]).ended(4);
    assert!(
        refused.err.contains("has termination protection"),
        "{}",
        refused.err
    );
    protected.protected = false;
    deployer.write(&[protected]);
    let asked = deployer.run(&["deploy"]).ended(4);
    assert!(
        asked.err.contains("turning termination protection off"),
        "{}",
        asked.err
    );
    assert_eq!(
        deployer
            .run(&["deploy", "--yes", "--json"])
            .ended(0)
            .stack(name)["outcome"],
        "updated"
    );
    let _ = deployer.run(&["destroy", "--yes"]).ended(0);
}
