//! Buckets with copies in other regions.

use cloudwright::lambda::LogLevel;
use cloudwright::patterns::{Deletion, PacoName, Replica, ReplicatedBucket};
use cloudwright::prelude::*;
use cloudwright::s3::{LifecycleRule, StorageClass};

const ABROAD: &str = "210987654321";

pub fn fill(stack: &Stack) {
    let operators = stack.add("Operators", sns::Topic::new());
    let old = s3::Bucket::import(stack, "Old", "copies-of-old");
    let key = "arn:aws:kms:us-west-2:123456789012:key/0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9";
    let key = kms::Key::import(stack, "OldKey", key);
    let existing = Replica::in_bucket(&old)
        .region("us-west-2")
        .prefix("artifacts/")
        .encrypted_with(&key);
    let mut replicas = vec![existing, Replica::in_source("copies/")];
    let is_known = stack.environment().account_id().is_some();
    if is_known {
        native(stack).alarms(&operators);
        let cheap = Replica::in_region("us-west-2").deletion(Deletion::Keep);
        replicas.push(cheap.storage_class(StorageClass::StandardInfrequentAccess));
        replicas.push(Replica::in_account(ABROAD, "eu-west-1"));
        if !stack.is_strict() {
            both_ways(stack, &operators).alarms(&operators);
        }
    }
    let uploads = stack.add("Uploads", s3::Bucket::new());
    let artifacts = ReplicatedBucket::to(replicas).source(&uploads);
    // Elsewhere no bucket is made that these would be about.
    let artifacts = if is_known {
        made(stack, artifacts)
    } else {
        artifacts
    };
    let artifacts = artifacts
        .only(s3::Filter::prefix("releases/").and_suffix(".zip"))
        .only(s3::Filter::prefix("copies/"))
        .skip("tmp/", ".partial")
        .timeout(minutes(5))
        .memory(MiB(512))
        .reserved_concurrency(50)
        .objects_at_once(16)
        .multipart(MiB(100), MiB(50))
        .reconcile_every(days(1))
        .function_with(|function| function.log_level(LogLevel::Debug));
    stack.add("Artifacts", artifacts).alarms(&operators);
}

fn made(stack: &Stack, artifacts: ReplicatedBucket) -> ReplicatedBucket {
    artifacts
        .deletion(Deletion::Erase)
        .paco_names(["original", "replica"].map(|group| paco(stack, group)))
        .removal_policy(RemovalPolicy::Destroy)
        .replicas_with(|bucket, _| bucket.lifecycle(LifecycleRule::new().expire_after(days(365))))
        .replica_statement(|replica| {
            Statement::allow(["s3:GetObject"])
                .by(Principal::account(ABROAD))
                .on(replica.objects(""))
        })
}

/// A name of every part.
fn paco(stack: &Stack, group: &'static str) -> PacoName {
    let environment = if stack.is_strict() { "strict" } else { "prod" };
    let name = PacoName::new("net", environment);
    let name = name.application("app").group(group);
    let name = name
        .resource("s3")
        .prefix("my")
        .bucket("artifacts")
        .suffix("v2");
    name.region("us-west-2", "west")
}

fn both_ways(
    stack: &Stack,
    operators: &sns::TopicRef,
) -> cloudwright::patterns::ReplicatedBucketRef {
    let before = ReplicatedBucket::to(["us-west-2"]).reconcile_on_demand();
    stack.add("Before", before);
    let nightly = ReplicatedBucket::to(["us-west-2"]).reconcile_at("cron(15 3 * * ? *)");
    stack.add("Nightly", nightly).alarms(operators);
    let shared = ReplicatedBucket::to(["us-west-2", "ca-central-1"])
        .two_way()
        .reconcile_every(days(7))
        .unversioned();
    stack.add("Shared", shared)
}

fn native(stack: &Stack) -> cloudwright::patterns::ReplicatedBucketRef {
    let their_key =
        "arn:aws:kms:ca-central-1:210987654321:key/0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9";
    let their_key = kms::Key::import(stack, "TheirKey", their_key);
    let theirs = s3::Bucket::import(stack, "Theirs", "copies-for-them");
    let replicas = [
        Replica::in_region("us-west-2").storage_class(StorageClass::StandardInfrequentAccess),
        Replica::in_account(ABROAD, "eu-west-1"),
        Replica::in_bucket(&theirs)
            .region("ca-central-1")
            .encrypted_with(&their_key)
            .owned_by(ABROAD),
    ];
    let archive = ReplicatedBucket::to(replicas)
        .native()
        .time_control()
        .keep_deleted()
        .source_with(|bucket| bucket.lifecycle(LifecycleRule::new().remove_expired_markers()));
    stack.add("Archive", archive)
}
