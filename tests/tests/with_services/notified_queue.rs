//! What happens to objects, in order and without.

use cloudwright::ecs::Image;
use cloudwright::lambda::LogLevel;
use cloudwright::patterns::notified_queue::Worker;
use cloudwright::prelude::*;

pub fn fill(stack: &Stack) {
    let operators = stack.add("Operators", sns::Topic::new());
    let changes = NotifiedQueue::new()
        .bucket_with(|bucket| bucket.removal_policy(RemovalPolicy::Destroy))
        .events([s3::Event::ObjectCreated, s3::Event::ObjectRemoved])
        .filter(s3::Filter::prefix("public/"))
        .filter(s3::Filter::prefix("shared/").and_suffix(".html"))
        .visibility_timeout(minutes(10))
        .queue_with(|queue| queue.max_receives(3))
        .memory(MiB(512))
        .timeout(minutes(2))
        .function_with(|function| function.log_level(LogLevel::Debug))
        .worker(
            Worker::image(Image::uri("public.ecr.aws/docker/library/busybox:1.37"))
                .longest(minutes(5)),
        );
    let changes = stack.add("Changes", changes);
    changes.alarms(minutes(30), &operators);
    changes.alarm_when_deeper_than(10_000, &operators);
    let theirs = s3::Bucket::import(stack, "Theirs", "uploads-of-another-team");
    let native = NotifiedQueue::new().standard().bucket(&theirs);
    let native = stack.add("Native", native);
    native.alarms(hours(1), &operators);
}
