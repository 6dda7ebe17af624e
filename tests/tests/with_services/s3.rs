//! Buckets.

use cloudwright::prelude::*;
use cloudwright::s3::{Bucket, Encryption, Event, Filter, LifecycleRule, StorageClass};

pub fn fill(stack: &Stack) {
    let key = stack.add("Key", kms::Key::new());
    let logs = Bucket::new().log_target().encryption(Encryption::S3Managed);
    let logs = stack.add("Logs", logs);
    let uploads = Bucket::new()
        .prefix("uploads")
        .versioned()
        .encrypted_with(&key)
        .without_default_lifecycle()
        .lifecycle(lifecycle())
        .lifecycle(LifecycleRule::new().remove_expired_markers())
        .access_logs(&logs, "uploads/")
        .cors(&["https://example.com"], &["GET", "PUT"])
        .event_bridge()
        .object_lock()
        .removal_policy(RemovalPolicy::Retain);
    let uploads = stack.add("Uploads", uploads);
    let public_name = Bucket::new()
        .bucket_name("cloudwright-uploads-cache")
        .transfer_acceleration()
        .unversioned();
    let cache = stack.add("Cache", public_name);
    let imported = Bucket::import(stack, "Old", "uploads-of-old");
    let role = stack.add(
        "Worker",
        iam::Role::assumed_by(Principal::service("ecs-tasks.amazonaws.com")),
    );
    for bucket in [&uploads, &cache, &imported] {
        bucket
            .grant_read(&role)
            .grant_read_objects(&role)
            .grant_write(&role);
        bucket.grant_read_write(&role).grant_delete(&role);
        bucket.grant_erase(&role).grant_copy_to(&role);
        bucket.grant_replicate_from(&role).grant_replicate_to(&role);
        bucket.grant_replication_source(&role);
        bucket.grant_replication_destination(&role);
    }
    uploads.grant_read(&Principal::account("210987654321"));
    cache.add_statement(
        Statement::deny(["s3:DeleteObject"])
            .by(Principal::everyone())
            .on(cache.objects("keep/")),
    );
    let code = lambda::Code::s3("releases", "resize.zip");
    let resize = stack.add("Resize", lambda::Function::new(code));
    uploads.notify(Event::ObjectCreated, Filter::prefix("in/"), &resize);
    let images = Filter::prefix("out/").and_suffix(".jpg");
    uploads.notify(Event::ObjectRemoved, images, &resize);
}

fn lifecycle() -> LifecycleRule {
    LifecycleRule::new()
        .id("Archive")
        .prefix("archive/")
        .move_after(days(30), StorageClass::StandardInfrequentAccess)
        .move_after(days(90), StorageClass::GlacierFlexibleRetrieval)
        .move_noncurrent_after(days(30), StorageClass::GlacierInstantRetrieval)
        .expire_after(days(3650))
        .expire_noncurrent_after(days(180))
        .abort_uploads_after(days(3))
}
