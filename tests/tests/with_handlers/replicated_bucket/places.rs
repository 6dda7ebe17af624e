//! Buckets that exist already, and what a removal does at each replica.

use cloudwright::patterns::{Deletion, Replica};
use cloudwright::prelude::*;
use serde_json::json as expected;

use super::{FAR, Side, app, deploy, quick};
use crate::{HERE, KEY, THERE, aws};

/// A bucket that no stack owns.
fn existing(region: &str, name: &str) -> Side {
    let location = expected!({ "LocationConstraint": region });
    let bucket = expected!({ "Bucket": name, "CreateBucketConfiguration": location });
    aws(region).call("s3", "CreateBucket", &bucket);
    Side {
        aws: aws(region),
        bucket: name.to_owned(),
    }
}

#[test]
fn buckets_that_no_stack_owns_are_source_and_replica() {
    const OLD: &str = "uploads-of-old";
    const ARCHIVE: &str = "archive-of-old";
    let (source, archive) = (existing(HERE, OLD), existing(THERE, ARCHIVE));
    // Somebody else is notified, too, and stays so.
    let theirs = expected!({ "Bucket": OLD, "NotificationConfiguration": { "EventBridgeConfiguration": {} } });
    let operation = "PutBucketNotificationConfiguration";
    source.aws.call("s3", operation, &theirs);
    let (app, stack) = app("Existing");
    let [old, there] =
        [("Old", OLD), ("Archive", ARCHIVE)].map(|(id, name)| s3::Bucket::import(&stack, id, name));
    let replicas = [
        Replica::in_bucket(&there).region(THERE).prefix("copies/"),
        Replica::in_region(FAR),
    ];
    let artifacts = stack.add("Artifacts", quick(replicas).source(&old));
    stack.output("Far", artifacts.replicas()[1].bucket().name());
    let outputs = deploy(app);
    let far = Side {
        aws: aws(FAR),
        bucket: outputs["Far"].clone(),
    };
    let copy = format!("copies/{KEY}");
    source.put(KEY, "content");
    archive.await_length(&copy, Some(7));
    far.await_length(KEY, Some(7));
    source.call("DeleteObject", KEY);
    archive.await_length(&copy, None);
    far.await_length(KEY, None);
    let named = expected!({ "Bucket": OLD });
    let found = source
        .aws
        .call("s3", "GetBucketNotificationConfiguration", &named);
    assert!(found["EventBridgeConfiguration"].is_object(), "{found}");
}

#[test]
fn a_removal_does_at_each_replica_what_is_said_of_it() {
    let (app, stack) = app("Removals");
    let replicas = [
        Replica::in_region(THERE).deletion(Deletion::Erase),
        Replica::in_region(FAR).deletion(Deletion::Keep),
        Replica::in_region(HERE).storage_class(s3::StorageClass::StandardInfrequentAccess),
    ];
    let artifacts = stack.add("Artifacts", quick(replicas));
    stack.output("Source", artifacts.source().name());
    for (index, replica) in artifacts.replicas().iter().enumerate() {
        stack.output(format!("Replica{index}"), replica.bucket().name());
    }
    let outputs = deploy(app);
    let side = |region: &str, output: &str| Side {
        aws: aws(region),
        bucket: outputs[output].clone(),
    };
    let source = side(HERE, "Source");
    let [erased, kept, home] = [(THERE, "Replica0"), (FAR, "Replica1"), (HERE, "Replica2")]
        .map(|(region, output)| side(region, output));
    for body in ["1", "22"] {
        source.put(KEY, body);
        for side in [&erased, &kept, &home] {
            side.await_length(KEY, Some(body.len()));
        }
    }
    assert_eq!(home.head(KEY).unwrap()["StorageClass"], "STANDARD_IA");
    erased.put(&format!("{KEY}2"), "of another object, whose key begins so");
    source.call("DeleteObject", KEY);
    erased.await_length(KEY, None);
    home.await_length(KEY, None);
    assert!(kept.has(KEY, 2));
    let versions = |side: &Side| {
        let named = expected!({ "Bucket": side.bucket });
        let all = side.aws.call("s3", "ListObjectVersions", &named);
        ["Versions", "DeleteMarkers"].map(|kind| {
            let all = all[kind].as_array().map(Vec::as_slice).unwrap_or_default();
            all.iter().filter(|one| one["Key"] == KEY).count()
        })
    };
    assert_eq!((versions(&erased), versions(&home)), ([0, 0], [2, 1]));
    assert!(erased.head(&format!("{KEY}2")).is_some());
}
