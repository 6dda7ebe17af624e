//! Queues.

use cloudwright::prelude::*;
use cloudwright::sqs::{FifoQueue, Queue};

pub fn fill(stack: &Stack) {
    let key = stack.add("Key", kms::Key::new());
    let failures = stack.add("Failures", Queue::dead_letter());
    let jobs = Queue::new()
        .queue_name(format!("{}-jobs", stack.id()))
        .visibility_timeout(minutes(15))
        .retention(days(7))
        .delay(seconds(30))
        .receive_wait(seconds(10))
        .max_message_bytes(65_536)
        .encrypted_with(&key)
        .max_receives(3)
        .removal_policy(RemovalPolicy::Retain);
    let jobs = stack.add("Jobs", jobs);
    stack.add("Mails", Queue::new().dead_letter_queue(&failures));
    stack.add("Ticks", Queue::new().without_dead_letter_queue());
    let ledger = FifoQueue::new()
        .queue_name(format!("{}-ledger", stack.id()))
        .content_based_deduplication()
        .deduplicated_across_groups();
    let ledger = stack.add("Ledger", ledger);
    let old = "arn:aws:sqs:us-east-1:123456789012:old";
    let old = Queue::import(stack, "Old", old);
    let role = stack.add(
        "Worker",
        iam::Role::assumed_by(Principal::service("ecs-tasks.amazonaws.com")),
    );
    for queue in [&jobs, &old] {
        queue.grant_send(&role).grant_consume(&role);
        queue.grant_purge(&role);
    }
    ledger.grant_send(&Principal::account("210987654321"));
    jobs.add_statement(
        Statement::deny(["sqs:PurgeQueue"])
            .by(Principal::everyone())
            .on(jobs.arn()),
    );
    let uploads = stack.add("Uploads", s3::Bucket::new());
    uploads.notify(s3::Event::ObjectCreated, s3::Filter::all(), &jobs);
    let operators = stack.add("Operators", sns::Topic::new());
    jobs.alarm_on_dead_letters(&operators);
    jobs.alarm_when_older_than(hours(1), &operators);
    old.alarm_when_older_than(hours(1), &operators);
}
